"""Means of what some users wrote, or of what was written of some items."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as fn

from embeddings.models.ranges import ranges


class ReviewMeans:
    """Pairs with a review by user, or by item.

    Args:
        group: user, or item, of each training pair, (P,).
        groups: U, or I.
        review: mean vector of each pair's reviews, (P, p).
        written: pairs that have one, (P,) bool.
    """

    def __init__(self, group: Tensor, groups: int, review: Tensor, written: Tensor) -> None:
        pairs = written.nonzero().ravel()
        self._pair = pairs[group[pairs].argsort(stable=True)]
        self._count = torch.bincount(group[pairs], minlength=groups)
        self._begin = self._count.cumsum(0) - self._count
        self._review = review

    def of_all(self, visible: Tensor) -> Tensor:
        """Return the means of all users, or items, (groups, p); see `at`."""
        return self.at(torch.arange(len(self._count), device=visible.device), visible)

    def at(self, groups: Tensor, visible: Tensor) -> Tensor:
        """Return the mean of the visible pairs' reviews of these, zero for none, (n, p).

        The sum is fused: no vector is held for each pair.

        Args:
            groups: users, or items, (n,).
            visible: training pairs that may speak, (P,) bool.
        """
        count = self._count[groups]
        of, place = ranges(self._begin[groups], count)
        pair, begin = self._pair[place], count.cumsum(0) - count
        shown = visible[pair]
        total = fn.embedding_bag(
            pair, self._review, begin, mode="sum", per_sample_weights=shown.float()
        )
        spoken = torch.zeros_like(count).index_add_(0, of, shown.long())
        return total / spoken.clamp_min(1)[:, None]
