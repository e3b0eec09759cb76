"""What a learner explores with: the small world, the accounts of an exercise, their own network.

Each panel is labelled native controls, one button, and what comes back in words and tables. Nothing is written and
nothing is sent. What reads networks is loaded once a panel is on the screen, so that the activities do not wait for it.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets
from ipywidgets import Widget, widget_serialization

from reseau_kit.explore.own_network import carte, indicateurs
from reseau_kit.french.comparing import content_words, simplified
from reseau_kit.french.writing import day_in_words, typeset
from reseau_kit.frontend import together
from reseau_kit.learner.open_panels import course_root
from reseau_kit.learner.panel import Panel, download, notice, page, section

if TYPE_CHECKING:
    from pandas import Timestamp

    from reseau_kit.network.synthetic import SmallWorld

#: No list is longer than what a person reads at once; the sentence above it says how many there are.
_SHOWN = 12

Values = Mapping[str, str]


@dataclass(frozen=True)
class Control:
    """One thing to set before pressing the button: a text, a choice (`values` as id, text, heading) or a tick."""

    id: str
    text: str
    values: tuple[tuple[str, str, str], ...] = ()
    kind: str = "choice"
    help: str = ""
    value: str = ""


@dataclass(frozen=True)
class Found:
    """What comes back: one sentence, which is read aloud, then sections; or another panel that shows it."""

    sentence: str
    sections: Sequence[Mapping[str, Any]] = ()
    child: Panel | None = None


@dataclass(frozen=True)
class Tool:
    """One way to explore. `controls` and `answer` may load what the panel itself does not need."""

    title: str
    question: str
    instructions: str
    action: str
    controls: Callable[[], Sequence[Control]]
    answer: Callable[[Values], Found]
    #: Whether to show at once what the controls say as they stand.
    at_once: bool = True
    #: A second button, for what may have changed elsewhere.
    again: str = ""
    notes: tuple[str, ...] = ()


_FAILED = "Notre programme n’a pas pu répondre ; ce n’est pas de votre fait. Changez un réglage, puis recommencez."


class Explorer(Panel):
    """A tool in a notebook: its controls come once the page asks for them, what it finds each time it is asked."""

    _esm = together("elements.js", "explorer.js")
    _css = together("widget.css", "explorer.css")
    child = traitlets.Instance(Widget, allow_none=True).tag(sync=True, **widget_serialization)

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        super().__init__()
        self.on_msg(self._receive)
        self.face = {
            "title": typeset(tool.title),
            "question": typeset(tool.question),
            "instructions": typeset(tool.instructions),
            "action": typeset(tool.action),
            "again": typeset(tool.again),
            "notes": [typeset(line) for line in tool.notes],
        }
        self.plain = "\n".join((tool.title, tool.question, tool.instructions, *tool.notes))

    def unfold(self) -> None:
        """Show the controls, and where the tool does so what they find as they stand."""
        controls = self.tool.controls()
        shown: list[dict[str, Any]] = [
            {
                "id": one.id,
                "text": one.text,
                "kind": one.kind,
                "help": one.help,
                "value": one.value or (one.values[0][0] if one.values else ""),
                "values": [{"id": id, "text": text, "heading": heading} for id, text, heading in one.values],
            }
            for one in controls
        ]
        result = None
        if self.tool.at_once and controls:
            result = self._result({one["id"]: one["value"] for one in shown})
        self.state = {"controls": shown, "result": result, "times": self.state.get("times", 0) + 1}

    def ask(self, values: Any) -> None:
        """Show what the tool finds; what is not among its controls, or no value of theirs, is as if not set."""
        given = values if isinstance(values, dict) else {}
        clean: dict[str, str] = {}
        for one in self.tool.controls():
            value = given.get(one.id)
            text = value[:200] if isinstance(value, str) else ""
            known = {id for id, _, _ in one.values}
            clean[one.id] = text if not known or text in known else one.value or one.values[0][0]
        self.state = {**self.state, "result": self._result(clean), "times": self.state.get("times", 0) + 1}

    def _result(self, values: Values) -> dict[str, Any]:
        try:
            return self._found(values)
        except Exception:
            # Whatever it is, it is our fault; the page would wait for ever.
            self.log.exception("The tool %r failed.", self.tool.question)
            return {"sentence": _FAILED, "sections": []}

    def _found(self, values: Values) -> dict[str, Any]:
        found = self.tool.answer(values)
        before, self.child = self.child, found.child
        if before is not None and before is not found.child:
            # Or each map that was ever drawn would stay in the kernel and in the page.
            before.close()
        sections = [
            {
                "title": typeset(one["title"]),
                "note": typeset(one["note"]),
                "lines": [typeset(line) for line in one["lines"]],
                "table": _typeset_table(one["table"]),
            }
            for one in found.sections
        ]
        return {"sentence": typeset(found.sentence), "sections": sections}

    def _receive(self, _: object, message: Any, __: object) -> None:
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "open":
            self.unfold()
        elif kind == "ask":
            self.ask(message.get("values"))


def petit_monde(outil: str = "") -> Panel:
    """Explore the small world, a network of 300 fictional people, with one tool.

    `outil` is « entourage », « profil », « voisine », « recherche », « tri », « échanges », « indicateurs » or
    « carte »; in the exercises also « comptes » (step 4) and « réponses » (step 5), on their own data.
    """
    tools = _tools()
    named = {simplified(name): tool for name, tool in tools.items()}
    tool = named.get(simplified(str(outil)).strip())
    if tool is None:
        choices = ", ".join(f'petit_monde("{name}")' for name in tools)
        return notice("Choisissez un outil", f"Écrivez l’un de ceux-ci : {choices}.")
    return Explorer(tool)


def mon_reseau() -> Panel:
    """Choose one of one's own exports, beside the lessons, and see its map or its indicators."""
    return Explorer(_own_network())


