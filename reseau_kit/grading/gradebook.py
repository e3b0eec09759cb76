"""Bulk access to nbgrader's own gradebook: writes the rows that nbgrader would write, in a few statements.

Reads an exercise as it was released, writes the marks of submissions, and adds up grades. Knows nothing of how a mark
is computed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from secrets import token_hex
from time import time_ns
from typing import Any, Self, TypeVar
from uuid import uuid4

from nbgrader.api import (
    Assignment,
    Base,
    BaseCell,
    Comment,
    Course,
    Grade,
    GradeCell,
    Notebook,
    SolutionCell,
    SourceCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import bindparam, create_engine, event, func, insert, inspect, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from reseau_kit.grading.addresses import NotAnAddress, is_file, read_address, told, without_secrets
from reseau_kit.grading.exercise import CellMark, Outcome, ReleasedCell, ReleasedNotebook
from reseau_kit.system.extras import to_install
from reseau_kit.system.refusals import of_database

#: Maximum rows per statement: SQLite accepts 999 values in one, or 32,766 since 3.32 (May 2020).
_AT_ONCE = 450

#: Maximum length of a name (`nbgrader.api.Student.id`). PostgreSQL enforces it, SQLite does not.
_LONGEST_NAME = 128

#: Timeout for another writer, in seconds. Formgrader, for one, holds the gradebook for some milliseconds.
_PATIENCE = 30

#: Maximum attempts: a transaction that collides with another one's new row is retried and then finds that row.
_TRIES = 3

_WRITES = "reseau_kit_writes"

#: nbgrader's commands open the gradebook under this course name too, whatever the course is called.
_DEFAULT_COURSE = "default_course"

#: Missing indexes for lookups by submission; without them, formgrader and nbgrader's export always read whole tables.
_LACKING = (
    (Grade, "notebook_id"),
    (Comment, "notebook_id"),
    (SubmittedNotebook, "assignment_id"),
    (SubmittedAssignment, "student_id"),
)

T = TypeVar("T")


class GradebookUnusable(Exception):
    """The gradebook cannot be used. The message, in French, gives the reason and a remedy."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index of the gradebook: its name, its table and column, and whether it was just created."""

    name: str
    table: str
    column: str
    new: bool


def open_book(db_url: str, course_id: str = _DEFAULT_COURSE) -> "Book":
    """Open the gradebook at an nbgrader address (`CourseDirectory.db_url`); never creates or upgrades it.

    Raises:
        GradebookUnusable: there is none, it is of another version, or its server does not answer.
    """
    return Book(db_url, course_id)


