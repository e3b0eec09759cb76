"""An author's file: what a good one gives, and what a faulty one is told."""

import base64
import re
import zlib
from pathlib import Path

import pytest

from reseau_kit.activities import Activities, ActivityFaults, load_activities, pack, unpack
from reseau_kit.kinds import Choice, Number

ROOT = Path(__file__).parent.parent
STEP_1 = ROOT / "exercises" / "etape-1" / "activites.toml"
COURSE_FILES = sorted([*ROOT.glob("course/*activites.toml"), *ROOT.glob("exercises/*/activites.toml")])

GOOD_NUMBER = """
[[activite]]
id = "T-1"
genre = "nombre"
points = 5
question = "Combien ?"
valeur = 12
indices = ["Comptez.", "Comptez mieux."]
explication = "Douze."
"""

GOOD_CHOICE = """
[[activite]]
id = "T-2"
genre = "choix"
question = "Lequel ?"
choisir = 1
corrige = ["a"]
indices = ["Pensez-y.", "Pensez-y mieux."]
explication = "Voilà pourquoi."
[[activite.option]]
id = "a"
texte = "Le premier"
[[activite.option]]
id = "b"
texte = "Le second"
raison = "Il vient après."
[[activite.option]]
id = "c"
texte = "Le dernier"
raison = "Il ferme la marche."
"""


def faults(folder: Path, text: str) -> list[str]:
    """What the author of that file is told, one line a fault, the file's name left out."""
    path = folder / "activites.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ActivityFaults) as caught:
        load_activities(path)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def load(folder: Path, text: str) -> Activities:
    path = folder / "activites.toml"
    path.write_text(text, encoding="utf-8")
    return load_activities(path)


