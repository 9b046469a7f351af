"""The default: layers of typed symmetric attention, whose vectors are averaged.

    h^{l+1} = TypedAttention(h^l),   z = mean(h⁰ … h^L)        (LightGCN, eq. 4)

`embeddings/models/attention.py` has the layer. With the logits of `EndLogits` this is `attention`,
with those of `gatv2.py` it is `gatv2`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from torch import Tensor, nn

from embeddings.models.attention import Logits, TypedAttention, propagate_heads
from embeddings.models.encoders.encoder import Sent
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.neighbours import DrawnMessages


class TypedAttentionEncoder(nn.Module):
    """See the module.

    Args:
        graph: the fused graph.
        layers: L.
        logits: makes the logits of a layer.
    """

    attends = True

    def __init__(self, graph: FusedGraph, *, layers: int, logits: Callable[[], Logits]) -> None:
        super().__init__()
        self.edges = graph.edges
        self.layers = nn.ModuleList(TypedAttention(logits(), graph.edges) for _ in range(layers))

    def forward(self, h0: Tensor, visible: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return z, (N, d), and each layer's attention, (M, H); see `Encoder`."""
        h, total, attention = h0, h0, []
        for layer in self.layers:
            h, c = layer(h, self.edges, visible)
            total = total + h
            attention.append(c)
        return total / (len(self.layers) + 1), attention

    def of_draws(self, h0: Tensor, layers: Sequence[DrawnMessages]) -> Tensor:
        """Return the vectors of the nodes asked for, (S, d); see `RunsOnDraws`."""
        h, total = h0, h0
        own = cast("Iterable[TypedAttention]", self.layers)
        for layer, edges in zip(own, layers, strict=True):
            c = edges.coefficients(layer.factors(h, edges))
            relation = edges.relation[: len(c)]
            h = propagate_heads(
                c * layer.beta.index_select(0, relation)[:, None], h, edges.carrying
            )
            total = total[: len(h)] + h
        return total / (len(self.layers) + 1)

    def sent(self, h0: Tensor, visible: Tensor) -> list[Sent]:
        """Return what each layer sends; see `SumsNeighbours`."""
        h, found = h0, list[Sent]()
        for layer in cast("Iterable[TypedAttention]", self.layers):
            found.append(Sent(h, layer.weights(h, self.edges, visible), layer.beta))
            h, _ = layer(h, self.edges, visible)
        return found
