"""Step 4's content: the worth of accounts, searches and tables follow from its data; naive strategies earn little."""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import combinations
from math import comb, log10
from pathlib import Path
from statistics import correlation

import pytest

from reseau_kit.activities.activity import Activity
from reseau_kit.activities.loading import load_activities
from reseau_kit.activities.tasks import Accounts, Form, Matching, Number, Search, Selection
from reseau_kit.answers.checks import Result, Status, check, search
from reseau_kit.explore import small_world as world_widgets
from reseau_kit.network.metrics import YES, profile

ROOT = Path(__file__).parents[1]
STEP = ROOT / "exercises" / "etape-4"
COURSE = ROOT / "course"
EXERCISE = load_activities(STEP / "activites.toml")
LESSON = load_activities(COURSE / "04-se-relier.activites.toml")
CASES = ("nadia", "marcel", "pousses")
EVERY_CASE = pytest.mark.parametrize("case", CASES)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ACCOUNTS = rows(STEP / "comptes.csv")
PROFILES = {row["id"]: row for row in rows(STEP / "profils.csv")}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def asked(id: str, case: str) -> Activity:
    question = EXERCISE[id].under({"cas": case})
    assert question is not None
    return question


def result(id: str, value: object, case: str = "") -> Result:
    return check(EXERCISE[id], value, {"cas": case} if case else {})


def score(id: str, value: object, case: str = "") -> float:
    found = result(id, value, case).score
    assert found is not None
    return found


def test_points_are_those_announced() -> None:
    marked = {activity.id: activity.points for activity in EXERCISE if activity.points}
    assert marked == {
        "E4-A1": 5, "E4-A2": 10, "E4-A3": 20, "E4-A4": 10, "E4-A5": 15, "E4-A6": 5, "E4-A7": 5, "E4-O": 30,
    }  # fmt: skip


def test_first_accounts_are_a_decision() -> None:
    """Kept in the logbook under « comptes », judged by nobody; recalls whom the learner sought in step 1."""
    decision = EXERCISE["E4-D1"]
    assert decision.is_decision
    assert decision.logbook == "comptes"
    assert decision.uses == ("objectif.public",)
    assert EXERCISE.deciding("objectif.public") is not None
    assert isinstance(decision.task, Form)
    fields = {field.id: "…" for field in decision.task.fields}
    assert check(decision, fields, {"objectif.public": "jardiniers"}) == Result(Status.RECORDED, 0.0)


# --- the network of 24 accounts -------------------------------------------------------------------------------------

#: How well a theme serves each case (0–1); a theme that is not named serves nothing. A case's own themes come first.
FIT: Mapping[str, Mapping[str, float]] = {
    "nadia": {"mediation": 1, "inclusion": 0.7, "formation": 0.25, "emploi": 0.25, "bibliotheque": 0.25},
    "marcel": {"abeilles": 1, "jardin": 1, "bibliotheque": 0.25, "formation": 0.25, "quartier": 0.25},
    "pousses": {"jardin": 1, "famille": 1, "quartier": 0.8, "inclusion": 0.25, "bibliotheque": 0.25},
}
BIRDS = {"oiseaux": 1, "photo": 0.5}


def worth(account: Mapping[str, str], fit: Mapping[str, float], also: str = "") -> float:
    """What an account is worth alone: its theme, times its activity and its replies, less its self-promotion.

    Activity is whole from 12 posts in 90 days, replies from 30 % of messages; self-promotion counts beyond 20 %.
    """
    theme = max(fit.get(theme, 0) for theme in [*account["themes"].split("|"), *also.split("|")])
    activity = min(1, float(account["publications_90j"]) / 12)
    replies = min(1, float(account["taux_reponse"]) / 0.3)
    less = max(0.0, 1 - 2 * max(0, float(account["part_autopromo"]) - 0.2))
    return round(theme * (0.4 * activity + 0.6 * replies) * less - (account["type"] == "robot"), 4)


