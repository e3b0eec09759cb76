"""Every strange submission, graded in one command: each has its mark or its reason, and none costs the others.

The widget, `nbgrader autograde` without a kernel and with one, and `reseau-kit grade` give the same scores, cell by
cell; the latter three leave the same rows in every table. Where one of them cannot, `golden.py` says which and why.
"""

import html
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from bench.submissions import grades
from desk import Commands, finish
from golden import ALL, ASSIGNMENT, GOLDEN, HOSTILE, IDS, RIGHT, AutogradedGolden, Golden, Hand, Marks
from gradebooks import differences, exported
from reseau_kit.answers.notebooks import load
from reseau_kit.grading import batch
from reseau_kit.grading.course import load_course
from reseau_kit.grading.grades_export import GradesExport
from reseau_kit.learner.activity import activite

pytestmark = pytest.mark.slow

Rows = dict[str, dict[str, tuple[float | None, bool]]]

MARKED = [name for name, golden in GOLDEN.items() if golden.marks is not None]
REFUSED = [name for name, golden in GOLDEN.items() if golden.marks is None]


@dataclass(frozen=True)
class Graded:
    """One course, all of whose submissions were graded by one command; `again` are the rows after two came anew.

    `first` and `book` are the addresses of its gradebook after the first run and after the second.
    """

    course: Path
    rows: Rows
    log: str
    again: Rows

    @property
    def first(self) -> str:
        return f"sqlite:///{self.course / FIRST_BOOK}"

    @property
    def book(self) -> str:
        return f"sqlite:///{self.course / 'gradebook.db'}"


FIRST_BOOK = "premier.db"


