"""Pages for all learners at once: those of nbgrader's own command, byte for byte, without loading it in the workers."""

import shutil
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from desk import Commands, finish, reseau_kit
from golden import ASSIGNMENT, DUE, GOLDEN, hand_in, make_course
from reseau_kit.__main__ import main
from reseau_kit.feedback_pages.make import make_all
from reseau_kit.feedback_pages.workers import STAMP, ToldExercise, ToTell, make_pages
from reseau_kit.grading.course import CannotUse, Course, load_course

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]

PAGE = f"{ASSIGNMENT}.html"
SECRET = "submission_secret.txt"
GRADED = sorted({golden.student or name for name, golden in GOLDEN.items() if golden.marks is not None})

#: Name to permissions and bytes.
Tree = dict[str, tuple[str, bytes]]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, nbgrader: Commands) -> Path:
    """The golden submissions, graded; a person has read one, changed a mark, given a bonus and said why. Copy it."""
    course = make_course(tmp_path_factory.mktemp("pages") / "cours")
    nbgrader(course, "generate_assignment", ASSIGNMENT)
    for name in GOLDEN:
        (hand_in(course, name) / SECRET).write_text(f"{name}-0123456789abcdef", encoding="utf-8")
    more = course / "submitted" / "perfect" / ASSIGNMENT / "dossier"
    more.mkdir()
    (more / "plan.txt").write_text("Mon plan", encoding="utf-8")
    (more.parent / PAGE).write_text("<script>alert(1)</script>", encoding="utf-8")
    # What came without a date, by Moodle for one.
    (course / "submitted" / "untouched" / ASSIGNMENT / STAMP).unlink()
    with _gradebook(course) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate=DUE)
        gradebook.update_or_create_student("perfect", first_name="Élodie", last_name="<b>Ménard</b>")
    done = reseau_kit(course, "grade", "--jobs", "2")
    assert (done.code, done.stderr) == (0, "")
    with _gradebook(course) as gradebook:
        for cell, manual, extra in (("T", 4.0, None), ("C", 7.5, 0.25)):
            grade = gradebook.find_grade(cell, ASSIGNMENT, ASSIGNMENT, "text")
            grade.manual_score, grade.extra_credit, grade.needs_manual_grade = manual, extra, False
        gradebook.find_comment("T", ASSIGNMENT, ASSIGNMENT, "text").manual_comment = "Un début <b>net</b>."
        gradebook.db.commit()
    return course


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Course:
    """A graded course of a test's own."""
    return load_course(copy(graded, tmp_path / "cours"))


def _gradebook(course: Path) -> Gradebook:
    return Gradebook(f"sqlite:///{course / 'gradebook.db'}")


def copy(course: Path, target: Path) -> Path:
    subprocess.run(["cp", "-a", course, target], check=True)
    return target