def worths(case: str) -> dict[str, float]:
    return {row["id"]: worth(row, FIT[case], PROFILES[row["id"]]["aussi"]) for row in ACCOUNTS}


#: A circle of people who know one another is of use; an audience and robots are none.
CIRCLE = {row["id"]: "" if row["cercle"] in ("buzz", "robots") else row["cercle"] for row in ACCOUNTS}
KNOWN = {row["id"] for row in ACCOUNTS if row["deja_connu"] == "1"}
NEIGHBOUR = {row["id"] for row in ACCOUNTS if row["suivi_par_mon_contact"] == "1"}


def utility(chosen: Iterable[str], values: Mapping[str, float]) -> float:
    """Worth of the accounts, +0.4 for each of four circles and for a known face, −0.3 for each copied beyond three."""
    ids = set(chosen)
    circles = len({CIRCLE[id] for id in ids} - {""})
    copied = len(ids & NEIGHBOUR)
    alone = sum(values[id] for id in ids)
    return alone + 0.4 * min(4, circles) + 0.4 * bool(ids & KNOWN) - 0.3 * max(0, copied - 3)


@cache
def utilities(case: str) -> list[float]:
    """That of each of the 134,596 choices of six accounts."""
    values = worths(case)
    return [utility(chosen, values) for chosen in combinations(values, 6)]


def test_profiles_describe_the_accounts() -> None:
    """Each account has one bio, which tells its themes; the circles are those of the accounts."""
    said: dict[str, tuple[str, ...]] = {
        "mediation": ("médiat",), "inclusion": ("inclus", "accueillir chacun"), "formation": ("form", "stages"),
        "emploi": ("emploi",), "bibliotheque": ("biblioth",), "humour": ("humour",), "sport": ("sport",),
        "tech": ("objets connectés", "technologie"), "jardin": ("jardin", "potager", "graines"),
        "famille": ("famille",), "abeilles": ("abeille", "ruche", "rucher"), "quartier": ("quartier",),
    }  # fmt: skip
    assert list(PROFILES) == [row["id"] for row in ACCOUNTS]
    for row in ACCOUNTS:
        profile = PROFILES[row["id"]]
        for theme in filter(None, [*row["themes"].split("|"), *profile["aussi"].split("|")]):
            assert any(word in profile["bio"].lower() for word in said[theme]), (row["id"], theme)
        assert profile["cercle_utile"] == CIRCLE[row["id"]]
        assert plain(profile["taille"]).replace(" ", "") == row["abonnes"]


@EVERY_CASE
def test_worth_of_accounts_is_recomputed(case: str) -> None:
    task = asked("E4-A3", case).task
    assert isinstance(task, Accounts)
    assert task.worth == pytest.approx(worths(case))


@EVERY_CASE
def test_mean_and_best_are_those_of_all_choices(case: str) -> None:
    task = asked("E4-A3", case).task
    assert isinstance(task, Accounts)
    every = utilities(case)
    assert len(every) == comb(24, 6) == 134_596
    assert task.mean == pytest.approx(sum(every) / len(every), abs=5e-5)
    assert task.best == pytest.approx(max(every))
    assert result("E4-A3", list(task.example), case) == Result(Status.RIGHT, 1.0)


@EVERY_CASE
def test_score_is_the_share_of_the_way_to_the_best(case: str) -> None:
    """The widget's and the grader's check agrees with the formula, on choices taken all along the list."""
    values, every = worths(case), utilities(case)
    mean, best = sum(every) / len(every), max(every)
    for place, chosen in enumerate(combinations(values, 6)):
        if place % 4_999 == 0:
            expected = min(max((every[place] - mean) / (best - mean), 0), 1)
            assert score("E4-A3", list(chosen), case) == pytest.approx(expected, abs=1e-4), chosen


