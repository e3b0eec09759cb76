"""The sample course: the same each time, made by its own rules, and worth what each kind of learner says."""

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from statistics import mean
from typing import get_args

import nbgrader.api
import pytest

from bench.submissions import grades
from desk import Commands, reseau_kit
from reseau_kit.__main__ import main
from reseau_kit.activities.tasks import Form, OpenText, Task
from reseau_kit.answers.checks import Status, check
from reseau_kit.answers.folder import Folder, values_of
from reseau_kit.answers.journal import FILE_NAME, Event, read_lines
from reseau_kit.answers.marks import mark, points
from reseau_kit.answers.notebooks import course_metadata, read_copy
from reseau_kit.demo import make as demo
from reseau_kit.demo import people
from reseau_kit.demo.answering import right_answer
from reseau_kit.demo.hand_ins import HandIn, _written, damage_of, hand_ins
from reseau_kit.demo.papers import DAMAGES, Paper, read_papers
from reseau_kit.demo.people import (
    CARELESS,
    DILIGENT,
    DRAFTS,
    INCOMPLETE,
    KINDS,
    LATE,
    PERFECT,
    REFUSED,
    STAYING,
    TWICE,
    Learner,
    learner,
    takes_part,
)

ROOT = Path(__file__).parents[1]
SMALL_COURSE = ROOT / "tests" / "petit-cours"
STEPS = [f"etape-{number}" for number in range(1, 6)]
#: One learner of each kind, then those whose files are damaged, each another way.
BROKEN = [number for number in range(1, 101) if KINDS[(number - 1) % len(KINDS)] == people.BROKEN]
SOME = sorted({*range(1, 9), *BROKEN})


@pytest.fixture(scope="module", autouse=True)
def one_look_at_the_gradebooks_version() -> Iterator[None]:
    """At each new gradebook nbgrader starts a program of seconds, to read a version that stays the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nbgrader.api, "get_alembic_version", cache(nbgrader.api.get_alembic_version))
        yield


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole course, with nine learners."""
    folder = tmp_path_factory.mktemp("cours") / "demonstration"
    demo.make(folder, ROOT, 9, seed=3)
    return folder


@pytest.fixture(scope="module")
def papers(course: Path) -> list[Paper]:
    return read_papers(course)


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def handed_in(papers: list[Paper], number: int) -> dict[str, list[HandIn]]:
    """What a learner hands in to each exercise."""
    return {paper.name: several for paper, several in hand_ins(3, learner(3, number), papers)}


def earned(paper: Paper, events: tuple[Event, ...]) -> dict[str, float | None]:
    """The points of each activity that is marked without a person, by these answers."""
    return {
        activity.id: points(activity, mark(paper.activities, activity.id, events_of(events, activity.id)).score)
        for activity in paper.activities
        if activity.points and not isinstance(activity.task, OpenText)
    }


def events_of(events: tuple[Event, ...], id: str) -> list[Event]:
    return [event for event in events if event.activity == id]


def share(paper: Paper, hand_in: HandIn) -> float:
    """The share of the automatic points (0–1)."""
    found = earned(paper, hand_in.events)
    return sum(score or 0.0 for score in found.values()) / sum(paper.activities[id].points for id in found)


def of_kind(kind: str, until: int) -> Iterator[Learner]:
    people = (learner(3, number) for number in range(1, until + 1))
    return (who for who in people if who.kind == kind)


# --- the same each time -----------------------------------------------------------------------------------------------


