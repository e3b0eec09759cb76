"""The front end: the scripts and styles of each kind of page.

The scripts are modules, which a page gets joined as one: a front end takes a single text, and nothing has to be built.
"""

import re
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent

#: The scripts of each kind of page, each after those that it imports from. The last one draws the page.
SCRIPTS = {
    "notice": ("elements.js", "frame.js", "pages.js"),
    "answers": ("elements.js", "frame.js", "store.js", "document.js", "own_answers.js"),
    "activity": (
        "elements.js",
        "frame.js",
        "store.js",
        "document.js",
        "words.js",
        "writing.js",
        "controls.js",
        "activity.js",
    ),
    "explorer": ("elements.js", "frame.js", "explorer.js"),
    "map": (
        "vendor/sigma.js",
        "elements.js",
        "frame.js",
        "map_words.js",
        "map_contacts.js",
        "map_programs.js",
        "map_stage.js",
        "map_table.js",
        "map_files.js",
        "map.js",
    ),
}

#: The styles of each kind of page, each after those that it adds to.
STYLES = {
    "notice": ("widget.css",),
    "answers": ("widget.css",),
    "activity": ("widget.css",),
    "explorer": ("widget.css", "explorer.css"),
    "map": ("widget.css", "map.css"),
}

# Imports and exports only bind separate modules: in the joined text all names are there.
_BINDING = re.compile(r'^import [^;"]*"[^"]*";\n|^export (?!default)', re.MULTILINE)

# Comments that have their own lines: they stay here, since every panel of a notebook carries its module.
_COMMENT = re.compile(r"^ *(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/)\n", re.MULTILINE | re.DOTALL)


@cache
def script(page: str) -> str:
    """The text of the module that draws that kind of page."""
    return "\n".join(map(_part, SCRIPTS[page]))


@cache
def style(page: str) -> str:
    """The text of that kind of page's style sheet."""
    return "\n".join(_read(name) for name in STYLES[page])


def _part(name: str) -> str:
    """A script as a part of a joined module; what is not ours stays as it is, with its licences."""
    text = _read(name)
    return text if name.startswith("vendor/") else _BINDING.sub("", _COMMENT.sub("", text))


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
