"""Loads, checks and packs activities: from an author's TOML file to a released notebook's metadata, and back.

Reports all faults of a file at once, each with its line.
"""

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from reseau_kit.activities.activity import ATTEMPTS, Activities, Activity, ActivityFaults, Excerpt, Fault, Table
from reseau_kit.activities.author_data import inline_data
from reseau_kit.activities.author_file import (
    Faults,
    Section,
    Where,
    did_you_mean,
    lines_of,
    nearest_line,
    read_toml,
)
from reseau_kit.activities.kinds import KINDS, Kind, lint_words
from reseau_kit.activities.tasks import Choice, Form, OpenText, judges

#: Pattern of authors' files: ``activites.toml``, or ``<lesson>.activites.toml`` if several notebooks share a folder.
SOURCE_PATTERN = "*activites.toml"

#: Maximum size of packed activities once unpacked; real ones take some tens of kilobytes.
MAX_UNPACKED_BYTES = 8_000_000

#: When learners get feedback (« retour »): at each attempt, or after handing in.
_FEEDBACK = ("immediat", "apres")

#: Value of « corrige » in a document without keys.
_WITHHELD = "retiré"

#: Pattern of an id: nbgrader accepts no other characters in cell names.
ID_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def load_activities(path: Path) -> Activities:
    """Load an author's TOML file, with the data tables and the borrowed decisions that it names.

    Raises:
        ActivityFaults: the file cannot be read or has faults; each fault has its line.
    """
    source, document, unreadable = read_toml(path)
    if unreadable:
        raise ActivityFaults(Fault(str(path), line, message) for line, message in unreadable)
    faults = Faults()
    inline_data(document, path.parent, faults)
    borrowed_faults = _borrow(document, path.parent, faults)
    activities = _parse(document, faults)
    if faults.found or borrowed_faults:
        lines = lines_of(source)
        own = (Fault(str(path), nearest_line(lines, where), message) for where, message in faults.found)
        raise ActivityFaults([*own, *borrowed_faults])
    return activities


def withhold(activities: Activities) -> Activities:
    """Return activities without keys and feedback if their feedback comes after; others unchanged."""
    if not activities.feedback_after or activities.withheld:
        return activities
    document = json.loads(json.dumps(activities.document, ensure_ascii=False, default=str))
    document["corrige"] = _WITHHELD
    for values in document["activite"]:
        if uses := activities[values["id"]].uses:
            values["utilise"] = list(uses)
        _withhold(values)
    return revised(document)


def _withhold(values: dict[str, Any]) -> None:
    # An allowlist: a key that a kind gets later is withheld by default.
    for section in (values, *values.get("variante", [])):
        KINDS[values["genre"]].withhold(section)


def revised(document: dict[str, Any]) -> Activities:
    """Return the activities of a document derived from one without faults."""
    return _parse(document, Faults())


def pack(activities: Activities) -> str:
    """Pack the activities as one ASCII string for a notebook's metadata: unreadable at a glance, but no secret."""
    text = json.dumps(activities.document, ensure_ascii=False, separators=(",", ":"), default=str)
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


@lru_cache(maxsize=32)
def unpack(packed: str) -> Activities:
    """Unpack a string made by `pack`.

    Raises:
        ValueError: the string is damaged, or larger than `MAX_UNPACKED_BYTES`.
    """
    try:
        unzip = zlib.decompressobj()
        data = unzip.decompress(base64.b64decode(packed, validate=True), MAX_UNPACKED_BYTES)
        if not unzip.eof:
            raise ValueError("trop long ou tronqué")
        faults = Faults()
        activities = _parse(json.loads(data), faults)
        if faults.found:
            raise ValueError(faults.found[0][1])
    except (ValueError, zlib.error, RecursionError) as error:
        raise ValueError(f"les activités que ce document porte ne se lisent pas ({error})") from error
    return activities


# --- one document ---------------------------------------------------------------------------------------------------


def _parse(document: dict[str, Any], faults: Faults) -> Activities:
    top = Section(document, (), "", faults)
    top.text("titre", required=False)
    top.texts("reprend")
    feedback = top.text("retour", required=False) or "immediat"
    if feedback not in _FEEDBACK:
        top.fault("retour", f"le retour « {feedback} » n’existe pas{did_you_mean(feedback, _FEEDBACK)}")
    withheld = top.text("corrige", required=False) == _WITHHELD
    versions: dict[str, dict[int, Activity]] = {}
    own: dict[str, None] = {}
    current = _current_versions(document)
    for key in ("activite", "empruntee"):
        for section in top.tables(key, "activité", required=key == "activite"):
            activity = _activity(section, teaching=not withheld and key == "activite", current=current)
            known = versions.setdefault(activity.id, {})
            if activity.version in known:
                message = f"une autre activité a déjà cet identifiant et la version {activity.version}"
                section.fault("id", f"{message} ; changez l’un ou l’autre")
            known[activity.version] = activity
            if key == "activite":
                own[activity.id] = None
    top.finish()
    activities = Activities(document, versions, tuple(own), feedback == "apres", withheld)
    _check_dependencies(activities, faults)
    return activities


