"""Hand-ins of an invented learner: the answers of a session, the journal and the notebook, damaged or whole."""

import hashlib
import json
import os
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import Form, OpenText, Plan, judges
from reseau_kit.answers.folder import values_of
from reseau_kit.answers.journal import FILE_NAME, Event, Kind, compact
from reseau_kit.answers.journal import FORMAT as JOURNAL_FORMAT
from reseau_kit.demo.answering import Written, as_sent, right_answer, slipped
from reseau_kit.demo.papers import DAMAGES, Paper, around_answers
from reseau_kit.demo.people import (
    BROKEN,
    CARELESS,
    DILIGENT,
    DRAFTS,
    INCOMPLETE,
    KINDS,
    LATE,
    PERFECT,
    REFUSED,
    TWICE,
    Learner,
    takes_part,
    written_sentences,
)


@dataclass(frozen=True, slots=True)
class HandIn:
    """One hand-in: the files by name, its time (UTC), and the damage, if any.

    `events` are the answers that the files hold, in order; those of another person where the journal is theirs.
    """

    files: Mapping[str, bytes]
    at: datetime
    events: tuple[Event, ...]
    damage: str = ""


@lru_cache(maxsize=4096)
def _written(id: str, case: str, project: str) -> Written:
    sentences = written_sentences()
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
        """Hand in the work so far, three minutes later, or at that time if it is later."""
        soon = self.clock + timedelta(minutes=3)
        return _Work(self.origin, self.opened, tuple(self.events), max(soon, at or soon))

    def _tick(self) -> str:
        self.clock += timedelta(milliseconds=int(self.rng.random() * 240_000) + 5_000)
        return self.clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hand_ins(seed: int, who: Learner, papers: Sequence[Paper]) -> Iterator[tuple[Paper, list[HandIn]]]:
    """Yield a learner's hand-ins to each exercise, the first and any later one."""
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
    """Return the answers until a hand-in, and its time."""

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


#: Answers by attempt: right (None), or the first or second slip; up to a share (0–1) of questions.
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
    """Draw the damage to a learner's files at that step: one of `DAMAGES`, or none."""
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
    before, after = around_answers(paper, damage)
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
