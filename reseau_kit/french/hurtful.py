"""Finds words that may hurt the person addressed, or a person mentioned to them.

The patterns need a person (« vous êtes trop… », « espèce de… »): « c'est bête, j'ai perdu… » insults no one.
"""

import re
from collections.abc import Iterator

from reseau_kit.french.reading import Reading

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
    r"gogols?|a cote de la plaque|profiteurs?|profiteuses?|assistee?s?|fumistes?|bouchee?s?|feignante?s?|"
    r"flemmarde?s?|ringarde?s?|ingrate?s?|laches?|indignes?|mytho|mythos|mythomanes?|toquarde?s?|mechante?s?|"
    r"mauvaise?s?|gros tas|boomers?|sans coeur|tricheurs?|tricheuses?|"
    r"voleurs?|voleuses?|escrocs?|charlatans?|nazes?|tocards?|tocardes?|minus|moins que rien|gogoles?|breles?|"
    r"branleurs?|losers?|sans cervelle|nunuches?|bebetes?|dinde|dindes|bons? a rien|bonnes? a rien)"
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
    r"|(?:ma|mon) pauvre (?:dame|fille|monsieur|vieux|vieille|gars|petite dame|(?!petit|cher|enfant)[a-z]+(?=,))"
    rf"|(?:tous|toutes|ces) (?:les )?(?:boulets|pigeons|andouilles|{_STRONG}) (?=qui|de|des))(?![\w-])"
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
    r"conn?e?|idiote?|stupide|debile|cretine?|naive?|nulle?|abrutie?|gogole?|demeuree?|tordue?|tare|taree|"
    r"miro|neuneu) pour|"
    r"(?:les )?(?:vieux|vieilles|bonnes femmes|types|bobos|boomers|assistes) comme (?:vous|toi)|(?:les )?gens "
    r"comme (?:vous|toi) (?:ne |n'|devrai|feraient|me |font|qui)|"
    r"il (?:vous|te) manque (?:une case|un cerveau)|vous avez (?:un petit|le) (?:cerveau|pois)|"
    r"(?:a|c'est) (?:vous|toi) (?:de la|le|la) (?:idiote?|nulle?|probleme)|vous n'avez (?:vraiment )?(?:aucun "
    r"cerveau|rien dans la tete|pas de cerveau)|t'as rien dans la tete|"
    rf"faut (?:vraiment |quand meme )?etre (?:bien |vraiment |sacrement )?{_BAD} pour|{_BAD},? comme (?:vous|toi)|"
    r"(?:vous etes|tu es|t'es) (?:completement |vraiment |totalement )?(?:malades?|folles?|fou|fous|dingues?|"
    r"paranos?) ou quoi|"
    r"(?:votre|vos|ton|ta|tes) [a-z]+ (?:de |d')(?:debile|idiot|idiote|conne?|abrutie?|cretin|cretine|"
    r"imbecile|attardee?|merde|gogole|gamin)s?|"
    r"(?:suffi[a-z]+ d'avoir|avez-vous|as-tu|vous avez|t'as|il faut) (?:au moins )?un cerveau|(?:utilise[zs]?|"
    r"servez-vous de|sers-toi de) (?:votre|ton) cerveau|"
    r"(?:parents|gens|personnes|ceux|celles|vieux|vieilles|jeunes|eleves|dames|femmes|hommes|mediatrices|"
    r"jardiniers)[^.!?\n]{0,60} sont (?:tous |toutes |juste |vraiment |que |de vrais |de vraies )?(?:des |"
    r"de )?(?:gros |grosses |vrais )?"
    r"(?:fainea[a-z]+|feignasses?|idiots?|idiotes|imbeciles|cretins|debiles|incapables|parasites|cons|connes|"
    r"abrutis?|assistes|profiteurs|nuls|nulles|stupides|betes)|"
    r"(?:vous devriez|tu devrais) (?:vous taire|te taire|demissionner|retourner|vous cacher|te cacher)|quelle "
    r"honte|bien fait pour (?:vous|toi|votre|ta)|"
    r"on s'en (?:fiche|fout|tape) de (?:vous|vos|votre|ta|tes|ton)|(?:personne ne|qui) (?:vous|"
    r"t')\s?a (?:rien )?demande|(?:vous n'avez|tu n'as) rien a faire ici|"
    r"(?:vous parlez|tu parles) pour ne rien dire|un enfant (?:de [a-z0-9]+ ans )?(?:ferait|saurait|"
    r"comprendrait) (?:mieux|ca|cela)|"
    r"(?:vous etes|tu es|t'es) (?:completement |vraiment |totalement )?(?:malades?|folles?|fou|fous|"
    r"dingues?)(?= ?[?!])|"
    rf"(?:etre|etes|es) (?:aussi|si) {_BAD}|quelle (?:incompetence|ignorance|nullite|mediocrite)(?! de ma)|"
    r"c'est (?:vraiment |franchement |juste )?(?:lamentable|pathetique|pitoyable|minable|affligeant)|"
    r"invente (?:l'eau chaude|l'eau tiede|la poudre|le fil a couper)|"
    r"c'est (?:bien )?(?:de )?(?:votre|ta) faute|"
    r"(?:tout le monde|n'importe qui|un enfant) (?:le )?(?:sait|comprend)(?: ca| cela)?,? sauf (?:vous|toi)|"
    r"(?:fait|ferait|sait|comprend|comprendrait|saurait) (?:bien |beaucoup )?mieux que (?:vous|toi)|"
    r"(?:bete|idiote?|imbecile|stupide|conn?e?|nulle?|cretine?|debile|gourde|cruche|ane|andouille) "
    r"que (?:vous etes|tu es|t'es)|"
    r"(?:(?:le|un|votre|ton) )?(?:qi|cerveau|cervelle|intelligence) d(?:e |')(?:une? )?(?:moineau|courgette|"
    r"huitre|poule|moule|poisson|petit pois|bulot|mouche|limace|patate|endive)|"
    r"ne sa(?:vez|is) (?:meme )?(?:pas|rien)(?: faire| meme)? (?:lire|de vos dix doigts|de tes dix doigts)|"
    r"(?:arretez|arrete|cessez|cesse) (?:de (?:dire|raconter|faire|ecrire) |vos |tes |avec (?:vos|"
    r"tes) )(?:des |de )?(?:conneries|betises|n'importe quoi|aneries|idioties|foutaises|salades)|"
    r"(?:franchement|vraiment|completement|trop|assez|plutot|bien) (?:bete|nul|nulle|stupide|ridicule|idiote?|"
    r"debile|con),? (?:votre|ton|ta|vos|tes) [a-z]+|"
    r"(?:vous n'etes|vous etes|tu n'es|t'es|tu es|vous n'avez pas l'air) (?:vraiment |"
    r"franchement )?(?:pas )?(?:tres |bien |trop |vraiment |franchement |assez )?"
    r"(?<=pas )(?:tres |bien |trop |vraiment |franchement |assez )?(?:malin|maligne|malins|fute|futee|"
    r"intelligente?s?|fine?|finaude?|douee?|doues|lumiere)|"
    rf"(?:elle|il|elles|ils) (?:est|sont) (?:{_ADVERB} )?{_BAD} ou quoi|"
    r"(?:cette|votre|ta|ton|cet|la|le) (?:dame|bonne femme|femme|formatrice|mediatrice|collegue|gamine?|"
    r"personne|voisine?|vieille|vieux|fille|mamie|cliente?|"
    r"famille|bonhomme|type|monsieur|eleve) (?:est|etait|a l'air|doit etre) (?:juste |bien |quand "
    rf"meme )?(?:{_ADVERB} )?"
    r"(?:bete|nulle?|conne?|idiote?|stupide|imbecile|cretine?|debile|ridicule|incapable|incompetente?|"
    r"abrutie?|demeuree?|gogole)|"
    rf"{_BAD} de (?:votre|ton) espece|comme (?:vous|toi),? (?:trop )?(?:incapables?|bete|betes|nuls?|nulles?|"
    r"stupides?|idiots?|idiotes?|faineante?s?|incompetente?s?)|"
    r"(?:quelle|quel|mais quelle|mais quel) (?:idiote?|sotte|bete) (?:cette|ce|cet|vous|tu|votre|ta|ton)|"
    r"(?:quelle|quel|mais quelle|mais quel) (?:gourde|cruche|imbecile|cretine?|abrutie?|andouille|debile|"
    r"conne?|connard|incapable)|"
    r"(?:dois|devez) etre (?:vraiment |bien |sacrement |completement )?(?:bete|idiote?|stupide|debile|conn?e?|"
    r"nulle?)s?|"
    r"pas (?:beaucoup )?plus (?:futee?|maline?|maligne|intelligente?|douee?)s? que (?:vous|toi)|"
    rf"aussi {_BAD} qu(?:e |')(?:elles?|ils?|eux|lui|vous|toi)|"
    r"(?:a (?:votre|ton) age,? )?c'est la honte|(?:au lieu de )?me faire perdre mon temps|"
    r"meme (?:vous|toi),? (?:vous |tu )?(?:devriez|devrais|pourriez|pourrais|allez)|"
    r"laisse[zr]? [^.!?\n]{2,30} a ceux qui savent|dans les pattes|de ce niveau|"
    r"(?:fichez|foutez|lachez)(?:-moi|-nous| moi| nous) la (?:paix|grappe))(?![\w-])"
)
_SLOW = re.compile(r" (?:a comprendre|a la detente|d'esprit|pour)\b")
_NOT_SO = re.compile(
    r"(?:\bn'|\bne |\bpas |\bjamais |\bni |\brien d|\baucun|\bsans |\bloin d|\bni |\bsi |\bcroi|\bpens|\bdit "
    r"que |\bdisai|\bdisent )[^.!?]{0,18}$"
)


def insults(text: Reading) -> list[str]:
    """Return words that may hurt the person addressed; « c'est bête, j'ai perdu… » is not one of them."""
    return text.once(_insults(text))


def _insults(text: Reading) -> Iterator[tuple[int, int]]:
    for found in _YOU_ARE.finditer(text.plain):
        before = text.plain[max(found.start() - 22, 0) : found.start()]
        if found["bad"] in _MILD and "trop" not in found["much"] and not _SLOW.match(text.plain, found.end()):
            continue
        if not _NOT_SO.search(before):
            yield found.span()
    for pattern in (_CALLS, _ORDERS, _SAYS):
        for found in pattern.finditer(text.plain):
            yield found.span()
