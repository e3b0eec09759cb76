"""Erasing: a file of answers is found by what it holds, wherever it lies in the course, or is named with its reason."""

import errno
import gzip
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.answers import erasing
from reseau_kit.answers.erasing import NotErased, erase
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.journal import Event, Journal
from reseau_kit.answers.notebooks import KEY, load, save
from reseau_kit.answers.travel import bring_back, take_along
from reseau_kit.learner.activity import ActivityPanel
from reseau_kit.system.files import read_plain_file, replace_file
from test_folder import answer, course, friends_answer, make_course, put_in_document, values

__all__ = ["course"]

SECRET = "mon secret à moi"
#: A name that a machine gave to what it had not finished to write.
HEX = "0123456789abcdef"


@pytest.fixture
def answered(course: Path) -> Path:
    """A course where the secret stands in a journal and in a document, in the lesson and in a step."""
    put_in_document(course / "00-bienvenue.ipynb", answer(course, "C0-A2", SECRET))
    put_in_document(course / "etape-1" / "etape-1.ipynb", answer(course / "etape-1", "E1-A6", SECRET))
    return course


def holding(root: Path) -> list[str]:
    """The files below a folder in which the secret can be read, by their place."""
    found = []
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
            forms = (SECRET.encode(form) for form in ("utf-8", "utf-16-le", "utf-16-be"))
            if any(form in data for form in (*forms, json.dumps(SECRET)[1:-1].encode())):
                found.append(path.relative_to(root).as_posix())
    return sorted(found)


def told(root: Path) -> dict[str, str]:
    """What erasing says that it left: place and reason, with plain spaces."""
    with pytest.raises(NotErased) as error:
        erase(root)
    *lines, rest = str(error.value).replace("\N{NO-BREAK SPACE}", " ").splitlines()
    assert rest.startswith("Tout le reste est effacé.")
    return {place.removeprefix("« "): why for place, _, why in (line.partition(" » : ") for line in lines)}


