"""Real submissions, spoilt in every way that `mutations.py` knows, graded in processes that are watched.

The mark of each is computed a second time, from its bytes, by plain code that shares only `checks.mark` and the rules
of a single answer with the grader. Prints one JSON line, and on stderr each submission that failed, with what makes it
again. With `--parity`, some of them are also graded by `nbgrader autograde`, whose rows have to be the same.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
if not __package__:
    sys.path.insert(0, str(ROOT))

from bench.mutations import (  # noqa: E402
    HOSTILE_TAG,
    LOSING,
    NEUTRAL,
    OPERATORS,
    SECRET,
    WIDGET_VIEW,
    Draft,
    Odd,
    Places,
    spoil,
    write,
)
from bench.submissions import grades  # noqa: E402
from reseau_kit.answers.checks import read_text  # noqa: E402
from reseau_kit.answers.journal import FILE_NAME, MAX_FILE_BYTES, MAX_LINE_BYTES, Event, read_event  # noqa: E402
from reseau_kit.answers.marks import mark, points  # noqa: E402
from reseau_kit.answers.notebooks import KEY, MAX_EVENTS, MAX_NOTEBOOK_BYTES  # noqa: E402
from reseau_kit.demo import make as demo  # noqa: E402
from reseau_kit.demo.hand_ins import HandIn, hand_ins  # noqa: E402
from reseau_kit.demo.papers import Paper, read_papers  # noqa: E402
from reseau_kit.demo.people import learner  # noqa: E402
from reseau_kit.grading.desk import grade_folder  # noqa: E402
from reseau_kit.grading.exercise import Exercise, Outcome, activity_of  # noqa: E402

#: So many seconds, of a processor or of a clock, make a hang.
CPU_LIMIT, CLOCK_LIMIT = 20.0, 180.0
#: One submission takes no more memory than this.
MIB_LIMIT = 400.0
LEARNERS = 60
SEED = 7

Scores = dict[str, float | None]


# --- the mark, computed a second time ---------------------------------------------------------------------------------


class NotGradable(Exception):
    """What cannot be graded, by the rules of the grader."""


def expected_events(draft: Draft, asked: Container[str]) -> list[Event]:
    """The answers that count, read from a submission's bytes; `asked` names the cells and activities of the exercise.

    Raises:
        NotGradable: there is nothing to read, or a link in its place.
    """
    owner, events, vouched = _journal(draft.journal()[:MAX_FILE_BYTES])
    others = list(_others(draft, asked))
    copy = _document(draft, asked, others, journal=bool(events))
    # Without its first line, a journal is whose answers it holds, but for those that its owner spoke of.
    writers = {event.origin for event in events} - vouched.keys()
    claims = ({copy[0]} if copy else set()) - {""}
    claims = claims or {event.origin for _, some, _ in others for event in some if event.activity in asked}
    possible = {owner} if owner else (writers & claims if len(writers) > 1 else writers or claims)
    whose = next(iter(possible)) if len(possible) == 1 else ""
    found: dict[str, Event] = {}
    for event in [*events, *(copy[1] if copy else ()), *(event for _, some, _ in others for event in some)]:
        found.setdefault(event.id, event)
    mine = {whose}
    # What a journal says of other people holds for its own owner.
    for origin, said in ((owner or whose, vouched), *((origin, said) for origin, _, said in others)):
        if origin == whose:
            mine |= {name for name, accepted in said.items() if accepted}
    return sorted((event for event in found.values() if event.origin in mine), key=lambda event: event.order)


def _as_utf8(data: bytes) -> bytes:
    """A journal that an editor saved as UTF-16 or UTF-32, with a mark or without, as it was."""
    starts = {
        b"\xff\xfe\0\0": "utf-32",
        b"\xff\xfe": "utf-16",
        b"\xfe\xff": "utf-16",
        b"\0{": "utf-16-be",
        b"{\0": "utf-16-le",
    }
    codec = next((name for start, name in starts.items() if data.startswith(start)), "")
    return data.decode(codec, "replace").encode("utf-8", "replace") if codec else data


def _journal(data: bytes) -> tuple[str, list[Event], dict[str, bool]]:
    """Whose a journal is, its answers, and the others of whom it says whether they are the same person."""
    owner, events, vouched = "", list[Event](), dict[str, bool]()
    for line in re.split(rb"\r\n?|\n", _as_utf8(data)):
        record = _parsed(line) if len(line) <= MAX_LINE_BYTES else None
        if not isinstance(record, dict):
            continue
        kind = record.get("kind")
        if kind in ("open", "accept", "refuse"):
            name = record.get("origin" if kind == "open" else "of")
            if not isinstance(name, str) or not re.fullmatch(r"[0-9a-f]{8,32}", name):
                continue
            if kind == "open":
                owner = owner or name
            else:
                vouched[name] = kind == "accept"
        else:
            events += _read(record)
    return owner, events, vouched


Other = tuple[str, list[Event], dict[str, bool]]


def _others(draft: Draft, asked: Container[str]) -> Iterator[Other]:
    """The other files of a submission that have answers to the exercise: whose, which, and of whom else they tell."""
    for name, data in draft.files.items():
        *folders, last = name.split("/")
        ours = re.search(r"\.(?:ipynb|jsonl)|\.(?:json|txt)$", last, re.IGNORECASE)
        hidden = any(part.startswith(".") and part != ".ipynb_checkpoints" for part in (*folders, last))
        if name in (FILE_NAME, draft.notebook_name) or not isinstance(data, bytes) or not ours or hidden:
            continue
        if ".jsonl" in last.lower():
            other: Other = _journal(data[:MAX_FILE_BYTES])
        else:
            copy = _copy(data) or _taken_along(data)
            other = (*copy, {}) if copy else ("", [], {})
        if any(event.activity in asked for event in other[1]):
            yield other


def _document(
    draft: Draft, asked: Container[str], others: Sequence[Other], *, journal: bool
) -> tuple[str, list[Event]] | None:
    """Whose the document's copy of the answers is, and its answers; None where there is no document."""
    content = draft.files.get(draft.notebook_name)
    if isinstance(content, Odd) and content.kind == "link":
        raise NotGradable
    copy = _copy(content) if isinstance(content, bytes) else None
    if content is not None and copy is None and not journal and not others and not _stands_in(draft, asked):
        raise NotGradable
    return copy


