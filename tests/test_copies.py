"""Files of ours are found by what they hold, whatever they are called; what is not looked into is named."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.answers import copies
from reseau_kit.answers.copies import Copy, NotRead, other_copies
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.journal import FILE_NAME
from reseau_kit.answers.notebooks import KEY

MINE, THEIRS = "a" * 16, "b" * 16


def event(number: int, origin: str = MINE) -> dict[str, Any]:
    return {
        "v": 1,
        "id": f"{number:016x}",
        "origin": origin,
        "seq": number,
        "activity": "N",
        "version": 1,
        "kind": "attempt",
        "value": number,
        "at": "2026-11-22T08:00:00.000Z",
        "context": {},
    }


def journal(*events: dict[str, Any], origin: str = MINE) -> bytes:
    first = {"v": 1, "kind": "open", "origin": origin, "at": "2026-11-22T08:00:00.000Z"}
    return b"".join(json.dumps(line).encode() + b"\n" for line in (first, *events))


def notebook(*events: dict[str, Any], origin: str = MINE) -> bytes:
    ours = {"answers": {"origin": origin, "events": list(events)}} if events else {}
    return json.dumps({"cells": [], "metadata": {KEY: ours}}).encode()


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def found(folder: Path, *known: str) -> dict[str, str | list[int]]:
    """By place, the numbers of the answers in a file, or why there are none."""
    return {
        one.name: one.why if isinstance(one, NotRead) else [event.seq for event in one.answers.events]
        for one in other_copies(str(folder), known)
    }


NAMES = (
    *("etape-1-AUTRE-PC.ipynb", "etape-1 (1).ipynb", "ETAPE-1.IPYNB", "etape-1.ipynb.txt", "etape-1.ipynb.json"),
    *("etape-1.json", "etape-1.txt", "sous/dossier/etape-1.ipynb", ".ipynb_checkpoints/etape-1-checkpoint.ipynb"),
)


@pytest.mark.parametrize("name", NAMES)
def test_document_is_found_under_any_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: notebook(event(1), event(2))})
    assert found(tmp_path) == {name: [1, 2]}
    assert found(tmp_path, name) == {}


@pytest.mark.parametrize(
    "name", ["reponses (1).jsonl", "reponses-Copy1.jsonl", "REPONSES.JSONL", "reponses.jsonl.txt", "a/reponses.jsonl"]
)
def test_journal_is_found_under_any_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: journal(event(3))})
    assert found(tmp_path) == {name: [3]}


def test_answers_that_were_taken_along_are_found(tmp_path: Path) -> None:
    answers = {"origin": MINE, "events": [event(1)]}
    travel = {"reseau_kit": 1, "written": "2026-11-22T08:00:00.000Z", "folders": {"etape-1": answers, "etape-2": 3}}
    write(tmp_path, {"mes-reponses-2026-11-22.json": json.dumps(travel).encode()})
    assert found(tmp_path) == {"mes-reponses-2026-11-22.json": [1]}


def test_what_is_nothing_of_ours_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"notes.txt": b"Bonjour", "liste.json": b"[1]", "autre.json": b'{"a": 1}', "photo.png": b"\x89PNG"})
    write(tmp_path, {"._etape-1.ipynb": b"?", ".cache/x.ipynb": notebook(event(1)), "vide.jsonl": b""})
    (tmp_path / "lien.ipynb").symlink_to(tmp_path / ".cache" / "x.ipynb")
    os.mkfifo(tmp_path / "tube.ipynb")
    assert found(tmp_path) == {}


def test_what_is_not_looked_into_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.zip": b"PK", "b.ipynb": b"{", "c.jsonl": b"?", "d.ipynb": notebook() + b" " * 5_000})
    monkeypatch.setattr(copies, "MAX_BYTES", 4_000)
    told = found(tmp_path)
    assert told.pop("b.ipynb").startswith("ne se lit pas")  # type: ignore[union-attr]
    assert told == {
        "a.zip": "est une archive, qui n’est pas ouverte",
        "c.jsonl": "ne contient pas de réponses lisibles",
        "d.ipynb": "est trop gros",
    }


def test_no_more_is_read_than_all_of_them_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty documents of thirty megabytes, none of which is asked for."""
    data = notebook(event(1)) + b" " * 10_000
    write(tmp_path, {f"{number:02}.ipynb": data for number in range(90)})
    monkeypatch.setattr(copies, "MAX_BYTES", 20 * len(data))
    assert list(found(tmp_path).values()).count([1]) == 20
    monkeypatch.undo()
    told = list(found(tmp_path).values())
    assert told.count([1]) == 50
    assert told.count("vient après trop d’autres") == 40


def test_page_and_grader_know_of_the_same_copies(tmp_path: Path) -> None:
    """The learner's page shows what a second journal beside the first one holds, and never another person's."""
    write(tmp_path, {FILE_NAME: journal(event(1)), "reponses (1).jsonl": journal(event(1), event(2))})
    write(tmp_path, {"etape-1.ipynb.txt": notebook(event(3))})
    write(tmp_path, {"reponses (2).jsonl": journal(event(4, THEIRS), origin=THEIRS)})
    write(tmp_path, {"etape-2/reponses.jsonl": journal(event(5))})
    folder = Folder(tmp_path)
    assert [event.seq for event in folder.answers.events] == [1, 2, 3]
    assert folder.bring_in(folder.answers.events)
    (tmp_path / "reponses (1).jsonl").unlink()
    assert [event.seq for event in Folder(tmp_path).answers.events] == [1, 2, 3]


def test_second_journal_alone_is_its_owners(tmp_path: Path) -> None:
    write(tmp_path, {"reponses-Copy1.jsonl": journal(event(2))})
    assert [event.seq for event in Folder(tmp_path).answers.events] == [2]
    write(tmp_path, {"reponses-Copy2.jsonl": journal(event(4, THEIRS), origin=THEIRS)})
    assert Folder(tmp_path).answers.events == ()


def test_copy_says_what_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": notebook(event(1)), "b.jsonl": journal()})
    one, other = other_copies(str(tmp_path), ())
    assert isinstance(one, Copy)
    assert isinstance(other, Copy)
    assert one.notebook
    assert (other.notebook, other.answers.origin) == (None, MINE)
