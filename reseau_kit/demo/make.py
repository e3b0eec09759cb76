"""A complete course to try grading on: released exercises, invented learners of several kinds, and what they handed in.

The kinds of learners are in `people`. The same seed gives the same files. Knows nothing of grading.

"""

import copy
import json
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import chdir, closing
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from reseau_kit.answers.folder import GROUP_NAMES_FILE
from reseau_kit.answers.journal import AUTHOR_FILE_NAME, FILE_NAME
from reseau_kit.demo.hand_ins import hand_ins, write
from reseau_kit.demo.papers import Paper, due_date, exercise_names, read_papers
from reseau_kit.demo.people import KINDS, TWICE, Learner, learner
from reseau_kit.system.files import replace_file
from reseau_kit.system.processes import CannotWork, Chunks
from reseau_kit.system.refusals import of_database, reason, silent_log

#: Says, in the folder, that it is a demonstration, and which.
RECORD_NAME = ".reseau-kit-demo.json"

FORMAT = 1

CONFIG_NAME = "nbgrader_config.py"

EXCHANGE = "exchange"

#: Files of a demonstration, of nbgrader and of grading: all that remaking one removes.
_MADE = (
    *("course", "exercises", CONFIG_NAME, EXCHANGE, "gradebook.db", "release", "submitted", "autograded", "feedback"),
    *("grades.csv", ".nbgrader.log", "rapport-*.csv", "ramassage-*.csv", "non-attribues", "remplaces"),
)

_PRIVATE = (
    *(FILE_NAME, AUTHOR_FILE_NAME, GROUP_NAMES_FILE, "mes-reponses-*.json"),
    *("__pycache__", ".ipynb_checkpoints"),
)

_CONFIG = """from reseau_kit.grading import configure

c = get_config()
c.CourseDirectory.course_id = "demonstration"
c.CourseDirectory.source_directory = "exercises"
configure(c)
"""

#: Added to the configuration that a demonstration takes over: invented people in a real gradebook would stay there, and
#: their pages in a real exchange.
_APART = f"""
# Ajouté pour la démonstration : son dossier, son carnet de notes et sa zone d’échange sont à elle, où que soient ceux
# du cours.
from pathlib import Path

from sqlalchemy.engine import URL

c = get_config()
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.db_url = URL.create(
    "sqlite", database=str(Path(__file__).resolve().parent / "gradebook.db")
).render_as_string()
c.CourseDirectory.setdefault("course_id", "demonstration")
c.Exchange.root = str(Path(__file__).resolve().parent / "{EXCHANGE}")
c.Exchange.cache = str(Path(__file__).resolve().parent / "{EXCHANGE}" / ".cache")
"""

#: Learners to a task, and tasks to a process ahead of what it does.
_CHUNK = 200
_AHEAD = 6


