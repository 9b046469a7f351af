"""All nodes in one numbering, all edges in one list of messages, and back to the edge types."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from torch import Tensor

from embeddings.models.attention import FusedEdges
from embeddings.models.relations import (
    MAX_RATING_SHADES,
    SIMILAR,
    EdgeType,
    Relation,
    relations_of,
)
from embeddings.training_data import TrainingData


class FusedGraph:
    """A snapshot's graph as the attention operator wants it.

    Args:
        data: the training part.
        similar: item–item weights b_ji at (j, i), non-negative, (I, I).
        use_mentions: also let what users mention carry messages.
        device: where the tensors go.

    Attributes:
        nodes: N.
        start: fused number of each node type's first node.
        edges: the M messages.
        shades: relation and shade of each shade in `edges`, (shades, 2).
    """

    def __init__(
        self, data: TrainingData, similar: coo_matrix, *, use_mentions: bool, device: torch.device
    ) -> None:
        sizes = {"user": len(data.users), "item": len(data.items)}
        sizes |= {
            str(kind): int(data.graph[kind].num_nodes)
            for kind in data.graph.node_types
            if kind not in sizes
        }
        first = np.cumsum([0, *sizes.values()]).tolist()
        self.nodes: int = first[-1]
        self.start: dict[str, int] = dict(zip(sizes, first[:-1], strict=True))
        self.type_sizes: dict[EdgeType, int] = {
            kind: data.graph[kind].edge_index.shape[1] for kind in data.graph.edge_types
        }
        self.relations = relations_of(data, similar, self.start, use_mentions=use_mentions)
        self.first_edge: list[int] = np.cumsum([0, *map(len, self.relations)]).tolist()
        edges, edge_of_message, forward, self.shades = _fuse(self.relations, self.nodes)
        self.edges = edges.to(device)
        self._edge_of_message = edge_of_message.to(device)
        self._forward = forward.to(device)
        evidence = np.concatenate(
            [
                relation.evidence + np.array([[0], [first]])
                for relation, first in zip(self.relations, self.first_edge[:-1], strict=True)
            ],
            axis=1,
        )
        self._evidence_pair, self._evidence_edge = torch.from_numpy(evidence).to(device)
        self._evidence_count = torch.bincount(self._evidence_edge, minlength=self.first_edge[-1])

    def visibility(self, visible: Tensor, blind_items: Tensor | None = None) -> Tensor:
        """Return v of every message, (M,): the share of its edge's evidence that is visible.

        Args:
            visible: training pairs that this step shows, (P,) bool.
            blind_items: items that lose their similar items too, (I,) bool.
        """
        count = self._evidence_count
        shown = torch.zeros(len(count), device=count.device).index_add_(
            0, self._evidence_edge, visible[self._evidence_pair].float()
        )
        v = torch.where(count > 0, shown / count.clamp_min(1), 1.0)
        if blind_items is not None:
            v[self.first_edge[-2] :] *= ~self._touches(blind_items)
        return v.index_select(0, self._edge_of_message)

    def likes_to_users(self) -> tuple[int, Tensor] | None:
        """Return the relation by which most likes reach users, and the item of each message.

        Returns:
            The relation's number, and (M,) positions of items, -1 for messages of other relations;
            None where nobody likes anything.
        """
        likes = [(len(r), 2 * number + 1) for number, r in enumerate(self.relations) if r.liked]
        if not likes:
            return None
        relation = max(likes)[1]
        item = self.edges.source.long() - self.start["item"]
        return relation, item.masked_fill(self.edges.relation != relation, -1)

    def _touches(self, items: Tensor) -> Tensor:
        """Which similarity edges begin or end at one of `items`."""
        messages = self._forward[self.first_edge[-2] :]
        ends = self.edges.source[messages], self.edges.destination[messages]
        first = self.start["item"]
        return items[ends[0] - first] | items[ends[1] - first]

    def by_edge_type(self, attention: Tensor) -> dict[EdgeType, NDArray[np.float32]]:
        """Sort the attention of the messages back to the snapshot's edges.

        Args:
            attention: of each message, (M,).

        Returns:
            Per edge type (E, 2): along the edge's direction, against it; NaN where an edge carried
            no message.
        """
        against = self.edges.reverse[self._forward]
        both = torch.stack([attention[self._forward], attention[against]], dim=1).cpu().numpy()
        result = {kind: np.full((n, 2), np.nan, np.float32) for kind, n in self.type_sizes.items()}
        for relation, first in zip(self.relations, self.first_edge[:-1], strict=True):
            if relation.type != SIMILAR:
                result[relation.type][relation.row] = both[first : first + len(relation)]
        return result


def _fuse(
    relations: list[Relation], nodes: int
) -> tuple[FusedEdges, Tensor, Tensor, NDArray[np.int64]]:
    """Concatenate, add the opposite directions and sort by destination.

    Returns:
        The messages, the edge of each message (M,), the forward message of each edge (E,), and the
        relation and shade of each shade (shades, 2).
    """
    number = np.repeat(np.arange(len(relations)), [len(r) for r in relations])
    count = len(number)
    one_way = {
        name: np.concatenate([getattr(r, name) for r in relations])
        for name in ("source", "target", "weight", "age", "shade")
    }
    source = np.concatenate([one_way["source"], one_way["target"]])
    destination = np.concatenate([one_way["target"], one_way["source"]])
    relation = np.concatenate([2 * number, 2 * number + 1])
    told, shade = np.unique(
        relation * (MAX_RATING_SHADES + 1) + np.tile(one_way["shade"], 2), return_inverse=True
    )
    order = np.lexsort((source, relation, destination))
    position = np.empty(2 * count, np.int64)
    position[order] = np.arange(2 * count)
    reverse = np.concatenate([position[count:], position[:count]])[order]
    source, destination, relation = source[order], destination[order], relation[order]
    _, groups = np.unique(
        np.concatenate([relation * nodes + source, relation * nodes + destination]),
        return_inverse=True,
    )
    edges = FusedEdges(
        source=torch.from_numpy(source.astype(np.int32)),
        destination=torch.from_numpy(destination.astype(np.int32)),
        offsets=torch.from_numpy(np.searchsorted(destination, np.arange(nodes)).astype(np.int32)),
        reverse=torch.from_numpy(reverse),
        relation=torch.from_numpy(relation),
        source_group=torch.from_numpy(groups[: 2 * count]),
        destination_group=torch.from_numpy(groups[2 * count :]),
        groups=int(groups.max(initial=-1)) + 1,
        shade=torch.from_numpy(shade[order]),
        shades=int(shade.max(initial=-1)) + 1,
        age=torch.from_numpy(np.tile(one_way["age"], 2)[order]),
        weight=torch.from_numpy(np.tile(one_way["weight"], 2)[order]),
        gates=torch.tensor([gate for r in relations for gate in r.gates]),
    )
    edge_of_message = np.tile(np.arange(count), 2)[order]
    shades = np.stack(np.divmod(told, MAX_RATING_SHADES + 1), axis=1)
    return edges, torch.from_numpy(edge_of_message), torch.from_numpy(position[:count]), shades
