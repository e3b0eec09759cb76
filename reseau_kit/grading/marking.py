"""Marks the answers for each cell of an exercise; equal answers are marked once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from reseau_kit.activities.activity import Activities
from reseau_kit.activities.tasks import Form
from reseau_kit.answers.checks import Status
from reseau_kit.answers.feedback import FAILED, HEADLINES, TO_REVIEW, Feedback
from reseau_kit.answers.journal import (
    Event,
)
from reseau_kit.answers.marks import Mark, mark, points
from reseau_kit.answers.notebooks import (
    KEY,
    Notebook,
)
from reseau_kit.grading.card import card, card_html
from reseau_kit.grading.exercise import Cell, activity_of, grading_data, is_autograded
from reseau_kit.grading.notes import Log
from reseau_kit.system.jsontext import encode

# --- marking ----------------------------------------------------------------------------------------------------------


def mark_answers(
    nb: Notebook,
    activities: Activities | None,
    events: Iterable[Event],
    log: Log,
    memo: "Memo | None" = None,
    *,
    ran: bool = False,
) -> None:
    """Set the output of each activity to its mark, in place, and remove all other outputs.

    If the activities could not be read (None), a person has to mark each. `memo` caches marks of equal answers. If the
    trainer had the notebook run (`ran`), cells that are no activities keep their outputs.
    """
    answers: dict[str, list[Event]] = {}
    for event in events:
        answers.setdefault(event.activity, []).append(event)
    for cell in nb["cells"]:
        if cell["cell_type"] == "code" and not (ran and activity_of(cell) is None):
            cell["outputs"], cell["execution_count"] = [], None
            if is_autograded(cell):
                cell["outputs"] = [_output(cell, activities, answers, log, memo)]


def _output(
    cell: Cell,
    activities: Activities | None,
    answers: Mapping[str, Sequence[Event]],
    log: Log,
    memo: "Memo | None",
) -> dict[str, Any]:
    if activities is None:
        return _unmarked(Status.FAILED)
    data = grading_data(cell)
    id = activity_of(cell)
    if id is None:
        log.warning("La cellule « %s » n’est pas une activité ; à noter par une personne.", data["grade_id"])
        return _unmarked(Status.TO_REVIEW)
    events = answers.get(id, ())
    key = memo and memo.key(activities, id, events)
    if memo and key and (known := memo.get(key)):
        return known
    try:
        activity = activities[id]
        if activity.points != float(data["points"]):
            message = f"{id} vaut {activity.points:g} points, et {data['points']:g} dans le carnet"
            raise ValueError(f"{message} de notes ; relancez « nbgrader generate_assignment »")
        now = mark(activities, id, events)
        html, shown = _card(activities, id, now, log)
        output = _result(points(activity, now.score), now.status, html)
    except Exception:
        # Any exception is a fault of the course and must not cost the learner a point.
        log.exception("L’activité « %s » n’a pas pu être notée ; à noter par une personne.", id)
        return _unmarked(Status.FAILED)
    if memo and key and shown and now.status is not Status.FAILED:
        memo.keep(key, output)
    return output


class Memo:
    """Cache of one notebook's outputs for answers that were marked before: many learners answer the same.

    Bounded: a full cache is emptied. Callers must not change an output.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, dict[str, Any]] = {}
        self._size = 0
        self._dated: dict[str, bool] = {}

    def key(self, activities: Activities, id: str, events: Sequence[Event]) -> bytes:
        """Return a key of everything that a mark and its card depend on, empty if that is too much to remember.

        The key leaves out whose the answers are and their numbers; it has the day of an answer only for forms.
        """
        dated = self._dated.get(id)
        if dated is None:
            known = activities.versions.get(id, {}).values()
            every = [asked for activity in known for asked in (activity, *activity.variants.values())]
            dated = self._dated[id] = any(isinstance(asked.task, Form) for asked in every)
        said = [
            (event.kind, event.version, event.value, event.context, _day(event.at) if dated else "")
            for event in events[: _MOST_REMEMBERED + 1]
        ]
        key = encode((id, said)) if len(said) <= _MOST_REMEMBERED else b""
        return key if len(key) < _LONGEST_KEY else b""

    def get(self, key: bytes) -> dict[str, Any] | None:
        """Return the cached output for such answers, None if there is none."""
        return self._known.get(key)

    def keep(self, key: bytes, output: dict[str, Any]) -> None:
        """Cache an output."""
        self._size += len(key) + len(output["data"]["text/html"])
        if self._size > _MEMO_CHARACTERS:
            self._known.clear()
            self._size = 0
        self._known[key] = output


def _day(at: str) -> str:
    return datetime.fromisoformat(at).date().isoformat()


_MOST_REMEMBERED = 20

_LONGEST_KEY = 2_000

_MEMO_CHARACTERS = 10_000_000


def _card(activities: Activities, id: str, now: Mark, log: Log) -> tuple[str, bool]:
    """Return a mark's card, and whether it is complete: a card that fails is replaced by a short one that says so."""
    try:
        return card(activities, id, now), True
    except Exception:
        # A mark counts even if its card cannot be shown.
        log.exception("La note de « %s » est bonne, mais son détail ne s’affiche pas.", id)
        failed = Feedback(*HEADLINES[now.status], ())
        return card_html("", "Le détail ne peut pas s’afficher.", failed, ()), False


def _result(score: float | None, status: Status, html: str) -> dict[str, Any]:
    """Return the output of a marked cell. nbgrader reads `text/plain`: a plain float and nothing else."""
    return {
        "output_type": "execute_result",
        "data": {"text/plain": repr(float(score or 0.0)), "text/html": html},
        "metadata": {KEY: {"status": str(status)}} if score is None else {},
        "execution_count": None,
    }


def _unmarked(status: Status) -> dict[str, Any]:
    tone, sign, headline = HEADLINES[status]
    text = TO_REVIEW if status is Status.TO_REVIEW else FAILED
    return _result(None, status, card_html("", "", Feedback(tone, sign, headline, (text,)), ()))


def status_of(output: Mapping[str, Any]) -> str:
    """Return the status in an output without a score; empty for other outputs."""
    ours = output.get("metadata", {}).get(KEY, {})
    return str(ours.get("status", "")) if isinstance(ours, dict) else ""


def sure_score(cell: Cell) -> float | None:
    """Return the points in an activity's output, None if there are none or if a person has to decide."""
    results = [output for output in cell["outputs"] if output["output_type"] == "execute_result"]
    if len(results) != 1 or status_of(results[0]):
        return None
    try:
        score = float(results[0]["data"]["text/plain"])
    except (KeyError, TypeError, ValueError):
        return None
    return score if 0 <= score <= float(cell["metadata"]["nbgrader"]["points"]) else None
