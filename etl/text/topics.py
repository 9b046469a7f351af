"""What reviews are about, as mixtures of topics: latent Dirichlet allocation, fitted by gensim.

Inference starts from the same point for every text, so a review's topics depend on that review
alone. It is that of gensim's LdaModel, written out: gensim takes a second to load, and few new
reviews a fraction of that. `etl.text.topic_fit` fits the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import psi

from etl.text.settings import TopicSettings
from etl.text.tokens import Tokens
from etl.text.topic_words import Words, content_words, join_collocations

ITERATIONS: Final = 50
_STAYS: Final = 0.001
"""Mean change of a text's parameters below which they are taken for the last ones."""
_EPSILON: Final = np.finfo(np.float32).eps

Bag = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as people see it: its key, label, top words with weights, and how good it is."""

    topic_id: str
    label: str
    words: tuple[str, ...]
    word_weights: tuple[float, ...]
    coherence: float | None
    distinctness: float


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
        self._exp_log_beta = np.exp(psi(strengths) - psi(strengths.sum(axis=-1, keepdims=True)))

    def weights(self, texts: Sequence[Tokens]) -> list[list[tuple[str, float]]]:
        """Return each text's topics with their shares, the largest first.

        A text without a known word, or in another language, has none.
        """
        bags = [self._bag(tokens) for tokens in texts]
        known = [position for position, bag in enumerate(bags) if bag]
        result: list[list[tuple[str, float]]] = [[] for _ in texts]
        if not self.topics or not known:
            return result
        gamma = np.stack([self._infer(bags[position]) for position in known])
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

    def _infer(self, bag: Bag) -> NDArray[np.float32]:
        """Return γ, the variational parameters of a text's mixture of topics, (K,).

        γ = α + Σ_w n_w φ_w with φ_wk ∝ exp(E[log θ_k] + E[log β_kw]), in turns until γ stays
        (Hoffman, Blei, Bach: Online Learning for Latent Dirichlet Allocation, NIPS 2010).
        """
        numbers, counts = zip(*bag, strict=True)
        n = np.array(counts, np.float32)
        exp_log_beta = self._exp_log_beta[:, numbers]
        gamma, enough = np.ones_like(self.alpha), _STAYS * len(self.alpha)
        for _ in range(ITERATIONS):
            exp_log_theta = np.exp(psi(gamma) - psi(gamma.sum()))
            norm = exp_log_theta @ exp_log_beta + _EPSILON
            before, gamma = gamma, self.alpha + exp_log_theta * (exp_log_beta @ (n / norm))
            if np.abs(gamma - before).sum() < enough:
                break
        return gamma

    def with_ids(self, topic_ids: Sequence[str]) -> TopicModel:
        """Return the same model with other keys of its topics."""
        renamed = copy(self)
        named = zip(self.topics, topic_ids, strict=True)
        renamed.topics = [replace(topic, topic_id=topic_id) for topic, topic_id in named]
        return renamed


def bag_of(words: Words, numbers: Mapping[str, int]) -> Bag:
    """Return how often each known word stands in a text, by the word's number."""
    return sorted(Counter(numbers[word] for word in words if word in numbers).items())
