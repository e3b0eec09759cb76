"""Submissions in nbgrader's own commands: their selection, their files, and the steps applied.

Grading starts from the notebooks that `submission.Submission` makes; nothing else of a learner's notebook is used.
Documents without activities are left entirely to nbgrader. Knows nothing of how an answer is scored.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from fnmatch import fnmatch
from functools import partial
from glob import escape, iglob
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from nbconvert import exporters
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import from_dict
from nbgrader import converters
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange.default import Exchange, ExchangeFetchAssignment, ExchangeReleaseFeedback
from traitlets import default

from reseau_kit.answers.notebooks import course_metadata, load
from reseau_kit.grading import literal_names as literal
from reseau_kit.grading.exercise import Cell, stand_in
from reseau_kit.grading.ordinary import Kind, document_kind, kind_of
from reseau_kit.grading.submission import Submission, refuse_folder
from reseau_kit.grading.timestamp import Refused, handed_in_at
from reseau_kit.system.refusals import reason


def install(steps_for: Callable[[Kind, Sequence[Any]], list[Any]], ignored: Sequence[str]) -> None:
    """Make nbgrader's commands and formgrader's buttons use the converters below.

    nbgrader selects submissions before it applies anything that its configuration can replace, so its classes are
    replaced. `steps_for` selects, for a kind of document, some of the configured steps; `ignored` are file patterns
    that are left out of course exercises only.
    """
    literal.install()
    _OurWay.steps_for = staticmethod(steps_for)
    _OurWay.ignored = frozenset(ignored)
    for exchange in (Exchange, ExchangeFetchAssignment):
        if exchange not in _COPYING:
            _COPYING[exchange] = exchange.do_copy
            exchange.do_copy = _copy_as_either
    NbGraderAPI.get_submitted_timestamp = _submitted_at
    ExchangeReleaseFeedback.copy_files = _release_each
    for ours in (Autograde, GenerateAssignment, GenerateFeedback):
        app = f"nbgrader.apps.{ours.__name__.lower()}app"
        for name in ("nbgrader.converters", app, "nbgrader.apps.api"):
            if name in sys.modules and ours.__name__ in vars(sys.modules[name]):
                vars(sys.modules[name])[ours.__name__] = ours


def _submitted_at(self: Any, assignment_id: str, student_id: str) -> datetime | None:
    """Replace nbgrader's `get_submitted_timestamp`, where one unreadable date would keep formgrader from opening."""
    ours = self.coursedir
    try:
        return handed_in_at(ours.format_path(ours.submitted_directory, student_id, assignment_id))
    except Refused:
        return None


def _release_each(self: Any) -> None:
    """Replace nbgrader's `copy_files` of feedback: copy folder by folder, so that a failure leaves the others alone."""
    failed, folders = [], [*iglob(self.src_path)]  # noqa: PTH207
    for folder in folders:
        self.src_path = escape(folder)
        try:
            _release_all(self)
        except OSError as error:
            self.log.error("%s : cette page n’est pas rendue (%s).", error.filename or folder, reason(error))  # noqa: TRY400
            failed.append(folder)
    if failed and len(failed) == len(folders):
        self.fail("Aucune page n’est rendue.")


_release_all = ExchangeReleaseFeedback.copy_files


