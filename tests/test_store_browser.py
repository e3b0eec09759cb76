"""What a page keeps in its browser while no server answers: sent by itself, once, to whom it belongs, and then gone."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from plain_page import PlainPage
from reseau_kit import activite, effacer_mes_reponses, repondre
from reseau_kit.answers.erasing import erase
from reseau_kit.answers.journal import Journal
from reseau_kit.learner import open_panels
from reseau_kit.learner.panel import Panel
from reseau_kit.system.files import new_id

pytestmark = pytest.mark.browser

IN_BROWSER = "⚠ Gardé dans ce navigateur : le serveur ne répond pas"
ARRIVED = "Cette réponse attendait le serveur : elle est arrivée."


@pytest.fixture
def step(small_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The exercise of a workspace that nobody has opened yet, as the working folder."""
    workspace = Path(shutil.copytree(small_course, tmp_path / "mon-cours"))
    monkeypatch.chdir(workspace / "etape-1")
    return workspace / "etape-1"


@pytest.fixture
def profile(new_profile: Callable[..., BrowserContext]) -> BrowserContext:
    return new_profile()


def opened(profile: BrowserContext) -> PlainPage:
    """A tab that shows one activity of the working folder."""

    def make() -> list[Panel]:
        open_panels.forget_folders()
        return [activite("E1-A6")]

    tab = PlainPage(profile, make)
    tab.open()
    return tab


def attempts(step: Path) -> list[object]:
    events = sorted(Journal(step / "reponses.jsonl").read().events, key=lambda event: event.order)
    return [event.value for event in events if event.kind == "attempt"]


def test_answers_given_without_a_server_are_sent_after_a_reload_and_judged(step: Path, profile: BrowserContext) -> None:
    """The very first ones, before there is a journal; in order, once, and nothing of them stays in the browser."""
    tab = opened(profile)
    tab.is_there = False
    tab.answer("E1-A6", "12")
    tab.answer("E1-A6", "42,9")
    tab.expect_said("E1-A6", IN_BROWSER)
    assert tab.kept() == ["12", "42,9"]
    assert not (step / "reponses.jsonl").exists()

    tab.open()

    tab.expect_said("E1-A6", ARRIVED)
    card = tab.activity("E1-A6")
    expect(card.get_by_label("Votre réponse")).to_have_value("42,9")
    expect(card.locator(".rk-attempt")).to_contain_text("Essai 3 sur 3")
    expect(card.locator(".rk-feedback")).to_contain_text("Vous avez compté les visites")
    assert attempts(step) == ["12", "42,9"]
    assert tab.kept() == []
    tab.answer("E1-A6", "63,3")
    tab.expect_said("E1-A6", "✓ Enregistré")
    expect(card.locator(".rk-saved")).not_to_contain_text("arrivée")
    tab.open()
    expect(card.locator(".rk-attempt")).to_have_text("Réussie")
    assert attempts(step) == ["12", "42,9", "63,3"]


def test_what_was_typed_waits_too_and_only_its_latest_form(step: Path, profile: BrowserContext) -> None:
    repondre("E1-A6", "12")
    tab = opened(profile)
    tab.is_there = False
    for typed in ("4", "42"):
        tab.type("E1-A6", typed)
        tab.expect_said("E1-A6", IN_BROWSER)
    assert tab.kept() == ["42"]
    tab.open()
    tab.expect_said("E1-A6", ARRIVED)
    expect(tab.activity("E1-A6").get_by_label("Votre réponse")).to_have_value("42")
    last = Journal(step / "reponses.jsonl").read().events[-1]
    assert (last.kind, last.value) == ("draft", "42")
    assert tab.kept() == []


def test_two_tabs_send_both_their_answers_once(step: Path, profile: BrowserContext) -> None:
    first, second = opened(profile), opened(profile)
    for tab, value in ((first, "12"), (second, "42,9")):
        tab.is_there = False
        tab.answer("E1-A6", value)
        tab.expect_said("E1-A6", IN_BROWSER)
    first.open()
    first.expect_said("E1-A6", ARRIVED)
    second.open()
    expect(second.activity("E1-A6").locator(".rk-attempt")).to_contain_text("Essai 3 sur 3")
    assert sorted(map(str, attempts(step))) == ["12", "42,9"]
    assert first.kept() == []


