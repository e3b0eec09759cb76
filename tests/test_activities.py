"""An author's file: what a good one gives, and what a faulty one is told."""

import base64
import re
import shutil
import zlib
from pathlib import Path

import pytest

from reseau_kit.activities.activity import Activities, ActivityFaults
from reseau_kit.activities.loading import load_activities, pack, unpack
from reseau_kit.activities.tasks import Choice, Number

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


# --- the newer kinds: each new key has its fault, with its line -------------------------------------------------------

EVERY_KIND = Path(__file__).parent / "tous-les-genres"


@pytest.fixture
def every_kind(tmp_path: Path) -> Path:
    """A copy of the exercise that asks each of the newer kinds; it has no fault."""
    course = shutil.copytree(EVERY_KIND, tmp_path / "cours")
    return course / "exercises" / "etape-1"


def in_every_kind(folder: Path, change: tuple[str, str], file: str = "activites.toml") -> tuple[list[str], list[str]]:
    """What the author is told after a change of one file, as « line: message », and the lines of their file."""
    path = folder / file
    text = path.read_text(encoding="utf-8").replace("\u00a0", " ")
    assert change[0] in text
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    source = folder / "activites.toml"
    with pytest.raises(ActivityFaults) as caught:
        load_activities(source)
    told = [line.removeprefix(f"{source}:").replace("\u00a0", " ") for line in str(caught.value).splitlines()]
    return told, source.read_text(encoding="utf-8").replace("\u00a0", " ").splitlines()


