"""Interactions to distinct (user, item) pairs: what one user thinks of one item, all told."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

PAIR = ("user_id", "item_id")


def frame(table: pa.Table) -> pl.DataFrame:
    """Return an Arrow table as a polars frame, without a copy where the types allow."""
    converted = pl.from_arrow(table)
    if not isinstance(converted, pl.DataFrame):
        raise TypeError(f"wanted a table, got {type(converted).__name__}")
    return converted


def pairs_of(interactions: pa.Table) -> pl.DataFrame:
    """Return one row per (user, item), sorted by both keys.

    What somebody said outranks what they did: a pair is positive as its latest interaction with
    a sign says (of two at one time, the liking one), and positive where none has a sign.

    Args:
        interactions: user_id, item_id, positive, rating, count, at (other columns are ignored).

    Returns:
        user_id, item_id, positive (bool), rating (mean, null where none), weight (float64,
        1 + log of the summed counts), at (the latest, null where unknown).
    """
    columns = [*PAIR, "positive", "rating", "count", "at"]
    rows = frame(interactions.select(columns)).sort(PAIR, maintain_order=True)
    again = pl.all_horizontal(pl.col(PAIR) == pl.col(PAIR).shift()).fill_null(value=False)
    repeated = rows.select(again | again.shift(-1, fill_value=False)).to_series()
    once = rows.filter(~repeated).select(
        *PAIR,
        pl.col("positive").fill_null(value=True),
        "rating",
        weight=1.0 + pl.col("count").fill_null(1).clip(1).cast(pl.Float64).log(),
        at="at",
    )
    if not repeated.any():
        return once
    return pl.concat([once, _merged(rows.filter(repeated))]).sort(PAIR)


def _merged(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each pair; see `pairs_of`."""
    signed = pl.col("positive").is_not_null()
    said = pl.col("positive").filter(signed)
    when = pl.col("at").filter(signed)
    latest_sign = (
        said.sort_by([when, said], descending=True, nulls_last=True, maintain_order=True)
        .first()
        .fill_null(value=True)
    )
    return rows.group_by(PAIR).agg(
        positive=latest_sign,
        rating=pl.col("rating").mean(),
        weight=1.0 + pl.col("count").fill_null(1).clip(1).sum().cast(pl.Float64).log(),
        at=pl.col("at").max(),
    )
