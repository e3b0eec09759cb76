"""Exports as each network writes them, made anew for each test; all people, companies and addresses are invented."""

import csv
import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import libipld

PREAMBLE = (
    "Notes:\n"
    '"When exporting your connection data, you may notice that some of the email addresses are missing. '
    'You will only see email addresses for connections who have allowed it."\n\n'
)
CONNECTIONS_HEADER = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\n"
CONNECTIONS = (
    PREAMBLE + CONNECTIONS_HEADER + "Zoé,Brindille,https://www.linkedin.com/in/zo%C3%A9-brindille,,"
    '"Fougère, Mousse & fils",Comptable,05 Mar 2024\n'
    "Amine,Fougère,https://www.linkedin.com/in/amine-fougere/,amine@exemple.invalid,Les Pousses,Animateur,12 Jun 2019\n"
    ",,,,,,07 Jun 2022\n"
)
FRENCH_CONNECTIONS = (
    "\N{BYTE ORDER MARK}Prénom,Nom,URL,Adresse e-mail,Entreprise,Poste,Date de connexion\n"
    "Zoé,Brindille,https://fr.linkedin.com/in/zoé-brindille,,Fougère,Comptable,12 févr. 2023\n"
    "Amine,Fougère,https://www.linkedin.com/in/amine-fougere,,Les Pousses,Animateur,1er août 2021\n"
    "Léa,Ronce,https://www.linkedin.com/in/lea-ronce,,,,3 déc. 2020\n"
)
MESSAGES_HEADER = (
    "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,SUBJECT,CONTENT,FOLDER,"
    "ATTACHMENTS,IS MESSAGE DRAFT\n"
)
ME = "https://www.linkedin.com/in/camille-ortie"
ZOE = "https://www.linkedin.com/in/zoé-brindille"
AMINE = "https://www.linkedin.com/in/amine-fougere"
MESSAGES = (
    MESSAGES_HEADER
    + f't1,,Camille Ortie,{ME},Zoé Brindille,{ZOE},2026-07-01 10:00:00 UTC,,"Bonjour,\nle secret",INBOX,,No\n'
    + f"t1,,Zoé Brindille,{ZOE},Camille Ortie,{ME},2026-07-01 12:30:00 UTC,,Merci !,INBOX,,No\n"
    + f't2,,Camille Ortie,{ME},"Zoé Brindille, Amine Fougère","{ZOE},{AMINE}",2026-07-02 08:00:00 UTC,,À deux,,,No\n'
    + f"t3,,Camille Ortie,{ME},Amine Fougère,{AMINE},2026-07-03 08:00:00 UTC,,Pas fini,INBOX,,Yes\n"
    + f't4,Offre,Une marque,,Camille Ortie,{ME},2026-07-04 08:00:00 UTC,,"<p class=""spinmail-quill"">",INBOX,,No\n'
)
INVITATIONS = (
    "From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl\n"
    f'Camille Ortie,Léa Ronce,"7/8/26, 3:43 PM",,OUTGOING,{ME},https://www.linkedin.com/in/lea-ronce\n'
    f'Amine Fougère,Camille Ortie,"12/31/25, 12:05 AM",Bonjour,INCOMING,{AMINE},{ME}\n'
)
SHARES = (
    "Date,ShareLink,ShareCommentary,SharedUrl,MediaUrl,Visibility\n"
    "2026-05-01 09:00:00,https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7001,"
    '"Un atelier dit ""ouvert"".\nÀ bientôt #vélo",,,MEMBER_NETWORK\n'
)
COMMENTS = (
    "Date,Link,Message\n"
    '2026-05-02 09:00:00,https://www.linkedin.com/feed/update/urn:li:activity:1,"Elle dit \\"oui, et vite\\", merci"\n'
    '2026-05-03 09:00:00,https://www.linkedin.com/feed/update/urn:li:activity:2,"Sans guillemets"\n'
)
REACTIONS = "Date,Type,Link\n2026-05-03 09:00:00,LIKE,https://www.linkedin.com/feed/update/urn:li:activity:3\n"
PROFILE = "First Name,Last Name,Maiden Name,Address,Birth Date,Headline,Summary\nCamille,Ortie,,,,Réparer,\n"

