"""What a language model's vectors of whole texts add to learnt sentiment, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_PREFIX: Final = "meaning_"


@dataclass(frozen=True)
class Meaning:
    """The models of vectors, a fold each, and what they leave to n-grams and lexicon.

    Attributes:
        encoder: the language model's name.
        weights: of each number of a vector, (FOLDS, d).
        ngrams: weight of the log odds by n-grams and lexicon, (FOLDS,).
        bias: (FOLDS,).
    """

    encoder: str
    weights: Floats
    ngrams: Floats
    bias: Floats

    def log_odds(
        self, vectors: NDArray[np.float16], folds: NDArray[np.int64], heard: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the log odds of praise by all voices, (n,).

        Args:
            vectors: of the texts, (n, d).
            folds: of their items, (n,).
            heard: log odds of praise by n-grams and lexicon, (n,).
        """
        meant = np.zeros(len(folds))
        for fold in np.unique(folds):
            rows = folds == fold
            meant[rows] = vectors[rows] @ self.weights[fold]
        found: NDArray[np.float64] = meant + self.ngrams[folds] * heard + self.bias[folds]
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all numbers by name."""
        return {
            f"{_PREFIX}encoder": np.array(self.encoder),
            f"{_PREFIX}weights": self.weights,
            f"{_PREFIX}ngrams": self.ngrams,
            f"{_PREFIX}bias": self.bias,
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]]) -> Meaning | None:
        """Return what `arrays` told of; None where it told nothing."""
        if f"{_PREFIX}weights" not in arrays:
            return None
        numbers = (arrays[f"{_PREFIX}{name}"] for name in ("weights", "ngrams", "bias"))
        return cls(str(arrays[f"{_PREFIX}encoder"]), *numbers)
