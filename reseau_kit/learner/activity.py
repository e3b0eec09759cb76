"""What a learner calls in a cell: shows an activity, stores what is answered the moment it changes, gives feedback.

The one place where answers meet the screen. What is right is decided in `checks`, what is kept in `folder`.
"""

import base64
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

import anywidget
import traitlets

from reseau_kit.activities.activity import ATTEMPTS, Activities, Activity, ActivityFaults
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
from reseau_kit.answers import folder as folders
from reseau_kit.answers.checks import Status, check, search
from reseau_kit.answers.erasing import NotErased, erase, is_whole_course
from reseau_kit.answers.feedback import Feedback, answer_text, of_attempt
from reseau_kit.answers.folder import Folder, UnknownActivity
from reseau_kit.answers.journal import Event, NotStored, compact, merge, read_event
from reseau_kit.answers.marks import WEIGHTS, Mark, mark, points
from reseau_kit.answers.notebooks import read_copy
from reseau_kit.answers.travel import NotTravelFile, bring_back, read_travel_file, take_along
from reseau_kit.french.writing import NBSP, labelled, number, worth
from reseau_kit.frontend import together

_PARTS = ("elements.js", "store.js", "controls.js", "widget.js")


class Panel(anywidget.AnyWidget):
    """Something of ours in a notebook. `face` is what does not change while it is shown, `state` what does.

    `plain` is what a place without widgets shows: for an activity its points, which nbgrader reads as the grade.
    """

    # Several files, one module: a front end gets a single text, and nothing has to be built.
    _esm = together(*_PARTS)
    _css = together("widget.css")
    face = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    plain = ""
    grade_status = ""

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        metadata = {**metadata, "reseau_kit": {"status": self.grade_status}} if self.grade_status else metadata
        return {**bundle, "text/plain": self.plain}, metadata


_UNDECIDED = "Cette activité dépend de ce choix, que vous n’avez pas encore fait. Vous pourrez en changer."


