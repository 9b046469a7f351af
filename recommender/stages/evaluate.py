"""evaluate: full ranking of the test part by every model, with one code."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from embeddings.evaluate import Evaluation, Score
from embeddings.evaluate import evaluate as evaluate_model
from embeddings.train import load
from embeddings.training_data import TrainingData
from recommender.run_folder import write_whole
from recommender.stage import StageContext, StageResult
from recommender.stages.train import EVALUATED, SECONDS
from recommender.stages.view import Learning

MAIN = "ndcg@10"


def evaluate(context: StageContext) -> StageResult:
    """Rank for every user with a held-out liked item, and measure the lists."""
    learning = Learning.of(context.folder, context.config)
    data = learning.training()
    seconds = json.loads((context.folder / SECONDS).read_text(encoding="utf-8"))
    models: dict[str, dict[str, object]] = {}
    lists, per_user, best = [], [], dict[str, float]()
    for name in context.config.model.models:
        test, valid = _judge(context, learning, data, name)
        models[name] = _told(test, valid) | {"seconds": seconds[name]}
        lists.append(_named(test.lists, name))
        per_user.append(_named(test.per_user, name))
        best[name] = test.overall[MAIN].mean
    pq.write_table(pa.concat_tables(lists), context.folder / "lists.parquet", compression="zstd")
    pq.write_table(pa.concat_tables(per_user), context.folder / "per_user.parquet")
    metrics = {"data": _data(learning), "split": _split(learning), "models": models}
    write_whole(context.folder / "metrics.json", json.dumps(metrics, indent=1))
    told = ", ".join(f"{name} {value:.4f}" for name, value in best.items())
    return StageResult(
        f"{MAIN}: {told}", {f"{MAIN} {name}": round(value, 6) for name, value in best.items()}
    )


def _judge(
    context: StageContext, learning: Learning, data: TrainingData, name: str
) -> tuple[Evaluation, Evaluation | None]:
    """Evaluate one model on the test part and, where there is one, the validation part."""
    model = load(name, context.folder / EVALUATED / name)
    seed, depth = context.config.seed, context.config.evaluate.depth
    valid = None
    if data.valid is not None and data.valid.nnz:
        valid = evaluate_model(model, data, data.valid, depth=depth, seed=seed)
    test = evaluate_model(
        model,
        data,
        learning.targets("test", data),
        known=data.valid,
        depth=depth,
        seed=seed,
        progress=context.progress,
    )
    return test, valid


def _told(test: Evaluation, valid: Evaluation | None) -> dict[str, object]:
    return {
        "test": _means(test.overall),
        "intervals": {name: [score.low, score.high] for name, score in test.overall.items()},
        "valid": None if valid is None else _means(valid.overall),
        "groups": {group: _means(scores) for group, scores in test.groups.items()},
        "users": test.users,
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
