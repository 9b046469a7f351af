"""Parquet to rows: the file's own types are kept, so nothing is parsed twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.sources.rows import LINE, Rows
from kg.errors import SourceError

_ROWS: Final = 65_536
_DAMAGED: Final = (OSError, ValueError, pa.ArrowException)
"""What reading raises; ValueError: a name that is no text."""
_BYTES: Final = 268_435_456
"""Bytes of rows that are held at a time; a value that a file holds once may stand in every row."""


def parquet_columns(place: Path) -> list[str]:
    """Return the names of the columns.

    Raises:
        SourceError: it is no sound Parquet file.
    """
    try:
        return list(pq.read_schema(place).names)
    except _DAMAGED as error:
        raise SourceError(f"{place} is not a sound Parquet file: {error}.") from error


def parquet_rows(place: Path, wanted: Sequence[str]) -> Iterator[Rows]:
    """Yield the wanted columns; `LINE` is the 1-based number of the row.

    Rows are compared by their plain columns and the wanted ones.

    Raises:
        SourceError: it is no sound Parquet file.
    """
    try:
        with pq.ParquetFile(place, read_dictionary=_repeated(place)) as file:
            types = {field.name: field.type for field in file.schema_arrow}
            if unfit := [name for name in wanted if not _usable(types[name])]:
                raise SourceError(
                    f"Column {unfit[0]!r} of {place} holds {types[unfit[0]]}.",
                    remedy="Map plain columns, or lists of plain values.",
                )
            plain = [name for name, type_ in types.items() if not pa.types.is_nested(type_)]
            plain = [name for name in plain if _usable(types[name])]
            columns = list(dict.fromkeys([*plain, *wanted]))
            first, size = 1, place.stat().st_size
            batches = file.iter_batches(_rows_at_once(file.metadata), columns=columns)
            for batch in chain.from_iterable(map(_unfolded, batches)):
                frame = _frame(batch, first)
                first += frame.height
                yield Rows(
                    frame=frame,
                    raw=pl.struct(columns).struct.json_encode(),
                    identity=pl.struct(columns).hash(),
                    position=size * (first - 1) // max(file.metadata.num_rows, 1),
                )
    except _DAMAGED as error:
        raise SourceError(f"{place} is not a sound Parquet file: {error}.") from error


def _repeated(place: Path) -> list[str]:
    """Return the columns of texts that the file holds as numbers of a dictionary's entries."""
    metadata = pq.read_metadata(place)
    texts = {each.name for each in pq.read_schema(place) if _is_text(each.type)}
    chunks = (
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    folded = {chunk.path_in_schema for chunk in chunks if chunk.has_dictionary_page}
    return sorted(texts & folded)


def _rows_at_once(metadata: pq.FileMetaData) -> int:
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    each = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=0.0)
    return max(1, min(_ROWS, int(_BYTES // max(each, 1.0))))


def _unfolded(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield a batch with texts in place of dictionaries, in parts if that would be too much.

    Raises:
        ArrowInvalid: it holds what is no text.
    """
    batch.validate(full=True)
    folded = [n for n, column in enumerate(batch.columns) if pa.types.is_dictionary(column.type)]
    sizes = np.zeros(batch.num_rows)
    for n in folded:
        column = batch.column(n)
        if _is_text(column.type.value_type):
            lengths = pc.binary_length(column.dictionary).take(column.indices)
            sizes += pc.fill_null(lengths, 0).to_numpy()
    part = (np.cumsum(sizes) // _BYTES).astype(np.int64)
    starts = [0, *(np.flatnonzero(np.diff(part)) + 1).tolist(), batch.num_rows]
    for begin, end in pairwise(starts):
        rows = batch.slice(begin, end - begin)
        columns = [
            column.dictionary_decode() if n in folded else column
            for n, column in enumerate(rows.columns)
        ]
        yield pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


def _usable(type_: pa.DataType) -> bool:
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return not pa.types.is_nested(type_.value_type) and _usable(type_.value_type)
    if pa.types.is_dictionary(type_):
        return _usable(type_.value_type)
    return bool(not (pa.types.is_nested(type_) or pa.types.is_duration(type_) or _is_bytes(type_)))


def _is_text(type_: pa.DataType) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(is_kind(type_) for is_kind in kinds)


def _is_bytes(type_: pa.DataType) -> bool:
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_))


def _frame(batch: pa.RecordBatch, first: int) -> pl.DataFrame:
    frame = pl.DataFrame(pl.from_arrow(batch))
    plain = [
        pl.col(name).cast(pl.String)
        for name, dtype in frame.schema.items()
        if dtype in (pl.Categorical, pl.Enum)
    ]
    numbers = pl.int_range(first, first + frame.height, dtype=pl.Int64).alias(LINE)
    return frame.with_columns(numbers, *plain)
