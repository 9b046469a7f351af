"""A graph as plain values, to compare two states of it; and tables of a tiny staging folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.tables import FACT_TABLES, SOURCE_TABLES
from kg import schema
from kg.store import Store

BOOKKEEPING = {node.label for node in schema.BOOKKEEPING}
IGNORED = {"runId"}
_KEYS = (
    "coalesce(n.userId, n.itemId, n.reviewId, n.attributeId, n.entityId, n.aspectId, n.topicId, "
    "n.alertId, n.segmentId)"
)

Graph = tuple[dict[tuple[str, str], str], dict[tuple[str, str, str, str], str]]


def graph_of(store: Store, *, at: bool = True) -> Graph:
    """All nodes and relationships with their properties, run ids and bookkeeping aside.

    Args:
        at: with when things were done or published.
    """
    ignored = IGNORED if at else IGNORED | {"at", "listAt"}
    nodes = {
        (_labels(row["labels"]), str(row["key"])): _properties(row["properties"], ignored)
        for row in store.run_text(
            f"MATCH (n) RETURN labels(n) AS labels, {_KEYS} AS key, properties(n) AS properties"
        )
        if not BOOKKEEPING & set(row["labels"])  # type: ignore[call-overload]
    }
    relationships = {
        (
            str(row["type"]),
            f"{_labels(row['startLabels'])} {row['start']}",
            f"{_labels(row['endLabels'])} {row['end']}",
            str(row["predicate"]),
        ): _properties(row["properties"], ignored)
        for row in store.run_text(
            "MATCH (a)-[r]->(b) WHERE NOT b:Checkpoint RETURN type(r) AS type, "
            f"{_KEYS.replace('n.', 'a.')} AS start, {_KEYS.replace('n.', 'b.')} AS end, "
            "labels(a) AS startLabels, labels(b) AS endLabels, "
            "r.predicate AS predicate, properties(r) AS properties"
        )
    }
    return nodes, relationships


def write_staging(folder: Path, tables: Mapping[str, list[dict[str, object]]]) -> Path:
    """One Parquet file per table; columns that a row does not name are null."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        schema = (SOURCE_TABLES | FACT_TABLES)[name]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")
    return folder


def _properties(value: object, ignored: set[str]) -> str:
    assert isinstance(value, dict)
    return repr(sorted((k, _plain(v)) for k, v in value.items() if k not in ignored))


def _plain(value: object) -> object:
    """Numbers to twelve digits: sums may be made in another order."""
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _labels(value: object) -> str:
    assert isinstance(value, list)
    return "|".join(sorted(value))
