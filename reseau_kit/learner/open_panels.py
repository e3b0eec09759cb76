"""Which panels are open in this kernel, and the folder that they share."""

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
    """Interface of a panel for this module."""

    folder: Folder

    def refresh(self) -> None:
        """Show the answers of the moment."""

    def send(self, content: dict[str, Any]) -> None:
        """Send a message to the page."""


#: Every activity in front of the learner, in each open tab: all show the same answers.
panels: "WeakSet[OpenPanel]" = WeakSet()


def refresh_all(folder: Folder) -> None:
    """Draw again every open panel of a folder."""
    for panel in list(panels):
        if panel.folder is folder:
            panel.refresh()


def tell_all(folder: Folder, message: dict[str, Any]) -> None:
    """Send a message to every open panel of a folder."""
    for panel in list(panels):
        if panel.folder is folder:
            panel.send(message)


@cache
def shared_folder(path: Path) -> Folder:
    """The one `Folder` of a path in this kernel."""
    folder = Folder(path)
    # Where the journal cannot be written, activities still show; each answer then says that it is not stored.
    with suppress(NotStored):
        folder.bring_in(folder.answers.events)
    return folder


def forget_folders() -> None:
    """Read folders from the disk again, as after erasing."""
    shared_folder.cache_clear()


def working_folder() -> Folder:
    """The folder in which the kernel runs."""
    return _at(Path.cwd())


def _at(path: Path) -> Folder:
    """The folder at that place, its journal written again where somebody deleted it meanwhile."""
    folder = shared_folder(path)
    with suppress(NotStored):
        folder.keep()
    return folder


def course_root() -> Path:
    """The folder of the whole course that the learner is in."""
    return working_folder().root


def find(id: str) -> tuple[Folder, Activities]:
    """The activity's notebook and folder: the working folder, or the one that the server names."""
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
