"""What the mirror remarks in texts of many ways of life: what may harm somebody first, and rarely anything silly."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reseau_kit.activities.tasks import MIRROR_REMARKS, Mirror
from reseau_kit.answers.mirror import MOST, Remark, remarks

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


def texts(name: str) -> list[dict[str, Any]]:
    return list(tomllib.loads((TEXTS / name).read_text(encoding="utf-8"))["texte"])


@pytest.mark.parametrize("text", texts("cas.toml"), ids=lambda text: str(text.get("texte", text.get("champs")))[:40])
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
