"""The newer kinds of questions at the browser: by mouse, by keyboard alone, on a phone's width, in the dark.

In a page of ours, but what JupyterLab can break: whom a key goes to, the kernel and the document, second views, styles.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from accessibility import THEMES, expect_names_apart, misfits, violations
from host_page import Reader
from learner import EXERCISE, Learner, Person, wait_until
from reseau_kit.workspace import update_workspace
from test_widget_browser import NOTEBOOK_CHORDS, NOTEBOOK_KEYS, tab_to

pytestmark = pytest.mark.browser

KINDS = ("grille", "fiche", "selection", "comptes", "requete", "plan", "reperes", "mon-plan")

GRID = {"metier": "public", "naissance": "prive", "adresse": "message", "parce-que": "verifier"}
FORM = {"role": "Relieuse", "texte": "Relieuse à Brest, je raconte la reliure à qui veut apprendre."}
TEAM = ["c01", "c02", "c03", "c07", "c08", "c13"]
QUERY = {"avec": ["atelier", "reliure"], "sans": ["promo"]}
WEEK = [
    ("lundi", "15", "lire", "mastodon", ""),
    ("mercredi", "30", "publier", "mastodon", "mediation"),
    ("jeudi", "10", "aider", "", ""),
    ("vendredi", "5", "lire", "mastodon", "mediation"),
]
COLUMNS = ("jour", "minutes", "geste", "media", "theme")
LABELS = ("Jour", "Minutes", "Geste", "Média", "Sujet")
LINES = [dict(zip(COLUMNS, line, strict=True)) for line in WEEK]
TABLE = {"annuaire": "renomme", "cercles": "ferme"}

READING = {"ines-qui": "p1", "ines-geste": "demander", "paul-qui": "rien"}
ANSWERS: dict[str, Any] = {
    "grille": GRID,
    "fiche": FORM,
    "lecture": READING,
    "selection": [{"id": "i1"}, {"id": "i2"}],
    "comptes": TEAM,
    "requete": QUERY,
    "plan": LINES,
    "reperes": TABLE,
    "mon-plan": [LINES[0]],
}


@pytest.fixture(scope="session")
def small_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a course that asks each of these kinds once: learners open it in place of the other one."""
    workspace = tmp_path_factory.mktemp("tous-les-genres") / "mon-cours"
    update_workspace(Path(__file__).parent / "tous-les-genres", workspace)
    return workspace


@pytest.fixture
def ready(plain_learner: Reader) -> Reader:
    """A learner who has the exercise open, and has decided what it needs."""
    plain_learner.open(EXERCISE)
    decide(plain_learner)
    return plain_learner


@pytest.fixture
def ready_in_lab(learner: Learner) -> Learner:
    """The same in JupyterLab."""
    learner.open(EXERCISE)
    decide(learner)
    return learner


def decide(learner: Person) -> None:
    """Say in place what two of the questions need."""
    form, plan = learner.activity("fiche"), learner.activity("plan")
    form.get_by_label("Sur quels sujets ?").fill("reliure, quartier")
    form.get_by_role("button", name="Garder ce choix").click()
    expect(form.locator("legend").first).to_have_text(re.compile("Comment vous présenter"))
    plan.get_by_label("Nadia").check()
    plan.get_by_role("button", name="Garder ce choix").click()
    expect(plan.locator("legend").first).to_have_text(re.compile("proposer à Nadia"))


# --- answering --------------------------------------------------------------------------------------------------------


def choose(row: Locator, value: str) -> None:
    """A value of a row, in its list or among its radio buttons."""
    if row.locator("select").count():
        row.locator("select").select_option(value)
    else:
        row.locator(f'input[value="{value}"]').check()


def answer_by_mouse(learner: Person, id: str) -> None:
    """Click, and type where there is something to write."""
    card, value = learner.activity(id), ANSWERS[id]
    match id:
        case "grille" | "lecture" | "reperes":
            for row, chosen in zip(card.locator(".rk-rows > :not(figure)").all(), value.values(), strict=True):
                choose(row, chosen)
        case "fiche":
            for label, text in zip(("Qui êtes-vous ?", "Votre présentation"), value.values(), strict=True):
                card.get_by_label(label).fill(text)
        case "plan" | "mon-plan":
            for control, text in cells_of(card, value, lambda button: button.click()):
                fill(control, text)
        case _:
            for tick in ticks(card, id):
                tick.check()
    card.locator("button.rk-go").click()
    learner.expect_stored(id)


