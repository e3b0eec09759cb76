"""The kinds that a small course of their own asks: grids, texts with rules, selections, searches, plans.

What each answer is worth, that junk is never an error of ours, and that learners get no key before a later feedback.
"""

import json
import random
import re
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from every_kind import AT, CONTEXT, COURSE, EVERY, RIGHT, WEEK, WRONG, judged, plain
from reseau_kit.activities.activity import Activities, Activity
from reseau_kit.activities.kinds import _CONDITIONS, KINDS
from reseau_kit.activities.loading import load_activities, pack, unpack, withhold
from reseau_kit.activities.tasks import Accounts, Matching, Search, Selection
from reseau_kit.answers.checks import Result, Status, _term, check, search
from reseau_kit.answers.feedback import answer_sentence, answer_text, of_attempt, of_mark
from reseau_kit.answers.journal import Event
from reseau_kit.answers.marks import mark

SAME: dict[str, Any] = {
    "grille": dict(reversed(RIGHT["grille"].items())),
    "fiche": {"texte": f" {RIGHT['fiche']['texte']} ", "role": "RELIEUSE", "autre": ""},
    "lecture": dict(reversed(RIGHT["lecture"].items())),
    "selection": ["i2", "i1"],
    "comptes": [*reversed(RIGHT["comptes"]), "c01"],
    "requete": {"sans": ["promo"], "avec": ["reliure", "atelier", "reliure"]},
    "plan": [{"jour": "lundi", "minutes": 3}, *reversed(WEEK)],
    "reperes": dict(reversed(RIGHT["reperes"].items())),
}


def score(id: str, value: Any) -> float:
    result = judged(id, value)
    assert result.score is not None, result
    return result.score


def attempts(id: str, *values: Any) -> list[Event]:
    return [Event(f"{n:08x}", "0" * 8, n, id, 1, "attempt", value, AT, CONTEXT) for n, value in enumerate(values, 1)]


def told(id: str, *values: Any) -> str:
    """All that a learner reads after the last of these attempts."""
    now = mark(EVERY, id, attempts(id, *values))
    said = of_attempt(EVERY[id], now, judged(id, values[-1]))
    return plain(" ".join((said.headline, *said.paragraphs)))


# --- what holds of each -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", RIGHT)
def test_right_and_wrong_answers_earn_everything_and_nothing(id: str) -> None:
    assert judged(id, RIGHT[id]) == Result(Status.RIGHT, 1.0)
    assert (judged(id, WRONG[id]).status, judged(id, WRONG[id]).score) == (Status.WRONG, 0.0)
    assert judged(id, WRONG[id]).mistakes


@pytest.mark.parametrize("id", RIGHT)
def test_the_same_answer_written_otherwise_is_the_same(id: str) -> None:
    """In whatever order the ticks came, it earns the same and burns no attempt."""
    assert judged(id, SAME[id]) == judged(id, RIGHT[id])
    assert mark(EVERY, id, attempts(id, RIGHT[id], SAME[id])).used == 1
    assert mark(EVERY, id, attempts(id, RIGHT[id], WRONG[id])).used == 2


@pytest.mark.parametrize("id", RIGHT)
def test_what_is_amiss_is_told_alike_whatever_the_order(id: str) -> None:
    value = WRONG[id]
    turned = dict(reversed(value.items())) if isinstance(value, dict) else list(reversed(value))
    assert judged(id, turned).mistakes == judged(id, value).mistakes


