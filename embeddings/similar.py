"""Which items are alike: by the published model's vectors, or by who likes them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from embeddings.explain import co_liked
from embeddings.models.contract import Recommender
from embeddings.models.hetero_gat import HeteroGat
from embeddings.training_data import TrainingData

_BLOCK_COSINES = 20_000_000


def similar_items(model: Recommender, data: TrainingData, count: int) -> pa.Table:
    """Return item_id, items: for each item its `count` nearest, list of item_id, rank and score.

    Nearest by the model's vectors, or by who likes them where the model has none; only items with
    a score above 0.
    """
    near = (
        _nearest_vectors(model.item_vectors, count)
        if isinstance(model, HeteroGat)
        else _nearest_liked(data)
    )
    ranked = (
        near.filter(pl.col("score") > 0)
        .sort(["item", "score", "other"], descending=[False, True, False])
        .with_columns((pl.int_range(pl.len()).over("item") + 1).alias("rank"))
        .filter(pl.col("rank") <= count)
    )
    keys = pl.Series(data.items.keys, dtype=pl.String)
    packed = (
        ranked.with_columns(keys.gather(ranked["other"]).alias("item_id"))
        .group_by("item", maintain_order=True)
        .agg(pl.struct("item_id", "rank", "score").alias("items"))
    )
    return packed.select(keys.gather(packed["item"]).alias("item_id"), "items").to_arrow()


def _nearest_vectors(vectors: NDArray[np.float32], count: int) -> pl.DataFrame:
    """item, other, score: cosines of unit vectors, `count` for each item."""
    blocks: list[pl.DataFrame] = []
    size = max(1, _BLOCK_COSINES // max(1, len(vectors)))
    count = min(count, len(vectors) - 1)
    for start in range(0, len(vectors) if count > 0 else 0, size):
        cosine = vectors[start : start + size] @ vectors.T
        rows = np.arange(len(cosine))
        cosine[rows, start + rows] = -np.inf
        best = np.argpartition(-cosine, count - 1, axis=1)[:, :count]
        blocks.append(
            pl.DataFrame(
                {
                    "item": np.repeat(start + rows, count),
                    "other": best.ravel(),
                    "score": cosine[rows[:, None], best].ravel().astype(np.float64),
                }
            )
        )
    return pl.concat([_no_neighbours(), *blocks])


def _nearest_liked(data: TrainingData) -> pl.DataFrame:
    near = co_liked(data).tocoo()
    item, other = near.coords
    return pl.DataFrame({"item": item, "other": other, "score": near.data.astype(np.float64)})


def _no_neighbours() -> pl.DataFrame:
    return pl.DataFrame(schema={"item": pl.Int64, "other": pl.Int64, "score": pl.Float64})