def answer_by_keyboard(learner: Person, id: str) -> None:
    """Tab, Space, arrows, letters and Enter: nothing else."""
    page, card, value = learner.page, learner.activity(id), ANSWERS[id]
    match id:
        case "grille" | "lecture" | "reperes":
            for row, chosen in zip(card.locator(".rk-rows > :not(figure)").all(), value.values(), strict=True):
                tab_to(learner, row.locator("select, input").first)
                press_until_chosen(learner, chosen)
        case "fiche":
            for label, text in zip(("Qui êtes-vous ?", "Votre présentation"), value.values(), strict=True):
                tab_to(learner, card.get_by_label(label))
                page.keyboard.type(text)
        case "plan" | "mon-plan":
            for control, text in cells_of(card, value, lambda button: press(learner, button)):
                if not control.evaluate("node => node === document.activeElement"):
                    tab_to(learner, control)
                press_until_chosen(learner, text) if is_list(control) else page.keyboard.type(text)
        case _:
            for tick in ticks(card, id):
                tab_to(learner, tick)
                page.keyboard.press("Space")
    press(learner, card.locator("button.rk-go"))
    learner.expect_stored(id)


def press(learner: Person, button: Locator) -> None:
    tab_to(learner, button)
    learner.page.keyboard.press("Enter")


def press_until_chosen(learner: Person, value: str) -> None:
    """Arrow down in the list or the radio buttons that have the focus."""
    for _ in range(12):
        if learner.page.evaluate("document.activeElement.value") == value:
            if learner.page.evaluate("document.activeElement.type") == "radio":
                learner.page.keyboard.press("Space")
            return
        learner.page.keyboard.press("ArrowDown")
    pytest.fail(f"the arrows do not lead to {value}")


def is_list(control: Locator) -> bool:
    return bool(control.evaluate("node => node.tagName === 'SELECT'"))


def fill(control: Locator, text: str) -> None:
    if is_list(control):
        control.select_option(text)
    else:
        control.fill(text)


def cells_of(
    card: Locator, lines: list[dict[str, str]], press_button: Callable[[Locator], None]
) -> Iterator[tuple[Locator, str]]:
    """Each control of a plan with what goes in it, line by line; lines are added where three are not enough."""
    for place, row in enumerate(lines, 1):
        if place > 3:
            press_button(card.get_by_role("button", name="Ajouter une ligne"))
        line = card.get_by_role("group", name=f"Ligne {place}", exact=True)
        for label, text in zip(LABELS, row.values(), strict=True):
            yield line.get_by_label(label, exact=True), text


def ticks(card: Locator, id: str) -> Iterator[Locator]:
    """The checkboxes of an answer, in the order of the page."""
    if id == "requete":
        for name, words in zip(("Avec tous", "Sans aucun"), QUERY.values(), strict=True):
            group = card.get_by_role("group", name=re.compile(name))
            yield from (group.get_by_label(word, exact=True) for word in words)
    else:
        places = [int(re.sub(r"\D", "", one["id"] if isinstance(one, dict) else one)) for one in ANSWERS[id]]
        yield from (card.get_by_role("checkbox").nth(place - 1) for place in places)


def stored(learner: Person, id: str) -> Any:
    return [value for activity, _, value in learner.attempts("etape-1") if activity == id]


def shown(learner: Person, id: str) -> Any:
    """What the controls of a card hold: each field's value, each tick."""
    return (
        learner.activity(id)
        .locator("fieldset")
        .first.evaluate(
            """fieldset => [...fieldset.querySelectorAll("input, select, textarea")].map((control) =>
            ["checkbox", "radio"].includes(control.type) ? control.checked : control.value)"""
        )
    )


def test_each_kind_is_answered_by_mouse_and_shown_again(ready: Reader) -> None:
    """The journal holds what was meant; a page loaded anew, with a Python that knows nothing yet, shows it again."""
    answer_each_kind(ready, answer_by_mouse)
    before = {id: shown(ready, id) for id in KINDS}
    ready.restart_kernel()
    assert {id: shown(ready, id) for id in KINDS} == before