def test_a_seed_makes_the_same_files_and_more_learners_change_none(
    course: Path, papers: list[Paper], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, whatever the number of learners, and in other processes, which order their sets otherwise."""
    few, many, other = (tmp_path / name for name in ("few", "many", "other"))
    for name in ("course", "exercises", "release"):
        shutil.copytree(course / name, many / name)
    demo.write_learners(few, 3, papers, range(1, 31))
    demo.write_learners(other, 4, papers, range(1, 31))
    monkeypatch.setattr(demo, "_CHUNK", 7)
    assert sum(size for size, _ in demo._in_chunks(many, 3, 45, jobs=2)) == 45

    found, wanted = files_of(many / "submitted"), files_of(few / "submitted")
    assert len({name.split("/")[0] for name in found}) == 45
    assert {name: found[name] for name in wanted} == wanted
    assert files_of(other / "submitted") != wanted


def test_answers_are_the_same_on_every_machine() -> None:
    """Whoever changes the small course, or what invented people do, writes here the digest that they get."""
    (paper,) = read_papers(SMALL_COURSE)
    asked = replace(paper, notebook=(SMALL_COURSE / "exercises" / "etape-1" / "etape-1.ipynb").read_bytes())
    digest = hashlib.sha256()
    for number in range(1, 201):
        who = learner(1, number)
        digest.update(f"{who.first_name} {who.last_name} {who.case} {who.project}".encode())
        for _, several in hand_ins(1, who, [asked]):
            digest.update(b"".join(hand_in.files.get(FILE_NAME, b"") for hand_in in several))
    assert digest.hexdigest()[:16] == "f22e3614a8922641"


def test_an_exercise_alone_is_answered_as_among_the_others(course: Path, papers: list[Paper], tmp_path: Path) -> None:
    """What was decided in an earlier step is the same, though nobody hands that step in."""
    alone = [paper if paper.name == "etape-2" else replace(paper, notebook=b"") for paper in papers]
    demo.write_learners(tmp_path, 3, alone, range(1, 10))

    found = files_of(tmp_path)
    among = {name: data for name, data in files_of(course).items() if re.match(r"submitted/[^/]+/etape-2/", name)}
    assert found == among
    assert len(among) > 0


# --- what it holds ----------------------------------------------------------------------------------------------------


def test_the_gradebook_has_the_exercises_with_due_dates_and_the_people(course: Path) -> None:
    with closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        due = dict(gradebook.execute("SELECT name, duedate FROM assignment").fetchall())
        people = gradebook.execute("SELECT id, first_name, last_name, email FROM student ORDER BY id").fetchall()

    assert list(due) == STEPS
    assert list(due.values()) == sorted(due.values())
    assert due["etape-1"].startswith("2026-10-04 20:00:00")
    assert [id for id, *_ in people] == [f"apprenant-{number:06}" for number in range(1, 10)]
    assert all(first and last and email.endswith("@example.org") for _, first, last, email in people)


def test_each_exercise_is_released_without_its_key(course: Path) -> None:
    for step in STEPS:
        names = {path.name for path in (course / "release" / step).iterdir()}
        assert f"{step}.ipynb" in names
        assert "activites.toml" not in names


def test_twenty_learners_are_of_the_kinds_that_the_documentation_counts() -> None:
    assert people.__doc__
    rows = [line.split() for line in people.__doc__.splitlines() if line.split()[:1] and line.split()[0] in KINDS]
    assert {row[0]: int(row[1]) for row in rows} == {kind: KINDS.count(kind) for kind in KINDS}
    assert len(set(KINDS[:8])) == 8


def test_fewer_hand_in_each_step(papers: list[Paper]) -> None:
    """As the shares say that are told as an assumption; whoever is gone stays away."""
    here = [[paper.name for paper in papers if takes_part(learner(3, number), paper)] for number in range(500)]
    assert all(steps == STEPS[: len(steps)] for steps in here)
    counts = [sum(name in steps for steps in here) / len(here) for name in STEPS]
    assert counts == sorted(counts, reverse=True)
    for found, staying in zip(counts, STAYING, strict=True):
        assert found == pytest.approx(staying + (1 - staying) * KINDS.count(PERFECT) / len(KINDS), abs=0.05)


def test_answers_are_events_of_the_journal_in_both_copies(papers: list[Paper]) -> None:
    """The journal and the notebook's copy read without a word, and agree; the page would have stored the same lines."""
    for number in (1, 2, 4, 5, 6, 8):
        for name, several in handed_in(papers, number).items():
            for hand_in in several:
                journal = read_lines(hand_in.files[FILE_NAME])
                text = hand_in.files[f"{name}.ipynb"].decode()
                copy = read_copy(course_metadata(json.loads(text)))
                assert not journal.damages
                assert not copy.damages
                assert journal.events == hand_in.events
                assert journal.origin == copy.origin or not copy.events
                assert all(event in journal.events for event in copy.events)
                assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
                assert all(
                    first.at < second.at for first, second in zip(journal.events, journal.events[1:], strict=False)
                )
                assert journal.events[-1].at < hand_in.at.isoformat()


def test_names_have_accents_and_addresses_do_not_exist() -> None:
    people = [learner(3, number) for number in range(1, 200)]
    assert any(not who.first_name.isascii() for who in people)
    assert any(not who.last_name.isascii() for who in people)
    assert not any("," in who.first_name + who.last_name for who in people)


# --- what answers are worth -------------------------------------------------------------------------------------------


def test_perfect_learners_earn_every_point_of_every_step(papers: list[Paper]) -> None:
    """At the first attempt, in each of the three cases, on their own projects, whatever kind of question is asked."""
    assert {type(one.task) for paper in papers for one in paper.activities} == set(get_args(Task))
    seen = set()
    for who in of_kind(PERFECT, 300):
        seen.add((who.case, who.project))
        for paper, (hand_in,) in hand_ins(3, who, papers):
            for id, score in earned(paper, hand_in.events).items():
                assert score == paper.activities[id].points, (who, id, events_of(hand_in.events, id))
    assert len(seen) == 9


def test_perfect_learners_of_another_course_earn_every_point_too() -> None:
    """A course of somebody else's, for which nobody wrote anything: forms are composed of what their rules ask for."""
    (paper,) = read_papers(ROOT / "tests" / "tous-les-genres")
    asked = replace(paper, notebook=b'{"cells": []}')
    for who in of_kind(PERFECT, 100):
        for _, (hand_in,) in hand_ins(3, who, [asked]):
            found = earned(paper, hand_in.events)
            assert found == {id: paper.activities[id].points for id in found}


def test_whatever_a_form_may_say_is_right(papers: list[Paper]) -> None:
    """What invented people write in each form that is judged, for each case and each project, drawn sixty times."""
    activities = [activity for paper in papers for activity in paper.activities if activity.points]
    judged = [one for one in activities if isinstance((one.under({"cas": "nadia"}) or one).task, Form)]
    assert [activity.id for activity in judged] == ["E1-A3"]
    rng, day = Random(3), date(2026, 10, 1)
    objective = judged[0]
    for case, project, _ in product(
        people.written_sentences()["cas"], people.written_sentences()["projets"], range(60)
    ):
        written = _written(objective.id, case, project)
        decided = {"cas": case} | values_of("objectif", right_answer(objective, {}, day, rng, written))
        for activity in judged:
            question = activity.under(decided)
            assert question is not None
            value = right_answer(question, decided, day, rng, _written(activity.id, case, project))
            result = check(question, value, decided, f"{day}T08:00:00.000Z")
            assert result.status is Status.RIGHT, (activity.id, value, result.mistakes)


def test_kinds_earn_what_they_are_called(papers: list[Paper]) -> None:
    """Perfect over diligent over careless; drafts count; some leave questions out."""
    average = {}
    for kind in set(KINDS):
        found = [share(paper, several[-1]) for who in of_kind(kind, 100) for paper, several in hand_ins(3, who, papers)]
        average[kind] = mean(found)
    assert average[PERFECT] == 1
    assert 0.8 < average[DILIGENT] < 0.95
    assert 0.6 < average[CARELESS] < average[DILIGENT] - 0.05
    assert 0.3 < average[INCOMPLETE] < average[CARELESS]
    assert average[DRAFTS] > 0.6
    for who in of_kind(DRAFTS, 40):
        for _, (hand_in,) in hand_ins(3, who, papers):
            assert {event.kind for event in hand_in.events} == {"draft"}
    for who in of_kind(INCOMPLETE, 40):
        for paper, (hand_in,) in hand_ins(3, who, papers):
            assert {event.activity for event in hand_in.events} < {activity.id for activity in paper.activities}


def test_late_ones_are_late_and_others_are_not(papers: list[Paper]) -> None:
    for number in range(1, 101):
        who = learner(3, number)
        if who.kind == TWICE:
            continue
        for paper, (hand_in,) in hand_ins(3, who, papers):
            assert (hand_in.at > paper.due) == (who.kind == LATE)


def test_who_hands_in_twice_adds_to_the_same_answers(papers: list[Paper]) -> None:
    for who in of_kind(TWICE, 100):
        for paper, (first, second) in hand_ins(3, who, papers):
            assert second.events[: len(first.events)] == first.events
            assert second.at > first.at
            assert share(paper, second) > share(paper, first)


# --- under nbgrader ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded(course: Path, nbgrader: Commands) -> tuple[Path, str]:
    """One learner of each kind and each damage, graded by nbgrader's own command, and what it said."""
    demo.write_learners(course, 3, [paper for paper in read_papers(course) if paper.name == "etape-1"], SOME)
    log = nbgrader(course, "autograde", "etape-1", fails=True)
    return course, log.replace("\N{NO-BREAK SPACE}", " ")


def test_nbgrader_gives_the_marks_that_the_kinds_say(graded: tuple[Path, str], papers: list[Paper]) -> None:
    """Damaged files included: what is left of them has its marks, and what nothing is left of has none."""
    rows = grades(graded[0])
    assert {damage for number in BROKEN for damage in [damage_of(learner(3, number), papers[0])]} == set(DAMAGES)
    for number in SOME:
        who = learner(3, number)
        hand_in = handed_in(papers, number)["etape-1"][0]
        if hand_in.damage in REFUSED:
            assert all(score is None for score, _ in rows.get(who.id, {}).values()), hand_in.damage
            continue
        expected = earned(papers[0], hand_in.events)
        found = {id: rows[who.id][id][0] for id in expected}
        assert found == expected, (who, hand_in.damage)
        if who.kind == PERFECT:
            assert sum(found.values()) == 70  # type: ignore[arg-type]
        wrote = any(event.activity == "E1-O" for event in hand_in.events)
        assert rows[who.id]["E1-O"] == ((None, True) if wrote else (0.0, False))


def test_nbgrader_refuses_what_holds_no_answer_and_says_what_it_mended(graded: tuple[Path, str]) -> None:
    _, log = graded
    assert log.count("et il n’y a pas de journal à côté") == len(REFUSED)
    for said in ("noté d’après le journal", "Cellules en double", "Cellules manquantes", "ligne coupée"):
        assert said in log
    assert "viennent d’un autre dossier" in log


def test_later_hand_ins_replace_the_first(graded: tuple[Path, str], papers: list[Paper]) -> None:
    """`resubmit` brings them; nbgrader reads that they are newer, and the folder has the later answers alone."""
    course, _ = graded
    (who,) = of_kind(TWICE, 9)
    before = Folder(course / "submitted" / who.id / "etape-1").answers.events

    assert demo.resubmit(course) == len(handed_in(papers, who.number))
    folder = course / "submitted" / who.id / "etape-1"
    assert Folder(folder).answers.events[: len(before)] == before
    assert files_of(folder) == handed_in(papers, who.number)["etape-1"][1].files
    stamps = [
        (course / step / who.id / "etape-1" / "timestamp.txt").read_text() for step in ("autograded", "submitted")
    ]
    assert stamps[0] < stamps[1]


@pytest.mark.slow
def test_every_page_is_given_back(tmp_path: Path) -> None:
    """At the first try, by nbgrader's own command, and within the demonstration; some have handed in anew."""
    course = tmp_path / "essai"
    demo.make(course, SMALL_COURSE, 27)
    assert demo.resubmit(course) == 3
    for command in ("grade", "feedback"):
        done = reseau_kit(course, command, "--jobs", "1")
        assert (done.code, done.stderr) == (0, "")
    Commands(tmp_path / "jupyter")(course, "release_feedback", "etape-1")
    given = [page.read_bytes() for page in (course / "exchange" / "demonstration" / "feedback").iterdir()]
    assert len(given) == len([*course.glob("autograded/*/etape-1/*.ipynb")]) == 26
    assert sorted(given) == sorted(page.read_bytes() for page in course.glob("feedback/*/etape-1/*.html"))
    assert {path.name for path in tmp_path.iterdir()} <= {"essai", "jupyter"}


def test_each_hand_in_has_a_secret_of_its_own_as_nbgrader_writes_it(papers: list[Paper]) -> None:
    works = [work for number in range(1, 41) for several in handed_in(papers, number).values() for work in several]
    secrets = {work.files["submission_secret.txt"] for work in works}
    assert len(secrets) == len(works) > 100
    assert all(re.fullmatch(rb"[0-9a-f]{128}", secret) for secret in secrets)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_makes_a_course_and_says_what_to_type(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was stopped is made anew; a complete one only where that is asked for."""
    folder = tmp_path / "mon essai"
    arguments = ["demo", str(folder), "--learners", "3", "--course-root", str(SMALL_COURSE)]
    with monkeypatch.context() as patch:
        patch.setattr(demo, "write", stop)
        assert main(arguments) == 130
    with pytest.raises(demo.CannotMake, match="n’est pas"):
        demo.resubmit(folder)
    capsys.readouterr()

    assert main(arguments) == 0
    said = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert "3 personnes, toutes inventées" in said
    assert "etape-1 : 3 remises" in said
    assert f"cd '{folder}'" in said
    assert "reseau-kit grade" in said
    released = files_of(folder / "release")
    (folder / "autograded").mkdir()

    assert main(arguments) == 1
    assert "ajoutez --force" in capsys.readouterr().err
    assert (folder / "autograded").exists()
    assert main([*arguments, "--force", "--seed", "2"]) == 0
    assert demo.read_record(folder)["seed"] == 2  # type: ignore[index]
    assert not (folder / "autograded").exists()
    assert files_of(folder / "release") == released


def stop(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("root", "name", "said"),
    [
        (SMALL_COURSE, "plein", "contient déjà autre chose"),
        (Path(__file__).parent / "strong", "vide", "ne contient pas le cours"),
        (SMALL_COURSE, "vide --assignment etape-9", "n’est pas dans ce cours, qui a etape-1"),
    ],
)
def test_the_command_says_why_it_makes_nothing(
    root: Path, name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plein").mkdir()
    (tmp_path / "plein" / "these.txt").write_text("à moi")
    folder, *more = name.split()
    assert main(["demo", str(tmp_path / folder), "--course-root", str(root), *more]) == 1
    assert said in capsys.readouterr().err.replace("\N{NO-BREAK SPACE}", " ")
    assert (tmp_path / "plein" / "these.txt").read_text() == "à moi"
    assert not (tmp_path / "vide").exists()


def test_the_authors_folder_is_never_taken_for_a_demonstration(capsys: pytest.CaptureFixture[str]) -> None:
    inside = [SMALL_COURSE / name / "essai" for name in ("course", "exercises")]
    for folder in (SMALL_COURSE, SMALL_COURSE.parent, *inside):
        assert main(["demo", str(folder), "--course-root", str(SMALL_COURSE)]) == 1
        assert "dossier des auteurs" in capsys.readouterr().err
    assert not any(folder.exists() for folder in inside)


def test_a_demonstration_never_writes_in_the_gradebook_or_folder_of_the_course_that_it_copies(tmp_path: Path) -> None:
    """Nor does it take along what an author called the groups of a map."""
    course = tmp_path / "cours"
    shutil.copytree(SMALL_COURSE, course)
    (course / "course" / "mes-groupes.json").write_text("{}")
    (course / "nbgrader_config.py").write_text(
        "from reseau_kit.grading import configure\nc = get_config()\n"
        f"c.CourseDirectory.root = {str(course)!r}\n"
        f"c.CourseDirectory.db_url = 'sqlite:///' + {str(course / 'vrai.db')!r}\n"
        "c.CourseDirectory.source_directory = 'exercises'\nconfigure(c)\n"
    )
    before = files_of(course)
    demo.make(tmp_path / "essai", course, 3)
    assert files_of(course) == before
    assert (tmp_path / "essai" / "gradebook.db").exists()
    assert not [*(tmp_path / "essai").rglob("mes-groupes.json")]
