"""Parsers for the texts of exports: tables, JSON one element at a time, dates, names. Nothing is ever executed.

Knows no social network, and holds little in memory: an export may be larger than the machine's.
"""

import codecs
import csv
import html
import io
import json
import re
import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, TextIO
from xml.parsers import expat

from reseau_kit.network import tables
from reseau_kit.network.archives import File
from reseau_kit.system.untrusted import Trouble

#: A table's header stands within that many characters, below whatever the network writes above it.
_HEAD = 2**16

#: Maximum characters of an unclosed quote that are read again, line by line.
_MAX_HELD = 2**20

_NAME_LENGTH = 300
_TEXT_LENGTH = 20_000

#: One element of a JSON array, in characters: a conversation with all its messages is the longest.
_MAX_ELEMENT = 2**23


# --- XML ---


def parse_xml(
    document: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    *,
    entities: str,
) -> None:
    """Tell `start` of each element and its attributes, and `end` of its end.

    Raises:
        Trouble: it is not XML to its end, or declares entities, which may grow without end: `entities` says so.
    """

    def refuse(*_declaration: object) -> None:
        raise Trouble(entities)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    # Without entities there is nothing to expand, and nothing to fetch.
    parser.EntityDeclHandler = refuse
    try:
        # In one piece: fed in pieces, expat reads an endless tag again with each.
        parser.Parse(document, True)  # noqa: FBT003
    except LookupError:
        raise Trouble("il dit être écrit dans un encodage inconnu") from None
    except expat.ExpatError as error:
        raise Trouble(f"ce n’est pas du XML valable (ligne {error.lineno})") from None


# --- texts ---


def open_text(file: File, encoding: str = "") -> TextIO:
    """The text of a file, in the encoding that its bytes tell (see `encoding_of`)."""
    stream = file.open()
    # « replace », since Windows-1252 leaves five bytes without a letter, and a file may be cut within one.
    return io.TextIOWrapper(stream, encoding or encoding_of(file), errors="replace", newline="")


#: The bytes of é, è, à, ê and ç, the commonest letters of French that are not ASCII, in what a French Excel calls CSV,
#: CSV (Macintosh) and CSV (MS-DOS).
_OLD_ENCODINGS = {
    "cp1252": b"\xe9\xe8\xe0\xea\xe7",
    "mac_roman": b"\x8e\x8f\x88\x90\x8d",
    "cp850": b"\x82\x8a\x85\x88\x87",
}


def encoding_of(file: File) -> str:
    """The encoding of a file's text, from all of its bytes: UTF-8, UTF-16, or one of those that Excel still writes."""
    with file.open() as stream:
        return _encoding(iter(lambda: stream.read(2**18), b""))


