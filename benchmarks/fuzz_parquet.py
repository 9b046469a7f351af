"""Parquet files for fuzzing: columns of any type and value, and now and then broken bytes."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.fuzz_world import ROW

_TEXTS: Final = (
    *("ann", "4.5", "yes", "train", "2020-01-31", "", " ", "\0", "9" * 400, "1e999", "NaN"),
    *("&#" + "1" * 5_000, "<br>" * 50, "\u202e", "\U0010ffff", "2024-02-30", "x" * 11_000),
)
_DAY: Final = datetime(2020, 1, 1)  # noqa: DTZ001 - Parquet has times without a zone, too
Value = Callable[[random.Random], object]
_TYPES: Final[tuple[tuple[pa.DataType, Value], ...]] = (
    (pa.string(), lambda luck: luck.choice(_TEXTS)),
    (pa.large_string(), lambda luck: luck.choice(_TEXTS)),
    (pa.dictionary(pa.int32(), pa.string()), lambda luck: luck.choice(_TEXTS)),
    (pa.int64(), lambda luck: luck.choice((0, 1, 5, -1, 2**62, -(2**63)))),
    (pa.uint64(), lambda luck: luck.choice((0, 3, 2**64 - 1))),
    (pa.int8(), lambda luck: luck.randint(-128, 127)),
    (pa.float64(), lambda luck: luck.choice((0.5, 4.0, float("nan"), float("inf"), 1e300, -0.0))),
    (pa.float32(), lambda luck: luck.choice((0.5, float("-inf")))),
    (pa.bool_(), lambda luck: luck.random() < 0.5),
    (pa.timestamp("us"), lambda luck: _DAY + timedelta(days=luck.randint(-200_000, 200_000))),
    (pa.timestamp("ns", "Asia/Tokyo"), lambda luck: _DAY + timedelta(days=luck.randint(-9, 9))),
    (pa.timestamp("s"), lambda luck: _DAY),
    (pa.date32(), lambda luck: date(luck.randint(1, 9999), 1, 1)),
    (pa.time64("us"), lambda luck: _DAY.time()),
    (pa.decimal128(20, 4), lambda luck: Decimal(luck.randint(-(10**9), 10**9)) / 100),
    (pa.null(), lambda luck: None),
    (pa.list_(pa.string()), lambda luck: luck.choices(_TEXTS, k=luck.randint(0, 3))),
    (pa.list_(pa.int64()), lambda luck: [luck.randint(0, 9)]),
    (pa.list_(pa.list_(pa.string())), lambda luck: [["a", "b"], []]),
    (pa.binary(), lambda luck: b"\xff\x00"),
    (pa.struct({"a": pa.int64()}), lambda luck: {"a": 1}),
)


def parquet_file(luck: random.Random, number: int) -> bytes:
    """Return a file of so many rows: some columns of any type, and one file in ten broken."""
    arrays = {}
    odd = luck.sample(sorted(ROW), luck.choice((0, 1, 1, 3)))
    for column, usual in ROW.items():
        type_, value = luck.choice(_TYPES) if column in odd else _TYPES[0]
        values = [
            value(luck) if column in odd or luck.random() < 0.01 else usual for _ in range(number)
        ]
        arrays[column] = pa.array(values, type_)
    arrays["user"] = pa.array([f"u{place}" for place in range(number)])
    stream = io.BytesIO()
    pq.write_table(pa.table(arrays), stream, row_group_size=luck.choice((7, 1_000)))
    content = stream.getvalue()
    if luck.random() < 0.1:
        at = luck.randrange(len(content))
        content = content[:at] + bytes([luck.randrange(256)]) + content[at + 1 :]
    return content
