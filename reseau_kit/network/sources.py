"""Reading what people can download of their own networks: `read_export` recognises a file and gives tidy tables.

Nothing leaves the machine, nothing is written, nothing is executed, and what is not needed is not kept: no e-mail
address, no text of a private message.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from reseau_kit.french.writing import count
from reseau_kit.network.archives import NOT_PAGES, SUFFIXES, Contents, File, NotReadable, opened
from reseau_kit.network.parsing import beginning_of
from reseau_kit.network.tables import Gathered, contacts_table, exchanges_table, posts_table
from reseau_kit.system.untrusted import UNREADABLE, shown, why

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Export", "NotReadable", "read_export"]

_MAX_SENTENCES = 20

#: Reading order, and the id of each network.
NETWORKS = ("linkedin", "x", "mastodon", "bluesky", "instagram", "facebook", "opml")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Export:
    """Data read from one network's export. Dates are `datetime64[us, UTC]`, texts `string`, counts `Int64`.

    It shows itself by its sentences alone, so that no name ends up in a notebook by accident.
    """

    #: « linkedin », « x », « mastodon », « bluesky », « instagram », « facebook » or « opml ».
    network: str

    #: One row per account or person linked with the owner: id, name, relation (« contact », « following »,
    #: « follower »), since, url, company, position, group. `id` with `relation` is unique.
    contacts: "DataFrame"

    #: One row per publication of the owner: id, date, kind (« post », « reply », « comment », « share »), text, url,
    #: likes, shares (counts of others' reactions, where the export gives them).
    posts: "DataFrame"

    #: One row per act between the owner and one person: date, kind (« message », « invitation », « reply »,
    #: « mention », « share », « reaction », « bookmark »), direction (« sent », « received »), person (a contact's id),
    #: name, thread, link.
    exchanges: "DataFrame"

    #: French sentences: what was read, what was left aside and why, what the export does not tell.
    read: tuple[str, ...]
    skipped: tuple[str, ...]
    limits: tuple[str, ...]

    def __str__(self) -> str:
        parts = (("Lu", self.read), ("Laissé de côté", self.skipped), ("À savoir", self.limits))
        return "\n".join(f"{title} :\n" + "\n".join(f"- {line}" for line in lines) for title, lines in parts if lines)

    __repr__ = __str__


def read_export(path: str | Path) -> Export:
    """The tables of a network's export: a zip, a tar.gz, an unpacked folder, or one of its files.

    What is damaged or unknown in it is left aside, with a sentence in `skipped`. No more than 512 MiB of a file and
    2 GiB of an export are read, and a million rows a table.

    Formats: each module of `reseau_kit.network.readers` names its source and the date it was seen.

    Raises:
        NotReadable: nothing could be read; its `reasons` say everything that is wrong, and what to do.
    """
    path = Path(path).expanduser()
    with opened(path) as contents:
        recognised = _recognised(contents)
        networks = sorted({network for network, _, _ in recognised}, key=NETWORKS.index)
        if not networks:
            raise NotReadable(_nothing_known(path, contents))
        if len(networks) > 1:
            raise NotReadable([_several(path, networks)])
        return _read(networks[0], [(kind, file) for _, kind, file in recognised], contents)


def _readers() -> dict[str, ModuleType]:
    from importlib import import_module

    return {network: import_module(f"reseau_kit.network.readers.{network}") for network in NETWORKS}


def _recognised(contents: Contents) -> list[tuple[str, str, File]]:
    """Each file that is known, with its network and kind; the others are counted."""
    readers = _readers()
    found = []
    for file in tuple(contents.files):
        try:
            start = beginning_of(file)
        except UNREADABLE as error:
            contents.files.remove(file)
            contents.skipped.append(f"« {file.name} » n’a pas été lu : {why(error)}.")
            continue
        starts = [start]
        if Path(start.name).suffix not in SUFFIXES:
            # A file that somebody renamed is still what it is.
            starts = [start._replace(name=f"{start.name}{suffix}") for suffix in (".csv", ".json", ".js")]
        known = next(
            (
                (network, kind)
                for network in NETWORKS
                for start in starts
                if (kind := readers[network].recognise(start))
            ),
            None,
        )
        if known:
            found.append((*known, file))
        else:
            contents.others += 1
    return found


def _read(network: str, files: list[tuple[str, File]], contents: Contents) -> Export:
    module = _readers()[network]
    gathered = Gathered(skipped=list(contents.skipped))
    reader = module.Reader(gathered)
    # The owner comes first: the other files are read knowing it.
    for kind, file in sorted(files, key=lambda known: known[0] not in ("account", "actor", "profile")):
        _read_file(reader.read, kind, file, gathered)
    _finish(reader.finish, gathered)
    if not gathered.read:
        raise NotReadable(_not_endless(gathered.skipped))
    contacts = contacts_table(list(gathered.contacts.values()))
    posts, exchanges = posts_table(gathered.posts), exchanges_table(gathered.exchanges)
    doubles = gathered.doubles + len(gathered.posts) - len(posts) + len(gathered.exchanges) - len(exchanges)
    if doubles:
        again = count(doubles, "ligne en double", "lignes en double")
        gathered.skipped.append(f"{again} dans l’export : chacune n’est comptée qu’une fois.")
    if contents.others + contents.pages:
        unopened = count(contents.others + contents.pages, "autre fichier", "autres fichiers")
        gathered.skipped.append(
            f"{unopened} de l’export (images, pages, autres données) : pas utile{_s(contents)} ici."
        )
    return Export(
        network,
        contacts,
        posts,
        exchanges,
        tuple(gathered.read),
        _not_endless(gathered.skipped),
        module.LIMITS,
    )


def _read_file(read: Callable[[str, File], str], kind: str, file: File, gathered: Gathered) -> None:
    before = gathered.rows()
    try:
        gathered.read.append(f"« {file.name} » : {read(kind, file)}.")
    except UNREADABLE as error:
        kept = gathered.rows() - before
        if kept:
            gathered.read.append(f"« {file.name} » : {count(kept, 'ligne')}, avant ce qui ne se lit pas.")
        part = " en entier" if kept else ""
        gathered.skipped.append(f"« {file.name} » n’a pas été lu{part} : {why(error)}.")


def _finish(finish: Callable[[], None], gathered: Gathered) -> None:
    try:
        finish()
    except UNREADABLE as error:
        gathered.skipped.append(f"Les messages n’ont pas tous été gardés : {why(error)}.")


def _not_endless(sentences: list[str]) -> tuple[str, ...]:
    more = len(sentences) - _MAX_SENTENCES
    return (
        *sentences[:_MAX_SENTENCES],
        *([f"Et {count(more, 'autre remarque', 'autres remarques')}."] if more > 0 else []),
    )


def _s(contents: Contents) -> str:
    return "s" if contents.others + contents.pages > 1 else ""


def _nothing_known(path: Path, contents: Contents) -> list[str]:
    """Everything that is wrong with something that holds no known file."""
    name = shown(path.name)
    reasons = [*_not_endless(contents.skipped)]
    if contents.pages:
        reasons.append(f"« {name} » contient des pages web. {NOT_PAGES}")
    elif contents.files:
        seen = ", ".join(f"« {file.name} »" for file in contents.files[:5]) + ("…" if len(contents.files) > 5 else "")
        if len(contents.files) == 1 and contents.files[0].name == name:
            seen = f"« {name} »"
        reasons.append(f"Rien n’a été reconnu dans {seen}.")
    elif not reasons:
        reasons.append(f"« {name} » ne contient aucun fichier de données.")
    reasons.append(
        "Sont lus : l’export de LinkedIn, de X, de Mastodon, de Bluesky (fichier .car), d’Instagram et de Facebook "
        "(au format JSON), et une liste OPML. Donnez l’archive telle que vous l’avez téléchargée."
    )
    return reasons


def _several(path: Path, networks: list[str]) -> str:
    readers = _readers()
    names = [readers[network].NAME for network in networks]
    listed = ", ".join(names[:-1]) + f" et {names[-1]}"
    return f"« {shown(path.name)} » contient les exports de plusieurs réseaux ({listed}) : donnez-les un par un."
