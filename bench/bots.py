"""Learners who know nothing: one answers by chance, the other takes all there is to take.

They see a question as the page shows it (`widgets`), never its key, and have three attempts like everybody. Nothing is
told them in between: what they earn is what a question gives away.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import cycle, product
from pathlib import Path
from typing import Any

from reseau_kit.activities.activity import ATTEMPTS, Activities, Activity
from reseau_kit.activities.loading import load_activities
from reseau_kit.activities.tasks import OpenText, Selection
from reseau_kit.answers.folder import values_of
from reseau_kit.answers.journal import Event
from reseau_kit.answers.marks import mark
from reseau_kit.answers.notebooks import load
from reseau_kit.answers.writing import SHOWN
from reseau_kit.learner.face import asked_face

ROOT = Path(__file__).parents[1]

#: The decision by which learners choose whom they advise, and its values.
CASE = "cas"
CASES = ("nadia", "marcel", "pousses")

#: When the simulated learners answer: what depends on a date is judged against it.
AT = "2026-11-22T08:00:00.000Z"

#: A question as the page shows it.
Face = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One step of the course, as its authors write it: an exercise and the lesson before it."""

    number: int

    @property
    def name(self) -> str:
        """What trainers call it: etape-1."""
        return f"etape-{self.number}"

    @property
    def folder(self) -> Path:
        """Where the exercise and its data stand."""
        return ROOT / "exercises" / self.name

    @property
    def notebook(self) -> Path:
        """The exercise."""
        return self.folder / f"{self.name}.ipynb"

    @cached_property
    def lesson(self) -> Path:
        """The lesson before it."""
        (lesson,) = (ROOT / "course").glob(f"{self.number:02}-*.ipynb")
        return lesson

    @cached_property
    def activities(self) -> Activities:
        """What the exercise asks."""
        return load_activities(self.folder / "activites.toml")

    @cached_property
    def practice(self) -> Activities:
        """What the lesson asks, for no points."""
        return load_activities(self.lesson.with_suffix(".activites.toml"))

    @cached_property
    def marked(self) -> Mapping[str, float]:
        """The points of each activity that is marked without a person."""
        return {
            activity.id: activity.points
            for activity in self.activities
            if activity.points and not isinstance(activity.task, OpenText)
        }

    @cached_property
    def words(self) -> list[str]:
        """Every word that the exercise's page shows before anything is answered."""
        cells = load(self.notebook)["cells"]
        prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        return " ".join([*prose, *(text for _, one in asked(self.activities) for text in texts(face(one)))]).split()


def steps() -> list[Step]:
    """The steps that exist, in order."""
    found = (re.fullmatch(r"etape-(\d+)", folder.name) for folder in (ROOT / "exercises").iterdir())
    return [Step(number) for number in sorted(int(name[1]) for name in found if name)]


def asked(activities: Activities) -> Iterator[tuple[str, Activity]]:
    """Each question as a learner meets it, with its name: one for each decision that it depends on."""
    for activity in activities:
        if not activity.depends_on:
            yield activity.id, activity
        for decision, question in activity.variants.items():
            yield f"{activity.id} {decision}", question


def face(question: Activity) -> Face:
    """The question as the page shows it, with how many are asked for, which its text says."""
    shown = asked_face(question)
    if isinstance(question.task, Selection):
        shown["at_most"] = question.task.at_most
    return shown


#: What a face holds for the page's code rather than for its reader, and what comes after an attempt only.
_NOT_READ = ("id", "task", "entry", "hint")


def texts(shown: object, *but: str) -> Iterator[str]:
    """The texts of a question as somebody reads them on the page, those under some names left out."""
    if isinstance(shown, str):
        yield shown
    elif isinstance(shown, dict):
        for name, value in shown.items():
            if name not in (*_NOT_READ, *but):
                yield from texts(value, *but)
    elif isinstance(shown, list):
        for value in shown:
            yield from texts(value, *but)


