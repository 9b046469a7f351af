"""Published results in the graph: lists with reasons, similar items, attention, vectors.

What is published comes from a model that was refitted on all interactions. A user's list is
replaced in one transaction; a query that reads it sees the old one whole or the new one whole.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from embeddings.attention_rows import attention_rows
from embeddings.explain import Explainer
from embeddings.models.contract import Recommender, rating_predictor
from embeddings.models.hetero_gat import HeteroGat
from embeddings.score import Calibration, Lists, score_lists
from embeddings.search_vectors import search_vectors
from embeddings.settings import PublishSettings
from embeddings.similar import similar_items
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors
from embeddings.training_data import TrainingData
from kg.ahead import ahead
from kg.progress import Progress, no_progress
from kg.schema import NODES
from kg.store import Store

logger = logging.getLogger(__name__)

BATCH_PLACES: Final = 20_000
"""Relationships in one transaction; a user's list is never cut."""
_BATCH_NODES: Final = 2_000


@dataclass(frozen=True)
class PublishReport:
    """What was published.

    Attributes:
        counts: relationships and nodes written, by what they are; `unexplained` counts places
            that were left out because nothing in the graph supports them.
        seconds: time by step.
    """

    counts: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def publish(
    store: Store,
    *,
    model: Recommender,
    data: TrainingData,
    snapshot: Snapshot,
    vectors: TextVectors | None,
    calibration: Calibration | None,
    settings: PublishSettings,
    run_id: str,
    now: datetime,
    progress: Progress = no_progress,
) -> PublishReport:
    """Write lists, similar items, attention and vectors; remove what earlier runs left.

    Publishing again writes the same; an interrupted one leaves every list whole, each of one run.

    Args:
        model: refitted on `data`.
        data: all interactions, so that nothing a user has is recommended.
        snapshot: what `data` was made from.
        vectors: of its texts, so that items can be searched by theirs; None where there are none.
        calibration: of the evaluated model on its validation part; without it places have no
            probability.
        run_id: a :ModelRun that has begun (`kg.runs.begin_run`).
        now: when it publishes.
    """
    report = PublishReport()
    clock = _Clock(report.seconds)
    report.counts.update(
        _publish_lists(store, model, data, calibration, settings, run_id, now, progress, clock)
    )
    report.counts["SIMILAR_TO"] = _publish_similar(store, model, data, settings, run_id)
    clock.stop("similar items")
    report.counts["attention"] = _publish_attention(store, model, data, snapshot, settings)
    clock.stop("attention")
    report.counts["embeddings"] = _publish_vectors(store, model, data, settings)
    clock.stop("vectors")
    found = search_vectors(snapshot, vectors)
    store.write_rows("write/text_vectors", found, key=["item_id"], batch_size=_BATCH_NODES)
    report.counts["text vectors"] = found.num_rows - found["vector"].null_count
    clock.stop("text vectors")
    for name, label in (("RECOMMENDED", "User"), ("SIMILAR_TO", "Item")):
        named = {"__LABEL__": label, "__TYPE__": name}
        removed = _repeat(store, "write/remove_unpublished", named, _BATCH_NODES, runId=run_id)
        report.counts[f"{name} removed"] = removed
    clock.stop("clean-up")
    return report


