"""What a machine may do to any command: an output that lacks signs, a full disk. A French sentence, and it goes on."""

import errno
import io
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reseau_kit import __main__ as command
from reseau_kit import workspace
from reseau_kit.collecting import collect
from reseau_kit.demo import make as demo
from reseau_kit.system.refusals import of_database, sentence, silent_log
from reseau_kit.system.terminal import write_in_any_encoding

ROOT = Path(__file__).parents[1]
STEPS = ("etape-1", "etape-2")
COMMANDS = ("open", "check", "collect", "grade", "feedback", "index", "demo")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose two exercises two people handed in; copy it, never write to it."""
    root = tmp_path_factory.mktemp("machine") / "cours"
    demo.make(root, ROOT, 2, assignments=STEPS)
    return root


@pytest.fixture
def course(handed_in: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(handed_in, tmp_path / "cours"))


class _Kept(io.BytesIO):
    """What was written, even once the output that wrote it is gone."""

    def close(self) -> None: ...


@contextmanager
def narrow(monkeypatch: pytest.MonkeyPatch, encoding: str) -> Iterator[Callable[[], str]]:
    """Outputs that stop at a sign which the encoding lacks, as Python makes them; what was written to both."""
    written = _Kept()
    with monkeypatch.context() as patch:
        for name in ("stdout", "stderr"):
            patch.setattr(sys, name, io.TextIOWrapper(written, encoding=encoding, errors="strict", write_through=True))
        yield lambda: written.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp850"])
def test_everything_is_graded_and_told_in_a_narrow_encoding(
    encoding: str, course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = ["--course-root", str(course)]
    # A person whose name the encoding lacks, and whose folder is no text.
    odd = "Zoë Łuk " + os.fsdecode(b"\xff")
    shutil.copytree(a_person(course), course / "submitted" / odd)
    with narrow(monkeypatch, encoding) as written:
        assert command.main(["grade", "--jobs", "1", *root]) == 0
        assert command.main(["feedback", "--jobs", "1", *root]) == 0
        assert command.main(["index", *root]) == 0
        assert command.main(["check", str(ROOT / "tests" / "petit-cours")]) == 0
        assert command.main(["collect", str(ROOT / "tests"), "--assignment", STEPS[0], "--dry-run", *root]) == 0
        assert command.main(["collect", "rien.zip", "--assignment", STEPS[0], *root]) == 1
        assert command.main(["demo", str(course)]) == 1
        assert command.main(["open", *root, "--workspace", str(course)]) == 1
    said = written()
    for step in STEPS:
        assert f"{step} : 3 remises" in said.replace("\N{NO-BREAK SPACE}", " ")
        assert len([*(course / "feedback").glob(f"*/{step}/*.html")]) == 2
    assert "Refus" in said


def a_person(course: Path) -> Path:
    return next(path for path in (course / "submitted").iterdir())


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_is_written_in_a_narrow_encoding(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments in (["--help"], ["--nimporte"]):
        with narrow(monkeypatch, "ascii") as written, pytest.raises(SystemExit) as end:
            command.main([*filter(None, [name]), *arguments] if name != "open" else ["open", "--help"])
        assert end.value.code in (0, 2)
        assert written().startswith("emploi : reseau-kit")


def test_signs_that_an_encoding_lacks_have_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with narrow(monkeypatch, "ascii") as written:
        write_in_any_encoding()
        sys.stdout.write("« Élève »\N{NO-BREAK SPACE}: l’œuvre à 3 € …\N{NARROW NO-BREAK SPACE}→ 学 \udcff")
    assert written() == '" Eleve " : l\'oeuvre a 3 EUR ... -> ? ?'


# --- a full disk ------------------------------------------------------------------------------------------------------


def full(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/cours/fichier")


def told(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return said.err.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("what", ["mkdtemp", "_written", "_write_secret", "move"])
def test_collecting_on_a_full_disk_says_so(
    what: str, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever it fills up; what is in place stays, and nothing that came is lost."""
    came = course / "remis"
    shutil.copytree(a_person(course) / STEPS[0], came / "Léa Roy")
    monkeypatch.setattr({"mkdtemp": tempfile, "move": shutil}.get(what, collect), what, full)
    assert command.main(["collect", str(came), "--assignment", STEPS[0], "--course-root", str(course)]) == 1
    assert "le disque est plein" in told(capsys)
    monkeypatch.undo()
    assert command.main(["collect", str(came), "--assignment", STEPS[0], "--course-root", str(course)]) == 0
    assert "Ramassé : 1" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["autograded", "feedback"])
def test_grading_and_pages_on_a_full_disk_say_so(
    folder: str, course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = ["--course-root", str(course)]
    if folder == "feedback":
        assert command.main(["grade", "--jobs", "1", *root]) == 0
    make = Path.mkdir

    def mkdir(self: Path, *arguments: Any, **options: Any) -> None:
        if self.is_relative_to(course / folder):
            full()
        make(self, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    assert command.main(["grade" if folder == "autograded" else "feedback", "--jobs", "1", *root]) == 1
    assert "le disque est plein" in told(capsys)


def test_demonstration_and_workspace_on_a_full_disk_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nbgrader.converters import GenerateAssignment

    root = ["--course-root", str(ROOT / "tests" / "petit-cours")]
    # nbgrader's own part, which tells of it by a traceback in its log.
    monkeypatch.setattr(GenerateAssignment, "convert_single_notebook", full)
    assert command.main(["demo", str(tmp_path / "essai"), "--learners", "1", *root]) == 1
    assert "« /cours/fichier » : le disque est plein." in told(capsys)
    assert command.main(["open", "--workspace", str(tmp_path / "travail"), *root]) == 1
    assert "« /cours/fichier » : le disque est plein." in told(capsys)
    monkeypatch.setattr(workspace, "_install", full)
    monkeypatch.undo()
    monkeypatch.setattr(workspace, "replace_file", full)
    assert command.main(["open", "--workspace", str(tmp_path / "travail"), *root]) == 1
    assert "« /cours/fichier » : le disque est plein." in told(capsys)


def test_output_to_a_full_disk_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as output, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", output)
        assert command.main(["check", str(ROOT / "tests" / "petit-cours")]) == 1
    assert capfd.readouterr().err == "Le disque est plein.\n"


def test_what_a_database_refuses_is_told_in_french() -> None:
    refused = sqlite3.OperationalError("database or disk is full")
    assert of_database(refused) == "le disque est plein"
    assert of_database(ValueError("autre  chose\n")) == "autre chose"
    errors: list[str] = []
    try:
        raise OSError(errno.EACCES, "non", "/a/b")
    except OSError:
        silent_log(errors).error("a traceback")
    silent_log(errors).error("a sentence")
    said = [error.replace("\N{NO-BREAK SPACE}", " ") for error in errors]
    assert said == ["« /a/b » : vous n’en avez pas le droit.", "a sentence"]
    assert sentence(OSError(errno.ENOSPC, "x")) == "Le disque est plein."


# --- a scheduler ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "pas une adresse",
        "tcp://machine",
        "tcp://machine:port",
        "tcp://machine:99999",
        "ftp://machine:8786",
        "/etc/passwd",
        "tcp://anna:s3cr3t@machine:8786",
    ],
)
def test_address_of_no_scheduler_is_told_at_once(
    address: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["grade", "--scheduler", address, "--course-root", str(course)]) == 1
    said = told(capsys)
    assert "il en faut une comme tcp://machine:8786" in said
    assert "s3cr3t" not in said
