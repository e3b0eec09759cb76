"""Files of a zip or folder with many hand-ins: the path and date of each, and how to read it within limits.

Nothing is extracted to folders here, and names cannot lead out of a folder: their parts are checked one by one, and
files with invalid names are reported instead of listed. Knows no course and no learner.
"""

import io
import os
import re
import stat
import struct
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import IO

from reseau_kit.system.untrusted import UNREADABLE, Bounded, Budget, Trouble, open_member, open_zip, shown, why

#: Maximum files collected at once, and bytes of a zip's directory: a hundred thousand learners with several files each.
MAX_FILES = 1_000_000
MAX_DIRECTORY = 256 * 2**20

#: Limits for archives inside a deposit: files and bytes of directory of each, number, unpacked bytes, and nesting.
MAX_NESTED_FILES = 2_000
MAX_NESTED_DIRECTORY = 2**20
MAX_NESTED_ARCHIVES = 20
MAX_NESTED = 200 * 2**20
MAX_NESTING = 2

#: Maximum bytes of one file, equal to nbgrader's limit.
MAX_FILE = 100_000_000
TOO_LARGE = "il est trop grand pour être un travail"
TOO_MUCH = "avec le reste, il est trop grand pour un travail"

_DEPTH = 20
_MEMORY = 4 * 2**20
_BLOCK = 2**18

#: Files that systems and editors leave beside people's own.
_LITTER = re.compile(r"__MACOSX|\.DS_Store|\._.*|Thumbs\.db|desktop\.ini|\.ipynb_checkpoints|__pycache__|~\$.*")

#: Names that Windows reserves for devices, whatever their extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[<>:"|?*\x00-\x1f\x7f/\\]')


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its path in the deposit, its date, and a function to open it, as often as needed.

    `modified` is the file's own date in UTC, None if unknown. `size` is the size that it declares, in bytes.
    """

    path: tuple[str, ...]
    modified: datetime | None
    open: Callable[[], IO[bytes]]
    size: int = 0

    @property
    def name(self) -> str:
        """Name of the file without its folders."""
        return self.path[-1]

    def stream(self, budget: Budget, limit: int = MAX_FILE) -> io.BufferedReader:
        """Open the file; every byte read counts against `budget`.

        Raises:
            Trouble and the other exceptions of `untrusted.UNREADABLE`: it cannot be opened, or declares more bytes than
            the limit. Reading raises them too, if the file exceeds the limit or is damaged.
        """
        if self.size > limit:
            raise Trouble(TOO_LARGE)
        if self.size > budget.left:
            raise Trouble(TOO_MUCH)
        return io.BufferedReader(Bounded(self.open(), budget, limit, TOO_LARGE), _BLOCK)

    def read(self, limit: int = MAX_FILE, budget: Budget | None = None) -> bytes:
        """Read the whole file.

        Raises:
            Trouble and the other exceptions of `untrusted.UNREADABLE`: it cannot be read, or exceeds the limit.
        """
        with self.stream(budget or Budget(limit), limit) as stream:
            return stream.read()


@dataclass(slots=True)
class Files:
    """Content of a zip or a folder. `troubles` are pairs of a path and a French sentence on a file left in place."""

    entries: list[Entry] = field(default_factory=list)
    troubles: list[tuple[tuple[str, ...], str]] = field(default_factory=list)

    def refuse(self, path: tuple[str, ...], reason: str) -> None:
        """Record why a file is not among the entries."""
        self.troubles.append((path, reason))


@contextmanager
def opened(path: Path, zone: tzinfo | None = None) -> Iterator[Files]:
    """Yield the files of a folder or of a zip, or a single notebook; they are readable until the block ends.

    A zip gives dates in the local time of its origin: `zone`, by default this machine's.

    Raises:
        Trouble: the path is none of these. The message, in French, says why.
    """
    files = Files()
    with ExitStack() as stack:
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                _add_folder(path, files)
            elif not stat.S_ISREG(mode):
                raise Trouble("ce n’est ni un fichier ni un dossier ordinaire")
            else:
                stream = stack.enter_context(path.open("rb"))
                if path.suffix.lower() == ".ipynb":
                    files.entries.append(_on_disk(path, (path.name,)))
                elif zipfile.is_zipfile(stream):
                    _add_zip(stream, files, zone, MAX_FILES, MAX_DIRECTORY)
                else:
                    raise Trouble("ce n’est ni un dossier, ni une archive .zip, ni un document .ipynb")
        except FileNotFoundError:
            raise Trouble("il n’y a rien de ce nom à cet endroit") from None
        except UNREADABLE as error:
            raise Trouble(why(error)) from error
        yield files


def unpacked(entries: list[Entry], stack: ExitStack, zone: tzinfo | None = None) -> Files:
    """Replace the archives among some files by their content, at the archives' paths, readable until the stack closes.

    An archive that cannot be read stays unchanged, and is reported.
    """
    files, budget, count = Files(), Budget(MAX_NESTED), 0
    waiting = [(entry, 0) for entry in reversed(entries)]
    while waiting:
        entry, depth = waiting.pop()
        if not entry.name.lower().endswith(".zip"):
            files.entries.append(entry)
            continue
        inside, count = Files(), count + 1
        try:
            if depth >= MAX_NESTING or count > MAX_NESTED_ARCHIVES:
                raise Trouble("il y a trop d’archives les unes dans les autres")
            if len(files.entries) > MAX_NESTED_FILES:
                raise Trouble("il y a trop de fichiers pour un travail")
            with ExitStack() as mine:
                copy = mine.enter_context(tempfile.SpooledTemporaryFile(max_size=_MEMORY))
                with entry.stream(budget) as stream:
                    while block := stream.read(_BLOCK):
                        copy.write(block)
                _add_zip(copy, inside, zone, MAX_NESTED_FILES, MAX_NESTED_DIRECTORY)
                # Kept open on success only: a failed archive leaves nothing on the disk.
                stack.push(mine.pop_all())
        except UNREADABLE as error:
            files.entries.append(entry)
            files.refuse(entry.path, f"L’archive « {shown(entry.name)} » n’a pas été ouverte : {why(error)}.")
            continue
        folder = entry.path[:-1]
        files.troubles += [(folder + path, reason) for path, reason in inside.troubles]
        waiting += [(replace(one, path=folder + one.path), depth + 1) for one in reversed(inside.entries)]
    return files


def storable(name: str) -> str:
    """Return a name that any file system can store; valid names stay unchanged."""
    kept = _NOT_IN_NAMES.sub("_", unicodedata.normalize("NFC", name).encode("utf-8", "replace").decode())
    kept = kept.rstrip(". ").lstrip(" ")
    if _DEVICES.fullmatch(kept) or kept.startswith("."):
        kept = f"_{kept}"
    stem, dot, suffix = kept.rpartition(".")
    if len(kept) > 120:
        kept = f"{stem[:90]}{dot}{suffix[:20]}" if stem else kept[:110]
    return kept or "_"


# --- a folder ---------------------------------------------------------------------------------------------------------


def _add_folder(folder: Path, files: Files) -> None:
    waiting: list[tuple[Path, tuple[str, ...]]] = [(folder, ())]
    while waiting:
        current, above = waiting.pop()
        try:
            with os.scandir(current) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            if not above:
                raise
            files.refuse(above, f"« {shown(above[-1])} » ne s’ouvre pas : {why(error)}.")
            continue
        for entry in entries:
            if _LITTER.fullmatch(entry.name):
                continue
            path = (*above, _text(os.fsencode(entry.name).decode("utf-8", "replace")))
            if len(files.entries) >= MAX_FILES:
                raise Trouble("il contient trop de fichiers")
            if any(unicodedata.category(letter) == "Cc" for letter in path[-1]):
                files.refuse(path, f"« {shown(path[-1])} » a un nom fait de caractères invisibles.")
            elif entry.is_symlink():
                files.refuse(path, f"« {shown(path[-1])} » est un lien vers un autre endroit : il n’a pas été suivi.")
            elif entry.is_dir():
                if len(path) < _DEPTH:
                    waiting.append((Path(entry.path), path))
                else:
                    files.refuse(path, f"« {shown(path[-1])} » est dans trop de dossiers emboîtés.")
            elif entry.is_file():
                files.entries.append(_on_disk(Path(entry.path), path))
            else:
                files.refuse(path, f"« {shown(path[-1])} » n’est pas un fichier ordinaire.")


def _on_disk(path: Path, parts: tuple[str, ...]) -> Entry:
    size, modified = 0, None
    try:
        found = path.stat()
        size, modified = found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)
    except (ValueError, OverflowError, OSError):
        pass  # some disks hold dates out of range
    return Entry(parts, modified, lambda: _open_plain(path), size)


def _open_plain(path: Path) -> IO[bytes]:
    """Open a file without following a link, even if it became one after it was listed."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags), "rb")


