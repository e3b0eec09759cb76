"""Names of people, exercises and folders: which are valid, how to find their folders, and which texts are patterns.

Names are literal, whatever characters they contain. Only the text that a trainer types to choose people is a pattern.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from glob import escape, iglob
from pathlib import Path
from typing import NamedTuple

#: Characters that would break formgrader's pages, which insert names unescaped.
_ENDS_ITS_PLACE = frozenset('<>"\\')

#: Characters that change the direction of writing: a name would look like another one.
_TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Found(NamedTuple):
    """Folder of one person at an nbgrader step: its path as nbgrader writes it, the student and the assignment."""

    path: str
    student: str
    assignment: str


def fault_of(name: str) -> str:
    """Return why a name is invalid, in French; empty for a valid one.

    All other characters that file systems and the gradebook accept are valid: apostrophes, accents, spaces, brackets,
    stars.
    """
    if name.startswith("."):
        return "Le nom du dossier remis commence par un point, et nbgrader ne le verrait pas : renommez ce dossier."
    if not is_one_line(name) or not _ENDS_ITS_PLACE.isdisjoint(name):
        return (
            "Le nom du dossier remis a des signes qu’aucun nom ne demande (retour à la ligne, signe invisible,"
            ' <, >, " ou \\) : renommez ce dossier.'
        )
    return ""


def is_one_line(name: str) -> bool:
    """Whether a name has no control characters, line breaks, surrogates or characters that change the direction."""
    return not any(sign in _TURNS or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in name)


def exactly(name: str) -> str:
    """Return a pattern for exactly one name: nbgrader reads a person's name as a pattern and strips its spaces."""
    inner = escape(name)
    start, end = len(inner) - len(inner.lstrip()), len(inner.rstrip())
    if start >= end:
        return "".join(f"[{sign}]" for sign in inner)
    return "".join([*(f"[{sign}]" for sign in inner[:start]), inner[start:end], *(f"[{s}]" for s in inner[end:])])


def find(
    root: str, structure: str, step: str, student: str, assignment: str, *, hidden: bool = False
) -> Iterator[Found]:
    """Yield the folders of an nbgrader step in a course at `root` with the layout `structure` (`directory_structure`).

    `student` selects the person with exactly that name, and all whose names match it as a pattern. `assignment` is a
    name, or a pattern if no folder has that name. With `hidden`, names that begin with a dot are included.
    """
    reading = re.compile(_expression(structure, step))
    exact = (
        ()
        if assignment == "*"
        else _matching(root, structure, step, student, escape(assignment), reading, hidden=hidden)
    )
    found = list(exact)
    if not found and assignment != escape(assignment):
        yield from _matching(root, structure, step, student, assignment, reading, hidden=False)
    yield from found


def _matching(
    root: str, structure: str, step: str, student: str, assignment: str, reading: re.Pattern[str], *, hidden: bool
) -> Iterator[Found]:
    known: set[str] = set()
    for who in dict.fromkeys((escape(student), student)):
        pattern = escape(structure).format(nbgrader_step=escape(step), student_id=who, assignment_id=assignment)
        for path in iglob(pattern, root_dir=root, include_hidden=hidden):  # noqa: PTH207  texts, they are so many
            if (place := reading.fullmatch(path)) and path not in known:
                known.add(path)
                yield Found(os.path.join(root, path), place["student"], place["assignment"])  # noqa: PTH118


def expression(root: str, structure: str, step: str, student: str, assignment: str) -> str:
    """Return the regular expression of a step's folders; `student` and `assignment` are names or nbgrader's groups.

    This is what nbgrader's own `CourseDirectory.format_path(…, escape=True)` intends to return.
    """
    fields = {
        "nbgrader_step": re.escape(step),
        "student_id": _group(student),
        "assignment_id": _group(assignment),
    }
    inside = _filled(structure, fields)
    absolute = structure.format(nbgrader_step=step, student_id="-", assignment_id="-")
    return inside if Path(absolute).is_absolute() else f"{re.escape(root)}{re.escape(os.sep)}{inside}"


def _group(text: str) -> str:
    """Return a name as a regular expression; nbgrader's groups and « .* » become expressions for one folder name."""
    return text.replace(".*", _ONE_NAME) if text == ".*" or text.startswith("(?P<") else re.escape(text)


def _expression(structure: str, step: str) -> str:
    names = {"student_id": f"(?P<student>{_ONE_NAME})", "assignment_id": f"(?P<assignment>{_ONE_NAME})"}
    return _filled(structure, {"nbgrader_step": re.escape(step), **names})


def _filled(structure: str, fields: dict[str, str]) -> str:
    filled = re.escape(structure)
    for field, value in fields.items():
        filled = filled.replace(re.escape(f"{{{field}}}"), value)
    return filled


#: Pattern of one folder's name, with any characters, even line breaks.
_ONE_NAME = rf"[^{re.escape(os.sep)}/]+"
