"""The fused graph by node types and relations, as PyG's heterogeneous modules take it."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from embeddings.models.fused_graph import FusedGraph
from embeddings.models.relations import EdgeType


class TypedEdges:
    """Node vectors and visible messages of a fused graph, in dictionaries by type.

    A relation in one direction is an edge type of its own, `r<number>`; relations without edges are
    left out, and so are node types without a relation.

    Attributes:
        node_types, edge_types: PyG's metadata.
    """

    def __init__(self, graph: FusedGraph) -> None:
        self._kinds = list(graph.start)
        self._starts = list(graph.start.values())
        self._messages: dict[EdgeType, Tensor] = {}
        self._ends: dict[EdgeType, Tensor] = {}
        for number, relation in enumerate(graph.relations):
            start, _, end = relation.type
            if len(relation):
                self._add(graph, 2 * number, start, end)
                self._add(graph, 2 * number + 1, end, start)
        self.edge_types = list(self._messages)
        ends = {end for start, _, end in self.edge_types}
        self.node_types = [kind for kind in self._kinds if kind in ends]

    def _add(self, graph: FusedGraph, relation: int, start: str, end: str) -> None:
        edges, edge_type = graph.edges, (start, f"r{relation}", end)
        messages = (edges.relation == relation).nonzero().ravel()
        self._messages[edge_type] = messages
        self._ends[edge_type] = torch.stack(
            [
                edges.source[messages].long() - graph.start[start],
                edges.destination[messages].long() - graph.start[end],
            ]
        )

    def visible(self, v: Tensor) -> dict[EdgeType, Tensor]:
        """Return the edge_index of each edge type, (2, E), of the messages with v above 0."""
        shown = v > 0
        return {t: self._ends[t][:, shown[self._messages[t]]] for t in self.edge_types}

    def split(self, h: Tensor) -> dict[str, Tensor]:
        """Return the vectors of each node type that has a relation, from those of all nodes."""
        parts = dict(self._parts(h))
        return {kind: parts[kind] for kind in self.node_types}

    def join(self, by_type: dict[str, Tensor], h: Tensor) -> Tensor:
        """Return the vectors of all nodes, (N, d), those of types without a relation from `h`."""
        return torch.cat([by_type.get(kind, part) for kind, part in self._parts(h)])

    def _parts(self, h: Tensor) -> Iterator[tuple[str, Tensor]]:
        return zip(self._kinds, h.tensor_split(self._starts[1:]), strict=True)
