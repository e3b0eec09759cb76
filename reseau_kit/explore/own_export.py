"""`mon_reseau()`: choosing one's own export beside the lessons, and exploring it. Nothing is written or sent."""

from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.explore.explorer import Control, Explorer, Found, Tool, Values
from reseau_kit.explore.own_network import carte, indicateurs
from reseau_kit.learner.open_panels import course_root
from reseau_kit.learner.panel import Panel

if TYPE_CHECKING:
    pass


def mon_reseau() -> Panel:
    """Choose one of one's own exports, beside the lessons, and see its map or its indicators."""
    return Explorer(_own_network())


# --- one's own network ------------------------------------------------------------------------------------------------

#: Names of files that an export may have, and that the course itself has not.
_EXPORTS = (".zip", ".csv", ".opml", ".xml", ".car", ".gz", ".tgz", ".json", ".js", ".gexf")

_WAYS = (
    ("", "Au mieux", ""),
    ("entreprise", "Par entreprise", ""),
    ("métier", "Par métier", ""),
    ("groupe", "Par serveur, par dossier", ""),
    ("lien", "Selon qui suit qui", ""),
    ("année", "Par année", ""),
)

_OWN_NOTES = (
    "Rien ne quitte cet ordinateur : votre fichier est lu ici, et rien n’en est envoyé ni joint à vos réponses.",
    "Les noms de vos contacts restent cachés, sauf si vous les demandez.",
    "Jupyter tourne ailleurs que chez vous (Binder, un serveur de formation) ? N’y mettez pas un vrai export.",
)


def _own_network() -> Tool:
    return Tool(
        "Mon propre réseau · sans note, facultatif",
        "Quel fichier regarder ?",
        "Glissez d’abord votre export dans la colonne des fichiers, à gauche, près des leçons ; "
        "jamais dans le dossier d’un atelier. Puis choisissez-le ici.",
        "Regarder",
        _own_controls,
        _own,
        at_once=False,
        again="Relire la liste des fichiers",
        notes=_OWN_NOTES,
    )


def _astray() -> list[str]:
    """Archives in the folder of an exercise, which would be handed in with it."""
    root = course_root()
    from reseau_kit.answers.folder import course_folders

    folders = [folder for folder in course_folders(root) if folder != root]
    return sorted(f"{folder.name}/{path.name}" for folder in folders for path in folder.glob("*.zip"))


def _own_controls() -> list[Control]:
    root = course_root()
    files = [(name, name, "") for name in _exports_in(root)]
    what = (("carte", "Ma carte", ""), ("indicateurs", "Mes indicateurs", ""))
    return [
        Control("fichier", "Votre export", (("", "Choisir…", ""), *files)),
        Control("quoi", "Que voulez-vous voir ?", what),
        Control("par", "Comment grouper, sur la carte ?", _WAYS),
        Control("noms", "Montrer les noms, aussi dans les fichiers à télécharger", kind="tick"),
    ]


def _exports_in(folder: Path) -> list[str]:
    """Files of the learner's own that may be an export, beside the lessons; the course's own are not theirs."""
    from reseau_kit.workspace import installed_files

    known = installed_files(folder)
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_file()
        and path.suffix.lower() in _EXPORTS
        and not path.name.startswith((".", "mes-reponses-", "mes-groupes"))
        and path.name not in known
    )


def _own(values: Values) -> Found:
    if not values["fichier"] and (astray := _astray()):
        where = ", ".join(f"« {name} »" for name in astray)
        return Found(
            f"{where} partirait avec ce que vous remettez : glissez-le à côté des leçons, puis relisez la liste."
        )
    if not values["fichier"]:
        return Found(
            "Choisissez d’abord un fichier. S’il n’est pas dans la liste, glissez-le à gauche, puis relisez-la."
        )
    path = course_root() / values["fichier"]
    if values["quoi"] == "indicateurs":
        return Found("Voyez ci-dessous.", child=indicateurs(path))
    return Found("Voyez ci-dessous.", child=carte(path, noms=values["noms"] == "oui", par=values["par"]))
