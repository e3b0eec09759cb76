"""The map and the indicators as a learner sees them: what they say, whose names they hide, what they leave behind."""

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import exports
from reseau_kit import carte, indicateurs
from reseau_kit.network.metrics import contacts_of
from reseau_kit.network.sources import read_export
from reseau_kit.network.synthetic import synthetic
from reseau_kit.widgets import Panel

NBSP = "\N{NO-BREAK SPACE}"
NAMES = ("Zoé", "Brindille", "Amine")


@pytest.fixture
def linkedin(tmp_path: Path) -> Path:
    return exports.zipped(tmp_path / "Basic_LinkedInDataExport_07-10-2026.zip", exports.LINKEDIN)


@pytest.fixture
def x(tmp_path: Path) -> Path:
    return exports.zipped(tmp_path / "twitter-2026.zip", exports.X)


def content(panel: Panel, name: str) -> bytes:
    """A file that the page offers."""
    return next(base64.b64decode(file["content"]) for file in panel.face["files"] if file["name"] == name)


def shown(panel: Panel) -> str:
    """All words of a panel, with those of its drawing and of its pictures' own texts."""
    made = [base64.b64decode(file["content"]).decode("utf-8", "replace") for file in panel.face["files"]]
    return "\n".join((panel.plain, json.dumps({**panel.face, "files": []}, ensure_ascii=False), *made))


def section(panel: Panel, title: str) -> dict[str, Any]:
    return next(part for part in panel.face["sections"] if part["title"] == title)


# --- the map ---


def test_the_small_world_has_its_map_in_picture_words_and_table() -> None:
    panel = carte()

    contacts, _ = contacts_of(synthetic())
    face = panel.face
    assert face["title"].startswith(f"{len(contacts)}{NBSP}contacts, ")
    assert face["picture"] == {"alt": face["title"], "light": "ma-carte.png", "dark": "ma-carte-sombre.png"}
    assert "liens connus" in face["paragraphs"][0]
    assert any("inventé" in told for told in face["paragraphs"])
    rows = section(panel, "Les groupes")["table"]["rows"]
    assert sum(int(row[1]) for row in rows) == len(contacts)
    for name, *_ in rows:
        assert name in section(panel, "La carte en mots")["note"]
        assert name in panel.plain
    starts = {file["name"]: content(panel, file["name"])[:5] for file in face["files"]}
    assert starts["ma-carte.png"] == starts["ma-carte-sombre.png"] == b"\x89PNG\r"
    assert content(panel, "ma-carte.png") != content(panel, "ma-carte-sombre.png")
    assert (starts["ma-carte.svg"], starts["ma-carte.pdf"]) == (b"<?xml", b"%PDF-")


def test_an_export_has_its_map_with_what_was_read_and_left_aside(linkedin: Path) -> None:
    """A path, as a text or not, and what `read_export` gives are the same network."""
    panel = carte(linkedin)

    assert "ne disent pas lesquels de vos contacts se connaissent" in panel.face["paragraphs"][0]
    assert [row[0] for row in section(panel, "Les groupes")["table"]["rows"]] == [
        "1 · Fougère, Mousse & fils",
        "2 · Les Pousses",
    ]
    assert any("Connections.csv" in line for line in section(panel, "Ce qui a été lu")["lines"])
    assert any("brouillons" in line for line in section(panel, "Laissé de côté")["lines"])
    assert "LinkedIn" in section(panel, "À savoir")["lines"][0]
    assert carte(str(linkedin)).face == carte(read_export(linkedin)).face == panel.face


def test_contacts_without_links_are_grouped_as_asked(linkedin: Path, x: Path) -> None:
    def groups(panel: Panel) -> list[str]:
        return [row[0] for row in section(panel, "Les groupes")["table"]["rows"]]

    assert groups(carte(linkedin, par="année")) == ["1 · 2019", "2 · 2024"]
    assert groups(carte(linkedin, par="Metier")) == groups(carte(linkedin, par="métier")) != groups(carte(linkedin))
    assert 'par="année"' in carte(linkedin).plain
    # X tells numbers, and who follows whom.
    assert groups(carte(x)) == ["1 · Dans les deux sens", "2 · Vous suivent"]
    assert "de qui suit qui" in carte(x).plain


def test_names_are_hidden_everywhere(linkedin: Path) -> None:
    """On the screen, in the pictures' own texts, in the drawings' words, in what a notebook keeps."""
    for panel in (carte(linkedin), indicateurs(linkedin)):
        assert not [name for name in NAMES if name in shown(panel)]


def test_other_names_make_the_same_files(linkedin: Path, tmp_path: Path) -> None:
    """To the byte, PDF and pixels included: nothing of a name is in them, in whatever form."""
    others = {name: text.replace("Zoé", "Inès").replace("Amine", "Basil") for name, text in exports.LINKEDIN.items()}
    world = synthetic()
    strangers = world.people.assign(name=world.people["handle"].str.upper(), bio="", handle=world.people["name"])

    panel = carte(exports.zipped(tmp_path / "autres.zip", others))

    assert panel.face == carte(linkedin).face
    assert carte(replace(world, people=strangers)).face == carte(world).face


def test_names_are_shown_where_asked_for_but_not_in_what_the_notebook_keeps(linkedin: Path) -> None:
    panel = carte(linkedin, noms=True)

    table = section(panel, "Les groupes")["table"]
    assert [row[-1] for row in table["rows"]] == ["Zoé Brindille", "Amine Fougère"]
    assert any("gardez-les pour vous" in told for told in panel.face["paragraphs"])
    assert not [name for name in NAMES if name in panel.plain]
    assert "Les Pousses" in panel.plain
    # Letters of a drawing are outlines, which nobody can search: there are more of them.
    assert len(content(carte(noms=True), "ma-carte.svg")) > len(content(carte(), "ma-carte.svg"))


def test_a_learner_renames_groups(linkedin: Path) -> None:
    panel = carte(linkedin, groupes={2: "Ma famille"})

    assert section(panel, "Les groupes")["table"]["rows"][1][0] == "2 · Ma famille"
    assert "Les Pousses" not in shown(panel)
    assert "groupes={1:" in " ".join(section(panel, "Renommer les groupes")["lines"])


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

    assert "reseau_kit.network_widgets" in loaded
    assert not {"numpy", "pandas", "matplotlib", "igraph", "reseau_kit.network"} & set(loaded)