LINKEDIN = {
    "Connections.csv": CONNECTIONS,
    "messages.csv": MESSAGES,
    "Invitations.csv": INVITATIONS,
    "Shares_34875879.csv": SHARES,
    "Comments_34875879.csv": COMMENTS,
    "Reactions.csv": REACTIONS,
    "Profile.csv": PROFILE,
    "Ad_Targeting.csv": "Member Age,Company Names\n25-34,x\n",
}


def x_file(name: str, items: Any, *, end: str = "") -> str:
    """A file of X's archive: an assignment of a list."""
    return f"window.YTD.{name}.part0 = {json.dumps(items, ensure_ascii=False)}{end}"


def tweet(number: str, text: str, **more: Any) -> dict[str, Any]:
    """A post of X's archive, whose counts are texts."""
    base = {
        "id_str": number,
        "full_text": text,
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "favorite_count": "3",
        "retweet_count": "1",
        "entities": {"user_mentions": []},
    }
    return {"tweet": base | more}


def mention(number: str, name: str) -> dict[str, str]:
    """A mention in a post of X's archive."""
    return {"id_str": number, "screen_name": name, "name": name.title()}


X = {
    "Your archive.html": "<html></html>",
    "data/account.js": x_file("account", [{"account": {"username": "camille_ortie", "accountId": "42"}}]),
    "data/following.js": x_file(
        "following", [{"following": {"accountId": "7", "userLink": "https://twitter.com/i/7"}}]
    ),
    "data/follower.js": x_file("follower", [{"follower": {"accountId": i}} for i in ("7", "8")], end=";"),
    "data/tweets.js": x_file(
        "tweets",
        [
            tweet("1001", "Bonjour à tous", entities={"user_mentions": [mention("42", "camille_ortie")]}),
            tweet(
                "1002",
                "@zoe_brindille @lea_ronce oui",
                in_reply_to_user_id_str="7",
                in_reply_to_screen_name="zoe_brindille",
                entities={"user_mentions": [mention("7", "zoe_brindille"), mention("9", "lea_ronce")]},
            ),
            tweet(
                "1003",
                "RT @lea_ronce: à lire, @zoe_brindille",
                entities={"user_mentions": [mention("9", "lea_ronce"), mention("7", "zoe_brindille")]},
            ),
        ],
    ),
    "data/tweets-part1.js": x_file("tweets", [tweet("1004", "La suite")]).replace("part0", "part1"),
    "data/like.js": x_file("like", [{"like": {"tweetId": "55", "fullText": "Beau"}}]),
    "data/direct-messages.js": x_file(
        "direct_messages",
        [
            {
                "dmConversation": {
                    "conversationId": "42-7",
                    "messages": [
                        {
                            "messageCreate": {
                                "senderId": "42",
                                "recipientId": "7",
                                "createdAt": "2025-06-03T20:00:00.000Z",
                                "text": "le secret",
                            }
                        },
                        {
                            "messageCreate": {
                                "senderId": "7",
                                "recipientId": "42",
                                "createdAt": "2025-06-03T20:05:00.000Z",
                                "text": "chut",
                            }
                        },
                    ],
                }
            }
        ],
    ),
}

FOLLOWING_CSV = (
    "Account address,Show boosts,Notify on new posts,Languages\n"
    "zoe@exemple.social,true,false,fr\namine@autre.exemple,true,false,\n"
)
FOLLOWERS = "https://exemple.social/users/camille/followers"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def note(number: int, content: str, **more: Any) -> dict[str, Any]:
    """A post in a Mastodon outbox, as a Create activity."""
    url = f"https://exemple.social/@camille/{number}"
    base = {
        "id": f"https://exemple.social/users/camille/statuses/{number}",
        "type": "Note",
        "url": url,
        "published": "2026-02-03T10:00:00Z",
        "content": content,
        "to": [PUBLIC],
        "cc": [FOLLOWERS],
        "tag": [],
    }
    return {
        "id": f"{base['id']}/activity",
        "type": "Create",
        "published": "2026-02-03T10:00:00Z",
        "object": base | more,
    }


