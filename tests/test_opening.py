"""A course notebook opened in a real browser by someone who has never seen Jupyter: the JupyterLab extension."""

import json
import os
import re
import shutil
import signal
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from conftest import Lab, running_lab
from learner import wait_until

pytestmark = pytest.mark.browser

CARD = "section.rk"
OURS = ".jp-CodeCell.rk-cell"
EXERCISE = "etape-1/etape-1.ipynb"


def menu(page: Page, *labels: str) -> None:
    page.locator(".lm-MenuBar-itemLabel", has_text=labels[0]).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{re.escape(labels[1])}$")).click()


def accept_dialog(page: Page) -> None:
    page.locator(".jp-Dialog .jp-mod-accept").click()
    expect(page.locator(".jp-Dialog")).to_have_count(0)


def accept_whatever_is_asked(page: Page) -> None:
    page.wait_for_timeout(500)
    while page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog .jp-mod-accept").last.click()
        page.wait_for_timeout(300)


@contextmanager
def drawn_anew(page: Page) -> Iterator[None]:
    """What is done meanwhile takes the cards away, and they come back."""
    before = page.locator(CARD).first.element_handle()
    yield
    page.wait_for_function("card => !card.isConnected", arg=before)
    expect_prepared(page)


def run_count(page: Page) -> list[int | None]:
    """How many cells the present kernel had run when each code cell last ran."""
    counts: list[int | None] = page.evaluate(
        """() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
            .map(prompt => Number(prompt.textContent.match(/\\d+/)?.[0]) || null)"""
    )
    return counts


def expect_prepared(page: Page) -> None:
    expect(page.locator(".rk-notice")).to_have_text("", timeout=30_000)
    expect(page.locator(CARD)).to_have_count(page.locator(OURS).count() - 1)  # one of ours is the import
    expect(page.locator(CARD).first).to_be_visible()
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)


def test_activities_appear_by_themselves_in_a_french_lab(lab: Lab, page: Page) -> None:
    """From a fresh profile: cards and no code, French menus, nothing asked of the network, nothing to build."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    lab.open(page)

    expect_prepared(page)
    expect(page.locator(".lm-MenuBar-itemLabel", has_text="Noyau")).to_be_visible()
    expect(page.get_by_text("from reseau_kit import activite", exact=True)).to_be_hidden()
    expect(page.locator(".jp-Notebook .jp-RenderedHTMLCommon h1").first).to_be_in_viewport()
    assert [url for url in asked if "127.0.0.1" not in url and not url.startswith(("data:", "blob:"))] == []
    assert [url for url in asked if "/lab/api/build" in url] == []


def test_opening_alone_leaves_nothing_to_save(lab: Lab, page: Page) -> None:
    before = (lab.root / EXERCISE).read_bytes()

    lab.open(page, EXERCISE)

    expect_prepared(page)
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    assert (lab.root / EXERCISE).read_bytes() == before
    assert not (lab.root / "etape-1/reponses.jsonl").exists()


def test_activities_appear_in_notebook_7_too(lab: Lab, page: Page) -> None:
    lab.open(page, EXERCISE, view="notebooks")

    expect_prepared(page)


def test_nothing_but_our_own_cells_runs_on_opening(lab: Lab, page: Page) -> None:
    """A stranger's notebook runs no code of its own: not in its cells, not in modules that come along with it."""
    folder = lab.root / "etape-1"
    for module in ("reseau_kit", "anywidget", "ipywidgets", "zlib"):
        (folder / f"{module}.py").write_text(f"open({str(lab.root / 'pwned')!r}, 'a').write('{module} ')")
    hostile = [
        "open('../pwned', 'w')",
        "from reseau_kit import activite\nopen('../pwned', 'w')",
        "from reseau_kit import activite; open('../pwned', 'w')",
        "activite(\"E1-A4\"); open('../pwned', 'w')",
        "activite(\"E1-A4\" + str(open('../pwned', 'w')))",
        "petit_monde(\"profil\"); open('../pwned', 'w')",
        "petit_monde(str(open('../pwned', 'w')))",
        "mon_reseau(open('../pwned', 'w'))",
        "!touch ../pwned",
    ]
    notebook = json.loads((lab.root / EXERCISE).read_text())
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    notebook["cells"] += [cell | {"id": f"h{index}", "source": source} for index, source in enumerate(hostile)]
    (lab.root / EXERCISE).write_text(json.dumps(notebook))

    lab.open(page, EXERCISE)

    expect_prepared(page)
    assert not (lab.root / "pwned").exists()