def _stands_in(draft: Draft, asked: Container[str]) -> bool:
    """Whether another notebook, which nobody has answered, is the exercise's."""
    for name, data in draft.files.items():
        if name != draft.notebook_name and ".ipynb" in name.lower() and isinstance(data, bytes) and _copy(data):
            names = re.findall(rb'"grade_id"\s*:\s*"([\w-]+)"|activite\(\\"([\w-]+)\\"\)', data)
            if any((one or other).decode() in asked for one, other in names):
                return True
    return False


def _copy(data: bytes) -> tuple[str, list[Event]] | None:
    """None where it is no notebook."""
    parts = sum(map(data.count, (b"[", b"{", b",")))
    notebook = _parsed(data, strict=False) if len(data) <= MAX_NOTEBOOK_BYTES and parts <= 1_000_000 else None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        return None
    here: Any = notebook
    for key in ("metadata", KEY, "answers"):
        here = here.get(key) if isinstance(here, dict) else None
    if not isinstance(here, dict) or not isinstance(here.get("events"), list):
        return "", []
    events = [event for record in here["events"][:MAX_EVENTS] for event in _read(record)]
    origin = here.get("origin")
    if events and not (isinstance(origin, str) and any(event.origin == origin for event in events)):
        origin = max(events, key=lambda event: event.order).origin
    return (str(origin), events) if events else ("", [])


