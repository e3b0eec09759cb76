"""How a submission comes into nbgrader's own pass: which there are, and which of their files go on.

Grading starts from the notebooks that `marking.Submission` makes: nothing else of a learner's file goes on. Knows
nothing of what an answer is worth.
"""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from glob import escape, glob
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import from_dict
from nbgrader import converters
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import NbGraderException
from traitlets import default

from reseau_kit.marking import Submission, handed_in_at, refuse_folder, stand_in


def install() -> None:
    """Make nbgrader's commands and formgrader's button use our `Autograde`.

    It is the only way in: which submissions there are is decided before anything that its configuration can name.
    """
    for name in ("nbgrader.converters", "nbgrader.apps.autogradeapp", "nbgrader.apps.api"):
        if name in sys.modules:
            vars(sys.modules[name])["Autograde"] = Autograde


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
        """The released notebooks that each submitted folder lacks."""
        names = [f"{name}.ipynb" for name in self._released() if fnmatch(name, self.coursedir.notebook_id)]
        # Paths stay the texts that nbgrader makes of them: it compares texts.
        found = glob(self._format_source(self.coursedir.assignment_id, self.coursedir.student_id))  # noqa: PTH207
        lacking = {
            folder: [f"{folder}{os.sep}{name}" for name in names if not os.path.lexists(f"{folder}{os.sep}{name}")]
            for folder in found
            if Path(folder).is_dir()
        }
        return {folder: paths for folder, paths in lacking.items() if paths}

    @contextmanager
    def _leaving_out(self, folder: Path) -> Iterator[None]:
        """Keep nbgrader from copying what is no plain file, which may be anything or have no end."""
        ignored, odd = self.coursedir.ignore, []
        for where, folders, files in os.walk(folder):
            for path in (Path(where, name) for name in (*folders, *files)):
                kind = path.lstat().st_mode
                if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
                    odd.append(escape(str(path)))
                    self.log.warning("%s est un lien vers un autre fichier : il est laissé de côté.", path)
        self.coursedir.ignore = [*ignored, *odd]
        try:
            yield
        finally:
            self.coursedir.ignore = ignored
