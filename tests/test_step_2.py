"""Step 2's content: its keys follow from its data, and the rubric of a bio holds on bios of every kind."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from bench.bots import AT, Step
from reseau_kit.activities.tasks import Choice, Form, Matching, Mirror, Number
from reseau_kit.answers.checks import Result, Status, check
from reseau_kit.answers.mirror import remarks
from reseau_kit.answers.notebooks import load

ROOT = Path(__file__).parents[1]
STEP = ROOT / "exercises" / "etape-2"
EXERCISE = Step(2).activities
LESSON = Step(2).practice
DEGREES = ("nom-photo", "nom-sans-photo", "pseudonyme", "aucun")


def result(id: str, value: object, **context: str) -> Result:
    return check(EXERCISE[id], value, context, AT)


def score(id: str, value: object, **context: str) -> float:
    found = result(id, value, **context).score
    assert found is not None
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def matching(id: str, degree: str = "") -> Matching:
    asked = EXERCISE[id].under({"degre": degree})
    assert asked is not None
    assert isinstance(asked.task, Matching)
    return asked.task


# --- the keys follow from the data ----------------------------------------------------------------------------------


def test_points_are_those_announced() -> None:
    """Seven activities, a bio and two decisions in this order, then a text; the optional one is not graded."""
    points = {"E2-A1": 5, "E2-A2": 10, "E2-A3": 10, "E2-A4": 20, "E2-A5": 15, "E2-A6": 5, "E2-A7": 5}
    assert Step(2).marked == points
    order = ["E2-A1", "E2-A2", "E2-A3", "E2-A4", "E2-D3", "E2-D1", "E2-A5", "E2-A6", "E2-A7"]
    order += ["E2-D2", "E2-O", "E2-P1"]
    assert list(EXERCISE.own) == order


def test_later_steps_find_what_was_decided() -> None:
    kept = {activity.logbook: activity for activity in EXERCISE if activity.logbook}
    assert set(kept) == {"bio", "degre", "liens"}
    bio, degree = kept["bio"].task, kept["degre"].task
    assert isinstance(bio, Form)
    assert [field.id for field in bio.fields] == ["role", "geste", "texte"]
    assert isinstance(degree, Choice)
    assert [option.id for option in degree.options] == list(DEGREES)
    assert kept["degre"].is_decision
    assert kept["liens"].is_decision


def test_share_of_time_is_recomputed() -> None:
    """The recall of step 1: 20 minutes of 80, and the three shares that come from a slip."""
    row = next(item for item in matching("E2-A1").items if item.id == "temps")
    total, aimless = map(int, re.findall(r"(\d+) minutes.*?(\d+) étaient", plain(row.text))[0])
    useful = total - aimless
    slips = [aimless, 100 * aimless // total, 100 * aimless // useful, useful, 100 * useful // total]
    assert [int(re.findall(r"\d+", group.text)[0]) for group in row.groups] == slips
    right = max(matching("E2-A1").credit["temps"].items(), key=lambda pair: pair[1])[0]
    assert next(group.text for group in row.groups if group.id == right) == f"{100 * aimless // total}\u00a0%"


TERMS = {int(row["numero"]): plain(row["phrase"]) for row in rows(STEP / "cgu.csv")}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("droits", "concédez le droit gratuit de reproduire"),
        ("tiers", "transmettons votre âge et votre ville à des annonceurs"),
        ("depart", "Si vous supprimez votre compte"),
        ("ia", "entraînent nos outils d’intelligence artificielle, sauf refus"),
    ],
)
def test_terms_hold_the_sentence_that_answers(row: str, said: str) -> None:
    """Twelve numbered sentences: the one that answers says so, and no other of them does."""
    assert list(TERMS) == list(range(1, 13))
    right = [id for id, credit in matching("E2-A6").credit[row].items() if credit == 1]
    assert right == [f"p{number}" for number, text in TERMS.items() if said in text]
    offered = next(item.groups for item in matching("E2-A6").items if item.id == row)
    assert [group.text for group in offered] == [f"Phrase {group.id[1:]}" for group in offered]


BIOS = rows(STEP / "bios.csv")


def test_optional_share_is_recomputed() -> None:
    """E2-P1: bios that name a trade or a field, and each named mistake: one sort, the other, the rest, a count."""
    counted = Counter(row["annonce"] for row in BIOS)
    trades, fields, neither = counted["métier"], counted["domaine"], counted["ni l’un ni l’autre"]
    assert trades + fields + neither == len(BIOS) == 24
    task = EXERCISE["E2-P1"].task
    assert isinstance(task, Number)
    shares = [100 * count / len(BIOS) for count in (trades + fields, trades, fields, neither)]
    expected = [*shares[1:], trades + fields]
    assert task.value == pytest.approx(shares[0], abs=0.05)
    assert [mistake.value for mistake in task.mistakes] == pytest.approx(expected, abs=0.05)
    assert f"{trades} métiers et {fields} domaines" in plain(EXERCISE["E2-P1"].explanation)


def test_fictional_bios_give_nobody_away() -> None:
    """24 different bios, each short enough for a profile."""
    task = EXERCISE["E2-D3"].task
    assert isinstance(task, Form)
    assert task.mirror is not None
    harm = Mirror(("texte",))
    assert len({row["bio"] for row in BIOS}) == 24
    for row in BIOS:
        assert len(row["bio"]) <= 160
        assert remarks(harm, {"texte": row["bio"]}) == (), row["bio"]


def test_phone_numbers_are_those_kept_for_fiction() -> None:
    """ARCEP keeps 06 39 98 and a few more for films and books: nobody's phone can ring."""
    files = [*STEP.glob("*.*"), *ROOT.glob("course/02-*")]
    found = [number for path in files for number in re.findall(r"\b0\d(?: \d\d){4}\b", plain(path.read_text("utf-8")))]
    assert len(found) >= 3
    assert all(number.startswith("06 39 98") for number in found), found


