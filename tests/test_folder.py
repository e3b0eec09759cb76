"""A learner's folder: both copies of the answers, the whole course around it, leaving and coming back."""

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from golden import NUMBER
from reseau_kit.activities.loading import load_activities
from reseau_kit.answers import notebooks
from reseau_kit.answers.erasing import NotErased, erase
from reseau_kit.answers.folder import Folder, UnknownActivity
from reseau_kit.answers.journal import Event, Journal
from reseau_kit.answers.marks import mark
from reseau_kit.answers.notebooks import Notebook, course_metadata, load, save, write_copy
from reseau_kit.answers.travel import NotTravelFile, bring_back, take_along
from reseau_kit.system.files import new_id

ROOT = Path(__file__).parent.parent


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A learner's course, as it is before the first answer: the welcome lesson and step 1."""
    return make_course(tmp_path / "mon-cours")


REAL = ((ROOT / "course", "."), (ROOT / "exercises" / "etape-1", "etape-1"))


def make_course(root: Path, parts: Iterable[tuple[Path, str]] = REAL) -> Path:
    for source, name in parts:
        folder = root / name
        folder.mkdir(parents=True)
        for path in source.glob("*.ipynb"):
            notebook = load(path)
            notebooks.release(notebook, load_activities(source / course_metadata(notebook)["source"]))
            save(folder / path.name, notebook)
    return root


def answer(path: Path, id: str, value: Any) -> Event:
    """Store an attempt the way that code does, in the journal alone."""
    folder = Folder(path)
    activities = folder.activities(id)
    return folder.record(activities[id], "attempt", value, folder.decisions(activities))


def put_in_document(path: Path, *events: Event) -> None:
    """What the page does: the notebook's own copy holds the events."""
    notebook = load(path)
    write_copy(notebook, events[0].origin, events)
    save(path, notebook)


def values(path: Path, id: str) -> list[Any]:
    return [event.value for event in Folder(path).answers.of(id)]


def friends_answer(value: Any = 7) -> Event:
    return Event(new_id(), "f" * 16, 1, "E1-A6", 1, "attempt", value, "2026-11-22T08:00:00Z")


# --- activities -------------------------------------------------------------------------------------------------------


def test_a_released_notebook_carries_its_activities(course: Path) -> None:
    """A lone `.ipynb` in an empty folder still knows its questions."""
    lone = course.parent / "ailleurs"
    lone.mkdir()
    shutil.copy(course / "etape-1" / "etape-1.ipynb", lone / "renommé par Moodle (2).ipynb")
    assert "E1-A6" in Folder(lone).activities("E1-A6")


def test_an_unknown_activity_is_told_with_what_to_do(course: Path) -> None:
    with pytest.raises(UnknownActivity, match=r"E9-A9.*Vérifiez son nom"):
        Folder(course / "etape-1").activities("E9-A9")


def test_an_author_answers_in_a_file_that_is_never_released(tmp_path: Path) -> None:
    """Beside the keys, answers go to a file of another name, which nbgrader is told to ignore."""
    folder = tmp_path / "exercises" / "etape-1"
    shutil.copytree(ROOT / "exercises" / "etape-1", folder)
    shutil.copytree(ROOT / "course", tmp_path / "course")
    answer(folder, "E1-A6", 12)
    assert (folder / "essais-auteur.jsonl").exists()
    assert not (folder / "reponses.jsonl").exists()


def in_the_place_of(path: Path, what: str) -> None:
    """Put at a path what by its name is an author's, and is not, or is somebody's stray one."""
    match what:
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "dangling link":
            path.symlink_to("absent.toml")
        case "another key":
            path.write_text('[[activite]]\nid = "E1-A6"\ngenre = "nombre"\nquestion = "?"\nvaleur = 12\n')
        case "an exercise":
            shutil.copy(ROOT / "exercises" / "etape-1" / "activites.toml", path)
        case "the author's notebook too":
            shutil.copy(ROOT / "exercises" / "etape-1" / "etape-1.ipynb", path.with_name("source.ipynb"))
            shutil.copytree(ROOT / "course", path.parent.parent.parent / "course")
            shutil.copytree(ROOT / "exercises" / "etape-1", path.parent, dirs_exist_ok=True, ignore=NOTEBOOKS)
        case text:
            path.write_text(text)


