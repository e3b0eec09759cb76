"""Files, processes, JSON and archives of strangers, and the system's refusals in French."""
