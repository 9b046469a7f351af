"""Closed-form item–item weights against the formulas, written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from model_world import tiny, world
from scipy.sparse import csr_array, csr_matrix

from embeddings import sparse_rows
from embeddings.baselines.ease import Ease
from embeddings.baselines.item_knn import ItemKnn
from embeddings.baselines.settings import EaseSettings, ItemKnnSettings
from embeddings.models.closed_form import (
    SOURCE,
    TARGET,
    USER,
    CoOccurrence,
    co_occurrence,
    largest_per_group,
    neighbour_weights,
    strongest,
    weights_of,
)
from embeddings.models.residual import FoldedResidual, LeaveOneOutResidual
from embeddings.sparse_rows import BLOCK_CELLS
from embeddings.training_data import TrainingData
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


@pytest.fixture(params=[1, 40, BLOCK_CELLS])
def in_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Products are made a row, some rows, or all rows at a time."""
    monkeypatch.setattr(sparse_rows, "BLOCK_CELLS", request.param)


@pytest.mark.usefixtures("in_blocks")
def test_neighbours_are_the_largest_shrunk_cosines() -> None:
    X = csr_matrix(tiny().positives)
    W = neighbour_weights(X, neighbours=3, shrink=2.0).toarray()
    G = (X.T @ X).toarray()
    norm = np.sqrt(np.diag(G))
    full = G / (norm[:, None] * norm[None, :] + 2.0)
    np.fill_diagonal(full, 0)
    assert (np.count_nonzero(W, axis=0) <= 3).all()
    for column, row in zip(W.T, full.T, strict=True):
        np.testing.assert_allclose(np.sort(column)[-3:], np.sort(row)[-3:], rtol=1e-6)


def test_item_knn_keeps_what_validation_prefers() -> None:
    rng = np.random.default_rng(0)
    held = csr_array(rng.random((12, 9)) < 0.2)
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


def test_co_occurrence_is_the_normalised_walk_by_hand() -> None:
    # u0 has i0 and i1, u1 has all three: d = (2, 2, 1), n = (2, 3)
    X = csr_matrix(np.array([[1, 1, 0], [1, 1, 1]], np.float32))
    fitted = CoOccurrence.of(X, neighbours=3)
    d, n = np.array([2.0, 2.0, 1.0]), np.array([2.0, 3.0])
    both = n[0] ** -USER + n[1] ** -USER
    expected = np.array([[0, both, n[1] ** -USER], [both, 0, n[1] ** -USER], [n[1] ** -USER] * 3])
    expected[2, 2] = 0
    expected = expected * d[:, None] ** -SOURCE * d[None, :] ** -TARGET
    np.testing.assert_allclose(fitted.W.toarray(), expected, rtol=1e-5)


@pytest.mark.usefixtures("in_blocks")
def test_co_occurrence_keeps_the_largest_of_each_item() -> None:
    X = csr_matrix(tiny().positives)
    whole = CoOccurrence.of(X, neighbours=9).W.toarray()
    few = CoOccurrence.of(X, neighbours=2).W.toarray()
    assert (np.count_nonzero(few, axis=1) == 2).all()
    np.testing.assert_allclose(np.sort(few)[:, -2:], np.sort(whole)[:, -2:], rtol=1e-6)


def shown_and_target(data: TrainingData) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows and items of what is visible when half of the pairs are hidden, and of the others."""
    shown = np.random.default_rng(0).random(len(data.pairs.user)) < 0.5
    pairs = torch.from_numpy(np.stack([data.pairs.user, data.pairs.item]))
    return pairs[:, shown], pairs[:, ~shown]


def test_training_scores_come_from_the_other_folds() -> None:
    """A user's score in training is from the visible likes, by weights fitted on other folds."""
    data = tiny(users=30)
    residual = FoldedResidual(
        data, l2=5.0, time_share=0.0, time_scale_days=1.0, device=torch.device("cpu")
    )
    users = np.arange(30)
    fold = residual._fold.numpy()
    shown, target = shown_and_target(data)
    visible = csr_matrix((np.ones(shown.shape[1]), shown.numpy()), (30, 9))
    ours = residual.training(torch.from_numpy(users), shown, target).numpy()
    for chosen in range(2):
        others = fold[data.pairs.user] != chosen
        X = csr_matrix(
            (np.ones(others.sum()), (data.pairs.user[others], data.pairs.item[others])), (30, 9)
        )
        rows = users[fold == chosen]
        expected = visible[rows] @ weights_of((X.T @ X).toarray(), 5.0) / residual.full.scale
        np.testing.assert_allclose(ours[rows], expected, rtol=1e-4, atol=1e-6)
    assert residual.full.rows(users).max(axis=1).mean() == pytest.approx(4.0, rel=1e-4)


def test_in_a_large_catalogue_a_hidden_pair_does_not_speak_for_itself() -> None:
    """At hidden items, the score is from what the other users have in common with the visible."""
    data = tiny(users=30)
    residual = LeaveOneOutResidual(data, torch.device("cpu"))
    shown, target = shown_and_target(data)
    users = torch.tensor([3, 17])
    of_both = [torch.isin(pairs[0], users) for pairs in (shown, target)]
    shown, target = shown[:, of_both[0]], target[:, of_both[1]]
    rows = [torch.stack([torch.searchsorted(users, p[0]), p[1]]) for p in (shown, target)]
    R = residual.training(users, *rows)
    some = torch.unique(torch.cat([target[1], torch.tensor([0, 4])]))
    assert torch.equal(residual.training(users, *rows, some), R[:, some])
    ours = R.numpy() * residual.full.scale
    X = data.positives.toarray()
    d, n = X.sum(0), X.sum(1)
    for row, user in enumerate(users.tolist()):
        visible = shown[1, shown[0] == user].numpy()
        hidden = target[1, target[0] == user].numpy()
        for item in range(9):
            who = X.copy()
            if item in hidden:
                who[user] = 0
            in_common = (who[:, visible] * (who[:, [item]] * n[:, None] ** -USER)).sum(0)
            spoken = (in_common * d[visible] ** -SOURCE)[visible != item].sum()
            expected = spoken / max(1, len(visible)) ** 0.5
            assert ours[row, item] == pytest.approx(expected * d[item] ** -TARGET, abs=1e-5)