class SubmissionExporter(NotebookExporter):
    """Reads a learner's file as `Submission` does; files of nbgrader's second pass are read unchanged."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """Return the notebook of a submission, and its resources."""
        command: Any = self.parent
        if not command._sanitizing:  # noqa: SLF001  nbgrader tells its two passes apart only by this
            return super().from_filename(filename, resources=resources, **kw)
        path = Path(filename)
        if command.kind is Kind.ORDINARY:
            return super().from_filename(filename, resources=resources, **kw)
        resources["metadata"] = {"path": str(path.parent), "name": path.stem}
        notebook = from_dict(command.handed_in.notebooks[path.stem])  # type: ignore[no-untyped-call]
        return self.from_notebook_node(notebook, resources=resources, **kw)  # type: ignore[no-untyped-call]


class _OurWay:
    """Shared by the converters below: the kind of each document, by the trainer's source, and the steps for it."""

    #: Function from a kind of document and the configured steps to the steps to apply.
    steps_for: ClassVar[Any]
    ignored: ClassVar[frozenset[str]] = frozenset()
    coursedir: Any
    exporter: Any
    #: Kind of the document being converted.
    kind: Kind = Kind.ACTIVITIES

    def kind_of(self, name: str, assignment: str = "") -> Kind:
        """Return the kind of the trainer's document with that name."""
        ours = self.coursedir
        assignment = assignment or ours.assignment_id
        known: dict[tuple[str, str], Kind] = vars(self).setdefault("_kinds", {})
        if (assignment, name) not in known:
            folder = Path(ours.format_path(ours.source_directory, ".", assignment))
            released = partial(_released_cells, ours, name, assignment)
            known[assignment, name] = document_kind(folder / f"{name}.ipynb", released)
        return known[assignment, name]

    def is_ordinary(self, assignment: str) -> bool:
        """Whether none of an assignment's documents has activities."""
        ours = self.coursedir
        folder = Path(ours.format_path(ours.source_directory, ".", assignment))
        names = {path.stem for path in folder.glob("*.ipynb")} or {*_released_names(ours, assignment)}
        return bool(names) and all(self.kind_of(name, assignment) is Kind.ORDINARY for name in names)

    @contextmanager
    def ignoring(self, assignment: str) -> Iterator[None]:
        """Leave out archives and authors' files of a course exercise; files of other assignments are all copied."""
        with _ignoring(self.coursedir, ours=not self.is_ordinary(assignment)):
            yield

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Convert one document with the steps for its kind."""
        self.kind = self.kind_of(Path(notebook_filename).stem)
        super().convert_single_notebook(notebook_filename)  # type: ignore[misc]  # nbgrader's converter comes next

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy the other files of an assignment."""
        with self.ignoring(assignment_id):
            super().init_assignment(assignment_id, student_id)  # type: ignore[misc]


@contextmanager
def _ignoring(coursedir: Any, *, ours: bool) -> Iterator[None]:
    before = coursedir.ignore
    if not ours:
        coursedir.ignore = [pattern for pattern in before if pattern not in _OurWay.ignored]
    try:
        yield
    finally:
        coursedir.ignore = before


_COPYING: dict[Any, Any] = {}


def _copy_as_either(self: Any, src: str, dest: str, *rest: Any, **options: Any) -> Any:
    """Replace nbgrader's `do_copy` of a folder through the exchange: leave out archives of course exercises."""
    copy = next(_COPYING[kind] for kind in type(self).__mro__ if kind in _COPYING)
    documents = islice(Path(src).glob("*.ipynb"), _FEW_DOCUMENTS)
    with _ignoring(self.coursedir, ours=any(map(_is_ours, documents))):
        return copy(self, src, dest, *rest, **options)


_FEW_DOCUMENTS = 50


def _is_ours(path: Path) -> bool:
    """Whether a document belongs to the course. Decided by its content: the exchange has no trainer's source."""
    try:
        return bool(course_metadata(load(path))) or kind_of(load(path)) is not Kind.ORDINARY
    except ValueError:
        return False


def _released_names(ours: Any, assignment: str) -> list[str]:
    """Return the names of the released notebooks."""
    with Gradebook(ours.db_url, ours.course_id) as gradebook:
        try:
            return sorted(notebook.name for notebook in gradebook.find_assignment(assignment).notebooks)
        except MissingEntry:
            return []


def _released_cells(ours: Any, name: str, assignment: str) -> list[Cell]:
    """Return the cells that nbgrader's gradebook holds of a released notebook."""
    with Gradebook(ours.db_url, ours.course_id) as gradebook:
        try:
            cells = gradebook.find_notebook(name, assignment).source_cells
            return [{"cell_type": cell.cell_type, "source": cell.source or "", "metadata": {}} for cell in cells]
        except MissingEntry:
            return []


class GenerateAssignment(_OurWay, converters.GenerateAssignment):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's converter, except that the authors' files of an exercise stay with the trainer."""


class GenerateFeedback(_OurWay, converters.GenerateFeedback):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's page for documents without activities; the course's page for the others."""

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Make the page of one document: with nbgrader's template and steps if it has no activities."""
        ours = self.exporter
        if self.kind_of(Path(notebook_filename).stem) is Kind.ORDINARY:
            self.exporter = vars(exporters)["HTMLExporter"](parent=self, config=self.config)
            for step in self.steps_for(Kind.ORDINARY, self.preprocessors):
                self.exporter.register_preprocessor(step)
        try:
            super().convert_single_notebook(notebook_filename)
        finally:
            self.exporter = ours


