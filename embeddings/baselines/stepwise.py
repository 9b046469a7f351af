"""What the baselines share that learn in passes over the data and stop when validation says so."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import numpy as np

from embeddings.baselines.baseline import Baseline, Judge, Parts
from embeddings.baselines.choices import expand
from embeddings.baselines.settings import StepwiseSettings
from embeddings.models.checks import CurvePoint
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

S = TypeVar("S", bound=StepwiseSettings)


class Learner(Protocol):
    """A model that is being trained."""

    def epoch(self) -> float:
        """Go once over the training pairs and return the mean loss."""
        ...

    def parts(self) -> Parts:
        """Return copies of what is learnt so far; see `Baseline`."""
        ...


@dataclass(frozen=True)
class _Best:
    parts: Parts
    epochs: int
    reached: float


class Stepwise(Baseline[S]):
    """A baseline that is trained in epochs, with each setting until validation gets no better.

    Attributes:
        settings: after a fit with validation targets, with the epochs that validation chose.
        curve: checks of the chosen training; its steps are epochs.
    """

    def __init__(self, settings: S | None = None) -> None:
        super().__init__(settings)
        self.curve: list[CurvePoint] = []

    @abstractmethod
    def learner(self, data: TrainingData, settings: S) -> Learner:
        """Return an untrained model for settings of one value each."""

    def checked(self, seed: int, epoch: int, loss: float, reached: float | None) -> CurvePoint:
        """Return a check as the curve keeps it; `reached` is what `judge` said."""
        return CurvePoint(seed, epoch, loss, valid_ndcg=reached)

    def learn(self, data: TrainingData, settings: S) -> Parts:
        """Return what exactly `settings.epochs` epochs give; see `Baseline`."""
        self.curve, best = self._train(data, settings, None, no_progress)
        return best.parts

    def fit(self, data: TrainingData, *, progress: Progress = no_progress) -> Self:
        """Train, choosing among settings and epochs; see `Recommender`."""
        judge, reached = self.judge(data), -np.inf
        if judge is None:
            return super().fit(data, progress=progress)
        for settings in expand(self.settings):
            curve, best = self._train(data, settings, judge, progress)
            if best.reached > reached:
                reached, self.curve, self._parts = best.reached, curve, best.parts
                self.settings = settings.model_copy(update={"epochs": best.epochs})
        return self

    def _train(
        self,
        data: TrainingData,
        settings: S,
        judge: Judge | None,
        progress: Progress,
    ) -> tuple[list[CurvePoint], _Best]:
        """Train with one setting; returns all checks, and the best one or, unjudged, the last."""
        learner, best = self.learner(data, settings), _Best({}, 0, -np.inf)
        curve, losses = list[CurvePoint](), list[float]()
        for epoch in range(1, settings.epochs + 1):
            losses.append(learner.epoch())
            progress(epoch, settings.epochs, "epochs")
            if epoch % settings.check_every and epoch != settings.epochs:
                continue
            loss, losses, parts = float(np.mean(losses)), [], learner.parts()
            if not np.isfinite(loss):
                raise ModelError(
                    f"Training of {self.name} diverged: the loss is {loss} at epoch {epoch}.",
                    remedy="Lower its learning_rate.",
                )
            reached = None if judge is None else judge(parts)
            curve.append(self.checked(data.seed, epoch, loss, reached))
            if reached is None or reached > best.reached:
                best = _Best(parts, epoch, -np.inf if reached is None else reached)
            elif epoch - best.epochs >= settings.patience * settings.check_every:
                break
        return curve, best
