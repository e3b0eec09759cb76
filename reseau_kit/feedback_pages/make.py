"""Makes the feedback pages under nbgrader: as steps of its own command, and for all learners at once.

Both read scores from the gradebook and leave the drawing to `page`. For many learners, the gradebook is read for some
hundreds at a time, and pages are drawn in parallel. If a run is stopped, each folder of pages is complete or missing.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import Any
from uuid import uuid4

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from nbgrader.api import (
    Gradebook,
)
from nbgrader.converters import GenerateFeedback

from reseau_kit.answers.folder import Folder
from reseau_kit.feedback_pages.page import gather, notices_in, page, titles_of
from reseau_kit.feedback_pages.scores import grades_of, scores_of
from reseau_kit.feedback_pages.workers import NO_DATE, STAMP, Made, ToldExercise, ToTell, make_pages
from reseau_kit.grading.course import CannotUse, Course, left_to_nbgrader, only
from reseau_kit.grading.nbgrader_steps import CoursePreprocessor, Resources
from reseau_kit.grading.ordinary import Kind
from reseau_kit.grading.timestamp import Refused, handed_in_at
from reseau_kit.system.processes import CannotWork, Chunks, share
from reseau_kit.system.refusals import reason

CHUNK = 25

#: Chunks in progress per process.
AHEAD = 3

#: Message for a learner whose pages killed the process that drew them.
KILLED = "Le programme s’est arrêté en faisant ces pages : elles manquent."

_STAGING = ".reseau-kit-pages-"

Progress = Callable[[int, int], None]


class TellFeedback(CoursePreprocessor):
    """Collects the page's content: the scores from the gradebook, the reasons from the answers."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook unchanged, and the page's content in the resources."""
        ours = resources["nbgrader"]
        who = "{student}, {assignment}".format(**ours)
        with Gradebook(ours["db_url"]) as gradebook:
            document = gradebook.find_submission_notebook(ours["notebook"], ours["assignment"], ours["student"])
            grades = grades_of(document)
        graded = Path(resources["metadata"]["path"])
        if not (graded / STAMP).exists():
            resources.setdefault("outputs", {})[STAMP] = NO_DATE
        resources["page"] = gather(
            nb.cells,
            Folder(graded).answers,
            grades,
            self.master_activities(resources),
            titles_of(self.master(resources).cells),
            exercise=ours["assignment"],
            notices=notices_in(nb),
            warn=lambda said: self.log.warning("%s : %s", who, said),
        )
        return nb, resources


class FeedbackPage(Exporter):
    """Draws the page without nbconvert's templates, which load scripts from other sites."""

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Return the page of one graded notebook."""
        _, resources = super().from_notebook_node(nb, resources, **kw)
        return page(resources["page"]), resources


# --- all at once ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """Result of a run: of the `found` graded submissions, `done` already had pages, and `made` got them.

    `failed` and `said` are pairs of a learner and a French message: why there are no pages, and what else to know.
    """

    assignment: str
    found: int
    done: int
    made: int
    failed: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


def check(course: Course, assignments: Sequence[str], students: Sequence[str] = ("*",)) -> None:
    """Check that there are graded submissions to make pages of.

    Raises:
        CannotUse: an assignment has none, or is nbgrader's own; the message names each.
    """
    where = f"dans « {course.folders.autograded_directory} »{only(students)}"
    faults = [] if assignments else [f"Il n’y a aucun travail noté {where}."]
    for assignment in assignments:
        if named := course.running_code(assignment, (Kind.ORDINARY,)):
            faults.append(left_to_nbgrader(assignment, named, "generate_feedback"))
        if not course.has_graded(assignment, students):
            known = assignment in course.exercises()
            nothing = f"{assignment} : il n’y a aucun travail noté {where}."
            faults.append(nothing if known else course.unknown(assignment))
    if faults:
        raise CannotUse("\n".join(faults))


def make_all(
    course: Course,
    *,
    assignment: str,
    students: Sequence[str] = ("*",),
    executor: Executor | None = None,
    jobs: int = 1,
    force: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Make the pages of an assignment for the learners whose names match, as `nbgrader generate_feedback` would.

    Existing pages stay unless the graded submission has a later date of hand-in, or with `force`. `executor` must be
    able to import this package and to reach the same folders by the same paths; without one, `jobs` processes of this
    machine work. `progress` is called with the number of learners done and the total.

    Raises:
        CannotUse: the course makes other pages, the gradebook cannot be opened, or nothing can be written.
    """
    started = time.monotonic()
    told, force = _told_exercise(course, assignment, force=force)
    graded = course.graded(assignment, students)
    failed: list[tuple[str, str]] = []
    asked = [ToTell(student, folder, _pages_of(course, student, assignment)) for student, folder in graded.items()]
    wanted = [one for one in asked if force or _is_wanted(one, failed)]
    done = len(graded) - len(wanted) - len(failed)
    said: list[tuple[str, str]] = []
    made = 0
    if wanted:
        with _staging(course) as staging, closing(scores_of(course, assignment, wanted)) as ready:
            for one in _run(told, ready, staging, executor, jobs):
                made += not one.failed
                failed += [(one.student, one.failed)] if one.failed else []
                said += [(one.student, text) for text in one.said]
                if progress:
                    progress(made + len(failed), len(wanted))
    failed.sort()
    return Report(assignment, len(graded), done, made, tuple(failed), tuple(sorted(said)), time.monotonic() - started)