def copied(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def journal_of(step: Path) -> Path:
    return step / "reponses.jsonl"


#: Copies that people, editors, JupyterLab and interrupted machines leave in a course: made in a step's folder.
LEFT: dict[str, Callable[[Path], object]] = {
    "a journal's copy": lambda step: copied(journal_of(step), step / "reponses-Copy1.jsonl"),
    "one of another name": lambda step: copied(journal_of(step), step / "sauvegarde.txt"),
    "one in UTF-16": lambda step: (step / "reponses (1).jsonl").write_bytes(
        journal_of(step).read_text(encoding="utf-8").encode("utf-16")
    ),
    "one in gzip": lambda step: (step / "reponses.jsonl.gz").write_bytes(gzip.compress(journal_of(step).read_bytes())),
    "one cut short": lambda step: (step / "reponses.jsonl~").write_bytes(journal_of(step).read_bytes()[:-30]),
    "a journal's checkpoint": lambda step: copied(
        journal_of(step), step / ".ipynb_checkpoints" / "reponses-checkpoint.jsonl"
    ),
    "a document's checkpoint": lambda step: copied(
        step / "etape-1.ipynb", step / ".ipynb_checkpoints" / "etape-1-checkpoint.ipynb"
    ),
    "a document's copy": lambda step: copied(step / "etape-1.ipynb", step / "etape-1-Copy1.ipynb"),
    "one of another suffix": lambda step: copied(step / "etape-1.ipynb", step / "etape-1.ipynb.txt"),
    "one in UTF-16 too": lambda step: (step / "seize.ipynb").write_bytes(
        (step / "etape-1.ipynb").read_text(encoding="utf-8").encode("utf-16")
    ),
    "what JupyterLab keeps while it saves": lambda step: copied(step / "etape-1.ipynb", step / ".~etape-1.ipynb"),
    "an interrupted save": lambda step: (step / f".etape-1.ipynb.{HEX}").write_bytes(
        (step / "etape-1.ipynb").read_bytes()[:-20]
    ),
    "an interrupted erasing": lambda step: copied(journal_of(step), step / f".reponses.jsonl.{HEX}"),
    "a file to take along, in a step": lambda step: take_along(step.parent)[0].rename(step / "emporté.json"),
    "one that a tool put in order": lambda step: (step / "trié.json").write_text(
        json.dumps(json.loads(take_along(step.parent)[0].read_text(encoding="utf-8")), sort_keys=True)
    ),
    "its checkpoint": lambda step: copied(
        take_along(step.parent)[0], step.parent / ".ipynb_checkpoints" / "mes-reponses-checkpoint.json"
    ),
    "an interrupted one": lambda step: (step.parent / f".mes-reponses-2026-12-01.json.{HEX}").write_bytes(
        take_along(step.parent)[0].read_bytes()[:-10]
    ),
    "a nested copy of the folder": lambda step: shutil.copytree(step, step / "sauvegarde" / "hier"),
    "a nested folder of work": lambda step: shutil.copytree(step, step.parent / "semaine 2" / "etape-1"),
    "a step whose document is gone": lambda step: (step / "etape-1.ipynb").unlink(),
    "a step whose journal is gone": lambda step: journal_of(step).unlink(),
    "what was sent astray": lambda step: copied(journal_of(step), step / "essais-auteur.jsonl"),
    "a folder that people threw away": lambda step: shutil.copytree(step, step.parent / ".Trash-1000" / "files" / "e"),
}


@pytest.mark.parametrize("leave", LEFT.values(), ids=LEFT)
def test_erasing_finds_what_is_ours_by_what_it_holds(answered: Path, leave: Callable[[Path], object]) -> None:
    """« Il n’en reste rien » is true, and nothing comes back when a folder is opened again."""
    before = len(holding(answered))
    leave(answered / "etape-1")
    assert holding(answered)
    assert before
    erase(answered)
    assert holding(answered) == []
    assert Folder(answered / "etape-1").answers.events == Folder(answered).answers.events == ()


def test_erasing_all_of_it_at_once_keeps_what_is_not_an_answer(answered: Path) -> None:
    """Each of those, beside files of everybody's own: they stay as they are, byte for byte, and so do rights."""
    step = answered / "etape-1"
    (step / "tableau.csv").write_text("jour;minutes\n")
    (step / "posts.jsonl").write_text('{"id": 1, "origin": "0123456789abcdef"}\n' * 3)
    (step / "données.json").write_text(json.dumps({"reseau_kit": "un mot", "cells": 3}))
    (step / "v.json").write_text('{"reseau_kit": 2, "name": "un paquet"}')
    (answered / f".cache.{HEX}").write_text('{"reseau_kit": 1}')
    (answered / "photo.png").write_bytes(b"\x89PNG\r\n" + bytes(range(256)))
    (answered / "export.zip").write_bytes(packed({"Connections.csv": b"x"}))
    (answered / "mes-groupes.json").write_text('{"groupes": {}}')
    plot = {"output_type": "display_data", "data": {"image/png": "AAAA"}, "metadata": {}}
    notebook = load(step / "etape-1.ipynb")
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [plot]
    save(answered / "Sans-titre.ipynb", notebook)
    (answered / ".ipynb_checkpoints").mkdir()
    save(answered / ".ipynb_checkpoints" / "Sans-titre-checkpoint.ipynb", notebook)
    own = {path: path.read_bytes() for path in answered.rglob("*") if path.is_file() and SECRET not in text(path)}
    for name, leave in LEFT.items():
        if "gone" not in name:
            leave(step)
    (step / "etape-1.ipynb").chmod(0o640)
    erase(answered)
    assert holding(answered) == []
    assert {path: path.read_bytes() for path in own if path.exists()} == own
    assert (step / "etape-1.ipynb").stat().st_mode & 0o777 == 0o640
    assert {path.stat().st_mode & 0o777 for path in answered.rglob("reponses.jsonl")} == {0o600}


def packed(files: dict[str, bytes], path: Path | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    if path:
        path.write_bytes(made.getvalue())
    return made.getvalue()


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def test_erasing_takes_what_our_panels_show_out_of_a_learners_own_notebook(answered: Path) -> None:
    """Widget states hold answers; other widgets, outputs and all of the text stay."""
    view = "application/vnd.jupyter.widget-view+json"
    ours, other = {"value": SECRET, "_anywidget_id": f"{KEY}.widgets.{ActivityPanel.__name__}"}, {"value": "à moi"}
    states = {"a": {"model_module": "anywidget", "state": ours}, "b": {"model_module": "autre", "state": other}}
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "data": {view: {"model_id": id}, "text/plain": SECRET * (id == "a")}}
        for id in ("a", "b")
    ]
    plot = {"output_type": "display_data", "data": {"image/png": "AAAA"}}
    source = 'from reseau_kit import activite\nactivite("E1-A6")'
    cell = {"cell_type": "code", "source": source, "outputs": [*outputs, plot]}
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": states}}
    save(path := answered / "Sans-titre.ipynb", {"cells": [cell], "metadata": {"widgets": widgets}})
    erase(answered)
    assert SECRET not in text(path)
    kept = load(path)
    assert kept["cells"][0] == {**cell, "outputs": [outputs[1], plot]}
    assert kept["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"].keys() == {"b"}


# --- what may be another person's -------------------------------------------------------------------------------------


def friends_journal(path: Path) -> None:
    journal = Journal(path)
    journal.start("f" * 16)
    journal.append(friends_answer(SECRET))


