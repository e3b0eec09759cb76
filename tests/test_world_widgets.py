"""What a learner explores with: the small world, an exercise's own data, their own network, a real one."""

import json
import re
import shutil
import subprocess
import sys
import time
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

import exports
from reseau_kit import mon_reseau, petit_monde, vraie_carte
from reseau_kit.answers.notebooks import load
from reseau_kit.explore import small_world as world_widgets
from reseau_kit.explore.explorer import Explorer, Found, Tool
from reseau_kit.explore.small_world import the_world
from reseau_kit.learner.panel import Panel
from reseau_kit.network import metrics
from reseau_kit.network.indicators import indicators, own_view
from reseau_kit.network.synthetic import LEARNER

ROOT = Path(__file__).parents[1]
NBSP = "\N{NO-BREAK SPACE}"
LOOSE_SIGN = re.compile(r"[\w»)…%] [;:!?](?:\s|$)|« | »")
IN_LESSONS = ["entourage", "profil", "voisine", "recherche", "tri", "échanges", "indicateurs"]
COURSE = [*sorted((ROOT / "course").glob("*.ipynb")), *sorted((ROOT / "exercises").glob("*/*.ipynb"))]


def explorer(panel: Panel) -> Explorer:
    assert isinstance(panel, Explorer), panel.plain
    if not panel.state:
        panel.unfold()
    return panel


def asked(panel: Panel, **values: str) -> dict[str, Any]:
    """What comes back once the controls are set so, the others as they stand."""
    tool = explorer(panel)
    given = {control["id"]: control["value"] for control in tool.state["controls"]} | values
    tool._receive(tool, {"type": "ask", "values": given}, [])
    found: dict[str, Any] = tool.state["result"]
    return found


