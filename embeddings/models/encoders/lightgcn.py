"""LightGCN's propagation over all relations (He et al., SIGIR 2020,
https://arxiv.org/abs/2002.02126, eq. 3 and 4), with a gate for each relation as the only weights.

    h^{l+1} = Σ_r β_r^l D_r^-½ A_r D_r'^-½ h^l,   z = mean(h⁰ … h^L)

A_r has the visible edges of relation r (one direction), with their weights; D_r and D_r' its row
and column sums. It is what `attention` is before its first step.
"""

from __future__ import annotations

from torch import Tensor, nn

from embeddings.models.attention import propagate, symmetric
from embeddings.models.fused_graph import FusedGraph


class LightGcnEncoder(nn.Module):
    """See the module.

    Args:
        graph: the fused graph.
        layers: L.
    """

    def __init__(self, graph: FusedGraph, *, layers: int) -> None:
        super().__init__()
        self.edges = graph.edges
        self.beta = nn.Parameter(graph.edges.gates.repeat(layers, 1))

    def forward(self, h0: Tensor, visible: Tensor) -> tuple[Tensor, None]:
        """Return z, (N, d), and no attention; see `Encoder`."""
        edges = self.edges
        c = symmetric((visible * edges.weight)[:, None], edges)[:, 0]
        h, total = h0, h0
        for beta in self.beta:
            h = propagate(c * beta.index_select(0, edges.relation), h, edges)
            total = total + h
        return total / (len(self.beta) + 1), None
