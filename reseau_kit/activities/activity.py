"""Activities as data: what is asked, what is right, and why the rest is not.

Reads an author's TOML file, reports all of its faults at once, and packs the result for a learner's notebook.
Knows nothing of answers, of notebooks, or of how an activity is drawn.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from reseau_kit.activities.tasks import Task, judges

#: Attempts that count; each but the last has its hint.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Table:
    """Data shown beside the question: a caption, column names, and rows of as many cells."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text to work on, shown as a quotation: where it is from, and its paragraphs."""

    source: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """One version of one question.

    `points` is what full marks are worth. `hints` follow the first and the second attempt, `explanation` comes with
    the answer. `logbook` names the decision that the answer is kept as. Where the question depends on such a
    decision (`depends_on`), `variants` holds the whole activity for each value that it can have. `uses` names what
    else of the logbook an answer is judged against (« objectif.themes »).
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
        """Whether any answer will do: it is kept, and not judged."""
        return not judges(self.task) and not self.points

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the logbook that the question depends on, or an answer is judged against."""
        return (*filter(None, (self.depends_on,)), *self.uses)

    def lacks(self, context: Mapping[str, str]) -> tuple[str, ...]:
        """Return the needed names that the context lacks."""
        return tuple(name for name in self.needs if not context.get(name, "").strip())

    def under(self, context: Mapping[str, str]) -> "Activity | None":
        """The activity as it is asked in that context, or None where the context lacks what it depends on."""
        if not self.depends_on:
            return self
        return self.variants.get(context.get(self.depends_on, ""))


@dataclass(frozen=True, slots=True)
class Activities:
    """The activities of one notebook (`own`, their ids in order), and the decisions that they borrow.

    With `feedback_after`, learners are told nothing before they hand in, and their last validated answer counts. What
    they get then is `withheld`: neither the keys nor a word of feedback are in it.
    """

    document: dict[str, Any]
    versions: Mapping[str, Mapping[int, Activity]]
    own: tuple[str, ...]
    feedback_after: bool = False
    withheld: bool = False

    def __contains__(self, id: object) -> bool:
        return id in self.versions

    def __iter__(self) -> Iterator[Activity]:
        """The current version of each of the notebook's own activities, in the order of the file."""
        return (self[id] for id in self.own)

    def __len__(self) -> int:
        return len(self.own)

    def __getitem__(self, id: str) -> Activity:
        """The current version of an activity.

        Raises:
            KeyError: no activity has that id.
        """
        versions = self.versions[id]
        return versions[max(versions)]

    def deciding(self, name: str) -> Activity | None:
        """The activity whose answer the logbook keeps under that name (« objectif », « objectif.themes »), or None."""
        name = name.partition(".")[0]
        return next((self[id] for id in self.versions if self[id].logbook == name), None)

    def kept_as(self, id: str, version: int) -> str:
        """The name under which the logbook keeps an answer to that version of an activity, empty where none is kept."""
        known = self.versions.get(id)
        if not known:
            return ""
        return known.get(version, known[max(known)]).logbook


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to mend in an author's file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ActivityFaults(ValueError):
    """An author's file cannot be used as it is. `faults` holds every fault, in the order of the lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=lambda fault: (fault.file, fault.line, fault.message)))
        super().__init__("\n".join(map(str, self.faults)))
