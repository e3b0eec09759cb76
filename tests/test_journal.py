"""The journal: nothing that was confirmed is lost, whatever happens to the file or to the process."""

import bz2
import gzip
import io
import json
import lzma
import os
import random
import signal
import stat
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.answers import journal as journals
from reseau_kit.answers.journal import Event, Journal, NotStored, Reading, compact, merge, read_event, read_lines
from reseau_kit.system.files import replace_file

MINE, FRIEND = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"


# A child that only writes to a file and exits is safe to fork, threads or not.
FORKING = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def event(seq: int, value: Any = 63.3, *, kind: journals.Kind = "attempt", origin: str = MINE, **changes: Any) -> Event:
    activity = changes.pop("activity", "E1-A6")
    made = Event(f"{origin[:4]}{seq:012x}", origin, seq, activity, 1, kind, value, "2026-11-22T08:00:00.000Z")
    return replace(made, **changes)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    journal = Journal(tmp_path / "reponses.jsonl")
    journal.start(MINE)
    return journal


# --- writing and reading ----------------------------------------------------------------------------------------------


def test_what_is_appended_is_read_back(journal: Journal) -> None:
    answers = [event(1, "63,3"), event(2, ["public"], activity="E1-A4", context={"cas": "nadia"}), event(3, None)]
    for answer in answers:
        journal.append(answer)
    reading = journal.read()
    assert reading.origin == MINE
    assert list(reading.events) == answers
    assert reading.damages == ()


def test_a_journal_that_does_not_exist_is_empty(tmp_path: Path) -> None:
    assert Journal(tmp_path / "reponses.jsonl").read() == Reading()


def test_a_line_cut_short_costs_no_other_line(journal: Journal) -> None:
    """A machine that stopped in the middle of a write leaves half a line: the next answer stands on its own."""
    journal.append(event(1))
    with journal.path.open("ab") as file:
        file.write(b'{"v":1,"id":"cut sh')
    journal.append(event(2))
    reading = journal.read()
    assert [answer.seq for answer in reading.events] == [1, 2]
    assert [damage.line for damage in reading.damages] == [3]


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"v":1}',
        b"[" * 50_000,
        b'{"v":1,"kind":"open","origin":"../../x"}',
        json.dumps({**event(9).to_json(), "v": 99}).encode(),
        json.dumps({**event(9).to_json(), "value": float("nan")}).encode(),
        json.dumps({**event(9).to_json(), "seq": -1}).encode(),
        json.dumps({**event(9).to_json(), "seq": True}).encode(),
        json.dumps({**event(9).to_json(), "seq": 10**30}).encode(),
        json.dumps({**event(9).to_json(), "id": "<script>"}).encode(),
        json.dumps({**event(9).to_json(), "kind": "grade"}).encode(),
        json.dumps({**event(9).to_json(), "at": "hier"}).encode(),
        json.dumps({**event(9).to_json(), "context": {"cas": 3}}).encode(),
        json.dumps({**event(9).to_json(), "activity": "../E1"}).encode(),
        json.dumps({**event(9).to_json(), "value": "x" * 40_000}).encode(),
        b'"' + b"x" * 100_000 + b'"',
    ],
    ids=range(19),
)
def test_a_damaged_line_is_passed_over_and_reported(journal: Journal, line: bytes) -> None:
    journal.append(event(1))
    with journal.path.open("ab") as file:
        file.write(line + b"\n")
    before = journal.path.read_bytes()
    journal.append(event(2))
    reading = journal.read()
    assert [answer.seq for answer in reading.events] == [1, 2]
    assert [damage.line for damage in reading.damages] == [3]
    assert reading.damages[0].reason
    assert journal.path.read_bytes().startswith(before), "reading and appending never rewrite"


def test_a_journal_too_large_is_read_as_far_as_it_goes(journal: Journal) -> None:
    journal.append(event(1))
    with journal.path.open("ab") as file:
        file.write(b"x" * (journals.MAX_FILE_BYTES + 10))
    reading = journal.read()
    assert len(reading.events) == 1
    assert any("Mo" in damage.reason for damage in reading.damages)


def test_an_answer_too_large_is_refused_with_what_to_do(journal: Journal) -> None:
    with pytest.raises(NotStored, match="Raccourcissez"):
        journal.append(event(1, "x" * 50_000))
    assert journal.read().events == ()


