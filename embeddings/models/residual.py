"""The closed-form item–item part of the model, cross-fitted so that training does not overtrust it.

Weights fitted on all users have seen the very edges that training asks for. So while training, a
user is scored by the pairs that the step shows, and by weights that do not know the hidden ones:
hidden pairs would speak for every item but themselves. Inference uses all of both.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags_array
from torch import Tensor
from torch.nn import functional as fn

from embeddings.models.closed_form import CoOccurrence, co_occurrence, weights_of
from embeddings.models.low_pass import LowPass, blended
from embeddings.models.ranges import ranges
from embeddings.training_data import Pairs, TrainingData

FOLDS = 5
NEIGHBOURS = 200
BLENDED_NEIGHBOURS = 400
LOW_PASS = 0.5  # of the low-pass filter, where co-occurrence counts 1
SAMPLED_CELLS = 10_000_000
VOICE = 0.5
TYPICAL_BEST = 4.0  # R of a user's best item: as telling as a cosine divided by τ

Weights = NDArray[np.float32] | csr_matrix


class ClosedFormScores:
    """R = X B / scale.

    Args:
        X: what speaks for each user, (U, I).
        B: item–item weights, (I, I).
        scale: what the scores are divided by.
        voice: v, where a user's n items speak with n^-v each.
    """

    def __init__(self, X: csr_matrix, B: Weights, scale: float, voice: float = 0.0) -> None:
        self.X, self.B, self.scale, self.voice = X, B, scale, voice

    @classmethod
    def scaled(cls, X: csr_matrix, B: Weights, voice: float = 0.0) -> ClosedFormScores:
        """Return scores whose largest of each user is 4 on average, on sparse sets and dense."""
        best = _product(sampled(X), B).max(axis=1, initial=0.0)
        return cls(X, B, float(best.mean()) / TYPICAL_BEST if best.any() else 1.0, voice)

    def with_weights(self, B: Weights) -> ClosedFormScores:
        """Return the scores by other weights on the same scale."""
        return ClosedFormScores(self.X, B, self.scale, self.voice)

    def rows(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return R of these users, (B, I)."""
        return _product(self.X[users], self.B) / np.float32(self.scale)

    def of_likes(self, likes: csr_matrix) -> NDArray[np.float32]:
        """Return R of people who like these items, ones in (n, I)."""
        return _product(voiced(likes, self.voice), self.B) / np.float32(self.scale)


class ItemResidual(Protocol):
    """Closed-form scores to train with.

    Attributes:
        full: scores from all users, for inference.
    """

    full: ClosedFormScores

    def training(
        self, users: Tensor, shown: Tensor, target: Tensor, items: Tensor | None = None
    ) -> Tensor:
        """Return R of these users for these items, without what hidden pairs tell, (B, C).

        Args:
            users: ascending, (B,).
            shown: row in `users` and item of the liked pairs that may speak, by row.
            target: row and item of the hidden liked pairs.
            items: ascending, all items of `target` among them, (C,); None for all.
        """
        ...


class FoldedResidual:
    """The exact closed form; a user is scored by weights fitted without the user's fold.

    Args:
        data: the training part.
        l2, time_share, time_scale_days: of the closed form.
        device: of training.
    """

    def __init__(
        self,
        data: TrainingData,
        *,
        l2: float,
        time_share: float,
        time_scale_days: float,
        device: torch.device,
    ) -> None:
        items = len(data.items)
        fold_of = np.random.default_rng(data.seed).integers(0, FOLDS, len(data.users))
        G = [
            co_occurrence(
                _of_users(data.pairs, fold_of == fold),
                items,
                time_share=time_share,
                time_scale_days=time_scale_days,
            )
            for fold in range(FOLDS)
        ]
        total = sum(G[1:], start=G[0])
        self.full = ClosedFormScores.scaled(csr_matrix(data.positives), weights_of(total, l2))
        without = [torch.from_numpy(weights_of(total - part, l2)) for part in G]
        self._without = torch.cat(without).to(device)
        self._fold = torch.from_numpy(fold_of).to(device)

    def training(
        self, users: Tensor, shown: Tensor, target: Tensor, items: Tensor | None = None
    ) -> Tensor:
        """See `ItemResidual`; the user's fold holds all hidden pairs, so `target` is not asked."""
        row, item = shown
        offsets = torch.searchsorted(row, torch.arange(len(users), device=row.device))
        place = self._fold[users[row]] * self._without.shape[1] + item
        R = fn.embedding_bag(place, self._without, offsets, mode="sum") / self.full.scale
        return R if items is None else R.index_select(1, items)


