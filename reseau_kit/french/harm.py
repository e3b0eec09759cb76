"""What of a text may harm somebody who is known by it, or to whom it is said: the passages, in its own words.

Each function takes a reading and gives passages in order. They speak where a sign stands beside what it would be a sign
of (a first name beside « maman de »), and are silent where they would have to understand.
"""

import re
from collections.abc import Iterator

from reseau_kit.french.names import ALSO_WORDS, FIRST_NAMES, PLACES
from reseau_kit.french.reading import Reading

_NAME = re.compile(r"[a-z]{2,}(?:[-'][a-z]{2,})*")
_MONTH = (
    r"(?:janvier|janv|fevrier|fev|mars|avril|mai|juin|juillet|juil|aout|septembre|sept|octobre|oct|novembre|nov|"
    r"decembre|dec)\b\.?"
)
_ENDING = r"(?:[.·(/-]?e\)?)?(?:[.·-]?s)?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\n\s*", "", text))


# ---- Children -----------------------------------------------------------------------------------------------------

_PARENT = r"(?:maman|moman|mere|papa|popa|pere|parents?|heureuse? parent|daronne?|belle-mere|beau-pere|belle-maman)"
_ELDER = (
    r"(?:mamie|mamy|meme|memere|papi|papy|pepe|pepere|grand-?mere|grand-?pere|grand-?maman|grand-?papa|tata|"
    r"tatie|tante|"
    r"tonton|oncle|marraine|parrain|nounou|baby-?sitter|assmat|gardienne|mami|nonna)"
)
_PROUD = r"(?:(?:tres )?(?:combl|heureu|fier|solo|celib|epanoui|debord|a plein temps|poule|au foyer|fatigu)[a-zé]*,? )?"
_OF = re.compile(rf"\b(?:({_PARENT})|{_ELDER}) {_PROUD}(?:des petite?s |de la petite |du petit |de |d')")
_OWN = r"(?:mon|ma|mes|notre|nos|not')"
_CHILD = (
    r"(?:fils|filles?|garcons?|gars|gamin(?:e)?s?|fiston|enfants?|mome|momes|gosses?|jumeaux|jumelles|petit-fils|"
    r"petites?-filles?|petits?-enfants|neveux?|nieces?|filleule?s?|ado|ados|ainee?|cadette?|benjamine?|garconnet|"
    r"fillette)"
)
_SWEET = (
    r"(?:bebes?|loulous?|louloutes?|puces?|princes?|princesses?|bout'?chou|bouts? de chou|dernier|derniere|petite?s?)"
)
_MY_CHILD = re.compile(
    rf"\b(?:{_OWN}|sa|son|ses|leurs?|votre|vos) (?:(?:deux|trois|quatre|cinq|[2-9]) )?(?:(?:petit|petite|grand|grande|"
    rf"petits|petites|grands|grandes|jeune|jeunes|adorable|p'tite?) )?(?:({_CHILD})|{_SWEET})"
    r"(?: (?:ainee?|cadette?|unique|de \d{1,2} ans|cherie?|prefere?e?|adoree?))?"
    r"(\s?[:(,–-]\s?|\s)((?:qui )?s'appelle(?:nt)? |c'est |prenomme(?:e)?s? )?"
)
_LITTLE = re.compile(r"\b(?:la petite|le petit|bebe|ptit|ptite) (?=[a-z])")
_AND = re.compile(
    r"\s*(?:\([^)]{0,40}\))?(?:,? \d{1,2} ans,?)?\s*(,|/|\+|&|;|\bet\b|\bpuis\b)\s*(?:de |d'|la petite |le petit )?"
)
_AGE = re.compile(
    r"[,(:–-]?\s{0,2}\(?(?:age(?:e)? de )?(\d{1,2}|[a-z]{2,9}) (?:ans|mois)\b(?! (?:de|d'|que|dans|en|au|a|"
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
    rf"|{_SCHOOL} )(?:(?:maternelle|primaire|elementaire|publique?|privee?|communale|internationale?) )?"
    r"(?:de la |de l'|du |des |de |d')?(?:rue |avenue |place |quartier )?(?:de la |de l'|du |des |de |d')?"
)
_PRO = re.compile(
    r"\b(?:prof|profs|professeure?s?|enseign\w*|instit\w*|maitresse|maitre|direct\w*|atsem|aesh|avs|cpe|surveillante?|"
    r"educat\w*|documentaliste|infirmi\w*|cantini\w*|cuisini\w*|anim\w*|intervenante?|benevole|formatrice|formateur|"
    r"psychologue|conseill\w*|ancienne? eleve|orthophoniste|principale?|proviseure?|agente?|eleves de|classe de|"
    r"bibliothecaire|stagiaire|aide|concierge|gardienne?)\b"
)
_FAMILY = _pattern(
    rf"\b(?:(?:{_OWN}) (?:[a-z0-9'-]+ )?(?:{_CHILD}|bebes?|loulous?|petits?|petites?|puces?|grande?s?|dernier|derniere)"
    rf"|{_PARENT}|parents? d'eleves?|scolarise)\b"
)
_PET = _pattern(
    r"\b(?:chien|chienne|chiot|chat|chatte|chaton|matou|cheval|jument|poney|lapin|perroquet|collie|berger|labrador|"
    r"golden|teckel|bouledogue|epagneul|caniche|hamster|furet|poules?|ane|anesse|chevres?|vaches?|chiens|chats|brebis|"
    r"tortue|perruche)\b"
)
_GROWN = _pattern(
    r"\b(?:reprend|repris|associ\w+|salarie|embauch\w+|travaille|marie|mariee|adulte|gaec|vigneron\w*|retrait\w+|"
    r"entreprise|exploitation|tenons|dirige\w*|cogere\w*|avocate?|medecin|disparu\w*|decede\w*|mort|morte)\b"
)
_TAKES = _pattern(r"\b(?:depose|emmene|amene|recupere|vais chercher|attends|garde|couche|allaite|accompagne) (?=[a-z])")
_DAYCARE = re.compile(rf"\b(?:{_SCHOOL}|nounou|judo|danse|foot|piscine|conservatoire|cantine|bus scolaire|recre)\b")
_BIRTHDAY = re.compile(
    r"\b(\d{1,2}|[a-z]{2,9}) ans d(?:e |')(?:ma |mon |notre )?(?:petite? )?(?=[a-z])|\banniversaire d(?:e |"
    r"')(?:la petite |ma petite )?(?=[a-z])"
)


