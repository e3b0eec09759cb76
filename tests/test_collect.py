"""Work comes as Moodle, browsers and people make it, and finds its place; what cannot is kept aside and told."""

import csv
import io
import json
import os
import random
import re
import shutil
import stat
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

from bench.mutations import zip64
from bench.submissions import ASSIGNMENT, KINDS, answer
from bench.submissions import course as make_course
from desk import Commands
from reseau_kit.__main__ import main
from reseau_kit.answers.journal import FILE_NAME
from reseau_kit.collecting.collect import Line, Report, State, _Collecting, collect
from reseau_kit.collecting.deposits import Entry, storable
from reseau_kit.collecting.roster import NotAList, read_date, read_roster
from reseau_kit.collecting.which import CannotCollect
from reseau_kit.grading.course import Course, load_course
from reseau_kit.system.untrusted import Trouble, open_zip

NOTEBOOK = f"{ASSIGNMENT}.ipynb"
SECRET = "submission_secret.txt"
PARIS = ZoneInfo("Europe/Paris")
HEAD = "Identifiant,Nom complet,Adresse de courriel,Statut,Dernière modification (travail remis)"

Files = Mapping[str, bytes]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with two exercises, which nobody writes to."""
    root = make_course(tmp_path_factory.mktemp("atelier") / "cours")
    other = root / "exercises" / "etape-2"
    shutil.copytree(root / "exercises" / ASSIGNMENT, other)
    text = (other / NOTEBOOK).read_text(encoding="utf-8").replace("E1-", "E2-")
    (other / "etape-2.ipynb").write_text(text, encoding="utf-8")
    (other / NOTEBOOK).unlink()
    return load_course(root)


@pytest.fixture
def course(settings: Course, tmp_path: Path) -> Course:
    """A course of one's own; its settings are read once."""
    root = Path(shutil.copytree(settings.root, tmp_path / "cours"))
    folders = type(settings.folders)(root=str(root), source_directory="exercises")
    return Course(**{**{name: getattr(settings, name) for name in Course.__dataclass_fields__}, "folders": folders})


@pytest.fixture(scope="module")
def work(small_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, bytes]]:
    """What a learner of a kind has in the folder of the exercise."""
    made: dict[str, dict[str, bytes]] = {}

    def files_of(kind: str) -> dict[str, bytes]:
        if kind not in made:
            folder = Path(shutil.copytree(small_course / ASSIGNMENT, tmp_path_factory.mktemp(kind) / ASSIGNMENT))
            answer(folder, KINDS[kind.rstrip("0123456789")][0])
            made[kind] = {
                name: (folder / name).read_bytes() for name in (NOTEBOOK, FILE_NAME) if (folder / name).exists()
            }
        return dict(made[kind])

    return files_of


@pytest.fixture(scope="module")
def notebook(work: Callable[[str], dict[str, bytes]]) -> bytes:
    return work("partly")[NOTEBOOK]


def zipped(path: Path, files: Files, *, date: tuple[int, ...] = (2026, 11, 25, 14, 30, 0)) -> Path:
    path.write_bytes(archive(files, date=date))
    return path


def archive(files: Files, *, date: tuple[int, ...] = (2026, 11, 25, 14, 30, 0)) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(zipfile.ZipInfo(name, date), data)  # type: ignore[arg-type]
    return made.getvalue()


def moodle(name: str, number: int, files: Files, ending: str = "") -> dict[str, bytes]:
    """One learner's part of « Télécharger tous les travaux remis »."""
    return {f"{name}_{number}_assignsubmission_file{ending}/{path}": data for path, data in files.items()}


def folder_of(course: Course, student: str) -> Path:
    return Path(course.submitted(student, ASSIGNMENT))


def line(report: Report, item: str) -> Line:
    (found,) = (one for one in report.lines if one.item == item)
    return found


def said(one: Line) -> str:
    """What the report says of a deposit, with plain spaces for the non-breaking ones of French."""
    return "\n".join(one.said).replace("\N{NO-BREAK SPACE}", " ")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def collected(course: Course) -> dict[str, list[str]]:
    """The files of each learner, by name, without the secret that each has."""
    root = course.root / "submitted"
    found = {path.parent.name: sorted(tree(path)) for path in sorted(root.glob(f"*/{ASSIGNMENT}"))}
    for names in found.values():
        names.remove(SECRET)
    return found


def secrets_of(course: Course) -> dict[str, str]:
    """The secret of each learner."""
    root = course.root / "submitted"
    return {path.parts[-3]: path.read_text() for path in sorted(root.glob(f"*/{ASSIGNMENT}/{SECRET}"))}


