"""The course under nbgrader: what is released to learners, and what a submission is worth, without running anything.

A mark is computed from the answers that were handed in, with the trainer's own activities. Nothing a learner wrote is
executed, no kernel is started, and what goes wrong on our side is left for a person to look at: it costs no point.
"""

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, Execute, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution
from traitlets import Enum

from reseau_kit.activities import ATTEMPTS, SOURCE_PATTERN, Activities, load_activities, pack
from reseau_kit.checks import Mark, Status, mark, points
from reseau_kit.feedback import FAILED, HEADLINES, NBSP, TO_REVIEW, Feedback, answer_lines, number, of_mark
from reseau_kit.folder import Folder
from reseau_kit.intake import install
from reseau_kit.journal import AUTHOR_FILE_NAME, FILE_NAME, Journal, merge
from reseau_kit.notebooks import KEY, Notebook, course_metadata, load, read_copy, release
from reseau_kit.tasks import OpenText
from reseau_kit.texts import READERS, add_reading_cells, place_texts, read_by, show_text

#: What the cell of an activity holds, and nothing else.
_ACTIVITY_CELL = re.compile(r'activite\("([A-Za-z0-9_-]{1,64})"\)')

Resources = dict[str, Any]


class NotReleasable(ValueError):
    """A notebook and its activities file do not fit. The message names every fault, in French, one a line."""


def configure(c: Any, *, kernel: bool = False, texts: str = "formateur") -> None:
    """Set on nbgrader's configuration what this course needs, and leave nbgrader's defaults everywhere else.

    With `kernel`, submissions are executed as under stock nbgrader: slower, for the same scores. `texts` says who reads
    the open texts (see `texts.READERS`).
    """
    grading = [Execute, PlainOutputs] if kernel else [GradeAnswers]
    if kernel:
        c.Execute.iopub_timeout = 60  # on a busy machine the default of 4 s loses outputs, and with them marks
    steps = [SaveGrades if step is SaveAutoGrades else step for step in _default(Autograde, "autograde_preprocessors")]
    c.Autograde.autograde_preprocessors = [*grading, *(step for step in steps if step is not Execute)]
    c.Autograde.sanitize_preprocessors = [RestoreSubmission, *_default(Autograde, "sanitize_preprocessors")]
    c.GenerateAssignment.preprocessors = _releasing(_default(GenerateAssignment, "preprocessors"))
    # By name, so that releasing does not load what only feedback needs.
    c.GenerateFeedback.preprocessors = ["reseau_kit.feedback_pages.TellFeedback"]
    c.GenerateFeedback.exporter_class = "reseau_kit.feedback_pages.FeedbackPage"
    c.CoursePreprocessor.texts = texts
    c.CourseDirectory.ignore = [*_default(CourseDirectory, "ignore"), SOURCE_PATTERN, AUTHOR_FILE_NAME]
    install()
    _find_beside_python()


def release_faults(name: str, notebook: Notebook, activities: Activities) -> list[str]:
    """Where an author's notebook and its activities disagree: one French sentence a fault, none if they fit."""
    faults: list[str] = []
    standing: Counter[str] = Counter()
    for cell in notebook["cells"]:
        id = activity_of(cell)
        if id:
            standing[id] += 1
            where = f'{name}, cellule activite("{id}")'
            faults += (f"{where} : {fault}" for fault in _cell_faults(cell, id, activities))
        elif _is_autograded(cell):
            where = f"{name}, cellule « {_grading_data(cell).get('grade_id')} »"
            expected = 'écrivez-y exactement activite("…"), ou ne la notez pas automatiquement'
            faults.append(f"{where} : elle est notée, et son code n’est jamais exécuté ; {expected}")
    for id in activities.own:
        if standing[id] > 1:
            faults.append(f"{name} : l’activité « {id} » est dans {standing[id]} cellules ; gardez-en une")
        elif not standing[id] and activities[id].points:
            advice = f'ajoutez une cellule activite("{id}"), ou retirez l’activité du fichier'
            faults.append(f"{name} : l’activité « {id} » vaut des points et n’est dans aucune cellule ; {advice}")
    return faults


