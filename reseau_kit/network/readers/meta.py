"""Helpers for Meta's exports: JSON whose UTF-8 was written character by character, and lists of people.

Formats: public parsers and fixtures of 2021 to 2026, seen 2026-11-22.
"""

import re
from typing import Any

from reseau_kit.network.parsing import Beginning, at, clean, mended, read_moment
from reseau_kit.network.tables import Contact


def without_indents(start: Beginning) -> str:
    """The beginning of a JSON file without its white space; empty for another file."""
    return re.sub(r"\s+", "", start.text[:20_000]) if start.name.endswith(".json") else ""


def friend(item: Any) -> Contact | None:
    """A friend of Facebook's list: a name, and since when."""
    name = clean(mended(at(item, "name")))
    return Contact(name, name, since=read_moment(at(item, "timestamp"))) if name else None


def account(item: Any, relation: str) -> Contact | None:
    """An account of one of Instagram's lists; its name stands in `value`, in `title`, or only in its address."""
    entry = at(item, "string_list_data", 0)
    url = clean(at(entry, "href"), 2_000)
    named = re.search(r"instagram\.com/(?:_u/)?([\w.]+)", url or "")
    name = clean(mended(at(entry, "value"))) or clean(mended(at(item, "title"))) or (named[1] if named else None)
    if not name:
        return None
    return Contact(
        name, name, relation, read_moment(at(entry, "timestamp")), url or f"https://www.instagram.com/{name}"
    )
