"""Work as it comes in real life becomes nbgrader's `submitted/`: a zip of Moodle's, its folder, a heap of notebooks.

Whose work it is comes from names and a list of learners; which document it is comes from what the file holds, since
people rename files. What cannot be attributed is kept aside and told, and nothing that was collected is ever lost.
nbgrader's own `collect` still takes what was submitted through its exchange. Knows nothing of what an answer is worth.
"""

import csv
import hashlib
import io
import os
import re
import secrets
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.answers.journal import FILE_NAME, Reading, as_written, read_lines
from reseau_kit.answers.notebooks import MAX_NOTEBOOK_BYTES, course_metadata, parse, read_copy
from reseau_kit.collecting.deposits import Entry, Files, opened, storable, unpacked
from reseau_kit.collecting.roster import Person, Roster, name_words, read_roster, slug
from reseau_kit.grading.timestamp import Refused, handed_in_at
from reseau_kit.system.files import read_plain_file
from reseau_kit.system.refusals import OF_THE_MACHINE, reason
from reseau_kit.system.untrusted import UNREADABLE, Budget, Trouble, neutral, shown, why

if TYPE_CHECKING:
    from reseau_kit.grading.course import Course

#: Beside `submitted/`: what nobody could be found for, and what a newer version took the place of.
UNATTRIBUTED = "non-attribues"
REPLACED = "remplaces"

#: Within a submission: files that would be taken for what they are not.
ASIDE = "autres"

#: Other files of one submission, and all its bytes, those of files that turn out to be unreadable among them.
MAX_OTHERS = 500
MAX_OTHERS_BYTES = 100_000_000

#: What is read of one submission to know what it is.
MAX_LOOKED_AT = 8 * MAX_NOTEBOOK_BYTES

_STAMP = "timestamp.txt"
#: nbgrader's exchange names the page that somebody gets back by a hash of what this file holds.
_SECRET = "submission_secret.txt"  # noqa: S105  a file's name
_MAX_SECRET = 1_000
_MAX_NOTEBOOKS = 50

#: « Prénom NOM_12345_assignsubmission_file » then « / » or, up to Moodle 4.0, « _/ », or « _ » and a file's name. The
#: number is the participant's in one assignment; a team without a group has none. See `docs/ramassage.md`.
_MOODLE = re.compile(
    r"(?P<name>[^_]*)_(?:(?P<number>\d+)_)?assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<rest>.*))?", re.DOTALL
)
_CELL_NAMES = re.compile(rb'"grade_id"\s*:\s*"([A-Za-z0-9_-]{1,64})"|activite\(\\"([A-Za-z0-9_-]{1,64})\\"\)')
_JOURNAL_NAMES = re.compile(rb'"activity"\s*:\s*"([A-Za-z0-9_-]{1,64})"')

#: What people add to the name of a file, which is nobody's name.
_ADDED = frozenset("copie copy final finale definitif version rendu devoir atelier reponses notebook document".split())
_COPY_OF = (["copie", "de"], ["copy", "of"])


class CannotCollect(Exception):
    """Nothing could be collected. The message, in French, says why."""


class State(StrEnum):
    """What became of one deposit, as the report says it; first what asks for a look."""

    UNATTRIBUTED = "non attribué"
    LEFT = "laissé où il est"
    OLDER = "plus ancien, gardé à part"
    REPLACED = "remplace une version plus ancienne"
    NEW = "ramassé"
    AGAIN = "déjà ramassé"

    @property
    def asks(self) -> bool:
        """Whether a person has to look."""
        return self in (State.UNATTRIBUTED, State.LEFT, State.OLDER)


