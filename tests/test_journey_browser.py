"""The whole course as its learners go through it: by mouse to the charter, by keyboard without seeing, out of order.

In JupyterLab, but for the exercises of some steps by keyboard: the last step's stands for them there.
"""

import random
import re
import shutil
from contextlib import chdir
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from jupyter_client.manager import start_new_kernel
from playwright.sync_api import Locator, Page, expect

from accessibility import cut_short
from bench.bots import AT, Step, face, random_answer, steps
from bench.learners import strong_answers, strong_decisions
from desk import FORKS
from hands import Keyboard, Mouse, plain
from host_page import Reader
from learner import OPEN_DOCUMENT, Learner, Person
from reseau_kit.activities.activity import Activity
from reseau_kit.activities.loading import load_activities
from reseau_kit.activities.tasks import Form, OpenText
from reseau_kit.answers.checks import Status, check
from reseau_kit.answers.feedback import KEPT, headline_of
from reseau_kit.answers.notebooks import load
from reseau_kit.french.pieces import pieces
from reseau_kit.learner.activity import repondre

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[1]

TEXT = "Je commence par les personnes que je connais, puis j’écris ce que j’ai essayé, ratés compris. " * 9

#: What a text or a decision hears, and what the first attempt at a judged activity can.


def exercise(step: Step) -> str:
    """The exercise of a step in a learner's workspace."""
    return f"{step.name}/{step.name}.ipynb"


def questions(step: Step, decided: dict[str, str]) -> list[Activity]:
    """What the exercise asks somebody who has decided that, in the order of its page."""
    codes = ("".join(cell["source"]) for cell in load(step.notebook)["cells"] if cell["cell_type"] == "code")
    ids = [found[1] for code in codes if (found := re.fullmatch(r'activite\("(.+)"\)', code))]
    asked = [step.activities[id].under(decided) for id in ids]
    assert None not in asked
    return [question for question in asked if question]


def answers_of(step: Step, case: str) -> dict[str, Any]:
    """What somebody wrote from the lesson, before seeing the keys, and a text."""
    return {"E1-D1": ["facebook-groupe"], f"E{step.number}-O": {"texte": TEXT}, **strong_answers(step)[case]}


def headline(question: Activity, value: Any, decided: dict[str, str]) -> str:
    """What is said first of such an answer."""
    if isinstance(question.task, Form) and question.task.is_writing:
        return KEPT
    status = check(question, value, decided, AT).status if is_judged(question) else Status.RECORDED
    return headline_of(status, question)[2]


def decide_before(folder: Path, step: Step, case: str) -> None:
    """The earlier steps' decisions, each answered in its own folder."""
    answer_in_code(folder, {"C0-A1": case})
    given: dict[str, Any] = {}
    for id, value in (item for one in steps()[: step.number] for item in answers_of(one, case).items()):
        # A later step may have been answered for other subjects than the first one's.
        given[id] = {**given.get(id, {}), **value} if isinstance(value, dict) else value
    for earlier in steps()[: step.number - 1]:
        kept = {one.id: given[one.id] for one in earlier.activities if one.logbook}
        answer_in_code(folder / earlier.name, kept)


def answer_in_code(folder: Path, answers: dict[str, Any]) -> None:
    with chdir(folder):
        for id, value in answers.items():
            assert "✓ Réponse enregistrée." in repondre(id, value).plain


def last_answers(learner: Person, step: Step) -> dict[str, Any]:
    return {id: value for id, _, value in learner.attempts(step.name)}


# --- by mouse, from the welcome to the charter ------------------------------------------------------------------------

