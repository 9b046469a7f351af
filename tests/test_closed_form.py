"""Closed-form item–item weights against the formulas, written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from model_world import tiny, world
from scipy.sparse import csr_matrix

from embeddings.baselines.ease import Ease
from embeddings.baselines.item_knn import ItemKnn
from embeddings.baselines.settings import EaseSettings, ItemKnnSettings
from embeddings.models.closed_form import (
    co_occurrence,
    largest_per_group,
    neighbour_weights,
    strongest,
    weights_of,
)
from embeddings.models.residual import ItemResidual
from kg.errors import ModelError


def test_ease_on_three_items_is_the_inverse_by_hand() -> None:
    # u0 likes i0 and i1, u1 likes i1 and i2: G = [[1,1,0],[1,2,1],[0,1,1]], with λ = 1
    # G + I = [[2,1,0],[1,3,1],[0,1,2]], determinant 8, inverse [[5,-2,1],[-2,4,-2],[1,-2,5]] / 8
    data = world(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2]), users=2, items=3)
    model = Ease(EaseSettings(l2=(1.0,))).fit(data)
    B = np.array([[0, 2 / 4, -1 / 5], [2 / 5, 0, 2 / 5], [-1 / 5, 2 / 4, 0]])
    X = np.array([[1, 1, 0], [0, 1, 1]])
    np.testing.assert_allclose(model.score(np.array([0, 1])), X @ B, rtol=1e-6)


def test_closeness_in_time_weighs_each_pair_of_acts() -> None:
    day = np.array([0.0, 10.0, np.nan])
    data = world(np.array([0, 0, 0]), np.array([0, 1, 2]), users=1, items=3, day=day)
    G = co_occurrence(data.pairs, 3, time_share=0.5, time_scale_days=10.0)
    near, unknown = 0.5 + 0.5 * np.exp(-1), 0.5
    expected = [[1, near, unknown], [near, 1, unknown], [unknown, unknown, 1]]
    np.testing.assert_allclose(G, expected)


def test_without_times_the_kernel_counts_plainly() -> None:
    data = tiny()
    np.testing.assert_array_equal(
        co_occurrence(data.pairs, 9, time_share=0.6), co_occurrence(data.pairs, 9)
    )


def test_disliked_pairs_do_not_count() -> None:
    liked = np.array([True, False])
    data = world(np.array([0, 0]), np.array([0, 1]), users=1, items=2, positive=liked)
    np.testing.assert_array_equal(co_occurrence(data.pairs, 2), [[1, 0], [0, 0]])


def test_a_ridge_of_nothing_is_refused() -> None:
    with pytest.raises(ModelError, match=r"must be positive, got 0\.0"):
        weights_of(np.eye(2), 0.0)


@pytest.mark.parametrize("block", [2, 4, 2048])
def test_neighbours_are_the_largest_shrunk_cosines(block: int) -> None:
    X = csr_matrix(tiny().positives)
    W = neighbour_weights(X, neighbours=3, shrink=2.0, block=block).toarray()
    G = (X.T @ X).toarray()
    norm = np.sqrt(np.diag(G))
    full = G / (norm[:, None] * norm[None, :] + 2.0)
    np.fill_diagonal(full, 0)
    assert (np.count_nonzero(W, axis=0) <= 3).all()
    for column, row in zip(W.T, full.T, strict=True):
        np.testing.assert_allclose(np.sort(column)[-3:], np.sort(row)[-3:], rtol=1e-6)


def test_item_knn_keeps_what_validation_prefers() -> None:
    rng = np.random.default_rng(0)
    held = csr_matrix(rng.random((12, 9)) < 0.2)
    data = tiny(valid=held)
    grid = ItemKnnSettings(neighbours=(1, 3, 8), shrink=(0.0, 5.0))
    chosen = ItemKnn(grid).fit(data)
    assert chosen.settings.neighbours[0] in grid.neighbours
    alone = ItemKnn(chosen.settings).fit(data)
    users = np.arange(12)
    np.testing.assert_array_equal(alone.score(users), chosen.score(users))


def test_the_strongest_of_each_column_are_positive_and_few() -> None:
    B = np.array([[0, -1.0, 3.0], [2.0, 0, 1.0], [1.0, 5.0, 0]], np.float32)
    expected = [[0, 0, 3.0], [2.0, 0, 0], [0, 5.0, 0]]
    np.testing.assert_array_equal(strongest(B, 1).toarray(), expected)


def test_largest_per_group_gives_ties_to_the_first() -> None:
    kept = largest_per_group(np.array([0, 0, 0, 1]), np.array([1.0, 2.0, 2.0, 0.5]), 1)
    assert kept.tolist() == [1, 3]


@pytest.mark.parametrize("exact_items", [0, 100])
def test_training_scores_come_from_the_other_folds(exact_items: int) -> None:
    """A user's score in training is from the visible likes, by weights fitted on other folds."""
    data = tiny(users=30)
    residual = ItemResidual(
        data,
        l2=5.0,
        time_share=0.0,
        time_scale_days=1.0,
        exact_items=exact_items,
        device=torch.device("cpu"),
    )
    users = np.arange(30)
    fold = residual._fold.numpy()
    shown = np.random.default_rng(0).random(len(data.pairs.user)) < 0.5
    user, item = data.pairs.user[shown], data.pairs.item[shown]
    visible = csr_matrix((np.ones(len(user)), (user, item)), (30, 9))
    for chosen in range(2):
        others = fold[data.pairs.user] != chosen
        X = csr_matrix(
            (np.ones(others.sum()), (data.pairs.user[others], data.pairs.item[others])), (30, 9)
        )
        B = (
            weights_of((X.T @ X).toarray(), 5.0)
            if exact_items
            else neighbour_weights(X, neighbours=100, shrink=20.0).toarray()
        )
        rows = users[fold == chosen]
        columns = np.array([1, 4, 5])
        expected = (visible[rows] @ B)[:, columns] / residual.full.scale
        ours = residual.training(*(torch.from_numpy(part) for part in (rows, user, item, columns)))
        np.testing.assert_allclose(ours.numpy(), expected, rtol=1e-4, atol=1e-6)
    best = residual.full.rows(users).max(axis=1)
    assert best.mean() == pytest.approx(4.0, rel=1e-4)
