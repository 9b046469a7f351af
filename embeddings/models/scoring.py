"""What is left of a trained network when it only has to score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from embeddings.models.time_window import bins


@dataclass(frozen=True, kw_only=True)
class Scores:
    """s(u, i) = user_u · item_i + bias_i + g_i R_ui + ψ[bin(t_i - last_u)].

    Attributes:
        user: z_u / (|z_u| τ), (U, D).
        item: z_i / |z_i|, (I, D).
        bias: b, (I,).
        g: weight of the closed-form scores R, (I,).
        psi: ψ, (BINS,).
        item_day: t, (I,).
        last_day: day of each user's last act, (U,).
    """

    user: Tensor
    item: Tensor
    bias: Tensor
    g: Tensor
    psi: Tensor
    item_day: Tensor
    last_day: Tensor

    def rows(self, users: NDArray[np.int64], R: NDArray[np.float32]) -> Tensor:
        """Return the scores of all items for users with closed-form scores R, (B, I)."""
        u = torch.from_numpy(users).to(self.user.device)
        return self._rows(self.user[u], self.last_day[u], R)

    def rows_of(self, user: Tensor, users: NDArray[np.int64], R: NDArray[np.float32]) -> Tensor:
        """Return the same with other vectors of these users, as `Scores.user`, (B, D)."""
        u = torch.from_numpy(users).to(self.user.device)
        return self._rows(user, self.last_day[u], R)

    def new_rows(self, user: Tensor, R: NDArray[np.float32]) -> Tensor:
        """Return the scores of all items for people who ask on training's last day, (n, I).

        Args:
            user: of these people, as `Scores.user`, (n, D).
            R: their closed-form scores, (n, I).
        """
        newest = self.last_day.nan_to_num(nan=-torch.inf).amax()
        today = torch.where(newest.isinf(), torch.nan, newest)
        return self._rows(user.to(self.user.device), today.expand(len(user)), R)

    def _rows(self, user: Tensor, last_day: Tensor, R: NDArray[np.float32]) -> Tensor:
        s = user @ self.item.T
        s += self.bias
        s += self.g * torch.from_numpy(R).to(user.device)
        if bool((self.psi != 0).any()):
            s = s + self.psi[bins(self.item_day, last_day[:, None])]
        return s

    def tensors(self) -> dict[str, Tensor]:
        """Return all parts by name, on the CPU, as `Scores(**tensors)` takes them."""
        return {name: value.detach().cpu().contiguous() for name, value in vars(self).items()}

    @staticmethod
    def mean(members: Sequence[Scores]) -> Scores:
        """Return the scores that are the mean of the members' scores."""
        share = 1.0 / len(members)
        first = members[0]
        return Scores(
            user=torch.cat([m.user * share for m in members], dim=1),
            item=torch.cat([m.item for m in members], dim=1),
            bias=torch.stack([m.bias for m in members]).mean(0),
            g=torch.stack([m.g for m in members]).mean(0),
            psi=torch.stack([m.psi for m in members]).mean(0),
            item_day=first.item_day,
            last_day=first.last_day,
        )