def _taken_along(data: bytes) -> tuple[str, list[Event]] | None:
    """Whose the answers of a file are that `emporter()` wrote, and they themselves; None where it is none."""
    travel = _parsed(data, strict=False)
    folders = travel.get("folders") if isinstance(travel, dict) and "reseau_kit" in travel else None
    if not isinstance(folders, dict):
        return None
    told = [answers["events"] for answers in folders.values() if isinstance(answers, dict) and "events" in answers]
    events = [event for records in told for record in records[:MAX_EVENTS] for event in _read(record)]
    origins = {event.origin for event in events}
    return (origins.pop() if len(origins) == 1 else ""), events


def _parsed(data: bytes, *, strict: bool = True) -> Any:
    """The JSON value of some bytes, None where there is none."""

    def constant(name: str) -> float:
        if strict:
            raise ValueError(name)
        return float(name)

    try:
        return json.loads(data, parse_constant=constant)
    except (ValueError, RecursionError):
        return None


def _read(record: object) -> list[Event]:
    try:
        return [read_event(record)]
    except ValueError:
        return []


@dataclass(frozen=True)
class Subject:
    """An exercise to grade, and the paper that its submissions are made of."""

    exercise: Exercise
    paper: Paper

    @cached_property
    def marked(self) -> dict[str, str]:
        """The activity of each cell that a program marks."""
        cells = [cell for notebook in self.exercise.notebooks for cell in notebook.cells]
        shown = {cell.name: activity_of({"cell_type": cell.cell_type, "source": cell.source}) for cell in cells}
        return {cell.name: shown[cell.name] or "" for cell in cells if cell.grade and not cell.solution}

    @cached_property
    def named(self) -> set[str]:
        """The names of its cells, and the activities that they show."""
        cells = [cell for notebook in self.exercise.notebooks for cell in notebook.cells]
        shown = {activity_of({"cell_type": cell.cell_type, "source": cell.source}) for cell in cells}
        return {*(cell.name for cell in cells), *filter(None, shown)}

    @cached_property
    def read(self) -> list[str]:
        """The open questions: a person marks their texts."""
        cells = [cell for notebook in self.exercise.notebooks for cell in notebook.cells]
        return [cell.name for cell in cells if cell.solution and cell.name in self.paper.activities]

    @cached_property
    def most(self) -> dict[str, float]:
        """The points of each graded cell."""
        cells = [cell for notebook in self.exercise.notebooks for cell in notebook.cells]
        return {cell.name: cell.points or 0.0 for cell in cells if cell.grade or cell.task}

    def scores(self, events: Sequence[Event]) -> Scores:
        """What answers are worth, by the checks alone."""
        found: Scores = {}
        for name, id in self.marked.items():
            now = mark(self.paper.activities, id, [event for event in events if event.activity == id])
            found[name] = points(self.paper.activities[id], now.score)
        return found

    def written(self, events: Sequence[Event]) -> set[str]:
        """The open questions with a text for a person to read."""
        return {event.activity for event in events if event.activity in self.read and read_text(event.value)}

    def ceiling(self, events: Sequence[Event]) -> Scores:
        """The most that any of these answers alone would be worth."""
        best: Scores = {}
        for name, id in self.marked.items():
            each = [self.scores_of(id, event) for event in events if event.activity == id]
            best[name] = None if None in each else max((score for score in each if score is not None), default=0.0)
        return best

    def scores_of(self, id: str, event: Event) -> float | None:
        """What one answer would be worth as the only one."""
        return points(self.paper.activities[id], mark(self.paper.activities, id, [event]).score)


# --- a submission to spoil --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Base:
    """What somebody handed in, whole or damaged on the way."""

    subject: Subject
    hand_in: HandIn

    def draft(self, places: Places, others: Sequence[Draft] = ()) -> Draft:
        """The submission, ready to be spoilt."""
        whole = not self.hand_in.damage
        return Draft(
            self.subject.paper.notebook_name,
            dict(self.hand_in.files),
            others,
            places,
            journal_whole=whole,
            copy_whole=whole,
            worst=NEUTRAL if whole else LOSING,
        )