class Autograde(_OurWay, converters.Autograde):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's converter, which also grades a submission without its notebook, from its answers.

    nbgrader skips such a submission without a row in the gradebook, and stops if it is the only one.
    """

    #: The submission being graded; None if the assignment has no activities.
    handed_in: Submission | None = None

    @default("exporter_class")
    def _read_with_ours(self) -> type[SubmissionExporter]:
        return SubmissionExporter

    def init_notebooks(self) -> None:
        """List the notebooks to grade: all released ones, even if they are missing from a submission."""
        try:
            super().init_notebooks()
        except NbGraderException:
            if not (missing := self._missing()):
                raise
        else:
            missing = self._missing()
        for folder, paths in missing.items():
            self.log.warning("%s : le document manque ; noté d’après le journal, s’il y en a un.", folder)
            self.assignments.setdefault(folder, []).extend(paths)

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Whether to grade this submission now.

        Raises:
            Refused: the submission cannot be graded.
        """
        folder = self._format_source(assignment_id, student_id)
        if not self.is_ordinary(assignment_id):
            refuse_folder(folder, student_id)
            handed_in_at(folder)
        return bool(super().init_destination(assignment_id, student_id))

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Read the answers of a submission and copy its other files, except links and special files.

        Raises:
            Refused: the submission cannot be graded.
        """
        self.handed_in = None
        if self.is_ordinary(assignment_id):
            super().init_assignment(assignment_id, student_id)
            return
        folder = self._format_source(assignment_id, student_id)
        with self._leaving_out(Path(folder)):
            super().init_assignment(assignment_id, student_id)
        released = Path(self.coursedir.format_path(self.coursedir.release_directory, ".", assignment_id))
        # Read before anything is marked or run: the next steps use it.
        self.handed_in = Submission(folder, self._released(), lambda name: stand_in(released, name), self.log)

    def _init_preprocessors(self) -> None:
        self.exporter._preprocessors = []  # noqa: SLF001  nbgrader also empties it between its two passes
        steps = self.sanitize_preprocessors if self._sanitizing else self.autograde_preprocessors
        for step in self.steps_for(self.kind, steps):
            self.exporter.register_preprocessor(step)

    def _released(self) -> list[str]:
        """Return the names of the released notebooks with activities."""
        names = _released_names(self.coursedir, self.coursedir.assignment_id)
        return [name for name in names if self.kind_of(name) is not Kind.ORDINARY]

    def _missing(self) -> dict[str, list[str]]:
        """Return the released notebooks that each submitted folder lacks: all of them for a hidden folder."""
        ours = self.coursedir
        names = [f"{name}.ipynb" for name in self._released() if fnmatch(name, ours.notebook_id)]
        found = literal.folders(ours, ours.submitted_directory, ours.student_id, ours.assignment_id, hidden=True)
        # Paths stay strings, formatted as nbgrader does: it compares strings.
        lacking = {
            folder: [
                f"{folder}{os.sep}{name}"
                for name in names
                if student.startswith(".") or not os.path.lexists(f"{folder}{os.sep}{name}")
            ]
            for folder, student, _ in found
            if Path(folder).is_dir()
        }
        return {folder: paths for folder, paths in lacking.items() if paths}

    @contextmanager
    def _leaving_out(self, folder: Path) -> Iterator[None]:
        """Keep nbgrader from copying links, special and unreadable files, and files in the place of course files."""
        ignored, odd = self.coursedir.ignore, []
        own, own_folders = self._own_places()
        for where, folders, files in os.walk(folder):
            for path in (Path(where, name) for name in (*folders, *files)):
                kind, place = path.lstat().st_mode, path.relative_to(folder)
                if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
                    what = "est un lien vers un autre fichier"
                elif place in (own if stat.S_ISDIR(kind) else own_folders):
                    what = "est à la place d’un fichier du cours"
                elif stat.S_ISREG(kind) and not os.access(path, os.R_OK):
                    what = "n’est pas un fichier qui s’ouvre"
                else:
                    continue
                odd.append(escape(str(path)))
                self.log.warning("%s %s : il est laissé de côté.", path, what)
        self.coursedir.ignore = [*ignored, *odd]
        try:
            yield
        finally:
            self.coursedir.ignore = ignored

    def _own_places(self) -> tuple[set[Path], set[Path]]:
        """Return the destinations of the trainer's files for the exercise, and their folders."""
        ours = self.coursedir
        source = Path(ours.format_path(ours.source_directory, ".", ours.assignment_id))
        files = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
        return files, {parent for file in files for parent in file.parents if parent.name}
