"""Arrow tables as the rows that a query takes: one dict per row, times as epoch milliseconds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_HASHED_ROWS: Final = 65_536


def to_rows(table: pa.Table) -> list[dict[str, object]]:
    """The table's rows as dicts; timestamps become epoch milliseconds, maps become dicts."""
    columns = [_values(table.column(name)) for name in table.column_names]
    names = table.column_names
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def sort_rows(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The table in the order of its merge key, so that batches touch neighbouring nodes.

    One that is in order already is returned as it is: nested columns are slow to copy.
    """
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in key])
    places = order.to_numpy()
    return table if (places[1:] > places[:-1]).all() else table.take(order)


def content_hash(table: pa.Table, *context: str) -> str:
    """A hash of the table's values and of the context they are used in."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\0".join([*context, *map(str, table.schema)]).encode())
    for batch in table.combine_chunks().to_batches(max_chunksize=_HASHED_ROWS):
        digest.update(batch.serialize())
    return digest.hexdigest()


def _values(column: pa.ChunkedArray) -> list[object]:
    type_ = column.type
    if pa.types.is_timestamp(type_):
        column = pc.cast(pc.cast(column, pa.timestamp("ms", tz=type_.tz), safe=False), pa.int64())
    elif pa.types.is_map(type_):
        return [None if pairs is None else dict(pairs) for pairs in column.to_pylist()]
    values: list[object] = column.to_pylist()
    return values
