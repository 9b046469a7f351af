"""Hashes of content: of Arrow tables, whatever their chunks, and of texts."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import pyarrow as pa
import pyarrow.compute as pc


def hash_of_tables(tables: Mapping[str, pa.Table]) -> str:
    """Return a SHA-256 in hex of the names, columns and rows, in the order given.

    Columns may hold strings, numbers, booleans and timestamps.
    """
    digest = sha256()
    for name, table in tables.items():
        digest.update(name.encode())
        for column in table.column_names:
            digest.update(column.encode())
            digest.update(_hash_of_column(table.column(column)))
    return digest.hexdigest()


def _hash_of_column(column: pa.ChunkedArray) -> bytes:
    """Hash validity, lengths and values apart, so that the layout in chunks has no say."""
    validity, lengths, values = sha256(), sha256(), sha256()
    for chunk in column.chunks:
        validity.update(chunk.is_valid().cast(pa.uint8()).to_numpy())
        if pa.types.is_string(chunk.type) or pa.types.is_large_string(chunk.type):
            filled = chunk.fill_null("")
            lengths.update(pc.binary_length(filled).cast(pa.int64()).to_numpy())
            values.update(_characters(filled))
        elif pa.types.is_floating(chunk.type):
            values.update(chunk.fill_null(0.0).to_numpy())
        else:
            values.update(chunk.cast(pa.int64()).fill_null(0).to_numpy())
    return validity.digest() + lengths.digest() + values.digest()


def _characters(strings: pa.Array) -> memoryview:
    """The bytes of all strings, one after the other, without a copy."""
    _, offsets, characters = strings.buffers()
    if characters is None:
        return memoryview(b"")
    ends = memoryview(offsets).cast("q" if pa.types.is_large_string(strings.type) else "i")
    return memoryview(characters)[ends[strings.offset] : ends[strings.offset + len(strings)]]
