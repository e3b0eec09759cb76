"""Finds addresses, places where a person can be found, and announced absences from home.

An address or a way into a home is enough; a landmark, an hour or an absence also needs a sign that it is the writer's.
"""

import re
from collections.abc import Iterator

from reseau_kit.french.reading import ENDING, MONTH, Reading

_NAME = re.compile(r"[a-z]{2,}(?:[-'][a-z]{2,})*")
_WAY = (
    r"(?:rue|r\.|r(?= de| du)|avenue|ave?\.?|bd|bld|boulevard|impasse|allee|ruelle|venelle|faubourg|chaussee|"
    r"dreve|lotissement|clos|rang)"
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
_OF_THE_WAY = re.compile(
    r"\b(?:(?:au|numero|n°) ?\d{1,4}(?: bis| ter)? de (?:la |l')?|(?:au|habite|adresse ?:?|"
    r"le) (?P<words>[a-z]+(?:[- ][a-z]+){0,3}?),? )"
    rf"(?:{_WAY}|chemin|quai|place|route) {_LINK}?(?=[a-z])"
)
_NUMBER_LAST = re.compile(
    rf"\b(?:{_WAY}|{_WAY_OR_NOT})(?![a-z])\s?{_LINK}?[a-z]+(?:[-' ][a-z]+){{0,3}}(?:,? n°)?,? \d{{1,4}}[a-d]?"
    r"(?=\s?(?:[.;)!\n]|$|, |,$| ?[-–/] ?\d{4}| a [a-z]| \d{4,5} ))"
)
_HOME = re.compile(
    r"\b(?:j'habite|nous habitons|on habite|je vis|nous vivons|je loge|chez moi|chez nous|ma maison|notre "
    r"maison|mon jardin|"
    r"notre jardin|mon potager|ma cour|mon portail|portail (?:bleu|vert|rouge|blanc|noir|gris|jaune)|volets "
    r"(?:bleus|verts|rouges|blancs|jaunes)|ma porte|mon appart\w*|ma residence|mon immeuble|mon garage|mon domicile|"
    r"ma boite aux lettres|sonnez|frappez|toquez|demeure|ma rue|mon balcon|maison (?:bleue|rose|jaune|verte|"
    r"blanche|rouge)|"
    r"maison aux volets|mon batiment|mon chalet|ma roulotte|ma yourte|ma peniche)\b"
)
_GROUND = re.compile(r"(?:mon|notre) (?:jardin|potager|balcon)|ma (?:rue|cour)")
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
_LIVE = re.compile(
    r"\b(?:j'habite|nous habitons|on habite|je vis|nous vivons|je loge|chez moi|chez nous|ma maison|notre "
    r"maison|mon portail|"
    r"mon appart\w*|mon domicile|mon jardin|sonnez|frappez|je demeure)\b"
)
_NAMED_WAY = re.compile(
    rf"\b(?:(?:{_WAY}|place|chemin|route|quai|square|passage|sentier|residence|hameau|lieu-dit|lieudit|"
    rf"cite|tour|immeuble)) {_LINK}?(?=[a-z])"
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
    r"|\b(?:au )lieu-?dit (?:le |la |les |l')?[a-z-]+"
    r"|\bma maison est (?:la |juste )[^,.!?\n]{0,40}"
    r"|\b(?:la |le )?(?:premiere|derniere|seule|deuxieme|troisieme) maison (?:avant|apres|a gauche|a droite|"
    r"sur|du|de la|de l')[^,.!?\n]{0,30}"
    r"|\b\d{1,2}(?:er|e|eme) etage,? (?:porte|appt|appart\w*)(?: (?:de |a )?(?:droite|gauche|[a-z]?\d{1,3}))?"
)
_POINT = re.compile(r"(?<![\d.])-?\d{1,2}\.\d{4,},? ?-?\d{1,3}\.\d{4,}")
_ROUTINE = re.compile(r"\b(?:je|j')(?: me| m')? ?(?P<verb>[a-z]{3,})[^.!?\n]{0,120}")
_GOES_OUT = re.compile(r"cours|marche|nage|rentre|promene|sors|dors|fais|vais|attends|prends|roule|pedale")
_OFTEN = re.compile(
    r"\b(?:tous les|toutes les|chaque|le (?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|"
    r"les (?:lundis|mardis|mercredis|jeudis|vendredis|samedis|dimanches))\b"
)
_HOUR = re.compile(r"\b(?:[01]?\d|2[0-3]) ?(?:h|heures)(?: ?[0-5]\d)?\b")
_ALONE = re.compile(r"\b(?:seule?|toute seule|tout seul)\b")
_TOGETHER = re.compile(r"\?|rejoi|\bvene?z\b|\bviens\b|\bavec moi\b|\bensemble\b|partag|inscri")
_SOMEWHERE = re.compile(
    r"\b(?:a|au|aux|dans|par|sur|le long|autour|devant|derriere|pres)\b (?:la |le |les |l'|du |de la )?[a-z]"
)


def places(text: Reading) -> list[str]:
    """Return addresses, ways into a home, and places where the writer lives or is alone at a known hour."""
    return text.once(_places(text))


def _places(text: Reading) -> Iterator[tuple[int, int]]:
    for found in _ADDRESS.finditer(text.plain):
        if _is_address(text, found):
            yield found.start(), max(text.capitals_end(found.start("name")), found.end("name"))
    for found in _NUMBER_LAST.finditer(text.plain):
        yield found.span()
    for found in _OF_THE_WAY.finditer(text.plain):
        number = found.start("words")
        if found["words"] is None or any(one.start == number and one.words for one in text.numbers):
            name = _NAME.match(text.plain, found.end())
            yield found.start(), max(text.capitals_end(found.end()), name.end() if name else found.end())
    for found in _WAY_IN.finditer(text.plain):
        yield found.span()
    for found in _POINT.finditer(text.plain):
        yield found.span()
    for found in _FACING.finditer(text.plain):
        start, end = text.sentence(*found.span())
        home = _HOME.search(text.plain, max(start, found.start() - 70), min(end, found.end() + 70))
        town = _with_town(text, found.end())
        # A garden behind the church may be anybody's, unless a town is named.
        if home and (town > found.end() or not _GROUND.fullmatch(home[0])):
            yield found.start(), town
    for live in _LIVE.finditer(text.plain):
        _, end = text.sentence(*live.span())
        way = _NAMED_WAY.search(text.plain, live.end(), min(end, live.end() + 60))
        if way and (text.capital(way.end()) or way[0].split()[0] in ("rue", "impasse", "avenue", "boulevard")):
            name = _NAME.match(text.plain, way.end())
            yield way.start(), max(text.capitals_end(way.end()), name.end() if name else way.end())
    for found in _ROUTINE.finditer(text.plain):
        if _is_routine(text, found):
            yield found.span()


def _is_routine(text: Reading, found: re.Match[str]) -> bool:
    """Whether the writer is somewhere alone at a regular hour; meetings that invite others do not count."""
    sentence = text.plain[slice(*text.sentence(*found.span()))]
    if not (_HOUR.search(sentence) and _SOMEWHERE.search(sentence)):
        return False
    if _ALONE.search(sentence):
        return True
    return bool(_GOES_OUT.match(found["verb"])) and bool(_OFTEN.search(sentence)) and not _TOGETHER.search(text.plain)


def _is_address(text: Reading, found: re.Match[str]) -> bool:
    """Whether it is « 3 rue des Lilas » or « 12 cours Mirabeau », not « 3 cours de couture » or « depuis 2019 rue »."""
    number = int(found["number"])
    before = text.plain[max(found.start() - 8, 0) : found.start()]
    if re.search(rf"(?:depuis|en|de|et|{MONTH}) $", before) and 1900 <= number <= 2100:
        return False
    if found["sure"]:
        return found["sure"] != "rang" or bool(found["link"]) or text.capital(found.start("name"))
    if text.loud or text.capital(found.start("name")):
        return not text.loud and (number > 1 or found["maybe"] != "cote")
    # A number above 1 before a singular cannot count things, so it is a house number.
    return number > 1 and bool(found["link"]) and found["maybe"] not in ("cours", "villa", "residence", "cite")


def _with_town(text: Reading, place: int) -> int:
    """Return the end of a landmark together with a town named after it."""
    town = re.compile(r" (?:de la |de l'|du |de |d'|a )?(?=[a-z])").match(text.plain, place)
    if town and text.capital(town.end()):
        return text.capitals_end(town.end())
    return place


_DATE = rf"(?:le )?(?:\d{{1,2}}(?:er)?(?: {MONTH})?(?:[/.]\d{{1,2}})?|{MONTH})"
_WHEN = (
    rf"(?:(?:tout |tout le mois de |tout le mois d'|en |debut |mi-|fin )+{MONTH}|(?:tout )?l'ete|tout l'hiver|"
    r"cet ete|cet hiver|"
    rf"(?:a partir )?du {_DATE} (?:au|jusqu'au|a) {_DATE}|entre le {_DATE} et le {_DATE}|jusqu(?:'au|'a|"
    rf"'en) (?:la )?{_DATE}|jusqu'a la (?:rentree|toussaint)|"
    r"jusqu'a (?:noel|paques|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)|(?:toute )?la "
    rf"semaine (?:prochaine|du {_DATE})|a partir du {_DATE}|des le {_DATE}|"
    rf"(?:en )?{MONTH} et {MONTH}|tout(?:e)? (?:la semaine|le mois|le week-end|l'annee)|ce week-end|tous les "
    rf"week-?ends(?: d(?:e |'){MONTH})?|chaque week-?end|le "
    rf"week-end du {_DATE}|(?:les )?(?:deux|trois|quatre|2|3|4) "
    r"(?:premieres|dernieres|prochaines) semaines|(?:pour |pendant )?(?:deux|trois|quatre|une|1|2|3|"
    rf"4) (?:semaines?|mois) (?:en {MONTH}|a partir d[a-z]+ [a-z0-9]+|des [a-z0-9]+|jusqu'[a-z]+ [a-z0-9]+))"
)
_AWAY = (
    rf"(?:absente?s?|absent{ENDING}|en vacances|en conges?|en voyage|a l'etranger|parti{ENDING}|pas la|pas "
    rf"chez (?:moi|nous)|(?:notre|mon) absence|loin de (?:chez moi|la maison)|hospitalise{ENDING}|en cure|en "
    r"croisiere|a l'hopital|vacances|conges)"
)
_ABSENT = re.compile(rf"\b(?P<away>{_AWAY})(?P<middle>(?: [a-z'-]+){{0,3}}?),? (?P<when>{_WHEN})")
_LEAVES = re.compile(
    r"\b(?:je pars|on part|nous partons|je m'absente|nous nous absentons|on s'absente|on s'en va|je m'en vais|"
    r"je decolle|(?:la |ma |notre )?maison (?:sera |est |reste |restera )?(?:vide|inoccupee|fermee)|"
    r"(?:je|on) fermer?a? la maison|nous fermons la maison|"
    r"volets (?:clos|fermes)|chez m(?:a|on|es) (?:fille|fils|mere|pere|parents|soeur|frere|cousins?|amis?|"
    r"enfants)|personne (?:a la maison|chez (?:moi|nous))|plus personne a la maison|l'appart\w* (?:sera |est |"
    rf"reste )?vide)(?P<middle>[^.!?\n]{{0,45}}?)[ ,:]+(?P<when>{_WHEN})"
)
_ELSEWHERE = re.compile(r"\b(?:reseaux|ecrans?|internet|en ligne|toile|scolaires?|du marche|des marches|de facebook)\b")
_BEFOREHAND = re.compile(
    rf"\b(?:{_WHEN}),? (?:je serai absente?|je suis absente?|nous serons absente?s|nous sommes absente?s|on "
    r"sera absente?s|on est absente?s|"
    r"la maison (?:est|sera|reste|restera) (?:vide|fermee|inoccupee)|(?:il n'y a |il n'y "
    r"aura )?(?:plus )?personne (?:chez|a la maison))"
    rf"|\bdepart (?:le )?{_DATE},? (?:et )?retour (?:le )?{_DATE}"
)
_TRIP = re.compile(
    r"\b(?:nous serons|je serai|on sera|nous sommes|je suis|on est) (?:a|en|au|aux|dans|chez)(?: la| l'| le| "
    rf"les)? ?[^.!?\n]{{2,30}}?,? {_WHEN}"
)
_HOLIDAY = re.compile(
    r"\b(?:famille|vacances|voyage|ski|plage|croisiere|camping|avion|valises?|voyager|soleil|cocotiers)\b"
)
_BACK = re.compile(rf"\b(?:de )?retour (?:prevu )?(?:le |vers le |debut |fin |mi-){_DATE}")
_GONE = re.compile(r"\b(?:je pars|nous partons|on part|(?:maison|appart\w*) (?:vide|fermee)|absente?s?)\b")
_WHO = re.compile(
    r"(?:\b(?:je|nous|on|j') ?(?:suis|serai|sommes|serons|est|sera|reste|ne (?:suis|serai|sommes|"
    r"serons) )(?: (?:souvent|toujours|donc|aussi|en famille|tous|toutes))?|\b(?:suis|serai|sommes|serons|"
    r"pas))\s$"
)


def absences(text: Reading) -> list[str]:
    """Return announced absences from home (« absent tout août »), but not past ones or those of others."""
    return text.once(_absences(text))


def _absences(text: Reading) -> Iterator[tuple[int, int]]:
    for found in _ABSENT.finditer(text.plain):
        before = text.plain[max(found.start() - 40, 0) : found.start()].rstrip(" ")
        alone = not before or not (before[-1].isalnum() or before[-1] in "'-’")
        mine = _WHO.search(text.plain, max(found.start() - 40, 0), found.start())
        # « L'association, en vacances du 2 au 20 » is rare; « partis en juin » said of bees is not an absence.
        dated = found["when"].startswith(("jusqu", "du "))
        elliptic = alone and (dated or not found["away"].startswith(("parti", "a l'etranger", "loin")))
        if (mine or elliptic) and not _ELSEWHERE.search(found[0]):
            yield found.span()
    for found in _LEAVES.finditer(text.plain):
        if not re.search(r"\b(?:retraite|zero|principe|formation)\b", found["middle"]):
            yield found.span()
    for found in _BEFOREHAND.finditer(text.plain):
        yield found.span()
    for found in _TRIP.finditer(text.plain):
        if _HOLIDAY.search(text.plain):
            yield found.span()
    for found in _BACK.finditer(text.plain):
        if _GONE.search(text.plain):
            yield found.span()