def children(text: Reading) -> tuple[list[str], list[str]]:
    """First names of children, then their classes and schools: what would tell a stranger whom to call, and where."""
    names = _once(text, sorted(_child_names(text)))
    return names, _once(text, sorted(_schools(text, named=bool(names))))


def _child_names(text: Reading) -> Iterator[tuple[int, int]]:
    for found in _OF.finditer(text.plain):
        unknown = bool(found[1]) and not _about_pets(text, found)
        yield from _name_list(text, found.end(), unknown=unknown, pets=_about_pets(text, found))
    for found in _MY_CHILD.finditer(text.plain):
        if not _grown(text, found):
            beside = bool(found[3]) or (bool(found[1]) and found[2].isspace())
            yield from _name_list(text, found.end(), unknown=beside, pets=not found[1] and _about_pets(text, found))
    for found in _LITTLE.finditer(text.plain):
        if found.start() == 0 or not text.capital(text.plain.index("p", found.start())):
            yield from _little(text, found)
    for word in _NAME.finditer(text.plain):
        if _known(text, word.start(), word[0]) and _aged(text, word):
            yield word.span()
    for found in _TAKES.finditer(text.plain):
        name = _NAME.match(text.plain, found.end())
        _, end = text.sentence(*found.span())
        if name and _known(text, name.start(), name[0]) and _DAYCARE.search(text.plain, found.end(), end):
            yield name.span()
    for found in _BIRTHDAY.finditer(text.plain):
        name = _NAME.match(text.plain, found.end())
        young = found[1] is None or 0 < _age(text, found.start(1), found[1]) < 18
        if name and _known(text, name.start(), name[0]) and young and (found[1] or _aged(text, name)):
            yield name.span()


def _little(text: Reading, found: re.Match[str]) -> Iterator[tuple[int, int]]:
    name = _NAME.match(text.plain, found.end())
    known = name and _known(text, name.start(), name[0])
    if name and known and not (name[0] in ("nicolas", "robert", "jesus", "gibus") and found[0].startswith("le")):
        yield name.span()


def _name_list(text: Reading, place: int, *, unknown: bool, pets: bool) -> Iterator[tuple[int, int]]:
    """The first names that stand one after another from there. `unknown` lets one in that no list holds."""
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
    """Whether a word is a first name: with its capital, or where none is to be seen, one that is nothing else."""
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
    """Whether a child's age or class stands right after a first name."""
    age = _AGE.match(text.plain, name.end())
    if age and (0 < _age(text, age.start(1), age[1]) < 18 or "mois" in age[0]):
        before = text.plain[max(name.start() - 20, 0) : name.start()]
        return not re.search(r"\b(?:rhum|whisky|maison|chez|ets|vve|librairie|cafe)\s(?:\w+ )?$", before)
    in_class = _IN_CLASS.match(text.plain, name.end())
    return bool(in_class and in_class[0] != in_class[1] and not _PRO.search(text.plain))


def _about_pets(text: Reading, found: re.Match[str]) -> bool:
    """Whether it is an animal that is spoken of: named just after, or before in the same sentence."""
    start, end = text.sentence(*found.span())
    after = text.plain[found.end() : min(end, found.end() + 60)]
    apposed = re.search(
        rf"[,:(–-] ?(?:(?:mes|mon|ma|nos|notre|deux|trois|\d|un|une|le|la) )?(?:\w+ )?{_PET.pattern}", after
    )
    return bool(apposed or _PET.search(text.plain, max(start, found.start() - 40), found.start()))


