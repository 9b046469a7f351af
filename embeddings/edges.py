"""Typed edges of the model's graph, from the rows of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import torch
from torch import Tensor

from embeddings.node_index import NodeIndex
from embeddings.pairs import PAIR, frame
from embeddings.snapshot import Snapshot

EdgeType = tuple[str, str, str]

_DAY_US = 86_400_000_000
_TYPE = ("start_node", "relation", "end_node")


@dataclass(frozen=True)
class Edges:
    """The edges of one type, sorted by start, then end: (2, E) int64, and tensors beside them."""

    index: Tensor
    values: dict[str, Tensor] = field(default_factory=dict)

    def tensors(self) -> dict[str, Tensor]:
        """Return everything by the name that it has in a HeteroData."""
        return {"edge_index": self.index, **self.values}


def behaviour_edges(snapshot: Snapshot, nodes: NodeIndex) -> dict[EdgeType, Edges]:
    """One type per behaviour, user → item: `positive`, `rating`, `day` (NaN: unknown), `weight`."""
    interactions = frame(snapshot.interactions)
    rows = interactions.select(
        start_kind=pl.lit("User"),
        start_id="user_id",
        relation="behaviour",
        end_kind=pl.lit("Item"),
        end_id="item_id",
        positive=pl.col("positive").fill_null(value=True),
        rating=pl.col("rating").cast(pl.Float32).fill_null(np.nan),
        day=(pl.col("at").dt.epoch("us").cast(pl.Float64) / _DAY_US).fill_null(np.nan),
        weight=(1.0 + pl.col("count").fill_null(1).clip(1).cast(pl.Float64).log()).cast(pl.Float32),
    )
    return _by_type(rows, nodes, ["positive", "rating", "day", "weight"])


def structure_edges(snapshot: Snapshot, nodes: NodeIndex) -> dict[EdgeType, Edges]:
    """What is known without any behaviour: attributes, declared relations, outside knowledge."""
    ends = ["start_kind", "start_id", "relation", "end_kind", "end_id"]
    rows = pl.concat(
        [
            frame(snapshot.attributes).select(
                start_kind=pl.lit("Item"),
                start_id="item_id",
                relation="kind",
                end_kind=pl.lit("Attribute"),
                end_id="attribute_id",
            ),
            frame(snapshot.relations).rename({"type": "relation"}).select(ends),
            frame(snapshot.triples).select(
                start_kind=pl.lit("Entity"),
                start_id="head",
                relation="predicate",
                end_kind=pl.lit("Entity"),
                end_id="tail",
            ),
            nodes.unfolded.select(
                start_kind="kind",
                start_id="id",
                relation=pl.lit("SAME_AS"),
                end_kind=pl.lit("Entity"),
                end_id="entity_id",
            ),
        ]
    )
    return _by_type(rows, nodes, [])


def review_edges(snapshot: Snapshot, nodes: NodeIndex) -> dict[EdgeType, Edges]:
    """What reviews say: item DESCRIBED_BY and user MENTIONS aspect, entity, topic.

    `weight` is 1 for what is said most by (or about) the start: of mentions log(1 + count)
    over its largest value there, of topics their mean share over its reviews. `sentiment` is the
    mean of the mentions (of topics: of the reviews), 0 where unknown.
    `evidence_pair`, `evidence_edge`: which pairs, in the order of their keys, each edge rests on.
    """
    found: dict[EdgeType, Edges] = {}
    if not snapshot.reviews.num_rows:
        return found
    said = nodes.locate(_what_reviews_say(snapshot), "end")
    for kind, key, relation in (
        ("Item", "item_id", "DESCRIBED_BY"),
        ("User", "user_id", "MENTIONS"),
    ):
        rows = nodes.locate(
            said.with_columns(start_kind=pl.lit(kind), relation=pl.lit(relation)).rename(
                {key: "start_id"}
            ),
            "start",
        )
        for edge_type, table in _partition(_without_loops(rows)):
            found[edge_type] = _aggregate(table)
    return found


def _what_reviews_say(snapshot: Snapshot) -> pl.DataFrame:
    """One row per review and target, with the place of its pair among all pairs (null: none)."""
    pairs = frame(snapshot.interactions).select(PAIR).unique().sort(PAIR).with_row_index("pair")
    reviews = (
        frame(snapshot.reviews.select(["review_id", *PAIR, "sentiment"]))
        .join(pairs, on=PAIR, how="left")
        .rename({"sentiment": "of_review"})
    )
    said = pl.concat(
        [
            frame(snapshot.mentions).select(
                "review_id",
                end_kind="target_kind",
                end_id="target_id",
                weight=pl.col("count").fill_null(1).cast(pl.Float64),
                sentiment="sentiment",
            ),
            frame(snapshot.review_topics).select(
                "review_id",
                end_kind=pl.lit("Topic"),
                end_id="topic_id",
                weight=pl.col("weight").fill_null(0.0),
                sentiment=pl.lit(None, pl.Float64),
            ),
        ]
    )
    joined = said.join(reviews, on="review_id", how="inner")
    of_topic = pl.col("end_kind") == "Topic"
    sentiment = pl.when(of_topic).then("of_review").otherwise("sentiment")
    return joined.with_columns(sentiment=sentiment).drop("of_review")


def _aggregate(table: pl.DataFrame) -> Edges:
    weight, known = pl.col("weight"), pl.col("sentiment").is_not_null()
    total = (
        table.group_by("start", "end")
        .agg(
            weight=weight.sum(),
            sentiment=(weight * pl.col("sentiment")).sum() / weight.filter(known).sum(),
        )
        .sort("start", "end")
        .with_row_index("edge")
    )
    if table["end_node"][0] == "topic":
        reviews = table.group_by("start").agg(reviews=pl.col("review_id").n_unique())
        total = total.join(reviews, on="start", how="left", maintain_order="left")
        total = total.with_columns(weight=weight / pl.col("reviews"))
    else:
        logged = weight.log1p()
        total = total.with_columns(weight=logged / logged.max().over("start"))
    evidence = (
        table.drop_nulls("pair")
        .join(total, on=["start", "end"])
        .select("pair", "edge")
        .unique()
        .sort("edge", "pair")
    )
    values = total.select(
        pl.col("weight").cast(pl.Float32),
        pl.col("sentiment").cast(pl.Float32).fill_nan(0.0).fill_null(0.0),
    )
    return Edges(
        _index(total),
        {
            **_columns(values),
            "evidence_pair": _tensor(evidence["pair"].cast(pl.Int64)),
            "evidence_edge": _tensor(evidence["edge"].cast(pl.Int64)),
        },
    )


def _by_type(rows: pl.DataFrame, nodes: NodeIndex, values: list[str]) -> dict[EdgeType, Edges]:
    located = _without_loops(nodes.locate(nodes.locate(rows, "start"), "end"))
    found: dict[EdgeType, Edges] = {}
    for edge_type, table in _partition(located):
        ordered = table.unique(["start", "end"], keep="first", maintain_order=True)
        ordered = ordered.sort("start", "end")
        found[edge_type] = Edges(_index(ordered), _columns(ordered.select(values)))
    return found


def _without_loops(rows: pl.DataFrame) -> pl.DataFrame:
    same = (pl.col("start_node") == pl.col("end_node")) & (pl.col("start") == pl.col("end"))
    return rows.filter(~same)


def _partition(rows: pl.DataFrame) -> list[tuple[EdgeType, pl.DataFrame]]:
    parts = rows.partition_by(_TYPE, as_dict=True)
    named = {(str(start), str(name), str(end)): t for (start, name, end), t in parts.items()}
    return sorted(named.items(), key=lambda part: part[0])


def _index(table: pl.DataFrame) -> Tensor:
    return torch.stack([_tensor(table["start"]), _tensor(table["end"])])


def _columns(table: pl.DataFrame) -> dict[str, Tensor]:
    return {name: _tensor(table[name]) for name in table.columns}


def _tensor(column: pl.Series) -> Tensor:
    return torch.from_numpy(column.to_numpy().copy())
