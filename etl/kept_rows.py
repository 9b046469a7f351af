"""Rows of sources that only add (`mode: append`): what their input tells no more is carried along.

A run keeps, in `kept/` of its folder, all rows that such sources have ever told, one file per
table, before they are put together with those of other sources. The next run reads what the
input tells now, and then what the run before kept and the input does not tell again. A row that
comes again, under the same key, replaces the earlier one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from etl.staging import parquet_writer
from etl.tables import SOURCE_TABLES
from kg.errors import SourceError

FOLDER: Final = "kept"
_INDEX: Final = "kept.json"
_BY: Final = "kept_by"
_BATCH: Final = 50_000
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "interactions": ("user_id", "item_id", "behaviour", "at"),
    "reviews": ("review_id",),
    "users": ("user_id",),
    "items": ("item_id",),
    "attributes": ("item_id", "kind", "value"),
    "relations": ("type", "start_kind", "start_id", "end_kind", "end_id"),
    "triples": ("head", "predicate", "tail"),
    "links": ("item_id", "entity"),
    "names": ("entity",),
}
"""What tells the rows of a source apart."""


class KeptRows:
    """Writes what this run keeps, and reads what an earlier one kept.

    Args:
        folder: this run's; takes its place whole, when all went well.
        earlier: that of the run before; None: there is none.
    """

    def __init__(self, folder: Path, earlier: Path | None) -> None:
        self._folder = folder
        self._earlier = earlier
        self._files = ExitStack()
        self._open: dict[str, pq.ParquetWriter] = {}
        self._present: dict[tuple[str, str], list[pl.DataFrame]] = defaultdict(list)
        self._rows: dict[str, int] = {}

    def __enter__(self) -> KeptRows:
        self._files.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.__exit__(kind, error, trace)
        if error is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / _INDEX).write_text(json.dumps(self._rows, indent=1), encoding="utf-8")

    @property
    def sources(self) -> frozenset[str]:
        """Names of the sources of which the earlier run kept rows."""
        if self._earlier is None:
            return frozenset()
        return frozenset(json.loads((self._earlier / _INDEX).read_bytes()))

    def add(self, source: str, tables: Mapping[str, pa.Table]) -> None:
        """Keep what a source tells now."""
        for name, table in tables.items():
            self._present[source, name].append(_keys(name, table).unique())
            self._write(source, name, table)

    def carried(self, source: str) -> Iterator[dict[str, pa.Table]]:
        """Yield what a source told before and does not tell now; it is kept again."""
        self._rows.setdefault(source, 0)
        for name in SOURCE_TABLES:
            place = None if self._earlier is None else self._earlier / f"{name}.parquet"
            if place is None or not place.exists():
                continue
            none = _keys(name, SOURCE_TABLES[name].empty_table())
            present = pl.concat([none, *self._present.pop((source, name), [])])
            with pq.ParquetFile(place) as file:
                for batch in file.iter_batches(_BATCH):
                    table = _not_among(present, name, _of(source, pa.table(batch)))
                    if table.num_rows:
                        self._write(source, name, table)
                        yield {name: table}

    def _write(self, source: str, name: str, table: pa.Table) -> None:
        schema = SOURCE_TABLES[name].append(pa.field(_BY, pa.string(), nullable=False))
        if name not in self._open:
            writer = parquet_writer(self._folder / f"{name}.parquet", schema)
            self._open[name] = self._files.enter_context(writer)
        by = pa.array([source] * table.num_rows, pa.string())
        columns = [*table.cast(SOURCE_TABLES[name]).columns, by]
        self._open[name].write_table(pa.table(columns, schema=schema))
        self._rows[source] = self._rows.get(source, 0) + table.num_rows


def refuse_unknown(kept: KeptRows, sources: frozenset[str]) -> None:
    """Refuse to lose rows because a source goes by another name now.

    Raises:
        SourceError: the earlier run kept rows of a source that is not among these.
    """
    if lost := sorted(kept.sources - sources):
        raise SourceError(
            f"The run before kept rows of the source {lost[0]!r} (mode: append), which the config"
            f" does not have; it has {', '.join(sorted(sources))}.",
            remedy="Give the source that goes on from it this `name`. To let its rows go, leave"
            " it in the config for one run with `mode: snapshot`.",
        )


def _of(source: str, table: pa.Table) -> pa.Table:
    mine = pc.equal(table[_BY], source)
    return table.filter(mine).drop_columns([_BY])


def _keys(name: str, table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table.select(_KEYS[name]))
    return frame if isinstance(frame, pl.DataFrame) else frame.to_frame()


def _not_among(present: pl.DataFrame, name: str, table: pa.Table) -> pa.Table:
    keys = _keys(name, table).with_row_index("place")
    left = keys.join(present, on=list(_KEYS[name]), how="anti", nulls_equal=True)
    return table.take(left["place"].to_arrow())
