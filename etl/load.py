"""Staging tables into the graph: MERGE by business key, in large batches with checkpoints.

Loading writes and computes nothing that it could be wrong about: running the same input again
leaves the graph as it is, run ids aside. `etl/derive.py` makes the aggregates afterwards.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from etl import graph_rows
from etl.tables import FACT_TABLES, SOURCE_TABLES
from kg.errors import ConfigError
from kg.identifiers import between
from kg.progress import Progress, no_progress
from kg.runs import claim_dataset
from kg.schema import NODES
from kg.store import Checkpoint, Store

logger = logging.getLogger(__name__)

BATCH_ROWS: Final = 20_000
"""Relationships or nodes in one transaction."""
_BATCH_NODES: Final = 1_000
_BATCH_ITEMS: Final = 100  # each with the lists that it is on
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
_STALE_NODES: Final = ("Review", "User", "Attribute", "Entity", "Aspect", "Topic")


@dataclass(frozen=True)
class LoadReport:
    """What a load did.

    Attributes:
        rows: rows written now, by stage; a stage that a checkpoint found complete counts 0.
        removed: facts and nodes of earlier runs that were removed, by what they are.
        seconds: time by stage.
    """

    rows: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Step:
    """One table for one query. `size` is how many nodes or relationships the rows stand for."""

    stage: str
    query: str
    rows: pa.Table
    key: tuple[str, ...]
    size: int
    identifiers: Mapping[str, str] = field(default_factory=dict)


def load_staging(
    store: Store,
    folder: Path,
    *,
    run_id: str,
    dataset: str,
    progress: Progress = no_progress,
) -> LoadReport:
    """Write all tables of `etl.tables` that are in `folder`, then remove what is stale.

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

    Raises:
        GraphError: the graph holds another data set, or a transaction failed.
        ConfigError: a trait or property is named like one of the graph's own.
    """
    claim_dataset(store, dataset)
    tables = read_staging(folder)
    for table, column, label in (("users", "traits", "User"), ("items", "properties", "Item")):
        _check_names(tables, table, column, label)
    steps, extracted = [step for step in _steps(tables) if step.rows.num_rows], "mentions" in tables
    del tables  # the steps have their own rows
    report = LoadReport()
    total = sum(step.size for step in steps)
    done = 0
    for step in steps:
        started = time.perf_counter()
        report.rows[step.stage] = _write(store, step, run_id, progress, done, total)
        report.seconds[step.stage] = time.perf_counter() - started
        done += step.size
    started = time.perf_counter()
    report.removed.update(_remove_stale(store, run_id, extracted=extracted))
    report.seconds["clean-up"] = time.perf_counter() - started
    return report


def read_staging(folder: Path) -> dict[str, pa.Table]:
    """The tables whose files are in the folder."""
    return {
        name: pq.read_table(path)
        for name in (*SOURCE_TABLES, *FACT_TABLES)
        if (path := folder / f"{name}.parquet").exists()
    }


def _steps(tables: graph_rows.Tables) -> Iterator[_Step]:
    """What is written, in order: nodes before the relationships between them."""
    yield _step("users", graph_rows.users(tables), "user_id")
    yield _step("items", graph_rows.items(tables), "item_id")
    for kind, rows in graph_rows.attributes(tables):
        yield _step("attributes", rows, "attribute_id", of=kind, identifiers={"__KIND__": kind})
    yield _step("item_attributes", graph_rows.item_attributes(tables), "item_id", "attribute_id")
    for behaviour, rows in graph_rows.interactions(tables):
        size = len(rows["items"].combine_chunks().keys)
        named = {"__BEHAVIOUR__": behaviour}
        yield _step("interactions", rows, "user_id", of=behaviour, identifiers=named, size=size)
    for (type_, start, end), rows in graph_rows.relations(tables):
        ends = between(type_, start, end)
        of = f"{start} {type_} {end}"
        yield _step("relations", rows, "start_id", "end_id", of=of, identifiers=ends)
    if "reviews" in tables:
        yield _step("reviews", tables["reviews"], "review_id")
    yield _step("known_entities", graph_rows.known_entities(tables), "entity_id")
    if "triples" in tables:
        yield _step("triples", tables["triples"], "head", "predicate", "tail")
    yield from _extracted(tables)
    for label, rows in graph_rows.links(tables):
        yield _step("same_as", rows, "id", "entity_id", of=label, identifiers=_node(label))


def _extracted(tables: graph_rows.Tables) -> Iterator[_Step]:
    if "review_facts" in tables:
        yield _step("review_facts", tables["review_facts"], "review_id")
    for name, label in (("entities", "Entity"), ("aspects", "Aspect")):
        key = f"{label.lower()}_id"
        yield _step(name, graph_rows.mentioned(tables, name, label, key).to_arrow(), key)
    for label, rows in graph_rows.mentions(tables):
        yield _step("mentions", rows, "review_id", "target_id", of=label, identifiers=_node(label))
    if "topics" in tables:
        yield _step("topics", tables["topics"], "topic_id")
    if "review_topics" in tables:
        yield _step("review_topics", tables["review_topics"], "review_id", "topic_id")


def _step(
    query: str,
    rows: pa.Table,
    *key: str,
    of: str = "",
    identifiers: Mapping[str, str] | None = None,
    size: int | None = None,
) -> _Step:
    return _Step(
        stage=f"{query} {of}".strip(),
        query=f"load/{query}",
        rows=rows,
        key=key,
        size=rows.num_rows if size is None else size,
        identifiers=identifiers or {},
    )


def _node(label: str) -> dict[str, str]:
    return {"__LABEL__": label, "__KEY__": NODES[label].key}


def _write(
    store: Store, step: _Step, run_id: str, progress: Progress, before: int, whole: int
) -> int:
    per_row: float = step.size / step.rows.num_rows

    def report(done: int, total: int | None = None, unit: str = "rows") -> None:
        progress(before + round(done * per_row), whole, unit)

    written: int = store.write_rows(
        step.query,
        step.rows,
        key=step.key,
        identifiers=step.identifiers,
        batch_size=max(1, round(BATCH_ROWS / per_row)),
        checkpoint=Checkpoint(run_id, f"load {step.stage}"),
        progress=report,
        runId=run_id,
    )
    logger.info("%s: %d rows written", step.stage, written)
    return round(written * per_row)


def _remove_stale(store: Store, run_id: str, *, extracted: bool) -> dict[str, int]:
    """Remove what an earlier run wrote last: it is in no source any more.

    Relationships go before nodes. What is published or derived stays but where a node of it goes.
    """
    kept = _NOT_LOADED if extracted else _NOT_LOADED | _EXTRACTED
    types = [str(row["type"]) for row in store.read("read/snapshot_types")]
    removed = {
        type_: _repeat(store, "load/remove_stale_facts", {"__TYPE__": type_}, run_id, BATCH_ROWS)
        for type_ in sorted(set(types) - kept)
    }
    removed["Item"] = _repeat(store, "load/remove_stale_items", {}, run_id, _BATCH_ITEMS)
    for label in _STALE_NODES:
        named = {"__LABEL__": label}
        removed[label] = _repeat(store, "load/remove_stale_nodes", named, run_id, _BATCH_NODES)
    removed["Alert"] = int(str(store.write("load/remove_stale_alerts")[0]["removed"]))
    removed["Segment"] = int(str(store.write("load/remove_empty_segments")[0]["removed"]))
    return {what: count for what, count in removed.items() if count}


def _repeat(
    store: Store, query: str, identifiers: Mapping[str, str], run_id: str, limit: int
) -> int:
    removed = 0
    while now := int(str(store.write(query, identifiers, runId=run_id, limit=limit)[0]["removed"])):
        removed += now
    return removed


def _check_names(tables: graph_rows.Tables, table: str, column: str, label: str) -> None:
    """Refuse traits and properties that would overwrite what the graph itself keeps there."""
    if table not in tables:
        return
    names = set(tables[table][column].combine_chunks().keys.unique().to_pylist())
    own = {known.name for known in NODES[label].properties}
    if taken := sorted(names & own):
        raise ConfigError(
            f"The {table} bring the {column} {', '.join(taken)}, which :{label} nodes keep for "
            "themselves.",
            remedy="Map those columns to other names in the configuration.",
        )