def test_a_notebook_that_is_not_ours_is_left_alone(lab: Lab, page: Page) -> None:
    notebook: dict[str, Any] = json.loads((lab.root / EXERCISE).read_text())
    del notebook["metadata"]["reseau_kit"]
    (lab.root / "autre.ipynb").write_text(json.dumps(notebook))

    page.goto(lab.url("autre.ipynb"))
    expect(page.get_by_role("button", name="| Inactif")).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1500)

    expect(page.locator(CARD)).to_have_count(0)
    expect(page.locator(".rk-notice")).to_have_count(0)


def test_activities_come_back_after_a_restart(lab: Lab, page: Page) -> None:
    lab.open(page, EXERCISE)
    (before,) = lab.kernel_pids()

    with drawn_anew(page):
        menu(page, "Noyau", "Redémarrer le noyau…")
        accept_dialog(page)

    assert lab.kernel_pids() not in ([], [before])


def test_restart_and_run_all_runs_each_cell_once(lab: Lab, page: Page) -> None:
    lab.open(page, EXERCISE)

    with drawn_anew(page):
        menu(page, "Noyau", "Redémarrer le noyau et Exécuter toutes les cellules…")
        accept_dialog(page)

    expect(page.locator(".jp-InputPrompt", has_text="*")).to_have_count(0)
    ran = [count for count in run_count(page) if count]
    assert ran == sorted(set(ran))
    assert not ran or ran[-1] <= page.locator(".jp-CodeCell").count()


def test_activities_come_back_after_the_kernel_is_killed(lab: Lab, page: Page) -> None:
    lab.open(page, EXERCISE)
    (pid,) = lab.kernel_pids()

    with drawn_anew(page):
        os.kill(pid, signal.SIGKILL)
        accept_dialog(page)

    assert lab.kernel_pids() not in ([], [pid])


def stop_the_kernel(page: Page, lab: Lab) -> None:
    menu(page, "Noyau", "Arrêter le noyau")


def choose_no_kernel(page: Page, lab: Lab) -> None:
    menu(page, "Noyau", "Changer de noyau…")
    page.locator(".jp-Dialog select").select_option("null")
    accept_dialog(page)


def shut_it_down_from_the_list(page: Page, lab: Lab) -> None:
    """As the panel of running kernels does, or another tab: the page is not asked."""
    (session,) = ask(lab, "api/sessions")
    ask(lab, f"api/sessions/{session['id']}", "DELETE")


def lose_the_kernel_alone(page: Page, lab: Lab) -> None:
    (session,) = ask(lab, "api/sessions")
    ask(lab, f"api/kernels/{session['kernel']['id']}", "DELETE")


def ask(lab: Lab, path: str, method: str = "GET") -> Any:
    address = f"http://127.0.0.1:{lab.port}/{path}?token={lab.token}"
    with urllib.request.urlopen(urllib.request.Request(address, method=method), timeout=20) as response:
        content = response.read()
    return json.loads(content) if content else None


def test_our_button_always_ends_with_a_kernel(lab: Lab, page: Page) -> None:
    """However it went, and whatever JupyterLab does by itself: the page says so, and one click is enough."""
    lab.open(page, EXERCISE)
    for lose in (stop_the_kernel, choose_no_kernel, shut_it_down_from_the_list, lose_the_kernel_alone):
        lose(page, lab)
        wait_until(page, lambda: lab.kernel_pids() == [], "the kernel is gone")
        expect(page.locator(".rk-notice")).to_contain_text("Python s’est arrêté")
        with drawn_anew(page):
            page.get_by_role("button", name="Réessayer", exact=True).click()
        assert len(lab.kernel_pids()) == 1, lose.__name__
        expect(page.locator(".jp-Dialog")).to_have_count(0)


