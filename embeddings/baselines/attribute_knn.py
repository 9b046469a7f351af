"""Attribute kNN: items that share attributes with what a user likes (`nearest_liked.py`).

v_ia = 1, or idf log(I / n_a) where rare attributes are to count for more, if item i has a.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix

from embeddings.baselines.nearest_liked import NearestLiked
from embeddings.baselines.settings import AttributeKnnSettings
from embeddings.training_data import TrainingData
from kg.errors import ModelError


class AttributeKnn(NearestLiked[AttributeKnnSettings]):
    """See the module."""

    name: ClassVar[str] = "attribute-knn"
    settings_type = AttributeKnnSettings

    def item_vectors(self, data: TrainingData, settings: AttributeKnnSettings) -> csr_matrix:
        """Return v, (I, A); see `NearestLiked`."""
        has = data.attributes
        if has is None:
            raise ModelError(
                "attribute-knn needs attributes, but no item has one.",
                remedy="Name columns of attributes in a source, or leave attribute-knn out of "
                "`models`; features.min_items leaves out attributes of few items.",
            )
        V = csr_matrix(has > 0, dtype=np.float32)
        if settings.idf[0]:
            frequency = np.maximum(np.bincount(V.indices, minlength=V.shape[1]), 1)
            V.data *= np.log(V.shape[0] / frequency).astype(np.float32)[V.indices]
        return V
