"""A submission's files: which are read, limits on their number and size, and how copies are written."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import translate
from glob import has_magic

from reseau_kit.grading.notes import Log

#: Maximum entries of a submitted folder, more than any learner has; the rest is not read.
MAX_ENTRIES = 10_000

#: Maximum depth of folders: each is traversed for every file below it.
MAX_DEPTH = 50

#: Default limit of nbgrader's configuration, for each file beside the notebooks and for all of them.
MAX_KILOBYTES = 100_000


class LeftOut(Exception):
    """A learner's file is not copied. The message, in French, completes a sentence that names the file."""


_BLOCK_BYTES = 1_000_000


def write_file(path: str, content: bytes | Iterable[bytes], permissions: int) -> int:
    """Write a new file and return its size in bytes. A file that cannot be completed is removed."""
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        for block in (content,) if isinstance(content, bytes) else content:
            size += len(block)
            left = memoryview(block)
            while left:
                left = left[os.write(descriptor, left) :]
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, permissions)
    except BaseException:
        # Closed first: Windows cannot remove an open file.
        os.close(descriptor)
        os.unlink(path)
        raise
    os.close(descriptor)
    return size


def blocks(descriptor: int, size: int) -> Iterator[bytes]:
    """Read a file up to its size when it was opened: it may grow while it is read."""
    while size and (block := _read(descriptor, min(size, _BLOCK_BYTES))):
        size -= len(block)
        yield block


def _read(descriptor: int, size: int) -> bytes:
    try:
        return os.read(descriptor, size)
    except OSError as error:
        raise LeftOut("ne se lit pas jusqu’au bout") from error


def size_in_bytes(kilobytes: float | None) -> int:
    """Convert a limit in kilobytes to bytes; MAX_KILOBYTES if nbgrader sets none."""
    return int((MAX_KILOBYTES if kilobytes is None else kilobytes) * 1000)


def make_folders_above(target: str, name: str, made: set[str]) -> None:
    """Make the folders above a file, each only once."""
    parent = os.path.dirname(name)
    if parent not in made:
        os.makedirs(f"{target}{os.sep}{parent}", exist_ok=True)
        made.add(parent)


def parents_of(name: str) -> set[str]:
    """Return the folders above a path: « a/b » and « a » for « a/b/c »."""
    parts = name.split(os.sep)
    return {os.sep.join(parts[:count]) for count in range(1, len(parts))}


def files_in(folder: str, ignored: Callable[[str], bool], log: Log, *, own: bool = False) -> list[str]:
    """Return the paths of plain files in a folder, without ignored ones; follow links only in `own` course folders."""
    names: list[str] = []
    below, looked_at = [""], 0
    while below:
        prefix = below.pop()
        try:
            entries = os.scandir(f"{folder}{os.sep}{prefix}")
        except OSError:
            log.warning("Le dossier « %s » ne s’ouvre pas : il est laissé de côté.", prefix)
            continue
        with entries:
            for entry in entries:
                looked_at += 1
                if looked_at > MAX_ENTRIES:
                    log.warning("Il y a plus de %d fichiers : les autres sont laissés de côté.", MAX_ENTRIES)
                    return names
                name = f"{prefix}{entry.name}"
                if ignored(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if name.count(os.sep) < MAX_DEPTH:
                        below.append(f"{name}{os.sep}")
                    else:
                        log.warning("Le dossier « %s » est trop loin dans les autres : il est laissé de côté.", name)
                elif entry.is_file(follow_symlinks=own):
                    names.append(name)
                else:
                    what = (
                        "est un lien vers un autre fichier" if entry.is_symlink() else "n’est pas un fichier ordinaire"
                    )
                    log.warning("« %s » %s : il est laissé de côté.", name, what)
    return names


def ignoring(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a function that says whether a file or folder with a given name is ignored, by nbgrader's patterns."""
    # nbgrader looks for each pattern beside the file with `glob`: one with a folder in it matches nothing.
    patterns = [pattern for pattern in patterns if os.sep not in pattern]
    magic = [pattern for pattern in patterns if has_magic(pattern)]
    exactly = frozenset(patterns)
    shown = _any_of(pattern for pattern in magic if not pattern.startswith("."))
    hidden = _any_of(pattern for pattern in magic if pattern.startswith("."))

    def ignored(name: str) -> bool:
        return name in exactly or bool((hidden if name.startswith(".") else shown).match(name))

    return ignored


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")
