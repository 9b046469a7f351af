"""How fast `kgrec serve` answers, and what callers see during a publish and a killed graph.

    python -m benchmarks.serve --only embedded
    python -m benchmarks.serve --config my.yaml --seconds 60 --callers 16

Runs a config (default: the bundled sample shop) into a graph of its own, starts the service, and
asks it over loopback:

1. one caller, each route in turn, beside the same questions by the bare driver: milliseconds and
   the ratio of the medians;
2. many callers in a process of their own, as fast as they can: requests a second;
3. the same while `kgrec publish` writes the lists anew;
4. the same while the graph server is killed and started again.

Answers of 503 must carry Retry-After; any other 5xx, and any broken connection, is an error.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

import numpy as np
from neo4j import GraphDatabase
from rich.console import Console
from rich.table import Table

from benchmarks.serve_load import Load, callers
from benchmarks.serve_servers import Restartable, restartable
from kg.bolt import Connection
from kg.store import Store
from recommender.config import read_config
from recommender.explanation import EXPLAIN
from recommender.recommendations import FOR_USER, users_with_lists
from recommender.run_folder import Runs
from recommender.sample import CONFIG
from recommender.search import SEARCH, query_encoder, words_of

SERVERS: Final = ("embedded", "neo4j")
KEYS: Final = 100
ROUTES: Final = ("/recommend", "/explain", "/search", "/recommend, unchanged")
TEXTS: Final = ("quiet headphones for travel", "strong coffee", "a warm light", "easy to clean")


@dataclass
class Row:
    """One line of the table; milliseconds."""

    server: str
    what: str
    route: str
    requests: int
    a_second: float
    p50: float
    p99: float
    raw_p50: float | None = None
    raw_p99: float | None = None
    refused: int = 0
    errors: int = 0
    gap: float = 0.0

    @property
    def ratio(self) -> float | None:
        """Of the medians: the bare driver's as a share of the service's."""
        return None if self.raw_p50 is None else self.raw_p50 / self.p50


@dataclass(frozen=True)
class Question:
    """One question, over HTTP and to the bare driver.

    Attributes:
        asked: queries with parameters that answer the same.
    """

    route: str
    path: str
    asked: Sequence[tuple[str, Mapping[str, object]]]


def main() -> None:
    """Measure on each server and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, help="default: the bundled sample")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each phase with many")
    parser.add_argument("--callers", type=int, default=16)
    parser.add_argument("--times", type=int, default=400, help="questions of each route by one")
    parser.add_argument("--folder", type=_place, help="where to work, and to keep the run")
    parser.add_argument("--only", choices=SERVERS, help="this server")
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    options = parser.parse_args()
    console, rows = Console(width=150), list[Row]()
    dataset = read_config(options.config or CONFIG, (), os.environ).name
    console.print(f"load of the machine before: {os.getloadavg()[0]:.1f}")
    for name in SERVERS:
        if options.only in (None, name):
            with (
                nullcontext(options.folder) if options.folder else _temporary() as folder,
                restartable(name, dataset, folder / name) as server,
            ):
                for row in measure(server, folder / name, options):
                    rows.append(row)
                    console.print("  ".join(_cells(row)))
    console.print(_table(rows))
    if options.json:
        told = [asdict(row) | {"ratio": row.ratio} for row in rows]
        options.json.write_text(json.dumps(told, indent=1) + "\n")
    if any(row.errors for row in rows):
        sys.exit("There were errors.")


def _place(text: str) -> Path:
    return Path(text).resolve()


@contextmanager
def _temporary() -> Iterator[Path]:
    with TemporaryDirectory(prefix="kgrec-serve-") as folder:
        yield Path(folder)


def measure(server: Restartable, folder: Path, options: argparse.Namespace) -> Iterator[Row]:
    """All four phases on one server."""
    folder.mkdir(parents=True, exist_ok=True)
    kgrec = _Kgrec(folder, server.environment)
    kgrec.do(
        "run", *([str(options.config.resolve())] if options.config else ["--sample"]), "--quiet"
    )
    with Store.connect(server.connection()) as store:
        questions = list(_questions(store, folder / "runs"))
        with kgrec.serving() as port:
            yield from _alone(store, server.connection(), port, questions, options.times)
            paths = [(each.route, each.path) for each in questions if each.route in ROUTES[:3]]

            def under_load(what: str, meanwhile: Callable[[], object]) -> Iterator[Row]:
                with callers(port, paths, options.callers) as load:
                    meanwhile()
                yield from _of_load(server.name, what, load)

            yield from under_load("many callers", lambda: time.sleep(options.seconds))
            yield from under_load("publishing", lambda: kgrec.do("publish", "latest", "--force"))

            def killed_and_back() -> None:
                time.sleep(2)
                server.kill()
                time.sleep(5)
                server.start()
                time.sleep(options.seconds)

            yield from under_load("graph killed", killed_and_back)


