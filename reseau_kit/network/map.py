"""A map of one's contacts: groups, places, and the words that say what it shows and what it does not know.

`build_map` draws on known links between contacts; `star_map` is for data that hold none (LinkedIn): it groups by what
a contact shows, and no link between two contacts is in it. `picture.py` draws both. It displays nothing.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from reseau_kit.french.comparing import simplified
from reseau_kit.french.writing import number, typeset
from reseau_kit.system.extras import to_install

Points = npt.NDArray[np.float64]

Rows = npt.NDArray[np.int64]

#: Number of groups with a colour and a name of their own; the others are grey, « autres ».
COLOURED = 8

#: How many times a link within a group counts in the drawing.
IN_GROUP_WEIGHT = 6.0

#: A connected piece of fewer people is laid out apart.
SMALLEST_PIECE = 6

#: Maximum contacts that networkx, the fallback, lays out in a reasonable time.
WITHOUT_IGRAPH = 500

#: Group number of those who are not in a coloured group.
OTHERS = 0


class NoMap(ValueError):
    """The data cannot be drawn; the message says why, in French, and what to do."""


@dataclass(frozen=True, eq=False)
class Map:
    """A laid-out network.

    `people`, a row a contact in the order given: `id`, `name`, `group` (1 to 8, the largest first, years in order; 0
    for all others), `x`, `y` (the learner is at 0, 0), `links` (known links with other contacts), `apart`.

    `links` are pairs of rows of `people`; a star map has none. `groups`, a row a group: `number`, `name`, `size`,
    `anchor` (id of its most linked member, or what a star map groups by: a name that the learner gave can be kept by
    it). `by` says what a star map groups by. Where `learner` is empty, the map has no owner and no centre.
    """

    people: pd.DataFrame
    links: Rows
    groups: pd.DataFrame
    learner: str = "Vous"
    by: str | None = None
    #: Name of a point, singular and plural.
    thing: tuple[str, str] = ("contact", "contacts")

    @property
    def is_star(self) -> bool:
        """Whether no link between contacts is known."""
        return self.by is not None

    def group_name(self, group: int) -> str:
        """Return a group's name; « autres » for those without a colour."""
        names = dict(zip(self.groups["number"], self.groups["name"], strict=True))
        return str(names.get(group, "autres"))


def build_map(
    people: pd.DataFrame,
    links: pd.DataFrame,
    *,
    learner: str = "Vous",
    label: str | None = None,
    names: Mapping[str, str] | None = None,
    thing: tuple[str, str] = ("contact", "contacts"),
    seed: int = 1,
) -> Map:
    """The map of contacts with known links between them.

    `people` has `id` and maybe `name`; `links` has `source` and `target`, ids of contacts, in either direction. The
    column `label` names a group after what most of its members share. `names` are the learner's own, by `anchor`.

    Raises:
        NoMap: no contact, no link, a link to nobody, or too many contacts without igraph.

    """
    people = _checked(people)
    pairs = _pairs(people, links)
    if not len(pairs):
        raise NoMap(
            typeset(
                "Aucun lien entre vos contacts n’est connu : ce réseau se dessine en étoile (star_map), "
                "par entreprise, métier ou année."
            )
        )
    size = len(people)
    piece = _pieces(size, pairs)
    kept = np.bincount(piece)[piece] >= SMALLEST_PIECE
    if not kept.any():
        kept = np.bincount(np.ravel(pairs), minlength=size) > 0
    main = np.flatnonzero(kept)
    row = np.full(size, -1)
    row[main] = np.arange(len(main))
    inner = row[pairs[kept[pairs[:, 0]]]]
    cluster, raw = _laid_out(len(main), inner, seed)
    places = np.zeros((size, 2))
    places[main] = _spread(raw, cluster)
    apart = np.flatnonzero(~kept)
    places[apart] = _strip(piece[apart], places[main])
    degree = np.bincount(np.ravel(pairs), minlength=size)
    clusters = np.full(size, -1)
    clusters[main] = cluster
    drawn, groups = _groups(people, clusters, degree, label, names or {})
    drawn["x"], drawn["y"] = places[:, 0], places[:, 1]
    drawn["links"], drawn["apart"] = degree, ~kept
    return Map(drawn, pairs, groups, learner, thing=thing)


