"""Activities as data: what is asked, what is right, and why the rest is not.

Reads an author's TOML file, reports all of its faults at once, and packs the result for a learner's notebook.
Knows nothing of answers, of notebooks, or of how an activity is drawn.
"""

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

#: An author's file: ``activites.toml``, or ``<lesson>.activites.toml`` where several notebooks share a folder.
SOURCE_PATTERN = "*activites.toml"

#: Attempts that count; each but the last has its hint.
ATTEMPTS = 3

#: A packed file larger than this once unpacked is refused: a real one holds some tens of kilobytes.
MAX_UNPACKED_BYTES = 8_000_000

#: What an id may look like: nbgrader's cell names allow no more.
ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a learner can tick. `reason` says why it is not right, where it is not."""

    id: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Tick `pick` of the options. `right` holds the ids that are right, None where any will do (a decision)."""

    options: tuple[Option, ...]
    pick: int
    right: tuple[str, ...] | None

    def option(self, id: str) -> Option | None:
        """The option of that id, or None."""
        return next((option for option in self.options if option.id == id), None)


@dataclass(frozen=True, slots=True)
class NamedMistake:
    """A wrong number that many find, worth `share` (0–1) of the points, with what to tell those who found it."""

    value: float
    tolerance: float
    share: float
    message: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number in `unit`, right within ± `tolerance` of `value`."""

    unit: str
    value: float
    tolerance: float
    mistakes: tuple[NamedMistake, ...]


Task = Choice | Number


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
        return isinstance(self.task, Choice) and self.task.right is None

    def under(self, context: Mapping[str, str]) -> "Activity | None":
        """The activity as it is asked in that context, or None where the context lacks what it depends on."""
        if not self.depends_on:
            return self
        return self.variants.get(context.get(self.depends_on, ""))


@dataclass(frozen=True, slots=True)
class Activities:
    """The activities of one notebook (`own`, their ids in order), and the decisions that they borrow."""

    document: dict[str, Any]
    versions: Mapping[str, Mapping[int, Activity]]
    own: tuple[str, ...]

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
    source, document = _read_toml(path)
    faults = _Faults()
    _inline_tables(document, path.parent, faults)
    borrowed_faults = _borrow(document, path.parent, faults)
    activities = _parse(document, faults)
    if faults.found or borrowed_faults:
        lines = _lines(source)
        own = (Fault(str(path), _nearest_line(lines, where), message) for where, message in faults.found)
        raise ActivityFaults([*own, *borrowed_faults])
    return activities


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
        faults = _Faults()
        activities = _parse(json.loads(data), faults)
        if faults.found:
            raise ValueError(faults.found[0][1])
    except (ValueError, zlib.error, RecursionError) as error:
        raise ValueError(f"les activités que ce document porte ne se lisent pas ({error})") from error
    return activities


# --- one document ---------------------------------------------------------------------------------------------------

_Where = tuple[str | int, ...]


class _Faults:
    """Every fault found so far, with the path in the document of the value that it is about."""

    def __init__(self) -> None:
        self.found: list[tuple[_Where, str]] = []

    def add(self, where: _Where, message: str) -> None:
        self.found.append((where, message))


class _Table:
    """A table being read: hands out values of the type asked for, and notes what is amiss.

    A variant reads as the activity's table with some values laid over it (`over`, with the path of their own table).
    """

    def __init__(self, values: object, where: _Where, name: str, faults: _Faults) -> None:
        self.where, self.name, self.faults = where, name, faults
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}
        self.over: tuple[_Where, frozenset[str]] = ((), frozenset())
        self.asked: set[str] = set()
        if not isinstance(values, dict):
            self.fault("", f"il faut ici des clés et des valeurs, et il y a {values!r}")

    def laid_over(self, variant: "_Table", *, leaving_out: set[str]) -> "_Table":
        both = {key: value for key, value in (self.values | variant.values).items() if key not in leaving_out}
        table = _Table(both, self.where, self.name, self.faults)
        table.over = (variant.where, frozenset(variant.values))
        return table

    def path(self, key: str) -> _Where:
        where, keys = self.over
        base = where if key in keys else self.where
        return (*base, key) if key else (where or self.where)

    def fault(self, key: str, message: str) -> None:
        self.faults.add(self.path(key), f"{self.name} : {message}" if self.name else message)

    def _get(self, key: str, kinds: tuple[type, ...], expected: str, *, required: bool) -> Any:
        self.asked.add(key)
        if key not in self.values:
            if required:
                self.fault("", f"il manque « {key} » ({expected})")
            return None
        value = self.values[key]
        if not isinstance(value, kinds) or isinstance(value, bool):
            self.fault(key, f"« {key} » doit être {expected}, et c’est {value!r}")
            return None
        return value

    def text(self, key: str, *, required: bool = True) -> str:
        value = self._get(key, (str,), "un texte entre guillemets", required=required)
        if required and value is not None and not value.strip():
            self.fault(key, f"« {key} » est vide ; écrivez-y quelque chose")
        return (value or "").strip()

    def number(self, key: str, default: float | None = None, *, minimum: float | None = None) -> float:
        value = self._get(key, (int, float), "un nombre, avec un point décimal", required=default is None)
        if value is None:
            return default or 0.0
        if not abs(value) < 1e15 or (minimum is not None and value < minimum):
            bound = "" if minimum is None else f" d’au moins {minimum:g}"
            self.fault(key, f"« {key} » vaut {value} ; il faut un nombre{bound}")
            return default or 0.0
        return float(value)

    def integer(self, key: str, *, minimum: int = 1) -> int:
        value = self._get(key, (int,), "un nombre entier", required=False)
        if value is not None and value < minimum:
            self.fault(key, f"« {key} » vaut {value} ; il faut au moins {minimum}")
        return max(minimum, value or minimum)

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        values = self._get(key, (list,), "une liste de textes", required=required) or []
        if any(not isinstance(value, str) or not value.strip() for value in values):
            self.fault(key, f"« {key} » doit être une liste de textes, et c’est {values!r}")
            return ()
        return tuple(value.strip() for value in values)

    def mapping(self, key: str) -> dict[str, str]:
        values = self._get(key, (dict,), "un texte pour chaque clé", required=False) or {}
        if any(not isinstance(value, str) or not value.strip() for value in values.values()):
            self.fault(key, f"« {key} » doit donner un texte pour chaque clé, et c’est {values!r}")
            return {}
        return {name: value.strip() for name, value in values.items()}

    def table(self, key: str) -> "_Table | None":
        values = self._get(key, (dict,), "un tableau", required=False)
        return None if values is None else _Table(values, self.path(key), self.name, self.faults)

    def tables(self, key: str, called: str, *, required: bool = False) -> list["_Table"]:
        values = self._get(key, (list,), f"une suite de [[{key}]]", required=required) or []
        return [
            _Table(value, (*self.path(key), index), f"{self._prefix()}{called} {_id_of(value, index)}", self.faults)
            for index, value in enumerate(values)
        ]

    def _prefix(self) -> str:
        return f"{self.name}, " if self.name else ""

    def finish(self) -> None:
        for key in sorted(self.values.keys() - self.asked):
            self.fault(key, f"la clé « {key} » n’existe pas ici{_did_you_mean(key, self.asked)}")


def _parse(document: dict[str, Any], faults: _Faults) -> Activities:
    top = _Table(document, (), "", faults)
    top.text("titre", required=False)
    top.texts("reprend")
    versions: dict[str, dict[int, Activity]] = {}
    own: dict[str, None] = {}
    for key in ("activite", "empruntee"):
        for table in top.tables(key, "activité", required=key == "activite"):
            activity = _activity(table)
            known = versions.setdefault(activity.id, {})
            if activity.version in known:
                message = f"une autre activité a déjà cet identifiant et la version {activity.version}"
                table.fault("id", f"{message} ; changez l’un ou l’autre")
            known[activity.version] = activity
            if key == "activite":
                own[activity.id] = None
    top.finish()
    activities = Activities(document, versions, tuple(own))
    _check_dependencies(activities, faults)
    return activities


def _id_of(value: object, index: int) -> str:
    id = value.get("id") if isinstance(value, dict) else None
    return f'"{id}"' if isinstance(id, str) else f"n° {index + 1}"


def _activity(table: _Table) -> Activity:
    depends_on = table.text("selon", required=False)
    variants: dict[str, Activity] = {}
    for variant in table.tables("variante", "variante"):
        case = variant.text("cas")
        if case in variants:
            variant.fault("cas", f"le cas « {case} » a déjà une variante")
        variants[case] = _asked(table.laid_over(variant, leaving_out={"selon", "variante", "cas"}))
    if bool(depends_on) != bool(variants):
        found, missing = ("selon", "[[activite.variante]]") if depends_on else ("variante", "selon")
        table.fault(found, f"« {found} » ne va pas sans « {missing} »")
    if not variants:
        return _asked(table)
    first = next(iter(variants.values()))
    return replace(first, question="", hints=(), explanation="", depends_on=depends_on, variants=variants)


def _asked(table: _Table) -> Activity:
    """The activity of a table whose variants, if any, have been laid over it."""
    table.asked |= {"selon", "variante"}
    id = table.text("id")
    if id and not ID_PATTERN.fullmatch(id):
        table.fault("id", f"l’identifiant « {id} » ne peut avoir que des lettres sans accent, des chiffres, - et _")
    kinds: dict[str, Callable[[_Table], Task]] = {"choix": _choice, "nombre": _number}
    kind = table.text("genre")
    if kind and kind not in kinds:
        known = " ou ".join(f"« {name} »" for name in kinds)
        table.fault("genre", f"le genre « {kind} » n’existe pas{_did_you_mean(kind, kinds)} ; il faut {known}")
    activity = Activity(
        id=id,
        version=table.integer("version"),
        points=table.number("points", 0.0, minimum=0.0),
        question=table.text("question"),
        instructions=table.text("consigne", required=False),
        hints=table.texts("indices"),
        explanation=table.text("explication", required=False),
        task=kinds[kind](table) if kind in kinds else Choice((), 1, None),
        table=_data_table(table),
        logbook=table.text("carnet", required=False),
    )
    if kind in kinds:
        table.finish()
        _check_teaching(table, activity)
    return activity


def _choice(table: _Table) -> Choice:
    reasons = table.mapping("raisons")
    options: dict[str, Option] = {}
    for row in table.tables("option", "option", required=True):
        option = Option(row.text("id"), row.text("texte"), row.text("raison", required=False))
        row.finish()
        if option.id in options:
            row.fault("id", "une autre option a déjà cet identifiant")
        options[option.id] = replace(option, reason=reasons.get(option.id, option.reason))
    right = table.texts("corrige") if "corrige" in table.values else None
    for key, named in (("corrige", right or ()), ("raisons", reasons)):
        for id in named:
            if id not in options:
                what = "la réponse" if key == "corrige" else "la raison"
                count = f"l’une de ses {len(options)} options"
                table.fault(key, f'{what} "{id}" n’est pas {count}{_did_you_mean(id, options)}')
    return Choice(tuple(options.values()), table.integer("choisir"), right)


def _number(table: _Table) -> Number:
    mistakes = []
    for row in table.tables("erreur", "erreur"):
        row.text("nom")
        mistake = NamedMistake(
            value=row.number("valeur"),
            tolerance=row.number("tolerance", 0.0, minimum=0.0),
            share=row.number("part", 0.0, minimum=0.0),
            message=row.text("message"),
        )
        if mistake.share >= 1:
            row.fault("part", f"« part » vaut {mistake.share:g} ; une erreur vaut moins que 1, la réponse juste")
        row.finish()
        mistakes.append(mistake)
    return Number(
        unit=table.text("unite", required=False),
        value=table.number("valeur"),
        tolerance=table.number("tolerance", 0.0, minimum=0.0),
        mistakes=tuple(mistakes),
    )


def _data_table(table: _Table) -> Table | None:
    table.asked |= {"donnees", "legende", "colonnes"}
    data = table.table("tableau")
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


def _check_dependencies(activities: Activities, faults: _Faults) -> None:
    """What an activity depends on is decided somewhere, and each decision has its variant."""
    for index, values in enumerate(activities.document.get("activite", [])):
        if not isinstance(values, dict) or not isinstance(name := values.get("selon"), str):
            continue
        where: _Where = ("activite", index, "selon")
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
                hint = _did_you_mean(case, cases)
                faults.add(where, f'activité "{values.get("id")}" : le cas « {case} » n’existe pas{hint}')


def _check_teaching(table: _Table, activity: Activity) -> None:
    """What a question needs to teach, beyond being well formed."""
    if activity.is_decision:
        if activity.points:
            table.fault("points", "une décision n’a pas de réponse juste : elle ne peut pas valoir de points")
        return
    if len(activity.hints) != ATTEMPTS - 1:
        expected = f"il faut {ATTEMPTS - 1} indices, du plus large au plus précis"
        table.fault("indices", f"{expected}, et il y en a {len(activity.hints)}")
    if not activity.explanation:
        table.fault("explication", "il manque « explication », que l’on donne avec la réponse")
    match activity.task:
        case Choice():
            _check_choice(table, activity.task)
        case Number():
            _check_number(table, activity, activity.task)


def _check_choice(table: _Table, task: Choice) -> None:
    right = task.right or ()
    wrong = [option for option in task.options if option.id not in right]
    if len(right) != task.pick:
        table.fault("corrige", f"il y a {len(right)} réponses justes, et on en demande {task.pick} (« choisir »)")
    if len(task.options) < 2 * len(right):
        message = f"tout cocher rapporterait des points : {len(right)} réponses justes demandent au moins"
        table.fault("option", f"{message} {2 * len(right)} options, et il y en a {len(task.options)}")
    seen: dict[str, str] = {}
    for option in wrong:
        if not option.reason:
            table.fault("raisons", f'l’option "{option.id}" n’est pas juste, et rien ne dit pourquoi (« raison »)')
        elif option.reason in seen:
            message = f'les options "{seen[option.reason]}" et "{option.id}" ont la même raison'
            table.fault("raisons", f"{message} ; dites à chacune la sienne")
        seen[option.reason] = option.id
    longest_wrong = max((len(option.text) for option in wrong), default=0)
    right_lengths = [len(option.text) for option in task.options if option.id in right]
    if right_lengths and wrong and min(right_lengths) > longest_wrong:
        table.fault("option", "les réponses justes sont les plus longues ; cela se devine, équilibrez les textes")


def _check_number(table: _Table, activity: Activity, task: Number) -> None:
    for mistake in task.mistakes:
        if abs(mistake.value - task.value) <= task.tolerance + mistake.tolerance:
            table.fault("erreur", f"l’erreur {mistake.value:g} tombe dans la tolérance de la réponse {task.value:g}")
    answer = f"{task.value:g}"
    told = [*(("indices", hint) for hint in activity.hints), *(("erreur", m.message) for m in task.mistakes)]
    for key, text in told:
        if re.search(rf"(?<![\d,.]){re.escape(answer)}(?![\d]|[,.]\d)", text.replace(",", ".")):
            table.fault(key, f"« {text} » donne la réponse ({answer}) avant le dernier essai")


# --- what the document points to ------------------------------------------------------------------------------------


def _inline_tables(document: dict[str, Any], folder: Path, faults: _Faults) -> None:
    """Replace the name of each data file by its table, so that the document stands alone."""
    import csv

    for index, activity in enumerate(document.get("activite", [])):
        if not isinstance(activity, dict) or not isinstance(name := activity.get("donnees"), str):
            continue
        where: _Where = ("activite", index, "donnees")
        who = f"activité {_id_of(activity, index)}"
        if "/" in name or "\\" in name or name.startswith("."):
            faults.add(where, f"{who} : le fichier de données « {name} » doit être à côté de ce fichier")
            continue
        try:
            with (folder / name).open(encoding="utf-8", newline="") as file:
                columns, *rows = csv.reader(file)
        except (OSError, ValueError) as error:
            known = [path.name for path in folder.glob("*.csv")]
            problem = "n’existe pas" if isinstance(error, FileNotFoundError) else f"ne se lit pas ({error})"
            faults.add(where, f"{who} : le fichier de données « {name} » {problem}{_did_you_mean(name, known)}")
            continue
        activity["tableau"] = {
            "legende": activity.get("legende", name),
            "colonnes": activity.get("colonnes", columns),
            "lignes": rows,
        }


def _borrow(document: dict[str, Any], folder: Path, faults: _Faults) -> list[Fault]:
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


# --- where things stand in the file -----------------------------------------------------------------------------------


# What only an author needs is imported where it is needed: a learner's activities come packed, and start faster.


def _read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    import tomllib

    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ActivityFaults([Fault(str(path), 1, f"le fichier ne se lit pas ({error.strerror})")]) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        message = "cette ligne n’est pas en UTF-8 ; enregistrez le fichier dans cet encodage"
        raise ActivityFaults([Fault(str(path), line, message)]) from error
    try:
        return source, tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ActivityFaults(_syntax_faults(path, source, error)) from error


def _syntax_faults(path: Path, source: str, error: ValueError) -> list[Fault]:
    at = re.search(r"at line (\d+), column (\d+)", str(error))
    line = int(at[1]) if at else source.count("\n") + 1
    what = re.sub(r" \(at .*\)$", "", str(error))
    faults = [Fault(str(path), line, f"la syntaxe TOML n’est pas respectée ici ({what})")]
    message = "la syntaxe TOML n’est pas respectée ici ; regardez les guillemets, les crochets et le signe ="
    faults += [Fault(str(path), bad, message) for bad in _syntax_error_lines(source) if bad != line]
    return faults


def _syntax_tree(source: str) -> Any:
    import tree_sitter
    import tree_sitter_toml

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_toml.language()))
    return parser.parse(source.encode("utf-8")).root_node


def _syntax_error_lines(source: str) -> list[int]:
    lines, nodes = set(), [_syntax_tree(source)]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            lines.add(node.start_point[0] + 1)
        elif node.has_error:
            nodes.extend(node.children)
    return sorted(lines)


def _lines(source: str) -> dict[_Where, int]:
    """The line of each table and value of a TOML file, by its path in the document."""
    lines: dict[_Where, int] = {(): 1}
    counts: dict[_Where, int] = {}

    def resolve(names: tuple[str, ...]) -> _Where:
        # In TOML, [a.b] after [[a]] speaks of the latest a.
        where: _Where = ()
        for name in names:
            where = (*where, name)
            if where in counts:
                where = (*where, counts[where] - 1)
        return where

    def value(node: Any, where: _Where) -> None:
        lines.setdefault(where, node.start_point[0] + 1)
        if node.type == "inline_table":
            pairs(node, where)
        elif node.type == "array":
            for index, child in enumerate(child for child in node.named_children if child.type != "comment"):
                value(child, (*where, index))

    def pairs(node: Any, where: _Where) -> None:
        for pair in (child for child in node.named_children if child.type == "pair"):
            value(pair.named_children[1], (*where, *_keys(pair.named_children[0])))

    root = _syntax_tree(source)
    pairs(root, ())
    for node in root.named_children:
        if node.type not in ("table", "table_array_element"):
            continue
        names = _keys(node.named_children[0])
        if node.type == "table_array_element":
            array = (*resolve(names[:-1]), names[-1])
            counts[array] = counts.get(array, 0) + 1
            where: _Where = (*array, counts[array] - 1)
        else:
            where = resolve(names)
        lines.setdefault(where, node.start_point[0] + 1)
        pairs(node, where)
    return lines


def _keys(node: Any) -> tuple[str, ...]:
    if node.type == "dotted_key":
        return tuple(key for child in node.named_children for key in _keys(child))
    return (node.text.decode("utf-8").strip("\"'"),)


def _nearest_line(lines: Mapping[_Where, int], where: _Where) -> int:
    """The line of the value at that path, or of the nearest table that should hold it."""
    while where not in lines:
        where = where[:-1]
    return lines[where]


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (« {close[0]} » ?)" if close else ""
