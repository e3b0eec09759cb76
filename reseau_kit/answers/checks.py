"""Checks an answer: pure functions from an activity and a value to a result with reasons.

The widget and the grader call the same functions. They use no clock, no file and no display, and never run what a
learner wrote.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import (
    DAYS,
    Accounts,
    Choice,
    Form,
    Matching,
    Number,
    OpenText,
    Ordering,
    Plan,
    Post,
    Rule,
    Search,
    Selection,
    Term,
    judges,
)
from reseau_kit.answers.writing import still_to_do
from reseau_kit.french.comparing import (
    cited,
    content_words,
    count_hashtags,
    count_words,
    gives_away,
    holds_phrase,
    is_sentence,
    nearly,
    read_number,
    repeats,
    simplified,
    starts_with,
    takes_up,
)


class Status(StrEnum):
    """Status of an activity. The cases are distinct: not attempted is not wrong, and a failed check is neither."""

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
    """Result of one answer: `score` 0–1 (None if it cannot be judged) and a reason for each mistake.

    Only the first `telling` mistakes may be shown while the learner has attempts left. `to_do` lists what a text still
    lacks, which is not a mistake and costs nothing.
    """

    status: Status
    score: float | None
    mistakes: tuple[str, ...] = ()
    telling: int = 1
    to_do: tuple[str, ...] = ()


def check(activity: Activity, value: object, context: Mapping[str, str], at: str = "") -> Result:
    """Check one answer on its own. Dates are judged against `at`, the time of the answer.

    UNREADABLE means that there is nothing to judge yet (no tick, no number): it is not an attempt. FAILED means that
    the check itself failed: it costs nothing. TO_REVIEW means that the context lacks a needed decision.
    """
    asked = activity.under(context)
    if asked is None or asked.lacks(context):
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
                return _check_form(task, value, at, context)
            case Selection() as task:
                return _check_selection(task, value)
            case Accounts() as task:
                return _check_accounts(task, value)
            case Search() as task:
                return _check_search(task, value)
            case Plan() as task:
                return _check_plan(task, value)
            case OpenText():
                return Result(Status.RECORDED if read_text(value) else Status.UNREADABLE, 0.0)
    except Exception:  # noqa: BLE001  any exception is a fault of the check and must not cost the learner a point
        return Result(Status.FAILED, None)


def read_text(value: object) -> str:
    """Return the text of an answer to an open question, empty if there is none."""
    text = value.get("texte") if isinstance(value, dict) else value
    return text.strip() if isinstance(text, str) else ""


def ticked(value: object) -> list[str] | None:
    """Return the ids that an answer ticks, as a list; None if the value is neither an id nor a list of ids."""
    ticks = [value] if isinstance(value, str) else value
    if not isinstance(ticks, list) or not all(isinstance(tick, str) for tick in ticks):
        return None
    return ticks


def _check_choice(task: Choice, value: object) -> Result:
    """Score +1/n for each ticked right option of n, −1/n for each ticked wrong one, never below 0.

    The rule of the Open University's Moodle question type « OU multiple response ».
    """
    ticks = list(dict.fromkeys(ticked(value) or ()))
    if not ticks or any(task.option(tick) is None for tick in ticks):
        return Result(Status.UNREADABLE, 0.0)
    if task.right is None:
        return Result(Status.RECORDED, 0.0)
    wrong = [option for option in task.options if option.id in ticks and option.id not in task.right]
    found = len(ticks) - len(wrong)
    score = max(0.0, (found - len(wrong)) / len(task.right))
    mistakes = tuple(f"Vous avez coché {cited(option.text)} {option.reason}" for option in wrong)
    if score == 1.0:
        return Result(Status.RIGHT, 1.0)
    return Result(Status.PARTLY_RIGHT if score > 0 else Status.WRONG, score, mistakes)


def _check_number(task: Number, value: object) -> Result:
    number = read_number(value)
    if number is None:
        return Result(Status.UNREADABLE, 0.0)
    # A little more than the tolerance, so that 62.3 is within 1 of 63.3 in binary as well.
    if abs(number - task.value) <= task.tolerance + 1e-9:
        return Result(Status.RIGHT, 1.0)
    for mistake in task.mistakes:
        if abs(number - mistake.value) <= mistake.tolerance + 1e-9:
            status = Status.PARTLY_RIGHT if mistake.share else Status.WRONG
            return Result(status, mistake.share, (mistake.message,))
    return Result(Status.WRONG, 0.0)


def _graded(score: float, mistakes: Iterable[str] = (), *, telling: int = 1) -> Result:
    """Return the result of a readable answer: right only at full marks."""
    score = round(min(max(score, 0.0), 1.0), 9)
    if score == 1.0:
        return Result(Status.RIGHT, 1.0)
    return Result(Status.PARTLY_RIGHT if score > 0 else Status.WRONG, score, tuple(mistakes), max(telling, 1))


def _check_matching(task: Matching, value: object) -> Result:
    """Score the mean credit of the items, recentred so that random placing earns 0 on average."""
    items = {item.id: item for item in task.items}
    groups = {id: {group.id for group in task.groups_of(item)} for id, item in items.items()}
    pairs = value if isinstance(value, dict) else {}
    placed = {
        id: group for id, group in pairs.items() if id in items and isinstance(group, str) and group in groups[id]
    }
    if not placed:
        return Result(Status.UNREADABLE, 0.0)
    credits_ = [task.credit[id].get(placed[id], 0.0) if id in placed else 0.0 for id in items]
    chance = sum(sum(task.credit[id].values()) / len(groups[id]) for id in items) / len(items)
    score = (sum(credits_) / len(items) - chance) / (1 - chance) if chance < 1 else 1.0
    mistakes = [
        f"Relisez {cited(items[id].name)} {task.why_not(id, group)}"
        for id in items
        if (group := placed.get(id)) and task.credit[id].get(group, 0.0) < 1 and task.why_not(id, group)
    ]
    if len(placed) < len(items):
        left = len(items) - len(placed)
        mistakes.append(f"Il reste {left} ligne{'s' if left > 1 else ''} à remplir.")
    return _graded(score, mistakes)


def _check_ordering(task: Ordering, value: object) -> Result:
    """Score the share of pairs in the right order, recentred: a reversed order earns 0, and so does chance."""
    order = ticked(value) or []
    if sorted(order) != sorted(item.id for item in task.items):
        return Result(Status.UNREADABLE, 0.0)
    places = {id: place for place, id in enumerate(order)}
    inverted = [pair for pair in task.before if places[pair[0]] > places[pair[1]]]
    share = 1 - len(inverted) / max(len(task.before), 1)
    mistakes = [task.inversions[pair] for pair in inverted if pair in task.inversions]
    return _graded(2 * share - 1 if inverted else 1.0, mistakes)


def _check_form(task: Form, value: object, at: str, context: Mapping[str, str]) -> Result:
    """Add up the shares of the criteria that hold; each fault that holds reduces the score."""
    entries = form_entries(value)
    if not any(entries.get(field.id, "").strip() for field in task.fields):
        return Result(Status.UNREADABLE, 0.0)
    if not judges(task):
        return Result(Status.RECORDED, 0.0, to_do=still_to_do(task, value, entries))
    missing = [(share, rule) for share, rule in task.criteria if not holds(rule, entries, at, context)]
    faults = [penalty for penalty in task.penalties if holds(penalty.rule, entries, at, context)]
    score = 1 - sum(share for share, _ in missing)
    for penalty in faults:
        score = penalty.on(score)
    # A missing criterion and a fault are two different corrections: the first of each is shown first.
    told = [rule.message for _, rule in missing[:1]] + [penalty.rule.message for penalty in faults[:1]]
    others = [rule.message for _, rule in missing[1:]] + [penalty.rule.message for penalty in faults[1:]]
    result = _graded(score, [*told, *others], telling=len(told))
    return replace(result, to_do=still_to_do(task, value, entries)) if task.shows else result


def _check_selection(task: Selection, value: object) -> Result:
    """Score the mean fit of the selected cards, recentred on the mean of all; ×0.7 for each fault."""
    chosen = selected(task, value)
    cards = {card.id: card for card in task.cards}
    if not chosen or any(id not in cards for id in chosen):
        return Result(Status.UNREADABLE, 0.0)
    mistakes: list[str] = []
    mean = sum(task.fit.values()) / len(task.fit)
    counted = max(len(chosen), task.at_most if task.as_many else 1)
    score = max(0.0, (sum(task.fit[id] for id in chosen) / counted - mean) / (1 - mean))
    if len(chosen) > task.at_most:
        score *= 0.7
        mistakes.append(task.too_many)
    mistakes += [
        f"Vous avez choisi {cited(cards[id].text)} {task.reasons[id]}" for id in _in_order(cards, chosen, task.reasons)
    ]
    if task.criteria and any(criterion not in cards[id].strengths for id, criterion in chosen.items()):
        score *= 0.7
        mistakes.append(task.wrong_criterion)
    if len(chosen) < counted:
        mistakes.append(f"Il en reste {counted - len(chosen)} à choisir.")
    return _graded(score, mistakes)


def _check_accounts(task: Accounts, value: object) -> Result:
    """Score the selection's utility, from 0 at the mean of all selections to 1 at the best one."""
    cards = {card.id: card for card in task.cards}
    chosen = list(dict.fromkeys(ticked(value) or ()))
    if not chosen or len(chosen) > task.pick or any(id not in cards for id in chosen):
        return Result(Status.UNREADABLE, 0.0)
    useful = sum(task.worth[id] for id in chosen)
    mistakes = [
        f"Vous avez choisi {cited(cards[id].text)} {task.reasons[id]}" for id in _in_order(cards, chosen, task.reasons)
    ]
    for term in task.terms:
        earned, amiss = _term(term, [cards[id].traits.get(term.trait, "") for id in chosen])
        useful += earned
        mistakes += [term.message] if amiss else []
    if left := task.pick - len(chosen):
        mistakes.append(f"Il en reste {left} à choisir.")
    return _graded((useful - task.mean) / (task.best - task.mean), mistakes)


