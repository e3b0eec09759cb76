"""A trainer at the browser: formgrader shows each submission with its score, and why, in French."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from playwright.sync_api import Locator, Page, Route, expect
from traitlets.config import Config

import golden
from bench.submissions import ASSIGNMENT, ROOT, course, submit
from desk import Commands, Desk, reseau_kit, running_desk
from golden import ENTITIES, FORMULAS, HOSTILE, hand_in, make_course
from reseau_kit import __main__ as command
from reseau_kit.answers.journal import FILE_NAME
from reseau_kit.demo import make as demo
from reseau_kit.demo import people
from reseau_kit.demo.hand_ins import hand_ins
from reseau_kit.demo.papers import read_papers

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
    with (teacher / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.CourseDirectory.db_url = f'sqlite:///{Path(__file__).resolve().parent}/gradebook.db'\n")
    nbgrader(teacher, "generate_assignment", golden.ASSIGNMENT)
    for name in ("open-text", "open-text-script", "open-text-formulas", "open-text-entities"):
        hand_in(teacher, name)
    (teacher / "submitted" / "open-text-entities").rename(teacher / "submitted" / ODD_NAME)
    nbgrader(teacher, "autograde", golden.ASSIGNMENT)
    with running_desk(teacher, tmp) as desk:
        yield desk


#: What a pattern, a script or an address might take for its own.
ODD_NAME = "O'Brien, Zoé [1] (a|b) & Fils*"


def open_submission(desk: Desk, page: Page, student: str) -> Locator:
    """Open a learner's work in formgrader; the cell where the open question's text is read."""
    open_document(desk, page, golden.ASSIGNMENT, student)
    return page.locator(".nbgrader_cell", has=page.locator("input.score#W"))


def open_document(desk: Desk, page: Page, assignment: str, student: str) -> None:
    """Open a learner's work in formgrader, where a person marks."""
    with Gradebook(f"sqlite:///{desk.course / 'gradebook.db'}") as gradebook:
        id = gradebook.find_submission_notebook(assignment, assignment, student).id
    desk.open(page, f"submissions/{id}/")
    page.wait_for_selector(".reseau-kit-note")


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


@pytest.mark.parametrize(("student", "text"), [("open-text-formulas", FORMULAS), (ODD_NAME, ENTITIES)])
def test_formulas_in_a_text_are_read_as_they_were_typed(texts_desk: Desk, page: Page, student: str, text: str) -> None:
    cell = open_submission(texts_desk, page, student)
    # A paragraph in the source is one in the page.
    assert text in (cell.locator("pre").first.text_content() or "")
    assert page.locator(".MathJax, .MathJax_Preview, mjx-container").count() == 0


def test_pages_of_a_trainer_ask_nobody_else(texts_desk: Desk, page: Page) -> None:
    """With every address but the server's own out of reach: each page is drawn, and nothing was asked elsewhere."""
    asked: list[str] = []

    def only_here(route: Route) -> None:
        if route.request.url.startswith(texts_desk.address):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    page.context.route("**/*", only_here)
    assignment, people = golden.ASSIGNMENT, ODD_NAME
    pages = {
        "manage_assignments": assignment,
        f"manage_submissions/{assignment}": people,
        "gradebook": assignment,
        f"gradebook/{assignment}": assignment,
        f"gradebook/{assignment}/{assignment}": "Submission #1",
        "manage_students": people,
        f"manage_students/{people}": assignment,
        f"manage_students/{people}/{assignment}": assignment,
    }
    for path, shown in pages.items():
        texts_desk.open(page, path)
        expect(page.locator("tbody").get_by_text(shown, exact=True).first).to_be_visible()
    for person in (ODD_NAME, "open-text-formulas"):
        cell = open_submission(texts_desk, page, person)
        expect(cell.locator("input.score")).to_be_visible()
        page.wait_for_load_state("networkidle")
    texts_desk.open(page, f"manage_submissions/{assignment}")
    row_of(page, ODD_NAME).locator(".autograde a").click()
    expect(page.locator(".modal-title", has_text="Success")).to_be_visible(timeout=60_000)
    assert command.main(["feedback", "--jobs", "1", "--course-root", str(texts_desk.course)]) == 0
    told = texts_desk.course / "feedback" / "open-text-formulas" / assignment / f"{assignment}.html"
    page.set_content(told.read_text(encoding="utf-8"))
    expect(page.get_by_text("$x^2$")).to_be_visible()
    assert asked == []


def test_configuration_is_not_shown_to_who_looks_at_the_page(texts_desk: Desk, page: Page) -> None:
    """Nbgrader writes all of it there, the address of the gradebook and its password too."""
    texts_desk.open(page, "manage_assignments")
    expect(page.locator("tbody").get_by_text(golden.ASSIGNMENT, exact=True)).to_be_visible()
    assert "db_url" not in page.content()


