"""Files named like modules, where a command is run: none of them is taken for the module.

`test_strangers_browser.py` has the same of a kernel, beside a notebook.
"""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from conftest import ROOT
from forked import BIN
from reseau_kit.workspace import safe_environment
from strangers import put_shadows, ran

SMALL = ROOT / "tests" / "petit-cours"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder full of them."""
    put_shadows(tmp_path / "ici", tmp_path / "trace")
    return tmp_path / "ici"


def run(here: Path, *command: str | Path, **variables: str) -> str:
    """Run a command there, with nobody's own settings; what it says."""
    own = {name: str(here.parent / name.lower()) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=here, env={**plain, **own, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_such_a_file_would_run(here: Path) -> None:
    """The proof is worth something: Python's own ways of starting take it for the module."""
    subprocess.run([sys.executable, "-c", "import json"], cwd=here, env={"PATH": os.environ["PATH"]}, check=False)
    assert "json" in ran(here.parent / "trace")


@pytest.mark.slow
def test_commands_run_no_file_of_the_folder_that_they_are_run_in(here: Path) -> None:
    """Nor do the processes that they start."""
    kit, course = BIN / "reseau-kit", here.parent / "cours"
    run(here, kit, "demo", course, "--learners", "4", "--jobs", "2", "--course-root", SMALL)
    run(here, kit, "check", SMALL)
    assert "Notées" in run(here, kit, "grade", "--jobs", "2", "--course-root", course)
    run(here, kit, "feedback", "--jobs", "2", "--course-root", course)
    assert ran(here.parent / "trace") == ""


def test_opening_runs_no_file_of_the_folder_that_it_is_run_in(here: Path) -> None:
    """JupyterLab itself is a module, which Python is told to run."""
    workspace = here.parent / "mon-cours"
    said = run(here, BIN / "reseau-kit", "open", "--course-root", SMALL, "--workspace", workspace, "--version")
    assert said.splitlines()[-1].startswith("4.")
    assert ran(here.parent / "trace") == ""


def test_binder_runs_no_file_of_the_learners_folder(here: Path) -> None:
    put_shadows(here / "mon-cours", here.parent / "trace")
    path = os.pathsep.join([str(BIN), os.environ["PATH"]])
    said = run(here, "bash", ROOT / "binder/start", "python", "-c", "import json; print(json.dumps(1))", PATH=path)
    assert said == "1\n"
    assert ran(here.parent / "trace") == ""


def test_no_place_where_python_looks_moves_with_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stray colon in PYTHONPATH means the folder of whoever starts, and a relative place is below it."""
    monkeypatch.chdir(tmp_path)
    given = os.pathsep.join(["", "outils", str(tmp_path / "a"), ""])
    safe = safe_environment({"PYTHONPATH": given, "PATH": "x"})
    assert safe["PYTHONPATH"] == os.pathsep.join([str(tmp_path / "outils"), str(tmp_path / "a")])
    assert (safe["PYTHONSAFEPATH"], safe["PATH"]) == ("1", "x")
    (tmp_path / "json.py").write_text("raise SystemExit('ombre')", encoding="utf-8")
    for command in (["-c", "import json"], ["-m", "json.tool", "--help"]):
        python = Path(shutil.which(sys.executable) or sys.executable)
        done = subprocess.run([python, *command], env=safe_environment(os.environ), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_settings_of_matplotlib_beside_a_notebook_change_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads `matplotlibrc` where it is started, which can have LaTeX run; the charter is drawn on opening."""
    from matplotlib import rc_context

    from reseau_kit.answers.logbook import Logbook
    from reseau_kit.learner.charter import make_charter
    from reseau_kit.learner.charter_picture import to_picture

    charter = make_charter(Logbook((), (), (), {}), date(2026, 11, 22))
    meant = to_picture(charter, "png")
    latex, trace = tmp_path / "bin" / "latex", tmp_path / "trace"
    latex.parent.mkdir()
    latex.write_text(f"#!/bin/sh\necho latex >> {trace}\nexit 1\n", encoding="utf-8")
    latex.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(latex.parent), os.environ["PATH"]]))
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.size: 40\n", encoding="utf-8")
    with rc_context(fname=tmp_path / "matplotlibrc"):
        assert to_picture(charter, "png") == meant
    assert ran(trace) == ""