class Book:
    """An open gradebook, for one thread. Other programs may read and write it at the same time."""

    def __init__(self, db_url: str, course_id: str = _DEFAULT_COURSE) -> None:
        self._course_id = course_id
        self._engine = _engine(db_url)
        try:
            with self._said():
                _check_schema(self._engine)
        except GradebookUnusable:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def exercise(self, name: str) -> tuple[ReleasedNotebook, ...]:
        """Return the notebooks of an exercise as they were released, by name.

        Raises:
            GradebookUnusable: the exercise was not released.
        """
        with self._transaction() as connection:
            documents = connection.execute(
                select(NOTEBOOK.c.id, NOTEBOOK.c.name, NOTEBOOK.c.kernelspec)
                .where(NOTEBOOK.c.assignment_id == _assignment(connection, name).id)
                .order_by(NOTEBOOK.c.name)
            ).all()
            if not documents:
                raise _not_released(name)
            return tuple(
                ReleasedNotebook(document.name, document.kernelspec or "", _released_cells(connection, document.id))
                for document in documents
            )

    def graded(self, name: str) -> dict[str, datetime | None]:
        """Return the students whose submission of an exercise is in the gradebook, and when each was handed in."""
        known = SUBMISSION.c
        with self._transaction() as connection:
            rows = connection.execute(
                select(known.student_id, known.timestamp).where(known.assignment_id == _assignment(connection, name).id)
            )
            return {row.student_id: row.timestamp for row in rows}

    def write(
        self, assignment: str, outcomes: Iterable[Outcome], *, create_students: bool = True, late: Any = None
    ) -> dict[str, str]:
        """Write the outcomes in one transaction; return the students whose outcome failed, with the reason in French.

        The rows are those that `nbgrader autograde` leaves. What a person gave (score, extra credit, comment,
        extension) stays. `late` is an instance of nbgrader's plug-in for late penalties; without it there are none.

        Raises:
            GradebookUnusable: nothing was written.
            ValueError: two outcomes belong to one student, or one does not belong to this exercise.
        """
        todo = [outcome for outcome in outcomes if outcome.registered]
        if len({outcome.student for outcome in todo}) < len(todo):
            raise ValueError("Two outcomes of one student cannot be written at once.")
        for attempt in range(_TRIES):
            try:
                with self._transaction(writes=True) as connection:
                    _add_courses(connection, self._course_id)
                    writer = _Writer(
                        connection, _structure(connection, assignment), create_students=create_students, late=late
                    )
                    for few in _portions(todo):
                        writer.write(few)
                    return writer.failures
            except IntegrityError as error:
                if attempt == _TRIES - 1:
                    raise _unusable(error, self._engine.url) from error
        raise AssertionError

    def index(self) -> tuple[Index, ...]:
        """Add the indexes that nbgrader lacks, unless another one serves the same lookups; return all of them."""
        with self._transaction(writes=True) as connection:
            return tuple(_index(connection, entity.__table__, column) for entity, column in _LACKING)

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        options = {_WRITES: writes}
        with self._said(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise _unusable(error, self._engine.url) from error


# --- the tables -------------------------------------------------------------------------------------------------------

_ASSIGNMENT, NOTEBOOK, _CELL, _SOURCE = (entity.__table__ for entity in (Assignment, Notebook, BaseCell, SourceCell))

_STUDENT, SUBMISSION, DOCUMENT, GRADE, _COMMENT = (
    entity.__table__ for entity in (Student, SubmittedAssignment, SubmittedNotebook, Grade, Comment)
)


@dataclass(frozen=True, slots=True)
class _Notebook:
    """Row id of a released notebook, and the row ids of its cells by name: with a grade, and with a comment."""

    id: str
    grades: Mapping[str, str]
    comments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Structure:
    id: str
    due: datetime | None
    notebooks: Mapping[str, _Notebook]


@dataclass(frozen=True, slots=True)
class _Row:
    """An existing or a new row."""

    id: str
    new: bool


@dataclass(frozen=True, slots=True)
class _Submission:
    id: str
    new: bool
    seconds_late: float


def _structure(connection: Connection, name: str) -> _Structure:
    assignment = _assignment(connection, name)
    notebooks = connection.execute(
        select(NOTEBOOK.c.id, NOTEBOOK.c.name)
        .where(NOTEBOOK.c.assignment_id == assignment.id)
        .order_by(NOTEBOOK.c.name)
    ).all()
    if not notebooks:
        raise _not_released(name)
    return _Structure(assignment.id, assignment.duedate, {row.name: _notebook(connection, row.id) for row in notebooks})


def _notebook(connection: Connection, id: str) -> _Notebook:
    cells = connection.execute(select(_CELL.c.id, _CELL.c.name, _CELL.c.type).where(_CELL.c.notebook_id == id)).all()
    ids = {kind: {cell.name: cell.id for cell in cells if cell.type == kind} for kind in _KINDS}
    grade, solution, task = (ids[kind] for kind in _KINDS)
    return _Notebook(id, {**grade, **task}, {**solution, **task})


_KINDS = ("GradeCell", "SolutionCell", "TaskCell")


def _assignment(connection: Connection, name: str) -> Any:
    found = connection.execute(
        select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.duedate).where(_ASSIGNMENT.c.name == name)
    ).one_or_none()
    if found is None:
        raise _not_released(name)
    return found


def _not_released(name: str) -> GradebookUnusable:
    return GradebookUnusable(
        f"Le carnet de notes ne connaît pas l’exercice « {name} » : "
        f"distribuez-le d’abord avec « nbgrader generate_assignment {name} »."
    )


