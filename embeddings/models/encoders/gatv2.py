"""Logits of both ends together, as in GATv2 (Brody et al., "How attentive are graph attention
networks?", ICLR 2022, https://arxiv.org/abs/2105.14491).

    l_e = a · LeakyReLU(W [n(h_src) ‖ n(h_dst) ‖ r])

with n(h) = h / |h| and r one-hot: W = [W_src ‖ W_dst ‖ w], w one vector for each relation. Which of
its neighbours a node looks at may depend on the node, which the sum of two products
(`attention.py: EndLogits`) cannot say. All else of a layer is as there: shades and ages of edges,
and weights that are normalised inside each relation. a starts at 0, so an untrained layer is
LightGCN's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as fn

from embeddings.models.attention import Ends, FusedEdges, unit

MESSAGES_AT_ONCE = 1_000_000


class JointLogits(nn.Module):
    """See the module. A step holds (M, d) numbers per layer, where `EndLogits` holds (M, H);
    without gradients they are made and used up in parts.

    Args:
        width: d; must be divisible by `heads`.
        heads: H, each with its own slice of d / H numbers.
        edges: the graph, for the number of relations.
        generator: of the initial W, on the CPU.
        negative_slope: of LeakyReLU.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        edges: FusedEdges,
        *,
        generator: torch.Generator,
        negative_slope: float = 0.2,
    ) -> None:
        super().__init__()
        self.heads, self.negative_slope = heads, negative_slope

        def normal(rows: int) -> nn.Parameter:
            values = torch.empty(rows, width).normal_(0, width**-0.5, generator=generator)
            return nn.Parameter(values)

        self.W_src, self.W_dst, self.w = normal(width), normal(width), normal(len(edges.gates))
        self.a = nn.Parameter(torch.zeros(heads, width // heads))

    def forward(self, h: Tensor, edges: Ends) -> Tensor:
        """Return l, (M, H), of node vectors (N, d)."""
        n = unit(h)
        at_source, at_destination = n @ self.W_src, n @ self.W_dst

        def of(source: Tensor, destination: Tensor, relation: Tensor) -> Tensor:
            x = (
                at_source.index_select(0, source)
                + at_destination.index_select(0, destination)
                + self.w.index_select(0, relation)
            )
            x = fn.leaky_relu(x, self.negative_slope).view(len(x), self.heads, -1)
            return torch.einsum("mhk,hk->mh", x, self.a)

        ends = edges.source, edges.destination, edges.relation
        if torch.is_grad_enabled():
            return of(*ends)
        parts = zip(*(torch.split(end, MESSAGES_AT_ONCE) for end in ends), strict=True)
        return torch.cat([of(*part) for part in parts])
