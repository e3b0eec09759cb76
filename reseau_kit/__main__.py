"""The command `reseau-kit`: reads its arguments, calls one function, prints, and gives an exit code."""

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tqdm import tqdm

import reseau_kit
from reseau_kit.activities.activity import ActivityFaults
from reseau_kit.activities.loading import load_activities
from reseau_kit.french.writing import NBSP, number
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

#: What a shell expects of a command that Ctrl-C stopped.
_INTERRUPTED = 130

#: And of one whose reader went away.
_UNREAD = 141

#: So many deposits that ask for a look are named on the screen; the table has them all.
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
    except OSError as error:
        print(sentence(error), file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:
            # What is told goes to a file on a full disk.
            _tell_no_more()
        return 1
    return code


def _tell_no_more() -> None:
    """Python writes what is left to be told when it ends, and would then say once more that it cannot."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _main(arguments: Sequence[str] | None) -> int:
    with _argparse_in_french():
        parser, parsers = _parser()
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


#: Where nobody but this command would ask for `--assignment`.
_BY_ASSIGNMENT = {"grade", "feedback", "demo"}


@contextmanager
def _argparse_in_french() -> Iterator[None]:
    """While this lasts: two functions of its module give argparse its own words, in any language."""
    words: Any = argparse
    before = words._, words.ngettext
    words._ = lambda text: _FRENCH.get(text, text)
    words.ngettext = lambda one, many, count: words._(one if count == 1 else many)
    try:
        yield
    finally:
        words._, words.ngettext = before


#: What argparse says by itself, in the versions of Python from 3.11 on.
_FRENCH = {
    "usage: ": "emploi : ",
    "positional arguments": "arguments ",  # it puts a colon after it
    "options": "options ",
    "show this help message and exit": "montre cette aide",
    "%(prog)s: error: %(message)s\n": "%(prog)s : %(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "the following arguments are required: %s": "il manque : %s",
    "expected one argument": "il manque ce qui vient après",
    "expected at least one argument": "il manque ce qui vient après",
    "expected %s argument": "il faut %s valeur",
    "expected %s arguments": "il faut %s valeurs",
    "ignored explicit argument %r": "rien ne suit cette option (ici, %r)",
    "not allowed with argument %s": "ne va pas avec %s",
    "invalid %(type)s value: %(value)r": "%(value)r ne convient pas",
    "invalid choice: %(value)r (choose from %(choices)s)": "%(value)r n’existe pas ; choisissez parmi %(choices)s",
    "invalid choice: %(value)r, maybe you meant %(suggestion)r? (choose from %(choices)s)": (
        "%(value)r n’existe pas ; est-ce %(suggestion)r ? Choisissez parmi %(choices)s"
    ),
}


def _parser() -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """The command's parser, and that of each of its commands."""
    parser = argparse.ArgumentParser(
        prog="reseau-kit",
        description="Un cours sur la présence en réseau : l’ouvrir, vérifier ses activités, noter ce qui est remis.",
        allow_abbrev=False,
    )
    version = f"reseau-kit {reseau_kit.__version__}"
    parser.add_argument("--version", action="version", version=version, help="dit la version")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="{open,check,collect,grade,feedback,index,demo}"
    )
    opening = commands.add_parser(
        "open",
        help="prépare ou met à jour votre dossier de travail, puis ouvre JupyterLab",
        epilog="Tout autre argument va à JupyterLab, par exemple : --no-browser --port 8899",
        allow_abbrev=False,
    )
    opening.add_argument("--course-root", type=Path, default=Path(), metavar="DOSSIER", help="le cours (ici, sinon)")
    opening.add_argument(
        "--workspace", type=Path, metavar="DOSSIER", help=f"votre dossier de travail (« {DEFAULT_NAME} » dans le cours)"
    )
    checking = commands.add_parser(
        "check", help="vérifie des fichiers d’activités, et nomme chaque faute", allow_abbrev=False
    )
    checking.add_argument("paths", type=Path, nargs="+", metavar="CHEMIN", help="un fichier, ou un dossier à parcourir")
    _add_collect(commands)
    _add_grading(commands)
    _add_demo(commands)
    return parser, commands.choices


