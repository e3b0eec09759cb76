"""Feedback that comes after: nothing released tells what is right, the page does not judge, the last answer counts."""

import base64
import json
import re
import shutil
import subprocess
import tomllib
import zlib
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import BrowserContext, expect

from bench.submissions import EXERCISES, ROOT, SMALL_COURSE, grades
from conftest import Lab
from desk import Commands, finish
from golden import (
    ALL,
    ASSIGNMENT,
    IDS,
    IN_PART,
    NOTEBOOK,
    NOTHING,
    NUMBER,
    PARTLY,
    PLEA,
    RIGHT,
    Hand,
    Marks,
    author_notebook,
    exercise,
)
from learner import EXERCISE, Learner
from reseau_kit.answers.notebooks import KEY, save
from reseau_kit.learner.activity import ActivityPanel, activite
from reseau_kit.workspace import update_workspace
from small_questions import CARDS, COMMON

pytestmark = pytest.mark.slow

#: Readable, and worth nothing.
WRONG: dict[str, Any] = {
    "C": ["tous", "celebres"],
    "N": 12,
    "M": {"carte": "lien"},
    "O": ["e", "d", "c", "b", "a"],
    "F": {"verbe": "vendre"},
    "S": [{"id": "c", "critere": "public"}],
}

#: A decision that the exercise borrows from a lesson, with a key of its own.
LESSON = f"""
[[activite]]
id = "objectif"
genre = "fiche"
carnet = "objectif"
{COMMON}
[[activite.champ]]
id = "verbe"
texte = "Que voulez-vous faire ?"
saisie = "choix"
valeurs = ["accompagner", "paraître"]
[[activite.critere]]
champ = "verbe"
part = 100
parmi = ["accompagner"]
message = "Un verbe que l’on voit faire."
"""

#: The keys under which an author writes what learners see before they hand in.
SHOWN = set(
    "titre reprend retour id genre question consigne texte aide unite legende donnees cartes carnet valeurs".split()
)
#: Those under which nothing but what is right, or what is told afterwards, can stand.
SECRET = set("corrige raison raisons indices explication accepte convient forces faute inversion confusion".split())
SECRET |= set("erreur tolerance part parmi sauf message".split())

SUBMISSIONS: dict[str, tuple[Callable[[Hand], object], Marks]] = {
    "last-right": (lambda hand: hand.validate(WRONG).validate(PARTLY).validate(RIGHT), ALL),
    "last-wrong": (lambda hand: hand.validate(RIGHT).validate(PARTLY).validate(WRONG), NOTHING),
    "last-in-part": (lambda hand: hand.validate(RIGHT).validate(WRONG).validate(PARTLY), IN_PART),
    "back-to-the-first": (lambda hand: hand.validate(RIGHT).validate(WRONG).validate(RIGHT), ALL),
    "fourth-right": (lambda hand: [hand.validate({"N": n}) for n in (1, 2, 3, 63.3)], NOTHING | {"N": 10.0}),
    "in-code": (lambda hand: hand.validate(WRONG).run("N", "63,3"), NOTHING | {"N": 10.0}),
    "draft-only": (lambda hand: hand.type(WRONG).type(RIGHT), ALL),
    "draft-after": (lambda hand: hand.validate(RIGHT).type(WRONG), ALL),
    "emptied-after": (lambda hand: hand.validate(RIGHT).validate({"C": [], "N": "", "M": {}, "F": {}, "S": []}), ALL),
    "untouched": (lambda hand: hand.copy(), NOTHING),
    "text": (lambda hand: hand.validate(RIGHT | {"W": {"texte": PLEA}}), ALL),
}


