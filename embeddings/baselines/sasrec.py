"""SASRec: what comes next after the last items, by self-attention (Kang & McAuley, ICDM 2018).

    h_t = Transformer(e_{i_1} + p_1, …, e_{i_t} + p_t),   s(u, i) = h_n·e_i

over the last liked items in the order of their days, trained by a softmax over all items to tell
the next one (Klenitskiy & Vasilev, RecSys 2023, find it better than sampled negatives).
"""

from __future__ import annotations

import logging
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as fn

from embeddings.baselines.baseline import Parts
from embeddings.baselines.factors import Factors
from embeddings.baselines.settings import SasRecSettings
from embeddings.baselines.stepwise import Learner, Stepwise
from embeddings.device import pick_device
from embeddings.training_data import TrainingData

logger = logging.getLogger(__name__)
INITIAL_SD = 0.02
USERS_PER_BLOCK = 1024


class SasRec(Stepwise[SasRecSettings], Factors[SasRecSettings]):
    """See the module."""

    name: ClassVar[str] = "sasrec"
    settings_type = SasRecSettings

    def learner(self, data: TrainingData, settings: SasRecSettings) -> Learner:
        """Return an untrained network; see `Stepwise`."""
        if np.isnan(data.pairs.day).all():
            logger.warning("sasrec: no time is known; the order of items means nothing")
        return SasRecLearner(data, settings, pick_device(settings.device))


class SasRecNetwork(nn.Module):
    """See the module; `items` is the padding."""

    def __init__(self, items: int, settings: SasRecSettings) -> None:
        super().__init__()
        width = settings.width[0]
        self.items = nn.Embedding(items + 1, width, padding_idx=items)
        self.places = nn.Embedding(settings.length, width)
        for table in (self.items, self.places):
            nn.init.normal_(table.weight, std=INITIAL_SD)
        layer = nn.TransformerEncoderLayer(
            width,
            settings.heads,
            dim_feedforward=width,
            dropout=settings.dropout[0],
            batch_first=True,
            norm_first=True,
        )
        self.encoder = nn.TransformerEncoder(
            layer, settings.layers, norm=nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.dropout = nn.Dropout(settings.dropout[0])

    def forward(self, sequences: Tensor) -> Tensor:
        """Return h of each place, which sees no later one, (B, T) to (B, T, d)."""
        length = sequences.shape[1]
        later = torch.ones(length, length, dtype=torch.bool, device=sequences.device).triu(1)
        x = self.dropout(self.items(sequences) + self.places.weight[:length])
        h: Tensor = self.encoder(x, mask=later)
        return h


class SasRecLearner:
    """Trains the network; each epoch asks for every next item of every user's sequence.

    Args:
        data: the training part.
        settings: of one value each.
        device: where it runs.
    """

    def __init__(self, data: TrainingData, settings: SasRecSettings, device: torch.device) -> None:
        self._device, self._items, self._seed = device, len(data.items), data.seed
        self.generators = list[torch.Generator]()  # each epoch has a seed of its own
        sequences = last_items(data, settings.length + 1)
        self._sequences = torch.from_numpy(sequences).to(device)
        self._count = (self._sequences < self._items).sum(1)
        self._length = settings.length
        self._users = max(1, settings.batch // settings.length)
        with torch.random.fork_rng(self._cuda()):
            torch.manual_seed(data.seed)
            self._network = SasRecNetwork(self._items, settings).to(device)
        self.optimiser = torch.optim.Adam(self._network.parameters(), lr=settings.learning_rate[0])

    def epoch(self, number: int) -> float:
        """Go over all users in shuffled batches; see `Learner`."""
        self._network.train()
        with torch.random.fork_rng(self._cuda()):
            torch.manual_seed(self._seed + number)
            several = (self._count > 1).nonzero().ravel()
            order = several[torch.randperm(len(several)).to(self._device)]
            return float(np.mean([self._step(users) for users in torch.split(order, self._users)]))

    def _step(self, users: Tensor) -> float:
        sequences = self._sequences[users]
        asked = sequences[:, 1:] < self._items
        h = self._network(sequences[:, :-1])[asked]
        logits = h @ self._network.items.weight[: self._items].T
        loss = fn.cross_entropy(logits, sequences[:, 1:][asked])
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimiser.step()
        return float(loss.detach())

    @torch.no_grad()
    def parts(self) -> Parts:
        """Return P, the last h of each user, zero for users without, and Q; see `Learner`."""
        self._network.eval()
        full = self._count > self._length  # the oldest item was only there to be followed
        sequences = self._sequences[:, :-1].clone()
        sequences[full] = self._sequences[full, 1:]
        last = self._count.clamp_max(self._length) - 1
        blocks = zip(
            torch.split(sequences, USERS_PER_BLOCK), torch.split(last, USERS_PER_BLOCK), strict=True
        )
        h = [self._network(s)[torch.arange(len(s)), n.clamp_min(0)] for s, n in blocks]
        P = torch.cat(h).masked_fill((last < 0)[:, None], 0.0)
        Q = self._network.items.weight[: self._items]
        return {"P": P.cpu().numpy(), "Q": Q.cpu().numpy().copy()}

    def _cuda(self) -> list[torch.device]:
        return [self._device] if self._device.type == "cuda" else []


def last_items(data: TrainingData, length: int) -> NDArray[np.int64]:
    """Return each user's last liked items, oldest first, then I for padding, (U, length)."""
    liked = data.pairs.positive
    user, item, day = data.pairs.user[liked], data.pairs.item[liked], data.pairs.day[liked]
    order = np.lexsort((np.nan_to_num(day, nan=-np.inf), user))
    count = np.bincount(user, minlength=len(data.users))
    place = np.arange(len(order)) - (np.cumsum(count) - count)[user]
    place -= np.maximum(count - length, 0)[user]
    sequences = np.full((len(data.users), length), len(data.items))
    kept = place >= 0
    sequences[user[kept], place[kept]] = item[order][kept]
    return sequences
