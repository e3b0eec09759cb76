"""What the command line says of itself: in French, all at once, and to who listens."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reseau_kit.__main__ import main

ROOT = Path(__file__).parent.parent

#: Words of argparse's own, which no sentence of ours has.
ENGLISH = re.compile(
    r"\b(usage|positional|show|this|exit|program|error|argument [-\w]+:|following|required|expected|allowed|invalid|"
    r"choose|choice|unrecognized|ignored|explicit|value)\b"
)


def said_by(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    """The exit code, and all that is said, with plain spaces."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    told = capsys.readouterr()
    return end.value.code, (told.out + told.err).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "il manque : {open,"),
        (["grad"], "'grad' n’existe pas"),
        (["collect"], "il manque : SOURCE, --assignment"),
        (["check"], "il manque : CHEMIN"),
        (["index", "--db"], "--db : il manque ce qui vient après"),
        (["grade", "--force=3"], "--force : rien ne suit cette option (ici, '3')"),
        (["grade", "--jobs", "0"], "--jobs : il faut un nombre entier, 1 au moins"),
        (["demo", "x", "--seed", "deux"], "--seed : il faut un nombre entier"),
        (["demo", "x", "--force", "--resubmit"], "--resubmit : ne va pas avec --force"),
        (["collect", "x", "--assignment", "e", "--timezone", "Paris"], "par exemple : Europe/Paris"),
        (["grade", "--assignement", "--forse"], "arguments inconnus : --assignement, --forse"),
        (["check", "x", "--assignment"], "argument inconnu : --assignment"),
    ],
)
def test_wrong_arguments_are_told_in_french(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = said_by(arguments, capsys)
    assert code == 2
    assert words in said
    # The usage is that of the command that was asked for.
    command = arguments[0] if arguments and arguments[0] != "grad" else "[-h]"
    assert said.startswith(f"emploi : reseau-kit {command}")
    assert not ENGLISH.search(said)


@pytest.mark.parametrize(
    "command", [[], ["open"], ["check"], ["collect"], ["grade"], ["feedback"], ["index"], ["demo"]]
)
def test_help_is_in_french(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, said = said_by([*command, "--help"], capsys)
    assert code == 0
    assert "options :\n  -h, --help" in said
    assert not ENGLISH.search(said)


@pytest.mark.parametrize("command", ["grade", "feedback"])
def test_exercise_named_as_for_nbgrader_is_shown_the_way(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Un exercice se nomme ainsi : --assignment etape-1" in said_by([command, "etape-1"], capsys)[1]


def test_other_parsers_keep_their_language(capsys: pytest.CaptureFixture[str]) -> None:
    said_by(["--help"], capsys)
    assert argparse.ArgumentParser().format_help().startswith("usage:")


def test_reader_that_goes_away_is_no_fault() -> None:
    """As with `reseau-kit check course | head -0`."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "reseau_kit", "check", "course"],
            cwd=ROOT,
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
    assert (done.returncode, done.stderr) == (141, "")
