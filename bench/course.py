"""What each step gives to those who know nothing, and to those who know: shares of its automatic points, 0–1.

Prints one JSON line a step:

``{"bench": "course", "step", "random", "tick_all", "strong", "worst_activity_random"}``

`random` is what learners earn on average who answer by chance with three attempts, `tick_all` what ticking and pasting
everything earns, `strong` what the answers earn that somebody wrote before seeing the keys (null where nobody has):
each in the guided case where it is worst. `worst_activity_random` is the most that chance earns in one activity.

With ``--learners``, prints instead what simulated learners of several kinds earn in each activity, over the cases.
"""

import argparse
import json
import random
import sys
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it runs as a script too

from bench.bots import CASES, Step, by_chance, of_the_step, steps, taking_everything
from bench.learners import KINDS, shares, strong_answers

SEED = 20261122


def measure(step: Step, bots: int) -> dict[str, object]:
    """The step's line."""
    chance = [by_chance(step, case, bots, random.Random(SEED)) for case in CASES]
    return {
        "bench": "course",
        "step": step.name,
        "random": round(max(of_the_step(step, earned) for earned in chance), 3),
        "tick_all": round(max(of_the_step(step, taking_everything(step, case)) for case in CASES), 3),
        "strong": round(min(of_the_step(step, shares(step, case, "careful")) for case in CASES), 3)
        if has_strong_answers(step)
        else None,
        "worst_activity_random": round(max(max(earned.values()) for earned in chance), 3),
    }


def has_strong_answers(step: Step) -> bool:
    """Whether somebody has written them, for this step and those before, whose decisions it uses."""
    try:
        return all(strong_answers(one) for one in map(Step, range(1, step.number + 1)))
    except FileNotFoundError:
        return False


def table(step: Step) -> str:
    """What each kind of learner earns in each activity of the step, in per cent, averaged over the cases."""
    earned = {kind: [shares(step, case, kind) for case in CASES] for kind in KINDS}
    rows = [(id, [mean(case[id] for case in earned[kind]) for kind in KINDS]) for id in step.marked]
    rows.append((step.name, [mean(of_the_step(step, case) for case in earned[kind]) for kind in KINDS]))
    lines = [f"{'':10}" + "".join(f"{kind:>10}" for kind in KINDS)]
    lines += [f"{name:10}" + "".join(f"{100 * share:>10.0f}" for share in found) for name, found in rows]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bots", type=int, default=2000, help="learners who answer by chance, in each case")
    parser.add_argument("--learners", action="store_true", help="print what simulated learners earn")
    options = parser.parse_args()
    for step in steps():
        if not options.learners:
            print(json.dumps(measure(step, options.bots)), flush=True)
        elif has_strong_answers(step):
            print(table(step), end="\n\n")


if __name__ == "__main__":
    main()
