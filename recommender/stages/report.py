"""report: one self-contained page of what was read, learned, measured and published."""

from __future__ import annotations

import json

from kg.store import Store
from recommender.report import write_report
from recommender.run_folder import write_whole
from recommender.stage import StageContext, StageResult


def report(context: StageContext) -> StageResult:
    """Ask the graph for its counts and some people's lists, then write the page."""
    store = context.graph.store
    nodes, relationships = graph_counts(store)
    counts = {"nodes": nodes, "relationships": relationships}
    write_whole(context.folder / "graph.json", json.dumps(counts, indent=1))
    place = write_report(context.folder)
    return StageResult(
        f"{sum(relationships.values()):,} relationships in the graph; {place.name}",
        {**{f":{label}": n for label, n in nodes.items()}, **relationships},
    )


def graph_counts(store: Store) -> tuple[dict[str, int], dict[str, int]]:
    """Return label → nodes and type → relationships."""
    nodes = store.read("read/node_counts")
    relationships = store.read("read/relationship_counts")
    return (
        {str(row["label"]): int(str(row["count"])) for row in nodes},
        {str(row["type"]): int(str(row["count"])) for row in relationships},
    )
