"""Reading others' texts, then writing one's own and showing where it says each thing: what counts, what is said."""

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reseau_kit.activities.activity import Activities, ActivityFaults
from reseau_kit.activities.loading import load_activities, pack, unpack
from reseau_kit.activities.tasks import Matching
from reseau_kit.answers.checks import Status, check
from reseau_kit.answers.feedback import answer_lines, of_attempt
from reseau_kit.answers.journal import Event
from reseau_kit.answers.marks import mark
from reseau_kit.french.pieces import holds, pieces
from reseau_kit.grading.open_texts import add_reading_cells, place_texts

COURSE = """
[[activite]]
id = "T-A1"
version = 2
genre = "grille"
points = 10
question = "Deux bios : que disent-elles, et où ?"
indices = ["Lisez-les à voix haute.", "Cherchez la personne, puis ce qu’elle propose."]
explication = "Inès dit qui elle est, puis ce que l’on peut faire."

[[activite.texte]]
id = "ines"
de = "Inès, personnage inventé"
texte = "Luthière à Rennes. | Je montre une réparation par semaine ; | demandez-moi la vôtre."

[[activite.texte]]
id = "paul"
de = "Paul, personnage inventé"
texte = "Cuisine, cuisine, cuisine. Promo !"

[[activite.ligne]]
id = "ines-qui"
sur = "ines"
texte = "Où dit-elle qui parle ?"
montrer = true
juste = "p1"
sinon = "Ce passage dit ce qu’elle fait, pas qui elle est."

[[activite.ligne]]
id = "paul-qui"
sur = "paul"
texte = "Où dit-il qui parle ?"
montrer = true
juste = "rien"
sinon = "Ce passage ne parle d’aucune personne."

[[activite]]
id = "T-D1"
genre = "fiche"
carnet = "bio"
question = "Ma bio"

[[activite.champ]]
id = "texte"
texte = "Ma bio"
saisie = "long"
longueur = [20, 120]

[[activite.montrer]]
id = "qui"
champ = "texte"
texte = "Où dit-elle qui parle ?"
manque = "On ne sait pas encore qui parle."

[[activite.montrer]]
id = "geste"
champ = "texte"
texte = "Où dit-elle ce que l’on peut faire ?"
manque = "On ne sait pas encore quoi faire."

[activite.miroir]
champs = ["texte"]
"""

OLD = """
[[activite]]
id = "T-A1"
version = 1
genre = "fiche"
points = 10
carnet = "bio"
question = "Ma bio"
indices = ["Un.", "Deux."]
explication = "Voilà."

[[activite.champ]]
id = "texte"
texte = "Ma bio"

[[activite.critere]]
champ = "texte"
part = 100
contient = ["luthière"]
message = "Qui parle ?"
"""


@pytest.fixture
def activities(tmp_path: Path) -> Activities:
    path = tmp_path / "activites.toml"
    path.write_text(COURSE + OLD, encoding="utf-8")
    return load_activities(path)


def answered(id: str, value: object, *, version: int = 1, seq: int = 1) -> Event:
    return Event(f"{seq:016x}", "a" * 16, seq, id, version, "attempt", value, "2026-11-22T08:00:00.000Z", {})


def test_a_reading_shows_whole_texts_cut_where_the_author_says_or_at_their_signs(activities: Activities) -> None:
    task = activities["T-A1"].task
    assert isinstance(task, Matching)
    ines, paul = task.texts
    assert ines.pieces == ("Luthière à Rennes.", "Je montre une réparation par semaine ;", "demandez-moi la vôtre.")
    assert " ".join(paul.pieces) == "Cuisine, cuisine, cuisine. Promo !"
    values = [group.text for group in task.items[0].groups]
    assert values == [*ines.pieces, "nulle part"]


def test_pointing_at_the_right_passages_earns_all_and_a_wrong_one_says_why(activities: Activities) -> None:
    right = check(activities["T-A1"], {"ines-qui": "p1", "paul-qui": "rien"}, {})
    assert (right.status, right.score) == (Status.RIGHT, 1.0)
    wrong = check(activities["T-A1"], {"ines-qui": "p2", "paul-qui": "rien"}, {})
    assert 0 < (wrong.score or 0) < 1
    assert "pas qui elle est" in wrong.mistakes[0]


