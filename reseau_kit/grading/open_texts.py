"""Open questions in grading: who reads the texts, where they appear, and how a text is shown without being run.

No program marks a text. One setting says who reads it: a person (« formateur »); the learners themselves, against the
levels and unmarked (« auto »); or none, and the question is not asked (« non »). The total of the points follows.
"""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from reseau_kit.activities.activity import Activities, Activity
from reseau_kit.activities.loading import revised
from reseau_kit.activities.tasks import OpenText
from reseau_kit.answers.checks import read_text
from reseau_kit.answers.feedback import answer_lines
from reseau_kit.answers.journal import Event
from reseau_kit.answers.marks import mark
from reseau_kit.answers.notebooks import KEY, Notebook
from reseau_kit.french.comparing import count_words
from reseau_kit.french.writing import NBSP, worth

#: Readers of open texts.
READERS = ("formateur", "auto", "non")

#: Metadata key of a course text cell that belongs to an open question and is removed with it; its value is the id.
WITH = "avec"


def read_by(activities: Activities, reader: str) -> Activities:
    """Return the activities with open texts read by `reader` (one of READERS)."""
    if reader == "formateur" or not any(isinstance(activity.task, OpenText) for activity in activities):
        return activities
    document = json.loads(json.dumps(activities.document, ensure_ascii=False, default=str))
    if reader == "non":
        document["activite"] = [values for values in document["activite"] if values["genre"] != "texte"]
    for values in document["activite"]:
        if values["genre"] == "texte":
            values.pop("points", None)
            values["lecture"] = "auto"
    return revised(document)


def open_questions(activities: Activities) -> list[Activity]:
    """Return the questions whose texts a person reads and marks."""
    return [activity for activity in activities if isinstance(activity.task, OpenText) and activity.points]


def add_reading_cells(nb: Notebook, activities: Activities, shown: dict[str, Any]) -> None:
    """Add a cell after each open question, in place, where a person reads and marks the text.

    `shown` gives the id of the activity that a cell shows, by the cell's source. Cells of questions that are not asked
    are removed.
    """
    questions = {activity.id: activity for activity in open_questions(activities)}
    cells: list[dict[str, Any]] = []
    for cell in nb["cells"]:
        id = shown.get(cell["source"]) or cell["metadata"].get(KEY, {}).get(WITH)
        if id and id not in activities:
            continue
        cells.append(cell)
        if cell["cell_type"] == "code" and id in questions:
            cells.append(_reading_cell(questions[id]))
    nb["cells"] = cells


def place_texts(nb: Notebook, activities: Activities, events: Iterable[Event]) -> None:
    """Show each submitted text in its reading cell, in place, with the levels to read it against."""
    events = list(events)
    for question in open_questions(activities):
        text = latest_text(event for event in events if event.activity == question.id)
        cell = next(
            (cell for cell in nb["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == question.id), None
        )
        if cell is None or not isinstance(question.task, OpenText):
            continue
        if text:
            show_text(cell, text)
            beside = _beside(activities, question.task, events)
            help = _reading_help(question, question.task, text)
            cell["source"] = "\n\n".join((cell["source"], *beside, "---", *help))


def _beside(activities: Activities, task: OpenText, events: list[Event]) -> Iterator[str]:
    """Yield the writings to read with the text, each with the passages that its writer selected."""
    for id in task.beside if any(event.activity in task.beside for event in events) else ():
        now = mark(activities, id, [event for event in events if event.activity == id])
        last = now.attempts[-1].event if now.attempts else now.draft
        if last is not None:
            yield f"**À lire avec ce texte : {now.asked.question}**"
            yield _plain("\n".join(answer_lines(now.asked, last.value)))


def _reading_help(question: Activity, task: OpenText, text: str) -> Iterator[str]:
    """Yield help for reading a text: the question, the length, and the levels with the points that each suggests."""
    best = max(level.mark for level in task.levels)
    yield f"**La question{NBSP}:** {question.question} {question.instructions}".rstrip()
    yield f"*{count_words(text)} mots, de {task.words[0]:g} à {task.words[1]:g} attendus.*"
    yield "**Les niveaux, et les points que chacun suggère**"
    yield "\n".join(
        f"- **{level.mark}. {level.title}** ({worth(question.points * level.mark / best)}){NBSP}: {level.text}"
        for level in task.levels
    )


def latest_text(events: Iterable[Event]) -> str:
    """Return the text that counts: the last validated one, else the latest draft."""
    written = [(event.kind == "attempt", text) for event in events if (text := read_text(event.value))]
    validated = [text for attempt, text in written if attempt]
    return validated[-1] if validated else written[-1][1] if written else ""


def show_text(cell: dict[str, Any], text: str) -> None:
    """Show a learner's text in a text cell without running it; `learner_text` returns the text.

    Markdown formatting is kept if the text has nothing else. HTML, links, images and formulas are shown as typed.
    """
    cell["source"] = _plain(text) if _MORE_THAN_FORMATTING.search(text) else text
    cell["metadata"][KEY] = {"text": text}


def _plain(text: str) -> str:
    """Return HTML that shows a text exactly as typed."""
    plain = "".join(_AS_ENTITIES.get(char, char) for char in escape(text, quote=False))
    return f'<pre style="white-space:pre-wrap;overflow-wrap:anywhere">{plain}</pre>'


def learner_text(cell: dict[str, Any]) -> str | None:
    """Return the learner's text of a text cell, None for a course cell."""
    ours = cell["metadata"].get(KEY)
    text = ours.get("text") if isinstance(ours, dict) else None
    return text if isinstance(text, str) else None


#: Signs without which Markdown has no HTML, link, image or formula; an entity may stand for any of them.
_MORE_THAN_FORMATTING = re.compile(r"[<\[$\\]|```|~~~|&#?[0-9A-Za-z]+;")
#: Signs that Markdown or MathJax may interpret even inside an element.
_AS_ENTITIES = {char: f"&#{ord(char)};" for char in "$\\"}


def _reading_cell(question: Activity) -> dict[str, Any]:
    """Return an nbgrader cell to be marked by hand. Unchanged, it tells nbgrader that there was no text."""
    data = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3}
    return {
        "cell_type": "markdown",
        "id": f"lecture-{question.id}"[:64],
        "metadata": {
            "deletable": False,
            "editable": False,
            "nbgrader": {**data, "grade_id": question.id, "points": question.points},
        },
        "source": "*Quand vous remettrez cet atelier, votre texte viendra ici, et une personne de l’équipe le lira.*",
    }
