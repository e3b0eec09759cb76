"""nbgrader pour ce cours : ce fichier suffit, placé à la racine, pour toutes les commandes de nbgrader."""

from pathlib import Path
from typing import Any

from reseau_kit.grading import configure

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821  nbgrader fournit get_config

# Le nom du cours : changez-le si plusieurs promotions utilisent la même zone d’échange.
c.CourseDirectory.course_id = "reseau_kit"

# Les exercices (avec leurs corrigés) sont dans exercises/ ; release/, submitted/, autograded/, feedback/ et
# gradebook.db se créent à côté, et git ne les suit pas.
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = "exercises"

# La zone d’échange, un dossier que formateurs et apprenants voient tous, dépend de votre installation :
# c.Exchange.root = "/srv/nbgrader/exchange"

# Une pénalité de retard, des dates limites ou d’autres réglages de nbgrader s’ajoutent ici comme d’habitude.

# Les questions ouvertes sont lues par vous (« formateur »), par chaque personne elle-même (« auto », sans points), ou
# ne sont pas posées (« non ») : configure(c, texts="auto"). Le total suit. Distribuez de nouveau après un changement.

# Distribuer sans les corrigés, noter d’après les réponses enregistrées, sans exécuter de notebook.
configure(c)
