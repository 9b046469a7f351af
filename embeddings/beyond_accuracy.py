"""What lists are like, whether or not they hit: breadth, concentration, diversity, popularity.

`top` holds item positions, best first, (n, K) int64; -1 fills lists that are shorter. Popularity
of an item is the number of users who liked it in training.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from embeddings.attribute_shares import divergence, listed_shares
from embeddings.metrics import Top, Values, or_nan
from embeddings.sparse_rows import product_blocks


def coverage(top: Top, items: int, k: int) -> float:
    """Return the share of all items that are in anybody's top k."""
    listed = np.unique(top[:, :k])
    return float((listed >= 0).sum() / items)


def gini(top: Top, items: int, k: int) -> float:
    """Return how unequally the places of all top k are shared out among the items.

    With c_1 <= … <= c_I, how often each of all I items is listed, also those that never are:
    G = sum_j (2j - I - 1) c_j / ((I - 1) sum c) (Gunawardana & Shani 2015, sales diversity).
    0: all items equally often; 1: one item takes every place that there is.
    """
    shown = top[:, :k]
    times = np.sort(np.bincount(shown[shown >= 0], minlength=items))
    if items < 2 or not times.any():
        return 0.0
    order = 2.0 * np.arange(1, items + 1) - items - 1
    return float(order @ times / ((items - 1) * times.sum()))


def intra_list_diversity(top: Top, profiles: csr_array, k: int) -> Values:
    """Return the mean of 1 - cos(i, j) over all pairs of a user's top k, (n,).

    With rows p of length one, sum over i != j of p_i p_j = |sum p_i|^2 - sum |p_i|^2, so no pair
    is ever formed (Ziegler et al. 2005). NaN for lists of fewer than two items.

    Args:
        top: (n, K).
        profiles: what items are alike by, rows of length one or zero, (I, F).
        k: length of the list.
    """
    listed = _membership(top[:, :k], profiles.shape[0])
    length = listed.sum(1)
    squares = _squared(profiles)
    sums = [_squared(listed[users] @ profiles) for users in product_blocks(listed, profiles)]
    alike = np.concatenate([np.empty(0), *sums]) - listed @ squares
    pairs: Values = length * (length - 1.0)
    mean: Values = np.divide(alike, pairs, out=np.full(len(top), np.nan), where=pairs > 0)
    return 1.0 - mean


def mean_of_listed(top: Top, of_item: Values, k: int) -> Values:
    """Return the mean over a user's top k of what is known of each item (I,), (n,).

    Of popularity: the mean number of users who liked the listed items. Of `self_information`:
    the novelty of the list.
    """
    shown = top[:, :k] >= 0
    values = np.where(shown, of_item[np.maximum(top[:, :k], 0)], 0.0)
    total: Values = values.sum(1, dtype=np.float64)
    return total / or_nan(shown.sum(1))


def self_information(popularity: Values, users: int) -> Values:
    """Return the bits that seeing an item is worth, -log2 of its share of users, (I,).

    Zhou et al. 2010. The share is (popularity + 1) / (users + 1), so that an item that nobody
    liked yet has the most, log2(users + 1), and one that all liked has none.
    """
    return -np.log2((popularity + 1.0) / (users + 1.0))


def profile_popularity(liked: csr_array, popularity: Values) -> Values:
    """Return the mean popularity of what each user (row of `liked`) liked in training, (n,).

    NaN for users who liked nothing. The popularity lift of lists is the mean over users of their
    lists' popularity over the mean of this: 1 is as mainstream as the users are themselves
    (Abdollahpouri et al. 2019 report lift - 1 as group average popularity).
    """
    total = np.asarray(liked @ popularity, np.float64)
    return total / or_nan(np.asarray(liked.sum(1)).ravel())


def miscalibration(top: Top, shares: csr_array, liked: Values, k: int) -> Values:
    """Return how far the top k are from being shared out as the user's likes are, (n,).

    The divergence of Steck 2018; see `attribute_shares.py`. NaN where no liked item has a value.

    Args:
        top: (n, K).
        shares: of each item among the values of a kind of attribute, (I, G).
        liked: of each of these users' likes, (n, G).
        k: length of the list.
    """
    kl = divergence(liked, listed_shares(top[:, :k], shares))
    return np.where(liked.any(axis=1), kl, np.nan)


def _squared(rows: csr_array) -> Values:
    """|row|² of each row, (n,)."""
    return np.asarray(rows.multiply(rows).sum(1)).ravel()


def _membership(top: Top, items: int) -> csr_array:
    """(n, I) of ones where an item is in a list."""
    user, place = np.nonzero(top >= 0)
    ones = np.ones(len(user))
    return csr_array((ones, (user, top[user, place])), shape=(len(top), items))