def _term(term: Term, found: Sequence[str]) -> tuple[float, bool]:
    """Return the utility that a selection earns by a trait, and whether it has a fault."""
    having = [value for value in found if value not in ("", "0")]
    match term.rule:
        case "varie":
            different = min(len(set(having)), term.bound)
            return term.each * different, different < term.bound
        case "un":
            return term.each * bool(having), not having
        case _:
            beyond = max(0, len(having) - term.bound)
            return -term.each * beyond, beyond > 0


def search(task: Search, value: object) -> tuple[Post, ...]:
    """Return the posts that contain all required words and no excluded one; none without a required word."""
    wanted, unwanted = search_words(task, value) or ((), ())
    texts = {word.id: _words_of(word.text) for word in task.words}
    found = []
    for post in task.posts if wanted else ():
        held = _words_of(post.text)
        if all(held.issuperset(texts[id]) for id in wanted) and not any(held.issuperset(texts[id]) for id in unwanted):
            found.append(post)
    return tuple(found)


@lru_cache(maxsize=1024)
def _words_of(text: str) -> frozenset[str]:
    """Return the content words of an author's text, cached since they are the same for all learners."""
    return frozenset(content_words(text))


def search_words(task: Search, value: object) -> tuple[list[str], list[str]] | None:
    """Return the required and the excluded words, None if the answer requires none or names an unknown one."""
    entries = value if isinstance(value, dict) else {}
    known = {word.id for word in task.words}
    lists = [list(dict.fromkeys(ticked(entries.get(key) or []) or ())) for key in ("avec", "sans")]
    return (lists[0], lists[1]) if lists[0] and known.issuperset(lists[0] + lists[1]) else None


