"""The first model against each other one: difference on the same people, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

from embeddings.comparison import Comparison
from recommender.report import words
from recommender.report.charts import Tick, ticks
from recommender.report.folder import Folder
from recommender.verdicts import comparisons_of, headline, signed, verdict

_SCALE = 4.0
"""How many times the best baseline's difference the scale shows."""
_ROOM = 24.0
"""Percent of the width that two labels need between them."""


@dataclass(frozen=True)
class Gap:
    """One line: places in percent of the width, and in words.

    `beyond` is "left" or "right" where the whole interval lies outside the scale; `verdict` is
    "ahead", "behind" or "level", for the colour.
    """

    against: str
    best_baseline: bool
    at: float
    low: float
    high: float
    beyond: str
    verdict: str
    text: str
    interval: str


@dataclass(frozen=True)
class Gaps:
    """The differences by one metric on one scale; `zero` is where no difference is."""

    metric: str
    ticks: list[Tick]
    zero: float
    rows: list[Gap]


@dataclass(frozen=True)
class Comparisons:
    """The section on comparisons; `charts` is empty where nothing was compared."""

    model: str
    users: str
    headline: str
    best_baseline: str
    charts: list[Gaps]


def compared(folder: Folder) -> Comparisons:
    """Return the section, from `comparisons` and `best_baseline` of `metrics.json`."""
    document = folder.document("metrics.json")
    found = comparisons_of(document)
    best = str(document.get("best_baseline") or "")
    metrics = dict.fromkeys(each.metric for each in found)
    return Comparisons(
        model=found[0].model if found else "",
        users=words.count(found[0].users) if found else "",
        headline=headline(found, best),
        best_baseline=best,
        charts=[gaps([each for each in found if each.metric == name], best) for name in metrics],
    )


def gaps(comparisons: list[Comparison], best: str) -> Gaps:
    """Return the chart of comparisons by one metric; `best` is the name that is marked."""
    order = sorted(comparisons, key=lambda each: each.difference)
    near = _near(order, best)
    rounds = ticks(min(*(c.low for c in near), 0.0), max(*(c.high for c in near), 0.0))

    def along(value: float) -> float:
        place = 100 * (value - rounds[0]) / (rounds[-1] - rounds[0])
        return round(min(max(place, 0.0), 100.0), 2)

    rows = [
        Gap(
            against=each.against,
            best_baseline=each.against == best,
            at=along(each.difference),
            low=along(each.low),
            high=along(each.high),
            beyond="left" if each.high < rounds[0] else "right" if each.low > rounds[-1] else "",
            verdict=each.verdict,
            text=verdict(each),
            interval=f"{signed(each.low)} to {signed(each.high)}",
        )
        for each in order
    ]
    zero = along(0.0)
    marks = [Tick(along(tick), _label(tick, along(tick), zero)) for tick in rounds]
    return Gaps(words.metric(comparisons[0].metric), marks, zero, rows)


def _near(comparisons: list[Comparison], best: str) -> list[Comparison]:
    """Those that share a scale with the best baseline, which a weak model would make tiny."""
    key = next((each for each in comparisons if each.against == best), comparisons[0])
    reach = _SCALE * max(abs(key.low), abs(key.high))
    return [key, *(c for c in comparisons if max(abs(c.low), abs(c.high)) <= reach)]


def _label(tick: float, at: float, zero: float) -> str:
    """Zero and the ends have labels, for which there is room on a small screen, too."""
    if tick == 0:
        return "0"
    if at in (0.0, 100.0) and abs(at - zero) >= _ROOM:
        return f"{tick:+g}".replace("-", "−")
    return ""
