"""reseau_kit.network.sources: exports after each network's format, and whatever may be wrong with them."""

import json
import os
import random
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import exports
from bench.mutations import zip64
from reseau_kit.network import archives, parsing, tables
from reseau_kit.network.archives import NotReadable
from reseau_kit.network.parsing import mended, read_date
from reseau_kit.network.sources import Export, read_export

NBSP = "\N{NO-BREAK SPACE}"

#: How each kind of export comes, for what holds of all of them.
Maker = Callable[[Path], Path]


def written(name: str, content: str | bytes) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


EXPORTS: dict[str, tuple[str, Maker]] = {
    "linkedin": ("linkedin", lambda folder: exports.zipped(folder / "Basic.zip", exports.LINKEDIN)),
    "linkedin alone": ("linkedin", written("Connections.csv", exports.CONNECTIONS)),
    "linkedin in French": ("linkedin", written("Connections (1).csv", exports.FRENCH_CONNECTIONS)),
    "x": ("x", lambda folder: exports.zipped(folder / "twitter.zip", exports.X)),
    "mastodon": ("mastodon", lambda folder: exports.zipped(folder / "archive.zip", exports.MASTODON)),
    "mastodon of old": ("mastodon", lambda folder: exports.tarred(folder / "archive.tar.gz", exports.MASTODON)),
    "mastodon follows": ("mastodon", written("following_accounts.csv", exports.FOLLOWING_CSV)),
    "bluesky": ("bluesky", written("repo.car", exports.car(exports.BLUESKY))),
    "instagram": ("instagram", lambda folder: exports.zipped(folder / "ig.zip", exports.INSTAGRAM)),
    "facebook": ("facebook", lambda folder: exports.zipped(folder / "fb.zip", exports.FACEBOOK)),
    "opml": ("opml", written("flux.opml", exports.OPML)),
}


