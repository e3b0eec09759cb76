"""nbgrader's steps for the course: releasing exercises, and grading submissions without running anything.

A mark is computed from the submitted answers with the trainer's own activities. Nothing a learner wrote is executed
and no kernel is started. What fails on the course's side is left for a person: it costs no point.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from nbformat import NotebookNode
from nbformat.notebooknode import from_dict
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import CheckCellMetadata, Execute, NbGraderPreprocessor, SaveAutoGrades
from nbgrader.server_extensions.formgrader.handlers import template_path as formgrader_templates
from nbgrader.utils import is_task
from traitlets import Enum

from reseau_kit.activities.activity import Activities
from reseau_kit.activities.loading import SOURCE_PATTERN, load_activities, pack
from reseau_kit.answers.folder import GROUP_NAMES_FILE
from reseau_kit.answers.journal import AUTHOR_FILE_NAME, FILE_NAME
from reseau_kit.answers.notebooks import KEY, course_metadata, release
from reseau_kit.grading.autograde import install
from reseau_kit.grading.exercise import (
    Master,
    ReleasedCell,
    ReleasedNotebook,
    activity_of,
    course_texts,
    is_autograded,
)
from reseau_kit.grading.marking import mark_answers, status_of, sure_score
from reseau_kit.grading.open_texts import READERS, add_reading_cells, place_texts, read_by
from reseau_kit.grading.ordinary import Kind
from reseau_kit.grading.release import NotReleasable, data_kept_back, folder_faults, release_faults
from reseau_kit.grading.submission import restore

Resources = dict[str, Any]

#: Exports of the learner's own network, and their names of groups: they are not answers and are not copied further.
OWN_NETWORK = (
    *("*.zip", "*.tgz", "*.tar.gz", "*.car", "*.opml", "Connections*.csv", "following_accounts*.csv"),
    GROUP_NAMES_FILE,
)

#: By name, so that releasing an exercise does not import what only feedback needs.
TELL_FEEDBACK = "reseau_kit.feedback_pages.make.TellFeedback"


def configure(c: Any, *, kernel: bool = False, texts: str = "formateur") -> None:
    """Set this course's needs on nbgrader's configuration; other settings keep nbgrader's defaults.

    With `kernel`, submissions are executed as under stock nbgrader: slower, with the same scores. `texts` says who
    reads the open texts (see `open_texts.READERS`).
    """
    grading = [Execute, PlainOutputs] if kernel else [GradeAnswers]
    if kernel:
        c.Execute.iopub_timeout = 60  # on a busy machine the default of 4 s loses outputs, and with them marks
    steps = [SaveGrades if step is SaveAutoGrades else step for step in _default(Autograde, "autograde_preprocessors")]
    c.Autograde.autograde_preprocessors = [*grading, *(step for step in steps if step is not Execute)]
    c.Autograde.sanitize_preprocessors = [RestoreSubmission, *_default(Autograde, "sanitize_preprocessors")]
    c.GenerateAssignment.preprocessors = _releasing(_default(GenerateAssignment, "preprocessors"))
    c.GenerateFeedback.preprocessors = [TELL_FEEDBACK]
    c.GenerateFeedback.exporter_class = "reseau_kit.feedback_pages.make.FeedbackPage"
    c.ExportApp.plugin_class = "reseau_kit.grading.grades_export.GradesExport"
    c.CoursePreprocessor.texts = texts
    ours = (SOURCE_PATTERN, AUTHOR_FILE_NAME, *OWN_NETWORK)
    c.CourseDirectory.ignore = [*_default(CourseDirectory, "ignore"), *ours]
    c.HTMLExporter.extra_template_basedirs = [str(_formulas()), formgrader_templates]
    # Debug pages would show the whole configuration, including the gradebook's address and password.
    c.FormgradeExtension.debug = False
    install(steps_for, ours)
    _find_beside_python()


def steps_for(kind: Kind, steps: Sequence[Any]) -> list[Any]:
    """Return the steps for a kind of document: those set by `configure`, or nbgrader's own without activities.

    Steps that a trainer's configuration adds stay in their place.
    """
    ours: Mapping[Any, Sequence[Any]] = {}
    if kind is Kind.ORDINARY:
        ours = {
            RestoreSubmission: (),
            GradeAnswers: (Execute,),
            PlainOutputs: (),
            SaveGrades: (SaveAutoGrades,),
            TELL_FEEDBACK: _default(GenerateFeedback, "preprocessors"),
        }
    elif kind is Kind.BOTH:
        ours = {GradeAnswers: (Execute, PlainOutputs, GradeAnswers)}
    return [step for each in steps for step in ours.get(each, (each,))]


def _formulas() -> Path:
    """Return templates that keep nbgrader's pages from loading MathJax elsewhere: from this server, or not at all."""
    there = find_spec("jupyter_server_mathjax") is not None
    return Path(__file__).parent / "templates" / "nbgrader" / ("formules" if there else "sans-formules")