NOTEBOOKS = shutil.ignore_patterns("*.ipynb")
STRAY = (
    *("folder", "fifo", "dangling link", "another key", "an exercise", "the author's notebook too"),
    *("", "[[activite]\nid = ", "\0"),
)


@pytest.mark.parametrize("what", STRAY, ids=range(len(STRAY)))
@pytest.mark.parametrize("name", ["activites.toml", "x.activites.toml"])
def test_a_stray_authors_file_in_a_learners_folder_changes_nothing(course: Path, name: str, what: str) -> None:
    """The questions are those of the document, and answers go where they are handed in."""
    step = course / "etape-1"
    asked = Folder(step).activities("E1-A6").document
    in_the_place_of(step / name, what)
    answer(step, "E1-A6", 63.3)
    folder = Folder(step)
    assert folder.activities("E1-A6").document == asked
    assert [event.value for event in Journal(step / "reponses.jsonl").read().events] == [63.3]
    assert not (step / "essais-auteur.jsonl").exists()


def test_a_stray_authors_file_is_told_where_somebody_may_wait_for_it(course: Path) -> None:
    (course / "etape-1" / "x.activites.toml").write_text("")
    with pytest.raises(UnknownActivity, match=r"E9-A9.*«\u00a0x\.activites\.toml\u00a0» ne sert pas"):
        Folder(course / "etape-1").activities("E9-A9")


@pytest.mark.parametrize("documents", ["", "{"], ids=["none", "damaged"])
def test_a_learners_folder_whose_document_is_gone_stays_a_learners(course: Path, documents: str) -> None:
    step = course / "etape-1"
    answer(step, "E1-A6", 63.3)
    (step / "etape-1.ipynb").unlink()
    if documents:
        (step / "reponses.jsonl").rename(course / "ailleurs.jsonl")
        (step / "etape-1.ipynb").write_text(documents)
    (step / "activites.toml").write_text("")
    assert Folder(step).journal.path.name == "reponses.jsonl"


def test_an_author_who_begins_has_no_notebook_yet(tmp_path: Path) -> None:
    in_the_place_of(tmp_path / "activites.toml", "another key")
    (tmp_path / "Untitled.ipynb").write_text('{"cells": []}')
    assert Folder(tmp_path).journal.path.name == "essais-auteur.jsonl"


def test_one_lesson_that_is_not_yet_right_stops_no_other(tmp_path: Path) -> None:
    """An author's own files stand side by side, and one of them is being written."""
    shutil.copytree(ROOT / "course", tmp_path / "course")
    (tmp_path / "course" / "00-a.activites.toml").write_text("[[activite]\nid = ")
    folder = Folder(tmp_path / "course")
    assert "C0-A2" in folder.activities("C0-A2")
    with pytest.raises(ValueError, match=r"00-a\.activites\.toml"):
        folder.activities("absente")


def test_answers_that_such_a_file_diverted_come_back(course: Path) -> None:
    """They went to the file of an author's trials, which is never handed in."""
    step = course / "etape-1"
    given = [answer(step, "E1-A6", 1), answer(step, "E1-A6", 63.3)]
    (step / "reponses.jsonl").rename(step / "essais-auteur.jsonl")
    folder = Folder(step)
    assert list(folder.answers.events) == given
    folder.bring_in(folder.answers.events)
    assert list(Journal(step / "reponses.jsonl").read().events) == given


def test_a_decision_that_was_diverted_in_a_lesson_is_found_in_the_step(course: Path) -> None:
    answer(course, "C0-A1", ["marcel"])
    (course / "reponses.jsonl").rename(course / "essais-auteur.jsonl")
    step = Folder(course / "etape-1")
    assert step.decisions(step.activities("E1-A4")) == {"cas": "marcel"}


def test_somebody_elses_trials_are_not_mine(course: Path) -> None:
    step = course / "etape-1"
    answer(step, "E1-A6", 1)
    theirs = Journal(step / "essais-auteur.jsonl")
    theirs.start("f" * 16)
    theirs.append(friends_answer())
    folder = Folder(step)
    assert [event.value for event in folder.answers.events] == [1]
    assert [event.value for event in folder.answers.foreign] == [7]


