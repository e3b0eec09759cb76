"""How real submissions are spoilt: each operator changes a submission in memory, and says what that may do to its mark.

NEUTRAL ones change no mark, LOSING ones may lose answers and add none, WILD ones do anything. A submission has two
copies of its answers, one in the journal and one in the notebook: damage to one of them is neutral while the other is
whole.
"""

# ruff: noqa: D103  an operator's name says what it does
import json
import os
import random
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reseau_kit.answers.journal import FILE_NAME
from reseau_kit.answers.notebooks import KEY

NEUTRAL, LOSING, WILD = "neutral", "losing", "wild"

#: What must never stand unescaped in what a trainer's page shows.
HOSTILE_TAG = "<img src=x onerror=alert('FUZZ')>"
HOSTILE = f"</pre></div><script>alert('FUZZ')</script>{HOSTILE_TAG}"
#: What no submission may reach: it stands in a file beside the submitted folders.
SECRET = "le secret des autres 5f0c"  # noqa: S105  of a canary


@dataclass(frozen=True, slots=True)
class Odd:
    """What stands in the place of a plain file: a link to `target`, a pipe, a folder, or so many bytes of nothing."""

    kind: str
    target: str = ""
    size: int = 0


@dataclass
class Draft:
    """A submission that is being spoilt. `places` are paths that an attack may aim at."""

    notebook_name: str
    files: dict[str, "bytes | Odd"]
    others: Sequence["Draft"]
    places: "Places"
    student: str = "lea"
    journal_whole: bool = True
    copy_whole: bool = True
    worst: str = NEUTRAL
    did: list[str] = field(default_factory=list)
    #: So many empty files more, and folders in each other.
    many: int = 0
    deep: int = 0

    def journal(self) -> bytes:
        """The journal's bytes, none where it is no file."""
        data = self.files.get(FILE_NAME, b"")
        return data if isinstance(data, bytes) else b""

    def notebook_bytes(self) -> bytes:
        """The notebook's bytes, none where it is no file."""
        data = self.files.get(self.notebook_name, b"")
        return data if isinstance(data, bytes) else b""

    def notebook(self) -> dict[str, Any]:
        """The notebook.

        Raises:
            Inapplicable: it is none.
        """
        try:
            found = json.loads(self.notebook_bytes())
        except (ValueError, RecursionError) as error:
            raise Inapplicable from error
        if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
            raise Inapplicable
        if not all(isinstance(cell, dict) and isinstance(cell.get("metadata"), dict) for cell in found["cells"]):
            raise Inapplicable
        return found

    def save(self, notebook: Any, **options: Any) -> None:
        """Write the notebook."""
        text = json.dumps(notebook, **{"ensure_ascii": False, "indent": 1, **options})
        self.files[self.notebook_name] = text.encode("utf-8", "surrogatepass")

    def lines(self) -> list[bytes]:
        """The journal's lines, each with its end."""
        lines = self.journal().splitlines(keepends=True)
        if len(lines) < 2:
            raise Inapplicable
        return lines


@dataclass(frozen=True, slots=True)
class Places:
    """Paths outside of a submission: a file that is nobody's, and one that no code may create."""

    secret: Path
    canary: Path


class Inapplicable(Exception):
    """This operator has nothing to change in this submission."""


Operator = Callable[[random.Random, Draft], None]
OPERATORS: dict[str, tuple[str, Operator]] = {}


def operator(kind: str) -> Callable[[Operator], Operator]:
    """Make a function an operator of that kind."""

    def register(function: Operator) -> Operator:
        OPERATORS[function.__name__] = (kind, function)
        return function

    return register


def spoil(draft: Draft, rng: random.Random, count: int, names: Sequence[str] = ()) -> Draft:
    """Apply so many operators, chosen at random among `names` or all, one after the other."""
    chosen = list(names) or list(OPERATORS)
    for _ in range(count * 5):
        if len(draft.did) >= count:
            break
        name = rng.choice(chosen)
        kind, function = OPERATORS[name]
        before = {**vars(draft), "files": dict(draft.files)}
        try:
            function(rng, draft)
        except (Inapplicable, ValueError, TypeError, LookupError, AttributeError, RecursionError):
            # What is spoilt already may not have what this one changes.
            vars(draft).update(before)
            continue
        draft.did.append(name)
        draft.worst = max(draft.worst, kind, key=(NEUTRAL, LOSING, WILD).index)
    return draft


# --- bytes ------------------------------------------------------------------------------------------------------------


def _file(rng: random.Random, draft: Draft) -> str:
    names = [name for name in (FILE_NAME, draft.notebook_name) if isinstance(draft.files.get(name), bytes)]
    if not names:
        raise Inapplicable
    return rng.choice(names)


def _bytes(draft: Draft, name: str) -> bytes:
    data = draft.files[name]
    assert isinstance(data, bytes)
    return data


