"""A finished run's figures for TensorBoard, MLflow and Weights & Biases, by their own packages.

They are told what the run's folder holds, once the run has been evaluated: its settings, the curves
of training (`curves.parquet`) and the test figures (`metrics.json`). Each is told once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final, Protocol

import pyarrow.parquet as pq

from kg.errors import ConfigError
from recommender.config import Config
from recommender.run_folder import RunFolder, write_whole
from recommender.tracking_settings import MlflowSettings, TrackingSettings, WandbSettings

logger = logging.getLogger(__name__)

TOLD: Final = "tracked.json"
_ODD: Final = re.compile(r"[^A-Za-z0-9_. /-]")
"""What MLflow allows in no name."""
_BATCH: Final = 100
_LONGEST: Final = 500
"""Characters of a setting."""


class Tracker(Protocol):
    """One place that remembers runs."""

    def settings(self, values: Mapping[str, str]) -> None:
        """Note the settings, by their dotted names."""

    def point(self, curve: str, step: int, value: float) -> None:
        """Add a point to a curve of training."""

    def figures(self, values: Mapping[str, float]) -> None:
        """Note the test figures."""

    def close(self) -> None:
        """Send what has not been sent, and end the run there."""


class TensorBoard:
    """Event files; settings are left to the run's own `config.yaml`."""

    def __init__(self, run: RunFolder) -> None:
        from tensorboard.summary import Writer

        folder = run.path / "tensorboard"
        shutil.rmtree(folder, ignore_errors=True)
        self._writer = Writer(str(folder))

    def settings(self, values: Mapping[str, str]) -> None:
        """Leave them."""

    def point(self, curve: str, step: int, value: float) -> None:
        """Add a point."""
        self._writer.add_scalar(curve, value, step)

    def figures(self, values: Mapping[str, float]) -> None:
        """Note them as curves of one point."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, 0)

    def close(self) -> None:
        """Write the files."""
        self._writer.close()


class Mlflow:
    """A run in MLflow, whose tag `kgrec.run` is our run's id; what was told of it before goes."""

    def __init__(self, run: RunFolder, settings: MlflowSettings) -> None:
        from mlflow.tracking import MlflowClient

        with _logging_kept():
            self._client = MlflowClient(settings.uri)
            known = self._client.get_experiment_by_name(settings.experiment)
        experiment = (
            known.experiment_id if known else self._client.create_experiment(settings.experiment)
        )
        for earlier in self._client.search_runs([experiment], f"tags.`kgrec.run` = '{run.id}'"):
            self._client.delete_run(earlier.info.run_id)
        tags = {"kgrec.run": run.id, "kgrec.dataset": run.record().dataset}
        self._run = self._client.create_run(experiment, run_name=run.id, tags=tags).info.run_id
        self._metrics: list[Any] = []
        self._at = int(run.record().started_at.timestamp() * 1000)

    def settings(self, values: Mapping[str, str]) -> None:
        """Note them as parameters."""
        from mlflow.entities import Param

        params = [Param(name, value) for name, value in values.items()]
        for first in range(0, len(params), _BATCH):
            self._client.log_batch(self._run, params=params[first : first + _BATCH])

    def point(self, curve: str, step: int, value: float) -> None:
        """Add a point."""
        from mlflow.entities import Metric

        self._metrics.append(Metric(curve, value, self._at, step))

    def figures(self, values: Mapping[str, float]) -> None:
        """Note them as metrics."""
        for name, value in values.items():
            self.point(name, 0, value)

    def close(self) -> None:
        """Send the metrics."""
        for first in range(0, len(self._metrics), _BATCH):
            self._client.log_batch(self._run, metrics=self._metrics[first : first + _BATCH])
        self._client.set_terminated(self._run)


