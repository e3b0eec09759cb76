"""The address of a gradebook: whatever is wrong with it, no message tells a password; and how it may be given."""

from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bench.submissions import course
from reseau_kit.__main__ import main
from reseau_kit.grading.addresses import (
    VARIABLE,
    NotAnAddress,
    read_address,
    shows_a_password,
    told,
    without_secrets,
    written,
)

SECRET = "s3cr3t"

#: As people write them: right, with a sign that had to be escaped, with a slash too few or too many, or otherwise.
ADDRESSES = [
    *(
        f"postgresql+psycopg2://anna:{password}@127.0.0.1:1/notes"
        for password in (SECRET, f"{SECRET}@b", *(f"a{sign}{SECRET}" for sign in "@/#?:%"))
    ),
    *(f"postgresql+psycopg2:{slashes}anna:{SECRET}@127.0.0.1:1/notes" for slashes in ("", "/", "///", "////")),
    *(f"postgresql+psycopg2://127.0.0.1:1/notes?{key}={SECRET}" for key in ("password", "passwd", "sslpassword")),
    f"postgresql+psycopg2://127.0.0.1:1/notes?user=anna&password={SECRET}&connect_timeout=1",
    f"postgresql+psycopg2://anna:{SECRET}@127.0.0.1:port/notes",
    f"postgresql+psycopg2//anna:{SECRET}@127.0.0.1/notes",
    f"postgres://anna:{SECRET}@127.0.0.1:1/notes",
    f"postgresql://anna:{SECRET}@127.0.0.1:1/notes",
    f"nimporte quoi://anna:{SECRET}@127.0.0.1/notes",
    f"anna:{SECRET}@127.0.0.1/notes",
    f"sqlite:///absent.db?password={SECRET}",
    SECRET,
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that was not released yet."""
    return course(tmp_path_factory.mktemp("adresses") / "cours")


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_message_tells_a_password(
    address: str, root: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for command in ("index", "grade"):
        assert main([command, "--db", address, "--course-root", str(root)]) == 1
        shown = capsys.readouterr()
        assert "carnet de notes" in shown.err
        assert SECRET not in shown.out + shown.err + caplog.text
        assert "Traceback" not in shown.err


@pytest.mark.parametrize("address", ADDRESSES)
def test_configuration_that_holds_such_an_address_tells_no_password(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = course(tmp_path / "cours", more=f"c.CourseDirectory.db_url = {address!r}")
    assert main(["index", "--course-root", str(there)]) == 1
    shown = capsys.readouterr()
    assert "carnet de notes" in shown.err
    assert SECRET not in shown.out + shown.err


def test_what_a_driver_says_is_told_without_what_may_be_a_password() -> None:
    url = make_url(f"postgresql+psycopg2://anna:ab@{SECRET}@serveur/notes?password=secret2")
    said = without_secrets(f'could not translate host name "{url.host}" (ab, secret2)', url)
    assert said == 'could not translate host name "…" (…, …)'
    shown = told(make_url("postgresql+psycopg2://anna:x@serveur:5432/notes")).replace("\N{NO-BREAK SPACE}", " ")
    assert shown == "postgresql, base « notes », machine « serveur »"


def test_address_keeps_its_password_and_its_file(tmp_path: Path) -> None:
    address = "postgresql+psycopg2://anna:a%40b%2Fc@serveur/notes"
    assert read_address(written(read_address(address))).password == "a@b/c"
    here = read_address("sqlite:///carnet.db", tmp_path / "a%41?b#c")
    assert read_address(written(here)).database == str(tmp_path / "a%41?b#c" / "carnet.db")
    with pytest.raises(NotAnAddress, match="n’en est pas une"):
        read_address("")


def test_password_on_the_command_line_is_warned_of(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody on the machine reads it there; in a variable only its owner does."""
    options = ["index", "--course-root", str(root)]
    given = f"postgresql+psycopg2://anna:{SECRET}@127.0.0.1:1/notes"
    assert main([*options, "--db", given]) == 1
    warned = capsys.readouterr().err
    assert "liste des processus" in warned
    assert VARIABLE in warned
    monkeypatch.setenv(VARIABLE, given)
    assert main(options) == 1
    said = capsys.readouterr().err
    assert "machine «\N{NO-BREAK SPACE}127.0.0.1\N{NO-BREAK SPACE}»" in said
    assert "liste des processus" not in said
    # What is typed stands above it.
    assert main([*options, "--db", "sqlite:///absent.db"]) == 1
    assert "absent.db" in capsys.readouterr().err
    assert not any(map(shows_a_password, ("", "sqlite:////a/b.db", "postgresql+psycopg2://anna@serveur/notes")))
