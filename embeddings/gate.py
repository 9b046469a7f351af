"""Whether a run's results may reach readers: named expectations of its lists and of its quality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from embeddings.expectation import Expectation
from embeddings.publication import ListFigures
from embeddings.settings import GateSettings

_PROTOCOL: Final = ("method", "valid", "test", "cold_items", "k_core", "min_pairs")


@dataclass(frozen=True)
class Judged:
    """How a run's model did on its own test part.

    Attributes:
        test: metric → mean over users.
        intervals: metric → ends of its 95 % interval.
        split: the settings that pairs were held out by, empty where nobody wrote them down.
        first: mean probability of the first places of its lists; None where it has none.
    """

    run_id: str
    test: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    split: Mapping[str, object]
    first: float | None

    @classmethod
    def of(
        cls, run_id: str, model: str, models: Mapping[str, Any], split: Any, first: float | None
    ) -> Judged:
        """Take a model's figures from `metrics.json`, or from what the :ModelRun keeps of it."""
        told = models.get(model) or {}
        return cls(run_id, told.get("test") or {}, told.get("intervals") or {}, split or {}, first)


def expectations(
    figures: ListFigures, new: Judged, live: Judged | None, settings: GateSettings
) -> list[Expectation]:
    """Look at the lists and at the quality of what is to be published.

    Args:
        live: what it would replace; None for nothing.
    """
    return [
        _share("users with a list", figures.users_with_list, figures.users, settings.users),
        _share("items on a list", figures.items_listed, figures.items, settings.items),
        _scores(figures),
        _alike(figures, settings.alike),
        _probability(new, live, settings.probability),
        _quality(new, live, settings),
    ]


def _share(name: str, found: int, of: int, least: float) -> Expectation:
    share = found / of if of else 0.0
    return Expectation(
        name=name,
        wanted=f"at least {least:.3g} of them",
        found=f"{share:.3g} ({found:,} of {of:,})",
        met=share >= least,
    )


def _scores(figures: ListFigures) -> Expectation:
    least, greatest = figures.least, figures.greatest
    if figures.infinite or least is None or greatest is None:
        found = f"{figures.infinite:,} of {figures.places:,} scores are no finite numbers"
    else:
        found = f"{least:.4g} … {greatest:.4g}"
    return Expectation(
        name="scores",
        wanted="finite, and not all the same",
        found=found,
        met=not figures.infinite and least is not None and (least != greatest or _one(figures)),
    )


def _one(figures: ListFigures) -> bool:
    return figures.places == 1


def _alike(figures: ListFigures, most: float) -> Expectation:
    share = figures.alike / figures.users_with_list if figures.users_with_list else 0.0
    return Expectation(
        name="lists whose scores are all the same",
        wanted=f"at most {most:.3g} of them",
        found=f"{share:.3g} ({figures.alike:,} of {figures.users_with_list:,})",
        met=share <= most,
    )


def _probability(new: Judged, live: Judged | None, times: float | None) -> Expectation:
    name = "probability of first places, against the published run"
    if live is None:
        return Expectation(name, "a comparison", "nothing else is published", None)
    if times is None:
        return Expectation(name, "no comparison", "publish.gate.probability is null", None)
    if new.first is None or not live.first:
        without = live if new.first is not None else new
        return Expectation(name, "a comparison", f"run {without.run_id} has none", None)
    if reason := _other_protocol(new, live):
        return Expectation(name, "a comparison", reason, None)
    return Expectation(
        name=name,
        wanted=f"within {times:g} times the {live.first:.4f} of run {live.run_id}, up or down",
        found=f"{new.first:.4f}",
        met=live.first / times <= new.first <= live.first * times,
    )


def _quality(new: Judged, live: Judged | None, settings: GateSettings) -> Expectation:
    """Refuse what is worse by more than the margin, and surely worse.

    Surely: the published run's figure lies above the 95 % interval of the new one.
    """
    metric, margin = settings.metric, settings.margin
    name = f"{metric}, against the published run"
    if live is None:
        return Expectation(name, "a comparison", "nothing else is published", None)
    if margin is None:
        return Expectation(name, "no comparison", "publish.gate.margin is null", None)
    if reason := _incomparable(new, live, metric):
        return Expectation(name, "a comparison", reason, None)
    value, bar = new.test[metric], live.test[metric]
    low, high = new.intervals.get(metric, (value, value))
    return Expectation(
        name=name,
        wanted=f"not more than {margin:.0%} below the {bar:.4f} of run {live.run_id}",
        found=f"{value:.4f} (95 %: {low:.4f} … {high:.4f})",
        met=value >= bar * (1.0 - margin) or high >= bar,
    )


def _incomparable(new: Judged, live: Judged, metric: str) -> str:
    """Say why two runs cannot be compared, or nothing."""
    for each in (new, live):
        if metric not in each.test:
            return f"run {each.run_id} was not judged by it"
    return _other_protocol(new, live)


def _other_protocol(new: Judged, live: Judged) -> str:
    """Say in what they held pairs out otherwise, or nothing."""
    if not live.split:
        return f"nobody wrote down how run {live.run_id} was judged"
    for name in _PROTOCOL:
        if new.split.get(name) != live.split.get(name):
            return (
                f"not comparable: run {live.run_id} held pairs out with split.{name}"
                f" {live.split.get(name)}, this one with {new.split.get(name)}"
            )
    return ""
