"""What the values of a column look like: numbers, times, labels, lists, words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import polars as pl

from etl.guess.look import Value
from etl.guess.words import A_NAME, BEHAVIOURS, DISLIKED, LIKED, PATTERNS, PRIVATE, SCALES
from etl.sources import fields
from etl.sources.columns import TimeColumn


def texts(column: Sequence[Value]) -> list[str]:
    """Return all values of a column, those of lists one by one."""
    found: list[str] = []
    for value in column:
        found.extend(value if isinstance(value, list) else [value] if value else [])
    return found


def bare(name: str) -> str:
    """Return a name without case and signs."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def private(name: str) -> bool:
    """Whether a column holds addresses and the like."""
    return re.fullmatch(PRIVATE, bare(name)) is not None


def personal(name: str) -> bool:
    """Whether a column may name people."""
    return private(name) or re.fullmatch(A_NAME, bare(name)) is not None


def numbers(values: Sequence[str]) -> pl.Series:
    """Return values as numbers, null where one is none."""
    return pl.Series(values, dtype=pl.String).str.strip_chars().cast(pl.Float64, strict=False)


def are_numbers(values: Sequence[str]) -> bool:
    """Whether nearly all values are numbers."""
    found = numbers(values)
    return int(found.is_finite().sum()) >= max(1, len(values) * 0.95)


def are_few_words(values: Sequence[str]) -> bool:
    """Whether there are few distinct values, and they are words."""
    return 0 < len(set(values)) <= 12 and not are_numbers(values)


def words(values: Sequence[str]) -> float:
    """Return the mean number of words; Chinese and Japanese count two characters a word."""
    if not values or are_numbers(values):
        return 0
    wide = sum(len(re.findall(r"[\u3040-\u9fff]", value)) / 2 for value in values)
    return (sum(len(value.split()) for value in values) + wide) / len(values)


def scale(name: str, values: Sequence[str]) -> tuple[object, float]:
    """Return the rating's column with the narrowest known scale, and where liking begins."""
    found = numbers(values)
    found = found.filter(found.is_finite())
    low, high = float(str(found.min())), float(str(found.max()))
    known = next(((a, b) for a, b in SCALES if a <= low and high <= b), None)
    if known is None:
        return name, round((low + 3 * high) / 4, 2)
    start, end = known
    liked = {5: 4.0, 10: 7.0, 100: 70.0, 1: 1.0}[int(end)]
    return {"column": name, "min": start, "max": end}, liked


def label(values: Sequence[str]) -> dict[str, list[str]] | None:
    """Return which values mean liked and disliked, where all of them are known words."""
    distinct = list(dict.fromkeys(value.strip() for value in values))
    positive = [value for value in distinct if bare(value) in LIKED]
    negative = [value for value in distinct if bare(value) in DISLIKED or value == "-1"]
    negative = [value for value in negative if value not in positive or value == "-1"]
    positive = [value for value in positive if value not in negative]
    if not positive or len(positive) + len(negative) != len(distinct):
        return None
    return {"positive": positive, "negative": negative}


def time_format(values: Sequence[str]) -> str | None:
    """Return the format that most values fit."""
    if not values:
        return None
    found = numbers(values)
    if found.null_count() == 0:
        middle = float(str(found.median()))
        if 1e8 <= middle < 1e10:
            return "s" if not fits(values, "%Y%m%d") else "%Y%m%d"
        if 1e11 <= middle < 1e13:
            return "ms"
    for pattern in ("iso", *PATTERNS):
        if fits(values, pattern):
            return pattern
    return None


def fits(values: Sequence[str], pattern: str) -> bool:
    column = pl.DataFrame({"t": values})
    spec = TimeColumn(column="t", format=pattern)
    parsed = column.select(fields.time("t", spec, pl.String()).value).to_series()
    return parsed.null_count() <= len(values) * 0.1


def behaviour(value: str) -> str:
    """Return a relationship type for a value."""
    word = bare(value)
    made = re.sub(r"[^A-Z0-9]+", "_", value.upper()).strip("_")[:32]
    return BEHAVIOURS.get(word, made if made[:1].isalpha() else f"DID_{made}"[:32])


def separator(values: Sequence[str]) -> str | None:
    """Return what separates several values in one field."""
    found = Counter(mark for value in values for mark in "|;," if mark in value)
    often = {"|": 0.05, ";": 0.05, ",": 0.5}  # a comma is also in "Making Fun, Inc."
    fit = [mark for mark, rows in found.items() if rows >= len(values) * often[mark]]
    return max(fit, key=found.__getitem__, default=None)


def kind(name: str) -> str:
    """Return a label for an attribute's column."""
    word = camel(name, first_upper=True)
    word = re.sub(r"ies$", "y", word)
    word = re.sub(r"(?<=[a-z])(?<![sS])s$", "", word)
    return word[:32] if word[:1].isalpha() else f"Kind{word}"[:32]


def camel(name: str, *, first_upper: bool) -> str:
    """Return a name in camel case."""
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", name) if part] or ["value"]
    joined = "".join(part[:1].upper() + part[1:] for part in parts)
    return joined if first_upper else joined[:1].lower() + joined[1:]
