"""Commands, servers and kernels run in forks of processes that have imported what they need: that takes seconds of CPU.

A fork has what a process of its own has: folder, environment, arguments, exit code, death by a signal. Only the imports
are shared. What shows that a program starts by itself, or which files it finds on its way, runs it by itself:
`Commands.real` in `desk.py`, `real` of `running_lab` in `conftest.py`.
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
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO, Any, NoReturn

BIN = Path(sys.executable).parent

#: The commands that can run here, by the names under which their packages install them.
COMMANDS = ("nbgrader", "reseau-kit", "jupyter-lab")

#: What commands import on their way, beside what their packages do at once.
_FOR_COMMANDS = (
    "jupyter_client.manager",
    "jupyter_server.services.contents.largefilemanager",
    "jupyter_server.services.kernels.handlers",
    "jupyterlab_server.handlers",
    "nbconvert.exporters.html",
    "nbconvert.exporters.notebook",
    "reseau_kit.grading.batch",
    "reseau_kit.collecting.collect",
    "reseau_kit.feedback_pages.make",
    "reseau_kit.grading.nbgrader_steps",
    "sqlalchemy.dialects.sqlite",
)
#: What kernels import: nothing that a learner does not need, nor ipywidgets, which looks for the kernel when imported.
_FOR_KERNELS = (
    "ipykernel.ipkernel",
    "jinja2",
    "reseau_kit.activities.loading",
    "reseau_kit.answers.feedback",
    "reseau_kit.answers.logbook",
    "reseau_kit.answers.travel",
)

_LONGEST = 100_000
"""Bytes of a message: a command, its folder and its environment."""


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, or minus the signal that killed it, and what it printed."""

    code: int
    stdout: str
    stderr: str


class Fork:
    """A running fork, with what is used of a `subprocess.Popen`: its parent is not this process."""

    stdin = stdout = stderr = None

    def __init__(self, told: int) -> None:
        #: Where its number is told, then its exit code, each a line.
        self._told = os.fdopen(told, "rb", buffering=0)
        number = self._told.readline()
        assert number, "the process that forks is gone"
        self.pid = int(number)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, or minus the signal that killed it; none while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it ends."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a fork", timeout or 0)
            code = self._told.readline()
            assert code, "the process that forks is gone"
            self._told.close()
            self.returncode = int(code)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Running:
    """A command that was begun in a fork, and what it prints."""

    def __init__(self, fork: Fork, stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self._fork, self._stdout, self._stderr = fork, stdout, stderr

    def wait(self) -> Done:
        """Wait for its end."""
        with self._stdout, self._stderr:
            code = self._fork.wait()
            self._stdout.seek(0)
            self._stderr.seek(0)
            return Done(code, self._stdout.read().decode(), self._stderr.read().decode())


class Forks:
    """The processes that fork: they start with the first command, and end with this process, however this one ends."""

    def __init__(self) -> None:
        self._lines: tuple[socket.socket, socket.socket] | None = None
        self._kernels_here = False

    def start(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], *, merged: bool = False
    ) -> Running:
        """Begin one of `COMMANDS` with its arguments; merged, all that it prints is in `stdout`."""
        stdout, stderr = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115  `wait` closes them
        printing = stdout if merged else stderr
        return Running(self.begin(command, folder, environment, (stdout, printing)), stdout, stderr)

    def begin(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], printing: Sequence[IO[bytes]]
    ) -> Fork:
        """Begin one of `COMMANDS`, which prints into those two files."""
        self._lines = self._lines or _begin()
        return _ask(self._lines[0], command, folder, environment, [file.fileno() for file in printing])

    def fork_kernels_here(self) -> None:
        """From now on Jupyter starts Python's kernels in forks, in this process."""
        if self._lines is None:
            self._lines = _begin()
        if not self._kernels_here:
            _fork_kernels(self._lines[1])
            self._kernels_here = True


def _begin() -> tuple[socket.socket, socket.socket]:
    """Start the processes that fork commands, and kernels; the lines to them."""
    to_commands, commands = _line()
    to_kernels, kernels = _line()
    with commands, kernels:
        servers = [
            _start("commands", commands, to_kernels),
            _start("kernels", kernels),
        ]

    def end() -> None:
        to_commands.close()
        to_kernels.close()
        for server in servers:
            server.wait()

    atexit.register(end)
    return to_commands, to_kernels


def _start(what: str, asked: socket.socket, *others: socket.socket) -> "subprocess.Popen[bytes]":
    passed = [other.fileno() for other in others]
    command = [sys.executable, __file__, what, *map(str, passed)]
    return subprocess.Popen(command, stdin=asked.fileno(), stdout=subprocess.DEVNULL, pass_fds=passed)


