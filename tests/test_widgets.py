"""What a cell shows and what the page may send, without a page: the browser tests have one."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.activities.loading import load_activities
from reseau_kit.answers import notebooks
from reseau_kit.answers.checks import check
from reseau_kit.answers.journal import Journal
from reseau_kit.learner import open_panels
from reseau_kit.learner.activity import ActivityPanel, activite, repondre
from reseau_kit.learner.own_answers import AnswersPanel, effacer_mes_reponses, emporter, mes_reponses, reprendre
from reseau_kit.learner.panel import Panel

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A released step 1 as the working folder, and no memory of another one."""
    folder = tmp_path / "mon-cours" / "etape-1"
    folder.mkdir(parents=True)
    source = ROOT / "exercises" / "etape-1"
    notebook = notebooks.load(source / "etape-1.ipynb")
    notebooks.release(notebook, load_activities(source / "activites.toml"))
    notebooks.save(folder / "etape-1.ipynb", notebook)
    monkeypatch.chdir(folder)
    open_panels.forget_folders()
    yield folder
    open_panels.panels.clear()
    open_panels.forget_folders()


def shown(id: str) -> ActivityPanel:
    panel = activite(id)
    assert isinstance(panel, ActivityPanel), panel.plain
    return panel


def text_of(panel: Panel) -> str:
    return panel.plain.replace("\u00a0", " ")


