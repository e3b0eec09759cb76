"""What can be measured of who can use an activity: axe-core, what axe does not see, what fits a narrow page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from learner import Person

THEMES = ["JupyterLab Light", "JupyterLab Dark"]

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
        // A button of words alone has no edge, and is known by its words.
        const drawn = !borderTopColor.endsWith(", 0)");
        if (edge && drawn && ratio(over(around, borderTopColor), around) < 3) poor.push(`edge: ${node.outerHTML}`);
    }
    return poor.map((text) => text.slice(0, 200));
}"""

_MISFITS = """cards => cards.flatMap((card) => {
    const edge = card.getBoundingClientRect().right + 0.5;
    const found = card.scrollWidth > card.clientWidth ? ["scrolls sideways: " + card.getAttribute("aria-label")] : [];
    for (const node of card.querySelectorAll("*")) {
        if (node.closest(".rk-table")) continue;
        if (node.getBoundingClientRect().right > edge) found.push("sticks out: " + node.outerHTML);
    }
    for (const control of card.querySelectorAll("input, select, textarea, button, summary, [tabindex='0']")) {
        if (!control.checkVisibility() || control.matches(":disabled")) continue;
        control.focus();
        control.scrollIntoView({ block: "center" });
        const { left, right, top, height } = control.getBoundingClientRect();
        const middle = top + Math.min(height, 40) / 2;
        const hit = document.elementFromPoint((left + right) / 2, height > innerHeight ? innerHeight / 2 : middle);
        const seen = left >= 0 && right <= innerWidth && (control.contains(hit) || hit?.contains(control));
        if (!seen || document.activeElement !== control) found.push("out of reach: " + control.outerHTML);
    }
    return found.map((text) => text.slice(0, 200));
})"""


_CUT_SHORT = """lists => lists.filter((list) => {
    const { clientWidth } = list;
    list.style.width = "max-content";
    const needed = list.offsetWidth;
    list.style.width = "";
    return list.checkVisibility() && needed > clientWidth + 4;
}).map((list) => list.labels[0].textContent + ": " + list.selectedOptions[0].textContent)"""


def violations(person: Person) -> list[str]:
    """What axe-core finds amiss in our output, best practices included, and what is hard to read."""
    results: dict[str, list[dict[str, Any]]] = Axe().run(person.page, context={"include": [[".rk"]]}).response
    found = results["violations"]
    amiss = [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
    return amiss + list(person.page.evaluate(_CONTRAST))


def misfits(person: Person) -> list[str]:
    """What a narrow page cuts off: what is wider than its card, but a table, which scrolls by itself.

    Also each control that takes no focus or cannot be brought into view.
    """
    found: list[str] = person.page.locator(f"{person.document} .rk").evaluate_all(_MISFITS)
    document = person.page.locator(person.scroller)
    return found + ["the page scrolls sideways"] * document.evaluate("node => node.scrollWidth > node.clientWidth")


def cut_short(person: Person) -> list[str]:
    """The closed lists that are too narrow for their longest choice, with what they show."""
    found: list[str] = person.page.locator(f"{person.document} .rk select").evaluate_all(_CUT_SHORT)
    return found


def expect_names_apart(page: Page, *, radios: int, groups: int, ids: int) -> None:
    """Wait until there are so many radio buttons in so many groups, and more than so many ids, each of them once."""
    # All at once, and until it holds: JupyterLab takes cells out and puts them back while it lays views out.
    page.wait_for_function(
        """([radios, groups, ids]) => {
            const all = [...document.querySelectorAll("[data-activity] [id]")].map((node) => node.id);
            const buttons = [...document.querySelectorAll("[data-activity] input[type=radio]")];
            const names = new Set(buttons.map((button) => button.name));
            const once = all.length > ids && new Set(all).size === all.length;
            return once && buttons.length === radios && names.size === groups;
        }""",
        arg=[radios, groups, ids],
    )
