"""The learner's folder: made from the course, brought up to date without touching an answer, opened in JupyterLab.

Holds released notebooks and their data, never an author's file. Knows nothing of how an activity is drawn or marked.
"""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from reseau_kit.activities.loading import SOURCE_PATTERN, load_activities
from reseau_kit.answers.folder import GROUP_NAMES_FILE, RECORD_NAME
from reseau_kit.answers.journal import AUTHOR_FILE_NAME, FILE_NAME
from reseau_kit.answers.notebooks import Notebook, carry_answers, course_metadata, load, release, save
from reseau_kit.system.files import new_id, replace_file
from reseau_kit.system.refusals import silent_log

#: Default folder of the workspace in the course.
DEFAULT_NAME = "mon-cours"

#: The lesson that JupyterLab opens on.
WELCOME = "00-bienvenue.ipynb"

_JUPYTER = Path(__file__).parent / "jupyter"

#: Files of the course's folders that never reach a learner, nor count as a change.
_PRIVATE = (
    *(SOURCE_PATTERN, FILE_NAME, AUTHOR_FILE_NAME, "mes-reponses-*.json", GROUP_NAMES_FILE),
    *("*.pyc", "__pycache__", ".*"),
)


class CannotPrepare(Exception):
    """The workspace cannot be made as things stand. The message, in French, says why and what to do."""


@dataclass(frozen=True, slots=True)
class Update:
    """Changes of an update, as paths in the workspace. `kept` holds the copies of the learner's changed files."""

    added: tuple[Path, ...] = ()
    replaced: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()


def update_workspace(course_root: Path, workspace: Path, *, before_work: Callable[[], None] = lambda: None) -> Update:
    """Make the workspace, or bring it up to date; answers, and whatever the learner wrote, stay.

    `before_work` is called where there is something to do, which takes some seconds.

    Raises:
        CannotPrepare: `course_root` is no course, or the workspace is a folder of the authors'.
        ActivityFaults: an activities file has faults.
    """
    _check_folders(course_root, workspace)
    course_root, workspace = course_root.resolve(), workspace.resolve()
    record = _read_record(workspace)
    sources = _digest_of_sources(course_root)
    if sources == record.sources and all((workspace / name).exists() for name in record.installed):
        return Update()
    before_work()
    with tempfile.TemporaryDirectory(prefix="reseau-kit-") as name:
        made = Path(name) / "made"
        _make_lessons(course_root, made)
        _make_exercises(course_root, made, Path(name) / "nbgrader")
        update, installed = _install(made, workspace, record.installed)
    _write_record(workspace, _Record(sources, installed, record.name or new_id()))
    return update


def installed_files(workspace: Path) -> frozenset[str]:
    """The names in a workspace of what came with the course; none where no update ever noted it."""
    return frozenset(_read_record(workspace).installed)


def lab_command(workspace: Path, arguments: Sequence[str] = ()) -> tuple[list[str], dict[str, str]]:
    """The command that opens JupyterLab on a workspace, in French, and its environment."""
    page = f"/lab/tree/{WELCOME}" if (workspace / WELCOME).exists() else "/lab"
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={workspace.resolve()}",
        f"--LabApp.default_url={page}",
        # The tabs of another course, kept by the same user, do not open here.
        f"--LabApp.workspaces_dir={workspace.resolve() / '.jupyterlab'}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # a container has no other user
    # Kernels start in the notebooks' folders: what came along with one, named like a module, would run in its place.
    environment = safe_environment(os.environ)
    for variable in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
        others = environment.get(variable)
        environment[variable] = os.pathsep.join([str(_JUPYTER), others] if others else [str(_JUPYTER)])
    return [*command, *arguments], environment


def safe_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which no Python looks for a module in the folder that it happens to start in."""
    # An empty place, which a stray colon leaves, is that folder too; and a relative one is another for each process.
    places = [str(Path(place).absolute()) for place in environment.get("PYTHONPATH", "").split(os.pathsep) if place]
    return {**environment, "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(places)}


def open_lab(workspace: Path, arguments: Sequence[str] = ()) -> int:
    """Become JupyterLab, opened on the workspace; its exit code where a process cannot become another."""
    command, environment = lab_command(workspace, arguments)
    if os.name == "posix":
        os.execve(command[0], command, environment)  # noqa: S606 (our own interpreter, and no shell)
    # On Windows a replaced process leaves its console behind.
    return subprocess.call(command, env=environment)


def find_activity_files(paths: Sequence[Path]) -> list[Path]:
    """The authors' activities files among `paths` and below them."""
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            below = path.rglob(SOURCE_PATTERN)
            found |= {file for file in below if not any(part.startswith(".") for part in file.relative_to(path).parts)}
        else:
            found.add(path)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Record:
    """Files of the last update: the digest of the course, and of each file by its name in the workspace.

    `name` is the workspace's own, random, from the day it was made.
    """

    sources: str
    installed: Mapping[str, str]
    name: str = ""


def _check_folders(course_root: Path, workspace: Path) -> None:
    if not (course_root / "course").is_dir() or not (course_root / "exercises").is_dir():
        raise CannotPrepare(
            f"Le dossier « {course_root.resolve()} » ne contient pas le cours : "
            "il y manque « course » ou « exercises ». "
            "Lancez la commande depuis le dossier du cours, ou indiquez-le avec --course-root."
        )
    place = workspace.resolve()
    for author in (course_root.resolve() / "course", course_root.resolve() / "exercises"):
        if place == course_root.resolve() or place == author or author in place.parents:
            raise CannotPrepare(
                f"« {workspace} » appartient aux auteurs du cours : vos réponses s’y mêleraient aux corrigés. "
                f"Choisissez un autre dossier avec --workspace, par exemple « {DEFAULT_NAME} »."
            )