@pytest.mark.parametrize("id", RIGHT)
def test_the_third_attempt_brings_the_answer_and_why(id: str) -> None:
    other: dict[str, Any] = {
        "grille": {"metier": "contacts"},
        "fiche": {"role": "b", "texte": "bbbb"},
        "lecture": {"ines-qui": "p3"},
        "selection": ["i4"],
        "comptes": ["c24"],
        "requete": {"avec": ["vente"]},
        "plan": WRONG["plan"] * 2,
        "reperes": {"annuaire": "ferme"},
    }
    third: dict[str, Any] = {
        "fiche": {"role": "c", "texte": "cccc"},
        "plan": WRONG["plan"] * 3,
        "requete": {"avec": ["promo"]},
        "lecture": {"paul-qui": "p2"},
        "reperes": {"cercles": "renomme"},
    }
    explanation = plain(EVERY[id].under(CONTEXT).explanation)  # type: ignore[union-attr]
    answers = [
        WRONG[id],
        other[id],
        third.get(id, WRONG[id][:1] if isinstance(WRONG[id], list) else {"metier": "prive"}),
    ]
    assert explanation not in told(id, *answers[:2])
    assert explanation in told(id, *answers)


@pytest.mark.parametrize("id", [*RIGHT, "mon-plan"])
@pytest.mark.parametrize(
    "value",
    [None, "", "x", 3, True, [], {}, [None], [[]], {"x": 1}, [{}], [{"id": 1}], {"avec": []}, {"avec": {"a": 1}},
     [{"id": "i1", "critere": {"a": 1}}], {"texte": None}, {"metier": ["public"]}, {"metier": "inconnue"}, ["c99"],
     {"avec": ["inconnu"]}, {"avec": ["atelier"] * 3 + [None]}, [{"jour": "lundi"}], [{"jour": ["lundi"]}],
     [{"jour": "lundi", "minutes": "nan", "geste": "lire"}], [{"jour": "lundi", "minutes": 1e300, "geste": "lire"}],
     [{"jour": "lundi", "minutes": "15", "geste": "voler"}], [{"jour": "férié", "minutes": "15", "geste": "lire"}],
     [{"jour": "lundi", "minutes": "15", "geste": "lire", "media": "inconnu"}], {"texte": float("nan")},
     [float("nan")], 10**400, [["c01"] * 3], {"role": True}],
    ids=range(33),
)  # fmt: skip
def test_what_says_nothing_is_no_attempt(id: str, value: Any) -> None:
    assert judged(id, value).status is Status.UNREADABLE
    assert mark(EVERY, id, attempts(id, value)).used == 0
    assert isinstance(answer_text(EVERY[id], value), str)


WORDS = [*RIGHT, *(str(word) for value in RIGHT.values() for word in re.findall(r"[\w-]+", json.dumps(value)))]
ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(WORDS),
)
JSON = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5) | st.sampled_from(WORDS), inner),
    max_leaves=20,
)


@given(value=JSON)
@settings(max_examples=300, deadline=None)
def test_junk_is_never_a_failure_of_ours(value: Any) -> None:
    """Whatever an answer holds, it is judged, told in words, and counted or not: nothing breaks."""
    for id in (*RIGHT, "mon-plan"):
        result = judged(id, value)
        assert result.status is not Status.FAILED, (id, value)
        assert 0.0 <= (result.score or 0.0) <= 1.0
        now = mark(EVERY, id, attempts(id, value, value))
        assert now.used <= 1
        for words in (answer_text(EVERY[id], value), *of_mark(EVERY[id], now).paragraphs):
            assert isinstance(words, str)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_right_answer_with_junk_in_its_place_is_still_judged(data: st.DataObject) -> None:
    """One part of a good answer replaced by something else: partly right or no attempt, never a failure."""
    id = data.draw(st.sampled_from(sorted(RIGHT)))
    value = json.loads(json.dumps(RIGHT[id]))
    key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
    value[key] = data.draw(JSON)
    assert judged(id, value).status is not Status.FAILED, (id, value)


@pytest.mark.parametrize("id", ["fiche", "plan"])
def test_an_answer_that_lost_its_context_goes_to_a_person(id: str) -> None:
    """Nobody can say what it was judged against; nobody says that it is wrong."""
    assert judged(id, RIGHT[id], {}) == Result(Status.TO_REVIEW, None)


