"""report: one self-contained page of what was read, learned, measured and published."""

from __future__ import annotations

import json

from kg.store import Store
from recommender.picture.drawing import drawing_of
from recommender.picture.neighbourhood import of_user
from recommender.recommendations import recommendations_of, users_with_lists
from recommender.report import write_report
from recommender.run_folder import write_whole
from recommender.stage import StageContext, StageResult

PEOPLE, TOP, DEEDS = 3, 5, 24


def report(context: StageContext) -> StageResult:
    """Ask the graph for its counts and some people's lists, then write the page."""
    store = context.graph.store
    nodes, relationships = graph_counts(store)
    counts = {"nodes": nodes, "relationships": relationships}
    write_whole(context.folder / "graph.json", json.dumps(counts, indent=1))
    write_whole(
        context.folder / "examples.json",
        json.dumps({"users": _examples(store)}, indent=1, ensure_ascii=False),
    )
    write_whole(
        context.folder / "neighbourhood.json", json.dumps(_neighbourhood(store), ensure_ascii=False)
    )
    place = write_report(context.folder)
    return StageResult(
        f"{sum(relationships.values()):,} relationships in the graph; {place.name}",
        {**{f":{label}": n for label, n in nodes.items()}, **relationships},
    )


def _examples(store: Store) -> list[dict[str, object]]:
    return [
        {
            "user": user["userId"],
            "liked": user["liked"],
            "recommendations": [
                {
                    "rank": each.rank,
                    "item": each.item,
                    "title": each.title,
                    "probability": each.probability,
                    "reasons": [each.reason] if each.reason else [],
                }
                for each in recommendations_of(store, str(user["userId"]), TOP)
            ],
        }
        for user in users_with_lists(store, PEOPLE)
    ]


def _neighbourhood(store: Store) -> dict[str, object]:
    """Return the drawing around somebody who has a list, or an empty one."""
    users = users_with_lists(store, 1)
    if not users:
        return {}
    user = str(users[0]["userId"])
    return {"user": user, **drawing_of(of_user(store, user, DEEDS)).as_json()}


def graph_counts(store: Store) -> tuple[dict[str, int], dict[str, int]]:
    """Return label → nodes and type → relationships."""
    nodes = store.read("read/node_counts")
    relationships = store.read("read/relationship_counts")
    return (
        {str(row["label"]): int(str(row["count"])) for row in nodes},
        {str(row["type"]): int(str(row["count"])) for row in relationships},
    )
