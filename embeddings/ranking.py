"""Every user's best items by a model, block by block, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.settings import NewItemSettings
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

BLOCK_SCORES = 8_000_000
_Top = tuple[NDArray[np.int64], NDArray[np.float32]]


@dataclass(frozen=True)
class Ranking:
    """The best items of a block of users.

    Attributes:
        users: positions, (n,) int64.
        items: positions, best first, -1 where nothing is left to rank, (n, K) int64.
        scores: of these items, -inf where there is none, (n, K) float32.
    """

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class KeptPlaces:
    """Places of every list that are kept for some of the items, which stand nowhere else.

    Attributes:
        items: for which, (I,) bool.
        first: the first place, from 1.
        every: distance of the places.
    """

    items: NDArray[np.bool_]
    first: int
    every: int

    @classmethod
    def of(cls, settings: NewItemSettings, data: TrainingData) -> KeptPlaces | None:
        """Return the places of items without a pair in `data`; None where none is kept."""
        if not settings.every:
            return None
        had = np.bincount(data.pairs.item, minlength=len(data.items)) > 0
        return cls(~had, settings.first, settings.every)


class Scorer(Protocol):
    """What `rank` needs of a model."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of all items for these users; see `Recommender`."""
        ...


def rank(
    model: Scorer,
    users: NDArray[np.int64],
    mask: csr_array,
    depth: int,
    *,
    candidates: NDArray[np.bool_] | None = None,
    kept: KeptPlaces | None = None,
    progress: Progress = no_progress,
) -> Iterator[Ranking]:
    """Rank all items for each user, less those that `mask` (U, I) marks.

    Args:
        model: a fitted model.
        users: positions of the users, (n,).
        mask: nonzero where an item must not be listed for a user, (U, I).
        depth: length of the lists (or all items, where there are fewer).
        candidates: items that may be listed at all, (I,); None for all.
        kept: places that are kept for some items; where a user has none left, the others move up.
        progress: told of users done.

    Raises:
        ModelError: the model gives scores of another shape, or that are no numbers.
    """
    items = mask.shape[1]
    block = max(1, BLOCK_SCORES // max(1, items))
    for start in range(0, len(users), block):
        chosen = users[start : start + block]
        scores = model.score(chosen)
        if scores.shape != (len(chosen), items) or np.isnan(scores).any():
            raise ModelError(
                f"{model.name} gave scores of shape {scores.shape}"
                f" with {int(np.isnan(scores).sum())} that are no numbers;"
                f" wanted {(len(chosen), items)}, all numbers.",
                remedy="If it was trained for long at a high learning rate, lower the rate.",
            )
        scores = np.array(scores, dtype=np.float32)
        scores[mask[chosen].nonzero()] = -np.inf
        if candidates is not None:
            scores[:, ~candidates] = -np.inf
        yield Ranking(
            chosen, *(_best(scores, depth) if kept is None else _mixed(scores, depth, kept))
        )
        progress(start + len(chosen), len(users), "users")


def _best(scores: NDArray[np.float32], depth: int) -> _Top:
    """The best items of each row, -1 where nothing is left, and their scores."""
    best, order = torch.topk(torch.from_numpy(scores), min(depth, scores.shape[1]), dim=1)
    return np.where(best.numpy() > -np.inf, order.numpy(), -1), best.numpy()


def _mixed(scores: NDArray[np.float32], depth: int, kept: KeptPlaces) -> _Top:
    """The best of the kept items on their places, as far as there are any, and the best others."""
    depth = min(depth, scores.shape[1])
    place = np.arange(depth)
    is_kept = (place >= kept.first - 1) & ((place - kept.first + 1) % kept.every == 0)
    new, other = (
        _best(np.where(of, scores, np.float32(-np.inf)), depth) for of in (kept.items, ~kept.items)
    )
    number = np.cumsum(is_kept) - 1
    takes_new = is_kept & (number < (new[0] >= 0).sum(axis=1, keepdims=True))
    of_new = np.broadcast_to(number.clip(min=0), takes_new.shape)
    of_other = place - np.cumsum(takes_new, axis=1)
    items, values = (
        np.where(
            takes_new,
            np.take_along_axis(new[part], of_new, axis=1),
            np.take_along_axis(other[part], of_other.clip(min=0), axis=1),
        )
        for part in (0, 1)
    )
    there_first = np.argsort(items < 0, axis=1, kind="stable")
    return np.take_along_axis(items, there_first, 1), np.take_along_axis(values, there_first, 1)
