"""The three tables that every export is read into, whatever its network, and the way they are filled.

All that is in them is about the export's owner: nobody's link with somebody else is ever supposed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from reseau_kit.system.untrusted import Trouble

if TYPE_CHECKING:
    from pandas import DataFrame

#: Maximum rows of a table: no person has as many contacts, posts or messages.
MAX_ROWS = 1_000_000


class Contact(NamedTuple):
    """One account or person that the owner is linked with, in one way. A mutual follow is two rows."""

    #: Its identifier within its network: profile address, account number or address, DID; the name where nothing else.
    id: str
    name: str | None = None
    #: « contact » (both ways: LinkedIn, Facebook), « following » (followed by the owner), « follower ».
    relation: str = "contact"
    since: datetime | None = None
    url: str | None = None
    company: str | None = None
    position: str | None = None
    #: The folder that the owner put it in (OPML), or its server (Mastodon).
    group: str | None = None


class Post(NamedTuple):
    """Something that the owner published: « post », « reply », « comment », or « share » of another's post."""

    id: str | None
    date: datetime | None
    kind: str
    text: str | None = None
    url: str | None = None
    #: How many times others liked it and passed it on, where the export says so.
    likes: int | None = None
    shares: int | None = None


class Exchange(NamedTuple):
    """One act between the owner and one person: a message to three people is three rows."""

    date: datetime | None
    #: « message », « invitation », « reply », « mention », « share », « reaction », « bookmark ».
    kind: str
    #: « sent » by the owner, « received », or None where the export does not tell.
    direction: str | None
    #: The person's `Contact.id`, whether or not they are among the contacts; None where the export does not tell.
    person: str | None
    name: str | None = None
    #: Identifier of the conversation.
    thread: str | None = None
    #: The post that it is about.
    link: str | None = None


@dataclass(slots=True)
class Gathered:
    """The rows found so far, and sentences about them."""

    contacts: dict[tuple[str, str], Contact] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    #: Messages as a network's reader took them down, until it knows which of the parties is the owner.
    messages: list[Any] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    #: How many contacts came again.
    doubles: int = 0

    def add_contact(self, contact: Contact) -> None:
        """Keep a contact, once: archives within archives hold the same file twice."""
        _leave_room(self.contacts)
        key = (contact.id, contact.relation)
        self.doubles += key in self.contacts
        self.contacts.setdefault(key, contact)

    def add_post(self, post: Post) -> None:
        """Keep a post."""
        _leave_room(self.posts)
        self.posts.append(post)

    def add_exchange(self, exchange: Exchange) -> None:
        """Keep an exchange."""
        _leave_room(self.exchanges)
        self.exchanges.append(exchange)

    def add_message(self, message: Any) -> None:
        """Keep a message for later."""
        _leave_room(self.messages)
        self.messages.append(message)

    def rows(self) -> int:
        """Number of rows so far, over all tables."""
        return len(self.contacts) + len(self.posts) + len(self.exchanges) + len(self.messages)


class Namesakes:
    """Ids for people of whom an export gives no other than their name: the date tells two of one name apart."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, datetime | None], str] = {}
        self._times: Counter[str] = Counter()

    def id_of(self, name: str, since: datetime | None) -> str:
        """The name for the first who bears it, « name (2) » for the second; the same for the same date."""
        key = (name, since)
        if key not in self._ids:
            self._times[name] += 1
            times = self._times[name]
            self._ids[key] = name if times == 1 else f"{name} ({times})"
        return self._ids[key]


def contacts_table(contacts: Sequence[Contact]) -> "DataFrame":
    """One row per `Contact`, in the order of the export."""
    return _table(contacts, Contact, dates=("since",))


def posts_table(posts: Sequence[Post]) -> "DataFrame":
    """One row per `Post`, oldest first, undated ones last; twice the same post counts once."""
    table = _table(posts, Post, dates=("date",), numbers=("likes", "shares"))
    return table.drop_duplicates().sort_values("date", kind="stable", ignore_index=True)


def exchanges_table(exchanges: Sequence[Exchange]) -> "DataFrame":
    """One row per `Exchange`, oldest first, undated ones last; twice the same act counts once."""
    table = _table(exchanges, Exchange, dates=("date",))
    # Archives within archives hold the same messages twice; what has neither date nor link may well be two acts.
    told = table["date"].notna() | table["link"].notna()
    table = table[~(table.duplicated() & told)]
    return table.sort_values("date", kind="stable", ignore_index=True)


def _leave_room(rows: Sequence[object] | dict[tuple[str, str], Contact]) -> None:
    if len(rows) >= MAX_ROWS:
        raise Trouble("il a plus d’un million de lignes ; la suite n’est pas lue")


def _table(
    rows: Sequence[Contact] | Sequence[Post] | Sequence[Exchange],
    row: type[Contact] | type[Post] | type[Exchange],
    *,
    dates: tuple[str, ...],
    numbers: tuple[str, ...] = (),
) -> "DataFrame":
    import pandas as pd

    table = pd.DataFrame.from_records(rows, columns=list(row._fields))
    for column in row._fields:
        if column in dates:
            moments = pd.to_datetime(table[column], utc=True)
            table[column] = moments.astype("datetime64[us, UTC]")
        else:
            table[column] = table[column].astype("Int64" if column in numbers else "string")
    return table
