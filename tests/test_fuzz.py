"""Spoilt submissions: whatever is in a folder, it has the mark of the answers that can still be read, and runs nothing.

A fixed sample of what `bench/fuzz.py` grades by thousands, notebooks and journals that hypothesis makes up, and each
fault that they found.
"""

import json
import os
import random
import shutil
import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import fuzz
from bench.fuzz import Base, Bench, Verdict
from bench.mutations import OPERATORS, Draft, Odd, spoil, write, zip64
from reseau_kit.answers import checks, copies, marks
from reseau_kit.answers.journal import FILE_NAME, MAX_LINES, put_together, read_event, read_lines
from reseau_kit.answers.marks import LONGEST_ANSWER, MOST_BYTES, MOST_JUDGED
from reseau_kit.answers.notebooks import KEY, parse
from reseau_kit.demo.papers import Paper
from reseau_kit.grading import desk as marking
from reseau_kit.grading import submission
from reseau_kit.grading.exercise import Outcome
from reseau_kit.grading.report import printable
from reseau_kit.grading.timestamp import Refused, handed_in_at

pytestmark = pytest.mark.slow

#: An exercise with every kind of question.
SOURCE = Path(__file__).parent / "tous-les-genres"
SEED, SAMPLE = 11, 300


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    tmp = tmp_path_factory.mktemp("fuzz")
    return Bench(fuzz.make_course(tmp / "cours", SOURCE), tmp / "travail", SEED, learners=40)


@pytest.fixture
def whole(bench: Bench) -> Base:
    """Somebody's work, not damaged, and worth something."""
    return next(base for base in bench.bases if not base.hand_in.damage and sum(sure(bench, base).values()) > 20)


def sure(bench: Bench, base: Base) -> dict[str, float]:
    found = base.subject.scores(base.hand_in.events)
    return {name: score for name, score in found.items() if score is not None}


def scores(outcome: Outcome) -> dict[str, float | None]:
    return {mark.name: mark.auto_score for marks in outcome.notebooks.values() for mark in marks}


# --- a fixed sample ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def verdicts(bench: Bench) -> list[Verdict]:
    return [bench.judge(number) for number in range(SAMPLE)]


def test_spoilt_submissions_have_their_marks(verdicts: list[Verdict]) -> None:
    """No crash, no wrong mark, no file elsewhere, no code run, no HTML, no English, no end of memory or time."""
    assert [(verdict.number, verdict.did, verdict.faults) for verdict in verdicts if verdict.faults] == []


def test_sample_says_something(verdicts: list[Verdict]) -> None:
    """Every operator is in it, and most of it is graded, half of it to the points of the whole work."""
    used = {name for verdict in verdicts for name in verdict.did}
    # The exercise has no text that a person reads; `bench/fuzz.py` has the course's.
    assert set(OPERATORS) - used == {"write_where_a_person_reads"}
    assert sum(verdict.neutral for verdict in verdicts) > SAMPLE * 0.4
    assert sum(not verdict.refused for verdict in verdicts) > SAMPLE * 0.7


# --- what is watched is seen ------------------------------------------------------------------------------------------


def test_watch_sees_what_runs_and_what_is_written(bench: Bench, whole: Base, tmp_path: Path) -> None:
    """Nothing was seen above; here is what it would have been."""
    with bench.watch.over(whole.subject.exercise, tmp_path / "submitted", tmp_path / "staging"):
        exec("made = 1")  # noqa: S102
        os.posix_spawn("/bin/true", ["true"], {})
        (tmp_path / "ailleurs").write_text("?", encoding="utf-8")
        (tmp_path / "dossier").mkdir()
        (tmp_path / "ailleurs").read_text(encoding="utf-8")
    os.wait()
    assert [text.split()[0] for text in bench.watch.runs] == ["compile", "exec", "os.posix_spawn"]
    assert [text.split()[0] for text in bench.watch.escapes] == ["écrit", "os.mkdir", "lit"]


