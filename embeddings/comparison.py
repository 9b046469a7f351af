"""Which of two models is better on the same users, and whether other users could turn it round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl
import pyarrow as pa

from embeddings.bootstrap import bootstrap_interval
from embeddings.pairs import frame
from kg.errors import ModelError

MAIN: Final = "ndcg@10"
"""By this models are chosen, and named first."""
COMPARED: Final = (MAIN, "recall@20")
RMSE: Final = "rmse"
"""By this models of ratings are chosen, and named first."""
MAE: Final = "mae"
ENOUGH_USERS: Final = 20
"""With fewer users an interval that is drawn from them says too little for a verdict."""

Verdict = Literal["ahead", "behind", "level"]


@dataclass(frozen=True)
class Comparison:
    """One model against another by one metric, on the same users.

    Attributes:
        difference: mean over users of the model's value less the other's.
        low, high: 95 % interval of the difference, by paired bootstrap over users.
        ratio: the model's mean over the other's; None where the other's is 0.
        verdict: "ahead" or "behind" where the interval excludes 0, else "level".
        users: how many.
    """

    model: str
    against: str
    metric: str
    difference: float
    low: float
    high: float
    ratio: float | None
    verdict: Verdict
    users: int


def compare(
    ours: pa.Table,
    theirs: pa.Table,
    *,
    names: tuple[str, str],
    seed: int,
    metrics: Sequence[str] = COMPARED,
) -> list[Comparison]:
    """Compare two models by their per-user figures, a comparison per metric.

    Args:
        ours: user_id, targets and a column per metric, of one model (as `Evaluation.per_user`).
        theirs: the same of the other model.
        names: of the two models.
        seed: of the bootstrap.
        metrics: what to compare by.

    Raises:
        ModelError: they are of different users, or of different held-out items.
    """
    one, other = (frame(table).sort("user_id") for table in (ours, theirs))
    judged_by = ["user_id", "targets"]
    if not one.select(judged_by).equals(other.select(judged_by)):
        raise ModelError(
            f"The figures of {names[0]} ({one.height} users) and {names[1]} ({other.height})"
            " are not of the same users with the same held-out items.",
            remedy="Compare models that were judged on one split of one data set.",
        )
    columns = list(metrics)
    mine, others = one.select(columns).to_numpy(), other.select(columns).to_numpy()
    differences = np.ascontiguousarray(mine - others)
    low, high = bootstrap_interval(differences, seed)
    return [
        Comparison(
            model=names[0],
            against=names[1],
            metric=metric,
            difference=float(differences[:, place].mean()),
            low=float(low[place]),
            high=float(high[place]),
            ratio=_ratio(mine[:, place].mean(), others[:, place].mean()),
            verdict=verdict_of(low[place], high[place], one.height),
            users=one.height,
        )
        for place, metric in enumerate(columns)
    ]


def compare_first(per_user: pa.Table, seed: int) -> list[Comparison]:
    """Compare the first model of a table (model, user_id, …) with each of the others."""
    rows = frame(per_user)
    first, *others = rows["model"].unique(maintain_order=True)
    of = {name: rows.filter(pl.col("model") == name).to_arrow() for name in (first, *others)}
    return [
        comparison
        for other in others
        for comparison in compare(of[first], of[other], names=(first, other), seed=seed)
    ]


def _ratio(mine: float, others: float) -> float | None:
    return float(mine / others) if others > 0 else None


def verdict_of(low: float, high: float, users: int) -> Verdict:
    """Return what an interval of a difference says, where more is better."""
    if users < ENOUGH_USERS or low <= 0 <= high:
        return "level"
    return "ahead" if low > 0 else "behind"