@dataclass(frozen=True, slots=True)
class Line:
    """One deposit: under what name it came, what became of it, whose it is, and what there is to say."""

    item: str
    state: State
    student: str = ""
    date: datetime | None = None
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every deposit; `path` is the table of it, None on a dry run."""

    assignment: str
    lines: tuple[Line, ...]
    path: Path | None = None

    def count(self, state: State) -> int:
        """How many deposits became that."""
        return sum(line.state is state for line in self.lines)


def collect(
    source: Path,
    course: "Course",
    assignment: str,
    students: Path | None = None,
    *,
    dry_run: bool = False,
    file_dates: bool = False,
    zone: tzinfo | None = None,
) -> Report:
    """Put the work that stands at `source` where nbgrader looks for it, and tell what became of each deposit.

    `students` is the list of learners. Dates of handing in come from that list; with `file_dates`, from the files where
    the list says none. Both are read in the time of `zone`, this machine's by default. A dry run writes nothing.

    Raises:
        CannotCollect: there is no such source or assignment, or the course cannot be written.
        NotAList: the list of learners cannot be used.
    """
    collecting = _Collecting(course, assignment, file_dates=file_dates, dry_run=dry_run, zone=zone)
    if course.root.is_relative_to(source.resolve()):
        raise CannotCollect(f"« {source} » contient le cours lui-même : donnez le dossier ou l’archive des travaux.")
    if collecting.holds(source):
        raise CannotCollect(f"« {source} » est déjà dans les travaux ramassés du cours : il n’y a rien à faire.")
    roster = read_roster(students, zone) if students else None
    try:
        with opened(source, zone) as files, collecting:
            lines = [*collecting.run(files, roster)]
    except Trouble as error:
        raise CannotCollect(f"« {source} » ne peut pas être ramassé : {error}.") from error
    order = list(State)
    report = Report(assignment, tuple(sorted(lines, key=lambda line: (order.index(line.state), line.item))))
    if dry_run:
        return report
    path = course.root / f"ramassage-{storable(assignment)}.csv"
    try:
        path.write_text(_table(report.lines), encoding="utf-8-sig", newline="")
    except OSError as error:
        advice = "s’il est ouvert dans un tableur, fermez-le, puis relancez la commande"
        raise CannotCollect(
            f"Les travaux sont rangés, mais « {path} » ne s’écrit pas ({reason(error)}) ; {advice}."
        ) from error
    return replace(report, path=path)


# --- what came, and whose it is ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Deposit:
    """What one learner handed in, as far as names tell. Paths of `entries` start inside of it; `kept` are the whole."""

    label: str
    name: str
    number: str = ""
    moodle: bool = False
    entries: list[Entry] = field(default_factory=list)
    kept: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry, path: tuple[str, ...]) -> None:
        self.entries.append(replace(entry, path=path))
        self.kept.append(entry)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose a deposit is. `sure`: by more than a name, which others may share; `reason` where nobody is found."""

    student: str = ""
    person: Person | None = None
    sure: bool = False
    reason: str = ""


def _grouped(entries: Iterable[Entry], document_names: Iterable[str]) -> list[_Deposit]:
    """The files of each learner together."""
    known = [words for name in document_names if (words := name_words(name))]
    deposits: dict[tuple[str, ...], _Deposit] = {}
    rest: list[Entry] = []
    for entry in entries:
        at, found = next(((at, m) for at, part in enumerate(entry.path) if (m := _MOODLE.fullmatch(part))), (0, None))
        if found is None:
            rest.append(entry)
            continue
        name, number = found["name"].strip(), found["number"] or ""
        inside = (*filter(None, [found["rest"]]), *entry.path[at + 1 :]) or (found["plugin"],)
        label = f"{name}_{number}" if number else name
        deposit = deposits.setdefault(("moodle", name, number), _Deposit(label, name, number, moodle=True))
        deposit.add(entry, inside)
    skipped = _shared_folders(rest, known)
    loose: dict[str, list[Entry]] = defaultdict(list)
    for entry in rest:
        path = entry.path[skipped:]
        if len(path) == 1:
            loose[_person_in(Path(path[0]).stem, known)].append(entry)
        else:
            deposits.setdefault(("folder", path[0]), _Deposit(path[0], path[0])).add(entry, path[1:])
    for person, together in loose.items():
        documents = [entry for entry in together if entry.name.lower().endswith((".ipynb", ".zip"))]
        # Two documents under one name may be two people's.
        alone = not person or len(documents) > 1
        for place, entry in enumerate(together):
            key = ("file", person, str(place) if alone else "")
            deposits.setdefault(key, _Deposit(entry.name, Path(entry.name).stem)).add(entry, (entry.name,))
    return list(deposits.values())