def test_lost_answer_is_seen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader that forgets one answer of each person gives wrong marks, and that is found."""

    def forgetful(*readings: Any, **others: Any) -> Any:
        answers = put_together(*readings, **others)
        return replace(answers, events=answers.events[:-1])

    monkeypatch.setattr(submission, "put_together", forgetful)
    assert any(kind == "wrong_marks" for number in range(40) for kind, _ in bench.judge(number).faults)


# --- what would act where somebody opens it ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["aliases", "saved_widget_states", "shadows"])
def test_what_would_act_when_opened_is_nothing_to_grading(
    bench: Bench, whole: Base, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the grader is run in the folder that was handed in: the same marks, and nothing of it is handed on."""
    others = [base.draft(bench.places) for base in bench.bases if base.hand_in.events and base is not whole]
    for seed in range(12):
        draft = spoil(whole.draft(bench.places, others), random.Random(seed), 1, [kind])
        assert draft.did == [kind]
        folder = bench.base / "ici" / "submitted" / draft.student / whole.subject.exercise.name
        shutil.rmtree(bench.base / "ici", ignore_errors=True)
        write(draft, folder)
        monkeypatch.chdir(folder)
        staging = bench.base / "ici" / "staging"
        with bench.watch.over(whole.subject.exercise, folder, staging):
            outcome = marking.grade_folder(whole.subject.exercise, draft.student, folder, staging)
        monkeypatch.chdir(bench.base)
        assert [*fuzz.judged_marks(whole, draft, outcome), *bench._judged_files(staging)] == []
        assert (bench.watch.runs, bench.watch.escapes) == ([], [])


# --- made up ----------------------------------------------------------------------------------------------------------

_KEYS = ("cells", "metadata", KEY, "answers", "events", "origin", "nbgrader", "grade_id", "source", "cell_type", "id")
_NAMES = st.sampled_from((*_KEYS, "seq", "value", "\ud800", ""))
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=9)
    | st.sampled_from(("code", "markdown", "a" * 16, "attempt", "2026-11-22T08:00:00Z")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=12,
)
_ANSWERS = st.fixed_dictionaries(
    {
        "v": st.just(1) | _VALUES,
        "id": st.integers(0, 9).map(lambda number: f"{number:016x}"),
        "origin": st.sampled_from(("a" * 16, "b" * 16)),
        "seq": st.integers(1, 9) | _VALUES,
        "activity": st.integers(0, 20),
        "version": st.integers(1, 2),
        "kind": st.sampled_from(("draft", "attempt", "attempt", "open", "accept", "refuse")),
        "value": _VALUES,
        "at": st.sampled_from(("2026-11-22T08:00:00Z", "2026-11-22", "2026-11-22<08", "hier")),
        "context": st.just({"cas": "nadia"}) | st.just({}) | _VALUES,
    },
    optional={"of": st.sampled_from(("a" * 16, "b" * 16))},
)
_LINES = st.lists(_ANSWERS | _VALUES, max_size=8)


def _named(records: list[Any], paper: Paper) -> list[Any]:
    """The records, with an activity in the place of its number."""
    ids = [activity.id for activity in paper.activities]
    return [
        {**record, "activity": ids[record["activity"] % len(ids)]}
        if isinstance(record, dict) and isinstance(record.get("activity"), int)
        else record
        for record in records
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


@settings(max_examples=120, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=_LINES, told=_LINES, cells=st.lists(_VALUES, max_size=4), more=_VALUES, cut=st.integers(0, 60))
def test_made_up_submission_has_the_mark_of_its_answers(
    bench: Bench, lines: list[Any], told: list[Any], cells: list[Any], more: Any, cut: int
) -> None:
    base = bench.bases[0]
    draft = base.draft(bench.places)
    journal = b"\n".join(map(_json, _named(lines, base.subject.paper)))
    draft.files[FILE_NAME] = journal[: len(journal) - cut] if cut < 20 else journal
    answers = {"origin": "a" * 16, "events": _named(told, base.subject.paper), "more": more}
    notebook = {"cells": [*draft.notebook()["cells"], *cells], "metadata": {KEY: {"answers": answers}}, "more": more}
    draft.files[draft.notebook_name] = _json(notebook)
    draft.worst, draft.did = "wild", ["made up"]
    outcome, staging = bench.graded(base.subject, draft)
    assert list(fuzz.judged_marks(base, draft, outcome)) == []
    assert (bench.watch.runs, bench.watch.escapes) == ([], [])
    if outcome.staged:
        parse((staging / draft.notebook_name).read_bytes())


@settings(max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=300) | st.lists(_ANSWERS | _VALUES).map(lambda lines: b"\n".join(map(_json, lines))))
def test_any_bytes_are_a_journal_and_a_notebook(bench: Bench, data: bytes) -> None:
    base = bench.bases[0]
    draft = Draft(base.subject.paper.notebook_name, {}, (), bench.places)
    draft.files = {FILE_NAME: data, draft.notebook_name: data, "timestamp.txt": base.hand_in.files["timestamp.txt"]}
    draft.worst, draft.did = "wild", ["bytes"]
    outcome, _ = bench.graded(base.subject, draft)
    assert list(fuzz.judged_marks(base, draft, outcome)) == []


# --- what was found ---------------------------------------------------------------------------------------------------


