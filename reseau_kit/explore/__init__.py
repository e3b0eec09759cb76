"""Explorers of a network in a notebook: the small world, one's own export, exercise data, maps."""