def _shared_folders(entries: Sequence[Entry], known: list[list[str]]) -> int:
    """How many folders around everything are nobody's: « rendus/ » in a zip of the folder « rendus »."""
    depth = 0
    while entries and all(len(entry.path) > depth + 1 for entry in entries):
        if len({entry.path[depth] for entry in entries}) > 1:
            break
        here = [entry.name for entry in entries if len(entry.path) == depth + 2]
        if any(name == FILE_NAME or (name.endswith(".ipynb") and not _person_in(name[:-6], known)) for name in here):
            break  # a learner's own folder: what stands there bears the document's name
        depth += 1
    return depth


def _person_in(stem: str, known: list[list[str]]) -> str:
    """What in a file's name may be a person's, as a folder's name; empty where nothing is."""
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
    return word in _ADDED or word.isdecimal() or re.fullmatch(r"v\d+", word) is not None


def _owner(deposit: _Deposit, roster: Roster | None, known: list[list[str]]) -> _Owner:
    if roster:
        match = roster.find(deposit.name, deposit.number)
        if match.person is None and not deposit.moodle:
            match = roster.find_in(deposit.name)
        if match.person is None:
            return _Owner(reason=match.reason)
        return _Owner(match.person.id, match.person, match.sure)
    if deposit.moodle:
        name = slug(deposit.name) or "participant"
        return _Owner(f"{name}-{deposit.number}" if deposit.number else name, sure=bool(deposit.number))
    if student := _person_in(deposit.name, known):
        return _Owner(student)
    return _Owner(reason="ce nom ne dit pas de qui vient ce travail")


# --- which document it is ---------------------------------------------------------------------------------------------


class _Shelf:
    """The documents of every exercise, and the names of the cells by which each is recognised."""

    def __init__(self, course: "Course", assignment: str) -> None:
        self.assignment = assignment
        self._names: dict[tuple[str, str], frozenset[str]] = {}
        for step in (course.folders.source_directory, course.folders.release_directory):
            # The released ones come last: theirs are what learners were given.
            above = Path(course.path(step, ".", assignment)).parent
            for path in sorted(above.glob("*/*.ipynb")) if above.is_dir() else ():
                try:
                    self._names[path.parent.name, path.stem] = cell_names(path.read_bytes())
                except OSError:
                    continue
        self.documents = tuple(notebook for exercise, notebook in self._names if exercise == assignment)
        if not self.documents:
            raise CannotCollect(course.unknown(assignment))
        shared = Counter(name for names in self._names.values() for name in names)
        self._own = {key: {name for name in names if shared[name] == 1} for key, names in self._names.items()}
        self.activities = frozenset().union(*(self._names[assignment, name] for name in self.documents))

    def recognise(self, names: frozenset[str]) -> tuple[str, str] | None:
        """The exercise and document that have those cells, None where none has."""
        for known in (self._own, self._names):
            best = max(known, key=lambda key: (len(names & known[key]), key[0] == self.assignment))
            if names & known[best]:
                return best
        return None


def cell_names(notebook: bytes) -> frozenset[str]:
    """The names of a notebook's cells and activities, even of a notebook that is cut short."""
    return frozenset((one or other).decode() for one, other in _CELL_NAMES.findall(notebook))


@dataclass(slots=True)
class _Work:
    """A submission to be: each file by the path that it will have, what was answered, and what there is to say."""

    files: dict[tuple[str, ...], Entry] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    reason: str = ""
    date: datetime | None = None
    modified: datetime | None = None
    digests: dict[tuple[str, ...], str] = field(default_factory=dict)
    looks: Budget = field(default_factory=lambda: Budget(MAX_LOOKED_AT))
    _answers: Reading | None = None

    @property
    def answers(self) -> Reading:
        """What the learner answered; read when first asked for, which is when two submissions are compared."""
        if self._answers is None:
            self._answers = _answers(self.files, self.looks)
        return self._answers

    @property
    def digest(self) -> str:
        """One short text for all the files: the same only for the same files."""
        return _hash("\n".join(f"{'/'.join(path)} {told}" for path, told in sorted(self.digests.items())).encode())[:12]

    @property
    def answered(self) -> str:
        """When the last answer was given, by the learner's own clock; empty without answers."""
        return max((event.at for event in self.answers.events), default="")

    def is_older_than(self, other: "_Work") -> bool:
        """Whether the other is the newer one, by the first that tells: dates of handing in, answers, files."""
        if self.date and other.date and self.date != other.date:
            return self.date < other.date
        if self.answered and other.answered and self.answered != other.answered:
            return self.answered < other.answered
        return bool(self.modified and other.modified and self.modified < other.modified)

    def add(self, path: tuple[str, ...], entry: Entry) -> None:
        """Give a file its place, or one of its own where another has it, or would on a system that knows no case."""
        safe = tuple(storable(part) for part in path)
        if safe != path:
            self.said.append(f"« {shown(path[-1])} » est gardé sous le nom « {safe[-1]} »")
        taken = {tuple(map(str.casefold, known)) for known in self.files}
        folders = {known[:size] for known in taken for size in range(1, len(known))}
        place, number = safe, 1
        while True:
            folded = tuple(map(str.casefold, place))
            above = {folded[:size] for size in range(1, len(folded))}
            if folded not in taken | folders and not above & taken:
                break
            number += 1
            place = (f"{ASIDE}-{number}", *safe)
        if place != safe:
            self.said.append(f"deux fichiers se nomment « {shown(safe[-1])} » : l’un est gardé dans « {place[0]} »")
        self.files[place] = entry


