"""How long each query of `cypher/recommend` and `cypher/browse` takes on a published graph.

    KGREC_HOME=… python -m benchmarks.queries --dataset rotten_tomatoes --json embedded.json
    NEO4J_URI=… NEO4J_PASSWORD=… python -m benchmarks.queries --json neo4j.json
    python -m benchmarks.queries --show embedded.json neo4j.json

The graph is the one that the environment names, as for `kgrec query`. One client asks, from
opening the session to having the last row; each time with other keys, drawn at random with a seed,
after some that warm up and do not count. What needs no key, and what takes long, is asked less
often. Nothing is written.

Neo4j makes a plan of its own for each order of magnitude of the keys' lengths (1, 2 … 10, 11 … 100
characters). A server that is in use has all of them, so keys of each come first.

On a machine that others use, too, a query mostly waits for its turn. So beside the time by the
clock stands the processor time that client and server spent meanwhile, on all threads (Linux, and a
server on this machine); and with `--times 5` every question is asked five times in a row, of which
the fastest counts.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from kg.schema import NODES
from kg.store import Store
from recommender.graph import open_graph

ASKED = ("recommend/", "browse/")
WARM_UP = 20
KEYLESS = 30
WARM_SECONDS, MOST_SECONDS = 5.0, 30.0
FEWEST = 10
LABELS = {
    "userId": "User",
    "itemId": "Item",
    "aspectId": "Aspect",
    "topicId": "Topic",
    "attributeId": "Attribute",
    "segmentId": "Segment",
    "alertId": "Alert",
}
OPTIONAL = ("aspects_over_time", "topics_over_time", "reviews_over_time", "alerts")
"""Queries whose keys may be left out, and are."""

Arguments = dict[str, object]


@dataclass(frozen=True)
class Timing:
    """One query on one server, in milliseconds by the clock and of processor time."""

    query: str
    server: str
    asked: int
    rows: float
    median: float
    p99: float
    busy_median: float | None
    busy_p99: float | None


def main() -> None:
    """Measure one server, or print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", help="of the embedded graph")
    parser.add_argument("--runs-dir", type=Path, default=Path("runs"))
    parser.add_argument("--keys", type=int, default=200, help="random keys for each query")
    parser.add_argument("--times", type=int, default=1, help="of so many, the fastest counts")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=[], help="names of queries")
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    parser.add_argument("--show", nargs="*", type=Path, help="print kept figures, side by side")
    arguments = parser.parse_args()
    console = Console()
    if arguments.show:
        kept = [Timing(**row) for path in arguments.show for row in json.loads(path.read_text())]
        console.print(shown(kept))
        return
    with open_graph(arguments.dataset, arguments.runs_dir) as graph:
        found = []
        for each in measure(
            graph.store,
            only=arguments.only,
            keys=arguments.keys,
            times=arguments.times,
            seed=arguments.seed,
            say=print,
        ):
            found.append(each)
            if arguments.json:
                rows = [asdict(one) for one in found]
                arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    console.print(shown(found))


def measure(
    store: Store,
    *,
    only: Sequence[str],
    keys: int,
    seed: int,
    say: Callable[[str], None],
    times: int = 1,
) -> Iterator[Timing]:
    """Time the queries that people and applications ask, one after the other."""
    draw, busy = Draws.of(store, random.Random(seed)), Busy.of(store)
    for name in store.catalogue:
        if not name.startswith(ASKED) or (only and name not in only):
            continue
        drawn = [draw.arguments(store, name) for _ in range(keys + WARM_UP)]
        if None in drawn:
            say(f"{name}: the graph has nothing to ask about")
            continue
        asked = [arguments for arguments in drawn if arguments is not None]
        asked = asked if any(asked) else asked[: KEYLESS + WARM_UP]
        timing = timed(store, name, each_plan_first(asked), busy, times)
        say(f"{name}: {timing.median:.1f} ms, p99 {timing.p99:.1f} ms")
        yield timing


@dataclass(frozen=True)
class Busy:
    """Processor time of this process and of the server's threads, so far."""

    tasks: Path | None

    @classmethod
    def of(cls, store: Store) -> Busy:
        """Find the server by the port that it listens on, if it is on this machine."""
        port = int(store.connection.uri.rsplit(":", 1)[-1])
        for each in psutil.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.pid and each.laddr[1:] == (port,):
                tasks = Path(f"/proc/{each.pid}/task")
                return cls(tasks if tasks.is_dir() else None)
        return cls(None)

    def milliseconds(self) -> float:
        """NaN where it cannot be known."""
        if self.tasks is None:
            return float("nan")
        spent = 0
        for task in self.tasks.iterdir():
            with suppress(OSError):  # a thread that has just ended
                spent += int((task / "schedstat").read_text().split()[0])
        return spent / 1e6 + 1000 * time.process_time()


