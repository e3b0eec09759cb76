"""Remarks on a text that is not marked: at most three questions or offers, each quoting its words.

The mirror does not judge: it has no understanding of the text, it says what it found and asks. Harm to people comes
first. It is silent when unsure, and does not repeat a remark that the learner dismissed as intended (`dismissed`).
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass

from reseau_kit.activities.tasks import MIRROR_REMARKS, Mirror
from reseau_kit.french.children import children
from reseau_kit.french.claims import new_names, new_numbers, taken_over
from reseau_kit.french.comparing import SMALL_WORDS, content_words
from reseau_kit.french.contacts import births, emails, phones
from reseau_kit.french.hurtful import insults
from reseau_kit.french.reading import ENDING, Reading, read
from reseau_kit.french.whereabouts import absences, places
from reseau_kit.french.writing import typeset

#: Maximum remarks: more would feel like marking.
MOST = 3

#: Maximum characters of a quotation: enough to recognize the passage.
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark. `key` (kind and quoted words) is stable, so that a learner can dismiss the remark for good.

    `quote` is the first passage that caused it, as it was written; `text` is the whole remark as shown.
    """

    key: str
    quote: str
    text: str


def remarks(
    mirror: Mirror, entries: Mapping[str, str], *, source: str = "", dismissed: Container[str] = ()
) -> tuple[Remark, ...]:
    """Return at most three remarks on the texts in the mirror's fields, potential harm first."""
    texts = [read(entries[field]) for field in mirror.fields if entries.get(field, "").strip()]
    seen: list[Remark] = []
    for remark in _all(mirror, texts, read(source or mirror.source)):
        if remark.key not in dismissed and len(seen) < MOST:
            seen.append(remark)
    return tuple(seen)


def _all(mirror: Mirror, texts: list[Reading], source: Reading) -> Iterator[Remark]:
    yield from _harm(texts)
    for kind in MIRROR_REMARKS:
        if kind in mirror.looks_for and texts:
            yield from _LOOKS[kind](texts, source, mirror)


def _remark(kind: str, passages: list[str], text: str) -> Iterator[Remark]:
    """Yield a remark that begins with the quoted passages; nothing without passages."""
    said = [_short(passage) for passage in dict.fromkeys(passages) if passage][:MOST]
    if said:
        key = f"{kind}:{', '.join(said)}"
        yield Remark(key, said[0], f"{_listed(said)}\N{NO-BREAK SPACE}: {text}")


def _short(passage: str) -> str:
    """Shorten a long passage to its beginning, cut between two words."""
    if len(passage) <= _LONGEST:
        return passage
    return passage[:_LONGEST].rsplit(maxsplit=1)[0]


def _listed(passages: list[str]) -> str:
    return ", ".join(f"«\N{NO-BREAK SPACE}{passage}\N{NO-BREAK SPACE}»" for passage in passages)


def _found(texts: list[Reading], find: Callable[[Reading], list[str]]) -> list[str]:
    return [passage for text in texts for passage in find(text)]


def _spans(texts: list[Reading], find: Callable[[Reading], list[tuple[int, int]]]) -> list[str]:
    return [text.said(start, end) for text in texts for start, end in sorted(find(text))]


# ---- Harm ---------------------------------------------------------------------------------------------------------

_HARM: tuple[tuple[str, Callable[[Reading], list[str]], str], ...] = (
    (
        "lieu",
        places,
        "on saura où trouver quelqu’un. Est-ce un lieu ouvert à tous, ou une adresse à garder pour vos proches ?",
    ),
    (
        "absence",
        absences,
        "des inconnus sauront quand il n’y a personne chez vous. Et si vous le racontiez au retour ?",
    ),
    (
        "telephone",
        phones,
        "on dirait un numéro de téléphone, que chacun pourra recopier. La messagerie du réseau suffirait-elle ?",
    ),
    (
        "courriel",
        emails,
        "on dirait une adresse électronique, que des robots savent ramasser. La messagerie du réseau suffirait-elle ?",
    ),
    (
        "naissance",
        births,
        "une date de naissance aide à se faire passer pour quelqu’un. La garderiez-vous pour vous ?",
    ),
    (
        "insulte",
        insults,
        "ces mots pourraient blesser la personne qui vous lit. Comment le lui diriez-vous, en face d’elle ?",
    ),
)


def _harm(texts: list[Reading]) -> Iterator[Remark]:
    found = [children(text) for text in texts]
    names = [name for named, _ in found for name in named]
    schools = [school for _, at in found for school in at]
    yield from _remark("enfant", [*names, *schools], _about_children(len(set(names)), len(set(schools))))
    for kind, find, text in _HARM:
        yield from _remark(kind, _found(texts, find), typeset(text))