def test_date_that_no_file_can_hold_is_no_date() -> None:
    """Python takes any letter before the hours, and half a character cannot be written."""
    event = {"v": 1, "id": "a" * 16, "origin": "a" * 16, "activity": "N", "kind": "draft", "seq": 1, "version": 1}
    assert read_event({**event, "at": "2026-01-01 08:00"}).at
    with pytest.raises(ValueError, match="la date ne se lit pas"):
        read_event({**event, "at": "2026-01-01\ud80008:00"})


def test_journal_of_millions_of_lines_is_read_to_a_limit() -> None:
    """It took a minute and 400 MiB. What comes before the limit counts."""
    event = {"v": 1, "id": "a" * 16, "origin": "a" * 16, "activity": "N", "kind": "draft", "seq": 1, "version": 1}
    line = _json({**event, "at": "2026-01-01"})
    started = time.process_time()
    reading = read_lines(line + b"\n" + b"[\n" * 3_000_000)
    assert time.process_time() - started < 10
    assert [event.id for event in reading.events] == ["a" * 16]
    assert len(reading.damages) <= MAX_LINES
    assert f"plus de {MAX_LINES} lignes" in reading.damages[0].reason


#: A file of a time zone, one hour east (RFC 8536, version 1).
ZONE = b"TZif" + bytes(16) + bytes([*bytes(16), 0, 0, 0, 1, 0, 0, 0, 4]) + bytes([0, 0, 14, 16, 0, 0]) + b"FUZ\0"


def test_date_opens_no_file(tmp_path: Path) -> None:
    """A time zone may be the path of a file, which dateutil opens: one that never answers would stop everything."""
    from dateutil.tz import gettz

    (tmp_path / "zone").write_bytes(ZONE)
    assert gettz(str(tmp_path / "zone")) is not None
    for name in (tmp_path / "zone", f":{tmp_path / 'zone'}", f"../../../../..{tmp_path / 'zone'}"):
        (tmp_path / "timestamp.txt").write_text(f"2026-11-30 08:00:00 {name}", encoding="utf-8")
        with pytest.raises(Refused, match="La date de remise"):
            handed_in_at(str(tmp_path))
    (tmp_path / "timestamp.txt").write_text("2026-11-30 08:00:00 America/Argentina/Ushuaia", encoding="utf-8")
    assert handed_in_at(str(tmp_path)) == datetime(2026, 11, 30, 11)  # noqa: DTZ001  as stored


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "ligne 1, colonne 2\N{NO-BREAK SPACE}: ce n’est pas du JSON"),
        (b'{\n "cells": x', "ligne 2, colonne 11\N{NO-BREAK SPACE}: ce n’est pas du JSON"),
        (b'{"a": "\xff"}', "octet 8\N{NO-BREAK SPACE}: ce n’est pas du texte en UTF-8"),
        (b"9" * 5_000, "un nombre a trop de chiffres"),
    ],
)
def test_unreadable_notebook_is_told_in_french(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match="n’est pas un notebook lisible") as told:
        parse(data)
    assert str(told.value).endswith(f"({said})")


def test_answer_that_cannot_be_written_is_told_in_french() -> None:
    event = {"v": 1, "id": "a" * 16, "origin": "a" * 16, "activity": "N", "kind": "draft", "seq": 1, "version": 1}
    for value, said in (("\ud800", "ne s’écrit pas en UTF-8"), (float("inf"), "un nombre infini")):
        with pytest.raises(ValueError, match=said):
            read_event({**event, "at": "2026-01-01", "value": value})


def test_journal_without_its_first_line_is_still_its_authors(bench: Bench, whole: Base) -> None:
    """All its answers were said to be another person's, and earned nothing."""
    draft = whole.draft(bench.places)
    lines = draft.lines()
    draft.files[FILE_NAME] = lines[0][:20] + b"\n" + b"".join(lines[1:])
    draft.files.pop(draft.notebook_name)
    got = scores(bench.graded(whole.subject, draft)[0])
    assert {name: got[name] for name in sure(bench, whole)} == sure(bench, whole)


def test_journals_of_two_people_without_a_first_line_are_nobodys(bench: Bench, whole: Base) -> None:
    other = next(base for base in bench.bases if base.hand_in.events and base is not whole)
    draft = whole.draft(bench.places)
    draft.files[FILE_NAME] = b"".join(line for one in (whole, other) for line in one.draft(bench.places).lines()[1:])
    draft.files.pop(draft.notebook_name)
    outcome, _ = bench.graded(whole.subject, draft)
    assert {scores(outcome)[name] for name in whole.subject.marked} == {0.0}
    assert "d’un autre dossier" in "\n".join(outcome.repairs)


