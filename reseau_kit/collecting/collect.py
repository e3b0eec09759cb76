"""Imports hand-ins (a Moodle zip, a folder, loose notebooks) into nbgrader's `submitted/`.

Names and the roster tell whose work it is; the content of a file tells which document it is, since people rename
files. Unattributed files are set aside and listed, and nothing that was collected is ever lost. nbgrader's own
`collect` still imports from its exchange. Knows nothing of how an answer is scored.
"""

import csv
import hashlib
import io
import os
import secrets
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.answers.journal import FILE_NAME, Reading
from reseau_kit.collecting.deposits import Entry, Files, opened, storable
from reseau_kit.collecting.roster import Roster, name_words, read_roster
from reseau_kit.collecting.which import (
    SECRET,
    STAMP,
    CannotCollect,
    Shelf,
    Work,
    digest_of,
    examined,
    removed_unless_whole,
)
from reseau_kit.collecting.whose import Deposit, Owner, grouped, owner_of
from reseau_kit.grading.timestamp import Refused, handed_in_at
from reseau_kit.system.files import read_plain_file
from reseau_kit.system.refusals import OF_THE_MACHINE, reason
from reseau_kit.system.untrusted import UNREADABLE, Budget, Trouble, neutral, shown, why

if TYPE_CHECKING:
    from reseau_kit.grading.course import Course


#: Folders beside `submitted/`: for unattributed files, and for versions replaced by newer ones.
UNATTRIBUTED = "non-attribues"

REPLACED = "remplaces"

MAX_OTHERS_BYTES = 100_000_000

_MAX_SECRET = 1_000


class State(StrEnum):
    """Outcome of one deposit. The report lists those that need attention first."""

    UNATTRIBUTED = "non attribué"
    LEFT = "laissé où il est"
    OLDER = "plus ancien, gardé à part"
    REPLACED = "remplace une version plus ancienne"
    NEW = "ramassé"
    AGAIN = "déjà ramassé"

    @property
    def asks(self) -> bool:
        """Whether a person has to look at the deposit."""
        return self in (State.UNATTRIBUTED, State.LEFT, State.OLDER)


@dataclass(frozen=True, slots=True)
class Line:
    """One deposit in the report: its name, its outcome, its learner and date (UTC), and remarks in French."""

    item: str
    state: State
    student: str = ""
    date: datetime | None = None
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of every deposit; `path` is its table, None on a dry run."""

    assignment: str
    lines: tuple[Line, ...]
    path: Path | None = None

    def count(self, state: State) -> int:
        """Return the number of deposits with that outcome."""
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
    """Import the work at `source` into nbgrader's folders, and report the outcome of each deposit.

    `students` is the roster. Dates of hand-ins come from it; with `file_dates`, from the files if the roster has none.
    Both are read in the time zone `zone`, by default this machine's. A dry run writes nothing.

    Raises:
        CannotCollect: the source or the assignment does not exist, or the course cannot be written.
        NotAList: the roster cannot be used.
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


# --- placing ----------------------------------------------------------------------------------------------------------


