"""Step 1 as learners meet it: the real lesson and exercise, by mouse, by keyboard alone, on a phone, in both themes.

From the first click to the feedback page, and for the lesson's own text, in JupyterLab; each kind of question, whoever
looks at it, in a page of ours.
"""

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accessibility import THEMES, cut_short, misfits, violations
from bench.submissions import grades
from desk import Commands, running_desk
from hands import Keyboard, Mouse, plain
from host_page import Reader
from learner import EXERCISE, OPEN_DOCUMENT, Learner, Person, wait_until
from reseau_kit.activities.activity import Activity
from reseau_kit.activities.loading import load_activities
from reseau_kit.activities.tasks import OpenText
from reseau_kit.answers.checks import Status
from reseau_kit.answers.feedback import answer_text, headline_of
from reseau_kit.french.writing import number

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[1]
STEP = "etape-1"
LESSON = "01-objectifs.ipynb"
STRONG = json.loads((ROOT / "tests" / "strong" / f"{STEP}.json").read_text(encoding="utf-8"))["answers"]

SENTENCE = "Je serai dans un groupe d’entraide, car les personnes que je cherche y posent déjà leurs questions. "
TEXT = {"texte": SENTENCE * 8 + "Je n’y mettrai pas de photo, et je compterai trois échanges avant l’été."}


def project(**changes: str) -> dict[str, str]:
    """A form of one's own, for a fictional project; its date is some months ahead of whenever this is run."""
    return {
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
        **changes,
    }


def asked(notebook: str, case: str = "") -> list[Activity]:
    """The questions of a released notebook, in the order of its page, as they are asked for that case."""
    step = notebook == EXERCISE
    document = ROOT / ("exercises" if step else "course") / notebook
    activities = load_activities(
        document.with_name("activites.toml") if step else document.with_suffix(".activites.toml")
    )
    cells = json.loads(document.read_text(encoding="utf-8"))["cells"]
    ids = [found[1] for cell in cells if (found := re.fullmatch(r'activite\("(.+)"\)', "".join(cell["source"])))]
    questions = [activities[id].under({"cas": case, "objectif.themes": "…"}) for id in ids]
    return [question for question in questions if question]


def good_answers(case: str) -> dict[str, Any]:
    """Answers that somebody wrote from the lesson, with a project and a text of this learner's own."""
    return {"E1-D1": ["facebook-groupe"], **STRONG[case], "E1-A3": project(), "E1-O": TEXT}


#: The lesson's activities as an attentive reader answers them.
LESSON_ANSWERS: dict[str, Any] = {
    "L1-A1": ["but"],
    "L1-A2": {"p1": "apprendre", "p2": "connaitre", "p3": "veiller", "p4": "liens"},
    "L1-A3": ["precis"],
    "L1-A4": [{"id": "lettre", "critere": "public"}],
    "L1-A5": 58.3,
    "L1-A6": {
        "public": "les jardiniers amateurs de son canton",
        "cible": "5",
        "indicateur": "questions posées",
        "regle": "Il compte ce que des personnes font",
    },
    "L1-A7": ["qui"],
    "L1-A8": {"publier": "peu", "ouvrir": "verifier", "frequente": "public"},
}


def what_is_shown(learner: Learner) -> dict[str, Any]:
    """Of each card: all that is filled in, ticked or said."""
    found: dict[str, Any] = learner.page.locator(f"{OPEN_DOCUMENT} [data-activity]").evaluate_all(
        """cards => Object.fromEntries(cards.map((card) => [card.dataset.activity, {
            controls: [...card.querySelectorAll("input, select, textarea")].map((node) =>
                ["checkbox", "radio"].includes(node.type) ? node.checked : node.value),
            said: [...card.querySelectorAll("header, .rk-feedback, footer")].map((node) => node.innerText).join("\\n"),
        }]))"""
    )
    return found


def heading(learner: Learner, id: str) -> str:
    """What stands above a question: its place, its points, and how far one is."""
    return plain(learner.activity(id).locator("header").inner_text())


def close_everything_and_come_back(learner: Learner) -> None:
    wait_until(learner.page, lambda: not learner.page.locator(".jp-mod-dirty").count(), "the document is saved")
    learner.page.close()
    learner.shut_kernels_down()
    learner.page = learner.new_page()
    learner.open(EXERCISE)


