"""An author's data files: CSV tables and cards, read beside the activities file and joined by id.

Reports each fault to the author's file reader. Knows nothing of answers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reseau_kit.activities.author_file import (
    Faults,
    Section,
    did_you_mean,
    id_of,
)
from reseau_kit.french.writing import day_in_words

# --- data files -----------------------------------------------------------------------------------------------------


#: Keys of an activity, or of a variant, that name a data file or select what is shown of it.
_DATA_KEYS = frozenset(("donnees", "lignes", "legende", "colonnes", "cartes", "detail", "messages"))


def inline_data(document: dict[str, Any], folder: Path, faults: Faults) -> None:
    """Add the content of each data file beside its name, so that the document needs no other file."""
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
    """Return the content of an activity's data files, by the keys that they replace."""
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
    """Return the rows of a CSV file as dicts by column; None if it cannot be read or lacks a needed column."""
    import csv

    what = f"le fichier de données « {name} »"
    if not isinstance(name, str) or "/" in name or "\\" in name or name.startswith("."):
        section.fault(key, f"{what} doit être à côté de ce fichier")
        return None
    try:
        # Spreadsheets may write a byte order mark before the first column's name.
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
    """Return the table to show: all rows with all columns, or only the rows of `lignes`, without their ids."""
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
    """Join the rows of several data files by their column `id`, in the order of the first file."""
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


#: Columns of a card that serve the course and are not shown as traits.
_NOT_SHOWN = ("id", "texte", "details", "forces", "source", "verifie_le")


def _cards_of(section: Section, rows: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Turn rows of data files into cards: the lines that `detail` asks for (or all columns), then the date."""
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
    """One line of a card: a column and the text for its value ({valeur}, {pourcent}, or one text for each value)."""

    column: str
    text: str
    values: Mapping[str, str] | None

    @classmethod
    def read(cls, section: Section, rows: list[dict[str, str]]) -> "_Detail":
        """Read a [[activite.detail]]; faults of its texts and of its column go to the section."""
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
        """Return the line for one card, empty if it has none."""
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
