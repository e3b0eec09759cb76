"""Each kind of question: what it earns, what chance earns, and what an author is told."""

import json
import random
import re
from itertools import permutations, product
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.activities.activity import Activities, ActivityFaults
from reseau_kit.activities.loading import pack, unpack, withhold
from reseau_kit.answers.checks import Status, check
from reseau_kit.answers.feedback import answer_sentence, answer_text, of_attempt
from reseau_kit.answers.journal import Event
from reseau_kit.answers.marks import mark
from reseau_kit.french.comparing import simplified
from small_questions import AT, COMMON, FORM, MATCHING, ORDERING, SELECTION, TEXT, attempts, load


@pytest.fixture
def activities(tmp_path: Path) -> Activities:
    return load(tmp_path, MATCHING + ORDERING + FORM + SELECTION)


def score(activities: Activities, id: str, value: Any) -> float:
    result = check(activities[id], value, {}, AT)
    assert result.score is not None, result
    return result.score


# --- what answers earn ------------------------------------------------------------------------------------------------


def test_matching_earns_all_or_its_share(activities: Activities) -> None:
    right = {"carte": "contact", "diner": "lien", "abonnes": "audience"}
    assert check(activities["M"], right, {}, AT).status is Status.RIGHT
    assert 0 < score(activities, "M", right | {"abonnes": "contact"}) < 1
    assert score(activities, "M", dict.fromkeys(right, "lien")) == 0.0


def test_matching_at_random_earns_nothing_on_average_before_the_floor(activities: Activities) -> None:
    """All 27 answers: those above chance are balanced by those below, which count as 0."""
    groups = ("contact", "lien", "audience")
    scores = [
        score(activities, "M", dict(zip(("carte", "diner", "abonnes"), placed, strict=True)))
        for placed in product(groups, repeat=3)
    ]
    assert sum(scores) / len(scores) < 0.25


def test_a_wrong_place_is_told_why(activities: Activities) -> None:
    told = check(activities["M"], {"carte": "lien", "abonnes": "lien"}, {}, AT).mistakes
    assert "n’est pas encore un lien" in told[0]
    assert "se sont-ils adressés à vous" in told[1]
    assert "Il reste 1 ligne à remplir." in told[2]


@pytest.mark.parametrize(
    ("order", "earned"), [("abcde", 1.0), ("bacde", 0.8), ("edcba", 0.0), ("abced", 0.8), ("eabcd", 0.2)]
)
def test_ordering_counts_pairs_recentred(activities: Activities, order: str, earned: float) -> None:
    assert score(activities, "O", list(order)) == pytest.approx(earned)


def test_every_wrong_order_is_told_an_inversion(activities: Activities) -> None:
    for order in permutations("abcde"):
        result = check(activities["O"], list(order), {}, AT)
        assert (result.status is Status.RIGHT) == (order == tuple("abcde"))
        assert bool(result.mistakes) == (order != tuple("abcde"))


def test_a_form_adds_what_is_good_and_multiplies_by_its_faults(activities: Activities) -> None:
    good = {"verbe": "Écouter", "public": "des jardiniers de ma ville", "date": "2027-01-15", "budget": "60"}
    assert score(activities, "F", good) == 1.0
    assert score(activities, "F", good | {"verbe": "être visible"}) == pytest.approx(0.6)
    assert score(activities, "F", good | {"public": "Tout le monde"}) == pytest.approx(0.6)
    assert score(activities, "F", good | {"budget": "5"}) == pytest.approx(0.8)
    assert score(activities, "F", good | {"budget": ""}) == 1.0
    assert score(activities, "F", dict.fromkeys(good, "aaaa")) == 0.0


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("2026-12-06", True),
        ("2026-12-05", False),
        ("2027-11-23", True),
        ("2027-11-24", False),
        ("6/12/2026", True),
        ("2020-01-01", False),
        ("bientôt", False),
        ("2027-02-31", False),
    ],
)
def test_a_date_is_judged_from_the_answer_s_own_time(activities: Activities, day: str, *, held: bool) -> None:
    """Not from the day of grading: an answer never turns wrong by waiting."""
    assert score(activities, "F", {"date": day}) == pytest.approx(0.2 if held else 0.0)


