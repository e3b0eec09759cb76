"""Open questions: who reads them, by one setting, and what a text looks like at the trainer's desk."""

import shutil
import subprocess
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

import golden
from bench.submissions import grades
from desk import Commands, finish
from reseau_kit.activities.activity import Activities
from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.journal import Event
from reseau_kit.answers.notebooks import load
from reseau_kit.grading.open_texts import latest_text, open_questions, read_by
from reseau_kit.learner.activity import ActivityPanel, activite

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
STEP = "etape-1"

TEXT = (
    "J’y serai pour **rencontrer** trois médiatrices avant juin. <script>alert(1)</script> Je n’y mettrai pas de photo."
)


def released(folder: Path, nbgrader: Commands, texts: str) -> Path:
    """A trainer's course whose open texts are read as `texts` says, its step released."""
    for name in ("course", "exercises"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("essais-auteur.jsonl"))
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(f'{config}\nconfigure(c, texts="{texts}")\n', encoding="utf-8")
    nbgrader(folder, "generate_assignment", STEP)
    return folder


def cells(course: Path) -> list[dict[str, Any]]:
    return list(load(course / "release" / STEP / f"{STEP}.ipynb")["cells"])


def graded(course: Path) -> dict[str, float]:
    """The points of each graded cell of the released notebook."""
    data = [cell["metadata"].get("nbgrader", {}) for cell in cells(course)]
    return {cell["grade_id"]: cell["points"] for cell in data if cell.get("grade")}


def offered(course: Path) -> Activities:
    folder = Folder(course / "release" / STEP)
    return folder.activities("E1-A6")


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory, nbgrader: Commands) -> Path:
    """Three learners handed in: one wrote and validated, one left a draft, one wrote nothing."""
    course = released(tmp_path_factory.mktemp("lus") / "cours", nbgrader, "formateur")
    for student, kind, text in (("alix", "attempt", TEXT), ("bachir", "draft", "Un brouillon."), ("chloe", "", "")):
        folder = course / "submitted" / student / STEP
        shutil.copytree(course / "release" / STEP, folder)
        learner = Folder(folder)
        question = learner.activities("E1-O")["E1-O"]
        if text:
            learner.record(question, "draft" if kind == "draft" else "attempt", {"texte": text}, {})
    nbgrader(course, "autograde", STEP)
    nbgrader(course, "generate_feedback", STEP)
    return course


def test_a_person_reads_and_the_total_is_a_hundred(marked: Path) -> None:
    assert graded(marked)["E1-O"] == 30
    assert sum(graded(marked).values()) == 100


def test_what_was_written_waits_for_a_person_and_what_was_not_is_0(marked: Path) -> None:
    found = {student: scores["E1-O"] for student, scores in grades(marked).items()}
    assert found == {"alix": (None, True), "bachir": (None, True), "chloe": (0.0, False)}


def test_the_text_stands_where_it_is_marked_with_its_levels_and_runs_nothing(marked: Path) -> None:
    """This is the cell that formgrader shows beside the score to give."""
    notebook = load(marked / "autograded" / "alix" / STEP / f"{STEP}.ipynb")
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "E1-O")
    shown = "".join(cell["source"])
    assert "trois médiatrices avant juin" in shown
    assert "<script" not in shown
    assert "4. Exemplaire" in shown
    assert "1. Insuffisant" in shown
    assert "18 mots, de 120 à 180 attendus" in shown


def test_the_feedback_page_shows_the_text(marked: Path) -> None:
    page = (marked / "feedback" / "alix" / STEP / f"{STEP}.html").read_text(encoding="utf-8")
    assert "trois médiatrices avant juin" in page
    assert "<script>alert" not in page


def test_learners_who_assess_themselves_are_not_marked(tmp_path: Path, nbgrader: Commands) -> None:
    """The text and its levels stay, the points go, and the total follows."""
    course = released(tmp_path / "cours", nbgrader, "auto")
    assert "E1-O" not in graded(course)
    assert sum(graded(course).values()) == 70
    question = offered(course)["E1-O"]
    assert question.points == 0
    assert open_questions(offered(course)) == []
    assert 'activite("E1-O")' in ["".join(cell["source"]) for cell in cells(course)]


def test_a_question_that_nobody_reads_is_not_asked(tmp_path: Path, nbgrader: Commands) -> None:
    """Neither the question nor the text that introduces it is in what learners get."""
    course = released(tmp_path / "cours", nbgrader, "non")
    sources = ["".join(cell["source"]) for cell in cells(course)]
    assert not any("E1-O" in source or "Question ouverte" in source for source in sources)
    assert "E1-O" not in offered(course)
    assert sum(graded(course).values()) == 70


