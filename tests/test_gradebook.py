"""Many submissions written at once leave the very rows that nbgrader's own steps leave, one submission after the other.

Each fact is tried on SQLite and on a PostgreSQL server.
"""

import random
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Base, Gradebook
from nbgrader.plugins import BasePlugin, CsvExportPlugin
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from nbgrader.utils import compute_checksum
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.engine import Engine

from bench.submissions import ROOT
from desk import Commands, finish
from golden import ASSIGNMENT as ATELIER
from golden import DUE, LATE, AutogradedGolden
from gradebooks import differences, exported, rows
from postgres import Server
from reseau_kit.grading import gradebook as module
from reseau_kit.grading.desk import grade_folder
from reseau_kit.grading.exercise import CellMark, Exercise, Outcome, ReleasedCell
from reseau_kit.grading.gradebook import GradebookUnusable, open_book
from reseau_kit.grading.grades_export import GradesExport, cell

ASSIGNMENT = "étape-1"
IN_TIME, TWO_DAYS_LATE = datetime(2026, 11, 30, 8), datetime(2026, 12, 3, 8, 0, 0, 250_000)  # noqa: DTZ001  as stored

#: Of the two notebooks the cells that a program marks, by their points; both also hold T, S and K (see `released`).
MARKED = {"cartes": {"E1": 10.0, "E2": 5.0, "E4": 1.0}, "annexe": {"E3": 2.5}}

Scores = Mapping[str, float | None]


