"""Buckets of time, and how far back a baseline looks in each.

The lengths follow the practice of disease surveillance (five years of weeks; Noufaily et al. 2013),
scaled to the other buckets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Clock:
    """One size of bucket.

    Attributes:
        every: its name, as `date.truncate` in Cypher takes it.
        step: the same for polars.
        history: buckets that a baseline looks back at most.
        least: buckets that a baseline needs at least.
        period: buckets after which the season comes again; 0 where there is none.
        harmonics: pairs of sine and cosine that describe the season.
    """

    every: str
    step: str
    history: int
    least: int
    period: float = 0.0
    harmonics: int = 0

    def start_of(self, at: pl.Expr) -> pl.Expr:
        """The first day of the bucket of a time in UTC."""
        return at.dt.truncate(self.step).cast(pl.Date)

    def calendar(self, first: object, last: object) -> pl.Series:
        """First days of all buckets from `first` to the one after `last`."""
        return pl.select(
            pl.date_range(pl.lit(first), pl.lit(last).dt.offset_by(self.step), interval=self.step)
        ).to_series()

    def season(self, places: Floats) -> Floats:
        """Sine and cosine of the season at each place of the calendar, (buckets, 2 · harmonics)."""
        turns = np.arange(1, self.harmonics + 1)
        angle = 2 * np.pi * np.outer(places, turns) / self.period
        return np.hstack([np.sin(angle), np.cos(angle)])


CLOCKS: Final = {
    clock.every: clock
    for clock in (
        Clock("day", "1d", history=182, least=28, period=7, harmonics=3),
        Clock("week", "1w", history=260, least=26, period=365.25 / 7, harmonics=2),
        Clock("month", "1mo", history=60, least=12, period=12, harmonics=2),
        Clock("quarter", "1q", history=32, least=8, period=4, harmonics=1),
        Clock("year", "1y", history=15, least=5),
    )
}
"""Every size of bucket, by name."""