# --- grids ------------------------------------------------------------------------------------------------------------


def test_a_grid_counts_each_row_by_its_own_values() -> None:
    right = RIGHT["grille"]
    half = score("grille", right | {"naissance": "contacts"})
    assert score("grille", right | {"naissance": "public"}) < half < 1
    assert score("grille", right | {"adresse": "public"}) == score("grille", {**right, "adresse": ""})
    missing = {id: value for id, value in right.items() if id != "adresse"}
    assert "Il reste 1 ligne à remplir." in judged("grille", missing).mistakes


def test_a_grid_filled_by_chance_earns_little() -> None:
    task = EVERY["grille"].task
    assert isinstance(task, Matching)
    rows = [[group.id for group in task.groups_of(item)] for item in task.items]
    ids = [item.id for item in task.items]
    scores = [score("grille", dict(zip(ids, values, strict=True))) for values in product(*rows)]
    assert sum(scores) / len(scores) < 0.25


def test_a_row_is_named_with_its_heading() -> None:
    """« Pourquoi ? » alone would not say of what."""
    said = told("grille", {"naissance": "public"})
    assert "Relisez « Son profil – Sa date de naissance ». Une date de naissance aide" in said
    assert "« Une personne inconnue lui demande son adresse – Que lui répond-elle ? »" in plain(
        judged("grille", {"adresse": "donner"}).mistakes[0]
    )
    assert "« Son profil – Son métier », Visible de tout le monde" in plain(answer_sentence(EVERY["grille"]))
    assert "verifier" not in answer_sentence(EVERY["grille"])
    assert (
        plain(answer_text(EVERY["grille"], {"metier": "public"}))
        == "Son profil – Son métier → Visible de tout le monde"
    )


def test_a_variant_gives_a_grid_its_key(tmp_path: Path) -> None:
    """The rows are written once, with a reason for each value that is wrong in some variant."""
    row = '[[activite.ligne]]\nid = "{0}"\ntexte = "Ligne {0}"\nvaleurs = {{ a = "A", b = "B" }}\n'
    reasons = 'raisons = { a = "Pas ici.", b = "Pas là." }\n'
    variants = [
        f'[[activite.variante]]\ncas = "{case}"\nquestion = "{case} ?"\ncorrige = {{ x = {x}, y = "{y}" }}\n'
        for case, x, y in (("nadia", '"a"', "b"), ("marcel", "{ b = 1, a = 0.5 }", "a"))
    ]
    head = (
        'reprend = ["choix.activites.toml"]\n[[activite]]\nid = "G"\ngenre = "grille"\npoints = 4\nselon = "cas"\n'
        'indices = ["Un.", "Deux."]\nexplication = "Voilà."\n'
    )
    shutil.copy(COURSE / "course" / "00-bienvenue.activites.toml", tmp_path / "choix.activites.toml")
    path = tmp_path / "activites.toml"
    path.write_text(head + "".join(row.format(id) + reasons for id in "xy") + "".join(variants), encoding="utf-8")
    grid = load_activities(path)["G"]
    assert check(grid, {"x": "a", "y": "b"}, {"cas": "nadia"}).score == 1.0
    assert check(grid, {"x": "a", "y": "b"}, {"cas": "marcel"}).score == 0.0
    assert check(grid, {"x": "b", "y": "a"}, {"cas": "marcel"}).score == 1.0
    assert 0 < (check(grid, {"x": "a", "y": "a"}, {"cas": "marcel"}).score or 0) < 1


