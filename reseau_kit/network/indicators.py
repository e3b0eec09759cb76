"""Six indicators in place of a score: what each tells of one's own network, and what it does not."""

import statistics
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from reseau_kit.french.writing import count, duration, number, percent, typeset
from reseau_kit.network.metrics import account, wilson
from reseau_kit.network.synthetic import LEARNER, SmallWorld


@dataclass(frozen=True, eq=False)
class OwnView:
    """An account's own side of a network, in the three tables that exports are read into (see `tables.py`)."""

    contacts: pd.DataFrame
    posts: pd.DataFrame
    exchanges: pd.DataFrame


@dataclass(frozen=True)
class Indicator:
    """One figure of the panel. `value` is None where the data do not allow it, and `shown` then says why.

    `n` is what it was counted on; `low` and `high` bound it where an interval makes sense (95 %).
    """

    id: str
    label: str
    value: float | None
    n: int
    shown: str
    says: str
    says_not: str
    low: float | None = None
    high: float | None = None


def own_view(world: SmallWorld, who: int | str = LEARNER) -> OwnView:
    """Build the export of an account of the small world, so that one panel serves both.

    Raises:
        UnknownAccount: there is no account of that name.

    """
    me = account(world, who)
    people, posts, links = world.people, world.posts, world.links
    handles, names = people["handle"].to_numpy(), people["name"].to_numpy()
    following = links.loc[links["source"] == me, "target"].to_numpy()
    followers = links.loc[links["target"] == me, "source"].to_numpy()
    both = np.append(following, followers)
    contacts = pd.DataFrame({"id": handles[both], "name": names[both], "group": people["circle"].to_numpy()[both]})
    contacts["relation"] = ["following"] * len(following) + ["follower"] * len(followers)
    author, to = posts["author"].to_numpy(), posts["to"].to_numpy()
    kind = posts["kind"].to_numpy()
    answers = to >= 0
    # A conversation is what hangs on one publication.
    root = np.where(answers & (kind[to] != "publication"), to[to], to)
    partner = np.where(answers, author[to], -1)
    relays = np.bincount(to[kind == "relais"], minlength=len(posts))
    own = author == me
    mine = posts[own]
    kinds = {"publication": "post", "reponse": "reply", "relais": "share"}
    published = pd.DataFrame({"id": mine["id"], "date": mine["at"], "kind": mine["kind"].map(kinds)})
    published["text"], published["likes"] = mine["text"], mine["likes"]
    published["shares"] = relays[own]
    sent = answers & own & (partner != me)
    received = answers & (partner == me) & (author != me)
    acts = posts[sent | received]
    rows = acts.index.to_numpy()
    person = np.where(own[rows], partner[rows], author[rows])
    exchanges = pd.DataFrame({"date": acts["at"], "kind": np.where(acts["kind"] == "relais", "share", "reply")})
    exchanges["direction"] = np.where(own[rows], "sent", "received")
    exchanges["person"], exchanges["name"] = handles[person], names[person]
    exchanges["thread"] = root[rows].astype(str)
    return OwnView(contacts, published.reset_index(drop=True), exchanges.reset_index(drop=True))


def indicators(contacts: pd.DataFrame, posts: pd.DataFrame, exchanges: pd.DataFrame) -> tuple[Indicator, ...]:
    """The panel, of the three tables that exports are read into: six figures, never one.

    Response rate (with Wilson's interval), median delay, reciprocity, unique responders, share of the top 5, h-index
    of posts. Where the data do not allow one, it says so rather than 0.
    """
    rate, delay = _responses(exchanges)
    return (rate, delay, _reciprocity(contacts), *_responders(exchanges), _h_index(posts))


#: Kinds of exchanges that call for an answer. A reaction or an invitation does not.
_CALLS = ("message", "reply", "mention")


