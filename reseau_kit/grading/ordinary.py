"""Sorts the trainer's documents: nbgrader's own, with activities, or with both.

The trainer's source decides, never a submission. nbgrader handles a document without activities alone. A document with
activities is marked from the answers, without running anything. In a document with both, learners' code runs because
the trainer's own test cells require it.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from reseau_kit.answers.notebooks import Notebook, course_metadata, load
from reseau_kit.grading.exercise import Cell, activity_of, is_autograded


class Kind(Enum):
    """Kind of a trainer's document."""

    ACTIVITIES = "activities"
    ORDINARY = "ordinary"
    BOTH = "both"

    @property
    def runs_code(self) -> bool:
        """Whether grading it executes learners' code."""
        return self is not Kind.ACTIVITIES


def kind_of(notebook: Notebook) -> Kind:
    """Return the kind of a trainer's document."""
    return _kind(notebook.get("cells", ()), named=bool(course_metadata(notebook).get("source")))


def document_kind(path: Path, released: Callable[[], Iterable[Cell]] = tuple) -> Kind:
    """Return the kind of the document at `path`; if it cannot be read, that of its `released` cells."""
    try:
        return kind_of(load(path))
    except ValueError:
        return _kind(released())


def kinds_in(folder: Path) -> dict[str, Kind]:
    """Return the kind of each of the trainer's documents in an exercise's folder, by name."""
    return {path.stem: document_kind(path) for path in sorted(folder.glob("*.ipynb"))}


def _kind(cells: Iterable[Mapping[str, Any]], *, named: bool = False) -> Kind:
    texts = [{**cell, "source": "".join(cell["source"])} for cell in cells]
    if not named and not any(map(activity_of, texts)):
        return Kind.ORDINARY
    tests = any(is_autograded(cell) and activity_of(cell) is None for cell in texts)
    return Kind.BOTH if tests else Kind.ACTIVITIES
