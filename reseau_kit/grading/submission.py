"""Reads a submitted folder as a whole, and rebuilds the notebooks to grade from its cells and answers."""

import os
import stat
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from reseau_kit.answers.copies import Copy, NotRead, other_copies
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
from reseau_kit.answers.notebooks import (
    KEY,
    MAX_NOTEBOOK_BYTES,
    Notebook,
    course_metadata,
    owner,
    parse,
    read_copy,
    write_copy,
)
from reseau_kit.grading.exercise import (
    CELL_ID,
    Cell,
    ReleasedNotebook,
    activity_of,
    grading_data,
    released_cell,
    released_data,
)
from reseau_kit.grading.notes import Log, in_short
from reseau_kit.grading.open_texts import show_text
from reseau_kit.grading.timestamp import Refused
from reseau_kit.system.files import read_plain_file
from reseau_kit.system.names import fault_of
from reseau_kit.system.refusals import reason

#: Maximum cells of a notebook, characters of a cell and of a notebook, more than any learner writes; the rest is cut.
MAX_CELLS = 2_000

MAX_TEXT = 200_000

MAX_TEXTS = 4_000_000

# --- reading ----------------------------------------------------------------------------------------------------------


class Submission:
    """A submitted folder: its journal, its rebuilt notebooks, and all its answers combined.

    Each notebook is rebuilt from its cells' texts and names and from its answers; nothing else of a learner's file is
    used. A missing or unreadable notebook is replaced by another copy of it, else by the released one (`stand_in`). The
    answers of every copy in the folder, whatever its name, count if they are the learner's own. `told` are French
    sentences for the learner on what was not found or not counted.

    Raises:
        Refused: a notebook is a link, or is unreadable without other answers; or the journal cannot be opened.
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
            # A neighbour's, or the learner's own from another machine: nothing tells which.
            if count == 1:
                log.warning("Une réponse vient d’un autre dossier : elle est laissée de côté.")
            else:
                log.warning("%d réponses viennent d’un autre dossier : elles sont laissées de côté.", count)
            self.told.append(OF_ANOTHER_FOLDER)
        found = {*self._known, *(event.id for copy in copies for event in copy.events)}
        more = tuple(event for event in self.answers.events if event.id not in found)
        if more and made:
            # The learner's feedback page is made from the graded notebook.
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

    #: Whether a document has lost the course's metadata.
    _cleaned = False

    def _tell_that_nothing_was_answered(self, log: Log) -> None:
        """Note that there are no answers, so that a mark of zero has a reason: a tool may have removed them."""
        why = f" {CLEANED}" if self._cleaned else ""
        log.warning("%s : ni dans « %s », ni dans un document.%s", NOT_ANSWERED, FILE_NAME, why)
        self.told.insert(0, f"{NOTHING_FOUND}{f' {CLEANED}' if self._cleaned else ''}")

    @property
    def unanswered(self) -> bool:
        """Whether no answer counts."""
        return not self.answers.events


#: Metadata key of a graded notebook's notes to its learner.
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
    """The other copies of the documents and of the journal in a folder, sorted into this exercise's and others."""

    def __init__(self, folder: str, names: Sequence[str], stand_in: Callable[[str], Notebook], owner: str) -> None:
        self._owner = owner
        known = {FILE_NAME, AUTHOR_FILE_NAME, *(f"{name}.ipynb" for name in names)}
        found = [*other_copies(folder, known)]
        self._not_read = [one for one in found if isinstance(one, NotRead)]
        self._copies = [one for one in found if isinstance(one, Copy)]
        self._taken: list[Copy] = []
        #: Names of each document's cells and activities.
        self._cells = {name: _names_in(stand_in(name)) for name in names} if self._copies else {}
        self._asked = frozenset().union(*self._cells.values())
        self._strangers = [copy for copy in self._copies if not self._is_ours(copy)]
        self._copies = [copy for copy in self._copies if copy not in self._strangers]

    @property
    def origins(self) -> set[str]:
        """Origins of the answers to this exercise, over all its copies."""
        return {event.origin for copy in self._copies for event in copy.answers.events if self._asks(event)}

    def readings(self, whose: str) -> Iterator[Reading]:
        """Yield each copy's answers that are the owner's (`whose`), or that another person gave to this exercise."""
        for copy in self._copies:
            if copy not in self._taken:
                events = (event for event in copy.answers.events if event.origin == whose or self._asks(event))
                yield replace(copy.answers, events=tuple(events), damages=())

    def take(self, name: str) -> Copy | None:
        """Return the copy that replaces a document: the most complete, then the latest; None if there is none."""
        # Another person's document is never used.
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
        """Note what was done with each copy; return French sentences for the learner."""
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
    """Return « a », « b »… as the end of a sentence."""
    told = ", ".join(f"« {in_short(name)} »" for name in names[:_MOST_FILES])
    return f"{told}{'…' if len(names) > _MOST_FILES else '.'}" if told else ""


def _last_answer(copy: Copy) -> str:
    return max((event.at for event in copy.answers.events), default="")


def _names_in(notebook: Notebook | None) -> frozenset[str]:
    """Return the names of a notebook's nbgrader cells and of the activities that it shows."""
    names: set[str] = set()
    for cell in (notebook or {}).get("cells", [])[:MAX_CELLS]:
        if isinstance(cell, dict):
            made = _cell(cell, 0)
            names |= {*filter(None, (activity_of(made), grading_data(made).get("grade_id")))}
    return frozenset(names)


