"""Work in processes: an item that kills its process costs itself, whatever the work is."""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from reseau_kit.demo import make as demo
from reseau_kit.demo.make import CannotMake
from reseau_kit.feedback_pages import make as pages
from reseau_kit.feedback_pages.workers import Made, ToldExercise, ToTell
from reseau_kit.grading.course import CannotUse
from reseau_kit.system import processes
from reseau_kit.system.processes import CannotWork, Chunks


@pytest.fixture(autouse=True)
def forking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Processes that know what this test has replaced."""
    context = multiprocessing.get_context("fork")
    with monkeypatch.context() as patch:
        patch.setattr(processes, "pool", lambda jobs, _module: ProcessPoolExecutor(jobs, context))
        yield


def halve(deadly: int, numbers: Sequence[int]) -> list[int | str]:
    if deadly in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    return [number // 2 for number in numbers]


def test_an_item_that_kills_its_process_costs_itself() -> None:
    chunks: Chunks[int, int | str]
    chunks = Chunks(partial(halve, 6), lambda number: f"{number} perdu", module=__name__, jobs=2)
    with closing(chunks):
        found = [one for some in chunks.run(range(20), 3, ahead=2) for one in some]
    assert sorted(map(str, found)) == sorted([*(str(number // 2) for number in range(20) if number != 6), "6 perdu"])


def refuse(_: Sequence[int]) -> list[int]:
    raise CannotWork("Le disque dort")


def test_what_would_stop_every_item_stops_the_work() -> None:
    chunks: Chunks[int, int] = Chunks(refuse, int, module=__name__, jobs=1)
    with closing(chunks), pytest.raises(CannotWork, match="Le disque dort"):
        list(chunks.run(range(3), 1, ahead=1))


def fragile_pages(_: ToldExercise, learners: Sequence[ToTell], staging: Path) -> list[Made]:
    if any(learner.student == "sam" for learner in learners):
        os.kill(os.getpid(), signal.SIGKILL)
    return [Made(learner.student) for learner in learners]


def test_a_page_that_kills_its_process_is_missing_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "make_pages", fragile_pages)
    ready = [ToTell(name, "", "") for name in ("ana", "sam", "zoe")]
    made = pages._run(None, ready, tmp_path, None, 2)  # type: ignore[arg-type]
    assert sorted((one.student, one.failed) for one in made) == [("ana", ""), ("sam", pages.KILLED), ("zoe", "")]


def fragile_learners(folder: Path, _seed: int, _papers: object, numbers: Sequence[int]) -> dict[str, int]:
    if 3 in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    for number in numbers:
        (folder / str(number)).touch()
    return {}


def test_a_learner_who_kills_a_process_is_named_and_the_others_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "write_learners", fragile_learners)
    monkeypatch.setattr(demo, "_papers_of_process", lambda _: [])
    monkeypatch.setattr(demo, "_CHUNK", 2)
    with pytest.raises(CannotMake, match=r"numéros 3\s:"):
        list(demo._in_chunks(tmp_path, 1, 6, jobs=2))
    assert {path.name for path in tmp_path.iterdir()} == {"1", "2", "4", "5", "6"}


def full_disk(*_: object, staging: Path) -> list[Made]:
    raise CannotWork(f"{staging} : le disque est plein")


def test_a_disk_that_is_full_stops_pages_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "make_pages", full_disk)
    with pytest.raises(CannotUse, match=r"le disque est plein\.\nLes pages faites"):
        list(pages._run(None, [ToTell("ana", "", "")], tmp_path, None, 1))  # type: ignore[arg-type]
