"""Names are names: no sign in the name of a person, an exercise or a folder means more than itself, by either door."""

import csv
import glob
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader import dbutil, utils
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from bench.submissions import ASSIGNMENT, KINDS, SMALL_COURSE, course, grades, submit
from desk import Commands
from reseau_kit.__main__ import main
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.travel import NotTravelFile, bring_back, take_along
from reseau_kit.grading.course import load_course
from reseau_kit.grading.nbgrader_steps import configure
from reseau_kit.system.names import exactly, fault_of, find
from reseau_kit.workspace import update_workspace

#: Of a pattern, of a regular expression, of an address and of a format, each sign that means something there.
ODD = "Licence [L1] (a|b)+ %41 {0}?x=1#y"

#: Who hands in what. Read as patterns, some of these names are others of them.
PEOPLE = {
    "a": "perfect",
    "[ab]": "partly",
    "sam": "perfect",
    "s*": "partly",
    "*": "wrong-then-right",
    "?": "draft",
    "O'Brien": "draft",
    "Élodie (2), née Roy": "perfect",
    "Roy & Fils %41 #1": "partly",
    " entre espaces ": "draft",
    "{student_id}": "perfect",
}
#: And whose names nobody can take, each with a word of the reason.
NOBODY = {
    "ligne\nde": "retour à la ligne",
    "ligne\u2028de": "signe invisible",
    "\u202egauche": "signe invisible",
    "<b>": "aucun nom ne demande",
    'x";alert(1);"': "aucun nom ne demande",
    ".cachée": "commence par un point",
}


@dataclass(frozen=True)
class Doors:
    """One course, graded by nbgrader's command and in volume, and what each printed."""

    nbgrader: Path
    volume: Path
    logs: tuple[str, str]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Doors:
    tmp = tmp_path_factory.mktemp("noms")
    nbgrader = Commands(tmp_path_factory.mktemp("jupyter"))
    first, second = tmp / ODD, tmp / "volume" / ODD
    course(first)
    nbgrader(first, "generate_assignment", ASSIGNMENT)
    for name, kind in {**PEOPLE, **dict.fromkeys(NOBODY, "perfect")}.items():
        submit(first, name, kind)
    in_the_way(submit(first, "en travers", "perfect"))
    clock = submit(first, "horloge", "perfect") / "timestamp.txt"
    clock.unlink()
    clock.mkdir()
    shutil.copytree(first, second)
    log = nbgrader(first, "autograde", ASSIGNMENT, fails=True)
    # A neighbour's course, which the first one's name means where it is read as a pattern.
    (tmp / "Licence L (a|b)+ %41 {0}?x=1#y" / "submitted").mkdir(parents=True)
    command = [sys.executable, "-m", "reseau_kit", "grade", "--jobs", "1"]
    done = subprocess.run(command, cwd=second, capture_output=True, check=True, text=True)
    return Doors(first, second, (log, done.stdout))


def in_the_way(folder: Path) -> None:
    """Make of the trainer's file a folder, as `mkdir` beside a downloaded copy does."""
    table = folder / "journal_temps.csv"
    table.unlink()
    table.mkdir()
    (table / "copie.csv").write_text("a;b\n", encoding="utf-8")


@pytest.mark.slow
def test_everybody_has_their_own_mark_by_both_doors(doors: Doors) -> None:
    expected = {
        name: {cell: (score, False) for cell, score in KINDS[kind][1].items()}
        for name, kind in {**PEOPLE, "en travers": "perfect"}.items()
    }
    assert grades(doors.nbgrader) == expected
    assert grades(doors.volume) == expected
    for door in (doors.nbgrader, doors.volume):
        folders = {path.name for path in (door / "autograded").iterdir() if path.name != ".reseau-kit.lock"}
        assert folders == expected.keys()
        assert all((door / "autograded" / name / ASSIGNMENT / "journal_temps.csv").is_file() for name in expected)


