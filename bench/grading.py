"""What grading in volume costs, beside nbgrader's own autograde and beside the least that the same work could cost.

Prints one JSON line:

``{"bench": "grading", "learners", "jobs", "per_s", "cpu_s_each", "kernel_cpu_s_each", "ratio", "limit_ratio",
"peak_mib", "same_scores", …}``

`per_s` are submissions graded in a second of wall time, `cpu_s_each` the CPU seconds of a submission, of the command
and all its processes, files included, and `user_cpu_s_each` those outside of the system. `limit_ratio` is `cpu_s_each`
beside bare Python and sqlite3 that read the same bytes, write the same bytes and insert the same rows. `peak_mib` is
the most that all processes held at once (PSS, sampled). The start of each command, graded on one learner's work first,
is left out of all of these and given in `startup_cpu_s`.
Making the same five files costs ext4 0.1 to 4 ms of the system's CPU (seen 2026-11-22), by what was made and deleted
there before: `--keep` deletes nothing, and the user's part says more of grading than the sum.

With `--peers`, the same submissions go through `nbgrader autograde` too, without a kernel (`autograde_cpu_s_each`) and
with one (`kernel_cpu_s_each`), by this course's configuration: stock nbgrader gives clicked answers 0. Then learners
hand in again, late work loses its points, everything is graded once more, and `same_scores` says whether all rows of
grades, comments, times and penalties, and the exported CSV, are the same both times, cell by cell; differences are
printed. `export_cpu_s` is the export of all, `stock_export_cpu_s` nbgrader's own, and `same_csv` compares their bytes.
`dask_overhead` is what two workers of a local Dask cluster cost in time beside two processes, 0.1 being a tenth more.
`otter_cpu_s_each` is what the least costs that otter-grader, by its command `otter run`, can do: a notebook of one cell
and one test; it needs an environment of its own.

    bench/grading.py --learners N [--jobs N] [--peers] [--export] [--dask] [--otter COMMAND] [--keep FOLDER]
"""

import argparse
import ctypes
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
ASSIGNMENT = "etape-1"
BATCH = 500
OTTER_RUNS = 3

#: Late work is worth nothing: what stands in the gradebook must then be the same too.
LATE = '\nc.LateSubmissionPlugin.penalty_method = "zero"\n'

#: What identifies a row, and what it says; generated ids are left out.
TABLES = {
    "submitted_assignment": "SELECT submission.student_id, assignment.name, submission.timestamp, submission.extension"
    " FROM submitted_assignment AS submission JOIN assignment ON assignment.id = submission.assignment_id",
    "submitted_notebook": "SELECT submission.student_id, notebook.name, document.late_submission_penalty"
    " FROM submitted_notebook AS document JOIN submitted_assignment AS submission"
    " ON submission.id = document.assignment_id JOIN notebook ON notebook.id = document.notebook_id",
    "grade": "SELECT submission.student_id, cell.name, grade.auto_score, grade.manual_score, grade.extra_credit,"
    " grade.needs_manual_grade FROM grade JOIN base_cell AS cell ON cell.id = grade.cell_id"
    " JOIN submitted_notebook AS document ON document.id = grade.notebook_id"
    " JOIN submitted_assignment AS submission ON submission.id = document.assignment_id",
    "comment": "SELECT submission.student_id, cell.name, comment.auto_comment, comment.manual_comment FROM comment"
    " JOIN base_cell AS cell ON cell.id = comment.cell_id"
    " JOIN submitted_notebook AS document ON document.id = comment.notebook_id"
    " JOIN submitted_assignment AS submission ON submission.id = document.assignment_id",
}


