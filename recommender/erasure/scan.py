"""Looking everywhere for what should be gone: bytes of files, values of tables and of the graph."""

from __future__ import annotations

import mmap
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from kg.store import Store
from recommender.erasure.traces import Traces

_PAGE = 10_000
_KEY_COLUMNS = frozenset({"user_id", "user", "userId", "start_id", "end_id", "review_id"})


@dataclass
class Scan:
    """What was looked at, and where something was found.

    Attributes:
        files: files read.
        values: values of tables and properties of the graph read.
        found: places that still hold something; none is right.
        shared: texts of theirs that other people wrote as well, word for word: no trace of them.
    """

    files: int = 0
    values: int = 0
    found: list[str] = field(default_factory=list)
    shared: int = 0


def scan_files(folders: Iterable[Path], traces: Traces, scan: Scan) -> None:
    """Read every file below the folders; tables are also read value by value."""
    places = {each for folder in folders for each in (folder, *folder.rglob("*"))}
    for place in sorted(places):
        if not place.is_file():
            continue
        scan.files += 1
        held = _in_file(place, traces)
        if place.suffix == ".parquet":
            held |= _in_table(place, traces, scan)
        elif place.suffix == ".npz":
            held |= any(map(traces.in_bytes, _members(place)))
        if held:
            scan.found.append(str(place))


def scan_graph(store: Store, traces: Traces, scan: Scan) -> None:
    """Read every text of every node and relationship; numbers and times tell of nobody."""
    for query in ("read/every_node", "read/every_relationship"):
        for rows in store.stream(query, _PAGE):
            told = [
                (kind, str(name), value)
                for kind, texts, _ in rows
                for name, value in cast(list[list[object]], texts)
            ]
            scan.values += sum(cast(int, properties) for _, _, properties in rows)
            texts = "\n".join(each for _, _, value in told for each in _strings(value))
            if traces.in_text(texts) or any(
                _is_key(name, value, traces) for _, name, value in told
            ):
                scan.found += [
                    f"{kind}.{name} in the graph"
                    for kind, name, value in told
                    if _is_key(name, value, traces) or any(map(traces.in_text, _strings(value)))
                ]


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _is_key(name: str, value: object, traces: Traces) -> bool:
    return name in _KEY_COLUMNS and isinstance(value, str) and value in traces.who.users


def _in_table(place: Path, traces: Traces, scan: Scan) -> bool:
    with pq.ParquetFile(place) as file:
        return any(
            _in_column(name, column, traces, scan)
            for batch in file.iter_batches()
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        )


def _in_column(name: str, column: pa.Array, traces: Traces, scan: Scan) -> bool:
    type_ = column.type
    if pa.types.is_map(type_):
        return any(_in_column(name, part, traces, scan) for part in (column.keys, column.items))
    if pa.types.is_struct(type_):
        return any(_in_column(name, part, traces, scan) for part in column.flatten())
    if pa.types.is_nested(type_):
        return _in_column(name, column.flatten(), traces, scan)
    scan.values += len(column)
    if not (pa.types.is_string(type_) or pa.types.is_large_string(type_)):
        return False
    values = column.unique().drop_null().to_pylist()
    theirs = name in _KEY_COLUMNS and not traces.who.users.isdisjoint(values)
    return theirs or traces.in_text("\n".join(values))


def _in_file(place: Path, traces: Traces) -> bool:
    if not place.stat().st_size:
        return False
    with place.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return traces.in_bytes(content)


def _members(place: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(place) as archive:
        for name in archive.namelist():
            yield archive.read(name)
