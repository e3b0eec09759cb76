"""A learner's folder: its activities, its journal, the copies in its notebooks, and the course around it.

Combines these copies on disk. Knows nothing of nbgrader or of how an activity is drawn.
"""

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from reseau_kit.activities.activity import Activities, Activity, ActivityFaults
from reseau_kit.activities.loading import SOURCE_PATTERN, load_activities
from reseau_kit.answers.copies import Copy, other_copies
from reseau_kit.answers.journal import (
    AUTHOR_FILE_NAME,
    FILE_NAME,
    Answers,
    Event,
    Journal,
    Kind,
    Reading,
    now,
    put_together,
)
from reseau_kit.answers.notebooks import Document, documents, is_of_a_course
from reseau_kit.system.files import new_id
from reseau_kit.system.names import is_one_line

#: Names that the learner gives to the groups on their maps: never handed in.
GROUP_NAMES_FILE = "mes-groupes.json"

#: Hidden file of a workspace: its name and a record of what was installed, so that updates know the learner's changes.
RECORD_NAME = ".reseau-kit.json"

_LESSON = re.compile(r"\d\d-")


class UnknownActivity(LookupError):
    """Raised if no notebook or activities file of the folder has an activity with that id."""


class Folder:
    """One folder of the course, read when the object is created.

    A lesson folder contains several notebooks, an exercise folder (a step) one. In an author's folder, the TOML files
    beside the notebooks apply (`sources`), and answers go to a file that is never released. In a learner's folder,
    such a file does not belong there (`stray`) and is ignored.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        # JupyterLab may deliver the page's messages on another thread while a cell runs.
        self._lock = threading.RLock()
        self.documents: list[Document] = list(documents(self.path))
        found = [file for file in sorted(self.path.glob(SOURCE_PATTERN)) if file.is_file()]
        self.sources, self.stray = (found, []) if self._is_an_authors(found) else ([], found)
        self.journal = Journal(self.path / (AUTHOR_FILE_NAME if self.sources else FILE_NAME))
        self.copies = [] if self.sources else self._other_copies()
        self.answers = Answers()
        #: Content of the journal as last known: the file may be deleted while a document is open.
        self._seen = Reading()
        self._now = Reading()
        self._size = 0
        self.read()

    def _is_an_authors(self, found: Iterable[Path]) -> bool:
        """Whether these activities files are an author's: beside the notebook that names them, or without notebook."""
        names = {file.name for file in found}
        if not names or any(document.packed for document in self.documents):
            return False
        if any(document.source in names for document in self.documents):
            return True
        # An author starts an exercise, unless this is a learner's folder whose document is damaged or gone.
        return not (self.path / FILE_NAME).exists() and all(document.readable for document in self.documents)

    def read(self) -> Answers:
        """Combine the answers of the journal and of every notebook's copy, without writing anything."""
        self._now = self.journal.read()
        self._size = self._journal_size()
        seen = self._seen
        if self._now.origin not in ("", seen.origin) or seen.origin in self._now.refused:
            seen = Reading()  # the journal was erased, or replaced by another one
        known = {event.id for event in self._now.events}
        self._seen = replace(
            self._now,
            origin=self._now.origin or seen.origin,
            events=(*self._now.events, *(event for event in seen.events if event.id not in known)),
            accepted=self._now.accepted | (seen.accepted - self._now.refused),
            refused=self._now.refused | (seen.refused - self._now.accepted),
        )
        diverted = Reading() if self.sources else Journal(self.path / AUTHOR_FILE_NAME).read()
        self.answers = put_together(
            self._seen,
            (document.copy for document in self.documents),
            diverted,
            others=lambda _: self.copies,
            claimed={event.origin for copy in self.copies for event in copy.events},
        )
        return self.answers

    def refresh(self) -> Answers:
        """Return the answers, after reading them again if another program has written to the journal."""
        return self.answers if self._journal_size() == self._size else self.read()

    def keep(self) -> None:
        """Restore to the journal the content it had when read, if it has lost some: it may have been deleted.

        A lost first line is restored if the answers themselves tell whose they are.

        Raises:
            NotStored: the journal cannot be written.
        """
        with self._lock:
            self.refresh()
            stored = {event.id for event in self._now.events}
            lost = [event for event in self._seen.events if event.id not in stored]
            accepted = sorted(self._seen.accepted - self._now.accepted)
            refused = sorted(self._seen.refused - self._now.refused)
            if lost or accepted or refused:
                self.journal.start(self._seen.origin or self.answers.origin)
                for of in accepted:
                    self.journal.decide("accept", of)
                for of in refused:
                    self.journal.decide("refuse", of)
                for event in lost:
                    self.journal.append(event)
                self.read()
            if not self._now.origin and any(event.origin == self.answers.origin for event in self._now.events):
                self.journal.start(self.answers.origin)
                self.read()

    def bring_in(self, events: Iterable[Event], origin: str = "") -> bool:
        """Add events to the journal that it lacks; return whether there were any.

        `origin` is used if the folder does not have one yet.

        Raises:
            NotStored: the journal cannot be written.
        """
        with self._lock:
            self.read()
            self.keep()
            stored = {event.id for event in self._now.events}
            missing = [event for event in events if event.id not in stored]
            if missing:
                self.journal.start(self.answers.origin or origin)
                for event in missing:
                    self.journal.append(event)
                self.read()
        return bool(missing)

    def activities(self, id: str, opened: Path | None = None) -> Activities:
        """Return the activities that include that id. Those of the open document come first.

        Raises:
            UnknownActivity: no notebook or activities file has it.
            ActivityFaults: the author's file has faults.
            ValueError: the notebook's activities are damaged.
        """
        faulty: ValueError | None = None
        for path in self.sources:
            try:
                if id in (found := load_activities(path)).own:
                    return found
            except ActivityFaults as error:
                faulty = faulty or error
        holding: list[Activities] = []
        for document in self.documents:
            try:
                if document.packed and id in (found := document.activities).own:
                    if document.path == opened:
                        return found
                    holding.append(found)
            except ValueError as error:
                faulty = faulty or error
        if holding:
            return max(holding, key=lambda found: found[id].version)
        if faulty:
            raise faulty
        raise UnknownActivity(
            f"L’activité « {id} » n’est pas dans ce dossier ({self.path.name}). "
            f"Vérifiez son nom, ou ouvrez le document du cours qui la contient.{self._aside()}"
        )

    def _aside(self) -> str:
        """Return a sentence on a stray activities file, in case the user expects its activities."""
        names = ", ".join(f"« {file.name} »" for file in self.stray[:3])
        verb = "sert" if len(self.stray) == 1 else "servent"
        return f" À côté, {names} ne {verb} pas : c’est le document qui porte ses activités." if names else ""

    def record(self, activity: Activity, kind: Kind, value: Any, context: Mapping[str, str]) -> Event:
        """Create an event and store it.

        Raises:
            NotStored: the event is not confirmed in the journal.
            ValueError: the value cannot be stored as JSON.
        """
        with self._lock:
            event = Event(
                id=new_id(),
                origin=self.start(),
                seq=self.refresh().last_seq + 1,
                activity=activity.id,
                version=activity.version,
                kind=kind,
                value=value,
                at=now(),
                context=dict(context),
            )
            self.store(event)
        return event

    def store(self, event: Event) -> None:
        """Add an event to the journal, unless it is already there, and read it back.

        Raises:
            NotStored: the event is not confirmed in the journal.
        """
        with self._lock:
            self.keep()
            if any(known.id == event.id for known in self._now.events):
                return
            self._size += self.journal.append(event)
            if self._journal_size() != self._size or event.origin != self.answers.origin:
                self.read()
            else:
                events = {known.id: known for known in (*self.answers.events, event)}
                ordered = sorted(events.values(), key=lambda known: known.order)
                self.answers = replace(self.answers, events=tuple(ordered))
                self._now = replace(self._now, events=(*self._now.events, event))
                self._seen = replace(self._seen, events=(*self._seen.events, event))

    def start(self) -> str:
        """Return the origin of the folder's journal, after creating the journal if there is none.

        Raises:
            NotStored: the journal cannot be written.
        """
        self.keep()
        origin = self.journal.start(self.answers.origin)
        if origin != self.answers.origin:
            self.read()
        return origin

    def decide(self, origin: str, *, accept: bool) -> None:
        """Record whether the answers of another origin are the learner's own, and store them if they are.

        Raises:
            NotStored: the decision is not confirmed in the journal.
        """
        self.start()
        self.journal.decide("accept" if accept else "refuse", origin)
        self.bring_in(self.read().events)

    @property
    def root(self) -> Path:
        """Folder of the whole course: the parent of a step's folder, or the lessons' own folder."""
        if not any(_LESSON.match(document.path.name) for document in self.documents):
            return self.path.parent
        # A step's notebook may be renamed with a number (« 07-Dupont.ipynb »): its lessons are still in the parent.
        above = self.path.parent.glob("[0-9][0-9]-*.ipynb")
        return self.path.parent if any(is_of_a_course(path) for path in above) else self.path

    def decisions(self, activities: Activities) -> dict[str, str]:
        """Return the learner's decisions that activities need, from the whole course: name to value.

        A form gives one value per field (« objectif.themes »), and later answers replace single fields: another step
        may have asked for one field only. The latest answer applies; between folders, only time can order them.
        """
        return latest_values(activities.kept_as, self._all_answers())

    def context(self, activities: Activities, activity: Activity) -> dict[str, str]:
        """Return the learner's decisions that this activity needs."""
        decided = self.decisions(activities) if activity.needs else {}
        return {name: decided[name] for name in activity.needs if name in decided}

    def _all_answers(self) -> Iterator[Answers]:
        yield self.refresh()
        for path in course_folders(self.root):
            if path != self.path:
                yield put_together(Journal(path / FILE_NAME).read(), (), Journal(path / AUTHOR_FILE_NAME).read())

    def _other_copies(self) -> list[Reading]:
        """Return the answers of other files that hold some, whatever their names."""
        known = {self.journal.path.name, AUTHOR_FILE_NAME, *(document.path.name for document in self.documents)}
        travel = (path.name for path in self.path.glob("mes-reponses-*.json"))
        found = other_copies(str(self.path), known.union(travel), deep=False)
        return [replace(one.answers, damages=()) for one in found if isinstance(one, Copy)]

    def _journal_size(self) -> int:
        try:
            return self.journal.path.stat().st_size
        except OSError:
            return 0


