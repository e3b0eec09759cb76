"""The learner's workspace: what goes into it, what an update leaves alone, and what the command says."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.__main__ import main
from reseau_kit.workspace import CannotPrepare, Update, lab_command, update_workspace

LESSON = Path("00-bienvenue.ipynb")
EXERCISE = Path("etape-1/etape-1.ipynb")
TABLE = Path("etape-1/journal_temps.csv")


def everything(course: Path) -> set[Path]:
    """Every file that a learner gets: lessons, released exercises, and their data."""
    files = (path for part in ("course", "exercises") for path in (course / part).rglob("*.*"))
    released = (path for path in files if path.suffix in (".ipynb", ".csv", ".gexf", ".txt"))
    return {Path(*path.relative_to(course).parts[1:]) for path in released}


@pytest.fixture
def course(course_root: Path, tmp_path: Path) -> Path:
    """A copy of the course that a test may change, as a new version of it would."""
    for part in ("course", "exercises"):
        shutil.copytree(course_root / part, tmp_path / "cours" / part)
    return tmp_path / "cours"


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def set_title(title: str) -> Callable[[dict[str, Any]], None]:
    def change(notebook: dict[str, Any]) -> None:
        notebook["cells"][0]["source"] = [title]

    return change


def title_of(path: Path) -> str:
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])


def metadata_of(path: Path) -> dict[str, Any]:
    metadata: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["metadata"]["reseau_kit"]
    return metadata


def answer(notebook: dict[str, Any]) -> None:
    notebook["metadata"]["reseau_kit"]["answers"] = {"origin": "moi", "events": ["…"]}


def today() -> str:
    return datetime.now().astimezone().date().isoformat()


def test_a_new_workspace_holds_the_lessons_and_the_released_exercises(course: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "mon-cours"

    update = update_workspace(course, workspace)

    assert set(update.added) == everything(course) >= {LESSON, EXERCISE, TABLE}
    assert update == Update(added=update.added)
    assert {"checksum", "points"} <= json.loads((workspace / EXERCISE).read_text())["cells"][3]["metadata"][
        "nbgrader"
    ].keys(), "nbgrader itself released the exercise"


def test_nothing_of_the_authors_files_is_in_a_workspace(workspace: Path) -> None:
    """Neither a TOML file, nor the name of one, nor an author's answers."""
    files = [path for path in workspace.rglob("*") if path.is_file()]

    assert not [path for path in files if path.suffix == ".toml" or path.name == "essais-auteur.jsonl"]
    assert all(metadata_of(path).keys() == {"activities"} for path in files if path.suffix == ".ipynb")


def test_what_an_author_answered_while_trying_stays_home(course: Path, tmp_path: Path) -> None:
    for folder in ("course", "exercises/etape-1"):
        (course / folder / "essais-auteur.jsonl").write_text("{}")
        (course / folder / "mes-reponses-2026-11-22.json").write_text("{}")
    (course / "course/reponses.jsonl").write_text("{}")
    edit(course / "exercises/etape-1/etape-1.ipynb", answer)

    update = update_workspace(course, tmp_path / "mon-cours")

    assert set(update.added) == everything(course)
    assert "answers" not in metadata_of(tmp_path / "mon-cours" / EXERCISE)


def test_nothing_is_done_where_nothing_changed(course_root: Path, workspace: Path) -> None:
    def work() -> None:
        pytest.fail("there was nothing to do")

    assert update_workspace(course_root, workspace, before_work=work) == Update()


def test_an_update_keeps_the_answers(course: Path, tmp_path: Path) -> None:
    """The journal is not touched, and the new version of a notebook carries the copy that the old one held."""
    workspace = tmp_path / "mon-cours"
    update_workspace(course, workspace)
    edit(workspace / EXERCISE, answer)
    journal = workspace / "etape-1/reponses.jsonl"
    journal.write_text("une ligne abîmée\n")
    edit(course / "exercises/etape-1/etape-1.ipynb", set_title("# Nouvelle version"))

    update = update_workspace(course, workspace)

    assert update == Update(replaced=(EXERCISE,))
    assert title_of(workspace / EXERCISE) == "# Nouvelle version"
    assert metadata_of(workspace / EXERCISE)["answers"] == {"origin": "moi", "events": ["…"]}
    assert journal.read_text() == "une ligne abîmée\n"