def vraie_carte() -> Panel:
    """Draw a real network of the course's data: French sites of free culture, and which of them cites which."""
    return Explorer(
        Tool(
            "Vraies données · sans note, facultatif",
            "621 sites du logiciel libre et des communs : quelles communautés ?",
            "Dessinez-les, puis cherchez un site connu de vous parmi les plus cités.",
            "Dessiner la carte",
            tuple,
            lambda _: _real_map(),
            at_once=False,
        )
    )


# --- the small world --------------------------------------------------------------------------------------------------

_TITLE = "Petit monde inventé · sans note"
_YOU = "Vous y êtes Anouk Clochepierre, de Liège, qui débute en médiation numérique."


@cache
def the_world() -> "SmallWorld":
    """The small world of the course, made once."""
    from reseau_kit.network.synthetic import synthetic

    return synthetic()


def _tools() -> dict[str, Tool]:
    return {
        "entourage": Tool(
            _TITLE,
            "Qui suivent les personnes que vous connaissez ?",
            f"{_YOU} Regardez qui vos connaissances suivent, relaient ou rangent dans leurs listes. "
            "Qui revient, et d’où ?",
            "Regarder",
            _around_controls,
            _around,
        ),
        "profil": Tool(
            _TITLE,
            "Lire un profil en une minute",
            f"{_YOU} Choisissez un compte, dites ce que vous cherchez, lisez les quatre indices. "
            "Parmi les plus actifs, y a-t-il quelqu’un ?",
            "Lire ce profil",
            _profile_controls,
            _profile,
        ),
        "voisine": Tool(
            _TITLE,
            "Votre réseau et celui d’une autre personne : qu’ont-ils en commun ?",
            f"{_YOU} Plus ils se ressemblent, moins un nouvel abonnement vous apprend. Quel cercle s’ouvrirait ?",
            "Comparer",
            _overlap_controls,
            _overlap,
        ),
        "recherche": Tool(
            _TITLE,
            "Chercher des publications",
            "Changez un mot à la fois, et lisez ce qui revient. Comment écarter les annonces sans perdre les récits ?",
            "Chercher",
            _search_controls,
            _search,
        ),
        "tri": Tool(
            _TITLE,
            "Qui suivre en retour, qui quitter ?",
            f"{_YOU} L’outil donne des raisons, pas une décision.",
            "Regarder",
            _sorting_controls,
            _sorting,
        ),
        "échanges": Tool(
            _TITLE,
            "Qui répond, à qui répondre, que relayer ?",
            f"{_YOU} Les plus suivis répondent-ils davantage ? Et qu’est-ce qui attend votre réponse ?",
            "Regarder",
            _exchange_controls,
            _exchanges,
        ),
        "indicateurs": Tool(
            _TITLE,
            "Six indicateurs, jamais une note",
            "Comparez deux comptes, et lisez ce que chaque chiffre ne dit pas. "
            "Pour vos propres échanges, il y a l’annexe 07.",
            "Calculer",
            _indicator_controls,
            _indicators,
            at_once=False,
        ),
        "carte": Tool(
            _TITLE,
            "La carte d’un réseau",
            f"{_YOU} Dessinez ses groupes : lesquels se connaissent, lequel vous manque ?",
            "Dessiner la carte",
            tuple,
            lambda _: Found("La carte est dessinée ci-dessous.", child=carte(the_world())),
            at_once=False,
        ),
        "comptes": Tool(
            "Les 24 comptes de cet atelier · sans note",
            "Trier et comparer les comptes avant de choisir",
            "Ce sont ceux des fiches, avec les mêmes chiffres. Le tableau ne dit pas lesquels choisir.",
            "Afficher",
            _account_controls,
            _accounts,
        ),
        "réponses": Tool(
            "Les 40 réponses de cet atelier · sans note",
            "Filtrer les réponses avant de compter",
            "Choisissez lesquelles garder : l’outil dit combien il en reste, à vous de savoir sur combien.",
            "Afficher",
            _reply_controls,
            _replies,
            at_once=False,
        ),
    }


