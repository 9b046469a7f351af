"""What a load writes, in order: one step for each table and query, nodes before relationships."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from etl import graph_rows
from kg.identifiers import between
from kg.schema import NODES


def _as_they_are(rows: pa.Table) -> pa.Table:
    return rows


@dataclass(frozen=True, kw_only=True)
class Step:
    """One table for one query.

    Attributes:
        stage: its name among the steps.
        query: the query's name.
        rows: one for each node or relationship.
        key: columns that tell rows apart.
        identifiers: what the query leaves open.
        label: of the nodes that the rows are, if they are nodes.
        ends: of the relationships that they are (`kg.identifiers.between`), if they are such; `key`
            names start and end.
        shape: makes of rows what the query takes.
    """

    stage: str
    query: str
    rows: pa.Table
    key: tuple[str, ...]
    identifiers: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    ends: Mapping[str, str] = field(default_factory=dict)
    shape: Callable[[pa.Table], pa.Table] = _as_they_are


def steps_of(tables: graph_rows.Tables) -> Iterator[Step]:
    """All steps for staging tables, nodes before the relationships between them."""
    yield _nodes("users", graph_rows.users(tables), "User", "user_id")
    yield _nodes("items", graph_rows.items(tables), "Item", "item_id")
    for kind, rows in graph_rows.attributes(tables):
        named = {"__KIND__": kind}
        yield _nodes("attributes", rows, "Attribute", "attribute_id", of=kind, identifiers=named)
    yield _pairs(
        "item_attributes",
        graph_rows.item_attributes(tables),
        between("HAS_ATTRIBUTE", "Item", "Attribute"),
        ("item_id", "attribute_id"),
    )
    for behaviour, rows in graph_rows.interactions(tables):
        yield _pairs(
            "interactions",
            rows,
            between(behaviour, "User", "Item"),
            ("user_id", "item_id"),
            of=behaviour,
            identifiers={"__BEHAVIOUR__": behaviour},
            shape=graph_rows.by_start,
        )
    for (type_, start, end), rows in graph_rows.relations(tables):
        ends = between(type_, start, end)
        yield _pairs(
            "relations",
            rows,
            ends,
            ("start_id", "end_id"),
            of=f"{start} {type_} {end}",
            identifiers=ends,
        )
    if "reviews" in tables:
        yield _nodes("reviews", tables["reviews"], "Review", "review_id")
    yield _nodes("known_entities", graph_rows.known_entities(tables), "Entity", "entity_id")
    if "triples" in tables:
        ends = between("RELATES_TO", "Entity", "Entity")
        yield _pairs("triples", tables["triples"], ends, ("head", "tail", "predicate"))
    yield from _extracted(tables)
    for label, rows in graph_rows.links(tables):
        yield _pairs(
            "same_as",
            rows,
            between("SAME_AS", label, "Entity"),
            ("id", "entity_id"),
            of=label,
            identifiers=_node(label),
        )


def _extracted(tables: graph_rows.Tables) -> Iterator[Step]:
    if "review_facts" in tables:
        rows = tables["review_facts"].drop_columns(["verdict"])
        yield Step(stage="review_facts", query="load/review_facts", rows=rows, key=("review_id",))
    for name, label in (("entities", "Entity"), ("aspects", "Aspect")):
        key = f"{label.lower()}_id"
        yield _nodes(name, graph_rows.mentioned(tables, name, label, key).to_arrow(), label, key)
    for label, rows in graph_rows.mentions(tables):
        yield _pairs(
            "mentions",
            rows,
            between("MENTIONS", "Review", label),
            ("review_id", "target_id"),
            of=label,
            identifiers=_node(label),
        )
    if "topics" in tables:
        yield _nodes("topics", tables["topics"], "Topic", "topic_id")
    if "review_topics" in tables:
        ends = between("HAS_TOPIC", "Review", "Topic")
        yield _pairs("review_topics", tables["review_topics"], ends, ("review_id", "topic_id"))


def _nodes(
    query: str,
    rows: pa.Table,
    label: str,
    key: str,
    of: str = "",
    identifiers: Mapping[str, str] | None = None,
) -> Step:
    return Step(
        stage=f"{query} {of}".strip(),
        query=f"load/{query}",
        rows=rows,
        key=(key,),
        identifiers=identifiers or {},
        label=label,
    )


def _pairs(
    query: str,
    rows: pa.Table,
    ends: Mapping[str, str],
    key: tuple[str, ...],
    *,
    of: str = "",
    identifiers: Mapping[str, str] | None = None,
    shape: Callable[[pa.Table], pa.Table] = _as_they_are,
) -> Step:
    return Step(
        stage=f"{query} {of}".strip(),
        query=f"load/{query}",
        rows=rows,
        key=key,
        identifiers=identifiers or {},
        ends=ends,
        shape=shape,
    )


def _node(label: str) -> dict[str, str]:
    return {"__LABEL__": label, "__KEY__": NODES[label].key}