def test_drafts_never_take_the_room_of_an_attempt(journal: Journal) -> None:
    with journal.path.open("ab") as file:
        file.write((b"x" * 999 + b"\n") * (journals.MAX_DRAFTS_BYTES // 1000))
    with pytest.raises(NotStored, match="plein"):
        journal.append(event(1, kind="draft"))
    journal.append(event(2))
    assert [answer.seq for answer in journal.read().events] == [2]


def test_a_disk_that_keeps_nothing_is_not_called_stored(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """« Enregistré » is said of what was read back, not of what was written."""
    monkeypatch.setattr(os, "write", lambda _descriptor, data: len(data))
    with pytest.raises(NotStored, match="ne se relit pas"):
        journal.append(event(1))


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotStored, match="n’a pas pu être écrit"):
        Journal(tmp_path / "absent" / "reponses.jsonl").append(event(1))


def test_a_link_is_neither_read_nor_written(tmp_path: Path) -> None:
    """A submission that brings a link would have the grader read, or the learner overwrite, another file."""
    secret = tmp_path / "secret"
    secret.write_text(json.dumps(event(1).to_json()) + "\n")
    journal = Journal(tmp_path / "reponses.jsonl")
    journal.path.symlink_to(secret)
    assert journal.read() == Reading()
    with pytest.raises(NotStored, match="lien"):
        journal.append(event(2))


def test_a_folder_in_the_journals_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "reponses.jsonl").mkdir()
    assert Journal(tmp_path / "reponses.jsonl").read() == Reading()
    with pytest.raises(NotStored, match=r"est un dossier.*Renommez-le"):
        Journal(tmp_path / "reponses.jsonl").append(event(1))


def test_two_programs_that_begin_a_journal_agree_on_its_owner(tmp_path: Path) -> None:
    first, second = Journal(tmp_path / "reponses.jsonl"), Journal(tmp_path / "reponses.jsonl")
    assert first.start(MINE) == MINE
    assert second.start(FRIEND) == MINE


@FORKING
def test_two_programs_append_without_mixing_their_lines(journal: Journal) -> None:
    """Two kernels write to one journal at once: every line is whole."""
    children = []
    for child in range(2):
        pid = os.fork()
        if not pid:
            try:
                for seq in range(100):
                    journal.append(event(1 + 2 * seq + child, "x" * 500))
            finally:
                os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    reading = journal.read()
    assert sorted(answer.seq for answer in reading.events) == list(range(1, 201))
    assert reading.damages == ()


@FORKING
@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_confirmed_and_invent_nothing(tmp_path: Path) -> None:
    """A process that stores answers is killed at a random moment, 200 times, on one and the same journal."""
    rng = random.Random(20261122)
    journal = Journal(tmp_path / "reponses.jsonl")
    journal.start(MINE)
    confirmed: set[str] = set()
    offered: set[str] = set()
    for round_ in range(200):
        out, into = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(out)
            try:
                for seq in range(1, 10_000):
                    answer = event(round_ * 10_000 + seq, "x" * (seq % 50))
                    os.write(into, f"?{answer.id}\n".encode())
                    journal.append(answer)
                    os.write(into, f"!{answer.id}\n".encode())
            finally:
                os._exit(0)
        os.close(into)
        with os.fdopen(out) as said:
            # However fast the machine is, it has said something: an odd line was offered, an even one confirmed.
            lines = [said.readline() for _ in range(rng.randint(1, 8))]
            time.sleep(rng.uniform(0.0, 0.002))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            lines += said.readlines()
        for line in lines:
            (confirmed if line[0] == "!" else offered).add(line[1:].strip())
    stored = {answer.id for answer in journal.read().events}
    assert len(confirmed) > 200
    assert confirmed <= stored
    assert stored <= offered


# --- what tools make of it --------------------------------------------------------------------------------------------


def zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("reponses.jsonl", data)
    return made.getvalue()


#: A journal as an editor, a shell or an archiver leaves it.
FORMS: dict[str, Callable[[bytes], bytes]] = {
    "utf-8-with-mark": lambda data: data.decode().encode("utf-8-sig"),
    "two-files-with-marks": lambda data: b"".join(b"\xef\xbb\xbf" + line for line in data.splitlines(keepends=True)),
    "utf-16-le-with-mark": lambda data: b"\xff\xfe" + data.decode().encode("utf-16-le"),
    "utf-16-be-with-mark": lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
    "utf-16-le": lambda data: data.decode().encode("utf-16-le"),
    "utf-16-be": lambda data: data.decode().encode("utf-16-be"),
    "utf-16-with-crlf": lambda data: data.decode().replace("\n", "\r\n").encode("utf-16"),
    "utf-32": lambda data: data.decode().encode("utf-32"),
    "cr": lambda data: data.replace(b"\n", b"\r"),
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "gzip": gzip.compress,
    "gzip-in-parts": lambda data: b"".join(map(gzip.compress, data.splitlines(keepends=True))),
    "gzip-of-utf-16": lambda data: gzip.compress(data.decode().encode("utf-16")),
}
ARCHIVES: dict[str, Callable[[bytes], bytes]] = {"zip": zipped, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_journal_in_another_form_is_read_and_gone_on_with(journal: Journal, form: Callable[[bytes], bytes]) -> None:
    """Its text is the same; an answer that is added is read beside it, and so is one that was added before."""
    answers = [event(1, "où\u2028déjà \ufeff?"), event(2, {"texte": "une œuvre\r\n"})]
    for answer in answers:
        journal.append(answer)
    journal.path.write_bytes(form(journal.path.read_bytes()))
    assert journal.read() == Reading(MINE, tuple(answers))
    as_it_was = journal.path.read_bytes()
    journal.append(event(3, "encore"))
    assert journal.read() == Reading(MINE, (*answers, event(3, "encore")))
    assert mode(journal.path) == 0o600
    line = json.dumps(event(3, "encore").to_json(), separators=(",", ":")).encode()
    assert read_lines(as_it_was + b"\n" + line + b"\n") == Reading(MINE, (*answers, event(3, "encore")))


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_journal_in_an_archive_is_named_and_nothing_is_added_to_it(journal: Journal, name: str) -> None:
    journal.append(event(1))
    journal.path.write_bytes(packed := ARCHIVES[name](journal.path.read_bytes()))
    (damage,) = journal.read().damages
    assert f"archive {name}" in damage.reason
    with pytest.raises(NotStored, match=f"archive {name}.*Renommez-le"):
        journal.append(event(2))
    assert journal.path.read_bytes() == packed


def test_a_compressed_journal_that_is_cut_short_is_read_as_far_as_it_goes(journal: Journal) -> None:
    """What cannot be read of it stays where it is: nothing is written over it."""
    rng = random.Random(9)
    for seq in range(1, 101):
        journal.append(event(seq, rng.randbytes(30).hex()))
    whole = journal.read().events
    packed = gzip.compress(journal.path.read_bytes())
    for damaged in (packed[:-200], packed[: len(packed) // 2], packed[:3000] + b"\xff" * 50 + packed[3050:]):
        journal.path.write_bytes(damaged)
        reading = journal.read()
        assert 20 < len(reading.events) < 101
        assert reading.events == whole[: len(reading.events)]
        assert any("gzip" in damage.reason for damage in reading.damages)
        with pytest.raises(NotStored, match="abîmé"):
            journal.append(event(101))
        assert journal.path.read_bytes() == damaged


def test_a_journal_that_unpacks_to_gigabytes_is_read_as_far_as_a_journal_goes(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append(event(1))
    bomb = gzip.compress(journal.path.read_bytes() + b"\n" * 50_000_000)
    many = gzip.compress(journal.path.read_bytes()) + gzip.compress(b"") * 20_000
    unpacked = 0
    real = zlib.decompressobj

    class Counting:
        def __init__(self, bits: int) -> None:
            self._real = real(bits)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def decompress(self, data: bytes, room: int) -> bytes:
            nonlocal unpacked
            part = self._real.decompress(data, room)
            unpacked += len(part) + 1
            return part

    monkeypatch.setattr(zlib, "decompressobj", Counting)
    for data in (bomb, many):
        unpacked = 0
        assert read_lines(data).events == (event(1),)
        assert unpacked < journals.MAX_FILE_BYTES + 100_000


# --- who may read it --------------------------------------------------------------------------------------------------


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_journal_is_its_owners_alone_before_and_after_erasing(journal: Journal) -> None:
    journal.append(event(1))
    assert mode(journal.path) == 0o600
    journal.erase([])
    assert mode(journal.path) == 0o600


@pytest.mark.parametrize("rights", [0o600, 0o640, 0o664, 0o444])
def test_a_file_with_new_contents_keeps_its_rights(tmp_path: Path, rights: int) -> None:
    path = tmp_path / "etape-1.ipynb"
    path.write_bytes(b"avant")
    path.chmod(rights)
    replace_file(path, "après".encode())
    assert (path.read_text(encoding="utf-8"), mode(path)) == ("après", rights)


def test_what_replaces_a_private_file_was_never_open_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even halfway, where a machine may stop and leave it."""
    path = tmp_path / "etape-1.ipynb"
    path.write_bytes(b"avant")
    path.chmod(0o600)
    seen: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode)))
    replace_file(path, "après".encode())
    assert seen == [0o600]


# --- copies put together ----------------------------------------------------------------------------------------------


def test_copies_add_up_by_event_whatever_their_order() -> None:
    journal = Reading(MINE, (event(1), event(3)))
    copy = Reading(MINE, (event(3), event(2)))
    assert [answer.seq for answer in merge(journal, copy).events] == [1, 2, 3]
    assert merge(copy, journal).events == merge(journal, copy).events


def test_clocks_that_went_back_do_not_change_the_order() -> None:
    late, early = event(1, at="2026-11-22T09:00:00Z"), event(2, at="2026-11-21T09:00:00Z")
    assert merge(Reading(MINE, (early, late))).events == (late, early)


def test_somebody_elses_answers_are_set_aside() -> None:
    answers = merge(Reading(MINE, (event(1),)), Reading(FRIEND, (event(1, origin=FRIEND),)))
    assert [answer.origin for answer in answers.events] == [MINE]
    assert [answer.origin for answer in answers.foreign] == [FRIEND]


def test_the_learner_can_vouch_for_another_origin_or_refuse_it(journal: Journal) -> None:
    """The latest word holds, and what was refused is not asked about again."""
    copy = Reading(FRIEND, (event(1, origin=FRIEND),))
    journal.decide("refuse", FRIEND)
    answers = merge(journal.read(), copy)
    assert (answers.events, answers.foreign) == ((), ())
    journal.decide("accept", FRIEND)
    assert [answer.origin for answer in merge(journal.read(), copy).events] == [FRIEND]


def test_a_copy_cannot_vouch_for_itself() -> None:
    """Only the journal says whose answers count: a friend's notebook that accepts itself is still a friend's."""
    copy = Reading(FRIEND, (event(1, origin=FRIEND),), accepted=frozenset({FRIEND}))
    assert merge(Reading(MINE), copy).events == ()


def test_erasing_begins_anew_and_refuses_what_was(journal: Journal) -> None:
    """A forgotten copy of the notebook does not bring erased answers back."""
    journal.append(event(1, "mon secret"))
    origin = journal.erase([])
    assert b"mon secret" not in journal.path.read_bytes()
    assert origin != MINE
    answers = merge(journal.read(), Reading(MINE, (event(1, "mon secret"),)))
    assert (answers.origin, answers.events, answers.foreign) == (origin, (), ())


def test_a_copy_keeps_all_attempts_and_the_latest_draft() -> None:
    history = [event(1, kind="draft"), event(2), event(3, kind="draft"), event(4, kind="draft"), event(5, activity="A")]
    assert [answer.seq for answer in compact(history)] == [2, 4, 5]
    assert [answer.seq for answer in compact([*history, event(6)])] == [2, 5, 6]


def test_an_event_survives_json(journal: Journal) -> None:
    answer = event(1, {"texte": "élève « œuvre »\u00a0!\n<b>", "liste": [1, 2.5, None, True]})
    assert read_event(json.loads(json.dumps(answer.to_json()))) == answer


def test_reading_bytes_that_are_no_journal_gives_damages_not_errors() -> None:
    rng = random.Random(1)
    for _ in range(200):
        reading = read_lines(rng.randbytes(rng.randrange(400)))
        assert reading.events == ()
