"""Everything that a model publishes, made into files; see `embeddings.publication`.

The model was refitted on all interactions. Nothing is read from or written to the graph here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from embeddings.attention_rows import attention_rows
from embeddings.explain import Explainer
from embeddings.models.contract import Recommender, rating_predictor
from embeddings.models.hetero_gat import HeteroGat
from embeddings.publication import (
    BATCH_PLACES,
    LIST_SCHEMA,
    LISTS,
    ListFigures,
    Part,
    Publication,
    sha256,
    write_part,
)
from embeddings.score import Calibration, Lists, score_lists
from embeddings.search_vectors import search_vectors
from embeddings.settings import PublishSettings
from embeddings.similar import similar_items
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors
from embeddings.training_data import TrainingData
from kg.progress import Progress, no_progress
from kg.schema import NODES


def make_publication(
    folder: Path,
    *,
    model: Recommender,
    data: TrainingData,
    snapshot: Snapshot,
    vectors: TextVectors | None,
    calibration: Calibration | None,
    settings: PublishSettings,
    progress: Progress = no_progress,
) -> Publication:
    """Score, explain, and write lists, similar items, attention and vectors into `folder`.

    Args:
        model: refitted on `data`.
        data: all interactions, so that nothing a user has is recommended.
        snapshot: what `data` was made from.
        vectors: of its texts, so that items can be searched by theirs; None where there are none.
        calibration: of the evaluated model on its validation part; without it places have no
            probability.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lists, figures = _write_lists(folder, model, data, calibration, settings, progress)
    publication = Publication(
        folder=folder,
        model=model.name,
        encoder=None if vectors is None else vectors.model,
        calibrated=calibration is not None,
        figures=figures,
        lists=lists,
        parts=(
            *_similar(folder, model, data, settings),
            *_attention(folder, model, data, snapshot, settings),
            *_embeddings(folder, model, data, settings),
            _text_vectors(folder, snapshot, vectors),
        ),
    )
    publication.save()
    return publication


def _write_lists(
    folder: Path,
    model: Recommender,
    data: TrainingData,
    calibration: Calibration | None,
    settings: PublishSettings,
    progress: Progress,
) -> tuple[Part, ListFigures]:
    figures, done = _Figures(data), 0
    with pq.ParquetWriter(folder / LISTS, LIST_SCHEMA, compression="zstd") as file:
        scored = score_lists(
            model,
            data,
            top_k=settings.top_k,
            hide=settings.hide,
            new_items=settings.new_items,
            rerank=settings.rerank,
            calibration=calibration,
        )
        for kept, table, left_out in list_blocks(scored, model, data, settings.top_k):
            file.write_table(table.cast(LIST_SCHEMA))
            figures.add(kept, left_out)
            done += table.num_rows
            progress(done, len(data.users), "users")
    part = Part(
        kind="RECOMMENDED",
        file=LISTS,
        query="write/lists",
        key="user_id",
        size=figures.places,
        rows=done,
        sha256=sha256(folder / LISTS),
    )
    return part, figures.told()


class _Figures:
    """Counts the lists as they are made."""

    def __init__(self, data: TrainingData) -> None:
        self.users, self.listed = len(data.users), np.zeros(len(data.items), np.bool_)
        self.with_list = self.places = self.unexplained = self.infinite = self.alike = 0
        self.first: list[NDArray[np.float64]] = []
        self.least, self.greatest = np.inf, -np.inf

    def add(self, lists: Lists, unexplained: int) -> None:
        self.listed[lists.item] = True
        self.with_list += len(np.unique(lists.user))
        self.places += len(lists.item)
        self.unexplained += unexplained
        self.alike += lists.count_alike()
        self.first.append(lists.probability[lists.rank == 1])
        finite = lists.score[np.isfinite(lists.score)]
        self.infinite += len(lists.score) - len(finite)
        self.least = min(self.least, finite.min(initial=np.inf))
        self.greatest = max(self.greatest, finite.max(initial=-np.inf))

    def told(self) -> ListFigures:
        scored = self.places > self.infinite
        first = np.concatenate(self.first or [np.empty(0)])
        known = first[~np.isnan(first)]
        return ListFigures(
            users=self.users,
            items=len(self.listed),
            users_with_list=self.with_list,
            items_listed=int(self.listed.sum()),
            places=self.places,
            unexplained=self.unexplained,
            infinite=self.infinite,
            least=float(self.least) if scored else None,
            greatest=float(self.greatest) if scored else None,
            alike=self.alike,
            first=float(known.mean()) if len(known) else None,
        )


