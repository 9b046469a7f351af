"""How far predicted ratings are from those that users gave to pairs that no model saw.

All rated pairs of a part count, liked or not. Over them, e the prediction less the rating:

    RMSE = sqrt(Σ e² / n),   MAE = Σ |e| / n
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from embeddings.bootstrap import inner_part, resampled_means
from embeddings.comparison import MAE, RMSE, Comparison, verdict_of
from embeddings.evaluate import Score
from embeddings.models.contract import RatingPredictor
from embeddings.pairs import PAIR, frame, pairs_of
from embeddings.snapshot import Snapshot
from embeddings.training_data import Ratings, TrainingData
from kg.errors import ModelError


def rated_pairs(snapshot: Snapshot, split: pa.Table, part: str) -> pa.Table:
    """Return user_id, item_id, rating of a part's pairs that have a rating.

    Args:
        snapshot: the whole one, not restricted.
        split: user_id, item_id, part.
        part: "valid" or "test".
    """
    chosen = frame(split).filter(pl.col("part") == part)
    rated = pairs_of(snapshot.interactions).drop_nulls("rating").select(*PAIR, "rating")
    return rated.join(chosen, on=PAIR, how="semi", maintain_order="left").to_arrow()


def predicted(model: RatingPredictor, data: TrainingData, targets: Ratings) -> pa.Table:
    """Return user_id, item_id, rating and what the model says: predicted.

    Raises:
        ModelError: it predicts what is no number.
    """
    said = model.predict_ratings(targets.user, targets.item)
    if said.shape != targets.rating.shape or not np.isfinite(said).all():
        raise ModelError(
            f"Predicted ratings have the shape {said.shape} with {int((~np.isfinite(said)).sum())}"
            f" that are no numbers; wanted {targets.rating.shape}, all numbers.",
            remedy="If the model was trained at a high learning rate, lower the rate.",
        )
    return pa.table(
        {
            "user_id": pa.array(data.users.keys).take(pa.array(targets.user)),
            "item_id": pa.array(data.items.keys).take(pa.array(targets.item)),
            "rating": targets.rating,
            "predicted": said,
        }
    )


def accuracy(predictions: pa.Table, seed: int) -> dict[str, Score]:
    """Return RMSE and MAE of `predicted` with 95 % intervals by bootstrap over users."""
    sums = _sums(predictions)
    draws = _figures(resampled_means(sums, seed))
    low, high = inner_part(draws)
    values = _figures(sums.mean(0, keepdims=True))[0]
    return {
        name: Score(float(values[place]), float(low[place]), float(high[place]))
        for place, name in enumerate((RMSE, MAE))
    }


def compare_ratings(
    ours: pa.Table, theirs: pa.Table, *, names: tuple[str, str], seed: int
) -> list[Comparison]:
    """Compare two models' predictions of the same pairs, by RMSE and MAE.

    A difference is ours less theirs, so that ahead is below zero; its interval is by paired
    bootstrap over users.

    Raises:
        ModelError: they are of different pairs.
    """
    one, other = (frame(table).sort(PAIR) for table in (ours, theirs))
    judged_by = [*PAIR, "rating"]
    if not one.select(judged_by).equals(other.select(judged_by)):
        raise ModelError(
            f"The ratings that {names[0]} ({one.height}) and {names[1]} ({other.height})"
            " predicted are not of the same pairs.",
            remedy="Compare models that were judged on one split of one data set.",
        )
    both = np.concatenate([_sums(one.to_arrow()), _sums(other.to_arrow())], axis=1)
    draws = resampled_means(both, seed)
    low, high = inner_part(_figures(draws[:, :3]) - _figures(draws[:, 3:]))
    total = both.mean(0, keepdims=True)
    mine, others = _figures(total[:, :3])[0], _figures(total[:, 3:])[0]
    return [
        Comparison(
            model=names[0],
            against=names[1],
            metric=metric,
            difference=float(mine[place] - others[place]),
            low=float(low[place]),
            high=float(high[place]),
            ratio=float(mine[place] / others[place]) if others[place] > 0 else None,
            verdict=verdict_of(-high[place], -low[place], len(both)),
            users=len(both),
        )
        for place, metric in enumerate((RMSE, MAE))
    ]


def _sums(predictions: pa.Table) -> NDArray[np.float64]:
    """Squared errors, absolute errors and number of each user's pairs, (n, 3)."""
    error = pl.col("predicted").cast(pl.Float64) - pl.col("rating")
    sums = (
        frame(predictions)
        .group_by("user_id")
        .agg(squared=(error**2).sum(), absolute=error.abs().sum(), pairs=pl.len())
        .sort("user_id")
        .select(pl.col("squared", "absolute", "pairs").cast(pl.Float64))
    )
    return np.ascontiguousarray(sums.to_numpy())


def _figures(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """RMSE and MAE of sums, (D, 3) to (D, 2)."""
    return np.stack([np.sqrt(sums[:, 0] / sums[:, 2]), sums[:, 1] / sums[:, 2]], axis=1)
