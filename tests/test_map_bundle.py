"""The bundle that draws the interactive map: what it is made of, under which licences, and that it asks for nothing."""

import hashlib
import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

from traitlets.config import Config

from reseau_kit.answers.folder import GROUP_NAMES_FILE
from reseau_kit.explore.map_panel import MapPanel
from reseau_kit.frontend import SCRIPTS, STYLES
from reseau_kit.grading import configure

ROOT = Path(__file__).parents[1]
VENDOR = ROOT / "reseau_kit" / "frontend" / "vendor"

#: Whatever a page could ask something of a network with; a link that one clicks is none of it.
ASKING = (
    r"\bfetch\s*\(|XMLHttpRequest|WebSocket|EventSource|WebTransport|RTCPeerConnection|sendBeacon|importScripts"
    r"|(?<![.}])\bimport\s*\((?!\w+\)\{)|\bnew Worker\b|serviceWorker|@import|url\(\s*['\"]?(?!#)"
)


def test_the_bundle_is_the_one_that_was_built() -> None:
    """Its digest stands in the page about it, beside the versions that it was built of."""
    readme = (VENDOR / "README.md").read_text(encoding="utf-8")

    assert hashlib.sha256((VENDOR / "sigma.js").read_bytes()).hexdigest() in readme
    package = json.loads((VENDOR / "package.json").read_text(encoding="utf-8"))
    for name, version in package["dependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), "an exact version, so that the same is built again"
        assert re.search(rf"^\| \[{re.escape(name)}\]\(.*\) \| {re.escape(version)} \|", readme, re.MULTILINE), name
    assert f"esbuild {package['devDependencies']['esbuild']}" in readme


def test_every_package_in_the_bundle_has_its_licence_beside_it() -> None:
    licences = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")

    for name, version in json.loads((VENDOR / "package.json").read_text(encoding="utf-8"))["dependencies"].items():
        own = licences.split(f"{name} {version}\n", 1)[1][:1500]
        assert re.search(r"Copyright .*\d{4}|MIT License", own), name
        assert "Permission is hereby granted, free of charge" in " ".join(own.split()), name


def test_the_map_asks_nothing_of_any_network() -> None:
    """There is nothing in its module or its style that could; in Chromium another test watches what is asked."""
    for text in (MapPanel._esm, MapPanel._css):
        assert not re.findall(ASKING, text)
    asking = "await import(x); fetch ('/x'); @import 'y'; url(https://z)"
    assert len(re.findall(ASKING, asking)) == 4, "it would be found"
    assert not re.findall(r"https?://(?!www\.w3\.org/)\S+", MapPanel._esm + MapPanel._css)


def test_all_that_the_map_is_made_of_is_in_the_package() -> None:
    """The wheel holds what git has below `reseau_kit`."""
    listed = subprocess.run(["git", "ls-files", "reseau_kit"], cwd=ROOT, capture_output=True, text=True, check=True)

    for name in (*SCRIPTS["map"], *STYLES["map"], "vendor/LICENSES.txt"):
        assert f"reseau_kit/frontend/{name}" in listed.stdout.split("\n")


def test_names_of_groups_are_not_handed_in() -> None:
    """Wherever somebody put the file, nbgrader leaves it where it is."""
    config = Config()
    configure(config)

    assert any(fnmatch(GROUP_NAMES_FILE, pattern) for pattern in config.CourseDirectory.ignore)