@operator(WILD)
def flip_bytes(rng: random.Random, draft: Draft) -> None:
    name = _file(rng, draft)
    data = bytearray(_bytes(draft, name))
    if not data:
        raise Inapplicable
    for _ in range(rng.choice((1, 1, 3, 30, 300))):
        data[rng.randrange(len(data))] = rng.choice((rng.randrange(256), 0, 0x22, 0x5C, 0x5B, 0x7B, 0x0A, 0xFF))
    draft.files[name] = bytes(data)


@operator(WILD)
def insert_bytes(rng: random.Random, draft: Draft) -> None:
    name = _file(rng, draft)
    data = _bytes(draft, name)
    at = rng.randrange(len(data) + 1)
    odd = (
        b"\0" * 9,
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\\ud800",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"9" * 5000,
        b"{" * 99,
    )
    draft.files[name] = data[:at] + rng.choice(odd) + data[at:]


@operator(WILD)
def splice_two_files(rng: random.Random, draft: Draft) -> None:
    name = _file(rng, draft)
    other = rng.choice(draft.others)
    theirs = other.files.get(FILE_NAME if name == FILE_NAME else other.notebook_name, b"")
    if not isinstance(theirs, bytes):
        raise Inapplicable
    mine = _bytes(draft, name)
    draft.files[name] = mine[: rng.randrange(len(mine) + 1)] + theirs[rng.randrange(len(theirs) + 1) :]


@operator(WILD)
def other_encoding(rng: random.Random, draft: Draft) -> None:
    name = _file(rng, draft)
    text = _bytes(draft, name).decode("utf-8", "replace")
    codec = rng.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-8-sig", "cp037", "utf-7"))
    draft.files[name] = text.encode(codec, "replace")


# --- one copy of the answers damaged, the other whole -----------------------------------------------------------------


def _lose_journal(draft: Draft) -> None:
    if not draft.copy_whole:
        raise Inapplicable
    draft.journal_whole = False


def _lose_copy(draft: Draft) -> None:
    if not draft.journal_whole:
        raise Inapplicable
    draft.copy_whole = False


@operator(NEUTRAL)
def no_journal(_: random.Random, draft: Draft) -> None:
    _lose_journal(draft)
    draft.files.pop(FILE_NAME, None)


@operator(NEUTRAL)
def cut_journal(rng: random.Random, draft: Draft) -> None:
    data = draft.journal()
    _lose_journal(draft)
    draft.files[FILE_NAME] = data[: rng.randrange(len(data) + 1)]


