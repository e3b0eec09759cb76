"""Finds passages that identify a child: a first name beside a sign that it is a child's, a class, a school.

It reports names and signs only together (« maman de Jules », « Zoé, 7 ans »), and is silent rather than guess.
"""

import re
from collections.abc import Iterator

from reseau_kit.french.names import ALSO_WORDS, FIRST_NAMES, PLACES
from reseau_kit.french.reading import Reading

_NAME = re.compile(r"[a-z]{2,}(?:[-'][a-z]{2,})*")
_PARENT = r"(?:maman|moman|mere|papa|popa|pere|parents?|heureuse? parent|daronne?|belle-mere|beau-pere|belle-maman)"
_ELDER = (
    r"(?:mamie|mamy|meme|memere|papi|papy|pepe|pepere|grand-?mere|grand-?pere|grand-?maman|grand-?papa|tata|"
    r"tatie|tante|"
    r"tonton|oncle|marraine|parrain|nounou|baby-?sitter|assmat|gardienne|mami|nonna)"
)
_PROUD = r"(?:(?:tres )?(?:combl|heureu|fier|solo|celib|epanoui|debord|a plein temps|poule|au foyer|fatigu)[a-zé]*,? )?"
_OF = re.compile(rf"\b(?:({_PARENT})|{_ELDER}) {_PROUD}(?:des petite?s |de la petite |du petit |de |d')")
_OF_SOME = re.compile(
    rf"\b{_PARENT} {_PROUD}(?:de |d')(?:\d|deux|trois|quatre|cinq|une?|x ?\d)(?: (?:petite?s?|grande?s?|jeunes?))?"
    r"(?: [a-z]+)?(?: [a-z]+)? ?[:,(–-] ?"
)
_HAVE = re.compile(
    r"\b(?:j'ai|nous avons|on a) (?:\d|deux|trois|quatre|une?) (?:petite?s? |grande?s? )?"
    r"(?:fils|filles?|garcons?|enfants?|gamine?s?|jumeaux|jumelles|loulous?)[^.!?\n,:(]{0,20}[,:(] ?"
)
_OWN = r"(?:mon|ma|mes|notre|nos|not')"
_CHILD = (
    r"(?:fils|filles?|garcons?|gars|gamin(?:e)?s?|fiston|enfants?|mome|momes|gosses?|jumeaux|jumelles|petit-fils|"
    r"petites?-filles?|petits?-enfants|neveux?|nieces?|filleule?s?|ado|ados|ainee?|cadette?|benjamine?|garconnet|"
    r"fillette)"
)
_SWEET = (
    r"(?:bebes?|loulous?|louloutes?|puces?|princes?|princesses?|bout'?chou|bouts? de chou|dernier|derniere|"
    r"petite?s?|p'tite?s?|eleves?|patiente?s?)"
)
_MY_CHILD = re.compile(
    rf"\b(?:{_OWN}|votre|vos|ton|ta|tes) (?:(?:deux|trois|quatre|cinq|[2-9]) )?(?:(?:petit|petite|grand|grande|"
    rf"petits|petites|grands|grandes|jeune|jeunes|adorable|p'tite?) )?(?:({_CHILD})|{_SWEET})"
    r"(?: (?:ainee?|cadette?|unique|de \d{1,2} ans|cherie?|prefere?e?|adoree?|[a-z]{4,12}(?= ?[,:(])))?"
    r"(\s?[:(,–-]\s?|\s)((?:qui )?s'appelle(?:nt)? |c'est |prenomme(?:e)?s? )?"
)
_LITTLE = re.compile(r"\b(?:la petite|le petit|bebe|ptit|ptite) (?=[a-z])")
_AND = re.compile(
    r"\s*[^\w\s,;.!?(/+&-]{0,4}\s*(?:\([^)]{0,40}\))?(?:,? \d{1,2} ans,?)?\s*(,|/|\+|&|;|\bet\b|"
    r"\bpuis\b)\s*(?:de |d'|la petite |le petit )?"
)
_AGE = re.compile(
    r"[^\w\s,.;!?(-]{0,4}[,:(–-]?\s{0,2}\(?(?:age(?:e)? de |a (?:deja |bientot )?|(?:fete|aura|va avoir|vient "
    r"d'avoir) (?:ses )?)?(\d{1,2}|[a-z]{2,9}) (?:ans|mois)\b(?! (?:de|d'|que|dans|en|au|a|"
    r"derriere|plus|apres|d'une) ?)"
)
_CLASS = (
    r"(?:tps|ms|gs|cp|ce1|ce2|cm1|cm2|[3-6]eme|[3-6]e|sixieme|cinquieme|quatrieme|troisieme|(?:petite|moyenne|grande) "
    r"section|maternelle|[1-6](?:re|e) (?:annee|primaire|secondaire)|secondaire [1-5]|ulis|segpa|creche|"
    r"garderie|seconde|terminale|primaire)"
)
_IN_CLASS = re.compile(
    rf"\s?(?:,|\(|est|entre|rentre|passe)?\s?(?:est |entre |scolarise(?:e)? )?(?:en |au |a la |a l')?({_CLASS})\b"
)
_SCHOOL = (
    r"(?:ecole|college|lycee|creche|micro-creche|maternelle|garderie|institution|athenee|groupe scolaire|"
    r"halte-garderie|polyvalente|centre de loisirs)"
)
_AT_SCHOOL = re.compile(
    rf"\b(?:(?P<class>{_CLASS})(?: [a-d1-9])? (?:a|au|chez|dans|de) (?:l'|la |le )?(?:{_SCHOOL} )?"
    rf"|(?:scolarisee?|inscrite?) (?:a |au |chez )|{_SCHOOL} )(?:(?:maternelle|primaire|elementaire|publique?|"
    r"privee?|communale|internationale?) )?"
    r"(?:de la |de l'|du |des |de |d')?(?:rue |avenue |place |quartier )?(?:de la |de l'|du |des |de |d')?"
)
_PRO = re.compile(
    r"\b(?:prof|profs|professeure?s?|enseign\w*|instit\w*|maitresse|maitre|direct\w*|atsem|aesh|avs|cpe|surveillante?|"
    r"educat\w*|documentaliste|infirmi\w*|cantini\w*|cuisini\w*|anim\w*|intervenante?|benevole|formatrice|formateur|"
    r"psychologue|conseill\w*|ancienne? eleve|orthophoniste|principale?|proviseure?|agente?|eleves de|classe de|"
    r"bibliothecaire|stagiaire|aide|concierge|gardienne?)\b"
)
_FAMILY = re.compile(
    rf"\b(?:(?:{_OWN}) (?:[a-z0-9'-]+ )?(?:{_CHILD}|bebes?|loulous?|petits?|petites?|puces?|grande?s?|dernier|derniere)"
    rf"|{_PARENT}|parents? d'eleves?|scolarise|(?:il|elle) (?:est|entre|rentre|passe) en (?:cp|ce[12]|cm[12]))\b"
)
_PET = re.compile(
    r"\b(?:chien|chienne|chiot|chat|chatte|chaton|matou|cheval|chevaux|jument|poney|lapin|perroquet|collie|berger|"
    r"labrador|golden|teckel|bouledogue|epagneul|caniche|hamster|furet|poule|ane|anesse|chevre|vache|brebis|tortue|"
    r"perruche)s?\b"
)
_GROWN = re.compile(
    r"\b(?:reprend\w*|repris\w*|associe\w*|salarie\w*|embauch\w+|travaille|marie|mariee|adultes?|vigneron\w*|"
    r"prend la suite|"
    r"dirige|cogere|avocate?|medecin|etudiante?|et moi|disparu\w*|decede\w*|morte?|parti trop tot|partie trop "
    r"tot|mort-ne\w*)\b"
)
_FIRM = re.compile(
    r"\b(?:gaec|tenons|associe\w*|entreprise|exploitation|deuil|disparu\w*|perdu|perte|mort|deces|suicide)\b"
)
_TAKES = re.compile(
    r"\b(?:depose|emmene|amene|recupere|vais chercher|attends|garde|couche|allaite|accompagne) (?=[a-z])"
)
_DAYCARE = re.compile(rf"\b(?:{_SCHOOL}|nounou|judo|danse|foot|piscine|conservatoire|cantine|bus scolaire|recre)\b")
_HAVING = re.compile(
    r"\bj'ai (?=[a-z'-]+ (?:une semaine|un week-end|ce week-end|le mercredi|en garde|tous les))|\bnaissance "
    r"d(?:e |')(?:la petite |mon petit |ma petite )?(?=[a-z])"
)
_THEIRS = re.compile(
    r", (?:les (?:enfants|petits|filles|jumeaux|garcons)|le (?:fils|petit|dernier)|la (?:fille|petite)) "
    r"d(?:e |u |')"
)
_BIRTHDAY = re.compile(
    r"\b(?:a|ses) (\d{1,2}|[a-z]{2,9}) ans,? (?=[a-z])|\b(\d{1,2}|[a-z]{2,9}) ans d(?:e |')(?:ma |mon |"
    r"notre )?(?:petite? )?(?=[a-z])|\banniversaire d(?:e |"
    r"')(?:la petite |ma petite )?(?=[a-z])"
)


