"""Compares French texts, ignoring case and accents; counts words, finds sentences and numbers.

Pure functions of texts, by rules that can be explained to a learner. They know no activity and understand nothing.
"""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Container
from functools import cache, lru_cache
from typing import Literal

#: Function words: they turn a list into a sentence, and are ignored when subjects are compared.
SMALL_WORDS = frozenset(
    "a ai ainsi alors apres as au aussi autour autre autres aux avant avec avez avoir avons beaucoup bien c ca car "
    "ce ceci cela ces cet cette ceux chaque chez comme comment d dans de depuis des deux dire dit donc dont du elle "
    "elles en encore entre est et etre eu eux fait faire il ils j je jusqu l la le les leur leurs lors lui m ma "
    "mais me meme mes moi moins mon n ne ni nos notre nous on ont ou par parce pas pendant peu peut plus pour "
    "pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans se ses si sont sous suis sur t ta te tes "
    "toi ton tous tout toute toutes tres tu un une unes uns va vers voici vos votre vous y".split()
)

#: Number of first letters that words of one family share: médiation and médiatrice.
STEM = 6

_PRIVATE = re.compile(
    # A telephone number of any country: nine digits or more after a 0 or a +, or groups of three, three and four.
    r"(?<!\d)(?<!\d[\s.-])(?:\+|0)\d(?:[\s.()-]{0,2}\d){7,12}(?!\d)"
    r"|(?<!\d)(?:\(\d{3}\)|\d{3})[\s.-]\d{3}[.-]\d{4}(?!\d)"
    # An e-mail address; @nadia@mastodon.social is the public name of an account.
    r"|(?<![\w.+@-])[\w.+-]+@[\w-]+\.\w+"
    r"|\bnee?s?\s(?:le\s)?\d{1,2}\b"
    r"|\b\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d{2}\b"
)

#: « 3 cours de couture » is not an address, « 3 cours Mirabeau » is: some words need a capital after them.
_STREET = re.compile(
    r"\b\d{1,4}\s?(?:bis|ter)?,?\s(?:"
    r"(?i:rue|avenue|boulevard|impasse|all[ée]e)\b"
    r"|(?i:place|chemin|route|quai|square|cours)\s(?:(?:de\s(?:la\s|l['’])?|du\s|des\s|la\s|les\s)?[A-ZÀ-Ý])"
    r")"
)


#: First combining character of Unicode.
_FIRST_COMBINING = "\u0300"


def simplified(text: str, *, strict: Container[str] = ()) -> str:
    """Reduce a text to what its French spellings have in common, keeping the differences that `strict` names.

    `strict` may contain casse, accents, apostrophes, espaces.
    """
    text = normalized("NFKC" if "espaces" not in strict else "NFC", text)
    if "apostrophes" not in strict:
        text = text.replace("’", "'").replace("ʼ", "'")
    if "casse" not in strict:
        text = text.casefold()
    if "accents" not in strict and not text.isascii():
        apart = normalized("NFD", text)
        text = "".join([char for char in apart if char < _FIRST_COMBINING or not unicodedata.combining(char)])
        text = text.replace("œ", "oe").replace("æ", "ae")
    if "espaces" not in strict:
        text = " ".join(text.split())
    return text


