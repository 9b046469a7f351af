"""ItemKNN: cosine neighbours among items (Sarwar et al., WWW 2001; shrinkage as in Koren, 2008).

W_jk = G_jk / (|x_j| |x_k| + shrink) for the k largest of each item, G = XᵀX,   scores = X W.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from scipy.sparse import csr_matrix

from embeddings.baselines.item_scores import ItemScores
from embeddings.models.closed_form import neighbour_weights
from embeddings.training_data import TrainingData
from kg.settings import Settings


class ItemKnnSettings(Settings):
    """ItemKNN."""

    neighbours: tuple[int, ...] = Field(default=(100, 20, 50, 200, 400), min_length=1)
    """Neighbours kept of each item; several values: chosen on validation."""
    shrink: tuple[float, ...] = Field(default=(10.0, 0.0, 50.0, 200.0), min_length=1)
    """Pulls similarities that rest on few users towards 0; several values: chosen on validation."""


class ItemKnn(ItemScores[ItemKnnSettings]):
    """See the module."""

    name: ClassVar[str] = "item-knn"
    settings_type = ItemKnnSettings

    def __init__(self, settings: ItemKnnSettings | None = None) -> None:
        super().__init__(settings or ItemKnnSettings())

    def weights(self, data: TrainingData, settings: ItemKnnSettings) -> csr_matrix:
        """Return W, (I, I)."""
        return neighbour_weights(
            csr_matrix(data.positives),
            neighbours=settings.neighbours[0],
            shrink=settings.shrink[0],
        )
