"""Settings of the baselines; each field may have several values, of which validation chooses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from embeddings.settings import DeviceName
from kg.settings import Settings

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]


class ItemKnnSettings(Settings):
    """ItemKNN."""

    neighbours: tuple[Count, ...] = Field(default=(100, 20, 50, 200, 400), min_length=1)
    """Neighbours kept of each item; several values: chosen on validation."""
    shrink: tuple[NotNegative, ...] = Field(default=(10.0, 0.0, 50.0, 200.0), min_length=1)
    """Pulls similarities that rest on few users towards 0; several values: chosen on validation."""


class UserKnnSettings(Settings):
    """UserKNN."""

    neighbours: tuple[Count, ...] = Field(default=(100, 20, 50, 200, 400), min_length=1)
    """Neighbours kept of each user; several values: chosen on validation."""
    shrink: tuple[NotNegative, ...] = Field(default=(10.0, 0.0, 50.0), min_length=1)
    """Pulls similarities that rest on few items towards 0; several values: chosen on validation."""


class EaseSettings(Settings):
    """EASE."""

    l2: tuple[Positive, ...] = Field(
        default=(200.0, 20.0, 50.0, 100.0, 500.0, 1000.0), min_length=1
    )
    """λ, the ridge; several values: chosen on validation."""


class TimeEaseSettings(Settings):
    """EASE whose co-occurrences count by closeness in time."""

    l2: tuple[Positive, ...] = Field(default=(200.0, 100.0, 500.0), min_length=1)
    """λ, the ridge; several values: chosen on validation."""
    time_share: tuple[Share, ...] = Field(default=(0.6,), min_length=1)
    """r, how much closeness counts, 0 … 1; several values: chosen on validation."""
    time_scale_days: tuple[Positive, ...] = Field(default=(365.0, 30.0, 1095.0), min_length=1)
    """T, days after which closeness has fallen to 1/e; several values: chosen on validation."""


class Rp3BetaSettings(Settings):
    """RP3β."""

    alpha: tuple[NotNegative, ...] = Field(default=(1.0, 0.6), min_length=1)
    """α, by which degrees discount a step; several values: chosen on validation."""
    beta: tuple[NotNegative, ...] = Field(default=(0.4, 0.2, 0.6, 0.8), min_length=1)
    """β, by which popular ends are discounted; several values: chosen on validation."""
    neighbours: tuple[Count, ...] = Field(default=(200,), min_length=1)
    """Weights kept of each item; several values: chosen on validation."""


class PureSvdSettings(Settings):
    """PureSVD."""

    factors: tuple[Count, ...] = Field(default=(32, 8, 16, 64, 128, 256), min_length=1)
    """d, the rank, at most users or items; several values: chosen on validation."""


class AlsSettings(Settings):
    """iALS."""

    factors: tuple[Count, ...] = Field(default=(64, 16, 32, 128), min_length=1)
    """d, numbers per vector; several values: chosen on validation."""
    l2: tuple[Positive, ...] = Field(default=(30.0, 3.0, 10.0, 100.0, 300.0), min_length=1)
    """λ, the ridge; several values: chosen on validation."""
    alpha: tuple[Positive, ...] = Field(default=(5.0, 2.0, 10.0, 40.0), min_length=1)
    """α, how much more a liked pair counts than another; several values: chosen on validation."""
    iterations: int = Field(default=15, ge=1)
    """Rounds, each of which solves for all users, then for all items."""


class StepwiseSettings(Settings):
    """What baselines share that are trained in epochs."""

    epochs: int = Field(default=200, ge=1)
    """Most passes over the training pairs; without validation targets, exactly this many."""
    check_every: int = Field(default=5, ge=1)
    """Epochs between validations."""
    patience: int = Field(default=4, ge=1)
    """Validations without a better one before training stops."""
    batch: int = Field(default=4096, ge=1)
    """Pairs per step."""
    device: DeviceName = "auto"
    """Where to train: a GPU where there is one."""


class BprSettings(StepwiseSettings):
    """Vectors learnt by ranking."""

    width: tuple[Count, ...] = Field(default=(64,), min_length=1)
    """d, numbers per vector; several values: chosen on validation."""
    learning_rate: tuple[Positive, ...] = Field(default=(0.01,), min_length=1)
    """Of Adam; several values: chosen on validation."""
    l2: tuple[NotNegative, ...] = Field(default=(0.03, 0.01, 0.1), min_length=1)
    """λ, the ridge; several values: chosen on validation."""


class BprMfSettings(BprSettings):
    """BPR-MF."""

    learning_rate: tuple[Positive, ...] = Field(default=(0.01, 0.003), min_length=1)
    """Of Adam; several values: chosen on validation."""


class LightGcnSettings(BprSettings):
    """LightGCN."""

    learning_rate: tuple[Positive, ...] = Field(default=(0.005,), min_length=1)
    """Of Adam; several values: chosen on validation."""
    l2: tuple[NotNegative, ...] = Field(default=(1e-3, 1e-1), min_length=1)
    """λ, the ridge; several values: chosen on validation."""
    layers: tuple[Count, ...] = Field(default=(2, 3), min_length=1)
    """L, how many edges a vector travels; several values: chosen on validation."""


class NeuMfSettings(StepwiseSettings):
    """NeuMF."""

    width: tuple[Count, ...] = Field(default=(32,), min_length=1)
    """d, numbers that either half gives to the score; several values: chosen on validation."""
    learning_rate: tuple[Positive, ...] = Field(default=(0.003,), min_length=1)
    """Of Adam; several values: chosen on validation."""
    l2: tuple[NotNegative, ...] = Field(default=(0.03, 0.3), min_length=1)
    """λ, the ridge on the vectors; several values: chosen on validation."""
    negatives: int = Field(default=4, ge=1)
    """Items drawn against each liked one."""


class RatingMeanSettings(Settings):
    """Rating mean."""

    user_shrink: tuple[NotNegative, ...] = Field(default=(5.0, 1.0, 2.0, 10.0), min_length=1)
    """λ_u, pulls users of few ratings towards 0; several values: chosen on validation."""
    item_shrink: tuple[NotNegative, ...] = Field(default=(2.0, 1.0, 5.0, 10.0), min_length=1)
    """λ_i, pulls items of few ratings towards 0; several values: chosen on validation."""


class BiasedMfSettings(StepwiseSettings):
    """Biased matrix factorisation."""

    check_every: int = Field(default=1, ge=1)
    """Epochs between validations."""
    batch: int = Field(default=1024, ge=1)
    """Rated pairs per step."""
    width: tuple[Count, ...] = Field(default=(64,), min_length=1)
    """d, numbers per vector; several values: chosen on validation."""
    learning_rate: tuple[Positive, ...] = Field(default=(0.003,), min_length=1)
    """Of Adam; several values: chosen on validation."""
    l2: tuple[NotNegative, ...] = Field(default=(0.1, 0.07, 0.05, 0.15), min_length=1)
    """λ, the ridge; several values: chosen on validation."""


class RecentPopularitySettings(Settings):
    """Recent popularity."""

    days: tuple[Positive, ...] = Field(default=(90.0, 7.0, 30.0, 365.0, 1095.0), min_length=1)
    """N, the last days of the training part that count; several values: chosen on validation."""


class TimePopularitySettings(Settings):
    """Popularity around the time when a user was last seen."""

    width_days: tuple[Positive, ...] = Field(
        default=(30.0, 1.0, 7.0, 90.0, 365.0, 1095.0), min_length=1
    )
    """w, how far in time a like still counts; several values: chosen on validation."""
    kernel: tuple[Literal["exponential", "gaussian"], ...] = Field(
        default=("exponential", "gaussian"), min_length=1
    )
    """How it fades: exp(-|x|) or exp(-x²/2); several values: chosen on validation."""


class NearestLikedSettings(Settings):
    """What baselines share that compare items by content."""

    neighbours: tuple[Count, ...] = Field(default=(20, 1, 5, 100), min_length=1)
    """k, the nearest liked items that count; several values: chosen on validation."""


class ContentKnnSettings(NearestLikedSettings):
    """Neighbours by text."""

    review_share: tuple[Share, ...] = Field(default=(0.5, 0.0, 1.0), min_length=1)
    """r, how much reviews count beside an item's own text; several values: chosen on validation."""


