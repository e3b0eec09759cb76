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

from reseau_kit.activities.author_file import (
    Faults,
    Section,
    Where,
    did_you_mean,
    id_of,
    lines_of,
    nearest_line,
    read_toml,
)
from reseau_kit.activities.kinds import KINDS, Kind
from reseau_kit.activities.tasks import Choice, Form, OpenText, Task, judges
from reseau_kit.french.writing import day_in_words

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
class Excerpt:
    """A text to work on, shown as a quotation: where it is from, and its paragraphs."""

    source: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """One version of one question.

    `points` is what full marks are worth. `hints` follow the first and the second attempt, `explanation` comes with
    the answer. `logbook` names the decision that the answer is kept as. Where the question depends on such a
    decision (`depends_on`), `variants` holds the whole activity for each value that it can have. `uses` names what
    else of the logbook an answer is judged against (« objectif.themes »).
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
    excerpt: Excerpt | None = None
    logbook: str = ""
    depends_on: str = ""
    variants: Mapping[str, "Activity"] = field(default_factory=dict)
    uses: tuple[str, ...] = ()

    @property
    def is_decision(self) -> bool:
        """Whether any answer will do: it is kept, and not judged."""
        return not judges(self.task) and not self.points

    @property
    def needs(self) -> tuple[str, ...]:
        """What of the logbook the question depends on, or an answer is judged against."""
        return (*filter(None, (self.depends_on,)), *self.uses)

    def lacks(self, context: Mapping[str, str]) -> tuple[str, ...]:
        """What it needs that the context does not have."""
        return tuple(name for name in self.needs if not context.get(name, "").strip())

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
        """The activity whose answer the logbook keeps under that name (« objectif », « objectif.themes »), or None."""
        name = name.partition(".")[0]
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
        if uses := activities[values["id"]].uses:
            values["utilise"] = list(uses)
        _withhold(values)
    return revised(document)


def _withhold(values: dict[str, Any]) -> None:
    # Only what is asked may stay: a key that a kind gets tomorrow is withheld without anybody thinking of it.
    for section in (values, *values.get("variante", [])):
        KINDS[values["genre"]].withhold(section)


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
            activity = _activity(section, teaching=not withheld and key == "activite")
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
    uses = tuple(dict.fromkeys(name for variant in variants.values() for name in variant.uses))
    shared = replace(first, question="", hints=(), explanation="", excerpt=None, uses=uses)
    return replace(shared, depends_on=depends_on, variants=variants)


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
    task = kind.read(section) if kind else Choice((), 1, None)
    uses = section.texts("utilise") + (task.decisions if isinstance(task, Form) else ())
    activity = Activity(
        id=id,
        version=section.integer("version"),
        points=section.number("points", 0.0, minimum=0.0),
        question=section.text("question"),
        instructions=section.text("consigne", required=False),
        hints=section.texts("indices"),
        explanation=section.text("explication", required=False),
        task=task,
        table=_data_table(section),
        excerpt=_excerpt(section),
        logbook=section.text("carnet", required=False),
        uses=tuple(dict.fromkeys(uses)),
    )
    if kind:
        section.finish()
        if teaching:
            _check_teaching(section, activity, kind)
    return activity


def _excerpt(section: Section) -> Excerpt | None:
    text, source = section.text("extrait", required=False), section.text("extrait_de", required=False)
    if bool(text) != bool(source):
        found, missing = ("extrait", "extrait_de") if text else ("extrait_de", "extrait")
        section.fault(found, f"« {found} » ne va pas sans « {missing} »")
    paragraphs = tuple(re.sub(r"[ \t\r\n]+", " ", part).strip() for part in re.split(r"\n\s*\n", text))
    return Excerpt(source, paragraphs) if text else None


def _data_table(section: Section) -> Table | None:
    section.asked |= {"donnees", "legende", "colonnes", "lignes"}
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
    """What an activity needs is decided somewhere, and each decision has its variant."""
    for index, values in enumerate(activities.document.get("activite", [])):
        activity = activities.versions.get(str(values.get("id")), {}).get(values.get("version", 1))
        for used in activity.uses if activity else ():
            if problem := _no_text(activities, used):
                message = f'activité "{values.get("id")}" : {problem}'
                faults.add(_where_used(values, ("activite", index), used), message)
    for index, values in enumerate(activities.document.get("activite", [])):
        name = values.get("selon") if isinstance(values, dict) else None
        if not isinstance(name, str):
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


def _no_text(activities: Activities, used: str) -> str:
    """What keeps the logbook from giving one text under that name, empty where nothing does."""
    name, _, inside = used.partition(".")
    decision = activities.deciding(used)
    task = None if decision is None else next(iter(decision.variants.values()), decision).task
    if isinstance(task, Form):
        fields = [line.id for line in task.fields]
        if inside in fields:
            return ""
        return f"« {name} » est une fiche ; nommez l’un de ses champs ({', '.join(f'{name}.{id}' for id in fields)})"
    if isinstance(task, Choice) and not inside:
        return ""
    if task is None:
        return f"aucune activité ne décide de « {used} » ; ajoutez son fichier à « reprend »"
    return f"« {used} » ne donne pas un texte ; il faut un choix, ou le champ d’une fiche"


def _where_used(values: dict[str, Any], where: Where, used: str) -> Where:
    """Where a section names a value of the logbook that it uses."""
    for key in ("critere", "faute"):
        for place, rule in enumerate(values.get(key, [])):
            if isinstance(rule, dict) and rule.get("cite_carnet") == used:
                return (*where, key, place, "cite_carnet")
    for place, variant in enumerate(values.get("variante", [])):
        own: Where = (*where, "variante", place)
        if isinstance(variant, dict) and (found := _where_used(variant, own, used)) != own:
            return found
    return (*where, "utilise") if "utilise" in values else where


def _check_teaching(section: Section, activity: Activity, kind: Kind) -> None:
    """What a question needs to teach, beyond being well formed."""
    if isinstance(activity.task, OpenText):
        kind.lint(section, activity.task)
        return
    # A form or a plan that judges nothing and is kept nowhere has lost its criteria: its own lint says so.
    if not judges(activity.task) and (isinstance(activity.task, Choice) or (activity.logbook and not activity.points)):
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


#: The keys of an activity, or of a variant of it, that name a data file or say what is shown of one.
_DATA_KEYS = frozenset(("donnees", "lignes", "legende", "colonnes", "cartes", "detail", "messages"))


def _inline_data(document: dict[str, Any], folder: Path, faults: Faults) -> None:
    """Put beside the name of each data file what it holds, so that the document stands alone."""
    activities = document.get("activite")
    for index, values in enumerate(activities if isinstance(activities, list) else []):
        if not isinstance(values, dict):
            continue
        section = Section(values, ("activite", index), f"activité {id_of(values, index)}", faults)
        listed = values.get("variante")
        variants = [variant for variant in listed if isinstance(variant, dict)] if isinstance(listed, list) else []
        for key in ("lignes", "legende", "colonnes"):
            if key in values and not any("donnees" in either for either in (values, *variants)):
                section.fault(key, f"« {key} » ne va pas sans « donnees »")
        for place, variant in enumerate(variants):
            if variant.keys() & _DATA_KEYS:
                own = Section(variant, (*section.path("variante"), place), section.name, faults)
                variant.update(_inlined(section.laid_over(own, leaving_out={"variante"}), folder))
        values.update(_inlined(section, folder))


def _inlined(section: Section, folder: Path) -> dict[str, Any]:
    """What the data files of an activity hold, by the keys that they stand for."""
    made: dict[str, Any] = {}
    values = section.values
    if "donnees" in values and (rows := _read_data(section, "donnees", values["donnees"], folder)) is not None:
        made["tableau"] = _table_of(section, rows)
    if "cartes" in values:
        named = values["cartes"]
        made["carte"] = _cards_of(section, _joined(section, named if isinstance(named, list) else [named], folder))
    if "messages" in values:
        columns = ("id", "auteur", "texte")
        rows = _read_data(section, "messages", values["messages"], folder, needing=columns) or []
        made["publication"] = [{column: row[column] for column in columns} for row in rows]
    return made


def _read_data(
    section: Section, key: str, name: object, folder: Path, *, needing: Iterable[str] = ()
) -> list[dict[str, str]] | None:
    """The rows of the CSV file of that name, by column; None where it cannot be read or lacks a column."""
    import csv

    what = f"le fichier de données « {name} »"
    if not isinstance(name, str) or "/" in name or "\\" in name or name.startswith("."):
        section.fault(key, f"{what} doit être à côté de ce fichier")
        return None
    try:
        # A spreadsheet may put a mark before the first column's name.
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            columns, *rows = csv.reader(file)
    except (OSError, ValueError, csv.Error) as error:
        known = [path.name for path in folder.glob("*.csv")]
        problem = "n’existe pas" if isinstance(error, FileNotFoundError) else f"ne se lit pas ({error})"
        section.fault(key, f"{what} {problem}{did_you_mean(name, known)}")
        return None
    for number, row in enumerate(rows, 2):
        if len(row) != len(columns):
            section.fault(key, f"{what} a {len(row)} valeurs pour {len(columns)} colonnes, ligne {number}")
    missing = [column for column in needing if column not in columns]
    for column in missing:
        section.fault(key, f"{what} n’a pas de colonne « {column} »{did_you_mean(column, columns)}")
    return None if missing else [dict.fromkeys(columns, "") | dict(zip(columns, row, strict=False)) for row in rows]


def _by_id(
    section: Section, key: str, name: object, column: str, rows: Iterable[dict[str, str]]
) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row[column] in found:
            section.fault(key, f"le fichier de données « {name} » a deux lignes « {row[column]} »")
        found[row[column]] = row
    return found


def _table_of(section: Section, rows: list[dict[str, str]]) -> dict[str, Any]:
    """The table to show: all rows, or those of `lignes`, whose ids are then not shown."""
    columns = list(rows[0]) if rows else []
    name = section.values["donnees"]
    if "lignes" in section.values and columns:
        id_column, *columns = columns
        by_id = _by_id(section, "donnees", name, id_column, rows)
        chosen = section.texts("lignes")
        for id in chosen:
            if id not in by_id:
                section.fault("lignes", f"la ligne « {id} » n’est pas dans « {name} »{did_you_mean(id, by_id)}")
        rows = [by_id[id] for id in chosen if id in by_id]
    shown = {"verifie_le": "Vérifié le"}
    titles = section.texts("colonnes")
    if titles and len(titles) != len(columns):
        section.fault("colonnes", f"il y a {len(titles)} titres pour {len(columns)} colonnes ({', '.join(columns)})")
    return {
        "legende": section.text("legende", required=False) or name,
        "colonnes": list(titles) or [shown.get(column, column) for column in columns],
        "lignes": [
            [day_in_words(row[column]) if column in shown else row[column] for column in columns] for row in rows
        ],
    }


def _joined(section: Section, names: list[Any], folder: Path) -> list[dict[str, str]]:
    """The rows of several data files put together by their column `id`, in the order of the first."""
    joined: dict[str, dict[str, str]] = {}
    for place, name in enumerate(names):
        rows = _read_data(section, "cartes", name, folder, needing=("id",))
        if rows is None:
            return []
        found = _by_id(section, "cartes", name, "id", rows)
        for id in found.keys() ^ joined.keys() if place else ():
            who, other = (name, names[0]) if id in found else (names[0], name)
            section.fault("cartes", f"« {who} » parle de « {id} », qui n’est pas dans « {other} »")
        joined = {id: joined.get(id, {}) | found.get(id, {}) for id in joined or found}
    if joined and not all("texte" in row for row in joined.values()):
        section.fault("cartes", "aucun de ces fichiers n’a de colonne « texte », que l’on montre sur la carte")
        return []
    return list(joined.values())


#: What a row of cards says to the course rather than to its reader.
_NOT_SHOWN = ("id", "texte", "details", "forces", "source", "verifie_le")


def _cards_of(section: Section, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The rows of data files as cards: the lines that `detail` asks for (or all columns), then the date."""
    lines = [_Detail.read(detail, rows) for detail in section.tables("detail", "détail")]
    return [_card_of(row, lines if "detail" in section.values else None) for row in rows]


