"""Sentiment by VADER (Hutto & Gilbert, ICWSM 2014), with words that reviews use and it lacks.

VADER reads negation ("not great"), intensifiers ("very"), contrast ("but") and punctuation. It is
made for single sentences: the mean over a review's sentences follows the stars better than the
score of the whole text, and a title says as much as the text below it.
"""

from __future__ import annotations

import string
from functools import cached_property
from typing import Final

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from etl.text.idioms import plain_words
from etl.text.review_words import REVIEW_WORDS
from etl.text.tokens import Tokens

_OPINION_VALENCE: Final = 0.9


class SentimentScorer:
    """Scores English; `knows` says which languages have a lexicon."""

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer()
        self._analyzer.lexicon.update(REVIEW_WORDS)

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
        if text.isascii() and not self._has_known_word(text):
            return 0.0  # as VADER would say, ten times slower
        return float(self._analyzer.polarity_scores(text)["compound"])

    def _has_known_word(self, text: str) -> bool:
        lexicon = self._analyzer.lexicon
        return any(
            word in lexicon or word.strip(string.punctuation) in lexicon
            for word in text.lower().split()
        )

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
