"""Neighbour sampling: the messages that a step needs, at most k for each node, relation and layer.

After GraphSAGE (Hamilton et al., NeurIPS 2017, https://arxiv.org/abs/1706.02216, §3.1); what PyG's
`NeighborLoader` does with pyg-lib, here in whole tensors. From the seeds backwards, each layer l
draws m = min(k, n) of the n visible messages into each node and relation, one from each of m equal
strata of their list, and anew for each layer. A drawn message counts n / m times:

    h^l_dst = Σ_{drawn e} β_r (n / m) c_e h^{l-1}_src,      c_e = w_e / sqrt(S_r(src) S_r(dst))

With k of at least the largest degree all of them are drawn, and the step is the full one. Else:

- **Exact**: what is visible, the inputs h⁰, and D_r(x) = Σ v ω over *all* visible messages of the
  relation at x. Without attention S = D, so c_e is exact, h^l is a sum of independent draws with
  the right mean, and z is an unbiased estimate. The loss is not linear in z, so its gradient is
  an estimate that comes closer with k, as in GraphSAGE.
- **Estimated**: with attention, w = v ω exp(l), and S_r(x) = D_r(x) · mean exp(l), the mean of
  drawn messages weighted by v ω, a ratio estimate with a bias of order 1 / k. At the destination
  the messages that arrive tell it; at the source up to k others that leave it, whose far ends
  need vectors, too. A layer then reaches two edges far, and a step 2 L.

So a step holds vectors of at most S (1 + k R)^L nodes for S seeds (with attention the square of the
factor), and never of more than all nodes, with R relations at a node; and a few numbers for each
message of the graph, to know what is visible.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from embeddings.models.attention import select
from embeddings.models.fused_graph import FusedGraph
from embeddings.models.ranges import ranges

_LEAST = 1e-12


@dataclass(frozen=True, kw_only=True)
class DrawnMessages:
    """One layer: B messages that carry, then C that only tell how attention is normalised.

    They run from the vectors of n nodes to those of the first n' of the same nodes.

    Attributes:
        source, destination: rows of both ends, (B + C,) int32.
        relation, shade, age: see `FusedEdges`, (B + C,).
        mass: (n / m) v ω, (B + C,).
        group: the sum S that a message is a draw of, (B + C,): one at each destination for those
            that carry, one at each source for the others.
        source_group: the sum S at the source of each carrying message, (B,).
        total: D of each sum, (S,).
        offsets: where the messages of each of the n' destinations begin, (n',) int32.
        reverse: the carrying messages by source, (B,) int64.
        back: destination of each message in that order (B,), and where each source begins (n,).
        relations: R of the graph.
    """

    source: Tensor
    destination: Tensor
    relation: Tensor
    shade: Tensor
    age: Tensor
    mass: Tensor
    group: Tensor
    source_group: Tensor
    total: Tensor
    offsets: Tensor
    reverse: Tensor
    back: tuple[Tensor, Tensor]
    relations: int

    @property
    def end_cells(self) -> tuple[Tensor, Tensor]:
        """Cells of both ends in tables by row and relation, (B + C,); see `FusedEdges`."""
        r = self.relation
        return self.source * self.relations + r, self.destination * self.relations + r

    @property
    def carrying(self) -> Carrying:
        """What `propagate` reads."""
        return Carrying(
            self.source[: len(self.source_group)], self.offsets, self.reverse, self.back
        )

    def coefficients(self, factors: Tensor | None) -> Tensor:
        """Return (n / m) c of the carrying messages, (B, H).

        Args:
            factors: exp(l) of all messages, (B + C, H); None where they are 1.
        """
        S, w = self.total[:, None], self.mass[:, None]
        if factors is not None:
            shape = len(S), factors.shape[1]
            drawn = w.new_zeros(len(S)).index_add(0, self.group, self.mass)
            w = w * factors
            told = w.new_zeros(shape).index_add(0, self.group, w)
            S = S * told / drawn.clamp_min(_LEAST)[:, None]
        root, count = S.clamp_min(_LEAST).rsqrt(), len(self.source_group)
        return w[:count] * select(root, self.source_group) * select(root, self.group[:count])


@dataclass(frozen=True)
class Carrying:
    """The messages of a layer that carry; see `Messages`."""

    source: Tensor
    offsets: Tensor
    reverse: Tensor
    back: tuple[Tensor, Tensor]


@dataclass(frozen=True)
class DrawnGraph:
    """What one step runs on.

    Attributes:
        nodes: whose inputs are needed, (n,); the seeds first.
        layers: the messages of each layer, the first one first; the last one ends at the seeds.
    """

    nodes: Tensor
    layers: list[DrawnMessages]


@dataclass(frozen=True)
class _Shown:
    """The messages that a step shows, by group: a destination and a relation.

    Attributes:
        message: their positions, ascending, (M',).
        begin, count: where each group's begin among them, and how many they are, (G,).
        v: visibility of every message, (M,).
        total: D of each group, (G,).
    """

    message: Tensor
    begin: Tensor
    count: Tensor
    v: Tensor
    total: Tensor


@dataclass(frozen=True)
class _Draws:
    """Messages drawn from groups, sorted by group: position, number of the group, n / m; (D,)."""

    message: Tensor
    group: Tensor
    scale: Tensor


class NeighbourSampler:
    """Draws the messages of steps.

    Args:
        graph: the fused graph.
        most: k.
        layers: L.
        attends: whether messages have attention, so that its sums must be told, too.
        generator: of the draws.
    """

    def __init__(
        self,
        graph: FusedGraph,
        *,
        most: int,
        layers: int,
        attends: bool,
        generator: torch.Generator,
    ) -> None:
        self._edges, self._most, self._layers = graph.edges, most, layers
        self._attends, self._generator = attends, generator
        edges, device = graph.edges, graph.edges.source.device
        first = torch.ones(len(edges.source), dtype=torch.bool, device=device)
        first[1:] = edges.destination[1:] != edges.destination[:-1]
        first[1:] |= edges.relation[1:] != edges.relation[:-1]
        self._group_of = (first.cumsum(0) - 1).int()
        begin = first.nonzero().ravel()
        self._begin = torch.cat([begin, begin.new_tensor([len(first)])])
        nodes = torch.arange(graph.nodes + 1, device=device, dtype=torch.int32)
        self._groups_of_node = torch.searchsorted(edges.destination[begin], nodes)

    def draw(self, seeds: Tensor, v: Tensor) -> DrawnGraph:
        """Return what must run for the vectors of these nodes.

        Args:
            seeds: distinct nodes, (S,).
            v: visibility of every message, (M,).
        """
        shown, nodes, layers = self._show(v), seeds, list[DrawnMessages]()
        row = torch.full((len(self._groups_of_node) - 1,), -1, dtype=torch.int32, device=v.device)
        row[nodes] = torch.arange(len(nodes), dtype=torch.int32, device=v.device)
        for _ in range(self._layers):
            layer, nodes = self._layer(nodes, row, shown)
            layers.insert(0, layer)
        return DrawnGraph(nodes, layers)

    def _show(self, v: Tensor) -> _Shown:
        message = (v > 0).nonzero().ravel()
        begin = torch.searchsorted(message, self._begin)
        mass = v * self._edges.weight
        total = torch.segment_reduce(mass, "sum", offsets=self._begin, initial=0.0)
        return _Shown(message, begin[:-1], begin.diff(), v, total)

    def _layer(self, nodes: Tensor, row: Tensor, shown: _Shown) -> tuple[DrawnMessages, Tensor]:
        """Draw the messages into `nodes`, and give the nodes that they need the next rows."""
        edges, first = self._edges, self._groups_of_node[nodes]
        _, groups = ranges(first, self._groups_of_node[nodes + 1] - first)
        carry = self._draw(groups, shown)
        # what leaves a source by a relation arrives there, turned round, in one group, too
        sources, source_group = _distinct(
            self._group_of[edges.reverse[carry.message]], len(shown.count)
        )
        draws = carry
        if self._attends:
            told = self._draw(sources, shown)
            draws = _Draws(
                torch.cat([carry.message, edges.reverse[told.message]]),
                torch.cat([carry.group, len(groups) + told.group]),
                torch.cat([carry.scale, told.scale]),
            )
        ends = torch.stack([edges.source[draws.message], edges.destination[draws.message]])
        new, _ = _distinct(ends[row[ends] < 0], len(row))
        needed = torch.cat([nodes, new])
        row[new] = torch.arange(len(nodes), len(needed), dtype=row.dtype, device=row.device)
        layer = self._lay_out(
            draws,
            row[ends],
            sizes=(len(needed), len(nodes)),
            source_group=len(groups) + source_group,
            total=shown.total[torch.cat([groups, sources])],
            v=shown.v,
        )
        return layer, needed

    def _lay_out(
        self,
        draws: _Draws,
        ends: Tensor,
        *,
        sizes: tuple[int, int],
        source_group: Tensor,
        total: Tensor,
        v: Tensor,
    ) -> DrawnMessages:
        """Lay messages out between the rows of `sizes` nodes, by destination and by source."""
        edges, message, (source, destination) = self._edges, draws.message, ends
        arriving, leaving = destination[: len(source_group)], source[: len(source_group)]
        reverse = leaving.argsort(stable=True)
        before, after = (torch.arange(n, dtype=ends.dtype, device=ends.device) for n in sizes)
        return DrawnMessages(
            source=source,
            destination=destination,
            relation=edges.relation[message],
            shade=edges.shade[message],
            age=edges.age[message],
            mass=draws.scale * v[message] * edges.weight[message],
            group=draws.group,
            source_group=source_group,
            total=total,
            offsets=torch.searchsorted(arriving, after).int(),
            reverse=reverse,
            back=(arriving[reverse], torch.searchsorted(leaving[reverse], before).int()),
            relations=len(edges.gates),
        )

    def _draw(self, groups: Tensor, shown: _Shown) -> _Draws:
        """Draw at most k of the messages of each group, one from each of as many equal strata."""
        n = shown.count[groups]
        m = n.clamp_max(self._most)
        group, stratum = ranges(torch.zeros_like(m), m)
        n, m = n[group], m[group]
        r = torch.randint(2**31, n.shape, generator=self._generator, device=n.device) % n
        at = (stratum * n + r) // m  # of the m n numbers below m n, each message has m
        return _Draws(shown.message[shown.begin[groups][group] + at], group, n / m)


def _distinct(values: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return the different ones of integers below `size`, ascending, and the place of each."""
    present = torch.zeros(size, dtype=torch.bool, device=values.device)
    present[values] = True
    place = present.cumsum(0) - 1
    return present.nonzero().ravel(), place[values]