def list_blocks(
    scored: Iterable[Lists], model: object, data: TrainingData, top_k: int
) -> Iterator[tuple[Lists, pa.Table, int]]:
    """Yield the lists of some users, their rows, and how many places nothing supports.

    Args:
        scored: by the model.
        model: what it can say of reasons and ratings is asked of it.
        data: whose evidence is in the graph.
        top_k: longest list.
    """
    explainer, predictor = Explainer(data, model), rating_predictor(model)
    users = max(1, BATCH_PLACES // top_k)
    for block in scored:
        for lists in block.parts(users):
            reasons = explainer.reasons(lists)
            supported = np.array([bool(each) for each in reasons], dtype=np.bool_)
            kept = lists.keep(supported)
            ratings = (
                np.full(len(kept.item), np.nan, np.float32)
                if predictor is None
                else predictor.predict_ratings(kept.user, kept.item)
            )
            table = _list_rows(kept, [each for each in reasons if each], ratings, data)
            yield kept, table, len(supported) - len(kept.item)


def _list_rows(
    lists: Lists, reasons: list[list[str]], ratings: NDArray[np.float32], data: TrainingData
) -> pa.Table:
    """One row per user of the block, as `LIST_SCHEMA` says; lists are in the order of rank."""
    sizes = np.bincount(lists.user, minlength=len(data.users))[lists.users]
    bounds = pa.array(np.r_[0, np.cumsum(sizes)], pa.int32())
    columns = {
        "items": _keys(data.items.keys, lists.item).to_arrow().cast(pa.string()),
        "score": pa.array(lists.score, pa.float64()),
        "probability": pa.array(lists.probability, pa.float64(), from_pandas=True),
        "rating": pa.array(ratings, from_pandas=True).cast(pa.float64()),
        "reasons": pa.array(reasons, pa.list_(pa.string())),
        "cold_start": pa.array(lists.cold, pa.bool_()),
    }
    return pa.table(
        {
            "user_id": _keys(data.users.keys, lists.users).to_arrow().cast(pa.string()),
            **{name: pa.ListArray.from_arrays(bounds, each) for name, each in columns.items()},
        }
    )


def _similar(
    folder: Path, model: Recommender, data: TrainingData, settings: PublishSettings
) -> Iterator[Part]:
    if not settings.similar_items:
        return
    table = similar_items(model, data, settings.similar_items)
    yield write_part(
        folder,
        "similar.parquet",
        table,
        kind="SIMILAR_TO",
        query="write/similar_items",
        key="item_id",
        size=int(pc.sum(pc.list_value_length(table["items"])).as_py() or 0),
    )


def _attention(
    folder: Path,
    model: Recommender,
    data: TrainingData,
    snapshot: Snapshot,
    settings: PublishSettings,
) -> Iterator[Part]:
    """The model's attention, if it has any to leave."""
    if not (settings.attention and isinstance(model, HeteroGat) and model.attention):
        return
    for number, rows in enumerate(attention_rows(model.attention, data, snapshot), 1):
        yield write_part(
            folder,
            f"attention-{number}.parquet",
            rows.table,
            kind="attention",
            query=rows.query,
            key="start_id",
            size=rows.size,
            identifiers=dict(rows.identifiers),
        )


def _embeddings(
    folder: Path, model: Recommender, data: TrainingData, settings: PublishSettings
) -> Iterator[Part]:
    """The model's vectors of users and items, if they are wanted."""
    if not (settings.embeddings and isinstance(model, HeteroGat)):
        return
    for label, index, vectors in (
        ("User", data.users, model.user_vectors),
        ("Item", data.items, model.item_vectors),
    ):
        yield write_part(
            folder,
            f"embeddings-{label}.parquet",
            pa.table({"key": list(index.keys), "embedding": vectors.tolist()}),
            kind="embeddings",
            query="write/embeddings",
            key="key",
            size=len(index),
            identifiers={"__LABEL__": label, "__KEY__": NODES[label].key},
        )


def _text_vectors(folder: Path, snapshot: Snapshot, vectors: TextVectors | None) -> Part:
    table = search_vectors(snapshot, vectors)
    return write_part(
        folder,
        "text-vectors.parquet",
        table,
        kind="text vectors",
        query="write/text_vectors",
        key="item_id",
        size=table.num_rows - table["vector"].null_count,
    )


def _keys(keys: Iterable[str], positions: NDArray[np.int64]) -> pl.Series:
    return pl.Series(keys, dtype=pl.String).gather(positions)
