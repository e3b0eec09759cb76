"""Shared by the charter's picture and maps: the signs of their font, and line breaks."""
