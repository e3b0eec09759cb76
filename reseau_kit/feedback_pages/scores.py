"""Reads the scores of feedback pages from the gradebook: for one learner, or for some hundreds at a time."""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from reseau_kit.feedback_pages.page import Grades, score_of
from reseau_kit.feedback_pages.workers import ToTell
from reseau_kit.grading.addresses import is_file, read_address, told, without_secrets
from reseau_kit.grading.course import CannotUse, Course
from reseau_kit.system.refusals import of_database

#: Learners read from the gradebook at once.
BATCH = 250

T = TypeVar("T")


def grades_of(document: Any) -> Grades:
    """Return the gradebook data of one document, a row of nbgrader's `SubmittedNotebook`."""
    said = {comment.name: comment for comment in document.comments}
    student, submission = document.assignment.student, document.assignment
    return Grades(
        learner=_full_name(student.id, student.first_name, student.last_name),
        submitted=submission.timestamp,
        earned=document.score,
        maximum=document.max_score,
        penalty=document.late_submission_penalty or 0.0,
        scores={
            grade.name: score_of(
                automatic=grade.auto_score,
                manual=grade.manual_score,
                extra=grade.extra_credit,
                waiting=grade.needs_manual_grade,
                maximum=grade.max_score,
                comment=said[grade.name].auto_comment if grade.name in said else None,
            )
            for grade in document.grades
        },
        comments={name: comment.manual_comment or "" for name, comment in said.items()},
    )


def _full_name(id: str, *names: str | None) -> str:
    return " ".join(filter(None, names)) or id


# --- scores of many ---------------------------------------------------------------------------------------------------


def scores_of(course: Course, assignment: str, wanted: Sequence[ToTell]) -> Generator[ToTell]:
    """Yield the same learners with the gradebook data of their documents.

    Raises:
        CannotUse: the gradebook does not exist or cannot be read.
    """
    if course.gradebook_file and not course.gradebook_file.is_file():
        raise CannotUse(f"{course.gradebook_file} : il n’y a pas de carnet de notes ; notez d’abord les travaux.")
    try:
        with Gradebook(course.db_url) as gradebook:
            scores = _Scores(gradebook.db, assignment)
            for some in portions(wanted, BATCH):
                grades = scores.of([one.student for one in some])
                yield from (replace(one, documents=grades.get(one.student, {})) for one in some)
    except SQLAlchemyError as error:
        url = read_address(course.db_url)
        said = of_database(error) if is_file(url) else without_secrets(str(getattr(error, "orig", error)), url)
        raise CannotUse(f"Le carnet de notes ({told(url)}) ne se lit pas : {said}") from error


class _Scores:
    """Gradebook data of an assignment's documents, read for many learners at once."""

    def __init__(self, session: Any, assignment: str) -> None:
        self._session = session
        self._assignment = session.scalar(select(Assignment.id).where(Assignment.name == assignment))
        documents = select(Notebook.id, Notebook.name).where(Notebook.assignment_id == self._assignment)
        self._documents = dict(session.execute(documents).all())
        cells = select(BaseCell.id, BaseCell.name).where(BaseCell.notebook_id.in_(self._documents))
        self._cells = dict(session.execute(cells).all())
        self._worth: dict[str, float] = {}
        self._maximum: dict[str, float] = dict.fromkeys(self._documents, 0.0)
        for kind in (GradeCell, TaskCell):
            cells = select(kind.id, kind.notebook_id, kind.max_score).where(kind.notebook_id.in_(self._documents))
            for id, document, worth in session.execute(cells):
                self._worth[id] = worth or 0.0
                self._maximum[document] += worth or 0.0

    def of(self, students: Sequence[str]) -> dict[str, dict[str, Grades]]:
        """Return the data of these learners' documents, by learner and by name."""
        document, submission = SubmittedNotebook, SubmittedAssignment
        rows = self._session.execute(
            select(document.id, document.notebook_id, document.late_submission_penalty, submission.timestamp)
            .add_columns(Student.id, Student.first_name, Student.last_name)
            .join(submission, document.assignment_id == submission.id)
            .join(Student, submission.student_id == Student.id)
            .where(submission.assignment_id == self._assignment, submission.student_id.in_(students))
            .where(document.notebook_id.in_(self._documents))
        ).all()
        ids = [row[0] for row in rows]
        said = self._of_cells(Comment, ids, Comment.auto_comment, Comment.manual_comment)
        marks = self._of_cells(
            Grade, ids, Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.needs_manual_grade
        )
        found: dict[str, dict[str, Grades]] = defaultdict(dict)
        for id, notebook, penalty, timestamp, student, *names in rows:
            comments = said[id]
            words = {self._cells[cell]: auto for cell, auto, _ in comments}
            scores = {
                self._cells[cell]: score_of(
                    automatic=automatic,
                    manual=manual,
                    extra=extra,
                    waiting=waiting,
                    maximum=self._worth.get(cell, 0.0),
                    comment=words.get(self._cells[cell]),
                )
                for cell, automatic, manual, extra, waiting in marks[id]
            }
            found[student][self._documents[notebook]] = Grades(
                learner=_full_name(student, *names),
                submitted=timestamp,
                earned=sum(_earned(*mark) for _, *mark, _ in marks[id]),
                maximum=self._maximum[notebook],
                penalty=penalty or 0.0,
                scores=scores,
                comments={self._cells[cell]: manual or "" for cell, _, manual in comments},
            )
        return found

    def _of_cells(self, table: Any, documents: Sequence[str], *columns: Any) -> dict[str, list[tuple[Any, ...]]]:
        """Return a table's rows for these documents. Naming the cells too lets the database use an index."""
        found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        rows = select(table.notebook_id, table.cell_id, *columns)
        wanted = rows.where(table.cell_id.in_(self._cells), table.notebook_id.in_(documents))
        for document, *values in self._session.execute(wanted):
            found[document].append(tuple(values))
        return found


def _earned(automatic: float | None, manual: float | None, extra: float | None) -> float:
    """Return a score as `nbgrader.api.Grade.score` computes it."""
    given = manual if manual is not None else automatic
    return 0.0 if given is None else given + (extra or 0.0)


def portions(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield the items in chunks."""
    waiting = iter(items)
    while portion := tuple(islice(waiting, size)):
        yield portion
