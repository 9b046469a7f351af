"""Many ranges of integers, one after another in one tensor."""

from __future__ import annotations

import torch
from torch import Tensor


def ranges(first: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
    """Return first, first + 1 … first + count - 1 of each range, and which range each belongs to.

    Args:
        first, count: of the ranges, (n,) int64.

    Returns:
        The number of the range, and the integer, both (sum of count,).
    """
    owner = torch.repeat_interleave(count)
    start = first - (count.cumsum(0) - count)
    return owner, torch.arange(len(owner), device=count.device) + start[owner]
