"""What one submission is worth: pure functions on plain data, the same for each of the two ways to grade.

nbgrader's own pass, one submission at a time, and the grading of many at once both call these. Nothing a learner wrote
is executed, nothing here knows nbgrader or a notebook library, and what goes wrong on our side costs no point.
"""

import errno
import hashlib
import json
import os
import re
import stat
import sys
import warnings
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import translate
from functools import cached_property, lru_cache
from glob import has_magic
from html import escape
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from reseau_kit.activities.activity import ATTEMPTS, Activities
from reseau_kit.activities.author_file import read_toml
from reseau_kit.activities.loading import load_activities, pack
from reseau_kit.activities.tasks import Form
from reseau_kit.answers.checks import Status
from reseau_kit.answers.copies import Copy, NotRead, other_copies
from reseau_kit.answers.feedback import FAILED, HEADLINES, TO_REVIEW, Feedback, answer_lines, of_mark
from reseau_kit.answers.journal import (
    AUTHOR_FILE_NAME,
    FILE_NAME,
    MAX_FILE_BYTES,
    Answers,
    Event,
    Reading,
    put_together,
    read_lines,
)
from reseau_kit.answers.marks import Mark, mark, points
from reseau_kit.answers.notebooks import (
    KEY,
    MAX_NOTEBOOK_BYTES,
    Notebook,
    course_metadata,
    load,
    owner,
    parse,
    read_copy,
    write_copy,
)
from reseau_kit.french.writing import NBSP, number, worth
from reseau_kit.grading.open_texts import place_texts, read_by, show_text
from reseau_kit.system.files import new_id, open_plain_file, open_plain_file_below, read_plain_file
from reseau_kit.system.jsontext import encode
from reseau_kit.system.names import fault_of
from reseau_kit.system.refusals import reason

#: No learner writes as much, in a cell or in a document; the rest is not shown, and a word says so.
MAX_CELLS = 2_000
MAX_TEXT = 200_000
MAX_TEXTS = 4_000_000

Cell = dict[str, Any]

#: No learner hands in as many files; the rest of a larger folder is not looked at.
MAX_ENTRIES = 10_000

#: Nor folders so deep in each other, each of which is walked through for every file below.
MAX_DEPTH = 50

#: Of the files beside the notebooks, each and all together, where nbgrader's configuration says nothing.
MAX_KILOBYTES = 100_000

#: What the cell of an activity holds, and nothing else.
_ACTIVITY_CELL = re.compile(r'activite\("([A-Za-z0-9_-]{1,64})"\)')

_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


class Refused(ValueError):
    """A submission that is not graded. The message, in French, says why."""


class Log(Protocol):
    """Where what is amiss goes: a logger's methods."""

    def warning(self, message: str, /, *values: object) -> None:
        """Something was mended or left out."""

    def exception(self, message: str, /, *values: object) -> None:
        """Something of ours went wrong, in the exception that is being handled."""


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """One cell of a released notebook, as nbgrader's gradebook keeps it. `points` is None where it earns none."""

    name: str
    cell_type: str
    source: str
    checksum: str | None
    locked: bool
    points: float | None
    grade: bool
    solution: bool
    task: bool


@dataclass(frozen=True, slots=True)
class ReleasedNotebook:
    """One released notebook: its name without « .ipynb », its kernel as JSON text (empty: none), and its cells."""

    name: str
    kernelspec: str
    cells: tuple[ReleasedCell, ...]

    @property
    def by_name(self) -> dict[str, ReleasedCell]:
        """The cells by their names, in the order of the notebook."""
        return {cell.name: cell for cell in self.cells}


@dataclass(frozen=True)
class Exercise:
    """What a worker needs to know of an exercise to grade it. Small, and travels between processes.

    `source` is the folder of the trainer's exercise, with the keys, and `release` that of the released one. `texts`
    says who reads the open texts (`texts.READERS`). `ignore` are the names of files that nobody copies, and
    `exclude_overwriting` those that the trainer's do not replace. Sizes are in thousands of bytes, as nbgrader counts
    them, None for no limit. `permissions` are those of every file that is written.
    """

    name: str
    notebooks: tuple[ReleasedNotebook, ...]
    source: Path
    release: Path
    texts: str = "formateur"
    ignore: tuple[str, ...] = ()
    exclude_overwriting: tuple[str, ...] = ()
    max_file_size: float | None = None
    max_dir_size: float | None = None
    permissions: int = 0o444


