"""Shows an activity in a learner's cell, stores each answer as soon as it changes, and gives feedback.

The only module where answers meet the screen. `checks` decides what is right, `folder` stores the answers.
"""

from typing import Any

from reseau_kit.activities.activity import ATTEMPTS, Activities, Activity, ActivityFaults
from reseau_kit.activities.tasks import (
    Form,
    OpenText,
)
from reseau_kit.answers import folder as folders
from reseau_kit.answers.checks import Status, check
from reseau_kit.answers.feedback import Feedback, of_attempt
from reseau_kit.answers.folder import Folder, UnknownActivity
from reseau_kit.answers.journal import Event, NotStored, compact, merge, read_event
from reseau_kit.answers.marks import WEIGHTS, Mark, is_writing, mark, points
from reseau_kit.answers.notebooks import read_copy
from reseau_kit.french.writing import NBSP, number, worth
from reseau_kit.frontend import script, style
from reseau_kit.learner.face import asked_face, preview, recalls
from reseau_kit.learner.open_panels import find, panels, refresh_all, tell_all
from reseau_kit.learner.panel import Panel, notice

_UNDECIDED = "Cette activité dépend de ce choix, que vous n’avez pas encore fait. Vous pourrez en changer."


class ActivityPanel(Panel):
    """Panel of one activity: draws it, stores its answers, shows the feedback."""

    _esm = script("activity")
    _css = style("activity")

    def __init__(self, folder: Folder, activities: Activities, id: str) -> None:
        self.folder, self.activities, self.id = folder, activities, id
        super().__init__()
        self.on_msg(self._receive)
        self.refresh()

    def refresh(self) -> None:
        """Show the stored state."""
        activity = self.activities[self.id]
        self.context = self.folder.context(self.activities, activity)
        lacking = activity.lacks(self.context)
        asked = activity.under(self.context)
        events = self.folder.answers.of(self.id)
        now = mark(self.activities, self.id, events)
        self.plain = repr(points(activity, now.score) or 0.0)
        self.grade_status = str(now.status) if now.score is None else ""
        self.face = {
            "kind": "activity",
            "id": self.id,
            "version": activity.version,
            "position": self._position(activity),
            "context": self.context,
            "recalls": [] if lacking else recalls(self.activities, activity, self.context),
            **(asked_face(asked) if asked and not lacking else self._decision_face(lacking)),
        }
        self.state = {
            "origin": self.folder.answers.origin,
            "lastSeq": self.folder.answers.last_seq,
            "events": [event.to_json() for event in compact(events)],
            "refused": sorted(self.folder.answers.refused),
            "place": folders.place_name(self.folder.path),
            "course": folders.place_name(self.folder.root),
            **_progress(activity, now, events, free=self._is_free(activity)),
            "preview": preview(asked, events[-1].value if events else None),
        }

    def _decision_face(self, lacking: tuple[str, ...]) -> dict[str, Any]:
        """Return the face of a missing decision, shown first; of a form, only the needed fields."""
        decision = self.activities.deciding(lacking[0])
        assert decision is not None, "loading the activities made sure that the decision is among them"
        context = self.folder.context(self.activities, decision)
        asked = decision.under(context) or next(iter(decision.variants.values()))
        face = asked_face(asked)
        decides: dict[str, Any] = {"activity": decision.id, "version": decision.version, "context": context}
        if isinstance(asked.task, Form):
            needed = {name.partition(".")[2] for name in lacking if self.activities.deciding(name) is decision}
            face["fields"] = [line for line in face["fields"] if line["id"] in needed]
            face |= {"shows": [], "mirror": False}
            events = self.folder.answers.of(decision.id)
            # Its other fields keep their values; a decision that is judged here is stored as a draft, not an attempt.
            decides["known"] = events[-1].value if events and isinstance(events[-1].value, dict) else {}
            decides["kind"] = "draft" if decision.id in self.activities.own and not decision.is_decision else "attempt"
        return {**face, "instructions": _UNDECIDED, "decides": decides}

    def _is_free(self, activity: Activity) -> bool:
        """Whether answers may be changed freely until the work is handed in: attempts are not counted."""
        return self.activities.feedback_after or isinstance(activity.task, OpenText)

    def _position(self, activity: Activity) -> str:
        """Return « Activité 4 sur 6 · 10 points »: the position among activities that count alike."""
        told = worth(activity.points) if activity.points else "sans note"
        if isinstance(activity.task, OpenText):
            return f"Question ouverte · {told}"
        if _asks_for_a_text(activity):
            return f"J’écris · {told}"
        marked = [other.id for other in self.activities if other.points and not isinstance(other.task, OpenText)]
        if activity.is_decision and activity.logbook:
            return f"Je décide · {told}"
        if marked and not activity.points:
            return f"Facultatif · {told}"
        counted = marked or list(self.activities.own)
        return f"Activité {counted.index(self.id) + 1} sur {len(counted)} · {told}"

    def _receive(self, _: object, message: Any, __: object) -> None:
        """Handle a message of the page. Whatever it contains, the learner gets a reply and stored answers stay."""
        kind = message.get("type") if isinstance(message, dict) else None
        try:
            if kind == "event":
                self._store(message.get("event"))
            elif kind == "copy":
                self._reconcile(message.get("answers"))
            elif kind == "refresh":
                self.folder.read()
                refresh_all(self.folder)
            elif kind == "foreign":
                origin, accept = str(message.get("origin")), message.get("accept") is True
                self.folder.decide(origin, accept=accept)
                refresh_all(self.folder)
                tell_all(self.folder, {"type": "decided", "origin": origin, "accept": accept})
        except (NotStored, ValueError) as error:
            event = message.get("event")
            which = event.get("id") if isinstance(event, dict) else ""
            self.send({"type": "not-stored", "id": which, "reason": str(error)})

    def _store(self, data: Any) -> None:
        """Store an event sent by the page."""
        origin = self.folder.start()
        if isinstance(data, dict) and str(data.get("origin")) in self.folder.answers.refused:
            # Given before the answers were erased, or by a page that does not know of it yet.
            refresh_all(self.folder)
            self.send({"type": "erased-since", "id": data.get("id")})
            return
        if isinstance(data, dict) and data.get("origin") != origin:
            # The page was drawn before the journal was created.
            data = {**data, "origin": origin, "seq": max(self.folder.refresh().last_seq + 1, int(data.get("seq") or 1))}
        event = read_event(data)
        if event.activity not in self.activities:
            raise ValueError(f"l’activité {event.activity} n’est pas dans ce document")
        self.folder.store(event)
        self.send({"type": "stored", "id": event.id, "at": event.at})
        refresh_all(self.folder)

    def _reconcile(self, answers: Any) -> None:
        """Store answers that only the page's document holds; ask whose they are if their origin is unknown."""
        copy = read_copy({"answers": answers})
        both = merge(self.folder.journal.read(), copy, origin=self.folder.answers.origin or copy.origin)
        if self.folder.bring_in(both.events, both.origin):
            refresh_all(self.folder)
        if both.foreign:
            count = len({event.activity for event in both.foreign})
            self.send({"type": "foreign", "origin": both.foreign[-1].origin, "count": count})
        self.send({"type": "reconciled"})


