"""Marks of activities: the weights of attempts, and the function that folds an activity's events into a mark.

The widget and the grader call the same `mark`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reseau_kit.activities.activity import ATTEMPTS, Activities, Activity
from reseau_kit.activities.tasks import (
    Accounts,
    Choice,
    Form,
    Number,
    Plan,
    Rule,
    Search,
    Selection,
)
from reseau_kit.answers.checks import (
    Result,
    Status,
    check,
    form_entries,
    plan_lines,
    search_words,
    selected,
    simplified_text,
    ticked,
)
from reseau_kit.answers.journal import MAX_LINE_BYTES, Event
from reseau_kit.french.comparing import (
    read_number,
)
from reseau_kit.system.jsontext import encode

#: Factors of the scores of the first, second and third attempt; later ones are for practice.
WEIGHTS = (1.0, 0.5, 0.25)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One judged attempt: its event, the activity as it was asked then, the result, and its number from 1."""

    event: Event
    asked: Activity
    result: Result
    number: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Mark of an activity: `score` 0–1 after the weights of the attempts, None if a person has to decide.

    `attempts` holds the distinct readable attempts in order. Those after the third earn nothing, and only the first of
    very many are judged and kept. `draft` is the latest draft if no attempt followed it, `asked` the activity as the
    learner last saw it. If feedback comes after the hand-in, attempts have no weights (`weighted` is False): the last
    one counts.
    """

    status: Status
    score: float | None
    asked: Activity
    attempts: tuple[Attempt, ...] = ()
    draft: Event | None = None
    weighted: bool = True

    @property
    def used(self) -> int:
        """Number of attempts used that count, 0–3."""
        return min(len(self.attempts), ATTEMPTS)

    @property
    def answered(self) -> bool:
        """Whether the learner has answered: there is a readable attempt, or a draft."""
        return bool(self.attempts or self.draft)

    @property
    def solved(self) -> bool:
        """Whether one of the counted attempts was right."""
        counted = self.attempts if self.weighted else self.attempts[-1:]
        return any(attempt.result.status is Status.RIGHT for attempt in counted)


def mark(activities: Activities, id: str, events: Iterable[Event]) -> Mark:
    """Compute the mark of an activity from all its `events`, in order.

    The best of three attempts counts, worth 1, ½ and ¼. An answer given before is not a new attempt. A draft that
    was never validated counts as a first attempt, so that nothing typed is lost.
    """
    events = tuple(events)
    if activities.feedback_after or is_writing(as_asked(activities, id, events[-1] if events else None)):
        return _mark_last(activities, id, events)
    attempts: list[Attempt] = []
    draft: Event | None = None
    given: set[bytes] = set()
    seen: dict[str, int] = {}
    work, number = _Work(), 0
    asked = as_asked(activities, id, events[-1] if events else None)
    # The page shows the latest attempt, so it is always judged.
    latest = next((event for event in reversed(events) if event.kind == "attempt"), None)
    for event in events:
        if event.kind == "draft":
            draft = event
            continue
        draft = None
        whole = _whole(event)
        if whole in given:
            continue
        given.add(whole)
        if not work.take(len(whole), anyway=event is latest):
            number += 1
            if len(attempts) < ATTEMPTS:
                # It might have scored: a person has to decide.
                attempts.append(Attempt(event, as_asked(activities, id, event), _TOO_MUCH, number))
            continue
        result = _judge(activities, id, event)
        if result.status is Status.UNREADABLE:
            continue
        identity = _identity(activities, id, event)
        if (place := seen.get(identity)) is not None:
            if keeps_words(attempts[place].asked):
                # Same answer in all that is judged, perhaps with other words: keep the latest words.
                attempts[place] = replace(attempts[place], event=event)
            continue
        seen[identity] = len(attempts)
        number += 1
        attempts.append(Attempt(event, as_asked(activities, id, event), result, number))
    if attempts:
        return Mark(*_best(attempts), asked, tuple(attempts), draft)
    if draft is None:
        return Mark(Status.NOT_ATTEMPTED, 0.0, asked)
    result = _judge(activities, id, draft)
    if result.status in (Status.TO_REVIEW, Status.FAILED):
        return Mark(result.status, None, asked, draft=draft)
    return Mark(Status.DRAFT, result.score or 0.0, asked, draft=draft)


class _Work:
    """Budget for judging the answers to one activity: a number of answers, and their bytes.

    The time of a check grows with the bytes times the rules. No person answers as often or at such length; answers
    beyond the budget take no time and cost no point, since a person then decides.
    """

    def __init__(self) -> None:
        self.answers, self.size = MOST_JUDGED, MOST_BYTES

    def take(self, size: int, *, anyway: bool = False) -> bool:
        """Count an answer of that size; return whether to judge it. `anyway` ignores the answers before it."""
        if size > LONGEST_ANSWER or not (anyway or (self.answers > 0 and self.size >= size)):
            return False
        self.answers -= 1
        self.size -= size
        return True


#: Maximum answers judged per activity; bytes of one answer with its context, as a journal line limits them; bytes of
#: all answers judged, the size of four such answers.
MOST_JUDGED = 200

LONGEST_ANSWER = MAX_LINE_BYTES

MOST_BYTES = 4 * LONGEST_ANSWER

_TOO_MUCH = Result(Status.FAILED, None)


def _whole(event: Event) -> bytes:
    """Return what an answer says and is judged against, without its date: running a cell again repeats it."""
    try:
        return encode((event.version, event.value, event.context))
    except (TypeError, ValueError, RecursionError):
        return repr((event.version, event.value, event.context)).encode("utf-8", "replace")


def keeps_words(asked: Activity) -> bool:
    """Whether an activity judges facts and also keeps words that no rule reads."""
    return isinstance(asked.task, Form) and not asked.task.is_writing and bool(asked.task.kept)


def is_writing(activity: Activity) -> bool:
    """Whether an activity asks for a text that is kept and never scored: the last validated answer counts."""
    return isinstance(activity.task, Form) and activity.task.is_writing


def as_asked(activities: Activities, id: str, event: Event | None) -> Activity:
    """Return the activity in the version and variant that the learner saw, as far as known; else the current one."""
    if event is None:
        return activities[id]
    activity = activities.versions[id].get(event.version, activities[id])
    return activity.under(event.context) or activity


def _mark_last(activities: Activities, id: str, events: Sequence[Event]) -> Mark:
    """Compute the mark of the last validated answer, for activities without feedback before the hand-in."""
    attempts: list[Attempt] = []
    asked = as_asked(activities, id, events[-1] if events else None)
    work = _Work()
    validated = [event for event in events if event.kind == "attempt"]
    # From the last one backwards: the last readable one counts, and the others are only shown.
    while validated and work.take(len(_whole(validated[-1]))):
        event = validated.pop()
        result = _judge(activities, id, event)
        if result.status is not Status.UNREADABLE:
            result = Result(Status.RECORDED, 0.0) if activities.withheld else result
            attempts.append(Attempt(event, as_asked(activities, id, event), result, 1))
    if validated and not attempts:
        attempts.append(Attempt(validated[-1], as_asked(activities, id, validated.pop()), _TOO_MUCH, 1))
    before = len(validated) + 1
    attempts = [replace(attempt, number=place) for place, attempt in enumerate(reversed(attempts), before)]
    draft = events[-1] if events and events[-1].kind == "draft" else None
    if attempts:
        last = attempts[-1].result
        return Mark(last.status, last.score, asked, tuple(attempts), draft, weighted=False)
    if draft is None:
        return Mark(Status.NOT_ATTEMPTED, 0.0, asked, weighted=False)
    result = _judge(activities, id, draft)
    if result.status in (Status.TO_REVIEW, Status.FAILED) and not activities.withheld:
        return Mark(result.status, None, asked, draft=draft, weighted=False)
    score = 0.0 if activities.withheld else result.score or 0.0
    return Mark(Status.DRAFT, score, asked, draft=draft, weighted=False)


def points(activity: Activity, score: float | None) -> float | None:
    """Return a score in points, to the hundredth: the number that the learner and the gradebook see."""
    return None if score is None else round(activity.points * score, 2)


def _judge(activities: Activities, id: str, event: Event) -> Result:
    activity = activities.versions[id].get(event.version)
    if activity is None:
        return Result(Status.TO_REVIEW, None)
    if sum(map(len, event.context.values())) > LONGEST_ANSWER:
        return _TOO_MUCH
    return check(activity, event.value, event.context, event.at)


def _identity(activities: Activities, id: str, event: Event) -> str:
    """Return a key of an answer's meaning, independent of its spelling and order."""
    activity = activities.versions[id].get(event.version)
    value: Any = event.value
    asked = activity and (activity.under(event.context) or activity)
    match asked.task if asked else None:
        case Number():
            number = read_number(value)
            value = value if number is None else number
        case Choice():
            value = sorted(set(ticks)) if (ticks := ticked(value)) else value
        case Selection() as task:
            value = sorted(chosen.items()) if (chosen := selected(task, value)) else value
        case Form() as task:
            rules, judged = task.rules, task.judged
            written = {
                name: _as_judged(rules, name, text)
                for name, text in form_entries(value).items()
                if not judged or name in judged
            }
            value = {name: text for name, text in written.items() if text} or (value if not judged else {})
        case Accounts():
            value = sorted(set(ticks)) if (ticks := ticked(value)) else value
        case Search() as task:
            value = list(map(sorted, search_words(task, value) or ())) or value
        case Plan() as task:
            value = sorted(map(str, plan_lines(task, value))) or value
    return _in_order_of_keys([event.version, value, sorted(event.context.items())])


_in_order_of_keys = json.JSONEncoder(sort_keys=True, default=str).encode


def _as_judged(rules: Iterable[Rule], name: str, text: str) -> str:
    """Reduce a field's text to the differences that the rules of its form can see."""
    strict = frozenset[str]()
    for rule in rules:
        if rule.field == name:
            strict |= {*rule.strict, "espaces"} if rule.characters else rule.strict
    return simplified_text(text.strip(), strict)


def _best(attempts: Sequence[Attempt]) -> tuple[Status, float | None]:
    counted = attempts[:ATTEMPTS]
    best = max(
        ((attempt.result.score or 0.0) * weight for attempt, weight in zip(counted, WEIGHTS, strict=False)), default=0.0
    )
    statuses = [attempt.result.status for attempt in counted]
    if best < 1:
        # An attempt that could not be judged might have scored more: a person has to decide.
        for unjudged in (Status.FAILED, Status.TO_REVIEW):
            if unjudged in statuses:
                return unjudged, None
    for status in (Status.RECORDED, Status.RIGHT, Status.PARTLY_RIGHT):
        if status in statuses:
            return status, best
    return Status.WRONG, best
