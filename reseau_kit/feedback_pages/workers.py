"""Code that runs in worker processes: writes the pages of some learners, and moves each folder into place at once.

Imports neither the gradebook nor nbgrader, so that a process starts in tenths of a second.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from reseau_kit.answers.folder import Folder
from reseau_kit.answers.notebooks import MAX_NOTEBOOK_BYTES, parse
from reseau_kit.feedback_pages.page import Grades, gather, notices_in, page, titles_of
from reseau_kit.grading.exercise import Cell, Master
from reseau_kit.grading.files import files_in, ignoring, write_file
from reseau_kit.system.files import open_plain_file_below, read_plain_file
from reseau_kit.system.processes import CannotWork, share
from reseau_kit.system.refusals import OF_THE_MACHINE, reason

#: Without this file, `nbgrader release_feedback` stops for the whole class; an empty one gives no date.
STAMP = "timestamp.txt"
NO_DATE = b""

_BLOCK = 2**20


@dataclass(frozen=True)
class ToldExercise:
    """Data that an exercise's pages need; small, since it is sent between processes.

    `source` is the folder of the trainer's exercise, `texts` says who reads the open texts, `ignore` lists patterns of
    files that are not copied, `permissions` apply to every file. With `shared`, the group may write to the folders.
    """

    name: str
    source: Path
    texts: str
    ignore: tuple[str, ...]
    permissions: int
    shared: bool


@dataclass(frozen=True, slots=True)
class ToTell:
    """A graded folder, the folder of its pages, and the gradebook data of each document."""

    student: str
    graded: str
    feedback: str
    documents: Mapping[str, Grades] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """Result of one learner's pages: `failed` says why there are none, `said` are messages for the trainer."""

    student: str
    failed: str = ""
    said: tuple[str, ...] = ()


def make_pages(exercise: ToldExercise, learners: Sequence[ToTell], staging: Path) -> list[Made]:
    """Make each learner's pages below `staging`, and move them into place instead of earlier ones.

    Raises:
        CannotWork: nothing can be written.
    """
    place = staging / uuid4().hex
    try:
        place.mkdir()
        return [_make(exercise, learner, place / str(number)) for number, learner in enumerate(learners)]
    except OSError as error:
        raise CannotWork(f"{staging} : {reason(error)}") from error


def _make(exercise: ToldExercise, learner: ToTell, staged: Path) -> Made:
    said: list[str] = []
    graded, feedback = Path(learner.graded), Path(learner.feedback)
    try:
        if graded.is_symlink() or graded.parent.is_symlink():
            raise ValueError("son dossier noté est un lien vers un autre dossier")
        _write(exercise, learner, graded, staged, said)
        _put(exercise, staged, feedback)
    except Exception as error:
        # A failing learner must not affect the others.
        if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
            raise
        for folder in (staged, feedback):
            # Outdated pages are removed, or a learner would get those of another mark.
            if folder.is_dir() and not folder.is_symlink() and not folder.parent.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
        reason = str(error) if isinstance(error, ValueError) else f"{type(error).__name__} : {error}"
        return Made(learner.student, reason, tuple(said))
    return Made(learner.student, said=tuple(said))


def _write(exercise: ToldExercise, learner: ToTell, graded: Path, staged: Path, said: list[str]) -> None:
    desk = _desk(exercise)
    with os.scandir(graded) as entries:
        files = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    names = sorted(name[:-6] for name in files if name.endswith(".ipynb") and not name.startswith("."))
    if not names:
        raise ValueError("son dossier noté n’a pas de document")
    staged.mkdir()
    pages = {f"{name}.html" for name in names}
    for name in files_in(str(graded), desk.ignored, _Silent()):
        if name in pages:
            continue
        copy = staged / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        write_file(str(copy), _blocks(graded, name), exercise.permissions)
    if not (staged / STAMP).exists():
        write_file(str(staged / STAMP), NO_DATE, exercise.permissions)
    answers = Folder(graded).answers
    for name in names:
        if name not in learner.documents:
            raise ValueError(f"« {name} » n’est pas au carnet de notes ; notez ce travail")
        notebook = parse(read_plain_file(graded / f"{name}.ipynb", MAX_NOTEBOOK_BYTES, follow=False))
        cells: list[Cell] = [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]
        master = desk.master(name)
        told = gather(
            cells,
            answers,
            learner.documents[name],
            master.activities_read_by(exercise.texts),
            desk.titles(name),
            exercise=exercise.name,
            notices=notices_in(notebook),
            warn=said.append,
        )
        write_file(str(staged / f"{name}.html"), page(told).encode("utf-8"), exercise.permissions)


def _put(exercise: ToldExercise, staged: Path, target: Path) -> None:
    """Move a folder into place; a former one moves to the staging folder, which is removed later."""
    if target.parent.is_symlink() or target.is_symlink():
        raise ValueError("son dossier de retour est un lien vers un autre dossier")
    target.parent.mkdir(parents=True, exist_ok=True)
    if exercise.shared:
        for folder, _, _ in os.walk(staged):
            share(Path(folder))
    if target.exists():
        target.rename(staged.with_name(uuid4().hex))
    staged.rename(target)


def _blocks(folder: Path, name: str) -> Iterator[bytes]:
    descriptor, _ = open_plain_file_below(str(folder), name)
    try:
        while block := os.read(descriptor, _BLOCK):
            yield block
    finally:
        os.close(descriptor)


class _Silent:
    """Discards notes about files that are not copied: grading has reported them."""

    def warning(self, message: str, /, *values: object) -> None: ...

    def exception(self, message: str, /, *values: object) -> None: ...


class _Desk:
    """The trainer's data for an exercise, read once per process."""

    def __init__(self, exercise: ToldExercise) -> None:
        self._exercise = exercise
        self._masters: dict[str, tuple[Master, dict[str, str]]] = {}
        self.ignored = ignoring((*exercise.ignore, "*.ipynb"))

    def master(self, name: str) -> Master:
        return self._known(name)[0]

    def titles(self, name: str) -> dict[str, str]:
        return self._known(name)[1]

    def _known(self, name: str) -> tuple[Master, dict[str, str]]:
        if name not in self._masters:
            master = Master(self._exercise.source / f"{name}.ipynb")
            self._masters[name] = master, titles_of(master.cells)
        return self._masters[name]


@lru_cache(maxsize=1)
def _desk(exercise: ToldExercise) -> _Desk:
    return _Desk(exercise)
