"""The graph's evidence as Arrow tables with business keys: what training learns from.

A snapshot holds what was said and done and what is known about items, never the graph's
aggregates or published results. Saved, it can be trained on without the graph.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Final, Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.content_hash import hash_of_tables
from embeddings.pairs import PAIR, frame
from kg.errors import ModelError

_AT: Final = pa.timestamp("us", tz="UTC")


def _columns(required: str, **optional: pa.DataType) -> pa.Schema:
    keys = [pa.field(name, pa.string(), nullable=False) for name in required.split()]
    return pa.schema([*keys, *(pa.field(name, type_) for name, type_ in optional.items())])


TABLES: Final[dict[str, pa.Schema]] = {
    "users": _columns("user_id"),
    "traits": _columns("user_id name value"),
    "items": _columns("item_id", title=pa.string(), description=pa.large_string(), released_at=_AT),
    "interactions": _columns(
        "user_id item_id behaviour",
        rating=pa.float64(),
        positive=pa.bool_(),
        count=pa.int64(),
        at=_AT,
    ),
    "reviews": _columns(
        "review_id user_id item_id",
        rating=pa.float64(),
        positive=pa.bool_(),
        sentiment=pa.float64(),
        language=pa.string(),
        at=_AT,
        text=pa.large_string(),
        content_hash=pa.string(),
    ),
    "mentions": _columns(
        "review_id target_kind target_id", count=pa.int64(), sentiment=pa.float64()
    ),
    "review_topics": _columns("review_id topic_id", weight=pa.float64()),
    "names": _columns("kind id", name=pa.string()),
    "attributes": _columns("item_id attribute_id kind"),
    "relations": _columns("type start_kind start_id end_kind end_id"),
    "triples": _columns("head predicate tail"),
    "links": _columns("kind id entity_id"),
}
"""Columns of each table; those that may not be null are its key, and its order."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One state of the graph. Every table is sorted by its key, whatever order it came in.

    Attributes:
        users: user_id.
        traits: user_id, name, value: what a source declared about a user.
        items: item_id, title, description, released_at.
        interactions: user_id, item_id, behaviour, rating, positive, count, at.
        reviews: review_id, user_id, item_id, rating, positive, sentiment, language, at, text,
            content_hash.
        mentions: review_id, target_kind (Entity or Aspect), target_id, count, sentiment.
        review_topics: review_id, topic_id, weight.
        names: kind (Entity, Aspect, Topic, Attribute), id, name.
        attributes: item_id, attribute_id, kind.
        relations: type, start_kind, start_id, end_kind, end_id (kinds User or Item).
        triples: head, predicate, tail (entity ids).
        links: kind (Item or Attribute), id, entity_id: the entity that it is.
    """

    users: pa.Table
    traits: pa.Table
    items: pa.Table
    interactions: pa.Table
    reviews: pa.Table
    mentions: pa.Table
    review_topics: pa.Table
    names: pa.Table
    attributes: pa.Table
    relations: pa.Table
    triples: pa.Table
    links: pa.Table

    def __post_init__(self) -> None:
        for name, schema in TABLES.items():
            object.__setattr__(self, name, _in_order(getattr(self, name), schema))

    @property
    def tables(self) -> dict[str, pa.Table]:
        """Return the tables by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of rows by table."""
        return {name: table.num_rows for name, table in self.tables.items()}

    @cached_property
    def hash(self) -> str:
        """Return a SHA-256 of the content, equal for equal content read in another order."""
        return hash_of_tables(self.tables)

    def replace(self, **tables: pa.Table) -> Self:
        """Return a snapshot with some tables exchanged."""
        return type(self)(**{**self.tables, **tables})

    def save(self, folder: Path) -> None:
        """Write one Parquet file per table and `snapshot.json` into `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        about = {"hash": self.hash, "counts": self.counts}
        (folder / "snapshot.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelError: a file is missing, or the content is not what was saved.
        """
        try:
            about = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
            snapshot = cls(**{name: pq.read_table(folder / f"{name}.parquet") for name in TABLES})
        except FileNotFoundError as error:
            raise ModelError(
                f"{folder} holds no complete snapshot: {error.filename or error} is missing.",
                remedy="Run the snapshot stage again.",
            ) from error
        if snapshot.hash != about["hash"]:
            raise ModelError(
                f"The snapshot in {folder} was changed after it was saved: its hash is"
                f" {snapshot.hash[:12]}, and snapshot.json says {about['hash'][:12]}.",
                remedy="Run the snapshot stage again.",
            )
        return snapshot

    def restrict(self, split: pa.Table, parts: Collection[str]) -> Self:
        """Return what is known if only the pairs of `parts` ever happened (the leak guard).

        Every other pair goes whole: its interactions of all behaviours and its reviews with their
        text, mentions, topics and sentiment. Entities, aspects and topics without any evidence
        left go too. Users and items that the split leaves out of the experiment (k-core) go;
        those that never had a pair stay.

        Args:
            split: user_id, item_id, part.
            parts: the parts to keep, such as {"train"}.
        """
        assigned = frame(split)
        kept = assigned.filter(pl.col("part").is_in(list(parts))).select(PAIR)
        happened = frame(self.interactions).select(PAIR)
        out = {key: _keys(happened, key).join(assigned, on=key, how="anti") for key in PAIR}

        def inside(name: str) -> pl.DataFrame:
            table = frame(getattr(self, name))
            for key in set(PAIR) & set(table.columns):
                table = table.join(out[key], on=key, how="anti")
            return table

        reviews = inside("reviews").join(kept, on=PAIR, how="semi")
        mentions = frame(self.mentions).join(reviews, on="review_id", how="semi")
        topics = frame(self.review_topics).join(reviews, on="review_id", how="semi")
        relations = _restrict_relations(frame(self.relations), kept, out)
        evidence = pl.concat(
            [
                mentions.select(kind="target_kind", id="target_id"),
                topics.select(kind=pl.lit("Topic"), id="topic_id"),
                *(
                    frame(self.triples).select(kind=pl.lit("Entity"), id=end)
                    for end in ("head", "tail")
                ),
                inside("attributes").select(kind=pl.lit("Attribute"), id="attribute_id"),
            ]
        ).unique()
        entities = evidence.filter(kind="Entity").select(entity_id="id")
        items = inside("items")
        known = pl.concat(
            [
                items.select(kind=pl.lit("Item"), id="item_id"),
                evidence.filter(kind="Attribute"),
            ]
        )
        links = frame(self.links).join(entities, on="entity_id", how="semi")
        return self.replace(
            users=inside("users").to_arrow(),
            traits=inside("traits").to_arrow(),
            items=items.to_arrow(),
            interactions=inside("interactions").join(kept, on=PAIR, how="semi").to_arrow(),
            reviews=reviews.to_arrow(),
            mentions=mentions.to_arrow(),
            review_topics=topics.to_arrow(),
            names=frame(self.names).join(evidence, on=["kind", "id"], how="semi").to_arrow(),
            attributes=inside("attributes").to_arrow(),
            relations=relations.to_arrow(),
            links=links.join(known, on=["kind", "id"], how="semi").to_arrow(),
        )


def _restrict_relations(
    relations: pl.DataFrame, kept: pl.DataFrame, out: dict[str, pl.DataFrame]
) -> pl.DataFrame:
    """Drop relations of users and items outside, and those that tell of a pair that is hidden."""
    gone = pl.concat(
        [
            out["user_id"].select(kind=pl.lit("User"), id="user_id"),
            out["item_id"].select(kind=pl.lit("Item"), id="item_id"),
        ]
    )
    for end in ("start", "end"):
        relations = relations.join(
            gone, left_on=[f"{end}_kind", f"{end}_id"], right_on=["kind", "id"], how="anti"
        )
    user_item = (pl.col("start_kind") == "User") & (pl.col("end_kind") == "Item")
    shown = relations.filter(user_item).join(
        kept, left_on=["start_id", "end_id"], right_on=list(PAIR), how="semi"
    )
    return pl.concat([relations.filter(~user_item), shown])


def _keys(table: pl.DataFrame, key: str) -> pl.DataFrame:
    return table.select(key).unique()


def _in_order(table: pa.Table, schema: pa.Schema) -> pa.Table:
    table = table.select(schema.names).cast(schema).combine_chunks()
    keys = [field.name for field in schema if not field.nullable]
    ordered = frame(table.select(keys)).with_row_index("row").sort(keys, maintain_order=True)["row"]
    if ordered.is_sorted():
        return table
    return table.take(ordered.to_arrow())
