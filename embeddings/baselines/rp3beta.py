"""RP3β: a walk user → item → user → item that popular ends are discounted in (Paudel et al., 2017).

W_jk = Σ_u P_ju P_uk / deg_k^β,   P_ju = (1 / deg_j)^α,   P_uk = (1 / deg_u)^α,   scores = X W.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix, diags_array

from embeddings.baselines.item_scores import ItemScores
from embeddings.baselines.settings import Rp3BetaSettings
from embeddings.models.closed_form import largest_per_group
from embeddings.training_data import TrainingData


class Rp3Beta(ItemScores[Rp3BetaSettings]):
    """See the module."""

    name: ClassVar[str] = "rp3beta"
    settings_type = Rp3BetaSettings

    def weights(self, data: TrainingData, settings: Rp3BetaSettings) -> csr_matrix:
        """Return W, (I, I), float32."""
        X = csr_matrix(data.positives, dtype=np.float64)
        of_user = np.maximum(np.asarray(X.sum(axis=1)).ravel(), 1.0)
        of_item = np.maximum(np.asarray(X.sum(axis=0)).ravel(), 1.0)
        alpha, beta = settings.alpha[0], settings.beta[0]
        to_user = diags_array(of_item**-alpha) @ X.T
        to_item = diags_array(of_user**-alpha) @ X @ diags_array(of_item**-beta)
        W = csr_matrix(to_user @ to_item)
        W.setdiag(0)
        coo = W.tocoo()
        kept = largest_per_group(coo.row.astype(np.int64), coo.data, settings.neighbours[0])
        values = coo.data[kept].astype(np.float32)
        return csr_matrix((values, (coo.row[kept], coo.col[kept])), shape=W.shape)