@operator(NEUTRAL)
def garbage_for_a_journal(rng: random.Random, draft: Draft) -> None:
    _lose_journal(draft)
    size = rng.choice((0, 1, 2_000, 200_000))
    kinds = (rng.randbytes(size), b"\n" * size, b"[" * size, b"\0" * size, b"[\n" * size, b'{"v":1}\n' * (size // 8))
    draft.files[FILE_NAME] = rng.choice(kinds)


@operator(NEUTRAL)
def odd_journal(rng: random.Random, draft: Draft) -> None:
    _lose_journal(draft)
    draft.files[FILE_NAME] = _odd(rng, draft)


@operator(NEUTRAL)
def no_notebook(_: random.Random, draft: Draft) -> None:
    _lose_copy(draft)
    draft.files.pop(draft.notebook_name, None)


@operator(NEUTRAL)
def cut_notebook(rng: random.Random, draft: Draft) -> None:
    data = draft.notebook_bytes()
    _lose_copy(draft)
    draft.files[draft.notebook_name] = data[: rng.randrange(len(data) + 1)]


@operator(NEUTRAL)
def garbage_for_a_notebook(rng: random.Random, draft: Draft) -> None:
    _lose_copy(draft)
    kinds = (b"", b"null", b"[]", b'{"cells": {}}', b'{"cells": []}', b"[" * 200_000, b'{"a":' * 99_999, b"9" * 9_999)
    kinds += (
        rng.randbytes(5_000),
        b'{"cells": [' + b"[]," * 600_000 + b"0]}",
        b"\xff\xfe" + b"[\0" * 9,
        b"PK\x03\x04" * 99,
    )
    draft.files[draft.notebook_name] = rng.choice(kinds)


@operator(NEUTRAL)
def odd_notebook(rng: random.Random, draft: Draft) -> None:
    _lose_copy(draft)
    odd = _odd(rng, draft)
    if odd.kind == "link":
        raise Inapplicable
    draft.files[draft.notebook_name] = odd


@operator(NEUTRAL)
def no_copy(rng: random.Random, draft: Draft) -> None:
    """The notebook's copy is gone, or is anything but a copy."""
    notebook = draft.notebook()
    if not _has_copy(notebook):
        raise Inapplicable
    _lose_copy(draft)
    ours = notebook["metadata"][KEY]
    odd = (None, 3, [], "x", {}, {"events": 3}, {"events": [None, 3, [], {}]}, {"origin": [], "events": [{"v": [[]]}]})
    ours["answers"] = rng.choice(odd)
    draft.save(notebook)


@operator(NEUTRAL)
def odd_metadata(rng: random.Random, draft: Draft) -> None:
    notebook = draft.notebook()
    _lose_copy(draft)
    notebook["metadata"] = rng.choice((None, 3, [], "x", {}, {KEY: None}, {KEY: []}, {KEY: HOSTILE}))
    draft.save(notebook)


@operator(LOSING)
def journal_alone_without_its_first_line(_: random.Random, draft: Draft) -> None:
    """Nothing says any longer whose the answers are, and they are all one person's."""
    lines = draft.lines()
    draft.journal_whole = draft.copy_whole = False
    _rejoined(draft, lines[1:])
    draft.files.pop(draft.notebook_name, None)


@operator(WILD)
def linked_notebook(_: random.Random, draft: Draft) -> None:
    draft.files[draft.notebook_name] = Odd("link", str(draft.places.secret))


@operator(NEUTRAL)
def renamed_notebook(_: random.Random, draft: Draft) -> None:
    # Of two people's notebooks, none of which has the name, nobody can say whose they are.
    if draft.notebook_name not in draft.files or "copie.ipynb" in draft.files:
        raise Inapplicable
    draft.files[f"{draft.notebook_name.removesuffix('.ipynb')} (1).ipynb"] = draft.files.pop(draft.notebook_name)


# --- the journal's lines ----------------------------------------------------------------------------------------------


def _rejoined(draft: Draft, lines: Sequence[bytes]) -> None:
    draft.files[FILE_NAME] = b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines)


@operator(NEUTRAL)
def double_lines(rng: random.Random, draft: Draft) -> None:
    lines = draft.lines()
    _rejoined(draft, lines + rng.choices(lines, k=rng.choice((1, 5, len(lines)))))


@operator(NEUTRAL)
def shuffle_lines(rng: random.Random, draft: Draft) -> None:
    lines = draft.lines()
    if not lines[0].startswith(b'{"v":1,"kind":"open"'):
        raise Inapplicable
    rest = lines[1:]
    rng.shuffle(rest)
    _rejoined(draft, [lines[0], *rest])


@operator(NEUTRAL)
def half_lines_between(rng: random.Random, draft: Draft) -> None:
    lines = draft.lines()
    for _ in range(rng.choice((1, 4, 20))):
        line = rng.choice(lines)
        at = rng.randrange(1, len(lines) + 1)
        lines.insert(at, line[: rng.randrange(max(1, len(line) - 2))] + b"\n")
    _rejoined(draft, lines)


@operator(NEUTRAL)
def carriage_returns(rng: random.Random, draft: Draft) -> None:
    draft.files[FILE_NAME] = draft.journal().replace(b"\n", rng.choice((b"\r\n\r\n", b"\r\n", b"\r")))


@operator(NEUTRAL)
def odd_lines(rng: random.Random, draft: Draft) -> None:
    """Lines that are no answers: of unknown kinds, with a score, endless, too deep, of other types."""
    lines = draft.lines()
    event = json.loads(lines[-1]) if lines[-1].startswith(b"{") and lines[-1].endswith(b"}\n") else {}
    odd = [
        {"v": 1, "kind": "score", "activity": event.get("activity"), "score": 1.0, "points": 1e9},
        {**event, "id": "f" * 16, "kind": "grade", "value": 100},
        {**event, "id": "e" * 16, "seq": -1},
        {**event, "id": "d" * 16, "seq": 2**70},
        {**event, "id": "c" * 16, "seq": 1.5},
        {**event, "id": "b" * 16, "seq": True},
        {**event, "id": "G" * 16},
        {**event, "id": "a" * 16, "value": float("nan")},
        {**event, "id": "9" * 16, "value": json.loads("[" * 300 + "]" * 300)},
        {**event, "id": "8" * 16, "value": "x" * 40_000},
        {**event, "id": "7" * 16, "at": "hier"},
        {**event, "id": "6" * 16, "context": {"cas": 3}},
        {**event, "id": "5" * 16, "v": 2, "value": HOSTILE},
        {**event, "id": "4" * 16, "value": "\ud800"},
        {**event, "id": "3" * 16, "context": {"\udfff": "x"}},
        {"v": 1, "kind": "accept", "of": HOSTILE},
        {"v": 1, "kind": "open", "origin": None},
        None,
        [],
        0,
        HOSTILE,
    ]
    texts = [json.dumps(one).encode() for one in rng.sample(odd, 6)]
    texts += [b"[" * rng.choice((9, 50_000)), b'{"v":' + b"9" * 9_000 + b"}", b"\0", b"\xff\xfe", b"x" * 70_000]
    at = len(lines)
    _rejoined(draft, [*lines[:at], *texts, *lines[at:]])


@operator(NEUTRAL)
def answers_of_another(rng: random.Random, draft: Draft) -> None:
    """Another person's answers, which they did not say are theirs."""
    if not draft.journal_whole:
        raise Inapplicable
    theirs = [line for line in rng.choice(draft.others).journal().splitlines() if b'"origin":' in line]
    theirs = [line for line in theirs if b'"kind":"open"' not in line]
    if not theirs or not draft.journal().startswith(b'{"v":1,"kind":"open"'):
        raise Inapplicable
    owner = re.search(rb'"origin":"\w+"', draft.journal())
    if owner and owner[0] in theirs[0]:
        raise Inapplicable  # the same person's, who handed in twice
    draft.files[FILE_NAME] = draft.journal().rstrip(b"\n") + b"\n" + b"\n".join(theirs) + b"\n"


@operator(LOSING)
def drop_lines(rng: random.Random, draft: Draft) -> None:
    """Lines lost in the journal and in the notebook's copy, each others."""
    lines, notebook = draft.lines(), draft.notebook()
    draft.journal_whole = draft.copy_whole = False
    _rejoined(draft, [line for place, line in enumerate(lines) if not place or rng.random() < 0.6])
    events = notebook["metadata"][KEY]["answers"]["events"] if _has_copy(notebook) else []
    events[:] = [event for event in events if rng.random() < 0.6]
    draft.save(notebook)


def _has_copy(notebook: dict[str, Any]) -> bool:
    metadata = notebook.get("metadata")
    ours = metadata.get(KEY) if isinstance(metadata, dict) else None
    answers = ours.get("answers") if isinstance(ours, dict) else None
    return isinstance(answers, dict) and isinstance(answers.get("events"), list)


@operator(LOSING)
def no_answers(_: random.Random, draft: Draft) -> None:
    notebook = draft.notebook()
    draft.journal_whole = draft.copy_whole = False
    draft.files.pop(FILE_NAME, None)
    if _has_copy(notebook):
        notebook["metadata"][KEY].pop("answers")
    draft.save(notebook)


@operator(WILD)
def forge_lines(rng: random.Random, draft: Draft) -> None:
    """A further answer like the last: another number, order, date, version, case, owner, or value."""
    lines = draft.lines()
    try:
        event = json.loads(rng.choice(lines[1:]))
    except ValueError as error:
        raise Inapplicable from error
    if not isinstance(event, dict):
        raise Inapplicable
    changes: list[dict[str, Any]] = [
        {"seq": rng.choice((1, 2, 10**6, 2**53 - 1, 2**53))},
        {"at": rng.choice(("0001-01-01", "9999-12-31T23:59:59Z", "2026-01-01<08:00", "2026-01-01\ud80008:00:00", "x"))},
        {"at": rng.choice(("2026-11-30T08:00:00+23:59", "20261130T080000", "2026-W01-1", "2026-11-30T08:00:00,5"))},
        {"version": rng.choice((2, 9, 2**52))},
        {"context": rng.choice(({}, {"cas": "marcel"}, {"cas": HOSTILE}, {"objectif": "é" * 500}, {"": ""}))},
        {"value": odd_value(rng)},
        {"value": odd_value(rng), "kind": "draft"},
        {"activity": rng.choice(("inconnue", "-", "x" * 64))},
        {"points": 100, "score": 1, "status": "right"},
        {"kind": rng.choice(("draft", "attempt"))},
    ]
    made = {**event, "id": f"{rng.getrandbits(64):016x}", **rng.choice(changes), **rng.choice(changes)}
    _rejoined(draft, [*lines, json.dumps(made).encode()])


@operator(WILD)
def many_answers(rng: random.Random, draft: Draft) -> None:
    """Hundreds of answers, or thousands."""
    lines = draft.lines()
    try:
        event = json.loads(lines[-1])
        assert isinstance(event, dict)
    except (ValueError, AssertionError) as error:
        raise Inapplicable from error
    count = rng.choice((300, 300, 300, 3_000))
    made = ({**event, "id": f"{place:016x}", "value": odd_value(rng, small=True)} for place in range(count))
    _rejoined(draft, [*lines, *(json.dumps(one).encode() for one in made)])


def odd_value(rng: random.Random, *, small: bool = False) -> Any:
    """What no page sends as an answer."""
    scalars: list[Any] = [None, True, False, 0, -1, 1e308, 10**30, "", " ", "63,3", HOSTILE, "\u202e", "é" * 50, "=1+1"]
    if small:
        return rng.choice(scalars)
    words = ("texte", "geste", "jour", "minutes", "nadia", "a", "", HOSTILE)
    made: list[Any] = [
        *scalars,
        10**4000,
        rng.choice((" ", "a", "a ", "-", "'", "’", "é.", "#a ", "\n", "http://", "« ", "1 ", ",", "\u0301")) * 9_000,
        [],
        [[]],
        {},
        [None, {}, [], 3],
        [{}] * 200,
        {word: rng.choice(scalars) for word in words},
        [{word: rng.choice(scalars) for word in words} for _ in range(rng.choice((1, 7, 60)))],
        [rng.choice(words) for _ in range(rng.choice((1, 3, 300)))],
        {word: [word] for word in words},
        json.loads("[" * 150 + "]" * 150),
    ]
    return rng.choice(made)


# --- the notebook -----------------------------------------------------------------------------------------------------


@operator(NEUTRAL)
def shuffle_cells(rng: random.Random, draft: Draft) -> None:
    notebook = draft.notebook()
    rng.shuffle(notebook["cells"])
    draft.save(notebook)


@operator(NEUTRAL)
def double_cells(rng: random.Random, draft: Draft) -> None:
    notebook = draft.notebook()
    copies = (
        json.loads(json.dumps(rng.choices(notebook["cells"], k=rng.choice((1, 5, 60))))) if notebook["cells"] else []
    )
    notebook["cells"] += copies
    draft.save(notebook)


@operator(NEUTRAL)
def drop_locked_cells(rng: random.Random, draft: Draft) -> None:
    notebook = draft.notebook()
    notebook["cells"] = [cell for cell in notebook["cells"] if _for_a_person(cell) or rng.random() < 0.5]
    draft.save(notebook)


def _for_a_person(cell: dict[str, Any]) -> bool:
    data = cell["metadata"].get("nbgrader")
    return isinstance(data, dict) and bool(data.get("solution") or data.get("task"))


@operator(NEUTRAL)
def forge_grades(rng: random.Random, draft: Draft) -> None:
    """Points, flags, checksums and outputs that a learner would like to have; code in the place of an activity."""
    notebook = draft.notebook()
    for cell in notebook["cells"]:
        data = cell["metadata"].get("nbgrader")
        if not isinstance(data, dict):
            continue
        forged = {"points": 1e9, "schema_version": 99, "solution": True, "grade": True, "locked": False, "task": True}
        data.update(dict(rng.sample(list(forged.items()), 3)), checksum="0" * 32, auto_score=100, manual_score=100)
        if cell.get("cell_type") == "code":
            cell["source"] = rng.choice(("10.0", _code(draft), HOSTILE))
            cell["outputs"] = [
                {"output_type": "execute_result", "data": {"text/plain": "10.0", "text/html": HOSTILE}, "metadata": {}}
            ]
    draft.save(notebook)


def _code(draft: Draft) -> str:
    return f"%%bash\ntouch {draft.places.canary}\nopen({str(draft.places.canary)!r}, 'w')"


@operator(NEUTRAL)
def more_cells(rng: random.Random, draft: Draft) -> None:
    """Cells of the learner's own: code that would leave a trace, HTML that would run, and what is no cell."""
    notebook = draft.notebook()
    code = {"cell_type": "code", "source": _code(draft), "metadata": {}, "outputs": [{"data": HOSTILE}], "id": HOSTILE}
    text = {"cell_type": "markdown", "source": [HOSTILE, 3, None], "metadata": {"nbgrader": {"grade_id": HOSTILE}}}
    raw = {"cell_type": "raw", "source": f"\ud800{HOSTILE}", "metadata": {"nbgrader": 3}, "id": "x" * 99}
    attached = {"cell_type": "markdown", "source": f"![]({HOSTILE})$$\\href{{x}}$$", "attachments": {"a": HOSTILE}}
    odd = [None, 3, [], "x", {}, {"cell_type": "code"}, {"metadata": []}, {"source": {"a": 1}, "cell_type": ["code"]}]
    for _ in range(rng.choice((1, 3, 30))):
        cells: list[Any] = [code, text, raw, {**attached, "metadata": {}}, *odd]
        notebook["cells"].insert(rng.randrange(len(notebook["cells"]) + 1), rng.choice(cells))
    draft.save(notebook)


@operator(NEUTRAL)
def hostile_settings(rng: random.Random, draft: Draft) -> None:
    """A kernel of the learner's own, and metadata that would run."""
    notebook = draft.notebook()
    metadata = notebook.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        raise Inapplicable
    metadata["kernelspec"] = rng.choice(({"name": "bash", "language": _code(draft)}, HOSTILE, None, [[]]))
    metadata["language_info"] = {"name": HOSTILE, "pygments_lexer": HOSTILE}
    metadata["title"] = metadata["widgets"] = HOSTILE
    notebook["nbformat"], notebook["nbformat_minor"] = rng.choice(((3, 0), (99, 99), ("4", None), (4, -1)))
    draft.save(notebook)


@operator(NEUTRAL)
def other_form(rng: random.Random, draft: Draft) -> None:
    """The same notebook, written in another way."""
    notebook = draft.notebook()
    match rng.randrange(5):
        case 0:
            draft.save(notebook, indent=None, ensure_ascii=True)
        case 1:
            draft.save(notebook)
            draft.files[draft.notebook_name] = draft.notebook_bytes().replace(b"\n", b"\r\n")
        case 2:
            draft.files[draft.notebook_name] = b"\xef\xbb\xbf" + draft.notebook_bytes()
        case 3:
            draft.files[draft.notebook_name] = (
                draft.notebook_bytes().decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass")
            )
        case _:
            for cell in notebook["cells"]:
                if isinstance(cell.get("source"), str):
                    cell["source"] = cell["source"].splitlines(keepends=True)
            draft.save(notebook)


@operator(WILD)
def change_json(rng: random.Random, draft: Draft) -> None:
    """Values of other types, keys dropped, doubled or renamed, anywhere in the notebook."""
    notebook = draft.notebook()
    for _ in range(rng.choice((1, 3, 12))):
        here: Any = notebook
        for _ in range(rng.randrange(1, 8)):
            inner = [
                one
                for one in (here.values() if isinstance(here, dict) else here)
                if isinstance(one, dict | list) and one
            ]
            if not inner:
                break
            here = rng.choice(inner)
        keys: list[Any] = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            continue
        key = rng.choice(keys)
        match rng.randrange(5):
            case 0:
                here[key] = odd_value(rng)
            case 1:
                here.pop(key)
            case 2 if isinstance(here, dict):
                here[rng.choice(keys)] = here.get(key)
            case 3 if isinstance(here, dict):
                here[HOSTILE] = here.pop(key)
            case _:
                here[key] = rng.choice((float("nan"), float("inf"), [[]], "\ud800", {"\ud800": 1}, None, "", 2**80))
    draft.save(notebook)


@operator(WILD)
def write_where_a_person_reads(rng: random.Random, draft: Draft) -> None:
    notebook = draft.notebook()
    cells = [cell for cell in notebook["cells"] if _for_a_person(cell)]
    if not cells:
        raise Inapplicable
    texts = (
        HOSTILE,
        "",
        "x" * 300_000,
        "\0\x1b[31m",
        "$$\\def\\x{\\x}\\x$$",
        "[a](javascript:alert(1))",
        "~~~html\n" + HOSTILE,
    )
    rng.choice(cells)["source"] = rng.choice(texts)
    draft.save(notebook)


# --- what would act where somebody opens it ---------------------------------------------------------------------------


@operator(NEUTRAL)
def aliases(rng: random.Random, draft: Draft) -> None:
    """Names of ours for something else, and another person's answers in a file that they would take in."""
    notebook = draft.notebook()
    theirs = rng.choice(draft.others)
    events = [json.loads(line) for line in theirs.lines()[1:] if line.endswith(b"}\n")]
    origin = next((event["origin"] for event in events if "origin" in event), "a" * 16)
    travel = {"reseau_kit": 1, "written": "2026-11-30", "folders": {".": {"origin": origin, "events": events}}}
    name = rng.choice(("piege", "mes-reponses-2026-11-30.json"))
    draft.files.setdefault(name, json.dumps(travel).encode())
    imports = [
        "from reseau_kit import reprendre as activite, emporter as carnet",
        "from reseau_kit import effacer_mes_reponses as carnet",
        "from reseau_kit import \\\n    reprendre as ａctivite",
        f"from reseau_kit import activite; activite = __import__('os').system; activite('touch {draft.places.canary}')",
    ]
    calls = [f'activite("{name}")', f'reprendre("{name}")', "carnet(confirmer=True)", "carnet()\r" + _code(draft)]
    cells = [
        {
            "cell_type": "code",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "id": f"alias{at}",
        }
        for at, source in enumerate((rng.choice(imports), *rng.sample(calls, 2)))
    ]
    at = rng.choice((0, len(notebook["cells"])))
    notebook["cells"][at:at] = cells
    draft.save(notebook)


#: As a notebook says that an output is a widget's view, and that metadata are widgets.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


@operator(NEUTRAL)
def saved_widget_states(rng: random.Random, draft: Draft) -> None:
    """Widgets that JupyterLab would make anew, with JavaScript and HTML of the learner's, and outputs showing them."""
    notebook = draft.notebook()
    if not isinstance(notebook.get("metadata"), dict):
        raise Inapplicable
    script = f"fetch('/api/kernels', {{method: 'POST'}}); export default {{ render() {{ {HOSTILE!r} }} }}"
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("anywidget", "AnyModel", {"_esm": script, "_css": HOSTILE, "score": 1.0}),
        ("@jupyter-widgets/controls", "HTMLModel", {"value": HOSTILE}),
        ("@jupyter-widgets/controls", "VBoxModel", {"children": ["IPY_MODEL_0", "IPY_MODEL_1", HOSTILE]}),
        ("@jupyter-widgets/output", "OutputModel", {"outputs": [{"data": {"text/html": HOSTILE}}]}),
        (f"https://exemple.test/{HOSTILE}", HOSTILE, {}),
    ]
    state: Any = {
        str(number): {"model_module": module, "model_module_version": "*", "model_name": name, "state": fields}
        for number, (module, name, fields) in enumerate(kinds)
    }
    state = rng.choice((state, state, state, {"0": HOSTILE}, [HOSTILE], HOSTILE, None))
    widgets = {WIDGET_STATE: {"version_major": 2, "version_minor": 0, "state": state}}
    notebook["metadata"]["widgets"] = widgets
    for cell in notebook["cells"]:
        if cell.get("cell_type") == "code" or rng.random() < 0.1:
            view: Any = rng.choice(({"model_id": "0", "version_major": 2}, {"model_id": HOSTILE}, HOSTILE, None))
            data = {"text/plain": HOSTILE, WIDGET_VIEW: view}
            cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {"trusted": True}}]
            cell["metadata"].update(widgets=widgets, trusted=True)
    draft.save(notebook)


