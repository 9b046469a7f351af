"""What the baselines share that score by s = x W: a row of liked items times item–item weights."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embeddings.baselines.baseline import OfLikes, Parts, dense
from embeddings.training_data import TrainingData
from kg.settings import Settings

S = TypeVar("S", bound=Settings)
Weights = NDArray[np.float32] | csr_matrix


class ItemScores(OfLikes[S]):
    """A recommender whose whole model is a matrix W of item–item weights."""

    @abstractmethod
    def weights(self, data: TrainingData, settings: S) -> Weights:
        """Return W, (I, I), for settings of one value each."""

    def learn(self, data: TrainingData, settings: S) -> Parts:
        """Return X and W; see `Baseline`."""
        return {"X": csr_matrix(data.positives), "W": self.weights(data, settings)}

    def rows_of_likes(self, parts: Parts, likes: csr_matrix) -> NDArray[np.float32]:
        """Return x W; see `OfLikes`."""
        return dense(likes @ parts["W"])