# --- the bot that answers by chance ---------------------------------------------------------------------------------


def random_answer(shown: Face, words: Sequence[str], rng: random.Random) -> object:
    """Clicks at random, words found on the page, plausible numbers and dates."""
    match shown["task"]:
        case "choice":
            return rng.sample(_ids(shown["options"]), shown["pick"])
        case "number":
            return rng.choice([rng.randint(0, 100), rng.choice(_numbers(shown) or [0])])
        case "matching":
            return {item["id"]: rng.choice(_ids(item["groups"])) for item in shown["items"]}
        case "ordering":
            return rng.sample(_ids(shown["items"]), len(shown["items"]))
        case "selection":
            cards = rng.sample(_ids(shown["cards"]), shown["pick"] or rng.randint(1, shown["at_most"]))
            return [{"id": card, "critere": rng.choice(_ids(shown["criteria"]) or [""])} for card in cards]
        case "accounts":
            return rng.sample(_ids(shown["cards"]), shown["pick"])
        case "search":
            chosen = rng.sample(_ids(shown["words"]), len(shown["words"]))
            wanted, unwanted = (rng.randint(*map(int, shown[key])) for key in ("wanted", "unwanted"))
            return {"avec": chosen[:wanted], "sans": chosen[wanted : wanted + unwanted]}
        case "plan":
            return [_random_line(shown, rng) for _ in range(rng.randint(1, 7))]
        case "form":
            entries = {field["id"]: _random_entry(field, words, rng) for field in shown["fields"]}
            return entries | _showing(shown, entries)
    raise TypeError(shown["task"])


def _random_line(shown: Face, rng: random.Random) -> dict[str, object]:
    return {
        "jour": rng.choice(shown["days"]),
        "minutes": rng.randint(1, 12) * 5,
        "geste": rng.choice(_ids(shown["gestures"])),
        "media": rng.choice(_ids(shown["media"])),
        "theme": rng.choice(_ids(shown["themes"]) or [""]),
    }


def _random_entry(field: Face, words: Sequence[str], rng: random.Random) -> str:
    match field["entry"]:
        case "choix":
            return str(rng.choice(field["values"]))
        case "date":
            return (date.fromisoformat(AT[:10]) + timedelta(rng.randint(0, 730))).isoformat()
        case "nombre":
            return str(rng.randint(1, 300))
    return " ".join(rng.choices(words, k=rng.randint(1, 8 if field["entry"] == "texte" else 40)))


def _ids(options: Sequence[Face]) -> list[str]:
    return [option["id"] for option in options]


def _numbers(shown: Face) -> list[int]:
    return [int(number) for text in texts(shown) for number in re.findall(r"\d+", text)]


# --- the bot that takes everything ----------------------------------------------------------------------------------


def everything(shown: Face, attempt: int) -> object:
    """All that can be ticked at once; elsewhere the first choice everywhere, then the second, then the third.

    In a text it pastes what it is asked, the instructions, then all the page says of the question, and shows the whole
    text for every criterion.
    """
    match shown["task"]:
        case "choice":
            return _ids(shown["options"])[attempt:]
        case "number":
            return [0, 100, max(_numbers(shown), default=1)][attempt]
        case "matching":
            groups = {item["id"]: _ids(item["groups"]) for item in shown["items"]}
            return {id: values[attempt % len(values)] for id, values in groups.items()}
        case "ordering":
            ids = _ids(shown["items"])
            return [ids, ids[::-1], ids[1:] + ids[:1]][attempt]
        case "selection":
            criteria = _ids(shown["criteria"]) or [""]
            return [{"id": card["id"], "critere": criteria[attempt % len(criteria)]} for card in shown["cards"]]
        case "accounts":
            return _ids(shown["cards"])[attempt * shown["pick"] :][: shown["pick"]]
        case "search":
            most = int(shown["wanted"][1])
            return {"avec": _ids(shown["words"])[attempt * most :][:most], "sans": []}
        case "plan":
            return _full_week(shown, attempt)
        case "form":
            entries = {field["id"]: _pasted_entry(field, shown, attempt) for field in shown["fields"]}
            return entries | _showing(shown, entries)
    raise TypeError(shown["task"])


