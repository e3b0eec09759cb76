"""« Ma charte de présence à 30 jours »: one page from the logbook, as text, HTML, picture, PDF and calendar.

All forms contain the same text: the picture is made for the wall, the HTML page for screen readers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reseau_kit.activities.tasks import DAYS, OpenText, Plan
from reseau_kit.answers.checks import Status, plan_lines
from reseau_kit.answers.feedback import plan_line_text
from reseau_kit.answers.logbook import Entry, Logbook, Part
from reseau_kit.answers.marks import Mark, points
from reseau_kit.drawing.lettering import lacking, tied
from reseau_kit.french.writing import NBSP, day_in_words, number

if TYPE_CHECKING:
    pass


VERSION = metadata.version("reseau-kit")

TITLE = "Ma charte de présence à 30 jours"

#: Validity of a charter, in days.
SPAN_DAYS = 30

#: Last step of the course; later decisions are made with the charter itself.
LAST_STEP = 5

_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the charter, decided in a step of the course: its lines, or in `missing` the place to decide it."""

    title: str
    lines: tuple[str, ...]
    step: int
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A weekly appointment of the plan: a weekday (0 is Monday), minutes, and a text."""

    weekday: int
    minutes: float
    text: str


@dataclass(frozen=True, slots=True)
class Charter:
    """One person's charter for 30 days from `start`. `bio` is the text to paste."""

    start: date
    sections: tuple[Section, ...]
    meetings: tuple[Meeting, ...]
    bio: str

    @property
    def end(self) -> date:
        """Day of the review."""
        return self.start + timedelta(days=SPAN_DAYS)

    @property
    def dates(self) -> str:
        """Dates of the charter: « Du 22 novembre 2026 au 22 décembre 2026 »."""
        return f"Du {day_in_words(self.start.isoformat())} au {day_in_words(self.end.isoformat())}"

    @property
    def missing(self) -> tuple[str, ...]:
        """Missing decisions, each with the place to decide it."""
        return tuple(f"{section.title}{NBSP}: {section.missing}" for section in self.sections if section.missing)


def make_charter(logbook: Logbook, start: date) -> Charter:
    """Make the charter from the decisions of a logbook."""
    values = logbook.values
    plan = logbook.entry("plan")
    week, meetings = _week(plan.activity.task, plan.value) if plan else ([], [])
    sections = (
        _section("Mon objectif", _objective(values), 1, "E1-A3"),
        _section("Mes médias", _told(logbook.entry("medias")), 1, "E1-D1"),
        _section("Ma bio", filter(None, (values.get("bio.texte", ""),)), 2, "E2-D3"),
        _section("Mon nom et mon image", _told(logbook.entry("degre")), 2, "E2-D1"),
        _section("Mes liens", _told(logbook.entry("liens")), 2, "E2-D2"),
        _section("Mes premières publications", _told(logbook.entry("publications")), 3, "E3-D1"),
        _section("Les personnes que je suis", _told(logbook.entry("comptes")), 4, "E4-D1"),
        _section("Ma semaine", week, 5, "E5-D1"),
        _section("Mes règles", _told(logbook.entry("charte")), 5, "E5-D2"),
        _section("Dès lundi", filter(None, (values.get("lundi.geste", ""),)), 6, "C6-D1"),
    )
    return Charter(start, sections, tuple(meetings), values.get("bio.texte", ""))


def _section(title: str, lines: Iterable[str], step: int, id: str) -> Section:
    found = tuple(lines)
    where = f"étape {step}, activité {id}" if step <= LAST_STEP else f"dans cette page, activité {id}"
    return Section(title, found, step, "" if found else f"à décider, {where}")


def _week(task: object, value: object) -> tuple[list[str], list[Meeting]]:
    """Return the lines of a week's plan in words, in the order of the days, and as meetings."""
    lines = plan_lines(task, value) if isinstance(task, Plan) else []
    if not lines or not isinstance(task, Plan):
        return [], []
    lines.sort(key=lambda line: DAYS.index(line.day))
    total = number(sum(line.minutes for line in lines), 2)
    texts = [plan_line_text(task, line) for line in lines]
    meetings = [
        Meeting(DAYS.index(line.day), line.minutes, text.partition(f"{NBSP}: ")[2])
        for line, text in zip(lines, texts, strict=True)
    ]
    return [*texts, f"Total{NBSP}: {total}{NBSP}minutes par semaine"], meetings


def _told(entry: Entry | None) -> tuple[str, ...]:
    return entry.told if entry else ()


