"""The logbook: what was decided anywhere in the course, what a change puts in question, how far one is."""

import base64
import shutil
from pathlib import Path
from typing import Any

import pytest

from reseau_kit import carnet, ma_charte, repondre
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.logbook import read_logbook
from reseau_kit.answers.travel import bring_back, take_along

OBJECTIVE = {
    "verbe": "rencontrer",
    "public": "médiatrices et médiateurs numériques de ma région",
    "themes": "médiation, inclusion",
    "echeance": "2027-06-30",
    "cible": "3",
    "indicateur": "échanges",
    "budget": "60",
}


class Learner:
    """Somebody who answers in code, in the folder of each activity."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.monkeypatch = root, monkeypatch

    def answer(self, id: str, value: Any, step: str = "") -> str:
        self.monkeypatch.chdir(self.root / step)
        return repondre(id, value).plain

    def decide(self) -> None:
        self.answer("C0-A1", "nadia")
        self.answer("E1-A3", OBJECTIVE, "etape-1")
        self.answer("E1-D1", ["mastodon", "linkedin"], "etape-1")

    def carnet(self) -> str:
        self.monkeypatch.chdir(self.root)
        return carnet().plain


@pytest.fixture
def learner(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Learner:
    return Learner(workspace, monkeypatch)


def test_an_empty_logbook_says_how_it_fills(learner: Learner) -> None:
    told = learner.carnet()
    assert "encore vide" in told
    assert "Étape 1, l’atelier" in told
    assert "0 activité sur" in told


def test_decisions_of_every_step_are_shown_in_the_order_of_the_course(learner: Learner) -> None:
    learner.answer("C6-D1", {"geste": "J’écris à Samira"})
    learner.decide()
    told = learner.carnet()
    places = [told.index(title) for title in ("Cas guidé", "Mon objectif", "Mes médias", "Dès lundi", "Où j’en suis")]
    assert places == sorted(places)
    assert "30\u00a0juin 2027" in told
    assert "60 minutes" in told
    assert "Mastodon · LinkedIn" in told


def test_a_changed_objective_puts_what_depends_on_it_to_review_and_costs_nothing(learner: Learner) -> None:
    learner.decide()
    before = read_logbook(learner.root)
    assert [entry.changed for entry in before.entries] == [()] * len(before.entries)
    learner.answer("E1-A3", OBJECTIVE | {"themes": "ruches, jardin"}, "etape-1")
    after = read_logbook(learner.root)
    media = after.entry("medias")
    assert media is not None
    assert media.changed == ("objectif",)
    assert after.values["objectif.themes"] == "ruches, jardin"
    told = learner.carnet()
    assert "À revoir, si vous le voulez : « mon objectif » a changé depuis." in told.replace("\u00a0", " ")
    assert "faux" not in told
    # Taken back, there is nothing to review any more.
    learner.answer("E1-A3", OBJECTIVE | {"cible": "4"}, "etape-1")
    assert read_logbook(learner.root).entry("medias").changed == ()  # type: ignore[union-attr]


def test_a_changed_case_lists_the_answers_that_were_given_for_another(learner: Learner) -> None:
    learner.answer("C0-A1", "nadia")
    learner.answer("E1-A4", ["influenceurs", "fournisseurs", "futurs-collaborateurs"], "etape-1")
    score = marks(learner.root)["E1-A4"]
    learner.answer("C0-A1", "marcel")
    logbook = read_logbook(learner.root)
    assert logbook.stale == (("E1-A4", "etape-1"),)
    assert "Activité E1-A4 (etape-1)" in learner.carnet()
    assert marks(learner.root)["E1-A4"] == score == 1.0


def test_one_field_given_in_another_step_is_taken_alone(learner: Learner) -> None:
    """A step that lacks the subjects asks for them only: the rest of the objective stays."""
    learner.decide()
    step = Folder(learner.root / "etape-5")
    activity = Folder(learner.root / "etape-1").activities("E1-A3")["E1-A3"]
    step.record(activity, "attempt", {"themes": "accueil, numérique"}, {})
    values = read_logbook(learner.root).values
    assert values["objectif.themes"] == "accueil, numérique"
    assert values["objectif.public"] == OBJECTIVE["public"]


def test_the_logbook_is_the_same_on_another_machine(learner: Learner, released: Path, tmp_path: Path) -> None:
    learner.decide()
    other = Path(shutil.copytree(released, tmp_path / "autre-machine"))
    file, _ = take_along(learner.root)
    bring_back(file.name, file.read_bytes(), other)
    here, there = read_logbook(learner.root), read_logbook(other)
    assert there.values == here.values
    assert [entry.told for entry in there.entries] == [entry.told for entry in here.entries]
    assert [part.answered for part in there.parts] == [part.answered for part in here.parts]


def test_a_damaged_notebook_takes_nothing_else_away(learner: Learner) -> None:
    learner.decide()
    (learner.root / "02-profil.ipynb").write_text("{", encoding="utf-8")
    values = read_logbook(learner.root).values
    assert values["objectif.themes"] == OBJECTIVE["themes"]
    assert "Mon objectif" in learner.carnet()


def test_the_charter_begins_on_the_day_that_was_decided(learner: Learner) -> None:
    learner.decide()
    learner.answer("E5-D2", {"debut": "2027-03-01", "cesser": "publier tard"}, "etape-5")
    assert "Du 1er mars 2027 au 31 mars 2027" in ma_charte().plain.replace("\u00a0", " ")
    assert "Du 4 janvier 2027" in ma_charte(depuis="2027-01-04").plain.replace("\u00a0", " ")
    assert "ne se lit pas" in ma_charte(heure="midi").plain


def test_what_the_charters_picture_cannot_draw_is_said_beside_its_files(learner: Learner) -> None:
    learner.decide()
    assert "ne savent pas dessiner" not in ma_charte().plain
    learner.answer("E5-D2", {"debut": "2027-03-01", "cesser": "publier 🙂 la nuit 漢字"}, "etape-5")
    panel = ma_charte()
    told = panel.face["sections"][-1]["note"].replace("\u00a0", " ")
    assert told.startswith("L’image et le PDF ne savent pas dessiner : 🙂, 漢 et 字.")
    assert "La page à lire (HTML) les a tous." in told
    html = next(file for file in panel.face["files"] if file["name"] == "ma-charte.html")
    assert "publier 🙂 la nuit 漢字" in base64.b64decode(html["content"]).decode()


def test_what_was_written_on_several_lines_is_told_on_one(learner: Learner) -> None:
    learner.decide()
    learner.answer("E4-D1", {"suivre": "Une école\n\n Un musée "}, "etape-4")
    assert "Une école · Un musée" in learner.carnet()


def test_progress_counts_activities_and_minutes_of_reading(learner: Learner) -> None:
    learner.decide()
    parts = {part.path: part for part in read_logbook(learner.root).parts}
    assert parts["etape-1/etape-1.ipynb"].answered == 2
    assert parts["00-bienvenue.ipynb"].answered == 1
    assert 3 <= parts["01-objectifs.ipynb"].minutes <= 10
    paths = list(parts)
    assert paths.index("01-objectifs.ipynb") < paths.index("etape-1/etape-1.ipynb") < paths.index("06-ma-charte.ipynb")


def marks(root: Path) -> dict[str, float | None]:
    return {activity.id: mark.score for part in read_logbook(root).parts for activity, mark in part.marks}
