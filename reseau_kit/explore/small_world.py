"""The learner's explorers of the small world and of an exercise's accounts and replies.

Each panel has labelled native controls, one button, and results in words and tables. Nothing is written or sent. The
libraries for networks are imported once a panel is on the screen, so that the activities do not wait for them.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from reseau_kit.explore.exercise_data import account_controls, found_accounts, found_replies, reply_controls
from reseau_kit.explore.explorer import (
    SHOWN,
    Control,
    Explorer,
    Found,
    Tool,
    Values,
    day_and_month,
    how_many,
    shown_of,
    table_found,
)
from reseau_kit.explore.own_network import carte
from reseau_kit.french.comparing import simplified
from reseau_kit.learner.panel import Panel, notice, section

if TYPE_CHECKING:
    from reseau_kit.network.synthetic import SmallWorld


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


# --- the small world --------------------------------------------------------------------------------------------------

_TITLE = "Petit monde inventé · sans note"

_YOU = "Vous y êtes Anouk Clochepierre, de Liège, qui débute en médiation numérique."


@cache
def the_world() -> "SmallWorld":
    """Return the small world of the course, made once per kernel."""
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
            account_controls,
            found_accounts,
        ),
        "réponses": Tool(
            "Les 40 réponses de cet atelier · sans note",
            "Filtrer les réponses avant de compter",
            "Choisissez lesquelles garder : l’outil dit combien il en reste, à vous de savoir sur combien.",
            "Afficher",
            reply_controls,
            found_replies,
            at_once=False,
        ),
    }


def _words_control(text: str = "Ce que vous cherchez, en un ou deux mots") -> Control:
    return Control("sujet", text, kind="text", help="Séparez les mots par des virgules.", value="inclusion, médiation")


def _words(text: str) -> list[str]:
    """Split a field at commas: « inclusion, papiers en ligne » is a word and a phrase; 12 items at most."""
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
    for one in table.head(SHOWN).itertuples():
        lists = [f"{line.name}, de {line.owner}" for line in lists_with(world, int(one.id)).head(2).itertuples()]
        last = " ; ".join(lists) if by_list else one.bio or "pas de bio"
        rows.append([one.name, number(one.followed_by), number(one.relayed_by), number(one.in_lists), last])
    sentence = how_many(len(table), "compte que vous ne suivez pas encore", "comptes que vous ne suivez pas encore")
    columns = ["Compte", "Le suivent", "Le relaient", "L’ont en liste", "Listes publiques" if by_list else "Bio"]
    said = f"Les nombres comptent vos connaissances. {shown_of(len(table))}".strip()
    return table_found(sentence, "Comptes à découvrir", columns, rows, said)


def _profile_controls() -> list[Control]:
    from reseau_kit.network.metrics import who_answers

    # The first account shown has enough to read.
    first = str(who_answers(the_world())["id"][0])
    return [Control("compte", "Quel compte ?", tuple(_choices()), value=first), _words_control()]


def _choices() -> list[tuple[str, str, str]]:
    """Return accounts to choose from, once each, under headings that say how the learner meets them."""
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
    lines = [f"{day_and_month(one.at)} : {one.text}" for one in mine.itertuples()]
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
        shown = [f"{names[one]} ({circles[one] or 'aucun cercle visible'})" for one in handles[:SHOWN]]
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
    rows = [[names[one.author], day_and_month(one.at), one.text] for one in result.found.head(SHOWN).itertuples()]
    return table_found(
        result.sentence,
        "Les plus récentes d’abord",
        ["Compte", "Jour", "Publication"],
        rows,
        shown_of(len(result.found)),
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
        sentence = how_many(
            len(rows), "abonnement donne une raison de partir", "abonnements donnent une raison de partir"
        )
        said = "Un désaccord ou une petite taille ne sont pas des raisons. La décision reste la vôtre."
        return table_found(sentence, "Abonnements à relire", ["Compte", "Raison", "Ce que l’on voit"], rows, said)
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
    sentence = how_many(len(rows), "personne vous suit sans retour", "personnes vous suivent sans retour")
    columns = ["Compte", *clues, "Nouveau cercle", "Prudence"]
    said = "Suivre en retour n’est pas une politesse due : lisez d’abord le profil."
    return table_found(sentence, "Abonnés à lire", columns, rows, said)


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
        rows = [[one.name, day_and_month(one.at), one.text, one.under] for one in table.itertuples()]
        sentence = how_many(len(rows), "message attend votre réponse", "messages attendent votre réponse")
        columns = ["De", "Jour", "Message", "Sous votre publication"]
        return table_found(sentence, "Le plus ancien d’abord", columns, rows, "Tout message n’en demande pas une.")
    if values["quoi"] == "relayer":
        table = worth_relaying(world, about=_words(values["sujet"]))
        rows = [
            [one.name, day_and_month(one.at), one.text, f"Relayé de {one.handle}"]
            for one in table.head(SHOWN).itertuples()
        ]
        sentence = how_many(len(table), "publication à relayer peut-être", "publications à relayer peut-être")
        columns = ["Compte", "Jour", "Publication", "Crédit à donner"]
        return table_found(sentence, "Les plus récentes d’abord", columns, rows, shown_of(len(table)))
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
    return table_found(sentence, "Qui répond", columns, rows, said)


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
    return table_found(f"{' ; '.join(told)}.", "Six indicateurs", columns, rows, said)
