"""The command `reseau-kit`: reads its arguments, calls one function, prints, and gives an exit code."""

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.activities.activity import ActivityFaults
from reseau_kit.activities.loading import load_activities
from reseau_kit.arguments import argparse_in_french, command_parser
from reseau_kit.french.writing import NBSP, number
from reseau_kit.system.extras import missing
from reseau_kit.system.refusals import sentence
from reseau_kit.system.terminal import write_in_any_encoding
from reseau_kit.workspace import (
    DEFAULT_NAME,
    CannotPrepare,
    Update,
    find_activity_files,
    open_lab,
    safe_environment,
    update_workspace,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reseau_kit.collecting.collect import Report as Collected
    from reseau_kit.feedback_pages.make import Report as Pages
    from reseau_kit.grading.course import Course
    from reseau_kit.grading.ordinary import Kind
    from reseau_kit.grading.report import Report


#: Exit status of a command that Ctrl-C stopped.
_INTERRUPTED = 130

#: And of one whose reader went away.
_UNREAD = 141

#: Maximum deposits to look at that are named on the screen; the table has them all.
_NAMED = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    write_in_any_encoding()
    # For the processes that it starts: the folder in which one runs it may hold a stranger's `json.py`.
    os.environ.update(safe_environment(os.environ))
    try:
        code = _main(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads what is told, such as `head`, has seen enough.
        _tell_no_more()
        return _UNREAD
    except ModuleNotFoundError as error:
        if not (said := missing(error)):
            raise
        print(said, file=sys.stderr)
        return 1
    except OSError as error:
        print(sentence(error), file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:
            # The output goes to a file on a full disk.
            _tell_no_more()
        return 1
    return code


def _tell_no_more() -> None:
    """Python writes what is left to be told when it ends, and would then say once more that it cannot."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _main(arguments: Sequence[str] | None) -> int:
    with argparse_in_french():
        parser, parsers = command_parser()
        options, others = parser.parse_known_args(arguments)
        if others and options.command != "open":
            parsers[options.command].error(_unknown(options, others))
    if options.command == "check":
        return _check(options.paths)
    if command := {"collect": _collect, "grade": _grade, "feedback": _feedback, "index": _index, "demo": _demo}.get(
        options.command
    ):
        return _stoppable(command, options)
    return _open(options.course_root, options.workspace or options.course_root / DEFAULT_NAME, others)


def _unknown(options: argparse.Namespace, others: Sequence[str]) -> str:
    said = f"{'arguments inconnus' if len(others) > 1 else 'argument inconnu'} : {', '.join(others)}"
    if options.command in _BY_ASSIGNMENT and not any(other.startswith("-") for other in others):
        # As nbgrader's own commands take it.
        return f"{said}. Un exercice se nomme ainsi : --assignment {others[0]}"
    return said


#: Commands that take an assignment as an option; nbgrader's own take it as an argument.
_BY_ASSIGNMENT = {"grade", "feedback", "demo"}


def _open(course_root: Path, workspace: Path, lab_arguments: Sequence[str]) -> int:
    try:
        update = update_workspace(
            course_root,
            workspace,
            before_work=lambda: print(f"Préparation de « {workspace} » : quelques secondes…", flush=True),
        )
    except (CannotPrepare, ActivityFaults) as error:
        print(error, file=sys.stderr)
        return 1
    for line in _tell(update):
        print(line)
    print("JupyterLab démarre. Pour l’arrêter : Ctrl+C dans cette fenêtre.", flush=True)
    return open_lab(workspace, lab_arguments)


def _tell(update: Update) -> list[str]:
    lines = []
    if update.replaced:
        lines.append(f"Mis à jour, avec vos réponses : {', '.join(f'« {path} »' for path in update.replaced)}.")
    lines += [f"Vous aviez modifié ce document : votre version est gardée dans « {path} »." for path in update.kept]
    return lines


def _check(paths: Sequence[Path]) -> int:
    files = find_activity_files(paths)
    if not files:
        print(f"Aucun fichier « *activites.toml » dans {', '.join(map(str, paths))}.", file=sys.stderr)
        return 1
    faults = []
    count = 0
    for file in files:
        try:
            count += len(load_activities(file))
        except ActivityFaults as error:
            faults.append(str(error))
    if faults:
        print("\n".join(faults), file=sys.stderr)
        return 1
    print(f"{_counted(count, 'activité')} sans faute dans {_counted(len(files), 'fichier')}.")
    return 0


def _stoppable(command: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    try:
        return command(options)
    except KeyboardInterrupt:
        print("Interrompu.", file=sys.stderr)
        return _INTERRUPTED


def _collect(options: argparse.Namespace) -> int:
    # Loads nbgrader, as grading does.
    from reseau_kit.collecting.collect import collect
    from reseau_kit.collecting.roster import NotAList
    from reseau_kit.collecting.which import CannotCollect
    from reseau_kit.grading.course import CannotUse, load_course

    try:
        report = collect(
            options.source,
            load_course(options.course_root),
            options.assignment,
            options.students,
            dry_run=options.dry_run,
            file_dates=options.file_dates,
            zone=options.timezone,
        )
    except (CannotCollect, CannotUse, NotAList) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(_told_of_collect(report, listed=bool(options.students))))
    return 0


def _grade(options: argparse.Namespace) -> int:
    # Loads nbgrader, which takes seconds that the other commands need not wait for.
    from reseau_kit.grading import batch
    from reseau_kit.grading.cluster import cluster

    students = options.student or ["*"]
    try:
        course = batch.load_course(options.course_root, _address(options))
        for step in course.only_nbgrader:
            print(f"Attention : « {step} » n’agit qu’avec « nbgrader autograde ».", file=sys.stderr)
        assignments = options.assignment or course.assignments(students)
        if not options.assignment:
            assignments = _without_code(course, assignments, "autograde")
            if not assignments and course.assignments(students):
                return 0
        batch.check(course, assignments, students, writes=not options.dry_run)
        with cluster(options.scheduler) if options.scheduler else nullcontext((None, options.jobs)) as workers:
            for assignment in assignments:
                with _progress(assignment) as progress:
                    report = batch.grade(
                        course,
                        assignment=assignment,
                        students=students,
                        executor=workers[0],
                        jobs=workers[1],
                        force=options.force,
                        dry_run=options.dry_run,
                        progress=progress,
                    )
                print("\n".join(_told(report, force=options.force)))
                if report.interrupted:
                    return _INTERRUPTED
    except batch.CannotUse as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _without_code(course: "Course", assignments: Sequence[str], command: str, *kinds: "Iterable[Kind]") -> list[str]:
    """The assignments that this command can do; the others are named, with the command of nbgrader's that does them."""
    from reseau_kit.grading.course import left_to_nbgrader

    kept = []
    for assignment in assignments:
        if named := course.running_code(assignment, *kinds):
            print(left_to_nbgrader(assignment, named, command), file=sys.stderr)
        else:
            kept.append(assignment)
    return kept


def _feedback(options: argparse.Namespace) -> int:
    from reseau_kit.feedback_pages.make import check, make_all
    from reseau_kit.grading import batch
    from reseau_kit.grading.ordinary import Kind
    from reseau_kit.system.processes import usable_cores

    students = options.student or ["*"]
    failures = 0
    try:
        course = batch.load_course(options.course_root, _address(options))
        assignments = options.assignment or course.graded_assignments(students)
        if not options.assignment:
            assignments = _without_code(course, assignments, "generate_feedback", (Kind.ORDINARY,))
            if not assignments and course.graded_assignments(students):
                return 0
        check(course, assignments, students)
        for assignment in assignments:
            with _progress(assignment, unit="pages") as progress:
                report = make_all(
                    course,
                    assignment=assignment,
                    students=students,
                    jobs=options.jobs or usable_cores(),
                    force=options.force,
                    progress=progress,
                )
            print("\n".join(_told_of_feedback(report)))
            failures += len(report.failed)
    except batch.CannotUse as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if failures else 0


def _index(options: argparse.Namespace) -> int:
    from reseau_kit.grading import batch

    try:
        print("\n".join(batch.index(batch.load_course(options.course_root, _address(options)))))
    except batch.CannotUse as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _demo(options: argparse.Namespace) -> int:
    from reseau_kit.demo import make as demo
    from reseau_kit.system.processes import usable_cores

    folder = options.folder
    try:
        if options.resubmit:
            found = _counted(demo.resubmit(folder), "remise")
            print(f"Dans « {folder} », {found}, à la place des premières des mêmes personnes.")
            print("Relancez « reseau-kit grade » : elles seules seront notées de nouveau.")
            return 0
        print(f"Préparation de « {folder} »…", flush=True)
        with _progress("Remises", unit="personnes") as progress:
            made = demo.make(
                folder,
                options.course_root,
                options.learners,
                seed=options.seed,
                assignments=options.assignment or (),
                jobs=options.jobs or usable_cores(),
                force=options.force,
                progress=progress,
            )
    except (demo.CannotMake, ActivityFaults) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"« {folder} » est prêt : {_counted(made.learners, 'personne')}, toutes inventées.")
    for name, count in made.submissions.items():
        print(f"  {name} : {_counted(count, 'remise')}")
    print("Pour noter, puis voir les notes :")
    # Windows knows no single quotes.
    print(f"  cd {subprocess.list2cmdline([folder]) if os.name == 'nt' else shlex.quote(str(folder))}")
    print("  reseau-kit grade")
    print("  nbgrader export")
    print("Pour faire arriver ensuite les secondes remises de qui remet deux fois :")
    print("  reseau-kit demo --resubmit .")
    return 0


def _address(options: argparse.Namespace) -> str:
    """The gradebook that is asked for; a password that everybody on the machine may read is told of."""
    from reseau_kit.grading.addresses import VARIABLE, shows_a_password

    if shows_a_password(options.db):
        print(
            "Attention : le mot de passe qui suit --db se lit dans la liste des processus de cette machine."
            f" Donnez plutôt l’adresse par la variable {VARIABLE}, ou le mot de passe par ~/.pgpass.",
            file=sys.stderr,
        )
    return str(options.db or os.environ.get(VARIABLE, ""))


@contextmanager
def _progress(assignment: str, unit: str = "remises") -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, and nothing elsewhere."""
    counts = "{n_fmt} sur {total_fmt}, {rate_fmt}, encore {remaining}"
    layout = f"{{desc}}{NBSP}: {{percentage:3.0f}}{NBSP}% |{{bar}}| {counts}"
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread beside those of the processes
    with tqdm(desc=assignment, unit=f" {unit}", bar_format=layout, leave=False, disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _told_of_collect(report: "Collected", *, listed: bool) -> Iterator[str]:
    yield f"{report.assignment} : {_counted(len(report.lines), 'dépôt')}."
    asking = [line for line in report.lines if line.state.asks]
    for state in dict.fromkeys(line.state for line in report.lines):
        yield f"  {str(state).capitalize()} : {number(report.count(state))}"
        named = [line for line in asking if line.state is state]
        yield from (f"    {line.item} : {' ; '.join(line.said)}" for line in named[:_NAMED])
        if len(named) > _NAMED:
            yield "    …"
    if not listed:
        yield "Sans liste (--students), une personne qui remet par Moodle a un autre identifiant dans chaque exercice."
    if not any(line.date for line in report.lines):
        yield "Sans dates de remise, personne n’est en retard."
    if report.path:
        yield f"  Chaque dépôt, et ce qu’il est devenu : {report.path}"
    else:
        yield "Rien n’a été écrit."


def _told_of_feedback(report: "Pages") -> Iterator[str]:
    yield f"{report.assignment} : {_counted(report.made, 'page')}, {_duration(report.seconds)}."
    if report.done:
        yield f"  Déjà là, laissées telles quelles : {number(report.done)}"
        yield "    Après des notes données à la main, --force les refait."
    for title, lines in (("Sans page", report.failed), ("À savoir", report.said)):
        if lines:
            yield f"  {title} : {number(len(lines))}"
            yield from (f"    {student} : {text}" for student, text in lines[:_NAMED])
            if len(lines) > _NAMED:
                yield "    …"


def _told(report: "Report", *, force: bool) -> Iterator[str]:
    found = _counted(report.found, "remise")
    if report.dry_run:
        yield f"{report.assignment} : {found}, dont {number(report.graded)} à noter."
        yield "Rien n’a été écrit."
        return
    yield f"{report.assignment} : {found}, {_duration(report.seconds)}."
    yield f"  Notées : {number(report.graded)}"
    if report.mended:
        yield f"    dont réparées : {number(report.mended)}"
    if report.unanswered:
        yield f"    dont sans aucune réponse : {number(report.unanswered)}"
    if report.to_read:
        yield f"    dont à lire par une personne : {number(report.to_read)}"
    if report.done:
        yield f"  Déjà notées, laissées telles quelles : {number(report.done)}"
    if report.refused:
        yield f"  Refusées : {number(report.refused)}"
        yield from (f"    {student} : {reason}" for student, reason in report.first_refused)
        if report.refused > len(report.first_refused):
            yield "    …"
    if report.file:
        yield f"  Celles qui sont refusées, réparées ou sans réponse, et pourquoi : {report.file}"
    if report.interrupted:
        left = report.found - report.done - report.graded - report.refused
        yield f"Interrompu : il en reste {number(left)}."
        after = "avec --force, elle recommence tout" if force else "elle reprend où vous en étiez"
        yield f"Ce qui est noté le reste. Relancez la même commande : {after}."


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"en {number(seconds, 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"en {number(minutes)} min {rest} s"


def _counted(count: int, noun: str) -> str:
    return f"{number(count)} {noun}{'s' if count > 1 else ''}"


if __name__ == "__main__":
    sys.exit(main())
