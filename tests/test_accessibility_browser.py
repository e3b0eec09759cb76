"""Who can use an activity: axe-core, what axe does not see, the dark theme, a phone's width and large letters.

In a page of ours, but what JupyterLab can break: second views, the list of files on a phone, its own styles.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from accessibility import THEMES, expect_names_apart, misfits, violations
from host_page import Reader
from learner import EXERCISE, Learner, Person, wait_until
from reseau_kit.answers.journal import Event, now
from reseau_kit.answers.notebooks import load, save, write_copy
from reseau_kit.system.files import new_id

pytestmark = pytest.mark.browser


@pytest.fixture(params=THEMES)
def themed(plain_learner: Reader, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A learner whose page has JupyterLab's light theme, or its dark one."""
    with plain_learner.theme(request.param):
        yield plain_learner


def put_somebodys_answer(learner: Person) -> None:
    path = learner.folder / EXERCISE
    origin = new_id()
    notebook = load(path)
    write_copy(
        notebook, origin, (Event(new_id(), origin, 1, "E1-A4", 1, "attempt", ["equipe"], now(), {"cas": "nadia"}),)
    )
    save(path, notebook)


def test_axe_finds_nothing_in_any_state(themed: Reader) -> None:
    """From the unanswered activity to the confirmation of erasing, in the light and in the dark theme."""
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        if amiss := violations(themed):
            found[state] = amiss

    page = themed.open(EXERCISE)
    number = themed.activity("E1-A6")
    look("unanswered")
    themed.choose_case("marcel", id="E1-A4")
    number.get_by_role("button", name="Un indice").click()
    look("hint open")
    themed.submit("E1-A6", "12")
    themed.submit("E1-A4", ["public", "celebrites", "equipe"])
    look("wrong")
    themed.submit("E1-A6", "42,9")
    themed.submit("E1-A4", ["public", "influenceurs", "equipe"])
    look("partly right")
    themed.submit("E1-A6", "?")
    look("unreadable")
    themed.submit("E1-A6", "63,3")
    look("right")
    themed.type_code("from reseau_kit import emporter, effacer_mes_reponses\nemporter()")
    expect(page.get_by_role("link", name="Télécharger le fichier")).to_be_visible()
    themed.type_code("effacer_mes_reponses()")
    expect(page.get_by_role("button", name="Oui, tout effacer")).to_be_visible()
    themed.type_code('activite("E9-A9")')
    expect(page.get_by_text("Cette activité ne peut pas s’afficher")).to_be_visible()
    look("notices, and the confirmation of erasing")
    themed.shut_kernels_down()
    themed.submit_blindly("E1-A6", "64")
    expect(number.locator(".rk-saved")).to_contain_text("Gardé dans le document")
    look("kept but not confirmed")
    assert found == {}


def test_axe_finds_nothing_in_the_map_and_the_indicators(themed: Reader) -> None:
    """The map comes in the theme's colours; a contact's details, what is found and a name being changed included."""
    page = themed.open()
    themed.type_code("from reseau_kit import carte, indicateurs\ncarte()")
    stage = page.locator(".rk-stage[data-drawn]")
    expect(stage).to_have_accessible_name(re.compile(r"Carte\. .*contacts, \d+\sgroupes"), timeout=60_000)
    dark = page.locator("body").get_attribute("data-jp-theme-name") == "JupyterLab Dark"
    paper = stage.evaluate("node => getComputedStyle(node).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") != dark
    page.get_by_label("Chercher un contact").fill("e")
    page.get_by_label("Chercher un contact").press("Enter")
    expect(page.locator(".rk-contact h3")).to_be_focused()
    page.get_by_role("button", name="Renommer « Groupe 2 »").click()
    expect(page.get_by_label("Nouveau nom du groupe 2")).to_be_focused()
    themed.type_code("indicateurs()")
    expect(page.get_by_role("heading", name="Taux de réponse")).to_be_visible()
    assert violations(themed) == []
    assert misfits(themed) == []


def test_axe_finds_nothing_in_the_question_about_somebody_elses_answers(themed: Reader) -> None:
    themed.open(EXERCISE)
    themed.submit("E1-A6", "12")
    wait_until(themed.page, lambda: len(themed.copy(EXERCISE)) == 1, "the document is saved")
    themed.shut_kernels_down()
    put_somebodys_answer(themed)
    themed.open(EXERCISE)
    expect(themed.activity("E1-A4").locator(".rk-question")).to_be_visible()
    assert violations(themed) == []