@pytest.mark.parametrize(
    ("chosen", "earned"),
    [
        ([("a", "public")], 1.0),
        ([("a", "public"), ("b", "public")], 0.6),
        ([("b", "public")], 0.2),
        ([("c", "public")], 0.0),
        ([("b", "sortie")], 0.14),
        ([("b", "")], 0.14),
        ([("a", "public"), ("b", "public"), ("c", "public"), ("d", "sortie")], 0.0),
    ],
)
def test_a_selection_is_worth_its_fit_above_chance(
    activities: Activities, chosen: list[tuple[str, str]], earned: float
) -> None:
    value = [{"id": id, "critere": criterion} for id, criterion in chosen]
    assert score(activities, "S", value) == pytest.approx(earned)


@pytest.mark.parametrize("id", ["M", "O", "F", "S"])
@pytest.mark.parametrize(
    "value",
    [None, "", "x", 3, [], {}, [None], [[]], {"x": 1}, {"a": {"b": []}}, [{"id": 1}], ["a", "a"]],
    ids=range(12),
)
def test_what_cannot_be_read_is_no_attempt_and_breaks_nothing(activities: Activities, id: str, value: Any) -> None:
    assert check(activities[id], value, {}, AT).status is Status.UNREADABLE
    assert isinstance(answer_text(activities[id], value), str)


def test_an_order_of_numbers_is_no_order_of_ids(tmp_path: Path) -> None:
    """Ids that look like numbers are still texts: the numbers themselves say nothing, and are no failure of ours."""
    numbered = load(tmp_path, re.sub('"([a-e])"', lambda id: f'"{ord(id[1]) - 96}"', ORDERING))
    assert check(numbered["O"], list("12345"), {}, AT).status is Status.RIGHT
    assert check(numbered["O"], [1, 2, 3, 4, 5], {}, AT).status is Status.UNREADABLE


def test_random_json_never_fails_a_check(activities: Activities) -> None:
    rng = random.Random(1)
    atoms: list[Any] = [None, True, 3, -1.5, "", "a", "carte", "lien", "verbe", "2027-01-01", "x" * 300]

    def value(depth: int) -> Any:
        if depth == 0 or rng.random() < 0.3:
            return rng.choice(atoms)
        if rng.random() < 0.5:
            return [value(depth - 1) for _ in range(rng.randrange(5))]
        keys = ("id", "critere", "carte", "verbe", "public", "date", "budget", "abonnes")
        return {rng.choice(keys): value(depth - 1) for _ in range(rng.randrange(5))}

    for _ in range(2000):
        answer = value(3)
        for activity in activities:
            assert check(activity, answer, {}, AT).status is not Status.FAILED, (activity.id, answer)
            answer_text(activity, answer)


def test_the_same_form_written_otherwise_is_not_a_new_attempt(activities: Activities) -> None:
    values = [{"verbe": "Rencontrer"}, {"verbe": " rencontrer "}, {"verbe": "écouter"}]
    events = [Event(f"{n:08x}", "0" * 8, n, "F", 1, "attempt", value, AT) for n, value in enumerate(values, 1)]
    assert mark(activities, "F", events).used == 2


def test_answers_are_told_in_words(activities: Activities) -> None:
    assert "« Une carte échangée », Un contact" in answer_sentence(activities["M"]).replace("\u00a0", " ")
    assert (
        answer_sentence(activities["O"]).replace("\u00a0", " ").startswith("La réponse : « Geste a », puis « Geste b »")
    )
    assert "Média a" in answer_sentence(activities["S"])
    assert answer_sentence(activities["F"]) == ""
    assert answer_text(activities["S"], [{"id": "a", "critere": "sortie"}]) == "Média a (Sortie)"
    assert answer_text(activities["M"], {"carte": "lien"}) == "Une carte échangée → Un lien"


