"""Grading many at once marks and leaves behind what nbgrader's own pass does: compared file by file, mark by mark.

And whatever a folder may hold, it is graded or refused in words: never an exception, nothing written elsewhere.
"""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from nbformat.notebooknode import from_dict
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum, parse_utc

import reseau_kit.answers.checks
import reseau_kit.grading.desk
import reseau_kit.grading.files
import reseau_kit.grading.marking
from desk import Commands
from golden import (
    ASSIGNMENT,
    DECISION,
    GOLDEN,
    IDS,
    ILL_TYPED,
    NUMBER,
    PARTLY,
    RIGHT,
    AutogradedGolden,
    _activity,
    _code,
    _text,
    make_course,
)
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.journal import FILE_NAME, Event
from reseau_kit.answers.notebooks import KEY, Notebook, load, save, write_copy
from reseau_kit.grading.desk import grade_folder
from reseau_kit.grading.exercise import (
    Cell,
    Exercise,
    Master,
    Outcome,
    ReleasedCell,
    ReleasedNotebook,
    checksum,
    is_autograded,
)
from reseau_kit.grading.marking import Memo, mark_answers
from reseau_kit.grading.nbgrader_steps import released_notebook
from reseau_kit.grading.submission import restore
from reseau_kit.grading.timestamp import handed_in_at
from small_questions import CARDS, MATCHING

pytestmark = pytest.mark.slow

Grades = dict[str, tuple[float | None, bool]]

#: Two notebooks in one folder, with a task and a text for a person, and a data file in a folder of its own.
PAIR = "a-deux"

MARKED = [name for name, golden in GOLDEN.items() if golden.marks is not None]
REFUSED = [name for name, golden in GOLDEN.items() if golden.marks is None]


@dataclass(frozen=True)
class Graded:
    """One course graded by nbgrader's own pass, and what it printed; `exercise` is what grading many needs of it."""

    course: Path
    exercise: Exercise
    log: str

    def folder(self, step: str, student: str) -> Path:
        return self.course / step / student / self.exercise.name

    def grade(self, student: str, staging: Path) -> Outcome:
        return grade_folder(self.exercise, student, self.folder("submitted", student), staging)

    def rows(self, student: str) -> tuple[dict[str, Grades], dict[str, dict[str, str | None]], datetime | None]:
        """What the gradebook holds: the grades and the comments by notebook, and when it was handed in."""
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}") as gradebook:
            submission = gradebook.find_submission(self.exercise.name, student)
            grades = {
                notebook.name: {
                    grade.cell.name: (grade.auto_score, grade.needs_manual_grade) for grade in notebook.grades
                }
                for notebook in submission.notebooks
            }
            comments = {
                notebook.name: {comment.cell.name: comment.auto_comment for comment in notebook.comments}
                for notebook in submission.notebooks
            }
            return grades, comments, submission.timestamp


def exercise_of(course: Path, name: str) -> Exercise:
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebooks = tuple(released_notebook(notebook) for notebook in gradebook.find_assignment(name).notebooks)
    return Exercise(
        name=name,
        notebooks=notebooks,
        source=course / "exercises" / name,
        release=course / "release" / name,
        ignore=(
            ".ipynb_checkpoints",
            "*.pyc",
            "__pycache__",
            "feedback",
            "*activites.toml",
            "essais-auteur.jsonl",
            "*.zip",
        ),
        exclude_overwriting=("a-completer.txt",),
    )


@pytest.fixture(scope="module")
def strange(autograded_golden: AutogradedGolden) -> Graded:
    """Each strange submission, graded by nbgrader's own command."""
    course = autograded_golden.graded
    return Graded(course, exercise_of(course, ASSIGNMENT), autograded_golden.log)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, nbgrader: Commands) -> Graded:
    """Submissions of an exercise with two notebooks, graded by nbgrader's own command."""
    course = make_pair(tmp_path_factory.mktemp("marking") / "deux")
    nbgrader(course, "generate_assignment", PAIR)
    for name, spoil in PAIRS.items():
        spoil(Path(shutil.copytree(course / "release" / PAIR, course / "submitted" / name / PAIR)))
    log = nbgrader(course, "autograde", PAIR, fails=True)
    return Graded(course, exercise_of(course, PAIR), log)


# --- an exercise with two notebooks -----------------------------------------------------------------------------------


