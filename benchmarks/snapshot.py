"""Snapshot: `embeddings.snapshot_read.read_snapshot` of a synthetic world.

Ours makes typed Arrow tables in the order of their keys. The floor is `raw_reads`.
"""

from __future__ import annotations

from benchmarks.empty_graph import connection, empty
from benchmarks.graph import RecordingStore, load, stage_world
from benchmarks.job import Job, Stopwatch, Work
from benchmarks.raw_driver import save
from embeddings.snapshot_read import read_snapshot
from kg.store import Store


def prepare(job: Job) -> None:
    """Load the world, note what a snapshot asks; the read that notes also warms the server up."""
    stage_world(job)
    empty(job.graph)
    with Store.connect(connection(job.graph)) as store:
        load(store, job)
    with RecordingStore.connect(connection(job.graph)) as store:
        read_snapshot(store.note())
        save(job.path / "reads.jsonl", store.streamed)


def ours(job: Job) -> Work:
    """Read the whole graph."""
    return lambda watch: _read(job, watch)


def _read(job: Job, watch: Stopwatch) -> int:
    with Store.connect(connection(job.graph)) as store, watch:
        snapshot = read_snapshot(store)
    return sum(snapshot.counts.values())