@dataclass
class _Clock:
    """Adds the time since the last stop to a step."""

    seconds: dict[str, float]
    last: float = field(default_factory=time.perf_counter)

    def stop(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self.last
        self.last = now


def _publish_lists(
    store: Store,
    model: Recommender,
    data: TrainingData,
    calibration: Calibration | None,
    settings: PublishSettings,
    run_id: str,
    now: datetime,
    progress: Progress,
    clock: _Clock,
) -> dict[str, int]:
    counts = {"RECOMMENDED": 0, "users": 0, "unexplained": 0}
    total = len(data.users)
    for block in ahead(_list_blocks(model, data, calibration, settings)):
        clock.stop("score and explain")
        store.write_rows(
            "write/recommendations",
            block.table,
            key=["user_id"],
            batch_size=block.table.num_rows,
            progress=_shifted(progress, counts["users"], total),
            runId=run_id,
            at=round(now.timestamp() * 1000),
        )
        clock.stop("write lists")
        counts["RECOMMENDED"] += block.places
        counts["unexplained"] += block.unexplained
        counts["users"] += block.table.num_rows
    return counts


@dataclass(frozen=True)
class _ListBlock:
    """The lists of some users: rows for `write/recommendations`, and how many places they have."""

    table: pa.Table
    places: int
    unexplained: int


def _list_blocks(
    model: Recommender,
    data: TrainingData,
    calibration: Calibration | None,
    settings: PublishSettings,
) -> Iterator[_ListBlock]:
    explainer, predictor = Explainer(data, model), rating_predictor(model)
    users = max(1, BATCH_PLACES // settings.top_k)
    for scored in score_lists(
        model,
        data,
        top_k=settings.top_k,
        hide=settings.hide,
        new_items=settings.new_items,
        rerank=settings.rerank,
        calibration=calibration,
    ):
        for lists in scored.parts(users):
            reasons = explainer.reasons(lists)
            supported = np.array([bool(each) for each in reasons], dtype=np.bool_)
            kept = lists.keep(supported)
            ratings = (
                np.full(len(kept.item), np.nan, np.float32)
                if predictor is None
                else predictor.predict_ratings(kept.user, kept.item)
            )
            table = _list_rows(kept, [each for each in reasons if each], ratings, data)
            places = int(supported.sum())
            yield _ListBlock(table, places, len(supported) - places)


def _list_rows(
    lists: Lists, reasons: list[list[str]], ratings: NDArray[np.float32], data: TrainingData
) -> pa.Table:
    """One row per user of the block, as `write/recommendations` takes it; lists may be empty."""
    sizes = np.bincount(lists.user, minlength=len(data.users))[lists.users]
    bounds = pa.array(np.r_[0, np.cumsum(sizes)], pa.int32())
    items = _keys(data.items.keys, lists.item).to_arrow().cast(pa.string())
    columns = {
        "score": pa.array(lists.score, pa.float64()),
        "probability": pa.array(lists.probability, pa.float64(), from_pandas=True),
        "rating": pa.array(ratings, from_pandas=True).cast(pa.float64()),
        "reasons": pa.array(reasons, pa.list_(pa.string())),
        "cold_start": pa.array(lists.cold, pa.bool_()),
    }
    return pa.table(
        {
            "user_id": _keys(data.users.keys, lists.users).to_arrow(),
            "places": pa.MapArray.from_arrays(bounds, items, pa.array(lists.rank, pa.int64())),
            **{name: pa.ListArray.from_arrays(bounds, each) for name, each in columns.items()},
        }
    )


def _publish_similar(
    store: Store, model: Recommender, data: TrainingData, settings: PublishSettings, run_id: str
) -> int:
    if not settings.similar_items:
        return 0
    table = similar_items(model, data, settings.similar_items)
    store.write_rows(
        "write/similar_items",
        table,
        key=["item_id"],
        batch_size=max(1, BATCH_PLACES // settings.similar_items),
        runId=run_id,
    )
    return int(pc.sum(pc.list_value_length(table["items"])).as_py() or 0)


def _publish_attention(
    store: Store,
    model: Recommender,
    data: TrainingData,
    snapshot: Snapshot,
    settings: PublishSettings,
) -> int:
    """Leave the model's attention, or none where it has none to leave."""
    if not (settings.attention and isinstance(model, HeteroGat) and model.attention):
        _repeat(store, "write/clear_attention", {}, BATCH_PLACES)
        return 0
    written = 0
    for rows in attention_rows(model.attention, data, snapshot):
        per_start = max(1.0, rows.size / max(1, rows.table.num_rows))
        store.write_rows(
            rows.query,
            rows.table,
            key=["start_id"],
            identifiers=rows.identifiers,
            batch_size=max(1, round(BATCH_PLACES / per_start)),
        )
        written += rows.size
    return written


def _publish_vectors(
    store: Store, model: Recommender, data: TrainingData, settings: PublishSettings
) -> int:
    """Leave the model's vectors on users and items, or none where none are wanted."""
    if not (settings.embeddings and isinstance(model, HeteroGat)):
        for label in ("User", "Item"):
            _repeat(store, "write/clear_embeddings", {"__LABEL__": label}, _BATCH_NODES)
        return 0
    written = 0
    for label, index, vectors in (
        ("User", data.users, model.user_vectors),
        ("Item", data.items, model.item_vectors),
    ):
        written += store.write_rows(
            "write/embeddings",
            pa.table({"key": list(index.keys), "embedding": vectors.tolist()}),
            key=["key"],
            identifiers={"__LABEL__": label, "__KEY__": NODES[label].key},
            batch_size=_BATCH_NODES,
        )
    return written


def _repeat(
    store: Store, query: str, identifiers: Mapping[str, str], limit: int, **params: object
) -> int:
    """Run a query that removes some, until it finds nothing more to remove."""
    removed = 0
    while now := int(str(store.write(query, identifiers, limit=limit, **params)[0]["removed"])):
        removed += now
    return removed


def _keys(keys: Iterable[str], positions: NDArray[np.int64]) -> pl.Series:
    return pl.Series(keys, dtype=pl.String).gather(positions)


def _shifted(progress: Progress, before: int, whole: int) -> Progress:
    def report(done: int, total: int | None = None, unit: str = "rows") -> None:
        progress(before + done, whole, "users")

    return report
