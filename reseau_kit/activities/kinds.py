"""The kinds of questions as authors write them: reading, linting, and what learners may see of them.

`tasks` defines the data of each kind. The lints run on authors' files only.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from reseau_kit.activities.author_file import Section, did_you_mean
from reseau_kit.activities.tasks import (
    ENTRIES,
    MIRROR_REMARKS,
    PLAN_FAULTS,
    ROLES,
    TERM_RULES,
    TOLERATED,
    WRITTEN,
    Accounts,
    Card,
    Choice,
    Field,
    Form,
    Gesture,
    Item,
    Level,
    Matching,
    Mirror,
    NamedMistake,
    Number,
    OpenText,
    Option,
    Ordering,
    Penalty,
    Plan,
    Post,
    ReadText,
    Rule,
    Search,
    Selection,
    Show,
    Task,
    Term,
)
from reseau_kit.french.comparing import content_words
from reseau_kit.french.pieces import pieces


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
    items: dict[str, Item] = {}
    for row in section.tables("element", "élément", required=True):
        item = Item(row.text("id"), row.text("texte"))
        shares = row.shares("accepte")
        # Without a key (see Kind.withhold) every group is right.
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


def _read_grid(section: Section) -> Matching:
    shared = _options(section, "valeur", required=False)
    keys = section.table("corrige")
    texts = _read_texts(section)
    items: dict[str, Item] = {}
    credit: dict[str, dict[str, float]] = {}
    reasons: dict[tuple[str, str], str] = {}
    for row in section.tables("ligne", "ligne", required=True):
        own = {id: Option(id, text) for id, text in row.mapping("valeurs").items()}
        shows, about = row.flag("montrer"), row.text("sur", required=False)
        _check_known(row, "sur", "le texte", filter(None, (about,)), texts)
        if shows and (own or about not in texts):
            row.fault("montrer", "« montrer » propose les passages du texte que nomme « sur », sans autres « valeurs »")
        if shows and about in texts:
            own = _passages(texts[about])
        if not (own or shared):
            row.fault("valeurs", "il manque « valeurs » (ou des [[activite.valeur]] pour toutes les lignes)")
        groups = own or shared
        heading = row.text("sous", required=False) or (texts[about].author if about in texts else "")
        item = Item(row.text("id"), row.text("texte"), tuple(groups.values()), heading, about, shows)
        shares = row.shares("accepte")
        if right := row.text("juste", required=False):
            shares[right] = 1.0
        _check_known(row, "accepte" if "accepte" in row.values else "juste", "la valeur", shares, groups)
        if keys is not None and item.id in keys.values:
            shares = keys.shares_or_text(item.id)
            _check_known(keys, item.id, "la valeur", shares, groups)
        why = row.mapping("raisons")
        _check_known(row, "raisons", "la valeur", why, groups)
        if otherwise := row.text("sinon", required=False):
            why = {value: why.get(value, otherwise) for value in groups if shares.get(value) != 1}
        if item.id in items:
            row.fault("id", "une autre ligne a déjà cet identifiant")
        if shares and max(shares.values()) < 1:
            row.fault("accepte", "aucune valeur n’est tout à fait juste ; il en faut une qui vaut 1")
        row.finish()
        # Without a key (see Kind.withhold) every value is right.
        items[item.id], credit[item.id] = item, shares or dict.fromkeys(groups, 1.0)
        reasons |= {(item.id, value): text for value, text in why.items()}
    if keys is not None:
        keys.asked |= items.keys()
        keys.finish()
    return Matching(tuple(items.values()), tuple(shared.values()), credit, {}, reasons, tuple(texts.values()))


#: Id of the answer « nulle part »: the text has no such passage.
NOWHERE = "rien"


def _read_texts(section: Section) -> dict[str, ReadText]:
    """Return the texts to read. Vertical bars split a text into pieces; a text without bars is split by `pieces`."""
    texts: dict[str, ReadText] = {}
    for row in section.tables("texte", "texte"):
        written = row.text("texte")
        parts = [" ".join(part.split()) for part in written.split("|")] if "|" in written else pieces(written)
        text = ReadText(row.text("id"), row.text("de"), tuple(filter(None, parts)))
        row.finish()
        if text.id in texts:
            row.fault("id", "un autre texte a déjà cet identifiant")
        texts[text.id] = text
    return texts


def _passages(text: ReadText) -> dict[str, Option]:
    """Return the pieces of a text as answers (p1, p2…), followed by « nulle part »."""
    named = {f"p{place}": Option(f"p{place}", piece) for place, piece in enumerate(text.pieces, 1)}
    return {**named, NOWHERE: Option(NOWHERE, "nulle part")}


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
    # Without a single right order, the task asks only for the pairs of the inversions.
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
            row.bounds("longueur"),
        )
        row.finish()
        if line.id in fields:
            row.fault("id", "un autre champ a déjà cet identifiant")
        fields[line.id] = line
    criteria = [(row.number("part", minimum=0), _rule(row, fields)) for row in section.tables("critere", "critère")]
    penalties = []
    for row in section.tables("faute", "faute"):
        cap = row.number("plafond", 1.0, minimum=0)
        factor = row.number("facteur", 1.0 if "plafond" in row.values else None, minimum=0)
        penalties.append(Penalty(_rule(row, fields), factor, cap))
    total = sum(part for part, _ in criteria) or 1.0
    return Form(
        tuple(fields.values()),
        tuple((part / total, rule) for part, rule in criteria),
        tuple(penalties),
        _read_shows(section, fields),
        _read_mirror(section, fields),
    )


def _read_shows(section: Section, fields: Mapping[str, Field]) -> tuple[Show, ...]:
    shows: dict[str, Show] = {}
    for row in section.tables("montrer", "montrer"):
        show = Show(row.text("id"), row.text("champ"), row.text("texte"), row.text("manque"))
        _check_written(row, "champ", (show.field,), fields)
        row.finish()
        if show.id in shows:
            row.fault("id", "un autre critère à montrer a déjà cet identifiant")
        shows[show.id] = show
    return tuple(shows.values())


def _read_mirror(section: Section, fields: Mapping[str, Field]) -> Mirror | None:
    given = section.table("miroir")
    if given is None:
        return None
    excerpt = str(section.values.get("extrait", ""))
    mirror = Mirror(
        given.texts("champs", required=True),
        given.texts("remarques"),
        given.text("licence", required=False),
        given.text("source", required=False) or excerpt.strip(),
    )
    _check_written(given, "champs", mirror.fields, fields)
    _check_known(given, "remarques", "la remarque", mirror.looks_for, dict.fromkeys(MIRROR_REMARKS))
    for needing, key, value in (
        ("licence", "licence", mirror.licence),
        ("faits", "source", mirror.source),
        ("copie", "source", mirror.source),
    ):
        if needing in mirror.looks_for and not value:
            given.fault("remarques", f"la remarque « {needing} » demande « {key} »")
    given.finish()
    return mirror


def _check_written(section: Section, key: str, named: Iterable[str], fields: Mapping[str, Field]) -> None:
    named = tuple(named)
    _check_known(section, key, "le champ", named, fields)
    for id in named:
        if id in fields and fields[id].entry not in WRITTEN:
            section.fault(key, f"le champ « {id} » n’est pas un texte (saisie « {fields[id].entry} »)")


def _rule(section: Section, fields: Mapping[str, Field]) -> Rule:
    rule = Rule(
        field=section.text("champ"),
        message=section.text("message"),
        among=section.texts("parmi"),
        contains=section.texts("contient"),
        without=section.texts("sauf"),
        starts=section.texts("commence"),
        like=section.text("proche", required=False),
        words=section.bounds("mots"),
        items=section.bounds("elements"),
        characters=section.bounds("caracteres"),
        hashtags=section.bounds("dieses"),
        between=section.bounds("entre"),
        outside=section.bounds("hors"),
        days=section.bounds("jours"),
        takes_up=section.text("cite", required=False),
        takes_up_decision=section.text("cite_carnet", required=False),
        sentence=section.flag("phrase"),
        repeats=section.flag("repete"),
        private=section.flag("prive"),
        inverse=section.flag("inverse"),
        strict=frozenset(section.texts("strict")),
    )
    _check_known(section, "champ", "le champ", (rule.field,), fields)
    _check_known(section, "cite", "le champ", filter(None, (rule.takes_up,)), fields)
    if rule.takes_up == rule.field:
        section.fault("cite", f"« {rule.field} » se citerait lui-même ; nommez un autre champ")
    _check_known(section, "strict", "la tolérance", rule.strict, dict.fromkeys(TOLERATED))
    if not section.values.keys() & _CONDITIONS:
        section.fault("", f"il manque une condition ({', '.join(sorted(_CONDITIONS))})")
    section.finish()
    return rule


#: Keys that are a condition of a rule.
_CONDITIONS = frozenset(
    "parmi contient sauf commence proche mots elements caracteres dieses entre hors jours cite cite_carnet phrase "
    "repete prive".split()
)


def _read_selection(section: Section) -> Selection:
    criteria = _options(section, "critere", required=False)
    cards = _cards(section, criteria)
    as_many = "choisir" in section.values
    fit, reasons = section.shares("convient"), section.mapping("raisons")
    _check_known(section, "convient", "la carte", fit, cards)
    _check_known(section, "raisons", "la carte", reasons, cards)
    return Selection(
        cards=tuple(cards.values()),
        criteria=tuple(criteria.values()),
        at_most=section.integer("choisir" if as_many else "au_plus"),
        as_many=as_many,
        fit={id: fit.get(id, 0.0) for id in cards},
        reasons=reasons,
        wrong_criterion=section.text("si_critere", required=bool(criteria)),
        too_many=section.text("si_trop"),
    )


def _cards(section: Section, criteria: Mapping[str, Option]) -> dict[str, Card]:
    section.asked |= {"cartes", "detail"}  # data files: `inline_data` has put their rows into « carte »
    cards: dict[str, Card] = {}
    for row in section.tables("carte", "carte", required=True):
        card = Card(row.text("id"), row.text("texte"), row.texts("details"), row.texts("forces"), row.mapping("traits"))
        _check_known(row, "forces", "le critère", card.strengths, criteria)
        row.finish()
        if card.id in cards:
            row.fault("id", "une autre carte a déjà cet identifiant")
        cards[card.id] = card
    return cards


def _read_accounts(section: Section) -> Accounts:
    cards = _cards(section, {})
    traits = {trait: None for card in cards.values() for trait in card.traits}
    terms = []
    for row in section.tables("terme", "terme"):
        rule = row.text("regle")
        _check_known(row, "regle", "la règle", (rule,), dict.fromkeys(TERM_RULES))
        bound = "au_dela" if rule == "trop" else "au_plus"
        term = Term(row.text("trait"), rule, row.number("chaque", minimum=0), row.integer(bound), row.text("message"))
        _check_known(row, "trait", "la colonne", (term.trait,), traits)
        row.finish()
        terms.append(term)
    worth, reasons, example = section.numbers("valeur"), section.mapping("raisons"), section.texts("exemple")
    for key, named in (("valeur", worth), ("raisons", reasons), ("exemple", example)):
        _check_known(section, key, "la carte", named, cards)
    return Accounts(
        cards=tuple(cards.values()),
        pick=section.integer("choisir"),
        worth={id: worth.get(id, 0.0) for id in cards},
        terms=tuple(terms),
        reasons=reasons,
        mean=section.number("moyenne"),
        best=section.number("meilleur"),
        example=example,
    )


def _read_search(section: Section) -> Search:
    section.text("messages", required=False)  # a data file: `inline_data` has put its rows into « publication »
    posts: dict[str, Post] = {}
    for row in section.tables("publication", "publication", required=True):
        post = Post(row.text("id"), row.text("auteur"), row.text("texte"))
        row.finish()
        if post.id in posts:
            row.fault("id", "une autre publication a déjà cet identifiant")
        posts[post.id] = post
    relevant = section.texts("corrige")
    _check_known(section, "corrige", "la publication", relevant, posts)
    return Search(
        posts=tuple(posts.values()),
        words=tuple(_options(section, "mot").values()),
        wanted=section.bounds("avec") or (1, 4),
        unwanted=section.bounds("sans") or (0, 2),
        relevant=relevant,
        threshold=section.number("seuil", 0.4, minimum=0),
        if_noise=section.text("si_bruit"),
        if_silence=section.text("si_silence"),
    )


def _read_plan(section: Section) -> Plan:
    gestures: dict[str, Gesture] = {}
    for row in section.tables("geste", "geste", required=True):
        gesture = Gesture(row.text("id"), row.text("texte"), row.text("role", required=False))
        _check_known(row, "role", "le rôle", filter(None, (gesture.role,)), dict.fromkeys(ROLES))
        row.finish()
        gestures[gesture.id] = gesture
    media = _options(section, "media")
    themes = _options(section, "theme", required=False)
    allowed: dict[str, frozenset[str]] = {}
    if (given := section.table("permis")) is not None:
        for key, known in (("medias", media), ("themes", themes)):
            named = given.texts(key, required=True)
            _check_known(given, key, "l’identifiant", named, known)
            allowed[key] = frozenset(named)
        given.finish()
    criteria = []
    for row in section.tables("critere", "critère"):
        criteria.append((row.number("part", minimum=0), row.text("role"), row.text("message")))
        _check_known(row, "role", "le rôle", (criteria[-1][1],), dict.fromkeys(ROLES))
        row.finish()
    penalties = []
    for row in section.tables("faute", "faute"):
        penalties.append((row.number("facteur", minimum=0), row.text("regle"), row.text("message")))
        _check_known(row, "regle", "la règle", (penalties[-1][1],), dict.fromkeys(PLAN_FAULTS))
        row.finish()
    total = sum(part for part, _, _ in criteria) or 1.0
    return Plan(
        gestures=tuple(gestures.values()),
        media=tuple(media.values()),
        themes=tuple(themes.values()),
        budget=section.number("budget", 0.0, minimum=0),
        allowed=allowed,
        criteria=tuple((part / total, role, message) for part, role, message in criteria),
        penalties=tuple(penalties),
    )


def _read_text(section: Section) -> OpenText:
    levels = []
    for row in section.tables("niveau", "niveau", required=True):
        levels.append(Level(row.integer("note"), row.text("titre"), row.text("texte")))
        row.finish()
    by = section.text("lecture", required=False) or "formateur"
    if by not in ("formateur", "auto"):
        section.fault("lecture", "« lecture » vaut « formateur » (une personne lit) ou « auto » (on se situe soi-même)")
    return OpenText(section.bounds("mots") or (1, 1000), tuple(levels), by == "auto", section.texts("a_cote"))


def _options(section: Section, key: str, *, required: bool = True) -> dict[str, Option]:
    options: dict[str, Option] = {}
    for row in section.tables(key, key, required=required):
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


def _lint_grid(section: Section, task: Matching) -> None:
    for place, item in enumerate(task.items):
        groups, credit = task.groups_of(item), task.credit[item.id]
        if len(credit) == len(groups) and set(credit.values()) == {1.0}:
            section.fault(
                "ligne", f'il manque la valeur juste de "{item.id}" (« juste », « accepte » ou « corrige »)', place
            )
        if len(groups) < 2:
            section.fault("ligne", f'la ligne "{item.id}" demande au moins deux valeurs', place)
        seen: dict[str, str] = {}
        for group in groups:
            if credit.get(group.id) == 1:
                continue
            reason = task.why_not(item.id, group.id)
            if not reason:
                section.fault("ligne", f'rien ne dit pourquoi "{item.id}" n’est pas "{group.id}" (« raisons »)', place)
            elif reason in seen and not item.shows:
                same = f'les valeurs "{seen[reason]}" et "{group.id}" de "{item.id}" ont la même raison'
                section.fault("ligne", same, place)
            seen[reason] = group.id


def _lint_ordering(section: Section, task: Ordering) -> None:
    if not task.before:
        section.fault("corrige", "il manque l’ordre juste (« corrige »), ou des [[activite.inversion]]")
    places = {item.id: place for place, item in enumerate(task.items)}
    if all(places.get(first, 0) < places.get(second, 0) for first, second in task.before):
        section.fault("element", "les éléments sont écrits dans l’ordre juste ; mélangez-les")
    # Any wrong order inverts two neighbours of the right one, so their messages are enough.
    right = section.texts("corrige")
    for pair in pairwise(right):
        if pair not in task.inversions:
            section.fault(
                "corrige", f'rien ne dit pourquoi "{pair[0]}" vient avant "{pair[1]}" ([[activite.inversion]])'
            )


def _lint_form(section: Section, task: Form) -> None:
    if task.is_writing:
        return
    _lint_shares(section)
    for place, (_, rule) in enumerate(task.criteria):
        if not rule.asks_something:
            message = f"le critère de « {rule.field} » est rempli par un champ vide ; demandez quelque chose"
            section.fault("critere", message, place)
    for place, penalty in enumerate(task.penalties):
        if penalty.factor >= 1 and penalty.cap >= 1:
            message = f"le facteur {penalty.factor:g} de « {penalty.rule.field} » n’enlève rien ; il faut moins de 1"
            section.fault("faute", message, place)


#: Conditions of a rule that depend on the words a person chose.
_OF_WORDS = ("parmi", "contient", "sauf", "commence", "proche", "cite", "cite_carnet", "phrase", "repete", "prive")


def lint_words(section: Section, task: Form) -> None:
    """Reject a score that depends on the words a person chose: a program may only count, and compare with a list.

    Only the current version is checked: older versions keep the rules that marked their answers.
    """
    written = {field.id for field in task.fields if field.entry in WRITTEN}
    for key, called in (("critere", "le critère"), ("faute", "la faute")):
        for place, row in enumerate(section.values.get(key, [])):
            found = [name for name in _OF_WORDS if name in row] if row.get("champ") in written else []
            if found:
                message = f"{called} de « {row['champ']} » note des mots ({', '.join(found)})"
                section.fault(
                    key, f"{message} ; on ne note que des faits, et un texte se montre ([[activite.montrer]])", place
                )


def _lint_shares(section: Section) -> None:
    parts = [row.get("part") for row in section.values.get("critere", []) if isinstance(row, dict)]
    total = sum(part for part in parts if isinstance(part, int | float))
    if total not in (0, 100):
        section.fault("critere", f"les parts des critères font {total:g} ; il faut 100")
    if not parts:
        section.fault(
            "critere", "il manque des [[activite.critere]] : ce qui est bon ajoute, l’absence de faute ne suffit pas"
        )


def _lint_selection(section: Section, task: Selection) -> None:
    for card in task.cards if task.criteria else ():
        if not card.strengths:
            section.fault("carte", f'rien ne parle pour la carte "{card.id}" (« forces », des critères séparés par |)')
    if not any(fit == 1 for fit in task.fit.values()):
        section.fault("convient", "aucune carte ne convient tout à fait ; il en faut au moins une qui vaut 1")
    if all(fit == 1 for fit in task.fit.values()):
        section.fault("convient", "toutes les cartes conviennent : il n’y a rien à choisir")
    if task.as_many:
        _lint_pick(section, task.cards, task.at_most)
    seen: dict[str, str] = {}
    for card in task.cards:
        reason = task.reasons.get(card.id, "")
        if task.fit[card.id] < 1 and not reason:
            section.fault("raisons", f'la carte "{card.id}" ne convient pas tout à fait, et rien ne dit pourquoi')
        elif reason in seen:
            section.fault("raisons", f'les cartes "{seen[reason]}" et "{card.id}" ont la même raison')
        if reason:
            seen[reason] = card.id


def _lint_pick(section: Section, cards: Sequence[Card], pick: int) -> None:
    if len(cards) <= pick:
        section.fault("choisir", f"on demande {pick} cartes, et il n’y en a que {len(cards)} : tout cocher suffirait")


def _lint_accounts(section: Section, task: Accounts) -> None:
    _lint_pick(section, task.cards, task.pick)
    if not task.mean < task.best:
        section.fault("meilleur", f"« meilleur » ({task.best:g}) doit dépasser « moyenne » ({task.mean:g})")
    if len(task.example) != task.pick:
        section.fault("exemple", f"« exemple » nomme {len(task.example)} cartes, et on en demande {task.pick}")
    for card in task.cards:
        if task.worth[card.id] < 0 and card.id not in task.reasons:
            section.fault("raisons", f'la carte "{card.id}" coûte, et rien ne dit pourquoi')


def _lint_search(section: Section, task: Search) -> None:
    if not task.relevant:
        section.fault("corrige", "il manque les publications utiles (« corrige »)")
    if len(task.relevant) > len(task.posts) / 2:
        section.fault("corrige", "plus de la moitié des publications sont utiles : tout demander suffirait")
    for place, word in enumerate(task.words):
        if not content_words(word.text):
            message = f'le mot "{word.id}" (« {word.text} ») est un petit mot, que la recherche ne regarde pas'
            section.fault("mot", message, place)


def _lint_plan(section: Section, task: Plan) -> None:
    _lint_shares(section)
    if not task.budget:
        section.fault("budget", "il manque « budget », en minutes par semaine")
    if not task.allowed:
        section.fault("permis", "il manque « permis », les médias et les sujets qui conviennent")
    for place, gesture in enumerate(task.gestures):
        if not gesture.role:
            section.fault("geste", f'il manque « role » au geste "{gesture.id}" ({", ".join(ROLES)})', place)
    for place, (factor, what, _) in enumerate(task.penalties):
        if factor >= 1:
            section.fault("faute", f"le facteur {factor:g} de « {what} » n’enlève rien ; il faut moins de 1", place)


@dataclass(frozen=True, slots=True)
class Kind:
    """Reader of a kind of question, its lint, and the keys that learners may see.

    `asks` names the keys of the activity that learners may see, `parts` the same for its repeated sections.
    `stand_ins` replace the values that learners may not see and that `read` requires.
    """

    read: Callable[[Section], Task]
    lint: Callable[[Section, Any], None]
    asks: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stand_ins: Mapping[str, Any] = field(default_factory=dict)

    def withhold(self, section: dict[str, Any]) -> None:
        """Delete everything but the question from a section, in place, and add the stand-ins that `read` requires."""
        for key in section.keys() - {*ASKED, *self.asks, *self.parts}:
            del section[key]
        for key, kept in self.parts.items():
            for part in section.get(key, []):
                for name in part.keys() - set(kept):
                    del part[name]
        if "id" in section:
            section |= self.stand_ins


#: Keys of an activity of any kind that learners may see.
ASKED = (
    *("id", "version", "genre", "points", "question", "consigne", "extrait", "extrait_de", "tableau", "carnet"),
    *("utilise", "selon", "variante", "cas"),
)

_ITEM = ("id", "texte")

#: All kinds, by the name that authors use (« genre »).
KINDS = {
    "choix": Kind(_read_choice, _lint_choice, ("choisir",), {"option": _ITEM}),
    "nombre": Kind(_read_number, _lint_number, ("unite",), stand_ins={"valeur": 0}),
    "appariement": Kind(_read_matching, _lint_matching, (), {"classe": _ITEM, "element": _ITEM}, {}),
    "grille": Kind(
        _read_grid,
        _lint_grid,
        (),
        {
            "valeur": _ITEM,
            "ligne": (*_ITEM, "sous", "valeurs", "sur", "montrer"),
            "texte": ("id", "de", "texte"),
        },
    ),
    "ordre": Kind(_read_ordering, _lint_ordering, (), {"element": _ITEM}),
    "fiche": Kind(
        _read_form,
        _lint_form,
        ("miroir",),
        {
            "champ": (*_ITEM, "aide", "saisie", "valeurs", "unite", "longueur"),
            "montrer": ("id", "champ", "texte", "manque"),
        },
    ),
    "selection": Kind(
        _read_selection,
        _lint_selection,
        ("au_plus", "choisir"),
        {"carte": (*_ITEM, "details"), "critere": _ITEM},
        {"si_critere": "-", "si_trop": "-"},
    ),
    "comptes": Kind(
        _read_accounts, _lint_accounts, ("choisir",), {"carte": (*_ITEM, "details")}, {"moyenne": 0, "meilleur": 1}
    ),
    "requete": Kind(
        _read_search,
        _lint_search,
        ("avec", "sans"),
        {"publication": ("id", "auteur", "texte"), "mot": _ITEM},
        {"si_bruit": "-", "si_silence": "-"},
    ),
    "plan": Kind(_read_plan, _lint_plan, ("budget",), {"geste": _ITEM, "media": _ITEM, "theme": _ITEM}),
    "texte": Kind(_read_text, _lint_text, ("mots", "lecture", "a_cote"), {"niveau": ("note", "titre", "texte")}),
}
