"""Grading in volume: the marks of nbgrader's own command, whatever stops it; nothing that a learner wrote is run.

Its course is the one of the golden submissions. Most tests work on a few copies of two of them.
"""

import csv
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from sqlalchemy import event
from traitlets.config import Config

from desk import Commands, finish, reseau_kit
from golden import ASSIGNMENT, DUE, GOLDEN, AutogradedGolden, Hand, code, edit, hand_in, make_course
from reseau_kit import __main__ as command
from reseau_kit.grading import batch, cluster, workers
from reseau_kit.grading.course import CannotUse, load_course
from reseau_kit.grading.desk import grade_folder
from reseau_kit.grading.exercise import Exercise, Outcome
from reseau_kit.grading.gradebook import Book, GradebookUnusable
from reseau_kit.grading.report import Report
from reseau_kit.system import processes

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]

Rows = dict[str, list[tuple[Any, ...]]]

NBSP = "\N{NO-BREAK SPACE}"
EARLY, LATER = "2026-11-30 08:00:00 UTC\n", "2026-11-30 09:00:00 UTC\n"


# --- a course to grade ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, nbgrader: Commands) -> Path:
    """A course whose exercise is released, and nothing handed in; copy it."""
    course = make_course(tmp_path_factory.mktemp("cours") / "cours")
    nbgrader(course, "generate_assignment", ASSIGNMENT)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
    return course


@pytest.fixture(scope="module")
def kinds(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four learners: all right, partly right, a text to read, and a file that does not open."""
    course = copy(released, tmp_path_factory.mktemp("sortes") / "cours")
    for name in ("perfect", "partly-wrong", "text", "unreadable"):
        hand_in(course, name)
    return course / "submitted"


@pytest.fixture
def course(released: Path, tmp_path: Path) -> Path:
    """A released course of a test's own."""
    return copy(released, tmp_path / "cours")


def copy(course: Path, target: Path) -> Path:
    subprocess.run(["cp", "-a", course, target], check=True)
    return target


def hand_in_copies(course: Path, kinds: Path, count: int, *names: str) -> list[str]:
    """Give submissions to so many learners, of each kind in turn; who they are."""
    students = [f"apprenant-{number:02}" for number in range(count)]
    for number, student in enumerate(students):
        copy_to(course, kinds, names[number % len(names)], student)
    return students


def copy_to(course: Path, kinds: Path, name: str, student: str, stamp: str = EARLY) -> Path:
    folder = course / "submitted" / student / ASSIGNMENT
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(kinds / name / ASSIGNMENT, folder)
    (folder / "timestamp.txt").write_text(stamp, encoding="utf-8")
    return folder


def rows(course: Path) -> Rows:
    """All that the gradebook holds of each learner, but for the names that it makes up."""
    tables = {
        "submission": "submission.timestamp, submission.extension",
        "document": "document.name, submitted.late_submission_penalty",
        "grade": "cell.name, grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade",
        "comment": "cell.name, comment.auto_comment, comment.manual_comment",
    }
    joined = (
        " FROM submitted_assignment AS submission"
        " LEFT JOIN submitted_notebook AS submitted ON submitted.assignment_id = submission.id"
        " LEFT JOIN notebook AS document ON document.id = submitted.notebook_id"
    )
    of_cell = " JOIN {table} ON {table}.notebook_id = submitted.id JOIN base_cell AS cell ON cell.id = {table}.cell_id"
    found: Rows = {}
    with closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        for (student,) in gradebook.execute("SELECT id FROM student"):
            found[student] = []
        for table, columns in tables.items():
            more = of_cell.format(table=table) if table in ("grade", "comment") else ""
            for student, *values in gradebook.execute(f"SELECT submission.student_id, {columns}{joined}{more}"):
                found[student].append((table, *values))
    return {student: sorted(values, key=repr) for student, values in found.items()}


def files(course: Path) -> dict[str, bytes]:
    """What stands in `autograded/`, as nbgrader sees it: nothing hidden."""
    root = course / "autograded"
    paths = (path for student in root.glob("[!.]*") for path in student.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def run(course: Path, **options: Any) -> Report:
    """Grade in this process: fast to start."""
    with ThreadPoolExecutor(1) as executor:
        return batch.grade(load_course(course), assignment=ASSIGNMENT, executor=executor, jobs=1, **options)


def forking(jobs: int, _module: str) -> ProcessPoolExecutor:
    """Processes that are this one, with whatever a test has changed in it."""
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), initializer=processes._begin)