def _grown(text: Reading, found: re.Match[str]) -> bool:
    start, end = text.sentence(*found.span())
    if _GROWN.search(text.plain, start, end):
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
            yield found.start(), _name_end(text, name.start())


def _name_end(text: Reading, place: int) -> int:
    """Where the words with a capital that begin there end."""
    end = place
    for word in re.compile(r"[a-z]+[-' ]?").finditer(text.plain, place):
        if word.start() != end and word.start() != place:
            break
        if not text.capital(word.start()) and text.plain[word.start() - 1] not in "-'" and word.start() != place:
            break
        end = word.end()
    return place + len(text.plain[place:end].rstrip(" -'"))


def _once(text: Reading, spans: list[tuple[int, int]]) -> list[str]:
    """What stands there, each thing once, in order."""
    said: dict[str, str] = {}
    for start, end in spans:
        said.setdefault(text.plain[start:end], text.said(start, end))
    return [one for one in said.values() if one]


# ---- Places -------------------------------------------------------------------------------------------------------

_WAY = (
    r"(?:rue|avenue|av\.|bd|bld|boulevard|impasse|allee|ruelle|venelle|faubourg|chaussee|dreve|lotissement|clos|rang)"
)
_WAY_OR_NOT = (
    r"(?:place|chemin|route|quai|square|cours|passage|sentier|cite|montee|cote|traverse|esplanade|residence|"
    r"villa|hameau|promenade)"
)
_LINK = r"(?:de la |de l'|du |des |de |d'|la |le |les |l'|aux? )"
_ADDRESS = re.compile(
    rf"(?<![\w.,/])(?P<number>\d{{1,4}})(?: ?(?:bis|ter|quater|[a-d]))?,? (?:(?P<sure>{_WAY})|(?P<maybe>{_WAY_OR_NOT}))"
    rf"(?![a-z])\s?(?P<link>{_LINK}?)(?P<name>[a-z0-9]+(?:[-'][a-z0-9]+)*)"
)
_NUMBER_LAST = re.compile(
    rf"\b(?:{_WAY}|{_WAY_OR_NOT})(?![a-z])\s?{_LINK}?[a-z]+(?:[-' ][a-z]+){{0,3}}(?:,? n°)?,? \d{{1,4}}[a-d]?"
    r"(?=\s?(?:[.;)!\n]|$|, |,$| ?[-–/] ?\d{4}| a [a-z]| \d{4,5} ))"
)
_HOME = _pattern(
    r"\b(?:j'habite|nous habitons|on habite|je vis|nous vivons|je loge|chez moi|chez nous|ma maison|notre "
    r"maison|mon jardin|"
    r"notre jardin|mon potager|ma cour|mon portail|portail (?:bleu|vert|rouge|blanc|noir|gris|jaune)|volets "
    r"(?:bleus|verts|rouges|blancs|jaunes)|ma porte|mon appart\w*|ma residence|mon immeuble|mon garage|mon domicile|"
    r"ma boite aux lettres|sonnez|frappez|toquez|demeure|ma rue|mon balcon|maison (?:bleue|rose|jaune|verte|"
    r"blanche|rouge)|"
    r"maison aux volets|mon batiment|mon chalet|ma roulotte|ma yourte|ma peniche)\b"
)
_BESIDE = (
    r"(?:(?:juste )?(?:en face|a cote|au-dessus|au dessus|au-dessous|au fond|au bout|a deux pas|pres|tout "
    r"pres|a droite|a gauche|"
    r"a l'angle|au coin|derriere|devant|contre|apres|sous|face|a 50 m|a cent metres|entre)) (?:de la |de l'|"
    r"du |des |de |a la |a l'|au |la |le |l'|les )"
)
_LANDMARK = (
    r"(?:pharmacie|boulangerie|mairie|eglise|chapelle|temple|mosquee|ecole|gare|poste|bureau de poste|tabac|bar|cafe|"
    r"supermarche|superette|carrefour|intermarche|super u|leclerc|stade|cimetiere|fontaine|pont|arret|rond-point|"
    r"salle des fetes|boucherie|piscine|caserne|college|lycee|epicerie|depanneur|caisse populaire|garage|moulin|"
    r"chateau|chateau d'eau|lavoir|calvaire|square|parc|marche|port|phare|mediatheque|bibliotheque|creche|coiffeur|"
    r"fleuriste|banque|hopital|clinique|gendarmerie|commissariat|impasse|chemin|rue|station|place|ecluse|halle|halles)"
)
_FACING = re.compile(rf"\b{_BESIDE}{_LANDMARK}\b")
_LIVE = _pattern(
    r"\b(?:j'habite|nous habitons|on habite|je vis|nous vivons|je loge|chez moi|chez nous|ma maison|notre "
    r"maison|mon portail|"
    r"mon appart\w*|mon domicile|mon jardin|sonnez|frappez|je demeure)\b"
)
_NAMED_WAY = re.compile(
    rf"\b(?:(?:{_WAY}|place|chemin|route|quai|square|passage|sentier|residence|hameau|lieu-dit|lieudit|"
    rf"cite)) {_LINK}?(?=[a-z])"
)
_WAY_IN = re.compile(
    r"\b(?:digicode|code (?:de la porte|du portail|d'entree|de l'immeuble|porte)|interphone|"
    r"badge)\b[^.!?\n]{0,20}?\d{2,}[a-z]?\d*"
    r"|\bcle[sf]? [^.!?\n]{0,25}\b(?:sous|derriere|dans) (?:le |la |les |un |une )(?:pot|paillasson|pierre|"
    r"nain|volet|boite|"
    r"jardiniere|gouttiere|tapis|abri|brique)\w*"
    r"|\b(?:bat|batiment|bat\.|bloc|tour|escalier|esc\.?|appt|appart|appartement|"
    r"apt) [a-z0-9]{1,3},? (?:(?:au )?\d{1,2}(?:er|e|eme)? etage|(?:appt|appart|appartement|apt|"
    r"porte) [a-z0-9]{1,4})"
    r"|\b\d{1,2}(?:er|e|eme) etage,? (?:porte|appt|appart\w*)(?: (?:de |a )?(?:droite|gauche|[a-z]?\d{1,3}))?"
)
_POINT = re.compile(r"(?<![\d.])-?\d{1,2}\.\d{4,},? ?-?\d{1,3}\.\d{4,}")
_ROUTINE = re.compile(
    r"\b(?:je|j')(?: me)? ?(?:cours|marche|nage|rentre|rentres|promene|sors|dors|passe|pars|fais "
    r"mon (?:jogging|footing)|vais courir|attends|prends le bus|suis)"
    r"(?P<rest>[^.!?\n]{0,120})"
)
_OFTEN = re.compile(
    r"\b(?:tous les|toutes les|chaque|le (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|"
    r"les (?:lundis|mardis|mercredis|jeudis|vendredis|samedis|dimanches))\b"
)
_HOUR = re.compile(r"\b(?:[01]?\d|2[0-3]) ?(?:h|heures)(?: ?[0-5]\d)?\b")
_ALONE = re.compile(r"\b(?:seule?|toute seule|tout seul)\b")
_SOMEWHERE = re.compile(
    r"\b(?:a|au|aux|dans|par|sur|le long|autour|devant|derriere|pres)\b (?:la |le |les |l'|du |de la )?[a-z]"
)