def test_each_kind_is_answered_by_keyboard_and_shown_again(ready_in_lab: Learner) -> None:
    """In JupyterLab no cell is touched; a kernel started anew, then a page loaded anew, shows what was answered."""
    learner = ready_in_lab
    cells = learner.cells()
    learner.page.locator(".jp-Notebook .jp-Cell").first.focus()
    answer_each_kind(learner, answer_by_keyboard)
    assert learner.cells() == cells
    before = {id: shown(learner, id) for id in KINDS}
    learner.restart_kernel()
    assert {id: shown(learner, id) for id in KINDS} == before
    learner.reload()
    assert {id: shown(learner, id) for id in KINDS} == before


def answer_each_kind(learner: Person, answer: Callable[[Person, str], None]) -> None:
    """Each is said to be right, is in the journal as it was meant, and in the document."""
    for id in KINDS:
        answer(learner, id)
        expected = {"mon-plan": "C’est noté.", "fiche": "Tout y est."}.get(id, "C’est juste.")
        expect(learner.activity(id).locator(".rk-feedback")).to_contain_text(expected)
        assert stored(learner, id) == [ANSWERS[id]]
    wait_until(learner.page, lambda: {id for id, _, _ in learner.copy(EXERCISE)} >= set(KINDS), "the document is saved")


def test_no_key_typed_in_a_control_touches_a_cell(ready_in_lab: Learner) -> None:
    ready = ready_in_lab
    cells = ready.cells()
    controls = [
        ready.activity("grille").locator("select").first,
        ready.activity("grille").get_by_role("radio").first,
        ready.activity("comptes").get_by_role("checkbox").first,
        ready.activity("requete").get_by_role("checkbox").first,
        ready.activity("plan").get_by_role("button", name="Ajouter une ligne"),
        ready.activity("reperes").locator(".rk-table"),
        # Last: a browser undoes what was written, and goes back there.
        ready.activity("plan").get_by_label("Minutes").first,
        ready.activity("fiche").locator("textarea"),
    ]
    for control in controls:
        card = control.locator("xpath=ancestor::section")
        control.focus()
        for key in [*NOTEBOOK_KEYS, *NOTEBOOK_CHORDS]:
            ready.page.keyboard.press(key)
            assert card.evaluate("node => node.contains(document.activeElement)"), f"{key} leaves the activity"
        assert ready.cells() == cells


# --- what is said of each control -------------------------------------------------------------------------------------


def test_each_choice_of_a_grid_says_what_it_is_about(ready: Reader) -> None:
    """A list has its own name, inside a group named by its heading; long choices are radio buttons in one more."""
    card = ready.activity("grille")
    profile = card.get_by_role("group", name="Son profil", exact=True)
    expect(profile.get_by_role("combobox")).to_have_count(2)
    expect(profile.get_by_role("combobox", name="Sa date de naissance", exact=True)).to_be_visible()
    asked = card.get_by_role("group", name="Une personne inconnue lui demande son adresse", exact=True)
    reply = asked.get_by_role("group", name="Que lui répond-elle ?")
    expect(reply.get_by_role("radio")).to_have_count(3)
    expect(reply.get_by_role("radio", name="Elle propose d’abord d’en parler par message privé")).to_be_visible()
    expect(card.get_by_role("figure")).to_contain_text("Je viens d’ouvrir un compte")
    expect(card.get_by_role("blockquote").locator("p")).to_have_count(2)


def test_each_control_of_a_plan_belongs_to_its_line(ready: Reader) -> None:
    card = ready.activity("plan")
    for place in (1, 2, 3):
        line = card.get_by_role("group", name=f"Ligne {place}", exact=True)
        for label in LABELS:
            expect(line.get_by_label(label, exact=True)).to_have_count(1)
        expect(line.get_by_role("button", name=f"Retirer la ligne {place}")).to_have_text("Retirer")
    expect(ready.activity("mon-plan").get_by_role("textbox", name="Sujet").first).to_be_visible()


