"""The card in formgrader: HTML that shows the trainer what a learner answered and why it earned its points."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from reseau_kit.activities.activity import ATTEMPTS, Activities
from reseau_kit.answers.feedback import Feedback, answer_lines, headline_of, of_mark
from reseau_kit.answers.marks import Mark, points
from reseau_kit.french.writing import NBSP, number, worth

# --- content ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """Content of an activity's card, as plain texts: each answer's name, lines and verdict."""

    question: str
    answers: tuple[tuple[str, tuple[str, ...], str], ...]
    said: Feedback


def tell(activities: Activities, id: str, now: Mark) -> Told:
    """Return a learner's answers to an activity, with their mark and its reasons."""
    rows = [
        (
            _attempt_name(attempt.number, now),
            answer_lines(attempt.asked, attempt.event.value),
            headline_of(attempt.result.status, attempt.asked)[2],
        )
        for attempt in now.attempts
    ]
    if now.draft:
        name = "Brouillon, non validé" if now.attempts else "Brouillon"
        rows.append((name, answer_lines(now.asked, now.draft.value), ""))
    return Told(now.asked.question, tuple(rows), of_mark(activities[id], now))


def card(activities: Activities, id: str, now: Mark) -> str:
    """Return a mark as HTML: the question, each answer, the points and why. Learners' texts are escaped."""
    activity, told = activities[id], tell(activities, id, now)
    earned = points(activity, now.score)
    earned_text = ""
    if earned is None or not told.said.paragraphs:
        # In the other cases the first paragraph gives the points.
        total = worth(activity.points)
        earned_text = f"À noter, sur {total}." if earned is None else f"{number(earned, 2)} sur {total}."
    return card_html(told.question, earned_text, told.said, told.answers)


#: MathJax, in formgrader and in JupyterLab, skips elements of these classes.
_NO_FORMULA = "tex2jax_ignore mathjax_ignore"


def card_html(question: str, earned: str, said: Feedback, answers: Iterable[tuple[str, tuple[str, ...], str]]) -> str:
    """Return the HTML of one card; all texts are escaped."""
    # Styles are inline: nbgrader's pages and JupyterLab share no style sheet, and both drop <style> elements.
    box = "border:1px solid #c4ccd6;border-radius:6px;padding:.8em 1em;margin:.3em 0;"
    font = "font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#1c2733;background:#fff;"
    line = "margin:0 0 .5em;"
    items = "".join(
        f'<li style="margin:0 0 .25em"><span style="color:#52606d">{escape(name)}'
        + (f" ({escape(verdict.rstrip('.'))})" if verdict else "")
        + f'{NBSP}:</span> <span style="overflow-wrap:anywhere">{"<br>".join(map(escape, lines))}</span></li>'
        for name, lines, verdict in answers
    )
    parts = [
        f'<p style="{line}"><strong>{escape(question)}</strong></p>' if question else "",
        f'<ul style="{line}padding-left:1.2em">{items}</ul>' if items else "",
        f'<p style="{line}"><span aria-hidden="true">{said.sign}</span> <strong>{escape(said.headline)}</strong>'
        + (f" {escape(earned)}" if earned else "")
        + "</p>",
        *(f'<p style="{line}">{escape(text)}</p>' for text in said.paragraphs),
    ]
    return f'<div class="reseau-kit-note {_NO_FORMULA}" lang="fr" style="{box}{font}">{"".join(parts)}</div>'


def _attempt_name(place: int, now: Mark) -> str:
    if not now.weighted:
        name = "1re réponse" if place == 1 else f"{place}e réponse"
        return f"{name}, qui compte" if place == now.attempts[-1].number > 1 else name
    name = "1er essai" if place == 1 else f"{place}e essai"
    return name if place <= ATTEMPTS else f"{name}, pour s’entraîner"
