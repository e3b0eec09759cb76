"""Answers and their marks: journals, copies in notebooks, checks, marks, feedback, logbook."""
