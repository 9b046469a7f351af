"""The score of one user and item when messages into them are turned down; see `edited_graph.py`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch import Tensor

from embeddings.models.attention import unit
from embeddings.models.edited_graph import LEAST, EditedGraph, sent_along


@dataclass(frozen=True)
class _Part:
    """Some messages as a layer of attention reads them, nodes numbered among their ends."""

    source: Tensor
    destination: Tensor
    relation: Tensor
    shade: Tensor
    age: Tensor
    end_cells: tuple[Tensor, Tensor]


class EditedPair:
    """The score of one user and item in an edited graph.

    Args:
        graph: trained.
        user, item: positions.
    """

    def __init__(self, graph: EditedGraph, user: int, item: int) -> None:
        self.graph, self.user, self.item = graph, user, item
        self.nodes = (graph.node("user", user), graph.node("item", item))
        edges = graph.edges
        into = [graph.into(node) for node in self.nodes]
        self.into = torch.cat(into)
        self._end = torch.repeat_interleave(torch.tensor([len(part) for part in into]))
        groups = torch.unique(edges.source_group[self.into])
        weighed = torch.cat([self.into, graph.of_source.members(groups)])
        self._weighed = torch.unique(weighed)
        self._at = torch.searchsorted(self._weighed, self.into)
        ends = torch.stack([edges.source[self._weighed], edges.destination[self._weighed]]).long()
        self._near, place = torch.unique(ends, return_inverse=True)
        relation, relations = edges.relation[self._weighed], len(edges.gates)
        cells = (place * relations + relation).int()
        self._part = _Part(
            place[0],
            place[1],
            relation,
            edges.shade[self._weighed],
            edges.age[self._weighed],
            (cells[0], cells[1]),
        )
        self._groups = [
            torch.unique(group[self._weighed], return_inverse=True)[1]
            for group in (edges.source_group, edges.destination_group)
        ]

    def with_back(self, into: Tensor) -> Tensor:
        """Return messages into the pair, and those the other way along the same edges."""
        both: Tensor = torch.unique(torch.cat([into, self.graph.edges.reverse[into]]))
        return both

    def score(self, touched: Tensor, v: Tensor) -> Tensor:
        """Return cos(z_u, z_i) / τ with these messages turned down; differentiable in v.

        Args:
            touched: messages, without repetition, (n,).
            v: what is left of the visibility of each, 0 … 1, (n,).
        """
        n_u, n_i = self._vectors(touched, v)
        return n_u @ n_i / self.graph.temperature

    @torch.no_grad()
    def all_scores(self, removed: Tensor) -> NDArray[np.float32]:
        """Return the user's scores of all items without these messages into the pair, (I,).

        Other items keep their vectors.
        """
        graph = self.graph
        touched = self.with_back(removed)
        n_u, n_i = self._vectors(touched, torch.zeros(len(touched)))
        user = n_u / graph.temperature
        likes = csr_matrix(graph.liked[[self.user]])
        gone = self.items_of(removed)
        likes.data = np.where(np.isin(likes.indices, gone), 0.0, likes.data).astype(np.float32)
        likes.eliminate_zeros()
        R = graph.closed_form.of_likes(likes)
        s = graph.scores.rows_of(user[None], np.array([self.user]), R)[0]
        s[self.item] += user @ (n_i - graph.scores.item[self.item])
        found: NDArray[np.float32] = s.numpy()
        return found

    def items_of(self, into: Tensor) -> NDArray[np.int64]:
        """Return the items that the messages into the user among these come from."""
        edges, start = self.graph.edges, self.graph.graph.start["item"]
        own = into[edges.destination[into].long() == self.nodes[0]]
        item = edges.source[own].long() - start
        found: NDArray[np.int64] = item[(item >= 0) & (item < self.graph.liked.shape[1])].numpy()
        return found

    def _vectors(self, touched: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """n(z) of user and item."""
        graph = self.graph
        h = graph.first_layer(touched, v)
        nodes = torch.tensor(self.nodes)
        total = graph.h[0][nodes] + h[nodes]
        for layer in graph.layers[1:-1]:
            visible = graph.visible.index_put((touched,), v)
            h, _ = layer(h, graph.edges, visible)
            total = total + h[nodes]
        if len(graph.layers) > 1:
            total = total + self._last_layer(h, touched, v)
        z = unit(total)
        return z[0], z[1]

    def _last_layer(self, h: Tensor, touched: Tensor, v: Tensor) -> Tensor:
        """What the last layer sends to user and item, (2, d)."""
        graph, layer = self.graph, self.graph.layers[-1]
        place = torch.searchsorted(self._weighed, touched).clamp_max(len(self._weighed) - 1)
        here = self._weighed[place] == touched
        visible = torch.ones(len(self._weighed)).index_put((place[here],), v[here])
        w = layer.factors(h[self._near], self._part)
        w = w * (graph.edges.weight[self._weighed] * visible)[:, None]
        c = w[self._at]
        for group in self._groups:
            total = w.new_zeros(len(w), w.shape[1]).index_add(0, group, w)
            c = c * total[group[self._at]].clamp_min(LEAST).rsqrt()
        c = c * layer.beta[graph.edges.relation[self.into]][:, None]
        sent = sent_along(h, graph.edges.source[self.into], c)
        return h.new_zeros(2, h.shape[1]).index_add(0, self._end, sent)