def test_our_button_starts_a_kernel_where_jupyterlab_does_not(lab: Lab, page: Page) -> None:
    """The document names a language that is not installed: JupyterLab asks, the learner says no, and then wants it."""
    notebook = json.loads((lab.root / EXERCISE).read_text(encoding="utf-8"))
    notebook["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook["metadata"]["language_info"] = {"name": "R"}
    (lab.root / EXERCISE).write_text(json.dumps(notebook), encoding="utf-8")
    page.goto(lab.url(EXERCISE))
    expect(page.locator(".jp-Dialog")).to_be_visible(timeout=30_000)
    expect(page.locator(".rk-notice")).to_contain_text("n’a pas démarré")
    page.locator(".jp-Dialog .jp-mod-reject").click()
    page.get_by_role("button", name="Réessayer", exact=True).click()
    expect_prepared(page)
    assert len(lab.kernel_pids()) == 1


def test_activities_come_back_after_all_outputs_are_cleared(lab: Lab, page: Page) -> None:
    lab.open(page, EXERCISE)

    with drawn_anew(page):
        menu(page, "Édition", "Effacer les sorties de toutes les cellules")


def test_a_second_view_leaves_the_first_as_it_is(lab: Lab, page: Page) -> None:
    """What is typed there stays, nothing runs again; after a restart each cell runs once, for both views."""
    lab.open(page, EXERCISE)
    expect_prepared(page)
    cards = page.locator(OURS).count() - 1
    first = page.locator(CARD).filter(has=page.get_by_label("Votre réponse")).first
    first.get_by_label("Votre réponse").press_sequentially("12")
    before = first.element_handle()

    menu(page, "Fichier", "Nouvelle vue pour Notebook")

    expect(page.locator("[data-reseau-kit]")).to_have_count(2)
    expect_two_views(page, cards)
    assert before.evaluate("card => card.isConnected && card.querySelector('input').value") == "12"

    page.evaluate(_NOTE_WHAT_IS_DRAWN)
    menu(page, "Noyau", "Redémarrer le noyau…")
    accept_dialog(page)

    page.wait_for_function("card => !card.isConnected", arg=before)
    expect_two_views(page, cards)
    assert page.evaluate("window.drawn.size") == 2 * cards


# Each card that was put into the page from now on; JupyterLab takes some out and puts the same ones back.
_NOTE_WHAT_IS_DRAWN = """() => {
    const earlier = new Set(document.querySelectorAll("section.rk"));
    window.drawn = new Set();
    new MutationObserver(() => {
        for (const card of document.querySelectorAll("section.rk")) if (!earlier.has(card)) window.drawn.add(card);
    }).observe(document, { subtree: true, childList: true });
}"""


def expect_two_views(page: Page, cards: int) -> None:
    expect(page.locator(".rk-notice")).to_have_text(["", ""], timeout=30_000)
    expect(page.locator(CARD)).to_have_count(2 * cards)
    expect(page.locator(".rk-stale")).to_have_count(0)


@pytest.mark.parametrize("keys", ["d d", "x", "Shift+M", "m", "r", "Control+Shift+Minus"])
@pytest.mark.parametrize("selection", ["Shift+ArrowDown", "Control+a"])
def test_no_keys_remove_what_is_ours(opened: tuple[Page, list[str]], keys: str, selection: str) -> None:
    """Neither deleting, cutting, merging, changing the type nor splitting, with one cell selected or all."""
    page, sources = opened
    page.locator(".jp-Notebook .jp-Cell.rk-cell").nth(1).evaluate("cell => cell.scrollIntoView()")
    page.locator(".jp-Notebook .jp-MarkdownCell").first.click(position={"x": 3, "y": 3})
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    for key in (selection, *keys.split()):
        page.keyboard.press(key)
    accept_whatever_is_asked(page)

    assert cell_sources(page) == sources


@pytest.fixture(scope="module")
def opened(browser: Any, released: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One exercise, open for several tests that must all leave it as it is."""
    folder = tmp_path_factory.mktemp("opened")
    shutil.copytree(released, folder / "mon-cours")
    with running_lab(folder / "mon-cours", folder / "jupyter") as lab:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        lab.open(page, EXERCISE)
        yield page, cell_sources(page)
        context.close()


def cell_sources(page: Page) -> list[str]:
    """The course's cells; the one that is left free for the learner's own code may come and go."""
    texts: list[str] = page.locator(".jp-Notebook .jp-Cell").evaluate_all(
        "cells => cells.map(cell => cell.className.match(/jp-\\w+Cell/)[0] + cell.textContent.slice(0, 60))"
    )
    return [text for text in texts if "import pandas" not in text]


def test_the_page_is_calm_in_the_dark_and_on_a_phone(lab: Lab, new_profile: Callable[..., BrowserContext]) -> None:
    """At 360 px the cards fit the notebook: no sideways scrolling."""
    page = new_profile(viewport={"width": 360, "height": 740}, color_scheme="dark").new_page()
    lab.open(page, EXERCISE, view="notebooks")

    expect_prepared(page)
    overflow = page.evaluate(
        "() => { const n = document.querySelector('.jp-WindowedPanel-outer'); return n.scrollWidth - n.clientWidth; }"
    )
    assert overflow <= 1
