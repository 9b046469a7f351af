"""The evidence that aggregates rest on, as tables: of a staging folder, or of the graph itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl
from polars.datatypes import DataTypeClass

from etl.graph_rows import Tables, frame_of, to_polars
from etl.keys import attribute_ids
from etl.load_steps import Step
from kg.schema import NODES
from kg.store import Store

MENTIONED: Final = ("Entity", "Aspect")
LABELS: Final = ("User", "Item", "Entity", "Aspect", "Topic", "Attribute")
_DEEDS: Final = {"user_id": pl.String, "item_id": pl.String, "positive": pl.Boolean, "at": pl.Int64}
_REVIEWS: Final = {
    "user_id": pl.String,
    "review_id": pl.String,
    "item_id": pl.String,
    "at": pl.Int64,
    "sentiment": pl.Float64,
}
_FELT: Final = {"sentiment": pl.Float64}
_MENTIONS: Final = ("review_id", "key", "sentiment")
_TOPICS: Final = {"review_id": pl.String, "key": pl.String, "share": pl.Float64}
_OWNED: Final = {"item_id": pl.String, "key": pl.String}


@dataclass(frozen=True)
class Evidence:
    """What people did and said, and what items have. Times are epoch milliseconds.

    Attributes:
        keys: label → keys of all its nodes.
        deeds: user_id, item_id, positive, at: one row for each relationship.
        reviews: review_id, user_id, item_id, at, sentiment.
        mentions: label → review_id, key (of the entity or aspect), sentiment.
        topics: review_id, key, share of the text.
        owned: item_id, key of an attribute.
    """

    keys: Mapping[str, pl.Series]
    deeds: pl.DataFrame
    reviews: pl.DataFrame
    mentions: Mapping[str, pl.DataFrame]
    topics: pl.DataFrame
    owned: pl.DataFrame

    @property
    def newest(self) -> int | None:
        """When the latest review was written or the latest thing done."""
        latest = pl.concat([self.deeds["at"], self.reviews["at"]]).max()
        return None if latest is None else int(str(latest))


def evidence_of(tables: Tables, steps: Iterable[Step]) -> Evidence:
    """Return the evidence of a staging folder.

    Args:
        tables: of the folder.
        steps: what a load of them writes, which tells what nodes there will be.
    """
    keys: dict[str, list[pl.Series]] = {label: [] for label in LABELS}
    for step in steps:
        if step.label in keys:
            keys[step.label].append(to_polars(step.rows.select(step.key))[step.key[0]])
    known = {label: _distinct(some) for label, some in keys.items()}
    acts = frame_of(tables, "interactions").with_columns(pl.col("at").dt.epoch("ms"))
    related = frame_of(tables, "relations").filter(start_kind="User", end_kind="Item")
    mentions = frame_of(tables, "mentions").rename({"target_id": "key"})
    topics = frame_of(tables, "review_topics").rename({"topic_id": "key", "weight": "share"})
    owned = frame_of(tables, "attributes").select("item_id", key=attribute_ids())
    return Evidence(
        keys=known,
        deeds=pl.concat(
            [acts.select(*_DEEDS), related.select(user_id="start_id", item_id="end_id")],
            how="diagonal",
        ),
        reviews=frame_of(tables, "reviews")
        .rename({"written_at": "at"})
        .with_columns(pl.col("at").dt.epoch("ms"))
        .join(frame_of(tables, "review_facts"), on="review_id", how="left")
        .select(*_REVIEWS),
        mentions={
            label: _known(mentions.filter(target_kind=label), known[label]).select(*_MENTIONS)
            for label in MENTIONED
        },
        topics=_known(topics, known["Topic"]).select(*_TOPICS),
        owned=owned.unique(),
    )


def evidence_in(store: Store) -> Evidence:
    """Read the evidence that the graph holds."""
    mentions = {"review_id": pl.String, "key": pl.String, "count": pl.Int64, **_FELT}
    owned = {**_OWNED, "kind": pl.String}
    return Evidence(
        keys={label: _keys_in(store, label) for label in LABELS},
        deeds=read_nested(store, "read/evidence_deeds", _DEEDS),
        reviews=read_nested(store, "read/evidence_reviews", _REVIEWS),
        mentions={
            label: read_nested(store, "read/snapshot_mentions", mentions, named(label))
            for label in MENTIONED
        },
        topics=read_nested(store, "read/snapshot_review_topics", _TOPICS),
        owned=read_nested(store, "read/snapshot_attributes", owned).select(*_OWNED),
    )


def read_nested(
    store: Store,
    query: str,
    schema: Mapping[str, DataTypeClass],
    identifiers: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Stream a query that returns a key and a list for each further column; one row per element.

    Args:
        schema: of the table, in the order of the query's columns.
    """
    key, *lists = schema
    nested: dict[str, DataTypeClass | pl.DataType] = {key: schema[key]}
    nested |= {name: pl.List(schema[name]) for name in lists}
    parts = [pl.DataFrame(schema=schema)]
    for batch in store.stream(query, 1_000, identifiers=identifiers):
        rows = pl.DataFrame(batch, schema=nested, orient="row")
        parts.append(rows.filter(pl.col(lists[0]).list.len() > 0).explode(lists))
    return pl.concat(parts)


def named(label: str) -> dict[str, str]:
    """What a query about nodes of a label leaves open."""
    return {"__LABEL__": label, "__KEY__": NODES[label].key}


def _keys_in(store: Store, label: str) -> pl.Series:
    batches = store.stream("read/keys", identifiers=named(label))
    return pl.Series("key", [key for rows in batches for (key,) in rows], pl.String).sort()


def _distinct(some: list[pl.Series]) -> pl.Series:
    series = [pl.Series("key", [], pl.String), *(each.alias("key") for each in some)]
    return pl.concat(series).unique().sort()


def _known(rows: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    return rows.join(keys.to_frame(), on="key", how="semi")
