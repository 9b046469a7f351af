"""Text vectors as network inputs: fewer, less unequal numbers."""

from __future__ import annotations

import torch
from torch import Tensor


def whiten(x: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Return the rows' first principal components, each divided by the root of its sd, and how.

    Rows of zeros (no text) stay zero and do not count.

    Args:
        x: text vectors, (n, d).
        width: p; fewer components where d or the number of texts is smaller.

    Returns:
        The components, (n, min(p, d, texts)), and what centred rows are multiplied by for them,
        (d, min(p, d, texts)); float32.
    """
    there = (x != 0).any(dim=1)
    known = x[there].double()
    if len(known) == 0:
        none = min(width, x.shape[1])
        return x.new_zeros(len(x), none), x.new_zeros(x.shape[1], none)
    centred = known - known.mean(dim=0)
    variance, axes = torch.linalg.eigh(centred.T @ centred / len(known))
    keep = min(width, x.shape[1], len(known))
    sd = variance[-keep:].clamp_min(1e-12).sqrt()
    scaled = axes[:, -keep:] / sd.sqrt()
    result = x.new_zeros(len(x), keep)
    result[there] = (centred @ scaled).to(x.dtype)
    return result, scaled.to(x.dtype)
