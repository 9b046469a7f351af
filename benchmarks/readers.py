"""Readers of users' lists while runs are published and rolled back: what does each of them see?

    python -m benchmarks.readers --users 2000 --seconds 300
    python -m benchmarks.readers --users 30000 --places 50 --readers 0 --steps 2 --keep

Publishes a run, goes back to the first one, publishes the next one, and so on, on each server.
Meanwhile processes ask for lists as fast as they can: most for one random user at a time
(`recommend/for_user`), one for those of all users (`read/check_places`). With --keep the replaced
lists stay in the graph, as with `publish.keep_replaced`, and going back only shows them.

A list is right if it is, place for place, that of the run that was published when the reader began,
or of one published while it read. Prints reads, what was wrong with them, and what a step took.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.empty_graph import connection, empty
from benchmarks.job import Server
from benchmarks.readers_world import (
    Verdict,
    World,
    kept_at,
    populate,
    read_one,
    run_of,
    sweep,
)
from benchmarks.servers import servers
from embeddings.publish import publish
from kg.store import Store

_SPAWN: Final = multiprocessing.get_context("spawn")  # the driver is not made for forks


@dataclass
class Found:
    """What was seen on one server.

    Attributes:
        verdicts: how many lists were read with which verdict.
        seconds: of each step, publishing or going back in turn.
    """

    server: str
    users: int
    places: int
    verdicts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    """Measure each server and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--places", type=int, default=20, help="on each list")
    parser.add_argument("--readers", type=int, default=3, help="processes; the first asks for all")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to go on")
    parser.add_argument("--steps", type=int, default=1, help="how many steps at least")
    parser.add_argument("--keep", action="store_true", help="replaced lists stay in the graph")
    parser.add_argument("--only", help="embedded or neo4j")
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    options = parser.parse_args()
    console, rows = Console(), []
    with TemporaryDirectory(prefix="kgrec-readers-") as folder, servers(Path(folder)) as (all_, _):
        for server in all_:
            if options.only in (None, server.name):
                rows.append(measure(server, Path(folder) / server.name, options))
                console.print(_shown(rows[-1:]))
    if options.json:
        options.json.write_text(json.dumps([vars(row) for row in rows], indent=1) + "\n")


def measure(server: Server, folder: Path, options: argparse.Namespace) -> Found:
    """Publish and go back in turn while the readers read."""
    world = World(options.users, options.places)
    found = Found(server.name, world.users, world.places)
    empty(server)
    with Store.connect(connection(server)) as store:
        populate(store, world)
        _step(store, world, folder, 0, keep=options.keep)
        with _readers(server, world, options.readers, found) as done:
            began, step = time.perf_counter(), 0
            while step < options.steps or time.perf_counter() < began + options.seconds:
                step += 1
                found.seconds.append(_step(store, world, folder, step, keep=options.keep))
                done.value = step
    return found


def _step(store: Store, world: World, folder: Path, step: int, *, keep: bool) -> float:
    """Publish the run of a step; return the seconds that the graph took."""
    how = kept_at(step) if keep else {}
    run = run_of(step)
    publication = world.publication(folder / f"{step}", run)
    began = time.perf_counter()
    publish(store, publication, run_id=f"run-{run}", now=datetime.now(UTC), **how)
    return time.perf_counter() - began


@contextmanager
def _readers(server: Server, world: World, count: int, found: Found) -> Iterator[Any]:
    """Let processes read while the block runs, which tells them how many steps are done."""
    done, stop, results = _SPAWN.Value("i", 0), _SPAWN.Event(), _SPAWN.Queue()
    readers = [
        _SPAWN.Process(target=_read, args=(server, world, number, done, stop, results))
        for number in range(count)
    ]
    for reader in readers:
        reader.start()
    for _ in readers:
        results.get()  # each says that it is ready
    try:
        yield done
    finally:
        stop.set()
        for _ in readers:
            found.verdicts.update(results.get())
        for reader in readers:
            reader.join()


def _read(server: Server, world: World, number: int, done: Any, stop: Any, results: Any) -> None:
    found: Counter[Verdict] = Counter()
    luck = random.Random(number)
    with Store.connect(connection(server)) as store:
        results.put({})
        while not stop.is_set():
            if number == 0:
                found.update(sweep(store, world, lambda: done.value))
            else:
                found[read_one(store, world, luck, lambda: done.value)] += 1
    results.put(found)


def _shown(rows: list[Found]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    names = ("server", "users", "places", "lists read", "none", "mixed", "steps")
    for name in (*names, "seconds to publish", "to go back"):
        table.add_column(name, justify="left" if name == "server" else "right")
    for row in rows:
        table.add_row(
            row.server,
            f"{row.users:,}",
            f"{row.places}",
            f"{row.verdicts.total():,}",
            f"{row.verdicts['none']:,}",
            f"{row.verdicts['mixed']:,}",
            f"{len(row.seconds)}",
            *(_mean(row.seconds[first::2]) for first in (0, 1)),
        )
    return table


def _mean(seconds: list[float]) -> str:
    return f"{sum(seconds) / len(seconds):.1f}" if seconds else ""


if __name__ == "__main__":
    main()
