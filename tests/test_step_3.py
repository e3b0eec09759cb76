"""Step 3's content: its keys follow from its data, and a relay earns what was said of it before it was scored."""

import csv
import re
from itertools import pairwise, permutations
from pathlib import Path

import pytest

from bench.bots import AT, CASES, Step
from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import Choice, Matching, Number, Ordering
from reseau_kit.answers.checks import Result, Status, check
from reseau_kit.answers.feedback import answer_sentence
from reseau_kit.answers.notebooks import load

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "course"
STEP = ROOT / "exercises" / "etape-3"
EXERCISE = Step(3).activities
LESSON = Step(3).practice
#: How long the two accounts were watched.
DAYS = 84

EVERY_CASE = pytest.mark.parametrize("case", CASES)


def activity(id: str) -> Activity:
    return (EXERCISE if id.startswith("E") else LESSON)[id]


def result(id: str, value: object, case: str = "") -> Result:
    return check(activity(id), value, {"cas": case} if case else {}, AT)


def score(id: str, value: object, case: str = "") -> float:
    found = result(id, value, case).score
    assert found is not None
    return found


def in_case(id: str, case: str) -> Activity:
    asked = activity(id).under({"cas": case})
    assert asked is not None
    return asked


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def lesson_prose() -> str:
    return plain("".join("".join(cell["source"]) for cell in load(Step(3).lesson)["cells"]))


def number(id: str) -> Number:
    task = activity(id).task
    assert isinstance(task, Number)
    return task


# --- the keys follow from the data ------------------------------------------------------------------------------------


def test_points_are_those_announced() -> None:
    """Seven activities and a relay in this order, then a text; decisions and what is optional are not graded."""
    marked = {"E3-A1": 5, "E3-A2": 10, "E3-A3": 10, "E3-A4": 20, "E3-A5": 10, "E3-A6": 10, "E3-A7": 5}
    assert Step(3).marked == marked
    order = [*list(marked)[:4], "E3-D2", *list(marked)[4:], "E3-D1", "E3-O", "E3-P1"]
    assert list(EXERCISE.own) == order


def days_of(account: str) -> list[int]:
    return sorted({int(row["jour"]) for row in rows(STEP / "publications.csv") if row["compte"] == account})


def longest_silence(account: str) -> int:
    return max(after - before for before, after in pairwise([*days_of(account), DAYS]))


def test_longest_silence_is_recomputed() -> None:
    """And each named mistake: days of activity, the other account, the whole period, posts, a gap of one day."""
    task = number("E3-A6")
    assert task.value == longest_silence("sprint")
    posts = [row for row in rows(STEP / "publications.csv") if row["compte"] == "sprint"]
    named = [len(days_of("sprint")), longest_silence("régulier"), DAYS, len(posts), 1]
    assert [mistake.value for mistake in task.mistakes] == named
    assert [mistake.share for mistake in task.mistakes] == [0.5, 0.5, 0, 0, 0]
    assert f"84 − {days_of('sprint')[-1]} = {task.value:g}" in plain(EXERCISE["E3-A6"].explanation)


def test_both_accounts_published_as_often() -> None:
    """What the text says of them: twelve posts each."""
    counted = [row["compte"] for row in rows(STEP / "publications.csv")]
    assert counted.count("régulier") == counted.count("sprint") == 12


