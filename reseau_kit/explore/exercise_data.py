"""Explorers of an exercise's data: they sort, filter and count rows, and show no key, type or score."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.explore.explorer import Control, Found, Values, how_many, table_found
from reseau_kit.french.comparing import content_words

if TYPE_CHECKING:
    pass


# --- data of an exercise, in its folder -------------------------------------------------------------------------------

_UNREADABLE = Found("Les données de cet outil ont été changées, et ne se lisent plus.")

_NO_FILE = Found("Les données de cet outil ne sont pas dans ce dossier : ouvrez l’atelier où il se trouve.")

_ORDERS = {
    "abonnes": ("Les plus suivis", True),
    "publications_90j": ("Les plus actifs", True),
    "taux_reponse": ("Qui répond le plus", True),
    "part_autopromo": ("Qui se vend le moins", False),
}

#: Names of circles as on the cards; a circle that is only an audience has none.
_CIRCLES = {
    "mediation": "médiation numérique",
    "formation": "formation",
    "emploi": "emploi",
    "bibliotheques": "bibliothèques",
    "quartier": "voisinage",
}

_KEPT = {
    "": "Tous",
    "deja_connu": "Vos connaissances",
    "suivi_par_mon_contact": "Suivis aussi par la voisine",
    "ailleurs": "Que la voisine ne suit pas",
}


def _rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file in the current folder, none if there is no such file."""
    path = Path(name)
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def account_controls() -> list[Control]:
    """Return the controls of the accounts' table."""
    orders = tuple((id, text, "") for id, (text, _) in _ORDERS.items())
    kept = tuple((id, text, "") for id, text in _KEPT.items())
    word = Control("mot", "Un mot de la bio", kind="text", help="Laissez vide pour tout garder.")
    return [Control("ordre", "Qui mettre en premier ?", orders), Control("garder", "Lesquels garder ?", kept), word]


def found_accounts(values: Values) -> Found:
    """Return the accounts that the values select, sorted; only a sentence if the file cannot be read."""
    try:
        return _sorted_accounts(values)
    except (KeyError, ValueError, csv.Error):
        return _UNREADABLE


def _sorted_accounts(values: Values) -> Found:
    from reseau_kit.french.writing import count, percent

    profiles = {row["id"]: row for row in _rows("profils.csv")}
    accounts = [row | profiles[row["id"]] for row in _rows("comptes.csv") if row["id"] in profiles]
    if not accounts:
        return _NO_FILE
    keep, word = values["garder"], set(content_words(values["mot"]))
    kept = [
        row
        for row in accounts
        if (not keep or (row["suivi_par_mon_contact"] == "0" if keep == "ailleurs" else row[keep] == "1"))
        and word <= set(content_words(row["bio"]))
    ]
    order, falling = values["ordre"], _ORDERS[values["ordre"]][1]
    kept.sort(key=lambda row: float(row[order]), reverse=falling)
    yes = {"1": "oui", "0": "non"}
    rows = [
        [
            row["texte"],
            row["taille"],
            row["publications_90j"],
            percent(float(row["taux_reponse"])),
            percent(float(row["part_autopromo"])),
            _CIRCLES.get(row["cercle"], "aucun en particulier"),
            yes[row["deja_connu"]],
            yes[row["suivi_par_mon_contact"]],
            row["bio"],
        ]
        for row in kept
    ]
    columns = ["Compte", "Abonnés", "Publications en 90 jours", "Répond à", "Autopromotion", "Cercle"]
    columns += ["Vous le connaissez", "La voisine le suit", "Bio"]
    sentence = f"{count(len(kept), 'compte')} sur {len(accounts)}."
    return table_found(sentence, f"Les comptes : {_ORDERS[order][0].lower()} d’abord", columns, rows)


def reply_controls() -> list[Control]:
    """Return the controls of the replies' table."""
    ends = (("", "Toutes", ""), ("1", "Avec une question à la fin", ""), ("0", "Les autres", ""))
    after = (("", "Peu importe", ""), ("1", "Avec une suite", ""), ("0", "Sans suite", ""))
    return [Control("question", "Quelles réponses ?", ends), Control("suite", "Et ce qui a suivi ?", after)]


def found_replies(values: Values) -> Found:
    """Return the replies that the values select; only a sentence if the file cannot be read."""
    try:
        return _kept_replies(values)
    except (KeyError, ValueError, csv.Error):
        return _UNREADABLE


def _kept_replies(values: Values) -> Found:
    replies = _rows("reponses.csv")
    if not replies:
        return _NO_FILE
    wanted = {"ma_reponse_finit_par_une_question": values["question"], "suite_recue": values["suite"]}
    kept = [row for row in replies if all(not value or row[name] == value for name, value in wanted.items())]
    yes = {"1": "oui", "0": "non"}
    rows = [[row["id"], yes[row["ma_reponse_finit_par_une_question"]], yes[row["suite_recue"]]] for row in kept]
    sentence = how_many(len(kept), "réponse", "réponses")
    return table_found(sentence, "Les réponses gardées", ["Numéro", "Finit par une question", "A reçu une suite"], rows)
