"""Typed symmetric attention: one fused kernel over the edges of all types and both directions.

As in Simple-HGN (Lv et al., "Are we really making much progress?", KDD 2021,
https://arxiv.org/abs/2112.14936) a single attention serves every edge type; a type has its own
attention vectors instead of its own convolution. Unlike there, a coefficient is normalised inside
its relation, symmetrically as in LightGCN (He et al., SIGIR 2020, eq. 3):

    l_e = LeakyReLU(a_r · n(h_src) + b_r · n(h_dst)) + ρ_shade(e) - δ_r log(1 + age_e / 30 days)
    w_e = v_e ω_e exp(l_e)
    c_e = w_e / sqrt(S_r(src) S_r(dst))       S_r(x) = Σ w over the edges of relation r at node x
    h'_dst = Σ_e β_r c_e h_src

with n(h) = h / |h|, v_e ∈ [0, 1] the edge's visibility in this step and ω_e its weight. All of
a, b, ρ, δ start at 0, so an untrained layer is LightGCN's, and attention has to be learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as fn

LOGIT_LIMIT = 6.0
EPS = 1e-6


@dataclass(frozen=True, kw_only=True)
class FusedEdges:
    """All messages of a graph in one list, sorted by destination, every edge in both directions.

    R counts relations *with* direction (an edge type has two), M messages, N nodes.

    Attributes:
        source, destination: node of each message, (M,) int32.
        offsets: where each destination's messages begin, (N,) int32.
        reverse: position of the message along the same edge in the other direction, (M,) int64.
        relation: (M,) int64 in [0, R).
        source_group, destination_group: the (relation, node) that each end belongs to, (M,) int64.
        groups: number of distinct (relation, node).
        shade: bucket of the edge's rating or sentiment, (M,) int64 in [0, shades).
        shades: number of buckets over all relations.
        age: log(1 + days before the newest edge / 30), 0 where unknown, (M,) float32.
        weight: ω, (M,) float32.
        gates: initial β per relation, (R,) float32.
    """

    source: Tensor
    destination: Tensor
    offsets: Tensor
    reverse: Tensor
    relation: Tensor
    source_group: Tensor
    destination_group: Tensor
    groups: int
    shade: Tensor
    shades: int
    age: Tensor
    weight: Tensor
    gates: Tensor

    @property
    def back(self) -> tuple[Tensor, Tensor]:
        """Source and offsets of the messages turned round: the same, as edges go both ways."""
        return self.source, self.offsets

    @cached_property
    def end_cells(self) -> tuple[Tensor, Tensor]:
        """Cells of each message's source and destination in tables by node and relation, (M,)."""
        r, relations = self.relation, len(self.gates)
        return (self.source * relations + r).int(), (self.destination * relations + r).int()

    def to(self, device: torch.device) -> FusedEdges:
        """Return the same edges on `device`."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        moved: dict[str, Any] = {
            name: value.to(device) if isinstance(value, Tensor) else value
            for name, value in values.items()
        }
        return FusedEdges(**moved)


class _SparseProduct(torch.autograd.Function):
    """y = A(v) x, where A has value v_e at (destination_e, source_e).

    Aᵀ has the pattern of the messages turned round, with the values v[reverse]: ∂x = Aᵀ ∂y costs
    the same product again, and no (M, d) is ever held. `embedding_bag` was the fastest of
    index_add, CSR mm and embedding_bag on a CPU, and needs no MKL.
    """

    @staticmethod
    def forward(
        ctx: torch.autograd.function.NestedIOFunction,
        v: Tensor,
        x: Tensor,
        source: Tensor,
        offsets: Tensor,
        reverse: Tensor,
        back_source: Tensor,
        back_offsets: Tensor,
    ) -> Tensor:
        ctx.save_for_backward(v, x, source, offsets, reverse, back_source, back_offsets)
        return fn.embedding_bag(source, x, offsets, mode="sum", per_sample_weights=v)

    @staticmethod
    def backward(
        ctx: torch.autograd.function.NestedIOFunction, dy: Tensor
    ) -> tuple[Tensor | None, ...]:
        v, x, source, offsets, reverse, back_source, back_offsets = ctx.saved_tensors
        wants: Sequence[bool] = ctx.needs_input_grad
        dy = dy.contiguous()
        dv = dx = None
        if wants[0]:
            with torch.enable_grad():
                v = v.detach().requires_grad_()
                y = fn.embedding_bag(source, x, offsets, mode="sum", per_sample_weights=v)
            (dv,) = torch.autograd.grad(y, v, dy)
        if wants[1]:
            backwards = v.detach().index_select(0, reverse)
            dx = fn.embedding_bag(
                back_source, dy, back_offsets, mode="sum", per_sample_weights=backwards
            )
        return dv, dx, None, None, None, None, None


def unit(x: Tensor) -> Tensor:
    """n(x) = x / |x|; a vector of zeros (no message, no id) stays zero, its gradient bounded."""
    return fn.normalize(x, dim=-1, eps=EPS)


class Messages(Protocol):
    """What `propagate` reads; see `FusedEdges`."""

    @property
    def source(self) -> Tensor: ...
    @property
    def offsets(self) -> Tensor: ...
    @property
    def reverse(self) -> Tensor: ...
    @property
    def back(self) -> tuple[Tensor, Tensor]: ...


class Ends(Protocol):
    """What `TypedAttention` reads of messages that it weighs; see `FusedEdges`."""

    @property
    def source(self) -> Tensor: ...
    @property
    def destination(self) -> Tensor: ...
    @property
    def relation(self) -> Tensor: ...
    @property
    def shade(self) -> Tensor: ...
    @property
    def age(self) -> Tensor: ...
    @property
    def end_cells(self) -> tuple[Tensor, Tensor]: ...


def propagate(v: Tensor, x: Tensor, edges: Messages) -> Tensor:
    """Sum v_e x_source over the messages into each node: (M,), (N, d) → (N, d)."""
    result: Tensor = _SparseProduct.apply(  # type: ignore[no-untyped-call]
        v, x, edges.source, edges.offsets, edges.reverse, *edges.back
    )
    return result


def propagate_heads(v: Tensor, x: Tensor, edges: Messages) -> Tensor:
    """The same with weights (M, H), each head's for its slice of x."""
    slices: Sequence[Tensor] = x.chunk(v.shape[1], dim=1)
    per_head = [propagate(v[:, k].contiguous(), part, edges) for k, part in enumerate(slices)]
    return torch.cat(per_head, dim=1)


