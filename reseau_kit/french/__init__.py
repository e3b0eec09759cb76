"""French texts: reading and comparing them, finding passages that may harm, writing numbers, dates and plurals."""
