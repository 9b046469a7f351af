"""Two models on the same users: the difference, its interval, and no verdict without ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from embeddings.comparison import compare, compare_first
from kg.errors import ModelError

USERS = 40


def figures(ndcg: Sequence[float], recall: Sequence[float] | None = None) -> pa.Table:
    return pa.table(
        {
            "user_id": [f"u{n:03}" for n in range(len(ndcg))],
            "targets": [1] * len(ndcg),
            "ndcg@10": list(ndcg),
            "recall@20": list(ndcg if recall is None else recall),
        }
    )


def by_one(ours: Sequence[float], theirs: Sequence[float]) -> tuple[str, float, float, float]:
    found, _ = compare(figures(ours), figures(theirs), names=("ours", "theirs"), seed=1)
    return found.verdict, found.difference, found.low, found.high


def test_the_same_gain_for_every_user_is_certain_however_much_users_differ() -> None:
    theirs = np.linspace(0.0, 0.8, USERS)
    verdict, difference, low, high = by_one(theirs + 0.1, theirs)
    assert verdict == "ahead"
    assert [difference, low, high] == pytest.approx([0.1] * 3)


def test_gains_that_losses_make_up_for_are_level() -> None:
    theirs = np.full(USERS, 0.5)
    ours = theirs + np.resize([0.3, -0.3], USERS)
    verdict, difference, low, high = by_one(ours, theirs)
    assert verdict == "level"
    assert difference == pytest.approx(0)
    # 1.96 * 0.3 / sqrt(40) = 0.093
    assert (low, high) == pytest.approx((-0.093, 0.093), abs=0.02)


def test_who_is_behind_is_told_so_with_mirrored_figures() -> None:
    worse, better = np.linspace(0.0, 0.5, USERS), np.linspace(0.1, 0.9, USERS)
    ahead, difference, low, high = by_one(better, worse)
    behind, other, lower, higher = by_one(worse, better)
    assert (ahead, behind) == ("ahead", "behind")
    assert (other, lower, higher) == pytest.approx((-difference, -high, -low))


def test_a_handful_of_users_gives_no_verdict() -> None:
    assert by_one([0.9] * 19, [0.1] * 19)[0] == "level"
    assert by_one([0.9] * 20, [0.1] * 20)[0] == "ahead"


def test_twins_are_level() -> None:
    assert by_one([0.3] * USERS, [0.3] * USERS) == ("level", 0.0, 0.0, 0.0)


def test_the_ratio_is_one_of_means_and_absent_over_nothing() -> None:
    ours, theirs = figures([0.2, 0.4] * 10, [0.5] * 20), figures([0.1, 0.3] * 10, [0.0] * 20)
    ndcg, recall = compare(ours, theirs, names=("ours", "theirs"), seed=1)
    assert (ndcg.metric, recall.metric) == ("ndcg@10", "recall@20")
    assert ndcg.ratio == pytest.approx(1.5)
    assert recall.ratio is None


def test_the_order_of_rows_makes_no_difference() -> None:
    theirs = figures(np.linspace(0, 0.5, USERS))
    ours = figures(np.linspace(0, 0.9, USERS))
    backwards = ours.take(list(range(USERS))[::-1])
    names = ("ours", "theirs")
    assert compare(backwards, theirs, names=names, seed=3) == compare(
        ours, theirs, names=names, seed=3
    )


def test_figures_of_other_users_or_other_targets_are_refused() -> None:
    ours = figures([0.5] * USERS)
    with pytest.raises(ModelError, match=r"ours \(40 users\) and theirs \(39\)"):
        compare(ours, figures([0.5] * 39), names=("ours", "theirs"), seed=1)
    more = ours.set_column(1, "targets", pa.array([2] * USERS))
    with pytest.raises(ModelError, match="the same held-out items"):
        compare(ours, more, names=("ours", "theirs"), seed=1)


def test_the_first_model_is_compared_with_each_other_one() -> None:
    tables = {"gat": figures([0.4] * USERS), "ease": figures([0.3] * USERS)}
    tables["popularity"] = figures([0.5] * USERS)
    whole = pa.concat_tables(
        table.add_column(0, "model", pa.array([name] * USERS)) for name, table in tables.items()
    )
    found = compare_first(whole, seed=1)
    assert [(each.model, each.against, each.metric, each.verdict) for each in found] == [
        ("gat", "ease", "ndcg@10", "ahead"),
        ("gat", "ease", "recall@20", "ahead"),
        ("gat", "popularity", "ndcg@10", "behind"),
        ("gat", "popularity", "recall@20", "behind"),
    ]
