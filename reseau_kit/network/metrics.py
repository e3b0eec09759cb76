"""Readings of a network: searches, profiles, whom others follow, overlaps, and a panel of indicators.

Every result says in French what it tells and what it does not, and none is a score. Only what an account shows is
used: the small world's own truths (`kind`, `bought`) are never looked at. It displays nothing.
"""

import difflib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np
import pandas as pd

from reseau_kit.french.comparing import content_words, simplified
from reseau_kit.french.writing import count, number, percent, typeset
from reseau_kit.network.synthetic import LEARNER, SmallWorld, Whole

#: Above which share this course says « yes » (repères of step 4, open to discussion).
ANSWERS_ENOUGH = 0.1

CREDITS_ENOUGH = 0.5

ADVERTISES_TOO_MUCH = 0.6

#: Posts in 30 days, with few distinct sentences and no answer, that suggest a program.
MANY_POSTS, FEW_SENTENCES = 200, 3

#: Fewer messages or relays than that tell nothing of a habit.
ENOUGH_TO_TELL = 3

YES, NO, UNKNOWN = "oui", "non", "je ne peux pas savoir"


class UnknownAccount(LookupError):
    """No account of the small world has that name; the message proposes near ones."""


@dataclass(frozen=True, eq=False)
class SearchResult:
    """The posts that a search brought back (the columns of `SmallWorld.posts`), and what it says of them."""

    found: pd.DataFrame
    sentence: str


@dataclass(frozen=True)
class Clue:
    """One of the four clues of a profile: what was asked, oui, non or « je ne peux pas savoir », and why."""

    name: str
    answer: str
    why: str


@dataclass(frozen=True)
class Profile:
    """Profile of an account after a minute of reading: its presentation, four clues, and warnings."""

    handle: str
    name: str
    bio: str
    clues: tuple[Clue, ...]
    warnings: tuple[str, ...]

    def clue(self, name: str) -> Clue:
        """The clue of that name: Sujet, Activité, Échange or Crédit."""
        return next(clue for clue in self.clues if clue.name == name)


@dataclass(frozen=True)
class Overlap:
    """Overlap of two accounts' subscriptions: handles, and a sentence."""

    common: tuple[str, ...]
    only_mine: tuple[str, ...]
    only_theirs: tuple[str, ...]
    share: float
    sentence: str


def search(
    posts: pd.DataFrame,
    words: Iterable[str] = (),
    without: Iterable[str] = (),
    hashtags: Iterable[str] = (),
) -> SearchResult:
    """The publications that hold all the words and hashtags, and none of the excluded words, newest first.

    Words are compared as in the course's exercises: whole words, whatever the case, accents and plural's s.
    """
    wanted, unwanted = [content_words(word) for word in words], [content_words(word) for word in without]
    tags = {_hashtag(tag) for tag in hashtags} - {""}
    wanted, unwanted = [word for word in wanted if word], [word for word in unwanted if word]
    published = posts[posts["kind"] == "publication"] if "kind" in posts else posts
    if not wanted and not tags:
        return SearchResult(published[:0], "Donnez au moins un mot ou un mot-dièse à trouver.")
    kept = []
    for text, tagged in zip(published["text"], published["hashtags"], strict=True):
        held = set(content_words(text))
        kept.append(
            all(held.issuperset(word) for word in wanted)
            and not any(held.issuperset(word) for word in unwanted)
            and tags <= {_hashtag(tag) for tag in tagged.split()}
        )
    found = published[np.array(kept, dtype=bool)].iloc[::-1]
    authors = found["author"].nunique()
    if found.empty:
        sentence = "Rien ne revient. Retirez un mot demandé, ou rendez un mot exclu."
    else:
        share = percent(len(found) / len(published))
        top = Counter(found["author"]).most_common(1)[0][1]
        sentence = (
            f"{count(len(found), 'publication')} sur {number(len(published))} ({share}), "
            f"de {count(authors, 'compte')} ; le plus bavard en a écrit {number(top)}."
        )
    return SearchResult(found, typeset(sentence))


