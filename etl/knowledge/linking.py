"""Which entity an item is: by address or id, else by name, with a confidence."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from etl.keys import normalised
from etl.knowledge.settings import KnowledgeMapping, LabelLink
from kg.rdf.readers import Triple
from kg.rdf.terms import TYPE, Iri
from kg.store import Store

EQUAL: Final = 0.95
"""Confidence of a name that is equal but for case and a trailing bracket."""
ALIKE: Final = 0.85
"""Confidence of a name that is equal when folded."""
_Row = tuple[str, str | None, int | None, dict[str, object]]
_YEAR: Final = re.compile(r"-?\d{4}")
_BRACKET: Final = re.compile(r"\s*\([^()]*\)\s*$")
_ARTICLE: Final = re.compile(r"^(?:the|a|an) | (?:the|a|an)$")


@dataclass(frozen=True)
class Item:
    """What an item is linked by."""

    key: str
    title: str | None = None
    year: int | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, order=True)
class Link:
    """An item, the entity that it is, how sure that is, and what says so."""

    item: str
    entity: str
    confidence: float
    by: str


def read_items(store: Store) -> list[Item]:
    """Return the graph's items."""
    return [
        Item(key, title, year, {name: str(value) for name, value in properties.items()})
        for batch in store.stream("read/linkable_items", 1_000)
        for key, title, year, properties in cast(list[_Row], batch)
    ]


def folded(name: str) -> str:
    """A name without accents, punctuation, articles and a trailing bracket, in lower case.

    >>> folded("Amélie (film)"), folded("Matrix, The")
    ('amelie', 'matrix')
    """
    plain = unicodedata.normalize("NFKD", _BRACKET.sub("", name))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    words = " ".join("".join(c if c.isalnum() else " " for c in letters).lower().split())
    return _ARTICLE.sub("", words) or normalised(name)


def find_links(
    triples: Iterable[Triple], items: Iterable[Item], mapping: KnowledgeMapping
) -> list[Link]:
    """Return the links, at most one for each item, sorted.

    Memory grows with the entities that share a name with an item, not with the triples.
    """
    known = list(items)
    found = _Candidates(known, mapping)
    for triple in triples:
        found.take(*triple)
    links = {link.item: link for link in found.by_uri()}
    if mapping.labels:
        taken = {link.entity for link in links.values()}
        for link in found.by_name(mapping.labels):
            if link.entity not in taken:
                links.setdefault(link.item, link)
    return sorted(links.values())


class _Candidates:
    """What the triples say of entities that could be items."""

    def __init__(self, items: list[Item], mapping: KnowledgeMapping) -> None:
        self._items = items
        self._names = frozenset(mapping.names)
        self._classes = frozenset(mapping.labels.classes) if mapping.labels else frozenset()
        self._year = mapping.labels.year if mapping.labels else None
        self._ids = _by_value(items, mapping)
        self._titles = {folded(item.title) for item in items if item.title}
        self._linked: set[tuple[str, str]] = set()
        self._named: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._typed: set[str] = set()
        self._years: dict[str, int] = {}

    def take(self, subject: str, verb: Iri, value: object) -> None:
        for by in (None, verb):
            text = subject if by is None else str(value)
            self._linked.update((key, subject) for key in self._ids.get((by, text), ()))
        if verb in self._names and isinstance(value, str) and not isinstance(value, Iri):
            name = folded(value)
            if name in self._titles:
                self._named[name][subject].add(normalised(_BRACKET.sub("", value)))
        elif verb == TYPE and str(value) in self._classes:
            self._typed.add(subject)
        elif verb == self._year and (year := _YEAR.match(str(value))):
            self._years[subject] = int(year.group())

    def by_uri(self) -> Iterator[Link]:
        """Links of items and entities that name each other, where only one does."""
        entities: dict[str, set[str]] = defaultdict(set)
        for item, entity in self._linked:
            entities[item].add(entity)
        for item, named in entities.items():
            if len(named) == 1:
                yield Link(item, next(iter(named)), 1.0, "uri")

    def by_name(self, wanted: LabelLink) -> Iterator[Link]:
        """Links that are surer than all others of their item and all others of their entity."""
        links = [link for item in self._items if item.title for link in self._of(item, item.title)]
        sure = [link for link in links if link.confidence >= wanted.confidence]
        of_item, of_entity = (_best(sure, end) for end in ("item", "entity"))
        return (link for link in sure if of_item[link.item] == of_entity[link.entity] == link)

    def _of(self, item: Item, title: str) -> Iterator[Link]:
        named = {
            entity: spellings
            for entity, spellings in self._named.get(folded(title), {}).items()
            if (not self._classes or entity in self._typed) and not self._apart(item, entity)
        }
        same_year = [e for e in named if item.year and self._years.get(e) == item.year]
        if len(same_year) == 1:
            named = {same_year[0]: named[same_year[0]]}
        plain = normalised(_BRACKET.sub("", title))
        for entity, spellings in named.items():
            confidence = (EQUAL if plain in spellings else ALIKE) / len(named)
            yield Link(item.key, entity, round(confidence, 4), "label")

    def _apart(self, item: Item, entity: str) -> bool:
        year = self._years.get(entity)
        return year is not None and item.year is not None and abs(year - item.year) > 1


def _best(links: list[Link], end: str) -> dict[str, Link | None]:
    """The surest link of each item (or entity); none where two are as sure."""
    claims: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        claims[getattr(link, end)].append(link)
    surest = {key: max(each.confidence for each in all_) for key, all_ in claims.items()}
    best = {key: [x for x in all_ if x.confidence == surest[key]] for key, all_ in claims.items()}
    return {key: all_[0] if len(all_) == 1 else None for key, all_ in best.items()}


def _by_value(
    items: list[Item], mapping: KnowledgeMapping
) -> dict[tuple[str | None, str], list[str]]:
    """By predicate (None: the entity's own address) and value: the items that name it."""
    found: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for link in mapping.uris:
        for item in items:
            value = item.key if link.property is None else item.properties.get(link.property)
            if value is not None:
                found[link.predicate, value].append(item.key)
    return dict(found)
