"""A trainer at the browser: formgrader shows each submission with its score, and why, in French."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Locator, Page, expect

import golden
from bench.submissions import ASSIGNMENT, course, submit
from desk import Commands, Desk, running_desk
from golden import HOSTILE, hand_in, make_course

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


# --- open questions ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def texts_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The same, where two learners wrote an answer to an open question, one of them in HTML that would run."""
    tmp = tmp_path_factory.mktemp("lecture")
    nbgrader = Commands(tmp)
    teacher = make_course(tmp / "cours")
    nbgrader(teacher, "generate_assignment", golden.ASSIGNMENT)
    for name in ("open-text", "open-text-script"):
        hand_in(teacher, name)
    nbgrader(teacher, "autograde", golden.ASSIGNMENT)
    with running_desk(teacher, tmp) as desk:
        yield desk


def open_submission(desk: Desk, page: Page, student: str) -> Locator:
    """Open a learner's work in formgrader; the cell where the open question's text is read."""
    with Gradebook(f"sqlite:///{desk.course / 'gradebook.db'}") as gradebook:
        id = gradebook.find_submission_notebook(golden.ASSIGNMENT, golden.ASSIGNMENT, student).id
    desk.open(page, f"submissions/{id}/")
    page.wait_for_selector(".reseau-kit-note")
    return page.locator(".nbgrader_cell", has=page.locator("input.score#W"))


def test_text_is_read_beside_its_levels_and_marked(texts_desk: Desk, page: Page, tmp_path: Path) -> None:
    """The text in full with its formatting, the count of its words, every level; the mark that is given is kept."""
    cell = open_submission(texts_desk, page, "open-text")
    text = cell.locator(".rendered_html")
    for said in ("trois médiatrices avant juin", "puis écrire : R&D, 1 > 0.", "16 mots, de 120 à 180 attendus"):
        expect(text).to_contain_text(said)
    expect(text.locator("strong", has_text="rencontrer")).to_be_visible()
    expect(text).to_contain_text("La question : Pourquoi serez-vous sur ce média ?")
    levels = [
        re.compile(r"^4\. Exemplaire \(30\spoints\)\s: Un but"),
        re.compile(r"^1\. Insuffisant \(7,5\spoints\)\s: « Parce"),
    ]
    expect(text.locator("ul").last.locator("li")).to_have_text(levels)
    assert text.evaluate("node => node.scrollWidth <= node.clientWidth && node.scrollHeight <= node.clientHeight")
    page.screenshot(path=str(tmp_path / "lecture.png"), full_page=True)
    score = cell.locator("input.score")
    score.fill("24")
    with page.expect_response(lambda response: response.request.method == "PUT"):
        score.blur()
    page.reload()
    expect(page.locator("input.score#W")).to_have_value("24")


def test_html_in_a_text_is_read_as_it_was_typed(texts_desk: Desk, page: Page) -> None:
    cell = open_submission(texts_desk, page, "open-text-script")
    assert HOSTILE in cell.inner_text()
    expect(cell).to_contain_text("4. Exemplaire")
    assert cell.locator("script, img, svg, iframe, [onerror]").count() == 0
    assert page.title() != "atteint"
