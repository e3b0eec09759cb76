"""What can be measured of who can use an activity: axe-core, what axe does not see, what fits a narrow page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator

from learner import OPEN_DOCUMENT, Learner

THEMES = ["JupyterLab Light", "JupyterLab Dark"]
THEME_SETTING = "@jupyterlab/apputils-extension:themes"

# axe-core passes over colours that `color-mix` makes: the browser itself is asked what it paints.
_CONTRAST = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const over = (below, color) => {
        canvas.fillStyle = `rgb(${below})`;
        canvas.fillRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const behind = (node) =>
        node ? over(behind(node.parentElement), getComputedStyle(node).backgroundColor) : [255, 255, 255];
    const light = (rgb) => {
        const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const ratio = (a, b) => Math.max(light(a), light(b)) / Math.min(light(a), light(b));
    const poor = [];
    for (const node of document.querySelectorAll(".rk *")) {
        if (!node.checkVisibility() || node.matches(":disabled, :disabled *")) continue;
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        const { color, borderTopColor } = getComputedStyle(node);
        const paper = behind(node);
        if ((own || node.value) && ratio(over(paper, color), paper) < 4.5) poor.push(`text: ${node.outerHTML}`);
        const edge = node.matches("input[type=text], textarea, select, button");
        const around = behind(node.parentElement);
        if (edge && ratio(over(around, borderTopColor), around) < 3) poor.push(`edge: ${node.outerHTML}`);
    }
    return poor.map((text) => text.slice(0, 200));
}"""

_STICKING_OUT = """card => {
    const edge = card.getBoundingClientRect().right + 0.5;
    const all = [...card.querySelectorAll("*")].filter((node) => !node.closest(".rk-table"));
    return all.filter((node) => node.getBoundingClientRect().right > edge).map((node) => node.outerHTML);
}"""


def violations(learner: Learner) -> list[str]:
    """What axe-core finds amiss in our output, best practices included, and what is hard to read."""
    results: dict[str, list[dict[str, Any]]] = Axe().run(learner.page, context={"include": [[".rk"]]}).response
    found = results["violations"]
    amiss = [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
    return amiss + list(learner.page.evaluate(_CONTRAST))


def misfits(learner: Learner) -> list[str]:
    """What a narrow page cuts off: what is wider than its card, but a table, which scrolls by itself.

    Also each control that cannot be brought into view.
    """
    page = learner.page
    width = (page.viewport_size or {"width": 0})["width"]
    found: list[str] = []
    for card in page.locator(f"{OPEN_DOCUMENT} .rk").all():
        if card.evaluate("node => node.scrollWidth > node.clientWidth"):
            found.append(f"scrolls sideways: {card.get_attribute('aria-label')}")
        found += [f"sticks out: {html[:200]}" for html in card.evaluate(_STICKING_OUT)]
        controls = card.locator("input, select, textarea, button, summary, .rk-table").filter(visible=True)
        found += [f"out of view: {name}" for control in controls.all() if (name := _out_of_view(control, width))]
    document = page.locator(f"{OPEN_DOCUMENT} .jp-WindowedPanel-outer")
    return found + ["the page scrolls sideways"] * document.evaluate("node => node.scrollWidth > node.clientWidth")


def _out_of_view(control: Locator, width: int) -> str:
    control.focus()
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    if box is not None and 0 <= box["x"] <= box["x"] + box["width"] <= width:
        return ""
    return str(control.evaluate("node => node.outerHTML.slice(0, 200)"))
