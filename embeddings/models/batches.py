"""Whom each step of a training asks about."""

from __future__ import annotations

import torch
from torch import Tensor


class Batches:
    """Users without end: all at once where they fit, else in shuffled parts.

    Args:
        users: ascending.
        size: users of a part.
        generator: of the order.

    Attributes:
        rest: those who have not had their turn, in order.
    """

    def __init__(self, users: Tensor, size: int, generator: torch.Generator) -> None:
        self._users, self._size, self._generator = users, size, generator
        self.rest = users[:0]

    def next(self) -> Tensor:
        """Return the users of the next step, ascending."""
        users = self._users
        if len(users) <= self._size:
            return users
        if not len(self.rest):
            order = torch.randperm(len(users), generator=self._generator, device=users.device)
            self.rest = users[order]
        part, self.rest = self.rest[: self._size], self.rest[self._size :]
        return part.sort().values
