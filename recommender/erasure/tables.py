"""A person or a review out of a run's Parquet files, each replaced whole."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import reduce
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.staging import parquet_writer
from kg.forgotten import Forgotten
from recommender.erasure.traces import Traces

_USER_COLUMNS = ("user_id", "user")
_BATCH = 50_000
BLANK = "(forgotten)"
Rows: TypeAlias = pa.RecordBatch | pa.Table


def rows_out(path: Path, who: Forgotten) -> int:
    """Take the rows of a person or a review out of a table; return how many.

    Rows are theirs by `user_id` or `review_id`, or by an end of a relation that is a user.
    """
    names = pq.read_schema(path).names
    columns = [
        *((name, who.users) for name in _USER_COLUMNS if name in names),
        *([("review_id", who.reviews)] if "review_id" in names else []),
    ]
    ends = [end for end in ("start", "end") if {f"{end}_kind", f"{end}_id"} <= set(names)]
    if not columns and not ends:
        return 0

    def gone(batch: Rows) -> pa.Array:
        masks = [_among(batch.column(name), keys) for name, keys in columns]
        masks += [
            pc.and_(
                pc.equal(batch.column(f"{end}_kind"), "User"),
                _among(batch.column(f"{end}_id"), who.users),
            )
            for end in ends
        ]
        return reduce(pc.or_, masks)

    asked = [name for name, _ in columns] + [f"{e}_{part}" for e in ends for part in ("kind", "id")]
    return _rewritten(path, asked, gone)


def holds_user(folder: Path, users: Collection[str]) -> bool:
    """Tell whether a run's staged users hold one of these."""
    place = folder / "staging" / "users.parquet"
    if not place.is_file():
        return False
    keys = pq.read_table(place, columns=["user_id"])["user_id"]
    return bool(pc.any(_among(keys, users)).as_py())


def things_out(path: Path, column: str, keys: Collection[str]) -> int:
    """Take the rows of some things out of a table; return how many."""
    if not keys:
        return 0
    return _rewritten(path, [column], lambda batch: _among(batch.column(column), keys))


def blank_rejected(path: Path, traces: Traces) -> int:
    """Blank the raw rows that name them among those set aside; return how many."""
    table = pq.read_table(path)
    named = [
        traces.in_line(raw) or traces.in_line(detail)
        for raw, detail in zip(table["raw"].to_pylist(), table["detail"].to_pylist(), strict=True)
    ]
    if not any(named):
        return 0
    mask = pa.array(named)
    for name in ("detail", "raw"):
        place = table.schema.get_field_index(name)
        column = pc.if_else(mask, BLANK, table[name])
        table = table.set_column(place, table.schema.field(place), column)
    with parquet_writer(path, table.schema) as writer:
        writer.write_table(table)
    return sum(named)


def _rewritten(path: Path, asked: list[str], gone: Callable[[Rows], pa.Array]) -> int:
    count = int(pc.sum(gone(pq.read_table(path, columns=asked))).as_py() or 0)
    if count:
        with pq.ParquetFile(path) as file, parquet_writer(path, file.schema_arrow) as writer:
            for batch in file.iter_batches(_BATCH):
                writer.write_batch(batch.filter(pc.invert(gone(batch))))
    return count


def _among(column: pa.Array | pa.ChunkedArray, keys: Collection[str]) -> pa.Array:
    return pc.is_in(column.cast(pa.string()), pa.array(sorted(keys), pa.string()))
