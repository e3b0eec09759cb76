"""What the front end's pages load: what each script needs, before it, and nothing else."""

import re
from pathlib import Path

import pytest

from reseau_kit import frontend
from reseau_kit.frontend import SCRIPTS, STYLES, script, style

FOLDER = Path(frontend.__file__).parent
PAGES = pytest.mark.parametrize("page", SCRIPTS)

IMPORT = re.compile(r'^import \{ ([^}]*) \} from "\./([^"]*)";$', re.MULTILINE)
TOP = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let|var) (?:(\w+)|\{ ([^}]*) \})", re.MULTILINE)


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def names(source: str) -> list[str]:
    """What a script defines for all of itself, and for others once they are joined."""
    return [name for one, several in TOP.findall(source) for name in (one or several).split(", ")]


@PAGES
def test_a_script_takes_from_scripts_before_it_only(page: str) -> None:
    """Hence no circle. Whether it takes all that it uses, and whether that is there, `deno check` tells."""
    for place, name in enumerate(SCRIPTS[page]):
        for _, source in IMPORT.findall(text(name)):
            assert source in SCRIPTS[page][:place], f"{name} needs {source}"


@PAGES
def test_a_page_carries_nothing_that_it_does_not_use(page: str) -> None:
    *needed, _ = SCRIPTS[page]
    used = {source for name in SCRIPTS[page] for _, source in IMPORT.findall(text(name))}

    assert set(needed) - {"vendor/sigma.js"} == used


@PAGES
def test_the_scripts_of_a_page_make_one_module(page: str) -> None:
    """Nothing in it asks for a file; no name is taken twice; the last script alone draws; comments stay at home."""
    module = script(page).removeprefix(text("vendor/sigma.js"))

    assert not re.search(r"^(?:import|export (?!default))|^ *//|@import|@param", module, re.MULTILINE)
    assert len(re.findall(r"^export default ", module, re.MULTILINE)) == 1
    assert "export default " in text(SCRIPTS[page][-1])
    defined = [name for file in SCRIPTS[page] if not file.startswith("vendor/") for name in names(text(file))]
    assert len(defined) == len(set(defined))


def test_every_script_and_style_is_some_page_s() -> None:
    """`host.js` holds types only."""
    scripts = {name for page in SCRIPTS.values() for name in page}
    styles = {name for page in STYLES.values() for name in page}

    assert {path.name for path in FOLDER.glob("*.js")} == scripts - {"vendor/sigma.js"} | {"host.js"}
    assert {path.name for path in FOLDER.glob("*.css")} == styles
    assert SCRIPTS.keys() == STYLES.keys()
    assert all(style(page) for page in STYLES)
    assert not names(text("host.js"))