class AttributeKnnSettings(NearestLikedSettings):
    """Neighbours by attributes."""

    idf: tuple[bool, ...] = Field(default=(True, False), min_length=1)
    """Whether rare attributes count for more; several values: chosen on validation."""


class SasRecSettings(StepwiseSettings):
    """SASRec."""

    check_every: int = Field(default=2, ge=1)
    """Epochs between validations."""
    width: tuple[Count, ...] = Field(default=(64,), min_length=1)
    """d, numbers per vector, a multiple of `heads`; several values: chosen on validation."""
    layers: int = Field(default=2, ge=1)
    """Layers of attention."""
    heads: int = Field(default=1, ge=1)
    """Attention heads."""
    length: int = Field(default=50, ge=1)
    """A user's last liked items that are read."""
    dropout: tuple[Annotated[float, Field(ge=0.0, lt=1.0)], ...] = Field(
        default=(0.5, 0.2), min_length=1
    )
    """Share of the numbers set to 0 in a training step; several values: chosen on validation."""
    learning_rate: tuple[Positive, ...] = Field(default=(1e-3,), min_length=1)
    """Of Adam; several values: chosen on validation."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> SasRecSettings:
        if any(width % self.heads for width in self.width):
            raise ValueError(f"width {self.width} cannot be shared by {self.heads} heads")
        return self
