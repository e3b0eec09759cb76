"""Activities as data: what is asked, what is right, and why the rest is not.

Reads an author's TOML file, reports all of its faults at once, and packs the result for a learner's notebook.
Knows nothing of answers, of notebooks, or of how an activity is drawn.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from reseau_kit.kinds import KINDS, Choice, Kind, OpenText, Task
from reseau_kit.reading import (
    Faults,
    Section,
    Where,
    day_in_words,
    did_you_mean,
    id_of,
    lines_of,
    nearest_line,
    read_toml,
)

#: An author's file: ``activites.toml``, or ``<lesson>.activites.toml`` where several notebooks share a folder.
SOURCE_PATTERN = "*activites.toml"

#: Attempts that count; each but the last has its hint.
ATTEMPTS = 3

#: A packed file larger than this once unpacked is refused: a real one holds some tens of kilobytes.
MAX_UNPACKED_BYTES = 8_000_000

#: When learners are told what their answers are worth (« retour »): at each attempt, or once they have handed in.
_FEEDBACK = ("immediat", "apres")

#: What stands for the keys of a document that has none (« corrige »).
_WITHHELD = "retiré"

#: What an id may look like: nbgrader's cell names allow no more.
ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Table:
    """Data shown beside the question: a caption, column names, and rows of as many cells."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """One version of one question.

    `points` is what full marks are worth. `hints` follow the first and the second attempt, `explanation` comes with
    the answer. `logbook` names the decision that the answer is kept as. Where the question depends on such a
    decision (`depends_on`), `variants` holds the whole activity for each value that it can have.
    """

    id: str
    version: int
    points: float
    question: str
    instructions: str
    hints: tuple[str, ...]
    explanation: str
    task: Task
    table: Table | None = None
    logbook: str = ""
    depends_on: str = ""
    variants: Mapping[str, "Activity"] = field(default_factory=dict)

    @property
    def is_decision(self) -> bool:
        """Whether any answer will do: it is kept, and not judged."""
        return isinstance(self.task, Choice) and self.task.right is None and not self.points

    def under(self, context: Mapping[str, str]) -> "Activity | None":
        """The activity as it is asked in that context, or None where the context lacks what it depends on."""
        if not self.depends_on:
            return self
        return self.variants.get(context.get(self.depends_on, ""))


@dataclass(frozen=True, slots=True)
class Activities:
    """The activities of one notebook (`own`, their ids in order), and the decisions that they borrow.

    With `feedback_after`, learners are told nothing before they hand in, and their last validated answer counts. What
    they get then is `withheld`: neither the keys nor a word of feedback are in it.
    """

    document: dict[str, Any]
    versions: Mapping[str, Mapping[int, Activity]]
    own: tuple[str, ...]
    feedback_after: bool = False
    withheld: bool = False

    def __contains__(self, id: object) -> bool:
        return id in self.versions

    def __iter__(self) -> Iterator[Activity]:
        """The current version of each of the notebook's own activities, in the order of the file."""
        return (self[id] for id in self.own)

    def __len__(self) -> int:
        return len(self.own)

    def __getitem__(self, id: str) -> Activity:
        """The current version of an activity.

        Raises:
            KeyError: no activity has that id.
        """
        versions = self.versions[id]
        return versions[max(versions)]

    def deciding(self, name: str) -> Activity | None:
        """The activity whose answer the logbook keeps under that name, or None."""
        return next((self[id] for id in self.versions if self[id].logbook == name), None)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to mend in an author's file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ActivityFaults(ValueError):
    """An author's file cannot be used as it is. `faults` holds every fault, in the order of the lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.message)))
        super().__init__("\n".join(map(str, self.faults)))


def load_activities(path: Path) -> Activities:
    """The activities of an author's TOML file, with the data tables and the decisions that it names.

    Raises:
        ActivityFaults: the file cannot be read or does not hold; every fault is named with its line.
    """
    source, document, unreadable = read_toml(path)
    if unreadable:
        raise ActivityFaults(Fault(str(path), line, message) for line, message in unreadable)
    faults = Faults()
    _inline_data(document, path.parent, faults)
    borrowed_faults = _borrow(document, path.parent, faults)
    activities = _parse(document, faults)
    if faults.found or borrowed_faults:
        lines = lines_of(source)
        own = (Fault(str(path), nearest_line(lines, where), message) for where, message in faults.found)
        raise ActivityFaults([*own, *borrowed_faults])
    return activities


def withhold(activities: Activities) -> Activities:
    """What learners get of activities whose feedback comes after: neither keys nor feedback. Others as they are."""
    if not activities.feedback_after or activities.withheld:
        return activities
    document = json.loads(json.dumps(activities.document, ensure_ascii=False, default=str))
    document["corrige"] = _WITHHELD
    for values in document["activite"]:
        # Only what is asked may stay: a key that a kind gets tomorrow is withheld without anybody thinking of it.
        for section in (values, *values.get("variante", [])):
            KINDS[values["genre"]].withhold(section)
    return revised(document)


def revised(document: dict[str, Any]) -> Activities:
    """The activities of a document made from another that had no faults."""
    return _parse(document, Faults())


def pack(activities: Activities) -> str:
    """The activities as one ASCII string for a notebook's metadata: not read by accident, and no secret either."""
    text = json.dumps(activities.document, ensure_ascii=False, separators=(",", ":"), default=str)
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


