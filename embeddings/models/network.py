"""The network: inputs of every node, an encoder of the graph, and the score of user and item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor, nn

from embeddings.device import mixed_precision
from embeddings.models.attention import unit
from embeddings.models.dropout import dropped
from embeddings.models.encoders.encoder import Encoder, RunsOnDraws
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.masks import Hidden
from embeddings.models.neighbours import DrawnGraph
from embeddings.models.review_means import ReviewMeans
from embeddings.models.time_window import BINS
from kg.errors import ModelError

ID_SD = 0.1


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What is known of the nodes besides the graph.

    Attributes:
        pair_user, pair_item: training pairs, (P,) int64.
        item_text: whitened vectors of the items' own texts, (I, p), or None.
        names: node type → its first node and the whitened vectors of its nodes' names, (n, p).
        review: whitened mean vectors of each pair's reviews, (P, p), zero for none; or None.
        written: pairs that have a review, (P,) bool, or None.
        known: nodes with evidence, whose id embedding is trained, (N,) bool.
        start: what the id embeddings of users and items start from, of any scale, (U + I, d); None
            for random numbers.
        axes: parameter that takes whitened vectors → what whitened them, (d_text, p).
    """

    pair_user: Tensor
    pair_item: Tensor
    item_text: Tensor | None
    review: Tensor | None
    written: Tensor | None
    known: Tensor
    start: Tensor | None = None
    names: Mapping[str, tuple[int, Tensor]] = field(default_factory=dict)
    axes: Mapping[str, Tensor] = field(default_factory=dict)