def refuse_folder(folder: str, student: str) -> None:
    """Check that a folder is a learner's own and has a valid name.

    Raises:
        Refused: it is not, or it cannot be opened.
    """
    if os.path.islink(folder) or os.path.islink(os.path.dirname(folder)):
        raise Refused("Le dossier remis est un lien vers un autre dossier : il n’est pas noté.")
    if fault := fault_of(student):
        raise Refused(fault)
    if not os.path.isdir(folder) or not os.access(folder, os.R_OK | os.X_OK):
        raise Refused("Le dossier remis ne s’ouvre pas : vérifiez ses droits, puis notez de nouveau.")


def _read_journal(path: str) -> Reading:
    try:
        return read_lines(read_plain_file(path, MAX_FILE_BYTES, follow=False))
    except OSError as error:
        if not os.path.lexists(path) or os.path.islink(path) or not os.path.isfile(path):
            return Reading()
        message = f"Le journal des réponses ne s’ouvre pas ({reason(error)})"
        raise Refused(f"{message} : vérifiez ses droits, puis notez de nouveau.") from error


def _read_diverted(path: str) -> Reading:
    """Read answers that were written to an author's file by mistake; an unreadable file costs no point."""
    try:
        return read_lines(read_plain_file(path, MAX_FILE_BYTES, follow=False))
    except OSError:
        return Reading()


def _load_plain(path: str, kind: int) -> Notebook:
    """Load the notebook at a path with that file mode.

    Raises:
        ValueError: it is not a regular file, or cannot be read.
    """
    if not stat.S_ISREG(kind):
        raise ValueError("le document n’est pas un fichier")
    try:
        return parse(read_plain_file(path, MAX_NOTEBOOK_BYTES, follow=False))
    except OSError as error:
        raise ValueError(f"le document ne s’ouvre pas ({reason(error)})") from error


def _rebuilt(notebook: Notebook, answers: Reading, file_name: str, log: Log) -> tuple[Notebook, Reading]:
    """Return a rebuilt notebook and the copy of the answers that it contains."""
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
        # A lone surrogate cannot be written as UTF-8.
        text = text.encode("utf-8", "replace").decode()
    id = cell.get("id")
    id = id if isinstance(id, str) and CELL_ID.fullmatch(id) else f"cellule-{place}"
    made: Cell = {"cell_type": "markdown", "id": id, "metadata": {}, "source": text}
    if cell.get("cell_type") == "code":
        made |= {"cell_type": "code", "execution_count": None, "outputs": []}
    metadata = cell.get("metadata")
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(ours, dict) and isinstance(name := ours.get("grade_id"), str):
        made["metadata"]["nbgrader"] = {"grade_id": name}
    return made


# --- restoring the course's parts -------------------------------------------------------------------------------------


def restore(nb: Notebook, released: ReleasedNotebook, course_texts: Container[str], log: Log) -> None:
    """Restore the released cells' grading data in a notebook, in place, and show all other text cells as plain text.

    nbgrader stops the whole batch at one duplicated or outdated cell; after this there is none. Formgrader shows the
    HTML of text cells unescaped, to a signed-in trainer; after this a learner's text contains none.
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
            cell["metadata"]["nbgrader"] = released_data(known[id])
        else:
            (doubles if id in known else strangers).insert(0, id[:64])
    missing = [id for id in known if id not in found]
    for id in missing:
        # Graded cells may need the others, so the others go first.
        cells.insert(len(cells) if known[id].grade else 0, released_cell(known[id]))
    _tell_of_cells(doubles, "en double, la dernière de chaque nom est gardée", log)
    _tell_of_cells(strangers, "inconnues de cet exercice, donc pas notées", log)
    _tell_of_cells(missing, "manquantes, donc remises", log)
    for cell in cells:
        if cell["cell_type"] == "markdown" and cell["source"] not in course_texts:
            show_text(cell, cell["source"])
    _name_apart(cells)


def _tell_of_cells(names: Iterable[str], what: str, log: Log) -> None:
    """Log one sentence for all: a learner who pastes a document into itself duplicates each of its cells."""
    told = [*dict.fromkeys(names)]
    if told:
        log.warning("Cellules %s : %s", what, f"{', '.join(told[:_MOST_CELLS])}{'…' if told[_MOST_CELLS:] else '.'}")


_MOST_CELLS = 20


def _shorten(cells: Iterable[Cell]) -> bool:
    """Cut texts of cells that exceed the limits, in place; return whether any was cut."""
    room, cut = MAX_TEXTS, False
    for cell in cells:
        text = cell["source"]
        if len(text) > min(MAX_TEXT, room):
            text = cell["source"] = f"{text[: min(MAX_TEXT, room)]}\n\n(La suite, trop longue, n’est pas montrée.)"
            cut = True
        room = max(room - len(text), 0)
    return cut


def _name_apart(cells: Iterable[Cell]) -> None:
    """Make the cells' ids unique, in place; the first cell with an id keeps it."""
    seen: dict[str, int] = {}
    for cell in cells:
        id = cell["id"]
        while cell["id"] in seen:
            seen[id] += 1
            cell["id"] = f"{id[:56]}-{seen[id]}"
        seen[cell["id"]] = 1
