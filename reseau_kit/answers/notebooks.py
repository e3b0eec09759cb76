"""Metadata of a course notebook: its activities, and a second copy of the learner's answers.

Works on notebooks as plain JSON, without running or drawing anything.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reseau_kit.activities.activity import Activities
from reseau_kit.activities.loading import pack, unpack, withhold
from reseau_kit.answers.journal import Damage, Event, Reading, compact, read_event
from reseau_kit.system.files import read_plain_file, replace_file
from reseau_kit.system.jsontext import decode
from reseau_kit.system.refusals import reason

#: Metadata key of the course.
KEY = "reseau_kit"

#: Maximum size of a notebook; larger ones are skipped and reported.
MAX_NOTEBOOK_BYTES = 30_000_000

#: Maximum notebooks read in a folder, more than any folder of the course has; further ones are ignored.
MAX_NOTEBOOKS = 50

MAX_EVENTS = 20_000

#: Maximum lists, objects and values in a notebook, more than any learner's has.
_MANY_PARTS = 1_000_000

Notebook = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """One course notebook of a folder: its file, its activities and its copy of the answers.

    A released notebook contains its activities (`packed`); an author's notebook names their file (`source`).
    """

    path: Path
    packed: str
    copy: Reading
    source: str = ""
    readable: bool = True

    @property
    def activities(self) -> Activities:
        """The activities in the notebook.

        Raises:
            ValueError: they are damaged.
        """
        return unpack(self.packed)


def documents(folder: Path) -> Iterator[Document]:
    """Yield the course notebooks of a folder, by name; for an unreadable one, a document whose copy reports it."""
    for path in sorted(folder.glob("*.ipynb"))[:MAX_NOTEBOOKS]:
        if path.is_symlink():
            continue
        try:
            ours = course_metadata(load(path))
        except ValueError as error:
            damages = (Damage(0, f"« {path.name} » : {error}"),)
            yield Document(path, "", Reading(damages=damages), readable=False)
            continue
        if ours:
            texts = {key: text for key, text in ours.items() if isinstance(text, str)}
            yield Document(path, texts.get("activities", ""), read_copy(ours), texts.get("source", ""))


def is_of_a_course(path: Path) -> bool:
    """Whether a file is a notebook that contains activities, or names their file."""
    try:
        return bool({"activities", "source"} & course_metadata(load(path)).keys())
    except ValueError:
        return False


def load(path: Path) -> Notebook:
    """Load a notebook file as plain JSON.

    Raises:
        ValueError: the file is not a readable notebook; the message says why, in French.
    """
    try:
        return parse(read_plain_file(path, MAX_NOTEBOOK_BYTES))
    except OSError as error:
        raise ValueError(f"le document ne s’ouvre pas ({reason(error)})") from error


def parse(data: bytes) -> Notebook:
    """Parse the bytes of a notebook file as plain JSON.

    Raises:
        ValueError: they are not a readable notebook; the message says why, in French.
    """
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise ValueError(f"le document dépasse {MAX_NOTEBOOK_BYTES // 1_000_000} Mo")
    # Thirty million bytes can encode ten million lists, which need far more memory than disk space.
    if len(data) > _MANY_PARTS and sum(map(data.count, (b"[", b"{", b","))) > _MANY_PARTS:
        raise ValueError("le document a trop de parties")
    try:
        notebook = decode(data)
    except RecursionError as error:
        raise ValueError("le document est trop profond") from error
    except ValueError as error:
        raise ValueError(f"le document n’est pas un notebook lisible ({_why(error)})") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("le document n’est pas un notebook")
    return notebook


def _why(error: ValueError) -> str:
    """Return the JSON parser's error in French."""
    match error:
        case json.JSONDecodeError():
            return f"ligne {error.lineno}, colonne {error.colno} : ce n’est pas du JSON"
        case UnicodeDecodeError():
            return f"octet {error.start + 1} : ce n’est pas du texte en UTF-8"
    return "un nombre a trop de chiffres"


def save(path: Path, notebook: Notebook) -> None:
    """Write a notebook atomically, in the form that Jupyter gives it."""
    replace_file(path, as_jupyter(notebook).encode())


