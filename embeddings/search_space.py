"""Where `tune` looks for good settings: bounds wide enough for dense and sparse, small and large.

A model that is absent has nothing to tune.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Value = int | float | bool


@dataclass(frozen=True)
class Span:
    """All numbers from `low` to `high`, evenly or by their logarithm."""

    low: float
    high: float
    log: bool = False


Space = Mapping[str, Span | tuple[Value, ...]]

_TIME_SCALE: Final = Span(3e-4, 3000, log=True)  # half a minute to eight years
_NEIGHBOURS: Final = (10, 20, 50, 100, 200, 400, 800)

SPACES: Final[Mapping[str, Space]] = {
    "hetero-gat": {
        "temperature": Span(0.15, 0.8, log=True),
        "dropout": Span(0.1, 0.7),
        "layers": (1, 2, 3),
        "residual": Span(0.03, 3.0, log=True),
        "popularity": Span(0.0, 1.0),
        "similar_items": (0, 10, 20, 50),
        "l2": Span(20, 3000, log=True),
        "time_share": Span(0.0, 1.0),
        "time_scale_days": _TIME_SCALE,
        "mask_share": Span(0.3, 0.7),
        "user_exponent": Span(0.0, 1.0),
        "user_ids": (True, False),
        "learning_rate": Span(0.005, 0.05, log=True),
    },
    "item-knn": {"neighbours": _NEIGHBOURS, "shrink": Span(0.1, 1000, log=True)},
    "ease": {"l2": Span(1, 10_000, log=True)},
    "time-ease": {
        "l2": Span(1, 10_000, log=True),
        "time_share": Span(0.0, 1.0),
        "time_scale_days": _TIME_SCALE,
    },
    "rp3beta": {
        "alpha": Span(0.2, 2.0),
        "beta": Span(0.0, 1.2),
        "neighbours": _NEIGHBOURS,
    },
}
