"""Which device the tensors live on, and in which precision a large product is taken there."""

from __future__ import annotations

import torch

from embeddings.settings import DeviceName
from kg.errors import ConfigError


def pick_device(name: DeviceName = "auto") -> torch.device:
    """Return the device called `name`; `auto` takes a GPU where there is one.

    Raises:
        ConfigError: the named device is not on this machine.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    available = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not available[name]:
        raise ConfigError(
            f"Device {name!r} was asked for, but torch {torch.__version__} sees none here.",
            remedy=f"Use auto, or {' or '.join(key for key in available if available[key])}.",
        )
    return torch.device(name)


def mixed_precision(device: torch.device) -> torch.autocast:
    """Return a context in which matrix products run in bfloat16 on a GPU that has it."""
    wanted = device.type == "cuda" and torch.cuda.is_bf16_supported()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=wanted)
