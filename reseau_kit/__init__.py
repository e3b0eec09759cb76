"""Build one's presence on social networks: a French-language course, and the toolkit that makes it work.

A learner imports a few names from here; they load when they are first used, so that nothing else pays for them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reseau_kit.explore.own_export import mon_reseau
    from reseau_kit.explore.own_network import carte, indicateurs
    from reseau_kit.explore.real_map import vraie_carte
    from reseau_kit.explore.small_world import petit_monde
    from reseau_kit.learner.activity import activite, repondre
    from reseau_kit.learner.logbook_pages import attestation, carnet, ma_charte
    from reseau_kit.learner.own_answers import effacer_mes_reponses, emporter, mes_reponses, reprendre

__version__ = "0.1.0"

_HOME = {
    "attestation": "learner.logbook_pages",
    "carnet": "learner.logbook_pages",
    "carte": "explore.own_network",
    "effacer_mes_reponses": "learner.own_answers",
    "emporter": "learner.own_answers",
    "indicateurs": "explore.own_network",
    "ma_charte": "learner.logbook_pages",
    "mes_reponses": "learner.own_answers",
    "mon_reseau": "explore.own_export",
    "petit_monde": "explore.small_world",
    "reprendre": "learner.own_answers",
    "vraie_carte": "explore.real_map",
}

__all__ = [
    "activite",
    "attestation",
    "carnet",
    "carte",
    "effacer_mes_reponses",
    "emporter",
    "indicateurs",
    "ma_charte",
    "mes_reponses",
    "mon_reseau",
    "petit_monde",
    "repondre",
    "reprendre",
    "vraie_carte",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'learner.activity')}"), name)
