"""LinkedIn's export: contacts, messages, invitations, posts, comments, reactions.

Formats: public parsers, and structures measured in exports of 2020 to 2026, seen 2026-11-22; French headings were only
seen in an invented file, for the contacts; those of the other files are translations that nobody has confirmed.
E-mail addresses and the texts of private messages are not kept.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from reseau_kit.french.writing import count, number
from reseau_kit.network.archives import File
from reseau_kit.network.parsing import Beginning, Layout, clean, clean_post, headers_in, read_date, read_rows
from reseau_kit.network.tables import Contact, Exchange, Gathered, Namesakes, Post

NAME = "LinkedIn"

#: Limits of the export, for readers of the tables.
LIMITS = (
    "LinkedIn ne dit pas quels contacts se connaissent entre eux, ni qui a réagi à vos publications.",
    "Les adresses e-mail et le texte de vos messages privés ne sont pas gardés : ils ne servent pas ici.",
)

#: For each file, the headings that each column may have, and the columns without which it is another file.
_LAYOUTS = {
    "connections": Layout(
        {
            "first": ("first name", "prenom"),
            "last": ("last name", "nom", "nom de famille"),
            "url": ("url", "url du profil"),
            "company": ("company", "entreprise", "societe"),
            "position": ("position", "poste", "fonction"),
            "date": ("connected on", "date de connexion", "connecte le"),
        },
        frozenset({"first", "last", "date"}),
    ),
    "messages": Layout(
        {
            "thread": ("conversation id", "id de la conversation"),
            "from": ("from", "de"),
            "from_url": ("sender profile url", "url du profil de l expediteur"),
            "to": ("to", "a"),
            "to_urls": ("recipient profile urls", "url des profils des destinataires"),
            "date": ("date",),
            "draft": ("is message draft",),
            "content": ("content", "contenu"),
            "folder": ("folder", "dossier"),
        },
        frozenset({"thread", "from", "date", "folder"}),
    ),
    "invitations": Layout(
        {
            "from": ("from", "de"),
            "to": ("to", "a"),
            "date": ("sent at", "date d envoi", "envoye le"),
            "direction": ("direction",),
            "from_url": ("inviterprofileurl",),
            "to_url": ("inviteeprofileurl",),
        },
        frozenset({"from", "to", "date", "direction"}),
    ),
    "shares": Layout(
        {
            "date": ("date",),
            "url": ("sharelink", "share link"),
            "text": ("sharecommentary", "share commentary"),
        },
        frozenset({"date", "url", "text"}),
    ),
    "reactions": Layout(
        {"date": ("date",), "type": ("type",), "link": ("link", "lien")},
        frozenset({"date", "type", "link"}),
    ),
    "comments": Layout(
        {"date": ("date",), "link": ("link", "lien"), "text": ("message",)},
        frozenset({"date", "link", "text"}),
    ),
    "profile": Layout(
        {
            "first": ("first name", "prenom"),
            "last": ("last name", "nom", "nom de famille"),
            "headline": ("headline", "titre", "accroche"),
        },
        frozenset({"first", "last", "headline"}),
    ),
}


#: Conversations with LinkedIn's own assistants come in files with the headings of messages.
_WITH_PROGRAMS = ("coach_", "guide_", "learning_")
_NOBODY = ("LinkedIn Member", "Membre de LinkedIn", "Utilisateur LinkedIn")


class _Message(NamedTuple):
    date: str
    thread: str
    sender: tuple[str, str]
    recipients: tuple[tuple[str, str], ...]


def recognise(start: Beginning) -> str | None:
    """Which of LinkedIn's files this is, by its headings, whatever it is called."""
    if not start.name.endswith((".csv", ".txt")):
        return None
    headers = headers_in(start.text)
    kind = next((kind for kind, layout in _LAYOUTS.items() if any(map(layout.fits, headers))), None)
    return None if kind == "messages" and start.name.startswith(_WITH_PROGRAMS) else kind


