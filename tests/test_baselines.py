"""Each baseline against its formula, written out on a world of a few pairs."""

from __future__ import annotations

import logging
import sys

import numpy as np
import pytest
import torch
from model_world import checkerboard, world

from embeddings.baselines import nearest_liked, neumf
from embeddings.baselines.als import Als
from embeddings.baselines.attribute_knn import AttributeKnn
from embeddings.baselines.bpr_mf import BprMf
from embeddings.baselines.content_knn import ContentKnn
from embeddings.baselines.draws import draw_items
from embeddings.baselines.lightgcn import normalised_adjacency
from embeddings.baselines.neumf import NeuMf, NeuMfLearner
from embeddings.baselines.popularity import Popularity
from embeddings.baselines.pure_svd import PureSvd
from embeddings.baselines.recent_popularity import RecentPopularity
from embeddings.baselines.sasrec import SasRec, last_items
from embeddings.baselines.settings import (
    AlsSettings,
    AttributeKnnSettings,
    BprMfSettings,
    ContentKnnSettings,
    NeuMfSettings,
    PureSvdSettings,
    RecentPopularitySettings,
    SasRecSettings,
    TimePopularitySettings,
    UserKnnSettings,
)
from embeddings.baselines.time_popularity import TimePopularity
from embeddings.baselines.user_knn import UserKnn
from embeddings.models.contract import Recommender
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


def test_lightgcn_weighs_a_pair_by_the_degrees_of_its_ends() -> None:
    # ann likes 0 and 1, bob likes 1: 1 / √(2 · 1), 1 / √(2 · 2), 1 / √(1 · 2)
    data = world(np.array([0, 0, 1]), np.array([0, 1, 1]), users=2, items=2)
    X = [[1 / np.sqrt(2), 1 / 2], [0, 1 / np.sqrt(2)]]
    expected = np.block([[np.zeros((2, 2)), np.array(X)], [np.array(X).T, np.zeros((2, 2))]])
    np.testing.assert_allclose(normalised_adjacency(data).to_dense(), expected, rtol=1e-6)


def test_bpr_ranks_what_everybody_likes_before_what_nobody_does() -> None:
    data = world(np.array([0, 1, 2]), np.array([1, 1, 1]), users=3, items=3)
    settings = BprMfSettings(width=(2,), epochs=50, learning_rate=(0.05,), device="cpu")
    model = BprMf(settings).fit(data)
    assert (model.score(np.arange(3)).argmax(axis=1) == 1).all()
    assert [point.step for point in model.curve] == list(range(5, 51, 5))
    assert model.curve[-1].loss < model.curve[0].loss < np.log(2)


def test_a_training_that_diverges_says_so() -> None:
    data = world(np.array([0, 1]), np.array([0, 1]), users=2, items=2)
    settings = BprMfSettings(width=(2,), learning_rate=(1e30,), device="cpu")
    with pytest.raises(ModelError, match="bpr-mf diverged"):
        BprMf(settings).fit(data)


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


def test_recent_popularity_counts_the_last_days_and_lets_the_past_break_ties() -> None:
    # day 100 is the last one; of the last 10 days: item 0 once, item 1 twice, items 2 and 3 never
    user, item = np.array([0, 0, 1, 1, 1, 2, 2]), np.array([0, 2, 0, 1, 2, 1, 3])
    day = np.array([95.0, 20.0, 10.0, 99.0, np.nan, 100.0, 90.0])
    data = world(user, item, users=3, items=4, day=day)
    model = RecentPopularity(RecentPopularitySettings(days=(10.0,))).fit(data)
    expected = [1 + 2 / 3, 2 + 2 / 3, 0 + 2 / 3, 0 + 1 / 3]
    np.testing.assert_allclose(model.score(np.array([0, 2])), [expected] * 2, rtol=1e-6)


