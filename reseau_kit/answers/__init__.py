"""What was answered and what it is worth: journals, copies in notebooks, checks, marks, feedback, logbook."""
