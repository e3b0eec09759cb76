"""What the mirror remarks in texts that people wrote: how many good ones it troubles, how many harmful ones it sees.

Prints one JSON line for each activity:

``{"bench": "texts", "activity", "good", "good_troubled", "harmful", "harmful_seen"}``

`good` and `harmful` count the texts of `tests/textes/`, written by hands that saw only the page; `good_troubled`
the good ones with a remark of any kind, `harmful_seen` the harmful ones with at least one. The activity is the one that
asked for the text; the mirror is that of its current writing. With ``--show``, prints each remark instead.
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it runs as a script too

from bench.bots import Step
from reseau_kit.activities.tasks import Form, Mirror
from reseau_kit.answers.mirror import Remark, remarks

TEXTS = Path(__file__).parents[1] / "tests" / "textes"

#: The activity that asked for a text, and the writing whose mirror looks at it now.
WRITINGS = {"E1-A3": (1, "E1-A3"), "E2-A4": (2, "E2-D3"), "E3-A4": (3, "E3-D2"), "E5-A3": (5, "E5-D3")}


@dataclass(frozen=True)
class Text:
    """One text: what it answered, who wrote it, its fields, and what is harmful in it (empty where nothing is)."""

    activity: str
    case: str
    author: str
    entries: dict[str, str]
    harm: str


def corpus() -> Iterator[Text]:
    """The texts of every hand."""
    for path in sorted(TEXTS.glob("corpus-*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["texte"]:
            yield Text(
                row["activite"],
                row.get("cas", "nadia"),
                row["par"],
                row.get("champs") or {"texte": row["texte"]},
                row.get("nuit", ""),
            )


@cache
def mirror_of(activity: str, case: str) -> Mirror:
    """The mirror of the writing that took the place of an activity."""
    step, id = WRITINGS[activity]
    asked = Step(step).activities[id].under({"cas": case})
    assert asked is not None
    assert isinstance(asked.task, Form)
    assert asked.task.mirror is not None
    return asked.task.mirror


def seen_in(text: Text) -> tuple[Remark, ...]:
    """What the mirror remarks in a text."""
    return remarks(mirror_of(text.activity, text.case), text.entries)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print the texts that are remarked, and what is said")
    options = parser.parse_args()
    texts = list(corpus())
    if options.show:
        for text in texts:
            for remark in seen_in(text):
                said = " / ".join(text.entries.values())
                print(f"{text.activity} {text.case} [{text.harm or 'bon'}] {said}\n    → {remark.text}")
        return
    for activity in WRITINGS:
        mine = [text for text in texts if text.activity == activity]
        good = [bool(seen_in(text)) for text in mine if not text.harm]
        harmful = [bool(seen_in(text)) for text in mine if text.harm]
        line = {"bench": "texts", "activity": activity, "good": len(good), "good_troubled": sum(good)}
        print(json.dumps(line | {"harmful": len(harmful), "harmful_seen": sum(harmful)}))


if __name__ == "__main__":
    main()
