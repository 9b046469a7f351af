"""Where a run's figures go besides its folder."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from kg.settings import Settings


class MlflowSettings(Settings):
    """MLflow, by its own package (extra `mlflow`)."""

    uri: str | None = None
    """http://…, sqlite:///runs.db or a folder; unset: what MLFLOW_TRACKING_URI says. User and
    password come from the environment, as MLflow reads them."""
    experiment: str = Field(default="kgrec", min_length=1)
    """The experiment; made if there is none."""

    @field_validator("uri")
    @classmethod
    def _without_password(cls, uri: str | None) -> str | None:
        if uri is not None and urlsplit(uri).password is not None:
            raise ValueError(
                "a password does not belong into a config; set MLFLOW_TRACKING_USERNAME and"
                " MLFLOW_TRACKING_PASSWORD"
            )
        return uri


class WandbSettings(Settings):
    """Weights & Biases, by its own package (extra `wandb`); the key is WANDB_API_KEY."""

    project: str = Field(default="kgrec", min_length=1)
    """The project."""
    entity: str | None = None
    """The team; unset: the user's own."""
    mode: Literal["online", "offline"] = "online"
    """offline: into the run's folder, for `wandb sync` later."""


class TrackingSettings(Settings):
    """Where a run's figures go besides its folder: settings, curves of training, test figures."""

    tensorboard: bool = False
    """Event files in the run's folder `tensorboard/` (extra `tensorboard`)."""
    mlflow: MlflowSettings | None = None
    """A run in MLflow; null: none."""
    wandb: WandbSettings | None = None
    """A run in Weights & Biases; null: none."""