def children(text: Reading) -> tuple[list[str], list[str]]:
    """Return the children's first names, then their classes and schools: passages that help a stranger to find them."""
    names = text.once(_child_names(text))
    return names, text.once(_schools(text, named=bool(names)))


def _child_names(text: Reading) -> Iterator[tuple[int, int]]:
    for found in _OF.finditer(text.plain):
        if not _grown(text, found):
            yield from _name_list(text, found.end(), unknown=bool(found[1]), pets=_about_pets(text, found))
    for pattern in (_OF_SOME, _HAVE):
        for found in pattern.finditer(text.plain):
            yield from _name_list(text, found.end(), unknown=False, pets=_about_pets(text, found))
    for found in _MY_CHILD.finditer(text.plain):
        if not _grown(text, found):
            beside = bool(found[3]) or (bool(found[1]) and found[2].isspace())
            yield from _name_list(text, found.end(), unknown=beside, pets=not found[1] and _about_pets(text, found))
    for found in _LITTLE.finditer(text.plain):
        if found.start() == 0 or not text.capital(text.plain.index("p", found.start())):
            yield from _little(text, found)
    yield from _of_an_age(text)


def _of_an_age(text: Reading) -> Iterator[tuple[int, int]]:
    """Yield first names beside an age, a class, or a daily task with a small child."""
    for word in _NAME.finditer(text.plain):
        if _known(text, word.start(), word[0]) and _aged(text, word):
            yield word.span()
    for found in _HAVING.finditer(text.plain):
        name = _NAME.match(text.plain, found.end())
        old = re.search(r"\b1[0-9]{3}\b", text.plain)
        surname = name and text.capital(min(name.end() + 1, len(text.plain) - 1))
        if name and _known(text, name.start(), name[0]) and not old and not surname:
            yield name.span()
    for found in _THEIRS.finditer(text.plain):
        start, _ = text.sentence(*found.span())
        for name in _NAME.finditer(text.plain, max(start, found.start() - 40), found.start()):
            if _known(text, name.start(), name[0]):
                yield name.span()
    for found in _TAKES.finditer(text.plain):
        name = _NAME.match(text.plain, found.end())
        _, end = text.sentence(*found.span())
        if name and _known(text, name.start(), name[0]) and _DAYCARE.search(text.plain, found.end(), end):
            yield name.span()
    for found in _BIRTHDAY.finditer(text.plain):
        name = _NAME.match(text.plain, found.end())
        group = 1 if found[1] else 2
        young = found[group] is None or 0 < _age(text, found.start(group), found[group]) < 18
        if name and _known(text, name.start(), name[0]) and young and (found[group] or _aged(text, name)):
            yield name.span()


