"""The journal of one folder: an append-only file of answer events, and the merging of its copies.

An event is one draft or one attempt. An event counts as stored only once it has been read back from the file. Reading
skips and reports damaged parts and never rewrites them. Knows nothing of what an answer means.
"""

import json
import os
import re
import reprlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Literal

from reseau_kit.system.files import PRIVATE, new_id, replace_file
from reseau_kit.system.jsontext import decode, encode
from reseau_kit.system.refusals import reason

FORMAT = 1

FILE_NAME = "reponses.jsonl"

#: Answers that authors give beside the keys go to this file, which is never released.
AUTHOR_FILE_NAME = "essais-auteur.jsonl"

MAX_VALUE_BYTES = 32_000

MAX_LINE_BYTES = 64_000

#: Maximum lines read; a full file of valid lines has fewer.
MAX_LINES = 100_000

#: Maximum file size for drafts; attempts may go on to MAX_FILE_BYTES, so that drafts never take their room.
MAX_DRAFTS_BYTES = 6_000_000

MAX_FILE_BYTES = 8_000_000

#: Maximum nesting of a value: the page sends no deeper lists, and copying them is recursive.
MAX_DEPTH = 200

Kind = Literal["draft", "attempt"]

_FIELDS = ("id", "origin", "activity", "kind", "at", "seq", "version")

_ID = re.compile(r"[0-9a-f]{8,32}")

_ACTIVITY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class NotStored(OSError):
    """An answer could not be written, or not read back. The message, in French, gives the reason and a remedy."""


@dataclass(frozen=True, slots=True)
class Event:
    """One draft or attempt.

    `seq` increases within a learner's answers and orders them, since clocks disagree; `at` is UTC, ISO 8601. `context`
    holds the decisions that the answer is judged against, so that it can be judged anywhere.
    """

    id: str
    origin: str
    seq: int
    activity: str
    version: int
    kind: Kind
    value: Any
    at: str
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def order(self) -> tuple[int, str, str]:
        """Sort key of the event, the same in every copy."""
        return (self.seq, self.at, self.id)

    def to_json(self) -> dict[str, Any]:
        """Return the event as stored in a journal line or in a notebook's metadata."""
        return {
            "v": FORMAT,
            "id": self.id,
            "origin": self.origin,
            "seq": self.seq,
            "activity": self.activity,
            "version": self.version,
            "kind": self.kind,
            "value": self.value,
            "at": self.at,
            "context": dict(self.context),
        }


