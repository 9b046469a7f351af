"""One suite that every model passes, on a checkerboard whose answer is known."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from model_world import checkerboard

from embeddings.erasure import forget_in_model
from embeddings.models.contract import Recommender
from embeddings.models.settings import STOPS_EARLY, ModelSettings
from embeddings.train import MODELS, Fitted, fit_all, load, refit
from embeddings.training_data import TrainingData
from kg.errors import ModelError

HERE = [name for name in MODELS if name != "als" or find_spec("implicit")]
SETTINGS = ModelSettings.model_validate(
    {
        "models": HERE,
        "hetero_gat": {"width": 16, "steps": 60, "check_every": 10, "l2": 5.0, "device": "cpu"},
        "ease": {"l2": [5.0, 20.0]},
        "time_ease": {"l2": [5.0]},
        "als": {"factors": [2, 4], "l2": [1.0]},
        "bpr_mf": {"width": [8], "learning_rate": [0.03], "batch": 32, "device": "cpu"},
        "sasrec": {"width": [8], "learning_rate": [0.01], "epochs": 10, "device": "cpu"},
        "lightgcn": {"width": [8], "learning_rate": [0.03], "batch": 32, "device": "cpu"},
        "neumf": {"width": [8], "learning_rate": [0.01], "batch": 32, "device": "cpu"},
        "biased_mf": {"width": [8], "epochs": 10, "batch": 32, "device": "cpu"},
    }
)
OTHER_ENCODERS = ["gatv2", "lightgcn", "sage", "hgt"]
NAMES = [*HERE, *(f"hetero-gat/{encoder}" for encoder in OTHER_ENCODERS)]
EVERY_MODEL = pytest.mark.parametrize("name", NAMES)
SIDE = 20


def one(name: str) -> ModelSettings:
    """Settings of a model alone, as `<model>` or `<model>/<encoder>`."""
    model, _, encoder = name.partition("/")
    settings = SETTINGS.model_copy(update={"models": (model,)})
    if not encoder:
        return settings
    section = settings.hetero_gat.model_copy(update={"encoder": encoder})
    return settings.with_section("hetero-gat", section)


def fit_one(name: str, data: TrainingData) -> Fitted:
    return fit_all(data, one(name))[name.partition("/")[0]]


@pytest.fixture(scope="module")
def fits() -> dict[str, Fitted]:
    data, _ = checkerboard(SIDE, described=True)
    return {name: fit_one(name, data) for name in NAMES}


@pytest.fixture(scope="module")
def fitted(fits: dict[str, Fitted]) -> dict[str, Recommender]:
    return {name: each.model for name, each in fits.items()}


def scores(model: Recommender, users: np.ndarray) -> np.ndarray:
    return model.score(users)


@EVERY_MODEL
def test_scores_are_finite_and_shaped_users_by_items(
    fitted: dict[str, Recommender], name: str
) -> None:
    rows = scores(fitted[name], np.array([3, 0, 3]))
    assert rows.shape == (3, SIDE)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    np.testing.assert_array_equal(rows[0], rows[2])


@EVERY_MODEL
def test_no_users_give_no_rows(fitted: dict[str, Recommender], name: str) -> None:
    assert scores(fitted[name], np.empty(0, np.int64)).shape == (0, SIDE)


# sasrec cannot: without times the items come in one order, and the first ones follow none;
# rating-mean and biased-mf rank by rating, and here ratings do not tell the colours apart
@pytest.mark.parametrize(
    "name",
    [
        name
        for name in NAMES
        if "popularity" not in name and name not in ("sasrec", "rating-mean", "biased-mf")
    ],
)
def test_the_items_held_out_of_a_users_colour_come_first(
    fitted: dict[str, Recommender], name: str
) -> None:
    data, _ = checkerboard(SIDE, described=True)
    users = np.arange(SIDE)
    ranked = scores(fitted[name], users).copy()
    ranked[data.seen.toarray() > 0] = -np.inf
    first_two = np.sort(np.argsort(-ranked, axis=1)[:, :2], axis=1)
    expected = np.sort(np.stack([users, (users + 2) % SIDE], axis=1), axis=1)
    np.testing.assert_array_equal(first_two, expected)


def test_popularity_gives_everybody_the_same_list_by_count() -> None:
    data, _ = checkerboard(SIDE, valid=False, described=True)
    model = fit_all(data, one("popularity"))["popularity"].model
    rows = scores(model, np.arange(SIDE))
    assert (rows == rows[0]).all()
    np.testing.assert_allclose(rows[0], np.log1p(SIDE // 2 - 1), rtol=1e-6)


@EVERY_MODEL
def test_a_saved_model_scores_the_same_after_loading(
    fitted: dict[str, Recommender], name: str, tmp_path: Path
) -> None:
    fitted[name].save(tmp_path)
    again = load(fitted[name].name, tmp_path)
    assert again.settings == fitted[name].settings
    users = np.arange(SIDE)
    np.testing.assert_array_equal(scores(again, users), scores(fitted[name], users))


@EVERY_MODEL
def test_equal_seeds_give_equal_models(fitted: dict[str, Recommender], name: str) -> None:
    data, _ = checkerboard(SIDE, described=True)
    again = fit_one(name, data).model
    users = np.arange(SIDE)
    np.testing.assert_array_equal(scores(again, users), scores(fitted[name], users))


@EVERY_MODEL
def test_a_refit_takes_the_chosen_settings_and_the_held_out_pairs(
    fitted: dict[str, Recommender], name: str
) -> None:
    everything, _ = checkerboard(SIDE, valid=False, described=True)
    first = fitted[name]
    second = refit(first, everything).model
    assert second.settings == first.settings
    users = np.arange(SIDE)
    assert not np.array_equal(scores(second, users), scores(first, users))


def test_a_folder_without_a_model_and_another_models_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no readable model"):
        load("ease", tmp_path)
    data, _ = checkerboard(SIDE, valid=False, described=True)
    fit_all(data, one("popularity"))["popularity"].model.save(tmp_path)
    with pytest.raises(ModelError, match="Wanted a 'ease' model"):
        load("ease", tmp_path)


def test_an_unknown_model_is_refused_with_the_known_names() -> None:
    with pytest.raises(ModelError, match="hetero-gat"):
        load("svd", Path())


def test_models_that_learn_in_steps_have_a_curve_that_says_what_validation_saw(
    fits: dict[str, Fitted],
) -> None:
    assert {name for name in HERE if fits[name].curve.num_rows} == STOPS_EARLY
    for name in STOPS_EARLY:
        curve = fits[name].curve.to_pydict()
        told, other = "valid_ndcg", "valid_rmse"
        if name == "biased-mf":
            told, other = other, told
        assert all(0 <= value <= 3 for value in curve[told])
        assert not any(curve[other])
        settings = fits[name].model.settings.model_dump()
        assert settings.get("steps", settings.get("epochs")) in curve["step"]
    curve = fits["hetero-gat"].curve.to_pydict()
    assert curve["step"][0] == 10
    assert curve["loss"][-1] < curve["loss"][0]


@EVERY_MODEL
def test_a_forgotten_user_leaves_the_others_scores(
    fitted: dict[str, Recommender], name: str, tmp_path: Path
) -> None:
    model, gone = fitted[name], 3
    model.save(tmp_path)
    forget_in_model(tmp_path, [gone], SIDE)
    left = load(name.partition("/")[0], tmp_path)
    others = np.delete(np.arange(SIDE), gone)
    after = scores(left, np.arange(SIDE - 1))
    if name == "user-knn":  # whose scores are made of the neighbours' likes, among them the gone
        assert after.shape == (SIDE - 1, SIDE)
    else:
        np.testing.assert_allclose(after, scores(model, others), atol=1e-6)
    assert not forget_in_model(tmp_path, [gone], SIDE), "once is enough"
