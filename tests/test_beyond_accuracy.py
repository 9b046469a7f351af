"""What lists are like, against answers by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from embeddings.beyond_accuracy import (
    coverage,
    gini,
    intra_list_diversity,
    mean_of_listed,
    profile_popularity,
    self_information,
)
from embeddings.metrics import Top


def lists(*rows: Sequence[int]) -> Top:
    width = max(len(row) for row in rows)
    return np.array([[*row, *[-1] * (width - len(row))] for row in rows], np.int64)


def test_coverage_counts_items_once() -> None:
    assert coverage(lists([1, 2], [2, 3], [2]), 12, 2) == 3 / 12
    assert coverage(lists([1, 2], [2, 3], [2]), 12, 1) == 2 / 12


def test_diversity_of_twins_and_of_strangers() -> None:
    profiles = csr_array(np.array([[1.0, 0], [1, 0], [0, 1], [0, 0]]))
    top = lists([0, 1], [0, 2], [0, 1, 2], [0, 3], [0])
    diversity = intra_list_diversity(top, profiles, 3)
    assert diversity[:4].tolist() == pytest.approx([0, 1, 2 / 3, 1])
    assert math.isnan(diversity[4])


def test_mean_popularity_is_that_of_the_listed() -> None:
    popularity = np.array([10.0, 4, 0])
    assert mean_of_listed(lists([0, 1], [2]), popularity, 2).tolist() == [7, 0]


def test_places_shared_out_equally_have_no_gini_and_one_star_has_all_of_it() -> None:
    assert gini(lists([0, 1], [2, 3]), 4, 2) == 0
    assert gini(lists([2], [2], [2]), 4, 1) == 1


def test_gini_counts_items_that_nobody_is_shown() -> None:
    # Listed 0, 1 and 3 times: (-2 * 0 + 0 * 1 + 2 * 3) / ((3 - 1) * 4).
    top = lists([0, 1], [0], [0])
    assert gini(top, 3, 2) == pytest.approx(0.75)
    assert gini(top, 3, 1) == 1


def test_gini_of_no_lists_is_none() -> None:
    assert gini(lists([-1]), 5, 1) == 0


def test_what_all_like_tells_nothing_and_what_nobody_knows_tells_most() -> None:
    bits = self_information(np.array([7.0, 3, 1, 0]), users=7)
    assert bits.tolist() == [0, 1, 2, 3]
    assert mean_of_listed(lists([0, 3], [2]), bits, 2).tolist() == [1.5, 2]


def test_a_profile_is_as_popular_as_what_it_likes() -> None:
    liked = csr_array(np.array([[1.0, 1, 0], [0, 0, 1], [0, 0, 0]]))
    known = profile_popularity(liked, np.array([8.0, 4, 1]))
    assert known[:2].tolist() == [6, 1]
    assert math.isnan(known[2])


@given(
    st.lists(st.permutations(range(6)), min_size=1, max_size=4),
    st.integers(2, 6),
    st.integers(0, 2**32 - 1),
)
def test_diversity_without_pairs_equals_diversity_over_pairs(
    tops: list[list[int]], k: int, seed: int
) -> None:
    dense = np.random.default_rng(seed).random((6, 3))
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    expected = [
        np.mean([1 - dense[i] @ dense[j] for i, j in permutations(top[:k], 2)]) for top in tops
    ]
    got = intra_list_diversity(lists(*tops), csr_array(dense), k)
    assert got.tolist() == pytest.approx(expected)
