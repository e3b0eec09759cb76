"""Three ways to grade the same submissions leave the same rows: `reseau-kit grade`, `nbgrader autograde`, and a kernel.

Some sixty invented learners, an exercise of two notebooks with a task and a text for a person to read, late work that
pays, and a second run after a trainer gave marks and learners handed in again. Strange submissions: `test_golden.py`.
"""

import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from bench.submissions import ROOT
from desk import Commands, finish, reseau_kit
from golden import CHOICE, DECISION, NUMBER, WRITING, _activity, _code, _text
from gradebooks import differences, exported
from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.notebooks import KEY, Notebook, save
from reseau_kit.demo import make as demo
from reseau_kit.demo.hand_ins import HandIn, hand_ins, write
from reseau_kit.demo.papers import Paper
from reseau_kit.demo.people import LATE, TWICE, Learner, learner
from reseau_kit.grading.grades_export import GradesExport
from small_questions import CARDS, FORM, MATCHING, ORDERING, SELECTION

pytestmark = pytest.mark.slow

SEED = 5
ASSIGNMENT = "a-deux"
UNREAD = "*Écrivez ici.*"

#: At first late work is worth nothing; then, by a trainer's own plugin, a tenth less each day, which no float tells.
ZERO = '\nc.LateSubmissionPlugin.penalty_method = "zero"\n'
TITHE = """
from nbgrader.plugins import BasePlugin

class Tithe(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return None if student_id.endswith("5") else score * 0.1 * total_seconds_late / 86_400

c.AssignLatePenalties.plugin_class = Tithe
"""

#: The exercise as invented learners answer it, with the copy of the answers in one notebook or the other.
Papers = tuple[Paper, Paper]

#: With a kernel, which takes seconds each: one of each kind and, of those whose files were damaged, several.
WITH_KERNEL = (1, 2, 3, 4, 5, 6, 7, 8, 16, 27, 37, 47)

#: What a trainer gives by hand between the runs: learner, notebook, cell, mark, extra credit.
GIVEN = (
    (4, "deux", "M", 2.5, None),
    (5, "un", "N", 6.5, 1.0),
    (5, "deux", "avis", 4.0, None),
    (16, "un", "tache", 3.0, 0.5),
    (16, "deux", "W", 22.5, None),
    (12, "un", "O", None, 0.25),
    (36, "deux", "F", 0.1, 0.2),
    (44, "un", "tache", 1.0, None),
    (56, "un", "C", 7.0, None),
)
COMMENTED, EXTENDED = (5, 56), (16, 12)

#: These hand in again, later, what they had handed in: late ones pay then for another day.
AGAIN = (1, 4, 12, 24, 44)
#: These leave a notebook out, at first or later: its task is worth nothing then, and is to be read afterwards.
ONE_NOTEBOOK = ({3, 5, 14, 37, 56}, {16, 36})
#: Somebody who was graded hands in a file that is none; somebody whose file was none hands in work.
SPOILT, MENDED, OTHER = 2, 127, 128

#: Among them there is every mark, kind of learner and set of files that there is among the first two hundred, somebody
#: who is late the second time alone (76), and `MENDED`: a first hand-in that is refused, and later the work of `OTHER`.
NUMBERS = (*range(1, 61), 62, 67, 76, 103, MENDED, OTHER)


# --- a course to grade ------------------------------------------------------------------------------------------------


