"""Names of people, exercises and folders: which are taken, where they are found, and what of a text is a pattern.

A folder's name is text, whatever signs it has. Only what a trainer types to choose people may be a pattern besides.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from glob import escape, iglob
from pathlib import Path
from typing import NamedTuple

#: These would end the place in formgrader's pages where it puts a name as it is.
_ENDS_ITS_PLACE = frozenset('<>"\\')

#: Signs that turn the direction of what follows: a name would show as another.
_TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Found(NamedTuple):
    """The folder of one person at a step of an exercise: its path as nbgrader writes it, whose it is, of what."""

    path: str
    student: str
    assignment: str


def fault_of(name: str) -> str:
    """Why nobody may be called so, in French; empty where one may.

    All else is taken that a file system and the gradebook hold: apostrophes, accents, spaces, brackets, stars.
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
    """Whether a name is text that shows as it is: no control sign, no line break, nothing that turns its direction."""
    return not any(sign in _TURNS or unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in name)


def exactly(name: str) -> str:
    """The pattern of one name: nbgrader takes the name of a person for a pattern, and its outer spaces away."""
    inner = escape(name)
    start, end = len(inner) - len(inner.lstrip()), len(inner.rstrip())
    if start >= end:
        return "".join(f"[{sign}]" for sign in inner)
    return "".join([*(f"[{sign}]" for sign in inner[:start]), inner[start:end], *(f"[{s}]" for s in inner[end:])])


def find(
    root: str, structure: str, step: str, student: str, assignment: str, *, hidden: bool = False
) -> Iterator[Found]:
    """The folders of a step of nbgrader's, in a course at `root` laid out by `structure` (`directory_structure`).

    `student` means the person of that very name, and all whose names match it as a pattern. `assignment` is a name; a
    pattern where no folder has it. With `hidden`, people whose names begin with a dot are among them.
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
    """The regular expression of a step's folders, where `student` and `assignment` are names, or groups of nbgrader's.

    What nbgrader's own `CourseDirectory.format_path(…, escape=True)` means to be.
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
    """A name as a regular expression; a group or « .* » of nbgrader's is one already, of a single folder's name."""
    return text.replace(".*", _ONE_NAME) if text == ".*" or text.startswith("(?P<") else re.escape(text)


def _expression(structure: str, step: str) -> str:
    names = {"student_id": f"(?P<student>{_ONE_NAME})", "assignment_id": f"(?P<assignment>{_ONE_NAME})"}
    return _filled(structure, {"nbgrader_step": re.escape(step), **names})


def _filled(structure: str, fields: dict[str, str]) -> str:
    filled = re.escape(structure)
    for field, value in fields.items():
        filled = filled.replace(re.escape(f"{{{field}}}"), value)
    return filled


#: Of any signs, line breaks too.
_ONE_NAME = rf"[^{re.escape(os.sep)}/]+"