@dataclass(frozen=True)
class _Kgrec:
    """The program, in a folder and an environment of its own."""

    folder: Path
    environment: Mapping[str, str]

    def do(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "recommender", *arguments],
            cwd=self.folder,
            env=self._variables,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"kgrec {' '.join(arguments)}: {done.stderr[-4000:]}")

    @contextmanager
    def serving(self) -> Iterator[int]:
        """The port of the service, which ends with the block."""
        process = subprocess.Popen(
            [sys.executable, "-m", "recommender", "serve", "--port", "0", "--rate", "0"],
            cwd=self.folder,
            env=self._variables,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield int(line.split("http://127.0.0.1:")[1].split()[0])
        finally:
            process.terminate()
            process.wait()

    @property
    def _variables(self) -> dict[str, str]:
        own = {"PYTHONPATH": str(Path(__file__).parents[1]), "OMP_WAIT_POLICY": "PASSIVE"}
        return {**os.environ, **own, **self.environment}


def _questions(store: Store, runs: Path) -> Iterator[Question]:
    """Questions on people who have a list, and on the items there."""
    run = Runs(runs).get("latest")
    encoder = query_encoder(run)
    vectors = [encoder.encode([text])[0].tolist() for text in TEXTS]
    users = [str(row["userId"]) for row in users_with_lists(store, KEYS)]
    for number, user in enumerate(users):
        sent = quote(user, safe="")
        listed = FOR_USER, {"userId": user, "limit": 10}
        yield Question(ROUTES[0], f"/recommend/{sent}", [listed])
        yield Question(ROUTES[3], f"/recommend/{sent}", [listed])
        places = store.read(FOR_USER, userId=user, limit=10)
        item = str(places[number % len(places)]["itemId"])
        why = EXPLAIN, {"userId": user, "itemId": item, "reasons": []}
        yield Question(ROUTES[1], f"/explain/{sent}/{quote(item, safe='')}", [why])
        text, vector = TEXTS[number % len(TEXTS)], vectors[number % len(TEXTS)]
        words = {"vector": vector, "words": words_of(text), "limit": 10}
        yield Question(ROUTES[2], f"/search?q={quote(text)}", [(SEARCH, words)])


def _alone(
    store: Store, connection: Connection, port: int, questions: Sequence[Question], times: int
) -> Iterator[Row]:
    """One caller; each question first to the bare driver or first over HTTP, in turns."""
    dialect = store.capabilities.dialect
    auth = connection.username, connection.password.get_secret_value()
    asking = http.client.HTTPConnection("127.0.0.1", port)
    with (
        GraphDatabase.driver(connection.uri, auth=auth) as driver,
        driver.session(database=connection.database) as session,
    ):

        def raw(question: Question) -> None:
            for name, arguments in question.asked:
                query = store.catalogue[name]
                list(session.run(query.text(dialect), query.arguments(arguments)))

        for route in ROUTES:
            chosen = [each for each in questions if each.route == route]
            headers: dict[str, str] = {}

            def over_http(question: Question, headers: Mapping[str, str] = headers) -> str:
                asking.request("GET", question.path, headers=dict(headers))
                answer = asking.getresponse()
                answer.read()
                assert answer.status in (200, 304), f"{question.path}: {answer.status}"
                return str(answer.headers["ETag"])

            tag = [over_http(each) for each in chosen][-1]
            if route == ROUTES[3]:
                headers["If-None-Match"] = tag
            both: dict[Callable[[Question], object], list[float]] = {raw: [], over_http: []}
            for number, question in enumerate(islice(cycle(chosen), times)):
                for ask in (raw, over_http) if number % 2 else (over_http, raw):
                    start = time.perf_counter()
                    ask(question)
                    both[ask].append(1000 * (time.perf_counter() - start))
            (raw_50, raw_99), (p50, p99) = (np.percentile(took, [50, 99]) for took in both.values())
            yield Row(
                server=dialect,
                what="one caller",
                route=route,
                requests=times,
                a_second=1000 * times / sum(both[over_http]),
                p50=float(p50),
                p99=float(p99),
                raw_p50=float(raw_50),
                raw_p99=float(raw_99),
            )


def _of_load(server: str, what: str, load: Load) -> Iterator[Row]:
    """One row for all routes, and one for each."""
    for route in (None, *sorted({route for route, _ in load.statuses})):
        by_status = load.by_status(route)
        errors = sum(count for status, count in by_status.items() if status not in (200, 503))
        yield Row(
            server=server,
            what=what,
            route=route or "all three",
            requests=by_status.total(),
            a_second=by_status[200] / load.seconds,
            p50=load.percentile(0.5, route),
            p99=load.percentile(0.99, route),
            refused=by_status[503],
            errors=errors + load.bare[route],
            gap=0.0 if route else load.longest_gap,
        )


def _table(rows: Sequence[Row]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    names = ("server", "while", "route", "requests", "a second", "p50 ms", "p99 ms", "driver p50")
    for name in (*names, "driver p99", "ratio", "503", "errors", "gap s"):
        table.add_column(name, justify="left" if name in names[:3] else "right")
    for row in rows:
        table.add_row(*_cells(row))
    return table


def _cells(row: Row) -> list[str]:
    raw = [row.raw_p50, row.raw_p99, row.ratio]
    return [
        *(row.server, row.what, row.route, f"{row.requests:,}", f"{row.a_second:,.0f}"),
        *(f"{row.p50:.1f}", f"{row.p99:.1f}"),
        *("" if each is None else f"{each:.2f}" for each in raw),
        *(f"{row.refused:,}", f"{row.errors:,}", f"{row.gap:.1f}"),
    ]


if __name__ == "__main__":
    main()
