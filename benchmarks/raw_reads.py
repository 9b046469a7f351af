"""The floor of the snapshot: the same reads streamed by the bare driver, and thrown away.

The statements are in the form that reads fastest: one row per source node, its relationships in a
pattern comprehension.
"""

from __future__ import annotations

from benchmarks.job import Job, Stopwatch, Work
from benchmarks.raw_driver import raw_session, replay


def floor(job: Job) -> Work:
    """Stream what `prepare` recorded."""
    return lambda watch: _read(job, watch)


def _read(job: Job, watch: Stopwatch) -> int:
    rows = 0
    with raw_session(job.graph) as session:
        for text, parameters in replay(job.path / "reads.jsonl"):
            with watch:
                for _ in session.run(text, parameters):
                    rows += 1
    return rows
