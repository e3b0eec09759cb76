"""Every strange submission: each made by the widget's own code, or by spoiling what it made.

`GOLDEN` names them, with the mark that each must have or the reason for which it is refused.
"""

import bz2
import gzip
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.submissions import ROOT
from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.folder import Folder
from reseau_kit.answers.journal import AUTHOR_FILE_NAME, FILE_NAME
from reseau_kit.answers.notebooks import KEY, load, release, save, write_copy
from reseau_kit.answers.travel import take_along
from reseau_kit.learner.activity import ActivityPanel, activite, repondre
from small_questions import CARDS, COMMON, FORM, MATCHING, ORDERING, SELECTION, TEXT

ASSIGNMENT = "atelier"
NOTEBOOK = f"{ASSIGNMENT}.ipynb"
AT = "2026-11-22T08:00:00.000Z"

DECISION = """
[[activite]]
id = "cas"
genre = "choix"
carnet = "cas"
question = "Quel cas choisissez-vous ?"
choisir = 1
option = [{ id = "nadia", texte = "Nadia" }, { id = "marcel", texte = "Marcel" }]
"""

CHOICE = f"""
[[activite]]
id = "C"
genre = "choix"
selon = "cas"
choisir = 2
{COMMON}
[[activite.option]]
id = "voisins"
texte = "Les voisins"
raison = "Habitent-ils le sujet ?"
[[activite.option]]
id = "metier"
texte = "Les gens du métier"
raison = "Quel métier ?"
[[activite.option]]
id = "tous"
texte = "Tout le monde"
raison = "Qui d’abord ?"
[[activite.option]]
id = "celebres"
texte = "Des célébrités"
raison = "Vous répondront-elles ?"
[[activite.variante]]
cas = "nadia"
corrige = ["metier", "voisins"]
[[activite.variante]]
cas = "marcel"
corrige = ["metier", "tous"]
"""

NUMBER = f"""
[[activite]]
id = "N"
genre = "nombre"
version = {{version}}
{COMMON}
valeur = {{value}}
tolerance = 1
[[activite.erreur]]
nom = "visites"
valeur = 42.9
tolerance = 0.5
part = 0.5
message = "Ce sont les visites."
"""

#: An open question, whose text a person reads and marks.
WRITING = TEXT.replace('id = "T"', 'id = "W"')

IDS = ("C", "N", "M", "O", "F", "S")
RIGHT: dict[str, Any] = {
    "C": ["metier", "voisins"],
    "N": "63,3",
    "M": {"carte": "contact", "diner": "lien", "abonnes": "audience"},
    "O": ["a", "b", "c", "d", "e"],
    "F": {"verbe": "rencontrer", "public": "les gens de mon quartier", "date": "2027-01-10"},
    "S": [{"id": "a", "critere": "public"}],
}
PARTLY: dict[str, Any] = {
    "C": ["metier"],
    "N": 42.9,
    "M": {"carte": "contact", "diner": "lien", "abonnes": "contact"},
    "O": ["b", "a", "c", "d", "e"],
    "F": {"verbe": "vendre", "public": "les gens de mon quartier", "date": "10/01/2027"},
    "S": [{"id": "b", "critere": "public"}],
}
#: Of another type than the question asks for.
ILL_TYPED: dict[str, Any] = {
    "C": {"metier": True},
    "N": ["63,3"],
    "M": "contact",
    "O": 12345,
    "F": [["verbe", "rencontrer"]],
    "S": {"a": "public"},
}

Marks = dict[str, float | None]
ALL: Marks = dict.fromkeys(IDS, 10.0)
NOTHING: Marks = dict.fromkeys(IDS, 0.0)
IN_PART: Marks = {"C": 5.0, "N": 5.0, "M": 7.27, "O": 8.0, "F": 6.0, "S": 2.0}


class Hand:
    """A learner at the page: each gesture is the message that the page sends, or a cell that is run."""

    def __init__(self, folder: Path, case: str = "nadia") -> None:
        self.folder = folder
        if case:
            self.send("cas", "attempt", [case])

    def send(self, id: str, kind: str, value: Any) -> None:
        """What the page sends when something was typed (draft) or validated (attempt)."""
        with chdir(self.folder):
            panel = activite(id)
            assert isinstance(panel, ActivityPanel), panel.plain
            event = {
                "v": 1,
                "id": os.urandom(8).hex(),
                "origin": panel.state["origin"] or os.urandom(8).hex(),
                "seq": panel.state["lastSeq"] + 1,
                "activity": id,
                "version": panel.face["version"],
                "kind": kind,
                "value": value,
                "at": AT,
                "context": panel.face["context"],
            }
            panel._receive(panel, {"type": "event", "event": event}, [])
        self.copy()

    def validate(self, values: Mapping[str, Any]) -> "Hand":
        for id, value in values.items():
            self.send(id, "attempt", value)
        return self

    def type(self, values: Mapping[str, Any]) -> "Hand":
        for id, value in values.items():
            self.send(id, "draft", value)
        return self

    def run(self, id: str, value: Any) -> "Hand":
        """A cell that answers in code."""
        with chdir(self.folder):
            repondre(id, value)
        self.copy()
        return self

    def copy(self) -> None:
        """The second copy of the answers, which the page writes into the notebook."""
        notebook, answers = load(self.folder / NOTEBOOK), Folder(self.folder).answers
        write_copy(notebook, answers.origin, answers.events)
        save(self.folder / NOTEBOOK, notebook)


