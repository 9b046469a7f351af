"""Lists put into another order: against sameness (MMR), or shared out as a person's likes are.

Both go from place to place and take, of the candidates that are left, the one with the largest

    (1 - w) rel(i) - w c(i | what is on the list so far)

with rel(i) the model's score, scaled to 0 … 1 among the user's candidates, w the weight and c the
cost of taking i next:

    mmr         max_{j on the list} cos(i, j)    Carbonell & Goldstein, SIGIR 1998, λ = 1 - w
    calibrated  KL(p ‖ q̃(list and i))            Steck, RecSys 2018, λ = w; `attribute_shares.py`

w = 0 leaves the model's order. Scores stay what the model said; only places change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.attribute_shares import divergence, item_shares, liked_shares
from embeddings.evaluate import item_profiles
from embeddings.ranking import Ranking
from embeddings.settings import RerankSettings
from embeddings.training_data import TrainingData

Index = NDArray[np.int64]
Floats = NDArray[np.float64]

_CELLS: Final = 4_000_000
"""Numbers that one part of a block may hold at a time."""


class Cost(Protocol):
    """c of the candidates of some users, which changes as their lists grow."""

    def now(self) -> Floats:
        """Return c(i | the list so far) of every candidate, (n, N)."""
        ...

    def take(self, chosen: Index) -> None:
        """Put one candidate of each user, (n,), on the list."""
        ...


class Reranker:
    """Orders candidates by `settings`.

    Args:
        settings: with a method that is not "none".
        data: what the model was fitted on: attributes of items, and what users liked.

    Raises:
        ConfigError: no item has an attribute of `settings.kind`.
    """

    def __init__(self, settings: RerankSettings, data: TrainingData) -> None:
        self.settings = settings
        if settings.method == "calibrated":
            self._items = item_shares(data, settings.kind)
            self._liked = liked_shares(data, self._items)
        else:
            self._items = item_profiles(data)

    def rerank(self, ranking: Ranking, length: int) -> Ranking:
        """Return the same candidates in another order.

        Args:
            ranking: the candidates of some users, best first.
            length: places to fill by the method; those behind stay in the model's order.
        """
        parts = [
            self._order(ranking.users[part], ranking.items[part], ranking.scores[part], length)
            for part in self._parts(*ranking.items.shape)
        ]
        order = np.concatenate([np.empty((0, ranking.items.shape[1]), np.int64), *parts])
        return Ranking(
            ranking.users,
            np.take_along_axis(ranking.items, order, axis=1),
            np.take_along_axis(ranking.scores, order, axis=1),
        )

    def _parts(self, users: int, candidates: int) -> Iterator[slice]:
        items, values = self._items.shape
        size = _CELLS // max(1, candidates * values)
        if self.settings.method == "mmr":
            size = _CELLS if items**2 <= _CELLS else math.isqrt(_CELLS)
            size //= max(1, candidates)
        return (slice(start, start + max(1, size)) for start in range(0, users, max(1, size)))

    def _order(self, users: Index, items: Index, scores: NDArray[np.float32], length: int) -> Index:
        weight, there = self.settings.weight, items >= 0
        rel = (1 - weight) * _relevance(scores, there)
        cost: Cost = (
            _Sameness(self._items, items)
            if self.settings.method == "mmr"
            else _Miscalibration(self._items, self._liked[users], items)
        )
        rows, count = np.arange(len(items)), min(length, items.shape[1])
        place = np.full(items.shape, count)
        for number in range(count):
            worth = np.where(there, rel - weight * cost.now(), -np.inf)
            worth[place < count] = -np.inf
            chosen = worth.argmax(1)
            left = worth[rows, chosen] > -np.inf
            place[rows[left], chosen[left]] = number
            cost.take(chosen)
        return place.argsort(axis=1, kind="stable")


def _relevance(scores: NDArray[np.float32], there: NDArray[np.bool_]) -> Floats:
    """Scores scaled to 0 … 1 among each user's candidates; 0 where there is none."""
    known = np.where(there, scores, np.nan).astype(np.float64)
    low = np.min(known, axis=1, initial=np.inf, where=there)[:, None]
    high = np.max(known, axis=1, initial=-np.inf, where=there)[:, None]
    span = np.where(high > low, high - low, 1.0)
    return np.where(there, (np.nan_to_num(known) - low) / span, 0.0)


class _Sameness:
    """The largest cosine with anything on the list; 0 with nothing on it."""

    def __init__(self, profiles: csr_array, items: Index) -> None:
        known, self._at = np.unique(items.clip(min=0), return_inverse=True)
        some = profiles[known]
        self._cosines = np.asarray((some @ some.T).todense(), np.float64)
        self._rows = np.arange(len(items))
        self._largest = np.zeros(items.shape)

    def now(self) -> Floats:
        return self._largest

    def take(self, chosen: Index) -> None:
        taken = self._at[self._rows, chosen]
        self._largest = np.maximum(self._largest, self._cosines[self._at, taken[:, None]])


class _Miscalibration:
    """KL of the likes and the list with each candidate on it."""

    def __init__(self, shares: csr_array, liked: Floats, items: Index) -> None:
        flat = np.asarray(shares[items.clip(min=0).ravel()].todense(), np.float64)
        self._shares = flat.reshape(*items.shape, -1)
        self._liked = liked[:, None, :]
        self._rows = np.arange(len(items))
        self._total = np.zeros((len(items), 1, shares.shape[1]))

    def now(self) -> Floats:
        total = self._total + self._shares
        size = total.sum(-1, keepdims=True)
        return divergence(self._liked, total / np.where(size > 0, size, 1.0))

    def take(self, chosen: Index) -> None:
        self._total += self._shares[self._rows, chosen][:, None, :]
