"""Staging tables into the graph: MERGE by business key, in large batches with checkpoints.

Loading writes and computes nothing that it could be wrong about: running the same input again
leaves the graph as it is, run ids aside. `etl/derive.py` makes the aggregates afterwards.

All is written and what other runs wrote is removed; or, where it is known which input the graph
holds, only what tells the new input from that one (`etl/load_changes.py`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from etl import graph_rows
from etl.load_changes import Changes, changes_between, removal_of_nodes
from etl.load_steps import steps_of
from etl.load_write import BATCH_ROWS, remove, write_steps
from etl.staging import read_staging
from etl.tables import FACT_TABLES
from kg.errors import ConfigError
from kg.progress import Progress, no_progress
from kg.runs import claim_dataset
from kg.schema import NODES, OWN_PROPERTIES
from kg.store import Store

_NOT_LOADED: Final = {
    "RECOMMENDED",
    "SIMILAR_TO",
    "DESCRIBED_BY",
    "INTERESTED_IN",
    "RAISED_ON",
    "RAISED_IN",
    "SHOWN_BY",
    "IN_SEGMENT",
    "KNOWN_FOR",
    "HAS_CHECKPOINT",
}
_EXTRACTED: Final = {"MENTIONS", "HAS_TOPIC", "SAME_AS"}
_STALE_NODES: Final = ("Item", "Review", "User", "Attribute", "Entity", "Aspect", "Topic")


@dataclass(frozen=True)
class LoadReport:
    """What a load did.

    Attributes:
        rows: rows written now, by stage; a stage that a checkpoint found complete counts 0.
        removed: facts and nodes of earlier runs that were removed, by what they are.
        seconds: time by stage.
        since_base: only what is other than in the base was written and removed.
    """

    rows: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    since_base: bool = False


def load_staging(
    store: Store,
    folder: Path,
    *,
    run_id: str,
    dataset: str,
    base: Path | None = None,
    progress: Progress = no_progress,
) -> LoadReport:
    """Make the graph what the tables of `etl.tables` that are in `folder` say.

    The folder holds the whole input: afterwards the graph is what a load of it into an empty graph
    gives. Behaviours, reviews, attributes, relations, knowledge, users and items that only earlier
    runs wrote are removed. Where the folder holds no extracted tables, what earlier runs extracted
    from the reviews that are still there stays. Published lists of those who are still there
    stay, and close up where an item goes.

    Args:
        store: the graph.
        folder: the staging folder, one Parquet file per table.
        run_id: an :EtlRun that has begun (`kg.runs.begin_run`); it keeps the checkpoints.
        dataset: the data set's name; a graph holds only one.
        base: the staging folder whose content the graph has now, where that is known: then only
            what is other in `folder` is written and removed.

    Raises:
        GraphError: the graph holds another data set, or a transaction failed.
        ConfigError: a trait or property is named like one of the graph's own.
    """
    claim_dataset(store, dataset)
    tables = read_staging(folder)
    for table, column, label in (("users", "traits", "User"), ("items", "properties", "Item")):
        _check_names(tables, table, column, label)
    extracted = "mentions" in tables
    changes = _changes(base, tables)
    steps = changes.steps if changes else [s for s in steps_of(tables) if s.rows.num_rows]
    del tables  # the steps have their own rows
    written = write_steps(store, steps, run_id=run_id, checkpoint="load", progress=progress)
    report = LoadReport(written.rows, seconds=written.seconds, since_base=changes is not None)
    started = time.perf_counter()
    if changes:
        report.removed.update(remove(store, changes.removals))
    else:
        report.removed.update(_remove_stale(store, run_id, extracted=extracted))
    report.removed.update(_remove_orphans(store))
    report.seconds["clean-up"] = time.perf_counter() - started
    return report


def _changes(base: Path | None, tables: graph_rows.Tables) -> Changes | None:
    """What is other than in the base; None where that is unknown, or lacks what was extracted."""
    if base is None:
        return None
    earlier = read_staging(base)
    if (tables.keys() ^ earlier.keys()) & FACT_TABLES.keys():
        return None
    return changes_between(earlier, tables)


def _remove_stale(store: Store, run_id: str, *, extracted: bool) -> dict[str, int]:
    """Remove what an earlier run wrote last: it is in no source any more.

    Relationships go before nodes. What is published or derived stays but where a node of it goes.
    """
    kept = _NOT_LOADED if extracted else _NOT_LOADED | _EXTRACTED
    types = [str(row["type"]) for row in store.read("read/snapshot_types")]
    removed = {type_: _remove_facts(store, type_, run_id) for type_ in sorted(set(types) - kept)}
    for label in _STALE_NODES:
        named = {"__LABEL__": label, "__KEY__": NODES[label].key}
        stale = store.stream("read/stale_nodes", identifiers=named, runId=run_id)
        keys = pl.Series("key", [key for rows in stale for (key,) in rows], pl.String)
        removed |= remove(store, [removal_of_nodes(label, keys)])
    return {what: count for what, count in removed.items() if count}


def _remove_facts(store: Store, type_: str, run_id: str) -> int:
    removed, query, named = 0, "load/remove_stale_facts", {"__TYPE__": type_}
    while now := store.write(query, named, runId=run_id, limit=BATCH_ROWS)[0]["removed"]:
        removed += int(str(now))
    return removed


def _remove_orphans(store: Store) -> dict[str, int]:
    """Remove what rested on nodes that went."""
    queries = {"Alert": "load/remove_stale_alerts", "Segment": "load/remove_empty_segments"}
    removed = {what: int(str(store.write(name)[0]["removed"])) for what, name in queries.items()}
    return {what: count for what, count in removed.items() if count}


def _check_names(tables: graph_rows.Tables, table: str, column: str, label: str) -> None:
    """Refuse traits and properties that would overwrite what the graph itself keeps there."""
    if table not in tables:
        return
    names = set(tables[table][column].combine_chunks().keys.unique().to_pylist())
    if taken := sorted(names & OWN_PROPERTIES[label]):
        raise ConfigError(
            f"The {table} bring the {column} {', '.join(taken)}, which :{label} nodes keep for "
            "themselves.",
            remedy="Map those columns to other names in the configuration.",
        )