@pytest.mark.slow
def test_who_cannot_be_named_is_refused_alone_and_told(doors: Doors) -> None:
    log, said = (text.replace("\N{NO-BREAK SPACE}", " ") for text in doors.logs)
    with (doors.volume / f"rapport-{ASSIGNMENT}.csv").open(encoding="utf-8-sig", newline="") as file:
        report = {row[0]: row[2] for row in csv.reader(file, delimiter=";") if row[1] == "refusée"}
    assert f"Refusées : {len(NOBODY) + 1}" in said
    assert len(report) == len(NOBODY) + 1
    for name, reason in NOBODY.items():
        written = name.replace("\n", "\\n").replace("\u2028", "\\u2028").replace("\u202e", "\\u202e")
        assert reason in report[written]
        assert written.isprintable()
    assert "timestamp.txt" in report["horloge"]
    assert log.count("There was an error processing assignment 'etape-1' for student") == len(report)


@pytest.mark.slow
# Slips of nbgrader's: a word of its own that it misspells, and a file that it leaves open.
@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning", "ignore::ResourceWarning")
def test_pages_of_everybody_are_made_and_given_back_one_by_one(doors: Doors, tmp_path: Path) -> None:
    course_root = tmp_path / ODD
    shutil.copytree(doors.volume, course_root)
    assert main(["feedback", "--jobs", "1", "--course-root", str(course_root)]) == 0
    pages = {path.parts[-3] for path in (course_root / "feedback").glob(f"*/{ASSIGNMENT}/*.html")}
    assert pages == {*PEOPLE, "en travers"}

    api = trainer(course_root, tmp_path / "échange [1]")
    given = tmp_path / "échange [1]" / "cours" / "feedback"
    for name in (*PEOPLE, "en travers"):
        (course_root / "feedback" / name / ASSIGNMENT / "submission_secret.txt").write_text(name, encoding="utf-8")
    for count, name in enumerate(("*", "s*", "[ab]", " entre espaces "), 1):
        told = api.release_feedback(ASSIGNMENT, name)
        assert told["success"], told
        assert len([*given.iterdir()]) == count
    # Whose page cannot be given back keeps nobody from theirs.
    (course_root / "feedback" / "a" / ASSIGNMENT / "submission_secret.txt").unlink()
    assert api.release_feedback(ASSIGNMENT)["success"]
    assert len([*given.iterdir()]) == len(PEOPLE)
    told = api.release_feedback(ASSIGNMENT, "a")
    assert not told["success"]
    assert "n’est pas rendue (il n’y a rien de ce nom)" in told["log"]


def trainer(root: Path, exchange: Path) -> NbGraderAPI:
    """What formgrader asks, on a course."""
    exchange.mkdir()
    config = Config()
    configure(config)
    config.CourseDirectory.root, config.CourseDirectory.source_directory = str(root), "exercises"
    config.CourseDirectory.course_id, config.Exchange.root = "cours", str(exchange)
    return NbGraderAPI(config=config)


@pytest.mark.slow
def test_formgrader_shows_and_grades_the_person_whose_button_is_pressed(doors: Doors, tmp_path: Path) -> None:
    course_root = tmp_path / ODD
    shutil.copytree(doors.volume, course_root)
    api = trainer(course_root, tmp_path / "échange")
    assert api.get_source_assignments() == {ASSIGNMENT}
    assert api.get_submitted_students(ASSIGNMENT) == {*PEOPLE, *NOBODY, "en travers", "horloge"} - {".cachée"}
    shown = {each["student"]: each["autograded"] for each in api.get_submissions(ASSIGNMENT)}
    assert {name for name, graded in shown.items() if graded} == {*PEOPLE, "en travers"}

    before = {name: (course_root / "autograded" / name).stat().st_mtime_ns for name in PEOPLE}
    for name in ("[ab]", "*", " entre espaces "):
        assert api.autograde(ASSIGNMENT, name)["success"]
    after = {name: (course_root / "autograded" / name).stat().st_mtime_ns for name in PEOPLE}
    assert {name for name in PEOPLE if before[name] != after[name]} == {"[ab]", "*", " entre espaces "}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "who"),
    [("[ab]", {"[ab]", "a"}), ("s*", {"s*", "sam"}), ("O'Brien", {"O'Brien"}), ("[[]ab]", {"[ab]"}), ("y*", set())],
)
def test_trainer_chooses_people_by_their_names_or_by_a_pattern(doors: Doors, asked: str, who: set[str]) -> None:
    """A learner's name cannot make a pattern mean fewer people."""
    there = load_course(doors.volume)
    assert {each.student for each in there.submissions(ASSIGNMENT, [asked])} == who
    assert set(there.graded(ASSIGNMENT, [asked])) == who


