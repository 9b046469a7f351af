"""The closed-form item–item part of the model, cross-fitted so that training does not overtrust it.

B fitted on all users has seen the very edges that training asks for. So users fall into folds, and
while training, a user is scored by a B fitted without the user's fold, and by the pairs that
the step shows: hidden ones would speak for every item but themselves. Inference uses all of both.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor
from torch.nn import functional as fn

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
SAMPLED_CELLS = 10_000_000
TYPICAL_BEST = 4.0  # R of a user's best item: as telling as a cosine divided by τ

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
    """R = X B / scale, out of fold for training, in full for inference.

    The scale makes a user's largest R 4 on average, on sparse sets and dense ones.

    Args:
        data: the training part.
        l2, time_share, time_scale_days: of the closed form.
        exact_items: catalogues up to this size take the inverse, larger ones shrunk neighbours.
        device: of training.

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
        device: torch.device,
    ) -> None:
        items = len(data.items)
        X = csr_matrix(data.positives)
        fold_of = np.random.default_rng(data.seed).integers(0, FOLDS, len(data.users))
        if items <= exact_items:
            G = [
                co_occurrence(
                    _of_users(data.pairs, fold_of == fold),
                    items,
                    time_share=time_share,
                    time_scale_days=time_scale_days,
                )
                for fold in range(FOLDS)
            ]
            total = np.sum(G, axis=0)
            B: Weights = weights_of(total, l2)
            without: list[Weights] = [weights_of(total - part, l2) for part in G]
        else:
            B = neighbour_weights(X, neighbours=NEIGHBOURS, shrink=SHRINK)
            without = [
                neighbour_weights(
                    _without_rows(X, fold_of == fold), neighbours=NEIGHBOURS, shrink=SHRINK
                )
                for fold in range(FOLDS)
            ]
        likes = np.flatnonzero(np.diff(X.indptr))
        sample = likes[: max(1, SAMPLED_CELLS // max(1, items))]
        best = _product(X[sample], B).max(axis=1, initial=0.0)
        scale = float(best.mean()) / TYPICAL_BEST if best.any() else 1.0
        self.full = ClosedFormScores(X, B, scale)
        self._fold = torch.from_numpy(fold_of).to(device)
        self._sparse = [B for B in without if not isinstance(B, np.ndarray)]
        dense = [torch.from_numpy(B) for B in without if isinstance(B, np.ndarray)]
        self._dense = torch.cat(dense).to(device) if dense else None

    def similar(self, neighbours: int) -> csr_matrix:
        """Return the largest positive weights b_ji of each item i, (I, I)."""
        return strongest(self.full.B, neighbours)

    def training(self, users: Tensor, user: Tensor, item: Tensor, items: Tensor) -> Tensor:
        """Return R of these users for these items, from weights fitted without their fold, (B, C).

        Args:
            users: ascending, (B,).
            user, item: liked pairs that may speak, sorted by user, (n,).
            items: (C,).
        """
        row = torch.full((len(self._fold),), -1, device=user.device)
        row[users] = torch.arange(len(users), device=user.device)
        row = row[user]
        row, user, item = row[row >= 0], user[row >= 0], item[row >= 0]
        if self._dense is None:
            return self._sparse_rows(users, row, item, items)
        offsets = torch.searchsorted(row, torch.arange(len(users), device=row.device))
        width = self._dense.shape[1]
        place = self._fold[user] * width + item
        R = fn.embedding_bag(place, self._dense, offsets, mode="sum") / self.full.scale
        return R if len(items) == width else R[:, items]

    def _sparse_rows(self, users: Tensor, row: Tensor, item: Tensor, items: Tensor) -> Tensor:
        cells = row.cpu().numpy(), item.cpu().numpy()
        X = csr_matrix((np.ones(len(row), np.float32), cells), (len(users), self.full.X.shape[1]))
        R = np.empty((len(users), len(items)), np.float32)
        columns, fold = items.cpu().numpy(), self._fold[users].cpu().numpy()
        for number, B in enumerate(self._sparse):
            R[fold == number] = (X[fold == number] @ B[:, columns]).toarray() / self.full.scale
        return torch.from_numpy(R).to(users.device)


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
