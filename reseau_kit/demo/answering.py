"""Answers of simulated learners: a right answer to any question, from its key, and the same answer with one slip.

Everything is drawn from an `rng`, so that a learner is the same each time. Knows nothing of files or of nbgrader.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import combinations
from typing import Any

from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import (
    DAYS,
    Accounts,
    Choice,
    Field,
    Form,
    Matching,
    Number,
    OpenText,
    Ordering,
    Plan,
    Rule,
    Search,
    Selection,
    Task,
)
from reseau_kit.answers.checks import search
from reseau_kit.answers.writing import SHOWN
from reseau_kit.french.comparing import count_words
from reseau_kit.french.pieces import pieces

#: Texts for the fields of a form: for each field, texts that all fit. They may name, between braces, another
#: field of the form, a decision (« objectif.themes »), or the first item of one (« objectif.themes:1 »).
Written = Mapping[str, Sequence[str]]


def right_answer(
    question: Activity, decided: Mapping[str, str], day: date, rng: random.Random, written: Written | None = None
) -> Any:
    """An answer to a question, already under its decisions, that is worth all of its points.

    For a form or an open text it is composed of `written`. Where nothing is written for a field, it is composed of what
    the form's own rules ask for, which a rule of the author's may still find wanting. `day` is when it is answered.
    """
    match question.task:
        case Choice() as task:
            return _right_ticks(task, rng)
        case Number() as task:
            return task.value
        case Matching() as task:
            return {item.id: _first_best(task.credit[item.id]) for item in task.items}
        case Ordering() as task:
            return _in_order(task, rng)
        case Selection() as task:
            return _fitting(task, rng)
        case Accounts() as task:
            return [card.id for card in task.cards if card.id in task.example]
        case Search() as task:
            wanted, unwanted = _best_words(task)
            return {"avec": list(wanted), "sans": list(unwanted)}
        case Plan() as task:
            return _good_week(task, decided, rng)
        case Form() as task:
            return _filled(task, written or {}, decided, day, rng)
        case OpenText():
            return {"texte": "\n\n".join(_told(rng.choice(texts), decided) for texts in (written or {}).values())}
    raise TypeError(question.task)


def slipped(task: Task, right: Any, rng: random.Random) -> Any:
    """The right answer with one slip: what somebody in a hurry leaves out, swaps, or takes for something else."""
    match task:
        case Choice():
            ticks = [right] if isinstance(right, str) else list(right)
            others = [option.id for option in task.options if option.id not in ticks]
            return [rng.choice(others), *ticks[1:]]
        case Number():
            return task.mistakes[0].value if task.mistakes else float(right) / 2
        case Matching():
            item = rng.choice(task.items)
            return right | {item.id: rng.choice([g.id for g in task.groups_of(item) if g.id != right[item.id]])}
        case Ordering():
            place = rng.randrange(len(right) - 1)
            return [*right[:place], right[place + 1], right[place], *right[place + 2 :]]
        case Selection():
            others = [card.id for card in task.cards if card.id not in {row["id"] for row in right}]
            return [*right[:-1], right[-1] | {"id": rng.choice(others)}]
        case Accounts():
            others = sorted({card.id for card in task.cards} - set(right), key=lambda id: (task.worth[id], id))
            return [*right[:-1], others[len(others) // 2]]
        case Search():
            return {"avec": right["avec"][:1], "sans": []}
        case Plan():
            answering = {gesture.id for gesture in task.gestures if gesture.role == "reponse"}
            return [line for line in right if line["geste"] not in answering]
        case Form():
            return {field.id: _hurried(right.get(field.id, ""), field.entry) for field in task.fields}
        case OpenText():
            return {"texte": _hurried(right["texte"], "long")}
    raise TypeError(task)


def as_sent(task: Task, value: Any) -> Any:
    """An answer as the page sends it: numbers as they are typed, choices in the order of the page, no empty field."""
    match task:
        case Number():
            return f"{value:g}".replace(".", ",")
        case Choice():
            return _in_page_order(value, task.options)
        case Accounts():
            return _in_page_order(value, task.cards)
        case Selection():
            places = {card.id: place for place, card in enumerate(task.cards)}
            return sorted(value, key=lambda row: places[row["id"]])
        case Search():
            return {name: _in_page_order(value[name], task.words) for name in ("avec", "sans")}
        case Form():
            entries = ((field.id, str(value.get(field.id, "")).strip()) for field in task.fields)
            shown = {SHOWN: value[SHOWN]} if value.get(SHOWN) else {}
            return {id: text for id, text in entries if text} | shown
    return value


def _in_page_order(chosen: Iterable[str], shown: Iterable[Any]) -> list[str]:
    ticked = set(chosen)
    return [one.id for one in shown if one.id in ticked]


def _hurried(entry: Any, how: str) -> Any:
    """No number, and of a text its beginning, with hashtags after it."""
    if how in ("choix", "date"):
        return entry
    words = str(entry).split() if how != "nombre" else []
    cut = " ".join(words[: max(1, len(words) * 2 // 3)])
    return f"{cut} #moi #réseau #partage" if how == "long" else cut


# --- right answers, by kind -------------------------------------------------------------------------------------------


def _right_ticks(task: Choice, rng: random.Random) -> list[str]:
    if task.right is None:
        return rng.sample([option.id for option in task.options], task.pick)
    return list(task.right)


def _first_best(shares: Mapping[str, float]) -> str:
    return max(shares, key=lambda name: shares[name])


def _in_order(task: Ordering, rng: random.Random) -> list[str]:
    """One of the orders in which each thing comes before those that need it."""
    left = {item.id: {first for first, second in task.before if second == item.id} for item in task.items}
    order: list[str] = []
    while left:
        order.append(rng.choice([id for id, needed in left.items() if needed.issubset(order)]))
        del left[order[-1]]
    return order


def _fitting(task: Selection, rng: random.Random) -> list[dict[str, str]]:
    cards = [card for card in task.cards if task.fit[card.id] == max(task.fit.values())]
    asked = task.at_most if task.as_many else min(task.at_most, len(cards))
    if len(cards) < asked:
        cards = sorted(task.cards, key=lambda card: -task.fit[card.id])[:asked]
    chosen = rng.sample(cards, asked)
    return [{"id": card.id, **({"critere": rng.choice(card.strengths)} if task.criteria else {})} for card in chosen]


@lru_cache(maxsize=64)
def _best_words(task: Search) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words to ask for and to exclude that find the useful posts best, the fewest where several do."""
    names = [word.id for word in task.words]
    found = {id: {post.id for post in search(task, {"avec": [id]})} for id in names}
    useful = set(task.relevant)
    best: tuple[float, tuple[str, ...], tuple[str, ...]] = (-1.0, (), ())
    for wanted in _some(names, task.wanted):
        asked = set.intersection(*(found[id] for id in wanted)) if wanted else set()
        for unwanted in _some([id for id in names if id not in wanted], task.unwanted):
            kept = asked.difference(*(found[id] for id in unwanted))
            worth = 2 * len(kept & useful) / max(len(kept) + len(useful), 1)
            if worth > best[0]:
                best = (worth, wanted, unwanted)
    return best[1:]


