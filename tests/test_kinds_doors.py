"""Each of the newer kinds earns the same by every door: at the page, at the desk without a kernel, and with one."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.submissions import ROOT, grades
from desk import Commands, finish
from every_kind import AT, CONTEXT, COURSE, EVERY, RIGHT, WRONG, judged, plain
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.marks import points
from reseau_kit.answers.notebooks import load, save, write_copy
from reseau_kit.learner.activity import ActivityPanel, activite

pytestmark = pytest.mark.slow

ASSIGNMENT = "etape-1"
GRADED = [id for id in RIGHT if EVERY[id].points]

PARTLY: dict[str, Any] = {
    "grille": RIGHT["grille"] | {"naissance": "contacts"},
    "fiche": {"role": "relieuse", "texte": "Relieuse, je parle de reliure à tous."},
    "lecture": RIGHT["lecture"] | {"paul-qui": "p1"},
    "selection": ["i1", "i3"],
    "comptes": RIGHT["comptes"][:5],
    "requete": {"avec": ["atelier"]},
    "plan": RIGHT["plan"][1:],
}
#: Of another type than the question asks for, or with what no page sends.
JUNK: dict[str, Any] = {
    "grille": [["metier", "public"]],
    "fiche": {"role": {"a": 1}, "texte": ["relieuse"]},
    "lecture": {"ines-qui": ["p1"], "paul-qui": 3},
    "selection": [{"id": ["i1"]}, None],
    "comptes": {"c01": True},
    "requete": {"avec": {"atelier": 1}, "sans": 3},
    "plan": [3, None, {"jour": ["lundi"], "minutes": {}}],
}
#: Markup that would run where a trainer reads it.
HOSTILE = "<script>document.title='atteint'</script><img src=x onerror=\"document.title='atteint'\">"
MARKUP: dict[str, Any] = {
    "grille": {"metier": HOSTILE, HOSTILE: "public"},
    "fiche": {"role": HOSTILE, "texte": f"Relieuse, je raconte la reliure à qui le veut. {HOSTILE}"},
    "lecture": {"ines-qui": HOSTILE, HOSTILE: "p1"},
    "selection": [HOSTILE],
    "comptes": [HOSTILE],
    "requete": {"avec": [HOSTILE]},
    "plan": [{"jour": HOSTILE, "geste": HOSTILE, "minutes": HOSTILE}, *RIGHT["plan"]],
}

STUDENTS: Mapping[str, list[dict[str, Any]]] = {
    "right": [RIGHT],
    "partly": [PARTLY],
    "second": [WRONG, RIGHT],
    "wrong": [WRONG],
    "junk": [JUNK],
    "markup": [MARKUP],
    "untouched": [],
}


@dataclass(frozen=True)
class Door:
    """A course whose submissions were graded, and the gradebook's rows."""

    course: Path
    rows: dict[str, dict[str, tuple[float | None, bool]]]


def hand_in(course: Path, student: str) -> None:
    """A submission made by the page's own messages, decisions first."""
    folder = course / "submitted" / student / ASSIGNMENT
    shutil.copytree(course / "release" / ASSIGNMENT, folder)
    for values in STUDENTS[student]:
        send(folder, "plan", "cas", ["nadia"], {})
        send(folder, "fiche", "objectif", {"themes": CONTEXT["objectif.themes"]}, {})
        for id in GRADED:
            send(folder, id, id, values[id], None)
    notebook, answers = load(folder / "etape-1.ipynb"), Folder(folder).answers
    write_copy(notebook, answers.origin, answers.events)
    save(folder / "etape-1.ipynb", notebook)


def send(folder: Path, shown: str, id: str, value: Any, context: dict[str, str] | None) -> None:
    with chdir(folder):
        panel = activite(shown)
        assert isinstance(panel, ActivityPanel), panel.plain
        event = {"v": 1, "id": os.urandom(8).hex(), "origin": panel.state["origin"] or os.urandom(8).hex()}
        event |= {"seq": panel.state["lastSeq"] + 1, "activity": id, "version": 1, "kind": "attempt", "value": value}
        event |= {"at": AT, "context": panel.face["context"] if context is None else context}
        panel._receive(panel, {"type": "event", "event": event}, [])
        assert any(known.id == event["id"] for known in Folder(folder).answers.events)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Door, Door]:
    """The same submissions without a kernel, and with one."""
    tmp = tmp_path_factory.mktemp("genres")
    nbgrader = Commands(tmp_path_factory.mktemp("jupyter"))
    without, kernel = tmp / "sans-noyau", tmp / "noyau"
    shutil.copytree(COURSE, without)
    shutil.copy(ROOT / "nbgrader_config.py", without)
    nbgrader(without, "generate_assignment", ASSIGNMENT)
    for student in STUDENTS:
        hand_in(without, student)
    subprocess.run(["cp", "-a", without, kernel], check=True)
    with (kernel / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nconfigure(c, kernel=True)\n")
    running = [nbgrader.start(course, "autograde", ASSIGNMENT) for course in (without, kernel)]
    for command in running:
        finish(command)
    nbgrader(without, "generate_feedback", ASSIGNMENT)
    return Door(without, grades(without)), Door(kernel, grades(kernel))


def expected(student: str, id: str) -> float:
    """What the check itself says, after the weights of the attempts."""
    weights = (1.0, 0.5)
    scores = [
        (judged(id, values[id]).score or 0.0) * weight
        for values, weight in zip(STUDENTS[student], weights, strict=False)
    ]
    return points(EVERY[id], max(scores, default=0.0)) or 0.0


@pytest.mark.parametrize("student", STUDENTS)
def test_every_door_gives_the_same_points(doors: tuple[Door, Door], student: str) -> None:
    """The pure check, the gradebook without a kernel, the gradebook with one, and what the learner reads."""
    without, with_one = doors
    marks = {id: (expected(student, id), False) for id in GRADED}
    assert without.rows[student] == marks
    assert with_one.rows[student] == marks
    with chdir(without.course / "submitted" / student / ASSIGNMENT):
        assert {id: (float(activite(id).plain), False) for id in GRADED} == marks


def test_the_students_are_worth_what_their_names_say(doors: tuple[Door, Door]) -> None:
    """So that the comparison compares something."""
    rows = {student: {id: row[0] for id, row in cells.items()} for student, cells in doors[0].rows.items()}
    assert set(rows["right"].values()) == {10.0}
    assert set(rows["second"].values()) == {5.0}
    assert all(0 < (mark or 0) < 10 for mark in rows["partly"].values())
    assert set(rows["wrong"].values()) == set(rows["junk"].values()) == set(rows["untouched"].values()) == {0.0}


@pytest.mark.parametrize("student", STUDENTS)
def test_the_page_that_comes_back_tells_each_answer_as_text(doors: tuple[Door, Door], student: str) -> None:
    page = doors[0].course / "feedback" / student / ASSIGNMENT / "etape-1.html"
    text = page.read_text(encoding="utf-8")
    assert "<script>document" not in text
    assert "<img" not in text
    if student == "right":
        for words in ("Son profil – Son métier → Visible de tout le monde", "lundi, 15 minutes : Lire et écouter"):
            assert words in plain(text)


def test_what_learners_get_holds_no_author_s_file(doors: tuple[Door, Door]) -> None:
    """And no word of feedback in clear text."""
    released = doors[0].course / "release" / ASSIGNMENT
    assert not list(released.glob("*.toml"))
    text = json.dumps(load(released / "etape-1.ipynb"), ensure_ascii=False)
    assert "Qui vous ouvrira la porte" not in text
