"""Whatever befalls the page, the kernel or the files: answers that were confirmed stay, and no others come."""

import json
import os
import random
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from conftest import running_lab
from learner import EXERCISE, LESSON, Learner, wait_until
from reseau_kit.answers.journal import Event, now
from reseau_kit.answers.notebooks import load, save, write_copy
from reseau_kit.system.files import new_id

pytestmark = pytest.mark.browser

GIVEN = [("C0-A2", "attempt", "6"), ("C0-A1", "attempt", ["marcel"])]


@pytest.fixture
def answered(learner: Learner) -> Learner:
    """A learner who has answered both activities of the lesson; the document is saved."""
    learner.open()
    learner.submit("C0-A2", "6")
    learner.choose_case("marcel")
    wait_until(learner.page, lambda: learner.copy() == GIVEN, "the document carries the answers")
    return learner


def expect_answers(learner: Learner, folder: Path | None = None) -> None:
    """The page shows what was given, the journal and the document hold it, and nothing else."""
    learner.expect_number("C0-A2", "6")
    learner.expect_ticks("C0-A1", ["marcel"])
    expect(learner.page.locator(".rk-question")).to_have_count(0)
    feedback = learner.activity("C0-A2").locator(".rk-feedback")
    expect(feedback).to_contain_text("Vous avez sans doute compté cette page d’accueil.")
    expect(learner.activity("C0-A2").locator(".rk-attempt")).to_have_text("Essai 2 sur 3")
    assert learner.attempts(folder=folder) == GIVEN
    wait_until(learner.page, lambda: sorted(learner.copy(folder=folder)) == sorted(GIVEN), "the document holds them")


def reload(learner: Learner) -> None:
    learner.reload()


def restart_the_kernel(learner: Learner) -> None:
    learner.restart_kernel()


def restart_and_run_all(learner: Learner) -> None:
    learner.restart_kernel("Redémarrer le noyau et Exécuter toutes les cellules…")


def restart_and_clear(learner: Learner) -> None:
    learner.restart_kernel("Redémarrer le noyau et Effacer les sorties de toutes les cellules…")


def clear_all_outputs(learner: Learner) -> None:
    learner.menu("Édition", "Effacer les sorties de toutes les cellules")
    learner.wait_until_prepared()


def run_every_cell_twice(learner: Learner) -> None:
    learner.run_all()
    learner.run_all()
    learner.wait_until_prepared()


def lose_the_kernel_and_reload(learner: Learner) -> None:
    learner.shut_kernels_down()
    learner.reload()


def lose_the_journal(learner: Learner) -> None:
    learner.shut_kernels_down()
    (learner.folder / "reponses.jsonl").unlink()
    learner.reload()


def strip_the_document(learner: Learner) -> None:
    """As nbstripout and the like do."""
    learner.shut_kernels_down()
    shutil.copy(learner.released / LESSON, learner.folder / LESSON)
    learner.reload()


@pytest.mark.parametrize(
    "what_happens",
    [
        reload,
        restart_the_kernel,
        restart_and_run_all,
        restart_and_clear,
        clear_all_outputs,
        run_every_cell_twice,
        lose_the_kernel_and_reload,
        lose_the_journal,
        strip_the_document,
    ],
)
def test_answers_stay_after(answered: Learner, what_happens: Callable[[Learner], None]) -> None:
    what_happens(answered)
    expect_answers(answered)


def test_a_draft_stays(learner: Learner) -> None:
    """What was typed and never validated is there after a reload, and after a restart."""
    learner.open()
    learner.activity("C0-A2").get_by_label("Votre réponse").fill("12")
    expect(learner.activity("C0-A2").locator(".rk-saved")).to_contain_text("✓ Brouillon enregistré")
    assert learner.journal() == [("C0-A2", "draft", "12")]
    learner.reload()
    learner.expect_number("C0-A2", "12")
    learner.restart_kernel()
    learner.expect_number("C0-A2", "12")
    expect(learner.activity("C0-A2").locator(".rk-attempt")).to_have_text("Essai 1 sur 3")