def _encoding(pieces: Iterator[bytes]) -> str:
    """The encoding of a text that comes in pieces.

    One broken letter, or a cut in the middle of one, does not make a text in UTF-8 another: two bytes in a row that
    make a letter there are hardly ever met elsewhere.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    start = next(pieces, b"")
    if wide := _wide(start[: 2**12]):
        return wide
    letters = broken = 0
    old = dict.fromkeys(_OLD_ENCODINGS, 0)
    for piece in chain((start,), pieces):
        text = decoder.decode(piece)
        if not text.isascii():
            lost = text.count("\N{REPLACEMENT CHARACTER}")
            broken += lost
            letters += len(text) - len(text.encode("ascii", "ignore")) - lost
        if broken:
            for name, accents in _OLD_ENCODINGS.items():
                old[name] += sum(piece.count(byte) for byte in accents)
    broken += len(decoder.decode(b"", final=True))
    return "utf-8-sig" if letters >= broken else max(old, key=old.__getitem__)


def _wide(start: bytes) -> str:
    """UTF-32 or UTF-16, by its mark, or by the zeros that every other byte is; empty for another encoding."""
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = start[::2].count(0) * 4 > len(start), start[1::2].count(0) * 4 > len(start)
    return "utf-16-le" if odd and not even else "utf-16-be" if even and not odd else ""


class Beginning(NamedTuple):
    """Signature of a file: its name in small letters, its first bytes, and the text that they make."""

    name: str
    data: bytes
    text: str


def beginning_of(file: File) -> Beginning:
    """The first 64 KiB of a file, which may end in the middle of a letter.

    Raises:
        Trouble, OSError and whatever else `untrusted.UNREADABLE` lists: the file cannot be opened.
    """
    with file.open() as stream:
        data = stream.read(_HEAD)
    text = data.decode(_encoding(iter((data,))), "replace")
    return Beginning(file.name.lower(), data, text)


def clean(value: Any, length: int = _NAME_LENGTH) -> str | None:
    """A text as it can be stored and shown: one way to write each accent, nothing invisible; None where it is empty."""
    if not isinstance(value, str) or not value:
        return None
    text = value[: 2 * length]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(letter for letter in text if letter in "\n\t" or _is_visible(letter))
    return text.strip()[:length] or None


def clean_post(value: Any) -> str | None:
    """The text of a post, as `clean` gives it."""
    return clean(value, _TEXT_LENGTH)


def _is_visible(letter: str) -> bool:
    # Joiners make emoji and Persian words; the other format characters turn names around or hide in them.
    return letter in "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}" or unicodedata.category(letter)[0] != "C"


def mended(value: Any) -> Any:
    """A text of a Meta export, whose UTF-8 bytes were each written as a character (« PÃ©nÃ©lope »)."""
    if not isinstance(value, str):
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def text_of_html(value: Any) -> str | None:
    """The text of a small piece of HTML, paragraphs as lines; its tags are gone."""
    if not isinstance(value, str):
        return None
    lines = re.sub(r"<br\b[^<>]*>|</p>\s*<p\b[^<>]*>", "\n", value[: 4 * _TEXT_LENGTH])
    return clean_post(html.unescape(re.sub(r"<[^<>]*>", "", lines)))


def plain(name: str) -> str:
    """A column's name without case, accents or punctuation, to compare it."""
    letters = unicodedata.normalize("NFD", name.casefold())
    return " ".join(
        re.findall(r"[a-z0-9]+", "".join(letter for letter in letters if not unicodedata.combining(letter)))
    )


# --- tables ---


class Layout(NamedTuple):
    """A table's columns: the headings that each may have, as `plain` writes them; those without which it is another."""

    columns: Mapping[str, tuple[str, ...]]
    needed: frozenset[str]

    def fits(self, header: Container[str]) -> bool:
        """Whether a header has all the columns that are needed."""
        return all(any(heading in header for heading in self.columns[name]) for name in self.needed)


def headers_in(text: str) -> tuple[frozenset[str], ...]:
    """The column names of each line near the top of a text that could be a table's header."""
    found = []
    for line in text.splitlines()[:200]:
        if 1 <= len(line) < 4_000:
            names = {plain(cell) for cell in _cells(line)} - {""}
            if names:
                found.append(frozenset(names))
    return tuple(found)


def _cells(line: str, delimiter: str = "") -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter or _delimiter(line)), [])
    except csv.Error:
        return []


def _delimiter(line: str) -> str:
    """Return the column separator: a comma, or the one that a French Excel writes instead."""
    return max(",;\t", key=line.count)


def read_rows(file: File, layout: Layout) -> Iterator[dict[str, str] | int]:
    """The rows below a table's header, as texts by column; for what has not the header's shape, how many lines it is.

    A column that is not there gives empty texts. Quotes within a text may be doubled (as in CSV) or follow a backslash
    (LinkedIn's Comments): the way that leaves fewer misshapen rows is the right one.

    Raises:
        Trouble: the file has no such header, or is too long.
    """
    encoding = encoding_of(file)
    escaped = _holds(file, encoding, '\\"') and (
        _misshapen(file, encoding, layout, escaped=True) < _misshapen(file, encoding, layout, escaped=False)
    )
    yield from _rows(file, encoding, layout, escaped=escaped)


def _holds(file: File, encoding: str, what: str) -> bool:
    with open_text(file, encoding) as text:
        before = ""
        while piece := text.read(2**18):
            if what in before + piece:
                return True
            before = piece[-len(what) :]
    return False


def _misshapen(file: File, encoding: str, layout: Layout, *, escaped: bool) -> int:
    try:
        return sum(row for row in _rows(file, encoding, layout, escaped=escaped) if isinstance(row, int))
    except Trouble:
        return tables.MAX_ROWS


