"""Every item of the source texts is accounted for: where the course treats it, or why it does not."""

import csv
from functools import cache
from pathlib import Path

import pytest

from reseau_kit.activities.loading import load_activities
from reseau_kit.answers.notebooks import load

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "docs" / "inventaire").glob("*.csv"))

#: How many items the source texts hold for each step.
ITEMS = {1: 32, 2: 12, 3: 15, 4: 25, 5: 29}
NUMBERS = {step: [f"{step}.{item:02}" for item in range(1, count + 1)] for step, count in ITEMS.items()}

#: What crosses the steps: messages, traps, contradictions, dated items, claims held against evidence.
ACROSS = {6: 6, 7: 7, 8: 8, 9: 18, 10: 5}
NUMBERS |= {part: [f"{part}.{item}" for item in range(1, count + 1)] for part, count in ACROSS.items()}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def named_in(path: Path) -> frozenset[str]:
    """The ids of a notebook's cells, or of a file's activities."""
    if path.suffix == ".ipynb":
        return frozenset(cell["id"] for cell in load(path)["cells"])
    return frozenset(load_activities(path).own)


@pytest.mark.parametrize("step", NUMBERS)
def test_every_item_is_in_a_table_once(step: int) -> None:
    """Over all tables: an item that several steps use stands in one of them."""
    found = [row["numero"] for path in FILES for row in rows(path) if row["numero"].startswith(f"{step}.")]
    assert sorted(found) == sorted(NUMBERS[step])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_place_exists(path: Path) -> None:
    """Where an item is treated, the file and the cell or activity are there; where it is not, the table says why."""
    for row in rows(path):
        assert list(row) == ["numero", "fichier", "cellule", "comment"]
        assert any(row["numero"] in numbers for numbers in NUMBERS.values()), row
        assert row["comment"].strip(), row
        assert bool(row["fichier"]) == bool(row["cellule"]), row
        if row["fichier"]:
            assert row["fichier"].startswith(("course/", "exercises/")), row
            assert row["cellule"] in named_in(ROOT / row["fichier"]), row


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_most_items_are_treated(path: Path) -> None:
    treated = [row for row in rows(path) if row["fichier"]]
    assert len(treated) > len(rows(path)) / 2


def test_every_dated_row_is_shown_in_a_lesson() -> None:
    """With its source and the day it was verified, within a question of that lesson."""
    shown = set[str]()
    for path in (ROOT / "course").glob("*.activites.toml"):
        for activity in load_activities(path):
            if activity.table is not None and activity.table.columns[-1] == "Vérifié le":
                shown |= {row[0] for row in activity.table.rows if row[-2] and row[-1]}
    assert shown == {row["Vers 2012"] for row in rows(ROOT / "course" / "reperes.csv")}