def account(world: SmallWorld, who: int | str) -> int:
    """The id of an account, by id, handle or name.

    Raises:
        UnknownAccount: there is no account of that name; the message names near ones.

    """
    if not isinstance(who, str):
        if 0 <= who < world.size:
            return int(who)
        raise UnknownAccount(typeset(f"Ce monde a les comptes 0 à {world.size - 1} ; le compte {who} n’y est pas."))
    asked = simplified(who).lstrip("@")
    handles = {simplified(handle).lstrip("@"): row for row, handle in enumerate(world.people["handle"])}
    names = {simplified(name): row for row, name in reversed(list(enumerate(world.people["name"])))}
    found = handles.get(asked, names.get(asked))
    if found is None:
        near = difflib.get_close_matches(asked, [*names, *handles], n=2, cutoff=0.6)
        known = [world.people["name"][names.get(one, handles.get(one, 0))] for one in near]
        hint = f" Vouliez-vous dire {' ou '.join(dict.fromkeys(known))} ?" if known else ""
        raise UnknownAccount(typeset(f"Aucun compte ne s’appelle « {who} » ici.{hint}"))
    return found


def profile(world: SmallWorld, who: int | str, about: Iterable[str] = ()) -> Profile:
    """Read an account for a minute: subject (of the words `about`), activity, exchange, credit.

    Raises:
        UnknownAccount: there is no account of that name.

    """
    row = account(world, who)
    person, fact = world.people.iloc[row], _facts(world).iloc[row]
    clues = (
        _subject(world, row, list(about)),
        Clue(
            "Activité",
            YES if person["posts_30d"] or fact["echoes"] else NO,
            typeset(f"Publications en 30 jours : {person['posts_30d']} ; réponses et relais : {fact['echoes']}."),
        ),
        _habit(
            "Échange",
            int(fact["answered"]),
            int(fact["received"]),
            ANSWERS_ENOUGH,
            "Messages reçus : {1} ; réponses données : {0}.",
        ),
        _habit(
            "Crédit",
            int(fact["credited"]),
            int(fact["relays"]),
            CREDITS_ENOUGH,
            "Relais : {1} ; auteurs nommés : {0}.",
        ),
    )
    return Profile(person["handle"], person["name"], person["bio"], clues, _warnings(fact))


def followed_by_known(world: SmallWorld, known: Sequence[int] | None = None) -> pd.DataFrame:
    """Whom the people you know follow and relay, and you do not follow yet, a row an account.

    Columns: `id`, `handle`, `name`, `bio`, `circle`, `followed_by` and `relayed_by` (how many of those you know),
    `in_lists` (in how many of their public lists). Most often named first. `known` defaults to the learner's own.
    """
    people = world.people
    friends = np.flatnonzero(people["known"]) if known is None else np.asarray(known, dtype=np.int64)
    links, posts, lists = world.links, world.posts, world.lists
    follows = links[links["source"].isin(friends)]
    relays = posts[(posts["kind"] == "relais") & posts["author"].isin(friends)]
    relayed = pd.DataFrame({"by": relays["author"], "of": posts["author"].to_numpy()[relays["to"].to_numpy()]})
    member = lists[lists["owner"].isin(friends)]
    size = world.size
    table = people[["id", "handle", "name", "bio", "circle"]].copy()
    table["followed_by"] = np.bincount(follows["target"], minlength=size)
    table["relayed_by"] = np.bincount(relayed.drop_duplicates()["of"], minlength=size)
    table["in_lists"] = np.bincount(member["member"], minlength=size)
    mine = set(links.loc[links["source"] == LEARNER, "target"]) | set(friends) | {LEARNER}
    named = (table["followed_by"] + table["relayed_by"] + table["in_lists"] > 0) & ~table["id"].isin(mine)
    order = ["followed_by", "relayed_by", "in_lists", "id"]
    return table[named].sort_values(order, ascending=[False, False, False, True], ignore_index=True)