class HeteroGatNetwork(nn.Module):
    """Vectors of ids and texts, encoded along typed edges.

        h⁰ = Drop(e + W_t t + W_r mean_{visible reviews} r),   z = Encoder(h⁰, visible edges)
             (t of an item its own text, of other nodes, where asked for, their names)
        s(u, i) = cos(z_u, z_i) / τ + b_i + g R_ui + ψ[bin(t_i - last_u)]

    R is the cross-fitted closed-form score (`residual.py`), for new items that of their content
    (`content.py`), with a weight g of its own; ψ is there only where each user's latest pairs are
    hidden. Where the future is hidden, b_i is what the present tells of it (`trend.py`).

    Args:
        graph: the fused graph.
        inputs: texts and pairs.
        users, items: U, I.
        encoder: of `graph`; see `encoders/`.
        width: d.
        dropout: of h⁰, element by element.
        user_ids: give users an id embedding; without, a user is what it wrote and took.
        bias: initial b, (I,).
        residual: initial g.
        generator: of the initial values, on the CPU.
    """

    def __init__(
        self,
        graph: FusedGraph,
        inputs: Inputs,
        *,
        users: int,
        items: int,
        encoder: Encoder,
        width: int,
        dropout: float,
        user_ids: bool,
        bias: Tensor,
        residual: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.graph, self.inputs = graph, inputs
        self.users, self.items, self.dropout = users, items, dropout
        self.known = inputs.known.clone()
        if not user_ids:
            self.known[:users] = False

        def normal(rows: int, sd: float) -> nn.Parameter:
            return nn.Parameter(torch.empty(rows, width).normal_(0, sd, generator=generator))

        self.e = normal(graph.nodes, ID_SD)
        if inputs.start is not None:
            start = ID_SD * inputs.start / inputs.start.square().mean().sqrt()
            self.e.data[: len(start), : start.shape[1]] = start
        text = inputs.item_text
        self.W_t = None if text is None else normal(text.shape[1], 0.02)
        review = inputs.review
        self.W_ri = None if review is None else normal(review.shape[1], 0.02)
        self.W_ru = None if review is None else normal(review.shape[1], 0.02)
        self.W_n = nn.ParameterDict(
            {kind: normal(names.shape[1], 0.02) for kind, (_, names) in inputs.names.items()}
        )
        self.encoder = encoder
        self.b = nn.Parameter(bias.clone())
        self.b_cold = nn.Parameter(torch.zeros(()))
        self.g = nn.Parameter(torch.tensor(residual))
        self.g_new = nn.Parameter(torch.tensor(residual))
        self.psi = nn.Parameter(torch.zeros(BINS))

    def forward(
        self,
        visible: Tensor,
        *,
        blind: Tensor | None = None,
        new_users: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, list[Tensor] | None]:
        """Return z, (N, d), and each layer's attention, (M, H), if the encoder has any.

        Args:
            visible: training pairs that carry messages, (P,) bool.
            blind: items without id embedding and similar items in this step, (I,) bool.
            new_users: users without id embedding in this step, (U,) bool.
            generator: of the dropout; None for none.
        """
        h = dropped(self.inputs_of(visible, blind, new_users), self.dropout, generator)
        return self.encoder(h, self.graph.visibility(visible, blind))

    def of_draws(
        self, drawn: DrawnGraph, hidden: Hidden, *, generator: torch.Generator | None = None
    ) -> Tensor:
        """Return z of the seeds, (S, d), from drawn messages.

        Args:
            drawn: what was drawn of the messages that a step shows.
            hidden: what the step does not show.
            generator: of the dropout; None for none.

        Raises:
            ModelError: the encoder runs on whole graphs alone.
        """
        if not isinstance(self.encoder, RunsOnDraws):
            raise ModelError(
                f"{type(self.encoder).__name__} runs on whole graphs alone, not on drawn messages.",
                remedy="Leave out model.hetero_gat.neighbours, or choose another encoder.",
            )
        h = dropped(self.inputs_at(drawn.nodes, hidden), self.dropout, generator)
        return self.encoder.of_draws(h, drawn.layers)

    def inputs_of(
        self, visible: Tensor, blind: Tensor | None = None, new_users: Tensor | None = None
    ) -> Tensor:
        """Ids and texts of all nodes before dropout, (N, d)."""
        h = self.e * self._known(blind, new_users)[:, None]
        users, items, others = h.tensor_split([self.users, self.users + self.items])
        if self.W_t is not None and self.inputs.item_text is not None:
            items = items + self.inputs.item_text @ self.W_t
        if self.W_ru is not None and self.W_ri is not None:
            of_users, of_items = self._review_means
            users = users + of_users.of_all(visible) @ self.W_ru
            items = items + of_items.of_all(visible) @ self.W_ri
        own = self.users + self.items
        for kind, (first, names) in self.inputs.names.items():
            place = slice(first - own, first - own + len(names))
            named = others[place] + names @ self.W_n[kind]
            others = torch.cat([others[: place.start], named, others[place.stop :]])
        return torch.cat([users, items, others])

    def inputs_at(self, nodes: Tensor, hidden: Hidden) -> Tensor:
        """The same of some nodes, (n, d)."""
        known = self._known(hidden.items, hidden.users)[nodes]
        h = self.e.index_select(0, nodes) * known[:, None]
        users = (nodes < self.users).nonzero().ravel()
        items = ((nodes >= self.users) & (nodes < self.users + self.items)).nonzero().ravel()
        user, item = nodes[users], nodes[items] - self.users
        if self.W_t is not None and self.inputs.item_text is not None:
            h = h.index_add(0, items, self.inputs.item_text[item] @ self.W_t)
        if self.W_ru is not None and self.W_ri is not None:
            of_users, of_items = self._review_means
            h = h.index_add(0, users, of_users.at(user, ~hidden.pairs) @ self.W_ru)
            h = h.index_add(0, items, of_items.at(item, ~hidden.pairs) @ self.W_ri)
        for kind, (first, names) in self.inputs.names.items():
            here = ((nodes >= first) & (nodes < first + len(names))).nonzero().ravel()
            h = h.index_add(0, here, names[nodes[here] - first] @ self.W_n[kind])
        return h

    def _known(self, blind: Tensor | None, new_users: Tensor | None) -> Tensor:
        """Nodes whose id embedding speaks, (N,) bool."""
        known = self.known.clone()
        if blind is not None:
            known[self.users : self.users + self.items] &= ~blind
        if new_users is not None:
            known[: self.users] &= ~new_users
        return known

    @cached_property
    def _review_means(self) -> tuple[ReviewMeans, ReviewMeans]:
        """Of users and of items."""
        inputs = self.inputs
        if inputs.review is None or inputs.written is None:
            raise ModelError("A mean of reviews was asked for, but no review was encoded.")
        return (
            ReviewMeans(inputs.pair_user, self.users, inputs.review, inputs.written),
            ReviewMeans(inputs.pair_item, self.items, inputs.review, inputs.written),
        )

    def scores(self, z_u: Tensor, z_i: Tensor, tau: float) -> Tensor:
        """Return cos(z_u, z_i) / τ of users' vectors (B, d) and items' vectors (C, d), (B, C)."""
        n_u, n_i = unit(z_u) / tau, unit(z_i)
        with mixed_precision(z_u.device):
            return n_u @ n_i.T

    @property
    def known_items(self) -> Tensor:
        """Return the items with a training pair, (I,) bool."""
        return self.known[self.users : self.users + self.items]

    def bias(self, blind: Tensor | None = None) -> Tensor:
        """Return b, (I,): items never seen in training, and blind ones, share one value."""
        cold = ~self.known_items
        return torch.where(cold if blind is None else cold | blind, self.b_cold, self.b)
