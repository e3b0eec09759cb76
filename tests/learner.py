"""A learner at the browser: opens a course notebook in JupyterLab, answers, and what the disk then holds of it."""

import json
import re
import shutil
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Dialog, Locator, Page, Request, expect

if TYPE_CHECKING:
    from conftest import Lab

LESSON = "00-bienvenue.ipynb"
EXERCISE = "etape-1/etape-1.ipynb"

OPEN_DOCUMENT = ".jp-NotebookPanel:not(.lm-mod-hidden)"
"""The notebook that is in front, of those that JupyterLab has open."""

# What a double click in the list of files does: a page that is loaded anew would cost three seconds of CPU, and show
# all that was open before. Whether it was done: not where there is no JupyterLab yet, or the document is open.
_OPEN_BESIDE = """async (path) => {
    const app = window.jupyterapp;
    if (!app || [...app.shell.widgets("main")].some((widget) => widget.context?.path === path)) return false;
    const widget = await app.commands.execute("docmanager:open", { path });
    await widget.revealed;
    // The list of what can be opened, which comes when nothing else is open, may be in front a moment yet.
    while (app.shell.currentWidget !== widget) {
        app.shell.activateById(widget.id);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
}"""

_THEME_SETTING = "@jupyterlab/apputils-extension:themes"

# Kernels start within the default's five seconds on most machines, not on all.
expect.set_options(timeout=30_000)

Answer = tuple[str, str, Any]
"""An activity, whether it was a draft or an attempt, and the value."""

# All that was ever said of saving in a page, in order: a word shown for an instant was shown.
_NOTE_WHAT_IS_SAID = """
    window.said = [];
    const note = (place) => {
        const word = place.closest("[data-activity]").dataset.activity + ": " + place.textContent;
        if (place.textContent && window.said.at(-1) !== word) window.said.push(word);
    };
    new MutationObserver((changes) => {
        for (const { target, addedNodes } of changes) {
            const around = (target.closest ? target : target.parentElement)?.closest(".rk-saved");
            if (around?.isConnected) note(around);
            for (const added of addedNodes) {
                if (!added.isConnected || !added.closest) continue;
                [...(added.matches(".rk-saved") ? [added] : []), ...added.querySelectorAll(".rk-saved")].forEach(note);
            }
        }
    }).observe(document, { subtree: true, childList: true, characterData: true });
"""


