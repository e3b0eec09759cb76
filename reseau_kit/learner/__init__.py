"""The learner's view in a notebook: activities, their own answers, the logbook, the charter."""
