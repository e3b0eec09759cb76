"""A trainer's course as `nbgrader_config.py` describes it: its folders, its gradebook, and how it is graded.

nbgrader's own application reads that file, so that settings mean the same here as in nbgrader's commands.
"""

import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties

from reseau_kit.grading import nbgrader_steps as grading
from reseau_kit.grading.addresses import NotAnAddress, is_file, read_address, written
from reseau_kit.grading.autograde import Autograde
from reseau_kit.grading.exercise import Exercise, ReleasedNotebook
from reseau_kit.grading.ordinary import Kind, kinds_in
from reseau_kit.grading.workers import ToGrade
from reseau_kit.system.names import find

CONFIG_NAME = "nbgrader_config.py"

#: The step that marks answers, without or with a kernel.
_OURS = {"GradeAnswers", "PlainOutputs"}
#: nbgrader's steps whose effect grading in volume reproduces.
_KNOWN = _OURS | {
    "AssignLatePenalties",
    "CheckCellMetadata",
    "ClearMetadataPreprocessor",
    "Execute",
    "IgnorePattern",
    "LimitOutput",
    "SaveGrades",
}


def only(students: Sequence[str]) -> str:
    """Return « pour » and the requested names, empty if all learners are meant."""
    names = ", ".join(f"« {student} »" for student in students)
    return f" pour {names}" if tuple(students) != ("*",) else ""


def left_to_nbgrader(assignment: str, documents: Sequence[str], command: str) -> str:
    """Return a French sentence: this assignment is left to one of nbgrader's commands."""
    named = ", ".join(f"« {name} »" for name in documents)
    why = f"{named} se note en exécutant du code, ce que cette commande ne fait jamais"
    return f"{assignment} : {why}. Employez « nbgrader {command} {assignment} »."


class CannotUse(Exception):
    """A course cannot be used. The message, in French, names every fault, one per line."""


@dataclass(frozen=True)
class Course:
    """Settings of a course. `late` is the plug-in for late penalties, None if there are none."""

    folders: CourseDirectory
    db_url: str
    texts: str
    late: Any
    create_students: bool
    permissions: int
    exclude_overwriting: dict[str, list[str]]
    only_nbgrader: tuple[str, ...]

    @property
    def root(self) -> Path:
        """Folder of `nbgrader_config.py`."""
        return Path(self.folders.root)

    @property
    def gradebook_file(self) -> Path | None:
        """File of the gradebook, None if it is on a server."""
        url = read_address(self.db_url)
        return Path(url.database) if is_file(url) and url.database else None

    def path(self, step: str, student: str, assignment: str) -> str:
        """Return the folder of a submission at a step, as a string: a hundred thousand calls make Path too slow."""
        return os.path.normpath(str(self.folders.format_path(step, student, assignment)))

    def submitted(self, student: str, assignment: str) -> str:
        """Return the folder that a learner handed in."""
        return self.path(self.folders.submitted_directory, student, assignment)

    def autograded(self, student: str, assignment: str) -> str:
        """Return the folder of a graded submission."""
        return self.path(self.folders.autograded_directory, student, assignment)

    def exercise(self, assignment: str, notebooks: tuple[ReleasedNotebook, ...]) -> Exercise:
        """Return the data to grade an assignment, with the released notebooks that the gradebook knows."""
        folders = self.folders
        return Exercise(
            name=assignment,
            notebooks=notebooks,
            source=Path(self.path(folders.source_directory, ".", assignment)),
            release=Path(self.path(folders.release_directory, ".", assignment)),
            texts=self.texts,
            ignore=tuple(folders.ignore),
            exclude_overwriting=tuple(self.exclude_overwriting.get(assignment, ())),
            max_file_size=folders.max_file_size,
            max_dir_size=folders.max_dir_size,
            permissions=self.permissions,
        )

    def assignments(self, students: Iterable[str] = ("*",)) -> list[str]:
        """Return the assignments that at least one of these learners handed in."""
        return sorted({assignment for assignment, _ in self._found("*", students)})

    def submissions(self, assignment: str, students: Iterable[str] = ("*",)) -> list[ToGrade]:
        """Return an assignment's submissions by the learners whose names match, in order of names."""
        found = {submission.student: submission for _, submission in self._found(assignment, students)}
        excluded = set(filter(None, self.folders.student_id_exclude.split(",")))
        return [found[student] for student in sorted(found) if student not in excluded]

    def has_submissions(self, assignment: str, students: Iterable[str] = ("*",)) -> bool:
        """Whether at least one of these learners handed in the assignment."""
        return any(self._found(assignment, students))

    def has_graded(self, assignment: str, students: Iterable[str] = ("*",)) -> bool:
        """Whether the work of at least one of these learners is graded."""
        return any(self._found(assignment, students, self.folders.autograded_directory))

    def running_code(self, assignment: str, kinds: Iterable[Kind] = (Kind.ORDINARY, Kind.BOTH)) -> list[str]:
        """Return the names of an assignment's documents of these kinds, by default those graded by running code."""
        source = Path(self.path(self.folders.source_directory, ".", assignment))
        return [name for name, kind in kinds_in(source).items() if kind in kinds]

    def exercises(self) -> list[str]:
        """Return the names of the trainer's exercises."""
        source = Path(self.path(self.folders.source_directory, ".", "etape")).parent
        return sorted({document.parent.name for document in source.glob("*/*.ipynb")})

    def unknown(self, assignment: str) -> str:
        """Return a French sentence: there is no such exercise, with the names of the existing ones."""
        there = ", ".join(self.exercises())
        return f"Ce cours n’a pas d’exercice « {assignment} »{f' ; il a : {there}' if there else ''}."

    def graded_assignments(self, students: Iterable[str] = ("*",)) -> list[str]:
        """Return the assignments that are graded for at least one of these learners."""
        step = self.folders.autograded_directory
        return sorted({assignment for assignment, _ in self._found("*", students, step)})

    def graded(self, assignment: str, students: Iterable[str] = ("*",)) -> dict[str, str]:
        """Return the folder of each graded submission of an assignment by learner, in order of names."""
        step = self.folders.autograded_directory
        found = {graded.student: graded.folder for _, graded in self._found(assignment, students, step)}
        excluded = set(filter(None, self.folders.student_id_exclude.split(",")))
        return {student: found[student] for student in sorted(found) if student not in excluded}

    def _found(self, assignment: str, students: Iterable[str], step: str = "") -> Iterator[tuple[str, ToGrade]]:
        """Yield the folders of a step; for submitted ones, also the hidden folders that nbgrader silently skips."""
        hidden = not step and assignment != "*"
        step, structure = step or self.folders.submitted_directory, self.folders.directory_structure
        for student in students:
            for found in find(str(self.root), structure, step, student, assignment, hidden=hidden):
                if os.path.isdir(found.path) or os.path.islink(found.path):  # noqa: PTH112, PTH114
                    yield found.assignment, ToGrade(found.student, found.path)


