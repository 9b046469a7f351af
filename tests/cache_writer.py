"""Writes to a cache of vectors from a process of its own; imports little, so it starts quickly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.vector_cache import VectorCache


def numbered(first: int, count: int) -> NDArray[np.void]:
    """A hash for each number."""
    return np.frombuffer(
        b"".join(n.to_bytes(16, "big") for n in range(first, first + count)), "V16"
    )


def write_many(path: Path, first: int) -> None:
    """Write the vectors of 300 numbers, 20 at a time."""
    with VectorCache(path) as cache:
        for start in range(first, first + 300, 20):
            numbers = np.arange(start, start + 20, dtype=np.float16)
            cache.write("space", numbered(start, 20), np.repeat(numbers[:, None], 4, axis=1))
