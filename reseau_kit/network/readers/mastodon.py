"""Mastodon's exports: the list of accounts followed (CSV), and the archive of posts, likes and bookmarks.

Formats: Mastodon's server source and public parsers, seen 2026-11-22; ActivityStreams 2.0 (W3C, 2017) for the archive.
The texts of direct messages are not kept.
"""

import re
from typing import Any

from reseau_kit.french.writing import count
from reseau_kit.network.archives import File
from reseau_kit.network.parsing import (
    Beginning,
    Layout,
    at,
    clean,
    headers_in,
    json_items,
    json_value,
    list_at,
    read_moment,
    read_rows,
    text_of_html,
    whole,
)
from reseau_kit.network.tables import Contact, Exchange, Gathered, Post

NAME = "Mastodon"

LIMITS = (
    "Mastodon ne donne pas la liste de vos abonnés, ni aucun lien entre vos contacts.",
    "L’archive n’a pas les comptes que vous suivez : leur liste, en CSV, est à part (Préférences, Import et export).",
    "Le texte de vos messages privés n’est pas gardé : il ne sert pas ici.",
)

_LAYOUT = Layout({"address": ("account address",)}, frozenset({"address"}))
_ITEMS = r'"orderedItems"\s*:'
_PUBLIC = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")


def recognise(start: Beginning) -> str | None:
    """Which of Mastodon's files this is, by its headings or by what an ActivityStreams document says it is."""
    if start.name.endswith((".csv", ".txt")):
        # The list of muted accounts has the same first column, and another.
        follows = any(_LAYOUT.fits(header) and "hide notifications" not in header for header in headers_in(start.text))
        return "following" if follows else None
    if not start.name.endswith(".json") or not re.match(r'\s*\{\s*"@context"', start.text):
        return None
    if re.search(_ITEMS + r"\s*\[", start.text):
        named = re.search(r'"id"\s*:\s*"(?:[^"]*/)?(likes|bookmarks|outbox)(?:\.json)?"', start.text[:4_000])
        name = named[1] if named else start.name.removesuffix(".json")
        return name if name in _WORDS else None
    return "actor" if re.search(r'"preferredUsername"\s*:', start.text) else None


class Reader:
    """Reads the files of one export."""

    def __init__(self, gathered: Gathered) -> None:
        self._into = gathered
        self._owner = ""

    def read(self, kind: str, file: File) -> str:
        """Read one file; return a French sentence.

        Raises:
            Trouble: it cannot be read, or not to its end; what came before is kept.
        """
        if kind == "following":
            return self._read_following(file)
        if kind == "actor":
            actor = json_value(file)
            self._owner = address_of(at(actor, "url")) or address_of(at(actor, "id")) or ""
            return "votre profil"
        add = getattr(self, f"_add_{kind}")
        kept = sum(add(item) for item in json_items(file, _ITEMS))
        return count(kept, *_WORDS[kind])

    def finish(self) -> None:
        """Nothing more: each file is read on its own."""

    def _read_following(self, file: File) -> str:
        kept = misshapen = 0
        for row in read_rows(file, _LAYOUT):
            if isinstance(row, int):
                misshapen += row
                continue
            address = clean(row["address"])
            if address and re.fullmatch(r"@?[^@\s/]+@[^@\s/]+", address):
                address = address.removeprefix("@")
                name, _, server = address.partition("@")
                self._into.add_contact(
                    Contact(address, relation="following", url=f"https://{server}/@{name}", group=server.lower())
                )
                kept += 1
            else:
                misshapen += 1
        if misshapen:
            self._into.skipped.append(f"« {file.name} » : {count(misshapen, 'ligne')} sans adresse de compte.")
        return count(kept, "compte suivi", "comptes suivis")

    def _add_outbox(self, activity: Any) -> int:
        act, thing = at(activity, "type"), at(activity, "object")
        if act == "Announce":
            link = clean(thing if isinstance(thing, str) else at(thing, "id"), 2_000)
            date = read_moment(at(activity, "published"))
            self._into.add_post(Post(clean(at(activity, "id"), 2_000), date, "share", url=link))
            self._add_exchange(date, "share", address_of(link), link)
            return 1
        if act != "Create" or not isinstance(thing, dict):
            return 0
        date = read_moment(at(thing, "published"))
        url = clean(at(thing, "url") or at(thing, "id"), 2_000)
        mentions = [_mentioned(tag) for tag in list_at(thing, "tag") if at(tag, "type") == "Mention"]
        if not _is_addressed_to_all(thing):
            thread = clean(at(thing, "conversation")) or url
            for addressee in filter(None, mentions):
                self._into.add_exchange(Exchange(date, "message", "sent", addressee, addressee, thread))
            return 1
        answered = address_of(at(thing, "inReplyTo"))
        kind = "reply" if at(thing, "inReplyTo") and answered != self._owner else "post"
        text = text_of_html(at(thing, "content"))
        counts = (whole(at(thing, "likes", "totalItems")), whole(at(thing, "shares", "totalItems")))
        self._into.add_post(Post(clean(at(thing, "id"), 2_000), date, kind, text, url, *counts))
        if kind == "reply":
            self._add_exchange(date, "reply", answered, url)
        for person in dict.fromkeys(mentions):
            if person and person != answered:
                self._add_exchange(date, "mention", person, url)
        return 1

    def _add_likes(self, item: Any) -> int:
        return self._add_link("reaction", item)

    def _add_bookmarks(self, item: Any) -> int:
        return self._add_link("bookmark", item)

    def _add_link(self, kind: str, item: Any) -> int:
        link = clean(item if isinstance(item, str) else at(item, "id"), 2_000)
        if not link:
            return 0
        self._add_exchange(None, kind, address_of(link), link)
        return 1

    def _add_exchange(self, date: Any, kind: str, person: str | None, link: str | None) -> None:
        if person is None or person != self._owner:
            self._into.add_exchange(Exchange(date, kind, "sent", person, person, link=link))


_WORDS = {
    "outbox": ("publication ou message", "publications et messages"),
    "likes": ("favori",),
    "bookmarks": ("marque-page", "marque-pages"),
}


def address_of(url: Any) -> str | None:
    """The address (« nadia@exemple.social ») of the account whose page or post a URL gives; None where it does not."""
    found = (
        re.match(r"https?://([^/\s@]+)/(?:users/|@)([^/?#\s@]+)(?:@([^/?#\s@]+))?", url)
        if isinstance(url, str)
        else None
    )
    return clean(f"{found[2]}@{found[3] or found[1]}") if found else None


def _mentioned(tag: Any) -> str | None:
    name = clean(at(tag, "name")) or ""
    full = re.fullmatch(r"@?([^@\s]+@[^@\s]+)", name)
    return full[1] if full else address_of(at(tag, "href"))


def _is_addressed_to_all(note: dict[str, Any]) -> bool:
    """Whether a post is public or for followers; otherwise it is a message to those it names."""
    to = [*_as_list(at(note, "to")), *_as_list(at(note, "cc"))]
    return not to or any(
        isinstance(who, str) and (who in _PUBLIC or who.rstrip("/").endswith("/followers")) for who in to
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []
