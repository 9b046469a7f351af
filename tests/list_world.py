"""Lists made by hand, as a publication, and as the folder of a run that can be published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from run_world import make_run

from embeddings.publication import (
    FOLDER,
    LIST_SCHEMA,
    LISTS,
    ListFigures,
    Part,
    Publication,
    sha256,
    write_part,
)
from kg.store import Store
from recommender.config import Config
from recommender.graph import Graph
from recommender.run_folder import RunFolder

Lists = Mapping[str, Sequence[str]]
CONFIG = {
    "name": "tea",
    "sources": [{"type": "delimited", "path": "teas.csv", "columns": {"user": "u", "item": "i"}}],
    "encoder": {"model": None},
}


def people_and_things(store: Store, users: Sequence[str], items: Sequence[str]) -> None:
    """Add users and items that have nothing to do with one another yet."""
    store.run_text("UNWIND $keys AS key CREATE (:User {userId: key})", keys=list(users))
    store.run_text("UNWIND $keys AS key CREATE (:Item {itemId: key})", keys=list(items))


def list_rows(lists: Lists, score: float = 1.0) -> pa.Table:
    """Rows of `write/lists`: scores fall by one from place to place, from `score` on."""
    rows = [
        {
            "user_id": user,
            "items": list(items),
            "score": [score - place for place in range(len(items))],
            "probability": [0.5] * len(items),
            "rating": [score] * len(items),
            "reasons": [[f"popular|{score:g}|{item}"] for item in items],
            "cold_start": [False] * len(items),
        }
        for user, items in lists.items()
    ]
    return pa.Table.from_pylist(rows, schema=LIST_SCHEMA)


def make_lists(
    folder: Path,
    lists: Lists,
    *,
    score: float = 1.0,
    similar: Lists | None = None,
    attention: Mapping[str, Mapping[str, float]] | None = None,
) -> Publication:
    """Write a publication of these lists.

    Args:
        similar: of an item, those like it, nearest first.
        attention: of a user, that on what the user rated.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(list_rows(lists, score), folder / LISTS, row_group_size=2)
    listed = [item for items in lists.values() for item in items]
    publication = Publication(
        folder=folder,
        model="by-hand",
        encoder=None,
        calibrated=True,
        figures=ListFigures(
            users=len(lists),
            items=len(set(listed)),
            users_with_list=sum(bool(items) for items in lists.values()),
            items_listed=len(set(listed)),
            places=len(listed),
            unexplained=0,
            infinite=0,
            least=score - max((len(items) for items in lists.values()), default=1) + 1,
            greatest=score,
        ),
        lists=Part(
            kind="RECOMMENDED",
            file=LISTS,
            query="write/lists",
            key="user_id",
            size=len(listed),
            rows=len(lists),
            sha256=sha256(folder / LISTS),
        ),
        parts=(*_similar(folder, similar), *_attention(folder, attention)),
    )
    publication.save()
    return publication


def make_listed_run(
    runs: Path,
    run_id: str,
    lists: Lists,
    *,
    graph: Graph,
    score: float = 1.0,
    metrics: Mapping[str, object] | None = None,
    publish: Mapping[str, object] | None = None,
) -> RunFolder:
    """Make the folder of a run whose lists are there, to be published."""
    run = RunFolder(make_run(runs, run_id, "tea"))
    run.save(run.record().model_copy(update={"target": graph.target}))
    make_lists(run.path / FOLDER, lists, score=score)
    Config.model_validate(CONFIG | {"publish": publish or {}}).write(run.path / "config.yaml")
    told = {"models": {}, "comparisons": [], "split": {}} | dict(metrics or {})
    (run.path / "metrics.json").write_text(json.dumps(told))
    (run.path / "snapshot").mkdir()
    (run.path / "snapshot" / "snapshot.json").write_text('{"hash": "of the teas"}')
    return run


def shown(store: Store, user: str) -> list[str]:
    """What a reader sees of a user's list."""
    return [str(row["itemId"]) for row in store.read("recommend/for_user", userId=user, limit=99)]


def _similar(folder: Path, similar: Lists | None) -> list[Part]:
    if similar is None:
        return []
    rows = [
        {
            "item_id": item,
            "items": [
                {"item_id": other, "rank": rank, "score": 1 / rank}
                for rank, other in enumerate(near, 1)
            ],
        }
        for item, near in similar.items()
    ]
    size = sum(map(len, similar.values()))
    return [
        write_part(
            folder,
            "similar.parquet",
            pa.Table.from_pylist(rows),
            kind="SIMILAR_TO",
            query="write/similar_items",
            key="item_id",
            size=size,
        )
    ]


def _attention(folder: Path, attention: Mapping[str, Mapping[str, float]] | None) -> list[Part]:
    if attention is None:
        return []
    number = {"attention": pa.float64(), "attentionBack": pa.float64()}
    ends = [
        [(end, {"attention": value, "attentionBack": value}) for end, value in each.items()]
        for each in attention.values()
    ]
    table = pa.table(
        {
            "start_id": pa.array(list(attention), pa.string()),
            "ends": pa.array(ends, pa.map_(pa.string(), pa.struct(number))),
        }
    )
    named = {
        "__TYPE__": "RATED",
        "__START__": "User",
        "__START_KEY__": "userId",
        "__END__": "Item",
        "__END_KEY__": "itemId",
    }
    return [
        write_part(
            folder,
            "attention-1.parquet",
            table,
            kind="attention",
            query="write/attention",
            key="start_id",
            size=sum(map(len, attention.values())),
            identifiers=named,
        )
    ]
