"""A complete course to try grading on: released exercises, invented learners of several kinds, and what they handed in.

Nobody here exists. A learner is the same whatever their number: same seed, same files. Knows nothing of grading.

The kinds, and how many of twenty learners each is; these shares, and how many go on from step to step, are assumptions
that no survey backs:

====================  ==  =============================================================================================
perfect                2  right at the first attempt, everywhere, in every step
diligent               6  most things right, some at the second or third attempt
careless               4  a slip in most things
late                   2  diligent, hours or days after the due date
twice                  2  hands in half of it, and all of it a day later, some of them late (`resubmit`)
incomplete             1  leaves questions out, and writes little
broken                 2  diligent, and the files were damaged on the way: see `DAMAGES`, another in each step
drafts                 1  types everything and validates nothing
====================  ==  =============================================================================================
"""

import copy
import hashlib
import json
import logging
import os
import random
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from contextlib import chdir
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from reseau_kit.activities.activity import Activities, Activity
from reseau_kit.activities.loading import load_activities
from reseau_kit.activities.tasks import Form, OpenText, Plan, judges
from reseau_kit.answers.folder import GROUP_NAMES_FILE, values_of
from reseau_kit.answers.journal import AUTHOR_FILE_NAME, FILE_NAME, Event, Kind, compact
from reseau_kit.answers.journal import FORMAT as JOURNAL_FORMAT
from reseau_kit.answers.notebooks import KEY, as_jupyter, course_metadata, load
from reseau_kit.demo.answering import Written, as_sent, right_answer, slipped
from reseau_kit.system.files import replace_file
from reseau_kit.system.processes import pool
from reseau_kit.system.refusals import of_database, reason, silent_log

PERFECT, DILIGENT, CARELESS, LATE = "perfect", "diligent", "careless", "late"
TWICE, INCOMPLETE, BROKEN, DRAFTS = "twice", "incomplete", "broken", "drafts"

#: The kinds of twenty learners, over and over: the first eight are one of each.
KINDS = (
    *(PERFECT, DILIGENT, CARELESS, LATE, TWICE, INCOMPLETE, BROKEN, DRAFTS, DILIGENT, CARELESS),
    *(DILIGENT, LATE, PERFECT, DILIGENT, CARELESS, TWICE, BROKEN, DILIGENT, CARELESS, DILIGENT),
)

#: What happens to files on their way, and what is left of a submission then.
DAMAGES = {
    "truncated": "the notebook is cut short; the journal has the answers",
    "journal-only": "no notebook; the journal has the answers",
    "empty": "the notebook is empty and there is no journal: nothing can be graded",
    "notebook-only": "no journal; the notebook's copy has the answers",
    "foreign-journal": "the journal is another person's: the answers are that person's, one's own are set aside",
    "duplicated": "every cell stands twice",
    "renamed": "the notebook has another name and there is no journal; its copy has the answers",
    "deleted-cells": "the activities' cells are gone; the answers are there",
    "cut-journal": "the last line of the journal is cut; the notebook's copy has it",
    "unreadable": "the notebook is cut short and there is no journal: nothing can be graded",
}

#: Of these nothing can be graded.
REFUSED = frozenset({"empty", "unreadable"})

#: The share of learners who are still there at the first step, the second… (an assumption); perfect ones all stay.
STAYING = (1.0, 0.9, 0.82, 0.76, 0.72)

#: A step opens each Monday from this one on, and is due the Sunday after, in the evening (UTC).
FIRST_DAY = date(2026, 9, 28)
DUE_TIME = time(20)

#: Says, in the folder, that it is a demonstration, and which.
RECORD_NAME = ".reseau-kit-demo.json"
FORMAT = 1
CONFIG_NAME = "nbgrader_config.py"
EXCHANGE = "exchange"

