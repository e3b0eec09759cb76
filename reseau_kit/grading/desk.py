"""Grades one submission: functions on plain data, shared by both ways to grade.

nbgrader's own pass, one submission at a time, and grading in volume both call them. Nothing a learner wrote is run;
the module needs neither nbgrader nor a notebook library. Faults on the course's side cost no point.
"""

import errno
import json
import os
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from reseau_kit.activities.activity import Activities
from reseau_kit.activities.author_file import read_toml
from reseau_kit.activities.loading import pack
from reseau_kit.answers.journal import (
    FILE_NAME,
    Answers,
)
from reseau_kit.answers.notebooks import (
    KEY,
    Notebook,
)
from reseau_kit.grading.exercise import (
    CellMark,
    Exercise,
    Master,
    Outcome,
    ReleasedNotebook,
    checksum,
    course_texts,
    is_autograded,
    stand_in,
)
from reseau_kit.grading.files import (
    LeftOut,
    blocks,
    files_in,
    ignoring,
    make_folders_above,
    parents_of,
    size_in_bytes,
    write_file,
)
from reseau_kit.grading.marking import Memo, mark_answers, sure_score
from reseau_kit.grading.notes import Log, Notes
from reseau_kit.grading.open_texts import place_texts
from reseau_kit.grading.submission import Submission, refuse_folder, restore
from reseau_kit.grading.timestamp import Refused, handed_in_at
from reseau_kit.system.files import open_plain_file, open_plain_file_below
from reseau_kit.system.jsontext import encode

# --- grading a folder -------------------------------------------------------------------------------------------------


def grade_folder(exercise: Exercise, student: str, submitted: Path | str, staging: Path | str) -> Outcome:
    """Grade one learner's submission, and write to `staging` the files that nbgrader leaves in the autograded folder.

    Never raises for a submission's content, follows no link, and writes nowhere else. `staging` must be missing or
    empty; nothing is written for a refused submission.

    Raises:
        OSError: `staging` cannot be written, or the trainer's files cannot be read.
    """
    folder, notes = os.fspath(submitted), Notes()
    try:
        refuse_folder(folder, student)
        timestamp = handed_in_at(folder)
    except Refused as error:
        return Outcome(student, refused=str(error), registered=False)
    bench = _bench(exercise)
    try:
        submission = Submission(folder, bench.desks, bench.stand_in, notes)
    except Refused as error:
        return Outcome(student, timestamp, refused=str(error), repairs=notes.said())
    files = bench.files_of(folder, notes)
    marks: dict[str, tuple[CellMark, ...]] = {}
    comments: dict[str, dict[str, str | None]] = {}
    texts: dict[str, bytes] = {}
    for name, desk in bench.desks.items():
        nb = submission.notebooks[name]
        if name in submission.missing:
            notes.warning("%s.ipynb : le document manque ; noté d’après le journal, s’il y en a un.", name)
        desk.grade(nb, submission.answers, notes)
        marks[name], comments[name] = _rows(nb, missing=name in submission.missing)
        texts[f"{name}.ipynb"] = encode(nb) + b"\n"
    target = os.fspath(staging)
    os.makedirs(target, exist_ok=True)
    for file_name, text in texts.items():
        write_file(f"{target}{os.sep}{file_name}", text, exercise.permissions)
    bench.write_files(folder, files, target, notes)
    unanswered = submission.unanswered
    return Outcome(student, timestamp, marks, comments, repairs=notes.said(), staged=staging, unanswered=unanswered)