def _some(names: Sequence[str], bounds: tuple[float, float]) -> Iterable[tuple[str, ...]]:
    least, most = int(bounds[0]), min(int(bounds[1]), len(names))
    return (chosen for count in range(least, most + 1) for chosen in combinations(names, count))


def _good_week(task: Plan, decided: Mapping[str, str], rng: random.Random) -> list[dict[str, str]]:
    """A line for each thing that a week needs, on different days, within the time that there is."""
    roles = [role for _, role, _ in task.criteria] or ["ecoute", "publication", "aide", "reponse"]
    media = [medium.id for medium in task.media if medium.id in task.allowed.get("medias", ())]
    media = media or [
        medium for medium in items_of(decided.get("medias", "")) if medium in {known.id for known in task.media}
    ]
    themes = [theme.id for theme in task.themes if theme.id in task.allowed.get("themes", ())]
    themes = themes or items_of(decided.get("objectif.themes", "")) or [""]
    minutes = max(5, int((task.budget or 60) / len(roles)) // 5 * 5)
    days = sorted(rng.sample(range(len(DAYS)), min(len(roles), len(DAYS))))
    week = []
    for place, role in enumerate(roles):
        gestures = [gesture.id for gesture in task.gestures if gesture.role == role]
        line = {
            "jour": DAYS[days[place % len(days)]],
            "minutes": str(minutes),
            "geste": rng.choice(gestures or [task.gestures[0].id]),
            "media": rng.choice(media or [task.media[0].id]),
            "theme": rng.choice(themes),
        }
        week.append(line)
    return week


# --- forms ------------------------------------------------------------------------------------------------------------


def _filled(task: Form, written: Written, decided: Mapping[str, str], day: date, rng: random.Random) -> dict[str, Any]:
    entries: dict[str, str] = {}
    for field in task.fields:
        rules = [rule for _, rule in task.criteria if rule.field == field.id]
        if field.id in written:
            said = _told(rng.choice(written[field.id]), {**decided, **entries})
            entries[field.id] = _on(day, int(said)) if field.entry == "date" else said
        else:
            entries[field.id] = _composed(field, rules, {**decided, **entries}, day, rng)
    if not task.shows:
        return entries
    # A learner who shows something shows a different piece for each criterion, as far as there are some.
    cut = {one.field: pieces(entries[one.field]) for one in task.shows}
    shown = {one.id: cut[one.field][place % len(cut[one.field])] for place, one in enumerate(task.shows)}
    return {**entries, SHOWN: shown}


#: A name between braces, which a capital or the first item of a list may be asked of.
_NAMED = re.compile(r"\{(\^?)([\w.-]+)(:1)?\}")


def _told(text: str, known: Mapping[str, str]) -> str:
    """A text with what it names between braces; a name that is not known stays."""

    def said(found: re.Match[str]) -> str:
        capital, name, first = found.groups()
        value = known.get(name, found[0])
        if first:
            value = (items_of(value) or [""])[0]
        return value[:1].upper() + value[1:] if capital else value

    return _NAMED.sub(said, text)


def items_of(listed: str) -> list[str]:
    """Return the items that a decision lists."""
    return [item.strip() for item in listed.split(",") if item.strip()]


def _on(day: date, after: int) -> str:
    return (day + timedelta(after)).isoformat()


def _composed(field: Field, rules: Sequence[Rule], known: Mapping[str, str], day: date, rng: random.Random) -> str:
    """Compose a text that the rules of a field ask for."""
    match field.entry:
        case "choix":
            return rng.choice(next((rule.among for rule in rules if rule.among), field.values))
        case "date":
            first, last = next((rule.days for rule in rules if rule.days), (30, 60))
            return _on(day, rng.randint(int(first), int(last)))
        case "nombre":
            least, most = next((rule.between for rule in rules if rule.between), (15, 60))
            return f"{(least + most) / 2:g}"
    if among := next((rule.among for rule in rules if rule.among), ()):
        return rng.choice(among)
    if not rules:
        return "une personne du quartier"
    begun = next((rng.choice(rule.starts) for rule in rules if rule.starts), "Je vous raconte ici ce que nous avons vu")
    taken = [known.get(rule.takes_up or rule.takes_up_decision, "") for rule in rules]
    said = [begun, *(rng.choice(rule.contains) for rule in rules if rule.contains), *filter(None, taken)]
    text = " ; ".join(dict.fromkeys(said)) if any(rule.items for rule in rules) else ", ".join(dict.fromkeys(said))
    least = max((rule.words[0] for rule in rules if rule.words), default=0)
    for more in _MORE:
        if count_words(text) >= least:
            break
        text = f"{text}, {more}"
    return text


#: Filler that lengthens a text.
_MORE = ("avec les personnes d’ici", "à notre façon", "et sans nous presser", "chaque semaine, à la même heure")
