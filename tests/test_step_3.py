"""Step 3's content: its keys follow from its data, and a relay earns what was said of it before it was scored."""

import csv
import re
from itertools import pairwise, permutations
from pathlib import Path

import pytest

from bench.bots import AT, CASES, Step
from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import Choice, Form, Matching, Number, Ordering
from reseau_kit.answers.checks import Result, Status, check
from reseau_kit.answers.feedback import answer_sentence
from reseau_kit.answers.notebooks import load
from reseau_kit.french.comparing import simplified

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


def relay(case: str) -> Form:
    task = in_case("E3-A4", case).task
    assert isinstance(task, Form)
    return task


def excerpt(asked: Activity) -> str:
    assert asked.excerpt is not None
    return plain("\n\n".join(asked.excerpt.paragraphs))


# --- the keys follow from the data ------------------------------------------------------------------------------------


def test_points_are_those_announced() -> None:
    """Seven activities in this order, then a text; a decision and what is optional are not graded."""
    marked = {"E3-A1": 5, "E3-A2": 10, "E3-A3": 10, "E3-A4": 20, "E3-A5": 10, "E3-A6": 10, "E3-A7": 5}
    assert Step(3).marked == marked
    assert list(EXERCISE.own) == [*marked, "E3-D1", "E3-O", "E3-P1"]


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
    source, draft = excerpt(activity("L3-A5")).split("Le brouillon")
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

ALT = "Une femme tient la souris pendant qu’un homme, à côté, lui parle sans toucher l’ordinateur."
TITLE = "Aider sans faire à la place : dix phrases pour accompagner une démarche en ligne"
GOOD = (
    "Samira Belkacem (Le Guichet ouvert, CC BY) propose dix phrases pour accompagner une démarche. "
    "J’ai essayé la première ce matin, et c’est long de se taire."
)

#: A text, its image's alternative, and the band in which its score has to fall, written before it was scored.
RELAYS = {
    "aaaa": ("aaaa", "aaaa", 0, 0),
    "nothing but signs": ("?", "?", 0, 0),
    "title": (TITLE, "", 0, 0.25),
    "title twice": (TITLE, TITLE, 0, 0.25),
    "title and author": (f"« {TITLE} », par Samira Belkacem, sur Le Guichet ouvert.", "", 0.2, 0.5),
    "keywords": (
        "médiation, inclusion, numérique, Samira Belkacem, Le Guichet ouvert, démarche, atelier ?",
        "femme, homme, ordinateur, souris",
        0,
        0.49,
    ),
    "hashtags": ("#médiation #inclusion #numérique #aide #belkacem", "", 0, 0.3),
    "advert": (
        "Abonnez-vous à mon compte ! Je suis la meilleure médiatrice numérique de la région, réservez vite.",
        "Moi devant un ordinateur avec une personne que j’aide",
        0,
        0,
    ),
    "prices": (
        "Contactez-moi pour mes ateliers de médiation : mes tarifs sont doux et je me déplace partout.",
        "Une affiche avec mon nom et une femme qui sourit",
        0,
        0,
    ),
    "boast": (
        "Je suis médiatrice numérique et mon travail est formidable, venez me voir pour vos démarches !",
        "Une femme souriante devant un ordinateur dans mon bureau.",
        0,
        0,
    ),
    "no author": (
        "J’ai essayé une fiche pour accompagner une démarche en ligne : se taire dix secondes. Vous l’avez tenté ?",
        ALT,
        0.4,
        0.5,
    ),
    "no voice": (
        "Samira Belkacem publie sur Le Guichet ouvert dix phrases pour accompagner une démarche en ligne.",
        ALT,
        0.7,
        0.8,
    ),
    "another subject": (
        "Samira Belkacem a de belles phrases, et je trouve que le soleil brille sur ma terrasse.",
        "Un coucher de soleil sur la mer, vu depuis ma terrasse.",
        0.3,
        0.6,
    ),
    "no alternative": (GOOD, "Image", 0.6, 0.8),
    "image of": (GOOD, "Image d’une femme qui tient la souris et d’un homme qui lui parle.", 0.85, 0.95),
    "four hashtags": (f"{GOOD} #médiation #inclusion #aidants #permanence", ALT, 0.75, 0.85),
    "phone number": (f"{GOOD} Appelez-moi au 06 12 34 56 78 !", ALT, 0.4, 0.6),
    "far too long": (f"{GOOD} " * 4, ALT, 0.5, 0.7),
    "experience": (GOOD, ALT, 0.85, 1),
    "question": (
        (
            "À lire sur Le Guichet ouvert : comment accompagner sans faire à la place. "
            "Et vous, que dites-vous quand une personne bloque ?"
        ),
        "Deux personnes : l’une tient la souris, l’autre l’aide seulement en lui parlant.",
        0.85,
        1,
    ),
    "opinion": (
        (
            "Dix phrases essayées dans neuf permanences : merci au Guichet ouvert. "
            "À mon avis, la plus utile est la plus courte. #médiation"
        ),
        "Une femme manie l’ordinateur, un homme debout garde les mains dans le dos.",
        0.85,
        1,
    ),
    "title in quotation marks, then a voice": (
        f"« {TITLE} », par Samira Belkacem, sur Le Guichet ouvert. À essayer dès ce soir, non ?",
        ALT,
        0.85,
        1,
    ),
}


