"""The face of an activity: the data that its page needs to draw it, by kind of question, without the key."""

from collections.abc import Iterable, Mapping
from typing import Any

from reseau_kit.activities.activity import Activities, Activity
from reseau_kit.activities.tasks import (
    DAYS,
    Accounts,
    Card,
    Choice,
    Field,
    Form,
    Gesture,
    Item,
    Matching,
    Number,
    OpenText,
    Option,
    Ordering,
    Plan,
    Search,
    Selection,
    Task,
)
from reseau_kit.answers.checks import form_entries, search
from reseau_kit.answers.feedback import answer_text
from reseau_kit.answers.mirror import remarks
from reseau_kit.answers.writing import dismissed, lost
from reseau_kit.french.pieces import pieces
from reseau_kit.french.writing import labelled


def asked_face(asked: Activity) -> dict[str, Any]:
    """Return the question as the page shows it, without its key."""
    face: dict[str, Any] = {
        "question": asked.question,
        "instructions": asked.instructions,
        "hint": asked.hints[0] if asked.hints else "",
        "excerpt": None,
        "table": None,
        **_task_face(asked.task),
    }
    if excerpt := asked.excerpt:
        face["excerpt"] = {"source": excerpt.source, "paragraphs": list(excerpt.paragraphs)}
    if table := asked.table:
        rows = [list(row) for row in table.rows]
        face["table"] = {"caption": table.caption, "columns": list(table.columns), "rows": rows}
    return face


def _task_face(task: Task) -> dict[str, Any]:
    """Return the data that draws the controls of a question."""
    match task:
        case Choice():
            return {"task": "choice", "options": _named(task.options), "pick": task.pick}
        case Number():
            return {"task": "number", "unit": task.unit}
        case Matching():
            items = [
                {
                    "id": item.id,
                    "text": item.text,
                    "heading": item.heading,
                    "groups": _named(task.groups_of(item)),
                    "about": item.about,
                    "shows": item.shows,
                }
                for item in task.items
            ]
            texts = [{"id": text.id, "author": text.author, "pieces": list(text.pieces)} for text in task.texts]
            return {"task": "matching", "items": items, "texts": texts}
        case Ordering():
            return {"task": "ordering", "items": _named(task.items)}
        case Form():
            shows = [{"id": one.id, "field": one.field, "text": one.text} for one in task.shows]
            fields = [_field_face(line) for line in task.fields]
            return {"task": "form", "fields": fields, "shows": shows, "mirror": task.mirror is not None}
        case Selection():
            pick = {"pick": task.at_most if task.as_many else 0}
            return {"task": "selection", "cards": _cards(task.cards), "criteria": _named(task.criteria), **pick}
        case Accounts():
            return {"task": "accounts", "cards": _cards(task.cards), "criteria": [], "pick": task.pick}
        case Search():
            bounds = {"wanted": list(task.wanted), "unwanted": list(task.unwanted)}
            return {"task": "search", "words": _named(task.words), "count": len(task.posts), **bounds}
        case Plan():
            return {
                "task": "plan",
                "days": list(DAYS),
                "gestures": _named(task.gestures),
                "media": _named(task.media),
                "themes": _named(task.themes),
                "budget": task.budget,
            }
        case OpenText():
            levels = [{"mark": level.mark, "title": level.title, "text": level.text} for level in task.levels]
            return {"task": "text", "words": list(task.words), "levels": levels, "selfAssessed": task.self_assessed}


def _field_face(line: Field) -> dict[str, Any]:
    values = {"values": list(line.values), "length": list(line.length or ())}
    return {"id": line.id, "text": line.text, "help": line.help, "entry": line.entry, "unit": line.unit, **values}


def _cards(cards: Iterable[Card]) -> list[dict[str, Any]]:
    return [{"id": card.id, "text": card.text, "details": list(card.details)} for card in cards]


def _named(options: Iterable[Option | Item | Gesture]) -> list[dict[str, str]]:
    return [{"id": option.id, "text": option.text} for option in options]


def preview(asked: Activity | None, value: Any) -> dict[str, Any] | None:
    """Return the live part of an answer being written: search results, or a text's passages and remarks."""
    match asked.task if asked else None:
        case Search() as task:
            posts = [{"author": post.author, "text": post.text} for post in search(task, value)]
            return {"asked": bool(value.get("avec")) if isinstance(value, dict) else False, "posts": posts}
        case Form() as task if task.shows or task.mirror:
            return _writing(task, value)
    return None


def _writing(task: Form, value: Any) -> dict[str, Any]:
    """Return the pieces of each text, the selected passages that are no longer in it, and the mirror's remarks."""
    entries = form_entries(value)
    fields = dict.fromkeys(one.field for one in task.shows)
    seen = remarks(task.mirror, entries, dismissed=dismissed(value)) if task.mirror else ()
    return {
        "pieces": {field: list(pieces(entries.get(field, ""))) for field in fields},
        "lost": lost(task, value, entries),
        "remarks": [{"key": remark.key, "text": remark.text} for remark in seen],
    }


def recalls(activities: Activities, activity: Activity, context: Mapping[str, str]) -> list[str]:
    """Return the learner's earlier words that this activity recalls."""
    recalled = []
    for name in activity.uses:
        decision, inside = activities.deciding(name), name.partition(".")[2]
        fields = decision.task.fields if decision and isinstance(decision.task, Form) else ()
        line = next((line for line in fields if line.id == inside), None)
        label = line.text if line else decision.question if decision else ""
        said = f"{context[name]} {line.unit if line else ''}".strip()
        if decision and isinstance(decision.task, Choice):
            said = answer_text(decision, context[name].split(", "))
        recalled.append(labelled(label, said))
    return recalled
