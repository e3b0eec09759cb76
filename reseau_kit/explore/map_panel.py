"""The interactive map: what the page gets to draw it, the files made on request, the learner's names of groups.

Names of contacts are never in the widget's own data, which a notebook may save: they go to the page by a message, and
only when it asks.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from reseau_kit.answers.folder import GROUP_NAMES_FILE
from reseau_kit.drawing.lettering import listed
from reseau_kit.frontend import together
from reseau_kit.learner.panel import Panel
from reseau_kit.system.files import new_id, read_plain_file, replace_file
from reseau_kit.system.refusals import reason

if TYPE_CHECKING:
    from reseau_kit.network.map import Map


#: Labels and values of what is known of each contact, a value a row of the map's people.
Facts = Sequence[tuple[str, Sequence[str]]]

#: Files of a map: their kind, theme, name, MIME type and what their button says.
FILES = (
    ("png", "light", "ma-carte.png", "image/png", "Image (PNG)"),
    ("png", "dark", "ma-carte-sombre.png", "image/png", "Image sur fond sombre (PNG)"),
    ("svg", "light", "ma-carte.svg", "image/svg+xml", "Dessin (SVG)"),
    ("pdf", "light", "ma-carte.pdf", "application/pdf", "Page à imprimer (PDF)"),
)
#: Bytes of a file in one message: the server lets about a million a second through, and drops what is above.
_PART = 400_000
_LONGEST_NAME = 60
_LARGEST_NAMES_FILE = 1_000_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What is said around a map."""

    #: Sentences under the map.
    told: Sequence[str]
    #: Sections to read, as `widgets.page` has them.
    sections: Sequence[Mapping[str, Any]]
    #: How to group otherwise, in a sentence; empty where there is no other way.
    otherwise: str = ""
    #: What is known of each contact, asked for with the names.
    facts: Callable[[], Facts] = field(default=lambda: ())
    #: Where the contacts are from, so that names of groups come back with the same network only.
    network: str = ""
    #: Names of groups by number, from the learner's own line: they stand above those that are kept.
    given: Mapping[int, str] = field(default_factory=dict)


class MapPanel(Panel):
    """A map that the page draws from places, groups and links; the kernel is needed for names and files only."""

    _esm = together("vendor/sigma.js", "elements.js", "map_stage.js", "map.js")
    _css = together("widget.css", "map.css")
    #: x and y of each contact (float32), its group with 128 more where it is apart (uint8), rows of links (uint32).
    places = traitlets.Bytes().tag(sync=True)
    groups = traitlets.Bytes().tag(sync=True)
    links = traitlets.Bytes().tag(sync=True)
    #: Which map this is, to the views of it in a page.
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
        """The map with the groups called as the learner calls them."""
        from reseau_kit.network.map import renamed

        return renamed(self.drawn, {**self.kept.read(), **self.shown.given})

    def make_file(self, kind: str, theme: str, *, names: bool) -> bytes:
        """The map as a file, drawn when it is first asked for."""
        from reseau_kit.network.picture import to_picture

        asked = (kind, theme, names)
        if asked not in self._files:
            self._files[asked] = to_picture(self.named(), kind, theme=theme, names=names)
        return self._files[asked]

    def _groups(self) -> list[dict[str, Any]]:
        """Each group's number, name and size, with what it was called before anybody renamed it."""
        return [
            {"number": int(one.number), "name": now, "was": str(one.name), "size": int(one.size)}
            for one, now in zip(self.drawn.groups.itertuples(), self.named().groups["name"], strict=True)
        ]

    def _receive(self, _: object, message: Any, __: object) -> None:
        """Answer what the page asks. Whatever is in it, it gets a reply."""
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
        """A piece of a file, which the page puts together."""
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
        """What a file leaves out, in a sentence; empty where it has everything."""
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


class GroupNames:
    """The learner's names of one map's groups, in a small file of theirs. It holds nobody's name or address.

    A group is known by its most linked member, or by what its members share; the file has a digest of that. It stands
    beside the notebook, or in the course's own folder where that is a step's, which is handed in.
    """

    def __init__(self, network: str, drawn: "Map") -> None:
        here = Path.cwd()
        is_step = any(here.parent.glob("[0-9][0-9]-*.ipynb"))
        self.path = (here.parent if is_step else here) / GROUP_NAMES_FILE
        self._keys = {
            int(one.number): _digest(network, drawn.by or "", str(one.anchor)) for one in drawn.groups.itertuples()
        }

    def read(self) -> dict[int, str]:
        """The names that are kept, by number of group."""
        known = self._load()
        return {group: known[key] for group, key in self._keys.items() if key in known}

    def keep(self, group: int, name: str) -> None:
        """Keep a name; an empty one gives the group back the name that it had.

        Raises:
            ValueError: there is no such group, or the file is somebody else's.
            OSError: the file cannot be written.

        """
        if group not in self._keys:
            raise ValueError("ce groupe n’est pas dans la carte")
        known = self._load(strict=True)
        known.pop(self._keys[group], None)
        if name := " ".join(name.split())[:_LONGEST_NAME]:
            known[self._keys[group]] = name
        told = {"à savoir": _ABOUT, "groupes": dict(sorted(known.items()))}
        replace_file(self.path, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())

    def _load(self, *, strict: bool = False) -> dict[str, str]:
        try:
            data = read_plain_file(self.path, _LARGEST_NAMES_FILE)
            if len(data) > _LARGEST_NAMES_FILE:
                raise ValueError(_NOT_OURS)
            known = json.loads(data)["groupes"]
            return {str(key): str(name)[:_LONGEST_NAME] for key, name in known.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            if strict:
                raise ValueError(_NOT_OURS) from None
            return {}


_ABOUT = (
    "Les noms que vous avez donnés aux groupes de vos cartes. Ce fichier reste sur cette machine : il n’est remis à "
    "personne. Effacez-le pour retrouver les noms de départ."
)
_NOT_OURS = f"le fichier « {GROUP_NAMES_FILE} » ne se lit pas : déplacez-le, puis recommencez"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:20]


def _words(drawn: "Map") -> dict[str, Any]:
    """What the page says of the map itself."""
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
