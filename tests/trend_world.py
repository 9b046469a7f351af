"""Months of reviews drawn at random, quiet or with something planted, as counts by bucket."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from etl.trends.clock import Floats
from etl.trends.counts import Counts

MONTHS = 60


def calendar(number: int = MONTHS) -> list[date]:
    """First days of the months from January 2015, and of the one after the last."""
    return [date(2015 + each // 12, each % 12 + 1, 1) for each in range(number + 1)]


def shop(
    rng: np.random.Generator,
    *,
    written: Floats,
    shares: Floats,
    good: float = 0.7,
    place: str = "",
) -> Counts:
    """A place with aspects a0, a1 … of which each review speaks by chance.

    Args:
        written: expected reviews by month.
        shares: chance that a review speaks of the aspect, (aspects, months).
    """
    total = rng.poisson(written)
    said = np.vstack([total, rng.binomial(total, shares)]).astype(float)
    praised = rng.binomial(said.astype(int), good).astype(float)
    names = [f"a{number}" for number in range(len(shares))]
    keys = pl.DataFrame(
        {
            "place": [place] * len(said),
            "label": [None, *(["Aspect"] * len(names))],
            "thing": [None, *names],
        }
    )
    everywhere = np.broadcast_to(said[0], said.shape).copy()
    return Counts(keys, calendar(said.shape[1]), everywhere, said, praised, said.copy())


def steady(
    rng: np.random.Generator, aspects: int = 6, place: str = "", months: int = MONTHS
) -> Counts:
    """Forty reviews a month, a tenth of which speak of each aspect."""
    return shop(
        rng, written=np.full(months, 40.0), shares=np.full((aspects, months), 0.1), place=place
    )


def together(places: list[Counts]) -> Counts:
    """Several places in one."""
    return Counts(
        pl.concat([each.keys for each in places]),
        places[0].starts,
        *(
            np.vstack([getattr(each, name) for each in places])
            for name in ("written", "said", "praised", "judged")
        ),
    )