class CannotMake(Exception):
    """The demonstration cannot be made. The message, in French, says why and what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """Content of a demonstration: its learners, and the submissions to each assignment."""

    learners: int
    submissions: Mapping[str, int]


# --- the course -------------------------------------------------------------------------------------------------------


def make(
    folder: Path,
    course_root: Path,
    learners: int,
    *,
    seed: int = 1,
    assignments: Sequence[str] = (),
    jobs: int = 1,
    force: bool = False,
    progress: Callable[[int, int], object] = lambda _done, _of: None,
) -> Made:
    """A demonstration in `folder`: the course of `course_root`, released, and what that many learners handed in.

    `assignments` are all, unless some are named. `progress` is told how many learners are done, of how many. With
    `force`, an older demonstration is made anew, with its marks.

    Raises:
        CannotMake: `course_root` is no course, or `folder` holds something else.
        ActivityFaults: an activities file has faults.
    """
    names = _check(folder, course_root, assignments, force=force)
    try:
        return _make(folder, course_root, learners, seed, names, jobs, progress)
    except OSError as error:
        raise CannotMake(f"« {folder} » ne s’écrit pas ({reason(error)}). Vérifiez la place et les droits.") from error


def _make(
    folder: Path,
    course_root: Path,
    learners: int,
    seed: int,
    names: list[str],
    jobs: int,
    progress: Callable[[int, int], object],
) -> Made:
    folder.mkdir(parents=True, exist_ok=True)
    for path in [path for name in _MADE for path in folder.glob(name)]:
        _remove(path)
    record = {"format": FORMAT, "seed": seed, "learners": learners, "assignments": names, "complete": False}
    _write_record(folder, record)
    _copy_course(course_root, folder)
    # nbgrader makes no exchange, and stops where there is none.
    (folder / EXCHANGE).mkdir()
    gradebook = _release(folder, names)
    _enrol(*gradebook, (learner(seed, number) for number in range(1, learners + 1)))
    counts = dict.fromkeys(names, 0)
    done = 0
    progress(0, learners)
    for size, found in _in_chunks(folder, seed, learners, jobs):
        done += size
        for name, count in found.items():
            counts[name] += count
        progress(done, learners)
    _write_record(folder, record | {"complete": True})
    return Made(learners, counts)


def resubmit(folder: Path) -> int:
    """Bring the later hand-in of each learner who hands in twice, in place of their first; how many there are.

    Raises:
        CannotMake: the folder is no demonstration, or not a complete one.
    """
    record = read_record(folder)
    if not record or not record["complete"]:
        raise CannotMake(
            f"« {folder} » n’est pas un cours de démonstration complet : faites-en un avec reseau-kit demo."
        )
    papers = read_papers(folder)
    count = 0
    for number in range(1, record["learners"] + 1):
        if KINDS[(number - 1) % len(KINDS)] == TWICE:
            who = learner(record["seed"], number)
            for paper, handed_in in hand_ins(record["seed"], who, papers):
                write(folder, who, paper, handed_in[-1])
                count += 1
    return count


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return the note of a demonstration, None if the folder is none."""
    try:
        found = json.loads((folder / RECORD_NAME).read_bytes())
    except (OSError, ValueError):
        return None
    ours = isinstance(found, dict) and found.get("format") == FORMAT
    return found if ours else None


