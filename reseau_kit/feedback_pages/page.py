"""Draws the page that gives a learner their marks and the reasons, for the screen and for paper.

One HTML file that loads nothing from any network. Scores come from the gradebook, reasons from the answers, and texts
of learners and trainers are escaped. Input is plain data, output a text: the module does not know nbgrader.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from reseau_kit.activities.activity import Activities
from reseau_kit.answers.feedback import Feedback, score_sentence
from reseau_kit.answers.journal import Answers
from reseau_kit.answers.marks import mark, points
from reseau_kit.answers.notebooks import KEY
from reseau_kit.french.writing import day_in_words, number, worth
from reseau_kit.grading.card import Told, tell
from reseau_kit.grading.exercise import Cell, activity_of, grading_data
from reseau_kit.grading.open_texts import learner_text
from reseau_kit.grading.submission import TOLD

_TEMPLATES = Path(__file__).with_name("templates")
_VERSION = metadata.version("reseau-kit")


@dataclass(frozen=True, slots=True)
class Score:
    """Gradebook data of one cell. `earned` is None while a person has to grade; `empty` means nothing was written."""

    earned: float | None
    maximum: float
    automatic: float | None
    empty: bool

    @property
    def revised(self) -> bool:
        """Whether a person changed the program's score."""
        return self.automatic is not None and self.earned != self.automatic


def score_of(
    *,
    automatic: float | None,
    manual: float | None,
    extra: float | None,
    waiting: bool,
    maximum: float,
    comment: str | None,
) -> Score:
    """Return a cell's score from gradebook data: `waiting` for a person, `comment` is nbgrader's automatic one."""
    unknown = manual is None and (automatic is None or waiting)
    given = manual if manual is not None else automatic
    earned = None if unknown or given is None else given + (extra or 0.0)
    return Score(earned, maximum, automatic, empty=bool(comment))


@dataclass(frozen=True, slots=True)
class Grades:
    """Gradebook data of one document: its learner, the time of the hand-in (UTC), scores and comments by cell.

    `earned` does not include the `penalty`.
    """

    learner: str
    submitted: datetime | None
    earned: float
    maximum: float
    penalty: float = 0.0
    scores: Mapping[str, Score] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: an activity (`told`), a text that a person marks, or a note that the learner wrote."""

    name: str
    title: str
    score: Score | None
    told: Told | None = None
    question: str = ""
    text: str = ""
    comment: str = ""


def gather(
    cells: Sequence[Cell],
    answers: Answers,
    grades: Grades,
    activities: Activities,
    titles: Mapping[str, str],
    *,
    exercise: str,
    notices: Sequence[str] = (),
    warn: Callable[[str], object],
) -> dict[str, Any]:
    """Build the content of a graded notebook's page. `titles` are the headings above cells (`titles_of`).

    `notices` say what was not found or not counted in the submission (`notices_in`). `warn` is called with a French
    sentence if today's key would give another score than the gradebook's.
    """
    return {
        "title": activities.document.get("titre") or exercise,
        "learner": grades.learner,
        "submitted": day_in_words(grades.submitted.date().isoformat()) if grades.submitted else "",
        "earned": grades.earned - grades.penalty,
        "maximum": grades.maximum,
        "penalty": grades.penalty,
        "parts": list(_parts(cells, answers, grades, activities, titles, warn)),
        "notices": list(notices),
        "waiting": any(score.earned is None for score in grades.scores.values()),
    }


def page(told: Mapping[str, Any]) -> str:
    """Return the HTML of the content that `gather` built."""
    return _template().render(
        **told,
        activities=[part for part in told["parts"] if part.score],
        today=day_in_words(datetime.now().astimezone().date().isoformat()),
        version=_VERSION,
    )


def notices_in(notebook: Mapping[str, Any]) -> list[str]:
    """Return the notes of a graded notebook for its learner."""
    metadata = notebook.get("metadata", {})
    told = metadata.get(KEY, {}).get(TOLD, []) if isinstance(metadata, dict) else []
    return [text for text in told if isinstance(text, str)] if isinstance(told, list) else []


def titles_of(cells: Sequence[Cell]) -> dict[str, str]:
    """Return the heading above each cell of the trainer's notebook, by the cell's name."""
    titles: dict[str, str] = {}
    heading = ""
    for cell in cells:
        data = grading_data(cell)
        if cell["cell_type"] == "markdown":
            found = re.findall(r"^#{2,4}\s+(.+?)\s*$", cell["source"], re.MULTILINE)
            heading = re.sub(r"[*_`]", "", found[-1]) if found else heading
        if name := data.get("grade_id") or cell.get("id"):
            titles[name] = heading
    return titles


def _parts(
    cells: Sequence[Cell],
    answers: Answers,
    grades: Grades,
    activities: Activities,
    titles: Mapping[str, str],
    warn: Callable[[str], object],
) -> Iterator[Part]:
    for cell in cells:
        data = grading_data(cell)
        name = data.get("grade_id", "")
        score, comment = grades.scores.get(name), grades.comments.get(name, "")
        id = activity_of(cell)
        title = titles.get(name) or titles.get(cell["source"], "")
        if id and score and id in activities:
            told = _told(activities, id, answers, score, warn)
            yield Part(name, title, score, told, told.question)
        elif score and (data.get("solution") or data.get("task")):
            written = "" if score.empty else _own_text(cell)
            question = activities[name].question if name in activities else ""
            yield Part(name, title, score, question=question, text=written, comment=comment)
        elif score:
            # A test cell of the trainer's, which nbgrader ran.
            yield Part(name, title, score, question=_what_failed(cell), comment=comment)
        elif name in grades.comments or ((text := learner_text(cell)) and text.strip()):
            yield Part(name, title, None, text=_own_text(cell), comment=comment)


def _what_failed(cell: Cell) -> str:
    """Return the error of an executed cell, empty if there was none."""
    errors = (output for output in cell.get("outputs", ()) if output.get("output_type") == "error")
    return "\n".join(f"{error.get('ename', '')} : {error.get('evalue', '')}" for error in errors)


def _told(activities: Activities, id: str, answers: Answers, score: Score, warn: Callable[[str], object]) -> Told:
    now = mark(activities, id, answers.of(id))
    told, earned = tell(activities, id, now), points(activities[id], now.score)
    if score.earned == earned:
        return told
    if score.automatic != earned:
        today, kept = ("rien" if value is None else number(value, 2) for value in (earned, score.automatic))
        advice = "notez de nouveau ce travail"
        warn(f"« {id} » vaudrait {today} avec le corrigé d’aujourd’hui, et {kept} au carnet de notes ; {advice}")
    # The gradebook decides: the sentence with the computed score would contradict it.
    others = tuple(text for text in told.said.paragraphs if text != score_sentence(activities[id], now))
    said = Feedback(told.said.tone, told.said.sign, told.said.headline, others)
    return Told(told.question, told.answers, said)


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": partial(number, decimals=2), "points": worth}
    return environment.get_template("feedback_page.html.j2")


def _own_text(cell: Cell) -> str:
    text = learner_text(cell)
    return str(cell["source"] if text is None else text)
