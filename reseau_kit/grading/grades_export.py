"""`nbgrader export` in bulk: nbgrader's own `grades.csv`, with formulas neutralised and commas quoted."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    Grade,
    Student,
)
from nbgrader.plugins import ExportPlugin
from sqlalchemy import select
from sqlalchemy.engine import Connection

from reseau_kit.grading.gradebook import DOCUMENT, GRADE, NOTEBOOK, SUBMISSION, sums
from reseau_kit.system.untrusted import neutral


class GradesExport(ExportPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Writes nbgrader's own table of grades, with a few queries per exercise instead of some per submission."""

    def export(self, gradebook: Any) -> None:
        """Write one line per student and exercise, or per requested ones, to `to` (grades.csv)."""
        target = Path(self.to or "grades.csv")
        students, assignments = ({str(item) for item in items} for items in (self.student, self.assignment))
        self.log.info("Exporting grades to %s", target)
        for kind, wanted in (("assignments", self.assignment), ("students", self.student)):
            if wanted:
                self.log.info("Exporting only %s: %s", kind, wanted)
        session = gradebook.db
        with target.open("w", encoding="utf-8") as file:
            file.write(f"{','.join(_COLUMNS)}\n")
            exercises = select(Assignment.id, Assignment.name, Assignment.duedate, Assignment.max_score).order_by(
                Assignment.duedate, Assignment.name
            )
            for exercise in session.execute(exercises).all():
                if not assignments or exercise.name in assignments:
                    grades = _grades_of(session.connection(), exercise.id)
                    file.writelines(_lines(exercise, _students(session, students), grades))


def cell(value: object) -> str:
    """Return a value as a cell of a CSV table that is safe in a spreadsheet: never a formula, never several cells.

    Equal to what nbgrader writes, except for texts that a spreadsheet would take for a formula or for several cells.
    """
    if not isinstance(value, str):
        return "" if value is None else str(value)
    value = neutral(value)
    if value.startswith('"') or _SEVERAL.search(value):
        value = '"{}"'.format(value.replace('"', '""'))
    return value


# --- the table of grades ----------------------------------------------------------------------------------------------

_COLUMNS = (
    "assignment duedate timestamp student_id last_name first_name email"
    " raw_score late_submission_penalty score max_score"
).split()

_SEVERAL = re.compile(r"[,\r\n]")

#: Time of the hand-in, score and penalty of a submission.
_Line = tuple[datetime | None, float, float]


def _students(session: Any, wanted: set[str]) -> Iterator[Any]:
    """Yield the students in nbgrader's order, which depends on selecting exactly the columns that it reads."""
    columns = Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id
    rows = select(*columns).order_by(Student.last_name, Student.first_name)
    for row in session.execute(rows, execution_options={"yield_per": 5_000}):
        if not wanted or row.id in wanted:
            yield row


def _grades_of(connection: Connection, assignment: str) -> dict[str, _Line]:
    """Read each student's time, score and penalty in three queries; a single one would need nbgrader's indexes."""
    notebooks = select(NOTEBOOK.c.id).where(NOTEBOOK.c.assignment_id == assignment)
    own, submission = (DOCUMENT.c.notebook_id.in_(notebooks),), DOCUMENT.c.assignment_id
    penalties = sums(connection, submission, DOCUMENT.c.late_submission_penalty, own, DOCUMENT)
    scores = sums(connection, submission, Grade.score.expression, own, DOCUMENT, GRADE)
    submissions = select(SUBMISSION.c.student_id, SUBMISSION.c.timestamp, SUBMISSION.c.id).where(
        SUBMISSION.c.assignment_id == assignment
    )
    return {
        student: (timestamp, scores.get(id, 0.0), penalties.get(id, 0.0))
        for student, timestamp, id in connection.execute(submissions)
    }


def _lines(exercise: Any, students: Iterable[Any], grades: Mapping[str, _Line]) -> Iterator[str]:
    name, due, most = cell(exercise.name), cell(exercise.duedate), cell(exercise.max_score)
    for student in students:
        timestamp, score, penalty = grades.get(student.id, (None, 0.0, 0.0))
        person = ",".join(map(cell, (student.id, student.last_name, student.first_name, student.email)))
        yield f"{name},{due},{cell(timestamp)},{person},{score},{penalty},{max(0.0, score - penalty)},{most}\n"
