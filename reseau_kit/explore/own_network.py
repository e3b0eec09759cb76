"""Shows a network in a learner's cell: the map of their contacts, and indicators instead of a score.

Nothing is written or sent; contacts' names are shown on request only. The libraries that read and draw networks are
imported on first use, so that the other activities do not wait for them.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

from reseau_kit.explore.map_panel import Facts, MapPanel, Shown
from reseau_kit.french.comparing import simplified
from reseau_kit.french.writing import day_in_words
from reseau_kit.learner.panel import Panel, notice, page, plain_lines, section
from reseau_kit.system.extras import missing

if TYPE_CHECKING:
    from pandas import DataFrame

    from reseau_kit.network.indicators import Indicator
    from reseau_kit.network.map import Map
    from reseau_kit.network.sources import Export
    from reseau_kit.network.synthetic import SmallWorld

    Network = str | Path | Export | SmallWorld | None

#: Values of `par`: the grouping of contacts without known links.
_WAYS = {"entreprise": "company", "métier": "position", "groupe": "group", "lien": "tie", "année": "year"}

#: Name of a contact's tie, by the relations in an export.
_TIES = {
    frozenset({"following"}): "Vous suivez",
    frozenset({"follower"}): "Vous suivent",
    frozenset({"following", "follower"}): "Dans les deux sens",
}

_INVENTED = (
    "Ce petit monde est inventé : personne n’y existe. "
    'Pour votre réseau, donnez votre export : carte("mon-export.zip").'
)
_Given = ParamSpec("_Given")

_HERE = "Rien n’a quitté cette machine."
_OTHERWISE = "Pour grouper autrement : {}."
_LONG_FACT = 200


def _where_installed(draw: Callable[_Given, Panel]) -> Callable[_Given, Panel]:
    """Wrap a function: return a panel with a sentence if the libraries for networks are not installed."""

    @wraps(draw)
    def drawn(*args: _Given.args, **options: _Given.kwargs) -> Panel:
        try:
            return draw(*args, **options)
        except ModuleNotFoundError as error:
            if not (said := missing(error)):
                raise
            return notice("Cette page demande un complément", said, tone="part")

    return drawn


@_where_installed
def carte(
    reseau: "Network" = None, *, noms: bool | None = None, groupes: Mapping[int, str] | None = None, par: str = ""
) -> Panel:
    """Draw the map of the learner's contacts: to explore, in words and in a table, and as files made on request.

    `reseau` is the path of an export, a result of `read_export`, or a small world (by default the course's own). A
    button of the page shows the names of an export's contacts; `noms=True` shows them at once, and in the files too;
    `noms=False` hides those of a small world as well. `groupes` renames groups by their numbers, as the page does.
    `par` groups contacts without known links: « entreprise », « métier », « groupe » (server or folder), « lien » (who
    follows whom) or « année ».
    """
    from reseau_kit.network.archives import NotReadable
    from reseau_kit.network.map import NoMap, renamed

    try:
        network = _network(reseau)
    except NotReadable as error:
        return _unreadable(error.reasons)
    try:
        drawn, others = _drawn(network, par)
        given = _labels(groupes or {})
        named = renamed(drawn, given)
    except NoMap as error:
        # For an export without contacts, its sentences say what it contains and what such exports never contain.
        about = [line for part in _export_sections(network) for line in part["lines"]]
        return notice("La carte n’a pas pu être dessinée", str(error), *about, tone="part")
    return _map_panel(network, drawn, named, given, others, names=noms)


@_where_installed
def indicateurs(reseau: "Network" = None) -> Panel:
    """Show six figures about the learner's exchanges, with what each says and does not say, and no total.

    `reseau` is the path of an export, a result of `read_export`, or a small world (by default the course's own).
    """
    from reseau_kit.french.writing import typeset
    from reseau_kit.network.archives import NotReadable
    from reseau_kit.network.indicators import indicators, own_view
    from reseau_kit.network.sources import Export

    try:
        network = _network(reseau)
    except NotReadable as error:
        return _unreadable(error.reasons)
    seen = network if isinstance(network, Export) else own_view(network)
    panel = indicators(seen.contacts, seen.posts, seen.exchanges)
    known = sum(one.value is not None for one in panel)
    intro = ["Aucun de ces chiffres n’est une note, et leur somme non plus : lisez ce que chacun ne dit pas."]
    if known < len(panel):
        intro.append(f"Vos données en permettent {known} sur {len(panel)} ; les autres disent pourquoi ils manquent.")
    intro.append(
        "Rien n’a quitté cette machine, et rien n’y a été enregistré."
        if isinstance(network, Export)
        else _INVENTED.replace("carte(", "indicateurs(")
    )
    sections = [*(_indicator_section(one) for one in panel), *_export_sections(network)]
    return page("Mes indicateurs", map(typeset, intro), sections)


def _network(given: object) -> "Export | SmallWorld":
    """Return the given network: an export or a small world, read from a file if it is a path.

    Raises:
        NotReadable: it is none, or its file cannot be read.
    """
    from reseau_kit.french.writing import typeset
    from reseau_kit.network.archives import NotReadable
    from reseau_kit.network.sources import Export, read_export
    from reseau_kit.network.synthetic import SmallWorld, synthetic

    if given is None:
        return synthetic()
    if isinstance(given, Export | SmallWorld):
        return given
    if isinstance(given, str | Path) and str(given).strip():
        return read_export(given)
    raise NotReadable([typeset('Donnez le nom de votre export, entre guillemets : "mon-export.zip".')])


def _drawn(network: "Export | SmallWorld", way: str) -> "tuple[Map, list[str]]":
    """Return the map, and the other ways to group its contacts.

    Raises:
        NoMap: there is nothing to draw, or no such way to group.
    """
    from reseau_kit.french.writing import typeset
    from reseau_kit.network.map import NoMap, build_map, star_map
    from reseau_kit.network.metrics import contacts_of
    from reseau_kit.network.synthetic import SmallWorld

    if isinstance(network, SmallWorld):
        if way:
            told = f"Ici, des liens entre contacts sont connus : les groupes en viennent, et non de « {way} »."
            raise NoMap(typeset(told))
        return build_map(*contacts_of(network), label="circle"), []
    ways = {simplified(name): column for name, column in _WAYS.items()}
    asked = simplified(str(way)).strip()
    if asked and asked not in ways:
        choices = ", ".join(f"« {name} »" for name in _WAYS)
        raise NoMap(typeset(f"« {way} » ne groupe rien. Choisissez parmi : {choices}."))
    people = _with_ties(network.contacts)
    possible = _possible(people)
    by = ways.get(asked) or (possible[0] if possible else "tie")
    return star_map(people, by), [name for name, column in _WAYS.items() if column in possible and column != by]


def _with_ties(contacts: "DataFrame") -> "DataFrame":
    """Return contacts once each, with their tie: who follows whom."""
    relations = contacts.groupby("id", sort=False)["relation"].agg(frozenset)
    people = contacts.drop_duplicates("id")
    return people.assign(tie=[_TIES.get(relations[one], "Contacts") for one in people["id"]])


def _possible(people: "DataFrame") -> list[str]:
    """Return the ways to group contacts: first those known for at least half of them, then the others."""
    columns = {"company": "company", "position": "position", "group": "group", "tie": "tie", "year": "since"}
    known = {by: people[column].notna().sum() for by, column in columns.items()}
    told = [by for by in columns if known[by] and (by != "tie" or people["tie"].nunique() > 1)]
    return sorted(told, key=lambda by: known[by] * 2 < len(people))


def _labels(given: object) -> dict[int, str]:
    """Return the learner's names of groups, by number.

    Raises:
        NoMap: they are not numbers with names.
    """
    from reseau_kit.french.writing import typeset
    from reseau_kit.network.map import NoMap

    try:
        return {int(number): str(name) for number, name in dict(given).items()}  # type: ignore[call-overload]
    except (TypeError, ValueError):
        raise NoMap(typeset('Les noms de groupes s’écrivent ainsi : groupes={1: "Ma famille", 2: "Vélo"}.')) from None


def _map_panel(
    network: "Export | SmallWorld",
    drawn: "Map",
    named: "Map",
    given: dict[int, str],
    others: list[str],
    *,
    names: bool | None,
) -> Panel:
    from reseau_kit.french.writing import typeset
    from reseau_kit.network.map_words import honesty, in_words, title
    from reseau_kit.network.synthetic import SmallWorld

    invented = isinstance(network, SmallWorld)
    origin = f"petit-monde-{network.seed}-{network.size}" if isinstance(network, SmallWorld) else network.network
    words = section("La carte en mots", note=in_words(drawn))
    told = [typeset(_INVENTED if invented else _HERE)]
    otherwise = typeset(_OTHERWISE.format(" ou ".join(f'carte(…, par="{way}")' for way in others))) if others else ""
    shown = Shown(
        told=told,
        sections=[words, *_export_sections(network)],
        otherwise=otherwise,
        facts=lambda: _facts(network),
        network=origin,
        given=given,
    )
    # An invented world has no names to hide on the page; its files have names only on request.
    panel = MapPanel(drawn, shown, names=invented if names is None else names, names_in_files=bool(names))
    # Notebooks keep this text and may be passed on: it has no contact's name, and only group names given in code.
    kept = [
        section("Les groupes", table=_groups_table(named)),
        section("La carte en mots", note=in_words(named)),
        *_export_sections(network),
    ]
    panel.plain = plain_lines(title(named), [honesty(named), *told, *filter(None, [otherwise])], kept)
    return panel


def _facts(network: "Export | SmallWorld") -> Facts:
    """Return each contact's known facts, in the map's order, as the page shows them with the names."""
    from reseau_kit.network.metrics import contacts_of
    from reseau_kit.network.sources import Export

    if isinstance(network, Export):
        people = _with_ties(network.contacts)
        columns = {"Métier": "position", "Entreprise": "company", "Serveur ou dossier": "group", "Relation": "tie"}
        told = [(label, [_fact(value) for value in people[column]]) for label, column in columns.items()]
        told.append(("Depuis le", [_day(moment) for moment in people["since"]]))
    else:
        people, _ = contacts_of(network)
        columns = {"Compte": "handle", "Bio": "bio", "Lieu": "place", "Cercle": "circle"}
        told = [(label, [_fact(value) for value in people[column]]) for label, column in columns.items()]
    return [(label, values) for label, values in told if any(values)]


def _fact(value: Any) -> str:
    """Return one fact on a line; empty if unknown."""
    text = " ".join(str(value).split()) if isinstance(value, str) else ""
    return text if len(text) <= _LONG_FACT else f"{text[: _LONG_FACT - 1]}…"


def _day(moment: Any) -> str:
    """Return a day in words: « 3 mars 2019 »; empty if unknown."""
    return day_in_words(moment.date().isoformat()) if moment == moment else ""


def _groups_table(drawn: "Map") -> dict[str, Any]:
    """Return the table of groups with their sizes."""
    from reseau_kit.french.writing import number, percent
    from reseau_kit.network.map import OTHERS
    from reseau_kit.network.map_words import labelled

    people = drawn.people
    central = people[~people["apart"]]
    sizes = [(labelled(one.number, one.name), int(one.size)) for one in drawn.groups.itertuples()]
    sizes += [("autres", int((central["group"] == OTHERS).sum())), ("à part", int(people["apart"].sum()))]
    rows = [[name, number(size), percent(size / len(people))] for name, size in sizes if size]
    return {"caption": "Vos contacts, groupe par groupe", "columns": ["Groupe", "Contacts", "Part"], "rows": rows}


def _indicator_section(one: "Indicator") -> dict[str, Any]:
    from reseau_kit.french.writing import typeset

    value = typeset(one.shown if one.value is not None else f"Pas de valeur ici. {one.shown}")
    says = [f"Ce que cela dit — {_inside(one.says)}", f"Ce que cela ne dit pas — {_inside(one.says_not)}"]
    return section(one.label, note=value if value.endswith(".") else f"{value}.", lines=map(typeset, says))


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _export_sections(network: "Export | SmallWorld") -> list[dict[str, Any]]:
    """Return sections on what was read from an export, what was skipped, and what it lacks."""
    from reseau_kit.network.sources import Export

    if not isinstance(network, Export):
        return []
    parts = {"Ce qui a été lu": network.read, "Laissé de côté": network.skipped, "À savoir": network.limits}
    return [section(title, lines=lines) for title, lines in parts.items() if lines]


def _unreadable(reasons: tuple[str, ...]) -> Panel:
    return notice("Votre export n’a pas pu être lu", *reasons, tone="part")
