"""What several test files share: the course, a real browser, and a real JupyterLab on a learner's workspace."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from cpu_time import CpuTime
from desk import FORKS, Commands
from forked import Fork, know_alembic_version
from host_page import Reader
from learner import Learner
from postgres import Server, programs, running_server
from reseau_kit.workspace import lab_command, update_workspace

if TYPE_CHECKING:
    from golden import AutogradedGolden

ROOT = Path(__file__).parents[1]

_CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # root, in a container
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--js-flags=--max-opt=1",  # a page lives too briefly for its scripts to be compiled again, to run faster
    "--no-first-run",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """For every commit: a tenth of the time."""
    parser.addoption(
        "--quick", action="store_true", help="leave out what needs a browser, nbgrader's commands, PostgreSQL or Dask"
    )
    parser.addoption("--cpu-time", metavar="PAGE", type=Path, help="write to a page what the tests cost in CPU time")


def pytest_configure(config: pytest.Config) -> None:
    """In every process that runs tests, since each measures its own."""
    if page := config.getoption("--cpu-time"):
        config.pluginmanager.register(CpuTime(page))


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What fixtures leave to the next test depends on how this one ended."""
    report = yield
    item.stash[_FAILED] = report.failed
    return report


def _is_quick(item: pytest.Item) -> bool:
    if any(item.get_closest_marker(mark) for mark in ("browser", "slow")):
        return False
    needed = {*getattr(item, "fixturenames", ())}
    if callspec := getattr(item, "callspec", None):
        needed |= {f"{name}={value}" for name, value in callspec.params.items()}
    return not needed & {"autograded_golden", "browser", "nbgrader", "postgresql", "url=postgresql"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, as their marks tell: the last worker is not left alone with one."""
    if config.getoption("--quick"):
        left_out = [item for item in items if not _is_quick(item)]
        items[:] = [item for item in items if _is_quick(item)]
        config.hook.pytest_deselected(items=left_out)
    weights: dict[Path, int] = {}
    for item in items:
        weight = sum(item.get_closest_marker(mark) is not None for mark in ("browser", "slow"))
        weights[item.path] = max(weight, weights.get(item.path, 0))
    items.sort(key=lambda item: -weights[item.path])


def pytest_collection_finish() -> None:
    """What makes gradebooks has been imported by now; without it, nobody waits for it."""
    if "nbgrader.api" in sys.modules:
        know_alembic_version()


@pytest.fixture(scope="session")
def course_root() -> Path:
    """The course as it stands in this repository."""
    return ROOT


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process of a run to need it makes for all; they copy it, and never write to it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / name
    made = folder.with_name(f"{name}.made")
    with FileLock(f"{folder}.lock"):
        if not made.exists():
            make(folder)  # where it stays, since links lead into it
            made.touch()
    return folder


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that nobody has opened yet; copy it, never write to it."""
    return made_once(tmp_path_factory, "mon-cours", partial(update_workspace, ROOT))


@pytest.fixture
def workspace(released: Path, tmp_path: Path) -> Path:
    """A learner's workspace of one's own, as `reseau-kit open` makes it."""
    return Path(shutil.copytree(released, tmp_path / "mon-cours"))


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """The commands of nbgrader, with nobody's own settings."""
    return Commands(tmp_path_factory.mktemp("jupyter"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; without it browser tests are skipped, or fail where they must run."""
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        message = "no Chromium: install it (Debian: apt install chromium) to run the browser tests"
        if os.environ.get("RESEAU_KIT_BROWSER_REQUIRED") or os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server; without one its tests are skipped, or fail where they must run."""
    found = programs()
    if found is None:
        message = "no PostgreSQL: install it (Debian: apt install postgresql) to run its tests"
        if os.environ.get("RESEAU_KIT_POSTGRESQL_REQUIRED") or os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with running_server(found) as server:
        yield server


@pytest.fixture(scope="session")
def autograded_golden(tmp_path_factory: pytest.TempPathFactory) -> "AutogradedGolden":
    """Every golden submission, due before one of them came, graded by nbgrader's own command."""
    # Seconds to import, which most tests do without.
    from nbgrader.api import Gradebook

    import golden

    def make(folder: Path) -> None:
        nbgrader = Commands(tmp_path_factory.mktemp("jupyter"))
        handed_in, graded = golden.make_course(folder / "remis"), folder / "note"
        nbgrader(handed_in, "generate_assignment", golden.ASSIGNMENT)
        with Gradebook(f"sqlite:///{handed_in / 'gradebook.db'}") as gradebook:
            gradebook.update_or_create_assignment(golden.ASSIGNMENT, duedate=golden.DUE)
        for name in golden.GOLDEN:
            submission = golden.hand_in(handed_in, name)
            if name == "perfect":
                # nbgrader's own way of handing in adds it, and gives no feedback back without it.
                (submission / "submission_secret.txt").write_text("0123456789abcdef", encoding="utf-8")
        subprocess.run(["cp", "-a", handed_in, graded], check=True)
        (folder / "log").write_text(nbgrader(graded, "autograde", golden.ASSIGNMENT, fails=True), encoding="utf-8")

    folder = made_once(tmp_path_factory, "golden", make)
    log = (folder / "log").read_text(encoding="utf-8")
    return golden.AutogradedGolden(folder / "remis", folder / "note", log)


def new_profile_of(browser: Browser, **options: object) -> BrowserContext:
    """A browser profile that never saw Jupyter; options are Playwright's, such as `color_scheme`."""
    given = {"viewport": {"width": 1280, "height": 900}, "locale": "fr-FR", **options}
    profile = browser.new_context(**given)  # type: ignore[arg-type]
    profile.set_default_timeout(30_000)
    return profile


@pytest.fixture
def new_profile(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes browser profiles that never saw Jupyter; options are Playwright's, such as `color_scheme`."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        contexts.append(new_profile_of(browser, **options))
        return contexts[-1]

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_profile: Callable[..., BrowserContext]) -> Page:
    """One page of a fresh profile."""
    return new_profile().new_page()


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it listens, and the folder that it shows."""

    root: Path
    port: int
    token: str
    process: "subprocess.Popen[bytes] | Fork"
    log: Path

    def url(self, path: str = "00-bienvenue.ipynb", *, view: str = "lab/tree") -> str:
        """The address that opens a document, as the learner's browser is sent to it."""
        return f"http://127.0.0.1:{self.port}/{view}/{path}?token={self.token}"

    def open(self, page: Page, path: str = "00-bienvenue.ipynb", *, view: str = "lab/tree") -> None:
        """Open a course notebook and wait until its activities are prepared."""
        page.goto(self.url(path, view=view))
        notice = page.locator("[data-reseau-kit]:not(.lm-mod-hidden) .rk-notice")
        expect(notice).to_have_text("", timeout=60_000)

    def kernel_pids(self) -> list[int]:
        """The processes of the kernels that this server started."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
                folder = (entry / "cwd").readlink()
            except OSError:
                continue
            if {b"ipykernel_launcher", b"kernels"} & {*command} and folder.is_relative_to(self.root):
                found.append(int(entry.name))
        return sorted(found)


@contextmanager
def running_lab(workspace: Path, state: Path, *, port: int = 0, real: bool = False) -> Iterator[Lab]:
    """A JupyterLab started as `reseau-kit open` starts it, without its browser and with nobody's own settings.

    It listens at any port, or at the one of a server that has stopped. It and its kernels are forks or, where it is
    `real`, programs of their own.
    """
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    arguments = ["--no-browser", "--ServerApp.ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={token}"]
    arguments.append("--LabApp.expose_app_in_browser=True")  # where tests do by a command what many clicks do
    command, environment = lab_command(workspace, arguments)
    for variable in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        environment[variable] = str(state / variable.lower())
    state.mkdir(parents=True, exist_ok=True)
    log = state / "lab.log"
    with log.open("wb") as output:
        process: subprocess.Popen[bytes] | Fork
        if real:
            process = subprocess.Popen(command, cwd=workspace, env=environment, stdout=output, stderr=output)
        else:
            _, _, _, *given = command
            process = FORKS.begin(["jupyter-lab", *given], workspace, environment, (output, output))
    try:
        lab = Lab(workspace, port, token, process, log)
        _wait_until_it_answers(lab)
        yield lab
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(lab: Lab, seconds: float = 60) -> None:
    address = f"http://127.0.0.1:{lab.port}/api/status?token={lab.token}"
    end = time.monotonic() + seconds
    while time.monotonic() < end and lab.process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{lab.log.read_text()}")


@pytest.fixture
def lab(workspace: Path, tmp_path: Path) -> Iterator[Lab]:
    """A JupyterLab on this test's own workspace."""
    with running_lab(workspace, tmp_path / "jupyter") as lab:
        yield lab


@pytest.fixture(scope="session")
def shared_lab(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Lab]:
    """A JupyterLab for many tests; each works in a workspace of its own below its root."""
    root = tmp_path_factory.mktemp("cours")
    with running_lab(root, tmp_path_factory.mktemp("jupyter")) as lab:
        yield lab


class Window:
    """A browser's window that one learner leaves to the next: JupyterLab takes three seconds of CPU to load."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._profile: BrowserContext | None = None

    def profile(self) -> BrowserContext:
        """The window's profile; a new one where somebody closed the former."""
        if self._profile is None or self._profile not in self._browser.contexts:
            self._profile = new_profile_of(self._browser)
        return self._profile


@pytest.fixture(scope="session")
def shared_window(browser: Browser) -> Window:
    """The window in which learners find JupyterLab with nothing open in it."""
    return Window(browser)


@pytest.fixture(scope="session")
def small_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a course of two activities in a lesson and two in an exercise, whatever the real one holds."""
    return made_once(tmp_path_factory, "petit-cours", partial(update_workspace, Path(__file__).parent / "petit-cours"))


@pytest.fixture
def learner(
    shared_lab: Lab,
    shared_window: Window,
    small_course: Path,
    new_profile: Callable[..., BrowserContext],
    request: pytest.FixtureRequest,
) -> Iterator[Learner]:
    """Somebody who opens a fresh workspace of the small course."""
    yield from _at_work(shared_lab, shared_window, new_profile, small_course, request)


@pytest.fixture
def student(
    shared_lab: Lab,
    shared_window: Window,
    released: Path,
    new_profile: Callable[..., BrowserContext],
    request: pytest.FixtureRequest,
) -> Iterator[Learner]:
    """Somebody who opens a fresh workspace of the real course."""
    yield from _at_work(shared_lab, shared_window, new_profile, released, request)


@pytest.fixture
def plain_learner(
    small_course: Path, new_profile: Callable[..., BrowserContext], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Reader]:
    """Somebody before a fresh workspace of the small course, in a page of ours without JupyterLab."""
    yield from _at_a_page(new_profile(**getattr(request, "param", {})), small_course, tmp_path)


@pytest.fixture
def plain_student(
    released: Path, new_profile: Callable[..., BrowserContext], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Reader]:
    """Somebody before a fresh workspace of the real course, in a page of ours without JupyterLab."""
    yield from _at_a_page(new_profile(**getattr(request, "param", {})), released, tmp_path)


def _at_a_page(profile: BrowserContext, workspace: Path, root: Path) -> Iterator[Reader]:
    """A learner before a page of ours; what goes wrong in the Python behind it fails the test."""
    reader = Reader(profile, workspace, root)
    yield reader
    reader.finish()
    assert reader.hosts() <= {"127.0.0.1"}


def _at_work(
    lab: Lab,
    window: Window,
    new_profile: Callable[..., BrowserContext],
    workspace: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Learner]:
    """A learner, on any machine: nothing is ever asked of another host."""
    own: dict[str, Any] | None = getattr(request, "param", None)
    learner = Learner(lab, window.profile() if own is None else new_profile(**own), workspace)
    yield learner
    if own is not None or request.node.stash.get(_FAILED, False) or not learner.tidy():
        learner.profile.close()
        learner.shut_kernels_down()
    learner.leave()
    assert learner.hosts() <= {"127.0.0.1"}
