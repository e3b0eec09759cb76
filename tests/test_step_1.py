"""Step 1's content: its keys follow from its data, and its rubrics hold."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from bench.bots import AT, CASES, Step
from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import Form, Number, Selection
from reseau_kit.answers.checks import Result, Status, check

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "course"
STEP = ROOT / "exercises" / "etape-1"
EXERCISE = Step(1).activities
LESSON = Step(1).practice


def result(id: str, value: object, cas: str = "", at: str = AT) -> Result:
    return check(EXERCISE[id], value, {"cas": cas} if cas else {}, at)


def score(id: str, value: object, cas: str = "", at: str = AT) -> float:
    found = result(id, value, cas, at).score
    assert found is not None
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


# --- the keys follow from the data ----------------------------------------------------------------------------------


def test_points_are_those_announced() -> None:
    """Six activities in this order, then a text; a decision and what is optional are not graded."""
    assert Step(1).marked == {"E1-A2": 10, "E1-A3": 20, "E1-A4": 10, "E1-A5": 15, "E1-A6": 10, "E1-A7": 5}
    assert [activity.id for activity in EXERCISE if activity.points] == [*Step(1).marked, "E1-O"]


@pytest.mark.parametrize(
    ("activity", "file"),
    [(EXERCISE["E1-A6"], STEP / "journal_temps.csv"), (LESSON["L1-A5"], COURSE / "01-journal-sacha.csv")],
    ids=["E1-A6", "L1-A5"],
)
def test_shares_of_time_are_recomputed(activity: Activity, file: Path) -> None:
    """The key, and the three named mistakes: visits counted, the other share, minutes."""
    journal = rows(file)
    aimless = [int(row["minutes"]) for row in journal if row["but"] == "aucun"]
    total = sum(int(row["minutes"]) for row in journal)
    share, visits = 100 * sum(aimless) / total, 100 * len(aimless) / len(journal)
    task = activity.task
    assert isinstance(task, Number)
    assert task.value == pytest.approx(share, abs=0.05)
    assert [mistake.value for mistake in task.mistakes] == pytest.approx([visits, 100 - share, sum(aimless)], abs=0.05)
    assert f"{sum(aimless)} minutes" in plain(activity.explanation)
    assert f"{total} minutes" in plain(activity.hints[1])


def test_optional_total_is_recomputed() -> None:
    """E1-P1: the medium with most minutes without aim, and each named mistake."""
    aimless = [row for row in rows(STEP / "journal_temps.csv") if row["but"] == "aucun"]
    totals: dict[str, int] = {}
    for row in aimless:
        totals[row["media"]] = totals.get(row["media"], 0) + int(row["minutes"])
    (first, most), (second, next_most), *_ = sorted(totals.items(), key=lambda pair: -pair[1])
    activity = EXERCISE["E1-P1"]
    task = activity.task
    assert isinstance(task, Number)
    assert task.value == most
    assert activity.explanation.startswith(first)
    assert f"{second} ({next_most})" in activity.explanation
    longest = max(int(row["minutes"]) for row in aimless)
    visits = sum(row["media"] == first for row in aimless)
    expected = [sum(totals.values()), longest, totals["YouTube"], next_most, visits]
    assert [mistake.value for mistake in task.mistakes] == expected


#: A card says of each criterion what the course makes of it, in its first word.
STRENGTHS = {
    "public": ("Public", "précis"),
    "effort": ("Effort", "léger"),
    "visibilite": ("Visibilité", "ouverte"),
    "sortie": ("Sortie", "facile"),
}


@pytest.mark.parametrize("card", rows(STEP / "medias.csv"), ids=lambda card: card["id"])
def test_strengths_can_be_read_on_the_card(card: dict[str, str]) -> None:
    told = {id for id, (column, word) in STRENGTHS.items() if card[column].split(".")[0] == word}
    assert set(card["forces"].split("|")) == told


@pytest.mark.parametrize("card", rows(STEP / "medias.csv"), ids=lambda card: card["id"])
def test_cards_have_a_source_and_a_date(card: dict[str, str]) -> None:
    """A card tells no number of people: such figures date within a year."""
    assert all(source.startswith("https://") for source in card["source"].split())
    assert card["source"]
    assert date(2026, 11, 1) <= date.fromisoformat(card["verifie_le"])
    assert not re.search(r"\d|million|milliard", "".join(card[column] for column, _ in STRENGTHS.values()))


def test_eight_cards_are_offered() -> None:
    assert len(rows(STEP / "medias.csv")) == 8


# --- the rubrics ----------------------------------------------------------------------------------------------------

OBJECTIVE = {
    "lire-gens": "Karima",
    "lire-taille": "Loïc",
    "lire-soi": "Élodie",
    "lire-temps": "Aucune des trois",
    "verbe": "rencontrer",
    "public": "médiatrices et médiateurs numériques de ma région",
    "themes": "médiation, inclusion",
    "echeance": "2027-06-30",
    "compte": "ce que des personnes font\N{NO-BREAK SPACE}: réponses, visites, rendez-vous",
    "indicateur": "échanges d’au moins 20 minutes",
    "cible": "3",
    "budget": "60",
}
MARCEL = {
    "public": "les jardiniers amateurs de son canton",
    "cible": "5",
    "indicateur": "questions posées",
    "regle": "Il compte ce que des personnes font",
}


@pytest.mark.parametrize(
    ("activity", "answer"), [(EXERCISE["E1-A3"], OBJECTIVE), (LESSON["L1-A6"], MARCEL)], ids=["E1-A3", "L1-A6"]
)
def test_a_good_form_earns_everything(activity: Activity, answer: dict[str, str]) -> None:
    assert check(activity, answer, {}, AT) == Result(Status.RIGHT, 1.0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"lire-gens": "Loïc"}, 0.86),
        ({"compte": "ce que je reçois\N{NO-BREAK SPACE}: abonnés, vues, cœurs"}, 0.86),
        ({"compte": "ce que j’apprends ou trouve grâce à d’autres"}, 1.0),
        ({"verbe": "être visible"}, 0.9 * 0.6),
        ({"verbe": ""}, 0.9),
        ({"echeance": "2026-12-01"}, 0.9),
        ({"echeance": "2028-06-30"}, 0.9),
        ({"echeance": "30/06/2027"}, 1.0),
        ({"cible": "beaucoup"}, 0.95),
        ({"budget": "10"}, 0.95),
        ({"budget": "1 h"}, 0.95),
        ({"public": ""}, 0.8),
        ({"public": "tout le monde"}, 1.0),
        ({"themes": "a, b, c, d"}, 1.0),
        ({"indicateur": "abonnés"}, 1.0),
        ({"indicateur": "proprios qui embarquent"}, 1.0),
    ],
    ids=str,
)
def test_an_objective_is_marked_by_its_facts(change: dict[str, str], expected: float) -> None:
    """Choices, a date, numbers, and that there is something in each line; never which words."""
    assert score("E1-A3", OBJECTIVE | change) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verbe": "être visible"}, "ne dit pas quand vous aurez réussi"),
        ({"lire-soi": "Karima"}, "même si personne ne répond"),
        ({"themes": ""}, "Il manque vos sujets"),
        ({"budget": "600"}, "Quel temps est réaliste"),
    ],
)
def test_objective_form_tells_the_first_thing_to_mend(change: dict[str, str], said: str) -> None:
    assert said in result("E1-A3", OBJECTIVE | change).mistakes[0]


def test_date_is_judged_at_the_time_of_the_attempt() -> None:
    """Grading in a year's time does not make a good date late."""
    assert score("E1-A3", OBJECTIVE, at="2027-01-01T00:00:00Z") == 1.0
    assert score("E1-A3", OBJECTIVE, at="2028-01-01T00:00:00Z") == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("change", "expected"),
    [({}, 1.0), ({"public": "tout le monde, partout et toujours"}, 0.8), ({"indicateur": "abonnés"}, 0.8)],
    ids=str,
)
def test_an_objective_of_the_first_version_keeps_its_mark(change: dict[str, str], expected: float) -> None:
    old = EXERCISE.versions["E1-A3"][1]
    assert check(old, OBJECTIVE | change, {}, AT).score == pytest.approx(expected)


