"""Erases a learner's answers from all files of a course that contain some, found by their content.

The learner's answers are those that the page would show as theirs in each folder. Files that may contain another
person's answers, or that cannot be opened or read, stay; each is named with the reason.
"""

import os
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from reseau_kit.answers.folder import Folder, course_folders
from reseau_kit.answers.journal import AUTHOR_FILE_NAME, FILE_NAME, OtherForm, as_written, in_other_form, read_lines
from reseau_kit.answers.notebooks import (
    MAX_NOTEBOOK_BYTES,
    course_metadata,
    is_of_a_course,
    load,
    read_copy,
    remove_copy,
    remove_shown,
    save,
)
from reseau_kit.answers.travel import MAX_TRAVEL_BYTES
from reseau_kit.system.files import read_plain_file
from reseau_kit.system.refusals import reason
from reseau_kit.system.untrusted import UNREADABLE, open_zip

#: Maximum entries and depth, more than any course has; entries beyond them are named and not read.
MAX_ENTRIES = 20_000
MAX_DEPTH = 30

_HEAD = 4096
_MAX_DIRECTORY = 10_000_000
_MAX_NAMES = 100_000

#: Names of files that contain answers, whatever was added to the names.
_OURS_BY_NAME = re.compile(r"\.ipynb|\.jsonl|reponses|essais-auteur", re.IGNORECASE)
#: Temporary files of `replace_file`, left by a machine that stopped.
_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{16}")
_TRAVEL = re.compile(rb'\s*\{\s*"reseau_kit"\s*:\s*\d+\s*,\s*"written"')
_ORIGIN = re.compile(rb'"origin"\s*:\s*"([0-9a-f]{8,32})"')

#: Folders of other programs: installed packages contain no answers, version control contains all earlier ones.
_INSTALLED = frozenset({"node_modules", "__pycache__"})
_VERSIONS = frozenset({".git", ".hg", ".svn"})
#: Folders of a trainer's course with other people's work.
_HANDED_IN = frozenset({"submitted", "autograded", "feedback", "release", "non-attribues", "remplaces"})

_THE_REST = "Tout le reste est effacé. Recommencez ; si un fichier résiste encore, supprimez-le vous-même."
_WHOSE = "ces réponses ont été données ailleurs, par vous ou par une autre personne ; elles sont restées"


class NotErased(Exception):
    """Some answers remain. The message, in French, has a line for each file that keeps some, with the reason."""


def erase(root: Path, *, leaving: Path | None = None) -> list[Path]:
    """Erase all answers of the course: restart journals, delete copies, remove the answers from notebooks.

    The notebook at `leaving` is open in front of the learner, whose page removes its copy. Returns the erased files.

    Raises:
        NotErased: a file keeps answers or could not be read; all others are erased.
    """
    root = root.resolve()
    search = _Search(root, leaving.resolve() if leaving else None)
    search.look()
    erased: list[Path] = []
    for path, remove in search.todo:
        try:
            # Hard links: another name of the same file may keep the answers that this one loses.
            elsewhere = search.names_elsewhere(path)
            if remove() is not False:
                erased.append(path)
                if elsewhere:
                    search.leave(path, "le même fichier a un autre nom ailleurs sur le disque, où tout est resté")
        except (OSError, ValueError) as error:
            search.leave(path, reason(error) if isinstance(error, OSError) else str(error))
    if search.left:
        raise NotErased("\n".join((*search.left, _THE_REST)))
    return erased


def is_whole_course(root: Path) -> bool:
    """Whether a folder contains the lessons of a course. Only then does everything below it belong to the course."""
    return any(is_of_a_course(path) for path in root.glob("[0-9][0-9]-*.ipynb"))