def _about_children(names: int, schools: int) -> str:
    if not names:
        return typeset("l’école d’un enfant. Voulez-vous que des inconnus la connaissent ?")
    what = "un prénom d’enfant" if names == 1 else "des prénoms d’enfants"
    if schools:
        what += " et son école" if names == 1 else " et leur école"
    them = "les" if names + schools > 1 else "le"
    return typeset(f"{what}. Voulez-vous que des inconnus {them} lisent ?")


# ---- Facts, licence and words of the source -----------------------------------------------------------------------


def _facts(texts: list[Reading], source: Reading, _: Mirror) -> Iterator[Remark]:
    if not source.plain:
        return
    passages = _spans(texts, lambda text: [*new_numbers(text, source), *new_names(text, source)])
    one = len(set(passages)) == 1
    text = "le texte d’origine ne le dit pas. D’où cela vient-il ?"
    if not one:
        text = "le texte d’origine ne les donne pas. D’où viennent-ils ?"
    yield from _remark("faits", passages, typeset(text))


_CC = re.compile(r"\b(?:cc[ -]?|creative[ -]commons (?:attribution )?)(0|by(?:[ -]?(?:sa|nc|nd)\b)*)(?![a-z])")
_NAMES_A_LICENCE = re.compile(rf"{_CC.pattern}|creative[ -]?commons|\bcc\b|\bby-(?:sa|nc|nd)\b|\bodbl\b|\bgnu\b")


def _licence(texts: list[Reading], source: Reading, mirror: Mirror) -> Iterator[Remark]:
    if not mirror.licence:
        return
    named = [(text.said(*found.span()), found[0]) for text in texts for found in _CC.finditer(text.plain)]
    if named:
        others = [said for said, plain in named if _same(plain) != _same(read(mirror.licence).plain)]
        text = f"la ressource, elle, dit {mirror.licence}. Est-ce bien la même licence ?"
        yield from _remark("licence", others if len(others) == len(named) else [], typeset(text))
    elif not any(_NAMES_A_LICENCE.search(text.plain) for text in texts):
        text = f"la licence, {mirror.licence}, dit ce que chacun a le droit d’en faire. L’ajouteriez-vous ?"
        yield from _remark("licence", [_best_known(texts[0], source)], typeset(text))


def _same(licence: str) -> frozenset[str]:
    """Return the parts of a Creative Commons licence, whatever its spelling."""
    return frozenset(re.findall(r"0|by|sa|nc|nd", licence.replace("attribution", "").replace("commons", "")))


def _best_known(text: Reading, source: Reading) -> str:
    """Return the longest run of capitalized words that a text shares with its source, else the text's first words."""
    held = {word[0] for word in _ANY_WORD.finditer(source.plain) if source.capital(word.start())}
    best, run = (0, 0), (0, 0)
    for word in _ANY_WORD.finditer(text.plain):
        if not (text.capital(word.start()) and word[0] in held):
            continue
        joined = run[1] and text.plain[run[1] : word.start()] in (" ", "-")
        run = (run[0], word.end()) if joined else word.span()
        best = max(best, run, key=lambda stretch: stretch[1] - stretch[0])
    if best[1] and " " in text.plain[slice(*best)]:
        return text.said(*best)
    words = list(re.compile(r"\S+").finditer(text.plain))[:5]
    return text.said(words[0].start(), words[-1].end()) if words else ""


_ANY_WORD = re.compile(r"[^\W\d_]+")


def _copy(texts: list[Reading], source: Reading, _: Mirror) -> Iterator[Remark]:
    passages = [text.said(*run) for text in texts if (run := taken_over(text, source))]
    text = "ces mots sont presque ceux du texte d’origine. Et vous, comment le diriez-vous ?"
    yield from _remark("copie", passages, typeset(text))


# ---- Audience, repetition, counts, tone ---------------------------------------------------------------------------

_EVERYBODY = re.compile(
    r"\b(?:le plus de (?:gens|monde|personnes|internautes|lecteurs|abonnes)(?: possibles?)?(?: partout)?|le "
    r"plus grand nombre(?: de (?:gens|personnes))? possible|"
    r"(?:un|le) maximum de (?:gens|monde|personnes|vues|followers)|(?:le monde|la terre|la planete) entiere?|"
    r"toute la (?:planete|terre)|toucher tout le monde|plaire a tout le monde)\b"
)
_NOBODY = re.compile(
    r"(?:(?:pour|avec|a|de) )?(?:tout le monde|tous(?: les gens)?|toutes et tous|les gens|n'importe qui|le "
    r"grand public|grand public|tout public|"
    r"tous publics|les internautes|internautes|tous les internautes|tous les francais|les autres|des gens|"
    r"plein de gens|le monde|partout)(?: partout| en general)?"
)
_REFUSED = re.compile(r"\b(?:pas|sans|ni|plutot que|non|jamais|au lieu)\b[^.!?]{0,25}$")


