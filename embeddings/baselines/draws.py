"""Items drawn at random for users, to be told apart from what they like."""

from __future__ import annotations

import torch
from torch import Tensor


def draw_items(
    user: Tensor, items: int, *, liked: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return an item for each user, drawn evenly, and whether the user does not like it.

    Args:
        user: of each draw, (n,) int64.
        items: I.
        liked: user * I + item of each liked pair, ascending, (E,) int64.
        generator: of the draw.

    Returns:
        (n,) int64 and (n,) bool.
    """
    item = torch.randint(items, (len(user),), generator=generator)
    cell = user * items + item
    place = torch.searchsorted(liked, cell).clamp_max(len(liked) - 1)
    return item, liked[place] != cell
