"""nbgrader's whole round trip on the course's first exercise, by its own commands, and what a submission may try."""

import csv
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from bench.submissions import ASSIGNMENT, EXERCISES, KINDS, RIGHT, answer, copy_answers, course, grades, submit
from desk import Commands
from reseau_kit.activities.loading import load_activities, unpack
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.journal import FILE_NAME, Event
from reseau_kit.answers.marks import mark
from reseau_kit.answers.notebooks import KEY, load, save
from reseau_kit.grading.card import card
from reseau_kit.grading.release import release_faults

pytestmark = pytest.mark.slow

NOTEBOOK = f"{ASSIGNMENT}.ipynb"

#: What a learner does, as the page does it: a message for each click. The case is chosen in the activity itself.
CLICKS = """
from reseau_kit import activite, repondre

panel = activite("E1-A4")

def click(activity, version, value):
    event = {"v": 1, "id": f"{panel.state['lastSeq'] + 1:016x}", "origin": panel.state["origin"] or "0" * 16,
             "seq": panel.state["lastSeq"] + 1, "activity": activity, "version": version, "kind": "attempt",
             "value": value, "at": "2026-03-01T10:00:00.000Z", "context": panel.face["context"]}
    panel._receive(panel, {"type": "event", "event": event}, [])

click("C0-A1", panel.face["decides"]["version"], ["marcel"])
click("E1-A4", panel.face["version"], ["public", "influenceurs", "equipe"])
click("E1-A4", panel.face["version"], ["public", "influenceurs", "fournisseurs"])
repondre("E1-A6", "42,9")
repondre("E1-A6", 63.3)
"""


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """The command line of nbgrader."""
    return Commands(tmp_path_factory.mktemp("jupyter"))


@dataclass(frozen=True)
class Trip:
    """One exercise gone all the way: the trainer's course, the learner's folder, what `nbgrader list` said."""

    course: Path
    learner: Path
    listed: str


@pytest.fixture(scope="module")
def trip(nbgrader: Commands, tmp_path_factory: pytest.TempPathFactory) -> Trip:
    """From the author's folder to the trainer's CSV and the learner's feedback page, command by command."""
    tmp = tmp_path_factory.mktemp("trip")
    exchange = tmp / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    settings = f'c.Exchange.root = "{exchange}"'
    teacher = course(tmp / "course", more=settings)
    source = teacher / "exercises" / ASSIGNMENT
    answer(source, KINDS["perfect"][0])
    author = load(source / NOTEBOOK)
    next(cell for cell in author["cells"] if cell["id"] == "E1-A6")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "Réponse de l’auteur"}
    ]
    save(source / NOTEBOOK, author)
    # What the course adds to nbgrader is in these four: they are run as a trainer runs them.
    real = replace(nbgrader, real=True)
    real(teacher, "generate_assignment", ASSIGNMENT)
    nbgrader(teacher, "release_assignment", ASSIGNMENT)

    learner = tmp / "mon-cours"
    learner.mkdir()
    (learner / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.course_id = "reseau_kit"\n{settings}\n', encoding="utf-8"
    )
    listed = nbgrader(learner, "list")
    nbgrader(learner, "fetch_assignment", ASSIGNMENT)
    subprocess.run([sys.executable, "-W", "ignore", "-c", CLICKS], cwd=learner / ASSIGNMENT, check=True)
    copy_answers(learner / ASSIGNMENT)
    nbgrader(learner, "submit", ASSIGNMENT, "--CourseDirectory.student_id=lea")

    nbgrader(teacher, "collect", ASSIGNMENT)
    real(teacher, "autograde", ASSIGNMENT)
    real(teacher, "generate_feedback", ASSIGNMENT)
    real(teacher, "export")
    return Trip(teacher, learner, listed)


def feedback_page(course: Path, student: str) -> str:
    """The learner's feedback page, with plain spaces."""
    page = course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
    return plain(page.read_text(encoding="utf-8"))


