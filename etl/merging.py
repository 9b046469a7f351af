"""What the sources said, put together: repeated acts, and items and users told of more than once.

Sources are appended to `Parts` as they are read, each row with its place in the order of reading;
`merge` turns the parts into staging tables. Tables larger than memory should hold are merged in
buckets of keys, so memory is bounded by `BUCKET` rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from etl.staging import Staging
from etl.tables import PROPERTIES, SOURCE_TABLES

BUCKET: Final = 2_000_000
"""Rows that are merged at once."""
_ORDER: Final = "order"
_ABOUT_ITEMS: Final = ("interactions", "reviews", "attributes", "links")
_PAIRS: Final = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))
_PARTS: Final = pl.Enum(["train", "valid", "test"])


class Parts:
    """The rows of all sources by table, on disk, in the order in which they were read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, pq.ParquetWriter] = {}
        self._files = ExitStack()
        self._next = 0
        self._items: pl.Series | None = None

    def __enter__(self) -> Parts:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def append(self, tables: dict[str, pa.Table]) -> None:
        """Append the tables of one batch."""
        longest = max((table.num_rows for table in tables.values()), default=0)
        for name, table in tables.items():
            part = _with_order(table, self._next)
            if name not in self._open:
                path = self._folder / f"{name}.parquet"
                writer = pq.ParquetWriter(path, part.schema, compression="lz4")
                self._open[name] = self._files.enter_context(writer)
            self._open[name].write_table(part)
        self._next += longest

    def finish(self) -> None:
        """Close the files; from now on they are read."""
        self._files.close()

    def keep(self, items: pl.Series) -> None:
        """Give only rows about these items from now on (relations and triples aside)."""
        self._items = items

    def kept(self, item_id: pl.Series) -> pl.Series:
        """Return which rows are about items that are kept."""
        if self._items is None:
            return pl.repeat(True, len(item_id), eager=True)
        return item_id.is_in(self._items.implode())

    def scan(self, name: str) -> pl.LazyFrame:
        """Return the rows of a table, and `order`."""
        if name in self._open:
            rows = pl.scan_parquet(self.path(name))
            if self._items is None or name not in ("items", *_ABOUT_ITEMS):
                return rows
            return rows.filter(pl.col("item_id").is_in(self._items.implode()))
        return pl.LazyFrame(pl.from_arrow(_with_order(SOURCE_TABLES[name].empty_table(), 0)))

    def path(self, name: str) -> Path:
        """Return where the rows of a table are."""
        return self._folder / f"{name}.parquet"

    def __contains__(self, name: str) -> bool:
        return name in self._open

    def buckets(self, *names: str) -> int:
        """Return in how many buckets some tables are to be merged."""
        rows = sum(pq.read_metadata(self.path(name)).num_rows for name in names if name in self)
        return -(-rows // BUCKET) or 1


@dataclass(frozen=True)
class Merged:
    """What became of the rows.

    Attributes:
        rows: table → rows in staging.
        merged: table → rows that told of something already known.
        left_out: table → rows about items (or relations to items) that nothing else mentions.
    """

    rows: dict[str, int] = field(default_factory=dict)
    merged: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


def merge(
    parts: Parts, staging: Staging, *, only_interacted_items: bool, only_linked_items: bool
) -> Merged:
    """Write all staging tables from the parts.

    Interactions with equal user, item and behaviour become one: `count` and `dwell_seconds`
    summed, `rating`, `positive` and `at` of the latest, `split` the most held-out one. Of users
    and items the first non-null property counts. Users and items that are only mentioned get
    rows too; relations to items that nothing else mentions are left out.
    """
    before = {name: _count(parts, name) for name in SOURCE_TABLES}
    mentioned = _known_items(parts, False).height
    if only_linked_items:
        parts.keep(parts.scan("links").select("item_id").unique().collect()["item_id"])
    known = _known_items(parts, only_interacted_items)["item_id"].implode()
    rows = {
        "interactions": staging.write("interactions", _interactions(parts)),
        "reviews": staging.write("reviews", _reviews(parts)),
        "users": staging.write("users", _users(parts)),
        "items": staging.write("items", _items(parts, known)),
    }
    distinct = {
        "attributes": ("item_id", "kind", "value"),
        "relations": ("type", "start_kind", "start_id", "end_kind", "end_id"),
        "triples": ("head", "predicate", "tail"),
        "links": ("item_id", "entity"),
        "names": ("entity",),
    }
    left_out = {name: before[name] - _kept_rows(parts, name) for name in _ABOUT_ITEMS[:2]}
    for name, keys in distinct.items():
        kept = parts.scan(name).filter(_about_known(name, known))
        left_out[name] = before[name] - int(kept.select(pl.len()).collect().item())
        rows[name] = staging.write(name, _distinct(parts, kept, name, keys))
    left_out["items"] = mentioned - rows["items"]
    merged = {
        name: before[name] - left_out.get(name, 0) - rows[name]
        for name in ("interactions", "reviews", *distinct)
    }
    return Merged(rows=rows, merged=merged, left_out={k: n for k, n in left_out.items() if n})


def _with_order(table: pa.Table, first: int) -> pa.Table:
    """Append the order column; maps become lists of pairs, which every reader knows."""
    for place, column in enumerate(table.schema):
        if column.type == PROPERTIES:
            table = table.set_column(place, column.name, _pairs(table.column(place)))
    order = pa.array(np.arange(first, first + table.num_rows, dtype=np.int64))
    return table.append_column(_ORDER, order)


def _pairs(column: pa.ChunkedArray) -> pa.Array:
    maps = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], PROPERTIES)
    return maps.cast(_PAIRS)


