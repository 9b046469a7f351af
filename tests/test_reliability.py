"""Probabilities against what came true, counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from embeddings.reliability import reliability


def places(*groups: tuple[float, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Groups of (probability, places, hits)."""
    probabilities = np.concatenate([np.full(n, p) for p, n, _ in groups])
    hits = np.concatenate([np.arange(n) < found for _, n, found in groups])
    return probabilities, hits


def test_shares_that_are_what_was_said_have_no_error() -> None:
    found = reliability(*places((0.1, 1000, 100), (0.5, 1000, 500)))
    assert (found.places, found.hits) == (2000, 600)
    assert found.calibration_error == pytest.approx(0)
    assert [(each.places, each.probability, each.share) for each in found.bins] == [
        (1000, pytest.approx(0.1), 0.1),
        (1000, pytest.approx(0.5), 0.5),
    ]


def test_the_error_is_the_mean_distance_weighed_by_places() -> None:
    # Equal probabilities share a bin: 600 places are off by 0.2, 200 by 0.1, 200 not at all.
    found = reliability(*places((0.1, 600, 180), (0.4, 200, 100), (0.9, 200, 180)))
    assert found.calibration_error == pytest.approx((600 * 0.2 + 200 * 0.1 + 200 * 0) / 1000)


def test_confidence_that_is_too_high_on_the_whole_shows_in_every_bin() -> None:
    steps = np.linspace(0.2, 0.4, 10_000)
    hits = np.arange(10_000) % 10 == 0
    found = reliability(steps, hits)
    assert [each.places for each in found.bins] == [1000] * 10
    assert found.calibration_error == pytest.approx(0.3 - 0.1)


def test_chance_alone_leaves_an_error() -> None:
    luck = np.random.default_rng(2)
    errors = []
    for _ in range(200):
        probabilities = np.repeat([0.05, 0.3], 500)
        found = reliability(probabilities, luck.random(1000) < probabilities)
        errors.append(found.calibration_error)
    by_hand = np.mean([math.sqrt(2 * p * (1 - p) / (math.pi * 500)) for p in (0.05, 0.3)])
    assert found.chance_error == pytest.approx(by_hand, rel=0.01)
    assert np.mean(errors) == pytest.approx(by_hand, rel=0.1)


def test_few_hits_give_no_error_but_show_their_bins() -> None:
    found = reliability(*places((0.01, 1000, 10), (0.1, 1000, 89)))
    assert (found.hits, found.calibration_error, found.chance_error) == (99, None, None)
    assert [each.share for each in found.bins] == [0.01, 0.089]


def test_a_share_of_none_has_an_interval_that_begins_there() -> None:
    (only,) = reliability(*places((0.01, 100, 0))).bins
    # Wilson: z² / (n + z²)
    assert (only.low, only.high) == (0, pytest.approx(1.96**2 / (100 + 1.96**2)))


def test_no_places_are_no_error() -> None:
    assert reliability(np.array([]), np.array([], np.bool_)).bins == []
