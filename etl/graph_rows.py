"""Staging tables in the shape that the queries of `cypher/load` take: pure table work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from etl.keys import attribute_ids
from etl.staging import SCHEMAS
from etl.tables import SOURCE_TABLES

Tables = Mapping[str, pa.Table]

_KNOWN_FIRST: Final = {"users": "user_id", "items": "item_id"}


def users(tables: Tables) -> pa.Table:
    """All users that any table names; those of the users table with their traits."""
    return _with_stubs(tables, "users", "User")


def items(tables: Tables) -> pa.Table:
    """All items that any table names; those of the items table with what is known of them."""
    return _with_stubs(tables, "items", "Item")


def attributes(tables: Tables) -> Iterator[tuple[str, pa.Table]]:
    """Each kind with its attributes, named as they are written most often."""
    frame = frame_of(tables, "attributes").with_columns(attribute_ids().alias("attribute_id"))
    named = (
        frame.group_by("kind", "attribute_id", "value")
        .agg(pl.len().alias("times"), pl.col("uri").drop_nulls().min(), pl.col("source").min())
        .sort("times", "value", descending=[True, False])
        .group_by("kind", "attribute_id", maintain_order=True)
        .agg(
            pl.col("value").first().str.strip_chars().alias("name"),
            pl.col("uri").drop_nulls().first(),
            pl.col("source").first(),
        )
    )
    for (kind,), rows in named.sort("kind").group_by("kind", maintain_order=True):
        yield str(kind), rows.to_arrow()


def item_attributes(tables: Tables) -> pa.Table:
    """item_id, attribute_id, source: each pair once."""
    return (
        frame_of(tables, "attributes")
        .select("item_id", attribute_ids().alias("attribute_id"), "source")
        .group_by("item_id", "attribute_id")
        .agg(pl.col("source").min())
        .to_arrow()
    )


def interactions(tables: Tables) -> Iterator[tuple[str, pa.Table]]:
    """Each behaviour with its rows: user_id, item_id, properties of the relationship.

    The weight grows with the logarithm of the count: once is 1, ten times is 3.3.
    """
    frame = frame_of(tables, "interactions").sort("behaviour", "user_id", "item_id", "at")
    shaped = frame.select(
        "behaviour",
        "user_id",
        "item_id",
        pl.struct(
            "rating",
            "positive",
            "count",
            "source",
            pl.col("dwell_seconds").alias("dwellSeconds"),
            pl.col("at").dt.epoch("ms"),
            (1.0 + pl.col("count").fill_null(1).clip(1).log()).alias("weight"),
        ).alias("properties"),
    )
    for (behaviour,), rows in shaped.group_by("behaviour", maintain_order=True):
        yield str(behaviour), rows.drop("behaviour").to_arrow()


def relations(tables: Tables) -> Iterator[tuple[tuple[str, str, str], pa.Table]]:
    """Each relation as (type, start kind, end kind) with its rows."""
    frame = frame_of(tables, "relations")
    for key, rows in frame.group_by("type", "start_kind", "end_kind", maintain_order=True):
        relation, start, end = map(str, key)
        yield (relation, start, end), rows.to_arrow()


def known_entities(tables: Tables) -> pa.Table:
    """entity_id, source, name, kind: every entity that the triples or links name, once.

    What extraction calls it is written later; without extraction, and without a name that a
    source gives, its earlier name stays.
    """
    named = [("triples", "head"), ("triples", "tail"), ("links", "entity")]
    frames = [
        frame_of(tables, table).select(pl.col(column).alias("entity_id"), "source")
        for table, column in named
    ]
    known = pl.concat(frames).group_by("entity_id").agg(pl.col("source").min())
    named_anew = "entities" in tables
    called = frame_of(tables, "names").select("name", entity_id="entity")
    unnamed = pl.col("entity_id") if named_anew else pl.lit(None, pl.String)
    return (
        known.join(called, on="entity_id", how="left")
        .with_columns(
            name=pl.coalesce("name", unnamed),
            kind=pl.lit("Knowledge" if named_anew else None, pl.String),
        )
        .to_arrow()
    )


def links(tables: Tables) -> Iterator[tuple[str, pa.Table]]:
    """For Item and Attribute: id, entity_id, source, confidence of the entity that stands for it.

    The links of a source speak of items; a gazetteer's name stands for what it was taken from.
    """
    given = frame_of(tables, "links").select(
        pl.lit("Item").alias("label"),
        pl.col("item_id").alias("id"),
        "source",
        "confidence",
        entity_id="entity",
    )
    gazetteer = (
        mentioned(tables, "entities", "Entity", "entity_id")
        .filter(pl.col("refers_to").is_not_null())
        .select(
            pl.when(pl.col("kind") == "Item")
            .then(pl.lit("Item"))
            .otherwise(pl.lit("Attribute"))
            .alias("label"),
            pl.col("refers_to").alias("id"),
            pl.lit(None, pl.String).alias("source"),
            pl.lit(None, pl.Float64).alias("confidence"),
            "entity_id",
        )
    )
    both = pl.concat([given, gazetteer]).unique(["label", "id", "entity_id"], maintain_order=True)
    for (label,), rows in both.group_by("label", maintain_order=True):
        yield str(label), rows.to_arrow()


def mentions(tables: Tables) -> Iterator[tuple[str, pa.Table]]:
    """Entity and Aspect, each with the mentions of its nodes."""
    if "mentions" in tables:
        frame = frame_of(tables, "mentions")
        for (kind,), rows in frame.group_by("target_kind", maintain_order=True):
            yield str(kind), rows.to_arrow()


def mentioned(tables: Tables, name: str, kind: str, key: str) -> pl.DataFrame:
    """The rows of the entities or aspects table that some review mentions."""
    if name not in tables or "mentions" not in tables:
        return pl.DataFrame(schema={key: pl.String, "kind": pl.String, "refers_to": pl.String})
    found = frame_of(tables, "mentions").filter(pl.col("target_kind") == kind)
    return frame_of(tables, name).join(found, left_on=key, right_on="target_id", how="semi")


def _with_stubs(tables: Tables, name: str, kind: str) -> pa.Table:
    """The table's rows, then a row with only `seen_in` for each key that just other tables name."""
    key = _KNOWN_FIRST[name]
    plain = [
        frame_of(tables, other).select(key, "source")
        for other, schema in SOURCE_TABLES.items()
        if key in schema.names
    ]
    related = [
        frame_of(tables, "relations")
        .filter(pl.col(f"{end}_kind") == kind)
        .select(pl.col(f"{end}_id").alias(key), "source")
        for end in ("start", "end")
    ]
    known = tables.get(name, SOURCE_TABLES[name].empty_table())
    stubs = (
        pl.concat([*plain, *related])
        .group_by(key)
        .agg(pl.col("source").min().alias("seen_in"))
        .filter(~pl.col(key).is_in(pl.Series(known[key]).implode()))
    )
    return pa.concat_tables([known, stubs.to_arrow()], promote_options="permissive")


