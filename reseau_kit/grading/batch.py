"""Grading in volume: submissions are marked in parallel, and one writer puts the marks in nbgrader's own gradebook.

Grading may be stopped or killed at any moment. A submission counts as graded if both the gradebook and `autograded/`
have it: its old folder is first moved away, its rows are written in one transaction, and only then is its new folder
moved into place. An interrupted submission has no folder, so that the next run grades it again.
"""

import os
import shutil
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from reseau_kit.grading.cluster import cluster
from reseau_kit.grading.course import CannotUse, Course, left_to_nbgrader, load_course, only
from reseau_kit.grading.exercise import Outcome
from reseau_kit.grading.gradebook import Book, GradebookUnusable, open_book
from reseau_kit.grading.report import NAMED, Report, ReportFile, printable
from reseau_kit.grading.timestamp import Refused, handed_in_at
from reseau_kit.grading.workers import ToGrade, grade_chunk, not_graded
from reseau_kit.system.processes import CannotWork, Chunks, share, usable_cores
from reseau_kit.system.refusals import of_database, reason

#: Maximum submissions per task.
CHUNK = 50

#: Submissions that fill a transaction; the last one of a run may have fewer.
BATCH = 500

#: Chunks in progress per process: enough to keep the processes busy while rows are written.
AHEAD = 6

#: Timeout for a gradebook that another program is writing, at the start of a run, in seconds.
PATIENCE = 5.0

#: Temporary folder in `autograded/` during a run. nbgrader skips names with a dot.
_STAGING = ".reseau-kit-"

_LOCK = ".reseau-kit.lock"

KILLED = "Le programme s’est arrêté en la lisant : elle n’est pas notée."

Progress = Callable[[int, int], None]

__all__ = ["CannotUse", "Course", "Report", "check", "cluster", "grade", "index", "load_course"]


def check(course: Course, assignments: Sequence[str], students: Sequence[str] = ("*",), *, writes: bool = True) -> None:
    """Check that these assignments can be graded.

    Raises:
        CannotUse: something is missing; the message names everything that is.
    """
    where = f"dans « {course.folders.submitted_directory} »"
    faults = [] if assignments else [f"Il n’y a aucune remise {where}{only(students)}."]
    with _opened(course) as book:
        for assignment in assignments:
            faults += _assignment_faults(course, book, assignment, students)
    if writes:
        faults += _lock_faults(course)
    if faults:
        raise CannotUse("\n".join(faults))


