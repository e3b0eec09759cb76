"""A PostgreSQL server of one's own, which lives as long as the tests: no network, no password, nothing to set up."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

_USER = "nbgrader"


@dataclass(frozen=True)
class Server:
    """A running server, reached by a socket in its folder."""

    folder: Path

    def new_address(self) -> str:
        """An address for nbgrader's `db_url`, at which there is nothing yet.

        A schema of its own, which costs thousandths of a second where a database costs seven megabytes.
        """
        name = f"d{secrets.token_hex(6)}"
        with closing(psycopg2.connect(host=str(self.folder), user=_USER, dbname="postgres")) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"CREATE SCHEMA {name}")
        return f"postgresql+psycopg2://{_USER}@/postgres?host={self.folder}&options=-csearch_path%3D{name}"


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs, which Debian keeps out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    there = shutil.which("initdb")
    return found[-1].parent if found else Path(there).resolve().parent if there else None


@contextmanager
def running_server(programs: Path) -> Iterator[Server]:
    """A server on a fresh folder, that is removed with it."""
    folder = Path(tempfile.mkdtemp(prefix="rk-pg-"))  # short: it names a socket
    # PostgreSQL refuses to be run by root.
    someone: dict[str, Any] = {"cwd": folder}
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        someone |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    data, log = folder / "data", folder / "log"
    make = f"{programs}/initdb -D {data} -A trust -U {_USER} -E UTF8 --locale=C.UTF-8 --no-sync".split()
    start = f"{programs}/postgres -D {data} -k {folder} -c listen_addresses= -c fsync=off".split()
    try:
        subprocess.run(make, check=True, capture_output=True, **someone)
        with log.open("wb") as output:
            process = subprocess.Popen(start, stdout=output, stderr=output, **someone)
        try:
            _wait_for(folder, process, log)
            yield Server(folder)
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing has to last
            process.wait(30)
    finally:
        shutil.rmtree(folder)


def _wait_for(folder: Path, process: "subprocess.Popen[bytes]", log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            psycopg2.connect(host=str(folder), user=_USER, dbname="postgres").close()
        except psycopg2.OperationalError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")
