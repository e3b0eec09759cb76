"""`vraie_carte()`: a published map of real communities, read from the course's GEXF file."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.explore.explorer import Explorer, Found, Tool
from reseau_kit.french.writing import typeset
from reseau_kit.learner.open_panels import course_root
from reseau_kit.learner.panel import Panel, download, page, section

if TYPE_CHECKING:
    pass


def vraie_carte() -> Panel:
    """Draw a real network from the course's data: French sites of free culture, and their links to each other."""
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
    """Return the map, its communities and their most linked sites; sites are public, so their names are shown.

    Raises:
        NotReadable: the data file is missing or damaged.

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
