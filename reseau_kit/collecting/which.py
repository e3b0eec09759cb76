"""Identifies documents by their cells, and arranges a learner's files as a submission."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.answers.journal import FILE_NAME, Reading, as_written, read_lines
from reseau_kit.answers.notebooks import MAX_NOTEBOOK_BYTES, course_metadata, parse, read_copy
from reseau_kit.collecting.deposits import Entry, Files, storable, unpacked
from reseau_kit.collecting.roster import name_words
from reseau_kit.collecting.whose import ADDED, Deposit
from reseau_kit.system.untrusted import UNREADABLE, Budget, shown, why

if TYPE_CHECKING:
    from reseau_kit.grading.course import Course


#: Folder of a submission for files that nbgrader would mistake for its own or for the document.
ASIDE = "autres"

#: Maximum other files of one submission.
MAX_OTHERS = 500

#: Maximum bytes read of a submission to identify it, including those of unreadable files.
MAX_LOOKED_AT = 8 * MAX_NOTEBOOK_BYTES

STAMP = "timestamp.txt"

#: nbgrader's exchange names a learner's feedback by a hash of this file's content.
SECRET = "submission_secret.txt"  # noqa: S105  a file's name

_MAX_NOTEBOOKS = 50

_CELL_NAMES = re.compile(rb'"grade_id"\s*:\s*"([A-Za-z0-9_-]{1,64})"|activite\(\\"([A-Za-z0-9_-]{1,64})\\"\)')

_JOURNAL_NAMES = re.compile(rb'"activity"\s*:\s*"([A-Za-z0-9_-]{1,64})"')


class CannotCollect(Exception):
    """Nothing could be collected. The message, in French, says why."""


# --- which document it is ---------------------------------------------------------------------------------------------


class Shelf:
    """The documents of all exercises, with the names of the cells that identify each."""

    def __init__(self, course: "Course", assignment: str) -> None:
        self.assignment = assignment
        self._names: dict[tuple[str, str], frozenset[str]] = {}
        for step in (course.folders.source_directory, course.folders.release_directory):
            # The released ones are read last and win: learners were given those.
            above = Path(course.path(step, ".", assignment)).parent
            for path in sorted(above.glob("*/*.ipynb")) if above.is_dir() else ():
                try:
                    self._names[path.parent.name, path.stem] = cell_names(path.read_bytes())
                except OSError:
                    continue
        self.documents = tuple(notebook for exercise, notebook in self._names if exercise == assignment)
        if not self.documents:
            raise CannotCollect(course.unknown(assignment))
        shared = Counter(name for names in self._names.values() for name in names)
        self._own = {key: {name for name in names if shared[name] == 1} for key, names in self._names.items()}
        self.activities = frozenset().union(*(self._names[assignment, name] for name in self.documents))

    def recognise(self, names: frozenset[str]) -> tuple[str, str] | None:
        """Return the exercise and document with those cells, None if there is none."""
        for known in (self._own, self._names):
            best = max(known, key=lambda key: (len(names & known[key]), key[0] == self.assignment))
            if names & known[best]:
                return best
        return None


def cell_names(notebook: bytes) -> frozenset[str]:
    """Return the names of a notebook's cells and activities, even of a truncated notebook."""
    return frozenset((one or other).decode() for one, other in _CELL_NAMES.findall(notebook))