def lists_with(world: SmallWorld, who: int | str) -> pd.DataFrame:
    """The public lists that an account is in: `owner` (handle), `name`, `members` (how many).

    Raises:
        UnknownAccount: there is no account of that name.

    """
    row = account(world, who)
    lists = world.lists
    sizes = lists.groupby(["owner", "name"], sort=False).size()
    held = lists[lists["member"] == row]
    return pd.DataFrame(
        {
            "owner": world.people["handle"].to_numpy()[held["owner"].to_numpy()],
            "name": held["name"].to_numpy(),
            "members": [int(sizes[owner, name]) for owner, name in zip(held["owner"], held["name"], strict=True)],
        }
    )


def overlap(world: SmallWorld, neighbour: int | str, who: int | str = LEARNER) -> Overlap:
    """Compute the overlap with a neighbour's subscriptions; `share` is of your own subscriptions, 0–1.

    Raises:
        UnknownAccount: there is no account of that name.

    """
    me, other = account(world, who), account(world, neighbour)
    mine, theirs = _followed(world, me) - {other}, _followed(world, other) - {me}
    handles = world.people["handle"]
    common, left, right = (
        tuple(handles[row] for row in sorted(some)) for some in (mine & theirs, mine - theirs, theirs - mine)
    )
    share = len(common) / len(mine) if mine else 0.0
    if not mine:
        sentence = "Vous ne suivez encore personne d’autre : rien à comparer."
    else:
        verb = "est aussi suivi" if len(common) < 2 else "sont aussi suivis"
        sentence = (
            f"Des {count(len(mine), 'autre compte', 'autres comptes')} que vous suivez, {number(len(common))} "
            f"({percent(share)}) {verb} par {world.people['name'][other]}."
        )
        if share > 0.5:
            sentence += " Plus de la moitié : son réseau vous est déjà ouvert, cherchez aussi ailleurs."
    return Overlap(common, left, right, share, typeset(sentence))


def worth_following_back(world: SmallWorld, who: int | str = LEARNER, about: Iterable[str] = ()) -> pd.DataFrame:
    """Your followers whom you do not follow, a row each, with what would help you to choose; no score.

    Columns: `id`, `handle`, `name`, `bio`, `circle`, `new_circle` (you follow nobody there), `in_common` (how many of
    those you follow do), one column a clue (oui, non, je ne peux pas savoir), `warnings` (a sentence, or empty).
    Those without a warning come first, then those with more clues that say oui, new circles first.

    Raises:
        UnknownAccount: there is no account of that name.

    """
    me = account(world, who)
    words = list(about)
    followed = _followed(world, me)
    links, people = world.links, world.people
    followers = sorted(set(links.loc[links["target"] == me, "source"]) - followed)
    circles = set(people["circle"].to_numpy()[sorted(followed)]) | {""}
    common = np.bincount(links.loc[links["source"].isin(followed), "target"], minlength=world.size)
    rows = []
    for one in followers:
        seen = profile(world, one, words)
        about_them = people.iloc[one]
        rows.append(
            {
                **{name: about_them[name] for name in ("id", "handle", "name", "bio", "circle")},
                "new_circle": about_them["circle"] not in circles,
                "in_common": int(common[one]),
                **{clue.name: clue.answer for clue in seen.clues},
                "warnings": " ".join(seen.warnings),
                "yes": sum(clue.answer == YES for clue in seen.clues),
                "wary": bool(seen.warnings),
            }
        )
    columns = ["id", "handle", "name", "bio", "circle", "new_circle", "in_common"]
    columns += ["Sujet", "Activité", "Échange", "Crédit", "warnings"]
    if not rows:
        return pd.DataFrame(columns=columns)
    table = pd.DataFrame(rows).sort_values(
        ["wary", "yes", "new_circle", "id"], ascending=[True, False, False, True], ignore_index=True
    )
    return table[columns]


