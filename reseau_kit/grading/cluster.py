"""Connects to Dask: takes a scheduler's address, returns an executor, within a timeout."""

import re
from collections.abc import Iterator
from concurrent.futures import (
    Executor,
)
from contextlib import contextmanager
from typing import Any

from reseau_kit.grading.course import CannotUse
from reseau_kit.system.extras import to_install

#: Timeout for the Dask scheduler.
CONNECTING = "10s"

#: Schemes of addresses that Dask accepts; it would retry any other endlessly.
_SCHEDULER = re.compile(r"(?:(?:tcp|tls)://)?(?:\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+):(?P<port>[0-9]{1,5})/?")


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Connect to a Dask scheduler; yield its executor and the number of tasks that its workers run at once.

    Raises:
        CannotUse: Dask is not installed, the scheduler does not answer, or it has no workers.
    """
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise CannotUse(f"--scheduler demande le module « {error.name} » de Python ; {to_install('dask')}") from error
    if not (given := _SCHEDULER.fullmatch(address)) or not 0 < int(given["port"]) < 65536:
        example = "il en faut une comme tcp://machine:8786"
        raise CannotUse(f"--scheduler : ce qui suit n’est pas l’adresse d’un ordonnanceur Dask ; {example}")
    try:
        # `Client` through `vars`: it is typed, but not for these arguments.
        client: Any = vars(distributed)["Client"](address, timeout=CONNECTING, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise CannotUse(f"{address} : aucun ordonnanceur Dask ne répond à cette adresse.") from error
    with client:
        tasks = sum(client.nthreads().values())
        if not tasks:
            advice = f"lancez-en, par exemple : dask worker {address}"
            raise CannotUse(f"{address} : cet ordonnanceur n’a aucun processus de calcul ; {advice}")
        # pure=False: a task that is submitted again must run again, since tasks write files.
        yield client.get_executor(pure=False), tasks