class ActivityPanel(Panel):
    """One activity, drawn, stored and checked."""

    def __init__(self, folder: Folder, activities: Activities, id: str) -> None:
        self.folder, self.activities, self.id = folder, activities, id
        super().__init__()
        self.on_msg(self._receive)
        self.refresh()

    def refresh(self) -> None:
        """Show what is stored now."""
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
            "recalls": [] if lacking else _recalls(self.activities, activity, self.context),
            **(_asked_face(asked) if asked and not lacking else self._decision_face(lacking)),
        }
        self.state = {
            "origin": self.folder.answers.origin,
            "lastSeq": self.folder.answers.last_seq,
            "events": [event.to_json() for event in compact(events)],
            "refused": sorted(self.folder.answers.refused),
            "place": folders.place_name(self.folder.path),
            "course": folders.place_name(self.folder.root),
            **_progress(activity, now, events, free=self._is_free(activity)),
            "preview": _preview(asked, events[-1].value if events else None),
        }

    def _decision_face(self, lacking: tuple[str, ...]) -> dict[str, Any]:
        """In place of a question that needs a decision, that decision: of a form, only the fields that are needed."""
        decision = self.activities.deciding(lacking[0])
        assert decision is not None, "loading the activities made sure that the decision is among them"
        context = self.folder.context(self.activities, decision)
        asked = decision.under(context) or next(iter(decision.variants.values()))
        face = _asked_face(asked)
        decides: dict[str, Any] = {"activity": decision.id, "version": decision.version, "context": context}
        if isinstance(asked.task, Form):
            needed = {name.partition(".")[2] for name in lacking if self.activities.deciding(name) is decision}
            face["fields"] = [line for line in face["fields"] if line["id"] in needed]
            events = self.folder.answers.of(decision.id)
            # What its other fields hold stays; where it is judged, this is no attempt at it.
            decides["known"] = events[-1].value if events and isinstance(events[-1].value, dict) else {}
            decides["kind"] = "draft" if decision.id in self.activities.own and not decision.is_decision else "attempt"
        return {**face, "instructions": _UNDECIDED, "decides": decides}

    def _is_free(self, activity: Activity) -> bool:
        """Whether answers may be changed at will until the work is handed in: no attempt is counted."""
        return self.activities.feedback_after or isinstance(activity.task, OpenText)

    def _position(self, activity: Activity) -> str:
        """« Activité 4 sur 6 · 10 points »: its place among those that count alike."""
        told = worth(activity.points) if activity.points else "sans note"
        if isinstance(activity.task, OpenText):
            return f"Question ouverte · {told}"
        marked = [other.id for other in self.activities if other.points and not isinstance(other.task, OpenText)]
        if activity.is_decision and activity.logbook:
            return f"Je décide · {told}"
        if marked and not activity.points:
            return f"Facultatif · {told}"
        counted = marked or list(self.activities.own)
        return f"Activité {counted.index(self.id) + 1} sur {len(counted)} · {told}"

    def _receive(self, _: object, message: Any, __: object) -> None:
        """Answer what the page sends. Whatever is in it, the learner gets a reply and nothing stored is touched."""
        kind = message.get("type") if isinstance(message, dict) else None
        try:
            if kind == "event":
                self._store(message.get("event"))
            elif kind == "copy":
                self._reconcile(message.get("answers"))
            elif kind == "refresh":
                self.folder.read()
                _refresh_all(self.folder)
            elif kind == "foreign":
                origin, accept = str(message.get("origin")), message.get("accept") is True
                self.folder.decide(origin, accept=accept)
                _refresh_all(self.folder)
                _tell_all(self.folder, {"type": "decided", "origin": origin, "accept": accept})
        except (NotStored, ValueError) as error:
            event = message.get("event")
            which = event.get("id") if isinstance(event, dict) else ""
            self.send({"type": "not-stored", "id": which, "reason": str(error)})

    def _store(self, data: Any) -> None:
        """Keep what the learner has just done in the page."""
        origin = self.folder.start()
        if isinstance(data, dict) and str(data.get("origin")) in self.folder.answers.refused:
            # Given before the answers were erased, or by a page that has not heard of it.
            _refresh_all(self.folder)
            self.send({"type": "erased-since", "id": data.get("id")})
            return
        if isinstance(data, dict) and data.get("origin") != origin:
            # The page was drawn before the journal began.
            data = {**data, "origin": origin, "seq": max(self.folder.refresh().last_seq + 1, int(data.get("seq") or 1))}
        event = read_event(data)
        if event.activity not in self.activities:
            raise ValueError(f"l’activité {event.activity} n’est pas dans ce document")
        self.folder.store(event)
        self.send({"type": "stored", "id": event.id, "at": event.at})
        _refresh_all(self.folder)

    def _reconcile(self, answers: Any) -> None:
        """Bring in what the page's document holds and the journal does not; ask about what is someone else's."""
        copy = read_copy({"answers": answers})
        both = merge(self.folder.journal.read(), copy, origin=self.folder.answers.origin or copy.origin)
        if self.folder.bring_in(both.events, both.origin):
            _refresh_all(self.folder)
        if both.foreign:
            count = len({event.activity for event in both.foreign})
            self.send({"type": "foreign", "origin": both.foreign[-1].origin, "count": count})
        self.send({"type": "reconciled"})


def activite(id: str) -> Panel:
    """Show an activity of this folder's notebooks, with what was answered to it so far."""
    try:
        folder, activities = _find(id)
        panel = ActivityPanel(folder, activities, id)
    except (UnknownActivity, ActivityFaults, NotStored, ValueError) as error:
        problem = notice("Cette activité ne peut pas s’afficher", str(error), tone="part")
        # A cell that cannot show its activity is no wrong answer: the grader sends it to a person.
        problem.plain, problem.grade_status = "0.0", str(Status.FAILED)
        return problem
    _panels.add(panel)
    return panel