def _words_control(text: str = "Ce que vous cherchez, en un ou deux mots") -> Control:
    return Control("sujet", text, kind="text", help="Séparez les mots par des virgules.", value="inclusion, médiation")


def _words(text: str) -> list[str]:
    """The words of a field; « inclusion, papiers en ligne » is one word and one phrase."""
    parts = [part.strip() for part in text.replace(";", ",").split(",")]
    return [part for part in parts if part][:12]


def _around_controls() -> list[Control]:
    known = the_world().people[the_world().people["known"]]
    people = [("", "Toutes ensemble", ""), *((str(one.id), one.name, "") for one in known.itertuples())]
    order = [
        ("suivis", "Qui elles suivent", ""),
        ("relais", "Qui elles relaient", ""),
        ("listes", "Leurs listes publiques", ""),
    ]
    return [Control("qui", "Quelles connaissances ?", tuple(people)), Control("quoi", "Que regarder ?", tuple(order))]


def _around(values: Values) -> Found:
    from reseau_kit.french.writing import number
    from reseau_kit.network.metrics import followed_by_known, lists_with

    world = the_world()
    known = [int(values["qui"])] if values["qui"] else None
    column = {"suivis": "followed_by", "relais": "relayed_by", "listes": "in_lists"}[values["quoi"]]
    table = followed_by_known(world, known)
    table = table[table[column] > 0].sort_values(column, ascending=False, kind="stable")
    by_list = values["quoi"] == "listes"
    rows = []
    for one in table.head(_SHOWN).itertuples():
        lists = [f"{line.name}, de {line.owner}" for line in lists_with(world, int(one.id)).head(2).itertuples()]
        last = " ; ".join(lists) if by_list else one.bio or "pas de bio"
        rows.append([one.name, number(one.followed_by), number(one.relayed_by), number(one.in_lists), last])
    sentence = _how_many(len(table), "compte que vous ne suivez pas encore", "comptes que vous ne suivez pas encore")
    columns = ["Compte", "Le suivent", "Le relaient", "L’ont en liste", "Listes publiques" if by_list else "Bio"]
    said = f"Les nombres comptent vos connaissances. {_cut(len(table))}".strip()
    return _table_found(sentence, "Comptes à découvrir", columns, rows, said)


def _profile_controls() -> list[Control]:
    from reseau_kit.network.metrics import who_answers

    # One of whom there is something to read.
    first = str(who_answers(the_world())["id"][0])
    return [Control("compte", "Quel compte ?", tuple(_choices()), value=first), _words_control()]


def _choices() -> list[tuple[str, str, str]]:
    """Accounts to choose from, each once, by what makes one meet them."""
    from reseau_kit.network.metrics import followed_by_known
    from reseau_kit.network.synthetic import LEARNER

    world = the_world()
    people, links = world.people, world.links
    headings: dict[str, Iterable[int]] = {
        "Vous vous connaissez": people.loc[people["known"], "id"],
        "Vous les suivez": links.loc[links["source"] == LEARNER, "target"],
        "Elles et ils vous suivent": links.loc[links["target"] == LEARNER, "source"],
        "Vos connaissances les suivent": followed_by_known(world)["id"].head(10),
        "Les plus suivis": people.sort_values("followers", ascending=False)["id"].head(6),
        "Les plus actifs": people.sort_values("posts_30d", ascending=False)["id"].head(6),
        "De même taille, 25 abonnés": people.loc[people["followers"] == 25, "id"].head(5),
    }
    found: dict[int, tuple[str, str, str]] = {}
    for heading, ids in headings.items():
        for id in map(int, ids):
            if id != LEARNER:
                found.setdefault(id, (str(id), str(people["name"][id]), heading))
    return list(found.values())


