"""Both ways to the loss of a step agree: over all items, and over drawn ones when all are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from model_world import checkerboard

from embeddings.models.ranking_loss import RankingLoss
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.training import Training
from embeddings.models.training_parts import training_parts
from embeddings.training_data import TrainingData

CPU = torch.device("cpu")


def dated() -> TrainingData:
    data, _ = checkerboard(described=True)
    days = np.random.default_rng(3).integers(0, 4000, len(data.pairs.user)).astype(float)
    return replace(data, pairs=replace(data.pairs, day=days))


@pytest.mark.parametrize(
    ("hide", "blind_share"),
    [("any", 0.0), ("any", 0.3), ("latest", 0.0), ("latest", 0.3), ("future", 0.0)],
)
def test_drawing_every_item_is_the_full_softmax(hide: str, blind_share: float) -> None:
    data = dated()
    settings = HeteroGatSettings.model_validate(
        {"hide": hide, "blind_share": blind_share, "width": 8}
    )
    parts = training_parts(data, settings, CPU)
    training = Training(data, settings, parts, seed=1, device=CPU)
    network, items = training.network, len(data.items)
    with torch.no_grad():
        network.psi.normal_(generator=torch.Generator().manual_seed(2))
        network.g_new.fill_(0.3)

    def gradients(inclusion: torch.Tensor | None) -> tuple[float, list[torch.Tensor]]:
        loss = RankingLoss(
            network,
            settings,
            inputs=parts.inputs,
            liked=training.liked,
            residual=parts.residual,
            content=parts.content,
            window=training.window,
            inclusion=inclusion,
            generator=torch.Generator().manual_seed(5),
        )
        hidden = training.masks(torch.Generator().manual_seed(4))
        z, _ = network(~hidden.pairs, blind=hidden.items, new_users=hidden.users)
        lost = loss.of_step(z, training.trainable_users, hidden)
        network.zero_grad()
        lost.backward()
        wanted = (network.e, network.b, network.g, network.g_new, network.psi)
        return lost.item(), [
            torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in wanted
        ]

    full, of_full = gradients(None)
    drawn, of_drawn = gradients(torch.ones(items))
    assert drawn == pytest.approx(full, rel=1e-5)
    for one, other in zip(of_drawn, of_full, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