def test_ids_are_unique_and_labels_lead_to_their_controls(ready_in_lab: Learner) -> None:
    """Even after lines were added and taken away, and in a second view of the document."""
    ready = ready_in_lab
    for _ in range(2):
        ready.activity("plan").get_by_role("button", name="Retirer la ligne 1").click()
        ready.activity("plan").get_by_role("button", name="Ajouter une ligne").click()
    ready.menu("Fichier", "Nouvelle vue pour Notebook")
    expect_names_apart(ready.page, radios=26, groups=8, ids=200)


# --- decisions that are asked in place --------------------------------------------------------------------------------


def test_what_a_text_is_judged_against_is_asked_first(plain_learner: Reader) -> None:
    """Only the field that is missing; then the question, which recalls it; the answer keeps it as its context."""
    plain_learner.open(EXERCISE)
    card = plain_learner.activity("fiche")
    expect(card.locator("legend")).to_have_text(re.compile("Que voulez-vous, et sur quels sujets"))
    expect(card.get_by_role("textbox")).to_have_count(1)
    expect(card.get_by_role("combobox")).to_have_count(0)
    card.get_by_role("button", name="Garder ce choix").click()
    expect(card.locator(".rk-feedback")).to_contain_text("Répondez d’abord, puis gardez ce choix.")
    decide(plain_learner)
    expect(card.locator(".rk-recalls")).to_contain_text("reliure, quartier")
    answer_by_mouse(plain_learner, "fiche")
    lines = (plain_learner.folder / "etape-1" / "reponses.jsonl").read_text(encoding="utf-8").splitlines()
    contexts = {event["activity"]: event.get("context") for event in map(json.loads, lines) if "activity" in event}
    assert contexts["fiche"] == {"objectif.themes": "reliure, quartier"}
    assert contexts["objectif"] in ({}, None)


def test_what_was_decided_in_the_lesson_is_not_asked_again(plain_learner: Reader) -> None:
    page = plain_learner.open()
    card = plain_learner.activity("objectif")
    card.get_by_label("Je veux…").select_option("transmettre")
    card.get_by_label("Sur quels sujets ?").fill("papier")
    card.get_by_role("button", name="Garder ce choix").click()
    plain_learner.expect_stored("objectif")
    plain_learner.open(EXERCISE)
    expect(page.locator('[data-activity="fiche"] legend').first).to_have_text(re.compile("Comment vous présenter"))
    expect(plain_learner.activity("fiche").locator(".rk-recalls")).to_contain_text("papier")


# --- what a control tells while one answers ---------------------------------------------------------------------------


def test_characters_are_counted_while_writing(ready: Reader) -> None:
    text = ready.activity("fiche").get_by_label("Votre présentation")
    expect(text).to_have_accessible_description(re.compile(r"0 caractère \(de 40 à 160 conseillés\)"))
    text.fill("Été 😀 ")
    expect(text).to_have_accessible_description(re.compile("5 caractères"))


def test_a_text_shows_its_passages_and_what_was_shown_is_kept(ready: Reader) -> None:
    """The pieces follow the text; what was shown stays while it is in the text, and is named once it is gone."""
    card = ready.activity("fiche")
    role, text = card.get_by_label("Qui êtes-vous ?"), card.get_by_label("Votre présentation")
    shown = card.get_by_role("group", name="Où votre présentation dit-elle qui parle ?", exact=True)
    expect(card.get_by_text("Écrivez d’abord.")).to_be_visible()
    expect(shown).to_be_hidden()
    role.fill("relieuse")
    text.fill("Relieuse à Brest. Je raconte la reliure à qui veut apprendre.")
    expect(shown.get_by_role("radio")).to_have_count(3)
    shown.get_by_label("Relieuse à Brest.").check()
    card.locator("button.rk-go").click()
    ready.expect_stored("fiche")
    assert stored(ready, "fiche")[-1]["montre"] == {"qui": "Relieuse à Brest."}
    text.fill("Relieuse à Brest. Je raconte, chaque samedi, la reliure à qui veut apprendre.")
    expect(shown.get_by_role("radio")).to_have_count(5)
    expect(shown.get_by_label("Relieuse à Brest.")).to_be_checked()
    text.fill("Je raconte, chaque samedi, la reliure à qui veut apprendre.")
    expect(shown.get_by_text("n’est plus dans votre texte")).to_be_visible()
    ready.restart_kernel()
    expect(card.get_by_text("n’est plus dans votre texte").first).to_be_visible()