def normalized(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """Return a text in a Unicode normal form, with time and length in proportion to the text.

    Characters that expand to many letters stay unchanged (three bytes would become eighteen letters), and only the
    first combining characters on a letter are kept: sorting them takes the square of their number.
    """
    if text.isascii():
        return text
    growing, heaps = _signs()
    text = heaps.sub(r"\1", text)
    if not growing.search(text):
        return unicodedata.normalize(form, text)
    return "".join([part if growing.match(part) else unicodedata.normalize(form, part) for part in growing.split(text)])


#: Maximum combining characters on a letter, as in Unicode's stream-safe format (UAX 15).
_HIGHEST = 30
#: Maximum expansion of a character; no French word contains one that expands further.
_MOST_LETTERS = 3


@cache
def _signs() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of characters that expand too far, and of too many combining characters on a letter."""
    growing, on_others = [], []
    for char in map(chr, range(0x80, 0x20000)):
        if unicodedata.combining(char):
            on_others.append(char)
        elif unicodedata.decomposition(char):
            apart = unicodedata.normalize("NFKD", char)
            if len(apart) > _MOST_LETTERS:
                growing.append(char)
            if unicodedata.combining(apart[0]):
                on_others.append(char)
    above = f"[{''.join(on_others)}]"
    return re.compile(f"([{''.join(growing)}])"), re.compile(f"({above}{{{_HIGHEST}}}){above}+")


def read_number(value: object) -> float | None:
    """Parse a number in French or English notation, with or without its unit; None if it is not one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if abs(number) < 1e15 else None
    if not isinstance(value, str) or len(value) > 100:
        return None
    text = normalized("NFKC", value).replace("−", "-")
    text = re.sub(r"(?<=\d)[\s'’](?=\d{3}(?!\d))", "", text).replace(",", ".")
    found = re.fullmatch(r"\s*(?:≈|environ\s)?\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*([^\d\s.+-][^\d]{0,40})?\s*", text)
    return None if found is None else read_number(float(found[1]))


def quoted(text: str) -> str:
    """Return a text in guillemets, without doubling its own ones and without its final period."""
    text = text.removesuffix(".")
    whole = text.startswith("«") and text.endswith("»") and text.count("«") == 1
    return text if whole else f"« {text} »"


def cited(text: str) -> str:
    """Return a quoted text as the end of a sentence: its own question mark replaces the period."""
    said = quoted(text)
    return said if said.rstrip("\N{NO-BREAK SPACE}»")[-1:] in tuple("?!…") else f"{said}."


def count_words(text: str) -> int:
    """Count the words of a text; « aujourd’hui » and « rendez-vous » are one each."""
    return len(re.findall(r"\w+(?:[’'-]\w+)*", text))


def holds_phrase(text: str, phrase: str) -> bool:
    """Whether a text contains a phrase as whole words. Both must be `simplified`."""
    place = text.find(phrase)
    while place >= 0:
        end = place + len(phrase)
        before, after = text[max(place - 1, 0) : place], text[end : end + 1]
        if not (_in_a_word(before) and phrase[:1].isalnum()) and not (_in_a_word(after) and phrase[-1:].isalnum()):
            return True
        place = text.find(phrase, place + 1)
    return False


def _in_a_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def content_words(text: str) -> list[str]:
    """Return a text's words without function words, simplified, without a plural's s or x, in order."""
    words = re.findall(r"[^\W_]+", simplified(text))
    return [word.rstrip("sx") if len(word) > 3 else word for word in words if word not in SMALL_WORDS]


def takes_up(text: str, other: str) -> bool:
    """Whether a text takes up at least half of the content words of another (those of four letters or more)."""
    words = content_words(other)
    if not words:
        # All function words or signs (« C++ »): they must occur unchanged.
        said = simplified(other.strip())
        if len(said) > _LONGEST_PHRASE:
            return said in simplified(text)
        return bool(said) and holds_phrase(simplified(text), said)
    wanted = {word[:STEM] for word in words if len(word) >= 4} or {word[:STEM] for word in words}
    return len(wanted & _stems(text)) * 2 >= len(wanted)


#: Maximum length of a phrase that is searched as whole words; longer ones need no check of word boundaries.
_LONGEST_PHRASE = 200


@lru_cache(maxsize=4)
def _stems(text: str) -> frozenset[str]:
    """Return the stems of a text's words, cached: one text is compared with several others."""
    return frozenset(word[:STEM] for word in content_words(text))


def starts_with(text: str, phrase: str) -> bool:
    """Whether a text begins with a phrase as whole words. Both must be `simplified`."""
    end = len(phrase)
    return text.startswith(phrase) and not (phrase[-1:].isalnum() and text[end : end + 1].isalnum())


def count_hashtags(text: str) -> int:
    """Return the number of hashtags (#mot) in a text."""
    return len(re.findall(r"(?<!\w)#\w", text))


def is_sentence(text: str) -> bool:
    """Whether a text has five words in a row, two of them function words, so that it is more than a list."""
    for stretch in re.split(r"[.!?,;:|/\n()]|#\w+", simplified(text)):
        words = re.findall(r"[^\W_]+", stretch)
        if len(words) >= 5 and sum(word in SMALL_WORDS for word in words) >= 2:
            return True
    return False


def repeats(text: str) -> bool:
    """Whether a text repeats itself: a content word three times, or too few different words."""
    words = [word[:STEM] for word in content_words(text)]
    counted = Counter(words)
    return bool(words) and (max(counted.values()) >= 3 or len(counted) < 0.6 * len(words))


def gives_away(text: str) -> bool:
    """Whether a text contains a telephone number, an e-mail address, a street address or a date of birth."""
    plain = " ".join(normalized("NFKC", text).split())
    return _PRIVATE.search(simplified(text)) is not None or _STREET.search(plain) is not None


def nearly(text: str, other: str) -> bool:
    """Whether at least four fifths of a text's words are another's, in the same order."""
    mine, theirs = content_words(text), content_words(other)
    # A much longer text cannot be nearly the other: the ratio counts the words of both.
    if len(mine) > 1.5 * len(theirs):
        return False
    return bool(mine) and difflib.SequenceMatcher(None, mine, theirs, autojunk=False).ratio() >= 0.8
