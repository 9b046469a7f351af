"""Parquet to rows: the file's own types are kept, so nothing is parsed twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.sources.rows import LINE, Rows
from kg.errors import SourceError

_ROWS: Final = 65_536


def parquet_columns(place: Path) -> list[str]:
    """Return the names of the columns.

    Raises:
        SourceError: it is no sound Parquet file.
    """
    try:
        return list(pq.read_schema(place).names)
    except (OSError, pa.ArrowException) as error:
        raise SourceError(f"{place} is not a sound Parquet file: {error}.") from error


def parquet_rows(place: Path, wanted: Sequence[str]) -> Iterator[Rows]:
    """Yield the wanted columns; `LINE` is the 1-based number of the row.

    Rows are compared by their plain columns and the wanted ones.

    Raises:
        SourceError: it is no sound Parquet file.
    """
    try:
        with pq.ParquetFile(place) as file:
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
            for batch in file.iter_batches(_ROWS, columns=columns):
                frame = _frame(batch, first)
                first += frame.height
                yield Rows(
                    frame=frame,
                    raw=pl.struct(columns).struct.json_encode(),
                    identity=pl.struct(columns).hash(),
                    position=size * (first - 1) // max(file.metadata.num_rows, 1),
                )
    except (OSError, pa.ArrowException) as error:
        raise SourceError(f"{place} is not a sound Parquet file: {error}.") from error


def _usable(type_: pa.DataType) -> bool:
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return _usable(type_.value_type)
    if pa.types.is_dictionary(type_):
        return _usable(type_.value_type)
    return bool(not (pa.types.is_nested(type_) or pa.types.is_duration(type_) or _is_bytes(type_)))


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
