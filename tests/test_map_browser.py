"""The map in Chromium: by mouse, by keyboard alone, without a kernel, without WebGL, and 10,000 at once.

In a page of ours, but what JupyterLab can break: whom keys and the wheel go to, a kernel that is gone, what is saved.
Nothing here asks for a graphics card: where there is none, Chromium draws WebGL by itself, slowly.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

import exports
from accessibility import THEMES, misfits, violations
from conftest import Lab
from hands import Keyboard, plain
from host_page import Reader
from learner import LESSON, Learner, Person, wait_until
from test_widget_browser import NOTEBOOK_CHORDS, NOTEBOOK_KEYS

pytestmark = pytest.mark.browser

IMPORT = "from reseau_kit import carte"
ZOE = "Zoé Beaurivoir"
NAMES = ("Zoé", "Brindille", "Amine")
_WIDGETS_SETTING = "@jupyter-widgets/jupyterlab-manager:plugin"

TEN_THOUSAND = """
from reseau_kit.explore.map_panel import MapPanel, Shown
from reseau_kit.network.map import build_map
from reseau_kit.network.synthetic import synthetic_contacts
MapPanel(build_map(*synthetic_contacts(1, 10_000)), Shown((), ()))
"""


class Explorer:
    """Somebody before a map: what there is on it, where, and what was chosen."""

    def __init__(self, learner: Person, code: str = "carte()", *, drawn: bool = True) -> None:
        self.learner, self.page = learner, learner.page
        before = self.page.locator(f"{learner.document} .rk-map").count()
        learner.type_code(f"{IMPORT}\n{code}")
        self.map = self.page.locator(f"{learner.document} .rk-map").nth(before)
        self.stage = self.map.locator(".rk-stage")
        self.status = self.map.locator(":scope > [role=status]")
        self.details = self.map.locator(".rk-contact")
        self.rows = self.map.locator("tbody tr")
        if drawn:
            expect(self.stage).to_have_attribute("data-drawn", "", timeout=60_000)

    def button(self, name: str | re.Pattern[str], within: Locator | None = None) -> Locator:
        """A button by its name."""
        return (within or self.map).get_by_role("button", name=name, exact=isinstance(name, str))

    def search(self, text: str) -> Locator:
        """Type in the search; its field."""
        field = self.map.get_by_role("textbox", name=re.compile("^Chercher"))
        field.fill(text)
        return field

    def places(self) -> dict[str, tuple[float, float]]:
        """Where on the map the labels are: they go with what they name."""
        found: dict[str, tuple[float, float]] = self.stage.locator(".rk-labels span").evaluate_all(
            """spans => Object.fromEntries(spans.map(span => {
                const { x, y } = new DOMMatrix(getComputedStyle(span).transform).transformPoint({ x: 0, y: 0 });
                return [span.textContent, [x, y]];
            }))"""
        )
        return found

    def zoom(self) -> int:
        """How near one is, in percent of what one sees at first."""
        return int(self.stage.get_attribute("data-zoom") or 0)

    def wait_for(self, fact: Callable[[], bool], what: str, seconds: float = 15) -> None:
        """Wait for what moves."""
        wait_until(self.page, fact, what, seconds)

    def point_at_the_middle(self) -> None:
        """Move the mouse to the middle of the map."""
        box = self.stage.bounding_box()
        assert box
        self.page.mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2 + 40)
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)


def at_work(lab: Lab, browser: Browser, workspace: Path, **options: Any) -> Iterator[Learner]:
    """A learner whose settings save widgets with the notebook, for those who would."""
    profile = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce", **options
    )
    profile.set_default_timeout(30_000)
    learner = Learner(lab, profile, workspace)
    learner.change_setting(_WIDGETS_SETTING, {"saveState": True})
    learner.open()
    yield learner
    profile.close()
    learner.shut_kernels_down()
    learner.change_setting(_WIDGETS_SETTING, {})
    assert learner.hosts() <= {"127.0.0.1"}


@pytest.fixture(scope="module")
def lab_reader(shared_lab: Lab, browser: Browser, small_course: Path) -> Iterator[Learner]:
    """One learner for the tests of this file that need JupyterLab: it and its kernel start once."""
    yield from at_work(shared_lab, browser, small_course)


@pytest.fixture(scope="module")
def in_lab(lab_reader: Learner) -> Explorer:
    """The map of the small world in JupyterLab."""
    return Explorer(lab_reader)


@pytest.fixture
def lab_world(in_lab: Explorer) -> Explorer:
    """The same map as when it was new."""
    return as_new(in_lab)


@pytest.fixture(scope="module")
def reader(browser: Browser, small_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """One learner before a page of ours for most tests of this file, so that what draws starts once."""
    profile = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    profile.set_default_timeout(30_000)
    reader = Reader(profile, small_course, tmp_path_factory.mktemp("carte"))
    reader.open()
    yield reader
    reader.finish()
    assert reader.hosts() <= {"127.0.0.1"}


@pytest.fixture(scope="module")
def shown(reader: Reader) -> Explorer:
    """The map of the small world."""
    return Explorer(reader)


@pytest.fixture
def world(shown: Explorer) -> Explorer:
    """The same map as when it was new."""
    return as_new(shown)


def as_new(shown: Explorer) -> Explorer:
    shown.search("")
    shown.button("Tout voir").click()
    expect(shown.details).to_be_hidden()
    shown.wait_for(lambda: shown.zoom() == 100, "all is seen")
    return shown


# --- by mouse ---


def test_labels_go_with_what_they_name(world: Explorer) -> None:
    """At once, not a frame behind: one is drawn where a jump of the camera leads, since nothing moves here."""
    box = world.stage.bounding_box()
    label = world.stage.locator(".rk-me").bounding_box()
    assert box
    assert label
    middle = box["width"] / 2
    before = world.places()["Vous"][0] + label["width"] / 2 - middle

    world.button("Zoomer").click()
    world.wait_for(lambda: world.zoom() == 160, "the map is nearer")

    after = world.places()["Vous"][0] + label["width"] / 2 - middle
    assert abs(before) > 5
    assert after == pytest.approx(1.6 * before, abs=3)


def test_one_comes_nearer_and_goes_back_by_buttons(world: Explorer) -> None:
    zoom = world.zoom()

    world.button("Zoomer").click()
    world.wait_for(lambda: world.zoom() > zoom * 1.3, "the map is nearer")
    world.button("Dézoomer").click()
    world.button("Dézoomer").click()
    world.wait_for(lambda: world.zoom() < zoom, "the map is farther")
    world.button("Tout voir").click()
    world.wait_for(lambda: world.zoom() == 100, "all is seen again")


_UNTIL_STILL = """node => new Promise((still) => {
    let [place, frames] = [node.scrollTop, 0];
    const look = () => {
        frames = node.scrollTop === place ? frames + 1 : 0;
        place = node.scrollTop;
        if (frames < 10) requestAnimationFrame(look);
        else still();
    };
    look();
})"""


def test_the_wheel_scrolls_the_page_until_one_is_at_the_map(lab_world: Explorer) -> None:
    page, outer = lab_world.page, lab_world.page.locator(lab_world.learner.scroller)
    zoom = lab_world.zoom()
    lab_world.button("Tout voir").focus()
    lab_world.stage.scroll_into_view_if_needed()
    lab_world.point_at_the_middle()
    top = outer.evaluate("node => node.scrollTop")

    page.mouse.wheel(0, -120)
    lab_world.wait_for(lambda: outer.evaluate("node => node.scrollTop") != top, "the page scrolls")
    expect(lab_world.map.locator(".rk-wheel")).to_be_visible()
    assert lab_world.zoom() == zoom

    lab_world.stage.scroll_into_view_if_needed()
    outer.evaluate(_UNTIL_STILL)
    lab_world.stage.focus()
    lab_world.point_at_the_middle()
    top = outer.evaluate("node => node.scrollTop")
    page.mouse.wheel(0, -120)
    lab_world.wait_for(lambda: lab_world.zoom() > zoom * 1.2, "the map is nearer")
    assert outer.evaluate("node => node.scrollTop") == top


def test_a_contact_is_pointed_at_and_clicked(world: Explorer) -> None:
    """Its details are there, its row is marked; a click beside it leaves it."""
    world.search("Zoe").press("Enter")  # brings it to the middle
    world.button("Fermer").click()
    expect(world.details).to_be_hidden()

    world.stage.scroll_into_view_if_needed()
    world.point_at_the_middle()
    world.wait_for(lambda: world.stage.evaluate("node => node.style.cursor") == "pointer", "the contact is pointed at")
    world.page.mouse.down()
    world.page.mouse.up()

    expect(world.details.get_by_role("heading", name=ZOE)).to_be_visible()
    expect(world.details).to_contain_text("médiation numérique")
    expect(world.details).to_contain_text(
        re.compile(r"4\sliens connus avec vos autres contacts, dont 1 dans son groupe")
    )
    expect(world.details.get_by_role("listitem")).to_have_count(4)
    expect(world.status).to_have_text(re.compile(f"^{ZOE}, Groupe 4"))
    expect(world.rows.locator("xpath=self::*[@aria-current]")).to_contain_text(ZOE)

    world.details.get_by_role("listitem").first.get_by_role("button").click()
    expect(world.details.get_by_role("heading")).not_to_have_text(ZOE)


def test_search_minds_neither_capitals_nor_accents(world: Explorer) -> None:
    for text in ("ZOE BEAU", "zoé b", "Beaurivoir"):
        world.search(text)
        expect(world.rows).to_have_count(1)
        expect(world.rows).to_contain_text(ZOE)
    world.search("medIATION")
    expect(world.map.get_by_text(re.compile(r"^\d+\scontacts trouvés\.$"))).to_be_visible()
    world.search("personne ne s’appelle ainsi")
    expect(world.map.get_by_text("Aucun contact trouvé.")).to_be_visible()
    expect(world.rows).to_have_count(0)


def test_a_group_is_lit_and_listed_alone(world: Explorer) -> None:
    group = world.button(re.compile("^Groupe 2 "))
    label = world.stage.locator(".rk-labels span", has_text="Groupe 3")

    group.click()
    expect(group).to_have_attribute("aria-pressed", "true")
    expect(world.status).to_have_text(re.compile(r"^Groupe 2 : 8\scontacts"))
    expect(world.rows).to_have_count(8)
    expect(label).to_have_css("opacity", "0.3")

    group.click()
    expect(group).to_have_attribute("aria-pressed", "false")
    expect(world.rows).to_have_count(15)
    expect(label).to_have_css("opacity", "1")


def test_the_table_is_sorted_and_turned(world: Explorer) -> None:
    names = world.rows.locator("th")
    world.button(re.compile("^Contact")).click()
    expect(world.map.get_by_role("columnheader", name=re.compile("^Contact"))).to_have_attribute(
        "aria-sort", "ascending"
    )
    first = names.all_inner_texts()
    world.button("Page suivante").click()
    expect(world.map.get_by_text("Page 2 sur 2")).to_be_visible()
    both = first + names.all_inner_texts()
    assert len(set(both)) == 24
    # As a French dictionary has them: É beside E, not after Z.
    bare = [plain(name).translate(str.maketrans("ÉéèïËçôâ", "EeeiEcoa")).casefold() for name in both]
    assert bare == sorted(bare)
    assert any(name.startswith("É") for name in both)
    world.button(re.compile("^Liens connus")).click()
    counts = [int(text) for text in world.rows.locator(".rk-number").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    world.map.get_by_role("columnheader", name="Groupe").get_by_role("button").click()


# --- by keyboard, without seeing ---


def test_all_of_it_is_reached_by_keyboard(world: Explorer) -> None:
    """Search, details, back to where one was; the table, a contact in it; the map itself."""
    keys = Keyboard(world.learner)
    world.page.locator("main > div").last.focus()

    assert (
        "Flèches"
        in keys.reach("application", keys_name := plain(world.stage.get_attribute("aria-label") or "")).description
    )
    zoom = world.zoom()
    world.page.keyboard.press("+")
    world.wait_for(lambda: world.zoom() > zoom * 1.3, "the map is nearer")
    before = world.places()["Vous"]
    world.page.keyboard.press("ArrowRight")
    world.wait_for(lambda: world.places()["Vous"][0] < before[0], "one has moved to the right")
    assert keys.focused().name == keys_name
    world.page.keyboard.press("0")
    world.wait_for(lambda: abs(world.zoom() - zoom) < 2, "all is seen again")

    keys.reach("textbox", "Chercher un contact")
    world.page.keyboard.type("zoe")
    assert keys.press("Enter").name == ZOE
    keys.reach("button", "Fermer", ZOE, key="Shift+Tab")
    assert keys.press("Enter").name == "Chercher un contact"
    world.search("")
    expect(world.rows).to_have_count(15)

    keys.reach("button", "Ondine Francheroche")
    assert keys.press("Enter").name == "Ondine Francheroche"
    expect(world.details).to_contain_text("@ondine_francheroche_182")
    keys.reach("button", "Fermer", key="Shift+Tab")
    assert keys.press("Enter").name == "Ondine Francheroche"
    expect(world.details).to_be_hidden()


def test_no_key_typed_on_the_map_touches_a_cell(lab_reader: Learner, lab_world: Explorer) -> None:
    lab_world.search("zoe")
    lab_world.search("")  # a browser's own « undo » goes back to what was typed last
    cells = lab_reader.cells()
    for control in (lab_world.stage, lab_world.button(re.compile("^Groupe 3 ")), lab_world.button("Zoomer")):
        control.focus()
        for key in [*NOTEBOOK_KEYS, *NOTEBOOK_CHORDS]:
            lab_world.page.keyboard.press(key)
        assert lab_world.map.evaluate("node => node.contains(document.activeElement)")
        assert lab_reader.cells() == cells


# --- names of groups ---


def test_a_group_is_renamed_and_keeps_its_name(world: Explorer) -> None:
    """On the map, in the list and the table; in a file beside the notebook; on the next map too."""
    world.button("Renommer « Groupe 3 »").click()
    field = world.map.get_by_label("Nouveau nom du groupe 3")
    expect(field).to_be_focused()
    field.fill("Le club photo")
    field.press("Enter")

    expect(world.button("Renommer « 3 · Le club photo »")).to_be_focused()
    expect(world.map.get_by_text("nom gardé dans mes-groupes.json")).to_be_visible()
    assert "3 · Le club photo" in world.places()
    assert "Le club photo" in (world.learner.folder / "mes-groupes.json").read_text(encoding="utf-8")
    again = Explorer(world.learner)
    assert "3 · Le club photo" in again.places()

    again.button("Renommer « 3 · Le club photo »").click()
    again.map.get_by_label("Nouveau nom du groupe 3").fill("")
    again.button("Garder").click()
    expect(again.button("Renommer « Groupe 3 »")).to_be_focused()
    world.button("Renommer « 3 · Le club photo »").click()
    world.map.get_by_label("Nouveau nom du groupe 3").fill("jeté")
    world.button("Annuler").click()
    assert "3 · Le club photo" in world.places()
    world.button("Renommer « 3 · Le club photo »").click()
    world.map.get_by_label("Nouveau nom du groupe 3").fill("Groupe 3")
    world.button("Garder").click()


# --- whose names are where ---


def test_names_are_shown_on_request_and_stay_out_of_the_document(lab_reader: Learner) -> None:
    """Even out of the widgets' own data, which this learner's JupyterLab saves with the notebook."""
    exports.zipped(lab_reader.folder / "mon-export.zip", exports.LINKEDIN)
    mine = Explorer(lab_reader, 'carte("mon-export.zip")')
    assert not [name for name in NAMES if name in mine.map.inner_text()]
    expect(mine.rows.first).to_contain_text("Contact 1")

    mine.button("Montrer les noms").click()
    expect(mine.rows.filter(has_text="Zoé Brindille")).to_have_count(1)
    mine.search("zoe")
    mine.rows.first.get_by_role("button").click()
    expect(mine.details.get_by_role("definition").first).to_be_visible()

    lab_reader.save_document()
    document = lab_reader.folder / LESSON
    mine.wait_for(lambda: "widget-state+json" in document.read_text(encoding="utf-8"), "the widgets are saved")
    text = document.read_text(encoding="utf-8")
    state = json.loads(text)["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    maps = [one["state"] for one in state.values() if one["state"].get("face", {}).get("kind") == "map"]
    assert maps, "the widgets' data are saved, else this test would see nothing"
    assert not [name for name in NAMES if name in text]
    mine.button("Cacher les noms").click()
    expect(mine.details.get_by_role("heading")).to_have_text(re.compile(r"^Contact \d$"))
    assert not [name for name in NAMES if name in mine.map.inner_text()]


def test_a_file_is_made_when_asked_for(world: Explorer) -> None:
    with world.page.expect_download() as file:
        world.button("Dessin (SVG)").click()
    assert file.value.suggested_filename == "ma-carte.svg"
    assert file.value.path().read_bytes().startswith(b"<?xml")
    expect(world.map.get_by_text("« ma-carte.svg » est prêt")).to_be_visible()


# --- where something is missing ---


def test_a_map_begun_out_of_sight_is_drawn_once_it_is_seen(reader: Reader) -> None:
    """A container without a size stops many a drawing for good."""
    hide = reader.page.add_style_tag(content=".rk-stage { display: none !important; }")
    hidden = Explorer(reader, drawn=False)
    expect(hidden.rows).to_have_count(15)
    expect(hidden.stage).not_to_have_attribute("data-drawn", "")
    hide.evaluate("node => node.remove()")
    hidden.stage.scroll_into_view_if_needed()
    expect(hidden.stage).to_have_attribute("data-drawn", "")


def test_a_drawing_that_the_browser_gave_up_is_drawn_again(world: Explorer) -> None:
    """A browser keeps some sixteen of them: a notebook may have more maps."""
    world.stage.locator(".sigma-nodes").evaluate(
        "canvas => canvas.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    )
    expect(world.stage).not_to_have_attribute("data-drawn", "")
    world.search("zoe").press("Enter")
    expect(world.details.get_by_role("heading", name=ZOE)).to_be_visible()
    world.button("La dessiner de nouveau").click()
    expect(world.stage).to_have_attribute("data-drawn", "")
    world.button("Zoomer").click()
    world.wait_for(lambda: world.zoom() == 160, "the map is nearer")


def test_ten_thousand_contacts_are_explored(reader: Reader) -> None:
    large = Explorer(reader, TEN_THOUSAND)
    expect(large.map.get_by_text(re.compile(r"^Page 1 sur 667$"))).to_be_visible()
    large.search("9876").press("Enter")
    expect(large.details.get_by_role("heading")).to_have_text(re.compile("Contact 9876"))
    large.button("Fermer").click()
    group = large.button(re.compile("^Groupe 4 "))
    group.click()
    expect(large.status).to_have_text(re.compile(r"^Groupe 4 : 718\scontacts"))
    zoom = large.zoom()
    large.button("Zoomer").click()
    large.wait_for(lambda: large.zoom() > zoom * 1.3, "the map is nearer", 60)


def test_without_a_kernel_the_map_goes_on(lab_reader: Learner, lab_world: Explorer) -> None:
    """All that is drawn is in the page; what only the kernel can do says so."""
    lab_reader.shut_kernels_down()

    lab_world.search("zoe").press("Enter")
    expect(lab_world.details.get_by_role("heading", name=ZOE)).to_be_visible()
    zoom = lab_world.zoom()
    lab_world.button("Zoomer").click()
    lab_world.wait_for(lambda: lab_world.zoom() > zoom * 1.3, "the map is nearer")
    lab_world.button("Image (PNG)").click()
    lab_world.button("Renommer « Groupe 2 »").click()
    lab_world.map.get_by_label("Nouveau nom du groupe 2").fill("Les voisins")
    lab_world.button("Garder").click()
    assert "2 · Les voisins" in lab_world.places()
    expect(
        lab_world.map.get_by_text(re.compile("fichier n’a pas pu être fait.*le noyau ne répond pas"))
    ).to_be_visible()
    expect(
        lab_world.map.get_by_text(re.compile("ne tiendra que sur cette page.*le noyau ne répond pas"))
    ).to_be_visible()


_NO_WEBGL = """
const usual = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
    return kind.includes("webgl") ? null : usual.call(this, kind, ...more);
};
"""


def test_without_webgl_there_is_the_still_picture_and_all_the_rest(plain_learner: Reader) -> None:
    plain_learner.profile.add_init_script(_NO_WEBGL)
    plain_learner.open()
    still = Explorer(plain_learner, drawn=False)
    picture = still.map.get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile(r"24\scontacts, 4\sgroupes"))
    still.wait_for(lambda: bool(picture.evaluate("image => image.naturalWidth > 600")), "the picture is drawn")
    expect(still.map.get_by_text("il lui manque WebGL")).to_be_visible()
    still.search("zoe").press("Enter")
    expect(still.details.get_by_role("heading", name=ZOE)).to_be_visible()


# --- for whom ---


@pytest.mark.parametrize(
    ("plain_learner", "look"),
    [
        pytest.param({"viewport": {"width": 360, "height": 740}}, THEMES[0], id="phone"),
        # As a page of 1280 by 900 pixels is at 200 %.
        pytest.param({"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}, THEMES[1], id="200 %"),
    ],
    indirect=["plain_learner"],
)
def test_a_narrow_page_shows_and_reaches_all_of_it(plain_learner: Reader, look: str) -> None:
    with plain_learner.theme(look):
        plain_learner.open()
        narrow = Explorer(plain_learner)
        narrow.search("zoe").press("Enter")
        narrow.button("Renommer « Groupe 2 »").click()
        assert violations(plain_learner) == []
        assert misfits(plain_learner) == []
