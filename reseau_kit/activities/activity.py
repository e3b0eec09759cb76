"""Data classes for a notebook's activities, their versions and variants, and the faults of an author's file.

Knows nothing of files (see `loading`), of answers, of notebooks, or of how an activity is drawn.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reseau_kit.activities.tasks import Task, judges

#: Attempts that count; a hint follows each of them but the last.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Data shown beside the question: a caption, column names, and rows with one cell per column."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text to work on, shown as a quotation: its source and its paragraphs."""

    source: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """One version of one question.

    `points` is the mark of a perfect answer. `hints` are shown after the first and the second attempt, `explanation`
    with the right answer. `logbook` is the name under which the logbook keeps the answer, empty if it is not kept. If
    the question depends on a decision of the logbook (`depends_on`), `variants` holds the whole activity for each
    value of that decision. `uses` names the other logbook values that the check reads (« objectif.themes »).
    """

    id: str
    version: int
    points: float
    question: str
    instructions: str
    hints: tuple[str, ...]
    explanation: str
    task: Task
    table: Table | None = None
    excerpt: Excerpt | None = None
    logbook: str = ""
    depends_on: str = ""
    variants: Mapping[str, "Activity"] = field(default_factory=dict)
    uses: tuple[str, ...] = ()

    @property
    def is_decision(self) -> bool:
        """Whether the activity accepts any answer: it keeps the answer and does not judge it."""
        return not judges(self.task) and not self.points

    @property
    def needs(self) -> tuple[str, ...]:
        """Logbook names that the question depends on (`depends_on`) or that the check reads (`uses`)."""
        return (*filter(None, (self.depends_on,)), *self.uses)

    def lacks(self, context: Mapping[str, str]) -> tuple[str, ...]:
        """Return the needed names that the context lacks."""
        return tuple(name for name in self.needs if not context.get(name, "").strip())

    def under(self, context: Mapping[str, str]) -> "Activity | None":
        """Return the variant for that context, the activity itself if it has no variants, or None if none fits."""
        if not self.depends_on:
            return self
        return self.variants.get(context.get(self.depends_on, ""))


@dataclass(frozen=True, slots=True)
class Activities:
    """The activities of one notebook (`own`: their ids in order) and the decisions that it borrows from other files.

    With `feedback_after`, learners get no feedback before they hand in, and their last validated answer counts. Until
    then they have the `withheld` form, which contains neither keys nor feedback.
    """

    document: dict[str, Any]
    versions: Mapping[str, Mapping[int, Activity]]
    own: tuple[str, ...]
    feedback_after: bool = False
    withheld: bool = False

    def __contains__(self, id: object) -> bool:
        return id in self.versions

    def __iter__(self) -> Iterator[Activity]:
        """Iterate over the current version of each of the notebook's own activities, in the order of the file."""
        return (self[id] for id in self.own)

    def __len__(self) -> int:
        return len(self.own)

    def __getitem__(self, id: str) -> Activity:
        """Return the current version of an activity.

        Raises:
            KeyError: no activity has that id.
        """
        versions = self.versions[id]
        return versions[max(versions)]

    def deciding(self, name: str) -> Activity | None:
        """Return the activity kept in the logbook under that name (« objectif », « objectif.themes »), or None."""
        name = name.partition(".")[0]
        return next((self[id] for id in self.versions if self[id].logbook == name), None)

    def kept_as(self, id: str, version: int) -> str:
        """Return the logbook name for an answer to that version of an activity, empty if the logbook keeps none."""
        known = self.versions.get(id)
        if not known:
            return ""
        return known.get(version, known[max(known)]).logbook


@dataclass(frozen=True, slots=True)
class Fault:
    """One error in an author's file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ActivityFaults(ValueError):
    """Raised for an author's file with errors. `faults` holds all of them, in the order of the lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.message)))
        super().__init__("\n".join(map(str, self.faults)))
