"""GraphSAGE (Hamilton et al., NeurIPS 2017, https://arxiv.org/abs/1706.02216, algorithm 1) with a
mean aggregator for each relation, by PyG's `SAGEConv` in `HeteroConv`.

    h'_v = n(σ(W_type(v) h_v + Σ_r (W_r mean_{w ∈ N_r(v)} h_w + b_r))),   z = h^L

N_r(v) are the neighbours along the visible edges of relation r (one direction), n(h) = h / |h|; σ
is ReLU, but the identity in the last layer. Weights, shades and ages of edges are not read.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn import HeteroConv, HeteroDictLinear, SAGEConv

from embeddings.models.attention import unit
from embeddings.models.encoders.typed_edges import TypedEdges
from embeddings.models.fused_graph import FusedGraph


class SageEncoder(nn.Module):
    """See the module.

    Args:
        graph: the fused graph.
        width: d.
        layers: L.
        seed: of the initial values.
    """

    def __init__(self, graph: FusedGraph, *, width: int, layers: int, seed: int) -> None:
        super().__init__()
        self.typed = TypedEdges(graph)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.roots = nn.ModuleList(
                HeteroDictLinear(width, width, types=self.typed.node_types, bias=False)
                for _ in range(layers)
            )
            self.neighbours = nn.ModuleList(
                HeteroConv(
                    {t: SAGEConv(width, width, root_weight=False) for t in self.typed.edge_types}
                )
                for _ in range(layers)
            )

    def forward(self, h0: Tensor, visible: Tensor) -> tuple[Tensor, None]:
        """Return z, (N, d), and no attention; see `Encoder`."""
        h, edges = self.typed.split(h0), self.typed.visible(visible)
        for number, (root, neighbours) in enumerate(zip(self.roots, self.neighbours, strict=True)):
            own, told = root(h), neighbours(h, edges)
            h = {kind: own[kind] + told[kind] for kind in h}
            if number + 1 < len(self.roots):
                h = {kind: x.relu() for kind, x in h.items()}
            h = {kind: unit(x) for kind, x in h.items()}
        return self.typed.join(h, h0), None
