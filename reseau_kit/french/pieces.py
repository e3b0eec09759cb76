"""Cuts a text into pieces that a person can point at: parts of sentences, exactly as they were written."""

import re

#: Signs after which a text is cut, including closing quotation marks and brackets, in several scripts.
_ENDS = re.compile(
    r"(?:[.!?…;:。！？；：؟۔।]+[»”\"’)\]]*(?=\s|$)|[。！？；：؟۔।]"
    r"|(?<!\d),(?=\S)|,(?=\s)|[،、，]|\n|\s[–—-](?=\s))"
)

#: Words before which a long piece is cut: mostly a new thought follows.
_JOINS = re.compile(
    r"\s(?=(?:et|mais|ou|car|donc|puis|parce\s+qu|pour|afin|quand|si|avec|sans|où|qui|dont)\b)", re.IGNORECASE
)

#: Minimum words of a piece; a shorter one is joined to its neighbour.
_LEAST_WORDS = 2

#: Maximum words of a piece that is not cut before a conjunction, and minimum words on both sides of such a cut.
_LONG, _LEAST_OF_A_CUT = 8, 3

#: Maximum words of any piece: longer ones, which would fill a screen, are cut into equal parts.
_MOST_WORDS = 16

#: Maximum pieces of a text; the last piece contains the rest.
MOST_PIECES = 40

#: Maximum characters read of a text, more than any field asks for.
_MOST_CHARACTERS = 6_000


def pieces(text: str) -> tuple[str, ...]:
    """Cut a text into pieces, in order, each a verbatim passage; an empty text has none.

    Texts are cut after punctuation, but not inside parentheses; long pieces also before a conjunction.
    """
    kept = text[:_MOST_CHARACTERS].strip()
    found: list[str] = []
    for part in _at_punctuation(kept) or ([kept] if kept else []):
        found += _at_conjunctions(part)
    if len(found) > MOST_PIECES:
        start = kept.find(found[MOST_PIECES - 1], sum(map(len, found[: MOST_PIECES - 1])))
        found[MOST_PIECES - 1 :] = [kept[start:]]
    return tuple(found)


def _at_punctuation(text: str) -> list[str]:
    """Return the parts between punctuation; a part that is too short is joined to the following one."""
    starts, depth, at = [0], 0, 0
    for end in _ENDS.finditer(text):
        depth += text.count("(", at, end.start()) - text.count(")", at, end.end())
        at = end.end()
        if depth <= 0 or "\n" in end[0]:
            depth = 0
            starts.append(end.end())
    parts: list[str] = []
    begun = 0
    for start in [*starts[1:], len(text)]:
        part = text[begun:start].strip()
        if _words(part) >= _LEAST_WORDS or (part and not parts and start == len(text)):
            parts.append(part)
            begun = start
    rest = text[begun:].strip()
    if rest and parts:
        # The remainder at the end is too short for a piece of its own.
        place = text.rfind(parts[-1], 0, begun)
        parts[-1] = text[place:].strip()
    return parts


def _at_conjunctions(part: str) -> list[str]:
    if _words(part) <= _LONG or "(" in part:
        return _by_length(part)
    for join in _JOINS.finditer(part):
        left, right = part[: join.start()].strip(), part[join.end() :].strip()
        if _words(left) >= _LEAST_OF_A_CUT and _words(right) >= _LEAST_OF_A_CUT:
            return [*_by_length(left), *_at_conjunctions(right)]
    return _by_length(part)


def _by_length(part: str) -> list[str]:
    words = list(re.finditer(r"\S+", part))
    if len(words) <= _MOST_WORDS:
        return [part]
    count = -(-len(words) // _MOST_WORDS)
    each = -(-len(words) // count)
    groups = [words[place : place + each] for place in range(0, len(words), each)]
    return [part[group[0].start() : group[-1].end()] for group in groups]


def _words(text: str) -> int:
    """Count the words of a text; each sign of a script without spaces counts as one."""
    return len(_WORD.findall(text))


#: Characters of Japanese, Chinese and Thai, which put no spaces between words.
_UNSPACED = "\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f"
_WORD = re.compile(rf"[^\W{_UNSPACED}]+(?:[’'-][^\W{_UNSPACED}]+)*|[{_UNSPACED}]")


def holds(text: str, passage: str) -> bool:
    """Whether a text contains a passage, ignoring differences in spacing."""
    return _on_one_line(passage) in _on_one_line(text)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
