"""How good the models are: training curves, the table, the plot with intervals, cold start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from embeddings.comparison import MAIN
from recommender.report import words
from recommender.report.charts import Lines, Tick, lines, ticks
from recommender.report.folder import Folder, mapping, number

_ACCURACY = ("ndcg@10", "recall@10", "recall@20", "mrr@10", "mrr", "hit_rate@10", "hit@10",
             "precision@10", "auc")  # fmt: skip
_BEYOND = ("coverage@10", "gini@10", "diversity@10", "novelty@10", "popularity@10",
           "popularity_lift@10")  # fmt: skip
_MISCALIBRATION = "miscalibration_"
_UNJUDGED = ("gini@", "novelty@", "popularity@", "popularity_lift@", _MISCALIBRATION)
"""Of these high is not better: low is, or neither."""
_GROUPS = {
    "cold_users_0": "people without a past",
    "cold_users_1_4": "people with 1–4 known items",
    "warm_users": "people with 5 or more",
    "cold_items": "items that nobody had yet",
    "cold_items_only": "the same, ranked among themselves",
    "warm_items": "items that somebody had",
}


@dataclass(frozen=True)
class Figure:
    """One figure of a model, and whether it is the best of all models."""

    text: str
    interval: str
    best: bool


@dataclass(frozen=True)
class ModelRow:
    """One model's line in a table."""

    name: str
    ours: bool
    figures: list[Figure]
    seconds: str


@dataclass(frozen=True)
class ModelTable:
    """Models by figures; `notes` says under each column what it means."""

    columns: list[str]
    rows: list[ModelRow]


@dataclass(frozen=True)
class Dot:
    """A model's place in the plot: mean and 95 % interval in percent of the width."""

    name: str
    ours: bool
    at: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class DotPlot:
    """The main metric of all models on one scale from zero."""

    ticks: list[Tick]
    dots: list[Dot]


@dataclass(frozen=True)
class Scores:
    """The section on models."""

    curves: list[Lines]
    accuracy: ModelTable | None
    all_figures: ModelTable | None
    beyond: ModelTable | None
    cold: list[tuple[str, str, ModelTable]]
    plot: DotPlot | None
    split: list[tuple[str, str]]
    ours: tuple[str, float] | None
    best_baseline: tuple[str, float] | None


@dataclass(frozen=True)
class _Value:
    mean: float
    low: float | None = None
    high: float | None = None


def scores_of(folder: Folder) -> Scores:
    """Return the section on models.

    `metrics.json` holds `models`: name → `test` (metric → number, or {mean, low, high}),
    `intervals` (metric → [low, high]), `groups` (group → metric → number), `users` and `seconds`.
    The first of them is ours; `best_baseline` names the best of the others. `reranked` has
    `model` and `test` of its lists in another order.
    """
    document = folder.document("metrics.json")
    models = {str(name): mapping(model) for name, model in mapping(document.get("models")).items()}
    tests = {name: _values(model.get("test"), model) for name, model in models.items()}
    tests = {name: test for name, test in tests.items() if test}
    order = sorted(tests, key=lambda name: -_mean(tests[name], MAIN))
    tests = {name: tests[name] for name in order}
    published = _published(mapping(document.get("reranked")))
    reranked = {name: _values(told.get("test"), {}) for name, told in published.items()}
    seconds = {name: number(model.get("seconds")) for name, model in models.items()}
    ours = next(iter(models), "")
    best = str(document.get("best_baseline") or "")
    known = list(dict.fromkeys(name for test in tests.values() for name in test))
    kinds = [name for name in known if name.startswith(_MISCALIBRATION) and name.endswith("@10")]
    return Scores(
        curves=_curves(folder),
        accuracy=_table(tests, _ACCURACY, seconds, ours, reranked),
        all_figures=_table(tests, known, seconds, ours, reranked),
        beyond=_table(tests, [*_BEYOND, *kinds], {}, ours, reranked),
        cold=_cold(models | published, ours),
        plot=_plot(tests, ours),
        split=_facts(mapping(document.get("split"))),
        ours=_main_of(tests, ours),
        best_baseline=_main_of(tests, best),
    )


