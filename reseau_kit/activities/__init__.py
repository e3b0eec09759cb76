"""Questions: their data, how authors write them, and their released form."""
