"""Names and sentences of the small world's people. Data only; everything is invented."""

from dataclasses import dataclass

FIRST_NAMES = (
    "Abel Adama Adèle Agathe Aïcha Alban Aminata Anaïs Anouk Armel Aurèle Awa Basile Bénédicte Bintou Capucine "
    "Célestin Chérif Clémence Colombe Côme Cyprien Dalila Désiré Doriane Édith Élio Éloïse Émile Esma Fanta Félicie "
    "Firmin Flavie Gaspard Ghislaine Hakim Honorine Idris Inaya Isidore Jacinthe Joséphine Kadiatou Kenza Khadija "
    "Ladislas Laurette Léonie Linh Lubin Maëlle Malik Manon Marguerite Mathurin Mireille Moussa Nadège Naïm Ninon "
    "Noor Octave Odette Ondine Oumar Ousmane Perrine Philomène Quentin Rachida Rémi Rosalie Salimata Samba Séraphin "
    "Sidonie Solène Souleymane Suzon Tancrède Théa Thibault Tilda Ulysse Valentine Victoire Yasmine Yolaine Youssef "
    "Zacharie Zélie Zoé"
).split()

#: Invented names, so that no real person is named by chance.
LAST_NAMES = (
    "Aubépin Barbevigne Beaurivoir Belécluse Boisjolivet Bonnecarde Bourdelune Brisenoix Brumeval Cantelaure "
    "Chantebise Chardenoire Clairpépin Clochepierre Cordelune Courtefontaine Dorévent Durepaille Écorcelle Épinoire "
    "Fermelune Feuillargent Fleuridort Forgemouette Francheroche Gaivallon Garancelle Grandruisseau Grisemouche "
    "Hautepaille Herbelune Jolimarais Lancepluie Largevigne Longuemousse Luisebois Malebruyère Marchenoix "
    "Mirepoisse Montjoyeau Neigerose Noirepoire Orgelune Ormessac Passerivoire Perdrivelle Piedmousse Plantebrume "
    "Poirelongue Pontlivert Quatreruisseaux Ravelune Rochepluie Roncevigne Sautegrenouille Semelaine Sourcebelle "
    "Tirevent Tournemousse Trouvefleur Valbruissant Ventrillon Vertecolline Vignemaure Voletambour"
).split()

CITIES = (
    "Liège Québec Dakar Nantes Genève Tunis Namur Brest Montréal Kinshasa Lausanne Grenoble Rabat Charleroi Bamako "
    "Rimouski Cotonou Toulouse Fribourg Moncton Lomé Rennes Luxembourg Sherbrooke Constantine Nouméa Conakry "
    "Strasbourg"
).split()

#: Tells apart two collectives of one name in one place.
QUARTERS = ("du Port", "des Ormes", "de la Gare", "du Moulin", "des Remparts", "du Canal")


@dataclass(frozen=True)
class Subject:
    """A subject of the small world: how it is named, who speaks of it, and what they say."""

    label: str
    article: str
    collectives: tuple[str, ...]
    bios: tuple[str, ...]
    hashtags: tuple[str, ...]
    posts: dict[str, tuple[str, ...]]