def _rows(file: File, encoding: str, layout: Layout, *, escaped: bool) -> Iterator[dict[str, str] | int]:
    with open_text(file, encoding) as text:
        lines = _lines(text, escaped=escaped)
        header, delimiter = _find_header(lines, layout)
        names = [plain(cell) for cell in header]
        where = {
            column: next((names.index(heading) for heading in headings if heading in names), None)
            for column, headings in layout.columns.items()
        }
        for row in _cells_below(lines, delimiter, len(header)):
            if isinstance(row, int):
                yield row
            elif any(row):
                yield {column: "" if index is None else row[index].strip() for column, index in where.items()}


def _find_header(lines: Iterator[str], layout: Layout) -> tuple[list[str], str]:
    seen = 0
    for line in lines:
        cells = _cells(line)
        if layout.fits({plain(cell) for cell in cells}):
            return cells, _delimiter(line)
        seen += len(line)
        if seen > _HEAD:
            break
    raise Trouble("il n’a pas la ligne de titres attendue")


def _cells_below(lines: Iterator[str], delimiter: str, width: int) -> Iterator[list[str] | int]:
    """Yield rows of that many cells, or empty ones; for anything else, its number of lines."""
    held: list[str] = []
    reader = csv.reader(_held(lines, held), delimiter=delimiter)
    for _ in range(tables.MAX_ROWS):
        held.clear()
        before = reader.line_num
        row: list[str] | None
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = None  # a cell without an end; the reader goes on at the next line
        taken = reader.line_num - before
        if row is not None and (len(row) == width or not any(row)):
            yield row
        elif 1 < taken == len(held):
            # A quote that nothing closes took the rows below with it.
            for line in held:
                cells = _cells(line, delimiter)
                yield cells if len(cells) == width else 1
        else:
            yield max(taken, 1)
    raise Trouble("il a plus d’un million de lignes ; la suite n’est pas lue")


def _held(lines: Iterator[str], held: list[str]) -> Iterator[str]:
    """The same lines, those of the row at hand held too, as long as they are what a row may take by mistake."""
    room = 0
    for line in lines:
        room = (room if held else _MAX_HELD) - len(line)
        if room >= 0:
            held.append(line)
        yield line


def _lines(text: TextIO, *, escaped: bool) -> Iterator[str]:
    """The lines of a text, the endless ones in pieces."""
    while line := text.readline(2**20):
        line = line.replace("\0", "")
        yield line.replace('\\"', '""') if escaped else line


# --- JSON ---


def json_items(file: File, start: str) -> Iterator[Any]:
    """The elements of the first JSON array after what the regular expression `start` finds near the top.

    They come one at a time, so that a long file needs no more memory than a short one.

    Raises:
        Trouble: there is no such array, or it is not JSON to its end.
    """
    decoder = json.JSONDecoder()
    with open_text(file, "utf-8-sig") as text:
        window, at = _after(start, text)
        left = tables.MAX_ROWS
        while left:
            at = _skip(window, at)
            if window[at : at + 1] == "]":
                return
            try:
                item, at = decoder.raw_decode(window, at)
            except RecursionError:
                raise Trouble("il est fait de trop de niveaux emboîtés") from None
            except ValueError:
                # Not JSON, or not all of it yet.
                more = text.read(max(2**18, len(window) - at)) if len(window) - at < _MAX_ELEMENT else ""
                if not more:
                    raise Trouble("il s’arrête au milieu, ou la suite n’est pas du JSON") from None
                window, at = window[at:] + more, 0
            else:
                yield item
                left -= 1
    raise Trouble("il a plus d’un million de lignes ; la suite n’est pas lue")


def _after(start: str, text: TextIO) -> tuple[str, int]:
    window = text.read(_HEAD)
    found = re.search(start + r"\s*\[", window)
    if not found:
        raise Trouble("il n’a pas la forme attendue")
    return window, found.end()


def _skip(window: str, at: int) -> int:
    found = re.compile(r"[\s,]*").match(window, at)
    return found.end() if found else at


def json_value(file: File, limit: int = 2**22) -> Any:
    """The whole of a short JSON file.

    Raises:
        Trouble: it is long, or not JSON.
    """
    with open_text(file, "utf-8-sig") as text:
        content = text.read(limit + 1)
    if len(content) > limit:
        raise Trouble("il est plus long qu’attendu")
    found = re.match(r"\s*window\.YTD[\w.]*\s*=\s*", content)
    try:
        return json.loads(content[found.end() if found else 0 :].rstrip().rstrip(";"))
    except RecursionError:
        raise Trouble("il est fait de trop de niveaux emboîtés") from None
    except ValueError:
        raise Trouble("ce n’est pas du JSON, ou il en manque une partie") from None


