"""Material: one small question of each kind, as an author writes it, and answers to it."""

from pathlib import Path
from typing import Any

from reseau_kit.activities.activity import Activities
from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.journal import Event

AT = "2026-11-22T08:00:00.000Z"

COMMON = 'indices = ["Un.", "Deux."]\nexplication = "Parce que."\nquestion = "?"\npoints = 10\n'

MATCHING = f"""
[[activite]]
id = "M"
genre = "appariement"
{COMMON}
[[activite.classe]]
id = "contact"
texte = "Un contact"
[[activite.classe]]
id = "lien"
texte = "Un lien"
[[activite.classe]]
id = "audience"
texte = "Une audience"
[[activite.element]]
id = "carte"
texte = "Une carte échangée"
classe = "contact"
[[activite.element]]
id = "diner"
texte = "Un repas partagé"
classe = "lien"
[[activite.element]]
id = "abonnes"
texte = "Deux cents abonnés"
accepte = {{ audience = 1, contact = 0.5 }}
raisons = {{ lien = "Ils vous reçoivent ; se sont-ils adressés à vous ?" }}
[[activite.confusion]]
entre = ["contact", "lien"]
message = "Une carte échangée n’est pas encore un lien."
[[activite.confusion]]
entre = ["lien", "audience"]
message = "Qui vous répond ?"
[[activite.confusion]]
entre = ["contact", "audience"]
message = "Vous êtes-vous parlé ?"
"""

ORDERING = "\n".join(
    [
        f'[[activite]]\nid = "O"\ngenre = "ordre"\n{COMMON}corrige = ["a", "b", "c", "d", "e"]',
        *(f'[[activite.element]]\nid = "{id}"\ntexte = "Geste {id}"' for id in "ecadb"),
        *(
            f'[[activite.inversion]]\navant = "{first}"\napres = "{second}"\nmessage = "{first} puis {second}"'
            for first, second in ("ab", "bc", "cd", "de")
        ),
    ]
)

FORM = f"""
[[activite]]
id = "F"
genre = "fiche"
{COMMON}
[[activite.champ]]
id = "verbe"
texte = "Verbe"
saisie = "choix"
valeurs = ["rencontrer", "écouter", "vendre", "être visible"]
[[activite.champ]]
id = "public"
texte = "Public"
saisie = "long"
[[activite.champ]]
id = "date"
texte = "Date"
saisie = "date"
[[activite.champ]]
id = "budget"
texte = "Budget"
saisie = "nombre"
unite = "minutes"
[[activite.critere]]
champ = "verbe"
part = 40
parmi = ["rencontrer", "écouter"]
message = "Quel geste ?"
[[activite.critere]]
champ = "public"
part = 40
mots = [4, 20]
message = "Qui d’abord ?"
[[activite.critere]]
champ = "date"
part = 20
jours = [14, 366]
message = "Pour quand ?"
[[activite.faute]]
champ = "budget"
facteur = 0.8
hors = [15, 300]
message = "Combien de temps ?"
"""

SELECTION = f"""
[[activite]]
id = "S"
genre = "selection"
{COMMON}
au_plus = 2
cartes = "medias.csv"
convient = {{ a = 1, b = 0.5 }}
raisons = {{ b = "Presque.", c = "Pas ici.", d = "Pas encore." }}
si_critere = "Relisez la fiche."
si_trop = "Deux au plus."
[[activite.critere]]
id = "public"
texte = "Public"
[[activite.critere]]
id = "sortie"
texte = "Sortie"
"""

CARDS = (
    "id,texte,forces,Effort,source,verifie_le\n"
    "a,Média a,public|sortie,Faible,page,2026-11-02\n"
    "b,Média b,public,Moyen,page,2026-11-02\n"
    "c,Média c,public,Fort,page,2026-11-02\n"
    "d,Média d,sortie,Fort,page,2026-11-02\n"
)

TEXT = """
[[activite]]
id = "T"
genre = "texte"
points = 30
question = "Pourquoi serez-vous sur ce média ?"
mots = [120, 180]
[[activite.niveau]]
note = 4
titre = "Exemplaire"
texte = "Un but, des personnes, une limite."
[[activite.niveau]]
note = 1
titre = "Insuffisant"
texte = "« Parce que tout le monde y est. »"
"""


def load(folder: Path, text: str) -> Activities:
    (folder / "medias.csv").write_text(CARDS, encoding="utf-8")
    path = folder / "activites.toml"
    path.write_text(text, encoding="utf-8")
    return load_activities(path)


def attempts(id: str, *values: Any) -> list[Event]:
    return [Event(f"{n:08x}", "0" * 8, n, id, 1, "attempt", value, AT) for n, value in enumerate(values, 1)]
