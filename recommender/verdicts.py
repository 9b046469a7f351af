"""Figures in words; "ahead" and "behind" only where the interval excludes zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from embeddings.comparison import ENOUGH_USERS, MAIN, Comparison

CLICK_FIGURES: Final = {"auc": "AUC", "accuracy": "ACC", "f1": "F1"}
_COMPARISONS: Final = TypeAdapter(list[Comparison])


def comparisons_of(metrics: Mapping[str, Any]) -> list[Comparison]:
    """Return what `metrics.json` says of the first model against the others."""
    return _COMPARISONS.validate_python(metrics.get("comparisons", []))


def clicks_title(clicks: Mapping[str, Any]) -> str:
    """Return what the figures of the sampled-negative protocol are of, in a line."""
    each, seeds = clicks["negatives_per_positive"], len(clicks["seeds"])
    draws = "one draw" if seeds == 1 else f"mean ± sd of {seeds} draws"
    return f"Test likes against {each} × as many items drawn evenly, {draws}"


def verdict(comparison: Comparison) -> str:
    """Return a comparison in two or three words: "5.3 % ahead", "level (+0.8 %)"."""
    if comparison.ratio is None:
        return comparison.verdict
    if comparison.verdict == "ahead" and comparison.ratio >= 2.0:
        return f"ahead, {comparison.ratio:.1f} ×"
    change = comparison.ratio - 1.0
    if comparison.verdict == "level":
        return f"level ({_percent(change, sign='+')})"
    return f"{_percent(abs(change))} {comparison.verdict}"


def headline(comparisons: list[Comparison], best_baseline: str | None) -> str:
    """Return how the first model does against the best baseline, one sentence; "" if unknown."""
    for each in comparisons:
        if each.against == best_baseline and each.metric == MAIN:
            how = {"ahead": "ahead of", "behind": "behind", "level": "level with"}[each.verdict]
            size = ""
            if each.verdict != "level" and each.ratio is not None and each.ratio < 2.0:
                size = f"{_percent(abs(each.ratio - 1.0))} "
            return (
                f"{each.model} is {size}{how} {each.against}, the best baseline of this run,"
                f" in NDCG@10 ({difference(each)})."
            )
    return ""


def difference(comparison: Comparison) -> str:
    """Return the difference with its interval."""
    too_few = ", too few to tell" if comparison.users < ENOUGH_USERS else ""
    return (
        f"{signed(comparison.difference)}, 95 % interval {signed(comparison.low)}"
        f" to {signed(comparison.high)}, {comparison.users:,} users{too_few}"
    )


def signed(value: float) -> str:
    """Return a difference with its sign, four digits."""
    return f"{value:+.4f}".replace("-", "−")


def _percent(share: float, sign: str = "") -> str:
    digits = 0 if abs(share) >= 0.0995 else 1
    return f"{100 * share:{sign}.{digits}f} %".replace("-", "−")
