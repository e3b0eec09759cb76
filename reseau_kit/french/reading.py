"""A text prepared for rules: without case or accents, with its numbers, and with the original place of each letter.

Pure functions of texts. They know no activity, and read only the beginning of a long text.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

#: Maximum characters read of a text: some three hundred words, several times more than any activity asks for.
MOST = 2_000

#: Inclusive endings of a participle or a noun: « abonné·e·s », « abonné(e)s », « abonnées ».
ENDING = r"(?:[.·(/-]?e\)?)?(?:[.·-]?s)?"

#: A month in plain letters, maybe abbreviated.
MONTH = (
    r"(?:janvier|janv|fevrier|fev|mars|avril|mai|juin|juillet|juil|aout|septembre|sept|octobre|oct|novembre|nov|"
    r"decembre|dec)\b\.?"
)

_WITH_SPACE = re.compile(r"[a-z]+[-' ]?")
_END = re.compile(r"[.!?;\n](?=\s|$)|\n|\.\.\.")


@dataclass(frozen=True)
class Reading:
    """The beginning of a text, and its plain form: `plain[i]` comes from `text[places[i]]`."""

    text: str
    plain: str
    places: tuple[int, ...]

    def said(self, start: int, end: int) -> str:
        """Return the original text of a span of plain letters, without surrounding spaces or punctuation."""
        if start >= end:
            return ""
        until = self.places[end] if end < len(self.places) else len(self.text)
        return self.text[self.places[start] : until].strip(" \t\n\r\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE},;:.")

    def capital(self, place: int) -> bool:
        """Whether the letter there is a capital, in a text that is not mostly capitals."""
        return not self.loud and self.text[self.places[place]].isupper()

    @cached_property
    def loud(self) -> bool:
        """Whether most letters are capitals, so that capitals carry no information."""
        letters = [char for char in self.text if char.isalpha()]
        return sum(char.isupper() for char in letters) > 0.6 * len(letters)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Return the start and end of the sentence around a passage."""
        before = max((place for place in self._ends if place <= start), default=0)
        after = min((place for place in self._ends if place >= end), default=len(self.plain))
        return before, after

    def capitals_end(self, place: int) -> int:
        """Return the end of the run of capitalized words that starts there: « Victor-Hugo », « Lilas »."""
        end = place
        for word in _WITH_SPACE.finditer(self.plain, place):
            joined = word.start() == place or self.plain[word.start() - 1] in "-'"
            if word.start() > end or not (joined or self.capital(word.start())):
                break
            end = word.end()
        return place + len(self.plain[place:end].rstrip(" -'"))

    def once(self, spans: Iterable[tuple[int, int]]) -> list[str]:
        """Return the original passages in order, without duplicates; of overlapping ones, the first given."""
        kept: list[tuple[int, int]] = []
        for start, end in spans:
            if all(end <= first or last <= start for first, last in kept):
                kept.append((start, end))
        said: dict[str, str] = {}
        for start, end in sorted(kept):
            said.setdefault(self.plain[start:end], self.said(start, end))
        return [one for one in said.values() if one]

    @cached_property
    def _ends(self) -> tuple[int, ...]:
        return tuple(found.end() for found in _END.finditer(self.plain))

    @cached_property
    def numbers(self) -> tuple["Number", ...]:
        """Numbers of the text, in figures and in words, in order. « Un » and « une » alone do not count."""
        return tuple(_numbers(self.plain))


@lru_cache(maxsize=32)
def read(text: str) -> Reading:
    """Prepare the beginning of a text."""
    text = text[:MOST]
    plain: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for letter in _plain(char):
            if letter.isspace() and plain and plain[-1].isspace():
                # Runs of spaces become one, so that patterns need not backtrack over them.
                plain[-1] = "\n" if letter == "\n" else plain[-1]
                continue
            plain.append(letter)
            places.append(place)
    return Reading(text, "".join(plain), tuple(places))