SUBJECTS = {
    "mediation": Subject(
        "médiation numérique",
        "la médiation numérique",
        ("Le Comptoir numérique", "Clics et Papiers"),
        (
            "Médiation numérique à {lieu} : je raconte mes ateliers et mes ratés.",
            "J’aide à faire ses papiers en ligne, un café à la main.",
            "Inclusion numérique, au rythme de chacun.",
            "J’anime des ateliers numériques à {lieu} ; j’apprends autant que j’explique.",
        ),
        ("#médiationnumérique", "#inclusion", "#atelier"),
        {
            "recit": (
                "Atelier numérique ce matin à {lieu} : six débutants, une souris récalcitrante, beaucoup de rires.",
                "Une dame a envoyé seule sa première pièce jointe. Elle a applaudi, nous aussi.",
                "J’ai remplacé mon diaporama par des fiches en gros caractères : l’inclusion commence là.",
                "Trois personnes sont reparties de l’atelier avec leur dossier envoyé.",
                "Le mot « onglet » mérite un quart d’heure. Je l’ai compris aujourd’hui.",
            ),
            "question": (
                "Comment expliquez-vous ce qu’est un mot de passe solide à des débutants ?",
                "Qui connaît une fiche simple sur les démarches en ligne ?",
                "Vos ateliers durent-ils une heure ou deux ?",
            ),
            "annonce": (
                "Inscrivez-vous à ma formation numérique, places à prix promo jusqu’à minuit !",
                "Découvrez mon guide complet du numérique, en vente maintenant.",
                "Promo : tout le numérique en deux heures, lien dans mon profil.",
            ),
        },
    ),
    "jardin": Subject(
        "jardins partagés",
        "les jardins partagés",
        ("Les Semis communs", "Le Jardin d’à côté"),
        (
            "Jardin partagé de {lieu}, côté compost.",
            "Je sème, je note ce qui rate, je partage les graines.",
            "Jardiner le dimanche, tisser le quartier le reste du temps.",
            "Un balcon, trois bacs, beaucoup de limaces.",
        ),
        ("#jardinpartagé", "#semences", "#compost"),
        {
            "recit": (
                "Trois familles du quartier ont semé les premières fèves au jardin commun.",
                "Le compost du jardin a enfin chauffé : cinquante degrés ce matin à {lieu}.",
                "On a échangé des graines sur le trottoir, et deux voisins se sont parlé pour la première fois.",
                "Mes tomates ont le mildiou. Je note la date pour l’an prochain.",
                "Le jardin partagé a pris vie sur un ancien parking.",
            ),
            "question": (
                "Que semez-vous à l’ombre dans un jardin de ville ?",
                "Qui garde l’eau de pluie, et dans quoi ?",
                "Comment partagez-vous la clé du jardin entre voisins ?",
            ),
            "annonce": (
                "Nos bacs de jardin en promo cette semaine, livraison offerte !",
                "Découvrez ma boutique de semences, tout à prix doux.",
                "Vente flash : le kit jardin complet, lien dans mon profil.",
            ),
        },
    ),
    "abeilles": Subject(
        "apiculture",
        "l’apiculture",
        ("Le Rucher des Ormes", "L’Essaim libre"),
        (
            "Deux ruches à {lieu}, et beaucoup de questions.",
            "J’apprends l’apiculture. Je montre aussi mes erreurs.",
            "Abeilles, haies et patience.",
            "Rucher école de {lieu} : on ouvre, on regarde, on referme.",
        ),
        ("#apiculture", "#ruche", "#abeilles"),
        {
            "recit": (
                "Je débute et j’ai ouvert ma ruche hier : calme, couvain serré, et moi qui tremblais.",
                "Première récolte à {lieu} : quatre pots de miel, et une piqûre au genou.",
                "La reine est marquée de vert. Il m’a fallu vingt minutes pour la trouver.",
                "Un essaim s’est posé sur le vélo du facteur. Il a attendu, bon joueur.",
                "J’ai nourri trop tard cet automne. Je l’écris pour ne pas recommencer.",
            ),
            "question": (
                "Ma ruche fait la barbe devant l’entrée : est-ce la chaleur ?",
                "Quand posez-vous la première hausse à {lieu} ?",
                "Quel livre conseillez-vous à qui débute avec deux ruches ?",
            ),
            "annonce": (
                "Kit débutant complet : ruche, voile, enfumoir. Promo d’ouverture !",
                "Notre miel est en vente en ligne, lien dans mon profil.",
                "Découvrez ma formation d’apiculture en trois vidéos.",
            ),
        },
    ),
    "reparation": Subject(
        "réparation",
        "la réparation",
        ("Vis et Tournevis", "L’Atelier des objets"),
        (
            "Je répare des grille-pain à {lieu} le samedi.",
            "Un objet réparé, une histoire racontée.",
            "Bénévole d’un café réparation ; je note les pannes.",
            "L’électronique toute une vie, un tournevis toujours en poche.",
        ),
        ("#réparation", "#caféréparation", "#panne"),
        {
            "recit": (
                "Café réparation de {lieu} : onze objets sauvés, deux perdus, un gâteau partagé.",
                "C’était un faux contact. Quarante ans de bons services, et une soudure de plus.",
                "Le moulin à café de sa grand-mère tourne de nouveau. Elle a pleuré un peu.",
                "J’ai cassé le capot en l’ouvrant. Prochaine fois : chauffer le plastique.",
                "Une panne sur trois vient du cordon. Je les compte depuis un an.",
            ),
            "question": (
                "Où trouvez-vous des pièces pour les vieilles machines à coudre ?",
                "Qui a le schéma d’un radio-réveil des années 1980 ?",
                "Faut-il un bulletin d’adhésion pour réparer en public ?",
            ),
            "annonce": (
                "Réparation express, moins 20 % aujourd’hui seulement !",
                "Découvrez ma boutique de pièces détachées, lien dans mon profil.",
                "Promo sur les trousses à outils, stock limité.",
            ),
        },
    ),
    "photo": Subject(
        "photographie argentique",
        "la photographie argentique",
        ("La Chambre claire-obscure", "Le Club du Grain"),
        (
            "Je développe dans ma salle de bain à {lieu}.",
            "Argentique, surtout les images ratées.",
            "Photographie lente : une pellicule par mois.",
            "Portraits de voisins, au 50 mm.",
        ),
        ("#argentique", "#tirage", "#pellicule"),
        {
            "recit": (
                "Premier tirage du portrait de ma voisine : trop sombre, et c’est lui qu’elle a choisi.",
                "Pellicule oubliée dix ans dans un tiroir de {lieu}. Il restait quatre images.",
                "J’ai inversé le révélateur et le fixateur. Voilà, c’est dit.",
                "Une promenade, trente-six vues, deux que je garde.",
                "Le club a prêté son agrandisseur à une débutante. Elle revient samedi.",
            ),
            "question": (
                "Quelle pellicule pour débuter en intérieur ?",
                "Comment séchez-vous vos tirages sans qu’ils gondolent ?",
                "Demandez-vous l’accord des personnes avant ou après la photo ?",
            ),
            "annonce": (
                "Mes préréglages « effet argentique » sont en promo, lien dans mon profil !",
                "Découvrez mes tirages en vente, série limitée.",
                "Stage photo : dernières places à prix réduit.",
            ),
        },
    ),
    "lecture": Subject(
        "bibliothèques",
        "la lecture",
        ("La Boîte à livres", "Les Amis du rayon"),
        (
            "Bibliothécaire à {lieu}. Je prête, j’écoute, je range.",
            "Je lis à voix haute aux enfants du quartier.",
            "Romans courts, étiquettes de confiture : je lis tout.",
            "Bénévole d’une boîte à livres, toutes saisons.",
        ),
        ("#bibliothèque", "#lecture", "#bibliothécaires"),
        {
            "recit": (
                "Un lecteur a rendu un livre avec onze ans de retard, et un bouquet.",
                "Lecture à voix haute à {lieu} : la plus jeune a corrigé mon loup.",
                "On a supprimé les amendes. Les livres reviennent, les gens aussi.",
                "J’ai lu en une nuit le roman que l’on m’avait conseillé ici. Merci.",
                "La boîte à livres a débordé ; les voisins ont apporté une seconde étagère.",
            ),
            "question": (
                "Quel livre offrez-vous à qui ne lit jamais ?",
                "Comment choisissez-vous les livres que vous retirez du rayon ?",
                "Qui a essayé les lectures du soir à {lieu} ?",
            ),
            "annonce": (
                "Mon roman est en vente partout, lien dans mon profil !",
                "Découvrez mon club de lecture payant, première semaine à moitié prix.",
                "Promo : dix livres pour le prix de neuf, jusqu’à dimanche.",
            ),
        },
    ),
    "couture": Subject(
        "couture",
        "la couture",
        ("Fil et Dé", "La Bobine commune"),
        (
            "Je couds, je découds, je recommence. À {lieu}.",
            "Reprises visibles et patrons libres.",
            "Ourlets, reprises et conversation, dans le quartier.",
            "J’apprends la machine : deux jupes, un rideau.",
        ),
        ("#couture", "#reprise", "#patron"),
        {
            "recit": (
                "Ma première fermeture à glissière tient. Ne tirez pas trop fort.",
                "Atelier couture de {lieu} : quatre ourlets, une reprise visible, du thé.",
                "J’ai cousu la poche à l’envers, et le client l’a gardée.",
                "Un drap, deux chemises, aucune chute perdue.",
                "Elle a repris le manteau de son père. On a attendu en silence qu’elle l’enfile.",
            ),
            "question": (
                "Quelle aiguille pour un jean épais ?",
                "Où trouvez-vous des patrons libres en grande taille ?",
                "Comment reprenez-vous un coude sans que cela tire ?",
            ),
            "annonce": (
                "Ma boutique de tissus ouvre : moins 30 % aujourd’hui !",
                "Découvrez mon cours de couture en vidéo, lien dans mon profil.",
                "Vente de machines révisées, stock limité.",
            ),
        },
    ),
    "velo": Subject(
        "vélo",
        "le vélo",
        ("Roue libre", "Les Rayons solidaires"),
        (
            "Je vais au travail à vélo à {lieu}, pluie comprise.",
            "Mécanique bénévole : chambres à air et bonne humeur.",
            "Deux enfants, un vélo cargo, zéro regret.",
            "Je compte les arceaux qui manquent en ville.",
        ),
        ("#vélo", "#véloécole", "#mobilité"),
        {
            "recit": (
                "Trois adultes ont roulé seuls pour la première fois à la vélo-école de {lieu}.",
                "Crevaison, pluie, et quelqu’un qui s’arrête. Merci à l’inconnue au casque jaune.",
                "J’ai changé mon câble de frein moi-même. Relisez trois fois le sens du serrage.",
                "Comptage ce matin : deux cents vélos en une heure sur le pont.",
                "L’atelier a remonté douze vélos pour les étudiants du quartier.",
            ),
            "question": (
                "Quel antivol gardez-vous depuis plus de cinq ans ?",
                "Comment transportez-vous un enfant de trois ans sous la pluie ?",
                "Qui organise une vélo-école à {lieu} ?",
            ),
            "annonce": (
                "Antivols en promo tout le week-end, lien dans mon profil !",
                "Découvrez notre gamme de vélos, essai gratuit, vente immédiate.",
                "Révision complète à prix cassé, réservez vite.",
            ),
        },
    ),
    "cuisine": Subject(
        "cuisine de saison",
        "la cuisine de saison",
        ("La Marmite ouverte", "Bocaux et Compagnie"),
        (
            "Je cuisine ce que le marché de {lieu} a en trop.",
            "Fermentation, essais et bocaux qui débordent.",
            "Cantine associative, deux cents repas, un seul four.",
            "Recettes de ma tante, notées enfin.",
        ),
        ("#cuisine", "#saison", "#fermentation"),
        {
            "recit": (
                "Soixante repas avec les invendus du marché de {lieu}. Il restait une courge.",
                "Mon bocal de carottes a débordé sur les factures. Elles sentent bon.",
                "La recette de ma tante disait « un peu ». J’ai pesé : quarante grammes.",
                "J’ai raté le pain trois fois. Le four ment de vingt degrés.",
                "Atelier cuisine avec les voisins : sept langues, une soupe.",
            ),
            "question": (
                "Que faites-vous des fanes de radis ?",
                "Combien de jours laissez-vous fermenter le chou ?",
                "Qui cuisine pour plus de cent personnes, et avec quel matériel ?",
            ),
            "annonce": (
                "Mes coffrets de bocaux sont en promo, lien dans mon profil !",
                "Découvrez mon livre de recettes, vente en ligne ouverte.",
                "Dernières places pour mon cours de cuisine, moins 20 %.",
            ),
        },
    ),
    "libre": Subject(
        "logiciels libres",
        "les logiciels libres",
        ("Le Manchot voisin", "L’Atelier du code ouvert"),
        (
            "J’installe des logiciels libres à {lieu}, gratuitement.",
            "Je traduis des manuels ; les pluriels me résistent.",
            "Je documente ce que je comprends, et ce que je ne comprends pas.",
            "Vieux ordinateurs, seconde vie.",
        ),
        ("#logiciellibre", "#installation", "#traduction"),
        {
            "recit": (
                "Fête d’installation à {lieu} : neuf ordinateurs sauvés de la benne.",
                "J’ai traduit quarante messages d’erreur. Aucun ne dit plus « échec fatal ».",
                "Un correctif de trois lignes, deux ans d’attente, beaucoup de joie.",
                "Mon voisin écrit ses courriels sous un système libre depuis ce matin.",
                "La documentation avait tort. Je l’ai corrigée, ils ont dit merci.",
            ),
            "question": (
                "Quel logiciel libre pour une petite association qui débute ?",
                "Comment expliquez-vous une licence en deux phrases ?",
                "Qui relit une traduction de manuel cette semaine ?",
            ),
            "annonce": (
                "Découvrez mon hébergement, premier mois à moitié prix, lien dans mon profil !",
                "Ma formation au code est en promo jusqu’à minuit.",
                "Vente d’ordinateurs remis à neuf, stock limité.",
            ),
        },
    ),
}