def to_unfollow(world: SmallWorld, who: int | str = LEARNER, about: Iterable[str] = ()) -> pd.DataFrame:
    """Subscriptions that give a reason to leave: `id`, `handle`, `name`, `reason`, `why`.

    Reasons: automate, autopromotion, muet, and hors sujet where words `about` are given. That somebody thinks
    otherwise, or is small, is not one.

    Raises:
        UnknownAccount: there is no account of that name.

    """
    words = list(about)
    facts = _facts(world)
    rows = []
    for one in sorted(_followed(world, account(world, who))):
        person, fact = world.people.iloc[one], facts.iloc[one]
        found = _reason_to_leave(world, one, fact, words)
        if found:
            rows.append({"id": one, "handle": person["handle"], "name": person["name"], **found})
    return pd.DataFrame(rows, columns=["id", "handle", "name", "reason", "why"])


def who_answers(world: SmallWorld, who: int | str = LEARNER) -> pd.DataFrame:
    """Which of the accounts that one follows answer those who write to them, a row each; no rank of people.

    Columns: `id`, `handle`, `name`, `followers`, `received` and `answered` (messages under their publications),
    `share` (0–1; missing below three messages, which tell nothing), `low` and `high` (Wilson's interval). Those who
    answered the largest share first, then those of whom nothing can be told.

    Raises:
        UnknownAccount: there is no account of that name.

    """
    rows = sorted(_followed(world, account(world, who)))
    facts = _facts(world).iloc[rows]
    table = world.people.iloc[rows][["id", "handle", "name", "followers"]].copy()
    table["received"], table["answered"] = facts["received"].to_numpy(), facts["answered"].to_numpy()
    told = table["received"] >= ENOUGH_TO_TELL
    table["share"] = (table["answered"] / table["received"].where(told)).astype("float64")
    bounds = [wilson(done, n) for done, n in zip(table["answered"], table["received"], strict=True)]
    table["low"], table["high"] = [low for low, _ in bounds], [high for _, high in bounds]
    return table.sort_values(["share", "received", "id"], ascending=[False, False, True], ignore_index=True)


def waiting_for_answer(world: SmallWorld, who: int | str = LEARNER) -> pd.DataFrame:
    """Return the messages under an account's publications that have no answer yet, oldest first.

    Columns: `id` (of the message), `handle` and `name` of who wrote it, `at`, `text`, `under` (the publication).

    Raises:
        UnknownAccount: there is no account of that name.

    """
    me = account(world, who)
    posts, people = world.posts, world.people
    author, to, kind = posts["author"].to_numpy(), posts["to"].to_numpy(), posts["kind"].to_numpy()
    # `to` is -1 for a publication: the last row is then looked at, and passed over.
    written = (kind == "reponse") & (kind[to] == "publication") & (author[to] == me) & (author != me)
    answered = set(to[(kind == "reponse") & (author == me)].tolist())
    left = [row for row in np.flatnonzero(written).tolist() if row not in answered]
    found = posts.iloc[left]
    return pd.DataFrame(
        {
            "id": found["id"].to_numpy(),
            "handle": people["handle"].to_numpy()[found["author"]],
            "name": people["name"].to_numpy()[found["author"]],
            "at": found["at"].to_numpy(),
            "text": found["text"].to_numpy(),
            "under": posts["text"].to_numpy()[found["to"]],
        }
    )


