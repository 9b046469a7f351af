"""The low-pass filter of large catalogues, on sets whose components are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from model_world import tiny, world
from scipy.sparse import csr_matrix

from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.low_pass import LowPass, blended
from embeddings.models.residual import LOW_PASS, LeaveOneOutResidual, voiced
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.training_parts import training_parts

CPU = torch.device("cpu")
TWO_TOWNS = csr_matrix(
    np.array(
        [
            [1, 1, 0, 0, 0],
            [1, 1, 0, 0, 0],
            [0, 0, 1, 1, 0],
            [0, 0, 0, 1, 1],
        ],
        np.float32,
    )
)
"""Two people go to i0 and i1; in another town, one goes to i2 and i3, one to i3 and i4."""


def test_two_components_are_the_two_towns() -> None:
    """Of each town, the first component is sqrt(d) over its length: F_ji = d_i / Σ_town d."""
    low_pass = LowPass.of(TWO_TOWNS, components=2, width=2, seed=0)
    F = low_pass.rows(csr_matrix(np.eye(5, dtype=np.float32)))
    here, there = np.array([2, 2, 0, 0, 0]) / 4, np.array([0, 0, 1, 2, 1]) / 4
    np.testing.assert_allclose(F, [here, here, there, there, there], atol=1e-6)
    rows = low_pass.rows(TWO_TOWNS)
    np.testing.assert_allclose(rows, [2 * here, 2 * here, 2 * there, 2 * there], atol=1e-6)


def test_people_of_one_town_start_from_one_vector() -> None:
    start = LowPass.of(TWO_TOWNS, components=3, width=2, seed=0).start
    assert start.shape == (4 + 5, 2)
    unit = start / np.linalg.norm(start, axis=1, keepdims=True)
    town = np.array([0, 0, 1, 1, 0, 0, 1, 1, 1])
    same = town[:, None] == town[None, :]
    np.testing.assert_allclose(np.abs(unit @ unit.T)[same], 1.0, atol=1e-5)
    np.testing.assert_allclose((unit @ unit.T)[~same], 0.0, atol=1e-5)


def test_all_components_change_nothing() -> None:
    whole = csr_matrix(np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]], np.float32))
    F = LowPass.of(whole, components=9, width=1, seed=0).rows(whole)
    np.testing.assert_allclose(F, whole.toarray(), atol=1e-5)


@pytest.mark.parametrize("block", [2, 512])
def test_a_blend_keeps_the_largest_positive_weights_of_each_item(block: int) -> None:
    low_pass = LowPass.of(TWO_TOWNS, components=2, width=1, seed=0)
    W = csr_matrix(np.array([[9, 0, 1, 0, -3.0], *[[0.0] * 5] * 4], np.float32))
    B = blended(W, low_pass, 2.0, neighbours=1, block=block).toarray()
    # F of i0 is (½, ½, 0, 0, 0): beside W, i1 has 2 · ½, i2 has 1 and i0 itself does not count
    assert B[0].tolist() in ([0, pytest.approx(1), 0, 0, 0], [0, 0, pytest.approx(1), 0, 0])
    assert B[4] == pytest.approx([0, 0, 0, 1, 0], abs=1e-6)
    most = blended(W, low_pass, 2.0, neighbours=5, block=block).toarray()
    assert most[0] == pytest.approx([0, 1, 1, 0, 0], abs=1e-6)
    assert most[2] == pytest.approx([0, 0, 0, 1, 0.5], abs=1e-6)


def test_the_filter_counts_at_inference_alone() -> None:
    data = tiny(users=30)
    X = csr_matrix(data.positives)
    low_pass = LowPass.of(X, components=3, width=2, seed=0)
    plain, with_filter = (LeaveOneOutResidual(data, CPU, each) for each in (None, low_pass))
    shown = torch.from_numpy(np.stack([data.pairs.user, data.pairs.item]))
    question = (torch.arange(30), shown, shown[:, :0])
    torch.testing.assert_close(with_filter.training(*question), plain.training(*question))
    F = low_pass.rows(csr_matrix(np.eye(9, dtype=np.float32)))
    best = low_pass.rows(voiced(X, 0.5)).max(axis=1).mean()
    W = csr_matrix(plain.full.B).toarray() / plain.full.scale
    wanted = W + LOW_PASS * 4 / best * F
    np.fill_diagonal(wanted, 0)
    B = csr_matrix(with_filter.full.B).toarray() / with_filter.full.scale
    np.testing.assert_allclose(B, np.maximum(wanted, 0), atol=1e-5)


def test_ids_start_from_the_leading_components() -> None:
    data = world(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2]), users=2, items=3)
    settings = HeteroGatSettings(width=2, exact_items=0, components=2, similar_items=0, steps=1)
    inputs = training_parts(data, settings, CPU).inputs
    wanted = LowPass.of(csr_matrix(data.positives), components=2, width=2, seed=data.seed).start
    assert inputs.start is not None
    np.testing.assert_array_equal(inputs.start.numpy(), wanted)
    assert np.isfinite(HeteroGat(settings).fit(data).score(np.arange(2))).all()


def test_a_boost_of_the_closed_form_counts_in_lists_alone() -> None:
    data, users = tiny(users=30), np.arange(30)
    settings = HeteroGatSettings(width=4, exact_items=0, components=3, similar_items=0, steps=2)
    plain, boosted = (
        HeteroGat(settings.model_copy(update={"residual_boost": boost})).fit(data)
        for boost in (1.0, 3.0)
    )
    weights = plain.item_weights.toarray()
    np.testing.assert_allclose(boosted.item_weights.toarray(), 3 * weights, rtol=1e-6)
    spoken = voiced(csr_matrix(data.positives), 0.5) @ weights
    gained = boosted.score(users) - plain.score(users)
    np.testing.assert_allclose(gained, 2 * spoken, rtol=1e-4, atol=1e-5)
