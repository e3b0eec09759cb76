"""Shows a learner their decisions in a cell: the logbook, the charter, the certificate.

All are drawn from the current answers. The learner downloads the files; nothing is sent anywhere.
"""

from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from reseau_kit.answers.logbook import TITLES, Entry, Logbook, read_logbook
from reseau_kit.drawing.lettering import listed
from reseau_kit.french.writing import NBSP
from reseau_kit.learner.charter import (
    Charter,
    as_sentence,
    make_charter,
    to_calendar,
    to_certificate,
    to_html,
    to_text,
    undrawn,
)
from reseau_kit.learner.charter_picture import to_picture
from reseau_kit.learner.open_panels import course_root
from reseau_kit.learner.panel import Panel, download, page

#: Description of each of the charter's files, by name.
_FILES = {
    "ma-charte.html": ("text/html", "Page à lire ou à écouter (HTML)"),
    "ma-charte.pdf": ("application/pdf", "Page à imprimer (PDF)"),
    "ma-charte.png": ("image/png", "Image (PNG)"),
    "ma-charte.txt": ("text/plain", "Texte seul"),
    "ma-semaine.ics": ("text/calendar", "Ma semaine, pour un agenda (ICS)"),
    "ma-bio.txt": ("text/plain", "Ma bio, prête à copier"),
    "mon-attestation.html": ("text/html", "Attestation (HTML)"),
}

_NOT_DRAWN = (
    f"L’image et le PDF ne savent pas dessiner{NBSP}: {{}}. Ils laissent ces signes de côté, ou mettent "
    f"«{NBSP}[…]{NBSP}» à la place des lettres. La page à lire (HTML) les a tous."
)


def carnet() -> Panel:
    """Show the decisions of all steps, those to review after a change, and the progress."""
    logbook = read_logbook(course_root())
    sections = [_entry_section(entry) for entry in logbook.entries]
    if logbook.stale:
        lines = [f"Activité {id} ({place})" for id, place in logbook.stale]
        note = "Vous avez changé d’avis depuis ces réponses. Elles restent justes pour ce que vous aviez décidé alors."
        sections.append({"title": "À revoir, si vous le voulez", "note": note, "lines": lines})
    sections.append({"title": "Où j’en suis", "note": "", "lines": _progress(logbook)})
    intro = [] if logbook.entries else ["Votre carnet est encore vide. Il se remplira avec vos réponses « Je décide »."]
    return page("Mon carnet de présence", intro, sections)


def ma_charte(heure: str = "18:30", depuis: str = "") -> Panel:
    """Make the charter for 30 days: on the screen, and as files to download.

    `heure` is the time at which the week's plan begins each day (18:30), `depuis` the first day (2026-11-23): by
    default the one decided in step 5, else today.
    """
    logbook = read_logbook(course_root())
    try:
        at = time.fromisoformat(heure)
        start = date.fromisoformat(depuis) if depuis else _first_day(logbook)
    except ValueError:
        advice = 'Écrivez par exemple ma_charte(heure="18:30", depuis="2026-11-23").'
        return page("La charte n’a pas pu être faite", [f"« {heure} » ou « {depuis} » ne se lit pas.", advice], [])
    logbook = read_logbook(course_root())
    charter = make_charter(logbook, start)
    sections = [
        {"title": section.title, "note": as_sentence(section.missing), "lines": list(section.lines)}
        for section in charter.sections
    ]
    files = charter_files(charter, at)
    if "ma-charte.png" in files and (signs := listed(undrawn(charter))):
        # Placed just above the files.
        sections.append({"title": "", "note": _NOT_DRAWN.format(signs), "lines": []})
    stale = [TITLES[entry.name] for entry in logbook.entries if entry.changed and entry.name in TITLES]
    intro = [charter.dates]
    if stale:
        intro.append(f"À revoir, si vous le voulez : {', '.join(stale)}. Une décision a changé depuis.")
    if charter.missing:
        intro.append("Il manque encore des décisions. La charte se refera toute seule quand vous les aurez prises.")
    return page("Ma charte de présence à 30 jours", intro, sections, _links(files))


def attestation(nom: str = "") -> Panel:
    """Make the page that says what the learner did in the course and how it was marked."""
    made = to_certificate(read_logbook(course_root()), nom, datetime.now().astimezone().date())
    told = "Cette page dit ce que vous avez fait, et qui l’a compté. Elle ne certifie rien d’autre."
    return page("Attestation de suivi", [told], [], _links({"mon-attestation.html": made.encode("utf-8")}))


def charter_files(charter: Charter, at: time) -> dict[str, bytes]:
    """Return every form of the charter, by file name. Pictures and calendar are left out without their libraries."""
    made = {
        "ma-charte.html": to_html(charter).encode("utf-8"),
        "ma-charte.txt": to_text(charter).encode("utf-8"),
    }
    if charter.bio:
        made["ma-bio.txt"] = f"{charter.bio}\n".encode()
    with suppress(ImportError):
        made |= {f"ma-charte.{kind}": to_picture(charter, kind) for kind in ("pdf", "png")}
    with suppress(ImportError):
        if charter.meetings:
            made["ma-semaine.ics"] = to_calendar(charter, at)
    return made


def _first_day(logbook: Logbook) -> date:
    """Return the start day that the learner chose, by default today."""
    with suppress(ValueError):
        return date.fromisoformat(logbook.values.get("charte.debut", ""))
    return datetime.now().astimezone().date()


def _entry_section(entry: Entry) -> dict[str, Any]:
    changed = " et ".join(TITLES.get(name, name).lower() for name in entry.changed)
    note = f"À revoir, si vous le voulez : « {changed} » a changé depuis." if changed else ""
    return {"title": entry.title, "note": note, "lines": list(entry.told)}


def _progress(logbook: Logbook) -> list[str]:
    """Return a line for each notebook: activities done, minutes of reading; lessons come before their exercises."""
    lines = []
    for part in logbook.parts:
        plural = "s" if part.answered > 1 else ""
        done = f" : {part.answered} activité{plural} sur {len(part.marks)}" if part.marks else ""
        lines.append(f"{part.title}{done} · environ {part.minutes} min de lecture")
    return lines


def _links(files: dict[str, bytes]) -> list[dict[str, str]]:
    """Return the files as links for the page."""
    return [download(name, files[name], kind, text) for name, (kind, text) in _FILES.items() if name in files]