@lru_cache(maxsize=32)
def unpack(packed: str) -> Activities:
    """The activities that `pack` packed.

    Raises:
        ValueError: the string is damaged, or too large to be a course's.
    """
    try:
        unzip = zlib.decompressobj()
        data = unzip.decompress(base64.b64decode(packed, validate=True), MAX_UNPACKED_BYTES)
        if not unzip.eof:
            raise ValueError("trop long ou tronqué")
        faults = Faults()
        activities = _parse(json.loads(data), faults)
        if faults.found:
            raise ValueError(faults.found[0][1])
    except (ValueError, zlib.error, RecursionError) as error:
        raise ValueError(f"les activités que ce document porte ne se lisent pas ({error})") from error
    return activities


# --- one document ---------------------------------------------------------------------------------------------------


def _parse(document: dict[str, Any], faults: Faults) -> Activities:
    top = Section(document, (), "", faults)
    top.text("titre", required=False)
    top.texts("reprend")
    feedback = top.text("retour", required=False) or "immediat"
    if feedback not in _FEEDBACK:
        top.fault("retour", f"le retour « {feedback} » n’existe pas{did_you_mean(feedback, _FEEDBACK)}")
    withheld = top.text("corrige", required=False) == _WITHHELD
    versions: dict[str, dict[int, Activity]] = {}
    own: dict[str, None] = {}
    for key in ("activite", "empruntee"):
        for section in top.tables(key, "activité", required=key == "activite"):
            activity = _activity(section, teaching=not withheld)
            known = versions.setdefault(activity.id, {})
            if activity.version in known:
                message = f"une autre activité a déjà cet identifiant et la version {activity.version}"
                section.fault("id", f"{message} ; changez l’un ou l’autre")
            known[activity.version] = activity
            if key == "activite":
                own[activity.id] = None
    top.finish()
    activities = Activities(document, versions, tuple(own), feedback == "apres", withheld)
    _check_dependencies(activities, faults)
    return activities


def _activity(section: Section, *, teaching: bool) -> Activity:
    depends_on = section.text("selon", required=False)
    variants: dict[str, Activity] = {}
    for variant in section.tables("variante", "variante"):
        case = variant.text("cas")
        if case in variants:
            variant.fault("cas", f"le cas « {case} » a déjà une variante")
        variants[case] = _asked(section.laid_over(variant, leaving_out={"selon", "variante", "cas"}), teaching=teaching)
    if bool(depends_on) != bool(variants):
        found, missing = ("selon", "[[activite.variante]]") if depends_on else ("variante", "selon")
        section.fault(found, f"« {found} » ne va pas sans « {missing} »")
    if not variants:
        return _asked(section, teaching=teaching)
    first = next(iter(variants.values()))
    return replace(first, question="", hints=(), explanation="", depends_on=depends_on, variants=variants)


def _asked(section: Section, *, teaching: bool) -> Activity:
    """The activity of a section whose variants, if any, have been laid over it."""
    section.asked |= {"selon", "variante"}
    id = section.text("id")
    if id and not ID_PATTERN.fullmatch(id):
        section.fault("id", f"l’identifiant « {id} » ne peut avoir que des lettres sans accent, des chiffres, - et _")
    name = section.text("genre")
    kind = KINDS.get(name)
    if name and not kind:
        *most, last = (f"« {other} »" for other in KINDS)
        known = f"{', '.join(most)} ou {last}"
        section.fault("genre", f"le genre « {name} » n’existe pas{did_you_mean(name, KINDS)} ; il faut {known}")
    activity = Activity(
        id=id,
        version=section.integer("version"),
        points=section.number("points", 0.0, minimum=0.0),
        question=section.text("question"),
        instructions=section.text("consigne", required=False),
        hints=section.texts("indices"),
        explanation=section.text("explication", required=False),
        task=kind.read(section) if kind else Choice((), 1, None),
        table=_data_table(section),
        logbook=section.text("carnet", required=False),
    )
    if kind:
        section.finish()
        if teaching:
            _check_teaching(section, activity, kind)
    return activity


def _data_table(section: Section) -> Table | None:
    section.asked |= {"donnees", "legende", "colonnes"}
    data = section.table("tableau")
    if data is None:
        return None
    rows = data.values.get("lignes")
    return Table(
        caption=data.text("legende"),
        columns=data.texts("colonnes"),
        rows=tuple(tuple(str(cell) for cell in row) for row in rows if isinstance(row, list))
        if isinstance(rows, list)
        else (),
    )


