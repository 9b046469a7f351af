"""The closed-form item–item part of the model, cross-fitted so that training does not overtrust it.

B fitted on all users has seen the very edges that training asks for. So users fall into folds, and
while training, a user's scores come from a B fitted without the user's fold; at inference from all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embeddings.models.closed_form import (
    co_occurrence,
    neighbour_weights,
    strongest,
    weights_of,
)
from embeddings.training_data import Pairs, TrainingData

FOLDS = 5
NEIGHBOURS = 100
SHRINK = 20.0
CACHED_CELLS = 60_000_000

Weights = NDArray[np.float32] | csr_matrix


class ClosedFormScores:
    """R = X B / scale.

    Args:
        X: liked training pairs, (U, I).
        B: item–item weights, (I, I).
        scale: what the scores are divided by.
    """

    def __init__(self, X: csr_matrix, B: Weights, scale: float) -> None:
        self.X, self.B, self.scale = X, B, scale

    def rows(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return R of these users, (B, I)."""
        return _product(self.X[users], self.B) / np.float32(self.scale)


class ItemResidual:
    """R = X B / sd(X B), out of fold for training, in full for inference.

    Args:
        data: the training part.
        l2, time_share, time_scale_days: of the closed form.
        exact_items: catalogues up to this size take the inverse, larger ones shrunk neighbours.

    Attributes:
        full: scores from all users, for inference.
    """

    def __init__(
        self,
        data: TrainingData,
        *,
        l2: float,
        time_share: float,
        time_scale_days: float,
        exact_items: int,
    ) -> None:
        items = len(data.items)
        self.X = csr_matrix(data.positives)
        self._fold = np.random.default_rng(data.seed).integers(0, FOLDS, len(data.users))
        if items <= exact_items:
            G = [
                co_occurrence(
                    _of_users(data.pairs, self._fold == fold),
                    items,
                    time_share=time_share,
                    time_scale_days=time_scale_days,
                )
                for fold in range(FOLDS)
            ]
            total = np.sum(G, axis=0)
            B: Weights = weights_of(total, l2)
            self._without: list[Weights] = [weights_of(total - part, l2) for part in G]
        else:
            B = neighbour_weights(self.X, neighbours=NEIGHBOURS, shrink=SHRINK)
            self._without = [
                neighbour_weights(
                    _without_rows(self.X, self._fold == fold), neighbours=NEIGHBOURS, shrink=SHRINK
                )
                for fold in range(FOLDS)
            ]
        sample = np.arange(min(len(data.users), max(1, CACHED_CELLS // max(1, items))))
        scale = float(_product(self.X[sample], B).std()) or 1.0
        self.full = ClosedFormScores(self.X, B, scale)
        self._cache = (
            self._training(np.arange(len(data.users)))
            if len(data.users) * items <= CACHED_CELLS
            else None
        )

    def similar(self, neighbours: int) -> csr_matrix:
        """Return the largest positive weights b_ji of each item i, (I, I)."""
        return strongest(self.full.B, neighbours)

    def training(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return R of these users from weights fitted without their fold, (B, I)."""
        return self._training(users) if self._cache is None else self._cache[users]

    def _training(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        result = np.empty((len(users), self.X.shape[1]), np.float32)
        for fold, B in enumerate(self._without):
            rows = np.flatnonzero(self._fold[users] == fold)
            result[rows] = ClosedFormScores(self.X, B, self.full.scale).rows(users[rows])
        return result


def _product(X: csr_matrix, B: Weights) -> NDArray[np.float32]:
    scores = X @ B
    dense: NDArray[np.float32] = scores if isinstance(scores, np.ndarray) else scores.toarray()
    return dense


def _of_users(pairs: Pairs, chosen: NDArray[np.bool_]) -> Pairs:
    keep = chosen[pairs.user]
    return Pairs(
        user=pairs.user[keep],
        item=pairs.item[keep],
        positive=pairs.positive[keep],
        rating=pairs.rating[keep],
        weight=pairs.weight[keep],
        day=pairs.day[keep],
        review=None,
    )


def _without_rows(X: csr_matrix, dropped: NDArray[np.bool_]) -> csr_matrix:
    return csr_matrix(X.multiply((~dropped)[:, None]))
