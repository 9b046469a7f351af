"""Charts as coordinates; the templates draw them. Units are those of the SVG's view box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recommender.report import words

WIDTH = 500.0


@dataclass(frozen=True)
class Column:
    """One upright bar; `label` is empty where there is no room for it."""

    x: float
    y: float
    width: float
    height: float
    label: str
    tip: str


@dataclass(frozen=True)
class Columns:
    """A column chart with its largest value, in words for those who cannot see it."""

    width: float
    height: float
    bars: list[Column]
    summary: str


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    at: float
    label: str


@dataclass(frozen=True)
class Line:
    """A curve: an SVG path, its name, its number for colour, and where its best point is."""

    path: str
    name: str
    number: int
    best_x: float
    best_y: float
    best: str


@dataclass(frozen=True)
class Lines:
    """A line chart inside a frame from (left, top) to (right, bottom)."""

    title: str
    by: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    lines: list[Line]
    summary: str


def columns(values: Sequence[tuple[str, float]], height: float) -> Columns:
    """Return a column chart of labelled values."""
    most = max((value for _, value in values), default=0.0) or 1.0
    step = WIDTH / len(values)
    gap = min(6.0, step * 0.25)
    every = math.ceil(len(values) / 8)
    bars = []
    for place, (label, value) in enumerate(values):
        tall = max(1.0, (height - 26) * value / most) if value else 0.0
        bars.append(
            Column(
                x=round(place * step + gap / 2, 2),
                y=round(height - 20 - tall, 2),
                width=round(step - gap, 2),
                height=round(tall, 2),
                label=label if place % every == 0 else "",
                tip=f"{label}: {words.count(value)}",
            )
        )
    top = max(values, key=lambda pair: pair[1])
    low = min(values, key=lambda pair: pair[1])
    summary = (
        f"Most at {top[0]} ({words.count(top[1])}), least at {low[0]} ({words.count(low[1])})."
    )
    return Columns(WIDTH, height, bars, summary)


def lines(
    title: str,
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    *,
    by: str,
    high_is_good: bool,
) -> Lines:
    """Return a line chart of named series of (x, y); `by` says what x is."""
    height, left, right, top, bottom = 230.0, 46.0, WIDTH - 10, 12.0, 198.0
    xs = [x for _, points in series for x, _ in points]
    ys = [y for _, points in series for _, y in points]
    x_ticks = ticks(min(xs), max(xs), whole=all(x.is_integer() for x in xs))
    y_ticks = ticks(min(ys), max(ys))
    x0, x1 = min(xs), max(max(xs), min(xs) + 1e-9)
    y0, y1 = min(min(ys), y_ticks[0]), max(max(ys), y_ticks[-1])
    y1 = y1 if y1 > y0 else y0 + 1.0

    def across(x: float) -> float:
        return round(left + (right - left) * (x - x0) / (x1 - x0), 2)

    def up(y: float) -> float:
        return round(bottom - (bottom - top) * (y - y0) / (y1 - y0), 2)

    drawn = []
    for place, (name, points) in enumerate(series):
        pick = max if high_is_good else min
        best = pick(points, key=lambda point: point[1])
        path = "M" + "L".join(f"{across(x)},{up(y)}" for x, y in points)
        drawn.append(
            Line(path, name, place % 6 + 1, across(best[0]), up(best[1]), f"{best[1]:.4g}")
        )
    summary = "; ".join(f"{line.name}: best {line.best}" for line in drawn)
    return Lines(
        title=title,
        by=by,
        width=WIDTH,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        x_ticks=[Tick(across(x), f"{x:g}") for x in x_ticks if x0 <= x <= x1],
        y_ticks=[Tick(up(y), f"{y:.6g}") for y in y_ticks],
        lines=drawn,
        summary=summary,
    )


def ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Return four to six round numbers that cover low to high."""
    span = high - low or abs(high) or 1.0
    step = 10 ** math.floor(math.log10(span / 4))
    step = next(step * m for m in (1, 2, 2.5, 5, 10) if span / (step * m) <= 5)
    step = max(1.0, round(step)) if whole else step
    first = math.floor(low / step)
    last = max(first + 1, math.ceil(high / step))
    return [round(step * n, 10) for n in range(first, last + 1)]
