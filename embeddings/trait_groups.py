"""How good a model is for each kind of user, by what sources declared about users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa

from embeddings.bootstrap import bootstrap_interval
from embeddings.comparison import ENOUGH_USERS
from embeddings.pairs import frame

_MOST_NUMBERS: Final = 10
"""A trait of more distinct numbers than this is a quantity, no category."""


@dataclass(frozen=True)
class TraitValue:
    """The users who share a trait's value: how many, and the mean of a metric over them."""

    trait: str
    value: str
    users: int
    mean: float
    low: float
    high: float


def by_trait(per_user: pa.Table, traits: pa.Table, *, metric: str, seed: int) -> list[TraitValue]:
    """Return a metric by the values that at least `ENOUGH_USERS` users with a target share.

    Args:
        per_user: user_id and the metric's column, of one model.
        traits: user_id, name, value. Quantities (many distinct numbers) are left out, and so are
            traits of which only one value has enough users.
        metric: such as "ndcg@10".
        seed: of the bootstrap.

    Returns:
        By trait, then the largest group first.
    """
    joined = frame(traits).join(frame(per_user).select("user_id", metric), on="user_id")
    numbers = pl.col("value").cast(pl.Float64, strict=False).is_not_null().all()
    categories = joined.filter(
        ~(numbers & (pl.col("value").n_unique() > _MOST_NUMBERS)).over("name")
    )
    groups = categories.group_by("name", "value").agg(pl.col(metric), users=pl.len())
    large = groups.filter(pl.col("users") >= ENOUGH_USERS).filter(pl.len().over("name") > 1)
    order = large.sort(["name", "users", "value"], descending=[False, True, False])
    found = []
    for row in order.iter_rows(named=True):
        values = pl.Series(row[metric]).to_numpy().reshape(-1, 1)
        low, high = bootstrap_interval(values, seed)
        found.append(
            TraitValue(
                trait=row["name"],
                value=row["value"],
                users=row["users"],
                mean=float(values.mean()),
                low=float(low[0]),
                high=float(high[0]),
            )
        )
    return found