@EVERY_CASE
def test_few_choices_are_good(case: str) -> None:
    """Reading helps: of all choices fewer than one in ten reach half of the points, and fewer than 1 % reach 85 %."""
    every = utilities(case)
    mean, best = sum(every) / len(every), max(every)
    half, strong = (mean + share * (best - mean) for share in (0.5, 0.85))
    assert 0.02 < sum(one >= half for one in every) / len(every) < 0.10
    assert 10 <= sum(one >= strong - 1e-9 for one in every) < 0.01 * len(every)


def first(count: int, order: Iterable[str]) -> list[str]:
    return list(order)[:count]


def by(column: str) -> list[str]:
    return [row["id"] for row in sorted(ACCOUNTS, key=lambda row: -float(row[column]))]


def test_naive_strategies_earn_little() -> None:
    """For Nadia: the most followed, the most active, the neighbour's, one circle, the keyword in the list's order."""
    keyword = [id for id in PROFILES if "médiat" in PROFILES[id]["bio"].lower()]
    circle = [row["id"] for row in ACCOUNTS if row["cercle"] == "mediation"]
    assert score("E4-A3", first(6, by("abonnes")), "nadia") == 0.0
    assert score("E4-A3", first(6, by("publications_90j")), "nadia") == 0.0
    assert score("E4-A3", first(6, sorted(NEIGHBOUR)), "nadia") == pytest.approx(0.32, abs=0.01)
    assert score("E4-A3", sorted(NEIGHBOUR)[1:], "nadia") < 0.32
    assert score("E4-A3", circle, "nadia") == pytest.approx(0.32, abs=0.01)
    assert score("E4-A3", first(6, keyword), "nadia") == pytest.approx(0.55, abs=0.01)


@pytest.mark.parametrize("case", ["marcel", "pousses"])
def test_naive_strategies_earn_little_in_the_other_cases_too(case: str) -> None:
    for strategy in (by("abonnes"), by("publications_90j"), sorted(NEIGHBOUR), list(PROFILES)):
        assert score("E4-A3", first(6, strategy), case) <= 0.35, strategy


def test_a_good_reading_earns_everything_and_loses_by_one_slip() -> None:
    good = ["c01", "c02", "c07", "c09", "c11", "c14"]
    assert score("E4-A3", good, "nadia") == 1.0
    robot, idle = (["c02", "c07", "c09", "c11", "c14", other] for other in ("c21", "c03"))
    assert score("E4-A3", robot, "nadia") == pytest.approx(0.53, abs=0.01)
    assert score("E4-A3", idle, "nadia") == pytest.approx(0.88, abs=0.01)


def test_cases_call_for_different_accounts() -> None:
    examples = []
    for case in CASES:
        task = asked("E4-A3", case).task
        assert isinstance(task, Accounts)
        examples.append(set(task.example))
    assert all(len(one & other) <= 3 for one, other in combinations(examples, 2))


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (["c01", "c02", "c04", "c05", "c06", "c07"], "peu de cercles"),
        (["c04", "c06", "c07", "c09", "c11", "c14"], "Aucun visage connu"),
        (["c01", "c02", "c04", "c05", "c11", "c14"], "Plus de trois de ces comptes"),
        (["c21", "c02", "c07", "c09", "c11", "c14"], "automate"),
        (["c18", "c02", "c07", "c09", "c11", "c14"], "pas une réponse"),
        (["c01", "c02"], "Il en reste 4"),
    ],
    ids=["one circle", "nobody known", "the neighbour's", "a robot", "an audience", "too few"],
)
def test_accounts_are_told_what_they_lack(chosen: list[str], said: str) -> None:
    assert any(said in plain(mistake) for mistake in result("E4-A3", chosen, "nadia").mistakes)


@EVERY_CASE
def test_every_account_of_little_use_has_its_reason(case: str) -> None:
    task = asked("E4-A3", case).task
    assert isinstance(task, Accounts)
    assert set(task.reasons) == {id for id, value in worths(case).items() if value <= 0.5}
    assert len(set(task.reasons.values())) == len(task.reasons)