#: Maximum characters of a text that only names an audience or something counted.
_SHORT = 100


def _bare(text: Reading) -> str:
    """Return a short text without the signs around it; empty for a longer text, which says more than such a name."""
    return text.plain.strip(" \n.,;:!?…()[]«»\"'*-") if len(text.plain) <= _SHORT else ""


def _public(texts: list[Reading], _: Reading, __: Mirror) -> Iterator[Remark]:
    def find(text: Reading) -> list[tuple[int, int]]:
        if _NOBODY.fullmatch(_bare(text)):
            return [(0, len(text.plain))]
        return [
            found.span()
            for found in _EVERYBODY.finditer(text.plain)
            if not _REFUSED.search(text.plain[max(found.start() - 40, 0) : found.start()])
        ][:1]

    text = "parmi toutes ces personnes, à qui pensez-vous d’abord ?"
    yield from _remark("public", _spans(texts, find)[:1], typeset(text))


def _repetition(texts: list[Reading], _: Reading, __: Mirror) -> Iterator[Remark]:
    passages = _spans(texts, _twice)
    whole: set[str] = set()
    for text in texts:
        same = " ".join(re.findall(r"[^\W_]+", text.plain))
        if same in whole:
            passages.append(text.said(0, len(text.plain)))
        whole.add(same)
    yield from _remark("repetition", passages[:1], typeset("cela revient. Que mettriez-vous d’autre à cette place ?"))


def _twice(text: Reading) -> list[tuple[int, int]]:
    """Return the span of an item repeated in a list, or of a word repeated in a row."""
    said: set[str] = set()
    for item in re.compile(r"[^,;/\n]+").finditer(text.plain):
        same = " ".join(content_words(item[0]))
        if same in said and len(same) > 2:
            return [item.span()]
        said.add(same)
    found = re.search(r"\b([a-z]{4,})(?: \1\b)+", text.plain)
    return [found.span()] if found and found[1] not in SMALL_WORDS and found[1] not in ("coin", "chut", "toc") else []


_SIZE = (
    rf"(?:abonne{ENDING}|followers?|likes?|j'aime|vues?|fans?|clics?|impressions?|audience|popularite|coeurs?|"
    r"visibilite|visionnages?|folowers?|"
    r"suiveurs?|suiveuses?|pouces?(?: bleus?)?|reach|portee)"
)
_COUNTED = re.compile(
    r"(?:(?:le |la |les |des |un |mon |du )?(?:nombre|total|compte|max(?:imum)?|plus) (?:total )?(?:de |d'|"
    r"des )(?:mes |nouveaux |nouvelles )?|[\d.]{1,9} |(?:de |des )?nouveaux |(?:de |des )?nouvelles |(?:les |"
    r"des |plus de |plein de |beaucoup de ))*"
    rf"(?P<size>{_SIZE})(?: ?(?:et|ou|,|/|\+|&) ?(?:les |des |de )?{_SIZE})*"
    r"(?: (?:de plus|en plus|gagne\w*|supplementaires?|nouveaux|recus?|obtenus?|instagram|insta|facebook|"
    r"tiktok|youtube|(?:par|sur|sous|chaque|a chaque|en) [^,]{0,40}))*"
)


def _size(texts: list[Reading], _: Reading, __: Mirror) -> Iterator[Remark]:
    passages: list[str] = []
    for text in texts:
        if found := _COUNTED.fullmatch(_bare(text)):
            place = text.plain.index(found[0]) + found.start("size")
            passages.append(text.said(place, place + len(found["size"])))
    asked = "ce nombre dit une taille. Que feront ces personnes, que vous aimeriez compter ?"
    yield from _remark("taille", passages[:1], typeset(asked))


