"""How good the rankings are for each kind of people, by what sources declared about them."""

from __future__ import annotations

from dataclasses import dataclass

from embeddings.comparison import MAIN
from recommender.report import words
from recommender.report.folder import Folder, mapping, number
from recommender.report.scores import Figure

_ROWS = 10


@dataclass(frozen=True)
class TraitTable:
    """One trait: a row per value with the number of people and a figure per model.

    `left_out` is how many values, of fewer people, have no row.
    """

    trait: str
    models: list[str]
    rows: list[tuple[str, str, list[Figure]]]
    left_out: int


def traits_of(folder: Folder) -> list[TraitTable]:
    """Return a table per trait, with the first model and the best baseline.

    `traits` of a model in `metrics.json`: trait → value → users, and the metric's mean, low, high.
    """
    document = folder.document("metrics.json")
    models = mapping(document.get("models"))
    shown = [name for name in (next(iter(models), ""), document.get("best_baseline")) if name]
    by_model = {name: mapping(mapping(models.get(name)).get("traits")) for name in shown}
    if not by_model:
        return []
    first, *_ = by_model.values()
    return [
        TraitTable(
            trait=str(trait),
            models=[str(name) for name in by_model],
            rows=[
                (
                    str(value),
                    words.count(number(mapping(told).get("users")) or 0),
                    [_figure(mapping(of.get(trait)).get(value)) for of in by_model.values()],
                )
                for value, told in list(mapping(values).items())[:_ROWS]
            ],
            left_out=max(0, len(mapping(values)) - _ROWS),
        )
        for trait, values in first.items()
    ]


def _figure(told: object) -> Figure:
    figure = {name: number(value) for name, value in mapping(mapping(told).get(MAIN)).items()}
    low, high = figure.get("low"), figure.get("high")
    interval = "" if low is None or high is None else f"{low:.4f}–{high:.4f}"
    return Figure(words.decimal(figure.get("mean"), 4), interval, False)