def subjects(course: Path) -> list[Subject]:
    """The released exercises of a course, as grading in volume sees them."""
    from reseau_kit.grading.course import load_course
    from reseau_kit.grading.gradebook import open_book

    settings = load_course(course)
    papers = [paper for paper in read_papers(course) if paper.asked]
    with open_book(settings.db_url, settings.folders.course_id) as book:
        return [Subject(settings.exercise(paper.name, book.exercise(paper.name)), paper) for paper in papers]


def corpus(found: Sequence[Subject], course: Path, learners: int, seed: int) -> list[Base]:
    """What the first learners of a demonstration hand in."""
    known = {subject.paper.name: subject for subject in found}
    papers = read_papers(course)
    people = (learner(seed, number) for number in range(1, learners + 1))
    return [
        Base(known[paper.name], handed_in)
        for who in people
        for paper, handed in hand_ins(seed, who, papers)
        for handed_in in handed
    ]


def spoilt(bases: Sequence[Base], places: Places, seed: int, number: int) -> tuple[Base, Draft]:
    """The spoilt submission of that number."""
    rng = Random(f"{seed} {number}")
    base = rng.choice(bases)
    same = [other for other in bases if other.subject is base.subject]
    others = [rng.choice(same).draft(places) for _ in range(3)]
    draft = base.draft(places, others)
    # Half of them keep their mark, which says more of a mark than any reference.
    kinds = [name for name, (kind, _) in OPERATORS.items() if kind == NEUTRAL] if rng.random() < 0.5 else []
    return base, spoil(draft, rng, rng.choice((1, 1, 2, 3, 5)), kinds)


# --- watching ---------------------------------------------------------------------------------------------------------


class Hang(BaseException):
    """Time is up. No exception that any code would keep for itself."""


class Watch:
    """Notes what this process does beside reading a submission and writing to its staging folder."""

    _RUNS = (
        "subprocess.",
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.spawn",
        "socket.",
        "pty.",
        "ctypes.",
    )
    _CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")
    _CHANGES += ("os.chown", "os.utime", "os.setxattr", "os.removexattr", "shutil.move", "shutil.rmtree")

    def __init__(self) -> None:
        self.armed = False
        self.escapes: list[str] = []
        self.runs: list[str] = []
        self._readable: tuple[str, ...] = ()
        self._writable = ""
        libraries = {os.path.realpath(path) for path in (*sys.path, sys.prefix, sys.base_prefix, str(ROOT)) if path}
        self._libraries = (*libraries, "/usr/share/zoneinfo", "/usr/lib", "<frozen")
        sys.addaudithook(self._hook)

    @contextmanager
    def over(self, exercise: Exercise, submitted: Path, staging: Path) -> Iterator[None]:
        """Watch while one submission is graded."""
        folders = (submitted, staging, exercise.source, exercise.release)
        self._readable = tuple(os.path.realpath(folder) for folder in folders)
        self._writable = os.path.realpath(staging)
        self.escapes, self.runs, self.armed = [], [], True
        try:
            yield
        finally:
            self.armed = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.armed:
            return
        self.armed = False
        try:
            self._note(event, arguments)
        finally:
            self.armed = True

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes):
                self._note_open(os.fsdecode(path), flags)
        elif event.startswith(self._CHANGES):
            if isinstance(arguments[0], str | bytes) and not self._inside(os.fsdecode(arguments[0]), (self._writable,)):
                self.escapes.append(f"{event} {arguments[0]!r}")
        elif event.startswith(self._RUNS):
            self.runs.append(f"{event} {arguments!r}"[:300])
        elif event in ("exec", "compile"):
            name = arguments[0].co_filename if event == "exec" else arguments[1]
            if not str(name).startswith(self._libraries):
                self.runs.append(f"{event} {name!r}")
        elif event == "import" and arguments[1] and not str(arguments[1]).startswith(self._libraries):
            self.runs.append(f"import {arguments[:2]!r}")

    def _note_open(self, path: str, flags: int) -> None:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            if not self._inside(path, (self._writable,)):
                self.escapes.append(f"écrit {path!r}")
        elif flags & os.O_NOFOLLOW and (os.sep not in path or Path(path).is_symlink()):
            return  # in a folder that is open already, or a link, that does not open
        elif not self._inside(path, (*self._readable, *self._libraries)):
            self.escapes.append(f"lit {path!r}")

    @staticmethod
    def _inside(path: str, folders: Iterable[str]) -> bool:
        place = os.path.realpath(path)
        return any(place == folder or place.startswith(f"{folder}{os.sep}") for folder in folders)