def _check_dependencies(activities: Activities, faults: Faults) -> None:
    """What an activity depends on is decided somewhere, and each decision has its variant."""
    for index, values in enumerate(activities.document.get("activite", [])):
        if not isinstance(values, dict) or not isinstance(name := values.get("selon"), str):
            continue
        where: Where = ("activite", index, "selon")
        activity = activities.versions.get(str(values.get("id")), {}).get(values.get("version", 1))
        decision = activities.deciding(name)
        if decision is None or not isinstance(decision.task, Choice):
            message = f"aucune activité ne décide de « {name} » ; ajoutez son fichier à « reprend »"
            faults.add(where, f'activité "{values.get("id")}" : {message}')
            continue
        cases = [option.id for option in decision.task.options]
        for case in cases:
            if activity is not None and case not in activity.variants:
                faults.add(where, f'activité "{activity.id}" : il manque la variante du cas « {case} »')
        for case in activity.variants if activity is not None else ():
            if case not in cases:
                hint = did_you_mean(case, cases)
                faults.add(where, f'activité "{values.get("id")}" : le cas « {case} » n’existe pas{hint}')


def _check_teaching(section: Section, activity: Activity, kind: Kind) -> None:
    """What a question needs to teach, beyond being well formed."""
    if isinstance(activity.task, OpenText):
        kind.lint(section, activity.task)
        return
    if isinstance(activity.task, Choice) and activity.task.right is None:
        if activity.points:
            section.fault("points", "une décision n’a pas de réponse juste : elle ne peut pas valoir de points")
        return
    if len(activity.hints) != ATTEMPTS - 1:
        expected = f"il faut {ATTEMPTS - 1} indices, du plus large au plus précis"
        section.fault("indices", f"{expected}, et il y en a {len(activity.hints)}")
    if not activity.explanation:
        section.fault("explication", "il manque « explication », que l’on donne avec la réponse")
    kind.lint(section, activity.task)


# --- what the document points to ------------------------------------------------------------------------------------


def _inline_data(document: dict[str, Any], folder: Path, faults: Faults) -> None:
    """Replace the name of each data file by what it holds, so that the document stands alone."""
    for index, activity in enumerate(document.get("activite", [])):
        if not isinstance(activity, dict):
            continue
        if data := _read_data(activity, index, "donnees", folder, faults):
            columns, rows = data
            activity["tableau"] = {
                "legende": activity.get("legende", activity["donnees"]),
                "colonnes": activity.get("colonnes", columns),
                "lignes": rows,
            }
        if data := _read_data(activity, index, "cartes", folder, faults):
            columns, rows = data
            activity["carte"] = [_card_of(dict(zip(columns, row, strict=False))) for row in rows]


def _read_data(
    activity: dict[str, Any], index: int, key: str, folder: Path, faults: Faults
) -> tuple[list[str], list[list[str]]] | None:
    """The columns and rows of the CSV file that a key names, None where it names none or cannot be read."""
    import csv

    name = activity.get(key)
    if not isinstance(name, str):
        return None
    where: Where = ("activite", index, key)
    who = f"activité {id_of(activity, index)}"
    if "/" in name or "\\" in name or name.startswith("."):
        faults.add(where, f"{who} : le fichier de données « {name} » doit être à côté de ce fichier")
        return None
    try:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            columns, *rows = csv.reader(file)
    except (OSError, ValueError) as error:
        known = [path.name for path in folder.glob("*.csv")]
        problem = "n’existe pas" if isinstance(error, FileNotFoundError) else f"ne se lit pas ({error})"
        faults.add(where, f"{who} : le fichier de données « {name} » {problem}{did_you_mean(name, known)}")
        return None
    return columns, rows


#: What a row of cards says to the course rather than to its reader.
_NOT_SHOWN = ("id", "texte", "forces", "source", "verifie_le")


def _card_of(row: dict[str, str]) -> dict[str, Any]:
    """A row of a data file as a card: each column that is not ours is a line « Colonne : valeur », then the date."""
    shown = [f"{column} : {value}" for column, value in row.items() if column not in _NOT_SHOWN and value]
    if checked := row.get("verifie_le"):
        shown.append(f"Vérifié le {day_in_words(checked)}")
    forces = [force for force in row.get("forces", "").split("|") if force]
    return {"id": row.get("id", ""), "texte": row.get("texte", ""), "details": shown, "forces": forces}


def _borrow(document: dict[str, Any], folder: Path, faults: Faults) -> list[Fault]:
    """Add the decisions of the files that `reprend` names; returns the faults of those files."""
    theirs: list[Fault] = []
    borrowed: list[Any] = []
    named = document.get("reprend", [])
    for index, name in enumerate(named if isinstance(named, list) else []):
        path = (folder / str(name)).resolve()
        if not path.is_file():
            faults.add(("reprend", index), f"« reprend » nomme « {name} », qui n’existe pas à côté de ce fichier")
            continue
        try:
            lender = load_activities(path)
        except ActivityFaults as error:
            theirs.extend(error.faults)
            continue
        borrowed += [values for values in lender.document["activite"] if values.get("carnet")]
    if borrowed:
        document["empruntee"] = borrowed
    return theirs