def plain(text: str) -> str:
    """The text with plain spaces for the non-breaking ones of French."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_round_trip_reaches_the_csv(trip: Trip) -> None:
    """Two right second attempts, each worth half, are one line of 10 out of 20."""
    with (trip.course / "grades.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["assignment"], row["student_id"]) == (ASSIGNMENT, "lea")
    assert (row["score"], row["max_score"]) == ("10.0", "20.0")
    assert row["timestamp"]


def test_round_trip_reaches_the_gradebook(trip: Trip) -> None:
    assert grades(trip.course) == {"lea": {"E1-A4": (5.0, False), "E1-A6": (5.0, False)}}


def test_feedback_page_holds_answer_score_and_reason(trip: Trip) -> None:
    page = feedback_page(trip.course, "lea")
    assert "Les personnes avec qui l’on travaille déjà aujourd’hui" in page
    assert "42,9" in page
    assert "63,3" in page
    assert "Vous avez 5 points sur 10. Une réponse donnée au 2e essai compte pour moitié." in page
    assert "190 ÷ 300 = 63,3 %" in page
    assert "Votre note : <strong>10</strong> sur 20 points" in page
    assert "Marcel veut apprendre" in page, "the question is the one of the learner's case"


def test_released_exercise_is_listed_and_fetched(trip: Trip) -> None:
    assert f"reseau_kit {ASSIGNMENT}" in trip.listed
    assert {path.name for path in (trip.learner / ASSIGNMENT).iterdir()} >= {NOTEBOOK, "journal_temps.csv", FILE_NAME}


def test_release_strips_what_an_author_answered_and_what_is_the_author_s(trip: Trip) -> None:
    """No journal, no copy of answers, no output, no TOML, and no key that can be read by accident."""
    released = trip.course / "release" / ASSIGNMENT
    assert sorted(path.name for path in released.iterdir()) == [NOTEBOOK, "journal_temps.csv"]
    assert (trip.course / "exercises" / ASSIGNMENT / "essais-auteur.jsonl").exists()
    notebook = load(released / NOTEBOOK)
    assert list(notebook["metadata"][KEY]) == ["activities"]
    assert not any(cell.get("outputs") for cell in notebook["cells"])
    text = (released / NOTEBOOK).read_text(encoding="utf-8")
    for secret in ("corrige", "futurs-collaborateurs", "190 ÷ 300", "63.3", "Réponse de l’auteur"):
        assert secret not in text
    activities = load_activities(trip.course / "exercises" / ASSIGNMENT / "activites.toml")
    assert unpack(notebook["metadata"][KEY]["activities"]) == activities


def test_release_keeps_cells_locked_with_their_points(trip: Trip) -> None:
    cells = {cell["id"]: cell for cell in load(trip.course / "release" / ASSIGNMENT / NOTEBOOK)["cells"]}
    for id in ("E1-A4", "E1-A6"):
        metadata = cells[id]["metadata"]
        assert (metadata["deletable"], metadata["editable"]) == (False, False)
        assert (metadata["nbgrader"]["points"], metadata["nbgrader"]["locked"]) == (10, True)
        assert len(metadata["nbgrader"]["checksum"]) == 32


# --- several submissions ----------------------------------------------------------------------------------------------


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a notebook as somebody with an editor could."""
    notebook = load(folder / NOTEBOOK)
    change(notebook)
    save(folder / NOTEBOOK, notebook)


def graded_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