def roster(path: Path, *rows: str, head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8-sig")
    return path


# --- Moodle -----------------------------------------------------------------------------------------------------------


def test_moodle_zip_with_a_folder_each(course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path) -> None:
    """Loose files, a zip of the learner's, a folder in it, a renamed document; accents, and two people of one name."""
    partly, perfect = work("partly"), work("perfect")
    inside = archive({f"mon travail/{ASSIGNMENT}/{name}": data for name, data in perfect.items()})
    source = zipped(
        tmp_path / "Cours-Étape 1-321.zip",
        {
            **moodle("Élodie MÉNARD", 41, {**partly, "photo.png": b"image"}),
            **moodle("Jean-Noël NGuyen", 42, {"Mon travail.zip": inside}, "_"),
            **moodle("Marie Dupont", 43, {"etape-1 (1).ipynb": partly[NOTEBOOK]}),
            **moodle("Marie Dupont", 44, {"etape-1-copie.ipynb": perfect[NOTEBOOK], FILE_NAME: perfect[FILE_NAME]}),
            "Marie Dupont_44_assignsubmission_onlinetext/onlinetext.html": b"<p>Bonjour</p>",
        },
    )
    report = collect(source, course, ASSIGNMENT)
    assert {one.state for one in report.lines} == {State.NEW}
    assert collected(course) == {
        "elodie-menard-41": [NOTEBOOK, "photo.png", FILE_NAME],
        "jean-noel-nguyen-42": [NOTEBOOK, FILE_NAME],
        "marie-dupont-43": [NOTEBOOK],
        "marie-dupont-44": [NOTEBOOK, "onlinetext.html", FILE_NAME],
    }
    assert (folder_of(course, "jean-noel-nguyen-42") / FILE_NAME).read_bytes() == perfect[FILE_NAME]
    assert "renommé" in line(report, "Marie Dupont_44").said[0]


def test_moodle_zip_without_folders_and_its_unpacked_folder(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    partly = work("partly")
    files = {f"Zoé Abd_7_assignsubmission_file_{name}": data for name, data in partly.items()}
    files["Zoé Abd_7_assignsubmission_onlinetext_onlinetext.html"] = b"<p></p>"
    source = zipped(tmp_path / "plat.zip", files)
    assert collect(source, course, ASSIGNMENT).count(State.NEW) == 1
    assert collected(course) == {"zoe-abd-7": [NOTEBOOK, "onlinetext.html", FILE_NAME]}
    with zipfile.ZipFile(source) as opened:
        opened.extractall(tmp_path / "dossier" / "Cours-321")
    assert [one.state for one in collect(tmp_path / "dossier", course, ASSIGNMENT).lines] == [State.AGAIN]


def test_worksheet_of_moodle_says_who_and_when(course: Course, notebook: bytes, tmp_path: Path) -> None:
    """The « formulaire d’évaluation » knows each number, address and date; the dates in the zip are of its download."""
    people = roster(
        tmp_path / "Notes.csv",
        'Participant 41,Élodie MÉNARD,elodie@exemple.org,Remis,"lundi 23 novembre 2026, 14:05"',
        "Participant 42,Jean-Noël N'Guyen,jn.nguyen@exemple.org,Remis,-",
        "Participant 43,Marie Dupont,marie.d@exemple.org,Remis,-",
        "Participant 44,Marie Dupont,dupont@exemple.org,Remis,-",
    )
    source = zipped(
        tmp_path / "remis.zip",
        {
            path: data
            for name, number in (
                ("Élodie MÉNARD", 41),
                ("Jean-Noël NGuyen", 42),
                ("Marie Dupont", 44),
                ("Paul Roy", 45),
            )
            for path, data in moodle(name, number, {NOTEBOOK: notebook}).items()
        },
    )
    report = collect(source, course, ASSIGNMENT, people, zone=PARIS)
    assert set(collected(course)) == {"elodie@exemple.org", "jn.nguyen@exemple.org", "dupont@exemple.org"}
    stamp = folder_of(course, "elodie@exemple.org") / "timestamp.txt"
    assert stamp.read_text(encoding="utf-8") == "2026-11-23 13:05:00 UTC\n"
    assert not (folder_of(course, "dupont@exemple.org") / "timestamp.txt").exists()
    missing = line(report, "Paul Roy_45")
    assert (missing.state, missing.said[0]) == (State.UNATTRIBUTED, "cette personne n’est pas dans la liste")


def test_numbers_of_another_assignment_attribute_nobody(course: Course, notebook: bytes, tmp_path: Path) -> None:
    """Moodle numbers participants anew in each assignment: against a name, a number is not believed."""
    people = roster(
        tmp_path / "l.csv", "Participant 41,Ana Lou,ana@exemple.org,,", "Participant 50,Bo Li,bo@exemple.org,,"
    )
    source = zipped(tmp_path / "remis.zip", moodle("Bo Li", 41, {NOTEBOOK: notebook}))
    collect(source, course, ASSIGNMENT, people)
    assert set(collected(course)) == {"bo@exemple.org"}


def test_blind_marking(course: Course, notebook: bytes, tmp_path: Path) -> None:
    source = zipped(tmp_path / "remis.zip", moodle("Participant", 12, {NOTEBOOK: notebook}))
    collect(source, course, ASSIGNMENT)
    assert set(collected(course)) == {"participant-12"}
    collect(source, course, ASSIGNMENT, roster(tmp_path / "l.csv", "Participant 12,,b@exemple.org,,"))
    assert set(collected(course)) == {"participant-12", "b@exemple.org"}


# --- heaps of files ---------------------------------------------------------------------------------------------------


def test_flat_folder_of_notebooks(course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path) -> None:
    """Names of files tell whose they are, whatever was added to them; one that names nobody is kept aside."""
    partly, other = work("partly"), work("perfect")
    heap = tmp_path / "reçus"
    heap.mkdir()
    names = ("Élodie Ménard - etape-1 (2).ipynb", "Copie de etape-1_Paul Roy.ipynb", "etape-1 (3).ipynb")
    for name in names:
        (heap / name).write_bytes(partly[NOTEBOOK])
    (heap / "li.ipynb").write_bytes(other[NOTEBOOK])
    (heap / "li reponses.jsonl").write_bytes(other[FILE_NAME].decode().encode("utf-16"))  # by Windows' Notepad
    (heap / "zoe.zip").write_bytes(archive({NOTEBOOK: partly[NOTEBOOK]}))
    (heap / ".DS_Store").write_bytes(b"x")
    report = collect(heap, course, ASSIGNMENT)
    assert collected(course) == {
        "elodie-menard": [NOTEBOOK],
        "li": [NOTEBOOK, FILE_NAME],
        "paul-roy": [NOTEBOOK],
        "zoe": [NOTEBOOK],
    }
    nobody = line(report, "etape-1 (3).ipynb")
    assert nobody.state is State.UNATTRIBUTED
    assert tree(course.root / "non-attribues" / ASSIGNMENT) == {"etape-1 (3).ipynb": partly[NOTEBOOK]}


def test_folders_of_learners_in_a_folder_in_a_zip(course: Course, notebook: bytes, tmp_path: Path) -> None:
    source = zipped(
        tmp_path / "r.zip",
        {f"rendus/groupe B/{who}/{ASSIGNMENT}/{NOTEBOOK}": notebook for who in ("Ana Lou", "Bo Li")},
    )
    collect(source, course, ASSIGNMENT)
    assert set(collected(course)) == {"ana-lou", "bo-li"}


def test_list_finds_names_within_names_of_files(course: Course, notebook: bytes, tmp_path: Path) -> None:
    heap = tmp_path / "reçus"
    heap.mkdir()
    for name in ("ROY paul 25 nov.ipynb", "e1 ana@exemple.org.ipynb", "Jean Martin.ipynb"):
        (heap / name).write_bytes(notebook)
    people = roster(
        tmp_path / "liste.csv",
        "Paul;Roy;paul@exemple.org",
        "Ana;Lou;ana@exemple.org",
        "Jean;Martin;j1@exemple.org",
        "Jean;Martin;j2@exemple.org",
        head="Prénom;Nom de famille;Adresse de courriel",
    )
    report = collect(heap, course, ASSIGNMENT, people)
    assert set(collected(course)) == {"paul@exemple.org", "ana@exemple.org"}
    assert line(report, "Jean Martin.ipynb").said[0].startswith("ce nom peut être celui de 2")


def test_document_of_another_exercise_is_not_this_one(course: Course, tmp_path: Path) -> None:
    """Even under this one's name: cells tell."""
    other = (course.root / "exercises" / "etape-2" / "etape-2.ipynb").read_bytes()
    report = collect(zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {NOTEBOOK: other})), course, ASSIGNMENT)
    assert collected(course) == {}
    assert said(line(report, "Ana Lou_1")) == "c’est le document de « etape-2 »"


