"""Print the table of ratios: `python -m benchmarks [--only NAME …] [--size N] [--repeat N]`."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.job import Job, Server, Step
from benchmarks.measure import Measurement, run
from benchmarks.servers import servers
from benchmarks.suite import SUITE, Benchmark
from benchmarks.table import Row, as_json, make_row, render

ROOT = Path(__file__).resolve().parent.parent
SEED = 20250101


def main(arguments: Sequence[str] | None = None) -> list[Row]:
    """Measure what the arguments name, print the table and return its rows."""
    options = _parse(arguments)
    chosen = [SUITE[name] for name in options.only or SUITE]
    console = Console()
    progress = Console(stderr=True)
    rows = []
    with TemporaryDirectory(prefix="kgrec-bench-") as temporary:
        folder = Path(temporary)
        with _graphs(folder, chosen, progress) as graphs:
            for benchmark in chosen:
                for server in graphs if benchmark.needs_graph else [None]:
                    where = server.name if server else "–"
                    progress.print(f"{benchmark.name} {where}: {benchmark.what}", style="dim")
                    size = options.size or benchmark.size
                    job = _job(benchmark, server, size, folder)
                    row = make_row(benchmark, where, size, measure(job, options.repeat))
                    progress.print(f"  {row.ratio:.2f} of the floor, aim {row.aim}", style="dim")
                    rows.append(row)
    console.print(render(rows, options.repeat))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(as_json(rows), indent=2) + "\n", encoding="utf-8")
    return rows


def measure(job: Job, repeats: int) -> list[tuple[Measurement, Measurement]]:
    """Couples of (ours, floor); which of the two goes first alternates."""
    run(job)
    couples = []
    for repeat in range(repeats):
        order: tuple[Step, Step] = ("ours", "floor") if repeat % 2 == 0 else ("floor", "ours")
        done = {step: run(replace(job, step=step)) for step in order}
        couples.append((done["ours"], done["floor"]))
    return couples


@contextmanager
def _graphs(folder: Path, chosen: Sequence[Benchmark], progress: Console) -> Iterator[list[Server]]:
    if not any(benchmark.needs_graph for benchmark in chosen):
        yield []
        return
    with servers(folder) as (found, why_no_neo4j):
        if why_no_neo4j:
            progress.print(f"Neo4j is left out: {why_no_neo4j}.", style="yellow")
        yield found


def _job(benchmark: Benchmark, server: Server | None, size: int, folder: Path) -> Job:
    own = folder / f"{benchmark.name}-{server.name if server else 'none'}"
    own.mkdir()
    return Job(
        benchmark=benchmark.name,
        step="prepare",
        size=size,
        seed=SEED,
        folder=str(own),
        data=os.environ.get("KGREC_DATA", str(ROOT.parent / "shared" / "data")),
        server=server,
    )


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(SUITE), help="these benchmarks")
    parser.add_argument("--size", type=int, help="of all of them (default: each its own)")
    parser.add_argument("--repeat", type=int, default=5, help="couples measured (default 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows here")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