def _check_search(task: Search, value: object) -> Result:
    """Score the harmonic mean of precision and recall (F1) of the posts found; 0 below the task's threshold."""
    words = search_words(task, value)
    if words is None or not all(
        _within(bounds, len(some)) for bounds, some in zip((task.wanted, task.unwanted), words, strict=True)
    ):
        return Result(Status.UNREADABLE, 0.0)
    found = {post.id for post in search(task, value)}
    useful = found & set(task.relevant)
    precision = len(useful) / len(found) if found else 1.0
    recall = len(useful) / max(len(task.relevant), 1)
    score = 2 * precision * recall / (precision + recall) if useful else 0.0
    numbers = {"{bruit}": round(100 * (1 - precision)), "{trouves}": len(useful), "{utiles}": len(task.relevant)}
    message = task.if_noise if precision < recall else task.if_silence
    for name, number in numbers.items():
        message = message.replace(name, str(number))
    return _graded(score if score >= task.threshold else 0.0, (message,))


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One complete line of a week's plan."""

    day: str
    minutes: float
    gesture: str
    medium: str
    theme: str


#: Minimum duration of a plan's line: a shorter one does not count.
SHORTEST_LINE_MINUTES = 5


def plan_lines(task: Plan, value: object) -> list[PlanLine]:
    """Return the lines of a plan that have a known day, gesture and medium and a possible duration; skip the others."""
    gestures, media = {gesture.id for gesture in task.gestures}, {medium.id for medium in task.media}
    lines = []
    for row in value if isinstance(value, list) else ():
        entries = form_entries(row)
        minutes = read_number(entries.get("minutes"))
        line = PlanLine(
            entries.get("jour", ""),
            minutes or 0.0,
            entries.get("geste", ""),
            entries.get("media", ""),
            entries.get("theme", "")[:300],
        )
        known = line.day in DAYS and line.gesture in gestures and line.medium in (*media, "")
        if known and SHORTEST_LINE_MINUTES <= line.minutes <= 24 * 60:
            lines.append(line)
    return lines