def _add_collect(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    collecting = commands.add_parser(
        "collect",
        help="range les travaux reçus (archive de Moodle, dossier de documents) là où nbgrader les attend",
        epilog="Ce qui ne peut être attribué à personne est gardé dans « non-attribues/ », et nommé dans un tableau."
        " La même commande, relancée, ne range que ce qui est nouveau.",
        allow_abbrev=False,
    )
    collecting.add_argument("source", type=Path, metavar="SOURCE", help="une archive .zip, un dossier ou un document")
    collecting.add_argument("--assignment", required=True, metavar="EXERCICE", help="l’exercice qui a été remis")
    collecting.add_argument(
        "--students", type=Path, metavar="LISTE", help="la liste des personnes, un tableau CSV comme ceux de Moodle"
    )
    collecting.add_argument(
        "--file-dates",
        action="store_true",
        help="prend pour date de remise celle du fichier, là où la liste n’en a pas",
    )
    collecting.add_argument(
        "--timezone", type=_zone, metavar="FUSEAU", help="le fuseau des dates, comme Europe/Paris (celui d’ici, sinon)"
    )
    collecting.add_argument("--dry-run", action="store_true", help="dit ce qui serait rangé, et n’écrit rien")
    collecting.add_argument("--course-root", type=Path, default=Path(), metavar="DOSSIER", help="le cours (ici, sinon)")


def _add_grading(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    grading = commands.add_parser(
        "grade",
        help="note toutes les remises d’un coup, dans le carnet de notes de nbgrader",
        epilog="Ce qui est déjà noté est laissé ; ce qui a été remis de nouveau est noté de nouveau. On peut arrêter la"
        " commande à tout moment (Ctrl+C) : la même reprend où elle en était.",
        allow_abbrev=False,
    )
    grading.add_argument(
        "--assignment", action="append", metavar="EXERCICE", help="un exercice (tous ceux qui ont été remis, sinon)"
    )
    grading.add_argument(
        "--student", action="append", metavar="NOM", help="une personne, ou un motif comme « a* » (toutes, sinon)"
    )
    where = grading.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=_at_least_one, metavar="N", help="autant de processus (un par cœur, sinon)")
    where.add_argument("--scheduler", metavar="ADRESSE", help="un ordonnanceur Dask, comme tcp://machine:8786")
    grading.add_argument("--force", action="store_true", help="note de nouveau ce qui est déjà noté")
    grading.add_argument("--dry-run", action="store_true", help="dit ce qui serait noté, et n’écrit rien")
    telling = commands.add_parser(
        "feedback",
        help="fait les pages de retour de toutes les remises notées",
        epilog="Les pages qui sont là sont laissées, sauf si le travail noté est plus récent. Après avoir donné des"
        " notes à la main, refaites-les avec --force.",
        allow_abbrev=False,
    )
    telling.add_argument(
        "--assignment", action="append", metavar="EXERCICE", help="un exercice (tous ceux qui sont notés, sinon)"
    )
    telling.add_argument(
        "--student", action="append", metavar="NOM", help="une personne, ou un motif comme « a* » (toutes, sinon)"
    )
    telling.add_argument("--jobs", type=_at_least_one, metavar="N", help="autant de processus (un par cœur, sinon)")
    telling.add_argument("--force", action="store_true", help="refait les pages qui sont là")
    indexing = commands.add_parser(
        "index", help="ajoute au carnet de notes les index qui lui manquent, pour aller plus vite", allow_abbrev=False
    )
    for command in (grading, telling, indexing):
        command.add_argument(
            "--course-root", type=Path, default=Path(), metavar="DOSSIER", help="le cours (ici, sinon)"
        )
        command.add_argument(
            "--db",
            default="",
            metavar="ADRESSE",
            help="un autre carnet de notes que celui de nbgrader_config.py (ou la variable RESEAU_KIT_DB)",
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(
            f"« {name} » n’est pas un fuseau horaire connu ; par exemple : Europe/Paris"
        ) from None


def _add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="fait un cours d’essai : les exercices distribués, et ce que des personnes inventées ont remis",
        epilog="Personne n’y existe. La même graine donne les mêmes remises ; avec plus de personnes, les premières"
        " restent les mêmes.",
        allow_abbrev=False,
    )
    demo.add_argument("folder", type=Path, metavar="DOSSIER", help="un dossier nouveau, ou vide")
    demo.add_argument(
        "--learners", type=_at_least_one, default=40, metavar="N", help="combien de personnes (40, sinon)"
    )
    demo.add_argument("--seed", type=_whole, default=1, metavar="N", help="la graine du hasard (1)")
    demo.add_argument("--assignment", action="append", metavar="EXERCICE", help="un exercice (tous, sinon)")
    demo.add_argument("--jobs", type=_at_least_one, metavar="N", help="autant de processus (un par cœur, sinon)")
    demo.add_argument("--course-root", type=Path, default=Path(), metavar="DOSSIER", help="le cours (ici, sinon)")
    what = demo.add_mutually_exclusive_group()
    what.add_argument("--force", action="store_true", help="refait une démonstration : ses notes seront effacées")
    what.add_argument(
        "--resubmit", action="store_true", help="apporte, dans une démonstration, les remises de qui remet deux fois"
    )


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("il faut un nombre entier") from None


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("il faut un nombre entier, 1 au moins")
    return int(text)


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
                jobs=options.jobs or os.cpu_count() or 1,
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
        yield f"  {str(state).capitalize()} : {number(report.count(state), 2)}"
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
        yield f"  Déjà là, laissées telles quelles : {number(report.done, 2)}"
        yield "    Après des notes données à la main, --force les refait."
    for title, lines in (("Sans page", report.failed), ("À savoir", report.said)):
        if lines:
            yield f"  {title} : {number(len(lines), 2)}"
            yield from (f"    {student} : {text}" for student, text in lines[:_NAMED])
            if len(lines) > _NAMED:
                yield "    …"


def _told(report: "Report", *, force: bool) -> Iterator[str]:
    found = _counted(report.found, "remise")
    if report.dry_run:
        yield f"{report.assignment} : {found}, dont {number(report.graded, 2)} à noter."
        yield "Rien n’a été écrit."
        return
    yield f"{report.assignment} : {found}, {_duration(report.seconds)}."
    yield f"  Notées : {number(report.graded, 2)}"
    if report.mended:
        yield f"    dont réparées : {number(report.mended, 2)}"
    if report.unanswered:
        yield f"    dont sans aucune réponse : {number(report.unanswered, 2)}"
    if report.to_read:
        yield f"    dont à lire par une personne : {number(report.to_read, 2)}"
    if report.done:
        yield f"  Déjà notées, laissées telles quelles : {number(report.done, 2)}"
    if report.refused:
        yield f"  Refusées : {number(report.refused, 2)}"
        yield from (f"    {student} : {reason}" for student, reason in report.first_refused)
        if report.refused > len(report.first_refused):
            yield "    …"
    if report.file:
        yield f"  Celles qui sont refusées, réparées ou sans réponse, et pourquoi : {report.file}"
    if report.interrupted:
        left = report.found - report.done - report.graded - report.refused
        yield f"Interrompu : il en reste {number(left, 2)}."
        after = "avec --force, elle recommence tout" if force else "elle reprend où vous en étiez"
        yield f"Ce qui est noté le reste. Relancez la même commande : {after}."


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"en {number(round(seconds, 1), 2)} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"en {number(minutes, 2)} min {rest} s"


def _counted(count: int, noun: str) -> str:
    return f"{number(count, 2)} {noun}{'s' if count > 1 else ''}"


if __name__ == "__main__":
    sys.exit(main())
