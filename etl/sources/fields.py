"""Columns to typed values, with the check that says which rows are unfit and why.

A `Field` is two polars expressions: the typed value, and, over a frame that has it under the
field's name, the checks. Nothing here loops over rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from etl.sources.base import MAX_KEY, Reason
from etl.sources.columns import LabelColumn, NumberColumn, TimeColumn
from etl.sources.markup import plain_texts

UTC: Final = pl.Datetime("us", "UTC")
EARLIEST: Final = -8_520_336_000_000_000
"""1700-01-01 in microseconds; earlier times are mistakes of unit or format."""
LATEST: Final = 7_258_118_400_000_000
"""2200-01-01."""
_ISO: Final = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d",
)


@dataclass(frozen=True)
class Check:
    """Which rows fail (true), the reason, and a sentence of detail."""

    failed: pl.Expr
    reason: Reason
    detail: pl.Expr


@dataclass(frozen=True)
class Field:
    """A typed value and its checks; they may use the value by its `name`."""

    name: str
    value: pl.Expr
    checks: Sequence[Check] = field(default_factory=tuple)


def key(name: str, column: str, dtype: pl.DataType) -> Field:
    """Return a business key: text without surrounding blanks, present, not overlong."""
    value = _text(column, dtype).str.strip_chars()
    value = pl.when(value != "").then(value)
    missing = Check(
        pl.col(name).is_null(), Reason.MISSING_KEY, pl.lit(f"no value in column {column!r}")
    )
    return Field(name, value, (missing, _too_long(name, column, MAX_KEY)))


def text(name: str, column: str, dtype: pl.DataType, longest: int, *, html: bool = False) -> Field:
    """Return text without surrounding blanks, of HTML what people read; empty text is null."""
    value = _text(column, dtype)
    if html:
        value = value.map_batches(plain_texts, return_dtype=pl.String())
    value = value.str.strip_chars()
    return Field(name, pl.when(value != "").then(value), (_too_long(name, column, longest),))


def number(
    name: str,
    spec: NumberColumn,
    dtype: pl.DataType,
    *,
    money: bool = False,
    outside: Reason = Reason.BAD_NUMBER,
) -> Field:
    """Return a finite float within the bounds; `outside` is the reason of those that are not."""
    source = pl.col(spec.column)
    if not _counts(dtype):
        written = _text(spec.column, dtype).str.strip_chars()
        bare = written.str.replace(r"^[$€£¥]\s*", "").str.replace_all(",", "", literal=True)
        value = (bare if money else written).cast(pl.Float64, strict=False)
        if spec.values:
            words = {word.strip().lower(): amount for word, amount in spec.values.items()}
            folded = written.str.to_lowercase()
            named = folded.replace_strict(words, default=None, return_dtype=pl.Float64)
            value = pl.coalesce(named, value)
        given = written != ""
    else:
        value = source.cast(pl.Float64, strict=False)
        given = value.is_not_null() & ~value.is_nan() if dtype.is_float() else source.is_not_null()
    value = pl.when(value.is_finite()).then(value)
    if spec.unparsable == "null":
        return Field(name, value)
    shown = _say(_shown(spec.column, dtype), f" in column {spec.column!r} is no number")
    checks = [Check(given & pl.col(name).is_null(), Reason.BAD_NUMBER, shown)]
    if spec.min is not None or spec.max is not None:
        low = spec.min if spec.min is not None else float("-inf")
        high = spec.max if spec.max is not None else float("inf")
        detail = _say(pl.col(name), f" in column {spec.column!r}, wanted {low:g} to {high:g}")
        checks.append(Check(~pl.col(name).is_between(low, high), outside, detail))
    return Field(name, value, checks)


def time(name: str, spec: TimeColumn, dtype: pl.DataType) -> Field:
    """Return a UTC time between the years 1700 and 2200."""
    unknown = pl.lit(False)
    if spec.null_values:
        unknown = _text(spec.column, dtype).str.strip_chars().is_in(spec.null_values)
    value = pl.when(~unknown.fill_null(False)).then(_instant(spec, dtype))
    value = pl.when(value.to_physical().is_between(EARLIEST, LATEST)).then(value)
    if spec.unparsable == "null":
        return Field(name, value)
    given = _text(spec.column, dtype).str.strip_chars() != ""
    units = {"s": "seconds since 1970", "ms": "milliseconds since 1970"}
    shown = _say(
        _shown(spec.column, dtype),
        f" in column {spec.column!r} is no time between 1700 and 2200, ",
        f"wanted {units.get(spec.format, spec.format)}",
    )
    failed = given & ~unknown.fill_null(False) & pl.col(name).is_null()
    return Field(name, value, (Check(failed, Reason.BAD_DATE, shown),))


def label(name: str, spec: LabelColumn, dtype: pl.DataType) -> Field:
    """Return liked (true), disliked (false) or null where the file says nothing."""
    words = {word.strip().lower(): True for word in spec.positive}
    words |= {word.strip().lower(): False for word in spec.negative}
    return _named(name, spec.column, dtype, words, pl.Boolean())


def choice(name: str, column: str, dtype: pl.DataType, values: Mapping[str, str]) -> Field:
    """Return what each value stands for."""
    words = {word.strip().lower(): meaning for word, meaning in values.items()}
    return _named(name, column, dtype, words, pl.String())


def values_list(
    name: str, column: str, dtype: pl.DataType, separator: str | None, longest: int = MAX_KEY
) -> Field:
    """Return several values as a list without blanks and repeats; null where there is none."""
    if isinstance(dtype, pl.List):
        parts = pl.col(column).cast(pl.List(pl.String))
        if separator:
            parts = parts.list.eval(pl.element().str.split(separator).explode())
    else:
        whole = _text(column, dtype)
        parts = whole.str.split(separator) if separator else pl.concat_list(whole)
    clean = parts.list.eval(
        pl.element().str.strip_chars().filter(pl.element().str.strip_chars() != "")
    ).list.unique(maintain_order=True)
    lengths = pl.col(name).list.eval(pl.element().str.len_chars()).list.max()
    detail = _say("a value of ", lengths, f" characters in column {column!r}, at most {longest}")
    return Field(name, clean, (Check(lengths > longest, Reason.TEXT_TOO_LONG, detail),))


def _named(
    name: str, column: str, dtype: pl.DataType, words: Mapping[str, object], result: pl.DataType
) -> Field:
    written = _text(column, dtype).str.strip_chars().str.to_lowercase()
    value = written.replace_strict(words, default=None, return_dtype=result)
    known = ", ".join(list(words)[:8])
    detail = _say(_shown(column, dtype), f" in column {column!r}, known are: {known}")
    failed = (written != "") & pl.col(name).is_null()
    return Field(name, value, (Check(failed, Reason.UNKNOWN_VALUE, detail),))


def _counts(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype == pl.Boolean


def _text(column: str, dtype: pl.DataType) -> pl.Expr:
    source = pl.col(column)
    if dtype == pl.String:
        return source
    if dtype.is_float():
        whole = (source == source.floor()) & (source.abs() < 1e15)
        integer = source.cast(pl.Int64, strict=False).cast(pl.String)
        return pl.when(source.is_finite()).then(
            pl.when(whole).then(integer).otherwise(source.cast(pl.String))
        )
    if isinstance(dtype, pl.List):
        return source.cast(pl.List(pl.String)).list.join("\n", ignore_nulls=True)
    return source.cast(pl.String, strict=False)


def _say(*parts: str | pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(part) if isinstance(part, str) else part for part in parts)


def _shown(column: str, dtype: pl.DataType) -> pl.Expr:
    return _text(column, dtype).str.slice(0, 60)


def _too_long(name: str, column: str, longest: int) -> Check:
    length = pl.col(name).str.len_chars()
    detail = _say(length, f" characters in column {column!r}, at most {longest}")
    return Check(length > longest, Reason.TEXT_TOO_LONG, detail)


def _instant(spec: TimeColumn, dtype: pl.DataType) -> pl.Expr:
    source = pl.col(spec.column)
    if isinstance(dtype, pl.Datetime):
        zoned = source.dt.replace_time_zone("UTC") if dtype.time_zone is None else source
        return zoned.cast(UTC)
    if dtype == pl.Date:
        return source.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if spec.format in ("s", "ms"):
        micros = {"s": 1e6, "ms": 1e3}[spec.format]
        number = source if _counts(dtype) else _text(spec.column, dtype).str.strip_chars()
        scaled = (number.cast(pl.Float64, strict=False) * micros).round()
        inside = scaled.is_between(float(EARLIEST), float(LATEST))
        return pl.when(inside).then(scaled).cast(pl.Int64, strict=False).cast(UTC)
    written = _text(spec.column, dtype).str.strip_chars()
    if spec.format != "iso":
        return _parsed(written, spec.format)
    joined = written.str.replace(r"^(\d{4}-\d\d-\d\d)\s+", "${1}T")
    return pl.coalesce(_parsed(joined, pattern) for pattern in _ISO)


def _parsed(written: pl.Expr, pattern: str) -> pl.Expr:
    parsed = written.str.to_datetime(pattern, strict=False, time_unit="us")
    zoned = any(directive in pattern for directive in ("%z", "%#z", "%:z", "%::z"))
    return parsed if zoned else parsed.dt.replace_time_zone("UTC")