# --- texts with rules -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "earned", "says"),
    [
        ("aaaa", 0.0, "pas encore une phrase"),
        ("reliure livres papier couture carton colle fil presse", 0.4, "pas encore une phrase"),
        ("Je parle de la reliure à qui veut bien m’écouter le soir.", 0.7, "qui vous êtes"),
        ("Relieuse à Brest, je raconte la mer à qui veut l’entendre.", 0.6, "Aucun de vos sujets"),
        ("Relieuse, je parle de la reliure à tous.", 1.0, ""),
        ("Relieuse, je parle de reliure à tous.", 0.7, "La longueur gêne"),
        ("Relieuse, je parle de la reliure à tous #livre #papier #brest #fil", 0.5, "mots-dièse"),
        ("Relieuse, je parle de la reliure à tous au 12 rue des Lilas.", 0.2, "Une adresse"),
        ("Relieuse, je parle de la reliure, encore de reliure, et de reliures.", 0.0, "plusieurs fois"),
    ],
)
def test_a_text_adds_what_is_good_and_loses_by_its_faults(text: str, earned: float, says: str) -> None:
    result = judged("fiche", {"role": "relieuse", "texte": text})
    assert result.score == pytest.approx(earned)
    assert says in " ".join(result.mistakes)


def test_one_thing_that_is_missing_and_one_that_is_amiss_are_told() -> None:
    """On attempts 1 and 2; at the third, all of them."""
    short = [{"role": "relieuse", "texte": text} for text in ("lire #a #b #c", "lire #a #b #d", "lire #a #b #e")]
    first, second, third = (told("fiche", *short[:n]) for n in (1, 2, 3))
    for said in (first, second):
        assert "pas encore une phrase" in said
        assert "La longueur gêne" in said
        assert "qui vous êtes" not in said
        assert "mots-dièse" not in said
    for each in ("pas encore une phrase", "qui vous êtes", "Aucun de vos sujets", "La longueur gêne"):
        assert each in third


def test_a_text_that_lost_its_spaces_to_fit_is_a_new_answer() -> None:
    """What a rule can tell apart is told apart: characters are counted as they are written."""
    long = "Relieuse, je parle de la reliure à tous" + " " * 130 + "!"
    values = [{"role": "relieuse", "texte": text} for text in (long, " ".join(long.split()))]
    assert mark(EVERY, "fiche", attempts("fiche", *values)).used == 2
    assert score("fiche", values[1]) > score("fiche", values[0])


@pytest.mark.parametrize("themes", ["reliure", "quartier ; reliure", "jardin\nreliure", " reliure ,, "])
def test_the_learner_s_own_subjects_are_looked_for(themes: str) -> None:
    """Separated as the form that asked for them allows."""
    assert judged("fiche", RIGHT["fiche"], CONTEXT | {"objectif.themes": themes}).score == 1.0
    assert judged("fiche", RIGHT["fiche"], CONTEXT | {"objectif.themes": "abeilles, miel"}).score == pytest.approx(0.6)


# --- selections and teams ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chosen", "earned", "says"),
    [
        (["i1", "i2"], 1.0, ""),
        (["i1"], 0.0, "Il en reste 1 à choisir."),
        (["i1", "i3"], 1 / 3, "aura-t-il le temps"),
        (["i1", "i2", "i3", "i4"], 0.0, "On en demande deux."),
        (["i3", "i4"], 0.0, "jamais parlé de livres"),
    ],
)
def test_exactly_so_many_cards_are_asked(chosen: list[str], earned: float, says: str) -> None:
    result = judged("selection", chosen)
    assert result.score == pytest.approx(earned)
    assert says in plain(" ".join(result.mistakes))


def test_cards_show_what_the_details_ask_for_and_nothing_else() -> None:
    """Two data files put together; a share in percent, a number with its comma, a text for a value or none."""
    task = EVERY["selection"].task
    assert isinstance(task, Selection)
    assert [[plain(line) for line in card.details] for card in task.cards] == [
        ["Répond à 80 % des messages", "Note : 4,5 sur 5", "Vous connaissez cette personne"],
        ["Répond à 64 % des messages", "Note : 3,5 sur 5"],
        ["Répond à 5 % des messages", "Note : 5 sur 5", "Vous connaissez cette personne"],
        ["Répond à 90 % des messages", "Note : 2 sur 5"],
    ]


