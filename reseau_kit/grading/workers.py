"""What runs in other processes, on this machine or on others: a few submissions at a time, graded into a folder.

Knows neither the gradebook nor nbgrader, so that a process is ready in tenths of a second.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from reseau_kit.grading.desk import Exercise, Outcome, Refused, grade_folder, handed_in_at
from reseau_kit.system.refusals import OF_THE_MACHINE, reason


class CannotWork(RuntimeError):
    """This process can grade nothing as things stand. The message, in French, says why."""


@dataclass(frozen=True, slots=True)
class ToGrade:
    """A folder that was handed in, and by whom. There may be a hundred thousand: the folder is a text."""

    student: str
    folder: str


def pool(jobs: int, module: str = __name__) -> ProcessPoolExecutor:
    """Processes that leave Ctrl-C to the command that started them, and end when it ends, however it ends.

    `module` is what they run.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        # Read once, then shared by every process.
        context.set_forkserver_preload([module])
        return ProcessPoolExecutor(jobs, context, initializer=_begin)
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_begin)


def grade_chunk(exercise: Exercise, submissions: Sequence[ToGrade], staging: Path) -> list[Outcome]:
    """Grade each submission into a folder of its own, under `staging`.

    The names are new each time: where a lost process is replaced, it may still be writing.

    Raises:
        CannotWork: the folders cannot be reached from here, or nothing can be written.
    """
    place = staging / uuid4().hex
    try:
        place.mkdir()
    except OSError as error:
        raise CannotWork(f"{staging} : ce dossier ne s’écrit pas d’ici ({reason(error)})") from error
    return [_grade(exercise, submission, f"{place}{os.sep}{number}") for number, submission in enumerate(submissions)]


def not_graded(submission: ToGrade, reason: str) -> Outcome:
    """What becomes of a submission that we could not read: the gradebook knows that it came, and no mark changes."""
    try:
        moment = handed_in_at(submission.folder)
    except Refused:
        moment = None
    return Outcome(submission.student, moment, refused=reason)


def share(folder: Path) -> None:
    """Let the group write in a folder, as nbgrader's setting `groupshared` says.

    Raises:
        OSError: the folder is somebody else's.
    """
    folder.chmod((folder.stat().st_mode | 0o2770) & 0o2777)


def _grade(exercise: Exercise, submission: ToGrade, staged: str) -> Outcome:
    try:
        return grade_folder(exercise, submission.student, submission.folder, staged)
    except Exception as error:
        # One submission costs itself, never the batch.
        if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
            raise CannotWork(f"{staged} : {reason(error)}") from error
        return not_graded(
            submission, f"Notre programme a échoué ({type(error).__name__} : {error}) : elle reste à noter."
        )


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Without this, a process whose parent was killed would wait for work for ever."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