def worth_relaying(world: SmallWorld, who: int | str = LEARNER, about: Iterable[str] = ()) -> pd.DataFrame:
    """Publications of the accounts that one follows which might serve others, newest first; no score.

    No advert, no program's, not relayed by oneself already, on the words `about` where some are given. Columns: `id`,
    `handle`, `name` (whom to credit), `at`, `text`.

    Raises:
        UnknownAccount: there is no account of that name.

    """
    me = account(world, who)
    posts, facts = world.posts, _facts(world)
    followed = [one for one in sorted(_followed(world, me)) if not _is_robot(facts.iloc[one])]
    wanted = [word for word in map(content_words, about) if word]
    mine = set(posts.loc[(posts["author"] == me) & (posts["kind"] == "relais"), "to"])
    kept = posts[
        (posts["kind"] == "publication")
        & posts["author"].isin(followed)
        & (posts["nature"] != "annonce")
        & ~posts["id"].isin(mine)
    ].iloc[::-1]
    if wanted:
        held = [set(content_words(text)) for text in kept["text"]]
        kept = kept[[any(words.issuperset(word) for word in wanted) for words in held]]
    people = world.people
    return pd.DataFrame(
        {
            "id": kept["id"].to_numpy(),
            "handle": people["handle"].to_numpy()[kept["author"]],
            "name": people["name"].to_numpy()[kept["author"]],
            "at": kept["at"].to_numpy(),
            "text": kept["text"].to_numpy(),
        }
    )