@dataclass(slots=True)
class Work:
    """A future submission: its files by their path in it, its answers, and French remarks."""

    files: dict[tuple[str, ...], Entry] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    reason: str = ""
    date: datetime | None = None
    modified: datetime | None = None
    digests: dict[tuple[str, ...], str] = field(default_factory=dict)
    looks: Budget = field(default_factory=lambda: Budget(MAX_LOOKED_AT))
    _answers: Reading | None = None

    @property
    def answers(self) -> Reading:
        """The learner's answers, read on first use, to compare two submissions."""
        if self._answers is None:
            self._answers = _answers(self.files, self.looks)
        return self._answers

    @property
    def digest(self) -> str:
        """A short digest of all files and their paths."""
        return digest_of("\n".join(f"{'/'.join(path)} {told}" for path, told in sorted(self.digests.items())).encode())[
            :12
        ]

    @property
    def answered(self) -> str:
        """Time of the last answer by the learner's own clock; empty without answers."""
        return max((event.at for event in self.answers.events), default="")

    def is_older_than(self, other: "Work") -> bool:
        """Whether the other is newer, by the first date that both have and that differs: hand-in, answers, files."""
        if self.date and other.date and self.date != other.date:
            return self.date < other.date
        if self.answered and other.answered and self.answered != other.answered:
            return self.answered < other.answered
        return bool(self.modified and other.modified and self.modified < other.modified)

    def add(self, path: tuple[str, ...], entry: Entry) -> None:
        """Add a file under its path, or in another folder if that path is taken, ignoring case as some systems do."""
        safe = tuple(storable(part) for part in path)
        if safe != path:
            self.said.append(f"« {shown(path[-1])} » est gardé sous le nom « {safe[-1]} »")
        taken = {tuple(map(str.casefold, known)) for known in self.files}
        folders = {known[:size] for known in taken for size in range(1, len(known))}
        place, number = safe, 1
        while True:
            folded = tuple(map(str.casefold, place))
            above = {folded[:size] for size in range(1, len(folded))}
            if folded not in taken | folders and not above & taken:
                break
            number += 1
            place = (f"{ASIDE}-{number}", *safe)
        if place != safe:
            self.said.append(f"deux fichiers se nomment « {shown(safe[-1])} » : l’un est gardé dans « {place[0]} »")
        self.files[place] = entry


def examined(deposit: Deposit, shelf: Shelf, stack: ExitStack, zone: tzinfo | None) -> Work:
    """Turn a deposit into a submission; `reason` says why it is not one."""
    files = unpacked(deposit.entries, stack, zone)
    work = Work(said=[reason for _, reason in files.troubles])
    chosen, elsewhere, copies = _documents(files, shelf, work)
    journal = _journal(files, shelf, chosen, work.looks)
    if not chosen and journal is None:
        work.reason = _why_nothing(files, elsewhere)
        return work
    base = next(iter(chosen.values()), journal or files.entries[0]).path[:-1]
    for name, entry in chosen.items():
        work.files[(f"{name}.ipynb",)] = entry
        if entry.name != f"{name}.ipynb":
            work.said.append(f"« {shown(entry.name)} » est le document « {name}.ipynb », renommé")
    if journal:
        work.files[(FILE_NAME,)] = journal
    _add_others(work, files, {id(entry) for entry in work.files.values()}, base)
    work.said += [
        f"« {shown(entry.name)} » est une autre copie du document : gardée dans « {ASIDE} »" for entry in copies
    ]
    work.modified = max((entry.modified for entry in work.files.values() if entry.modified), default=None)
    return work


def _documents(files: Files, shelf: Shelf, work: Work) -> tuple[dict[str, Entry], list[str], list[Entry]]:
    """Return the file of each document, the other exercises found, and the copies that were not chosen."""
    found: dict[str, list[Entry]] = defaultdict(list)
    elsewhere: list[str] = []
    for entry in [entry for entry in files.entries if entry.name.lower().endswith(".ipynb")][:_MAX_NOTEBOOKS]:
        try:
            recognised = shelf.recognise(cell_names(entry.read(MAX_NOTEBOOK_BYTES, work.looks)))
        except UNREADABLE as error:
            work.said.append(f"« {shown(entry.name)} » ne se lit pas : {why(error)}")
            continue
        if recognised is None:
            name = next((name for name in shelf.documents if _is_renamed(entry.name, name)), None)
            if name:
                found[name].append(entry)
        elif recognised[0] == shelf.assignment:
            found[recognised[1]].append(entry)
        else:
            elsewhere.append(recognised[0])
    chosen: dict[str, Entry] = {}
    copies: list[Entry] = []
    for name, candidates in sorted(found.items()):
        if len(candidates) > 1:
            # Read again, one at a time: together they might exceed the memory.
            candidates.sort(key=partial(_rank, name=name, looks=work.looks), reverse=True)
            copies += candidates[1:]
        chosen[name] = candidates[0]
    return chosen, elsewhere, copies