def _memory(name: str) -> float:
    """What /proc says of this process's memory, in MiB; what is known elsewhere where there is none."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = re.search(rf"{name}:\s+(\d+) kB", text)
    return int(found[1]) / 1024 if found else 0.0


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


@contextmanager
def _in_time() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, CLOCK_LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- judging ----------------------------------------------------------------------------------------------------------

FAULTS = ("crashes", "hangs", "wrong_marks", "escapes", "code_runs", "raw_html", "over_memory", "not_french")

#: What Python and its libraries say of what they cannot read.
_ENGLISH = re.compile(
    r"Expecting|Exceeds|Extra data|codec|Unterminated|Invalid|surrogate|delimiter|decode|must be|unexpected|"
    r"No such|denied|Is a dir|Too many|too long|not allowed|Object of|out of range|month"
)


@dataclass
class Verdict:
    """What was found of one submission: faults by their kind."""

    number: int
    did: list[str]
    faults: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0
    mib: float = 0.0
    refused: bool = False
    neutral: bool = False


class Bench:
    """What a process needs to grade spoilt submissions in a folder of its own."""

    def __init__(self, course: Path, base: Path, seed: int, learners: int = LEARNERS) -> None:
        self.seed, self.base = seed, base
        base.mkdir(parents=True)
        self.places = Places(base / "secret.txt", base / "canari")
        self.places.secret.write_text(SECRET, encoding="utf-8")
        self.subjects = subjects(course)
        self.bases = corpus(self.subjects, course, learners, seed)
        self.watch = Watch()
        for subject in self.subjects:
            # Everything is loaded once before anybody watches, the reading of odd dates too.
            whole = next(one for one in self.bases if one.subject is subject and not one.hand_in.damage)
            for text in (b"30 nov 2026 8:00", b"2026-01-01 00:00:00 CET", b"2026-01-01 00:00:00 UTC"):
                draft = whole.draft(self.places)
                draft.files["timestamp.txt"] = text
                self.graded(subject, draft)

    def graded(self, subject: Subject, draft: Draft) -> tuple[Outcome, Path]:
        """Grade a submission; what became of it, and the folder that was written."""
        here = self.base / "ici"
        shutil.rmtree(here, ignore_errors=True)
        submitted = here / "submitted" / draft.student / subject.exercise.name
        write(draft, submitted)
        staging = here / "staging"
        with self.watch.over(subject.exercise, submitted, staging):
            return grade_folder(subject.exercise, draft.student, submitted, staging), staging

    def judge(self, number: int) -> Verdict:
        """Spoil, grade and judge one submission."""
        base, draft = spoilt(self.bases, self.places, self.seed, number)
        verdict = Verdict(number, [base.hand_in.damage, *draft.did] if base.hand_in.damage else draft.did)
        verdict.neutral = draft.worst == NEUTRAL
        before = _memory("VmRSS")
        _forget_peak()
        started = time.process_time()
        try:
            with _in_time():
                outcome, staging = self.graded(base.subject, draft)
        except Hang:
            verdict.faults.append(("hangs", f"plus de {CLOCK_LIMIT} s"))
            return verdict
        except Exception as error:  # noqa: BLE001  that is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            verdict.faults.append(("crashes", f"{type(error).__name__}: {error} ({where.name}, {where.lineno})"[:400]))
            return verdict
        verdict.seconds = time.process_time() - started
        verdict.mib = max(0.0, _memory("VmHWM") - before)
        verdict.refused = bool(outcome.refused)
        if verdict.seconds > CPU_LIMIT:
            verdict.faults.append(("hangs", f"{verdict.seconds:.1f} s"))
        if verdict.mib > MIB_LIMIT:
            verdict.faults.append(("over_memory", f"{verdict.mib:.0f} Mio"))
        verdict.faults += [("escapes", text) for text in self.watch.escapes]
        verdict.faults += [("code_runs", text) for text in self.watch.runs]
        verdict.faults += judged_marks(base, draft, outcome)
        verdict.faults += self._judged_files(staging)
        for text in (outcome.refused, *outcome.repairs):
            if _ENGLISH.search(text):
                verdict.faults.append(("not_french", text))
        return verdict

    def _judged_files(self, staging: Path) -> Iterator[tuple[str, str]]:
        if self.places.canary.exists():
            self.places.canary.unlink()
            yield "code_runs", "le code d’une personne a tourné"
        if self.places.secret.read_text(encoding="utf-8") != SECRET:
            self.places.secret.write_text(SECRET, encoding="utf-8")
            yield "escapes", "un fichier à côté a changé"
        if extra := {path.name for path in self.base.iterdir()} - {"secret.txt", "ici"}:
            yield "escapes", f"à côté : {extra}"
        for path in staging.rglob("*"):
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                yield "escapes", f"{path.name} n’est pas un fichier"
            elif path.is_file() and path.stat().st_size < 10**7:
                data = path.read_bytes()
                if SECRET.encode() in data:
                    yield "escapes", f"le secret est dans {path.name}"
                if path.suffix == ".ipynb" and path.parent == staging and not path.name.startswith("."):
                    yield from _judged_notebook(path.name, data)


def _judged_notebook(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """What a trainer opens has to be a notebook, and nothing of a learner's runs in it."""
    try:
        notebook = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except ValueError as error:
        yield "crashes", f"{name} ne se relit pas : {error}"
        return
    if "widgets" in notebook["metadata"]:
        yield "raw_html", f"{name} : des widgets"
    for cell in notebook["cells"]:
        if any(WIDGET_VIEW in output["data"] for output in cell.get("outputs", ())):
            yield "raw_html", f"{name} : un widget dans {cell['id']}"
        shown = [cell["source"]] if cell["cell_type"] == "markdown" else []
        shown += [text for output in cell.get("outputs", ()) for text in output["data"].values()]
        if any(HOSTILE_TAG in text or "<script>alert" in text for text in shown):
            yield "raw_html", f"{name} : {cell['id']}"


