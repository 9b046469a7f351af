"""Items for somebody whom the graph does not know, by a run's published model and some likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy.sparse import csr_array

from embeddings.index import Index
from embeddings.models.contract import FoldsIn
from embeddings.train import folding_models, load
from kg.errors import ConfigError, ModelError
from recommender.artefacts import PUBLISHED
from recommender.config import read_config
from recommender.run_folder import RunFolder, Runs
from recommender.stage import FILES

NEEDED = ("config.yaml", "snapshot/items.parquet", *FILES["published model"])


@dataclass(frozen=True)
class Place:
    """One place of a newcomer's list."""

    rank: int
    item: str
    title: str
    score: float


def published_run(runs_dir: Path, dataset: str | None) -> RunFolder:
    """Return the newest run that has a published model, of `dataset` or of any.

    Raises:
        ConfigError: there is none.
    """
    for run in Runs(runs_dir):
        if run.holds(NEEDED) and dataset in (None, run.record().dataset):
            return run
    of = f" of {dataset}" if dataset else ""
    raise ConfigError(
        f"No run{of} in {runs_dir} has a published model.",
        remedy="Name the folder of runs with --runs-dir, or make one: kgrec run --sample",
    )


def best_for(run: RunFolder, likes: Sequence[str], top: int) -> list[Place]:
    """Return the best items for somebody who likes these, who need not be in the graph.

    Raises:
        UnknownKeyError: an item is not known; names near keys.
        ModelError: the published model cannot score people whom training never saw.
    """
    items = pq.read_table(run.path / "snapshot/items.parquet", columns=["item_id", "title"])
    keys, titles = items["item_id"].to_pylist(), items["title"].to_pylist()
    index = Index("item", keys)
    liked = np.unique([index.of(key) for key in likes])
    name = read_config(run.path / "config.yaml", (), {}).model.models[0]
    model = load(name, run.path / PUBLISHED / name)
    if not isinstance(model, FoldsIn):
        raise ModelError(
            f"{name}, which run {run.id} published, cannot score people whom training never saw.",
            remedy=f"Put one that can first in model.models: {', '.join(folding_models())}.",
        )
    row = np.zeros(len(liked), np.int64)
    ones = np.ones(len(liked), np.float32)
    scores = model.score_likes(csr_array((ones, (row, liked)), shape=(1, len(keys))))[0]
    order = np.argsort(-scores, kind="stable")
    best = order[~np.isin(order, liked)][:top]
    return [
        Place(rank, keys[item], titles[item] or keys[item], float(scores[item]))
        for rank, item in enumerate(best.tolist(), start=1)
    ]
