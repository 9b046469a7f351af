"""Dropout whose draws come from a generator of one's own."""

from __future__ import annotations

import torch
from torch import Tensor


def dropped(x: Tensor, share: float, generator: torch.Generator | None) -> Tensor:
    """Set each number to 0 with probability `share` and scale the others up; nothing without one.

    Args:
        x: of any shape.
        share: below 1.
        generator: of the draws; None leaves x as it is.
    """
    if generator is None or share == 0:
        return x
    draw = torch.rand(x.shape, generator=generator, device=x.device)
    return x * ((draw >= share) / (1 - share))