def _check(folder: Path, course_root: Path, assignments: Sequence[str], *, force: bool) -> list[str]:
    """The assignments to release."""
    known = exercise_names(course_root)
    if not known or not (course_root / "course").is_dir():
        raise CannotMake(
            f"Le dossier « {course_root.resolve()} » ne contient pas le cours : il y manque « course » ou "
            "« exercises ». Le paquet installé ne l’apporte pas : téléchargez le cours, puis lancez la commande depuis "
            "son dossier, ou indiquez-le avec --course-root."
        )
    if unknown := [name for name in assignments if name not in known]:
        raise CannotMake(f"L’exercice « {unknown[0]} » n’est pas dans ce cours, qui a {', '.join(known)}.")
    place, author = folder.resolve(), course_root.resolve()
    copied = {author / "course", author / "exercises"}
    if place == author or place in author.parents or copied & {place, *place.parents}:
        raise CannotMake(f"« {folder} » est le dossier des auteurs du cours. Choisissez-en un autre, vide ou nouveau.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        record = read_record(folder)
        if record is None:
            raise CannotMake(f"« {folder} » contient déjà autre chose. Choisissez un dossier vide ou nouveau.")
        if record.get("complete") and not force:
            raise CannotMake(
                f"« {folder} » contient déjà une démonstration. Pour la refaire, ajoutez --force : "
                "ses remises et ses notes seront effacées."
            )
    return [name for name in known if not assignments or name in assignments]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_record(folder: Path, record: Mapping[str, Any]) -> None:
    replace_file(folder / RECORD_NAME, json.dumps(record, ensure_ascii=False, indent=1).encode())


def _copy_course(course_root: Path, folder: Path) -> None:
    for name in ("course", "exercises"):
        private = shutil.ignore_patterns(*_PRIVATE)
        shutil.copytree(course_root / name, folder / name, ignore=private, copy_function=shutil.copyfile)
    config = course_root / CONFIG_NAME
    text = config.read_text(encoding="utf-8") if config.is_file() else _CONFIG
    (folder / CONFIG_NAME).write_text(f"{text}{_APART}", encoding="utf-8", newline="\n")


def _release(folder: Path, names: Iterable[str]) -> tuple[str, str]:
    """Release each exercise as `nbgrader generate_assignment` does, with its due date, gradebook and course."""
    # Some seconds to import, which writing a submission does not need.
    from nbgrader.api import Gradebook
    from nbgrader.apps import GenerateAssignmentApp
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    application = GenerateAssignmentApp()
    application.log_level = logging.ERROR
    with chdir(folder):
        # nbgrader reads the configuration of the folder that it is in.
        application.initialize([])
    order = exercise_names(folder)
    for name in names:
        config = copy.deepcopy(application.config)
        config.CourseDirectory.assignment_id = name
        errors: list[str] = []
        coursedir = CourseDirectory(config=config)
        log = silent_log(errors)
        try:
            GenerateAssignment(coursedir=coursedir, config=config, log=log).start()
        except NbGraderException as error:
            raise CannotMake((errors or [str(error)])[0]) from error
        due = due_date(order.index(name)).replace(tzinfo=None)
        with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
            gradebook.update_or_create_assignment(name, duedate=due)
    coursedir = CourseDirectory(config=application.config)
    return coursedir.db_url, coursedir.course_id


def _enrol(db_url: str, course_id: str, people: Iterable[Learner]) -> None:
    """Put the learners in the gradebook, where nbgrader's pages show their names."""
    from nbgrader.api import Gradebook, Student
    from sqlalchemy import insert
    from sqlalchemy.exc import DBAPIError

    rows = (
        {"id": who.id, "first_name": who.first_name, "last_name": who.last_name, "email": who.email} for who in people
    )
    try:
        with Gradebook(db_url, course_id) as gradebook:
            while some := list(islice(rows, 5_000)):
                gradebook.db.execute(insert(Student), some)
            gradebook.db.commit()
    except DBAPIError as error:
        raise CannotMake(f"Le carnet de notes ne s’écrit pas ({of_database(error)}).") from error


# --- many learners ----------------------------------------------------------------------------------------------------


def write_learners(course: Path, seed: int, papers: Sequence[Paper], numbers: Iterable[int]) -> dict[str, int]:
    """Write what those learners hand in first; how many submissions that is, by exercise.

    `papers` are all of the course's, since a step takes up what was decided before; those that are `asked` are written.
    """
    counts = dict.fromkeys((paper.name for paper in papers if paper.asked), 0)
    for number in numbers:
        who = learner(seed, number)
        for paper, handed_in in hand_ins(seed, who, papers):
            write(course, who, paper, handed_in[0])
            counts[paper.name] += 1
    return counts


def _in_chunks(folder: Path, seed: int, learners: int, jobs: int) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield the numbers of learners and submissions of each chunk as it is done.

    Raises:
        CannotMake: somebody's files could not be written; the others' are.
    """
    numbers = range(1, learners + 1)
    if min(jobs, -(-learners // _CHUNK)) < 2:
        papers = read_papers(folder)
        for first in numbers[::_CHUNK]:
            chunk = numbers[first - 1 : first - 1 + _CHUNK]
            yield len(chunk), write_learners(folder, seed, papers, chunk)
        return
    lost: list[int] = []
    workers: Chunks[int, tuple[int, dict[str, int]] | None]
    workers = Chunks(partial(_write_chunk, folder, seed), lost.append, module=__name__, jobs=jobs)
    try:
        with closing(workers):
            for results in workers.run(numbers, _CHUNK, ahead=_AHEAD):
                yield from filter(None, results)
    except CannotWork as error:
        raise CannotMake(f"{error}. Recommencez avec --force.") from error
    if lost:
        names = ", ".join(map(str, sorted(lost)))
        raise CannotMake(f"Il manque les remises des numéros {names} : le programme s’est arrêté en les écrivant.")


def _write_chunk(folder: Path, seed: int, numbers: Sequence[int]) -> Sequence[tuple[int, dict[str, int]]]:
    return [(len(numbers), write_learners(folder, seed, _papers_of_process(folder), numbers))]


#: A process reads the exercises once.
_papers_of_process = lru_cache(maxsize=1)(read_papers)