def test_cards_come_from_a_data_file_with_their_date(activities: Activities) -> None:
    card = activities["S"].task.cards[0]  # type: ignore[union-attr]
    assert [detail.replace("\u00a0", " ") for detail in card.details] == [
        "Effort : Faible",
        "Vérifié le 2 novembre 2026",
    ]


# --- French -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Élève", "eleve"),
        ("l’été", "l'ete"),
        ("œuvre", "OEUVRE"),
        ("à\u00a0la  fin", "a la fin"),
        ("e\u0301t\u00e9", "été"),
    ],
)
def test_two_french_spellings_of_one_text_are_the_same(one: str, other: str) -> None:
    assert simplified(one) == simplified(other)


@pytest.mark.parametrize(
    ("strict", "one", "other"),
    [
        ("casse", "Paris", "paris"),
        ("accents", "pêche", "peche"),
        ("apostrophes", "l’an", "l'an"),
        ("espaces", "a  b", "a b"),
    ],
)
def test_each_tolerance_can_be_switched_off(strict: str, one: str, other: str) -> None:
    assert simplified(one) == simplified(other)
    assert simplified(one, strict={strict}) != simplified(other, strict={strict})


# --- what authors are told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "change", "says"),
    [
        (
            MATCHING,
            ('classe = "contact"', 'classe = "contacte"'),
            '"contacte" n’existe pas («\u00a0contact\u00a0»\u00a0?)',
        ),
        (MATCHING, ("accepte = { audience = 1, contact", "accepte = { audience = 0.9, contact"), "tout à fait juste"),
        (MATCHING, ("contact = 0.5", "contact = 2"), "un nombre de 0 à 1"),
        (MATCHING, ('entre = ["contact", "lien"]', 'entre = ["contact", "contact"]'), "il faut deux classes"),
        (
            ORDERING,
            ('corrige = ["a", "b", "c", "d", "e"]', 'corrige = ["a", "b", "c", "d"]'),
            "chaque élément une fois",
        ),
        (ORDERING, ('corrige = ["a", "b", "c", "d", "e"]', 'corrige = ["e", "c", "a", "d", "b"]'), "mélangez-les"),
        (ORDERING, ('avant = "a"', 'avant = "z"'), '"z" n’existe pas'),
        (FORM, ("part = 20", "part = 30"), "font 110"),
        (FORM, ('champ = "date"', 'champ = "dates"'), '"dates" n’existe pas («\u00a0date\u00a0»\u00a0?)'),
        (FORM, ("mots = [4, 20]\n", ""), "est rempli par un champ vide"),
        (FORM, ("jours = [14, 366]", "jours = [366, 14]"), "un minimum et un maximum"),
        (FORM, ("facteur = 0.8", "facteur = 1.2"), "n’enlève rien"),
        (FORM, ('saisie = "date"', 'saisie = "datte"'), "n’existe pas («\u00a0date\u00a0»\u00a0?)"),
        (SELECTION, ("a = 1,", "a = 0.9,"), "aucune carte ne convient tout à fait"),
        (SELECTION, ('c = "Pas ici.", ', ""), 'la carte "c" ne convient pas'),
        (SELECTION, ('c = "Pas ici."', 'c = "Presque."'), "ont la même raison"),
        (SELECTION, ('"medias.csv"', '"media.csv"'), "n’existe pas («\u00a0medias.csv\u00a0»\u00a0?)"),
    ],
    ids=range(17),
)
def test_an_author_is_told_what_is_amiss(tmp_path: Path, text: str, change: tuple[str, str], says: str) -> None:
    assert change[0] in text
    with pytest.raises(ActivityFaults) as caught:
        load(tmp_path, text.replace(*change, 1))
    assert says in str(caught.value)


