"""Settings of the baselines; each field may have several values, of which validation chooses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

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
    l2: tuple[Positive, ...] = Field(default=(30.0, 3.0, 10.0, 100.0), min_length=1)
    """λ, the ridge; several values: chosen on validation."""
    alpha: tuple[Positive, ...] = Field(default=(5.0, 2.0, 10.0, 40.0), min_length=1)
    """α, how much more a liked pair counts than another; several values: chosen on validation."""
    iterations: int = Field(default=15, ge=1)
    """Rounds, each of which solves for all users, then for all items."""
