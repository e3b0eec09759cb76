"""Build one's presence on social networks: a French-language course, and the toolkit that makes it work.

A learner imports six names from here; they load when they are first used, so that nothing else pays for them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reseau_kit.widgets import activite, effacer_mes_reponses, emporter, mes_reponses, repondre, reprendre

__version__ = "0.1.0"

__all__ = ["activite", "effacer_mes_reponses", "emporter", "mes_reponses", "repondre", "reprendre"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reseau_kit import widgets

    return getattr(widgets, name)