def test_a_card_shows_the_bio_as_it_was_written() -> None:
    task = asked("E4-A3", "nadia").task
    assert isinstance(task, Accounts)
    assert [(card.text, card.details[0]) for card in task.cards] == [
        (profile["texte"], profile["bio"]) for profile in PROFILES.values()
    ]


def test_a_card_does_not_say_who_is_a_robot() -> None:
    task = asked("E4-A3", "nadia").task
    assert isinstance(task, Accounts)
    for card in task.cards:
        assert not any("robot" in text.lower() or "automate" in text.lower() for text in (card.text, *card.details))


def test_popularity_says_little_of_use() -> None:
    """In this network: c09, 18th by followers, is worth most; the larger an account, the less it is of use."""
    values = {
        row["id"]: value + (row["type"] == "robot")
        for row, value in zip(ACCOUNTS, worths("nadia").values(), strict=True)
    }
    assert by("abonnes").index("c09") + 1 == 18
    assert values["c09"] == max(values.values()) == 1.0
    sizes = [log10(float(row["abonnes"])) for row in ACCOUNTS]
    assert correlation(sizes, list(values.values())) == pytest.approx(-0.53, abs=0.005)


def test_practice_team_is_recomputed() -> None:
    """L4-A6: 56 choices of three accounts, by the same rule."""
    task = LESSON["L4-A6"].task
    assert isinstance(task, Accounts)
    birds = {row["id"]: row for row in rows(COURSE / "04-oiseaux.csv")}
    values = {id: worth(row, BIRDS) for id, row in birds.items()}
    assert task.worth == pytest.approx(values)
    every: dict[tuple[str, ...], float] = {
        chosen: sum(values[id] for id in chosen)
        + 0.4 * len({birds[id]["cercle"] for id in chosen})
        + 0.4 * any(birds[id]["deja_connu"] == "1" for id in chosen)
        for chosen in combinations(birds, 3)
    }
    assert task.mean == pytest.approx(sum(every.values()) / len(every), abs=5e-5)
    assert task.best == pytest.approx(max(every.values())) == pytest.approx(every[tuple(sorted(task.example))])
    assert all(plain(row["taille"]).replace(" ", "") == row["abonnes"] for row in birds.values())


# --- searches -------------------------------------------------------------------------------------------------------

POSTS = rows(STEP / "messages.csv")
SUBJECT = {"nadia": "mediation", "marcel": "ruche", "pousses": "jardin-partage"}
PAIR = {"nadia": ["atelier", "numerique"], "marcel": ["ruche", "debutant"], "pousses": ["jardin", "quartier"]}


@EVERY_CASE
def test_posts_to_find_are_the_stories_on_the_subject(case: str) -> None:
    task = asked("E4-A5", case).task
    assert isinstance(task, Search)
    assert len(POSTS) == len(task.posts) == 60
    assert len(task.words) == 12
    assert list(task.relevant) == [
        row["id"] for row in POSTS if row["sujet"] == SUBJECT[case] and row["nature"] == "recit"
    ]
    assert len(task.relevant) == 7


@EVERY_CASE
def test_searches_are_worth_what_they_bring_back(case: str) -> None:
    """F1: two words without the two of the adverts find all, each slip costs; one word alone earns about half."""
    pair = PAIR[case]
    assert score("E4-A5", {"avec": pair, "sans": ["promo", "vente"]}, case) == 1.0
    assert score("E4-A5", {"avec": pair, "sans": ["vente"]}, case) == pytest.approx(14 / 16)
    assert score("E4-A5", {"avec": pair, "sans": []}, case) == pytest.approx(14 / 18)
    for word in pair:
        assert 0.5 < score("E4-A5", {"avec": [word], "sans": []}, case) < 0.65
    task = asked("E4-A5", case).task
    assert isinstance(task, Search)
    for other in (word.id for word in task.words if word.id not in pair):
        assert score("E4-A5", {"avec": [other], "sans": []}, case) == 0.0


