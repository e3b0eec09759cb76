"""All five exercises, of three learners, through nbgrader: one answers well, one in haste, one by chance.

Each answers at the page, in a workspace as learners have it; their folders are handed in as they are. The marks are the
same in the activity, without a kernel, and by a kernel that executes the notebooks.
"""

import csv
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bench.bots import AT, Step, asked, random_answer, steps
from bench.learners import CARELESS, answer, strong_answers
from bench.submissions import grades
from desk import Commands, finish
from reseau_kit.activities.activity import ATTEMPTS
from reseau_kit.activities.tasks import OpenText
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.notebooks import load, save, write_copy
from reseau_kit.french.writing import number
from reseau_kit.learner.activity import ActivityPanel, activite

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
STEPS = steps()
EVERY_STEP = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)

WELL, HASTE, CHANCE = "nadia", "marcel", "hasard"
STUDENTS = (WELL, HASTE, CHANCE)
#: Who did not do what: no folder is handed in, or one in which nothing was answered.
MISSING = {(CHANCE, "etape-1")}
UNTOUCHED = {(HASTE, "etape-4")}

TEXT = "Je commence par les personnes que je connais, et j’écris aussi ce que j’ai raté."


@dataclass
class Learner:
    """A learner at the page, in a workspace of their own: what they do is the message that the page sends."""

    root: Path
    marks: dict[str, float] = field(default_factory=dict)

    def send(self, step: str, id: str, value: Any, kind: str = "attempt") -> None:
        """Validate an answer (attempt), or leave it as it was typed (draft)."""
        with self._panel(step, id) as panel:
            assert "decides" not in panel.face, f"{id} asks for a decision first: {panel.face['question']}"
            self._tell(panel, id, panel.face["version"], kind, value, panel.face["context"])

    def decide_in_place(self, step: str, id: str, value: Any) -> None:
        """Answer what an activity asks before its own question."""
        with self._panel(step, id) as panel:
            asks = panel.face["decides"]
            kind = asks.get("kind", "attempt")
            self._tell(panel, asks["activity"], asks["version"], kind, value, asks["context"])

    @contextmanager
    def _panel(self, step: str, id: str) -> Iterator[ActivityPanel]:
        with chdir(self.root / step):
            panel = activite(id)
            assert isinstance(panel, ActivityPanel), panel.plain
            try:
                yield panel
            finally:
                panel.close()

    @staticmethod
    def _tell(panel: ActivityPanel, id: str, version: int, kind: str, value: Any, context: dict[str, str]) -> None:
        event = {
            "v": 1,
            "id": os.urandom(8).hex(),
            "origin": panel.state["origin"] or os.urandom(8).hex(),
            "seq": panel.state["lastSeq"] + 1,
            "activity": id,
            "version": version,
            "kind": kind,
            "value": value,
            "at": AT,
            "context": context,
        }
        panel._receive(panel, {"type": "event", "event": event}, [])

    def leave(self, step: Step) -> None:
        """Note the points that each activity shows; the page has written its second copy of the answers."""
        for id in step.marked:
            with self._panel(step.name, id) as panel:
                self.marks[id] = float(panel.plain)
        folder = Folder(self.root / step.name)
        path = folder.path / f"{step.name}.ipynb"
        notebook = load(path)
        write_copy(notebook, folder.answers.origin, folder.answers.events)
        save(path, notebook)


def with_media(step: Step, case: str) -> dict[str, Any]:
    """The careful learner's answers, and the choice of one's own media where it is asked."""
    answers = {"E1-D1": ["facebook-groupe", "blog"], **strong_answers(step)[case]}
    return {id: answers[id] for id in step.activities.own if id in answers}


def answer_well(learner: Learner) -> None:
    """Somebody who read the lessons, with a project of their own."""
    learner.send("", "C0-A1", ["nadia"])
    for step in STEPS:
        for id, value in with_media(step, "nadia").items():
            learner.send(step.name, id, value)
        learner.send(step.name, f"E{step.number}-O", {"texte": TEXT})


