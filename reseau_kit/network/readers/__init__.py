"""One module a network: how its files are recognised, and how each is read into the common tables."""