def test_unreadable_document_goes_by_its_name_and_cells(course: Course, notebook: bytes, tmp_path: Path) -> None:
    """Grading will tell why it is refused, or use the journal; collecting judges nothing."""
    source = zipped(
        tmp_path / "r.zip",
        {**moodle("Ana Lou", 1, {"x.ipynb": notebook[:-100]}), **moodle("Bo Li", 2, {NOTEBOOK: b"\x00 no notebook"})},
    )
    collect(source, course, ASSIGNMENT)
    assert set(collected(course)) == {"ana-lou-1", "bo-li-2"}


def answered_later(notebook: bytes) -> dict[str, Any]:
    """The same document with its answers given in 2030."""
    newer: dict[str, Any] = json.loads(notebook)
    for event in newer["metadata"]["reseau_kit"]["answers"]["events"]:
        event["at"] = "2030-01-01T00:00:00.000Z"
    return newer


def test_of_two_copies_the_one_with_the_latest_answers_counts(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    newer = answered_later(work("partly")[NOTEBOOK])
    data = json.dumps(newer).encode()
    source = zipped(
        tmp_path / "r.zip", moodle("Ana Lou", 1, {NOTEBOOK: work("partly")[NOTEBOOK], "etape-1 (1).ipynb": data})
    )
    report = collect(source, course, ASSIGNMENT)
    kept = tree(folder_of(course, "ana-lou-1"))
    del kept[SECRET]
    assert kept == {NOTEBOOK: data, f"autres/{NOTEBOOK}": work("partly")[NOTEBOOK]}
    assert "autre copie" in said(line(report, "Ana Lou_1"))


def test_of_two_copies_one_that_cannot_be_graded_never_counts(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    """Millions of lists are refused before they take a gigabyte."""
    newer = answered_later(work("partly")[NOTEBOOK])
    data = json.dumps({**newer, "parts": [[]] * 1_000_001}).encode()
    good = work("partly")[NOTEBOOK]
    source = zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {NOTEBOOK: good, "etape-1 (1).ipynb": data}))
    collect(source, course, ASSIGNMENT)
    assert (folder_of(course, "ana-lou-1") / NOTEBOOK).read_bytes() == good


def test_copies_and_journals_without_end_take_neither_memory_nor_time(
    course: Course, notebook: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{number}.ipynb": notebook for number in range(8)}
    files |= {f"{number}.jsonl": b"?" for number in range(500)} | {FILE_NAME: b"?"}
    asked, held, most, read = list[str](), 0, 0, Entry.read

    class Held(bytes):
        def __del__(self) -> None:
            nonlocal held
            held -= 1

    def noted(entry: Entry, *limits: Any) -> bytes:
        nonlocal held, most
        asked.append(entry.name)
        held += 1
        most = max(held, most)
        return Held(read(entry, *limits))

    monkeypatch.setattr(Entry, "read", noted)
    collect(zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, files)), course, ASSIGNMENT, dry_run=True)
    assert most <= 2
    assert FILE_NAME in asked
    assert len([name for name in asked if name.endswith(".jsonl")]) <= 50


def test_learner_sets_no_date(course: Course, notebook: bytes, tmp_path: Path) -> None:
    files = {NOTEBOOK: notebook, "timestamp.txt": b"2020-01-01 00:00:00 UTC"}
    more = moodle("Bo Li", 2, {NOTEBOOK: notebook, "timestamp.txt/note.txt": b"a folder in the date's place"})
    people = roster(tmp_path / "l.csv", 'Participant 2,Bo Li,bo@e.org,,"lundi 23 novembre 2026, 14:05"')
    source = zipped(tmp_path / "r.zip", {**moodle("Ana Lou", 1, files), **more})
    collect(source, course, ASSIGNMENT)
    collect(source, course, ASSIGNMENT, people)
    assert collected(course) == {
        "ana-lou-1": ["autres/timestamp.txt", NOTEBOOK],
        "bo-li-2": ["autres/timestamp.txt/note.txt", NOTEBOOK],
        "bo@e.org": ["autres/timestamp.txt/note.txt", NOTEBOOK, "timestamp.txt"],
    }


@pytest.mark.parametrize(
    "name",
    [
        *(SECRET, "Submission_Secret.TXT", 'submission"secret.txt', f"{SECRET}. ", f"{SECRET}/{SECRET}"),
        *("timestamp.txt. ", "time\N{LATIN SMALL LIGATURE ST}amp.txt"),
    ],
)
def test_learner_chooses_neither_date_nor_the_address_of_their_page(
    course: Course, notebook: bytes, tmp_path: Path, name: str
) -> None:
    """Under whatever name a system would take for the file's, what they sent lies where nothing reads it."""
    sent = b"2020-01-01 00:00:00 UTC"
    collect(zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {NOTEBOOK: notebook, name: sent})), course, ASSIGNMENT)
    kept = tree(folder_of(course, "ana-lou-1"))
    assert re.fullmatch(rb"[0-9a-f]{128}", kept[SECRET])
    assert [path.split("/")[0] for path, data in kept.items() if data == sent] == ["autres"]
    assert sorted(path for path in kept if "/" not in path) == [NOTEBOOK, SECRET]


def test_dates_of_files_count_when_asked(course: Course, notebook: bytes, tmp_path: Path) -> None:
    """A zip's clock has no zone: it is taken for this place's. A field that says UTC is believed."""
    exact = zipfile.ZipInfo("Bo Li.ipynb", (2026, 11, 25, 14, 30, 0))
    exact.extra = struct.pack("<HHBl", 0x5455, 5, 1, int(datetime(2026, 11, 24, 8, tzinfo=UTC).timestamp()))
    source = zipped(tmp_path / "r.zip", {"Ana Lou.ipynb": notebook})
    with zipfile.ZipFile(source, "a") as opened:
        opened.writestr(exact, notebook)
    collect(source, course, ASSIGNMENT, file_dates=True, zone=PARIS)
    stamps = {who: (folder_of(course, who) / "timestamp.txt").read_text() for who in ("ana-lou", "bo-li")}
    assert stamps == {"ana-lou": "2026-11-25 13:30:00 UTC\n", "bo-li": "2026-11-24 08:00:00 UTC\n"}


# --- again ------------------------------------------------------------------------------------------------------------


