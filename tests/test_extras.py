"""What a learner's notebook needs, and what is said where an extra is not installed."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: A Python in which only what `pyproject.toml` declares for everybody can be imported, with what that needs itself.
BARE = """
import re, sys
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()

declared, needed = json.loads(sys.argv[1]), set()
while declared:
    name = plain(re.match(r"[\\w.-]+", declared.pop())[0])
    if name in needed:
        continue
    try:
        asked = distribution(name).requires or ()
    except PackageNotFoundError:  # for another system
        continue
    needed.add(name)
    declared += [one for one in asked if "extra ==" not in one]
homes = packages_distributions()

class Bare:
    def find_spec(self, name, path=None, target=None):
        home = homes.get(name.partition(".")[0], ())
        if home and "reseau-kit" not in map(plain, home) and not needed & set(map(plain, home)):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Bare())
"""


def bare(code: str, folder: Path) -> str:
    """What that Python prints."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    program = ("import json", BARE, code)
    command = [sys.executable, "-c", "\n".join(program), json.dumps(project["dependencies"])]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner's folder of the small course."""
    from reseau_kit.workspace import update_workspace

    folder = tmp_path_factory.mktemp("cours")
    update_workspace(ROOT / "tests/petit-cours", folder / "mon-cours")
    return folder / "mon-cours"


def test_a_learner_answers_with_nothing_else_installed(released: Path) -> None:
    code = """
from reseau_kit import activite, carnet, emporter, mes_reponses, repondre, reprendre
try:
    import orjson
except ImportError:
    print("sans orjson")
repondre("E1-A6", 0.25)
print(type(activite("E1-A6")).__name__, mes_reponses().face["title"], type(carnet()).__name__)
"""
    printed = bare(code, released / "etape-1").split("\n")
    assert printed[:2] == ["sans orjson", "ActivityPanel Vos réponses Panel"]
    assert '"E1-A6"' in (released / "etape-1/reponses.jsonl").read_text(encoding="utf-8")


def test_what_needs_an_extra_says_how_to_install_it(released: Path) -> None:
    code = """
from reseau_kit import carte, indicateurs, petit_monde
print(carte().plain, indicateurs().plain)
world = petit_monde("profil")
world.unfold()
print(world.state["result"]["sentence"])
sys.stderr = sys.stdout
from reseau_kit.__main__ import main
print(main(["grade"]), main(["demo", "essai"]), main(["open", "--no-browser"]))
"""
    printed = bare(f"import sys\n{code}", released)
    assert printed.count('pip install ".[reseau]"') == 3
    assert printed.count('pip install ".[formateur]"') == 2
    assert "1 1 1" in printed