def _profile(values: Values) -> Found:
    from reseau_kit.french.writing import count
    from reseau_kit.network.metrics import lists_with, profile

    world = the_world()
    row = int(values["compte"])
    seen = profile(world, row, _words(values["sujet"]))
    person = world.people.iloc[row]
    answers = {clue.name: clue.answer for clue in seen.clues}
    told = ", ".join(f"{name.lower()} : {answer}" for name, answer in answers.items())
    sentence = f"{seen.name} · {told}."
    if seen.warnings:
        sentence += " Attention, lisez ce qui doit rendre prudent."
    size = f"{count(int(person['followers']), 'abonné')}, {count(int(person['following']), 'abonnement')}."
    sections = [
        section("Qui parle ?", note=f"{seen.handle} · {size} {seen.bio or 'Pas de bio.'}"),
        section(
            "Les quatre indices",
            table={
                "caption": "Ce que montre ce profil",
                "columns": ["Indice", "Réponse", "Ce que l’on voit"],
                "rows": [[clue.name, clue.answer, clue.why] for clue in seen.clues],
            },
        ),
    ]
    if seen.warnings:
        sections.append(section("Ce qui doit rendre prudent", lines=seen.warnings))
    mine = world.posts[(world.posts["author"] == row) & (world.posts["kind"] != "reponse")].iloc[::-1].head(5)
    lines = [f"{_day(one.at)} : {one.text}" for one in mine.itertuples()]
    sections.append(section("Ses dernières publications", lines=lines or ["Aucune publication à lire."]))
    lists = [f"« {one.name} », de {one.owner}" for one in lists_with(world, row).head(5).itertuples()]
    sections.append(section("Les listes publiques où ce compte est", lines=lists or ["Aucune."]))
    return Found(sentence, sections)


def _overlap_controls() -> list[Control]:
    chosen = [one for one in _choices() if not one[2].startswith(("Les plus actifs", "Elles et ils", "De même taille"))]
    return [Control("compte", "Avec qui comparer ?", tuple(chosen))]


def _overlap(values: Values) -> Found:
    from reseau_kit.network.metrics import overlap

    world = the_world()
    found = overlap(world, int(values["compte"]))
    names = dict(zip(world.people["handle"], world.people["name"], strict=True))
    circles = dict(zip(world.people["handle"], world.people["circle"], strict=True))
    mine = {circles[handle] for handle in (*found.common, *found.only_mine)}

    def lines(handles: Sequence[str]) -> list[str]:
        shown = [f"{names[one]} ({circles[one] or 'aucun cercle visible'})" for one in handles[:_SHOWN]]
        left = len(handles) - len(shown)
        return [*shown, *([f"… et {left} de plus"] if left else [])] or ["Aucun."]

    new = [one for one in found.only_theirs if circles[one] and circles[one] not in mine]
    sections = [
        section("Suivis par vous deux", lines=lines(found.common)),
        section("Suivis par cette personne seulement", lines=lines(found.only_theirs)),
        section("Parmi eux, ceux d’un cercle où vous ne suivez personne", lines=lines(new)),
    ]
    return Found(found.sentence, sections)


def _search_controls() -> list[Control]:
    from collections import Counter

    tags = Counter(tag for text in the_world().posts["hashtags"] for tag in text.split())
    often = ((tag, tag, "") for tag, _ in tags.most_common(20))
    return [
        Control("avec", "Mots demandés", kind="text", help="Séparez-les par des virgules.", value="atelier"),
        Control("sans", "Mots exclus", kind="text", help="Par exemple : promo, vente."),
        Control("diese", "Mot-dièse", (("", "Aucun en particulier", ""), *often)),
    ]


def _search(values: Values) -> Found:
    from reseau_kit.network.metrics import search

    world = the_world()
    tags = [values["diese"]] if values["diese"] else []
    result = search(world.posts, _words(values["avec"]), _words(values["sans"]), tags)
    names = world.people["name"]
    rows = [[names[one.author], _day(one.at), one.text] for one in result.found.head(_SHOWN).itertuples()]
    return _table_found(
        result.sentence, "Les plus récentes d’abord", ["Compte", "Jour", "Publication"], rows, _cut(len(result.found))
    )