class CellMark(NamedTuple):
    """The mark of one graded cell, before what a person said of it. Without a score, a person has to give one.

    Hundreds of thousands go from one process to another: a tuple takes half as long as a dataclass there.
    """

    name: str
    auto_score: float | None
    needs_manual_grade: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission.

    `timestamp` is when it was handed in, UTC without saying so, as the gradebook keeps it. `notebooks` gives the marks
    of every released notebook, and `comments` what nbgrader says by itself of the cells that a person marks: both
    empty where the submission is refused. `refused` says why, in French. `repairs` are what was mended or left out,
    each a French sentence that says where. `staged` is the folder to move into place, None where there is none.
    `registered` is False where the gradebook gets no row at all, not even of the student; a refused submission that
    is registered has its student's and its submission's rows, whose marks stay what they were. `unanswered` is True
    where no answer was found.
    """

    student: str
    timestamp: datetime | None = None
    notebooks: Mapping[str, tuple[CellMark, ...]] = field(default_factory=dict)
    comments: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    refused: str = ""
    repairs: tuple[str, ...] = ()
    staged: Path | str | None = None
    registered: bool = True
    unanswered: bool = False


# --- cells ------------------------------------------------------------------------------------------------------------


def activity_of(cell: Cell) -> str | None:
    """The activity that a cell shows, None for any other cell."""
    found = _ACTIVITY_CELL.fullmatch(cell["source"]) if cell["cell_type"] == "code" else None
    return found[1] if found else None


def grading_data(cell: Cell) -> dict[str, Any]:
    """What nbgrader notes of a cell, empty for one that it does not know."""
    data = cell["metadata"].get("nbgrader")
    return data if isinstance(data, dict) else {}


def is_autograded(cell: Cell) -> bool:
    """Whether a program gives the mark of this cell."""
    data = grading_data(cell)
    return cell["cell_type"] == "code" and bool(data.get("grade")) and not data.get("solution")


def checksum(cell: Cell) -> str:
    """What nbgrader knows an unchanged cell by: the same text as its own `compute_checksum` gives."""
    data = cell["metadata"]["nbgrader"]
    grade, solution = data.get("grade", False), data.get("solution", False)
    locked = not solution and (grade or data.get("locked", False))
    parts = [cell["source"], cell["cell_type"], str(grade), str(solution), str(locked), data["grade_id"]]
    if grade:
        parts.append(str(float(data["points"])))
    return hashlib.md5("".join(parts).encode("utf-8"), usedforsecurity=False).hexdigest()


def released_cell(cell: ReleasedCell) -> Cell:
    """A cell as it stood in the released notebook, but for the checksum."""
    made: Cell = {
        "cell_type": cell.cell_type,
        "id": cell.name if _CELL_ID.fullmatch(cell.name) else new_id(),
        "metadata": {"deletable": False, "editable": not cell.locked, "nbgrader": _released_data(cell)},
        "source": cell.source,
    }
    if cell.cell_type == "code":
        made |= {"execution_count": None, "outputs": []}
    return made


def _released_data(cell: ReleasedCell) -> dict[str, Any]:
    return {
        "schema_version": 3,
        "grade_id": cell.name,
        "locked": cell.locked,
        "cell_type": cell.cell_type,
        "grade": cell.grade,
        "solution": cell.solution,
        "task": cell.task,
        **({} if cell.points is None else {"points": cell.points}),
    }


# --- the trainer's side -----------------------------------------------------------------------------------------------


class Master:
    """The trainer's notebook of an exercise, and its activities, each read when first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_by: dict[str, Activities] = {}

    @cached_property
    def notebook(self) -> Notebook:
        """The notebook.

        Raises:
            ValueError: it cannot be read.
        """
        return load(self._path)

    @cached_property
    def cells(self) -> list[Cell]:
        """The notebook's cells, each source being one text; none where it cannot be read."""
        try:
            return [{**cell, "source": "".join(cell["source"])} for cell in self.notebook["cells"]]
        except ValueError:
            return []

    @cached_property
    def activities(self) -> Activities:
        """The activities as the author wrote them.

        Raises:
            ValueError: the notebook or its activities file cannot be used.
        """
        source = course_metadata(self.notebook).get("source")
        if not isinstance(source, str):
            raise ValueError(f"{self._path} ne nomme pas son fichier d’activités")
        return load_activities(self._path.parent / source)

    def activities_read_by(self, reader: str) -> Activities:
        """The activities as they are where `reader` reads the open texts.

        Raises:
            ValueError: the notebook or its activities file cannot be used.
        """
        if reader not in self._read_by:
            self._read_by[reader] = read_by(self.activities, reader)
        return self._read_by[reader]


def course_texts(master: Master, released: ReleasedNotebook) -> frozenset[str]:
    """The texts of the course's own cells, which are shown as they are."""
    return frozenset([*(cell["source"] for cell in master.cells), *(cell.source for cell in released.cells)])


# --- what was handed in -----------------------------------------------------------------------------------------------


class Submission:
    """A folder that was handed in: its journal, its notebooks made anew, and the answers of all of them together.

    Each notebook is made of its cells' texts and names and of the answers that it holds: nothing else of a learner's
    file goes on. Where one is missing or cannot be read, another copy of it takes its place, or else the released one
    (`stand_in`). The answers of every copy that is in the folder, whatever its name, count where they are the learner's
    own. `told` is what the learner has to know of what was not found or not counted: French sentences.

    Raises:
        Refused: a notebook is a link, or cannot be read and there are no other answers; or the journal does not open.
    """

    def __init__(self, folder: str, names: Iterable[str], stand_in: Callable[[str], Notebook], log: Log) -> None:
        self.folder = folder
        self.journal = _read_journal(f"{folder}{os.sep}{FILE_NAME}")
        self._known = {event.id: event for event in self.journal.events}
        self.missing: set[str] = set()
        self.told: list[str] = []
        names = [*names]
        writers = {event.origin for event in self.journal.events}
        owner = self.journal.origin or (writers.pop() if len(writers) == 1 else "")
        others = _Others(folder, names, stand_in, owner)
        made = {name: self._notebook(name, stand_in, others, log) for name in names}
        self.notebooks = {name: notebook for name, (notebook, _) in made.items()}
        copies = [copy for _, copy in made.values()]
        diverted = _read_diverted(f"{folder}{os.sep}{AUTHOR_FILE_NAME}")
        self.answers: Answers = put_together(
            self.journal, copies, diverted, others=others.readings, claimed=others.origins
        )
        for damage in self.answers.damages:
            place = f"{FILE_NAME}, ligne {damage.line}" if damage.line else FILE_NAME
            log.warning("%s : %s ; le reste est noté.", place, damage.reason)
        if self.answers.foreign:
            count = len(self.answers.foreign)
            # A neighbour's, or the learner's own of another machine: nothing tells which.
            if count == 1:
                log.warning("Une réponse vient d’un autre dossier : elle est laissée de côté.")
            else:
                log.warning("%d réponses viennent d’un autre dossier : elles sont laissées de côté.", count)
            self.told.append(OF_ANOTHER_FOLDER)
        found = {*self._known, *(event.id for copy in copies for event in copy.events)}
        more = tuple(event for event in self.answers.events if event.id not in found)
        if more and made:
            # The page that the learner gets back is made of what is graded.
            first = next(iter(made))
            write_copy(self.notebooks[first], self.answers.origin, (*made[first][1].events, *more))
        self.told += others.tell(self.answers, found, log)
        if not self.answers.events:
            self._tell_that_nothing_was_answered(log)
        if self.told:
            for notebook in self.notebooks.values():
                notebook["metadata"][KEY][TOLD] = self.told

    def _notebook(
        self, name: str, stand_in: Callable[[str], Notebook], others: "_Others", log: Log
    ) -> tuple[Notebook, Reading]:
        file_name = f"{name}.ipynb"
        path = f"{self.folder}{os.sep}{file_name}"
        try:
            kind = os.lstat(path).st_mode
        except OSError:
            if other := others.take(name):
                log.warning("%s : le document manque ; « %s » tient sa place.", file_name, other.name)
                return _rebuilt(other.notebook or {}, other.answers, file_name, log)
            self.missing.add(name)
            return _rebuilt(stand_in(name), Reading(), file_name, log)
        if stat.S_ISLNK(kind):
            raise Refused("Le document remis est un lien vers un autre fichier : il n’est pas noté.")
        try:
            notebook = _load_plain(path, kind)
        except ValueError as error:
            if other := others.take(name):
                log.warning("%s : %s ; « %s » tient sa place.", file_name, error, other.name)
                return _rebuilt(other.notebook or {}, other.answers, file_name, log)
            if not self.journal.events and not others.origins:
                message = f"Le document remis n’est pas noté : {error}, et il n’y a pas de journal à côté."
                raise Refused(message) from error
            log.warning("%s : %s ; noté d’après le journal.", file_name, error)
            return _rebuilt(stand_in(name), Reading(), file_name, log)
        ours = course_metadata(notebook)
        if "activities" not in ours:
            self._cleaned = True
        return _rebuilt(notebook, read_copy(ours, self._known), file_name, log)

    #: Whether a document has lost what the course keeps in its metadata.
    _cleaned = False

    def _tell_that_nothing_was_answered(self, log: Log) -> None:
        """Zero is never given without a word: a tool may have taken the answers out, or they stayed behind."""
        why = f" {CLEANED}" if self._cleaned else ""
        log.warning("%s : ni dans « %s », ni dans un document.%s", NOT_ANSWERED, FILE_NAME, why)
        self.told.insert(0, f"{NOTHING_FOUND}{f' {CLEANED}' if self._cleaned else ''}")

    @property
    def unanswered(self) -> bool:
        """Whether there is no answer at all that counts."""
        return not self.answers.events