#: What a demonstration holds, and what nbgrader and grading leave beside it: all that remaking one removes.
_MADE = (
    *("course", "exercises", CONFIG_NAME, EXCHANGE, "gradebook.db", "release", "submitted", "autograded", "feedback"),
    *("grades.csv", ".nbgrader.log", "rapport-*.csv", "ramassage-*.csv", "non-attribues", "remplaces"),
)
_PRIVATE = (
    *(FILE_NAME, AUTHOR_FILE_NAME, GROUP_NAMES_FILE, "mes-reponses-*.json"),
    *("__pycache__", ".ipynb_checkpoints"),
)
_CONFIG = """from reseau_kit.grading import configure

c = get_config()
c.CourseDirectory.course_id = "demonstration"
c.CourseDirectory.source_directory = "exercises"
configure(c)
"""
#: Added to the configuration that a demonstration takes over: invented people in a real gradebook would stay there, and
#: their pages in a real exchange.
_APART = f"""
# Ajouté pour la démonstration : son dossier, son carnet de notes et sa zone d’échange sont à elle, où que soient ceux
# du cours.
from pathlib import Path

from sqlalchemy.engine import URL

c = get_config()
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.db_url = URL.create(
    "sqlite", database=str(Path(__file__).resolve().parent / "gradebook.db")
).render_as_string()
c.CourseDirectory.setdefault("course_id", "demonstration")
c.Exchange.root = str(Path(__file__).resolve().parent / "{EXCHANGE}")
c.Exchange.cache = str(Path(__file__).resolve().parent / "{EXCHANGE}" / ".cache")
"""

_CHUNK = 200


class CannotMake(Exception):
    """The demonstration cannot be made. The message, in French, says why and what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a demonstration holds: how many learners, and how many submissions to each assignment."""

    learners: int
    submissions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Learner:
    """An invented person. `number` counts from 1; `stays` (0–1) says until which step they stay."""

    number: int
    kind: str
    first_name: str
    last_name: str
    case: str
    project: str
    stays: float

    @property
    def id(self) -> str:
        """The name of their folder under `submitted/`."""
        return f"apprenant-{self.number:06}"

    @property
    def email(self) -> str:
        """An address in a domain that is reserved for examples (RFC 2606)."""
        return f"{self.id}@example.org"


@dataclass(frozen=True, slots=True)
class HandIn:
    """What a learner handed in: the files by name, when (UTC), and what was damaged, if anything was.

    `events` are the answers that the files hold, in order; those of another person where the journal is theirs.
    """

    files: Mapping[str, bytes]
    at: datetime
    events: tuple[Event, ...]
    damage: str = ""


# --- an exercise to hand in -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Paper:
    """A released exercise: what is asked, and the files that every learner hands back."""

    name: str
    place: int
    activities: Activities
    notebook_name: str
    notebook: bytes
    others: Mapping[str, bytes]

    @property
    def asked(self) -> bool:
        """Whether it has been released."""
        return bool(self.notebook)

    @property
    def due(self) -> datetime:
        """When it is due (UTC)."""
        return _due(self.place)


@lru_cache(maxsize=64)
def _around_answers(paper: Paper, damage: str) -> tuple[str, str]:
    """The notebook as Jupyter writes it, before and after the copy of the answers."""
    notebook = json.loads(paper.notebook)
    notebook.setdefault("metadata", {}).setdefault(KEY, {})["answers"] = "@ANSWERS@"
    if damage == "duplicated":
        notebook["cells"] *= 2
    elif damage == "deleted-cells":
        notebook["cells"] = [cell for cell in notebook["cells"] if "nbgrader" not in cell["metadata"]]
    before, after = as_jupyter(notebook).split('"@ANSWERS@"')
    return before, after


def _due(place: int) -> datetime:
    return datetime.combine(FIRST_DAY + timedelta(weeks=place, days=6), DUE_TIME, UTC)


def read_papers(course: Path) -> list[Paper]:
    """The exercises of a course, in order; those that have been released are asked."""
    return [_read_paper(course, name, place) for place, name in enumerate(exercise_names(course))]


def _read_paper(course: Path, name: str, place: int) -> Paper:
    source = min((course / "exercises" / name).glob("*.ipynb"))
    activities = load_activities(source.parent / str(course_metadata(load(source))["source"]))
    released = course / "release" / name
    files = {path.name: path.read_bytes() for path in sorted(released.glob("*")) if path.is_file()}
    notebook = files.pop(source.name, b"")
    return Paper(name, place, activities, source.name, notebook, files)


def exercise_names(course: Path) -> list[str]:
    """The exercises of a course, in order."""
    folders = sorted((course / "exercises").iterdir()) if (course / "exercises").is_dir() else []
    return [path.name for path in folders if any(path.glob("*.ipynb"))]


# --- people -----------------------------------------------------------------------------------------------------------