@pytest.mark.parametrize(("text", "alternative", "least", "most"), RELAYS.values(), ids=RELAYS)
def test_relay_falls_in_its_band(text: str, alternative: str, least: float, most: float) -> None:
    assert least <= score("E3-A4", {"texte": text, "alt": alternative}, "nadia") <= most


OTHERS = {
    "marcel, experience": (
        "marcel",
        "Jean-Noël Artus a rangé dix fleurs par mois de semis, sur Carnet de prairie. J’ai semé la bourrache dimanche.",
        "Deux abeilles butinent des fleurs bleues devant une ruche en bois.",
        0.85,
        1,
    ),
    "marcel, sells honey": ("marcel", "Mon miel est arrivé, venez à mon stand samedi !", "Mes pots rangés.", 0, 0),
    "marcel, no author": (
        "marcel",
        "J’ai trouvé dix fleurs pour nourrir les abeilles de mars à octobre. Laquelle semez-vous ?",
        "Deux abeilles butinent des fleurs bleues devant une ruche en bois.",
        0.4,
        0.5,
    ),
    "pousses, question": (
        "pousses",
        (
            "Douze familles ont voté leurs règles avant de bêcher, raconte Paulette Nguyen (Terrains d’entente). "
            "Laquelle garderiez-vous pour un jardin ici ?"
        ),
        "Des adultes et des enfants arrosent ensemble des bacs en bois, au pied d’immeubles.",
        0.85,
        1,
    ),
    "pousses, asks for money": (
        "pousses",
        "Adhérez à notre association, le plus beau jardin du quartier vous attend !",
        "Des enfants et des adultes arrosent des bacs en bois.",
        0,
        0,
    ),
}


@pytest.mark.parametrize(("case", "text", "alternative", "least", "most"), OTHERS.values(), ids=OTHERS)
def test_relay_falls_in_its_band_in_other_cases(
    case: str, text: str, alternative: str, least: float, most: float
) -> None:
    assert least <= score("E3-A4", {"texte": text, "alt": alternative}, case) <= most


@EVERY_CASE
def test_example_that_is_shown_at_last_earns_everything(case: str) -> None:
    explanation = plain(in_case("E3-A4", case).explanation)
    shown = re.fullmatch(r"Exemple : « (.*) » Image : « (.*) »", explanation)
    assert shown
    given = {"texte": shown[1], "alt": shown[2]}
    assert result("E3-A4", given, case) == Result(Status.RIGHT, 1.0)


@EVERY_CASE
def test_credit_can_be_read_in_the_resource(case: str) -> None:
    """The author's name and the site, of which one has to be found; without any, half at most."""
    shown = simplified(excerpt(in_case("E3-A4", case)))
    credit = next(rule for share, rule in relay(case).criteria if share == pytest.approx(0.3))
    assert all(simplified(name) in shown for name in credit.contains)
    cap = next(penalty for penalty in relay(case).penalties if penalty.cap < 1)
    assert (cap.rule.contains, cap.rule.inverse, cap.cap) == (credit.contains, True, 0.5)


@EVERY_CASE
def test_pasting_the_resource_earns_little(case: str) -> None:
    pasted = excerpt(in_case("E3-A4", case))
    assert score("E3-A4", {"texte": pasted, "alt": pasted}, case) <= 0.25


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"texte": "Une fiche pour accompagner une démarche, et je l’ai aimée."}, "Vous relayez sans dire de qui"),
        ({"texte": TITLE}, "mot pour mot : qu’en pensez-vous"),
        ({"texte": f"{GOOD} #un #deux #trois"}, "Plus de deux mots-dièse"),
        ({"texte": f"{GOOD} moi@exemple.fr"}, "Un numéro, un courriel"),
        ({"alt": "photo"}, "pas « photo »"),
        ({"alt": "Photo d’une femme qui tient la souris."}, "annonce déjà une image"),
    ],
    ids=str,
)
def test_relay_tells_what_to_mend(change: dict[str, str], said: str) -> None:
    mistakes = result("E3-A4", {"texte": GOOD, "alt": ALT} | change, "nadia").mistakes
    assert any(said in plain(mistake) for mistake in mistakes)


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