#: Under this key of ours, a graded notebook says what its learner has to know.
TOLD = "told"

NOT_ANSWERED = "Aucune réponse n’a été trouvée"
NOTHING_FOUND = (
    "Nous n’avons trouvé aucune réponse dans ce que vous avez remis. Si vous aviez répondu, vos réponses sont sans "
    "doute encore chez vous : ouvrez le document de l’exercice, vérifiez qu’elles s’y affichent, enregistrez-le, puis "
    f"remettez-le avec le fichier « {FILE_NAME} » qui est à côté de lui. En cas de doute, écrivez à l’équipe du cours."
)
CLEANED = (
    "Le document a perdu les données du cours qu’il portait : un outil qui nettoie les notebooks (nbstripout, par "
    "exemple) les retire, et les réponses avec."
)
OF_ANOTHER_FOLDER = (
    "Des réponses viennent d’un autre dossier que le vôtre : elles n’ont pas été comptées. Si ce sont les vôtres, "
    "écrivez à l’équipe du cours."
)


class _Others:
    """The other copies of the documents and of the journal in a folder, and which of them are this exercise's."""

    def __init__(self, folder: str, names: Sequence[str], stand_in: Callable[[str], Notebook], owner: str) -> None:
        self._owner = owner
        known = {FILE_NAME, AUTHOR_FILE_NAME, *(f"{name}.ipynb" for name in names)}
        found = [*other_copies(folder, known)]
        self._not_read = [one for one in found if isinstance(one, NotRead)]
        self._copies = [one for one in found if isinstance(one, Copy)]
        self._taken: list[Copy] = []
        #: The names of the cells and activities of each document.
        self._cells = {name: _names_in(stand_in(name)) for name in names} if self._copies else {}
        self._asked = frozenset().union(*self._cells.values())
        self._strangers = [copy for copy in self._copies if not self._is_ours(copy)]
        self._copies = [copy for copy in self._copies if copy not in self._strangers]

    @property
    def origins(self) -> set[str]:
        """Whose the answers to this exercise are, in all of them."""
        return {event.origin for copy in self._copies for event in copy.answers.events if self._asks(event)}

    def readings(self, whose: str) -> Iterator[Reading]:
        """The answers of each: those of the same person, and those that others gave to this exercise."""
        for copy in self._copies:
            if copy not in self._taken:
                events = (event for event in copy.answers.events if event.origin == whose or self._asks(event))
                yield replace(copy.answers, events=tuple(events), damages=())

    def take(self, name: str) -> Copy | None:
        """What stands in for a document: the copy that has most of it, and the latest answer; None where none has."""
        # Another person's document stands in for nobody's.
        owner = self._owner or (next(iter(self.origins)) if len(self.origins) == 1 else "")
        whose = ("", owner)
        fit = [one for one in self._copies if one.notebook and one not in self._taken and one.answers.origin in whose]
        cells = self._cells.get(name, frozenset())
        best = max(fit, key=lambda copy: (len(cells & _names_in(copy.notebook)), _last_answer(copy)), default=None)
        if best is None or (cells and not cells & _names_in(best.notebook)):
            return None
        self._taken.append(best)
        return best

    def tell(self, answers: Answers, found: Container[str], log: Log) -> list[str]:
        """Say of each what was made of it; what the learner has to know."""
        told: list[str] = []
        mine = {event.id for event in answers.events}
        others = {event.id for event in answers.foreign}
        for copy in self._copies[:_MOST_FILES]:
            more = sum(event.id in mine and event.id not in found for event in copy.answers.events)
            if any(event.id in others for event in copy.answers.events):
                log.warning("« %s » a des réponses d’un autre dossier : elles ne sont pas comptées.", copy.name)
            elif more:
                log.warning("« %s » a d’autres réponses (%d) : elles sont comptées avec les autres.", copy.name, more)
            elif copy.notebook and copy not in self._taken and ".ipynb_checkpoints" not in copy.name:
                log.warning("« %s » est une autre copie du document : il n’y a rien de plus à compter.", copy.name)
        if names := _listed([copy.name for copy in self._strangers]):
            log.warning("Ces fichiers ne sont pas ceux de cet exercice, et ne comptent pas : %s", names)
            told.append(f"Ces fichiers ne sont pas ceux de cet exercice, et n’ont pas été comptés : {names}")
        for one in self._not_read[:_MOST_FILES]:
            log.warning("« %s » %s : ce qui s’y trouve n’est pas compté.", one.name, one.why)
            advice = "si vos réponses y sont, écrivez à l’équipe du cours"
            told.append(f"« {one.name} » {one.why} : ce qui s’y trouve n’a pas été compté ; {advice}.")
        return [text.encode("utf-8", "replace").decode() for text in told]

    def _is_ours(self, copy: Copy) -> bool:
        if not self._asked or any(map(self._asks, copy.answers.events)):
            return True
        return bool(copy.notebook and self._asked & _names_in(copy.notebook))

    def _asks(self, event: Event) -> bool:
        return not self._asked or event.activity in self._asked