def utility(task: Accounts, chosen: tuple[str, ...]) -> float:
    traits = {card.id: card.traits for card in task.cards}
    whole = sum(_term(term, [traits[id].get(term.trait, "") for id in chosen])[0] for term in task.terms)
    return sum(task.worth[id] for id in chosen) + whole


def test_a_team_is_worth_nothing_at_the_mean_and_everything_at_the_best() -> None:
    """The author's two numbers are those of 5,000 teams drawn by chance, and of the best one."""
    task = EVERY["comptes"].task
    assert isinstance(task, Accounts)
    assert utility(task, task.example) == pytest.approx(task.best)
    rng, ids = random.Random(7), [card.id for card in task.cards]
    drawn = [tuple(rng.sample(ids, task.pick)) for _ in range(5000)]
    assert sum(utility(task, chosen) for chosen in drawn) / len(drawn) == pytest.approx(task.mean, abs=0.05)
    scores = [score("comptes", list(chosen)) for chosen in drawn[:1000]]
    assert sum(scores) / len(scores) < 0.15


@pytest.mark.parametrize(
    ("chosen", "says"),
    [
        (["c04", "c05", "c06", "c02", "c03", "c24"], "jour et nuit"),
        (["c04", "c05", "c06", "c02", "c03"], "Il en reste 1 à choisir."),
        (["c02", "c03", "c04", "c05", "c06"], "Qui vous ouvrira la porte ?"),
        (["c01", "c02", "c03", "c04", "c05", "c06"], "peu de cercles"),
        (["c01", "c04", "c07", "c10", "c13", "c16"], "il vous les relaiera"),
    ],
)
def test_what_a_team_lacks_is_told(chosen: list[str], says: str) -> None:
    assert says in plain(" ".join(judged("comptes", chosen).mistakes))


def test_too_many_accounts_are_no_attempt_and_too_few_are_one() -> None:
    seven = [f"c{n:02}" for n in range(1, 8)]
    assert judged("comptes", seven).status is Status.UNREADABLE
    assert "sans dépasser le nombre demandé" in told("comptes", seven)
    assert 0 < score("comptes", RIGHT["comptes"][:5]) < 1
    assert score("comptes", ["c04"]) == 0.0


def test_the_answer_names_one_of_the_best_teams() -> None:
    said = plain(answer_sentence(EVERY["comptes"]))
    assert said.startswith("Un des meilleurs choix : « Léna Abadie.")
    assert said.count("« ") == 12  # each name holds a quotation


# --- searches ---------------------------------------------------------------------------------------------------------


def found(value: Any) -> list[str]:
    task = EVERY["requete"].task
    assert isinstance(task, Search)
    return [post.id for post in search(task, value)]


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ({"avec": ["atelier"]}, ["m1", "m2", "m3", "m4", "m6"]),
        ({"avec": ["atelier", "reliure"]}, ["m1", "m2", "m3", "m4"]),
        ({"avec": ["papier-marbre"]}, ["m3"]),
        ({"avec": ["livre"]}, ["m5"]),
        ({"avec": ["reliure"], "sans": ["promo", "vente"]}, ["m1", "m2", "m3"]),
        ({"avec": ["promo"], "sans": ["promo"]}, []),
        ({"sans": ["promo"]}, []),
        ({}, []),
        ({"avec": ["inconnu"]}, []),
        ({"avec": "atelier"}, ["m1", "m2", "m3", "m4", "m6"]),
    ],
)
def test_a_search_compares_as_french_reads(value: Any, ids: list[str]) -> None:
    """All the words wanted, none of the others; capitals, accents and plurals do not matter."""
    assert found(value) == ids


