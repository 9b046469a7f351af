"""The floor of load and publish: the same rows, batches and statements from the bare driver.

The rows are Python objects before the clock starts, and nothing counts but the managed
transactions: no shaping of tables, no checkpoints, no clean-up, no scores.
"""

from __future__ import annotations

from benchmarks.empty_graph import empty
from benchmarks.job import Job, Stopwatch, Work
from benchmarks.raw_driver import raw_session, replay, write


def floor(job: Job) -> Work:
    """Send what `prepare` recorded to an equal graph."""
    if job.benchmark == "load":
        empty(job.graph)
    return lambda watch: _send(job, watch)


def _send(job: Job, watch: Stopwatch) -> int:
    rows = 0
    with raw_session(job.graph) as session:
        for text, parameters in replay(job.path / "writes.jsonl"):
            with watch:
                session.execute_write(write, text, parameters)
            rows += len(list(parameters["rows"]))  # type: ignore[call-overload]
    return rows