def _examined(deposit: _Deposit, shelf: _Shelf, stack: ExitStack, zone: tzinfo | None) -> _Work:
    """What a deposit is as a submission; its `reason` says why it is none."""
    files = unpacked(deposit.entries, stack, zone)
    work = _Work(said=[reason for _, reason in files.troubles])
    chosen, elsewhere, copies = _documents(files, shelf, work)
    journal = _journal(files, shelf, chosen, work.looks)
    if not chosen and journal is None:
        work.reason = _why_nothing(files, elsewhere)
        return work
    base = next(iter(chosen.values()), journal or files.entries[0]).path[:-1]
    for name, entry in chosen.items():
        work.files[(f"{name}.ipynb",)] = entry
        if entry.name != f"{name}.ipynb":
            work.said.append(f"« {shown(entry.name)} » est le document « {name}.ipynb », renommé")
    if journal:
        work.files[(FILE_NAME,)] = journal
    _add_others(work, files, {id(entry) for entry in work.files.values()}, base)
    work.said += [
        f"« {shown(entry.name)} » est une autre copie du document : gardée dans « {ASIDE} »" for entry in copies
    ]
    work.modified = max((entry.modified for entry in work.files.values() if entry.modified), default=None)
    return work


def _documents(files: Files, shelf: _Shelf, work: _Work) -> tuple[dict[str, Entry], list[str], list[Entry]]:
    """The file of each document, the other exercises whose documents are there, and copies that were not chosen."""
    found: dict[str, list[Entry]] = defaultdict(list)
    elsewhere: list[str] = []
    for entry in [entry for entry in files.entries if entry.name.lower().endswith(".ipynb")][:_MAX_NOTEBOOKS]:
        try:
            recognised = shelf.recognise(cell_names(entry.read(MAX_NOTEBOOK_BYTES, work.looks)))
        except UNREADABLE as error:
            work.said.append(f"« {shown(entry.name)} » ne se lit pas : {why(error)}")
            continue
        if recognised is None:
            name = next((name for name in shelf.documents if _is_renamed(entry.name, name)), None)
            if name:
                found[name].append(entry)
        elif recognised[0] == shelf.assignment:
            found[recognised[1]].append(entry)
        else:
            elsewhere.append(recognised[0])
    chosen: dict[str, Entry] = {}
    copies: list[Entry] = []
    for name, candidates in sorted(found.items()):
        if len(candidates) > 1:
            # Read once more, one at a time: all of them together may be larger than any memory.
            candidates.sort(key=partial(_rank, name=name, looks=work.looks), reverse=True)
            copies += candidates[1:]
        chosen[name] = candidates[0]
    return chosen, elsewhere, copies


def _rank(entry: Entry, name: str, looks: Budget) -> tuple[str, bool, float, int]:
    answered = max((event.at for event in _copy(entry, looks).events), default="")
    return (
        answered,
        entry.name == f"{name}.ipynb",
        entry.modified.timestamp() if entry.modified else 0,
        -len(entry.path),
    )


