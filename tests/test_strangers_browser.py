"""A stranger's notebook that somebody merely opens does nothing: not its saved widgets, its cells, the files beside it.

What acts leaves its trace in the page (`window.acted`), or in a file, or starts a kernel.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

import reseau_kit
from conftest import ROOT, Lab, running_lab
from desk import Desk, running_desk
from learner import OPEN_DOCUMENT
from reseau_kit.answers.notebooks import load
from strangers import ACTED, hostile_notebook, put_shadows, ran, trust

pytestmark = pytest.mark.browser

EXTENSION = Path(reseau_kit.__file__).parent / "jupyter/labextensions/reseau-kit/static/remoteEntry.js"
CARD = "[data-reseau-kit]:not(.lm-mod-hidden) section.rk"


# --- cells that run on opening ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rules(browser: Browser) -> Iterator[Callable[[str], Any]]:
    """What the extension says of itself, without a JupyterLab: a function of `it`, in JavaScript."""
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(path=EXTENSION)
    page.evaluate(
        """async () => {
            const container = window._JUPYTERLAB["reseau-kit"];
            const notebook = { NotebookModel: class { getMetadata() {} } };
            const shared = { "@jupyterlab/notebook": notebook, "@jupyterlab/apputils": {} };
            const offers = Object.entries(shared).map(([name, it]) => [name, { 4: { get: async () => () => it } }]);
            container.init(Object.fromEntries(offers));
            window.it = (await container.get("./extension"))();
        }"""
    )
    yield lambda expression: page.evaluate(f"it => {expression}", page.evaluate_handle("window.it"))
    context.close()


def run_on_opening(rules: Callable[[str], Any], sources: list[str]) -> list[str]:
    """Those of the sources that would run."""
    found: list[str] = rules(f"{json.dumps(sources)}.filter(source => it.RUN_ON_OPENING.test(source))")
    return found


def test_names_that_run_on_opening_are_ours_and_draw_only(rules: Callable[[str], Any]) -> None:
    """One list holds them; what takes in, writes or erases is called by who reads the cell."""
    drawn, imported = set(rules("Object.keys(it.DRAWN)")), set(rules("it.IMPORTED"))
    assert drawn <= imported <= set(reseau_kit.__all__)
    assert not imported & {"reprendre", "emporter", "effacer_mes_reponses", "attestation", "carte", "indicateurs"}
    assert imported - drawn == {"repondre"}, "the welcome lesson imports it, and no cell of ours calls it"


def test_every_cell_of_the_course_that_draws_runs_on_opening(rules: Callable[[str], Any]) -> None:
    """In the course and in the small courses of tests: whatever begins as an import or a drawing of ours."""
    notebooks = [
        path
        for folder in (ROOT / "course", ROOT / "exercises", ROOT / "tests")
        for path in folder.rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    ]
    cells = [cell for path in notebooks for cell in load(path)["cells"] if cell["cell_type"] == "code"]
    sources = ["".join(cell["source"]) for cell in cells]
    drawn = "|".join(rules("Object.keys(it.DRAWN)"))
    meant = [
        source for source in sources if re.match(rf"(from reseau_kit import \w+(, \w+)*|({drawn})\(.*\))$", source)
    ]
    assert len(meant) > 100
    assert run_on_opening(rules, sources) == meant
    # A learner who never ran a cell could not know that there is one.
    hidden = {"".join(cell["source"]) for cell in cells if cell["metadata"].get("jupyter", {}).get("source_hidden")}
    assert hidden <= set(meant)


@pytest.mark.parametrize("text", ['activite("E1-A4")', "carnet()", "from reseau_kit import activite, carnet"])
def test_nothing_but_the_exact_form_runs_on_opening(rules: Callable[[str], Any], text: str) -> None:
    """Around what may run: nothing before, after, or within."""
    assert run_on_opening(rules, [text]) == [text]
    more = [
        "\n",
        "\r",
        "\r\n",
        "\t",
        " ",
        ";",
        "\\\n",
        "\f",
        "\v",
        "\u2028",
        "\u2029",
        "\u0085",
        "\0",
        "\ufeff",
        "#",
        "?",
    ]
    more += ["\nimport os", "\rimport os", "; import os", " # -*- coding: utf-7 -*-", ".x", "()", "[0]", " if 1 else 0"]
    more += [" or exit()", "\u2028import os", "\x0cimport os", "!", "??", "\\", ",", "\u200b", "\u00ad", "?"]
    assert run_on_opening(rules, [text + end for end in more]) == []
    assert (
        run_on_opening(rules, [start + text for start in [*more, "%", "%%time\n", "!", "await ", "x = ", "_ = "]]) == []
    )
    within = [text[:at] + sign + text[at:] for at in range(len(text) + 1) for sign in "\n\r\t\\;#'\0\u200b\u0301\u2028"]
    assert run_on_opening(rules, within) == []


def test_no_other_name_and_no_alias_runs_on_opening(rules: Callable[[str], Any]) -> None:
    """A friend's answers came in before the learner's own, by `reprendre as activite` and `activite("…")`."""
    aliases = [
        "from reseau_kit import reprendre as activite, emporter as carnet",
        "from reseau_kit import reprendre as activite",
        "from reseau_kit import activite as carnet",
        "from reseau_kit import activite, reprendre as carnet",
        "from reseau_kit import activite as activite",
        "from reseau_kit import reprendre",
        "from reseau_kit import activite, reprendre",
        "from reseau_kit import emporter, effacer_mes_reponses",
        "from reseau_kit import attestation",
        "from reseau_kit import *",
        "from reseau_kit import (activite)",
        "from reseau_kit import activite,",
        "from reseau_kit import activite , carnet",
        "from reseau_kit import activite,carnet",
        "from reseau_kit import activite,  carnet",
        "from reseau_kit import  activite",
        "from reseau_kit  import activite",
        "from  reseau_kit import activite",
        "from reseau_kit import activite\nfrom reseau_kit import carnet",
        "from reseau_kit import activite carnet",
        "from reseau_kit import widgets",
        "from reseau_kit import __getattr__",
        "from reseau_kit import activite; import os",
        "from reseau_kit.learner.activity import activite",
        "from .reseau_kit import activite",
        "from reseau_kit_2 import activite",
        "from reseau_kits import activite",
        "from os import activite",
        "import reseau_kit",
        "import reseau_kit as activite",
        '__import__("os")',
        'activite = __import__("reseau_kit").reprendre',
        "from __future__ import annotations",
    ]
    calls = [
        'reprendre("piege")',
        'activite("../piege")',
        'activite("piege.json")',
        "activite('piege')",
        'activite("a" "b")',
        'activite("a", "b")',
        'activite(id="a")',
        'activite(f"a")',
        'activite(b"a")',
        'activite("a\\x2f")',
        'activite("é")',
        'activite("")',
        "activite(x)",
        "activite()",
        'activite ("a")',
        'activite( "a")',
        'activite("a" )',
        'activite("a")("b")',
        'activite("a"), activite("b")',
        'activite("a")\nactivite("b")',
        'activite("""a""")',
        "emporter()",
        "effacer_mes_reponses()",
        "effacer_mes_reponses(confirmer=True)",
        'repondre("a")',
        'repondre("a", 1)',
        'carte("a")',
        "indicateurs()",
        "attestation()",
        'carnet("a")',
        "carnet(x)",
        "ma_charte(heure=exit())",
        'petit_monde("PROFIL")',
        'petit_monde("a.b")',
        'petit_monde("é\u0301")',
        "petit_monde()",
        "exit()",
        "constructor()",
        "__proto__()",
        "toString()",
    ]
    assert run_on_opening(rules, aliases + calls) == []


@pytest.mark.parametrize("text", ['activite("E1-A4")', "carnet()", "from reseau_kit import activite, ma_charte"])
def test_no_look_alike_runs_on_opening(rules: Callable[[str], Any], text: str) -> None:
    """Python reads many letters as the ASCII one (PEP 3131, NFKC), and people read others so."""
    signs = {
        "a": "ａаᵃª𝐚",
        "c": "ｃсⅽ𝒄",
        "e": "ｅеₑ",
        "i": "ｉіⅰ",
        "o": "ｏоºᵒ",
        "t": "ｔᵗ",
        "_": "＿︳‿",
        "(": "（⁽",
        '"': "“＂",
    }
    signs |= {
        " ": "\u00a0\u2003\u3000",
        ",": "，‚",
        "r": "ｒᵣ",
        "k": "ｋк",
        "1": "１¹",
        "E": "Ｅ",
        "-": "‐−",
        ")": "）",
    }
    alike = [text[:at] + sign + text[at + 1 :] for at, letter in enumerate(text) for sign in signs.get(letter, "")]
    assert len(alike) > 10
    assert run_on_opening(rules, alike) == []


# --- saved widgets ----------------------------------------------------------------------------------------------------


@pytest.fixture
def unguarded(page: Page) -> Page:
    """A page to which saved widgets are not hidden: what it shows is what the others are spared."""

    def serve(route: Route) -> None:
        source = EXTENSION.read_text(encoding="utf-8")
        assert source.count("versions.forEach(hideSavedWidgets);") == 1
        route.fulfill(body=source.replace("versions.forEach(hideSavedWidgets);", ""), content_type="text/javascript")

    page.route(
        "**/remoteEntry.js*", lambda route: serve(route) if "reseau-kit" in route.request.url else route.continue_()
    )
    return page


@pytest.fixture(scope="module")
def lab(released: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Lab]:
    """A learner's JupyterLab, where a friend's notebooks came: with our activities, and without; both are trusted."""
    import shutil

    tmp = tmp_path_factory.mktemp("ami")
    workspace = Path(shutil.copytree(released, tmp / "mon-cours"))
    own = hostile_notebook(workspace / "etape-1/etape-1.ipynb", workspace / "etape-1/etape-1.ipynb")
    other = hostile_notebook(workspace / "recu/ami.ipynb")
    for path in (own, other):
        trust(path, tmp / "jupyter/jupyter_data_dir")
    with running_lab(workspace, tmp / "jupyter") as lab:
        yield lab


def expect_no_widget(page: Page, count: int = 3) -> None:
    """The saved outputs are there, JupyterLab shows them, and the widgets that they name are not known."""
    told = page.locator(OPEN_DOCUMENT).get_by_text("Error displaying widget: model not found")
    expect(told).to_have_count(count, timeout=60_000)


def test_saved_widgets_would_act(lab: Lab, unguarded: Page) -> None:
    """The proof is worth something: they do where nothing hides them, before anybody has clicked."""
    unguarded.goto(lab.url("recu/ami.ipynb"))
    unguarded.wait_for_function(
        f"{ACTED} && ['module', 'initialize', 'render', 'html'].every(one => {ACTED}.includes(one))"
    )


@pytest.mark.parametrize("view", ["lab/tree", "notebooks", "doc/tree"])
def test_saved_widgets_of_a_stranger_do_nothing(lab: Lab, page: Page, view: str) -> None:
    """Not even in a notebook that JupyterLab trusts, in which it shows what widgets draw. The file keeps them."""
    before = (lab.root / "recu/ami.ipynb").read_bytes()
    page.goto(lab.url("recu/ami.ipynb", view=view))
    expect_no_widget(page)
    assert page.evaluate(ACTED) is None
    assert (lab.root / "recu/ami.ipynb").read_bytes() == before


def test_a_course_notebook_opens_without_the_widgets_that_a_stranger_saved_in_it(lab: Lab, page: Page) -> None:
    """Its activities come; also in a second view, after it changed on the disk, after saving and reloading."""
    lab.open(page, "etape-1/etape-1.ipynb")
    expect(page.locator(CARD).first).to_be_visible()
    expect_no_widget(page)
    cards = page.locator(CARD).count()
    assert cards >= 6

    page.locator(".lm-MenuBar-itemLabel", has_text="Fichier").click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Nouvelle vue pour Notebook$")).click()
    expect(page.locator("[data-reseau-kit]")).to_have_count(2)
    expect(page.locator(CARD)).to_have_count(2 * cards)
    expect_no_widget(page, 6)

    path = lab.root / "etape-1/etape-1.ipynb"
    hostile_notebook(path, path)
    with page.expect_response(lambda response: "api/contents" in response.url and response.request.method == "GET"):
        page.locator(".lm-MenuBar-itemLabel", has_text="Fichier").click()
        page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Recharger Notebook depuis le disque")).click()
    expect(page.locator(CARD)).to_have_count(2 * cards)
    with page.expect_response(lambda response: response.request.method == "PUT" and "etape-1.ipynb" in response.url):
        page.keyboard.press("Control+s")
    assert '"widgets"' in path.read_text(encoding="utf-8")
    assert page.evaluate(ACTED) is None
    lab.open(page, "etape-1/etape-1.ipynb")
    expect(page.locator(CARD).first).to_be_visible()
    assert page.evaluate(ACTED) is None


# --- a trainer's JupyterLab -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(released: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Desk]:
    """A trainer's JupyterLab, as they start it, where a learner handed in a hostile notebook and hostile files."""
    tmp = tmp_path_factory.mktemp("formateur")
    course = tmp / "cours"
    base = released / "etape-1/etape-1.ipynb"
    for place in ("submitted/lea/etape-1", "autograded/lea/etape-1"):
        hostile_notebook(course / place / "etape-1.ipynb", base)
        put_shadows(course / place, tmp / "trace")
    paths = [hostile_notebook(course / "recu/ami.ipynb"), hostile_notebook(course / "recu/etape-1.ipynb", base)]
    for path in (*paths, *course.glob("*/lea/etape-1/etape-1.ipynb")):
        trust(path, tmp / "jupyter_data_dir")
    # The extension as it stands, not as it was when the kit was installed here.
    with running_desk(course, tmp, JUPYTER_PATH=str(EXTENSION.parents[3]), PYTHONSAFEPATH="") as desk:
        yield desk


