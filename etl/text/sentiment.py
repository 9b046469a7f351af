"""Sentiment by VADER (Hutto & Gilbert, ICWSM 2014), with words that reviews use and it lacks.

VADER reads negation ("not great"), intensifiers ("very"), contrast ("but") and punctuation. It is
made for single sentences: the mean over a review's sentences follows the stars better than the
score of the whole text, and a title says as much as the text below it.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

from vaderSentiment.vaderSentiment import BOOSTER_DICT, SentimentIntensityAnalyzer, SentiText

from etl.text.idioms import plain_words
from etl.text.review_words import REVIEW_WORDS
from etl.text.tokens import Tokens

_OPINION_VALENCE: Final = 0.9
_MAX_WORDS: Final = 20_000  # remembered
_BEFORE: Final = 3  # words that VADER looks at before and behind a word of its lexicon
_BEHIND: Final = 2


@dataclass(frozen=True, slots=True)
class _Window:
    """The words around one word; stands for the whole `SentiText`."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


class SentimentScorer:
    """Scores English; `knows` says which languages have a lexicon."""

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer()
        self._analyzer.lexicon.update(REVIEW_WORDS)
        self._may_count = lru_cache(maxsize=_MAX_WORDS)(self._is_in_lexicon)

    def knows(self, language: str) -> bool:
        """Return whether there is a lexicon for this language."""
        return language == "en"

    @cached_property
    def opinion_words(self) -> frozenset[str]:
        """Return the words that clearly praise or blame."""
        return frozenset(
            word
            for word, valence in self._analyzer.lexicon.items()
            if abs(valence) >= _OPINION_VALENCE and word.isalpha()
        )

    def score(self, text: str) -> float:
        """Return VADER's compound score of a sentence or clause in plain words, -1 … 1."""
        if not text.isascii():  # emoji
            return float(self._analyzer.polarity_scores(text)["compound"])
        if not any(map(self._may_count, text.split())):
            return 0.0  # as VADER would say
        whole = SentiText(text)
        valences = self._valences(whole)
        if not any(valences):
            return 0.0
        valences = self._analyzer._but_check(whole.words_and_emoticons, valences)
        return float(self._analyzer.score_valence(valences, text)["compound"])

    def _is_in_lexicon(self, word: str) -> bool:
        lower = word.lower()
        lexicon = self._analyzer.lexicon
        return lower in lexicon or lower.strip(string.punctuation) in lexicon

    def _valences(self, whole: SentiText) -> list[float]:
        """Return each word's valence as VADER's own loop does, which looks at all other words for
        each word: three times slower.
        """
        words = whole.words_and_emoticons
        lower = [word.lower() for word in words]
        lexicon = self._analyzer.lexicon
        valences = [0.0] * len(words)
        for position, word in enumerate(lower):
            if word in lexicon and word not in BOOSTER_DICT and not _is_kind_of(lower, position):
                first = max(0, position - _BEFORE)
                near = _Window(words[first : position + _BEHIND + 1], whole.is_cap_diff)
                own: list[float] = []
                self._analyzer.sentiment_valence(0, near, words[position], position - first, own)
                valences[position] = own[0]
        return valences

    def score_review(self, tokens: Tokens, plain: str, title: str | None) -> float | None:
        """Return the mean over the sentences, averaged with the title's score, -1 … 1.

        Args:
            tokens: the review.
            plain: its text in plain words.
            title: its title, if it has one.
        """
        if not self.knows(tokens.language):
            return None
        scores = [
            self.score(plain[tokens.starts[start] : tokens.end(end - 1)])
            for start, end in tokens.sentence_spans()
        ]
        parts = [sum(scores) / len(scores)] if scores else []
        if title and title.strip():
            parts.append(self.score(plain_words(title)))
        return sum(parts) / len(parts) if parts else None


def _is_kind_of(lower: list[str], position: int) -> bool:
    return lower[position] == "kind" and lower[position + 1 : position + 2] == ["of"]
