"""The things of the graph that a question names, and where in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from etl.text.inflection import singular
from kg.store import Store

NAMED: Final = "read/named_things"
_MOST_WORDS: Final = 40
_LONGEST_NAME: Final = 8  # words
_WORD: Final = re.compile(r"[^\s\"“”]+")
_EDGE: Final = "?!.,:;()'‘’*"
_POSSESSIVE: Final = re.compile(r"['’](?:s|S)?$")
_QUOTED: Final = re.compile(r"[\"“]([^\"“”]+)[\"”]")
_SELF: Final = frozenset({"i", "me", "my", "mine", "myself"})


@dataclass(frozen=True, order=True)
class Named:
    """A thing that text[start:end] names.

    Attributes:
        label: User, Item, Aspect, Topic, Attribute, or Kind for a kind of attribute.
        key: its business key; of a kind its name.
        name: what it is called.
    """

    start: int
    end: int
    label: str
    key: str
    name: str


def named_things(store: Store, question: str, *, asker: str | None = None) -> list[Named]:
    """Return what a question names, by place; of namesakes the one with most relationships.

    A name within a longer one is left out, and so are stop words that are not in quotation marks.

    Args:
        asker: the user whom "I" and "my" stand for.
    """
    spans = list(_spans(question))
    written = [question[start:end] for start, end in spans]
    rows = store.read(
        NAMED,
        keys=list(dict.fromkeys(written)),
        names=list(dict.fromkeys(name for text in written for name in _names(text))),
    )
    best: dict[tuple[int, int, str], Named] = {}
    for row in sorted(rows, key=lambda row: (int(str(row["known"])), str(row["key"]))):
        label, key, name = (str(row[column]) for column in ("label", "key", "name"))
        known_as = {key, name.lower(), *(name.lower().split(", ") if label == "Topic" else ())}
        known_as.add(key.lower() if label == "Aspect" else key)
        for (start, end), text in zip(spans, written, strict=True):
            if not known_as.isdisjoint({text, *_names(text)}):
                best[start, end, label] = Named(start, end, label, key, name)
    if asker is not None:
        for word in _WORD.finditer(question):
            if word.group().strip(_EDGE).lower() in _SELF:
                found = Named(word.start(), word.end(), "User", asker, asker)
                best[found.start, found.end, "User"] = found
    return sorted(found for found in best.values() if not _within(found, best.values()))


def _spans(question: str) -> Iterator[tuple[int, int]]:
    """Yield the places of all runs of words that may be a name, those in quotation marks too."""
    yield from (match.span(1) for match in _QUOTED.finditer(question))
    words = [_trimmed(match.start(), match.group()) for match in _WORD.finditer(question)]
    words = words[:_MOST_WORDS]
    for first, (start, _) in enumerate(words):
        for _, end in words[first : first + _LONGEST_NAME]:
            tokens = question[start:end].lower().split()
            if not all(token.strip(_EDGE) in ENGLISH_STOP_WORDS for token in tokens):
                yield start, end


def _trimmed(start: int, word: str) -> tuple[int, int]:
    """Return the place of a word without the punctuation around it, and without a final 's."""
    bare = word.lstrip(_EDGE)
    start += len(word) - len(bare)
    bare = _POSSESSIVE.sub("", bare.rstrip(_EDGE.replace("'", "").replace("’", "")))
    return start, start + len(bare.rstrip(_EDGE))


def _names(text: str) -> tuple[str, str]:
    """Return a name in lower case, and with its last word in the singular."""
    lower = text.lower()
    head, space, last = lower.rpartition(" ")
    return lower, head + space + singular(last)


def _within(found: Named, others: Iterable[Named]) -> bool:
    return any(
        other.start <= found.start
        and found.end <= other.end
        and other.end - other.start > found.end - found.start
        for other in others
    )
