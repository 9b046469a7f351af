"""A step of training on drawn messages: whom it asks about, what is drawn for them, its loss."""

from __future__ import annotations

import torch
from torch import Tensor

from embeddings.models.encoders.encoder import RunsOnDraws
from embeddings.models.masks import Hidden
from embeddings.models.neighbours import NeighbourSampler
from embeddings.models.network import HeteroGatNetwork
from embeddings.models.ranking_loss import RankingLoss, Vectors, asked_items


class DrawnStep:
    """The ranking part of steps that see at most k messages per node, relation and layer.

    Args:
        network: to train.
        ranking: its loss.
        most: k.
        layers: L.
        generator: of what is drawn, and of the dropout.
    """

    def __init__(
        self,
        network: HeteroGatNetwork,
        ranking: RankingLoss,
        *,
        most: int,
        layers: int,
        generator: torch.Generator,
    ) -> None:
        self._network, self._ranking, self._generator = network, ranking, generator
        encoder = network.encoder
        self._sampler = NeighbourSampler(
            network.graph,
            most=most,
            layers=layers,
            attends=isinstance(encoder, RunsOnDraws) and encoder.attends,
            generator=generator,
        )

    def loss(self, users: Tensor, hidden: Hidden) -> Tensor:
        """Return the mean loss of the step's targets; see `RankingLoss.of_step`."""
        network = self._network
        draw = self._ranking.draw(users, hidden)
        items = asked_items(draw)
        place = torch.full((network.items,), -1, device=items.device)
        place[items] = torch.arange(len(items), device=items.device)
        visible = network.graph.visibility(~hidden.pairs, hidden.items)
        drawn = self._sampler.draw(torch.cat([users, network.users + items]), visible)
        z = network.of_draws(drawn, hidden, generator=self._generator)
        user, item = z.tensor_split([len(users)])
        return self._ranking.of_draw(draw, Vectors(user, item, place), hidden)
