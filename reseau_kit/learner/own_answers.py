"""Actions on a learner's own answers: export to a file (`emporter`), import, erase."""

import os
from pathlib import Path
from typing import Any

from reseau_kit.answers import folder as folders
from reseau_kit.answers.erasing import NotErased, erase, is_whole_course
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.journal import NotStored
from reseau_kit.answers.travel import NotTravelFile, bring_back, read_travel_file, take_along
from reseau_kit.frontend import script, style
from reseau_kit.learner.open_panels import forget_folders, panels, shared_folder, working_folder
from reseau_kit.learner.panel import Panel, notice


def mes_reponses() -> Panel:
    """Show three buttons: take the answers along, bring them back, erase them."""
    panel = AnswersPanel(working_folder())
    panel.face = panel.asked("Vos réponses")
    panel.plain = 'Dans une cellule : emporter(), reprendre("mes-reponses-….json") ou effacer_mes_reponses().'
    return panel


def emporter() -> Panel:
    """Export the answers of all steps to one file, to continue on another machine."""
    try:
        file, count = take_along(working_folder().root)
        content = file.read_text(encoding="utf-8")
    except OSError as error:
        return notice("Le fichier n’a pas pu être écrit", str(error), tone="part")
    if not count:
        return notice("Il n’y a rien à emporter pour l’instant", "Répondez à une activité, puis revenez ici.")
    activities = "une activité" if count == 1 else f"{count} activités"
    panel = notice(
        "Vos réponses sont prêtes à partir",
        f"Le fichier « {file.name} » contient vos réponses à {activities}. Gardez-le : il ne va nulle part sans vous.",
        "Sur l’autre machine, ouvrez cette leçon et choisissez « Reprendre un fichier… ».",
        tone="good",
    )
    panel.face = {**panel.face, "download": {"name": file.name, "content": content}}
    return panel


def reprendre(fichier: str | Path) -> Panel:
    """Import the answers of a file that `emporter()` wrote into this folder's course."""
    path = Path(fichier)
    path = path if path.is_absolute() else working_folder().path / path
    try:
        return _bring_back(path.name, read_travel_file(path))
    except NotTravelFile as error:
        return notice("Ce fichier n’a pas pu être repris", str(error), tone="part")


def effacer_mes_reponses(*, confirmer: bool = False) -> Panel:
    """Erase all answers of the course, after confirmation: the journals and the notebooks' copies."""
    if confirmer:
        return _erase(working_folder())
    panel = AnswersPanel(working_folder())
    panel.face = panel.asked("Effacer") | {"asking": True}
    panel.plain = "Pour confirmer, exécutez : effacer_mes_reponses(confirmer=True)"
    return panel


class AnswersPanel(Panel):
    """Panel for actions on all answers at once. Each action changes `state`, which the page shows."""

    _esm = script("answers")
    _css = style("answers")

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        super().__init__()
        self.on_msg(self._receive)

    def asked(self, title: str) -> dict[str, Any]:
        """Return the page's content, the course's name for the browser's store, and the question before erasing."""
        course = folders.place_name(self.folder.root)
        return {"kind": "answers", "title": title, "paragraphs": [], "course": course, "question": self.question()}

    def question(self) -> dict[str, Any]:
        """Return the question asked before erasing everything."""
        names = [path.name for path in folders.course_folders(self.folder.root)[1:]]
        where = f"de l’accueil et de : {', '.join(names)}" if names else "de ce dossier"
        return {
            "title": "Effacer toutes vos réponses ?",
            "paragraphs": [
                f"Vos réponses {where} seront effacées, et leurs copies aussi, jusque dans les dossiers au-dessous.",
                "Rien ne pourra les rendre.",
                "Pour les garder ailleurs, emportez-les d’abord, puis rangez le fichier hors du cours.",
            ],
        }

    def _receive(self, _: object, message: Any, __: object) -> None:
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "take-along":
            self._show(emporter())
        elif kind == "bring-back":
            name, content = str(message.get("name"))[:100], str(message.get("content")).encode("utf-8", "replace")
            self._show(_bring_back(name, content))
        elif kind == "erase":
            self._show(_erase(self.folder, by_page=True), erased=True)

    def _show(self, done: Panel, *, erased: bool = False) -> None:
        self.state = {"said": done.face, "erased": erased, "times": self.state.get("times", 0) + 1}


def _bring_back(name: str, content: bytes) -> Panel:
    try:
        done = bring_back(name, content, working_folder().root)
    except (NotTravelFile, NotStored, OSError) as error:
        return notice("Ce fichier n’a pas pu être repris", str(error), tone="part")
    finally:
        forget_folders()
    for panel in list(panels):
        panel.folder = shared_folder(panel.folder.path)
        panel.refresh()
    return notice(
        "Vos réponses sont là",
        f"Reprises : {done.added}. Déjà présentes ici : {done.known}. Rien de ce qui était ici n’a été remplacé.",
        tone="good",
    )


def _erase(folder: Folder, *, by_page: bool = False) -> Panel:
    shown = [panel for panel in panels if panel.folder.root == folder.root]
    session = os.environ.get("JPY_SESSION_NAME", "")
    # An activity's panel removes the copy from its own document; without one, `erase` does it.
    leaving = Path(session) if session and Path(session).exists() and (by_page or shown) else None
    said = (_nothing_left(folder.root), *((_SHOWN_STILL,) if leaving else ()), _OWN_WORDS)
    done = notice("Vos réponses sont effacées", *said, tone="good")
    try:
        erase(folder.root, leaving=leaving)
    except NotErased as error:
        done = notice("Tout n’a pas pu être effacé", *str(error).splitlines(), tone="part")
    forget_folders()
    for panel in shown:
        panel.folder = shared_folder(panel.folder.path)
        panel.send({"type": "erased"})
        panel.refresh()
    return done


def _nothing_left(root: Path) -> str:
    """Return a sentence on which folders were searched."""
    if is_whole_course(root):
        return "Il n’en reste rien dans les fichiers de ce cours."
    names = ", ".join(f"« {path.name} »" for path in folders.course_folders(root)[1:])
    return f"Il n’en reste rien dans les fichiers de : {names}. Les autres dossiers à côté n’ont pas été regardés."


_SHOWN_STILL = (
    "Dans ce document, relancez les cellules qui montraient vos réponses, comme carnet() ou ma_charte(), "
    "puis enregistrez-le : ce qui était affiché y reste jusque-là."
)

_OWN_WORDS = (
    "Ce que vous avez écrit vous-même dans des cellules, et ce que vous avez téléchargé hors du cours, est toujours là."
)