def grade(
    course: Course,
    *,
    assignment: str,
    students: Sequence[str] = ("*",),
    executor: Executor | None = None,
    jobs: int | None = None,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Grade the submissions of an assignment by the learners whose names match, unless they are graded already.

    With `force`, all are graded again. `executor` must be able to import this package and to reach the same folders
    by the same paths; it stays open, and `jobs` is its number of parallel tasks. Without an executor, `jobs` processes
    of this machine work. `progress` is called with the number of graded submissions and the total. On Ctrl-C, marked
    submissions are written and the rest is left for another run.

    Raises:
        CannotUse: grading could not start or could not finish. What is graded is kept.
    """
    started = time.monotonic()
    check(course, [assignment], students, writes=not dry_run)
    with ExitStack() as stack:
        book = stack.enter_context(_opened(course))
        if not dry_run:
            stack.enter_context(_alone_in(course))
        found = course.submissions(assignment, students)
        known = {} if force else book.graded(assignment)
        wanted = [each for each in found if not _is_done(course, assignment, each, known)]
        told = Report(assignment, len(found), len(found) - len(wanted), dry_run=dry_run)
        if dry_run:
            told = replace(told, graded=len(wanted))
        elif wanted:
            exercise = course.exercise(assignment, book.exercise(assignment))
            run = stack.enter_context(_Run(course, book, assignment, len(wanted), progress))
            stopping = stack.enter_context(_ctrl_c())
            jobs = jobs or usable_cores()
            size = max(1, min(CHUNK, len(wanted) // (jobs * AHEAD)))
            workers = stack.enter_context(
                closing(
                    Chunks(
                        partial(grade_chunk, exercise, staging=run.staging),
                        partial(not_graded, reason=KILLED),
                        module=grade_chunk.__module__,
                        jobs=jobs,
                        executor=executor,
                    )
                )
            )
            try:
                try:
                    for outcomes in workers.run(wanted, size, ahead=AHEAD, stopping=stopping):
                        run.take(outcomes)
                finally:
                    # Marked submissions are kept, whatever stopped the others.
                    run.write()
                told = replace(run.finish(told), interrupted=stopping.is_set())
            except (CannotUse, CannotWork, GradebookUnusable, OSError) as error:
                said = f"{error.filename} : {reason(error)}." if isinstance(error, OSError) else str(error)
                if isinstance(error, CannotWork):
                    said = f"Rien ne peut plus être noté. {error}."
                raise CannotUse(f"{said}\nCe qui est noté le reste ; la même commande reprendra la suite.") from error
    return replace(told, seconds=time.monotonic() - started)


def index(course: Course) -> list[str]:
    """Add missing indexes to the gradebook; return one French sentence per index.

    Raises:
        CannotUse: there is no gradebook, or it cannot be written.
    """
    with _opened(course) as book:
        return [
            f"{index.table}.{index.column} : index « {index.name} », {'ajouté' if index.new else 'déjà là'}."
            for index in book.index()
        ]


# --- requirements -----------------------------------------------------------------------------------------------------


def _lock_faults(course: Course) -> Iterator[str]:
    """Yield a fault if another program locks the gradebook, before any work is done."""
    if file := course.gradebook_file:
        try:
            with closing(sqlite3.connect(file, PATIENCE)) as gradebook:
                gradebook.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            yield f"{file} : le carnet de notes ne se laisse pas écrire ({of_database(error)}). Réessayez ensuite."


def _assignment_faults(course: Course, book: Book, assignment: str, students: Sequence[str]) -> Iterator[str]:
    source = course.path(course.folders.source_directory, ".", assignment)
    try:
        book.exercise(assignment)
    except GradebookUnusable as error:
        if not Path(source).is_dir() and not course.has_submissions(assignment):
            yield course.unknown(assignment)
            return
        yield str(error)
    if named := course.running_code(assignment):
        yield left_to_nbgrader(assignment, named, "autograde")
    if not Path(source).is_dir():
        yield f"{source} : le dossier de cet exercice manque ; sans lui, il n’y a pas de corrigé."
    if not course.has_submissions(assignment, students):
        yield f"{course.submitted('*', assignment)} : il n’y a aucune remise{only(students)}."


@contextmanager
def _opened(course: Course) -> Iterator[Book]:
    """Open the course's gradebook.

    Raises:
        CannotUse: the gradebook cannot be used, or became unusable.
    """
    try:
        with open_book(course.db_url, course.folders.course_id) as book:
            yield book
    except GradebookUnusable as error:
        raise CannotUse(str(error)) from error


@contextmanager
def _alone_in(course: Course) -> Iterator[None]:
    """Lock the course against a second run, and remove the leftovers of killed runs."""
    folder = _autograded_root(course)
    # The operating system releases the lock with the process, even a killed one.
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise CannotUse(f"{course.root} : ce cours est déjà en train d’être noté. Attendez la fin.") from error
    except OSError as error:
        raise CannotUse(f"{folder} : ce dossier ne s’écrit pas ({reason(error)}).") from error
    try:
        for leftover in folder.glob(f"{_STAGING}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield
    finally:
        lock.release()


def _autograded_root(course: Course) -> Path:
    return Path(course.root, course.folders.autograded_directory)


def _is_done(course: Course, assignment: str, submission: ToGrade, known: Mapping[str, Any]) -> bool:
    """Whether a submission is graded: nbgrader's criterion, and the gradebook has to know the submission."""
    folder = course.autograded(submission.student, assignment)
    if submission.student not in known or not os.path.exists(folder):
        return False
    try:
        now, then = handed_in_at(submission.folder), handed_in_at(folder)
    except Refused:
        return False
    return not (now and then and now > then)


# --- writing ----------------------------------------------------------------------------------------------------------


class _Run:
    """The only writer of a run: writes marks to the gradebook, moves folders into place, and counts."""

    def __init__(self, course: Course, book: Book, assignment: str, total: int, progress: Progress | None) -> None:
        self._course, self._book, self._assignment = course, book, assignment
        self._total, self._progress = total, progress
        self._ready: list[Outcome] = []
        self._taken = 0
        self._counts: Any = Counter()
        self._first_refused: list[tuple[str, str]] = []
        self._report = ReportFile(course.root / f"rapport-{assignment}.csv")
        self._remover = ThreadPoolExecutor(1)
        self.staging = _autograded_root(course) / f"{_STAGING}{uuid4().hex}"

    def __enter__(self) -> "_Run":
        self.staging.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        self._remover.shutdown(cancel_futures=True)
        # A process still at work may write here again: the next run removes it.
        shutil.rmtree(self.staging, ignore_errors=True)

    def take(self, outcomes: Iterable[Outcome]) -> None:
        """Add outcomes, and write them once there are enough for a transaction."""
        self._ready += outcomes
        if len(self._ready) >= BATCH:
            self.write()

    def write(self) -> None:
        """Write the pending outcomes, all or none."""
        outcomes, self._ready = self._ready, []
        if not outcomes:
            return
        away = self.staging / f"ancien-{uuid4().hex}"
        away.mkdir()
        places = {outcome.student: self._course.autograded(outcome.student, self._assignment) for outcome in outcomes}
        moved: list[tuple[str, str]] = []
        try:
            for number, place in enumerate(places.values()):
                if os.path.lexists(place):
                    aside = f"{away}{os.sep}{number}"
                    os.rename(place, aside)
                    moved.append((place, aside))
            outcomes = self._saved(outcomes)
        except BaseException:
            for place, aside in moved:
                os.rename(aside, place)
            raise
        self._tell(outcomes)
        for outcome in outcomes:
            if outcome.staged:
                self._install(outcome.staged, places[outcome.student])
        # Removing takes longer than writing on some disks, and nothing depends on it.
        self._remover.submit(shutil.rmtree, away, ignore_errors=True)
        self._taken += len(outcomes)
        if self._progress:
            self._progress(self._taken, self._total)

    def _saved(self, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Write the outcomes to the gradebook. A refused one does not affect the others."""
        failures = self._book.write(
            self._assignment, outcomes, create_students=self._course.create_students, late=self._course.late
        )
        return [
            replace(outcome, refused=failures[outcome.student], staged=None) if outcome.student in failures else outcome
            for outcome in outcomes
        ]

    def _install(self, staged: Path | str, place: str) -> None:
        parent = os.path.dirname(place)
        os.makedirs(parent, exist_ok=True)
        if os.path.lexists(place):
            # Another command graded this submission in the meantime.
            os.rename(place, self.staging / uuid4().hex)
        os.rename(staged, place)
        if self._course.folders.groupshared:
            folders = (parent, *(folder for folder, _, _ in os.walk(place)))
            for folder in (_autograded_root(self._course), *map(Path, folders)):
                # As nbgrader does, for other trainers; folders that one of them made raise PermissionError.
                with suppress(PermissionError):
                    share(folder)

    def _tell(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.refused:
                self._counts["refused"] += 1
                if len(self._first_refused) < NAMED:
                    self._first_refused.append((printable(outcome.student), outcome.refused))
                continue
            self._counts["graded"] += 1
            self._counts["unanswered" if outcome.unanswered else "mended"] += bool(outcome.repairs)
            marks = (mark for notebook in outcome.notebooks.values() for mark in notebook)
            self._counts["to_read"] += any(mark.needs_manual_grade for mark in marks)
        self._report.add(outcomes)

    def finish(self, told: Report) -> Report:
        """Complete the report with the counts; its file covers all submissions, graded now or earlier."""
        file = self._report.finish()
        return replace(told, **self._counts, first_refused=tuple(self._first_refused), file=file)


@contextmanager
def _ctrl_c() -> Iterator[threading.Event]:
    """Yield an event that the first Ctrl-C sets without interrupting; a second Ctrl-C interrupts."""
    asked = threading.Event()

    def ask(*_: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)
