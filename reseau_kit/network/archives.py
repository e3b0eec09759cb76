"""The files of an export, whether it came as a zip, a tar.gz, a folder or one file, opened within limits.

Nothing is ever unpacked on the disk: files are read from where they are, and their names only serve to recognise them.
Knows no social network.
"""

import gzip
import io
import os
import stat
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from reseau_kit.system.untrusted import UNREADABLE, Bounded, Budget, Trouble, open_member, open_zip, shown, why

#: No file of an export is longer once unpacked, in bytes; what comes after is not read.
MAX_FILE = 512 * 2**20

#: Nor is all that is read of one export, however many files it has.
MAX_EXPORT = 2 * 2**30

#: An archive within an archive is held in memory, and so are all of them together.
MAX_NESTED = 128 * 2**20
MAX_ALL_NESTED = 3 * MAX_NESTED
MAX_NESTING = 3
MAX_ARCHIVES = 20

#: Files in an archive or a folder, pictures included.
MAX_FILES = 200_000
MAX_DIRECTORY = 24 * 2**20
MAX_DEPTH = 12

#: Extensions of data files in exports; pictures, pages and the like are never opened.
SUFFIXES = frozenset({".csv", ".txt", ".js", ".json", ".opml", ".xml", ".car"})

NOT_PAGES = (
    "Ce sont les données qu’il faut : demandez votre export au format JSON ou CSV, et non HTML "
    "(Facebook et Instagram proposent les deux)."
)
TOO_MANY = "il contient trop de fichiers pour être un export"
TOO_LARGE = "une fois décompressé, il est bien plus grand qu’un export"
WHOLE = "donnez l’archive telle que vous l’avez téléchargée"
DOWNLOAD_AGAIN = "téléchargez-le de nouveau, puis redonnez-le sans l’ouvrir"


class NotReadable(ValueError):
    """Nothing of an export could be read. `reasons`, French sentences, say everything that is wrong and what to do."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export: its own name, without folders, and how to open its bytes, as often as needed."""

    name: str
    open: Callable[[], IO[bytes]]


@dataclass(slots=True)
class Contents:
    """Content of an export: the files that may be data, sentences about the others, the number left unread."""

    files: list[File] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    others: int = 0
    pages: int = 0
    archives: int = 0
    names: int = 0
    budget: Budget = field(default_factory=lambda: Budget(MAX_EXPORT))
    nested: Budget = field(default_factory=lambda: Budget(MAX_ALL_NESTED))


@contextmanager
def opened(path: Path) -> Iterator[Contents]:
    """The files at `path`, a folder, an archive or a file of its own, readable until the block ends.

    Raises:
        NotReadable: there is nothing there, or nothing that an export could be.
    """
    contents = Contents()
    with ExitStack() as stack:
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                _add_folder(path, contents)
            elif not stat.S_ISREG(mode):
                raise NotReadable([f"« {shown(path.name)} » n’est ni un fichier ni un dossier ordinaire."])
            else:
                _add_file(path, contents, stack)
        except FileNotFoundError:
            raise NotReadable([_not_found(path)]) from None
        except (OSError, ValueError) as error:
            if isinstance(error, NotReadable):
                raise
            raise NotReadable([f"« {shown(path.name)} » ne s’ouvre pas : {why(error)}."]) from error
        yield contents


_OFFICE = (
    ("xl/workbook.xml", "un classeur Excel : enregistrez-le au format CSV"),
    ("word/document.xml", f"un document Word ; {WHOLE}"),
)
_OTHER_KINDS = (
    (b"%PDF", f"un document PDF ; {WHOLE}"),
    (b"\x89PNG", f"une image ; {WHOLE}"),
    (b"\xff\xd8\xff", f"une image ; {WHOLE}"),
    (b"GIF8", f"une image ; {WHOLE}"),
    (b"Rar!", "une archive RAR : décompressez-la, puis donnez le dossier obtenu"),
    (b"7z\xbc\xaf", "une archive 7z : décompressez-la, puis donnez le dossier obtenu"),
    (b"\xd0\xcf\x11\xe0", "un document de bureautique : enregistrez-le au format CSV"),
    (b"SQLite format 3", f"une base de données ; {WHOLE}"),
)


def _bounded(open_stream: Callable[[], IO[bytes]], budget: Budget) -> Callable[[], IO[bytes]]:
    return lambda: io.BufferedReader(Bounded(open_stream(), budget, MAX_FILE, TOO_LARGE), 2**16)


def _not_found(path: Path) -> str:
    advice = "vérifiez le nom du fichier et le dossier où il se trouve"
    return f"Il n’y a pas de « {shown(path.name)} » à cet endroit : {advice}."


def _add(name: str, open_stream: Callable[[], IO[bytes]], contents: Contents) -> None:
    """One file of an archive or a folder, if it may be data."""
    suffix = Path(shown(name)).suffix.lower()
    if shown(name).startswith("._") or "__MACOSX" in name:
        return  # what macOS adds to archives beside each file, under the same name
    if suffix in SUFFIXES:
        contents.files.append(File(shown(name), _bounded(open_stream, contents.budget)))
    elif suffix in (".html", ".htm"):
        contents.pages += 1
    else:
        contents.others += 1