@pytest.mark.parametrize("place", ["submitted", "autograded"])
def test_what_was_handed_in_starts_no_kernel_by_itself(desk: Desk, page: Page, place: str) -> None:
    """Nothing of it runs: no widget, no cell, no file beside it; the page says why, and where to read it."""
    page.goto(desk.url(f"lab/tree/{place}/lea/etape-1/etape-1.ipynb"))
    expect(page.locator(".rk-notice")).to_contain_text("préférez formgrader")
    expect(page.locator(OPEN_DOCUMENT).get_by_text("Loading widget...")).to_have_count(3)
    expect(page.locator(CARD)).to_have_count(0)
    assert page.evaluate(ACTED) is None
    assert page.request.get(desk.url("api/sessions")).json() == []
    assert ran(desk.course.parent / "trace") == ""


def test_a_person_may_choose_a_kernel_for_what_was_handed_in(desk: Desk, page: Page) -> None:
    """It is held back, not forbidden: where JupyterLab says that there is none, it offers those that it has."""
    page.goto(desk.url("lab/tree/submitted/lea/etape-1/etape-1.ipynb"))
    page.locator(f"{OPEN_DOCUMENT} .jp-KernelName").click()
    expect(page.locator(".jp-Dialog select option", has_text="Python 3")).not_to_have_count(0)


