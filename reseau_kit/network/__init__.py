"""One's own contacts and a small world to explore: reading exports, measuring, drawing. It never displays."""
