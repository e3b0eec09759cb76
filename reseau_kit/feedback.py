"""The sentences that tell what a mark means: the same in the widget, in the gradebook and on the feedback page.

Gives plain text, never markup: whoever shows it escapes it.
"""

from dataclasses import dataclass
from typing import Literal

from reseau_kit.activities import ATTEMPTS, Activity
from reseau_kit.checks import WEIGHTS, Mark, Result, Status, points
from reseau_kit.kinds import Choice, Number

Tone = Literal["good", "part", "help", "quiet"]

NBSP = "\N{NO-BREAK SPACE}"
NNBSP = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What to say of the latest attempt: a headline in a few words, and paragraphs. `sign` goes with the headline."""

    tone: Tone
    sign: str
    headline: str
    paragraphs: tuple[str, ...]


#: Sign and headline of each status. A sign and a word, since a colour never speaks alone.
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

UNREADABLE_CHOICE = "Cochez au moins une réponse, puis validez. Aucun essai n’a été compté."
UNREADABLE_NUMBER = "Écrivez un nombre, par exemple 12,5, puis validez. Aucun essai n’a été compté."
TO_REVIEW = "Votre réponse est gardée. La question a changé depuis : une personne de l’équipe la relira."
REPEATED = "Vous aviez déjà donné cette réponse : elle ne compte pas comme un nouvel essai."
FAILED = "Votre réponse est gardée et cet essai ne vous coûte rien. Une personne de l’équipe la relira."


def of_attempt(activity: Activity, mark: Mark, result: Result, *, repeated: bool = False) -> Feedback:
    """What to tell a learner who has just validated an answer that gave `result`.

    Before the third attempt: the score, the reason of one mistake and a hint, never which ticks are right. At the
    third, the answer and why. `repeated` says that the same answer had been given before, and so is no new attempt.
    """
    tone, sign, headline = HEADLINES[result.status]
    asked = _asked(activity, mark)
    if result.status is Status.UNREADABLE:
        text = UNREADABLE_NUMBER if isinstance(asked.task, Number) else UNREADABLE_CHOICE
        return Feedback(tone, sign, headline, (text,))
    if result.status in (Status.TO_REVIEW, Status.FAILED):
        return Feedback(tone, sign, headline, (TO_REVIEW if result.status is Status.TO_REVIEW else FAILED,))
    if result.status is Status.RECORDED:
        return Feedback(tone, sign, headline, ("Vous pouvez changer d’avis quand vous le voulez.",))
    paragraphs = [score_sentence(activity, mark)] if activity.points else []
    if repeated and result.status is not Status.RIGHT:
        paragraphs.append(REPEATED)
    if result.status is Status.RIGHT:
        paragraphs.append(asked.explanation)
    elif mark.solved or mark.used >= ATTEMPTS:
        paragraphs += [*result.mistakes[:1], answer_sentence(asked), asked.explanation]
    else:
        paragraphs += [*result.mistakes[:1], *asked.hints[mark.used - 1 : mark.used]]
    return Feedback(tone, sign, headline, tuple(text for text in paragraphs if text))


def of_mark(activity: Activity, mark: Mark) -> Feedback:
    """What to tell, once the work has been handed in, of everything that was answered to an activity."""
    tone, sign, headline = HEADLINES[mark.status]
    asked = _asked(activity, mark)
    if mark.status in (Status.NOT_ATTEMPTED, Status.RECORDED):
        return Feedback(tone, sign, headline, ())
    if mark.status in (Status.TO_REVIEW, Status.FAILED):
        return Feedback(tone, sign, headline, (TO_REVIEW if mark.status is Status.TO_REVIEW else FAILED,))
    paragraphs = [score_sentence(activity, mark)] if activity.points else []
    if mark.status is Status.DRAFT:
        paragraphs.append("Vous n’aviez pas validé cette réponse : elle a été comptée comme un premier essai.")
    last = mark.attempts[-1].result if mark.attempts else None
    if last is not None:
        paragraphs += last.mistakes
    if not mark.solved:
        paragraphs.append(answer_sentence(asked))
    paragraphs.append(asked.explanation)
    return Feedback(tone, sign, headline, tuple(text for text in paragraphs if text))


def score_sentence(activity: Activity, mark: Mark) -> str:
    """« Vous avez 3,33 points sur 10. », and where they come from when the attempt was not the first."""
    earned = points(activity, mark.score)
    if earned is None:
        return ""
    plural = "s" if earned >= 2 else ""
    sentence = f"Vous avez {number(earned)}{NBSP}point{plural} sur {number(activity.points)}."
    counted = mark.attempts[:ATTEMPTS]
    scores = [(attempt.result.score or 0.0) * weight for attempt, weight in zip(counted, WEIGHTS, strict=False)]
    best = scores.index(max(scores)) if any(scores) else 0
    if best:
        sentence += f" Une réponse donnée au {best + 1}e essai compte {('pour moitié', 'pour un quart')[best - 1]}."
    elif len(counted) > 1 and any(scores):
        sentence += " C’est votre premier essai qui compte le plus."
    return sentence


def answer_sentence(asked: Activity) -> str:
    """« La réponse : … », empty for a decision."""
    match asked.task:
        case Number() as task:
            return f"La réponse : {number(task.value)}{NBSP}{task.unit}.".replace(f"{NBSP}.", ".")
        case Choice(right=None):
            return ""
        case Choice() as task:
            right = "; ".join(f"« {option.text} »" for option in task.options if option.id in (task.right or ()))
            return f"La réponse : {right}.".replace("; ", f"{NBSP}; ")


def answer_text(activity: Activity, value: object) -> str:
    """What a learner answered, as a sentence for those who read it later. Plain text: escape it before showing it."""
    tasks = [activity.task, *(variant.task for variant in activity.variants.values())]
    match tasks[-1]:
        case Choice() as task:
            ticks = [value] if isinstance(value, str) else value
            if not isinstance(ticks, list):
                return str(value)[:200]
            options = [task.option(tick) if isinstance(tick, str) else None for tick in ticks]
            texts = [option.text if option else str(tick)[:200] for option, tick in zip(options, ticks, strict=True)]
            return " · ".join(texts) or "aucune case cochée"
        case Number() as task:
            text = number(value) if isinstance(value, float | int) else str(value)[:200]
            return text if not task.unit or task.unit[0] in text else f"{text}{NBSP}{task.unit}"


def number(value: float) -> str:
    """A number as French writes it: a comma, narrow spaces between thousands, at most two decimals."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.replace(",", NNBSP).replace(".", ",")


def _asked(activity: Activity, mark: Mark) -> Activity:
    """The activity as it was asked at the latest attempt or draft."""
    events = [attempt.event for attempt in mark.attempts] + ([mark.draft] if mark.draft else [])
    context = events[-1].context if events else {}
    return activity.under(context) or next(iter(activity.variants.values()), activity)
