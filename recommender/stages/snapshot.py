"""snapshot: the graph's evidence → Arrow tables with business keys."""

from __future__ import annotations

from embeddings.snapshot_read import read_snapshot
from recommender.stage import StageContext, StageResult


def snapshot(context: StageContext) -> StageResult:
    """Read the whole graph's evidence and keep it, loadable without the graph.

    Raises:
        BusyError: somebody else may have written meanwhile.
    """
    taken = read_snapshot(context.graph.store, context.progress)
    context.graph.still_alone()
    taken.save(context.folder / "snapshot")
    counts = {name: count for name, count in taken.counts.items() if count}
    shown = ("users", "items", "interactions", "reviews", "mentions")
    told = ", ".join(f"{counts[name]:,} {name}" for name in shown if name in counts)
    return StageResult(f"{told}; hash {taken.hash[:12]}", {**counts, "hash": taken.hash})