def load_course(root: Path, db_url: str = "") -> Course:
    """Load the course in a folder; `db_url` replaces the gradebook of its configuration.

    Raises:
        CannotUse: there is no course, or its configuration cannot be read or does not call `configure`.
    """
    root = root.resolve()
    if not (root / CONFIG_NAME).is_file():
        advice = "lancez cette commande à la racine du cours, ou donnez celle-ci avec --course-root"
        raise CannotUse(f"{root} : il n’y a pas de « {CONFIG_NAME} » ; {advice}")
    application = _application(root)
    folders = application.coursedir
    command = Autograde(coursedir=folders, parent=application)
    steps = [_name(step) for step in command.autograde_preprocessors]
    if not _OURS & set(steps):
        advice = "ajoutez-y « configure(c) », comme dans celui de ce projet"
        raise CannotUse(f"{root / CONFIG_NAME} : cette configuration note en exécutant du code ; {advice}")
    late = AssignLatePenalties(parent=command)
    late.init_plugin()
    hooks = [name for name in ("pre_convert_hook", "post_convert_hook") if getattr(command, name)]
    return Course(
        folders=folders,
        db_url=_absolute(db_url, Path.cwd()) if db_url else _absolute(folders.db_url, root),
        texts=grading.CoursePreprocessor(parent=command).texts,
        late=late.plugin_inst if AssignLatePenalties.__name__ in steps else None,
        create_students=command.create_student,
        permissions=int(str(command.permissions), 8),
        exclude_overwriting=command.exclude_overwriting,
        only_nbgrader=(*(step for step in steps if step not in _KNOWN), *hooks),
    )


def _application(root: Path) -> AutogradeApp:
    application = AutogradeApp()
    application.log_level = logging.ERROR
    application.raise_config_file_errors = True
    try:
        # nbgrader reads the configuration of the current folder.
        with chdir(root):
            application.initialize([])
    except (Exception, SystemExit) as error:
        raise CannotUse(
            f"{root / CONFIG_NAME} : ce fichier ne se lit pas ({type(error).__name__} : {error})"
        ) from error
    return application


def _absolute(db_url: str, folder: Path) -> str:
    """Return the address of a gradebook, with a relative path of a file starting from `folder`."""
    try:
        return written(read_address(db_url, folder))
    except NotAnAddress as error:
        raise CannotUse(str(error)) from error


def _name(step: Any) -> str:
    """Return the name of an nbgrader step, given as a class or as its dotted name."""
    return str(step).rpartition(".")[2] if isinstance(step, str) else str(step.__name__)