@operator(NEUTRAL)
def shadows(rng: random.Random, draft: Draft) -> None:
    """Files that Python, Jupyter or nbgrader would run in the place of what is meant, were they to look there."""
    names = ["json", "os", "re", "pathlib", "typing", "base64", "zlib", "encodings", "ipykernel_launcher", "importlib"]
    names += ["contextlib", "warnings", "orjson", "nbformat", "reseau_kit", "IPython", "sitecustomize", "usercustomize"]
    names += ["nbgrader_config", "jupyter_config", "ipython_config", "ipython_kernel_config", "conftest", "__main__"]
    files = [f"{name}.py" for name in names] + [f"{name}/__init__.py" for name in names]
    files += [
        "ombre.pth",
        "pyvenv.cfg",
        "matplotlibrc",
        "profile_default/startup/00.py",
        "__pycache__/json.cpython-311.pyc",
    ]
    files += ["json.so", "kernel.json", ".env", "Makefile", "dask.yaml", ".git/hooks/post-checkout"]
    code = f"import os; os.system('touch {draft.places.canary}'); open({str(draft.places.canary)!r}, 'w')\n"
    for name in rng.sample(files, rng.choice((3, 12, 30))):
        draft.files.setdefault(name, code.encode())


# --- files ------------------------------------------------------------------------------------------------------------