def _told_exercise(course: Course, assignment: str, *, force: bool) -> tuple[ToldExercise, bool]:
    command = GenerateFeedback(coursedir=course.folders, parent=course.folders.parent)
    exporter = command.exporter_class
    if not (isinstance(exporter, type) and issubclass(exporter, FeedbackPage)):
        raise CannotUse("Cette configuration fait d’autres pages de retour : employez « nbgrader generate_feedback ».")
    folders = course.folders
    exercise = ToldExercise(
        name=assignment,
        source=Path(course.path(folders.source_directory, ".", assignment)),
        texts=course.texts,
        ignore=tuple(folders.ignore),
        permissions=int(str(command.permissions), 8),
        shared=folders.groupshared,
    )
    return exercise, force or command.force


def _pages_of(course: Course, student: str, assignment: str) -> str:
    return course.path(course.folders.feedback_directory, student, assignment)


def _is_wanted(one: ToTell, failed: list[tuple[str, str]]) -> bool:
    """Whether nbgrader would make these pages; an unreadable date is a failure, and no reason to make them."""
    if not Path(one.feedback).exists():
        return True
    try:
        newer, older = handed_in_at(one.graded), handed_in_at(one.feedback)
    except Refused as error:
        failed.append((one.student, str(error)))
        return False
    return newer is not None and older is not None and newer > older


@contextmanager
def _staging(course: Course) -> Iterator[Path]:
    """Yield a folder for unfinished pages, on the disk of the final ones, with a name that nbgrader ignores."""
    above = Path(course.path(course.folders.feedback_directory, ".", "."))
    here = f"{_STAGING}{gethostname()}-"
    try:
        above.mkdir(parents=True, exist_ok=True)
        for left in above.glob(f"{_STAGING}*"):
            if _is_abandoned(left, here):
                shutil.rmtree(left, ignore_errors=True)
        staging = above / f"{here}{os.getpid()}-{uuid4().hex}"
        staging.mkdir()
    except OSError as error:
        raise CannotUse(f"{above} : ce dossier ne s’écrit pas ({reason(error)}).") from error
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    if course.folders.groupshared:
        share(above)


def _is_abandoned(staging: Path, here: str) -> bool:
    """Whether a folder's run was killed: its process is gone, or, on another machine, the folder is a day old."""
    number = staging.name.removeprefix(here).partition("-")[0]
    if staging.name.startswith(here) and number.isdecimal() and os.name == "posix":
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
    return time.time() - staging.lstat().st_mtime > _A_DAY


_A_DAY = 86_400


def _run(
    exercise: ToldExercise, ready: Iterable[ToTell], staging: Path, executor: Executor | None, jobs: int
) -> Iterator[Made]:
    """Yield the result of each learner's pages as processes finish them."""
    work, killed = partial(make_pages, exercise, staging=staging), partial(_not_made, reason=KILLED)
    workers = Chunks(work, killed, module=make_pages.__module__, jobs=jobs, executor=executor)
    with closing(workers):
        try:
            for made in workers.run(ready, CHUNK, ahead=AHEAD):
                yield from made
        except CannotWork as error:
            raise CannotUse(f"{error}.\nLes pages faites le restent ; la même commande fera les autres.") from error


def _not_made(learner: ToTell, reason: str) -> Made:
    return Made(learner.student, reason)
