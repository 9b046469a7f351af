"""Where `tune` looks for good settings: bounds wide enough for dense and sparse, small and large.

A model that is absent has nothing to tune.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Value = int | float | bool | str


@dataclass(frozen=True)
class Span:
    """All numbers from `low` to `high`, evenly or by their logarithm."""

    low: float
    high: float
    log: bool = False


Space = Mapping[str, Span | tuple[Value, ...]]

_TIME_SCALE: Final = Span(3e-4, 3000, log=True)  # half a minute to eight years
_NEIGHBOURS: Final = (1, 5, 10, 20, 50, 100, 200, 400, 800)
_WIDTHS: Final = (8, 16, 32, 64, 128, 256)
_SHRINK: Final = Span(0.1, 100, log=True)
_RATE: Final = Span(3e-4, 0.03, log=True)

SPACES: Final[Mapping[str, Space]] = {
    "hetero-gat": {
        "temperature": Span(0.15, 0.8, log=True),
        "dropout": Span(0.1, 0.7),
        "encoder": ("attention", "gatv2", "lightgcn"),  # sage and hgt: dearer, and behind so far
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
    "user-knn": {"neighbours": _NEIGHBOURS, "shrink": Span(0.1, 1000, log=True)},
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
    "pure-svd": {"factors": _WIDTHS},
    "als": {
        "factors": _WIDTHS,
        "l2": Span(0.1, 1000, log=True),
        "alpha": Span(0.5, 100, log=True),
    },
    "bpr-mf": {"width": _WIDTHS, "learning_rate": _RATE, "l2": Span(1e-4, 1.0, log=True)},
    "lightgcn": {
        "width": _WIDTHS,
        "layers": (1, 2, 3, 4),
        "learning_rate": _RATE,
        "l2": Span(1e-5, 1.0, log=True),
    },
    "neumf": {
        "width": (8, 16, 32, 64),
        "learning_rate": _RATE,
        "l2": Span(1e-4, 1.0, log=True),
    },
    "sasrec": {"width": (32, 64, 128), "dropout": Span(0.1, 0.6), "learning_rate": _RATE},
    "recent-popularity": {"days": Span(1, 3000, log=True)},
    "time-popularity": {
        "width_days": Span(0.1, 3000, log=True),
        "kernel": ("exponential", "gaussian"),
    },
    "content-knn": {"neighbours": _NEIGHBOURS, "review_share": Span(0.0, 1.0)},
    "attribute-knn": {"neighbours": _NEIGHBOURS, "idf": (True, False)},
    "rating-mean": {"user_shrink": _SHRINK, "item_shrink": _SHRINK},
    "biased-mf": {"width": _WIDTHS, "learning_rate": _RATE, "l2": Span(0.01, 0.5, log=True)},
}
RATING_SPACE: Final[Space] = {
    "mask_share": Span(0.1, 0.6),
    "rating_width": _WIDTHS,
    "rating_dropout": Span(0.0, 0.6),
    "rating_l2": Span(0.003, 0.1, log=True),
    "rating_learning_rate": Span(5e-4, 0.02, log=True),
}
"""Of `hetero-gat` with the objective `rating`."""
