"""Fitting a topic model on the content words of training reviews.

LdaModel and not LdaMulticore, which gives another model at every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from gensim.corpora import Dictionary
from gensim.models import LdaModel, Phrases
from numpy.typing import NDArray

from etl.text.settings import TopicSettings
from etl.text.topic_labels import TOP_WORDS, coherences, describe, top_words
from etl.text.topic_words import MIN_NPMI, SEPARATOR, Words, join_collocations
from etl.text.topics import ITERATIONS, Bag, TopicModel, bag_of
from kg.progress import Progress, no_progress

_WEAK_BELOW: Final = 15.0  # content words a text


def fit_topics(
    texts: Sequence[Words],
    language: str,
    settings: TopicSettings,
    seed: int,
    progress: Progress = no_progress,
) -> TopicModel:
    """Fit a topic model; without enough text it has no topics.

    Args:
        texts: content words of the training reviews, in an order that does not depend on how they
            were read.
        language: of the texts.
        settings: sizes and thresholds.
        seed: of the order of reading and the start of the model.
        progress: told about numbers of topics tried, where there are several.
    """
    collocations = _collocations(texts, settings)
    texts = [join_collocations(words, collocations) for words in texts]
    dictionary = Dictionary(texts)
    dictionary.filter_extremes(
        no_below=settings.min_reviews,
        no_above=settings.max_review_share,
        keep_n=settings.max_words,
    )
    words = sorted(dictionary.token2id)
    numbers = {word: number for number, word in enumerate(words)}
    order = np.random.default_rng(seed).permutation(len(texts))
    bags = [bag for position in order if (bag := bag_of(texts[position], numbers))]
    tried = settings.counts if settings.count == "auto" else (settings.count,)
    counts = [count for count in tried if len(words) >= TOP_WORDS and len(bags) >= count]
    curve: dict[int, float] = {}
    strengths, alpha = np.zeros((1, 0), np.float32), np.zeros(0, np.float32)
    for done, count in enumerate(counts, 1):
        found, prior = _fit(bags, words, count, settings, seed)
        if len(counts) > 1:
            curve[count] = _mean_coherence(found, words, texts)
            progress(done, len(counts), "numbers of topics")
        if count == max(curve, key=curve.__getitem__, default=count):
            strengths, alpha = found, prior
    return TopicModel(
        words=words,
        collocations=collocations,
        strengths=strengths,
        alpha=alpha,
        topics=describe(strengths, words, texts, settings.min_collocation) if counts else [],
        curve=curve,
        weak=sum(map(len, texts)) / max(1, len(texts)) < _WEAK_BELOW,
        language=language,
        settings=settings,
    )


def _collocations(texts: Sequence[Words], settings: TopicSettings) -> frozenset[tuple[str, str]]:
    """Return the pairs of words that stand together far oftener than chance has it."""
    phrases = Phrases(
        texts,
        min_count=settings.min_collocation,
        threshold=MIN_NPMI,
        scoring="npmi",
        delimiter=SEPARATOR,
    )
    pairs = (joined.split(SEPARATOR) for joined in phrases.export_phrases())
    return frozenset((pair[0], pair[1]) for pair in pairs if len(pair) == 2)


def _fit(
    bags: Sequence[Bag], words: Sequence[str], count: int, settings: TopicSettings, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the strengths of the topics' words, (K, V), and the prior of the topics, (K,)."""
    lda = LdaModel(
        bags,
        num_topics=count,
        id2word=dict(enumerate(words)),
        passes=settings.passes,
        iterations=ITERATIONS,
        alpha="auto",
        eta="auto",
        eval_every=None,
        random_state=seed,
    )
    return lda.state.get_lambda().astype(np.float32), lda.alpha


def _mean_coherence(
    strengths: NDArray[np.float32], words: Sequence[str], texts: Sequence[Words]
) -> float:
    """Return the mean coherence of topics, from -1 to 1; where undefined, a topic has -1."""
    values = coherences(top_words(strengths, words), texts)
    return float(np.mean([-1.0 if value is None else value for value in values]))