def tree(folder: Path) -> Tree:
    return {
        str(path.relative_to(folder)): (
            stat.filemode(path.lstat().st_mode),
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(folder.rglob("*"))
    }


def pages(course: Course) -> Path:
    return course.root / "feedback"


def make(course: Course, **options: object) -> tuple[int, int, list[str]]:
    """Run in threads of this process: how many were done, made, and who got none."""
    with ThreadPoolExecutor(1) as executor:
        report = make_all(course, assignment=ASSIGNMENT, executor=executor, **options)  # type: ignore[arg-type]
    return report.done, report.made, [student for student, _ in report.failed]


def test_pages_are_those_of_nbgrader(
    graded: Path, nbgrader: Commands, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same files with the same bytes and permissions, made by two processes."""
    stock, ours = copy(graded, tmp_path / "nbgrader"), copy(graded, tmp_path / "cours")
    running = nbgrader.start(stock, "generate_feedback", ASSIGNMENT)
    assert main(["feedback", "--course-root", str(ours), "--jobs", "2"]) == 0
    finish(running)
    assert tree(ours / "feedback") == tree(stock / "feedback")
    assert sorted(path.name for path in (ours / "feedback").iterdir()) == GRADED
    # nbgrader's next command, which gives the pages back, stops at a folder without these.
    for name in (SECRET, STAMP):
        assert sorted(path.parts[-3] for path in (ours / "feedback").glob(f"*/*/{name}")) == GRADED
    assert (ours / "feedback" / "untouched" / ASSIGNMENT / STAMP).read_bytes() == b""
    assert f"{len(GRADED)} pages" in capsys.readouterr().out.replace("\N{NARROW NO-BREAK SPACE}", " ")
    page = (ours / "feedback" / "perfect" / ASSIGNMENT / PAGE).read_text(encoding="utf-8")
    assert "Élodie &lt;b&gt;Ménard&lt;/b&gt;" in page
    assert "alert(1)" not in page


def test_pages_that_are_there_are_left_until_the_graded_work_is_newer(course: Course) -> None:
    assert make(course) == (0, len(GRADED), [])
    before = tree(pages(course))
    assert make(course) == (len(GRADED), 0, [])
    for folder in ("autograded", "feedback"):
        (course.root / folder / "partly-wrong" / ASSIGNMENT / "timestamp.txt").chmod(0o644)
    stamp = course.root / "autograded" / "partly-wrong" / ASSIGNMENT / "timestamp.txt"
    stamp.write_text("2026-12-01 07:00:00 UTC\n", encoding="utf-8")
    (pages(course) / "partly-wrong" / ASSIGNMENT / PAGE).write_text("ancienne")
    (pages(course) / "perfect" / ASSIGNMENT / PAGE).write_text("laissée")
    assert make(course) == (len(GRADED) - 1, 1, [])
    after = tree(pages(course))
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {f"{who}/{ASSIGNMENT}/{name}" for who, name in CHANGED}
    assert make(course, force=True) == (0, len(GRADED), [])
    assert tree(pages(course))[f"perfect/{ASSIGNMENT}/{PAGE}"] == before[f"perfect/{ASSIGNMENT}/{PAGE}"]


CHANGED = (("partly-wrong", "timestamp.txt"), ("perfect", PAGE))


def test_only_those_who_are_asked_for(course: Course) -> None:
    assert make(course, students=["per*", "text"])[1:] == (2, [])
    assert {path.name for path in pages(course).iterdir()} == {"perfect", "text"}


def test_nothing_to_make_pages_of_is_told(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*arguments: str) -> list[str]:
        assert main(["feedback", "--course-root", str(course.root), *arguments]) == 1
        return capsys.readouterr().err.replace("\N{NO-BREAK SPACE}", " ").splitlines()

    unknown = [f"Ce cours n’a pas d’exercice « {name} » ; il a : {ASSIGNMENT}." for name in ("examen", "devoir")]
    assert told("--assignment", "examen", "--assignment", ASSIGNMENT, "--assignment", "devoir") == unknown
    nobody = "il n’y a aucun travail noté dans « autograded » pour « zoé », « x* »."
    assert told("--assignment", ASSIGNMENT, "--student", "zoé", "--student", "x*") == [f"{ASSIGNMENT} : {nobody}"]
    assert told("--student", "zoé", "--student", "x*") == [f"I{nobody[1:]}"]
    assert not pages(course).exists()


def test_pages_that_are_left_are_told_with_what_makes_them_anew(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gradebook does not say when a person gave a mark."""
    make(course, students=["perfect"])
    assert main(["feedback", "--course-root", str(course.root), "--student", "perfect", "--jobs", "1"]) == 0
    said = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")
    assert "Déjà là, laissées telles quelles : 1\n" in said
    assert "Après des notes données à la main, --force les refait." in said


def test_killed_run_leaves_whole_folders_and_the_next_one_makes_the_others(course: Course) -> None:
    """Whatever of a folder was under way is nowhere that nbgrader looks, and is removed."""
    command = [sys.executable, "-m", "reseau_kit", "feedback", "--course-root", str(course.root), "--jobs", "1"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while not list(pages(course).glob(f"*/{ASSIGNMENT}")) and running.poll() is None:
        time.sleep(0.001)
    running.kill()
    running.wait(30)
    killed = {path.parent.name: tree(path) for path in pages(course).glob(f"*/{ASSIGNMENT}")}
    assert killed
    done, made, failed = make(course)
    assert (done + made, failed) == (len(GRADED), [])
    assert killed == {student: tree(pages(course) / student / ASSIGNMENT) for student in killed}
    assert not [path for path in pages(course).iterdir() if path.name.startswith(".")]


def test_one_bad_folder_costs_itself(course: Course, tmp_path: Path) -> None:
    """A page that cannot be made is not left from before; links are neither followed nor written through."""
    assert make(course)[1] == len(GRADED)
    root = course.root / "autograded"
    document = root / "partly-wrong" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    document.chmod(0o644)
    document.write_text("{")
    (root / "inconnue" / ASSIGNMENT).mkdir(parents=True)
    shutil.copy(root / "text" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", root / "inconnue" / ASSIGNMENT)
    (root / "vide" / ASSIGNMENT).mkdir(parents=True)
    (root / "liée").symlink_to(root / "perfect")
    (tmp_path / "ailleurs").mkdir()
    shutil.rmtree(pages(course) / "text")
    (pages(course) / "text").symlink_to(tmp_path / "ailleurs")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (root / "perfect" / ASSIGNMENT / "lien.txt").symlink_to(secret)
    report = make_all(course, assignment=ASSIGNMENT, jobs=1, force=True)
    failed = {student: reason.replace("\N{NO-BREAK SPACE}", " ") for student, reason in report.failed}
    assert failed.keys() == {"partly-wrong", "inconnue", "vide", "liée", "text"}
    assert "lisible" in failed["partly-wrong"]
    assert "pas au carnet de notes" in failed["inconnue"]
    assert "lien" in failed["liée"]
    assert "lien" in failed["text"]
    assert not list((tmp_path / "ailleurs").iterdir())
    assert not (pages(course) / "partly-wrong" / ASSIGNMENT).exists()
    assert not any(path.is_symlink() for path in (pages(course) / "perfect").rglob("*"))
    assert report.made == len(GRADED) - 2
    assert not [path for path in pages(course).iterdir() if path.name.startswith(".")]


def test_key_that_changed_since_is_told(course: Course) -> None:
    """The page keeps the gradebook's score, and somebody hears of it."""
    source = course.root / "exercises" / ASSIGNMENT / "activites.toml"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace('corrige = ["metier", "voisins"]', 'corrige = ["metier", "tous"]'), encoding="utf-8")
    with ThreadPoolExecutor(1) as executor:
        report = make_all(course, assignment=ASSIGNMENT, students=["perfect"], executor=executor)
    ((student, said),) = report.said
    assert student == "perfect"
    assert "« C » vaudrait 0 avec le corrigé d’aujourd’hui, et 10 au" in said.replace("\N{NO-BREAK SPACE}", " ")


def test_course_without_gradebook_or_with_other_pages(course: Course) -> None:
    (course.root / "gradebook.db").unlink()
    with pytest.raises(CannotUse, match="carnet de notes"):
        make(course)
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('\nc.GenerateFeedback.exporter_class = "nbconvert.exporters.HTMLExporter"\n')
    with pytest.raises(CannotUse, match="generate_feedback"):
        make(load_course(course.root))


def test_workers_do_without_nbgrader() -> None:
    """A process is ready in tenths of a second."""
    heavy = "('nbgrader', 'nbconvert', 'nbformat', 'sqlalchemy', 'pandas', 'traitlets', 'IPython')"
    code = f"import sys, reseau_kit.feedback_pages.workers; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.decode().strip() == "[]"


def test_group_may_write_where_the_course_says_so(course: Course, tmp_path: Path) -> None:
    folder = course.root / "autograded" / "empty" / ASSIGNMENT
    exercise = ToldExercise(ASSIGNMENT, course.root / "exercises" / ASSIGNMENT, "formateur", (), 0o664, shared=True)
    (made,) = make_pages(exercise, [ToTell("empty", str(folder), str(tmp_path / "a" / "b"))], tmp_path)
    assert "carnet" in made.failed
    with ThreadPoolExecutor(1) as executor:
        course.folders.groupshared = True
        make_all(course, assignment=ASSIGNMENT, students=["empty"], executor=executor)
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o2060 for path in (pages(course) / "empty").rglob("*")}
    assert modes == {0o2060, 0o060}