def _odd(rng: random.Random, draft: Draft) -> Odd:
    links = (str(draft.places.secret), "/dev/zero", "..", "/proc/self/environ", "itself", "/etc/passwd")
    kinds = (Odd("link", rng.choice(links)), Odd("fifo"), Odd("folder"), Odd("sparse", size=rng.choice((10**6, 10**9))))
    return rng.choice(kinds)


@operator(NEUTRAL)
def more_files(rng: random.Random, draft: Draft) -> None:
    names = ("=1+1.txt", "-rf", "é\u0301.txt", "x" * 250, "notes/a.txt", "\n", "\x1b[31m.txt", "nul.txt.", "CON")
    names += (f"{HOSTILE_TAG.replace('/', '')}.txt", os.fsdecode(b"\xff\xfe.bin"), ".nbgrader.log", "__pycache__/a.pyc")
    names += (".hidden.ipynb", "sous/dossier/" * 9 + "x", "reponses.jsonl.bak", draft.notebook_name.upper() + "~")
    for name in rng.sample(names, rng.choice((1, 3))):
        draft.files.setdefault(name, rng.choice((b"", HOSTILE.encode(), b"\0" * 5_000, _odd(rng, draft))))


@operator(NEUTRAL)
def other_notebooks(rng: random.Random, draft: Draft) -> None:
    """Notebooks beside the one that is asked for."""
    # Beside a document without answers, nothing tells another person's from one's own of another machine.
    if draft.notebook_name not in draft.files or len(draft.journal().splitlines()) < 2:
        raise Inapplicable
    theirs = rng.choice(draft.others)
    draft.files["copie.ipynb"] = rng.choice((theirs.notebook_bytes(), b"{", _odd(rng, draft)))