def places(text: Reading) -> list[str]:
    """Addresses, ways in, and where somebody lives or is alone at a known hour."""
    return _once(text, sorted(_apart(_places(text))))


def _apart(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """The passages that hold no place in common with one before."""
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if all(end <= first or last <= start for first, last in kept):
            kept.append((start, end))
    return kept


def _places(text: Reading) -> Iterator[tuple[int, int]]:
    for found in _ADDRESS.finditer(text.plain):
        if _is_address(text, found):
            yield found.start(), max(_name_end(text, found.start("name")), found.end("name"))
    for found in _NUMBER_LAST.finditer(text.plain):
        yield found.span()
    for found in _WAY_IN.finditer(text.plain):
        yield found.span()
    for found in _POINT.finditer(text.plain):
        yield found.span()
    home = _HOME.search(text.plain)
    for found in _FACING.finditer(text.plain):
        if home:
            yield found.start(), _with_town(text, found.end())
    for live in _LIVE.finditer(text.plain):
        _, end = text.sentence(*live.span())
        way = _NAMED_WAY.search(text.plain, live.end(), min(end, live.end() + 60))
        if way and (text.capital(way.end()) or way[0].split()[0] in ("rue", "impasse", "avenue", "boulevard")):
            name = _NAME.match(text.plain, way.end())
            yield way.start(), max(_name_end(text, way.end()), name.end() if name else way.end())
    for found in _ROUTINE.finditer(text.plain):
        rest = found["rest"]
        alone = _ALONE.search(rest)
        if (
            _HOUR.search(rest)
            and _SOMEWHERE.search(rest)
            and (alone or (_OFTEN.search(rest) and "?" not in text.plain))
        ):
            yield found.span()


def _is_address(text: Reading, found: re.Match[str]) -> bool:
    """« 3 rue des Lilas », « 12 cours Mirabeau »; not « 3 cours de couture », nor « depuis 2019 rue Pasteur »."""
    number = int(found["number"])
    before = text.plain[max(found.start() - 8, 0) : found.start()]
    if re.search(rf"(?:depuis|en|de|et|{_MONTH}) $", before) and 1900 <= number <= 2100:
        return False
    if found["sure"]:
        return found["sure"] != "rang" or bool(found["link"]) or text.capital(found.start("name"))
    if text.loud or text.capital(found.start("name")):
        return not text.loud and (number > 1 or found["maybe"] != "cote")
    # A number of several and a singular: no plural is spoken of.
    return number > 1 and bool(found["link"]) and found["maybe"] not in ("cours", "villa", "residence", "cite")


def _with_town(text: Reading, place: int) -> int:
    """A landmark with the town that is said after it."""
    town = re.compile(r" (?:de la |de l'|du |de |d'|a )?(?=[a-z])").match(text.plain, place)
    if town and text.capital(town.end()):
        return _name_end(text, town.end())
    return place


# ---- Absences -----------------------------------------------------------------------------------------------------

_DATE = rf"(?:le )?(?:\d{{1,2}}(?:er)?(?: {_MONTH})?(?:[/.]\d{{1,2}})?|{_MONTH})"
_WHEN = (
    rf"(?:(?:tout |tout le mois de |tout le mois d'|en |debut |mi-|fin )+{_MONTH}|(?:tout )?l'ete|tout l'hiver|"
    r"cet ete|cet hiver|"
    rf"(?:a partir )?du {_DATE} (?:au|jusqu'au|a) {_DATE}|entre le {_DATE} et le {_DATE}|jusqu(?:'au|'a|"
    rf"'en) (?:la )?{_DATE}|jusqu'a la (?:rentree|toussaint)|"
    r"jusqu'a (?:noel|paques|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|(?:toute )?la "
    rf"semaine (?:prochaine|du {_DATE})|a partir du {_DATE}|des le {_DATE}|"
    rf"(?:en )?{_MONTH} et {_MONTH}|tout(?:e)? (?:la semaine|le mois|le week-end|l'annee)|ce week-end|le "
    rf"week-end du {_DATE}|(?:les )?(?:deux|trois|quatre|2|3|4) "
    r"(?:premieres|dernieres|prochaines) semaines|(?:pour |pendant )?(?:deux|trois|quatre|une|1|2|3|"
    rf"4) (?:semaines?|mois) (?:en|a partir|des|jusqu)(?: {_MONTH})?)"
)
_AWAY = (
    rf"(?:absente?s?|absent{_ENDING}|en vacances|en conges?|en voyage|a l'etranger|parti{_ENDING}|pas la|pas "
    rf"chez (?:moi|nous)|loin de (?:chez moi|la maison)|hospitalise{_ENDING}|en cure|en croisiere)"
)
_ABSENT = re.compile(rf"\b(?P<away>{_AWAY})(?P<middle>(?: [a-z'-]+){{0,3}}?),? (?P<when>{_WHEN})")
_LEAVES = re.compile(
    r"\b(?:je pars|on part|nous partons|je m'absente|nous nous absentons|on s'absente|on s'en va|je m'en vais|"
    r"je decolle|(?:la |ma |notre )?maison (?:sera |est |reste |restera )?(?:vide|inoccupee|fermee)|"
    r"personne (?:a la maison|chez (?:moi|nous))|plus personne a la maison|l'appart\w* (?:sera |est |"
    rf"reste )?vide)(?P<middle>[^.!?\n]{{0,45}}?)[ ,:]+(?P<when>{_WHEN})"
)
_WHO = re.compile(
    r"(?:\b(?:je|nous|on|j') ?(?:suis|serai|sommes|serons|est|sera|reste|ne (?:suis|serai|sommes|"
    r"serons) )(?: (?:souvent|toujours|donc|aussi|en famille|tous|toutes))?|\b(?:suis|serai|sommes|serons|"
    r"pas))\s$"
)


def absences(text: Reading) -> list[str]:
    """When nobody is at home, said beforehand: « absent tout août »; not an absence of others, or gone by."""
    return _once(text, sorted(_apart(_absences(text))))


def _absences(text: Reading) -> Iterator[tuple[int, int]]:
    for found in _ABSENT.finditer(text.plain):
        before = text.plain[: found.start()].rstrip(" ")
        alone = not before or not (before[-1].isalnum() or before[-1] in "'-’")
        mine = _WHO.search(text.plain, max(found.start() - 40, 0), found.start())
        # « L'association, en vacances du 2 au 20 » is rare; « partis en juin » of bees is not.
        if mine or (alone and not found["away"].startswith(("parti", "a l'etranger", "loin"))):
            yield found.span()
    for found in _LEAVES.finditer(text.plain):
        if not re.search(r"\b(?:retraite|zero|principe|formation)\b", found["middle"]):
            yield found.span()


# ---- Telephones, e-mails, births ----------------------------------------------------------------------------------

_FIGURES = re.compile(r"(?<![\w@#/=])(?<!\d[.,])(?:\(?\+ ?|\(?00)?\(?[\do](?:[\s./()–-]{0,3}\d){5,14}(?![\w@])")
_NO_PHONE = re.compile(
    r"\b(?:isbn|issn|siret|siren|rcs|tva|rna|ean|doi|ark|iban|naf|ape|arxiv|agrement|licence|license|"
    r"hal)\b[^a-z]{0,12}$"
)
_CALL = _pattern(
    r"(?:\btel|\bappel|\bjoi(?:ndre|gn)|whats?app|\bsms\b|\btexto|\bportable|\bmobile\b|\bnumero|\bphone|"
    r"\bsignal\b|\bgsm\b|\bnatel|"
    r"\bcell\b|\bcellulaire|\bfixe\b|\bcontact|\bviber|\btelegram|\bligne\b|"
    r"[\u260e\U0001f4de\U0001f4f1\U0001f4f2\u2706]|\brdv\b|\bau (?=[\d(+]))"
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
    """Telephone numbers, of whatever country, in figures with any spaces, in words, or both."""
    spans = [found.span() for found in _FIGURES.finditer(text.plain) if _is_phone(text, found)]
    spans += [found.span() for found in _SPOKEN.finditer(text.plain) if _is_spoken(text, found)]
    return _once(text, sorted(_apart(iter(spans))))


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
        return False
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
_AT = r"(?: ?[(\[{] ?(?:at|a|arobase|arobas|@|chez) ?[)\]}] ?| (?:arobase|arobas|arobaze|at) )"
_DOT = r"(?: ?[(\[{] ?(?:dot|point|\.) ?[)\]}] ?| (?:point|dot) | ?\. ?)"
_HOSTS = (
    r"(?:gmail|hotmail|yahoo|orange|wanadoo|laposte|free|sfr|outlook|proton|protonmail|videotron|skynet|"
    r"bluewin|icloud|live|neuf|riseup)"
)
_SPELT = re.compile(
    r""
    r""
    rf"(?<![\w.])[\w+-]{{1,40}}(?:{_DOT}[\w+-]{{1,40}}){{0,3}}{_AT}[\w-]{{1,40}}(?:{_DOT}[\w-]{{1,20}})*{_DOT}[a-z]{{2,10}}(?![\w])"
    rf"|(?<![\w.])[\w.+-]{{1,40}}{_AT}[\w-]{{2,40}}(?![\w])"
    rf"|(?<![\w.])[\w.+-]{{2,40}} (?:chez|sur|@) {_HOSTS}{_DOT}(?:com|fr|org|net|be|ch|ca|me)\b"
)


def emails(text: Reading) -> list[str]:
    """E-mail addresses, spelt out or not; @nadia@mastodon.social is the public name of an account."""
    spans = [found.span() for found in (*_MAIL.finditer(text.plain), *_SPELT.finditer(text.plain))]
    return _once(text, sorted(_apart(iter(spans))))


_BORN = re.compile(
    rf"\b(?P<born>ne{_ENDING}|naissance|ddn|date de naissance|mon anniversaire|mon anniv|anniversaire|anniv|\U0001f382)"
    r"(?: (?:est|c'est|tombe))?[ :]{0,3}(?:(?:le|un|c'est le) )?(?:(?:lundi|mardi|mercredi|jeudi|vendredi|"
    r"samedi|dimanche) )?"
    rf"(?P<date>\d{{1,2}}(?:er)?(?: {_MONTH}|[/.-]\d{{1,2}})(?:(?: |[/.-])(?P<year>\d{{4}}|\d{{2}})\b)?)"
)
_FROM_BIRTH = re.compile(rf"\U0001f382 ?\d{{1,2}}(?:[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?| {_MONTH}(?: \d{{4}})?)")
_THINGS = (
    "association chorale club collectif asso groupe revue journal ecole ferme entreprise boutique librairie compagnie "
    "troupe fanfare cafe media site blog projet festival cooperative amap scop radio maison atelier ville "
    "commune canton "
    "village reseau fondation federation syndicat orchestre ong page chaine podcast idee coop harmonie lettre".split()
)


def births(text: Reading) -> list[str]:
    """The writer's own date of birth; not that of a canton, or of somebody whose story is told."""
    spans = [found.span() for found in _BORN.finditer(text.plain) if _is_own_birth(text, found)]
    spans += [found.span() for found in _FROM_BIRTH.finditer(text.plain)]
    return _once(text, sorted(_apart(iter(spans))))


def _is_own_birth(text: Reading, found: re.Match[str]) -> bool:
    year = found["year"]
    if year and len(year) == 4 and not 1920 <= int(year) <= 2020:
        return False
    born = found["born"]
    if born.startswith(("anniv", "naissance")):
        return bool(year) and born.startswith("naissance")
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


# ---- What hurts ---------------------------------------------------------------------------------------------------

_ADVERB = (
    r"(?:trop|vraiment|bien|si|tellement|completement|totalement|aussi|franchement|assez|un peu|juste|"
    r"sacrement|tous|toutes|donc|"
    r"quand meme|plutot|une|un|des|de|sacre|gros|grosse|pauvre|vieux|vieille|encore|toujours|decidement|pas "
    r"mal|ben|tout|d'un|d'une|rien qu'un|"
    r"rien qu'une|qu'un|qu'une|qu'une bande de|une bande de|vrai|vraie|sale|belle|beau|fin|fine|espece de|ou "
    r"quoi|tres|particulierement|carrement)"
)
_BAD = (
    r"(?:betes?|nuls?|nulles?|cons?|connes?|connards?|connasses?|idiots?|idiotes?|stupides?|imbeciles?|"
    r"cretins?|cretines?|debiles?|ridicules?|"
    r"incapables?|incompetente?s?|pathetiques?|lamentables?|minables?|ignorante?s?|incultes?|paresseux|"
    r"paresseuses?|faineante?s?|"
    r"menteurs?|menteuses?|hypocrites?|demeuree?s?|attardee?s?|taree?s?|niaise?s?|niaiseux|niaiseuses?|sots?|"
    r"sottes?|cruches?|gourdes?|boulets?|"
    r"bouffons?|bouffonnes?|abrutie?s?|moches?|vieux|vieille|vieilles|insupportables?|penibles?|egoistes?|malhonnetes?|"
    r"irresponsables?|bornee?s?|arrieree?s?|parasites?|ratee?s?|nullite|nullites|honte|plaie|catastrophe|"
    r"laides?|feignasses?|"
    r"mongols?|mongoliens?|clowns?|guignols?|rigolos?|charlots?|cinglee?s?|degueulasses?|immondes?|mauvaises? "
    r"mere|mauvais pere|limitee?s?|lentes?|"
    r"lents?|deplorables?|pitoyables?|inutiles?|cassos|blaireaux?|tarte|tartes|epais|tebe|teubes?|neuneu|"
    r"gogols?|a cote de la plaque|bons? a rien|bonnes? a rien)"
)
_MILD = ("vieux", "vieille", "vieilles", "lent", "lente", "lents", "lentes", "limite", "limitee", "epais", "tarte")
_YOU_ARE = re.compile(
    r"\b(?:vous etes|vous etiez|tu es|t'es|tu etais|vous restez|etes-vous|es-tu|vous me semblez|tu me sembles|"
    r"vous avez l'air|tu as l'air|t'as l'air)"
    rf"(?P<much>(?: {_ADVERB}){{0,4}}) (?P<bad>{_BAD})(?![\w-])(?! de (?:vous |te |t')?(?:priver|passer)| "
    r"de (?:travail|jardin|cuisine))"
)
_STRONG = (
    r"(?:con|conne|cons|connes|connards?|connasses?|idiots?|idiotes?|imbeciles?|cretins?|cretines?|debiles?|"
    r"abrutie?s?|incapables?|"
    r"incompetente?s?|ignorante?s?|faineante?s?|nuls?|nulles?|rates?|parasites?|menteurs?|menteuses?|"
    r"hypocrites?|mongols?|tares?|salopes?|"
    r"salauds?|porcs?|truies?|cruches?|gourdes?|cloches?|bouffons?|degeneres?|attardes?|cassos|feignasses?|"
    r"moutons|clowns?|guignols?|larves?|racailles?|assistes?|bobos)"
)
_CALLS = re.compile(
    rf"\b(?:espece d(?:e |')(?:gros(?:se)? |sale |vieux |vieille |pauvre )?{_STRONG}|bande d(?:e |')(?:gros |"
    rf"sales |vieux |pauvres )?{_STRONG}"
    rf"|sale (?:petit |petite )?{_STRONG}|(?:pauvre|gros|grosse) (?:con|conne|idiote?|cretine?|imbecile|debile|"
    r"cloche|cruche|tache|naze)"
    r"|(?:connards?|connasses?|salopes?|encules?|ta gueule|ntm|fdp|bougnoules?|youpins?|tarlouzes?|tafioles?|"
    r"negros?|bamboulas?|fils de pute|sale pute|grosse vache)"
    r"|(?:ma|mon) pauvre (?:dame|fille|monsieur|vieux|vieille|gars|petite dame))(?![\w-])"
)
_ORDERS = re.compile(
    r"\b(?:ferme[sz]?[- ]la(?= ?(?:[!.,]|$))|la ferme !|ferme ta gueule|fermez vos gueules|taisez-vous|"
    r"tais-toi|va te faire|allez vous faire|allez-vous faire|"
    r"casse-toi|cassez-vous|degagez?(?= ?(?:[!.]|$|d'ici|de la))|foutez(?:-nous| nous) la paix|"
    r"retourne[zs]? (?:a l'ecole|dans (?:ton|votre) pays|a vos (?:fourneaux|casseroles|couches)|jouer)|"
    r"appren(?:ez|ds) (?:d'abord )?a (?:lire|ecrire|parler|reflechir)(?= ?(?:[!.,]|$)| (?:d'abord|avant|"
    r"francais|correctement))|"
    r"(?:vous feriez|tu ferais|feriez|ferais) mieux de (?:vous taire|te taire|la fermer|rester chez|changer "
    r"de metier|arreter|abandonner)|"
    r"reflechi(?:ssez|s) (?:un peu|avant)|occupez-vous de vos|occupe-toi de tes|achetez-vous un cerveau|"
    r"achete-toi un cerveau|"
    r"(?:changez|change) de metier)"
)
_SAYS = re.compile(
    r"\b(?:vous n'y (?:connaissez|comprenez|pigez) rien|tu n'y (?:connais|comprends) rien|t'y (?:connais|"
    r"comprends) rien|vous (?:ne )?comprenez (?:decidement |vraiment |jamais )?rien|"
    r"tu (?:ne )?comprends (?:vraiment |jamais )?rien|vous n'avez (?:vraiment |decidement )?rien compris|t'as "
    r"rien compris|tu n'as rien compris|"
    r"(?:vous (?:dites|racontez|faites|ecrivez)|tu (?:dis|racontes|fais|ecris)) (?:vraiment |toujours |"
    r"encore )?n'importe quoi|n'importe quoi, (?:vous|tu|ton|votre)\b|"
    r"honte a (?:vous|toi)|vous devriez avoir honte|tu devrais avoir honte|vous me faites (?:honte|pitie|rire "
    r"jaune)|tu me fais (?:honte|pitie)|vous faites pitie|tu fais pitie|"
    r"vous ne (?:servez|valez) (?:vraiment )?(?:a )?rien|tu (?:ne )?(?:sers a|vaux) rien|vous ne meritez|tu "
    r"ne merites|personne ne vous aime|tout le monde (?:se moque|rit) de (?:vous|toi)|"
    r"(?:vous|tu) (?:n'etes|n'es|etes|es) meme pas (?:capable|foutue?|fichue?|au courant)|meme pas (?:capable|"
    r"foutue?|fichue?) de|pas foutue?s? de|"
    r"(?:votre|ton|ta) (?:betise|ignorance|connerie|stupidite|incompetence|nullite|mediocrite|paresse|cerveau)|"
    r"(?:votre|vos|ton|ta|tes) [a-z]+ (?:est|sont|etait) (?:vraiment |trop |completement |tellement |"
    r"franchement |si )*(?:nuls?|nulles?|ridicules?|stupides?|idiots?|idiotes?|debiles?|pathetiques?|"
    r"lamentables?|minables?|pitoyables?|nazes?|de la merde|affligeante?s?)|"
    r"c'est (?:vraiment |trop |completement )?(?:nul|stupide|debile|ridicule|idiot|con|bete|pathetique|"
    r"lamentable|n'importe quoi),? (?:ce que (?:vous|tu)|votre|ton|ta|de (?:poser|demander|ne pas|croire))|"
    r"quelle (?:question|idee|remarque) (?:stupide|idiote|bete|debile|nulle|ridicule|de merde|a la con)|"
    r"n'importe quel (?:idiot|imbecile|abruti|debile)|meme un enfant (?:de [a-z0-9]+ ans )?(?:comprend|sait|"
    r"le sait|saurait)|"
    r"(?:il )?faut (?:vraiment |quand meme )?etre (?:bien |vraiment |sacrement |completement )?(?:bete|"
    r"conn?e?|idiote?|stupide|debile|cretine?|naive?|nulle?|abrutie?) pour|"
    r"(?:les )?(?:vieux|vieilles|bonnes femmes|types|bobos|boomers|assistes) comme (?:vous|toi)|(?:les )?gens "
    r"comme (?:vous|toi) (?:ne |n'|devrai|feraient|me |font|qui)|"
    r"il (?:vous|te) manque (?:une case|un cerveau)|vous avez (?:un petit|le) (?:cerveau|pois)|"
    r"(?:a|c'est) (?:vous|toi) (?:de la|le|la) (?:idiote?|nulle?|probleme)|vous n'avez (?:vraiment )?(?:aucun "
    r"cerveau|rien dans la tete|pas de cerveau)|t'as rien dans la tete|"
    r"c'est (?:bien )?(?:de )?(?:votre|ta) faute)(?![\w-])"
)
_NOT_SO = re.compile(
    r"(?:\bn'|\bne |\bpas |\bjamais |\bni |\brien d|\baucun|\bsans |\bloin d|\bni |\bsi |\bcroi|\bpens|\bdit "
    r"que |\bdisai|\bdisent )[^.!?]{0,18}$"
)


def insults(text: Reading) -> list[str]:
    """Words that may hurt the person to whom they are said; « c'est bête, j'ai perdu… » is said to nobody."""
    return _once(text, sorted(_apart(_insults(text))))


def _insults(text: Reading) -> Iterator[tuple[int, int]]:
    for found in _YOU_ARE.finditer(text.plain):
        before = text.plain[max(found.start() - 22, 0) : found.start()]
        if found["bad"] in _MILD and "trop" not in found["much"]:
            continue
        if not _NOT_SO.search(before):
            yield found.span()
    for pattern in (_CALLS, _ORDERS, _SAYS):
        for found in pattern.finditer(text.plain):
            yield found.span()
