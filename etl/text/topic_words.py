"""What of a text can carry a topic: content words, and pairs of them that stand together."""

from __future__ import annotations

from functools import lru_cache
from itertools import repeat
from typing import Final

from etl.text.generic_nouns import GENERIC_NOUNS
from etl.text.inflection import singular
from etl.text.spacy_alone import get_lang_class
from etl.text.tokens import Tokens

SEPARATOR: Final = "_"
MIN_NPMI: Final = 0.4

Words = list[str]


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
            joined.append(words[position] + SEPARATOR + words[position + 1])
            position += 2
        else:
            joined.append(words[position])
            position += 1
    return joined


_STOP_WORDS: dict[str, frozenset[str]] = {}


def _stop_words(language: str) -> frozenset[str]:
    if language not in _STOP_WORDS:
        try:
            words = frozenset(get_lang_class(language).Defaults.stop_words)
        except ImportError:
            words = frozenset()
        _STOP_WORDS[language] = words | GENERIC_NOUNS if language == "en" else words
    return _STOP_WORDS[language]
