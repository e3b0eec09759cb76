"""Safe reading of untrusted files: names to show, formulas, errors, endless streams and archives.

Knows neither what the file is for nor where it came from.
"""

import gzip
import io
import re
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Trouble(Exception):
    """One file cannot be read, or not to its end. The message, in French, says why."""


def shown(name: str) -> str:
    """A file's name as a sentence can hold it: no folder, no control character, not endless."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    kept = "".join(letter if unicodedata.category(letter)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for letter in last)
    return kept if len(kept) <= 80 else f"{kept[:60]}…{kept[-15:]}"


def neutral(text: str) -> str:
    """A text that a spreadsheet shows as it is, where it would take it or a part of it for a formula."""
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\g<0>'", text)


#: First signs of a formula, wherever a spreadsheet may see a new cell: French ones cut at semicolons, some at tabs.
_FORMULA = re.compile(r"^(?=[\t\r])|(?:^|[,;\t\r\n|])[\s\"]*(?=[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def why(error: BaseException) -> str:
    """Return a short French description of a read error."""
    if isinstance(error, Trouble):
        return str(error)
    for kinds, words in _MEANINGS:
        if isinstance(error, kinds):
            return words
    if isinstance(error, OSError) and error.strerror:
        return "l’ordinateur n’a pas pu le lire"
    return "son contenu n’a pas la forme attendue"


#: All that reading a hostile or damaged file may raise.
UNREADABLE = (
    Trouble,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # an encrypted zip; RecursionError too
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tarfile.TarError,
    MemoryError,
)

_MEANINGS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((PermissionError,), "vous n’avez pas le droit de le lire"),
    ((zipfile.BadZipFile, zlib.error, tarfile.TarError, gzip.BadGzipFile, struct.error), "il est abîmé ou incomplet"),
    ((EOFError,), "il s’arrête au milieu"),
    ((RecursionError,), "il est fait de trop de niveaux emboîtés"),
    ((NotImplementedError,), "sa compression n’est pas connue ici"),
    ((RuntimeError,), "il est protégé par un mot de passe"),
    ((MemoryError,), "il est trop grand"),
)


class Budget:
    """Budget of bytes that may still be read."""

    def __init__(self, left: int) -> None:
        self.left = left


class Bounded(io.RawIOBase):
    """A stream that stops, with `Trouble` and the words of `too_large`, where a file grows beyond its limit."""

    def __init__(self, stream: IO[bytes], budget: Budget, limit: int, too_large: str) -> None:
        super().__init__()
        self._stream, self._budget, self._left, self._too_large = stream, budget, limit, too_large

    def readable(self) -> bool:
        """As `io.RawIOBase` asks."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """The next bytes, put in `buffer`, and how many they are."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), 2**20)
        try:
            data = self._stream.read(wanted)
        except BaseException:
            # It has been read, and cannot be used.
            self._budget.left -= wanted
            raise
        self._left -= len(data)
        self._budget.left -= len(data)
        if self._left < 0 or self._budget.left < 0:
            raise Trouble(self._too_large)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the stream that is read, too."""
        self._stream.close()
        super().close()


def open_zip(stream: IO[bytes], directory: int, most: int, too_many: str) -> zipfile.ZipFile:
    """The zip that a stream holds, with a list of no more than so many bytes and files.

    zipfile reads the list into memory whole, and makes an object of each file. Which of an archive's records tells it
    how much that is differs from one Python to another, and the records may contradict each other: so it is what
    zipfile reads that is bounded, not what an archive says.

    Raises:
        Trouble: the list is longer; the message is `too_many`.
        zipfile.BadZipFile: it is no zip.
    """
    listing = _Listing(stream, directory, most, too_many)
    archive = zipfile.ZipFile(listing)
    listing.listed = True
    return archive


class _Listing:
    """A stream of which, until its files are listed, nothing is read that is longer, or of more files, than may be."""

    def __init__(self, stream: IO[bytes], directory: int, most: int, too_many: str) -> None:
        self._stream, self._most, self._too_many = stream, most, too_many
        self._limit = max(directory, _LONGEST_END)
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable
        self.listed = False

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or all that are left.

        Raises:
            Trouble: they are too many.
        """
        if self.listed:
            return self._stream.read(size)
        if size > self._limit:
            raise Trouble(self._too_many)
        # Only of the archive's end is all read that is left.
        data = self._stream.read(size if size >= 0 else _LONGEST_END + 1)
        if (size < 0 and len(data) > _LONGEST_END) or data.count(b"PK\x01\x02") > self._most:
            raise Trouble(self._too_many)
        return data


#: The end of a zip with the longest comment.
_LONGEST_END = 22 + 0xFFFF


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """A file of a zip, which never gives much more at once than it is asked for.

    Raises:
        Trouble: it is packed otherwise than by deflate, as no system does by itself. Of bzip2 and the like zipfile
            unpacks all that it has read, and a few bytes may become gigabytes.
    """
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Trouble("sa compression n’est pas connue ici")
    return archive.open(info)
