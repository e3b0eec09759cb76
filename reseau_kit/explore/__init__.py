"""Explorers of networks in a notebook: the small world, the learner's own export, exercise data, maps."""
