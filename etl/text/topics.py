"""What reviews are about, as mixtures of topics: latent Dirichlet allocation by gensim's LdaModel.

Inference starts from the same point for every text, so a review's topics depend on that review
alone. `etl.text.topic_fit` fits the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Final

import numpy as np
from gensim.models import LdaModel
from numpy.typing import NDArray

from etl.text.settings import TopicSettings
from etl.text.tokens import Tokens
from etl.text.topic_labels import Topic
from etl.text.topic_words import Words, content_words, join_collocations

ITERATIONS: Final = 50

Bag = list[tuple[int, int]]


class TopicModel:
    """A fitted topic model.

    Args:
        words: the dictionary; position is the word's number.
        collocations: pairs of words that are joined into one.
        strengths: variational parameters of the topics' words, (K, V) float32.
        alpha: prior of the topics in a text, (K,) float32.
        topics: the K topics.
        curve: mean coherence by number of topics, where several numbers were tried.
        weak: the training texts were too short for the topics to be trusted.
        language: of the texts it was fitted on; others have no topics.
        settings: as fitted.
    """

    def __init__(
        self,
        *,
        words: Sequence[str],
        collocations: Iterable[tuple[str, str]],
        strengths: NDArray[np.float32],
        alpha: NDArray[np.float32],
        topics: Sequence[Topic],
        curve: Mapping[int, float],
        weak: bool,
        language: str,
        settings: TopicSettings,
    ) -> None:
        self.words = list(words)
        self.collocations = frozenset(collocations)
        self.strengths = strengths
        self.alpha = alpha
        self.topics = list(topics)
        self.curve = dict(curve)
        self.weak = weak
        self.language = language
        self.settings = settings
        self._numbers = {word: number for number, word in enumerate(self.words)}
        self._lda = _model_from(self.words, strengths, alpha) if topics else None

    def weights(self, texts: Sequence[Tokens]) -> list[list[tuple[str, float]]]:
        """Return each text's topics with their shares, the largest first.

        A text without a known word, or in another language, has none.
        """
        bags = [self._bag(tokens) for tokens in texts]
        known = [position for position, bag in enumerate(bags) if bag]
        result: list[list[tuple[str, float]]] = [[] for _ in texts]
        if self._lda is None or not known:
            return result
        gamma, _ = self._lda.inference([bags[position] for position in known])
        shares = gamma / gamma.sum(axis=1, keepdims=True)
        order = np.argsort(-shares, axis=1, kind="stable")
        for position, share, ranked in zip(known, shares, order, strict=True):
            result[position] = [
                (self.topics[topic].topic_id, float(share[topic]))
                for topic in ranked
                if share[topic] >= self.settings.min_weight
            ]
        return result

    def _bag(self, tokens: Tokens) -> Bag:
        if tokens.language != self.language:
            return []
        words = join_collocations(content_words(tokens), self.collocations)
        return bag_of(words, self._numbers)

    def with_ids(self, topic_ids: Sequence[str]) -> TopicModel:
        """Return the same model with other keys of its topics."""
        renamed = copy(self)
        named = zip(self.topics, topic_ids, strict=True)
        renamed.topics = [replace(topic, topic_id=topic_id) for topic, topic_id in named]
        return renamed


def bag_of(words: Words, numbers: Mapping[str, int]) -> Bag:
    """Return how often each known word stands in a text, by the word's number."""
    return sorted(Counter(numbers[word] for word in words if word in numbers).items())


def _model_from(
    words: Sequence[str], strengths: NDArray[np.float32], alpha: NDArray[np.float32]
) -> LdaModel:
    lda = LdaModel(
        num_topics=len(strengths),
        id2word=dict(enumerate(words)),
        alpha=alpha,
        eta=0.0,
        iterations=ITERATIONS,
    )
    lda.state.sstats = strengths
    lda.sync_state()
    lda.random_state = _EqualStart()
    return lda


class _EqualStart:
    """Stands in for gensim's random state, whose draws depend on a text's place in the batch."""

    def gamma(self, shape: float, scale: float, size: tuple[int, int]) -> NDArray[np.float64]:
        return np.ones(size)
