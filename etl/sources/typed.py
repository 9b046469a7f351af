"""Checked rows to the typed tables of `etl.tables`: what a row says, table by table.

A checked row has its values under the names that `mapping.py` gives them: `=user`, `=rating` ….
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import polars as pl
import pyarrow as pa

from etl.sources.base import Part
from etl.sources.columns import BehaviourColumn, Columns, Positive
from etl.sources.fields import UTC
from etl.tables import PROPERTIES, SOURCE_TABLES


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What the rows of one file say.

    Attributes:
        file: short name of the file.
        columns: which column is what.
        behaviour: what a row means that has a user and an item.
        counted: whether such a row is an act of its own, or repeats one that another source has.
        positive: what counts as liked, by rating.
        part: part of a ready-made split that all rows belong to.
        keep_duplicates: equal rows are repeated acts.
        html: texts, titles and descriptions are HTML.
    """

    file: str
    columns: Columns
    behaviour: str | BehaviourColumn = "INTERACTED"
    counted: bool = True
    positive: Positive | None = None
    part: Part | None = None
    keep_duplicates: bool = False
    html: bool = False


def tables_of(frame: pl.DataFrame, meaning: Meaning) -> dict[str, pa.Table]:
    """Return the tables that good rows give."""
    columns = meaning.columns
    source = pl.lit(meaning.file).alias("source")
    tables: dict[str, pa.Table] = {}
    if columns.tells_acts:
        acts = frame.with_columns(_positive(meaning).alias("=positive"))
        if columns.anonymous:
            acts = acts.with_columns(_nobody(acts))
        tables["interactions"] = _interactions(acts, meaning, source)
        if columns.text:
            tables["reviews"] = _reviews(acts, source)
    alone = not (columns.tells_acts or columns.entity)
    if columns.item and (columns.describes_items or alone):
        tables["items"] = _items(frame, columns, source)
    if columns.user and (columns.traits or not columns.item):
        traits = {name: f"=trait {name}" for name in columns.traits}
        tables["users"] = typed_table(
            "users", frame.select(user_id="=user", source=source), traits=_pairs(frame, traits)
        )
    if columns.attributes:
        tables["attributes"] = _attributes(frame, columns, source)
    if columns.relations:
        tables["relations"] = _relations(frame, columns, source)
    if columns.triple:
        triples = frame.select(head="=head", predicate="=predicate", tail="=tail", source=source)
        tables["triples"] = typed_table("triples", triples)
    if columns.entity and columns.item:
        links = frame.select(
            item_id="=item",
            entity="=entity",
            confidence=_optional(frame, "=confidence", pl.Float64()),
            source=source,
        )
        tables["links"] = typed_table("links", links)
    if columns.entity_name:
        named = frame.filter(pl.col("=entity_name").is_not_null())
        names = named.select(entity="=entity", name="=entity_name", source=source)
        tables["names"] = typed_table("names", names)
    return tables