class CoursePreprocessor(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """A step that knows the folders of the course."""

    texts = Enum(READERS, "formateur", help="Qui lit les textes des questions ouvertes.").tag(config=True)

    @property
    def coursedir(self) -> Any:
        """Folders of the command that runs this step, which include settings of its command line."""
        return self.parent.parent.coursedir

    def folder(self, step: str, resources: Resources) -> Path:
        """Return the folder of this submission at an nbgrader step (`submitted`, `autograded`)."""
        ours = resources["nbgrader"]
        return Path(self.coursedir.format_path(step, ours["student"], ours["assignment"]))

    def master_activities(self, resources: Resources) -> Activities:
        """Return the trainer's activities for this notebook, never the submission's.

        Raises:
            ValueError: the trainer's notebook or its activities file cannot be used.
        """
        return self.master(resources).activities_read_by(self.texts)

    def master(self, resources: Resources) -> Master:
        """Return the trainer's notebook."""
        ours = resources["nbgrader"]
        folder = Path(self.coursedir.format_path(self.coursedir.source_directory, ".", ours["assignment"]))
        known = _masters.setdefault(self.parent.parent, {})
        path = folder / f"{ours['notebook']}.ipynb"
        if path not in known:
            known[path] = Master(path)
        return known[path]


class ReleaseActivities(CoursePreprocessor):
    """Turns an author's notebook into a learner's, if it agrees with its activities."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with its activities packed in, and without answers of an author.

        Raises:
            NotReleasable: the notebook has faults; the message names all of them.
        """
        folder, name = Path(resources["metadata"]["path"]), f"{resources['nbgrader']['notebook']}.ipynb"
        try:
            activities = self._activities(folder, name, nb)
            if activities is not None:
                if faults := folder_faults(folder) + release_faults(str(folder / name), nb, activities):
                    raise NotReleasable("\n".join(faults))
                activities = read_by(activities, self.texts)
                add_reading_cells(nb, activities, {cell.source: activity_of(cell) for cell in nb.cells})
                nb = from_dict(nb)  # type: ignore[no-untyped-call]
                release(nb, activities)
                self._keep_back(data_kept_back(activities), resources)
        except ValueError as error:
            # The traceback, which nbgrader logs too, is of no use to an author.
            self.log.error("Cet exercice ne peut pas être distribué :\n%s", error)  # noqa: TRY400
            raise
        return nb, resources

    def _keep_back(self, names: Iterable[str], resources: Resources) -> None:
        """Delete files that nbgrader copied before it read any notebook."""
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
    """Restores the course's parts of a submission: grading data, graded cells, activities, and only its own journal.

    nbgrader stops the whole batch at one duplicated or outdated cell; after this step there is none. Formgrader shows
    the HTML of text cells unescaped, to a signed-in trainer; after this step a learner's text contains none.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with the released cells' grading data, whatever the learner's copy contains."""
        submitted = Path(resources["metadata"]["path"])
        restore_journal(submitted, self.folder(self.coursedir.autograded_directory, resources))
        master, activities = self.master(resources), None
        try:
            activities = self.master_activities(resources)
        except ValueError as error:
            self.log.warning("Les activités de l’exercice ne se lisent pas : %s", error)
        ours = resources["nbgrader"]
        with Gradebook(ours["db_url"]) as gradebook:
            released = released_notebook(gradebook.find_notebook(ours["notebook"], ours["assignment"]))
        restore(nb, released, course_texts(master, released), self.log)
        if activities is not None:
            nb["metadata"][KEY]["activities"] = pack(activities)
            place_texts(nb, master.activities, self.parent.parent.handed_in.answers.events)
        return from_dict(nb), resources  # type: ignore[no-untyped-call]


def restore_journal(submitted: Path, autograded: Path) -> None:
    """Undo any copy of the trainer's files in the place of the journal, and copy the submitted journal again."""
    journal = submitted / FILE_NAME
    if (autograded / FILE_NAME).is_dir():
        shutil.rmtree(autograded / FILE_NAME)
    (autograded / FILE_NAME).unlink(missing_ok=True)
    if journal.is_file() and not journal.is_symlink():
        autograded.mkdir(parents=True, exist_ok=True)
        shutil.copy(journal, autograded / FILE_NAME)


class GradeAnswers(CoursePreprocessor):
    """Marks every activity from the submitted answers, as `Execute` does by running the notebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook with a mark as the output of each activity, and no other output."""
        activities: Activities | None = None
        try:
            activities = self.master_activities(resources)
        except Exception:
            who = "{student}, {assignment}, {notebook}".format(**resources["nbgrader"])
            self.log.exception("%s : les activités ne se lisent pas ; à noter par une personne.", who)
        command = self.parent.parent
        ran = command.kind is Kind.BOTH
        mark_answers(nb, activities, command.handed_in.answers.events, self.log, ran=ran)
        if ran:
            # The executed notebook may have changed the journal.
            submitted, graded = command.coursedir.submitted_directory, command.coursedir.autograded_directory
            restore_journal(self.folder(submitted, resources), self.folder(graded, resources))
        return from_dict(nb), resources  # type: ignore[no-untyped-call]


class PlainOutputs(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Keeps only plain text outputs of a kernel: formgrader would run the others in the trainer's name."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook without widgets, HTML or images in its outputs."""
        nb.metadata.pop("widgets", None)
        for output in (output for cell in nb.cells for output in cell.get("outputs", [])):
            if "data" in output:
                output.data = {kind: text for kind, text in output.data.items() if kind == "text/plain"}
        return nb, resources


class SaveGrades(CoursePreprocessor, SaveAutoGrades):  # type: ignore[misc]  # nbgrader has no types
    """Saves the marks. A mark that could not be given stays empty, for a person to give."""

    def preprocess_cell(self, cell: NotebookNode, resources: Resources, index: int) -> tuple[NotebookNode, Resources]:
        """Return the cell unchanged and save its mark; also a task's, which nbgrader would leave at an earlier 0."""
        super().preprocess_cell(cell, resources, index)
        if is_task(cell):
            self._save(cell, 0.0 if self.notebook_id in self.parent.parent.handed_in.missing else None)
        return cell, resources

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        # nbgrader gives full points for an output that is not a number, and none after a warning of the kernel.
        if is_autograded(cell) and (activity_of(cell) or any(map(status_of, cell.outputs))):
            self._save(cell, sure_score(cell))
        else:
            super()._add_score(cell, resources)

    def _save(self, cell: NotebookNode, score: float | None) -> None:
        name = cell.metadata.nbgrader.grade_id
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        grade.auto_score = score
        grade.needs_manual_grade = score is None or grade.manual_score is not None
        self.gradebook.db.commit()


# --- nbgrader's defaults, the trainer's files -------------------------------------------------------------------------


def _default(owner: Any, name: str) -> list[Any]:
    return list(owner.class_traits()[name].default())


def _find_beside_python() -> None:
    """Let nbgrader find `alembic`, which it runs by name, if the environment is not activated."""
    here = str(Path(sys.executable).parent)
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if here not in places:
        os.environ["PATH"] = os.pathsep.join([*places, here])


def _releasing(steps: list[Any]) -> list[Any]:
    """Return the steps with ReleaseActivities before the first that checks or saves: faulty exercises are not saved."""
    place = steps.index(CheckCellMetadata)
    return [*steps[:place], ReleaseActivities, *steps[place:]]


#: Trainer's notebooks by command: each command reads them once, and the next one again, even in the same server.
_masters: "WeakKeyDictionary[Any, dict[Path, Master]]" = WeakKeyDictionary()


def released_notebook(notebook: Any) -> ReleasedNotebook:
    """Return a released notebook from a notebook of nbgrader's open gradebook."""
    points = {cell.name: cell.max_score for cell in (*notebook.grade_cells, *notebook.task_cells)}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    cells = [
        ReleasedCell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source,
            checksum=cell.checksum,
            locked=cell.locked,
            points=points.get(cell.name),
            grade=cell.name in points and cell.name not in tasks,
            solution=cell.name in solutions,
            task=cell.name in tasks,
        )
        for cell in notebook.source_cells
    ]
    return ReleasedNotebook(notebook.name, notebook.kernelspec or "", tuple(cells))
