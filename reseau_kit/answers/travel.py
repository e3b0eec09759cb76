"""Exports all answers to one file (`emporter()`) and merges such a file back into a course."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from reseau_kit.answers.folder import Folder, course_folders, is_a_place
from reseau_kit.answers.journal import (
    MAX_FILE_BYTES,
    Event,
    now,
    read_event,
)
from reseau_kit.system.files import PRIVATE, replace_file
from reseau_kit.system.refusals import reason

#: Format version of the file that `take_along` writes.
TRAVEL_FORMAT = 1

#: Maximum size of a file of answers.
MAX_TRAVEL_BYTES = 20 * MAX_FILE_BYTES

_WHICH_FILE = "Choisissez le fichier « mes-reponses-….json » que vous avez emporté."


class NotTravelFile(ValueError):
    """The file was not written by `take_along`. The message, in French, says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Return:
    """Result of `bring_back`: the number of new answers, and of those already present."""

    added: int
    known: int


def take_along(root: Path) -> tuple[Path, int]:
    """Write the answers of all steps to one file beside the lessons; return its path and the number of activities."""
    folders: dict[str, Any] = {}
    count = 0
    for path in course_folders(root):
        answers = Folder(path).answers
        if answers.events:
            name = "." if path == root else path.name
            folders[name] = {"origin": answers.origin, "events": [event.to_json() for event in answers.events]}
            count += len({event.activity for event in answers.events})
    target = root / f"mes-reponses-{datetime.now().astimezone().date().isoformat()}.json"
    data = {"reseau_kit": TRAVEL_FORMAT, "written": now(), "folders": folders}
    replace_file(target, json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8"), mode=PRIVATE)
    return target, count


def read_travel_file(path: Path) -> bytes:
    """Read a file that `take_along` may have written.

    Raises:
        NotTravelFile: the file cannot be opened, or is larger than `MAX_TRAVEL_BYTES`.
    """
    try:
        if path.stat().st_size > MAX_TRAVEL_BYTES:
            raise NotTravelFile(f"« {path.name} » est trop gros pour des réponses. {_WHICH_FILE}")
        return path.read_bytes()
    except OSError as error:
        raise NotTravelFile(f"« {path.name} » ne s’ouvre pas ({reason(error)}). {_WHICH_FILE}") from error


def bring_back(name: str, content: bytes, root: Path) -> Return:
    """Merge the `content` of a file that `take_along` wrote into the course below `root`. `name` is for messages.

    Raises:
        NotTravelFile: the file is another one, or damaged; nothing was changed.
        NotStored: an answer is not confirmed in its journal.
    """
    readings = _read_travel(name, content)
    added = known = 0
    for place, (origin, events) in readings.items():
        path = root if place == "." else root / place
        path.mkdir(exist_ok=True)
        folder = Folder(path)
        before = {event.id for event in folder.answers.events}
        mine = folder.journal.start(folder.answers.origin or origin)
        for other in sorted({event.origin for event in events} - {mine}):
            folder.journal.decide("accept", other)
        folder.bring_in(events)
        after = {event.id for event in folder.read().events}
        added += len(after - before)
        known += len(before & {event.id for event in events})
    return Return(added, known)


def _read_travel(name: str, content: bytes) -> dict[str, tuple[str, list[Event]]]:
    try:
        if len(content) > MAX_TRAVEL_BYTES:
            raise ValueError("trop gros")
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotTravelFile(f"« {name} » ne contient pas de réponses lisibles. {_WHICH_FILE}") from error
    folders = data.get("folders") if isinstance(data, dict) and data.get("reseau_kit") == TRAVEL_FORMAT else None
    if not isinstance(folders, dict):
        raise NotTravelFile(f"« {name} » n’est pas un fichier de réponses de ce cours. {_WHICH_FILE}")
    readings: dict[str, tuple[str, list[Event]]] = {}
    for place, answers in folders.items():
        entries = answers.get("events") if isinstance(answers, dict) else None
        if not is_a_place(place) or not isinstance(entries, list):
            raise NotTravelFile(f"« {name} » est abîmé (dossier « {place} »). {_WHICH_FILE}")
        try:
            events = [read_event(entry) for entry in entries]
        except ValueError as error:
            raise NotTravelFile(f"« {name} » est abîmé : {error}. {_WHICH_FILE}") from error
        origins = [event.origin for event in events]
        readings[place] = (answers["origin"] if answers.get("origin") in origins else "", events)
    return readings
