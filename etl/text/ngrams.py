"""Texts as sparse vectors of their words, pairs of words, and runs of two to five characters.

N-grams are hashed, so there is no vocabulary to learn, to save, or to grow. They are those of
scikit-learn's `HashingVectorizer`, to the column; that takes a second to load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
from murmurhash.mrmr import hash_unicode
from scipy.sparse import csr_array, diags_array, get_index_dtype

_BITS: Final = 19
_TOKEN: Final = re.compile(r"\w+|[^\w\s]+")
_SHORTEST, _LONGEST = 2, 5
"""Characters of a run: of a word with a space before and behind it."""
_MAX_WORDS: Final = 50_000  # remembered
FEATURES: Final = 2 << _BITS
"""Columns of the vectors."""
PARTS: Final = (slice(0, 1 << _BITS), slice(1 << _BITS, FEATURES))
"""The columns of words, and those of characters."""


def count_ngrams(texts: Sequence[str]) -> csr_array:
    """Return 1 + log of how often each n-gram occurs in each text, (texts, FEATURES)."""
    columns = [np.fromiter(_columns(text.lower()), np.int32) for text in texts]
    ends = np.cumsum([0, *map(len, columns)])
    found = np.concatenate([np.empty(0, np.int32), *columns])
    ends = ends.astype(get_index_dtype(maxval=ends[-1]))
    shape = (len(texts), FEATURES)
    counts = csr_array((np.ones(len(found), np.float32), found, ends), shape=shape)
    counts.sum_duplicates()
    counts.data = 1.0 + np.log(counts.data)
    return counts


def rarity(counts: csr_array) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return each n-gram's inverse document frequency among some texts, (FEATURES,)."""
    texts, found = counts.shape[0], np.bincount(counts.indices, minlength=FEATURES)
    return (np.log((1 + texts) / (1 + found)) + 1.0).astype(np.float32)


def weigh(counts: csr_array, idf: np.ndarray[Any, np.dtype[np.float32]]) -> csr_array:
    """Return TF-IDF vectors whose part of words and part of characters each have length 1."""
    weighted = csr_array(counts @ diags_array(idf))
    of = 2 * np.repeat(np.arange(counts.shape[0]), np.diff(weighted.indptr))
    of += weighted.indices >> _BITS
    squares = np.bincount(of, weights=weighted.data.astype(np.float64) ** 2)
    weighted.data = (weighted.data / np.sqrt(squares)[of]).astype(np.float32)
    return weighted


def _columns(text: str) -> Iterator[int]:
    """Yield the columns of all n-grams of a text in lower case, each as often as it occurs."""
    words = _TOKEN.findall(text)
    yield from map(_column, words)
    for word, following in pairwise(words):
        yield _column(f"{word} {following}")
    for word in text.split():
        yield from _columns_of_runs(word)


@lru_cache(maxsize=_MAX_WORDS)
def _column(words: str) -> int:
    return _hashed(words)


@lru_cache(maxsize=_MAX_WORDS)
def _columns_of_runs(word: str) -> tuple[int, ...]:
    """Return the columns of a word's runs of characters."""
    padded = f" {word} "
    lengths = range(_SHORTEST, min(_LONGEST, len(padded)) + 1)
    runs = (padded[at : at + n] for n in lengths for at in range(len(padded) - n + 1))
    return tuple((1 << _BITS) + _hashed(run) for run in runs)


def _hashed(ngram: str) -> int:
    number: int = abs(hash_unicode(ngram)) % (1 << _BITS)
    return number