def test_a_text_is_kept_and_never_judged(activities: Activities) -> None:
    now = mark(activities, "T-D1", [answered("T-D1", {"texte": "Luthière à Rennes, je répare vos violons."})])
    assert (now.status, now.score) == (Status.RECORDED, 0.0)
    said = of_attempt(activities["T-D1"], now, now.attempts[-1].result)
    assert said.headline == "Gardé dans votre carnet."
    assert said.paragraphs == ("On ne sait pas encore qui parle.", "On ne sait pas encore quoi faire.")


def test_what_is_missing_follows_what_was_shown(activities: Activities) -> None:
    shown = {"qui": "Luthière à Rennes,", "geste": ""}
    value = {"texte": "Luthière à Rennes, je répare vos violons.", "montre": shown}
    assert check(activities["T-D1"], value, {}).to_do == ("On ne sait pas encore quoi faire.",)
    shown["geste"] = "je répare vos violons."
    assert check(activities["T-D1"], value, {}).to_do == ()
    value["texte"] = "Violoniste à Brest, je répare vos violons."
    (gone,) = check(activities["T-D1"], value, {}).to_do
    assert "Luthière à Rennes," in gone
    assert "n’est plus dans votre texte" in gone


def test_a_length_outside_the_announced_bounds_is_said(activities: Activities) -> None:
    (short, *_) = check(activities["T-D1"], {"texte": "Bonjour."}, {}).to_do
    assert "8 caractères" in short
    assert "20" in short
    long = check(activities["T-D1"], {"texte": "bla " * 40}, {}).to_do[0]
    assert "120" in long


def test_the_last_text_is_the_one_that_is_kept(activities: Activities) -> None:
    events = [answered("T-D1", {"texte": f"Version {n} de ma bio."}, seq=n) for n in (1, 2, 3, 4)]
    now = mark(activities, "T-D1", events)
    assert now.attempts[-1].event.value == {"texte": "Version 4 de ma bio."}
    assert not now.weighted


def test_an_old_answer_keeps_the_mark_of_its_version_and_its_name_in_the_logbook(activities: Activities) -> None:
    old = answered("T-A1", {"texte": "Je suis luthière."})
    assert mark(activities, "T-A1", [old]).score == 1.0
    assert activities.kept_as("T-A1", 1) == "bio"
    assert activities.kept_as("T-A1", 2) == ""
    assert activities.deciding("bio") == activities["T-D1"]


def test_a_current_version_that_scores_words_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "activites.toml"
    path.write_text(OLD, encoding="utf-8")
    with pytest.raises(ActivityFaults) as refused:
        load_activities(path)
    (fault,) = refused.value.faults
    assert fault.line == OLD.split("\n").index("[[activite.critere]]") + 1
    assert "contient" in fault.message
    assert "montrer" in fault.message


@pytest.mark.parametrize(
    ("found", "instead", "told"),
    [
        ('sur = "ines"', 'sur = "inès"', "inès"),
        ('juste = "p1"', 'juste = "p9"', "p9"),
        ('champ = "texte"\ntexte = "Où dit-elle qui', 'champ = "bio"\ntexte = "Où dit-elle qui', "bio"),
        ('champs = ["texte"]', 'champs = ["texte"]\nremarques = ["licence"]', "licence"),
        ('champs = ["texte"]', 'champs = ["texte"]\nremarques = ["orthographe"]', "orthographe"),
        ('genre = "fiche"', 'genre = "fiche"\npoints = 5', "points"),
    ],
)
def test_what_does_not_hold_is_named(tmp_path: Path, found: str, instead: str, told: str) -> None:
    path = tmp_path / "activites.toml"
    assert found in COURSE
    path.write_text(COURSE.replace(found, instead, 1), encoding="utf-8")
    with pytest.raises(ActivityFaults, match=told):
        load_activities(path)


def test_a_packed_course_is_the_same(activities: Activities) -> None:
    again = unpack(pack(activities))
    assert again["T-D1"].task == activities["T-D1"].task
    assert again["T-A1"].task == activities["T-A1"].task


def test_a_reader_sees_each_criterion_with_its_passage(activities: Activities) -> None:
    value = {"texte": "Luthière à Rennes.", "montre": {"qui": "Luthière", "geste": ""}}
    text, who, what = answer_lines(activities["T-D1"], value)
    assert "Luthière à Rennes." in text
    assert "qui parle" in who
    assert "«\N{NO-BREAK SPACE}Luthière\N{NO-BREAK SPACE}»" in who
    assert "nulle part encore" in what


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["qui", "geste", "x"]), inner),
    max_leaves=8,
)


