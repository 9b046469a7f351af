"""Attention of the model's edges as rows for the relationships of the graph that they stand for.

An edge of the model is one relationship: user → item by its behaviour, item → attribute as
HAS_ATTRIBUTE, item → aspect, entity or topic as DESCRIBED_BY, user → these as INTERESTED_IN, a
declared relation as itself, and a triple as RELATES_TO between the entities that its ends are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from embeddings.edges import EdgeType
from embeddings.node_index import NODE_OF_KIND
from embeddings.pairs import frame
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData
from kg.identifiers import between

_LABEL: Final = {node: kind for kind, node in NODE_OF_KIND.items()}
_RELATION_OF: Final = {"MENTIONS": "INTERESTED_IN", "DESCRIBED_BY": "DESCRIBED_BY"}
_ALWAYS: Final = (
    ("item", "HAS_ATTRIBUTE", "attribute"),
    *(("item", "DESCRIBED_BY", end) for end in ("aspect", "entity", "topic")),
    *(("user", "INTERESTED_IN", end) for end in ("aspect", "entity", "topic")),
    ("item", "SAME_AS", "entity"),
)
"""Relationships that get rows even where no edge stands for them: old attention must go."""
_COLUMNS: Final = {
    "start_id": pl.String,
    "end_id": pl.String,
    "attention": pl.Float64,
    "attentionBack": pl.Float64,
}


@dataclass(frozen=True)
class AttentionRows:
    """Rows for one query: start_id, ends: map of the end's key to its two numbers.

    `size`: relationships that the rows speak of.
    """

    query: Literal["write/attention", "write/attention_of_triples"]
    identifiers: Mapping[str, str]
    table: pa.Table
    size: int


def attention_rows(
    attention: Mapping[EdgeType, NDArray[np.float32]], data: TrainingData, snapshot: Snapshot
) -> Iterator[AttentionRows]:
    """Return the rows of each relationship type; every possible start has one.

    Args:
        attention: per edge type (E, 2), along and against the edge, NaN where it carried nothing.
        data: the graph of those edges.
        snapshot: what `data` was made from.
    """
    behaviours = set(frame(snapshot.interactions)["behaviour"].unique())
    relations = set(frame(snapshot.relations)["type"].unique())
    kinds = set(frame(snapshot.attributes)["kind"].unique())
    triples: list[pl.DataFrame] = []
    shared: dict[EdgeType, list[pl.DataFrame]] = {edge_type: [] for edge_type in _ALWAYS}
    for edge_type, values in attention.items():
        start, relation, end = edge_type
        table = _table(edge_type, values, data)
        if (start, end) == ("item", "attribute") and relation in kinds:
            shared.setdefault(("item", "HAS_ATTRIBUTE", "attribute"), []).append(table)
        elif relation in _RELATION_OF and end in {"aspect", "entity", "topic"}:
            shared.setdefault((start, _RELATION_OF[relation], end), []).append(table)
        elif relation == "SAME_AS" or (
            relation in behaviours | relations and {start, end} <= {"user", "item"}
        ):
            shared.setdefault(edge_type, []).append(table)
        else:
            triples.append(table.with_columns(pl.lit(relation).alias("predicate")))
    for (start, relation, end), tables in shared.items():
        ends = between(relation, _LABEL[start], _LABEL[end])
        rows = pl.concat(
            [pl.DataFrame(schema=_COLUMNS), *(t.select(list(_COLUMNS)) for t in tables)]
        )
        starts = pl.Series(data.keys[start].keys, dtype=pl.String)
        yield AttentionRows("write/attention", ends, _by_start(rows, starts), rows.height)
    if snapshot.triples.num_rows:
        rows = (
            _of_triples(pl.concat(triples), snapshot) if triples else pl.DataFrame(schema=_COLUMNS)
        )
        heads = frame(snapshot.triples)["head"].unique()
        table = _by_start(rows, heads)
        yield AttentionRows("write/attention_of_triples", {}, table, rows.height)


def _table(edge_type: EdgeType, values: NDArray[np.float32], data: TrainingData) -> pl.DataFrame:
    """start_node, start_id, end_node, end_id, attention, attentionBack of edges with a message."""
    start, _, end = edge_type
    edges = data.graph[edge_type].edge_index.numpy()
    carried = ~np.isnan(values).any(axis=1)
    along, back = values[carried].astype(np.float64).T
    return pl.DataFrame(
        {
            "start_node": pl.repeat(start, len(along), dtype=pl.String, eager=True),
            "start_id": pl.Series(data.keys[start].keys, dtype=pl.String).gather(edges[0, carried]),
            "end_node": pl.repeat(end, len(along), dtype=pl.String, eager=True),
            "end_id": pl.Series(data.keys[end].keys, dtype=pl.String).gather(edges[1, carried]),
            "attention": along,
            "attentionBack": back,
        }
    )


def _of_triples(edges: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """The triples that edges stand for: an item or attribute is the entity that it is linked to."""
    links = frame(snapshot.links).select(
        pl.col("kind").replace_strict(NODE_OF_KIND, default=None).alias("node"), "id", "entity_id"
    )
    entities = pl.concat(
        [
            links,
            *(
                edges.select(
                    pl.col(f"{end}_node").alias("node"),
                    pl.col(f"{end}_id").alias("id"),
                    pl.col(f"{end}_id").alias("entity_id"),
                ).filter(pl.col("node") == "entity")
                for end in ("start", "end")
            ),
        ]
    ).unique()
    heads = entities.rename({"node": "start_node", "id": "start_id", "entity_id": "head"})
    tails = entities.rename({"node": "end_node", "id": "end_id", "entity_id": "tail"})
    return (
        edges.join(heads, on=["start_node", "start_id"])
        .join(tails, on=["end_node", "end_id"])
        .join(frame(snapshot.triples), on=["head", "predicate", "tail"], how="semi")
        .select(
            pl.col("head").alias("start_id"),
            pl.concat_str("predicate", "tail", separator="|").alias("end_id"),
            "attention",
            "attentionBack",
        )
    )


def _by_start(rows: pl.DataFrame, starts: pl.Series) -> pa.Table:
    """One row per start, also for those without a message; the ends as a map."""
    ordered = (
        rows.select(list(_COLUMNS))
        .unique(["start_id", "end_id"], keep="first", maintain_order=True)
        .sort("start_id", "end_id")
    )
    counts = (
        pl.DataFrame({"start_id": starts})
        .join(ordered.group_by("start_id").len(), on="start_id", how="left")
        .sort("start_id")
        .with_columns(pl.col("len").fill_null(0))
    )
    offsets = np.concatenate([[0], np.cumsum(counts["len"].to_numpy())])
    values = ordered.select(pl.struct("attention", "attentionBack").alias("v"))["v"].to_arrow()
    ends = pa.MapArray.from_arrays(
        pa.array(offsets, pa.int32()), ordered["end_id"].to_arrow().cast(pa.string()), values
    )
    return pa.table({"start_id": counts["start_id"].to_arrow(), "ends": ends})