@contextmanager
def forked(action: Callable[[], object]) -> Iterator[int]:
    """A child of this process, the head of a group of its own, that does one thing and ends."""
    child = os.fork()
    if not child:
        code = 1
        try:
            os.setpgid(0, 0)
            action()
            code = 0
        except BaseException:  # noqa: BLE001  whatever it is, this process goes no further
            traceback.print_exc()
        finally:
            os._exit(code)
    try:
        yield child
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
        wait_for_end(child)


def report_rows(course: Path) -> list[list[str]]:
    text = (course / f"rapport-{ASSIGNMENT}.csv").read_text(encoding="utf-8-sig")
    heading, *rest = csv.reader(text.splitlines(), delimiter=";")
    assert heading == ["apprenant", "état", "raison"]
    return rest


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


# --- beside nbgrader's own command ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def doors(autograded_golden: AutogradedGolden, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """Every golden submission, graded by `nbgrader autograde` and by `reseau-kit grade`; what the latter said."""
    tmp = tmp_path_factory.mktemp("portes")
    volume = copy(autograded_golden.handed_in, tmp / "volume")
    done = reseau_kit(tmp, "grade", "--jobs", "2", "--course-root", volume)
    assert (done.code, done.stderr) == (0, "")
    return autograded_golden.graded, volume, plain(done.stdout)


def test_command_leaves_the_rows_of_nbgraders_own(doors: tuple[Path, Path, str]) -> None:
    stock, volume, _ = doors
    assert rows(volume) == rows(stock)


def test_command_leaves_the_folders_of_nbgraders_own(doors: tuple[Path, Path, str]) -> None:
    stock, volume, _ = doors
    assert files(volume).keys() == files(stock).keys()
    assert {path.name for path in (volume / "autograded").glob(".*")} == {batch._LOCK}


def test_command_says_what_it_did(doors: tuple[Path, Path, str]) -> None:
    _, volume, said = doors
    refused = [name for name, golden in GOLDEN.items() if golden.marks is None]
    assert f"{ASSIGNMENT} : {len(GOLDEN)} remises, en " in said
    assert f"Notées : {len(GOLDEN) - len(refused)}\n" in said
    assert f"Refusées : {len(refused)}\n" in said
    assert (
        f"Celles qui sont refusées, réparées ou sans réponse, et pourquoi : {volume}/rapport-{ASSIGNMENT}.csv" in said
    )


def test_report_names_each_that_was_refused_or_mended(doors: tuple[Path, Path, str]) -> None:
    told = [[plain(text) for text in row] for row in report_rows(doors[1])]
    for name, golden in GOLDEN.items():
        if golden.said and name != "late":
            of_this = [row for row in told if row[0] == (golden.student or name)]
            states = ("refusée",) if golden.marks is None else ("réparée", "sans réponse")
            assert {row[1] for row in of_this} <= {*states}, name
            assert any(plain(golden.said) in row[2] for row in of_this), (name, of_this)
    assert not [row for row in told if row[2].startswith('"')]
    assert "perfect" not in {row[0] for row in told}


