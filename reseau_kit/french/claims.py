"""Compares a text with its source: new numbers and names, copied runs of words.

Pure functions of two readings, by rules that can be explained to a learner. The writer's own experience is ignored.
"""

import re
from collections.abc import Iterator

from reseau_kit.french.comparing import SMALL_WORDS, nearly
from reseau_kit.french.names import FIRST_NAMES
from reseau_kit.french.reading import Number, Reading

_OWN = re.compile(
    r"\b(?:[jmt]'|(?:je|me|moi|mon|ma|mes|nous|notre|nos|on|chez|ici|vous|votre|vos|tu|te|ton|ta|tes)(?![a-z-]))"
)
_CLAUSE = re.compile(r"[.!?;:\n](?=\s|$)|\n|[()«»–—]")
_ORDINAL = re.compile(r"(?:er|re|e|eme|ieme|nd|nde|°|o)\b|\s?(?:premiere?s?|dernier(?:e)?s?|autres?|ou trois|en un\b)")
_UNIT = re.compile(
    r"\s?(?:%|€|\$|°|h\b|h\d|min\b|pour cent|heures?\b|minutes?\b|secondes?\b|jours?\b|semaines?\b|mois\b|"
    r"ans?\b|annees?\b|fois\b|"
    r"euros?\b|merci|bravo|bises|bisous|coups?\b|sur (?:dix|vingt|cent|10|20|100)\b|/\s?\d|mains?\b|mots?\b|"
    r"clics?\b|pieds\b|doigts?\b|"
    r"yeux\b|oreilles?\b|etoiles?\b|sous\b|"
    r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)\b)"
)
_BEFORE_LABEL = re.compile(
    r"(?:\bcc[ -]by(?:[ -](?:sa|nc|nd))*[ -]?|\bv|\bversion |n°\s?|\bno\.? |\bnumero |#|@|/|\ba[345]\b|"
    r"\bphrase |\bregle |\bpage |\bpoint |\bfleur |\bformat a|\bd'|le |au |et de |pour )$"
)
_PART = re.compile(r"\s(?:[a-z]+ )?(?:des|d'entre|de ces|de ses|sur)\b")
#: « Huit personnes sur dix » is a claim, even if its number is lower than those of the source.
_SHARE = re.compile(
    r" (?:personnes|gens|usagers|usageres|utilisateurs|participants|habitants|francais|aidants) sur [a-z0-9]+"
)
_APART = re.compile(r"(?:\bde|a|quoi de|rien de|oeil|regard|tout) $")


def new_numbers(text: Reading, source: Reading) -> list[tuple[int, int]]:
    """Return numbers that a text states and its source does not, except ranks (« la 4e »), times and own experience."""
    held = {number.value for number in source.numbers} | {1, 0}
    told = _counted(source)
    most = max([value for value in held if value < 1_000], default=1)
    return [
        (number.start, _with_noun(text, number))
        for number in text.numbers
        if number.value not in held and _states(text, number) and _too_much(text, number, told, most)
    ]


def _with_noun(text: Reading, number: Number) -> int:
    """Return the end of the counted thing: « 900 permanences », « 90 % »."""
    found = re.compile(r"\s?%|\s+(?:de |d')?[a-z]{3,}").match(text.plain, number.end)
    return found.end() if found and found[0].strip() not in SMALL_WORDS else number.end


def _states(text: Reading, number: Number) -> bool:
    after = text.plain[number.end : number.end + 30]
    before = text.plain[max(number.start - 14, 0) : number.start]
    if _SHARE.match(after):
        return not _OWN.search(text.plain, *clause(text, number.start, number.end))
    if _ORDINAL.match(after) or _PART.match(after):
        return False
    percent = re.match(r"\s?(?:%|pour cent)", after)
    if (_UNIT.match(after) and not (percent and number.value not in (100, 200, 1000))) or _BEFORE_LABEL.search(before):
        return False
    if number.words and (number.value == 9 and _APART.search(before)):
        return False
    start, end = clause(text, number.start, number.end)
    return not _OWN.search(text.plain, start, end)