def test_saved_widgets_do_nothing_for_a_trainer_either(desk: Desk, page: Page) -> None:
    """Wherever the file lies, and whether or not it says that it is ours."""
    page.goto(desk.url("lab/tree/recu/ami.ipynb"))
    expect_no_widget(page)
    assert page.evaluate(ACTED) is None
    page.goto(desk.url("lab/tree/recu/etape-1.ipynb"))
    expect(page.locator(CARD).first).to_be_visible(timeout=60_000)
    assert page.evaluate(ACTED) is None


# --- files beside a notebook ------------------------------------------------------------------------------------------


def test_no_file_beside_a_notebook_runs(released: Path, tmp_path: Path, page: Page) -> None:
    """Nor one where JupyterLab is started, of some 500 that are named like modules; and every kind of page works."""
    import shutil

    workspace = Path(shutil.copytree(released, tmp_path / "mon-cours"))
    trace = tmp_path / "trace"
    put_shadows(workspace, trace)
    put_shadows(workspace / "etape-4", trace)
    with running_lab(workspace, tmp_path / "jupyter", real=True) as lab:
        for document in ("etape-4/etape-4.ipynb", "06-ma-charte.ipynb", "04-se-relier.ipynb"):
            lab.open(page, document)
            expect(page.locator(CARD).first).to_be_visible()
            expect(page.get_by_text("Error displaying widget")).to_have_count(0)
            expect(page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
    assert ran(trace) == ""