class _Search:
    """Plan for each file: what to do with it, or why it stays."""

    def __init__(self, root: Path, leaving: Path | None) -> None:
        self.root = root
        self.todo: list[tuple[Path, Callable[[], object]]] = []
        self.left: list[str] = []
        self._leaving = leaving
        self._names: Counter[tuple[int, int]] = Counter()
        self._mine: set[str] = set()

    def leave(self, path: Path, why: str) -> None:
        """Record that a file or folder keeps its content, and why."""
        place = path.relative_to(self.root).as_posix()
        self.left.append(f"« {place if place != '.' else path.name} » : {why}.")

    def names_elsewhere(self, path: Path) -> bool:
        """Whether a file has hard links besides those found in the course."""
        try:
            found = path.lstat()
        except OSError:
            return False
        return found.st_nlink > max(self._names[found.st_dev, found.st_ino], 1)

    def look(self) -> None:
        """Find all files with answers: folders first, since they tell whose an answer is."""
        files = [*self._files()]
        places = {path.parent: None for path in files if _is_journal(path) or path.suffix == ".ipynb"}
        folders = [Folder(place) for place in places if not self._is_hidden(place)]
        for folder in folders:
            own = {event.origin for event in folder.answers.events}
            self._mine |= {folder.answers.origin, *own, *folder.journal.read().accepted} - {""}
        journals = {folder.journal.path for folder in folders if self._begin_anew(folder)}
        for path in files:
            if path not in journals and path != self._leaving and not path.name.startswith("._"):
                self._decide(path)

    def _begin_anew(self, folder: Folder) -> bool:
        """Plan to restart the folder's journal, refusing the former origins; return whether there are any answers."""
        copies = [{event.origin for event in document.copy.events} for document in folder.documents]
        known = {event.origin for event in folder.answers.events}.union(*(one for one in copies if one & self._mine))
        path = folder.journal.path
        if path.is_symlink() or not (path.is_file() or known):
            return False
        self.todo.append((path, partial(folder.journal.erase, known | {folder.answers.origin})))
        return True

    def _decide(self, path: Path) -> None:
        try:
            found = _look_into(path)
        except (OSError, ValueError) as error:
            self.leave(path, reason(error) if isinstance(error, OSError) else str(error))
            return
        if found is None:
            return
        if path.is_symlink():
            self.leave(path, "c’est un lien vers un fichier qui garde des réponses, hors du cours")
        elif found.stays:
            self.todo.append((path, partial(_erase_copy, path, self._mine)))
        elif found.origins and not found.origins & self._mine:
            self.leave(path, _WHOSE)
        else:
            self.todo.append((path, partial(path.unlink, missing_ok=True)))

    def _is_hidden(self, folder: Path) -> bool:
        return any(part.startswith(".") for part in folder.relative_to(self.root).parts)

    def _files(self) -> Iterator[Path]:
        """Yield all files of the course, shallow folders first; links only if they lead out of it."""
        whole = is_whole_course(self.root)
        steps = {path for path in course_folders(self.root) if whole or _is_a_step(path)}
        below, looked_at = deque([self.root]), 0
        while below:
            folder = below.popleft()
            try:
                with os.scandir(folder) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                self.leave(folder, f"le dossier ne s’ouvre pas ({reason(error)})")
                continue
            for entry in entries:
                looked_at += 1
                if looked_at > MAX_ENTRIES:
                    many = f"il y a plus de {MAX_ENTRIES} fichiers dans le cours"
                    self.leave(folder, f"{many} ; la suite de ce dossier et les suivants n’ont pas été regardés")
                    return
                path = Path(entry.path)
                if entry.is_symlink():
                    yield from self._linked(path)
                elif entry.is_dir(follow_symlinks=False):
                    near = whole or folder != self.root or path in steps or entry.name == ".ipynb_checkpoints"
                    if near and self._goes_into(path, whole=whole):
                        below.append(path)
                elif entry.is_file(follow_symlinks=False):
                    found_here = path.lstat()
                    if found_here.st_nlink > 1:
                        self._names[found_here.st_dev, found_here.st_ino] += 1
                    yield path

    def _linked(self, path: Path) -> Iterator[Path]:
        target = path.resolve()
        if target.is_relative_to(self.root):
            return
        if target.is_dir():
            self.leave(path, "c’est un lien vers un autre dossier, qui n’a pas été regardé")
        elif target.is_file():
            yield path

    def _goes_into(self, path: Path, *, whole: bool) -> bool:
        """Whether to search a folder; names a skipped folder that may contain the learner's answers."""
        if path.name in _INSTALLED or (path / "pyvenv.cfg").exists():
            return False
        why = ""
        if path.name in _VERSIONS:
            why = "d’anciennes versions de vos fichiers y sont, avec vos réponses si elles y étaient"
        elif path.name in _HANDED_IN and (path.parent / "nbgrader_config.py").exists():
            why = "ce sont les travaux d’un cours que l’on donne ; ils sont restés"
        elif not whole and is_whole_course(path):
            why = "c’est un autre cours ; il est resté tel quel"
        elif len(path.relative_to(self.root).parts) > MAX_DEPTH:
            why = "ce dossier est trop loin dans les autres pour être regardé"
        if why:
            self.leave(path, why)
        return not why


def _is_journal(path: Path) -> bool:
    return path.name in (FILE_NAME, AUTHOR_FILE_NAME)


def _is_a_step(path: Path) -> bool:
    return (path / FILE_NAME).exists() or any(map(is_of_a_course, path.glob("*.ipynb")))


