"""The heterogeneous graph transformer (Hu et al., WWW 2020, https://arxiv.org/abs/2003.01332), by
PyG's `HGTConv`.

    α_e = softmax_dst(p_r (K_type h_src)ᵀ A_r (Q_type h_dst) / √(d / H))        for each head
    h'_v = s W_type gelu(Σ_e α_e M_r V_type h_src) + (1 - s) h_v,   s = σ(skip_type),   z = h^L

One softmax runs over all visible edges into a node, of all relations (with direction). Its
attention is no share of a relation, as that of the other encoders is, and is not published.
Weights, shades and ages of edges are not read.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn import HGTConv

from embeddings.models.encoders.typed_edges import TypedEdges
from embeddings.models.fused_graph import FusedGraph


class HgtEncoder(nn.Module):
    """See the module. A step holds 3 (M, d) numbers per layer.

    Args:
        graph: the fused graph.
        width: d; must be divisible by `heads`.
        layers: L.
        heads: H.
        seed: of the initial values.
    """

    def __init__(
        self, graph: FusedGraph, *, width: int, layers: int, heads: int, seed: int
    ) -> None:
        super().__init__()
        self.typed = TypedEdges(graph)
        metadata = self.typed.node_types, self.typed.edge_types
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.layers = nn.ModuleList(
                HGTConv(width, width, metadata, heads=heads) for _ in range(layers)
            )

    def forward(self, h0: Tensor, visible: Tensor) -> tuple[Tensor, None]:
        """Return z, (N, d), and no attention; see `Encoder`."""
        h, edges = self.typed.split(h0), self.typed.visible(visible)
        for layer in self.layers:
            h = layer(h, edges)
        return self.typed.join(h, h0), None
