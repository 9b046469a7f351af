"""Each baseline against its formula, written out on a world of a few pairs."""

from __future__ import annotations

import numpy as np
from model_world import world

from embeddings.baselines.pure_svd import PureSvd
from embeddings.baselines.settings import PureSvdSettings, UserKnnSettings
from embeddings.baselines.user_knn import UserKnn


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
