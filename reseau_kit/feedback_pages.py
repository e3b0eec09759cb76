"""The page on which a learner reads what their exercise is worth, and why: for the screen and for paper.

One HTML file that asks nothing of any network. Scores are the gradebook's, reasons come from the answers, and whatever
a learner or a trainer wrote is shown as text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.utils import is_solution, is_task

import reseau_kit
from reseau_kit.activities import Activities
from reseau_kit.checks import mark, points
from reseau_kit.feedback import NBSP, Feedback, number, score_sentence
from reseau_kit.folder import Folder
from reseau_kit.grading import CoursePreprocessor, Resources
from reseau_kit.journal import Answers
from reseau_kit.marking import Told, activity_of, tell
from reseau_kit.reading import day_in_words
from reseau_kit.texts import learner_text

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Score:
    """What the gradebook says of one cell. `earned` is None where a person has yet to say; `empty`: nothing written."""

    earned: float | None
    maximum: float
    automatic: float | None
    empty: bool

    @property
    def revised(self) -> bool:
        """Whether a person gave another score than the program did."""
        return self.automatic is not None and self.earned != self.automatic


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: an activity (`told`), a text that a person marks, or a note of the learner's own."""

    name: str
    title: str
    score: Score | None
    told: Told | None = None
    question: str = ""
    text: str = ""
    comment: str = ""


class TellFeedback(CoursePreprocessor):
    """Gathers what the page tells: the scores, from the gradebook, and the reasons, from the answers."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook as it is, and in the resources what the page says."""
        ours = resources["nbgrader"]
        activities = self.master_activities(resources)
        with Gradebook(ours["db_url"]) as gradebook:
            document = gradebook.find_submission_notebook(ours["notebook"], ours["assignment"], ours["student"])
            submission = document.assignment
            penalty = document.late_submission_penalty or 0.0
            said = {comment.name: comment for comment in document.comments}
            scores = {grade.name: _score(grade, said.get(grade.name)) for grade in document.grades}
            comments = {name: comment.manual_comment or "" for name, comment in said.items()}
            page = {
                "title": activities.document.get("titre") or ours["assignment"],
                "learner": _full_name(submission.student),
                "submitted": day_in_words(submission.timestamp.date().isoformat()) if submission.timestamp else "",
                "earned": document.score - penalty,
                "maximum": document.max_score,
                "penalty": penalty,
            }
        waiting = any(score.earned is None for score in scores.values())
        parts = list(self._parts(nb, resources, activities, scores, comments))
        resources["page"] = {**page, "parts": parts, "waiting": waiting}
        return nb, resources

    def _parts(
        self,
        nb: NotebookNode,
        resources: Resources,
        activities: Activities,
        scores: Mapping[str, Score],
        comments: Mapping[str, str],
    ) -> Iterator[Part]:
        answers = Folder(Path(resources["metadata"]["path"])).answers
        titles = _titles(self.master(resources).cells)
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            score = scores.get(name)
            id = activity_of(cell)
            title = titles.get(name) or titles.get(cell.source, "")
            if id and score and id in activities:
                told = self._told(activities, id, answers, score, resources)
                yield Part(name, title, score, told, told.question)
            elif score and (is_solution(cell) or is_task(cell)):
                written = "" if score.empty else _own_text(cell)
                question = activities[name].question if name in activities else ""
                yield Part(name, title, score, question=question, text=written, comment=comments.get(name, ""))
            elif name in comments or ((text := learner_text(cell)) and text.strip()):
                yield Part(name, title, None, text=_own_text(cell), comment=comments.get(name, ""))

    def _told(self, activities: Activities, id: str, answers: Answers, score: Score, resources: Resources) -> Told:
        now = mark(activities, id, answers.of(id))
        told, earned = tell(activities, id, now), points(activities[id], now.score)
        if score.earned == earned:
            return told
        if score.automatic != earned:
            who = "{student}, {assignment}".format(**resources["nbgrader"])
            message = "%s : « %s » vaudrait %s avec le corrigé d’aujourd’hui, et %s au carnet de notes ; relancez"
            self.log.warning(f"{message} « nbgrader autograde ».", who, id, earned, score.automatic)
        # The gradebook is right: the sentence with our own number would contradict it.
        kept = [text for text in told.said.paragraphs if text != score_sentence(activities[id], now)]
        said = Feedback(told.said.tone, told.said.sign, told.said.headline, tuple(kept))
        return Told(told.question, told.answers, said)


class FeedbackPage(Exporter):
    """Draws the page. No template of nbconvert's has a part in it: those load scripts from elsewhere."""

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """The page of one graded notebook."""
        _, resources = super().from_notebook_node(nb, resources, **kw)
        return page(resources["page"]), resources


def page(told: Mapping[str, Any]) -> str:
    """The HTML of what `TellFeedback` gathered."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "points": _points}
    template = environment.get_template("feedback_page.html.j2")
    return template.render(
        **told,
        activities=[part for part in told["parts"] if part.score],
        today=day_in_words(datetime.now().astimezone().date().isoformat()),
        version=reseau_kit.__version__,
    )


def _points(value: float) -> str:
    return f"{number(value)}{NBSP}point{'s' if abs(value) >= 2 else ''}"


def _score(grade: Any, comment: Any) -> Score:
    unknown = grade.manual_score is None and (grade.auto_score is None or grade.needs_manual_grade)
    untouched = comment is not None and bool(comment.auto_comment)
    return Score(None if unknown else grade.score, grade.max_score, grade.auto_score, untouched)


def _full_name(student: Any) -> str:
    names = [name for name in (student.first_name, student.last_name) if name]
    return " ".join(names) if names else str(student.id)


def _own_text(cell: NotebookNode) -> str:
    text = learner_text(cell)
    return str(cell.source if text is None else text)


def _titles(cells: list[dict[str, Any]]) -> dict[str, str]:
    """The heading above each cell, by the cell's name."""
    titles: dict[str, str] = {}
    heading = ""
    for cell in cells:
        data = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "markdown":
            found = re.findall(r"^#{2,4}\s+(.+?)\s*$", cell["source"], re.MULTILINE)
            heading = re.sub(r"[*_`]", "", found[-1]) if found else heading
        if name := data.get("grade_id") or cell.get("id"):
            titles[name] = heading
    return titles
