"""Finds telephone numbers, e-mail addresses and dates of birth, in figures and in words, of any country."""

import re

from reseau_kit.french.reading import ENDING, MONTH, Reading

_FIGURES = re.compile(r"(?<![\w@#/=])(?<!\d[.,])(?:\(?\+ ?|\(?00)?\(?[\do](?:[\s./()–-]{0,3}\d){5,14}(?![\w@])")
_NO_PHONE = re.compile(
    r"\b(?:isbn|issn|siret|siren|rcs|tva|rna|ean|doi|ark|iban|naf|ape|arxiv|agrement|licence|license|"
    r"hal)\b[^a-z]{0,12}$"
)
_CALL = re.compile(
    r"(?:\btel|\bappel|\bjoi(?:ndre|gn)|whats?app|\bsms\b|\btexto|\bportable|\bmobile\b|\bnumero|\bphone|"
    r"\bsignal\b|\bgsm\b|\bnatel|"
    r"\bcell\b|\bcellulaire|\bfixe\b|\bcontact|\bviber|\btelegram|\bligne\b|"
    r"[\u260e\U0001f4de\U0001f4f1\U0001f4f2\u2706]|\brdv\b|\b0[67]\b|\bau (?=[\d(+]))"
)
_DIGIT_WORD = (
    r"(?:zero|oh?|un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|"
    r"seize|vingt|vingts|"
    r"trente|quarante|cinquante|soixante|septante|huitante|octante|nonante|cent|et|\d{1,3})"
)
_SPOKEN = re.compile(
    rf"(?<![\w'-])(?:plus )?(?:zero|{_DIGIT_WORD})(?:[\s,.;/–-]{{1,3}}(?:puis )?{_DIGIT_WORD}){{3,24}}(?![\w])"
)


def phones(text: Reading) -> list[str]:
    """Return telephone numbers of any country, in figures with any spacing, in words, or both."""
    # Numbers in words first: they may contain figures too.
    spans = [found.span() for found in _SPOKEN.finditer(text.plain) if _is_spoken(text, found)]
    spans += [found.span() for found in _FIGURES.finditer(text.plain) if _is_phone(text, found)]
    return text.once(spans)


def _is_phone(text: Reading, found: re.Match[str]) -> bool:
    before = text.plain[max(found.start() - 40, 0) : found.start()]
    if _NO_PHONE.search(before):
        return False
    said = found[0].replace("o", "0")
    digits = re.sub(r"\D", "", said)
    groups = [len(part) for part in re.findall(r"\d+", said)]
    if said.lstrip("(").startswith(("+", "00")):
        return 8 <= len(digits) <= 15
    if "(0)" in said and len(digits) >= 9:
        return True
    if re.search(r"\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d", said) or re.search(r"\b(?:19|20)\d\d-\d\d-\d\d", said):
        return False
    called = _CALL.search(before) is not None
    if digits[0] == "0" and len(digits) in (9, 10):
        return groups[0] != 1 or len(groups) > 4 or called
    american = groups in ([3, 3, 4], [1, 3, 3, 4]) or (groups in ([10], [6, 4], [3, 7]) and called)
    if american and re.fullmatch(r"1?[2-9]\d{2}[2-9]\d{6}", digits):
        return True
    if groups == [2, 3, 2, 2] and digits[0] in "37":
        return True
    if groups == [1, 2, 2, 2, 2] and digits[0] in "62":
        return True
    return called and 6 <= len(digits) <= 11 and not (len(groups) == 1 and len(digits) < 8)


def _is_spoken(text: Reading, found: re.Match[str]) -> bool:
    words = [word for word in re.findall(r"[a-z]+|\d+", found[0]) if word not in ("et", "plus", "puis")]
    if not any(word.isalpha() for word in words):
        return "puis" in found[0] and words[0].startswith("0") and len(words) >= 4
    units = "zero un deux trois quatre cinq six sept huit neuf dix onze douze".split()
    ranks = [units.index(word) for word in words if word in units]
    if len(ranks) == len(words) and ranks in (sorted(set(ranks)), sorted(set(ranks), reverse=True)):
        return False
    called = _CALL.search(text.plain, max(found.start() - 40, 0), found.start()) is not None
    starts = words[0] in ("zero", "oh") or (words[0].startswith("0") and len(words[0]) > 1)
    if starts or "plus" in found[0]:
        return len(words) >= 4 + (words[0].isalpha() and not called)
    return len(words) >= (6 if called else 8)