@operator(NEUTRAL)
def odd_course_files(rng: random.Random, draft: Draft) -> None:
    """Something else in the place of a file of the course."""
    names = [name for name in draft.files if name.endswith(".csv")]
    if not names:
        raise Inapplicable
    draft.files[rng.choice(names)] = rng.choice((b"", HOSTILE.encode(), _odd(rng, draft)))


@operator(NEUTRAL)
def many_files(rng: random.Random, draft: Draft) -> None:
    draft.many = rng.choice((50, 50, 50, 50, 300))


@operator(NEUTRAL)
def deep_folders(rng: random.Random, draft: Draft) -> None:
    draft.deep = rng.choice((5, 20))


@operator(WILD)
def odd_timestamp(rng: random.Random, draft: Draft) -> None:
    """A date that may refuse the submission, and costs no mark otherwise."""
    texts = ("", "\n", "hier", "2026-02-30 00:00:00 UTC", "2026-01-01 00:00:00 ../../etc/passwd", "9" * 50, "\0", "NaN")
    texts += (
        f"2026-01-01 00:00:00 {draft.places.secret}",
        "2026-01-01 00:00:00 :/dev/zero",
        "1e99",
        "Nov 30 2026 8:00",
    )
    texts += ("2026-01-01 00:00:00 999999", "0001-01-01 00:00:00 +2359", "9999-12-31 23:59:59 -2359", "10:10:10 " * 20)
    texts += ("2026-11-30T08:00:00+02:00", "2026-01-01 00:00:00 Europe/Paris", "٢٠٢٦-٠١-٠١ 00:00:00 UTC", "a" * 9_000)
    made: tuple[bytes | Odd, ...] = (*(text.encode() for text in texts), b"\xff\xfe2026", _odd(rng, draft))
    draft.files["timestamp.txt"] = rng.choice(made)