def _released_cells(connection: Connection, notebook: str) -> tuple[ReleasedCell, ...]:
    points: dict[str, dict[str, float]] = {}
    for entity in (GradeCell, TaskCell):
        own = entity.__table__
        rows = select(_CELL.c.name, own.c.max_score).join(own, own.c.id == _CELL.c.id)
        points[entity.__name__] = _pairs(connection, rows.where(_CELL.c.notebook_id == notebook))
    own = SolutionCell.__table__
    rows = select(_CELL.c.name).join(own, own.c.id == _CELL.c.id).where(_CELL.c.notebook_id == notebook)
    solutions = set(connection.execute(rows).scalars())
    graded, tasks = points["GradeCell"], points["TaskCell"]
    # In nbgrader's own order, which is that of the notebook.
    sources = connection.execute(select(_SOURCE).where(_SOURCE.c.notebook_id == notebook)).all()
    return tuple(
        ReleasedCell(
            name=source.name,
            cell_type=source.cell_type,
            source=source.source or "",
            checksum=source.checksum,
            locked=source.locked,
            points=tasks.get(source.name, graded.get(source.name)),
            grade=source.name in graded and source.name not in tasks,
            solution=source.name in solutions,
            task=source.name in tasks,
        )
        for source in sources
    )


# --- writing ----------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes the rows of some submissions within the caller's transaction."""

    def __init__(self, connection: Connection, structure: _Structure, *, create_students: bool, late: Any) -> None:
        self._connection = connection
        self._structure = structure
        self._create_students = create_students
        self._late = late
        self._ids = _following_ids()
        self.failures: dict[str, str] = {}

    def write(self, outcomes: Sequence[Outcome]) -> None:
        known = self._students([outcome.student for outcome in outcomes])
        outcomes = [outcome for outcome in outcomes if outcome.student in known]
        submissions = self._submissions(outcomes)
        for name, notebook in self._structure.notebooks.items():
            rows = self._notebooks(notebook, submissions)
            self._grades(name, notebook, outcomes, rows)
            self._comments(name, notebook, outcomes, rows)
            self._penalties(name, outcomes, submissions, rows)
        for outcome in outcomes:
            if unknown := outcome.notebooks.keys() - self._structure.notebooks.keys():
                raise ValueError(f"The outcome of {outcome.student!r} has unknown notebooks: {sorted(unknown)}")

    def _students(self, names: Iterable[str]) -> set[str]:
        """Return the students that are in the gradebook, after adding new ones if the course allows it."""
        wanted = [name for name in names if self._is_a_name(name)]
        rows = select(_STUDENT.c.id).where(_STUDENT.c.id.in_(wanted))
        known = set(self._connection.execute(rows).scalars())
        unknown = [name for name in wanted if name not in known]
        if self._create_students:
            self._insert(_STUDENT, [{"id": name} for name in unknown])
            return {*known, *unknown}
        for name in unknown:
            self.failures[name] = (
                "Cette personne n’est pas dans le carnet de notes, et Autograde.create_student interdit de l’y ajouter."
            )
        return known

    def _is_a_name(self, name: str) -> bool:
        limited = self._connection.dialect.name != "sqlite"
        if limited and len(name) > _LONGEST_NAME:
            self.failures[name] = f"Le nom du dossier remis dépasse {_LONGEST_NAME} caractères : raccourcissez-le."
        elif not _is_text(name):
            self.failures[name] = "Le nom du dossier remis ne se lit pas : renommez ce dossier."
        return name not in self.failures

    def _submissions(self, outcomes: Sequence[Outcome]) -> dict[str, _Submission]:
        """Return each student's submission row, inserted or updated."""
        columns = SUBMISSION.c
        rows = self._connection.execute(
            select(columns.id, columns.student_id, columns.timestamp, columns.extension).where(
                columns.assignment_id == self._structure.id,
                columns.student_id.in_([outcome.student for outcome in outcomes]),
            )
        )
        old = {row.student_id: row for row in rows}
        new, anew, found = [], [], {}
        for outcome in outcomes:
            row, timestamp = old.get(outcome.student), outcome.timestamp
            if row is None:
                id, extension = next(self._ids), None
                values = {"id": id, "student_id": outcome.student, "timestamp": timestamp, "extension": None}
                new.append({**values, "assignment_id": self._structure.id})
            else:
                id, extension = row.id, row.extension
                # A submission without a time keeps its former one.
                timestamp = timestamp or row.timestamp
                if timestamp != row.timestamp:
                    anew.append({"row": id, "timestamp": timestamp})
            late = 0.0
            if timestamp is not None and self._structure.due is not None:
                due = self._structure.due if extension is None else self._structure.due + extension
                late = max(0.0, (timestamp - due).total_seconds())
            found[outcome.student] = _Submission(id, row is None, late)
        self._insert(SUBMISSION, new)
        self._update(SUBMISSION, anew)
        return found

    def _notebooks(self, notebook: _Notebook, submissions: Mapping[str, _Submission]) -> dict[str, _Row]:
        """Return the row of one notebook in each student's submission, inserted if missing."""
        old = [submission.id for submission in submissions.values() if not submission.new]
        columns = DOCUMENT.c
        rows = select(columns.assignment_id, columns.id).where(
            columns.notebook_id == notebook.id, columns.assignment_id.in_(old)
        )
        known: dict[str, str] = _pairs(self._connection, rows) if old else {}
        # Random ids: formgrader numbers documents by id, and their order must not reveal the students.
        found = {
            student: _Row(known.get(submission.id) or uuid4().hex, submission.id not in known)
            for student, submission in submissions.items()
        }
        self._insert(
            DOCUMENT,
            [
                {
                    "id": row.id,
                    "assignment_id": submissions[student].id,
                    "notebook_id": notebook.id,
                    "flagged": False,
                    "late_submission_penalty": None,
                }
                for student, row in found.items()
                if row.new
            ],
        )
        return found

    def _grades(self, name: str, notebook: _Notebook, outcomes: Sequence[Outcome], rows: Mapping[str, _Row]) -> None:
        columns = GRADE.c
        kept = self._kept(notebook, rows, GRADE, columns.auto_score, columns.manual_score, columns.needs_manual_grade)
        new, anew = [], []
        for outcome in outcomes:
            marks = {mark.name: mark for mark in outcome.notebooks.get(name, ())}
            if unknown := marks.keys() - notebook.grades.keys():
                raise ValueError(f"The outcome of {outcome.student!r} has unknown cells: {sorted(unknown)}")
            row = rows[outcome.student].id
            for cell_name, cell_id in notebook.grades.items():
                mark, old = marks.get(cell_name), kept.get((cell_id, row))
                if old is None:
                    new.append({"id": next(self._ids), "notebook_id": row, "cell_id": cell_id, **_first(mark)})
                elif mark is not None and (values := _changed(mark, old)):
                    anew.append({"row": old.id, **values})
        self._insert(GRADE, new)
        self._update(GRADE, anew)

    def _comments(self, name: str, notebook: _Notebook, outcomes: Sequence[Outcome], rows: Mapping[str, _Row]) -> None:
        kept = self._kept(notebook, rows, _COMMENT, _COMMENT.c.auto_comment)
        new, anew = [], []
        for outcome in outcomes:
            said = outcome.comments.get(name, {})
            row = rows[outcome.student].id
            for cell_name, cell_id in notebook.comments.items():
                old = kept.get((cell_id, row))
                if old is None:
                    values = {"auto_comment": said.get(cell_name), "manual_comment": None}
                    new.append({"id": next(self._ids), "notebook_id": row, "cell_id": cell_id, **values})
                elif cell_name in said and said[cell_name] != old.auto_comment:
                    anew.append({"row": old.id, "auto_comment": said[cell_name]})
        self._insert(_COMMENT, new)
        self._update(_COMMENT, anew)

    def _kept(self, notebook: _Notebook, rows: Mapping[str, _Row], table: Any, *values: Any) -> dict[Any, Any]:
        """Return a table's existing rows for a notebook's cells, by cell and document."""
        old = [row.id for row in rows.values() if not row.new]
        if not old:
            return {}
        # The cell comes first, as in the indexes of nbgrader's tables.
        cells = select(_CELL.c.id).where(_CELL.c.notebook_id == notebook.id)
        found = select(table.c.cell_id, table.c.notebook_id, table.c.id, *values).where(
            table.c.cell_id.in_(cells), table.c.notebook_id.in_(old)
        )
        # Wait for a person who is marking right now, if the database can lock rows.
        return {(row.cell_id, row.notebook_id): row for row in self._connection.execute(found.with_for_update())}

    def _penalties(
        self,
        name: str,
        outcomes: Sequence[Outcome],
        submissions: Mapping[str, _Submission],
        rows: Mapping[str, _Row],
    ) -> None:
        """Apply late penalties to each marked submission's notebook, as nbgrader's `AssignLatePenalties` does."""
        marked = [outcome.student for outcome in outcomes if name in outcome.notebooks]
        late = [student for student in marked if submissions[student].seconds_late > 0]
        scores = self._scores(self._structure.notebooks[name], [rows[student].id for student in late])
        due: dict[str, float | None] = {student: None for student in marked if student not in late}
        for student in late:
            try:
                due[student] = self._penalty(student, scores.get(rows[student].id, 0.0), submissions[student])
            except Exception as error:  # noqa: BLE001  the trainer's own code
                self.failures[student] = f"La pénalité de retard n’a pas pu être calculée : {error!r}."
        paid = self._paid([rows[student].id for student in due if not rows[student].new])
        changes = {rows[student].id: penalty for student, penalty in due.items()}
        self._update(
            DOCUMENT,
            [
                {"row": row, "late_submission_penalty": penalty}
                for row, penalty in changes.items()
                if penalty != paid.get(row)
            ],
        )

    def _paid(self, rows: Sequence[str]) -> dict[str, float | None]:
        """Return the penalties that the gradebook holds for these documents."""
        if not rows:
            return {}
        found = select(DOCUMENT.c.id, DOCUMENT.c.late_submission_penalty).where(DOCUMENT.c.id.in_(rows))
        return _pairs(self._connection, found)

    def _penalty(self, student: str, score: float, submission: _Submission) -> float | None:
        if self._late is None:
            return None
        penalty = self._late.late_submission_penalty(student, score, submission.seconds_late)
        return None if penalty is None else min(max(penalty, 0), score)

    def _scores(self, notebook: _Notebook, rows: Sequence[str]) -> dict[str, float]:
        """Compute each document's score, with manual grades, as nbgrader does."""
        if not rows:
            return {}
        cells = select(_CELL.c.id).where(_CELL.c.notebook_id == notebook.id)
        wanted = (GRADE.c.notebook_id.in_(rows), GRADE.c.cell_id.in_(cells))
        return sums(self._connection, GRADE.c.notebook_id, Grade.score.expression, wanted, GRADE)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)

    def _update(self, table: Any, rows: list[dict[str, Any]]) -> None:
        """Update rows by the id in `row`, in one statement. All rows set the same columns."""
        if rows:
            columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "row"}
            self._connection.execute(update(table).where(table.c.id == bindparam("row")).values(columns), rows)