def test_closing_without_saving_loses_nothing(answered: Learner) -> None:
    """Even when the learner, asked whether to save, says no."""
    # Once the answers are saved: their saving would take along a note that is typed meanwhile.
    answered.type_code("# une note à moi")
    answered.menu("Fichier", "Fermer l'onglet")
    answered.page.locator(".jp-Dialog button", has_text="Abandonner").click()
    expect(answered.page.locator(".jp-NotebookPanel")).to_have_count(0)
    answered.open()
    expect(answered.page.get_by_text("# une note à moi")).to_have_count(0)
    expect_answers(answered)


def test_renaming_the_open_document_loses_nothing(answered: Learner) -> None:
    """Answers given before and after are in the same journal, and go with the new name."""
    answered.menu("Fichier", "Renommer Notebook…")
    answered.page.locator(".jp-Dialog input").fill("Mon accueil.ipynb")
    answered.accept()
    expect(answered.page.locator(".lm-TabBar-tabLabel", has_text="Mon accueil.ipynb")).to_be_visible()
    answered.submit("C0-A2", "7")
    answered.restart_kernel()
    answered.expect_number("C0-A2", "7")
    answered.expect_ticks("C0-A1", ["marcel"])
    assert answered.attempts() == [*GIVEN, ("C0-A2", "attempt", "7")]
    wait_until(answered.page, lambda: len(answered.copy("Mon accueil.ipynb")) == 3, "the document holds them")


def test_a_lone_document_carries_its_answers(answered: Learner) -> None:
    """The `.ipynb` by itself, sent by mail or downloaded, in an empty folder."""
    alone = answered.folder / "ailleurs"
    alone.mkdir()
    shutil.copy(answered.folder / LESSON, alone)
    answered.open(folder=alone)
    expect_answers(answered, alone)


