"""The interactive map: the data that the page draws, files made on request, and the learner's names of groups.

Names of contacts are never in the widget's state, which a notebook may save: they are sent in a message, on request.
"""

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import traitlets

from reseau_kit.drawing.lettering import listed
from reseau_kit.explore.group_names import GroupNames
from reseau_kit.frontend import script, style
from reseau_kit.learner.panel import Panel
from reseau_kit.system.files import new_id
from reseau_kit.system.refusals import reason

if TYPE_CHECKING:
    from reseau_kit.network.map import Map


#: Labels and values of the known facts, one value per row of the map's people.
Facts = Sequence[tuple[str, Sequence[str]]]

#: Files of a map: kind, theme, name, MIME type and label of the button.
FILES = (
    ("png", "light", "ma-carte.png", "image/png", "Image (PNG)"),
    ("png", "dark", "ma-carte-sombre.png", "image/png", "Image sur fond sombre (PNG)"),
    ("svg", "light", "ma-carte.svg", "image/svg+xml", "Dessin (SVG)"),
    ("pdf", "light", "ma-carte.pdf", "application/pdf", "Page à imprimer (PDF)"),
)

#: Bytes of a file per message: the server passes about a million per second, and drops more.
_PART = 400_000


@dataclass(frozen=True, slots=True)
class Shown:
    """Texts around a map."""

    #: Sentences under the map.
    told: Sequence[str]
    #: Sections to read, as `panel.page` takes them.
    sections: Sequence[Mapping[str, Any]]
    #: Sentence on other ways to group; empty if there is none.
    otherwise: str = ""
    #: Known facts of each contact, sent on request with the names.
    facts: Callable[[], Facts] = field(default=lambda: ())
    #: Source of the contacts: stored names of groups apply to maps of the same network only.
    network: str = ""
    #: Names of groups by number, from the learner's code: they replace stored ones.
    given: Mapping[int, str] = field(default_factory=dict)


class MapPanel(Panel):
    """A map that the page draws from places, groups and links; it needs the kernel for names and files only."""

    _esm = script("map")
    _css = style("map")
    #: x and y of each contact (float32); its group, plus 128 if it is apart (uint8); pairs of row numbers (uint32).
    places = traitlets.Bytes().tag(sync=True)
    groups = traitlets.Bytes().tag(sync=True)
    links = traitlets.Bytes().tag(sync=True)
    #: Identifies this map for its views in a page.
    key = traitlets.Unicode().tag(sync=True)

    def __init__(self, drawn: "Map", shown: Shown, *, names: bool = False, names_in_files: bool = False) -> None:
        from reseau_kit.network.picture import colours

        people = drawn.people
        self.drawn, self.shown = drawn, shown
        self.kept = GroupNames(shown.network, drawn)
        self._files: dict[tuple[str, str, bool], bytes] = {}
        super().__init__(
            face={
                "kind": "map",
                **_words(drawn),
                "told": list(shown.told),
                "sections": [dict(section) for section in shown.sections],
                "otherwise": shown.otherwise,
                "colours": {theme: colours(drawn, theme) for theme in ("light", "dark")},
                "files": [{"kind": kind, "theme": theme, "text": text} for kind, theme, _, _, text in FILES],
                "names": names,
                "namesInFiles": names_in_files,
            },
            state={"groups": self._groups()},
            places=people[["x", "y"]].to_numpy("<f4").tobytes(),
            groups=(people["group"] + 128 * people["apart"]).to_numpy("u1").tobytes(),
            links=drawn.links.astype("<u4").tobytes(),
            key=new_id(),
        )
        self.on_msg(self._receive)

    def named(self) -> "Map":
        """Return the map with the learner's names of groups."""
        from reseau_kit.network.map import renamed

        return renamed(self.drawn, {**self.kept.read(), **self.shown.given})

    def make_file(self, kind: str, theme: str, *, names: bool) -> bytes:
        """Return the map as a file, drawn on first request."""
        from reseau_kit.network.picture import to_picture

        asked = (kind, theme, names)
        if asked not in self._files:
            self._files[asked] = to_picture(self.named(), kind, theme=theme, names=names)
        return self._files[asked]

    def _groups(self) -> list[dict[str, Any]]:
        """Return each group's number, current name, size and original name."""
        return [
            {"number": int(one.number), "name": now, "was": str(one.name), "size": int(one.size)}
            for one, now in zip(self.drawn.groups.itertuples(), self.named().groups["name"], strict=True)
        ]

    def _receive(self, _: object, message: Any, __: object) -> None:
        """Handle a message of the page. Whatever it contains, the page gets a reply."""
        kind = message.get("type") if isinstance(message, dict) else None
        try:
            if kind == "names":
                self._send_names()
            elif kind == "file":
                self.send({"type": "working", "id": message.get("id")})
                self._send_part(message, 0)
            elif kind == "part":
                self._send_part(message, int(message.get("part")))
            elif kind == "rename":
                self._rename(int(message.get("group")), str(message.get("name")))
        except (TypeError, ValueError, StopIteration, OSError) as error:
            why = f"rien ne peut être écrit ici ({reason(error)})" if isinstance(error, OSError) else str(error)
            self.send({"type": "failed", "id": message.get("id"), "what": kind, "reason": why})

    def _send_names(self) -> None:
        facts = [[label, list(values)] for label, values in self.shown.facts()]
        told = json.dumps({"names": list(self.drawn.people["name"]), "facts": facts}, ensure_ascii=False)
        self.send({"type": "names"}, buffers=[gzip.compress(told.encode("utf-8", "replace"), 5)])

    def _send_part(self, asked: Mapping[str, Any], part: int) -> None:
        """Send a part of a file, which the page assembles."""
        kind, theme, name, mime = next(
            file[:4] for file in FILES if file[:2] == (asked.get("kind"), asked.get("theme"))
        )
        made = self.make_file(kind, theme, names=asked.get("names") is True)
        parts = max(1, -(-len(made) // _PART))
        about = {"type": "part", "id": asked.get("id"), "name": name, "mime": mime, "part": part, "parts": parts}
        if part == parts - 1:
            about["note"] = self._lacking(names=asked.get("names") is True)
        self.send(about, buffers=[made[part * _PART : (part + 1) * _PART]])

    def _lacking(self, *, names: bool) -> str:
        """Return a sentence on the signs that a file leaves out; empty if it has all."""
        from reseau_kit.french.writing import typeset
        from reseau_kit.network.picture import undrawn

        signs = listed(undrawn(self.named(), names=names))
        return typeset(f"Ce fichier ne sait pas dessiner {signs} ; le tableau de cette page a tout.") if signs else ""

    def _rename(self, group: int, name: str) -> None:
        try:
            self.kept.keep(group, name)
        finally:
            self._files.clear()
            self.state = {"groups": self._groups()}
        self.send({"type": "renamed", "group": group})


def _words(drawn: "Map") -> dict[str, Any]:
    """Return the page's texts about the map."""
    from reseau_kit.network.map import OTHERS
    from reseau_kit.network.map_words import honesty, title

    people = drawn.people
    return {
        "title": title(drawn),
        "honesty": honesty(drawn),
        "learner": drawn.learner,
        "star": drawn.is_star,
        "others": int(((people["group"] == OTHERS) & ~people["apart"]).sum()),
        "apart": int(people["apart"].sum()),
    }
