"""The roster: the trainer's list of learners, and the names under which their work arrives.

Reads the lists that Moodle exports (the « formulaire d’évaluation » of an assignment, the gradebook, the participants)
and any CSV table with such headings, in French or in English. Knows no file of a submission.
"""

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from reseau_kit.french.comparing import simplified
from reseau_kit.system.refusals import reason
from reseau_kit.system.untrusted import shown

#: Recognised headings by their role, in lower case and without accents.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "student": ("student_id", "student id", "student", "eleve", "etudiant", "apprenant", "dossier"),
    "record": ("identifiant", "identifier", "id"),
    "username": ("nom d'utilisateur", "username", "login"),
    "email": ("adresse de courriel", "courriel", "email address", "email", "e-mail", "adresse e-mail", "adresse mail"),
    "idnumber": ("numero d'identification", "id number", "idnumber"),
    "number": ("numero de participant", "participant", "participant number"),
    "name": ("nom complet", "full name", "nom et prenom", "prenom et nom", "name"),
    "first": ("prenom", "prenom(s)", "first name"),
    "last": ("nom", "nom de famille", "last name", "surname"),
    "date": ("derniere modification (travail remis)", "last modified (submission)", "date de remise"),
}

_MAX_BYTES = 100_000_000
#: Moodle's participant numbers, as in French, English and most other languages, with or without a space.
_RECORD = re.compile(r"participant[a-z]*\s*(\d+)", re.IGNORECASE)
_SAFE_ID = re.compile(r"[\w@-][\w.@-]{0,98}[\w@-]|[\w@-]")


class NotAList(ValueError):
    """The list of learners cannot be used. The message, in French, names every fault, one per line."""


@dataclass(frozen=True, slots=True)
class Person:
    """A learner of the list. `id` is nbgrader's; `submitted` is the time of the hand-in in UTC, if the list has it."""

    id: str
    name: str = ""
    number: str = ""
    aliases: frozenset[str] = frozenset()
    submitted: datetime | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """The learner to whom a name belongs. `sure` means by a number or an address; `reason` says why there is none."""

    person: Person | None = None
    sure: bool = False
    reason: str = ""


class Roster:
    """The learners of a list, searchable by any of their names."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = tuple(people)
        self._by_number = {person.number: person for person in self.people if person.number}
        told = Counter(alias for person in self.people for alias in person.aliases)
        # An address shared by a family identifies none of its members.
        self._by_alias = {
            alias: person
            for person in self.people
            for alias in person.aliases
            if told[alias] == 1 or alias == person.id.casefold()
        }
        self._by_name: dict[tuple[str, ...], list[Person]] = defaultdict(list)
        self._by_word: dict[str, list[Person]] = defaultdict(list)
        for person in self.people:
            if words := name_words(person.name):
                self._by_name[tuple(sorted(words))].append(person)
                self._by_word[words[0]].append(person)

    def find(self, name: str, number: str = "") -> Match:
        """Return the learner with that name and, if given, that Moodle number."""
        words = tuple(sorted(name_words(name)))
        if (person := self._by_number.get(number)) and (
            not person.name or is_anonymous(name) or tuple(sorted(name_words(person.name))) == words
        ):
            return Match(person, sure=True)
        if person := self._by_alias.get(name.strip().casefold()):
            return Match(person, sure=True)
        found = self._by_name.get(words, [])
        if len(found) == 1:
            return Match(found[0])
        if found:
            return Match(reason=f"{len(found)} personnes de la liste portent ce nom")
        return Match(reason="cette personne n’est pas dans la liste")

    def find_in(self, text: str) -> Match:
        """Return the learner whose name, address or identifier occurs in a text, such as a file's name."""
        for alias in re.findall(r"[\w.@+-]+", text.casefold()):
            if person := self._by_alias.get(alias.strip(".-")):
                return Match(person, sure=True)
        words = set(name_words(text))
        found = {
            person.id: person
            for word in words
            for person in self._by_word.get(word, ())
            if words.issuperset(name_words(person.name))
        }
        if len(found) == 1:
            return Match(next(iter(found.values())))
        if found:
            return Match(reason=f"ce nom peut être celui de {len(found)} personnes de la liste")
        return Match(reason="aucun nom de la liste ne s’y trouve")


def read_roster(path: Path, zone: tzinfo | None = None) -> Roster:
    """Read the learners of a CSV file. Its dates are in the time zone `zone`, by default this machine's.

    Raises:
        NotAList: it is not a list of learners, or two people have one identifier; the message has up to 20 faults.
    """
    rows, columns = _rows(path)
    faults: list[str] = []
    drafts: list[tuple[int, Person, str]] = []
    for line, row in rows:
        values = {role: row[place].strip() for role, place in columns.items() if place < len(row)}
        if not any(values.values()):
            continue
        person, id = _person(values, zone)
        if id and not _SAFE_ID.fullmatch(id):
            faults.append(f"{path.name}, ligne {line} : « {id[:60]} » ne peut pas nommer un dossier")
        drafts.append((line, person, id))
    people = _named(drafts, path.name, faults)
    if faults:
        raise NotAList("\n".join(faults[:20] + ([f"et {len(faults) - 20} autres fautes"] if len(faults) > 20 else [])))
    return Roster(people)


def slug(text: str) -> str:
    """Return a name as a safe folder name: « elodie-menard » for « Élodie Ménard »."""
    return "-".join(name_words(text))[:80].strip("-")


