"""Small training data made by hand, for tests of models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch_geometric.data import HeteroData

from embeddings.index import Index
from embeddings.training_data import Pairs, Ratings, TrainingData


def world(
    user: NDArray[np.int64],
    item: NDArray[np.int64],
    *,
    users: int,
    items: int,
    positive: NDArray[np.bool_] | None = None,
    rating: NDArray[np.float32] | None = None,
    day: NDArray[np.float64] | None = None,
    review: torch.Tensor | None = None,
    valid: csr_array | None = None,
    valid_ratings: Ratings | None = None,
    seed: int = 7,
) -> TrainingData:
    """Training data of these pairs, which must be sorted by user, then item."""
    count = len(user)
    positive = np.ones(count, np.bool_) if positive is None else positive
    rating = np.full(count, np.nan, np.float32) if rating is None else rating
    day = np.full(count, np.nan) if day is None else day
    graph = HeteroData()
    sizes = ("user", users), ("item", items)
    for kind, size in sizes:
        graph[kind].num_nodes = size
    liked = graph["user", "RATED", "item"]
    liked.edge_index = torch.from_numpy(np.stack([user, item]))
    liked.positive = torch.from_numpy(positive)
    liked.rating = torch.from_numpy(rating)
    liked.day = torch.from_numpy(day)
    liked.weight = torch.ones(count)
    pairs = Pairs(
        user=user,
        item=item,
        positive=positive,
        rating=rating,
        weight=np.ones(count, np.float32),
        day=day,
        review=review,
    )
    keys = {kind: Index(kind, [f"{kind[0]}{n}" for n in range(size)]) for kind, size in sizes}
    return TrainingData(
        graph=graph,
        users=keys["user"],
        items=keys["item"],
        keys=keys,
        pairs=pairs,
        valid=valid,
        valid_ratings=valid_ratings,
        seed=seed,
    )


def camps(side: int = 20, *, valid: bool = True) -> tuple[TrainingData, Ratings]:
    """Two camps rate everything: 5 for their own items, 1 for the others; even with even, odd odd.

    Item u of user u is held out for the test and, if `valid`, items u + 1 and u + 2 for validation.

    Returns:
        The training data, and the test ratings.
    """
    u, i = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    rating = np.where((u + i) % 2 == 0, 5.0, 1.0).astype(np.float32)
    test = u == i
    ahead = (i - u) % side
    held = (ahead == 1) | (ahead == 2) if valid else np.zeros_like(test)
    user, item = np.nonzero(~test & ~held)
    data = world(
        user,
        item,
        users=side,
        items=side,
        positive=rating[user, item] > 3,
        rating=rating[user, item],
        valid=csr_array(held & (rating > 3)) if valid else None,
        valid_ratings=_ratings(held, rating) if valid else None,
    )
    return data, _ratings(test, rating)


def _ratings(held: NDArray[np.bool_], rating: NDArray[np.float32]) -> Ratings:
    user, item = np.nonzero(held)
    return Ratings(user=user, item=item, rating=rating[user, item])


def checkerboard(
    side: int = 20, *, valid: bool = True, described: bool = False
) -> tuple[TrainingData, csr_array]:
    """Even users like even items and odd users odd ones.

    Of what user u likes, item u is held out for the test and, if `valid`, item u + 2 for
    validation. If `described`, texts and attributes of items tell their colours, too, and whatever
    is liked has a rating, from 1 to 4.

    Returns:
        The training data, and the test targets (U, I) bool.
    """
    u, i = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    liked = (u + i) % 2 == 0
    test = u == i
    held = (u + 2) % side == i if valid else np.zeros_like(test)
    user, item = np.nonzero(liked & ~test & ~held)
    rating = (1.0 + i // 2 % 4).astype(np.float32)
    data = world(
        user,
        item,
        users=side,
        items=side,
        valid=csr_array(held) if valid else None,
        review=_texts(side)[item] if described else None,
        rating=rating[user, item] if described else None,
        valid_ratings=_ratings(held, rating) if described and valid else None,
    )
    if described:
        data.graph["item"].x = _texts(side)
        data.graph["attribute"].num_nodes = 2 + side
        names = Index("attribute", [f"a{number}" for number in range(2 + side)])
        data = replace(data, keys={**data.keys, "attribute": names})
        colour, group = i[0] % 2, 2 + i[0] // 8 * 2 + i[0] % 2
        has = np.stack([np.tile(i[0], 2), np.concatenate([colour, group])])
        data.graph["item", "Colour", "attribute"].edge_index = torch.from_numpy(has)
    return data, csr_array(test)


def _texts(side: int) -> torch.Tensor:
    """Vectors that tell the colours apart, and the items a little, (side, 4)."""
    x = torch.randn(side, 4, generator=torch.Generator().manual_seed(1)) / 10
    x[:, 0] += torch.arange(side) % 2 * 2 - 1
    return x


def tiny(seed: int = 3, *, users: int = 12, items: int = 9, **known: object) -> TrainingData:
    """A random world, every user with three liked items at least."""
    rng = np.random.default_rng(seed)
    liked = rng.random((users, items)) < 0.4
    liked[np.arange(users)[:, None], rng.random((users, items)).argsort(1)[:, :3]] = True
    user, item = np.nonzero(liked)
    return world(user, item, users=users, items=items, **known)  # type: ignore[arg-type]