def _line() -> tuple[socket.socket, socket.socket]:
    """A line on which each message arrives whole, whichever process sends it."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _ask(
    control: socket.socket,
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    printing: Sequence[int],
) -> Fork:
    asked = json.dumps([[str(word) for word in command], str(folder), dict(environment)]).encode()
    told, tells = os.pipe()
    socket.send_fds(control, [asked], [*printing, tells])
    os.close(tells)
    return Fork(told)


# --- in the processes that fork ---------------------------------------------------------------------------------------


def know_alembic_version() -> None:
    """Tell nbgrader, in this process, what it asks a program of a second and a half for at each new gradebook.

    It is the same each time: the name of the latest layout of the tables, of the nbgrader that is installed.
    """
    import nbgrader.api
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    head = ScriptDirectory(ALEMBIC_DIR).get_current_head()
    nbgrader.api.get_alembic_version = lambda: head


def _prepare_commands(kernels: int) -> dict[str, Callable[[], object]]:
    """Import what commands need; each command's main function."""
    import nbgrader.api
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    for module in _FOR_COMMANDS:
        import_module(module)
    entries = [entry for entry in entry_points(group="console_scripts") if entry.name in COMMANDS]
    know_alembic_version()
    # A command opens its gradebook ten times for each submission, and would prepare its statements again each time.
    nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)
    # What is written outlives a killed process without it, and no test stops the machine.
    event.listen(Engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    _fork_kernels(socket.socket(fileno=kernels))
    return {entry.name: entry.load() for entry in entries}


def _fork_kernels(control: socket.socket) -> None:
    """Have this process, and its forks, start Python's kernels in forks too."""
    provisioner: Any = import_module("jupyter_client.provisioning.local_provisioner")

    def launch(command: list[str], *, env: dict[str, str], cwd: str | None = None, **others: Any) -> object:
        if command[1:3] != ["-m", "ipykernel_launcher"] or others:
            return by_itself(command, env=env, cwd=cwd, **others)
        return _ask(control, ["kernel", *command[3:]], Path(cwd or Path.cwd()), env, [1, 2])

    by_itself = provisioner.launch_kernel
    provisioner.launch_kernel = launch


def _prepare_kernels() -> dict[str, Callable[[], object]]:
    """Import what kernels need; what a kernel does."""
    from ipykernel.kernelapp import launch_new_instance

    for module in _FOR_KERNELS:
        import_module(module)

    def kernel() -> None:
        # It ends when its parent does, by this number; its parent ends when no process can ask for kernels.
        os.environ["JPY_PARENT_PID"] = str(os.getppid())
        if os.environ.get("PYTHONSAFEPATH"):
            sys.argv.append("--InteractiveShellApp.ignore_cwd=True")
        launch_new_instance()

    return {"kernel": kernel}


class _Server:
    """Forks for each command that is asked for, and tells how each one ended."""

    def __init__(self, control: socket.socket, prepare: Callable[[], dict[str, Callable[[], object]]]) -> None:
        self._control, self._prepare = control, prepare
        self._mains: dict[str, Callable[[], object]] = {}
        self._awake, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        #: Where the exit code of each running command is awaited, by its process.
        self._awaited: dict[int, int] = {}

    def serve(self) -> None:
        """Until whoever asks is gone; what is needed is imported when it is first asked for."""
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
                    os.write(awaited, f"{os.waitstatus_to_exitcode(status)}\n".encode())
                os.close(awaited)

    def _fork(self) -> bool:
        asked, files, _, _ = socket.recv_fds(self._control, _LONGEST, 3)
        if not asked:
            return False
        if not self._mains:
            self._mains = self._prepare()
            # No fork looks for garbage among what they share.
            gc.freeze()
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
        for file in (nothing, *printing, self._awake, self._wake, *self._awaited.values()):
            os.close(file)
        self._control.close()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv[:] = [str(BIN / command[0]), *command[1:]]
        # Processes that the command starts import its main module again, when there is a file of that name.
        sys.modules["__main__"] = types.ModuleType("__main__")
        main = self._mains[command[0]]
        # As Jupyter starts kernels: a signal to its group is for it alone.
        os.setsid()
        os.write(awaited, f"{os.getpid()}\n".encode())
        os.close(awaited)
        sys.exit(main())  # type: ignore[arg-type]  # as installed commands do


def _main(what: str, *arguments: str) -> None:
    # A command finds the modules that it finds when it is run by itself.
    sys.path[0] = str(BIN)
    control = socket.socket(fileno=os.dup(0))
    prepare = _prepare_kernels if what == "kernels" else functools.partial(_prepare_commands, *map(int, arguments))
    _Server(control, prepare).serve()


if __name__ == "__main__":
    _main(*sys.argv[1:])