@pytest.mark.parametrize("kernel", ["exponential", "gaussian"])
def test_time_popularity_counts_likes_near_the_users_last_day(kernel: str) -> None:
    # ann was last seen on day 20, bob on day 30, cat at an unknown time: she gets the last day
    user, item = np.array([0, 0, 1, 2]), np.array([0, 1, 2, 3])
    data = world(user, item, users=3, items=4, day=np.array([10.4, 20.9, 30.0, np.nan]))
    settings = {"width_days": [5.0], "kernel": [kernel]}
    model = TimePopularity(TimePopularitySettings.model_validate(settings)).fit(data)
    ten, twenty = np.exp(-2.0), np.exp(-4.0 if kernel == "exponential" else -8.0)
    bob = [twenty, ten, 1, 0]
    expected = np.log1p([[ten, 1, ten, 0], bob, bob])
    np.testing.assert_allclose(model.score(np.arange(3)), expected, rtol=1e-5)


def test_without_times_popularity_is_what_is_left(caplog: pytest.LogCaptureFixture) -> None:
    data = world(np.array([0, 0, 1]), np.array([0, 1, 1]), users=2, items=3)
    popularity = Popularity().fit(data).score(np.arange(2))
    with caplog.at_level(logging.WARNING):
        local = TimePopularity().fit(data).score(np.arange(2))
        recent = RecentPopularity().fit(data).score(np.arange(2))
    np.testing.assert_allclose(local, popularity, rtol=1e-6)
    np.testing.assert_array_equal(np.argsort(-recent), np.argsort(-popularity))
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_content_knn_takes_the_mean_of_the_nearest_liked_items_and_may_read_reviews() -> None:
    # texts: 0 and 1 alike, 2 and 3 the opposite, 4 says nothing; ann likes 0 and 2, bob nothing
    x = torch.tensor([[1.0, 0], [2, 0], [-1, 0], [-3, 0], [0, 0]])
    review = torch.tensor([[0.0, 1], [0, -1]])
    data = world(np.array([0, 0]), np.array([0, 2]), users=2, items=5, review=review)
    data.graph["item"].x = x
    one, two, read = (
        ContentKnn(ContentKnnSettings(neighbours=(k,), review_share=(r,))).fit(data)
        for k, r in ((1, 0.0), (2, 0.0), (1, 1.0))
    )
    users = np.arange(2)
    np.testing.assert_allclose(one.score(users), [[1, 1, 1, 1, 0], [0] * 5], atol=1e-6)
    np.testing.assert_allclose(two.score(users), np.zeros((2, 5)), atol=1e-6)
    np.testing.assert_allclose(read.score(users), [[1, 0, 1, 0, 0], [0] * 5], atol=1e-6)


def test_attribute_knn_lets_rare_attributes_count_for_more() -> None:
    # items 0 1 2 are toys, 0 and 2 are red as well, 3 is nothing; ann likes 0
    data = world(np.array([0]), np.array([0]), users=1, items=4)
    data.graph["attribute"].num_nodes = 2
    has = torch.tensor([[0, 1, 2, 0, 2], [0, 0, 0, 1, 1]])
    data.graph["item", "Kind", "attribute"].edge_index = has
    plain, rare = (
        AttributeKnn(AttributeKnnSettings(neighbours=(1,), idf=(idf,))).fit(data)
        for idf in (False, True)
    )
    user, toy, red = np.array([0]), np.log(4 / 3), np.log(4 / 2)
    np.testing.assert_allclose(plain.score(user), [[1, np.sqrt(0.5), 1, 0]], rtol=1e-6)
    np.testing.assert_allclose(rare.score(user), [[1, toy / np.hypot(toy, red), 1, 0]], rtol=1e-6)


@pytest.mark.parametrize(("model", "wanted"), [(ContentKnn, "text"), (AttributeKnn, "attributes")])
def test_what_needs_a_description_says_so_where_there_is_none(
    model: type[Recommender], wanted: str
) -> None:
    data = world(np.array([0]), np.array([0]), users=1, items=1)
    with pytest.raises(ModelError, match=wanted):
        model(None).fit(data)


