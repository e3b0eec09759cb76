"""Processes for chunks of work: how many, how they start, and how they end with the command that started them."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def usable_cores() -> int:
    """How many processes this machine runs at once for us."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class CannotWork(RuntimeError):
    """This process can grade nothing as things stand. The message, in French, says why."""


def pool(jobs: int, module: str = __name__) -> ProcessPoolExecutor:
    """Processes that leave Ctrl-C to the command that started them, and end when it ends, however it ends.

    `module` is what they run.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        # Read once, then shared by every process.
        context.set_forkserver_preload([module])
        return ProcessPoolExecutor(jobs, context, initializer=_begin)
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_begin)


def share(folder: Path) -> None:
    """Let the group write in a folder, as nbgrader's setting `groupshared` says.

    Raises:
        OSError: the folder is somebody else's.
    """
    folder.chmod((folder.stat().st_mode | 0o2770) & 0o2777)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Without this, a process whose parent was killed would wait for work for ever."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