def test_learner_opens_a_course_in_such_a_folder(tmp_path: Path) -> None:
    root = tmp_path / ODD
    shutil.copytree(SMALL_COURSE, root)
    update_workspace(root, root / "mon-cours")
    assert (root / "mon-cours" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").exists()


def test_gradebook_is_the_file_of_that_very_name(tmp_path: Path) -> None:
    configure(Config())
    for name in (ODD, "plain", "é à"):
        root = tmp_path / name
        course(root)
        address = CourseDirectory(root=str(root)).db_url
        assert load_course(root).gradebook_file == root / "gradebook.db"
        dbutil.write_alembic_ini(str(tmp_path / "alembic.ini"), address)
        settings = (tmp_path / "alembic.ini").read_text(encoding="utf-8")
        assert f"sqlalchemy.url = {address.replace('%', '%%')}" in settings
    assert address == f"sqlite:///{root}/gradebook.db"


def test_names_that_are_taken() -> None:
    assert [name for name in PEOPLE if fault_of(name)] == []
    assert all(fault_of(name) for name in (*NOBODY, "a\x7f", "a\x85b", "a\udce9b", "a\\b"))


@pytest.mark.parametrize("name", [*PEOPLE, "  ", "]", "[!a]"])
def test_one_name_is_found_by_the_pattern_of_it_alone(name: str, tmp_path: Path) -> None:
    for other in {*PEOPLE, name, name.strip() or "x"}:
        (tmp_path / "pas" / other / "etape").mkdir(parents=True, exist_ok=True)
    structure = CourseDirectory().directory_structure
    pattern = exactly(name)
    assert pattern == pattern.strip()
    assert name in {found.student for found in find(str(tmp_path), structure, "pas", pattern, "etape")}
    assert {found.student for found in find(str(tmp_path), structure, "pas", pattern, "etape")} == {name}


def test_answers_of_a_folder_travel_under_any_name(tmp_path: Path) -> None:
    root = tmp_path / "cours"
    update_workspace(SMALL_COURSE, root)
    (root / ASSIGNMENT).rename(root / "étape 1 (l’ancienne) [2]")
    learner = Folder(root / "étape 1 (l’ancienne) [2]")
    activity = learner.activities("E1-A6")["E1-A6"]
    learner.record(activity, "attempt", "63,3", {})
    file, count = take_along(root)
    assert count == 1
    other = tmp_path / "autre"
    other.mkdir()
    assert bring_back(file.name, file.read_bytes(), other).added == 1
    for place in ("..", "a/b", "a\\\\b", "C:x", ".caché", "a\\nb", ""):
        hostile = file.read_text(encoding="utf-8").replace("étape 1 (l’ancienne) [2]", place)
        with pytest.raises(NotTravelFile, match="est abîmé"):
            bring_back(file.name, hostile.encode(), other)


def test_files_that_nbgrader_ignores_are_told_by_their_names(tmp_path: Path) -> None:
    """As its own function tells them in a folder whose name means nothing else."""
    configure(Config())
    folder = tmp_path / ODD
    folder.mkdir()
    for name in ("a.pyc", ".a.pyc", ".ipynb_checkpoints", "a.ipynb", "[b].csv", "b.csv", "lien"):
        (folder / name).touch()
    patterns = ["*.pyc", ".ipynb_checkpoints", "*.ipynb", "[b].csv", glob.escape(str(folder / "lien"))]
    ignored = {path.name for path in folder.iterdir() if utils.is_ignored(str(path), patterns)}
    assert ignored == {"a.pyc", ".ipynb_checkpoints", "a.ipynb", "b.csv", "lien"}
    assert not utils.is_ignored(str(folder / "a.pyc"))