#: A project of one's own, that no guided case is about.
OWN: dict[str, Any] = {
    "E1-A3": {
        "lire-gens": "Karima",
        "lire-taille": "Loïc",
        "lire-soi": "Élodie",
        "lire-temps": "Aucune des trois",
        "verbe": "réunir",
        "public": "locataires de mon immeuble qui veulent réparer au lieu de jeter",
        "themes": "réparation, réemploi",
        "echeance": (date.today() + timedelta(days=120)).isoformat(),  # noqa: DTZ011  the learner's own day
        "compte": "ce que des personnes font\N{NO-BREAK SPACE}: réponses, visites, rendez-vous",
        "indicateur": "personnes venues à l’atelier du samedi",
        "cible": "6",
        "budget": "45",
    },
    "E1-D1": ["facebook-groupe", "blog"],
    "E2-D3": {
        "role": "bricoleuse du samedi",
        "geste": "Donner : ce que je sais ou ce que je fais",
        "texte": "Bricoleuse du samedi : je raconte la réparation de petits appareils, et mes échecs aussi.",
        "montre": {
            "qui": "Bricoleuse du samedi\N{NO-BREAK SPACE}:",
            "sujet": "je raconte la réparation de petits appareils,",
            "geste": "",
        },
    },
    "E2-D2": {
        "lien": "la page de l’atelier, chez la maison de quartier",
        "copie": "mes fiches de réparation",
        "prive": "l’adresse des personnes qui viennent",
    },
    "E3-D1": {
        "idee1": "Rallonger la vie d’un grille-pain : trois gestes sans outil",
        "genre1": "ressource",
        "idee2": "La bouilloire que je n’ai pas su réparer",
        "genre2": "coulisses",
        "idee3": "Quel appareil gardez-vous au fond d’un placard ?",
        "genre3": "question",
        "rythme": "une par semaine",
    },
    "E4-D1": {
        "connu": "Mon voisin du troisième, ancien électricien",
        "suivre": "La ressourcerie du quartier (cercle : réemploi)\nUne couturière qui ravaude (cercle : textile)",
        "recherche": "réparation, panne, atelier ; j’exclus « promo »",
        "cercle": "Des personnes qui n’ont pas d’outils chez elles",
        "contraire": "Une vendeuse qui préfère reprendre et recycler",
        "cesser": "Un comparateur de prix : que des offres",
        "tri": "2027-03-01",
    },
    "E5-D1": [
        {"jour": "lundi", "minutes": "10", "geste": "lire", "media": "facebook-groupe", "theme": "réparation"},
        {"jour": "mercredi", "minutes": "15", "geste": "aider", "media": "facebook-groupe", "theme": "réemploi"},
        {"jour": "samedi", "minutes": "10", "geste": "publier", "media": "blog", "theme": "réparation"},
        {"jour": "samedi", "minutes": "10", "geste": "repondre", "media": "blog", "theme": "réparation"},
    ],
    "E5-D2": {
        "debut": "2026-11-30",
        "indicateur": "six appareils réparés par leurs propriétaires",
        "cesser": "regarder les compteurs le soir",
        "arret": "À 21 heures, ou si deux messages m’énervent.",
        "echange": "Échange simulé : j’ai demandé la marque avant de conseiller. J’ai appris à poser une question.",
    },
}
MONDAY = "J’écris au voisin du troisième pour lui proposer un samedi"

#: What one's own decisions must say on the charter, word for word.
ON_THE_CHARTER = [
    "Du 30 novembre 2026 au 30 décembre 2026",
    "Je veux réunir",
    "locataires de mon immeuble qui veulent réparer au lieu de jeter",
    "réparation, réemploi",
    "6 personnes venues à l’atelier du samedi",
    "Facebook, dans un groupe · Un blog",
    OWN["E2-D3"]["texte"],
    "la page de l’atelier, chez la maison de quartier",
    *(OWN["E3-D1"][f"idee{n}"] for n in (1, 2, 3)),
    "Mon voisin du troisième, ancien électricien",
    "lundi, 10 minutes : Lire les personnes suivies et prendre des notes",
    "Total : 45 minutes par semaine",
    *(OWN["E5-D2"][name] for name in ("indicateur", "cesser", "arret")),
    MONDAY,
]
CHARTER_PAGE = "06-ma-charte.ipynb"
CHARTER = "Ma charte de présence à 30 jours"
LOGBOOK = "Mon carnet de présence"


