"""Finds the owner of a deposit: compares names of files and folders with the roster."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.answers.journal import FILE_NAME
from reseau_kit.collecting.deposits import Entry
from reseau_kit.collecting.roster import Person, Roster, name_words, slug

if TYPE_CHECKING:
    pass


#: « Prénom NOM_12345_assignsubmission_file » then « / » or, up to Moodle 4.0, « _/ », or « _ » and a file's name. The
#: number is the participant's in one assignment; teams without a group have none. See `docs/ramassage.md`.
_MOODLE = re.compile(
    r"(?P<name>[^_]*)_(?:(?P<number>\d+)_)?assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<rest>.*))?", re.DOTALL
)

#: Words that people add to file names and that are not names of people.
ADDED = frozenset("copie copy final finale definitif version rendu devoir atelier reponses notebook document".split())

_COPY_OF = (["copie", "de"], ["copy", "of"])

# --- deposits and their owners ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Deposit:
    """Files of one learner, as far as names tell: `entries` with paths inside the deposit, `kept` with whole paths."""

    label: str
    name: str
    number: str = ""
    moodle: bool = False
    entries: list[Entry] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry, path: tuple[str, ...]) -> None:
        """Add a file to this deposit, under its path there."""
        self.entries.append(replace(entry, path=path))
        self.kept.append(entry)


@dataclass(frozen=True, slots=True)
class Owner:
    """Owner of a deposit. `sure`: by more than a name, which others may share; `reason` says why there is none."""

    student: str = ""
    person: Person | None = None
    sure: bool = False
    reason: str = ""


def grouped(entries: Iterable[Entry], document_names: Iterable[str]) -> list[Deposit]:
    """Group files into deposits, one per learner as far as names tell."""
    known = [words for name in document_names if (words := name_words(name))]
    deposits: dict[tuple[str, ...], Deposit] = {}
    rest: list[Entry] = []
    for entry in entries:
        at, found = next(((at, m) for at, part in enumerate(entry.path) if (m := _MOODLE.fullmatch(part))), (0, None))
        if found is None:
            rest.append(entry)
            continue
        name, number = found["name"].strip(), found["number"] or ""
        inside = (*filter(None, [found["rest"]]), *entry.path[at + 1 :]) or (found["plugin"],)
        label = f"{name}_{number}" if number else name
        deposit = deposits.setdefault(("moodle", name, number), Deposit(label, name, number, moodle=True))
        deposit.add(entry, inside)
    skipped = _shared_folders(rest, known)
    loose: dict[str, list[Entry]] = defaultdict(list)
    for entry in rest:
        path = entry.path[skipped:]
        if len(path) == 1:
            loose[_person_in(Path(path[0]).stem, known)].append(entry)
        else:
            deposits.setdefault(("folder", path[0]), Deposit(path[0], path[0])).add(entry, path[1:])
    for person, together in loose.items():
        documents = [entry for entry in together if entry.name.lower().endswith((".ipynb", ".zip"))]
        # Two documents under one name may belong to two people.
        alone = not person or len(documents) > 1
        for place, entry in enumerate(together):
            key = ("file", person, str(place) if alone else "")
            deposits.setdefault(key, Deposit(entry.name, Path(entry.name).stem)).add(entry, (entry.name,))
    return list(deposits.values())


def _shared_folders(entries: Sequence[Entry], known: list[list[str]]) -> int:
    """Count the outer folders without an owner: « rendus/ » in a zip of the folder « rendus »."""
    depth = 0
    while entries and all(len(entry.path) > depth + 1 for entry in entries):
        if len({entry.path[depth] for entry in entries}) > 1:
            break
        here = [entry.name for entry in entries if len(entry.path) == depth + 2]
        if any(name == FILE_NAME or (name.endswith(".ipynb") and not _person_in(name[:-6], known)) for name in here):
            break  # a learner's own folder: it contains files with the document's name
        depth += 1
    return depth


def _person_in(stem: str, known: list[list[str]]) -> str:
    """Return the part of a file's name that may be a person's name, in the form of a folder's; empty if none."""
    words = name_words(re.sub(r"\(\d+\)\s*$", "", stem))
    for sequence in sorted((*known, *_COPY_OF), key=len, reverse=True):
        for start in range(len(words) - len(sequence), -1, -1):
            if words[start : start + len(sequence)] == sequence:
                del words[start : start + len(sequence)]
    while words and _is_added(words[-1]):
        words.pop()
    while words and _is_added(words[0]):
        words.pop(0)
    return "-".join(words)[:80]


def _is_added(word: str) -> bool:
    return word in ADDED or word.isdecimal() or re.fullmatch(r"v\d+", word) is not None


def owner_of(deposit: Deposit, roster: Roster | None, known: list[list[str]]) -> Owner:
    """Return the owner of a deposit, by its name, number or files; none if they disagree."""
    if roster:
        match = roster.find(deposit.name, deposit.number)
        if match.person is None and not deposit.moodle:
            match = roster.find_in(deposit.name)
        if match.person is None:
            return Owner(reason=match.reason)
        return Owner(match.person.id, match.person, match.sure)
    if deposit.moodle:
        name = slug(deposit.name) or "participant"
        return Owner(f"{name}-{deposit.number}" if deposit.number else name, sure=bool(deposit.number))
    if student := _person_in(deposit.name, known):
        return Owner(student)
    return Owner(reason="ce nom ne dit pas de qui vient ce travail")
