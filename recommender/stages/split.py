"""split: pairs (user, item) → train, valid, test, from staged keys alone."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from embeddings.split import make_split, require_targets, with_earlier_parts
from recommender.config import read_config
from recommender.run_folder import Runs
from recommender.stage import StageContext, StageResult


def split(context: StageContext) -> StageResult:
    """Make the split before any text is read, so that no vocabulary sees a held-out review.

    Where there is too little to learn from, a run that is to learn ends here, before extraction.
    """
    config = context.config
    interactions = pq.read_table(context.folder / "staging" / "interactions.parquet")
    table = make_split(interactions, config.split, config.seed)
    if config.split.keep and (earlier := _earlier_split(context)):
        before = pq.read_table(earlier / "staging" / "interactions.parquet")
        table = with_earlier_parts(table, pq.read_table(earlier / "split.parquet"), before)
    if "train" in context.stages:
        require_targets(table, interactions, config.split, validation=config.model.needs_validation)
    pq.write_table(table, context.folder / "split.parquet", compression="zstd")
    counted = pc.value_counts(table["part"])
    counts = {str(each["values"]): int(each["counts"].as_py()) for each in counted}
    parts = " / ".join(f"{counts.get(part, 0):,}" for part in ("train", "valid", "test"))
    return StageResult(f"{parts} pairs to train / valid / test", counts)


def _earlier_split(context: StageContext) -> Path | None:
    """Return the folder of the newest other run of this dataset with the same split settings."""
    config = context.config
    for run in Runs(context.folder.parent).others(context.folder, config.name, "split"):
        theirs = read_config(run.path / "config.yaml", (), {})
        if (theirs.split, theirs.seed) == (config.split, config.seed):
            return run.path
    return None