class Tithe(BasePlugin):  # type: ignore[misc]  # nbgrader has no types
    """A tenth of the score a day; more than there is for Zoé, and a reward for Ann, which nbgrader allows neither."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        odd = {"zoé": 1_000.0, "ann": -3.0, "max": None}
        return odd[student_id] if student_id in odd else score * 0.1 * (total_seconds_late / 86_400)


@dataclass(frozen=True)
class Work:
    """What somebody handed in: when, what the program gives for it, and whether texts T and S were written."""

    student: str
    at: datetime | None = IN_TIME
    scores: Scores = field(default_factory=dict)
    written: bool = True

    def outcome(self) -> Outcome:
        """As `reseau_kit.grading.desk` tells it."""
        said = None if self.written else "No response."
        return Outcome(
            self.student,
            self.at,
            {name: self._marks(cells) for name, cells in MARKED.items()},
            {name: {"T": said, "S": said, "K": None} for name in MARKED},
        )

    def _marks(self, cells: Mapping[str, float]) -> tuple[CellMark, ...]:
        marks = [CellMark(id, self.scores.get(id, 0.0), needs_manual_grade=False) for id in cells]
        return (*marks, CellMark("T", None if self.written else 0.0, needs_manual_grade=self.written))

    def notebook(self, name: str) -> Any:
        """As nbgrader sees it when it saves."""
        cells = [graded(id, points, self.scores.get(id, 0.0)) for id, points in MARKED[name].items()]
        more = " J’écris." if self.written else ""
        for id, roles in TEXTS.items():
            cells.append(text_cell(id, roles, more))
        return new_notebook(cells=cells)  # type: ignore[no-untyped-call]


#: Cells of each notebook that a person marks or comments: a text with points, one without, and a task.
TEXTS: dict[str, dict[str, Any]] = {
    "T": {"grade": True, "solution": True, "task": False, "locked": False, "points": 4},
    "S": {"grade": False, "solution": True, "task": False, "locked": False},
    "K": {"grade": False, "solution": False, "task": True, "locked": True, "points": 3},
}


def graded(id: str, points: float, score: float | None) -> Any:
    data = {"grade": True, "solution": False, "task": False, "locked": True, "grade_id": id, "points": points}
    outputs = [new_output("execute_result", {"text/plain": repr(score)})]  # type: ignore[no-untyped-call]
    return new_code_cell(  # type: ignore[no-untyped-call]
        f'activite("{id}")', metadata={"nbgrader": data}, outputs=outputs
    )


def text_cell(id: str, roles: Mapping[str, Any], more: str) -> Any:
    metadata = {"nbgrader": {**roles, "grade_id": id}}
    made = new_markdown_cell("Écrivez ici.", metadata=metadata)  # type: ignore[no-untyped-call]
    made.metadata.nbgrader.checksum = compute_checksum(made)
    made.source += more
    return made


def released(url: str, duedate: str | None = DUE) -> str:
    """A gradebook, made by nbgrader, that holds the released exercise."""
    with Gradebook(url, "un cours") as book:
        book.add_assignment(ASSIGNMENT, duedate=duedate)
        for name, marked in MARKED.items():
            book.add_notebook(name, ASSIGNMENT, kernelspec='{"name": "python3"}')
            place = (name, ASSIGNMENT)
            for id, points in marked.items():
                book.add_grade_cell(id, *place, max_score=points, cell_type="code")
                book.add_source_cell(id, *place, cell_type="code", locked=True, source=f'activite("{id}")')
            book.add_grade_cell("T", *place, max_score=4, cell_type="markdown")
            book.add_solution_cell("T", *place)
            book.add_solution_cell("S", *place)
            book.add_task_cell("K", *place, max_score=3, cell_type="markdown")
            for id in TEXTS:
                book.add_source_cell(id, *place, cell_type="markdown", locked=id == "K", source="Écrivez ici.")
    return url


def one_by_one(url: str, works: list[Work]) -> None:
    """Grade as nbgrader does: its own calls and steps, a submission and a notebook at a time."""
    for work in works:
        with Gradebook(url, "un cours") as book:
            book.update_or_create_student(work.student)
            when = {"timestamp": work.at} if work.at else {}
            book.update_or_create_submission(ASSIGNMENT, work.student, **when)
        for name in sorted(MARKED):
            ours = {"notebook": name, "assignment": ASSIGNMENT, "student": work.student, "db_url": url}
            for step in (SaveAutoGrades(), AssignLatePenalties(plugin_class=Tithe)):
                step.preprocess(work.notebook(name), {"nbgrader": ours})


def at_once(url: str, works: list[Work]) -> dict[str, str]:
    with open_book(url, "un cours") as book:
        return book.write(ASSIGNMENT, [work.outcome() for work in works], late=Tithe())


NewUrl = Callable[[], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Makes addresses of gradebooks that are not there yet."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        return server.new_address
    numbers = iter(range(100))
    return lambda: f"sqlite:///{tmp_path / f'carnet-{next(numbers)}.db'}"


@pytest.fixture
def url(new_url: NewUrl) -> str:
    return released(new_url())


FIRST = [
    Work("zoé", TWO_DAYS_LATE, {"E1": 7.27, "E2": 3.33, "E3": 0.1}),
    Work("ann", TWO_DAYS_LATE, {"E1": 10.0}),
    Work("max", TWO_DAYS_LATE, {"E1": 10.0}),
    Work("léo", TWO_DAYS_LATE, {"E1": 0.1, "E2": 0.2, "E4": 0.3, "E3": 0.3}),
    Work("eva", IN_TIME, {"E1": 10.0, "E2": 5.0, "E3": 2.5}, written=False),
    Work("ida", None, {"E1": 1.0}),
    Work("noé", IN_TIME),
    Work("luc", TWO_DAYS_LATE, {"E1": 8.0}),
    Work("éric o’neil", IN_TIME, {"E2": 5.0}),
]
AGAIN = [
    replace(FIRST[0], scores={"E1": 9.0}),
    replace(FIRST[3], at=datetime(2026, 12, 5, 8), scores={"E1": 3.0}, written=False),  # noqa: DTZ001  as stored
    replace(FIRST[4], scores={"E1": 4.0}, written=True),
    replace(FIRST[5], at=TWO_DAYS_LATE),
    replace(FIRST[1], at=None, scores={"E3": 2.5}),
    replace(FIRST[7], scores={"E1": 9.5}),
    Work("nouvelle", TWO_DAYS_LATE, {"E1": 5.0}),
]


GIVEN = (
    ("eva", "E1", 6.5, 1.0),
    ("eva", "T", 4.0, None),
    ("zoé", "K", 2.0, None),
    ("léo", "T", 3.0, 0.5),
    ("ann", "E2", None, 0.25),
)


def by_hand(url: str) -> None:
    """What a trainer does in formgrader between two runs."""
    with Gradebook(url) as book:
        for student, cell_name, score, credit in GIVEN:
            grade = book.find_grade(cell_name, "cartes", ASSIGNMENT, student)
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, credit, False
        book.find_comment("T", "cartes", ASSIGNMENT, "eva").manual_comment = "Un début net."
        book.db.commit()
        book.grant_extension(ASSIGNMENT, "luc", weeks=1)


def test_rows_are_those_of_nbgrader_on_first_run_and_re_run(new_url: NewUrl) -> None:
    """Manual marks, extra credit, comments, an extension and penalties, a time that is missing: every table."""
    stock, ours = released(new_url()), released(new_url())
    one_by_one(stock, FIRST)
    assert at_once(ours, FIRST) == {}
    assert differences(stock, ours) == {}
    for url in (stock, ours):
        by_hand(url)
    one_by_one(stock, AGAIN)
    assert at_once(ours, AGAIN) == {}
    assert differences(stock, ours) == {}
    with Gradebook(ours) as book:
        penalties = {
            student: book.find_submission(ASSIGNMENT, student).late_submission_penalty for student in ("luc", "ann")
        }
        assert penalties == {"luc": 0.0, "ann": 0.0}
        assert book.find_submission(ASSIGNMENT, "nouvelle").late_submission_penalty == pytest.approx(1.0, abs=1e-5)
        assert book.find_grade("E1", "cartes", ASSIGNMENT, "eva").score == 7.5


def test_missing_notebook_leaves_zeros(new_url: NewUrl) -> None:
    """A zero everywhere, tasks included; what a person gave is to be looked at."""
    stock, ours = released(new_url()), released(new_url())
    work = Work("eva", IN_TIME, {"E1": 1.0}, written=False)
    for url in (stock, ours):
        one_by_one(url, [work])
        with Gradebook(url) as book:
            grade = book.find_grade("K", "annexe", ASSIGNMENT, "eva")
            grade.manual_score, grade.needs_manual_grade = 2.0, False
            book.db.commit()
    with Gradebook(stock) as book:  # as `reseau_kit.grading.nbgrader_steps.SaveGrades` does
        for grade in book.find_submission_notebook("annexe", ASSIGNMENT, "eva").grades:
            grade.auto_score, grade.needs_manual_grade = 0, grade.manual_score is not None
        book.db.commit()
    marks = tuple(CellMark(id, 0.0, needs_manual_grade=False) for id in ("E3", "T", "K"))
    outcome = work.outcome()
    with open_book(ours) as book:
        book.write(ASSIGNMENT, [replace(outcome, notebooks={**outcome.notebooks, "annexe": marks})])
    assert differences(stock, ours) == {}


def test_refused_submission_is_registered_and_keeps_its_marks(new_url: NewUrl) -> None:
    """A student and a submission without marks the first time; what was marked before stays; or no row at all."""
    stock, ours = released(new_url()), released(new_url())
    for url in (stock, ours):
        one_by_one(url, FIRST[:2])
    with Gradebook(stock, "un cours") as book:
        for student in ("zoé", "neuve"):
            book.update_or_create_student(student)
            book.update_or_create_submission(ASSIGNMENT, student, timestamp=IN_TIME)
    refused = [Outcome(student, IN_TIME, refused="Illisible.") for student in ("zoé", "neuve")]
    with open_book(ours, "un cours") as book:
        book.write(ASSIGNMENT, [*refused, Outcome("inconnue", IN_TIME, refused="Un lien.", registered=False)])
        assert book.graded(ASSIGNMENT) == {"zoé": IN_TIME, "neuve": IN_TIME, "ann": TWO_DAYS_LATE}
    assert differences(stock, ours) == {}


def test_writing_the_same_again_touches_no_row(url: str) -> None:
    at_once(url, FIRST)
    before = whole(url)
    at_once(url, FIRST)
    assert whole(url) == before


def whole(url: str) -> dict[str, list[Any]]:
    """Every row, generated ids included."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in Base.metadata.tables.values()
        }
    engine.dispose()
    return found


