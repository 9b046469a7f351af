"""What the stages of `scale_stages` are held against: the bare driver, and bare torch.

load      the same rows in the same batches by the same statements; making the rows does not count
snapshot  the same statements streamed and thrown away
epoch     per step, layer and direction (forward, backward) one weighted sum of the vectors of all
          neighbours; and the product of the users' vectors with the drawn items', with its two
          gradients
score     per block of users one product with all items' vectors, and topk
publish   lists of the same length by the same statements, of items and reasons drawn at random
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from time import time
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import torch
from torch.nn import functional as fn

from benchmarks.empty_graph import NOW, RUN, connection, empty
from benchmarks.graph import DivertedStore
from benchmarks.job import Job, Stopwatch
from benchmarks.raw_driver import Statement, write
from benchmarks.scale_stages import DATASET, STEPS, TOP_K, Phases, settings_of
from embeddings.models.hetero_gat import HeteroGat
from embeddings.pairs import frame
from embeddings.publication import BATCH_PLACES
from embeddings.ranking import BLOCK_SCORES
from embeddings.settings import PublishSettings
from embeddings.snapshot_read import read_snapshot
from etl.load import load_staging
from etl.staging import Staging
from kg.runs import begin_run

_REASONS: Final = ["item|0.5123|item-0000000", "attribute|0.1234|brand-0000123"]


class BareStore(DivertedStore):
    """Sends what a store sends, and times nothing but the bare driver."""

    watch: Stopwatch

    def send(self, name: str, statements: Iterable[Statement]) -> None:
        """Send them one after the other."""
        with self._session("WRITE", name) as session:
            for text, arguments in statements:
                with self.watch:
                    session.execute_write(write, text, arguments)

    def stream(
        self,
        name: str,
        /,
        batch_size: int = 10_000,
        identifiers: Mapping[str, str] | None = None,
        **params: object,
    ) -> Iterator[list[tuple[object, ...]]]:
        """Read what `Store.stream` would read, and give nothing."""
        query = self.catalogue[name]
        text = query.text(self.capabilities.dialect, identifiers)
        with self._session("READ", name) as session, self.watch:
            for _ in session.run(text, query.arguments(params)):
                pass
        return iter(())


def load(job: Job, phases: Phases) -> None:
    """Fill an empty graph."""
    empty(job.graph)
    with BareStore.connect(connection(job.graph)) as store:
        store.watch, began = Stopwatch(), time()
        load_staging(store, job.path / "staging", run_id=RUN, dataset=DATASET)
        phases.note("load", began, time(), seconds=store.watch.seconds)


def snapshot(job: Job, phases: Phases) -> None:
    """Read the whole graph."""
    with BareStore.connect(connection(job.graph)) as store:
        store.watch, began = Stopwatch(), time()
        read_snapshot(store)
        phases.note("snapshot", began, time(), seconds=store.watch.seconds)


def epoch(job: Job, phases: Phases) -> None:
    """Gather and sum along all interactions, both ways, as often as an epoch does."""
    staging = Staging(job.path / "staging")
    acts = frame(staging.read("interactions", ["user_id", "item_id"]))
    user, item = (acts[key].rank("dense").to_numpy().astype(np.int64) - 1 for key in acts.columns)
    users, items = int(user.max()) + 1, int(item.max()) + 1
    settings = settings_of(users, "lightgcn")
    source = np.concatenate([item + users, user]).astype(np.int32)
    destination = np.concatenate([user, item + users])
    order = np.argsort(destination, kind="stable")
    sources = torch.from_numpy(source[order])
    offsets = torch.from_numpy(np.searchsorted(destination[order], np.arange(users + items))).int()
    weight, x = torch.rand(len(sources)), torch.randn(users + items, settings.width)
    batch, drawn = -(-users // STEPS), min(items, settings.sampled_items)
    z_u, z_i = x[:batch], x[users : users + drawn]
    with phases.phase("epoch", len(user)):
        for _ in range(STEPS):
            for _ in range(2 * settings.layers):
                fn.embedding_bag(sources, x, offsets, mode="sum", per_sample_weights=weight)
            for block in torch.split(z_u, BLOCK_SCORES // drawn):
                scores = block @ z_i.T
                _ = scores @ z_i, scores.T @ block


def score(job: Job, phases: Phases) -> None:
    """Products and topk of all users and items."""
    model = HeteroGat.load(job.path / "model")
    user, item = (torch.from_numpy(v) for v in (model.user_vectors, model.item_vectors))
    with phases.phase("score", len(user) * len(item)):
        for block in torch.split(user, max(1, BLOCK_SCORES // len(item))):
            torch.topk(block @ item.T, min(TOP_K, len(item)), dim=1)


def publish(job: Job, phases: Phases) -> None:
    """Lists and similar items into the graph that the floor of load left."""
    staging, random = Staging(job.path / "staging"), np.random.default_rng(job.seed)
    users = frame(staging.read("users", ["user_id"]))["user_id"]
    items = frame(staging.read("items", ["item_id"]))["item_id"]
    near = PublishSettings().similar_items
    with BareStore.connect(connection(job.graph)) as store:
        store.watch, began = Stopwatch(), time()
        begin_run(store, "ModelRun", RUN, now=NOW, config={}, code_version="benchmark")
        per_batch = BATCH_PLACES // TOP_K
        for first in range(0, len(users), per_batch):
            store.write_rows(
                "write/lists",
                _lists(random, users[first : first + per_batch], items),
                key=["user_id"],
                batch_size=per_batch,
                runId=RUN,
                at=round(NOW.timestamp() * 1000),
            )
        store.write_rows(
            "write/similar_items",
            _similar(random, items, near),
            key=["item_id"],
            batch_size=BATCH_PLACES // near,
            runId=RUN,
        )
        things = len(users) * TOP_K + len(items) * near
        phases.note("publish", began, time(), things=things, seconds=store.watch.seconds)


def _lists(random: np.random.Generator, users: pl.Series, items: pl.Series) -> pa.Table:
    """Rows of `write/lists`."""
    count = len(users) * TOP_K
    bounds = pa.array(np.arange(0, count + 1, TOP_K), pa.int32())
    listed = items.gather(_distinct(random, len(users), TOP_K, len(items)))
    columns = {
        "items": listed.to_arrow().cast(pa.string()),
        "score": pa.array(random.random(count)),
        "probability": pa.nulls(count, pa.float64()),
        "rating": pa.nulls(count, pa.float64()),
        "reasons": pa.array([_REASONS] * count),
        "cold_start": pa.repeat(pa.scalar(False), count),
    }
    return pa.table(
        {
            "user_id": users.to_arrow(),
            **{name: pa.ListArray.from_arrays(bounds, each) for name, each in columns.items()},
        }
    )


def _similar(random: np.random.Generator, items: pl.Series, near: int) -> pa.Table:
    """Rows of `write/similar_items`."""
    rows = pl.DataFrame(
        {
            "of": items.gather(np.repeat(np.arange(len(items)), near)),
            "item_id": items.gather(_distinct(random, len(items), near, len(items))),
            "rank": np.tile(np.arange(1, near + 1), len(items)),
            "score": random.random(len(items) * near),
        }
    )
    packed = rows.group_by("of", maintain_order=True).agg(
        pl.struct("item_id", "rank", "score").alias("items")
    )
    return packed.rename({"of": "item_id"}).to_arrow()


def _distinct(random: np.random.Generator, rows: int, each: int, of: int) -> np.ndarray:
    """`each` different numbers below `of` for each row, one row after the other."""
    first = random.integers(0, of, (rows, 1))
    return ((first + np.arange(each) * max(1, of // each)) % of).ravel()


FLOORS: Final[dict[str, Callable[[Job, Phases], None]]] = {
    "load": load,
    "snapshot": snapshot,
    "train": epoch,
    "score": score,
    "publish": publish,
}
