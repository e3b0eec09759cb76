"""What one submission is worth: pure functions on plain data, the same for each of the two ways to grade.

nbgrader's own pass, one submission at a time, and the grading of many at once both call these. Nothing a learner wrote
is executed, nothing here knows nbgrader or a notebook library, and what goes wrong on our side costs no point.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


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


@dataclass(frozen=True)
class Exercise:
    """What a worker needs to know of an exercise to grade it. Small, and travels between processes.

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


@dataclass(frozen=True, slots=True)
class CellMark:
    """The mark of one graded cell, before what a person said of it. Without a score, a person has to give one."""

    name: str
    auto_score: float | None
    needs_manual_grade: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission.

    `timestamp` is when it was handed in, UTC without saying so, as the gradebook keeps it. `notebooks` gives the marks
    of every released notebook, and `comments` what nbgrader says by itself of the cells that a person marks: both
    empty where the submission is refused. `refused` says why, in French. `repairs` are what was mended or left out,
    each a French sentence that says where. `staged` is the folder to move into place, None where there is none.
    `registered` is False where the gradebook gets no row at all, not even of the student; a refused submission that
    is registered has its student's and its submission's rows, whose marks stay what they were.
    """

    student: str
    timestamp: datetime | None = None
    notebooks: Mapping[str, tuple[CellMark, ...]] = field(default_factory=dict)
    comments: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    refused: str = ""
    repairs: tuple[str, ...] = ()
    staged: Path | None = None
    registered: bool = True