ZOE_TAG = {"type": "Mention", "href": "https://exemple.social/users/zoe", "name": "@zoe"}
OUTBOX = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "outbox.json",
    "type": "OrderedCollection",
    "totalItems": 4,
    "orderedItems": [
        note(1, "<p>Bonjour &amp; merci</p><p>à tous</p>", likes={"totalItems": 5}, shares={"totalItems": 2}),
        note(2, "<p>Oui</p>", inReplyTo="https://exemple.social/users/zoe/statuses/9", tag=[ZOE_TAG]),
        note(3, "<p>le secret</p>", to=["https://exemple.social/users/zoe"], cc=[], tag=[ZOE_TAG]),
        {
            "id": "https://exemple.social/users/camille/statuses/4/activity",
            "type": "Announce",
            "published": "2026-02-04T10:00:00Z",
            "object": "https://autre.exemple/users/amine/statuses/77",
        },
    ],
}
MASTODON = {
    "actor.json": json.dumps(
        {"@context": [], "id": "https://exemple.social/users/camille", "type": "Person", "preferredUsername": "camille"}
    ),
    "outbox.json": json.dumps(OUTBOX),
    "likes.json": json.dumps(
        {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": "likes.json",
            "type": "OrderedCollection",
            "orderedItems": ["https://autre.exemple/users/amine/statuses/5", "https://ailleurs.exemple/p/6"],
        }
    ),
    "bookmarks.json": json.dumps(
        {"@context": "", "id": "bookmarks.json", "orderedItems": ["https://exemple.social/@zoe/8"]}
    ),
}

#: « Pénélope » as Meta writes it: each byte of its UTF-8 as a character.
MOJIBAKE = "P\\u00c3\\u00a9n\\u00c3\\u00a9lope Ronce"
FACEBOOK = {
    "connections/friends/your_friends.json": '{"friends_v2": [{"name": "'
    + MOJIBAKE
    + '", "timestamp": 1600000000}, {"name": "Amine Foug\\u00c3\\u00a8re", "timestamp": 1700000000}, '
    '{"name": "Amine Foug\\u00c3\\u00a8re", "timestamp": 1710000000}]}',
}
INSTAGRAM = {
    "connections/followers_and_following/followers_1.json": json.dumps(
        [
            {
                "title": "",
                "media_list_data": [],
                "string_list_data": [
                    {"href": "https://www.instagram.com/lea.ronce", "value": "lea.ronce", "timestamp": 1700000000}
                ],
            }
        ]
    ),
    "connections/followers_and_following/following.json": json.dumps(
        {
            "relationships_following": [
                {
                    "title": "zoe_brindille",
                    "string_list_data": [
                        {"href": "https://www.instagram.com/_u/zoe_brindille", "timestamp": 1710000000}
                    ],
                }
            ]
        }
    ),
    "media/posts/1.jpg": "x",
}
OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mes flux</title></head><body>
  <outline text="Vélo"><outline type="rss" text="L’atelier de Zoé" xmlUrl="https://zoe.exemple/flux.xml"
    htmlUrl="https://zoe.exemple/"/></outline>
  <outline type="rss" text="Sans dossier" xmlUrl="https://autre.exemple/rss"/>
  <outline type="rss" text="Piège" xmlUrl="javascript:alert(1)" htmlUrl="file:/etc/passwd"/>
