"""Optional dependencies: the extra that brings a missing module, and how to install it."""

#: The extra of each module that not everybody needs, as `pyproject.toml` names it.
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
    """« installez-le… »: the command, the same in every shell."""
    return f'dans le dossier du cours, exécutez : pip install ".[{extra}]"'


def missing(error: ModuleNotFoundError) -> str | None:
    """A French sentence on what is missing and how to install it; None where the module is none of ours to bring."""
    name = (error.name or "").partition(".")[0]
    if name not in _EXTRAS:
        return None
    return f"Il manque « {name} », une partie facultative du cours ; {to_install(_EXTRAS[name])}"
