"""Shared by the charter's picture and the maps: the characters of their font, and line breaks."""
