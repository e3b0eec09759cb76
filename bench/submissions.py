"""Submissions of several kinds to a small exercise, made by the code that stores a learner's answers.

The exercise is the tests' small course: what the course teaches may change without changing what is measured.
"""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from reseau_kit.answers.folder import Folder
from reseau_kit.answers.journal import FILE_NAME
from reseau_kit.answers.notebooks import load, save, write_copy

ROOT = Path(__file__).parents[1]
SMALL_COURSE = ROOT / "tests" / "petit-cours"
EXERCISES = SMALL_COURSE / "exercises"
ASSIGNMENT = "etape-1"
CASE = {"cas": "nadia"}
RIGHT = ["influenceurs", "fournisseurs", "futurs-collaborateurs"]

#: What each kind of learner does, in order: activity, draft or attempt, value; and the points of the two activities.
KINDS: dict[str, tuple[list[tuple[str, str, object]], dict[str, float]]] = {
    "perfect": ([("E1-A4", "attempt", RIGHT), ("E1-A6", "attempt", "63,3 %")], {"E1-A4": 10.0, "E1-A6": 10.0}),
    "partly": (
        [("E1-A4", "attempt", [*RIGHT[:2], "equipe"]), ("E1-A6", "attempt", "42,9")],
        {"E1-A4": 3.33, "E1-A6": 5.0},
    ),
    "wrong-then-right": (
        [
            ("E1-A4", "attempt", ["celebrites", "tout-le-monde", "equipe"]),
            ("E1-A6", "attempt", 12),
            ("E1-A6", "attempt", 63.3),
            ("E1-A4", "attempt", RIGHT),
        ],
        {"E1-A4": 5.0, "E1-A6": 5.0},
    ),
    "draft": ([("E1-A6", "draft", "6"), ("E1-A6", "draft", "63,3")], {"E1-A4": 0.0, "E1-A6": 10.0}),
    "untouched": ([], {"E1-A4": 0.0, "E1-A6": 0.0}),
}


def course(target: Path, *, kernel: bool = False, more: str = "") -> Path:
    """A trainer's course at `target`: the small exercise, this repository's configuration, and `more` added to it."""
    target.mkdir(parents=True)
    for folder in (EXERCISES, SMALL_COURSE / "course"):
        shutil.copytree(folder, target / folder.name, ignore=shutil.ignore_patterns("essais-auteur.jsonl"))
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    if kernel:
        config += "\nconfigure(c, kernel=True)\n"
    (target / "nbgrader_config.py").write_text(f"{config}\n{more}\n", encoding="utf-8")
    return target


def answer(folder: Path, events: Iterable[tuple[str, str, object]]) -> None:
    """Give the answers in a learner's folder: each goes to the journal, and to the notebook's copy."""
    learner = Folder(folder)
    for id, kind, value in events:
        activity = learner.activities(id)[id]
        context = CASE if activity.depends_on else {}
        learner.record(activity, "draft" if kind == "draft" else "attempt", value, context)
    copy_answers(folder)


def copy_answers(folder: Path) -> None:
    """Put in the notebook the second copy of the answers that the page writes there."""
    path = folder / f"{ASSIGNMENT}.ipynb"
    answers, notebook = Folder(folder).answers, load(path)
    write_copy(notebook, answers.origin, answers.events)
    save(path, notebook)


def submit(course: Path, student: str, kind: str, *, journal: bool = True) -> Path:
    """A submission of that kind in the trainer's `submitted/`; without `journal`, the notebook alone."""
    folder = course / "submitted" / student / ASSIGNMENT
    shutil.copytree(course / "release" / ASSIGNMENT, folder)
    answer(folder, KINDS[kind][0])
    if not journal:
        (folder / FILE_NAME).unlink(missing_ok=True)
    (folder / "timestamp.txt").write_text("2026-03-02 08:30:00 UTC\n", encoding="utf-8")
    return folder


def grades(course: Path) -> dict[str, dict[str, tuple[float | None, bool]]]:
    """The gradebook's rows: of each student and each cell, the automatic score and whether a person has to look."""
    found: dict[str, dict[str, tuple[float | None, bool]]] = {}
    with closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        rows = gradebook.execute(
            "SELECT submission.student_id, cell.name, grade.auto_score, grade.needs_manual_grade FROM grade"
            " JOIN base_cell AS cell ON cell.id = grade.cell_id"
            " JOIN submitted_notebook AS document ON document.id = grade.notebook_id"
            " JOIN submitted_assignment AS submission ON submission.id = document.assignment_id"
        )
        for student, cell, score, needs_a_person in rows:
            found.setdefault(student, {})[cell] = (score, bool(needs_a_person))
    return found