def _little(text: Reading, found: re.Match[str]) -> Iterator[tuple[int, int]]:
    name = _NAME.match(text.plain, found.end())
    known = name and _known(text, name.start(), name[0])
    if name and known and not (name[0] in ("nicolas", "robert", "jesus", "gibus") and found[0].startswith("le")):
        yield name.span()


def _name_list(text: Reading, place: int, *, unknown: bool, pets: bool) -> Iterator[tuple[int, int]]:
    """Yield the first names listed from a place on. `unknown` accepts a name that is in no list."""
    for _ in range(6):
        name = _NAME.match(text.plain, place)
        if name is None or pets:
            return
        known = _known(text, place, name[0])
        follows = text.plain[name.end() : name.end() + 1]
        if not known and not (unknown and _may_be_a_name(text, name) and follows not in ("'", "’", "-")):
            return
        yield name.span()
        between = _AND.match(text.plain, name.end())
        if between is None:
            return
        place, unknown = between.end(), unknown and between[1] in ("et", "&", "+")


def _known(text: Reading, place: int, name: str) -> bool:
    """Whether a word is a first name: capitalized, or, without a capital, a name that is not also an ordinary word."""
    parts = name.split("-")
    if parts[0] not in FIRST_NAMES and name not in FIRST_NAMES:
        return False
    return text.capital(place) or (name not in ALSO_WORDS and parts[0] not in ALSO_WORDS)


