"""Sentences that explain a mark: the same in the widget, in the gradebook and on the feedback page.

They are plain text, never markup: the caller escapes them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from reseau_kit.activities.activity import ATTEMPTS, Activity
from reseau_kit.activities.tasks import (
    Accounts,
    Card,
    Choice,
    Form,
    Gesture,
    Matching,
    Number,
    OpenText,
    Option,
    Ordering,
    Plan,
    Search,
    Selection,
    Task,
)
from reseau_kit.answers.checks import PlanLine, Result, Status, plan_lines, read_text
from reseau_kit.answers.marks import WEIGHTS, Attempt, Mark, is_writing, keeps_words, points
from reseau_kit.answers.writing import passage_lines
from reseau_kit.french.comparing import quoted, read_number
from reseau_kit.french.writing import NBSP, day_in_words, number, worth

Tone = Literal["good", "part", "help", "quiet"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """Feedback on an answer: a short headline and paragraphs. `sign` stands beside the headline."""

    tone: Tone
    sign: str
    headline: str
    paragraphs: tuple[str, ...]


#: Maximum characters shown of a value that the page cannot have sent.
LONGEST = 200

#: Maximum characters shown of a field's text; the page allows no more.
LONGEST_ENTRY = 4000

#: Maximum reasons shown with the answer; learners would not read more.
MISTAKES_TOLD = 4

#: Sign and headline of each status: colour alone must not carry the meaning.
HEADLINES: dict[Status, tuple[Tone, str, str]] = {
    Status.RIGHT: ("good", "●", "C’est juste."),
    Status.PARTLY_RIGHT: ("part", "◐", "En partie."),
    Status.WRONG: ("help", "○", "Pas encore."),
    Status.RECORDED: ("good", "●", "C’est noté."),
    Status.UNREADABLE: ("quiet", "▷", "Rien à vérifier pour l’instant."),
    Status.TO_REVIEW: ("quiet", "▷", "À revoir par l’équipe du cours."),
    Status.FAILED: ("quiet", "▷", "Un souci de notre côté."),
    Status.DRAFT: ("quiet", "▷", "Brouillon."),
    Status.NOT_ATTEMPTED: ("quiet", "▷", "Sans réponse."),
}

UNREADABLE: dict[type, str] = {
    Choice: "Cochez au moins une réponse.",
    Number: "Écrivez un nombre, par exemple 12,5.",
    Matching: "Choisissez une réponse pour au moins une ligne.",
    Ordering: "Donnez une place à chaque élément.",
    Form: "Remplissez au moins un champ.",
    Selection: "Cochez au moins une carte.",
    Accounts: "Cochez des cartes, sans dépasser le nombre demandé.",
    Search: "Choisissez au moins un mot à trouver, sans dépasser le nombre demandé.",
    Plan: "Remplissez au moins une ligne : un jour, une durée de cinq minutes ou plus, un geste.",
    OpenText: "Écrivez quelques mots.",
}

TO_REVIEW = "Votre réponse est gardée. La question a changé depuis : une personne de l’équipe la relira."

COMPLETE = "Tout y est."

WORDS_KEPT = "Ce que vous avez écrit est gardé tel quel ; le programme n’en note pas les mots."

KEPT = "Gardé dans votre carnet."

NOTHING_MISSING = "Chaque passage est montré. Vous pouvez changer votre texte quand vous le voulez."

DECISION = "Vous pouvez changer d’avis quand vous le voulez."

LATER = "Votre réponse est enregistrée. Vous pourrez la reprendre jusqu’à la remise ; le retour viendra ensuite."

DRAFT_READ = "Vous n’aviez pas validé cette réponse : elle a été lue comme un premier essai."

DRAFT_KEPT = "Vous n’aviez pas validé cette réponse : elle compte, puisqu’il n’y en a pas d’autre."

REPEATED = "Vous aviez déjà donné cette réponse : elle ne compte pas comme un nouvel essai."

FAILED = "Votre réponse est gardée et cet essai ne vous coûte rien. Une personne de l’équipe la relira."


def of_attempt(activity: Activity, mark: Mark, result: Result, *, repeated: bool = False) -> Feedback:
    """Return the feedback for a learner who has just validated an answer with this `result`.

    Before the third attempt: the score, the reason for the first mistakes (`Result.telling`) and a hint, never which
    ticks are right. At the third: the right answer and its explanation. With `repeated`, the learner had given the same
    answer before, so that it is not a new attempt.
    """
    asked = mark.attempts[-1].asked if mark.attempts else mark.asked
    tone, sign, headline = headline_of(result.status, asked)
    if result.status is Status.UNREADABLE:
        counted = mark.weighted and not activity.is_decision and not isinstance(asked.task, OpenText)
        text = UNREADABLE[type(asked.task)]
        return Feedback(tone, sign, headline, (f"{text} Aucun essai n’a été compté." if counted else text,))
    if result.status in (Status.TO_REVIEW, Status.FAILED):
        return Feedback(tone, sign, headline, (TO_REVIEW if result.status is Status.TO_REVIEW else FAILED,))
    if result.status is Status.RECORDED and is_writing(asked):
        return Feedback(tone, sign, KEPT, result.to_do or (NOTHING_MISSING,))
    if result.status is Status.RECORDED:
        nobody_reads = activity.is_decision or (isinstance(asked.task, OpenText) and asked.task.self_assessed)
        changing = DECISION if nobody_reads else LATER
        return Feedback(tone, sign, headline, (changing,))
    paragraphs = [score_sentence(activity, mark)] if activity.points else []
    if repeated and result.status is not Status.RIGHT:
        paragraphs.append(REPEATED)
    if result.status is Status.RIGHT:
        paragraphs.append(asked.explanation)
    elif mark.solved or mark.used >= ATTEMPTS:
        paragraphs += [*result.mistakes[:MISTAKES_TOLD], answer_sentence(asked), asked.explanation]
    else:
        paragraphs += [*result.mistakes[: result.telling], *asked.hints[mark.used - 1 : mark.used]]
    if keeps_words(asked):
        paragraphs.append(WORDS_KEPT)
    paragraphs += result.to_do
    return Feedback(tone, sign, headline, tuple(text for text in paragraphs if text))


def of_mark(activity: Activity, mark: Mark) -> Feedback:
    """Return the feedback on all answers to an activity, after the work was handed in."""
    asked = mark.asked
    tone, sign, headline = headline_of(mark.status, asked)
    if mark.status is Status.RECORDED and is_writing(asked):
        return Feedback(tone, sign, KEPT, ())
    if mark.status in (Status.NOT_ATTEMPTED, Status.RECORDED):
        return Feedback(tone, sign, headline, ())
    if mark.status in (Status.TO_REVIEW, Status.FAILED):
        return Feedback(tone, sign, headline, (TO_REVIEW if mark.status is Status.TO_REVIEW else FAILED,))
    paragraphs = [score_sentence(activity, mark)] if activity.points else []
    if mark.status is Status.DRAFT:
        paragraphs.append(DRAFT_READ if mark.weighted else DRAFT_KEPT)
    if not mark.solved and (best := _best(mark)):
        paragraphs += best.result.mistakes
    if not mark.solved:
        paragraphs.append(answer_sentence(asked))
    paragraphs.append(asked.explanation)
    return Feedback(tone, sign, headline, tuple(text for text in paragraphs if text))


def headline_of(status: Status, asked: Activity) -> tuple[Tone, str, str]:
    """Return the tone, sign and headline. Facts beside a kept text are « complete »: a text is never called right."""
    tone, sign, headline = HEADLINES[status]
    return tone, sign, COMPLETE if status is Status.RIGHT and keeps_words(asked) else headline


def score_sentence(activity: Activity, mark: Mark) -> str:
    """Return « Vous avez 3,33 points sur 10. », with the weight of the attempt if it was not the first."""
    earned = points(activity, mark.score)
    if earned is None:
        return ""
    sentence = f"Vous avez {worth(earned)} sur {number(activity.points, 2)}."
    best = _best(mark)
    if best is None or not mark.weighted or not best.result.score:
        return sentence
    if best.number > 1:
        share = ("pour moitié", "pour un quart")[best.number - 2]
        sentence += f" Une réponse donnée au {best.number}e essai compte {share}."
    elif len(mark.attempts) > 1:
        sentence += " C’est votre premier essai qui compte le plus."
    return sentence


def _best(mark: Mark) -> Attempt | None:
    """Return the attempt that gives the score; if none scored, the last one that counts."""
    if not mark.weighted:
        return mark.attempts[-1] if mark.attempts else None
    counted = list(zip(mark.attempts[:ATTEMPTS], WEIGHTS, strict=False))
    if not any(attempt.result.score for attempt, _ in counted):
        return counted[-1][0] if counted else None
    return max(counted, key=lambda one: (one[0].result.score or 0.0) * one[1])[0]


def answer_sentence(asked: Activity) -> str:
    """Return « La réponse : … », empty if no single answer is right."""
    match asked.task:
        case Number() as task:
            return f"La réponse : {number(task.value, 2)}{NBSP}{task.unit}.".replace(f"{NBSP}.", ".")
        case Choice() as task:
            return _answer(quoted(option.text) for option in task.options if option.id in (task.right or ()))
        case Matching() as task:
            best = {item.id: max(task.credit[item.id], key=task.credit[item.id].__getitem__) for item in task.items}
            return _answer(f"{quoted(item.name)}, {_named(best[item.id], task.groups_of(item))}" for item in task.items)
        case Ordering() as task:
            told = ", puis ".join(quoted(item.text) for item in _in_order(task))
            only = len(task.before) == len(task.items) * (len(task.items) - 1) // 2
            return _answer([told]) if only else f"Un ordre possible : {told}."
        case Selection() as task:
            return _answer(quoted(card.text) for card in task.cards if task.fit[card.id] == 1)
        case Accounts() as task:
            names = [quoted(card.text) for card in task.cards if card.id in task.example]
            return f"Un des meilleurs choix : {', '.join(names)}." if names else ""
        case Search() | Plan() | Form() | OpenText():
            return ""


def _in_order(task: Ordering) -> list[Option]:
    """Return an order in which all items come after those that must come before them."""
    left, ordered = list(task.items), list[Option]()
    while left:
        waiting = {after for before, after in task.before if any(item.id == before for item in left)}
        ordered.append(next((item for item in left if item.id not in waiting), left[0]))
        left.remove(ordered[-1])
    return ordered


def _answer(parts: Iterable[str]) -> str:
    told = f"{NBSP}; ".join(parts)
    return f"La réponse : {told}." if told else ""


def answer_text(activity: Activity, value: object) -> str:
    """Return an answer as one sentence, for a person who reads it later. Plain text: escape it before display."""
    return " · ".join(answer_lines(activity, value))


def answer_lines(activity: Activity, value: object) -> tuple[str, ...]:
    """Return an answer as plain text lines, one per part; a learner's own texts are complete."""
    tasks = [activity.task, *(variant.task for variant in activity.variants.values())]
    return tuple(_lines(tasks[-1], value))