def _objective(values: Mapping[str, str]) -> list[str]:
    told = {name: values.get(f"objectif.{name}", "") for name in ("verbe", "public", "themes", "echeance", "cible")}
    lines = []
    if told["verbe"]:
        lines.append(f"Je veux {told['verbe']}")
    if told["public"]:
        lines.append(f"Avec, ou pour{NBSP}: {told['public']}")
    if told["themes"]:
        lines.append(f"Sujets{NBSP}: {told['themes']}")
    if told["echeance"]:
        lines.append(f"Pour le {day_in_words(told['echeance'])}")
    if counted := values.get("objectif.indicateur", ""):
        lines.append(f"Je compterai{NBSP}: {told['cible']} {counted}".replace("  ", " "))
    return lines


def as_sentence(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


# --- forms ----------------------------------------------------------------------------------------------------------


def to_text(charter: Charter) -> str:
    """Return the charter as plain text."""
    parts = [TITLE, charter.dates]
    for section in charter.sections:
        body = [f"- {line}" for line in section.lines] or [f"({section.missing})"]
        parts.append("\n".join([section.title.upper(), *body]))
    return "\n\n".join(parts) + "\n"


def to_html(charter: Charter) -> str:
    """Return the charter as a self-contained page for screen, paper and screen reader."""
    return _render("charter.html.j2", charter=charter, title=TITLE, version=VERSION)


def to_calendar(charter: Charter, at: time) -> bytes:
    """Return the week's plan as an iCalendar file (RFC 5545): weekly events for 30 days, and the day of the review.

    Times are floating, as RFC 5545 calls it: they apply in the learner's own time zone.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", f"-//reseau_kit//{VERSION}//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", TITLE)
    stamp = datetime.combine(charter.start, time())
    later: dict[int, datetime] = {}
    for place, meeting in enumerate(charter.meetings):
        first = charter.start + timedelta(days=(meeting.weekday - charter.start.weekday()) % 7)
        # Two lines of the same day follow each other.
        begin = later.get(meeting.weekday, datetime.combine(first, at))
        later[meeting.weekday] = end = begin + timedelta(minutes=meeting.minutes)
        event = Event()
        event.add("uid", f"ligne-{place + 1}-{charter.start.isoformat()}@reseau-kit")
        event.add("summary", meeting.text)
        event.add("dtstamp", stamp)
        event.add("dtstart", begin)
        event.add("dtend", end)
        event.add("rrule", {"freq": "weekly", "until": datetime.combine(charter.end, time(23, 59, 59))})
        calendar.add_component(event)
    review = Event()
    review.add("uid", f"bilan-{charter.start.isoformat()}@reseau-kit")
    review.add("summary", f"Faire le point{NBSP}: relire ma charte")
    review.add("dtstamp", stamp)
    review.add("dtstart", charter.end)
    review.add("dtend", charter.end + timedelta(days=1))
    calendar.add_component(review)
    return bytes(calendar.to_ical())


def to_certificate(logbook: Logbook, name: str, day: date) -> str:
    """Return a page that says what the learner did and how it was marked. It certifies nothing else."""
    parts = [part for part in logbook.parts if part.marks]
    about = {"title": "Attestation de suivi", "version": VERSION}
    return _render("certificate.html.j2", name=name, day=day.isoformat(), parts=map(_done, parts), **about)


def _done(part: Part) -> dict[str, Any]:
    """Return one notebook of the certificate: activities answered, points counted by the course, open texts."""
    automatic = [(activity, mark) for activity, mark in part.marks if not isinstance(activity.task, OpenText)]
    texts = [(activity, mark) for activity, mark in part.marks if isinstance(activity.task, OpenText)]
    earned = sum(points(activity, mark.score) or 0.0 for activity, mark in automatic)
    return {
        "title": part.title,
        "answered": sum(mark.answered for _, mark in automatic),
        "activities": len(automatic),
        "earned": earned,
        "maximum": sum(activity.points for activity, _ in automatic),
        "texts": [_text_done(mark) for _, mark in texts],
    }


def _text_done(mark: Mark) -> str:
    if mark.status is Status.NOT_ATTEMPTED:
        return "question ouverte non écrite"
    return "question ouverte écrite ; ce document ne sait pas si une personne l’a lue"


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = day_in_words
    environment.filters["sentence"] = as_sentence
    environment.filters["tied"] = tied
    environment.filters["number"] = partial(number, decimals=2)
    return environment.get_template(template).render(**values)


def undrawn(charter: Charter) -> tuple[str, ...]:
    """Return the signs that the pictures leave out because their font lacks them; the other forms have them."""
    return lacking(line for section in charter.sections for line in section.lines)
