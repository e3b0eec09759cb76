"""Makes nbgrader take names literally: it reads folders, exercises and people as patterns or parts of addresses.

nbgrader joins names to paths for `glob`, to regular expressions and to addresses of files. Here they are escaped, so
that only nbgrader's own stars, and the patterns that a trainer types to choose people, have a special meaning. Patches
nbgrader once per process; nothing changes for names without special characters.
"""

import os
from fnmatch import fnmatch
from glob import escape, glob, iglob
from pathlib import Path
from typing import Any

from nbgrader import dbutil, utils
from nbgrader.apps import api
from nbgrader.converters import base
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import collect, exchange, fetch_feedback, release_feedback
from nbgrader.exchange.default import list as exchange_list
from sqlalchemy.engine import URL, make_url

from reseau_kit.system.names import Found, exactly, expression, find


def install() -> None:
    """Replace nbgrader's functions with those below."""
    if CourseDirectory.format_path is _format_path:
        return
    CourseDirectory.format_path = _format_path
    CourseDirectory._db_url_default.func = _db_url_default  # noqa: SLF001  traitlets keeps a default so
    base.BaseConverter.init_notebooks = _init_notebooks
    utils.is_ignored = _is_ignored
    dbutil.write_alembic_ini = _write_alembic_ini
    release_feedback.ExchangeReleaseFeedback.init_src = _init_src_of_feedback
    for module in (api, collect, exchange, exchange_list, fetch_feedback):
        module.glob = _Glob
    kind = api.NbGraderAPI
    kind.get_source_assignments = _get_source_assignments
    kind.get_submitted_students = _get_submitted_students
    for name in ("autograde", "generate_feedback", "release_feedback"):
        setattr(kind, name, _of_one_person(getattr(kind, name)))


def folders(coursedir: Any, step: str, student: str, assignment: str, *, hidden: bool = False) -> list[Found]:
    """Return the folders of an nbgrader step, with paths as nbgrader writes them (see `names.find`)."""
    structure = coursedir.directory_structure
    return [*find(coursedir.root, structure, step, student, assignment, hidden=hidden)]


_format_plainly = CourseDirectory.format_path
_write_ini = dbutil.write_alembic_ini


def _format_path(
    self: Any,
    nbgrader_step: str,
    student_id: str,
    assignment_id: str,
    escape: bool = False,  # noqa: FBT001, FBT002
) -> str:
    """Replace nbgrader's `CourseDirectory.format_path`; its regular expression takes step and structure literally."""
    if not escape:
        return str(_format_plainly(self, nbgrader_step, student_id, assignment_id))
    return expression(self.root, self.directory_structure, nbgrader_step, student_id, assignment_id)


def _db_url_default(self: Any) -> str:
    """Return the address of nbgrader's default gradebook, exactly that file even with `%41`, `?` or `#` in its path."""
    path = str(Path(self.root, "gradebook.db").absolute())
    plain = f"sqlite:///{path}"
    if make_url(plain).database == path:
        return plain
    return URL.create("sqlite", database=path).render_as_string(hide_password=False)


def _write_alembic_ini(alembic_ini: str = "alembic.ini", db_url: str = "sqlite:///gradebook.db") -> None:
    """Write nbgrader's settings for `nbgrader db upgrade`, escaping `%` for the parser of that file."""
    _write_ini(alembic_ini, db_url.replace("%", "%%"))