def test_every_action_verb_is_offered() -> None:
    """16 action verbs, 8 vague ones, and the list that is shown holds just those."""
    task = EXERCISE["E1-A3"].task
    assert isinstance(task, Form)
    actions = next(rule.among for _, rule in task.criteria if rule.field == "verbe")
    vague = next(penalty.rule.among for penalty in task.penalties if penalty.rule.field == "verbe")
    assert (len(actions), len(vague)) == (16, 8)
    assert sorted(actions + vague) == sorted(next(field.values for field in task.fields if field.id == "verbe"))


@pytest.mark.parametrize("case", CASES)
def test_two_media_fit_each_case(case: str) -> None:
    """A third multiplies by 0.7, and so does a criterion that is no strength of its card."""
    task = EXERCISE["E1-A5"].variants[case].task
    assert isinstance(task, Selection)
    best = [{"id": card.id, "critere": card.strengths[0]} for card in task.cards if task.fit[card.id] == 1]
    assert len(best) >= task.at_most == 2
    best = best[:2]
    mean = sum(task.fit.values()) / len(task.fit)
    assert score("E1-A5", best, case) == score("E1-A5", best[:1], case) == 1.0
    wrong = [{**best[0], "critere": "effort" if "effort" not in strengths(task, best[0]["id"]) else "sortie"}, best[1]]
    assert score("E1-A5", wrong, case) == pytest.approx(0.7)
    third = next(card for card in task.cards if task.fit[card.id] == 0.5)
    three = [*best, {"id": third.id, "critere": third.strengths[0]}]
    assert score("E1-A5", three, case) == pytest.approx(0.7 * (2.5 / 3 - mean) / (1 - mean))


def strengths(task: Selection, id: str) -> tuple[str, ...]:
    return next(card.strengths for card in task.cards if card.id == id)


def test_following_before_publishing_keeps_most_of_the_order() -> None:
    order = ["objectif", "identite", "relier", "publier", "partager"]
    given = result("E1-A7", order)
    assert given.score == pytest.approx(0.8)
    assert given.mistakes == ("Avant de suivre, donnez aux autres une raison de vous suivre.",)
    assert score("E1-A7", ["partager", "relier", "publier", "identite", "objectif"]) == 0.0
