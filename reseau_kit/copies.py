"""What else of ours a folder holds: copies of its document and of its journal, under whatever name they came.

People rename files, browsers and systems add to their names, tools put copies beside them. What each is, its content
says. Knows nothing of what an answer is worth, and never whose the answers are that it finds.
"""

import os
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from reseau_kit.journal import MAX_FILE_BYTES, Reading, read_lines
from reseau_kit.jsontext import decode
from reseau_kit.notebooks import (
    MAX_NOTEBOOK_BYTES,
    MAX_NOTEBOOKS,
    Notebook,
    course_metadata,
    open_plain_file_below,
    parse,
    read_copy,
)
from reseau_kit.refusals import reason

#: Of the files that nobody asked for: how many are looked at, how deep, and how many bytes of all of them.
MAX_LOOKED_AT = 10_000
MAX_DEPTH = 3
MAX_BYTES = 2 * MAX_NOTEBOOK_BYTES

#: A document or a journal, whatever was put before, between or after: « etape-1 (1).ipynb », « etape-1.IPYNB.txt ».
_OURS = re.compile(r"\.(?:ipynb|jsonl)", re.IGNORECASE)
#: What may be one that lost its extension, or a file of answers that somebody took along.
_MAYBE = re.compile(r".*\.(?:json|txt)", re.IGNORECASE | re.DOTALL)
_ARCHIVE = re.compile(r".*\.(?:zip|7z|rar|tar|tgz|gz|bz2|xz)", re.IGNORECASE | re.DOTALL)
#: By so many bytes a file is looked at to see whether it may be one of ours.
_START = 200
_CHECKPOINTS = ".ipynb_checkpoints"


@dataclass(frozen=True, slots=True)
class Copy:
    """One file of ours: its place in the folder, the answers in it, and the notebook where it is one."""

    name: str
    answers: Reading
    notebook: Notebook | None = None


@dataclass(frozen=True, slots=True)
class NotRead:
    """A file that may be ours and could not be looked into. `why`, in French, goes on a sentence that names it."""

    name: str
    why: str


def other_copies(folder: str, known: Container[str], *, deep: bool = True) -> Iterator[Copy | NotRead]:
    """The files of ours in a folder and, where `deep`, in its folders, but for those at the `known` places.

    What is no file of ours is passed over. No link is followed, and never too much is read.
    """
    room, left = MAX_BYTES, MAX_NOTEBOOKS
    for name in _candidates(folder, known, deep=deep):
        if _ARCHIVE.fullmatch(name) and not name.lower().endswith((".ipynb.gz", ".jsonl.gz")):
            yield NotRead(name, "est une archive, qui n’est pas ouverte")
            continue
        sure = _OURS.search(name.rpartition(os.sep)[2]) is not None
        try:
            descriptor, size = open_plain_file_below(folder, name)
        except OSError as error:
            if sure:
                yield NotRead(name, f"ne s’ouvre pas ({reason(error)})")
            continue
        try:
            start = os.read(descriptor, _START)
            if not sure and start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
                continue
            if size > min(room, MAX_NOTEBOOK_BYTES) or not left:
                yield NotRead(name, "est trop gros" if left else "vient après trop d’autres")
                continue
            room, left = room - size, left - 1
            data = start + _all_of(descriptor, size - len(start))
        finally:
            os.close(descriptor)
        found = _read(name, data, sure=sure)
        if found:
            yield found


def _candidates(folder: str, known: Container[str], *, deep: bool) -> list[str]:
    """The places of what may be ours, by their names, in order."""
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
                ours = _OURS.search(name) or _MAYBE.fullmatch(name) or _ARCHIVE.fullmatch(name)
                # A hidden file is some program's own.
                if ours and name[0] != "." and prefix + name not in known and entry.is_file(follow_symlinks=False):
                    found.append(prefix + name)
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


def _read(name: str, data: bytes, *, sure: bool) -> Copy | NotRead | None:
    """What a file is, by its content; None where it is nothing of ours."""
    if ".jsonl" in name.lower():
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
    return Copy(name, read_copy(course_metadata(notebook)), notebook)


def _taken_along(data: bytes) -> Reading | None:
    """The answers of a file that `emporter()` wrote, of all its folders; None where it is none."""
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