def author_file() -> str:
    """The golden exercise with a later feedback, a table, and what is told long enough to be looked for."""
    number = NUMBER.format(version=1, value=63.3)
    table = 'donnees = "semaine.csv"\nlegende = "Une semaine (fictive)"\n'
    made = exercise(number.replace("tolerance = 1\n", f"tolerance = 1\n{table}", 1))
    made = f'retour = "apres"\nreprend = ["../../course/lecon.activites.toml"]\n{made}'
    longer_words = {"Un.": "Un indice.", "Deux.": "Un autre indice.", "Parce que.": "La raison est là."}
    for told, longer in longer_words.items():
        made = made.replace(f'"{told}"', f'"{longer}"')
    return made


def make_course(target: Path, exchange: Path) -> Path:
    """A trainer's course, not yet released."""
    source = target / "exercises" / ASSIGNMENT
    source.mkdir(parents=True)
    (target / "course").mkdir()
    (target / "course" / "lecon.activites.toml").write_text(LESSON, encoding="utf-8")
    (source / "activites.toml").write_text(author_file(), encoding="utf-8")
    (source / "medias.csv").write_text(CARDS, encoding="utf-8")
    (source / "semaine.csv").write_text("jour,minutes\nlundi,30\nmardi,45\n", encoding="utf-8")
    save(source / NOTEBOOK, author_notebook())
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (target / "nbgrader_config.py").write_text(f'{config}\nc.Exchange.root = "{exchange}"\n', encoding="utf-8")
    return target


