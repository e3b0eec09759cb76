"""Material of a sample course: its exercises, their due dates, and the answers that its learners choose from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from reseau_kit.activities.activity import Activities
from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.notebooks import KEY, as_jupyter, course_metadata, load

#: Kinds of damage to files, and the remains of a submission.
DAMAGES = {
    "truncated": "the notebook is cut short; the journal has the answers",
    "journal-only": "no notebook; the journal has the answers",
    "empty": "the notebook is empty and there is no journal: nothing can be graded",
    "notebook-only": "no journal; the notebook's copy has the answers",
    "foreign-journal": "the journal is another person's: the answers are that person's, one's own are set aside",
    "duplicated": "every cell stands twice",
    "renamed": "the notebook has another name and there is no journal; its copy has the answers",
    "deleted-cells": "the activities' cells are gone; the answers are there",
    "cut-journal": "the last line of the journal is cut; the notebook's copy has it",
    "unreadable": "the notebook is cut short and there is no journal: nothing can be graded",
}

#: A step opens each Monday from this one on, and is due the Sunday after, in the evening (UTC).
FIRST_DAY = date(2026, 9, 28)

DUE_TIME = time(20)

# --- an exercise to hand in -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Paper:
    """A released exercise: what is asked, and the files that every learner hands back."""

    name: str
    place: int
    activities: Activities
    notebook_name: str
    notebook: bytes
    others: Mapping[str, bytes]

    @property
    def asked(self) -> bool:
        """Whether it has been released."""
        return bool(self.notebook)

    @property
    def due(self) -> datetime:
        """When it is due (UTC)."""
        return due_date(self.place)


@lru_cache(maxsize=64)
def around_answers(paper: Paper, damage: str) -> tuple[str, str]:
    """The notebook as Jupyter writes it, before and after the copy of the answers."""
    notebook = json.loads(paper.notebook)
    notebook.setdefault("metadata", {}).setdefault(KEY, {})["answers"] = "@ANSWERS@"
    if damage == "duplicated":
        notebook["cells"] *= 2
    elif damage == "deleted-cells":
        notebook["cells"] = [cell for cell in notebook["cells"] if "nbgrader" not in cell["metadata"]]
    before, after = as_jupyter(notebook).split('"@ANSWERS@"')
    return before, after


def due_date(place: int) -> datetime:
    """The due date of the exercise at this place, counted from 0: one a week."""
    return datetime.combine(FIRST_DAY + timedelta(weeks=place, days=6), DUE_TIME, UTC)


def read_papers(course: Path) -> list[Paper]:
    """The exercises of a course, in order; those that have been released are asked."""
    return [_read_paper(course, name, place) for place, name in enumerate(exercise_names(course))]


def _read_paper(course: Path, name: str, place: int) -> Paper:
    source = min((course / "exercises" / name).glob("*.ipynb"))
    activities = load_activities(source.parent / str(course_metadata(load(source))["source"]))
    released = course / "release" / name
    files = {path.name: path.read_bytes() for path in sorted(released.glob("*")) if path.is_file()}
    notebook = files.pop(source.name, b"")
    return Paper(name, place, activities, source.name, notebook, files)


def exercise_names(course: Path) -> list[str]:
    """The exercises of a course, in order."""
    folders = sorted((course / "exercises").iterdir()) if (course / "exercises").is_dir() else []
    return [path.name for path in folders if any(path.glob("*.ipynb"))]
