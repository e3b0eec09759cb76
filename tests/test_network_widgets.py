"""The map and the indicators as a learner sees them: what they say, whose names they hide, what they leave behind."""

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import exports
from reseau_kit import carte, indicateurs
from reseau_kit.answers.folder import GROUP_NAMES_FILE
from reseau_kit.explore.map_panel import FILES, MapPanel, Shown
from reseau_kit.learner.panel import Panel
from reseau_kit.network.map import build_map, star_map
from reseau_kit.network.metrics import contacts_of
from reseau_kit.network.sources import read_export
from reseau_kit.network.synthetic import synthetic, synthetic_contacts

NBSP = "\N{NO-BREAK SPACE}"
NAMES = ("Zoé", "Brindille", "Amine")


@pytest.fixture
def linkedin(tmp_path: Path) -> Path:
    return exports.zipped(tmp_path / "Basic_LinkedInDataExport_07-10-2026.zip", exports.LINKEDIN)


@pytest.fixture
def x(tmp_path: Path) -> Path:
    return exports.zipped(tmp_path / "twitter-2026.zip", exports.X)


class Page:
    """The page's side of a map: what the kernel sends it when it asks."""

    def __init__(self, panel: Panel) -> None:
        assert isinstance(panel, MapPanel)
        self.panel, self.heard = panel, list[tuple[dict[str, Any], list[bytes]]]()
        panel.send = lambda content, buffers=(): self.heard.append((content, [bytes(one) for one in buffers]))

    def ask(self, **message: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Send a message; the last answer to it."""
        self.panel._receive(self.panel, message, [])
        return self.heard[-1]

    def names(self) -> dict[str, Any]:
        """What the page gets when names are to be shown."""
        told, (packed,) = self.ask(type="names")
        assert told == {"type": "names"}
        answer: dict[str, Any] = json.loads(gzip.decompress(packed))
        return answer

    def file(self, kind: str, theme: str = "light", *, names: bool = False) -> bytes:
        """A file, put together of its parts as the page does."""
        asked = {"id": "1", "kind": kind, "theme": theme, "names": names}
        told, parts = self.ask(type="file", **asked)
        for part in range(1, told["parts"]):
            parts += self.ask(type="part", part=part, **asked)[1]
        return b"".join(parts)


def kept(panel: Panel) -> str:
    """All that a notebook could keep of a panel: its outputs, and the widget's own data, binary parts included."""
    state = panel.get_state()
    return json.dumps(panel._repr_mimebundle_(), ensure_ascii=False) + repr(state) + panel.plain


def groups(panel: Panel) -> list[str]:
    """Groups as the page has them."""
    return [group["name"] for group in panel.state["groups"]]


def section(panel: Panel, title: str) -> dict[str, Any]:
    return next(part for part in panel.face["sections"] if part["title"] == title)


# --- the map ---


def test_the_small_world_has_its_map_in_words_and_in_what_the_page_draws() -> None:
    panel = carte()

    contacts, links = contacts_of(synthetic())
    face = panel.face
    assert face["title"].startswith(f"{len(contacts)}{NBSP}contacts, ")
    assert "liens connus" in face["honesty"]
    assert any("inventé" in told for told in face["told"])
    places = np.frombuffer(panel.places, "<f4").reshape(-1, 2)
    assert len(places) == len(panel.groups) == len(contacts)
    pairs = {frozenset(pair) for pair in np.frombuffer(panel.links, "<u4").reshape(-1, 2).tolist()}
    ids = contacts["id"].tolist()
    known = {frozenset((ids.index(a), ids.index(b))) for a, b in zip(links["source"], links["target"], strict=True)}
    assert pairs == known
    sizes = sum(group["size"] for group in panel.state["groups"]) + face["others"] + face["apart"]
    assert sizes == len(contacts)
    for name in groups(panel):
        assert name in section(panel, "La carte en mots")["note"]
        assert name in panel.plain


def test_files_are_made_when_they_are_asked_for() -> None:
    page = Page(panel := carte())
    assert not panel._files

    starts = {(kind, theme): page.file(kind, theme)[:5] for kind, theme, *_ in FILES}

    assert starts["png", "light"] == starts["png", "dark"] == b"\x89PNG\r"
    assert (starts["svg", "light"], starts["pdf", "light"]) == (b"<?xml", b"%PDF-")
    assert page.file("png") != page.file("png", "dark")
    assert page.heard[0][0] == {"type": "working", "id": "1"}
    assert {told["name"] for told, _ in page.heard if told["type"] == "part"} == {name for _, _, name, *_ in FILES}


def test_a_file_comes_with_the_signs_that_it_leaves_out() -> None:
    """Said beside the buttons, and never in what a notebook keeps."""
    people = pd.DataFrame({"id": range(12), "name": "李 Zoé", "company": ["Ruche 🐝", "Lune"] * 6})
    page = Page(panel := MapPanel(star_map(people), Shown((), ())))
    page.file("svg")
    told = page.heard[-1][0]["note"].replace(NBSP, " ")
    assert told == "Ce fichier ne sait pas dessiner 🐝 ; le tableau de cette page a tout."
    page.file("svg", names=True)
    assert "🐝 et 李" in page.heard[-1][0]["note"]
    assert "李" not in kept(panel)
    quiet = Page(MapPanel(star_map(people.assign(company="Lune")), Shown((), ())))
    quiet.file("svg")
    assert quiet.heard[-1][0]["note"] == ""


def test_a_large_file_comes_in_parts() -> None:
    """Each below what the server lets through at once; together they are the file."""
    panel = MapPanel(build_map(*synthetic_contacts(1, 2_000)), Shown((), ()))
    page = Page(panel)

    made = page.file("png")

    sizes = [len(parts[0]) for told, parts in page.heard if told["type"] == "part"]
    assert len(sizes) > 1
    assert max(sizes) <= 400_000
    assert made == panel.make_file("png", "light", names=False)
    assert made.endswith(b"IEND\xaeB`\x82")


NONSENSE: list[Any] = [
    None,
    "names",
    {"type": "file", "id": "1", "kind": "exe", "theme": "light"},
    {"type": "part", "id": "1", "kind": "png", "theme": "light", "part": "deux"},
    {"type": "rename", "group": 99, "name": "x"},
    {"type": "rename", "group": "un"},
    {"type": ["names"]},
]


@pytest.mark.parametrize("message", NONSENSE, ids=repr)
def test_a_message_that_means_nothing_harms_nothing(message: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    page = Page(panel := carte())
    before = (panel.face, panel.state)

    panel._receive(panel, message, [])

    assert all(told["type"] in ("failed", "working") for told, _ in page.heard)
    assert (panel.face, panel.state) == before
    assert list(tmp_path.iterdir()) == []


def test_an_export_has_its_map_with_what_was_read_and_left_aside(linkedin: Path) -> None:
    """A path, as a text or not, and what `read_export` gives are the same network."""
    panel = carte(linkedin)

    assert "ne disent pas lesquels de vos contacts se connaissent" in panel.face["honesty"]
    assert groups(panel) == ["Fougère, Mousse & fils", "Les Pousses"]
    assert panel.links == b""
    assert any("Connections.csv" in line for line in section(panel, "Ce qui a été lu")["lines"])
    assert any("brouillons" in line for line in section(panel, "Laissé de côté")["lines"])
    assert "LinkedIn" in section(panel, "À savoir")["lines"][0]
    assert carte(str(linkedin)).face == carte(read_export(linkedin)).face == panel.face


def test_contacts_without_links_are_grouped_as_asked(linkedin: Path, x: Path) -> None:
    assert groups(carte(linkedin, par="année")) == ["2019", "2024"]
    assert groups(carte(linkedin, par="Metier")) == groups(carte(linkedin, par="métier")) != groups(carte(linkedin))
    assert 'par="année"' in carte(linkedin).plain
    # X tells numbers, and who follows whom.
    assert groups(carte(x)) == ["Dans les deux sens", "Vous suivent"]
    assert "de qui suit qui" in carte(x).plain


# --- whose names are where ---


def test_names_are_in_nothing_that_a_notebook_could_keep(linkedin: Path) -> None:
    """Neither in its outputs nor in the widget's data, even while they are shown: they go to the page by a message."""
    for names in (None, False, True):
        page = Page(panel := carte(linkedin, noms=names))
        told = page.names()
        assert "Zoé Brindille" in told["names"]
        assert not [name for name in NAMES if name in kept(panel)]
        assert "Les Pousses" in kept(panel)
    assert not [name for name in NAMES if name in kept(indicateurs(linkedin))]


def test_an_exports_names_wait_to_be_asked_for(linkedin: Path) -> None:
    """Those of a world where nobody exists do not, unless they are refused; files need to be asked each time."""
    asked = {call: carte(*call[:1], noms=call[1]).face for call in ((linkedin, None), (linkedin, True), (None, False))}
    assert not asked[linkedin, None]["names"]
    assert asked[linkedin, True]["names"]
    assert asked[linkedin, True]["namesInFiles"]
    assert not asked[None, False]["names"]
    assert carte().face["names"]
    assert not carte().face["namesInFiles"]


def test_what_is_known_of_a_contact_comes_with_the_names(linkedin: Path) -> None:
    told = Page(carte(linkedin)).names()

    facts = {label: values[told["names"].index("Zoé Brindille")] for label, values in told["facts"]}
    assert facts["Entreprise"] == "Fougère, Mousse & fils"
    assert re.fullmatch(r"\d{1,2}\s\w+ \d{4}", facts["Depuis le"])
    assert all(len(values) == len(told["names"]) for _, values in told["facts"])
    assert {label for label, _ in Page(carte()).names()["facts"]} == {"Compte", "Bio", "Lieu", "Cercle"}


def test_other_names_make_the_same_map_and_files(linkedin: Path, tmp_path: Path) -> None:
    """To the byte, PDF and pixels included: nothing of a name is in them, in whatever form."""
    others = {name: text.replace("Zoé", "Inès").replace("Amine", "Basil") for name, text in exports.LINKEDIN.items()}
    ours = carte(linkedin)
    theirs = carte(exports.zipped(tmp_path / "autres.zip", others))

    assert theirs.face == ours.face
    assert (theirs.places, theirs.groups, theirs.links) == (ours.places, ours.groups, ours.links)
    for kind in ("png", "svg", "pdf"):
        assert Page(theirs).file(kind) == Page(ours).file(kind)
    # Letters of a drawing are outlines, which nobody can search: where names are asked for, there are more of them.
    assert len(Page(carte()).file("svg", names=True)) > len(Page(carte()).file("svg"))


# --- the learner's names of groups ---


def test_a_learner_renames_groups_in_the_cell(linkedin: Path) -> None:
    panel = carte(linkedin, groupes={2: "Ma famille"})

    assert groups(panel) == ["Fougère, Mousse & fils", "Ma famille"]
    assert "Ma famille" in panel.plain
    assert "Les Pousses" not in panel.plain


def test_a_name_given_on_the_page_is_kept_for_the_next_time(linkedin: Path, tmp_path: Path, monkeypatch: Any) -> None:
    """In a file beside the notebook, for that network grouped in that way; not in what the notebook keeps."""
    monkeypatch.chdir(tmp_path)
    page = Page(panel := carte(linkedin))

    assert page.ask(type="rename", group=2, name="  Ma   famille ")[0] == {"type": "renamed", "group": 2}

    assert groups(panel) == groups(carte(linkedin)) == ["Fougère, Mousse & fils", "Ma famille"]
    assert groups(carte(linkedin, groupes={2: "Vélo"})) == ["Fougère, Mousse & fils", "Vélo"]
    assert "Ma famille" not in groups(carte(linkedin, par="année")) + groups(carte())
    assert "Ma famille" not in carte(linkedin).plain
    svg = page.file("svg").decode()
    assert "Ma famille" in svg
    stored = (tmp_path / GROUP_NAMES_FILE).read_text(encoding="utf-8")
    assert not [name for name in (*NAMES, "Pousses", "pousses") if name in stored]

    page.ask(type="rename", group=2, name="")
    assert groups(carte(linkedin)) == ["Fougère, Mousse & fils", "Les Pousses"]


def test_names_given_in_a_step_stay_out_of_what_is_handed_in(tmp_path: Path, monkeypatch: Any) -> None:
    """A step's folder is the submission: its names stand above it, with those of the lessons."""
    (tmp_path / "00-bienvenue.ipynb").touch()
    (step := tmp_path / "etape-4").mkdir()
    monkeypatch.chdir(step)

    Page(carte()).ask(type="rename", group=1, name="Liège")

    assert (tmp_path / GROUP_NAMES_FILE).exists()
    assert list(step.iterdir()) == []
    monkeypatch.chdir(tmp_path)
    assert groups(carte())[0] == "Liège"


@pytest.mark.parametrize("content", ["", "[]", '{"groupes": 3}', '{"groupes": {"a": 1}', "\udcff", "[" * 100_000])
def test_a_damaged_file_of_names_is_left_as_it_is(content: str, tmp_path: Path, monkeypatch: Any) -> None:
    """The map shows; renaming says why it cannot keep the name; nothing is written over."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / GROUP_NAMES_FILE
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    page = Page(carte())

    told, _ = page.ask(type="rename", group=1, name="Liège")

    assert told["type"] == "failed"
    assert GROUP_NAMES_FILE in told["reason"]
    assert file.read_bytes() == content.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_of_names_is_left_alone(put: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Nobody waits for what has nobody at the other end."""
    monkeypatch.chdir(tmp_path)
    put(tmp_path / GROUP_NAMES_FILE)
    told, _ = Page(carte()).ask(type="rename", group=1, name="Liège")
    assert told["type"] == "failed"


# --- the indicators ---


def test_indicators_say_what_they_say_and_what_they_do_not(linkedin: Path) -> None:
    panel = indicateurs()

    assert len(panel.face["sections"]) == 6
    for part in panel.face["sections"]:
        assert "Pas de valeur" not in part["note"]
        assert part["lines"][0].startswith("Ce que cela dit — ")
        assert part["lines"][1].startswith("Ce que cela ne dit pas — ")
    assert section(panel, "Taux de réponse")["note"] in panel.plain

    own = indicateurs(linkedin)
    assert "il n’y a rien à compter" in section(own, "Réciprocité")["note"]
    assert "3 sur 6" in own.face["paragraphs"][1]
    assert section(own, "Part des cinq plus fidèles")["note"] == f"100{NBSP}% (1{NBSP}signe sur 1)."
    assert section(own, "Ce qui a été lu")["lines"]


# --- what cannot be read, and what is left behind ---

ASKED: dict[str, tuple[Callable[[Path], Panel], str]] = {
    "absent": (lambda folder: carte(folder / "rien.zip"), "« rien.zip »"),
    "broken": (lambda folder: carte(folder / "casse.zip"), "« casse.zip »"),
    "broken, indicators": (lambda folder: indicateurs(folder / "casse.zip"), "« casse.zip »"),
    "a number": (lambda _: carte(3), "entre guillemets"),  # type: ignore[arg-type]
    "an empty name": (lambda _: indicateurs(" "), "entre guillemets"),
    "no such group": (lambda _: carte(groupes={99: "Ma famille"}), "groupe 99"),
    "no number": (lambda _: carte(groupes={"Liège": "Ma famille"}), "groupes={1:"),  # type: ignore[dict-item]
    "no mapping": (lambda _: carte(groupes="Ma famille"), "groupes={1:"),  # type: ignore[arg-type]
    "no such way": (lambda folder: carte(folder / "bon.zip", par="prénom"), "« entreprise »"),
    "not known": (lambda folder: carte(folder / "bon.zip", par="groupe"), "Groupez autrement"),
    "links are known": (lambda _: carte(par="année"), "les groupes en viennent"),
    "no contact": (lambda folder: carte(folder / "mastodon.zip"), "aucun contact"),
}


@pytest.mark.parametrize(("ask", "reason"), ASKED.values(), ids=ASKED)
def test_what_cannot_be_shown_says_why(ask: Callable[[Path], Panel], reason: str, tmp_path: Path) -> None:
    exports.zipped(tmp_path / "bon.zip", exports.LINKEDIN)
    exports.zipped(tmp_path / "mastodon.zip", exports.MASTODON)
    whole = (tmp_path / "bon.zip").read_bytes()
    (tmp_path / "casse.zip").write_bytes(whole[: len(whole) // 2])

    panel = ask(tmp_path)

    assert panel.face["kind"] == "notice"
    told = " ".join(panel.face["paragraphs"]).replace(NBSP, " ")
    assert reason in told
    assert "Traceback" not in panel.plain
    assert not re.search(r" [;:!?»]|« ", " ".join(panel.face["paragraphs"]))


_WITNESS = """
import sys
from reseau_kit import carte, indicateurs
carte(), indicateurs()
seen = []
def watch(event, arguments):
    mode = arguments[1] if event == "open" else ""
    if event.startswith(("socket.", "subprocess.", "os.exec", "urllib.")) or (
        isinstance(mode, str) and set(mode) & set("wax+")
    ):
        seen.append((event, str(arguments[:2])))
sys.addaudithook(watch)
carte(sys.argv[1], noms=True), carte(), indicateurs(sys.argv[1])
print(seen)
open(sys.argv[1] + ".txt", "w").close()
print(len(seen))
"""


def test_nothing_is_written_and_nothing_is_sent(linkedin: Path, tmp_path: Path) -> None:
    """The interpreter itself is the witness, once all is loaded; it sees the file written last."""
    command = [sys.executable, "-c", _WITNESS, str(linkedin)]

    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout.split("\n")

    assert told[:2] == ["[]", "1"]
    assert {path.name for path in tmp_path.iterdir()} == {linkedin.name, f"{linkedin.name}.txt"}


def test_activities_do_not_wait_for_the_network() -> None:
    """The learner's functions load; numbers, tables and drawings do not, until one is called."""
    code = "import sys; from reseau_kit import carte, indicateurs; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert "reseau_kit.explore.own_network" in loaded
    assert not {"numpy", "pandas", "matplotlib", "igraph", "reseau_kit.network"} & set(loaded)
