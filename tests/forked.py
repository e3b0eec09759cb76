"""Commands run in forks of one process that has imported what they need, which takes each of them seconds of CPU.

A fork has what a process of its own has: folder, environment, arguments, exit code, death by a signal. Only the imports
are shared. What shows that the installed commands start by themselves runs them by themselves: `Commands.real` in
`desk.py`.
"""

import atexit
import contextlib
import functools
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, NoReturn

BIN = Path(sys.executable).parent

#: The commands that can run here, by the names under which their packages install them.
COMMANDS = ("nbgrader", "reseau-kit")

#: What they import on their way, beside what their packages do at once.
_IMPORTED = (
    "jupyter_client.manager",
    "nbconvert.exporters.html",
    "nbconvert.exporters.notebook",
    "reseau_kit.grading.batch",
    "reseau_kit.collecting.collect",
    "reseau_kit.feedback_pages.make",
    "reseau_kit.grading.nbgrader_steps",
    "sqlalchemy.dialects.sqlite",
)

_LENGTH = 4
"""Bytes that tell how long a message is."""


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, or minus the signal that killed it, and what it printed."""

    code: int
    stdout: str
    stderr: str


class Running:
    """A command that was begun in a fork."""

    def __init__(self, stdout: IO[bytes], stderr: IO[bytes], ended: IO[bytes]) -> None:
        self._stdout, self._stderr, self._ended = stdout, stderr, ended

    def wait(self) -> Done:
        """Wait for its end."""
        with self._ended, self._stdout, self._stderr:
            code = self._ended.read()
            assert code, "the process that forks is gone"
            self._stdout.seek(0)
            self._stderr.seek(0)
            return Done(int(code), self._stdout.read().decode(), self._stderr.read().decode())


class Forks:
    """The process that forks: it starts with the first command, and ends with this process, however this one ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None

    def start(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], *, merged: bool = False
    ) -> Running:
        """Begin one of `COMMANDS` with its arguments; merged, all that it prints is in `stdout`."""
        asked = json.dumps([[str(word) for word in command], str(folder), dict(environment)]).encode()
        stdout, stderr = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115  `wait` closes them
        ended, tells = os.pipe()
        printing = stdout if merged else stderr
        with self._lock:
            control = self._control = self._control or _begin()
            socket.send_fds(control, [len(asked).to_bytes(_LENGTH, "big")], [stdout.fileno(), printing.fileno(), tells])
            control.sendall(asked)
        os.close(tells)
        return Running(stdout, stderr, os.fdopen(ended, "rb"))


def _begin() -> socket.socket:
    ours, theirs = socket.socketpair()
    with theirs:
        server = subprocess.Popen([sys.executable, __file__], stdin=theirs.fileno(), stdout=subprocess.DEVNULL)

    def end() -> None:
        ours.close()
        server.wait()

    atexit.register(end)
    return ours


# --- in the process that forks ----------------------------------------------------------------------------------------


def know_alembic_version() -> None:
    """Tell nbgrader, in this process, what it asks a program of a second and a half for at each new gradebook.

    It is the same each time: the name of the latest layout of the tables, of the nbgrader that is installed.
    """
    import nbgrader.api
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    nbgrader.api.get_alembic_version = lambda: head


class _Server:
    """Forks for each command that is asked for, and tells how each one ended."""

    def __init__(self, control: socket.socket) -> None:
        import nbgrader.api
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        for module in _IMPORTED:
            import_module(module)
        entries = [entry for entry in entry_points(group="console_scripts") if entry.name in COMMANDS]
        know_alembic_version()
        # A command opens its gradebook ten times for each submission, and would prepare its statements again each time.
        nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)
        # What is written outlives a killed process without it, and no test stops the machine.
        event.listen(Engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        self._mains: dict[str, Callable[[], object]] = {entry.name: entry.load() for entry in entries}
        self._control = control
        self._awake, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        #: Where the exit code of each running command is awaited, by its process.
        self._awaited: dict[int, int] = {}
        # No fork looks for garbage among what they share.
        gc.freeze()

    def serve(self) -> None:
        """Until whoever asks is gone."""
        asking = True
        while asking:
            ready, _, _ = select.select([self._control.fileno(), self._awake], [], [])
            if self._awake in ready:
                os.read(self._awake, 1024)
                self._tell()
            if self._control.fileno() in ready:
                asking = self._fork()

    def _tell(self) -> None:
        for process in list(self._awaited):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                awaited = self._awaited.pop(process)
                # Whoever asked may have stopped waiting.
                with contextlib.suppress(BrokenPipeError):
                    os.write(awaited, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(awaited)

    def _fork(self) -> bool:
        length, files, _, _ = socket.recv_fds(self._control, _LENGTH, 3)
        if not length:
            return False
        asked = self._control.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
        *printing, awaited = files
        process = os.fork()
        if not process:
            self._become(printing, awaited, *json.loads(asked))
        for file in printing:
            os.close(file)
        self._awaited[process] = awaited
        return True

    def _become(
        self, printing: list[int], awaited: int, command: list[str], folder: str, environment: dict[str, str]
    ) -> NoReturn:
        """In the fork: be the command, with nothing of the server's, and end as a program does."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (printing[0], 1), (printing[1], 2)):
            os.dup2(source, target)
        for file in (nothing, *printing, awaited, self._awake, self._wake, *self._awaited.values()):
            os.close(file)
        self._control.close()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv[:] = [str(BIN / command[0]), *command[1:]]
        # Processes that the command starts import its main module again, when there is a file of that name.
        sys.modules["__main__"] = types.ModuleType("__main__")
        sys.exit(self._mains[command[0]]())  # type: ignore[arg-type]  # as installed commands do


def _main() -> None:
    # A command finds the modules that it finds when it is run by itself.
    sys.path[0] = str(BIN)
    control = socket.socket(fileno=os.dup(0))
    _Server(control).serve()


if __name__ == "__main__":
    _main()