# --- a zip ------------------------------------------------------------------------------------------------------------


def _add_zip(stream: IO[bytes], files: Files, zone: tzinfo | None, most: int, directory: int) -> None:
    archive = open_zip(stream, directory, most, "elle contient trop de fichiers")
    for info in archive.infolist():
        name = _text(_decoded(info))
        path = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
        if name.endswith(("/", "\\")) or any(_LITTER.fullmatch(part) for part in path):
            continue
        if reason := _unfit(info, name, path):
            files.refuse(path, f"« {shown(name)} » {reason}.")
        else:
            files.entries.append(Entry(path, _date(info, zone), partial(open_member, archive, info), info.file_size))


def _unfit(info: zipfile.ZipInfo, name: str, path: tuple[str, ...]) -> str:
    """Return why a file of a zip is not read, in French; empty if it is."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not path or ".." in path or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "a un nom qui mène hors de l’archive : il y est resté"
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return "a un nom fait de caractères invisibles : il est resté dans l’archive"
    if len(path) > _DEPTH:
        return "est dans trop de dossiers emboîtés : il est resté dans l’archive"
    if kind == stat.S_IFLNK:
        return "est un lien vers un autre endroit : il n’a pas été suivi"
    if kind not in (0, stat.S_IFREG):
        return "n’est pas un fichier ordinaire : il est resté dans l’archive"
    if info.flag_bits & 1:
        return "est protégé par un mot de passe : il est resté dans l’archive"
    if info.file_size > MAX_FILE:
        return "est trop grand pour un travail : il est resté dans l’archive"
    return ""


def _decoded(info: zipfile.ZipInfo) -> str:
    """Return a name as its writer meant it: without the UTF-8 flag it may be UTF-8 anyway, else MS-DOS French (850)."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename  # it came from the archive's Unicode field
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp850")


def _text(name: str) -> str:
    # macOS decomposes é into e and an accent.
    return unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())


def _date(info: zipfile.ZipInfo, zone: tzinfo | None) -> datetime | None:
    """Return the time of a file's last change: from the zip's UTC field, else from its local time in `zone`."""
    extra = info.extra
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<HH", extra)
        if tag == 0x5455 and length >= 5 and len(extra) >= 9 and extra[4] & 1:
            return datetime.fromtimestamp(struct.unpack_from("<l", extra, 5)[0], UTC)
        extra = extra[4 + length :]
    try:
        told = datetime(*info.date_time)  # noqa: DTZ001  a zip says no zone
        return told.replace(tzinfo=zone).astimezone(UTC) if told.year > 1980 else None
    except (ValueError, OverflowError, OSError):
        return None
