"""Each baseline against its formula, written out on a world of a few pairs."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from model_world import world

from embeddings.baselines.als import Als
from embeddings.baselines.pure_svd import PureSvd
from embeddings.baselines.settings import AlsSettings, PureSvdSettings, UserKnnSettings
from embeddings.baselines.user_knn import UserKnn
from kg.errors import ModelError


def test_user_knn_adds_up_the_likes_of_the_most_similar_user() -> None:
    # ann likes 0 1, bob 0 1 2, cat 2: ann is closer to bob (2 / (√2 √3 + 1)) than to cat (0),
    # and bob closer to ann than to cat (1 / (√3 + 1))
    data = world(np.array([0, 0, 1, 1, 1, 2]), np.array([0, 1, 0, 1, 2, 2]), users=3, items=3)
    model = UserKnn(UserKnnSettings(neighbours=(1,), shrink=(1.0,))).fit(data)
    near, far = 2 / (np.sqrt(6) + 1), 1 / (np.sqrt(3) + 1)
    expected = [[near, near, near], [near, near, 0], [far, far, far]]
    np.testing.assert_allclose(model.score(np.arange(3)), expected, rtol=1e-6)


def test_pure_svd_of_rank_one_keeps_the_larger_of_two_camps() -> None:
    # two users like items 0 and 1, one likes item 2: the first right singular vector is
    # (1, 1, 0) / √2, so the first camp is kept as it is and the second one vanishes
    data = world(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 2]), users=3, items=3)
    model = PureSvd(PureSvdSettings(factors=(1,))).fit(data)
    expected = [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    np.testing.assert_allclose(model.score(np.arange(3)), expected, atol=1e-6)


def test_pure_svd_takes_no_more_factors_than_there_are_items() -> None:
    data = world(np.array([0, 1]), np.array([0, 1]), users=3, items=2)
    model = PureSvd(PureSvdSettings(factors=(50,))).fit(data)
    np.testing.assert_allclose(model.score(np.arange(3)), [[1, 0], [0, 1], [0, 0]], atol=1e-6)


def test_als_with_one_factor_balances_the_ridge_against_the_pair() -> None:
    # one user, one item, α = 1: min (1 - pq)² + (p² + q²) / 4 has p = q, so p² = 1 - 1/4
    pytest.importorskip("implicit", reason="the extra baselines is not installed")
    data = world(np.array([0]), np.array([0]), users=1, items=1)
    settings = AlsSettings(factors=(1,), l2=(0.25,), alpha=(1.0,), iterations=200)
    np.testing.assert_allclose(Als(settings).fit(data).score(np.array([0])), 0.75, rtol=1e-3)


def test_als_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    data = world(np.array([0]), np.array([0]), users=1, items=1)
    with pytest.raises(ModelError, match=r"kgrec\[baselines\]"):
        Als().fit(data)