def own_answers(step: Step, case: str) -> dict[str, Any]:
    """Answers to all of a step, in the order of its page, with one's own project."""
    answers = answers_of(step, case) | OWN
    return {id: answers[id] for id in step.activities.own}


def panel(learner: Learner, name: str) -> Locator:
    """A page made from the answers, such as the charter."""
    return learner.page.locator(OPEN_DOCUMENT).get_by_role("region", name=name, exact=True)


def charter_files(learner: Learner, folder: Path) -> dict[str, bytes]:
    """Each file that the charter offers, downloaded by its link."""
    found = {}
    for link in panel(learner, CHARTER).get_by_role("link").all():
        with learner.page.expect_download() as waiting:
            link.click()
        path = folder / waiting.value.suggested_filename
        waiting.value.save_as(path)
        found[path.name] = path.read_bytes()
    return found


def test_by_mouse_from_the_welcome_to_the_charter(student: Learner, tmp_path: Path) -> None:
    """One's own project through five steps: what was decided is on the charter, in each of its files."""
    case = "marcel"
    student.open()
    student.choose_case(case)
    mouse = Mouse(student)
    for step in steps():
        expect_titles(student.open(exercise(step)), step.notebook)
        answers = own_answers(step, case)
        decided = strong_decisions(step, case) | {"objectif.themes": OWN["E1-A3"]["themes"]}
        for question in questions(step, decided):
            value = answers[question.id]
            expected = full_marks(question)
            assert headline(question, value, decided) == expected
            card = mouse.answer(question, value)
            student.expect_stored(question.id)
            expect(card.locator(".rk-feedback")).to_contain_text(expected)
        assert last_answers(student, step).keys() == set(step.activities.own)

    page = student.open(CHARTER_PAGE)
    expect(panel(student, CHARTER)).to_contain_text("Il manque encore des décisions")
    monday = load_activities(ROOT / "course" / "06-ma-charte.activites.toml")["C6-D1"]
    mouse.answer(monday, {"geste": MONDAY})
    student.expect_stored("C6-D1")
    student.close()
    student.open(CHARTER_PAGE)
    expect(panel(student, CHARTER)).to_contain_text(MONDAY)
    shown = plain(panel(student, CHARTER).inner_text())
    for text in ON_THE_CHARTER:
        assert plain(text) in shown
    assert "Il manque" not in shown
    logbook = plain(panel(student, LOGBOOK).inner_text())
    for step in steps():
        count = len(step.activities.own)
        assert re.search(rf"Étape {step.number}, l’atelier.* : {count} activités sur {count} ·", logbook)
    assert "À revoir" not in logbook
    page.screenshot(path=str(tmp_path / "charte.png"))

    files = charter_files(student, tmp_path)
    assert files["ma-charte.pdf"].startswith(b"%PDF")
    assert b"/Count 1 " in files["ma-charte.pdf"], "one page"
    assert files["ma-charte.png"].startswith(b"\x89PNG")
    assert files["ma-bio.txt"].decode() == f"{OWN['E2-D3']['texte']}\n"
    html = unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", files["ma-charte.html"].decode(), flags=re.DOTALL))
    for text in ON_THE_CHARTER:
        assert plain(text) in plain(files["ma-charte.txt"].decode())
        assert plain(text) in re.sub(r" +", " ", plain(html))
    week = [event for event in Calendar.from_ical(files["ma-semaine.ics"]).walk("VEVENT") if "RRULE" in event]
    times = [(str(event["SUMMARY"]), event.decoded("dtstart"), event.decoded("dtend")) for event in week]
    assert [(begin.weekday(), f"{begin:%H:%M}", f"{end:%H:%M}") for _, begin, end in times] == [
        (0, "18:30", "18:40"),
        (2, "18:30", "18:45"),
        (5, "18:30", "18:40"),
        (5, "18:40", "18:50"),
    ]
    assert "Lire les personnes suivies" in times[0][0]
    assert f"{times[0][1]:%Y-%m-%d}" == OWN["E5-D2"]["debut"], "a Monday, the first of the thirty days"