@contextmanager
def _logging_kept() -> Iterator[None]:
    """Undo what MLflow does to all logging of the process when it makes the tables of its store."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    known = [
        each
        for each in root.manager.loggerDict.values()
        if isinstance(each, logging.Logger) and not each.disabled
    ]
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for each in known:
            each.disabled = False


class WeightsAndBiases:
    """A run in Weights & Biases under our run's id; told again, it goes on with it."""

    def __init__(self, run: RunFolder, settings: WandbSettings) -> None:
        import wandb

        self._run = wandb.init(
            project=settings.project,
            entity=settings.entity,
            mode=settings.mode,
            id=run.id,
            name=run.id,
            group=run.record().dataset,
            dir=str(run.path),
            resume="allow" if settings.mode == "online" else None,
            settings=wandb.Settings(console="off", disable_git=True, disable_code=True),
        )
        self._run.define_metric("*", step_metric="step")

    def settings(self, values: Mapping[str, str]) -> None:
        """Note them as its config."""
        self._run.config.update(dict(values), allow_val_change=True)

    def point(self, curve: str, step: int, value: float) -> None:
        """Add a point."""
        self._run.log({curve: value, "step": step})

    def figures(self, values: Mapping[str, float]) -> None:
        """Note them as its summary."""
        self._run.summary.update(dict(values))

    def close(self) -> None:
        """End it, and the package's own process, which writes the last of it when it ends."""
        import wandb

        self._run.finish()
        wandb.teardown()


def require_trackers(settings: TrackingSettings) -> None:
    """Check that the packages are there, before hours of work.

    Raises:
        ConfigError: one is not.
    """
    wanted = {
        "tensorboard": settings.tensorboard,
        "mlflow": settings.mlflow,
        "wandb": settings.wandb,
    }
    for name, asked in wanted.items():
        if asked and find_spec(name) is None:
            raise ConfigError(
                f"tracking.{name} is set, and the package {name} is not installed.",
                remedy=f"pip install 'kgrec[{name}]'",
            )


def track(run: RunFolder, config: Config) -> list[str]:
    """Tell every tracker of the config what a run found, if it has been evaluated.

    Returns:
        What could not be told, a line each; the run itself is none the worse for it.
    """
    metrics = run.path / "metrics.json"
    if not metrics.is_file():
        return []
    content = hashlib.sha256(metrics.read_bytes()).hexdigest()
    place = run.path / TOLD
    told: dict[str, str] = json.loads(place.read_text()) if place.is_file() else {}
    failed = []
    for name, opened in _trackers(run, config.tracking):
        if told.get(name) == content:
            continue
        try:
            tell(opened(), run, config)
        except Exception as error:  # somebody else's server and package
            logger.exception("%s was not told", name)
            failed.append(f"{name} was not told of run {run.id}: {error}")
        else:
            told[name] = content
            write_whole(place, json.dumps(told, indent=1))
    return failed


def tell(tracker: Tracker, run: RunFolder, config: Config) -> None:
    """Tell one tracker, and close it."""
    try:
        tracker.settings(dict(_flat(config.model_dump(mode="json", exclude={"sources"}))))
        for row in pq.read_table(run.path / "curves.parquet").to_pylist():
            for name in ("loss", "valid_ndcg", "valid_rmse"):
                if row[name] is not None:
                    tracker.point(f"train/{row['model']}/{name}", row["step"], row[name])
        models = json.loads((run.path / "metrics.json").read_text(encoding="utf-8"))["models"]
        tracker.figures(
            {
                _ODD.sub("_", f"test/{model}/{metric.replace('@', '_at_')}"): value
                for model, told in models.items()
                for metric, value in told["test"].items()
            }
        )
    finally:
        tracker.close()


def _trackers(
    run: RunFolder, settings: TrackingSettings
) -> Iterator[tuple[str, Callable[[], Tracker]]]:
    if settings.tensorboard:
        yield "tensorboard", lambda: TensorBoard(run)
    if (mlflow := settings.mlflow) is not None:
        yield "mlflow", lambda: Mlflow(run, mlflow)
    if (wandb := settings.wandb) is not None:
        yield "wandb", lambda: WeightsAndBiases(run, wandb)


def _flat(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    else:
        yield _ODD.sub("_", name), str(value)[:_LONGEST]
