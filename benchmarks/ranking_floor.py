"""The floor of ranking: per block of users one product of their vectors with all items', and topk.

Nothing is masked or checked, and there is neither a bias nor a closed form.
"""

from __future__ import annotations

import torch

from benchmarks.job import Job, Stopwatch, Work
from benchmarks.ranking import DEPTH
from embeddings.models.hetero_gat import HeteroGat
from embeddings.ranking import BLOCK_SCORES


def floor(job: Job) -> Work:
    """Rank as many users."""
    model = HeteroGat.load(job.path / "model")
    user, item = (torch.from_numpy(v) for v in (model.user_vectors, model.item_vectors))

    def work(watch: Stopwatch) -> int:
        with watch:
            for block in user.split(max(1, BLOCK_SCORES // len(item))):  # type: ignore[no-untyped-call]
                torch.topk(block @ item.T, min(DEPTH, len(item)), dim=1)
        return len(user) * len(item)

    return work
