"""Safe reading of untrusted files: names for display, formulas, errors, endless streams and archives.

Knows neither the purpose nor the origin of a file.
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
    """A file cannot be read, or not completely. The message, in French, says why."""


def shown(name: str) -> str:
    """Return a file's name for display: no folder, no control characters, limited length."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    kept = "".join(letter if unicodedata.category(letter)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for letter in last)
    return kept if len(kept) <= 80 else f"{kept[:60]}…{kept[-15:]}"


def neutral(text: str) -> str:
    """Return a text that spreadsheets show unchanged, with an apostrophe before each part that may be a formula."""
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\g<0>'", text)


#: First characters of a formula, wherever a spreadsheet may split cells: French ones at semicolons, some at tabs.
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


#: All exceptions that reading a hostile or damaged file may raise.
UNREADABLE = (
    Trouble,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # an encrypted zip, and RecursionError
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
    """Number of bytes that may still be read."""

    def __init__(self, left: int) -> None:
        self.left = left


class Bounded(io.RawIOBase):
    """A stream that raises `Trouble` with the message `too_large` once a file exceeds its limit."""

    def __init__(self, stream: IO[bytes], budget: Budget, limit: int, too_large: str) -> None:
        super().__init__()
        self._stream, self._budget, self._left, self._too_large = stream, budget, limit, too_large

    def readable(self) -> bool:
        """Return True, as `io.RawIOBase` requires."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read the next bytes into `buffer`; return their number."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), 2**20)
        try:
            data = self._stream.read(wanted)
        except BaseException:
            # The bytes were read, even if they cannot be used.
            self._budget.left -= wanted
            raise
        self._left -= len(data)
        self._budget.left -= len(data)
        if self._left < 0 or self._budget.left < 0:
            raise Trouble(self._too_large)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the underlying stream as well."""
        self._stream.close()
        super().close()


def open_zip(stream: IO[bytes], directory: int, most: int, too_many: str) -> zipfile.ZipFile:
    """Open a zip whose directory has at most `directory` bytes and `most` files.

    zipfile reads the whole directory into memory and makes an object of each file. Python versions differ in which of
    the archive's records gives its size, and the records may contradict each other: so the bytes that zipfile reads are
    limited, rather than what the archive declares.

    Raises:
        Trouble: the directory is larger; the message is `too_many`.
        zipfile.BadZipFile: it is not a zip.
    """
    listing = _Listing(stream, directory, most, too_many)
    archive = zipfile.ZipFile(listing)
    listing.listed = True
    return archive


class _Listing:
    """A stream that, until the directory is read, refuses reads of too many bytes or of too many file records."""

    def __init__(self, stream: IO[bytes], directory: int, most: int, too_many: str) -> None:
        self._stream, self._most, self._too_many = stream, most, too_many
        self._limit = max(directory, _LONGEST_END)
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable
        self.listed = False

    def read(self, size: int = -1) -> bytes:
        """Read `size` bytes, or the rest.

        Raises:
            Trouble: there are too many bytes or records.
        """
        if self.listed:
            return self._stream.read(size)
        if size > self._limit:
            raise Trouble(self._too_many)
        # zipfile reads the rest without a size only at the end of the archive.
        data = self._stream.read(size if size >= 0 else _LONGEST_END + 1)
        if (size < 0 and len(data) > _LONGEST_END) or data.count(b"PK\x01\x02") > self._most:
            raise Trouble(self._too_many)
        return data


#: Size of the end record of a zip with the longest comment.
_LONGEST_END = 22 + 0xFFFF


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """Open a file of a zip whose decompressor never returns much more than the requested size.

    Raises:
        Trouble: it is compressed by another method than deflate, which no system uses by default. For bzip2 and the
            like, zipfile decompresses everything that it has read, and a few bytes may become gigabytes.
    """
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Trouble("sa compression n’est pas connue ici")
    return archive.open(info)
