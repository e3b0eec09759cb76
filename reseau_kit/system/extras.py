"""Optional dependencies: the extra that provides a missing module, and how to install it."""

#: Extra of each optional module, as in `pyproject.toml`.
_EXTRAS = {
    "distributed": "dask",
    "filelock": "formateur",
    "icalendar": "jupyter",
    "igraph": "reseau",
    "jupyterlab": "jupyter",
    "libipld": "bluesky",
    "matplotlib": "reseau",
    "nbconvert": "formateur",
    "nbformat": "formateur",
    "nbgrader": "formateur",
    "numpy": "reseau",
    "pandas": "reseau",
    "psycopg2": "postgresql",
    "sqlalchemy": "formateur",
    "tqdm": "formateur",
    "tree_sitter": "formateur",
    "tree_sitter_toml": "formateur",
}


def to_install(extra: str) -> str:
    """Return a French phrase with the command that installs an extra, the same in every shell."""
    return f'dans le dossier du cours, exécutez : pip install ".[{extra}]"'


def missing(error: ModuleNotFoundError) -> str | None:
    """Return a French sentence on a missing module and how to install it; None if no extra provides it."""
    name = (error.name or "").partition(".")[0]
    if name not in _EXTRAS:
        return None
    return f"Il manque « {name} », une partie facultative du cours ; {to_install(_EXTRAS[name])}"
