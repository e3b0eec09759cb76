"""Tasks of questions, by kind: the data that a check judges and a page draws.

`kinds` defines how authors write each kind, `checks` how an answer is scored, `controls.js` how it is drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Option:
    """One option that a learner can tick. `reason` says why a wrong option is wrong."""

    id: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Tick `pick` of the options. `right` holds the right ids, None if any answer is accepted (a decision)."""

    options: tuple[Option, ...]
    pick: int
    right: tuple[str, ...] | None

    def option(self, id: str) -> Option | None:
        """Return the option with that id, or None."""
        return next((option for option in self.options if option.id == id), None)


@dataclass(frozen=True, slots=True)
class NamedMistake:
    """A frequent wrong number, worth `share` (0–1) of the points, with the message for learners who give it."""

    value: float
    tolerance: float
    share: float
    message: str


@dataclass(frozen=True, slots=True)
class Number:
    """Give a number in `unit`, right within ± `tolerance` of `value`."""

    unit: str
    value: float
    tolerance: float
    mistakes: tuple[NamedMistake, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """An item to put in one of its own `groups`, or of the task's if it has none. Items with one heading are together.

    `about` is the id of the text that the item asks about. If `shows` is true, its groups are the pieces of that text.
    """

    id: str
    text: str
    groups: tuple[Option, ...] = ()
    heading: str = ""
    about: str = ""
    shows: bool = False

    @property
    def name(self) -> str:
        """The item's name outside its group: the heading, if any, distinguishes it from similar items."""
        if not self.heading:
            return self.text
        between = " " if self.heading[-1] in ".!?…" else "\N{NO-BREAK SPACE}– "
        return f"{self.heading}{between}{self.text}"


@dataclass(frozen=True, slots=True)
class ReadText:
    """A short text by a fictional person. Learners can point at its `pieces`, which are in order."""

    id: str
    author: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """Put each item in one of the groups. `credit` gives the share (0–1) of each group that is accepted for an item.

    `confusions` explains the difference between two groups, `reasons` why one item is not in a wrong group. Items with
    groups of their own make a grid: questions with their answers, settings with their values. `texts` are the texts
    that items ask about.
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
        """Return why the item is not in that group, empty if the author gave no reason."""
        best = max(self.credit[item], key=lambda right: self.credit[item][right])
        return self.reasons.get((item, group)) or self.confusions.get(frozenset((group, best)), "")


@dataclass(frozen=True, slots=True)
class Ordering:
    """Put the items in order. `before` lists the pairs that must come in that order; `inversions` says why."""

    items: tuple[Option, ...]
    before: tuple[tuple[str, str], ...]
    inversions: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `entry` is its type: texte, long, nombre, date or choix (one of `values`).

    `length` is the advised number of characters (minimum, maximum), shown while writing and never judged.
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
    """Conditions on one field: the rule holds if all given conditions hold (if not all do, with `inverse`).

    The text equals one of `among`; contains a word or phrase of `contains`; contains none of `without`; begins with
    one of `starts`; is nearly `like`. `words`, `items` (separated by commas), `characters`, `hashtags`, `between`,
    `outside` and `days` (after the attempt) are bounds, both included. The text takes up words of the field `takes_up`
    or of the logbook value `takes_up_decision` (« objectif.themes »). `sentence`: it is a sentence; `repeats`: it
    repeats one thing over and over; `private`: it discloses an address. Comparisons ignore the differences of
    `TOLERATED` except those that `strict` names.
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
        """Whether an empty field fails the rule."""
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
    """Penalty of a fault: the score is multiplied by `factor`, then limited to `cap` (both 0–1)."""

    rule: Rule
    factor: float
    cap: float

    def on(self, score: float) -> float:
        """Return the score after the penalty."""
        return min(score * self.factor, self.cap)


@dataclass(frozen=True, slots=True)
class Show:
    """A quality that writers show by selecting a passage of their text. `missing` is shown until they have."""

    id: str
    field: str
    text: str
    missing: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """Settings of the mirror, which gives remarks and no score: it reads `fields` and always looks for harm.

    `looks_for` names the other remarks to make, from `MIRROR_REMARKS`. `source` is the text being shared or answered,
    `licence` the licence that a share should name.
    """

    fields: tuple[str, ...]
    looks_for: tuple[str, ...] = ()
    licence: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Fill in the fields. Each criterion that holds adds its share (the shares add up to 1); each fault reduces.

    A form with `shows` asks for a text: the selected passages are kept and never scored.
    """

    fields: tuple[Field, ...]
    criteria: tuple[tuple[float, Rule], ...]
    penalties: tuple[Penalty, ...]
    shows: tuple[Show, ...] = ()
    mirror: Mirror | None = None

    @property
    def is_writing(self) -> bool:
        """Whether the form asks for a text that no rule judges: it is kept for its reader."""
        return bool(self.shows or self.mirror) and not (self.criteria or self.penalties)

    @property
    def judged(self) -> frozenset[str]:
        """Ids of the fields that a rule reads."""
        fields = {rule.field for rule in self.rules} | {rule.takes_up for rule in self.rules}
        return frozenset(filter(None, fields))

    @property
    def kept(self) -> frozenset[str]:
        """Ids of the text fields that no rule reads: a person's own words."""
        return frozenset(field.id for field in self.fields if field.entry in WRITTEN) - self.judged

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Rules of all criteria and penalties."""
        return (*(rule for _, rule in self.criteria), *(penalty.rule for penalty in self.penalties))

    @property
    def decisions(self) -> tuple[str, ...]:
        """Logbook values that the rules read."""
        return tuple(dict.fromkeys(rule.takes_up_decision for rule in self.rules if rule.takes_up_decision))


@dataclass(frozen=True, slots=True)
class Card:
    """A card to select. `details` are the lines shown, `strengths` the criteria that speak for it.

    `traits` are its further properties, by name, on which the terms of a whole selection depend.
    """

    id: str
    text: str
    details: tuple[str, ...]
    strengths: tuple[str, ...] = ()
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """Select at most `at_most` cards (exactly as many with `as_many`), each for one of the `criteria`, if any.

    `fit` (0–1) says how well a card serves the purpose, `reasons` what a card with a fit below 1 lacks.
    `wrong_criterion` and `too_many` are messages for cards selected for a wrong criterion and for too many cards.
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
    """Select `pick` cards that go well together. `worth` is the utility of each, `terms` that of the whole selection.

    The score is 0 at `mean`, the mean utility of all selections, and 1 at `best`, the maximum; `example` reaches it.
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
    """A post by a fictional person."""

    id: str
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Search:
    """Choose required and excluded words so that a search finds the `relevant` posts and few others.

    `wanted` and `unwanted` bound the number of words of each sort. Below `threshold` (0–1) the score is 0.
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
    """An activity of the week. `role` is its purpose, one of `ROLES`."""

    id: str
    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Fill in the lines of a week: day, minutes, gesture, medium, subject (free text if there are no `themes`).

    Each criterion (share, role, message) that a line meets adds its share; each fault (factor, one of `PLAN_FAULTS`,
    message) multiplies the score by its factor. `budget` is in minutes a week, 0 without a budget.
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
    """Write a text of `words` words (minimum, maximum). `levels`, best first, are shown before writing; a person marks.

    With `self_assessed`, the learner chooses the level that the text reaches, and there is no mark. `beside` names
    the writings that the reader sees with the text, along with the passages that their writer selected.
    """

    words: tuple[float, float]
    levels: tuple[Level, ...]
    self_assessed: bool
    beside: tuple[str, ...] = ()


Task = Choice | Number | Matching | Ordering | Form | Selection | Accounts | Search | Plan | OpenText


def judges(task: Task) -> bool:
    """Whether some answers are better than others. If not, the answer is a decision: kept, not judged."""
    match task:
        case Choice():
            return task.right is not None
        case Form() | Plan():
            return bool(task.criteria or task.penalties)
    return True


#: Entries of a form's field that hold a person's own words.
WRITTEN = ("texte", "long")

#: Remarks of a mirror besides harm.
MIRROR_REMARKS = ("faits", "licence", "copie", "public", "repetition", "taille", "annonce", "question")

#: Entries of a form's field.
ENTRIES = ("texte", "long", "nombre", "date", "choix")

#: Roles of a plan's line.
ROLES = ("ecoute", "publication", "aide", "reponse", "autopromotion")

#: Faults of a plan.
PLAN_FAULTS = ("un-seul-jour", "autopromotion", "depassement", "sous-emploi", "media", "desequilibre", "hors-sujet")

#: Days of a plan's line.
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

#: Rules on a whole selection of accounts.
TERM_RULES = ("varie", "un", "trop")

#: Differences that a comparison of texts ignores, unless an author says otherwise.
TOLERATED = ("casse", "accents", "apostrophes", "espaces")