class Reader:
    """Reads the files of one export; `finish` needs all of them, to know which party of a message is the owner."""

    def __init__(self, gathered: Gathered) -> None:
        self._into = gathered
        self._owner_name = ""
        self._owner_ids: Counter[str] = Counter()
        self._namesakes = Namesakes()
        #: Ids by name: of contacts without an address, and of whoever has one.
        self._without: dict[str, set[str]] = {}
        self._addresses: dict[str, set[str]] = {}

    def read(self, kind: str, file: File) -> str:
        """Read one file; return a French sentence.

        Raises:
            Trouble: it cannot be read, or not to its end; what came before is kept.
        """
        add = getattr(self, f"_add_{kind}")
        kept = undated = aside = misshapen = 0
        for row in read_rows(file, _LAYOUTS[kind]):
            if isinstance(row, int):
                misshapen += row
            elif add(row):
                kept += 1
                undated += "date" in row and read_date(row["date"]) is None
            else:
                aside += 1
        if misshapen:
            lines = count(misshapen, "ligne illisible", "lignes illisibles")
            self._into.skipped.append(f"« {file.name} » : {lines}, le reste est gardé.")
        if aside:
            lines = count(aside, "ligne")
            self._into.skipped.append(f"« {file.name} » : {lines} sans intérêt ici ({_ASIDE.get(kind, 'vides')}).")
        if kind == "profile":
            return "votre profil"
        what = count(kept, *_WORDS[kind])
        return what + (f", dont {number(undated)} sans date lisible" if undated else "")

    def finish(self) -> None:
        """Add the messages, now that the owner can be told from the others."""
        self._know_names()
        messages = [self._with_one_id_each(message) for message in self._into.messages]
        owner = self._owner(messages)
        for message in messages:
            self._add_message(message, owner)

    def _know_names(self) -> None:
        """Match names with addresses, for files that give addresses of some and names of others (2021, 2022)."""
        for contact in self._into.contacts.values():
            known = self._addresses if contact.url else self._without
            known.setdefault(contact.name or "", set()).add(contact.id)
        for message in self._into.messages:
            address, name = message.sender
            if address and address != name:
                self._addresses.setdefault(name, set()).add(address)

    def _with_one_id_each(self, message: _Message) -> _Message:
        people = [self._person(each) for person in message.recipients for each in self._each(person)]
        return message._replace(sender=self._person(message.sender), recipients=tuple(people))

    def _each(self, person: tuple[str, str]) -> Iterator[tuple[str, str]]:
        """A person, or each of those whose names alone stand in one text; a name may hold a comma (« Ada, PhD »)."""
        if person[0]:
            yield person
            return
        parts = person[1].split(", ")
        while parts:
            longest = min(len(parts), 4)
            size = next((size for size in range(longest, 1, -1) if self._is_known(", ".join(parts[:size]))), 1)
            name = ", ".join(parts[:size])
            del parts[:size]
            if name:
                yield name, name

    def _is_known(self, name: str) -> bool:
        return name in self._without or name in self._addresses

    def _person(self, person: tuple[str, str]) -> tuple[str, str]:
        """A person under one id, the contact's where there is one, as far as the name tells."""
        given, name = person
        ids = self._without.get(name) or (self._addresses.get(name) if given == name else None)
        return (next(iter(ids)) if ids and len(ids) == 1 else given, name)

    def _add_profile(self, row: dict[str, str]) -> bool:
        self._owner_name = self._owner_name or _full_name(row)
        return bool(self._owner_name)

    def _add_connections(self, row: dict[str, str]) -> bool:
        name, url = _full_name(row), _profile(row["url"])
        if not name and not url:
            return False  # LinkedIn keeps the date of people who closed or hid their profile, and nothing else
        since = read_date(row["date"])
        contact = Contact(
            id=url or self._namesakes.id_of(name, since),
            name=name or None,
            since=since,
            url=url or None,
            company=clean(row["company"]),
            position=clean(row["position"]),
        )
        self._into.add_contact(contact)
        return True

    def _add_messages(self, row: dict[str, str]) -> bool:
        # Advertisements come without their sender's address, in the markup of LinkedIn's own editor.
        advertisement = not row["from_url"] and 'class="spinmail' in row["content"][:200]
        if advertisement or row["draft"].casefold() in ("yes", "oui") or row["folder"].casefold() == "spam":
            return False
        urls = [_profile(url) for url in row["to_urls"].split(",") if url.strip()]
        # A name may hold a comma too (« Ada Martin, PhD »), so names are only counted on where there is no address.
        names = [row["to"]] if len(urls) == 1 else row["to"].split(", ")
        if not urls:
            recipients = [("", row["to"])]
        elif len(urls) == len(names):
            recipients = list(zip(urls, names, strict=True))
        else:
            recipients = [(url, "") for url in urls]
        sender = (_profile(row["from_url"]) or row["from"], row["from"])
        self._into.add_message(_Message(row["date"], row["thread"], sender, tuple(recipients)))
        return True

    def _add_invitations(self, row: dict[str, str]) -> bool:
        inviter, invitee = _profile(row["from_url"]) or row["from"], _profile(row["to_url"]) or row["to"]
        sent = row["direction"].casefold() in ("outgoing", "sortante", "envoyee")
        self._owner_ids[inviter if sent else invitee] += 1
        person, name = (invitee, row["to"]) if sent else (inviter, row["from"])
        direction = "sent" if sent else "received"
        return self._add_exchange(row["date"], "invitation", direction, (person, name))

    def _add_shares(self, row: dict[str, str]) -> bool:
        post = Post(_id(row["url"]), read_date(row["date"]), "post", clean_post(row["text"]), clean(row["url"], 2_000))
        self._into.add_post(post)
        return True

    def _add_comments(self, row: dict[str, str]) -> bool:
        self._into.add_post(
            Post(None, read_date(row["date"]), "comment", clean_post(row["text"]), clean(row["link"], 2_000))
        )
        return True

    def _add_reactions(self, row: dict[str, str]) -> bool:
        return self._add_exchange(row["date"], "reaction", "sent", ("", ""), link=row["link"])

    def _owner(self, messages: list[_Message]) -> str:
        """The owner's id: who sent the sent invitations, or bears the profile's name, or takes part most."""
        if self._owner_ids:
            owner = self._owner_ids.most_common(1)[0][0]
            return self._person((owner, owner))[0]
        threads: dict[str, set[str]] = {}
        for message in messages:
            for person, name in (message.sender, *message.recipients):
                if person and name and name == self._owner_name:
                    return person
                threads.setdefault(person, set()).add(message.thread)
        ranked = sorted(((len(where), person) for person, where in threads.items() if person), reverse=True)
        alone_on_top = len(ranked) > 2 and ranked[0][0] > ranked[1][0]
        return ranked[0][1] if alone_on_top else ""

    def _add_message(self, message: _Message, owner: str) -> None:
        if owner and message.sender[0] == owner:
            for person in message.recipients:
                if person[0] != owner:
                    self._add_exchange(message.date, "message", "sent", person, thread=message.thread)
        else:
            direction = "received" if owner else None
            self._add_exchange(message.date, "message", direction, message.sender, thread=message.thread)

    def _add_exchange(
        self, date: str, kind: str, direction: str | None, person: tuple[str, str], *, thread: str = "", link: str = ""
    ) -> bool:
        # « LinkedIn Member » is whoever left: many people, of whom nothing is known.
        known = person[0] and person[0] not in _NOBODY
        self._into.add_exchange(
            Exchange(
                read_date(date),
                kind,
                direction,
                clean(person[0]) if known else None,
                clean(person[1]) if known else None,
                clean(thread),
                clean(link, 2_000),
            )
        )
        return True


_ASIDE = {
    "connections": "profils fermés, dont LinkedIn ne garde que la date",
    "messages": "brouillons, indésirables, publicités",
}

_WORDS = {
    "connections": ("contact",),
    "messages": ("message",),
    "invitations": ("invitation envoyée ou reçue", "invitations envoyées ou reçues"),
    "shares": ("publication",),
    "comments": ("commentaire",),
    "reactions": ("réaction",),
}


def _full_name(row: dict[str, str]) -> str:
    return clean(f"{row['first']} {row['last']}") or ""


def _profile(url: str) -> str:
    """One way to write a profile's address: files write it with or without scheme, country, slash and accents."""
    found = re.search(r"linkedin\.com/in/([^/?#\s]+)", url)
    if found:
        return f"https://www.linkedin.com/in/{clean(unquote(found[1])) or ''}"
    return clean(url) or ""


def _id(url: str) -> str | None:
    found = re.search(r"urn:li:\w+:\d+", unquote(url))
    return found[0] if found else clean(url, 2_000)
