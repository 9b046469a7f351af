"""The graph to a snapshot, by streamed reads: one row per source node, its relationships inside.

Only evidence is read. The graph's aggregates (:DESCRIBED_BY, :INTERESTED_IN) and what was
published before (:RECOMMENDED, :SIMILAR_TO) are never asked for.
"""

from __future__ import annotations

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
_LINKED: Final = ("Item", "Attribute")
_REVIEW: Final = (
    *("review_id", "item_id", "rating", "positive", "sentiment"),
    *("language", "at", "text", "content_hash"),
)

Rows = Sequence[tuple[object, ...]]


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
        **reader.users(),
        **reader.evidence(),
        items=reader.flat("items", "read/snapshot_items"),
        interactions=_concat("interactions", map(reader.interactions, behaviours)),
        reviews=reader.nested("reviews", "read/snapshot_reviews", "user_id", _REVIEW),
        names=_concat("names", map(reader.names, _NAMED)),
        attributes=reader.nested(
            "attributes", "read/snapshot_attributes", "item_id", ("attribute_id", "kind")
        ),
        relations=_concat("relations", (reader.relations(*relation) for relation in relations)),
        triples=reader.nested("triples", "read/snapshot_triples", "head", ("predicate", "tail")),
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
    """Streams query results into the tables of a snapshot."""

    def __init__(self, store: Store, progress: Progress) -> None:
        self._store = store
        self._progress = progress
        self._read = 0

    def users(self) -> dict[str, pa.Table]:
        """Users and their traits."""
        known = [property_.name for property_ in NODES["User"].properties]
        users, traits = [], []
        for keys, found in self._columns("read/snapshot_users", known=known):
            users.append(_table("users", {"user_id": keys}))
            traits.append(_unnest("traits", "user_id", keys, ("name", "value"), found))
        return {"users": _concat("users", users), "traits": _concat("traits", traits)}

    def evidence(self) -> dict[str, pa.Table]:
        """Mentions and topics of reviews."""
        said = ("target_id", "count", "sentiment")
        mentions, topics = [], []
        for keys, aspects, entities, weights in self._columns("read/snapshot_evidence"):
            for kind, found in (("Aspect", aspects), ("Entity", entities)):
                constant = {"target_kind": kind}
                mentions.append(_unnest("mentions", "review_id", keys, said, found, constant))
            columns = ("topic_id", "weight")
            topics.append(_unnest("review_topics", "review_id", keys, columns, weights))
        return {
            "mentions": _concat("mentions", mentions),
            "review_topics": _concat("review_topics", topics),
        }

    def interactions(self, behaviour: str) -> pa.Table:
        """What users did, of one behaviour."""
        return self.nested(
            "interactions",
            "read/snapshot_interactions",
            "user_id",
            ("item_id", "rating", "positive", "count", "at"),
            {"__BEHAVIOUR__": behaviour},
            {"behaviour": behaviour},
        )

    def relations(self, name: str, start: str, end: str) -> pa.Table:
        """One declared relation."""
        identifiers = {
            "__TYPE__": name,
            "__START__": start,
            "__START_KEY__": NODES[start].key,
            "__END__": end,
            "__END_KEY__": NODES[end].key,
        }
        constant = {"type": name, "start_kind": start, "end_kind": end}
        query = "read/snapshot_relations"
        return self.nested("relations", query, "start_id", ("end_id",), identifiers, constant)

    def links(self, label: str) -> pa.Table:
        """Which entity an item or attribute is."""
        identifiers = {"__LABEL__": label, "__KEY__": NODES[label].key}
        query = "read/snapshot_links"
        return self.nested("links", query, "id", ("entity_id",), identifiers, {"kind": label})

    def names(self, label: str) -> pa.Table:
        """Names of all nodes of a kind."""
        identifiers = {"__LABEL__": label, "__KEY__": NODES[label].key}
        tables = [
            _table("names", {"kind": [label] * len(keys), "id": keys, "name": names})
            for keys, names in self._columns("read/snapshot_names", identifiers)
        ]
        return _concat("names", tables)

    def flat(self, table: str, query: str) -> pa.Table:
        """A table whose columns are those of the query, in the same order."""
        names = TABLES[table].names
        batches = self._columns(query)
        return _concat(table, (_table(table, dict(zip(names, b, strict=True))) for b in batches))

    def nested(
        self,
        table: str,
        query: str,
        key: str,
        columns: Sequence[str],
        identifiers: Mapping[str, str] | None = None,
        constants: Mapping[str, str] | None = None,
    ) -> pa.Table:
        """A table from rows of a key and a list of rows; `constants` fill further columns."""
        return _concat(
            table,
            (
                _unnest(table, key, keys, columns, found, constants)
                for keys, found in self._columns(query, identifiers)
            ),
        )

    def _columns(
        self, query: str, identifiers: Mapping[str, str] | None = None, **params: object
    ) -> Iterator[tuple[tuple[object, ...], ...]]:
        """The result column by column, a batch at a time."""
        for batch in self._store.stream(query, _BATCH, identifiers, **params):
            yield tuple(zip(*batch, strict=True))
            self._read += len(batch)
            self._progress(self._read, None, "nodes")


def _unnest(
    table: str,
    key: str,
    keys: Sequence[object],
    columns: Sequence[str],
    found: Sequence[object],
    constants: Mapping[str, str] | None = None,
) -> pa.Table:
    """One row per row of the lists, each with the key of its list."""
    lists = cast(Sequence[Rows], found)
    lengths = np.fromiter(map(len, lists), np.int64, len(lists))
    rows = int(lengths.sum())
    if not rows:
        return TABLES[table].empty_table()
    inner = zip(*chain.from_iterable(lists), strict=True)
    repeated = pa.array(keys, pa.string()).take(pa.array(np.repeat(np.arange(len(keys)), lengths)))
    return _table(
        table,
        {
            key: repeated,
            **dict(zip(columns, inner, strict=True)),
            **{name: pa.repeat(value, rows) for name, value in (constants or {}).items()},
        },
    )


def _table(table: str, columns: Mapping[str, object]) -> pa.Table:
    arrays = [_array(columns[field.name], field.type) for field in TABLES[table]]
    return pa.Table.from_arrays(arrays, schema=TABLES[table])


def _array(values: object, type_: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_timestamp(type_):
        return pa.array(values, pa.int64()).cast(pa.timestamp("ms", tz="UTC")).cast(type_)
    return pa.array(values, type_)


def _concat(table: str, tables: Iterable[pa.Table]) -> pa.Table:
    return pa.concat_tables([TABLES[table].empty_table(), *tables])
