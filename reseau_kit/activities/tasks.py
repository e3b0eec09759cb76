"""Tasks of questions, by kind: the data that a check judges and a page draws.

How authors write each kind is in `kinds`, what an answer is worth in `checks`, what it looks like in `controls.js`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a learner can tick. `reason` says why it is not right, where it is not."""

    id: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Tick `pick` of the options. `right` holds the ids that are right, None where any will do (a decision)."""

    options: tuple[Option, ...]
    pick: int
    right: tuple[str, ...] | None

    def option(self, id: str) -> Option | None:
        """The option of that id, or None."""
        return next((option for option in self.options if option.id == id), None)


@dataclass(frozen=True, slots=True)
class NamedMistake:
    """A wrong number that many find, worth `share` (0–1) of the points, with what to tell those who found it."""

    value: float
    tolerance: float
    share: float
    message: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number in `unit`, right within ± `tolerance` of `value`."""

    unit: str
    value: float
    tolerance: float
    mistakes: tuple[NamedMistake, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """Something to put in a group: one of its own, where it has some. Items with the same heading stand together.

    An item `about` a text of the same question asks about it; where it `shows`, its groups are the text's pieces.
    """

    id: str
    text: str
    groups: tuple[Option, ...] = ()
    heading: str = ""
    about: str = ""
    shows: bool = False

    @property
    def name(self) -> str:
        """The item in a sentence of its own: its heading tells it from its likes."""
        if not self.heading:
            return self.text
        between = " " if self.heading[-1] in ".!?…" else "\N{NO-BREAK SPACE}– "
        return f"{self.heading}{between}{self.text}"


@dataclass(frozen=True, slots=True)
class ReadText:
    """A short text by a fictional person, to read: its `pieces`, in order, are what a learner can point at."""

    id: str
    author: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """Put each item in one of the groups. `credit` gives the groups that are right for an item, with their share (0–1).

    `confusions` says, for two groups, what sets them apart; `reasons` the same for one item and a wrong group. Items
    that have groups of their own make a grid: questions with their answers, settings with their values. The `texts`
    are what items ask about.
    """

    items: tuple[Item, ...]
    groups: tuple[Option, ...]
    credit: Mapping[str, Mapping[str, float]]
    confusions: Mapping[frozenset[str], str]
    reasons: Mapping[tuple[str, str], str]
    texts: tuple[ReadText, ...] = ()

    def groups_of(self, item: Item) -> tuple[Option, ...]:
        """Return the groups that the item can be put in."""
        return item.groups or self.groups

    def why_not(self, item: str, group: str) -> str:
        """Why the item is not in that group, empty where nothing was written."""
        best = max(self.credit[item], key=lambda right: self.credit[item][right])
        return self.reasons.get((item, group)) or self.confusions.get(frozenset((group, best)), "")


@dataclass(frozen=True, slots=True)
class Ordering:
    """Put the items in order. Each pair of `before` has to come in that order; `inversions` says why."""

    items: tuple[Option, ...]
    before: tuple[tuple[str, str], ...]
    inversions: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form. `entry` is how it is filled: texte, long, nombre, date or choix (one of `values`).

    `length` is how many characters are advised, which is shown while writing and judges nothing.
    """

    id: str
    text: str
    help: str
    entry: str
    values: tuple[str, ...]
    unit: str
    length: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that holds of one field or not: every condition that is given has to hold (none, where `inverse`).

    `among` equals one of these; `contains` holds one of these words or phrases; `without` holds none of them; `starts`
    begins with one of them; `like` is nearly that text. `words`, `items` (separated by commas), `characters`,
    `hashtags`, `between`, `outside` and `days` (after the attempt) are bounds, both included. `takes_up` names a field,
    `takes_up_decision` a value of the logbook (« objectif.themes »), whose words the text takes up. `sentence`,
    `repeats` and `private` ask whether it is a sentence, says one thing over and over, or gives away an address. Texts
    compare as French reads them, but for what `strict` names: casse, accents, apostrophes, espaces.
    """

    field: str
    message: str
    among: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    like: str = ""
    words: tuple[float, float] | None = None
    items: tuple[float, float] | None = None
    characters: tuple[float, float] | None = None
    hashtags: tuple[float, float] | None = None
    between: tuple[float, float] | None = None
    outside: tuple[float, float] | None = None
    days: tuple[float, float] | None = None
    takes_up: str = ""
    takes_up_decision: str = ""
    sentence: bool = False
    repeats: bool = False
    private: bool = False
    inverse: bool = False
    strict: frozenset[str] = frozenset()

    @property
    def asks_something(self) -> bool:
        """Whether an empty field fails it."""
        counts = (self.words, self.items, self.characters, self.hashtags)
        texts = (self.among, self.contains, self.starts, self.like, self.takes_up, self.takes_up_decision)
        empty_fails = (
            any(bounds and bounds[0] > 0 for bounds in counts)
            or any((self.between, self.outside, self.days, *texts))
            or self.sentence
            or self.repeats
            or self.private
        )
        return empty_fails is not self.inverse


@dataclass(frozen=True, slots=True)
class Penalty:
    """A fault of an answer: the score is multiplied by `factor`, then it is `cap` at most (both 0–1)."""

    rule: Rule
    factor: float
    cap: float

    def on(self, score: float) -> float:
        """Return the score after the penalty."""
        return min(score * self.factor, self.cap)


@dataclass(frozen=True, slots=True)
class Show:
    """Something that a text should do, which its writer shows by a passage of it. `missing` is said until they do."""

    id: str
    field: str
    text: str
    missing: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """Settings of the mirror, which remarks without a score: it reads `fields`, and always looks for harm.

    `looks_for` names what else, among `MIRROR_REMARKS`. `source` is the text that is relayed or answered, `licence`
    the one that a relay should name.
    """

    fields: tuple[str, ...]
    looks_for: tuple[str, ...] = ()
    licence: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Fill in the fields. Each criterion that holds adds its share (they make 1), each fault that holds takes away.

    A form with `shows` is a text to write: its passages are kept, and never scored.
    """

    fields: tuple[Field, ...]
    criteria: tuple[tuple[float, Rule], ...]
    penalties: tuple[Penalty, ...]
    shows: tuple[Show, ...] = ()
    mirror: Mirror | None = None

    @property
    def is_writing(self) -> bool:
        """Whether it asks for a text that is kept and judged by nobody but its reader."""
        return bool(self.shows or self.mirror) and not (self.criteria or self.penalties)

    @property
    def judged(self) -> frozenset[str]:
        """The ids of the fields that a rule looks at."""
        fields = {rule.field for rule in self.rules} | {rule.takes_up for rule in self.rules}
        return frozenset(filter(None, fields))

    @property
    def kept(self) -> frozenset[str]:
        """The ids of the fields that hold a person's own words, and that no rule looks at."""
        return frozenset(field.id for field in self.fields if field.entry in WRITTEN) - self.judged

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All that is looked at, good or amiss."""
        return (*(rule for _, rule in self.criteria), *(penalty.rule for penalty in self.penalties))

    @property
    def decisions(self) -> tuple[str, ...]:
        """The values of the logbook that its rules look at."""
        return tuple(dict.fromkeys(rule.takes_up_decision for rule in self.rules if rule.takes_up_decision))


@dataclass(frozen=True, slots=True)
class Card:
    """Something to select, described by `details`; `strengths` are the criteria that speak for it.

    `traits` is what else is known of it, for what a whole selection earns or loses.
    """

    id: str
    text: str
    details: tuple[str, ...]
    strengths: tuple[str, ...] = ()
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """Select at most `at_most` cards, or as many, each for one criterion where there are some.

    `fit` (0–1) says how well a card serves the purpose, `reasons` what one that fits less than fully lacks;
    `wrong_criterion` and `too_many` say what their name says.
    """

    cards: tuple[Card, ...]
    criteria: tuple[Option, ...]
    at_most: int
    as_many: bool
    fit: Mapping[str, float]
    reasons: Mapping[str, str]
    wrong_criterion: str
    too_many: str


@dataclass(frozen=True, slots=True)
class Term:
    """Utility that a selection of accounts gains or loses by a trait of its cards, `each` time.

    `rule` is « varie » (each different value, `bound` of them at most), « un » (at least one card has it) or « trop »
    (lost for each card that has it beyond `bound`).
    """

    trait: str
    rule: str
    each: float
    bound: int
    message: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """Select `pick` cards that go well together: what each is worth alone, and what the whole earns or loses.

    The score is 0 at the `mean` utility of all selections and 1 at the `best` one, of which `example` is one.
    """

    cards: tuple[Card, ...]
    pick: int
    worth: Mapping[str, float]
    terms: tuple[Term, ...]
    reasons: Mapping[str, str]
    mean: float
    best: float
    example: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """Something that a fictional person published."""

    id: str
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """Choose words that posts must hold, and words that they must not, to find the `relevant` ones and few others.

    `wanted` and `unwanted` bound how many of the `words` can be asked for. Under `threshold` (0–1) nothing is earned.
    """

    posts: tuple[Post, ...]
    words: tuple[Option, ...]
    wanted: tuple[float, float]
    unwanted: tuple[float, float]
    relevant: tuple[str, ...]
    threshold: float
    if_noise: str
    if_silence: str


@dataclass(frozen=True, slots=True)
class Gesture:
    """Something to do in a week. Its `role` says what it is for: one of `ROLES`."""

    id: str
    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Fill the lines of a week: day, minutes, gesture, medium, subject (free where there are no `themes`).

    Each criterion (share, role, message) that a line fulfils adds its share; each fault (factor, one of
    `PLAN_FAULTS`, message) multiplies. `budget` is in minutes a week, 0 where the week has none.
    """

    gestures: tuple[Gesture, ...]
    media: tuple[Option, ...]
    themes: tuple[Option, ...]
    budget: float
    allowed: Mapping[str, frozenset[str]]
    criteria: tuple[tuple[float, str, str], ...]
    penalties: tuple[tuple[float, str, str], ...]


@dataclass(frozen=True, slots=True)
class Level:
    """Description of a text that deserves `mark`."""

    mark: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenText:
    """Write `words` words (least and most). The levels, from the best down, are shown before writing; a person reads.

    With `self_assessed`, the learner says which level the text reaches, and nobody marks it. `beside` names the
    writings that the reader sees with the text, and the passages that their writer showed.
    """

    words: tuple[float, float]
    levels: tuple[Level, ...]
    self_assessed: bool
    beside: tuple[str, ...] = ()


Task = Choice | Number | Matching | Ordering | Form | Selection | Accounts | Search | Plan | OpenText


def judges(task: Task) -> bool:
    """Whether some answers are better than others: where none is, the answer is a decision, and is kept."""
    match task:
        case Choice():
            return task.right is not None
        case Form() | Plan():
            return bool(task.criteria or task.penalties)
    return True


#: The entries of a field in which a person writes in their own words.
WRITTEN = ("texte", "long")

#: Remarks of a mirror besides harm.
MIRROR_REMARKS = ("faits", "licence", "copie", "public", "repetition", "taille", "annonce", "question")

#: How a form's field can be filled in.
ENTRIES = ("texte", "long", "nombre", "date", "choix")

#: Roles of a plan's line.
ROLES = ("ecoute", "publication", "aide", "reponse", "autopromotion")

#: Faults of a plan.
PLAN_FAULTS = ("un-seul-jour", "autopromotion", "depassement", "sous-emploi", "media", "desequilibre", "hors-sujet")

#: The days that a plan can name.
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

#: Rules on a whole selection of accounts.
TERM_RULES = ("varie", "un", "trop")

#: Differences that a comparison of texts ignores, unless an author says otherwise.
TOLERATED = ("casse", "accents", "apostrophes", "espaces")
