"""What people see of a topic: its top words, a label of what sets it apart, and how good it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from gensim.corpora import Dictionary
from gensim.models import CoherenceModel
from numpy.typing import NDArray

from etl.text.topic_words import MIN_NPMI, SEPARATOR, Words
from etl.text.topics import Topic

TOP_WORDS: Final = 10
_LABEL_PARTS: Final = 3
_OWN_SHARE: Final = 0.5
_COHERENCE_TEXTS: Final = 20_000


def describe(
    strengths: NDArray[np.float32], words: Sequence[str], texts: Sequence[Words], min_phrase: int
) -> list[Topic]:
    """Return the topics; keys are made of the first top words that no other topic has.

    Args:
        strengths: how often each topic has each word, (K, V).
        words: the V words.
        texts: the words of the training texts, with collocations joined.
        min_phrase: least number of times that a phrase of a label stands in the texts.
    """
    shares = strengths / strengths.sum(axis=1, keepdims=True)
    tops = top_words(strengths, words)
    coherent = coherences(tops, texts)
    labels = _labels(strengths.astype(np.float64), words, texts, min_phrase)
    uses = Counter(word for top in tops for word in top)
    topics: list[Topic] = []
    taken: set[str] = set()
    for number, (top, label) in enumerate(zip(tops, labels, strict=True)):
        own = [word for word in top if uses[word] == 1] or top
        key = free_key("-".join(sorted(own[:_LABEL_PARTS])), taken)
        taken.add(key)
        topics.append(
            Topic(
                topic_id=key,
                label=label,
                words=tuple(top),
                word_weights=tuple(float(share) for share in -np.sort(-shares[number])[:TOP_WORDS]),
                coherence=coherent[number],
                distinctness=sum(uses[word] == 1 for word in top) / len(top),
            )
        )
    return topics


def top_words(strengths: NDArray[np.float32], words: Sequence[str]) -> list[Words]:
    """Return each topic's strongest words, the strongest first."""
    shares = strengths / strengths.sum(axis=1, keepdims=True)
    ranked = np.argsort(-shares, axis=1, kind="stable")[:, :TOP_WORDS]
    return [[words[number] for number in row] for row in ranked]


def free_key(key: str, taken: set[str]) -> str:
    """Return the key, lengthened until it is not taken."""
    while key in taken:
        key += "-2"
    return key


def _labels(
    strengths: NDArray[np.float64], words: Sequence[str], texts: Sequence[Words], min_phrase: int
) -> list[str]:
    """Return each topic's phrase that sets it apart, if any, and such words, three in all.

    Words are ranked by class-based TF-IDF (Grootendorst, arXiv:2203.05794): their share of the
    topic times log(1 + words per topic / uses of the word).
    """
    shares = strengths / strengths.sum(axis=1, keepdims=True)
    per_topic = strengths.sum() / len(strengths)
    scores = shares * np.log1p(per_topic / strengths.sum(axis=0))
    own = shares.argmax(axis=0)
    phrases = _phrases(strengths, words, texts, min_phrase)
    labels = []
    for topic, score in enumerate(scores):
        phrase = phrases.get(topic)
        parts = [] if phrase is None else [phrase]
        said = set((phrase or "").split())
        for number in np.argsort(-score, kind="stable"):
            if len(parts) == _LABEL_PARTS:
                break
            spoken = words[number].replace(SEPARATOR, " ")
            if own[number] == topic and said.isdisjoint(spoken.split()):
                parts.append(spoken)
                said.update(spoken.split())
        labels.append(", ".join(parts))
    return labels


def _phrases(
    strengths: NDArray[np.float64], words: Sequence[str], texts: Sequence[Words], min_phrase: int
) -> Mapping[int, str]:
    """Return the two words in a row that most set a topic apart, for topics that have such.

    A pair belongs to a topic by its words' strengths (naive Bayes); its weight is its number there
    times the normalised pointwise mutual information of its words.
    """
    numbers = {word: number for number, word in enumerate(words)}
    log_prior = np.log(strengths.sum(axis=1))
    log_share = np.log(strengths / strengths.sum(axis=1, keepdims=True))
    best: dict[int, tuple[float, str]] = {}
    for parts, count, information in _neighbours(texts, numbers, min_phrase):
        log_odds = log_prior + sum(log_share[:, numbers[word]] for word in parts if word in numbers)
        odds = np.exp(log_odds - log_odds.max())
        topic = int(odds.argmax())
        share = float(odds[topic] / odds.sum())
        if share >= _OWN_SHARE and information > 0:
            phrase = " ".join(parts).replace(SEPARATOR, " ")
            best[topic] = max(best.get(topic, (0.0, "")), (count * share * information, phrase))
    return {topic: phrase for topic, (_, phrase) in best.items()}


def _neighbours(
    texts: Sequence[Words], numbers: Mapping[str, int], least: int
) -> Iterator[tuple[Words, int, float]]:
    """Yield words in a row with how often they are, and their normalised mutual information.

    Of collocations, which are one word here, that is no less than what made them such.
    """
    uses = Counter(word for text in texts for word in text)
    total = sum(uses.values())
    pairs = Counter(pair for text in texts for pair in pairwise(text) if pair[0] != pair[1])
    for (first, second), count in pairs.items():
        if count >= least and (first in numbers or second in numbers):
            information = np.log(count * total / (uses[first] * uses[second]))
            yield [first, second], count, float(information / -np.log(count / total))
    for word, count in uses.items():
        if SEPARATOR in word and count >= least and word in numbers:
            yield [word], count, MIN_NPMI


def coherences(tops: Sequence[Words], texts: Sequence[Words]) -> list[float | None]:
    """Return each topic's c_npmi over the first training texts, None where it is undefined."""
    wanted = {word for top in tops for word in top}
    model = CoherenceModel(
        topics=list(tops),
        texts=texts[:_COHERENCE_TEXTS],
        dictionary=Dictionary([sorted(wanted)]),
        coherence="c_npmi",
        topn=TOP_WORDS,
        processes=1,
    )
    values = model.get_coherence_per_topic()
    return [float(value) if np.isfinite(value) else None for value in values]