def test_what_is_somebody_elses_stays_where_it_is(
    step: Path, profile: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_course: Path
) -> None:
    """A shared computer, one browser, the same course: neither asked about nor sent, under the same path either."""
    for begun in (False, True):
        if begun:
            repondre("E1-A6", "1")
        mine = opened(profile)
        mine.is_there = False
        mine.answer("E1-A6", "42,9")
        mine.expect_said("E1-A6", IN_BROWSER)
    other = Path(shutil.copytree(small_course, tmp_path / "autre" / "mon-cours"))
    monkeypatch.chdir(other / "etape-1")
    theirs = opened(profile)
    theirs.answer("E1-A6", "7")
    theirs.expect_said("E1-A6", "✓ Enregistré")
    assert attempts(other / "etape-1") == ["7"]
    expect(theirs.page.locator(".rk-question")).to_have_count(0)
    assert theirs.kept() == ["42,9", "42,9"]

    monkeypatch.chdir(step)
    mine.open()
    mine.expect_said("E1-A6", ARRIVED)
    assert sorted(map(str, attempts(step))) == ["1", "42,9", "42,9"]


def test_what_was_erased_meanwhile_does_not_come_back(step: Path, profile: BrowserContext) -> None:
    """Erased elsewhere while the page was without a server: it goes from the browser, and an answer in hand is told."""
    repondre("E1-A6", "1")
    tab = opened(profile)
    tab.is_there = False
    tab.answer("E1-A6", "42,9")
    tab.expect_said("E1-A6", IN_BROWSER)
    erase(step.parent)
    tab.is_there = True
    tab.answer("E1-A6", "12")  # by a page that has not heard of it
    tab.expect_said("E1-A6", "⚠ Pas enregistré : vos réponses ont été effacées entre-temps")
    assert attempts(step) == []
    tab.activity("E1-A6").locator("button.rk-go").click()
    tab.expect_said("E1-A6", "✓ Enregistré")
    assert attempts(step) == ["12"]
    tab.open()
    tab.page.wait_for_function("async () => (await indexedDB.databases()).length")
    expect(tab.activity("E1-A6").locator(".rk-attempt")).to_contain_text("Essai 2 sur 3")
    tab.expect_said("E1-A6", "✓ Enregistré")
    expect(tab.page.locator(".rk-question")).to_have_count(0)
    assert attempts(step) == ["12"]
    assert tab.kept() == []


def test_erasing_in_the_page_empties_the_browser(step: Path, profile: BrowserContext) -> None:
    tab = opened(profile)
    tab.is_there = False
    tab.answer("E1-A6", "42,9")
    tab.expect_said("E1-A6", IN_BROWSER)
    eraser = PlainPage(profile, lambda: [effacer_mes_reponses()])
    eraser.open()
    eraser.page.get_by_role("button", name="Oui, tout effacer").click()
    expect(eraser.page.get_by_role("status")).to_contain_text("Vos réponses sont effacées")
    tab.open()
    assert tab.kept() == []
    expect(tab.activity("E1-A6").get_by_label("Votre réponse")).to_have_value("")
    assert attempts(step) == []


@pytest.mark.parametrize("answer", ["Oui", "Non"])
def test_where_nobody_can_tell_whose_it_is_the_page_asks(step: Path, profile: BrowserContext, answer: str) -> None:
    """Given before the first journal, which was then erased: it may be what was erased, or not."""
    tab = opened(profile)
    tab.is_there = False
    tab.answer("E1-A6", "42,9")
    tab.expect_said("E1-A6", IN_BROWSER)
    Journal(step / "reponses.jsonl").erase([new_id()])
    tab.open()
    question = tab.activity("E1-A6").get_by_role("group", name="Ce navigateur garde une réponse")
    expect(question).to_contain_text("Est-elle à vous ?")
    assert attempts(step) == []
    question.get_by_role("button", name=answer).click()
    expect(tab.page.locator(".rk-question")).to_have_count(0)
    if answer == "Oui":
        tab.expect_said("E1-A6", ARRIVED)
    tab.open()
    expect(tab.page.locator(".rk-question")).to_have_count(0)
    assert attempts(step) == (["42,9"] if answer == "Oui" else [])
    assert tab.kept() == []


@pytest.mark.parametrize(
    "refusal",
    [
        "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError') } })",
        "IDBFactory.prototype.open = () => ({})",
        "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }",
    ],
    ids=["forbidden", "silent", "full"],
)
def test_a_browser_that_keeps_nothing_is_told_of_honestly(step: Path, profile: BrowserContext, refusal: str) -> None:
    profile.add_init_script(refusal)
    tab = opened(profile)
    tab.is_there = False
    tab.answer("E1-A6", "42,9")
    tab.expect_said("E1-A6", "⚠ Pas encore gardé : le serveur ne répond pas. Laissez cette page ouverte.")
    tab.is_there = True
    tab.answer("E1-A6", "12")
    tab.expect_said("E1-A6", "✓ Enregistré")
    assert attempts(step) == ["42,9", "12"], "the page that stayed open has kept it"