def make_pair(target: Path) -> Path:
    """A trainer's course with an exercise of two notebooks."""
    make_course(target)
    shutil.rmtree(target / "exercises" / ASSIGNMENT)
    source = target / "exercises" / PAIR
    (source / "donnees").mkdir(parents=True)
    (source / "donnees" / "reperes.csv").write_text("jour,minutes\nlundi,12\n", encoding="utf-8")
    (source / "a-completer.txt").write_text("À compléter.\n", encoding="utf-8")
    (source / "medias.csv").write_text(CARDS, encoding="utf-8")
    (source / "un.activites.toml").write_text(DECISION + NUMBER.format(version=1, value=63.3), encoding="utf-8")
    (source / "deux.activites.toml").write_text(MATCHING, encoding="utf-8")
    task = {"grade": False, "solution": False, "task": True, "locked": True, "grade_id": "tache", "points": 4}
    manual = {"grade": True, "solution": True, "task": False, "locked": False, "grade_id": "avis", "points": 5}
    save(
        source / "un.ipynb",
        _notebook("un", _activity("cas"), _activity("N"), _text("Faites.", nbgrader={"schema_version": 3, **task})),
    )
    save(
        source / "deux.ipynb",
        _notebook("deux", _activity("M"), _text("*Écrivez ici.*", nbgrader={"schema_version": 3, **manual})),
    )
    with (target / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f'\nc.Autograde.exclude_overwriting = {{"{PAIR}": ["a-completer.txt"]}}\n')
    return target


