"""Ranking: `embeddings.ranking.rank` by a `HeteroGat` of a large catalogue, 100 items a user.

What is ranked is as good as random: people have ten items each, drawn evenly. The floor is
`ranking_floor`, which reads what `prepare` leaves here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch_geometric.data import HeteroData

from benchmarks.job import Job, Stopwatch, Work
from embeddings.index import Index
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import HeteroGatSettings
from embeddings.ranking import rank
from embeddings.training_data import Pairs, TrainingData

DEPTH: Final = 100
PAIRS_EACH: Final = 10


def prepare(job: Job) -> None:
    """Train a model for a step."""
    settings = HeteroGatSettings(steps=1, exact_items=0)
    HeteroGat(settings).fit(_data(job)).save(job.path / "model")


def ours(job: Job) -> Work:
    """Rank all items for all users; what is counted are pairs of a user and an item."""
    model, data = HeteroGat.load(job.path / "model"), _data(job)
    users, seen = np.arange(len(data.users)), data.seen

    def work(watch: Stopwatch) -> int:
        with watch:
            for _ in rank(model, users, seen, DEPTH):
                pass
        return len(data.users) * len(data.items)

    return work


def _data(job: Job) -> TrainingData:
    """As many users as items, `job.size` pairs or, for those drawn twice, a few less."""
    count = max(PAIRS_EACH, job.size // PAIRS_EACH)
    drawn = np.random.default_rng(job.seed).integers(0, count, (count, PAIRS_EACH))
    cells = np.unique(np.arange(count)[:, None] * count + drawn)
    user, item = cells // count, cells % count
    graph = HeteroData()
    graph["user"].num_nodes = graph["item"].num_nodes = count
    graph["user", "RATED", "item"].edge_index = torch.from_numpy(np.stack([user, item]))
    pairs = Pairs(
        user=user,
        item=item,
        positive=np.ones(len(user), np.bool_),
        rating=np.full(len(user), np.nan, np.float32),
        weight=np.ones(len(user), np.float32),
        day=np.full(len(user), np.nan),
        review=None,
    )
    keys = [str(number) for number in range(count)]
    return TrainingData(
        graph=graph,
        users=Index("user", keys),
        items=Index("item", keys),
        pairs=pairs,
        valid=None,
        seed=job.seed,
    )
