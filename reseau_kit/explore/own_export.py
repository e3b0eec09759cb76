"""`mon_reseau()`: the learner chooses an own export beside the lessons and explores it. Nothing is written or sent."""

from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.explore.explorer import Control, Explorer, Found, Tool, Values
from reseau_kit.explore.own_network import carte, indicateurs
from reseau_kit.learner.open_panels import course_root
from reseau_kit.learner.panel import Panel

if TYPE_CHECKING:
    pass


def mon_reseau() -> Panel:
    """Choose an own export, beside the lessons, and show its map or its indicators."""
    return Explorer(_own_network())


# --- the learner's own network ----------------------------------------------------------------------------------------

#: Extensions of exports, which no file of the course itself has.
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
    """Return archives in exercise folders, where they would be handed in."""
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
    """Return the learner's own files beside the lessons that may be exports; the course's files are left out."""
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