def full_marks(question: Activity) -> str:
    """What is said first of an answer that lacks nothing."""
    if isinstance(question.task, Form) and question.task.is_writing:
        return KEPT
    return headline_of(Status.RIGHT if is_judged(question) else Status.RECORDED, question)[2]


def is_judged(question: Activity) -> bool:
    """Whether the course says how good the answer is."""
    return not question.is_decision and not isinstance(question.task, OpenText)


# --- by keyboard alone, without seeing --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", steps()[1:-1], ids=lambda step: step.name)
def test_by_keyboard_alone_a_whole_step_is_done(plain_student: Reader, step: Step) -> None:
    do_a_step_by_keyboard(plain_student, step)


def test_by_keyboard_alone_the_last_step_is_done_in_jupyterlab(student: Learner) -> None:
    do_a_step_by_keyboard(student, steps()[-1])


def do_a_step_by_keyboard(student: Person, step: Step) -> None:
    """In one run from the top of the page: each control is reached in order, and says its name and what it holds."""
    case = "pousses"
    decide_before(student.folder, step, case)
    student.open(exercise(step))
    keyboard, decided = Keyboard(student), strong_decisions(step, case)
    answers = answers_of(step, case)
    for question in questions(step, decided):
        value = answers[question.id]
        keyboard.answer(question, value)
        student.expect_stored(question.id)
        feedback, saved = keyboard.statuses(question)[-2:]
        assert feedback[2:].startswith(headline(question, value, decided)), (question.id, feedback)
        assert saved.startswith("✓ Enregistré")
        assert f"Activité {question.id}" in keyboard.focused().around, "the focus stays where one was"
    assert cut_short(student) == []
    written = {id: as_typed(value) for id, value in answers.items() if id in step.activities.own}
    assert last_answers(student, step) == written


@pytest.mark.parametrize("step", steps()[1:], ids=lambda step: step.name)
def test_by_keyboard_alone_a_whole_lesson_is_read_and_answered(student: Learner, step: Step) -> None:
    """By somebody who does not know yet: each control is reached and heard, and each answer is told of."""
    page = student.open(step.lesson.name)
    expect_titles(page, step.lesson)
    for table in page.get_by_role("table").all():
        assert table.get_by_role("columnheader").count() >= 2
    keyboard, rng = Keyboard(student), random.Random(step.number)
    for question in step.practice:
        value = random_answer(face(question), step.words, rng)
        if isinstance(question.task, Form) and isinstance(value, dict) and question.task.shows:
            value |= {"montre": {one.id: pieces(value[one.field])[-1] for one in question.task.shows}}
        keyboard.answer(question, value)
        student.expect_stored(question.id)
        feedback, saved = keyboard.statuses(question)[-2:]
        assert feedback[2:].startswith(headline(question, value, {})), (question.id, feedback)
        assert saved.startswith("✓ Enregistré")
        assert f"Activité {question.id}" in keyboard.focused().around, "the focus stays where one was"
    assert [id for id, _, _ in student.attempts()] == list(step.practice.own)


def expect_titles(page: Page, notebook: Path) -> None:
    """Each title of a notebook is a heading of the page."""
    texts = ["".join(cell["source"]) for cell in load(notebook)["cells"] if cell["cell_type"] == "markdown"]
    for title in (title for text in texts for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)):
        expect(page.get_by_role("heading", name=title, exact=True)).not_to_have_count(0)


def as_typed(value: Any) -> Any:
    """As the journal has what is typed: a number is the text that was typed."""
    return str(value).replace(".", ",") if isinstance(value, int | float) else value


# --- out of order -----------------------------------------------------------------------------------------------------


