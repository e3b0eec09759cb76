"""A page without JupyterLab that shows real panels: as fast as a unit test, with a browser's own store and tabs.

Messages go both ways as a kernel's do, while it is there: `is_there = False` is a server that has stopped.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from reseau_kit.learner.panel import Panel

_ADDRESS = "http://cours.test/"

# What a front end gives a panel: its data, its messages; what the kernel is told comes back with what it answered.
_HOST = """async (panels) => {
    for (const [index, { module, ...values }] of panels.entries()) {
        const { default: widget } = await import(URL.createObjectURL(new Blob([module], { type: "text/javascript" })));
        const handlers = {};
        const call = (name, ...given) => (handlers[name] ?? []).forEach((handler) => handler(...given));
        const model = {
            get: (name) => values[name],
            on: (name, handler) => (handlers[name] ??= []).push(handler),
            off: (name, handler) => (handlers[name] = (handlers[name] ?? []).filter((one) => one !== handler)),
            send: async (message) => {
                const told = await window.tellKernel(index, message);
                for (const [to, kind, content] of told) window.models[to].hear(kind, content);
            },
        };
        model.hear = (kind, content) => {
            if (kind === "message") return call("msg:custom", content);
            values[kind] = content;
            call(`change:${kind}`);
        };
        (window.models ??= []).push(model);
        widget.render({ model, el: document.body.appendChild(document.createElement("div")) });
    }
}"""


class PlainPage:
    """One tab that shows panels; opened again, it asks for new ones, as a new kernel makes them."""

    def __init__(self, profile: BrowserContext, make: Callable[[], list[Panel]]) -> None:
        self.page: Page = profile.new_page()
        self.make = make
        self.is_there = True
        self.panels: list[Panel] = []
        self._told: list[tuple[int, str, Any]] = []
        self.page.route(f"{_ADDRESS}**", lambda route: route.fulfill(body="<!DOCTYPE html>", content_type="text/html"))
        self.page.expose_function("tellKernel", self._receive)

    def open(self) -> None:
        """Open, or reload, with a kernel that has just read the folder."""
        self.page.goto(_ADDRESS)
        self.is_there = True
        self.panels = self.make()
        for index, panel in enumerate(self.panels):
            self._listen(index, panel)
        shown = [{"module": panel._esm, "face": panel.face, "state": panel.state} for panel in self.panels]
        self.page.evaluate(_HOST, shown)

    def _listen(self, index: int, panel: Panel) -> None:
        panel.observe(lambda change: self._told.append((index, change["name"], change["new"])), ["face", "state"])
        panel.send = lambda content, _=(): self._told.append((index, "message", content))

    def _receive(self, index: int, message: Any) -> list[tuple[int, str, Any]]:
        if not self.is_there:
            return []
        self.panels[index]._receive(self.panels[index], message, [])
        told, self._told = self._told, []
        return told

    def activity(self, id: str) -> Locator:
        return self.page.locator(f'[data-activity="{id}"]')

    def answer(self, id: str, value: str) -> None:
        """Type a number and validate it."""
        self.type(id, value)
        self.activity(id).locator("button.rk-go").click()

    def type(self, id: str, value: str) -> None:
        self.activity(id).get_by_label("Votre réponse").fill(value)

    def expect_said(self, id: str, words: str) -> None:
        expect(self.activity(id).locator(".rk-saved")).to_contain_text(words, timeout=10_000)

    def kept(self) -> list[Any]:
        """The values that the browser keeps, in the order of their sequence."""
        values: list[Any] = self.page.evaluate(
            """() => new Promise((resolve, reject) => {
                const request = indexedDB.open("reseau-kit", 1);
                request.onerror = reject;
                request.onsuccess = () => {
                    const { result: database } = request;
                    if (!database.objectStoreNames.length) return resolve([]);
                    const all = database.transaction("kept").objectStore("kept").getAll();
                    all.onsuccess = () => {
                        database.close();
                        const events = all.result.map(({ event }) => event).sort((a, b) => a.seq - b.seq);
                        resolve(events.map(({ value }) => value));
                    };
                };
            })"""
        )
        return values
