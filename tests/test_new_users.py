"""People whom training never saw: what they are given by what they like."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from model_world import checkerboard, world
from scipy.sparse import csr_array
from snapshot_world import split_of

from embeddings.models.contract import FoldsIn
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import HeteroGatSettings, ModelSettings
from embeddings.new_users import NewUsers, draw_new_users, evaluate_new_users, without_users
from embeddings.train import MODELS, fit_all, folding_models, load
from embeddings.training_data import TrainingData
from kg.errors import ConfigError, ModelError
from kg.progress import no_progress
from recommender.config import Config
from recommender.experiments import Experiment
from recommender.new_users import new_users_of_run
from recommender.run_folder import RunFolder

SIDE = 20
SMALL = HeteroGatSettings(width=16, steps=60, check_every=10, l2=5.0, device="cpu")
HERE = [name for name in folding_models() if name != "als" or find_spec("implicit")]
ENCODERS = ["gatv2", "lightgcn", "sage", "hgt"]
NAMES = [*HERE, *(f"hetero-gat/{encoder}" for encoder in ENCODERS)]
LEARNS_TASTE = [name for name in NAMES if "popularity" not in name]


def fitted(name: str, data: TrainingData) -> FoldsIn:
    model, _, encoder = name.partition("/")
    settings = ModelSettings.model_validate(
        {
            "models": [model],
            "hetero_gat": SMALL.model_dump() | {"encoder": encoder or "attention"},
            "ease": {"l2": [5.0]},
            "time_ease": {"l2": [5.0]},
            "pure_svd": {"factors": [2]},
            "als": {"factors": [2], "l2": [1.0]},
        }
    )
    found = fit_all(data, settings)[model].model
    assert isinstance(found, FoldsIn)
    return found


def likes(*people: list[int]) -> csr_array:
    rows = np.zeros((len(people), SIDE), np.float32)
    for row, items in zip(rows, people, strict=True):
        row[items] = 1.0
    return csr_array(rows)


def test_who_needs_a_vector_or_an_order_of_a_user_cannot_score_new_ones() -> None:
    assert set(MODELS) - set(folding_models()) == {
        *("time-popularity", "user-knn", "bpr-mf", "lightgcn", "neumf", "sasrec"),
        *("rating-mean", "biased-mf"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_new_person_with_one_colour_is_given_that_colour(name: str, tmp_path: Path) -> None:
    data, _ = checkerboard(SIDE, described=True)
    model = fitted(name, data)
    people = likes([0, 4, 10], [3, 7], [])
    scores = model.score_likes(people)
    assert scores.shape == (3, SIDE)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    if name in LEARNS_TASTE:
        ranked = np.where(people.toarray() > 0, -np.inf, scores)
        best = np.argsort(-ranked, axis=1)[:, :5] % 2
        assert best[:2].tolist() == [[0] * 5, [1] * 5]
    model.save(tmp_path)  # type: ignore[attr-defined]
    again = load(name.partition("/")[0], tmp_path)
    assert isinstance(again, FoldsIn)
    np.testing.assert_array_equal(again.score_likes(people), scores)


@pytest.mark.parametrize("name", [name for name in HERE if name not in ("hetero-gat", "als")])
def test_told_what_a_user_liked_in_training_the_scores_are_the_users_own(name: str) -> None:
    data, _ = checkerboard(SIDE, described=True)
    model = fitted(name, data)
    own = model.score(np.arange(SIDE))  # type: ignore[attr-defined]
    np.testing.assert_allclose(model.score_likes(data.positives), own, rtol=1e-5, atol=1e-5)


@pytest.mark.skipif(find_spec("implicit") is None, reason="needs implicit")
def test_als_solves_the_persons_own_ridge_regression() -> None:
    data, _ = checkerboard(SIDE)
    model = fitted("als", data)
    own = model.score(np.arange(SIDE))  # type: ignore[attr-defined]
    np.testing.assert_allclose(model.score_likes(data.positives), own, atol=0.02)


@pytest.mark.parametrize(
    "change",
    [{}, {"layers": 1}, {"layers": 3, "seeds": 2}, {"exact_items": 0, "blind_share": 0.2}],
    ids=str,
)
def test_a_network_whose_users_have_no_id_scores_a_user_and_her_double_alike(
    change: dict[str, object],
) -> None:
    """Without attention all likes of an item are average ones, so that nothing is approximate."""
    data, _ = checkerboard(SIDE)
    section = SMALL.model_copy(update={"encoder": "lightgcn", "user_ids": False} | change)
    model = HeteroGat(section).fit(data)
    own = model.score(np.arange(SIDE))
    np.testing.assert_allclose(model.score_likes(data.positives), own, atol=1e-4)


def test_a_network_that_predicts_ratings_alone_says_so() -> None:
    data, _ = checkerboard(SIDE, valid=False)
    data.pairs.rating[:] = np.arange(len(data.pairs.rating)) % 5 + 1
    model = HeteroGat(SMALL.model_copy(update={"objective": "rating"})).fit(data)
    with pytest.raises(ModelError, match="predict ratings alone"):
        model.score_likes(likes([0]))


@pytest.mark.parametrize("heads", [1, 4])
def test_attention_to_an_average_like_is_near_to_attention_to_the_like_itself(heads: int) -> None:
    data, _ = checkerboard(SIDE)
    model = HeteroGat(SMALL.model_copy(update={"user_ids": False, "heads": heads})).fit(data)
    own, double = model.score(np.arange(SIDE)), model.score_likes(data.positives)
    assert np.corrcoef(own.ravel(), double.ravel())[0, 1] > 0.99


def test_items_that_only_others_dislike_are_liked_by_nobody_so_far() -> None:
    """The message of item 2 is then an average like; the dislike says nothing of who likes it."""
    data = world(
        np.array([0, 0, 1, 1, 2]),
        np.array([0, 1, 0, 1, 2]),
        users=3,
        items=3,
        positive=np.array([True, True, True, True, False]),
    )
    model = HeteroGat(SMALL.model_copy(update={"encoder": "lightgcn"})).fit(data)
    np.testing.assert_allclose(model._messages.weights, 1.0)
    assert np.isfinite(model.score_likes(csr_array(np.eye(3, dtype=np.float32)))).all()


def test_in_a_temporal_split_a_new_person_asks_on_the_last_day() -> None:
    """Everybody takes item n around day 100 n, up to item 9: item 9 is around, item 0 long gone."""
    user = np.repeat(np.arange(30), 4)
    item = (np.arange(30)[:, None] % 7 + np.arange(4)).ravel()
    valid = csr_array((np.ones(6, bool), (np.arange(6), np.arange(6) + 4)), shape=(30, 10))
    data = world(user, item, users=30, items=10, day=100.0 * item, valid=valid)
    model = HeteroGat(SMALL.model_copy(update={"hide": "latest", "mask_share": 0.35})).fit(data)
    nobody = model.score_likes(csr_array((1, 10), dtype=np.float32))
    last = model.score(np.flatnonzero(item.reshape(30, 4)[:, -1] == 9))
    psi, own = model._scores.psi, model._scores.last_day
    assert bool((psi != 0).any())
    assert float(own.max()) == 900.0
    bias = model._scores.bias.numpy()
    in_time = nobody[0] - bias
    first = int(np.flatnonzero(item.reshape(30, 4)[:, -1] == 9)[0])
    row = last[0] - bias - model._closed_form.rows(np.array([first]))[0] * model._scores.g.numpy()
    row -= (model._scores.user[first] @ model._scores.item.T).numpy()
    np.testing.assert_allclose(in_time, row, atol=1e-4)


def split() -> dict[tuple[str, str], str]:
    return {
        (f"u{u}", f"i{i}"): "test" if i == 0 and u < 10 else "train"
        for u in range(12)
        for i in range(3)
    }


def test_new_users_are_drawn_among_those_with_a_test_pair_and_leave_whole() -> None:
    table = split_of(split())
    keys = draw_new_users(table, share=0.3, seed=1)
    assert len(keys) == 3
    assert set(keys) <= {f"u{u}" for u in range(10)}
    assert keys != draw_new_users(table, share=0.3, seed=2)
    found = {
        (r["user_id"], r["item_id"]): r["part"] for r in without_users(table, keys).to_pylist()
    }
    assert found == {pair: "new" if pair[0] in keys else part for pair, part in split().items()}


def without_rows(data: TrainingData, users: list[int]) -> TrainingData:
    left = ~np.isin(data.pairs.user, users)
    return world(data.pairs.user[left], data.pairs.item[left], users=SIDE, items=SIDE)


def test_folding_in_finds_what_training_finds_and_popularity_does_not() -> None:
    data, test = checkerboard(SIDE, valid=False)
    nothing = csr_array((SIDE, SIDE), dtype=bool)
    new = NewUsers.of(["u3", "u5", "u7"], data, test, nothing)
    left = without_rows(data, [3, 5, 7])
    ease = evaluate_new_users(
        new, without=fitted("ease", left), with_them=fitted("ease", data), seed=1
    )
    assert (ease.folded_in, ease.trained_on, ease.difference) == (1.0, 1.0, 0.0)
    assert ease.users == 3
    popular = new.folded_in(fitted("popularity", left))
    assert popular.tolist() == [0.0] * 3, "ten even items are liked by more"


def test_new_users_without_a_like_to_tell_are_refused() -> None:
    data, test = checkerboard(SIDE, valid=False)
    left = without_rows(data, [3])
    with pytest.raises(ModelError, match="None of 1 new users"):
        NewUsers.of(["u3"], left, test, csr_array((SIDE, SIDE), dtype=bool))


def test_a_network_that_predicts_ratings_alone_is_not_trained_for_new_users(
    tmp_path: Path,
) -> None:
    told = {
        "name": "shop",
        "sources": [{"type": "adjacency", "path": "x", "behaviour": "BOUGHT"}],
        "model": {"models": ["hetero-gat"], "hetero_gat": {"objective": "rating"}},
    }
    run = Experiment(RunFolder(tmp_path), Config.model_validate(told))
    with pytest.raises(ConfigError, match="None of hetero-gat can score people") as error:
        new_users_of_run(run, share=0.5, progress=no_progress)
    assert "learns to rank" in str(error.value.remedy)