def _may_be_a_name(text: Reading, name: re.Match[str]) -> bool:
    first = name[0].split("-")[0]
    following = text.text[text.places[name.start()] : text.places[name.end() - 1] + 1]
    acronym = len(following) > 1 and following.isupper()
    return (
        text.capital(name.start())
        and not acronym
        and first not in PLACES
        and first not in ("saint", "sainte", "la", "le", "les")
    )


def _age(text: Reading, place: int, said: str) -> float:
    if said.isdigit():
        return float(said)
    return next((number.value for number in text.numbers if number.start == place), 0)


def _aged(text: Reading, name: re.Match[str]) -> bool:
    """Whether a child's age or class follows a first name."""
    age = _AGE.match(text.plain, name.end())
    if age and (0 < _age(text, age.start(1), age[1]) < 18 or "mois" in age[0]):
        before = text.plain[max(name.start() - 20, 0) : name.start()]
        return not re.search(r"\b(?:rhum|whisky|maison|chez|ets|vve|librairie|cafe)\s(?:\w+ )?$", before)
    in_class = _IN_CLASS.match(text.plain, name.end())
    return bool(in_class and in_class[0] != in_class[1] and not _PRO.search(text.plain))


def _about_pets(text: Reading, found: re.Match[str]) -> bool:
    """Whether the passage is about an animal: named just after it, or before it in the same sentence."""
    start, end = text.sentence(*found.span())
    after = text.plain[found.end() : min(end, found.end() + 60)]
    apposed = re.search(
        rf"[,:(–-] ?(?:(?:mes|mon|ma|nos|notre|deux|trois|\d|un|une|le|la) )?(?:\w+ )?{_PET.pattern}", after
    )
    return bool(apposed or _PET.search(text.plain, max(start, found.start() - 40), found.start()))


def _grown(text: Reading, found: re.Match[str]) -> bool:
    """Whether the child is grown up, or dead, by the words after the name or the subject of the sentence."""
    start, end = text.sentence(*found.span())
    if _FIRM.search(text.plain, start, found.start()) or _GROWN.search(
        text.plain, found.end(), min(end, found.end() + 45)
    ):
        return True
    age = re.search(r"\b(\d{2}) ans\b", text.plain[found.end() : min(end, found.end() + 30)])
    return bool(age and int(age[1]) >= 18)


def _schools(text: Reading, *, named: bool) -> Iterator[tuple[int, int]]:
    for found in _AT_SCHOOL.finditer(text.plain):
        name = re.compile(r"[a-z]{2,}(?:[- '][a-z]{2,})*").match(text.plain, found.end())
        if name is None or not (text.capital(name.start()) or text.loud):
            continue
        start, end = text.sentence(*found.span())
        family = [one.end() for one in _FAMILY.finditer(text.plain, start, end)]
        worker = [one.end() for one in _PRO.finditer(text.plain, start, found.start())]
        near = [one for one in family if one <= found.start()]
        if (family or named) and not (worker and (not near or worker[-1] > near[-1])):
            yield found.start(), text.capitals_end(name.start())
