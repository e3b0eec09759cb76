"""How a submission comes in: what is kept of a learner's files, and what stands in for those that are missing.

Grading starts from a notebook made here, of texts, cell names and answers: nothing else of a learner's file goes on.
Knows nothing of what an answer is worth.
"""

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from glob import escape, glob
from logging import Logger
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader import converters
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters.base import NbGraderException
from traitlets import default

from reseau_kit.journal import FILE_NAME, Journal, Reading, merge
from reseau_kit.notebooks import KEY, Notebook, course_metadata, documents, load, read_copy, write_copy

#: No learner writes as much; the rest is not shown, and a word says so.
MAX_CELLS = 2_000
MAX_TEXT = 200_000

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")

#: A learner's name travels into formgrader's addresses and pages, which show it as it is.
_UNSAFE_NAME = re.compile(r"[<>\"'&\\\x00-\x1f]")


class Refused(ValueError):
    """A submission that is not graded. The message, in French, says why."""


def install() -> None:
    """Make nbgrader's commands and formgrader's button use our `Autograde`.

    It is the only way in: which submissions there are is decided before anything that its configuration can name.
    """
    for name in ("nbgrader.converters", "nbgrader.apps.autogradeapp", "nbgrader.apps.api"):
        if name in sys.modules:
            vars(sys.modules[name])["Autograde"] = Autograde


class SubmissionExporter(NotebookExporter):
    """Reads a learner's file as `read_submission` does, and what the first pass wrote as it is."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """The notebook of a submission, and its resources.

        Raises:
            Refused: it is not graded.
        """
        command: Any = self.parent
        if not command._sanitizing:  # noqa: SLF001  nbgrader tells its two passes apart by nothing else
            return super().from_filename(filename, resources=resources, **kw)
        path, ours = Path(filename), resources["nbgrader"]
        resources["metadata"] = {"path": str(path.parent), "name": path.stem}
        coursedir = command.coursedir
        release = Path(coursedir.format_path(coursedir.release_directory, ".", ours["assignment"])) / path.name
        notebook = read_submission(path, release, self.log)
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

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy a submission's other files, but for links and what is no file.

        Raises:
            Refused: the submission is not graded.
        """
        folder = Path(self._format_source(assignment_id, student_id))
        if folder.is_symlink() or folder.parent.is_symlink():
            raise Refused("Le dossier remis est un lien vers un autre dossier : il n’est pas noté.")
        if _UNSAFE_NAME.search(student_id):
            raise Refused("Le nom du dossier remis a des caractères qu’aucun nom ne demande : renommez ce dossier.")
        with self._leaving_out(folder):
            super().init_assignment(assignment_id, student_id)

    def _missing(self) -> dict[str, list[str]]:
        """The released notebooks that each submitted folder lacks."""
        wanted = self.coursedir.assignment_id
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                released = [notebook.name for notebook in gradebook.find_assignment(wanted).notebooks]
            except MissingEntry:
                return {}
        names = [f"{name}.ipynb" for name in released if fnmatch(name, self.coursedir.notebook_id)]
        # Paths stay the texts that nbgrader makes of them: it compares texts.
        found = glob(self._format_source(wanted, self.coursedir.student_id))  # noqa: PTH207
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


def read_submission(path: Path, release: Path, log: Logger) -> NotebookNode:
    """The notebook that was handed in, made anew of its cells' texts and names and of the answers that it holds.

    Where it is missing, or unreadable beside a journal, the released one stands in for it.

    Raises:
        Refused: the notebook is a link, or cannot be read and there is no journal either.
    """
    if path.is_symlink():
        raise Refused("Le document remis est un lien vers un autre fichier : il n’est pas noté.")
    if not path.exists():
        copies = [document.copy for document in documents(path.parent)]
        return _rebuilt(_stand_in(release), _together(copies), log)
    try:
        notebook = load(path)
    except ValueError as error:
        if not Journal(path.parent / FILE_NAME).read().events:
            raise Refused(f"Le document remis n’est pas noté : {error}, et il n’y a pas de journal à côté.") from error
        log.warning("%s : %s ; noté d’après le journal.", path, error)
        return _rebuilt(_stand_in(release), Reading(), log)
    return _rebuilt(notebook, read_copy(course_metadata(notebook)), log)


def _stand_in(release: Path) -> Notebook:
    try:
        return load(release)
    except ValueError:
        # What is graded is put back from the gradebook; only the course's text is missing then.
        return {"cells": [], "metadata": {}}


def _together(copies: list[Reading]) -> Reading:
    """The answers of the other notebooks of a folder: the one handed in may have been renamed."""
    owners = [copy.origin for copy in copies if copy.origin]
    events = merge(*copies, origin=owners[0]).events if owners else ()
    return Reading(origin=owners[0] if owners else "", events=events)


def _rebuilt(notebook: Notebook, answers: Reading, log: Logger) -> NotebookNode:
    for damage in answers.damages:
        log.warning("Copie des réponses : %s ; le reste est noté.", damage.reason)
    cells = [_cell(cell) for cell in notebook["cells"][:MAX_CELLS] if isinstance(cell, dict)]
    made: NotebookNode = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    made.metadata[KEY] = {}
    if answers.events:
        write_copy(made, answers.origin, answers.events)
    return made


def _cell(cell: dict[str, Any]) -> NotebookNode:
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(text for text in source if isinstance(text, str))
    # A lone surrogate is no text that can be written.
    text = source.encode("utf-8", "replace").decode() if isinstance(source, str) else ""
    if len(text) > MAX_TEXT:
        text = f"{text[:MAX_TEXT]}\n\n(La suite, trop longue, n’est pas montrée.)"
    make = new_code_cell if cell.get("cell_type") == "code" else new_markdown_cell
    made: NotebookNode = make(text)  # type: ignore[no-untyped-call]
    if isinstance(id := cell.get("id"), str) and _CELL_ID.fullmatch(id):
        made["id"] = id
    metadata = cell.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(ours, dict) and isinstance(name := ours.get("grade_id"), str):
        made.metadata["nbgrader"] = {"grade_id": name}
    return made
