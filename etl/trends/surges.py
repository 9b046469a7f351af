"""Surges: buckets that hold more, less, better or worse than the buckets before them foretell.

Each (series, bucket) with history enough is tested on up to three counts: the volume of a place,
the share of its reviews that speak of a thing, and the share of these that praise. All tests of a
run are one family for Benjamini and Hochberg's false discovery rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from etl.trends.baseline import Expected, Family, expect
from etl.trends.clock import Clock, Floats
from etl.trends.counts import Counts
from etl.trends.tails import bounds, tails

METHOD: Final = "surges/1"
"""Part of each alert's key; changes with what an alert means."""
LEAST_SEEN: Final = 5
"""Fewer reviews than this never make a rise, however rare they were."""
INTERVAL: Final = 0.05
"""Chance that a quiet bucket leaves its bounds."""
_EXPECTED: Final = ("level", "doubt", "spread", "freedom")
_TESTED: Final = {
    "series": pl.Int64,
    "bucket": pl.Int64,
    "kind": pl.String,
    "family": pl.String,
    "up": pl.Boolean,
    "observed": pl.Float64,
    "exposure": pl.Float64,
    "p_value": pl.Float64,
    **dict.fromkeys(_EXPECTED, pl.Float64),
}
_NONE: Final = pl.DataFrame(schema=_TESTED)


@dataclass(frozen=True)
class _Question:
    """One kind of test: how many events, among how many, of which family; by (series, bucket)."""

    kind: str
    family: Family
    series: NDArray[np.int64]
    events: Floats
    exposure: Floats
    least_exposure: int


def judge(counts: Counts, clock: Clock) -> pl.DataFrame:
    """Test every bucket that has history enough; one row each.

    Columns: series (row of `counts.keys`), bucket (place in `counts.starts`), kind, family, up,
    observed, exposure (days for volume), p_value, and the fields of `Expected`.
    """
    parts = [
        _test(question, clock, at)
        for question in _questions(counts)
        for at in range(clock.least, question.events.shape[1])
    ]
    return pl.concat([_NONE, *(part for part in parts if part is not None)])


def discoveries(tested: pl.DataFrame, alpha: float) -> pl.DataFrame:
    """The tests that hold at a false discovery rate of `alpha`.

    They gain q_value, expected, and lower and upper: the bounds of a quiet bucket, 95 %.
    """
    p = tested["p_value"].to_numpy()
    q = false_discovery_control(p) if len(p) else p
    tested = tested.with_columns(pl.Series("q_value", q, dtype=pl.Float64))
    found = tested.filter(pl.col("q_value") <= alpha)
    parts = found.partition_by("family") or [found]
    return pl.concat([with_bounds(part) for part in parts])


def with_bounds(tested: pl.DataFrame) -> pl.DataFrame:
    """Add expected, lower and upper to tests of one family."""
    of = Expected(*(tested[name].to_numpy() for name in _EXPECTED))
    n = tested["exposure"].to_numpy()
    lower, upper = of.level, of.level
    if tested.height:
        lower, upper = bounds(cast(Family, tested["family"][0]), n, of, INTERVAL)
    return tested.with_columns(
        pl.Series("expected", n * of.level), pl.Series("lower", lower), pl.Series("upper", upper)
    )


def _questions(counts: Counts) -> list[_Question]:
    things = counts.keys["thing"].is_not_null().to_numpy()
    whole, part = np.flatnonzero(~things), np.flatnonzero(things)
    days = np.diff([float(day.toordinal()) for day in counts.starts])
    begun = np.cumsum(counts.written, axis=1) > 0  # a place expects nothing before its first review
    every = np.arange(len(things))
    return [
        _Question("volume", "counts", whole, counts.said[whole], (days * begun)[whole], 1),
        _Question("share", "shares", part, counts.said[part], counts.written[part], LEAST_SEEN),
        _Question("sentiment", "shares", every, counts.praised, counts.judged, LEAST_SEEN),
    ]


def _test(question: _Question, clock: Clock, at: int) -> pl.DataFrame | None:
    """All series of one question in one bucket; None where none has history enough."""
    past = slice(max(0, at - clock.history), at)
    enough = (question.exposure[:, past] > 0).sum(1) >= clock.least
    rows = np.flatnonzero(enough & (question.exposure[:, at] >= question.least_exposure))
    if not len(rows):
        return None
    y, n = question.events[rows, at], question.exposure[rows, at]
    of = expect(
        question.family, question.events[rows, past], question.exposure[rows, past], clock, at
    )
    below, above = tails(question.family, y, n, of)
    if question.kind != "sentiment":
        above = np.where(y >= LEAST_SEEN, above, 1.0)
    if question.kind == "volume" and at == question.events.shape[1] - 1:
        below = np.ones_like(below)  # the last bucket may have days to come: never too empty
    return pl.DataFrame(
        {
            "series": question.series[rows],
            "bucket": np.full(len(rows), at),
            "kind": [question.kind] * len(rows),
            "family": [question.family] * len(rows),
            "up": above < below,
            "observed": y,
            "exposure": n,
            "p_value": np.minimum(1.0, 2 * np.minimum(below, above)),
            **{name: getattr(of, name) for name in _EXPECTED},
        },
        schema=_TESTED,
    )
