"""Content kNN: items whose texts are like those of what a user likes (`nearest_liked.py`).

v_i = (1 - r) x_i / |x_i| + r y_i / |y_i|,   x_i the item's own text, y_i its reviews' mean

less the mean of either over all items: what all texts share tells nothing apart.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as fn

from embeddings.baselines.nearest_liked import NearestLiked
from embeddings.baselines.settings import ContentKnnSettings
from embeddings.training_data import TrainingData
from kg.errors import ModelError


class ContentKnn(NearestLiked[ContentKnnSettings]):
    """See the module."""

    name: ClassVar[str] = "content-knn"
    settings_type = ContentKnnSettings

    def item_vectors(self, data: TrainingData, settings: ContentKnnSettings) -> NDArray[np.float32]:
        """Return v, (I, d); see `NearestLiked`."""
        share = settings.review_share[0]
        own, reviews = data.graph["item"].get("x"), _review_means(data)
        if own is None or reviews is None or not bool(own.any() | reviews.any()):
            raise ModelError(
                "content-knn needs text vectors, but no item has a text.",
                remedy="Set encoder.model, or leave content-knn out of `models`.",
            )
        v = (1 - share) * _centred(own) + share * _centred(reviews)
        vectors: NDArray[np.float32] = v.numpy()
        return vectors


def _review_means(data: TrainingData) -> Tensor | None:
    """Mean over each item's pairs of their reviews, zero where there is none, (I, d)."""
    review = data.pairs.review
    if review is None:
        return None
    there = (review != 0).any(dim=1)
    item = torch.from_numpy(data.pairs.item)[there]
    total = torch.zeros(len(data.items), review.shape[1]).index_add_(0, item, review[there])
    return total / torch.bincount(item, minlength=len(total)).clamp_min(1)[:, None]


def _centred(x: Tensor) -> Tensor:
    """Unit rows less their mean, scaled to length 1 again; rows of zeros stay."""
    there = (x != 0).any(dim=1, keepdim=True)
    unit = fn.normalize(x)
    mean = unit.sum(0) / there.sum().clamp_min(1)
    return fn.normalize((unit - mean) * there)
