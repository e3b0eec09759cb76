"""Imports hand-ins (a Moodle zip, a folder, loose notebooks) into nbgrader's `submitted/`."""
