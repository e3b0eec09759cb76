"""Simulated learners of several kinds, who go through the course: what each answers to each activity.

The careful one's answers are those that somebody wrote from the lesson and the page, before seeing the keys; the
careless one makes a slip in each. The three others answer as carelessly, but where a text, a week or a team of accounts
is asked for, they do what the course warns against: a list of keywords, oneself, one's neighbour's choices.
"""

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

from bench.bots import CASE, Face, Step, earned, face, texts
from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import Accounts, Form, Plan
from reseau_kit.answers.folder import values_of
from reseau_kit.demo.answering import slipped
from reseau_kit.french.comparing import content_words

ROOT = Path(__file__).parents[1]

CAREFUL, CARELESS, STUFFER, PROMOTER, CLONE = "careful", "careless", "stuffer", "promoter", "clone"
KINDS = (CAREFUL, CARELESS, STUFFER, PROMOTER, CLONE)

#: What somebody who only speaks of oneself writes where a short line is asked for, and where a text is.
OF_ONESELF = "Experte n°1, la meilleure de la région"
ADVERT = (
    "Découvrez mon nouvel article sur mon site www.exemple.fr ! Je suis la meilleure : abonnez-vous à ma page, "
    "suivez-moi partout et profitez vite de mon offre exclusive !"
)
#: The same person's objective in step 1: fields that the form's own lists do not tell.
VAIN_OBJECTIVE = {"verbe": "être visible", "public": "tout le monde", "themes": "moi", "indicateur": "abonnés"}


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
        case Form() as task if asks_for_a_sentence(task):
            return [STUFFER, PROMOTER, CLONE] if question.excerpt else [STUFFER, PROMOTER]
        case Form() as task if set(VAIN_OBJECTIVE) <= {field.id for field in task.fields}:
            return [PROMOTER]
        case Plan():
            return [PROMOTER]
        case Accounts():
            return [PROMOTER, CLONE]
    return []


def asks_for_a_sentence(task: Form) -> bool:
    """Whether a list of words is worth less than a text in that form."""
    rules = [rule for _, rule in task.criteria] + [penalty.rule for penalty in task.penalties]
    return any(rule.sentence for rule in rules)


def _own_way(kind: str, question: Activity, careful: Any) -> Any:
    """What that kind does of its own, None where it answers like anybody in a hurry."""
    match kind, question.task:
        case "stuffer", Form() as task:
            return _typed(task, careful, _keywords(face(question)), _keywords(face(question)))
        case "promoter", Form() as task:
            return _typed(task, careful, OF_ONESELF, ADVERT) | {
                field.id: VAIN_OBJECTIVE[field.id] for field in task.fields if field.id in VAIN_OBJECTIVE
            }
        case "clone", Form() as task if question.excerpt:
            copied = " ".join(question.excerpt.paragraphs)
            return _typed(task, careful, copied, copied)
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


def _typed(task: Form, careful: dict[str, str], short: str, long: str) -> dict[str, str]:
    """The form with that in every line and every text; choices, numbers and dates as the careful learner has them."""
    typed = {"texte": short, "long": long}
    return {field.id: typed.get(field.entry, careful.get(field.id, "")) for field in task.fields}


def _keywords(shown: Face) -> str:
    """What the question is about, as a list."""
    asked = " ".join(texts(shown, "instructions", "fields"))
    return ", ".join(list(dict.fromkeys(word for word in content_words(asked) if len(word) > 4))[:12])