def contacts_of(
    world: SmallWorld, who: int | str = LEARNER, *, everyone: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Data of a map: an account's contacts (followed or followers) and the links between them.

    The account itself is at the map's centre, so it is not among them. With `everyone`, all other accounts of the
    world are.

    Raises:
        UnknownAccount: there is no account of that name.

    """
    me = account(world, who)
    links, people = world.links, world.people
    with_me = (links["source"] == me) | (links["target"] == me)
    met = set(people["id"]) if everyone else set(links.loc[with_me, ["source", "target"]].to_numpy().ravel())
    met -= {me}
    kept = people[people["id"].isin(met)].drop(columns=["kind", "bought"], errors="ignore")
    between = links[links["source"].isin(met) & links["target"].isin(met)]
    return kept.reset_index(drop=True), between.reset_index(drop=True)


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, 0–1 (Wilson, « Probable inference », JASA 22, 1927); 0 to 1 where n is 0."""
    if n == 0:
        return 0.0, 1.0
    z = 1.959964
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # Rounding must not make « more than nothing » of no success at all.
    return (middle - half if successes else 0.0), (middle + half if successes < n else 1.0)


def _hashtag(tag: str) -> str:
    return simplified(tag).lstrip("#").strip()


def _followed(world: SmallWorld, row: int) -> set[int]:
    return set(world.links.loc[world.links["source"] == row, "target"].tolist())


@lru_cache(maxsize=4)
def _facts(world: SmallWorld) -> pd.DataFrame:
    """Per account, what anybody can count: messages received and answered, relays and credits, advertising, followers.

    Columns: `posts_30d`, `echoes` (replies and relays), `received`, `answered`, `relays`, `credited`, `published`,
    `sentences` (how many different ones), `adverts`, `followers`, `bare` (followers with neither a bio nor a post).
    """
    size, posts, people = world.size, world.posts, world.people
    author, to, kind = posts["author"].to_numpy(), posts["to"].to_numpy(), posts["kind"].to_numpy()
    partner = np.where(to >= 0, author[to], -1)
    received = (kind == "reponse") & (kind[to] == "publication") & (partner != author)
    # An answer is the author's own reply to what was said under their publication.
    answer = (kind == "reponse") & (kind[to] == "reponse")
    answered = np.zeros(len(posts), dtype=bool)
    answered[to[answer]] = True
    relay, published = kind == "relais", kind == "publication"
    silent = np.asarray((people["bio"] == "") & (people["posts_30d"] == 0))
    source, target = world.links["source"].to_numpy(), world.links["target"].to_numpy()

    def counted(rows: Whole) -> Whole:
        return np.bincount(rows, minlength=size)

    return pd.DataFrame(
        {
            "posts_30d": people["posts_30d"],
            "echoes": counted(author[~published]),
            "received": counted(partner[received]),
            "answered": counted(partner[received & answered]),
            "relays": counted(author[relay]),
            "credited": counted(author[relay & posts["credit"].to_numpy()]),
            "published": counted(author[published]),
            "sentences": posts[published].groupby("author")["text"].nunique().reindex(range(size), fill_value=0),
            "adverts": counted(author[published & (posts["nature"] == "annonce").to_numpy()]),
            "followers": people["followers"],
            "bare": counted(target[silent[source]]),
        }
    )


def _subject(world: SmallWorld, row: int, about: Sequence[str]) -> Clue:
    wanted = [word for word in map(content_words, about) if word]
    if not wanted:
        return Clue("Sujet", UNKNOWN, "Dites quels mots vous cherchez.")
    posts = world.posts
    said = posts.loc[(posts["author"] == row) & (posts["kind"] == "publication"), "text"]
    bio = world.people["bio"][row]
    held = set(content_words(bio))
    in_bio = [" ".join(word) for word in wanted if held.issuperset(word)]
    hits = sum(any(set(content_words(text)).issuperset(word) for word in wanted) for text in said)
    if said.empty and not in_bio:
        told = "La bio n’en parle pas" if bio else "Pas de bio"
        return Clue("Sujet", UNKNOWN, f"{told}, et il n’y a aucune publication à lire.")
    where = "La bio en parle" if in_bio else "La bio n’en parle pas" if bio else "Pas de bio"
    told = f"{where}. Publications lues : {number(len(said))} ; sur le sujet : {number(hits)}."
    return Clue("Sujet", YES if in_bio or hits * 4 >= max(len(said), 1) else NO, typeset(told))


def _habit(name: str, done: int, n: int, enough: float, sentence: str) -> Clue:
    if n < ENOUGH_TO_TELL:
        told = count(n, "seul cas", "cas") if n else "Aucun cas"
        return Clue(name, UNKNOWN, typeset(f"{told} à observer : trop peu pour le dire."))
    return Clue(name, YES if done / n > enough else NO, typeset(sentence.format(number(done), number(n))))


def _warnings(fact: "pd.Series[int]") -> tuple[str, ...]:
    found = []
    if _is_robot(fact):
        posts = count(fact["posts_30d"], "publication")
        found.append(f"{posts} en 30 jours, les mêmes phrases, aucune réponse : un programme, sans doute.")
    if fact["followers"] >= 10 and fact["bare"] * 4 >= fact["followers"]:
        share = percent(fact["bare"] / fact["followers"])
        found.append(f"{share} de ses abonnés n’ont ni bio ni publication : une audience achetée, peut-être.")
    if fact["published"] >= ENOUGH_TO_TELL and fact["adverts"] / fact["published"] >= ADVERTISES_TOO_MUCH:
        found.append(f"{number(fact['adverts'])} publications sur {number(fact['published'])} vendent quelque chose.")
    return tuple(map(typeset, found))


def _is_robot(fact: "pd.Series[int]") -> bool:
    repeats = fact["published"] >= 2 * FEW_SENTENCES and fact["sentences"] <= FEW_SENTENCES
    return bool(fact["posts_30d"] >= MANY_POSTS and fact["answered"] == 0 and repeats)


def _reason_to_leave(
    world: SmallWorld, row: int, fact: "pd.Series[int]", about: Sequence[str]
) -> dict[str, str] | None:
    warnings = _warnings(fact)
    if _is_robot(fact):
        return {"reason": "automate", "why": warnings[0]}
    if fact["published"] >= ENOUGH_TO_TELL and fact["adverts"] / fact["published"] >= ADVERTISES_TOO_MUCH:
        return {"reason": "autopromotion", "why": warnings[-1]}
    if fact["posts_30d"] == 0 and fact["echoes"] == 0:
        why = "Rien en 30 jours. Un proche peut se taire : est-ce lui que vous suivez, ou ce qu’il publie ?"
        return {"reason": "muet", "why": typeset(why)}
    if about and (clue := _subject(world, row, about)).answer == NO:
        return {"reason": "hors sujet", "why": clue.why}
    return None