def _is_renamed(file: str, name: str) -> bool:
    """Whether a file's name is the document's, but for what browsers and people add when they copy a file."""
    return name_words(name) == [word for word in name_words(re.sub(r"\(\d+\)", "", file[:-6])) if word not in _ADDED]


def _journal(files: Files, shelf: _Shelf, chosen: Mapping[str, Entry], looks: Budget) -> Entry | None:
    """The journal that goes with the document: the one beside it, or the one with most of the exercise's answers."""
    beside = {entry.path[:-1] for entry in chosen.values()}
    candidates: list[tuple[bool, int, Entry]] = []
    journals = [entry for entry in files.entries if entry.name.lower().endswith(".jsonl")]
    for entry in sorted(journals, key=lambda entry: entry.name != FILE_NAME)[:_MAX_NOTEBOOKS]:
        try:
            text, _ = as_written(entry.read(MAX_NOTEBOOK_BYTES, looks))
            names = [name.decode() for name in _JOURNAL_NAMES.findall(text)]
        except UNREADABLE:
            names = []
        exact = entry.name == FILE_NAME and entry.path[:-1] in beside
        count = sum(name in shelf.activities for name in names)
        if exact or count:
            candidates.append((exact, count, entry))
    return max(candidates, key=lambda one: one[:2])[2] if candidates else None


def _why_nothing(files: Files, elsewhere: Sequence[str]) -> str:
    if elsewhere:
        return f"c’est le document de « {elsewhere[0]} »"
    if not files.entries:
        return "il n’y a aucun fichier lisible"
    if any(entry.name.lower().endswith(".ipynb") for entry in files.entries):
        return "aucun de ses documents n’est celui de l’exercice"
    return "il n’y a ni le document de l’exercice, ni le journal des réponses"


def _add_others(work: _Work, files: Files, done: set[int], base: tuple[str, ...]) -> None:
    others = [entry for entry in files.entries if id(entry) not in done]
    for entry in others[:MAX_OTHERS]:
        # In an archive, a file may have a folder's name.
        path = entry.path[len(base) :] if entry.path[: len(base)] == base else ()
        path = path or entry.path
        # nbgrader would grade a notebook, and believe a date, that stands beside the document.
        # Nor does anybody choose their secret: with another learner's, their page would take that one's place.
        names = (storable(part).casefold() for part in (path[0], path[-1]))
        special = any(name.endswith((".ipynb", ".jsonl", _STAMP, _SECRET)) for name in names)
        work.add((ASIDE, *path) if special else path, entry)
    if len(others) > MAX_OTHERS:
        work.said.append(f"{len(others) - MAX_OTHERS} autres fichiers sont restés où ils étaient : il y en a trop")


def _answers(files: Mapping[tuple[str, ...], Entry], looks: Budget) -> Reading:
    readings = []
    for path, entry in files.items():
        if path == (FILE_NAME,):
            readings.append(_journal_of(entry, looks))
        elif len(path) == 1 and path[0].endswith(".ipynb"):
            readings.append(_copy(entry, looks))
    origins = [reading.origin for reading in readings if reading.origin]
    events = {event.id: event for reading in readings for event in reading.events}
    return Reading(origin=origins[0] if origins else "", events=tuple(events.values()))


def _journal_of(entry: Entry, looks: Budget) -> Reading:
    """The answers that a journal holds, none where it cannot be read."""
    try:
        return read_lines(entry.read(MAX_NOTEBOOK_BYTES, looks))
    except UNREADABLE:
        return Reading()


def _copy(entry: Entry, looks: Budget) -> Reading:
    """The answers that a document holds, none where it cannot be graded."""
    try:
        return read_copy(course_metadata(parse(entry.read(MAX_NOTEBOOK_BYTES, looks))))
    except UNREADABLE:
        return Reading()


# --- where it goes ----------------------------------------------------------------------------------------------------