@dataclass(frozen=True)
class Golden:
    """One submission: how it is made, and what it must be worth.

    `text` is the mark of what was written in the notebook for a person to read, `writing` that of the open question,
    each None where a person has yet to read; `written` is the text of the open question that they will find.
    Without `marks` it is refused, with `said` in the log. `widget` and `kernel` hold the marks that those give where
    they are others, None where they can give none; `why` then says the reason.
    """

    make: Callable[[Path], object]
    marks: Marks | None
    said: str = ""
    text: float | None = 0.0
    written: str = ""
    widget: Marks | None = field(default_factory=dict)
    kernel: Marks | None = field(default_factory=dict)
    why: str = ""
    student: str = ""

    @property
    def writing(self) -> float | None:
        """The mark of the open question: a person gives it, unless nothing was written."""
        return None if self.written else 0.0


# --- spoiling ---------------------------------------------------------------------------------------------------------


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a notebook as a learner with an editor could."""
    notebook = load(folder / NOTEBOOK)
    change(notebook)
    save(folder / NOTEBOOK, notebook)


def edit_events(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change each event in both copies."""
    lines = [json.loads(line) for line in (folder / FILE_NAME).read_text(encoding="utf-8").splitlines()]
    for line in lines:
        change(line)
    (folder / FILE_NAME).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    edit(folder, lambda notebook: [change(event) for event in notebook["metadata"][KEY]["answers"]["events"]])


def append(folder: Path, line: bytes) -> None:
    with (folder / FILE_NAME).open("ab") as journal:
        journal.write(line)


def markdown(notebook: dict[str, Any], source: str, **more: Any) -> None:
    cell = {"cell_type": "markdown", "id": f"note-{len(notebook['cells'])}", "metadata": {}, "source": source}
    notebook["cells"].insert(2, {**cell, **more})


def code(notebook: dict[str, Any], source: str) -> None:
    markdown(notebook, source, cell_type="code", outputs=[], execution_count=None)


