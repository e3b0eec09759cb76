"""The logbook: a learner's decisions across the course, their progress, and the answers that changed decisions affect.

The logbook stores nothing: each reading computes it from the answers of all steps.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reseau_kit.activities.activity import Activities, Activity
from reseau_kit.activities.loading import load_activities
from reseau_kit.activities.tasks import Form, Plan
from reseau_kit.answers.checks import plan_lines
from reseau_kit.answers.feedback import answer_text, plan_line_text
from reseau_kit.answers.folder import Folder, course_folders, latest_values
from reseau_kit.answers.journal import Event
from reseau_kit.answers.marks import Mark, as_asked, mark
from reseau_kit.answers.notebooks import Document, Notebook, load
from reseau_kit.french.comparing import count_words
from reseau_kit.french.writing import day_in_words, labelled

#: Titles of the logbook's entries, in the order of the course. An entry without one comes last, under its question.
TITLES = {
    "cas": "Cas guidé",
    "objectif": "Mon objectif",
    "medias": "Mes médias",
    "degre": "Mon nom et mon image",
    "bio": "Ma bio",
    "liens": "Mes liens",
    "relais": "Mon premier relais",
    "publications": "Mes premières publications",
    "comptes": "Les personnes que je suis",
    "retour": "Ma première réponse",
    "plan": "Ma semaine",
    "charte": "Mes règles",
    "lundi": "Dès lundi",
}

#: A careful reading speed on a screen.
WORDS_A_MINUTE = 180


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision. `lines` are its parts, each with its label (empty if there is only one part).

    `changed` names the decisions that it depends on and that have changed since: the learner should review it.
    """

    name: str
    title: str
    lines: tuple[tuple[str, str], ...]
    value: Any
    activity: Activity
    place: str
    at: str
    changed: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """The lines as they are shown: « label : text », or « question ? text »."""
        return tuple(labelled(label, text) for label, text in self.lines)


@dataclass(frozen=True, slots=True)
class Part:
    """One notebook of the course. `minutes` is its reading time.

    `marks` pairs the activities that the notebook shows with their marks, in the order of the file.
    """

    title: str
    path: str
    minutes: int
    marks: tuple[tuple[Activity, Mark], ...]

    @property
    def answered(self) -> int:
        """Number of answered activities."""
        return sum(mark.answered for _, mark in self.marks)


@dataclass(frozen=True, slots=True)
class Logbook:
    """All decisions (`entries`), all notebooks (`parts`), and the other answers to review (`stale`).

    `stale` holds pairs of activity id and notebook name. `values` gives each decision as texts, one per field of a
    form (« objectif.themes »).
    """

    entries: tuple[Entry, ...]
    parts: tuple[Part, ...]
    stale: tuple[tuple[str, str], ...]
    values: dict[str, str]

    def entry(self, name: str) -> Entry | None:
        """Return the decision with that name, or None."""
        return next((entry for entry in self.entries if entry.name == name), None)


@dataclass(frozen=True, slots=True)
class _Notebook:
    folder: Folder
    document: Document
    activities: Activities
    content: Notebook


