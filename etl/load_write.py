"""Steps and removals into the graph, in large batches."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from etl.load_changes import Removal
from etl.load_steps import Step
from kg.progress import Progress, no_progress
from kg.store import Checkpoint, Store

logger = logging.getLogger(__name__)

BATCH_ROWS: Final = 20_000
"""Relationships or nodes in one transaction."""
_BATCH_REMOVED: Final = {
    **dict.fromkeys(("Review", "User", "Attribute", "Entity", "Aspect", "Topic"), 1_000),
    "Item": 100,
}
"""Nodes removed in one transaction: each brings its relationships, an item its lists as well."""


@dataclass(frozen=True)
class Written:
    """Rows written now, and seconds, by step; a step that a checkpoint found complete counts 0."""

    rows: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def write_steps(
    store: Store,
    steps: Sequence[Step],
    *,
    run_id: str,
    checkpoint: str = "",
    progress: Progress = no_progress,
) -> Written:
    """Write one step after the other.

    Args:
        run_id: the :EtlRun that writes.
        checkpoint: name of a stage of that run, which goes on where it was interrupted; without a
            name all is written.
    """
    written, done = Written(), 0
    total = sum(step.rows.num_rows for step in steps)
    for step in steps:
        started = time.perf_counter()
        mark = Checkpoint(run_id, f"{checkpoint} {step.stage}") if checkpoint else None
        written.rows[step.stage] = _write(store, step, run_id, mark, progress, done, total)
        written.seconds[step.stage] = time.perf_counter() - started
        done += step.rows.num_rows
    return written


def _write(
    store: Store,
    step: Step,
    run_id: str,
    checkpoint: Checkpoint | None,
    progress: Progress,
    before: int,
    whole: int,
) -> int:
    rows = step.shape(step.rows)
    per_row: float = step.rows.num_rows / rows.num_rows

    def report(done: int, total: int | None = None, unit: str = "rows") -> None:
        progress(before + round(done * per_row), whole, unit)

    taken = {parameter.name for parameter in store.catalogue[step.query].parameters}
    written: int = store.write_rows(
        step.query,
        rows,
        key=[name for name in step.key if name in rows.column_names],
        identifiers=step.identifiers,
        batch_size=max(1, round(BATCH_ROWS / per_row)),
        checkpoint=checkpoint,
        progress=report,
        **({"runId": run_id} if "runId" in taken else {}),
    )
    logger.info("%s: %d rows written", step.stage, written)
    return round(written * per_row)


def remove(store: Store, removals: Sequence[Removal]) -> dict[str, int]:
    """Remove what went, and count it by label or type."""
    removed: Counter[str] = Counter()
    for each in removals:
        removed[each.what] += store.write_rows(
            each.query,
            each.rows,
            key=each.rows.column_names[:1],
            identifiers=each.identifiers,
            batch_size=_BATCH_REMOVED.get(each.what, BATCH_ROWS),
        )
    return dict(removed)
