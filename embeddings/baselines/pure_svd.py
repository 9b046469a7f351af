"""PureSVD: the liked pairs at low rank (Cremonesi, Koren & Turrin, RecSys 2010).

X ≈ U Σ Vᵀ with d factors,   scores = X V Vᵀ.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from sklearn.utils.extmath import randomized_svd

from embeddings.baselines.baseline import Parts
from embeddings.baselines.factors import Factors
from embeddings.baselines.settings import PureSvdSettings
from embeddings.training_data import TrainingData


class PureSvd(Factors[PureSvdSettings]):
    """See the module."""

    name: ClassVar[str] = "pure-svd"
    settings_type = PureSvdSettings

    def learn(self, data: TrainingData, settings: PureSvdSettings) -> Parts:
        """Return P = X V and Q = V; see `Baseline`."""
        X = csr_matrix(data.positives)
        _, _, VT = randomized_svd(X, min(settings.factors[0], *X.shape), random_state=data.seed)
        V = np.ascontiguousarray(VT.T, dtype=np.float32)
        return {"P": X @ V, "Q": V}

    def score_likes(self, likes: csr_array) -> NDArray[np.float32]:
        """Return x V Vᵀ; see `FoldsIn`."""
        V = self._parts["Q"]
        return np.asarray(likes @ V @ V.T, dtype=np.float32)
