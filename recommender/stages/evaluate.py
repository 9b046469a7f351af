"""evaluate: full ranking of the test part, and its ratings, by every model, with one code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from embeddings.comparison import MAIN, compare_first
from embeddings.evaluate import Evaluation, Score
from embeddings.evaluate import evaluate as evaluate_model
from embeddings.models.contract import Recommender
from embeddings.pairs import frame
from embeddings.ranking import KeptPlaces
from embeddings.reliability import reliability
from embeddings.rerank import Reranker
from embeddings.score import Calibration
from embeddings.split import TRAIN, VALID
from embeddings.train import load, refit
from embeddings.training_data import TrainingData
from embeddings.trait_groups import by_trait
from recommender.artefacts import EVALUATED
from recommender.run_folder import write_whole
from recommender.stage import StageContext, StageResult
from recommender.stages.clicks import judge_clicks
from recommender.stages.ratings import judge_ratings
from recommender.stages.start import start_again
from recommender.stages.train import CALIBRATION, SECONDS
from recommender.stages.view import Learning


def evaluate(context: StageContext) -> StageResult:
    """Rank for every user with a held-out liked item, measure the lists, compare the models."""
    learning = Learning.of(context.folder, context.config)
    data = learning.training()
    again = learning.training(frozenset({TRAIN, VALID})) if context.config.evaluate.refit else None
    seconds = json.loads((context.folder / SECONDS).read_text(encoding="utf-8"))
    tests: dict[str, Evaluation] = {}
    models: dict[str, dict[str, object]] = {}
    for name in context.config.model.models:
        model = load(name, context.folder / EVALUATED / name)
        valid = _of_validation(context, data, model)
        if again is not None:
            start = start_again(context, model, EVALUATED)
            model = refit(model, again, progress=context.progress, start=start).model
        tests[name] = _of_test(context, learning, again or data, model)
        if name == context.config.model.models[0]:
            reranked = _reranked(context, learning, again or data, model)
        traits = _by_trait(tests[name], learning)
        models[name] = _told(tests[name], valid) | {"traits": traits, "seconds": seconds[name]}
    lists = pa.concat_tables(_named(test.lists, name) for name, test in tests.items())
    per_user = pa.concat_tables(_named(test.per_user, name) for name, test in tests.items())
    pq.write_table(lists, context.folder / "lists.parquet", compression="zstd")
    pq.write_table(per_user, context.folder / "per_user.parquet", compression="zstd")
    ratings = judge_ratings(context, learning, data)
    best = {name: test.overall[MAIN].mean for name, test in tests.items()}
    first, *others = best
    metrics = {
        "data": _data(learning),
        "split": _split(learning),
        "refit": again is not None,
        "models": models,
        "comparisons": [asdict(each) for each in compare_first(per_user, context.config.seed)],
        "best_baseline": max(others, key=best.__getitem__, default=None),
        "probability": _reliability(context, first, tests[first]),
        "reranked": reranked,
        "clicks": judge_clicks(context, learning),
        "ratings": ratings,
    }
    write_whole(context.folder / "metrics.json", json.dumps(metrics, indent=1))
    told = ", ".join(f"{name} {value:.4f}" for name, value in best.items())
    return StageResult(
        f"{MAIN}: {told}", {f"{MAIN} {name}": round(value, 6) for name, value in best.items()}
    )


def _of_validation(
    context: StageContext, data: TrainingData, model: Recommender
) -> Evaluation | None:
    """Judge the lists on the validation part, where there is one."""
    if data.valid is None or not data.valid.nnz:
        return None
    depth, seed = context.config.evaluate.depth, context.config.seed
    return evaluate_model(model, data, data.valid, depth=depth, seed=seed)


def _of_test(
    context: StageContext, learning: Learning, data: TrainingData, model: Recommender
) -> Evaluation:
    return evaluate_model(
        model,
        data,
        learning.targets("test", data),
        known=data.valid,
        depth=context.config.evaluate.depth,
        seed=context.config.seed,
        progress=context.progress,
    )


def _told(test: Evaluation, valid: Evaluation | None) -> dict[str, object]:
    return {
        "test": _means(test.overall),
        "intervals": {name: [score.low, score.high] for name, score in test.overall.items()},
        "valid": None if valid is None else _means(valid.overall),
        "groups": {group: _means(scores) for group, scores in test.groups.items()},
        "users": test.users,
    }


def _by_trait(test: Evaluation, learning: Learning) -> dict[str, dict[str, object]]:
    """Trait → value → users, the main metric's mean and interval."""
    told: dict[str, dict[str, object]] = {}
    seed = learning.config.seed
    for group in by_trait(test.per_user, learning.whole.traits, metric=MAIN, seed=seed):
        told.setdefault(group.trait, {})[group.value] = {
            "users": group.users,
            MAIN: {"mean": group.mean, "low": group.low, "high": group.high},
        }
    return told


def _reliability(context: StageContext, model: str, test: Evaluation) -> dict[str, object] | None:
    """Judge the probabilities of lists as long as published ones; None where there are none."""
    place = context.folder / CALIBRATION
    if not place.is_file():
        return None
    lists = frame(test.lists).filter(pl.col("rank") <= context.config.publish.top_k)
    probabilities = Calibration.load(place).of(lists["score"].to_numpy())
    return {"model": model, **asdict(reliability(probabilities, lists["hit"].to_numpy()))}


def _reranked(
    context: StageContext, learning: Learning, data: TrainingData, model: Recommender
) -> dict[str, object] | None:
    """Judge the lists of the model as they are published; None where in the model's own order."""
    publish = context.config.publish
    kept = KeptPlaces.of(publish.new_items, data)
    if publish.rerank.method == "none" and kept is None:
        return None
    reorder = None
    if publish.rerank.method != "none":
        reranker = Reranker(publish.rerank, data)
        reorder = partial(reranker.rerank, length=publish.top_k)
    test = evaluate_model(
        model,
        data,
        learning.targets("test", data),
        known=data.valid,
        depth=publish.depth,
        reorder=reorder,
        kept=kept,
        seed=context.config.seed,
    )
    return {
        "model": model.name,
        "settings": publish.rerank.model_dump() | {"new_items": publish.new_items.model_dump()},
        "test": _means(test.overall),
        "groups": {group: _means(scores) for group, scores in test.groups.items()},
    }


def _means(scores: Mapping[str, Score]) -> dict[str, float]:
    return {name: score.mean for name, score in scores.items()}


def _named(table: pa.Table, model: str) -> pa.Table:
    return table.add_column(0, "model", pa.array([model] * table.num_rows, pa.string()))


def _data(learning: Learning) -> dict[str, object]:
    return {**learning.whole.counts, "hash": learning.whole.hash}


def _split(learning: Learning) -> dict[str, object]:
    parts = pc.value_counts(learning.split["part"])
    counts = {f"{row['values']} pairs": int(row["counts"].as_py()) for row in parts}
    settings = learning.config.split.model_dump(mode="json")
    return {**settings, "seed": learning.config.seed, **counts}
