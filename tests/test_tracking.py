"""What trackers are told of a run, read back from their own files; none of them needs a network."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from run_world import make_run

from embeddings.train import CURVES
from kg.errors import ConfigError
from recommender import tracking
from recommender.config import Config
from recommender.run_folder import RunFolder
from recommender.tracking import Mlflow, Tracker, require_trackers, tell, track
from recommender.tracking_settings import MlflowSettings, TrackingSettings

ID = "20260301-1"
SOURCE = {"type": "delimited", "path": "a.csv", "columns": {"user": "u", "item": "i"}}
CURVE = [("gat", 10, 5.5, 0.1), ("gat", 20, 4.5, 0.2), ("ease", 1, None, 0.15)]


def config(**settings: object) -> Config:
    return Config.model_validate({"name": "shop", "sources": [SOURCE], "tracking": settings})


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run of two models, of which one was trained in steps."""
    folder = make_run(tmp_path / "runs", ID)
    rows = [
        {"model": model, "seed": 20, "step": step, "loss": loss, "valid_ndcg": ndcg}
        for model, step, loss, ndcg in CURVE
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=CURVES), folder / "curves.parquet")
    models = {name: {"test": {"ndcg@10": value}} for name, value in (("gat", 0.3), ("ease", 0.2))}
    (folder / "metrics.json").write_text(json.dumps({"models": models}))
    return RunFolder(folder)


class Notebook(Tracker):
    """A tracker that keeps what it is told."""

    def __init__(self) -> None:
        self.told: dict[str, object] = {}
        self.points: list[tuple[str, int, float]] = []
        self.closed = 0

    def settings(self, values):
        self.told |= values

    def point(self, curve, step, value):
        self.points.append((curve, step, value))

    def figures(self, values):
        self.told |= values

    def close(self):
        self.closed += 1


def test_a_tracker_is_told_settings_curves_and_test_figures(run: RunFolder) -> None:
    book = Notebook()
    tell(book, run, config())
    assert book.points == [
        ("train/gat/loss", 10, 5.5),
        ("train/gat/valid_ndcg", 10, 0.1),
        ("train/gat/loss", 20, 4.5),
        ("train/gat/valid_ndcg", 20, 0.2),
        ("train/ease/valid_ndcg", 1, 0.15),
    ]
    assert book.told["test/gat/ndcg_at_10"] == 0.3
    assert book.told["test/ease/ndcg_at_10"] == 0.2
    assert (book.told["name"], book.told["split.method"]) == ("shop", "random")
    assert not [name for name in book.told if name.startswith("sources")], "they name files"
    assert book.closed == 1


def test_nothing_is_told_unless_it_is_asked_for(run: RunFolder) -> None:
    assert track(run, config()) == []
    assert {path.name for path in run.path.iterdir()} == {
        "curves.parquet",
        "metrics.json",
        "run.json",
    }


def test_a_tracker_that_fails_harms_no_run_and_is_told_later(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    books: list[Notebook] = []

    def opened(_run: RunFolder) -> Notebook:
        if not books:
            books.append(Notebook())
            raise OSError("no route to host")
        books.append(Notebook())
        return books[-1]

    monkeypatch.setattr(tracking, "TensorBoard", opened)
    settings = config(tensorboard=True)
    [line] = track(run, settings)
    assert line == f"tensorboard was not told of run {ID}: no route to host"
    assert track(run, settings) == []
    assert len(books[1].points) == len(CURVE) + 2
    assert track(run, settings) == []
    assert len(books) == 2, "each is told once"


def test_a_run_that_was_not_evaluated_tells_nothing(run: RunFolder) -> None:
    (run.path / "metrics.json").unlink()
    assert track(run, config(wandb={})) == []


def test_a_missing_package_is_said_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "find_spec", lambda name: None if name == "wandb" else object())
    require_trackers(TrackingSettings(tensorboard=True, mlflow=MlflowSettings()))
    with pytest.raises(ConfigError, match=r"tracking\.wandb is set"):
        require_trackers(TrackingSettings.model_validate({"wandb": {}}))


def test_a_password_does_not_belong_into_a_config() -> None:
    with pytest.raises(ValidationError, match="MLFLOW_TRACKING_PASSWORD"):
        MlflowSettings(uri="https://me:secret@mlflow.example.org")


def test_tensorboard_reads_the_event_files(run: RunFolder) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert track(run, config(tensorboard=True)) == []
    events = EventAccumulator(str(run.path / "tensorboard"))
    events.Reload()
    found = {
        tag: [(each.step, each.tensor_proto.float_val[0]) for each in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
    }
    assert found["train/gat/loss"] == [(10, 5.5), (20, 4.5)]
    assert found["test/gat/ndcg_at_10"] == [(0, pytest.approx(0.3))]


def failing(_: Mlflow) -> None:
    raise ConnectionError("the line is dead")


@pytest.mark.parametrize("store", ["sqlite:///{}/mlflow.db", "{}/mlruns"])
def test_mlflow_has_the_run_in_a_store_of_files(
    run: RunFolder,
    tmp_path: Path,
    store: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    from mlflow.tracking import MlflowClient

    uri = store.format(tmp_path)
    with monkeypatch.context() as cut_off:
        cut_off.setattr(Mlflow, "close", failing)
        [problem] = track(run, config(mlflow={"uri": uri, "experiment": "nightly"}))
    assert "the line is dead" in problem
    assert track(run, config(mlflow={"uri": uri, "experiment": "nightly"})) == []
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("nightly")
    [found] = client.search_runs([experiment.experiment_id])
    assert found.info.status == "FINISHED"
    assert found.data.tags["kgrec.run"] == ID
    assert found.data.params["split.method"] == "random"
    assert found.data.metrics["test/gat/ndcg_at_10"] == 0.3
    curve = client.get_metric_history(found.info.run_id, "train/gat/loss")
    assert [(point.step, point.value) for point in curve] == [(10, 5.5), (20, 4.5)]
    logging.getLogger("etl.extract").warning("still heard")
    assert "still heard" in caplog.text, "MLflow's migrations silence the loggers that there are"


def test_wandb_keeps_an_offline_run_in_the_runs_folder(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_SILENT", "true")
    assert track(run, config(wandb={"mode": "offline"})) == []
    [kept] = run.path.glob(f"wandb/offline-run-*/run-{ID}.wandb")
    content = kept.read_bytes()
    for told in (b"test/gat/ndcg_at_10", b"train/gat/loss", b"split.method"):
        assert told in content
