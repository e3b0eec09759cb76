"""Simulated learners stand in the order that the course means: careful, careless, then those it warns against."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest

from bench.bots import CASES, Step, of_the_step, steps
from bench.learners import CAREFUL, CARELESS, CLONE, PROMOTER, shares, warned_against
from reseau_kit.activities.tasks import Plan

ROOT = Path(__file__).parents[1]
EVERY_STEP = pytest.mark.parametrize("step", steps(), ids=lambda step: step.name)


def earned(step: Step, kind: str) -> dict[str, float]:
    """What a learner of that kind earns in each activity, averaged over the guided cases."""
    by_case = [shares(step, case, kind) for case in CASES]
    return {id: mean(case[id] for case in by_case) for id in step.marked}


@EVERY_STEP
def test_care_earns_more_than_haste(step: Step) -> None:
    """A slip costs something in each activity, and far from everything over the step."""
    careful, careless = earned(step, CAREFUL), earned(step, CARELESS)
    assert all(careful[id] > careless[id] for id in step.marked), (careful, careless)
    assert 0.4 < of_the_step(step, careless) < 0.9


@EVERY_STEP
def test_haste_earns_more_than_what_the_course_warns_against(step: Step) -> None:
    """Being seen as an objective; oneself in a week; the most followed, or a neighbour's, in a team."""
    careless = earned(step, CARELESS)
    for kind in (PROMOTER, CLONE):
        found = earned(step, kind)
        for id in step.marked:
            question = next(iter(step.activities[id].variants.values()), step.activities[id])
            if kind in warned_against(question):
                assert found[id] < careless[id], (kind, id, found[id], careless[id])
        assert of_the_step(step, found) <= of_the_step(step, careless), kind


@EVERY_STEP
def test_advertising_earns_next_to_nothing_in_a_week(step: Step) -> None:
    found = earned(step, PROMOTER)
    for id in step.marked:
        question = next(iter(step.activities[id].variants.values()), step.activities[id])
        if isinstance(question.task, Plan):
            assert found[id] <= 0.25, (id, found[id])


def test_the_bench_prints_a_line_a_step() -> None:
    command = [sys.executable, "bench/course.py", "--bots", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["step"] for line in lines] == [step.name for step in steps()]
    for line in lines:
        assert line["bench"] == "course"
        assert all(0 <= line[name] <= 1 for name in ("random", "tick_all", "strong", "worst_activity_random"))


def test_the_bench_prints_the_learners() -> None:
    command = [sys.executable, "bench/course.py", "--learners"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for step in steps():
        for name in (step.name, *step.marked):
            assert f"\n{name} " in done.stdout
