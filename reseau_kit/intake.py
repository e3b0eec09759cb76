"""How a submission comes into nbgrader's own pass: which there are, and which of their files go on.

Grading starts from the notebooks that `marking.Submission` makes: nothing else of a learner's file goes on. Knows
nothing of what an answer is worth.
"""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from fnmatch import fnmatch
from glob import escape, iglob
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import from_dict
from nbgrader import converters
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters.base import NbGraderException
from nbgrader.exchange.default import ExchangeReleaseFeedback
from traitlets import default

from reseau_kit import literal
from reseau_kit.marking import Refused, Submission, handed_in_at, refuse_folder, stand_in
from reseau_kit.refusals import reason


def install() -> None:
    """Make nbgrader's commands and formgrader's button use our `Autograde`.

    It is the only way in: which submissions there are is decided before anything that its configuration can name.
    """
    literal.install()
    NbGraderAPI.get_submitted_timestamp = _submitted_at
    ExchangeReleaseFeedback.copy_files = _release_each
    for name in ("nbgrader.converters", "nbgrader.apps.autogradeapp", "nbgrader.apps.api"):
        if name in sys.modules:
            vars(sys.modules[name])["Autograde"] = Autograde


def _submitted_at(self: Any, assignment_id: str, student_id: str) -> datetime | None:
    """Nbgrader's `get_submitted_timestamp`: one date that cannot be read would keep formgrader from showing anybody."""
    ours = self.coursedir
    try:
        return handed_in_at(ours.format_path(ours.submitted_directory, student_id, assignment_id))
    except Refused:
        return None


def _release_each(self: Any) -> None:
    """Nbgrader's `copy_files` of feedback, folder by folder: one that cannot be given back leaves the others alone."""
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
    """Reads a learner's file as `Submission` does, and what the first pass wrote as it is."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """The notebook of a submission, and its resources."""
        command: Any = self.parent
        if not command._sanitizing:  # noqa: SLF001  nbgrader tells its two passes apart by nothing else
            return super().from_filename(filename, resources=resources, **kw)
        path = Path(filename)
        resources["metadata"] = {"path": str(path.parent), "name": path.stem}
        notebook = from_dict(command.handed_in.notebooks[path.stem])  # type: ignore[no-untyped-call]
        return self.from_notebook_node(notebook, resources=resources, **kw)  # type: ignore[no-untyped-call]


class Autograde(converters.Autograde):  # type: ignore[misc]  # nbgrader has no types
    """nbgrader's own, but that a submission without its notebook is graded too, by its answers.

    nbgrader passes over such a submission without a row in the gradebook, and stops where it is the only one.
    """

    @default("exporter_class")
    def _read_with_ours(self) -> type[SubmissionExporter]:
        return SubmissionExporter

    def init_notebooks(self) -> None:
        """List what is to be graded: each notebook that was released, whether or not it was handed in."""
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
        """Whether this submission is to be graded now.

        Raises:
            Refused: it is not graded at all.
        """
        folder = self._format_source(assignment_id, student_id)
        refuse_folder(folder, student_id)
        handed_in_at(folder)
        return bool(super().init_destination(assignment_id, student_id))

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy a submission's other files, but for links and what is no file, and read what was answered.

        Raises:
            Refused: the submission is not graded.
        """
        folder = self._format_source(assignment_id, student_id)
        with self._leaving_out(Path(folder)):
            super().init_assignment(assignment_id, student_id)
        released = Path(self.coursedir.format_path(self.coursedir.release_directory, ".", assignment_id))
        #: What the steps that follow start from, all of it read before anything is marked.
        self.handed_in = Submission(folder, self._released(), lambda name: stand_in(released, name), self.log)

    def _released(self) -> list[str]:
        """The names of the notebooks that were released."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                notebooks = gradebook.find_assignment(self.coursedir.assignment_id).notebooks
                return sorted(notebook.name for notebook in notebooks)
            except MissingEntry:
                return []

    def _missing(self) -> dict[str, list[str]]:
        """The released notebooks that each submitted folder lacks; all, of one that nbgrader would not see."""
        ours = self.coursedir
        names = [f"{name}.ipynb" for name in self._released() if fnmatch(name, ours.notebook_id)]
        found = literal.folders(ours, ours.submitted_directory, ours.student_id, ours.assignment_id, hidden=True)
        # Paths stay the texts that nbgrader makes of them: it compares texts.
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
        """Keep nbgrader from copying what is no plain file, which may be anything or have no end; or has no place."""
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
        """Where the trainer's files of the exercise go, and the folders that they go in."""
        ours = self.coursedir
        source = Path(ours.format_path(ours.source_directory, ".", ours.assignment_id))
        files = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
        return files, {parent for file in files for parent in file.parents if parent.name}