_FIRST_NAMES = (
    "Aïcha Anaïs Béatrice Björn Chloé Cédric Dorothée Éloïse Éric Fatoumata François Gaëlle Gérard Hélène Hervé Inès "
    "Jérôme José Katell Loïc Łucja Maëlle Mamadou Maud Noé Noémie Océane Oumar Pénélope Raphaël Rémi Renée Salomé "
    "Siméon Solène Thaïs Théo Ursule Valérie Xavier Yaël Zoé"
).split()
#: Plants and birds, so that nobody is taken for a real person.
_LAST_NAMES = (
    "Aubépine|de Bruyère|Chèvrefeuille|Coquelicot|L’Églantier|Épinette|Fougère|Genévrier|Hêtre-Pourpre|Joubarbe|"
    "Mélèze|Mésange|Myrtille|Noisetier|D’Orme|Pâquerette|Pivoine|Primevère|Réséda|Roitelet|Sarrasin|Séneçon|"
    "Sittelle|Sureau|Tilleul|Troglodyte|Véronique-Tournesol|Violette"
).split("|")


def learner(seed: int, number: int) -> Learner:
    """The learner of that number (from 1)."""
    rng = random.Random(f"{seed} {number}")
    return Learner(
        number=number,
        kind=KINDS[(number - 1) % len(KINDS)],
        first_name=rng.choice(_FIRST_NAMES),
        last_name=rng.choice(_LAST_NAMES),
        case=rng.choice(("nadia", "marcel", "pousses")),
        project=rng.choice(tuple(_sentences()["projets"])),
        stays=rng.random(),
    )


def takes_part(who: Learner, paper: Paper) -> bool:
    """Whether that learner is still there at that step."""
    return who.kind == PERFECT or who.stays < STAYING[min(paper.place, len(STAYING) - 1)]


