"""A part of evaluate: the ratings that models predict, beside those that users gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from embeddings.comparison import RMSE
from embeddings.evaluate import Score
from embeddings.models.contract import RatingPredictor, rating_predictor
from embeddings.rating_accuracy import accuracy, compare_ratings, predicted
from embeddings.train import load
from embeddings.training_data import TrainingData
from recommender.artefacts import EVALUATED
from recommender.stage import StageContext
from recommender.stages.view import Learning

PREDICTIONS: Final = "ratings.parquet"
_COLUMNS: Final = pa.schema(
    [
        ("model", pa.string()),
        ("user_id", pa.string()),
        ("item_id", pa.string()),
        ("rating", pa.float32()),
        ("predicted", pa.float32()),
    ]
)


def judge_ratings(
    context: StageContext, learning: Learning, data: TrainingData
) -> dict[str, object] | None:
    """Judge the models that predict ratings, and leave their predictions of the test part, if any.

    Returns:
        What `metrics.json` says of ratings; None where no test pair is rated, or no model predicts.
    """
    place = context.folder / PREDICTIONS
    wanted, seed = learning.ratings("test", data), context.config.seed
    models = {} if wanted is None else _predictors(context)
    if wanted is None or not models:
        pq.write_table(_COLUMNS.empty_table(), place)
        return None
    tests = {name: predicted(model, data, wanted) for name, model in models.items()}
    reached = {name: accuracy(test, seed) for name, test in tests.items()}
    valid = {
        name: None
        if data.valid_ratings is None
        else _means(accuracy(predicted(model, data, data.valid_ratings), seed))
        for name, model in models.items()
    }
    pq.write_table(
        pa.concat_tables(
            test.add_column(0, "model", pa.array([name] * test.num_rows))
            for name, test in tests.items()
        ).cast(_COLUMNS),
        place,
        compression="zstd",
    )
    first, *others = tests
    return {
        "pairs": len(wanted),
        "users": len(set(tests[first]["user_id"].to_pylist())),
        "models": {
            name: {
                "test": _means(scores),
                "intervals": {metric: [score.low, score.high] for metric, score in scores.items()},
                "valid": valid[name],
            }
            for name, scores in reached.items()
        },
        "comparisons": [
            asdict(each)
            for other in others
            for each in compare_ratings(tests[first], tests[other], names=(first, other), seed=seed)
        ],
        "best_baseline": min(others, key=lambda name: reached[name][RMSE].mean, default=None),
    }


def _predictors(context: StageContext) -> dict[str, RatingPredictor]:
    loaded = {
        name: rating_predictor(load(name, context.folder / EVALUATED / name))
        for name in context.config.model.models
    }
    return {name: model for name, model in loaded.items() if model is not None}


def _means(scores: Mapping[str, Score]) -> dict[str, float]:
    return {name: score.mean for name, score in scores.items()}