def test_choices_are_counted_where_they_are_made(ready: Reader) -> None:
    """At the end of the cards, where it is spoken, and beside the card just ticked, where it is seen."""
    card = ready.activity("comptes")
    count = card.locator(".rk-count")
    expect(count).to_have_text("0 choix sur 6")
    for place in range(7):
        card.get_by_role("checkbox").nth(place).check()
    expect(count).to_have_text("7 choix sur 6 : retirez-en 1")
    expect(card.locator(".rk-card").nth(6)).to_contain_text("7 choix sur 6")
    expect(card.get_by_text("choix sur 6")).to_have_count(2)
    card.get_by_role("button", name="Valider").click()
    expect(card.locator(".rk-feedback")).to_contain_text("sans dépasser le nombre demandé. Aucun essai")


def test_a_search_shows_what_it_finds_at_each_change(ready: Reader) -> None:
    card = ready.activity("requete")
    found, results = card.locator(".rk-found"), card.get_by_role("region", name="Ce que la recherche trouve")
    wanted = card.get_by_role("group", name="Avec tous ces mots (de 1 à 3)")
    unwanted = card.get_by_role("group", name="Sans aucun de ces mots (2 au plus)")
    expect(found).to_have_text("Cochez un mot : ce que la recherche trouve s’affiche ici.")
    expect(results).to_be_hidden()
    wanted.get_by_label("atelier").check()
    expect(found).to_have_text("5 publications sur 6")
    expect(results.get_by_role("listitem")).to_have_count(5)
    unwanted.get_by_label("promo").check()
    expect(found).to_have_text("4 publications sur 6")
    wanted.get_by_label("papier marbré").check()
    expect(found).to_have_text("1 publication sur 6")
    expect(results.get_by_role("listitem")).to_contain_text("Amadou Keita")
    wanted.get_by_label("livre").check()
    expect(found).to_have_text("Aucune publication sur 6")
    for word in ("livre", "papier marbré", "atelier"):
        wanted.get_by_label(word).uncheck()
    expect(found).to_have_text("Cochez un mot : ce que la recherche trouve s’affiche ici.")
    assert ready.attempts("etape-1")[-1][0] == "cas"


def test_a_long_list_of_results_is_reached_with_the_keyboard(ready: Reader) -> None:
    card = ready.activity("requete")
    card.get_by_role("group", name=re.compile("Avec")).get_by_label("atelier").check()
    expect(card.locator(".rk-found")).to_contain_text("5 publications")
    tab_to(ready, card.get_by_role("region", name="Ce que la recherche trouve"))


def test_a_plan_tells_its_total_and_the_lines_that_do_not_count_yet(ready: Reader) -> None:
    card = ready.activity("plan")
    total = card.locator(".rk-plan ~ .rk-note")
    first, second = (card.get_by_role("group", name=f"Ligne {place}", exact=True) for place in (1, 2))
    expect(total).to_have_text("Total : 0 minute sur 60.")
    first.get_by_label("Jour").select_option("lundi")
    first.get_by_label("Minutes").fill("22,5 min")
    expect(total).to_contain_text(
        "La ligne 1 ne compte pas encore : il faut un jour, cinq minutes ou plus, et un geste."
    )
    first.get_by_label("Geste").select_option("lire")
    expect(total).to_have_text("Total : 22,5 minutes sur 60.")
    second.get_by_label("Jour").select_option("mardi")
    second.get_by_label("Minutes").fill("1h30")
    second.get_by_label("Geste").select_option("aider")
    expect(total).to_contain_text("Total : 22,5 minutes sur 60. La ligne 2 ne compte pas encore")
    card.get_by_role("button", name="Valider").click()
    expect(card.locator(".rk-feedback")).to_contain_text("Aucune publication")
    ready.expect_stored("plan")


