"""LightGCN's propagation over all relations (He et al., SIGIR 2020,
https://arxiv.org/abs/2002.02126, eq. 3 and 4), with a gate for each relation as the only weights.

    h^{l+1} = Σ_r β_r^l D_r^-½ A_r D_r'^-½ h^l,   z = mean(h⁰ … h^L)

A_r has the visible edges of relation r (one direction), with their weights; D_r and D_r' its row
and column sums. It is what `attention` is before its first step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor, nn

from embeddings.models.attention import propagate, symmetric
from embeddings.models.encoders.encoder import Sent
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.neighbours import DrawnMessages


class LightGcnEncoder(nn.Module):
    """See the module.

    Args:
        graph: the fused graph.
        layers: L.
    """

    attends = False

    def __init__(self, graph: FusedGraph, *, layers: int) -> None:
        super().__init__()
        self.edges = graph.edges
        self.beta = nn.Parameter(graph.edges.gates.repeat(layers, 1))

    def forward(self, h0: Tensor, visible: Tensor) -> tuple[Tensor, None]:
        """Return z, (N, d), and no attention; see `Encoder`."""
        total = h0
        for h in self._layers(h0, visible):
            total = total + h
        return total / (len(self.beta) + 1), None

    def of_draws(self, h0: Tensor, layers: Sequence[DrawnMessages]) -> Tensor:
        """Return the vectors of the nodes asked for, (S, d); see `RunsOnDraws`."""
        h, total = h0, h0
        for beta, edges in zip(self.beta, layers, strict=True):
            v = edges.coefficients(None)[:, 0] * beta.index_select(0, edges.relation)
            h = propagate(v, h, edges.carrying)
            total = total[: len(h)] + h
        return total / (len(self.beta) + 1)

    def sent(self, h0: Tensor, visible: Tensor) -> list[Sent]:
        """Return what each layer sends; see `SumsNeighbours`."""
        w = (visible * self.edges.weight)[:, None]
        before = [h0, *self._layers(h0, visible)][:-1]
        return [Sent(h, w, beta) for h, beta in zip(before, self.beta, strict=True)]

    def _layers(self, h: Tensor, visible: Tensor) -> Iterator[Tensor]:
        edges = self.edges
        c = symmetric((visible * edges.weight)[:, None], edges)[:, 0]
        for beta in self.beta:
            h = propagate(c * beta.index_select(0, edges.relation), h, edges)
            yield h
