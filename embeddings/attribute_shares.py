"""How what a person likes, and what a list holds, is shared out among the values of a kind.

A kind is that of an attribute, such as Genre. An item's share is spread evenly over its values of
the kind (Steck, "Calibrated recommendations", RecSys 2018, section 3):

    p(g|i) = 1 / |values of i|   if i has g, else 0
    p(g|u) = mean of p(g|i) over what u liked in training and has a value
    q(g|u) = the same over u's list
    KL(p ‖ q̃) = Σ_g p(g|u) log (p(g|u) / q̃(g|u)),   q̃ = (1 - α) q + α p,   α = 0.01

KL is the list's miscalibration: 0 where the list is shared out as the likes are, at most log(1/α).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from embeddings.training_data import TrainingData
from kg.errors import ConfigError

ALPHA: Final = 0.01
MOST_VALUES: Final = 50
"""A kind with more values than this names things, and does not sort them."""

Shares = NDArray[np.float64]


def kinds_of(data: TrainingData) -> list[str]:
    """Return the kinds of attributes that items have, in alphabetical order."""
    return sorted(
        relation
        for start, relation, end in data.graph.edge_types
        if (start, end) == ("item", "attribute") and relation != "DESCRIBED_BY"
    )


def sorting_kinds(data: TrainingData) -> list[str]:
    """Return the kinds that sort items: two to `MOST_VALUES` values."""
    return [k for k in kinds_of(data) if 2 <= item_shares(data, k).shape[1] <= MOST_VALUES]


def item_shares(data: TrainingData, kind: str) -> csr_array:
    """Return p(g|i), (I, G); rows of items without a value are zero.

    Raises:
        ConfigError: no item has an attribute of this kind.
    """
    if kind not in kinds_of(data):
        raise ConfigError(
            f"No item has an attribute of the kind {kind!r} that the models see.",
            remedy=f"Kinds here: {', '.join(kinds_of(data)) or 'none'}.",
        )
    item, attribute = data.graph["item", kind, "attribute"].edge_index.numpy()
    values, column = np.unique(attribute, return_inverse=True)
    has = csr_array((np.ones(len(item)), (item, column)), shape=(len(data.items), len(values)))
    has.data[:] = 1.0
    return _rows_to_one(has)


def liked_shares(data: TrainingData, shares: csr_array) -> Shares:
    """Return p(g|u) of every user, (U, G); zero for users whose likes have no value."""
    return _mean_share(data.positives, shares)


def listed_shares(top: NDArray[np.int64], shares: csr_array) -> Shares:
    """Return q(g|u) of lists (n, k) filled up with -1, (n, G)."""
    user, place = np.nonzero(top >= 0)
    listed = csr_array(
        (np.ones(len(user)), (user, top[user, place])), shape=(len(top), shares.shape[0])
    )
    return _mean_share(listed, shares)


def divergence(p: Shares, q: Shares) -> NDArray[np.float64]:
    """Return KL(p ‖ q̃) over the last axis; 0 where p is zero throughout."""
    smooth = (1 - ALPHA) * q + ALPHA * p
    wanted = p > 0
    ratio = np.divide(p, smooth, out=np.ones(np.broadcast_shapes(p.shape, q.shape)), where=wanted)
    kl: NDArray[np.float64] = (p * np.log(ratio)).sum(-1)
    return kl


def _mean_share(of: csr_array, shares: csr_array) -> Shares:
    total = np.asarray((of @ shares).todense(), np.float64)
    size = total.sum(1, keepdims=True)
    return total / np.where(size > 0, size, 1.0)


def _rows_to_one(has: csr_array) -> csr_array:
    size = np.asarray(has.sum(1)).ravel()
    return csr_array(diags_array(1.0 / np.where(size > 0, size, 1.0)) @ has)