def at(value: Any, *path: str | int) -> Any:
    """Return the item at a path of keys and positions in a JSON value; None if there is none."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def list_at(value: Any, *path: str | int) -> list[Any]:
    """The list at a path of a JSON value; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def whole(value: Any) -> int | None:
    """A count, which some networks write as a text; None where it is none."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    return value if type(value) is int and 0 <= value < 10**15 else None


# --- dates ---

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_FRENCH_MONTHS = {"fev": 2, "avr": 4, "mai": 5, "juin": 6, "juil": 7, "aou": 8}
_CLOCK = r"(?:\D{1,6}(\d{1,2})[:h](\d{2})(?::(\d{2}))?\s*([ap]m)?(?: utc)?)?"
_ISO = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)(?:[t ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(z|utc|[+-]\d\d:?\d\d)?)?")
_OF_X = re.compile(r"[a-z]{3} ([a-z]{3}) (\d\d) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})")
_IN_WORDS = re.compile(r"(\d{1,2})(?:er)?[ -]([^\W\d]{3,9})\.?,?[ -](\d{4}|\d\d)" + _CLOCK)
_IN_NUMBERS = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)" + _CLOCK)


def read_date(text: str) -> datetime | None:
    """The moment that a text of an export says, in UTC; None where it says none between 1990 and 2100.

    A day without a time is its midnight; a time without a zone is taken for UTC. Of « 7/8/26 » the first number is
    the month where AM or PM follows (LinkedIn writes invitations so), and else the day.
    """
    return _read_date(text) if len(text) <= 60 else None


@lru_cache(maxsize=2**14)
def _read_date(text: str) -> datetime | None:
    text = " ".join(text.casefold().split())
    try:
        moment = _iso(text) or _of_x(text) or _in_words(text) or _in_numbers(text) or _seconds(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment and 1990 <= moment.year <= 2100 else None


def read_moment(value: Any) -> datetime | None:
    """The moment of a JSON value: a text, or seconds (or milliseconds) since 1970."""
    if isinstance(value, str):
        return read_date(value)
    if type(value) is int and 0 < value < 10**14:
        return read_date(str(value))
    return None


def _iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    year, month, day, clock, zone = found.groups()
    moment = datetime.fromisoformat(
        f"{year}-{month}-{day}t{clock or '00:00'}{'' if zone in (None, 'z', 'utc') else zone}"
    )
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_x(text: str) -> datetime | None:
    found = _OF_X.fullmatch(text)
    if not found:
        return None
    month, day, hour, minute, second, sign, zone_hours, zone_minutes, year = found.groups()
    ahead = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    zone = timezone(ahead if sign == "+" else -ahead)
    when = datetime(int(year), _month(month), int(day), int(hour), int(minute), int(second), tzinfo=zone)
    return when.astimezone(UTC)


def _in_words(text: str) -> datetime | None:
    found = _IN_WORDS.fullmatch(text)
    return _moment(found[3], _month(found[2]), found[1], *found.groups()[3:]) if found else None


def _in_numbers(text: str) -> datetime | None:
    found = _IN_NUMBERS.fullmatch(text)
    if not found:
        return None
    first, second = found[1], found[2]
    day, month = (second, first) if found[7] else (first, second)
    return _moment(found[3], int(month), day, *found.groups()[3:])


def _seconds(text: str) -> datetime | None:
    if not re.fullmatch(r"[0-9]{9,13}", text):
        return None
    return datetime.fromtimestamp(int(text) / (1000 if len(text) > 11 else 1), UTC)


def _month(name: str) -> int:
    letters = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    for start, number in _FRENCH_MONTHS.items():
        if letters.startswith(start):
            return number
    return _MONTHS.index(letters[:3]) + 1


def _moment(
    year: str, month: int, day: str, hour: str | None, minute: str | None, second: str | None, half: str | None
) -> datetime:
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    full_year = int(year) + (2000 if len(year) == 2 else 0)
    return datetime(full_year, month, int(day), hours, int(minute or 0), int(second or 0), tzinfo=UTC)