@pytest.mark.parametrize(
    ("change", "at", "says"),
    [
        # an excerpt
        (('extrait_de = "Message de Lina, fictif"', ""), 'extrait = """', "ne va pas sans « extrait_de »"),
        (('extrait_de = "Message', 'extrait_d = "Message'), "extrait_d =", "(« extrait_de » ?)"),
        # a grid
        (('juste = "public"', 'juste = "publik"'), "juste = ", '"publik" n’existe pas (« public » ?)'),
        (('juste = "message"', ""), "[[activite.ligne]]", 'il manque la valeur juste de "adresse"'),
        (("{ prive = 1, contacts = 0.5 }", "{ prive = 0.9 }"), "accepte =", "tout à fait juste"),
        (("{ prive = 1, contacts = 0.5 }", "{ prive = 3 }"), "accepte =", "un nombre de 0 à 1"),
        (
            (', taire = "Une question polie mérite une réponse."', ""),
            "[[activite.ligne]]",
            'n’est pas "taire" (« raisons »)',
        ),
        (
            ("Une question polie mérite une réponse.", "Rien ne dit encore qui demande."),
            "[[activite.ligne]]",
            "la même raison",
        ),
        (('taire = "Une question', 'tair = "Une question'), 'tair = "Une', '"tair" n’existe pas (« taire » ?)'),
        (('sous = "Son profil"', 'sou = "Son profil"'), "sou =", "(« sous » ?)"),
        (('id = "naissance"', 'id = "metier"'), 'id = "metier"', "une autre ligne a déjà cet identifiant"),
        (('valeurs = { politesse = "Par politesse", ', "valeurs = { "), "[[activite.ligne]]", "au moins deux valeurs"),
        (('verifier = "Pour savoir', 'verifier = ["Pour savoir'), "", "TOML"),
        # a form
        (("longueur = [40, 160]", "longueur = [160, 40]"), "longueur", "un minimum et un maximum"),
        (("longueur = [40, 160]", "longeur = [40, 160]"), "longeur", "(« longueur » ?)"),
        (("phrase = true", 'phrase = "oui"'), "phrase", "doit être true ou false"),
        (("phrase = true", "frase = true"), "frase", "n’existe pas ici (« phrase » ?)"),
        (('cite = "role"', 'cite = "rôle"'), "cite", '"rôle" n’existe pas (« role » ?)'),
        (('cite = "role"', 'cite = "texte"'), "cite", "se citerait lui-même"),
        (('cite_carnet = "objectif.themes"', 'cite_carnet = "objectif.theme"'), "cite_carnet", "objectif.themes"),
        (('cite_carnet = "objectif.themes"', 'cite_carnet = "objectif"'), "cite_carnet", "nommez l’un de ses champs"),
        (('cite_carnet = "objectif.themes"', 'cite_carnet = "plan"'), "cite_carnet", "ne donne pas un texte"),
        (('cite_carnet = "objectif.themes"', 'cite_carnet = "bio.texte"'), "cite_carnet", "ajoutez son fichier"),
        (("caracteres = [40, 160]", "caracteres = 40"), "caracteres", "un minimum et un maximum"),
        (("dieses = [3, 99]\n", ""), "[[activite.faute]]", "il manque une condition"),
        (("dieses = [3, 99]", "dièses = [3, 99]"), "", "TOML"),
        (("plafond = 0.2", "plafond = 1"), "[[activite.faute]]", "n’enlève rien"),
        (("plafond = 0.2\n", ""), "[[activite.faute]]", "il manque « facteur »"),
        (("part = 40\ncite_carnet", "part = 30\ncite_carnet"), "", "font 90 ; il faut 100"),
        (("phrase = true", "caracteres = [0, 200]"), "[[activite.critere]]", "est rempli par un champ vide"),
        (("phrase = true", "phrase = true\ninverse = true"), "[[activite.critere]]", "est rempli par un champ vide"),
        # a selection, and its data files
        (("choisir = 2", "choisir = 4"), "choisir = 4", "il n’y en a que 4"),
        (("choisir = 2", "choisir = 0"), "choisir = 0", "il faut au moins 1"),
        (("i3 = 0.5 }", "i3 = 1, i4 = 1 }"), "convient", "il n’y a rien à choisir"),
        (("{ i1 = 1, i2 = 1,", "{ i1 = 1, i9 = 1,"), "convient", '"i9" n’existe pas'),
        (('"profils.csv"]', '"profil.csv"]'), "cartes", "(« profils.csv » ?)"),
        (('["invites.csv", "profils.csv"]', '["invites.csv", 3]'), "cartes", "doit être à côté de ce fichier"),
        (('["invites.csv", "profils.csv"]', '"profils.csv"'), "cartes", "n’a de colonne « texte »"),
        (('["invites.csv", "profils.csv"]', '"reperes.csv"'), "cartes", "n’a de colonne « texte »"),
        (('colonne = "note"', 'colonne = "notes"'), 'colonne = "notes"', "(« note » ?)"),
        (('colonne = "note"', 'colone = "note"'), "colone", "(« colonne » ?)"),
        (('texte = "Note : {valeur}', 'texte = "Note : {valeurs}'), "{valeurs}", "« {valeurs} » n’existe pas"),
        (('texte = "Note : {valeur} sur 5"\n', ""), "[[activite.detail]]", "il manque « texte »"),
        ((', "0" = "" }', " }"), "valeurs = {", "rien ne dit comment montrer « 0 »"),
        (('"0" = "" }', '"0" = 3 }'), "valeurs = {", "un texte pour chaque valeur"),
        # a team of accounts
        (("choisir = 6", "choisir = 5"), "exemple", "nomme 6 cartes, et on en demande 5"),
        (("moyenne = 1.2456\n", ""), "[[activite]]", "il manque « moyenne »"),
        (("meilleur = 3.9", "meilleur = 1"), "meilleur", "doit dépasser « moyenne »"),
        (("c24 = -1.0", 'c24 = "-1"'), "valeur = {", "un nombre pour chaque clé"),
        (("c24 = -1.0", "c25 = -1.0"), "valeur = {", '"c25" n’existe pas'),
        (('raisons = { c24 = "Ce', 'raisons = { c23 = "Ce'), "raisons = {", 'la carte "c24" coûte'),
        (('trait = "suivi"', 'trait = "suivie"'), 'trait = "suivie"', "(« suivi » ?)"),
        (('regle = "varie"', 'regle = "varié"'), 'regle = "varié"', "(« varie » ?)"),
        (("au_dela = 2", "au_plus = 2"), "au_plus = 2", "« au_plus » n’existe pas ici"),
        (("chaque = 0.6", "chaque = -0.6"), "chaque", "il faut un nombre d’au moins 0"),
        # a search
        (('corrige = ["m1", "m2", "m3"]', 'corrige = ["m1", "m2", "m9"]'), "corrige", '"m9" n’existe pas'),
        (('corrige = ["m1", "m2", "m3"]', ""), "[[activite]]", "il manque les publications utiles"),
        (('"m1", "m2", "m3"]', '"m1", "m2", "m3", "m4"]'), "corrige", "tout demander suffirait"),
        (("avec = [1, 3]", "avec = [3, 1]"), "avec", "un minimum et un maximum"),
        (('texte = "livre"', 'texte = "avec"'), "[[activite.mot]]", "est un petit mot"),
        (('id = "livre"', 'id = "atelier"'), "", "« atelier » est déjà pris"),
        (('messages = "messages.csv"', 'messages = "invites.csv"'), "messages", "n’a pas de colonne « auteur »"),
        (('messages = "messages.csv"', "messages = 3"), "messages", "doit être à côté de ce fichier"),
        (('si_bruit = "', 'si_bruits = "'), "si_bruits", "(« si_bruit » ?)"),
        # a plan
        (('role = "ecoute"\n\n', 'role = "écoute"\n\n'), 'role = "écoute"', "(« ecoute » ?)"),
        (('role = "ecoute"\n\n', "\n\n"), "[[activite.geste]]", 'il manque « role » au geste "lire"'),
        (('role = "aide"\nmessage', 'role = "aides"\nmessage'), 'role = "aides"', "(« aide » ?)"),
        (('regle = "depassement"', 'regle = "dépassement"'), "dépassement", "(« depassement » ?)"),
        (("facteur = 0.6", "facteur = 1.6"), "[[activite.faute]]", "n’enlève rien"),
        (('medias = ["mastodon"]', 'medias = ["mastodonte"]'), "permis", "(« mastodon » ?)"),
        (('permis = { medias = ["mastodon"], themes', "permis = { themes"), "permis", "il manque « medias »"),
        (("budget = 60\npermis", "permis"), "[[activite.variante]]", "il manque « budget »"),
        (("part = 40\nrole", "part = 50\nrole"), "", "font 110 ; il faut 100"),
        # rows of a table by their ids
        (('"annuaire", "cercles"]', '"anuaire", "cercles"]'), "lignes", "(« annuaire » ?)"),
        (('lignes = ["annuaire", "cercles"]', 'lignes = "annuaire"'), "lignes", "une liste de textes"),
        (('lignes = ["annuaire", "cercles"]', "lignes = [1]"), "lignes", "une liste de textes"),
        (('donnees = "reperes.csv"\n', ""), "lignes", "ne va pas sans « donnees »"),
        (('donnees = "reperes.csv"', "donnees = 3"), "donnees", "doit être à côté de ce fichier"),
        (("legende =", 'colonnes = ["Un", "Deux"]\nlegende ='), "colonnes", "2 titres pour 3 colonnes"),
        (('legende = "Deux', 'legende = 3 # "Deux'), "legende", "un texte entre guillemets"),
    ],
    ids=range(80),
)
def test_each_new_key_has_its_fault_and_its_line(every_kind: Path, change: tuple[str, str], at: str, says: str) -> None:
    told, lines = in_every_kind(every_kind, change)
    fitting = [line for line in told if says in line]
    assert fitting, told
    assert any(at in lines[int(line.partition(":")[0]) - 1] for line in fitting), fitting