# --- one exercise with every kind, by both doors ----------------------------------------------------------------------


def golden_course(folder: Path, nbgrader: Commands, *, released: str, graded: str = "") -> tuple[Path, Path]:
    """The golden exercise, released where open texts are read as `released` says and graded by both doors as `graded`.

    One learner wrote and said which level it is, one left a draft, one wrote nothing; the rest is right.
    """
    course, executed = golden.make_course(folder / "sans-noyau"), folder / "noyau"
    config = course / "nbgrader_config.py"
    plain = config.read_text(encoding="utf-8")
    config.write_text(f'{plain}\nconfigure(c, texts="{released}")\n', encoding="utf-8")
    nbgrader(course, "generate_assignment", golden.ASSIGNMENT)
    writing = {"alix": ("attempt", {"texte": TEXT, "niveau": 3}), "bachir": ("draft", {"texte": TEXT}), "chloe": None}
    for student, written in writing.items():
        folder = course / "submitted" / student / golden.ASSIGNMENT
        shutil.copytree(course / "release" / golden.ASSIGNMENT, folder)
        hand = golden.Hand(folder).validate(golden.RIGHT)
        if written and released != "non":
            hand.send("W", *written)
    subprocess.run(["cp", "-a", course, executed], check=True)
    for place, kernel in ((course, False), (executed, True)):
        setting = f'configure(c, texts="{graded or released}", kernel={kernel})'
        (place / "nbgrader_config.py").write_text(f"{plain}\n{setting}\n", encoding="utf-8")
    for command in [nbgrader.start(place, "autograde", golden.ASSIGNMENT) for place in (course, executed)]:
        finish(command)
    return course, executed


@pytest.mark.parametrize("reader", ["auto", "non"])
def test_a_text_that_nobody_marks_costs_nobody_a_point(reader: str, tmp_path: Path, nbgrader: Commands) -> None:
    """Whoever wrote and whoever did not: all that is marked is right, and no row waits for a person."""
    right = dict.fromkeys(golden.IDS, (10.0, False)) | {"T": (0.0, False)}
    for course in golden_course(tmp_path, nbgrader, released=reader):
        assert grades(course) == dict.fromkeys(("alix", "bachir", "chloe"), right)
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            assert {one.max_score for one in gradebook.assignment_submissions(golden.ASSIGNMENT)} == {65.0}
    submitted = tmp_path / "sans-noyau" / "submitted" / "alix" / golden.ASSIGNMENT
    with chdir(submitted):
        panel = activite("W")
    if reader == "non":
        assert not isinstance(panel, ActivityPanel)
        return
    assert isinstance(panel, ActivityPanel)
    assert (panel.plain, panel.grade_status) == ("0.0", "")
    assert panel.face["position"] == "Question ouverte · sans note"
    assert panel.face["selfAssessed"]
    assert panel.state["value"] == {"texte": TEXT, "niveau": 3}
    assert panel.state["feedback"]["headline"] == "C’est noté."


def test_a_text_asked_for_is_read_although_the_next_ones_will_not_be(tmp_path: Path, nbgrader: Commands) -> None:
    """The setting was changed after the release: what learners wrote under the old one waits for a person."""
    for course in golden_course(tmp_path, nbgrader, released="formateur", graded="auto"):
        found = {student: rows["W"] for student, rows in grades(course).items()}
        assert found == {"alix": (None, True), "bachir": (None, True), "chloe": (0.0, False)}
        path = course / "autograded" / "alix" / golden.ASSIGNMENT / golden.NOTEBOOK
        assert "trois médiatrices avant juin" in "".join(reading_cell(path)["source"])


def reading_cell(path: Path) -> dict[str, Any]:
    cells = load(path)["cells"]
    return next(cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == "W")


# --- in small ---------------------------------------------------------------------------------------------------------


def test_the_last_validated_text_counts_else_the_latest_draft() -> None:
    def wrote(seq: int, kind: Any, text: str) -> Event:
        return Event(f"{seq:08x}", "0" * 8, seq, "T", 1, kind, {"texte": text}, "2026-11-22T08:00:00Z")

    assert latest_text([]) == ""
    assert latest_text([wrote(1, "draft", "un"), wrote(2, "draft", "deux")]) == "deux"
    assert latest_text([wrote(1, "attempt", "un"), wrote(2, "attempt", "deux"), wrote(3, "draft", "trois")]) == "deux"


def test_reading_changes_nothing_else() -> None:
    activities = load_activities(ROOT / "exercises" / STEP / "activites.toml")
    others = [activity for activity in activities if activity.id != "E1-O"]
    for reader in ("formateur", "auto", "non"):
        assert [activity for activity in read_by(activities, reader) if activity.id != "E1-O"] == others
