"""Load: `etl.load.load_staging` of a synthetic world into an empty graph.

Ours reads Parquet, shapes and sorts rows, hashes them for the checkpoint, moves the checkpoint in
each transaction, and looks for stale facts at the end. The floor is `raw_writes`.
"""

from __future__ import annotations

from benchmarks.empty_graph import connection, empty
from benchmarks.graph import RecordingStore, load, stage_world
from benchmarks.job import Job, Stopwatch, Work
from benchmarks.raw_driver import save
from kg.store import Store


def prepare(job: Job) -> None:
    """Stage the world, note what a load sends, and load once to warm the server up."""
    stage_world(job)
    empty(job.graph)
    with RecordingStore.connect(connection(job.graph)) as store:
        load(store.note(), job)
        save(job.path / "writes.jsonl", store.written)
    with Store.connect(connection(job.graph)) as store:
        load(store, job)


def ours(job: Job) -> Work:
    """Load into an empty graph."""
    empty(job.graph)
    return lambda watch: _load(job, watch)


def _load(job: Job, watch: Stopwatch) -> int:
    with Store.connect(connection(job.graph)) as store, watch:
        report = load(store, job)
    return sum(report.rows.values())