class Logits(Protocol):
    """What an edge's ends say of its weight: a module with H heads, (N, d), edges → l, (M, H)."""

    heads: int

    def __call__(self, h: Tensor, edges: Ends) -> Tensor: ...


class EndLogits(nn.Module):
    """LeakyReLU(a_r · n(h_src) + b_r · n(h_dst)), the logits of a relation's own two vectors.

    Args:
        width: d, of node vectors; must be divisible by `heads`.
        heads: H, each attends with its own slice of d / H numbers.
        edges: the graph, for the number of relations.
        negative_slope: of LeakyReLU.
    """

    def __init__(
        self, width: int, heads: int, edges: FusedEdges, *, negative_slope: float = 0.2
    ) -> None:
        super().__init__()
        self.heads = heads
        self.negative_slope = negative_slope
        self.a = nn.Parameter(torch.zeros(len(edges.gates), heads, width // heads))
        self.b = nn.Parameter(torch.zeros(len(edges.gates), heads, width // heads))

    def forward(self, h: Tensor, edges: Ends) -> Tensor:
        """Return l, (M, H), of node vectors (N, d)."""
        n = unit(h.view(len(h), self.heads, -1))
        at_source = torch.einsum("nhk,rhk->nrh", n, self.a)
        at_destination = torch.einsum("nhk,rhk->nrh", n, self.b)
        source, destination = edges.end_cells
        return fn.leaky_relu(
            select(at_source.flatten(0, 1), source)
            + select(at_destination.flatten(0, 1), destination),
            self.negative_slope,
        )


class TypedAttention(nn.Module):
    """One layer of typed symmetric attention.

    Args:
        logits: what the ends say; `EndLogits`, or another.
        edges: the graph, for the number of relations and shades and the initial gates.
    """

    def __init__(self, logits: Logits, edges: FusedEdges) -> None:
        super().__init__()
        self.logits = logits
        self.rho = nn.Parameter(torch.zeros(edges.shades, logits.heads))
        self.delta = nn.Parameter(torch.zeros(len(edges.gates), logits.heads))
        self.beta = nn.Parameter(edges.gates.clone())

    def weights(self, h: Tensor, edges: FusedEdges, visible: Tensor) -> Tensor:
        """Return w, (M, H): the attention of each message before it is normalised."""
        return (visible * edges.weight)[:, None] * self.factors(h, edges)

    def factors(self, h: Tensor, edges: Ends) -> Tensor:
        """Return exp(l), (M, H): what attention makes of each message's weight."""
        l_e = self.logits(h, edges) + select(self.rho, edges.shade)
        l_e = l_e - select(self.delta, edges.relation) * edges.age[:, None]
        return l_e.clamp(-LOGIT_LIMIT, LOGIT_LIMIT).exp()

    def coefficients(self, h: Tensor, edges: FusedEdges, visible: Tensor) -> Tensor:
        """Return c, (M, H): the attention of each message, 0 where it is not visible."""
        return symmetric(self.weights(h, edges, visible), edges)

    def forward(self, h: Tensor, edges: FusedEdges, visible: Tensor) -> tuple[Tensor, Tensor]:
        """Propagate once.

        Args:
            h: node vectors, (N, d).
            edges: the graph.
            visible: v, (M,) float; between 0 and 1 where part of an edge's evidence is visible.

        Returns:
            h', (N, d), and the attention c, (M, H).
        """
        c = self.coefficients(h, edges, visible)
        v = c * self.beta.index_select(0, edges.relation)[:, None]
        return propagate_heads(v, h, edges), c


def symmetric(w: Tensor, edges: FusedEdges) -> Tensor:
    """Return c = w / sqrt(S(src) S(dst)), S the sum of w over the relation at a node: (M, H)."""
    return (
        w
        * _inverse_root(w, edges.source_group, edges.groups)
        * _inverse_root(w, edges.destination_group, edges.groups)
    )


def select(table: Tensor, index: Tensor) -> Tensor:
    """Rows of a table (n, H), (M, H); a table of one column is read three times as fast flat."""
    if table.shape[1] == 1:
        return table[:, 0].index_select(0, index)[:, None]
    return table.index_select(0, index)


def _inverse_root(w: Tensor, group: Tensor, groups: int) -> Tensor:
    """1 / sqrt of the sum of w over each message's group, (M, H); 0 weights stay finite."""
    total = w.new_zeros(groups, w.shape[1]).index_add(0, group, w)
    return select(total.clamp_min(1e-12).rsqrt(), group)
