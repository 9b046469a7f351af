"""What baselines share that predict ratings: r̂ = μ + p·q, kept within the range of the ratings.

They obey the ranking contract, too: an item ranks by its predicted rating, which knows nothing of
what people choose to rate. Settings are chosen by RMSE on the rated validation pairs.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from embeddings.baselines.baseline import Judge, Parts
from embeddings.baselines.factors import Factors
from embeddings.models.rating_bias import Rated
from embeddings.models.validation import rating_rmse
from embeddings.training_data import TrainingData
from kg.settings import Settings

S = TypeVar("S", bound=Settings)


class RatingFactors(Factors[S]):
    """A recommender whose parts are P, (U, d), Q, (I, d), and scale: μ, lowest, highest rating."""

    @property
    def predicts_ratings(self) -> bool:
        """Always; see `RatingPredictor`."""
        return True

    def predict_ratings(
        self, users: NDArray[np.int64], items: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the ratings of these pairs, (n,); see `RatingPredictor`."""
        return ratings_of(self._parts, users, items)

    def judge(self, data: TrainingData) -> Judge | None:
        """Return what tells how good parts are: -RMSE; see `Baseline`."""
        wanted = data.valid_ratings
        if wanted is None:
            return None
        return lambda parts: -rating_rmse(ratings_of(parts, wanted.user, wanted.item), wanted)


def ratings_of(
    parts: Parts, users: NDArray[np.int64], items: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return μ + p·q of these pairs, within the range, (n,)."""
    mean, low, high = parts["scale"]
    r = mean + np.einsum("nd,nd->n", parts["P"][users], parts["Q"][items])
    ratings: NDArray[np.float32] = np.clip(r, low, high).astype(np.float32)
    return ratings


def rating_parts(
    rated: Rated, mean: float, P: NDArray[np.float64], Q: NDArray[np.float64]
) -> Parts:
    """Return the parts as they are kept."""
    return {
        "P": P.astype(np.float32),
        "Q": Q.astype(np.float32),
        "scale": np.array([mean, *rated.range], np.float32),
    }
