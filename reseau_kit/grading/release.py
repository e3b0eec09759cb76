"""Checks before an exercise is released, and the data files that stay with the trainer."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from reseau_kit.activities.activity import Activities
from reseau_kit.activities.tasks import OpenText
from reseau_kit.answers.journal import FILE_NAME
from reseau_kit.answers.notebooks import Notebook
from reseau_kit.grading.exercise import (
    activity_of,
    grading_data,
    is_autograded,
)


class NotReleasable(ValueError):
    """A notebook and its activities file disagree. The message, in French, names every fault, one per line."""


def release_faults(name: str, notebook: Notebook, activities: Activities) -> list[str]:
    """Return the disagreements between an author's notebook and its activities, one French sentence each."""
    faults: list[str] = []
    standing: Counter[str] = Counter()
    for cell in notebook["cells"]:
        id = activity_of(cell)
        if id:
            standing[id] += 1
            where = f'{name}, cellule activite("{id}")'
            faults += (f"{where} : {fault}" for fault in _cell_faults(cell, id, activities))
        elif is_autograded(cell) and _NEARLY.search(cell["source"]):
            where = f"{name}, cellule « {grading_data(cell).get('grade_id')} »"
            expected = 'écrivez-y exactement activite("…"), sans rien d’autre'
            faults.append(f"{where} : elle nomme une activité et ne sera pas reconnue comme telle ; {expected}")
    for id in activities.own:
        if standing[id] > 1:
            faults.append(f"{name} : l’activité « {id} » est dans {standing[id]} cellules ; gardez-en une")
        elif not standing[id] and activities[id].points:
            advice = f'ajoutez une cellule activite("{id}"), ou retirez l’activité du fichier'
            faults.append(f"{name} : l’activité « {id} » vaut des points et n’est dans aucune cellule ; {advice}")
    return faults


#: Near misses of the recognized form of an activity's cell.
_NEARLY = re.compile(r"\bactivite\b")


def data_kept_back(activities: Activities) -> set[str]:
    """Return the data files to keep from learners: with later feedback, those of which questions show only a part."""
    if not activities.feedback_after:
        return set()
    shown: set[str] = set()
    named: set[str] = set()
    for values in activities.document["activite"]:
        for key, value in values.items():
            names = {name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)}
            whole = key == "donnees" and "lignes" not in values
            (shown if whole else named).update(name for name in names if name.endswith(".csv"))
    return named - shown


# --- faults -----------------------------------------------------------------------------------------------------------


def _cell_faults(cell: NotebookNode, id: str, activities: Activities) -> Iterator[str]:
    if id not in activities.own:
        yield "cette activité n’est pas dans le fichier d’activités ; corrigez l’identifiant, ou ajoutez-la"
        return
    worth, data = activities[id].points, grading_data(cell)
    if isinstance(activities[id].task, OpenText):
        if data:
            yield "une question ouverte n’a pas de données nbgrader ; retirez-les : la cellule de lecture s’ajoutera"
        return
    if not worth and not data.get("grade"):
        return
    if not is_autograded(cell):
        yield f"l’activité vaut {worth:g} points et la cellule n’est pas notée ; faites-en un « Autograded tests »"
        return
    if data.get("grade_id") != id:
        yield f"son identifiant nbgrader est « {data.get('grade_id')} » ; il doit être « {id} »"
    if data.get("points") != worth:
        found = data.get("points", "aucun")
        yield f"nbgrader y compte {found} points et le fichier d’activités {worth:g} ; mettez le même nombre"


def folder_faults(folder: Path) -> list[str]:
    """Return a fault for the file beside an exercise that would replace each learner's journal."""
    if not (folder / FILE_NAME).exists():
        return []
    return [f"{folder / FILE_NAME} : ce fichier remplacerait les réponses de chaque personne ; supprimez-le d’ici"]
