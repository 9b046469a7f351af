"""UserKNN: what the most similar users like (Herlocker et al., SIGIR 1999; shrunk as `item_knn`).

S_uv = x_u·x_v / (|x_u| |x_v| + shrink) for the k largest of each user,   scores = S X.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embeddings.baselines.baseline import Baseline, Parts, dense
from embeddings.baselines.settings import UserKnnSettings
from embeddings.models.closed_form import neighbour_weights
from embeddings.training_data import TrainingData


class UserKnn(Baseline[UserKnnSettings]):
    """See the module."""

    name: ClassVar[str] = "user-knn"
    settings_type = UserKnnSettings

    def learn(self, data: TrainingData, settings: UserKnnSettings) -> Parts:
        """Return S, (U, U), and X, (U, I); see `Baseline`."""
        X = csr_matrix(data.positives)
        to_user = neighbour_weights(
            csr_matrix(X.T), neighbours=settings.neighbours[0], shrink=settings.shrink[0]
        )
        return {"S": csr_matrix(to_user.T), "X": X}

    def rows(self, parts: Parts, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return S X of these users; see `Baseline`."""
        return dense(parts["S"][users] @ parts["X"])