def friends_travel_file(path: Path) -> None:
    there = make_course(path.parents[2] / "chez l’ami")
    put_in_document(there / "etape-1" / "etape-1.ipynb", friends_answer(SECRET))
    take_along(there)[0].rename(path)


@pytest.mark.parametrize(
    ("name", "put"),
    [
        ("de Paul.jsonl", friends_journal),
        ("essais-auteur.jsonl", friends_journal),
        ("mes-reponses-de-Paul.json", friends_travel_file),
        ("Paul.ipynb", lambda path: put_in_document(path, friends_answer(SECRET))),
    ],
    ids=range(4),
)
def test_what_may_be_a_friends_stays_and_is_named(course: Path, name: str, put: Callable[[Path], object]) -> None:
    """Nor is it refused: the learner may yet say that it is theirs. What is taken over is erased with the rest."""
    step = course / "etape-1"
    answer(step, "E1-A6", 1)
    if name.endswith(".ipynb"):
        shutil.copy(step / "etape-1.ipynb", step / name)
    put(step / name)
    before = (step / name).read_bytes()
    left = told(course)
    assert left.keys() == {f"etape-1/{name}"}
    assert "par vous ou par une autre personne" in left[f"etape-1/{name}"]
    assert (step / name).read_bytes() == before
    assert values(step, "E1-A6") == []
    Folder(step).decide("f" * 16, accept=True)
    erase(course)
    assert holding(course) == []


def test_another_course_nearby_stays(answered: Path) -> None:
    """A step that stands alone, with a whole course in a folder beside it: that one is somebody's, and is named."""
    alone = answered.parent / "etape-1"
    shutil.copytree(answered / "etape-1", alone)
    deep = answered.parent / "photos" / "d’ailleurs"
    shutil.copytree(answered / "etape-1", deep)
    before = holding(answered)
    left = told(alone.parent)
    assert left == {"mon-cours": "c’est un autre cours ; il est resté tel quel."}
    assert holding(answered) == before
    assert holding(alone) == []
    assert holding(deep), "nobody looked there"


def test_work_that_was_handed_in_stays(answered: Path) -> None:
    """A trainer's lessons may stand beside what everybody handed in."""
    (answered / "nbgrader_config.py").write_text("")
    shutil.copytree(answered / "etape-1", answered / "submitted" / "ana" / "etape-1")
    before = holding(answered / "submitted")
    assert told(answered).keys() == {"submitted"}
    assert holding(answered / "submitted") == before
    assert all(place.startswith("submitted/") for place in holding(answered))


# --- what cannot be erased --------------------------------------------------------------------------------------------


def second_name(course: Path) -> None:
    os.link(course / "etape-1" / "reponses.jsonl", course.parent / "second-nom")


def linked_document(course: Path) -> None:
    shutil.copy(course / "etape-1" / "etape-1.ipynb", course.parent / "dehors.ipynb")
    (course / "etape-1" / "lien.ipynb").symlink_to(course.parent / "dehors.ipynb")


def linked_folder(course: Path) -> None:
    (course / "lien").symlink_to(course.parent, target_is_directory=True)


def linked_journal(course: Path) -> None:
    shutil.move(course / "etape-1" / "reponses.jsonl", course.parent / "dehors.jsonl")
    (course / "etape-1" / "reponses.jsonl").symlink_to(course.parent / "dehors.jsonl")


def archived(course: Path) -> None:
    packed({"etape-1/reponses.jsonl": (course / "etape-1" / "reponses.jsonl").read_bytes()}, course / "à rendre.zip")


def unreadable_copy(course: Path) -> None:
    data = (course / "etape-1" / "reponses.jsonl").read_bytes().replace(b'{"v":1', b'["v":1')
    (course / "etape-1" / "reponses-abîmées.jsonl").write_bytes(data)


def compressed_document(course: Path) -> None:
    path = course / "etape-1" / "etape-1.ipynb"
    path.with_name("etape-1.ipynb.gz").write_bytes(gzip.compress(path.read_bytes()))


def earlier_versions(course: Path) -> None:
    copied(course / "etape-1" / "reponses.jsonl", course / ".git" / "objects" / "ab" / "cdef")


def too_deep(course: Path) -> None:
    place = course.joinpath(*["d"] * 40)
    copied(course / "etape-1" / "reponses.jsonl", place / "reponses.jsonl")