def test_folder_swapped_for_a_link_while_it_is_read_is_not_followed(
    bench: Bench, whole: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files were listed while it was a folder."""
    draft = whole.draft(bench.places)
    draft.files |= {"notes/hier/secret.txt": b"le mien", "notes/reste.txt": b"reste"}
    elsewhere = bench.base / "ici" / "ailleurs"

    def swapped(target: str, name: str, made: set[str]) -> None:
        notes = bench.base / "ici" / "submitted" / draft.student / whole.subject.exercise.name / "notes"
        if name.startswith("notes") and not (notes / "hier").is_symlink():
            shutil.move(notes / "hier", elsewhere)
            (elsewhere / "secret.txt").write_bytes(b"celui d'une autre personne")
            (notes / "hier").symlink_to(elsewhere)
        make_parents(target, name, made)

    make_parents = vars(marking)["make_folders_above"]
    monkeypatch.setattr(marking, "make_folders_above", swapped)
    monkeypatch.setattr(bench.watch, "over", lambda *_: nullcontext())
    outcome, staging = bench.graded(whole.subject, draft)
    assert (staging / "notes" / "reste.txt").read_bytes() == b"reste"
    assert not (staging / "notes" / "hier" / "secret.txt").exists()
    assert "notes/hier/secret.txt" in "\n".join(outcome.repairs)


def test_path_too_long_for_where_it_goes_is_left_out(bench: Bench, whole: Base, tmp_path: Path) -> None:
    """It stood in a shorter place, where it could be read."""
    draft = whole.draft(bench.places)
    folder, staging = tmp_path / "s" / "lea" / "atelier", tmp_path / "t" / ("x" * 200) / ("y" * 200)
    room = 4_000 - len(str(folder))
    draft.files["/".join(["d" * 199] * (room // 200)) + "/" + "f" * (room % 200 + 1)] = b"?"
    write(draft, folder)
    staging.mkdir(parents=True)
    outcome = marking.grade_folder(whole.subject.exercise, "lea", folder, staging)
    got = scores(outcome)
    assert {name: got[name] for name in sure(bench, whole)} == sure(bench, whole)
    assert "a un nom trop long" in "\n".join(outcome.repairs)


def test_name_moves_no_cursor() -> None:
    """A folder's name is shown in a terminal, where it could rewrite what stands there."""
    assert printable("\x1b[2Ja\nb\u202e\udcff") == "\\x1b[2Ja\\nb\\u202e\\udcff"
    assert printable("Éloïse\N{NO-BREAK SPACE}: « d’Orme »") == "Éloïse\N{NO-BREAK SPACE}: « d’Orme »"


def test_renamed_notebook_is_found_among_huge_ones(bench: Bench, whole: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty of thirty million bytes took ten seconds; so many bytes are read, and what is too large is passed over."""
    draft = whole.draft(bench.places)
    draft.files.pop(FILE_NAME)
    name = draft.notebook_name
    draft.files |= {f"a{number}.ipynb": Odd("sparse", size=10**9) for number in range(9)}
    draft.files["b.ipynb"] = draft.files.pop(name)
    got = scores(bench.graded(whole.subject, draft)[0])
    assert {name: got[name] for name in sure(bench, whole)} == sure(bench, whole)
    monkeypatch.setattr(copies, "MAX_BYTES", 1_000)
    assert sum(score or 0 for score in scores(bench.graded(whole.subject, draft)[0]).values()) == 0


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_long_answers_take_no_more_work_than_a_few(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Signs that grow when they are compared, and attempts past the third: one submission took fifty seconds."""
    judged: list[int] = []
    check = vars(checks)["check"]

    def counted(activity: Any, value: object, *more: Any) -> Any:
        judged.append(len(str(value).encode("utf-8", "replace")))
        return check(activity, value, *more)

    monkeypatch.setattr(marks, "check", counted)
    base = next(base for base in bench.bases if base.hand_in.events and not base.hand_in.damage)
    draft = base.draft(bench.places)
    OPERATORS["ligatures"][1](random.Random(seed), draft)
    bench.graded(base.subject, draft)
    few = len(base.subject.marked) + 1
    assert sum(judged) <= few * (MOST_BYTES + LONGEST_ANSWER)
    assert len(judged) <= few * (MOST_JUDGED + 1)


def test_archives_are_not_opened_while_grading(bench: Bench, whole: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = whole.draft(bench.places)
    draft.files["tout.zip"] = zip64(400_000)
    opened: list[str] = []
    monkeypatch.setattr("zipfile.ZipFile.__init__", lambda *_: opened.append("?"))
    outcome, _ = bench.graded(whole.subject, draft)
    assert opened == []
    assert "est une archive, qui n’est pas ouverte" in "\n".join(outcome.repairs)