_MOST_FILES = 20


def _listed(names: Sequence[str]) -> str:
    """« a », « b »… as the end of a sentence."""
    told = ", ".join(f"« {_in_short(name)} »" for name in names[:_MOST_FILES])
    return f"{told}{'…' if len(names) > _MOST_FILES else '.'}" if told else ""


def _last_answer(copy: Copy) -> str:
    return max((event.at for event in copy.answers.events), default="")


def _names_in(notebook: Notebook | None) -> frozenset[str]:
    """The names of a notebook's cells that nbgrader knows, and of the activities that it shows."""
    names: set[str] = set()
    for cell in (notebook or {}).get("cells", [])[:MAX_CELLS]:
        if isinstance(cell, dict):
            made = _cell(cell, 0)
            names |= {*filter(None, (activity_of(made), grading_data(made).get("grade_id")))}
    return frozenset(names)


def stand_in(release: Path, name: str) -> Notebook:
    """The released notebook of that name, in the place of one that cannot be used."""
    try:
        return load(release / f"{name}.ipynb")
    except ValueError:
        # What is graded is put back from the gradebook; only the course's text is missing then.
        return {"cells": [], "metadata": {}}


def refuse_folder(folder: str, student: str) -> None:
    """Refuse what is not a learner's own folder, or that nobody can show a name of.

    Raises:
        Refused: it is so.
    """
    if os.path.islink(folder) or os.path.islink(os.path.dirname(folder)):
        raise Refused("Le dossier remis est un lien vers un autre dossier : il n’est pas noté.")
    if fault := fault_of(student):
        raise Refused(fault)
    if not os.path.isdir(folder) or not os.access(folder, os.R_OK | os.X_OK):
        raise Refused("Le dossier remis ne s’ouvre pas : vérifiez ses droits, puis notez de nouveau.")


def handed_in_at(folder: str) -> datetime | None:
    """When the folder was handed in, by its `timestamp.txt` as nbgrader reads it: UTC, without saying so.

    Raises:
        Refused: the file is there and cannot be read.
    """
    try:
        text = read_plain_file(f"{folder}{os.sep}timestamp.txt", _MAX_TIMESTAMP, follow=False)
        return _moment(text.decode("utf-8").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, OverflowError, TypeError, Warning) as error:
        raise Refused(
            "La date de remise (timestamp.txt) ne se lit pas : corrigez-la, puis notez de nouveau."
        ) from error


_MAX_TIMESTAMP = 200
_PLAIN_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?) UTC", re.ASCII)


#: Any other name might be the path of a file, which dateutil would open.
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z][A-Za-z0-9_+-]*){0,2}")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    if found := _PLAIN_MOMENT.fullmatch(text):
        return datetime.fromisoformat(found[1])
    # As nbgrader.utils.parse_utc does: a third word is a time zone, as hours and minutes or by its name.
    import dateutil.parser
    import dateutil.tz

    moment: datetime
    words = text.split(" ")
    if len(words) == 3:
        if re.fullmatch(r"[+-]?\d{1,6}", words[2]):
            zone = int(words[2])
        elif _ZONE.fullmatch(words[2]):
            zone = dateutil.tz.gettz(words[2])
        else:
            raise ValueError("no name of a time zone")
        moment = dateutil.parser.parse(f"{words[0]} {words[1]} TZ", tzinfos={"TZ": zone})
    else:
        with warnings.catch_warnings():
            # A zone that nobody knows could be any hour.
            warnings.simplefilter("error")
            moment = dateutil.parser.parse(text)
    offset = moment.utcoffset()
    return moment.replace(tzinfo=None) - offset if offset is not None else moment.replace(tzinfo=None)


def _read_journal(path: str) -> Reading:
    try:
        return read_lines(read_plain_file(path, MAX_FILE_BYTES, follow=False))
    except OSError as error:
        if not os.path.lexists(path) or os.path.islink(path) or not os.path.isfile(path):
            return Reading()
        message = f"Le journal des réponses ne s’ouvre pas ({reason(error)})"
        raise Refused(f"{message} : vérifiez ses droits, puis notez de nouveau.") from error


def _read_diverted(path: str) -> Reading:
    """The answers that a stray author's file diverted; no file, or none that can be read, costs no point."""
    try:
        return read_lines(read_plain_file(path, MAX_FILE_BYTES, follow=False))
    except OSError:
        return Reading()


def _load_plain(path: str, kind: int) -> Notebook:
    """The notebook at a path which is of that kind.

    Raises:
        ValueError: it cannot be read.
    """
    if not stat.S_ISREG(kind):
        raise ValueError("le document n’est pas un fichier")
    try:
        return parse(read_plain_file(path, MAX_NOTEBOOK_BYTES, follow=False))
    except OSError as error:
        raise ValueError(f"le document ne s’ouvre pas ({reason(error)})") from error


def _rebuilt(notebook: Notebook, answers: Reading, file_name: str, log: Log) -> tuple[Notebook, Reading]:
    """A notebook made anew, and the copy of the answers that it holds."""
    for damage in answers.damages:
        log.warning("%s, copie des réponses : %s ; le reste est noté.", file_name, damage.reason)
    given = notebook["cells"][:MAX_CELLS]
    cells = [_cell(cell, place) for place, cell in enumerate(given) if isinstance(cell, dict)]
    cut = _shorten(cells)
    if cut or len(notebook["cells"]) > MAX_CELLS:
        log.warning("%s : le document est trop long ; la suite n’est pas montrée.", file_name)
    _name_apart(cells)
    made: Notebook = {"cells": cells, "metadata": {KEY: {}}, "nbformat": 4, "nbformat_minor": 5}
    if not answers.events:
        return made, Reading()
    kept = write_copy(made, answers.origin, answers.events)
    return made, Reading(origin=owner(answers.origin, kept), events=kept)