class _Desk:
    """Data to grade one notebook of an exercise."""

    def __init__(self, exercise: Exercise, notebook: ReleasedNotebook) -> None:
        self.released = notebook
        self.master = Master(exercise.source / f"{notebook.name}.ipynb")
        self.texts = course_texts(self.master, notebook)
        self.kernelspec = json.loads(notebook.kernelspec) if notebook.kernelspec else None
        self.activities: Activities | None = None
        self.unusable = ""
        self._memo = Memo()
        try:
            self.activities = self.master.activities_read_by(exercise.texts)
            self.packed = pack(self.activities)
        except Exception as error:  # noqa: BLE001  a fault of the trainer's files or of the course: a person marks
            self.unusable = f"Les activités de l’exercice ne se lisent pas : {error}"

    def grade(self, nb: Notebook, answers: Answers, notes: Notes) -> None:
        """Grade a submitted notebook in place: restore its cells, place texts, mark answers."""
        restore(nb, self.released, self.texts, notes)
        if self.activities is None:
            notes.warning("%s", self.unusable)
        else:
            nb["metadata"][KEY]["activities"] = self.packed
            place_texts(nb, self.master.activities, answers.events)
        if self.kernelspec:
            nb["metadata"]["kernelspec"] = self.kernelspec
        _overwrite(nb, self.released, notes)
        mark_answers(nb, self.activities, answers.events, notes, self._memo)


def _overwrite(nb: Notebook, released: ReleasedNotebook, log: Log) -> None:
    """Restore the type of each released cell and, if it is locked, its text, as nbgrader's OverwriteCells does."""
    cells = released.by_name
    for cell in nb["cells"]:
        data = cell["metadata"].get("nbgrader")
        if not data:
            continue
        known = cells[data["grade_id"]]
        changed = cell["cell_type"] != known.cell_type
        if changed:
            cell["cell_type"] = known.cell_type
            for key in ("outputs", "execution_count"):
                cell.pop(key, None)
            if known.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
        data["checksum"] = known.checksum
        if known.locked and cell["source"] != known.source:
            cell["source"], changed = known.source, True
        if changed:
            log.warning("La cellule « %s » avait été changée : elle est remise comme dans l’exercice.", known.name)


def _rows(nb: Notebook, *, missing: bool) -> tuple[tuple[CellMark, ...], dict[str, str | None]]:
    """Return the mark of each graded cell, and nbgrader's automatic comment on each cell that a person marks."""
    marks: list[CellMark] = []
    comments: dict[str, str | None] = {}
    for cell in nb["cells"]:
        data = cell["metadata"].get("nbgrader")
        if not data:
            continue
        name, score = data["grade_id"], None
        by_hand = data["solution"] or data["task"]
        untouched = by_hand and not data["task"] and data["checksum"] == checksum(cell)
        if by_hand:
            comments[name] = "No response." if untouched else None
        if data["grade"] or data["task"]:
            if is_autograded(cell):
                score = sure_score(cell)
            elif untouched or (data["task"] and missing):
                score = 0.0
            marks.append(CellMark(name, score, score is None))
    return tuple(marks), comments


# --- files ------------------------------------------------------------------------------------------------------------