def read_logbook(root: Path) -> Logbook:
    """Read the logbook from the answers of all folders of the course.

    Notebooks with damaged activities are skipped, so that the rest of the logbook is shown.
    """
    notebooks = [found for path in course_folders(root) for found in _notebooks(Folder(path))]
    events: dict[str, dict[str, Event]] = {}
    folders = list({id(found.folder): found.folder for found in notebooks}.values())
    for folder in folders:
        for event in folder.answers.events:
            events.setdefault(event.activity, {})[event.id] = event
    # Between folders, only time can tell which answer is the latest.
    ordered = {id: sorted(found.values(), key=lambda event: event.at) for id, found in events.items()}
    owners = {one.id: found.activities for found in notebooks for one in found.activities}

    def kept_as(id: str, version: int) -> str:
        return owners[id].kept_as(id, version) if id in owners else ""

    values = latest_values(kept_as, (folder.answers for folder in folders))
    entries, stale = [], []
    for found in notebooks:
        for activity in found.activities:
            answers = ordered.get(activity.id, [])
            if not answers:
                continue
            changed = _changed(answers[-1], values)
            if found.activities.kept_as(activity.id, answers[-1].version):
                asked = as_asked(found.activities, activity.id, answers[-1])
                entries.append(_entry(asked, answers, found, values, changed))
            elif changed:
                stale.append((activity.id, found.document.path.stem))
    names = list(TITLES)
    # A decision that moved to another activity may have been taken in both: the later one applies.
    entries = list({entry.name: entry for entry in sorted(entries, key=lambda entry: entry.at)}.values())
    entries.sort(key=lambda entry: names.index(entry.name) if entry.name in names else len(names))
    parts = sorted((_part(found, root) for found in notebooks), key=_in_course_order)
    return Logbook(tuple(entries), tuple(parts), tuple(stale), values)


def _in_course_order(part: Part) -> tuple[int, str]:
    """Sort key: by step, the lesson (01-objectifs) before the exercise (etape-1/…)."""
    number = re.search(r"\d+", part.path)
    return int(number[0]) if number else 0, part.path


def _notebooks(folder: Folder) -> Iterable[_Notebook]:
    sources = {path.name: path for path in folder.sources}
    for document in folder.documents:
        try:
            content = load(document.path)
            named = content.get("metadata", {}).get("reseau_kit", {}).get("source", "")
            activities = load_activities(sources[named]) if named in sources else document.activities
        except (ValueError, AttributeError):
            continue
        yield _Notebook(folder, document, activities, content)


def _changed(event: Event, values: dict[str, str]) -> tuple[str, ...]:
    """Return the decisions that an answer was judged against and that have changed since."""
    names = [name for name, then in event.context.items() if values.get(name, then) != then]
    return tuple(dict.fromkeys(name.partition(".")[0] for name in names))


def _entry(
    activity: Activity, events: list[Event], found: _Notebook, values: dict[str, str], changed: tuple[str, ...]
) -> Entry:
    last = events[-1]
    if isinstance(activity.task, Form):
        told = [(field, values.get(f"{activity.logbook}.{field.id}", "")) for field in activity.task.fields]
        lines = tuple((field.text, f"{_on_one_line(text)} {field.unit}".strip()) for field, text in told if text)
    elif isinstance(activity.task, Plan):
        lines = tuple(("", plan_line_text(activity.task, line)) for line in plan_lines(activity.task, last.value))
    else:
        lines = (("", answer_text(activity, last.value)),)
    title = TITLES.get(activity.logbook, activity.question)
    return Entry(activity.logbook, title, lines, last.value, activity, found.document.path.stem, last.at, changed)


def _part(found: _Notebook, root: Path) -> Part:
    texts = [_source(cell) for cell in found.content["cells"] if _kind(cell) == "markdown"]
    heading = next((line for text in texts for line in text.splitlines() if line.startswith("# ")), "# ")
    prose = sum(count_words(re.sub(r"https?://\S+", "", text)) for text in texts)
    shown = {match for cell in found.content["cells"] for match in re.findall(r'activite\("([\w-]+)"\)', _source(cell))}
    marks = tuple(
        (activity, mark(found.activities, activity.id, found.folder.answers.of(activity.id)))
        for activity in found.activities
        if activity.id in shown
    )
    path = found.document.path.relative_to(root.resolve()).as_posix()
    return Part(heading.lstrip("# "), path, math.ceil(prose / WORDS_A_MINUTE), marks)


def _on_one_line(text: str) -> str:
    """Return a field as one line of a list: dates in words, lines joined by dots."""
    return " · ".join(line.strip() for line in day_in_words(text).splitlines() if line.strip())


def _kind(cell: Any) -> str:
    return str(cell.get("cell_type")) if isinstance(cell, dict) else ""


def _source(cell: Any) -> str:
    source = cell.get("source", "") if isinstance(cell, dict) else ""
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
