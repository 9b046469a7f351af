"""Number of English nouns, so that keys do not depend on it."""

from __future__ import annotations

from functools import lru_cache

from etl.text.pattern import pluralize, singularize


@lru_cache(maxsize=20_000)
def singular(noun: str) -> str:
    """Return the singular of a lower-case noun; words that only look plural stay."""
    if not noun.endswith("s") or noun.endswith("ss") or len(noun) < 4:
        return noun
    # Only here: while it is imported it looks through the whole stack of whoever imports it.
    from wordfreq import word_frequency

    stem: str = singularize(noun)
    if word_frequency(stem, "en") * 20 < word_frequency(noun, "en"):
        return noun
    return stem


@lru_cache(maxsize=20_000)
def plural(noun: str) -> str:
    """Return the plural of a lower-case noun."""
    form: str = pluralize(noun)
    return form
