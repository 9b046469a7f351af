"""ItemKNN: cosine neighbours among items (Sarwar et al., WWW 2001; shrinkage as in Koren, 2008).

W_jk = G_jk / (|x_j| |x_k| + shrink) for the k largest of each item, G = XᵀX,   scores = X W.
"""

from __future__ import annotations

from typing import ClassVar

from scipy.sparse import csr_matrix

from embeddings.baselines.item_scores import ItemScores
from embeddings.baselines.settings import ItemKnnSettings
from embeddings.models.closed_form import neighbour_weights
from embeddings.training_data import TrainingData


class ItemKnn(ItemScores[ItemKnnSettings]):
    """See the module."""

    name: ClassVar[str] = "item-knn"
    settings_type = ItemKnnSettings

    def weights(self, data: TrainingData, settings: ItemKnnSettings) -> csr_matrix:
        """Return W, (I, I)."""
        return neighbour_weights(
            csr_matrix(data.positives),
            neighbours=settings.neighbours[0],
            shrink=settings.shrink[0],
        )