def _cell(cell: dict[str, Any], place: int) -> Cell:
    source = cell.get("source")
    if isinstance(source, list):
        try:
            source = "".join(source)
        except TypeError:
            source = "".join([text for text in source if isinstance(text, str)])
    text = source if isinstance(source, str) else ""
    if not text.isascii():
        # A lone surrogate is no text that can be written.
        text = text.encode("utf-8", "replace").decode()
    id = cell.get("id")
    id = id if isinstance(id, str) and _CELL_ID.fullmatch(id) else f"cellule-{place}"
    made: Cell = {"cell_type": "markdown", "id": id, "metadata": {}, "source": text}
    if cell.get("cell_type") == "code":
        made |= {"cell_type": "code", "execution_count": None, "outputs": []}
    metadata = cell.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(ours, dict) and isinstance(name := ours.get("grade_id"), str):
        made["metadata"]["nbgrader"] = {"grade_id": name}
    return made


# --- giving a submission back what is the course's --------------------------------------------------------------------


def restore(nb: Notebook, released: ReleasedNotebook, course_texts: Container[str], log: Log) -> None:
    """Give a notebook back the released cells' grading data, in place, and show whatever else is text as text.

    nbgrader stops the whole batch at one duplicated or outdated cell; after this there is none. Formgrader shows the
    HTML of a text cell as it is, to a trainer who is signed in; after this a learner's text holds none.
    """
    found: set[str] = set()
    known, cells = released.by_name, nb["cells"]
    doubles: list[str] = []
    strangers: list[str] = []
    # nbgrader keeps the last of two cells with one name.
    for cell in reversed(cells):
        data = cell["metadata"].pop("nbgrader", None)
        if not data:
            continue
        id: str = data["grade_id"]
        if id in known and id not in found:
            found.add(id)
            cell["metadata"]["nbgrader"] = _released_data(known[id])
        else:
            (doubles if id in known else strangers).insert(0, id[:64])
    missing = [id for id in known if id not in found]
    for id in missing:
        # What others need comes first; what is graded needs them.
        cells.insert(len(cells) if known[id].grade else 0, released_cell(known[id]))
    _tell_of_cells(doubles, "en double, la dernière de chaque nom est gardée", log)
    _tell_of_cells(strangers, "inconnues de cet exercice, donc pas notées", log)
    _tell_of_cells(missing, "manquantes, donc remises", log)
    for cell in cells:
        if cell["cell_type"] == "markdown" and cell["source"] not in course_texts:
            show_text(cell, cell["source"])
    _name_apart(cells)


def _tell_of_cells(names: Iterable[str], what: str, log: Log) -> None:
    """One sentence for all: who copies a document in itself doubles each of its cells."""
    told = [*dict.fromkeys(names)]
    if told:
        log.warning("Cellules %s : %s", what, f"{', '.join(told[:_MOST_CELLS])}{'…' if told[_MOST_CELLS:] else '.'}")


_MOST_CELLS = 20


def _shorten(cells: Iterable[Cell]) -> bool:
    """Cut what is too long of the texts of cells, in place; whether there was anything to cut."""
    room, cut = MAX_TEXTS, False
    for cell in cells:
        text = cell["source"]
        if len(text) > min(MAX_TEXT, room):
            text = cell["source"] = f"{text[: min(MAX_TEXT, room)]}\n\n(La suite, trop longue, n’est pas montrée.)"
            cut = True
        room = max(room - len(text), 0)
    return cut


def _name_apart(cells: Iterable[Cell]) -> None:
    """Give each cell an id of its own; the first keeps it."""
    seen: dict[str, int] = {}
    for cell in cells:
        id = cell["id"]
        while cell["id"] in seen:
            seen[id] += 1
            cell["id"] = f"{id[:56]}-{seen[id]}"
        seen[cell["id"]] = 1


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
    """Make a mark the output of each activity, in place, and take every other output away.

    Without activities, which could not be read, each is left for a person. `memo` remembers marks of equal answers.
    Where the trainer had the notebook `ran`, what is no activity keeps what it showed.
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
        # Whatever it is, it is our fault and must not cost the learner a point.
        log.exception("L’activité « %s » n’a pas pu être notée ; à noter par une personne.", id)
        return _unmarked(Status.FAILED)
    if memo and key and shown and now.status is not Status.FAILED:
        memo.keep(key, output)
    return output


class Memo:
    """The outputs of answers that were marked before, of one notebook: many learners answer the same.

    Bounded: when there are too many, it begins anew. Who reads an output must leave it as it is.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, dict[str, Any]] = {}
        self._size = 0
        self._dated: dict[str, bool] = {}

    def key(self, activities: Activities, id: str, events: Sequence[Event]) -> bytes:
        """All that a mark and its card depend on, empty where there is too much of it.

        Neither whose an answer is nor its number counts, and of its date only the day, in a form.
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
        """The output of such answers, None where there were none yet."""
        return self._known.get(key)

    def keep(self, key: bytes, output: dict[str, Any]) -> None:
        """Remember an output."""
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
    """A mark's card, and whether it is that: one that fails says so."""
    try:
        return card(activities, id, now), True
    except Exception:
        # What cannot be shown is marked all the same.
        log.exception("La note de « %s » est bonne, mais son détail ne s’affiche pas.", id)
        failed = Feedback(*HEADLINES[now.status], ())
        return _card_html("", "Le détail ne peut pas s’afficher.", failed, ()), False


def _result(score: float | None, status: Status, html: str) -> dict[str, Any]:
    """The output of a marked cell. `text/plain` is what nbgrader reads: a plain float and nothing else."""
    return {
        "output_type": "execute_result",
        "data": {"text/plain": repr(float(score or 0.0)), "text/html": html},
        "metadata": {KEY: {"status": str(status)}} if score is None else {},
        "execution_count": None,
    }


def _unmarked(status: Status) -> dict[str, Any]:
    tone, sign, headline = HEADLINES[status]
    text = TO_REVIEW if status is Status.TO_REVIEW else FAILED
    return _result(None, status, _card_html("", "", Feedback(tone, sign, headline, (text,)), ()))


def status_of(output: Mapping[str, Any]) -> str:
    """The status that an output of ours bears where it has no score; empty otherwise."""
    ours = output.get("metadata", {}).get(KEY, {})
    return str(ours.get("status", "")) if isinstance(ours, dict) else ""


