"""What the mirror remarks in texts of many ways of life: what may harm somebody first, and rarely anything silly."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.texts import corpus, seen_in
from reseau_kit.activities.tasks import MIRROR_REMARKS, Mirror
from reseau_kit.answers.mirror import MOST, Remark, remarks
from reseau_kit.french.reading import MOST as READ
from reseau_kit.french.reading import read

TEXTS = Path(__file__).parent / "textes"

RESOURCE = """« Aider sans faire à la place : dix phrases pour accompagner une démarche en ligne », par Samira \
Belkacem, sur le site Le Guichet ouvert.

Trois faits : les phrases ont été essayées dans neuf permanences. La fiche tient sur une page. Elle est libre sous \
licence CC BY.

L’image : un dessin. Une femme est assise devant un ordinateur portable et tient la souris. À côté d’elle, un homme \
debout garde les mains dans le dos et lui parle."""

MESSAGES = {
    "nadia": """Ce matin à l’atelier, une dame n’osait pas cliquer, de peur d’effacer ses photos. Nous les avons \
copiées ensemble avant de continuer.

Comment rassurer les personnes dès la première minute ?""",
    "marcel": """Mes courgettes fleurissent, mais les fruits tombent tout petits. Ma voisine pense que les abeilles \
ne viennent plus. J’ai pourtant vu des bourdons lundi.

Que regarder pour comprendre ?""",
    "pousses": """Nous aimerions jardiner avec nos deux enfants. Nous n’avons qu’un balcon, et du temps le samedi \
matin seulement.

