"""What early stopping and tuning look at: NDCG@10 on the validation targets, RMSE of ratings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from torch import Tensor

from embeddings.training_data import Ratings, TrainingData
from kg.errors import ModelError

K = 10
CELLS_PER_BLOCK = 20_000_000
MOST_CELLS = 400_000_000


class Validation:
    """Ranking of the validation targets.

    Targets that nobody had in training are ranked among the items that are such targets, all
    others among all items: one is never the place of the other. The two count by their numbers.

    Beyond `MOST_CELLS` users × items, a part of the users is drawn once and stands for all.

    Args:
        data: training data with `valid`; the ranking leaves out what users took in training.
        device: where scores come from.

    Attributes:
        cold: items without a training pair that are a target, (I,) bool.

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
        self._seen, valid = data.seen, _of_drawn_users(data.valid, data.seed)
        had = np.bincount(data.pairs.item, minlength=len(data.items)) > 0
        self.cold: NDArray[np.bool_] = ~had & (valid.sum(0) > 0)
        self._columns = torch.from_numpy(np.flatnonzero(self.cold)).to(self._device)
        self._warm = csr_array(valid @ diags_array(had.astype(np.float32)))
        self._cold = csr_array(valid[:, self.cold])
        for targets in (self._warm, self._cold):
            targets.eliminate_zeros()
        self._users = np.flatnonzero(np.diff(valid.indptr)).astype(np.int64)
        self._block = max(1, CELLS_PER_BLOCK // len(data.items))

    def ndcg(self, score: Callable[[NDArray[np.int64]], Tensor]) -> float:
        """Return NDCG@10 of users with a target; `score` maps users to scores, (B, I)."""
        warm = cold = 0.0
        for users, scores in self.scores(score):
            warm += float(self._gains(scores, self._warm[users]).sum())
            if self._cold.nnz:
                cold += float(self._gains(scores[:, self._columns], self._cold[users]).sum())
        means = [
            (total / max(1, int((np.diff(targets.indptr) > 0).sum())), targets.nnz)
            for total, targets in ((warm, self._warm), (cold, self._cold))
        ]
        return sum(mean * count for mean, count in means) / sum(count for _, count in means)

    def scores(
        self, score: Callable[[NDArray[np.int64]], Tensor]
    ) -> Iterator[tuple[NDArray[np.int64], Tensor]]:
        """Yield users with a target and their scores, -inf for what they took in training."""
        for first in range(0, len(self._users), self._block):
            users = self._users[first : first + self._block]
            scores = score(users).float()
            taken = self._cells(self._seen[users])
            yield users, scores.index_put(taken, scores.new_tensor(-torch.inf))

    def _gains(self, scores: Tensor, targets: csr_array) -> Tensor:
        """NDCG@10 of each row, 0 without a target, (B,)."""
        k = min(K, scores.shape[1])
        top = scores.topk(k, dim=1).indices
        relevant = torch.zeros_like(scores, dtype=torch.bool)
        relevant[self._cells(targets)] = True
        discount = 1.0 / torch.arange(2, k + 2, device=scores.device).float().log2()
        dcg = (relevant.gather(1, top) * discount).sum(1)
        wanted = relevant.sum(1).clamp(1, k)
        return dcg / discount.cumsum(0)[wanted - 1]

    def _cells(self, rows: csr_array) -> tuple[Tensor, Tensor]:
        row, column = rows.nonzero()
        return (
            torch.from_numpy(row.astype(np.int64)).to(self._device),
            torch.from_numpy(column.astype(np.int64)).to(self._device),
        )


def _of_drawn_users(valid: csr_array, seed: int) -> csr_array:
    """The targets of as many users as `MOST_CELLS` allows, (U, I)."""
    users, most = np.flatnonzero(np.diff(valid.indptr)), max(1, MOST_CELLS // valid.shape[1])
    if len(users) <= most:
        return valid
    drawn = np.zeros(valid.shape[0], np.float32)
    drawn[np.random.default_rng(seed).permutation(users)[:most]] = 1.0
    kept = csr_array(diags_array(drawn) @ valid)
    kept.eliminate_zeros()
    return kept


def rating_rmse(predicted: NDArray[np.float32], wanted: Ratings) -> float:
    """Return the root mean squared error of predictions of the wanted pairs, (n,)."""
    error = predicted.astype(np.float64) - wanted.rating
    return float(np.sqrt(np.mean(error**2)))
