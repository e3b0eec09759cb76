"""Grades submissions, through nbgrader's own commands or in volume. `nbgrader_config.py` calls `configure`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reseau_kit.grading.nbgrader_steps import configure

__all__ = ["configure"]


def __getattr__(name: str) -> Any:
    # Imported on first use: workers import modules of this wing and, without nbgrader, start in tenths of a second.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reseau_kit.grading import nbgrader_steps

    return getattr(nbgrader_steps, name)