def _card_of(row: dict[str, str], lines: "list[_Detail] | None") -> dict[str, Any]:
    traits = {column: value for column, value in row.items() if column not in _NOT_SHOWN and value}
    if lines is None:
        shown = [f"{column} : {value}" for column, value in traits.items()]
    else:
        shown = [text for line in lines if (text := line.of(row))]
    shown += [detail for detail in row.get("details", "").split("|") if detail]
    if checked := row.get("verifie_le"):
        shown.append(f"Vérifié le {day_in_words(checked)}")
    forces = [force for force in row.get("forces", "").split("|") if force]
    return {"id": row["id"], "texte": row["texte"], "details": shown, "forces": forces, "traits": traits}


@dataclass(frozen=True, slots=True)
class _Detail:
    """One line of a card: a column, and how its value is told ({valeur}, {pourcent}, or a text for each value)."""

    column: str
    text: str
    values: Mapping[str, str] | None

    @classmethod
    def read(cls, section: Section, rows: list[dict[str, str]]) -> "_Detail":
        """The line that a [[activite.detail]] asks for."""
        values = section.values.get("valeurs")
        if values is not None and not (isinstance(values, dict) and all(isinstance(v, str) for v in values.values())):
            section.fault("valeurs", f"« valeurs » doit donner un texte pour chaque valeur, et c’est {values!r}")
            values = {}
        section.asked.add("valeurs")
        detail = cls(section.text("colonne"), section.text("texte", required=values is None), values)
        section.finish()
        if rows and detail.column and detail.column not in rows[0]:
            found = did_you_mean(detail.column, rows[0])
            section.fault("colonne", f"la colonne « {detail.column} » n’est pas dans les données{found}")
        for unknown in set(re.findall(r"\{\w*\}", detail.text)) - {"{valeur}", "{pourcent}"}:
            section.fault("texte", f"« {unknown} » n’existe pas ; il faut {{valeur}} ou {{pourcent}}")
        untold = {row.get(detail.column, "") for row in rows} - {"", *(values or ())}
        for value in sorted(untold) if values is not None else ():
            section.fault("valeurs", f'rien ne dit comment montrer « {value} » ; écrivez "{value}" = "…"')
        return detail

    def of(self, row: dict[str, str]) -> str:
        """The line of one card, empty where there is nothing to say."""
        value = row.get(self.column, "")
        if self.values is not None:
            return self.values.get(value, "")
        if not value:
            return ""
        try:
            share, told = f"{100 * float(value):.0f}", value.replace(".", ",")
        except ValueError:
            share = told = value
        return self.text.replace("{pourcent}", share).replace("{valeur}", told)


def _borrow(document: dict[str, Any], folder: Path, faults: Faults) -> list[Fault]:
    """Add the decisions of the files that `reprend` names, as they are asked; returns the faults of those files.

    They are judged where they come from: their keys are nobody's business here.
    """
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
        for values in borrowed:
            _withhold(values)
    return theirs
