"""Predicted ratings: worlds whose ratings are known, and that nothing hidden takes part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from model_world import camps, checkerboard, world

from embeddings.baselines.biased_mf import BiasedMf
from embeddings.baselines.rating_mean import RatingMean
from embeddings.baselines.settings import RatingMeanSettings
from embeddings.models.contract import Recommender, rating_predictor
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.rating_bias import Rated
from embeddings.models.rating_head import RatedEdges, RatingHead
from embeddings.models.settings import HeteroGatSettings, ModelSettings
from embeddings.train import fit_all, load, make_model, refit
from embeddings.training_data import TrainingData
from kg.errors import ModelError

SETTINGS = ModelSettings.model_validate(
    {
        "models": ["hetero-gat", "rating-mean", "biased-mf"],
        "hetero_gat": {
            "width": 8,
            "steps": 150,
            "check_every": 10,
            "l2": 5.0,
            "device": "cpu",
            "objective": "joint",
            "rating_width": 8,
            "rating_learning_rate": 0.02,
        },
        "biased_mf": {
            "width": [4],
            "l2": [0.01],
            "learning_rate": [0.02],
            "batch": 64,
            "patience": 50,
            "device": "cpu",
        },
    }
)
EVERY_PREDICTOR = pytest.mark.parametrize("name", SETTINGS.models)


@pytest.fixture(scope="module")
def fitted() -> dict[str, Recommender]:
    return {name: found.model for name, found in fit_all(camps()[0], SETTINGS).items()}


def said(model: Recommender, user: np.ndarray, item: np.ndarray) -> np.ndarray:
    predictor = rating_predictor(model)
    assert predictor is not None
    return predictor.predict_ratings(user, item)


@EVERY_PREDICTOR
def test_ratings_are_numbers_within_the_range_of_the_source(
    fitted: dict[str, Recommender], name: str
) -> None:
    user, item = (grid.ravel() for grid in np.indices((20, 20)))
    ratings = said(fitted[name], user, item)
    assert ratings.shape == (400,)
    assert ratings.dtype == np.float32
    assert ((ratings >= 1) & (ratings <= 5)).all()
    assert said(fitted[name], user[:0], item[:0]).shape == (0,)


@pytest.mark.parametrize("name", ["hetero-gat", "biased-mf"])
def test_what_two_camps_would_say_is_found_out(fitted: dict[str, Recommender], name: str) -> None:
    _, test = camps()
    np.testing.assert_allclose(said(fitted[name], test.user, test.item), test.rating, atol=0.5)


def test_means_alone_cannot_tell_two_camps_apart(fitted: dict[str, Recommender]) -> None:
    _, test = camps()
    ratings = said(fitted["rating-mean"], test.user, test.item)
    np.testing.assert_allclose(ratings, 3.0, atol=0.5)


@pytest.mark.parametrize("name", ["biased-mf", "hetero-gat"])
def test_a_model_of_ratings_ranks_what_a_camp_likes_first(name: str) -> None:
    base = SETTINGS.model_dump()
    base["hetero_gat"]["objective"] = "rating"
    data, _ = camps()
    settings = ModelSettings.model_validate(base | {"models": [name]})
    scores = fit_all(data, settings)[name].model.score(np.arange(20))
    own = np.add.outer(np.arange(20), np.arange(20)) % 2 == 0
    assert scores[own].min() > scores[~own].max()


@EVERY_PREDICTOR
def test_a_saved_model_predicts_the_same_after_loading(
    fitted: dict[str, Recommender], name: str, tmp_path: Path
) -> None:
    fitted[name].save(tmp_path)
    user, item = np.arange(20), np.arange(20)[::-1].copy()
    again = load(name, tmp_path)
    np.testing.assert_array_equal(said(again, user, item), said(fitted[name], user, item))


@EVERY_PREDICTOR
def test_equal_seeds_predict_equal_ratings(fitted: dict[str, Recommender], name: str) -> None:
    alone = SETTINGS.model_copy(update={"models": (name,)})
    again = fit_all(camps()[0], alone)[name].model
    user = np.arange(20)
    np.testing.assert_array_equal(said(again, user, user), said(fitted[name], user, user))


def test_joint_training_returns_rankings_and_ratings_and_what_validation_saw_of_both() -> None:
    data, _ = camps()
    first = fit_all(data, SETTINGS.model_copy(update={"models": ("hetero-gat",)}))["hetero-gat"]
    curve = first.curve.to_pydict()
    best_rank = curve["step"][int(np.argmax(curve["valid_ndcg"]))]
    best_rate = curve["step"][int(np.argmin(curve["valid_rmse"]))]
    chosen = first.model.settings
    assert (chosen.steps, chosen.rating_steps) == (best_rank, best_rate)
    second = refit(first.model, camps(valid=False)[0])
    assert second.model.settings == chosen
    assert second.curve["step"].to_pylist()[-1] == max(best_rank, best_rate)
    assert rating_predictor(second.model) is not None


def test_to_learn_ratings_beside_it_changes_nothing_in_a_ranking() -> None:
    data, _ = camps(valid=False)
    joint = SETTINGS.hetero_gat.model_copy(update={"steps": 10})
    alone = joint.model_copy(update={"objective": "ranking"})
    users = np.arange(20)
    both, ranking = (HeteroGat(settings).fit(data).score(users) for settings in (joint, alone))
    np.testing.assert_array_equal(both, ranking)


def test_what_learns_ratings_alone_has_vectors_of_them_and_neither_attention_nor_neighbours() -> (
    None
):
    data, _ = camps()
    settings = SETTINGS.hetero_gat.model_copy(update={"objective": "rating", "steps": 60})
    model = HeteroGat(settings).fit(data)
    cosine = model.item_vectors @ model.item_vectors.T
    same = np.add.outer(np.arange(20), np.arange(20)) % 2 == 0
    assert cosine[same].min() > cosine[~same].max()
    assert model.user_vectors.shape == (20, settings.rating_width)
    assert model.item_weights.count_nonzero() == 0
    assert model.attention == {}


def test_a_network_that_was_trained_to_rank_alone_predicts_no_ratings() -> None:
    data, _ = checkerboard()
    model = HeteroGat(HeteroGatSettings(width=8, steps=10, device="cpu")).fit(data)
    assert rating_predictor(model) is None
    with pytest.raises(ModelError, match="objective"):
        model.predict_ratings(np.arange(2), np.arange(2))


@EVERY_PREDICTOR
def test_without_ratings_a_model_of_ratings_says_what_it_needs(name: str) -> None:
    data = world(np.array([0, 1]), np.array([0, 1]), users=2, items=2)
    with pytest.raises(ModelError, match="none of the 2 training pairs") as error:
        make_model(name, SETTINGS).fit(data)
    assert "objective" in str(error.value.remedy)


def kind_users(*, hole: tuple[int, int]) -> tuple[TrainingData, float]:
    """User u gives item i 1 + u + 2 i, but for one pair, which nobody knows of."""
    user, item = (grid.ravel() for grid in np.indices((3, 3)))
    rating = (1.0 + user + 2 * item).astype(np.float32)
    known = ~((user == hole[0]) & (item == hole[1]))
    data = world(user[known], item[known], users=3, items=3, rating=rating[known])
    return data, float(rating[~known][0])


def test_where_users_are_kind_and_items_good_means_are_exact() -> None:
    data, hidden = kind_users(hole=(1, 2))
    model = RatingMean(RatingMeanSettings(user_shrink=(0.0,), item_shrink=(0.0,))).fit(data)
    assert model.predict_ratings(np.array([1]), np.array([2])) == pytest.approx(hidden, abs=1e-3)


def test_shrinkage_pulls_a_single_rating_halfway_to_the_mean() -> None:
    # mean 3; item 1 was rated once, 2 above: with λ = 1 half of it stays; users all rate alike
    data = world(
        np.array([0, 1, 2]),
        np.array([0, 0, 1]),
        users=3,
        items=2,
        rating=np.array([2.0, 2.0, 5.0], np.float32),
    )
    model = RatingMean(RatingMeanSettings(user_shrink=(1e9,), item_shrink=(1.0,))).fit(data)
    ratings = model.predict_ratings(np.array([0, 0]), np.array([0, 1]))
    np.testing.assert_allclose(ratings, [3 - 2 / 3, 3 + 2 / 2], rtol=1e-5)


def test_of_an_unknown_user_and_an_unknown_item_only_the_mean_is_known() -> None:
    data, _ = kind_users(hole=(2, 2))
    wider = world(data.pairs.user, data.pairs.item, users=4, items=4, rating=data.pairs.rating)
    settings = BiasedMf().settings.model_copy(update={"epochs": 3, "l2": (0.1,), "device": "cpu"})
    ratings = BiasedMf(settings).fit(wider).predict_ratings(np.array([3]), np.array([3]))
    assert ratings == pytest.approx(np.nanmean(data.pairs.rating), abs=0.05)


@pytest.fixture
def head() -> RatingHead:
    rated = Rated.of(camps(6)[0], "test")
    edges = RatedEdges.of(rated, torch.device("cpu"))
    edges.rating.requires_grad_()
    generator = torch.Generator().manual_seed(1)
    return RatingHead(edges, width=4, z_width=3, dropout=0.0, generator=generator)


def test_a_prediction_rests_on_visible_ratings_alone(head: RatingHead) -> None:
    visible = torch.arange(len(head.edges.rating)) % 3 > 0
    parts = head(torch.ones(12, 3), visible)
    said = (parts.user @ parts.item.T).square().sum() + (parts.user_bias * parts.item_bias[0]).sum()
    of_prediction = torch.autograd.grad(said, head.edges.rating)[0]
    assert (of_prediction[~visible] == 0).all()
    assert (of_prediction[visible] != 0).all()


def test_only_hidden_ratings_are_asked_for(head: RatingHead) -> None:
    hidden = torch.arange(len(head.edges.rating)) % 3 == 0
    with torch.no_grad():
        parts = head(torch.ones(12, 3), ~hidden)
    asked = torch.autograd.grad(head.loss(parts, hidden, l2=0.0), head.edges.rating)[0]
    assert (asked[~hidden] == 0).all()
    assert (asked[hidden] != 0).all()


def test_a_step_without_a_hidden_rating_asks_for_nothing(head: RatingHead) -> None:
    nothing = torch.zeros(len(head.edges.rating), dtype=torch.bool)
    parts = head(torch.ones(12, 3), ~nothing)
    assert head.loss(parts, nothing, l2=0.1).item() == 0