@pytest.fixture(scope="module")
def batch(trip: Trip, nbgrader: Commands, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course where one learner of each kind was graded. Strange submissions: see `test_golden.py`."""
    teacher = course(tmp_path_factory.mktemp("batch") / "course")
    shutil.copytree(trip.course / "release", teacher / "release")
    shutil.copy(trip.course / "gradebook.db", teacher)
    for kind in KINDS:
        submit(teacher, kind, kind)
    nbgrader(teacher, "autograde", ASSIGNMENT)
    return teacher


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_learner_gets_their_points(batch: Path, kind: str) -> None:
    assert grades(batch)[kind] == {id: (score, False) for id, score in KINDS[kind][1].items()}


def test_fault_of_ours_costs_no_point(batch: Path, nbgrader: Commands, tmp_path: Path) -> None:
    """Where the trainer's file cannot be read, the cells stay without a score, and the log says why."""
    teacher = shutil.copytree(batch, tmp_path / "course")
    shutil.rmtree(teacher / "autograded" / "perfect")
    source = teacher / "exercises" / ASSIGNMENT / "activites.toml"
    source.write_text(source.read_text(encoding="utf-8").replace("corrige =", "corige ="), encoding="utf-8")
    log = nbgrader(teacher, "autograde", ASSIGNMENT, "--student=perfect")
    assert grades(teacher)["perfect"] == {"E1-A4": (None, True), "E1-A6": (None, True)}
    assert "la clé « corige » n’existe pas ici" in plain(log)


# --- what does not fit is not released --------------------------------------------------------------------------------


def test_release_names_every_fault(nbgrader: Commands, tmp_path: Path) -> None:
    """Points, names and cells that disagree are all reported at once, in French, and nothing is released."""
    teacher = course(tmp_path / "course")
    source = teacher / "exercises" / ASSIGNMENT
    (source / FILE_NAME).write_text("", encoding="utf-8")

    def spoil(notebook: dict[str, Any]) -> None:
        first, second = graded_cells(notebook)
        first["metadata"]["nbgrader"] |= {"points": 7, "grade_id": "question-4"}
        second["source"] = 'activite("E1-A6") '

    edit(source, spoil)
    log = nbgrader(teacher, "generate_assignment", ASSIGNMENT, fails=True)
    for fault in (
        "reponses.jsonl : ce fichier remplacerait les réponses",
        'cellule activite("E1-A4") : son identifiant nbgrader est « question-4 » ; il doit être « E1-A4 »',
        'cellule activite("E1-A4") : nbgrader y compte 7 points et le fichier d’activités 10 ; mettez le même nombre',
        "cellule « E1-A6 » : elle nomme une activité et ne sera pas reconnue comme telle",
        "l’activité « E1-A6 » vaut des points et n’est dans aucune cellule",
    ):
        assert fault in plain(log)
    assert not (teacher / "release" / ASSIGNMENT).exists()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda cells: cells.append(cells[0]), "l’activité « E1-A4 » est dans 2 cellules"),
        (lambda cells: cells[0]["metadata"].pop("nbgrader"), "vaut 10 points et la cellule n’est pas notée"),
        (lambda cells: cells[0].update(source='activite("E1-A5")'), "n’est pas dans le fichier d’activités"),
    ],
)
def test_cells_and_activities_must_fit(course_root: Path, change: Callable[[Any], None], fault: str) -> None:
    folder = EXERCISES / ASSIGNMENT
    notebook: Any = nbformat.read(folder / NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells = graded_cells(notebook)
    activities = load_activities(folder / "activites.toml")
    assert release_faults(NOTEBOOK, notebook, activities) == []
    change(notebook.cells)
    said = "\n".join(release_faults(NOTEBOOK, notebook, activities))
    assert fault in plain(said)


def test_card_shows_attempts_that_no_longer_count(course_root: Path) -> None:
    activities = load_activities(EXERCISES / ASSIGNMENT / "activites.toml")
    values = [1, 2, 3, 63.3]
    events = [
        Event(f"{n:016x}", "a" * 16, n, "E1-A6", 1, "attempt", value, "2026-01-01T00:00:00Z")
        for n, value in enumerate(values, 1)
    ]
    html = card(activities, "E1-A6", mark(activities, "E1-A6", events))
    assert "3e essai" in html
    assert "4e essai, pour s’entraîner" in html
    assert "Vous avez 0 point sur 10." in plain(html)


def test_answers_used_here_are_right(course_root: Path) -> None:
    """What the submissions rely on is what the course says."""
    activities = load_activities(EXERCISES / ASSIGNMENT / "activites.toml")
    assert sorted(activities["E1-A4"].variants["nadia"].task.right or ()) == sorted(RIGHT)  # type: ignore[union-attr]
    assert Folder(EXERCISES / ASSIGNMENT).answers.events == ()
