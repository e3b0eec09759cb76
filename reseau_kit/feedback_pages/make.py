"""The pages that learners get back, under nbgrader: as steps of its own command, and for all learners at once.

Both ask the gradebook for scores and leave the drawing to `learner_page`. Of many, the gradebook is asked a few hundred
at a time, and pages are drawn in parallel; whatever stops them, a folder of pages is there whole, or is not there.
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

#: Chunks in progress for each process.
AHEAD = 3

#: Why somebody has no pages where the process that drew them died.
KILLED = "Le programme s’est arrêté en faisant ces pages : elles manquent."

_STAGING = ".reseau-kit-pages-"

Progress = Callable[[int, int], None]


class TellFeedback(CoursePreprocessor):
    """Gathers what the page tells: the scores, from the gradebook, and the reasons, from the answers."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """The notebook as it is, and in the resources what the page says."""
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
    """Draws the page. No template of nbconvert's has a part in it: those load scripts from elsewhere."""

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """The page of one graded notebook."""
        _, resources = super().from_notebook_node(nb, resources, **kw)
        return page(resources["page"]), resources


# --- all at once ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """Result of a run: of the graded submissions that it `found`, `done` had their pages already and `made` got them.

    `failed` and `said` name learners: why there is no page, and what somebody has to know of one.
    """

    assignment: str
    found: int
    done: int
    made: int
    failed: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


def check(course: Course, assignments: Sequence[str], students: Sequence[str] = ("*",)) -> None:
    """Make sure that there is something to make pages of.

    Raises:
        CannotUse: there is nothing of an assignment; each is named.
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

    A page that is there is left, unless the graded submission is newer, by their dates of handing in, or with `force`.
    `executor` is any that can import this package and reaches the same folders by the same paths; without one, `jobs`
    processes of this machine.

    Raises:
        CannotUse: the course's pages are made otherwise, the gradebook does not open, or nothing can be written.
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
    """Whether nbgrader would make these pages; a date that cannot be read is a failure, not a reason."""
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
    """A folder for pages that are being made, on the disk where they go, which nbgrader passes over."""
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
    """Whether the run that made a folder was killed: its process is gone, or, of another machine, it is a day old."""
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
    """Yield the result of each learner's pages as processes finish them, a few chunks ahead."""
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
