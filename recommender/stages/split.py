"""split: pairs (user, item) → train, valid, test, from staged keys alone."""

from __future__ import annotations

import pyarrow.compute as pc
import pyarrow.parquet as pq

from embeddings.split import make_split
from recommender.stage import StageContext, StageResult


def split(context: StageContext) -> StageResult:
    """Make the split before any text is read, so that no vocabulary sees a held-out review."""
    interactions = pq.read_table(context.folder / "staging" / "interactions.parquet")
    table = make_split(interactions, context.config.split, context.config.seed)
    pq.write_table(table, context.folder / "split.parquet", compression="zstd")
    counted = pc.value_counts(table["part"])
    counts = {str(each["values"]): int(each["counts"].as_py()) for each in counted}
    parts = " / ".join(f"{counts.get(part, 0):,}" for part in ("train", "valid", "test"))
    return StageResult(f"{parts} pairs to train / valid / test", counts)