def test_lines_of_a_plan_come_and_go_and_the_focus_is_never_lost(ready: Reader) -> None:
    page, card = ready.page, ready.activity("mon-plan")
    lines = card.get_by_role("group", name=re.compile(r"^Ligne \d$"))
    expect(lines).to_have_count(3)
    card.get_by_role("button", name="Ajouter une ligne").click()
    expect(lines).to_have_count(4)
    expect(lines.nth(3).get_by_label("Jour")).to_be_focused()
    lines.nth(3).get_by_label("Jour").select_option("samedi")
    lines.nth(0).get_by_label("Jour").select_option("lundi")
    lines.nth(1).get_by_role("button", name="Retirer").focus()
    page.keyboard.press("Enter")
    expect(lines).to_have_count(3)
    expect(lines.nth(1).get_by_label("Jour")).to_be_focused()
    expect(lines.nth(2).get_by_label("Jour")).to_have_value("samedi")
    for left in (2, 1, 1):
        lines.nth(0).get_by_role("button", name="Retirer").click()
        expect(lines).to_have_count(left)
        expect(lines.nth(0).get_by_label("Jour")).to_be_focused()
    expect(lines.nth(0).get_by_label("Jour")).to_have_value("")


@pytest.mark.parametrize("junk", ["[None, 3, [], {}, {'id': None, 'jour': 3}]", "{'avec': 3, 'metier': []}", "'texte'"])
def test_a_card_shows_itself_whatever_was_answered_in_code(ready: Reader, junk: str) -> None:
    code = "\n".join(f'repondre("{id}", {junk})' for id in KINDS)
    output = ready.type_code(f"from reseau_kit import repondre\n{code}")
    expect(output).to_contain_text("Réponse enregistrée")
    ready.reload()
    for id in KINDS:
        expect(ready.activity(id).locator("fieldset").first).to_be_visible()
    answer_by_mouse(ready, "grille")
    expect(ready.activity("grille").locator(".rk-feedback")).to_contain_text("C’est juste.")


# --- who can use them -------------------------------------------------------------------------------------------------


@pytest.fixture(params=THEMES)
def themed(plain_learner: Reader, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A learner whose page has JupyterLab's light theme, or its dark one."""
    with plain_learner.theme(request.param):
        yield plain_learner


def answer_partly(learner: Person) -> None:
    """Something in each card, and its feedback."""
    learner.activity("grille").locator("select").first.select_option("prive")
    learner.activity("fiche").get_by_label("Votre présentation").fill("reliure " * 30)
    learner.activity("selection").get_by_role("checkbox").last.check()
    for place in range(7):
        learner.activity("comptes").get_by_role("checkbox").nth(place).check()
    learner.activity("requete").get_by_label("atelier").first.check()
    expect(learner.activity("requete").locator(".rk-found")).to_contain_text("5 publications")
    for id in ("plan", "mon-plan"):
        learner.activity(id).get_by_label("Jour").first.select_option("lundi")
    learner.activity("reperes").locator("select").first.select_option("ferme")
    for id in KINDS:
        learner.activity(id).locator("button.rk-go").click()
        learner.expect_stored(id)


def test_axe_finds_nothing_in_any_kind(themed: Reader) -> None:
    """While something is to be decided first, unanswered, answered in part, and right."""
    found: dict[str, list[str]] = {}

    def look(state: str) -> None:
        if amiss := violations(themed):
            found[state] = amiss

    themed.open(EXERCISE)
    look("to decide")
    decide(themed)
    look("unanswered")
    answer_partly(themed)
    look("in part")
    themed.reload()
    for id in ("grille", "requete", "plan"):
        answer_by_mouse(themed, id)
    look("right")
    assert found == {}


@pytest.mark.parametrize(
    "plain_learner",
    [
        pytest.param({"viewport": {"width": 360, "height": 740}}, id="360 px wide"),
        pytest.param({"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}, id="200 % zoom"),
    ],
    indirect=True,
)
def test_every_control_is_reached_on_a_narrow_page(plain_learner: Reader) -> None:
    plain_learner.open(EXERCISE)
    assert misfits(plain_learner) == []
    decide(plain_learner)
    answer_partly(plain_learner)
    assert misfits(plain_learner) == []


def test_jupyterlabs_own_styles_spoil_nothing(learner: Learner) -> None:
    """In its dark theme, then as narrow as a phone: what is shown of each kind is read and reached there too."""
    with learner.theme(THEMES[1]):
        page = learner.open(EXERCISE)
        page.keyboard.press("Control+b")
        expect(page.locator(".jp-FileBrowser")).to_be_hidden()
        decide(learner)
        answer_partly(learner)
        assert violations(learner) == []
        page.set_viewport_size({"width": 360, "height": 740})
        assert misfits(learner) == []