def test_exercise_is_read_as_it_was_released(url: str) -> None:
    with open_book(url) as book:
        annexe, cartes = book.exercise(ASSIGNMENT)
    assert (annexe.name, cartes.name, cartes.kernelspec) == ("annexe", "cartes", '{"name": "python3"}')
    assert [cell.name for cell in cartes.cells] == ["E1", "E2", "E4", "T", "S", "K"]
    assert cartes.cells[0] == ReleasedCell("E1", "code", 'activite("E1")', None, True, 10.0, True, False, False)  # noqa: FBT003
    assert [(cell.points, cell.grade, cell.solution, cell.task) for cell in cartes.cells[3:]] == [
        (4.0, True, True, False),
        (None, False, True, False),
        (3.0, False, False, True),
    ]


def test_more_submissions_than_a_statement_takes(url: str) -> None:
    """Written, written anew, and each student once."""
    many = [Work(f"n{number:04}", IN_TIME, {"E1": number / 1000}) for number in range(1_100)]
    at_once(url, many)
    at_once(url, [replace(work, at=TWO_DAYS_LATE) for work in many])
    with open_book(url) as book:
        assert book.graded(ASSIGNMENT) == dict.fromkeys((work.student for work in many), TWO_DAYS_LATE)
    with Gradebook(url) as book:
        assert book.find_grade("E1", "cartes", ASSIGNMENT, "n1099").auto_score == 1.099