class _Collecting:
    """One run: reads deposits, compares them with earlier work, and puts each into place."""

    def __init__(
        self, course: "Course", assignment: str, *, file_dates: bool, dry_run: bool, zone: tzinfo | None
    ) -> None:
        self._course, self._assignment, self._zone = course, assignment, zone
        self._file_dates, self._dry_run = file_dates, dry_run
        self._shelf = Shelf(course, assignment)
        self._known = [name_words(name) for name in (*self._shelf.documents, assignment)]
        self._aside = course.root / UNATTRIBUTED / storable(assignment)
        self._replaced = course.root / REPLACED / storable(assignment)
        self._staging: Path | None = None
        self._count = 0

    def __enter__(self) -> "_Collecting":
        if not self._dry_run:
            # In the course's folder, so that a submission is moved into place in one step.
            try:
                self._staging = Path(tempfile.mkdtemp(prefix=".ramassage-", dir=self._course.root))
            except OSError as error:
                raise CannotCollect(f"« {self._course.root} » ne s’écrit pas ({reason(error)}).") from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._staging:
            shutil.rmtree(self._staging, ignore_errors=True)

    def holds(self, source: Path) -> bool:
        """Whether a folder is one that a run fills, or lies in one."""
        course = self._course
        submitted = Path(course.submitted("-", self._assignment)).parent.parent
        filled = [submitted.resolve(), self._replaced.resolve()]
        return any(source.resolve().is_relative_to(folder) for folder in filled if folder != course.root)

    def run(self, files: Files, roster: Roster | None) -> Iterator[Line]:
        """Yield the outcome of each deposit."""
        for path, trouble in files.troubles:
            yield Line("/".join(map(shown, path)), State.LEFT, said=(trouble,))
        claims: dict[str, list[tuple[Deposit, Owner]]] = defaultdict(list)
        for deposit in grouped(files.entries, (*self._shelf.documents, self._assignment)):
            owner = owner_of(deposit, roster, self._known)
            if owner.student:
                claims[owner.student].append((deposit, owner))
            else:
                yield self._keep_aside(deposit, owner.reason)
        for student, claimed in claims.items():
            with ExitStack() as stack:
                yield from self._one_learner(student, claimed, stack)

    def _one_learner(self, student: str, claimed: list[tuple[Deposit, Owner]], stack: ExitStack) -> Iterator[Line]:
        works: list[tuple[Deposit, Owner, Work]] = []
        for deposit, owner in claimed:
            work = examined(deposit, self._shelf, stack, self._zone)
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
        newest_first: list[tuple[Deposit, Work]] = []
        for deposit, _, work in works:
            place = next(
                (at for at, one in enumerate(newest_first) if not work.is_older_than(one[1])), len(newest_first)
            )
            newest_first.insert(place, (deposit, work))
        for place, (deposit, work) in enumerate(newest_first):
            yield self._place(deposit, student, work, older=place > 0)

    def _place(self, deposit: Deposit, student: str, work: Work, *, older: bool) -> Line:
        """Put a submission into place, or aside if a newer one is there."""
        folder = Path(self._course.submitted(student, self._assignment))
        if folder.is_symlink() or folder.parent.is_symlink():
            return self._keep_aside(deposit, f"« {folder} » est un lien vers un autre dossier", *work.said)
        made = self._stage(work)
        try:
            return self._place_staged(deposit, student, work, made, folder, older=older)
        finally:
            if made:
                # Otherwise files that were not placed would stay until the end of the run.
                shutil.rmtree(made, ignore_errors=True)

    def _place_staged(
        self, deposit: Deposit, student: str, work: Work, made: Path | None, folder: Path, *, older: bool
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

    def _stage(self, work: Work) -> Path | None:
        """Write a submission to the staging folder and compute its digests; a dry run only computes them."""
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
        """Add a missing date or secret to an existing submission, and yield remarks on it."""
        again = "s’il est déjà noté, notez-le avec --force"
        if date and known is None and not os.path.lexists(folder / STAMP):
            if not self._dry_run:
                _write_stamp(folder, date)
            yield f"la date de remise a été ajoutée ; {again}"
        if not os.path.lexists(folder / SECRET):
            if not self._dry_run:
                _write_secret(folder, _new_secret())
            yield f"« {SECRET} », sans lequel nbgrader ne rend aucune page, a été ajouté ; {again}"

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
        """Move earlier work and its grading aside, so that the new work is graded without them."""
        if self._dry_run:
            return
        kept, folders = self._replaced / student / digest, self._course.folders
        number = 1
        while kept.exists():
            number += 1
            kept = self._replaced / student / f"{digest}-{number}"
        kept.mkdir(parents=True)
        # The submission is moved last: if this is interrupted, the next run starts it again.
        for name in ("feedback", "autograded", "submitted"):
            folder = Path(self._course.path(getattr(folders, f"{name}_directory"), student, self._assignment))
            if folder.is_dir() and not folder.is_symlink():
                shutil.move(folder, kept / name)

    def _keep_aside(self, deposit: Deposit, reason: str, *said: str) -> Line:
        """Keep an unattributed deposit unchanged."""
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

    def _no_longer_aside(self, deposit: Deposit) -> None:
        """Remove files that now have an owner from the unattributed ones."""
        if self._dry_run or not self._aside.exists():
            return
        for entry in deposit.kept:
            target = self._aside.joinpath(*map(storable, entry.path))
            if not target.is_file() or target.is_symlink():
                continue
            try:
                if _digest_of(target) == digest_of(entry.read()):
                    target.unlink()
            except UNREADABLE:
                continue
            for folder in target.parents:
                if folder == self._aside or any(folder.iterdir()):
                    break
                folder.rmdir()


def _doubt(works: Sequence[tuple[Deposit, Owner, Work]]) -> str:
    """Return why several deposits under one identifier may belong to several people, empty if they do not."""
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


def _collected(folder: Path) -> Work:
    """Return a submission that was collected earlier."""
    work = Work()
    with opened(folder) as files:
        for entry in files.entries:
            if entry.path in ((STAMP,), (SECRET,)):
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
    """Copy a file with its date, or, without a target, only read it; return its digest. A partial copy is removed.

    Raises:
        Trouble and the other exceptions of `untrusted.UNREADABLE`: it cannot be read, or exceeds the budget.
    """
    told = hashlib.sha256()
    with ExitStack() as stack:
        stream = stack.enter_context(entry.stream(budget, MAX_OTHERS_BYTES))
        copy: io.BufferedIOBase | None = None
        if target:
            target.parent.mkdir(parents=True, exist_ok=True)
            copy = target.open("xb")
            stack.enter_context(removed_unless_whole(target))
            stack.enter_context(copy)
        while block := stream.read(2**18):
            told.update(block)
            if copy:
                copy.write(block)
    if target and entry.modified:
        moment = max(entry.modified.timestamp(), 0)
        os.utime(target, (moment, moment))
    return told.hexdigest()


def _digest_of(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_stamp(folder: Path, date: datetime) -> None:
    (folder / STAMP).write_text(f"{date.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")


def _new_secret() -> str:
    """Return a secret as `nbgrader submit` makes one."""
    return secrets.token_hex(64)


def _secret_in(folder: Path) -> str:
    """Return the secret of an earlier submission, empty if there is no usable one."""
    try:
        text = read_plain_file(folder / SECRET, _MAX_SECRET, follow=False).decode("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    return text if text.strip() and len(text) <= _MAX_SECRET else ""


def _write_secret(folder: Path, secret: str) -> None:
    (folder / SECRET).write_text(secret, encoding="ascii")


# --- the report -------------------------------------------------------------------------------------------------------


def _table(lines: Sequence[Line]) -> str:
    """Return the report as CSV that French spreadsheets open directly."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["Dépôt", "Résultat", "Identifiant", "Remis le (UTC)", "Remarques"])
    for line in lines:
        date = f"{line.date:%Y-%m-%d %H:%M:%S}" if line.date else ""
        writer.writerow([*map(neutral, (line.item, str(line.state), line.student, date, " ; ".join(line.said)))])
    return text.getvalue()