def sure_score(cell: Cell) -> float | None:
    """The points that an activity's output says, None where it says none or that a person has to look."""
    results = [output for output in cell["outputs"] if output["output_type"] == "execute_result"]
    if len(results) != 1 or status_of(results[0]):
        return None
    try:
        score = float(results[0]["data"]["text/plain"])
    except (KeyError, TypeError, ValueError):
        return None
    return score if 0 <= score <= float(cell["metadata"]["nbgrader"]["points"]) else None


# --- grading a folder -------------------------------------------------------------------------------------------------


def grade_folder(exercise: Exercise, student: str, submitted: Path | str, staging: Path | str) -> Outcome:
    """Grade what one learner handed in, and leave in `staging` what nbgrader leaves in the autograded folder.

    Never raises for what a learner can hand in, follows no link, and writes nowhere else. `staging` must not exist yet
    or be empty; nothing is written of a submission that is refused.

    Raises:
        OSError: `staging` cannot be written, or the trainer's files cannot be read.
    """
    folder, notes = os.fspath(submitted), _Notes()
    try:
        refuse_folder(folder, student)
        timestamp = handed_in_at(folder)
    except Refused as error:
        return Outcome(student, refused=str(error), registered=False)
    bench = _bench(exercise)
    try:
        submission = Submission(folder, bench.desks, bench.stand_in, notes)
    except Refused as error:
        return Outcome(student, timestamp, refused=str(error), repairs=notes.said())
    files = bench.files_of(folder, notes)
    marks: dict[str, tuple[CellMark, ...]] = {}
    comments: dict[str, dict[str, str | None]] = {}
    texts: dict[str, bytes] = {}
    for name, desk in bench.desks.items():
        nb = submission.notebooks[name]
        if name in submission.missing:
            notes.warning("%s.ipynb : le document manque ; noté d’après le journal, s’il y en a un.", name)
        desk.grade(nb, submission.answers, notes)
        marks[name], comments[name] = _rows(nb, missing=name in submission.missing)
        texts[f"{name}.ipynb"] = encode(nb) + b"\n"
    target = os.fspath(staging)
    os.makedirs(target, exist_ok=True)
    for file_name, text in texts.items():
        write_file(f"{target}{os.sep}{file_name}", text, exercise.permissions)
    bench.write_files(folder, files, target, notes)
    unanswered = submission.unanswered
    return Outcome(student, timestamp, marks, comments, repairs=notes.said(), staged=staging, unanswered=unanswered)


class _Notes:
    """Keeps what is amiss as sentences for a report: not too many, none too long, each a text that can be written."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._more = 0

    def warning(self, message: str, /, *values: object) -> None:
        if len(self._said) >= _MOST_NOTES:
            self._more += 1
            return
        shown = tuple(value if isinstance(value, int) else _in_short(str(value)) for value in values)
        self._said.append((message % shown).encode("utf-8", "replace").decode())

    def exception(self, message: str, /, *values: object) -> None:
        error = sys.exc_info()[1]
        self.warning("%s (%s : %s)", message % values, type(error).__name__, error)

    def said(self) -> tuple[str, ...]:
        """The sentences."""
        return (*self._said, *([f"… et {self._more} autres remarques."] if self._more else []))


_MOST_NOTES = 40


def _in_short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]}…{text[-60:]}"


class _Desk:
    """What it takes to grade one notebook of an exercise, read when first needed."""

    def __init__(self, exercise: Exercise, notebook: ReleasedNotebook) -> None:
        self.released = notebook
        self.master = Master(exercise.source / f"{notebook.name}.ipynb")
        self.texts = course_texts(self.master, notebook)
        self.kernelspec = json.loads(notebook.kernelspec) if notebook.kernelspec else None
        self.activities: Activities | None = None
        self.unusable = ""
        self._memo = Memo()
        try:
            self.activities = self.master.activities_read_by(exercise.texts)
            self.packed = pack(self.activities)
        except Exception as error:  # noqa: BLE001  of the trainer's files or ours: every mark is left for a person
            self.unusable = f"Les activités de l’exercice ne se lisent pas : {error}"

    def grade(self, nb: Notebook, answers: Answers, notes: _Notes) -> None:
        """Make a notebook that was handed in what nbgrader leaves of it, in place."""
        restore(nb, self.released, self.texts, notes)
        if self.activities is None:
            notes.warning("%s", self.unusable)
        else:
            nb["metadata"][KEY]["activities"] = self.packed
            place_texts(nb, self.master.activities, answers.events)
        if self.kernelspec:
            nb["metadata"]["kernelspec"] = self.kernelspec
        _overwrite(nb, self.released, notes)
        mark_answers(nb, self.activities, answers.events, notes, self._memo)


def _overwrite(nb: Notebook, released: ReleasedNotebook, log: Log) -> None:
    """Give each released cell back its type and, where it is locked, its text: nbgrader's OverwriteCells."""
    cells = released.by_name
    for cell in nb["cells"]:
        data = cell["metadata"].get("nbgrader")
        if not data:
            continue
        known = cells[data["grade_id"]]
        changed = cell["cell_type"] != known.cell_type
        if changed:
            cell["cell_type"] = known.cell_type
            for key in ("outputs", "execution_count"):
                cell.pop(key, None)
            if known.cell_type == "code":
                cell.update(outputs=[], execution_count=None)
        data["checksum"] = known.checksum
        if known.locked and cell["source"] != known.source:
            cell["source"], changed = known.source, True
        if changed:
            log.warning("La cellule « %s » avait été changée : elle est remise comme dans l’exercice.", known.name)


def _rows(nb: Notebook, *, missing: bool) -> tuple[tuple[CellMark, ...], dict[str, str | None]]:
    """The mark of each graded cell, and what nbgrader says by itself of those that a person marks."""
    marks: list[CellMark] = []
    comments: dict[str, str | None] = {}
    for cell in nb["cells"]:
        data = cell["metadata"].get("nbgrader")
        if not data:
            continue
        name, score = data["grade_id"], None
        by_hand = data["solution"] or data["task"]
        untouched = by_hand and not data["task"] and data["checksum"] == checksum(cell)
        if by_hand:
            comments[name] = "No response." if untouched else None
        if data["grade"] or data["task"]:
            if is_autograded(cell):
                score = sure_score(cell)
            elif untouched or (data["task"] and missing):
                score = 0.0
            marks.append(CellMark(name, score, score is None))
    return tuple(marks), comments