def test_a_changed_question_reaches_a_notebook_whose_text_is_the_same(course: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "mon-cours"
    update_workspace(course, workspace)
    edit(workspace / EXERCISE, answer)
    before = metadata_of(workspace / EXERCISE)
    source = course / "exercises/etape-1/activites.toml"
    text = source.read_text(encoding="utf-8").replace("quelle part de son temps", "quelle part du temps")
    source.write_text(text, encoding="utf-8")

    update = update_workspace(course, workspace)

    assert EXERCISE in update.replaced
    assert metadata_of(workspace / EXERCISE)["activities"] != before["activities"]
    assert metadata_of(workspace / EXERCISE)["answers"] == before["answers"]


def test_what_a_learner_changed_is_kept_beside_the_new_version(course: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "mon-cours"
    update_workspace(course, workspace)
    edit(workspace / LESSON, set_title("# Mes notes"))
    (workspace / LESSON).chmod(0o600)
    (workspace / TABLE).write_text("mon,tableau\n")
    edit(course / "course/00-bienvenue.ipynb", set_title("# Nouvelle version"))
    (course / "exercises/etape-1/journal_temps.csv").write_text("jour,media,minutes,but\nlun,Blog,5,aucun\n")

    update = update_workspace(course, workspace)

    kept = workspace / f"00-bienvenue (ma copie du {today()}).ipynb"
    assert [workspace / path for path in update.kept] == [
        kept,
        workspace / f"etape-1/journal_temps (ma copie du {today()}).csv",
    ]
    assert title_of(kept) == "# Mes notes"
    assert title_of(workspace / LESSON) == "# Nouvelle version"
    assert kept.stat().st_mode == (workspace / LESSON).stat().st_mode, "what holds answers stays as private as it was"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_two_copies_of_one_day_do_not_overwrite_each_other(course: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "mon-cours"
    update_workspace(course, workspace)
    for number in (1, 2):
        edit(workspace / LESSON, set_title(f"# Mes notes {number}"))
        edit(course / "course/00-bienvenue.ipynb", set_title(f"# Version {number}"))
        update_workspace(course, workspace)

    titles = {title_of(path) for path in workspace.glob("*(ma copie*.ipynb")}

    assert titles == {"# Mes notes 1", "# Mes notes 2"}


def test_outputs_are_no_change_of_the_learners(course: Path, tmp_path: Path) -> None:
    def run(notebook: dict[str, Any]) -> None:
        notebook["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "…"}]
        notebook["cells"][2]["execution_count"] = 3

    workspace = tmp_path / "mon-cours"
    update_workspace(course, workspace)
    edit(workspace / LESSON, run)
    edit(course / "course/00-bienvenue.ipynb", set_title("# Nouvelle version"))

    assert update_workspace(course, workspace).kept == ()


def test_a_damaged_notebook_is_kept_and_a_good_one_put_in_its_place(course: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "mon-cours"
    update_workspace(course, workspace)
    (workspace / LESSON).write_text("{ abîmé")
    edit(course / "course/00-bienvenue.ipynb", set_title("# Nouvelle version"))

    update = update_workspace(course, workspace)

    assert (workspace / update.kept[0]).read_text() == "{ abîmé"
    assert title_of(workspace / LESSON) == "# Nouvelle version"


def test_a_deleted_notebook_comes_back(course: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "mon-cours"
    update_workspace(course, workspace)
    (workspace / LESSON).unlink()

    assert update_workspace(course, workspace) == Update(added=(LESSON,))


@pytest.mark.parametrize("record", ["", "[]", '{"sources": 1}', '{"sources": "x", "installed": 3}'])
def test_a_damaged_record_costs_nothing(course: Path, tmp_path: Path, record: str) -> None:
    """Without its record an update cannot tell who changed a notebook, and keeps every different one."""
    workspace = tmp_path / "mon-cours"
    update_workspace(course, workspace)
    (workspace / ".reseau-kit.json").write_text(record)
    edit(course / "course/00-bienvenue.ipynb", set_title("# Nouvelle version"))

    update = update_workspace(course, workspace)

    assert update.replaced == (LESSON,)
    assert len(update.kept) == 1


def test_a_folder_that_is_no_course_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["open", "--course-root", str(tmp_path)])

    assert code == 1
    message = capsys.readouterr().err
    assert str(tmp_path) in message
    assert "--course-root" in message


@pytest.mark.parametrize("place", ["", "course", "exercises/etape-1"])
def test_a_workspace_never_stands_among_the_keys(course: Path, place: str) -> None:
    with pytest.raises(CannotPrepare, match="appartient aux auteurs"):
        update_workspace(course, course / place)


def test_faults_in_the_activities_are_told_and_nothing_is_installed(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "exercises/etape-1/activites.toml").write_text("ceci n’est pas du TOML\n", encoding="utf-8")

    code = main(["open", "--course-root", str(course), "--workspace", str(tmp_path / "mon-cours")])

    assert code == 1
    assert "activites.toml:1" in capsys.readouterr().err
    assert not (tmp_path / "mon-cours").exists()


def test_check_counts_the_activities(course_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [path for part in ("course", "exercises") for path in (course_root / part).rglob("*activites.toml")]
    assert main(["check", str(course_root / "course"), str(course_root / "exercises")]) == 0
    assert f"sans faute dans {len(files)} fichiers" in capsys.readouterr().out


def test_check_names_every_fault_of_every_file(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("course/00-bienvenue.activites.toml", "exercises/etape-1/activites.toml"):
        (course / name).write_text("ceci n’est pas du TOML\n", encoding="utf-8")

    assert main(["check", str(course)]) == 1
    message = capsys.readouterr().err
    assert "00-bienvenue.activites.toml:1" in message
    assert "etape-1/activites.toml:1" in message


def test_check_says_that_it_found_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 1
    assert "Aucun fichier" in capsys.readouterr().err


def test_lab_is_opened_on_the_welcome_lesson_with_our_settings_for_this_process_only(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/ailleurs")

    command, environment = lab_command(workspace, ["--no-browser", "--port", "8899"])

    assert command[1:3] == ["-m", "jupyterlab"]
    assert command[-3:] == ["--no-browser", "--port", "8899"]
    assert "--LabApp.default_url=/lab/tree/00-bienvenue.ipynb" in command
    first, *others = environment["JUPYTER_PATH"].split(":")
    assert (Path(first) / "labextensions/reseau-kit/package.json").exists()
    assert others == ["/ailleurs"]


def test_an_exercise_that_does_not_fit_its_activities_is_told_in_french(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What nbgrader would say in a traceback is one message, and nothing is installed."""

    def forget_points(notebook: dict[str, Any]) -> None:
        notebook["cells"][3]["metadata"]["nbgrader"]["points"] = 3

    edit(course / "exercises/etape-1/etape-1.ipynb", forget_points)

    code = main(["open", "--course-root", str(course), "--workspace", str(tmp_path / "mon-cours")])

    assert code == 1
    message = capsys.readouterr().err
    assert message.startswith("Cet exercice ne peut pas être distribué")
    assert "Traceback" not in message
    assert not (tmp_path / "mon-cours").exists()