def test_blocks_of_one_user_give_the_same_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = checkerboard(valid=False, described=True)
    model = ContentKnn().fit(data)
    whole = model.score(np.arange(20))
    monkeypatch.setattr(nearest_liked, "CELLS_PER_BLOCK", 1)
    np.testing.assert_allclose(model.score(np.arange(20)), whole, rtol=1e-5)


def test_sasrec_reads_each_users_last_likes_in_the_order_of_their_days() -> None:
    user, item = np.array([0, 0, 0, 1, 2]), np.array([0, 1, 2, 1, 0])
    liked = np.array([True, True, True, True, False])
    day = np.array([9.0, 7.0, 8.0, np.nan, 1.0])
    data = world(user, item, users=3, items=3, positive=liked, day=day)
    np.testing.assert_array_equal(last_items(data, 2), [[2, 0], [1, 3], [3, 3]])


def test_sasrec_learns_which_item_follows_which() -> None:
    # everybody goes round 0 1 2 3 4 5 from a place of their own; the sixth item is to be told
    start, step = np.meshgrid(np.arange(6), np.arange(5), indexing="ij")
    user, item, day = start.ravel(), ((start + step) % 6).ravel(), step.ravel().astype(float)
    order = np.lexsort((item, user))
    data = world(user[order], item[order], users=6, items=6, day=day[order])
    settings = {"width": [16], "dropout": [0.0], "learning_rate": [0.01], "epochs": 100}
    model = SasRec(SasRecSettings.model_validate({**settings, "length": 3, "device": "cpu"}))
    scores = model.fit(data).score(np.arange(6))
    np.testing.assert_array_equal(scores.argmax(axis=1), (np.arange(6) + 5) % 6)


def test_neumf_adds_a_product_of_vectors_and_what_a_small_network_makes_of_them() -> None:
    # one number each: 2 · 3 from the product; φ₁ = ReLU(1 + 4) = 5 and ReLU(-9 + 4) = 0,
    # φ₂ = ReLU(2 · 5 + 7 · 0 - 3) = 7, which h takes at -0.5: 6 - 3.5
    parts = {
        "P": np.array([[2.0]], np.float32),
        "Q": np.array([[3.0]], np.float32),
        "of_user": np.array([[1.0, -9.0]], np.float32),
        "of_item": np.array([[4.0, 4.0]], np.float32),
        "W_2": np.array([[2.0, 7.0]], np.float32),
        "b_2": np.array([-3.0], np.float32),
        "h": np.array([-0.5], np.float32),
    }
    np.testing.assert_allclose(NeuMf().rows(parts, np.array([0])), [[2.5]])


def test_neumf_scores_whole_blocks_as_its_network_scores_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, _ = checkerboard(6, valid=False)
    settings = NeuMfSettings.model_validate({"width": [3], "epochs": 3, "device": "cpu"})
    learner = NeuMfLearner(data, settings, torch.device("cpu"))
    learner.epoch(1)
    network = learner.network
    with torch.no_grad():
        pairs = [
            network(network.users.weight[[u]].expand(6, -1), network.items.weight) for u in range(6)
        ]
    monkeypatch.setattr(neumf, "NUMBERS_PER_BLOCK", 1)
    scores = NeuMf(settings).rows(learner.parts(), np.arange(6))
    np.testing.assert_allclose(scores, torch.stack(pairs), rtol=1e-5, atol=1e-6)


def test_a_drawn_item_counts_only_where_the_user_does_not_like_it() -> None:
    # ann likes 0 and 2 of three items, bob 1
    liked, user = torch.tensor([0, 2, 4]), torch.tensor([0, 1]).repeat_interleave(200)
    item, unliked = draw_items(user, 3, liked=liked, generator=torch.Generator().manual_seed(0))
    assert item.unique().tolist() == [0, 1, 2]
    torch.testing.assert_close(unliked, (item == 1) == (user == 0))