@given(st.text(), any_json, any_json)
def test_whatever_a_page_sends_costs_nothing_and_breaks_nothing(text: str, shown: object, dismissed: object) -> None:
    activity = unpack(_packed())["T-D1"]
    result = check(activity, {"texte": text, "montre": shown, "voulu": dismissed}, {})
    assert result.status in (Status.RECORDED, Status.UNREADABLE)
    answer_lines(activity, {"texte": text, "montre": shown})


@cache
def _packed() -> str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "activites.toml"
        path.write_text(COURSE, encoding="utf-8")
        return pack(load_activities(path))


@given(st.text(max_size=400))
def test_each_piece_is_a_passage_of_the_text(text: str) -> None:
    cut = pieces(text)
    assert bool(cut) is bool(text.strip())
    assert all(holds(text, piece) for piece in cut)
    assert len(cut) <= 40


def test_pieces_are_thoughts() -> None:
    assert pieces("Joueur d’échecs lent cherche adversaire patient. Maman de Jules (CE1 à Jean-Moulin).") == (
        "Joueur d’échecs lent cherche adversaire patient.",
        "Maman de Jules (CE1 à Jean-Moulin).",
    )
    assert pieces("J’ai payé 3,50 €, oui, 3,50 € !")[0].startswith("J’ai payé 3,50 €")
    assert len(pieces("私は猫が好きです。毎日写真を撮ります。")) == 2


def test_the_examples_of_the_authors_guide_hold(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[1] / "docs" / "ecrire-des-activites.md").read_text(encoding="utf-8")
    path = tmp_path / "activites.toml"
    path.write_text("\n".join(re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)), encoding="utf-8")
    assert {"lecture", "ma-bio"} <= {*load_activities(path).own}


def test_facts_beside_a_text_are_there_and_the_text_is_never_right(tmp_path: Path) -> None:
    """A new text with the same facts is no new attempt, and is the one that is kept."""
    path = tmp_path / "activites.toml"
    path.write_text(
        """
        [[activite]]
        id = "F"
        genre = "fiche"
        points = 10
        question = "Mon objectif"
        indices = ["Un.", "Deux."]
        explication = "Une date permet de faire le point."
        [[activite.champ]]
        id = "public"
        texte = "Avec qui ?"
        [[activite.champ]]
        id = "jour"
        texte = "Pour quand ?"
        saisie = "date"
        [[activite.critere]]
        champ = "jour"
        part = 100
        jours = [10, 300]
        message = "Une date, entre dix jours et un an."
        """,
        encoding="utf-8",
    )
    activities = load_activities(path)
    values = [{"public": text, "jour": "2027-03-01"} for text in ("les voisins", "les jardiniers du canton")]
    now = mark(activities, "F", [answered("F", value, seq=n) for n, value in enumerate(values, 1)])
    assert (now.used, now.score) == (1, 1.0)
    assert now.attempts[0].event.value == values[1]
    said = of_attempt(activities["F"], now, now.attempts[0].result)
    assert said.headline == "Tout y est."
    assert "gardé tel quel" in " ".join(said.paragraphs)


def test_a_reader_sees_the_writing_and_its_passages_beside_the_text(tmp_path: Path) -> None:
    path = tmp_path / "activites.toml"
    question = """
[[activite]]
id = "T-O"
genre = "texte"
points = 30
question = "Défendez deux choix."
mots = [10, 50]
a_cote = ["T-D1"]
[[activite.niveau]]
note = 2
titre = "Solide"
texte = "Deux choix sont justifiés."
[[activite.niveau]]
note = 1
titre = "Fragile"
texte = "Un choix est justifié."
"""
    path.write_text(COURSE + question, encoding="utf-8")
    activities = load_activities(path)
    nb: dict[str, Any] = {"cells": [{"cell_type": "code", "id": "a", "source": 'activite("T-O")', "metadata": {}}]}
    add_reading_cells(nb, activities, {'activite("T-O")': "T-O"})
    bio = {"texte": "Luthière. <script>1</script> $x$", "montre": {"qui": "Luthière.", "geste": ""}}
    place_texts(
        nb, activities, [answered("T-D1", bio, seq=1), answered("T-O", {"texte": "Mon nom est public."}, seq=2)]
    )
    shown = nb["cells"][1]["source"]
    for part in ("Mon nom est public.", "Ma bio", "Luthière.", "nulle part encore", "Solide"):
        assert part in shown
    assert "<script>" not in shown
    assert "$" not in shown
