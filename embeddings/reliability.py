"""Whether a probability is what it says: of places that were given 3 %, do 3 % hit?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 10
ENOUGH_HITS: Final = 100
"""With fewer hits the bins hold too few each to tell an error from chance."""
_NORMAL_95: Final = 1.96


@dataclass(frozen=True)
class Bin:
    """Places of lists with near probabilities.

    Attributes:
        places: how many.
        probability: the mean of what they were given.
        share: of them that were hits.
        low, high: 95 % interval of that share (Wilson 1927).
    """

    places: int
    probability: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Reliability:
    """Probabilities against what came true.

    Attributes:
        places: how many places of lists were judged.
        hits: how many of them were hits.
        calibration_error: expected calibration error (ECE); None below `ENOUGH_HITS` hits.
        chance_error: the error that probabilities without fault would show on as many places.
        bins: of equal numbers of places as far as ties allow, least probable first.
    """

    places: int
    hits: int
    calibration_error: float | None
    chance_error: float | None
    bins: list[Bin]


def reliability(probabilities: NDArray[np.float64], hits: NDArray[np.bool_]) -> Reliability:
    """Judge probabilities (n,) by what was a hit (n,).

    ECE = sum over bins b of n_b / n |share_b - probability_b|, with bins of equal mass (Naeini et
    al. 2015; Nixon et al. 2019). If every place hit by its probability p_b alone, |share_b - p_b|
    would be sqrt(2 p_b (1 - p_b) / (pi n_b)) on average: the mean of these is `chance_error`.
    """
    found = int(hits.sum())
    if not len(hits):
        return Reliability(0, 0, None, None, [])
    edges = np.unique(np.quantile(probabilities, np.linspace(0, 1, BINS + 1)[1:-1], method="lower"))
    place = np.searchsorted(edges, probabilities, side="left")
    bins = [_bin(probabilities[place == n], hits[place == n]) for n in np.unique(place)]
    if found < ENOUGH_HITS:
        return Reliability(len(hits), found, None, None, bins)
    counts = np.array([each.places for each in bins])
    given, came = (np.array([getattr(b, name) for b in bins]) for name in ("probability", "share"))
    weights = counts / len(hits)
    by_chance = np.sqrt(2 * given * (1 - given) / (np.pi * counts))
    return Reliability(
        places=len(hits),
        hits=found,
        calibration_error=float(weights @ np.abs(came - given)),
        chance_error=float(weights @ by_chance),
        bins=bins,
    )


def _bin(probabilities: NDArray[np.float64], hits: NDArray[np.bool_]) -> Bin:
    n, share = len(hits), float(hits.mean())
    z2 = _NORMAL_95**2 / n
    centre = (share + z2 / 2) / (1 + z2)
    reach = np.sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2)
    low, high = max(0.0, float(centre - reach)), min(1.0, float(centre + reach))
    return Bin(n, float(probabilities.mean()), share, low, high)