def repondre(id: str, valeur: Any) -> Panel:
    """Answer an activity in code: `repondre("E1-A6", 63.3)`. It counts as « Valider » does."""
    try:
        folder, activities = _find(id)
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
    _refresh_all(folder)
    now = mark(activities, id, events := folder.answers.of(id))
    said = _feedback(activity, now, events)
    assert said is not None, "an attempt was just recorded"
    return notice(f"{said.sign} {said.headline}", *said.paragraphs, "✓ Réponse enregistrée.", tone=said.tone)


def mes_reponses() -> Panel:
    """Show three buttons: take one's answers along, bring them back, erase them."""
    panel = AnswersPanel(_here())
    panel.face = panel.asked("Vos réponses")
    panel.plain = 'Dans une cellule : emporter(), reprendre("mes-reponses-….json") ou effacer_mes_reponses().'
    return panel


def emporter() -> Panel:
    """Put the answers of every step in one file, to go on with them on another machine."""
    try:
        file, count = take_along(_here().root)
        content = file.read_text(encoding="utf-8")
    except OSError as error:
        return notice("Le fichier n’a pas pu être écrit", str(error), tone="part")
    if not count:
        return notice("Il n’y a rien à emporter pour l’instant", "Répondez à une activité, puis revenez ici.")
    activities = "une activité" if count == 1 else f"{count} activités"
    panel = notice(
        "Vos réponses sont prêtes à partir",
        f"Le fichier « {file.name} » contient vos réponses à {activities}. Gardez-le : il ne va nulle part sans vous.",
        "Sur l’autre machine, ouvrez cette leçon et choisissez « Reprendre un fichier… ».",
        tone="good",
    )
    panel.face = {**panel.face, "download": {"name": file.name, "content": content}}
    return panel


def reprendre(fichier: str | Path) -> Panel:
    """Bring the answers of a file that `emporter()` wrote into this folder's course."""
    path = Path(fichier)
    path = path if path.is_absolute() else _here().path / path
    try:
        return _bring_back(path.name, read_travel_file(path))
    except NotTravelFile as error:
        return notice("Ce fichier n’a pas pu être repris", str(error), tone="part")


def effacer_mes_reponses(*, confirmer: bool = False) -> Panel:
    """Erase every answer of the course, after confirmation: the journals and the notebooks' copies."""
    if confirmer:
        return _erase(_here())
    panel = AnswersPanel(_here())
    panel.face = panel.asked("Effacer") | {"asking": True}
    panel.plain = "Pour confirmer, exécutez : effacer_mes_reponses(confirmer=True)"
    return panel


