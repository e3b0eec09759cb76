"""Who shows our panels: each host has what `frontend/host.js` asks of it, and answering is the same in each."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from learner import EXERCISE, Person, wait_until

pytestmark = pytest.mark.browser

CONTRACT = Path(__file__).parents[1] / "reseau_kit" / "frontend" / "host.js"

# Walks what a host gives beside what the contract says: each name is there, each function is one.
_LOOK = """
const lacking = (thing, type, path) => TYPES[type].flatMap(([name, kind, mayBeMissing]) => {
    const at = `${path}.${name}`;
    const value = thing[name];
    if (value === undefined || value === null) return mayBeMissing ? [] : [at];
    if (kind.includes("=>")) return typeof value === "function" ? [] : [`${at}()`];
    const inner = kind.replace("[]", "");
    if (!(inner in TYPES)) return [];
    return lacking(kind.endsWith("[]") ? value[0] : value, inner, at);
});
export default {
    render({ model, el }) {
        const missing = lacking(model, "PanelModel", "model");
        const context = model.widget_manager.context;
        el.textContent = missing.length ? `Il manque : ${missing}` : `Rien ne manque à ${context.path}`;
    },
};
"""


def types() -> dict[str, list[tuple[str, str, bool]]]:
    """The names that the contract gives each of its objects, with their types and whether they may be missing."""
    found = {}
    for text in re.findall(r"/\*\*.*?\*/", CONTRACT.read_text(encoding="utf-8"), re.DOTALL):
        if named := re.search(r"@typedef \{object\} (\w+)", text):
            properties = re.findall(r"@property \{(.+)\} (\[?)(\w+)", text)
            found[named[1]] = [(name, kind, bool(bracket)) for kind, bracket, name in properties]
    return found


@pytest.mark.parametrize("host", ["learner", "plain_learner"], ids=["JupyterLab", "plain page"])
def test_a_host_keeps_the_contract(host: str, request: pytest.FixtureRequest) -> None:
    """Nothing is missing; an answer is judged, stored, copied into the document, and there after a reload."""
    person: Person = request.getfixturevalue(host)
    assert {"PanelModel", "OpenDocument", "Files"} <= types().keys()
    page = person.open(EXERCISE)
    person.submit("E1-A6", "12")
    expect(person.activity("E1-A6").locator(".rk-feedback")).to_contain_text("Pas encore.")
    wait_until(page, lambda: person.copy(EXERCISE) == [("E1-A6", "attempt", "12")], "the document is saved")
    look = f"const TYPES = {json.dumps(types())};{_LOOK}"
    shown = person.type_code(f'import anywidget\ntype("Look", (anywidget.AnyWidget,), {json.dumps({"_esm": look})})()')
    expect(shown).to_contain_text(f"Rien ne manque à {person.folder.name}/{EXERCISE}")
    person.reload()
    person.expect_number("E1-A6", "12")
