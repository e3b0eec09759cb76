"""A small world: fictional people of French-speaking places, what they publish and whom they follow.

The same seed gives the same world on every platform and with every version of numpy: draws come from a counter
(SplitMix64), and all that follows is whole numbers, square roots and divisions, which every machine rounds alike.
All its people are invented. `PARAMETERS` gives the basis of each number: a publication, or the word « assumption ».
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from reseau_kit.network.sentences import ANSWERS, CITIES, FIRST_NAMES, LAST_NAMES, QUARTERS, REPLIES, SUBJECTS

Whole: TypeAlias = npt.NDArray[np.int64]
Real: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """A number that the world is made with, and what it rests on."""

    value: float
    source: str


_KWAK = "Kwak, Lee, Park & Moon, « What is Twitter, a social network or a news media? », WWW 2010"
_CONOVER = "Conover et al., « Partisan asymmetries in online political activity », EPJ Data Science 1:6, 2012, table 4"
_PEW = "Wojcik & Hughes, « Sizing up Twitter users », Pew Research Center, 24 April 2019 (adults of the United States)"
_VAROL = "Varol et al., « Online human-bot interactions », ICWSM 2017"

PARAMETERS = {
    # Resulting measures of the world; a test checks them.
    "reciprocity": Parameter(0.221, f"{_KWAK}: share of linked pairs that follow each other"),
    "reciprocity_in_circle": Parameter(0.43, f"{_CONOVER}: 0.428 to 0.648 among people of one side"),
    "clustering": Parameter(0.18, f"{_CONOVER}: 0.134 to 0.221 among people of one side"),
    "share_of_posts_by_top_tenth": Parameter(0.80, _PEW),
    "median_posts_a_month": Parameter(2, _PEW),
    "median_posts_a_month_of_top_tenth": Parameter(138, _PEW),
    "robots": Parameter(0.10, f"{_VAROL}: 9 to 15 % of active accounts"),
    "relays_within_an_hour": Parameter(0.50, f"{_KWAK}: half of retweets; 35 % within 10 minutes, 75 % within a day"),
    # Parameters of the draws.
    "popularity_exponent": Parameter(7 / 3, f"near the 2.276 of {_KWAK}; 7/3 needs square roots only"),
    "empty_accounts": Parameter(0.06, "assumption: enough sold accounts to be met in a world of 300"),
    "buyers": Parameter(0.004, "assumption"),
    "circle_size": Parameter(40, "assumption: a circle is small enough for its members to know of one another"),
    "collectives": Parameter(0.07, "assumption"),
    "without_bio": Parameter(0.08, "assumption"),
    "with_hashtag": Parameter(0.35, "assumption"),
    "posts_kept_of_each": Parameter(12, "assumption: the latest are kept, so that the table stays readable"),
    "relays_with_credit": Parameter(0.70, "assumption"),
    "fame_with_activity": Parameter(0.6, "assumption: share of people whose rank in posts is their rank in fame"),
    "fame_answers_less": Parameter(0.5, "assumption: an account far above the median answers half as often"),
    "list_owners": Parameter(0.10, "assumption"),
}

#: The world's present: posts are of the 30 days before (seconds since 1970, UTC).
NOW = 1_793_404_800  # 31 October 2026, 00:00
_MONTH = 30 * 86_400

#: Account 0 is the learner's: a person of the first circle who has just begun.
LEARNER = 0

# Quantiles, in whole numbers: (share of people out of 1,000, value). Between two of them the line is straight.
_POSTS_A_MONTH = ((0, 0), (250, 0), (480, 2), (520, 2), (750, 10), (900, 48), (950, 138), (990, 300), (1000, 520))
_FOLLOWS = ((0, 2), (250, 6), (500, 10), (750, 16), (950, 36), (990, 70), (1000, 110))
_ROBOT_POSTS = ((0, 200), (500, 420), (1000, 900))
_DELAY_SECONDS = (
    (0, 20), (350, 600), (500, 3_600), (750, 86_400), (900, 259_200), (1000, 864_000),
)  # fmt: skip
_ANSWERS_PERCENT = ((0, 0), (200, 8), (500, 42), (800, 75), (1000, 95))
# Out of 1,000 posts, how many begin in each hour (assumption: people sleep).
_HOURS = (6, 3, 2, 2, 3, 8, 22, 42, 58, 58, 52, 50, 62, 58, 46, 44, 48, 56, 66, 74, 84, 80, 54, 22)


@dataclass(frozen=True, eq=False)
class SmallWorld:
    """A fictional network as tables.

    `people`, a row an account: `id` (0, 1, 2…; 0 is the learner), `handle`, `name`, `bio`, `place`, `subject` (what it
    speaks of), `circle` (its group, « vélo · Liège »), `posts_30d` (publications in 30 days, also those that `posts`
    does not keep), `followers` and `following` (accounts of this world), `known` (the learner knows them), and two
    columns that an account does not show: `kind` (personne, collectif, automate, coquille: an empty account sold as
    an audience) and `bought` (followers that it bought).

    `links`, a row a subscription: `source` follows `target`, both ids.

    `posts`, a row a publication, oldest first: `id`, `author`, `at` (UTC), `kind` (publication, reponse, relais), `to`
    (the post answered or relayed, -1 if none), `subject`, `nature` (recit, question, annonce, echange), `text`,
    `hashtags` (separated by spaces), `credit` (a relay that names its author), `likes` (a count without names, as
    exports have it).

    `lists`, a row a membership: `owner`, `name`, `member`.
    """

    seed: int
    size: int
    people: pd.DataFrame
    links: pd.DataFrame
    posts: pd.DataFrame
    lists: pd.DataFrame


def synthetic(seed: int = 1, size: int = 300) -> SmallWorld:
    """The fictional world of that seed, with `size` accounts (at least 60).

    Raises:
        ValueError: fewer accounts than a world needs.

    """
    if size < 60:
        raise ValueError(f"un petit monde demande au moins 60 comptes, et non {size}")
    draws = _Draws(seed)
    people = _people(draws, size)
    source, target = _links(draws, people)
    people["followers"] = np.bincount(target, minlength=size).astype(np.int64)
    people["following"] = np.bincount(source, minlength=size).astype(np.int64)
    people["known"] = _mutual(source, target, size)
    links = pd.DataFrame({"source": source, "target": target})
    posts = _posts(draws, people, source, target)
    lists = _lists(draws, people, source, target)
    shown = ["id", "handle", "name", "bio", "place", "subject", "circle", "posts_30d", "followers", "following"]
    return SmallWorld(seed, size, people[[*shown, "known", "kind", "bought"]], links, posts, lists)


def synthetic_contacts(seed: int = 1, size: int = 300) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The contacts of one fictional person, with the links between them: what a map is drawn of.

    `people` has `id`, `name` and `group` (the true one); `links` has `source` and `target`, each pair once. About seven
    links a contact, four in five of them within a group; 4 to 16 groups, the largest about four times the smallest; one
    contact in forty has no link, one in a hundred belongs to a pair apart (all of it assumption).
    """
    draws = _Draws(seed)
    count = max(4, min(16, size.bit_length() * 4 // 3 - 4))
    weights = np.array([8 * count // (rank + 1) + count for rank in range(count)], dtype=np.int64)
    group = _weighted(draws.bits("contact group", size), weights)
    lone = draws.below("contact alone", size, 200)
    center = np.flatnonzero(lone >= 7)
    apart = np.flatnonzero(lone < 2)
    order = center[np.argsort(group[center], kind="stable")]
    starts, sizes = _runs(group[order], count)
    pulls = draws.below("contact links", len(center), 5) + 1
    one = np.repeat(center, pulls)
    inside = draws.below("contact inside", len(one), 1000) < 840
    place = starts[group[one]] + _below(draws.bits("contact mate", len(one)), sizes[group[one]])
    other = np.where(inside, order[place], center[draws.below("contact other", len(one), len(center))])
    # A link in three is closed into a triangle: a friend of a friend.
    some = draws.below("contact closes", len(one), 3) == 0
    following = draws.below("contact friend", len(one), len(one))
    by_one = np.searchsorted(one, other)
    found = np.minimum(by_one + _below(draws.bits("contact pick", len(one)), pulls.max()), len(one) - 1)
    friend = np.where(one[found] == other, other[found], other[following])
    one, other = np.append(one, one[some]), np.append(other, np.where(inside, friend, other)[some])
    pairs = apart[: len(apart) // 2 * 2].reshape(-1, 2)
    one, other = np.append(one, pairs[:, 0]), np.append(other, pairs[:, 1])
    low, high = np.minimum(one, other), np.maximum(one, other)
    keys = np.unique((low * size + high)[low != high])
    names = _names(draws, size)
    people = pd.DataFrame({"id": np.arange(size, dtype=np.int64), "name": names, "group": group})
    return people, pd.DataFrame({"source": keys // size, "target": keys % size})


class _Draws:
    """Random numbers that depend on the seed, on what they are for, and on their place in line, and on nothing else."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def bits(self, purpose: str, count: int) -> npt.NDArray[np.uint64]:
        """64 random bits each (SplitMix64: Steele, Lea & Flood, « Fast splittable pseudorandom number generators »)."""
        key = hashlib.blake2b(f"{self._seed}:{purpose}".encode(), digest_size=8).digest()
        state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        state += np.uint64(int.from_bytes(key, "little"))
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return state ^ (state >> np.uint64(31))

    def below(self, purpose: str, count: int, limit: int) -> Whole:
        """Whole numbers from 0 to limit - 1."""
        return _below(self.bits(purpose, count), limit)

    def share(self, purpose: str, count: int) -> Real:
        """Numbers above 0, at most 1."""
        return ((self.bits(purpose, count) >> np.uint64(11)) + np.uint64(1)).astype(np.float64) / 2.0**53

    def quantiles(self, purpose: str, count: int, table: Sequence[tuple[int, int]]) -> Whole:
        """Whole numbers that are spread as the table says."""
        return _at_places(self.below(purpose, count, 1_000_000), table)


def _at_places(place: Whole, table: Sequence[tuple[int, int]]) -> Whole:
    """Return the table's value at each place out of a million."""
    marks = np.array([share * 1000 for share, _ in table], dtype=np.int64)
    values = np.array([value for _, value in table], dtype=np.int64)
    row = np.searchsorted(marks, place, side="right") - 1
    into = place - marks[row]
    found: Whole = values[row] + (values[row + 1] - values[row]) * into // (marks[row + 1] - marks[row])
    return found


def _below(bits: npt.NDArray[np.uint64], limit: int | Whole) -> Whole:
    """Whole numbers from 0 to limit - 1, of the 32 upper bits; limits stay below 2**31."""
    return ((bits >> np.uint64(32)) * np.asarray(limit).astype(np.uint64) >> np.uint64(32)).astype(np.int64)


def _weighted(bits: npt.NDArray[np.uint64], weights: Whole) -> Whole:
    """Places drawn in proportion to whole weights, whose sum stays below 2**31."""
    ends = np.cumsum(weights)
    return np.searchsorted(ends, _below(bits, int(ends[-1])), side="right").astype(np.int64)


def _runs(sorted_values: Whole, count: int) -> tuple[Whole, Whole]:
    """Return the start of each of 0 … count - 1 among sorted values, and its number (at least 1, to draw from)."""
    marks = np.searchsorted(sorted_values, np.arange(count + 1)).astype(np.int64)
    return np.minimum(marks[:-1], max(len(sorted_values) - 1, 0)), np.maximum(np.diff(marks), 1)


def _names(draws: _Draws, size: int) -> list[str]:
    first = draws.below("first name", size, len(FIRST_NAMES))
    last = draws.below("last name", size, len(LAST_NAMES))
    return [f"{FIRST_NAMES[one]} {LAST_NAMES[other]}" for one, other in zip(first, last, strict=True)]


def _people(draws: _Draws, size: int) -> pd.DataFrame:
    robots = round(size * PARAMETERS["robots"].value)
    empty = round(size * PARAMETERS["empty_accounts"].value)
    kinds = np.full(size, "personne", dtype=object)
    # The learner stays first; the others are shuffled, so that an id tells nothing.
    order = 1 + np.argsort(draws.bits("kinds", size - 1), kind="stable")
    kinds[order[:robots]] = "automate"
    kinds[order[robots : robots + empty]] = "coquille"
    collectives = round(size * PARAMETERS["collectives"].value)
    kinds[order[robots + empty : robots + empty + collectives]] = "collectif"
    real = np.isin(kinds, ["personne", "collectif"])

    circles = max(len(SUBJECTS) // 2, round(size / PARAMETERS["circle_size"].value))
    weights = draws.below("circle size", circles, 100) + 40
    circle = _weighted(draws.bits("circle", size), weights)
    circle[LEARNER] = 0
    subject = circle % len(SUBJECTS)
    keys = list(SUBJECTS)
    city = (circle * 5 + circle // len(SUBJECTS)) % len(CITIES)

    renown = draws.share("popularity", size)
    tied = draws.below("renown and activity", size, 1000) < 1000 * PARAMETERS["fame_with_activity"].value
    place = np.where(tied, ((1.0 - renown) * 1e6).astype(np.int64), draws.below("activity", size, 1_000_000))
    posts = _at_places(place, _POSTS_A_MONTH)
    posts = np.where(kinds == "automate", draws.quantiles("robot activity", size, _ROBOT_POSTS), posts)
    posts = np.where(kinds == "coquille", 0, posts)
    posts[LEARNER] = 4
    names = _names(draws, size)
    people = pd.DataFrame({"id": np.arange(size, dtype=np.int64)})
    people["kind"] = kinds
    people["circle_number"] = np.where(real, circle, -1)
    people["subject"] = [keys[one] for one in subject]
    labels = [f"{SUBJECTS[keys[one]].label} · {CITIES[town]}" for one, town in zip(subject, city, strict=True)]
    people["circle"] = np.where(real, labels, "")
    people["place"] = [CITIES[town] for town in city]
    people["posts_30d"] = posts
    people["name"] = _display_names(draws, people, names)
    people["handle"] = [f"@{_slug(name)}{number}" for number, name in enumerate(people["name"])]
    people["bio"] = _bios(draws, people)
    root = np.sqrt(renown)
    # u to the power -3/4: a tail with exponent 1 + 4/3.
    fame = 100.0 / (root * np.sqrt(root))
    people["fame"] = np.where(real, np.minimum(fame, 400_000.0), 20.0).astype(np.int64)
    people["bought"] = np.int64(0)
    return people


def _slug(name: str) -> str:
    plain = name.lower().translate(str.maketrans("àâäçéèêëîïôöùûüñ’' -", "aaaceeeeiioouuun____"))
    return "".join(char for char in plain if char.isalnum() or char == "_").replace("__", "_").strip("_") + "_"


def _display_names(draws: _Draws, people: pd.DataFrame, names: list[str]) -> list[str]:
    title = draws.below("title", len(people), 4)
    shown = []
    met: Counter[str] = Counter()
    for kind, subject, place, name, one in zip(
        people["kind"], people["subject"], people["place"], names, title, strict=True
    ):
        about = SUBJECTS[subject]
        if kind == "collectif":
            label = f"{about.collectives[one % len(about.collectives)]} de {place}"
            shown.append(label if not met[label] else f"{label}, quartier {QUARTERS[met[label] % len(QUARTERS)]}")
            met[label] += 1
        elif kind == "automate":
            shown.append(f"{about.label.capitalize()} {('24 h', 'Astuces', 'Express', 'Direct')[one]}")
        else:
            shown.append(name)
    return shown


def _bios(draws: _Draws, people: pd.DataFrame) -> list[str]:
    size = len(people)
    pick, second = draws.below("bio", size, 1000), draws.below("bio, second subject", size, 1000)
    silent = draws.below("bio, silent", size, 1000) < 1000 * PARAMETERS["without_bio"].value
    keys = list(SUBJECTS)
    bios = []
    for row, (kind, subject, place) in enumerate(zip(people["kind"], people["subject"], people["place"], strict=True)):
        about = SUBJECTS[subject]
        if kind == "coquille" or (kind == "personne" and silent[row] and row != LEARNER):
            bios.append("")
        elif kind == "automate":
            bios.append(f"Tout sur {about.article}, en continu, 24 h sur 24.")
        elif kind == "collectif":
            bios.append(f"{about.label.capitalize()} à {place} : ateliers, entraide, portes ouvertes.")
        else:
            bio = about.bios[int(pick[row]) % len(about.bios)].replace("{lieu}", place)
            other = keys[int(second[row]) % len(keys)]
            if second[row] < 300 and other != subject:
                bio += f" Aussi : {SUBJECTS[other].label}."
            bios.append(bio)
    return bios


def _links(draws: _Draws, people: pd.DataFrame) -> tuple[Whole, Whole]:
    """Draw the links, sorted, each once; mark in `people` those who bought followers."""
    size = len(people)
    kind = people["kind"].to_numpy()
    circle = people["circle_number"].to_numpy()
    fame = people["fame"].to_numpy()
    real = np.flatnonzero(circle >= 0)
    members = real[np.argsort(circle[real], kind="stable")]
    starts, sizes = _runs(circle[members], int(circle.max()) + 1)

    follows = draws.quantiles("follows", size, _FOLLOWS)
    follows[LEARNER] = 9
    source = np.repeat(real, np.minimum(follows[real], size // 4))
    count = len(source)
    near = draws.below("near", count, 1000) < 560
    # In a circle, of two members the better known is followed: two draws, one choice.
    here, room = starts[circle[source]], sizes[circle[source]]
    first = members[here + _below(draws.bits("mate", count), room)]
    other = members[here + _below(draws.bits("other mate", count), room)]
    mate = np.where(fame[first] >= fame[other], first, other)
    star = _weighted(draws.bits("star", count), fame)
    target = np.where(near, mate, star)
    back = draws.below("back", count, 1000) < np.where(near, 400, 70)
    source, target = np.append(source, target[back]), np.append(target, source[back])
    # A robot does not follow back, and an empty account has no circle.
    kept = circle[source] >= 0
    source, target = source[kept], target[kept]

    closed = _closures(draws, source, target, size)
    robots, empty = np.flatnonzero(kind == "automate"), np.flatnonzero(kind == "coquille")
    grabbed = np.repeat(robots, 15 + draws.below("robot follows", len(robots), 30))
    to = _weighted(draws.bits("robot star", len(grabbed)), fame)
    tricked = (draws.below("tricked", len(grabbed), 1000) < 60) & (circle[to] >= 0)
    buyers = _buyers(draws, people)
    sold = np.repeat(empty, 1 + draws.below("sold", len(empty), 2))
    bought = buyers[draws.below("buyer", len(sold), len(buyers))]
    wander = np.repeat(empty, 3)
    towards = _weighted(draws.bits("wander", len(wander)), fame)
    source = np.concatenate([source, closed[0], grabbed, to[tricked], sold, wander])
    target = np.concatenate([target, closed[1], to, grabbed[tricked], bought, towards])
    # The learner has just begun: no robot and no stranger has found them yet.
    kept = (source != target) & ((target != LEARNER) | (circle[source] == circle[LEARNER]))
    keys = np.unique((source * size + target)[kept])
    sold_keys = np.unique(sold * size + bought)
    people["bought"] = np.bincount(sold_keys % size, minlength=size).astype(np.int64)
    return keys // size, keys % size


def _closures(draws: _Draws, source: Whole, target: Whole, size: int) -> tuple[Whole, Whole]:
    """Links from an account to those that its own subscriptions follow: one for every three it has."""
    order = np.argsort(source * size + target, kind="stable")
    source, target = source[order], target[order]
    starts, sizes = _runs(source, size)
    has = np.bincount(source, minlength=size) > 0
    chosen = draws.below("closing", len(source), 3) == 0
    one, middle = source[chosen], target[chosen]
    end = target[starts[middle] + _below(draws.bits("friend of a friend", len(one)), sizes[middle])]
    kept = has[middle] & (end != one)
    return one[kept], end[kept]


def _buyers(draws: _Draws, people: pd.DataFrame) -> Whole:
    """Choose the accounts with a bought audience: little known ones that publish (assumption)."""
    known, posts = people["fame"].to_numpy(), people["posts_30d"].to_numpy()
    real = np.flatnonzero((people["circle_number"].to_numpy() >= 0) & (known < 250) & (posts > 0))
    real = real[real != LEARNER]
    wanted = max(2, round(len(people) * PARAMETERS["buyers"].value))
    chosen: Whole = real[np.argsort(draws.bits("buyers", len(real)), kind="stable")[:wanted]]
    return chosen


def _mutual(source: Whole, target: Whole, size: int) -> npt.NDArray[np.bool_]:
    """Whom the learner follows and is followed by."""
    mine, theirs = target[source == LEARNER], source[target == LEARNER]
    known = np.zeros(size, dtype=bool)
    known[np.intersect1d(mine, theirs)] = True
    return known


def _posts(draws: _Draws, people: pd.DataFrame, source: Whole, target: Whole) -> pd.DataFrame:
    size = len(people)
    kind = people["kind"].to_numpy()
    robot = kind == "automate"
    kept = np.minimum(people["posts_30d"].to_numpy(), int(PARAMETERS["posts_kept_of_each"].value))
    author = np.repeat(np.arange(size, dtype=np.int64), kept)
    at = _times(draws, robot[author])
    nature = _natures(draws, people, author)
    liked, asked, relayed = _reactions(draws, people, author, source, target)
    hand = draws.bits("which sentence", len(author))
    tagged = (draws.below("hashtag", len(author), 1000) < 1000 * PARAMETERS["with_hashtag"].value) | robot[author]
    tables = [_table(author, at, "publication", np.full(len(author), -1), nature, likes=liked)]
    tables[0]["pick"], tables[0]["tagged"] = _below(hand, 1_000_000), tagged

    post, by = asked
    replies = _table(by, at[post] + draws.quantiles("reply delay", len(post), _DELAY_SECONDS), "reponse", post)
    first = len(author)
    answering = _answering(draws, people)[author[post]]
    answered = np.flatnonzero(draws.below("answers", len(post), 100) < answering)
    back = replies["at"].to_numpy()[answered] + draws.quantiles("answer delay", len(answered), _DELAY_SECONDS)
    answers = _table(author[post][answered], back, "reponse", first + answered)
    post, by = relayed
    relays = _table(by, at[post] + draws.quantiles("relay delay", len(post), _DELAY_SECONDS), "relais", post)
    credit = draws.below("credit", len(post), 1000) < 1000 * PARAMETERS["relays_with_credit"].value
    relays["credit"] = credit & ~robot[by]
    posts = pd.concat([tables[0], replies, answers, relays], ignore_index=True)
    posts["answer"] = np.arange(len(posts)) - first - len(replies)
    posts["answer"] = posts["answer"].where((posts["answer"] >= 0) & (posts["answer"] < len(answers)), -1)
    lost = posts["at"] >= NOW
    # An answer to a post that is not published yet is dropped.
    lost |= (posts["to"] >= 0) & lost.to_numpy()[posts["to"].to_numpy()]
    posts = posts[~lost]
    posts = posts.sort_values("at", kind="stable")
    renamed = np.full(int(posts.index.max()) + 1, -1, dtype=np.int64)
    renamed[posts.index.to_numpy()] = np.arange(len(posts))
    posts["to"] = np.where(posts["to"] >= 0, renamed[posts["to"].to_numpy()], -1)
    posts = posts.reset_index(drop=True)
    posts["id"] = np.arange(len(posts), dtype=np.int64)
    _write(draws, people, posts)
    posts["at"] = pd.to_datetime(posts["at"], unit="s", utc=True)
    columns = ["id", "author", "at", "kind", "to", "subject", "nature", "text", "hashtags", "credit", "likes"]
    return posts[columns]


def _table(
    author: Whole, at: Whole, kind: str, to: Whole, nature: object = "echange", likes: object = 0
) -> pd.DataFrame:
    rows = {"author": author, "at": at, "kind": kind, "to": to, "nature": nature, "likes": likes}
    return pd.DataFrame({**rows, "pick": 0, "tagged": False, "credit": False})


def _times(draws: _Draws, at_any_hour: npt.NDArray[np.bool_]) -> Whole:
    count = len(at_any_hour)
    hour = _weighted(draws.bits("hour", count), np.array(_HOURS, dtype=np.int64))
    hour = np.where(at_any_hour, draws.below("any hour", count, 24), hour)
    day = draws.below("day", count, 30)
    return NOW - _MONTH + day * 86_400 + hour * 3_600 + draws.below("second", count, 3_600)


def _natures(draws: _Draws, people: pd.DataFrame, author: Whole) -> npt.NDArray[np.object_]:
    """Draw each post's kind; its share of advertising depends on the author (assumption: 5 to 75 %)."""
    promo = 50 + draws.below("self-promotion", len(people), 70) * draws.below("self-promotion, again", len(people), 11)
    promo = np.where(people["kind"] == "automate", 1000, promo)
    promo[LEARNER] = 0
    draw = draws.below("nature", len(author), 1000)
    asks = draws.below("asks", len(author), 1000) < 220
    nature = np.where(asks, "question", "recit").astype(object)
    nature[draw < promo[author]] = "annonce"
    return nature


def _reactions(
    draws: _Draws, people: pd.DataFrame, author: Whole, source: Whole, target: Whole
) -> tuple[Whole, tuple[Whole, Whole], tuple[Whole, Whole]]:
    """Likes of each post; (post, who) of its replies; (post, who) of its relays. Only followers react."""
    size = len(people)
    kind = people["kind"].to_numpy()
    order = np.argsort(target, kind="stable")
    followers = source[order]
    starts, sizes = _runs(target[order], size)
    audience = np.bincount(target, minlength=size)[author]
    count = len(author)
    root = np.sqrt(draws.share("interest", count))
    interest = 0.35 / (root * np.sqrt(root))
    likes = np.minimum(interest * np.sqrt(audience), audience / 2.0).astype(np.int64)
    waves = np.minimum(np.minimum(interest, 8.0), audience / 3.0).astype(np.int64)
    waves += (draws.below("one more", count, 1000) < 300) & (audience > 2)
    post = np.repeat(np.arange(count), waves)
    # A product of two draws: some followers come back more often than others, and each account has its own regulars.
    share = draws.share("regulars", len(post)) * draws.share("regulars, again", len(post))
    place = (share * sizes[author[post]]).astype(np.int64)
    turn = (author[post] * 2_654_435 + place) % sizes[author[post]]
    who = followers[starts[author[post]] + turn]
    says = (kind[who] != "coquille") & (who != LEARNER)
    replies = draws.below("reply or relay", len(post), 1000) < 600
    replies &= kind[who] != "automate"
    chosen, relaying = says & replies, says & ~replies
    return likes, (post[chosen], who[chosen]), (post[relaying], who[relaying])


def _answering(draws: _Draws, people: pd.DataFrame) -> Whole:
    """Draw how many of 100 replies each account answers."""
    percent = draws.quantiles("answering", len(people), _ANSWERS_PERCENT)
    famous = people["fame"].to_numpy() > 600
    percent = np.where(famous, (percent * PARAMETERS["fame_answers_less"].value).astype(np.int64), percent)
    return np.where(people["kind"] == "automate", 0, percent)


def _write(draws: _Draws, people: pd.DataFrame, posts: pd.DataFrame) -> None:
    """The words of each post: an original of its subject, an answer, or the text that a relay repeats."""
    handles, places = people["handle"].tolist(), people["place"].tolist()
    subjects = people["subject"].tolist()
    spoken = draws.below("exchange", len(posts), 1_000_000)
    texts: list[str] = []
    tags: list[str] = []
    about: list[str] = []
    columns = [
        posts[name].tolist() for name in ("author", "kind", "to", "nature", "pick", "tagged", "credit", "answer")
    ]
    authors = columns[0]
    for row, (author, kind, to, nature, pick, tagged, credit, answer) in enumerate(zip(*columns, strict=True)):
        subject = subjects[author] if to < 0 else about[to]
        text, hashtags = "", ""
        if kind == "publication":
            choices = SUBJECTS[subject].posts[nature]
            # A robot has three sentences and no more.
            text = choices[pick % len(choices)].replace("{lieu}", places[author])
            if tagged:
                words = SUBJECTS[subject].hashtags
                hashtags = words[pick % len(words)]
                text = f"{text} {hashtags}"
        elif kind == "reponse":
            sentences = ANSWERS if answer >= 0 else REPLIES
            text = f"{handles[authors[to]]} {sentences[int(spoken[row]) % len(sentences)]}"
        else:
            hashtags = tags[to]
            text = f"Relayé de {handles[authors[to]]} : {texts[to]}" if credit else texts[to]
        texts.append(text)
        tags.append(hashtags)
        about.append(subject)
    posts["text"], posts["hashtags"], posts["subject"] = texts, tags, about


def _lists(draws: _Draws, people: pd.DataFrame, source: Whole, target: Whole) -> pd.DataFrame:
    """Public lists: some people put those whom they follow on one subject together, and give the list its name."""
    size = len(people)
    person = people["kind"].to_numpy() == "personne"
    owns = person & (draws.below("owns a list", size, 1000) < 1000 * PARAMETERS["list_owners"].value)
    subject = people["subject"].to_numpy()
    real = people["circle_number"].to_numpy() >= 0
    kept = owns[source] & real[target] & (subject[source] == subject[target])
    owner, member = source[kept], target[kept]
    names = [f"{SUBJECTS[one].label.capitalize()} : à lire" for one in subject[owner]]
    return pd.DataFrame({"owner": owner, "name": names, "member": member})