@EVERY_CASE
def test_the_search_that_is_explained_finds_all(case: str) -> None:
    question = asked("E4-A5", case)
    task = question.task
    assert isinstance(task, Search)
    found = search(task, {"avec": PAIR[case], "sans": ["promo", "vente"]})
    assert {post.id for post in found} == set(task.relevant)
    named = {word.id: word.text for word in task.words}
    assert all(f"« {named[id]} »" in plain(question.explanation) for id in (*PAIR[case], "promo", "vente"))
    assert "les sept récits" in question.explanation


def test_noise_and_silence_are_told_in_figures() -> None:
    noisy = result("E4-A5", {"avec": ["atelier"], "sans": []}, "nadia")
    returned = [row for row in POSTS if "atelier" in row["texte"].lower()]
    noise = sum(row["sujet"] != "mediation" for row in returned) / len(returned)
    assert plain(noisy.mistakes[0]).startswith(f"{100 * noise:.0f} % de ce qui revient est du bruit")
    silent = result("E4-A5", {"avec": ["atelier", "numerique", "famille"], "sans": []}, "nadia")
    assert "Messages utiles trouvés : 1 sur 7" in plain(silent.mistakes[0])


def test_practice_search_finds_the_four_stories() -> None:
    activity = LESSON["L4-A7"]
    assert check(activity, {"avec": ["velo", "pluie"], "sans": ["vente"]}, {}) == Result(Status.RIGHT, 1.0)
    fewer = check(activity, {"avec": ["velo", "pluie", "trajet"], "sans": ["vente"]}, {})
    assert fewer.score == pytest.approx(2 / 3)
    assert "Récits utiles trouvés : 2 sur 4" in plain(fewer.mistakes[0])


# --- the small world ------------------------------------------------------------------------------------------------


def test_what_three_profiles_of_the_small_world_show_is_recomputed() -> None:
    """L4-A9: the key is what the tool says of each, and the tool offers each where the question says."""
    task = LESSON["L4-A9"].task
    assert isinstance(task, Matching)
    headings = {"actif": "Les plus actifs", "taille": "De même taille, 25 abonnés", "suit": "Elles et ils vous suivent"}
    offered = {name: heading for _, name, heading in world_widgets._choices()}
    for item in task.items:
        name = item.text.split(",")[0]
        assert offered[name] == headings[item.id]
        seen = profile(world_widgets.the_world(), name)
        told = " ".join(seen.warnings)
        right = {
            "programme": "un programme" in told,
            "achat": "une audience achetée" in told,
            "repond": not told and seen.clue("Échange").answer == YES,
        }
        assert task.credit[item.id] == {kind: 1.0 for kind, holds in right.items() if holds}, name


# --- tables ---------------------------------------------------------------------------------------------------------


def yes(*, known: bool, holds: bool) -> str:
    return ("oui" if holds else "non") if known else "inconnu"


def test_clues_follow_from_the_five_profiles() -> None:
    """A clue is « inconnu » where the table hides its data, otherwise what its figures say."""
    task = EXERCISE["E4-A2"].task
    assert isinstance(task, Matching)
    names = ("vis", "tilda", "eclair", "gaston", "zoom")
    for name, row in zip(names, rows(STEP / "profils_a_lire.csv"), strict=True):
        bio, posts, relays = row["Bio"].lower(), plain(row["Publications"]).replace(" ", ""), plain(row["Relais"])
        received, answered = (part.strip() for part in plain(row["Messages reçus, réponses données"]).split(","))
        counted = answered.split()[0].isdigit()
        expected = {
            "sujet": yes(known="privées" not in bio, holds="répar" in bio),
            "activite": yes(known=posts.isdigit(), holds=posts.isdigit() and int(posts) >= 13),
            "echange": yes(known=counted, holds=counted and 10 * int(answered.split()[0]) > int(received.split()[0])),
            "credit": yes(known=relays[0].isdigit(), holds="aucun nom" not in relays),
        }
        for clue, value in expected.items():
            # Who relays nothing names nobody, and could not show it either: both can be said.
            both = clue == "credit" and "aucun relais" in relays.lower()
            right = {"non": 1.0, "inconnu": 1.0} if both else {value: 1.0}
            assert task.credit[f"{name}-{clue}"] == right, (name, clue)