@dataclass(frozen=True)
class Trip:
    """One exercise from release to feedback: the course graded without a kernel, and with one; the exchange."""

    course: Path
    executed: Path
    exchange: Path

    @property
    def released(self) -> list[Path]:
        """Every file that learners get, by the release and by the exchange."""
        folders = (self.course / "release", self.exchange)
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return [path for path in files if "inbound" not in path.parts]

    def page(self, student: str) -> str:
        page = self.course / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        return page.read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory) -> Trip:
    tmp = tmp_path_factory.mktemp("apres")
    nbgrader = Commands(tmp_path_factory.mktemp("jupyter"))
    exchange = tmp / "echange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    course = make_course(tmp / "cours", exchange)
    nbgrader(course, "generate_assignment", ASSIGNMENT)
    nbgrader(course, "release_assignment", ASSIGNMENT)
    for name, (make, _) in SUBMISSIONS.items():
        folder = course / "submitted" / name / ASSIGNMENT
        shutil.copytree(course / "release" / ASSIGNMENT, folder)
        make(Hand(folder))
    executed = tmp / "noyau"
    subprocess.run(["cp", "-a", course, executed], check=True)
    with (executed / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nconfigure(c, kernel=True)\n")
    for command in [nbgrader.start(each, "autograde", ASSIGNMENT) for each in (course, executed)]:
        finish(command)
    nbgrader(course, "generate_feedback", ASSIGNMENT)
    return Trip(course, executed, exchange)


# --- what learners get ------------------------------------------------------------------------------------------------


def texts(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Each text of an author's file with the key that it stands under."""
    if isinstance(node, dict):
        for name, below in node.items():
            yield from texts(below, key if key == "raisons" else name)
    elif isinstance(node, list):
        for below in node:
            yield from texts(below, key)
    elif isinstance(node, str):
        yield key, node


def keys(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node) | {name for below in node.values() for name in keys(below)}
    return {name for below in node for name in keys(below)} if isinstance(node, list) else set()


def decoded(path: Path) -> str:
    """All that a file says: of a notebook its packed activities too, without any code of the course's."""
    text = path.read_bytes().decode("utf-8")
    if path.suffix != ".ipynb":
        return text
    notebook = json.loads(text)
    packed = zlib.decompress(base64.b64decode(notebook["metadata"][KEY]["activities"])).decode("utf-8")
    return json.dumps([notebook, json.loads(packed)], ensure_ascii=False)


def test_no_released_file_holds_a_key_or_a_word_of_feedback(trip: Trip) -> None:
    """Hints, reasons, explanations, messages, accepted words, numbers: of the exercise, and of what it borrows."""
    found = [pair for toml in (author_file(), LESSON) for pair in texts(tomllib.loads(toml))]
    ids = {text for key, text in found if key == "id"}
    offered = {text for key, text in found if key in SHOWN}
    secrets = {text for key, text in found if key not in SHOWN and len(text) >= 8} - ids - offered
    assert {"La raison est là.", "Un autre indice.", "Vous répondront-elles ?", "Presque."} <= secrets
    assert {"Qui d’abord ?", "Un verbe que l’on voit faire."} <= secrets
    assert len(secrets) >= 25
    assert sorted({path.name for path in trip.released}) == [NOTEBOOK, "semaine.csv"]
    for path in trip.released:
        said = decoded(path)
        for word in [*secrets, "63.3", "63,3", "42.9", "public|sortie", "metier, voisins", "indice", "raison"]:
            assert word not in said, f"{path}: {word}"


def test_what_the_released_notebook_carries_has_no_place_for_a_key(trip: Trip) -> None:
    """Not one key under which an author writes what is right, but for stand-ins that say nothing."""
    for path in (path for path in trip.released if path.suffix == ".ipynb"):
        _, document = json.loads(decoded(path))
        assert document["retour"] == "apres"
        for values in [*document["activite"], *document["empruntee"]]:
            assert not keys(values) & SECRET - {"convient"}
            assert "convient" not in values
            assert values.get("valeur", 0) == 0
            assert values.get("si_critere", "-") == values.get("si_trop", "-") == "-"
            assert not any("classe" in item for item in values.get("element", []))
        assert [values["id"] for values in document["activite"]] == ["cas", *IDS, "W"]


@pytest.fixture
def folder(trip: Trip, tmp_path: Path) -> Path:
    """A learner's own copy."""
    return Path(shutil.copytree(trip.course / "release" / ASSIGNMENT, tmp_path / ASSIGNMENT))


def test_the_page_tells_right_from_wrong_in_nothing(folder: Path) -> None:
    """Whatever is answered, it is noted in the same words, may be changed, and is worth nothing to see."""

    def shown(id: str) -> dict[str, Any]:
        with chdir(folder):
            panel = activite(id)
        assert isinstance(panel, ActivityPanel)
        assert panel.plain == "0.0"
        told = ("status", "attempt", "action", "feedback", "hintOpen")
        return {name: panel.state[name] for name in told}

    hand = Hand(folder)
    faces = []
    for answers in (WRONG, PARTLY, RIGHT, WRONG, RIGHT):
        hand.validate(answers)
        faces.append({id: shown(id) for id in IDS})
    assert all(face == faces[0] for face in faces[1:])
    assert {face["feedback"]["headline"] for face in faces[0].values()} == {"C’est noté."}
    assert {face["attempt"] for face in faces[0].values()} == {"Modifiable jusqu’à la remise"}


def test_a_real_kernel_says_no_more(folder: Path) -> None:
    """Every cell run, and answers in code, right and wrong: nothing shown in the document judges."""
    Hand(folder)
    notebook: Any = nbformat.read(folder / NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    cells = [nbformat.v4.new_code_cell(f'repondre("N", {value})') for value in ("12", "63.3", "'?'")]  # type: ignore[no-untyped-call]
    notebook.cells += [nbformat.v4.new_code_cell("from reseau_kit import repondre"), *cells]  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}}).execute()
    wrong, right, unreadable = (cell.outputs[0].data["text/plain"] for cell in cells)
    assert wrong == right
    assert "C’est noté." in wrong
    assert "essai" not in unreadable
    said = json.dumps([cell.outputs for cell in notebook.cells if cell.cell_type == "code"], ensure_ascii=False)
    assert not re.search("juste|Pas encore|En partie|indice|point sur|points sur|raison", said)


# --- what it is worth -------------------------------------------------------------------------------------------------