def test_the_open_documents_activities_come_first(course: Path) -> None:
    """A stranger's document beside it, of whatever version, asks nothing in its place."""
    step = course / "etape-1"
    asked = Folder(step).activities("E1-A6").document
    source = course.parent / "activites.toml"
    source.write_text(NUMBER.format(version=9, value=12).replace('"N"', '"E1-A6"'), encoding="utf-8")
    notebook = load(step / "etape-1.ipynb")
    notebooks.release(notebook, load_activities(source))
    save(step / "a.ipynb", notebook)
    assert Folder(step).activities("E1-A6", step / "etape-1.ipynb").document == asked


def test_a_step_whose_document_got_a_number_stays_in_its_course(course: Path) -> None:
    """Learners put one before their name; a notebook of something else above the lessons makes no course."""
    answer(course, "C0-A1", ["marcel"])
    (course / "etape-1" / "etape-1.ipynb").rename(course / "etape-1" / "07-Dupont.ipynb")
    shutil.copy(course / "etape-1" / "07-Dupont.ipynb", course / "etape-1" / "08-Dupont.ipynb")
    (course.parent / "01-autre.ipynb").write_text('{"cells": [], "metadata": {}}')
    step = Folder(course / "etape-1")
    assert step.decisions(step.activities("E1-A4")) == {"cas": "marcel"}
    assert (step.root, Folder(course).root) == (course, course)


# --- both copies ------------------------------------------------------------------------------------------------------


def test_an_answer_that_only_the_document_holds_reaches_the_journal(course: Path) -> None:
    """It was given while Python was away; at the next start it is stored like the others."""
    step = course / "etape-1"
    first = answer(step, "E1-A6", 1)
    kept = Event(new_id(), first.origin, 2, "E1-A6", 1, "attempt", "63,3", "2026-11-22T08:00:00Z")
    put_in_document(step / "etape-1.ipynb", first, kept)
    folder = Folder(step)
    folder.bring_in(folder.answers.events)
    assert [event.value for event in Journal(step / "reponses.jsonl").read().events] == [1, "63,3"]


def test_an_answer_that_only_the_document_holds_is_stored_when_the_page_sends_it_again(course: Path) -> None:
    """It is said to be stored only once it stands in the journal, and it counts once."""
    step = course / "etape-1"
    first = answer(step, "E1-A6", 1)
    kept = Event(new_id(), first.origin, 2, "E1-A6", 1, "attempt", "63,3", "2026-11-22T08:00:00Z")
    put_in_document(step / "etape-1.ipynb", first, kept)
    folder = Folder(step)
    for _ in range(2):
        folder.store(kept)
    assert [event.value for event in Journal(step / "reponses.jsonl").read().events] == [1, "63,3"]
    assert [event.value for event in folder.answers.events] == [1, "63,3"]


def test_a_lone_notebook_brings_its_answers(course: Path) -> None:
    step = course / "etape-1"
    put_in_document(step / "etape-1.ipynb", answer(step, "E1-A6", 63.3))
    lone = course.parent / "ailleurs"
    lone.mkdir()
    shutil.copy(step / "etape-1.ipynb", lone)
    folder = Folder(lone)
    folder.bring_in(folder.answers.events)
    assert values(lone, "E1-A6") == [63.3]
    assert Journal(lone / "reponses.jsonl").read().origin == Folder(step).answers.origin


def test_a_copied_folder_goes_on_with_the_same_learner(course: Path) -> None:
    step = course / "etape-1"
    put_in_document(step / "etape-1.ipynb", answer(step, "E1-A6", 1))
    shutil.copytree(course, there := course.parent / "autre machine")
    answer(there / "etape-1", "E1-A6", 2)
    assert values(there / "etape-1", "E1-A6") == [1, 2]
    assert Folder(there / "etape-1").answers.foreign == ()


def test_a_friends_notebook_in_ones_own_folder_brings_nothing(course: Path) -> None:
    step = course / "etape-1"
    answer(step, "E1-A6", 1)
    put_in_document(step / "etape-1.ipynb", friends_answer())
    folder = Folder(step)
    folder.bring_in(folder.answers.events)
    assert [event.value for event in folder.answers.events] == [1]
    assert [event.value for event in folder.answers.foreign] == [7]
    assert b"ffff" not in (step / "reponses.jsonl").read_bytes()