def in_place(decision: Activity, id: str, *fields: str) -> Activity:
    """A decision as another activity asks it, with only the fields that it needs."""
    if isinstance(decision.task, Form):
        kept = tuple(field for field in decision.task.fields if field.id in fields)
        return replace(decision, id=id, task=replace(decision.task, fields=kept))
    return replace(decision, id=id)


def test_who_begins_with_the_second_step_is_asked_what_it_needs(student: Learner) -> None:
    """The subjects of the first step's form, and no more of it; then one goes on."""
    first, second = steps()[:2]
    student.open(exercise(second))
    mouse, card = Mouse(student), student.activity("E2-D3")
    expect(card).to_contain_text("Cette activité dépend de ce choix, que vous n’avez pas encore fait.")
    expect(card.get_by_role("textbox")).to_have_count(1)
    mouse.answer(in_place(first.activities["E1-A3"], "E2-D3", "themes"), {"themes": OWN["E1-A3"]["themes"]})
    expect(card.locator("legend").first).to_have_text(re.compile("Ma bio"))
    expect(card).to_contain_text(OWN["E1-A3"]["themes"])
    mouse.answer(second.activities["E2-D3"], OWN["E2-D3"])
    student.expect_stored("E2-D3")
    expect(card.locator(".rk-feedback")).to_contain_text("Gardé dans votre carnet.")

    settings = student.activity("E2-A5")
    expect(settings).to_contain_text("Cette activité dépend de ce choix, que vous n’avez pas encore fait.")
    mouse.answer(in_place(second.activities["E2-D1"], "E2-A5"), ["pseudonyme"])
    question = second.activities["E2-A5"].under({"degre": "pseudonyme"})
    assert question is not None
    expect(settings.locator("legend").first).to_have_text(question.question)
    mouse.answer(question, strong_answers(second)["marcel"]["E2-A5"])
    student.expect_stored("E2-A5")
    expect(settings.locator(".rk-feedback")).to_contain_text("C’est juste.")
    expect(student.activity("E2-D1").get_by_role("radio", checked=True)).to_have_value("pseudonyme")


def test_who_begins_with_the_fifth_step_is_asked_what_it_needs_and_hears_it(student: Learner) -> None:
    """By keyboard alone: the case, then the time, the subjects and the media, each where it is first needed."""
    first, *_, fifth = steps()
    page = student.open(exercise(fifth))
    keyboard = Keyboard(student)
    welcome = load_activities(ROOT / "course" / "00-bienvenue.activites.toml")["C0-A1"]
    keyboard.answer(in_place(welcome, "E5-D3"), ["nadia"])
    answers, decided = answers_of(fifth, "nadia"), {"cas": "nadia"}
    for id in ("E5-D3", "E5-A4"):
        question = fifth.activities[id].under(decided)
        assert question is not None
        expect(page.get_by_role("group", name=question.question, exact=True)).to_be_visible()
        keyboard.answer(question, answers[id])
        student.expect_stored(id)
        assert keyboard.statuses(question)[-2].startswith(f"● {full_marks(question)}")
    own = fifth.activities["E5-D1"]
    card = page.get_by_role("region", name=f"Activité {own.id}", exact=True)
    for lacking, value in (
        (in_place(first.activities["E1-A3"], own.id, "themes", "budget"), OWN["E1-A3"]),
        (in_place(first.activities["E1-D1"], own.id), OWN["E1-D1"]),
    ):
        expect(card.get_by_role("group", name=lacking.question, exact=True)).to_be_visible()
        keyboard.answer(lacking, value)
    expect(card.get_by_role("group", name=own.question, exact=True)).to_be_visible()
    assert "Activité E5-D1" in keyboard.focused().around, "the focus is in the question that came in its place"
    keyboard.answer(own, OWN["E5-D1"])
    student.expect_stored("E5-D1")
    assert keyboard.statuses(own)[-2].startswith("● C’est noté.")
    assert last_answers(student, fifth)["E5-D1"] == OWN["E5-D1"]


# --- several days, two machines ---------------------------------------------------------------------------------------


