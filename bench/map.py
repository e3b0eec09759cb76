"""How long a map takes, and how well it shows groups.

Prints one JSON line a size:

``{"bench": "map", "n", "seconds", "neighbours_same_group", "networkx_seconds", "networkx_neighbours_same_group"}``

`seconds` are the wall time of groups found, laid out and drawn to PNG, the median of three maps, after one small map
that loads what is needed. `neighbours_same_group` is the share of the 10 nearest drawn neighbours of each contact that
are in its true group. The networkx figures are of a layout alone, without groups and drawing: of spring (as it is by
default) and forceatlas2 (100 iterations), the one that shows groups better of those that ended within the limits of
time and memory, named in `networkx_layout`; null where none did. `layouts` has both, as seconds and share.
`cpu_seconds` are what the process itself worked, on a machine that does other things too (`load`).

    bench/map.py [--sizes 150,500,2000,10000] [--limit 120] [--pictures FOLDER]     (--limit 0: without networkx)
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import statistics
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

from reseau_kit.network.map import build_map, neighbours_same_group
from reseau_kit.network.picture import to_picture
from reseau_kit.network.synthetic import synthetic_contacts

LAYOUTS = ("spring", "forceatlas2")
#: What networkx may use, in bytes.
MEMORY = 8 * 2**30


def ours(people: pd.DataFrame, links: pd.DataFrame, runs: int = 3) -> tuple[float, float, float]:
    """Median seconds and CPU seconds from tables to PNG, and the share of neighbours in the same true group."""
    walls, worked = [], []
    for _ in range(runs):
        begun, busy = time.perf_counter(), time.process_time()
        drawn = build_map(people, links)
        to_picture(drawn)
        walls.append(time.perf_counter() - begun)
        worked.append(time.process_time() - busy)
    share = neighbours_same_group(drawn.people[["x", "y"]].to_numpy(), people["group"].to_numpy())
    return statistics.median(walls), statistics.median(worked), share


def _networkx(layout: str, people: pd.DataFrame, links: pd.DataFrame, answer: Connection) -> None:
    """Lay out by networkx and send seconds and share; in a process of its own, since nothing else can stop it."""
    import networkx

    if resource is not None:
        # It holds the distances of all pairs, several times: at 10,000 it would take the whole machine.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    graph = networkx.Graph()
    graph.add_nodes_from(people["id"])
    graph.add_edges_from(links[["source", "target"]].itertuples(index=False))
    begun = time.perf_counter()
    if layout == "spring":
        places = networkx.spring_layout(graph, seed=1)
    else:
        places = networkx.forceatlas2_layout(graph, max_iter=100, seed=1)
    seconds = time.perf_counter() - begun
    points = np.array([places[id] for id in people["id"]])
    answer.send((seconds, neighbours_same_group(points, people["group"].to_numpy())))


def theirs(layout: str, people: pd.DataFrame, links: pd.DataFrame, limit: float) -> tuple[float, float] | None:
    """Seconds and share of a networkx layout; None where it did not end within the limit."""
    here, there = multiprocessing.Pipe(duplex=False)
    worker = multiprocessing.Process(target=_networkx, args=(layout, people, links, there), daemon=True)
    worker.start()
    there.close()
    found = None
    # What it takes to start Python and networkx is not counted; what breaks off (of memory) leaves nothing to read.
    with contextlib.suppress(EOFError):
        found = here.recv() if here.poll(limit + 20) else None
    worker.terminate()
    worker.join()
    return None if found is None or found[0] > limit else found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="150,500,2000,10000")
    parser.add_argument("--limit", type=float, default=120, help="seconds that networkx may take")
    parser.add_argument("--pictures", type=Path, help="where to keep the maps, light and dark")
    asked = parser.parse_args()
    to_picture(build_map(*synthetic_contacts(1, 60)))
    for size in map(int, asked.sizes.split(",")):
        people, links = synthetic_contacts(1, size)
        seconds, worked, share = ours(people, links)
        ended = {layout: theirs(layout, people, links, asked.limit) if asked.limit else None for layout in LAYOUTS}
        best = max((layout for layout in LAYOUTS if ended[layout]), key=lambda one: ended[one][1], default=None)
        line = {
            "bench": "map",
            "n": size,
            "seconds": round(seconds, 2),
            "neighbours_same_group": round(share, 3),
            "networkx_seconds": best and round(ended[best][0], 2),
            "networkx_neighbours_same_group": best and round(ended[best][1], 3),
            "networkx_layout": best,
            "layouts": {layout: found and [round(found[0], 2), round(found[1], 3)] for layout, found in ended.items()},
            "cpu_seconds": round(worked, 2),
            "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        }
        print(json.dumps(line))
        sys.stdout.flush()
        if asked.pictures:
            asked.pictures.mkdir(parents=True, exist_ok=True)
            for theme in ("light", "dark"):
                (asked.pictures / f"{size}-{theme}.png").write_bytes(to_picture(build_map(people, links), theme=theme))


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
