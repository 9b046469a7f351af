"""Percentile bootstrap over users: where a mean would be with other users of the same kind.

Efron & Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def bootstrap_interval(
    values: Values, seed: int, *, level: float = 0.95, draws: int = 1000
) -> tuple[Values, Values]:
    """Return the interval of the mean over users, per column.

    Args:
        values: (n, M), without NaN. Differences of two models on the same users give the
            interval of a paired comparison.
        seed: of the resampling; the same users are drawn for every column.
        level: share of the draws inside.
        draws: resamplings; fewer above 30,000 users, which need less.

    Returns:
        lower and upper ends, each (M,).
    """
    return inner_part(resampled_means(values, seed, draws=draws), level)


def resampled_means(values: Values, seed: int, *, draws: int = 1000) -> Values:
    """Return the means of users drawn with replacement, (draws, M); see `bootstrap_interval`."""
    n, columns = values.shape
    rng = np.random.default_rng(seed)
    means = np.empty((max(200, min(draws, 30_000_000 // n)), columns))
    for draw in range(len(means)):
        times = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        means[draw] = times @ values / n
    return means


def inner_part(draws: Values, level: float = 0.95) -> tuple[Values, Values]:
    """Return between what a share of the draws (D, M) lies, lower and upper ends, each (M,)."""
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail], axis=0)
    return low, high