def _course_files(folder: Path) -> Iterator[Path]:
    """Every file of a course folder that a learner may have, relative to it."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(fnmatch(part, pattern) for part in name.parts for pattern in _PRIVATE):
            yield name


def _digest_of_sources(course_root: Path) -> str:
    """One digest of all that a workspace is made from: the course, its activities, and the code that releases them."""
    digest = hashlib.sha256()
    folders = [course_root / "course", course_root / "exercises"]
    course = [folder / name for folder in folders for name in _course_files(folder)]
    authors = [path for folder in folders for path in sorted(folder.rglob(SOURCE_PATTERN))]
    for path in (*course, *authors, *sorted(Path(__file__).parent.rglob("*.py"))):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _make_lessons(course_root: Path, made: Path) -> None:
    for name in _course_files(course_root / "course"):
        source, target = course_root / "course" / name, made / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.suffix == ".ipynb":
            save(target, _released(load(source), source.parent))
        else:
            shutil.copyfile(source, target)


def _make_exercises(course_root: Path, made: Path, scratch: Path) -> None:
    """Release every exercise as nbgrader does, without a gradebook."""
    exercises = course_root / "exercises"
    names = [path.name for path in sorted(exercises.iterdir()) if any(path.glob("*.ipynb"))]
    if not names:
        return
    # Some seconds to import, paid only when the course has changed.
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    from reseau_kit.grading import configure

    scratch.mkdir()
    for name in names:
        config = Config()
        configure(config)
        config.CourseDirectory.root = str(scratch)
        config.CourseDirectory.source_directory = str(exercises)
        config.CourseDirectory.assignment_id = name
        config.CourseDirectory.ignore = list(_PRIVATE)
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
        errors: list[str] = []
        log = silent_log(errors)
        try:
            GenerateAssignment(coursedir=CourseDirectory(config=config), config=config, log=log).start()
        except NbGraderException as error:
            raise CannotPrepare((errors or [str(error)])[0]) from error
        released = scratch / "release" / name
        for file in _course_files(released):
            target = made / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".ipynb":
                save(target, _released(load(released / file), exercises / name))
            else:
                shutil.copyfile(released / file, target)


def _released(notebook: Notebook, folder: Path) -> Notebook:
    """The notebook as a learner gets it: with its activities, from the file that it names in `folder`."""
    source = course_metadata(notebook).get("source")
    if isinstance(source, str):
        release(notebook, load_activities(folder / source))
    return notebook


def _install(made: Path, workspace: Path, installed: Mapping[str, str]) -> tuple[Update, dict[str, str]]:
    added: list[Path] = []
    replaced: list[Path] = []
    kept: list[Path] = []
    now_installed: dict[str, str] = {}
    for name in _course_files(made):
        new, target = made / name, workspace / name
        now_installed[name.as_posix()] = _digest(new)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            replace_file(target, new.read_bytes())
            added.append(name)
        elif not _same(new, target):
            if _digest(target) not in (_digest(new), installed.get(name.as_posix())):
                kept.append(_keep_copy(target).relative_to(workspace))
            _replace(target, new)
            replaced.append(name)
    return Update(tuple(added), tuple(replaced), tuple(kept)), now_installed


def _replace(target: Path, new: Path) -> None:
    if target.suffix != ".ipynb":
        replace_file(target, new.read_bytes())
        return
    notebook = load(new)
    old = _load_or_none(target)
    if old is not None:
        carry_answers(old, notebook)
    save(target, notebook)


def _keep_copy(path: Path) -> Path:
    """A copy of a learner's file beside it, under a name that says whose and when."""
    stem = f"{path.stem} (ma copie du {datetime.now().astimezone().date().isoformat()}"
    names = (f"{stem}{again}){path.suffix}" for again in ("", *(f", {n}" for n in range(2, 1000))))
    copy = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    replace_file(copy, path.read_bytes(), mode=stat.S_IMODE(path.stat().st_mode))
    return copy


def _same(new: Path, target: Path) -> bool:
    """Whether a learner has this very version: of a notebook, its text and its activities."""
    if _digest(new) != _digest(target):
        return False
    if new.suffix != ".ipynb":
        return True
    mine, theirs = load(new), load(target)
    return course_metadata(mine).get("activities") == course_metadata(theirs).get("activities")


def _digest(path: Path) -> str:
    """Return a file's content as a learner sees it: of a notebook the text of its cells, not its outputs."""
    notebook = _load_or_none(path) if path.suffix == ".ipynb" else None
    if notebook is None:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    cells = [[cell.get("cell_type"), _text(cell.get("source"))] for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _text(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _load_or_none(path: Path) -> Notebook | None:
    try:
        return load(path)
    except ValueError:
        return None


def _read_record(workspace: Path) -> _Record:
    """Read the note of the last update. A damaged note counts as none: the learner's changes are then kept."""
    try:
        data = json.loads((workspace / RECORD_NAME).read_bytes())
        installed = {str(name): str(digest) for name, digest in data["installed"].items()}
        return _Record(str(data["sources"]), installed, str(data.get("name", "")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Record("", {})


def _write_record(workspace: Path, record: _Record) -> None:
    data = {"name": record.name, "sources": record.sources, "installed": dict(record.installed)}
    replace_file(workspace / RECORD_NAME, json.dumps(data, ensure_ascii=False, indent=1).encode())
