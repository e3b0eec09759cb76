"""Simulated learners of several kinds, who go through the course: what each answers to each activity.

The careful one's answers are those that somebody wrote from the lesson and the page, before seeing the keys; the
careless one makes a slip in each. The two others answer as carelessly, but where an objective, a week or a team of
accounts is asked for, they do what the course warns against: oneself, one's neighbour's choices. What they write does
not matter here: a program marks no words.
"""

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from bench.bots import CASE, Step, earned
from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import Accounts, Form, Plan
from reseau_kit.answers.folder import values_of
from reseau_kit.demo.answering import slipped

ROOT = Path(__file__).parents[1]

CAREFUL, CARELESS, PROMOTER, CLONE = "careful", "careless", "promoter", "clone"
KINDS = (CAREFUL, CARELESS, PROMOTER, CLONE)

#: The objective, in step 1, of somebody who only thinks of being seen.
VAIN_OBJECTIVE = {"verbe": "être visible", "compte": "ce que je reçois : abonnés, vues, cœurs"}


@cache
def strong_answers(step: Step) -> dict[str, dict[str, Any]]:
    """The careful learner's answers, by case and activity.

    Raises:
        FileNotFoundError: nobody has written them yet.
    """
    written = json.loads((ROOT / "tests" / "strong" / f"{step.name}.json").read_text(encoding="utf-8"))
    answers: dict[str, dict[str, Any]] = written["answers"]
    return answers


@cache
def strong_decisions(step: Step, case: str) -> dict[str, str]:
    """What the careful learner has decided, up to and in that step."""
    decided = {CASE: case}
    for one in map(Step, range(1, step.number + 1)):
        for id, answer in strong_answers(one)[case].items():
            if name := one.activities[id].logbook:
                decided |= values_of(name, answer)
    return decided


def shares(step: Step, case: str, kind: str) -> dict[str, float]:
    """The share (0–1) of each activity that a learner of that kind earns at the first attempt."""
    decided = strong_decisions(step, case)
    return {id: earned(step.activities, id, [answer(step, case, id, kind)], decided) for id in step.marked}


def answer(step: Step, case: str, id: str, kind: str) -> Any:
    """What a learner of that kind answers."""
    careful = strong_answers(step)[case][id]
    question = step.activities[id].under(strong_decisions(step, case))
    assert question is not None
    own = None if kind in (CAREFUL, CARELESS) else _own_way(kind, question, careful)
    if kind == CAREFUL or own is not None:
        return careful if own is None else own
    return slipped(question.task, careful, random.Random(f"{step.name} {case} {id}"))


def warned_against(question: Activity) -> list[str]:
    """The kinds of learners whose way with that question is what the course warns against."""
    match question.task:
        case Form() as task if set(VAIN_OBJECTIVE) <= {field.id for field in task.fields}:
            return [PROMOTER]
        case Plan():
            return [PROMOTER]
        case Accounts():
            return [PROMOTER, CLONE]
    return []


def _own_way(kind: str, question: Activity, careful: Any) -> Any:
    """What that kind does of its own, None where it answers like anybody in a hurry."""
    match kind, question.task:
        case "promoter", Form() as task if set(VAIN_OBJECTIVE) <= {field.id for field in task.fields}:
            return slipped(task, careful, random.Random(0)) | VAIN_OBJECTIVE
        case "promoter", Plan() as task:
            selling = next(gesture.id for gesture in task.gestures if gesture.role == "autopromotion")
            return [line | {"geste": selling} for line in careful]
        case "promoter", Accounts() as task:
            followed = sorted(task.cards, key=lambda card: -float(card.traits.get("abonnes", 0)))
            return [card.id for card in followed][: task.pick]
        case "clone", Accounts() as task:
            followed = [card for card in task.cards if card.traits.get("suivi_par_mon_contact") == "1"]
            return [card.id for card in followed][: task.pick]
    return None