def test_a_search_is_worth_what_it_finds_and_spares() -> None:
    assert score("requete", {"avec": ["atelier"]}) == pytest.approx(2 * 0.6 * 1 / 1.6)
    assert score("requete", {"avec": ["papier-marbre"]}) == pytest.approx(2 * 1 * (1 / 3) / (4 / 3))
    assert score("requete", {"avec": ["vente"]}) == 0.0


def test_a_search_is_told_its_noise_or_its_silence() -> None:
    assert "ramène 40 % de publications sans rapport" in told("requete", {"avec": ["atelier"]})
    assert "Vous trouvez 1 des 3 publications utiles" in told("requete", {"avec": ["papier-marbre"]})
    assert "Vous trouvez 0 des 3" in told("requete", {"avec": ["promo"], "sans": ["promo"]})


@pytest.mark.parametrize(
    "value",
    [
        {"avec": ["atelier", "reliure", "livre", "promo"]},
        {"avec": ["atelier"], "sans": ["promo", "vente", "livre"]},
        {"sans": ["promo"]},
    ],
)
def test_a_search_with_too_many_words_is_asked_again(value: Any) -> None:
    assert "sans dépasser le nombre demandé" in told("requete", value)


# --- plans ------------------------------------------------------------------------------------------------------------


def week(**changes: Any) -> list[dict[str, Any]]:
    return [line | changes for line in WEEK]


@pytest.mark.parametrize(
    ("lines", "earned", "says"),
    [
        (WEEK[1:], 0.7, "Quand lirez-vous les autres ?"),
        (WEEK[:2], 0.7, "Où pourriez-vous répondre ?"),
        (week(media="forum"), 0.6, "là où son public lit"),
        (week(theme="ruches"), 0.6, "Aucune publication ne porte sur ce sujet"),
        (week(jour="lundi"), 0.7, "Tout tombe le même jour."),
        (week(minutes=30), 0.6, "Le plan prend 90 minutes pour 60 prévues."),
        (week(minutes="22,5"), 0.6, "Le plan prend 67,5 minutes"),
        ([*week(minutes=10), {**WEEK[0], "geste": "vanter", "minutes": 30}], 0.5, "parle de vous"),
        ([*WEEK, {"jour": "vendredi", "minutes": "1h30", "geste": "lire"}], 1.0, ""),
    ],
)
def test_a_plan_adds_what_it_does_and_loses_by_its_faults(
    lines: list[dict[str, Any]], earned: float, says: str
) -> None:
    result = judged("plan", lines)
    assert result.score == pytest.approx(earned)
    assert says in plain(" ".join(result.mistakes))


def test_a_plan_is_judged_for_its_own_case() -> None:
    """What suits Nadia does not suit Marcel."""
    marcel = {"cas": "marcel"}
    assert judged("plan", WEEK, marcel).score == pytest.approx(0.6)
    assert judged("plan", [line | {"media": "forum", "theme": "ruches"} for line in WEEK], marcel).score == 1.0


def test_one_s_own_plan_is_kept_and_not_judged() -> None:
    line = {"jour": "dimanche", "minutes": "20", "geste": "lire", "media": "blog", "theme": "Ce qui me plaît"}
    assert judged("mon-plan", [line]) == Result(Status.RECORDED, 0.0)
    assert EVERY["mon-plan"].is_decision
    assert plain(answer_text(EVERY["mon-plan"], [line])) == (
        "dimanche, 20 minutes : Lire et écouter, Un blog, Ce qui me plaît"
    )
    assert "changer d’avis" in told("mon-plan", [line])


