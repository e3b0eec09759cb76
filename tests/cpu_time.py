"""What each test costs in seconds of CPU, its browser, servers and commands included, written to a page by families.

Wall time depends on who else uses the machine; CPU time does so much less.
"""

import os
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

_TICKS = os.sysconf("SC_CLK_TCK")
_SLOWEST = 30

#: The families, each with the fixtures by which a test belongs to it: the first that fits.
_FAMILIES = {
    "JupyterLab in a browser": {"lab", "learner", "shared_lab", "student", "desk", "formgrader"},
    "a plain page in a browser": {"browser", "page", "plain_learner", "plain_student"},
    "nbgrader's commands, PostgreSQL": {"autograded_golden", "nbgrader", "postgresql"},
}


def cpu_seconds() -> float:
    """The CPU time of this process and of all that it started, whether they are still there or were waited for."""
    spent: dict[int, tuple[int, int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("latin-1").rpartition(")")[2].split()
        except OSError:  # it ended
            continue
        spent[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    ours = {os.getpid()}
    for process in sorted(spent):  # a process is younger than its parent, and its number greater, until numbers wrap
        if spent[process][0] in ours:
            ours.add(process)
    return sum(spent[process][1] for process in ours if process in spent) / _TICKS


class CpuTime:
    """In each process that runs tests: notes what every phase cost; in the one that reports: sums and writes."""

    def __init__(self, page: Path) -> None:
        self.page = page
        self.costs: dict[str, dict[str, float]] = defaultdict(dict)
        self.families: dict[str, str] = {}
        self._before = 0.0
        #: What measuring costs is nobody's.
        self._measuring = 0.0

    def _now(self) -> float:
        begun = time.process_time()
        spent = cpu_seconds()
        self._measuring += time.process_time() - begun
        return spent - self._measuring

    def pytest_runtestloop(self) -> None:
        self._before = self._now()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        report = yield
        now = self._now()
        # Of a browser that is closed, some processes are waited for by nobody: their time is gone from the sum.
        report.cpu, self._before = max(0.0, now - self._before), now
        report.family = _family(item)
        return report

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.costs[report.nodeid][report.when] = getattr(report, "cpu", 0.0)  # a worker that died gives none
        self.families[report.nodeid] = report.family

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if not hasattr(config, "workerinput"):
            self.page.write_text(self._written(), encoding="utf-8")
            terminalreporter.write_line(f"CPU time by families and the slowest tests: {self.page}")

    def _written(self) -> str:
        rows: list[tuple[float, str, str]] = []
        families: dict[str, list[float]] = defaultdict(list)
        files: dict[str, list[float]] = defaultdict(list)
        for test, phases in self.costs.items():
            families[self.families[test]].append(sum(phases.values()))
            files[test.partition("::")[0]].append(sum(phases.values()))
            rows += [(cost, phase, test) for phase, cost in phases.items()]
        total = sum(map(sum, families.values()))
        lines = [
            "# What the tests cost",
            "",
            f"CPU seconds, those of browsers, servers and commands included, on {date.today()}:",  # noqa: DTZ011  here
            f"{len(self.costs):,} tests, {total:,.0f} s.",
            "Set-up of what several tests share counts for the first of them. Written by",
            '`make test ARGS="--cpu-time=tests/cpu_time.md"`.',
            "",
            *_table("family", families),
            "",
            *_table("file", files, most=25),
            "",
            "| CPU s | | test |",
            "|---:|---|---|",
            *(f"| {cost:.1f} | {phase} | `{test}` |" for cost, phase, test in sorted(rows, reverse=True)[:_SLOWEST]),
        ]
        return "\n".join(lines) + "\n"


def _table(what: str, costs: dict[str, list[float]], most: int | None = None) -> Iterator[str]:
    yield f"| {what} | tests | CPU s |"
    yield "|---|---:|---:|"
    for name, each in sorted(costs.items(), key=lambda cost: -sum(cost[1]))[:most]:
        yield f"| {name} | {len(each):,} | {sum(each):,.0f} |"


def _family(item: pytest.Item) -> str:
    needed = {*getattr(item, "fixturenames", ())}
    found = (family for family, fixtures in _FAMILIES.items() if fixtures & needed)
    return next(found, "Python alone")
