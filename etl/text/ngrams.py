"""Texts as sparse vectors of their words, pairs of words, and runs of two to five characters.

N-grams are hashed, so there is no vocabulary to learn, to save, or to grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array, diags_array, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

_BITS: Final = 19
_KINDS: Final[tuple[dict[str, Any], ...]] = (
    {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"\w+|[^\w\s]+"},
    {"analyzer": "char_wb", "ngram_range": (2, 5)},
)
_VECTORIZERS: Final = tuple(
    HashingVectorizer(
        n_features=2**_BITS, norm=None, alternate_sign=False, dtype=np.float32, **kind
    )
    for kind in _KINDS
)
FEATURES: Final = len(_KINDS) << _BITS
"""Columns of the vectors."""
PARTS: Final = tuple(slice(i << _BITS, (i + 1) << _BITS) for i in range(len(_KINDS)))
"""The columns of words, and those of characters."""


def count_ngrams(texts: Sequence[str]) -> csr_array:
    """Return 1 + log of how often each n-gram occurs in each text, (texts, FEATURES)."""
    counts = hstack([vectorizer.transform(texts) for vectorizer in _VECTORIZERS], format="csr")
    counts.data = 1.0 + np.log(counts.data)
    return csr_array(counts)


def rarity(counts: csr_array) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return each n-gram's inverse document frequency among some texts, (FEATURES,)."""
    texts, found = counts.shape[0], np.bincount(counts.indices, minlength=FEATURES)
    return (np.log((1 + texts) / (1 + found)) + 1.0).astype(np.float32)


def weigh(counts: csr_array, idf: np.ndarray[Any, np.dtype[np.float32]]) -> csr_array:
    """Return TF-IDF vectors whose part of words and part of characters each have length 1."""
    weighted = csr_array(counts @ diags_array(idf))
    return csr_array(hstack([normalize(weighted[:, part]) for part in PARTS], format="csr"))