class _Collecting:
    """One run: reads deposits, compares them with what was collected before, and puts each in its place."""

    def __init__(
        self, course: "Course", assignment: str, *, file_dates: bool, dry_run: bool, zone: tzinfo | None
    ) -> None:
        self._course, self._assignment, self._zone = course, assignment, zone
        self._file_dates, self._dry_run = file_dates, dry_run
        self._shelf = _Shelf(course, assignment)
        self._known = [name_words(name) for name in (*self._shelf.documents, assignment)]
        self._aside = course.root / UNATTRIBUTED / storable(assignment)
        self._replaced = course.root / REPLACED / storable(assignment)
        self._staging: Path | None = None
        self._count = 0

    def __enter__(self) -> "_Collecting":
        if not self._dry_run:
            # Beside the folders that it fills, so that a submission comes there all at once.
            try:
                self._staging = Path(tempfile.mkdtemp(prefix=".ramassage-", dir=self._course.root))
            except OSError as error:
                raise CannotCollect(f"« {self._course.root} » ne s’écrit pas ({reason(error)}).") from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._staging:
            shutil.rmtree(self._staging, ignore_errors=True)

    def holds(self, source: Path) -> bool:
        """Whether a folder is one of those that a run fills."""
        course = self._course
        submitted = Path(course.submitted("-", self._assignment)).parent.parent
        filled = [submitted.resolve(), self._replaced.resolve()]
        return any(source.resolve().is_relative_to(folder) for folder in filled if folder != course.root)

    def run(self, files: Files, roster: Roster | None) -> Iterator[Line]:
        """What becomes of each deposit, one after the other."""
        for path, trouble in files.troubles:
            yield Line("/".join(map(shown, path)), State.LEFT, said=(trouble,))
        claims: dict[str, list[tuple[_Deposit, _Owner]]] = defaultdict(list)
        for deposit in _grouped(files.entries, (*self._shelf.documents, self._assignment)):
            owner = _owner(deposit, roster, self._known)
            if owner.student:
                claims[owner.student].append((deposit, owner))
            else:
                yield self._keep_aside(deposit, owner.reason)
        for student, claimed in claims.items():
            with ExitStack() as stack:
                yield from self._one_learner(student, claimed, stack)

    def _one_learner(self, student: str, claimed: list[tuple[_Deposit, _Owner]], stack: ExitStack) -> Iterator[Line]:
        works: list[tuple[_Deposit, _Owner, _Work]] = []
        for deposit, owner in claimed:
            work = _examined(deposit, self._shelf, stack, self._zone)
            if work.reason:
                yield self._keep_aside(deposit, work.reason, *work.said)
                continue
            work.date = owner.person.submitted if owner.person else None
            if work.date is None and self._file_dates:
                work.date = work.modified
            works.append((deposit, owner, work))
        if len(works) > 1 and (reason := _doubt(works)):
            doubtful = [one for one in works if not one[1].sure] if any(one[1].sure for one in works) else works
            for deposit, _, work in doubtful:
                yield self._keep_aside(deposit, reason, *work.said)
            works = [one for one in works if one not in doubtful]
        newest_first: list[tuple[_Deposit, _Work]] = []
        for deposit, _, work in works:
            place = next(
                (at for at, one in enumerate(newest_first) if not work.is_older_than(one[1])), len(newest_first)
            )
            newest_first.insert(place, (deposit, work))
        for place, (deposit, work) in enumerate(newest_first):
            yield self._place(deposit, student, work, older=place > 0)

    def _place(self, deposit: _Deposit, student: str, work: _Work, *, older: bool) -> Line:
        """Put a submission in its place, or aside where a newer one has it."""
        folder = Path(self._course.submitted(student, self._assignment))
        if folder.is_symlink() or folder.parent.is_symlink():
            return self._keep_aside(deposit, f"« {folder} » est un lien vers un autre dossier", *work.said)
        made = self._stage(work)
        try:
            return self._place_staged(deposit, student, work, made, folder, older=older)
        finally:
            if made:
                # What has not found its place would lie there until the end of the run.
                shutil.rmtree(made, ignore_errors=True)

    def _place_staged(
        self, deposit: _Deposit, student: str, work: _Work, made: Path | None, folder: Path, *, older: bool
    ) -> Line:
        if not work.files:
            return self._keep_aside(deposit, "son contenu ne se lit pas", *work.said)

        def line(state: State, *more: str) -> Line:
            self._no_longer_aside(deposit)
            return Line(deposit.label, state, student, work.date, (*work.said, *more))

        if not folder.exists():
            if not older:
                self._settle(made, folder, work.date, _new_secret())
            return line(State.OLDER if older else State.NEW)
        before = _collected(folder)
        if work.digests.items() <= before.digests.items():
            return line(State.AGAIN, *self._completed(folder, work.date, before.date))
        if older or work.is_older_than(before):
            kept = self._replaced / student / work.digest / "submitted"
            if not kept.exists():
                self._settle(made, kept, work.date)
            return line(State.OLDER, f"gardé dans « {REPLACED} »")
        said = [f"l’ancien travail est gardé dans « {REPLACED} »"]
        if work.answers.origin and before.answers.origin and not _share(work.answers, before.answers):
            said.append("aucune réponse n’est commune aux deux : vérifiez qu’il s’agit de la même personne")
        secret = _secret_in(folder) or _new_secret()
        self._set_aside(student, before.digest)
        self._settle(made, folder, work.date, secret)
        return line(State.REPLACED, *said)

    def _stage(self, work: _Work) -> Path | None:
        """Write a submission where nobody looks, and know its files by their digests; only know them on a dry run."""
        self._count += 1
        made = self._staging / str(self._count) if self._staging else None
        budget = Budget(MAX_OTHERS_BYTES)
        for path, entry in list(work.files.items()):
            try:
                work.digests[path] = _written(entry, made.joinpath(*path) if made else None, budget)
            except UNREADABLE as error:
                if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
                    raise
                work.said.append(f"« {shown(entry.name)} » n’a pas été gardé : {why(error)}")
                del work.files[path]
                work.digests.pop(path, None)
        if not any(len(path) == 1 and path[0].endswith((".ipynb", FILE_NAME)) for path in work.files):
            work.files.clear()
        return made

    def _completed(self, folder: Path, date: datetime | None, known: datetime | None) -> Iterator[str]:
        """Give a submission that is there what it lacks, and say so."""
        again = "s’il est déjà noté, notez-le avec --force"
        if date and known is None and not os.path.lexists(folder / _STAMP):
            if not self._dry_run:
                _write_stamp(folder, date)
            yield f"la date de remise a été ajoutée ; {again}"
        if not os.path.lexists(folder / _SECRET):
            if not self._dry_run:
                _write_secret(folder, _new_secret())
            yield f"« {_SECRET} », sans lequel nbgrader ne rend aucune page, a été ajouté ; {again}"

    def _settle(self, made: Path | None, folder: Path, date: datetime | None, secret: str = "") -> None:
        if made is None:
            return
        if date:
            _write_stamp(made, date)
        if secret:
            _write_secret(made, secret)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, folder)

    def _set_aside(self, student: str, digest: str) -> None:
        """Keep what was collected before, and what was made of it: graded anew, nothing of it stands in the way."""
        if self._dry_run:
            return
        kept, folders = self._replaced / student / digest, self._course.folders
        number = 1
        while kept.exists():
            number += 1
            kept = self._replaced / student / f"{digest}-{number}"
        kept.mkdir(parents=True)
        # The submission goes last: until then a further run begins again.
        for name in ("feedback", "autograded", "submitted"):
            folder = Path(self._course.path(getattr(folders, f"{name}_directory"), student, self._assignment))
            if folder.is_dir() and not folder.is_symlink():
                shutil.move(folder, kept / name)

    def _keep_aside(self, deposit: _Deposit, reason: str, *said: str) -> Line:
        """Keep a deposit that is nobody's, as it came."""
        told = [reason, *said]
        budget = Budget(MAX_OTHERS_BYTES)
        for entry in deposit.kept:
            target = self._aside.joinpath(*map(storable, entry.path))
            if self._dry_run:
                continue
            try:
                self._keep_file(entry, target, budget)
            except UNREADABLE as error:
                if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
                    raise
                told.append(f"« {shown(entry.name)} » n’a pas été gardé : {why(error)}")
        return Line(deposit.label, State.UNATTRIBUTED, said=tuple(told))

    def _keep_file(self, entry: Entry, target: Path, budget: Budget) -> None:
        assert self._staging, "a dry run keeps nothing"
        self._count += 1
        made = self._staging / f"{self._count}-un"
        digest = _written(entry, made, budget)
        wanted, number = target, 1
        while os.path.lexists(wanted) and _digest_of(wanted) != digest:
            number += 1
            wanted = target.with_name(f"{target.stem} ({number}){target.suffix}")
        wanted.parent.mkdir(parents=True, exist_ok=True)
        made.replace(wanted)

    def _no_longer_aside(self, deposit: _Deposit) -> None:
        """Take out of what was nobody's what has found its owner since."""
        if self._dry_run or not self._aside.exists():
            return
        for entry in deposit.kept:
            target = self._aside.joinpath(*map(storable, entry.path))
            if not target.is_file() or target.is_symlink():
                continue
            try:
                if _digest_of(target) == _hash(entry.read()):
                    target.unlink()
            except UNREADABLE:
                continue
            for folder in target.parents:
                if folder == self._aside or any(folder.iterdir()):
                    break
                folder.rmdir()