def test_the_folder_on_another_machine_carries_its_answers(
    answered: Learner, new_profile: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    """Another path, another server, another browser; nothing is asked, since it is the same learner."""
    shutil.copytree(answered.folder, tmp_path / "autre" / "mon-cours")
    with running_lab(tmp_path / "autre", tmp_path / "jupyter") as lab:
        there = Learner(lab, new_profile(), answered.released)
        there.folder = tmp_path / "autre" / "mon-cours"
        there.open()
        expect_answers(there)
        expect(there.page.locator(".rk-question")).to_have_count(0)


# --- while the kernel does not answer ---------------------------------------------------------------------------------


def expect_kept_but_unconfirmed(learner: Learner, id: str) -> None:
    saved = learner.activity(id).locator(".rk-saved")
    expect(saved).to_have_text("⚠ Gardé dans le document, pas encore vérifié", timeout=10_000)


@pytest.mark.parametrize("how", ["the button", "a restart", "a reload"])
def test_a_click_on_a_dead_kernel_is_kept_and_checked_at_the_next_run(learner: Learner, how: str) -> None:
    """It is in the document at once, and in the journal after the next run, whichever way that comes about."""
    learner.open(EXERCISE)
    learner.submit("E1-A6", "12")
    learner.shut_kernels_down()
    before = len(learner.said("E1-A6"))
    learner.submit_blindly("E1-A6", "42,9")
    expect_kept_but_unconfirmed(learner, "E1-A6")
    assert not [word for word in learner.said("E1-A6")[before:] if "✓" in word]
    assert learner.attempts("etape-1") == [("E1-A6", "attempt", "12")]
    assert learner.copy(EXERCISE)[-1] == ("E1-A6", "attempt", "42,9")
    match how:
        case "the button":
            learner.activity("E1-A6").get_by_role("button", name="Relancer la vérification").click()
        case "a restart":
            expect(learner.page.locator(".rk-notice")).to_contain_text("Python s’est arrêté", timeout=60_000)
            learner.menu("Noyau", "Redémarrer le noyau…")
        case _:
            learner.reload()
    expect(learner.activity("E1-A6").locator(".rk-feedback")).to_contain_text("Vous avez compté les visites")
    learner.expect_number("E1-A6", "42,9")
    learner.expect_stored("E1-A6")
    assert learner.attempts("etape-1") == [("E1-A6", "attempt", "12"), ("E1-A6", "attempt", "42,9")]
    if how == "the button":
        expect(learner.activity("E1-A6").get_by_label("Votre réponse")).to_be_focused()


def test_a_busy_kernel_confirms_when_it_is_free_again(learner: Learner) -> None:
    """What it is told meanwhile is kept in the document; nothing says « enregistré » before it is."""
    learner.open(EXERCISE)
    (kernel,) = learner.lab.kernel_pids()
    os.kill(kernel, signal.SIGSTOP)
    try:
        learner.submit_blindly("E1-A6", "42,9")
        expect_kept_but_unconfirmed(learner, "E1-A6")
        assert learner.journal("etape-1") == []
        assert not [word for word in learner.said("E1-A6") if "✓" in word]
    finally:
        os.kill(kernel, signal.SIGCONT)
    learner.expect_stored("E1-A6")
    assert learner.attempts("etape-1") == [("E1-A6", "attempt", "42,9")]


def test_a_server_that_is_gone_is_told_and_the_answer_waits(learner: Learner) -> None:
    """With neither kernel nor server the browser alone keeps the answer; when they are back, it is stored."""
    learner.open(EXERCISE)
    learner.profile.set_offline(offline=True)
    learner.lab.process.send_signal(signal.SIGSTOP)
    (kernel,) = learner.lab.kernel_pids()
    os.kill(kernel, signal.SIGSTOP)
    try:
        learner.submit_blindly("E1-A6", "42,9")
        saved = learner.activity("E1-A6").locator(".rk-saved")
        expect(saved).to_contain_text("Gardé dans ce navigateur", timeout=10_000)
    finally:
        os.kill(kernel, signal.SIGCONT)
        learner.lab.process.send_signal(signal.SIGCONT)
        learner.profile.set_offline(offline=False)
    learner.expect_stored("E1-A6")
    assert learner.attempts("etape-1") == [("E1-A6", "attempt", "42,9")]


def test_a_server_that_stops_and_comes_back_gets_what_was_answered_meanwhile(
    new_profile: Callable[..., BrowserContext], small_course: Path, tmp_path: Path
) -> None:
    """By itself in a page that stays open, and after a reload: judged, in the journal, and no longer in the browser."""
    root, state = tmp_path / "cours", tmp_path / "jupyter"
    root.mkdir()
    with running_lab(root, state) as lab:
        learner = Learner(lab, new_profile(), small_course)
        learner.open(EXERCISE)
    card, notice = learner.activity("E1-A6"), learner.page.locator(".rk-notice")

    def answer(value: str) -> None:
        card.get_by_label("Votre réponse").fill(value)
        # Sooner or later JupyterLab says in a dialog that the server is gone: it may lie above the button.
        card.locator("button.rk-go").dispatch_event("click")

    expect(notice).to_contain_text("Le serveur ne répond plus.")
    answer("12")
    expect(card.locator(".rk-saved")).to_contain_text("⚠ Gardé dans ce navigateur : le serveur ne répond pas")
    assert learner.journal("etape-1") == []
    with running_lab(root, state, port=lab.port) as learner.lab:
        learner.expect_stored("E1-A6")
        expect(card.locator(".rk-saved")).to_contain_text("Cette réponse attendait le serveur : elle est arrivée.")
        expect(card.locator(".rk-attempt")).to_contain_text("Essai 2 sur 3")
        expect(notice).to_have_text("")
        assert learner.attempts("etape-1") == [("E1-A6", "attempt", "12")]
        wait_until(learner.page, lambda: len(learner.copy(EXERCISE)) == 1, "the document is saved")
    expect(notice).to_contain_text("Le serveur ne répond plus.")
    answer("42,9")
    expect(card.locator(".rk-saved")).to_contain_text("⚠ Gardé dans ce navigateur")
    learner.page.goto("about:blank")
    with running_lab(root, state, port=lab.port) as learner.lab:
        learner.open(EXERCISE)
        learner.expect_stored("E1-A6")
        learner.expect_number("E1-A6", "42,9")
        expect(card.locator(".rk-feedback")).to_contain_text("Vous avez compté les visites")
        assert learner.attempts("etape-1") == [("E1-A6", "attempt", "12"), ("E1-A6", "attempt", "42,9")]
        learner.reload()
        expect(card.locator(".rk-attempt")).to_contain_text("Essai 3 sur 3")
        assert len(learner.attempts("etape-1")) == 2


def test_killing_the_kernel_while_answering_loses_nothing_confirmed(learner: Learner) -> None:
    """SIGKILL at random moments: what was confirmed is there, each answer at most once, and nothing else."""
    moments = random.Random(2)
    learner.open()
    card = learner.activity("C0-A2")
    given: list[str] = []
    confirmed: list[str] = []
    for _ in range(3):
        for _ in range(2):
            given.append(str(100 + len(given)))
            learner.submit_blindly("C0-A2", given[-1])
            if len(given) % 2:
                learner.expect_stored("C0-A2")
                confirmed.append(given[-1])
        before = card.element_handle()
        learner.page.wait_for_timeout(moments.uniform(0, 40))
        for kernel in learner.lab.kernel_pids():
            with suppress(ProcessLookupError):
                os.kill(kernel, signal.SIGKILL)
        learner.accept_what_is_said()
        learner.page.wait_for_function("node => !node.isConnected", arg=before)
        learner.wait_until_prepared()
        learner.expect_number("C0-A2", given[-1])
    values = [value for _, _, value in learner.attempts()]
    assert set(confirmed) <= set(values) <= set(given)
    assert len(values) == len(set(values))
    assert values == given, "what the kernel did not confirm came back from the document"


# --- two tabs, and somebody else's answers ----------------------------------------------------------------------------


def expect_no_question(page: Page) -> None:
    expect(page.locator(".jp-Dialog")).to_have_count(0)


@pytest.mark.parametrize("learner", [pytest.param({}, id="in a new window")], indirect=True)
def test_two_tabs_show_and_keep_the_same_answers(learner: Learner) -> None:
    """Answers in both; JupyterLab never asks which version of the document to lose, nor to save on leaving."""
    first = learner.open()
    second = learner.open(page=learner.new_page())
    learner.submit("C0-A2", "6", page=second)
    learner.expect_number("C0-A2", "6", page=first)
    wait_until(first, lambda: len(learner.copy()) == 1, "saved by the second tab")
    learner.choose_case("marcel")
    learner.expect_ticks("C0-A1", ["marcel"], page=second)
    wait_until(first, lambda: sorted(learner.copy()) == sorted(GIVEN), "saved by the first tab")
    learner.submit("C0-A2", "7", page=second)
    wait_until(first, lambda: len(learner.copy()) == 3, "saved by the second tab again")
    learner.expect_number("C0-A2", "7", page=first)
    for page in (first, second):
        # Longer than any of our saves waits: nothing is left that could ask.
        page.wait_for_timeout(2600)
        expect(page.locator(".lm-TabBar-tab.jp-mod-dirty")).to_have_count(0)
        expect_no_question(page)
        page.close(run_before_unload=True)
    assert learner.dialogs == []
    learner.page = learner.new_page()
    learner.open()
    learner.expect_number("C0-A2", "7")
    learner.expect_ticks("C0-A1", ["marcel"])
    assert learner.attempts() == [*GIVEN, ("C0-A2", "attempt", "7")]


@pytest.mark.parametrize("learner", [pytest.param({}, id="in a new window")], indirect=True)
def test_a_dead_kernel_and_two_tabs(learner: Learner) -> None:
    """The tab whose document is older than the disk's keeps the answer all the same."""
    first = learner.open()
    second = learner.open(page=learner.new_page())
    learner.submit("C0-A2", "6", page=second)
    wait_until(first, lambda: len(learner.copy()) == 1, "saved by the second tab")
    learner.shut_kernels_down()
    learner.submit_blindly("C0-A2", "7")
    expect_kept_but_unconfirmed(learner, "C0-A2")
    expect_no_question(first)
    learner.reload()
    learner.expect_number("C0-A2", "7")
    assert learner.attempts() == [("C0-A2", "attempt", "6"), ("C0-A2", "attempt", "7")]


def put_friends_answers(path: Path) -> None:
    """Make the notebook one in which somebody else has answered both activities."""
    origin = new_id()
    answers = [("E1-A4", ["celebrites"], {"cas": "nadia"}), ("E1-A6", "9999", {})]
    events = tuple(
        Event(new_id(), origin, number, activity, 1, "attempt", value, now(), context)
        for number, (activity, value, context) in enumerate(answers, 1)
    )
    notebook = load(path)
    write_copy(notebook, origin, events)
    save(path, notebook)


@pytest.mark.parametrize("place", ["beside mine", "in place of mine"])
def test_a_friends_document_in_my_folder_brings_nothing_i_do_not_want(learner: Learner, place: str) -> None:
    """Asked whether the answers are theirs, the learner says no: none of them stays anywhere."""
    learner.open(EXERCISE)
    learner.submit("E1-A6", "12")
    learner.shut_kernels_down()
    wait_until(learner.page, lambda: len(learner.copy(EXERCISE)) == 1, "the document is saved")
    learner.page.close()
    path = "etape-1/de Zoé.ipynb" if place == "beside mine" else EXERCISE
    if path != EXERCISE:
        shutil.copy(learner.released / EXERCISE, learner.folder / path)
    put_friends_answers(learner.folder / path)

    learner.page = learner.new_page()
    learner.open(path)
    question = learner.activity("E1-A6").get_by_role("group", name="Ce document contient des réponses données ailleurs")
    expect(question).to_contain_text("des réponses à 2 activités")
    learner.expect_number("E1-A6", "12")
    question.get_by_role("button", name="Non").click()
    expect(learner.page.locator(".rk-question")).to_have_count(0)
    learner.submit("E1-A6", "13")
    mine = [("E1-A6", "attempt", "12"), ("E1-A6", "attempt", "13")]
    assert learner.attempts("etape-1") == mine
    wait_until(learner.page, lambda: learner.copy(path) == mine, "the document holds mine alone")
    learner.restart_kernel()
    learner.reload()
    learner.expect_number("E1-A6", "13")
    expect(learner.page.locator(".rk-question")).to_have_count(0)
    assert "9999" not in json.dumps(load(learner.folder / path))


def test_a_document_of_mine_from_elsewhere_is_taken_over_when_i_say_so(learner: Learner) -> None:
    """Answers given at another machine, under another origin: « Oui » brings them into this folder's journal."""
    learner.open(EXERCISE)
    learner.submit("E1-A6", "12")
    learner.shut_kernels_down()
    learner.page.close()
    put_friends_answers(learner.folder / EXERCISE)

    learner.page = learner.new_page()
    learner.open(EXERCISE)
    learner.activity("E1-A6").get_by_role("button", name="Oui, reprendre ces réponses").click()
    expect(learner.page.locator(".rk-question")).to_have_count(0)
    wait_until(learner.page, lambda: len(learner.attempts("etape-1")) == 3, "the journal holds theirs and mine")
    expect(learner.activity("E1-A6").locator(".rk-attempt")).to_contain_text("Essai 3 sur 3")
    learner.restart_kernel()
    expect(learner.page.locator(".rk-question")).to_have_count(0)
    assert {value for _, _, value in learner.attempts("etape-1") if isinstance(value, str)} == {"12", "9999"}
