"""The panels that are open in this kernel, and the folder that they share."""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

from reseau_kit.activities.activity import Activities
from reseau_kit.answers.folder import Folder, UnknownActivity
from reseau_kit.answers.journal import NotStored


class OpenPanel(Protocol):
    """A panel as this module sees it."""

    folder: Folder

    def refresh(self) -> None:
        """Show the current answers."""

    def send(self, content: dict[str, Any]) -> None:
        """Send a message to the page."""


#: Every activity that is open in any of the learner's tabs: all show the same answers.
panels: "WeakSet[OpenPanel]" = WeakSet()


def refresh_all(folder: Folder) -> None:
    """Refresh all open panels of a folder."""
    for panel in list(panels):
        if panel.folder is folder:
            panel.refresh()


def tell_all(folder: Folder, message: dict[str, Any]) -> None:
    """Send a message to all open panels of a folder."""
    for panel in list(panels):
        if panel.folder is folder:
            panel.send(message)


@cache
def shared_folder(path: Path) -> Folder:
    """Return the only `Folder` object of a path in this kernel."""
    folder = Folder(path)
    # If the journal cannot be written, activities still show; each answer then reports that it is not stored.
    with suppress(NotStored):
        folder.bring_in(folder.answers.events)
    return folder


def forget_folders() -> None:
    """Forget all folders, so that they are read from the disk again, for instance after erasing."""
    shared_folder.cache_clear()


def working_folder() -> Folder:
    """Return the folder in which the kernel runs."""
    return _at(Path.cwd())


def _at(path: Path) -> Folder:
    """Return the folder at a path, after restoring its journal if it was deleted in the meantime."""
    folder = shared_folder(path)
    with suppress(NotStored):
        folder.keep()
    return folder


def course_root() -> Path:
    """Return the folder of the whole course that the learner is in."""
    return working_folder().root


def find(id: str) -> tuple[Folder, Activities]:
    """Find the folder and the activities that include an id: in the working folder, or beside the open document.

    Raises:
        UnknownActivity: neither folder has it.
    """
    here = working_folder()
    session = os.environ.get("JPY_SESSION_NAME", "")
    opened = Path(session).resolve() if session else None
    try:
        return here, here.activities(id, opened)
    except UnknownActivity:
        if opened is None or not opened.parent.is_dir():
            raise
        there = _at(opened.parent)
        return there, there.activities(id, opened)