def star_map(
    people: pd.DataFrame,
    by: str = "company",
    *,
    learner: str = "Vous",
    names: Mapping[str, str] | None = None,
) -> Map:
    """The map of contacts between whom no link is known, grouped by « company », « position » (families) or « year ».

    `people` has `id`, maybe `name`, and the column asked for: `company`, `position`, or `since` (dates). Any other
    column name groups by that column as it is. Contacts of whom it is not known are apart.

    Raises:
        NoMap: no contact, or the column is missing or empty.

    """
    people = _checked(people)
    values = _values(people, by)
    known = np.array([value != "" for value in values], dtype=bool)
    if not known.any():
        raise NoMap(typeset(f"Vos données ne disent pas {_TOLD_BY.get(by, f'« {by} »')}. Groupez autrement."))
    shown = {simplified(value): value for value in reversed(values)}
    keys = pd.Series([simplified(value) for value in values])
    sizes = keys[known].value_counts()
    # A group without a word is none, nor is a single person, unless there is nothing else.
    telling = [key for key in sizes.index if by != "position" or shown[key] != _NO_FAMILY]
    if by == "company" and sizes.max() > 1:
        telling = [key for key in telling if sizes[key] > 1]
    # Those beyond the eight largest are drawn together, as « autres ».
    ordered = sorted(telling, key=lambda key: (-sizes[key], key))[:COLOURED]
    if by == "year":
        ordered = sorted(sizes.index)
    place = {key: position for position, key in enumerate(ordered)}
    cluster = np.array([place.get(key, len(ordered)) if told else -1 for key, told in zip(keys, known, strict=True)])
    groups = pd.DataFrame(
        {
            "number": range(1, len(ordered) + 1),
            "name": [(names or {}).get(key, shown[key]) for key in ordered],
            "size": [int(sizes[key]) for key in ordered],
            "anchor": ordered,
        }
    )
    places = np.zeros((len(people), 2))
    places[known] = _around(cluster[known])
    # Names of groups stand between the ring and the strip.
    height = float(np.ptp(places[known][:, 1]))
    places[~known] = _strip(np.arange(np.count_nonzero(~known)), places[known], gap=0.12 + 0.13 * height)
    drawn = people[["id", "name"]].copy()
    drawn["group"] = np.where((cluster >= 0) & (cluster < len(ordered)), cluster + 1, OTHERS)
    drawn["x"], drawn["y"] = places[:, 0], places[:, 1]
    drawn["links"], drawn["apart"] = 0, ~known
    return Map(drawn, np.empty((0, 2), dtype=np.int64), groups, learner, by)


def renamed(drawn: Map, names: Mapping[int, str]) -> Map:
    """The same map with some groups called as the learner says.

    Raises:
        NoMap: there is no group of that number.

    """
    groups = drawn.groups.copy()
    unknown = sorted(set(names) - set(groups["number"]))
    if unknown:
        raise NoMap(typeset(f"La carte n’a pas de groupe {unknown[0]} : ses groupes vont de 1 à {len(groups)}."))
    given = {place: " ".join(str(name).split())[:60] for place, name in names.items()}
    groups["name"] = [given.get(one, "") or name for one, name in zip(groups["number"], groups["name"], strict=True)]
    return replace(drawn, groups=groups)


def table(drawn: Map, *, names: bool = True) -> pd.DataFrame:
    """The map as a table, a row a contact, by group then most linked: « Groupe », « Contact », « Liens connus »."""
    people = drawn.people
    shown = pd.DataFrame(
        {
            "Groupe": [drawn.group_name(group) for group in people["group"]],
            "Contact": people["name"] if names else [f"Contact {row + 1}" for row in range(len(people))],
            "Liens connus": people["links"],
        }
    )
    order = people["group"].where(people["group"] > OTHERS, COLOURED + 1) + people["apart"]
    ranked = shown.assign(order=order).sort_values(["order", "Liens connus"], ascending=[True, False], kind="stable")
    return ranked.drop(columns=["order", *(["Liens connus"] if drawn.is_star else [])]).reset_index(drop=True)


