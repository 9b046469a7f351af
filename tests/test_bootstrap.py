"""The bootstrap against the normal interval, and where nothing varies."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embeddings.bootstrap import bootstrap_interval


def test_the_bootstrap_interval_is_near_the_normal_one_and_repeats_itself() -> None:
    values = np.random.default_rng(5).normal(3.0, 2.0, (4000, 1))
    low, high = bootstrap_interval(values, seed=1)
    error = 1.96 * values.std() / math.sqrt(4000)
    assert low[0] == pytest.approx(values.mean() - error, abs=0.2 * error)
    assert high[0] == pytest.approx(values.mean() + error, abs=0.2 * error)
    assert bootstrap_interval(values, seed=1)[0] == low


def test_values_that_do_not_vary_have_an_interval_without_width() -> None:
    low, high = bootstrap_interval(np.full((50, 2), 0.25), seed=0)
    assert low.tolist() == high.tolist() == [0.25, 0.25]
