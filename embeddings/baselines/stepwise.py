"""What the baselines share that learn in passes over the data and stop when validation says so."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Protocol, Self, TypeVar

import numpy as np
import torch

from embeddings.baselines.baseline import Baseline, Judge, Parts
from embeddings.baselines.choices import expand
from embeddings.baselines.settings import StepwiseSettings
from embeddings.checkpoints import Checkpoint, go_on, learnt
from embeddings.models.checks import CurvePoint
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

S = TypeVar("S", bound=StepwiseSettings)


class Learner(Protocol):
    """A model that is being trained."""

    @property
    def optimiser(self) -> torch.optim.Optimizer:
        """Of all that is learnt."""
        ...

    @property
    def generators(self) -> Sequence[torch.Generator]:
        """What is drawn from beyond one epoch."""
        ...

    def epoch(self, number: int) -> float:
        """Go once over the training pairs, the number-th time, and return the mean loss."""
        ...

    def parts(self) -> Parts:
        """Return copies of what is learnt so far; see `Baseline`."""
        ...


@dataclass
class _Course:
    """How far the training with one setting is, and the best of its checks."""

    epoch: int = 0
    losses: list[float] = field(default_factory=list)
    curve: list[CurvePoint] = field(default_factory=list)
    best_epoch: int = 0
    reached: float = -np.inf
    parts: Parts = field(default_factory=dict)

    def ended(self, wait: int) -> bool:
        """Whether validation has not got better for `wait` epochs."""
        last = self.curve[-1] if self.curve else None
        return last is not None and last.judged and last.step - self.best_epoch >= wait

    def save(self, checkpoint: Checkpoint, part: str, learner: Learner) -> None:
        """Save it, with what has been learnt."""
        told = vars(self) | {"curve": [asdict(point) for point in self.curve]}
        best = {f"parts.{name}": torch.from_numpy(each) for name, each in self.parts.items()}
        del told["parts"]
        checkpoint.save(part, learnt(learner.optimiser, learner.generators) | best, told)

    @classmethod
    def resumed(cls, checkpoint: Checkpoint, part: str, learner: Learner) -> Self:
        """Return what was saved, if anything was, and put back what had been learnt."""
        saved = checkpoint.load(part)
        if saved is None:
            return cls()
        go_on(learner.optimiser, learner.generators, saved)
        told = {each.name: saved.told[each.name] for each in fields(cls) if each.name != "parts"}
        told["curve"] = [CurvePoint(**point) for point in told["curve"]]
        parts = {name: tensor.numpy() for name, tensor in saved.below("parts.").items()}
        return cls(**told, parts=parts)


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
        course = self._train(data, settings, None, no_progress)
        self.curve = course.curve
        return course.parts

    def fit(
        self,
        data: TrainingData,
        *,
        progress: Progress = no_progress,
        checkpoint: Checkpoint | None = None,
    ) -> Self:
        """Train, choosing among settings and epochs; see `Recommender`.

        Args:
            checkpoint: what it goes on from, and saves now and then.
        """
        judge, reached = self.judge(data), -np.inf
        candidates = expand(self.settings)
        if judge is None:
            candidates = candidates[:1]
        for number, settings in enumerate(candidates):
            course = self._train(data, settings, judge, progress, checkpoint, f"{number}")
            if judge is None:
                self.settings, self.curve, self._parts = settings, course.curve, course.parts
            elif course.reached > reached:
                reached, self.curve, self._parts = course.reached, course.curve, course.parts
                self.settings = settings.model_copy(update={"epochs": course.best_epoch})
        return self

    def _train(
        self,
        data: TrainingData,
        settings: S,
        judge: Judge | None,
        progress: Progress,
        checkpoint: Checkpoint | None = None,
        part: str = "",
    ) -> _Course:
        """Train with one setting; returns all checks, and the best one or, unjudged, the last."""
        learner = self.learner(data, settings)
        course = _Course.resumed(checkpoint, part, learner) if checkpoint else _Course()
        wait = settings.patience * settings.check_every
        while course.epoch < settings.epochs and not course.ended(wait):
            course.epoch += 1
            course.losses.append(learner.epoch(course.epoch))
            if not course.epoch % settings.check_every or course.epoch == settings.epochs:
                self._look(data.seed, learner, course, judge)
            if checkpoint and checkpoint.due():
                course.save(checkpoint, part, learner)
            progress(course.epoch, settings.epochs, "epochs")
        if checkpoint:
            course.save(checkpoint, part, learner)
        return course

    def _look(self, seed: int, learner: Learner, course: _Course, judge: Judge | None) -> None:
        """Check what is learnt so far, and keep it if it is the best."""
        loss, parts = float(np.mean(course.losses)), learner.parts()
        course.losses = []
        if not np.isfinite(loss):
            raise ModelError(
                f"Training of {self.name} diverged: the loss is {loss} at epoch {course.epoch}.",
                remedy="Lower its learning_rate.",
            )
        reached = None if judge is None else judge(parts)
        course.curve.append(self.checked(seed, course.epoch, loss, reached))
        if reached is None or reached > course.reached:
            course.parts, course.best_epoch = parts, course.epoch
            course.reached = -np.inf if reached is None else reached
