"""One's own network stays one's own: nothing is sent, and nothing of a contact goes into what is handed in."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

import exports
from bench.submissions import ASSIGNMENT, course, submit
from desk import Commands

ROOT = Path(__file__).parents[1]

#: Who is in the fixtures’ exports. « Fougère » is a company there too, and companies name groups.
NAMES = ("Brindille", "brindille", "Amine", "amine", "Zoé", "zoe", "ronce", "Ronce")

#: Each kind of export as people get it: a name, and what makes the file.
KINDS: dict[str, Callable[[Path], object]] = {
    "linkedin.zip": lambda path: exports.zipped(path, exports.LINKEDIN),
    "x.zip": lambda path: exports.zipped(path, exports.X),
    "mastodon.zip": lambda path: exports.zipped(path, exports.MASTODON),
    "following_accounts.csv": lambda path: path.write_text(exports.FOLLOWING_CSV, encoding="utf-8"),
    "instagram.zip": lambda path: exports.zipped(path, exports.INSTAGRAM),
    "facebook.zip": lambda path: exports.zipped(path, exports.FACEBOOK),
    "flux.opml": lambda path: path.write_text(exports.OPML, encoding="utf-8"),
    "bluesky.car": lambda path: path.write_bytes(exports.car(exports.BLUESKY)),
}

_WITHOUT_NETWORK = """
import sys
seen = []
def forbid(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.system", "urllib.")):
        seen.append(event)
        raise PermissionError(event)
from reseau_kit import carte, indicateurs, mon_reseau
from reseau_kit.network.sources import read_export
sys.addaudithook(forbid)
for name in sys.argv[1:]:
    export = read_export(name)
    rows = len(export.contacts) + len(export.posts) + len(export.exchanges)
    drawn = carte(name)
    told = [drawn.plain, carte(name, noms=True).plain, indicateurs(name).plain, str(export)]
    panel = mon_reseau()
    panel.unfold()
    panel.ask({"fichier": name})
    told.append(panel.child.plain)
    print(name, rows > 0, len(told), [one for one in NAMES if any(one in text for text in told)], seen)
try:
    import socket
    socket.socket()
except PermissionError:
    print("the interpreter is watching", seen)
"""


def test_nothing_leaves_the_machine_whatever_the_export(tmp_path: Path) -> None:
    """Sockets and processes are forbidden while each is read, drawn and measured; and what is kept names nobody."""
    lesson = "07-mon-reseau.ipynb"
    shutil.copy(ROOT / "course" / lesson, tmp_path)
    for name, make in KINDS.items():
        make(tmp_path / name)
    code = f"NAMES = {NAMES!r}\n{_WITHOUT_NETWORK}"
    done = subprocess.run(
        [sys.executable, "-c", code, *KINDS], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.stdout.splitlines() == [
        *(f"{name} True 5 [] []" for name in KINDS),
        "the interpreter is watching ['socket.__new__']",
    ], done.stderr[-2000:]
    assert {path.name for path in tmp_path.iterdir()} == {lesson, *KINDS}, "nor is anything written"


def test_each_kind_of_export_holds_names(tmp_path: Path) -> None:
    """Or the other tests would prove nothing. X and Bluesky tell numbers in place of most."""
    for name, make in KINDS.items():
        make(tmp_path / name)
        held = (tmp_path / name).read_bytes()
        if name.endswith(".zip"):
            shutil.unpack_archive(tmp_path / name, tmp_path / "unpacked")
            held = b"".join(path.read_bytes() for path in (tmp_path / "unpacked").rglob("*") if path.is_file())
        assert [one for one in NAMES if one.encode() in held], name


#: What a curious learner may run in an exercise: all that shows names, saved with its outputs and its widgets' state.
CURIOUS = """
from reseau_kit import carte, indicateurs, mon_reseau, repondre
repondre("E1-A6", "63,3")
"""


@pytest.mark.slow
def test_nothing_of_a_contact_is_in_what_is_handed_in(tmp_path: Path) -> None:
    """Map and indicators run beside a real answer: journal, saved notebook and graded copy hold no contact's name."""
    trainer = course(tmp_path / "cours")
    nbgrader = Commands(tmp_path / "jupyter")
    nbgrader(trainer, "generate_assignment", ASSIGNMENT)
    folder = submit(trainer, "lou", "perfect")
    exports.zipped(folder / "mon-export.zip", exports.LINKEDIN)
    path = folder / f"{ASSIGNMENT}.ipynb"
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    sources = [
        CURIOUS,
        'carte("mon-export.zip")',
        'carte("mon-export.zip", noms=True)',
        'indicateurs("mon-export.zip")',
    ]
    ours = [new_code_cell(source) for source in sources]  # type: ignore[no-untyped-call]
    run = new_notebook(cells=ours, metadata=notebook.metadata)  # type: ignore[no-untyped-call]
    NotebookClient(run, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = json.dumps([cell.outputs for cell in run.cells])
    assert "2\\u00a0contacts" in outputs, "the map was drawn"
    assert run.metadata.widgets, "the widgets' state was kept, as JupyterLab may keep it"
    notebook.cells += ours
    notebook.metadata = run.metadata
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    for kept in (path, folder / "reponses.jsonl"):
        text = kept.read_text(encoding="utf-8")
        assert "E1-A6" in text
        assert not [name for name in NAMES if name in text or json.dumps(name)[1:-1] in text], kept.name

    nbgrader(trainer, "autograde", ASSIGNMENT)

    graded = trainer / "autograded" / "lou" / ASSIGNMENT
    assert sorted(one.name for one in graded.iterdir() if one.suffix in (".ipynb", ".jsonl", ".zip")) == [
        f"{ASSIGNMENT}.ipynb",
        "reponses.jsonl",
    ], "an export that was left in the folder goes no further"
    marked = nbformat.read(graded / path.name, as_version=4)  # type: ignore[no-untyped-call]
    assert "widgets" not in marked.metadata
    held = b"".join(one.read_bytes() for one in (*graded.rglob("*"), trainer / "gradebook.db") if one.is_file())
    assert not [name for name in NAMES if name.encode() in held or json.dumps(name)[1:-1].encode() in held]