def test_active_weeks_are_recomputed() -> None:
    accounts = {"regulier": "régulier", "sprint": "sprint"}
    weeks = {id: str(len({(day - 1) // 7 for day in days_of(account)})) for id, account in accounts.items()}
    assert score("E3-P1", weeks) == 1.0
    assert score("E3-P1", weeks | {"sprint": str(len(days_of("sprint")))}) == 0.5


def test_weeks_without_a_post_are_recomputed() -> None:
    """The lesson's small table: six weeks, and the number of posts as a named mistake."""
    calendar = rows(COURSE / "03-calendrier-lila.csv")
    empty = sorted({*range(1, 7)} - {int(row["semaine"]) for row in calendar})
    task = number("L3-A6")
    assert task.value == len(empty)
    assert task.mistakes[0].value == len(calendar)
    assert f"les semaines {empty[0]}, {empty[1]} et {empty[2]}" in LESSON["L3-A6"].explanation


def test_the_draft_is_checked_against_its_source() -> None:
    """What the source says stands in both; what it does not say stands in the draft only."""
    asked = activity("L3-A5")
    assert asked.excerpt is not None
    source, draft = plain(" ".join(asked.excerpt.paragraphs)).split("Le brouillon")
    for said in ("mercredi 4 mars", "graines à l’automne", "Lucie Abadie"):
        assert said in source
        assert said in draft
    for added in ("250", "ingénieure agronome", "autant de sachets"):
        assert added not in source
        assert added in draft
    task = activity("L3-A5").task
    assert isinstance(task, Matching)
    right = {id: max(groups, key=lambda group: groups[group]) for id, groups in task.credit.items()}
    expected = {"date": "oui", "varietes": "absent", "sachets": "contraire", "retour": "oui", "metier": "absent"}
    assert right == expected


def test_numbers_of_the_lesson_hold() -> None:
    prose = lesson_prose()
    assert "400 ÷ 6 ≈ 67" in prose
    assert round(400 / 6) == 67
    assert 1 < 67 / 52 < 1.5  # « un peu plus d’un par semaine »


# --- the first three posts ------------------------------------------------------------------------------------------


@EVERY_CASE
def test_selling_and_routine_cost_what_a_good_post_earns(case: str) -> None:
    """Two good posts and one that is not are worth a third; each that is not says why in its own words."""
    task = in_case("E3-A3", case).task
    assert isinstance(task, Choice)
    assert task.right is not None
    wrong = [option for option in task.options if option.id not in task.right]
    assert (len(task.right), len(wrong)) == (3, 5)
    for option in wrong:
        given = result("E3-A3", [*task.right[:2], option.id], case)
        assert given.score == pytest.approx(1 / 3)
        assert option.reason in given.mistakes[0]
    assert len({option.reason for option in wrong}) == len(wrong)


# --- the order of the gestures --------------------------------------------------------------------------------------


def test_every_order_without_inversion_is_right() -> None:
    """One of them is told at last. Each constraint that is broken takes two fifths away, and says why."""
    task = EXERCISE["E3-A5"].task
    assert isinstance(task, Ordering)
    gestures = [item.id for item in task.items]
    right = [list(order) for order in permutations(gestures) if score("E3-A5", list(order)) == 1.0]
    kept = [
        order
        for order in map(list, permutations(gestures))
        if all(order.index(before) < order.index(after) for before, after in task.before)
    ]
    assert len(task.before) == 5
    assert right == kept
    texts = {item.text: item.id for item in task.items}
    shown = answer_sentence(activity("E3-A5"))
    assert plain(shown).startswith("Un ordre possible : ")
    assert score("E3-A5", [texts[text] for text in re.findall("«\u00a0(.+?)\u00a0»", shown)]) == 1.0
    late = ["verifier", "angle", "ecrire", "decrire", "relire", "crediter"]
    given = result("E3-A5", late)
    assert given.score == pytest.approx(0.6)
    assert "après, le mal est fait" in given.mistakes[0]


def test_a_gesture_without_its_reason_earns_less_than_half() -> None:
    assert score("E3-A7", {"geste": "adapter", "raison": "public"}) == 1.0
    assert score("E3-A7", {"geste": "adapter", "raison": "temps"}) < 0.5
    assert score("E3-A7", {"geste": "copier", "raison": "temps"}) == 0.0


# --- the relay --------------------------------------------------------------------------------------------------------


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_three_posts_are_kept_and_not_judged() -> None:
    """The form of the first three posts is a decision: any answer is recorded, under its name in the logbook."""
    decision = EXERCISE["E3-D1"]
    assert decision.is_decision
    assert decision.logbook == "publications"
    assert (
        check(decision, {"idee1": "une question"}, {"objectif.themes": "abeilles, jardin"}, AT).status
        is Status.RECORDED
    )


def test_the_image_without_accents_is_told_without_its_text() -> None:
    """Myths three to five are not in the source: nothing is said of them."""
    prose = lesson_prose()
    assert "seuls les deux premiers mythes ont été lus" in prose
    assert not re.search(r"(?:troisième|quatrième|cinquième) mythe|mythe n° ?[345]", prose)


# --- relays -----------------------------------------------------------------------------------------------------------

READ = {
    "omar-credit": "p1",
    "omar-voix": "p2",
    "leonie-credit": "rien",
    "leonie-manque": "licence",
    "marc-invente": "p2",
    "solveig-sujet": "soi",
    "solveig-credit": "rien",
    "image": "mains",
}


def test_reading_relays_earns_what_was_seen() -> None:
    assert score("E3-A4", READ) == 1.0
    told = result("E3-A4", READ | {"marc-invente": "p1"})
    assert 0.8 < (told.score or 0) < 1
    assert "bien ceux de la ressource" in plain(told.mistakes[0])


def test_the_invented_fact_is_not_in_the_resource() -> None:
    """And the rest of that relay is: its number, its author, its site and its licence."""
    asked = activity("E3-A4")
    assert isinstance(asked.task, Matching)
    assert asked.excerpt is not None
    said = plain(" ".join(asked.excerpt.paragraphs))
    (marc,) = (text for text in asked.task.texts if text.id == "marc")
    assert "deux cents" in marc.pieces[1]
    assert "deux cents" not in said
    for word in ("Sept gestes".lower(), "Irène Sabatier", "L’Établi commun", "CC BY"):
        assert word in said
        assert word.lower() in marc.pieces[0].lower()


KEPT = (
    "Samira Belkacem (Le Guichet ouvert, CC BY) propose dix phrases pour accompagner une démarche. "
    "J’ai essayé la première ce matin, et c’était bien."
)
ALT = "Une femme tient la souris pendant qu’un homme, à côté, lui parle sans toucher l’ordinateur."


@EVERY_CASE
def test_a_relay_is_kept_whatever_its_words(case: str) -> None:
    for text in ("Ben contente de cte trouvaille-la !", "aaaa", "Abonnez-vous à ma page, achetez mon livre."):
        found = result("E3-D2", {"texte": text, "alt": ALT}, case)
        assert (found.status, found.score) == (Status.RECORDED, 0.0)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        (KEPT, 1.0, 1.0),
        ("Une fiche pour accompagner une démarche, et je l’ai aimée.", 0.3, 0.5),
        ("Abonnez-vous à ma page et achetez mon livre !", 0.0, 0.3),
    ],
)
def test_a_relay_of_the_first_version_keeps_its_mark(text: str, least: float, most: float) -> None:
    old = EXERCISE.versions["E3-A4"][1]
    found = check(old, {"texte": text, "alt": ALT}, {"cas": "nadia"}, AT).score
    assert least <= (found or 0.0) <= most
