"""The stages train and evaluate on a folder: what a model knows when it is judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pyarrow.parquet as pq
import pytest
from snapshot_world import letter_vectors, make_snapshot, rated, split_of

from kg.progress import no_progress
from recommender.config import Config
from recommender.graph import Graph
from recommender.stage import StageContext
from recommender.stages.evaluate import evaluate
from recommender.stages.train import train
from recommender.workflow import WORKFLOW

PARTS = {
    ("ann", "tea"): "train",
    ("bob", "tea"): "train",
    ("cid", "tea"): "train",
    ("cid", "jam"): "train",
    ("ann", "jam"): "valid",
    ("bob", "jam"): "valid",
    ("dot", "jam"): "valid",
    ("dot", "oil"): "train",
    ("eve", "oil"): "train",
    ("eve", "jam"): "test",
}


def larder(folder: Path, *, models: Sequence[str], refit: bool = False) -> StageContext:
    """Three like tea, one likes jam, and validation holds three more; before `train`."""
    snapshot = make_snapshot(
        users=[{"user_id": name} for name in ("ann", "bob", "cid", "dot", "eve")],
        items=[{"item_id": name} for name in ("jam", "oil", "tea")],
        interactions=[rated(user, item, rating=4.0) for user, item in PARTS],
    )
    snapshot.save(folder / "snapshot")
    pq.write_table(split_of(PARTS), folder / "split.parquet")
    letter_vectors([]).save(folder / "vectors.safetensors")
    config = Config.model_validate(
        {
            "name": "larder",
            "sources": [{"type": "adjacency", "path": "x", "behaviour": "BOUGHT"}],
            "model": {"models": list(models)},
            "evaluate": {"refit": refit},
        }
    )
    return StageContext(
        config=config,
        folder=folder,
        stages=(),
        run_id="run",
        etl_run_id="etl",
        graph=cast("Graph", None),  # neither stage looks at the graph
        cache=folder,
        now=datetime(2026, 1, 1, tzinfo=UTC),
        progress=no_progress,
    )


def judged(folder: Path, *, refit: bool) -> dict[str, dict[str, float]]:
    """What is measured of popularity."""
    context = larder(folder, models=["popularity"], refit=refit)
    train(context)
    evaluate(context)
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["refit"] is refit
    found: dict[str, dict[str, float]] = metrics["models"]["popularity"]
    return found


def test_before_the_test_a_model_learns_from_validation_only_if_it_is_refitted(
    tmp_path: Path,
) -> None:
    alone, refitted = tmp_path / "alone", tmp_path / "refitted"
    for folder in (alone, refitted):
        folder.mkdir()
    once, again = judged(alone, refit=False), judged(refitted, refit=True)
    assert once["test"]["mrr@5"] == pytest.approx(1 / 2), "tea (3) before jam (1)"
    assert again["test"]["mrr@5"] == 1.0, "jam (4) before tea (3)"
    assert again["valid"] == once["valid"], "validation is judged by what has not seen it"


@pytest.mark.parametrize("models", [["popularity"], ["popularity", "rating-mean"]])
def test_a_run_that_takes_the_evaluation_over_gets_all_its_files(
    models: list[str], tmp_path: Path
) -> None:
    context = larder(tmp_path, models=models)
    train(context)
    before = set(tmp_path.iterdir())
    evaluate(context)
    (stage,) = (stage for stage in WORKFLOW if stage.name == "evaluate")
    assert {path.name for path in set(tmp_path.iterdir()) - before} == set(stage.files)
    said = pq.read_table(tmp_path / "ratings.parquet")
    assert set(said["model"].to_pylist()) == {"rating-mean"} & set(models)
