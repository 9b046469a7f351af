"""The names of the catalogue: item titles, attribute values and declared aliases.

Each name says how it must be written to count, because many are ordinary words: a film called
"It" must not match every "it".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pyarrow as pa
from wordfreq import zipf_frequency

from etl.keys import attribute_id, normalised
from etl.text.names import Name, Writing
from etl.text.pattern import lexicon as english_words
from etl.text.settings import EntitySettings
from etl.text.spacy_alone import STOP_WORDS

ITEM_KIND: Final = "Item"

_YEAR = re.compile(r"\s*\((?:19|20)\d\d\)\s*$")
_TRAILING_ARTICLE = re.compile(r"^(.*\S),\s+(The|A|An)$", re.IGNORECASE)
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_VERY_COMMON: Final = 5.5  # Zipf frequency: once in 3,000 words
_COMMON: Final = 4.3


def catalogue_names(items: pa.Table, attributes: pa.Table, settings: EntitySettings) -> list[Name]:
    """Return every name of the catalogue once; an item's title goes before an attribute's value.

    Args:
        items: `etl.tables.ITEMS`.
        attributes: `etl.tables.ATTRIBUTES`.
        settings: aliases and exclusions.
    """
    names: dict[str, Name] = {}
    aliases = {normalised(name): others for name, others in settings.aliases.items()}
    for name, kind, key in (*_titles(items), *_values(attributes, settings.exclude_kinds)):
        for form in _forms(name, aliases):
            if not _is_usable(form, settings.max_words):
                continue
            writing = writing_of(form)
            folded = form if writing is Writing.CAPITALS else normalised(form)
            entity = Name(f"{kind}:{normalised(name)}", name, kind, key, form, writing)
            names.setdefault(folded, entity)
    return sorted(names.values(), key=lambda name: (name.entity_id, name.form))


def writing_of(form: str) -> Writing:
    """Return how strictly a name must be met, by how ordinary its words are."""
    words = [word.lower() for word in _WORD.findall(form)]
    frequencies = [zipf_frequency(word, "en") for word in words]
    if len(words) == 1:
        if frequencies[0] >= _VERY_COMMON or words[0] in STOP_WORDS:
            return Writing.QUOTED
        ordinary = frequencies[0] >= _COMMON or words[0] in english_words
    else:
        ordinary = all(
            frequency >= _COMMON or word.isdigit()
            for frequency, word in zip(frequencies, words, strict=True)
        )
    return Writing.CAPITALS if ordinary else Writing.ANY


def _titles(items: pa.Table) -> Iterator[tuple[str, str, str | None]]:
    titles = items.column("title").to_pylist()
    keys = items.column("item_id").to_pylist()
    shared = Counter(normalised(title) for title in titles if title)
    for title, key in sorted((t, k) for t, k in zip(titles, keys, strict=True) if t):
        yield title, ITEM_KIND, key if shared[normalised(title)] == 1 else None


def _values(attributes: pa.Table, excluded: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    pairs = Counter(
        zip(
            attributes.column("kind").to_pylist(),
            attributes.column("value").to_pylist(),
            strict=True,
        )
    )
    excluded = frozenset(excluded)
    for (kind, value), _ in sorted(pairs.items(), key=lambda entry: (-entry[1], entry[0])):
        if kind not in excluded:
            yield value, kind, attribute_id(kind, value)


def _forms(name: str, aliases: Mapping[str, tuple[str, ...]]) -> list[str]:
    plain = _YEAR.sub("", name).strip()
    plain = _TRAILING_ARTICLE.sub(r"\2 \1", plain)
    return [plain, *aliases.get(normalised(name), ()), *aliases.get(normalised(plain), ())]


def _is_usable(form: str, max_words: int) -> bool:
    words = _WORD.findall(form)
    letters = sum(character.isalpha() for character in form)
    return letters >= 2 and 1 <= len(words) <= max_words
