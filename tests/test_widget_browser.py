"""Answering activities in real Chromium: by mouse, by keyboard, in code; taking one's answers along, and erasing them.

In a page of ours, but what JupyterLab can break: whom a key goes to, downloads, the document's copy, other tabs.
"""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from host_page import Reader
from learner import EXERCISE, Learner, Person, wait_until

pytestmark = pytest.mark.browser

RIGHT = ["public", "influenceurs", "fournisseurs"]  # whom Marcel looks for
ONE_RIGHT = ["public", "celebrites", "tout-le-monde"]
TWO_RIGHT = ["public", "influenceurs", "celebrites"]

# Each would move, delete, cut, split, merge or retype a cell, or select other ones.
NOTEBOOK_KEYS = [*"ddxabmyzcvjkof1200", "ArrowDown", "ArrowUp", "Home", "End", "Delete", "Space"]
NOTEBOOK_CHORDS = [
    "Control+a",
    "Control+Shift+ArrowUp",
    "Control+Shift+ArrowDown",
    "Control+Backspace",
    "Control+Shift+m",
    "Control+Shift+-",
    "Control+z",
    "Control+m",
    "Alt+Enter",
    "Shift+m",
    "Shift+ArrowDown",
    "Shift+v",
]


def tab_to(learner: Person, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(30):
        learner.page.keyboard.press("Tab")
        if target.evaluate("node => node === document.activeElement"):
            return
    pytest.fail("Tab does not reach it")


def test_a_learner_answers_by_mouse(plain_learner: Reader) -> None:
    """From the choice of a case to the right answers of both activities."""
    plain_learner.open(EXERCISE)
    question = plain_learner.activity("E1-A4").locator("legend")
    expect(question).to_contain_text("Quel cas guidé")
    plain_learner.choose_case("marcel", id="E1-A4")
    expect(question).to_contain_text("Marcel veut apprendre")
    plain_learner.submit("E1-A4", RIGHT)
    expect(plain_learner.activity("E1-A4")).to_contain_text("C’est juste. Vous avez 10 points sur 10.")
    plain_learner.submit("E1-A6", "63,3 %")
    expect(plain_learner.activity("E1-A6")).to_contain_text("C’est juste. Vous avez 10 points sur 10.")
    assert plain_learner.attempts("etape-1") == [
        ("C0-A1", "attempt", ["marcel"]),
        ("E1-A4", "attempt", RIGHT),
        ("E1-A6", "attempt", "63,3 %"),
    ]


def test_a_learner_answers_with_the_keyboard_alone(learner: Learner) -> None:
    """Tab, arrows, Space and Enter lead through both activities, and the focus is never lost."""
    page = learner.open(EXERCISE)
    cells = learner.cells()
    card = learner.activity("E1-A4")
    page.locator(".jp-Notebook .jp-Cell").first.focus()

    tab_to(learner, card.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    expect(card.get_by_role("radio", name=re.compile("Marcel"))).to_be_checked()
    tab_to(learner, card.get_by_role("button", name="Garder ce choix"))
    page.keyboard.press("Enter")
    expect(card.get_by_role("checkbox").first).to_be_focused()

    for option in RIGHT:
        box = card.locator(f'input[value="{option}"]')
        if not box.evaluate("node => node === document.activeElement"):
            tab_to(learner, box)
        page.keyboard.press("Space")
        expect(box).to_be_checked()
    submit = card.get_by_role("button", name="Valider")
    tab_to(learner, submit)
    page.keyboard.press("Space")
    expect(card).to_contain_text("C’est juste.")
    expect(card.locator("button.rk-go")).to_be_focused()

    number = learner.activity("E1-A6").get_by_label("Votre réponse")
    tab_to(learner, number)
    page.keyboard.type("63,3")
    page.keyboard.press("Enter")
    expect(learner.activity("E1-A6")).to_contain_text("C’est juste.")
    expect(number).to_be_focused()
    learner.expect_stored("E1-A6")
    assert [value for _, _, value in learner.attempts("etape-1")] == [["marcel"], RIGHT, "63,3"]
    assert learner.cells() == cells


def test_no_key_typed_in_an_activity_touches_a_cell(learner: Learner) -> None:
    """In each kind of control, keys that move, delete, cut, merge or retype cells elsewhere do nothing to them."""
    page = learner.open(EXERCISE)
    cells = learner.cells()
    selected = page.locator(".jp-Notebook .jp-Cell.jp-mod-selected")
    active = page.locator(".jp-Notebook .jp-Cell.jp-mod-active")

    def try_keys(id: str, control: Locator, keys: list[str]) -> None:
        card = learner.activity(id)
        control.focus()
        expect(active).to_contain_text(card.locator("legend").inner_text())
        for key in keys:
            page.keyboard.press(key)
            assert card.evaluate("node => node.contains(document.activeElement)"), f"{key} leaves the activity"
        assert learner.cells() == cells
        expect(selected).to_have_count(1)

    keys = [*NOTEBOOK_KEYS, *NOTEBOOK_CHORDS]
    try_keys("E1-A4", learner.activity("E1-A4").get_by_role("radio").first, [*keys, "Enter"])
    learner.choose_case("nadia", id="E1-A4")
    try_keys("E1-A4", learner.activity("E1-A4").get_by_role("checkbox").first, [*keys, "Enter"])
    number = learner.activity("E1-A6")
    try_keys("E1-A6", number.get_by_label("Votre réponse"), [*keys, "Enter"])
    try_keys("E1-A6", number.locator(".rk-table"), [*keys, "Enter"])
    try_keys("E1-A6", number.locator("button.rk-go"), keys)
    learner.save_document()
    notebook = json.loads((learner.folder / EXERCISE).read_text(encoding="utf-8"))
    released = json.loads((learner.released / EXERCISE).read_text(encoding="utf-8"))
    assert [cell["source"] for cell in notebook["cells"]] == [cell["source"] for cell in released["cells"]]
    assert [cell["metadata"] for cell in notebook["cells"]] == [cell["metadata"] for cell in released["cells"]]


def test_escape_and_shift_enter_do_what_they_do_in_a_notebook(learner: Learner) -> None:
    """Escape gives the notebook its keys back; Shift+Enter runs the cell and goes on to the next."""
    page = learner.open(EXERCISE)
    active = page.locator(".jp-Notebook .jp-Cell.jp-mod-active")
    number = learner.activity("E1-A6").get_by_label("Votre réponse")
    number.focus()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowUp")
    expect(active).to_contain_text("Où passe le temps ?")
    number.fill("42")
    number.press("Shift+Enter")
    expect(active).to_contain_text("C’est fait")
    learner.expect_number("E1-A6", "42")
    wait_until(page, lambda: ("E1-A6", "draft", "42") in learner.journal("etape-1"), "the draft is stored")


def test_three_attempts_at_a_number(plain_learner: Reader) -> None:
    """A hint, a sharper hint, then the answer and its reason; half the points, then a quarter."""
    plain_learner.open(EXERCISE)
    card = plain_learner.activity("E1-A6")
    feedback = card.locator(".rk-feedback")
    expect(card.locator(".rk-attempt")).to_have_text("Essai 1 sur 3")
    plain_learner.submit("E1-A6", "12")
    expect(feedback).to_contain_text("Additionnez les minutes des visites sans but")
    expect(card.locator(".rk-attempt")).to_have_text("Essai 2 sur 3 · jusqu’à 5 points")
    plain_learner.submit("E1-A6", "13")
    expect(feedback).to_contain_text("La semaine compte 300 minutes en tout.")
    expect(card.locator(".rk-attempt")).to_have_text("Essai 3 sur 3 · jusqu’à 2,5 points")
    for told_too_early in ("63,3", "190"):
        expect(card).not_to_contain_text(told_too_early)
    plain_learner.submit("E1-A6", "63,3")
    expect(feedback).to_contain_text("Vous avez 2,5 points sur 10.")
    expect(feedback).to_contain_text("190 ÷ 300 = 63,3 %")
    expect(card.locator(".rk-attempt")).to_have_text("Réussie")


def test_three_attempts_at_a_choice(plain_learner: Reader) -> None:
    """Before the third attempt, nothing in the card tells which ticks are right."""
    plain_learner.open(EXERCISE)
    plain_learner.choose_case("marcel", id="E1-A4")
    card = plain_learner.activity("E1-A4")
    feedback = card.locator(".rk-feedback")
    options = card.locator(".rk-option")
    for number, ticks in enumerate((ONE_RIGHT, TWO_RIGHT), 1):
        plain_learner.submit("E1-A4", ticks)
        expect(feedback).to_contain_text(("Séparez ses deux envies", "Pour apprendre : qui sait")[number - 1])
        expect(feedback).not_to_contain_text("La réponse")
        for right in RIGHT:
            text = options.filter(has=plain_learner.page.locator(f'[value="{right}"]')).inner_text()
            expect(feedback).not_to_contain_text(text)
        looks = options.evaluate_all("all => all.map(label => label.className + label.querySelector('span').className)")
        assert len(set(looks)) == 1
    plain_learner.submit("E1-A4", ["equipe", "celebrites", "financeurs"])
    expect(feedback).to_contain_text("La réponse : « Les personnes à qui son activité rend service »")
    expect(feedback).to_contain_text("On part du but")
    expect(card.locator(".rk-attempt")).to_have_text("Entraînement : ne compte plus")


def test_a_named_mistake_is_worth_half_and_is_told(plain_learner: Reader) -> None:
    plain_learner.open(EXERCISE)
    plain_learner.submit("E1-A6", "42,9")
    feedback = plain_learner.activity("E1-A6").locator(".rk-feedback")
    expect(feedback).to_contain_text("En partie. Vous avez 5 points sur 10.")
    expect(feedback).to_contain_text("Vous avez compté les visites : 6 sur 14.")


@pytest.mark.parametrize(
    ("again", "says"),
    [("12", "Vous aviez déjà donné cette réponse"), ("12,0", "déjà donné"), ("je ne sais pas", "Écrivez un nombre")],
)
def test_an_answer_repeated_or_unreadable_burns_no_attempt(plain_learner: Reader, again: str, says: str) -> None:
    plain_learner.open(EXERCISE)
    plain_learner.submit("E1-A6", "12")
    plain_learner.submit("E1-A6", again)
    expect(plain_learner.activity("E1-A6").locator(".rk-feedback")).to_contain_text(says)
    expect(plain_learner.activity("E1-A6").locator(".rk-attempt")).to_have_text("Essai 2 sur 3 · jusqu’à 5 points")


def test_nothing_ticked_burns_no_attempt(plain_learner: Reader) -> None:
    plain_learner.open(EXERCISE)
    card = plain_learner.activity("E1-A4")
    feedback = card.locator(".rk-feedback")
    card.get_by_role("button", name="Garder ce choix").click()
    expect(feedback).to_contain_text("Répondez d’abord, puis gardez ce choix.")
    plain_learner.choose_case("marcel", id="E1-A4")
    card.get_by_role("button", name="Valider").click()
    expect(feedback).to_contain_text("Cochez au moins une réponse")
    expect(card.locator(".rk-attempt")).to_have_text("Essai 1 sur 3")


def test_a_hint_can_be_asked_for_before_the_first_attempt(plain_learner: Reader) -> None:
    plain_learner.open(EXERCISE)
    card = plain_learner.activity("E1-A6")
    button = card.get_by_role("button", name="Un indice")
    hint = card.get_by_text("Additionnez les minutes des visites sans but")
    expect(hint).to_be_hidden()
    button.click()
    expect(hint).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    plain_learner.submit("E1-A6", "12")
    expect(button).to_be_hidden()


def test_the_case_chosen_in_the_lesson_is_known_in_the_exercise(plain_learner: Reader) -> None:
    plain_learner.open()
    plain_learner.choose_case("pousses")
    plain_learner.expect_stored("C0-A1")
    plain_learner.open(EXERCISE)
    expect(plain_learner.activity("E1-A4").locator("legend")).to_contain_text("L’association Les Pousses")


def test_an_answer_given_in_code_shows_in_the_activity(plain_learner: Reader) -> None:
    """`repondre` counts as « Valider » does; the card above shows the value and the feedback."""
    plain_learner.open(EXERCISE)
    output = plain_learner.type_code('from reseau_kit import repondre\nrepondre("E1-A6", 63.3)')
    expect(output).to_contain_text("C’est juste.")
    plain_learner.expect_number("E1-A6", "63,3")
    expect(plain_learner.activity("E1-A6").locator(".rk-feedback")).to_contain_text("C’est juste.")
    assert plain_learner.attempts("etape-1") == [("E1-A6", "attempt", 63.3)]


def test_what_cannot_be_written_is_never_said_to_be_stored(plain_learner: Reader) -> None:
    """A journal that is a link to another file is not written; the plain_learner is told what to do."""
    (plain_learner.folder / "reponses.jsonl").symlink_to("ailleurs.jsonl")
    plain_learner.open()
    plain_learner.submit_blindly("C0-A2", "5")
    expect(plain_learner.activity("C0-A2").locator(".rk-saved")).to_contain_text("Supprimez ce lien")
    assert not [word for word in plain_learner.said("C0-A2") if "✓" in word]


@pytest.fixture
def answered(learner: Learner) -> Learner:
    """A learner in JupyterLab who has answered in the lesson and in the exercise, and is back in the lesson."""
    answer_in_both(learner)
    return learner


@pytest.fixture
def plain_answered(plain_learner: Reader) -> Reader:
    """The same in a page of ours."""
    answer_in_both(plain_learner)
    return plain_learner


def answer_in_both(learner: Person) -> None:
    learner.open(EXERCISE)
    learner.submit("E1-A6", "4242,5")
    learner.open()
    learner.submit("C0-A2", "777,5")


def files_with_answers(folder: Path) -> list[Path]:
    """The files below a folder that hold what was answered."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if re.search(rb"4242[.,]5|777[.,]5", path.read_bytes())]


def test_answers_are_taken_along_and_brought_back(answered: Learner, tmp_path: Path) -> None:
    """One button gives a file; on an empty machine another brings every step's answers back from it."""
    mine = answered.page.get_by_role("region", name="Vos réponses", exact=True)
    with answered.page.expect_download() as download:
        mine.get_by_role("button", name="Emporter mes réponses").click()
    expect(mine.get_by_role("status")).to_contain_text("Vos réponses sont prêtes à partir")
    expect(mine.get_by_role("link", name="Télécharger le fichier")).to_be_visible()
    assert re.fullmatch(r"mes-reponses-\d{4}-\d\d-\d\d\.json", download.value.suggested_filename)
    download.value.save_as(file := tmp_path / download.value.suggested_filename)

    answered.shut_kernels_down()
    answered.move_to_an_empty_machine()
    answered.open()
    with answered.page.expect_file_chooser() as chooser:
        mine.get_by_role("button", name="Reprendre un fichier…").click()
    chooser.value.set_files(file)
    expect(mine.get_by_role("status")).to_contain_text("Vos réponses sont là")
    answered.expect_number("C0-A2", "777,5")
    answered.open(EXERCISE)
    answered.expect_number("E1-A6", "4242,5")


def test_a_file_of_something_else_is_refused_with_a_reason(plain_learner: Reader, tmp_path: Path) -> None:
    (tmp_path / "autre.json").write_text('{"un": "autre fichier"}', encoding="utf-8")
    plain_learner.open()
    mine = plain_learner.page.get_by_role("region", name="Vos réponses", exact=True)
    with plain_learner.page.expect_file_chooser() as chooser:
        mine.get_by_role("button", name="Reprendre un fichier…").click()
    chooser.value.set_files(tmp_path / "autre.json")
    expect(mine.get_by_role("status")).to_contain_text("Ce fichier n’a pas pu être repris")
    expect(mine.get_by_role("status")).to_contain_text("« autre.json »")


def test_answers_are_taken_along_and_brought_back_in_code_too(plain_answered: Reader) -> None:
    output = plain_answered.type_code("from reseau_kit import emporter\nemporter()")
    expect(output).to_contain_text("Vos réponses sont prêtes à partir")
    (file,) = plain_answered.folder.glob("mes-reponses-*.json")
    content = file.read_text(encoding="utf-8")
    plain_answered.shut_kernels_down()
    plain_answered.move_to_an_empty_machine()
    (plain_answered.folder / file.name).write_text(content, encoding="utf-8")
    plain_answered.open()
    output = plain_answered.type_code(f'from reseau_kit import reprendre\nreprendre("{file.name}")')
    expect(output).to_contain_text("Vos réponses sont là")
    plain_answered.expect_number("C0-A2", "777,5")


def test_erasing_leaves_no_answer_anywhere(answered: Learner) -> None:
    """After « Oui, tout effacer » no file of the workspace holds an answer, and nothing brings one back."""
    mine = answered.page.get_by_role("region", name="Vos réponses", exact=True)
    answered.type_code("from reseau_kit import emporter\nemporter()")
    answered.save_document()
    eraser = mine.get_by_role("button", name="Effacer mes réponses…")
    eraser.click()
    expect(mine.get_by_role("button", name="Non, tout garder")).to_be_focused()
    mine.get_by_role("button", name="Non, tout garder").click()
    expect(mine.get_by_role("status")).to_contain_text("Rien n’a été effacé.")
    expect(eraser).to_be_focused()
    assert answered.attempts() == [("C0-A2", "attempt", "777,5")]

    eraser.click()
    mine.get_by_role("button", name="Oui, tout effacer").click()
    expect(mine.get_by_role("status")).to_contain_text("Vos réponses sont effacées")
    answered.expect_number("C0-A2", "")
    wait_until(answered.page, lambda: not files_with_answers(answered.folder), "no file holds an answer")
    answered.restart_kernel()
    answered.expect_number("C0-A2", "")
    answered.reload()
    answered.expect_number("C0-A2", "")
    answered.open(EXERCISE)
    answered.expect_number("E1-A6", "")
    expect(answered.activity("E1-A6").locator(".rk-attempt")).to_have_text("Essai 1 sur 3")
    assert files_with_answers(answered.folder) == []


@pytest.mark.parametrize("learner", [pytest.param({}, id="in a new window")], indirect=True)
def test_erasing_reaches_the_documents_open_in_other_tabs(learner: Learner) -> None:
    """An exercise open elsewhere, with a kernel of its own, forgets too, and does not write its copy back."""
    other = learner.open(EXERCISE, page=learner.new_page())
    learner.submit("E1-A6", "4242,5", page=other)
    learner.open()
    mine = learner.page.get_by_role("region", name="Vos réponses", exact=True)
    mine.get_by_role("button", name="Effacer mes réponses…").click()
    mine.get_by_role("button", name="Oui, tout effacer").click()
    expect(mine.get_by_role("status")).to_contain_text("Vos réponses sont effacées")
    learner.expect_number("E1-A6", "", page=other)
    expect(learner.activity("E1-A6", other).locator(".rk-attempt")).to_have_text("Essai 1 sur 3")
    learner.submit("E1-A6", "12", page=other)
    wait_until(other, lambda: learner.copy(EXERCISE) == [("E1-A6", "attempt", "12")], "the document holds no other")
    assert learner.attempts("etape-1") == [("E1-A6", "attempt", "12")]
    wait_until(other, lambda: not files_with_answers(learner.folder), "no file holds what was erased")