_MAIL = re.compile(r"(?<![\w.+@/-])[\w.+-]{1,60}(?: ?@ ?)[\w-]{1,60}(?:\.[\w-]{1,20})+")
_AT = r"(?: ?[(\[{] ?(?:at|arobase|arobas|@|chez) ?[)\]}] ?| (?:arobase|arobas|arobaze) )"
_DOT = r"(?: ?[(\[{] ?(?:dot|point|\.) ?[)\]}] ?| (?:point|dot) |\.)"
_HOSTS = (
    r"(?:gmail|hotmail|yahoo|orange|wanadoo|laposte|free|sfr|outlook|proton|protonmail|videotron|skynet|"
    r"bluewin|icloud|live|neuf|riseup)"
)
_SPELT = re.compile(
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    r""
    rf"(?<![\w.])[\w+-]{{1,40}}(?:{_DOT}[\w+-]{{1,40}}){{0,3}}{_AT}[\w-]{{1,40}}(?:{_DOT}[\w-]{{1,20}})*{_DOT}[a-z]{{2,10}}(?![\w])"
    rf"|(?<![\w.])[\w.+-]{{1,40}}{_AT}[\w-]{{2,40}}(?![\w])"
    rf"|(?<![\w.])[\w.+-]{{2,40}} (?:chez|sur|@) {_HOSTS}{_DOT}(?:com|fr|org|net|be|ch|ca|me)\b"
    rf"|(?<![\w.])[\w.+-]{{2,40}} (?:at|[/*_]|\(a\)) ?[\w-]{{2,40}}(?:\.| dot )(?:com|fr|org|net|be|ch|ca|me)\b"
    rf"|(?<![\w.@])[\w.+-]{{2,40}} {_HOSTS}(?:\.| point )(?:com|fr|org|net|be|ch|ca|me)\b"
)


#: First words of phrases that are not addresses: « Le signe arobase en dit long ».
_SPOKEN_OF = frozenset("signe mot touche caractere symbole l un une le la petit petite et".split())


def emails(text: Reading) -> list[str]:
    """Return e-mail addresses, spelt out or not; @nadia@mastodon.social is the public name of an account."""
    spelt = [found for found in _SPELT.finditer(text.plain) if found[0].split()[0] not in _SPOKEN_OF]
    spans = [found.span() for found in (*_MAIL.finditer(text.plain), *spelt)]
    return text.once(spans)


_BORN = re.compile(
    rf"\b(?P<born>ne{ENDING}(?: a [a-z-]+(?: [a-z-]+)?,?)?|j'ai vu le jour|naissance|ddn|date de naissance|mon "
    r"anniversaire|mon anniv|anniversaire|anniv|\U0001f382)"
    r"(?: (?:est|c'est|tombe))?[ :]{0,3}(?:(?:le|un|c'est le) )?(?:(?:lundi|mardi|mercredi|jeudi|vendredi|"
    r"samedi|dimanche) )?"
    rf"(?P<date>\d{{1,2}}(?:er)?(?: {MONTH}|[/.-]\d{{1,2}})(?:(?: |[/.-])(?P<year>\d{{4}}|\d{{2}})\b)?)"
)
_FROM_BIRTH = re.compile(rf"\U0001f382 ?\d{{1,2}}(?:[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?| {MONTH}(?: \d{{4}})?)")
_BARE_DATE = re.compile(
    r"(?:^|[,|(;•·–-])\s?(?P<date>\d{1,2}[/.-]\d{1,2}[/.-](?:19[2-9]\d|200\d|201[0-2]))(?=\s?(?:[,|);•·.–-]|$))"
    rf"|\bje suis d(?:u|e) (?P<other>\d{{1,2}} {MONTH} (?:19[2-9]\d|200\d))"
)
_THINGS = (
    "association chorale club collectif asso groupe revue journal ecole ferme entreprise boutique librairie compagnie "
    "troupe fanfare cafe media site blog projet festival cooperative amap scop radio maison atelier ville "
    "commune canton "
    "village reseau fondation federation syndicat orchestre ong page chaine podcast idee coop harmonie lettre".split()
)


def births(text: Reading) -> list[str]:
    """Return the writer's own date of birth, but not that of an organisation or of a person in a story."""
    spans = [found.span() for found in _BORN.finditer(text.plain) if _is_own_birth(text, found)]
    spans += [found.span("date" if found["date"] else "other") for found in _BARE_DATE.finditer(text.plain)]
    spans += [found.span() for found in _FROM_BIRTH.finditer(text.plain)]
    return text.once(spans)


def _is_own_birth(text: Reading, found: re.Match[str]) -> bool:
    year = found["year"]
    if year and len(year) == 4 and not 1920 <= int(year) <= 2020:
        return False
    born = found["born"]
    if not year and " un " in found[0]:
        return False
    if born.startswith(("anniv", "naissance")):
        return bool(year)
    if not born.startswith("ne"):
        return True
    start, _ = text.sentence(*found.span())
    clause = text.plain[start : found.start()].strip(" ,(–-")
    if re.search(r"\b(?:je suis|moi|suis)$", clause):
        return True
    if re.search(r"\b(?:est|sont|etait|qui est|etant)$", clause):
        return False
    last = re.split(r"[,:(–]", clause)[-1].strip()
    if not last:
        return not (clause and re.search(r"\b(?:elle|il|son|sa)\b", clause))
    first = re.match(r"[a-z'-]*", last)
    determined = re.match(
        r"(?:l'|la |le |les |un |une |ce |cette |notre |nos |mon |ma |mes |son |sa |ses |leur )", last
    )
    speaks = re.search(r"\b(?:je|j'|nous|on)\b", last)
    named = start + len(clause) > 60 and text.capital(max(text.plain.rfind(last, 0, found.start()), 0))
    return not (determined or speaks or named or (first and first[0] in _THINGS))
