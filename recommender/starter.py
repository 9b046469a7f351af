"""A starter config from a look at data files: what was guessed, and what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def starter_config(files: Sequence[Path], *, name: str | None = None) -> str:
    """Return a config as YAML text, with its guesses in comments."""
    raise NotImplementedError
