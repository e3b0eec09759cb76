"""HTML and JavaScript that a learner hands in never run, for the trainer in formgrader or for who reads feedback.

What would run calls the page « atteint », and so does a dialog: see `golden.HOSTILE`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from desk import Commands, Desk, running_desk
from golden import ASSIGNMENT, GOLDEN, HOSTILE, hand_in, make_course

pytestmark = [pytest.mark.browser, pytest.mark.slow]

UNSAFE = GOLDEN["html-in-the-name"].student


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A trainer's JupyterLab, on a course where learners handed in what would run, by both doors."""
    tmp = tmp_path_factory.mktemp("hostile")
    nbgrader = Commands(tmp)
    course = make_course(tmp / "cours")
    nbgrader(course, "generate_assignment", ASSIGNMENT)
    for name in ("script", "forged-cells", "open-text-script", "html-in-the-name"):
        hand_in(course, name)
    nbgrader(course, "autograde", ASSIGNMENT, fails=True)
    nbgrader(course, "generate_feedback", ASSIGNMENT)
    with running_desk(course, tmp) as desk:
        yield desk


@dataclass
class Watch:
    """A page on which nothing of a learner's may happen."""

    page: Page
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._note)

    def _note(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def nothing_ran(self) -> None:
        """Whatever would run has had the time to, links are clicked, and the page has its own title."""
        for link in self.page.locator("a", has_text="cliquez").all():
            link.click()
        self.page.wait_for_timeout(300)
        assert self.page.title() != "atteint"
        assert not self.dialogs
        assert self.page.locator("[onerror], [onload], iframe, a[href^='javascript:']").count() == 0


@pytest.fixture
def watch(new_profile: Callable[..., BrowserContext]) -> Watch:
    return Watch(new_profile().new_page())


def test_what_is_handed_in_would_run(watch: Watch) -> None:
    """The proof is worth something: on an ordinary page the same text runs."""
    watch.page.set_content(f"<title>à soi</title><p>{HOSTILE}</p>")
    watch.page.wait_for_timeout(300)
    assert watch.page.title() == "atteint"


@pytest.mark.parametrize("student", ["script", "forged-cells", "open-text-script"])
def test_nothing_runs_where_a_submission_is_read(desk: Desk, watch: Watch, student: str) -> None:
    """Formgrader's page holds what was written, as text."""
    with Gradebook(f"sqlite:///{desk.course / 'gradebook.db'}") as gradebook:
        id = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).id
    desk.open(watch.page, f"submissions/{id}/")
    expect(watch.page.locator(".reseau-kit-note")).to_have_count(6)
    watch.nothing_ran()
    if student == "script":
        seen = watch.page.locator("#notebook").first.inner_text()
        assert seen.count("<script>document.title='atteint'</script>") >= 6
        assert "Mon texte." in seen


@pytest.mark.parametrize(
    "path",
    [
        f"manage_submissions/{ASSIGNMENT}",
        f"gradebook/{ASSIGNMENT}/{ASSIGNMENT}",
        "manage_students",
        "manage_students/script",
        f"manage_students/script/{ASSIGNMENT}",
    ],
)
def test_nothing_runs_in_lists(desk: Desk, watch: Watch, path: str) -> None:
    """Names of folders and of files are text too."""
    desk.open(watch.page, path)
    expect(watch.page.locator("table tbody tr, #main-table tr").first).to_be_visible()
    watch.page.wait_for_load_state("networkidle")
    watch.nothing_ran()


def test_nothing_runs_where_a_refusal_is_told(desk: Desk, watch: Watch) -> None:
    """The button's log names the folder and the files; formgrader shows it."""
    desk.open(watch.page, f"manage_submissions/{ASSIGNMENT}")
    row = watch.page.locator("tr", has_text=re.compile("onerror")).first
    row.locator(".autograde a").click()
    expect(watch.page.locator(".modal-body").last).to_contain_text("Le nom du dossier remis", timeout=60_000)
    watch.nothing_ran()


@pytest.mark.parametrize("student", ["script", "forged-cells", "open-text-script"])
def test_nothing_runs_on_the_feedback_page(desk: Desk, watch: Watch, student: str) -> None:
    """Nor without the page's own ban on scripts, which is a second lock and not the only one."""
    file = desk.course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
    page = file.read_text(encoding="utf-8")
    requests: list[str] = []
    watch.page.on("request", lambda request: requests.append(request.url))
    watch.page.goto(file.as_uri())
    watch.nothing_ran()
    assert requests == [file.as_uri()]
    unlocked, count = re.subn(r"<meta http-equiv=[^>]*>", "", page)
    assert count == 1
    watch.page.set_content(unlocked)
    watch.nothing_ran()


def test_feedback_button_makes_our_page(desk: Desk, watch: Watch) -> None:
    """Formgrader's own button, not the command alone."""
    file = desk.course / "feedback" / "script" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    file.unlink()
    desk.open(watch.page, f"manage_submissions/{ASSIGNMENT}")
    watch.page.locator("tr", has=watch.page.get_by_text("script", exact=True)).locator(".generate-feedback a").click()
    expect(watch.page.locator(".modal-title", has_text="Success")).to_be_visible(timeout=60_000)
    assert '<html lang="fr">' in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("student", ["script", "forged-cells", "open-text-script"])
def test_feedback_page_is_accessible(desk: Desk, watch: Watch, student: str, tmp_path: Path) -> None:
    """Axe finds nothing, at a phone's width nothing is cut, and on paper it is A4 without a cut block."""
    from axe_playwright_python.sync_playwright import Axe

    watch.page.set_viewport_size({"width": 360, "height": 800})
    page = desk.course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
    unlocked = re.sub(r"<meta http-equiv=[^>]*>", "", page.read_text(encoding="utf-8"))
    watch.page.set_content(unlocked)
    found = Axe().run(watch.page)
    assert found.violations_count == 0, found.generate_report()
    assert watch.page.evaluate("document.documentElement.scrollWidth") == 360
    cut = "all => all.filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.outerHTML)"
    assert watch.page.locator("main *").evaluate_all(cut) == []
    paper = watch.page.pdf(path=str(tmp_path / "retour.pdf"), prefer_css_page_size=True)
    # A4 in points, to the tenth.
    assert re.search(rb"/MediaBox\s*\[0 0 59[45][.\d]* 84[12][.\d]*\]", paper)