def test_no_single_answer_fills_the_grid() -> None:
    task = EXERCISE["E4-A2"].task
    assert isinstance(task, Matching)
    for group in task.groups:
        assert score("E4-A2", {item.id: group.id for item in task.items}) < 0.2


def test_most_followed_are_counted_from_the_network() -> None:
    """E4-A7: the key and each named mistake; the table shows the network's own figures."""
    task = EXERCISE["E4-A7"].task
    assert isinstance(task, Number)
    names = {profile["texte"]: id for id, profile in PROFILES.items()}
    shown = rows(STEP / "classement.csv")
    accounts = {row["id"]: row for row in ACCOUNTS}
    for line in shown:
        account = accounts[names[line["Compte"]]]
        assert plain(line["Abonnés"]).replace(" ", "") == account["abonnes"]
        replies = float(line["Répond à (% des messages)"])
        assert replies == pytest.approx(100 * float(account["taux_reponse"]))
    assert len(shown) == len(ACCOUNTS)
    rates = {row["id"]: float(row["taux_reponse"]) for row in ACCOUNTS}
    six = by("abonnes")[:6]
    assert task.value == sum(rates[id] <= 0.1 for id in six)
    counts = [
        sum(rates[id] > 0.1 for id in six),
        sum(rate <= 0.1 for rate in rates.values()),
        sum(rates[id] == 0 for id in six),
        sum(rate > 0.1 for rate in rates.values()),
    ]
    assert [mistake.value for mistake in task.mistakes] == counts
    assert max(rates[id] for id in six) == 0.01
    assert min(float(accounts[id]["abonnes"]) for id in six) > 10_000


def test_correlations_are_recomputed() -> None:
    """E4-P1: the key, and each named mistake: the sign, no logarithm, another column."""
    task = EXERCISE["E4-P1"].task
    assert isinstance(task, Number)
    columns = {name: [float(row[name]) for row in ACCOUNTS]
               for name in ("abonnes", "taux_reponse", "publications_90j", "part_autopromo")}  # fmt: skip
    size = [log10(number) for number in columns["abonnes"]]
    key = correlation(size, columns["taux_reponse"])
    assert task.value == pytest.approx(key, abs=0.005)
    assert [mistake.value for mistake in task.mistakes] == pytest.approx(
        [
            -key,
            correlation(columns["abonnes"], columns["taux_reponse"]),
            correlation(size, columns["publications_90j"]),
            correlation(size, columns["part_autopromo"]),
        ],
        abs=0.005,
    )


def test_four_accounts_to_leave_for_four_reasons() -> None:
    """E4-A6: a reason that the card does not show costs; disagreement and a small size are no reasons to leave."""
    task = EXERCISE["E4-A6"].task
    assert isinstance(task, Selection)
    leaving = {card.id: card.strengths for card in task.cards if task.fit[card.id] == 1}
    assert len(task.cards) == 12
    assert sorted(leaving.values()) == [("automate",), ("hors-sujet",), ("muet",), ("ventes",)]
    right = [{"id": id, "critere": strengths[0]} for id, strengths in leaving.items()]
    assert score("E4-A6", right) == 1.0
    assert score("E4-A6", [*right[:3], right[3] | {"critere": "avis"}]) == pytest.approx(0.7)
    disagreeing = [*right[:3], {"id": "critique", "critere": "avis"}]
    assert score("E4-A6", disagreeing) == pytest.approx((0.75 - 1 / 3) / (2 / 3))
    assert any("pas d’accord" in mistake for mistake in result("E4-A6", disagreeing).mistakes)
    assert score("E4-A6", right[:1]) == 0.0
