"""Bluesky's export: a repository as a CAR file, with follows, posts, likes and reposts.

Formats: AT Protocol repository version 3 and CAR version 1 specifications, seen 2026-11-22. Blocks are DAG-CBOR,
decoded by libipld, which only this module needs: `pip install 'reseau-kit[bluesky]'`.
"""

from collections.abc import Iterator, Mapping
from typing import IO, Any

from reseau_kit.french.writing import count
from reseau_kit.network.archives import File
from reseau_kit.network.parsing import Beginning, at, clean, clean_post, list_at, read_moment
from reseau_kit.network.tables import Contact, Exchange, Gathered, Post
from reseau_kit.system.untrusted import Trouble

NAME = "Bluesky"

LIMITS = (
    "Bluesky ne donne des comptes que leur numéro (« did:… »), sans nom ; la liste de vos abonnés n’y est pas.",
    "L’export ne dit pas qui a aimé ou relayé vos publications, et aucun lien entre vos contacts.",
)

#: The protocol lets no block be longer than 1 MiB; some room for others.
_MAX_BLOCK = 2**22
_MAX_BLOCKS = 2_000_000

_KINDS = {
    "app.bsky.graph.follow": "follows",
    "app.bsky.feed.post": "posts",
    "app.bsky.feed.like": "likes",
    "app.bsky.feed.repost": "reposts",
}


def recognise(start: Beginning) -> str | None:
    """« repository » for a CAR file: its header, a small map, names its roots."""
    return "repository" if start.data[1:8] == b"\xa2eroots" else None


class Reader:
    """Reads one repository."""

    def __init__(self, gathered: Gathered) -> None:
        self._into = gathered

    def read(self, _kind: str, file: File) -> str:
        """Read the repository; return a French sentence.

        Raises:
            Trouble: it cannot be read, or not to its end, or libipld is not installed; what came before is kept.
        """
        try:
            import libipld
        except ImportError:
            command = "%pip install libipld"
            raise Trouble(
                f"il faut pour Bluesky un complément : exécutez « {command} » dans une cellule, puis recommencez"
            ) from None
        with file.open() as stream:
            header, blocks = _blocks(stream, libipld.decode_dag_cbor)
        root = blocks.get(next(iter(list_at(header, "roots")), b""), b"")
        commit = libipld.decode_dag_cbor(root) if root else {}
        self._owner = clean(at(commit, "did")) or ""
        counts = dict.fromkeys(_KINDS.values(), 0)
        missing = 0
        for key, record in _records(at(commit, "data"), blocks, libipld.decode_dag_cbor):
            collection, _, name = key.partition("/")
            if record is None:
                missing += collection in _KINDS
            elif collection in _KINDS and getattr(self, f"_add_{_KINDS[collection]}")(record, name):
                counts[_KINDS[collection]] += 1
        if missing:
            self._into.skipped.append(
                f"« {file.name} » : {count(missing, 'enregistrement absent', 'enregistrements absents')}."
            )
        return ", ".join(count(counts[kind], *_WORDS[kind]) for kind in _WORDS)

    def finish(self) -> None:
        """Nothing more: a repository is one file."""

    def _add_follows(self, record: Any, _name: str) -> bool:
        did = clean(at(record, "subject"))
        if not did:
            return False
        since, url = read_moment(at(record, "createdAt")), f"https://bsky.app/profile/{did}"
        self._into.add_contact(Contact(did, relation="following", since=since, url=url))
        return True

    def _add_posts(self, record: Any, name: str) -> bool:
        date = read_moment(at(record, "createdAt"))
        answered = _author(at(record, "reply", "parent", "uri"))
        kind = "reply" if answered and answered != self._owner else "post"
        uri = f"at://{self._owner}/app.bsky.feed.post/{name}"
        url = f"https://bsky.app/profile/{self._owner}/post/{name}"
        self._into.add_post(Post(uri, date, kind, clean_post(at(record, "text")), url))
        if kind == "reply":
            self._add_exchange(date, "reply", answered, url)
        mentions = [
            clean(at(feature, "did")) for facet in list_at(record, "facets") for feature in list_at(facet, "features")
        ]
        for person in dict.fromkeys(mentions):
            if person and person != answered:
                self._add_exchange(date, "mention", person, url)
        return True

    def _add_likes(self, record: Any, _name: str) -> bool:
        uri = clean(at(record, "subject", "uri"))
        self._add_exchange(read_moment(at(record, "createdAt")), "reaction", _author(uri), uri)
        return bool(uri)

    def _add_reposts(self, record: Any, name: str) -> bool:
        uri, date = clean(at(record, "subject", "uri")), read_moment(at(record, "createdAt"))
        self._into.add_post(Post(f"at://{self._owner}/app.bsky.feed.repost/{name}", date, "share", url=uri))
        self._add_exchange(date, "share", _author(uri), uri)
        return True

    def _add_exchange(self, date: Any, kind: str, person: str | None, link: str | None) -> None:
        if link and person != self._owner:
            self._into.add_exchange(Exchange(date, kind, "sent", person, link=link))