def _count_name(contents: Contents) -> None:
    contents.names += 1
    if contents.names > MAX_FILES:
        raise Trouble(TOO_MANY)


# --- a folder ---


def _add_folder(folder: Path, contents: Contents) -> None:
    waiting = [(folder, 0)]
    while waiting:
        current, depth = waiting.pop()
        with os.scandir(current) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                _count_name(contents)
                # A link may lead anywhere, out of the export or in circles.
                if entry.is_symlink():
                    contents.others += 1
                elif entry.is_dir():
                    if depth < MAX_DEPTH:
                        waiting.append((Path(entry.path), depth + 1))
                elif entry.is_file():
                    _add_from_folder(Path(entry.path), contents)


def _add_from_folder(path: Path, contents: Contents) -> None:
    if path.suffix.lower() == ".zip":
        # A folder that holds the export as it was downloaded.
        _add_nested(path.name, lambda: path.open("rb"), contents, 1)
    else:
        _add(path.name, lambda: path.open("rb"), contents)


# --- one file ---


def _add_file(path: Path, contents: Contents, stack: ExitStack) -> None:
    with path.open("rb") as stream:
        start = stream.read(1024)
    name = shown(path.name)
    if not start:
        raise NotReadable([f"« {name} » est vide : {DOWNLOAD_AGAIN}."])
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        try:
            _add_zip(stack.enter_context(path.open("rb")), contents, stack, 0)
        except UNREADABLE as error:
            if isinstance(error, NotReadable):
                raise
            raise NotReadable([f"« {name} » ne s’ouvre pas : {why(error)} ; {DOWNLOAD_AGAIN}."]) from error
    elif start.startswith(b"\x1f\x8b"):
        _add_tar(path, contents, stack)
    else:
        _refuse_other_kinds(start, name)
        contents.files.append(File(name, _bounded(lambda: path.open("rb"), contents.budget)))


def _refuse_other_kinds(start: bytes, name: str) -> None:
    for magic, kind in _OTHER_KINDS:
        if start.startswith(magic):
            raise NotReadable([f"« {name} » n’est pas un export : c’est {kind}."])
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        raise NotReadable([f"« {name} » est une page web. {NOT_PAGES}"])


# --- zip ---


def _add_zip(stream: IO[bytes], contents: Contents, stack: ExitStack | None, depth: int) -> None:
    contents.archives += 1
    if contents.archives > MAX_ARCHIVES:
        raise Trouble("il contient trop d’archives les unes dans les autres")
    archive = open_zip(stream, MAX_DIRECTORY, MAX_FILES, TOO_MANY)
    if stack:
        stack.enter_context(archive)
    names = set(archive.namelist())
    for office, kind in _OFFICE:
        if office in names:
            raise NotReadable([f"Ce fichier n’est pas un export : c’est {kind}."])
    for info in archive.infolist():
        _count_name(contents)
        if not info.filename or info.filename.endswith("/"):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            contents.others += 1
        elif info.filename.lower().endswith(".zip"):
            _add_nested(info.filename, partial(open_member, archive, info), contents, depth + 1)
        else:
            _add(info.filename, partial(open_member, archive, info), contents)


def _add_nested(name: str, open_stream: Callable[[], IO[bytes]], contents: Contents, depth: int) -> None:
    try:
        if depth > MAX_NESTING:
            raise Trouble("il est dans trop d’archives les unes dans les autres")
        with io.BufferedReader(Bounded(open_stream(), contents.nested, MAX_NESTED, TOO_LARGE)) as stream:
            data = io.BytesIO(stream.read())
        _add_zip(data, contents, None, depth)
    except NotReadable as refusal:
        contents.skipped.extend(refusal.reasons)
    except UNREADABLE as error:
        contents.skipped.append(f"« {shown(name)} » n’a pas été lu : {why(error)}.")


# --- tar.gz ---


class _BoundedGzip(gzip.GzipFile):
    """A gzip stream that stops where it grows beyond what an export can hold, and never gives much at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0 or size > MAX_NESTED or self.tell() > MAX_EXPORT:
            raise Trouble("une fois décompressé, il est trop grand : décompressez-le et donnez le dossier obtenu")
        return super().read(size)


def _add_tar(path: Path, contents: Contents, stack: ExitStack) -> None:
    name = shown(path.name)
    try:
        unpacked = stack.enter_context(_BoundedGzip(path, "rb"))
        archive = stack.enter_context(tarfile.TarFile(fileobj=unpacked))
        for info in archive:
            _count_name(contents)
            if info.isfile():
                _add(info.name, _tar_opener(archive, info), contents)
            elif not info.isdir():
                contents.others += 1
    except UNREADABLE as error:
        reason = f"« {name} » n’a pas été lu en entier : {why(error)} ; {DOWNLOAD_AGAIN}."
        if not contents.files:
            raise NotReadable([reason]) from error
        contents.skipped.append(reason)


def _tar_opener(archive: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    def open_stream() -> IO[bytes]:
        stream = archive.extractfile(info)
        assert stream is not None, "only files are kept"
        return stream

    return open_stream
