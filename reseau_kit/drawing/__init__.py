"""What pictures share, of the charter and of maps: the signs that their font has, and where lines may end."""