_ADVERT = re.compile(
    r"\b(?:(?:abonne[zs]-?(?:vous|toi)|abonne[- ]toi|suive[zs]?[- ](?:moi|nous) (?:vite|sur|pour|et)|"
    r"suivez[- ](?:moi|nous)(?= ?[!])|like[zs]?(?= |!|$)|"
    r"achetez(?! (?:moins|d'occasion|local|plus|rien|du temps))|commandez(?= ?(?:vite|maintenant|!|des|en "
    r"ligne|sur|votre|vos))|"
    r"profitez(?: vite|-en(?: vite)?| de (?:l'offre|notre|nos|mon|mes|la promo|-?\d))|"
    r"offres? (?:exceptionnelles?|speciales?|limitees?|de lancement|promo|flash|unique)|code promo|promos?|"
    r"promotions?|soldes|prix (?:casses?|mini|imbattables?)|"
    r"ne (?:manquez|ratez) pas|reservez vite|cliquez (?:vite|ici|sur (?:le|mon|ce) lien|maintenant)|lien en "
    r"bio|livraison (?:offerte|gratuite)|satisfait ou rembourse|"
    r"depechez-vous|dernieres places|places limitees|stock limite|gagnez (?:de l'argent|jusqu|plus|un|des)|"
    r"(?:visitez|decouvrez|allez voir|venez voir|passez voir|rendez-vous sur) (?:vite )?(?:mon|ma|mes|notre|"
    r"nos) (?:site|boutique|page|chaine|profil|produits?|offres?|blog|catalogue|collection)|"
    r"ma boutique en ligne|le meilleur [a-z]+ de|n° ?1 |numero 1 (?:de|du|en)|leader (?:de|du|en)|"
    r"partage[zs] (?:en masse|un max|massivement))(?![\w]))"
    r"|(?:-|moins )\d{1,2} ?%(?= (?:sur|avec|de remise|jusqu|toute|tout|pour))"
)
_YEAR_MATES = re.compile(r"(?:\b(?:ma|notre|sa|leur|de|la|ta|votre|meme|en) $)")


def _advert(texts: list[Reading], _: Reading, __: Mirror) -> Iterator[Remark]:
    def find(text: Reading) -> list[tuple[int, int]]:
        return [found.span() for found in _ADVERT.finditer(text.plain) if _sells(text, found)]

    text = "on lit souvent ces mots dans les annonces. Comment le diriez-vous à une seule personne, en face d’elle ?"
    yield from _remark("annonce", _spans(texts, find), typeset(text))


def _sells(text: Reading, found: re.Match[str]) -> bool:
    """Whether the words advertise: not in « n'achetez plus », « ma promo 2004 » or « promotion de la santé »."""
    before = text.plain[max(found.start() - 12, 0) : found.start()]
    after = text.plain[found.end() : found.end() + 12]
    if re.search(r"(?:\bn'|\bne |\bvous |\bsans |\bd'|\bni )$", before):
        return False
    if found[0].startswith("promo"):
        return not (_YEAR_MATES.search(before) or re.match(r" (?:(?:19|20)?\d\d\b|de |du |des )", after))
    return not (found[0] == "soldes" and before.endswith("des "))


_INVITES = re.compile(
    r"[?!]|\bsi (?:ca|cela|le coeur|l'envie)\b|n'hesite|\bhate\b|\bcurieu|j'aimerais|je serais|je me demande|"
    r"\bon (?:se |peut |vous |t')|"
    r"bienvenue?|\brendez-vous\b|\ba (?:bientot|samedi|dimanche|lundi|mardi|mercredi|jeudi|vendredi|demain|plus)\b|"
    r"porte (?:est )?ouverte|plaisir|\b(?:vous|tu|te|toi|votre|vos|ton|ta|tes)\b|\bt'|"
    r"(?:^|[.!,;:–-]\s?|\bet |\balors |\bdonc |\bpuis )(?:dis|raconte|ecris|montre|essaie|essaye|tiens|fais|"
    r"viens|passe|regarde|envoie|"
    r"appelle|demande|pense|prends|ajoute|garde|donne|laisse|reviens|compte|commence|rejoins)\b(?! de )|"
    r"\b(?!chez|assez|nez|rez)[a-z]{2,}ez\b|\bfaites\b|\bdites\b"
)


def _question(texts: list[Reading], _: Reading, __: Mirror) -> Iterator[Remark]:
    text = texts[-1]
    words = list(re.compile(r"[^\W\d_]+").finditer(text.plain))
    last = list(re.compile(r"\S+").finditer(text.plain))[-4:]
    french = sum(word[0] in SMALL_WORDS for word in words)
    if len(words) < 6 or french < 2 or _INVITES.search(text.plain):
        return
    passage = text.said(last[0].start(), last[-1].end())
    yield from _remark(
        "question", [passage], typeset("après ces mots, que pourrait-on vous répondre ? Une question, une invitation ?")
    )


_LOOKS: dict[str, Callable[[list[Reading], Reading, Mirror], Iterator[Remark]]] = {
    "faits": _facts,
    "licence": _licence,
    "copie": _copy,
    "public": _public,
    "repetition": _repetition,
    "taille": _size,
    "annonce": _advert,
    "question": _question,
}