@pytest.mark.parametrize(("accept", "expected"), [(True, [1, 7]), (False, [1])])
def test_the_learner_says_whether_other_answers_are_theirs(course: Path, *, accept: bool, expected: list[int]) -> None:
    step = course / "etape-1"
    answer(step, "E1-A6", 1)
    put_in_document(step / "etape-1.ipynb", friends_answer())
    Folder(step).decide("f" * 16, accept=accept)
    folder = Folder(step)
    assert sorted(event.value for event in folder.answers.events) == expected
    assert folder.answers.foreign == ()


@pytest.mark.parametrize(
    "ours",
    [None, [], "abîmé", {"answers": 3}, {"answers": {"events": "x"}}, {"answers": {"events": [1, None, {"v": 1}]}}],
    ids=range(6),
)
def test_damaged_metadata_costs_no_journal_entry(course: Path, ours: Any) -> None:
    step = course / "etape-1"
    answer(step, "E1-A6", 63.3)
    notebook = load(step / "etape-1.ipynb")
    packed = course_metadata(notebook)["activities"]
    notebook["metadata"]["reseau_kit"] = {**ours, "activities": packed} if isinstance(ours, dict) else ours
    save(step / "etape-1.ipynb", notebook)
    assert values(step, "E1-A6") == [63.3]


def test_a_notebook_that_is_no_notebook_is_passed_over_and_reported(course: Path) -> None:
    (course / "etape-1" / "abîmé.ipynb").write_bytes(b'{"cells": ' + b"[" * 100_000)
    folder = Folder(course / "etape-1")
    assert "E1-A6" in folder.activities("E1-A6")
    assert any("abîmé.ipynb" in damage.reason for damage in folder.answers.damages)


def lose_first_line(path: Path) -> None:
    path.write_bytes(path.read_bytes().partition(b"\n")[2])


def test_a_journal_that_lost_its_first_line_is_still_its_owners(course: Path) -> None:
    """With what the learner said of others' answers; what is added begins by saying whose it is."""
    step = course / "etape-1"
    given = answer(step, "E1-A6", 1)
    put_in_document(step / "etape-1.ipynb", friends_answer())
    Folder(step).decide("f" * 16, accept=True)
    lose_first_line(step / "reponses.jsonl")
    folder = Folder(step)
    assert (folder.answers.origin, folder.answers.foreign) == (given.origin, ())
    assert sorted(event.value for event in folder.answers.events) == [1, 7]
    answer(step, "E1-A6", 63.3)
    assert Journal(step / "reponses.jsonl").read().origin == given.origin
    assert sorted(values(step, "E1-A6")) == [1, 7, 63.3]


def test_a_journal_that_lost_its_first_line_is_not_the_friends_whose_document_lies_beside(course: Path) -> None:
    step = course / "etape-1"
    answer(step, "E1-A6", 1)
    lose_first_line(step / "reponses.jsonl")
    put_in_document(step / "etape-1.ipynb", friends_answer())
    assert values(step, "E1-A6") == [1]
    assert [event.value for event in Folder(step).answers.foreign] == [7]


def test_a_case_chosen_in_a_lesson_whose_journal_lost_its_first_line_is_found_in_the_step(course: Path) -> None:
    answer(course, "C0-A1", ["marcel"])
    lose_first_line(course / "reponses.jsonl")
    step = Folder(course / "etape-1")
    assert step.decisions(step.activities("E1-A4")) == {"cas": "marcel"}


@pytest.mark.parametrize("two", ["mine", "nobody's"])
def test_two_peoples_answers_without_a_first_line_are_whose_the_document_says(course: Path, two: str) -> None:
    step = course / "etape-1"
    mine = answer(step, "E1-A6", 1)
    Journal(step / "reponses.jsonl").append(friends_answer())
    lose_first_line(step / "reponses.jsonl")
    if two == "mine":
        put_in_document(step / "etape-1.ipynb", mine)
    assert values(step, "E1-A6") == ([1] if two == "mine" else [])


# --- the journal deleted while a document is open ---------------------------------------------------------------------


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut_to_the_first_answer(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))


