"""A text cut into the pieces that a person points at: parts of sentences, each exactly as it was written."""

import re

#: Signs after which a text is cut, with what closes a quotation or a parenthesis after them, in several scripts.
_ENDS = re.compile(
    r"(?:[.!?…;:。！？；：؟۔।]+[»”\"’)\]]*(?=\s|$)|[。！？；：؟۔।]"
    r"|(?<!\d),(?=\S)|,(?=\s)|[،、，]|\n|\s[–—-](?=\s))"
)

#: Words before which a long piece is cut: what follows is mostly a thought of its own.
_JOINS = re.compile(
    r"\s(?=(?:et|mais|ou|car|donc|puis|parce\s+qu|pour|afin|quand|si|avec|sans|où|qui|dont)\b)", re.IGNORECASE
)

#: A piece of fewer words than this goes with its neighbour.
_LEAST_WORDS = 2

#: A piece of more words than this is cut where a word joins two thoughts, if both sides have this many words.
_LONG, _LEAST_OF_A_CUT = 8, 3

#: A piece of more words than this is cut anyway: no sign tells where, and it would fill a screen.
_MOST_WORDS = 16

#: Pieces of one text at most; in a longer text the last piece holds the rest.
MOST_PIECES = 40

#: Characters that are read of a text: more than any field asks for.
_MOST_CHARACTERS = 6_000


def pieces(text: str) -> tuple[str, ...]:
    """The pieces of a text, in order, each a passage of it word for word; none for an empty text.

    A text is cut after its punctuation, but not inside parentheses; a long piece also before a conjunction.
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
    """The parts between signs; one that is too short stays with the one before it."""
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
        # What is left at the end is too short to stand alone.
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


#: Signs of Japanese, Chinese and Thai, whose words no space parts.
_UNSPACED = "\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f"
_WORD = re.compile(rf"[^\W{_UNSPACED}]+(?:[’'-][^\W{_UNSPACED}]+)*|[{_UNSPACED}]")


def holds(text: str, passage: str) -> bool:
    """Whether a passage stands in a text, whatever the spaces between its words."""
    return _on_one_line(passage) in _on_one_line(text)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