def _doubt(works: Sequence[tuple[_Deposit, _Owner, _Work]]) -> str:
    """Why several deposits under one identifier may be several people's, empty where they are one person's."""
    if all(owner.sure for _, owner, _ in works):
        return ""
    if any(owner.sure for _, owner, _ in works) or len({deposit.number for deposit, _, _ in works}) > 1:
        return f"{len(works)} dépôts portent ce nom : donnez une liste qui distingue ces personnes"
    origins = {work.answers.origin for _, _, work in works if work.answers.origin}
    if len(origins) > 1:
        return f"{len(works)} fichiers portent ce nom, avec des réponses différentes : sont-ils d’une même personne ?"
    return ""


def _share(one: Reading, other: Reading) -> bool:
    return one.origin == other.origin or bool({event.id for event in one.events} & {event.id for event in other.events})


def _collected(folder: Path) -> _Work:
    """A submission that was collected before."""
    work = _Work()
    with opened(folder) as files:
        for entry in files.entries:
            if entry.path in ((_STAMP,), (_SECRET,)):
                continue
            try:
                work.digests[entry.path] = _written(entry, None, Budget(MAX_OTHERS_BYTES))
            except UNREADABLE:
                continue
            work.files[entry.path] = entry
    work.modified = max((entry.modified for entry in work.files.values() if entry.modified), default=None)
    try:
        told = handed_in_at(str(folder))
    except Refused:
        told = None
    work.date = told.replace(tzinfo=UTC) if told else None
    return work


