"""How often trends cry wolf over quiet months: `python -m benchmarks.quiet_trends [--sets N]`.

Each set is one run: seven years of months, the reviews of a place and what they say of twenty
aspects, with nothing planted. Printed are the tests of all sets, the share of p-values of at most
5 %, the share of tests that became alerts, and the sets that had any.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from etl.trends.alerts import ALPHA
from etl.trends.clock import CLOCKS, Floats
from etl.trends.counts import Counts
from etl.trends.surges import discoveries, judge

MONTHS: Final = 84
ASPECTS: Final = 20
SEED: Final = 1
_TOGETHER: Final = 40  # sets that are judged in one go
_AT: Final = np.arange(MONTHS)
_YEARLY: Final = np.sin(2 * np.pi * _AT / 12)
_STARTS: Final = [date(2010 + at // 12, at % 12 + 1, 1) for at in range(MONTHS + 1)]

Rates = Callable[[np.random.Generator, Floats], tuple[Floats, Floats]]
"""Expected reviews by month, and shares (aspects, months), of aspects with these mean shares."""


def _poisson(rng: np.random.Generator, shares: Floats) -> tuple[Floats, Floats]:
    return np.full(MONTHS, 60.0), np.tile(shares, (1, MONTHS))


def _overdispersed(rng: np.random.Generator, shares: Floats) -> tuple[Floats, Floats]:
    wild = rng.beta(20 * shares, 20 * (1 - shares), (ASPECTS, MONTHS))
    return rng.gamma(3, np.full(MONTHS, 20.0)), wild


def _seasonal(rng: np.random.Generator, shares: Floats) -> tuple[Floats, Floats]:
    return 60 * np.exp(0.6 * _YEARLY), _shifted(shares, 0.5 * _YEARLY)


def _trending(rng: np.random.Generator, shares: Floats) -> tuple[Floats, Floats]:
    return 20 * np.exp(_AT / 40), _shifted(shares, 0.5 * _AT / MONTHS)


def _few(rng: np.random.Generator, shares: Floats) -> tuple[Floats, Floats]:
    return np.full(MONTHS, 6.0), np.tile(shares, (1, MONTHS))


WORLDS: Final[dict[str, Rates]] = {
    "Poisson": _poisson,
    "overdispersed": _overdispersed,
    "seasonal": _seasonal,
    "trending": _trending,
    "small counts": _few,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line of figures for each kind of quiet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sets", type=int, default=200, help="sets of each kind (default 200)")
    sets = parser.parse_args(arguments).sets
    print("| quiet months | sets | tests | p ≤ 0.05 | alerts | of tests | sets with any |")
    print("|---|---|---|---|---|---|---|")
    for name, world in WORLDS.items():
        tests, low, alerts, any_ = figures(world, sets)
        print(
            f"| {name} | {sets} | {tests:,} | {low / tests:.2%} | {alerts} "
            f"| {alerts / tests:.4%} | {any_} |",
            flush=True,
        )


def figures(world: Rates, sets: int) -> tuple[int, int, int, int]:
    """Tests, p-values of at most 5 %, alerts, and sets with any alert."""
    rng = np.random.default_rng(SEED)
    tests = low = alerts = any_ = 0
    for first in range(0, sets, _TOGETHER):
        drawn = [_set(rng, world, place) for place in range(first, min(first + _TOGETHER, sets))]
        counts = _together(drawn)
        tested = judge(counts, CLOCKS["month"])
        tested = tested.with_columns(place=counts.keys["place"][tested["series"]])
        tests += tested.height
        low += tested.filter(pl.col("p_value") <= 0.05).height
        for alone in tested.partition_by("place"):  # each set is a run, a family of tests
            found = discoveries(alone, ALPHA).height
            alerts += found
            any_ += found > 0
    return tests, low, alerts, any_


def _set(rng: np.random.Generator, world: Rates, place: int) -> Counts:
    mean, wanted = rng.beta(1, 15, (ASPECTS, 1)), rng.beta(6, 3, (ASPECTS + 1, 1))
    expected, shares = world(rng, np.clip(mean, 0.002, 0.9))
    written = rng.poisson(expected)
    said = np.vstack([written, rng.binomial(written, shares)]).astype(np.float64)
    said = said[said.sum(1) >= 20]
    good = wanted[: len(said)]
    if world is _overdispersed:
        good = rng.beta(10 * good, 10 * (1 - good), said.shape)
    praised = rng.binomial(said.astype(np.int64), good).astype(np.float64)
    things = [None, *(f"a{number}" for number in range(1, len(said)))]
    labels = [None, *["Aspect"] * (len(said) - 1)]
    keys = pl.DataFrame(
        {"place": [str(place)] * len(said), "label": labels, "thing": things},
        schema=dict.fromkeys(("place", "label", "thing"), pl.String),
    )
    everywhere = np.tile(said[0], (len(said), 1))
    return Counts(keys, _STARTS, everywhere, said, praised, said)


def _together(sets: Sequence[Counts]) -> Counts:
    return Counts(
        pl.concat([each.keys for each in sets]),
        _STARTS,
        np.vstack([each.written for each in sets]),
        np.vstack([each.said for each in sets]),
        np.vstack([each.praised for each in sets]),
        np.vstack([each.judged for each in sets]),
    )


def _shifted(shares: Floats, logits: Floats) -> Floats:
    moved: Floats = 1 / (1 + np.exp(-(np.log(shares / (1 - shares)) + logits)))
    return moved


if __name__ == "__main__":
    main()