def answer_in_haste(learner: Learner) -> None:
    """A slip in each activity; some are tried again with more care, some are left as they were typed."""
    learner.send("", "C0-A1", ["marcel"])
    for step in STEPS:
        if (HASTE, step.name) in UNTOUCHED:
            continue
        if step.number == 5:
            # The time that was left out of the first step's form is asked for where a week is made of it.
            learner.decide_in_place(step.name, "E5-D1", {"budget": "30"})
        for place, (id, careful) in enumerate(with_media(step, "marcel").items()):
            if id not in step.marked:
                learner.send(step.name, id, careful)
                continue
            hasty = answer(step, "marcel", id, CARELESS)
            learner.send(step.name, id, hasty, "draft" if place % 3 == 2 else "attempt")
            if place % 3 == 0:
                learner.send(step.name, id, careful)


def answer_by_chance(learner: Learner) -> None:
    """No welcome and no first step: what is lacking is asked in place; then three tries at everything."""
    rng = random.Random(20261122)
    learner.decide_in_place("etape-2", "E2-D3", {"themes": "vélo, bricolage"})
    learner.send("etape-2", "E2-D3", {"texte": "Je répare."})
    learner.decide_in_place("etape-2", "E2-A5", ["pseudonyme"])
    learner.decide_in_place("etape-3", "E3-A3", ["pousses"])
    for step in STEPS[1:]:
        for id in step.marked:
            for _ in range(ATTEMPTS):
                with learner._panel(step.name, id) as panel:
                    face = dict(panel.face)
                shown = next(one for _, one in asked(step.activities) if one.id == id).task
                face.setdefault("at_most", getattr(shown, "at_most", 0))
                learner.send(step.name, id, random_answer(face, step.words, rng))


WAYS = {WELL: answer_well, HASTE: answer_in_haste, CHANCE: answer_by_chance}


@dataclass(frozen=True)
class Term:
    """A whole course gone through: each learner, and the trainer's course without a kernel and with one."""

    learners: dict[str, Learner]
    course: Path
    rows: dict[str, dict[str, tuple[float | None, bool]]]
    by_kernel: dict[str, dict[str, tuple[float | None, bool]]]


