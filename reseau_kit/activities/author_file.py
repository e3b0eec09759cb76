"""Reads an author's TOML file: gives typed values, collects every fault, and finds its line in the file.

Knows nothing of activities, only sections of a document and their keys.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from reseau_kit.system.refusals import reason

#: Path of a value in a document: keys and positions, from the top.
Where = tuple[str | int, ...]


class Faults:
    """Faults found so far, each with the path of its value in the document."""

    def __init__(self) -> None:
        self.found: list[tuple[Where, str]] = []

    def add(self, where: Where, message: str) -> None:
        """Add one fault."""
        self.found.append((where, message))


class Section:
    """A table of the document: returns values of the requested type and records faults.

    A variant is read as the activity's table overlaid with the variant's values (`over`: the path of the variant's
    table and its keys).
    """

    def __init__(self, values: object, where: Where, name: str, faults: Faults) -> None:
        self.where, self.name, self.faults = where, name, faults
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}
        self.over: tuple[Where, frozenset[str]] = ((), frozenset())
        self.asked: set[str] = set()
        if not isinstance(values, dict):
            self.fault("", f"il faut ici des clés et des valeurs, et il y a {values!r}")

    def laid_over(self, variant: "Section", *, leaving_out: set[str]) -> "Section":
        """Return this section overlaid with the values of `variant`, without the keys of `leaving_out`."""
        both = {key: value for key, value in (self.values | variant.values).items() if key not in leaving_out}
        table = Section(both, self.where, self.name, self.faults)
        table.over = (variant.where, frozenset(variant.values))
        return table

    def path(self, key: str) -> Where:
        """Return the path of a key's value, or of the section itself for an empty key."""
        where, keys = self.over
        # A key that is in neither table is reported as missing from the variant.
        base = where if key in keys or (where and key not in self.values) else self.where
        return (*base, key) if key else (where or self.where)

    def fault(self, key: str, message: str, *below: str | int) -> None:
        """Add a fault of a key's value (or of a value `below` it), or of the section itself for an empty key."""
        self.faults.add((*self.path(key), *below), f"{self.name} : {message}" if self.name else message)

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
        """Return the trimmed text of a key; empty if it is missing."""
        value = self._get(key, (str,), "un texte entre guillemets", required=required)
        if required and value is not None and not value.strip():
            self.fault(key, f"« {key} » est vide ; écrivez-y quelque chose")
        return (value or "").strip()

    def number(self, key: str, default: float | None = None, *, minimum: float | None = None) -> float:
        """Return the number of a key; a key without a default is required."""
        value = self._get(key, (int, float), "un nombre, avec un point décimal", required=default is None)
        if value is None:
            return default or 0.0
        if not abs(value) < 1e15 or (minimum is not None and value < minimum):
            bound = "" if minimum is None else f" d’au moins {minimum:g}"
            self.fault(key, f"« {key} » vaut {value} ; il faut un nombre{bound}")
            return default or 0.0
        return float(value)

    def integer(self, key: str, *, minimum: int = 1) -> int:
        """Return the integer of a key; the minimum if it is missing."""
        value = self._get(key, (int,), "un nombre entier", required=False)
        if value is not None and value < minimum:
            self.fault(key, f"« {key} » vaut {value} ; il faut au moins {minimum}")
        return max(minimum, value or minimum)

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return the list of texts of a key; empty if it is missing."""
        values = self._get(key, (list,), "une liste de textes", required=required) or []
        if any(not isinstance(value, str) or not value.strip() for value in values):
            self.fault(key, f"« {key} » doit être une liste de textes, et c’est {values!r}")
            return ()
        return tuple(value.strip() for value in values)

    def mapping(self, key: str) -> dict[str, str]:
        """Return a table of texts by key; empty if it is missing."""
        values = self._get(key, (dict,), "un texte pour chaque clé", required=False) or {}
        if any(not isinstance(value, str) or not value.strip() for value in values.values()):
            self.fault(key, f"« {key} » doit donner un texte pour chaque clé, et c’est {values!r}")
            return {}
        return {name: value.strip() for name, value in values.items()}

    def shares(self, key: str) -> dict[str, float]:
        """Return a table of numbers from 0 to 1 by key; empty if it is missing."""
        values = self._get(key, (dict,), "un nombre de 0 à 1 pour chaque clé", required=False) or {}
        numbers = {name: value for name, value in values.items() if type(value) in (int, float) and 0 <= value <= 1}
        if len(numbers) < len(values):
            self.fault(key, f"« {key} » doit donner un nombre de 0 à 1 pour chaque clé, et c’est {values!r}")
        return {name: float(value) for name, value in numbers.items()}

    def numbers(self, key: str) -> dict[str, float]:
        """Return a table of numbers by key; empty if it is missing."""
        values = self._get(key, (dict,), "un nombre pour chaque clé", required=False) or {}
        numbers = {name: value for name, value in values.items() if type(value) in (int, float) and abs(value) < 1e15}
        if len(numbers) < len(values):
            self.fault(key, f"« {key} » doit donner un nombre pour chaque clé, et c’est {values!r}")
        return {name: float(value) for name, value in numbers.items()}

    def shares_or_text(self, key: str) -> dict[str, float]:
        """Return a table of numbers from 0 to 1 by key; a single text means that text with the number 1."""
        value = self.values.get(key)
        return {self.text(key): 1.0} if isinstance(value, str) else self.shares(key)

    def flag(self, key: str) -> bool:
        """Whether the key is set to true."""
        self.asked.add(key)
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.fault(key, f"« {key} » doit être true ou false, et c’est {value!r}")
        return value is True

    def bounds(self, key: str) -> tuple[float, float] | None:
        """Return the minimum and maximum of a key ([2, 5]), None if it is missing."""
        values = self._get(key, (list,), "un minimum et un maximum, comme [2, 5]", required=False)
        if values is None:
            return None
        match values:
            case [int() | float() as least, int() | float() as most] if least <= most:
                return float(least), float(most)
        self.fault(key, f"« {key} » doit être un minimum et un maximum, comme [2, 5], et c’est {values!r}")
        return None

    def table(self, key: str) -> "Section | None":
        """Return the section of a key, None if it is missing."""
        values = self._get(key, (dict,), "un tableau", required=False)
        return None if values is None else Section(values, self.path(key), self.name, self.faults)

    def tables(self, key: str, called: str, *, required: bool = False) -> list["Section"]:
        """Return the sections of a repeated key ([[key]]), each named `called` and its id in messages."""
        values = self._get(key, (list,), f"une suite de [[{key}]]", required=required) or []
        return [
            Section(value, (*self.path(key), index), f"{self._prefix()}{called} {id_of(value, index)}", self.faults)
            for index, value in enumerate(values)
        ]

    def _prefix(self) -> str:
        return f"{self.name}, " if self.name else ""

    def finish(self) -> None:
        """Add a fault for every key that was not read: most are misspelt."""
        for key in sorted(self.values.keys() - self.asked):
            self.fault(key, f"la clé « {key} » n’existe pas ici{did_you_mean(key, self.asked)}")


def id_of(value: object, index: int) -> str:
    """Return a section's name for a message: its id, else its position."""
    id = value.get("id") if isinstance(value, dict) else None
    return f'"{id}"' if isinstance(id, str) else f"n° {index + 1}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the nearest known word as « (« voisines » ?) », empty if none is near."""
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (« {close[0]} » ?)" if close else ""


