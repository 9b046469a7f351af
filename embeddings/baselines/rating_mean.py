"""Rating mean: r̂ = μ + b_u + b_i, a user's kindness and an item's renown (`rating_bias.py`)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from embeddings.baselines.baseline import Parts
from embeddings.baselines.rating_factors import RatingFactors, rating_parts
from embeddings.baselines.settings import RatingMeanSettings
from embeddings.models.rating_bias import Rated, rating_bias
from embeddings.training_data import TrainingData


class RatingMean(RatingFactors[RatingMeanSettings]):
    """See the module."""

    name: ClassVar[str] = "rating-mean"
    settings_type = RatingMeanSettings

    def learn(self, data: TrainingData, settings: RatingMeanSettings) -> Parts:
        """Return P = (b_u, 1), Q = (1, b_i) and the scale; see `Baseline`."""
        rated = Rated.of(data, self.name)
        bias = rating_bias(
            rated, user_shrink=settings.user_shrink[0], item_shrink=settings.item_shrink[0]
        )
        P = np.stack([bias.user, np.ones_like(bias.user)], axis=1)
        Q = np.stack([np.ones_like(bias.item), bias.item], axis=1)
        return rating_parts(rated, bias.mean, P, Q)
