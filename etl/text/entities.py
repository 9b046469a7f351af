"""Names of the catalogue, and of an installed model's NER, found on the shared tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from etl.keys import normalised
from etl.text.facts import ENTITY_EXTRACTOR
from etl.text.language import common_languages
from etl.text.names import Name, Writing
from etl.text.spacy_alone import Doc, PhraseMatcher, Span, filter_spans
from etl.text.tokens import Tokenizer, Tokens

_QUOTES: Final = frozenset("\"'`*_«»„")
_NER_LABELS: Final = frozenset(
    {"PERSON", "PER", "ORG", "PRODUCT", "WORK_OF_ART", "GPE", "LOC", "FAC", "EVENT", "NORP", "MISC"}
)


@dataclass(frozen=True, slots=True)
class EntityMention:
    """A name at the token positions `start` to `end`, and what found it."""

    entity_id: str
    name: str
    kind: str
    refers_to: str | None
    start: int
    end: int
    extractor: str


class EntityRecognizer:
    """Finds the gazetteer's names in texts.

    Args:
        names: the gazetteer.
        tokenizer: whose tokens are searched.
        shares: share of each language among the training reviews; names are looked for in the
            common ones.
    """

    def __init__(
        self, names: Iterable[Name], tokenizer: Tokenizer, shares: Mapping[str, float]
    ) -> None:
        self._tokenizer = tokenizer
        self._matchers: dict[str, PhraseMatcher | None] = {}
        self._languages = common_languages(shares)
        self._names: dict[str, list[Name]] = {}
        for name in names:
            self._names.setdefault(name.form.lower(), []).append(name)

    def prepare(self, language: str) -> None:
        """Make the matcher of a language; it must exist before a memory zone opens."""
        if language in self._matchers:
            return
        self._matchers[language] = None
        if language in self._languages and self._names:
            pipeline = self._tokenizer.pipeline(language)
            matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
            for key in self._names:
                matcher.add(key, [pipeline.make_doc(key)])
            self._matchers[language] = matcher

    def mentions(self, tokens: Tokens, doc: Doc) -> list[EntityMention]:
        """Return the mentions in a text, in its order, none overlapping another."""
        spans: list[tuple[Span, EntityMention]] = []
        matcher = self._matchers.get(tokens.language)
        if matcher is not None:
            for span in filter_spans(matcher(doc, as_spans=True)):
                names = self._names.get(span.label_, ())
                name = next((n for n in names if _is_met(n, tokens, span.start, span.end)), None)
                if name is not None:
                    spans.append((span, _mention(name, span.start, span.end)))
        if self._tokenizer.has_model(tokens.language):
            by = str(self._tokenizer.model_version)
            spans.extend((ent, _named(ent, by)) for ent in doc.ents if ent.label_ in _NER_LABELS)
        taken: set[int] = set()
        found: list[EntityMention] = []
        for span, mention in spans:  # the gazetteer goes before the model
            if taken.isdisjoint(range(span.start, span.end)):
                taken.update(range(span.start, span.end))
                found.append(mention)
        return sorted(found, key=lambda mention: mention.start)


def _is_met(name: Name, tokens: Tokens, start: int, end: int) -> bool:
    if name.writing is Writing.ANY:
        return True
    quoted = _is_quoted(tokens, start, end)
    if name.writing is Writing.QUOTED or quoted:
        return quoted
    if tokens.text[tokens.starts[start] : tokens.end(end - 1)] != name.form:
        return False
    capitals = sum(word[0].isupper() for word in tokens.words[start:end])
    if capitals >= 2 and end - start >= 2:
        return True
    return capitals == 1 and start not in tokens.sentences and _stands_alone(tokens, start, end)


def _is_quoted(tokens: Tokens, start: int, end: int) -> bool:
    return (
        start > 0
        and end < len(tokens.words)
        and tokens.words[start - 1] in _QUOTES
        and tokens.words[end] in _QUOTES
    )


def _stands_alone(tokens: Tokens, start: int, end: int) -> bool:
    """Return whether no neighbour is capitalised: else it is part of another name or a headline."""
    before = tokens.words[start - 1]
    after = tokens.words[end] if end < len(tokens.words) else ""
    opens = before in _QUOTES or before in {":", "-", "(", "\n", "•"}
    return not (opens or _is_capitalised(before) or _is_capitalised(after))


def _is_capitalised(word: str) -> bool:
    return word[:1].isupper() and word != "I"


def _mention(name: Name, start: int, end: int) -> EntityMention:
    return EntityMention(
        name.entity_id, name.name, name.kind, name.refers_to, start, end, ENTITY_EXTRACTOR
    )


def _named(entity: Span, extractor: str) -> EntityMention:
    text, label = entity.text.strip(), entity.label_
    key = f"{label}:{normalised(text)}"
    return EntityMention(key, text, label, None, entity.start, entity.end, extractor)