def rows(table: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a table as tuples, with None for what is missing."""
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in table[list(columns)].to_numpy()]


def sentences(export: Export) -> str:
    return "\n".join((*export.read, *export.skipped, *export.limits))


def refusal(path: Path) -> str:
    with pytest.raises(NotReadable) as caught:
        read_export(path)
    assert caught.value.reasons
    return "\n".join(caught.value.reasons)


def unpacked(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


# --- what holds of all exports ---


@pytest.mark.parametrize(("network", "make"), EXPORTS.values(), ids=EXPORTS)
def test_every_export_is_recognised_and_read_into_the_documented_tables(
    network: str, make: Maker, tmp_path: Path
) -> None:
    export = read_export(make(tmp_path))

    assert export.network == network
    assert list(export.contacts) == list(tables.Contact._fields)
    assert list(export.posts) == list(tables.Post._fields)
    assert list(export.exchanges) == list(tables.Exchange._fields)
    for table, column in ((export.contacts, "since"), (export.posts, "date"), (export.exchanges, "date")):
        assert str(table[column].dtype) == "datetime64[us, UTC]"
    assert str(export.posts["likes"].dtype) == "Int64"
    assert str(export.contacts["id"].dtype).startswith("str")
    assert len(export.contacts) + len(export.posts)
    assert not export.contacts.duplicated(["id", "relation"]).any()


@pytest.mark.parametrize(("network", "make"), EXPORTS.values(), ids=EXPORTS)
def test_sentences_are_french_and_name_nobody(network: str, make: Maker, tmp_path: Path) -> None:
    """An export shows itself by its sentences: displayed in a notebook, it leaves no name there."""
    export = read_export(make(tmp_path))

    assert export.read
    assert all(
        line.endswith((".", "»")) and " :" not in line and "« " not in line for line in sentences(export).split("\n")
    )
    assert repr(export) == str(export)
    for name in ("Zoé", "zoe", "Amine", "Ronce", "secret"):
        assert name not in repr(export)


@pytest.mark.parametrize("kind", ["linkedin", "x", "mastodon", "instagram", "facebook"])
def test_an_unpacked_export_reads_as_its_archive_does(kind: str, tmp_path: Path) -> None:
    """Safari unpacks what it downloads."""
    files = getattr(exports, kind.upper())
    zipped = read_export(exports.zipped(tmp_path / "a.zip", files))

    folder = read_export(unpacked(tmp_path / "folder", files))

    for name in ("contacts", "posts", "exchanges"):
        pd.testing.assert_frame_equal(
            getattr(zipped, name).sort_values(list(getattr(zipped, name)), ignore_index=True),
            getattr(folder, name).sort_values(list(getattr(folder, name)), ignore_index=True),
        )


_WATCHED = ("socket.", "subprocess.", "os.system", "os.exec", "urllib.")
_events: list[str] = []
_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    written = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if written or event.startswith(_WATCHED):
        _events.append(f"{event} {arguments[:2]}")


sys.addaudithook(_watch)


@pytest.mark.parametrize(("network", "make"), EXPORTS.values(), ids=EXPORTS)
def test_nothing_leaves_the_machine_and_nothing_is_written(network: str, make: Maker, tmp_path: Path) -> None:
    """No socket, no process, no file opened for writing, whatever the export; the interpreter itself is the witness."""
    global _watching  # noqa: PLW0603 - an audit hook stays for good, so it is switched
    path = make(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    _events.clear()
    _watching = True
    try:
        read_export(path)
    finally:
        _watching = False

    assert _events == []
    assert sorted(tmp_path.rglob("*")) == before


def test_the_witness_sees_sockets_and_files(tmp_path: Path) -> None:
    """What the test above relies on."""
    import socket

    global _watching  # noqa: PLW0603
    _events.clear()
    _watching = True
    try:
        socket.socket().close()
        (tmp_path / "x").write_text("")
    finally:
        _watching = False

    assert [event.split(" ")[0] for event in _events] == ["socket.__new__", "open"]


def test_nobody_pays_for_what_they_do_not_use() -> None:
    """The network loads without pandas, and the learner's activities load without the network."""
    code = (
        "import sys, {}; loaded = set(sys.modules); "
        "print(*sorted(loaded & {{'pandas', 'numpy', 'libipld', 'socket', 'reseau_kit.network'}}))"
    )

    def loaded(module: str) -> list[str]:
        command = [sys.executable, "-c", code.format(module)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    assert loaded("reseau_kit.network.sources") == ["reseau_kit.network"]
    assert not {"pandas", "numpy", "reseau_kit.network"} & set(loaded("reseau_kit.learner.activity"))


# --- LinkedIn ---


@pytest.fixture
def linkedin(tmp_path: Path) -> Export:
    return read_export(exports.zipped(tmp_path / "Basic_LinkedInDataExport_07-10-2026.zip", exports.LINKEDIN))


def test_linkedin_contacts(linkedin: Export) -> None:
    """Below its preamble; an address is written one way whatever the file; closed profiles are only counted."""
    assert rows(linkedin.contacts, "id", "name", "relation", "company", "position") == [
        (exports.ZOE, "Zoé Brindille", "contact", "Fougère, Mousse & fils", "Comptable"),
        (exports.AMINE, "Amine Fougère", "contact", "Les Pousses", "Animateur"),
    ]
    assert linkedin.contacts["since"][0] == datetime(2024, 3, 5, tzinfo=UTC)
    assert any("1" + NBSP + "ligne" in line and "profils fermés" in line for line in linkedin.skipped)


def test_linkedin_messages_are_told_sent_from_received(linkedin: Export) -> None:
    """A message to two people is two rows; drafts and advertisements are left out."""
    messages = linkedin.exchanges[linkedin.exchanges["kind"] == "message"]

    assert rows(messages, "direction", "person", "thread") == [
        ("sent", exports.ZOE, "t1"),
        ("received", exports.ZOE, "t1"),
        ("sent", exports.ZOE, "t2"),
        ("sent", exports.AMINE, "t2"),
    ]
    assert messages["date"].iloc[1] == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)


def test_linkedin_keeps_no_private_text_and_no_address(linkedin: Export) -> None:
    everything = "".join(table.to_csv() for table in (linkedin.contacts, linkedin.posts, linkedin.exchanges))

    assert "secret" not in everything
    assert "amine@exemple.invalid" not in everything


def test_linkedin_invitations_have_american_dates(linkedin: Export) -> None:
    invitations = linkedin.exchanges[linkedin.exchanges["kind"] == "invitation"]

    assert rows(invitations, "direction", "name") == [("received", "Amine Fougère"), ("sent", "Léa Ronce")]
    assert list(invitations["date"]) == [
        datetime(2025, 12, 31, 0, 5, tzinfo=UTC),
        datetime(2026, 7, 8, 15, 43, tzinfo=UTC),
    ]


def test_linkedin_quotes_both_ways(linkedin: Export) -> None:
    """Shares double their quotes, Comments put a backslash before them."""
    assert rows(linkedin.posts, "kind", "text") == [
        ("post", 'Un atelier dit "ouvert".\nÀ bientôt #vélo'),
        ("comment", 'Elle dit "oui, et vite", merci'),
        ("comment", "Sans guillemets"),
    ]


def test_a_backslash_before_a_doubled_quote_is_a_backslash(tmp_path: Path) -> None:
    text = 'Date,Link,Message\n2026-05-02,https://exemple.invalid/1,"le dossier C:\\"\n2026-05-03,https://exemple.invalid/2,ok\n'

    export = read_export(written("Comments.csv", text)(tmp_path))

    assert list(export.posts["text"]) == ["le dossier C:\\", "ok"]


def test_linkedin_without_addresses_names_people(tmp_path: Path) -> None:
    """Files of 2020 have no URL column; the owner is who takes part in every conversation."""
    connections = "First Name,Last Name,Email Address,Company,Position,Connected On\nZoé,Brindille,,,,05 Mar 2020"
    messages = (
        "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,DATE,SUBJECT,CONTENT,FOLDER\n"
        "a,,Camille Ortie,,Zoé Brindille,2020-01-01 10:00:00 UTC,,Bonjour,INBOX\n"
        "b,,Amine Fougère,,Camille Ortie,2020-01-02 10:00:00 UTC,,Salut,INBOX\n"
        "c,,LinkedIn Member,,Camille Ortie,2020-01-03 10:00:00 UTC,,?,ARCHIVE\n"
    )
    export = read_export(exports.zipped(tmp_path / "a.zip", {"Connections.csv": connections, "messages.csv": messages}))

    assert list(export.contacts["id"]) == ["Zoé Brindille"]
    assert rows(export.exchanges, "direction", "person") == [
        ("sent", "Zoé Brindille"),
        ("received", "Amine Fougère"),
        ("received", None),
    ]


def test_linkedin_with_the_addresses_of_senders_alone(tmp_path: Path) -> None:
    """Files of 2021 and 2022: a person is one person all the same, a comma in a name included."""
    files = {
        "Profile.csv": exports.PROFILE,
        "Connections.csv": "First Name,Last Name,Email Address,Company,Position,Connected On\n"
        'Zoé,Brindille,,,,05 Mar 2020\nLéa,"Ronce, Ph.D.",,,,05 Mar 2021\n',
        "messages.csv": "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,DATE,SUBJECT,CONTENT,FOLDER\n"
        f"a,,Zoé Brindille,{exports.ZOE},Camille Ortie,2021-04-01 09:00:00 UTC,,x,INBOX\n"
        f"a,,Camille Ortie,{exports.ME},Zoé Brindille,2021-04-02 09:00:00 UTC,,x,INBOX\n"
        f'b,,Camille Ortie,{exports.ME},"Amine Fougère, Léa Ronce, Ph.D.",2021-04-03 09:00:00 UTC,,x,INBOX\n'
        f'b,,Amine Fougère,{exports.AMINE},"Camille Ortie, Léa Ronce, Ph.D.",2021-04-04 09:00:00 UTC,,x,INBOX\n',
        "Invitations.csv": "From,To,Sent At,Message,Direction\n"
        'Camille Ortie,Zoé Brindille,"3/12/21, 4:05 PM",,OUTGOING\n',
    }

    for chosen in (files, {name: text for name, text in files.items() if name != "Invitations.csv"}):
        export = read_export(exports.zipped(tmp_path / "a.zip", chosen))

        messages = export.exchanges[export.exchanges["kind"] == "message"]
        assert rows(messages, "direction", "person") == [
            ("received", "Zoé Brindille"),
            ("sent", "Zoé Brindille"),
            ("sent", exports.AMINE),
            ("sent", "Léa Ronce, Ph.D."),
            ("received", exports.AMINE),
        ]
        assert set(export.contacts["id"]) == {"Zoé Brindille", "Léa Ronce, Ph.D."}


def test_conversations_with_linkedins_own_programs_are_no_messages(tmp_path: Path) -> None:
    """Their files have the headings of messages, and most often nothing below."""
    files = {"messages.csv": exports.MESSAGES, "guide_messages.csv": exports.MESSAGES_HEADER}
    files["learning_role_play_messages.csv"] = exports.MESSAGES

    export = read_export(exports.zipped(tmp_path / "a.zip", files))

    alone = read_export(written("messages.csv", exports.MESSAGES)(tmp_path))
    assert export.read == alone.read
    pd.testing.assert_frame_equal(export.exchanges, alone.exchanges)
    assert any("2" + NBSP + "autres fichiers" in line for line in export.skipped)


def test_one_conversation_does_not_say_who_the_owner_is(tmp_path: Path) -> None:
    lines = f"t1,,Zoé,{exports.ZOE},Camille,{exports.ME},2026-07-01 10:00:00 UTC,,x,INBOX,,No\n"

    export = read_export(written("messages.csv", exports.MESSAGES_HEADER + lines)(tmp_path))

    assert rows(export.exchanges, "direction", "person") == [(None, exports.ZOE)]


def test_linkedin_in_french(tmp_path: Path) -> None:
    export = read_export(written("Connections.csv", exports.FRENCH_CONNECTIONS)(tmp_path))

    assert list(export.contacts["since"].dt.strftime("%Y-%m-%d")) == ["2023-02-12", "2021-08-01", "2020-12-03"]
    assert export.contacts["name"][0] == "Zoé Brindille"


@pytest.mark.parametrize(
    "content",
    [
        exports.FRENCH_CONNECTIONS.encode("cp1252", "ignore"),
        exports.FRENCH_CONNECTIONS.removeprefix("\N{BYTE ORDER MARK}").encode("utf-16"),
        exports.FRENCH_CONNECTIONS.replace("\n", "\r\n").encode(),
        exports.FRENCH_CONNECTIONS.replace("\n", "\r").encode(),
        exports.FRENCH_CONNECTIONS.replace(",", ";").encode("cp1252", "ignore"),
        exports.FRENCH_CONNECTIONS.replace(",", "\t").encode("utf-16"),
        exports.FRENCH_CONNECTIONS.replace(",", ";").encode("mac_roman", "ignore"),
        exports.FRENCH_CONNECTIONS.replace(",", ";").encode("cp850", "ignore"),
        exports.FRENCH_CONNECTIONS.removeprefix("\N{BYTE ORDER MARK}").encode("utf-16-le"),
        exports.FRENCH_CONNECTIONS.removeprefix("\N{BYTE ORDER MARK}").encode("utf-16-be"),
        exports.FRENCH_CONNECTIONS.removeprefix("\N{BYTE ORDER MARK}").encode("utf-32"),
    ],
    ids=[
        "windows",
        "utf-16",
        "crlf",
        "cr",
        "saved by a French Excel",
        "Excel's Unicode text",
        "Excel's CSV (Macintosh)",
        "Excel's CSV (MS-DOS)",
        "utf-16 without its mark",
        "utf-16 without its mark, the other way",
        "utf-32",
    ],
)
def test_a_file_saved_again_by_another_program_still_reads(content: bytes, tmp_path: Path) -> None:
    export = read_export(written("Connections.csv", content)(tmp_path))

    assert list(export.contacts["name"]) == ["Zoé Brindille", "Amine Fougère", "Léa Ronce"]


@pytest.mark.parametrize("damage", [b"\xed\xa0\xbd", b"\xff", b"\xc3"])
def test_one_broken_letter_costs_itself(damage: bytes, tmp_path: Path) -> None:
    """Half an emoji, or a file cut within a letter, does not turn all other accents into « Ã© »."""
    whole = (exports.CONNECTIONS + f"Léa,Ronce,,,Ici,Poète{damage.decode('latin-1')},05 Mar 2024").encode()
    text = whole.replace(damage.decode("latin-1").encode(), damage)

    export = read_export(written("Connections.csv", text)(tmp_path))

    assert list(export.contacts["name"]) == ["Zoé Brindille", "Amine Fougère", "Léa Ronce"]
    assert export.contacts["position"][2].startswith("Poète")


def test_a_file_cut_within_a_letter_reads_up_to_it(tmp_path: Path) -> None:
    whole = exports.CONNECTIONS.encode()

    export = read_export(written("Connections.csv", whole[: whole.rindex("ère".encode()) + 1])(tmp_path))

    assert list(export.contacts["name"]) == ["Zoé Brindille"]
    assert any("1" + NBSP + "ligne illisible" in line for line in export.skipped)


def test_a_quote_that_nothing_closes_costs_its_own_row(tmp_path: Path) -> None:
    """The rows below, up to the next quote or to the end, are not swallowed."""
    people = [f"Prénom{row},Ortie,https://www.linkedin.com/in/p-{row},,Ici,,05 Mar 2024" for row in range(3_000)]
    for broken in (1_000, 2_999):
        lines = list(people)
        lines[broken] = lines[broken].replace("Ici", '"Ici')
        lines[1_500] = lines[1_500].replace("Ici", '"Ici, là"')

        export = read_export(written("Connections.csv", exports.CONNECTIONS_HEADER + "\n".join(lines))(tmp_path))

        assert len(export.contacts) == 2_999
        assert f"Prénom{broken} Ortie" not in set(export.contacts["name"])
        assert any("1" + NBSP + "ligne illisible" in line for line in export.skipped)


def test_an_open_quote_before_an_endless_line_costs_the_two(tmp_path: Path) -> None:
    text = exports.CONNECTIONS_HEADER + '"\n' + "x" * 300_000 + "\nLéa,Ronce,,,Ici,,05 Mar 2024\n"

    export = read_export(written("Connections.csv", text)(tmp_path))

    assert list(export.contacts["name"]) == ["Léa Ronce"]
    assert any("2" + NBSP + "lignes illisibles" in line for line in export.skipped)


def test_people_of_one_name_stay_two_where_no_address_tells_them_apart(tmp_path: Path) -> None:
    """And the sentences agree with the table: what came twice is told."""
    header = "First Name,Last Name,Email Address,Company,Position,Connected On\n"
    people = "Zoé,Ronce,,,,05 Mar 2020\nZoé,Ronce,,,,06 Mar 2020\nLéa,Ortie,,,,06 Mar 2020\nLéa,Ortie,,,,06 Mar 2020\n"

    export = read_export(written("Connections.csv", header + people)(tmp_path))

    assert rows(export.contacts, "id", "name") == [
        ("Zoé Ronce", "Zoé Ronce"),
        ("Zoé Ronce (2)", "Zoé Ronce"),
        ("Léa Ortie", "Léa Ortie"),
    ]
    assert "4" + NBSP + "contacts" in export.read[0]
    assert any("1" + NBSP + "ligne en double" in line for line in export.skipped)


def test_archives_within_archives_count_each_contact_once(tmp_path: Path) -> None:
    inner = exports.zip_bytes(exports.LINKEDIN)

    export = read_export(exports.zipped(tmp_path / "a.zip", {"Basic.zip": inner, "deep/Complete.zip": inner}))

    assert len(export.contacts) == 2
    assert len(export.exchanges) == 7
    assert len(export.posts) == 3
    assert any("12" + NBSP + "lignes en double" in line for line in export.skipped)


# --- the other networks ---


def test_x_names_the_accounts_that_mentions_name(tmp_path: Path) -> None:
    export = read_export(exports.zipped(tmp_path / "x.zip", exports.X))

    assert rows(export.contacts, "id", "name", "relation") == [
        ("7", "zoe_brindille", "following"),
        ("7", "zoe_brindille", "follower"),
        ("8", None, "follower"),
    ]
    assert rows(export.posts, "id", "kind", "likes", "shares") == [
        ("1001", "post", 3, 1),
        ("1002", "reply", 3, 1),
        ("1003", "share", None, None),
        ("1004", "post", 3, 1),
    ]
    assert rows(export.exchanges, "kind", "direction", "person") == [
        ("reply", "sent", "7"),
        ("mention", "sent", "9"),
        ("share", "sent", "9"),
        ("message", "sent", "7"),
        ("message", "received", "7"),
        ("reaction", "sent", None),
    ]
    assert export.posts["date"][0] == datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)
    assert "secret" not in export.exchanges.to_csv()


