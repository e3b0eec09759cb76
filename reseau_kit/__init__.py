"""Build one's presence on social networks: a French-language course, and the toolkit that makes it work.

A learner imports a few names from here; they load when they are first used, so that nothing else pays for them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reseau_kit.logbook_widgets import attestation, carnet, ma_charte
    from reseau_kit.network_widgets import carte, indicateurs
    from reseau_kit.widgets import activite, effacer_mes_reponses, emporter, mes_reponses, repondre, reprendre
    from reseau_kit.world_widgets import mon_reseau, petit_monde, vraie_carte

__version__ = "0.1.0"

_HOME = {
    "attestation": "logbook_widgets",
    "carnet": "logbook_widgets",
    "carte": "network_widgets",
    "indicateurs": "network_widgets",
    "ma_charte": "logbook_widgets",
    "mon_reseau": "world_widgets",
    "petit_monde": "world_widgets",
    "vraie_carte": "world_widgets",
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

    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'widgets')}"), name)