@pytest.mark.parametrize("spoil", [remove, empty, cut_to_the_first_answer, lose_first_line])
def test_what_was_known_is_written_again_with_what_is_new(course: Path, spoil: Callable[[Path], None]) -> None:
    """Also what was said of others' answers. Nothing is shown as lost meanwhile, and reading writes nothing."""
    step = course / "etape-1"
    journal = step / "reponses.jsonl"
    folder = Folder(step)
    activity = folder.activities("E1-A6")["E1-A6"]
    given = [folder.record(activity, "attempt", value, {}) for value in (1, 2)]
    folder.decide("f" * 16, accept=True)
    folder.decide("e" * 16, accept=False)
    spoil(journal)
    spoilt = journal.read_bytes() if journal.exists() else None
    assert list(folder.refresh().events) == given
    assert (journal.read_bytes() if journal.exists() else None) == spoilt
    given.append(folder.record(activity, "attempt", 63.3, {}))
    reading = Journal(journal).read()
    assert list(reading.events) == given
    assert reading.origin == given[0].origin
    assert (set(reading.accepted), set(reading.refused)) == ({"f" * 16}, {"e" * 16})


def test_what_was_erased_elsewhere_is_not_written_again(course: Path) -> None:
    """By another document's kernel, say; nor what was known, where another journal took the place of this one."""
    step = course / "etape-1"
    folder = Folder(step)
    activity = folder.activities("E1-A6")["E1-A6"]
    folder.record(activity, "attempt", 1, {})
    erase(course)
    folder.record(activity, "attempt", 2, {})
    assert values(step, "E1-A6") == [2]
    Journal(step / "reponses.jsonl").path.unlink()
    Journal(step / "reponses.jsonl").start("f" * 16)
    folder.record(activity, "attempt", 63.3, {})
    assert values(step, "E1-A6") == [63.3]


# --- the course around it ---------------------------------------------------------------------------------------------


def test_the_case_chosen_in_the_lesson_is_found_in_the_step(course: Path) -> None:
    answer(course, "C0-A1", ["marcel"])
    step = Folder(course / "etape-1")
    assert step.decisions(step.activities("E1-A4")) == {"cas": "marcel"}


def test_a_case_chosen_again_replaces_the_first(course: Path) -> None:
    """In whichever notebook it was."""
    answer(course, "C0-A1", ["marcel"])
    step = Folder(course / "etape-1")
    decision = step.activities("E1-A4").deciding("cas")
    assert decision is not None
    step.record(decision, "attempt", ["pousses"], {})
    assert step.decisions(step.activities("E1-A4")) == {"cas": "pousses"}


def test_of_two_choices_of_the_same_moment_the_one_made_here_holds(course: Path) -> None:
    """Whatever the clock says, the learner has just seen it noted here."""
    step = Folder(course / "etape-1")
    moment = "2026-11-22T08:00:00.000Z"
    for folder, case in ((step, "pousses"), (Folder(course), "marcel")):
        folder.store(Event(new_id(), folder.start(), 1, "C0-A1", 1, "attempt", [case], moment))
    assert step.decisions(step.activities("E1-A4")) == {"cas": "pousses"}


def test_within_a_folder_the_latest_word_holds_whatever_the_clock_said(course: Path) -> None:
    step = Folder(course / "etape-1")
    for seq, (hour, case) in enumerate((("09", "nadia"), ("08", "marcel")), 1):
        at = f"2026-11-22T{hour}:00:00.000Z"
        step.store(Event(new_id(), step.start(), seq, "C0-A1", 1, "attempt", [case], at))
    assert step.decisions(step.activities("E1-A4")) == {"cas": "marcel"}


# --- what a question of one step needs of another ---------------------------------------------------------------------


@pytest.fixture
def every_kind(tmp_path: Path) -> Path:
    """A learner's copy of the small course that asks each kind of question."""
    source = ROOT / "tests" / "tous-les-genres"
    return make_course(tmp_path / "tous", ((source / "course", "."), (source / "exercises" / "etape-1", "etape-1")))


def needed(step: Folder, id: str) -> dict[str, str]:
    activities = step.activities(id)
    return step.context(activities, activities[id])


def test_a_form_decides_one_value_for_each_of_its_fields(every_kind: Path) -> None:
    """A later answer that holds one field replaces that one only: another step may have asked for no more."""
    step = Folder(every_kind / "etape-1")
    assert needed(step, "fiche") == {}
    answer(every_kind, "objectif", {"verbe": "apprendre", "themes": "reliure"})
    assert needed(step, "fiche") == {"objectif.themes": "reliure"}
    objective = step.activities("fiche").deciding("objectif.themes")
    assert objective is not None
    step.record(objective, "attempt", {"themes": "papier, couture"}, {})
    assert needed(step, "fiche") == {"objectif.themes": "papier, couture"}
    assert step.decisions(step.activities("fiche"))["objectif.verbe"] == "apprendre"