_SIGNS = {"’": "'", "ʼ": "'", "‘": "'", "′": "'", "´": "'", "‐": "-", "‑": "-", "−": "-", "œ": "oe", "æ": "ae"}


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """Return the plain letters of a character: none for a combining or invisible one."""
    char = char.casefold()
    if char in _SIGNS:
        return _SIGNS[char]
    if char.isascii():
        return char
    apart = unicodedata.normalize("NFKD", char)
    if len(apart) > 3:
        return char
    return "".join([_letter(one) for one in apart])


def _letter(char: str) -> str:
    match unicodedata.category(char):
        case "Mn" | "Me" | "Cf":
            return ""
        case "Zs":
            return " "
        case "Nd":
            return str(unicodedata.decimal(char))
    return char.casefold() if len(char.casefold()) == 1 else char


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text with its span. `words` is its number of words (0 in figures), `digits` its digits."""

    start: int
    end: int
    value: float
    words: int
    digits: str


_UNITS = {
    word: value
    for value, word in enumerate(
        "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
    )
} | {"une": 1}
_TENS = {
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
    "huitante": 80, "octante": 80, "nonante": 90,
}  # fmt: skip
_LARGE = {"cent": 100, "cents": 100, "mille": 1_000, "million": 1_000_000, "millions": 1_000_000}
_ABOUT = {
    "dizaine": 10, "dizaines": 10, "douzaine": 12, "douzaines": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30,
    "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60, "centaine": 100, "centaines": 100, "millier": 1_000,
    "milliers": 1_000,
}  # fmt: skip
_WORDS = _UNITS | _TENS | _LARGE

_NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:[ .]\d{3})+(?![\w])|(?<!\w)\d{1,15}(?:[.,]\d{1,6})?|(?<![\w'])[a-z]+|(?<=[ld]')[a-z]+"
)


def _numbers(plain: str) -> Iterator[Number]:
    run: list[re.Match[str]] = []
    for found in _NUMBER.finditer(plain):
        word = found[0]
        if word[0].isdigit():
            yield from _in_words(run)
            run = []
            whole = re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+", word)
            value = float(re.sub(r"[ .]", "", word)) if whole else float(word.replace(",", "."))
            yield Number(found.start(), found.end(), value, 0, re.sub(r"\D", "", word))
        elif word in _ABOUT:
            yield from _in_words(run)
            run = []
            yield Number(found.start(), found.end(), _ABOUT[word], 1, "")
        elif word in _WORDS:
            if run and not re.fullmatch(r"[ -]+(?:et[ -]+)?", plain[run[-1].end() : found.start()]):
                yield from _in_words(run)
                run = []
            run.append(found)
        elif word != "et":
            yield from _in_words(run)
            run = []
    yield from _in_words(run)


def _in_words(run: list[re.Match[str]]) -> Iterator[Number]:
    """Yield the numbers formed by a run of number words: « dix neuf » is one, « six trente » two."""
    place = 0
    while place < len(run):
        value, begun, least = _WORDS[run[place][0]], place, _rank(run[place][0])
        total, value = (value, 0) if value >= 1_000 else (0, value)
        place += 1
        while place < len(run):
            word = run[place][0]
            more = _WORDS[word]
            if word in ("vingt", "vingts") and value % 100 == 4:
                value, least = value + 76, 20
            elif word in ("cent", "cents") and 0 < value < 10:
                value, least = value * 100, 100
            elif word == "mille" or word.startswith("million"):
                total, value, least = total + max(value, 1) * more, 0, more
            elif more < least and value % 100 not in range(1, 10) and _joins(value, more):
                value, least = value + more, _rank(word)
            else:
                break
            place += 1
        if (place - begun, run[begun][0]) not in ((1, "un"), (1, "une")):
            digits = str(total + value)
            yield Number(run[begun].start(), run[place - 1].end(), total + value, place - begun, digits)


def _rank(word: str) -> int:
    """Return the upper bound of a following word that belongs to the same number."""
    if word in _LARGE:
        return _LARGE[word]
    if word in ("soixante", "vingts", "vingt"):
        return 20
    return 10 if word in _TENS or word == "dix" else 1


def _joins(value: int, more: int) -> bool:
    """Whether a number can be added: from ten on, only to a multiple of a hundred, to sixty or to eighty."""
    return more > 0 and (more < 10 or value % 100 in (0, 60, 80))
