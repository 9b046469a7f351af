"""NDCG@10 on the validation targets: the one number that early stopping and tuning look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from embeddings.training_data import TrainingData
from kg.errors import ModelError

K = 10
CELLS_PER_BLOCK = 20_000_000


class Validation:
    """Full ranking of the validation targets.

    Args:
        data: training data with `valid`; the ranking leaves out what users took in training.
        device: where scores come from.

    Raises:
        ModelError: there is no validation target.
    """

    def __init__(self, data: TrainingData, device: torch.device | None = None) -> None:
        if data.valid is None or data.valid.nnz == 0:
            raise ModelError(
                "Settings are to be chosen on validation, but there is no validation target.",
                remedy="There may be too few users with three or more pairs: add data, or let "
                "split.valid and split.min_pairs hold some pairs out.",
            )
        self._device = device or torch.device("cpu")
        self._valid, self._seen = data.valid, data.seen
        self._users = np.flatnonzero(np.diff(data.valid.indptr)).astype(np.int64)
        self._block = max(1, CELLS_PER_BLOCK // len(data.items))

    def ndcg(self, score: Callable[[NDArray[np.int64]], Tensor]) -> float:
        """Return mean NDCG@10 over the users with a target; `score` maps users to (B, I)."""
        total = 0.0
        for first in range(0, len(self._users), self._block):
            users = self._users[first : first + self._block]
            scores = score(users).float()
            scores = scores.index_put(self._cells(self._seen[users]), scores.new_tensor(-torch.inf))
            total += float(self._gains(scores, users).sum())
        return total / len(self._users)

    def _gains(self, scores: Tensor, users: NDArray[np.int64]) -> Tensor:
        """NDCG@10 of each row, (B,)."""
        k = min(K, scores.shape[1])
        top = scores.topk(k, dim=1).indices
        relevant = torch.zeros_like(scores, dtype=torch.bool)
        relevant[self._cells(self._valid[users])] = True
        discount = 1.0 / torch.arange(2, k + 2, device=scores.device).float().log2()
        dcg = (relevant.gather(1, top) * discount).sum(1)
        wanted = relevant.sum(1).clamp_max(k)
        return dcg / discount.cumsum(0)[wanted - 1]

    def _cells(self, rows: object) -> tuple[Tensor, Tensor]:
        row, column = rows.nonzero()  # type: ignore[attr-defined]
        return (
            torch.from_numpy(row.astype(np.int64)).to(self._device),
            torch.from_numpy(column.astype(np.int64)).to(self._device),
        )