def neighbours_same_group(places: Points, groups: Rows, nearest: int = 10) -> float:
    """Share (0–1) of the `nearest` drawn neighbours of each that are in its group: how well a map shows groups."""
    size = len(places)
    nearest = min(nearest, size - 1)
    total = 0.0
    for start in range(0, size, 500):
        some = places[start : start + 500]
        # |a - b|² without the table of differences, which would fill the memory at 10,000.
        distance = (some**2).sum(1)[:, None] + (places**2).sum(1)[None] - 2 * some @ places.T
        distance[np.arange(len(some)), np.arange(start, start + len(some))] = np.inf
        near = np.argpartition(distance, nearest - 1, axis=1)[:, :nearest]
        total += float((groups[near] == groups[start : start + 500, None]).mean(1).sum())
    return total / size


_TOLD_BY = {
    "company": "où travaillent vos contacts",
    "position": "le métier de vos contacts",
    "year": "depuis quand vous vous connaissez",
    "group": "sur quel serveur ou dans quel dossier sont vos contacts",
    "tie": "qui suit qui",
}

GROUPED_BY = {
    "company": "de l’entreprise que chacun affiche",
    "position": "du métier que chacun affiche, rangé par familles",
    "year": "de l’année où vous vous êtes reliés",
    "group": "du serveur ou du dossier de chacun",
    "tie": "de qui suit qui",
}

#: Families of jobs, in the order in which they are looked for, by the words of their titles as `simplified` gives them:
#: beginnings of words; whole words where they have three letters or less, end in a dot, or are several (« _ »).
_FAMILIES = {
    # A job seeker belongs to none of those families yet, least of all research.
    "": "recherche_d_emploi recherche_d_un recherche_d_une recherche_de_stage recherche_active demandeu open_to_work",
    "Études": (
        "etudiant stagiaire stage. alternan apprenti apprentissage. doctorant student intern. internship phd trainee"
    ),
    "Enseignement et formation": (
        "enseign professeur prof. formateur formatrice formation. maitre_de_conferences maitresse_de_conferences "
        "lecturer teacher trainer instruct pedagog education tuteur tutrice cpe"
    ),
    "Communication et médias": (
        "communication journalis redact editor editeur editrice media. medias. community press. presse. graphis design "
        "photograph videast video. content_manager copywrit traduct interpret reporter animateur_radio"
    ),
    "Ressources humaines": "rh drh hr recrut recruit talent ressources_humaines human_resources people_manager",
    "Commerce et marketing": (
        "commercial vente. ventes. vendeu sales marketing acheteu achat business account_manager account_executive "
        "key_account client chef_de_produit cheffe_de_produit"
    ),
    "Informatique et données": (
        "developpeu developer informati logiciel software data. donnees. devops web. webmast programmeu sysadmin cto "
        "it product_owner product_manager scrum full_stack fullstack frontend backend cyber systemes reseaux"
    ),
    "Recherche": "recherche. recherches. chercheur chercheuse scientifique research scientist postdoc",
    "Santé et social": (
        "medecin infirmi sante. health nurse doctor social psycholog soign pharmac educateur educatrice orthophon "
        "kinesi sage_femme maternel auxiliaire dentist veterin"
    ),
    "Bibliothèques et culture": (
        "bibliothe mediathe documentali librar libraire culture. culturel museu musee archiv artist musicien comedien "
        "auteur. auteure. autrice. ecrivain mediateur mediatrice mediation. patrimoine"
    ),
    "Hôtellerie, restauration, artisanat": (
        "cuisin serveu. serveur serveuse restaurat hotel boulang patiss artisan menuisi coiffeu chef_de_cuisine"
    ),
    "Ingénierie et technique": (
        "ingenieu engineer technicien technician technique. architect mecani production qualite ouvri logisti "
        "conducteur conductrice chauffeur electri maintenance industri batiment chantier"
    ),
    "Administration, droit et finances": (
        "avocat juriste notaire lawyer legal. comptab account financ fiscal audit gestion banqu bancaire controleu "
        "assistant secretai administrati accueil. assurance"
    ),
    "Conseil et accompagnement": "consult conseil coach accompagn insertion.",
    "Direction et pilotage": (
        "direct ceo pdg dg fondat cofondat founder cofounder president gerant manager responsable chef. cheffe. head. "
        "lead. leader dirigeant coordinat chef_de_projet pilot"
    ),
}

