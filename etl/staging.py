"""Typed Parquet tables in a run's folder: written whole or not at all, read whole or in batches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.tables import FACT_TABLES, RESOLVED, SOURCE_TABLES, TOPIC_DRIFT

SCHEMAS: Final = SOURCE_TABLES | FACT_TABLES | {"resolved": RESOLVED, "topic_drift": TOPIC_DRIFT}
_ROW_GROUP: Final = 131_072


@contextmanager
def parquet_writer(path: Path, schema: pa.Schema) -> Iterator[pq.ParquetWriter]:
    """Open a Parquet file that takes its place only when everything was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
            yield writer
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


@dataclass(frozen=True)
class Staging:
    """The folder `staging/` of a run; tables are those of `etl.tables`, by name."""

    folder: Path

    def path(self, name: str) -> Path:
        """Return where a table is."""
        return self.folder / f"{name}.parquet"

    def write(self, name: str, tables: Iterable[pa.Table]) -> int:
        """Write a table from its parts, in the schema of its name; return the number of rows."""
        rows = 0
        with parquet_writer(self.path(name), SCHEMAS[name]) as writer:
            for table in tables:
                writer.write_table(table.cast(SCHEMAS[name]), _ROW_GROUP)
                rows += table.num_rows
        return rows

    def read(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """Return a table; an empty one where no stage wrote it."""
        if not self.path(name).exists():
            empty = SCHEMAS[name].empty_table()
            return empty.select(columns) if columns else empty
        return pq.read_table(self.path(name), columns=columns)

    def scan(self, name: str) -> pl.LazyFrame:
        """Return a table for polars, unread; an empty one where no stage wrote it."""
        if not self.path(name).exists():
            return pl.LazyFrame(pl.from_arrow(SCHEMAS[name].empty_table()))
        return pl.scan_parquet(self.path(name))

    def batches(
        self, name: str, rows: int = 10_000, columns: list[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Yield a table in batches of at most `rows`, in constant memory."""
        if self.path(name).exists():
            with pq.ParquetFile(self.path(name)) as file:
                yield from file.iter_batches(rows, columns=columns)

    def content_hash(self) -> str:
        """Return a SHA-256 of the files of all tables that a load reads."""
        digest = hashlib.sha256()
        for name in (*SOURCE_TABLES, *FACT_TABLES):
            if self.path(name).exists():
                with self.path(name).open("rb") as file:
                    digest.update(f"{name}\0".encode())
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def count(self, name: str) -> int:
        """Return the number of rows."""
        if not self.path(name).exists():
            return 0
        return int(pq.read_metadata(self.path(name)).num_rows)


def read_staging(folder: Path) -> dict[str, pa.Table]:
    """The tables whose files are in the folder."""
    return {
        name: pq.read_table(path)
        for name in (*SOURCE_TABLES, *FACT_TABLES)
        if (path := folder / f"{name}.parquet").exists()
    }
