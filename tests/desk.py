"""A trainer's desk for tests: nbgrader's commands, and a JupyterLab with formgrader, with nobody's own settings."""

import os
import secrets
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from forked import BIN, Done, Forks, Running

_OWN = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "HOME")


FORKS = Forks()


@dataclass(frozen=True)
class Commands:
    """Runs nbgrader's commands: in forks, or `real`, as programs of their own."""

    state: Path
    real: bool = False

    def __call__(self, folder: Path, *arguments: str, fails: bool = False) -> str:
        """Run one command in a folder; what it printed."""
        return finish(self.start(folder, *arguments), fails=fails)

    def start(self, folder: Path, *arguments: str) -> "Running | subprocess.Popen[bytes]":
        """Begin one command in a folder, for `finish`."""
        environment = {**os.environ, **{name: str(self.state / name.lower()) for name in _OWN}}
        if not self.real:
            return FORKS.start(["nbgrader", *arguments], folder, environment, merged=True)
        command = [str(BIN / "nbgrader"), *arguments]
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def finish(command: "Running | subprocess.Popen[bytes]", *, fails: bool = False) -> str:
    """Wait for a command; what it printed."""
    if isinstance(command, Running):
        done = command.wait()
        code, printed = done.code, done.stdout
    else:
        printed = command.communicate()[0].decode()
        code = command.returncode
    assert (code != 0) == fails, printed
    return printed


def reseau_kit(folder: Path, *arguments: str | Path) -> Done:
    """Run `reseau-kit` in a folder, in a fork; how it ended."""
    return FORKS.start(["reseau-kit", *map(str, arguments)], folder, os.environ).wait()


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


@contextmanager
def running_desk(course: Path, state: Path, **variables: str) -> Iterator[Desk]:
    """JupyterLab as a trainer starts it on a course, with those variables of the environment besides."""
    environment = {**os.environ, **{name: str(state / name.lower()) for name in _OWN}, **variables}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={token}"]
    with (state / "log").open("wb") as log:
        server = subprocess.Popen(
            [BIN / "jupyter", "lab", *options, f"--port={port}"], cwd=course, env=environment, stdout=log, stderr=log
        )
    desk = Desk(course, f"http://127.0.0.1:{port}", token)
    try:
        _wait_for(desk, server, state / "log")
        yield desk
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(desk: Desk, server: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(desk.url("api/status"), timeout=5):  # noqa: S310  our own server
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")
