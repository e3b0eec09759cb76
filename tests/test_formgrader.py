"""A trainer at the browser: formgrader shows each submission with its score, and why, in French."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench.submissions import ASSIGNMENT, course, submit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Desk:
    """A trainer's running JupyterLab, and the course that it was started on."""

    course: Path
    address: str
    token: str

    def url(self, path: str) -> str:
        return f"{self.address}/{path}?token={self.token}"

    def open(self, page: Page, path: str) -> None:
        """Open a page of formgrader's, coming from JupyterLab, which is what signs a trainer in."""
        page.goto(self.url("lab"), wait_until="commit")
        page.goto(f"{self.address}/formgrader/{path}")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """JupyterLab as a trainer starts it, on a course where three learners have submitted."""
    tmp = tmp_path_factory.mktemp("formgrader")
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")
    environment = {**os.environ, **{name: str(tmp / name.lower()) for name in names}}
    teacher = course(tmp / "cours")
    for command in (["generate_assignment", ASSIGNMENT], ["autograde", ASSIGNMENT]):
        subprocess.run([BIN / "nbgrader", *command], cwd=teacher, env=environment, check=True, capture_output=True)
        if command[0] == "generate_assignment":
            for student, kind in (("lea", "partly"), ("noe", "wrong-then-right"), ("zoe", "untouched")):
                submit(teacher, student, kind)
    shutil.rmtree(teacher / "autograded" / "lea")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={token}"]
    with (tmp / "log").open("wb") as log:
        server = subprocess.Popen(
            [BIN / "jupyter", "lab", *options, f"--port={port}"], cwd=teacher, env=environment, stdout=log, stderr=log
        )
    desk = Desk(teacher, f"http://127.0.0.1:{port}", token)
    try:
        wait_for(desk, server, tmp / "log")
        yield desk
    finally:
        server.terminate()
        server.wait(20)


def wait_for(desk: Desk, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(desk.url("api/status"), timeout=5):  # noqa: S310  our own server
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


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
