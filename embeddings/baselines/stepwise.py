"""What the baselines share that learn in passes over the data and stop when validation says so."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import numpy as np
import torch

from embeddings.baselines.baseline import Baseline, Parts
from embeddings.baselines.choices import expand
from embeddings.baselines.settings import StepwiseSettings
from embeddings.models.training import CurvePoint
from embeddings.models.validation import Validation
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
    ndcg: float


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

    def learn(self, data: TrainingData, settings: S) -> Parts:
        """Return what exactly `settings.epochs` epochs give; see `Baseline`."""
        self.curve, best = self._train(data, settings, None, no_progress)
        return best.parts

    def fit(self, data: TrainingData, *, progress: Progress = no_progress) -> Self:
        """Train, choosing among settings and epochs; see `Recommender`."""
        if data.valid is None:
            return super().fit(data, progress=progress)
        validation, ndcg = Validation(data), -1.0
        for settings in expand(self.settings):
            curve, best = self._train(data, settings, validation, progress)
            if best.ndcg > ndcg:
                ndcg, self.curve, self._parts = best.ndcg, curve, best.parts
                self.settings = settings.model_copy(update={"epochs": best.epochs})
        return self

    def _train(
        self,
        data: TrainingData,
        settings: S,
        validation: Validation | None,
        progress: Progress,
    ) -> tuple[list[CurvePoint], _Best]:
        """Train with one setting; returns all checks, and the best one or, unjudged, the last."""
        learner, best = self.learner(data, settings), _Best({}, 0, -1.0)
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
            ndcg = None if validation is None else self._judge(parts, validation)
            curve.append(CurvePoint(data.seed, epoch, loss, ndcg))
            if ndcg is None or ndcg > best.ndcg:
                best = _Best(parts, epoch, -1.0 if ndcg is None else ndcg)
            elif epoch - best.epochs >= settings.patience * settings.check_every:
                break
        return curve, best

    def _judge(self, parts: Parts, validation: Validation) -> float:
        return validation.ndcg(lambda users: torch.from_numpy(self.rows(parts, users)))
