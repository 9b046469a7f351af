"""RMSE and MAE against values counted by hand, and who is ahead of whom."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from snapshot_world import make_snapshot, rated, split_of

from embeddings.rating_accuracy import accuracy, compare_ratings, rated_pairs
from kg.errors import ModelError

stars = st.floats(1, 5, allow_nan=False, width=32)


def predictions(errors: dict[str, list[float]]) -> pa.Table:
    """Everything was rated 3; each user's predictions miss by so much."""
    rows = [
        {"user_id": user, "item_id": f"i{n}", "rating": 3.0, "predicted": 3.0 + error}
        for user, all_of in errors.items()
        for n, error in enumerate(all_of)
    ]
    return pa.Table.from_pylist(rows)


def test_errors_are_over_pairs_so_that_who_rated_more_counts_for_more() -> None:
    reached = accuracy(predictions({"ann": [1.0, -1.0, 1.0], "bob": [2.0]}), seed=1)
    assert reached["rmse"].mean == pytest.approx(math.sqrt((1 + 1 + 1 + 4) / 4))
    assert reached["mae"].mean == pytest.approx((1 + 1 + 1 + 2) / 4)
    assert reached["rmse"].low == pytest.approx(1.0), "ann alone"
    assert reached["rmse"].high == pytest.approx(2.0), "bob alone"


@given(st.lists(st.lists(stars, min_size=1, max_size=5), min_size=1, max_size=5))
def test_the_squared_error_is_never_less_than_the_absolute_one(said: list[list[float]]) -> None:
    table = predictions({f"u{n}": row for n, row in enumerate(said)})
    reached = accuracy(table, seed=1)
    assert reached["rmse"].mean >= reached["mae"].mean - 1e-9
    for score in reached.values():
        assert score.low - 1e-9 <= score.mean <= score.high + 1e-9


def test_the_smaller_error_is_ahead_and_the_larger_one_behind() -> None:
    users = [f"u{n}" for n in range(30)]
    near = predictions({user: [0.5, -0.5] for user in users})
    far = predictions({user: [1.0, -1.0] for user in users})
    ahead, mae = compare_ratings(near, far, names=("near", "far"), seed=1)
    assert (ahead.metric, ahead.verdict, mae.metric) == ("rmse", "ahead", "mae")
    assert (ahead.difference, ahead.ratio, ahead.users) == pytest.approx((-0.5, 0.5, 30))
    assert compare_ratings(far, near, names=("far", "near"), seed=1)[0].verdict == "behind"
    assert compare_ratings(near, near, names=("one", "same"), seed=1)[0].verdict == "level"


def test_a_few_users_are_too_few_for_a_verdict() -> None:
    near, far = predictions({"ann": [0.5]}), predictions({"ann": [1.0]})
    assert compare_ratings(near, far, names=("near", "far"), seed=1)[0].verdict == "level"


def test_predictions_of_other_pairs_are_refused() -> None:
    with pytest.raises(ModelError, match="not of the same pairs"):
        compare_ratings(
            predictions({"ann": [0.5]}), predictions({"bob": [0.5]}), names=("a", "b"), seed=1
        )


def test_what_is_rated_counts_liked_or_not_and_what_has_no_rating_does_not() -> None:
    whole = make_snapshot(
        users=[{"user_id": "ann"}],
        items=[{"item_id": item} for item in ("i0", "i1", "i2", "i3")],
        interactions=[
            rated("ann", "i0", rating=5.0, positive=True),
            rated("ann", "i1", rating=1.0, positive=False),
            rated("ann", "i2", rating=None),
            rated("ann", "i3", rating=4.0),
        ],
    )
    parts = {"i0": "test", "i1": "test", "i2": "test", "i3": "train"}
    split = split_of({("ann", item): part for item, part in parts.items()})
    found = rated_pairs(whole, split, "test").to_pylist()
    assert [(row["item_id"], row["rating"]) for row in found] == [("i0", 5.0), ("i1", 1.0)]
    assert np.isfinite([row["rating"] for row in found]).all()