@dataclass(frozen=True, slots=True)
class Damage:
    """An unusable part of a copy. `line` counts from 1; 0 if the copy has no lines."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Content of one copy: its owner's origin (empty if it names none), its events and its damaged parts.

    `accepted` and `refused` are the other origins that the learner declared to be theirs or not theirs.
    """

    origin: str = ""
    events: tuple[Event, ...] = ()
    accepted: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    damages: tuple[Damage, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """Merged copies: the learner's own events in order, and events of other origins, neither accepted nor refused."""

    origin: str = ""
    events: tuple[Event, ...] = ()
    foreign: tuple[Event, ...] = ()
    refused: frozenset[str] = frozenset()
    damages: tuple[Damage, ...] = ()

    @property
    def last_seq(self) -> int:
        """Highest sequence number in use, 0 if there is none."""
        return max((event.seq for event in self.events), default=0)

    def of(self, activity: str) -> "tuple[Event, ...]":
        """Return the events of one activity, in order."""
        return tuple(event for event in self.events if event.activity == activity)


#: `Event.order`, fast enough to sort hundreds of thousands.
_ORDER = attrgetter("seq", "at", "id")


def now() -> str:
    """Return the current time in the format of events: UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_event(data: object) -> Event:
    """Parse the event in a journal line or a metadata entry.

    Raises:
        ValueError: the data is not a valid event; the message gives the fault, in French.
    """
    if not isinstance(data, dict):
        raise ValueError("ce n’est pas un événement")
    if data.get("v") != FORMAT:
        raise ValueError(f"la version {reprlib.repr(data.get('v'))} du format est inconnue")
    fields: list[Any] = [data.get(name) for name in _FIELDS]
    id, origin, activity, kind, at, seq, version = fields
    for text in (id, origin, activity, kind, at):
        if type(text) is not str:
            raise ValueError("il manque un champ, ou il n’est pas du bon type")
    if not _ID.fullmatch(id) or not _ID.fullmatch(origin) or not _ACTIVITY.fullmatch(activity):
        raise ValueError("un identifiant a une forme inattendue")
    if kind not in ("draft", "attempt"):
        raise ValueError(f"le type d’événement {reprlib.repr(kind)} est inconnu")
    for name, count in (("seq", seq), ("version", version)):
        if type(count) is not int or not 0 < count < 2**53:
            raise ValueError(f"« {name} » n’est pas un nombre entier positif")
    try:
        if not at.isascii():  # fromisoformat accepts any separator before the time, even a lone surrogate
            raise ValueError
        datetime.fromisoformat(at)
    except ValueError as error:
        raise ValueError("la date ne se lit pas") from error
    return Event(id, origin, seq, activity, version, kind, _value(data), at, _context(data))


def _context(data: Mapping[str, Any]) -> Mapping[str, str]:
    context = data.get("context", {})
    if not isinstance(context, dict) or [text for text in context.values() if not isinstance(text, str)]:
        raise ValueError("le contexte n’est pas une suite de textes")
    if not "".join([*context, *context.values()]).isascii():
        _dump(context)  # raises for lone surrogates, which no file can hold
    return context


def _value(data: Mapping[str, Any]) -> Any:
    value = data.get("value")
    if not _is_plainly_short(value):
        dumped = _encoded(value)
        if len(dumped) > MAX_VALUE_BYTES:
            raise ValueError(f"la réponse dépasse {MAX_VALUE_BYTES // 1000} ko")
        if _depth(dumped) > MAX_DEPTH:
            raise ValueError("la réponse est trop profonde")
    return value


def _encoded(value: object) -> bytes:
    try:
        dumped = encode(value)
    except (ValueError, TypeError, RecursionError):
        return _dump(value)  # raises with the reason
    # orjson writes NaN and infinities as null; `_dump` rejects them.
    return _dump(value) if b"null" in dumped else dumped


def merge(*readings: Reading, origin: str = "") -> Answers:
    """Merge copies of one learner's answers: the union by event id, in order, with other origins set aside.

    The answers belong to `origin`, by default to the first origin that a reading names.
    """
    origin = origin or next((reading.origin for reading in readings if reading.origin), "")
    owners = [reading for reading in readings if reading.origin == origin]
    mine = {origin}.union(*(reading.accepted for reading in owners))
    refused = frozenset().union(*(reading.refused for reading in owners)) - mine
    events: dict[str, Event] = {}
    for event in (event for reading in readings for event in reading.events):
        events.setdefault(event.id, event)
    ordered = sorted(events.values(), key=_ORDER)
    return Answers(
        origin=origin,
        events=tuple(event for event in ordered if event.origin in mine),
        foreign=tuple(event for event in ordered if event.origin not in mine | refused),
        refused=refused,
        damages=tuple(damage for reading in readings for damage in reading.damages),
    )


def put_together(
    journal: Reading,
    copies: Iterable[Reading],
    diverted: Reading | None = None,
    *,
    others: Callable[[str], Iterable[Reading]] = lambda _whose: (),
    claimed: Iterable[str] = (),
) -> Answers:
    """Combine the answers of one folder: its journal, the copies in its notebooks, and answers in other files.

    The page and the grader use the same rules to find the owner's origin: the journal's first line; if it is lost, the
    only origin of the journal's events. Without a journal: the origin that the copies agree on; if no copy names one,
    the origin of `diverted` (answers written to the author's file); else the only origin in `claimed`, found in the
    further files that `others` reads for a given owner. If none of these decides, all answers are set aside.
    """
    copies, diverted = [*copies], diverted or Reading()
    claims = {copy.origin for copy in copies if copy.origin} or {diverted.origin} - {""} or {*claimed}
    own = {event.origin for event in journal.events} - journal.accepted - journal.refused
    named = {journal.origin} if journal.origin else own & claims if len(own) > 1 else own or claims
    whose = next(iter(named)) if len(named) == 1 else new_id() if own or claims else ""
    # The journal keeps the learner's decisions on other origins, whatever lines it has lost.
    return merge(replace(journal, origin=whose), *copies, diverted, *others(whose), origin=whose)


def compact(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return all attempts, and the latest draft of each activity unless a later attempt replaces it."""
    kept: dict[str, Event] = {}
    drafts: dict[str, str] = {}
    for event in sorted(events, key=_ORDER):
        kept.pop(drafts.pop(event.activity, ""), None)
        kept[event.id] = event
        if event.kind == "draft":
            drafts[event.activity] = event.id
    return tuple(kept.values())


class _NotOurForm(Exception):
    """The journal to append to was re-encoded by a tool."""


class Journal:
    """Append-only file of one folder. Several processes may append to it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Reading:
        """Read the file; a missing file reads as empty. Never raises for the file's content."""
        try:
            if not self.path.is_file() or self.path.is_symlink():
                return Reading()
            with self.path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            return Reading(damages=(Damage(0, f"le journal ne s’ouvre pas ({reason(error)})"),))
        return read_lines(data)

    def start(self, origin: str = "") -> str:
        """Return the journal's origin, after writing its first line if needed. `origin` is used for a new journal.

        Raises:
            NotStored: the first line cannot be written.
        """
        found = self.read().origin
        if found:
            return found
        # Two processes may both write a first line: the earlier one applies to both.
        self._write({"v": FORMAT, "kind": "open", "origin": origin or new_id(), "at": now()}, MAX_FILE_BYTES)
        return self.read().origin

    def append(self, event: Event) -> int:
        """Write an event and read it back; return the number of bytes added.

        Raises:
            NotStored: the event is not confirmed in the file.
        """
        if len(_dump(event.value)) > MAX_VALUE_BYTES:
            raise NotStored(f"Votre réponse dépasse {MAX_VALUE_BYTES // 1000} ko. Raccourcissez-la, puis recommencez.")
        return self._write(event.to_json(), MAX_DRAFTS_BYTES if event.kind == "draft" else MAX_FILE_BYTES)

    def decide(self, kind: Literal["accept", "refuse"], of: str) -> None:
        """Record that another origin is the learner's too, or is not. The latest decision applies.

        Raises:
            NotStored: the decision is not confirmed in the file.
        """
        self._write({"v": FORMAT, "kind": kind, "of": of, "at": now()}, MAX_FILE_BYTES)

    def erase(self, refusing: Iterable[str]) -> str:
        """Restart the journal empty, refusing the given origins and its own former ones; return the new origin.

        Origins are random names: refusing them keeps forgotten copies of the answers from being merged again.
        """
        before = self.read()
        origin = new_id()
        lines = [{"v": FORMAT, "kind": "open", "origin": origin, "at": now()}]
        former = {before.origin, *before.refused, *before.accepted, *refusing} - {"", origin}
        lines += [{"v": FORMAT, "kind": "refuse", "of": other, "at": now()} for other in sorted(former)]
        replace_file(self.path, b"".join(_dump(line) + b"\n" for line in lines), mode=PRIVATE)
        return origin

    def _write(self, record: Mapping[str, Any], room: int) -> int:
        line = _dump(record) + b"\n"
        try:
            try:
                return self._append_line(line, room)
            except _NotOurForm:
                self._bring_into_form()
                return self._append_line(line, room)
        except IsADirectoryError as error:
            raise NotStored(
                f"« {self.path.name} » est un dossier, à la place du fichier de vos réponses. "
                "Renommez-le, puis recommencez."
            ) from error
        except NotStored:
            raise
        except OSError as error:
            message = f"Le fichier « {self.path.name} » n’a pas pu être écrit ({reason(error)})."
            raise NotStored(f"{message} Vérifiez la place et les droits du dossier, puis recommencez.") from error

    def _bring_into_form(self) -> None:
        """Convert the journal back to plain UTF-8 lines: a line appended to another encoding would be lost."""
        with self.path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        try:
            text, damages = as_written(data)
            if damages:
                raise OtherForm(damages[0].reason)
        except OtherForm as error:
            raise NotStored(
                f"« {self.path.name} » n’est plus le fichier que le cours a écrit : {error}. "
                "Renommez-le, puis recommencez."
            ) from error
        replace_file(self.path, text, mode=PRIVATE)

    def _append_line(self, line: bytes, room: int) -> int:
        if self.path.is_symlink():
            raise NotStored(
                f"« {self.path.name} » est un lien vers un autre fichier. Supprimez ce lien, puis recommencez."
            )
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            size = os.fstat(descriptor).st_size
            if size + len(line) > room:
                message = f"Le fichier « {self.path.name} » est plein."
                raise NotStored(
                    f"{message} Mettez vos réponses à l’abri avec emporter(), puis prévenez l’équipe du cours."
                )
            if size:
                if in_other_form(os.read(descriptor, _MARK_BYTES)):
                    raise _NotOurForm
                os.lseek(descriptor, -1, os.SEEK_END)
                if os.read(descriptor, 1) != b"\n":
                    # An earlier write was cut short: its remainder stays on a line of its own.
                    line = b"\n" + line
            written = os.write(descriptor, line)
            os.fsync(descriptor)
            end = os.lseek(descriptor, 0, os.SEEK_CUR)
            with self.path.open("rb") as file:
                file.seek(max(0, end - len(line)))
                back = file.read(len(line))
            # Network drives may not report the position of an appended line: then search the whole file.
            if written != len(line) or (back != line and line not in self.path.read_bytes()):
                message = f"Votre réponse ne se relit pas dans « {self.path.name} »."
                raise NotStored(f"{message} Le disque est peut-être plein : faites de la place, puis recommencez.")
            return len(line)
        finally:
            os.close(descriptor)


def read_lines(data: bytes) -> Reading:
    """Parse the bytes of a journal. A damaged line is skipped and reported without affecting the others."""
    events: list[Event] = []
    decided: dict[str, bool] = {}
    origin = ""
    try:
        data, damages = as_written(data)
    except OtherForm as error:
        return Reading(damages=(Damage(0, str(error)),))
    lines = data.split(b"\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        damages.append(Damage(0, f"le journal a plus de {MAX_LINES} lignes ; la suite n’est pas lue"))
        lines.pop()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = _load(line)
            kind = record.get("kind") if isinstance(record, dict) else None
            if kind == "open":
                opened = _origin(record.get("origin"))
                origin = origin or opened
            elif kind in ("accept", "refuse"):
                decided[_origin(record.get("of"))] = kind == "accept"
            else:
                events.append(read_event(record))
        except ValueError as error:
            reason = f"{error} (ligne coupée)" if number == len(lines) else str(error)
            damages.append(Damage(number, reason))
    return Reading(
        origin=origin,
        events=tuple(events),
        accepted=frozenset(of for of, accepted in decided.items() if accepted),
        refused=frozenset(of for of, accepted in decided.items() if not accepted),
        damages=tuple(damages),
    )


class OtherForm(ValueError):
    """A journal is in an unsupported format. The message, in French, names the format and a remedy."""


def as_written(data: bytes) -> tuple[bytes, list[Damage]]:
    """Return the bytes of a journal as the course writes them, whatever a tool did: UTF-8 lines ending in line feeds.

    Decodes gzip, UTF-16, UTF-32, byte order marks and any line ends, even with UTF-8 lines appended later.

    Raises:
        OtherForm: it is another kind of archive.
    """
    damages: list[Damage] = []
    for mark, name in _ARCHIVES.items():
        if data.startswith(mark):
            raise OtherForm(f"c’est une archive {name}, qui ne se lit pas ici : mettez à sa place ce qu’elle contient")
    too_large = len(data) > MAX_FILE_BYTES
    data = data[:MAX_FILE_BYTES]
    if data.startswith(_GZIP):
        data, whole = _unzipped(data)
        too_large |= len(data) > MAX_FILE_BYTES
        if not whole and not too_large:
            damages.append(Damage(0, "le journal est compressé (gzip) et abîmé ; ce qui s’en lit est gardé"))
    if encoding := next((name for mark, name in _ENCODINGS.items() if data.startswith(mark)), ""):
        # Lines appended later are in UTF-8; their first bytes do not occur in text of the other encodings.
        at = data.find(_OURS)
        text, since = (data, b"") if at < 0 else (data[: at - at % 2], data[at:])
        data = text.decode(encoding, "replace").encode() + b"\n" + since
        too_large |= len(data) > MAX_FILE_BYTES
    if too_large:
        damages.append(Damage(0, f"le journal dépasse {MAX_FILE_BYTES // 1_000_000} Mo ; la suite n’est pas lue"))
        data = data[:MAX_FILE_BYTES]
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return _MARKS.sub(b"", data), damages


def in_other_form(data: bytes) -> bool:
    """Whether the first bytes of a file show that `as_written` must decompress or decode it."""
    return data.startswith((_GZIP, *_ENCODINGS, *_ARCHIVES))


_MARK_BYTES = 8

_GZIP = b"\x1f\x8b\x08"

#: Byte order marks at the start of a file or, where files were concatenated, of a line; elsewhere they are text.
_MARKS = re.compile(rb"^\xef\xbb\xbf", re.MULTILINE)

_OURS = b'{"v":'

#: First bytes of files in other encodings, longest first: a byte order mark, or the start of a journal line.
_ENCODINGS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b'{\0"\0': "utf-16-le",
    b'\0{\0"': "utf-16-be",
}

_ARCHIVES = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"7z\xbc\xaf": "7z", b"(\xb5/\xfd": "zstd"}


def _unzipped(data: bytes) -> tuple[bytes, bool]:
    """Decompress up to one byte above a journal's limit; return the bytes, and whether the end was reached."""
    parts: list[bytes] = []
    room, at = MAX_FILE_BYTES + 1, 0
    for _ in range(_MAX_PARTS):
        if not room or not data.startswith(_GZIP, at):
            break
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while room and at < len(data) and not unpacker.eof:
            # In small blocks, so that all blocks before a damaged one are read.
            block = data[at : at + _BLOCK]
            try:
                parts.append(unpacker.decompress(block, room))
            except zlib.error:
                return b"".join(parts), False
            room -= len(parts[-1])
            at += len(block) - len(unpacker.unused_data)
        if not unpacker.eof:
            return b"".join(parts), False
    return b"".join((*parts, data[at : at + room])), True


_BLOCK = 512

#: Maximum members of one gzip file: tools concatenate compressed files.
_MAX_PARTS = 100


def _origin(name: object) -> str:
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise ValueError("l’origine a une forme inattendue")
    return name


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _dump(value: object) -> bytes:
    try:
        return _encode(value).encode("utf-8")
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"la réponse ne peut pas être enregistrée ({_why(error)})") from error


