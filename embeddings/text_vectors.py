"""Vectors of texts, found by what the text says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from kg.errors import ModelError

HASH_BYTES: Final = 16


def hash_texts(texts: Iterable[str]) -> NDArray[np.void]:
    """Return a 16-byte BLAKE2b hash of each text, (n,) of void16."""
    digests = b"".join(blake2b(text.encode(), digest_size=HASH_BYTES).digest() for text in texts)
    return np.frombuffer(digests, dtype=f"V{HASH_BYTES}")


@dataclass(frozen=True)
class TextVectors:
    """Vectors of distinct texts, each of length one, sorted by the hash of the text.

    Attributes:
        hashes: as `hash_texts` gives them, sorted by their bytes, (n,) void16.
        vectors: (n, d) float32.
        model: name, revision and precision of the encoder, for the record.
    """

    hashes: NDArray[np.void]
    vectors: Tensor
    model: str

    @classmethod
    def of_texts(cls, texts: Sequence[str], vectors: Tensor, model: str) -> TextVectors:
        """Return the vectors (n, d) of these distinct texts, put in order."""
        hashes = hash_texts(texts)
        order = np.argsort(_words(hashes), order=("high", "low"))
        return cls(hashes[order], vectors[torch.from_numpy(order)].float().contiguous(), model)

    @classmethod
    def none(cls) -> TextVectors:
        """Return vectors of no text at all, for a run without an encoder."""
        return cls(np.empty(0, f"V{HASH_BYTES}"), torch.zeros(0, 1), "none")

    @property
    def width(self) -> int:
        """Return d."""
        return self.vectors.shape[1]

    def of(self, texts: Sequence[str]) -> Tensor:
        """Return the vectors of these texts, (len(texts), d); an empty text has the zero vector.

        Raises:
            ModelError: a text was never encoded.
        """
        rows = self._rows(hash_texts(texts))
        written = np.fromiter((bool(text.strip()) for text in texts), np.bool_, len(texts))
        if (written & (rows < 0)).any():
            missing = int((written & (rows < 0)).sum())
            raise ModelError(
                f"{missing} of {len(texts)} texts have no vector by {self.model}.",
                remedy="Run the encode stage again on this snapshot.",
            )
        found = self.vectors[torch.from_numpy(np.maximum(rows, 0))] if len(self.hashes) else None
        empty = torch.zeros(len(texts), self.width)
        return empty if found is None else torch.where(torch.from_numpy(written)[:, None], found, 0)

    def without(self, hashes: NDArray[np.void]) -> TextVectors:
        """Return the vectors but for those of some texts, in the same order."""
        rows = self._rows(hashes)
        stay = np.ones(len(self.hashes), np.bool_)
        stay[rows[rows >= 0]] = False
        kept = np.flatnonzero(stay)
        return TextVectors(self.hashes[kept], self.vectors[torch.from_numpy(kept)], self.model)

    def save(self, path: Path) -> None:
        """Write a safetensors file."""
        hashes = torch.from_numpy(self.hashes.view(np.uint8).reshape(-1, HASH_BYTES).copy())
        about = {"model": self.model}
        save_file({"hashes": hashes, "vectors": self.vectors}, path, {"about": json.dumps(about)})

    @classmethod
    def load(cls, path: Path) -> TextVectors:
        """Read what `save` wrote.

        Raises:
            ModelError: the file is missing or is none of ours.
        """
        try:
            with safe_open(path, framework="pt") as file:
                about = json.loads(file.metadata()["about"])
                hashes = file.get_tensor("hashes").numpy().view(f"V{HASH_BYTES}").ravel()
                return cls(hashes, file.get_tensor("vectors"), about["model"])
        except (FileNotFoundError, SafetensorError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} holds no text vectors: {error}.", remedy="Run the encode stage again."
            ) from error

    def _rows(self, hashes: NDArray[np.void]) -> NDArray[np.int64]:
        """Positions of hashes, -1 where unknown. Two big-endian words order as the bytes do."""
        if not len(self.hashes):
            return np.full(len(hashes), -1, np.int64)
        known, wanted = _words(self.hashes), _words(hashes)
        rows = np.searchsorted(known["high"], wanted["high"])
        rows = np.minimum(rows, len(known) - 1)
        return np.where(known[rows] == wanted, rows, -1)


_WORDS: Final = np.dtype([("high", ">u8"), ("low", ">u8")])


def _words(hashes: NDArray[np.void]) -> NDArray[np.void]:
    return hashes.view(_WORDS)
