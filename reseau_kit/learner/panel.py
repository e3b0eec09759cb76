"""The widget on which all panels are based, with notices, pages and downloads."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import anywidget
import traitlets

from reseau_kit.frontend import script, style


class Panel(anywidget.AnyWidget):
    """A widget of the course in a notebook. `face` is fixed while the panel is shown, `state` changes.

    `plain` is the text shown without widgets: for an activity its points, which nbgrader reads as the grade.
    """

    _esm = script("notice")
    _css = style("notice")
    face = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    plain = ""
    grade_status = ""

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        metadata = {**metadata, "reseau_kit": {"status": self.grade_status}} if self.grade_status else metadata
        return {**bundle, "text/plain": self.plain}, metadata


def notice(title: str, *paragraphs: str, tone: str = "quiet") -> Panel:
    """Return a panel with a message."""
    panel = Panel()
    panel.face = {"kind": "notice", "title": title, "paragraphs": list(paragraphs), "tone": tone}
    panel.plain = "\n".join((title, *paragraphs))
    return panel


def page(
    title: str,
    paragraphs: Iterable[str],
    sections: Iterable[Mapping[str, Any]],
    files: Iterable[Mapping[str, str]] = (),
    picture: Mapping[str, str] | None = None,
) -> Panel:
    """Return a panel to read: paragraphs, sections (`title`, `note`, `lines`, maybe a `table`), files to download.

    `picture` (`alt`, `light`, `dark`) names two of the files; the page shows the one that suits its theme.
    """
    told, sections = list(paragraphs), list(sections)
    # Sent with the panel's creation: the server's limit of data per second does not apply to that.
    panel = Panel(
        face={
            "kind": "page",
            "title": title,
            "paragraphs": told,
            "sections": sections,
            "files": list(files),
            "picture": picture,
        }
    )
    panel.plain = plain_lines(title, told, sections)
    return panel


def section(
    title: str, *, note: str = "", lines: Iterable[str] = (), table: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return one section of a page; a `table` has its `caption`, `columns` and `rows`."""
    return {"title": title, "note": note, "lines": list(lines), "table": table}


def plain_lines(title: str, told: Iterable[str], sections: Iterable[Mapping[str, Any]]) -> str:
    """Return a page or a map as plain text, for a notebook without widgets."""
    lines = [title, *told]
    for part in sections:
        rows = part["table"]["rows"] if part.get("table") else []
        lines += filter(None, (part["title"], part["note"], *part["lines"], *(" · ".join(row) for row in rows)))
    return "\n".join(lines)


def download(name: str, content: bytes, type: str, text: str) -> dict[str, str]:
    """Return a file as a download of a page; `text` is the text of its link."""
    return {"name": name, "type": type, "text": text, "content": base64.b64encode(content).decode("ascii")}
