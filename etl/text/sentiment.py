"""Sentiment by VADER (Hutto & Gilbert, ICWSM 2014), with words that reviews use and it lacks.

VADER reads negation ("not great"), intensifiers ("very"), contrast ("but") and punctuation. It is
made for single sentences: the mean over a review's sentences follows the stars better than the
score of the whole text, and a title says as much as the text below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import copysign
from typing import Final, NamedTuple

from vaderSentiment.vaderSentiment import (
    BOOSTER_DICT,
    NEGATE,
    SPECIAL_CASES,
    SentimentIntensityAnalyzer,
    SentiText,
    normalize,
)

from etl.text.idioms import plain_words
from etl.text.review_words import REVIEW_WORDS
from etl.text.tokens import Tokens

_OPINION_VALENCE: Final = 0.9
_MAX_WORDS: Final = 20_000  # remembered
_BEFORE: Final = 3  # words that VADER looks at before and behind a word of its lexicon
_BEHIND: Final = 2
_MODIFIERS: Final = frozenset(  # of phrases, each word
    word
    for phrase in (*NEGATE, *BOOSTER_DICT, *SPECIAL_CASES, "no least never without doubt so this")
    for word in phrase.split()
)


@dataclass(frozen=True, slots=True)
class _Window:
    """The words around one word; stands for the whole `SentiText`."""

    words_and_emoticons: list[str]
    is_cap_diff: bool


class _Word(NamedTuple):
    """What VADER knows of a word wherever it stands.

    Attributes:
        text: the word without punctuation around it, unless it is an emoticon.
        lower: the same in lower case.
        valence: of the lexicon; None for a word that it lacks or that is only a modifier.
        shouted: all letters are capitals.
        modifies: may change the valence of a word beside it.
    """

    text: str
    lower: str
    valence: float | None
    shouted: bool
    modifies: bool


class SentimentScorer:
    """Scores English; `knows` says which languages have a lexicon."""

    languages: Final = frozenset({"en"})

    def __init__(self) -> None:
        self._analyzer = SentimentIntensityAnalyzer()
        self._analyzer.lexicon.update(REVIEW_WORDS)
        self._word = lru_cache(maxsize=_MAX_WORDS)(self._look_up)

    def knows(self, language: str) -> bool:
        """Return whether there is a lexicon for this language."""
        return language in self.languages

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
        words = [self._word(token) for token in text.split()]
        if all(word.valence is None for word in words):
            return 0.0  # as VADER would say
        valences = self._valences(words)
        if any(word.lower == "but" for word in words):
            valences = self._analyzer._but_check([word.lower for word in words], valences)
        total = sum(valences)
        emphasis = self._analyzer._punctuation_emphasis(text)
        return float(round(normalize(total + copysign(emphasis, total) if total else 0.0), 4))

    def _look_up(self, token: str) -> _Word:
        word = SentiText._strip_punc_if_word(token)
        lower = word.lower()
        valence = None if lower in BOOSTER_DICT else self._analyzer.lexicon.get(lower)
        modifies = lower in _MODIFIERS or "n't" in lower
        return _Word(word, lower, valence, word.isupper(), modifies)

    def _valences(self, words: list[_Word]) -> list[float]:
        """Return each word's valence as VADER's own loop does, which looks at all other words for
        each word: three times slower.
        """
        shouted = sum(word.shouted for word in words)
        is_cap_diff = 0 < shouted < len(words)
        valences = [0.0] * len(words)
        for position, word in enumerate(words):
            if word.valence is not None and not _is_kind_of(words, position):
                first = max(0, position - _BEFORE)
                near = words[first : position + _BEHIND + 1]
                if any(other.modifies for other in near) or (word.shouted and is_cap_diff):
                    window = _Window([other.text for other in near], is_cap_diff)
                    own: list[float] = []
                    self._analyzer.sentiment_valence(0, window, word.text, position - first, own)
                    valences[position] = own[0]
                else:
                    valences[position] = word.valence
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


def _is_kind_of(words: list[_Word], position: int) -> bool:
    following = words[position + 1 : position + 2]
    return words[position].lower == "kind" and bool(following) and following[0].lower == "of"