# --- files ------------------------------------------------------------------------------------------------------------


class _Bench:
    """What grading one exercise takes, made once a process: its notebooks' desks and the trainer's files."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.ignored = ignoring((*exercise.ignore, "*.ipynb"))
        notebooks = sorted(exercise.notebooks, key=lambda notebook: notebook.name)
        self.desks = {notebook.name: _Desk(exercise, notebook) for notebook in notebooks}
        self._stand_ins: dict[str, Notebook] = {}
        left = {FILE_NAME, *exercise.exclude_overwriting}
        found = files_in(os.fspath(exercise.source), self.ignored, _Notes(), own=True)
        #: What the trainer's files are, by their place; small ones are kept.
        self.own: dict[str, bytes | None] = {name: None for name in found if name not in left}
        for name in self.own:
            path = f"{exercise.source}{os.sep}{name}"
            if os.stat(path).st_size <= _KEPT_BYTES:
                with open(path, "rb") as file:
                    self.own[name] = file.read()
        self._folders = {parent for name in self.own for parent in _parents(name)}

    def stand_in(self, name: str) -> Notebook:
        """The released notebook, for one that is missing."""
        if name not in self._stand_ins:
            self._stand_ins[name] = stand_in(self.exercise.release, name)
        return self._stand_ins[name]

    def files_of(self, folder: str, log: Log) -> list[str]:
        """The files of a submission that are kept beside its notebooks, by their place."""
        names = []
        for name in files_in(folder, self.ignored, log):
            parents = _parents(name)
            if name in self._folders or FILE_NAME in parents or not self.own.keys().isdisjoint(parents):
                log.warning("« %s » est à la place d’un fichier du cours : il est laissé de côté.", name)
            elif name not in self.own and name != FILE_NAME:
                names.append(name)
        # The journal is kept whatever the others are.
        return [FILE_NAME, *names]

    def write_files(self, folder: str, names: Iterable[str], target: str, log: Log) -> None:
        """Copy a submission's files, and then the trainer's, as nbgrader does.

        Raises:
            OSError: `target` cannot be written, or a file of the trainer's cannot be read.
        """
        largest = _bytes(self.exercise.max_file_size)
        room = _bytes(self.exercise.max_dir_size)
        made = {""}
        for name in names:
            try:
                _make_parents(target, name, made)
                room -= self._copy(folder, name, target, min(largest, room))
            except _LeftOut as error:
                log.warning("« %s » %s : il est laissé de côté.", name, error)
            except OSError as error:
                if error.errno not in _OF_THE_NAME:
                    raise
                log.warning("« %s » a un nom trop long : il est laissé de côté.", name)
        for name, content in self.own.items():
            _make_parents(target, name, made)
            if content is None:
                self._copy(os.fspath(self.exercise.source), name, target, sys.maxsize, follow=True)
            else:
                write_file(f"{target}{os.sep}{name}", content, self.exercise.permissions)

    def _copy(self, folder: str, name: str, target: str, limit: int, *, follow: bool = False) -> int:
        """Copy a file of no more bytes than the limit; how many there were, none where there is no file.

        Raises:
            _LeftOut: it is larger, no plain file, or cannot be read.
            OSError: the copy cannot be written.
        """
        try:
            descriptor, size = (
                open_plain_file(f"{folder}{os.sep}{name}") if follow else open_plain_file_below(folder, name)
            )
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise _LeftOut("n’est pas un fichier qui s’ouvre") from error
        try:
            if size > limit:
                raise _LeftOut("est trop gros")
            return write_file(f"{target}{os.sep}{name}", _blocks(descriptor, size), self.exercise.permissions)
        finally:
            os.close(descriptor)


class _LeftOut(Exception):
    """A file of a learner's that is not copied. The message, in French, goes on a sentence that names it."""


_KEPT_BYTES = 1_000_000
_BLOCK_BYTES = 1_000_000
_OF_THE_NAME = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ})


def write_file(path: str, content: bytes | Iterable[bytes], permissions: int) -> int:
    """Write a file that is not there yet; how many bytes it has. What is not written to its end leaves no file."""
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        for block in (content,) if isinstance(content, bytes) else content:
            size += len(block)
            left = memoryview(block)
            while left:
                left = left[os.write(descriptor, left) :]
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, permissions)
    except BaseException:
        # Closed first: Windows removes no file that is open.
        os.close(descriptor)
        os.unlink(path)
        raise
    os.close(descriptor)
    return size


def _blocks(descriptor: int, size: int) -> Iterator[bytes]:
    """What is in a file, up to the size that it had when it was opened: it may grow while it is read."""
    while size and (block := _read(descriptor, min(size, _BLOCK_BYTES))):
        size -= len(block)
        yield block


def _read(descriptor: int, size: int) -> bytes:
    try:
        return os.read(descriptor, size)
    except OSError as error:
        raise _LeftOut("ne se lit pas jusqu’au bout") from error


def _bytes(kilobytes: float | None) -> int:
    return int((MAX_KILOBYTES if kilobytes is None else kilobytes) * 1000)


def _make_parents(target: str, name: str, made: set[str]) -> None:
    parent = os.path.dirname(name)
    if parent not in made:
        os.makedirs(f"{target}{os.sep}{parent}", exist_ok=True)
        made.add(parent)


def _parents(name: str) -> set[str]:
    """The folders that a place stands in: « a/b » and « a » for « a/b/c »."""
    parts = name.split(os.sep)
    return {os.sep.join(parts[:count]) for count in range(1, len(parts))}