def test_the_same_again_changes_nothing(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    source = zipped(
        tmp_path / "r.zip", {**moodle("Ana Lou", 1, work("partly")), **moodle("Bo Li", 2, {"lettre.txt": b"Bonjour"})}
    )
    collect(source, course, ASSIGNMENT)
    before = {path: path.stat().st_mtime_ns for path in course.root.rglob("*") if path.suffix != ".csv"}
    report = collect(source, course, ASSIGNMENT)
    assert {one.item: one.state for one in report.lines} == {"Bo Li_2": State.UNATTRIBUTED, "Ana Lou_1": State.AGAIN}
    after = {path: path.stat().st_mtime_ns for path in course.root.rglob("*") if path.suffix != ".csv"}
    assert after.keys() == before.keys()
    assert {path.name for path in after if path.is_file() and after[path] != before[path]} <= {"lettre.txt"}


def test_newer_replaces_older_and_nothing_is_lost(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    """What was graded of the older one goes along with it, so that the newer one is graded."""
    first, second = work("partly"), work("perfect")
    old = zipped(tmp_path / "1.zip", moodle("Ana Lou", 1, first))
    new = zipped(tmp_path / "2.zip", moodle("Ana Lou", 1, second))
    day = roster(tmp_path / "1.csv", 'Participant 1,Ana Lou,ana@e.org,,"lundi 23 novembre 2026, 14:05"')
    later = roster(tmp_path / "2.csv", 'Participant 1,Ana Lou,ana@e.org,,"Tuesday, 24 November 2026, 2:05 PM"')
    collect(old, course, ASSIGNMENT, day)
    graded = Path(course.autograded("ana@e.org", ASSIGNMENT))
    graded.mkdir(parents=True)
    (graded / NOTEBOOK).write_text("noté")
    (one,) = collect(new, course, ASSIGNMENT, later).lines
    assert one.state is State.REPLACED
    assert (folder_of(course, "ana@e.org") / FILE_NAME).read_bytes() == second[FILE_NAME]
    assert not graded.exists()
    (kept,) = (course.root / "remplaces" / ASSIGNMENT / "ana@e.org").iterdir()
    assert (kept / "submitted" / FILE_NAME).read_bytes() == first[FILE_NAME]
    assert (kept / "autograded" / NOTEBOOK).read_text() == "noté"
    for _ in range(2):
        (one,) = collect(old, course, ASSIGNMENT, day).lines
        assert one.state is State.OLDER
        assert (folder_of(course, "ana@e.org") / FILE_NAME).read_bytes() == second[FILE_NAME]


def test_each_learner_has_a_secret_that_stays_when_their_work_comes_anew(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    """It may be that of nbgrader's exchange, by which they already look for their page."""
    first = zipped(
        tmp_path / "1.zip",
        {**moodle("Ana Lou", 1, work("partly")), **moodle("Bo Li", 2, work("partly"))},
        date=(2026, 11, 25, 14, 30, 0),
    )
    collect(first, course, ASSIGNMENT)
    before = secrets_of(course)
    assert len({*before.values()}) == 2
    of_exchange = folder_of(course, "bo-li-2") / SECRET
    of_exchange.write_text("0123456789abcdef")
    of_exchange.chmod(0o444)
    newer = {**moodle("Ana Lou", 1, work("perfect")), **moodle("Bo Li", 2, work("perfect"))}
    report = collect(zipped(tmp_path / "2.zip", newer, date=(2026, 11, 26, 8, 0, 0)), course, ASSIGNMENT)
    assert {one.state for one in report.lines} == {State.REPLACED}
    assert secrets_of(course) == {**before, "bo-li-2": "0123456789abcdef"}
    assert collect(first, course, ASSIGNMENT).count(State.OLDER) == 2
    assert len([*(course.root / "remplaces" / ASSIGNMENT).glob("*/*")]) == 2
    assert secrets_of(course) == {**before, "bo-li-2": "0123456789abcdef"}


def test_secret_that_nobody_can_use_is_made_anew(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    """An empty one stops nbgrader for the whole class; a link is not read, and not written through."""
    names = ("Ana Lou", "Bo Li", "Cy Ro")
    source, newer = (
        zipped(
            tmp_path / f"{kind}.zip", {f"{name}/{path}": data for name in names for path, data in work(kind).items()}
        )
        for kind in ("partly", "perfect")
    )
    collect(source, course, ASSIGNMENT)
    ana, bo, cy = (folder_of(course, name) / SECRET for name in ("ana-lou", "bo-li", "cy-ro"))
    elsewhere = tmp_path / "ailleurs.txt"
    elsewhere.write_text("0123456789abcdef")
    ana.write_text("\n")
    bo.unlink()
    bo.symlink_to(elsewhere)
    cy.unlink()
    again = collect(source, course, ASSIGNMENT, dry_run=True)
    assert not cy.exists()
    assert [one.item for one in again.lines if "--force" in said(one)] == ["Cy Ro"]
    assert collect(source, course, ASSIGNMENT).lines == again.lines
    made = cy.read_text()
    assert {one.state for one in collect(newer, course, ASSIGNMENT).lines} == {State.REPLACED}
    assert all(re.fullmatch("[0-9a-f]{128}", secret) for secret in secrets_of(course).values())
    assert cy.read_text() == made
    assert not bo.is_symlink()
    assert elsewhere.read_text() == "0123456789abcdef"


def test_without_dates_the_answers_tell_which_is_newer(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    partly = work("partly")
    more = partly[FILE_NAME].replace(b'"at":"20', b'"at":"30')
    assert more != partly[FILE_NAME]
    collect(zipped(tmp_path / "1.zip", moodle("Ana Lou", 1, {**partly, FILE_NAME: more})), course, ASSIGNMENT)
    (one,) = collect(zipped(tmp_path / "2.zip", moodle("Ana Lou", 1, partly)), course, ASSIGNMENT).lines
    assert one.state is State.OLDER
    assert (folder_of(course, "ana-lou-1") / FILE_NAME).read_bytes() == more


def test_two_files_of_one_name_with_other_answers_are_nobodys(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    """Two people may be called Dupont; the same answers twice are one person's."""
    heap = tmp_path / "reçus"
    heap.mkdir()
    (heap / "Dupont.ipynb").write_bytes(_with_copy(work("partly1")))
    (heap / "dupont (1).ipynb").write_bytes(_with_copy(work("perfect1")))
    for name in ("Roy.ipynb", "roy (1).ipynb"):
        (heap / name).write_bytes(_with_copy(work("partly1")))
    report = collect(heap, course, ASSIGNMENT)
    assert set(collected(course)) == {"roy"}
    assert {one.item for one in report.lines if one.state is State.UNATTRIBUTED} == {"Dupont.ipynb", "dupont (1).ipynb"}


def _with_copy(files: dict[str, bytes]) -> bytes:
    assert b'"answers"' in files[NOTEBOOK]
    return files[NOTEBOOK]


def test_what_was_nobodys_leaves_that_place_once_it_has_an_owner(
    course: Course, notebook: bytes, tmp_path: Path
) -> None:
    source = zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {NOTEBOOK: notebook}))
    nobody, list_ = course.root / "non-attribues" / ASSIGNMENT, tmp_path / "l.csv"
    collect(source, course, ASSIGNMENT, roster(list_, "Participant 9,Bo Li,bo@e.org,,"))
    assert tree(nobody)
    report = collect(nobody, course, ASSIGNMENT, roster(list_, "Participant 1,Ana Lou,ana@e.org,,"))
    assert [one.state for one in report.lines] == [State.NEW]
    assert set(collected(course)) == {"ana@e.org"}
    assert not tree(nobody)


def test_dry_run_writes_nothing(course: Course, notebook: bytes, tmp_path: Path) -> None:
    source = zipped(tmp_path / "r.zip", {**moodle("Ana Lou", 1, {NOTEBOOK: notebook}), "lettre.txt": b"Bonjour"})
    before = sorted(course.root.rglob("*"))
    report = collect(source, course, ASSIGNMENT, dry_run=True)
    assert sorted(course.root.rglob("*")) == before
    assert {one.state for one in report.lines} == {State.NEW, State.UNATTRIBUTED}


# --- strangers --------------------------------------------------------------------------------------------------------


def _link(path: str, target: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    info.comment = target.encode()
    return info


def hostile(good: Files) -> bytes:
    """An archive with all that names and entries can do."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in good.items():
            opened.writestr(name, data)
        for name in (
            "../../dehors.txt",
            "/etc/dehors.txt",
            "C:\\dehors.txt",
            "a/../../../dehors.txt",
            "..\\dehors.txt",
        ):
            opened.writestr(zipfile.ZipInfo(name), b"dehors")
        for name in (
            "CON.txt",
            "aux",
            "fin. ",
            'gui"l<l>?.txt',
            "Photo.png",
            "PHOTO.PNG",
            "é" * 200 + ".txt",
            ".cache",
        ):
            opened.writestr(zipfile.ZipInfo(name), name.encode())
        opened.writestr(zipfile.ZipInfo("dossier"), b"un fichier")
        opened.writestr(zipfile.ZipInfo(""), b"sans nom")
        opened.writestr(zipfile.ZipInfo("dossier/dedans.txt"), b"et un dossier")
        opened.writestr(_link("lien", "/etc/passwd"), b"/etc/passwd")
        opened.writestr("bombe.txt", b"0" * 150_000_000)
        opened.writestr("secret.txt", b"x")
        opened.filelist[-1].flag_bits |= 1
    return made.getvalue()


def test_hostile_archive_writes_nothing_outside_and_tells_each_thing(
    course: Course, work: Callable[[str], dict[str, bytes]], tmp_path: Path
) -> None:
    source = zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {"travail.zip": hostile(work("partly"))}))
    outside = {path for path in tmp_path.rglob("*") if not path.is_relative_to(course.root)}
    report = collect(source, course, ASSIGNMENT)
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(course.root)} == outside
    told = said(line(report, "Ana Lou_1"))
    for words in (
        "mène hors",
        "est un lien",
        "trop grand",
        "mot de passe",
        "gardé sous le nom « _CON.txt »",
        "deux fichiers",
    ):
        assert words in told
    assert told.count("mène hors") == 6
    kept = collected(course)["ana-lou-1"]
    assert {NOTEBOOK, FILE_NAME, "_CON.txt", "_aux", "fin", "gui_l_l__.txt", "_.cache"} <= set(kept)
    assert len({name.casefold() for name in kept}) == len(kept)
    assert not any(path.is_symlink() for path in course.root.rglob("*"))
    assert b"dehors" not in tree(folder_of(course, "ana-lou-1")).values()
    assert [path.name for path in course.root.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../Ana Lou_1_assignsubmission_file/x.ipynb", "mène hors"),
        ("Ana\x07_1_assignsubmission_file/x.ipynb", "caractères invisibles"),
        ("/".join("a" * 30), "dossiers emboîtés"),
    ],
)
def test_hostile_names_around_learners_are_told(
    course: Course, notebook: bytes, tmp_path: Path, name: str, words: str
) -> None:
    report = collect(zipped(tmp_path / "r.zip", {name: notebook}), course, ASSIGNMENT)
    (one,) = report.lines
    assert one.state is State.LEFT
    assert words in one.said[0]


def test_learner_named_as_a_device_or_a_folder_above(course: Course, notebook: bytes, tmp_path: Path) -> None:
    files = {
        path: data for name in ("..", "CON", "???") for path, data in moodle(name, 3, {NOTEBOOK: notebook}).items()
    }
    collect(zipped(tmp_path / "r.zip", files), course, ASSIGNMENT)
    assert set(collected(course)) == {"con-3", "participant-3"}


def test_file_with_the_name_of_the_folder_around_the_document(course: Course, notebook: bytes, tmp_path: Path) -> None:
    files = moodle("Ana Lou", 1, {f"travail/{NOTEBOOK}": notebook, "travail": b"un fichier"})
    collect(zipped(tmp_path / "r.zip", files), course, ASSIGNMENT)
    assert collected(course) == {"ana-lou-1": [NOTEBOOK, "travail"]}


def test_archives_within_archives_end(course: Course, notebook: bytes, tmp_path: Path) -> None:
    """Nested too deep, too many, damaged or with too many files: told, and the document beside them is collected."""
    deep = archive({NOTEBOOK: notebook})
    for _ in range(6):
        deep = archive({"plus.zip": deep})
    many = archive({f"{number}.txt": b"" for number in range(3_000)})
    files = {NOTEBOOK: notebook, "profond.zip": deep, "foule.zip": many, "abime.zip": b"PK\x03\x04" + b"0" * 99}
    files |= {f"vide-{number}.zip": archive({"a.txt": b"a"}) for number in range(40)}
    report = collect(zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, files)), course, ASSIGNMENT)
    (one,) = report.lines
    assert one.state is State.NEW
    told = said(one)
    assert "trop d’archives les unes dans les autres" in told
    assert "« foule.zip » n’a pas été ouverte : elle contient trop de fichiers" in told
    assert "« abime.zip » n’a pas été ouverte : il est abîmé" in told


def test_no_damaged_archive_stops_a_run(course: Course, notebook: bytes, tmp_path: Path) -> None:
    """Bytes changed, lost and added anywhere, in the archive and in the list: a refusal in French, or a report."""
    good = {NOTEBOOK: notebook, FILE_NAME: b""}
    files = {**moodle("Ana Lou", 1, {"t.zip": archive(good)}), **moodle("Zoé É", 2, good, "_"), "x/Bo.ipynb": notebook}
    whole, rows = archive(files), roster(tmp_path / "l.csv", "Participant 1,Ana Lou,a@e.org,,").read_bytes()
    source, people, rng = tmp_path / "r.zip", tmp_path / "l.csv", random.Random(20)
    outside = {*tmp_path.iterdir(), source}
    ends: set[object] = set()
    for _ in range(60):
        source.write_bytes(_spoiled(whole, rng))
        people.write_bytes(_spoiled(rows, rng))
        try:
            report = collect(source, course, ASSIGNMENT, people if rng.random() < 0.5 else None, file_dates=True)
            ends |= {line.state for line in report.lines}
        except (CannotCollect, NotAList) as refusal:
            ends.add(type(refusal))
        assert set(tmp_path.iterdir()) == outside
    assert {CannotCollect, NotAList, State.NEW, State.UNATTRIBUTED} <= ends


def _spoiled(data: bytes, rng: random.Random) -> bytes:
    spoiled = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        # Lists of names stand at the end of an archive.
        at = rng.randrange(len(spoiled)) if rng.random() < 0.5 else max(0, len(spoiled) - rng.randint(1, 400))
        size = rng.randint(1, 9)
        spoiled[at : at + rng.choice((0, size))] = rng.randbytes(rng.choice((0, size)))
    return bytes(spoiled)


def test_names_of_old_archives(course: Course, notebook: bytes, tmp_path: Path) -> None:
    """Windows writes names in MS-DOS's letters, macOS in UTF-8 without saying so, and é as two signs."""

    class Untold(zipfile.ZipInfo):
        encoding = "cp850"

        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  zipfile's own name
            return self.filename.encode(self.encoding), self.flag_bits

    class Utf8(Untold):
        encoding = "utf-8"

    source = tmp_path / "r.zip"
    with zipfile.ZipFile(source, "w") as opened:
        opened.writestr(Untold("Élodie Àbé.ipynb"), notebook)
        opened.writestr(Utf8("Zoe\u0301 Œil.ipynb"), notebook)
    report = collect(source, course, ASSIGNMENT)
    assert {one.item for one in report.lines} == {"Élodie Àbé.ipynb", "Zoé Œil.ipynb"}
    assert set(collected(course)) == {"elodie-abe", "zoe-oeil"}


def test_links_in_a_folder_are_not_followed(course: Course, notebook: bytes, tmp_path: Path) -> None:
    heap, secret = tmp_path / "reçus", tmp_path / "secret.ipynb"
    secret.write_bytes(notebook)
    (heap / "Ana Lou").mkdir(parents=True)
    (heap / "Ana Lou" / NOTEBOOK).symlink_to(secret)
    (heap / "Bo Li.ipynb").write_bytes(notebook)
    os.mkfifo(heap / "Tube.ipynb")
    report = collect(heap, course, ASSIGNMENT)
    assert set(collected(course)) == {"bo-li"}
    assert report.count(State.LEFT) == 2


def test_folder_that_does_not_open_and_a_date_of_no_calendar_cost_nobody_else_their_work(
    course: Course, notebook: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heap, scandir, stat_of = tmp_path / "reçus", os.scandir, Path.stat
    for name in ("Ana Lou", "Bo Li", "Cy Noé"):
        (heap / name).mkdir(parents=True)
        (heap / name / NOTEBOOK).write_bytes(notebook)

    def closed(path: Any) -> Any:
        if path == heap / "Ana Lou":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def far(path: Path, **options: Any) -> os.stat_result:
        found = stat_of(path, **options)
        return os.stat_result([*found[:8], 10**14, found[9]]) if path.parent == heap / "Bo Li" else found

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", closed)
        patch.setattr(Path, "stat", far)
        report = collect(heap, course, ASSIGNMENT)
    assert set(collected(course)) == {"bo-li", "cy-noe"}
    assert said(line(report, "Ana Lou")) == "« Ana Lou » ne s’ouvre pas : vous n’avez pas le droit de le lire."


def test_place_that_is_a_link_is_not_written_through(course: Course, notebook: bytes, tmp_path: Path) -> None:
    (tmp_path / "ailleurs").mkdir()
    (course.root / "submitted").mkdir()
    (course.root / "submitted" / "ana-lou-1").symlink_to(tmp_path / "ailleurs")
    (one,) = collect(zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {NOTEBOOK: notebook})), course, ASSIGNMENT).lines
    assert one.state is State.UNATTRIBUTED
    assert not list((tmp_path / "ailleurs").iterdir())


def test_report_is_a_table_without_formulas(course: Course, notebook: bytes, tmp_path: Path) -> None:
    names = {"=cmd|' '!A0 etape-1.ipynb": notebook, "-1+1.txt": b"x", "a,=1+1.txt": b"x"}
    source = zipped(tmp_path / "r.zip", names)
    report = collect(source, course, ASSIGNMENT)
    assert report.path == course.root / f"ramassage-{ASSIGNMENT}.csv"
    with closing(report.path.open(encoding="utf-8-sig", newline="")) as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert rows[0] == ["Dépôt", "Résultat", "Identifiant", "Remis le (UTC)", "Remarques"]
    assert len(rows) == 4
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@") or ",=" in cell]


def test_report_that_cannot_be_written_is_told_and_the_work_is_there(
    course: Course, notebook: bytes, tmp_path: Path
) -> None:
    (course.root / f"ramassage-{ASSIGNMENT}.csv").mkdir()
    source = zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {NOTEBOOK: notebook}))
    with pytest.raises(CannotCollect, match="fermez-le"):
        collect(source, course, ASSIGNMENT)
    assert set(collected(course)) == {"ana-lou-1"}


@pytest.mark.parametrize("data", [None, b"Rar!\x1a\x07\x00", archive({"a": b"a"})[:-30]], ids=["nothing", "rar", "cut"])
def test_source_that_cannot_be_used(course: Course, tmp_path: Path, data: bytes | None) -> None:
    source = tmp_path / "source.zip"
    if data is not None:
        source.write_bytes(data)
    with pytest.raises(CannotCollect) as refusal:
        collect(source, course, ASSIGNMENT)
    assert ("ni une archive .zip" if data else "il n’y a rien de ce nom") in str(refusal.value)


def test_course_and_its_own_folders_are_no_source(course: Course) -> None:
    (course.root / "submitted").mkdir()
    for folder, words in ((course.root / "submitted", "est déjà dans"), (course.root, "contient le cours")):
        with pytest.raises(CannotCollect, match=words):
            collect(folder, course, ASSIGNMENT)
    with pytest.raises(CannotCollect, match="n’a pas d’exercice"):
        collect(course.root / "exercises", course, "etape-9")


# --- the command, and grading after it -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_command_collects_and_grades(
    work: Callable[[str], dict[str, bytes]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What came in a zip of Moodle's is graded as if it had come through nbgrader; what came late is late.

    In a class of which some came through nbgrader, everybody's page is given back.
    """
    exchange, nbgrader = tmp_path / "echange", Commands(tmp_path / "jupyter")
    exchange.mkdir()
    root = make_course(tmp_path / "cours", more=f"c.Exchange.root = {str(exchange)!r}")
    nbgrader(root, "generate_assignment", ASSIGNMENT)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-23 13:00:00 UTC")
    people = roster(
        tmp_path / "liste.csv",
        'Participant 41,Élodie MÉNARD,elodie@exemple.org,Remis,"lundi 23 novembre 2026, 14:05"',
        'Participant 42,Jean-Noël N’Guyen,jn@exemple.org,Remis,"lundi 23 novembre 2026, 13:05"',
        "Participant 44,Ana Lou,ana@exemple.org,Remis,-",
    )
    inside = archive({f"{ASSIGNMENT}/{name}": data for name, data in work("perfect").items()})
    files = {
        **moodle("Élodie MÉNARD", 41, {"mon travail.zip": inside}),
        **moodle("Jean-Noël N’Guyen", 42, {"etape-1 (1).ipynb": work("partly")[NOTEBOOK]}),
        **moodle("Paul Roy", 43, work("partly")),
        **moodle("Ana Lou", 44, work("partly")),
    }
    source, where = str(zipped(tmp_path / "remis.zip", files)), ["--assignment", ASSIGNMENT, "--course-root", str(root)]
    of_exchange = root / "submitted" / "zoe" / ASSIGNMENT
    of_exchange.mkdir(parents=True)
    left = {SECRET: b"0123456789abcdef", "timestamp.txt": b"2026-11-23 12:00:00.000000 UTC"}
    for name, data in {**work("perfect"), **left}.items():
        (of_exchange / name).write_bytes(data)
    assert main(["collect", source, *where, "--students", str(people), "--timezone", "Europe/Paris"]) == 0
    told = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert "Ramassé : 3" in told
    assert "Paul Roy_43 : cette personne n’est pas dans la liste" in told
    subprocess.run([sys.executable, "-m", "reseau_kit", "grade", *where, "--jobs", "1"], check=True)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        found = {one.student.id: one for one in gradebook.assignment_submissions(ASSIGNMENT)}
        assert {id: (one.score, one.total_seconds_late) for id, one in found.items()} == {
            "elodie@exemple.org": (sum(KINDS["perfect"][1].values()), 300.0),
            "jn@exemple.org": (sum(KINDS["partly"][1].values()), 0.0),
            "ana@exemple.org": (sum(KINDS["partly"][1].values()), 0.0),
            "zoe": (sum(KINDS["perfect"][1].values()), 0.0),
        }

    subprocess.run([sys.executable, "-m", "reseau_kit", "feedback", *where, "--jobs", "1"], check=True)
    nbgrader(root, "release_feedback", ASSIGNMENT)
    given = {page.name: page.read_bytes() for page in (exchange / "reseau_kit" / "feedback").iterdir()}
    assert given == {
        f"{notebook_hash(secret=secret, notebook_id=ASSIGNMENT)}.html": (
            root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        ).read_bytes()
        for student, secret in secrets_of(load_course(root)).items()
    }
    assert len(given) == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nulle-part.zip", "--assignment", ASSIGNMENT], "il n’y a rien de ce nom"),
        ([".", "--assignment", "etape-9"], "Ce cours n’a pas d’exercice « etape-9 » ; il a : "),
        (["exercises", "--assignment", ASSIGNMENT, "--students", "nbgrader_config.py"], "aucune colonne"),
    ],
)
def test_command_tells_what_is_wrong(
    settings: Course,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(settings.root)
    assert main(["collect", *arguments, "--dry-run"]) == 1
    assert words in capsys.readouterr().err.replace("\N{NO-BREAK SPACE}", " ")


# --- the list of learners ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "row", "id"),
    [
        ("student_id;Nom complet", "e42;Ana Lou", "e42"),
        ("Identifiant;Nom complet", "e42;Ana Lou", "e42"),
        ("First name,Last name,ID number,Email address", "Ana,Lou,77,ana@e.org", "ana@e.org"),
        ("Prénom\tNom de famille\tNom d’utilisateur\tAdresse de courriel", "Ana\tLou\talou\tana@e.org", "alou"),
        ("Nom complet", "Ana Lou", "ana-lou"),
        ("Identifiant,Nom complet", "Participant 8,Ana Lou", "ana-lou"),
        ("Adresse de courriel;Nom complet", "o'lou@e.org;Ana Lou", "o-lou@e.org"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_list_of_learners(tmp_path: Path, head: str, row: str, id: str, encoding: str) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(f"{head}\r\n{row}\r\n\r\n", encoding=encoding)
    match = read_roster(path).find("LOU Ana")
    assert match.person is not None
    assert match.person.id == id


def test_address_that_two_people_share_is_nobodys(tmp_path: Path) -> None:
    """Each has an identifier of their own all the same, which finds them."""
    path = tmp_path / "liste.csv"
    path.write_text("Nom d’utilisateur;Nom complet;Courriel\nana;Ana Lou;lou@e.org\nbo;Bo Lou;lou@e.org\n", "utf-8")
    roster = read_roster(path)
    assert roster.find("lou@e.org").person is None
    assert roster.find_in("lou@e.org etape-1").person is None
    assert [roster.find(id).person for id in ("ana", "bo")] == [*roster.people]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Note;Commentaire\n12;bien\n", ["aucune colonne n’est reconnue", "; on y lit « Note », « Commentaire »"]),
        ("student_id;Nom complet\n../x;Ana\na*;Bo\n", ["ligne 2", "« ../x »", "ligne 3", "« a* »"]),
        ("student_id;Nom complet\ne1;Ana\nE1;Bo\n", ["ligne 3", "« E1 » est déjà l’identifiant de la ligne 2"]),
        ("Nom complet\nAna Lou\nLOU Ana\nANA lou\n", ["ligne 2", "rien ne distingue"]),
        ("", ["aucune colonne", "; ce fichier est vide"]),
    ],
)
def test_faults_of_a_list_are_all_named(tmp_path: Path, text: str, words: Iterable[str]) -> None:
    (tmp_path / "liste.csv").write_text(text, encoding="utf-8")
    with pytest.raises(NotAList) as refusal:
        read_roster(tmp_path / "liste.csv")
    for word in words:
        assert word in str(refusal.value).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("lundi 23 novembre 2026, 14:05", 13),
        ("Monday, 23 November 2026, 2:05 PM", 13),
        ("lundi 23 novembre 2026 à 14h05", 13),
        ("23 nov. 2026, 14:05", 13),
        ("2026-11-23 14:05", 13),
        ("2026-11-23T14:05:00Z", 14),
        ("2026-11-23 14:05:00+02:00", 12),
    ],
)
def test_dates_as_moodle_writes_them(text: str, hour: int) -> None:
    assert read_date(text, PARIS) == datetime(2026, 11, 23, hour, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "-", "hier", "32 novembre 2026, 14:05", "23 brumaire 2026, 14:05", "9" * 300])
def test_what_is_no_date(text: str) -> None:
    assert read_date(text, PARIS) is None


@pytest.mark.parametrize("name", ["a.txt", "Étape 1.ipynb", "x" * 100, "nuls.txt"])
def test_good_names_stay(name: str) -> None:
    assert storable(name) == name


# --- what costs more than it weighs -----------------------------------------------------------------------------------


def bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def spoilt_end(files: Files) -> bytes:
    """A zip whose files are whole but for a sum that does not match: that is known once all of a file is read."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
            if name.endswith(".bin"):
                opened.filelist[-1].CRC ^= 1
    return made.getvalue()


@pytest.fixture
def small_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same budget, a hundred times smaller."""
    monkeypatch.setattr("reseau_kit.collecting.collect.MAX_OTHERS_BYTES", 1_000_000)


def test_file_that_is_refused_while_it_is_written_leaves_nothing_and_costs_its_bytes(
    course: Course, notebook: bytes, tmp_path: Path, small_budget: None
) -> None:
    """17 kB that were handed in left 399 MB."""
    files = {NOTEBOOK: notebook, "photo.png": b"vue", **{f"{number}.bin": bytes(400_000) for number in range(9)}}
    source = zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {"travail.zip": spoilt_end(files)}))
    report = collect(source, course, ASSIGNMENT)
    assert collected(course) == {"ana-lou-1": [NOTEBOOK, "photo.png"]}
    assert bytes_below(course.root / "submitted") < len(notebook) + 1_000
    told = said(line(report, "Ana Lou_1"))
    assert told.count("abîmé ou incomplet") in (1, 2)
    assert told.count("abîmé ou incomplet") + told.count("avec le reste, il est trop grand pour un travail") == 9


def test_work_of_nobody_has_a_budget_too(course: Course, tmp_path: Path, small_budget: None) -> None:
    files = {f"{number}.bin": bytes(400_000) for number in range(5)}
    report = collect(zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, files)), course, ASSIGNMENT)
    assert bytes_below(course.root / "non-attribues") == 800_000
    assert said(line(report, "Ana Lou_1")).count("avec le reste") == 3


def test_collecting_again_keeps_no_second_copy_meanwhile(
    course: Course, notebook: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each learner's work is compared in a hidden folder, which lay there until the end of the run."""
    files: dict[str, bytes] = {}
    for number in range(1, 6):
        files |= moodle(f"Ana {number}", number, {NOTEBOOK: notebook})
    source = zipped(tmp_path / "r.zip", files)
    collect(source, course, ASSIGNMENT)
    most: list[int] = []
    place = vars(_Collecting)["_stage"]

    def stage(self: Any, work: Any) -> Any:
        made = place(self, work)
        most.append(sum(1 for folder in course.root.glob(".ramassage-*/*")))
        return made

    monkeypatch.setattr(_Collecting, "_stage", stage)
    collect(source, course, ASSIGNMENT)
    assert most == [1] * 5


def test_reading_what_a_work_is_has_a_budget(
    course: Course, notebook: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty documents of thirty megabytes come in fifty kilobytes."""
    monkeypatch.setattr("reseau_kit.collecting.which.MAX_LOOKED_AT", 10_000_000)
    padded = notebook + b" " * 3_000_000
    files = {NOTEBOOK: notebook, **{f"copie {number}.ipynb": padded for number in range(9)}}
    report = collect(
        zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, {"travail.zip": archive(files)})), course, ASSIGNMENT
    )
    assert NOTEBOOK in collected(course)["ana-lou-1"]
    assert said(line(report, "Ana Lou_1")).count("ne se lit pas : avec le reste") >= 6


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data,
        lambda data: b"#!/bin/sh\n" * 99 + data,
        lambda data: data[:-2] + b"\x04\x00note",
        lambda data: zip64(3) + data,
        lambda data: data[:-22] + data[-22:-10] + b"\xff\xff\xff\xff" + data[-6:],
    ],
    ids=["plain", "behind a script", "with a comment", "after another archive", "as the standard says"],
)
def test_list_of_a_zip64_is_bounded_by_what_is_read(
    course: Course, notebook: bytes, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """205 kB took 12 s and 558 MiB: zipfile believes the zip64 record even where the older one does not send it there.

    Whatever the archive says of itself, no more is read than may be: it is told, and the document is collected.
    """
    many = spoil(zip64(400_000))
    with pytest.raises(Trouble, match="trop de fichiers"):
        open_zip(io.BytesIO(many), 2**20, 2_000, "elle contient trop de fichiers")
    with pytest.raises(Trouble, match="trop de fichiers"):
        open_zip(io.BytesIO(spoil(zip64(2_001))), 2**20, 2_000, "elle contient trop de fichiers")
    files = {NOTEBOOK: notebook, "foule.zip": many}
    tracemalloc.start()
    try:
        report = collect(zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, files)), course, ASSIGNMENT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * 2**20
    assert "« foule.zip » n’a pas été ouverte : elle contient trop de fichiers" in said(line(report, "Ana Lou_1"))


def test_zip64_of_few_files_is_read() -> None:
    assert len(open_zip(io.BytesIO(zip64(1_999, b"a")), 2**20, 2_000, "?").infolist()) == 1_999


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_file_packed_by_another_method_is_told(course: Course, notebook: bytes, tmp_path: Path, method: int) -> None:
    """Of these zipfile unpacks all that it has read at once: a few hundred bytes took a quarter of a gigabyte."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as opened:
        opened.writestr("zeros.bin", bytes(2**26))
    files = {NOTEBOOK: notebook, "autre.zip": made.getvalue()}
    tracemalloc.start()
    try:
        report = collect(zipped(tmp_path / "r.zip", moodle("Ana Lou", 1, files)), course, ASSIGNMENT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60 * 2**20
    assert "« zeros.bin » n’a pas été gardé : sa compression n’est pas connue ici" in said(line(report, "Ana Lou_1"))
