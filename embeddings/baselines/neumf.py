"""NeuMF, neural collaborative filtering (He et al., "Neural Collaborative Filtering", WWW 2017).

    s(u, i) = h·[p_u ∘ q_i ; φ₂],   φ₁ = ReLU(W₁ [p'_u ; q'_i] + b₁),   φ₂ = ReLU(W₂ φ₁ + b₂)

p, q have d numbers, p', q' 2d, φ₁ 2d and φ₂ d (the paper's tower of three). Trained from scratch:
cross-entropy of each liked pair against `negatives` items drawn evenly, which count where the user
does not like them. The paper starts from halves that were trained before; that is left out.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as fn

from embeddings.baselines.baseline import Parts
from embeddings.baselines.draws import draw_items
from embeddings.baselines.settings import NeuMfSettings
from embeddings.baselines.stepwise import Learner, Stepwise
from embeddings.device import pick_device
from embeddings.training_data import TrainingData

INITIAL_SD = 0.1
NUMBERS_PER_BLOCK = 16_000_000


class NeuMf(Stepwise[NeuMfSettings]):
    """See the module."""

    name: ClassVar[str] = "neumf"
    settings_type = NeuMfSettings

    def learner(self, data: TrainingData, settings: NeuMfSettings) -> Learner:
        """Return an untrained network; see `Stepwise`."""
        return NeuMfLearner(data, settings, pick_device(settings.device))

    @torch.inference_mode()
    def rows(self, parts: Parts, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return s of these users, some at a time; see `Baseline`.

        W₁ [p'_u ; q'_i] is a sum of what depends on u and what depends on i, which `parts` holds.
        """
        t = {name: torch.from_numpy(np.asarray(part)) for name, part in parts.items()}
        scores = np.empty((len(users), len(t["Q"])), np.float32)
        block = max(1, NUMBERS_PER_BLOCK // t["of_item"].numel())
        for first in range(0, len(users), block):
            u = torch.from_numpy(users[first : first + block])
            phi_1 = (t["of_user"][u][:, None] + t["of_item"]).relu_()
            phi_2 = (phi_1 @ t["W_2"].T).add_(t["b_2"]).relu_()
            s = t["P"][u] @ t["Q"].T + phi_2 @ t["h"]
            scores[first : first + block] = s.numpy()
        return scores


class NeuMfNetwork(nn.Module):
    """See the module; a node's vector is p and p' side by side."""

    def __init__(self, users: int, items: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.users = nn.Embedding(users, 3 * width)
        self.items = nn.Embedding(items, 3 * width)
        for table in (self.users, self.items):
            nn.init.normal_(table.weight, std=INITIAL_SD)
        self.first = nn.Linear(4 * width, 2 * width)
        self.second = nn.Linear(2 * width, width)
        self.h = nn.Linear(2 * width, 1, bias=False)

    def forward(self, user: Tensor, item: Tensor) -> Tensor:
        """Return s of vectors, (n, 3d) and (n, 3d) to (n,)."""
        p, p_deep = user.tensor_split([self.width], dim=1)
        q, q_deep = item.tensor_split([self.width], dim=1)
        phi_1 = fn.relu(self.first(torch.cat([p_deep, q_deep], dim=1)))
        phi_2 = fn.relu(self.second(phi_1))
        s: Tensor = self.h(torch.cat([p * q, phi_2], dim=1)).squeeze(1)
        return s


class NeuMfLearner:
    """Trains the network.

    Args:
        data: the training part.
        settings: of one value each.
        device: where it runs.
    """

    def __init__(self, data: TrainingData, settings: NeuMfSettings, device: torch.device) -> None:
        self._settings, self._device, self._items = settings, device, len(data.items)
        self._generator = torch.Generator().manual_seed(data.seed)
        self.generators = [self._generator]
        liked = data.pairs.positive
        self._user = torch.from_numpy(data.pairs.user[liked])
        self._item = torch.from_numpy(data.pairs.item[liked])
        self._liked = self._user * self._items + self._item
        with torch.random.fork_rng([]):
            torch.manual_seed(data.seed)
            network = NeuMfNetwork(len(data.users), self._items, settings.width[0])
        self.network = network.to(device)
        self.optimiser = torch.optim.Adam(network.parameters(), lr=settings.learning_rate[0])

    def epoch(self, number: int) -> float:
        """Go over all liked pairs in shuffled batches; see `Learner`."""
        order = torch.randperm(len(self._user), generator=self._generator)
        return float(
            np.mean([self._step(batch) for batch in torch.split(order, self._settings.batch)])
        )

    def _step(self, batch: Tensor) -> float:
        asked = self._user[batch]
        user = asked.repeat(1 + self._settings.negatives)
        drawn, counts = draw_items(
            user[len(asked) :], self._items, liked=self._liked, generator=self._generator
        )
        item = torch.cat([self._item[batch], drawn]).to(self._device)
        weight = torch.cat([torch.ones(len(asked)), counts.float()]).to(self._device)
        taken = (torch.arange(len(item)) < len(asked)).float().to(self._device)
        p, q = self.network.users(user.to(self._device)), self.network.items(item)
        entropy = fn.binary_cross_entropy_with_logits(
            self.network(p, q), taken, weight=weight, reduction="sum"
        )
        ridge = self._settings.l2[0] / 2 * (p.square().sum() + q.square().sum()) / len(item)
        loss = entropy / weight.sum() + ridge
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimiser.step()
        return float(loss.detach())

    @torch.no_grad()
    def parts(self) -> Parts:
        """Return h ∘ p, q, both ends of W₁ [p' ; q'] + b₁, and the rest; see `Learner`."""
        network = self.network
        d = network.width
        p, p_deep = network.users.weight.tensor_split([d], dim=1)
        q, q_deep = network.items.weight.tensor_split([d], dim=1)
        W_user, W_item = network.first.weight.tensor_split(2, dim=1)
        h_product, h_deep = network.h.weight[0].tensor_split(2)
        parts = {
            "P": p * h_product,
            "Q": q,
            "of_user": p_deep @ W_user.T,
            "of_item": q_deep @ W_item.T + network.first.bias,
            "W_2": network.second.weight,
            "b_2": network.second.bias,
            "h": h_deep,
        }
        return {name: part.cpu().numpy().copy() for name, part in parts.items()}