class Person:
    """Somebody with a browser profile of their own before a workspace of their own, whatever shows its documents."""

    document = "main"
    """Where in the page the document is that is in front."""
    scroller = "main"
    """What of it scrolls."""

    def __init__(self, profile: BrowserContext, released: Path, root: Path) -> None:
        self.profile, self.released, self.root = profile, released, root
        self.move_to_an_empty_machine()
        self.requested: set[str] = set()
        self.dialogs: list[str] = []
        profile.on("request", self._note_request)
        if profile.pages:  # somebody else's before
            (self.page,) = profile.pages
            self.page.on("dialog", self._note_dialog)
            self.page.evaluate("window.said = []")
        else:
            profile.add_init_script(_NOTE_WHAT_IS_SAID)
            self.page = self.new_page()

    def leave(self) -> None:
        """Leave the browser to the next one."""
        self.profile.remove_listener("request", self._note_request)
        for page in self.profile.pages:
            page.remove_listener("dialog", self._note_dialog)

    def _note_request(self, request: Request) -> None:
        self.requested.add(request.url)

    def move_to_an_empty_machine(self) -> None:
        """From now on, work in a workspace that nobody has opened yet."""
        self.folder = Path(tempfile.mkdtemp(prefix="mon-cours-", dir=self.root))
        shutil.copytree(self.released, self.folder, dirs_exist_ok=True)

    # --- the page

    def open(self, path: str = LESSON) -> Page:
        """Open a notebook of the workspace; its activities are there."""
        raise NotImplementedError

    def reload(self) -> None:
        """Load the page anew; the activities of its notebook are there."""
        raise NotImplementedError

    def theme(self, name: str) -> AbstractContextManager[None]:
        """Open what is opened in the colours of one of JupyterLab's themes."""
        raise NotImplementedError

    def type_code(self, code: str) -> Locator:
        """Run code in a new cell at the end; the place of what it shows."""
        raise NotImplementedError

    def new_page(self) -> Page:
        """Another tab of the same browser."""
        page = self.profile.new_page()
        page.on("dialog", self._note_dialog)
        return page

    def _note_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.type)
        dialog.accept()

    def said(self, id: str, page: Page | None = None) -> list[str]:
        """All that was said of saving an activity since the page was loaded."""
        words: list[str] = (page or self.page).evaluate("window.said")
        return [word.partition(": ")[2] for word in words if word.startswith(f"{id}: ")]

    # --- an activity

    def activity(self, id: str, page: Page | None = None) -> Locator:
        """The card of an activity."""
        return (page or self.page).locator(f'{self.document} [data-activity="{id}"]')

    def tick(self, id: str, options: Sequence[str], *, page: Page | None = None) -> None:
        """Tick exactly those options, by mouse."""
        for choice in self.activity(id, page).locator("input").all():
            if choice.is_checked() != (choice.get_attribute("value") in options):
                choice.click()

    def choose_case(self, case: str = "marcel", *, id: str = "C0-A1") -> None:
        """Choose a guided case where it is asked."""
        card = self.activity(id)
        card.locator(f'input[value="{case}"]').check()
        card.get_by_role("button", name=re.compile("ce choix|mon choix")).click()
        if id == "C0-A1":
            self.expect_stored(id)
        else:
            expect(card.locator("legend")).not_to_contain_text("Quel cas guidé")

    def submit(self, id: str, value: str | Sequence[str], *, page: Page | None = None) -> None:
        """Answer by mouse and validate, and wait for the feedback; it must be on disk when it is said to be."""
        self.submit_blindly(id, value, page=page)
        self.expect_stored(id, page=page)
        ticks = value if isinstance(value, str) else sorted(value)
        stored = [
            answer if isinstance(answer, str) else sorted(answer)
            for activity, kind, answer in self.journal() + self.journal("etape-1")
            if activity == id and kind == "attempt"
        ]
        assert ticks in stored, f"« Enregistré » was said of {ticks}, and the journal holds {stored}"

    def submit_blindly(self, id: str, value: str | Sequence[str], *, page: Page | None = None) -> None:
        """Answer by mouse and validate, whatever comes of it."""
        card = self.activity(id, page)
        if isinstance(value, str):
            card.get_by_label("Votre réponse").fill(value)
        else:
            self.tick(id, value, page=page)
        card.locator("button.rk-go").click()

    def expect_stored(self, id: str, *, page: Page | None = None) -> None:
        """Wait for the words that the last answer is stored."""
        card = self.activity(id, page)
        expect(card.locator("[aria-busy]")).to_have_count(0)
        expect(card.locator(".rk-checking")).to_have_count(0)
        expect(card.locator(".rk-saved")).to_contain_text("✓ Enregistré")

    def expect_number(self, id: str, value: str, *, page: Page | None = None) -> None:
        """Wait until a number is shown."""
        expect(self.activity(id, page).get_by_label("Votre réponse")).to_have_value(value)

    def expect_ticks(self, id: str, options: Sequence[str], *, page: Page | None = None) -> None:
        """Wait until exactly those options are ticked."""
        expect(self.activity(id, page).locator("fieldset")).to_be_visible()
        (page or self.page).wait_for_function(
            """([card, options]) => {
                const ticked = [...document.querySelectorAll(`${card} input:checked`)];
                return JSON.stringify(ticked.map((input) => input.value).sort()) === JSON.stringify(options);
            }""",
            arg=[f'{self.document} [data-activity="{id}"]', sorted(options)],
        )

    # --- the disk

    def journal(self, step: str = "", folder: Path | None = None) -> list[Answer]:
        """The answers in the journal of the lessons, or of a step, in order."""
        path = (folder or self.folder) / step / "reponses.jsonl"
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
        events = sorted((line for line in lines if "value" in line), key=lambda line: line["seq"])
        return [(event["activity"], event["kind"], event["value"]) for event in events]

    def attempts(self, step: str = "", folder: Path | None = None) -> list[Answer]:
        """The attempts in the journal of the lessons, or of a step, in order."""
        return [answer for answer in self.journal(step, folder) if answer[1] == "attempt"]

    def copy(self, path: str = LESSON, folder: Path | None = None) -> list[Answer]:
        """The answers that the notebook on disk carries itself."""
        try:
            notebook = json.loads(((folder or self.folder) / path).read_text(encoding="utf-8"))
        except ValueError:  # being written by JupyterLab, which does not do it all at once
            return []
        events = notebook["metadata"]["reseau_kit"].get("answers", {}).get("events", [])
        return [(event["activity"], event["kind"], event["value"]) for event in events]

    def hosts(self) -> set[str]:
        """Every host that a page of this profile has sent a request to."""
        return {urlsplit(url).hostname or "" for url in self.requested if url.startswith(("http", "ws"))}