def name_words(name: str) -> list[str]:
    """Return the words of a name in lower case, without accents or apostrophes, which Moodle's file names drop too."""
    return re.findall(r"[^\W_]+", re.sub(r"['’ʼ`]", "", simplified(name)))


def is_anonymous(name: str) -> bool:
    """Whether Moodle hid the name, as it does for blind marking."""
    return simplified(name.strip()) == "participant"


# --- reading ----------------------------------------------------------------------------------------------------------


#: Maximum headings shown, to tell which file was taken for the roster.
_SHOWN = 6


def _rows(path: Path) -> tuple[list[tuple[int, list[str]]], dict[str, int]]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise NotAList(f"{path.name} : ce fichier est trop grand pour une liste")
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise NotAList(f"{path.name} : ce fichier ne s’ouvre pas ({reason(error)})") from error
    header = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(";,\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = [(reader.line_num, row) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise NotAList(f"{path.name}, ligne {reader.line_num} : ce n’est pas un tableau CSV lisible") from error
    names = [simplified(name).strip() for name in rows[0][1]] if rows else []
    columns = {role: names.index(name) for role, known in HEADINGS.items() for name in reversed(known) if name in names}
    if not columns.keys() & {"student", "record", "username", "email", "idnumber", "name", "last"}:
        expected = "« Nom complet », « Adresse de courriel », « Identifiant » ou « Nom d’utilisateur »"
        there = ", ".join(f"« {shown(name.strip())} »" for name in (rows[0][1][:_SHOWN] if rows else ()))
        found = f"on y lit {there}" if there else "ce fichier est vide"
        asked = f"la première ligne doit en nommer, comme {expected}"
        raise NotAList(f"{path.name} : aucune colonne n’est reconnue ; {asked} ; {found}")
    return rows[1:], columns


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _person(values: Mapping[str, str], zone: tzinfo | None) -> tuple[Person, str]:
    """Return a row's person and identifier; the identifier is empty if the row has none yet."""
    record, number = values.get("record", ""), values.get("number", "")
    if found := _RECORD.fullmatch(record):
        record, number = "", number or found[1]
    elif found := _RECORD.fullmatch(number):
        number = found[1]
    name = values.get("name") or " ".join(filter(None, (values.get("first"), values.get("last"))))
    given = [values.get(role, "") for role in ("student", "username", "email", "idnumber")]
    id = given[0] or record
    if not id and (other := next(filter(None, given[1:]), "")):
        # The person did not choose the address as a folder's name: an apostrophe in it is replaced.
        id = re.sub(r"[^\w.@-]+", "-", other).strip(".-")
    aliases = frozenset(alias.casefold() for alias in (*given, record, id) if alias)
    return Person(id, name, number, aliases, read_date(values.get("date", ""), zone)), id


def _named(drafts: list[tuple[int, Person, str]], file: str, faults: list[str]) -> list[Person]:
    """Return the people, giving each a unique identifier."""
    shared: dict[str, int] = defaultdict(int)
    for _, person, id in drafts:
        if not id:
            shared[slug(person.name)] += 1
    people: dict[str, tuple[int, Person]] = {}
    for line, person, given in drafts:
        id = given or slug(person.name)
        if not given and (shared[id] > 1 or not id or is_anonymous(person.name)):
            if not person.number:
                faults.append(f"{file}, ligne {line} : rien ne distingue cette personne d’une autre du même nom")
                continue
            id = f"{id or 'participant'}-{person.number}"
        made = Person(id, person.name, person.number, person.aliases | {id.casefold()}, person.submitted)
        before = people.setdefault(id.casefold(), (line, made))
        if before[1] != made:
            faults.append(f"{file}, ligne {line} : « {id} » est déjà l’identifiant de la ligne {before[0]}")
    return [person for _, person in people.values()]


_MONTHS = {
    **{name: place for place, name in enumerate("jan fev mar avr mai juin juil aou sep oct nov dec".split(), 1)},
    **{name: place for place, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)},
}
_IN_WORDS = re.compile(r"(\d{1,2})\s+([a-z]+)\.?\s+(\d{4})\D{1,6}(\d{1,2})[:h](\d{2})(?::(\d{2}))?\s*([ap]m)?")
_IN_FIGURES = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[ t](\d{2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(z|utc|[+-]\d{2}:?\d{2})?"
)


def read_date(text: str, zone: tzinfo | None = None) -> datetime | None:
    """Parse a time in Moodle's French or English, or as 2026-11-22 14:05; return it in UTC, None if there is none."""
    plain = " ".join(simplified(unicodedata.normalize("NFKC", text)).split())
    try:
        if found := _IN_FIGURES.search(plain):
            *parts, offset = found.groups()
            told = datetime(*(int(part or 0) for part in parts))  # type: ignore[arg-type]  # noqa: DTZ001
            if offset:
                exact = "+0000" if offset in ("z", "utc") else offset.replace(":", "")
                return datetime.strptime(f"{told:%Y-%m-%d %H:%M:%S} {exact}", "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
        elif found := _IN_WORDS.search(plain):
            day, month, year, hour, minute, second, half = found.groups()
            hours = int(hour) % 12 + (12 if half == "pm" else 0) if half else int(hour)
            known = next((_MONTHS[month[:size]] for size in (4, 3) if month[:size] in _MONTHS), 0)
            told = datetime(int(year), known, int(day), hours, int(minute), int(second or 0))  # noqa: DTZ001
        else:
            return None
        return told.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