def test_nbgrader_goes_on_from_there(doors: tuple[Path, Path, str], nbgrader: Commands, tmp_path: Path) -> None:
    """Nothing is left to autograde; pages, export and formgrader read what was written."""
    course = copy(doors[1], tmp_path / "suite")
    for name, golden in GOLDEN.items():
        if golden.marks is None:
            student = course / "submitted" / (golden.student or name)
            student.unlink() if student.is_symlink() else shutil.rmtree(student)
    before, standing = rows(course), files(course)
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\nc.Exchange.root = {str(tmp_path / 'echange')!r}\n")
    (tmp_path / "echange").mkdir(mode=0o777)
    (tmp_path / "echange").chmod(0o777)
    said = nbgrader(course, "autograde", ASSIGNMENT)
    marked = {name for name, golden in GOLDEN.items() if golden.marks is not None}
    assert "Sanitizing" not in said
    assert said.count("Skipping existing assignment") == len(marked)
    assert (rows(course), files(course)) == (before, standing)
    pages = nbgrader.start(course, "generate_feedback", ASSIGNMENT)
    nbgrader(course, "export")
    finish(pages)
    nbgrader(course, "release_feedback", ASSIGNMENT, "--student=perfect")
    assert {path.parts[-3] for path in (course / "feedback").glob(f"*/{ASSIGNMENT}/*.html")} == marked
    assert "Votre note" in (course / "feedback" / "perfect" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8")
    table = list(csv.DictReader((course / "grades.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["student_id"]: float(row["score"]) for row in table}["perfect"] == 60
    assert list((tmp_path / "echange").rglob("*.html"))
    seen = {each["student"]: each for each in formgrader(course).get_submissions(ASSIGNMENT)}
    assert all(seen[name]["autograded"] for name in marked)
    assert (seen["perfect"]["score"], seen["text"]["needs_manual_grade"]) == (60, True)


def formgrader(course: Path) -> NbGraderAPI:
    """What formgrader's pages show."""
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.source_directory = str(course), "exercises"
    return NbGraderAPI(config=config)


# --- what is done, what is done again ---------------------------------------------------------------------------------


def test_what_is_graded_is_left_and_what_is_newer_is_graded_anew(course: Path, kinds: Path) -> None:
    students = hand_in_copies(course, kinds, 6, "partly-wrong")
    first = run(course)
    assert (first.found, first.done, first.graded) == (6, 0, 6)
    before, standing = rows(course), files(course)
    second = run(course)
    assert (second.found, second.done, second.graded) == (6, 6, 0)
    assert (rows(course), files(course)) == (before, standing)

    copy_to(course, kinds, "perfect", students[0], LATER)
    copy_to(course, kinds, "perfect", students[1], EARLY)  # not said to be newer
    third = run(course)
    assert (third.done, third.graded) == (5, 1)
    after = rows(course)
    assert {student for student in students if after[student] != before[student]} == {students[0]}
    assert ("grade", "N", 10.0, None, None, 0) in after[students[0]]
    assert files(course)[f"{students[0]}/{ASSIGNMENT}/timestamp.txt"].decode() == LATER


def test_force_grades_everything_anew(course: Path, kinds: Path) -> None:
    students = hand_in_copies(course, kinds, 4, "partly-wrong")
    run(course)
    copy_to(course, kinds, "perfect", students[0])
    report = run(course, force=True)
    assert (report.done, report.graded) == (0, 4)
    assert ("grade", "N", 10.0, None, None, 0) in rows(course)[students[0]]
    assert ("grade", "N", 5.0, None, None, 0) in rows(course)[students[1]]


def test_graded_is_what_both_gradebook_and_folder_hold(course: Path, kinds: Path) -> None:
    students = hand_in_copies(course, kinds, 3, "perfect")
    run(course)
    before, standing = rows(course), files(course)
    shutil.rmtree(course / "autograded" / students[0])
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.remove_submission(ASSIGNMENT, students[1])
    assert run(course).graded == 2
    assert (rows(course), files(course)) == (before, standing)


def test_chosen_learners_alone_are_graded(course: Path, kinds: Path) -> None:
    hand_in_copies(course, kinds, 12, "perfect")
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.CourseDirectory.student_id_exclude = 'apprenant-10'\n")
    assert run(course, students=["apprenant-0[12]", "apprenant-1*", "apprenant-02"]).graded == 3
    assert set(rows(course)) == {"apprenant-01", "apprenant-02", "apprenant-11"}


def test_dry_run_writes_nothing(course: Path, kinds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    students = hand_in_copies(course, kinds, 4, "perfect")
    run(course, students=students[:1])
    before = everything(course)
    assert command.main(["grade", "--dry-run", "--course-root", str(course)]) == 0
    said = plain(capsys.readouterr().out)
    assert said == f"{ASSIGNMENT} : 4 remises, dont 3 à noter.\nRien n’a été écrit.\n"
    assert everything(course) == before


def everything(course: Path) -> dict[str, tuple[float, bytes]]:
    return {str(path): (path.stat().st_mtime, path.read_bytes()) for path in course.rglob("*") if path.is_file()}


def test_manual_grade_survives_a_newer_submission(course: Path, kinds: Path) -> None:
    hand_in_copies(course, kinds, 1, "text")
    run(course)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        grade = gradebook.find_grade("T", ASSIGNMENT, ASSIGNMENT, "apprenant-00")
        grade.manual_score, grade.needs_manual_grade = 4.0, False
        gradebook.find_comment("T", ASSIGNMENT, ASSIGNMENT, "apprenant-00").manual_comment = "Un début net."
        gradebook.db.commit()
    copy_to(course, kinds, "text", "apprenant-00", LATER)
    assert run(course).graded == 1
    assert ("grade", "T", None, 4.0, None, 1) in rows(course)["apprenant-00"]
    assert ("comment", "T", None, "Un début net.") in rows(course)["apprenant-00"]


def test_settings_of_the_course_are_followed(course: Path, kinds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who may be graded, what a group of trainers may change, and what only nbgrader's own command does."""
    students = hand_in_copies(course, kinds, 2, "perfect")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.add_student(students[0])
    settings = """
from nbgrader.preprocessors import NbGraderPreprocessor

class Signature(NbGraderPreprocessor):
    pass

c.Autograde.autograde_preprocessors += [Signature]
c.Autograde.create_student = False
c.CourseDirectory.groupshared = True
"""
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(settings)
    assert command.main(["grade", "--jobs", "1", "--course-root", str(course)]) == 0
    printed = capsys.readouterr()
    assert plain(printed.err) == "Attention : « Signature » n’agit qu’avec « nbgrader autograde ».\n"
    assert "Notées : 1\n" in plain(printed.out)
    assert {path.split("/")[0] for path in files(course)} == {students[0]}
    assert [row[:2] for row in report_rows(course)] == [[students[1], "refusée"]]
    folder = course / "autograded" / students[0] / ASSIGNMENT
    assert folder.stat().st_mode & 0o7777 == 0o2775
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o664}


# --- the report -------------------------------------------------------------------------------------------------------


def test_report_keeps_what_earlier_runs_told_of_others(course: Path, kinds: Path) -> None:
    hand_in_copies(course, kinds, 2, "unreadable")
    copy_to(course, kinds, "perfect", "apprenant-02")
    (course / "submitted" / "apprenant-02" / ASSIGNMENT / "lien.txt").symlink_to("/dev/zero")
    report = run(course)
    assert (report.graded, report.mended, report.refused) == (1, 1, 2)
    assert sorted(row[:2] for row in report_rows(course)) == [
        ["apprenant-00", "refusée"],
        ["apprenant-01", "refusée"],
        ["apprenant-02", "réparée"],
    ]
    copy_to(course, kinds, "perfect", "apprenant-01")
    report = run(course)
    assert (report.done, report.graded, report.refused) == (1, 1, 1)
    assert sorted(row[:2] for row in report_rows(course)) == [["apprenant-00", "refusée"], ["apprenant-02", "réparée"]]
    for student in ("apprenant-00", "apprenant-02"):
        copy_to(course, kinds, "perfect", student, LATER)
    run(course)
    assert not (course / f"rapport-{ASSIGNMENT}.csv").exists()


def test_report_holds_no_formula_and_outlives_a_line_cut_short(course: Path, kinds: Path) -> None:
    copy_to(course, kinds, "unreadable", "=cmd()")
    path = course / f"rapport-{ASSIGNMENT}.csv"
    path.write_bytes("\ufeffapprenant;état;raison\r\nanna;réparée;peu\r\nberthe;refu".encode())
    run(course)
    assert path.read_bytes().startswith("\ufeffapprenant;".encode())
    told = [row for row in report_rows(course) if len(row) == 3]
    assert [row[:2] for row in told] == [["anna", "réparée"], ["'=cmd()", "refusée"]]


def test_report_that_somebody_keeps_is_told_before_anything_is_graded(course: Path, kinds: Path) -> None:
    hand_in_copies(course, kinds, 1, "perfect")
    (course / f"rapport-{ASSIGNMENT}.csv").mkdir()
    with pytest.raises(batch.CannotUse, match="fermez-le"):
        run(course)
    assert not [path for path in (course / "autograded").iterdir() if not path.name.startswith(".reseau-kit.lock")]


def test_folder_whose_name_is_no_text_costs_itself(course: Path, kinds: Path) -> None:
    hand_in_copies(course, kinds, 2, "perfect")
    odd = os.fsdecode(b"ren\xe9")
    copy_to(course, kinds, "perfect", odd)
    report = run(course)
    assert (report.graded, report.refused) == (2, 1)
    assert report_rows(course)[0][0] == "ren\\udce9"


# --- what stops it ----------------------------------------------------------------------------------------------------


def test_faults_of_set_up_are_all_named(course: Path, kinds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy_to(course, kinds, "perfect", "anna").rename(course / "submitted" / "anna" / "autre")
    options = ["--course-root", str(course)]
    assert command.main(["grade", "--assignment", ASSIGNMENT, "--assignment", "autre", *options]) == 1
    said = plain(capsys.readouterr().err)
    assert f"{course}/submitted/*/{ASSIGNMENT} : il n’y a aucune remise." in said
    assert "generate_assignment autre" in said
    assert f"{course}/exercises/autre : le dossier de cet exercice manque" in said
    assert command.main(["grade", "--course-root", str(course.parent)]) == 1
    assert "il n’y a pas de « nbgrader_config.py »" in plain(capsys.readouterr().err)
    (course / "autograded").write_text("un fichier")
    assert command.main(["grade", "--assignment", ASSIGNMENT, *options]) == 1
    assert "il n’y a aucune remise" in plain(capsys.readouterr().err)
    copy_to(course, kinds, "perfect", "anna")
    assert command.main(["grade", "--assignment", ASSIGNMENT, *options]) == 1
    assert f"{course}/autograded : ce dossier ne s’écrit pas" in plain(capsys.readouterr().err)
    shutil.rmtree(course / "submitted")
    assert command.main(["grade", *options]) == 1
    assert plain(capsys.readouterr().err) == "Il n’y a aucune remise dans « submitted ».\n"
    assert command.main(["grade", "--student", "zoé", *options]) == 1
    assert plain(capsys.readouterr().err) == "Il n’y a aucune remise dans « submitted » pour « zoé ».\n"
    assert command.main(["grade", "--assignment", "devoir", "--assignment", "examen", *options]) == 1
    assert plain(capsys.readouterr().err) == "".join(
        f"Ce cours n’a pas d’exercice « {name} » ; il a : {ASSIGNMENT}.\n" for name in ("devoir", "examen")
    )
    (course / "gradebook.db").unlink()
    assert command.main(["index", *options]) == 1
    assert f"{course}/gradebook.db" in capsys.readouterr().err
    assert not (course / "gradebook.db").exists()
    (course / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    assert command.main(["grade", *options]) == 1
    assert "configure(c)" in capsys.readouterr().err
    (course / "nbgrader_config.py").write_text("c = get_confi()\n", encoding="utf-8")
    assert command.main(["grade", *options]) == 1
    assert "get_confi" in capsys.readouterr().err


def test_gradebook_that_somebody_writes_is_waited_for_then_named(
    course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in_copies(course, kinds, 1, "perfect")
    monkeypatch.setattr(batch, "PATIENCE", 0.2)
    with closing(sqlite3.connect(course / "gradebook.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CannotUse, match="un autre programme y écrit"):
            run(course)
    assert run(course).graded == 1


def test_second_run_does_not_disturb_the_first(course: Path, kinds: Path) -> None:
    hand_in_copies(course, kinds, 1, "perfect")
    with batch._alone_in(load_course(course)), pytest.raises(CannotUse, match="déjà en train d’être noté"):
        run(course)


def graded_and_handed_in_anew(course: Path, kinds: Path) -> tuple[Any, dict[str, bytes]]:
    """The rows and the files of four learners, whose next work waits."""
    students = hand_in_copies(course, kinds, 4, "partly-wrong")
    run(course)
    before = rows(course), files(course)
    for student in students:
        copy_to(course, kinds, "perfect", student, LATER)
    return before


def test_gradebook_that_fails_midway_puts_folders_back(
    course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, standing = graded_and_handed_in_anew(course, kinds)
    with monkeypatch.context() as patch:
        patch.setattr(Book, "write", lambda *_, **__: (_ for _ in ()).throw(GradebookUnusable("Le disque dort.")))
        with pytest.raises(CannotUse, match="Le disque dort"):
            run(course)
    assert (rows(course), files(course)) == (before, standing)
    assert run(course).graded == 4


def test_folder_that_does_not_move_leaves_the_others_where_they_were(
    course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, standing = graded_and_handed_in_anew(course, kinds)
    moved, rename = [], os.rename

    def third_fails(source: str, target: str) -> None:
        moved.append(source)
        if len(moved) == 3:
            raise PermissionError(13, "Permission denied", source)
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", third_fails)
        with pytest.raises(CannotUse, match=r"apprenant-02/.*vous n’en avez pas le droit"):
            run(course)
    assert (rows(course), files(course)) == (before, standing)
    assert run(course).graded == 4


def test_ctrl_c_keeps_what_is_done_and_the_next_run_goes_on(course: Path, kinds: Path) -> None:
    """To the whole group of processes, as a terminal sends it."""
    hand_in_copies(course, kinds, 40, "perfect", "partly-wrong")
    script = f"""
import os, signal
from contextlib import contextmanager
from reseau_kit import __main__ as command
from reseau_kit.grading import batch
batch.CHUNK, batch.BATCH = 1, 4

asked = []

def ask(done, total):
    if not asked:
        asked.append(done)
        os.killpg(0, signal.SIGINT)

@contextmanager
def progress(assignment):
    yield ask

command._progress = progress
raise SystemExit(command.main(["grade", "--jobs", "2", "--course-root", {str(course)!r}]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, start_new_session=True
    )
    said = plain(done.stdout)
    assert (done.returncode, done.stderr) == (130, "")
    assert "Interrompu : il en reste" in said
    assert "elle reprend où vous en étiez" in said
    graded = len(rows(course))
    assert 4 <= graded < 40
    assert {path.split("/")[0] for path in files(course)} == set(rows(course))
    report = run(course)
    assert (report.done, report.graded) == (graded, 40 - graded)


def test_processes_end_with_the_command_that_is_killed(course: Path, kinds: Path) -> None:
    hand_in_copies(course, kinds, 6, "perfect")
    script = f"""
import time
from pathlib import Path
from reseau_kit.grading import batch
from reseau_kit.grading.course import load_course
batch.CHUNK, batch.BATCH = 1, 2

def stay(done, total):
    print(done, flush=True)
    time.sleep(60)

batch.grade(load_course(Path({str(course)!r})), assignment={ASSIGNMENT!r}, jobs=2, progress=stay)
"""
    running = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True)
    assert running.stdout is not None
    assert running.stdout.readline()
    assert len(group(running.pid)) >= 3
    running.kill()
    running.wait()
    wait_for_end(running.pid)
    running.stdout.close()
    assert list((course / "autograded").glob(".reseau-kit-*"))
    run(course)
    assert not list((course / "autograded").glob(".reseau-kit-*"))
    assert len(rows(course)) == 6


def wait_for_end(leader: int) -> None:
    """Wait until nothing of a group of processes is alive."""
    end = time.monotonic() + 20
    while group(leader):
        assert time.monotonic() < end, "a process outlives the one that started it"
        time.sleep(0.05)


def group(leader: int) -> list[int]:
    """The processes of a group that are alive: one whose first thread has ended may have others that hold its files."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        state, of_group, threads = fields[0], int(fields[2]), int(fields[17])
        if of_group == leader and (state != "Z" or threads > 1):
            found.append(int(entry.name))
    return found


def test_killed_process_costs_no_submission(course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of this machine's processes, midway: its work is done by others."""
    hand_in_copies(course, kinds, 40, "perfect", "partly-wrong")
    other = copy(course, course.with_name("autre"))
    run(other)
    pools: list[ProcessPoolExecutor] = []
    killed: list[int] = []

    def opened(jobs: int, module: str) -> Executor:
        pools.append(forking(jobs, module))
        return pools[-1]

    monkeypatch.setattr(processes, "pool", opened)
    monkeypatch.setattr(batch, "CHUNK", 2)
    monkeypatch.setattr(batch, "BATCH", 4)

    def kill(done: int, total: int) -> None:
        if not killed:
            killed.append(next(iter(pools[0]._processes)))
            os.kill(killed[0], signal.SIGKILL)

    report = batch.grade(load_course(course), assignment=ASSIGNMENT, jobs=2, progress=kill)
    assert len(pools) > 1
    assert (report.graded, report.refused) == (40, 0)
    assert rows(course) == rows(other)
    assert files(course) == files(other)


def test_submission_that_kills_its_process_is_refused_alone(
    course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    students = hand_in_copies(course, kinds, 20, "perfect")

    def fragile(exercise: Exercise, student: str, submitted: Path, staging: Path) -> Outcome:
        if student == "apprenant-07":
            os.kill(os.getpid(), signal.SIGKILL)
        if student == "apprenant-08":
            raise RuntimeError("notre faute")
        return grade_folder(exercise, student, submitted, staging)

    monkeypatch.setattr(workers, "grade_folder", fragile)
    monkeypatch.setattr(processes, "pool", forking)
    monkeypatch.setattr(batch, "CHUNK", 4)
    report = batch.grade(load_course(course), assignment=ASSIGNMENT, jobs=2)
    assert (report.graded, report.refused) == (18, 2)
    told = {student: reason for student, _, reason in report_rows(course)}
    assert plain(told["apprenant-07"]) == plain(batch.KILLED)
    assert "RuntimeError : notre faute" in plain(told["apprenant-08"])
    assert {path.split("/")[0] for path in files(course)} == set(students) - told.keys()


def test_processes_that_cannot_start_stop_the_run(course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No submission is blamed for it."""
    hand_in_copies(course, kinds, 4, "perfect")
    context = multiprocessing.get_context("fork")
    monkeypatch.setattr(
        processes, "pool", lambda jobs, _module: ProcessPoolExecutor(jobs, context, initializer=os._exit, initargs=(1,))
    )
    with pytest.raises(CannotUse, match="ne démarrent pas"):
        batch.grade(load_course(course), assignment=ASSIGNMENT, jobs=2)
    assert not rows(course)
    assert run(course).graded == 4


def test_disk_that_is_full_stops_the_run_and_says_so(
    course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in_copies(course, kinds, 6, "perfect")

    def full(exercise: Exercise, student: str, submitted: Path, staging: Path) -> Outcome:
        if student == "apprenant-04":
            raise OSError(28, "No space left on device")
        return grade_folder(exercise, student, submitted, staging)

    monkeypatch.setattr(batch, "CHUNK", 1)
    with monkeypatch.context() as patch:
        patch.setattr(workers, "grade_folder", full)
        with pytest.raises(CannotUse, match="le disque est plein") as stopped:
            run(course)
    assert "la même commande reprendra la suite" in str(stopped.value)
    assert set(rows(course)) == {f"apprenant-0{number}" for number in range(4)}
    assert run(course).graded == 2


# --- killed at any moment ---------------------------------------------------------------------------------------------


#: Where a run is killed: just before a step, by its kind and its place among those of that kind. There are four batches
#: of four learners; ten of these have a folder that is put aside first.
BOUNDARIES = (
    ("rename", 1),  # nothing was done
    ("rename", 3),  # two folders are aside
    ("write", 1),  # four are aside
    ("commit", 1),  # their rows are written, and the transaction is open
    ("written", 1),  # it is done, and no folder is in its place
    ("rename", 7),  # two are
    ("commit", 3),
    ("written", 4),
    ("rename", 26),  # the last one
)
AT_RANDOM = 5
"""Runs that are killed between two steps, wherever they happen to be."""


def test_killed_at_any_moment_it_is_before_or_after_a_batch(
    course: Path, kinds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All processes at once, at each boundary and anywhere; some submissions are new, others newer than graded ones."""
    students = hand_in_copies(course, kinds, 16, "partly-wrong")
    run(course, students=["apprenant-0*"])
    for number, student in enumerate(students):
        copy_to(course, kinds, ("perfect", "text")[number % 2], student, LATER)
    before, older = rows(course), files(course)
    undisturbed = copy(course, tmp_path / "calme")
    monkeypatch.setattr(processes, "pool", forking)
    monkeypatch.setattr(batch, "CHUNK", 2)
    monkeypatch.setattr(batch, "BATCH", 4)
    with forked(partial(grade_with_two, undisturbed, tmp_path / "lots")) as child:
        assert os.waitpid(child, 0)[1] == 0
    batches = len((tmp_path / "lots").read_text(encoding="utf-8").splitlines())
    assert batches == 4
    final, standing = rows(undisturbed), files(undisturbed)
    assert all(final[student] != before.get(student) for student in students)

    chance, partly = random.Random(6), 0
    for turn, boundary in enumerate([*BOUNDARIES, *[None] * AT_RANDOM]):
        place, log = copy(course, tmp_path / f"tour-{turn}"), tmp_path / f"lots-{turn}"
        with forked(partial(grade_with_two, place, log, boundary)) as child:
            if boundary:
                assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
            else:
                wait_for_batch(log, chance.randrange(batches + 1))
                # Seldom long: a batch of four takes some milliseconds, and more on a busy machine.
                time.sleep(0.05 * chance.random() ** 3)
        found, there = rows(place), files(place)
        written = {student for student in students if found.get(student) == final[student]}
        assert all(found.get(student) in (before.get(student), final[student]) for student in students)
        for lot in log.read_text(encoding="utf-8").splitlines() if log.exists() else []:
            assert not written & set(lot.split()) or written >= set(lot.split()), "a batch is written in part"
        for student in {path.split("/")[0] for path in there}:
            # Whole, and never ahead of the gradebook.
            assert of(student, there) == of(student, standing if student in written else older)
        partly += 0 < len(written) < len(students)
        run(place)
        assert (rows(place), files(place)) == (final, standing)
        assert {path.name for path in (place / "autograded").glob(".*")} == {batch._LOCK}
        shutil.rmtree(place)
    assert partly >= 3, "the boundaries are not where they are said to be"


def wait_for_batch(log: Path, number: int) -> None:
    """Wait until so many batches were begun, whatever else this machine has to do."""
    end = time.monotonic() + 60
    while number and (not log.exists() or len(log.read_text(encoding="utf-8").splitlines()) < number):
        assert time.monotonic() < end
        time.sleep(0.002)


def of(student: str, found: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in found.items() if path.startswith(f"{student}/")}


def grade_with_two(course: Path, log: Path, killed_at: tuple[str, int] | None = None) -> None:
    """Grade with two processes; each batch is named in `log` just before it is written.

    All processes are killed just before a step: a rename, the writing of a batch, its commit, or what follows that.
    """
    write, rename, here = Book.write, os.rename, os.getpid()
    steps: Counter[str] = Counter()

    def step(name: str) -> None:
        steps[name] += 1
        if (name, steps[name]) == killed_at and os.getpid() == here:
            os.killpg(0, signal.SIGKILL)

    def renamed(source: str, target: str) -> None:
        step("rename")
        rename(source, target)

    def named(book: Book, assignment: str, outcomes: list[Outcome], **options: Any) -> Any:
        step("write")
        with log.open("a", encoding="utf-8") as file:
            file.write(" ".join(outcome.student for outcome in outcomes) + "\n")
        event.listen(book._engine, "commit", committing)
        failures = write(book, assignment, outcomes, **options)
        event.remove(book._engine, "commit", committing)
        step("written")
        return failures

    def committing(_: object) -> None:
        step("commit")

    os.rename = renamed  # type: ignore[assignment]
    Book.write = named  # type: ignore[assignment,method-assign]
    batch.grade(load_course(course), assignment=ASSIGNMENT, jobs=2)


# --- Dask -------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
def test_dask_workers_grade_the_same_and_one_may_be_killed(
    course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cluster of worker processes that reach the same folders; its command, and a worker killed midway."""
    from distributed import LocalCluster

    hand_in_copies(course, kinds, 40, "perfect", "partly-wrong")
    other = copy(course, course.with_name("autre"))
    run(other)
    monkeypatch.setattr(batch, "CHUNK", 2)
    monkeypatch.setattr(batch, "BATCH", 4)
    killed: list[int] = []
    two: Any = partial(LocalCluster, n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with two() as cluster:
        first = next(iter(cluster.workers.values()))

        @contextmanager
        def progress(assignment: str) -> Iterator[Callable[[int, int], None]]:
            def show(done: int, total: int) -> None:
                if not killed:
                    killed.append(first.process.pid)
                    os.kill(first.process.pid, signal.SIGKILL)

            yield show

        monkeypatch.setattr(command, "_progress", progress)
        options = ["--scheduler", cluster.scheduler_address, "--course-root", str(course)]
        assert command.main(["grade", *options]) == 0
    assert killed
    assert "Notées : 40\n" in plain(capsys.readouterr().out)
    assert rows(course) == rows(other)
    assert files(course) == files(other)


@pytest.mark.filterwarnings("ignore")
def test_missing_dask_and_silent_scheduler_are_named(
    course: Path, kinds: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in_copies(course, kinds, 1, "perfect")
    options = ["grade", "--scheduler", "tcp://127.0.0.1:9", "--course-root", str(course)]
    monkeypatch.setattr(cluster, "CONNECTING", "300ms")
    assert command.main(options) == 1
    assert "aucun ordonnanceur Dask ne répond à cette adresse" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert command.main(options) == 1
    assert 'pip install ".[dask]"' in capsys.readouterr().err
    assert not rows(course)


# --- nothing of a learner's runs --------------------------------------------------------------------------------------


def test_no_kernel_is_started_and_no_code_of_a_learner_runs(course: Path, kinds: Path, tmp_path: Path) -> None:
    """Python's own audit events: in a process that does all the work, no program starts and no such code compiles."""
    traces = tmp_path / "traces"
    traces.mkdir()
    for place in ("cellule", "module", "journal"):
        folder = copy_to(course, kinds, "perfect", f"hostile-{place}")
        attack = f"open({str(traces / place)!r}, 'w')  # attaque"
        if place == "cellule":
            edit(folder, partial(code, source=attack))
        for name in ("reseau_kit.py", "sitecustomize.py", "nbgrader_config.py", "conftest.py"):
            (folder / name).write_text(f"{attack}\n", encoding="utf-8")
        if place == "journal":
            Hand(folder, "").validate({"N": f"__import__('os').system('touch {traces / place}')  # attaque"})
    starts = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.startfile")
    seen: list[str] = []

    def watch(event: str, details: tuple[Any, ...]) -> None:
        if event in starts or event.startswith("socket."):
            seen.append(event)
        if event in ("compile", "exec") and "attaque" in str(details):
            seen.append(event)

    def grade() -> None:
        sys.addaudithook(watch)
        assert run(course).graded == 3
        assert not seen, seen

    with forked(grade) as child:
        assert os.waitpid(child, 0)[1] == 0
    assert not list(traces.iterdir())
    assert len(rows(course)) == 3


def test_the_watch_would_see_a_kernel_and_code() -> None:
    """The test above can fail: what it looks for is what a program that starts, or code that runs, makes Python say."""
    seen: list[str] = []

    def watch(event: str, details: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" or (event == "compile" and "attaque" in str(details)):
            seen.append(event)

    def act() -> None:
        sys.addaudithook(watch)
        subprocess.run([sys.executable, "-c", ""], check=True)
        compile("1  # attaque", "x", "exec")
        assert sorted(seen) == ["compile", "subprocess.Popen"]

    with forked(act) as child:
        assert os.waitpid(child, 0)[1] == 0