def test_a_mastodon_archive(tmp_path: Path) -> None:
    """Direct messages are exchanges without their text; the owner is told by the profile, wherever it stands."""
    last = dict(reversed(exports.MASTODON.items()))

    export = read_export(exports.zipped(tmp_path / "m.zip", last))

    assert rows(export.posts, "kind", "text", "likes", "shares") == [
        ("post", "Bonjour & merci\nà tous", 5, 2),
        ("reply", "Oui", None, None),
        ("share", None, None, None),
    ]
    assert sorted(rows(export.exchanges, "kind", "person"), key=str) == [
        ("bookmark", "zoe@exemple.social"),
        ("message", "zoe@exemple.social"),
        ("reaction", "amine@autre.exemple"),
        ("reaction", None),
        ("reply", "zoe@exemple.social"),
        ("share", "amine@autre.exemple"),
    ]
    assert "secret" not in export.posts.to_csv() + export.exchanges.to_csv()


def test_mastodon_follows_are_not_its_mutes(tmp_path: Path) -> None:
    follows = "Account address,Show boosts\nzoe@exemple.social,true\nsans adresse,true\n"
    mutes = "Account address,Hide notifications\nla@brute.exemple,true\n"

    export = read_export(unpacked(tmp_path, {"following_accounts.csv": follows, "muted_accounts.csv": mutes}))

    assert rows(export.contacts, "id", "relation", "group") == [("zoe@exemple.social", "following", "exemple.social")]
    assert any("sans adresse de compte" in line for line in export.skipped)