def _written(entry: Entry, target: Path | None, budget: Budget) -> str:
    """Copy a file, with its date, or only read it; its digest. What cannot be read to its end leaves no file.

    Raises:
        Trouble and whatever else `untrusted.UNREADABLE` lists: it cannot be read, or is larger than the budget.
    """
    told = hashlib.sha256()
    with ExitStack() as stack:
        stream = stack.enter_context(entry.stream(budget, MAX_OTHERS_BYTES))
        copy: io.BufferedIOBase | None = None
        if target:
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = target.open("xb")
            stack.enter_context(_removed_unless_whole(target))
            stack.enter_context(copy)
        while block := stream.read(2**18):
            told.update(block)
            if copy:
                copy.write(block)
    if target and entry.modified:
        moment = max(entry.modified.timestamp(), 0)
        os.utime(target, (moment, moment))
    return told.hexdigest()


@contextmanager
def _removed_unless_whole(path: Path) -> Iterator[None]:
    """Take away a file that is being written, where that does not succeed."""
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _digest_of(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write_stamp(folder: Path, date: datetime) -> None:
    (folder / _STAMP).write_text(f"{date.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")


def _new_secret() -> str:
    """As `nbgrader submit` makes one."""
    return secrets.token_hex(64)


def _secret_in(folder: Path) -> str:
    """The secret of a submission that was collected before, empty where none can be used."""
    try:
        text = read_plain_file(folder / _SECRET, _MAX_SECRET, follow=False).decode("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    return text if text.strip() and len(text) <= _MAX_SECRET else ""


def _write_secret(folder: Path, secret: str) -> None:
    (folder / _SECRET).write_text(secret, encoding="ascii")


# --- the report -------------------------------------------------------------------------------------------------------


def _table(lines: Sequence[Line]) -> str:
    """The report as a table that French spreadsheets open as it is."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["Dépôt", "Résultat", "Identifiant", "Remis le (UTC)", "Remarques"])
    for line in lines:
        date = f"{line.date:%Y-%m-%d %H:%M:%S}" if line.date else ""
        writer.writerow([*map(neutral, (line.item, str(line.state), line.student, date, " ; ".join(line.said)))])
    return text.getvalue()
