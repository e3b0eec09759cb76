"""What comes from strangers: notebooks whose saved widgets would act, and files named like modules."""

import json
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

ACTED = "window.acted"
"""Where in a page a hostile widget leaves its trace."""

_ESM = """
(window.acted ??= []).push("module");
export default {
  initialize() { window.acted.push("initialize"); },
  render({ el }) { window.acted.push("render"); el.textContent = "atteint"; },
};
"""
_HTML = '<img src="x:" onerror="(window.acted ??= []).push(\'html\')">'


def saved_widgets() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The metadata in which JupyterLab saves widgets, here hostile ones, and outputs that would show them."""
    import anywidget
    import ipywidgets

    hostile = anywidget.AnyWidget(_esm=_ESM)
    html = ipywidgets.HTML(_HTML)
    inner = ipywidgets.VBox([ipywidgets.HTMLMath(_HTML), ipywidgets.Label(_HTML)])
    shown = [hostile, html, inner]
    state = ipywidgets.Widget.get_manager_state()
    kind = "application/vnd.jupyter.widget-view+json"
    outputs = [
        {
            "output_type": "display_data",
            "data": {"text/plain": "?", kind: {"model_id": one.model_id, "version_major": 2, "version_minor": 0}},
            "metadata": {},
        }
        for one in shown
    ]
    ipywidgets.Widget.close_all()
    return {"widgets": {"application/vnd.jupyter.widget-state+json": state}}, outputs


def hostile_notebook(path: Path, base: Path | None = None) -> Path:
    """Write a notebook with saved widgets that would act; where it has a `base`, with all that this one holds."""
    metadata, outputs = saved_widgets()
    notebook: dict[str, Any] = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    if base:
        notebook = json.loads(base.read_bytes())
    cell = {"cell_type": "code", "execution_count": 1, "id": "piege", "metadata": {}, "outputs": outputs, "source": "1"}
    # First, since JupyterLab puts into the page only what is seen.
    notebook["cells"].insert(0, cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook["metadata"] = {**notebook["metadata"], **kernel, **metadata}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def trust(path: Path, data: Path) -> None:
    """Sign a notebook, as JupyterLab does when a person saves it, for the one whose Jupyter data are in `data`."""
    import nbformat
    from nbformat.sign import NotebookNotary

    data.mkdir(parents=True, exist_ok=True)
    notary = NotebookNotary(data_dir=str(data))  # type: ignore[no-untyped-call]
    notary.sign(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
    notary.store.close()


SHADOWS = sorted(
    {name for name in (*sys.stdlib_module_names, *packages_distributions()) if name.isidentifier()}
    | {"sitecustomize", "usercustomize", "ipykernel_launcher", "jupyter_config", "jupyter_server_config"}
    | {"jupyter_lab_config", "ipython_config", "ipython_kernel_config", "reseau_kit", "nbgrader_config"}
)
"""Names of modules, and of settings that are code: a file of this name beside a notebook, or where one starts a
command, would run in the place of what is meant."""


def put_shadows(folder: Path, trace: Path, *, but: str = "") -> None:
    """Put a file of each of those names into a folder; whichever runs notes its name in `trace`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHADOWS:
        if name != but:
            path = folder / f"{name}.py"
            path.write_text(f"open({str(trace)!r}, 'a').write({name!r} + ' ')\n", encoding="utf-8")
    startup = folder / "profile_default" / "startup" / "00.py"
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(f"open({str(trace)!r}, 'a').write('startup ')\n", encoding="utf-8")
    (folder / "ombre.pth").write_text(f"import os; open({str(trace)!r}, 'a').write('pth ')\n", encoding="utf-8")


def ran(trace: Path) -> str:
    """Which of them ran."""
    return trace.read_text(encoding="utf-8") if trace.exists() else ""
