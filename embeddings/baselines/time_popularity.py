"""Time-local popularity: how popular an item was around the time when the user was last seen.

s(u, i) = log(1 + Σ_{v likes i} κ((t_vi - t_u) / w)),   κ(x) = exp(-|x|) or exp(-x²/2)

in whole days. A like of unknown time counts for nobody; a user of unknown time was last seen on
the last day. Where no time is known, this is popularity.
"""

from __future__ import annotations

import logging
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embeddings.baselines.baseline import Baseline, Parts
from embeddings.baselines.settings import TimePopularitySettings
from embeddings.training_data import TrainingData

logger = logging.getLogger(__name__)


class TimePopularity(Baseline[TimePopularitySettings]):
    """See the module."""

    name: ClassVar[str] = "time-popularity"
    settings_type = TimePopularitySettings

    def learn(self, data: TrainingData, settings: TimePopularitySettings) -> Parts:
        """Return likes per day and item, the days' kernel, and each user's day; see `Baseline`."""
        pairs, items = data.pairs, len(data.items)
        known = ~np.isnan(pairs.day)
        if not known.any():
            logger.warning("time-popularity: no time is known; this is popularity")
            day, last = np.zeros(len(pairs.day), np.int64), np.zeros(len(data.users), np.int64)
            liked = pairs.positive
        else:
            day = np.floor(np.where(known, pairs.day, np.nanmin(pairs.day))).astype(np.int64)
            day -= day.min()
            last = np.full(len(data.users), -1)
            np.maximum.at(last, pairs.user[known], day[known])
            last[last < 0] = day.max()
            liked = pairs.positive & known
        shape = (int(day.max(initial=0)) + 1, items)
        H = csr_matrix(
            (np.ones(int(liked.sum()), np.float32), (day[liked], pairs.item[liked])), shape
        )
        distance = np.arange(shape[0]) / settings.width_days[0]
        exponent = distance if settings.kernel[0] == "exponential" else distance**2 / 2
        return {"H": H, "kernel": np.exp(-exponent).astype(np.float32), "last": last}

    def rows(self, parts: Parts, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the logarithms of the kernel's sums around each user's day; see `Baseline`."""
        days, row = np.unique(parts["last"][users], return_inverse=True)
        H = parts["H"]
        near = parts["kernel"][np.abs(days[:, None] - np.arange(H.shape[0]))]
        scores: NDArray[np.float32] = np.log1p(near @ H)[row].astype(np.float32)
        return scores