@pytest.mark.parametrize(
    "value",
    [None, [], {}, "x", 3, {"themes": None}, {"themes": ["a"]}, {"themes": True}, {"themes": ""}, {"autre": "x"}],
    ids=range(10),
)
def test_what_decides_nothing_is_not_needed_as_if_it_did(every_kind: Path, value: Any) -> None:
    answer(every_kind, "objectif", value)
    assert needed(Folder(every_kind / "etape-1"), "fiche") == {}


def test_a_draft_decides_until_something_is_validated(every_kind: Path) -> None:
    folder = Folder(every_kind)
    objective = folder.activities("objectif")["objectif"]
    folder.record(objective, "draft", {"themes": "reliure"}, {})
    assert needed(Folder(every_kind / "etape-1"), "fiche") == {"objectif.themes": "reliure"}


def test_an_answer_keeps_what_it_was_judged_against(every_kind: Path) -> None:
    """Changing one's subjects later does not change what an answer was worth."""
    answer(every_kind, "objectif", {"themes": "reliure"})
    step = Folder(every_kind / "etape-1")
    activities = step.activities("fiche")
    text = "Relieuse à Brest, je raconte la reliure à qui veut apprendre."
    step.record(activities["fiche"], "attempt", {"role": "relieuse", "texte": text}, needed(step, "fiche"))
    answer(every_kind, "objectif", {"themes": "abeilles"})
    (event,) = Folder(every_kind / "etape-1").answers.of("fiche")
    assert event.context == {"objectif.themes": "reliure"}
    assert mark(activities, "fiche", [event]).score == 1.0


def test_leaving_with_one_file_and_coming_back_on_an_empty_machine(course: Path) -> None:
    answer(course, "C0-A1", ["marcel"])
    answer(course / "etape-1", "E1-A6", 1)
    answer(course / "etape-1", "E1-A6", 63.3)
    file, count = take_along(course)
    assert count == 2
    there = make_course(course.parent / "autre")
    done = bring_back(file.name, file.read_bytes(), there)
    assert (done.added, done.known) == (3, 0)
    assert values(there / "etape-1", "E1-A6") == [1, 63.3]
    assert values(there, "C0-A1") == [["marcel"]]


def test_the_file_to_take_along_is_its_owners_alone(course: Path) -> None:
    """Also where it takes the place of one that others could read."""
    answer(course / "etape-1", "E1-A6", 1)
    for _ in range(2):
        file, _ = take_along(course)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)


def test_coming_back_adds_to_what_is_there_and_replaces_nothing(course: Path) -> None:
    answer(course / "etape-1", "E1-A6", 1)
    file, _ = take_along(course)
    there = make_course(course.parent / "autre")
    answer(there / "etape-1", "E1-A6", 2)
    assert bring_back(file.name, file.read_bytes(), there).added == 1
    assert sorted(values(there / "etape-1", "E1-A6")) == [1, 2]
    assert bring_back(file.name, file.read_bytes(), there).added == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "ne contient pas de réponses lisibles"),
        (b"PK\x03\x04", "ne contient pas de réponses lisibles"),
        (b"[]", "n’est pas un fichier de réponses"),
        (b'{"reseau_kit": 9, "folders": {}}', "n’est pas un fichier de réponses"),
        (b'{"reseau_kit": 1, "folders": {"../..": {"events": []}}}', "abîmé"),
        (b'{"reseau_kit": 1, "folders": {"/etc": {"events": []}}}', "abîmé"),
        (b'{"reseau_kit": 1, "folders": {"..": {"events": []}}}', "abîmé"),
        (b'{"reseau_kit": 1, "folders": {"etape-1": {"events": [{"v": 1}]}}}', "abîmé"),
        (b'{"reseau_kit": 1, "folders": {"etape-1": 3}}', "abîmé"),
        (b"[" * 100_000, "ne contient pas de réponses lisibles"),
    ],
    ids=range(10),
)
def test_a_file_that_holds_no_answers_is_refused_and_changes_nothing(course: Path, content: bytes, says: str) -> None:
    answer(course / "etape-1", "E1-A6", 1)
    before = (course / "etape-1" / "reponses.jsonl").read_bytes()
    there = sorted(course.rglob("*"))
    with pytest.raises(NotTravelFile, match=says):
        bring_back("autre.json", content, course)
    assert (course / "etape-1" / "reponses.jsonl").read_bytes() == before
    assert sorted(course.rglob("*")) == there