def _init_notebooks(self: Any) -> None:
    """Replace nbgrader's `BaseConverter.init_notebooks`: find the folders to convert, each with its notebooks.

    Raises:
        NbGraderException: there are none.
    """
    ours, step = self.coursedir, self._input_directory
    self.assignments, self.notebooks = {}, []
    wanted = f"{ours.notebook_id}.ipynb"
    for folder in folders(ours, step, ours.student_id, ours.assignment_id):
        found = notebooks(folder.path, wanted)
        if found:
            self.assignments[folder.path] = found
        else:
            self.log.warning("No notebooks were matched by '%s'", os.path.join(folder.path, wanted))  # noqa: PTH118
    if not self.assignments:
        asked = self._format_source(ours.assignment_id, ours.student_id)
        message = f"No notebooks were matched by '{asked}'"
        self.log.error(message)
        others = [folder.path for folder in folders(ours, step, ours.student_id, "*")]
        if others:
            nearest = max((base.fuzz.ratio(asked, other), other) for other in others)[1]
            self.log.error("Did you mean: %s", nearest)
        raise base.NbGraderException(message)


def notebooks(folder: str, wanted: str) -> list[str]:
    """Return the notebooks of a folder with exactly that name, or whose names match it as a pattern."""
    names = dict.fromkeys([*iglob(escape(wanted), root_dir=folder), *iglob(wanted, root_dir=folder)])  # noqa: PTH207
    return [os.path.join(folder, name) for name in names]  # noqa: PTH118


def _is_ignored(filename: str, ignore_globs: list[str] | None = None) -> bool:
    """Replace nbgrader's `is_ignored`: its patterns apply to names in a folder, whatever the folder's own name.

    Matches the name itself, where nbgrader lists the whole folder again for each file and each pattern.
    """
    folder, name = os.path.split(filename)
    hidden = name.startswith(".")
    return any(
        filename in glob(os.path.join(escape(folder), pattern))  # noqa: PTH118, PTH207
        if os.sep in pattern
        else fnmatch(name, pattern) and (not hidden or pattern.startswith("."))
        for pattern in ignore_globs or ()
    )


def _init_src_of_feedback(self: Any) -> None:
    """Replace nbgrader's `ExchangeReleaseFeedback.init_src`, whose path is read as a pattern."""
    ours = self.coursedir
    inside = escape(ours.directory_structure).format(
        nbgrader_step=escape(ours.feedback_directory),
        student_id=ours.student_id or "*",
        assignment_id=escape(ours.assignment_id),
    )
    self.src_path = os.path.join(escape(ours.root), inside)  # noqa: PTH118


class _Glob:
    """Replaces the module `glob` where nbgrader joins folders and names to a pattern: only its own stars match."""

    @staticmethod
    def glob(path: str) -> list[str]:
        parts = map(_only_own_stars, path.split(os.sep))  # noqa: PTH206  a text, and its root too
        return glob(os.sep.join(parts))  # noqa: PTH118, PTH207


def _only_own_stars(part: str) -> str:
    if part == "*" or part.startswith("*."):
        return part
    if part.endswith("+*"):
        # A folder of the exchange: person, exercise, time.
        who, what = part.removesuffix("+*").rsplit("+", 1)
        return f"{who}+{what if what == '*' else escape(what)}+*"
    return escape(part)


def _get_source_assignments(self: Any) -> set[str]:
    """Replace nbgrader's `NbGraderAPI.get_source_assignments`: return the trainer's exercises."""
    ours = self.coursedir
    found = folders(ours, ours.source_directory, ".", "*")
    return {folder.assignment for folder in found if Path(folder.path).is_dir()}


def _get_submitted_students(self: Any, assignment_id: str) -> set[str]:
    """Replace nbgrader's `NbGraderAPI.get_submitted_students`: return the learners who handed in an exercise."""
    ours = self.coursedir
    found = folders(ours, ours.submitted_directory, "*", assignment_id)
    return {folder.student for folder in found if Path(folder.path).is_dir()}


def _of_one_person(method: Any) -> Any:
    """Wrap a method of nbgrader's API so that it acts on exactly one person, not on all whose names match."""

    def of_one(self: Any, assignment_id: str, student_id: str | None = None, *rest: Any, **options: Any) -> Any:
        return method(self, assignment_id, None if student_id is None else exactly(student_id), *rest, **options)

    return of_one