def _optional(frame: pl.DataFrame, name: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(name) if name in frame.columns else pl.lit(None, dtype=dtype)


def _positive(meaning: Meaning) -> pl.Expr:
    if meaning.columns.label:
        return pl.col("=label")
    if meaning.positive and meaning.columns.rating:
        return pl.col("=rating") >= meaning.positive.min_rating
    return pl.lit(None, dtype=pl.Boolean)


def _interactions(frame: pl.DataFrame, meaning: Meaning, source: pl.Expr) -> pa.Table:
    constant = not isinstance(meaning.behaviour, BehaviourColumn)
    part = pl.lit(meaning.part, dtype=pl.String)
    count = _optional(frame, "=count", pl.Float64()).round().cast(pl.Int64)
    return typed_table(
        "interactions",
        frame.select(
            user_id="=user",
            item_id="=item",
            behaviour=pl.lit(meaning.behaviour) if constant else pl.col("=behaviour"),
            rating=_optional(frame, "=rating", pl.Float64()),
            positive="=positive",
            count=count if meaning.counted else pl.lit(0, dtype=pl.Int64),
            dwell_seconds=_optional(frame, "=dwell", pl.Float64()),
            at=_optional(frame, "=at", UTC),
            split=pl.coalesce(_optional(frame, "=split", pl.String()), part),
            source=source,
        ),
    )


def _reviews(frame: pl.DataFrame, source: pl.Expr) -> pa.Table:
    said = frame.filter(pl.col("=text").is_not_null()).with_columns(
        _optional(frame, "=title", pl.String()).alias("=title")
    )
    contents = [
        digest(title or "", text) for title, text in said.select("=title", "=text").iter_rows()
    ]
    said = said.with_columns(pl.Series("=content", contents, dtype=pl.String))
    if "=review" not in said.columns:
        keys = said.select("=user", "=item", "=content").iter_rows()
        made = [digest(user, item, content) for user, item, content in keys]
        said = said.with_columns(pl.Series("=review", made, dtype=pl.String))
    return typed_table(
        "reviews",
        said.select(
            review_id="=review",
            user_id="=user",
            item_id="=item",
            text="=text",
            title="=title",
            rating=_optional(said, "=rating", pl.Float64()),
            positive="=positive",
            written_at=_optional(said, "=at", UTC),
            content_hash="=content",
            source=source,
        ),
    )


def _nobody(frame: pl.DataFrame) -> pl.Series:
    """Return a user for each text of an unnamed one."""
    said = frame.select("=item", "=text").iter_rows()
    return pl.Series("=user", [f"anonymous {digest(*row)}" for row in said], dtype=pl.String)


def digest(*parts: str) -> str:
    """Return a stable 128-bit hash of some texts, as hex."""
    told_apart = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(told_apart.encode("utf-8"), digest_size=16).hexdigest()


def _items(frame: pl.DataFrame, columns: Columns, source: pl.Expr) -> pa.Table:
    named = {name: f"=property {name}" for name in columns.properties}
    return typed_table(
        "items",
        frame.select(
            item_id="=item",
            title=_optional(frame, "=item_title", pl.String()),
            description=_optional(frame, "=description", pl.String()),
            price=_optional(frame, "=price", pl.Float64()),
            released_at=_optional(frame, "=released", UTC),
            source=source,
        ),
        properties=_pairs(frame, named),
    )


def _attributes(frame: pl.DataFrame, columns: Columns, source: pl.Expr) -> pa.Table:
    parts = [
        frame.select(
            item_id="=item",
            kind=pl.lit(attribute.kind),
            value=f"=attribute {place}",
            uri=pl.lit(None, dtype=pl.String),
            source=source,
        )
        .explode("value")
        .filter(pl.col("value").is_not_null())
        for place, attribute in enumerate(columns.attributes)
    ]
    return typed_table("attributes", pl.concat(parts))


def _relations(frame: pl.DataFrame, columns: Columns, source: pl.Expr) -> pa.Table:
    parts = [
        frame.select(
            type=pl.lit(relation.type),
            start_kind=pl.lit(relation.start.kind),
            start_id=f"=start {place}",
            end_kind=pl.lit(relation.end.kind),
            end_id=f"=end {place}",
            source=source,
        )
        .explode("end_id")
        .filter(pl.col("end_id").is_not_null())
        for place, relation in enumerate(columns.relations)
    ]
    return typed_table("relations", pl.concat(parts))


def _pairs(frame: pl.DataFrame, named: Mapping[str, str]) -> pa.Array:
    """Return some text columns as one map per row, without the missing ones."""
    if not named:
        return pa.nulls(frame.height, PROPERTIES)
    pairs = pl.concat_list(
        pl.struct(key=pl.lit(name), value=pl.col(column)) for name, column in named.items()
    ).list.eval(pl.element().filter(pl.element().struct.field("value").is_not_null()))
    lists = frame.select(pairs.alias("pairs"))["pairs"].to_arrow()
    keys, values = lists.flatten().flatten()
    offsets = lists.value_lengths().cast(pa.int32()).to_numpy().cumsum()
    return pa.MapArray.from_arrays(
        pa.array([0, *offsets], pa.int32()), keys.cast(pa.string()), values.cast(pa.string())
    )


def typed_table(name: str, frame: pl.DataFrame, **further: pa.Array) -> pa.Table:
    """Return a frame, and columns that polars has no type for, in the schema of a source table."""
    schema = SOURCE_TABLES[name]
    plain = frame.to_arrow()
    columns = {column: plain.column(column) for column in plain.column_names} | further
    return pa.table([columns[field.name].cast(field.type) for field in schema], schema=schema)
