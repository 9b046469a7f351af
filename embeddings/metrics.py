"""Metrics of ranked lists, per user, over whole blocks of users at once.

`top` holds item positions, best first, (n, K) int64; -1 fills lists that are shorter. `targets`
holds what each of these users is known to like, (n, I). Users without a target have no value
(NaN). All follow Gunawardana & Shani, "Evaluating Recommender Systems" (2015), with binary gain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Top = NDArray[np.int64]
Values = NDArray[np.float64]


def hits(top: Top, targets: csr_array) -> NDArray[np.bool_]:
    """Return which places of the lists hold a target, (n, K) bool."""
    rows, width = targets.shape
    if len(top) != rows:
        raise ValueError(f"got lists of {len(top)} users and targets of {rows}; wanted the same")
    users, items = targets.nonzero()
    wanted = np.sort(users.astype(np.int64) * width + items)
    if not len(wanted):
        return np.zeros(top.shape, np.bool_)
    got = np.arange(rows, dtype=np.int64)[:, None] * width + top
    place = np.minimum(np.searchsorted(wanted, got), len(wanted) - 1)
    hit: NDArray[np.bool_] = (wanted[place] == got) & (top >= 0)
    return hit


def target_counts(targets: csr_array) -> NDArray[np.int64]:
    """Return |T_u|, the number of targets of each user, (n,)."""
    return np.bincount(targets.nonzero()[0], minlength=targets.shape[0])


def ndcg(top: Top, targets: csr_array, k: int) -> Values:
    """Return NDCG@k, (n,).

    DCG = sum over places j = 1 … k of [i_j in T] / log2(j + 1), over the DCG of the best list
    that is possible, which has min(k, |T|) hits at its head (Järvelin & Kekäläinen 2002).
    """
    return ndcg_of_hits(hits(top[:, :k], targets), target_counts(targets), k)


def ndcg_of_hits(hit: NDArray[np.bool_], count: NDArray[np.int64], k: int) -> Values:
    """Return NDCG@k, (n,), from hits (n, K) and target counts (n,)."""
    gain = 1.0 / np.log2(np.arange(2, k + 2))
    found: Values = hit[:, :k] @ gain[: hit.shape[1]]
    ideal: Values = np.concatenate([[np.nan], np.cumsum(gain)])[np.minimum(count, k)]
    return found / ideal


def recall(hit: NDArray[np.bool_], count: NDArray[np.int64], k: int) -> Values:
    """Return Recall@k = |top k and T| / |T|, (n,)."""
    found: Values = hit[:, :k].sum(1, dtype=np.float64)
    return found / or_nan(count)


def precision(hit: NDArray[np.bool_], count: NDArray[np.int64], k: int) -> Values:
    """Return Precision@k = |top k and T| / k, (n,), also where fewer than k can be ranked."""
    return np.where(count > 0, hit[:, :k].sum(1) / k, np.nan)


def reciprocal_rank(hit: NDArray[np.bool_], count: NDArray[np.int64], k: int) -> Values:
    """Return 1 / the place of the first hit, 0 without one in the top k, (n,); its mean is MRR."""
    first = hit[:, :k].argmax(1)
    return np.where(count > 0, hit[:, :k].any(1) / (1.0 + first), np.nan)


def hit_rate(hit: NDArray[np.bool_], count: NDArray[np.int64], k: int) -> Values:
    """Return 1 where the top k hold a target, else 0, (n,)."""
    return np.where(count > 0, hit[:, :k].any(1), np.nan)


def or_nan(count: NDArray[np.int64]) -> Values:
    return np.where(count > 0, count, np.nan)