# --- after grading in volume ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Graded:
    """A demonstration graded in volume, open in formgrader, and the folder of Léa, who handed in by the exchange."""

    desk: Desk
    learner: Path
    nbgrader: Commands

    def grade(self) -> str:
        """Grade what is new, while formgrader runs; what is printed."""
        done = reseau_kit(self.desk.course, "grade", "--jobs", "1")
        assert done.code == 0, done.stderr
        return done.stdout.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    tmp = tmp_path_factory.mktemp("volume")
    nbgrader = Commands(tmp)
    exchange, learner = tmp / "echange", tmp / "mon-cours"
    exchange.mkdir()
    exchange.chmod(0o777)
    demo.make(tmp / "cours", ROOT, 8, assignments=[STEP])
    with (tmp / "cours" / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\nc.Exchange.root = {str(exchange)!r}\n")
    api = NbGraderAPI(config=settings(tmp / "cours", exchange))
    assert api.release_assignment(STEP)["success"]

    shutil.copytree(tmp / "cours" / "release" / STEP, learner / STEP)
    ((_, (work,)),) = hand_ins(1, people.learner(1, 1), read_papers(tmp / "cours"))
    for name in (FILE_NAME, f"{STEP}.ipynb"):
        (learner / STEP / name).write_bytes(work.files[name])
    (learner / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'reseau_kit'\nc.Exchange.root = {str(exchange)!r}\n",
        encoding="utf-8",
    )
    nbgrader(learner, "submit", STEP, "--CourseDirectory.student_id=lea")
    assert api.collect(STEP)["success"]
    with running_desk(tmp / "cours", tmp) as desk:
        graded = Graded(desk, learner, nbgrader)
        assert "Notées : 9" in graded.grade()
        yield graded


STEP = "etape-1"


def settings(teacher: Path, exchange: Path) -> Config:
    """What nbgrader's own objects need to know of a course."""
    config = Config()
    config.CourseDirectory.root, config.CourseDirectory.source_directory = str(teacher), "exercises"
    config.CourseDirectory.course_id, config.Exchange.root = "reseau_kit", str(exchange)
    return config


def worth(desk: Desk) -> dict[str, str]:
    """What each learner's work is worth, as formgrader writes it."""
    with Gradebook(f"sqlite:///{desk.course / 'gradebook.db'}") as gradebook:
        found = gradebook.find_assignment(STEP).submissions
        return {each.student.id: f"{round(each.score, 2):g} / {each.max_score:g}" for each in found}


def row_of(page: Page, student: str) -> Locator:
    """The line of a learner in a table of formgrader's."""
    return page.locator("tbody tr", has=page.locator(".student-id").get_by_text(student, exact=True))


def test_scores_and_people_are_shown_after_grading_in_volume(graded: Graded, page: Page, tmp_path: Path) -> None:
    """The submissions of all, each with its score; and the students' page, with their names and sums."""
    graded.desk.open(page, f"manage_submissions/{STEP}")
    expected = worth(graded.desk)
    assert len(expected) == 9
    assert len(set(expected.values())) > 4
    for student, score in expected.items():
        row = row_of(page, student)
        expect(row.locator(".score")).to_have_text(score)
        expect(row.locator(".status")).to_have_text(re.compile("graded|needs manual grading"))
    page.screenshot(path=str(tmp_path / "remises.png"), full_page=True)

    graded.desk.open(page, "manage_students")
    for number in range(1, 9):
        who = people.learner(1, number)
        row = page.locator("tbody tr", has_text=who.email)
        expect(row.locator(".name")).to_have_text(f"{who.last_name}, {who.first_name}")
        expect(row.locator(".score")).to_have_text(expected[who.id])
    page.screenshot(path=str(tmp_path / "personnes.png"), full_page=True)


def test_mark_of_a_person_outlives_grading_again_and_comes_back(graded: Graded, page: Page, tmp_path: Path) -> None:
    """Given in formgrader, kept when the learner's work is graded anew, told in the page that the learner fetches."""
    desk = graded.desk
    open_document(desk, page, STEP, "lea")
    cell = page.locator(".nbgrader_cell", has=page.locator("input.score#E1-O"))
    expect(cell.locator(".rendered_html").first).to_be_visible()
    page.screenshot(path=str(tmp_path / "lecture.png"), full_page=True)
    for field, given in (("input.score", "24"), ("textarea.comment", "Un but net.")):
        cell.locator(field).fill(given)
        with page.expect_response(lambda response: response.request.method == "PUT"):
            cell.locator(field).blur()
    before = worth(desk)
    assert before["lea"].startswith("94 ")

    stamp = desk.course / "submitted" / "lea" / STEP / "timestamp.txt"
    stamp.chmod(0o644)
    stamp.write_text("2030-01-01 08:00:00 UTC\n", encoding="utf-8")
    assert "Notées : 1" in graded.grade()
    assert worth(desk) == before
    page.reload()
    expect(page.locator("input.score#E1-O")).to_have_value("24")
    expect(cell.locator("textarea.comment")).to_have_value("Un but net.")

    desk.open(page, f"manage_submissions/{STEP}")
    for button in ("generate-feedback", "release-feedback"):
        row_of(page, "lea").locator(f".{button} a").click()
        expect(page.locator(".modal-title", has_text="Success")).to_be_visible(timeout=60_000)
        page.locator(".modal.in .modal-footer button, .modal.show .modal-footer button").last.click()
        expect(page.locator(".modal-title")).to_have_count(0)
    graded.nbgrader(graded.learner, "fetch_feedback", STEP, "--CourseDirectory.student_id=lea")
    (told,) = (graded.learner / STEP / "feedback").rglob("*.html")
    text = told.read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert "Votre note : <strong>94</strong>" in text
    assert "Un but net." in text
