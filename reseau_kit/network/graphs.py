"""A network that somebody published as a GEXF file: its nodes and the links between them, in the two tables of a map.

Format: GEXF 1.2 and 1.3 (Gephi, gexf.net), seen 2026-11-22. Nothing is executed, and no entity is ever expanded.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.french.writing import typeset
from reseau_kit.network.archives import NotReadable
from reseau_kit.network.parsing import clean, parse_xml
from reseau_kit.system.untrusted import UNREADABLE, Trouble, shown, why

if TYPE_CHECKING:
    from pandas import DataFrame

_MAX_BYTES = 2**26
_MAX_ROWS = 1_000_000


@dataclass(frozen=True, eq=False)
class Graph:
    """Input of `build_map`: `people` (`id`, `name`) and `links` (`source`, `target`), each link once, no loop."""

    people: "DataFrame"
    links: "DataFrame"


def read_graph(path: str | Path) -> Graph:
    """The nodes and links of a GEXF file.

    Raises:
        NotReadable: it is no such file, is damaged, too large, declares entities, or links what it does not hold.

    """
    import pandas as pd

    path = Path(path)
    try:
        with path.open("rb") as stream:
            document = stream.read(_MAX_BYTES + 1)
        nodes, links = _parsed(document)
    except UNREADABLE as error:
        raise NotReadable([typeset(f"« {shown(path.name)} » n’a pas été lu : {why(error)}.")]) from None
    people = pd.DataFrame({"id": list(nodes), "name": list(nodes.values())}, dtype="string")
    pairs = [pair for pair in dict.fromkeys(links) if pair[0] != pair[1]]
    return Graph(people, pd.DataFrame(pairs, columns=["source", "target"], dtype="string"))


def _parsed(document: bytes) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Labels by id, and pairs of ids.

    Raises:
        Trouble: it cannot be read; the message says why.

    """
    if len(document) > _MAX_BYTES:
        raise Trouble("il est plus long que ce cours n’en lit")
    nodes: dict[str, str] = {}
    links: list[tuple[str, str]] = []
    names: list[str] = []

    def start(tag: str, given: dict[str, str]) -> None:
        # Prefixes differ from one file to the next, and names do not.
        name = tag.rpartition(":")[2]
        names.append(name)
        if names[0] != "gexf":
            raise Trouble("ce n’est pas un fichier GEXF")
        if len(nodes) + len(links) >= _MAX_ROWS:
            raise Trouble("il a plus d’un million de lignes")
        if name == "node" and given.get("id"):
            nodes[given["id"]] = clean(given.get("label")) or given["id"]
        elif name == "edge":
            links.append((given.get("source", ""), given.get("target", "")))
        del names[1:]

    parse_xml(document, start, entities="il déclare des « entités » XML, ce qu’aucun réseau ne demande")
    if not nodes:
        raise Trouble("il ne contient aucun point")
    lost = next((pair for pair in links if not set(pair) <= nodes.keys()), None)
    if lost:
        raise Trouble("un de ses liens mène à un point qui n’y est pas")
    return nodes, links
