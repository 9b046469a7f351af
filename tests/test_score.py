"""Lists, probabilities and reasons without a graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.reasons import Reason
from embeddings.score import Calibration, Lists, fit_calibration
from kg.errors import ModelError


def test_probabilities_grow_with_the_score_and_match_the_hits() -> None:
    rng = np.random.default_rng(5)
    scores = rng.normal(size=20_000)
    hits = rng.random(20_000) < 1 / (1 + np.exp(-(scores - 2)))
    for some in (slice(0, 2_000), slice(None)):  # few hits: a curve; many: steps
        calibration = fit_calibration(scores[some], hits[some])
        assert calibration is not None
        probabilities = calibration.of(np.linspace(-4, 4, 50, dtype=np.float32))
        assert (np.diff(probabilities) >= 0).all()
        assert calibration.of(np.float32([2.0]))[0] == pytest.approx(0.5, abs=0.08)
        assert calibration.of(scores[some].astype(np.float32)).mean() == pytest.approx(
            hits[some].mean(), abs=0.01
        )


def test_a_lucky_hit_or_two_at_the_top_are_no_certainty() -> None:
    rng = np.random.default_rng(5)
    scores = np.sort(rng.normal(size=20_000))
    hits = rng.random(20_000) < 0.1
    hits[-2:] = True
    calibration = fit_calibration(scores, hits)
    assert calibration is not None
    assert calibration.of(np.float32([9.0]))[0] < 0.3


def test_a_score_that_tells_the_wrong_way_round_gets_the_base_rate() -> None:
    scores = np.arange(100.0)
    calibration = fit_calibration(scores, scores < 10)
    assert calibration is not None
    assert set(calibration.of(scores.astype(np.float32))) == {0.1}


@pytest.mark.parametrize("hit", [True, False])
def test_without_hits_and_misses_there_is_no_probability(hit: bool) -> None:
    assert fit_calibration(np.arange(5.0), np.full(5, hit)) is None


def test_a_calibration_is_kept(tmp_path: Path) -> None:
    kept = Calibration(np.array([0.0, 1.0]), np.array([0.2, 0.6]))
    kept.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json").of(np.float32([0.5])) == [0.4]


def test_places_move_up_when_others_are_left_out() -> None:
    lists = Lists(
        users=np.array([0, 1, 2]),
        user=np.array([0, 0, 0, 1, 2, 2]),
        item=np.array([5, 6, 7, 5, 8, 9]),
        rank=np.array([1, 2, 3, 1, 1, 2]),
        score=np.arange(6, dtype=np.float32),
        probability=np.zeros(6),
        cold=np.zeros(6, np.bool_),
    )
    kept = lists.keep(np.array([False, True, True, False, True, True]))
    assert kept.user.tolist() == [0, 0, 2, 2]
    assert kept.item.tolist() == [6, 7, 8, 9]
    assert kept.rank.tolist() == [1, 2, 1, 2]
    assert lists.keep(np.zeros(6, np.bool_)).rank.tolist() == []


def test_lists_of_several_places_with_one_score_are_counted() -> None:
    lists = Lists(
        users=np.arange(4),
        user=np.array([0, 0, 0, 1, 2, 2]),
        item=np.array([5, 6, 7, 5, 8, 9]),
        rank=np.array([1, 2, 3, 1, 1, 2]),
        score=np.array([4, 4, 4, 4, 4, 3], np.float32),
        probability=np.zeros(6),
        cold=np.zeros(6, np.bool_),
    )
    assert lists.count_alike() == 1
    assert lists.keep(np.array([True, True, False, True, False, True])).count_alike() == 1
    assert lists.keep(np.zeros(6, np.bool_)).count_alike() == 0


@given(
    st.sampled_from(["item", "aspect", "popular"]),
    st.floats(0, 1),
    st.text(min_size=1).filter(lambda text: "\n" not in text),
)
def test_a_reason_survives_as_text_whatever_its_key(kind: str, weight: float, key: str) -> None:
    reason = Reason.parse(f"{kind}|{weight:.4f}|{key}")
    assert (reason.kind, reason.key) == (kind, key)
    assert str(reason) == f"{kind}|{weight:.4f}|{key}"


@pytest.mark.parametrize("text", ["", "item", "item|0.5|", "moon|0.5|x", "item|much|x"])
def test_what_is_no_reason_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="is no reason"):
        Reason.parse(text)
