"""Files, processes, JSON, untrusted archives and names, and French messages for errors of the operating system."""