def _refuse(name: str) -> None:
    raise ValueError(name)


def judged_marks(base: Base, draft: Draft, outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Where the marks are not what they have to be."""
    try:
        events = expected_events(draft, base.subject.named)
    except NotGradable:
        if not outcome.refused:
            yield "wrong_marks", "notée, alors que rien ne se lit"
        return
    if outcome.refused:
        excused = {"odd_timestamp": "La date de remise", "odd_student": "Le nom du dossier"}
        if not any(name in draft.did and text in outcome.refused for name, text in excused.items()):
            yield "wrong_marks", f"refusée : {outcome.refused}"
        return
    for text in _wrong_marks(base, draft, events, outcome):
        yield "wrong_marks", text


def _wrong_marks(base: Base, draft: Draft, events: Sequence[Event], outcome: Outcome) -> Iterator[str]:
    subject = base.subject
    got = {mark.name: mark for notebook in outcome.notebooks.values() for mark in notebook}
    if got.keys() != subject.most.keys():
        yield f"cellules : {sorted(got)}"
        return
    for name, most in subject.most.items():
        score = got[name].auto_score
        if got[name].needs_manual_grade != (score is None):
            yield f"{name} : {got[name]}"
        if score is not None and not 0 <= score <= most:
            yield f"{name} : {score} sur {most}"
    wanted = [("relu", subject.scores(events), subject.written(events))]
    if draft.worst == NEUTRAL:
        wanted.append(("intact", subject.scores(base.hand_in.events), subject.written(base.hand_in.events)))
    for which, scores, written in wanted:
        for name, score in scores.items():
            if got[name].auto_score != score:
                yield f"{name} : {got[name].auto_score}, et {score} attendu ({which})"
        for name in written:
            if got[name].auto_score is not None:
                yield f"{name} : {got[name].auto_score}, alors qu’il y a un texte à lire ({which})"
    if draft.worst == NEUTRAL:
        empty = set(subject.read) - subject.written(base.hand_in.events)
        yield from (f"{name} : {got[name]}, sans aucun texte" for name in empty if got[name].auto_score != 0.0)
    highest = subject.ceiling(base.hand_in.events) if draft.worst == LOSING else {}
    for name, most_of in highest.items():
        if most_of is not None and (got[name].auto_score or 0) > most_of:
            yield f"{name} : {got[name].auto_score}, plus que {most_of}"


# --- many -------------------------------------------------------------------------------------------------------------

_bench: Bench | None = None


def _prepare(course: Path, base: Path, seed: int) -> None:
    global _bench  # noqa: PLW0603  a process grades thousands
    warnings.simplefilter("ignore")
    _bench = Bench(course, base / str(os.getpid()), seed)


def _judge_some(numbers: Sequence[int]) -> list[Verdict]:
    assert _bench
    return [_bench.judge(number) for number in numbers]


def run(course: Path, base: Path, seed: int, numbers: Sequence[int], jobs: int) -> Iterator[Verdict]:
    """Judge the submissions of those numbers in processes; one that kills its process is a crash."""
    chunks = [numbers[start : start + 50] for start in range(0, len(numbers), 50)]
    while chunks:
        lost: list[Sequence[int]] = []
        with ProcessPoolExecutor(
            jobs, get_context("spawn"), initializer=_prepare, initargs=(course, base, seed)
        ) as processes:
            tasks = {processes.submit(_judge_some, chunk): chunk for chunk in chunks}
            for task in as_completed(tasks):
                try:
                    yield from task.result()
                except BrokenExecutor:
                    lost.append(tasks[task])
        if len(lost) == 1 and len(lost[0]) == 1:
            yield Verdict(lost[0][0], [], [("crashes", "le processus est mort")])
            return
        if lost and jobs == 1:
            # One after the other, so that it is known which one it is.
            for number in (number for chunk in lost for number in chunk):
                yield from run(course, base / f"seul-{number}", seed, [number], 1)
            return
        chunks, jobs = lost, 1


def make_course(folder: Path, source: Path = ROOT) -> Path:
    """A course with every exercise released, and nobody in it."""
    demo.make(folder, source, 0)
    return folder


def _stops_nbgrader(draft: Draft) -> bool:
    """Whether nbgrader's own copying of files stops at it: a path too long, a folder in the place of a course file."""
    folders = (name for name, content in draft.files.items() if isinstance(content, Odd) and content.kind == "folder")
    return draft.deep > 0 or any(name.endswith(".csv") for name in folders)


def parity(course: Path, seed: int, numbers: Iterable[int], folder: Path) -> tuple[int, list[str]]:
    """Grade submissions by `nbgrader autograde` and in volume, each in a course of its own.

    How many were compared, and where they differ. What stops nbgrader's copying is left out: there is no mark then.
    """
    from reseau_kit.grading import batch

    folder.mkdir()
    places = Places(folder / "secret.txt", folder / "canari")
    places.secret.write_text(SECRET, encoding="utf-8")
    bases = corpus(subjects(course), course, LEARNERS, seed)
    first, second = (Path(shutil.copytree(course, folder / name)) for name in ("nbgrader", "volume"))
    handed: dict[str, str] = {}
    for number in numbers:
        base, draft = spoilt(bases, places, seed, number)
        if _stops_nbgrader(draft):
            continue
        draft = replace(draft, student=f"f-{number:05}")
        handed[draft.student] = f"{base.subject.paper.name} {draft.did}"
        for desk in (first, second):
            write(draft, desk / "submitted" / draft.student / base.subject.paper.name)
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "jupyter"), "HOME": str(folder)}
    for name in sorted({told.split()[0] for told in handed.values()}):
        command = [Path(sys.executable).with_name("nbgrader"), "autograde", name]
        subprocess.run(command, cwd=first, env=environment, capture_output=True, timeout=3_000, check=False)
        with chdir(second):
            batch.grade(batch.load_course(second), assignment=name, jobs=1)
    one, other = grades(first), grades(second)
    faults = [
        f"{student} {handed[student]} : {one.get(student)} et {other.get(student)}"
        for student in handed
        if one.get(student) != other.get(student)
    ]
    for student, told in handed.items():
        places_of = [desk / "autograded" / student / told.split()[0] for desk in (first, second)]
        if places_of[0].exists() != places_of[1].exists():
            faults.append(f"{student} {told} : l’un des deux dossiers notés manque")
    return len(handed), faults


