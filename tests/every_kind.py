"""Material: a small course that asks every kind of question, `tous-les-genres/`, with right and wrong answers."""

import re
from pathlib import Path
from typing import Any

from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.checks import Result, check

COURSE = Path(__file__).parent / "tous-les-genres"
SOURCE = COURSE / "exercises" / "etape-1" / "activites.toml"
EVERY = load_activities(SOURCE)
AT = "2026-11-22T08:00:00.000Z"
CONTEXT = {"cas": "nadia", "objectif.themes": "reliure, quartier"}

WEEK: list[dict[str, Any]] = [
    {"jour": "lundi", "minutes": "15", "geste": "lire", "media": "mastodon", "theme": ""},
    {"jour": "mercredi", "minutes": 30, "geste": "publier", "media": "mastodon", "theme": "mediation"},
    {"jour": "jeudi", "minutes": "15 min", "geste": "aider", "media": "", "theme": ""},
]

RIGHT: dict[str, Any] = {
    "grille": {"metier": "public", "naissance": "prive", "adresse": "message", "parce-que": "verifier"},
    "fiche": {"role": "relieuse", "texte": "Relieuse à Brest, je raconte la reliure à qui veut apprendre."},
    "lecture": {"ines-qui": "p1", "ines-geste": "demander", "paul-qui": "rien"},
    "selection": [{"id": "i1"}, {"id": "i2"}],
    "comptes": ["c01", "c02", "c03", "c07", "c08", "c13"],
    "requete": {"avec": ["atelier", "reliure"], "sans": ["promo"]},
    "plan": WEEK,
    "reperes": {"annuaire": "renomme", "cercles": "ferme"},
}
WRONG: dict[str, Any] = {
    "grille": {"metier": "prive", "naissance": "public", "adresse": "donner", "parce-que": "politesse"},
    "fiche": {"role": "aaaa", "texte": "aaaa"},
    "lecture": {"ines-qui": "p2", "ines-geste": "acheter", "paul-qui": "p1"},
    "selection": ["i3", "i4"],
    "comptes": ["c04", "c05", "c06", "c10", "c11", "c24"],
    "requete": {"avec": ["livre"]},
    "plan": [{"jour": "lundi", "minutes": 300, "geste": "vanter", "media": "forum", "theme": "ruches"}],
    "reperes": {"annuaire": "ferme", "cercles": "renomme"},
}


def judged(id: str, value: Any, context: dict[str, str] = CONTEXT) -> Result:
    # The first version of the form: its rules look at words, as old answers are still marked.
    return check(EVERY.versions[id][1], value, context, AT)


def plain(text: str) -> str:
    return re.sub(r"\s", " ", text)
