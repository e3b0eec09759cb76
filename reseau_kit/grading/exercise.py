"""An exercise as it was released: its notebooks, cells and points, and what an outcome of grading holds."""

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

#: The whole source of an activity's cell.
_ACTIVITY_CELL = re.compile(r'activite\("([A-Za-z0-9_-]{1,64})"\)')

CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """One cell of a released notebook, as nbgrader's gradebook keeps it. `points` is None where it earns none."""

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
    """One released notebook: its name without « .ipynb », its kernel as JSON text (empty: none), and its cells."""

    name: str
    kernelspec: str
    cells: tuple[ReleasedCell, ...]

    @property
    def by_name(self) -> dict[str, ReleasedCell]:
        """The cells by their names, in the order of the notebook."""
        return {cell.name: cell for cell in self.cells}


@dataclass(frozen=True)
class Exercise:
    """Data that a worker needs to grade an exercise. Small: sent between processes.

    `source` is the folder of the trainer's exercise, with the keys, and `release` that of the released one. `texts`
    says who reads the open texts (`texts.READERS`). `ignore` are the names of files that nobody copies, and
    `exclude_overwriting` those that the trainer's do not replace. Sizes are in thousands of bytes, as nbgrader counts
    them, None for no limit. `permissions` are those of every file that is written.
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
    """The mark of one graded cell, before what a person said of it. Without a score, a person has to give one.

    Hundreds of thousands go from one process to another: a tuple takes half as long as a dataclass there.
    """

    name: str
    auto_score: float | None
    needs_manual_grade: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of one submission.

    `timestamp` is when it was handed in, UTC without saying so, as the gradebook keeps it. `notebooks` gives the marks
    of every released notebook, and `comments` what nbgrader says by itself of the cells that a person marks: both
    empty where the submission is refused. `refused` says why, in French. `repairs` are what was mended or left out,
    each a French sentence that says where. `staged` is the folder to move into place, None where there is none.
    `registered` is False where the gradebook gets no row at all, not even of the student; a refused submission that
    is registered has its student's and its submission's rows, whose marks stay what they were. `unanswered` is True
    where no answer was found.
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
    """The activity that a cell shows, None for any other cell."""
    found = _ACTIVITY_CELL.fullmatch(cell["source"]) if cell["cell_type"] == "code" else None
    return found[1] if found else None


def grading_data(cell: Cell) -> dict[str, Any]:
    """Return a cell's nbgrader metadata, empty if it has none."""
    data = cell["metadata"].get("nbgrader")
    return data if isinstance(data, dict) else {}


def is_autograded(cell: Cell) -> bool:
    """Whether a program gives the mark of this cell."""
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
    """A cell as it stood in the released notebook, but for the checksum."""
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
    """The metadata that nbgrader keeps of a released cell."""
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


# --- the trainer's side -----------------------------------------------------------------------------------------------


class Master:
    """The trainer's notebook of an exercise, and its activities, each read when first needed."""

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
        """The notebook's cells, each source being one text; none where it cannot be read."""
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
        """The activities as they are where `reader` reads the open texts.

        Raises:
            ValueError: the notebook or its activities file cannot be used.
        """
        if reader not in self._read_by:
            self._read_by[reader] = read_by(self.activities, reader)
        return self._read_by[reader]


def course_texts(master: Master, released: ReleasedNotebook) -> frozenset[str]:
    """The texts of the course's own cells, which are shown as they are."""
    return frozenset([*(cell["source"] for cell in master.cells), *(cell.source for cell in released.cells)])


def stand_in(release: Path, name: str) -> Notebook:
    """The released notebook of that name, in the place of one that cannot be used."""
    try:
        return load(release / f"{name}.ipynb")
    except ValueError:
        # What is graded is put back from the gradebook; only the course's text is missing then.
        return {"cells": [], "metadata": {}}