def _showing(shown: Face, entries: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The whole text as the passage for every criterion."""
    passages = {one["id"]: entries[one["field"]] for one in shown["shows"]}
    return {SHOWN: passages} if passages else {}


def _full_week(shown: Face, attempt: int) -> list[dict[str, object]]:
    """Every gesture in every medium on every subject; then every gesture once, a day each; then all in one day."""
    gestures, media, themes = _ids(shown["gestures"]), _ids(shown["media"]), _ids(shown["themes"]) or [""]
    every = list(product(gestures, media, themes) if attempt == 0 else product(gestures, media[:1], themes[:1]))
    days = shown["days"] if attempt < 2 else shown["days"][:1]
    return [
        {"jour": day, "minutes": 15, "geste": gesture, "media": medium, "theme": theme}
        for day, (gesture, medium, theme) in zip(cycle(days), every, strict=False)
    ]


def _pasted_entry(field: Face, shown: Face, attempt: int) -> str:
    match field["entry"]:
        case "choix":
            return str(field["values"][attempt % len(field["values"])])
        case "date":
            return (date.fromisoformat(AT[:10]) + timedelta(30 * attempt)).isoformat()
        case "nombre":
            return ["1", "100", "1000"][attempt]
    return (str(shown["question"]), str(shown["instructions"]), " ".join(texts(shown)))[attempt]


# --- what they earn -------------------------------------------------------------------------------------------------


def earned(activities: Activities, id: str, answers: Sequence[object], decided: Mapping[str, str]) -> float:
    """What an activity earns (0–1) by these answers, one attempt each."""
    activity = activities[id]
    context = {name: decided[name] for name in activity.needs if name in decided}
    events = [
        Event(f"{n:016x}", "a" * 16, n, id, activity.version, "attempt", answer, AT, context)
        for n, answer in enumerate(answers, 1)
    ]
    score = mark(activities, id, events).score
    assert score is not None, f"{id} could not be judged"
    return score


def decisions(step: Step, case: str, rng: random.Random) -> dict[str, str]:
    """What a learner has decided who advises that case, and decides all else by chance."""
    decided = {CASE: case}
    for name in dict.fromkeys(name for activity in step.activities for name in activity.needs):
        decision = step.activities.deciding(name)
        if decision is not None and name not in decided:
            decided |= values_of(decision.logbook, random_answer(face(decision), step.words, rng))
    return decided


def by_chance(step: Step, case: str, learners: int, rng: random.Random) -> dict[str, float]:
    """The share of each activity that learners who answer by chance earn on average, in that case."""
    faces = {name: face(question) for name, question in asked(step.activities)}
    total = dict.fromkeys(step.marked, 0.0)
    for _ in range(learners):
        decided = decisions(step, case, rng)
        for id in total:
            shown = faces[f"{id} {decided.get(step.activities[id].depends_on, '')}".strip()]
            answers = [random_answer(shown, step.words, rng) for _ in range(ATTEMPTS)]
            total[id] += earned(step.activities, id, answers, decided) / learners
    return total


def taking_everything(step: Step, case: str) -> dict[str, float]:
    """The share of each activity that ticking and pasting everything earns, in that case."""
    decided = decisions(step, case, random.Random(0))
    shares = {}
    for id in step.marked:
        question = step.activities[id].under(decided)
        assert question is not None
        shares[id] = earned(step.activities, id, [everything(face(question), n) for n in range(ATTEMPTS)], decided)
    return shares


def of_the_step(step: Step, shares: Mapping[str, float]) -> float:
    """The share (0–1) of a step's automatic points that these shares of its activities make."""
    return sum(points * shares[id] for id, points in step.marked.items()) / sum(step.marked.values())