# --- the file -------------------------------------------------------------------------------------------------------

# These imports stay inside the functions: only authors need them, and a learner's packed activities load faster.


def read_toml(path: Path) -> tuple[str, dict[str, Any], list[tuple[int, str]]]:
    """Return the text of a TOML file, its content, and (line, message) for each error that keeps it from being read."""
    import tomllib

    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        return "", {}, [(1, f"le fichier ne se lit pas ({reason(error)})")]
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        return "", {}, [(line, "cette ligne n’est pas en UTF-8 ; enregistrez le fichier dans cet encodage")]
    try:
        return source, tomllib.loads(source), []
    except tomllib.TOMLDecodeError as error:
        return source, {}, _syntax_faults(source, error)


def _syntax_faults(source: str, error: ValueError) -> list[tuple[int, str]]:
    at = re.search(r"at line (\d+), column (\d+)", str(error))
    line = int(at[1]) if at else source.count("\n") + 1
    what = re.sub(r" \(at .*\)$", "", str(error))
    message = "la syntaxe TOML n’est pas respectée ici"
    others = [bad for bad in _syntax_error_lines(source) if bad != line]
    advice = "regardez les guillemets, les crochets et le signe ="
    return [(line, f"{message} ({what})"), *((bad, f"{message} ; {advice}") for bad in others)]


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


def lines_of(source: str) -> dict[Where, int]:
    """Return the line of each table and value of a TOML file, by its path in the document."""
    lines: dict[Where, int] = {(): 1}
    counts: dict[Where, int] = {}

    def resolve(names: tuple[str, ...]) -> Where:
        # In TOML, [a.b] after [[a]] belongs to the latest a.
        where: Where = ()
        for name in names:
            where = (*where, name)
            if where in counts:
                where = (*where, counts[where] - 1)
        return where

    def value(node: Any, where: Where) -> None:
        lines.setdefault(where, node.start_point[0] + 1)
        if node.type == "inline_table":
            pairs(node, where)
        elif node.type == "array":
            for index, child in enumerate(child for child in node.named_children if child.type != "comment"):
                value(child, (*where, index))

    def pairs(node: Any, where: Where) -> None:
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
            where: Where = (*array, counts[array] - 1)
        else:
            where = resolve(names)
        lines.setdefault(where, node.start_point[0] + 1)
        pairs(node, where)
    return lines


def _keys(node: Any) -> tuple[str, ...]:
    if node.type == "dotted_key":
        return tuple(key for child in node.named_children for key in _keys(child))
    return (node.text.decode("utf-8").strip("\"'"),)


def nearest_line(lines: Mapping[Where, int], where: Where) -> int:
    """Return the line of the value at that path, or of the nearest table that should contain it."""
    while where not in lines:
        where = where[:-1]
    return lines[where]