def _too_much(text: Reading, number: Number, told: dict[str, float], most: float) -> bool:
    """Whether a number contradicts what the source counts, or exceeds all numbers of the source."""
    noun = _noun(text, number)
    if _SHARE.match(text.plain, number.end):
        return True
    if number.words == 1 and number.value == 1_000 and noun not in told:
        # « Mille soupirs » is a figure of speech.
        return False
    if noun in told:
        if number.value > told[noun]:
            return True
        before = text.plain[max(number.start - 16, 0) : number.start]
        return bool(
            re.search(
                r"\b(?:les|ses|ces|propose|ecrit|donne|reunit|liste|rassemble|dans|par|aupres de|en|de) $", before
            )
        )
    return number.value > max(most, 10)


def _counted(source: Reading) -> dict[str, float]:
    """Return the things that a source counts, with their highest number."""
    counted: dict[str, float] = {}
    for number in source.numbers:
        noun = _noun(source, number)
        if noun:
            counted[noun] = max(counted.get(noun, 0), number.value)
    for found in re.compile(r"\bune? ([a-z]{3,})").finditer(source.plain):
        counted.setdefault(found[1].rstrip("sx"), 1)
    return counted


def _noun(text: Reading, number: Number) -> str:
    found = re.compile(r"\s+(?:de |d')?([a-z]{3,})").match(text.plain, number.end)
    return found[1].rstrip("sx") if found and found[1] not in SMALL_WORDS else ""


def clause(text: Reading, start: int, end: int) -> tuple[int, int]:
    """Return the start and end of the clause around a passage: strong punctuation and brackets delimit it."""
    before = max((found.end() for found in _CLAUSE.finditer(text.plain, 0, start)), default=0)
    after = _CLAUSE.search(text.plain, end)
    return before, after.start() if after else len(text.plain)


_CREDIT = re.compile(
    r"\b(?:ecrite?s?|redigee?s?|signee?s?|imaginee?s?|inventee?s?|concue?s?|creee?s?|publiee?s?|editee?s?|"
    r"proposee?s?|validee?s?|testee?s?|essayee?s?|approuvee?s?|"
    r"financee?s?|soutenue?s?|primee?s?|recompensee?s?|certifiee?s?|votee?s?|dessinee?s?|photographiee?s?|"
    r"realisee?s?|faite?s?) (?:et [a-z]+ )?(?:par|de|chez) (?:l'|le |la |les )?(?=[a-z])"
    r"|\b(?:selon|d'apres|auteur ?:|autrice ?:|source ?:|credits? ?:|©) ?(?:l'|le |la |les )?(?=[a-z])"
)
_BODIES = re.compile(
    r"\b(?:education nationale|unicef|unesco|ministere (?:de la |de l'|des |du )[a-z]+|cnrs|inrae|inserm|"
    r"universite (?:de |"
    r"d')?[a-z]+|croix-rouge|"
    r"union europeenne|commission europeenne|academie de [a-z]+|sorbonne|harvard|stanford|oms|onu|ofb|lpo|"
    r"france travail|pole emploi|"
    r"caisse d'allocations familiales|google|gouvernement|president de la republique|mairie de [a-z]+|"
    r"assemblee nationale|emmaus connect|anct|cnil|la poste|france televisions|microsoft|museum d'histoire "
    r"naturelle|office francais de la "
    r"biodiversite)\b"
)
_WORD = re.compile(r"[a-z]+(?:[-'][a-z]+)*")


def new_names(text: Reading, source: Reading) -> list[tuple[int, int]]:
    """Return names that a text credits and its source does not: an institution, another author."""
    spans: list[tuple[int, int]] = []
    for found in _CREDIT.finditer(text.plain):
        spans += _credited(text, source, found.end())
    for found in _BODIES.finditer(text.plain):
        start, end = clause(text, *found.span())
        if found[0] not in source.plain and not _OWN.search(text.plain, start, end):
            spans.append(found.span())
    spans += _other_authors(text, source)
    return [one for one in spans if not any(one != other and _within(one, other) for other in spans)]