_WORDS = {
    "follows": ("compte suivi", "comptes suivis"),
    "posts": ("publication",),
    "reposts": ("publication relayée", "publications relayées"),
    "likes": ("mention « J’aime »", "mentions « J’aime »"),
}


def _author(uri: Any) -> str | None:
    """The DID in the address of a record, « at://did:plc:…/collection/name »."""
    if not isinstance(uri, str) or not uri.startswith("at://did:"):
        return None
    return clean(uri.removeprefix("at://").split("/")[0])


def _blocks(stream: IO[bytes], decode: Any) -> tuple[Any, dict[bytes, bytes]]:
    """The header of a CAR file, and its blocks still encoded, by their CIDs."""
    header = decode(_section(stream) or b"")
    blocks: dict[bytes, bytes] = {}
    while section := _section(stream):
        if len(blocks) >= _MAX_BLOCKS:
            raise Trouble("il a trop d’enregistrements pour être lu")
        # All CIDs of a repository are of version 1, with a SHA-256 digest of 32 bytes.
        if section[:1] != b"\x01" or section[2:4] != b"\x12\x20":
            raise Trouble("ce n’est pas l’export d’un compte Bluesky")
        blocks[section[:36]] = section[36:]
    return header, blocks


def _section(stream: IO[bytes]) -> bytes | None:
    """The next length-prefixed section of a CAR file; None at its end."""
    length = shift = 0
    while byte := stream.read(1):
        length |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            break
        if shift > 28:
            raise Trouble("il est abîmé ou incomplet")
    if not shift:
        return None
    if length > _MAX_BLOCK:
        raise Trouble("il est abîmé ou incomplet")
    section = stream.read(length)
    if len(section) < length or not length:
        raise Trouble("il s’arrête au milieu")
    return section


def _records(root: Any, blocks: Mapping[bytes, bytes], decode: Any) -> Iterator[tuple[str, Any]]:
    """Each record's key (« collection/name ») and value, None where its block is missing, by walking the search tree.

    A node's entries give each key by how many bytes it shares with the one before.
    """
    waiting, seen = [root], set()
    while waiting:
        cid = waiting.pop()
        if not isinstance(cid, bytes) or cid in seen or cid not in blocks:
            continue
        seen.add(cid)
        node = decode(blocks[cid])
        waiting.append(at(node, "l"))
        key = b""
        for entry in list_at(node, "e"):
            shared, rest, value = at(entry, "p"), at(entry, "k"), at(entry, "v")
            if not (isinstance(shared, int) and isinstance(rest, bytes) and isinstance(value, bytes)):
                raise Trouble("ce n’est pas l’export d’un compte Bluesky")
            key = key[:shared] + rest
            waiting.append(at(entry, "t"))
            yield key.decode("utf-8", "replace"), decode(blocks[value]) if value in blocks else None
