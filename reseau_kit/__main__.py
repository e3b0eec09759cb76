"""The command `reseau-kit`: reads its arguments, calls one function, prints, and gives an exit code."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import reseau_kit
from reseau_kit.activities import ActivityFaults, load_activities
from reseau_kit.workspace import (
    DEFAULT_NAME,
    CannotPrepare,
    Update,
    find_activity_files,
    open_lab,
    update_workspace,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    parser = _parser()
    options, others = parser.parse_known_args(arguments)
    if options.command == "check":
        if others:
            parser.error(f"argument inconnu : {others[0]}")
        return _check(options.paths)
    return _open(options.course_root, options.workspace or options.course_root / DEFAULT_NAME, others)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="reseau-kit",
        description="Un cours sur la présence en réseau : l’ouvrir, ou vérifier ses activités.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"reseau-kit {reseau_kit.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="{open,check}")
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
    return parser


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


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}"


if __name__ == "__main__":
    sys.exit(main())