def place_name(path: Path) -> str:
    """Return a stable name for a folder, so that a browser knows whose answers it keeps for a while.

    The name does not reveal the folder's path. It differs between learners, even on one computer and under the same
    path, and changes if the workspace is created again.
    """
    path = path.resolve()
    parts = [os.environ.get("JUPYTERHUB_USER", ""), str(path), _workspace_name(path) or _workspace_name(path.parent)]
    with suppress(OSError):
        found = path.stat()
        parts += [str(found.st_dev), str(found.st_ino)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _workspace_name(path: Path) -> str:
    """Return the random name that a workspace got when it was created; empty if the folder is not a workspace."""
    try:
        record = json.loads((path / RECORD_NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return ""
    return str(record.get("name", "")) if isinstance(record, dict) else ""


def course_folders(root: Path) -> list[Path]:
    """Return a course's folder and those of its steps that may hold answers, even without a notebook; 100 at most."""
    try:
        below = sorted(path for path in root.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        below = []
    return [root, *(path for path in below if not path.name.startswith(".") and _may_hold_answers(path))][:100]


def _may_hold_answers(path: Path) -> bool:
    return any(path.glob("*.ipynb")) or (path / FILE_NAME).is_file()


def is_a_place(name: str) -> bool:
    """Whether a name is « . » (the course itself) or one plain folder name on any operating system."""
    one = PureWindowsPath(name).name == name == PurePosixPath(name).name
    return name == "." or (one and not name.startswith(".") and is_one_line(name) and 0 < len(name) <= _LONGEST_NAME)


_LONGEST_NAME = 120


def latest_values(kept_as: Callable[[str, int], str], folders: Iterable[Answers]) -> dict[str, str]:
    """Combine the answers of several folders into the learner's decisions: name to value.

    `kept_as` gives the logbook name for an answer to a version of an activity, empty if it is not kept. The sequence
    number orders answers within a folder, the time between folders; of two answers of the same time, the one of the
    first folder applies.
    """
    decided: dict[str, tuple[str, str]] = {}
    for answers in folders:
        here: dict[str, tuple[str, str]] = {}
        for event in answers.events:
            if name := kept_as(event.activity, event.version):
                here |= {key: (event.at, value) for key, value in values_of(name, event.value).items()}
        decided |= {key: said for key, said in here.items() if key not in decided or said[0] > decided[key][0]}
    return {name: value for name, (_, value) in decided.items() if value}


def values_of(name: str, value: Any) -> dict[str, str]:
    """Return a kept answer as texts under `name`: its own, or one for each field of a form."""
    if isinstance(value, dict):
        texts = {key: entry for key, entry in value.items() if isinstance(entry, str | int | float)}
        return {f"{name}.{key}": str(entry) for key, entry in texts.items() if not isinstance(entry, bool)}
    if isinstance(value, list) and all(isinstance(tick, str) for tick in value):
        return {name: ", ".join(value)}
    return {name: value} if isinstance(value, str) else {}