def _current_versions(document: dict[str, Any]) -> dict[str, int]:
    """Return the latest version of each of a document's own activities; malformed sections are skipped."""
    latest: dict[str, int] = {}
    sections = document.get("activite")
    for values in sections if isinstance(sections, list) else ():
        version = values.get("version", 1) if isinstance(values, dict) else None
        if isinstance(version, int) and isinstance(id := values.get("id"), str):
            latest[id] = max(version, latest.get(id, 0))
    return latest


def _activity(section: Section, *, teaching: bool, current: Mapping[str, int]) -> Activity:
    depends_on = section.text("selon", required=False)
    variants: dict[str, Activity] = {}
    for variant in section.tables("variante", "variante"):
        case = variant.text("cas")
        if case in variants:
            variant.fault("cas", f"le cas « {case} » a déjà une variante")
        own = section.laid_over(variant, leaving_out={"selon", "variante", "cas"})
        variants[case] = _asked(own, teaching=teaching, current=current)
    if bool(depends_on) != bool(variants):
        found, missing = ("selon", "[[activite.variante]]") if depends_on else ("variante", "selon")
        section.fault(found, f"« {found} » ne va pas sans « {missing} »")
    if not variants:
        return _asked(section, teaching=teaching, current=current)
    first = next(iter(variants.values()))
    uses = tuple(dict.fromkeys(name for variant in variants.values() for name in variant.uses))
    shared = replace(first, question="", hints=(), explanation="", excerpt=None, uses=uses)
    return replace(shared, depends_on=depends_on, variants=variants)


def _asked(section: Section, *, teaching: bool, current: Mapping[str, int]) -> Activity:
    """Return the activity of a section that already includes its variant, if any."""
    section.asked |= {"selon", "variante"}
    id = section.text("id")
    if id and not ID_PATTERN.fullmatch(id):
        section.fault("id", f"l’identifiant « {id} » ne peut avoir que des lettres sans accent, des chiffres, - et _")
    name = section.text("genre")
    kind = KINDS.get(name)
    if name and not kind:
        *most, last = (f"« {other} »" for other in KINDS)
        known = f"{', '.join(most)} ou {last}"
        section.fault("genre", f"le genre « {name} » n’existe pas{did_you_mean(name, KINDS)} ; il faut {known}")
    task = kind.read(section) if kind else Choice((), 1, None)
    uses = section.texts("utilise") + (task.decisions if isinstance(task, Form) else ())
    activity = Activity(
        id=id,
        version=section.integer("version"),
        points=section.number("points", 0.0, minimum=0.0),
        question=section.text("question"),
        instructions=section.text("consigne", required=False),
        hints=section.texts("indices"),
        explanation=section.text("explication", required=False),
        task=task,
        table=_data_table(section),
        excerpt=_excerpt(section),
        logbook=section.text("carnet", required=False),
        uses=tuple(dict.fromkeys(uses)),
    )
    if kind:
        section.finish()
        if teaching:
            _check_teaching(section, activity, kind)
        if teaching and isinstance(activity.task, Form) and activity.version == current.get(activity.id):
            lint_words(section, activity.task)
    return activity


def _excerpt(section: Section) -> Excerpt | None:
    text, source = section.text("extrait", required=False), section.text("extrait_de", required=False)
    if bool(text) != bool(source):
        found, missing = ("extrait", "extrait_de") if text else ("extrait_de", "extrait")
        section.fault(found, f"« {found} » ne va pas sans « {missing} »")
    paragraphs = tuple(re.sub(r"[ \t\r\n]+", " ", part).strip() for part in re.split(r"\n\s*\n", text))
    return Excerpt(source, paragraphs) if text else None


def _data_table(section: Section) -> Table | None:
    section.asked |= {"donnees", "legende", "colonnes", "lignes"}
    data = section.table("tableau")
    if data is None:
        return None
    rows = data.values.get("lignes")
    return Table(
        caption=data.text("legende"),
        columns=data.texts("colonnes"),
        rows=tuple(tuple(str(cell) for cell in row) for row in rows if isinstance(row, list))
        if isinstance(rows, list)
        else (),
    )


