"""Recent popularity: how many users liked an item in the last days of the training part.

s(u, i) = n_i(last N days) + n_i / (max n + 1): what is equal lately is ranked by all of the past.
Where no time is known, the past is all there is.
"""

from __future__ import annotations

import logging
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.baselines.baseline import Baseline, Parts
from embeddings.baselines.settings import RecentPopularitySettings
from embeddings.training_data import TrainingData

logger = logging.getLogger(__name__)


class RecentPopularity(Baseline[RecentPopularitySettings]):
    """See the module."""

    name: ClassVar[str] = "recent-popularity"
    settings_type = RecentPopularitySettings

    def learn(self, data: TrainingData, settings: RecentPopularitySettings) -> Parts:
        """Return the items' scores, (I,), and the number of users; see `Baseline`."""
        liked = data.pairs.positive
        item, day = data.pairs.item[liked], data.pairs.day[liked]
        known = ~np.isnan(day)
        if not known.any():
            logger.warning("recent-popularity: no time is known; all of the past counts")
        recent = day > day.max(where=known, initial=-np.inf) - settings.days[0]
        ever = np.bincount(item, minlength=len(data.items))
        lately = np.bincount(item[recent], minlength=len(data.items))
        return {"scores": (lately + ever / (ever.max(initial=0) + 1)).astype(np.float32)}

    def rows(self, parts: Parts, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the same scores for everybody; see `Baseline`."""
        return np.tile(parts["scores"], (len(users), 1))

    def score_likes(self, likes: csr_array) -> NDArray[np.float32]:
        """Return the same scores for everybody; see `FoldsIn`."""
        return np.tile(self._parts["scores"], (likes.shape[0], 1))