@lru_cache(maxsize=1)
def _sentences() -> dict[str, Any]:
    """What invented people write."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("demo-reponses.json").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=4096)
def _written(id: str, case: str, project: str) -> Written:
    sentences = _sentences()
    parts = (sentences["fiches"], sentences["projets"][project], sentences["cas"].get(case, {}), sentences["textes"])
    return {name: texts for part in parts for name, texts in part.get(id, {}).items()} or sentences["ailleurs"]


# --- what they answer -------------------------------------------------------------------------------------------------


@dataclass
class _Session:
    """A learner at work on an exercise: each gesture is an event, a few minutes after the one before."""

    rng: random.Random
    origin: str
    clock: datetime
    opened: str = ""
    seq: int = 0
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.opened = self._tick()

    def record(self, activity: Activity, kind: Kind, value: Any, context: Mapping[str, str]) -> None:
        self.seq += 1
        name, at = f"{self.rng.getrandbits(64):016x}", self._tick()
        self.events.append(Event(name, self.origin, self.seq, activity.id, activity.version, kind, value, at, context))

    def handed_in(self, at: datetime | None = None) -> "_Work":
        """What has been done so far, handed in three minutes later, or at that time if that is later."""
        soon = self.clock + timedelta(minutes=3)
        return _Work(self.origin, self.opened, tuple(self.events), max(soon, at or soon))

    def _tick(self) -> str:
        self.clock += timedelta(milliseconds=int(self.rng.random() * 240_000) + 5_000)
        return self.clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hand_ins(seed: int, who: Learner, papers: Sequence[Paper]) -> Iterator[tuple[Paper, list[HandIn]]]:
    """What a learner hands in to each exercise that they take part in, the first and any later one."""
    decided = {"cas": who.case}
    known = dict(decided)
    last = max((place for place, paper in enumerate(papers) if paper.asked), default=-1)
    for paper in papers[: last + 1]:
        before = (dict(decided), dict(known))
        sessions = _work(seed, who, paper, decided, known)
        if paper.asked and takes_part(who, paper):
            journal_of = None
            if damage_of(who, paper) == "foreign-journal":
                friend = replace(who, number=-who.number, kind=DILIGENT)
                (journal_of,) = _work(seed, friend, paper, *before)
            yield paper, [_handed_in(who, paper, session, journal_of) for session in sessions]


@dataclass(frozen=True, slots=True)
class _Work:
    """What was answered until a hand-in, and when that is."""

    origin: str
    opened: str
    events: tuple[Event, ...]
    at: datetime


def _work(seed: int, who: Learner, paper: Paper, decided: dict[str, str], known: dict[str, str]) -> list[_Work]:
    """The events up to each hand-in, and when it is. What is decided here goes into `decided`.

    `known` holds what the learner means to decide, which their texts speak of even where a field was left out.
    """
    rng = random.Random(f"{seed} {who.number} {paper.name}")
    handed = _handed_in_at(who, paper, rng)
    session = _Session(rng, f"{rng.getrandbits(64):016x}", handed - timedelta(hours=2 + 30 * rng.random()))
    done: list[_Work] = []
    for place, activity in enumerate(paper.activities):
        if who.kind == TWICE and place == len(paper.activities) // 2:
            done.append(session.handed_in())
            session.clock += timedelta(hours=20)
        _decide(activity, paper, decided, session, who)
        question = activity.under(decided)
        assert question is not None, "it is asked in one of the cases that it has"
        context = {name: decided[name] for name in activity.needs if name in decided}
        written = _written(activity.id, who.case, who.project)
        right = right_answer(question, known, session.clock.date(), rng, written)
        gestures = [(kind, as_sent(question.task, value)) for kind, value in _gestures(who.kind, question, right, rng)]
        for kind, value in gestures:
            session.record(activity, kind, value, context)
        if activity.logbook:
            meant = values_of(activity.logbook, as_sent(question.task, right))
            known.update(meant)
            # The page asks later for what was left out.
            decided.update(meant | (values_of(activity.logbook, gestures[-1][1]) if gestures else {}))
    return [*done, session.handed_in() if who.kind == TWICE else session.handed_in(handed)]


def _decide(activity: Activity, paper: Paper, decided: dict[str, str], session: _Session, who: Learner) -> None:
    """Decide what an activity needs and no exercise asked for: another course has its cases and forms in a lesson."""
    for name in activity.lacks(decided):
        if deciding := paper.activities.deciding(name):
            written, day = _written(deciding.id, who.case, who.project), session.clock.date()
            question = deciding.under(decided) or next(iter(deciding.variants.values()))
            value = right_answer(question, decided, day, session.rng, written)
            decided.update(values_of(deciding.logbook, as_sent(question.task, value)) | decided)
    if activity.depends_on and decided.get(activity.depends_on) not in activity.variants:
        decided[activity.depends_on] = session.rng.choice(tuple(activity.variants))


def _handed_in_at(who: Learner, paper: Paper, rng: random.Random) -> datetime:
    before, after = rng.uniform(1, 60), rng.uniform(1, 120)
    return paper.due + timedelta(hours=after if who.kind == LATE else -before)


def _gestures(kind: str, question: Activity, right: Any, rng: random.Random) -> list[tuple[Kind, Any]]:
    """The drafts and attempts of a learner of that kind at a question, in order."""
    roll, task = rng.random(), question.task
    if kind == INCOMPLETE and roll < 0.45 and not question.logbook:
        return []
    if isinstance(task, OpenText):
        values = [_shortened(kind, right, roll)]
    elif kind == PERFECT or not judges(task):
        values = [right]
    else:
        others = [slipped(task, right, rng) for _ in range(2)]
        shares = _ATTEMPTS.get(kind, _ATTEMPTS[DILIGENT])
        order = next(order for share, order in shares if roll < share)
        values = [right if which is None else others[which] for which in order]
    if kind == DRAFTS:
        return [("draft", value) for value in values]
    # The page keeps what is being written, before anybody validates it.
    typing: list[Kind] = ["draft"] if isinstance(task, Form | Plan | OpenText) else []
    return [(how, value) for value in values for how in (*typing, "attempt")]


#: What is answered, attempt after attempt: right (None), or the first or second slip; up to a share (0–1) of questions.
_ATTEMPTS: dict[str, tuple[tuple[float, tuple[int | None, ...]], ...]] = {
    DILIGENT: ((0.6, (None,)), (0.85, (0, None)), (0.9, (0, 1, None)), (1.0, (0,))),
    CARELESS: ((0.25, (None,)), (0.4, (0, None)), (1.0, (0,))),
    INCOMPLETE: ((0.8, (None,)), (1.0, (0,))),
    DRAFTS: ((0.5, (None,)), (0.7, (0, None)), (1.0, (0,))),
}


def _shortened(kind: str, text: dict[str, str], roll: float) -> dict[str, str]:
    """As many of a text's paragraphs as somebody of that kind writes."""
    paragraphs = text["texte"].split("\n\n")
    few = {CARELESS: 1, INCOMPLETE: 1}.get(kind, len(paragraphs) if kind == PERFECT or roll < 0.6 else 2)
    return {"texte": "\n\n".join(paragraphs[:few])}


