"""Whether the published probabilities are what they say: a reliability diagram."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from recommender.report import words
from recommender.report.charts import Tick, ticks
from recommender.report.folder import Folder, mapping, number

SIZE, LEFT, BOTTOM, TOP = 340.0, 52.0, 300.0, 10.0


@dataclass(frozen=True)
class Point:
    """A bin: where it is, how far its interval reaches, and what it says."""

    x: float
    y: float
    low_y: float
    high_y: float
    tip: str


@dataclass(frozen=True)
class Probability:
    """The section on probabilities; `error` is empty where there are too few hits to tell."""

    size: float
    left: float
    bottom: float
    top: float
    right: float
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    diagonal: str
    points: list[Point]
    error: str
    chance: str
    hits: str
    places: str
    summary: str


def probability_of(folder: Folder) -> Probability | None:
    """Return the section, from `probability` of `metrics.json`; None where nothing was judged.

    Both axes are square roots, so that the many small probabilities do not lie on one another.
    """
    told = mapping(folder.document("metrics.json").get("probability"))
    bins = [mapping(each) for each in told.get("bins", [])]
    if not bins:
        return None
    highest = max(_of(each, name) for each in bins for name in ("probability", "high"))
    rounds = [tick for tick in ticks(0.0, highest) if tick >= 0]
    right = SIZE - 18.0

    def across(share: float) -> float:
        return round(LEFT + (right - LEFT) * math.sqrt(share / rounds[-1]), 2)

    def up(share: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * math.sqrt(share / rounds[-1]), 2)

    points = [
        Point(
            x=across(_of(each, "probability")),
            y=up(_of(each, "share")),
            low_y=up(_of(each, "low")),
            high_y=up(_of(each, "high")),
            tip=f"said {words.percent(_of(each, 'probability'), 2)}, came true"
            f" {words.percent(_of(each, 'share'), 2)}, {words.count(_of(each, 'places'))} places",
        )
        for each in bins
    ]
    error, chance = number(told.get("calibration_error")), number(told.get("chance_error"))
    digits = 0 if rounds[1] >= 0.01 else 1
    return Probability(
        size=SIZE,
        left=LEFT,
        bottom=BOTTOM,
        top=TOP,
        right=right,
        x_ticks=[Tick(across(tick), words.percent(tick, digits)) for tick in rounds],
        y_ticks=[Tick(up(tick), words.percent(tick, digits)) for tick in rounds],
        diagonal=f"M{across(0)},{up(0)}L{across(rounds[-1])},{up(rounds[-1])}",
        points=points,
        error="" if error is None else f"{error:.4f}",
        chance="" if chance is None else f"{chance:.4f}",
        hits=words.count(_of(told, "hits")),
        places=words.count(_of(told, "places")),
        summary="; ".join(point.tip for point in points),
    )


def _of(values: Any, name: str) -> float:
    return number(values.get(name)) or 0.0
