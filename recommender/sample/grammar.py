"""Hand-written fragments with choices, slots and marked mentions, made into phrases.

A template is plain text with `{one|other}` for a choice (nested, empty allowed), `<slot>` for a
word that depends on product and writer, and `[surface]` for the mention of an aspect. A leading
`@headphones earbuds ` limits it to these kinds of product.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from random import Random

_OPEN, _CLOSE = "\x02", "\x03"
_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<(\w+)>")
_BEFORE_VOWEL = re.compile(r"\b([Aa])(?= [AEIOaeio])")
_LOOSE = re.compile(r"\s+(?=[.,;!?]|$)|(?<= ) +|,(?=\s*\.)")


@dataclass(frozen=True)
class Mention:
    """An aspect named at characters `start` to `end`, with polarity -1, 0 or 1."""

    start: int
    end: int
    aspect: str
    polarity: int


@dataclass(frozen=True)
class Phrase:
    """A piece of text and the mentions in it."""

    text: str
    mentions: tuple[Mention, ...] = ()

    def __add__(self, other: Phrase | str) -> Phrase:
        if isinstance(other, str):
            return Phrase(self.text + other, self.mentions)
        moved = tuple(_moved(mention, len(self.text)) for mention in other.mentions)
        return Phrase(self.text + other.text, self.mentions + moved)

    def capitalised(self) -> Phrase:
        """Return the phrase with a capital first letter."""
        return replace(self, text=self.text[:1].upper() + self.text[1:])

    def ended(self, mark: str = ".") -> Phrase:
        """Return the phrase with a full stop unless it has an end already."""
        return self if self.text.endswith((".", "!", "?")) else self + mark

    def trimmed(self) -> Phrase:
        """Return the phrase without a comma at its end."""
        return replace(self, text=self.text.removesuffix(","))

    def rewritten(self, pattern: re.Pattern[str], write: Callable[[re.Match[str]], str]) -> Phrase:
        """Return the phrase with matches outside of mentions replaced; mentions move along."""
        text, mentions, shift, last = "", list(self.mentions), 0, 0
        for match in pattern.finditer(self.text):
            if any(m.start < match.end() and match.start() < m.end for m in self.mentions):
                continue
            written = write(match)
            text += self.text[last : match.start()] + written
            last = match.end()
            growth = len(written) - len(match.group())
            mentions = [
                _moved(m, growth) if m.start - shift >= match.end() else m for m in mentions
            ]
            shift += growth
        return Phrase(text + self.text[last:], tuple(mentions))


def _moved(mention: Mention, by: int) -> Mention:
    return replace(mention, start=mention.start + by, end=mention.end + by)


def joined(phrases: Iterable[Phrase], between: str = " ") -> Phrase:
    """Return the phrases one after the other."""
    return reduce(lambda left, right: left + between + right, phrases)


def grow(
    template: str,
    random: Random,
    slots: Mapping[str, Sequence[str]],
    aspect: str = "",
    polarity: int = 0,
) -> Phrase:
    """Return one phrase of the template; each slot takes one of its words.

    Raises:
        KeyError: the template has a slot that is not among `slots`.
    """
    text = template.replace("[", _OPEN).replace("]", _CLOSE)
    while match := _CHOICE.search(text):
        text = text[: match.start()] + random.choice(match[1].split("|")) + text[match.end() :]
    text = _SLOT.sub(lambda slot: random.choice(slots[slot[1]]), text)
    text = _BEFORE_VOWEL.sub(r"\1n", _LOOSE.sub("", text))
    before, opened, rest = text.partition(_OPEN)
    if not opened:
        return Phrase(text)
    surface, _, after = rest.partition(_CLOSE)
    mention = Mention(len(before), len(before) + len(surface), aspect, polarity)
    return Phrase(before + surface + after, (mention,))


def limited(template: str, kinds: Iterable[str]) -> tuple[str, frozenset[str]]:
    """Split `@kind kind text` into the text and the kinds it is limited to, all if unlimited."""
    known = frozenset(kinds)
    if not template.startswith("@"):
        return template, known
    words = template[1:].split(" ")
    count = next(n for n, word in enumerate(words) if word not in known)
    return " ".join(words[count:]), frozenset(words[:count])
