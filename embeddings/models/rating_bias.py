"""What a rating is before taste: μ + b_u + b_i, by regularised means (Koren, KDD 2008, eq. 1).

    b_i = Σ_u (r_ui - μ - b_u) / (n_i + λ_i),   b_u = Σ_i (r_ui - μ - b_i) / (n_u + λ_u)

over the rated pairs, in turn until they stay: the minimum of
Σ (r_ui - μ - b_u - b_i)² + λ_u Σ b_u² + λ_i Σ b_i².
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from embeddings.training_data import TrainingData
from kg.errors import ModelError

ROUNDS = 20

Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rated:
    """The rated training pairs.

    Attributes:
        pair: rows of `Pairs`, (n,) int64.
        user, item: positions, (n,) int64.
        rating: (n,) float64.
        users, items: U, I.
    """

    pair: NDArray[np.int64]
    user: NDArray[np.int64]
    item: NDArray[np.int64]
    rating: Values
    users: int
    items: int

    @classmethod
    def of(cls, data: TrainingData, name: str) -> Self:
        """Take them from the training part.

        Args:
            data: the training part.
            name: of the model that wants them, for the message.

        Raises:
            ModelError: no training pair has a rating.
        """
        pairs = data.pairs
        pair = np.flatnonzero(~np.isnan(pairs.rating))
        if not len(pair):
            raise ModelError(
                f"{name} learns from ratings, but none of the {len(pairs.rating):,} training pairs"
                " has one.",
                remedy="Map a rating column in the source, leave rating-mean and biased-mf out of"
                " `models`, and leave model.hetero_gat.objective at ranking.",
            )
        return cls(
            pair=pair,
            user=pairs.user[pair],
            item=pairs.item[pair],
            rating=pairs.rating[pair].astype(np.float64),
            users=len(data.users),
            items=len(data.items),
        )

    @property
    def range(self) -> tuple[float, float]:
        """Return the lowest and the highest rating."""
        return float(self.rating.min()), float(self.rating.max())


@dataclass(frozen=True)
class RatingBias:
    """μ (), b_u (U,) and b_i (I,)."""

    mean: float
    user: Values
    item: Values

    def of(self, user: NDArray[np.int64], item: NDArray[np.int64]) -> Values:
        """Return μ + b_u + b_i of pairs, (n,)."""
        return self.mean + self.user[user] + self.item[item]


def rating_bias(rated: Rated, *, user_shrink: float, item_shrink: float) -> RatingBias:
    """Return the biases of the rated pairs; see the module.

    Args:
        rated: the training pairs.
        user_shrink, item_shrink: λ_u, λ_i.
    """
    mean = float(rated.rating.mean())
    centred = rated.rating - mean
    n_u = np.bincount(rated.user, minlength=rated.users)
    n_i = np.bincount(rated.item, minlength=rated.items)
    b_u = np.zeros(rated.users)
    for _ in range(ROUNDS):
        b_i = _shrunk_mean(rated.item, centred - b_u[rated.user], n_i, item_shrink)
        b_u = _shrunk_mean(rated.user, centred - b_i[rated.item], n_u, user_shrink)
    return RatingBias(mean, b_u, b_i)


def _shrunk_mean(
    group: NDArray[np.int64], value: Values, count: NDArray[np.int64], shrink: float
) -> Values:
    total = np.bincount(group, value, minlength=len(count))
    mean: Values = total / np.maximum(count + shrink, 1e-12)
    return mean
