"""What autograding costs without and with a kernel, on the same submissions, and whether the scores are the same.

Prints one JSON line. CPU seconds of this process and its children, the command's start-up left out of both.
"""

import argparse
import json
import logging
import os
import resource
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from submissions import ASSIGNMENT, KINDS, course, grades, submit

ROUNDS = 3


def cpu_seconds() -> float:
    """CPU time spent so far by this process and by its children that have ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class Desk:
    """A trainer's course in this process, graded in one way."""

    def __init__(self, folder: Path, *, kernel: bool) -> None:
        self.folder = course(folder, kernel=kernel)
        self.log: list[str] = []
        os.chdir(self.folder)
        from nbgrader.apps import NbGraderAPI
        from nbgrader.apps.baseapp import NbGrader

        app = NbGrader()
        app.load_config_file()
        self.api = NbGraderAPI(config=app.config)
        for log in (app.log, self.api.log):
            log.setLevel(logging.ERROR)
        done = self.api.generate_assignment(ASSIGNMENT)
        assert done["success"], done

    def grade(self, student: str) -> float:
        """Autograde one submission; the CPU seconds it took."""
        os.chdir(self.folder)
        before = cpu_seconds()
        done = self.api.autograde(ASSIGNMENT, student)
        spent = cpu_seconds() - before
        assert done["success"], done
        self.log.append(done.get("log", ""))
        return spent


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing on stderr, which every kernel writes to, but a failure's own words."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


def measure(count: int, folder: Path) -> tuple[dict[str, object], str]:
    """Grade `count` submissions by both doors in turn, several times over; and what was said if the scores differ."""
    door_a, kernel = Desk(folder / "a", kernel=False), Desk(folder / "b", kernel=True)
    students = [f"{place:03d}-{kind}" for place, kind in enumerate(islice(cycle(KINDS), count))]
    for student in students:
        submitted = submit(door_a.folder, student, student.split("-", 1)[1])
        shutil.copytree(submitted, kernel.folder / submitted.relative_to(door_a.folder))
    for desk in (door_a, kernel):
        desk.grade(students[0])  # what is loaded at first use is start-up
    spent = {door_a: 0.0, kernel: 0.0}
    for turn in range(ROUNDS):
        for place, student in enumerate(students):
            order = (door_a, kernel) if (place + turn) % 2 else (kernel, door_a)
            for desk in order:
                spent[desk] += desk.grade(student)
    same = grades(door_a.folder) == grades(kernel.folder)
    each = {desk: seconds / (count * ROUNDS) for desk, seconds in spent.items()}
    figures = {
        "bench": "autograde",
        "submissions": count,
        "door_a_cpu_s_each": round(each[door_a], 4),
        "kernel_cpu_s_each": round(each[kernel], 4),
        "ratio": round(each[kernel] / each[door_a], 2),
        "same_scores": same,
    }
    return figures, "" if same else "\n".join(filter(None, door_a.log + kernel.log))


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=12)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with quiet():
                figures, said = measure(max(1, arguments.submissions), Path(folder).resolve())
        finally:
            os.chdir("/")
    print(json.dumps(figures))
    sys.exit(None if figures["same_scores"] else said or 1)


if __name__ == "__main__":
    main()