def test_bluesky(tmp_path: Path) -> None:
    export = read_export(written("repo.car", exports.car(exports.BLUESKY))(tmp_path))

    assert rows(export.contacts, "id", "relation") == [("did:plc:zoe", "following"), ("did:plc:amine", "following")]
    assert export.contacts["since"][0] == datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)
    assert rows(export.posts, "kind", "text") == [("post", "Bonjour à tous"), ("reply", "Oui"), ("share", None)]
    assert export.posts["id"][0] == "at://did:plc:camille/app.bsky.feed.post/3c"
    assert rows(export.exchanges, "kind", "person") == [
        ("reply", "did:plc:zoe"),
        ("mention", "did:plc:lea"),
        ("share", "did:plc:lea"),
        ("reaction", "did:plc:amine"),
    ]


def test_bluesky_without_its_library_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libipld", None)

    assert "%pip install libipld" in refusal(written("repo.car", exports.car(exports.BLUESKY))(tmp_path))


def test_a_bluesky_repository_cut_short_says_so(tmp_path: Path) -> None:
    whole = exports.car(exports.BLUESKY)

    for length in (len(whole) // 2, len(whole) - 3, 40):
        assert "s’arrête au milieu" in refusal(written("repo.car", whole[:length])(tmp_path))


def test_instagram_and_its_two_places_for_a_name(tmp_path: Path) -> None:
    export = read_export(exports.zipped(tmp_path / "ig.zip", exports.INSTAGRAM))

    assert rows(export.contacts, "id", "relation") == [("lea.ronce", "follower"), ("zoe_brindille", "following")]


def test_facebook_names_are_mended_once(tmp_path: Path) -> None:
    """And two friends of one name stay two."""
    export = read_export(exports.zipped(tmp_path / "fb.zip", exports.FACEBOOK))

    assert rows(export.contacts, "id", "name") == [
        ("Pénélope Ronce", "Pénélope Ronce"),
        ("Amine Fougère", "Amine Fougère"),
        ("Amine Fougère (2)", "Amine Fougère"),
    ]
    assert [mended(text) for text in ("PÃ©nÃ©lope", "Pénélope", "日本", "Ã", 3)] == [
        "Pénélope",
        "Pénélope",
        "日本",
        "Ã",
        3,
    ]


def test_opml_gives_sites_and_folders_and_no_script(tmp_path: Path) -> None:
    export = read_export(written("flux.opml", exports.OPML)(tmp_path))

    assert rows(export.contacts, "name", "url", "group") == [
        ("L’atelier de Zoé", "https://zoe.exemple/", "Vélo"),
        ("Sans dossier", "https://autre.exemple/rss", None),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("05 Mar 2024", "2024-03-05 00:00:00"),
        ("5 mars 2024", "2024-03-05 00:00:00"),
        ("12 févr. 2023", "2023-02-12 00:00:00"),
        ("1er juillet 2020 à 8h05", "2020-07-01 08:05:00"),
        ("30 juin 2020", "2020-06-30 00:00:00"),
        ("4-Apr-21", "2021-04-04 00:00:00"),
        ("2026-07-01 10:00:00 UTC", "2026-07-01 10:00:00"),
        ("2025/06/03 20:00:00 UTC", "2025-06-03 20:00:00"),
        ("2025-06-03T20:00:00.123Z", "2025-06-03 20:00:00.123000"),
        ("2025-06-03T20:00:00+02:00", "2025-06-03 18:00:00"),
        ("7/8/26, 3:43 PM", "2026-07-08 15:43:00"),
        ("7/8/26, 12:00\N{NARROW NO-BREAK SPACE}AM", "2026-07-08 00:00:00"),
        ("08/07/2026 15:43", "2026-07-08 15:43:00"),
        ("Wed Oct 10 20:19:24 +0200 2018", "2018-10-10 18:19:24"),
        ("1700000000", "2023-11-14 22:13:20"),
        ("1700000000000", "2023-11-14 22:13:20"),
    ],
)
def test_dates(text: str, expected: str) -> None:
    moment = read_date(text)

    assert moment is not None
    assert str(moment) == expected + "+00:00"