</body></opml>
"""


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """A zip with these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def zip_bytes(files: Mapping[str, str | bytes]) -> bytes:
    """The bytes of a zip with these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tarred(path: Path, files: Mapping[str, str]) -> Path:
    """A tar.gz with these files."""
    with gzip.open(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            data = content.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def table(header: str, rows: list[list[str]]) -> str:
    """A CSV text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return header + text.getvalue()


class Link:
    """A link to a block, which libipld reads but does not write."""

    def __init__(self, cid: bytes) -> None:
        self.bytes = b"\xd8\x2a\x58\x25\x00" + cid


def cbor(value: Any) -> bytes:
    """DAG-CBOR, links included."""
    if isinstance(value, Link):
        return value.bytes
    if isinstance(value, Mapping):
        return _head(5, len(value)) + b"".join(
            cbor(key) + cbor(value[key]) for key in sorted(value, key=lambda k: (len(k), k))
        )
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(cbor, value))
    return libipld.encode_dag_cbor(value)


def _head(major: int, length: int) -> bytes:
    return bytes([major << 5 | length]) if length < 24 else bytes([major << 5 | 24, length])


def cid_of(block: bytes) -> bytes:
    """The CID of a DAG-CBOR block."""
    return b"\x01\x71\x12\x20" + hashlib.sha256(block).digest()


def car(records: Mapping[str, Any], did: str = "did:plc:camille") -> bytes:
    """A repository with these records: a root node, and a right and a left subtree, keys in order."""
    blocks: list[bytes] = []

    def link(value: Any) -> Link:
        blocks.append(cbor(value))
        return Link(cid_of(blocks[-1]))

    def node(keys: list[str], left: Link | None = None, right: Link | None = None) -> Link:
        entries, before = [], b""
        for number, key in enumerate(keys):
            raw = key.encode()
            shared = next(
                (i for i, (a, b) in enumerate(zip(before, raw, strict=False)) if a != b), min(len(before), len(raw))
            )
            under = right if number == len(keys) - 1 else None
            entries.append({"p": shared, "k": raw[shared:], "v": link(records[key]), "t": under})
            before = raw
        return link({"l": left, "e": entries})

    keys = sorted(records)
    third = max(1, len(keys) // 3)
    root = node(keys[third : 2 * third], node(keys[:third]), node(keys[2 * third :]))
    commit = link({"did": did, "version": 3, "data": root, "rev": "3k", "prev": None, "sig": b"x"})
    header = cbor({"roots": [commit], "version": 1})
    sections = [header, *(cid_of(block) + block for block in reversed(blocks))]
    return b"".join(_varint(len(section)) + section for section in sections)


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


WHEN = "2026-03-04T05:06:07.890Z"
BLUESKY = {
    "app.bsky.actor.profile/self": {"$type": "app.bsky.actor.profile", "displayName": "Camille"},
    "app.bsky.graph.follow/3a": {"$type": "app.bsky.graph.follow", "subject": "did:plc:zoe", "createdAt": WHEN},
    "app.bsky.graph.follow/3b": {"$type": "app.bsky.graph.follow", "subject": "did:plc:amine", "createdAt": WHEN},
    "app.bsky.feed.post/3c": {"$type": "app.bsky.feed.post", "text": "Bonjour à tous", "createdAt": WHEN},
    "app.bsky.feed.post/3d": {
        "$type": "app.bsky.feed.post",
        "text": "Oui",
        "createdAt": WHEN,
        "reply": {"parent": {"uri": "at://did:plc:zoe/app.bsky.feed.post/3z", "cid": "x"}},
        "facets": [{"features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:lea"}]}],
    },
    "app.bsky.feed.like/3e": {
        "$type": "app.bsky.feed.like",
        "subject": {"uri": "at://did:plc:amine/app.bsky.feed.post/3y"},
        "createdAt": WHEN,
    },
    "app.bsky.feed.repost/3f": {
        "$type": "app.bsky.feed.repost",
        "subject": {"uri": "at://did:plc:lea/app.bsky.feed.post/3x"},
        "createdAt": WHEN,
    },
}
