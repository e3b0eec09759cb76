"""What a learner sees in a notebook: activities, their own answers, the logbook, the charter."""
