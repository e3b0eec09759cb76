"""Ordinary nbgrader assignments beside exercises of ours: the trainer's source alone decides what is run."""

import json
import shutil
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from traitlets.config import Config

from desk import Commands
from reseau_kit import repondre
from reseau_kit.__main__ import main
from reseau_kit.activities.loading import load_activities
from reseau_kit.grading.nbgrader_steps import configure
from reseau_kit.grading.release import release_faults

COURSE = Path(__file__).parent / "petit-cours"
SMALL = COURSE / "exercises/etape-1"

CONFIG = """from pathlib import Path
from reseau_kit.grading.nbgrader_steps import configure
c = get_config()
c.CourseDirectory.course_id = "essai"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = "exercises"
configure(c)
"""
SOLUTION = "def carre(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"
TESTS = (
    "assert carre(3) == 9\n### BEGIN HIDDEN TESTS\nassert carre(-4) == 16, 'un nombre négatif'\n### END HIDDEN TESTS"
)
RIGHT, WRONG = "def carre(x):\n    return x * x", "def carre(x):\n    return 9"
TRACE = "open('trace.txt', 'w').close()"

Notebook = Any


def code_cell(source: str, name: str, *, points: int = 0) -> Notebook:
    data = {"schema_version": 3, "grade_id": name, "task": False, "locked": bool(points), "cell_type": "code"}
    data |= {"grade": True, "solution": False, "points": points} if points else {"grade": False, "solution": True}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": data})  # type: ignore[no-untyped-call]


def edit(path: Path, change: Callable[[Notebook], object]) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    change(notebook)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def program(source: str) -> Callable[[Notebook], None]:
    """A learner's solution, typed in its cell."""

    def change(notebook: Notebook) -> None:
        cell = next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "carre")
        cell.source = source

    return change


def pretend_activities(notebook: Notebook) -> None:
    """Looks like a document of activities, of which nothing would be run."""
    program(RIGHT)(notebook)
    notebook.metadata["reseau_kit"] = {"source": "activites.toml", "activities": "x"}
    notebook.cells.append(nbformat.v4.new_code_cell('activite("E1-A6")'))  # type: ignore[no-untyped-call]


def pretend_ordinary(notebook: Notebook) -> None:
    """Looks like an ordinary document, and brings test cells of its own."""
    del notebook.metadata["reseau_kit"]
    notebook.cells.insert(0, nbformat.v4.new_code_cell(TRACE))  # type: ignore[no-untyped-call]
    notebook.cells.append(code_cell(TRACE, "intrus", points=50))


class Marked:
    """The course once everything is graded, and what the commands said."""

    def __init__(self, root: Path, printed: str) -> None:
        self.root, self.printed = root, printed

    def scores(self, assignment: str, student: str) -> dict[str, float | None]:
        with Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as book:
            (document,) = book.find_submission(assignment, student).notebooks
            return {grade.name: grade.score for grade in document.grades}

    def page(self, assignment: str, student: str) -> str:
        (page,) = (self.root / "feedback" / student / assignment).glob("*.html")
        return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Marked:
    root = tmp_path_factory.mktemp("formation")
    nbgrader = Commands(tmp_path_factory.mktemp("reglages"))
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    shutil.copytree(COURSE / "course", root / "course")
    for name in ("etape-1", "melange"):
        shutil.copytree(SMALL, root / "exercises" / name)
    added = [code_cell(SOLUTION, "carre"), code_cell(TESTS, "essai", points=2)]
    edit(root / "exercises/melange/etape-1.ipynb", lambda notebook: notebook.cells.extend(added))
    (root / "exercises/code").mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    ordinary = nbformat.v4.new_notebook(cells=added, metadata=kernel)  # type: ignore[no-untyped-call]
    nbformat.write(ordinary, root / "exercises/code/devoir.ipynb")  # type: ignore[no-untyped-call]
    (root / "exercises/code/donnees.zip").write_bytes(b"PK")

    printed = ""
    for name in ("code", "melange", "etape-1"):
        printed += nbgrader(root, "generate_assignment", name, "--create")
    hand_in(root, "code", "anna", program(RIGHT))
    hand_in(root, "code", "bob", program(WRONG))
    hand_in(root, "code", "rusee", pretend_activities)
    (root / "submitted/bob/code/mes-essais.zip").write_bytes(b"PK")
    hand_in(root, "melange", "anna", program(RIGHT), answer=63.3)
    hand_in(root, "melange", "bob", program(WRONG), answer=63.3)
    hand_in(root, "melange", "rusee", program(RIGHT))
    edit(root / "submitted/rusee/melange/etape-1.ipynb", pretend_ordinary)
    hand_in(root, "etape-1", "rusee", pretend_ordinary, answer=63.3)
    (root / "submitted/rusee/etape-1/export.zip").write_bytes(b"PK")
    for name in ("code", "melange", "etape-1"):
        printed += nbgrader(root, "autograde", name)
        printed += nbgrader(root, "generate_feedback", name)
    return Marked(root, printed)