def each_plan_first(asked: Sequence[Arguments]) -> list[Arguments]:
    """The same questions, one of each plan that Neo4j makes at the beginning."""
    seen: set[tuple[int, ...]] = set()
    first: list[Arguments] = []
    others: list[Arguments] = []
    for arguments in asked:
        lengths = (len(value) for value in arguments.values() if isinstance(value, str))
        plan = tuple(math.ceil(math.log10(max(length, 1))) for length in lengths)
        (others if plan in seen else first).append(arguments)
        seen.add(plan)
    return first + others


def timed(
    store: Store, name: str, asked: Sequence[Arguments], busy: Busy, times: int = 1
) -> Timing:
    """Ask one query again and again; the first times do not count."""
    took: list[tuple[float, float]] = []
    rows: list[int] = []
    began, warm = time.perf_counter(), False
    for number, arguments in enumerate(asked):
        elapsed = time.perf_counter() - began
        warm = warm or number >= WARM_UP or elapsed > WARM_SECONDS
        asking = [ask(store, name, arguments, busy) for _ in range(times if warm else 1)]
        if warm:
            wall, spent, found = zip(*asking, strict=True)
            took.append((min(wall), min(spent)))
            rows.append(found[0])
        if len(took) >= FEWEST and elapsed > MOST_SECONDS:
            break
    middle, worst = np.quantile(np.array(took), [0.5, 0.99], axis=0).round(2).tolist()
    known = busy.tasks is not None
    return Timing(
        query=name,
        server=store.capabilities.dialect,
        asked=len(took),
        rows=round(float(np.mean(rows)), 1),
        median=middle[0],
        p99=worst[0],
        busy_median=middle[1] if known else None,
        busy_p99=worst[1] if known else None,
    )


def ask(store: Store, name: str, arguments: Arguments, busy: Busy) -> tuple[float, float, int]:
    """Ask once: milliseconds by the clock, of processor time, and how many rows came."""
    spent, started = busy.milliseconds(), time.perf_counter()
    rows = store.read(name, identifiers=None, **arguments)
    wall = 1000 * (time.perf_counter() - started)
    return wall, busy.milliseconds() - spent, len(rows)


@dataclass(frozen=True)
class Draws:
    """Keys to draw from, by parameter; `listed` are users who have a published list."""

    rng: random.Random
    keys: Mapping[str, Sequence[str]]
    listed: Sequence[str]

    @classmethod
    def of(cls, store: Store, rng: random.Random) -> Draws:
        """Read all keys of the graph."""
        keys = {}
        for parameter, label in LABELS.items():
            identifiers = {"__LABEL__": label, "__KEY__": NODES[label].key}
            rows = itertools.chain.from_iterable(store.stream("read/keys", 10_000, identifiers))
            keys[parameter] = sorted(str(key) for (key,) in rows)
        users = store.read("read/users_with_lists", limit=len(keys["userId"]))
        return cls(rng, keys, [str(row["userId"]) for row in users])

    def arguments(self, store: Store, name: str) -> Arguments | None:
        """Random keys for the parameters of a query that are keys; None where there are none."""
        if name.removeprefix("browse/") in OPTIONAL:
            return {}
        wanted = [each.name for each in store.catalogue[name].parameters]
        chosen: Arguments = {}
        if not self.listed:
            return None
        user = self.rng.choice(self.listed)
        for parameter in wanted:
            if parameter in ("userId", "key"):
                chosen[parameter] = user
            elif parameter == "userIds":
                chosen[parameter] = self.rng.sample(self.listed, min(3, len(self.listed)))
            elif parameter == "liked":
                chosen[parameter] = self.rng.sample(self.keys["itemId"], 3)
            elif parameter == "other" or (parameter == "itemId" and "userId" in wanted):
                places = store.read("recommend/for_user", userId=user, limit=100)
                chosen[parameter] = self.rng.choice(places)["itemId"]
            elif parameter in LABELS:
                if not self.keys[parameter]:
                    return None
                chosen[parameter] = self.rng.choice(self.keys[parameter])
        return chosen


def shown(found: Sequence[Timing]) -> Table:
    """A row for each query, four columns for each server; milliseconds."""
    servers = list(dict.fromkeys(each.server for each in found))
    table = Table("query", "rows", box=None, header_style="bold")
    for server in servers:
        for what in ("median", "p99", "busy median", "busy p99"):
            table.add_column(f"{server} {what}", justify="right")
    for name in sorted({each.query for each in found}):
        of = {each.server: each for each in found if each.query == name}
        cells = [f"{next(iter(of.values())).rows:g}"]
        for server in servers:
            one = of.get(server)
            times = (one.median, one.p99, one.busy_median, one.busy_p99) if one else (None,) * 4
            cells += ["–" if each is None else f"{each:.1f}" for each in times]
        table.add_row(name, *cells)
    return table


if __name__ == "__main__":
    main()