def test_fault_in_one_outcome_writes_nothing(url: str) -> None:
    before = rows(url)
    works = [work.outcome() for work in FIRST]
    odd = replace(works[-1], notebooks={"cartes": (CellMark("E9", 1.0, needs_manual_grade=False),)})
    with open_book(url) as book:
        with pytest.raises(ValueError, match=r"unknown cells: .'E9'"):
            book.write(ASSIGNMENT, [*works[:-1], odd])
        with pytest.raises(ValueError, match="of one student"):
            book.write(ASSIGNMENT, [works[0], works[0]])
    assert rows(url) == before


def test_student_who_may_not_be_added_costs_nobody_else(url: str) -> None:
    with Gradebook(url) as book:
        book.add_student("ann")
    with open_book(url) as book:
        failures = book.write(ASSIGNMENT, [work.outcome() for work in FIRST[:2]], create_students=False)
        assert list(failures) == ["zoé"]
        assert "n’est pas dans le carnet de notes" in failures["zoé"]
        assert list(book.graded(ASSIGNMENT)) == ["ann"]


def test_name_that_cannot_be_kept_costs_nobody_else(url: str) -> None:
    """One that is no text, and one that is too long for PostgreSQL."""
    names = ["\udcff", "x" * 200, "ann"]
    failures = at_once(url, [Work(name) for name in names])
    assert list(failures) == (names[:2] if url.startswith("postgresql") else names[:1])
    assert "ann" in str(rows(url)["student"])


def test_plugin_that_fails_costs_nobody_else(url: str) -> None:
    """The marks are there, as under nbgrader, and the one whom it failed is named."""

    class Broken(BasePlugin):  # type: ignore[misc]  # nbgrader has no types
        def late_submission_penalty(self, student_id: str, score: float, _: float) -> float:
            return score / (student_id != "zoé")

    with open_book(url) as book:
        failures = book.write(ASSIGNMENT, [work.outcome() for work in FIRST[:4]], late=Broken())
    assert list(failures) == ["zoé"]
    assert "division by zero" in failures["zoé"]
    with Gradebook(url) as book:
        assert book.find_submission(ASSIGNMENT, "zoé").score == 10.7
        assert book.find_submission(ASSIGNMENT, "max").late_submission_penalty == 10.0


