"""Addresses of gradebooks: parses them, and displays them without any part that may be a password."""

import re
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

#: Environment variable for the address, which keeps it out of other users' list of processes.
VARIABLE = "RESEAU_KIT_DB"

_EXAMPLES = "« sqlite:////chemin/gradebook.db » ou « postgresql+psycopg2://nom@machine/base »"

#: A plain name of a machine or of a database.
_PLAIN = re.compile(r"[\w.-]+")


class NotAnAddress(ValueError):
    """The text is not an address of a gradebook. The message, in French, does not repeat the text."""


def read_address(text: str, folder: Path | None = None) -> URL:
    """Parse an address; a relative path of a file starts from `folder`.

    Raises:
        NotAnAddress: the text is not an address.
    """
    try:
        url = make_url(text)
        url.get_dialect()
    except (ArgumentError, ValueError):
        # `from None`: SQLAlchemy's message may contain a part of a password.
        raise NotAnAddress(
            f"L’adresse du carnet de notes n’en est pas une : il en faut une comme {_EXAMPLES}."
        ) from None
    except ModuleNotFoundError:
        pass  # the driver is missing: opening the gradebook tells how to install it
    if folder is not None and is_file(url) and url.database:
        url = url.set(database=str(folder / url.database))
    return url


def is_file(url: URL) -> bool:
    """Whether the gradebook is a file."""
    return url.get_backend_name() == "sqlite"


def written(url: URL) -> str:
    """Return the whole address with its password, for SQLAlchemy only."""
    return url.render_as_string(hide_password=False)


def told(url: URL) -> str:
    """Describe a gradebook for a message: its file, or its kind and its database and machine if their names are plain.

    An unescaped « @ » or « / » in a password puts a part of it into these names; such names are left out.
    """
    if is_file(url):
        return url.database or "en mémoire"
    parts = [url.get_backend_name()]
    parts += [f"base « {url.database} »"] if _is_plain(url.database) else []
    parts += [f"machine « {url.host} »"] if _is_plain(url.host) else []
    return ", ".join(parts)


def without_secrets(text: str, url: URL) -> str:
    """Return a message of a database driver without the parts of the address that `told` leaves out."""
    queried = [value for values in url.query.values() for value in ([values] if isinstance(values, str) else values)]
    hidden = [str(url.password or ""), *queried]
    hidden += [part for part in (url.host, url.database) if part and not is_file(url) and not _is_plain(part)]
    for part in sorted(filter(None, hidden), key=len, reverse=True):
        text = text.replace(part, "…")
    return text


def shows_a_password(text: str) -> bool:
    """Whether a typed address may contain a password, even a badly escaped one."""
    return bool(re.search(r":[^/@][^@]*@", text) or re.search(r"pass(word|wd|phrase)?=", text, re.IGNORECASE))


def _is_plain(name: str | None) -> bool:
    return bool(name and _PLAIN.fullmatch(name))
