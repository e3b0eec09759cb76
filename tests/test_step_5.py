"""Step 5's content: its figures follow from its data, its rubrics give what they announce, its traps are kept."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.activities.loading import load_activities
from reseau_kit.activities.tasks import Choice, Form, Matching, Number, Plan
from reseau_kit.answers.checks import Result, Status, check
from reseau_kit.answers.notebooks import load
from reseau_kit.network.metrics import waiting_for_answer, who_answers
from reseau_kit.network.synthetic import synthetic

ROOT = Path(__file__).parents[1]
STEP = ROOT / "exercises" / "etape-5"
COURSE = ROOT / "course"
EXERCISE = load_activities(STEP / "activites.toml")
LESSON = load_activities(COURSE / "05-partager.activites.toml")
CASES = ("nadia", "marcel", "pousses")
AT = "2026-11-22T08:00:00.000Z"


def result(id: str, value: object, case: str = "") -> Result:
    return check(EXERCISE[id], value, {"cas": case} if case else {}, AT)


def score(id: str, value: object, case: str = "") -> float:
    found = result(id, value, case).score
    assert found is not None
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


# --- figures ----------------------------------------------------------------------------------------------------------

REPLIES = [
    (row["ma_reponse_finit_par_une_question"] == "1", row["suite_recue"] == "1") for row in rows(STEP / "reponses.csv")
]


def unanswered(replies: list[tuple[bool, bool]]) -> float:
    return 100 * sum(not follow_up for _, follow_up in replies) / len(replies)


def number(task: object) -> Number:
    assert isinstance(task, Number)
    return task


def test_what_answers_of_the_small_world_allow_to_say_is_recomputed() -> None:
    """L5-A14: two shares whose margins meet, as many accounts of whom nothing is told, and who waits."""
    task = LESSON["L5-A14"].task
    assert isinstance(task, Matching)
    answering = who_answers(synthetic()).set_index("id")
    one, other = answering.loc[167], answering.loc[7]
    assert (one["name"], other["name"]) == ("Clics et Papiers de Liège, quartier de la Gare", "Hakim Gaivallon")
    assert one["share"] > other["share"]
    assert one["low"] < other["high"]
    assert [round(100 * bound) for bound in (one["low"], one["high"], other["low"], other["high"])] == [24, 76, 5, 70]
    assert [one["received"], other["received"]] == [10, 4]
    assert answering["share"].isna().sum() == 14
    (waiting,) = waiting_for_answer(synthetic()).itertuples()
    assert waiting.name == "Émile Mirepoisse"
    assert "pas d’accord" in waiting.text
    right = {item.id: next(iter(task.credit[item.id])) for item in task.items}
    assert right == {"deux": "incertain", "sans": "peu", "attend": "point"}


def test_points_are_those_announced() -> None:
    """Seven activities in this order, then two decisions, the charter, and one that does not count."""
    points = {activity.id: activity.points for activity in EXERCISE}
    assert points == {
        "E5-A1": 5, "E5-A2": 10, "E5-A3": 15, "E5-D3": 0, "E5-A4": 20, "E5-A5": 5, "E5-A6": 5, "E5-A7": 10,
        "E5-D1": 0, "E5-D2": 0, "E5-O": 30, "E5-P1": 0,
    }  # fmt: skip
    assert list(points) == list(EXERCISE.own)


def test_rate_of_unanswered_questions_is_recomputed() -> None:
    """E5-A5: the key, and each named mistake: all replies, the other share, the wrong base, the count, no question."""
    with_question = [reply for reply in REPLIES if reply[0]]
    count = sum(not follow_up for _, follow_up in with_question)
    task = number(EXERCISE["E5-A5"].task)
    assert task.value == unanswered(with_question)
    assert {mistake.value for mistake in task.mistakes} == {
        unanswered(REPLIES),
        100 - unanswered(with_question),
        100 * count / len(REPLIES),
        count,
        unanswered([reply for reply in REPLIES if not reply[0]]),
    }
    assert f"{len(with_question)} réponses sur {len(REPLIES)}" in plain(EXERCISE["E5-A5"].explanation)
    assert f"il y en a {len(with_question)}" in plain(task.mistakes[0].message)


def test_gap_between_replies_with_and_without_a_question_is_recomputed() -> None:
    """E5-P1: the difference goes against what one expects, and one reply more would change it by as much."""
    asked, said = ([reply for reply in REPLIES if reply[0] is question] for question in (True, False))
    gap = unanswered(said) - unanswered(asked)
    task = number(EXERCISE["E5-P1"].task)
    assert task.value == gap < 0
    assert [mistake.value for mistake in task.mistakes] == [
        -gap,
        100 - unanswered(asked),
        100 - unanswered(said),
        sum(follow_up for _, follow_up in asked) - sum(follow_up for _, follow_up in said),
        gap / 100,
    ]
    assert 100 / len(asked) == abs(gap)
    assert score("E5-P1", "−5") == score("E5-P1", "-5,0") == 1.0


EXCHANGES = rows(COURSE / "05-echanges.csv")


def test_rate_of_the_lesson_is_recomputed() -> None:
    """L5-A8 is read off the replies themselves: some end with a question mark."""
    shown = [row for row in EXCHANGES if row["id"] >= "e07"]
    replies = [(re.search(r"\?\W*$", row["reponse"]) is not None, row["suite"].startswith("oui")) for row in shown]
    with_question = [reply for reply in replies if reply[0]]
    count = sum(not follow_up for _, follow_up in with_question)
    task = number(LESSON["L5-A8"].task)
    assert task.value == unanswered(with_question)
    assert [mistake.value for mistake in task.mistakes] == [
        unanswered(replies),
        100 - unanswered(with_question),
        100 * count / len(replies),
        count,
    ]


def test_twenty_fictional_exchanges_are_used() -> None:
    """Fourteen in the table, each shown once, and six messages to react to."""
    shown = [row for id in ("L5-A3", "L5-A8") for row in (LESSON[id].table or pytest.fail(id)).rows]
    assert shown == [(row["personne"], row["message"], row["reponse"], row["suite"]) for row in EXCHANGES]
    received = LESSON["L5-A5"].task
    assert isinstance(received, Matching)
    assert len(shown) + len(received.items) == 20


def test_a_good_reply_may_stay_without_an_answer() -> None:
    """Or the last column would tell which replies are good."""
    task = LESSON["L5-A3"].task
    assert isinstance(task, Matching)
    found = {
        next(iter(task.credit[item.id])): {row["suite"] for row in EXCHANGES if row["personne"] in item.text}
        for item in task.items
    }
    follow_ups = {
        group: {
            row["suite"].split(",")[0]
            for item in task.items
            if group in task.credit[item.id]
            for row in EXCHANGES
            if row["personne"] in item.text
        }
        for group in found
    }
    assert follow_ups["ouvre"] == follow_ups["ferme"] == {"oui", "non"}


# --- the traps of the source texts ------------------------------------------------------------------------------------


def test_attribution_trap_needs_the_last_passage() -> None:
    """The phrase stands first under another name: only « Et il ajoute », below, says whose it is."""
    passages = (LESSON["L5-A2"].excerpt or pytest.fail("no excerpt")).paragraphs
    assert "Schaefer" in passages[0]
    assert "sans nom" in passages[1]
    assert passages[2].index("Stelzner")
    assert "Et il ajoute" in passages[3]
    assert LESSON["L5-A2"].task.right == ("stelzner",)  # type: ignore[union-attr]


def test_the_advert_is_the_passage_that_shouts() -> None:
    passages = (LESSON["L5-A7"].excerpt or pytest.fail("no excerpt")).paragraphs
    task = LESSON["L5-A7"].task
    assert isinstance(task, Matching)
    (advert,) = (f"p{place}" for place, passage in enumerate(passages, 1) if re.search(r"[A-Z]{5}", passage))
    assert task.credit["lequel"] == {advert: 1.0}


def test_quotations_are_short_and_in_the_lesson_have_a_name_before_them() -> None:
    """At most 40 words each."""
    cells = load(COURSE / "05-partager.ipynb")["cells"]
    for cell in cells:
        for quoted in re.findall(r"«\u00a0([^»]*)\u00a0»", "".join(cell["source"])):
            assert len(quoted.split()) <= 40


def test_replying_is_said_to_be_associated_never_to_cause() -> None:
    (measure,) = (
        "".join(cell["source"]) for cell in load(COURSE / "05-partager.ipynb")["cells"] if cell["id"] == "mesure"
    )
    assert "*associé à*" in measure
    assert "rien ne prouve une cause" in measure
    assert "provoque" not in measure


# --- the reply --------------------------------------------------------------------------------------------------------

REPLY = {
    "nadia": {
        "apport": "une feuille de secours avec le mot annuler",
        "texte": "La peur d’effacer, je la vois aussi au bureau. Chez nous, une feuille de secours avec le mot "
        "« annuler » reste près de l’écran. Qu’a dit cette dame en retrouvant ses photos ?",
    },
    "marcel": {
        "apport": "mes ruches sont actives surtout le matin",
        "texte": "Des bourdons, c’est bon signe ! Chez moi les ruches sont surtout actives le matin : les fleurs de "
        "courgette aussi. À quelle heure les regardez-vous ?",
    },
    "pousses": {
        "apport": "deux familles se partagent un carré",
        "texte": "Un samedi sur deux suffit : deux familles se partagent un carré et se relaient. Quel âge ont vos "
        "enfants ?",
    },
}


# --- the week ---------------------------------------------------------------------------------------------------------

PLACES = {
    "nadia": ("mastodon", "mediation"),
    "marcel": ("facebook-groupe", "abeilles"),
    "pousses": ("blog", "quartier"),
}


def week(case: str, *lines: tuple[str, int, str]) -> list[dict[str, Any]]:
    medium, theme = PLACES[case]
    return [{"jour": day, "minutes": n, "geste": what, "media": medium, "theme": theme} for day, n, what in lines]


BALANCED = (("lundi", 20, "lire"), ("mardi", 15, "publier"), ("jeudi", 15, "aider"), ("samedi", 10, "repondre"))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("lines", "expected", "said"),
    [
        (BALANCED, 1.0, ""),
        ((*BALANCED[:3], ("samedi", 10, "relayer")), 0.67, "Rien n’est prévu pour répondre"),
        (BALANCED[1:], 0.66, "Aucun moment ne sert à écouter"),
        ((BALANCED[0], *BALANCED[2:]), 1.0, ""),
        ((("lundi", 5, "lire"), ("mardi", 40, "publier"), ("jeudi", 5, "aider"), ("samedi", 5, "repondre")), 0.7,
         "Plus de la moitié du temps sert à publier"),
        (tuple(("lundi", n, what) for _, n, what in BALANCED), 0.7, "un seul jour"),
        ((*BALANCED, ("dimanche", 20, "lire")), 0.6, "80 minutes, pour un budget de 60"),
        ((*((day, 5, what) for day, _, what in BALANCED), ("dimanche", 4, "lire")), 0.8, "20 minutes sur 60"),
        ((*((day, 10, what) for day, _, what in BALANCED), ("dimanche", 20, "presenter")), 0.5, "tourné vers soi"),
        ((*((day, 10, what) for day, _, what in BALANCED), ("dimanche", 10, "presenter")), 1.0, ""),
        (tuple((day, 4, what) for day, _, what in BALANCED), 0.0, ""),
        ((("lundi", 20, "presenter"), ("mardi", 20, "inviter"), ("jeudi", 20, "annoncer")), 0.0, "tourné vers soi"),
    ],
    ids=["balanced", "no-answer", "no-listening", "no-post", "mostly-posts", "one-day", "over", "little",
         "promotion", "some-promotion", "too-short", "only-promotion"],
)  # fmt: skip
def test_week_rubric(case: str, lines: tuple[tuple[str, int, str], ...], expected: float, said: str) -> None:
    given = result("E5-A4", week(case, *lines), case)
    assert given.score == pytest.approx(expected)
    assert not said or any(said in plain(mistake) for mistake in given.mistakes)


@pytest.mark.parametrize("case", CASES)
def test_another_medium_or_subject_costs(case: str) -> None:
    """A week without a post is whole: who watches, helps and answers publishes when there is something to say."""
    good = week(case, *BALANCED)
    good[1] |= {"theme": "voyages"}
    assert score("E5-A4", good, case) == pytest.approx(0.8)
    good = week(case, *BALANCED)
    good[3] |= {"media": "youtube"}
    assert score("E5-A4", good, case) == pytest.approx(0.8)


@pytest.mark.parametrize("case", CASES)
def test_media_of_the_week_are_those_that_fit_the_case_in_step_1(case: str) -> None:
    selected = load_activities(ROOT / "exercises" / "etape-1" / "activites.toml")["E1-A5"].variants[case].task
    plan = EXERCISE["E5-A4"].variants[case].task
    assert isinstance(plan, Plan)
    assert plan.allowed["medias"] <= {id for id, fit in selected.fit.items() if fit == 1}  # type: ignore[union-attr]


def test_the_same_gestures_and_media_serve_one_s_own_week() -> None:
    """Nothing is judged there, and the media are the eight cards of step 1."""
    own, guided = EXERCISE["E5-D1"].task, EXERCISE["E5-A4"].variants["nadia"].task
    assert isinstance(own, Plan)
    assert isinstance(guided, Plan)
    assert own.gestures == guided.gestures
    assert own.media == guided.media
    cards = rows(ROOT / "exercises" / "etape-1" / "medias.csv")
    assert {(medium.id, medium.text) for medium in own.media} == {(card["id"], card["texte"]) for card in cards}
    decided = {"objectif.budget": "60", "objectif.themes": "reliure, papier", "medias": "mastodon, blog"}
    assert check(EXERCISE["E5-D1"], week("nadia", ("lundi", 10, "lire")), decided, AT).status is Status.RECORDED


def test_decisions_are_kept_for_the_charter() -> None:
    """The plan and the rule are kept under the names that the charter looks for."""
    assert EXERCISE["E5-D1"].logbook == "plan"
    assert EXERCISE["E5-D2"].logbook == "charte"
    form = EXERCISE["E5-D2"].task
    assert isinstance(form, Form)
    assert {"indicateur", "cesser", "arret", "echange"} <= {field.id for field in form.fields}
    assert EXERCISE["E5-D1"].is_decision
    assert EXERCISE["E5-D2"].is_decision


# --- conclusions and signals ------------------------------------------------------------------------------------------


def test_a_conclusion_without_its_reason_earns_a_third() -> None:
    """Two rows of four values, recentred: one right row by chance is worth little."""
    assert score("E5-A6", {"conclusion": "rien", "raison": "origine"}) == 1.0
    assert score("E5-A6", {"conclusion": "rien", "raison": "blog"}) == pytest.approx(1 / 3)
    assert score("E5-A6", {"conclusion": "confirme", "raison": "repete"}) == 0.0


def test_the_question_on_the_conclusion_does_not_give_the_rate() -> None:
    """A learner may look ahead: the rate of E5-A5 stands nowhere else on the page before the last attempt."""
    text = json.dumps([EXERCISE["E5-A6"].question, EXERCISE["E5-A6"].instructions, EXERCISE["E5-A6"].hints])
    text += "".join("".join(cell["source"]) for cell in load(STEP / "etape-5.ipynb")["cells"])
    assert not re.search(r"\b70(?!\s*points)", plain(text))


def test_taking_followers_for_a_relation_is_told_why() -> None:
    first, *_ = result("E5-A7", {"abonnes": "relation"}).mistakes
    assert "212 personnes de plus" in first
    assert "Se sont-elles adressées à vous" in first


def long_words(text: str) -> set[str]:
    return set(re.findall(r"\w{5,}", text.lower()))


def test_three_replies_keep_the_conversation_going() -> None:
    """All three take up a word of the message, and ask or offer something."""
    activity = EXERCISE["E5-A2"]
    task = activity.task
    assert isinstance(task, Choice)
    message = " ".join((activity.excerpt or pytest.fail("no excerpt")).paragraphs)
    for option in task.options:
        if option.id in (task.right or ()):
            taken_up = long_words(option.text) & long_words(message)
            assert taken_up, option.text
            assert re.search(r"\?|si vous voulez", option.text)
    assert result("E5-A2", ["merci", "article", "evident"]).score == 0.0


@pytest.mark.parametrize("case", CASES)
def test_the_message_comes_from_an_account_of_step_4(case: str) -> None:
    """What one answers was written by somebody whom the case may follow."""
    source = (EXERCISE["E5-D3"].variants[case].excerpt or pytest.fail(case)).source
    accounts = [row["texte"].split(".")[0] for row in rows(ROOT / "exercises" / "etape-4" / "profils.csv")]
    assert any(account.removeprefix("Les ") in source for account in accounts)


# --- replies ----------------------------------------------------------------------------------------------------------

READ = {
    "aicha-apport": "p1",
    "aicha-porte": "p3",
    "paul-gene": "p2",
    "paul-suite": "rien",
    "rose-apport": "rien",
    "rose-porte": "rien",
    "hugo-sujet": "soi",
}


def test_reading_replies_earns_what_was_seen() -> None:
    assert score("E5-A3", READ) == 1.0
    told = result("E5-A3", READ | {"paul-gene": "p1"})
    assert 0.8 < (told.score or 0) < 1
    assert "Un autre juge Léna" in plain(told.mistakes[0])


@pytest.mark.parametrize("case", CASES)
def test_a_reply_is_kept_whatever_its_words(case: str) -> None:
    for text in ("On commence par Ctrl+Z : faire une bêtise, l’annuler, rire. Et vous ?", "aaaa", "Vous êtes bête ?"):
        found = result("E5-D3", {"texte": text}, case)
        assert (found.status, found.score) == (Status.RECORDED, 0.0)


@pytest.mark.parametrize("case", CASES)
def test_sending_the_message_back_is_said(case: str) -> None:
    asked = EXERCISE["E5-D3"].under({"cas": case})
    assert asked is not None
    assert asked.excerpt is not None
    found = result("E5-D3", {"texte": " ".join(asked.excerpt.paragraphs)}, case)
    assert any("presque celui que vous avez lu" in plain(said) for said in found.to_do)


@pytest.mark.parametrize("case", CASES)
def test_a_reply_of_the_first_version_keeps_its_mark(case: str) -> None:
    old = EXERCISE.versions["E5-A3"][1]
    assert check(old, REPLY[case], {"cas": case}, AT).score == 1.0
    assert (check(old, {"apport": "aaaa", "texte": "aaaa"}, {"cas": case}, AT).score or 0.0) <= 0.1
