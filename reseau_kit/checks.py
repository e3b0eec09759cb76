"""What an answer is worth, and why: pure functions from an activity and what was answered to a mark.

The widget and the grader call the same ones. No clock, no file, no display; nothing a learner wrote is ever run.
"""

import json
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from reseau_kit.activities import ATTEMPTS, Activities, Activity
from reseau_kit.journal import Event
from reseau_kit.kinds import Choice, Form, Matching, Number, OpenText, Ordering, Rule, Selection

#: What the score of the first, second and third attempt is multiplied by; later ones are for practice.
WEIGHTS = (1.0, 0.5, 0.25)


class Status(StrEnum):
    """Where an activity stands. None of these is another: not attempted is not wrong, and our failure is neither."""

    NOT_ATTEMPTED = "not-attempted"
    DRAFT = "draft"
    WRONG = "wrong"
    PARTLY_RIGHT = "partly-right"
    RIGHT = "right"
    RECORDED = "recorded"
    UNREADABLE = "unreadable"
    TO_REVIEW = "to-review"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """What one answer is worth: `score` 0–1, None where it cannot be judged, and a reason for each mistake."""

    status: Status
    score: float | None
    mistakes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that was judged: its event, its result, and its number from 1."""

    event: Event
    result: Result
    number: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What an activity earned: `score` 0–1 after the weights of the attempts, None where a person has to look.

    `attempts` holds the distinct readable attempts in order; those past the third earn nothing. `draft` is what was
    typed and not validated since. Where feedback comes after, no attempt weighs more than another (not `weighted`).
    """

    status: Status
    score: float | None
    attempts: tuple[Attempt, ...] = ()
    draft: Event | None = None
    weighted: bool = True

    @property
    def used(self) -> int:
        """How many of the attempts that count have been used, 0–3."""
        return min(len(self.attempts), ATTEMPTS)

    @property
    def solved(self) -> bool:
        """Whether one of the attempts was right."""
        return any(attempt.result.status is Status.RIGHT for attempt in self.attempts)


def check(activity: Activity, value: object, context: Mapping[str, str], at: str = "") -> Result:
    """What one answer is worth on its own. What depends on a date is judged against `at`, the answer's own time.

    UNREADABLE says that there is nothing to judge yet (no tick, no number): it is no attempt. FAILED says that our
    own code could not judge: it costs nothing.
    """
    asked = activity.under(context)
    if asked is None:
        return Result(Status.TO_REVIEW, None)
    try:
        match asked.task:
            case Choice() as task:
                return _check_choice(task, value)
            case Number() as task:
                return _check_number(task, value)
            case Matching() as task:
                return _check_matching(task, value)
            case Ordering() as task:
                return _check_ordering(task, value)
            case Form() as task:
                return _check_form(task, value, at)
            case Selection() as task:
                return _check_selection(task, value)
            case OpenText():
                return Result(Status.RECORDED if read_text(value) else Status.UNREADABLE, 0.0)
    except Exception:  # noqa: BLE001  whatever it is, it is our fault and must not cost the learner a point
        return Result(Status.FAILED, None)


def mark(activities: Activities, id: str, events: Iterable[Event]) -> Mark:
    """What an activity earned by everything that was answered to it, `events` being in order.

    The best of three attempts counts, worth 1, ½ and ¼. An answer given before is not a new attempt. A draft that
    was never validated counts as a first attempt, so that nothing typed is lost.
    """
    events = tuple(events)
    if activities.feedback_after:
        return _mark_last(activities, id, events)
    attempts: list[Attempt] = []
    draft: Event | None = None
    seen: set[str] = set()
    for event in events:
        if event.kind == "draft":
            draft = event
            continue
        draft = None
        result = _judge(activities, id, event)
        identity = _identity(activities, id, event)
        if result.status is Status.UNREADABLE or identity in seen:
            continue
        seen.add(identity)
        attempts.append(Attempt(event, result, len(attempts) + 1))
    if attempts:
        return Mark(*_best(attempts), attempts=tuple(attempts), draft=draft)
    if draft is None:
        return Mark(Status.NOT_ATTEMPTED, 0.0)
    result = _judge(activities, id, draft)
    if result.status in (Status.TO_REVIEW, Status.FAILED):
        return Mark(result.status, None, draft=draft)
    return Mark(Status.DRAFT, result.score or 0.0, draft=draft)