def test_two_writers_at_once_leave_each_row_once(url: str) -> None:
    """One waits for the other, or begins anew."""
    works = [Work(f"n{number:03}", IN_TIME, {"E1": 1.0}) for number in range(300)]
    together = threading.Barrier(2)
    faults: list[BaseException] = []

    def write() -> None:
        try:
            with open_book(url) as book:
                together.wait(30)
                book.write(ASSIGNMENT, [work.outcome() for work in works])
        except BaseException as error:  # noqa: BLE001  told by the other thread
            faults.append(error)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    found = rows(url)
    assert len(found["submitted_assignment"]) == 300
    assert found["grade"].total() == 300 * 8


# --- what is refused --------------------------------------------------------------------------------------------------


def test_missing_gradebook_is_said_and_not_made(tmp_path: Path) -> None:
    place = tmp_path / "gradebook.db"
    with pytest.raises(GradebookUnusable, match="Il n’y a pas de carnet de notes ici"):
        open_book(f"sqlite:///{place}")
    assert not place.exists()


def test_empty_database_is_no_gradebook(new_url: NewUrl) -> None:
    url = new_url()
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    with pytest.raises(GradebookUnusable, match="nbgrader generate_assignment"):
        open_book(url)


def test_exercise_that_was_not_released_is_said(url: str) -> None:
    with open_book(url) as book:
        for ask in (book.exercise, book.graded, lambda name: book.write(name, [])):
            with pytest.raises(GradebookUnusable, match="etape-9"):
                ask("etape-9")


def test_gradebook_of_an_older_nbgrader_asks_for_its_upgrade(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE grade DROP COLUMN extra_credit"))
    engine.dispose()
    with pytest.raises(GradebookUnusable, match=r"grade\.extra_credit.*COPIE.*nbgrader db upgrade"):
        open_book(url)


def test_address_that_is_none_is_said() -> None:
    for url, said in (
        ("gradebook.db", "n’en est pas une"),
        ("postgresql+psycopg2://127.0.0.1:1/x", "ne se lit pas"),
        ("postgresql://127.0.0.1:1/x", r"\.\[postgresql\].*postgresql\+psycopg2"),
    ):
        with pytest.raises(GradebookUnusable, match=said):
            open_book(url)


def test_gradebook_that_another_program_keeps_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    place = tmp_path / "carnet.db"
    url = released(f"sqlite:///{place}")
    with closing(sqlite3.connect(place)) as other, open_book(url) as book:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookUnusable, match="Fermez formgrader"):
            book.write(ASSIGNMENT, [FIRST[0].outcome()])
        other.rollback()
        assert book.write(ASSIGNMENT, [FIRST[0].outcome()]) == {}
    # Nothing of the file was set otherwise than nbgrader does.
    with closing(sqlite3.connect(place)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("delete",)


# --- indexes ----------------------------------------------------------------------------------------------------------


def test_indexes_are_added_once(url: str) -> None:
    """One that somebody made under another name is left to serve."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE INDEX le_mien ON comment (notebook_id)"))
    engine.dispose()
    with open_book(url) as book:
        first, second = book.index(), book.index()
    assert [(index.name, index.new) for index in first] == [
        ("ix_grade_notebook_id", True),
        ("le_mien", False),
        ("ix_submitted_notebook_assignment_id", True),
        ("ix_submitted_assignment_student_id", True),
    ]
    assert [(index.name, index.new) for index in second] == [(index.name, False) for index in first]
    at_once(url, FIRST)


# --- export -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def class_book(url: str) -> str:
    """Graded work, somebody who handed in nothing, a second exercise, names, a mark and credit given by hand."""
    at_once(url, FIRST)
    by_hand(url)
    with Gradebook(url) as book:
        book.add_assignment("sans date")
        book.add_assignment("avant", duedate="2026-01-01 08:00:00 UTC")
        book.add_notebook("seul", "avant")
        book.add_grade_cell("A", "seul", "avant", max_score=1.5, cell_type="code")
        book.add_submission("avant", "zoé", timestamp=TWO_DAYS_LATE)
        book.update_or_create_student("absente", last_name="Martin", first_name='Zoé "Zo"', email="z@exemple.fr")
        book.update_or_create_student("zoé", last_name="Martin", first_name="Ana", lms_user_id="12")
        book.update_or_create_student("ida", last_name="-12.5", first_name="+3")
    return url


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"student": ["zoé", "absente"]},
        {"assignment": ["avant", ASSIGNMENT]},
        {"student": [12], "assignment": ["non"]},
    ],
    ids=["all", "students", "assignments", "nobody"],
)
def test_export_is_that_of_nbgrader_byte_for_byte(class_book: str, tmp_path: Path, options: dict[str, Any]) -> None:
    stock = exported(class_book, CsvExportPlugin, tmp_path, **options)
    assert exported(class_book, GradesExport, tmp_path, **options) == stock
    with open_book(class_book) as book:
        book.index()
    assert exported(class_book, GradesExport, tmp_path, **options) == stock
    if not options:
        assert stock.count(b"\n") == 1 + 3 * 10
        assert b"2026-12-03 08:00:00.250000" in stock


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+33 6", "'+33 6"),
        ("-Zoé", "'-Zoé"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "\"'\r'=1\""),
        ("Dupont;=1+1", "Dupont;'=1+1"),
        ("Dupont, =1", '"Dupont, \'=1"'),
        ("Zoé, Ana", '"Zoé, Ana"'),
        ("a\n=1", '"a\n\'=1"'),
        ('"a"', '"""a"""'),
        ('"=1', '"""\'=1"'),
        ('Zoé "Zo"', 'Zoé "Zo"'),
        ("-12.5", "-12.5"),
        ("Jean-Luc", "Jean-Luc"),
        ("a@exemple.fr", "a@exemple.fr"),
        ("O’Neil", "O’Neil"),
        (-0.5, "-0.5"),
        (None, ""),
        ("", ""),
    ],
)
def test_cell_is_no_formula_and_one_cell(value: object, written: str) -> None:
    assert cell(value) == written