@pytest.mark.parametrize(
    ("spoil", "place", "why"),
    [
        (second_name, "etape-1/reponses.jsonl", "un autre nom ailleurs"),
        (linked_document, "etape-1/lien.ipynb", "un lien vers un fichier qui garde des réponses"),
        (linked_journal, "etape-1/reponses.jsonl", "un lien vers un fichier qui garde des réponses"),
        (linked_folder, "lien", "un lien vers un autre dossier"),
        (archived, "à rendre.zip", "cette archive"),
        (unreadable_copy, "etape-1/reponses-abîmées.jsonl", "ne se lit pas"),
        (compressed_document, "etape-1/etape-1.ipynb.gz", "compressé"),
        (earlier_versions, ".git", "anciennes versions"),
        (too_deep, "/".join(["d"] * 31), "trop loin"),
    ],
    ids=range(9),
)
def test_what_keeps_answers_is_named(answered: Path, spoil: Callable[[Path], object], place: str, why: str) -> None:
    """And nothing outside of the course is touched."""
    spoil(answered)
    outside = {path: path.read_bytes() for path in answered.parent.glob("*") if path.is_file()}
    left = told(answered)
    assert left.keys() == {place}
    assert why in left[place]
    assert {path: path.read_bytes() for path in outside} == outside
    assert all(found.startswith(place) for found in holding(answered))


def test_a_folder_of_more_files_than_any_course_has_is_looked_at_in_part(
    answered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Near folders come first, and a word says where it stopped."""
    monkeypatch.setattr(erasing, "MAX_ENTRIES", 200)
    for number in range(300):
        (answered / "etape-1" / "notes" / f"{number:03}").mkdir(parents=True)
    left = told(answered)
    assert left.keys() == {"etape-1/notes"}
    assert "plus de 200 fichiers" in left["etape-1/notes"]
    assert holding(answered) == []


def test_what_people_installed_is_not_looked_at(answered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment beside the lessons has thousands of files, none of them an answer."""
    monkeypatch.setattr(erasing, "MAX_ENTRIES", 200)
    for number in range(300):
        (answered / ".venv" / "lib" / f"{number:03}").mkdir(parents=True)
    (answered / ".venv" / "pyvenv.cfg").write_text("")
    erase(answered)
    assert holding(answered) == []


def test_large_files_of_somebodys_own_cost_their_first_bytes(answered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (answered / "film.mp4").write_bytes(b"\0" * 3_000_000)
    (answered / "tableau.csv").write_bytes(b"a;b\n" * 1_000_000)
    read: dict[str, int] = {}

    def counting(path: Path, limit: int, *, follow: bool = True) -> bytes:
        data = real(path, limit, follow=follow)
        read[path.name] = read.get(path.name, 0) + len(data)
        return data

    real = read_plain_file
    monkeypatch.setattr(erasing, "read_plain_file", counting)
    erase(answered)
    assert max(read["film.mp4"], read["tableau.csv"]) < 10_000


def test_what_one_may_not_write_or_open_is_named(answered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is erased. The tests may run as root, whom no permission stops."""
    for name in ("etape-2", "etape-3"):
        shutil.copytree(answered / "etape-1", answered / name)
    real_open, real_scandir = os.open, os.scandir

    def open_to_read(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        if "etape-2" in str(path) and flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real_open(path, flags, *arguments, **named)

    def scandir(path: Any) -> Any:
        if "etape-3" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real_scandir(path)

    monkeypatch.setattr(os, "open", open_to_read)
    monkeypatch.setattr(os, "scandir", scandir)
    left = told(answered)
    assert left.keys() == {"etape-3", "etape-2/reponses.jsonl", "etape-2/etape-1.ipynb"}
    assert all("vous n’en avez pas le droit" in why for why in left.values())
    monkeypatch.undo()
    assert {place.partition("/")[0] for place in holding(answered)} == {"etape-2", "etape-3"}


def test_a_step_whose_document_is_gone_is_taken_along_too(answered: Path) -> None:
    (answered / "etape-1" / "etape-1.ipynb").unlink()
    file, count = take_along(answered)
    assert count == 2
    there = make_course(answered.parent / "autre")
    bring_back(file.name, file.read_bytes(), there)
    assert values(there / "etape-1", "E1-A6") == [SECRET]


def test_an_interrupted_replacement_leaves_nothing_that_erasing_does_not_find(
    answered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever name it gives to what it had not finished."""

    def stop(self: Path, *_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", stop)
    monkeypatch.setattr(Path, "replace", stop)
    for path in (answered / "00-bienvenue.ipynb", answered / "etape-1" / "reponses.jsonl"):
        with pytest.raises(KeyboardInterrupt):
            replace_file(path, path.read_bytes())
    monkeypatch.undo()
    assert len(holding(answered)) == 6
    erase(answered)
    assert holding(answered) == []


def test_an_event_of_nobodys_is_no_reason_to_keep_the_rest(answered: Path) -> None:
    """A friend's answer within my own document: it was I who kept it there."""
    step = answered / "etape-1"
    mine: Event = Folder(step).answers.events[0]
    put_in_document(step / "etape-1.ipynb", mine, friends_answer(SECRET))
    erase(answered)
    assert holding(answered) == []