def said_by(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The messages that a panel sends to the page from now on."""
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(panel, "send", messages.append)
    return messages


def click(panel: ActivityPanel, value: Any, kind: str = "attempt", **changes: Any) -> None:
    """What the page sends when a learner validates."""
    event = {
        "v": 1,
        "id": f"{panel.state['lastSeq'] + 1:016x}",
        "origin": panel.state["origin"] or "c" * 16,
        "seq": panel.state["lastSeq"] + 1,
        "activity": panel.id,
        "version": 1,
        "kind": kind,
        "value": value,
        "at": "2026-11-22T08:00:00.000Z",
        "context": panel.context,
    }
    panel._receive(panel, {"type": "event", "event": event | changes}, [])


def test_the_cell_of_an_activity_is_worth_its_points_to_nbgrader() -> None:
    """A plain float is partial credit to nbgrader, anything else full points."""
    assert activite("E1-A6")._repr_mimebundle_()[0]["text/plain"] == "0.0"
    repondre("E1-A6", 42.9)
    assert activite("E1-A6")._repr_mimebundle_()[0]["text/plain"] == "5.0"


def test_what_the_page_gets_holds_no_key() -> None:
    """Neither the answer nor a reason can be read in the page before it is due."""
    panel = shown("E1-A6")
    sent = json.dumps([panel.face, panel.state], ensure_ascii=False)
    assert "63" not in sent
    assert "compté les visites" not in sent


def test_an_answer_is_confirmed_once_it_is_in_the_file(step: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = shown("E1-A6")
    messages = said_by(panel, monkeypatch)
    click(panel, "63,3")
    assert messages[0]["type"] == "stored"
    assert [event.id for event in Journal(step / "reponses.jsonl").read().events] == [messages[0]["id"]]
    assert panel.state["status"] == "right"
    assert panel.plain == "10.0"


def test_an_answer_that_cannot_be_stored_is_not_confirmed(step: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = shown("E1-A6")
    click(panel, "1")
    (step / "reponses.jsonl").unlink()
    (step / "reponses.jsonl").mkdir()
    messages = said_by(panel, monkeypatch)
    click(panel, "63,3")
    assert [message["type"] for message in messages] == ["not-stored"]
    assert "recommencez" in messages[0]["reason"]


def test_a_journal_deleted_while_a_document_is_open_comes_back_whole(step: Path) -> None:
    """By the next answer in the page, by one in code, or when the activity is shown again."""
    panel = shown("E1-A6")
    journal = Journal(step / "reponses.jsonl")
    for value, go_on in ((1, lambda: click(panel, 2)), (3, lambda: repondre("E1-A6", 4)), (5, lambda: shown("E1-A6"))):
        click(panel, value)
        before = journal.read()
        journal.path.unlink()
        go_on()
        after = journal.read()
        assert after.events[: len(before.events)] == before.events
        assert after.origin == before.origin
        assert [event.id for event in after.events] == [event["id"] for event in panel.state["events"]]


def test_a_journal_that_lost_its_first_line_gets_it_back_when_a_document_is_opened(step: Path) -> None:
    """With a friend's answers that the learner took over: the page does not ask a second time whose they are."""
    panel = shown("E1-A6")
    click(panel, 1)
    theirs = {
        "id": "f" * 16,
        "origin": "f" * 16,
        "seq": 9,
        "v": 1,
        "activity": "E1-A6",
        "version": 1,
        "kind": "attempt",
    }
    copy = {"origin": "f" * 16, "events": [{**theirs, "value": 7, "at": "2026-11-22T08:00:00.000Z", "context": {}}]}
    panel._receive(panel, {"type": "copy", "answers": copy}, [])
    panel._receive(panel, {"type": "foreign", "origin": "f" * 16, "accept": True}, [])
    journal = Journal(step / "reponses.jsonl")
    before = journal.read()
    journal.path.write_bytes(journal.path.read_bytes().partition(b"\n")[2])
    open_panels.forget_folders()
    shown("E1-A6")
    assert journal.read() == before


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "événement",
        {},
        {"type": "event"},
        {"type": "event", "event": 3},
        {"type": "event", "event": {"v": 1, "id": "zz"}},
        {"type": "event", "event": {"seq": "x", "origin": "d" * 16}},
        {"type": "copy", "answers": 3},
        {"type": "copy", "answers": {"events": [None, 3, {"v": 1}]}},
        {"type": "foreign", "origin": "../../x", "accept": True},
        {"type": "erase"},
    ],
    ids=range(12),
)
def test_whatever_the_page_sends_nothing_stored_is_touched(message: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = shown("E1-A6")
    click(panel, "42,9")
    said_by(panel, monkeypatch)
    panel._receive(panel, message, [])
    assert [event["value"] for event in panel.state["events"]] == ["42,9"]


def test_two_views_of_one_activity_show_the_same_answers() -> None:
    """Two tabs: what is answered in one is shown in the other."""
    first, second = shown("E1-A6"), shown("E1-A6")
    click(first, "42,9")
    assert second.state["value"] == "42,9"
    click(second, "63,3")
    assert first.state["attempt"] == "Réussie"


def test_an_activity_that_lacks_the_case_offers_to_choose_it() -> None:
    panel = shown("E1-A4")
    assert panel.face["decides"] == {"activity": "C0-A1", "version": 1, "context": {}}
    click(panel, ["marcel"], activity="C0-A1", context={})
    assert panel.face["question"].startswith("Marcel")
    assert panel.context == {"cas": "marcel"}


def test_answering_in_code_is_the_same_as_validating() -> None:
    panel = shown("E1-A6")
    notice = repondre("E1-A6", 63.3)
    assert panel.state["status"] == "right"
    assert "C’est juste" in text_of(notice)
    assert "Réponse enregistrée" in text_of(notice)


@pytest.mark.parametrize(
    ("id", "value", "says"),
    [
        ("E9-A9", 1, "n’est pas dans ce dossier"),
        ("E1-A4", ["public"], "Quel cas guidé choisissez-vous"),
        ("E1-A6", float("nan"), "ne peut pas être enregistrée"),
        ("E1-A6", object(), "ne peut pas être enregistrée"),
        ("E1-A6", "x" * 50_000, "Raccourcissez"),
        ("E1-A6", "soixante", "Aucun essai n’a été compté"),
    ],
    ids=range(6),
)
def test_an_answer_in_code_that_cannot_count_is_told_why(id: str, value: Any, says: str) -> None:
    """A learner never meets a stack trace."""
    assert says in text_of(repondre(id, value))


def test_an_unknown_activity_is_a_notice_that_the_grader_sends_to_a_person() -> None:
    panel = activite("E9-A9")
    bundle, metadata = panel._repr_mimebundle_()
    assert "n’est pas dans ce dossier" in json.dumps(panel.face, ensure_ascii=False)
    assert (bundle["text/plain"], metadata["reseau_kit"]) == ("0.0", {"status": "failed"})


def test_three_attempts_then_practice() -> None:
    panel = shown("E1-A6")
    labels = []
    for value in ("1", "2", "3", "63,3"):
        labels.append(panel.state["attempt"].replace("\u00a0", " "))
        click(panel, value)
    assert labels == [
        "Essai 1 sur 3",
        "Essai 2 sur 3 · jusqu’à 5 points",
        "Essai 3 sur 3 · jusqu’à 2,5 points",
        "Entraînement : ne compte plus",
    ]
    assert panel.plain == "0.0"
    assert panel.state["feedback"]["headline"] == "C’est juste."


def test_the_widget_and_the_check_cannot_differ() -> None:
    """The points of the cell are those of the pure check on the stored answer."""
    panel = shown("E1-A6")
    click(panel, "36,7")
    stored = panel.folder.answers.events[-1]
    score = check(panel.activities["E1-A6"], stored.value, stored.context).score
    assert score is not None
    assert panel.plain == repr(score * 10)


def test_taking_along_and_coming_back_tell_what_they_did(step: Path) -> None:
    assert "rien à emporter" in text_of(emporter())
    repondre("E1-A6", 63.3)
    panel = emporter()
    name = panel.face["download"]["name"]
    assert json.loads(panel.face["download"]["content"])["folders"]["etape-1"]
    assert "Déjà présentes ici : 1" in text_of(reprendre(step.parent / name))
    assert "ne s’ouvre pas" in text_of(reprendre("absent.json"))


def test_erasing_asks_first(step: Path) -> None:
    repondre("E1-A6", 63.3)
    panel = shown("E1-A6")
    assert effacer_mes_reponses().face["asking"] is True
    assert Journal(step / "reponses.jsonl").read().events
    effacer_mes_reponses(confirmer=True)
    assert Journal(step / "reponses.jsonl").read().events == ()
    assert panel.state["events"] == []
    click(panel, "1")
    assert [event.value for event in Journal(step / "reponses.jsonl").read().events] == ["1"]


def test_erasing_says_how_far_it_looked(step: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the lessons stand, all below them; elsewhere the steps, by name; and what an open document still shows."""
    repondre("E1-A6", 63.3)
    said = text_of(effacer_mes_reponses(confirmer=True))
    assert "Il n’en reste rien dans les fichiers de : « etape-1 »." in said
    assert "Les autres dossiers à côté n’ont pas été regardés." in said
    assert "relancez les cellules" not in said
    shutil.copy(step / "etape-1.ipynb", step.parent / "00-bienvenue.ipynb")
    monkeypatch.setenv("JPY_SESSION_NAME", str(step / "etape-1.ipynb"))
    shown("E1-A6")
    said = text_of(effacer_mes_reponses(confirmer=True))
    assert "Il n’en reste rien dans les fichiers de ce cours." in said
    assert "relancez les cellules qui montraient vos réponses" in said


def test_erasing_in_a_document_where_no_page_of_ours_stands_takes_its_copy_out(
    step: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repondre("E1-A6", 63.3)
    notebook = notebooks.load(step / "etape-1.ipynb")
    (given,) = Journal(step / "reponses.jsonl").read().events
    notebooks.write_copy(notebook, given.origin, (given,))
    notebooks.save(step / "etape-1.ipynb", notebook)
    monkeypatch.setenv("JPY_SESSION_NAME", str(step / "etape-1.ipynb"))
    effacer_mes_reponses(confirmer=True)
    assert "answers" not in notebooks.course_metadata(notebooks.load(step / "etape-1.ipynb"))


def test_what_stays_is_named_in_the_page(step: Path) -> None:
    repondre("E1-A6", 63.3)
    (step / "abîmé.ipynb").write_text("{", encoding="utf-8")
    panel = effacer_mes_reponses(confirmer=True)
    assert panel.face["title"] == "Tout n’a pas pu être effacé"
    assert "« etape-1/abîmé.ipynb »" in text_of(panel)


def test_three_buttons_do_what_the_three_commands_do(step: Path) -> None:
    """For someone who has never written a line of code."""
    repondre("E1-A6", 63.3)
    panel = mes_reponses()
    assert isinstance(panel, AnswersPanel)
    panel._receive(panel, {"type": "take-along"}, [])
    download = panel.state["said"]["download"]
    panel._receive(panel, {"type": "erase"}, [])
    assert panel.state["erased"] is True
    assert Journal(step / "reponses.jsonl").read().events == ()
    panel._receive(panel, {"type": "bring-back", **download}, [])
    assert panel.state["said"]["title"] == "Vos réponses sont là"
    assert [event.value for event in Journal(step / "reponses.jsonl").read().events] == [63.3]


@pytest.mark.parametrize("content", ["", "[]", "{}", "x" * 1000, None, 3], ids=range(6))
def test_a_file_that_holds_no_answers_is_told_so_by_the_button(step: Path, content: Any) -> None:
    panel = mes_reponses()
    assert isinstance(panel, AnswersPanel)
    panel._receive(panel, {"type": "bring-back", "name": "photo.json", "content": content}, [])
    assert panel.state["said"]["title"] == "Ce fichier n’a pas pu être repris"
    assert "photo.json" in panel.state["said"]["paragraphs"][0]
    assert not (step / "reponses.jsonl").exists()


# --- decisions that a question needs, asked in its place --------------------------------------------------------------

OBJECTIVE = """
[[activite]]
id = "O"
genre = "fiche"
points = 5
carnet = "objectif"
question = "Que voulez-vous ?"
indices = ["Un.", "Deux."]
explication = "Voilà."
champ = [{ id = "verbe", texte = "Je veux…" }, { id = "themes", texte = "Sur quels sujets ?" }]
critere = [{ champ = "themes", part = 100, elements = [2, 3], message = "Deux ou trois sujets." }]
[[activite]]
id = "B"
genre = "fiche"
utilise = ["objectif.themes"]
question = "Qui êtes-vous ?"
champ = [{ id = "texte", texte = "Votre présentation" }]
montrer = [{ id = "sujet", champ = "texte", texte = "Où dites-vous votre sujet ?", manque = "De quoi parlez-vous ?" }]
"""


MEDIA = """
[[activite]]
id = "M"
genre = "choix"
choisir = 2
carnet = "medias"
question = "Sur quels médias ?"
consigne = "Un ou deux."
[[activite.option]]
id = "groupe"
texte = "Facebook, dans un groupe"
[[activite.option]]
id = "blog"
texte = "Un blog"

[[activite]]
id = "S"
genre = "fiche"
carnet = "semaine"
utilise = ["medias"]
question = "Votre semaine ?"
consigne = "Une ligne."
[[activite.champ]]
id = "ligne"
texte = "Lundi"
"""


@pytest.fixture
def objective(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an exercise one of whose marked questions needs another one's answer."""
    folder = tmp_path / "objectif"
    folder.mkdir()
    (folder / "activites.toml").write_text(OBJECTIVE, encoding="utf-8")
    monkeypatch.chdir(folder)
    open_panels.forget_folders()
    return folder


def test_what_is_missing_is_asked_in_place_and_is_no_attempt(objective: Path) -> None:
    """Only that field; what the other fields of a marked form hold stays, and none of its attempts is used."""
    form, bio = shown("O"), shown("B")
    click(form, {"verbe": "apprendre"}, kind="draft")
    assert [line["id"] for line in bio.face["fields"]] == ["themes"]
    decides = bio.face["decides"]
    assert decides == {
        "activity": "O",
        "version": 1,
        "context": {},
        "known": {"verbe": "apprendre"},
        "kind": "draft",
    }
    click(bio, {**decides["known"], "themes": "reliure, papier"}, activity="O", kind=decides["kind"], context={})
    assert form.state["value"] == {"verbe": "apprendre", "themes": "reliure, papier"}
    assert form.state["attempt"].startswith("Essai 1")
    assert bio.face["question"] == "Qui êtes-vous ?"
    assert bio.context == {"objectif.themes": "reliure, papier"}
    assert [text.replace("\u00a0", " ") for text in bio.face["recalls"]] == ["Sur quels sujets ? reliure, papier"]


def test_a_choice_is_recalled_in_the_words_of_its_options(objective: Path) -> None:
    """Not by their ids, which no learner has seen."""
    with (objective / "activites.toml").open("a", encoding="utf-8") as file:
        file.write(MEDIA)
    click(shown("M"), ["groupe", "blog"])
    (recalled,) = shown("S").face["recalls"]
    assert recalled.replace("\u00a0", " ") == "Sur quels médias ? Facebook, dans un groupe · Un blog"


def test_an_answer_in_code_that_lacks_a_decision_is_told_what_to_do(objective: Path) -> None:
    told = text_of(repondre("B", {"texte": "Je relie."}))
    assert "Que voulez-vous ?" in told
    assert "Affichez l’activité B" in told
    repondre("O", {"verbe": "apprendre", "themes": "reliure, papier"})
    assert "Gardé dans votre carnet" in text_of(repondre("B", {"texte": "Je parle de reliure."}))