def graded(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade")]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


#: What would show that a learner's HTML ran: the page's title becomes « atteint ».
HOSTILE = (
    "<script>document.title='atteint'</script>"
    "<img src=x onerror=\"document.title='atteint'\">"
    "<svg onload=\"document.title='atteint'\"></svg>"
    "</pre></p></div><iframe srcdoc=\"<script>parent.document.title='atteint'</script>\"></iframe>"
    "[cliquez](javascript:document.title='atteint') ![](x\"onerror=\"document.title='atteint')"
    " $\\href{javascript:document.title='atteint'}{x}$ {{ 7 * 7 }}"
)


#: What somebody writes who likes formatting.
PLEA = "J’y serai pour **rencontrer** trois médiatrices avant juin.\n\n- D’abord lire ;\n- puis écrire : R&D, 1 > 0."
#: In each way in which MathJax, or what decodes a page's text before it, would find a formula.
FORMULAS = (
    "Le but : $x^2$, $$y$$, \\(z\\), \\[t\\], \\begin{equation}u\\end{equation}\n\n"
    "&#36;v&#36; &#x24;w&#x24; &dollar;a&dollar; &bsol;(b&bsol;) **\\href{javascript:alert(1)}{c}**"
)
#: The same signs without any that Markdown itself would read.
ENTITIES = "Mon but &#36;v&#36; et &dollar;a&dollar; : **écouter**."
OWN_HTML = "<h1>Mon texte</h1>\n\n<p style='color:red'>Pour <b>écouter</b>.</p><!-- fini"

# --- the submissions --------------------------------------------------------------------------------------------------


def perfect(folder: Path) -> None:
    Hand(folder).validate(RIGHT)


def partly(folder: Path) -> None:
    Hand(folder).validate(PARTLY)


def nothing(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def untouched(folder: Path) -> None:
    assert not (folder / FILE_NAME).exists()


def drafts(folder: Path) -> None:
    Hand(folder).type(PARTLY).type(RIGHT)


def four_attempts(folder: Path) -> None:
    hand = Hand(folder)
    for value in (1, 2, 3, 63.3):
        hand.send("N", "attempt", value)


def replayed(folder: Path) -> None:
    """« Restart and run all », three times over, and then a right answer: it is the second attempt."""
    hand = Hand(folder)
    for _ in range(3):
        hand.validate({"C": ["tous", "celebres"], "M": dict.fromkeys(RIGHT["M"], "audience")}).run("N", 12)
    for id in ("C", "M", "N"):
        hand.run(id, RIGHT[id])


def notebook_only(folder: Path) -> None:
    perfect(folder)
    (folder / FILE_NAME).unlink()


def journal_only(folder: Path) -> None:
    perfect(folder)
    (folder / NOTEBOOK).unlink()


def renamed(folder: Path) -> None:
    notebook_only(folder)
    (folder / NOTEBOOK).rename(folder / f"{ASSIGNMENT} (1).ipynb")


def two_machines(folder: Path) -> None:
    """One learner goes on in two copies of a folder, and hands in the journal of one and the notebook of the other."""
    Hand(folder)
    other = Path(shutil.copytree(folder, folder.with_name("ailleurs")))
    for id in IDS:
        Hand(folder, "").send(id, "attempt", PARTLY[id])
        Hand(other, "").send(id, "attempt", RIGHT[id])
    shutil.move(other / NOTEBOOK, folder / NOTEBOOK)
    for event in (notebook := load(folder / NOTEBOOK))["metadata"][KEY]["answers"]["events"]:
        if event["activity"] != "cas":
            event["at"] = "2026-11-22T09:00:00.000Z"
    save(folder / NOTEBOOK, notebook)
    shutil.rmtree(other)


def forged_copy(folder: Path) -> None:
    """The notebook says right where the journal says wrong, of the same answers."""
    partly(folder)
    edit(
        folder,
        lambda notebook: [
            event.update(value=RIGHT.get(event["activity"], event["value"]))
            for event in notebook["metadata"][KEY]["answers"]["events"]
        ],
    )


def truncated(folder: Path) -> None:
    """A write cut short: the last answer of the journal is lost, and the notebook has it."""
    perfect(folder)
    journal = folder / FILE_NAME
    journal.write_bytes(journal.read_bytes()[:-40])


def truncated_alone(folder: Path) -> None:
    truncated(folder)
    drop_copy(folder)


def drop_copy(folder: Path) -> None:
    """What a tool that cleans notebooks takes of ours, but for the activities."""
    edit(folder, lambda notebook: notebook["metadata"][KEY].pop("answers"))


def first_line_lost(folder: Path) -> None:
    """A journal that says no longer whose it is, of one person, and no copy."""
    partly(folder)
    drop_copy(folder)
    (folder / FILE_NAME).write_bytes((folder / FILE_NAME).read_bytes().partition(b"\n")[2])


def first_line_lost_beside_a_friend(folder: Path) -> None:
    """The same beside a friend's notebook: what the journal holds is one's own all the same."""
    foreign(folder)
    (folder / FILE_NAME).write_bytes((folder / FILE_NAME).read_bytes().partition(b"\n")[2])


def in_form(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """A journal alone that an editor, a shell or an archiver wrote anew."""

    def make(folder: Path) -> None:
        partly(folder)
        drop_copy(folder)
        (folder / FILE_NAME).write_bytes(change((folder / FILE_NAME).read_bytes()))

    return make


def stray_author_file(folder: Path) -> None:
    """An activities file that says that 12 is right, and two that say nothing: somebody's, in a learner's folder."""
    (folder / "a.activites.toml").write_text("[[activite]\nid = ", encoding="utf-8")
    (folder / "activites.toml").write_text(exercise(NUMBER.format(version=1, value=12)), encoding="utf-8")
    (folder / "b.activites.toml").mkdir()
    Hand(folder).validate(PARTLY | {"N": 12})


def diverted(folder: Path) -> None:
    """Answers that such a file once sent to an author's journal, and that no copy holds."""
    partly(folder)
    drop_copy(folder)
    (folder / FILE_NAME).rename(folder / AUTHOR_FILE_NAME)


def diverted_halfway(folder: Path) -> None:
    """The first answers went to the author's journal, the others to the learner's; a friend's notebook says nothing."""
    first = Hand(folder).validate({id: PARTLY[id] for id in ("C", "N", "M")}).folder
    shutil.copy(folder / FILE_NAME, folder / AUTHOR_FILE_NAME)
    lines = (folder / FILE_NAME).read_bytes().splitlines(keepends=True)
    Hand(first, "").validate({id: PARTLY[id] for id in ("O", "F", "S")})
    later = (folder / FILE_NAME).read_bytes().splitlines(keepends=True)[len(lines) :]
    (folder / FILE_NAME).write_bytes(b"".join((lines[0], *later)))
    drop_copy(folder)


def damaged_metadata(folder: Path) -> None:
    perfect(folder)
    edit(folder, lambda notebook: notebook["metadata"].update({KEY: "?", "widgets": 3, "kernelspec": [], "title": {}}))


def damaged_cells(folder: Path) -> None:
    """Cells that are no cells, among cells that are."""
    perfect(folder)
    odd = [None, 7, {"cell_type": "video"}, {"source": 3, "metadata": []}, {"cell_type": "code", "id": ["?"]}]
    edit(folder, lambda notebook: notebook["cells"].extend(odd))


def unreadable_with_journal(folder: Path) -> None:
    perfect(folder)
    (folder / NOTEBOOK).write_text("{", encoding="utf-8")


def unreadable(folder: Path) -> None:
    unreadable_with_journal(folder)
    (folder / FILE_NAME).unlink()


def foreign(folder: Path) -> None:
    """A friend's notebook beside one's own journal."""
    partly(folder)
    friend = Path(shutil.copytree(folder, folder.with_name("ami")))
    (friend / FILE_NAME).unlink()
    edit(friend, lambda notebook: notebook["metadata"][KEY].pop("answers"))
    perfect(friend)
    shutil.move(friend / NOTEBOOK, folder / NOTEBOOK)
    shutil.rmtree(friend)


def deleted(folder: Path) -> None:
    partly(folder)
    kept = [cell for cell in load(folder / NOTEBOOK)["cells"] if "nbgrader" not in cell["metadata"]]
    edit(folder, lambda notebook: notebook.update(cells=kept))


def duplicated(folder: Path) -> None:
    partly(folder)
    edit(folder, lambda notebook: notebook["cells"].extend(json.loads(json.dumps(notebook["cells"]))))


def forged_cells(folder: Path) -> None:
    def forge(notebook: dict[str, Any]) -> None:
        for cell in graded(notebook):
            cell["metadata"]["nbgrader"] |= {"points": 1000, "schema_version": 1, "solution": True, "locked": False}
            if cell["cell_type"] == "code":
                data = {"text/plain": "10.0", "text/html": HOSTILE}
                output = {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}
                cell["source"], cell["outputs"] = "10.0", [output]

    edit(folder, forge)


def forged_key(folder: Path) -> None:
    """The learner's notebook says that 12 is right."""
    source = folder / "activites.toml"
    source.write_text(exercise(NUMBER.format(version=1, value=12)), encoding="utf-8")
    (folder / "medias.csv").write_text(CARDS, encoding="utf-8")
    edit(folder, lambda notebook: release(notebook, load_activities(source)))
    source.unlink()
    Hand(folder).validate({"N": 12})


def ill_typed(folder: Path) -> None:
    Hand(folder).validate(ILL_TYPED)


def not_a_number(folder: Path) -> None:
    """Python's own NaN, which is no JSON; the widget keeps it out, an editor does not."""
    perfect(folder)
    event = json.loads((folder / FILE_NAME).read_text(encoding="utf-8").splitlines()[-1])
    for place, value in enumerate((float("nan"), float("inf"), -float("inf"))):
        append(folder, json.dumps({**event, "id": f"{place:016x}", "seq": 99, "value": value}).encode() + b"\n")


def too_large(folder: Path) -> None:
    """Ten megabytes on a line of the journal, and as many in the notebook."""
    perfect(folder)
    append(folder, b'{"v": 1, "value": "' + b"x" * 10_000_000 + b'"}\n')
    edit(folder, lambda notebook: notebook["metadata"][KEY].update(blob="x" * 10_000_000))


def too_deep(folder: Path) -> None:
    perfect(folder)
    append(folder, b"[" * 50_000 + b"\n")
    Hand(folder, "").send("N", "draft", nested(200))
    edit(folder, lambda notebook: notebook["metadata"].update(deep=nested(400)))
    edit(folder, lambda notebook: notebook["cells"][0]["metadata"].update(deep=nested(400)))


def huge_number(folder: Path) -> None:
    Hand(folder).validate({"N": 10**400})


def script(folder: Path) -> None:
    """HTML that would run, wherever a learner can put a text."""
    hand = Hand(folder)
    hand.validate({"F": {"verbe": "rencontrer", "public": HOSTILE, "date": HOSTILE}, "N": f"12 {HOSTILE}"})
    hand.validate({"C": [HOSTILE], "M": {HOSTILE: HOSTILE}, "S": [{"id": HOSTILE, "critere": HOSTILE}]})
    edit(folder, lambda notebook: markdown(notebook, HOSTILE))
    edit(folder, lambda notebook: markdown(notebook, HOSTILE, cell_type="raw"))
    edit(folder, lambda notebook: code(notebook, f"# {HOSTILE}"))
    edit(folder, lambda notebook: notebook["metadata"].update(title=HOSTILE, language_info={"name": HOSTILE}))
    edit(folder, lambda notebook: notebook["cells"][0]["metadata"].update(tags=[f'"><{HOSTILE}']))
    write_text(folder, f"Mon texte.\n\n{HOSTILE}")
    (folder / "<img src=x onerror=document.title='atteint'>.txt").write_text(HOSTILE, encoding="utf-8")
    shutil.copy(folder / NOTEBOOK, folder / "<img src=x onerror=document.title='atteint'>.ipynb")


def write_text(folder: Path, text: str) -> None:
    """Write in the cell that a person reads."""
    edit(folder, lambda notebook: graded(notebook)[-1].update(source=text))


def cleaned(folder: Path) -> None:
    """A tool that cleans notebooks took out the metadata and the outputs, and there is no journal."""
    perfect(folder)
    (folder / FILE_NAME).unlink()

    def clean(notebook: dict[str, Any]) -> None:
        notebook["metadata"] = {}
        for cell in notebook["cells"]:
            cell["metadata"] = {}

    edit(folder, clean)


def beside(name: str, *, stale: Callable[[Path], object], journal: bool = False) -> Callable[[Path], None]:
    """The document as it was, and the full one beside it under another name, with a journal or without."""

    def make(folder: Path) -> None:
        stale(folder)
        old = (folder / NOTEBOOK).read_bytes()
        Hand(folder, "").validate(RIGHT) if (folder / FILE_NAME).exists() else perfect(folder)
        (folder / NOTEBOOK).rename(folder / name)
        (folder / NOTEBOOK).write_bytes(old)
        if not journal:
            (folder / FILE_NAME).unlink()

    return make


def begun(folder: Path) -> None:
    """Only the case is chosen yet."""
    Hand(folder)


def called(notebook: str, journal: str = "") -> Callable[[Path], None]:
    """The files of somebody who answered everything, under other names; without a name there is no such file."""

    def make(folder: Path) -> None:
        perfect(folder)
        for name, other in ((NOTEBOOK, notebook), (FILE_NAME, journal)):
            if other:
                (folder / name).rename(folder / other)
            else:
                (folder / name).unlink()

    return make


def second_journal(name: str) -> Callable[[Path], None]:
    """A browser or Jupyter made a copy of the journal, and the answers went on in one of them."""

    def make(folder: Path) -> None:
        hand = Hand(folder)
        early = (folder / FILE_NAME).read_bytes()
        hand.validate(RIGHT)
        (folder / FILE_NAME).rename(folder / name)
        (folder / FILE_NAME).write_bytes(early)
        edit(folder, lambda notebook: notebook["metadata"][KEY].pop("answers"))

    return make


def friends_journal(folder: Path) -> None:
    """A friend's journal beside one's own, both of them named by a browser."""
    partly(folder)
    friend = Path(shutil.copytree(folder, folder.with_name("ami")))
    (friend / FILE_NAME).unlink()
    edit(friend, lambda notebook: notebook["metadata"][KEY].pop("answers"))
    perfect(friend)
    shutil.move(friend / FILE_NAME, folder / "reponses (1).jsonl")
    shutil.rmtree(friend)


def two_friends(folder: Path) -> None:
    """An untouched document, and the documents of two other people: nobody can say whose work it is."""
    for name in ("anna", "bilal"):
        friend = Path(shutil.copytree(folder, folder.with_name(name)))
        perfect(friend)
        shutil.move(friend / NOTEBOOK, folder.with_name(f"{name}.ipynb"))
        shutil.rmtree(friend)
    for name in ("anna", "bilal"):
        shutil.move(folder.with_name(f"{name}.ipynb"), folder / f"atelier-{name}.ipynb")


def two_friends_renamed(folder: Path) -> None:
    """The documents of two people and none of the name: nobody can say whose work it is."""
    two_friends(folder)
    (folder / NOTEBOOK).unlink()


def travelled(folder: Path) -> None:
    """The file of answers that somebody took along, in the place of the journal."""
    perfect(folder)
    with chdir(folder):
        path, _ = take_along(folder)
    answers = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    path.with_name("mes-reponses-2026-11-22.json").write_text(json.dumps(answers), encoding="utf-8")
    (folder / FILE_NAME).unlink()
    edit(folder, lambda notebook: notebook["metadata"][KEY].pop("answers"))


def zipped_document(folder: Path) -> None:
    """An archive in the place of the document: grading opens none."""
    perfect(folder)
    with zipfile.ZipFile(folder / f"{NOTEBOOK}.zip", "w") as archive:
        archive.write(folder / NOTEBOOK, NOTEBOOK)
    (folder / NOTEBOOK).unlink()
    (folder / FILE_NAME).unlink()


def in_a_folder(folder: Path) -> None:
    """The whole folder in the folder, as a double click on an archive makes it."""
    perfect(folder)
    (folder / "rendu").mkdir()
    for name in (NOTEBOOK, FILE_NAME):
        (folder / name).rename(folder / "rendu" / name)


def text_written(folder: Path) -> None:
    perfect(folder)
    write_text(folder, "Une page **publique** : R&D, 1 < 2.")


def write(*texts: Any, draft: bool = False) -> Callable[[Path], None]:
    """Somebody who answers everything well, and the open question with those texts, one after the other."""

    def make(folder: Path) -> None:
        hand = Hand(folder).validate(RIGHT)
        for text in texts:
            hand.send("W", "draft" if draft else "attempt", text)

    return make


def write_in_code(folder: Path) -> None:
    Hand(folder).validate(RIGHT).run("W", PLEA)


def linked_journal(folder: Path) -> None:
    """Somebody else's journal by a link; the notebook's own answers count."""
    partly(folder)
    (folder / FILE_NAME).unlink()
    (folder / FILE_NAME).symlink_to(folder.parents[1] / "perfect" / ASSIGNMENT / FILE_NAME)


def linked_notebook(folder: Path) -> None:
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).symlink_to(folder.parents[1] / "perfect" / ASSIGNMENT / NOTEBOOK)


def linked_folder(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.symlink_to(folder.parents[1] / "perfect" / ASSIGNMENT, target_is_directory=True)


def endless_files(folder: Path) -> None:
    """Extra files that have no end, or nobody at the other one."""
    perfect(folder)
    (folder / "photo.png").symlink_to("/dev/zero")
    os.mkfifo(folder / "son.wav")


def old_version(folder: Path) -> None:
    """An answer to the first version of a question, right then and not now."""
    source = folder / "activites.toml"
    source.write_text(exercise(NUMBER.format(version=1, value=50)), encoding="utf-8")
    edit(folder, lambda notebook: release(notebook, load_activities(source)))
    source.unlink()
    Hand(folder).validate({"N": 50})


def unknown_version(folder: Path) -> None:
    partly(folder)
    edit_events(folder, lambda event: event.update(version=9) if event.get("activity") == "N" else None)


def no_case(folder: Path) -> None:
    Hand(folder, "").validate({id: value for id, value in RIGHT.items() if id != "C"})


def case_lost(folder: Path) -> None:
    """An answer that says no longer for which case it was given."""
    perfect(folder)
    edit_events(folder, lambda event: event.update(context={}) if event.get("activity") == "C" else None)


def late(folder: Path) -> None:
    partly(folder)
    (folder / "timestamp.txt").write_text("2026-12-03 08:00:00 UTC\n", encoding="utf-8")


def ends_the_kernel(folder: Path) -> None:
    perfect(folder)
    edit(folder, lambda notebook: code(notebook, "import os; os._exit(1)"))


def replaces_the_check(folder: Path) -> None:
    source = "import reseau_kit.learner.activity as w\nw.points = lambda activity, score: 10.0"
    edit(folder, lambda notebook: code(notebook, source))


GOLDEN: dict[str, Golden] = {
    "perfect": Golden(perfect, ALL),
    "partly-wrong": Golden(partly, IN_PART),
    "empty": Golden(nothing, NOTHING, "le document manque", widget=None, why="there is no notebook to show"),
    "untouched": Golden(untouched, NOTHING),
    "drafts": Golden(drafts, ALL),
    "four-attempts": Golden(four_attempts, NOTHING),
    "replayed": Golden(replayed, NOTHING | {"C": 5.0, "M": 5.0, "N": 5.0}),
    "notebook-only": Golden(notebook_only, ALL),
    "journal-only": Golden(journal_only, ALL, "le document manque", widget=None, why="there is no notebook to show"),
    "renamed": Golden(renamed, ALL, "le document manque"),
    "cleaned": Golden(cleaned, NOTHING, "nettoie les notebooks", widget=None, why="the notebook carries no activities"),
    "stale": Golden(beside(f"{ASSIGNMENT}-AUTRE-PC.ipynb", stale=untouched), ALL, "comptées avec les autres"),
    "stale-begun": Golden(beside(f"{ASSIGNMENT}-AUTRE-PC.ipynb", stale=begun), ALL, "comptées avec les autres"),
    "stale-with-journal": Golden(
        beside(f"{ASSIGNMENT} (conflit).ipynb", stale=begun, journal=True), ALL, "une autre copie du document"
    ),
    "journal-1": Golden(second_journal("reponses (1).jsonl"), ALL, "« reponses (1).jsonl » a d’autres réponses"),
    "journal-copy": Golden(second_journal("reponses-Copy1.jsonl"), ALL, "« reponses-Copy1.jsonl » a d’autres réponses"),
    "journal-txt": Golden(second_journal("reponses.jsonl.txt"), ALL, "« reponses.jsonl.txt » a d’autres réponses"),
    "journal-upper": Golden(second_journal("REPONSES-pc.JSONL"), ALL, "« REPONSES-pc.JSONL » a d’autres réponses"),
    "friends-journal": Golden(friends_journal, IN_PART, "« reponses (1).jsonl » a des réponses d’un autre dossier"),
    "two-friends": Golden(two_friends, NOTHING, "viennent d’un autre dossier"),
    "two-friends-renamed": Golden(
        two_friends_renamed,
        NOTHING,
        "viennent d’un autre dossier",
        widget=NOTHING,
        why="the page shows whose document it is",
    ),
    "named-txt": Golden(called(f"{NOTEBOOK}.txt"), ALL, "tient sa place", widget=None, why="there is no notebook"),
    "named-json": Golden(called(f"{NOTEBOOK}.json"), ALL, "tient sa place", widget=None, why="there is no notebook"),
    "named-plain-json": Golden(
        called(f"{ASSIGNMENT}.json"), ALL, "tient sa place", widget=None, why="there is no notebook"
    ),
    "named-upper": Golden(
        called(f"{ASSIGNMENT.upper()}.IPYNB"), ALL, "tient sa place", widget=None, why="there is no notebook"
    ),
    "named-otherwise": Golden(
        called("le mien.ipynb.TXT", "mes reponses (2).JSONL"),
        ALL,
        "tient sa place",
        widget=None,
        why="there is no notebook",
    ),
    "in-a-folder": Golden(in_a_folder, ALL, "tient sa place", widget=None, why="there is no notebook there"),
    "travelled": Golden(
        travelled,
        ALL,
        "« mes-reponses-2026-11-22.json » a d’autres réponses",
        widget=NOTHING,
        why="the page takes such a file when it is asked to",
    ),
    "zipped": Golden(
        zipped_document,
        NOTHING,
        "est une archive, qui n’est pas ouverte",
        widget=None,
        why="there is no notebook to show",
    ),
    "two-machines": Golden(two_machines, {"C": 5.0, "N": 5.0, "M": 7.27, "O": 8.0, "F": 6.0, "S": 5.0}),
    "forged-copy": Golden(forged_copy, IN_PART),
    "truncated": Golden(truncated, ALL, "ligne coupée"),
    "truncated-alone": Golden(truncated_alone, ALL | {"S": 0.0}, "ligne coupée"),
    "first-line-lost": Golden(first_line_lost, IN_PART),
    "first-line-lost-beside-a-friend": Golden(first_line_lost_beside_a_friend, IN_PART, "viennent d’un autre dossier"),
    "journal-in-utf-16": Golden(in_form(lambda data: data.decode().encode("utf-16")), IN_PART),
    "journal-in-gzip": Golden(in_form(gzip.compress), IN_PART),
    "journal-of-old-macs": Golden(in_form(lambda data: data.replace(b"\n", b"\r")), IN_PART),
    "journal-in-bzip2": Golden(in_form(bz2.compress), NOTHING, "c’est une archive bzip2, qui ne se lit pas ici"),
    "stray-author-file": Golden(stray_author_file, IN_PART | {"N": 0.0}),
    "diverted": Golden(diverted, IN_PART),
    "diverted-halfway": Golden(diverted_halfway, IN_PART),
    "damaged-metadata": Golden(damaged_metadata, ALL, widget=None, why="the notebook carries no activities"),
    "damaged-cells": Golden(damaged_cells, ALL),
    "unreadable-notebook": Golden(
        unreadable_with_journal, ALL, "noté d’après le journal", widget=None, why="the notebook does not open"
    ),
    "unreadable": Golden(unreadable, None, "n’est pas un notebook lisible"),
    "foreign": Golden(foreign, IN_PART, "viennent d’un autre dossier"),
    "deleted-cells": Golden(deleted, IN_PART, "Cellules manquantes, donc remises"),
    "duplicated-cells": Golden(duplicated, IN_PART, "Cellules en double, la dernière de chaque nom est gardée"),
    "forged-cells": Golden(forged_cells, NOTHING),
    "forged-key": Golden(forged_key, NOTHING, widget=NOTHING | {"N": 10.0}, why="the page believes its notebook"),
    "ill-typed": Golden(ill_typed, NOTHING),
    "not-a-number": Golden(not_a_number, ALL, "n’est pas un nombre"),
    "ten-megabytes": Golden(too_large, ALL, "dépasse 8 Mo"),
    "deep": Golden(too_deep, ALL, "la ligne est trop profonde"),
    "huge-number": Golden(huge_number, NOTHING),
    "script": Golden(script, NOTHING | {"F": 4.0}, text=None),
    "text": Golden(text_written, ALL, text=None),
    "open-text": Golden(write({"texte": PLEA}), ALL, written=PLEA),
    "open-text-anew": Golden(write({"texte": "Parce que."}, {"texte": PLEA}), ALL, written=PLEA),
    "open-text-draft": Golden(write({"texte": "Je"}, {"texte": PLEA}, draft=True), ALL, written=PLEA),
    "open-text-in-code": Golden(write_in_code, ALL, written=PLEA),
    "open-text-empty": Golden(write({"texte": " \n "}), ALL),
    "open-text-emptied": Golden(write({"texte": PLEA}, {"texte": ""}), ALL, written=PLEA),
    "open-text-ill-typed": Golden(write({"texte": 12}, ["texte"], {"niveau": 4}, 12, None), ALL),
    "open-text-script": Golden(write({"texte": HOSTILE}), ALL, written=HOSTILE),
    "open-text-formulas": Golden(write({"texte": FORMULAS}), ALL, written=FORMULAS),
    "open-text-entities": Golden(write({"texte": ENTITIES}), ALL, written=ENTITIES),
    "open-text-html": Golden(write({"texte": OWN_HTML}), ALL, written=OWN_HTML),
    "linked-journal": Golden(linked_journal, IN_PART, "est un lien vers un autre fichier"),
    "linked-notebook": Golden(linked_notebook, None, "Le document remis est un lien vers un autre fichier"),
    "linked-folder": Golden(linked_folder, None, "Le dossier remis est un lien vers un autre dossier"),
    "endless-files": Golden(endless_files, ALL, "est un lien vers un autre fichier"),
    "html-in-the-name": Golden(
        perfect, None, "Le nom du dossier remis", student="<img src=x onerror=document.title='atteint'>"
    ),
    "old-version": Golden(old_version, NOTHING | {"N": 10.0}),
    "unknown-version": Golden(unknown_version, IN_PART | {"N": None}),
    "no-case": Golden(no_case, ALL | {"C": 0.0}),
    "case-lost": Golden(case_lost, ALL | {"C": None}),
    "late": Golden(late, IN_PART, "seconds late"),
    "ends-the-kernel": Golden(ends_the_kernel, ALL, kernel=None, why="the kernel dies, and nobody is graded by it"),
    "replaces-the-check": Golden(replaces_the_check, NOTHING, kernel=ALL, why="a kernel does as the learner says"),
}


# --- the course -------------------------------------------------------------------------------------------------------


def exercise(number: str) -> str:
    """An author's file with one activity of each kind that a program marks, and an open question."""
    title = 'titre = "Un atelier pour essayer"'
    return "\n".join([title, DECISION, CHOICE, number, MATCHING, ORDERING, FORM, SELECTION, WRITING])


#: What is due, and nbgrader's plugin for what comes later: each day costs a point.
DUE = "2026-12-01 08:00:00 UTC"
LATE = """
from nbgrader.plugins import BasePlugin

class DayByDay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late // 86_400

c.AssignLatePenalties.plugin_class = DayByDay
"""


def make_course(target: Path) -> Path:
    """A trainer's course with that exercise, not yet released."""
    source = target / "exercises" / ASSIGNMENT
    source.mkdir(parents=True)
    versions = NUMBER.format(version=1, value=50) + NUMBER.format(version=2, value=63.3)
    (source / "activites.toml").write_text(exercise(versions), encoding="utf-8")
    (source / "medias.csv").write_text(CARDS, encoding="utf-8")
    save(source / NOTEBOOK, author_notebook())
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (target / "nbgrader_config.py").write_text(config + LATE, encoding="utf-8")
    return target


def author_notebook() -> dict[str, Any]:
    cells = [_text("# Un atelier pour essayer"), _code("from reseau_kit import activite", "imports"), _activity("cas")]
    for id in IDS:
        cells += [_text(f"## Activité {id}"), _activity(id)]
    cells += [_text("## Votre avis"), {**_activity("W"), "metadata": {"deletable": False, "editable": False}}]
    manual = {"grade": True, "solution": True, "locked": False, "grade_id": "T", "points": 5}
    cells += [_text("## Votre texte"), _text("*Écrivez ici.*", nbgrader={"schema_version": 3, "task": False, **manual})]
    for place, cell in enumerate(cells):
        cell["id"] = f"cellule-{place}"
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, KEY: {"source": "activites.toml"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _text(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def _code(source: str, name: str, **data: Any) -> dict[str, Any]:
    ours = {"schema_version": 3, "grade": False, "solution": False, "task": False, "locked": True, "grade_id": name}
    metadata = {"deletable": False, "editable": False, "nbgrader": {**ours, **data}}
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}


def _activity(id: str) -> dict[str, Any]:
    return _code(f'activite("{id}")', id, **({"grade": True, "points": 10} if id in IDS else {}))


@dataclass(frozen=True)
class AutogradedGolden:
    """Every golden submission as it was handed in, the course graded by `nbgrader autograde`, and what that printed.

    For several test files: copy them, never write to them.
    """

    handed_in: Path
    graded: Path
    log: str


def hand_in(course: Path, name: str) -> Path:
    """Make one submission in the trainer's `submitted/`."""
    golden = GOLDEN[name]
    folder = course / "submitted" / (golden.student or name) / ASSIGNMENT
    shutil.copytree(course / "release" / ASSIGNMENT, folder)
    (folder / "timestamp.txt").write_text("2026-11-30 08:00:00 UTC\n", encoding="utf-8")
    golden.make(folder)
    return folder
