"""X's archive: accounts followed and followers, posts, likes, private messages.

Formats: public parsers and fixtures of 2019 to 2026, seen 2026-11-22. Each file assigns a list to `window.YTD.<name>`;
it is read as JSON and never executed. The texts of private messages are not kept.
"""

import re
from typing import Any

from reseau_kit.french.writing import count
from reseau_kit.network.archives import File
from reseau_kit.network.parsing import (
    Beginning,
    at,
    clean,
    clean_post,
    json_items,
    list_at,
    read_moment,
    whole,
)
from reseau_kit.network.tables import Contact, Exchange, Gathered, Post

NAME = "X"

LIMITS = (
    "X donne les comptes suivis et les abonnés sous forme de numéros : seuls ceux que vous avez mentionnés ont un nom.",
    "L’archive ne dit pas qui a aimé ou relayé vos publications, et aucun lien entre vos contacts.",
    "Le texte de vos messages privés n’est pas gardé : il ne sert pas ici.",
)

_START = r"window\.YTD\.\w+\.part\d+\s*="

_KINDS = {
    "following": "following",
    "follower": "follower",
    "tweet": "tweets",
    "tweets": "tweets",
    "account": "account",
    "like": "likes",
    "direct_messages": "messages",
    "direct_messages_group": "messages",
}


def recognise(start: Beginning) -> str | None:
    """Which of X's files this is, by the name that it assigns."""
    if not start.name.endswith(".js"):
        return None
    found = re.match(r"\s*window\.YTD\.(\w+)\.part\d+\s*=", start.text[:300])
    return _KINDS.get(found[1]) if found else None


class Reader:
    """Reads the files of one archive; `finish` gives the accounts the names that mentions tell."""

    def __init__(self, gathered: Gathered) -> None:
        self._into = gathered
        self._owner = ""
        self._names: dict[str, str] = {}

    def read(self, kind: str, file: File) -> str:
        """Read one file; return a French sentence.

        Raises:
            Trouble: it cannot be read, or not to its end; what came before is kept.
        """
        add = getattr(self, f"_add_{kind}")
        kept = sum(add(item) for item in json_items(file, _START))
        return "votre profil" if kind == "account" else count(kept, *_WORDS[kind])

    def finish(self) -> None:
        """Name the accounts, and tell the messages sent from those received."""
        for key, contact in self._into.contacts.items():
            if contact.id in self._names:
                self._into.contacts[key] = contact._replace(name=self._names[contact.id])
        for date, thread, sender, recipient, members in self._into.messages:
            self._add_message(date, thread, sender, [recipient] if recipient else members.split("-"))

    def _add_account(self, item: Any) -> int:
        self._owner = clean(at(item, "account", "accountId")) or self._owner
        return 1

    def _add_following(self, item: Any) -> int:
        return self._add_contact(at(item, "following"), "following")

    def _add_follower(self, item: Any) -> int:
        return self._add_contact(at(item, "follower"), "follower")

    def _add_contact(self, item: Any, relation: str) -> int:
        number = clean(at(item, "accountId"))
        if not number:
            return 0
        self._into.add_contact(Contact(number, relation=relation, url=clean(at(item, "userLink"), 2_000)))
        return 1

    def _add_tweets(self, item: Any) -> int:
        tweet = at(item, "tweet") or item
        number = clean(at(tweet, "id_str"))
        text = clean_post(at(tweet, "full_text") or at(tweet, "text"))
        if not number and not text:
            return 0
        date = read_moment(at(tweet, "created_at"))
        answered = clean(at(tweet, "in_reply_to_user_id_str"))
        mentions = [
            (clean(at(mention, "id_str")) or clean(at(mention, "screen_name")), clean(at(mention, "screen_name")))
            for mention in list_at(tweet, "entities", "user_mentions")
        ]
        shared = bool(text and re.match(r"RT @\w+:", text))
        kind = "share" if shared else "reply" if answered and answered != self._owner else "post"
        url = f"https://x.com/i/status/{number}" if number else None
        counts = (whole(at(tweet, "favorite_count")), whole(at(tweet, "retweet_count")))
        # What a shared post was liked and shared counts for its author.
        self._into.add_post(Post(number, date, kind, text, url, *((None, None) if shared else counts)))
        self._names.update({person: name for person, name in mentions if person and name})
        if answered:
            self._names.setdefault(answered, clean(at(tweet, "in_reply_to_screen_name")) or answered)
        if kind == "reply":
            mentions.append((answered, self._names.get(answered or "")))
        for index, (person, name) in enumerate(dict(mentions).items()):
            act = "share" if shared and index == 0 else "reply" if kind == "reply" and person == answered else "mention"
            if person and person != self._owner and (act == "share" or not shared):
                self._into.add_exchange(Exchange(date, act, "sent", person, name, link=url))
        return 1

    def _add_likes(self, item: Any) -> int:
        number = clean(at(item, "like", "tweetId"))
        if not number:
            return 0
        link = clean(at(item, "like", "expandedUrl"), 2_000) or f"https://x.com/i/status/{number}"
        date = read_moment(at(item, "like", "likedAt"))
        self._into.add_exchange(Exchange(date, "reaction", "sent", None, link=link))
        return 1

    def _add_messages(self, item: Any) -> int:
        thread = clean(at(item, "dmConversation", "conversationId")) or ""
        messages = [at(each, "messageCreate") for each in list_at(item, "dmConversation", "messages")]
        for message in filter(None, messages):
            sender, recipient = clean(at(message, "senderId")) or "", clean(at(message, "recipientId")) or ""
            members = thread if re.fullmatch(r"\d+-\d+", thread) else ""
            self._into.add_message((at(message, "createdAt"), thread, sender, recipient, members))
        return sum(map(bool, messages))

    def _add_message(self, date: Any, thread: str, sender: str, recipients: list[str]) -> None:
        sent = sender == self._owner
        others = [person for person in recipients if person and person != self._owner] if sent else [sender]
        direction = ("sent" if sent else "received") if self._owner else None
        people: list[str | None] = [*others] or [None]
        for person in people:
            name = self._names.get(person or "")
            self._into.add_exchange(Exchange(read_moment(date), "message", direction, person, name, thread or None))


_WORDS = {
    "following": ("compte suivi", "comptes suivis"),
    "follower": ("abonné",),
    "tweets": ("publication",),
    "likes": ("mention « J’aime »", "mentions « J’aime »"),
    "messages": ("message privé", "messages privés"),
}
