"""The graph to a snapshot, by streamed reads: one row per source node, its relationships inside.

Only evidence is read. The graph's aggregates (:DESCRIBED_BY, :INTERESTED_IN) and what was
published before (:RECOMMENDED, :SIMILAR_TO) are never asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, cast

import numpy as np
import pyarrow as pa

from embeddings.snapshot import TABLES, Snapshot
from kg.progress import Progress, no_progress
from kg.schema import BEHAVIOURS, NODES, RELATIONS, RESERVED_TYPES
from kg.store import Store

_BATCH: Final = 1_000
_NAMED: Final = ("Entity", "Aspect", "Topic", "Attribute")
_MENTIONED: Final = ("Aspect", "Entity")
_LINKED: Final = ("Item", "Attribute")

Column = Sequence[object]


def read_snapshot(store: Store, progress: Progress = no_progress) -> Snapshot:
    """Read the whole graph's evidence.

    Args:
        store: an open graph.
        progress: told of the rows read so far, of all tables together.

    Raises:
        GraphError: the server fails; a stream is not retried.
    """
    reader = _Reader(store, progress)
    behaviours, relations = _declared_types(store)
    return Snapshot(
        users=reader.flat("users"),
        traits=reader.nested("traits"),
        items=reader.flat("items"),
        interactions=_concat("interactions", map(reader.interactions, behaviours)),
        reviews=reader.nested("reviews"),
        mentions=_concat("mentions", map(reader.mentions, _MENTIONED)),
        review_topics=reader.nested("review_topics"),
        names=_concat("names", map(reader.names, _NAMED)),
        attributes=reader.nested("attributes"),
        relations=_concat("relations", (reader.relations(*relation) for relation in relations)),
        triples=reader.nested("triples"),
        links=_concat("links", map(reader.links, _LINKED)),
    )


def _declared_types(store: Store) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Behaviours in use; relations in use, with the labels of their ends."""
    behaviours: list[str] = []
    relations: list[tuple[str, str, str]] = []
    for name in sorted(str(row["type"]) for row in store.read("read/snapshot_types")):
        if name in RESERVED_TYPES:
            continue
        for ends in store.read("read/snapshot_ends", {"__TYPE__": name}):
            start, end = _kind(ends["start"]), _kind(ends["end"])
            if name in BEHAVIOURS or (name not in RELATIONS and (start, end) == ("User", "Item")):
                behaviours.append(name)
            elif start and end:
                relations.append((name, start, end))
    return behaviours, relations


def _kind(labels: object) -> str:
    """User or Item, where a node is one; else nothing."""
    return next((name for name in ("User", "Item") if name in cast(list[str], labels)), "")


class _Reader:
    """Streams query results into the tables of a snapshot.

    The query `read/snapshot_<table>` gives a table's columns under their names in camel case.
    """

    def __init__(self, store: Store, progress: Progress) -> None:
        self._store = store
        self._progress = progress
        self._read = 0

    def interactions(self, behaviour: str) -> pa.Table:
        """What users did, of one behaviour."""
        return self.nested("interactions", {"behaviour": behaviour}, BEHAVIOUR=behaviour)

    def mentions(self, label: str) -> pa.Table:
        """What reviews mention, of one kind."""
        return self.nested("mentions", {"target_kind": label}, LABEL=label, KEY=NODES[label].key)

    def relations(self, name: str, start: str, end: str) -> pa.Table:
        """One declared relation."""
        constants = {"type": name, "start_kind": start, "end_kind": end}
        keys = {"START_KEY": NODES[start].key, "END_KEY": NODES[end].key}
        return self.nested("relations", constants, TYPE=name, START=start, END=end, **keys)

    def links(self, label: str) -> pa.Table:
        """Which entity an item or attribute is."""
        return self.nested("links", {"kind": label}, LABEL=label, KEY=NODES[label].key)

    def names(self, label: str) -> pa.Table:
        """Names of all nodes of a kind."""
        return self.flat("names", {"kind": label}, LABEL=label, KEY=NODES[label].key)

    def flat(self, table: str, constants: Mapping[str, str] | None = None, **fill: str) -> pa.Table:
        """A table with a row per row of the result."""
        batches = self._batches(table, fill)
        return _concat(table, (_table(table, batch, constants) for batch in batches))

    def nested(
        self, table: str, constants: Mapping[str, str] | None = None, **fill: str
    ) -> pa.Table:
        """A table from a result of a key, and a list for each further column."""
        batches = map(_unnest, self._batches(table, fill))
        return _concat(table, (_table(table, batch, constants) for batch in batches))

    def _batches(self, table: str, fill: Mapping[str, str]) -> Iterator[dict[str, Column]]:
        """The result a batch at a time, column by column, under the names of the table."""
        query = f"read/snapshot_{table}"
        names = [_snake(column.name) for column in self._store.catalogue[query].columns]
        identifiers = {f"__{name}__": value for name, value in fill.items()}
        for batch in self._store.stream(query, _BATCH, identifiers):
            yield dict(zip(names, zip(*batch, strict=True), strict=True))
            self._read += len(batch)
            self._progress(self._read, None, "nodes")


def _unnest(columns: Mapping[str, Column]) -> dict[str, Column]:
    """One row for each element of the lists, with the key (the first column) of its list."""
    (key, keys), *rest = columns.items()
    lists = {name: cast(Sequence[Column], found) for name, found in rest}
    lengths = list(map(len, next(iter(lists.values()))))
    repeated = np.repeat(np.array(keys, dtype=object), lengths).tolist()
    return {key: repeated, **{name: list(chain.from_iterable(x)) for name, x in lists.items()}}


def _table(
    table: str, columns: Mapping[str, Column], constants: Mapping[str, str] | None
) -> pa.Table:
    rows = len(next(iter(columns.values())))
    arrays = {name: pa.repeat(value, rows) for name, value in (constants or {}).items()}
    for field in TABLES[table]:
        if field.name not in arrays:
            arrays[field.name] = _array(columns[field.name], field.type)
    return pa.table(arrays).select(TABLES[table].names).cast(TABLES[table])


def _array(values: Column, type_: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(type_):
        return pa.array(values, pa.int64()).cast(pa.timestamp("ms", tz="UTC")).cast(type_)
    return pa.array(values, type_)


def _concat(table: str, tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables([TABLES[table].empty_table(), *tables])


def _snake(name: str) -> str:
    """contentHash -> content_hash."""
    return re.sub("([A-Z])", r"_\1", name).lower()
