"""Runs chunks of work in processes: their number, their start, the loss of a process, and their end.

Processes end with the command that started them, however it ends. Knows nothing of the work.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from itertools import islice
from pathlib import Path
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def usable_cores() -> int:
    """Return the number of processes that may run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class CannotWork(RuntimeError):
    """No work can be done. The message, a French sentence without its full stop, says why."""


def pool(jobs: int, module: str) -> ProcessPoolExecutor:
    """Start a pool of processes that ignore Ctrl-C and end with the command that started them, however it ends.

    `module` contains the work: it is imported once and then shared by all processes.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([module])
        return ProcessPoolExecutor(jobs, context, initializer=_begin)
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_begin)


class Chunks(Generic[Item, Result]):
    """Sends chunks of items to processes, a few chunks ahead, and yields the results.

    A process that dies also loses the tasks of the other processes. Each of these chunks is retried alone, and if it
    fails again, each of its items: only the item that kills its process has no result.

    `work` and its arguments are pickled; `killed` returns the result for an item that kills its process. `executor` may
    be any executor whose workers can import this package, and stays open; without one, `jobs` processes of this machine
    work.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Result]],
        killed: Callable[[Item], Result],
        *,
        module: str,
        jobs: int,
        executor: Executor | None = None,
    ) -> None:
        self._work, self._killed, self._module = work, killed, module
        self._jobs = max(jobs, 1)
        self._ours = executor is None
        self._executor = executor or pool(self._jobs, module)
        self._broken = False

    def close(self) -> None:
        """Stop the processes started here, once their current tasks are done."""
        if self._ours:
            self._executor.shutdown(cancel_futures=True)

    def run(
        self, items: Iterable[Item], size: int, *, ahead: int, stopping: threading.Event | None = None
    ) -> Iterator[Sequence[Result]]:
        """Yield results in any order, with `size` items per task and `ahead` tasks per process.

        Ends early once `stopping` is set.

        Raises:
            CannotWork: the processes are lost or cannot start, or the work itself fails.
        """
        stopping = stopping or threading.Event()
        source = iter(items)
        chunks = iter(lambda: list(islice(source, size)), [])
        under_way: dict[Future[Sequence[Result]], Sequence[Item]] = {}
        try:
            while not stopping.is_set():
                lost: list[Sequence[Item]] = []
                while not lost and len(under_way) < self._jobs * ahead and (chunk := next(chunks, None)):
                    if future := self._submit(chunk):
                        under_way[future] = chunk
                    else:
                        lost.append(chunk)
                if not under_way and not lost:
                    return
                # The timeout lets the loop check `stopping`, whatever the processes do.
                done = wait(under_way, timeout=0.5, return_when=FIRST_COMPLETED).done
                yield from self._taken(
                    {future: under_way.pop(future) for future in [*under_way] if future in done}, lost
                )
                if self._broken:
                    everything = under_way.copy()
                    under_way.clear()
                    yield from self._taken(everything, lost)
                    self._renew()
                for each in lost:
                    yield from self._alone(each, stopping)
        finally:
            for future in under_way:
                future.cancel()

    def _submit(self, chunk: Sequence[Item]) -> "Future[Sequence[Result]] | None":
        """Submit a task; return None if the processes are lost."""
        try:
            return self._executor.submit(self._work, chunk)
        except BrokenExecutor:
            self._broken = True
            return None

    def _taken(
        self, finished: Mapping["Future[Sequence[Result]]", Sequence[Item]], lost: list[Sequence[Item]]
    ) -> Iterator[Sequence[Result]]:
        for future, chunk in finished.items():
            results = self._results(future)
            if results is None:
                lost.append(chunk)
            else:
                yield results

    def _results(self, future: "Future[Sequence[Result]]") -> Sequence[Result] | None:
        """Return a task's result, None if its process died."""
        try:
            return future.result()
        except BrokenExecutor:
            self._broken = True
            return None
        except CancelledError as error:
            raise CannotWork("Les processus ne répondent plus") from error
        except CannotWork:
            raise
        except Exception as error:
            if type(error).__name__ == "KilledWorker":  # Dask's, after several processes
                return None
            raise CannotWork(f"Les processus ne peuvent pas travailler ({type(error).__name__} : {error})") from error

    def _alone(self, chunk: Sequence[Item], stopping: threading.Event) -> Iterator[Sequence[Result]]:
        """Run a chunk with no other task in progress, so that a dying process is due to one of its items."""
        future = self._submit(chunk)
        while future and not stopping.is_set() and not wait([future], timeout=0.5).done:
            pass
        if stopping.is_set():
            return
        results = self._results(future) if future else None
        if self._broken:
            self._renew()
        if results is not None:
            yield results
        elif len(chunk) > 1:
            for item in chunk:
                yield from self._alone([item], stopping)
        else:
            yield [self._killed(item) for item in chunk]

    def _renew(self) -> None:
        if not self._ours:
            raise CannotWork("Les processus se sont arrêtés")
        self._executor.shutdown(wait=False)
        self._executor, self._broken = pool(self._jobs, self._module), False
        try:
            self._executor.submit(os.getpid).result()
        except BrokenExecutor as error:
            # Without this check, each item in turn would seem to kill the processes.
            raise CannotWork("Les processus ne démarrent pas") from error


def share(folder: Path) -> None:
    """Let the group write to a folder, as nbgrader's setting `groupshared` requires.

    Raises:
        OSError: the folder belongs to another user.
    """
    folder.chmod((folder.stat().st_mode | 0o2770) & 0o2777)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End the process with its parent: otherwise, after the parent is killed, it would wait for work forever."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