def plain(text: str) -> str:
    return text.replace(NBSP, " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def rows(found: dict[str, Any]) -> list[list[str]]:
    return [line for section in found["sections"] if section["table"] for line in section["table"]["rows"]]


def section(found: dict[str, Any], title: str) -> dict[str, Any]:
    return next(one for one in found["sections"] if one["title"] == title)


# --- the small world --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", IN_LESSONS)
def test_every_choice_of_every_tool_brings_something_back(name: str) -> None:
    """In whole tables, in French as it is set, with a sentence of its own."""
    tool = explorer(petit_monde(name))
    for control in tool.state["controls"]:
        ids = [one["id"] for one in control["values"]]
        # Of a long list, its ends and some between.
        for value in (ids if len(ids) < 10 else [*ids[:2], *ids[2:-2:7], *ids[-2:]]) or ["", "jardin", "zzz"]:
            found = asked(tool, **{control["id"]: value})
            assert found["sentence"].endswith(".")
            told = [found["sentence"], *(line for one in found["sections"] for line in (one["note"], *one["lines"]))]
            for one in found["sections"]:
                if one["table"]:
                    assert {len(line) for line in one["table"]["rows"]} == {len(one["table"]["columns"])}
                    told += [cell for line in one["table"]["rows"] for cell in line]
            assert not [text for text in told if LOOSE_SIGN.search(text) or "nan" in text.split()]


def test_the_small_world_opens_fast_and_is_made_once() -> None:
    the_world.cache_clear()
    begun = time.process_time()
    first = the_world()
    made = time.process_time() - begun
    for name in IN_LESSONS:
        explorer(petit_monde(name))
    assert the_world() is first
    # Measured at 0.05 s and 0.4 s; a slow machine is ten times as slow.
    assert made < 2
    assert time.process_time() - begun < 10


def test_a_fault_of_ours_is_said_and_leaves_no_page_waiting(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> Found:
        raise ZeroDivisionError

    panel = Explorer(Tool("", "Qui ?", "", "Chercher", tuple, fail, at_once=False))
    assert "pas de votre fait" in asked(panel)["sentence"]
    assert "Qui ?" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_nothing_is_loaded_until_the_page_asks() -> None:
    """A lesson's activities do not wait for numbers and tables: not even for the small world."""
    code = (
        "import sys; from reseau_kit import petit_monde, mon_reseau, vraie_carte;"
        "panels = [petit_monde('profil'), petit_monde('carte'), mon_reseau(), vraie_carte()];"
        "print(len({'numpy', 'pandas', 'matplotlib', 'igraph'} & set(sys.modules)));"
        "panels[0].unfold(); print('pandas' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert told == ["0", "True"]


def test_a_search_has_words_excluded_words_and_a_hashtag() -> None:
    posts = the_world().posts
    for words, without, tag in (("atelier", "", ""), ("atelier", "promo, vente", ""), ("", "", "#atelier")):
        found = asked(petit_monde("recherche"), avec=words, sans=without, diese=tag)
        expected = metrics.search(posts, words.split(), without.replace(",", " ").split(), tag.split())
        assert found["sentence"] == expected.sentence
        assert [line[2] for line in rows(found)] == expected.found["text"].head(12).tolist()
    assert "au moins un mot" in asked(petit_monde("recherche"), avec="")["sentence"]
    assert rows(asked(petit_monde("recherche"), avec="zzzz")) == []


def test_a_profile_is_read_by_four_clues_and_says_what_makes_one_wary() -> None:
    people = the_world().people
    robot = int(people.sort_values("posts_30d", ascending=False)["id"].iloc[0])
    found = asked(petit_monde("profil"), compte=str(robot), sujet="inclusion")
    seen = metrics.profile(the_world(), robot, ["inclusion"])
    assert [line[:2] for line in rows(found)] == [[clue.name, clue.answer] for clue in seen.clues]
    assert section(found, "Ce qui doit rendre prudent")["lines"] == list(seen.warnings)
    assert "prudent" in found["sentence"]
    first = asked(petit_monde("profil"))
    assert "je ne peux pas savoir" not in first["sentence"].split("échange")[1].split(",")[0], (
        "it begins with a telling one"
    )


def test_people_one_knows_lead_to_others_by_follows_relays_and_lists() -> None:
    everyone = metrics.followed_by_known(the_world())
    found = asked(petit_monde("entourage"))
    assert [line[0] for line in rows(found)] == everyone["name"].head(12).tolist()
    for kind, column in (("relais", 2), ("listes", 3)):
        counts = [int(line[column]) for line in rows(asked(petit_monde("entourage"), quoi=kind))]
        assert counts == sorted(counts, reverse=True)
        assert min(counts) > 0
    one = asked(petit_monde("entourage"), qui="167")
    assert {line[1] for line in rows(one)} == {"1"}


def test_an_overlap_names_what_is_shared_and_which_circles_are_new() -> None:
    found = asked(petit_monde("voisine"), compte="240")
    expected = metrics.overlap(the_world(), 240)
    assert found["sentence"] == expected.sentence
    assert len(section(found, "Suivis par vous deux")["lines"]) == len(expected.common)
    assert section(found, "Suivis par cette personne seulement")["lines"][-1].startswith("… et ")


def test_sorting_gives_reasons_and_no_decision() -> None:
    back = asked(petit_monde("tri"))
    assert len(rows(back)) == len(metrics.worth_following_back(the_world(), about=["inclusion", "médiation"]))
    leave = asked(petit_monde("tri"), quoi="quitter")
    assert {line[1] for line in rows(leave)} <= {"automate", "autopromotion", "muet", "hors sujet"}
    assert "La décision reste la vôtre" in leave["sections"][0]["note"]


def test_exchanges_say_who_answers_whom_to_answer_and_what_to_relay() -> None:
    answering = rows(asked(petit_monde("échanges")))
    assert len(answering) == len(metrics.who_answers(the_world()))
    assert answering[-1][-1] == "trop peu pour le dire"
    assert re.search(r"^50 %, entre 23,7 % et 76,3 %$", plain(answering[0][-1]))
    waiting = rows(asked(petit_monde("échanges"), quoi="attend"))
    assert [line[2] for line in waiting] == metrics.waiting_for_answer(the_world())["text"].tolist()
    relays = rows(asked(petit_monde("échanges"), quoi="relayer"))
    assert relays
    assert all(line[3].startswith("Relayé de @") for line in relays)


def test_indicators_of_two_accounts_each_say_what_they_do_not_say() -> None:
    found = asked(petit_monde("indicateurs"), compte="0", second="167")
    panels = []
    for who in (LEARNER, 167):
        seen = own_view(the_world(), who)
        panels.append(indicators(seen.contacts, seen.posts, seen.exchanges))
    for line, mine, theirs in zip(rows(found), *panels, strict=True):
        assert line == [mine.label, mine.shown, theirs.shown, mine.says, mine.says_not]
    alone = asked(petit_monde("indicateurs"), compte="240", second="240")
    assert {len(line) for line in rows(alone)} == {4}


def test_the_map_of_the_small_world_stands_below() -> None:
    tool = explorer(petit_monde("carte"))
    assert tool.child is None
    assert "ci-dessous" in asked(tool)["sentence"]
    assert isinstance(tool.child, Panel)
    assert "contacts" in tool.child.plain
    assert "inventé" in tool.child.plain


@pytest.mark.parametrize(
    "values",
    [None, 3, [], {"compte": 3}, {"compte": "zzz"}, {"compte": "1" * 10_000}, {"sujet": "a," * 9_000}, {"x": {}}],
)
def test_whatever_a_page_sends_is_answered(values: object) -> None:
    tool = explorer(petit_monde("profil"))
    before = tool.state["times"]
    tool._receive(tool, {"type": "ask", "values": values}, [])
    assert tool.state["times"] == before + 1
    assert tool.state["result"]["sentence"]
    odd: tuple[object, ...] = (None, [], {"type": "zzz"}, {"type": ["ask"]})
    for message in odd:
        tool._receive(tool, message, [])


def test_an_unknown_tool_says_which_there_are() -> None:
    panel = petit_monde("zzz")
    assert 'petit_monde("profil")' in panel.plain
    assert petit_monde("PROFIL").face == petit_monde("profil").face
    assert petit_monde().plain == panel.plain


# --- where they stand in the course -----------------------------------------------------------------------------------


def shown_cells(path: Path) -> list[str]:
    cells = [cell for cell in load(path)["cells"] if cell["cell_type"] == "code"]
    return ["".join(cell["source"]) for cell in cells if cell["metadata"].get("jupyter", {}).get("source_hidden")]


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_every_small_world_of_the_course_is_an_explorer(path: Path) -> None:
    for source in shown_cells(path):
        if found := re.fullmatch(r'petit_monde\("(.+)"\)', source):
            assert isinstance(petit_monde(found[1]), Explorer), source


def test_steps_4_and_5_use_every_tool() -> None:
    used = {
        found
        for path in COURSE
        if re.match(r"0[45]|etape-[45]", path.stem)
        for source in shown_cells(path)
        for found in re.findall(r'petit_monde\("(.+)"\)', source)
    }
    assert used == set(world_widgets._tools())


# --- the data of an exercise ------------------------------------------------------------------------------------------


def test_the_24_accounts_are_sorted_and_filtered_but_not_chosen() -> None:
    with chdir(ROOT / "exercises" / "etape-4"):
        tool = explorer(petit_monde("comptes"))
        most = rows(asked(tool))
        assert len(most) == 24
        # What E4-A7 asks can be read off: how many of the six most followed answer 10 % or less.
        assert sum(float(plain(line[3]).replace(",", ".").rstrip(" %")) <= 10 for line in most[:6]) == 6
        assert {line[6] for line in rows(asked(tool, garder="deja_connu"))} == {"oui"}
        elsewhere = rows(asked(tool, garder="ailleurs"))
        assert {line[7] for line in elsewhere} == {"non"}
        assert 0 < len(rows(asked(tool, mot="jardin"))) < 24
        told = json.dumps(asked(tool), ensure_ascii=False).lower()
    assert "robot" not in told
    assert "automate" not in told


def test_the_40_replies_are_filtered_and_not_counted_for_the_learner() -> None:
    with chdir(ROOT / "exercises" / "etape-5"):
        tool = explorer(petit_monde("réponses"))
        for question, suite, left in (("", "", 40), ("1", "", 20), ("1", "0", 14)):
            assert plain(asked(tool, question=question, suite=suite)["sentence"]) == f"{left} réponses."
        assert "%" not in json.dumps(asked(tool, question="1", suite="0"))


@pytest.mark.parametrize("name", ["comptes", "réponses"])
def test_without_its_data_a_tool_says_so(name: str, tmp_path: Path) -> None:
    with chdir(tmp_path):
        assert "ne sont pas dans ce dossier" in asked(petit_monde(name))["sentence"]


@pytest.mark.parametrize("content", [b"id;texte\n1;2\n", b"\xff\xfe\x00", b'"' * 200_000, b"id,texte\nc01\n"])
def test_data_that_somebody_changed_are_told(content: bytes, tmp_path: Path) -> None:
    """By a spreadsheet that saves in its own way, for instance."""
    for name in ("comptes.csv", "profils.csv", "reponses.csv"):
        (tmp_path / name).write_bytes(content)
    with chdir(tmp_path):
        for name in ("comptes", "réponses"):
            assert "Les données de cet outil" in asked(petit_monde(name))["sentence"]


# --- one's own network, and a real one --------------------------------------------------------------------------------


@pytest.fixture
def folder(workspace: Path) -> Path:
    """A learner's folder with an export beside the lessons."""
    exports.zipped(workspace / "mon-export.zip", exports.LINKEDIN)
    return workspace


def test_only_the_learners_own_files_are_offered(folder: Path) -> None:
    """Neither the course's data, nor its answers, nor what stands in an exercise."""
    (folder / "mes-reponses-2026.json").write_text("{}")
    (folder / "mes-groupes.json").write_text("{}")
    (folder / ".cache.zip").write_bytes(b"")
    with chdir(folder):
        files = explorer(mon_reseau()).state["controls"][0]["values"]
    assert [one["id"] for one in files] == ["", "mon-export.zip"]


def test_an_export_has_its_map_and_its_indicators_without_a_line_of_code(folder: Path) -> None:
    with chdir(folder):
        tool = explorer(mon_reseau())
        asked(tool, fichier="mon-export.zip", par="année")
        assert isinstance(tool.child, Panel)
        assert "2019" in tool.child.plain
        drawn = tool.child
        asked(tool, fichier="mon-export.zip", quoi="indicateurs")
        assert drawn.comm is None, "the map that is no longer shown is gone"
        assert tool.child.face["title"] == "Mes indicateurs"
        asked(tool, fichier="../mon-export.zip")
    assert tool.child is None, "a file that was not offered is none"
    assert "Rien ne quitte" in tool.plain


def test_an_export_in_an_exercise_is_told_to_be_moved(folder: Path) -> None:
    shutil.move(folder / "mon-export.zip", folder / "etape-4")
    with chdir(folder):
        told = asked(mon_reseau())["sentence"]
    assert "« etape-4/mon-export.zip » partirait" in plain(told)


def test_the_real_map_names_its_communities_its_date_and_its_authors() -> None:
    with chdir(ROOT / "course"):
        tool = explorer(vraie_carte())
        asked(tool)
    assert isinstance(tool.child, Panel)
    told = plain(tool.child.plain)
    assert "621 sites" in told
    assert "contacts" not in told
    assert re.search(r"\d · Framasoft\.org · \d+", told)
    assert "16 au 25 novembre 2022" in told
    assert "Guillaume Plique, licence MIT" in told
    assert "Citer n’est ni aimer ni approuver" in told
    assert "Guillaume Plique" in (ROOT / "course/data/communautes-libres-fr.LICENSE.txt").read_text(encoding="utf-8")


def test_without_its_data_the_real_map_says_so(tmp_path: Path) -> None:
    with chdir(tmp_path):
        assert "n’a pas été lu" in asked(vraie_carte())["sentence"]
