"""A part of evaluate: the sampled-negative protocol, for tables that others published with it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from embeddings.click_protocol import (
    ClickFigures,
    ClickResult,
    draw_clicks,
    judge,
    likes,
    without_reviews,
)
from embeddings.models.settings import ModelName
from embeddings.train import fit, make_model
from recommender.stage import StageContext
from recommender.stages.view import Learning

logger = logging.getLogger(__name__)


def judge_clicks(context: StageContext, learning: Learning) -> dict[str, object] | None:
    """Train and judge every configured model once per seed; None where it is not asked for.

    Raises:
        LeakError: something held out came through.
        ModelError: a part has not both likes and others.
    """
    settings, config = context.config.evaluate.clicks, context.config
    if settings is None:
        return None
    whole = without_reviews(learning.whole)
    seeds = range(config.seed, config.seed + settings.seeds)
    draws = {seed: draw_clicks(whole, settings, seed) for seed in seeds}
    results: dict[ModelName, list[tuple[ClickResult, float]]]
    results = {name: [] for name in config.model.models}
    for seed, clicks in draws.items():
        seeded = config.model_copy(update={"seed": seed})
        data = replace(learning, config=seeded, whole=whole, split=likes(clicks)).training()
        for name, judged in results.items():
            fitted = fit(make_model(name, config.model), data, progress=context.progress)
            result = judge(fitted.model, data, clicks)
            logger.info("clicks, seed %d: %s reaches %s", seed, name, result)
            judged.append((result, fitted.seconds))
    return {
        **settings.model_dump(mode="json"),
        "seeds": list(seeds),
        "models": {name: _told(judged) for name, judged in results.items()},
    }


def _told(judged: Sequence[tuple[ClickResult, float]]) -> dict[str, object]:
    """Mean and standard deviation over seeds, and the figures of each."""
    results = [result for result, _ in judged]
    return {
        "test": _spread([result.test for result in results]),
        "valid": _spread([result.valid for result in results]),
        "per_seed": [
            {**asdict(result), "seconds": round(seconds, 3)} for result, seconds in judged
        ],
    }


def _spread(figures: Sequence[ClickFigures]) -> dict[str, dict[str, float]]:
    values = {name: [getattr(each, name) for each in figures] for name in asdict(figures[0])}
    return {
        name: {
            "mean": float(np.mean(numbers)),
            "sd": float(np.std(numbers, ddof=1)) if len(numbers) > 1 else 0.0,
        }
        for name, numbers in values.items()
    }
