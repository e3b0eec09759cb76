"""Prepares texts for pictures: keeps what their font can draw, and breaks lines. Knows no picture.

matplotlib comes with one font, DejaVu Sans, which has no colour emoji, Chinese or Thai. Characters that it lacks are
left out of a picture and reported, never drawn as boxes; the HTML pages have all of them.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

FAMILY = "DejaVu Sans"

NBSP = "\N{NO-BREAK SPACE}"
#: Replaces missing letters, since the text loses meaning without them. Missing pictures (emoji) leave nothing.
GAP = "[…]"

_JOINER = "\N{ZERO WIDTH JOINER}"
#: Spaces at which lines never break; the pictures draw all of them with one width.
_TIED_SPACES = f"{NBSP}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}\N{WORD JOINER}"
#: Signs that stay on the line of the preceding word, even after an ordinary space.
_NEVER_FIRST = ";:!?»›…%€"
_NEVER_LAST = "«‹"


@dataclass(frozen=True, slots=True)
class Lettering:
    """A text as the font draws it, and the characters that it lacks, each once, in the order of the text."""

    text: str
    missing: tuple[str, ...] = ()


def lettered(text: str) -> Lettering:
    """Return the part of a text that the font can draw, on one line and without double spaces."""
    made: list[str] = []
    missing: dict[str, None] = {}
    for sign in _signs(text):
        if sign.isspace():
            made.append(NBSP if sign in _TIED_SPACES else " ")
            continue
        drawn, whole = _drawn(sign)
        made.append(drawn)
        if not whole:
            missing[sign] = None
    told = re.sub(" {2,}", " ", "".join(made)).strip(" ")
    if missing:
        told = re.sub(rf"{re.escape(GAP)}(?: ?{re.escape(GAP)})+", GAP, told)
        told = re.sub(r" (?=[,.)\]](?:\s|$))", "", told)
    return Lettering(told, tuple(missing))


def lacking(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the characters of several texts that the font cannot draw, each once."""
    return tuple(dict.fromkeys(sign for text in texts for sign in lettered(text).missing))


def listed(signs: Sequence[str]) -> str:
    """Return a French list of signs for a sentence: the first ones and the number of others; empty without signs."""
    told = [sign if sign.isprintable() or _JOINER in sign else f"U+{ord(sign[0]):04X}" for sign in signs[:_NAMED]]
    others = len(signs) - len(told)
    last = f"{others}{NBSP}autre{'s' if others > 1 else ''}" if others else told.pop() if told[1:] else ""
    return f"{', '.join(told)} et {last}" if last else ", ".join(told)


_NAMED = 12


def tied(text: str) -> str:
    """Tie French punctuation with no-break spaces, so that no line begins with : ; ! ? » or ends with «."""
    text = re.sub(rf"[ {_TIED_SPACES}]+(?=[{_NEVER_FIRST}])", NBSP, text)
    return re.sub(rf"(?<=[{_NEVER_LAST}])[ {_TIED_SPACES}]+", NBSP, text)


def set_lines(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Break a text into lines that fit, as far as possible. If `fits` rejects a line, it must reject longer ones too.

    Lines break at spaces. A word wider than a line breaks at a no-break space, else between any two characters, but
    never before a sign that belongs to the preceding one.
    """
    made = [""]
    for word in tied(text).split(" "):
        longer = f"{made[-1]} {word}" if made[-1] else word
        if made[-1] and not fits(longer):
            made.append(word)
        else:
            made[-1] = longer
        while made[-1] and not fits(made[-1]):
            line, rest = _cut(made[-1], fits)
            if not rest:
                break
            made[-1:] = [line, rest]
    return made


def _cut(word: str, fits: Callable[[str], bool]) -> tuple[str, str]:
    """Split a word so that the first part fits, if any can; the second part is empty if no split is allowed."""
    ends = [0]
    for sign in _signs(word):
        ends.append(ends[-1] + len(sign))
    room = max(1, bisect_left(ends, 1, 1, key=lambda end: int(not fits(word[:end]))) - 1)
    inside = [end for end in ends[1:-1] if not _is_tied_at(word, end)]
    fitting = [end for end in inside if end <= ends[room]]
    spaces = [end for end in fitting if word[end] == NBSP]
    if spaces:
        return word[: spaces[-1]], word[spaces[-1] + 1 :]
    # Nothing fits: a line that is too wide is better than a single sign at the start of the next one.
    end = fitting[-1] if fitting else inside[0] if inside else len(word)
    return word[:end], word[end:]


def _is_tied_at(word: str, end: int) -> bool:
    """Whether the character after a place belongs to the one before it."""
    before, after = word[end - 1], word[end:].lstrip(NBSP)[:1]
    return before == NBSP or before in _NEVER_LAST or after in _NEVER_FIRST or not after


def _signs(text: str) -> Iterator[str]:
    """Yield the signs of a text as a reader counts them, with combining and joined characters."""
    sign = ""
    for char in text:
        if sign and _continues(sign, char):
            sign += char
        else:
            if sign:
                yield sign
            sign = char
    if sign:
        yield sign


def _continues(sign: str, char: str) -> bool:
    if unicodedata.category(char).startswith("M") or char == _JOINER or "\U000e0020" <= char <= "\U000e007f":
        return not sign.isspace()
    if "\U0001f3fb" <= char <= "\U0001f3ff":  # a skin tone
        return unicodedata.category(sign[0]) == "So"
    if _is_flag_letter(char):
        return len(sign) == 1 and _is_flag_letter(sign)
    return sign.endswith(_JOINER) and unicodedata.category(char) == "So"


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _drawn(sign: str) -> tuple[str, bool]:
    """Return a sign as the font draws it, and whether it is complete; equivalent letters replace a missing sign."""
    for form in (unicodedata.normalize("NFC", sign), unicodedata.normalize("NFKC", sign)):
        kept = "".join(char for char in form if not _is_silent(char))
        if all(map(_is_drawable, kept)):
            return kept, True
    base = sign[0]
    if base.isalnum():
        # A digit on a keycap, a letter under a mark: the base character carries the meaning.
        return (base if _is_drawable(base) else GAP), False
    return "", False


def _is_silent(char: str) -> bool:
    """Whether a character is invisible: a variation selector, a control or a format character."""
    return unicodedata.category(char) in ("Cc", "Cf") or "\ufe00" <= char <= "\ufe0f" or char >= "\U000e0100"


def _is_drawable(char: str) -> bool:
    shaped = unicodedata.bidirectional(char) not in ("R", "AL") or _shapes_scripts()
    return ord(char) in _charmap() and shaped


@cache
def _charmap() -> frozenset[int]:
    """Return the characters of both weights of the font, since names on maps may be bold."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    fonts = (get_font(findfont(FontProperties(family=FAMILY, weight=weight))) for weight in ("normal", "bold"))
    regular, bold = (frozenset(font.get_charmap()) for font in fonts)
    return regular & bold


@cache
def _shapes_scripts() -> bool:
    """Whether matplotlib writes from right to left and joins Arabic letters; it does both from 3.11 on."""
    import matplotlib

    return matplotlib.__version_info__ >= (3, 11)
