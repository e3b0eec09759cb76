"""The reviews of the steps: their sums are right, no gate is closed, and what they call to witness exists."""

import re
from pathlib import Path

import pytest

from bench.bots import Step, steps
from reseau_kit.activities.tasks import OpenText
from reseau_kit.french.comparing import count_words

ROOT = Path(__file__).parents[1]
EVERY_STEP = pytest.mark.parametrize("step", steps(), ids=lambda step: step.name)

GATES = 12
POINTS = 20
#: Of 40: what the course asks of each of its steps.
ENOUGH = 34

#: A cautious reader on a screen, in words a minute; and how long a person may take for one text, in minutes.
PACE, PATIENCE = 180, 3


def review(step: Step) -> str:
    text = (ROOT / "docs" / "relecture" / f"{step.name}.md").read_text(encoding="utf-8")
    return text.replace("\u00a0", " ")


@EVERY_STEP
def test_every_gate_is_open(step: Step) -> None:
    gates = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|\d]+?) \|", review(step), flags=re.MULTILINE)
    assert gates == [(str(number), "oui") for number in range(1, GATES + 1)]


@EVERY_STEP
def test_points_are_given_one_by_one_and_added_up(step: Step) -> None:
    text = review(step)
    given = re.findall(r"^\| (\d+) \| [^|]+ \| ([012]) \| ([^|]+) \|", text, flags=re.MULTILINE)
    assert [int(number) for number, _, _ in given] == list(range(1, POINTS + 1))
    total = sum(int(points) for _, points, _ in given)
    assert f"## Qualité : {total} sur 40" in text
    assert total >= ENOUGH
    assert all(why.strip() for _, points, why in given if points != "0"), "a point without its cell counts for nothing"


@EVERY_STEP
def test_tests_that_a_review_names_exist(step: Step) -> None:
    named = set(re.findall(r"\btest_\w+", review(step)))
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    files = {path.stem for path in (ROOT / "tests").glob("test_*.py")}
    assert {name for name in named if f"def {name}(" not in sources} <= files


@EVERY_STEP
def test_an_open_text_and_its_levels_are_read_well_within_the_time_to_mark_it(step: Step) -> None:
    """What is left of three minutes is for deciding; only a watch beside real readers would say more."""
    (text,) = [activity.task for activity in step.activities if isinstance(activity.task, OpenText)]
    levels = sum(count_words(f"{level.title} {level.text}") for level in text.levels)
    assert (text.words[1] + levels) / PACE <= PATIENCE - 0.5