@dataclass(frozen=True, slots=True)
class _Found:
    """Content of a course file: its origins, as far as known, and whether to keep the file without its answers."""

    origins: frozenset[str]
    stays: bool = False


def _look_into(path: Path) -> _Found | None:
    """Return the course content of a file, None if there is none.

    Raises:
        OSError: the file cannot be opened, and may contain answers.
        ValueError: the file may contain answers but cannot be read; the message says why, in French.
    """
    named = _OURS_BY_NAME.search(path.name)
    try:
        head = read_plain_file(path, _HEAD)
        if head.startswith(b"PK\x03\x04"):
            _refuse_archive(path)
            return None
        start = _text(head)
        travels = _TRAVEL.match(start)
        if not named and not start.lstrip().startswith((b"{", b"[")):
            return None
        data = read_plain_file(path, MAX_TRAVEL_BYTES if travels else MAX_NOTEBOOK_BYTES)
        text = _text(data)
    except FileNotFoundError:
        return None  # a temporary file that JupyterLab deletes after saving
    except (OSError, OtherForm):
        if named:
            raise
        return None
    if travels:
        return _Found(_found_in(text))
    if path.suffix == ".ipynb":
        return _Found(frozenset(), stays=True)  # an unreadable one is tried again later, and then named
    if b'"cells"' in text and b'"reseau_kit' in text:
        return _of_a_notebook(path, data, text)
    if b'"reseau_kit"' in text and b'"folders"' in text and _found_in(text):
        return _Found(_found_in(text))  # a file of `emporter()` whose keys are in another order
    reading = read_lines(text)
    if reading.origin or reading.events:
        return _Found(frozenset({reading.origin, *(event.origin for event in reading.events)} - {""}))
    if reading.damages and named and b'"activity"' in text:
        raise ValueError("ce fichier ne se lit pas ; supprimez-le s’il est à vous")
    return None


def _of_a_notebook(path: Path, data: bytes, text: bytes) -> _Found | None:
    """Return the content of a file under another name that may be a notebook, or its beginning."""
    if _LEFTOVER.fullmatch(path.name):
        return _Found(_found_in(text))
    try:
        load(path)
    except ValueError:
        if not _found_in(text):
            return None
        why = "ce document est compressé" if in_other_form(data) else "ce document ne se lit pas"
        raise ValueError(f"{why} ; supprimez-le s’il est à vous") from None
    return _Found(frozenset(), stays=True)


def _text(data: bytes) -> bytes:
    """Return the text of a file, whatever encoding a tool gave it; most files are unchanged.

    Raises:
        OtherForm: the encoding is unknown.
    """
    return as_written(data)[0] if in_other_form(data) else data


def _found_in(text: bytes) -> frozenset[str]:
    return frozenset(name.decode() for name in _ORIGIN.findall(text))


def _refuse_archive(path: Path) -> None:
    """Check by name whether files of an archive can contain answers.

    Raises:
        ValueError: at least one can.
    """
    try:
        with path.open("rb") as file:
            names = open_zip(file, _MAX_DIRECTORY, _MAX_NAMES, "trop de fichiers").namelist()
    except UNREADABLE:  # its directory is damaged, or larger than `open_zip` reads
        names = []
    if any(map(_OURS_BY_NAME.search, (path.name, *names))):
        raise ValueError("cette archive, qui n’a pas été ouverte, contient peut-être de vos réponses")


def _erase_copy(path: Path, mine: set[str]) -> bool:
    """Remove the answers of a notebook; return whether it had any."""
    for pause in _PAUSES:
        try:
            return _without_answers(path, mine)
        except _NotMine:
            raise
        except (OSError, ValueError):
            # JupyterLab may be saving: its temporary file will disappear, the notebook will be complete again.
            if not path.exists():
                return False
            time.sleep(pause)
    return _without_answers(path, mine)


_PAUSES = (0.1, 0.4)


def _without_answers(path: Path, mine: set[str]) -> bool:
    notebook = load(path)
    ours = course_metadata(notebook)
    origins = {event.origin for event in read_copy(ours).events}
    if origins and not origins & mine:
        raise _NotMine(_WHOSE)
    if found := remove_copy(notebook) if ours else remove_shown(notebook):
        before = path.stat().st_mtime
        save(path, notebook)
        # JupyterLab takes a change within half a second for its own and would save over it without asking.
        os.utime(path, (before + 2, max(before + 2, path.stat().st_mtime)))
    return found


class _NotMine(ValueError):
    """A notebook holds only answers of origins that are not known as the learner's."""