def figures(verdicts: Iterable[Verdict]) -> tuple[dict[str, Any], list[Verdict]]:
    """What to print, and the submissions that failed."""
    counts: Counter[str] = Counter()
    used: Counter[str] = Counter()
    failed, slowest, largest = [], Verdict(-1, []), Verdict(-1, [])
    for verdict in verdicts:
        counts["submissions"] += 1
        counts["neutral"] += verdict.neutral
        counts["refused"] += verdict.refused
        used.update(name for name in verdict.did if name in OPERATORS)
        counts.update({kind for kind, _ in verdict.faults})
        slowest = max(slowest, verdict, key=lambda one: one.seconds)
        largest = max(largest, verdict, key=lambda one: one.mib)
        if verdict.faults:
            failed.append(verdict)
    told: dict[str, Any] = {"bench": "fuzz", "submissions": counts["submissions"], "operators": len(used)}
    told |= {"neutral": counts["neutral"], "refused": counts["refused"]} | {kind: counts[kind] for kind in FAULTS}
    told |= {"slowest_s": round(slowest.seconds, 3), "slowest": f"{slowest.number} {slowest.did}"}
    told |= {"peak_mib_growth": round(largest.mib, 1), "largest": f"{largest.number} {largest.did}"}
    return told, failed


def faults_of(told: Mapping[str, Any]) -> int:
    """How many submissions failed in one way or another."""
    return sum(int(told[kind]) for kind in FAULTS)


def main() -> None:
    """Spoil, grade, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", type=int, nargs="*", help="the numbers of some submissions")
    parser.add_argument("--parity", type=int, default=0, help="so many of them by nbgrader autograde too")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    numbers = arguments.only or range(arguments.submissions)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder).resolve()
        course = make_course(base / "cours")
        told, failed = figures(run(course, base / "travail", arguments.seed, numbers, arguments.jobs))
        if arguments.parity:
            rng = Random(arguments.seed)
            some = rng.sample(numbers, min(arguments.parity, len(numbers)))
            compared, different = parity(course, arguments.seed, some, base / "parite")
            told |= {"parity": compared, "differences": len(different)}
            print("\n".join(different), file=sys.stderr)
    told["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(told, ensure_ascii=False))
    for verdict in failed:
        print(f"--seed {arguments.seed} --only {verdict.number} : {verdict.did} {verdict.faults}", file=sys.stderr)
    sys.exit(bool(failed or told.get("differences")))


if __name__ == "__main__":
    main()
