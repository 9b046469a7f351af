"""When an item is around against when a user was last seen, for splits that hold out the last acts.

ψ[bin(t_i - last_u)]: t_i is the median day on which training took item i, and last_u the day of the
user's last visible act. For a pair that training asks about, t_i leaves out the pair itself.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from embeddings.training_data import Pairs

_DAYS = (3, 7, 14, 30, 60, 90, 180, 365, 730, 1460, 2920)
EDGES = (*(-day for day in reversed(_DAYS)), 0, *_DAYS)
BINS = len(EDGES) + 2  # the last one is for unknown times


class TimeWindow:
    """The times that ψ needs.

    Args:
        pairs: training pairs.
        users, items: U, I.
        device: where the tensors go.

    Attributes:
        item_day: t_i, NaN where unknown, (I,) float32.
        pair_item_day: t_i of each pair without the pair itself, (P,) float32.
    """

    def __init__(self, pairs: Pairs, users: int, items: int, device: torch.device) -> None:
        item_day, pair_item_day = medians(pairs.item, pairs.day, items)
        self.users = users
        self.day = torch.from_numpy(pairs.day.astype(np.float32)).to(device)
        self.item_day = torch.from_numpy(item_day).to(device)
        self.pair_item_day = torch.from_numpy(pair_item_day).to(device)

    def last_day(self, pair_user: Tensor, visible: Tensor) -> Tensor:
        """Return the day of each user's last visible act, NaN where there is none, (U,)."""
        day = self.day.masked_fill(~visible | self.day.isnan(), -torch.inf)
        last = torch.full((self.users,), -torch.inf, device=day.device)
        last = last.scatter_reduce(0, pair_user, day, reduce="amax")
        return last.masked_fill(last.isinf(), torch.nan)


def bins(item_day: Tensor, last_day: Tensor) -> Tensor:
    """Return the bin of t_i - last_u, int64 in [0, BINS)."""
    difference = item_day - last_day
    edges = torch.tensor(EDGES, dtype=difference.dtype, device=difference.device)
    return torch.bucketize(difference, edges).masked_fill(difference.isnan(), BINS - 1)


def medians(
    group: NDArray[np.int64], value: NDArray[np.float64], groups: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the median of each group, and for each member the median of the others.

    Unknown (NaN) values do not count; NaN where nothing is left.
    """
    whole = np.full(groups, np.nan, np.float32)
    others = np.full(len(group), np.nan, np.float32)
    known = np.flatnonzero(~np.isnan(value))
    order = known[np.lexsort((value[known], group[known]))]
    g, v = group[order], value[order]
    count = np.bincount(g, minlength=groups)
    start = np.cumsum(count) - count
    some = np.flatnonzero(count)
    n, first = count[some], start[some]
    whole[some] = (v[first + (n - 1) // 2] + v[first + n // 2]) / 2
    rank, left = np.arange(len(g)) - start[g], count[g] - 1
    low, high = (left - 1) // 2, left // 2
    more = left > 0
    low = (start[g] + low + (low >= rank))[more]
    high = (start[g] + high + (high >= rank))[more]
    others[order[more]] = (v[low] + v[high]) / 2
    others[np.isnan(value)] = whole[group[np.isnan(value)]]
    return whole, others
