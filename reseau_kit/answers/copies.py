"""Finds copies of a document and of its journal in a folder, whatever their names.

People rename files, browsers and systems add to names, and tools leave copies. A file's content decides what it is.
Does not score answers and does not decide whose answers a copy holds.
"""

import os
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reseau_kit.answers.journal import MAX_FILE_BYTES, Reading, read_lines
from reseau_kit.answers.notebooks import (
    MAX_EVENTS,
    MAX_NOTEBOOK_BYTES,
    MAX_NOTEBOOKS,
    Notebook,
    course_metadata,
    parse,
    read_copy,
)
from reseau_kit.system.files import open_plain_file_below
from reseau_kit.system.jsontext import decode
from reseau_kit.system.refusals import reason

#: Limits for all unrequested files of a folder together: entries listed, depth of folders, files opened, bytes of
#: documents read, bytes of journals read. The number of their answers is limited to `MAX_EVENTS`.
MAX_LOOKED_AT = 10_000
MAX_DEPTH = 3
MAX_OPENED = 200
MAX_BYTES = 2 * MAX_NOTEBOOK_BYTES
MAX_JOURNAL_BYTES = MAX_FILE_BYTES

#: A document or a journal, whatever surrounds its extension: « etape-1 (1).ipynb », « etape-1.IPYNB.txt ».
_OURS = re.compile(r"\.(?:ipynb|jsonl)", re.IGNORECASE)
_ARCHIVE = re.compile(r".*\.(?:zip|7z|rar|tar|tgz|gz|bz2|xz)", re.IGNORECASE | re.DOTALL)
#: Bytes read at the start of a file to see whether it may be a course file.
_START = 200
#: Those, and files that may have lost their extension or that `emporter()` wrote.
_ANY = re.compile(rf"{_OURS.pattern}|\.(?:json|txt|zip|7z|rar|tar|tgz|gz|bz2|xz)$", re.IGNORECASE)
#: Files that nbgrader puts in each hand-in.
_NBGRADERS = frozenset({"timestamp.txt", "submission_secret.txt"})
_CHECKPOINTS = ".ipynb_checkpoints"


@dataclass(frozen=True, slots=True)
class Copy:
    """One course file: its path in the folder, its answers, and its notebook if it is one."""

    name: str
    answers: Reading
    notebook: Notebook | None = None


@dataclass(frozen=True, slots=True)
class NotRead:
    """A possible course file that could not be read. `why`, in French, completes a sentence that names the file."""

    name: str
    why: str


def other_copies(folder: str, known: Container[str], *, deep: bool = True) -> Iterator[Copy | NotRead]:
    """Yield the course files in a folder and, if `deep`, in its folders, except those at the `known` paths.

    Skips other files and does not follow links. Files beyond a limit are yielded as `NotRead`.
    """
    room = _Room()
    for name in _candidates(folder, known, deep=deep):
        if _ARCHIVE.fullmatch(name) and not name.lower().endswith((".ipynb.gz", ".jsonl.gz")):
            yield NotRead(name, "est une archive, qui n’est pas ouverte")
            continue
        sure = _OURS.search(name.rpartition(os.sep)[2]) is not None
        try:
            data = _opened(folder, name, room, sure=sure)
            found = _read(name, data, room, sure=sure) if data else None
        except OSError as error:
            found = NotRead(name, f"ne s’ouvre pas ({reason(error)})") if sure else None
        except _TooMuch as error:
            found = NotRead(name, str(error))
        if found:
            yield found


class _TooMuch(Exception):
    """A limit is reached. The message, in French, completes a sentence that names the file."""


class _Room:
    """Budget for reading unrequested files."""

    def __init__(self) -> None:
        self.opened, self.files, self.answers = MAX_OPENED, MAX_NOTEBOOKS, MAX_EVENTS
        self.documents, self.journals = MAX_BYTES, MAX_JOURNAL_BYTES

    def take(self, size: int, *, journal: bool) -> None:
        """Count a file of that size.

        Raises:
            _TooMuch: the file is too large, or the maximum number of files is reached.
        """
        if not self.files:
            raise _TooMuch("vient après trop d’autres")
        if size > (self.journals if journal else min(self.documents, MAX_NOTEBOOK_BYTES)):
            raise _TooMuch("est trop gros")
        self.files -= 1
        self.journals -= size if journal else 0
        self.documents -= 0 if journal else size


