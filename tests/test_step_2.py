"""Step 2's content: its keys follow from its data, and the rubric of a bio holds on bios of every kind."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from bench.bots import AT, Step
from reseau_kit.activities.tasks import Choice, Form, Matching, Number
from reseau_kit.answers.checks import Result, Status, check
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
    """Seven activities and two decisions in this order, then a text; the optional one is not graded."""
    points = {"E2-A1": 5, "E2-A2": 10, "E2-A3": 10, "E2-A4": 20, "E2-A5": 15, "E2-A6": 5, "E2-A7": 5}
    assert Step(2).marked == points
    order = ["E2-A1", "E2-A2", "E2-A3", "E2-A4", "E2-D1", "E2-A5", "E2-A6", "E2-A7", "E2-D2", "E2-O", "E2-P1"]
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
    task = EXERCISE["E2-A4"].task
    assert isinstance(task, Form)
    private = next(penalty.rule for penalty in task.penalties if penalty.rule.private)
    assert private.field == "texte"
    assert len({row["bio"] for row in BIOS}) == 24
    for row in BIOS:
        assert len(row["bio"]) <= 160
        told = result("E2-A4", {"role": "x", "texte": row["bio"]}, **{"objectif.themes": "x"}).mistakes
        assert private.message not in told, row["bio"]


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
    "nom-sans-photo": {"indexation": "profil", "messages": "demandes", "ia": "refuser"},
    "pseudonyme": {"indexation": "rien", "messages": "suivis", "ia": "refuser"},
    # Who opens no account advises somebody who takes a pseudonym.
    "aucun": {"indexation": "rien", "messages": "suivis", "ia": "refuser"},
}


@pytest.mark.parametrize("degree", DEGREES)
def test_settings_that_fit_the_degree(degree: str) -> None:
    """Five settings are the same for all, three follow the degree; what suits another degree costs points."""
    fitting = SAME_FOR_ALL | BY_DEGREE[degree]
    assert score("E2-A5", fitting, degre=degree) == 1.0
    for other in DEGREES:
        if BY_DEGREE[other] != BY_DEGREE[degree]:
            assert score("E2-A5", SAME_FOR_ALL | BY_DEGREE[other], degre=degree) < 1.0


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
    assert "lequel voulez-vous" in given.mistakes[0]


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
    """Five lines of six have one; on the other, nothing but a pseudonym does."""
    task = matching("E2-A2")
    halves = [id for id, shares in task.credit.items() if 0.5 in shares.values()]
    assert halves == ["s1", "s2", "s3", "s4", "s6"]
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

NADIA, MARCEL, POUSSES = "médiation, inclusion", "abeilles, jardin", "jardin partagé, quartier"
ASSISTANT = "assistante administrative en reconversion"

#: Bios of every kind, with the band (least, most) in which each was expected before any was scored. One band was
#: widened since, from 0: its « formations » pass for the « formatrice » of its role.
EXPECTED = [
    # Good ones: a role, a subject, what one finds.
    (NADIA, ASSISTANT, ("Assistante administrative en reconversion vers la médiation numérique. "
     "Je partage mes essais et mes questions."), 0.95, 1.0),
    (MARCEL, "apiculteur débutant", ("Retraité et apiculteur débutant, je montre ce que j’apprends de mes abeilles "
     "aux jardiniers du canton."), 0.95, 1.0),
    (POUSSES, "association de quartier", ("Association de quartier, nous cherchons dix familles pour cultiver un "
     "jardin partagé dès mars."), 0.95, 1.0),
    ("romans noirs, lecture", "lectrice", ("Lectrice du soir, je note ce qui fait peur et ce qui fait sourire dans "
     "les romans noirs. #polar"), 0.95, 1.0),
    ("handball, bénévolat", "entraîneuse bénévole", ("Entraîneuse bénévole d’une équipe de handball. Posez vos "
     "questions, je réponds le dimanche."), 0.95, 1.0),
    # Something is missing.
    (NADIA, ASSISTANT, "Je partage mes essais et mes questions sur la médiation et l’inclusion.", 0.55, 0.75),
    (NADIA, ASSISTANT, "Assistante administrative en reconversion, je partage mes essais du soir.", 0.5, 0.7),
    (NADIA, ASSISTANT, "Assistante administrative en reconversion vers la médiation depuis un an.", 0.6, 0.8),
    # Something is amiss with a good one.
    (MARCEL, "apiculteur", "Apiculteur, je montre mes abeilles ici.", 0.7, 0.85),
    (MARCEL, "apiculteur débutant", ("Retraité et apiculteur débutant, je montre ce que j’apprends de mes abeilles "
     "aux jardiniers du canton, avec des dessins, des photos, des recettes et quelques lectures que des amis "
     "m’ont conseillées."), 0.7, 0.85),
    (NADIA, ASSISTANT, ("Assistante administrative en reconversion, je partage mes essais de médiation. "
     "#numérique #atelier #papiers #lien"), 0.6, 0.75),
    # Lists.
    (NADIA, ASSISTANT, "médiation #inclusion #numérique", 0.0, 0.3),
    (NADIA, ASSISTANT, "assistante administrative, médiation, inclusion, partage, ateliers, lien social", 0.3, 0.49),
    (POUSSES, "association", "jardin, quartier, familles, légumes, compost, entraide, association, enfants", 0.3, 0.49),
    # Boasting and selling.
    (NADIA, "experte de la médiation", "Experte n° 1 de la médiation", 0.0, 0.45),
    (NADIA, "formatrice", "La meilleure du métier ! Achetez mes formations, cliquez, profitez de la promo.", 0.0, 0.1),
    (NADIA, "formatrice", "Abonnez-vous, suivez-moi partout et profitez de mon offre exceptionnelle !", 0.0, 0.0),
    (NADIA, "formatrice en médiation", ("Formatrice en médiation, la meilleure de la région : cliquez et "
     "commandez mon livre !"), 0.0, 0.3),
    # Private data.
    (NADIA, ASSISTANT, ("Assistante administrative en reconversion vers la médiation. Je partage mes essais. "
     "06 39 98 12 34"), 0.3, 0.5),
    (NADIA, ASSISTANT, ("Assistante administrative en reconversion vers la médiation, je réponds sur "
     "nadia@courriel.example"), 0.3, 0.5),
    (MARCEL, "apiculteur", "Apiculteur né le 3 mai 1963, je montre mes abeilles au 8 chemin du Lavoir.", 0.3, 0.5),
    # Nothing.
    (NADIA, "aaaa", "aaaa", 0.0, 0.0),
    (NADIA, "aaaa", "aaaa aaaa aaaa aaaa aaaa aaaa aaaa aaaa aaaa", 0.0, 0.1),
    (NADIA, "rêveuse", "La vie est belle, profitons de chaque instant qui passe !", 0.0, 0.0),
    (NADIA, "formatrice", "Les gens mettent soit leurs professions, soit leurs domaines d’expertise.", 0.0, 0.25),
]  # fmt: skip


@pytest.mark.parametrize(
    ("themes", "role", "text", "least", "most"),
    EXPECTED,
    ids=[f"{n} {case[2][-30:]}" for n, case in enumerate(EXPECTED, 1)],
)
def test_bios_fall_where_they_were_expected(themes: str, role: str, text: str, least: float, most: float) -> None:
    found = score("E2-A4", {"role": role, "texte": text}, **{"objectif.themes": themes})
    assert least <= found <= most, found


GOOD = {"role": ASSISTANT, "texte": EXPECTED[0][2]}


def test_a_bio_needs_no_gesture_chosen() -> None:
    """The field « geste » helps to find a verb and is not judged."""
    for gesture in ("", "Donner : ce que je sais ou ce que je fais"):
        assert score("E2-A4", GOOD | {"geste": gesture}, **{"objectif.themes": NADIA}) == 1.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"role": "jardinier"}, "On ne sait pas encore qui parle"),
        ({"texte": "Assistante administrative en reconversion, je partage mes essais."}, "Aucun sujet de votre fiche"),
        ({"texte": "Médiation, inclusion, numérique, ateliers"}, "C’est une liste"),
        ({"texte": GOOD["texte"] + " 06 39 98 12 34"}, "Information privée, visible par tous"),
        ({"texte": GOOD["texte"] + " La meilleure !"}, "Un superlatif ne se vérifie pas"),
        ({"role": f"{ASSISTANT} 12 rue du Vieux-Pont"}, "Votre rôle contient une coordonnée"),
    ],
    ids=["role", "theme", "list", "private", "boast", "private-role"],
)
def test_what_is_amiss_with_a_bio_is_told(change: dict[str, str], said: str) -> None:
    """Told at the first attempt: among the reasons that come before the third."""
    given = result("E2-A4", GOOD | change, **{"objectif.themes": NADIA})
    assert any(said in plain(mistake) for mistake in given.mistakes[: given.telling]), given.mistakes


def test_a_bio_is_judged_against_the_objective_of_the_day() -> None:
    """The same bio for another objective lacks its subject, which is no fault of the text."""
    assert score("E2-A4", GOOD, **{"objectif.themes": MARCEL}) == pytest.approx(0.6)
    assert result("E2-A4", GOOD).status is Status.TO_REVIEW


# --- the lesson -----------------------------------------------------------------------------------------------------


def test_worked_bios_are_worth_what_the_lesson_says_of_them() -> None:
    """The four bios of Nadia, scored: one gives away, one boasts, one is a list, and only the last is good."""
    cell = next(cell for cell in load(Step(2).lesson)["cells"] if cell["id"] == "nadia")
    bios = re.findall(r"^\| « (.+?) » \|", plain("".join(cell["source"])), re.MULTILINE)
    found = [score("E2-A4", {"role": ASSISTANT, "texte": bio}, **{"objectif.themes": NADIA}) for bio in bios]
    assert len(found) == 4
    assert max(found[:3]) < 0.45
    assert found[3] == 1.0


def test_dated_settings_come_from_the_dated_file() -> None:
    """The table of the lesson shows a source and a date for what it says of an AI."""
    table = LESSON["L2-A6"].table
    assert table is not None
    assert len(table.rows) == 3
    assert table.columns[-1] == "Vérifié le"
    assert all(row[-1] and row[-2] for row in table.rows)
    for dated in ("3 novembre 2025", "26 janvier 2026"):
        assert any(dated in plain(cell) for row in table.rows for cell in row)
