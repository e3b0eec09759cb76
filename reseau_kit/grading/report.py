"""The trainer's report: CSV lines with the reasons for each submission that was refused, or repaired and graded."""

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from unicodedata import category

from reseau_kit.grading.course import CannotUse
from reseau_kit.grading.exercise import Outcome
from reseau_kit.system.refusals import reason
from reseau_kit.system.untrusted import neutral

_HEADING = ("apprenant", "état", "raison")

#: Maximum refused submissions named on the screen; the report has them all.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Report:
    """Result of a run on an assignment's submissions: counts, and the first refused submissions.

    `found` counts the submissions, `done` those with nothing to do; in a dry run `graded` counts those to grade.
    `mended` ones were graded with repairs, `unanswered` ones have no answer, `to_read` ones wait for a person. `file`
    has the reasons.
    """

    assignment: str
    found: int
    done: int
    graded: int = 0
    mended: int = 0
    unanswered: int = 0
    to_read: int = 0
    refused: int = 0
    first_refused: tuple[tuple[str, str], ...] = ()
    file: Path | None = None
    seconds: float = 0.0
    interrupted: bool = False
    dry_run: bool = False


class ReportFile:
    """CSV report on refused and repaired submissions, merged with the lines of earlier runs on other submissions.

    Raises:
        CannotUse: the file exists and cannot be written, for instance while a spreadsheet on Windows has it open.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.exists():
            try:
                path.open("ab").close()
            except OSError as error:
                advice = "s’il est ouvert dans un tableur, fermez-le, puis recommencez"
                raise CannotUse(f"{path} : ce rapport ne s’écrit pas ({reason(error)}) ; {advice}.") from error
        earlier = [row[0] for row in self._rows()]
        self._earlier_rows, self._earlier, self._anew = len(earlier), set(earlier), set[str]()

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Add the outcomes to the file at once, so that a stopped run does not lose them."""
        rows = []
        for outcome in outcomes:
            name = neutral(printable(outcome.student))
            if name in self._earlier:
                self._anew.add(name)
            state = "refusée" if outcome.refused else "sans réponse" if outcome.unanswered else "réparée"
            reasons = filter(None, (outcome.refused, *outcome.repairs))
            rows += [(name, state, neutral(printable(reason))) for reason in reasons]
        if rows:
            with self._path.open("a+b") as file:
                _end_line(file)
            self._write(self._path, rows)

    def finish(self) -> Path | None:
        """Drop earlier lines on submissions that were graded again. Returns the file, None if it has no lines."""
        if self._anew:
            made = self._path.with_name(f".{self._path.name}")
            made.unlink(missing_ok=True)
            rows = enumerate(self._rows())
            kept = (row for place, row in rows if place >= self._earlier_rows or row[0] not in self._anew)
            self._write(made, kept)
            made.replace(self._path)
        if next(self._rows(), None):
            return self._path
        self._path.unlink(missing_ok=True)
        return None

    def _write(self, path: Path, rows: Iterable[Sequence[str]]) -> None:
        new = not path.exists() or not path.stat().st_size
        with path.open("a", encoding="utf-8", newline="") as file:
            # French spreadsheets need the byte order mark and the semicolons to open the file by a double click.
            file.write("\N{ZERO WIDTH NO-BREAK SPACE}" if new else "")
            writer = csv.writer(file, delimiter=";")
            writer.writerows([_HEADING] if new else [])
            writer.writerows(rows)

    def _rows(self) -> Iterator[list[str]]:
        """Yield the rows of the file, skipping malformed ones that somebody may have edited."""
        if self._path.exists():
            with self._path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                lines = (line.replace("\0", "") for line in file)
                rows = csv.reader(lines, delimiter=";")
                yield from (row for row in rows if len(row) == len(_HEADING) and tuple(row) != _HEADING)


def _end_line(file: BinaryIO) -> None:
    """End a line that a stopped run left unfinished."""
    if file.seek(0, os.SEEK_END):
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\r\n")


def printable(text: str) -> str:
    """Escape characters that UTF-8 cannot encode, or that move a terminal's cursor or change its direction."""
    escaped = {char: char.encode("unicode_escape").decode() for char in text if _moves(category(char))}
    kept = (escaped.get(char, char) for char in text)
    return text if text.isprintable() else "".join(kept)


def _moves(kind: str) -> bool:
    return kind[0] == "C" or kind in ("Zl", "Zp")