def _first(mark: CellMark | None) -> dict[str, Any]:
    """Return the values of a new grade, which no person has marked yet."""
    score, needs = (None, True) if mark is None else (mark.auto_score, mark.needs_manual_grade)
    needs = needs or score is None
    return {"auto_score": score, "manual_score": None, "extra_credit": None, "needs_manual_grade": needs}


def _changed(mark: CellMark, old: Any) -> dict[str, Any]:
    """Return the changes that a mark makes to an existing grade; empty if none.

    A person's mark stays, and the grade is flagged so that the person checks it.
    """
    needs = mark.needs_manual_grade or mark.auto_score is None or old.manual_score is not None
    if (mark.auto_score, needs) == (old.auto_score, old.needs_manual_grade):
        return {}
    return {"auto_score": mark.auto_score, "needs_manual_grade": needs}


def _add_courses(connection: Connection, course_id: str) -> None:
    wanted = {name for name in (course_id, _DEFAULT_COURSE) if name}
    courses = Course.__table__
    known = set(connection.execute(select(courses.c.id).where(courses.c.id.in_(wanted))).scalars())
    if new := sorted(wanted - known):
        connection.execute(insert(courses), [{"id": name} for name in new])


def _following_ids() -> Iterator[str]:
    """Yield ids in nbgrader's format, in increasing order: databases then append to the index and touch fewer pages."""
    start = f"{time_ns() // 1_000_000:012x}{token_hex(4)}"
    return (f"{start}{number:012x}" for number in count())