def _why(error: Exception) -> str:
    """Return why a value cannot be written, in French."""
    match error:
        case UnicodeEncodeError():
            return "un de ses caractères ne s’écrit pas en UTF-8"
        case RecursionError():
            return "elle est trop profonde"
        case ValueError():
            return "elle contient un nombre infini, ou qui n’en est pas un, ou qui a trop de chiffres"
    return "elle contient autre chose que des textes, des nombres et des listes"


def _is_plainly_short(value: object) -> bool:
    """Whether a quick look shows that a value can be stored: most answers are short texts, or lists of them."""
    texts = value if type(value) is list and len(value) < _FEW else (value,)
    return not [text for text in texts if not (type(text) is str and len(text) < _SHORT and text.isascii())]


_FEW = 20

_SHORT = 200


def _depth(dumped: bytes) -> int:
    """Return the nesting depth of a JSON text; 0 if too shallow to matter."""
    if dumped.count(b"[") + dumped.count(b"{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for found in _TEXT_OR_BRACKET.finditer(dumped):
        match found[0]:
            case b"[" | b"{":
                depth += 1
                deepest = max(deepest, depth)
            case b"]" | b"}":
                depth -= 1
    return deepest


_TEXT_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def _load(line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise ValueError(f"la ligne dépasse {MAX_LINE_BYTES // 1000} ko")
    try:
        return decode(line, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("la ligne est trop profonde") from error
    except _NotANumber:
        raise
    except UnicodeDecodeError as error:
        raise ValueError("la ligne n’est pas en UTF-8") from error
    except ValueError as error:
        raise ValueError("la ligne ne se lit pas") from error


class _NotANumber(ValueError):
    """NaN or an infinity: Python's JSON parser accepts them, but the standard does not, and no answer has one."""


def _no_constant(name: str) -> None:
    raise _NotANumber(f"{name} n’est pas un nombre")