def files_in(folder: str, ignored: Callable[[str], bool], log: Log, *, own: bool = False) -> list[str]:
    """The places of a folder's plain files that are not ignored; links only where the folder is our `own`."""
    names: list[str] = []
    below, looked_at = [""], 0
    while below:
        prefix = below.pop()
        try:
            entries = os.scandir(f"{folder}{os.sep}{prefix}")
        except OSError:
            log.warning("Le dossier « %s » ne s’ouvre pas : il est laissé de côté.", prefix)
            continue
        with entries:
            for entry in entries:
                looked_at += 1
                if looked_at > MAX_ENTRIES:
                    log.warning("Il y a plus de %d fichiers : les autres sont laissés de côté.", MAX_ENTRIES)
                    return names
                name = f"{prefix}{entry.name}"
                if ignored(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if name.count(os.sep) < MAX_DEPTH:
                        below.append(f"{name}{os.sep}")
                    else:
                        log.warning("Le dossier « %s » est trop loin dans les autres : il est laissé de côté.", name)
                elif entry.is_file(follow_symlinks=own):
                    names.append(name)
                else:
                    what = (
                        "est un lien vers un autre fichier" if entry.is_symlink() else "n’est pas un fichier ordinaire"
                    )
                    log.warning("« %s » %s : il est laissé de côté.", name, what)
    return names


def ignoring(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a file or a folder of that name is not copied, as nbgrader reads its patterns."""
    # nbgrader looks for each pattern beside the file with `glob`: one with a folder in it matches nothing.
    patterns = [pattern for pattern in patterns if os.sep not in pattern]
    magic = [pattern for pattern in patterns if has_magic(pattern)]
    exactly = frozenset(patterns)
    shown = _any_of(pattern for pattern in magic if not pattern.startswith("."))
    hidden = _any_of(pattern for pattern in magic if pattern.startswith("."))

    def ignored(name: str) -> bool:
        return name in exactly or bool((hidden if name.startswith(".") else shown).match(name))

    return ignored


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


def _bench(exercise: Exercise) -> _Bench:
    """What grading an exercise takes, made anew where the trainer's files have changed since."""
    global _latest  # noqa: PLW0603  one worker grades hundreds of submissions of one exercise
    latest = _latest
    if latest is None or latest[0] is not exercise:
        stamp = _stamp(exercise)
        known = _benches.get(exercise)
        if known is None or known[0] != stamp:
            if len(_benches) >= _MOST_BENCHES:
                _benches.clear()
            known = _benches[exercise] = (stamp, _Bench(exercise))
        latest = _latest = (exercise, known[1])
    return latest[1]


_MOST_BENCHES = 8
_benches: dict[Exercise, tuple[object, _Bench]] = {}
_latest: tuple[Exercise, _Bench] | None = None


def _stamp(exercise: Exercise) -> object:
    """What changes when the trainer changes a file that marks depend on."""
    names = [*files_in(os.fspath(exercise.source), ignoring(()), _Notes(), own=True)]
    paths = [f"{exercise.source}{os.sep}{name}" for name in names]
    paths += [f"{exercise.release}{os.sep}{notebook.name}.ipynb" for notebook in exercise.notebooks]
    stamps = [stamp for path in paths if (stamp := _stamp_of(path))]
    lent = [name for stamp in stamps if stamp[0].endswith(".toml") for name in _borrowed(*stamp)]
    return [*stamps, *(_stamp_of(f"{exercise.source}{os.sep}{name}") for name in lent)]


def _stamp_of(path: str) -> tuple[str, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return path, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=64)
def _borrowed(path: str, _changed: int, _size: int) -> tuple[str, ...]:
    """The files whose decisions an activities file uses, read once for each state of it: a stamp is for each chunk."""
    names = read_toml(Path(path))[1].get("reprend", [])
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


# --- what trainers and learners read ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell of one activity: plain texts. Of each answer its name, its lines, and the verdict."""

    question: str
    answers: tuple[tuple[str, tuple[str, ...], str], ...]
    said: Feedback


def tell(activities: Activities, id: str, now: Mark) -> Told:
    """What a learner answered to an activity, and what it is worth and why."""
    rows = [
        (
            _attempt_name(attempt.number, now),
            answer_lines(attempt.asked, attempt.event.value),
            HEADLINES[attempt.result.status][2],
        )
        for attempt in now.attempts
    ]
    if now.draft:
        name = "Brouillon, non validé" if now.attempts else "Brouillon"
        rows.append((name, answer_lines(now.asked, now.draft.value), ""))
    return Told(now.asked.question, tuple(rows), of_mark(activities[id], now))


def card(activities: Activities, id: str, now: Mark) -> str:
    """A mark as HTML: the question, each answer, the points and why. Whatever a learner wrote is escaped."""
    activity, told = activities[id], tell(activities, id, now)
    earned = points(activity, now.score)
    earned_text = ""
    if earned is None or not told.said.paragraphs:
        # Otherwise the first paragraph says so.
        total = worth(activity.points)
        earned_text = f"À noter, sur {total}." if earned is None else f"{number(earned, 2)} sur {total}."
    return _card_html(told.question, earned_text, told.said, told.answers)


#: MathJax, of formgrader or of JupyterLab, leaves alone what stands in an element of these classes.
_NO_FORMULA = "tex2jax_ignore mathjax_ignore"


def _card_html(question: str, earned: str, said: Feedback, answers: Iterable[tuple[str, tuple[str, ...], str]]) -> str:
    # Styles stand in the elements: nbgrader's pages and JupyterLab share no style sheet, and drop a <style>.
    box = "border:1px solid #c4ccd6;border-radius:6px;padding:.8em 1em;margin:.3em 0;"
    font = "font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#1c2733;background:#fff;"
    line = "margin:0 0 .5em;"
    items = "".join(
        f'<li style="margin:0 0 .25em"><span style="color:#52606d">{escape(name)}'
        + (f" ({escape(verdict.rstrip('.'))})" if verdict else "")
        + f'{NBSP}:</span> <span style="overflow-wrap:anywhere">{"<br>".join(map(escape, lines))}</span></li>'
        for name, lines, verdict in answers
    )
    parts = [
        f'<p style="{line}"><strong>{escape(question)}</strong></p>' if question else "",
        f'<ul style="{line}padding-left:1.2em">{items}</ul>' if items else "",
        f'<p style="{line}"><span aria-hidden="true">{said.sign}</span> <strong>{escape(said.headline)}</strong>'
        + (f" {escape(earned)}" if earned else "")
        + "</p>",
        *(f'<p style="{line}">{escape(text)}</p>' for text in said.paragraphs),
    ]
    return f'<div class="reseau-kit-note {_NO_FORMULA}" lang="fr" style="{box}{font}">{"".join(parts)}</div>'


def _attempt_name(place: int, now: Mark) -> str:
    if not now.weighted:
        name = "1re réponse" if place == 1 else f"{place}e réponse"
        return f"{name}, qui compte" if place == now.attempts[-1].number > 1 else name
    name = "1er essai" if place == 1 else f"{place}e essai"
    return name if place <= ATTEMPTS else f"{name}, pour s’entraîner"
