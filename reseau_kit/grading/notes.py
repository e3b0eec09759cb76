"""Notes about one submission for the trainer's report, bounded in number and length."""

import sys
from typing import Protocol


class Log(Protocol):
    """Destination of warnings: a logger's methods."""

    def warning(self, message: str, /, *values: object) -> None:
        """Note something that was repaired or left out."""

    def exception(self, message: str, /, *values: object) -> None:
        """Note a fault of the course, with the exception that is being handled."""


class Notes:
    """Collects notes as sentences for the report: bounded in number and length, each valid as UTF-8."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._more = 0

    def warning(self, message: str, /, *values: object) -> None:
        """Add a note, with the arguments of `logging`; long values are cut, notes beyond the maximum only counted."""
        if len(self._said) >= _MOST_NOTES:
            self._more += 1
            return
        shown = tuple(value if isinstance(value, int) else in_short(str(value)) for value in values)
        self._said.append((message % shown).encode("utf-8", "replace").decode())

    def exception(self, message: str, /, *values: object) -> None:
        """Add a note with the exception that is being handled."""
        error = sys.exc_info()[1]
        self.warning("%s (%s : %s)", message % values, type(error).__name__, error)

    def said(self) -> tuple[str, ...]:
        """Return the sentences."""
        return (*self._said, *([f"… et {self._more} autres remarques."] if self._more else []))


_MOST_NOTES = 40


def in_short(text: str) -> str:
    """Shorten a long text for a sentence of the report, keeping its beginning and end."""
    return text if len(text) <= 200 else f"{text[:120]}…{text[-60:]}"