def _sorting_controls() -> list[Control]:
    ways = (("retour", "Qui suivre en retour", ""), ("quitter", "Qui quitter", ""))
    return [Control("quoi", "Que regarder ?", ways), _words_control("Vos sujets")]


def _sorting(values: Values) -> Found:
    from reseau_kit.network.metrics import to_unfollow, worth_following_back

    words = _words(values["sujet"])
    if values["quoi"] == "quitter":
        table = to_unfollow(the_world(), about=words)
        rows = [[one.name, one.reason, one.why] for one in table.itertuples()]
        sentence = _how_many(
            len(rows), "abonnement donne une raison de partir", "abonnements donnent une raison de partir"
        )
        said = "Un désaccord ou une petite taille ne sont pas des raisons. La décision reste la vôtre."
        return _table_found(sentence, "Abonnements à relire", ["Compte", "Raison", "Ce que l’on voit"], rows, said)
    table = worth_following_back(the_world(), about=words)
    clues = ["Sujet", "Activité", "Échange", "Crédit"]
    rows = [
        [
            line["name"],
            *(line[clue] for clue in clues),
            "oui" if line["new_circle"] else "non",
            line["warnings"] or "rien à signaler",
        ]
        for line in table.to_dict("records")
    ]
    sentence = _how_many(len(rows), "personne vous suit sans retour", "personnes vous suivent sans retour")
    columns = ["Compte", *clues, "Nouveau cercle", "Prudence"]
    said = "Suivre en retour n’est pas une politesse due : lisez d’abord le profil."
    return _table_found(sentence, "Abonnés à lire", columns, rows, said)


def _exchange_controls() -> list[Control]:
    ways = (
        ("repond", "Qui répond", ""),
        ("attend", "À qui répondre", ""),
        ("relayer", "Que relayer", ""),
    )
    return [Control("quoi", "Que regarder ?", ways), _words_control("Vos sujets, pour ce que vous relayez")]


def _exchanges(values: Values) -> Found:
    from reseau_kit.french.writing import number, percent
    from reseau_kit.network.metrics import ENOUGH_TO_TELL, waiting_for_answer, who_answers, worth_relaying

    world = the_world()
    if values["quoi"] == "attend":
        table = waiting_for_answer(world)
        rows = [[one.name, _day(one.at), one.text, one.under] for one in table.itertuples()]
        sentence = _how_many(len(rows), "message attend votre réponse", "messages attendent votre réponse")
        columns = ["De", "Jour", "Message", "Sous votre publication"]
        return _table_found(sentence, "Le plus ancien d’abord", columns, rows, "Tout message n’en demande pas une.")
    if values["quoi"] == "relayer":
        table = worth_relaying(world, about=_words(values["sujet"]))
        rows = [
            [one.name, _day(one.at), one.text, f"Relayé de {one.handle}"] for one in table.head(_SHOWN).itertuples()
        ]
        sentence = _how_many(len(table), "publication à relayer peut-être", "publications à relayer peut-être")
        columns = ["Compte", "Jour", "Publication", "Crédit à donner"]
        return _table_found(sentence, "Les plus récentes d’abord", columns, rows, _cut(len(table)))
    table = who_answers(world)
    rows = []
    told = 0
    for one in table.itertuples():
        known = one.received >= ENOUGH_TO_TELL
        told += known
        share = (
            f"{percent(one.share)}, entre {percent(one.low)} et {percent(one.high)}"
            if known
            else "trop peu pour le dire"
        )
        rows.append([one.name, number(one.followers), number(one.received), number(one.answered), share])
    sentence = (
        f"Sur {number(len(rows))} comptes que vous suivez, {number(told)} ont reçu assez de messages "
        "pour que l’on dise s’ils répondent."
    )
    columns = ["Compte", "Abonnés", "Messages reçus", "Réponses données", "Part, avec sa marge d’erreur à 95 %"]
    said = "Moins de trois messages ne disent rien d’une habitude. Une grande marge veut dire : peu de cas."
    return _table_found(sentence, "Qui répond", columns, rows, said)


def _indicator_controls() -> list[Control]:
    you = ("0", "Vous, Anouk Clochepierre", "Vous")
    others = tuple(_choices())
    most = next((id for id, _, heading in others if heading == "Les plus suivis"), "")
    return [
        Control("compte", "De quel compte ?", (you, *others)),
        Control("second", "Et d’un autre", (("", "Aucun autre", ""), *others), value=most),
    ]


