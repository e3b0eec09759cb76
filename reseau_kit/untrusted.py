"""What reading a stranger's file may meet: names to show, formulas, errors to tell, streams and archives without end.

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


#: What begins a formula, wherever a spreadsheet may see a new cell: French ones cut at semicolons, some at tabs.
_FORMULA = re.compile(r"^(?=[\t\r])|(?:^|[,;\t\r\n|])[\s\"]*(?=[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def why(error: BaseException) -> str:
    """What an error met while reading means, in a few French words."""
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
    """How many bytes may still be read of what was given."""

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
        data = self._stream.read(min(len(view), 2**20))
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


def directory_size(stream: IO[bytes]) -> int:
    """How long the list of a zip's files says it is, in bytes: zipfile reads the whole of it into memory.

    PKWARE APPNOTE 6.3.10, 4.3.14 to 4.3.16.
    """
    end = stream.seek(0, io.SEEK_END)
    start = stream.seek(max(0, end - 65_557))
    tail = stream.read()
    stream.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + 22 > len(tail):
        return 0  # zipfile will say that it is no zip
    (size,) = struct.unpack_from("<L", tail, at + 12)
    if size != 0xFFFFFFFF:
        return int(size)
    locator = at - 20
    if locator < 0 or tail[locator : locator + 4] != b"PK\x06\x07":
        return int(size)
    (offset,) = struct.unpack_from("<Q", tail, locator + 8)
    if not start <= offset <= end - 56:
        return int(size)
    (size,) = struct.unpack_from("<Q", tail, offset - start + 40)
    return int(size)
