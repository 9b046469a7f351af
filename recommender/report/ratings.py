"""How far predicted ratings are from those that people gave; absent where there are none."""

from __future__ import annotations

from dataclasses import dataclass

from embeddings.comparison import RMSE, Comparison
from recommender.report import words
from recommender.report.folder import Folder, mapping, number
from recommender.report.scores import Figure, ModelRow, ModelTable
from recommender.verdicts import comparisons_of, difference, verdict


@dataclass(frozen=True)
class RatingScores:
    """Models by error, the best first, and how the first configured one does against each."""

    table: ModelTable
    verdicts: list[tuple[str, str]]
    pairs: str
    users: str


def ratings_of(folder: Folder) -> RatingScores | None:
    """Return the part on ratings, from `ratings` of `metrics.json`; None without."""
    told = mapping(folder.document("metrics.json").get("ratings"))
    models = {str(name): mapping(model) for name, model in mapping(told.get("models")).items()}
    tests = {
        name: {str(metric): number(value) for metric, value in mapping(model.get("test")).items()}
        for name, model in models.items()
    }
    known = {name: test for name, test in tests.items() if test.get(RMSE) is not None}
    if not known:
        return None
    ours = next(iter(models))
    columns = list(next(iter(known.values())))
    least = {
        c: min(v for test in known.values() if (v := test.get(c)) is not None) for c in columns
    }
    rows = []
    for name in sorted(known, key=lambda name: known[name][RMSE] or 0.0):
        intervals = mapping(models[name].get("intervals"))
        figures = [_figure(known[name].get(c), intervals.get(c), least[c]) for c in columns]
        rows.append(ModelRow(name, name == ours, figures, ""))
    compared = [each for each in comparisons_of(told) if each.metric == RMSE]
    return RatingScores(
        table=ModelTable([words.metric(name) for name in columns], rows),
        verdicts=[(each.against, _said(each)) for each in compared],
        pairs=words.count(number(told.get("pairs")) or 0),
        users=words.count(number(told.get("users")) or 0),
    )


def _figure(value: float | None, interval: object, least: float) -> Figure:
    if value is None:
        return Figure("–", "", False)
    reach = ""
    if isinstance(interval, list) and len(interval) == 2:
        reach = f"{interval[0]:.4f}–{interval[1]:.4f}"
    return Figure(f"{value:.4f}", reach, value == least)


def _said(each: Comparison) -> str:
    return f"{verdict(each)} ({difference(each)})"