@operator(WILD)
def odd_student(rng: random.Random, draft: Draft) -> None:
    names = (
        "-x",
        "=cmd()",
        "a b",
        "é\u0301",
        "\u202egro",
        "x" * 255,
        "a\nb",
        HOSTILE_TAG.replace("/", ""),
        "a'b",
        "...",
    )
    draft.student = rng.choice((*names, os.fsdecode(b"\xff\xfe"), "..a", "~", "$(touch x)", "%s%s", "{0}", "a\\b"))


# --- on the disk ------------------------------------------------------------------------------------------------------


def write(draft: Draft, folder: Path) -> None:
    """Put a submission on the disk."""
    folder.mkdir(parents=True)
    for name, content in draft.files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _put(path, content)
        except OSError:
            continue  # no such name on this disk
    if draft.many:
        (folder / "beaucoup").mkdir()
        for number in range(draft.many):
            os.close(os.open(folder / "beaucoup" / str(number), os.O_CREAT))
    here = os.open(folder, os.O_RDONLY)
    for _ in range(draft.deep):
        os.mkdir("d" * 250, dir_fd=here)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    if draft.deep:
        os.close(os.open("fond", os.O_CREAT, dir_fd=here))
    os.close(here)


def _put(path: Path, content: "bytes | Odd") -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
        return
    match content.kind:
        case "link":
            path.symlink_to(content.target)
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
            (path / "dedans.txt").write_bytes(b"?")
        case _:
            with path.open("wb") as file:
                file.truncate(content.size)