def _check_plan(task: Plan, value: object) -> Result:
    """Add up the shares of the criteria that a line meets; each fault of the week multiplies the score."""
    lines = plan_lines(task, value)
    if not lines:
        return Result(Status.UNREADABLE, 0.0)
    if not judges(task):
        return Result(Status.RECORDED, 0.0)
    role = {gesture.id: gesture.role for gesture in task.gestures}
    media, themes = task.allowed.get("medias", frozenset()), task.allowed.get("themes", frozenset())
    total = sum(line.minutes for line in lines)

    def fulfils(line: PlanLine, wanted: str) -> bool:
        fitting = wanted != "publication" or (line.theme in themes and line.medium in media)
        return role[line.gesture] == wanted and fitting

    published = [line for line in lines if role[line.gesture] == "publication"]
    amiss = {
        "un-seul-jour": len({line.day for line in lines}) == 1,
        "autopromotion": sum(line.minutes for line in lines if role[line.gesture] == "autopromotion") > 0.25 * total,
        "depassement": total > task.budget,
        "sous-emploi": total < 0.4 * task.budget,
        "media": any(line.medium not in media for line in lines if line.medium),
        "desequilibre": sum(line.minutes for line in published) > 0.5 * total,
        "hors-sujet": any(line.theme not in themes for line in published),
    }
    missing = [(share, message) for share, role_, message in task.criteria if not any(fulfils(x, role_) for x in lines)]
    faults = [(factor, message) for factor, what, message in task.penalties if amiss[what]]
    score = 1 - sum(share for share, _ in missing)
    for factor, _ in faults:
        score *= factor
    filled = {"{minutes}": f"{total:g}".replace(".", ","), "{budget}": f"{task.budget:g}".replace(".", ",")}
    told, others = [*missing[:1], *faults[:1]], [*missing[1:], *faults[1:]]
    messages = [message for _, message in (*told, *others)]
    for name, number in filled.items():
        messages = [message.replace(name, number) for message in messages]
    return _graded(score, messages, telling=len(told))