def _published(told: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The first model's lists in the order that is published, where it is another one."""
    return {f"{told.get('model')}, as published": told} if told else {}


def _values(figures: object, model: Mapping[str, Any]) -> dict[str, _Value]:
    intervals = mapping(model.get("intervals"))
    values = {}
    for name, given in mapping(figures).items():
        inside = mapping(given)
        mean = number(inside.get("mean")) if inside else number(given)
        low, high = number(inside.get("low")), number(inside.get("high"))
        interval = intervals.get(name)
        if low is None and isinstance(interval, list) and len(interval) == 2:
            low, high = number(interval[0]), number(interval[1])
        if mean is not None:
            values[str(name)] = _Value(mean, low, high)
    return values


def _main_of(tests: Mapping[str, Mapping[str, _Value]], name: str) -> tuple[str, float] | None:
    return (name, tests[name][MAIN].mean) if MAIN in tests.get(name, {}) else None


def _mean(values: Mapping[str, _Value], name: str) -> float:
    return values[name].mean if name in values else float("-inf")


def _table(
    tests: Mapping[str, Mapping[str, _Value]],
    wanted: tuple[str, ...] | list[str],
    seconds: Mapping[str, float | None],
    ours: str,
    reranked: Mapping[str, Mapping[str, _Value]] | None = None,
) -> ModelTable | None:
    """The models, and below them the lists in another order, which are nobody's best figure."""
    columns = [name for name in wanted if any(name in test for test in tests.values())]
    if not columns:
        return None
    best = {name: _best([_mean(test, name) for test in tests.values()]) for name in columns}
    rows = []
    for name, test in (*tests.items(), *(reranked or {}).items()):
        taken = seconds.get(name)
        figures = [
            _figure(test.get(c), best[c], judged=name in tests and not c.startswith(_UNJUDGED))
            for c in columns
        ]
        time = words.duration(taken) if taken is not None else ""
        rows.append(ModelRow(name, name == ours, figures, time))
    return ModelTable([words.metric(name) for name in columns], rows)


def _best(means: list[float]) -> float | None:
    """Return the highest, or None where all are equal."""
    return max(means) if min(means) < max(means) or len(means) == 1 else None


def _figure(value: _Value | None, best: float | None, *, judged: bool) -> Figure:
    if value is None:
        return Figure("–", "", False)
    digits = 1 if value.mean >= 10 else 4
    interval = ""
    if value.low is not None and value.high is not None and value.low < value.high:
        interval = f"{value.low:.{digits}f}–{value.high:.{digits}f}"
    return Figure(f"{value.mean:.{digits}f}", interval, judged and value.mean == best)


def _cold(models: Mapping[str, Mapping[str, Any]], ours: str) -> list[tuple[str, str, ModelTable]]:
    tables = []
    for group, title in _GROUPS.items():
        tests = {
            name: _values(mapping(model.get("groups")).get(group), {})
            for name, model in models.items()
        }
        tests = {name: test for name, test in tests.items() if test}
        order = sorted(tests, key=lambda name: -_mean(tests[name], MAIN))
        table = _table({n: tests[n] for n in order}, (MAIN, "recall@20", "hit_rate@10"), {}, ours)
        counts = (number(mapping(m.get("users")).get(group)) for m in models.values())
        users = next((n for n in counts if n is not None), None)
        if table:
            tables.append((title, "" if users is None else words.count(users), table))
    return tables


def _plot(tests: Mapping[str, Mapping[str, _Value]], ours: str) -> DotPlot | None:
    shown = [(name, test[MAIN]) for name, test in tests.items() if MAIN in test]
    if not shown:
        return None
    highest = max(v.high if v.high is not None else v.mean for _, v in shown)
    rounds = ticks(0.0, highest)

    def along(value: float) -> float:
        return round(100 * value / rounds[-1], 2)

    dots = [
        Dot(
            name=name,
            ours=name == ours,
            at=along(value.mean),
            low=None if value.low is None or value.high is None else along(value.low),
            high=None if value.low is None or value.high is None else along(value.high),
            text=f"{value.mean:.4f}",
        )
        for name, value in shown
    ]
    return DotPlot([Tick(along(tick), f"{tick:g}") for tick in rounds], dots)


def _facts(split: Mapping[str, Any]) -> list[tuple[str, str]]:
    plain = {str(k): v for k, v in split.items() if isinstance(v, str | int | float)}
    return [
        (key.replace("_", " "), words.count(v) if isinstance(v, int) and v > 999 else str(v))
        for key, v in plain.items()
    ]


def _curves(folder: Folder) -> list[Lines]:
    table = folder.table("curves.parquet")
    if table is None or table.is_empty() or "step" not in table.columns:
        return []
    charts = []
    for column, title, high in (
        ("loss", "Training loss", False),
        ("valid_ndcg", "Validation NDCG@10", True),
        ("valid_rmse", "Validation RMSE of ratings", False),
    ):
        if column in table.columns and table[column].drop_nulls().len() > 1:
            charts.append(
                lines(title, _series(table, column), by="training step", high_is_good=high)
            )
    return charts


def _series(table: pl.DataFrame, column: str) -> list[tuple[str, list[tuple[float, float]]]]:
    by = [name for name in ("model", "seed") if name in table.columns]
    known = table.filter(pl.col(column).is_not_null()).sort("step")
    groups = known.partition_by(by, as_dict=True, maintain_order=True) if by else {(): known}
    series = []
    for key, rows in sorted(groups.items(), key=lambda pair: str(pair[0])):
        label = " ".join(
            f"{n} {v}" if n == "seed" else str(v) for n, v in zip(by, key, strict=True)
        )
        points = [(float(x), float(y)) for x, y in rows.select("step", column).iter_rows()]
        series.append((label or column, points))
    return series