# --- what a command costs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall and CPU seconds of a command and of all that it started, and the most MiB that they held at once.

    `user` are the CPU seconds outside of the system: what is left, on a quiet machine, is making and reading files.
    """

    wall: float
    cpu: float
    user: float
    peak_mib: float
    printed: str


def cost(command: list[str], folder: Path, *, fails: bool = False) -> Spent:
    """Run a command, wait for everything that it started, and say what it cost."""
    _adopt_orphans()
    others = _children()
    (cpu, user), begun = _children_cpu(), time.perf_counter()
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "JUPYTER_PLATFORM_DIRS": "0"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with _Peak(process.pid) as peak:
        printed = process.communicate()[0]
    wall = time.perf_counter() - begun
    # Processes whose parent has ended are ours now, and cost CPU as well.
    while started := _children() - others:
        for pid in started:
            os.waitpid(pid, 0)
    if (process.returncode != 0) != fails:
        sys.exit(f"{' '.join(command)}\n{printed}")
    all_cpu, all_user = _children_cpu()
    return Spent(wall, all_cpu - cpu, all_user - user, peak.mib, printed)


def _adopt_orphans() -> None:
    set_child_subreaper = 36
    ctypes.CDLL(None, use_errno=True).prctl(set_child_subreaper, 1, 0, 0, 0)


def _children() -> set[int]:
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def _children_cpu() -> tuple[float, float]:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_utime


class _Peak:
    """Looks at a process and its descendants several times a second; shared pages count once."""

    def __init__(self, pid: int) -> None:
        self._pid, self._ended, self.mib = pid, threading.Event(), 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "_Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.25):
            self.mib = max(self.mib, sum(map(_pss, _tree(self._pid))) / 1024)


def _tree(root: int) -> Iterator[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        parents.setdefault(parent, []).append(int(entry.name))
    below = [root]
    while below:
        pid = below.pop()
        yield pid
        below += parents.get(pid, [])


def _pss(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


# --- our way, and the limit -------------------------------------------------------------------------------------------


def make_course(folder: Path, learners: int, jobs: int) -> None:
    """A course of one exercise, with what that many invented learners handed in."""
    options = ["--learners", str(learners), "--assignment", ASSIGNMENT, "--jobs", str(jobs)]
    cost([str(BIN / "reseau-kit"), "demo", str(folder), "--course-root", str(ROOT), *options], ROOT)
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(LATE)


def grade(course: Path, *options: str) -> Spent:
    """Grade in volume."""
    return cost([str(BIN / "reseau-kit"), "grade", "--assignment", ASSIGNMENT, *options], course)


def first_learner(course: Path) -> str:
    """The name of the one whose work is graded alone, first."""
    return min(path.name for path in (course / "submitted").iterdir())


def limit(course: Path, scratch: Path) -> float:
    """CPU seconds to read what was handed in, write what grading left, and insert the rows that it inserted."""
    written = [
        (path.relative_to(course / "autograded"), path.read_bytes())
        for path in islice((course / "autograded").glob(f"*/{ASSIGNMENT}/*"), 200)
    ]
    assert written
    rows: dict[str, list[tuple[Any, ...]]] = {}
    with closing(sqlite3.connect(course / "gradebook.db")) as book:
        schema = [sql for (sql,) in book.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
        for table in ("student", *TABLES):
            rows[table] = book.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  names of ours
    begun = time.process_time()
    folders = 0
    for folder in (course / "submitted").glob(f"*/{ASSIGNMENT}"):
        folders += 1
        for entry in os.scandir(folder):
            if entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb") as file:  # noqa: PTH123  as bare as can be
                    file.read()
    spent = time.process_time() - begun
    for folder in (course / "autograded").glob(f"*/{ASSIGNMENT}"):
        # A folder of each learner, and one of the assignment in it, as grading leaves them.
        target = f"{scratch}/{folder.parent.name}/{ASSIGNMENT}"
        content = [(entry.name, Path(entry.path).read_bytes()) for entry in os.scandir(folder)]
        begun = time.process_time()
        os.makedirs(target)  # noqa: PTH103
        for name, data in content:
            with open(f"{target}/{name}", "xb", buffering=0) as file:  # noqa: PTH123
                file.write(data)
        spent += time.process_time() - begun
    with closing(sqlite3.connect(scratch / "limit.db", isolation_level=None)) as book:
        for sql in schema:
            book.execute(sql)
        begun = time.process_time()
        for table, those in rows.items():
            for place in range(0, len(those), BATCH):
                part = those[place : place + BATCH]
                book.execute("BEGIN")
                marks = ", ".join("?" * len(part[0]))
                book.executemany(f"INSERT INTO {table} VALUES ({marks})", part)  # noqa: S608  names of ours
                book.execute("COMMIT")
        spent += time.process_time() - begun
    return spent / folders


# --- the peers --------------------------------------------------------------------------------------------------------


def autograde(course: Path, *options: str) -> Spent:
    """Grade by nbgrader's own command; it says so, and fails, where it refused a submission."""
    command = [str(BIN / "nbgrader"), "autograde", ASSIGNMENT, *options]
    return cost(["sh", "-c", '"$@" || test $? -eq 1', "sh", *command], course)


