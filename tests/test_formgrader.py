"""A trainer at the browser: formgrader shows each submission with its score, and why, in French."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.submissions import ASSIGNMENT, course, submit
from desk import Commands, Desk, running_desk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """JupyterLab as a trainer starts it, on a course where three learners have submitted."""
    tmp = tmp_path_factory.mktemp("formgrader")
    nbgrader = Commands(tmp)
    teacher = course(tmp / "cours")
    nbgrader(teacher, "generate_assignment", ASSIGNMENT)
    for student, kind in (("lea", "partly"), ("noe", "wrong-then-right"), ("zoe", "untouched")):
        submit(teacher, student, kind)
    nbgrader(teacher, "autograde", ASSIGNMENT)
    shutil.rmtree(teacher / "autograded" / "lea")
    with running_desk(teacher, tmp) as desk:
        yield desk


def test_autograde_button_gives_the_score(desk: Desk, page: Page) -> None:
    """The button that trainers know autogrades a submission, without a kernel, and the table shows its score."""
    desk.open(page, f"manage_submissions/{ASSIGNMENT}")
    row = page.locator("tr", has_text="lea")
    row.locator(".autograde a").click()
    expect(page.locator(".modal-title", has_text="Success")).to_be_visible(timeout=60_000)
    page.reload()
    expect(page.locator("tr", has_text="lea").locator(".score")).to_have_text("8.33 / 20")
    expect(page.locator("tr", has_text="noe").locator(".score")).to_have_text("10 / 20")
    expect(page.locator("tr", has_text="zoe").locator(".score")).to_have_text("0 / 20")


def test_submission_shows_answers_score_and_reason(desk: Desk, page: Page, tmp_path: Path) -> None:
    """The page where a trainer reads a submission holds the score that nbgrader saved and our card, uncut."""
    desk.open(page, f"gradebook/{ASSIGNMENT}/{ASSIGNMENT}")
    page.locator("tr", has_text="Submission").filter(has_text="10 / 20").first.locator("a").first.click()
    page.wait_for_selector(".reseau-kit-note")
    for id in ("E1-A4", "E1-A6"):
        expect(page.locator(f"input.score#{id}")).to_have_attribute("placeholder", "5")
    cards = page.locator(".reseau-kit-note")
    expect(cards).to_have_count(2)
    expect(cards.nth(1)).to_contain_text("63,3 % du temps total")
    expect(cards.nth(1)).to_contain_text("Vous avez 5 points sur 10.")
    for card in cards.all():
        assert card.evaluate("card => card.scrollWidth <= card.clientWidth && card.scrollHeight <= card.clientHeight")
    page.screenshot(path=str(tmp_path / "formgrader.png"), full_page=True)