class AnswersPanel(Panel):
    """What can be done with all of one's answers at once. Each thing done changes `state`, which the page shows."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        super().__init__()
        self.on_msg(self._receive)

    def asked(self, title: str) -> dict[str, Any]:
        """What the page shows, whose answers its browser may keep too, and what is asked before all are erased."""
        course = folders.place_name(self.folder.root)
        return {"kind": "answers", "title": title, "paragraphs": [], "course": course, "question": self.question()}

    def question(self) -> dict[str, Any]:
        """What is asked before everything is erased."""
        names = [path.name for path in folders.course_folders(self.folder.root)[1:]]
        where = f"de l’accueil et de : {', '.join(names)}" if names else "de ce dossier"
        return {
            "title": "Effacer toutes vos réponses ?",
            "paragraphs": [
                f"Vos réponses {where} seront effacées, et leurs copies aussi, jusque dans les dossiers au-dessous.",
                "Rien ne pourra les rendre.",
                "Pour les garder ailleurs, emportez-les d’abord, puis rangez le fichier hors du cours.",
            ],
        }

    def _receive(self, _: object, message: Any, __: object) -> None:
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "take-along":
            self._show(emporter())
        elif kind == "bring-back":
            name, content = str(message.get("name"))[:100], str(message.get("content")).encode("utf-8", "replace")
            self._show(_bring_back(name, content))
        elif kind == "erase":
            self._show(_erase(self.folder, by_page=True), erased=True)

    def _show(self, done: Panel, *, erased: bool = False) -> None:
        self.state = {"said": done.face, "erased": erased, "times": self.state.get("times", 0) + 1}


# --- what stands behind the learner's names ---------------------------------------------------------------------------

#: Every activity in front of the learner, in each open tab: all show the same answers.
_panels: "WeakSet[ActivityPanel]" = WeakSet()


def _refresh_all(folder: Folder) -> None:
    for panel in list(_panels):
        if panel.folder is folder:
            panel.refresh()


def _tell_all(folder: Folder, message: dict[str, Any]) -> None:
    for panel in list(_panels):
        if panel.folder is folder:
            panel.send(message)


@cache
def _folder(path: Path) -> Folder:
    folder = Folder(path)
    # Where the journal cannot be written, activities still show; each answer then says that it is not stored.
    with suppress(NotStored):
        folder.bring_in(folder.answers.events)
    return folder


def _forget_folders() -> None:
    _folder.cache_clear()


def _here() -> Folder:
    return _at(Path.cwd())


def _at(path: Path) -> Folder:
    """The folder at that place, its journal written again where somebody deleted it meanwhile."""
    folder = _folder(path)
    with suppress(NotStored):
        folder.keep()
    return folder


def course_root() -> Path:
    """The folder of the whole course that the learner is in."""
    return _here().root


def _find(id: str) -> tuple[Folder, Activities]:
    """The activity's notebook and folder: the working folder, or the one that the server names."""
    here = _here()
    session = os.environ.get("JPY_SESSION_NAME", "")
    opened = Path(session).resolve() if session else None
    try:
        return here, here.activities(id, opened)
    except UnknownActivity:
        if opened is None or not opened.parent.is_dir():
            raise
        there = _at(opened.parent)
        return there, there.activities(id, opened)


def _bring_back(name: str, content: bytes) -> Panel:
    try:
        done = bring_back(name, content, _here().root)
    except (NotTravelFile, NotStored, OSError) as error:
        return notice("Ce fichier n’a pas pu être repris", str(error), tone="part")
    finally:
        _forget_folders()
    for panel in list(_panels):
        panel.folder = _folder(panel.folder.path)
        panel.refresh()
    return notice(
        "Vos réponses sont là",
        f"Reprises : {done.added}. Déjà présentes ici : {done.known}. Rien de ce qui était ici n’a été remplacé.",
        tone="good",
    )


def _erase(folder: Folder, *, by_page: bool = False) -> Panel:
    shown = [panel for panel in _panels if panel.folder.root == folder.root]
    session = os.environ.get("JPY_SESSION_NAME", "")
    # A page of ours takes the copy out of the document that it stands in; without one, nobody else does.
    leaving = Path(session) if session and Path(session).exists() and (by_page or shown) else None
    said = (_nothing_left(folder.root), *((_SHOWN_STILL,) if leaving else ()), _OWN_WORDS)
    done = notice("Vos réponses sont effacées", *said, tone="good")
    try:
        erase(folder.root, leaving=leaving)
    except NotErased as error:
        done = notice("Tout n’a pas pu être effacé", *str(error).splitlines(), tone="part")
    _forget_folders()
    for panel in shown:
        panel.folder = _folder(panel.folder.path)
        panel.send({"type": "erased"})
        panel.refresh()
    return done


def _nothing_left(root: Path) -> str:
    """Where there are none any more: how far erasing looked."""
    if is_whole_course(root):
        return "Il n’en reste rien dans les fichiers de ce cours."
    names = ", ".join(f"« {path.name} »" for path in folders.course_folders(root)[1:])
    return f"Il n’en reste rien dans les fichiers de : {names}. Les autres dossiers à côté n’ont pas été regardés."


_SHOWN_STILL = (
    "Dans ce document, relancez les cellules qui montraient vos réponses, comme carnet() ou ma_charte(), "
    "puis enregistrez-le : ce qui était affiché y reste jusque-là."
)
_OWN_WORDS = (
    "Ce que vous avez écrit vous-même dans des cellules, et ce que vous avez téléchargé hors du cours, est toujours là."
)