#: Replies to a post: some open a conversation, some close it.
REPLIES = (
    "Merci pour ce récit. Qu’est-ce qui a été le plus difficile ?",
    "J’ai eu la même surprise l’an dernier ! Comment avez-vous fait ensuite ?",
    "Merci !",
    "Bravo !",
    "Chez nous, cela a pris trois mois. Et chez vous ?",
    "Je garde l’idée, en vous nommant si je la reprends.",
    "Est-ce ouvert à qui débute ?",
    "Je ne suis pas d’accord sur un point : le temps. Il en faut bien plus, non ?",
    "Génial.",
    "Pourriez-vous dire avec quel matériel ?",
    "Cela me rappelle une voisine. Puis-je lui envoyer votre message ?",
    "Intéressant. D’où tenez-vous cela ?",
)

#: The author's answers to a reply.
ANSWERS = (
    "Bonne question : le plus long a été de s’y mettre. Et vous, où en êtes-vous ?",
    "Merci d’avoir lu jusqu’au bout ! Oui, c’est ouvert à tout le monde.",
    "Vous avez raison sur ce point, je corrige.",
    "Avec ce que j’avais sous la main. Je vous raconte la suite jeudi.",
    "Je l’ai appris d’une collègue, je lui transmets.",
    "Pas encore, mais j’essaie samedi. Vous me direz ce que vous en pensez ?",
)
