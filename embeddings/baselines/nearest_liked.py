"""What the baselines share that compare an item with what a user likes by content.

s(u, i) = mean of the k largest cos(v_i, v_j) over the items j that u likes; 0 for users without.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize

from embeddings.baselines.baseline import OfLikes, Parts, dense
from embeddings.baselines.settings import NearestLikedSettings
from embeddings.training_data import TrainingData

S = TypeVar("S", bound=NearestLikedSettings)
CELLS_PER_BLOCK = 8_000_000


class NearestLiked(OfLikes[S]):
    """A recommender whose parts are X, (U, I), unit rows V, (I, d), and k."""

    @abstractmethod
    def item_vectors(self, data: TrainingData, settings: S) -> NDArray[np.float32] | csr_matrix:
        """Return v of all items, zero where there is none, (I, d).

        Raises:
            ModelError: no item has one.
        """

    def learn(self, data: TrainingData, settings: S) -> Parts:
        """Return X, V and k; see `Baseline`."""
        return {
            "X": csr_matrix(data.positives),
            "V": normalize(self.item_vectors(data, settings)),
            "k": np.array(settings.neighbours[0]),
        }

    def rows_of_likes(self, parts: Parts, likes: csr_matrix) -> NDArray[np.float32]:
        """Return the mean cosines with the nearest liked items; see `OfLikes`."""
        X, V, k = likes, parts["V"], int(parts["k"])
        scores = np.zeros(X.shape, np.float32)
        for rows in _alike(np.diff(X.indptr), CELLS_PER_BLOCK // max(1, X.shape[1])):
            liked, place = np.unique(X[rows].indices, return_inverse=True)
            cosine = torch.from_numpy(dense(V[liked] @ V.T))
            near = cosine[torch.from_numpy(place.reshape(len(rows), -1))]
            scores[rows] = near.topk(min(k, near.shape[1]), dim=1).values.mean(1)
        return scores


def _alike(likes: NDArray[np.int32], cells: int) -> Iterator[NDArray[np.int64]]:
    """Rows with equally many likes, up to `cells` likes at a time, or one row; none without."""
    order = np.argsort(likes, kind="stable")
    order = order[likes[order] > 0]
    for rows in np.split(order, np.flatnonzero(np.diff(likes[order])) + 1):
        if len(rows):
            size = max(1, cells // int(likes[rows[0]]))
            yield from np.split(rows, np.arange(size, len(rows), size))
