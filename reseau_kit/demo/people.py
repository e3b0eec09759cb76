"""The invented learners of a sample course: their kinds, their names, and who stays until which step.

None of them exists. A learner is drawn from the seed and their own number alone.

The kinds, and how many of twenty learners each is; these shares, and how many go on from step to step, are assumptions
that no survey backs:

====================  ==  =============================================================================================
perfect                2  right at the first attempt, everywhere, in every step
diligent               6  most things right, some at the second or third attempt
careless               4  a slip in most things
late                   2  diligent, hours or days after the due date
twice                  2  hands in half of it, and all of it a day later, some of them late (`resubmit`)
incomplete             1  leaves questions out, and writes little
broken                 2  diligent, and the files were damaged on the way: see `DAMAGES`, another in each step
drafts                 1  types everything and validates nothing
====================  ==  =============================================================================================
"""

import json
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from reseau_kit.demo.papers import Paper

PERFECT, DILIGENT, CARELESS, LATE = "perfect", "diligent", "careless", "late"

TWICE, INCOMPLETE, BROKEN, DRAFTS = "twice", "incomplete", "broken", "drafts"

#: The kinds of twenty learners, over and over: the first eight are one of each.
KINDS = (
    *(PERFECT, DILIGENT, CARELESS, LATE, TWICE, INCOMPLETE, BROKEN, DRAFTS, DILIGENT, CARELESS),
    *(DILIGENT, LATE, PERFECT, DILIGENT, CARELESS, TWICE, BROKEN, DILIGENT, CARELESS, DILIGENT),
)

#: Of these nothing can be graded.
REFUSED = frozenset({"empty", "unreadable"})

#: The share of learners who are still there at the first step, the second… (an assumption); perfect ones all stay.
STAYING = (1.0, 0.9, 0.82, 0.76, 0.72)


@dataclass(frozen=True, slots=True)
class Learner:
    """An invented person. `number` counts from 1; `stays` (0–1) says until which step they stay."""

    number: int
    kind: str
    first_name: str
    last_name: str
    case: str
    project: str
    stays: float

    @property
    def id(self) -> str:
        """The name of their folder under `submitted/`."""
        return f"apprenant-{self.number:06}"

    @property
    def email(self) -> str:
        """An address in a domain that is reserved for examples (RFC 2606)."""
        return f"{self.id}@example.org"


# --- people -----------------------------------------------------------------------------------------------------------

_FIRST_NAMES = (
    "Aïcha Anaïs Béatrice Björn Chloé Cédric Dorothée Éloïse Éric Fatoumata François Gaëlle Gérard Hélène Hervé Inès "
    "Jérôme José Katell Loïc Łucja Maëlle Mamadou Maud Noé Noémie Océane Oumar Pénélope Raphaël Rémi Renée Salomé "
    "Siméon Solène Thaïs Théo Ursule Valérie Xavier Yaël Zoé"
).split()

#: Plants and birds, so that no name is a real person's.
_LAST_NAMES = (
    "Aubépine|de Bruyère|Chèvrefeuille|Coquelicot|L’Églantier|Épinette|Fougère|Genévrier|Hêtre-Pourpre|Joubarbe|"
    "Mélèze|Mésange|Myrtille|Noisetier|D’Orme|Pâquerette|Pivoine|Primevère|Réséda|Roitelet|Sarrasin|Séneçon|"
    "Sittelle|Sureau|Tilleul|Troglodyte|Véronique-Tournesol|Violette"
).split("|")


def learner(seed: int, number: int) -> Learner:
    """The learner of that number (from 1)."""
    rng = random.Random(f"{seed} {number}")
    return Learner(
        number=number,
        kind=KINDS[(number - 1) % len(KINDS)],
        first_name=rng.choice(_FIRST_NAMES),
        last_name=rng.choice(_LAST_NAMES),
        case=rng.choice(("nadia", "marcel", "pousses")),
        project=rng.choice(tuple(written_sentences()["projets"])),
        stays=rng.random(),
    )


def takes_part(who: Learner, paper: Paper) -> bool:
    """Whether that learner is still there at that step."""
    return who.kind == PERFECT or who.stays < STAYING[min(paper.place, len(STAYING) - 1)]


@lru_cache(maxsize=1)
def written_sentences() -> dict[str, Any]:
    """Texts that invented people write."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("demo-reponses.json").read_text(encoding="utf-8"))
    return found
