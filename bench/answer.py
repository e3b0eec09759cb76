"""How long a learner waits: for the first activity, and for « Enregistré ».

Prints one JSON line:

``{"bench": "answer", "import_ms", "ipywidgets_import_ms", "p50_ms", "p99_ms"}``

`import_ms` is the wall time of a cold process from `import reseau_kit` to the first activity ready to show, less that
of an empty process; `ipywidgets_import_ms` the same for `import ipywidgets` and one widget. They take turns, and each
is the median of its runs. `p50_ms` and `p99_ms` are of one answer as the widget handles it: stored, fsync, read back,
checked, feedback ready.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reseau_kit.activities.loading import load_activities
from reseau_kit.answers import notebooks
from reseau_kit.answers.journal import now
from reseau_kit.learner.activity import ActivityPanel, activite

ROOT = Path(__file__).parent.parent
OURS = 'from reseau_kit import activite; activite("E1-A6")._repr_mimebundle_()'
THEIRS = "import ipywidgets; ipywidgets.RadioButtons(options=['a', 'b'])._repr_mimebundle_()"


def make_step(folder: Path) -> None:
    """A learner's step 1, as released."""
    source = ROOT / "exercises" / "etape-1"
    notebook = notebooks.load(source / "etape-1.ipynb")
    notebooks.release(notebook, load_activities(source / "activites.toml"))
    notebooks.save(folder / "etape-1.ipynb", notebook)


def cold_ms(code: str, folder: Path) -> float:
    """Milliseconds that a new Python takes to run the code there."""
    # As installed: compiled once. ipywidgets was compiled by pip, our own modules by the first round.
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True, env=compiled)
    return 1000 * (time.perf_counter() - begun)


def start_up(folder: Path, runs: int) -> tuple[float, float]:
    """Median milliseconds of ours and of plain ipywidgets, an empty Python taken off, the three taking turns."""
    times: dict[str, list[float]] = {code: [] for code in (OURS, THEIRS, "pass")}
    for run in range(runs + 1):
        for code, taken in times.items():
            ms = cold_ms(code, folder)
            if run:  # the first round fills the caches
                taken.append(ms)
    empty = statistics.median(times["pass"])
    return statistics.median(times[OURS]) - empty, statistics.median(times[THEIRS]) - empty


def answer_ms(panel: ActivityPanel, answers: int) -> list[float]:
    """Milliseconds of each answer, drafts and attempts in turn, on one journal that grows."""
    taken = []
    for number in range(answers):
        event = {
            "v": 1,
            "id": f"{number:016x}",
            "origin": panel.state["origin"] or "c" * 16,
            "seq": panel.state["lastSeq"] + 1,
            "activity": "E1-A6",
            "version": 1,
            "kind": "attempt" if number % 10 == 0 else "draft",
            "value": str(number),
            "at": now(),
            "context": {},
        }
        begun = time.perf_counter()
        panel._receive(panel, {"type": "event", "event": event}, [])  # noqa: SLF001  what the page's message calls
        taken.append(1000 * (time.perf_counter() - begun))
    assert len(panel.folder.journal.read().events) == answers
    return sorted(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=500)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_step(folder)
        ours, theirs = start_up(folder, options.runs)
        os.chdir(folder)
        panel = activite("E1-A6")
        assert isinstance(panel, ActivityPanel)
        taken = answer_ms(panel, options.answers)
        os.chdir(ROOT)
    figures = {
        "bench": "answer",
        "import_ms": round(ours),
        "ipywidgets_import_ms": round(theirs),
        "p50_ms": round(taken[len(taken) // 2], 2),
        "p99_ms": round(taken[int(len(taken) * 0.99)], 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