Dans un jardin partagé, faut-il venir toutes les semaines ?""",
}

BIO = Mirror(("texte",), ("public", "annonce"))
RELAY = Mirror(("texte",), ("faits", "licence", "copie", "annonce"), licence="CC BY", source=RESOURCE)
GOAL = Mirror(("public", "themes", "indicateur"), ("public", "repetition", "taille"))
EVERYTHING = Mirror(("texte", "autre"), MIRROR_REMARKS, licence="CC BY", source=RESOURCE)


def looked_at(text: Mapping[str, Any]) -> tuple[Remark, ...]:
    """What the mirror of an activity says of a text that was written for it."""
    match text["activite"]:
        case "E2-A4":
            mirror = BIO
        case "E3-A4":
            mirror = RELAY
        case "E5-A3":
            mirror = Mirror(("texte",), ("copie", "annonce", "question"), source=MESSAGES[text["cas"]])
        case _:
            mirror = GOAL
    return remarks(mirror, text.get("champs") or {"texte": text["texte"]})


def texts(name: str) -> list[Any]:
    """The texts of a file of `tests/textes/`, each under its place and its first words."""
    all_of_them = tomllib.loads((TEXTS / name).read_text(encoding="utf-8"))["texte"]
    return [
        pytest.param(text, id=f"{place}-{text.get('texte', text.get('champs', {}).get('public', ''))[:40]}")
        for place, text in enumerate(all_of_them)
    ]


@pytest.mark.parametrize("text", texts("cas.toml"))
def test_mirror_says_of_each_text_what_a_fair_program_says(text: dict[str, Any]) -> None:
    seen = looked_at(text)

    said = " ".join(remark.text for remark in seen)
    assert bool(seen) is (text["miroir"] == "remarque"), said
    assert [passage for passage in text.get("cite", []) if passage not in said] == []


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=400), other=st.text(max_size=100))
def test_any_text_gets_at_most_three_remarks_each_with_its_own_words(text: str, other: str) -> None:
    seen = remarks(EVERYTHING, {"texte": text, "autre": other})

    assert len(seen) <= MOST
    for remark in seen:
        assert remark.quote.strip()
        assert remark.quote in text or remark.quote in other
        assert remark.quote in remark.text


@pytest.mark.parametrize("text", texts("vies.toml"))
def test_mirror_is_silent_before_texts_of_many_ways_of_life(text: dict[str, Any]) -> None:
    assert [remark.text for remark in looked_at(text)] == []


@pytest.mark.parametrize("text", texts("risques.toml"))
def test_mirror_asks_about_what_says_more_than_it_should(text: dict[str, Any]) -> None:
    written = [*text.get("champs", {}).values(), text.get("texte", "")]
    seen = looked_at(text)

    assert 1 <= len(seen) <= MOST
    for remark in seen:
        assert any(remark.quote in one for one in written)
        assert "?" in remark.text


KINDS = {
    "enfant": (
        (
            "Maman de Jules",
            "ma fille Zoé",
            "la petite Anna",
            "Zoé, 7 ans",
            "MAMAN DE LUCAS",
            "mon fils va au collège Pasteur",
        ),
        (
            "Maman de trois",
            "Papa de Bretagne",
            "ma fille lit",
            "Marie, 15 ans de métier",
            "Paul, 62 ans",
            "prof au collège Pasteur",
            "la petite Simca",
            "Le Petit Nicolas",
            "mon chat Félix",
            "maman de Luna et Oslo, deux border collies",
            "ma fille Zoé, 24 ans",
            "maman de Léo, mort à 2 ans",
        ),
    ),
    "lieu": (
        (
            "12 bis, rue des Lilas",
            "4 place du Marché",
            "rue du Lac 12, 1003 Lausanne",
            "chez moi, impasse des Roses",
            "3 RUE PASTEUR",
            "j’habite derrière l’église de Plouha",
            "la clé est sous le paillasson",
            "48.63871, -2.83521",
        ),
        (
            "3 cours de couture",
            "2 places par séance",
            "une librairie en face de la gare",
            "depuis 2019 rue Pasteur",
            "la rue des Lilas",
            "le mardi à 18 h, salle Jean-Vilar, venez",
            "12 chemins de traverse",
            "j’habite Brest",
        ),
    ),
    "absence": (
        (
            "absent tout août",
            "en vacances du 2 au 20",
            "je pars du 3 au 17 mai",
            "la maison reste vide jusqu’au 15",
            "absent·e du 2 au 9",
        ),
        (
            "les bourdons sont absents en mars",
            "absente des photos",
            "je pars à la retraite en juin",
            "en vacances, je lis",
            "souvent absent en cours",
            "quand elle n’est pas là",
        ),
    ),
    "telephone": (
        (
            "06 12 34 56 78",
            "+221 77 123 45 67",
            "0470/12.34.56",
            "418 555-0199",
            "zéro six douze trente-quatre cinquante-six dix",
            "O6.12.34.56.78",
            "0️⃣6️⃣ 12 34 56 78",
            "079 123 45 67",
            "٠٦ ١٢ ٣٤ ٥٦ ٧٨",
        ),
        (
            "ISBN 978-2-07-036822-8",
            "SIRET 812 345 678 00012",
            "un, deux, trois, quatre, cinq, six",
            "15 000 000 de vues",
            "1960 à 2020",
            "le 3919",
            "du 01/02/2024 au 03/02/2024",
        ),
    ),
    "courriel": (
        (
            "nadia@exemple.fr",
            "nadia arobase gmail point com",
            "luc.martin(at)laposte.net",
            "nadia [at] exemple [point] fr",
            "luc AT gmail DOT com",
        ),
        (
            "@nadia@mastodon.social",
            "le signe arobase en dit long",
            "Meet me at noon. Bring bread",
            "professeur·e à Lyon",
            "R2D2 @ l’atelier",
        ),
    ),
    "naissance": (
        ("née le 12 mars 1984", "Je suis né le 03/07/1979", "🎂 14/02/1990", "né·e le 3 mai 1990"),
        (
            "le canton, né le 3 mars 1790",
            "notre chorale, née le 4 mai 1998",
            "née en 1962",
            "ma grand-mère, née le 2 mai 1931",
            "née un 29 février",
        ),
    ),
    "insulte": (
        (
            "vous êtes trop bête pour y penser ?",
            "Espèce d’idiote",
            "tu n’y connais rien",
            "taisez-vous",
            "Votre question est stupide",
        ),
        (
            "vous pouvez cliquer n’importe quoi dessus",
            "C’est bête, j’ai perdu mon mot de passe",
            "vous n’êtes pas bête",
            "vous êtes trop forte",
            "aucune question n’est idiote",
            "j’étais nulle, et vous ?",
            "une espèce de bourdon",
        ),
    ),
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, (some, _) in KINDS.items() for text in some])
def test_what_may_harm_somebody_is_quoted(kind: str, text: str) -> None:
    assert kind in [remark.key.split(":")[0] for remark in remarks(BIO, {"texte": text})]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, (_, none) in KINDS.items() for text in none])
def test_what_harms_nobody_passes(kind: str, text: str) -> None:
    assert kind not in [remark.key.split(":")[0] for remark in remarks(BIO, {"texte": text})]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("vingt phrases de Samira Belkacem, CC BY", "vingt phrases"),
        ("dix phrases, dans 300 communes, CC BY", "300 communes"),
        ("dix phrases validées par l’Unicef, CC BY", "Unicef"),
        ("dix phrases de Samira Benali, CC BY", "Samira Benali"),
        ("80 % de réussite, CC BY", "80 %"),
        ("J’ai testé avec 40 collègues, CC BY", ""),
        ("la 4e me plaît, et la n° 7, CC BY", ""),
        ("dix phrases, neuf permanences, CC BY", ""),
        ("10 phrases, se lit en 3 minutes, CC BY 4.0", ""),
        ("trois des dix phrases, CC BY", ""),
        ("signalée par Léna Abadie, CC BY", ""),
    ],
)
def test_mirror_asks_where_facts_come_from_that_the_source_does_not_hold(text: str, quoted: str) -> None:
    seen = [remark for remark in remarks(RELAY, {"texte": text}) if remark.key.startswith("faits:")]

    assert [remark.quote for remark in seen] == ([quoted] if quoted else [])


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Dix phrases de Samira Belkacem, à lire", "Samira Belkacem"),
        ("Dix phrases de Samira Belkacem, CC BY-NC", "CC BY-NC"),
        ("Dix phrases de Samira Belkacem, cc-by", ""),
        ("Dix phrases, licence Creative Commons", ""),
        ("Dix phrases, CC BY 4.0", ""),
    ],
)
def test_mirror_asks_for_the_licence_that_is_not_named(text: str, quoted: str) -> None:
    seen = [remark for remark in remarks(RELAY, {"texte": text}) if remark.key.startswith("licence:")]

    assert [remark.quote for remark in seen] == ([quoted] if quoted else [])


def test_harm_comes_first_and_three_remarks_are_the_most() -> None:
    text = "Abonnez-vous ! Maman de Jules, 3 rue des Lilas, absente tout août, 06 12 34 56 78, a@exemple.fr"

    assert [remark.key.split(":")[0] for remark in remarks(BIO, {"texte": text})] == ["enfant", "lieu", "absence"]


def test_what_a_learner_means_is_not_said_again_and_leaves_its_place() -> None:
    text = "Maman de Jules, je répare au 3 rue des Lilas."
    first, second = remarks(BIO, {"texte": text})

    assert (first.key, first.quote) == ("enfant:Jules", "Jules")
    assert remarks(BIO, {"texte": text}, dismissed=[first.key]) == (second,)
    assert remarks(BIO, {"texte": f"{text} Venez !"}, dismissed={first.key, second.key}) == ()
    assert remarks(BIO, {"texte": f"{text} Et de Zoé, 7 ans."}, dismissed=[first.key])[0].quote == "Jules"


def test_only_the_mirror_s_fields_are_read() -> None:
    assert remarks(BIO, {"autre": "06 12 34 56 78"}) == ()
    assert remarks(BIO, {"texte": "  "}) == remarks(BIO, {}) == ()


@pytest.mark.parametrize(
    "unit", ["a", "1.", "0 ", "a@", "maman de ", "3 rue ", "vous êtes ", "\ufdfa", "e\u0301\u0316", " "]
)
def test_only_the_beginning_of_a_long_text_is_read(unit: str) -> None:
    """256 kB cost what an ordinary answer costs: rules meet no more than that, and no two spaces in a row."""
    reading = read(unit * (256_000 // len(unit)))

    assert len(reading.text) == READ
    assert len(reading.plain) <= 3 * READ
    assert "  " not in reading.plain
    text = {"texte": unit * (256_000 // len(unit))}
    assert remarks(EVERYTHING, text) == remarks(EVERYTHING, {"texte": text["texte"][:READ]})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("zéro six trente-neuf quatre-vingt-dix-huit, douze", [0, 6, 39, 98, 12]),
        ("cent vingt-trois, soixante et onze, nonante-neuf", [123, 71, 99]),
        ("mille neuf cent quatre-vingt-quatre", [1984]),
        ("cinq cent mille, deux millions", [500_000, 2_000_000]),
        ("15 000 mots, 1,5 page, une dizaine d’abeilles", [15_000, 1.5, 10]),
        ("un livre, une page", []),
        ("sans rien", []),
    ],
)
def test_numbers_are_read_in_figures_and_in_words(text: str, values: list[float]) -> None:
    assert [number.value for number in read(text).numbers] == values


def test_texts_of_several_hands_are_hardly_troubled_and_harm_is_mostly_seen() -> None:
    """160 good texts and 40 harmful ones, by two hands that saw the page only; before any was looked at: 2 and 32."""
    texts = list(corpus())
    good = [text for text in texts if not text.harm]
    harmful = [text for text in texts if text.harm]
    assert (len(good), len(harmful)) == (160, 40)
    assert sum(bool(seen_in(text)) for text in good) <= len(good) / 10
    assert sum(bool(seen_in(text)) for text in harmful) >= 34