def _count(parts: Parts, name: str) -> int:
    return int(pq.read_metadata(parts.path(name)).num_rows) if name in parts else 0


def _kept_rows(parts: Parts, name: str) -> int:
    return int(parts.scan(name).select(pl.len()).collect().item())


def _bucketed(frame: pl.LazyFrame, key: str, buckets: int) -> Iterator[pl.DataFrame]:
    for bucket in range(buckets):
        chosen = frame if buckets == 1 else frame.filter(pl.col(key).hash() % buckets == bucket)
        yield chosen.collect(engine="streaming")


def _interactions(parts: Parts) -> Iterator[pa.Table]:
    acts = parts.scan("interactions").with_columns(pl.col("count").fill_null(1))
    for frame in _bucketed(acts, "user_id", parts.buckets("interactions")):
        once = _one_per_behaviour(frame).with_columns(pl.col("count").clip(lower_bound=1))
        yield _arrow("interactions", once.sort(_ORDER))


def _one_per_behaviour(frame: pl.DataFrame) -> pl.DataFrame:
    keys = ["user_id", "item_id", "behaviour"]
    repeated = frame.select(pl.struct(keys).is_duplicated()).to_series()
    if not repeated.any():
        return frame
    merged = (
        frame.filter(repeated)
        .with_columns(pl.col("split").cast(_PARTS))
        .sort("at", _ORDER, nulls_last=False)
        .group_by(keys, maintain_order=True)
        .agg(
            pl.col("rating", "positive").last(),
            pl.col("count").sum(),
            pl.when(pl.col("dwell_seconds").is_not_null().any())
            .then(pl.col("dwell_seconds").sum())
            .alias("dwell_seconds"),
            pl.col("at").last(),
            pl.col("split").max(),
            pl.col("source").last(),
            pl.col(_ORDER).min(),
        )
        .with_columns(pl.col("split").cast(pl.String))
    )
    return pl.concat([frame.filter(~repeated), merged.select(frame.columns)])


def _reviews(parts: Parts) -> Iterator[pa.Table]:
    """Yield the reviews without those whose id came before; texts are streamed."""
    if "reviews" not in parts:
        return
    ids = parts.scan("reviews").select("review_id", _ORDER).collect()
    again = ids.filter(~pl.col("review_id").is_first_distinct())[_ORDER].to_numpy()
    with pq.ParquetFile(parts.path("reviews")) as file:
        for batch in file.iter_batches(50_000):
            first = ~np.isin(batch.column(_ORDER).to_numpy(), again)
            kept = parts.kept(pl.Series(batch.column("item_id"))).to_numpy()
            yield pa.table(batch.filter(pa.array(first & kept))).drop_columns([_ORDER])