#: Result of `_family` for an unknown family: no group of its own.
_NO_FAMILY = "Autres métiers"


def _checked(people: pd.DataFrame) -> pd.DataFrame:
    """The contacts, each once (a mutual follow is two rows of an export), named."""
    if "id" not in people or people.empty:
        raise NoMap("Il n’y a aucun contact à dessiner.")
    people = people.drop_duplicates("id").reset_index(drop=True)
    named = people["name"] if "name" in people else pd.Series([None] * len(people), dtype=object)
    shown = [str(one) if isinstance(one, str) and one else str(id) for one, id in zip(named, people["id"], strict=True)]
    return people.assign(name=shown)


def _pairs(people: pd.DataFrame, links: pd.DataFrame) -> Rows:
    """Links as pairs of rows, each pair once, the smaller first."""
    index = pd.Index(people["id"])
    one, other = index.get_indexer(links["source"]), index.get_indexer(links["target"])
    lost = np.flatnonzero((one < 0) | (other < 0))
    if len(lost):
        line = links.iloc[lost[0]]
        raise NoMap(
            typeset(f"Le lien {line['source']} – {line['target']} mène à quelqu’un qui n’est pas dans les contacts.")
        )
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other).astype(np.int64)
    keys = np.unique((low * len(people) + high)[low != high])
    return np.stack([keys // len(people), keys % len(people)], axis=1)


def _pieces(size: int, pairs: Rows) -> Rows:
    """Which connected piece each contact is in: its smallest row, spread along the links until nothing changes."""
    piece = np.arange(size)
    while True:
        low = np.minimum(piece[pairs[:, 0]], piece[pairs[:, 1]])
        spread = piece.copy()
        np.minimum.at(spread, pairs[:, 0], low)
        np.minimum.at(spread, pairs[:, 1], low)
        spread = spread[spread]
        if np.array_equal(spread, piece):
            return np.unique(piece, return_inverse=True)[1].astype(np.int64)
        piece = spread


def _laid_out(size: int, pairs: Rows, seed: int) -> tuple[Rows, Points]:
    """The group of each, and where Fruchterman and Reingold put it, links within a group counting six times."""
    try:
        import igraph
    except ImportError:
        return _without_igraph(size, pairs, seed)
    # igraph draws from one source for the whole process: ours while it works, then Python's own again, its default.
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311  a drawing is no secret
    try:
        graph = igraph.Graph(size, pairs)
        cluster = np.array(graph.community_leiden(objective_function="modularity", n_iterations=5).membership)
        weights = np.where(cluster[pairs[:, 0]] == cluster[pairs[:, 1]], IN_GROUP_WEIGHT, 1.0)
        places = graph.layout_fruchterman_reingold(weights=weights.tolist(), niter=300).coords
    finally:
        igraph.set_random_number_generator(random)
    return cluster.astype(np.int64), np.array(places)


def _without_igraph(size: int, pairs: Rows, seed: int) -> tuple[Rows, Points]:
    if size > WITHOUT_IGRAPH:
        raise NoMap(
            typeset(
                f"Sans igraph, la carte s’arrête à {WITHOUT_IGRAPH} contacts, et vous en avez {number(size)}. "
                f"Pour aller plus loin, {to_install('reseau')}"
            )
        )
    try:
        import networkx
    except ImportError:
        raise NoMap(typeset(f"La carte demande igraph ; {to_install('reseau')}")) from None
    graph = networkx.Graph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(pairs.tolist())
    cluster = np.zeros(size, dtype=np.int64)
    for place, members in enumerate(networkx.community.louvain_communities(graph, seed=seed)):
        cluster[list(members)] = place
    for one, other in graph.edges:
        graph[one][other]["weight"] = IN_GROUP_WEIGHT if cluster[one] == cluster[other] else 1.0
    places = networkx.forceatlas2_layout(graph, max_iter=100, weight="weight", seed=seed)
    return cluster, np.array([places[row] for row in range(size)])


def _spread(raw: Points, cluster: Rows) -> Points:
    """The same picture with its groups moved apart, the learner's place in the middle free.

    Each group keeps the directions that the layout gave its members, in a disc whose area is its size.
    """
    count_, sizes = int(cluster.max()) + 1, np.bincount(cluster)
    centers = np.stack([np.bincount(cluster, raw[:, axis]) / np.maximum(sizes, 1) for axis in (0, 1)], axis=1)
    radius = np.sqrt(np.maximum(sizes, 2)) * 1.25
    extent = np.sqrt((radius**2).sum())
    away = centers - centers.mean(0)
    away *= extent / max(float(np.abs(away).max()), 1e-9)
    free = 0.16 * extent
    centers = _packed(np.vstack([[0.0, 0.0], away]), np.append(free, radius))[1:]
    places = np.empty_like(raw)
    for one in range(count_):
        members = np.flatnonzero(cluster == one)
        if not len(members):
            continue
        own = raw[members] - raw[members].mean(0)
        reach = np.hypot(own[:, 0], own[:, 1])
        rank = np.empty(len(members))
        rank[np.argsort(reach, kind="stable")] = np.sqrt((np.arange(len(members)) + 0.5) / len(members))
        # Half as far as the layout says, half so that no point is hidden under others.
        far = 0.65 * rank + 0.35 * reach / max(float(np.quantile(reach, 0.9)), 1e-9)
        far = np.minimum(far, 1.25) * radius[one]
        places[members] = centers[one] + own / np.maximum(reach, 1e-9)[:, None] * far[:, None]
    spread: Points = places / extent
    return spread


def _packed(centers: Points, radius: Points) -> Points:
    """Discs moved until they hardly overlap, drawn towards the first, which stays: wider than high, like a screen."""
    centers = centers.copy()
    pull = np.array([0.990, 0.984])
    for _ in range(400):
        apart = centers[:, None] - centers[None]
        distance = np.hypot(apart[..., 0], apart[..., 1]) + 1e-9
        over = np.maximum((radius[:, None] + radius[None]) * 1.1 - distance, 0.0)
        np.fill_diagonal(over, 0.0)
        centers += 0.3 * (apart / distance[..., None] * over[..., None]).sum(1)
        centers *= pull
        centers -= centers[0]
        # As much on one side of the learner as on the other.
        centers[1:] -= 0.1 * np.average(centers[1:], axis=0, weights=radius[1:] ** 2)
    return centers


def _around(cluster: Rows) -> Points:
    """Places of groups that know no link: discs in a ring around the learner, clockwise from the top, evenly filled."""
    sizes = np.bincount(cluster)
    radius = np.sqrt(sizes + 1.0) * 1.2
    free = 0.35 * float(np.sqrt((radius**2).sum()))
    near, wide = 0.0, float(radius.sum())
    # How far out the discs must be for all to stand side by side; one or two of them need no room.
    for _ in range(60):
        slack = (near + wide) / 2
        turns = 2 * np.arcsin(radius * 1.04 / (radius * 1.04 + free + slack))
        near, wide = (slack, wide) if turns.sum() > 2 * np.pi else (near, slack)
    turns *= max(1.0, 2 * np.pi / float(turns.sum()))
    middle = np.pi / 2 - (np.cumsum(turns) - turns / 2) + turns[0] / 2
    away = (radius + free + wide)[:, None] * np.stack([np.cos(middle), np.sin(middle)], axis=1)
    places = np.empty((len(cluster), 2))
    for one, center in enumerate(away):
        members = np.flatnonzero(cluster == one)
        step = np.arange(len(members))
        turn = step * np.pi * (3 - np.sqrt(5))
        far = np.sqrt((step + 0.5) / max(len(members), 1)) * radius[one]
        places[members] = center + far[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    placed: Points = places / float(np.sqrt((radius**2).sum()))
    return placed


def _strip(piece: Rows, main: Points, gap: float = 0.12) -> Points:
    """Places in rows under the map, the members of one small piece side by side."""
    size = len(piece)
    if not size:
        return np.empty((0, 2))
    # As wide as the map, which may be one contact, and under the learner, who may be under all others.
    low, high = np.minimum(main.min(0), [-0.5, -0.2]), np.maximum(main.max(0), [0.5, 0.2])
    short = max(1.2 * float(high[1] - low[1]) - float(high[0] - low[0]), 0.0)
    left, right, bottom = float(low[0]) - short / 2, float(high[0]) + short / 2, float(low[1])
    step = min((right - left) / 36, np.sqrt((right - left) * 0.25 / size))
    across = max(int((right - left) / step), 1)
    order = np.lexsort((piece, -np.bincount(piece)[piece]))
    places = np.empty((size, 2))
    place = np.arange(size)
    places[order, 0] = left + step * (place % across + 0.5)
    places[order, 1] = bottom - gap - step * (place // across)
    return places


def _groups(
    people: pd.DataFrame, cluster: Rows, degree: Rows, label: str | None, names: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contacts with their group's number, and the groups, the largest first."""
    sizes = np.bincount(cluster[cluster >= 0])
    order = sorted((one for one in range(len(sizes)) if sizes[one] >= 2), key=lambda one: (-sizes[one], one))[:COLOURED]
    place = {one: position + 1 for position, one in enumerate(order)}
    drawn = people[["id", "name"]].copy()
    drawn["group"] = [place.get(one, OTHERS) for one in cluster]
    rows = []
    taken: set[str] = set()
    for one in order:
        members = np.flatnonzero(cluster == one)
        anchor = str(people["id"].iloc[members[np.argmax(degree[members])]])
        shared = _shared(people, members, label)
        # A name tells groups apart, or it is no name.
        name = names.get(anchor) or (shared if shared not in taken else "") or f"Groupe {place[one]}"
        taken.add(name)
        rows.append({"number": place[one], "name": name, "size": len(members), "anchor": anchor})
    return drawn, pd.DataFrame(rows, columns=["number", "name", "size", "anchor"])


def _shared(people: pd.DataFrame, members: Rows, label: str | None) -> str:
    """Return the value that at least two fifths of the members share in a column, if any."""
    if label is None or label not in people:
        return ""
    told = people[label].iloc[members].dropna().astype(str)
    counted = told[told != ""].value_counts()
    return str(counted.index[0]) if len(counted) and counted.iloc[0] * 5 >= len(members) * 2 else ""


def _values(people: pd.DataFrame, by: str) -> list[str]:
    """Return each contact's group value as it is displayed; empty if unknown."""
    column = "since" if by == "year" else by
    if column not in people:
        return [""] * len(people)
    told = people[column]
    if by == "year":
        return _periods([None if pd.isna(year) else int(year) for year in pd.to_datetime(told, utc=True).dt.year])
    texts = ["" if pd.isna(value) else " ".join(str(value).split()) for value in told]
    return [_family(text) for text in texts] if by == "position" else texts


def _periods(years: list[int | None]) -> list[str]:
    """Years, or periods of as many years as leave one colour each: « 2011–2012 »."""
    known = [year for year in years if year is not None]
    if not known:
        return [""] * len(years)
    first, last = min(known), max(known)
    width = (last - first) // COLOURED + 1
    told = []
    for year in years:
        if year is None:
            told.append("")
            continue
        begins = first + (year - first) // width * width
        ends = min(begins + width - 1, last)
        told.append(str(begins) if begins == ends else f"{begins}–{ends}")
    return told


@cache
def _clues() -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Each family with the beginnings of words and the whole words that tell it."""
    found = []
    for family, clues in _FAMILIES.items():
        whole = [clue for clue in clues.split() if len(clue) <= 3 or clue.endswith(".") or "_" in clue]
        begun = tuple(clue for clue in clues.split() if clue not in whole)
        found.append((family, begun, tuple(f" {clue.rstrip('.').replace('_', ' ')} " for clue in whole)))
    return found


@lru_cache(maxsize=2**14)
def _family(position: str) -> str:
    """The family of a job by the words of its title, French or English; « Autres métiers » where none is known."""
    words = re.findall(r"[^\W_]+", simplified(position))
    if not words:
        return ""
    title = f" {' '.join(words)} "
    for family, begun, whole in _clues():
        if any(word.startswith(begun) for word in words) or any(clue in title for clue in whole):
            return family or _NO_FAMILY
    return _NO_FAMILY
