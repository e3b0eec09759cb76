"""OPML: the feeds that a feed reader follows, with their sites and folders.

Format: OPML 2.0 (D. Winer, 2007), and 1.0, seen 2026-11-22.
"""

import re

from reseau_kit.french.writing import count
from reseau_kit.network.archives import File
from reseau_kit.network.parsing import Beginning, clean, parse_xml
from reseau_kit.network.tables import Contact, Gathered
from reseau_kit.system.untrusted import Trouble

NAME = "OPML"

LIMITS = (
    "Une liste OPML donne des sites, pas des personnes : les comptes de leurs auteurs se cherchent sur ces sites.",
)

_MAX_DEPTH = 200
_MAX_LENGTH = 2**24


def recognise(start: Beginning) -> str | None:
    """« feeds » for an XML document whose first element is `opml`."""
    head = start.text[:4_000].lstrip()
    return "feeds" if head.startswith("<") and re.search(r"<opml[\s>/]", head, re.IGNORECASE) else None


class Reader:
    """Reads the files of one export."""

    def __init__(self, gathered: Gathered) -> None:
        self._into = gathered
        self._folders: list[str | None] = []
        self._kept = 0

    def read(self, _kind: str, file: File) -> str:
        """Read one file; return a French sentence.

        Raises:
            Trouble: it is not XML to its end, or declares entities, which may grow without end.
        """
        self._folders, self._kept = [], 0
        with file.open() as stream:
            document = stream.read(_MAX_LENGTH + 1)
        if len(document) > _MAX_LENGTH:
            raise Trouble("il est plus long qu’aucune liste de flux")
        parse_xml(
            document,
            self._start,
            self._end,
            entities="il déclare des « entités » XML, ce qu’aucun lecteur de flux ne fait",
        )
        return count(self._kept, "site suivi", "sites suivis")

    def finish(self) -> None:
        """Nothing more: each file is read on its own."""

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag.lower() != "outline":
            return
        if len(self._folders) >= _MAX_DEPTH:
            raise Trouble("il est fait de trop de niveaux emboîtés")
        attributes = {name.lower(): value for name, value in given.items()}
        name = clean(attributes.get("title") or attributes.get("text"))
        feed, site = web_address(attributes.get("xmlurl")), web_address(attributes.get("htmlurl"))
        if feed or site:
            folder = next((folder for folder in reversed(self._folders) if folder), None)
            self._into.add_contact(Contact(feed or site or "", name, "following", url=site or feed, group=folder))
            self._kept += 1
        self._folders.append(None if feed or site else name)

    def _end(self, tag: str) -> None:
        if tag.lower() == "outline":
            self._folders.pop()


def web_address(text: str | None) -> str | None:
    """A web address; None for anything else, such as a script or a file of this machine."""
    address = clean(text, 2_000) or ""
    if address.startswith("feed:"):
        address = address.removeprefix("feed:").removeprefix("//")
        address = address if address.startswith("http") else f"http://{address}"
    return address if re.fullmatch(r"https?://[^\s/\"'<>]+[^\s\"'<>]*", address) else None