@pytest.mark.parametrize(
    ("file", "change", "at", "says"),
    [
        ("invites.csv", ("\ni2,", "\ni1,"), "cartes", "a deux lignes « i1 »"),
        ("invites.csv", ("\ni4,", "\ni5,"), "cartes", "« profils.csv » parle de « i4 », qui n’est pas dans"),
        ("profils.csv", ("\ni4,0", ""), "cartes", "« invites.csv » parle de « i4 », qui n’est pas dans"),
        ("profils.csv", ("id,connu", "nom,connu"), "cartes", "n’a pas de colonne « id »"),
        ("profils.csv", ("i2,0", "i2,0,3"), "cartes", "3 valeurs pour 2 colonnes, ligne 3"),
        ("profils.csv", ("i2,0", "i2,2"), "valeurs = {", "comment montrer « 2 »"),
        ("messages.csv", ("id,auteur,texte", "id,auteur,message"), "messages", "n’a pas de colonne « texte »"),
        ("messages.csv", ("m2,Paul Quéré", "m1,Paul Quéré"), "", "une autre publication a déjà cet identifiant"),
        ("reperes.csv", ("\nforum,", "\ncercles,"), "donnees", "a deux lignes « cercles »"),
        ("reperes.csv", ("\nforum,Le Forum", "\nforum"), "donnees", "3 valeurs pour 4 colonnes, ligne 4"),
        ("comptes.csv", ("c24,", "c25,"), "", '"c24" n’existe pas'),
    ],
    ids=range(11),
)  # fmt: skip
def test_what_is_amiss_with_a_data_file_is_told_at_the_key_that_names_it(
    every_kind: Path, file: str, change: tuple[str, str], at: str, says: str
) -> None:
    told, lines = in_every_kind(every_kind, change, file)
    fitting = [line for line in told if says in line]
    assert fitting, told
    assert any(at in lines[int(line.partition(":")[0]) - 1] for line in fitting), fitting


