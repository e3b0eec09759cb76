"""An exercise as it was released (notebooks, cells, points), the trainer's notebook, and the outcome of grading."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from reseau_kit.activities.activity import Activities
from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.notebooks import (
    Notebook,
    course_metadata,
    load,
)
from reseau_kit.grading.open_texts import read_by
from reseau_kit.system.files import new_id

Cell = dict[str, Any]

#: Pattern of the whole source of an activity's cell.
_ACTIVITY_CELL = re.compile(r'activite\("([A-Za-z0-9_-]{1,64})"\)')

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """One cell of a released notebook, as in nbgrader's gradebook. `points` is None if the cell has none."""

    name: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    points: float | None
    grade: bool
    solution: bool
    task: bool


@dataclass(frozen=True, slots=True)
class ReleasedNotebook:
    """One released notebook: its name without « .ipynb », its kernel as JSON (empty if it has none), and its cells."""

    name: str
    kernelspec: str
    cells: tuple[ReleasedCell, ...]

    @property
    def by_name(self) -> dict[str, ReleasedCell]:
        """The cells by name, in the order of the notebook."""
        return {cell.name: cell for cell in self.cells}


@dataclass(frozen=True)
class Exercise:
    """Data that a worker needs to grade an exercise; small, since it is sent between processes.

    `source` is the folder of the trainer's exercise, with the keys, and `release` that of the released one. `texts`
    says who reads the open texts (`open_texts.READERS`). `ignore` lists patterns of files that are not copied,
    `exclude_overwriting` files that the trainer's do not replace. Sizes are in thousands of bytes, as nbgrader counts
    them, None for no limit. `permissions` apply to every written file.
    """

    name: str
    notebooks: tuple[ReleasedNotebook, ...]
    source: Path
    release: Path
    texts: str = "formateur"
    ignore: tuple[str, ...] = ()
    exclude_overwriting: tuple[str, ...] = ()
    max_file_size: float | None = None
    max_dir_size: float | None = None
    permissions: int = 0o444


class CellMark(NamedTuple):
    """Mark of one graded cell, before a person's marks. Without a score, a person has to give one.

    A tuple, since hundreds of thousands are sent between processes, and a dataclass takes twice as long.
    """

    name: str
    auto_score: float | None
    needs_manual_grade: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of one submission.

    `timestamp` is the time of the hand-in, in UTC without a time zone, as the gradebook stores it. `notebooks` gives
    the marks of every released notebook, `comments` nbgrader's automatic comments on cells that a person marks; both
    are empty for a refused submission. `refused` says why, in French. `repairs` are French sentences, each with the
    place, on what was repaired or left out. `staged` is the folder to move into place, None if there is none. If
    `registered` is False, the gradebook gets no row, not even of the student; a refused submission that is registered
    gets rows of its student and of itself, and its marks stay unchanged. `unanswered` is True if no answer was found.
    """

    student: str
    timestamp: datetime | None = None
    notebooks: Mapping[str, tuple[CellMark, ...]] = field(default_factory=dict)
    comments: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    refused: str = ""
    repairs: tuple[str, ...] = ()
    staged: Path | str | None = None
    registered: bool = True
    unanswered: bool = False


# --- cells ------------------------------------------------------------------------------------------------------------


def activity_of(cell: Cell) -> str | None:
    """Return the id of the activity that a cell shows, None for any other cell."""
    found = _ACTIVITY_CELL.fullmatch(cell["source"]) if cell["cell_type"] == "code" else None
    return found[1] if found else None


def grading_data(cell: Cell) -> dict[str, Any]:
    """Return a cell's nbgrader metadata, empty if it has none."""
    data = cell["metadata"].get("nbgrader")
    return data if isinstance(data, dict) else {}


def is_autograded(cell: Cell) -> bool:
    """Whether a program marks this cell."""
    data = grading_data(cell)
    return cell["cell_type"] == "code" and bool(data.get("grade")) and not data.get("solution")


def checksum(cell: Cell) -> str:
    """Return the checksum of a cell, equal to that of nbgrader's `compute_checksum`."""
    data = cell["metadata"]["nbgrader"]
    grade, solution = data.get("grade", False), data.get("solution", False)
    locked = not solution and (grade or data.get("locked", False))
    parts = [cell["source"], cell["cell_type"], str(grade), str(solution), str(locked), data["grade_id"]]
    if grade:
        parts.append(str(float(data["points"])))
    return hashlib.md5("".join(parts).encode("utf-8"), usedforsecurity=False).hexdigest()


def released_cell(cell: ReleasedCell) -> Cell:
    """Return a cell as it was in the released notebook, without its checksum."""
    made: Cell = {
        "cell_type": cell.cell_type,
        "id": cell.name if CELL_ID.fullmatch(cell.name) else new_id(),
        "metadata": {"deletable": False, "editable": not cell.locked, "nbgrader": released_data(cell)},
        "source": cell.source,
    }
    if cell.cell_type == "code":
        made |= {"execution_count": None, "outputs": []}
    return made


def released_data(cell: ReleasedCell) -> dict[str, Any]:
    """Return the metadata that nbgrader stores in a released cell."""
    return {
        "schema_version": 3,
        "grade_id": cell.name,
        "locked": cell.locked,
        "cell_type": cell.cell_type,
        "grade": cell.grade,
        "solution": cell.solution,
        "task": cell.task,
        **({} if cell.points is None else {"points": cell.points}),
    }


# --- the trainer's notebook -------------------------------------------------------------------------------------------


class Master:
    """The trainer's notebook of an exercise, and its activities, each read on first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_by: dict[str, Activities] = {}

    @cached_property
    def notebook(self) -> Notebook:
        """The notebook.

        Raises:
            ValueError: it cannot be read.
        """
        return load(self._path)

    @cached_property
    def cells(self) -> list[Cell]:
        """The notebook's cells, each source joined to one string; none if the notebook cannot be read."""
        try:
            return [{**cell, "source": "".join(cell["source"])} for cell in self.notebook["cells"]]
        except ValueError:
            return []

    @cached_property
    def activities(self) -> Activities:
        """The activities as the author wrote them.

        Raises:
            ValueError: the notebook or its activities file cannot be used.
        """
        source = course_metadata(self.notebook).get("source")
        if not isinstance(source, str):
            raise ValueError(f"{self._path} ne nomme pas son fichier d’activités")
        return load_activities(self._path.parent / source)

    def activities_read_by(self, reader: str) -> Activities:
        """Return the activities with open texts marked by `reader`.

        Raises:
            ValueError: the notebook or its activities file cannot be used.
        """
        if reader not in self._read_by:
            self._read_by[reader] = read_by(self.activities, reader)
        return self._read_by[reader]


def course_texts(master: Master, released: ReleasedNotebook) -> frozenset[str]:
    """Return the texts of the course's own cells, which are shown unchanged."""
    return frozenset([*(cell["source"] for cell in master.cells), *(cell.source for cell in released.cells)])


def stand_in(release: Path, name: str) -> Notebook:
    """Return the released notebook with that name, used in place of an unusable one."""
    try:
        return load(release / f"{name}.ipynb")
    except ValueError:
        # Graded cells are restored from the gradebook; only the course's text is missing then.
        return {"cells": [], "metadata": {}}