def make_course(target: Path) -> Path:
    """A trainer's course with an exercise of two notebooks, not yet released."""
    source = target / "exercises" / ASSIGNMENT
    source.mkdir(parents=True)
    number = NUMBER.format(version=1, value=63.3)
    (source / "medias.csv").write_text(CARDS, encoding="utf-8")
    (source / "un.activites.toml").write_text("\n".join([DECISION, CHOICE, number, ORDERING]), encoding="utf-8")
    (source / "deux.activites.toml").write_text("\n".join([MATCHING, FORM, SELECTION, WRITING]), encoding="utf-8")
    task = {"grade": False, "solution": False, "task": True, "locked": True, "grade_id": "tache", "points": 4}
    manual = {"grade": True, "solution": True, "task": False, "locked": False, "grade_id": "avis", "points": 5}
    first = [_activity(id) for id in ("cas", "C", "N", "O")]
    second = [_activity(id) for id in ("M", "F", "S")]
    reading = {**_activity("W"), "metadata": {"deletable": False, "editable": False}}
    save(source / "un.ipynb", _notebook("un", *first, _text("Faites.", nbgrader={"schema_version": 3, **task})))
    text = _text(UNREAD, nbgrader={"schema_version": 3, **manual})
    save(source / "deux.ipynb", _notebook("deux", *second, reading, text))
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (target / "nbgrader_config.py").write_text(config + ZERO, encoding="utf-8")
    return target