def _rank(entry: Entry, name: str, looks: Budget) -> tuple[str, bool, float, int]:
    answered = max((event.at for event in _copy(entry, looks).events), default="")
    return (
        answered,
        entry.name == f"{name}.ipynb",
        entry.modified.timestamp() if entry.modified else 0,
        -len(entry.path),
    )


def _is_renamed(file: str, name: str) -> bool:
    """Whether a file has the document's name, ignoring words that browsers and people add to copies."""
    return name_words(name) == [word for word in name_words(re.sub(r"\(\d+\)", "", file[:-6])) if word not in ADDED]


def _journal(files: Files, shelf: Shelf, chosen: Mapping[str, Entry], looks: Budget) -> Entry | None:
    """Return the journal beside a document, else the one with most answers to the exercise; None if there is none."""
    beside = {entry.path[:-1] for entry in chosen.values()}
    candidates: list[tuple[bool, int, Entry]] = []
    journals = [entry for entry in files.entries if entry.name.lower().endswith(".jsonl")]
    for entry in sorted(journals, key=lambda entry: entry.name != FILE_NAME)[:_MAX_NOTEBOOKS]:
        try:
            text, _ = as_written(entry.read(MAX_NOTEBOOK_BYTES, looks))
            names = [name.decode() for name in _JOURNAL_NAMES.findall(text)]
        except UNREADABLE:
            names = []
        exact = entry.name == FILE_NAME and entry.path[:-1] in beside
        count = sum(name in shelf.activities for name in names)
        if exact or count:
            candidates.append((exact, count, entry))
    return max(candidates, key=lambda one: one[:2])[2] if candidates else None


def _why_nothing(files: Files, elsewhere: Sequence[str]) -> str:
    if elsewhere:
        return f"c’est le document de « {elsewhere[0]} »"
    if not files.entries:
        return "il n’y a aucun fichier lisible"
    if any(entry.name.lower().endswith(".ipynb") for entry in files.entries):
        return "aucun de ses documents n’est celui de l’exercice"
    return "il n’y a ni le document de l’exercice, ni le journal des réponses"


def _add_others(work: Work, files: Files, done: set[int], base: tuple[str, ...]) -> None:
    others = [entry for entry in files.entries if id(entry) not in done]
    for entry in others[:MAX_OTHERS]:
        # In an archive, a file may have the same path as a folder.
        path = entry.path[len(base) :] if entry.path[: len(base)] == base else ()
        path = path or entry.path
        # Beside the document, nbgrader would grade a notebook and believe a date. A secret is never taken from the
        # learner either: with another learner's secret, their page would replace that learner's.
        names = (storable(part).casefold() for part in (path[0], path[-1]))
        special = any(name.endswith((".ipynb", ".jsonl", STAMP, SECRET)) for name in names)
        work.add((ASIDE, *path) if special else path, entry)
    if len(others) > MAX_OTHERS:
        work.said.append(f"{len(others) - MAX_OTHERS} autres fichiers sont restés où ils étaient : il y en a trop")


def _answers(files: Mapping[tuple[str, ...], Entry], looks: Budget) -> Reading:
    readings = []
    for path, entry in files.items():
        if path == (FILE_NAME,):
            readings.append(_journal_of(entry, looks))
        elif len(path) == 1 and path[0].endswith(".ipynb"):
            readings.append(_copy(entry, looks))
    origins = [reading.origin for reading in readings if reading.origin]
    events = {event.id: event for reading in readings for event in reading.events}
    return Reading(origin=origins[0] if origins else "", events=tuple(events.values()))


def _journal_of(entry: Entry, looks: Budget) -> Reading:
    """Return the answers of a journal, none if it cannot be read."""
    try:
        return read_lines(entry.read(MAX_NOTEBOOK_BYTES, looks))
    except UNREADABLE:
        return Reading()


def _copy(entry: Entry, looks: Budget) -> Reading:
    """Return the answers of a document, none if it cannot be graded."""
    try:
        return read_copy(course_metadata(parse(entry.read(MAX_NOTEBOOK_BYTES, looks))))
    except UNREADABLE:
        return Reading()


@contextmanager
def removed_unless_whole(path: Path) -> Iterator[None]:
    """Delete a file being written if writing fails."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def digest_of(data: bytes) -> str:
    """Return the SHA-256 digest of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