# --- by mouse, from the first click to the feedback page --------------------------------------------------------------


def hand_in(learner: Learner, course: Path, nbgrader: Commands) -> None:
    """The trainer releases, the learner's folder comes back as it is, the answers are graded."""
    for name in ("course", f"exercises/{STEP}"):
        shutil.copytree(ROOT / name, course / name, ignore=shutil.ignore_patterns("essais-auteur.jsonl"))
    shutil.copy(ROOT / "nbgrader_config.py", course)
    nbgrader(course, "generate_assignment", STEP)
    folder = course / "submitted" / "lea" / STEP
    shutil.copytree(learner.folder / STEP, folder, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (folder / "timestamp.txt").write_text("2026-11-23 08:30:00 UTC\n", encoding="utf-8")
    nbgrader(course, "autograde", STEP)


def mark_the_text(course: Path, state: Path, page: Page, points: str) -> None:
    """In formgrader, a person reads the open text and gives it its points."""
    with running_desk(course, state) as desk:
        desk.open(page, f"gradebook/{STEP}/{STEP}")
        page.locator("tr", has_text="Submission").locator("a").first.click()
        score = page.locator("input.score#E1-O")
        expect(page.locator("input.score#E1-A4")).to_have_attribute("placeholder", "10")
        expect(page.get_by_text("Je n’y mettrai pas de photo").first).to_be_visible()
        score.fill(points)
        with page.expect_response(lambda answer: answer.request.method == "PUT" and "/grade/" in answer.url):
            score.press("Tab")


def test_by_mouse_from_the_first_click_to_the_feedback_page(student: Learner, tmp_path: Path, page: Page) -> None:
    """All kept after closing; the gradebook and the feedback page tell the scores that the activities told."""
    student.open()
    student.choose_case("nadia")
    student.open(EXERCISE)
    questions = asked(EXERCISE, "nadia")
    answers = good_answers("nadia")
    mouse = Mouse(student)
    marked = [one.id for one in questions if one.points and not isinstance(one.task, OpenText)]
    assert len(marked) == 6
    for place, id in enumerate(marked, 1):
        assert heading(student, id).startswith(f"Activité {place} sur 6 · ")
        assert heading(student, id).endswith("Essai 1 sur 3")
    before = {one.id: one for one in questions}
    for id, value, worth in (("E1-A6", "42,9", 5), ("E1-A2", {**answers["E1-A2"], "s1": "veiller"}, 8.33)):
        card = mouse.answer(before[id], value)
        expect(card).to_contain_text(f"En partie. Vous avez {number(worth, 2)} points sur 10.")
        assert "Essai 2 sur 3 · jusqu’à 5 points" in heading(student, id)
    for question in questions:
        card = mouse.answer(question, answers[question.id])
        student.expect_stored(question.id)
        decided = isinstance(question.task, OpenText) or question.is_decision
        expect(card.locator(".rk-feedback")).to_contain_text("C’est noté." if decided else "C’est juste.")
        assert decided or heading(student, question.id).endswith("Réussie")

    shown = what_is_shown(student)
    close_everything_and_come_back(student)
    assert what_is_shown(student) == shown
    told = {id: re.search(r"Vous avez ([\d,]+) points?", plain(shown[id]["said"])) for id in marked}
    points = {id: float(found[1].replace(",", ".")) for id, found in told.items() if found}
    assert points == {"E1-A2": 8.33, "E1-A3": 20, "E1-A4": 10, "E1-A5": 15, "E1-A6": 5, "E1-A7": 5}

    course, nbgrader = tmp_path / "cours", Commands(tmp_path)
    hand_in(student, course, nbgrader)
    kept = grades(course)["lea"]
    assert {id: kept[id] for id in marked} == {id: (score, False) for id, score in points.items()}
    assert kept["E1-O"] == (None, True)
    mark_the_text(course, tmp_path, page, "24")
    nbgrader(course, "generate_feedback", STEP)

    page.goto((course / "feedback" / "lea" / STEP / f"{STEP}.html").as_uri())
    page.screenshot(path=str(tmp_path / "feedback.png"), full_page=True)
    total = sum(points.values()) + 24
    expect(page.get_by_text(f"Votre note : {number(total, 2)} sur 100 points")).to_be_visible()
    for question in questions:
        if not question.points:
            continue
        part = page.get_by_role("region").filter(has_text=question.question)
        expect(part).to_have_count(1)
        told_there = plain(part.inner_text())
        if isinstance(question.task, OpenText):
            assert "Pourquoi ce média ?" in told_there
            assert plain(TEXT["texte"]) in told_there
            assert "24 sur 30" in told_there
            continue
        assert f"{number(points[question.id], 2)} sur {number(question.points, 2)}" in told_there
        for line in plain(answer_text(question, answers[question.id])).split(" · "):
            assert line in told_there
        assert plain(question.explanation) in told_there
    assert Axe().run(page).response["violations"] == []


# --- by keyboard alone, without seeing --------------------------------------------------------------------------------


def test_by_keyboard_alone_the_lesson_is_read_and_answered(student: Learner) -> None:
    """Each section is a heading, each table has its headers, and Tab leads to the activities in order."""
    page = student.open(LESSON)
    keyboard = Keyboard(student)
    cells = json.loads((ROOT / "course" / LESSON).read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    sections = [title for text in texts for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    assert len(sections) > 8
    for title in sections:
        expect(page.get_by_role("heading", name=title)).to_have_count(1)
    for table in page.get_by_role("table").all():
        assert table.get_by_role("columnheader").count() >= 2
    for question in asked(LESSON):
        keyboard.answer(question, LESSON_ANSWERS[question.id])
        student.expect_stored(question.id)
        assert keyboard.statuses(question)[-2].startswith(f"● {headline_of(Status.RIGHT, question)[2]}")
        assert f"Activité {question.id}" in keyboard.focused().around, "the focus stays where one was"
    assert [id for id, _, _ in student.attempts()] == list(LESSON_ANSWERS)


def test_by_keyboard_alone_the_whole_exercise_is_done(plain_student: Reader) -> None:
    """From the top of the page to the last activity in one run: the case, a hint, a mistake and its correction too."""
    page = plain_student.open(EXERCISE)
    keyboard = Keyboard(plain_student)
    case, answers = "pousses", good_answers("pousses")
    for question in asked(EXERCISE, case):
        region = f"Activité {question.id}"
        if question.id == "E1-A4":
            keyboard.reach("radio", choices_of_the_case()[0], region)
            while not (chosen := keyboard.press("ArrowDown")).name.startswith("Les Pousses"):
                pass
            assert chosen.checked
            keyboard.reach("button", "Garder ce choix", region)
            page.keyboard.press("Enter")
            expect(page.get_by_role("group", name=re.compile("Les Pousses veut trouver"))).to_be_visible()
            assert region in keyboard.focused().around, "the focus is in the question that came in place of the choice"
        if question.id == "E1-A6":
            keyboard.reach("region", "Une semaine de visites sur les médias sociaux (données fictives)", region)
            page.keyboard.press("ArrowDown")
            keyboard.answer(question, "42,9")
            plain_student.expect_stored(question.id)
            assert keyboard.statuses(question)[-2].startswith("◐ En partie. Vous avez 5 points sur 10.")
            keyboard.reach("textbox", "Votre réponse", region, key="Shift+Tab")
        if question.id == "E1-A7":
            keyboard.reach("button", "Un indice", region)
            page.keyboard.press("Space")
            heard = page.get_by_role("region", name=region).locator("[aria-live]", has_text=question.hints[0])
            expect(heard).to_be_visible()
            keyboard.reach("textbox", "Place de « Se relier : suivre des personnes choisies »", region, key="Shift+Tab")
            page.keyboard.press("Shift+Tab")
        keyboard.answer(question, answers[question.id])
        plain_student.expect_stored(question.id)
        decided = isinstance(question.task, OpenText) or question.is_decision
        assert keyboard.statuses(question)[-2].startswith("● C’est noté." if decided else "● C’est juste.")
        assert keyboard.statuses(question)[-1].startswith("✓ Enregistré")
        assert region in keyboard.focused().around, "the focus stays where one was"
    expected = {
        id: value if isinstance(value, dict | list) else str(value).replace(".", ",") for id, value in answers.items()
    }
    stored = {id: value for id, _, value in plain_student.attempts(STEP)}
    assert stored.pop("C0-A1") == [case]
    assert stored == expected


def choices_of_the_case() -> list[str]:
    welcome = load_activities(ROOT / "course" / "00-bienvenue.activites.toml")
    return [option.text for option in welcome["C0-A1"].task.options]  # type: ignore[union-attr]


# --- whoever looks at it, on whatever --------------------------------------------------------------------------------

#: Answers for Nadia's case that miss everything, then something: one of each kind of question.
WRONG: dict[str, Any] = {
    "E1-A2": {f"s{n}": "veiller" for n in (1, 2, 4, 5, 7, 8)} | {"s3": "liens", "s6": "liens"},
    "E1-A3": {"public": "des voisins"},
    "E1-A4": ["public", "celebrites", "equipe"],
    "E1-A5": [{"id": "youtube", "critere": "public"}, {"id": "infolettre", "critere": "effort"}],
    "E1-A6": 12,
    "E1-A7": ["partager", "relier", "publier", "identite", "objectif"],
    "E1-P1": 12,
}
PARTLY: dict[str, Any] = {
    "E1-A2": {f"s{n}": "liens" for n in (1, 2)}
    | {"s3": "veiller", "s4": "liens", "s5": "apprendre", "s6": "veiller", "s7": "connaitre", "s8": "liens"},
    "E1-A3": project(**{"lire-gens": "Loïc", "verbe": "percer"}),
    "E1-A4": ["influenceurs", "fournisseurs", "equipe"],
    "E1-A5": [{"id": "linkedin", "critere": "public"}, {"id": "blog", "critere": "sortie"}],
    "E1-A6": "42,9",
    "E1-A7": ["identite", "objectif", "publier", "relier", "partager"],
}
STILL_WRONG: dict[str, Any] = {
    "E1-A2": WRONG["E1-A2"] | {"s1": "liens"},
    "E1-A3": {"public": "des voisins", "cible": "0"},
    "E1-A4": ["public", "tout-le-monde", "equipe"],
    "E1-A5": [{"id": "instagram", "critere": "public"}, {"id": "infolettre", "critere": "effort"}],
    "E1-A6": 13,
    "E1-A7": ["partager", "relier", "publier", "objectif", "identite"],
    "E1-P1": 13,
}


def answer_all(learner: Person, answers: dict[str, Any], headline: str) -> None:
    """Answer at once all that is answered, then wait for that headline in each card."""
    mouse = Mouse(learner)
    questions = [one for one in asked(EXERCISE, "nadia") if one.id in answers]
    cards = [mouse.answer(question, answers[question.id]) for question in questions]
    for card in cards:
        expect(card.locator(".rk-feedback")).to_contain_text(headline)


@pytest.mark.parametrize("name", THEMES)
def test_axe_finds_nothing_in_any_kind_of_question_in_any_state(plain_student: Reader, name: str) -> None:
    found: dict[str, list[str]] = {}
    with plain_student.theme(name):
        page = plain_student.open(EXERCISE)

        def look(state: str) -> None:
            if amiss := violations(plain_student):
                found[state] = amiss

        look("unanswered")
        plain_student.choose_case("nadia", id="E1-A4")
        for hint in page.get_by_role("button", name="Un indice").all():
            hint.click()
        look("hints open")
        for id in WRONG:
            plain_student.activity(id).locator("button.rk-go").click()
            expect(plain_student.activity(id).locator(".rk-feedback")).to_contain_text("Aucun essai n’a été compté.")
        look("nothing to read")
        answer_all(plain_student, WRONG, "Pas encore.")
        look("wrong")
        answer_all(plain_student, PARTLY, "En partie.")
        look("partly right")
        answer_all(plain_student, STILL_WRONG, "Pas encore.")
        answer_all(plain_student, {"E1-D1": ["blog"], "E1-O": TEXT}, "C’est noté.")
        expect(plain_student.activity("E1-A4")).to_contain_text("La réponse : ")
        look("third attempt, with the answer, a decision and a text")
        plain_student.move_to_an_empty_machine()
        plain_student.open(EXERCISE)
        plain_student.choose_case("nadia", id="E1-A4")
        right = {id: value for id, value in good_answers("nadia").items() if id in WRONG}
        answer_all(plain_student, right, "C’est juste.")
        look("right")
    assert found == {}


@pytest.mark.parametrize(
    "plain_student",
    [
        pytest.param({"viewport": {"width": 360, "height": 740}}, id="360 px wide"),
        pytest.param({"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}, id="200 % zoom"),
    ],
    indirect=True,
)
def test_every_kind_of_question_fits_a_narrow_page(plain_student: Reader) -> None:
    """Before anything is answered, and with every hint, list and reason shown."""
    page = plain_student.open(EXERCISE)
    assert misfits(plain_student) == []
    plain_student.choose_case("nadia", id="E1-A4")
    for hint in page.get_by_role("button", name="Un indice").all():
        hint.click()
    assert misfits(plain_student) == []
    answer_all(plain_student, PARTLY, "En partie.")
    answer_all(plain_student, {"E1-O": TEXT}, "C’est noté.")
    assert misfits(plain_student) == []


def test_closed_lists_show_their_longest_choice(plain_student: Reader) -> None:
    """No choice is cut short, on a large page or in letters twice as large."""
    page = plain_student.open(EXERCISE)
    for width in (1280, 640):
        page.set_viewport_size({"width": width, "height": 900})
        assert cut_short(plain_student) == []


def test_a_date_is_told_in_words(plain_student: Reader) -> None:
    """Browsers write a date in the order of their own language: words say which day it is."""
    plain_student.open(EXERCISE)
    day = plain_student.activity("E1-A3").get_by_label("Pour quand")
    day.fill("2027-03-01")
    expect(day).to_have_accessible_description(re.compile(r"lundi 1er mars 2027$"))


_NO_DATES = """
    const type = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "type");
    const set = function (value) { type.set.call(this, value === "date" ? "text" : value); };
    Object.defineProperty(HTMLInputElement.prototype, "type", { ...type, set });
"""


def test_where_a_browser_has_no_dates_their_order_is_told_and_understood(plain_student: Reader) -> None:
    plain_student.profile.add_init_script(_NO_DATES)
    plain_student.open(EXERCISE)
    day = plain_student.activity("E1-A3").get_by_label("Pour quand")
    expect(day).to_have_accessible_description(re.compile(r"jour/mois/année, par exemple 30/06/2027$"))
    form = next(question for question in asked(EXERCISE) if question.id == "E1-A3")
    written = "/".join(reversed(project()["echeance"].split("-")))
    card = Mouse(plain_student).answer(form, project(echeance=written))
    expect(card).to_contain_text("C’est juste. Vous avez 20 points sur 20.")


# What is sent to the server's file is counted, and its confirmation comes late, as on a slow line.
_COUNT_SAVES = """
    window.saves = { now: 0, most: 0, all: 0 };
    const send = window.fetch;
    window.fetch = async (...request) => {
        if (request[0].method !== "PUT" || !request[0].url.includes("/api/contents/")) return send(...request);
        saves.all += 1;
        saves.most = Math.max(saves.most, (saves.now += 1));
        const answer = await send(...request);
        await new Promise((resolve) => setTimeout(resolve, 900));
        saves.now -= 1;
        return answer;
    };
"""


@pytest.mark.parametrize("student", [pytest.param({}, id="in a new window")], indirect=True)
def test_answers_given_one_after_the_other_are_saved_one_save_at_a_time(student: Learner) -> None:
    """Each card is a program of its own; two saves at once would make JupyterLab ask which version to lose."""
    student.profile.add_init_script(_COUNT_SAVES)
    page = student.open(EXERCISE)
    mouse = Mouse(student)
    answers = {"E1-A7": WRONG["E1-A7"], "E1-A6": 12, "E1-P1": 13, "E1-O": TEXT, "E1-A2": PARTLY["E1-A2"]}
    questions = {question.id: question for question in asked(EXERCISE, "nadia")}
    for id, value in answers.items():
        mouse.answer(questions[id], value)
    for id in answers:
        student.expect_stored(id)
    wait_until(page, lambda: {id for id, *_ in student.copy(EXERCISE)} == set(answers), "the document has them all")
    wait_until(page, lambda: page.evaluate("saves.now") == 0, "nothing is being saved")
    assert page.evaluate("saves.all") >= 1
    assert page.evaluate("saves.most") == 1
    expect(page.locator(".jp-Dialog")).to_have_count(0)
