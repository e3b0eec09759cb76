"""The panel of an explorer: labelled native controls, one button, and results in words and tables.

The controls are loaded once the panel is on the screen, so that a lesson's activities do not wait for them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import traitlets
from ipywidgets import Widget, widget_serialization

from reseau_kit.french.writing import day_in_words, typeset
from reseau_kit.frontend import script, style
from reseau_kit.learner.panel import Panel, section
from reseau_kit.system.extras import missing

if TYPE_CHECKING:
    from pandas import Timestamp


#: Maximum lines of a list, as many as a person reads at once; the sentence above it gives the total.
SHOWN = 12

Values = Mapping[str, str]


@dataclass(frozen=True)
class Control:
    """A setting made before pressing the button: a text, a choice (`values` as id, text, heading) or a tick."""

    id: str
    text: str
    values: tuple[tuple[str, str, str], ...] = ()
    kind: str = "choice"
    help: str = ""
    value: str = ""


@dataclass(frozen=True)
class Found:
    """Result of a query: a sentence, which screen readers announce, then sections or another panel."""

    sentence: str
    sections: Sequence[Mapping[str, Any]] = ()
    child: Panel | None = None


@dataclass(frozen=True)
class Tool:
    """One way to explore. `controls` and `answer` may import libraries that the panel itself does not need."""

    title: str
    question: str
    instructions: str
    action: str
    controls: Callable[[], Sequence[Control]]
    answer: Callable[[Values], Found]
    #: Whether to show results for the initial values at once.
    at_once: bool = True
    #: Label of a second button, which reloads the controls.
    again: str = ""
    notes: tuple[str, ...] = ()


_FAILED = "Notre programme n’a pas pu répondre ; ce n’est pas de votre fait. Changez un réglage, puis recommencez."


class Explorer(Panel):
    """A tool in a notebook: it sends its controls when the page asks for them, and a result for each query."""

    _esm = script("explorer")
    _css = style("explorer")
    child = traitlets.Instance(Widget, allow_none=True).tag(sync=True, **widget_serialization)

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        super().__init__()
        self.on_msg(self._receive)
        self.face = {
            "title": typeset(tool.title),
            "question": typeset(tool.question),
            "instructions": typeset(tool.instructions),
            "action": typeset(tool.action),
            "again": typeset(tool.again),
            "notes": [typeset(line) for line in tool.notes],
        }
        self.plain = "\n".join((tool.title, tool.question, tool.instructions, *tool.notes))

    def unfold(self) -> None:
        """Show the controls, and the result for their initial values if the tool does so."""
        try:
            controls = self.tool.controls()
        except ModuleNotFoundError as error:
            result: dict[str, Any] | None = {"sentence": missing(error) or _FAILED, "sections": []}
            self.state = {"controls": [], "result": result, "times": self.state.get("times", 0) + 1}
            return
        shown: list[dict[str, Any]] = [
            {
                "id": one.id,
                "text": one.text,
                "kind": one.kind,
                "help": one.help,
                "value": one.value or (one.values[0][0] if one.values else ""),
                "values": [{"id": id, "text": text, "heading": heading} for id, text, heading in one.values],
            }
            for one in controls
        ]
        result = None
        if self.tool.at_once and controls:
            result = self._result({one["id"]: one["value"] for one in shown})
        self.state = {"controls": shown, "result": result, "times": self.state.get("times", 0) + 1}

    def ask(self, values: Any) -> None:
        """Show the tool's result; unknown controls and values are ignored."""
        given = values if isinstance(values, dict) else {}
        clean: dict[str, str] = {}
        for one in self.tool.controls():
            value = given.get(one.id)
            text = value[:200] if isinstance(value, str) else ""
            known = {id for id, _, _ in one.values}
            clean[one.id] = text if not known or text in known else one.value or one.values[0][0]
        self.state = {**self.state, "result": self._result(clean), "times": self.state.get("times", 0) + 1}

    def _result(self, values: Values) -> dict[str, Any]:
        try:
            return self._found(values)
        except ModuleNotFoundError as error:
            return {"sentence": missing(error) or _FAILED, "sections": []}
        except Exception:
            # Any exception is a fault of the course; without a reply, the page would wait forever.
            self.log.exception("The tool %r failed.", self.tool.question)
            return {"sentence": _FAILED, "sections": []}

    def _found(self, values: Values) -> dict[str, Any]:
        found = self.tool.answer(values)
        before, self.child = self.child, found.child
        if before is not None and before is not found.child:
            # Otherwise every map ever drawn would stay in the kernel and in the page.
            before.close()
        sections = [
            {
                "title": typeset(one["title"]),
                "note": typeset(one["note"]),
                "lines": [typeset(line) for line in one["lines"]],
                "table": _typeset_table(one["table"]),
            }
            for one in found.sections
        ]
        return {"sentence": typeset(found.sentence), "sections": sections}

    def _receive(self, _: object, message: Any, __: object) -> None:
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "open":
            self.unfold()
        elif kind == "ask":
            self.ask(message.get("values"))


# --- sentences and tables ---------------------------------------------------------------------------------------------


def _typeset_table(table: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not table:
        return None
    rows = [[typeset(cell) for cell in row] for row in table["rows"]]
    return {"caption": typeset(table["caption"]), "columns": [typeset(name) for name in table["columns"]], "rows": rows}


def table_found(
    sentence: str, caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
) -> Found:
    """Return a sentence and one table, or the sentence alone if the table is empty."""
    table = {"caption": caption, "columns": list(columns), "rows": [list(map(str, row)) for row in rows]}
    return Found(sentence, [section("", note=note, table=table)] if rows else [])


def how_many(n: int, one: str, several: str) -> str:
    """Return « 3 comptes. », or « Aucun résultat : 0 compte. »."""
    from reseau_kit.french.writing import count

    return f"{count(n, one, several)}." if n else f"Aucun résultat : 0 {one}."


def shown_of(n: int) -> str:
    """Return a sentence on how many of `n` lines are shown, empty if all are."""
    return f"Les {SHOWN} premières lignes sur {n} sont montrées." if n > SHOWN else ""


def day_and_month(moment: "Timestamp") -> str:
    """Return the day and month of a moment: « 3 mars »."""
    return day_in_words(moment.date().isoformat()).rpartition(" ")[0]
