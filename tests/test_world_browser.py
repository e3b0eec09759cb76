"""The explorers in a real browser: by keyboard, in both themes, on a phone, with one's own map below."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

import exports
from accessibility import THEMES, cut_short, misfits, violations
from host_page import Reader
from learner import OPEN_DOCUMENT, Learner, Person

pytestmark = pytest.mark.browser


@pytest.fixture(params=THEMES)
def themed(plain_student: Reader, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A learner whose page has JupyterLab's light theme, or its dark one."""
    with plain_student.theme(request.param):
        yield plain_student


def card(learner: Person, question: str) -> Locator:
    """The panel of that question, opened by scrolling to it."""
    found = learner.page.locator(f"{learner.document} section.rk", has=learner.page.get_by_role("group", name=question))
    found.scroll_into_view_if_needed()
    expect(found.locator("button.rk-go")).to_be_enabled(timeout=30_000)
    return found


def test_the_small_world_is_explored_in_both_themes(themed: Reader) -> None:
    """A lesson's tools open by themselves, answer by keyboard, say it aloud, and axe finds nothing."""
    page = themed.open("04-se-relier.ipynb")
    search = card(themed, "Chercher des publications")
    said = search.get_by_role("status")
    expect(said).to_contain_text("publications sur")
    before = said.inner_text()
    search.get_by_label("Mots exclus").focus()
    page.keyboard.type("promo, vente")
    page.keyboard.press("Enter")
    expect(said).not_to_have_text(before)
    expect(said).to_contain_text("publications sur")
    search.get_by_label("Mot-dièse").select_option("#atelier")
    search.get_by_role("button", name="Chercher").press("Enter")
    expect(search.get_by_role("table")).to_contain_text("#atelier")
    profile = card(themed, "Lire un profil en une minute")
    profile.get_by_label("Quel compte ?").select_option(label="Aïcha Chardenoire")
    profile.get_by_role("button", name="Lire ce profil").click()
    expect(profile.get_by_role("status")).to_contain_text("Aïcha Chardenoire")
    expect(profile.get_by_role("heading", name="Les quatre indices")).to_be_visible()
    card(themed, "La carte d’un réseau").get_by_role("button", name="Dessiner la carte").click()
    expect(page.locator("section.rk", has_text=re.compile(r"\d+\scontacts, \d+\sgroupes")).first).to_be_visible(
        timeout=60_000
    )
    assert violations(themed) == []
    assert themed.copy("04-se-relier.ipynb") == [], "nothing of it is an answer"


def test_ones_own_map_is_drawn_on_a_phone_without_a_line_of_code(student: Learner) -> None:
    exports.zipped(student.folder / "mon-export.zip", exports.LINKEDIN)
    student.page.set_viewport_size({"width": 360, "height": 740})
    page = student.open("07-mon-reseau.ipynb")
    own = card(student, "Quel fichier regarder ?")
    expect(own).to_contain_text("Rien ne quitte cet ordinateur")
    assert misfits(student) == []
    assert not [one for one in cut_short(student) if re.match(r"Votre export|Que voulez|Comment grouper", one)]
    own.get_by_label("Votre export").select_option("mon-export.zip")
    own.get_by_role("button", name="Regarder").click()
    document = page.locator(OPEN_DOCUMENT)
    expect(document.get_by_text(re.compile(r"^2\scontacts"))).not_to_have_count(0, timeout=60_000)
    expect(document.get_by_text("Zoé Brindille")).to_have_count(0)
    own.get_by_label("Que voulez-vous voir ?").select_option("indicateurs")
    own.get_by_role("button", name="Regarder").click()
    expect(document.get_by_role("heading", name="Taux de réponse")).to_be_visible(timeout=30_000)
    assert student.hosts() == {"127.0.0.1"}
