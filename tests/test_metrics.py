"""Metrics against answers by hand, and against a second, naive implementation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from embeddings import metrics

ITEMS = 12


def lists(*rows: Sequence[int]) -> metrics.Top:
    width = max((len(row) for row in rows), default=0)
    return np.array([[*row, *[-1] * (width - len(row))] for row in rows], np.int64)


def liked(*rows: Sequence[int]) -> csr_array:
    matrix = np.zeros((len(rows), ITEMS), np.bool_)
    for user, items in enumerate(rows):
        matrix[user, list(items)] = True
    return csr_array(matrix)


def test_two_hits_of_three_targets_by_hand() -> None:
    top, targets = lists([4, 7, 1, 9, 2]), liked([7, 2, 5])
    hit, count = metrics.hits(top, targets), metrics.target_counts(targets)
    dcg = 1 / math.log2(3) + 1 / math.log2(6)
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert metrics.ndcg(top, targets, 5).tolist() == pytest.approx([dcg / ideal])
    assert metrics.recall(hit, count, 5).tolist() == pytest.approx([2 / 3])
    assert metrics.precision(hit, count, 5).tolist() == pytest.approx([2 / 5])
    assert metrics.reciprocal_rank(hit, count, 5).tolist() == [1 / 2]
    assert metrics.hit_rate(hit, count, 5).tolist() == [1]
    assert metrics.hit_rate(hit, count, 1).tolist() == [0]


def test_a_list_of_targets_only_is_perfect_however_many_targets_are_left() -> None:
    top, targets = lists([1, 2], [3, 4]), liked([1, 2, 3, 4, 5], [4, 3])
    assert metrics.ndcg(top, targets, 2).tolist() == [1, 1]


def test_a_short_list_cannot_be_better_than_its_hits() -> None:
    targets = liked([3, 5])
    assert metrics.ndcg(lists([3]), targets, 10)[0] == pytest.approx(1 / (1 + 1 / math.log2(3)))
    hit, count = metrics.hits(lists([3]), targets), metrics.target_counts(targets)
    assert metrics.precision(hit, count, 10).tolist() == [0.1]


def test_a_user_without_targets_has_no_value() -> None:
    top, targets = lists([1, 2], [1, 2]), liked([], [2])
    hit, count = metrics.hits(top, targets), metrics.target_counts(targets)
    for value in (
        metrics.ndcg(top, targets, 2),
        metrics.recall(hit, count, 2),
        metrics.precision(hit, count, 2),
        metrics.reciprocal_rank(hit, count, 2),
        metrics.hit_rate(hit, count, 2),
    ):
        assert math.isnan(value[0])
        assert value[1] > 0


def test_an_empty_place_is_never_a_hit() -> None:
    assert not metrics.hits(lists([-1, -1], [0, 11]), liked([11], [])).any()


def test_lists_and_targets_of_different_users_are_refused() -> None:
    with pytest.raises(ValueError, match="1 users and targets of 2"):
        metrics.hits(lists([1]), liked([1], [2]))


def naive(top: Sequence[int], targets: set[int], k: int) -> dict[str, float]:
    """The definitions, read aloud."""
    got = [item in targets for item in top[:k] if item >= 0]
    dcg = sum(1 / math.log2(place + 2) for place, hit in enumerate(got) if hit)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(k, len(targets))))
    first = next((1 / (place + 1) for place, hit in enumerate(got) if hit), 0.0)
    return {
        "ndcg": dcg / ideal,
        "recall": sum(got) / len(targets),
        "precision": sum(got) / k,
        "mrr": first,
        "hit_rate": float(any(got)),
    }


user = st.tuples(
    st.permutations(range(ITEMS)).flatmap(
        lambda order: st.integers(1, ITEMS).map(lambda length: order[:length])
    ),
    st.sets(st.integers(0, ITEMS - 1), min_size=1),
)


@given(st.lists(user, min_size=1, max_size=6), st.integers(1, ITEMS + 2))
def test_both_implementations_agree(users: list[tuple[list[int], set[int]]], k: int) -> None:
    top, targets = lists(*(row for row, _ in users)), liked(*(list(row) for _, row in users))
    hit, count = metrics.hits(top, targets), metrics.target_counts(targets)
    ours = {
        "ndcg": metrics.ndcg(top, targets, k),
        "recall": metrics.recall(hit, count, k),
        "precision": metrics.precision(hit, count, k),
        "mrr": metrics.reciprocal_rank(hit, count, k),
        "hit_rate": metrics.hit_rate(hit, count, k),
    }
    for row, (ranked, wanted) in enumerate(users):
        expected = naive(ranked, wanted, k)
        assert {name: values[row] for name, values in ours.items()} == pytest.approx(expected)
