"""Learning sentiment from the likes and dislikes of training reviews.

The model of a fold of items is learnt from the other folds. How much each of its voices counts
(words, characters, the lexicon, a language model's vectors where there are some) is learnt, and
their sum calibrated, by four further models, each of which leaves out that fold and another, and
judges the texts of that other. So neither a text's own label nor those of its item have any part in
its score.

Words speak twice: as they are, and weighed by how much commoner each is in praise than in blame
(Wang & Manning, "Baselines and Bigrams", 2012, equation 2: r = log (p / |p|) / (q / |q|)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import roc_auc_score

from etl.text.learnt_sentiment import FOLDS, LearntSentiment, Quality, folds_of
from etl.text.meaning import Meaning
from etl.text.ngrams import FEATURES, PARTS, count_ngrams, rarity, weigh
from etl.text.settings import SentimentSettings
from etl.text.vectors import Encoder

Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]

_PENALTY: Final = 0.25  # over the number of texts
_EPOCHS: Final = 10
_SMOOTHING: Final = 1.0
_VOICES: Final = (*PARTS, PARTS[0])
_LOOSENESS: Final = 3e-3  # of the vectors' weights: C of scikit-learn's LogisticRegression
_STEPS: Final = 200


@dataclass(frozen=True)
class LabelledText:
    """A training review that says whether its writer liked the item.

    Attributes:
        text: title and text.
        item_id: what it is about.
        positive: whether the writer liked it.
        lexicon: what the lexicon makes of it; None where it does not know the language.
    """

    text: str
    item_id: str
    positive: bool
    lexicon: float | None


def learn_sentiment(
    texts: Sequence[LabelledText],
    settings: SentimentSettings,
    seed: int,
    encoder: Encoder | None = None,
) -> tuple[LearntSentiment, Quality] | None:
    """Return one language's models and how good they are; None where labels or items are too few.

    Args:
        texts: in an order that does not depend on how they were read.
        settings: how many labels it takes.
        seed: of the order in which texts are learnt from.
        encoder: gives a language model's vectors of texts; without it, they have no voice.
    """
    liked = np.array([text.positive for text in texts], bool)
    folds = folds_of(text.item_id for text in texts)
    if not _suffice(liked, folds, settings.min_labels):
        return None
    counts = count_ngrams([text.text for text in texts])
    idf = rarity(counts)
    ngrams = weigh(counts, idf)
    known = [text.lexicon for text in texts]
    lexicon = np.array([score or 0.0 for score in known])
    learnt, heard = _learn_ngrams(ngrams, idf, lexicon, liked, folds, seed)
    odds = learnt.log_odds(ngrams, folds, lexicon)
    if encoder is not None:
        vectors = encoder.encode([text.text for text in texts])
        meaning = _learn_meaning(encoder.name, vectors, heard, liked, folds)
        learnt, odds = replace(learnt, meaning=meaning), meaning.log_odds(vectors, folds, odds)
    has_lexicon = any(score is not None for score in known)
    quality = Quality(
        labels=len(texts),
        auc=float(roc_auc_score(liked, odds)),
        lexicon_auc=float(roc_auc_score(liked, lexicon)) if has_lexicon else None,
    )
    return learnt, quality


def _suffice(liked: Bools, folds: NDArray[np.int64], least: int) -> bool:
    """Return whether there are enough labels, of both kinds in whatever two folds leave over."""
    rarer = min(int(liked.sum()), int((~liked).sum()))
    if len(liked) < least or rarer < least / 10:
        return False
    rests = (liked[(folds != one) & (folds != other)] for one, other in _pairs())
    return all(rest.any() and not rest.all() for rest in rests)


def _pairs() -> list[tuple[int, int]]:
    return list(combinations(range(FOLDS), 2))


def _learn_ngrams(
    ngrams: csr_array,
    idf: Floats,
    lexicon: NDArray[np.float64],
    liked: Bools,
    folds: NDArray[np.int64],
    seed: int,
) -> tuple[LearntSentiment, Floats]:
    """Learn from n-grams, and how much they and the lexicon count.

    Returns:
        The models, and what those who left out a second fold say of its texts: for each fold of the
        models the log odds of the texts of all other folds, (FOLDS, n).
    """
    parts = [csr_array(ngrams[:, part]) for part in _VOICES]
    scores = np.zeros((FOLDS, len(liked), len(parts) + 1))
    scores[:, :, -1] = lexicon
    for one, other in _pairs():
        seen = (folds != one) & (folds != other)
        found = _voices([part[seen] for part in parts], liked[seen], seed)
        for fold, unseen in ((one, folds == other), (other, folds == one)):
            for voice, weights_of in enumerate(found):
                scores[fold, unseen, voice] = parts[voice][unseen] @ weights_of
    weights = np.zeros((FOLDS, FEATURES), np.float32)
    lexicon_weights, bias = np.zeros((2, FOLDS), np.float32)
    heard = np.zeros((FOLDS, len(liked)), np.float32)
    for fold in range(FOLDS):
        others = folds != fold
        shares, bias[fold] = _blend(scores[fold, others], liked[others])
        *of_parts, lexicon_weights[fold] = shares
        found = _voices([part[others] for part in parts], liked[others], seed)
        for part, share, weights_of in zip(_VOICES, of_parts, found, strict=True):
            weights[fold, part] += share * weights_of
        heard[fold, others] = scores[fold, others] @ shares + bias[fold]
    return LearntSentiment(idf, weights, lexicon_weights, bias), heard


def _voices(parts: Sequence[csr_array], liked: Bools, seed: int) -> list[Floats]:
    """Return the weights of words, of characters, and of words by how one-sided they are."""
    words, characters, again = parts
    ratio = _log_count_ratio(again, liked)
    return [
        _weights(words, liked, seed),
        _weights(characters, liked, seed),
        ratio * _weights(csr_array(again @ diags_array(ratio)), liked, seed),
    ]


def _log_count_ratio(part: csr_array, liked: Bools) -> Floats:
    """Return r of each n-gram: log of its share of praise over its share of blame, (n-grams,)."""
    praise, blame = (
        np.bincount(part[rows].indices, minlength=part.shape[1]) + _SMOOTHING
        for rows in (liked, ~liked)
    )
    ratio: Floats = np.log((praise / praise.sum()) / (blame / blame.sum())).astype(np.float32)
    return ratio


def _weights(part: csr_array, liked: Bools, seed: int) -> Floats:
    model = SGDClassifier(
        loss="log_loss",
        alpha=_PENALTY / len(liked),
        average=True,
        class_weight="balanced",
        max_iter=_EPOCHS,
        tol=None,
        random_state=seed,
    )
    return np.asarray(model.fit(part, liked).coef_[0], np.float32)


def _learn_meaning(
    encoder: str,
    vectors: NDArray[np.float16],
    heard: Floats,
    liked: Bools,
    folds: NDArray[np.int64],
) -> Meaning:
    """Learn from vectors, and how much they count beside what n-grams and lexicon say.

    Args:
        encoder: whose vectors they are.
        vectors: (n, d).
        heard: log odds by n-grams and lexicon of texts of other folds, (FOLDS, n).
        liked: (n,).
        folds: (n,).
    """
    centre = vectors.mean(0, dtype=np.float32)
    spread = np.maximum(vectors.std(0, dtype=np.float32), 1e-6)
    weights = np.zeros((FOLDS, vectors.shape[1]), np.float32)
    scores = np.zeros_like(heard)

    def learnt(seen: Bools) -> Floats:
        model = LogisticRegression(C=_LOOSENESS, class_weight="balanced", max_iter=_STEPS)
        model.fit((vectors[seen] - centre) / spread, liked[seen])
        return np.asarray(model.coef_[0] / spread, np.float32)

    for one, other in _pairs():
        found = learnt((folds != one) & (folds != other))
        for fold, unseen in ((one, folds == other), (other, folds == one)):
            scores[fold, unseen] = (vectors[unseen] - centre) @ found
    ngrams, bias = np.zeros((2, FOLDS), np.float32)
    for fold in range(FOLDS):
        others = folds != fold
        told = np.column_stack([heard[fold, others], scores[fold, others]])
        (ngrams[fold], share), bias[fold] = _blend(told, liked[others])
        weights[fold] = share * learnt(others)
        bias[fold] -= centre @ weights[fold]
    return Meaning(encoder, weights, ngrams, bias)


def _blend(scores: NDArray[np.float64], liked: Bools) -> tuple[NDArray[np.float64], float]:
    """Return how much each voice counts, and the bias, so that their sum is the log odds."""
    model = LogisticRegression(class_weight="balanced").fit(scores, liked)
    # With few labels a voice may seem to say the contrary of what it says: it stays silent.
    return np.maximum(model.coef_[0], 0.0), float(model.intercept_[0])
