"""The edge types of a snapshot as relations of one form: ends, weights, shades and evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from torch import Tensor
from torch_geometric.data.storage import EdgeStorage

from embeddings.training_data import Pairs, TrainingData

EdgeType = tuple[str, str, str]
SIMILAR: EdgeType = ("item", "SIMILAR", "item")
MAX_RATING_SHADES = 10
NEUTRAL = 0.05  # sentiment within ± this is neither good nor bad


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Edges of one relation, in the numbering of the fused nodes.

    Attributes:
        type: edge type of the snapshot, or `SIMILAR`.
        row: position of each edge within that edge type, (E,).
        source, target: fused node numbers, (E,).
        weight, age, shade: see `FusedEdges`, (E,).
        evidence: pair that an edge rests on and position of the edge in this relation, (2, K);
            an edge without evidence is always visible.
        gates: initial β along the edge and against it.
        liked: whether these are the liked edges of a behaviour.
    """

    type: EdgeType
    row: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: NDArray[np.float32]
    age: NDArray[np.float32]
    shade: NDArray[np.int64]
    evidence: NDArray[np.int64]
    gates: tuple[float, float]
    liked: bool = False

    def __len__(self) -> int:
        return len(self.source)


def relations_of(
    data: TrainingData, similar: coo_matrix, start: dict[str, int], *, use_mentions: bool
) -> list[Relation]:
    """Return the relations that carry messages, item–item similarity last.

    Args:
        data: the training part; the disliked edges of a behaviour become a relation of their own.
        similar: item–item weights b_ji at (j, i), non-negative, (I, I).
        start: fused number of each node type's first node.
        use_mentions: also let what users mention carry messages.
    """
    found = [*_behaviours(data, start), *_side_relations(data, start, use_mentions=use_mentions)]
    return [*filter(len, found), _similar(similar, start)]


def _behaviours(data: TrainingData, start: dict[str, int]) -> Iterator[Relation]:
    for edge_type in data.graph.edge_types:
        if (edge_type[0], edge_type[2]) != ("user", "item"):
            continue
        store = data.graph[edge_type]
        user, item = store.edge_index.numpy().astype(np.int64)
        pair = _pair_of(data.pairs, user, item, len(data.items))
        positive = _column(store, "positive", fill=1.0) > 0
        weight = _column(store, "weight", fill=1.0)
        age = _log_age(_column(store, "day", fill=np.nan))
        shade = _rating_shades(_column(store, "rating", fill=np.nan))
        for liked in (True, False):
            row, gate = np.flatnonzero(positive == liked), float(liked)
            yield Relation(
                type=edge_type,
                row=row,
                source=user[row] + start["user"],
                target=item[row] + start["item"],
                weight=weight[row],
                age=age[row],
                shade=shade[row],
                evidence=np.stack([pair[row], np.arange(len(row))])[:, pair[row] >= 0],
                gates=(gate, gate),
                liked=liked,
            )


def _side_relations(
    data: TrainingData, start: dict[str, int], *, use_mentions: bool
) -> Iterator[Relation]:
    for edge_type in data.graph.edge_types:
        source_kind, name, target_kind = edge_type
        if (source_kind, target_kind) == ("user", "item"):
            continue
        if name == "MENTIONS" and not use_mentions:
            continue
        store = data.graph[edge_type]
        source, target = store.edge_index.numpy().astype(np.int64)
        count = len(source)
        yield Relation(
            type=edge_type,
            row=np.arange(count),
            source=source + start[source_kind],
            target=target + start[target_kind],
            weight=_column(store, "weight", fill=1.0),
            age=np.zeros(count, np.float32),
            shade=_sentiment_shades(_column(store, "sentiment", fill=np.nan)),
            evidence=_evidence(store),
            gates=(1.0, 0.3),
        )


def _similar(similar: coo_matrix, start: dict[str, int]) -> Relation:
    count = similar.nnz
    return Relation(
        type=SIMILAR,
        row=np.arange(count),
        source=similar.row.astype(np.int64) + start["item"],
        target=similar.col.astype(np.int64) + start["item"],
        weight=similar.data.astype(np.float32),
        age=np.zeros(count, np.float32),
        shade=np.zeros(count, np.int64),
        evidence=np.empty((2, 0), np.int64),
        gates=(0.3, 0.0),
    )


def _evidence(store: EdgeStorage) -> NDArray[np.int64]:
    if "evidence_pair" not in store:
        return np.empty((2, 0), np.int64)
    return torch.stack([store.evidence_pair, store.evidence_edge]).numpy()


def _column(store: EdgeStorage, name: str, *, fill: float) -> NDArray[np.float32]:
    """An edge attribute as numbers, `fill` where the edge type has none or it is unknown."""
    if name not in store:
        return np.full(store.edge_index.shape[1], fill, np.float32)
    values: Tensor = store[name]
    return values.float().nan_to_num(nan=fill).numpy()


def _pair_of(
    pairs: Pairs, user: NDArray[np.int64], item: NDArray[np.int64], items: int
) -> NDArray[np.int64]:
    """Row of `pairs` that each (user, item) edge belongs to, -1 where there is none."""
    keys, wanted = pairs.user * items + pairs.item, user * items + item
    if not len(keys):
        return np.full(len(wanted), -1)
    found = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[found] == wanted, found, -1)


def _log_age(day: NDArray[np.float32]) -> NDArray[np.float32]:
    """log(1 + days before the newest edge / 30), 0 where the day is unknown."""
    if np.isnan(day).all():
        return np.zeros(len(day), np.float32)
    age: NDArray[np.float32] = np.nan_to_num(np.log1p((np.nanmax(day) - day) / 30.0))
    return age


def _rating_shades(rating: NDArray[np.float32]) -> NDArray[np.int64]:
    """Bucket 0 for an unknown rating, then one per value, or per quantile where there are many."""
    known = rating[~np.isnan(rating)]
    levels = np.unique(known)
    if len(levels) > MAX_RATING_SHADES:
        levels = np.unique(np.quantile(known, np.linspace(0, 1, MAX_RATING_SHADES)))
    return np.where(np.isnan(rating), 0, np.searchsorted(levels, rating, side="right"))


def _sentiment_shades(sentiment: NDArray[np.float32]) -> NDArray[np.int64]:
    """0 unknown, 1 bad, 2 neither, 3 good."""
    bucket: NDArray[np.int64] = 1 + np.searchsorted([-NEUTRAL, NEUTRAL], sentiment)
    return np.where(np.isnan(sentiment), 0, bucket)