# --- the files --------------------------------------------------------------------------------------------------------


def _handed_in(who: Learner, paper: Paper, work: _Work, friend: _Work | None) -> HandIn:
    damage = damage_of(who, paper)
    notebook, name = _notebook(paper, work, damage), paper.notebook_name
    work_in_journal = friend or work
    journal = _journal(work_in_journal)
    match damage:
        case "truncated" | "unreadable":
            notebook = notebook[: len(notebook) * 2 // 3]
        case "empty":
            notebook = b""
        case "renamed":
            name = f"{Path(name).stem} (1).ipynb"
        case "cut-journal":
            journal = journal[:-40]
    files = dict(paper.others)
    if damage not in ("empty", "unreadable", "notebook-only", "renamed"):
        files[FILE_NAME] = journal
    if damage != "journal-only":
        files[name] = notebook
    files["timestamp.txt"] = f"{work.at:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
    # As `nbgrader submit` leaves it, another at each hand-in; `release_feedback` stops at a folder without.
    files["submission_secret.txt"] = hashlib.sha512(f"{work.origin} {work.at}".encode()).hexdigest().encode()
    return HandIn(files, work.at, () if damage in REFUSED else work_in_journal.events, damage)


def damage_of(who: Learner, paper: Paper) -> str:
    """What happens to a learner's files at that step: one of `DAMAGES`, or nothing."""
    if who.kind != BROKEN:
        return ""
    rounds, place = divmod(who.number - 1, len(KINDS))
    before = rounds * KINDS.count(BROKEN) + KINDS[:place].count(BROKEN)
    return tuple(DAMAGES)[(before + paper.place) % len(DAMAGES)]


def _journal(work: _Work) -> bytes:
    first = {"v": JOURNAL_FORMAT, "kind": "open", "origin": work.origin, "at": work.opened}
    lines = [first, *(event.to_json() for event in work.events)]
    return "".join(f"{_compactly(line)}\n" for line in lines).encode()


def _notebook(paper: Paper, work: _Work, damage: str) -> bytes:
    """The notebook as Jupyter saves it, with the page's copy of the answers."""
    before, after = _around_answers(paper, damage)
    told = ",\n     ".join(map(_indented_event, compact(work.events)))
    listed = f"[\n     {told}\n    ]" if told else "[]"
    return f'{before}{{\n    "events": {listed},\n    "origin": "{work.origin}"\n   }}{after}'.encode()


def _indented_event(event: Event) -> str:
    # Written out, since Python's JSON is ten times slower where it indents.
    return (
        f'{{\n      "activity": "{event.activity}",\n      "at": "{event.at}",\n'
        f'      "context": {_indented(_compactly(event.context))},\n      "id": "{event.id}",\n'
        f'      "kind": "{event.kind}",\n      "origin": "{event.origin}",\n      "seq": {event.seq},\n'
        f'      "v": {JOURNAL_FORMAT},\n      "value": {_indented(_compactly(event.value))},\n'
        f'      "version": {event.version}\n     }}'
    )


@lru_cache(maxsize=4096)
def _indented(compact_json: str) -> str:
    text = json.dumps(json.loads(compact_json), ensure_ascii=False, indent=1, sort_keys=True)
    return text.replace("\n", "\n      ")


def _compactly(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(course: Path, who: Learner, paper: Paper, hand_in: HandIn) -> None:
    """Put a submission in the trainer's `submitted/`, in place of an earlier one."""
    folder = f"{course}{os.sep}submitted{os.sep}{who.id}{os.sep}{paper.name}"
    try:
        os.makedirs(folder)  # noqa: PTH103  there are a hundred thousand: paths stay texts
    except FileExistsError:
        shutil.rmtree(folder)
        os.makedirs(folder)  # noqa: PTH103
    for name, content in hand_in.files.items():
        with open(f"{folder}{os.sep}{name}", "xb", buffering=0) as file:  # noqa: PTH123
            file.write(content)


# --- the course -------------------------------------------------------------------------------------------------------


def make(
    folder: Path,
    course_root: Path,
    learners: int,
    *,
    seed: int = 1,
    assignments: Sequence[str] = (),
    jobs: int = 1,
    force: bool = False,
    progress: Callable[[int, int], object] = lambda _done, _of: None,
) -> Made:
    """A demonstration in `folder`: the course of `course_root`, released, and what that many learners handed in.

    `assignments` are all, unless some are named. `progress` is told how many learners are done, of how many. With
    `force`, an older demonstration is made anew, with its marks.

    Raises:
        CannotMake: `course_root` is no course, or `folder` holds something else.
        ActivityFaults: an activities file has faults.
    """
    names = _check(folder, course_root, assignments, force=force)
    try:
        return _make(folder, course_root, learners, seed, names, jobs, progress)
    except OSError as error:
        raise CannotMake(f"« {folder} » ne s’écrit pas ({reason(error)}). Vérifiez la place et les droits.") from error


def _make(
    folder: Path,
    course_root: Path,
    learners: int,
    seed: int,
    names: list[str],
    jobs: int,
    progress: Callable[[int, int], object],
) -> Made:
    folder.mkdir(parents=True, exist_ok=True)
    for path in [path for name in _MADE for path in folder.glob(name)]:
        _remove(path)
    record = {"format": FORMAT, "seed": seed, "learners": learners, "assignments": names, "complete": False}
    _write_record(folder, record)
    _copy_course(course_root, folder)
    # nbgrader makes no exchange, and stops where there is none.
    (folder / EXCHANGE).mkdir()
    gradebook = _release(folder, names)
    _enrol(*gradebook, (learner(seed, number) for number in range(1, learners + 1)))
    counts = dict.fromkeys(names, 0)
    done = 0
    progress(0, learners)
    for size, found in _in_chunks(folder, seed, learners, jobs):
        done += size
        for name, count in found.items():
            counts[name] += count
        progress(done, learners)
    _write_record(folder, record | {"complete": True})
    return Made(learners, counts)


def resubmit(folder: Path) -> int:
    """Bring the later hand-in of each learner who hands in twice, in place of their first; how many there are.

    Raises:
        CannotMake: the folder is no demonstration, or not a complete one.
    """
    record = read_record(folder)
    if not record or not record["complete"]:
        raise CannotMake(
            f"« {folder} » n’est pas un cours de démonstration complet : faites-en un avec reseau-kit demo."
        )
    papers = read_papers(folder)
    count = 0
    for number in range(1, record["learners"] + 1):
        if KINDS[(number - 1) % len(KINDS)] == TWICE:
            who = learner(record["seed"], number)
            for paper, handed_in in hand_ins(record["seed"], who, papers):
                write(folder, who, paper, handed_in[-1])
                count += 1
    return count


def read_record(folder: Path) -> dict[str, Any] | None:
    """What was noted of a demonstration, None where the folder is none."""
    try:
        found = json.loads((folder / RECORD_NAME).read_bytes())
    except (OSError, ValueError):
        return None
    ours = isinstance(found, dict) and found.get("format") == FORMAT
    return found if ours else None


def _check(folder: Path, course_root: Path, assignments: Sequence[str], *, force: bool) -> list[str]:
    """The assignments to release."""
    known = exercise_names(course_root)
    if not known or not (course_root / "course").is_dir():
        raise CannotMake(
            f"Le dossier « {course_root.resolve()} » ne contient pas le cours : il y manque « course » ou "
            "« exercises ». Le paquet installé ne l’apporte pas : téléchargez le cours, puis lancez la commande depuis "
            "son dossier, ou indiquez-le avec --course-root."
        )
    if unknown := [name for name in assignments if name not in known]:
        raise CannotMake(f"L’exercice « {unknown[0]} » n’est pas dans ce cours, qui a {', '.join(known)}.")
    place, author = folder.resolve(), course_root.resolve()
    copied = {author / "course", author / "exercises"}
    if place == author or place in author.parents or copied & {place, *place.parents}:
        raise CannotMake(f"« {folder} » est le dossier des auteurs du cours. Choisissez-en un autre, vide ou nouveau.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        record = read_record(folder)
        if record is None:
            raise CannotMake(f"« {folder} » contient déjà autre chose. Choisissez un dossier vide ou nouveau.")
        if record.get("complete") and not force:
            raise CannotMake(
                f"« {folder} » contient déjà une démonstration. Pour la refaire, ajoutez --force : "
                "ses remises et ses notes seront effacées."
            )
    return [name for name in known if not assignments or name in assignments]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_record(folder: Path, record: Mapping[str, Any]) -> None:
    replace_file(folder / RECORD_NAME, json.dumps(record, ensure_ascii=False, indent=1).encode())


def _copy_course(course_root: Path, folder: Path) -> None:
    for name in ("course", "exercises"):
        private = shutil.ignore_patterns(*_PRIVATE)
        shutil.copytree(course_root / name, folder / name, ignore=private, copy_function=shutil.copyfile)
    config = course_root / CONFIG_NAME
    text = config.read_text(encoding="utf-8") if config.is_file() else _CONFIG
    (folder / CONFIG_NAME).write_text(f"{text}{_APART}", encoding="utf-8", newline="\n")


def _release(folder: Path, names: Iterable[str]) -> tuple[str, str]:
    """What `nbgrader generate_assignment` does of each exercise, with its due date; the gradebook and the course."""
    # Some seconds to import, which writing a submission does not need.
    from nbgrader.api import Gradebook
    from nbgrader.apps import GenerateAssignmentApp
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    application = GenerateAssignmentApp()
    application.log_level = logging.ERROR
    with chdir(folder):
        # nbgrader reads the configuration of the folder that it is in.
        application.initialize([])
    order = exercise_names(folder)
    for name in names:
        config = copy.deepcopy(application.config)
        config.CourseDirectory.assignment_id = name
        errors: list[str] = []
        coursedir = CourseDirectory(config=config)
        log = silent_log(errors)
        try:
            GenerateAssignment(coursedir=coursedir, config=config, log=log).start()
        except NbGraderException as error:
            raise CannotMake((errors or [str(error)])[0]) from error
        due = _due(order.index(name)).replace(tzinfo=None)
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            gradebook.update_or_create_assignment(name, duedate=due)
    coursedir = CourseDirectory(config=application.config)
    return coursedir.db_url, coursedir.course_id


def _enrol(db_url: str, course_id: str, people: Iterable[Learner]) -> None:
    """Put the learners in the gradebook, where nbgrader's pages show their names."""
    from nbgrader.api import Gradebook, Student
    from sqlalchemy import insert
    from sqlalchemy.exc import DBAPIError

    rows = (
        {"id": who.id, "first_name": who.first_name, "last_name": who.last_name, "email": who.email} for who in people
    )
    try:
        with Gradebook(db_url, course_id) as gradebook:
            while some := list(islice(rows, 5_000)):
                gradebook.db.execute(insert(Student), some)
            gradebook.db.commit()
    except DBAPIError as error:
        raise CannotMake(f"Le carnet de notes ne s’écrit pas ({of_database(error)}).") from error


# --- many learners ----------------------------------------------------------------------------------------------------


def write_learners(course: Path, seed: int, papers: Sequence[Paper], numbers: Iterable[int]) -> dict[str, int]:
    """Write what those learners hand in first; how many submissions that is, by exercise.

    `papers` are all of the course's, since a step takes up what was decided before; those that are `asked` are written.
    """
    counts = dict.fromkeys((paper.name for paper in papers if paper.asked), 0)
    for number in numbers:
        who = learner(seed, number)
        for paper, handed_in in hand_ins(seed, who, papers):
            write(course, who, paper, handed_in[0])
            counts[paper.name] += 1
    return counts


def _in_chunks(folder: Path, seed: int, learners: int, jobs: int) -> Iterator[tuple[int, dict[str, int]]]:
    """How many learners each chunk had, and how many submissions, as they are done."""
    chunks = [range(first, min(first + _CHUNK, learners + 1)) for first in range(1, learners + 1, _CHUNK)]
    if min(jobs, len(chunks)) < 2:
        papers = read_papers(folder)
        for chunk in chunks:
            yield len(chunk), write_learners(folder, seed, papers, chunk)
        return
    processes = pool(min(jobs, len(chunks)))
    try:
        for done in as_completed([processes.submit(_write_chunk, folder, seed, chunk) for chunk in chunks]):
            yield done.result()
    finally:
        processes.shutdown(cancel_futures=True)


def _write_chunk(folder: Path, seed: int, numbers: range) -> tuple[int, dict[str, int]]:
    return len(numbers), write_learners(folder, seed, _papers_of_process(folder), numbers)


#: A process reads the exercises once.
_papers_of_process = lru_cache(maxsize=1)(read_papers)
