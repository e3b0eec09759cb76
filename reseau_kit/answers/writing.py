"""A text that a learner writes: the passages that they select in it, and what is still missing.

There is no score. The messages state facts: a passage is in the text or not, a length, a copy of the source.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from reseau_kit.activities.tasks import Field, Form
from reseau_kit.french.comparing import nearly
from reseau_kit.french.pieces import holds
from reseau_kit.french.writing import NBSP, number

#: Keys of an answer for the selected passages, by criterion, and for the dismissed remarks.
SHOWN, DISMISSED = "montre", "voulu"

#: Maximum characters of a quoted passage: enough to find it.
_LONGEST_QUOTE = 80


def passages(task: Form, value: object) -> dict[str, str]:
    """Return the selected passage of each answered criterion, empty for « nulle part encore »."""
    given = value.get(SHOWN) if isinstance(value, dict) else None
    shown = given if isinstance(given, dict) else {}
    return {one.id: shown[one.id].strip() for one in task.shows if isinstance(shown.get(one.id), str)}


def dismissed(value: object) -> frozenset[str]:
    """Return the keys of the mirror's remarks that the learner dismissed (« C’est voulu »)."""
    given = value.get(DISMISSED) if isinstance(value, dict) else None
    return frozenset(key for key in given if isinstance(key, str)) if isinstance(given, list) else frozenset()


def lost(task: Form, value: object, entries: Mapping[str, str]) -> dict[str, str]:
    """Return the selected passages that are no longer in the text, by criterion."""
    found = passages(task, value)
    fields = {one.id: one.field for one in task.shows}
    return {id: text for id, text in found.items() if text and not holds(entries.get(fields[id], ""), text)}


def still_to_do(task: Form, value: object, entries: Mapping[str, str]) -> tuple[str, ...]:
    """Return a sentence for each missing thing, in the order of the page; empty if the text is complete."""
    return tuple(_missing(task, value, entries))


def _missing(task: Form, value: object, entries: Mapping[str, str]) -> Iterator[str]:
    for field in task.fields:
        yield from _length(field, entries.get(field.id, ""))
    if task.mirror and "copie" in task.mirror.looks_for:
        for id in task.mirror.fields:
            if nearly(entries.get(id, ""), task.mirror.source):
                yield "Votre texte est presque celui que vous avez lu. Comment le diriez-vous vous-même ?"
    found, gone = passages(task, value), lost(task, value, entries)
    for one in task.shows:
        if not entries.get(one.field, "").strip():
            continue
        if one.id in gone:
            quote = gone[one.id][:_LONGEST_QUOTE]
            yield f"«{NBSP}{quote}{NBSP}» n’est plus dans votre texte. Montrez un autre passage{NBSP}: {one.text}"
        elif not found.get(one.id):
            yield one.missing


def _length(field: Field, text: str) -> Iterator[str]:
    written = len(text.strip())
    if field.length is None or not written or field.length[0] <= written <= field.length[1]:
        return
    least, most = (number(bound, 0) for bound in field.length)
    have = f"«{NBSP}{field.text}{NBSP}» a {number(written, 0)} caractères"
    if written < field.length[0]:
        yield f"{have}{NBSP}: il en faut au moins {least} pour que l’on comprenne. Que pouvez-vous ajouter{NBSP}?"
    else:
        yield f"{have}{NBSP}: au-delà de {most}, un réseau le couperait. Que pouvez-vous enlever{NBSP}?"


def passage_lines(task: Form, value: Any) -> list[str]:
    """Return the selected passages, one line each: « Où dit-elle qui parle ? « Luthière à Rennes » »."""
    entries = value if isinstance(value, dict) else {}
    found, gone = passages(task, value), lost(task, value, {k: v for k, v in entries.items() if isinstance(v, str)})
    lines = []
    for one in task.shows:
        if one.id not in found:
            continue
        text = found[one.id][: _LONGEST_QUOTE * 4]
        said = f"«{NBSP}{text}{NBSP}»" if text else "nulle part encore"
        lines.append(f"{one.text} {said}" + (" (passage retiré depuis)" if one.id in gone else ""))
    return lines