class _Bench:
    """Data to grade one exercise, loaded once per process: the desks of its notebooks and the trainer's files."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.ignored = ignoring((*exercise.ignore, "*.ipynb"))
        notebooks = sorted(exercise.notebooks, key=lambda notebook: notebook.name)
        self.desks = {notebook.name: _Desk(exercise, notebook) for notebook in notebooks}
        self._stand_ins: dict[str, Notebook] = {}
        left = {FILE_NAME, *exercise.exclude_overwriting}
        found = files_in(os.fspath(exercise.source), self.ignored, Notes(), own=True)
        #: The trainer's files by path; small ones are kept in memory.
        self.own: dict[str, bytes | None] = {name: None for name in found if name not in left}
        for name in self.own:
            path = f"{exercise.source}{os.sep}{name}"
            if os.stat(path).st_size <= _KEPT_BYTES:
                with open(path, "rb") as file:
                    self.own[name] = file.read()
        self._folders = {parent for name in self.own for parent in parents_of(name)}

    def stand_in(self, name: str) -> Notebook:
        """Return the released notebook, used in place of a missing one."""
        if name not in self._stand_ins:
            self._stand_ins[name] = stand_in(self.exercise.release, name)
        return self._stand_ins[name]

    def files_of(self, folder: str, log: Log) -> list[str]:
        """Return the paths of a submission's files to keep beside its notebooks."""
        names = []
        for name in files_in(folder, self.ignored, log):
            parents = parents_of(name)
            if name in self._folders or FILE_NAME in parents or not self.own.keys().isdisjoint(parents):
                log.warning("« %s » est à la place d’un fichier du cours : il est laissé de côté.", name)
            elif name not in self.own and name != FILE_NAME:
                names.append(name)
        # The journal is always kept.
        return [FILE_NAME, *names]

    def write_files(self, folder: str, names: Iterable[str], target: str, log: Log) -> None:
        """Copy a submission's files, then the trainer's, as nbgrader does.

        Raises:
            OSError: `target` cannot be written, or a file of the trainer's cannot be read.
        """
        largest = size_in_bytes(self.exercise.max_file_size)
        room = size_in_bytes(self.exercise.max_dir_size)
        made = {""}
        for name in names:
            try:
                make_folders_above(target, name, made)
                room -= self._copy(folder, name, target, min(largest, room))
            except LeftOut as error:
                log.warning("« %s » %s : il est laissé de côté.", name, error)
            except OSError as error:
                if error.errno not in _OF_THE_NAME:
                    raise
                log.warning("« %s » a un nom trop long : il est laissé de côté.", name)
        for name, content in self.own.items():
            make_folders_above(target, name, made)
            if content is None:
                self._copy(os.fspath(self.exercise.source), name, target, sys.maxsize, follow=True)
            else:
                write_file(f"{target}{os.sep}{name}", content, self.exercise.permissions)

    def _copy(self, folder: str, name: str, target: str, limit: int, *, follow: bool = False) -> int:
        """Copy a file of at most `limit` bytes; return its size, 0 if there is no such file.

        Raises:
            LeftOut: the file is larger, not a plain file, or unreadable.
            OSError: the copy cannot be written.
        """
        try:
            descriptor, size = (
                open_plain_file(f"{folder}{os.sep}{name}") if follow else open_plain_file_below(folder, name)
            )
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise LeftOut("n’est pas un fichier qui s’ouvre") from error
        try:
            if size > limit:
                raise LeftOut("est trop gros")
            return write_file(f"{target}{os.sep}{name}", blocks(descriptor, size), self.exercise.permissions)
        finally:
            os.close(descriptor)


_KEPT_BYTES = 1_000_000

_OF_THE_NAME = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})


def _bench(exercise: Exercise) -> _Bench:
    """Return the data of an exercise, loaded again if the trainer's files have changed."""
    global _latest  # noqa: PLW0603  one worker grades hundreds of submissions of one exercise
    latest = _latest
    if latest is None or latest[0] is not exercise:
        stamp = _stamp(exercise)
        known = _benches.get(exercise)
        if known is None or known[0] != stamp:
            if len(_benches) >= _MOST_BENCHES:
                _benches.clear()
            known = _benches[exercise] = (stamp, _Bench(exercise))
        latest = _latest = (exercise, known[1])
    return latest[1]


_MOST_BENCHES = 8

_benches: dict[Exercise, tuple[object, _Bench]] = {}

_latest: tuple[Exercise, _Bench] | None = None


def _stamp(exercise: Exercise) -> object:
    """Return a fingerprint of the files that marks depend on."""
    names = [*files_in(os.fspath(exercise.source), ignoring(()), Notes(), own=True)]
    paths = [f"{exercise.source}{os.sep}{name}" for name in names]
    paths += [f"{exercise.release}{os.sep}{notebook.name}.ipynb" for notebook in exercise.notebooks]
    stamps = [stamp for path in paths if (stamp := _stamp_of(path))]
    lent = [name for stamp in stamps if stamp[0].endswith(".toml") for name in _borrowed(*stamp)]
    return [*stamps, *(_stamp_of(f"{exercise.source}{os.sep}{name}") for name in lent)]


def _stamp_of(path: str) -> tuple[str, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return path, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=64)
def _borrowed(path: str, _changed: int, _size: int) -> tuple[str, ...]:
    """Return the files that an activities file borrows decisions from, cached by its state: stamps read it often."""
    names = read_toml(Path(path))[1].get("reprend", [])
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