def _within(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return other[0] <= one[0] and one[1] <= other[1]


def _credited(text: Reading, source: Reading, place: int) -> Iterator[tuple[int, int]]:
    start, end = clause(text, place, place)
    if not text.capital(place) or _OWN.search(text.plain, start, end):
        return
    name = _capitals(text, place)
    words = _WORD.findall(text.plain[place:name])
    if (
        words
        and len(words[0]) > 2
        and words[0] not in ("mme", "mmes", "mlle")
        and not any(re.search(rf"\b{re.escape(word)}\b", source.plain) for word in words)
    ):
        yield place, name


_BY = re.compile(r"\b(?:par|de|d') ?$")
_PASSED_ON = re.compile(
    r"\b(?:signal|reper|partag|relay|conseil|recommand|trouv|vue?|envoy|decouv|merci|grace|gliss|souffl|"
    r"transmi|lue?|idee|clin)[a-z]* (?:par|a|de|d'|chez) ?$"
)


def _other_authors(text: Reading, source: Reading) -> Iterator[tuple[int, int]]:
    """Yield « Samira Benali » if the source says Samira Belkacem, or an author whom the source does not name."""
    known = {word[0]: word.end() for word in _WORD.finditer(source.plain) if source.capital(word.start())}
    for word in _WORD.finditer(text.plain):
        following = re.compile(r" ([a-z]+(?:[-'][a-z]+)*)").match(text.plain, word.end())
        if not (following and text.capital(word.start()) and text.capital(following.start(1))):
            continue
        if word[0].split("-")[0] not in FIRST_NAMES or following[1] in source.plain:
            continue
        if word[0] not in known:
            start, end = clause(text, *word.span())
            if (
                not _PASSED_ON.search(text.plain[max(word.start() - 30, 0) : word.start()])
                and not _OWN.search(text.plain, start, end)
                and _BY.search(text.plain[max(word.start() - 6, 0) : word.start()])
            ):
                yield word.start(), following.end(1)
            continue
        said = re.compile(r" ([a-z]+)").match(source.plain, known[word[0]])
        if said and source.capital(said.start(1)) and following[1] not in source.plain:
            yield word.start(), following.end(1)


def _capitals(text: Reading, place: int) -> int:
    """Return the end of the run of capitalized words that starts there."""
    end = place
    for word in _WORD.finditer(text.plain, place):
        if (end != place and text.plain[end : word.start()] != " ") or not text.capital(word.start()):
            break
        end = word.end()
    return end


#: Minimum words in a row shared by two texts that show a copy.
_RUN = 5
#: Minimum words of a text to judge; shorter texts say what anyone would say.
_LEAST = 10


def taken_over(text: Reading, source: Reading) -> tuple[int, int] | None:
    """Return the longest run of words that a text shares with its source, None unless most of the text is shared."""
    mine, theirs = list(_PLAIN_WORD.finditer(text.plain)), [word[0] for word in _PLAIN_WORD.finditer(source.plain)]
    if len(mine) < _LEAST:
        return None
    runs = {tuple(theirs[place : place + _RUN]) for place in range(len(theirs) - _RUN + 1)}
    shared = [False] * len(mine)
    for place in range(len(mine) - _RUN + 1):
        if tuple(word[0] for word in mine[place : place + _RUN]) in runs:
            shared[place : place + _RUN] = [True] * _RUN
    first, last = _longest(shared)
    if sum(shared) < 0.8 * len(mine) and not nearly(text.plain[:1_500], source.plain[:1_500]):
        return None
    last = max(last, min(first + _RUN, len(mine)))
    return mine[first].start(), mine[min(last, first + 12) - 1].end()


_PLAIN_WORD = re.compile(r"[^\W_]+")


def _longest(shared: list[bool]) -> tuple[int, int]:
    """Return the start and end of the longest stretch of shared words."""
    best, begun = (0, 0), 0
    for place, here in enumerate([*shared, False]):
        if not here:
            best = max(best, (begun, place), key=lambda stretch: stretch[1] - stretch[0])
            begun = place + 1
    return best