def _lines(task: Task, value: object) -> Iterable[str]:
    match task, value:
        case Number(), str() | int() | float():
            # A number out of any question's range (10⁴⁰⁰) is shown as it was given.
            sensible = None if isinstance(value, str) else read_number(value)
            text = _cut(str(value)) if sensible is None else number(sensible, 2)
            return [text if not task.unit or task.unit[0] in text else f"{text}{NBSP}{task.unit}"]
        case Choice(), str() | list():
            ticks = [value] if isinstance(value, str) else value
            return [_named(tick, task.options) for tick in ticks] or ["aucune case cochée"]
        case Matching(), dict():
            rows = [(item, value[item.id]) for item in task.items if item.id in value]
            return [f"{item.name} → {_named(group, task.groups_of(item))}" for item, group in rows]
        case Ordering(), list():
            return [", puis ".join(_named(id, task.items) for id in value)]
        case Form() as form, dict():
            filled = [(field, day_in_words(str(value[field.id]))) for field in form.fields if value.get(field.id)]
            lines = [f"{field.text} : {_cut(text, LONGEST_ENTRY)}" for field, text in filled]
            return [*lines, *passage_lines(form, value)]
        case Selection(), list():
            chosen = [row if isinstance(row, dict) else {"id": row} for row in value]
            pairs = [(_named(row.get("id"), task.cards), _named(row.get("critere"), task.criteria)) for row in chosen]
            return [f"{card} ({criterion})" if task.criteria else card for card, criterion in pairs]
        case Accounts(), list():
            return [_named(id, task.cards) for id in value]
        case Search(), dict():
            wanted, unwanted = (_listed(value.get(key), task.words) for key in ("avec", "sans"))
            return [f"avec{NBSP}: {wanted}", *([f"sans{NBSP}: {unwanted}"] if unwanted else [])]
        case Plan(), list():
            return [plan_line_text(task, line) for line in plan_lines(task, value)]
        case OpenText(), _:
            return [read_text(value)]
    return [_cut(str(value))]


def _cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def _listed(ids: object, options: Iterable[Option]) -> str:
    return ", ".join(_named(id, options) for id in ids) if isinstance(ids, list) else ""


def plan_line_text(task: Plan, line: PlanLine) -> str:
    """Return « lundi, 15 minutes : Lire et écouter, Mastodon, médiation »."""
    what = (_named(line.gesture, task.gestures), _named(line.medium, task.media), _named(line.theme, task.themes))
    return f"{line.day}, {number(line.minutes, 2)}{NBSP}minutes{NBSP}: {', '.join(filter(None, what))}"


def _named(id: object, options: Iterable[Option | Card | Gesture]) -> str:
    """Return the text of the option with that id; for an unknown id, the id itself."""
    return next((option.text for option in options if option.id == id), str(id)[:LONGEST])
