"""JSON lines to rows: one object a line; the wanted names become columns."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import polars as pl
import pyarrow as pa

from etl.sources.base import Reason
from etl.sources.files import Block, Reject
from etl.sources.rows import LINE, RAW, Rows

Shape = Literal["text", "list"]
Record = dict[str, object]
_EXACT: Final = 2**53
_STRINGS: Final = pa.list_(pa.string())
_DEEPEST: Final = 100
"""Levels of lists and objects that a record may have."""


def json_rows(
    blocks: Iterator[Block], wanted: Mapping[str, Shape], null_values: Sequence[str] = ("",)
) -> Iterator[Rows]:
    """Yield one column for each wanted name: a List(String) where the shape is a list, else a
    String, or numbers where a block has nothing else."""
    nulls = frozenset(null_values)
    for block in map(Block.filled, blocks):
        yield object_rows(block, parse_objects(block), wanted, nulls)


def parse_objects(block: Block, *, python_literals: bool = False) -> list[Record | Reject]:
    """Parse each line; `python_literals` also takes `{'a': 1}`, as some old dumps have it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of what is no Python either
        return [
            _parse(line, number, python_literals)
            for line, number in zip(block.lines, block.numbers, strict=True)
        ]


def object_rows(
    block: Block,
    parsed: Sequence[Record | Reject],
    wanted: Mapping[str, Shape],
    nulls: frozenset[str] = frozenset(),
) -> Rows:
    """Return objects as rows."""
    rejected = [*block.rejected, *(item for item in parsed if isinstance(item, Reject))]
    numbers, raw, objects = [], [], []
    for number, line, item in zip(block.numbers, block.lines, parsed, strict=True):
        if isinstance(item, Reject):
            continue
        if ("\\ud" in line or "\\uD" in line) and not _encodable(item):
            detail = "half of a surrogate pair, which stands for no character"
            rejected.append(Reject(number, Reason.BROKEN_ENCODING, detail, line))
            continue
        numbers.append(number)
        raw.append(line)
        objects.append(item)
    columns = [pl.Series(LINE, numbers, dtype=pl.Int64), pl.Series(RAW, raw, dtype=pl.String)]
    for name, shape in wanted.items():
        values = [item.get(name) for item in objects]
        if shape == "list":
            lists = pa.array([list_of(value, nulls) for value in values], _STRINGS)
            columns.append(pl.Series(name, lists))
        else:
            columns.append(_plain(name, values, nulls))
    return Rows(frame=pl.DataFrame(columns), rejected=rejected, position=block.position)


def _plain(name: str, values: list[object], nulls: frozenset[str]) -> pl.Series:
    """Return values as numbers where all of them are, else as texts."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds and kinds <= {int, float}:
        numbers = [value for value in values if isinstance(value, int | float)]
        if all(abs(number) < _EXACT for number in numbers):
            dtype = pl.Int64 if kinds == {int} else pl.Float64
            return pl.Series(name, values, dtype=dtype, strict=False)
    if kinds == {str} and not nulls:
        return pl.Series(name, values, dtype=pl.String)
    return pl.Series(name, [text_of(value, nulls) for value in values], dtype=pl.String)


def _parse(line: str, number: int, python_literals: bool) -> Record | Reject:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        value = _literal(line) if python_literals else None
        if value is None:
            return Reject(number, Reason.BROKEN_JSON, str(error), line)
    if line.count("[") + line.count("{") > _DEEPEST and _depth(value) > _DEEPEST:
        detail = f"lists and objects within each other, more than {_DEEPEST} levels deep"
        return Reject(number, Reason.BROKEN_JSON, detail, line)
    if not isinstance(value, dict):
        detail = f"a JSON {type(value).__name__}, wanted an object {{…}}"
        return Reject(number, Reason.BROKEN_JSON, detail, line)
    return value


def _literal(line: str) -> object:
    """Return a Python literal that JSON could hold, too; else None."""
    try:
        value: object = ast.literal_eval(line)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None
    return value


def _depth(value: object) -> int:
    level, here = 0, [value]
    while here := [each for each in here if isinstance(each, dict | list)]:
        level += 1
        here = [x for each in here for x in (each.values() if isinstance(each, dict) else each)]
    return level


def _encodable(record: Record) -> bool:
    try:
        json.dumps(record, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def text_of(value: object, nulls: frozenset[str] = frozenset()) -> str | None:
    """Return a JSON value as text: lists as lines, whole numbers without a point, blank as None."""
    if isinstance(value, str):
        return value if value.strip() and value not in nulls else None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(value)
    if isinstance(value, list):
        return "\n".join(list_of(value, nulls) or ()) or None
    return json.dumps(value, ensure_ascii=False)


def list_of(value: object, nulls: frozenset[str] = frozenset()) -> list[str] | None:
    """Return a JSON value as a list of texts; lists of lists are flattened."""
    if value is None:
        return None
    if not isinstance(value, list):
        text = text_of(value, nulls)
        return None if text is None else [text]
    if not nulls and all(type(part) is str for part in value):
        return value
    texts: list[str] = []
    for part in value:
        texts.extend(list_of(part, nulls) or ())
    return texts


def _number_text(value: int | float) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