@pytest.fixture(scope="module")
def doors(
    autograded_golden: AutogradedGolden, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Graded, Graded, Graded]:
    """The same submissions without a kernel, with one, and in volume; then all of them again, at the same time."""
    tmp = tmp_path_factory.mktemp("portes")
    nbgrader = Commands(tmp_path_factory.mktemp("jupyter"))
    courses = plain_course, kernel, volume = tmp / "sans-noyau", tmp / "noyau", tmp / "volume"
    for course in courses:
        before = autograded_golden.graded if course == plain_course else autograded_golden.handed_in
        subprocess.run(["cp", "-a", before, course], check=True)
    with (kernel / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nconfigure(c, kernel=True)\n")

    log = _grade(nbgrader, volume, kernel)
    rows = [grades(course) for course in courses]
    for course in courses:
        shutil.copy(course / "gradebook.db", course / FIRST_BOOK)
        _come_again(course)
    _grade(nbgrader, volume, plain_course, kernel)
    nbgrader(plain_course, "generate_feedback", ASSIGNMENT)
    logs, again = [plain(autograded_golden.log), log, ""], [grades(course) for course in courses]
    without, with_one, many = (Graded(*each) for each in zip(courses, rows, logs, again, strict=True))
    return without, with_one, many


def _grade(nbgrader: Commands, volume: Path, *autograded: Path) -> str:
    """Grade one course in volume, and others by nbgrader's own command; what that printed of the last."""
    running = [nbgrader.start(course, "autograde", ASSIGNMENT) for course in autograded]
    with ThreadPoolExecutor(1) as executor:
        report = batch.grade(load_course(volume), assignment=ASSIGNMENT, executor=executor, jobs=1)
    assert report.refused == len(REFUSED)
    return [plain(finish(command, fails=True)) for command in running][-1]


def plain(text: str) -> str:
    """The text with plain spaces for the non-breaking ones of French."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def _come_again(course: Path) -> None:
    """A person reads a text; its author hands in anew, and so does somebody who had answered nothing."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("T", ASSIGNMENT, ASSIGNMENT, "text")
        grade.manual_score, grade.needs_manual_grade = 4.0, False
        gradebook.find_comment("T", ASSIGNMENT, ASSIGNMENT, "text").manual_comment = "Un début <b>net</b>."
        gradebook.db.commit()
    for student in ("text", "untouched"):
        folder = course / "submitted" / student / ASSIGNMENT
        if student == "untouched":
            Hand(folder).validate(RIGHT)
        (folder / "timestamp.txt").write_text("2026-12-01 07:00:00 UTC\n", encoding="utf-8")


@pytest.fixture(scope="module")
def graded(doors: tuple[Graded, Graded, Graded]) -> Graded:
    return doors[0]


@pytest.fixture(scope="module")
def executed(doors: tuple[Graded, Graded, Graded]) -> Graded:
    return doors[1]


def as_rows(golden: Golden, marks: Marks) -> dict[str, tuple[float | None, bool]]:
    """What the gradebook holds: a mark, or none and the wish for a person."""
    return {name: (mark, mark is None) for name, mark in {**marks, "T": golden.text, "W": golden.writing}.items()}


@pytest.mark.parametrize("name", MARKED)
def test_submission_has_its_mark(graded: Graded, name: str) -> None:
    golden = GOLDEN[name]
    assert graded.rows[name] == as_rows(golden, golden.marks or {})
    assert plain(golden.said) in graded.log


@pytest.mark.parametrize("name", REFUSED)
def test_submission_is_refused_by_name_with_its_reason(graded: Graded, name: str) -> None:
    """No score is given, none is taken, and the log says who and why."""
    golden = GOLDEN[name]
    student = golden.student or name
    assert f"There was an error processing assignment '{ASSIGNMENT}' for student '{student}'" in graded.log
    assert plain(golden.said) in graded.log
    assert all(row == (None, True) for row in graded.rows.get(student, {}).values())
    assert not (graded.course / "autograded" / student / ASSIGNMENT).exists()


def test_bad_submission_costs_itself_only(graded: Graded) -> None:
    """As many were graded as could be, in the one command."""
    assert graded.log.count("There was an error processing assignment '") == len(REFUSED)
    assert set(MARKED) <= set(graded.rows)


@pytest.mark.parametrize("name", MARKED)
def test_open_text_is_where_a_person_reads_it(graded: Graded, executed: Graded, name: str) -> None:
    """The text that counts, by both doors; nothing of it is HTML, and the page of the learner has it too."""
    golden = GOLDEN[name]
    for door in (graded, executed) if golden.kernel is not None else (graded,):
        cell = reading_cell(door, name)
        source = "".join(cell["source"])
        assert cell["metadata"]["nbgrader"]["points"] == 30
        if golden.written:
            assert cell["metadata"]["reseau_kit"]["text"] == golden.written
            assert "**4. Exemplaire**" in source
            assert not re.search(r"<(?!/?pre\b)", source)
        else:
            assert "votre texte viendra ici" in source
    assert plain(golden.written) in html.unescape(feedback(graded, name))


def reading_cell(door: Graded, name: str) -> dict[str, Any]:
    """The cell beside which a person gives the mark of the open question."""
    path = door.course / "autograded" / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    cells = load(path)["cells"]
    return next(cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == "W")


@pytest.mark.parametrize("name", MARKED)
def test_kernel_gives_the_same_scores(graded: Graded, executed: Graded, name: str) -> None:
    """With only `Execute` restored, wherever it can grade at all."""
    golden = GOLDEN[name]
    if golden.kernel is None:
        assert all(row == (None, True) for row in executed.rows[name].values()), golden.why
    else:
        assert executed.rows[name] == {**graded.rows[name], **as_rows(golden, golden.kernel)}, golden.why


def test_every_row_is_the_same_in_volume_and_with_a_kernel(doors: tuple[Graded, Graded, Graded]) -> None:
    """Every table, after the first run and after the second; with a kernel, but for those whom it grades otherwise."""
    without, with_one, many = doors
    for run in ("first", "book"):
        assert differences(getattr(many, run), getattr(without, run)) == {}
        told = differences(getattr(with_one, run), getattr(without, run))
        assert told.keys() == {"grade", "comment"}
        unlike = [repr(row) for sides in told.values() for side in sides for row in side]
        assert {next((name for name in OTHERWISE if f"'{name}'" in row), row) for row in unlike} == OTHERWISE


#: Those whom a kernel grades otherwise: `golden.py` says why.
OTHERWISE = {name for name in MARKED if GOLDEN[name].kernel is None or GOLDEN[name].kernel}


def test_exported_table_is_the_same_by_every_door(doors: tuple[Graded, Graded, Graded], tmp_path: Path) -> None:
    """Each line byte for byte, after each run; with a kernel, but for those of whom it grades otherwise."""
    for run in ("first", "book"):
        without, with_one, many = (lines_of(getattr(door, run), tmp_path) for door in doors)
        assert len(without) > len(MARKED)
        assert many == without
        unlike = [line for line in with_one if line not in without]
        assert {name for name in OTHERWISE for line in unlike if f",{name},".encode() in line} == OTHERWISE
        assert len(unlike) == len(OTHERWISE)
        assert len(with_one) == len(without)


def lines_of(book: str, tmp_path: Path) -> list[bytes]:
    """The lines of the exported table, the same by either exporter, in order.

    nbgrader sorts people by their names. Those who have none come as the database finds them: in the order in which
    they were added, which is another when many are graded at once.
    """
    table = exported(book, CsvExportPlugin, tmp_path)
    assert exported(book, GradesExport, tmp_path) == table
    return sorted(table.splitlines())


@pytest.mark.parametrize("name", MARKED)
def test_widget_gives_the_same_scores(graded: Graded, name: str, tmp_path: Path) -> None:
    """What the learner sees in what they handed in."""
    golden = GOLDEN[name]
    submitted = graded.course / "submitted" / name / ASSIGNMENT
    odd = shutil.ignore_patterns("*.wav", "*.png")
    folder = shutil.copytree(submitted, tmp_path / ASSIGNMENT, ignore=odd, symlinks=True)
    with chdir(folder):
        panels = {id: activite(id) for id in IDS}
    shown = {id: None if panel.grade_status else float(panel.plain) for id, panel in panels.items()}
    if golden.widget is None:
        assert set(shown.values()) == {None}, golden.why
    elif name == "untouched":
        assert shown == ALL, "it was handed in anew"
    else:
        assert shown == (golden.widget or golden.marks), golden.why


def test_late_work_pays_what_the_trainer_asks(doors: tuple[Graded, Graded, Graded]) -> None:
    """Nbgrader's own plugin says how much; the page tells the learner."""
    for door in doors:
        with Gradebook(door.book) as gradebook:
            submission = gradebook.find_submission(ASSIGNMENT, "late")
            assert (submission.total_seconds_late, submission.late_submission_penalty) == (2 * 86_400, 2.0)
    page = feedback(doors[0], "late")
    assert "Remise en retard" in page
    assert "<strong>31,27</strong> sur 95 points" in page


def test_work_handed_in_anew_is_graded_anew(doors: tuple[Graded, Graded, Graded]) -> None:
    """The new answers count, everybody else's marks stay, and what a person gave is not touched."""
    for door in doors:
        assert door.again["untouched"] == as_rows(GOLDEN["untouched"], ALL)
        others = door.rows.keys() - {"untouched", "text"}
        assert {name: door.again[name] for name in others} == {name: door.rows[name] for name in others}
        with Gradebook(door.book) as gradebook:
            grade = gradebook.find_grade("T", ASSIGNMENT, ASSIGNMENT, "text")
            assert (grade.manual_score, grade.score) == (4.0, 4.0)


# --- the page that comes back -----------------------------------------------------------------------------------------


def feedback(door: Graded, student: str) -> str:
    page = (door.course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text(encoding="utf-8")
    return plain(page)


@pytest.mark.parametrize("name", MARKED)
def test_page_tells_the_marks_of_the_gradebook(graded: Graded, name: str) -> None:
    page = feedback(graded, name)
    cells = re.findall(r'<td class="n">(.*?)</td>', page)
    told = [cell.removesuffix(" sur 10") for cell in cells[: len(IDS)]]
    rows = graded.again[name]
    marks = [rows[id][0] for id in IDS]
    assert told == ["à noter," if mark is None else f"{mark:g}".replace(".", ",") for mark in marks]


@pytest.mark.parametrize("name", MARKED)
def test_page_asks_nothing_and_runs_nothing(graded: Graded, name: str) -> None:
    """In French, one title, no script, nothing fetched, whatever was written."""
    page = feedback(graded, name)
    assert page.startswith('<!DOCTYPE html>\n<html lang="fr">')
    assert page.count("<h1>") == 1
    assert not re.search(r"<(script|img|iframe|svg|link|object)\b", page)
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert not re.search(r"<[^>]*\son\w+=", page)


def test_page_shows_what_was_written_as_text(graded: Graded) -> None:
    page = feedback(graded, "script")
    assert page.count("&lt;script&gt;document.title=&#39;atteint&#39;&lt;/script&gt;") >= 4
    assert "Mon texte." in page
    assert HOSTILE not in page


def test_page_tells_text_mark_and_comment(graded: Graded) -> None:
    """What a person marked, with their words; the sum is no longer provisional."""
    page = feedback(graded, "text")
    assert "Une page **publique** : R&amp;D, 1 &lt; 2." in page
    assert "4 sur 5" in page
    assert "Un début &lt;b&gt;net&lt;/b&gt;." in page
    assert "<strong>64</strong> sur 95 points" in page
    assert "provisoire" not in page
    assert "provisoire" in feedback(graded, "script")


def test_page_says_when_nothing_was_answered(graded: Graded) -> None:
    page = feedback(graded, "empty")
    assert page.count("▷") == len(IDS)
    assert "Vous n’avez rien écrit ici." in page


#: What the page of somebody says of what was handed in, and what the log says of it.
NOTICES = {
    "cleaned": ("Nous n’avons trouvé aucune réponse", "un outil qui nettoie les notebooks"),
    "zipped": ("Nous n’avons trouvé aucune réponse", "« atelier.ipynb.zip » est une archive, qui n’est pas ouverte"),
    "friends-journal": ("Des réponses viennent d’un autre dossier que le vôtre",),
    "two-friends": ("Nous n’avons trouvé aucune réponse", "Des réponses viennent d’un autre dossier que le vôtre"),
    "empty": ("Nous n’avons trouvé aucune réponse", "remettez-le avec le fichier « reponses.jsonl »"),
}


@pytest.mark.parametrize("name", NOTICES)
def test_page_tells_what_was_not_found_or_not_counted(doors: tuple[Graded, Graded, Graded], name: str) -> None:
    """Zero is never without a word; those whose answers all count are told nothing. The other door writes the same."""
    without, _, many = doors
    page = html.unescape(feedback(without, name))
    assert "À savoir sur votre remise" in page
    for words in NOTICES[name]:
        assert words in page
    for other in ("perfect", "stale", "journal-1", "named-txt"):
        assert "À savoir sur votre remise" not in feedback(without, other)
    one, other_one = (
        load(door.course / "autograded" / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb") for door in (without, many)
    )
    assert one["metadata"]["reseau_kit"]["told"] == other_one["metadata"]["reseau_kit"]["told"]
