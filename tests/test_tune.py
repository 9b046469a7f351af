"""The search for settings: it goes on where it was, never loses to what was there, sees no test."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from model_world import camps, checkerboard

from embeddings.baselines.settings import EaseSettings, ItemKnnSettings
from embeddings.models.settings import HeteroGatSettings, ModelSettings
from embeddings.search_space import RATING_SPACE, SPACES, Span
from embeddings.tune import tune
from kg.errors import ConfigError, ModelError


@pytest.mark.parametrize("name", SPACES)
def test_every_searched_setting_is_one_of_the_model_and_all_its_values_are_allowed(name):
    section = ModelSettings().of(name)
    assert section is not None
    searched = {**SPACES[name], **(RATING_SPACE if name == "hetero-gat" else {})}
    for field, space in searched.items():
        ends = (space.low, space.high) if isinstance(space, Span) else space
        for value in ends:
            given = (value,) if isinstance(getattr(section, field), tuple) else value
            type(section).model_validate({field: given})


def test_a_study_goes_on_and_is_only_read_once_it_is_done(tmp_path: Path):
    data, _ = checkerboard()
    base = ModelSettings(item_knn=ItemKnnSettings(neighbours=(100,), shrink=(10.0,)))

    def search(trials: int):
        return tune("item-knn", base, data, folder=tmp_path, trials=trials)

    first = search(2)
    more = search(4)
    again = search(4)
    assert (first.trials, more.trials, again.trials) == (2, 4, 4)
    assert first.first == more.first <= first.valid <= more.valid
    assert again == more
    assert more.settings.keys() == {"neighbours", "shrink"}


def test_the_settings_that_are_there_are_tried_first(tmp_path: Path):
    data, _ = checkerboard()
    found = tune(
        "ease", ModelSettings(ease=EaseSettings(l2=(7.0, 8.0))), data, folder=tmp_path, trials=1
    )
    assert found.settings == {"l2": 7.0}
    assert found.valid == found.first
    assert 1 / math.log2(3) <= found.valid <= 1, "only the test item is as good"


def test_a_network_is_searched_with_several_seeds_and_tells_its_steps(tmp_path: Path):
    data, _ = checkerboard()
    base = ModelSettings(hetero_gat=HeteroGatSettings(steps=20, width=8, check_every=5))
    found = tune("hetero-gat", base, data, folder=tmp_path, trials=2, seeds=2)
    assert found.steps is not None
    assert 5 <= found.steps <= 20
    assert 0 < found.first <= found.valid <= 1
    lines = (tmp_path / "hetero-gat.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)


def test_without_validation_targets_there_is_nothing_to_search_by(tmp_path: Path):
    data, _ = checkerboard(valid=False)
    with pytest.raises(ModelError, match="validation"):
        tune("ease", ModelSettings(), data, folder=tmp_path, trials=1)


def test_popularity_has_nothing_to_tune(tmp_path: Path):
    data, _ = checkerboard()
    with pytest.raises(ConfigError, match="nothing to tune"):
        tune("popularity", ModelSettings(), data, folder=tmp_path, trials=1)


def test_no_time_for_a_single_trial_is_said_so(tmp_path: Path):
    data, _ = checkerboard()
    with pytest.raises(ModelError, match="No trial of ease"):
        tune("ease", ModelSettings(), data, folder=tmp_path, trials=1, seconds=0.0)


@pytest.mark.parametrize("name", ["rating-mean", "biased-mf", "hetero-gat"])
def test_models_of_ratings_are_judged_by_their_error(name: str, tmp_path: Path):
    settings = {
        "hetero_gat": {"objective": "rating", "steps": 10, "width": 8},
        "biased_mf": {"width": [8], "epochs": 5},
    }
    base = ModelSettings.model_validate(settings)
    found = tune(name, base, camps()[0], folder=tmp_path, trials=2)
    assert (found.metric, found.trials) == ("rmse", 2)
    assert 0 < found.valid <= found.first


def test_without_rated_pairs_to_validate_by_a_search_for_ratings_says_so(tmp_path: Path):
    data, _ = checkerboard()
    with pytest.raises(ModelError, match="no pair of the validation part has one"):
        tune("biased-mf", ModelSettings(), data, folder=tmp_path, trials=1)