@pytest.fixture(scope="module")
def term(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Term:
    """Released, answered, handed in, graded by both doors, told and exported."""
    tmp = tmp_path_factory.mktemp("cinq-etapes")
    nbgrader = Commands(tmp_path_factory.mktemp("jupyter"))
    course, kernel = tmp / "sans-noyau", tmp / "noyau"
    for name in ("course", "exercises"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns("essais-auteur.jsonl"))
    shutil.copy(ROOT / "nbgrader_config.py", course)
    for step in STEPS:
        nbgrader(course, "generate_assignment", step.name)
    learners = {}
    for student, go_through in WAYS.items():
        learners[student] = Learner(Path(shutil.copytree(released, tmp / student / "mon-cours")))
        go_through(learners[student])
        for step in STEPS:
            learners[student].leave(step)
            if (student, step.name) not in MISSING:
                hand_in(learners[student].root / step.name, course / "submitted" / student / step.name)
    subprocess.run(["cp", "-a", course, kernel], check=True)
    with (kernel / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nconfigure(c, kernel=True)\n")
    for step in STEPS:
        for command in [nbgrader.start(door, "autograde", step.name) for door in (course, kernel)]:
            finish(command)
        nbgrader(course, "generate_feedback", step.name)
    nbgrader(course, "export")
    return Term(learners, course, grades(course), grades(kernel))


def hand_in(folder: Path, target: Path) -> None:
    shutil.copytree(folder, target)
    (target / "timestamp.txt").write_text("2026-11-23 08:30:00 UTC\n", encoding="utf-8")


def handed_in(step: Step) -> list[str]:
    return [student for student in STUDENTS if (student, step.name) not in MISSING]


@EVERY_STEP
def test_activity_gradebook_and_kernel_give_the_same_marks(term: Term, step: Step) -> None:
    """Cell by cell, of each learner; an open text waits for a person by both doors, where there is one."""
    for student in handed_in(step):
        cells = {**dict.fromkeys(step.marked), f"E{step.number}-O": None}
        rows = {id: term.rows[student][id] for id in cells}
        assert rows == {id: term.by_kernel[student][id] for id in cells}
        assert rows.pop(f"E{step.number}-O") == ((None, True) if student == WELL else (0.0, False))
        assert rows == {id: (term.learners[student].marks[id], False) for id in step.marked}


@EVERY_STEP
def test_care_haste_and_chance_stand_in_that_order(term: Term, step: Step) -> None:
    total = {student: sum(term.rows[student][id][0] or 0 for id in step.marked) for student in handed_in(step)}
    assert total[WELL] >= 0.85 * 70
    assert total.get(CHANCE, 0) < 0.4 * 70
    if (HASTE, step.name) in UNTOUCHED:
        assert total[HASTE] == 0
    else:
        assert total.get(CHANCE, 0) < total[HASTE] < total[WELL]


def test_what_was_not_handed_in_is_not_marked(term: Term) -> None:
    for student, name in MISSING:
        step = next(step for step in STEPS if step.name == name)
        assert not set(step.marked) & set(term.rows[student])


def test_decisions_taken_in_place_are_those_that_count(term: Term) -> None:
    """The case, the subjects and the degree that a learner chose where they were lacking, and the questions of that."""
    told = {step.name: feedback(term, CHANCE, step) for step in STEPS[1:]}
    third = STEPS[2].activities["E3-A3"]
    assert plain(third.variants["pousses"].question) in told["etape-3"]
    assert term.learners[CHANCE].marks["E2-A5"] == term.rows[CHANCE]["E2-A5"][0]
    contexts = {
        event.activity: dict(event.context)
        for step in STEPS[1:]
        for event in Folder(term.course / "submitted" / CHANCE / step.name).answers.events
    }
    assert contexts["E2-D3"] == {"objectif.themes": "vélo, bricolage"}
    assert contexts["E2-A5"] == {"degre": "pseudonyme"}
    for id in ("E3-A3", "E4-A3", "E4-A5", "E5-A4"):
        assert contexts[id] == {"cas": "pousses"}, id


def test_export_has_a_line_for_each_work_handed_in(term: Term) -> None:
    with (term.course / "grades.csv").open(encoding="utf-8", newline="") as file:
        lines = {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}
    for step in STEPS:
        for student in handed_in(step):
            row = lines[student, step.name]
            earned = sum(term.learners[student].marks[id] for id in step.marked)
            assert float(row["score"]) == pytest.approx(earned, abs=0.01)
            assert float(row["max_score"]) == 100
            assert row["timestamp"]
    for student, name in MISSING:
        assert not lines[student, name]["timestamp"]


@EVERY_STEP
def test_feedback_page_holds_every_activity(term: Term, step: Step) -> None:
    """Its question as that learner had it, its mark, and the text that a person will read."""
    for student in handed_in(step):
        page = feedback(term, student, step)
        decided = {WELL: "nadia", HASTE: "marcel", CHANCE: "pousses"}[student]
        for activity in step.activities:
            if not activity.points:
                continue
            # Who answered nothing has not said in that folder whom they advise.
            if not activity.depends_on or (student, step.name) not in UNTOUCHED:
                question = activity.variants.get(decided, activity).question
                assert plain(question) in page, (student, activity.id)
            if isinstance(activity.task, OpenText):
                assert (TEXT in page) == (student == WELL)
            else:
                earned = term.learners[student].marks[activity.id]
                assert f"{number(earned, 2)} sur {number(activity.points, 2)}" in page, (student, activity.id)


def feedback(term: Term, student: str, step: Step) -> str:
    """The words of a feedback page, with plain spaces."""
    page = term.course / "feedback" / student / step.name / f"{step.name}.html"
    return plain(unescape(page.read_text(encoding="utf-8")))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")
