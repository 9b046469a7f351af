"""Training of user and item vectors by Bayesian personalised ranking (Rendle et al., UAI 2009).

    L = -log σ(s_ui - s_uj) + λ/2 (|e_u|² + |e_i|² + |e_j|²),   s_ui = h_u·h_i + b_i

for each liked pair (u, i) and an item j drawn evenly; a j that the user likes does not count.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as fn

from embeddings.baselines.baseline import Parts
from embeddings.baselines.draws import draw_items
from embeddings.baselines.settings import BprSettings
from embeddings.training_data import TrainingData

INITIAL_SD = 0.1


class BprLearner:
    """See the module.

    Args:
        data: the training part.
        settings: of one value each.
        propagate: e to h, both (U + I, d): a product with a symmetric matrix, so that the gradient
            goes back through it the way the vectors came.
        bias: whether items have b.
        device: where it runs.
    """

    def __init__(
        self,
        data: TrainingData,
        settings: BprSettings,
        *,
        propagate: Callable[[Tensor], Tensor],
        bias: bool,
        device: torch.device,
    ) -> None:
        self._settings, self._propagate, self._device = settings, propagate, device
        self._users, self._items = len(data.users), len(data.items)
        self._generator = torch.Generator().manual_seed(data.seed)
        self.generators = [self._generator]
        liked = data.pairs.positive
        self._user = torch.from_numpy(data.pairs.user[liked])
        self._item = torch.from_numpy(data.pairs.item[liked])
        self._taken = self._user * self._items + self._item
        shape = (self._users + self._items, settings.width[0])
        e = INITIAL_SD * torch.randn(shape, generator=self._generator)
        self._e = e.to(device).requires_grad_()
        self._b = torch.zeros(self._items, device=device, requires_grad=bias)
        self._biases = [self._b] if bias else []
        self.optimiser = torch.optim.Adam([self._e, *self._biases], lr=settings.learning_rate[0])

    def epoch(self, number: int) -> float:
        """Go over all liked pairs in shuffled batches; see `Learner`."""
        order = torch.randperm(len(self._user), generator=self._generator)
        return float(
            np.mean([self._step(batch) for batch in torch.split(order, self._settings.batch)])
        )

    def _step(self, batch: Tensor) -> float:
        drawn, unliked = draw_items(
            self._user[batch], self._items, liked=self._taken, generator=self._generator
        )
        user, item = self._user[batch].to(self._device), self._item[batch].to(self._device)
        other, counts = drawn.to(self._device), unliked.to(self._device)
        with torch.no_grad():
            h, U = self._propagate(self._e), self._users
        h.requires_grad_()
        s_ui = (h[user] * h[U + item]).sum(1) + self._b[item]
        s_uj = (h[user] * h[U + other]).sum(1) + self._b[other]
        loss = -(counts * fn.logsigmoid(s_ui - s_uj)).sum() / counts.sum().clamp_min(1)
        e = self._e[torch.cat([user, U + item, U + other])]
        ridge = self._settings.l2[0] / 2 * e.square().sum() / len(batch)
        sources = [h, self._e, *self._biases]
        dh, de, *db = torch.autograd.grad(loss + ridge, sources)
        self._e.grad = de + self._propagate(dh)  # the propagation is symmetric
        for b, grad in zip(self._biases, db, strict=True):
            b.grad = grad
        self.optimiser.step()
        return float(loss.detach())

    @torch.no_grad()
    def parts(self) -> Parts:
        """Return P = (h_u, 1) and Q = (h_i, b_i); see `Learner`."""
        h = self._propagate(self._e)
        P = torch.cat([h[: self._users], h.new_ones(self._users, 1)], dim=1)
        Q = torch.cat([h[self._users :], self._b[:, None]], dim=1)
        return {"P": P.cpu().numpy(), "Q": Q.cpu().numpy()}