def as_rows(marks: Marks, name: str) -> dict[str, tuple[float | None, bool]]:
    by_a_person = {"T": 0.0, "W": None if name == "text" else 0.0}
    return {id: (mark, mark is None) for id, mark in {**marks, **by_a_person}.items()}


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_the_last_validated_answer_has_its_mark(trip: Trip, name: str) -> None:
    """By the trainer's own file, which no released notebook holds."""
    assert grades(trip.course)[name] == as_rows(SUBMISSIONS[name][1], name)


@pytest.mark.parametrize("name", SUBMISSIONS)
def test_a_kernel_gives_the_same(trip: Trip, name: str) -> None:
    """The notebook that it runs has been given the trainer's activities."""
    assert grades(trip.executed)[name] == grades(trip.course)[name]


def test_the_page_that_comes_back_tells_everything(trip: Trip) -> None:
    """The answer that counts by its name, the score, the reasons, and what was right where it was not."""
    page = trip.page("last-right")
    assert page.count("3e réponse, qui compte") == len(IDS)
    assert "essai" not in page
    assert page.count("La raison est là.") == len(IDS)
    assert "La réponse" not in page
    wrong = trip.page("last-wrong")
    assert "La réponse : 63,3." in wrong
    assert "La réponse : « Les voisins » ; « Les gens du métier »." in wrong
    assert "Vous avez 0 point sur 10." in wrong


def test_a_draft_is_told_as_one(trip: Trip) -> None:
    """Alone it counts; after a validated answer it does not."""
    alone, after = trip.page("draft-only"), trip.page("draft-after")
    assert alone.count("elle compte, puisqu’il n’y en a pas d’autre") == len(IDS)
    assert after.count("<dt>Brouillon, non validé</dt>") == len(IDS)
    assert "Votre note : <strong>60</strong>" in after


# --- the page itself --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def later_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner's workspace of the small course, whose exercise tells its feedback after."""
    tmp = tmp_path_factory.mktemp("petit-cours-apres")
    shutil.copytree(SMALL_COURSE, tmp / "cours")
    path = tmp / "cours" / EXERCISES.relative_to(SMALL_COURSE) / "etape-1" / "activites.toml"
    path.write_text(f'retour = "apres"\n{path.read_text(encoding="utf-8")}', encoding="utf-8")
    update_workspace(tmp / "cours", tmp / "mon-cours")
    return tmp / "mon-cours"


@pytest.fixture
def later(shared_lab: Lab, later_course: Path, new_profile: Callable[..., BrowserContext]) -> Iterator[Learner]:
    learner = Learner(shared_lab, new_profile(), later_course)
    yield learner
    learner.profile.close()
    learner.shut_kernels_down()


@pytest.mark.browser
def test_answers_are_noted_changed_and_kept_in_the_browser(later: Learner) -> None:
    """Four answers to one question: none is judged, no attempt is counted, the last one comes back."""
    later.open(EXERCISE)
    card = later.activity("E1-A6")
    expect(card.locator(".rk-attempt")).to_have_text("Modifiable jusqu’à la remise")
    expect(card.get_by_role("button", name="Un indice")).to_have_count(0)
    for value in ("12", "63,3", "42,9", "63"):
        later.submit("E1-A6", value)
        expect(card.locator(".rk-feedback")).to_contain_text("C’est noté. Votre réponse est enregistrée.")
        expect(card.locator(".rk-attempt")).to_have_text("Modifiable jusqu’à la remise")
        expect(card.get_by_role("button", name="Enregistrer ma réponse")).to_be_enabled()
    later.choose_case("marcel", id="E1-A4")
    later.submit("E1-A4", ["public", "influenceurs", "fournisseurs"])
    expect(later.activity("E1-A4").locator(".rk-feedback")).to_contain_text("C’est noté.")
    later.activity("E1-A4").locator("button.rk-go").focus()
    later.reload()
    later.expect_number("E1-A6", "63")
    expect(card.locator(".rk-feedback")).to_contain_text("le retour viendra ensuite")
    judging = re.compile("C’est juste|Pas encore|En partie|points? sur 10")
    expect(later.page.locator("body")).not_to_contain_text(judging)