def as_jupyter(notebook: Notebook) -> str:
    """Return the text of a notebook file as Jupyter writes it."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def course_metadata(notebook: Notebook) -> dict[str, Any]:
    """Return the notebook's metadata under the course's key; empty if it is not a course notebook."""
    metadata = notebook.get("metadata")
    ours = metadata.get(KEY) if isinstance(metadata, dict) else None
    return ours if isinstance(ours, dict) else {}


def read_copy(ours: dict[str, Any], known: Mapping[str, Event] | None = None) -> Reading:
    """Read the copy of the answers in a notebook's metadata. Damaged parts are skipped and reported.

    An entry equal to the `known` event with its id is replaced by that event, without being parsed again.
    """
    answers = ours.get("answers")
    if answers is None:
        return Reading()
    if not isinstance(answers, dict) or not isinstance(answers.get("events"), list):
        return Reading(damages=(Damage(0, "la copie des réponses dans le document est abîmée"),))
    events: list[Event] = []
    damages: list[Damage] = []
    known = known or {}
    for entry in answers["events"][:MAX_EVENTS]:
        try:
            id = entry.get("id") if isinstance(entry, dict) else None
            same = known.get(id) if isinstance(id, str) else None
            events.append(same if same is not None and same.to_json() == entry else read_event(entry))
        except ValueError as error:
            damages.append(Damage(0, f"une réponse gardée dans le document est passée : {error}"))
    return Reading(origin=owner(answers.get("origin"), events), events=tuple(events), damages=tuple(damages))


def owner(origin: object, events: Sequence[Event]) -> str:
    """Return the origin of a copy: the given one if an event has it, else that of the latest event."""
    if isinstance(origin, str) and any(event.origin == origin for event in events):
        return origin
    return max(events, key=lambda event: event.order).origin if events else ""


def write_copy(notebook: Notebook, origin: str, events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Store those events as the notebook's copy, in place; return the stored ones, without outdated drafts."""
    kept = compact(events)
    answers = {"origin": origin, "events": [event.to_json() for event in kept]}
    notebook.setdefault("metadata", {}).setdefault(KEY, {})["answers"] = answers
    return kept


def remove_copy(notebook: Notebook) -> bool:
    """Remove the copy of the answers from a notebook, in place, and all outputs, since they may show answers.

    Returns whether there was anything to remove. The random names of the origins stay: a page that has this notebook
    open and saves later finds in them that it must not restore these answers.
    """
    ours = course_metadata(notebook)
    gone = {event.origin for event in read_copy(ours).events}
    removed = ours.pop("answers", None) is not None
    if gone:
        ours["erased"] = sorted(gone)
    for cell in notebook.get("cells", []):
        if isinstance(cell, dict) and cell.get("outputs"):
            cell["outputs"], cell["execution_count"] = [], None
            removed = True
    notebook.get("metadata", {}).pop("widgets", None)
    return removed


def remove_shown(notebook: Notebook) -> bool:
    """Remove the outputs of course panels from a notebook of the user's own, in place; return whether there were any.

    Other outputs and other widgets stay.
    """
    cells = [cell for cell in notebook["cells"] if isinstance(cell, dict)]
    if not any(KEY in str(cell.get("source")) for cell in cells):
        return False
    metadata = notebook.get("metadata")
    saved = metadata.get("widgets") if isinstance(metadata, dict) else None
    saved = saved.get(_WIDGET_STATES) if isinstance(saved, dict) else None
    states = saved.get("state") if isinstance(saved, dict) else None
    states = states if isinstance(states, dict) else {}
    others = {id: state for id, state in states.items() if f"'_anywidget_id': '{KEY}." not in str(state)}
    removed = len(others) < len(states)
    if removed and isinstance(saved, dict):
        saved["state"] = others
    for cell in cells:
        outputs = cell.get("outputs")
        kept = (
            [output for output in outputs if not _is_shown_by_us(output, others)] if isinstance(outputs, list) else []
        )
        if isinstance(outputs, list) and len(kept) < len(outputs):
            cell["outputs"], removed = kept, True
    return removed


def _is_shown_by_us(output: Any, others: Mapping[str, Any]) -> bool:
    """Whether an output may show a panel of the course; `others` are the widgets known not to be panels."""
    data = output.get("data") if isinstance(output, dict) else None
    view = data.get("application/vnd.jupyter.widget-view+json") if isinstance(data, dict) else None
    return view is not None and not (isinstance(view, dict) and str(view.get("model_id")) in others)


_WIDGET_STATES = "application/vnd.jupyter.widget-state+json"


def carry_answers(old: Notebook, new: Notebook) -> None:
    """Copy the answers of a notebook to its new version, in place."""
    answers = course_metadata(old).get("answers")
    if answers is not None:
        new.setdefault("metadata", {}).setdefault(KEY, {})["answers"] = answers


def release(notebook: Notebook, activities: Activities) -> None:
    """Turn an author's notebook into a learner's, in place: it contains its activities and no answers."""
    remove_copy(notebook)
    notebook.setdefault("metadata", {})[KEY] = {"activities": pack(withhold(activities))}