def _opened(folder: str, name: str, room: _Room, *, sure: bool) -> bytes:
    """Read a file; return nothing if it is not `sure` to be a course file and does not look like one.

    Raises:
        OSError: the file cannot be opened.
        _TooMuch: a limit is reached.
    """
    if not room.opened:
        if sure:
            raise _TooMuch("vient après trop d’autres")
        return b""
    room.opened -= 1
    descriptor, size = open_plain_file_below(folder, name)
    try:
        start = os.read(descriptor, _START)
        if not sure and start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
            return b""
        room.take(size, journal=_is_journal(name))
        return start + _all_of(descriptor, size - len(start))
    finally:
        os.close(descriptor)


def _candidates(folder: str, known: Container[str], *, deep: bool) -> list[str]:
    """Return the sorted paths of possible course files, judged by their names."""
    found: list[str] = []
    below, looked_at = [""], 0
    while below:
        prefix = below.pop()
        try:
            entries = os.scandir(f"{folder}{os.sep}{prefix}")
        except OSError:
            continue
        with entries:
            for entry in entries:
                looked_at += 1
                if looked_at > MAX_LOOKED_AT:
                    return sorted(found)
                name = entry.name
                place = prefix + name
                if place in known or name in _NBGRADERS:
                    continue
                # Hidden files belong to programs.
                if name[0] != "." and _ANY.search(name) and entry.is_file(follow_symlinks=False):
                    found.append(place)
                elif (
                    deep
                    and prefix.count(os.sep) < MAX_DEPTH
                    and (name == _CHECKPOINTS or not name.startswith("."))
                    and entry.is_dir(follow_symlinks=False)
                ):
                    below.append(f"{prefix}{name}{os.sep}")
    return sorted(found)


def _all_of(descriptor: int, size: int) -> bytes:
    blocks = []
    while size > 0 and (block := os.read(descriptor, size)):
        blocks.append(block)
        size -= len(block)
    return b"".join(blocks)


def _is_journal(name: str) -> bool:
    return ".jsonl" in name.lower()


def _read(name: str, data: bytes, room: _Room, *, sure: bool) -> Copy | NotRead | None:
    """Identify a file by its content; None if it is not a course file."""
    if _is_journal(name):
        answers = read_lines(data[: MAX_FILE_BYTES + 1])
        if answers.events or answers.origin:
            return Copy(name, answers)
        return NotRead(name, "ne contient pas de réponses lisibles") if data.strip() else None
    try:
        notebook = parse(data)
    except ValueError as error:
        taken_along = _taken_along(data)
        if taken_along is not None:
            return Copy(name, taken_along)
        return NotRead(name, f"ne se lit pas : {error}") if sure else None
    ours = course_metadata(notebook)
    room.answers -= _count(ours)
    if room.answers < 0:
        raise _TooMuch("a trop de réponses")
    return Copy(name, read_copy(ours), notebook)


def _count(ours: Mapping[str, Any]) -> int:
    """Return the number of answers that a notebook claims to hold."""
    answers = ours.get("answers")
    events = answers.get("events") if isinstance(answers, dict) else None
    return len(events) if isinstance(events, list) else 0


def _taken_along(data: bytes) -> Reading | None:
    """Return the answers of a file that `emporter()` wrote, from all its folders; None for another file."""
    try:
        travel = decode(data)
    except (ValueError, RecursionError):
        return None
    folders = travel.get("folders") if isinstance(travel, dict) and "reseau_kit" in travel else None
    if not isinstance(folders, dict):
        return None
    readings = [read_copy({"answers": answers}) for answers in folders.values() if isinstance(answers, dict)]
    origins = {reading.origin for reading in readings if reading.events}
    events = tuple(event for reading in readings for event in reading.events)
    return Reading(origin=origins.pop() if len(origins) == 1 else "", events=events)
