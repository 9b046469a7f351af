"""A training that is cut off and goes on ends as if nobody had cut it off."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from model_world import checkerboard

from embeddings.checkpoints import Checkpoint, Kept
from embeddings.models.hetero_gat import HeteroGat
from embeddings.models.settings import HeteroGatSettings, ModelSettings
from embeddings.train import Fitted, fit_all, refit
from embeddings.training_data import TrainingData

SIDE = 12
SMALL = {
    "width": 8,
    "steps": 24,
    "check_every": 4,
    "l2": 5.0,
    "device": "cpu",
    "patience": 20,
}
WAYS: dict[str, dict[str, object]] = {
    "all users at once": {},
    "users in parts": {"cells_per_step": 5 * SIDE},
    "two seeds": {"seeds": 2},
    "ratings too": {"objective": "joint", "rating_steps": 16},
    "ratings alone": {"objective": "rating"},
    "drawn messages": {"neighbours": 3},
    "blind items": {"blind_share": 0.2},
    "sage": {"encoder": "sage"},
    "it ends early": {"patience": 1},
}


class PowerCutError(BaseException):
    """Nothing catches it."""


def cut_after(reports: int) -> Callable[..., None]:
    """Progress that lets so many reports through, and no more."""
    left = reports

    def progress(done: int, total: int | None = None, unit: str = "rows") -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise PowerCutError

    return progress


def at_each_step(folder: Path, data: str) -> Kept:
    return Kept(folder, data, every=0.0, share=math.inf)


def fit(kept: Kept | None, data: TrainingData, reports: int | None = None, **way: object) -> Fitted:
    settings = ModelSettings.model_validate(
        {"models": ["hetero-gat", "popularity"], "hetero_gat": {**SMALL, **way}}
    )
    if reports is None:
        return fit_all(data, settings, kept=kept)["hetero-gat"]
    return fit_all(data, settings, kept=kept, progress=cut_after(reports))["hetero-gat"]


def scores(fitted: Fitted) -> np.ndarray:
    return fitted.model.score(np.arange(SIDE))


@pytest.fixture(scope="module", params=WAYS.values(), ids=WAYS)
def way(request: pytest.FixtureRequest) -> dict[str, object]:
    return dict(request.param)


@pytest.fixture(scope="module")
def unbroken(way: dict[str, object]) -> Fitted:
    data, _ = checkerboard(SIDE, described=True)
    return fit(None, data, **way)


@pytest.mark.parametrize("reports", [2, 7, 14, 30])
def test_a_training_that_is_cut_off_continues_the_curve(
    tmp_path: Path, way: dict[str, object], unbroken: Fitted, reports: int
) -> None:
    data, _ = checkerboard(SIDE, described=True)
    kept = at_each_step(tmp_path, "these data")
    try:
        fit(kept, data, reports, **way)
    except PowerCutError:
        assert list(tmp_path.iterdir())
    resumed = fit(kept, data, **way)
    assert resumed.curve.equals(unbroken.curve)
    np.testing.assert_array_equal(scores(resumed), scores(unbroken))
    assert resumed.model.settings == unbroken.model.settings


STEPWISE: dict[str, dict[str, object]] = {
    "bpr-mf": {"width": [4], "learning_rate": [0.05, 0.02], "l2": [0.01], "batch": 32},
    "lightgcn": {"width": [4], "l2": [0.001], "layers": [1, 2], "batch": 32},
    "neumf": {"width": [4], "l2": [0.0, 0.03], "batch": 32},
    "sasrec": {"width": [8], "dropout": [0.2, 0.5]},
    "biased-mf": {"width": [4], "l2": [0.1, 0.05], "batch": 32},
}


@pytest.mark.parametrize("name", STEPWISE)
@pytest.mark.parametrize("valid", [True, False], ids=["with validation", "without"])
def test_a_baseline_that_is_cut_off_chooses_as_if_it_had_not_been(
    tmp_path: Path, name: str, valid: bool
) -> None:
    data, _ = checkerboard(SIDE, valid=valid, described=True)
    section = {**STEPWISE[name], "epochs": 6, "check_every": 2, "device": "cpu"}
    settings = ModelSettings.model_validate({"models": [name], name.replace("-", "_"): section})
    (unbroken,) = fit_all(data, settings).values()
    kept = at_each_step(tmp_path, "these data")
    for reports in (1, 3, 4):  # each time it gets a little further
        with pytest.raises(PowerCutError):
            fit_all(data, settings, kept=kept, progress=cut_after(reports))
        if not valid:  # one setting, six epochs
            break
    (resumed,) = fit_all(data, settings, kept=kept).values()
    assert resumed.curve.equals(unbroken.curve)
    assert resumed.model.settings == unbroken.model.settings
    np.testing.assert_array_equal(scores(resumed), scores(unbroken))


def test_what_was_trained_is_not_trained_again(tmp_path: Path) -> None:
    data, _ = checkerboard(SIDE, described=True)
    kept = at_each_step(tmp_path, "these data")
    with pytest.raises(PowerCutError):
        fit(kept, data, 20)
    steps = list[int]()
    settings = ModelSettings.model_validate({"models": ["hetero-gat"], "hetero_gat": SMALL})
    fit_all(data, settings, kept=kept, progress=lambda done, *_: steps.append(done))
    assert steps == list(range(19, 25))  # the twentieth step was not saved before the cut
    steps.clear()
    fit_all(data, settings, kept=kept, progress=lambda done, *_: steps.append(done))
    assert steps == []


def test_a_finished_model_that_was_taken_away_is_trained_again(tmp_path: Path) -> None:
    """As by a stage that moves its models and is then cut off before it is done."""
    data, _ = checkerboard(SIDE)
    settings, kept = ModelSettings(models=("popularity", "ease")), Kept(tmp_path / "kept", "data")
    before = fit_all(data, settings, kept=kept)
    (tmp_path / "kept" / "ease").rename(tmp_path / "ease")
    again = fit_all(data, settings, kept=kept)
    assert again.keys() == before.keys()
    np.testing.assert_array_equal(scores(again["ease"]), scores(before["ease"]))


def test_who_stops_a_training_by_hand_loses_no_step(tmp_path: Path) -> None:
    data, _ = checkerboard(SIDE)

    def stop(done: int, total: int | None = None, unit: str = "rows") -> None:
        if done == 9:
            raise KeyboardInterrupt

    model = HeteroGat(HeteroGatSettings.model_validate(SMALL))
    checkpoint = Checkpoint(tmp_path, "hetero-gat", "these data")
    with pytest.raises(KeyboardInterrupt):
        model.fit(data, progress=stop, checkpoint=checkpoint)
    saved = checkpoint.load(f"{data.seed}-cpu")
    assert saved is not None
    assert saved.told["step"] == 9


def test_a_refit_goes_on_too(tmp_path: Path) -> None:
    data, _ = checkerboard(SIDE, valid=False)
    chosen = HeteroGat(HeteroGatSettings.model_validate(SMALL))
    unbroken = refit(chosen, data)
    kept = at_each_step(tmp_path, "all data")
    with pytest.raises(PowerCutError):
        refit(chosen, data, kept=kept, progress=cut_after(11))
    np.testing.assert_array_equal(scores(refit(chosen, data, kept=kept)), scores(unbroken))


def test_what_was_learnt_from_other_data_is_left_alone(tmp_path: Path) -> None:
    data, _ = checkerboard(SIDE)
    other, _ = checkerboard(SIDE, described=True)
    with pytest.raises(PowerCutError):
        fit(at_each_step(tmp_path, "other data"), other, 40, seeds=2)
    fit_all(other, ModelSettings(models=("popularity",)), kept=Kept(tmp_path, "other data"))
    kept = at_each_step(tmp_path, "these data")
    np.testing.assert_array_equal(scores(fit(kept, data)), scores(fit(None, data)))


def test_half_a_checkpoint_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data, _ = checkerboard(SIDE)
    kept = at_each_step(tmp_path, "these data")
    with pytest.raises(PowerCutError):
        fit(kept, data, 20)
    (place,) = tmp_path.glob("*.safetensors")
    place.write_bytes(place.read_bytes()[:-100])
    np.testing.assert_array_equal(scores(fit(kept, data)), scores(fit(None, data)))
    assert "is no checkpoint" in caplog.text


def test_checkpoints_take_a_bounded_share_of_the_time(tmp_path: Path) -> None:
    """One that took three seconds is not followed by another one before 150 more have passed."""
    clock = iter([0.0, 59.0, 60.0, 60.0, 61.0, 63.0, 212.0, 213.0]).__next__
    checkpoint = Checkpoint(tmp_path, "m", "k", every=60.0, share=0.02, clock=clock)
    assert not checkpoint.due()
    assert checkpoint.due()
    checkpoint.save("1", {}, {"step": 1})
    assert not checkpoint.due()
    assert checkpoint.due()
    again = Checkpoint(tmp_path, "m", "k", clock=lambda: 5.0)
    assert again.load("1") is not None
    assert again.seconds == 61.0  # what went on before counts


def test_a_checkpoint_is_safetensors_and_names_its_best_weights(tmp_path: Path) -> None:
    data, _ = checkerboard(SIDE)
    kept = at_each_step(tmp_path, "these data")
    with pytest.raises(PowerCutError):
        fit(kept, data, 20)
    saved = kept.of("hetero-gat").load(f"{data.seed}-cpu")
    assert saved is not None
    assert {name.split(".")[0] for name in saved.tensors} == {
        "generator",
        "moment",
        "parameter",
        "rest",
        "weights",
    }
    assert [point["step"] for point in saved.told["curve"]] == [4, 8, 12, 16]
    best = max(saved.told["curve"], key=lambda point: point["valid_ndcg"])
    assert saved.told["rank"] == {"step": best["step"], "reached": best["valid_ndcg"]}