# --- archives and signs that grow -------------------------------------------------------------------------------------


def zip64(files: int, name: bytes = b"") -> bytes:
    """A zip of so many empty files whose list only the zip64 record tells the length of: the older record says 0."""
    entry = struct.pack("<4s4B4H3L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, len(name), *[0] * 6) + name
    length = len(entry) * files
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, files, files, length, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, length, 1)
    return (
        b"PK\x03\x04"
        + bytes(26)
        + entry * files
        + record
        + locator
        + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, 0, 0, 0)
    )


@operator(NEUTRAL)
def archives_beside(rng: random.Random, draft: Draft) -> None:
    """Archives, which nobody opens while grading: one is a zip64 whose list is long, others are called a document."""
    names = ("tout.zip", f"{draft.notebook_name}.zip", f"{FILE_NAME}.zip", "archive.ZIP")
    for name in rng.sample(names, 2):
        draft.files[name] = rng.choice((zip64(rng.choice((1, 5_000, 50_000))), b"PK\x03\x04" + b"\0" * 99))


#: A sign of three bytes that is eighteen letters once it is normalised; ligatures, squared words, letters that are two
#: in small letters, and signs that stand on a letter in an order that has to be mended.
GROWING = (
    "\ufdfa",
    "\ufdfb",
    "\ufb03",
    "\u3316",
    "\u00df",
    "\u0390",
    "\u1f82",
    "\ufb2c",
    "\u0344",
    "e\u0316\u0301" * 9,
)
GROWING += ("\u0301\u0316", "a_", "a,", "A\u0328\u0307\u0301", "\u0e33", "\U0001d15e")


@operator(WILD)
def ligatures(rng: random.Random, draft: Draft) -> None:
    """Hundreds of answers as long as they may be, of signs that grow when they are compared; none like another."""
    lines = draft.lines()
    events = [json.loads(line) for line in lines[1:] if line.startswith(b"{") and line.endswith(b"}\n")]
    events = [event for event in events if isinstance(event, dict) and event.get("value") not in (None, "", [], {})]
    if not events:
        raise Inapplicable
    event, sign = rng.choice(events), rng.choice(GROWING)
    text = sign * (28_000 // len(sign.encode()))
    made = []
    for place in range(rng.choice((3, 60, 200))):
        value = event["value"]
        said: Any = f"{place} {text}"
        if isinstance(value, dict):
            field = rng.choice(list(value))
            said = {**value, field: f"{place} {value[field]} {text}"[:28_000]}
        elif isinstance(value, list):
            said = [*value, said]
        context = dict.fromkeys(event.get("context") or {}, text[:9000])
        made.append({**event, "id": f"{place:016x}", "value": said, "context": {**context, "sujets": text[:9_000]}})
    _rejoined(draft, [*lines, *(json.dumps(one, ensure_ascii=False).encode() for one in made)])