def _indicators(values: Values) -> Found:
    from reseau_kit.french.writing import number
    from reseau_kit.network.indicators import indicators, own_view

    world = the_world()
    chosen = list(dict.fromkeys(int(values[name]) for name in ("compte", "second") if values[name]))
    panels = []
    for row in chosen:
        seen = own_view(world, row)
        panels.append(indicators(seen.contacts, seen.posts, seen.exchanges))
    rows = [
        [
            same[0].label,
            *(one.shown if one.value is not None else f"Pas de valeur : {one.shown}" for one in same),
            same[0].says,
            same[0].says_not,
        ]
        for same in zip(*panels, strict=True)
    ]
    names = [str(world.people["name"][row]) for row in chosen]
    told = [
        f"{name} : {number(sum(one.value is not None for one in panel))} indicateurs sur {len(panel)}"
        for name, panel in zip(names, panels, strict=True)
    ]
    columns = ["Indicateur", *names, "Ce que cela dit", "Ce que cela ne dit pas"]
    said = "« Vous » désigne ici chaque compte. Aucun de ces chiffres n’est une note, ni leur somme."
    return _table_found(f"{' ; '.join(told)}.", "Six indicateurs", columns, rows, said)


# --- the data of an exercise, in its own folder -----------------------------------------------------------------------

_UNREADABLE = Found("Les données de cet outil ont été changées, et ne se lisent plus.")
_NO_FILE = Found("Les données de cet outil ne sont pas dans ce dossier : ouvrez l’atelier où il se trouve.")

_ORDERS = {
    "abonnes": ("Les plus suivis", True),
    "publications_90j": ("Les plus actifs", True),
    "taux_reponse": ("Qui répond le plus", True),
    "part_autopromo": ("Qui se vend le moins", False),
}
#: As the cards call them; an audience is no circle.
_CIRCLES = {
    "mediation": "médiation numérique",
    "formation": "formation",
    "emploi": "emploi",
    "bibliotheques": "bibliothèques",
    "quartier": "voisinage",
}
_KEPT = {
    "": "Tous",
    "deja_connu": "Vos connaissances",
    "suivi_par_mon_contact": "Suivis aussi par la voisine",
    "ailleurs": "Que la voisine ne suit pas",
}


def _rows(name: str) -> list[dict[str, str]]:
    """The lines of a file of this folder, none where it is not there."""
    path = Path(name)
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _account_controls() -> list[Control]:
    orders = tuple((id, text, "") for id, (text, _) in _ORDERS.items())
    kept = tuple((id, text, "") for id, text in _KEPT.items())
    word = Control("mot", "Un mot de la bio", kind="text", help="Laissez vide pour tout garder.")
    return [Control("ordre", "Qui mettre en premier ?", orders), Control("garder", "Lesquels garder ?", kept), word]


def _accounts(values: Values) -> Found:
    try:
        return _sorted_accounts(values)
    except (KeyError, ValueError, csv.Error):
        return _UNREADABLE


def _sorted_accounts(values: Values) -> Found:
    from reseau_kit.french.writing import count, percent

    profiles = {row["id"]: row for row in _rows("profils.csv")}
    accounts = [row | profiles[row["id"]] for row in _rows("comptes.csv") if row["id"] in profiles]
    if not accounts:
        return _NO_FILE
    keep, word = values["garder"], set(content_words(values["mot"]))
    kept = [
        row
        for row in accounts
        if (not keep or (row["suivi_par_mon_contact"] == "0" if keep == "ailleurs" else row[keep] == "1"))
        and word <= set(content_words(row["bio"]))
    ]
    order, falling = values["ordre"], _ORDERS[values["ordre"]][1]
    kept.sort(key=lambda row: float(row[order]), reverse=falling)
    yes = {"1": "oui", "0": "non"}
    rows = [
        [
            row["texte"],
            row["taille"],
            row["publications_90j"],
            percent(float(row["taux_reponse"])),
            percent(float(row["part_autopromo"])),
            _CIRCLES.get(row["cercle"], "aucun en particulier"),
            yes[row["deja_connu"]],
            yes[row["suivi_par_mon_contact"]],
            row["bio"],
        ]
        for row in kept
    ]
    columns = ["Compte", "Abonnés", "Publications en 90 jours", "Répond à", "Autopromotion", "Cercle"]
    columns += ["Vous le connaissez", "La voisine le suit", "Bio"]
    sentence = f"{count(len(kept), 'compte')} sur {len(accounts)}."
    return _table_found(sentence, f"Les comptes : {_ORDERS[order][0].lower()} d’abord", columns, rows)


