"""Simulated learners of several kinds, who go through the course: what each answers to each activity.

The careful one's answers are those that somebody wrote from the lesson and the page, before seeing the keys; the
others' are made of them and of what the page shows.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from bench.bots import CASE, Step
from reseau_kit.folder import values_of

ROOT = Path(__file__).parents[1]


@cache
def strong_answers(step: Step) -> dict[str, dict[str, Any]]:
    """The careful learner's answers, by case and activity."""
    written = json.loads((ROOT / "tests" / "strong" / f"{step.name}.json").read_text(encoding="utf-8"))
    answers: dict[str, dict[str, Any]] = written["answers"]
    return answers


def strong_decisions(step: Step, case: str) -> dict[str, str]:
    """What the careful learner has decided, up to and in that step."""
    decided = {CASE: case}
    for one in map(Step, range(1, step.number + 1)):
        for id, answer in strong_answers(one)[case].items():
            if name := one.activities[id].logbook:
                decided |= values_of(name, answer)
    return decided
