"""The kinds of questions: what each asks for, how an author writes it, and what makes it teach badly.

What an answer is worth is in `checks`, what it looks like in `widget.js`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
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


@dataclass(frozen=True, slots=True)
class Matching:
    """Put each item in one of the groups. `credit` gives the groups that are right for an item, with their share (0–1).

    `confusions` says, for two groups, what sets them apart; `reasons` the same for one item and a wrong group.
    """

    items: tuple[Option, ...]
    groups: tuple[Option, ...]
    credit: Mapping[str, Mapping[str, float]]
    confusions: Mapping[frozenset[str], str]
    reasons: Mapping[tuple[str, str], str]

    def why_not(self, item: str, group: str) -> str:
        """Why the item is not in that group, empty where nothing was written."""
        best = max(self.credit[item], key=lambda right: self.credit[item][right])
        return self.reasons.get((item, group)) or self.confusions.get(frozenset((group, best)), "")


@dataclass(frozen=True, slots=True)
class Ordering:
    """Put the items in order. Each pair of `before` has to come in that order; `inversions` says why."""

    items: tuple[Option, ...]
    before: tuple[tuple[str, str], ...]
    inversions: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form. `entry` is how it is filled: texte, long, nombre, date or choix (one of `values`)."""

    id: str
    text: str
    help: str
    entry: str
    values: tuple[str, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that holds of one field or not: every condition that is given has to hold.

    `among` equals one of these; `contains` holds one of these words or phrases; `without` holds none of them. `words`,
    `items` (separated by commas), `between`, `outside` and `days` (after the attempt) are bounds, both included. Texts
    compare as French reads them, but for what `strict` names: casse, accents, apostrophes, espaces.
    """

    field: str
    message: str
    among: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    words: tuple[float, float] | None = None
    items: tuple[float, float] | None = None
    between: tuple[float, float] | None = None
    outside: tuple[float, float] | None = None
    days: tuple[float, float] | None = None
    strict: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Form:
    """Fill in the fields. Each criterion that holds adds its share (they make 1), each fault that holds multiplies."""

    fields: tuple[Field, ...]
    criteria: tuple[tuple[float, Rule], ...]
    penalties: tuple[tuple[float, Rule], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """Something to select, described by `details`; `strengths` are the criteria that speak for it."""

    id: str
    text: str
    details: tuple[str, ...]
    strengths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Select at most `at_most` cards, each for one criterion. `fit` (0–1) says how well a card serves the purpose.

    `reasons` says what a card that fits less than fully lacks, `wrong_criterion` and `too_many` what their name says.
    """

    cards: tuple[Card, ...]
    criteria: tuple[Option, ...]
    at_most: int
    fit: Mapping[str, float]
    reasons: Mapping[str, str]
    wrong_criterion: str
    too_many: str


@dataclass(frozen=True, slots=True)
class Level:
    """What a text that deserves `mark` looks like."""

    mark: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenText:
    """Write `words` words (least and most). The levels, from the best down, are shown before writing; a person reads.

    With `self_assessed`, the learner says which level the text reaches, and nobody marks it.
    """

    words: tuple[float, float]
    levels: tuple[Level, ...]
    self_assessed: bool


Task = Choice | Number | Matching | Ordering | Form | Selection | OpenText

#: How a form's field can be filled in.
ENTRIES = ("texte", "long", "nombre", "date", "choix")

#: What a comparison of texts passes over, unless an author says otherwise.
TOLERATED = ("casse", "accents", "apostrophes", "espaces")


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


def _read_matching(section: Section) -> Matching:
    groups = _options(section, "classe")
    credit: dict[str, dict[str, float]] = {}
    reasons: dict[tuple[str, str], str] = {}
    items: dict[str, Option] = {}
    for row in section.tables("element", "élément", required=True):
        item = Option(row.text("id"), row.text("texte"))
        shares = row.shares("accepte")
        # Without a key (see Kind.withhold) every group will do.
        if group := row.text("classe", required=False):
            shares[group] = 1.0
        why = row.mapping("raisons")
        for key, named in (("accepte" if "accepte" in row.values else "classe", shares), ("raisons", why)):
            _check_known(row, key, "la classe", named, groups)
        if item.id in items:
            row.fault("id", "un autre élément a déjà cet identifiant")
        if shares and max(shares.values()) < 1:
            row.fault("accepte", "aucune classe n’est tout à fait juste ; il en faut une qui vaut 1")
        row.finish()
        items[item.id], credit[item.id] = item, shares or dict.fromkeys(groups, 1.0)
        reasons |= {(item.id, group): text for group, text in why.items()}
    confusions: dict[frozenset[str], str] = {}
    for row in section.tables("confusion", "confusion"):
        between = row.texts("entre", required=True)
        _check_known(row, "entre", "la classe", between, groups)
        if len(set(between)) != 2:
            row.fault("entre", "il faut deux classes")
        confusions[frozenset(between)] = row.text("message")
        row.finish()
    return Matching(tuple(items.values()), tuple(groups.values()), credit, confusions, reasons)


def _read_ordering(section: Section) -> Ordering:
    items = _options(section, "element")
    right = section.texts("corrige")
    _check_known(section, "corrige", "l’élément", right, items)
    if right and sorted(right) != sorted(items):
        section.fault("corrige", "l’ordre juste doit nommer chaque élément une fois")
    before = [(first, second) for place, first in enumerate(right) for second in right[place + 1 :]]
    inversions: dict[tuple[str, str], str] = {}
    for row in section.tables("inversion", "inversion"):
        pair = (row.text("avant"), row.text("apres"))
        _check_known(row, "avant", "l’élément", pair, items)
        inversions[pair] = row.text("message")
        row.finish()
    # Without one right order, what has to come before what is all that is asked.
    return Ordering(tuple(items.values()), tuple(before or inversions), inversions)


def _read_form(section: Section) -> Form:
    fields: dict[str, Field] = {}
    for row in section.tables("champ", "champ", required=True):
        entry = row.text("saisie", required=False) or "texte"
        if entry not in ENTRIES:
            row.fault("saisie", f"la saisie « {entry} » n’existe pas{did_you_mean(entry, ENTRIES)}")
        values = row.texts("valeurs", required=entry == "choix")
        line = Field(
            row.text("id"),
            row.text("texte"),
            row.text("aide", required=False),
            entry,
            values,
            row.text("unite", required=False),
        )
        row.finish()
        if line.id in fields:
            row.fault("id", "un autre champ a déjà cet identifiant")
        fields[line.id] = line
    criteria = [(row.number("part", minimum=0), _rule(row, fields)) for row in section.tables("critere", "critère")]
    penalties = [(row.number("facteur", minimum=0), _rule(row, fields)) for row in section.tables("faute", "faute")]
    total = sum(part for part, _ in criteria) or 1.0
    return Form(tuple(fields.values()), tuple((part / total, rule) for part, rule in criteria), tuple(penalties))


def _rule(section: Section, fields: Mapping[str, Field]) -> Rule:
    rule = Rule(
        field=section.text("champ"),
        message=section.text("message"),
        among=section.texts("parmi"),
        contains=section.texts("contient"),
        without=section.texts("sauf"),
        words=section.bounds("mots"),
        items=section.bounds("elements"),
        between=section.bounds("entre"),
        outside=section.bounds("hors"),
        days=section.bounds("jours"),
        strict=frozenset(section.texts("strict")),
    )
    _check_known(section, "champ", "le champ", (rule.field,), fields)
    _check_known(section, "strict", "la tolérance", rule.strict, dict.fromkeys(TOLERATED))
    given = (rule.among, rule.contains, rule.without, rule.words, rule.items, rule.between, rule.outside, rule.days)
    if not any(given):
        section.fault("", "il manque une condition (parmi, contient, sauf, mots, elements, entre, hors ou jours)")
    section.finish()
    return rule


def _read_selection(section: Section) -> Selection:
    criteria = _options(section, "critere")
    section.text("cartes", required=False)  # a data file, whose rows stand in « carte » by now
    cards: dict[str, Card] = {}
    for row in section.tables("carte", "carte", required=True):
        card = Card(row.text("id"), row.text("texte"), row.texts("details"), row.texts("forces"))
        _check_known(row, "forces", "le critère", card.strengths, criteria)
        row.finish()
        if card.id in cards:
            row.fault("id", "une autre carte a déjà cet identifiant")
        cards[card.id] = card
    fit, reasons = section.shares("convient"), section.mapping("raisons")
    _check_known(section, "convient", "la carte", fit, cards)
    _check_known(section, "raisons", "la carte", reasons, cards)
    return Selection(
        cards=tuple(cards.values()),
        criteria=tuple(criteria.values()),
        at_most=section.integer("au_plus"),
        fit={id: fit.get(id, 0.0) for id in cards},
        reasons=reasons,
        wrong_criterion=section.text("si_critere"),
        too_many=section.text("si_trop"),
    )


def _read_text(section: Section) -> OpenText:
    levels = []
    for row in section.tables("niveau", "niveau", required=True):
        levels.append(Level(row.integer("note"), row.text("titre"), row.text("texte")))
        row.finish()
    by = section.text("lecture", required=False) or "formateur"
    if by not in ("formateur", "auto"):
        section.fault("lecture", "« lecture » vaut « formateur » (une personne lit) ou « auto » (on se situe soi-même)")
    return OpenText(section.bounds("mots") or (1, 1000), tuple(levels), by == "auto")


def _options(section: Section, key: str) -> dict[str, Option]:
    options: dict[str, Option] = {}
    for row in section.tables(key, key, required=True):
        option = Option(row.text("id"), row.text("texte"))
        row.finish()
        if option.id in options:
            row.fault("id", f"« {option.id} » est déjà pris")
        options[option.id] = option
    return options


def _check_known(section: Section, key: str, what: str, named: Iterable[str], known: Mapping[str, object]) -> None:
    for id in named:
        if id not in known:
            section.fault(key, f'{what} "{id}" n’existe pas{did_you_mean(id, known)}')


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


def _lint_text(section: Section, task: OpenText) -> None:
    if len(task.levels) < 2:
        section.fault("niveau", "il faut au moins deux niveaux, du meilleur au moins bon")
    marks = [level.mark for level in task.levels]
    if marks != sorted(marks, reverse=True):
        section.fault("niveau", "les niveaux vont du meilleur au moins bon")


def _lint_matching(section: Section, task: Matching) -> None:
    for item in task.items:
        if set(task.credit[item.id].values()) == {1.0} and len(task.credit[item.id]) == len(task.groups):
            section.fault("element", f'il manque la classe de "{item.id}" (« classe » ou « accepte »)')
    if len(task.groups) < 2:
        section.fault("classe", "il faut au moins deux classes")
    for item in task.items:
        for group in task.groups:
            if group.id not in task.credit[item.id] and not task.why_not(item.id, group.id):
                message = f'rien ne dit pourquoi "{item.id}" n’est pas dans "{group.id}"'
                section.fault("element", f"{message} (« raisons » de l’élément, ou [[activite.confusion]])")


def _lint_ordering(section: Section, task: Ordering) -> None:
    if not task.before:
        section.fault("corrige", "il manque l’ordre juste (« corrige »), ou des [[activite.inversion]]")
    places = {item.id: place for place, item in enumerate(task.items)}
    if all(places.get(first, 0) < places.get(second, 0) for first, second in task.before):
        section.fault("element", "les éléments sont écrits dans l’ordre juste ; mélangez-les")
    # In any wrong order, two neighbours of the right one are inverted: telling those is enough.
    right = section.texts("corrige")
    for pair in pairwise(right):
        if pair not in task.inversions:
            section.fault(
                "corrige", f'rien ne dit pourquoi "{pair[0]}" vient avant "{pair[1]}" ([[activite.inversion]])'
            )


def _lint_form(section: Section, task: Form) -> None:
    parts = [row.get("part") for row in section.values.get("critere", []) if isinstance(row, dict)]
    total = sum(part for part in parts if isinstance(part, int | float))
    if total not in (0, 100):
        section.fault("critere", f"les parts des critères font {total:g} ; il faut 100")
    if not task.criteria:
        section.fault(
            "critere", "il manque des [[activite.critere]] : ce qui est bon ajoute, l’absence de faute ne suffit pas"
        )
    for _, rule in task.criteria:
        if not any((rule.among, rule.contains, rule.words, rule.items, rule.between, rule.days)):
            section.fault(
                "critere", f"le critère de « {rule.field} » est rempli par un champ vide ; demandez quelque chose"
            )
    for factor, rule in task.penalties:
        if factor >= 1:
            section.fault("faute", f"le facteur {factor:g} de « {rule.field} » n’enlève rien ; il faut moins de 1")


def _lint_selection(section: Section, task: Selection) -> None:
    for card in task.cards:
        if not card.strengths:
            section.fault("carte", f'rien ne parle pour la carte "{card.id}" (« forces », des critères séparés par |)')
    if not any(fit == 1 for fit in task.fit.values()):
        section.fault("convient", "aucune carte ne convient tout à fait ; il en faut au moins une qui vaut 1")
    seen: dict[str, str] = {}
    for card in task.cards:
        reason = task.reasons.get(card.id, "")
        if task.fit[card.id] < 1 and not reason:
            section.fault("raisons", f'la carte "{card.id}" ne convient pas tout à fait, et rien ne dit pourquoi')
        elif reason in seen:
            section.fault("raisons", f'les cartes "{seen[reason]}" et "{card.id}" ont la même raison')
        if reason:
            seen[reason] = card.id


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of question is read, what is said of one that would teach badly, and what of it is no secret.

    `asks` names the keys that learners may have, `parts` those of its repeated sections. `stand_ins` are what reading
    needs in place of a key that they may not.
    """

    read: Callable[[Section], Task]
    lint: Callable[[Section, Any], None]
    asks: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stand_ins: Mapping[str, Any] = field(default_factory=dict)

    def withhold(self, section: dict[str, Any]) -> None:
        """Leave in a section only what is asked, in place. What reading needs besides gets a stand-in."""
        for key in section.keys() - {*ASKED, *self.asks, *self.parts}:
            del section[key]
        for key, kept in self.parts.items():
            for part in section.get(key, []):
                for name in part.keys() - set(kept):
                    del part[name]
        if "id" in section:
            section |= self.stand_ins


#: What learners may have of an activity of any kind.
ASKED = ("id", "version", "genre", "points", "question", "consigne", "tableau", "carnet", "selon", "variante", "cas")

_ITEM = ("id", "texte")

#: Every kind, by the name that authors give it (« genre »).
KINDS = {
    "choix": Kind(_read_choice, _lint_choice, ("choisir",), {"option": _ITEM}),
    "nombre": Kind(_read_number, _lint_number, ("unite",), stand_ins={"valeur": 0}),
    "appariement": Kind(_read_matching, _lint_matching, (), {"classe": _ITEM, "element": _ITEM}, {}),
    "ordre": Kind(_read_ordering, _lint_ordering, (), {"element": _ITEM}),
    "fiche": Kind(_read_form, _lint_form, (), {"champ": (*_ITEM, "aide", "saisie", "valeurs", "unite")}),
    "selection": Kind(
        _read_selection,
        _lint_selection,
        ("au_plus",),
        {"carte": (*_ITEM, "details"), "critere": _ITEM},
        {"si_critere": "-", "si_trop": "-"},
    ),
    "texte": Kind(_read_text, _lint_text, ("mots", "lecture"), {"niveau": ("note", "titre", "texte")}),
}