def test_groups_are_named_and_their_radio_buttons_are_their_own(learner: Learner) -> None:
    """The question names the group; a second view of the document does not share its radio buttons."""
    page = learner.open()
    group = learner.activity("C0-A1").get_by_role("group", name="Quel cas guidé choisissez-vous pour tout le cours ?")
    expect(group.get_by_role("radio")).to_have_count(3)
    expect(group).to_have_accessible_description("Il n’y a pas de bonne réponse. Vous pourrez en changer plus tard.")
    number = learner.activity("C0-A2").get_by_role("textbox", name="Votre réponse")
    expect(number).to_have_accessible_description("étapes")
    learner.menu("Fichier", "Nouvelle vue pour Notebook")
    expect_names_apart(page, radios=6, groups=2, ids=6)


def test_the_table_of_an_activity_has_its_name_and_its_headers(plain_learner: Reader) -> None:
    plain_learner.open(EXERCISE)
    table = plain_learner.activity("E1-A6").get_by_role("table", name="Une semaine de visites sur les médias sociaux")
    expect(table.get_by_role("columnheader")).to_have_text(["Jour", "Média", "Minutes", "But"])


def test_feedback_and_saving_are_spoken_where_the_page_already_listens(plain_learner: Reader) -> None:
    """The live regions stand empty before there is anything to say, and are filled, not replaced."""
    plain_learner.open(EXERCISE)
    card = plain_learner.activity("E1-A6")
    regions = card.get_by_role("status")
    expect(regions).to_have_count(2)
    expect(regions.first).to_be_empty()
    before = regions.element_handles()
    plain_learner.submit("E1-A6", "12")
    expect(regions.first).to_contain_text("Pas encore.")
    expect(regions.last).to_contain_text("✓ Enregistré")
    assert all(node.evaluate("node => node.isConnected") for node in before)
    expect(regions.first).to_contain_text("Additionnez les minutes")


def test_the_focus_goes_through_a_card_in_reading_order_and_is_seen(plain_learner: Reader) -> None:
    """Table, field, « Valider », « Un indice »: each with a ring of its own colour."""
    page = plain_learner.open(EXERCISE)
    card = plain_learner.activity("E1-A6")
    card.locator(".rk-table").focus()
    seen = []
    for _ in range(4):
        focused = card.locator(":focus")
        # A ring is drawn around the control itself or around the option that holds it.
        ring = focused.evaluate("node => getComputedStyle(node).outlineWidth")
        seen.append((focused.evaluate("node => node.className || node.tagName"), ring))
        page.keyboard.press("Tab")
    assert seen == [("rk-table", "3px"), ("INPUT", "3px"), ("rk-go", "3px"), ("rk-more", "3px")]
    option = plain_learner.activity("E1-A4").locator(".rk-option").first
    option.locator("input").focus()
    assert option.evaluate("node => getComputedStyle(node).outlineWidth") == "3px"


@pytest.mark.parametrize(
    "plain_learner",
    [
        pytest.param({"viewport": {"width": 360, "height": 740}}, id="360 px wide"),
        pytest.param({"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}, id="200 % zoom"),
    ],
    indirect=True,
)
def test_everything_is_reached_on_a_narrow_page(plain_learner: Reader) -> None:
    """Nothing is wider than its card, and every control can be brought into view."""
    plain_learner.open(EXERCISE)
    plain_learner.choose_case("marcel", id="E1-A4")
    plain_learner.submit("E1-A4", ["public", "celebrites", "equipe"])
    plain_learner.submit("E1-A6", "12")
    assert misfits(plain_learner) == []


@pytest.mark.parametrize(
    "learner", [pytest.param({"viewport": {"width": 360, "height": 740}}, id="360 px wide")], indirect=True
)
def test_on_a_phone_jupyterlab_leaves_the_page_to_the_lesson(learner: Learner) -> None:
    """The list of files stands aside, and JupyterLab's own styles spoil nothing."""
    page = learner.open(EXERCISE)
    expect(page.locator(".jp-FileBrowser")).to_be_hidden()
    learner.choose_case("marcel", id="E1-A4")
    learner.submit("E1-A4", ["public", "celebrites", "equipe"])
    learner.submit("E1-A6", "12")
    assert misfits(learner) == []
    assert violations(learner) == []
