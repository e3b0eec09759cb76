"""The words of a map: its title, what it shows, what it does not know, and its groups in sentences."""

from collections.abc import Iterable

import numpy as np

from reseau_kit.french.writing import count, percent, typeset
from reseau_kit.network.map import GROUPED_BY, IN_GROUP_WEIGHT, OTHERS, Map


def labelled(group: int, name: str) -> str:
    """« 3 · Vélo »: a group's number goes with its colour; « Groupe 3 » has it already."""
    return name if name == f"Groupe {group}" else f"{group} · {name}"


def title(drawn: Map) -> str:
    """Return the map's title, as a finding."""
    people = drawn.people
    contacts = _count_of(drawn, len(people))
    if drawn.groups.empty:
        return typeset(f"{contacts}, sans groupe net")
    first = drawn.groups.loc[drawn.groups["size"].idxmax()]
    share = percent(first["size"] / len(people))
    named = first["name"] != "Groupe 1"
    which = f"« {first['name']} » en réunit" if named else "le plus grand en réunit"
    groups = count(len(drawn.groups), "groupe")
    smaller = ""
    if ((people["group"] == OTHERS) & ~people["apart"]).any():
        smaller = " principal" if len(drawn.groups) == 1 else " principaux"
    return typeset(f"{contacts}, {groups}{smaller} : {which} {share}")


def honesty(drawn: Map) -> str:
    """Return a sentence on what is known of the links, and what the drawing adds."""
    if drawn.is_star:
        told = (
            "Vos données ne disent pas lesquels de vos contacts se connaissent : seuls vos propres liens sont tracés. "
            f"Les groupes viennent {GROUPED_BY.get(drawn.by or '', f'de « {drawn.by} »')}, pas de liens observés."
        )
    else:
        known = count(len(drawn.links), "lien connu", "liens connus")
        whose = (
            f"Seuls les {known} entre vos contacts sont tracés ; les vôtres, avec tous, ne le sont pas."
            if drawn.learner
            else f"Les {known} entre ces {drawn.thing[1]} sont tracés, dans un sens ou dans l’autre."
        )
        told = (
            f"{whose} Pour que les groupes se voient, les liens à l’intérieur d’un "
            f"groupe comptent {IN_GROUP_WEIGHT:.0f} fois, et les groupes sont écartés : lisez qui va avec qui, "
            "pas les distances."
        )
    return typeset(told)


def description(drawn: Map) -> str:
    """The map in words, for those who do not see it: its title, what `in_words` tells, and what is not to be read."""
    return f"{title(drawn)}. {in_words(drawn)} {honesty(drawn)}"


def in_words(drawn: Map) -> str:
    """Describe the map: the groups and their sizes, their links, the people apart."""
    people = drawn.people
    told = [f"{labelled(one.number, one.name)} : {_count_of(drawn, one.size)}." for one in drawn.groups.itertuples()]
    rest = people[(people["group"] == OTHERS) & ~people["apart"]]
    if len(rest):
        smaller = "d’un autre métier, ou dans de plus petits groupes" if drawn.by == "position" else _SMALLER
        told.append(f"Autres, en gris : {_count_of(drawn, len(rest))}, {smaller}.")
    told += _ties(drawn)
    apart = int(people["apart"].sum())
    if apart:
        told.append(f"{_count_of(drawn, apart)} {_APART[drawn.is_star]}, en bas de la carte.")
    return typeset(" ".join(told))


def _count_of(drawn: Map, how_many: int) -> str:
    """« 3 contacts », or whatever the points of that map are."""
    return count(how_many, *drawn.thing)


_SMALLER = "dans de plus petits groupes"

_APART = {
    True: "dont ce détail n’est pas connu",
    False: "sans lien connu avec les autres, ou seulement à quelques-uns",
}


def _ties(drawn: Map) -> Iterable[str]:
    """Describe the links between groups."""
    if drawn.is_star or drawn.groups.empty:
        return
    group = drawn.people["group"].to_numpy()
    ends = group[drawn.links]
    coloured = (ends > OTHERS).all(1)
    across = np.sort(ends[coloured & (ends[:, 0] != ends[:, 1])], axis=1)
    if len(across):
        pairs, times = np.unique(across, axis=0, return_counts=True)
        one, other = pairs[np.argmax(times)]
        yield (
            f"Les deux groupes les plus reliés sont « {drawn.group_name(int(one))} » et "
            f"« {drawn.group_name(int(other))} » ({count(int(times.max()), 'lien')})."
        )
    both = np.concatenate([drawn.links, drawn.links[:, ::-1]])
    met = np.unique(np.stack([both[:, 0], group[both[:, 1]]], axis=1)[group[both[:, 1]] > OTHERS], axis=0)
    bridges = int((np.bincount(met[:, 0], minlength=len(group)) >= 3).sum())
    # Linking most groups tells nothing.
    if 0 < bridges * 3 <= len(group):
        one, several = drawn.thing
        yield f"{count(bridges, f'{one} touche', f'{several} touchent')} au moins trois groupes : des passerelles."
