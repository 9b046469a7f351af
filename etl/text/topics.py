"""What reviews are about, as mixtures of topics: latent Dirichlet allocation by gensim's LdaModel.

LdaModel and not LdaMulticore, which gives another model at every run. Inference starts from the
same point for every text, so a review's topics depend on that review alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Final

import numpy as np
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel, LdaModel, Phrases
from numpy.typing import NDArray
from spacy.util import get_lang_class

from etl.text.generic_nouns import GENERIC_NOUNS
from etl.text.inflection import singular
from etl.text.settings import TopicSettings
from etl.text.tokens import Tokens

_TOP_WORDS: Final = 10
_LABEL_WORDS: Final = 3
_ITERATIONS: Final = 50
_MIN_NPMI: Final = 0.4
_WEAK_BELOW: Final = 15.0  # content words a text
_COHERENCE_TEXTS: Final = 20_000
_SEPARATOR: Final = "_"

Words = list[str]
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
        weak: bool,
        language: str,
        settings: TopicSettings,
    ) -> None:
        self.words = list(words)
        self.collocations = frozenset(collocations)
        self.strengths = strengths
        self.alpha = alpha
        self.topics = list(topics)
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
        numbers = (self._numbers[word] for word in words if word in self._numbers)
        return sorted(Counter(numbers).items())


def content_words(tokens: Tokens) -> Words:
    """Return the words that can carry a topic: no stop words, no digits, nouns in the singular."""
    tags = tokens.tags or [""] * len(tokens.lower)
    words = map(_content_word, tokens.lower, tags, repeat(tokens.language))
    return [word for word in words if word]


@lru_cache(maxsize=20_000)
def _content_word(word: str, tag: str, language: str) -> str | None:
    if len(word) <= 2 or not word.isalpha() or word in _stop_words(language):
        return None
    return singular(word) if tag in {"NNS", "VBZ"} else word


def join_collocations(words: Words, collocations: frozenset[tuple[str, str]]) -> Words:
    """Join neighbours that are a collocation into one word, from the left."""
    joined: Words = []
    position = 0
    while position < len(words):
        if position + 1 < len(words) and (words[position], words[position + 1]) in collocations:
            joined.append(words[position] + _SEPARATOR + words[position + 1])
            position += 2
        else:
            joined.append(words[position])
            position += 1
    return joined


def fit_topics(
    texts: Sequence[Words], language: str, settings: TopicSettings, seed: int
) -> TopicModel:
    """Fit a topic model; without enough text it has no topics.

    Args:
        texts: content words of the training reviews, in an order that does not depend on how they
            were read.
        language: of the texts.
        settings: sizes and thresholds.
        seed: of the order of reading and the start of the model.
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
    dictionary.token2id = {word: number for number, word in enumerate(words)}
    dictionary.id2token = dict(enumerate(words))
    order = np.random.default_rng(seed).permutation(len(texts))
    bags = [bag for position in order if (bag := _count(texts[position], dictionary.token2id))]
    mean_words = sum(map(len, texts)) / max(1, len(texts))
    if len(words) < _TOP_WORDS or len(bags) < settings.count:
        strengths, alpha, topics = _no_strengths(), _no_strengths()[0], list[Topic]()
    else:
        lda = LdaModel(
            bags,
            num_topics=settings.count,
            id2word=dictionary.id2token,
            passes=settings.passes,
            iterations=_ITERATIONS,
            alpha="auto",
            eta="auto",
            eval_every=None,
            random_state=seed,
        )
        strengths, alpha = lda.state.get_lambda().astype(np.float32), lda.alpha
        topics = _describe(strengths, words, texts[:_COHERENCE_TEXTS])
    return TopicModel(
        words=words,
        collocations=collocations,
        strengths=strengths,
        alpha=alpha,
        topics=topics,
        weak=mean_words < _WEAK_BELOW,
        language=language,
        settings=settings,
    )


def _no_strengths() -> NDArray[np.float32]:
    return np.zeros((1, 0), np.float32)


def _collocations(texts: Sequence[Words], settings: TopicSettings) -> frozenset[tuple[str, str]]:
    phrases = Phrases(
        texts,
        min_count=settings.min_collocation,
        threshold=_MIN_NPMI,
        scoring="npmi",
        delimiter=_SEPARATOR,
    )
    pairs = (joined.split(_SEPARATOR) for joined in phrases.export_phrases())
    return frozenset((pair[0], pair[1]) for pair in pairs if len(pair) == 2)


def _count(words: Words, numbers: Mapping[str, int]) -> Bag:
    return sorted(Counter(numbers[word] for word in words if word in numbers).items())


def _describe(
    strengths: NDArray[np.float32], words: Sequence[str], texts: Sequence[Words]
) -> list[Topic]:
    shares = strengths / strengths.sum(axis=1, keepdims=True)
    ranked = np.argsort(-shares, axis=1, kind="stable")[:, :_TOP_WORDS]
    tops = [[words[number] for number in row] for row in ranked]
    coherences = _coherences(tops, texts)
    uses = Counter(word for top in tops for word in top)
    topics: list[Topic] = []
    taken: set[str] = set()
    for top, row, share, coherence in zip(tops, ranked, shares, coherences, strict=True):
        own = [word for word in top if uses[word] == 1] or top
        label = own[:_LABEL_WORDS]
        topic_id = "-".join(sorted(label))
        while topic_id in taken:
            topic_id += "-2"
        taken.add(topic_id)
        topics.append(
            Topic(
                topic_id=topic_id,
                label=", ".join(word.replace(_SEPARATOR, " ") for word in label),
                words=tuple(top),
                word_weights=tuple(float(share[number]) for number in row),
                coherence=coherence,
                distinctness=sum(uses[word] == 1 for word in top) / len(top),
            )
        )
    return topics


def _coherences(tops: list[Words], texts: Sequence[Words]) -> list[float | None]:
    """Return each topic's c_npmi over the training texts, None where it is undefined."""
    wanted = {word for top in tops for word in top}
    model = CoherenceModel(
        topics=tops,
        texts=texts,
        dictionary=Dictionary([sorted(wanted)]),
        coherence="c_npmi",
        topn=_TOP_WORDS,
        processes=1,
    )
    values = model.get_coherence_per_topic()
    return [float(value) if np.isfinite(value) else None for value in values]


def _model_from(
    words: Sequence[str], strengths: NDArray[np.float32], alpha: NDArray[np.float32]
) -> LdaModel:
    lda = LdaModel(
        num_topics=len(strengths),
        id2word=dict(enumerate(words)),
        alpha=alpha,
        eta=0.0,
        iterations=_ITERATIONS,
    )
    lda.state.sstats = strengths
    lda.sync_state()
    lda.random_state = _EqualStart()
    return lda


class _EqualStart:
    """Stands in for gensim's random state, whose draws depend on a text's place in the batch."""

    def gamma(self, shape: float, scale: float, size: tuple[int, int]) -> NDArray[np.float64]:
        return np.ones(size)


_STOP_WORDS: dict[str, frozenset[str]] = {}


def _stop_words(language: str) -> frozenset[str]:
    if language not in _STOP_WORDS:
        try:
            words = frozenset(get_lang_class(language).Defaults.stop_words)
        except ImportError:
            words = frozenset()
        _STOP_WORDS[language] = words | GENERIC_NOUNS if language == "en" else words
    return _STOP_WORDS[language]