@pytest.mark.parametrize("path", COURSE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_course_has_no_faults(path: Path) -> None:
    """Each activities file of the course loads, and reads the same after it was packed."""
    activities = load_activities(path)
    assert len(activities)
    assert unpack(pack(activities)).versions == activities.versions


def test_an_activity_that_depends_on_the_case_is_a_whole_one_in_each() -> None:
    """E1-A4 has a question, a key and hints of its own for each of the three cases, on the same eight options."""
    activity = load_activities(STEP_1)["E1-A4"]
    variants = [activity.under({"cas": case}) for case in ("nadia", "marcel", "pousses")]
    assert len({variant.question for variant in variants if variant}) == 3
    assert len({variant.task.right for variant in variants if variant and isinstance(variant.task, Choice)}) == 3
    assert activity.under({}) is None
    assert activity.under({"cas": "un inconnu"}) is None


def test_a_data_file_becomes_the_table_of_the_question() -> None:
    """A learner's notebook needs no other file to show the journal of E1-A6."""
    table = load_activities(STEP_1)["E1-A6"].table
    assert table is not None
    assert table.columns == ("Jour", "Média", "Minutes", "But")
    assert len(table.rows) == 14


def test_what_is_packed_is_not_read_by_accident() -> None:
    """Neither a right answer nor a message stands in clear text in what travels to learners."""
    packed = pack(load_activities(STEP_1))
    assert re.fullmatch(r"[A-Za-z0-9+/=]+", packed)


@pytest.mark.parametrize(
    "damaged",
    ["", "pas du base64 !", "AAAA", base64.b64encode(zlib.compress(b"[" * 100_000)).decode(), "é"],
)
def test_damaged_packed_activities_are_refused(damaged: str) -> None:
    with pytest.raises(ValueError, match="ne se lisent pas"):
        unpack(damaged)


def test_a_packed_bomb_is_refused() -> None:
    """Fifty megabytes of spaces in fifty kilobytes are not unpacked."""
    bomb = base64.b64encode(zlib.compress(b" " * 50_000_000)).decode()
    with pytest.raises(ValueError, match="trop long"):
        unpack(bomb)


def test_a_good_file_has_no_faults(tmp_path: Path) -> None:
    activities = load(tmp_path, GOOD_NUMBER + GOOD_CHOICE)
    assert isinstance(activities["T-1"].task, Number)
    assert isinstance(activities["T-2"].task, Choice)
    assert activities.own == ("T-1", "T-2")


def test_all_faults_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    """An author mends everything in one go."""
    text = (
        GOOD_NUMBER.replace('"nombre"', '"nombr"')
        + GOOD_CHOICE.replace('corrige = ["a"]', 'corrige = ["z"]').replace("choisir", "chosir")
        + '[[activite]]\nid = "T-3"\n'
    )
    told = faults(tmp_path, text)
    assert any(line.startswith('4: activité "T-1"') and "(« nombre » ?)" in line for line in told)
    assert any(line.startswith("15:") and "« chosir »" in line.replace("\u00a0", " ") for line in told)
    assert any(line.startswith("16:") and '"z" n’est pas l’une de ses 3 options' in line for line in told)
    assert any(line.startswith("30:") and "« genre »" in line.replace("\u00a0", " ") for line in told)


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        pytest.param(("points = 5", "points = nan"), 5, "il faut un nombre d’au moins 0", id="nan"),
        pytest.param(("points = 5", 'points = "cinq"'), 5, "un nombre, avec un point décimal", id="wrong-type"),
        pytest.param(("points = 5", "points = true"), 5, "un nombre, avec un point décimal", id="boolean"),
        pytest.param(('"T-1"', '"T é"'), 3, "des lettres sans accent", id="odd-id"),
        pytest.param(('"Combien ?"', '" "'), 6, "est vide", id="empty-question"),
        pytest.param(
            ("valeur = 12", "valeur = 12\nvaleurs = 3"), 8, "n’existe pas ici (« valeur » ?)", id="unknown-key"
        ),
        pytest.param(('["Comptez.", "Comptez mieux."]', '["Comptez."]'), 8, "il faut 2 indices", id="one-hint"),
        pytest.param(('"Comptez mieux."', '"C’est 12."'), 8, "donne la réponse (12)", id="telling-hint"),
        pytest.param(('explication = "Douze."', ""), 2, "il manque « explication »", id="no-explanation"),
        pytest.param(("valeur = 12", 'valeur = 12\ndonnees = "absent.csv"'), 8, "n’existe pas", id="unknown-data"),
        pytest.param(
            ("valeur = 12", 'valeur = 12\ndonnees = "../secret.csv"'), 8, "à côté de ce fichier", id="path-trick"
        ),
        pytest.param(("valeur = 12", 'valeur = 12\nselon = "cas"'), 8, "ne va pas sans", id="no-variant"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, says: str) -> None:
    told = [text.replace("\u00a0", " ") for text in faults(tmp_path, GOOD_NUMBER.replace(*change))]
    assert any(text.startswith(f"{line}:") and says in text for text in told), told


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(('raison = "Il vient après."', ""), "rien ne dit pourquoi", id="no-reason"),
        pytest.param(("Il ferme la marche.", "Il vient après."), "ont la même raison", id="shared-reason"),
        pytest.param(('"a"]', '"a", "b"]'), "tout cocher rapporterait des points", id="tick-all"),
        pytest.param(("choisir = 1", "choisir = 2"), "et on en demande 2", id="wrong-count"),
        pytest.param(('"Le premier"', '"Le premier de tous, et de loin"'), "les plus longues", id="longest"),
        pytest.param(('id = "c"', 'id = "b"'), "une autre option a déjà cet identifiant", id="option-twice"),
        pytest.param(('id = "T-2"', 'id = "T-1"'), "une autre activité a déjà cet identifiant", id="activity-twice"),
        pytest.param(
            ("choisir = 1", 'choisir = 1\nraisons = { d = "?" }'), 'la raison "d" n’est pas', id="unknown-reason"
        ),
        pytest.param(('corrige = ["a"]', "points = 3"), "une décision n’a pas de réponse juste", id="decision-points"),
    ],
)
def test_a_question_that_teaches_badly_is_refused(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    told = faults(tmp_path, GOOD_NUMBER + GOOD_CHOICE.replace(*change))
    assert any(says in text for text in told), told


def test_a_named_mistake_that_is_right_is_refused(tmp_path: Path) -> None:
    mistake = '[[activite.erreur]]\nnom = "x"\nvaleur = 12.4\ntolerance = 0.5\npart = 0.5\nmessage = "Presque."\n'
    told = faults(tmp_path, GOOD_NUMBER + mistake)
    assert any("tombe dans la tolérance" in text for text in told), told


def test_a_case_without_its_variant_is_refused(tmp_path: Path) -> None:
    """A learner who chose the third case would have no question."""
    source = STEP_1.read_text(encoding="utf-8").replace("../../course/", f"{ROOT.as_posix()}/course/")
    (tmp_path / "journal_temps.csv").write_bytes((STEP_1.parent / "journal_temps.csv").read_bytes())
    told = faults(tmp_path, source.replace('cas = "pousses"', 'cas = "pouces"'))
    assert any("il manque la variante du cas" in text and "pousses" in text for text in told), told
    assert any("pouces" in text and "n’existe pas" in text for text in told), told


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    told = faults(tmp_path, '[[activite]]\nid = "x"\nquestion = "sans fin\n')
    assert told[0].startswith("3:")


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "activites.toml"
    path.write_bytes('[[activite]]\nid = "x"\nquestion = "Où ?"\n'.encode("latin-1"))
    with pytest.raises(ActivityFaults, match=r":3: .*UTF-8"):
        load_activities(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ActivityFaults, match=r"absent\.toml:1: le fichier ne se lit pas"):
        load_activities(tmp_path / "absent.toml")
