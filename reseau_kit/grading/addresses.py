"""The address of a gradebook: read, and told without whatever in it may be a password, well written or not."""

import re
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

#: Environment variable for an address, hidden from other users' list of processes.
VARIABLE = "RESEAU_KIT_DB"

_EXAMPLES = "« sqlite:////chemin/gradebook.db » ou « postgresql+psycopg2://nom@machine/base »"

#: A name of a machine, or of a database, that is nothing else.
_PLAIN = re.compile(r"[\w.-]+")


class NotAnAddress(ValueError):
    """The text is no address of a gradebook. The message, in French, says so without the text."""


def read_address(text: str, folder: Path | None = None) -> URL:
    """The address that a text is; the path of a file, if it is one, starts from `folder`.

    Raises:
        NotAnAddress: it is none.
    """
    try:
        url = make_url(text)
        url.get_dialect()
    except (ArgumentError, ValueError):
        # From nothing: what SQLAlchemy says may hold a part of a password.
        raise NotAnAddress(
            f"L’adresse du carnet de notes n’en est pas une : il en faut une comme {_EXAMPLES}."
        ) from None
    except ModuleNotFoundError:
        pass  # the driver: whoever opens the gradebook says how to install it
    if folder is not None and is_file(url) and url.database:
        url = url.set(database=str(folder / url.database))
    return url


def is_file(url: URL) -> bool:
    """Whether the gradebook is a file."""
    return url.get_backend_name() == "sqlite"


def written(url: URL) -> str:
    """The whole address, for SQLAlchemy and nobody else: with its password."""
    return url.render_as_string(hide_password=False)


def told(url: URL) -> str:
    """A gradebook as a message may name it: its file; or its kind, its database and its machine, where they are plain.

    What an unescaped « @ » or « / » of a password leaves in the wrong part of the address is not told.
    """
    if is_file(url):
        return url.database or "en mémoire"
    parts = [url.get_backend_name()]
    parts += [f"base « {url.database} »"] if _is_plain(url.database) else []
    parts += [f"machine « {url.host} »"] if _is_plain(url.host) else []
    return ", ".join(parts)


def without_secrets(text: str, url: URL) -> str:
    """A message of a database's driver, without what of the address is not told."""
    queried = [value for values in url.query.values() for value in ([values] if isinstance(values, str) else values)]
    hidden = [str(url.password or ""), *queried]
    hidden += [part for part in (url.host, url.database) if part and not is_file(url) and not _is_plain(part)]
    for part in sorted(filter(None, hidden), key=len, reverse=True):
        text = text.replace(part, "…")
    return text


def shows_a_password(text: str) -> bool:
    """Whether an address that was typed may hold a password, well written or not."""
    return bool(re.search(r":[^/@][^@]*@", text) or re.search(r"pass(word|wd|phrase)?=", text, re.IGNORECASE))


def _is_plain(name: str | None) -> bool:
    return bool(name and _PLAIN.fullmatch(name))
