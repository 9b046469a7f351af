"""Sentiment by what the set's own likes and dislikes taught: n-grams to a linear model.

Items are dealt to `FOLDS` folds by their key. The texts of a fold's items, held-out and unlabelled
ones too, are scored by the model of that fold, which has seen none of these items. 0 means that a
text reads neither way, whatever share of the texts praises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from etl.text.meaning import Meaning
from etl.text.ngrams import FEATURES, count_ngrams, weigh

FOLDS: Final = 5
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Quality:
    """How well one language's model does on the training texts, each scored by its fold's model.

    Attributes:
        labels: training texts that say whether the item was liked.
        auc: of the learnt sentiment.
        lexicon_auc: of the lexicon's on the same texts; None where there is none.
    """

    labels: int
    auc: float
    lexicon_auc: float | None

    @property
    def ahead(self) -> bool:
        """Return whether it tells liked from disliked better than the lexicon, or than chance."""
        return self.auc > (0.5 if self.lexicon_auc is None else self.lexicon_auc)


@dataclass(frozen=True)
class LearntSentiment:
    """The models of one language.

    Attributes:
        idf: inverse document frequency of each n-gram, (FEATURES,).
        weights: of each n-gram in each fold's model, (FOLDS, FEATURES).
        lexicon: weight of the lexicon's score in each fold's model, (FOLDS,).
        bias: (FOLDS,).
        meaning: what vectors of whole texts add; None where they have no voice.
    """

    idf: Floats
    weights: Floats
    lexicon: Floats
    bias: Floats
    meaning: Meaning | None = None

    def score(
        self,
        texts: Sequence[str],
        items: Sequence[str],
        lexicon: Sequence[float | None],
        vectors: NDArray[np.float16] | None = None,
    ) -> list[float]:
        """Return the sentiment of texts, -1 … 1: twice the probability of praise, less one.

        Args:
            texts: title and text of each review.
            items: the key of the item that each is about.
            lexicon: the lexicon's score of each.
            vectors: of the texts, (n, d); wanted where they have a voice.

        Raises:
            ValueError: they are wanted, and there are none.
        """
        odds = self.odds_of(texts, items, lexicon)
        if self.meaning is not None:
            if vectors is None:
                raise ValueError(f"{len(texts)} texts came without their vectors")
            odds = self.meaning.log_odds(vectors, folds_of(items), odds)
        scores: list[float] = np.tanh(odds / 2.0).tolist()
        return scores

    def odds_of(
        self, texts: Sequence[str], items: Sequence[str], lexicon: Sequence[float | None]
    ) -> NDArray[np.float64]:
        """Return the log odds of praise of texts, or of clauses, by n-grams and lexicon.

        Args:
            texts: title and text of each review.
            items: the key of the item that each is about.
            lexicon: the lexicon's score of each.
        """
        vectors, folds = weigh(count_ngrams(texts), self.idf), folds_of(items)
        said = np.array([score or 0.0 for score in lexicon])
        return self.log_odds(vectors, folds, said)

    def log_odds(
        self, vectors: csr_array, folds: NDArray[np.int64], lexicon: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the same of texts whose n-grams are counted and weighed."""
        found = np.zeros(len(folds))
        for fold in np.unique(folds):
            rows = folds == fold
            found[rows] = vectors[rows] @ self.weights[fold]
            found[rows] += self.lexicon[fold] * lexicon[rows] + self.bias[fold]
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all numbers by name; weights of n-grams that were never seen are left out."""
        used = np.flatnonzero(self.weights.any(axis=0)).astype(np.int32)
        weights = self.weights[:, used]
        numbers = {"idf": self.idf, "lexicon": self.lexicon, "bias": self.bias}
        meant = {} if self.meaning is None else self.meaning.arrays()
        return {"used": used, "weights": weights, **numbers, **meant}

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]]) -> LearntSentiment:
        """Return what `arrays` told of."""
        weights = np.zeros((FOLDS, FEATURES), np.float32)
        weights[:, arrays["used"]] = arrays["weights"]
        idf, lexicon, bias = (arrays[name] for name in ("idf", "lexicon", "bias"))
        return cls(idf, weights, lexicon, bias, Meaning.restored(arrays))

    def save(self, path: Path) -> None:
        """Write all numbers to a file."""
        np.savez_compressed(path, allow_pickle=False, **self.arrays())

    @classmethod
    def load(cls, path: Path) -> LearntSentiment:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls.restored(arrays)


def folds_of(items: Iterable[str]) -> NDArray[np.int64]:
    """Return the fold of each item, by a hash of its key."""
    return np.array(
        [hashlib.blake2b(item.encode(), digest_size=8).digest()[0] % FOLDS for item in items],
        np.int64,
    )


def whole_text(title: str | None, text: str) -> str:
    """Return a review as the models read it: its title, and the text below."""
    return f"{title}\n{text}" if title and title.strip() else text