def hand_in(
    root: Path, assignment: str, student: str, change: Callable[[Notebook], object], answer: float | None = None
) -> None:
    folder = root / "submitted" / student / assignment
    shutil.copytree(root / "release" / assignment, folder)
    if answer is not None:
        with chdir(folder):
            repondre("E1-A6", answer)
    (document,) = folder.glob("*.ipynb")
    edit(document, change)


def test_a_document_without_activities_is_executed_and_hidden_tests_count(marked: Marked) -> None:
    assert marked.scores("code", "anna") == {"essai": 2.0}
    assert marked.scores("code", "bob") == {"essai": 0.0}


def test_no_submission_decides_how_it_is_graded(marked: Marked) -> None:
    """Metadata that a learner writes neither keeps code from being run, nor has code run that nobody asked for."""
    assert marked.scores("code", "rusee") == {"essai": 2.0}
    assert marked.scores("etape-1", "rusee")["E1-A6"] == 10
    assert "intrus" not in marked.scores("etape-1", "rusee")
    assert not [*marked.root.rglob("etape-1/trace.txt")]


def test_a_document_with_both_is_graded_by_both(marked: Marked) -> None:
    anna, bob, rusee = (marked.scores("melange", name) for name in ("anna", "bob", "rusee"))
    assert (anna["E1-A6"], anna["essai"]) == (10, 2)
    assert (bob["E1-A6"], bob["essai"]) == (10, 0)
    assert (rusee["E1-A6"], rusee["essai"]) == (0, 2)
    assert "intrus" not in rusee


def test_pages_are_nbgraders_where_there_are_no_activities(marked: Marked) -> None:
    assert "AssertionError" in marked.page("code", "bob")
    assert "notebook-container" in marked.page("code", "bob"), "of nbgrader's template"
    mixed = marked.page("melange", "bob")
    assert "notebook-container" not in mixed
    assert "AssertionError : un nombre négatif" in mixed.replace("\N{NO-BREAK SPACE}", " ")


def test_files_of_an_ordinary_assignment_all_travel(marked: Marked) -> None:
    assert (marked.root / "release/code/donnees.zip").exists()
    assert (marked.root / "autograded/bob/code/mes-essais.zip").exists()
    assert not (marked.root / "autograded/rusee/etape-1/export.zip").exists()
    assert not [*(marked.root / "release").rglob("activites.toml")]


def test_volume_leaves_code_to_nbgrader_by_name(marked: Marked, capsys: pytest.CaptureFixture[str]) -> None:
    """All that it is asked for but that; where only that is asked for, the command fails."""
    root = ["--course-root", str(marked.root)]
    assert main(["grade", *root, "--force", "--jobs", "1"]) == 0
    printed = capsys.readouterr()
    for name in ("code", "melange"):
        assert f"nbgrader autograde {name}" in printed.err
    assert "etape-1" in printed.out
    assert "code" not in printed.out
    assert marked.scores("code", "anna") == {"essai": 2.0}
    assert main(["grade", *root, "--assignment", "melange"]) == 1
    assert "nbgrader autograde melange" in capsys.readouterr().err
    assert main(["feedback", *root, "--assignment", "code"]) == 1
    assert "nbgrader generate_feedback code" in capsys.readouterr().err


def test_what_is_nearly_an_activity_is_not_released_as_code(tmp_path: Path) -> None:
    """Otherwise a slip of an author's would have learners' notebooks executed."""
    notebook = json.loads((SMALL / "etape-1.ipynb").read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if "".join(cell["source"]) == 'activite("E1-A6")')
    notebook["cells"].append({**cell, "source": 'activite( "E1-A6" )'})
    cells = [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]
    faults = release_faults("etape-1.ipynb", {**notebook, "cells": cells}, load_activities(SMALL / "activites.toml"))
    assert any("elle nomme une activité" in fault for fault in faults)


def test_archives_go_through_the_exchange_with_an_ordinary_assignment_alone(marked: Marked, tmp_path: Path) -> None:
    """However often the configuration was read in this process, as by formgrader's server."""
    config = Config()
    for _ in range(2):
        configure(config)
    for name, goes in (("code", True), ("etape-1", False)):
        folder = tmp_path / name
        shutil.copytree(marked.root / "release" / name, folder)
        (folder / "export.zip").write_bytes(b"PK")
        exchange = Exchange(coursedir=CourseDirectory(config=config), config=config)
        exchange.do_copy(str(folder), str(tmp_path / f"{name}-copie"))
        assert (tmp_path / f"{name}-copie/export.zip").exists() == goes