def _mentions(parts: Parts, id_: str, names: list[tuple[str, str, str]]) -> pl.LazyFrame:
    """Return each key once with the source that first mentions it; names: table, column, kind."""
    found = []
    for name, column, kind in names:
        rows = parts.scan(name)
        if kind:
            rows = rows.filter(pl.col(column.replace("_id", "_kind")) == kind)
        found.append(rows.select(pl.col(column).alias(id_), "source", _ORDER))
    first = pl.col("source").sort_by(_ORDER).first()
    return pl.concat(found).group_by(id_).agg(first, pl.col(_ORDER).min())


def _users(parts: Parts) -> Iterator[pa.Table]:
    tables = [("interactions", "user_id", ""), ("reviews", "user_id", "")]
    ends = [("relations", "start_id", "User"), ("relations", "end_id", "User")]
    mentioned = _mentions(parts, "user_id", [*tables, *ends])
    told = pl.concat([parts.scan("users"), mentioned], how="diagonal")
    for frame in _bucketed(told, "user_id", parts.buckets("users")):
        yield _told_once(frame, "users", "user_id", "traits")


def _items(parts: Parts, known: pl.Series) -> Iterator[pa.Table]:
    mentioned = _mentions(parts, "item_id", [(name, "item_id", "") for name in _ABOUT_ITEMS])
    told = pl.concat([parts.scan("items"), mentioned], how="diagonal")
    told = told.filter(pl.col("item_id").is_in(known))
    for frame in _bucketed(told, "item_id", parts.buckets("items")):
        yield _told_once(frame, "items", "item_id", "properties")


def _told_once(frame: pl.DataFrame, name: str, id_: str, pairs: str) -> pa.Table:
    """Merge all that was told of each key: the first non-null value of each property counts."""
    frame = frame.sort(_ORDER)
    plain = [column for column in frame.columns if column not in (id_, pairs, _ORDER)]
    once = frame.group_by(id_, maintain_order=True).agg(
        pl.col(plain).drop_nulls().first(), pl.col(_ORDER).first()
    )
    told = (
        frame.select(id_, pairs)
        .filter(pl.col(pairs).list.len() > 0)
        .explode(pairs)
        .unnest(pairs)
        .unique(["key", id_], keep="first", maintain_order=True)
        .group_by(id_, maintain_order=True)
        .agg(pl.struct("key", "value").alias(pairs))
    )
    return _arrow(name, once.join(told, on=id_, how="left", maintain_order="left"))


def _known_items(parts: Parts, only_interacted: bool) -> pl.DataFrame:
    """Return the items that the graph will have."""
    names = _ABOUT_ITEMS[:2] if only_interacted else ("items", *_ABOUT_ITEMS)
    told = [parts.scan(name).select("item_id") for name in names]
    return pl.concat(told).unique().collect(engine="streaming")


def _about_known(name: str, known: pl.Series) -> pl.Expr:
    """Return which rows of a table are about items that the graph will have."""
    if name in ("triples", "names"):
        return pl.lit(True)
    if name != "relations":
        return pl.col("item_id").is_in(known)
    start = (pl.col("start_kind") != "Item") | pl.col("start_id").is_in(known)
    return start & ((pl.col("end_kind") != "Item") | pl.col("end_id").is_in(known))


def _distinct(
    parts: Parts, kept: pl.LazyFrame, name: str, keys: tuple[str, ...]
) -> Iterator[pa.Table]:
    if name not in parts:
        return
    by = keys[0] if name != "relations" else "start_id"
    for frame in _bucketed(kept, by, parts.buckets(name)):
        yield _arrow(name, frame.sort(_ORDER).unique(keys, keep="first", maintain_order=True))


def _arrow(name: str, frame: pl.DataFrame) -> pa.Table:
    """Return a frame in the schema of a source table; lists of pairs become maps again."""
    schema = SOURCE_TABLES[name]
    columns = []
    for wanted in schema:
        column = frame[wanted.name].to_arrow()
        columns.append(_map(column) if wanted.type == PROPERTIES else column.cast(wanted.type))
    return pa.table(columns, schema=schema)


def _map(lists: pa.Array) -> pa.Array:
    lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    empty = lists.is_null().to_numpy(zero_copy_only=False)
    keys, values = lists.flatten().flatten()
    mask = pa.array(np.append(empty, False))
    starts = pa.array(offsets.astype(np.int32), mask=mask.to_numpy(zero_copy_only=False))
    return pa.MapArray.from_arrays(starts, keys.cast(pa.string()), values.cast(pa.string()))