def _notebook(name: str, *cells: dict[str, Any]) -> Notebook:
    every = [_text(f"# {name}"), _code("from reseau_kit import activite", "imports"), *cells]
    for place, cell in enumerate(every):
        cell["id"] = f"{name}-{place}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, KEY: {"source": f"{name}.activites.toml"}}
    return {"cells": every, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def answered(folder: Path) -> None:
    """Both notebooks answered, each with its own copy of the answers, and a text written."""
    learner = Folder(folder)
    for name, id, value in (("un", "N", 42.9), ("deux", "M", {"carte": "contact", "diner": "lien"})):
        learner.record(learner.activities(id)[id], "attempt", value, {})
        path, answers = folder / f"{name}.ipynb", learner.read()
        notebook = load(path)
        write_copy(notebook, answers.origin, answers.events)
        if name == "deux":
            notebook["cells"][-1]["source"] = "Mon avis, <b>en entier</b>."
        save(path, notebook)
    (folder / "timestamp.txt").write_text("2026-11-30 08:00:00.250000 UTC\n", encoding="utf-8")


def copies_alone(folder: Path) -> None:
    """Without a journal, the second notebook's copy holds the answers of both."""
    answered(folder)
    (folder / FILE_NAME).unlink()
    first = load(folder / "un.ipynb")
    first["metadata"][KEY].pop("answers")
    save(folder / "un.ipynb", first)


def one_is_missing(folder: Path) -> None:
    answered(folder)
    (folder / "un.ipynb").unlink()


def one_is_renamed(folder: Path) -> None:
    copies_alone(folder)
    (folder / "deux.ipynb").rename(folder / "deux (1).ipynb")


def one_is_unreadable(folder: Path) -> None:
    answered(folder)
    (folder / "deux.ipynb").write_text("{", encoding="utf-8")


def one_is_unreadable_alone(folder: Path) -> None:
    one_is_unreadable(folder)
    (folder / FILE_NAME).unlink()


def more_files(folder: Path) -> None:
    """Files of a learner's own: in folders, ignored, hidden, in the place of the trainer's, and with odd names."""
    answered(folder)
    for name in ("notes/mardi/idées.txt", "feedback/x.html", ".cache.ipynb", "a.pyc", "sous/un.ipynb", "vide.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    for name in ("medias.csv", "donnees/reperes.csv", "a-completer.txt", "activites.toml"):
        (folder / name).write_text("à moi", encoding="utf-8")
    (folder / "notes" / os.fsdecode(b"r\xe9sum\xe9.txt")).write_bytes(b"\xe9")
    (folder / "notes" / "mardi" / "idées.txt").chmod(0o600)


def zone_in_hours(folder: Path) -> None:
    answered(folder)
    (folder / "timestamp.txt").write_text("2026-11-30 09:00:00 CET\n", encoding="utf-8")


PAIRS: dict[str, Callable[[Path], object]] = {
    "answered": answered,
    "untouched": lambda _: None,
    "copies-alone": copies_alone,
    "one-is-missing": one_is_missing,
    "one-is-renamed": one_is_renamed,
    "one-is-unreadable": one_is_unreadable,
    "one-is-unreadable-alone": one_is_unreadable_alone,
    "more-files": more_files,
    "zone-in-hours": zone_in_hours,
}


# --- the same as nbgrader's own pass ----------------------------------------------------------------------------------


def same_as_autograde(graded: Graded, student: str, staging: Path) -> Outcome:
    """Grade a submission, after which everything has to be what nbgrader left."""
    outcome = graded.grade(student, staging)
    assert not outcome.refused
    assert outcome.staged == staging
    grades, comments, timestamp = graded.rows(student)
    assert {
        name: {mark.name: (mark.auto_score, mark.needs_manual_grade) for mark in marks}
        for name, marks in outcome.notebooks.items()
    } == grades
    assert outcome.comments == comments
    assert outcome.timestamp == timestamp
    ours, theirs = files(staging), files(graded.folder("autograded", student))
    assert ours.keys() == theirs.keys()
    for name, (mode, content) in theirs.items():
        assert ours[name][0] == mode, name
        if name in {f"{notebook.name}.ipynb" for notebook in graded.exercise.notebooks}:
            assert joined(json.loads(ours[name][1])) == joined(json.loads(content)), name
        else:
            assert ours[name][1] == content, name
    return outcome


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    paths = [Path(where, name) for where, _, names in os.walk(folder) for name in names]
    return {str(path.relative_to(folder)): (path.stat().st_mode, path.read_bytes()) for path in paths}


def joined(notebook: Notebook) -> Notebook:
    """A notebook without the difference between a text and its lines."""
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
        for output in cell.get("outputs", []):
            output["data"] = {kind: "".join(text) for kind, text in output["data"].items()}
    return notebook


@pytest.mark.parametrize("name", MARKED)
def test_strange_submission_is_graded_as_by_nbgrader(strange: Graded, name: str, tmp_path: Path) -> None:
    outcome = same_as_autograde(strange, name, tmp_path / "staging")
    assert plain(GOLDEN[name].said) in plain("\n".join(outcome.repairs)) or name == "late"


@pytest.mark.parametrize("name", REFUSED)
def test_strange_submission_is_refused_for_the_same_reason(strange: Graded, name: str, tmp_path: Path) -> None:
    student = GOLDEN[name].student or name
    outcome = strange.grade(student, tmp_path / "staging")
    assert plain(GOLDEN[name].said) in plain(outcome.refused)
    assert outcome.refused in strange.log
    assert (outcome.staged, outcome.notebooks) == (None, {})
    assert not (tmp_path / "staging").exists()
    with Gradebook(f"sqlite:///{strange.course / 'gradebook.db'}") as gradebook:
        students = {known.id for known in gradebook.students}
        assert (student in students) == outcome.registered
        if outcome.registered:
            assert gradebook.find_submission(ASSIGNMENT, student).timestamp == outcome.timestamp


@pytest.mark.parametrize("name", [name for name in PAIRS if name != "one-is-unreadable-alone"])
def test_two_notebooks_are_graded_as_by_nbgrader(pair: Graded, name: str, tmp_path: Path) -> None:
    same_as_autograde(pair, name, tmp_path / "staging")


def test_two_notebooks_have_their_marks(pair: Graded, tmp_path: Path) -> None:
    """Each of its own activities, the answers being those of the folder; what nobody can mark waits for a person."""
    scores = {
        name: [mark.auto_score for marks in pair.grade(name, tmp_path / name).notebooks.values() for mark in marks]
        for name in ("answered", "untouched", "copies-alone", "one-is-missing", "one-is-renamed")
    }
    assert scores == {
        "answered": [MATCHED, None, 5.0, None],
        "untouched": [0.0, 0.0, 0.0, None],
        "copies-alone": [MATCHED, None, 5.0, None],
        "one-is-missing": [MATCHED, None, 5.0, 0.0],
        # What was written in it is read too.
        "one-is-renamed": [MATCHED, None, 5.0, None],
    }


#: Two of three lines in the right place, where chance puts 7 of 18 there: (2/3 − 7/18) / (1 − 7/18), of ten points.
MATCHED = 4.55


def test_one_unreadable_notebook_refuses_the_whole_folder(pair: Graded, tmp_path: Path) -> None:
    """Neither pass gives half a mark."""
    student = "one-is-unreadable-alone"
    outcome = pair.grade(student, tmp_path / "staging")
    assert "n’est pas un notebook lisible" in outcome.refused
    assert outcome.refused in pair.log
    assert not pair.folder("autograded", student).exists()
    grades, _, timestamp = pair.rows(student)
    assert {row for notebook in grades.values() for row in notebook.values()} == {(None, True)}
    assert timestamp == outcome.timestamp == datetime(2026, 11, 30, 8, 0, 0, 250_000)  # noqa: DTZ001  as stored


def plain(text: str) -> str:
    """The text with plain spaces for the non-breaking ones of French."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_checksum_is_nbgraders(strange: Graded, pair: Graded) -> None:
    """Of every cell that either exercise released, and of what somebody made of them."""
    seen = 0
    for graded in (strange, pair):
        for path in graded.course.glob("*/*/*/*.ipynb"):
            for cell in (cell for cell in load_or_nothing(path) if grade_id(cell)):
                cell["source"] = "".join(cell["source"])
                assert checksum(cell) == compute_checksum(from_dict(cell))  # type: ignore[no-untyped-call]
                seen += 1
    assert seen > 1000


def load_or_nothing(path: Path) -> list[dict[str, Any]]:
    try:
        return list(load(path)["cells"])
    except ValueError:
        return []


def grade_id(cell: Any) -> bool:
    data = cell.get("metadata", {}) if isinstance(cell, dict) else {}
    return isinstance(data, dict) and bool(data.get("nbgrader", {}).get("grade_id"))


def test_cells_that_are_mended_are_told_together(caplog: pytest.LogCaptureFixture) -> None:
    """Who pastes a document into itself doubles every cell: one line of the report says so, in its order."""

    def released(name: str) -> ReleasedCell:
        kind = {"locked": True, "grade": True, "solution": False, "task": False}
        return ReleasedCell(name, "code", f'activite("{name}")', "", points=5.0, **kind)

    def cell(name: str) -> Cell:
        metadata = {"nbgrader": {"grade_id": name}}
        return {"cell_type": "code", "id": name, "metadata": metadata, "source": "", "outputs": []}

    notebook = ReleasedNotebook("etape", "", tuple(released(name) for name in ("A", "B", "C", "D")))
    nb = {"cells": [cell(name) for name in ("B", "X", "A", "A", "B", "A", "Y")], "metadata": {}}
    restore(nb, notebook, (), logging.getLogger())

    assert [plain(record.getMessage()) for record in caplog.records] == [
        "Cellules en double, la dernière de chaque nom est gardée : B, A.",
        "Cellules inconnues de cet exercice, donc pas notées : X, Y.",
        "Cellules manquantes, donc remises : C, D.",
    ]
    graded = [cell["metadata"]["nbgrader"]["grade_id"] for cell in nb["cells"] if "nbgrader" in cell["metadata"]]
    assert graded == ["B", "A", "C", "D"]


def test_remembered_marks_are_the_marks(strange: Graded) -> None:
    """Of answers in every order, number, kind, case and version, on days that change what a date is worth."""
    random = Random(6)
    master = Master(strange.exercise.source / f"{ASSIGNMENT}.ipynb")
    cells = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in autograded(master)}
    values = {id: [RIGHT[id], PARTLY[id], ILL_TYPED[id], None] for id in IDS}
    values["F"] += [{"date": day} for day in ("2026-11-23", "2027-06-01")]
    memo, remembered = Memo(), 0
    for _ in range(3_000):
        id = random.choice(IDS)
        events = [
            Event(
                id=f"{random.getrandbits(64):016x}",
                origin="a" * 16,
                seq=seq,
                activity=id,
                version=random.choice((1, 1, 2, 9)),
                kind=random.choice(("draft", "attempt")),
                value=random.choice(values[id]),
                at=random.choice(
                    (
                        "2026-11-22T08:00:00Z",
                        "2026-11-22T23:59:59+00:00",
                        "2027-01-09T08:00:00Z",
                        "2027-03-01T08:00:00Z",
                    )
                ),
                context=random.choice(({}, {"cas": "nadia"}, {"cas": "marcel"})),
            )
            for seq in range(1, random.choice((1, 2, 2, 3, 4)))
        ]
        remembered += bool(memo.get(memo.key(master.activities, id, events)))
        assert outputs(cells[id], master, events, memo) == outputs(cells[id], master, events, None)
    assert remembered > 1_000


def autograded(master: Master) -> list[Cell]:
    return [cell for cell in master.cells if is_autograded(cell)]


def outputs(cell: Cell, master: Master, events: list[Event], memo: Memo | None) -> Any:
    notebook = {"cells": [{**cell}]}
    mark_answers(notebook, master.activities, events, logging.getLogger(), memo)
    return notebook["cells"][0]["outputs"]


def test_memory_of_marks_is_bounded(strange: Graded) -> None:
    master = Master(strange.exercise.source / f"{ASSIGNMENT}.ipynb")
    memo = Memo()
    output = {"data": {"text/html": "x" * 100_000}}
    for number in range(300):
        memo.keep(str(number).encode(), output)
    assert sum(memo.get(str(number).encode()) is not None for number in range(300)) <= 100
    event = Event("a" * 8, "a" * 8, 1, "F", 1, "attempt", {"verbe": "x" * 30_000}, "2026-11-22T08:00:00Z")
    assert memo.key(master.activities, "F", [event]) == b""


# --- whatever a folder may hold ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bad:
    """How to spoil a folder that was answered well, and what is said of it: a refusal, or what was mended."""

    spoil: Callable[[Path], object]
    said: str
    refused: bool = False
    #: The marks of N and M where it is graded: those of the answers, unless they are lost.
    marks: tuple[float | None, float | None] = (5.0, MATCHED)


def notebook_text(folder: Path, text: str | bytes) -> None:
    (folder / "un.ipynb").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))


def without_journal(spoil: Callable[[Path], object]) -> Callable[[Path], object]:
    def both(folder: Path) -> None:
        spoil(folder)
        (folder / FILE_NAME).unlink()

    return both


def in_the_place_of(name: str, make: Callable[[Path], object]) -> Callable[[Path], object]:
    def replaced(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    return replaced


def append_line(folder: Path, **more: Any) -> None:
    """A further line of the journal, like the last but for `more`."""
    last = json.loads((folder / FILE_NAME).read_text(encoding="utf-8").splitlines()[-1])
    with (folder / FILE_NAME).open("a", encoding="utf-8") as journal:
        journal.write(json.dumps({**last, "id": "f" * 16, "seq": 9, **more}) + "\n")


def edit_cells(folder: Path, change: Callable[[list[Any]], object]) -> None:
    notebook = load(folder / "un.ipynb")
    change(notebook["cells"])
    notebook_text(folder, json.dumps(notebook))


def many_files(folder: Path) -> None:
    (folder / "beaucoup").mkdir()
    for number in range(FEW_ENTRIES + 10):
        os.close(os.open(folder / "beaucoup" / str(number), os.O_CREAT))


def deep_folders(folder: Path) -> None:
    """Deeper than a path can be long."""
    folders_within(folder, "d" * 250, 20)


def many_folders(folder: Path) -> None:
    """Deeper than anybody's: a thousand would be deeper than Python's own calls may stand in each other."""
    folders_within(folder, "d", 60)


def folders_within(folder: Path, name: str, count: int) -> None:
    """One in the other, and in the last one a file."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(count):
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("fond", os.O_CREAT, dir_fd=here))
    os.close(here)


def huge(path: Path) -> None:
    """A thousand million bytes that take no room on the disk."""
    with path.open("wb") as file:
        file.truncate(10**9)


def file_for_a_folder(folder: Path) -> None:
    shutil.rmtree(folder / "donnees")
    (folder / "donnees").write_text("?", encoding="utf-8")


def to_a_secret(path: Path) -> None:
    path.symlink_to(path.parents[2] / "secret")


def in_a_folder(path: Path) -> None:
    path.mkdir()
    (path / "dedans.txt").write_text("?", encoding="utf-8")


#: What stands for the files that are too many, so that a test need not make as many.
FEW_ENTRIES = 300

DEEP = "[" * 100_000
LONE = "\ud800"

BAD: dict[str, Bad] = {
    "notebook-is-a-fifo": Bad(in_the_place_of("un.ipynb", os.mkfifo), "le document n’est pas un fichier"),
    "notebook-is-a-folder": Bad(in_the_place_of("un.ipynb", in_a_folder), "le document n’est pas un fichier"),
    "notebook-is-huge": Bad(in_the_place_of("un.ipynb", huge), "le document dépasse 30 Mo"),
    "notebook-is-a-folder-alone": Bad(
        without_journal(in_the_place_of("un.ipynb", in_a_folder)), "pas un fichier", refused=True
    ),
    "notebook-is-a-link": Bad(in_the_place_of("un.ipynb", to_a_secret), "un lien vers un autre fichier", refused=True),
    "notebook-is-deep": Bad(lambda folder: notebook_text(folder, DEEP), "le document est trop profond"),
    "notebook-of-many-parts": Bad(
        lambda folder: notebook_text(folder, "[" + "[]," * 5_000_000 + "0]"), "le document a trop de parties"
    ),
    "notebook-in-no-encoding": Bad(lambda folder: notebook_text(folder, b"\xff\xfe\xff"), "n’est pas un notebook"),
    "notebook-is-a-number": Bad(lambda folder: notebook_text(folder, "1e999"), "n’est pas un notebook"),
    "cells-of-many-kinds": Bad(
        lambda folder: edit_cells(folder, lambda cells: cells.extend([0, [], {"source": [0, {}], "id": 3}] * 9)), ""
    ),
    "too-many-cells": Bad(
        lambda folder: edit_cells(folder, lambda cells: cells.extend(cells[:1] * 30_000)), "le document est trop long"
    ),
    "too-long-a-text": Bad(
        lambda folder: edit_cells(folder, lambda cells: cells.append({"cell_type": "raw", "source": "é" * 4_000_000})),
        "le document est trop long",
    ),
    "too-long-texts": Bad(
        lambda folder: edit_cells(
            folder, lambda cells: cells.extend([{"cell_type": "markdown", "source": "<" * 8_000}] * 2_500)
        ),
        "le document est trop long",
    ),
    "lone-surrogates": Bad(
        lambda folder: edit_cells(
            folder,
            lambda cells: cells.extend(
                [
                    {"cell_type": "markdown", "source": f"Là{LONE}", "metadata": {"nbgrader": {"grade_id": LONE}}},
                    {"cell_type": "code", "source": [LONE], "id": LONE, "metadata": {LONE: LONE}},
                ]
            ),
        ),
        "Cellules inconnues de cet exercice, donc pas notées : ?.",
    ),
    "journal-is-a-fifo": Bad(in_the_place_of(FILE_NAME, os.mkfifo), f"« {FILE_NAME} » n’est pas un fichier"),
    "journal-is-a-link": Bad(in_the_place_of(FILE_NAME, to_a_secret), f"« {FILE_NAME} » est un lien"),
    "journal-is-a-folder": Bad(in_the_place_of(FILE_NAME, in_a_folder), "est à la place d’un fichier du cours"),
    "journal-is-huge": Bad(in_the_place_of(FILE_NAME, huge), "le journal dépasse 8 Mo"),
    "answer-is-not-a-number": Bad(lambda folder: append_line(folder, value=float("nan")), "NaN n’est pas un nombre"),
    "answer-is-a-lone-surrogate": Bad(lambda folder: append_line(folder, value=LONE), "ne peut pas être enregistrée"),
    "context-is-a-lone-surrogate": Bad(
        lambda folder: append_line(folder, context={"cas": LONE}), "ne peut pas être enregistrée"
    ),
    "answer-is-deep": Bad(
        lambda folder: append_line(folder, value=json.loads("[" * 300 + "]" * 300)), "la réponse est trop profonde"
    ),
    "answer-of-a-deep-kind": Bad(
        lambda folder: append_line(folder, v=json.loads("[" * 900 + "]" * 900)), "du format est inconnue"
    ),
    "timestamp-is-a-fifo": Bad(in_the_place_of("timestamp.txt", os.mkfifo), "La date de remise", refused=True),
    "timestamp-is-a-link": Bad(in_the_place_of("timestamp.txt", to_a_secret), "La date de remise", refused=True),
    "timestamp-is-no-date": Bad(
        in_the_place_of("timestamp.txt", lambda path: path.write_text("hier", encoding="utf-8")),
        "La date de remise",
        refused=True,
    ),
    "timestamp-in-an-unknown-zone": Bad(
        in_the_place_of("timestamp.txt", lambda path: path.write_text("2026-11-30 08:00 DKK then", encoding="utf-8")),
        "La date de remise",
        refused=True,
    ),
    "timestamp-is-huge": Bad(in_the_place_of("timestamp.txt", huge), "La date de remise", refused=True),
    "file-is-a-link": Bad(in_the_place_of("photo.png", to_a_secret), "« photo.png » est un lien"),
    "file-is-a-device": Bad(
        in_the_place_of("zero", lambda path: path.symlink_to("/dev/zero")), "« zero » est un lien vers un autre fichier"
    ),
    "file-is-a-fifo": Bad(in_the_place_of("son.wav", os.mkfifo), "« son.wav » n’est pas un fichier"),
    "folder-is-a-link": Bad(
        in_the_place_of("dossier", lambda path: path.symlink_to("..")), "« dossier » est un lien vers un autre fichier"
    ),
    "file-is-huge": Bad(in_the_place_of("film.mkv", huge), "« film.mkv » est trop gros"),
    "file-in-the-place-of-a-folder": Bad(file_for_a_folder, "« donnees » est à la place"),
    "folder-in-the-place-of-a-file": Bad(in_the_place_of("medias.csv", in_a_folder), "est à la place"),
    "many-files": Bad(many_files, f"Il y a plus de {FEW_ENTRIES} fichiers"),
    "deep-folders": Bad(deep_folders, "est laissé de côté"),
    "many-folders": Bad(many_folders, "est trop loin dans les autres"),
}


@pytest.fixture
def answered_folder(pair: Graded, tmp_path: Path) -> Path:
    """A learner's folder that may be spoilt, beside something that no submission may reach."""
    folder = tmp_path / "submitted" / "lea" / PAIR
    shutil.copytree(pair.folder("submitted", "answered"), folder)
    (tmp_path / "submitted" / "secret").write_text("SECRET", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", BAD)
def test_bad_folder_is_graded_or_refused_in_words(
    pair: Graded, answered_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(reseau_kit.grading.files, "MAX_ENTRIES", FEW_ENTRIES)
    bad = BAD[name]
    bad.spoil(answered_folder)
    before = snapshot(tmp_path)
    outcome = grade_folder(pair.exercise, "lea", answered_folder, tmp_path / "staging")
    assert snapshot(tmp_path, "staging") == before
    told = [outcome.refused] if bad.refused else list(outcome.repairs)
    assert plain(bad.said) in plain("\n".join(told))
    assert all("\ud800" not in text and len(text) < 700 for text in (*told, *outcome.repairs))
    assert bool(outcome.refused) == bad.refused
    if bad.refused:
        assert not (tmp_path / "staging").exists()
        return
    scores = {mark.name: mark.auto_score for marks in outcome.notebooks.values() for mark in marks}
    assert (scores["N"], scores["M"]) == bad.marks
    for path in (tmp_path / "staging").rglob("*"):
        assert path.is_dir() or (path.is_file() and not path.is_symlink())
        assert path.is_dir() or b"SECRET" not in path.read_bytes()
    assert {path.name for path in (tmp_path / "staging").glob("*.ipynb")} == {"un.ipynb", "deux.ipynb"}
    load(tmp_path / "staging" / "un.ipynb")
    assert (tmp_path / "staging" / "un.ipynb").stat().st_size < 60_000_000


def snapshot(folder: Path, *without: str) -> dict[str, object]:
    """What stands where, without opening anything that may have no end."""
    found: dict[str, object] = {}
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in without]
        for name in (*folders, *names):
            try:
                kind = Path(where, name).lstat()
            except OSError:
                continue
            found[f"{where}/{name}"] = (kind.st_mode, kind.st_size, kind.st_mtime_ns)
    return found


def test_folder_of_another_user_is_refused(
    pair: Graded, answered_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be opened is no empty work. The tests may run as root, whom no permission stops."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    outcome = grade_folder(pair.exercise, "lea", answered_folder, tmp_path / "staging")
    assert "Le dossier remis ne s’ouvre pas" in outcome.refused


@pytest.mark.parametrize(("name", "said"), [(FILE_NAME, "Le journal des réponses ne s’ouvre pas"), ("un.ipynb", "")])
def test_file_of_another_user_costs_no_point(
    pair: Graded, answered_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    """A journal that cannot be opened refuses the folder; a notebook is graded by the journal."""
    opened = os.open

    def open_but_one(path: Any, *arguments: Any, **named: Any) -> int:
        if str(path).startswith(str(answered_folder)) and str(path).endswith(name):
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **named)

    monkeypatch.setattr(os, "open", open_but_one)
    outcome = grade_folder(pair.exercise, "lea", answered_folder, tmp_path / "staging")
    assert outcome.refused.startswith(said)
    assert bool(outcome.refused) == bool(said)


def test_what_is_missing_is_refused(pair: Graded, tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("?", encoding="utf-8")
    for name in ("rien", "fichier"):
        outcome = grade_folder(pair.exercise, "lea", tmp_path / name, tmp_path / "staging")
        assert "Le dossier remis ne s’ouvre pas" in outcome.refused
        assert not outcome.registered


def test_fault_of_the_trainers_files_is_left_for_a_person(pair: Graded, answered_folder: Path, tmp_path: Path) -> None:
    """Nobody loses a point because a key cannot be read."""
    source = shutil.copytree(pair.exercise.source, tmp_path / "exercises")
    (source / "un.activites.toml").write_text("[[", encoding="utf-8")
    outcome = grade_folder(replace(pair.exercise, source=source), "lea", answered_folder, tmp_path / "staging")
    scores = {mark.name: (mark.auto_score, mark.needs_manual_grade) for mark in outcome.notebooks["un"]}
    assert scores["N"] == (None, True)
    assert {mark.name: mark.auto_score for mark in outcome.notebooks["deux"]}["M"] == MATCHED
    assert "Les activités de l’exercice ne se lisent pas" in "\n".join(outcome.repairs)


def test_fault_of_ours_is_left_for_a_person(
    pair: Graded, answered_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the others are marked."""

    def failing(activities: Any, id: str, events: Any) -> Any:
        if id == "N":
            raise ZeroDivisionError("une faute")
        return real(activities, id, events)

    real = reseau_kit.answers.marks.mark
    monkeypatch.setattr(reseau_kit.grading.marking, "mark", failing)
    exercise = replace(pair.exercise, name="autre")
    outcome = grade_folder(exercise, "lea", answered_folder, tmp_path / "staging")
    scores = {mark.name: mark.auto_score for marks in outcome.notebooks.values() for mark in marks}
    assert (scores["N"], scores["M"]) == (None, MATCHED)
    assert "n’a pas pu être notée ; à noter par une personne" in plain("\n".join(outcome.repairs))
    assert "ZeroDivisionError" in "\n".join(outcome.repairs)


def test_new_key_is_used_at_once(pair: Graded, answered_folder: Path, tmp_path: Path) -> None:
    """A process that stays, as a cluster's do, does not mark by yesterday's key."""
    source = shutil.copytree(pair.exercise.source, tmp_path / "exercises")
    exercise = replace(pair.exercise, source=source)

    def score(staging: str) -> float | None:
        outcome = grade_folder(replace(exercise), "lea", answered_folder, tmp_path / staging)
        return {mark.name: mark.auto_score for mark in outcome.notebooks["un"]}["N"]

    assert score("avant") == 5.0
    path = source / "un.activites.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("part = 0.5", "part = 0.75"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert score("apres") == 7.5


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30 08:00:00 UTC",
        "2026-11-30 08:00:00.123456 UTC",
        "2026-11-30 08:00:00 +0130",
        "2026-11-30 08:00:00 3600",
        "2026-11-30 08:00:00 CET",
        "2026-11-30 08:00:00 Europe/Paris",
        "2026-11-30 08:00:00",
        "2026-11-30T08:00:00Z",
        "2026-11-30T08:00:00+02:00",
        "Nov 30 2026 8:00",
        "2026-11-30",
    ],
)
def test_date_is_read_as_nbgrader_reads_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "timestamp.txt").write_text(f"{text}\n", encoding="utf-8")
    assert handed_in_at(str(tmp_path)) == parse_utc(text)


def test_no_date_is_none(tmp_path: Path) -> None:
    assert handed_in_at(str(tmp_path)) is None
    (tmp_path / "timestamp.txt").write_text("\n", encoding="utf-8")
    assert handed_in_at(str(tmp_path)) is None


def test_worker_starts_without_a_notebook_library() -> None:
    """Ten processes that each load nbgrader would cost a minute before the first mark."""
    code = "import sys, reseau_kit.grading.desk; print(*{name.partition('.')[0] for name in sys.modules})"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    loaded = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    unwanted = {
        "nbformat",
        "nbconvert",
        "nbgrader",
        "traitlets",
        "IPython",
        "pandas",
        "numpy",
        "sqlalchemy",
        "jsonschema",
    }
    assert unwanted.isdisjoint(loaded.stdout.split())