def _mark_last(activities: Activities, id: str, events: Sequence[Event]) -> Mark:
    """The mark of the last validated answer: what counts where nobody was told anything before."""
    attempts: list[Attempt] = []
    for event in events:
        result = _judge(activities, id, event)
        if activities.withheld and result.status is not Status.UNREADABLE:
            result = Result(Status.RECORDED, 0.0)
        if event.kind == "attempt" and result.status is not Status.UNREADABLE:
            attempts.append(Attempt(event, result, len(attempts) + 1))
    draft = events[-1] if events and events[-1].kind == "draft" else None
    if attempts:
        return Mark(attempts[-1].result.status, attempts[-1].result.score, tuple(attempts), draft, weighted=False)
    if draft is None:
        return Mark(Status.NOT_ATTEMPTED, 0.0, weighted=False)
    score = _judge(activities, id, draft).score
    return Mark(Status.DRAFT, 0.0 if activities.withheld else score, draft=draft, weighted=False)


def read_text(value: object) -> str:
    """The text of an answer to an open question, empty where there is none."""
    text = value.get("texte") if isinstance(value, dict) else value
    return text.strip() if isinstance(text, str) else ""


def points(activity: Activity, score: float | None) -> float | None:
    """A score in points, to the hundredth: the number that the learner reads and that the gradebook holds."""
    return None if score is None else round(activity.points * score, 2)


