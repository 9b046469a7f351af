"""The sampled-negative protocol: figures of each model, over draws and draw by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommender.report.folder import Folder, mapping, number
from recommender.report.scores import Figure, ModelRow, ModelTable
from recommender.verdicts import CLICK_FIGURES, clicks_title


@dataclass(frozen=True)
class Clicks:
    """The card; `per_seed` is the AUC of each model by draw."""

    title: str
    table: ModelTable
    per_seed: ModelTable


def clicks_of(folder: Folder) -> Clicks | None:
    """Return the card, from `clicks` of `metrics.json`; None where it was not asked for."""
    told = mapping(folder.document("metrics.json").get("clicks"))
    models = {str(name): mapping(model) for name, model in mapping(told.get("models")).items()}
    if not models:
        return None
    ours = next(iter(models))
    order = sorted(models, key=lambda name: -_mean(models[name], "auc"))
    best = {key: max(_mean(model, key) for model in models.values()) for key in CLICK_FIGURES}
    seeds = list(told["seeds"])
    return Clicks(
        title=clicks_title(told),
        table=ModelTable(
            list(CLICK_FIGURES.values()),
            [
                ModelRow(
                    name,
                    name == ours,
                    [_figure(models[name], key, best[key]) for key in CLICK_FIGURES],
                    "",
                )
                for name in order
            ],
        ),
        per_seed=ModelTable(
            [f"AUC, seed {seed}" for seed in seeds],
            [ModelRow(name, name == ours, _by_seed(models[name]), "") for name in order],
        ),
    )


def _figure(model: Mapping[str, Any], key: str, best: float) -> Figure:
    mean, sd = _mean(model, key), number(_of(model, key).get("sd")) or 0.0
    return Figure(f"{mean:.4f}", f"± {sd:.4f}" if sd else "", mean == best)


def _by_seed(model: Mapping[str, Any]) -> list[Figure]:
    return [
        Figure(f"{number(mapping(mapping(seed).get('test')).get('auc')) or 0.0:.4f}", "", False)
        for seed in model.get("per_seed", [])
    ]


def _mean(model: Mapping[str, Any], key: str) -> float:
    return number(_of(model, key).get("mean")) or 0.0


def _of(model: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return mapping(mapping(model.get("test")).get(key))