def test_export_neutralises_what_nbgrader_writes_as_formulas(class_book: str, tmp_path: Path) -> None:
    with Gradebook(class_book) as book:
        book.update_or_create_student("ann", last_name='=HYPERLINK("http://exemple.fr")', first_name="Ann, =1")
    stock = exported(class_book, CsvExportPlugin, tmp_path)
    ours = exported(class_book, GradesExport, tmp_path)
    assert stock.count(b",=HYPERLINK") == 3
    assert b",=" not in ours
    assert b", =" not in ours
    assert ours.count(b',\'=HYPERLINK("http://exemple.fr"),"Ann, \'=1",') == 3


def test_export_adds_scores_in_the_order_of_nbgrader(url: str, tmp_path: Path) -> None:
    """Floats added in another order differ in the last digit, which the file shows."""
    rng = random.Random(7)
    marked = {id: points for cells in MARKED.values() for id, points in cells.items()}
    works = [
        Work(
            f"n{number:03}",
            rng.choice([IN_TIME, TWO_DAYS_LATE]),
            {id: round(rng.random() * m, 2) for id, m in marked.items()},
        )
        for number in range(150)
    ]
    at_once(url, works)
    stock = exported(url, CsvExportPlugin, tmp_path)
    assert exported(url, GradesExport, tmp_path) == stock
    assert re.search(rb"\d\.\d{9}", stock), "no sum shows a last digit"
    with open_book(url) as book:
        book.index()
    assert exported(url, GradesExport, tmp_path) == exported(url, CsvExportPlugin, tmp_path)


LARGE = ("grade", "comment", "submitted_notebook", "submitted_assignment", "student")


def test_no_statement_reads_a_table_again_for_each_row(tmp_path: Path) -> None:
    """Without nbgrader's missing indexes, on SQLite: a write reads no table whole, an export each at most once."""
    url = released(f"sqlite:///{tmp_path / 'carnet.db'}")
    at_once(url, FIRST)
    said: list[tuple[str, Any]] = []

    def listen(_: Any, __: Any, statement: str, parameters: Any, ___: Any, many: bool) -> None:  # noqa: FBT001
        said.append((statement, parameters[0] if many else parameters))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        at_once(url, AGAIN)
        written = len(said)
        exported(url, GradesExport, tmp_path)
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    scans = [whole_reads(tmp_path / "carnet.db", statement, values) for statement, values in said]
    assert written > 20
    assert len(scans) > written + 5
    assert max(scans[:written]) == 0
    assert max(scans[written:]) == 1