def data_kept_back(activities: Activities) -> set[str]:
    """The data files that learners get with a later feedback only in what the questions show of them."""
    if not activities.feedback_after:
        return set()
    shown: set[str] = set()
    named: set[str] = set()
    for values in activities.document["activite"]:
        for key, value in values.items():
            names = {name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)}
            whole = key == "donnees" and "lignes" not in values
            (shown if whole else named).update(name for name in names if name.endswith(".csv"))
    return named - shown


class CoursePreprocessor(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """A step that knows where the course's files are."""

    texts = Enum(READERS, "formateur", help="Qui lit les textes des questions ouvertes.").tag(config=True)

    @property
    def coursedir(self) -> Any:
        """The folders of the command that runs this step: of its command line too, which the file does not know."""
        return self.parent.parent.coursedir

    def folder(self, step: str, resources: Resources) -> Path:
        """The folder of this submission at a step of nbgrader's (`submitted`, `autograded`)."""
        ours = resources["nbgrader"]
        return Path(self.coursedir.format_path(step, ours["student"], ours["assignment"]))

    def master_activities(self, resources: Resources) -> Activities:
        """The trainer's activities for this notebook, never the submission's.

        Raises:
            ValueError: the trainer's notebook or its activities file cannot be used.
        """
        return self._master(resources).activities_read_by(self.texts)

    def course_cells(self, resources: Resources) -> list[dict[str, Any]]:
        """The cells of the trainer's notebook; none where it cannot be read."""
        try:
            return self._master(resources).cells
        except ValueError:
            return []

    def _master(self, resources: Resources) -> "_Master":
        ours = resources["nbgrader"]
        folder = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", ours["assignment"]))
        known = _masters.setdefault(self.parent.parent, {})
        path = folder / f"{ours['notebook']}.ipynb"
        if path not in known:
            known[path] = _Master(path)
        return known[path]


class ReleaseActivities(CoursePreprocessor):
    """Turns an author's notebook into a learner's, once it and its activities fit."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook with its activities packed in, without anything that an author answered.

        Raises:
            NotReleasable: something has to be mended first; everything is named.
        """
        folder, name = Path(resources["metadata"]["path"]), f"{resources['nbgrader']['notebook']}.ipynb"
        try:
            activities = self._activities(folder, name, nb)
            if activities is not None:
                if faults := _folder_faults(folder) + release_faults(str(folder / name), nb, activities):
                    raise NotReleasable("\n".join(faults))
                activities = read_by(activities, self.texts)
                add_reading_cells(nb, activities, {cell.source: activity_of(cell) for cell in nb.cells})
                release(nb, activities)
                self._keep_back(data_kept_back(activities), resources)
        except ValueError as error:
            # The traceback, which nbgrader logs too, is of no use to an author.
            self.log.error("Cet exercice ne peut pas être distribué :\n%s", error)  # noqa: TRY400
            raise
        return nb, resources

    def _keep_back(self, names: Iterable[str], resources: Resources) -> None:
        """Take out what nbgrader has copied before it looks at any notebook."""
        released = Path(
            self.coursedir.format_path(self.coursedir.release_directory, ".", resources["nbgrader"]["assignment"])
        )
        for name in names:
            (released / name).unlink(missing_ok=True)

    def _activities(self, folder: Path, name: str, nb: NotebookNode) -> Activities | None:
        source = course_metadata(nb).get("source")
        if source:
            return load_activities(folder / str(source))
        if any(activity_of(cell) for cell in nb.cells):
            advice = '« "reseau_kit": {"source": "activites.toml"} »'
            raise NotReleasable(
                f"{folder / name} : ce document ne nomme pas son fichier d’activités ; "
                f"ajoutez {advice} à ses métadonnées (panneau de droite de JupyterLab, « Métadonnées du notebook »)"
            )
        return None


class RestoreSubmission(CoursePreprocessor):
    """Gives a submission back what is the course's: grading data, graded cells, activities, and only its own journal.

    nbgrader stops the whole batch at one duplicated or outdated cell; after this step there is none. Formgrader shows
    the HTML of a text cell as it is, to a trainer who is signed in; after this step a learner's text holds none.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook with the released cells' grading data, whatever the learner's copy says."""
        autograded = self.folder(self.coursedir.autograded_directory, resources)
        self._restore_journal(Path(resources["metadata"]["path"]), autograded)
        activities: Activities | None = None
        try:
            activities = self.master_activities(resources)
            nb.metadata[KEY]["activities"] = pack(activities)
        except ValueError as error:
            self.log.warning("Les activités de l’exercice ne se lisent pas : %s", error)
        released = _released_cells(resources)
        self._restore_cells(nb, released)
        course = [*self.course_cells(resources), *released.values()]
        course_texts = {cell["source"] for cell in course}
        for cell in nb.cells:
            if cell.cell_type == "markdown" and cell.source not in course_texts:
                show_text(cell, cell.source)
        if activities is not None:
            answers = merge(Journal(autograded / FILE_NAME).read(), read_copy(course_metadata(nb)))
            # As the author wrote them: a text asked for at the release is read, whoever reads the next ones.
            place_texts(nb, self._master(resources).activities, answers.events)
        return nb, resources

    def _restore_journal(self, submitted: Path, autograded: Path) -> None:
        """Undo what nbgrader's copying of the trainer's files may have put in the journal's place."""
        journal = submitted / FILE_NAME
        (autograded / FILE_NAME).unlink(missing_ok=True)
        if journal.is_file() and not journal.is_symlink():
            autograded.mkdir(parents=True, exist_ok=True)
            shutil.copy(journal, autograded / FILE_NAME)

    def _restore_cells(self, nb: NotebookNode, released: Mapping[str, NotebookNode]) -> None:
        found: set[str] = set()
        # nbgrader keeps the last of two cells with one name.
        for cell in reversed(nb.cells):
            id = _grading_data(cell).get("grade_id")
            data = cell.metadata.pop("nbgrader", None)
            if isinstance(id, str) and id in released and id not in found:
                found.add(id)
                cell.metadata["nbgrader"] = dict(released[id].metadata["nbgrader"])
            elif data:
                self.log.warning("La cellule « %s » est en double ou inconnue : elle n’est pas notée.", str(id)[:64])
        for id, cell in released.items():
            if id not in found:
                self.log.warning("La cellule « %s » manquait : elle est remise.", id)
                # What others need comes first; what is graded needs them.
                nb.cells.insert(len(nb.cells) if is_grade(cell) else 0, cell)


class GradeAnswers(CoursePreprocessor):
    """Marks every activity from the answers that were handed in: what `Execute` does by running the notebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook with a mark as the output of each activity, and no other output."""
        graded = [cell for cell in nb.cells if _is_autograded(cell)]
        for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
            cell.outputs, cell.execution_count = [], None
        who = "{student}, {assignment}, {notebook}".format(**resources["nbgrader"])
        try:
            activities = self.master_activities(resources)
            answers = Folder(Path(resources["metadata"]["path"])).answers
        except Exception:
            self.log.exception("%s : les activités ou les réponses ne se lisent pas ; à noter par une personne.", who)
            for cell in graded:
                cell.outputs = [_unmarked(Status.FAILED)]
            return nb, resources
        for damage in answers.damages:
            place = f"{FILE_NAME}, ligne {damage.line}" if damage.line else "copie des réponses"
            self.log.warning("%s : %s : %s ; le reste est noté.", who, place, damage.reason)
        if answers.foreign:
            self.log.warning("%s : %d réponses d’une autre personne sont laissées de côté.", who, len(answers.foreign))
        for cell in graded:
            cell.outputs = [self._output(cell, activities, answers.events, who)]
        return nb, resources

    def _output(self, cell: NotebookNode, activities: Activities, events: Sequence[Any], who: str) -> NotebookNode:
        id = activity_of(cell)
        if id is None:
            self.log.warning("%s : la cellule « %s » n’est pas une activité.", who, cell.metadata.nbgrader.grade_id)
            return _unmarked(Status.TO_REVIEW)
        try:
            activity = activities[id]
            if activity.points != float(cell.metadata.nbgrader.points):
                message = f"{id} vaut {activity.points:g} points, et {cell.metadata.nbgrader.points:g} dans le carnet"
                raise ValueError(f"{message} de notes ; relancez « nbgrader generate_assignment »")
            now = mark(activities, id, [event for event in events if event.activity == id])
            return _result(points(activity, now.score), now.status, self._card(activities, id, now, who))
        except Exception:
            self.log.exception("%s : l’activité « %s » n’a pas pu être notée ; à noter par une personne.", who, id)
            return _unmarked(Status.FAILED)

    def _card(self, activities: Activities, id: str, now: Mark, who: str) -> str:
        try:
            return card(activities, id, now)
        except Exception:
            # What cannot be shown is marked all the same.
            self.log.exception("%s : la note de « %s » est bonne, mais son détail ne s’affiche pas.", who, id)
            return _card_html("", "Le détail ne peut pas s’afficher.", Feedback(*HEADLINES[now.status], ()), ())


class PlainOutputs(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Keeps of what a kernel showed the plain text alone: formgrader would run the rest, in the trainer's name."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook without widgets, HTML or images in its outputs."""
        nb.metadata.pop("widgets", None)
        for output in (output for cell in nb.cells for output in cell.get("outputs", [])):
            if "data" in output:
                output.data = {kind: text for kind, text in output.data.items() if kind == "text/plain"}
        return nb, resources


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]  # nbgrader has no types
    """Saves the marks. One that nobody could give stays empty, for a person to look at."""

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        # nbgrader's own reading gives full points to what is no number, and none to a warning of the kernel's.
        if not (_is_autograded(cell) and (activity_of(cell) or any(map(_status, cell.outputs)))):
            super()._add_score(cell, resources)
            return
        grade = self.gradebook.find_grade(
            cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id
        )
        grade.auto_score = sure_score(cell)
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        self.gradebook.db.commit()


def sure_score(cell: NotebookNode) -> float | None:
    """The points that an activity's output says, None where it says none or that a person has to look."""
    results = [output for output in cell.outputs if output.output_type == "execute_result"]
    if len(results) != 1 or _status(results[0]):
        return None
    try:
        score = float(results[0].data["text/plain"])
    except (KeyError, TypeError, ValueError):
        return None
    return score if 0 <= score <= float(cell.metadata.nbgrader.points) else None


# --- what trainers and learners read ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell of one activity: plain texts. Of each answer its name, its lines, and the verdict."""

    question: str
    answers: tuple[tuple[str, tuple[str, ...], str], ...]
    said: Feedback


def tell(activities: Activities, id: str, now: Mark) -> Told:
    """What a learner answered to an activity, and what it is worth and why."""
    rows = [
        (
            _attempt_name(attempt.number, now),
            answer_lines(attempt.asked, attempt.event.value),
            HEADLINES[attempt.result.status][2],
        )
        for attempt in now.attempts
    ]
    if now.draft:
        name = "Brouillon, non validé" if now.attempts else "Brouillon"
        rows.append((name, answer_lines(now.asked, now.draft.value), ""))
    return Told(now.asked.question, tuple(rows), of_mark(activities[id], now))


def card(activities: Activities, id: str, now: Mark) -> str:
    """A mark as HTML: the question, each answer, the points and why. Whatever a learner wrote is escaped."""
    activity, told = activities[id], tell(activities, id, now)
    earned = points(activity, now.score)
    earned_text = ""
    if earned is None or not told.said.paragraphs:
        # Otherwise the first paragraph says so.
        total = f"{number(activity.points)}{NBSP}points"
        earned_text = f"À noter, sur {total}." if earned is None else f"{number(earned)} sur {total}."
    return _card_html(told.question, earned_text, told.said, told.answers)


def _card_html(question: str, earned: str, said: Feedback, answers: Iterable[tuple[str, tuple[str, ...], str]]) -> str:
    # Styles stand in the elements: nbgrader's pages and JupyterLab share no style sheet, and drop a <style>.
    box = "border:1px solid #c4ccd6;border-radius:6px;padding:.8em 1em;margin:.3em 0;"
    font = "font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#1c2733;background:#fff;"
    line = "margin:0 0 .5em;"
    items = "".join(
        f'<li style="margin:0 0 .25em"><span style="color:#52606d">{escape(name)}'
        + (f" ({escape(verdict.rstrip('.'))})" if verdict else "")
        + f'{NBSP}:</span> <span style="overflow-wrap:anywhere">{"<br>".join(map(escape, lines))}</span></li>'
        for name, lines, verdict in answers
    )
    parts = [
        f'<p style="{line}"><strong>{escape(question)}</strong></p>' if question else "",
        f'<ul style="{line}padding-left:1.2em">{items}</ul>' if items else "",
        f'<p style="{line}"><span aria-hidden="true">{said.sign}</span> <strong>{escape(said.headline)}</strong>'
        + (f" {escape(earned)}" if earned else "")
        + "</p>",
        *(f'<p style="{line}">{escape(text)}</p>' for text in said.paragraphs),
    ]
    return f'<div class="reseau-kit-note" lang="fr" style="{box}{font}">{"".join(parts)}</div>'


def _attempt_name(place: int, now: Mark) -> str:
    if not now.weighted:
        name = "1re réponse" if place == 1 else f"{place}e réponse"
        return f"{name}, qui compte" if place == len(now.attempts) > 1 else name
    name = "1er essai" if place == 1 else f"{place}e essai"
    return name if place <= ATTEMPTS else f"{name}, pour s’entraîner"


# --- cells and outputs ------------------------------------------------------------------------------------------------


def _result(score: float | None, status: Status, html: str) -> NotebookNode:
    """The output of a marked cell. `text/plain` is what nbgrader reads: a plain float and nothing else."""
    metadata = {KEY: {"status": str(status)}} if score is None else {}
    data = {"text/plain": repr(float(score or 0.0)), "text/html": html}
    output: NotebookNode = new_output(  # type: ignore[no-untyped-call]
        "execute_result", data=data, metadata=metadata, execution_count=None
    )
    return output


def _unmarked(status: Status) -> NotebookNode:
    tone, sign, headline = HEADLINES[status]
    text = TO_REVIEW if status is Status.TO_REVIEW else FAILED
    return _result(None, status, _card_html("", "", Feedback(tone, sign, headline, (text,)), ()))


def _status(output: NotebookNode) -> str:
    """The status that an output of ours bears where it has no score; empty otherwise."""
    ours = output.get("metadata", {}).get(KEY, {})
    return str(ours.get("status", "")) if isinstance(ours, dict) else ""


def activity_of(cell: NotebookNode) -> str | None:
    """The activity that a cell shows, None for any other cell."""
    found = _ACTIVITY_CELL.fullmatch(cell["source"]) if cell["cell_type"] == "code" else None
    return found[1] if found else None


def _grading_data(cell: NotebookNode) -> dict[str, Any]:
    data = cell["metadata"].get("nbgrader")
    return data if isinstance(data, dict) else {}


def _is_autograded(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and is_grade(cell) and not is_solution(cell))


def _cell_faults(cell: NotebookNode, id: str, activities: Activities) -> Iterator[str]:
    if id not in activities.own:
        yield "cette activité n’est pas dans le fichier d’activités ; corrigez l’identifiant, ou ajoutez-la"
        return
    worth, data = activities[id].points, _grading_data(cell)
    if isinstance(activities[id].task, OpenText):
        if data:
            yield "une question ouverte n’a pas de données nbgrader ; retirez-les : la cellule de lecture s’ajoutera"
        return
    if not worth and not data.get("grade"):
        return
    if not _is_autograded(cell):
        yield f"l’activité vaut {worth:g} points et la cellule n’est pas notée ; faites-en un « Autograded tests »"
        return
    if data.get("grade_id") != id:
        yield f"son identifiant nbgrader est « {data.get('grade_id')} » ; il doit être « {id} »"
    if data.get("points") != worth:
        found = data.get("points", "aucun")
        yield f"nbgrader y compte {found} points et le fichier d’activités {worth:g} ; mettez le même nombre"


def _folder_faults(folder: Path) -> list[str]:
    if not (folder / FILE_NAME).exists():
        return []
    return [f"{folder / FILE_NAME} : ce fichier remplacerait les réponses de chaque personne ; supprimez-le d’ici"]


# --- what nbgrader and the trainer's folder hold ----------------------------------------------------------------------


def _default(owner: Any, name: str) -> list[Any]:
    return list(owner.class_traits()[name].default())


def _find_beside_python() -> None:
    """Let nbgrader find `alembic`, which it runs by name, where nobody has activated the environment."""
    here = str(Path(sys.executable).parent)
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if here not in places:
        os.environ["PATH"] = os.pathsep.join([*places, here])


def _releasing(steps: list[Any]) -> list[Any]:
    """The steps with ours before the first that checks or saves: then nothing is saved of what does not fit."""
    place = steps.index(CheckCellMetadata)
    return [*steps[:place], ReleaseActivities, *steps[place:]]


class _Master:
    """The trainer's notebook of an exercise, and its activities, each read when first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_by: dict[str, Activities] = {}

    @cached_property
    def notebook(self) -> Notebook:
        return load(self._path)

    @cached_property
    def cells(self) -> list[dict[str, Any]]:
        """The notebook's cells, each source being one text."""
        return [{**cell, "source": "".join(cell["source"])} for cell in self.notebook["cells"]]

    @cached_property
    def activities(self) -> Activities:
        source = course_metadata(self.notebook).get("source")
        if not isinstance(source, str):
            raise ValueError(f"{self._path} ne nomme pas son fichier d’activités")
        return load_activities(self._path.parent / source)

    def activities_read_by(self, reader: str) -> Activities:
        """The activities as they are where `reader` reads the open texts."""
        if reader not in self._read_by:
            self._read_by[reader] = read_by(self.activities, reader)
        return self._read_by[reader]


#: A command reads the trainer's files once. They are read anew by the next, even where both run in one server.
_masters: "WeakKeyDictionary[Any, dict[Path, _Master]]" = WeakKeyDictionary()


def _released_cells(resources: Resources) -> dict[str, NotebookNode]:
    """The cells that nbgrader knows of a released notebook, by name, as its gradebook keeps them."""
    ours = resources["nbgrader"]
    with Gradebook(ours["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(ours["notebook"], ours["assignment"])
        graded = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
        solutions = {cell.name for cell in notebook.solution_cells}
        tasks = {cell.name for cell in notebook.task_cells}
        return {
            cell.name: _released_cell(
                cell,
                {
                    "grade": cell.name in graded and cell.name not in tasks,
                    "solution": cell.name in solutions,
                    "task": cell.name in tasks,
                    **({"points": graded[cell.name]} if cell.name in graded else {}),
                },
            )
            for cell in notebook.source_cells
        }


def _released_cell(cell: Any, roles: dict[str, Any]) -> NotebookNode:
    data = {"schema_version": 3, "grade_id": cell.name, "locked": cell.locked, "cell_type": cell.cell_type, **roles}
    make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    restored: NotebookNode = make(  # type: ignore[no-untyped-call]
        cell.source, metadata={"deletable": False, "editable": not cell.locked, "nbgrader": data}
    )
    return restored