def _pairs(connection: Connection, rows: Any) -> dict[Any, Any]:
    """Return a query's rows as a mapping from the first column to the second."""
    return {key: value for key, value in connection.execute(rows)}  # noqa: C416  mypy does not see a Row as a pair


def _portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _is_text(name: str) -> bool:
    """Whether a file's name can be written as UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def sums(connection: Connection, key: Any, value: Any, where: Iterable[Any], *tables: Any) -> dict[str, float]:
    """Return by key the sum of `value` over joined tables, added in row order, the first table's rows first.

    nbgrader's own statements add in that order, and floats added in another order differ in the last digit.
    """
    rows = tables[0] if len(tables) == 1 else tables[0].join(tables[1], tables[0].c.id == tables[1].c.notebook_id)
    place = {"postgresql": "ctid", "sqlite": "rowid"}.get(connection.dialect.name)
    order: list[Any] = [literal_column(f"{table.name}.{place}") for table in tables] if place else []
    if place == "ctid":
        total = select(key, func.sum(aggregate_order_by(value, *order))).select_from(rows).where(*where).group_by(key)
    else:
        # SQLite keeps the input order of rows within a group.
        found = select(key.label("key"), value.label("value")).select_from(rows).where(*where)
        ordered = found.order_by(*order).subquery()
        total = select(ordered.c.key, func.sum(ordered.c.value)).group_by(ordered.c.key)
    return {name: value or 0.0 for name, value in connection.execute(total)}


# --- the database -----------------------------------------------------------------------------------------------------


def _engine(db_url: str) -> Engine:
    try:
        url = read_address(db_url)
        _check_place(url)
        if is_file(url):
            engine = create_engine(url, connect_args={"timeout": _PATIENCE})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        options = {"executemany_mode": "values_plus_batch"} if url.get_driver_name() == "psycopg2" else {}
        return create_engine(url, **options)
    except NotAnAddress as error:
        raise GradebookUnusable(str(error)) from error
    except ModuleNotFoundError as error:
        advice = f"{to_install('postgresql')}, et écrivez l’adresse « postgresql+psycopg2://… »"
        raise GradebookUnusable(f"Il manque le module {error.name} pour lire le carnet de notes : {advice}.") from error


def _check_place(url: URL) -> None:
    """Check that a SQLite file exists: SQLite would create an empty one."""
    name = url.database or ""
    if is_file(url) and not name.startswith("file:") and not Path(name).is_file():
        raise GradebookUnusable(_NO_GRADEBOOK.format(place=told(url)))


_NO_GRADEBOOK = (
    "Il n’y a pas de carnet de notes ici : {place}. Distribuez d’abord un exercice (« nbgrader generate_assignment »)."
)


def _prepare_sqlite(connection: Any, _: object) -> None:
    # Python's module begins transactions late, and would notice another writer only after reading.
    connection.isolation_level = None
    # Written pages lie all over the file, hence the cache. Other settings stay: nbgrader's journal mode works on
    # network drives and beside an open formgrader, and every commit reaches the disk.
    connection.execute("PRAGMA cache_size = -65536")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_schema(engine: Engine) -> None:
    """Check that the tables are those of the installed nbgrader.

    Raises:
        GradebookUnusable: there are none, or they are of an older version.
    """
    found = {
        table: {column["name"] for column in columns}
        for (_, table), columns in inspect(engine).get_multi_columns().items()
    }
    if not found.keys() & Base.metadata.tables.keys():
        raise GradebookUnusable(_NO_GRADEBOOK.format(place=told(engine.url)))
    for table in Base.metadata.sorted_tables:
        if lacking := {column.name for column in table.columns} - found.get(table.name, set()):
            raise GradebookUnusable(
                "Le carnet de notes a été fait par une version plus ancienne de nbgrader "
                f"(il y manque {table.name}.{min(lacking)}). Faites-en d’abord une COPIE, "
                "puis lancez « nbgrader db upgrade »."
            )


def _unusable(error: DBAPIError, url: URL) -> GradebookUnusable:
    place, reason = told(url), without_secrets(" ".join(str(error.orig).split()), url)
    if "database is locked" in reason:
        said = (
            f"Un autre programme écrit dans le carnet de notes depuis plus de {_PATIENCE} secondes : {place}. "
            "Fermez formgrader ou l’autre commande, puis recommencez : ce qui est déjà noté est gardé."
        )
    elif "readonly database" in reason:
        said = f"Vous n’avez pas le droit d’écrire dans le carnet de notes : {place}."
    else:
        reason = of_database(error) if is_file(url) else reason
        said = f"Le carnet de notes ({place}) ne se lit pas, ou ne se laisse pas écrire : {reason}"
    return GradebookUnusable(said)


def _index(connection: Connection, table: Any, column: str) -> Index:
    name = f"ix_{table.name}_{column}"
    serving = (
        index["name"]
        for index in inspect(connection).get_indexes(table.name)
        if index["column_names"][:1] == [column]
        and not index.get("dialect_options", {}).get(f"{connection.dialect.name}_where")
    )
    if there := next(serving, None):
        return Index(str(there), table.name, column, new=False)
    connection.execute(text(f"CREATE INDEX {name} ON {table.name} ({column})"))
    return Index(name, table.name, column, new=True)
