"""Code that runs in worker processes, on this machine or others: grades chunks of submissions into a folder.

Imports neither the gradebook nor nbgrader, so that a process starts in tenths of a second.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from reseau_kit.grading.desk import grade_folder
from reseau_kit.grading.exercise import Exercise, Outcome
from reseau_kit.grading.timestamp import Refused, handed_in_at
from reseau_kit.system.processes import CannotWork
from reseau_kit.system.refusals import OF_THE_MACHINE, reason


@dataclass(frozen=True, slots=True)
class ToGrade:
    """A submitted folder and its learner. The folder is a string: there may be a hundred thousand of them."""

    student: str
    folder: str


def grade_chunk(exercise: Exercise, submissions: Sequence[ToGrade], staging: Path) -> list[Outcome]:
    """Grade each submission into its own folder below `staging`.

    The names are new each time, since a process that was given up and replaced may still be writing.

    Raises:
        CannotWork: the folders cannot be reached from this machine, or nothing can be written.
    """
    place = staging / uuid4().hex
    try:
        place.mkdir()
    except OSError as error:
        raise CannotWork(f"{staging} : ce dossier ne s’écrit pas d’ici ({reason(error)})") from error
    return [_grade(exercise, submission, f"{place}{os.sep}{number}") for number, submission in enumerate(submissions)]


def not_graded(submission: ToGrade, reason: str) -> Outcome:
    """Return the outcome of an unreadable submission: the gradebook records it, and no mark changes."""
    try:
        moment = handed_in_at(submission.folder)
    except Refused:
        moment = None
    return Outcome(submission.student, moment, refused=reason)


def _grade(exercise: Exercise, submission: ToGrade, staged: str) -> Outcome:
    try:
        return grade_folder(exercise, submission.student, submission.folder, staged)
    except Exception as error:
        # A failing submission must not affect the others of the batch.
        if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
            raise CannotWork(f"{staged} : {reason(error)}") from error
        return not_graded(
            submission, f"Notre programme a échoué ({type(error).__name__} : {error}) : elle reste à noter."
        )
