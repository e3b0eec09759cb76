"""Notes about one submission for the trainer's report, a bounded number of them."""

import sys
from typing import Protocol


class Log(Protocol):
    """Destination of warnings: a logger's methods."""

    def warning(self, message: str, /, *values: object) -> None:
        """Something was mended or left out."""

    def exception(self, message: str, /, *values: object) -> None:
        """Something of ours went wrong, in the exception that is being handled."""


class Notes:
    """Keeps what is amiss as sentences for a report: not too many, none too long, each a text that can be written."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._more = 0

    def warning(self, message: str, /, *values: object) -> None:
        """One more note, as `logging` takes it: a bounded number of them, each cut short."""
        if len(self._said) >= _MOST_NOTES:
            self._more += 1
            return
        shown = tuple(value if isinstance(value, int) else in_short(str(value)) for value in values)
        self._said.append((message % shown).encode("utf-8", "replace").decode())

    def exception(self, message: str, /, *values: object) -> None:
        """A note of the exception that is being handled."""
        error = sys.exc_info()[1]
        self.warning("%s (%s : %s)", message % values, type(error).__name__, error)

    def said(self) -> tuple[str, ...]:
        """The sentences."""
        return (*self._said, *([f"… et {self._more} autres remarques."] if self._more else []))


_MOST_NOTES = 40


def in_short(text: str) -> str:
    """The beginning of a text, for a sentence of the report."""
    return text if len(text) <= 200 else f"{text[:120]}…{text[-60:]}"
