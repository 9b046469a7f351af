"""Rows to tables: gives columns their meaning, checks them, and sets bad rows aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from etl.sources import fields
from etl.sources.base import Batch, ReadSettings, Reason
from etl.sources.columns import BehaviourColumn, Columns, NumberColumn
from etl.sources.fields import Check, Field
from etl.sources.files import Reject
from etl.sources.rows import LINE, RAW, Rows, Seen, rejected_table
from etl.sources.typed import Meaning, tables_of

_HASH: Final = "\0hash"
_REASON: Final = "\0reason"
_DETAIL: Final = "\0detail"
_MOST: Final = 2.0**53
"""Largest count: up to here floats are exact whole numbers."""


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
            tables=tables_of(good, self._meaning),
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
    found += _texts(meaning, schema, limits.max_text)
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


def _texts(meaning: Meaning, schema: pl.Schema, longest: int) -> list[Field]:
    columns = meaning.columns
    prose = {
        "=text": columns.text,
        "=title": columns.title,
        "=item_title": columns.item_title,
        "=description": columns.description,
        "=entity_name": columns.entity_name,
    }
    plain = {
        **{f"=property {name}": column for name, column in columns.properties.items()},
        **{f"=trait {name}": column for name, column in columns.traits.items()},
    }
    return [
        fields.text(name, column, schema[column], longest, html=meaning.html and name in prose)
        for name, column in (prose | plain).items()
        if column
    ]


def _numbers(columns: Columns, schema: pl.Schema) -> list[Field]:
    found: list[Field] = []
    if spec := columns.rating:
        dtype = schema[spec.column]
        found.append(fields.number("=rating", spec, dtype, outside=Reason.RATING_OUT_OF_RANGE))
    if spec := columns.count:
        found.append(fields.number("=count", _counting(spec), schema[spec.column]))
    if spec := columns.dwell_seconds:
        found.append(fields.number("=dwell", _at_least(spec, 0), schema[spec.column]))
    if spec := columns.price:
        found.append(fields.number("=price", spec, schema[spec.column], money=True))
    if spec := columns.confidence:
        share = spec.model_copy(update={"min": 0.0, "max": 1.0})
        found.append(fields.number("=confidence", share, schema[spec.column]))
    return found


def _counting(spec: NumberColumn) -> NumberColumn:
    high = _MOST if spec.max is None else min(spec.max, _MOST)
    return _at_least(spec.model_copy(update={"max": high}), 1)


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
