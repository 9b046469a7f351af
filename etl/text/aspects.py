"""The things people talk about ("sound quality", "battery") and where a text mentions them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from etl.text.tokens import Tokens

MAX_WORDS: Final = 3
_NOUNS: Final = frozenset({"NN", "NNS"})
_NAMES: Final = frozenset({"NNP", "NNPS"})


@dataclass(frozen=True, slots=True)
class Aspect:
    """One entry of the lexicon.

    Attributes:
        aspect_id: the folded lemma.
        name: how people write it most.
        score: how surely it is an aspect.
        forms: every written form, in lower case, its words parted by one space.
    """

    aspect_id: str
    name: str
    score: float
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AspectMention:
    """An aspect at the token positions `start` to `end`."""

    aspect_id: str
    start: int
    end: int


def noun_runs(tokens: Tokens, *, names: bool = False) -> Iterator[tuple[int, int]]:
    """Yield (start, end) positions of the maximal runs of nouns, of names too where asked."""
    wanted = _NOUNS | _NAMES if names else _NOUNS
    start: int | None = None
    for position, tag in enumerate(tokens.tags):
        if tag in wanted and tokens.words[position].isalpha():
            start = position if start is None else start
        elif start is not None:
            yield start, position
            start = None
    if start is not None:
        yield start, len(tokens.tags)


class AspectLexicon:
    """Finds the aspects of a lexicon in tagged texts."""

    def __init__(self, aspects: Iterable[Aspect]) -> None:
        self.aspects = list(aspects)
        self._by_form = {form: a.aspect_id for a in self.aspects for form in a.forms}

    def mentions(self, tokens: Tokens) -> Iterator[AspectMention]:
        """Yield the mentions; of a run of nouns, the longest known form nearest its end."""
        for start, end in noun_runs(tokens, names=True):
            if mention := self._in_run(tokens, start, end):
                yield mention

    def _in_run(self, tokens: Tokens, start: int, end: int) -> AspectMention | None:
        for size in range(min(MAX_WORDS, end - start), 0, -1):
            for first in range(end - size, start - 1, -1):
                form = " ".join(tokens.lower[first : first + size])
                if aspect_id := self._by_form.get(form):
                    return AspectMention(aspect_id, first, first + size)
        return None