def activite(id: str) -> Panel:
    """Show an activity of this folder's notebooks, with the learner's answers so far."""
    try:
        folder, activities = find(id)
        panel = ActivityPanel(folder, activities, id)
    except (UnknownActivity, ActivityFaults, NotStored, ValueError) as error:
        problem = notice("Cette activité ne peut pas s’afficher", str(error), tone="part")
        # A cell that cannot show its activity is not a wrong answer: the grader leaves it to a person.
        problem.plain, problem.grade_status = "0.0", str(Status.FAILED)
        return problem
    panels.add(panel)
    return panel


def repondre(id: str, valeur: Any) -> Panel:
    """Answer an activity in code: `repondre("E1-A6", 63.3)`. Counts as a click on « Valider »."""
    try:
        folder, activities = find(id)
        activity = activities[id]
        context = folder.context(activities, activity)
        if lacking := activity.lacks(context):
            asked = activities.deciding(lacking[0])
            question = f"Cette activité en dépend : « {asked.question} »" if asked else ""
            where = f"Affichez l’activité {id} : elle vous le demande d’abord."
            return notice("Il manque un choix", question, where, tone="part")
        folder.record(activity, "attempt", list(valeur) if isinstance(valeur, tuple | set) else valeur, context)
    except (UnknownActivity, ActivityFaults, NotStored, ValueError) as error:
        return notice("Votre réponse n’est pas enregistrée", str(error), tone="part")
    refresh_all(folder)
    now = mark(activities, id, events := folder.answers.of(id))
    said = _feedback(activity, now, events)
    assert said is not None, "an attempt was just recorded"
    return notice(f"{said.sign} {said.headline}", *said.paragraphs, "✓ Réponse enregistrée.", tone=said.tone)