def csv_of(course: Path, *, stock: bool) -> tuple[bytes, Spent]:
    """What `nbgrader export` writes, by our exporter or by its own, and what it cost."""
    target = course / ("stock.csv" if stock else "notes.csv")
    exporter = ["--exporter=nbgrader.plugins.export.CsvExportPlugin"] if stock else []
    spent = cost([str(BIN / "nbgrader"), "export", f"--to={target}", *exporter], course)
    return target.read_bytes(), spent


def differences(one: Path, other: Path) -> Iterator[str]:
    """Where two gradebooks say otherwise, row by row."""
    for table, query in TABLES.items():
        with closing(sqlite3.connect(one / "gradebook.db")) as a, closing(sqlite3.connect(other / "gradebook.db")) as b:
            ordered = f"{query} ORDER BY 1, 2"
            for left, right in zip_longest(a.execute(ordered), b.execute(ordered)):
                if left != right:
                    yield f"{table}: {left} / {right}"


def resubmit(course: Path) -> None:
    """Some learners hand in again."""
    cost([str(BIN / "reseau-kit"), "demo", "--resubmit", str(course)], ROOT)


def beside_peers(course: Path, folder: Path, count: int) -> tuple[dict[str, Any], list[str]]:
    """Grade the same submissions by autograde without a kernel and with one; the figures, and where rows differ.

    Our own course is graded once here already; after a second hand-in of some, all three are graded again.
    """
    others = {name: folder / name for name in ("autograde", "kernel")}
    figures: dict[str, Any] = {}
    first = first_learner(course)
    for name, other in others.items():
        # As it was before anything was graded.
        make_course(other, count, 2)
        if name == "kernel":
            with (other / "nbgrader_config.py").open("a", encoding="utf-8") as config:
                config.write("\nconfigure(c, kernel=True)\n")
        start = autograde(other, f"--student={first}")
        spent = autograde(other)
        figures[f"{name}_cpu_s_each"] = round((spent.cpu - start.cpu) / (count - 1), 4)
        figures[f"{name}_per_s"] = round((count - 1) / (spent.wall - start.wall), 2)
        figures[f"{name}_peak_mib"] = round(spent.peak_mib)
    said = [f"first run, {name}: {what}" for name, other in others.items() for what in differences(course, other)]
    for each in (course, *others.values()):
        resubmit(each)
    grade(course)
    for name, other in others.items():
        autograde(other)
        said += [f"second run, {name}: {what}" for what in differences(course, other)]
        if csv_of(course, stock=False)[0] != csv_of(other, stock=True)[0]:
            said.append(f"second run, {name}: the exported CSV")
    return figures, said


