"""The arguments of `reseau-kit`, in French: its subcommands, their options, and what argparse says of a mistake."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import reseau_kit
from reseau_kit.workspace import (
    DEFAULT_NAME,
)

if TYPE_CHECKING:
    pass


@contextmanager
def argparse_in_french() -> Iterator[None]:
    """While this lasts: two functions of its module give argparse its own words, in any language."""
    words: Any = argparse
    before = words._, words.ngettext
    words._ = lambda text: _FRENCH.get(text, text)
    words.ngettext = lambda one, many, count: words._(one if count == 1 else many)
    try:
        yield
    finally:
        words._, words.ngettext = before


#: Messages of argparse, in Python 3.11 and later.
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


def command_parser() -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
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
