"""French texts: comparing what was written, writing numbers, dates, durations and plurals."""
