"""Learning sentiment from the likes and dislikes of training reviews.

For each fold of items four models are learnt, each leaving out that fold and one other; their mean
is the fold's model. How well each judges the other fold that it left out says how much words,
characters and the lexicon count, and calibrates their sum. So neither a text's own label nor those
of its item have any part in its score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import roc_auc_score

from etl.text.learnt_sentiment import FOLDS, LearntSentiment, Quality, folds_of
from etl.text.ngrams import FEATURES, PARTS, count_ngrams, rarity, weigh
from etl.text.settings import SentimentSettings

_PENALTY: Final = 0.25  # over the number of texts
_EPOCHS: Final = 10


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
    texts: Sequence[LabelledText], settings: SentimentSettings, seed: int
) -> tuple[LearntSentiment, Quality] | None:
    """Return one language's models and how good they are; None where labels or items are too few.

    Args:
        texts: in an order that does not depend on how they were read.
        settings: how many labels it takes.
        seed: of the order in which texts are learnt from.
    """
    liked = np.array([text.positive for text in texts], bool)
    folds = folds_of(text.item_id for text in texts)
    if not _suffice(liked, folds, settings.min_labels):
        return None
    counts = count_ngrams([text.text for text in texts])
    idf = rarity(counts)
    vectors = weigh(counts, idf)
    known = [text.lexicon for text in texts]
    lexicon = np.array([score or 0.0 for score in known])
    learnt = LearntSentiment(idf, *_fold_models(vectors, lexicon, liked, folds, seed))
    has_lexicon = any(score is not None for score in known)
    quality = Quality(
        labels=len(texts),
        auc=float(roc_auc_score(liked, learnt.log_odds(vectors, folds, lexicon))),
        lexicon_auc=float(roc_auc_score(liked, lexicon)) if has_lexicon else None,
    )
    return learnt, quality


def _suffice(liked: NDArray[np.bool_], folds: NDArray[np.int64], least: int) -> bool:
    """Return whether there are enough labels, of both kinds in whatever two folds leave over."""
    rarer = min(int(liked.sum()), int((~liked).sum()))
    if len(liked) < least or rarer < least / 10:
        return False
    rests = (liked[(folds != one) & (folds != other)] for one, other in _pairs())
    return all(rest.any() and not rest.all() for rest in rests)


def _pairs() -> list[tuple[int, int]]:
    return list(combinations(range(FOLDS), 2))


def _fold_models(
    vectors: csr_array,
    lexicon: NDArray[np.float64],
    liked: NDArray[np.bool_],
    folds: NDArray[np.int64],
    seed: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return weights of n-grams (FOLDS, FEATURES), of the lexicon and the bias (FOLDS,)."""
    weights = np.zeros((FOLDS, FEATURES), np.float32)
    lexicon_weights, bias = np.zeros((2, FOLDS), np.float32)
    left_out: list[list[NDArray[np.float64]]] = [[] for _ in range(FOLDS)]
    labels: list[list[NDArray[np.bool_]]] = [[] for _ in range(FOLDS)]
    for one, other in _pairs():
        seen = (folds != one) & (folds != other)
        found = _ngram_weights(vectors[seen], liked[seen], seed)
        for fold, unseen in ((one, folds == other), (other, folds == one)):
            weights[fold] += found / (FOLDS - 1)
            scores = [vectors[unseen][:, part] @ found[part] for part in PARTS]
            left_out[fold].append(np.column_stack([*scores, lexicon[unseen]]))
            labels[fold].append(liked[unseen])
    for fold in range(FOLDS):
        blend = LogisticRegression(class_weight="balanced")
        blend.fit(np.concatenate(left_out[fold]), np.concatenate(labels[fold]))
        # With few labels a voice may seem to say the contrary of what it says: it stays silent.
        *shares, lexicon_weights[fold] = np.maximum(blend.coef_[0], 0.0)
        bias[fold] = blend.intercept_[0]
        for part, share in zip(PARTS, shares, strict=True):
            weights[fold, part] *= share
    return weights, lexicon_weights, bias


def _ngram_weights(vectors: csr_array, liked: NDArray[np.bool_], seed: int) -> NDArray[np.float32]:
    """Return the weights of words and of characters, learnt apart, (FEATURES,)."""
    found = np.zeros(FEATURES, np.float32)
    for part in PARTS:
        model = SGDClassifier(
            loss="log_loss",
            alpha=_PENALTY / len(liked),
            average=True,
            class_weight="balanced",
            max_iter=_EPOCHS,
            tol=None,
            random_state=seed,
        )
        found[part] = model.fit(vectors[:, part], liked).coef_[0]
    return found
