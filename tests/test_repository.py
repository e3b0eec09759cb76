"""What the repository promises: clean notebooks, pinned versions that name no host, documented commands, Binder."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution, distribution, metadata
from pathlib import Path

import pytest
from nbgrader.apps.nbgraderapp import NbGraderApp
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import reseau_kit
from reseau_kit.__main__ import main

ROOT = Path(__file__).parents[1]
GUIDES = ("guide-formation", "ramassage", "noter-en-volume", "devoirs-ordinaires", "ecrire-des-activites")
READERS = ("README.md", "LISEZMOI.md", "CONTRIBUTING.md", *(f"docs/{name}.md" for name in GUIDES))

# Spelt in two parts, so that this file may name what no file may hold.
_FORBIDDEN = (
    "py" + "pi.org",
    "pythonhosted" + ".org",
    "registry." + "npmjs",
    "deb." + "debian.org",
    "file:" + "//",
    "/ro" + "ot/",
    "/ho" + "me/",
    "/wo" + "rk/",
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).exists()]


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh copy of the tracked files, and of nothing else."""
    folder = tmp_path_factory.mktemp("clone") / "reseau_kit"
    for path in tracked():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return folder


def run(command: list[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=900, check=False
    )


def test_notebooks_are_committed_without_outputs() -> None:
    for path in tracked():
        if path.suffix == ".ipynb":
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells), path


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "ignore").lower()
        found = [word for word in _FORBIDDEN if word in text]
        assert not found, f"{path.relative_to(ROOT)}: {found}"


def test_every_version_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert lines[0].startswith("#")
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", line) for line in lines[1:])


def test_every_pinned_version_runs_on_the_oldest_python() -> None:
    """Debian 12's 3.11.2 has to do: one package that asks for 3.11.5 stops the whole set-up there."""
    pinned = (ROOT / "constraints.txt").read_text().splitlines()[1:]
    for line in pinned:
        asked = metadata(line.split("==")[0]).json.get("requires_python")
        assert asked is None or "3.11.2" in SpecifierSet(str(asked), prereleases=True), (
            f"{line} asks for Python {asked}"
        )


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    extension = json.loads((ROOT / "reseau_kit/jupyter/labextensions/reseau-kit/package.json").read_text())["version"]

    assert reseau_kit.__version__ == project == extension


@pytest.mark.parametrize("name", READERS)
def test_every_command_in_the_documentation_exists(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["--help"])
    ours = set(re.search(r"\{([\w,]+)\}", capsys.readouterr().out)[1].split(","))  # type: ignore[index]
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert set(re.findall(r"\breseau-kit (\w+)", text)) <= ours
    assert set(re.findall(r"^make (\w+)|`make (\w+)", text, re.MULTILINE)) <= {
        pair for target in targets for pair in ((target, ""), ("", target))
    }
    assert set(re.findall(r"^nbgrader (\w+)", text, re.MULTILINE)) <= set(NbGraderApp.subcommands)
    for link in re.findall(r"\]\((?!http)([^)#]+)", text):
        assert (ROOT / name).parent.joinpath(link).exists(), link


def test_every_command_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    names = re.search(r"\{([\w,]+)\}", capsys.readouterr().out)[1].split(",")  # type: ignore[index]

    guides = "".join((ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in GUIDES)
    for reader in ("README.md", "LISEZMOI.md"):
        text = (ROOT / reader).read_text(encoding="utf-8") + guides
        assert [name for name in names if f"reseau-kit {name}" not in text] == []
    for target in ("course", "test"):
        assert f"make {target}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_make_asks_for_a_python_recent_enough(clone: Path, tmp_path: Path) -> None:
    old = tmp_path / "python-ancien"
    old.write_text('#!/bin/sh\ncase "$1" in --version) echo "Python 3.9.2";; *) exit 1;; esac\n')
    old.chmod(0o755)

    result = run(["make", "course", f"PYTHON={old}"], clone)

    assert result.returncode != 0
    assert "Python 3.9.2" in result.stderr
    assert "3.11" in result.stderr


def test_make_says_that_there_is_no_python_at_all(clone: Path) -> None:
    result = run(["make", "course", "PYTHON="], clone)

    assert result.returncode != 0
    assert "Python 3.11 ou plus récent" in result.stderr


def test_make_says_what_debian_lacks_to_make_an_environment(clone: Path, tmp_path: Path) -> None:
    """Debian's python3 comes without ensurepip: the message names the package that brings it."""
    without = tmp_path / "python-sans-venv"
    without.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; *) exit 0;; esac\n')
    without.chmod(0o755)

    result = run(["make", "course", f"PYTHON={without}"], clone)

    assert result.returncode != 0
    assert "apt install python3-venv" in result.stderr


