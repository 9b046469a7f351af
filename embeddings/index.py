"""Business keys to dense integers and back; the integers never leave `embeddings/`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kg.errors import UnknownKeyError


class Index:
    """A fixed, ordered set of business keys of one kind.

    Args:
        kind: what the keys are ("user", "item"), for messages.
        keys: the distinct keys; position is the index.
    """

    def __init__(self, kind: str, keys: Iterable[str]) -> None:
        self.kind = kind
        self.keys: Sequence[str] = tuple(keys)

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def _position(self) -> dict[str, int]:
        return {key: position for position, key in enumerate(self.keys)}

    def __contains__(self, key: str) -> bool:
        return key in self._position

    def of(self, key: str) -> int:
        """Return the position of `key`.

        Raises:
            UnknownKeyError: there is no such key; near keys are named.
        """
        try:
            return self._position[key]
        except KeyError:
            raise UnknownKeyError(self.kind, key, self.keys) from None

    def positions(self, keys: pl.Series) -> NDArray[np.int64]:
        """Return the positions of a column of keys, (n,) int64; unknown keys become -1."""
        return (
            keys.replace_strict(
                pl.Series(self.keys, dtype=pl.String),
                pl.Series(range(len(self.keys)), dtype=pl.Int64),
                default=-1,
                return_dtype=pl.Int64,
            )
            .to_numpy()
            .astype(np.int64)
        )