def holds(rule: Rule, entries: Mapping[str, str], at: str, context: Mapping[str, str]) -> bool:
    """Whether all conditions of a rule hold for its field (for an inverse rule: whether at least one does not)."""
    text = entries.get(rule.field, "")
    said = simplified_text(text, rule.strict)
    # A rule has few of these conditions, and only those are evaluated.
    every = (
        (not rule.among or said in _simplified_phrases(rule.among, rule.strict))
        and (not rule.contains or _holds_one(said, _simplified_phrases(rule.contains, rule.strict)))
        and not (rule.without and _holds_one(said, _simplified_phrases(rule.without, rule.strict)))
        and (not rule.starts or any(starts_with(said, each) for each in _simplified_phrases(rule.starts, rule.strict)))
        and (not rule.like or nearly(text, rule.like))
        and (rule.words is None or _within(rule.words, count_words(text)))
        and (rule.items is None or _within(rule.items, len(_listed_items(text))))
        and (rule.characters is None or _within(rule.characters, len(text.strip())))
        and (rule.hashtags is None or _within(rule.hashtags, count_hashtags(text)))
        and (rule.between is None or _within(rule.between, read_number(text)))
        and (rule.outside is None or _is_outside(rule.outside, read_number(text)))
        and (rule.days is None or _within(rule.days, _days_after(text, at)))
        and (not rule.takes_up or _says_more_than(text, entries.get(rule.takes_up, "")))
        and (not rule.takes_up_decision or _takes_up_one(text, context.get(rule.takes_up_decision, "")))
        and (not rule.sentence or is_sentence(text))
        and (not rule.repeats or repeats(text))
        and (not rule.private or gives_away(text))
    )
    return every is not rule.inverse


@lru_cache(maxsize=16)
def simplified_text(text: str, strict: frozenset[str]) -> str:
    """Return a learner's text simplified, cached since several rules in turn read the same text."""
    return simplified(text, strict=strict)


@lru_cache(maxsize=1024)
def _simplified_phrases(phrases: tuple[str, ...], strict: frozenset[str]) -> tuple[str, ...]:
    """Return an author's phrases simplified, cached since they are the same for all learners."""
    return tuple(simplified(phrase, strict=strict) for phrase in phrases)


def _holds_one(text: str, phrases: Iterable[str]) -> bool:
    """Whether a text contains one of the phrases as whole words; most are ruled out by a plain search first."""
    return any(holds_phrase(text, phrase) for phrase in [phrase for phrase in phrases if phrase in text])


def _says_more_than(text: str, other: str) -> bool:
    """Whether a text takes up another one and adds words: copying the same words does not count."""
    return count_words(text) > count_words(other) and takes_up(text, other)


def _listed_items(text: str) -> list[str]:
    return [item.strip() for item in re.split(r"[,;/\n]", text) if item.strip()]


def _takes_up_one(text: str, listed: str) -> bool:
    items = dict.fromkeys(_listed_items(listed))
    return any(takes_up(text, item) for item in islice(items, _MOST_ITEMS))


#: Maximum subjects read in a decision.
_MOST_ITEMS = 50


def _within(bounds: tuple[float, float], number: float | None) -> bool:
    return number is not None and bounds[0] <= number <= bounds[1]


def _is_outside(bounds: tuple[float, float], number: float | None) -> bool:
    return number is not None and not bounds[0] <= number <= bounds[1]


def _days_after(text: str, at: str) -> int | None:
    """Return the days from the answer's time to the date in the text (2027-06-30, 30/06/2027), None without a date."""
    text = text.strip()
    if french := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text):
        text = f"{french[3]}-{int(french[2]):02}-{int(french[1]):02}"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return (day - datetime.fromisoformat(at).date()).days


def form_entries(value: object) -> dict[str, str]:
    """Return the fields of a form as texts; empty if the value is not a form."""
    if not isinstance(value, dict):
        return {}
    # NaN, true and numbers beyond any question's range are not entries.
    return {
        str(name): str(entry)
        for name, entry in value.items()
        if isinstance(entry, str) or read_number(entry) is not None
    }


def _in_order(cards: Iterable[str], chosen: Container[str], having: Container[str]) -> list[str]:
    """Return the chosen cards in `having`, in the page's order: the same ticks always give the same messages."""
    return [id for id in cards if id in chosen and id in having]


def selected(task: Selection, value: object) -> dict[str, str]:
    """Return the criterion of each selected card, by id; empty if the value is not a selection."""
    rows = value if isinstance(value, list) else []
    if not task.criteria and (ticks := ticked(value)):
        return dict.fromkeys(ticks, "")
    read = [(row.get("id"), row.get("critere") or "") if isinstance(row, dict) else (None, "") for row in rows]
    if not all(isinstance(id, str) and isinstance(criterion, str) for id, criterion in read):
        return {}
    return {str(id): criterion for id, criterion in read}
