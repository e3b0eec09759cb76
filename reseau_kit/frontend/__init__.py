"""The front end: scripts and styles that the wings hand to a page, joined in the order in which they load."""

from pathlib import Path

_HERE = Path(__file__).parent


def together(*names: str) -> str:
    """The text of several files of this folder as one: a page gets a single module, and nothing has to be built."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)