def _check_dependencies(activities: Activities, faults: Faults) -> None:
    """Check that each needed decision exists, and that each of its values has a variant."""
    for index, values in enumerate(activities.document.get("activite", [])):
        activity = activities.versions.get(str(values.get("id")), {}).get(values.get("version", 1))
        for used in activity.uses if activity else ():
            if problem := _no_text(activities, used):
                message = f'activité "{values.get("id")}" : {problem}'
                faults.add(_where_used(values, ("activite", index), used), message)
        beside = activity.task.beside if activity and isinstance(activity.task, OpenText) else ()
        for id in beside:
            shown = activities[id] if id in activities.own else None
            if shown is None or not isinstance(next(iter(shown.variants.values()), shown).task, Form):
                problem = f"« {id} » n’est pas une fiche de ce fichier"
                faults.add(("activite", index, "a_cote"), f'activité "{values.get("id")}" : {problem}')
    for index, values in enumerate(activities.document.get("activite", [])):
        name = values.get("selon") if isinstance(values, dict) else None
        if not isinstance(name, str):
            continue
        where: Where = ("activite", index, "selon")
        activity = activities.versions.get(str(values.get("id")), {}).get(values.get("version", 1))
        decision = activities.deciding(name)
        if decision is None or not isinstance(decision.task, Choice):
            message = f"aucune activité ne décide de « {name} » ; ajoutez son fichier à « reprend »"
            faults.add(where, f'activité "{values.get("id")}" : {message}')
            continue
        cases = [option.id for option in decision.task.options]
        for case in cases:
            if activity is not None and case not in activity.variants:
                faults.add(where, f'activité "{activity.id}" : il manque la variante du cas « {case} »')
        for case in activity.variants if activity is not None else ():
            if case not in cases:
                hint = did_you_mean(case, cases)
                faults.add(where, f'activité "{values.get("id")}" : le cas « {case} » n’existe pas{hint}')


def _no_text(activities: Activities, used: str) -> str:
    """Return why the logbook cannot give one text under that name, empty if it can."""
    name, _, inside = used.partition(".")
    decision = activities.deciding(used)
    task = None if decision is None else next(iter(decision.variants.values()), decision).task
    if isinstance(task, Form):
        fields = [line.id for line in task.fields]
        if inside in fields:
            return ""
        return f"« {name} » est une fiche ; nommez l’un de ses champs ({', '.join(f'{name}.{id}' for id in fields)})"
    if isinstance(task, Choice) and not inside:
        return ""
    if task is None:
        return f"aucune activité ne décide de « {used} » ; ajoutez son fichier à « reprend »"
    return f"« {used} » ne donne pas un texte ; il faut un choix, ou le champ d’une fiche"


def _where_used(values: dict[str, Any], where: Where, used: str) -> Where:
    """Return the path at which a section names a value of the logbook."""
    for key in ("critere", "faute"):
        for place, rule in enumerate(values.get(key, [])):
            if isinstance(rule, dict) and rule.get("cite_carnet") == used:
                return (*where, key, place, "cite_carnet")
    for place, variant in enumerate(values.get("variante", [])):
        own: Where = (*where, "variante", place)
        if isinstance(variant, dict) and (found := _where_used(variant, own, used)) != own:
            return found
    return (*where, "utilise") if "utilise" in values else where


def _check_teaching(section: Section, activity: Activity, kind: Kind) -> None:
    """Check that a question teaches, beyond being well formed."""
    if isinstance(activity.task, OpenText):
        kind.lint(section, activity.task)
        return
    if isinstance(activity.task, Form) and activity.task.is_writing:
        if activity.points:
            section.fault("points", "un programme ne note pas un texte : il ne vaut pas de points")
        return
    # A form or plan that neither judges nor is kept has lost its criteria: its own lint reports that.
    if not judges(activity.task) and (isinstance(activity.task, Choice) or (activity.logbook and not activity.points)):
        if activity.points:
            section.fault("points", "une décision n’a pas de réponse juste : elle ne peut pas valoir de points")
        return
    if len(activity.hints) != ATTEMPTS - 1:
        expected = f"il faut {ATTEMPTS - 1} indices, du plus large au plus précis"
        section.fault("indices", f"{expected}, et il y en a {len(activity.hints)}")
    if not activity.explanation:
        section.fault("explication", "il manque « explication », que l’on donne avec la réponse")
    kind.lint(section, activity.task)


def _borrow(document: dict[str, Any], folder: Path, faults: Faults) -> list[Fault]:
    """Add the decisions of the files that `reprend` names, without their keys; return the faults of those files.

    The keys stay behind because these decisions are judged in the file that they come from.
    """
    theirs: list[Fault] = []
    borrowed: list[Any] = []
    named = document.get("reprend", [])
    for index, name in enumerate(named if isinstance(named, list) else []):
        path = (folder / str(name)).resolve()
        if not path.is_file():
            faults.add(("reprend", index), f"« reprend » nomme « {name} », qui n’existe pas à côté de ce fichier")
            continue
        try:
            lender = load_activities(path)
        except ActivityFaults as error:
            theirs.extend(error.faults)
            continue
        # All versions of activities that decide or once decided: an old answer is found by its version.
        deciding = {values["id"] for values in lender.document["activite"] if values.get("carnet")}
        borrowed += [values for values in lender.document["activite"] if values["id"] in deciding]
    if borrowed:
        document["empruntee"] = borrowed
        for values in borrowed:
            _withhold(values)
    return theirs