def _reply_controls() -> list[Control]:
    ends = (("", "Toutes", ""), ("1", "Avec une question à la fin", ""), ("0", "Les autres", ""))
    after = (("", "Peu importe", ""), ("1", "Avec une suite", ""), ("0", "Sans suite", ""))
    return [Control("question", "Quelles réponses ?", ends), Control("suite", "Et ce qui a suivi ?", after)]


def _replies(values: Values) -> Found:
    try:
        return _kept_replies(values)
    except (KeyError, ValueError, csv.Error):
        return _UNREADABLE


def _kept_replies(values: Values) -> Found:
    replies = _rows("reponses.csv")
    if not replies:
        return _NO_FILE
    wanted = {"ma_reponse_finit_par_une_question": values["question"], "suite_recue": values["suite"]}
    kept = [row for row in replies if all(not value or row[name] == value for name, value in wanted.items())]
    yes = {"1": "oui", "0": "non"}
    rows = [[row["id"], yes[row["ma_reponse_finit_par_une_question"]], yes[row["suite_recue"]]] for row in kept]
    sentence = _how_many(len(kept), "réponse", "réponses")
    return _table_found(
        sentence, "Les réponses gardées", ["Numéro", "Finit par une question", "A reçu une suite"], rows
    )


# --- one's own network ------------------------------------------------------------------------------------------------

#: Names of files that an export may have, and that the course itself has not.
_EXPORTS = (".zip", ".csv", ".opml", ".xml", ".car", ".gz", ".tgz", ".json", ".js", ".gexf")

_WAYS = (
    ("", "Au mieux", ""),
    ("entreprise", "Par entreprise", ""),
    ("métier", "Par métier", ""),
    ("groupe", "Par serveur, par dossier", ""),
    ("lien", "Selon qui suit qui", ""),
    ("année", "Par année", ""),
)


_OWN_NOTES = (
    "Rien ne quitte cet ordinateur : votre fichier est lu ici, et rien n’en est envoyé ni joint à vos réponses.",
    "Les noms de vos contacts restent cachés, sauf si vous les demandez.",
    "Jupyter tourne ailleurs que chez vous (Binder, un serveur de formation) ? N’y mettez pas un vrai export.",
)


def _own_network() -> Tool:
    return Tool(
        "Mon propre réseau · sans note, facultatif",
        "Quel fichier regarder ?",
        "Glissez d’abord votre export dans la colonne des fichiers, à gauche, près des leçons ; "
        "jamais dans le dossier d’un atelier. Puis choisissez-le ici.",
        "Regarder",
        _own_controls,
        _own,
        at_once=False,
        again="Relire la liste des fichiers",
        notes=_OWN_NOTES,
    )


def _astray() -> list[str]:
    """Archives in the folder of an exercise, which would be handed in with it."""
    root = course_root()
    from reseau_kit.answers.folder import course_folders

    folders = [folder for folder in course_folders(root) if folder != root]
    return sorted(f"{folder.name}/{path.name}" for folder in folders for path in folder.glob("*.zip"))


def _own_controls() -> list[Control]:
    root = course_root()
    files = [(name, name, "") for name in _exports_in(root)]
    what = (("carte", "Ma carte", ""), ("indicateurs", "Mes indicateurs", ""))
    return [
        Control("fichier", "Votre export", (("", "Choisir…", ""), *files)),
        Control("quoi", "Que voulez-vous voir ?", what),
        Control("par", "Comment grouper, sur la carte ?", _WAYS),
        Control("noms", "Montrer les noms, aussi dans les fichiers à télécharger", kind="tick"),
    ]


def _exports_in(folder: Path) -> list[str]:
    """Files of the learner's own that may be an export, beside the lessons; the course's own are not theirs."""
    from reseau_kit.workspace import installed_files

    known = installed_files(folder)
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_file()
        and path.suffix.lower() in _EXPORTS
        and not path.name.startswith((".", "mes-reponses-", "mes-groupes"))
        and path.name not in known
    )


