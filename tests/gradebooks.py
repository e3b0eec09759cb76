"""Material: what a gradebook holds, for comparing it with another one."""

from collections import Counter
from pathlib import Path
from typing import Any

from nbgrader.api import Base, Gradebook
from nbgrader.plugins import ExportPlugin
from sqlalchemy import create_engine, select


def rows(url: str) -> dict[str, Counter[tuple[Any, ...]]]:
    """Every row of every table, each generated id replaced by what it stands for."""
    engine = create_engine(url)
    names: dict[Any, Any] = {}
    found = {}
    named = ("assignment", "notebook", "base_cell", "submitted_assignment", "submitted_notebook")
    generated = {*named, "source_cell", "grade", "comment"}
    with engine.connect() as connection:
        for table in sorted(Base.metadata.tables.values(), key=lambda table: (table.name not in named, table.name)):
            found[table.name] = connection.execute(select(table)).mappings().all()
    engine.dispose()
    for table_name in named:
        for row in found[table_name]:
            names[row["id"]] = (table_name, *(names.get(v, v) for k, v in row.items() if k in KEYS))
    return {
        table: Counter(
            tuple((k, names.get(v, v)) for k, v in row.items() if k != "id" or table not in generated)
            for row in found_rows
        )
        for table, found_rows in found.items()
    }


KEYS = ("name", "type", "student_id", "assignment_id", "notebook_id")


def differences(one: str, other: str) -> dict[str, tuple[list[Any], list[Any]]]:
    """The rows that only one of two gradebooks holds, by table."""
    a, b = rows(one), rows(other)
    assert sum(map(len, a.values())) > 20
    return {
        table: (list((a[table] - b[table]).elements()), list((b[table] - a[table]).elements()))
        for table in a
        if a[table] != b[table]
    }


def exported(url: str, plugin: type[ExportPlugin], tmp_path: Path, **options: Any) -> bytes:
    target = tmp_path / f"{plugin.__name__}.csv"
    with Gradebook(url) as book:
        plugin(to=str(target), **options).export(book)
    return target.read_bytes()
