"""Every user's best items by a model, block by block, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.models.contract import Recommender
from kg.errors import ModelError
from kg.progress import Progress, no_progress

_BLOCK_SCORES = 8_000_000


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


def rank(
    model: Recommender,
    users: NDArray[np.int64],
    mask: csr_array,
    depth: int,
    *,
    candidates: NDArray[np.bool_] | None = None,
    progress: Progress = no_progress,
) -> Iterator[Ranking]:
    """Rank all items for each user, less those that `mask` (U, I) marks.

    Args:
        model: a fitted model.
        users: positions of the users, (n,).
        mask: nonzero where an item must not be listed for a user, (U, I).
        depth: length of the lists (or all items, where there are fewer).
        candidates: items that may be listed at all, (I,); None for all.
        progress: told of users done.

    Raises:
        ModelError: the model gives scores of another shape, or that are no numbers.
    """
    items = mask.shape[1]
    block = max(1, _BLOCK_SCORES // max(1, items))
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
        best, order = torch.topk(torch.from_numpy(scores), min(depth, items), dim=1)
        top = np.where(best.numpy() > -np.inf, order.numpy(), -1)
        yield Ranking(chosen, top, best.numpy())
        progress(start + len(chosen), len(users), "users")