def _responses(exchanges: pd.DataFrame) -> tuple[Indicator, Indicator]:
    """Compute the share of received messages that were answered, and how fast; several in a row count as one."""
    said = exchanges[exchanges["kind"].isin(_CALLS) & exchanges["person"].notna() & exchanges["date"].notna()]
    said = said[said["direction"].isin(["sent", "received"])].sort_values("date", kind="stable")
    threads = said["thread"].astype(object).where(said["thread"].notna(), "") if "thread" in said else [""] * len(said)
    waiting: dict[tuple[str, str], float] = {}
    delays: list[float] = []
    n = 0
    moments = [moment.timestamp() for moment in said["date"]]
    for person, thread, direction, moment in zip(said["person"], threads, said["direction"], moments, strict=True):
        key = (str(person), str(thread))
        if direction == "received":
            n += key not in waiting
            waiting.setdefault(key, moment)
        elif key in waiting:
            delays.append(moment - waiting.pop(key))
    answered = len(delays)
    low, high = wilson(answered, n)
    says = "À combien de prises de parole vous avez répondu. Plusieurs messages d’affilée comptent pour une."
    says_not = "Si la réponse était bonne, ni s’il en fallait une. Les messages récents peuvent encore en recevoir une."
    none = "Vos données ne contiennent aucun message reçu."
    rate = Indicator(
        "response_rate",
        "Taux de réponse",
        answered / n if n else None,
        n,
        typeset(
            f"{percent(answered / n)} ({number(answered)} sur {number(n)} ; "
            f"marge d’erreur : de {percent(low)} à {percent(high)})"
            if n
            else none
        ),
        typeset(says),
        typeset(says_not),
        low if n else None,
        high if n else None,
    )
    median = statistics.median(delays) if delays else None
    delay = Indicator(
        "median_delay",
        "Délai médian de réponse",
        median,
        answered,
        typeset(f"{duration(median)} (sur {count(answered, 'réponse')})" if median is not None else none if not n else
                "Vous n’avez encore répondu à personne dans ces données."),
        "La moitié de vos réponses est venue plus vite, l’autre moitié plus tard.",
        typeset("S’il faut aller plus vite : une réponse du lendemain, réfléchie, vaut souvent mieux."),
    )  # fmt: skip
    return rate, delay


def _reciprocity(contacts: pd.DataFrame) -> Indicator:
    following = set(contacts.loc[contacts["relation"] == "following", "id"])
    followers = set(contacts.loc[contacts["relation"] == "follower", "id"])
    mutual = len(following & followers)
    n = len(following)
    low, high = wilson(mutual, n)
    known = bool(following and followers)
    if known:
        shown = f"{percent(mutual / n)} ({number(mutual)} des {number(n)} comptes que vous suivez vous suivent)"
    elif len(contacts) and (contacts["relation"] == "contact").all():
        shown = "Sur ce réseau, un contact va toujours dans les deux sens : il n’y a rien à compter."
    elif following:
        shown = "Vos données ne disent pas qui vous suit."
    else:
        shown = "Vos données ne disent pas qui vous suivez."
    return Indicator(
        "reciprocity",
        "Réciprocité",
        mutual / n if known else None,
        n,
        typeset(shown),
        "Quelle part de ceux que vous suivez vous suit aussi.",
        typeset("Si vous vous parlez. Suivre sans retour est légitime : c’est lire."),
        low if known else None,
        high if known else None,
    )


def _responders(exchanges: pd.DataFrame) -> tuple[Indicator, Indicator]:
    received = exchanges[(exchanges["direction"] == "received") & (exchanges["kind"] != "invitation")]
    people = Counter(received["person"].dropna().tolist())
    n = sum(people.values())
    top = sum(times for _, times in people.most_common(5))
    none = "Vos données ne disent pas qui s’est adressé à vous."
    unique = Indicator(
        "unique_responders",
        "Personnes qui s’adressent à vous",
        float(len(people)) if n else None,
        n,
        typeset(f"{count(len(people), 'personne')}, pour {count(n, 'signe reçu', 'signes reçus')}" if n else none),
        "Combien de personnes différentes vous ont écrit, répondu ou relayé.",
        typeset("Combien vous lisent en silence : souvent bien davantage."),
    )
    share = Indicator(
        "top_5_share",
        "Part des cinq plus fidèles",
        top / n if n else None,
        n,
        typeset(f"{percent(top / n)} ({count(top, 'signe')} sur {number(n)})" if n else none),
        "Si vos échanges tiennent à quelques personnes, ou à beaucoup.",
        typeset("Que c’est mal : cinq fidèles sont une chance. Mais s’ils partent, que reste-t-il ?"),
    )
    return unique, share


def _h_index(posts: pd.DataFrame) -> Indicator:
    known = posts[["likes", "shares"]].notna().any(axis=1) if len(posts) else pd.Series(dtype=bool)
    counted = posts[known]
    total = counted[["likes", "shares"]].fillna(0).sum(axis=1).astype(int)
    ranked = sorted(total.tolist(), reverse=True)
    h = sum(reactions > place for place, reactions in enumerate(ranked))
    n = len(ranked)
    shown = (
        f"{number(h)} : {count(h, 'publication a', 'publications ont')} reçu au moins "
        f"{count(h, 'réaction')} {'chacune' if h > 1 else ''}".strip()
        + f" (sur {count(n, 'publication')})"
        if h
        else f"0 : aucune des {count(n, 'publication')} n’a reçu de réaction"
        if n
        else "Vos données ne disent pas combien de réactions vos publications ont reçues."
    )
    return Indicator(
        "h_index",
        "Indice h des publications",
        float(h) if n else None,
        n,
        typeset(shown),
        typeset("Si plusieurs publications font réagir, et non une seule par hasard (Hirsch, 2005)."),
        typeset("Si elles ont servi à quelqu’un. Il grandit avec le temps et le nombre d’abonnés."),
    )