def by_start(rows: pa.Table) -> pa.Table:
    """One row per start; `rows`, sorted by it: start, end, what is said of the two.

    Returns:
        The start, under its name, and `ends`: map of the others to what is said.
    """
    start, end, properties = (rows.column(place).combine_chunks() for place in range(3))
    per_start = pc.run_end_encode(start.cast(pa.string()))
    ends = pa.MapArray.from_arrays(
        pa.concat_arrays([pa.array([0], pa.int32()), per_start.run_ends]),
        end.cast(pa.string()),
        properties,
    )
    return pa.table({rows.column_names[0]: per_start.values, "ends": ends})


def frame_of(tables: Tables, name: str) -> pl.DataFrame:
    """The table without its maps, which polars does not know; empty where it is absent."""
    table = tables[name] if name in tables else SCHEMAS[name].empty_table()
    maps = [field.name for field in table.schema if pa.types.is_map(field.type)]
    return to_polars(table.drop_columns(maps))


def to_polars(table: pa.Table) -> pl.DataFrame:
    """The table, its maps as lists of pairs."""
    for place, field in enumerate(table.schema):
        if pa.types.is_map(field.type):
            pair = pa.struct([("key", field.type.key_type), ("value", field.type.item_type)])
            column = table.column(place).cast(pa.list_(pair))
            table = table.set_column(place, field.name, column)
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):  # pragma: no cover - a table never is a series
        raise TypeError("A table became a series.")
    return frame