def _notebook(name: str, *cells: dict[str, Any]) -> Notebook:
    every = [_text(f"# {name}"), _code("from reseau_kit import activite", f"{name}-imports"), *cells]
    for place, cell in enumerate(every):
        cell["id"] = f"{name}-{place}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, KEY: {"source": f"{name}.activites.toml"}}
    return {"cells": every, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def papers_of(course: Path, scratch: Path) -> Papers:
    """The exercise as invented learners answer it: all of its questions, the copy of the answers in either notebook."""
    scratch.mkdir()
    source = course / "exercises" / ASSIGNMENT
    every = [(source / f"{name}.activites.toml").read_text(encoding="utf-8") for name in ("un", "deux")]
    (scratch / "activites.toml").write_text("\n".join(every), encoding="utf-8")
    shutil.copy(source / "medias.csv", scratch)
    activities = load_activities(scratch / "activites.toml")
    files = {path.name: path.read_bytes() for path in (course / "release" / ASSIGNMENT).iterdir()}
    one, two = (
        Paper(ASSIGNMENT, 0, activities, name, files[name], {other: files[other] for other in files if other != name})
        for name in ("un.ipynb", "deux.ipynb")
    )
    return one, two


def works(papers: Papers, who: Learner) -> tuple[Paper, list[HandIn]]:
    """What somebody hands in, first and later."""
    ((paper, several),) = hand_ins(SEED, who, [papers[who.number % 2]])
    return paper, [as_written(who, work, again=place > 0) for place, work in enumerate(several)]


def as_written(who: Learner, work: HandIn, *, again: bool) -> HandIn:
    """Some write a text too, some of them in HTML; some hand in one notebook of the two, or both later on."""
    files = dict(work.files)
    if who.number % 3 == 0:
        text = "Mon avis, <b>en entier</b> : R&D." if who.number % 2 else "Un avis sur « tout »."
        files = {name: data.replace(UNREAD.encode(), text.encode()) for name, data in files.items()}
    if who.number in ONE_NOTEBOOK[again]:
        files.pop("un.ipynb", None)
    return replace(work, files=files)


# --- graded three ways ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """A course after the first run, and after the second: its gradebooks."""

    folder: Path

    @property
    def book(self) -> str:
        return f"sqlite:///{self.folder / 'gradebook.db'}"

    @property
    def first(self) -> str:
        return f"sqlite:///{self.folder / 'premier.db'}"


@dataclass(frozen=True)
class Doors:
    """The same submissions graded in volume and by nbgrader's own command; some of them in volume and with a kernel."""

    volume: Course
    stock: Course
    few: Course
    kernel: Course


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    tmp = tmp_path_factory.mktemp("parite")
    nbgrader = Commands(tmp_path_factory.mktemp("jupyter"))
    few = make_course(tmp / "quelques-uns")
    nbgrader(few, "generate_assignment", ASSIGNMENT)
    papers = papers_of(few, tmp / "questions")
    people = [learner(SEED, number) for number in NUMBERS]
    with Gradebook(f"sqlite:///{few / 'gradebook.db'}") as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate=papers[0].due.replace(tzinfo=None))
    demo._enrol(f"sqlite:///{few / 'gradebook.db'}", "reseau_kit", people)
    volume, stock = copy(few, tmp / "volume"), copy(few, tmp / "nbgrader")
    for who in people:
        paper, several = works(papers, who)
        for course in (volume, few) if who.number in WITH_KERNEL else (volume,):
            write(course, who, paper, several[0])
    shutil.rmtree(stock)
    copy(volume, stock)
    kernel = copy(few, tmp / "noyau")
    with (kernel / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nconfigure(c, kernel=True)\n")

    courses = (volume, few, stock, kernel)
    grade_all(nbgrader, *courses)
    for course in courses:
        shutil.copy(course / "gradebook.db", course / "premier.db")
        present = {path.name for path in (course / "submitted").iterdir()}
        with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(TITHE)
        by_hand(course, present)
        come_again(course, papers, [who for who in people if who.id in present])
    grade_all(nbgrader, *courses)
    return Doors(*(Course(course) for course in (volume, stock, few, kernel)))


def copy(course: Path, target: Path) -> Path:
    subprocess.run(["cp", "-a", course, target], check=True)
    return target


def grade_all(nbgrader: Commands, volume: Path, few: Path, stock: Path, kernel: Path) -> None:
    """Grade what is to be graded: two courses in volume, two by nbgrader's own command, some refused by each."""
    running = [nbgrader.start(course, "autograde", ASSIGNMENT) for course in (stock, kernel)]
    for course in (volume, few):
        done = reseau_kit(course, "grade", "--jobs", "1")
        assert (done.code, done.stderr) == (0, "")
    for command in running:
        finish(command, fails=True)


def by_hand(course: Path, present: set[str]) -> None:
    """What a trainer does in formgrader to whoever is in that course."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        for number, notebook, cell, score, credit in GIVEN:
            if (student := student_of(number)) in present:
                grade = book.find_grade(cell, notebook, ASSIGNMENT, student)
                grade.manual_score, grade.extra_credit, grade.needs_manual_grade = score, credit, False
        for number in COMMENTED:
            if (student := student_of(number)) in present:
                book.find_comment("avis", "deux", ASSIGNMENT, student).manual_comment = "Un début <b>net</b>, d’accord."
        book.db.commit()
        for number in EXTENDED:
            if (student := student_of(number)) in present:
                book.grant_extension(ASSIGNMENT, student, hours=30)


def student_of(number: int) -> str:
    return learner(SEED, number).id


def come_again(course: Path, papers: Papers, people: Sequence[Learner]) -> None:
    """Later hand-ins: of those who hand in twice, of some others, and of two whose file is spoilt, or no longer is."""
    for who in people:
        paper, several = works(papers, who)
        work = several[-1]
        later = replace(work, at=work.at + timedelta(days=1))
        if who.kind == TWICE:
            write(course, who, paper, work)
        elif who.number in AGAIN:
            write(course, who, paper, stamped(later))
        elif who.number == SPOILT:
            write(course, who, paper, stamped(replace(later, files={"un.ipynb": b"{", "deux.ipynb": b""})))
        elif who.number == MENDED:
            paper, (others, *_) = works(papers, learner(SEED, OTHER))
            write(course, who, paper, stamped(replace(others, at=later.at)))


def stamped(work: HandIn) -> HandIn:
    """The work with the time at which it is handed in."""
    return replace(work, files={**work.files, "timestamp.txt": f"{work.at:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()})


# --- the same rows ----------------------------------------------------------------------------------------------------


def test_volume_leaves_the_rows_of_autograde(doors: Doors) -> None:
    """Every table: marks, comments, times, penalties, whether a person has to look."""
    assert differences(doors.volume.first, doors.stock.first) == {}


def test_volume_leaves_the_rows_of_autograde_when_run_again(doors: Doors) -> None:
    """After a trainer gave marks, comments, credit and extensions, and with later hand-ins and another penalty."""
    assert differences(doors.volume.book, doors.stock.book) == {}


def test_kernel_leaves_the_same_rows(doors: Doors) -> None:
    assert differences(doors.few.first, doors.kernel.first) == {}


def test_kernel_leaves_the_same_rows_when_run_again(doors: Doors) -> None:
    assert differences(doors.few.book, doors.kernel.book) == {}


def test_exported_table_is_the_same(doors: Doors, tmp_path: Path) -> None:
    """Byte for byte, by nbgrader's own exporter and by ours, after each run."""
    for pair in ((doors.volume, doors.stock), (doors.few, doors.kernel)):
        tables = {
            run: {
                exported(getattr(course, run), exporter, tmp_path)
                for course in pair
                for exporter in (CsvExportPlugin, GradesExport)
            }
            for run in ("first", "book")
        }
        assert [len(same) for same in tables.values()] == [1, 1]
        assert tables["first"] != tables["book"]
        assert min(tables["book"]).count(b"\n") == len(NUMBERS) + 1


def test_autograded_folders_hold_the_same_files(doors: Doors) -> None:
    """With the same rights; a spoilt hand-in leaves none."""
    volume, stock = (
        {
            str(path.relative_to(course.folder)): path.stat().st_mode
            for path in course.folder.glob("autograded/[!.]*/**/*")
        }
        for course in (doors.volume, doors.stock)
    )
    assert volume == stock
    assert f"autograded/{student_of(MENDED)}/{ASSIGNMENT}/un.ipynb" in volume
    assert f"autograded/{student_of(SPOILT)}/{ASSIGNMENT}" not in volume


def test_what_is_compared_has_everything_in_it(doors: Doors) -> None:
    """Late and paid for in either way, given by hand and kept, to be read by a person, told by nbgrader."""
    first, again = grades(doors.volume.first), grades(doors.volume.book)
    assert first.keys() == again.keys()
    assert first.keys() == {(learner(SEED, n).id, cell) for n in NUMBERS for cell in CELLS}
    assert len({score for score, *_ in first.values()}) >= 10
    assert sum(needs for *_, needs in first.values()) > len(NUMBERS) / 2
    given = {name: (manual, credit) for name, (_, manual, credit, _) in again.items() if manual or credit}
    assert given == {(student_of(number), cell): (score, credit) for number, _, cell, score, credit in GIVEN}

    paid, pays = penalties(doors.volume.first), penalties(doors.volume.book)
    late = {who.id for who in map(partial(learner, SEED), NUMBERS) if who.kind == LATE}
    assert {student for student, _ in paid} == late
    assert paid.items() & pays.items(), "whoever did not come again paid as before"
    assert pays.keys() - paid.keys(), "somebody is late the second time alone"
    assert any(penalty % 0.01 for penalty in pays.values())


CELLS = ("C", "N", "O", "M", "F", "S", "W", "avis", "tache")
GRADES = """
    SELECT student_id, cell.name, auto_score, manual_score, extra_credit, needs_manual_grade FROM grade
    JOIN base_cell AS cell ON cell.id = grade.cell_id
    JOIN submitted_notebook AS document ON document.id = grade.notebook_id
    JOIN submitted_assignment AS submission ON submission.id = document.assignment_id
"""
PENALTIES = """
    SELECT student_id, notebook_id, late_submission_penalty FROM submitted_notebook AS document
    JOIN submitted_assignment AS submission ON submission.id = document.assignment_id
"""


def grades(book: str) -> dict[tuple[str, str], tuple[float | None, float | None, float | None, bool]]:
    """What each cell is worth by the program, by a person, in addition, and whether a person has to look."""
    return {(student, name): tuple(values) for student, name, *values in _rows(book, GRADES)}


def penalties(book: str) -> dict[tuple[str, str], float]:
    """What each late document pays."""
    return {(student, name): penalty for student, name, penalty in _rows(book, PENALTIES) if penalty}


def _rows(book: str, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(book.removeprefix("sqlite:///"))) as gradebook:
        return gradebook.execute(query).fetchall()
