"""The rating head: what a user would give an item, from what the graph shows of both.

    r̂(u, i) = μ + σ (b_u + b_i + p_u·q_i)
    p_u = Drop(z_u W_u + n_u^-½ Σ_j (ε_uj x_j + y_j))        over the items that u visibly rated
    q_i = Drop(z_i W_i + n_i^-½ Σ_v (ε_vi x_v + y_v))        over the users who visibly rated i
    ε   = (r - μ) / σ - b_u - b_i

A rated edge carries two messages: what the rating was (signed by ε), and that it was given at all,
as in SVD++ (Koren, KDD 2008); users are described by what they rated alone, as in AutoRec (Sedhain
et al., WWW 2015) and GC-MC (van den Berg et al., 2017). The biases are those of `rating_bias.py` of
the visible ratings, so that nothing of a hidden rating takes part in its own prediction. z, if any,
is what the network has learnt for ranking; it takes no gradient from here, with which both
got worse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from embeddings.models.attention import propagate
from embeddings.models.dropout import dropped
from embeddings.models.rating_bias import Rated
from embeddings.models.settings import HeteroGatSettings
from embeddings.training_data import TrainingData

ROUNDS = 3
USER_SHRINK, ITEM_SHRINK = 5.0, 2.0
INITIAL_SD = 0.05


@dataclass(frozen=True)
class RatedEdges:
    """The rated pairs as messages, each in both directions, items numbered after users.

    Attributes:
        source, offsets, reverse: see `FusedEdges`; sorted by destination.
        pair: the rated pair (row of `rating`) of each message, (2n,) int64.
        user, item: of each rated pair, (n,) int64.
        rating: in standard deviations from the mean, (n,) float32.
        row: of each rated pair among all training pairs, (n,) int64.
        mean, sd, low, high: of the ratings.
    """

    source: Tensor
    offsets: Tensor
    reverse: Tensor
    pair: Tensor
    user: Tensor
    item: Tensor
    rating: Tensor
    row: Tensor
    users: int
    items: int
    mean: float
    sd: float
    low: float
    high: float

    @property
    def back(self) -> tuple[Tensor, Tensor]:
        """Source and offsets of the messages turned round: the same, as every pair sends two."""
        return self.source, self.offsets

    @classmethod
    def of(cls, rated: Rated, device: torch.device) -> RatedEdges:
        """Lay out the messages."""
        count = len(rated.rating)
        user, item = torch.from_numpy(rated.user), torch.from_numpy(rated.item)
        destination = torch.cat([user, rated.users + item])
        order = torch.argsort(destination, stable=True)
        position = torch.empty_like(order)
        position[order] = torch.arange(2 * count)
        reverse = torch.cat([position[count:], position[:count]])[order]
        nodes = torch.arange(rated.users + rated.items)
        mean, sd = float(rated.rating.mean()), float(rated.rating.std()) or 1.0
        low, high = rated.range
        return cls(
            source=torch.cat([rated.users + item, user])[order].int().to(device),
            offsets=torch.searchsorted(destination[order], nodes).int().to(device),
            reverse=reverse.to(device),
            pair=(order % count).to(device),
            user=user.to(device),
            item=item.to(device),
            rating=torch.from_numpy((rated.rating - mean) / sd).float().to(device),
            row=torch.from_numpy(rated.pair).to(device),
            users=rated.users,
            items=rated.items,
            mean=mean,
            sd=sd,
            low=low,
            high=high,
        )


@dataclass(frozen=True, kw_only=True)
class RatingParts:
    """What ratings are made of.

    Attributes:
        user: p, (U, d).
        item: q, (I, d).
        user_bias: b_u, (U,).
        item_bias: b_i, (I,).
        scale: μ, σ, lowest and highest rating, (4,).
    """

    user: Tensor
    item: Tensor
    user_bias: Tensor
    item_bias: Tensor
    scale: Tensor

    def pairs(self, users: NDArray[np.int64], items: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the ratings of these pairs, within the range, (n,)."""
        device = self.user.device
        u, i = torch.from_numpy(users).to(device), torch.from_numpy(items).to(device)
        mean, sd, low, high = self.scale
        r = (self.user[u] * self.item[i]).sum(1) + self.user_bias[u] + self.item_bias[i]
        ratings: NDArray[np.float32] = (mean + sd * r).clamp(low, high).cpu().numpy()
        return ratings

    def rows(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return what these users give all items, beyond the range, too, (n, I)."""
        mean, sd, _, _ = self.scale
        u = torch.from_numpy(users)
        r = self.user[u] @ self.item.T + self.user_bias[u][:, None] + self.item_bias
        rows: NDArray[np.float32] = (mean + sd * r).numpy()
        return rows

    def tensors(self) -> dict[str, Tensor]:
        """Return all parts by name, on the CPU, as `RatingParts(**tensors)` takes them."""
        return {name: value.detach().cpu().contiguous() for name, value in vars(self).items()}

    @staticmethod
    def mean(members: Sequence[RatingParts]) -> RatingParts:
        """Return what predicts the mean of the members' ratings."""
        share = 1.0 / len(members)
        return RatingParts(
            user=torch.cat([m.user * share for m in members], dim=1),
            item=torch.cat([m.item for m in members], dim=1),
            user_bias=torch.stack([m.user_bias for m in members]).mean(0),
            item_bias=torch.stack([m.item_bias for m in members]).mean(0),
            scale=members[0].scale,
        )


class RatingHead(nn.Module):
    """See the module.

    Args:
        edges: the rated training pairs.
        width: d.
        z_width: d', of the network's vectors.
        dropout: of x, y, p and q, element by element.
        generator: of the initial values, on the CPU.
    """

    def __init__(
        self,
        edges: RatedEdges,
        *,
        width: int,
        z_width: int,
        dropout: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.edges, self.dropout = edges, dropout

        def normal(rows: int) -> nn.Parameter:
            return nn.Parameter(
                torch.empty(rows, width).normal_(0, INITIAL_SD, generator=generator)
            )

        self.x = normal(edges.users + edges.items)
        self.y = normal(edges.users + edges.items)
        self.W_u = normal(z_width)
        self.W_i = normal(z_width)

    def forward(
        self, z: Tensor | None, visible: Tensor, *, generator: torch.Generator | None = None
    ) -> RatingParts:
        """Return what predicts ratings where these pairs are visible.

        Args:
            z: vectors of the network, users and items first, (N, d'); None for none.
            visible: training pairs that may speak, (P,) bool.
            generator: of the dropout; None for none.
        """
        edges = self.edges
        shown = visible[edges.row].float()
        b_u, b_i = self.biases(shown)
        epsilon = edges.rating - b_u[edges.user] - b_i[edges.item]
        x, y = (dropped(each, self.dropout, generator) for each in (self.x, self.y))
        h = propagate((shown * epsilon)[edges.pair], x, edges)
        h = h + propagate(shown[edges.pair], y, edges)
        n = torch.cat([_count(edges.user, shown, b_u), _count(edges.item, shown, b_i)])
        p, q = (h * n.clamp_min(1.0).rsqrt()[:, None]).tensor_split([edges.users])
        if z is not None:
            p = p + z[: edges.users] @ self.W_u
            q = q + z[edges.users : edges.users + edges.items] @ self.W_i
        return RatingParts(
            user=dropped(p, self.dropout, generator),
            item=dropped(q, self.dropout, generator),
            user_bias=b_u,
            item_bias=b_i,
            scale=b_u.new_tensor([edges.mean, edges.sd, edges.low, edges.high]),
        )

    def biases(self, shown: Tensor) -> tuple[Tensor, Tensor]:
        """Return b_u (U,) and b_i (I,) of the shown ratings; see `rating_bias`."""
        edges = self.edges
        b_u, b_i = shown.new_zeros(edges.users), shown.new_zeros(edges.items)
        n_u = _count(edges.user, shown, b_u) + USER_SHRINK
        n_i = _count(edges.item, shown, b_i) + ITEM_SHRINK
        for _ in range(ROUNDS):
            left = shown * (edges.rating - b_u[edges.user])
            b_i = torch.zeros_like(b_i).index_add(0, edges.item, left) / n_i
            left = shown * (edges.rating - b_i[edges.item])
            b_u = torch.zeros_like(b_u).index_add(0, edges.user, left) / n_u
        return b_u, b_i

    def loss(self, parts: RatingParts, hidden: Tensor, *, l2: float) -> Tensor:
        """Return mean ((r - r̂) / σ)² + l2 (|p_u|² + |q_i|²) of the hidden rated pairs.

        Args:
            parts: what `forward` gave.
            hidden: training pairs that are asked for, (P,) bool.
            l2: weight of the ridge.
        """
        asked = hidden[self.edges.row].nonzero().ravel()
        u, i = self.edges.user[asked], self.edges.item[asked]
        p_u, q_i = parts.user[u], parts.item[i]
        error = (p_u * q_i).sum(1) + parts.user_bias[u] + parts.item_bias[i]
        error = error - self.edges.rating[asked]
        ridge = p_u.square().sum(1) + q_i.square().sum(1)
        return (error.square() + l2 * ridge).sum() / max(1, len(asked))


def rating_head(
    data: TrainingData, settings: HeteroGatSettings, *, seed: int, device: torch.device
) -> RatingHead:
    """Return an untrained head for the rated training pairs.

    Raises:
        ModelError: there are none.
    """
    rated = Rated.of(data, f"hetero-gat with the objective {settings.objective}")
    return RatingHead(
        RatedEdges.of(rated, device),
        width=settings.rating_width,
        z_width=settings.width,
        dropout=settings.rating_dropout,
        generator=torch.Generator().manual_seed(seed),
    ).to(device)


def _count(group: Tensor, shown: Tensor, like: Tensor) -> Tensor:
    return torch.zeros_like(like).index_add(0, group, shown)
