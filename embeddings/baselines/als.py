"""iALS: weighted factors by alternating least squares, by the library `implicit`.

    min Σ_{all u, i} c_ui (x_ui - p_u·q_i)² + λ (Σ_u |p_u|² + Σ_i |q_i|²),   c_ui = 1 + (α - 1) x_ui

Hu, Koren & Volinsky, ICDM 2008; how much its settings matter: Rendle et al., RecSys 2022.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from embeddings.baselines.baseline import Parts
from embeddings.baselines.factors import Factors
from embeddings.baselines.settings import AlsSettings
from embeddings.training_data import TrainingData
from kg.errors import ModelError


class Als(Factors[AlsSettings]):
    """See the module."""

    name: ClassVar[str] = "als"
    settings_type = AlsSettings

    def learn(self, data: TrainingData, settings: AlsSettings) -> Parts:
        """Return P and Q; see `Baseline`.

        Raises:
            ModelError: `implicit` is not installed.
        """
        try:
            from implicit.cpu.als import AlternatingLeastSquares
        except ImportError as error:
            raise ModelError(
                "The model als needs the library implicit, which is not installed.",
                remedy="Install it (pip install 'kgrec[baselines]'), or leave als out of `models`.",
            ) from error
        with threadpool_limits(1, "blas"):  # its own threads share the work
            model = AlternatingLeastSquares(
                factors=settings.factors[0],
                regularization=settings.l2[0],
                alpha=settings.alpha[0],
                iterations=settings.iterations,
                random_state=data.seed,
            )
            model.fit(csr_matrix(data.positives), show_progress=False)
        return {"P": np.asarray(model.user_factors), "Q": np.asarray(model.item_factors)}

    def score_likes(self, likes: csr_array) -> NDArray[np.float32]:
        """Return p·q_i, p the solution of the person's own ridge regression; see `FoldsIn`.

        (QᵀQ + (α - 1) Σ_liked q qᵀ + λI) p = α Σ_liked q
        """
        Q = self._parts["Q"].astype(np.float64)
        alpha, l2 = self.settings.alpha[0], self.settings.l2[0]
        everybody = Q.T @ Q + l2 * np.eye(Q.shape[1])
        P = np.empty((likes.shape[0], Q.shape[1]))
        for row, liked in enumerate(np.split(likes.indices, likes.indptr[1:-1])):
            q = Q[liked]
            P[row] = np.linalg.solve(everybody + (alpha - 1) * q.T @ q, alpha * q.sum(0))
        return np.asarray(P @ Q.T, dtype=np.float32)
