"""Biased matrix factorisation (Koren, Bell & Volinsky, IEEE Computer 2009, eq. 5).

    r̂ = μ + b_u + b_i + p_u·q_i,   min Σ (r_ui - r̂)² + λ (|p_u|² + |q_i|² + b_u² + b_i²)

over the rated pairs, in shuffled batches.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from embeddings.baselines.baseline import Parts
from embeddings.baselines.rating_factors import RatingFactors, rating_parts
from embeddings.baselines.settings import BiasedMfSettings
from embeddings.baselines.stepwise import Learner, Stepwise
from embeddings.device import pick_device
from embeddings.models.checks import CurvePoint
from embeddings.models.rating_bias import Rated
from embeddings.training_data import TrainingData

INITIAL_SD = 0.05


class BiasedMf(Stepwise[BiasedMfSettings], RatingFactors[BiasedMfSettings]):
    """See the module."""

    name: ClassVar[str] = "biased-mf"
    settings_type = BiasedMfSettings

    def learner(self, data: TrainingData, settings: BiasedMfSettings) -> Learner:
        """Return factors near zero; see `Stepwise`."""
        return BiasedMfLearner(data, settings, pick_device(settings.device))

    def checked(self, seed: int, epoch: int, loss: float, reached: float | None) -> CurvePoint:
        """Return a check with its RMSE; see `Stepwise`."""
        return CurvePoint(seed, epoch, loss, valid_rmse=None if reached is None else -reached)


class BiasedMfLearner:
    """Trains p, q and the biases.

    Args:
        data: the training part.
        settings: of one value each.
        device: where it runs.
    """

    def __init__(
        self, data: TrainingData, settings: BiasedMfSettings, device: torch.device
    ) -> None:
        self._rated, self._batch = Rated.of(data, BiasedMf.name), settings.batch
        self._generator = torch.Generator().manual_seed(data.seed)
        self.generators = [self._generator]
        self._user = torch.from_numpy(self._rated.user).to(device)
        self._item = torch.from_numpy(self._rated.item).to(device)
        self._mean = float(self._rated.rating.mean())
        self._centred = torch.from_numpy(self._rated.rating - self._mean).float().to(device)
        width = settings.width[0]
        self._p, self._q = (
            (INITIAL_SD * torch.randn(rows, width, generator=self._generator))
            .to(device)
            .requires_grad_()
            for rows in (len(data.users), len(data.items))
        )
        self._b_u = torch.zeros(len(data.users), device=device, requires_grad=True)
        self._b_i = torch.zeros(len(data.items), device=device, requires_grad=True)
        self._l2 = settings.l2[0]
        self.optimiser = torch.optim.Adam(
            [self._p, self._q, self._b_u, self._b_i], lr=settings.learning_rate[0]
        )

    def epoch(self, number: int) -> float:
        """Go over all rated pairs in shuffled batches; see `Learner`."""
        order = torch.randperm(len(self._user), generator=self._generator).to(self._user.device)
        return float(np.mean([self._step(batch) for batch in torch.split(order, self._batch)]))

    def _step(self, batch: Tensor) -> float:
        u, i = self._user[batch], self._item[batch]
        p_u, q_i, b_u, b_i = self._p[u], self._q[i], self._b_u[u], self._b_i[i]
        error = (b_u + b_i + (p_u * q_i).sum(1) - self._centred[batch]).square()
        ridge = p_u.square().sum(1) + q_i.square().sum(1) + b_u.square() + b_i.square()
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward((error + self._l2 * ridge).mean())
        self.optimiser.step()
        return float(error.detach().mean())

    @torch.no_grad()
    def parts(self) -> Parts:
        """Return P = (p_u, b_u, 1), Q = (q_i, 1, b_i) and the scale; see `Learner`."""
        P = torch.cat([self._p, self._b_u[:, None], torch.ones_like(self._b_u)[:, None]], dim=1)
        Q = torch.cat([self._q, torch.ones_like(self._b_i)[:, None], self._b_i[:, None]], dim=1)
        return rating_parts(
            self._rated, self._mean, P.double().cpu().numpy(), Q.double().cpu().numpy()
        )
