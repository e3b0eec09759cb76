"""The kinds of questions: what each asks for, how an author writes it, and what makes it teach badly.

What an answer is worth is in `checks`, what it looks like in `widget.js`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reseau_kit.reading import Section, did_you_mean


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a learner can tick. `reason` says why it is not right, where it is not."""

    id: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Tick `pick` of the options. `right` holds the ids that are right, None where any will do (a decision)."""

    options: tuple[Option, ...]
    pick: int
    right: tuple[str, ...] | None

    def option(self, id: str) -> Option | None:
        """The option of that id, or None."""
        return next((option for option in self.options if option.id == id), None)


@dataclass(frozen=True, slots=True)
class NamedMistake:
    """A wrong number that many find, worth `share` (0–1) of the points, with what to tell those who found it."""

    value: float
    tolerance: float
    share: float
    message: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number in `unit`, right within ± `tolerance` of `value`."""

    unit: str
    value: float
    tolerance: float
    mistakes: tuple[NamedMistake, ...]


Task = Choice | Number


def _read_choice(section: Section) -> Choice:
    reasons = section.mapping("raisons")
    options: dict[str, Option] = {}
    for row in section.tables("option", "option", required=True):
        option = Option(row.text("id"), row.text("texte"), row.text("raison", required=False))
        row.finish()
        if option.id in options:
            row.fault("id", "une autre option a déjà cet identifiant")
        options[option.id] = replace(option, reason=reasons.get(option.id, option.reason))
    right = section.texts("corrige") if "corrige" in section.values else None
    for key, named in (("corrige", right or ()), ("raisons", reasons)):
        for id in named:
            if id not in options:
                what = "la réponse" if key == "corrige" else "la raison"
                count = f"l’une de ses {len(options)} options"
                section.fault(key, f'{what} "{id}" n’est pas {count}{did_you_mean(id, options)}')
    return Choice(tuple(options.values()), section.integer("choisir"), right)


def _read_number(section: Section) -> Number:
    mistakes = []
    for row in section.tables("erreur", "erreur"):
        row.text("nom")
        mistake = NamedMistake(
            value=row.number("valeur"),
            tolerance=row.number("tolerance", 0.0, minimum=0.0),
            share=row.number("part", 0.0, minimum=0.0),
            message=row.text("message"),
        )
        if mistake.share >= 1:
            row.fault("part", f"« part » vaut {mistake.share:g} ; une erreur vaut moins que 1, la réponse juste")
        row.finish()
        mistakes.append(mistake)
    return Number(
        unit=section.text("unite", required=False),
        value=section.number("valeur"),
        tolerance=section.number("tolerance", 0.0, minimum=0.0),
        mistakes=tuple(mistakes),
    )


def _lint_choice(section: Section, task: Choice) -> None:
    right = task.right or ()
    wrong = [option for option in task.options if option.id not in right]
    if len(right) != task.pick:
        section.fault("corrige", f"il y a {len(right)} réponses justes, et on en demande {task.pick} (« choisir »)")
    if len(task.options) < 2 * len(right):
        message = f"tout cocher rapporterait des points : {len(right)} réponses justes demandent au moins"
        section.fault("option", f"{message} {2 * len(right)} options, et il y en a {len(task.options)}")
    seen: dict[str, str] = {}
    for option in wrong:
        if not option.reason:
            section.fault("raisons", f'l’option "{option.id}" n’est pas juste, et rien ne dit pourquoi (« raison »)')
        elif option.reason in seen:
            message = f'les options "{seen[option.reason]}" et "{option.id}" ont la même raison'
            section.fault("raisons", f"{message} ; dites à chacune la sienne")
        seen[option.reason] = option.id
    longest_wrong = max((len(option.text) for option in wrong), default=0)
    right_lengths = [len(option.text) for option in task.options if option.id in right]
    if right_lengths and wrong and min(right_lengths) > longest_wrong:
        section.fault("option", "les réponses justes sont les plus longues ; cela se devine, équilibrez les textes")


def _lint_number(section: Section, task: Number) -> None:
    for mistake in task.mistakes:
        if abs(mistake.value - task.value) <= task.tolerance + mistake.tolerance:
            section.fault("erreur", f"l’erreur {mistake.value:g} tombe dans la tolérance de la réponse {task.value:g}")
    answer = f"{task.value:g}"
    hints = section.texts("indices")
    told = [*(("indices", hint) for hint in hints), *(("erreur", mistake.message) for mistake in task.mistakes)]
    for key, text in told:
        if re.search(rf"(?<![\d,.]){re.escape(answer)}(?![\d]|[,.]\d)", text.replace(",", ".")):
            section.fault(key, f"« {text} » donne la réponse ({answer}) avant le dernier essai")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of question is read, and what is said of one that would teach badly."""

    read: Callable[[Section], Task]
    lint: Callable[[Section, Any], None]


#: Every kind, by the name that authors give it (« genre »).
KINDS = {
    "choix": Kind(_read_choice, _lint_choice),
    "nombre": Kind(_read_number, _lint_number),
}