def _asks_for_a_text(activity: Activity) -> bool:
    return is_writing(next(iter(activity.variants.values()), activity))


def _progress(activity: Activity, now: Mark, events: tuple[Event, ...], *, free: bool) -> dict[str, Any]:
    """Return the learner's progress: the value to show, the next attempt, the feedback on the last one."""
    last = events[-1] if events else None
    said = _feedback(activity, now, events)
    attempts = [event for event in events if event.kind == "attempt"]
    writing = _asks_for_a_text(activity)
    label = "Modifiable jusqu’à la remise" if free else _attempt_label(activity, now)
    action = "Enregistrer ma réponse" if free else _action(activity, now)
    return {
        "status": str(now.status),
        "value": last.value if last else None,
        "valueEvent": last.id if last else "",
        "savedAt": last.at if last else "",
        "savedKind": last.kind if last else "",
        "attemptId": attempts[-1].id if attempts else "",
        "attempt": ("Texte gardé" if now.attempts else "") if writing else label,
        "action": "Garder mon texte" if writing else action,
        "hintOpen": not now.attempts,
        "feedback": None
        if said is None
        else {"tone": said.tone, "sign": said.sign, "headline": said.headline, "paragraphs": list(said.paragraphs)},
    }


def _feedback(activity: Activity, now: Mark, events: tuple[Event, ...]) -> Feedback | None:
    attempts = [event for event in events if event.kind == "attempt"]
    if not attempts:
        return None
    last = attempts[-1]
    result = check(activity, last.value, last.context, last.at)
    counted = {attempt.event.id for attempt in now.attempts}
    if now.attempts and last.id == now.attempts[-1].event.id:
        result = now.attempts[-1].result
    repeated = last.id not in counted and result.status is not Status.UNREADABLE
    return of_attempt(activity, now, result, repeated=repeated)


def _attempt_label(activity: Activity, now: Mark) -> str:
    if activity.is_decision:
        return "Choix noté" if now.attempts else "À choisir"
    if now.solved:
        return "Réussie"
    if now.used >= ATTEMPTS:
        return "Entraînement : ne compte plus"
    label = f"Essai {now.used + 1} sur {ATTEMPTS}"
    if now.used and activity.points:
        at_most = number(activity.points * WEIGHTS[now.used], 2)
        label += f" · jusqu’à {at_most}{NBSP}point{'s' if activity.points * WEIGHTS[now.used] >= 2 else ''}"
    return label


def _action(activity: Activity, now: Mark) -> str:
    if activity.is_decision:
        return "Changer mon choix" if now.attempts else "Garder ce choix"
    if now.solved or now.used >= ATTEMPTS:
        return "S’entraîner encore"
    return "Réessayer" if now.attempts else "Valider"
