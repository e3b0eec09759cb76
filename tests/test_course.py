"""The course itself: its notebooks run, hold together with their activities, and are set as French is."""

import io
import json
import os
import re
import subprocess
import sys
import tokenize
from contextlib import chdir
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.notebooks import course_metadata, load
from reseau_kit.learner.activity import ActivityPanel, activite

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted([*ROOT.glob("course/*.ipynb"), *ROOT.glob("exercises/*/*.ipynb")])
ALL_NOTEBOOKS = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

ACTIVITY_CELL = re.compile(r'activite\("([\w-]+)"\)')
#: A space that would leave a lone sign at the start of a line.
LOOSE_SIGN = re.compile(r"[\w»)…%] [;:!?](?:\s|$)|« | »")


def cells(path: Path, kind: str) -> list[dict[str, Any]]:
    return [cell for cell in load(path)["cells"] if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_the_course_begins_with_its_welcome() -> None:
    """What comes after it is told by the steps' own tests."""
    assert NOTEBOOKS[0].stem == "00-bienvenue"


@ALL_NOTEBOOKS
def test_each_activity_of_the_file_stands_in_one_cell(path: Path) -> None:
    activities = load_activities(path.parent / course_metadata(load(path))["source"])
    shown = [match[1] for cell in cells(path, "code") if (match := ACTIVITY_CELL.fullmatch(source(cell)))]
    assert sorted(shown) == sorted(activities.own)


@ALL_NOTEBOOKS
def test_course_cells_can_be_neither_deleted_nor_edited_by_accident(path: Path) -> None:
    """Text and activities, in lessons as in exercises; a cell meant for the learner's own code is left free."""
    for cell in load(path)["cells"]:
        ours = cell["cell_type"] == "markdown" or ACTIVITY_CELL.fullmatch(source(cell))
        if ours:
            assert cell["metadata"]["deletable"] is False, source(cell)
            assert cell["metadata"]["editable"] is False, source(cell)


@ALL_NOTEBOOKS
def test_code_that_a_learner_need_not_see_is_hidden(path: Path) -> None:
    for cell in cells(path, "code"):
        if ACTIVITY_CELL.fullmatch(source(cell)):
            assert cell["metadata"]["jupyter"]["source_hidden"] is True


@ALL_NOTEBOOKS
def test_texts_are_short_and_headings_in_order(path: Path) -> None:
    """At most 120 words a cell and one title; no level of heading is jumped."""
    levels = []
    for cell in cells(path, "markdown"):
        text = source(cell)
        assert len(re.findall(r"[\w’-]+", text)) <= 120, text
        levels += [len(found[1]) for found in re.finditer(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@ALL_NOTEBOOKS
def test_the_first_activity_comes_soon(path: Path) -> None:
    """At most 540 words stand before it: three minutes of reading."""
    words = 0
    for cell in load(path)["cells"]:
        if ACTIVITY_CELL.fullmatch(source(cell)):
            break
        words += len(source(cell).split())
    assert words <= 540


@ALL_NOTEBOOKS
def test_links_lead_somewhere(path: Path) -> None:
    """As they are in the learner's folder, where each step stands in a folder of its own beside the lessons."""
    released = {f"{other.stem}.ipynb" if other.parent.name == "course" else f"{other.parent.name}/{other.name}"
                for other in NOTEBOOKS}  # fmt: skip
    for cell in cells(path, "markdown"):
        for target in re.findall(r"\]\(([^)#]+)\)", source(cell)):
            assert target in released, target


def learners(path: Path, workspace: Path) -> Path:
    """The learner's copy of a notebook."""
    return workspace / path.name if path.parent.name == "course" else workspace / path.parent.name / path.name


@pytest.mark.slow
def test_released_notebooks_run(workspace: Path) -> None:
    """Every cell of what a learner gets."""
    run_by_nbval(*(learners(path, workspace) for path in NOTEBOOKS))


@ALL_NOTEBOOKS
def test_released_activities_are_shown(path: Path, workspace: Path) -> None:
    """Each activity that a learner's notebook holds, in the folder where the learner has it."""
    copy = learners(path, workspace)
    shown = [match[1] for cell in cells(copy, "code") if (match := ACTIVITY_CELL.fullmatch(source(cell)))]
    assert shown
    with chdir(copy.parent):
        notices = [panel.plain for id in shown if not isinstance(panel := activite(id), ActivityPanel)]
    assert not notices


def run_by_nbval(*paths: Path) -> None:
    """In one process, which takes longer to start than a notebook to run; each has a kernel in its own folder."""
    root = Path(os.path.commonpath([path.parent for path in paths]))
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-v", "-p", "no:cacheprovider", "-c", "/dev/null"]
    command += ["--rootdir", str(root), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout[-3000:]
    for path in paths:
        assert f"{path.relative_to(root).with_suffix('').as_posix()}::ipynb::Cell" in done.stdout, (
            f"no cell of {path.name} ran"
        )


# --- typography -------------------------------------------------------------------------------------------------------


def french_texts(path: Path) -> list[str]:
    """What a learner or a trainer reads of that file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        texts = [re.sub(r"`[^`]*`", "", source(cell)) for cell in cells(path, "markdown")]
    elif path.suffix == ".toml":
        texts = re.findall(r'"(?:[^"\\\n]|\\.)*"', text)
    elif path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        literals = [token.string for token in tokens if token.type == tokenize.STRING and '"""' not in token.string]
        strings = [re.sub(r"^[a-z]*['\"]", "", literal) for literal in literals]
        texts = [string for string in strings if re.search("[éèêàç’«»]", string)]
    elif path.suffix == ".js":
        texts = [string for string in re.findall(r'"(?:[^"\\\n]|\\.)*"', text) if re.search("[éèêàç’«»]", string)]
    else:
        texts = re.split(r"```.*?```|`[^`]*`", text, flags=re.DOTALL)
    return texts


FRENCH_FILES = [
    *NOTEBOOKS,
    *ROOT.glob("course/*.toml"),
    *ROOT.glob("course/*.csv"),
    *ROOT.glob("exercises/*/*.toml"),
    *ROOT.glob("exercises/*/*.csv"),
    *ROOT.glob("docs/inventaire/*"),
    *(path for path in ROOT.glob("reseau_kit/**/*.py") if "network" not in path.parts),  # set there when shown
    *ROOT.glob("reseau_kit/frontend/*.js"),
    ROOT / "LISEZMOI.md",
]


@pytest.mark.parametrize("path", FRENCH_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_french_is_set_with_its_spaces_and_apostrophes(path: Path) -> None:
    """A non-breaking space before « ; : ! ? » and inside guillemets, and ’ rather than ' between letters."""
    for text in french_texts(path):
        assert not LOOSE_SIGN.search(text), text
        assert not re.search(r"[a-zéèêàç]'[a-zéèêàç]", text, re.IGNORECASE), text


@ALL_NOTEBOOKS
def test_notebooks_are_stored_as_jupyter_writes_them(path: Path) -> None:
    """So that a change of one word is a change of one line."""
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
