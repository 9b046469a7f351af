"""Rows to tables: gives columns their meaning, checks them, and sets bad rows aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import polars as pl
import pyarrow as pa

from etl.sources import fields
from etl.sources.base import Batch, Part, ReadSettings, Reason
from etl.sources.columns import BehaviourColumn, Columns, NumberColumn, Positive
from etl.sources.fields import Check, Field
from etl.sources.files import Reject
from etl.sources.rows import LINE, RAW, Rows, Seen, rejected_table
from etl.tables import PROPERTIES, SOURCE_TABLES

_HASH: Final = "\0hash"
_REASON: Final = "\0reason"
_DETAIL: Final = "\0detail"


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
    """

    file: str
    columns: Columns
    behaviour: str | BehaviourColumn = "INTERACTED"
    counted: bool = True
    positive: Positive | None = None
    part: Part | None = None
    keep_duplicates: bool = False


class Mapper:
    """Turns the rows of one file, block after block, into batches."""

    def __init__(self, meaning: Meaning, limits: ReadSettings) -> None:
        self._meaning = meaning
        self._limits = limits
        self._seen = Seen()

    def batch(self, rows: Rows) -> Batch:
        """Return the tables that `rows` give, and the rows that give none with the reason."""
        wanted = _fields(self._meaning, rows.frame.schema, self._limits)
        typed = rows.frame.with_columns(
            rows.raw.alias(RAW),
            rows.identity.alias(_HASH),
            *(field.value.alias(field.name) for field in wanted),
        )
        checks = [check for field in wanted for check in field.checks]
        good, rejected = _sift(typed, checks)
        if not self._meaning.keep_duplicates:
            good, repeated = self._without_repeats(good)
            rejected += repeated
        return Batch(
            file=self._meaning.file,
            rows=rows.read,
            accepted=good.height,
            tables=_tables(good, self._meaning),
            rejected=rejected_table(self._meaning.file, [*rows.rejected, *rejected]),
            position=rows.position,
        )

    def _without_repeats(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Reject]]:
        repeats = pl.Series(self._seen.repeats(frame[_HASH].to_numpy()), dtype=pl.Boolean)
        if not repeats.any():
            return frame, []
        found = frame.filter(repeats).select(LINE, RAW).rows()
        detail = "equal to an earlier row of this file"
        rejects = [Reject(line, Reason.DUPLICATE, detail, raw) for line, raw in found]
        return frame.filter(~repeats), rejects


def _fields(meaning: Meaning, schema: pl.Schema, limits: ReadSettings) -> list[Field]:
    columns = meaning.columns
    found: list[Field] = []
    for name, column in (("=user", columns.user), ("=item", columns.item)):
        if column:
            found.append(fields.key(name, column, schema[column]))
    if columns.review_id:
        found.append(fields.key("=review", columns.review_id, schema[columns.review_id]))
    if columns.entity:
        found.append(fields.key("=entity", columns.entity, schema[columns.entity]))
    if triple := columns.triple:
        found.append(fields.key("=head", triple.head, schema[triple.head]))
        found.append(fields.key("=predicate", triple.predicate, schema[triple.predicate]))
        found.append(fields.key("=tail", triple.tail, schema[triple.tail]))
    found += _texts(columns, schema, limits.max_text)
    if columns.anonymous:
        unsaid = pl.lit("no text to tell an unnamed user by")
        missing = Check(pl.col("=text").is_null(), Reason.MISSING_KEY, unsaid)
        found.append(Field("=said", pl.lit(None), (missing,)))
    found += _numbers(columns, schema)
    for name, time in (("=at", columns.timestamp), ("=released", columns.released_at)):
        if time:
            found.append(fields.time(name, time, schema[time.column]))
    if columns.label:
        found.append(fields.label("=label", columns.label, schema[columns.label.column]))
    if isinstance(meaning.behaviour, BehaviourColumn):
        behaviour = meaning.behaviour
        dtype = schema[behaviour.column]
        kind = fields.choice("=behaviour", behaviour.column, dtype, behaviour.values)
        missing = Check(
            pl.col("=behaviour").is_null(),
            Reason.MISSING_KEY,
            pl.lit(f"no behaviour in column {behaviour.column!r}"),
        )
        found.append(Field(kind.name, kind.value, (*kind.checks, missing)))
    if columns.split:
        spec = columns.split
        found.append(fields.choice("=split", spec.column, schema[spec.column], spec.values))
    return found + _lists(columns, schema)


def _texts(columns: Columns, schema: pl.Schema, longest: int) -> list[Field]:
    plain = {
        "=text": columns.text,
        "=title": columns.title,
        "=item_title": columns.item_title,
        "=description": columns.description,
        **{f"=property {name}": column for name, column in columns.properties.items()},
        **{f"=trait {name}": column for name, column in columns.traits.items()},
    }
    return [
        fields.text(name, column, schema[column], longest)
        for name, column in plain.items()
        if column
    ]


def _numbers(columns: Columns, schema: pl.Schema) -> list[Field]:
    found: list[Field] = []
    if spec := columns.rating:
        dtype = schema[spec.column]
        found.append(fields.number("=rating", spec, dtype, outside=Reason.RATING_OUT_OF_RANGE))
    if spec := columns.count:
        found.append(fields.number("=count", _at_least(spec, 1), schema[spec.column]))
    if spec := columns.dwell_seconds:
        found.append(fields.number("=dwell", _at_least(spec, 0), schema[spec.column]))
    if spec := columns.price:
        found.append(fields.number("=price", spec, schema[spec.column], money=True))
    return found


def _at_least(spec: NumberColumn, low: float) -> NumberColumn:
    return spec if spec.min is not None else spec.model_copy(update={"min": low})


def _lists(columns: Columns, schema: pl.Schema) -> list[Field]:
    found: list[Field] = []
    for place, attribute in enumerate(columns.attributes):
        column, separator = attribute.column, attribute.separator
        found.append(fields.values_list(f"=attribute {place}", column, schema[column], separator))
    for place, relation in enumerate(columns.relations):
        start, end = relation.start.column, relation.end.column
        found.append(fields.key(f"=start {place}", start, schema[start]))
        found.append(fields.values_list(f"=end {place}", end, schema[end], relation.separator))
    return found


def _sift(frame: pl.DataFrame, checks: Sequence[Check]) -> tuple[pl.DataFrame, list[Reject]]:
    """Part good rows from bad; the first check that fails names the reason."""
    if not checks:
        return frame, []
    reason = pl.coalesce(
        pl.when(check.failed).then(pl.lit(number)) for number, check in enumerate(checks)
    )
    marked = frame.with_columns(reason.alias(_REASON))
    if marked[_REASON].null_count() == marked.height:
        return frame, []
    bad = marked.filter(pl.col(_REASON).is_not_null())
    details = pl.coalesce(
        pl.when(pl.col(_REASON) == number).then(check.detail) for number, check in enumerate(checks)
    )
    found = bad.select(LINE, _REASON, details.fill_null("").alias(_DETAIL), RAW).rows()
    rejects = [
        Reject(line, checks[number].reason, detail, raw) for line, number, detail, raw in found
    ]
    return marked.filter(pl.col(_REASON).is_null()).drop(_REASON), rejects


def _tables(frame: pl.DataFrame, meaning: Meaning) -> dict[str, pa.Table]:
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
    if columns.entity:
        links = frame.select(item_id="=item", entity="=entity", source=source)
        tables["links"] = typed_table("links", links)
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
            at=_optional(frame, "=at", fields.UTC),
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
            written_at=_optional(said, "=at", fields.UTC),
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
            released_at=_optional(frame, "=released", fields.UTC),
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
