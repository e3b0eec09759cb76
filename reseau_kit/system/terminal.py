"""Lets messages be written to any terminal or file, whatever its encoding."""

import codecs
import io
import sys
import unicodedata

_NEAREST = "reseau-kit-nearest"

#: Replacements of characters that an encoding lacks; an accented letter becomes the plain letter.
_STAND_INS = {
    **dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}", " "),
    **dict.fromkeys("«»“”", '"'),
    **dict.fromkeys("’‘", "'"),
    **dict.fromkeys("–—−", "-"),
    "…": "...",
    "→": "->",
    "œ": "oe",
    "Œ": "OE",
    "æ": "ae",
    "Æ": "AE",
    "×": "x",
    "€": "EUR",
}


def write_in_any_encoding() -> None:
    """Replace unencodable characters in standard output and error, instead of failing (Windows, redirected output)."""
    codecs.register_error(_NEAREST, _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_NEAREST)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_stand_in, error.object[error.start : error.end])), error.end


def _stand_in(sign: str) -> str:
    if sign in _STAND_INS:
        return _STAND_INS[sign]
    return unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"