# --- settings -------------------------------------------------------------------------------------------------------

SAME_FOR_ALL = {"double": "secours", "courriel": "personne", "lieu": "non", "photos": "accord", "contacts": "non"}
BY_DEGREE = {
    "nom-photo": {"indexation": "tout", "messages": "demandes", "ia": "accepter"},
    "nom-sans-photo": {"indexation": "tout", "messages": "demandes", "ia": "refuser"},
    "pseudonyme": {"indexation": "rien", "messages": "suivis", "ia": "refuser"},
    # Who opens no account advises somebody who takes a pseudonym.
    "aucun": {"indexation": "rien", "messages": "suivis", "ia": "refuser"},
}


@pytest.mark.parametrize("degree", DEGREES)
def test_settings_that_fit_the_degree(degree: str) -> None:
    """Five settings are the same for all, two follow the degree: what suits a name costs a pseudonym, and back."""
    fitting = SAME_FOR_ALL | BY_DEGREE[degree]
    assert score("E2-A5", fitting, degre=degree) == 1.0
    for other in DEGREES:
        if BY_DEGREE[other]["indexation"] != BY_DEGREE[degree]["indexation"]:
            assert score("E2-A5", SAME_FOR_ALL | BY_DEGREE[other], degre=degree) < 1.0


@pytest.mark.parametrize("degree", DEGREES)
@pytest.mark.parametrize("ai", ["refuser", "accepter"])
def test_settings_that_can_be_defended_under_any_degree(degree: str, ai: str) -> None:
    """One's profile alone in search engines, messages that one accepts, and an AI's training decided either way."""
    settings = SAME_FOR_ALL | {"indexation": "profil", "messages": "demandes", "ia": ai}
    assert score("E2-A5", settings, degre=degree) == 1.0


@pytest.mark.parametrize("degree", DEGREES)
def test_a_setting_left_by_default_is_no_choice(degree: str) -> None:
    """The setting about training an AI: leaving it as it was proposed is right for nobody, and refusing for all."""
    credit = matching("E2-A5", degree).credit["ia"]
    assert credit.get("defaut", 0) == 0
    assert credit["refuser"] == 1
    given = result("E2-A5", SAME_FOR_ALL | BY_DEGREE[degree] | {"ia": "defaut"}, degre=degree)
    assert any("l’entraînement d’une IA" in mistake for mistake in given.mistakes)


def test_indexed_and_discreet_at_once_is_told() -> None:
    given = result("E2-A5", SAME_FOR_ALL | BY_DEGREE["pseudonyme"] | {"indexation": "tout"}, degre="pseudonyme")
    assert "que risque-t-on à tout montrer" in given.mistakes[0]


def test_settings_need_a_degree() -> None:
    assert result("E2-A5", SAME_FOR_ALL).status is Status.TO_REVIEW


# --- who shows what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"s1": "pseudonyme"}, "Un recruteur doit pouvoir la relier à son CV"),
        ({"s4": "nom-photo"}, "la sécurité passe avant la visibilité"),
    ],
    ids=["job", "safety"],
)
def test_a_degree_that_does_not_fit_the_situation(change: dict[str, str], said: str) -> None:
    best = {id: max(shares, key=lambda group: shares[group]) for id, shares in matching("E2-A2").credit.items()}
    given = result("E2-A2", best | change)
    assert given.score == pytest.approx(1 - (1 / 6) / (1 - chance(matching("E2-A2"))))
    assert said in given.mistakes[0]


def chance(task: Matching) -> float:
    """What putting the items at random is worth."""
    shares = [sum(task.credit[item.id].values()) / len(task.groups_of(item)) for item in task.items]
    return sum(shares) / len(shares)