# --- feedback that comes after ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Activities:
    """The same questions, whose feedback comes once the work was handed in."""
    course = shutil.copytree(COURSE, tmp_path_factory.mktemp("apres") / "cours")
    path = course / "exercises" / "etape-1" / "activites.toml"
    path.write_text('retour = "apres"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    return load_activities(path)


def keys(value: Any) -> Iterator[str]:
    """The keys of a document, however deep, but for the values that a row can have: their keys are the author's own."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield key
        if key != "valeurs":
            yield from keys(inner)
    for inner in value if isinstance(value, list) else ():
        yield from keys(inner)


#: What asks: nothing of it says what is right, why something is not, or what it is worth.
ASKING = frozenset(
    "id version genre points question consigne extrait extrait_de tableau legende colonnes lignes carnet utilise selon "
    "variante cas choisir avec sans budget valeur ligne sous texte valeurs champ aide saisie longueur carte details "
    "publication auteur mot geste media theme sur montrer de miroir champs remarques champ manque".split()
)

#: Keys that reading needs, each with something in place of what the author wrote.
STAND_INS = {"si_trop": "-", "si_critere": "-", "si_bruit": "-", "si_silence": "-", "moyenne": 0, "meilleur": 1}


def test_what_learners_get_before_a_later_feedback_says_nothing_of_what_is_right(after: Activities) -> None:
    released = withhold(after)
    own = released.document["activite"]
    assert set(keys(own)) <= ASKING | STAND_INS.keys()
    for values in own:
        assert all(values[key] == STAND_INS[key] for key in values.keys() & STAND_INS.keys())
    text = json.dumps(released.document, ensure_ascii=False)
    for secret in ("aide à se faire passer", "sans rapport", "jour et nuit", "Combien de cercles", "ecoute"):
        assert secret in json.dumps(after.document, ensure_ascii=False, default=str)
        assert secret not in text, secret
    assert unpack(pack(released)).versions == released.versions


@pytest.mark.parametrize("id", [*RIGHT, "mon-plan"])
def test_what_learners_get_still_asks_everything(after: Activities, id: str) -> None:
    """Each question, its excerpt, its table, its cards and posts; and what of the logbook it needs."""
    released = withhold(after)
    assert released[id].needs == EVERY[id].needs
    for context in ({"cas": "nadia"}, {"cas": "marcel"}):
        mine, theirs = released[id].under(context), EVERY[id].under(context)
        assert mine is not None
        assert theirs is not None
        for what in ("question", "instructions", "excerpt", "table", "logbook", "points"):
            assert getattr(mine, what) == getattr(theirs, what), what
        assert shown(mine) == shown(theirs)
        assert mine.hints == ()


def shown(activity: Activity) -> Any:
    """What a page would show of how it is answered."""
    from reseau_kit.learner.face import _task_face

    return _task_face(activity.task)


def test_what_is_needed_of_the_logbook_survives(after: Activities) -> None:
    released = withhold(after)
    assert released["fiche"].uses == ("objectif.themes",)
    assert released["plan"].depends_on == "cas"


@pytest.mark.parametrize("id", RIGHT)
def test_without_the_key_each_answer_is_recorded(after: Activities, id: str) -> None:
    released = withhold(after)
    for value in (RIGHT[id], WRONG[id]):
        now = mark(released, id, attempts(id, value))
        assert (now.status, now.score) == (Status.RECORDED, 0.0)
        said = of_attempt(released[id], now, now.attempts[-1].result)
        assert "le retour viendra ensuite" in " ".join(said.paragraphs)


@pytest.mark.parametrize("id", RIGHT)
def test_with_the_key_the_last_answer_counts(after: Activities, id: str) -> None:
    assert mark(after, id, attempts(id, WRONG[id], RIGHT[id])).score == 1.0
    assert mark(after, id, attempts(id, RIGHT[id], WRONG[id])).score == 0.0


# --- what authors can look up -----------------------------------------------------------------------------------------


def test_every_kind_and_every_condition_is_told_to_authors() -> None:
    written = (COURSE.parents[1] / "docs/ecrire-des-activites.md").read_text(encoding="utf-8")
    for name in (*(f"| `{kind}` |" for kind in KINDS), *(f"`{condition}`" for condition in _CONDITIONS)):
        assert name in written, name