# Whether nothing of this learner is left in the page, in what it keeps, and before it.
_TIDY = """async () => {
    const app = window.jupyterapp;
    if (!app || document.querySelector(".jp-Dialog")) return false;
    // What is being saved takes a moment yet; what nobody wanted to save is not worth waiting for.
    const open = [...app.shell.widgets("main")];
    const comes = async (fact) => {
        for (let tries = 0; tries < 40 && !fact(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
        return fact();
    };
    if (!(await comes(() => !open.some((widget) => widget.context?.model.dirty)))) return false;
    for (const widget of open) widget.dispose();
    if (!(await comes(() => [...app.shell.widgets("main")].length))) return false; // what can be opened, by itself
    localStorage.clear();
    sessionStorage.clear();
    const { result } = await new Promise((resolve) => {
        const request = indexedDB.open("reseau-kit");
        request.onsuccess = request.onerror = () => resolve(request);
    });
    if (!result) return false;
    const emptied = [...result.objectStoreNames].map((name) => new Promise((resolve, reject) => {
        const change = result.transaction(name, "readwrite");
        change.objectStore(name).clear();
        Object.assign(change, { oncomplete: resolve, onabort: reject });
    }));
    result.close();
    await Promise.all(emptied);
    return true;
}"""


class Learner(Person):
    """Somebody before a workspace of their own in JupyterLab, in a browser that keeps nothing of anybody."""

    document = OPEN_DOCUMENT
    scroller = f"{OPEN_DOCUMENT} .jp-WindowedPanel-outer"

    def __init__(self, lab: "Lab", profile: BrowserContext, released: Path) -> None:
        self.lab = lab
        super().__init__(profile, released, lab.root)

    def tidy(self) -> bool:
        """Close what is open and forget what the browser keeps; whether the next one finds nothing of it."""
        self.shut_kernels_down()
        if self.page.is_closed():
            return False
        for other in self.profile.pages:
            if other != self.page:
                other.close()
        self.page.set_viewport_size({"width": 1280, "height": 900})
        return bool(self.page.evaluate(_TIDY))

    # --- the page

    def open(self, path: str = LESSON, *, page: Page | None = None, folder: Path | None = None) -> Page:
        """Open a notebook of the workspace and wait until its activities are there.

        In a page that shows JupyterLab it opens beside the others; one that is open already is loaded with the page.
        """
        page = page or self.page
        name = f"{(folder or self.folder).relative_to(self.lab.root).as_posix()}/{path}"
        if not page.evaluate(_OPEN_BESIDE, name):
            # A JupyterLab layout of one's own: the tabs of other tests do not open here.
            page.goto(self.lab.url(name, view=f"lab/workspaces/{self.folder.name}/tree"))
        expect(page.locator(".lm-TabBar-tab.jp-mod-current", has_text=Path(path).name)).to_be_visible(timeout=30_000)
        self.wait_until_prepared(page)
        return page

    def close(self) -> None:
        """Close the document that is in front, once it has been saved; its kernel goes on."""
        expect(self.page.locator(".lm-TabBar-tab.jp-mod-current.jp-mod-dirty")).to_have_count(0)
        shown = self.page.locator(OPEN_DOCUMENT).element_handle()
        self.page.evaluate("() => jupyterapp.commands.execute('application:close').then(() => {})")
        self.page.wait_for_function("node => !node.isConnected", arg=shown)

    def reload(self, page: Page | None = None) -> None:
        """Reload the browser's page and wait until its activities are there."""
        page = page or self.page
        page.reload()
        self.wait_until_prepared(page)

    def wait_until_prepared(self, page: Page | None = None) -> None:
        """Wait until the activities of the open notebook have been drawn by the present kernel."""
        document = (page or self.page).locator(OPEN_DOCUMENT)
        expect(document.locator("[data-activity]")).not_to_have_count(0, timeout=30_000)
        expect(document.locator(".rk-notice")).to_have_text("", timeout=30_000)
        expect(document.locator(".rk-cell.rk-stale")).to_have_count(0)

    def menu(self, *entries: str, page: Page | None = None) -> None:
        """Choose an entry of JupyterLab's menu bar, as the French interface names it."""
        page = page or self.page
        bar, entry = entries
        page.locator(".lm-MenuBar-item", has_text=re.compile(f"^{bar}$")).click()
        words = r"\s+".join(map(re.escape, entry.split()))  # a translator's space may be a non-breaking one
        page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{words}$")).click()

    def accept(self, page: Page | None = None) -> None:
        """Press the main button of JupyterLab's dialog."""
        (page or self.page).locator(".jp-Dialog button.jp-mod-accept").click()

    def accept_what_is_said(self, page: Page | None = None) -> None:
        """Close the dialog by which JupyterLab says that the kernel died, once it comes."""
        self.accept(page)
        expect((page or self.page).locator(".jp-Dialog")).to_have_count(0)

    def save_document(self, page: Page | None = None) -> None:
        """Save with the menu, and wait for it to be done."""
        page = page or self.page
        with page.expect_response(lambda response: response.request.method == "PUT"):
            self.menu("Fichier", "Sauvegarder Notebook", page=page)

    def run_all(self, page: Page | None = None) -> None:
        """« Exécuter toutes les cellules »."""
        self.menu("Exécution", "Exécuter toutes les cellules", page=page)

    def restart_kernel(self, entry: str = "Redémarrer le noyau…") -> None:
        """Restart by the menu and wait until the new kernel has drawn the activities."""
        before = self.page.locator(f"{OPEN_DOCUMENT} [data-activity]").first.element_handle()
        self.menu("Noyau", entry)
        self.accept()
        self.page.wait_for_function("node => !node.isConnected", arg=before)
        self.wait_until_prepared()

    def type_code(self, code: str) -> Locator:
        """Type code in a new cell at the end and run it with Shift+Enter; that cell."""
        self.page.locator(f"{OPEN_DOCUMENT} .jp-Cell").last.click()
        self.page.keyboard.press("Escape")
        cell = self.page.locator(f"{OPEN_DOCUMENT} .jp-CodeCell").nth(
            self.page.locator(f"{OPEN_DOCUMENT} .jp-CodeCell").count()
        )
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Shift+Enter")
        return cell

    def cells(self) -> list[str]:
        """The cells of the open notebook in order: their type and how their text begins."""
        return self.page.locator(f"{OPEN_DOCUMENT} .jp-Cell").evaluate_all(  # type: ignore[no-any-return]
            """cells => cells.map(cell => {
                const text = (cell.querySelector(".cm-content") ?? cell).textContent;
                return (cell.classList.contains("jp-CodeCell") ? "code: " : "texte: ") + text.slice(0, 40);
            })"""
        )

    # --- the server

    def ask_server(self, method: str, path: str, body: object = None) -> Any:
        """What the server's REST API answers."""
        address = f"http://127.0.0.1:{self.lab.port}/{path}?token={self.lab.token}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(address, data, method=method), timeout=20) as response:
            content = response.read()
        return json.loads(content) if content else None

    def shut_kernels_down(self) -> None:
        """End every kernel, without a word to the page."""
        for kernel in self.ask_server("GET", "api/kernels"):
            self.ask_server("DELETE", f"api/kernels/{kernel['id']}")

    def change_setting(self, plugin: str, values: dict[str, object]) -> None:
        """Put the learner's own settings of a part of JupyterLab in place of those that there were."""
        self.ask_server("PUT", f"lab/api/settings/{plugin}", {"raw": json.dumps(values)})

    @contextmanager
    def theme(self, name: str) -> Iterator[None]:
        """Open what is opened in the colours of that theme."""
        self.page.goto("about:blank")  # which JupyterLab asks for when it is loaded
        self.change_setting(_THEME_SETTING, {"theme": name})
        try:
            yield
            expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)
        finally:
            self.change_setting(_THEME_SETTING, {})


def wait_until(page: Page, fact: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait for something that the page itself cannot tell, such as a file on disk."""
    for _ in range(int(seconds * 10)):
        if fact():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not after {seconds} s: {what}")