def test_erasing_leaves_no_trace_and_nothing_comes_back(course: Path) -> None:
    """Journals, notebook copies, outputs that show an answer, and the files to take along."""
    secret = "mon secret à moi"
    step = course / "etape-1"
    put_in_document(step / "etape-1.ipynb", answer(step, "E1-A6", secret), answer(step, "E1-A6", 2))
    shutil.copy(step / "etape-1.ipynb", forgotten := course.parent / "oubliée.ipynb")
    take_along(course)
    erase(course)
    for path in course.rglob("*"):
        assert path.is_dir() or secret not in path.read_text(encoding="utf-8"), path
    shutil.copy(forgotten, step / "etape-1.ipynb")
    folder = Folder(step)
    folder.bring_in(folder.answers.events)
    assert folder.answers.events == folder.answers.foreign == ()
    assert "E1-A6" in folder.activities("E1-A6"), "the questions stay"


def test_erasing_goes_on_past_what_cannot_be_erased_and_names_it(course: Path) -> None:
    step = course / "etape-1"
    put_in_document(step / "etape-1.ipynb", answer(step, "E1-A6", 63.3))
    (step / "brouillon.ipynb").write_text("{", encoding="utf-8")
    (course / "vieux.ipynb").write_text("[]", encoding="utf-8")
    take_along(course)
    with pytest.raises(NotErased) as told:
        erase(course)
    lines = str(told.value).splitlines()
    assert [line.partition(" :")[0] for line in lines[:-1]] == ["« vieux.ipynb »", "« etape-1/brouillon.ipynb »"]
    assert lines[-1].startswith("Tout le reste est effacé.")
    assert Folder(step).answers.events == ()
    assert "answers" not in course_metadata(load(step / "etape-1.ipynb"))
    assert not [*course.glob("mes-reponses-*.json")]


def test_erasing_while_jupyterlab_saves(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own copy is gone before it is read; what it writes is only half there at first."""
    step = course / "etape-1"
    put_in_document(step / "etape-1.ipynb", answer(step, "E1-A6", 63.3))
    whole = (step / "etape-1.ipynb").read_bytes()
    (step / ".~etape-1.ipynb").write_bytes(whole)
    looks: list[str] = []

    def meanwhile(path: Path) -> Notebook:
        looks.append(path.name)
        if path.name.startswith(".~"):
            path.unlink(missing_ok=True)
        if path.name == "etape-1.ipynb":
            path.write_bytes(whole[:100] if looks.count(path.name) == 1 else whole)
        return load(path)

    monkeypatch.setattr("reseau_kit.answers.erasing.load", meanwhile)
    erase(course)
    assert looks.count("etape-1.ipynb") == 2
    assert not (step / ".~etape-1.ipynb").exists()
    assert "answers" not in course_metadata(load(step / "etape-1.ipynb"))


def test_what_was_erased_can_come_back_when_the_learner_says_so(course: Path) -> None:
    answer(course / "etape-1", "E1-A6", 63.3)
    file, _ = take_along(course)
    shutil.copy(file, elsewhere := course.parent / file.name)
    erase(course)
    assert not file.exists()
    bring_back(elsewhere.name, elsewhere.read_bytes(), course)
    assert values(course / "etape-1", "E1-A6") == [63.3]


def test_the_file_to_take_along_is_plain_json(course: Path) -> None:
    """Whoever wants to can read what it holds."""
    answer(course / "etape-1", "E1-A6", "63,3")
    data = json.loads(take_along(course)[0].read_text(encoding="utf-8"))
    assert [event["value"] for event in data["folders"]["etape-1"]["events"]] == ["63,3"]


def test_a_page_that_has_an_erased_notebook_open_can_tell(course: Path) -> None:
    """It finds whose answers are gone, in a version that is plainly newer than its own."""
    step = course / "etape-1"
    given = answer(step, "E1-A6", 63.3)
    put_in_document(step / "etape-1.ipynb", given)
    before = (step / "etape-1.ipynb").stat().st_mtime
    erase(course)
    assert course_metadata(load(step / "etape-1.ipynb"))["erased"] == [given.origin]
    assert (step / "etape-1.ipynb").stat().st_mtime >= before + 1