class LeaveOneOutResidual:
    """Co-occurrence for large catalogues; a user's own part of it is taken out exactly.

    A user's n items speak with n^-½ each, or the scores of those who have many would drown the
    network's. Only the hidden items need that: with any other, the user has not co-occurred.

    Args:
        data: the training part.
        device: of training.
        low_pass: counts at inference, beside co-occurrence; None for none.
    """

    def __init__(
        self, data: TrainingData, device: torch.device, low_pass: LowPass | None = None
    ) -> None:
        X = csr_matrix(data.positives)
        fitted, spoken = CoOccurrence.of(X, neighbours=NEIGHBOURS), voiced(X, VOICE)
        self.full = ClosedFormScores.scaled(spoken, fitted.W, VOICE)
        scale = np.float32(self.full.scale)
        if low_pass is not None:
            best = low_pass.rows(sampled(spoken)).max(axis=1, initial=0.0).mean()
            share = LOW_PASS * TYPICAL_BEST * self.full.scale / float(best)
            B = blended(fitted.W, low_pass, share, neighbours=BLENDED_NEIGHBOURS)
            self.full = self.full.with_weights(B)
        self._of_user = torch.from_numpy(fitted.of_user).to(device)
        self._source = torch.from_numpy(fitted.source / scale).to(device)
        self._target = torch.from_numpy(fitted.target).to(device)
        self._begin = torch.from_numpy(fitted.W.indptr.astype(np.int64)).to(device)
        self._neighbour = torch.from_numpy(fitted.W.indices.astype(np.int64)).to(device)
        self._weight = torch.from_numpy(fitted.W.data / scale).to(device)

    def training(
        self, users: Tensor, shown: Tensor, target: Tensor, items: Tensor | None = None
    ) -> Tensor:
        """See `ItemResidual`."""
        column, width = torch.arange(len(self._target), device=users.device), len(self._target)
        if items is not None:
            width, column = len(items), torch.full_like(column, -1)
            column[items] = torch.arange(width, device=users.device)
        row, item = shown
        speaker, place = ranges(self._begin[item], self._begin.diff()[item])
        at = column[self._neighbour[place]]
        if items is not None:
            asked = (at >= 0).nonzero().ravel()
            at, speaker, place = at[asked], speaker[asked], place[asked]
        cell = (row * width)[speaker] + at
        R = self._weight.new_zeros(len(users) * width).index_add_(0, cell, self._weight[place])
        own = torch.zeros_like(R).index_add_(0, cell, self._source[item][speaker])
        row, item = target
        cell = row * width + column[item]
        R[cell] -= own[cell] * self._target[item] * self._of_user[users[row]]
        return R.view(len(users), width).mul_(voice_of_each(shown[0], len(users), VOICE))


def sampled(X: csr_matrix) -> csr_matrix:
    """Return rows that are not empty, as many as have 10 million cells."""
    likes = np.flatnonzero(np.diff(X.indptr))
    return X[likes[: max(1, SAMPLED_CELLS // max(1, X.shape[1]))]]


def voiced(X: csr_matrix, voice: float) -> csr_matrix:
    """Return the rows times n^-voice, n the number of their items."""
    if voice == 0.0:
        return X
    each = np.diff(X.indptr).clip(1) ** -voice
    return csr_matrix(diags_array(each.astype(np.float32)) @ X)


def voice_of_each(row: Tensor, users: int, voice: float) -> Tensor:
    """Return n^-voice of users from the rows of what speaks for them, (B, 1); see `voiced`."""
    return (torch.bincount(row, minlength=users).clamp_min(1) ** -voice)[:, None]


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