def _own(values: Values) -> Found:
    if not values["fichier"] and (astray := _astray()):
        where = ", ".join(f"« {name} »" for name in astray)
        return Found(
            f"{where} partirait avec ce que vous remettez : glissez-le à côté des leçons, puis relisez la liste."
        )
    if not values["fichier"]:
        return Found(
            "Choisissez d’abord un fichier. S’il n’est pas dans la liste, glissez-le à gauche, puis relisez-la."
        )
    path = course_root() / values["fichier"]
    if values["quoi"] == "indicateurs":
        return Found("Voyez ci-dessous.", child=indicateurs(path))
    return Found("Voyez ci-dessous.", child=carte(path, noms=values["noms"] == "oui", par=values["par"]))


# --- a real network ---------------------------------------------------------------------------------------------------

_REAL = Path("data") / "communautes-libres-fr.gexf"

_REAL_NOTES = (
    "Un point est un site, un trait un lien hypertexte de l’un vers l’autre. Citer n’est ni aimer ni approuver.",
    "Les communautés viennent d’un calcul sur ces traits ; chacune porte le nom de son site le plus cité.",
    "Relevé du 16 au 25 novembre 2022. « communautes-libres-fr », © 2022 Guillaume Plique, licence MIT.",
)


def _real_map() -> Found:
    from reseau_kit.network.archives import NotReadable

    path = course_root() / _REAL
    try:
        child = _real_page(path)
    except NotReadable as error:
        return Found(" ".join(error.reasons))
    return Found("Voyez ci-dessous.", child=child)


@cache
def _real_page(path: Path) -> Panel:
    """The map, its communities and their most linked sites: sites may be named, since they are public.

    Raises:
        NotReadable: the data are not there.

    """
    from reseau_kit.french.writing import number, percent
    from reseau_kit.network.graphs import read_graph
    from reseau_kit.network.map import build_map, renamed
    from reseau_kit.network.map_words import honesty, in_words, title
    from reseau_kit.network.picture import to_picture

    graph = read_graph(path)
    drawn = build_map(graph.people, graph.links, learner="", thing=("site", "sites"))
    cited = graph.links["target"].value_counts()
    people = drawn.people.assign(cited=drawn.people["id"].map(cited).fillna(0).astype(int))
    people = people.sort_values("cited", ascending=False, kind="stable")
    first = people.drop_duplicates("group").set_index("group")["name"]
    drawn = renamed(drawn, {one.number: first[one.number] for one in drawn.groups.itertuples()})
    rows = [
        [
            f"{one.number} · {one.name}",
            number(one.size),
            percent(one.size / len(people)),
            ", ".join(people.loc[people["group"] == one.number, "name"].head(6)),
        ]
        for one in drawn.groups.itertuples()
    ]
    files = [
        download("communautes.png", to_picture(drawn), "image/png", "Image (PNG)"),
        download("communautes-sombre.png", to_picture(drawn, theme="dark"), "image/png", "Sur fond sombre (PNG)"),
    ]
    headline = title(drawn)
    columns = ["Communauté", "Sites", "Part", "Ses sites les plus cités"]
    return page(
        headline,
        [typeset(line) for line in (honesty(drawn), *_REAL_NOTES)],
        [
            section(
                "Les communautés", table={"caption": "Les sites, groupe par groupe", "columns": columns, "rows": rows}
            ),
            section("La carte en mots", note=in_words(drawn)),
        ],
        files,
        {"alt": headline, "light": "communautes.png", "dark": "communautes-sombre.png"},
    )


# --- small words ------------------------------------------------------------------------------------------------------


def _typeset_table(table: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not table:
        return None
    rows = [[typeset(cell) for cell in row] for row in table["rows"]]
    return {"caption": typeset(table["caption"]), "columns": [typeset(name) for name in table["columns"]], "rows": rows}


def _table_found(
    sentence: str, caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
) -> Found:
    """A sentence and one table, which is left out where it would be empty."""
    table = {"caption": caption, "columns": list(columns), "rows": [list(map(str, row)) for row in rows]}
    return Found(sentence, [section("", note=note, table=table)] if rows else [])


def _how_many(n: int, one: str, several: str) -> str:
    from reseau_kit.french.writing import count

    return f"{count(n, one, several)}." if n else f"Aucun résultat : 0 {one}."


def _cut(n: int) -> str:
    return f"Les {_SHOWN} premières lignes sur {n} sont montrées." if n > _SHOWN else ""


def _day(moment: "Timestamp") -> str:
    return day_in_words(moment.date().isoformat()).rpartition(" ")[0]