class Session:
    """A kernel of a folder, as a day of work has it: code goes in, what a place without widgets shows comes out."""

    def __init__(self, folder: Path) -> None:
        FORKS.fork_kernels_here()
        self.manager, self.client = start_new_kernel(cwd=str(folder))
        self.show("from reseau_kit import activite, carnet, emporter, ma_charte, repondre, reprendre")

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def show(self, code: str) -> str:
        """What a cell shows as text."""
        shown: list[str] = []

        def note(message: dict[str, Any]) -> None:
            assert message["msg_type"] != "error", message["content"]
            if message["msg_type"] == "execute_result":
                shown.append(message["content"]["data"]["text/plain"])

        self.client.execute_interactive(code, output_hook=note, timeout=120)
        return "\n".join(shown).replace("\N{NO-BREAK SPACE}", " ")

    def answer(self, answers: dict[str, Any]) -> None:
        for id, value in answers.items():
            assert "✓ Réponse enregistrée." in self.show(f"repondre({id!r}, {value!r})")


def points_of(folder: Path, step: Step) -> dict[str, str]:
    """What the activities of a step show, in a kernel of their own."""
    with Session(folder / step.name) as session:
        return {id: session.show(f"activite({id!r})") for id in step.marked}


def test_over_several_days_and_two_machines_nothing_is_lost(student: Learner) -> None:
    """The answers travel in their file; a changed objective puts what came of it to review, and costs no point."""
    first, second, third = steps()[:3]
    here = student.folder
    with Session(here) as session:
        session.answer({"C0-A1": "nadia"})
    with Session(here / first.name) as session:
        session.answer(own_answers(first, "nadia"))
    earned = points_of(here, first)  # another day, another kernel
    assert earned == {id: repr(points) for id, points in first.marked.items()}
    with Session(here) as session:
        assert "Vos réponses sont prêtes à partir" in session.show("emporter()")
    (travelling,) = here.glob("mes-reponses-*.json")

    student.move_to_an_empty_machine()
    there = student.folder
    shutil.copy(travelling, there / "voyage.json")
    with Session(there) as session:
        assert "Vos réponses sont là" in session.show('reprendre("voyage.json")')
    assert points_of(there, first) == earned
    for step in (second, third):
        with Session(there / step.name) as session:
            session.answer(own_answers(step, "nadia"))
    before = {step: points_of(there, step) for step in (first, second, third)}
    assert before[second]["E2-A4"] == "20.0"
    with Session(there) as session:
        assert "À revoir" not in session.show("carnet()")

    with Session(there / first.name) as session:
        session.answer({"E1-A3": OWN["E1-A3"] | {"themes": "couture, ravaudage"}})
    assert {step: points_of(there, step) for step in (first, second, third)} == before
    with Session(there) as session:
        logbook, charter = session.show("carnet()"), session.show("ma_charte()")
    sections = {part.splitlines()[0]: part for part in re.split(r"\n(?=Mon |Mes |Ma |Cas |Où )", logbook)}
    changed = "À revoir, si vous le voulez : « mon objectif » a changé depuis."
    assert {title for title, part in sections.items() if changed in part} == set(REVIEWED)
    assert f"À revoir, si vous le voulez : {', '.join(REVIEWED)}. Une décision a changé depuis." in charter
    assert "couture, ravaudage" in charter

    student.open(CHARTER_PAGE)
    expect(panel(student, LOGBOOK).get_by_text(re.compile("^À revoir, si vous le voulez"))).to_have_count(len(REVIEWED))
    expect(panel(student, CHARTER)).to_contain_text("couture, ravaudage")

    with Session(there) as session:
        session.show("emporter()")
    (back,) = there.glob("mes-reponses-*.json")
    shutil.copy(back, here / "retour.json")
    with Session(here) as session:
        assert "Vos réponses sont là" in session.show('reprendre("retour.json")')
        assert session.show("carnet()") == logbook


#: What takes up the subjects of the objective.
REVIEWED = ("Mes médias", "Ma bio", "Mes premières publications")