def whole_reads(place: Path, statement: str, values: Any) -> int:
    """How many of the large tables a statement reads whole, by SQLite's own plan."""
    if not statement.startswith(("SELECT", "UPDATE", "INSERT")):
        return 0
    with closing(sqlite3.connect(place)) as connection:
        plan = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    return sum(step.split()[0] == "SCAN" and step.split()[1] in LARGE for step in plan)


# --- with nbgrader's own commands -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Doors:
    """The golden submissions, graded by `nbgrader autograde` in one course, and folder by folder for another."""

    stock: str
    ours: str
    course: Path
    nbgrader: Commands


@pytest.fixture(scope="module")
def doors(autograded_golden: AutogradedGolden, tmp_path_factory: pytest.TempPathFactory) -> Doors:
    course = tmp_path_factory.mktemp("portes") / "cours"
    subprocess.run(["cp", "-a", autograded_golden.graded, course], check=True)
    (course / "le-notre.db").write_bytes((autograded_golden.handed_in / "gradebook.db").read_bytes())
    stock, ours = (f"sqlite:///{course / name}" for name in ("gradebook.db", "le-notre.db"))
    grade_all(course, ours)
    return Doors(stock, ours, course, Commands(tmp_path_factory.mktemp("jupyter")))


def grade_all(course: Path, url: str) -> None:
    space: dict[str, Any] = {}
    exec(LATE.replace("c.Assign", "#"), space)  # noqa: S102  the plug-in of the course's configuration
    with open_book(url, "reseau_kit") as book:
        ignore = (".ipynb_checkpoints", "*.pyc", "__pycache__", "activites*.toml", "essais-auteur.jsonl")
        source, release = (course / name / ATELIER for name in ("exercises", "release"))
        exercise = Exercise(ATELIER, book.exercise(ATELIER), source, release, ignore=ignore)
        outcomes = [
            grade_folder(exercise, folder.parent.name, folder, course / "ailleurs" / folder.parent.name)
            for folder in sorted((course / "submitted").glob(f"*/{ATELIER}"))
        ]
        book.write(ATELIER, outcomes, late=space["DayByDay"]())


@pytest.mark.slow
def test_golden_submissions_leave_the_rows_of_nbgrader_autograde(doors: Doors) -> None:
    """Every strange submission, refused ones and a late one included, in every table."""
    assert differences(doors.stock, doors.ours) == {}
    assert rows(doors.ours)["submitted_assignment"].total() > 40


@pytest.mark.slow
def test_nbgrader_export_uses_it_and_writes_the_same(doors: Doors) -> None:
    """The command as trainers type it, with and without the options that it knows."""
    stock = "--exporter=nbgrader.plugins.CsvExportPlugin"
    wanted = ("--student=['late','perfect']", f"--assignment=['{ATELIER}']")
    runs = {"a.csv": (), "b.csv": (stock,), "c.csv": wanted, "d.csv": (stock, *wanted)}
    commands = [doors.nbgrader.start(doors.course, "export", f"--to={name}", *more) for name, more in runs.items()]
    said = [finish(command) for command in commands]
    assert ["Using exporter: GradesExport" in text for text in said] == [True, False, True, False]
    tables = [(doors.course / name).read_bytes() for name in runs]
    assert tables[0] == tables[1]
    assert tables[2] == tables[3]
    assert tables[0].count(b"\n") > 40
    assert tables[2].count(b"\n") == 3


def test_configuration_names_it_without_loading_it() -> None:
    """Other commands start no slower."""
    program = (
        "import sys; from traitlets.config import Config; from reseau_kit.grading import configure; c = Config();"
        "configure(c); print(c.ExportApp.plugin_class, 'reseau_kit.grading.gradebook' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    assert printed.stdout.split() == ["reseau_kit.grading.grades_export.GradesExport", "False"]
