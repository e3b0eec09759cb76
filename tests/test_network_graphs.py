"""A published GEXF file is read as networkx reads it; a hostile one is refused in French, at once."""

import time
from pathlib import Path

import networkx as nx
import pytest

from reseau_kit.network.archives import NotReadable
from reseau_kit.network.graphs import read_graph
from reseau_kit.network.map import build_map
from reseau_kit.network.map_words import description

DATA = Path(__file__).parents[1] / "course" / "data" / "communautes-libres-fr.gexf"

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NODES = '<nodes><node id="1" label="Un"/><node id="2"/></nodes>'


def gexf(inside: str, before: str = "") -> str:
    return f'{HEAD}{before}<gexf xmlns="http://gexf.net/1.3"><graph>{inside}</graph></gexf>'


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "reseau.gexf"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_course_s_data_are_read_as_networkx_reads_them() -> None:
    oracle = nx.read_gexf(DATA)
    graph = read_graph(DATA)
    assert dict(zip(graph.people["id"], graph.people["name"], strict=True)) == dict(oracle.nodes(data="label"))
    links = set(zip(graph.links["source"], graph.links["target"], strict=True))
    assert links == {(one, other) for one, other in oracle.edges() if one != other}
    assert len(graph.links) == len(links)


def test_labels_links_and_loops(tmp_path: Path) -> None:
    """A node without a label has its id; a link told twice is one; a loop is none."""
    edges = "".join(f'<edge source="{one}" target="{other}"/>' for one, other in ("12", "12", "21", "11"))
    graph = read_graph(written(tmp_path, gexf(f"{NODES}<edges>{edges}</edges>")))
    assert graph.people["name"].tolist() == ["Un", "2"]
    assert graph.links.to_numpy().tolist() == [["1", "2"], ["2", "1"]]


def test_a_map_of_other_things_than_contacts_says_so_and_has_no_centre() -> None:
    graph = read_graph(DATA)
    words = description(build_map(graph.people, graph.links, learner="", thing=("site", "sites")))
    assert "621\N{NO-BREAK SPACE}sites" in words
    assert "contact" not in words
    assert "les vôtres" not in words


_LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(30))

HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "entities that grow": (gexf('<nodes><node id="&a29;"/></nodes>', f"<!DOCTYPE gexf [{_LAUGHS}]>"), "« entités »"),
    "a file of the machine": (
        gexf('<nodes><node id="&x;"/></nodes>', '<!DOCTYPE gexf [<!ENTITY x SYSTEM "/etc/hostname">]>'),
        "« entités »",
    ),
    "another XML": (f"{HEAD}<html><gexf/></html>", "pas un fichier GEXF"),
    "no XML": ("id,label\n1,Un\n", "XML valable (ligne 1)"),
    "cut short": (gexf(NODES)[:-20], "XML valable"),
    "an unknown encoding": ('<?xml version="1.0" encoding="zzz"?><gexf/>', "encodage inconnu"),
    "empty": (b"", "XML valable"),
    "no node": (gexf("<nodes/>"), "aucun point"),
    "a link to nobody": (gexf(f'{NODES}<edges><edge source="1" target="9"/></edges>'), "n’y est pas"),
    "binary": (b"\x00\xff" * 1000, "XML valable"),
    "endless": (b"<gexf>" + b" " * 2**26, "plus long"),
}


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_what_cannot_be_read_says_why_at_once(content: str | bytes, reason: str, tmp_path: Path) -> None:
    begun = time.process_time()
    with pytest.raises(NotReadable) as refused:
        read_graph(written(tmp_path, content))
    told = " ".join(refused.value.reasons).replace("\N{NO-BREAK SPACE}", " ")
    assert reason in told
    assert "« reseau.gexf »" in told
    assert time.process_time() - begun < 5


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotReadable):
        read_graph(tmp_path / "rien.gexf")