# --- open texts, and feedback that comes after ------------------------------------------------------------------------

CHOICE = f"""
[[activite]]
id = "C"
genre = "choix"
{COMMON}
choisir = 1
corrige = ["oui"]
[[activite.option]]
id = "oui"
texte = "Oui, bien sûr"
[[activite.option]]
id = "non"
texte = "Non, jamais"
raison = "Le secret du choix."
[[activite.option]]
id = "peut-etre"
texte = "Peut-être un jour"
raison = "Le secret du doute."
"""

NUMBER = f"""
[[activite]]
id = "N"
genre = "nombre"
{COMMON}
valeur = 4242
[[activite.erreur]]
nom = "double"
valeur = 8484
message = "Vous avez doublé."
"""

RIGHT: dict[str, Any] = {
    "M": {"carte": "contact", "diner": "lien", "abonnes": "audience"},
    "O": list("abcde"),
    "F": {"verbe": "écouter", "public": "des jardiniers de ma ville", "date": "2027-01-15"},
    "S": [{"id": "a", "critere": "public"}],
    "C": ["oui"],
    "N": 4242,
}
WRONG: dict[str, Any] = {
    "M": {"carte": "lien"},
    "O": list("edcba"),
    "F": {"verbe": "aaaa"},
    "S": [{"id": "c", "critere": "public"}],
    "C": ["non"],
    "N": 7,
}


@pytest.fixture
def after(tmp_path: Path) -> Activities:
    every = MATCHING + ORDERING + FORM + SELECTION + CHOICE + NUMBER + TEXT
    return load(tmp_path, 'retour = "apres"\n' + every)


def test_a_text_is_recorded_and_nobody_s_machine_marks_it(tmp_path: Path) -> None:
    activities = load(tmp_path, TEXT)
    assert mark(activities, "T", attempts("T", {"texte": "Parce que…"})).status is Status.RECORDED
    assert mark(activities, "T", attempts("T", {"texte": "  "})).status is Status.NOT_ATTEMPTED
    assert answer_text(activities["T"], {"texte": "Bonjour <b>"}) == "Bonjour <b>"


def test_what_learners_get_before_a_later_feedback_holds_no_key_and_no_feedback(after: Activities) -> None:
    """Every word that tells what is right, or why something is not, is gone; every question is there."""
    released = withhold(after)
    text = json.dumps(released.document, ensure_ascii=False)
    secrets = (
        "Parce que.|Un.|n’est pas encore un lien|puis b|Qui d’abord|sauf|Presque.|Relisez la fiche|Le secret du|4242"
    )
    for secret in [*secrets.split("|"), "8484", "doublé", "accepte", "convient", "forces"]:
        assert secret not in text, secret
    for shown in "Une carte échangée|Geste a|Public|Média a|Oui, bien sûr|Pourquoi serez-vous|Exemplaire".split("|"):
        assert shown in text, shown
    assert unpack(pack(released)).versions == released.versions


@pytest.mark.parametrize("id", sorted(RIGHT))
def test_without_the_key_an_answer_is_recorded_and_not_judged(after: Activities, id: str) -> None:
    released = withhold(after)
    for value in (RIGHT[id], WRONG[id]):
        now = mark(released, id, attempts(id, value))
        assert (now.status, now.score) == (Status.RECORDED, 0.0)
        said = of_attempt(released[id], now, now.attempts[-1].result)
        assert "le retour viendra ensuite" in " ".join(said.paragraphs)


@pytest.mark.parametrize("id", sorted(RIGHT))
def test_with_the_key_the_last_validated_answer_counts(after: Activities, id: str) -> None:
    assert mark(after, id, attempts(id, WRONG[id], RIGHT[id])).score == 1.0
    assert mark(after, id, attempts(id, RIGHT[id], WRONG[id])).score == 0.0
    assert mark(after, id, attempts(id, RIGHT[id], WRONG[id], RIGHT[id])).score == 1.0