def test_a_data_file_of_a_spreadsheet_is_read(every_kind: Path) -> None:
    """With the mark that some put at the beginning."""
    path = every_kind / "profils.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert (
        load_activities(every_kind / "activites.toml").versions
        == load_activities(EVERY_KIND / "exercises" / "etape-1" / "activites.toml").versions
    )


def test_rows_are_shown_in_the_order_asked_without_their_ids(every_kind: Path) -> None:
    table = load_activities(every_kind / "activites.toml")["reperes"].table
    assert table is not None
    assert table.columns == ("Hier", "Aujourd’hui", "Vérifié le")
    assert [row[0][:5] for row in table.rows] == ["L’Ann", "Les C"]
    assert table.rows[1][2].replace("\u00a0", " ") == "1er novembre 2026"


def test_a_variant_has_a_data_file_or_rows_of_its_own(every_kind: Path) -> None:
    """The same question about other rows; what the variant does not say, the activity says for all."""
    path = every_kind / "activites.toml"
    text = path.read_text(encoding="utf-8").replace('id = "reperes"\n', 'id = "reperes"\nselon = "cas"\n')
    variants = [
        '[[activite.variante]]\ncas = "nadia"\n',
        '[[activite.variante]]\ncas = "marcel"\nlignes = ["forum"]\nlegende = "Un seul"\n',
    ]
    text = text.replace('[[activite]]\nid = "mon-plan"', "\n".join(variants) + '\n[[activite]]\nid = "mon-plan"')
    path.write_text(text, encoding="utf-8")
    activity = load_activities(path)["reperes"]
    tables = [activity.variants[case].table for case in ("nadia", "marcel")]
    assert [len(table.rows) for table in tables if table] == [2, 1]
    assert [table.caption for table in tables if table][1] == "Un seul"


def test_an_excerpt_keeps_its_paragraphs(every_kind: Path) -> None:
    """And its no-break spaces: a lone « at the end of a line is hard to read on a phone."""
    excerpt = load_activities(every_kind / "activites.toml")["grille"].excerpt
    assert excerpt is not None
    assert excerpt.source == "Message de Lina, fictif"
    assert [text[:7] for text in excerpt.paragraphs] == ["Bonjour", "On me d"]
    assert excerpt.paragraphs[0].startswith("Bonjour\u00a0! Je viens")


def test_the_place_of_a_second_version_is_its_own(every_kind: Path) -> None:
    """Two versions of one question: the fault of the second is told where the second stands."""
    path = every_kind / "activites.toml"
    text = path.read_text(encoding="utf-8")
    form = text[text.index('[[activite]]\nid = "fiche"') : text.index('[[activite]]\nid = "lecture"')]
    second = form.replace("version = 2", "version = 3").replace("objectif.themes", "objectif.x")
    path.write_text(text + "\n" + second, encoding="utf-8")
    with pytest.raises(ActivityFaults) as caught:
        load_activities(path)
    (fault,) = caught.value.faults
    assert "objectif.x" in path.read_text(encoding="utf-8").splitlines()[fault.line - 1]
