"""A submission's files: which are read, how many bytes and folders at most, and how they are written again."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import translate
from glob import has_magic

from reseau_kit.grading.notes import Log

#: No learner hands in as many files; the rest of a larger folder is not looked at.
MAX_ENTRIES = 10_000

#: Nor folders so deep in each other, each of which is walked through for every file below.
MAX_DEPTH = 50

#: Of the files beside the notebooks, each and all together, where nbgrader's configuration says nothing.
MAX_KILOBYTES = 100_000


class LeftOut(Exception):
    """A file of a learner's that is not copied. The message, in French, goes on a sentence that names it."""


_BLOCK_BYTES = 1_000_000


def write_file(path: str, content: bytes | Iterable[bytes], permissions: int) -> int:
    """Write a file that is not there yet; how many bytes it has. What is not written to its end leaves no file."""
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
        # Closed first: Windows removes no file that is open.
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
    """A limit in kilobytes as bytes; ours where nbgrader sets none."""
    return int((MAX_KILOBYTES if kilobytes is None else kilobytes) * 1000)


def make_folders_above(target: str, name: str, made: set[str]) -> None:
    """Make the folders above a file, each once."""
    parent = os.path.dirname(name)
    if parent not in made:
        os.makedirs(f"{target}{os.sep}{parent}", exist_ok=True)
        made.add(parent)


def parents_of(name: str) -> set[str]:
    """The folders that a place stands in: « a/b » and « a » for « a/b/c »."""
    parts = name.split(os.sep)
    return {os.sep.join(parts[:count]) for count in range(1, len(parts))}


def files_in(folder: str, ignored: Callable[[str], bool], log: Log, *, own: bool = False) -> list[str]:
    """The places of a folder's plain files that are not ignored; links only where the folder is our `own`."""
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
    """Whether a file or a folder of that name is not copied, as nbgrader reads its patterns."""
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