def notice(title: str, *paragraphs: str, tone: str = "quiet") -> Panel:
    """A panel that only says something."""
    panel = Panel()
    panel.face = {"kind": "notice", "title": title, "paragraphs": list(paragraphs), "tone": tone}
    panel.plain = "\n".join((title, *paragraphs))
    return panel


def page(
    title: str,
    paragraphs: Iterable[str],
    sections: Iterable[Mapping[str, Any]],
    files: Iterable[Mapping[str, str]] = (),
    picture: Mapping[str, str] | None = None,
) -> Panel:
    """A panel to read: paragraphs, sections (`title`, `note`, `lines`, maybe a `table`), files to download.

    `picture` (`alt`, `light`, `dark`) names two of the files, of which the page shows the one that suits its theme.
    """
    told, sections = list(paragraphs), list(sections)
    # All at once: what comes with the panel itself is not counted by the server's limit of data per second.
    panel = Panel(
        face={
            "kind": "page",
            "title": title,
            "paragraphs": told,
            "sections": sections,
            "files": list(files),
            "picture": picture,
        }
    )
    panel.plain = plain_lines(title, told, sections)
    return panel


def section(
    title: str, *, note: str = "", lines: Iterable[str] = (), table: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One section of a page; a table has its `caption`, `columns` and `rows`."""
    return {"title": title, "note": note, "lines": list(lines), "table": table}


def plain_lines(title: str, told: Iterable[str], sections: Iterable[Mapping[str, Any]]) -> str:
    """What a notebook keeps of a page or a map where nobody draws it: its words."""
    lines = [title, *told]
    for part in sections:
        rows = part["table"]["rows"] if part.get("table") else []
        lines += filter(None, (part["title"], part["note"], *part["lines"], *(" · ".join(row) for row in rows)))
    return "\n".join(lines)


def download(name: str, content: bytes, type: str, text: str) -> dict[str, str]:
    """A file as a page offers it; `text` is what its link says."""
    return {"name": name, "type": type, "text": text, "content": base64.b64encode(content).decode("ascii")}


def _asked_face(asked: Activity) -> dict[str, Any]:
    """The question as the page shows it; never its key."""
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
    """What is needed to draw how a question is answered."""
    match task:
        case Choice():
            return {"task": "choice", "options": _named(task.options), "pick": task.pick}
        case Number():
            return {"task": "number", "unit": task.unit}
        case Matching():
            items = [
                {"id": item.id, "text": item.text, "heading": item.heading, "groups": _named(task.groups_of(item))}
                for item in task.items
            ]
            return {"task": "matching", "items": items}
        case Ordering():
            return {"task": "ordering", "items": _named(task.items)}
        case Form():
            return {"task": "form", "fields": [_field_face(line) for line in task.fields]}
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


def _preview(asked: Activity | None, value: Any) -> dict[str, Any] | None:
    """What the search that is being written returns."""
    if asked is None or not isinstance(asked.task, Search):
        return None
    posts = [{"author": post.author, "text": post.text} for post in search(asked.task, value)]
    return {"asked": bool(value.get("avec")) if isinstance(value, dict) else False, "posts": posts}


def _recalls(activities: Activities, activity: Activity, context: Mapping[str, str]) -> list[str]:
    """What the learner wrote elsewhere and needs here, in their own words."""
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


def _progress(activity: Activity, now: Mark, events: tuple[Event, ...], *, free: bool) -> dict[str, Any]:
    """Where the learner stands: the value to show, the attempt to come, the feedback on the last one."""
    last = events[-1] if events else None
    said = _feedback(activity, now, events)
    attempts = [event for event in events if event.kind == "attempt"]
    return {
        "status": str(now.status),
        "value": last.value if last else None,
        "valueEvent": last.id if last else "",
        "savedAt": last.at if last else "",
        "savedKind": last.kind if last else "",
        "attemptId": attempts[-1].id if attempts else "",
        "attempt": "Modifiable jusqu’à la remise" if free else _attempt_label(activity, now),
        "action": "Enregistrer ma réponse" if free else _action(activity, now),
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