def test_binder_reads_its_files_as_meant(clone: Path) -> None:
    """repo2docker's dry run: our Python, our pinned versions, the workspace made, our settings at the start."""
    program = Path(sys.executable).with_name("jupyter-repo2docker")

    result = run([program, "--no-build", "--debug", "."], clone)

    plan = result.stdout + result.stderr
    assert result.returncode == 0, plan
    assert 'pip install --no-cache-dir -r "binder/requirements.txt"' in plan
    assert "RUN ./binder/postBuild" in plan
    assert 'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in plan
    assert "python=3.11" in plan or "python-3.11" in plan or "py311" in plan


def asked_for(name: str, extras: frozenset[str], found: dict[tuple[str, frozenset[str]], Distribution]) -> None:
    """Add what a distribution asks for on this machine, and what those ask for in turn."""
    for line in distribution(name).requires or []:
        one = Requirement(line)
        key = canonicalize_name(one.name), frozenset(one.extras)
        wanted = one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras | {""})
        if wanted and key not in found:
            found[key] = distribution(one.name)
            asked_for(*key, found)


def install_here(one: Distribution, site_packages: Path, python: Path) -> None:
    """Give an environment a distribution of the one that runs the tests: links to its files, scripts of its own."""
    for file in one.files or []:
        target = Path(os.path.normpath(site_packages / file))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            continue
        if target.parent == python.parent:
            _, _, rest = Path(str(file.locate())).read_bytes().partition(b"\n")
            target.write_bytes(b"#!%b\n%b" % (os.fsencode(python), rest))
            target.chmod(0o755)
        else:
            target.symlink_to(Path(str(file.locate())).resolve())


@pytest.mark.slow
def test_a_clean_environment_from_binders_files_opens_the_welcome_lesson(clone: Path, tmp_path: Path) -> None:
    """The wheel holds all that it needs: installed as Binder does, it makes the workspace and imports the lesson's.

    What it asks for, and nothing else, comes from the environment that runs the tests, in the versions that are pinned
    there; downloading it again would show nothing more.
    """
    environment = tmp_path / "env"
    run([sys.executable, "-m", "venv", "--without-pip", environment], clone)
    binaries = environment / "bin"
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", binaries / "python", "install"]
    asked: dict[tuple[str, frozenset[str]], Distribution] = {}
    (extras,) = re.findall(r"^\.\[(.+)\]$", (clone / "binder/requirements.txt").read_text(), re.MULTILINE)
    asked_for("reseau-kit", frozenset(extras.split(",")), asked)
    site_packages = next(environment.glob("lib/python*/site-packages"))
    for one in asked.values():
        install_here(one, site_packages, binaries / "python")

    installed = run([*pip, "-q", "--no-deps", "-r", "binder/requirements.txt"], clone)
    assert installed.returncode == 0, installed.stderr
    complete = run([*pip, "--dry-run", "--no-index", "-c", "constraints.txt", f"reseau-kit[{extras}]"], clone)
    assert (complete.returncode, "Would install" in complete.stdout) == (0, False), complete.stdout + complete.stderr
    version = run([binaries / "reseau-kit", "--version"], tmp_path)
    assert version.stdout.strip() == f"reseau-kit {reseau_kit.__version__}"
    built = run(["bash", "binder/postBuild"], clone, PATH=path)
    assert built.returncode == 0, built.stderr
    lesson = json.loads((clone / "mon-cours/00-bienvenue.ipynb").read_text(encoding="utf-8"))
    imports = next(cell["source"] for cell in lesson["cells"] if "import" in "".join(cell["source"]))
    imported = run([binaries / "python", "-c", "".join(imports)], clone / "mon-cours")
    assert imported.returncode == 0, imported.stderr
    started = run(["bash", clone / "binder/start", "jupyter", "labextension", "list"], clone, PATH=path)
    assert re.search(r"reseau-kit v[\d.]+.*enabled.*OK", started.stdout + started.stderr)