def test_a_defendable_degree_is_worth_half() -> None:
    """Four lines of six have one; of the two others, one has two right answers, and one a single."""
    task = matching("E2-A2")
    halves = [id for id, shares in task.credit.items() if 0.5 in shares.values()]
    assert halves == ["s1", "s2", "s3", "s6"]
    assert task.credit["s4"] == {"aucun": 1.0, "pseudonyme": 1.0}
    assert all(set(shares.values()) <= {0.5, 1.0} for shares in task.credit.values())


def test_keeping_the_trade_and_removing_the_children() -> None:
    """Four of ten: removing what lets one be found costs what removing private data earns."""
    right = EXERCISE["E2-A3"].task
    assert isinstance(right, Choice)
    assert right.right is not None
    assert (right.pick, len(right.options)) == (4, 10)
    kept_phone = [id for id in right.right if id != "portable"]
    assert score("E2-A3", [*kept_phone, "metier"]) == pytest.approx(0.5)
    assert score("E2-A3", [option.id for option in right.options]) == 0.0


def test_a_link_without_its_reason_earns_half() -> None:
    task = matching("E2-A7")
    both = {"lien": "atelier", "raison": "suite"}
    assert score("E2-A7", both) == 1.0
    for one in (both | {"raison": "tout"}, both | {"lien": "video"}):
        assert score("E2-A7", one) == pytest.approx((0.5 - chance(task)) / (1 - chance(task)))
    empty = result("E2-A7", both | {"lien": "video"})
    assert "compte vide éloigne" in empty.mistakes[0]


# --- bios -----------------------------------------------------------------------------------------------------------

READ = {
    "yves-qui": "p1",
    "yves-geste": "p3",
    "sara-geste": "apporter",
    "sara-gene": "rien",
    "denis-qui": "rien",
    "magali-risque": "p1",
    "magali-geste": "p3",
    "bilal-qui": "p1",
    "bilal-geste": "rien",
}


def test_reading_bios_earns_what_was_seen() -> None:
    assert score("E2-A4", READ) == 1.0
    assert score("E2-A4", READ | {"magali-geste": "p2"}) == pytest.approx(1.0, abs=0.1)
    told = result("E2-A4", READ | {"denis-qui": "p1"})
    assert 0.8 < (told.score or 0) < 1
    assert "qui parle ici" in plain(told.mistakes[0])


def test_a_bio_is_kept_whatever_its_words() -> None:
    for text in ("Joueur d’échecs lent cherche adversaire patient.", "aaaa", "La meilleure ! Achetez, cliquez."):
        found = result("E2-D3", {"role": "x", "texte": text}, **{"objectif.themes": "médiation"})
        assert (found.status, found.score) == (Status.RECORDED, 0.0)


NADIA = "médiation, inclusion"
ASSISTANT = "assistante administrative en reconversion"
GOOD = "Assistante administrative en reconversion vers la médiation numérique. Je partage mes essais et mes questions."


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        (GOOD, 1.0, 1.0),
        ("Je partage mes essais et mes questions sur la médiation et l’inclusion.", 0.55, 0.75),
        ("médiation #inclusion #numérique", 0.0, 0.3),
        (f"{GOOD} 06 39 98 12 34", 0.3, 0.5),
    ],
)
def test_a_bio_of_the_first_version_keeps_its_mark(text: str, least: float, most: float) -> None:
    old = EXERCISE.versions["E2-A4"][1]
    found = check(old, {"role": ASSISTANT, "texte": text}, {"objectif.themes": NADIA}, AT).score
    assert least <= (found or 0.0) <= most


# --- the lesson -----------------------------------------------------------------------------------------------------


def test_worked_bios_are_what_the_lesson_says_of_them() -> None:
    """Of the four bios of Nadia one gives away, and the mirror says so; of the last it has nothing to say."""
    cell = next(cell for cell in load(Step(2).lesson)["cells"] if cell["id"] == "nadia")
    bios = re.findall(r"^\| « (.+?) » \|", plain("".join(cell["source"])), re.MULTILINE)
    assert len(bios) == 4
    seen = [bool(remarks(Mirror(("texte",)), {"texte": bio})) for bio in bios]
    assert any(seen[:3])
    assert not seen[3]


def test_dated_settings_come_from_the_dated_file() -> None:
    """The table of the lesson shows a source and a date for what it says of an AI."""
    table = LESSON["L2-A6"].table
    assert table is not None
    assert len(table.rows) == 3
    assert table.columns[-1] == "Vérifié le"
    assert all(row[-1] and row[-2] for row in table.rows)
    for dated in ("3 novembre 2025", "26 janvier 2026"):
        assert any(dated in plain(cell) for row in table.rows for cell in row)