@pytest.mark.parametrize(
    "text", ["", "hier", "31 février 2024", "2024-13-45", "99999999999999999999", "0001-01-01", "1/1/1", "9" * 100_000]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


# --- what may be wrong ---


def test_a_row_without_a_readable_date_is_kept_and_told(tmp_path: Path) -> None:
    text = exports.CONNECTIONS_HEADER + "Zoé,Brindille,,,,,bientôt\nAmine,Fougère,,,,,05 Mar 2024\ntrop,court\n"

    export = read_export(written("Connections.csv", text)(tmp_path))

    assert rows(export.contacts, "name")[0] == ("Zoé Brindille",)
    assert pd.isna(export.contacts["since"][0])
    assert "dont 1 sans date lisible" in export.read[0]
    assert any("1" + NBSP + "ligne illisible" in line for line in export.skipped)


def test_formulas_stay_texts(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://exemple.invalid","cliquez")'
    text = exports.table(exports.CONNECTIONS_HEADER, [["Zoé", formula, "", "", "@SUM(1)", "+1+1", "05 Mar 2024"]])

    export = read_export(written("Connections.csv", text)(tmp_path))

    assert rows(export.contacts, "name", "company", "position") == [(f"Zoé {formula}", "@SUM(1)", "+1+1")]


def test_names_cannot_hide_or_turn_text_around(tmp_path: Path) -> None:
    text = exports.table(
        exports.CONNECTIONS_HEADER, [["Zoe\u0301\u202e\u200b", "\x1b[31mNom", "", "", "", "", "05 Mar 2024"]]
    )

    export = read_export(written("Connections.csv", text)(tmp_path))

    assert list(export.contacts["name"]) == ["Zoé [31mNom"]


def test_half_a_letter_of_json_is_no_stack_trace(tmp_path: Path) -> None:
    """JSON may hold half of a pair of surrogates, which no encoding can write."""
    content = json.dumps({"friends_v2": [{"name": "Zo\ud800é", "timestamp": 1}]})

    export = read_export(written("your_friends.json", content)(tmp_path))

    assert list(export.contacts["name"]) == ["Zoé"]
    assert export.contacts.to_csv().encode()


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "empty": ("Connections.csv", b"", "est vide"),
    "blank": ("Connections.csv", b"\n\n \n", "Rien n’a été reconnu"),
    "another table": ("notes.csv", b"nom;note\nZo\xe9;12\n", "Sont lus"),
    "pdf": ("export.pdf", b"%PDF-1.7 ...", "un document PDF"),
    "picture": ("export.zip", b"\x89PNG\r\n", "une image"),
    "page": ("followers_1.html", b"<!DOCTYPE html><html>", "JSON"),
    "old office": ("Connections.xls", b"\xd0\xcf\x11\xe0", "CSV"),
    "rar": ("export.rar", b"Rar!\x1a\x07", "décompressez-la"),
    "truncated zip": ("export.zip", exports.zip_bytes(exports.LINKEDIN)[:-300], "abîmé ou incomplet"),
    "half a zip": ("export.zip", exports.zip_bytes(exports.LINKEDIN)[:200], "téléchargez-le de nouveau"),
    "empty zip": ("export.zip", exports.zip_bytes({}), "aucun fichier de données"),
    "zip of pictures": ("export.zip", exports.zip_bytes({"a.jpg": "x"}), "aucun fichier de données"),
    "zip of pages": ("ig.zip", exports.zip_bytes({"followers_1.html": "<html>"}), "HTML"),
    "excel": ("Connections.xlsx", exports.zip_bytes({"xl/workbook.xml": "<x/>"}), "un classeur Excel"),
    "random": ("export.zip", bytes(random.Random(1).randbytes(5_000)), "Rien n’a été reconnu"),
    "gzip of nothing": ("a.tar.gz", b"\x1f\x8b\x08\x00", "s’arrête au milieu"),
    "cut json": ("following.js", b'window.YTD.following.part0 = [ {"following": {', "s’arrête au milieu"),
    "deep json": ("following.js", b"window.YTD.following.part0 = [" + b"[" * 200_000, "niveaux"),
    "not json": ("follower.js", b"window.YTD.follower.part0 = [ alert(1) ]", "du JSON"),
    "cut opml": ("flux.opml", b"<opml><body><outline", "XML"),
    "deep opml": ("flux.opml", b"<opml>" + b"<outline text='a'>" * 5_000, "niveaux"),
    "opml in no encoding": ("flux.opml", b"<?xml version='1.0' encoding='UTFu8'?><opml/>", "encodage inconnu"),
    "zip without names": ("a.zip", exports.zip_bytes({"x.js": "x"}).replace(b"x.js", b"\0.js"), "aucun fichier"),
    "hostile car": ("repo.car", b"\x3a\xa2eroots\x81" + b"\xff" * 500, "forme attendue"),
}


@pytest.mark.parametrize(("name", "content", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_in_french(name: str, content: bytes, expected: str, tmp_path: Path) -> None:
    message = refusal(written(name, content)(tmp_path))

    assert expected in message
    assert "Traceback" not in message
    assert "Error" not in message


def test_a_refusal_says_everything_at_once(tmp_path: Path) -> None:
    path = exports.zipped(
        tmp_path / "a.zip",
        {"data/following.js": "window.YTD.following.part0 = [", "data/tweets.js": "window.YTD.tweets.part0 = ["},
    )

    message = refusal(path)

    assert "following.js" in message
    assert "tweets.js" in message


def test_two_networks_at_once_are_asked_for_one_by_one(tmp_path: Path) -> None:
    message = refusal(exports.zipped(tmp_path / "a.zip", {**exports.X, **exports.LINKEDIN}))

    assert "LinkedIn et X" in message


def test_what_is_not_there_or_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "tube")
    (tmp_path / "vide").mkdir()

    assert "vérifiez le nom" in refusal(tmp_path / "absent.zip")
    assert "ni un fichier ni un dossier" in refusal(tmp_path / "tube")
    assert "aucun fichier de données" in refusal(tmp_path / "vide")
    assert "ne s’ouvre pas" in refusal(tmp_path / "nul\0")


def test_a_folder_with_links_and_pipes_is_read_without_following_them(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "export", {"Connections.csv": exports.CONNECTIONS})
    unpacked(tmp_path / "ailleurs", {"Invitations.csv": exports.INVITATIONS})
    (folder / "lien").symlink_to(tmp_path / "ailleurs")
    (folder / "boucle").symlink_to(folder)
    (folder / "Invitations.csv").symlink_to(tmp_path / "ailleurs" / "Invitations.csv")
    os.mkfifo(folder / "tube.csv")

    export = read_export(folder)

    assert len(export.contacts) == 2
    assert export.exchanges.empty


def test_names_that_climb_out_of_a_zip_write_nothing(tmp_path: Path) -> None:
    names = ("../../../Connections.csv", "/etc/Invitations.csv", "..\\..\\C:\\messages.csv", "a\x1b[31m\n.csv")
    files = dict(zip(names, (exports.CONNECTIONS, exports.INVITATIONS, exports.MESSAGES, "x"), strict=True))
    link = zipfile.ZipInfo("Shares.csv")
    link.external_attr = 0o120777 << 16
    (tmp_path / "in").mkdir()
    path = exports.zipped(tmp_path / "in" / "a.zip", files)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, exports.SHARES)

    export = read_export(path)

    assert len(export.contacts) == 2
    assert len(export.exchanges) == 6
    assert export.posts.empty
    assert [entry.name for entry in tmp_path.rglob("*")] == ["in", "a.zip"]
    assert "\x1b" not in sentences(export)
    assert ".." not in sentences(export)


def test_one_damaged_file_costs_itself(tmp_path: Path) -> None:
    data = bytearray(exports.zip_bytes(exports.LINKEDIN))
    at = data.index(b"Invitations.csv") + len("Invitations.csv") + 20
    data[at : at + 8] = bytes(8)

    export = read_export(written("a.zip", bytes(data))(tmp_path))

    assert len(export.contacts) == 2
    assert any("Invitations.csv" in line and "abîmé" in line for line in export.skipped)


def test_a_file_cut_short_gives_what_came_before(tmp_path: Path) -> None:
    messages = exports.X["data/direct-messages.js"]
    files = {
        "a/following.js": exports.X["data/following.js"][:-1] + ', {"follow',
        "a/direct-messages.js": messages[:-1],
    }

    export = read_export(exports.zipped(tmp_path / "a.zip", files))

    assert list(export.contacts["id"]) == ["7"]
    assert len(export.exchanges) == 2
    assert [line.split(",")[0] for line in export.read] == [
        f"«{NBSP}following.js{NBSP}»{NBSP}: 1{NBSP}ligne",
        f"«{NBSP}direct-messages.js{NBSP}»{NBSP}: 2{NBSP}lignes",
    ]
    assert all("en entier" in line and "s’arrête au milieu" in line for line in export.skipped[:2])


def test_a_locked_zip_says_so(tmp_path: Path) -> None:
    """The bit that says « encrypted », in both places where a zip has it."""
    data = bytearray(exports.zip_bytes({"Connections.csv": exports.CONNECTIONS}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1

    message = refusal(written("a.zip", bytes(data))(tmp_path))

    assert "mot de passe" in message
    assert "reconnu" not in message


def test_a_tar_cut_short_gives_what_came_before(tmp_path: Path) -> None:
    filler = "".join(random.Random(2).choices("abcdef", k=200_000))
    path = exports.tarred(tmp_path / "a.tar.gz", {**exports.MASTODON, "media/x.json": filler})
    path.write_bytes(path.read_bytes()[:-20_000])

    export = read_export(path)

    assert len(export.posts) == 3
    assert any("lu en entier" in line for line in export.skipped)


# --- too much ---


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, lower, so that reaching them takes a moment."""
    monkeypatch.setattr(archives, "MAX_FILE", 2**22)
    monkeypatch.setattr(archives, "MAX_NESTED", 2**22)
    monkeypatch.setattr(archives, "MAX_EXPORT", 2**24)
    monkeypatch.setattr(archives, "MAX_FILES", 500)
    monkeypatch.setattr(tables, "MAX_ROWS", 5_000)
    monkeypatch.setattr(parsing, "_MAX_ELEMENT", 2**19)


def zeros(name: str, start: str, piece: str, size: int) -> bytes:
    """A zip with one file that is small packed and long unpacked."""
    return exports.zip_bytes({name: start + piece * (size // len(piece))})


#: Each way of saying that something is too much, or is not what it says.
TOO_MUCH = ("bien plus grand", "plus long", "un million", "JSON", "XML", "Rien n’a été reconnu", "lignes illisibles")

#: Made when their test runs: packing them takes a second.
BOMBS: dict[str, Callable[[], bytes]] = {
    "a table of nothing": partial(zeros, "Connections.csv", exports.CONNECTIONS_HEADER, "\n", 2**26),
    "a table of commas": partial(zeros, "Connections.csv", exports.CONNECTIONS_HEADER, ",,,,,,\n", 2**26),
    "one endless cell": partial(zeros, "Connections.csv", exports.CONNECTIONS_HEADER, 'a"', 2**26),
    "one endless quoted cell": partial(zeros, "Connections.csv", exports.CONNECTIONS_HEADER + '"', "a", 2**26),
    "no header": partial(zeros, "Connections.csv", "", " ", 2**26),
    "a list of nothing": partial(zeros, "following.js", "window.YTD.following.part0 = [", "{},", 2**26),
    "a list of white space": partial(zeros, "following.js", "window.YTD.following.part0 = [", " ", 2**26),
    "a list within a list": partial(zeros, "following.js", "window.YTD.following.part0 = [[", "{},", 2**26),
    "one endless text": partial(zeros, "following.js", 'window.YTD.following.part0 = ["', "a", 2**26),
    "one endless element": partial(zeros, "following.js", 'window.YTD.following.part0 = [{"a":[', "[],", 2**26),
    "an endless profile": partial(zeros, "actor.json", '{"@context": [], "preferredUsername": "', "a", 2**26),
    "endless feeds": partial(zeros, "flux.opml", "<opml>", "<outline text='a'/>", 2**26),
    "an endless attribute": partial(zeros, "flux.opml", "<opml><outline text='", "a", 2**26),
    "an archive of the same": lambda: exports.zip_bytes({"a.zip": zeros("Connections.csv", "", "\n", 2**26)}),
    "an endless archive": lambda: exports.zip_bytes({"a.zip": b"PK\x03\x04" + bytes(2**26)}),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_little_time_and_memory(bomb: Callable[[], bytes], tmp_path: Path, small_limits: None) -> None:
    """64 MiB that come in a few KiB, against a limit of 4: told in a sentence, never held as a whole."""
    path = written("a.zip", bomb())(tmp_path)
    tracemalloc.start()
    started = time.process_time()
    try:
        message = sentences(read_export(path))
    except NotReadable as refused:
        message = "\n".join(refused.reasons)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert time.process_time() - started < 60
    assert peak < 100 * 2**20
    assert any(said in message for said in TOO_MUCH)


def test_a_hundred_thousand_contacts_and_messages(tmp_path: Path) -> None:
    """Far more than anybody has, in a few seconds."""
    people = range(100_000)
    contacts = [
        [f"Prénom{n}", "Ortie", f"https://www.linkedin.com/in/p-{n}", "", "Ici", "", "05 Mar 2024"] for n in people
    ]
    said = ["2026-07-01 10:00:00 UTC", "", 'Il dit "oui"', "INBOX", "", "No"]
    messages = [
        [f"t{n % 900}", "", "Moi", exports.ME, f"P{n}", f"https://www.linkedin.com/in/p-{n}", *said] for n in people
    ]
    files = {
        "Connections.csv": exports.table(exports.PREAMBLE + exports.CONNECTIONS_HEADER, contacts),
        "messages.csv": exports.table(exports.MESSAGES_HEADER, messages),
    }
    path = exports.zipped(tmp_path / "a.zip", files)
    started = time.process_time()

    export = read_export(path)

    assert time.process_time() - started < 60
    assert len(export.contacts) == len(export.exchanges) == 100_000
    assert set(export.exchanges["direction"]) == {"sent"}
    assert "100\N{NARROW NO-BREAK SPACE}000" + NBSP + "contacts" in export.read[0]


def test_a_zip_with_too_many_files_is_refused_before_its_list_is_read(tmp_path: Path, small_limits: None) -> None:
    many = {f"{n}.jpg": "" for n in range(501)}

    assert "trop de fichiers" in refusal(exports.zipped(tmp_path / "a.zip", many))
    data = bytearray(exports.zip_bytes(exports.LINKEDIN))
    data[-10:-6] = (2**31).to_bytes(4, "little")
    assert "abîmé" in refusal(written("b.zip", bytes(data))(tmp_path))
    # The record of a zip64 counts, whatever the older one says.
    assert "trop de fichiers" in refusal(written("c.zip", zip64(501))(tmp_path))


def test_archives_nested_without_end_stop(tmp_path: Path) -> None:
    data = exports.zip_bytes({"Connections.csv": exports.CONNECTIONS})
    for _ in range(10):
        data = exports.zip_bytes({"a.zip": data})

    assert "les unes dans les autres" in refusal(written("a.zip", data)(tmp_path))


def test_entities_of_xml_are_refused_not_expanded(tmp_path: Path) -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    content = f'<!DOCTYPE opml [{entities}]><opml><body><outline text="&a9;" xmlUrl="http://a.exemple"/></body></opml>'
    outside = '<!DOCTYPE opml [<!ENTITY a SYSTEM "file:/etc/passwd">]><opml><outline text="&a;"/></opml>'

    for text in (content, outside):
        assert "entités" in refusal(written("flux.opml", text)(tmp_path))


def reads_or_is_refused(path: Path) -> bool:
    """Whether an export is read, with a sentence for it, or refused in French sentences."""
    try:
        said = read_export(path).read
    except NotReadable as refused:
        said = refused.reasons
    return bool(said) and all(sentence.endswith(".") for sentence in said)


#: Values that stand where another kind of value is expected.
_ODD: tuple[Any, ...] = (None, True, 0, -1, 1e308, "", "x", [], {}, [[]], {"a": 1}, "\ud800", "2024-99-99", 10**30)


def _odd(value: Any, rng: random.Random) -> Any:
    """The same JSON with some of its values replaced by others."""
    if rng.random() < 0.15:
        return rng.choice(_ODD)
    if isinstance(value, dict):
        return {key: _odd(item, rng) for key, item in value.items()}
    return [_odd(item, rng) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", ["x", "mastodon", "instagram", "facebook"])
def test_json_of_any_shape_never_ends_in_a_stack_trace(kind: str, tmp_path: Path) -> None:
    rng = random.Random(kind)
    files: dict[str, str] = {name: text for name, text in getattr(exports, kind.upper()).items() if "media" not in name}
    for turn in range(60):
        odd = {}
        for name, text in files.items():
            start, sign, rest = text.partition(" = ") if name.endswith(".js") else ("", "", text)
            try:
                odd[name] = start + sign + json.dumps(_odd(json.loads(rest.rstrip(";")), rng))
            except ValueError:
                odd[name] = text
        path = exports.zipped(tmp_path / f"{turn}.zip", odd)

        assert reads_or_is_refused(path)


@pytest.mark.parametrize(("network", "make"), EXPORTS.values(), ids=EXPORTS)
def test_damaged_bytes_never_end_in_a_stack_trace(network: str, make: Maker, tmp_path: Path) -> None:
    """Cut anywhere, or with some bytes changed: a right answer or a refusal in French."""
    path = make(tmp_path)
    whole, rng = path.read_bytes(), random.Random(network)
    for turn in range(60):
        data = bytearray(whole[: rng.randrange(1, len(whole))] if turn % 3 == 0 else whole)
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)

        assert reads_or_is_refused(path)