def otter(command: str, folder: Path) -> float:
    """CPU seconds of otter-grader for the least it can grade: a notebook of one cell, with one test."""
    (folder / "out").mkdir(parents=True)
    case = '[{"code": ">>> assert abs(reponse - 63.3) <= 1"}]'
    test = f'OK_FORMAT = True\ntest = {{"name": "q1", "points": 10, "suites": [{{"cases": {case}}}]}}\n'
    with zipfile.ZipFile(folder / "autograder.zip", "w") as made:
        made.writestr("tests/q1.py", test)
        made.writestr("otter_config.json", '{"lang": "python"}')
    cell = {"cell_type": "code", "metadata": {}, "source": "reponse = 63.3", "outputs": [], "execution_count": None}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (folder / "rendu.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    run = [command, "run", "-a", "autograder.zip", "-o", "out", "rendu.ipynb"]
    costs = [cost(run, folder).cpu for _ in range(OTTER_RUNS)]
    assert '"score": 10.0' in (folder / "out" / "results.json").read_text(encoding="utf-8")
    return statistics.median(costs)


# --- Dask -------------------------------------------------------------------------------------------------------------


def on_dask(course: Path) -> float:
    """Wall seconds to grade everything anew on two workers of a local cluster, the start of the command included."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        grade(course, "--force", f"--student={first_learner(course)}", "--scheduler", cluster.scheduler_address)
        begun = time.perf_counter()
        grade(course, "--force", "--scheduler", cluster.scheduler_address)
        return time.perf_counter() - begun


# --- all together -----------------------------------------------------------------------------------------------------


def measure(options: argparse.Namespace, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The figures, and where rows differ."""
    course, count = folder / "cours", options.learners
    make_course(course, count, options.jobs)
    jobs = ["--jobs", str(options.jobs)]
    start = grade(course, f"--student={first_learner(course)}", *jobs)
    spent = grade(course, *jobs)
    each = (spent.cpu - start.cpu) / (count - 1)
    (folder / "limite").mkdir()
    least = limit(course, folder / "limite")
    if not options.keep:
        shutil.rmtree(folder / "limite")
    figures: dict[str, Any] = {
        "bench": "grading",
        "learners": count,
        "jobs": options.jobs,
        "per_s": round((count - 1) / (spent.wall - start.wall)),
        "cpu_s_each": round(each, 5),
        "user_cpu_s_each": round((spent.user - start.user) / (count - 1), 5),
        "kernel_cpu_s_each": None,
        "ratio": None,
        "limit_ratio": round(each / least, 2),
        "peak_mib": round(spent.peak_mib),
        "same_scores": None,
        "wall_s": round(spent.wall, 1),
        "startup_cpu_s": round(start.cpu, 2),
        "limit_cpu_s_each": round(least, 5),
        "load": [round(load, 1) for load in os.getloadavg()],
    }
    said: list[str] = []
    if options.export:
        ours, cost_of_ours = csv_of(course, stock=False)
        cost([str(BIN / "reseau-kit"), "index"], course)
        theirs, cost_of_theirs = csv_of(course, stock=True)
        figures |= {
            "export_cpu_s": round(cost_of_ours.cpu, 1),
            "export_peak_mib": round(cost_of_ours.peak_mib),
            "stock_export_cpu_s": round(cost_of_theirs.cpu, 1),
            "same_csv": ours == theirs,
        }
    if options.dask:
        again = grade(course, "--force", *jobs)
        figures["dask_overhead"] = round(on_dask(course) / again.wall - 1, 3)
    if options.peers:
        beside, said = beside_peers(course, folder, count)
        figures |= beside
        figures["ratio"] = round(figures["kernel_cpu_s_each"] / each)
        figures["same_scores"] = not said
    if options.otter:
        figures["otter_cpu_s_each"] = round(otter(options.otter, folder / "otter"), 2)
    return figures, said


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peers", action="store_true", help="beside nbgrader autograde, without a kernel and with one")
    parser.add_argument("--export", action="store_true", help="beside nbgrader's own export, with the indexes")
    parser.add_argument("--dask", action="store_true", help="beside two workers of a local Dask cluster")
    parser.add_argument("--otter", default="", metavar="COMMAND", help="beside this command of otter-grader's")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make everything there, and leave it there")
    options = parser.parse_args()
    if options.learners < 2:
        parser.error("two learners at least: the first one's work is the start")
    if options.keep:
        options.keep.mkdir(parents=True)
        figures, said = measure(options, options.keep.resolve())
    else:
        with tempfile.TemporaryDirectory() as folder:
            figures, said = measure(options, Path(folder).resolve())
    print(json.dumps(figures))
    if said:
        print("\n".join(said[:50]), file=sys.stderr)
    sys.exit(bool(said))


if __name__ == "__main__":
    main()