def read_number(value: object) -> float | None:
    """The number that someone wrote the French or the English way, with or without its unit; None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if abs(number) < 1e15 else None
    if not isinstance(value, str) or len(value) > 100:
        return None
    text = unicodedata.normalize("NFKC", value).replace("−", "-")
    text = re.sub(r"(?<=\d)[\s'’](?=\d{3}(?!\d))", "", text).replace(",", ".")
    found = re.fullmatch(r"\s*(?:≈|environ\s)?\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([^\d\s.+-][^\d]{0,40})?\s*", text)
    return None if found is None else read_number(float(found[1]))


def _judge(activities: Activities, id: str, event: Event) -> Result:
    activity = activities.versions[id].get(event.version)
    if activity is None:
        return Result(Status.TO_REVIEW, None)
    return check(activity, event.value, event.context, event.at)


def _identity(activities: Activities, id: str, event: Event) -> str:
    """What makes two answers the same: what they say, not how it was written nor in which order."""
    activity = activities.versions[id].get(event.version)
    value: Any = event.value
    match activity.task if activity else None:
        case Number():
            number = read_number(value)
            value = value if number is None else number
        case Choice():
            value = sorted(set(ticks)) if (ticks := _ticks(value)) else value
        case Selection():
            value = sorted(chosen.items()) if (chosen := _selected(value)) else value
        case Form():
            value = {name: simplified(text) for name, text in _entries(value).items()} or value
    return json.dumps([event.version, value, sorted(event.context.items())], sort_keys=True, default=str)


def _best(attempts: Sequence[Attempt]) -> tuple[Status, float | None]:
    counted = attempts[:ATTEMPTS]
    best = max(
        ((attempt.result.score or 0.0) * weight for attempt, weight in zip(counted, WEIGHTS, strict=False)), default=0.0
    )
    statuses = [attempt.result.status for attempt in counted]
    if best < 1:
        # An attempt that could not be judged might have earned more: a person has to look.
        for unjudged in (Status.FAILED, Status.TO_REVIEW):
            if unjudged in statuses:
                return unjudged, None
    for status in (Status.RECORDED, Status.RIGHT, Status.PARTLY_RIGHT):
        if status in statuses:
            return status, best
    return Status.WRONG, best


def _ticks(value: object) -> list[str] | None:
    ticks = [value] if isinstance(value, str) else value
    if not isinstance(ticks, list) or not all(isinstance(tick, str) for tick in ticks):
        return None
    return ticks


def _check_choice(task: Choice, value: object) -> Result:
    """+1/n for each of the n right options that is ticked, −1/n for each wrong one, never below 0.

    The rule of the Open University's Moodle question type « OU multiple response ».
    """
    ticks = list(dict.fromkeys(_ticks(value) or ()))
    if not ticks or any(task.option(tick) is None for tick in ticks):
        return Result(Status.UNREADABLE, 0.0)
    if task.right is None:
        return Result(Status.RECORDED, 0.0)
    wrong = [option for option in task.options if option.id in ticks and option.id not in task.right]
    found = len(ticks) - len(wrong)
    score = max(0.0, (found - len(wrong)) / len(task.right))
    mistakes = tuple(f"Vous avez coché « {option.text} ». {option.reason}" for option in wrong)
    if score == 1.0:
        return Result(Status.RIGHT, 1.0)
    return Result(Status.PARTLY_RIGHT if score > 0 else Status.WRONG, score, mistakes)


def _check_number(task: Number, value: object) -> Result:
    number = read_number(value)
    if number is None:
        return Result(Status.UNREADABLE, 0.0)
    # A hair more than the tolerance, so that 62.3 is within 1 of 63.3 in binary too.
    if abs(number - task.value) <= task.tolerance + 1e-9:
        return Result(Status.RIGHT, 1.0)
    for mistake in task.mistakes:
        if abs(number - mistake.value) <= mistake.tolerance + 1e-9:
            status = Status.PARTLY_RIGHT if mistake.share else Status.WRONG
            return Result(status, mistake.share, (mistake.message,))
    return Result(Status.WRONG, 0.0)


def _graded(score: float, mistakes: Iterable[str] = ()) -> Result:
    """The result of a readable answer: right only at full marks."""
    score = round(min(max(score, 0.0), 1.0), 9)
    if score == 1.0:
        return Result(Status.RIGHT, 1.0)
    return Result(Status.PARTLY_RIGHT if score > 0 else Status.WRONG, score, tuple(mistakes))


def _check_matching(task: Matching, value: object) -> Result:
    """The mean credit of the items, recentred so that putting them at random earns 0 on average."""
    groups = {group.id for group in task.groups}
    items = {item.id: item for item in task.items}
    pairs = value if isinstance(value, dict) else {}
    placed = {id: group for id, group in pairs.items() if id in items and isinstance(group, str) and group in groups}
    if not placed:
        return Result(Status.UNREADABLE, 0.0)
    credits_ = [task.credit[id].get(placed[id], 0.0) if id in placed else 0.0 for id in items]
    chance = sum(sum(task.credit[id].values()) / len(groups) for id in items) / len(items)
    score = (sum(credits_) / len(items) - chance) / (1 - chance) if chance < 1 else 1.0
    mistakes = [
        f"Relisez « {items[id].text} » {task.why_not(id, group)}"
        for id, group in placed.items()
        if task.credit[id].get(group, 0.0) < 1 and task.why_not(id, group)
    ]
    if len(placed) < len(items):
        left = len(items) - len(placed)
        mistakes.append(f"Il reste {left} ligne{'s' if left > 1 else ''} à remplir.")
    return _graded(score, mistakes)


def _check_ordering(task: Ordering, value: object) -> Result:
    """The share of pairs in the right order, recentred: reversing everything, or chance, earns 0."""
    order = value if isinstance(value, list) else []
    if sorted(map(str, order)) != sorted(item.id for item in task.items):
        return Result(Status.UNREADABLE, 0.0)
    places = {id: place for place, id in enumerate(order)}
    inverted = [pair for pair in task.before if places[pair[0]] > places[pair[1]]]
    share = 1 - len(inverted) / max(len(task.before), 1)
    mistakes = [task.inversions[pair] for pair in inverted if pair in task.inversions]
    return _graded(2 * share - 1 if inverted else 1.0, mistakes)


def _check_form(task: Form, value: object, at: str) -> Result:
    """The shares of the criteria that hold add up; each fault that holds multiplies."""
    entries = _entries(value)
    if not any(entries.get(field.id, "").strip() for field in task.fields):
        return Result(Status.UNREADABLE, 0.0)
    score, mistakes = 0.0, []
    for share, rule in task.criteria:
        if holds(rule, entries.get(rule.field, ""), at):
            score += share
        else:
            mistakes.append(rule.message)
    for factor, rule in task.penalties:
        if holds(rule, entries.get(rule.field, ""), at):
            score *= factor
            mistakes.append(rule.message)
    return _graded(score, mistakes)


def _check_selection(task: Selection, value: object) -> Result:
    """How well the selected cards fit on average, recentred on the mean of all; ×0.7 for each thing that is amiss."""
    chosen = _selected(value)
    cards = {card.id: card for card in task.cards}
    if not chosen or any(id not in cards for id in chosen):
        return Result(Status.UNREADABLE, 0.0)
    mistakes: list[str] = []
    mean = sum(task.fit.values()) / len(task.fit)
    score = max(0.0, (sum(task.fit[id] for id in chosen) / len(chosen) - mean) / (1 - mean))
    if len(chosen) > task.at_most:
        score *= 0.7
        mistakes.append(task.too_many)
    mistakes += [f"Vous avez choisi « {cards[id].text} ». {task.reasons[id]}" for id in chosen if id in task.reasons]
    if any(criterion not in cards[id].strengths for id, criterion in chosen.items()):
        score *= 0.7
        mistakes.append(task.wrong_criterion)
    return _graded(score, mistakes)


def holds(rule: Rule, text: str, at: str) -> bool:
    """Whether every condition of a rule holds of what was written in its field."""
    said = simplified(text, strict=rule.strict)

    def listed(phrases: Iterable[str]) -> Iterable[str]:
        return (simplified(phrase, strict=rule.strict) for phrase in phrases)

    def found(phrase: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", said) is not None

    number = read_number(text)
    return (
        (not rule.among or said in listed(rule.among))
        and (not rule.contains or any(map(found, listed(rule.contains))))
        and not any(map(found, listed(rule.without)))
        and _within(rule.words, len(re.findall(r"\w+(?:[’'-]\w+)*", text)))
        and _within(rule.items, len([item for item in re.split(r"[,;/\n]", text) if item.strip()]))
        and (rule.between is None or (number is not None and _within(rule.between, number)))
        and (rule.outside is None or (number is not None and not _within(rule.outside, number)))
        and (rule.days is None or _within(rule.days, _days_after(text, at)))
    )


def simplified(text: str, *, strict: Container[str] = ()) -> str:
    """A text reduced to what two French spellings of it share, but for what `strict` names (see `Rule`)."""
    text = unicodedata.normalize("NFKC" if "espaces" not in strict else "NFC", text)
    if "apostrophes" not in strict:
        text = text.replace("’", "'").replace("ʼ", "'")
    if "espaces" not in strict:
        text = " ".join(text.split())
    if "casse" not in strict:
        text = text.casefold()
    if "accents" not in strict:
        text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
        text = text.replace("œ", "oe").replace("æ", "ae")
    return text


def _within(bounds: tuple[float, float] | None, number: float | None) -> bool:
    return bounds is None or (number is not None and bounds[0] <= number <= bounds[1])


def _days_after(text: str, at: str) -> int | None:
    """Days from the answer's own time to the date in the text, None where it is no date (2027-06-30, 30/06/2027)."""
    text = text.strip()
    if french := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text):
        text = f"{french[3]}-{int(french[2]):02}-{int(french[1]):02}"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return (day - datetime.fromisoformat(at).date()).days


def _entries(value: object) -> dict[str, str]:
    """The fields of a form as texts; empty where the value is no form."""
    if not isinstance(value, dict):
        return {}
    known = {name: entry for name, entry in value.items() if isinstance(entry, str | int | float)}
    return {str(name): str(entry) for name, entry in known.items() if not isinstance(entry, bool)}


def _selected(value: object) -> dict[str, str]:
    """The criterion of each selected card; empty where the value is no selection."""
    rows = value if isinstance(value, list) else []
    read = [(row.get("id"), row.get("critere") or "") if isinstance(row, dict) else (None, "") for row in rows]
    if not all(isinstance(id, str) and isinstance(criterion, str) for id, criterion in read):
        return {}
    return {str(id): criterion for id, criterion in read}
