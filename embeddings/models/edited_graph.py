"""A trained network whose messages can be turned down; `edited_pair.py` scores with it.

Nothing is trained again: a message with visibility v < 1 counts as it would in a training step that
hides its evidence, in its own weight and in the sums S that its relation is divided by. What is
asked for is one score s(u, i), so of the last layer only the messages that end at u and at i are
made, and of the first one only those that share a sum with a changed message are made again. The
result is that of the whole network, to rounding (`tests/test_edited_graph.py`).

What a liked item adds by the closed form goes with the message from that item to the user.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor

from embeddings.models.attention import TypedAttention
from embeddings.models.encoders.typed_attention import TypedAttentionEncoder
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.network import HeteroGatNetwork
from embeddings.models.ranges import ranges
from embeddings.models.reason_messages import MOST_MESSAGES, ReasonMessages
from embeddings.models.residual import ClosedFormScores
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.training import Training
from embeddings.models.training_parts import training_parts
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

LEAST = 1e-12


class EditedGraph:
    """A trained network with attention over its whole graph; see the module. It runs on the CPU.

    Args:
        training: after `run`.
        closed_form: its scores from all users.
        liked: what each user likes in training, (U, I).
    """

    name: ClassVar[str] = "hetero-gat"

    def __init__(
        self, training: Training, closed_form: ClosedFormScores, liked: csr_matrix
    ) -> None:
        network = training.network.eval().requires_grad_(False)
        encoder = network.encoder
        if not isinstance(encoder, TypedAttentionEncoder):
            raise ModelError(
                f"{type(encoder).__name__} sends no messages with a weight of their own.",
                remedy="Set model.hetero_gat.encoder to attention or gatv2.",
            )
        self.graph: FusedGraph = network.graph
        self.edges = self.graph.edges
        self.layers = list(cast("Iterable[TypedAttention]", encoder.layers))
        self.scores = training.final_scores()
        self.temperature = training.settings.temperature
        self.closed_form, self.liked = closed_form, liked
        with torch.no_grad():
            everything = torch.ones_like(training.liked)
            self.h = [network.inputs_of(everything)]
            self.visible = network.graph.visibility(everything)
            self.attention: list[Tensor] = []
            for layer in self.layers:
                h, c = layer(self.h[-1], self.edges, self.visible)
                self.h.append(h)
                self.attention.append(c)
            self.told = _told(network, everything)
            self.w = self.layers[0].weights(self.h[0], self.edges, self.visible)
        groups, edges = self.edges.groups, self.edges
        self.total_source = self.w.new_zeros(groups, self.w.shape[1]).index_add(
            0, edges.source_group, self.w
        )
        self.total_destination = torch.zeros_like(self.total_source).index_add(
            0, edges.destination_group, self.w
        )
        self.of_source = _Grouped.of(edges.source_group, groups)
        self.of_destination = _Grouped.of(edges.destination_group, groups)

    @classmethod
    def train(
        cls, data: TrainingData, settings: HeteroGatSettings, *, progress: Progress = no_progress
    ) -> Self:
        """Train the first of the networks of a fitted model again: the same data, seed and steps.

        Args:
            data: the training part.
            settings: of the fitted model, with the steps that validation chose.
            progress: told of steps.

        Raises:
            ModelError: the encoder has no attention, or nothing is learnt for ranking.
        """
        if not settings.ranks:
            raise ModelError(
                "This hetero-gat predicts ratings alone, so there is no ranking to explain.",
                remedy="Set model.hetero_gat.objective to ranking or joint.",
            )
        device = torch.device("cpu")
        parts = training_parts(data, settings, device)
        training = Training(data, settings, parts, seed=data.seed, device=device)
        training.run(None, progress)
        return cls(training, parts.residual.full, csr_matrix(data.positives))

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of all items for these users, nothing turned down, (B, I)."""
        scores: NDArray[np.float32] = self.scores.rows(users, self.closed_form.rows(users)).numpy()
        return scores

    def node(self, kind: str, position: int) -> int:
        """Return the number of a node among all."""
        return self.graph.start[kind] + position

    def into(self, node: int) -> Tensor:
        """Return the messages that end at a node, ascending."""
        offsets = self.edges.offsets
        end = int(offsets[node + 1]) if node + 1 < len(offsets) else len(self.edges.source)
        return torch.arange(int(offsets[node]), end, device=offsets.device)

    def first_layer(self, touched: Tensor, v: Tensor) -> Tensor:
        """Return h¹ with these messages turned down, (N, d).

        Args:
            touched: messages, without repetition, (n,).
            v: what is left of the visibility of each, 0 … 1, (n,).
        """
        edges, beta = self.edges, self.layers[0].beta
        change = self.w[touched] * (v - 1)[:, None]
        total_source = self.total_source.index_add(0, edges.source_group[touched], change)
        total_destination = self.total_destination.index_add(
            0, edges.destination_group[touched], change
        )
        again = torch.cat(
            [
                self.of_source.members(torch.unique(edges.source_group[touched])),
                self.of_destination.members(torch.unique(edges.destination_group[touched])),
            ]
        )
        again = torch.unique(again)
        w = self.w[again].index_add(0, torch.searchsorted(again, touched), change)
        c = (
            w
            * total_source[edges.source_group[again]].clamp_min(LEAST).rsqrt()
            * total_destination[edges.destination_group[again]].clamp_min(LEAST).rsqrt()
        )
        more = (c - self.attention[0][again]) * beta[edges.relation[again]][:, None]
        return self.h[1].index_add(
            0, edges.destination[again].long(), sent_along(self.h[0], edges.source[again], more)
        )


def _told(network: HeteroGatNetwork, visible: Tensor) -> ReasonMessages:
    told = ReasonMessages.of(network, visible)
    if told is None:
        raise ModelError(
            f"The graph has more than {MOST_MESSAGES:,} messages into users and items.",
            remedy="Measure on a smaller set, or a part of this one.",
        )
    return told


def sent_along(h: Tensor, source: Tensor, v: Tensor) -> Tensor:
    """Return what messages carry, (n, d): of vectors h (N, d), each head's slice times v (n, H)."""
    heads = v.shape[1]
    parts = h[source.long()].view(len(source), heads, h.shape[1] // heads)
    return (parts * v[:, :, None]).flatten(1)


@dataclass(frozen=True)
class _Grouped:
    """The messages of each group."""

    order: Tensor
    begin: Tensor
    count: Tensor

    @classmethod
    def of(cls, group: Tensor, groups: int) -> Self:
        count = torch.bincount(group, minlength=groups)
        return cls(torch.argsort(group, stable=True), count.cumsum(0) - count, count)

    def members(self, groups: Tensor) -> Tensor:
        _, place = ranges(self.begin[groups], self.count[groups])
        return self.order[place]
