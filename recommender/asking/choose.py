"""The query of the catalogue whose questions are nearest to a question, with its slots filled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kg.query_file import Query
from recommender.asking.named import Named

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to vectors of length one, (n, d)."""

NEAR: Final = 0.55
"""Least cosine of a question and the nearest one that a query knows, for the query to be asked."""
_UNUSED: Final = 0.05  # taken off for each thing that is named and not needed
_MISSING: Final = 0.1  # and for each that is needed and not named
_MOST_FILLINGS: Final = 24

SLOTS: Final[Mapping[str, str]] = {
    "userId": "User",
    "userIds": "User",
    "itemId": "Item",
    "liked": "Item",
    "aspectId": "Aspect",
    "topicId": "Topic",
    "attributeId": "Attribute",
    "kind": "Kind",
}
"""The parameters that a question can fill with a thing it names, and the thing's label."""
_SPOKEN: Final = {"User": "person", "Kind": "kind of attribute"}
_SLOT: Final = re.compile(r"\{(\w+)\}")
_ARTICLE: Final = re.compile(r"\b(?:the|a|an|this|that) (?=this )", re.IGNORECASE)
_NUMBERS: Final = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER: Final = re.compile(rf"(?<![\w-])(\d{{1,3}}|{'|'.join(_NUMBERS)})\b", re.IGNORECASE)
_SPAN: Final = re.compile(r"\b(?:(day|week|month|quarter|year)(?:s|ly)?|(daily))\b")


@dataclass(frozen=True)
class Choice:
    """A query that may answer a question.

    Attributes:
        query: its name.
        question: the question of its own that is nearest.
        cosine: of the two, with what both name set aside, less a little for what only one needs.
        parameters: as the question fills them; those with a default may be absent.
        missing: labels of what the query needs and the question does not name.
    """

    query: str
    question: str
    cosine: float
    parameters: Mapping[str, object]
    missing: tuple[str, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether it is near enough, and nothing is missing."""
        return self.cosine >= NEAR and not self.missing


@dataclass(frozen=True)
class _Try:
    query: Query
    question: str
    masked: str
    asked: str
    fillings: Mapping[str, tuple[Named, ...]]
    unused: int


def choose(
    question: str, named: Sequence[Named], queries: Iterable[Query], encode: Encode
) -> list[Choice]:
    """Return a choice for each query that has questions, the best first.

    Both questions are compared without the names of things: "why is *this item* on the list of
    *this person*".

    Args:
        named: what the question names, as `named_things` finds it.
    """
    tries = [each for query in queries for each in _tries(question, named, query)]
    texts = sorted({each.asked for each in tries} | {each.masked for each in tries})
    place = {text: number for number, text in enumerate(texts)}
    vectors = encode(texts) if texts else np.zeros((0, 1), np.float32)
    best: dict[str, Choice] = {}
    for each in tries:
        near = float(vectors[place[each.asked]] @ vectors[place[each.masked]])
        missing = tuple(SLOTS[slot] for slot, things in each.fillings.items() if not things)
        cosine = near - _UNUSED * each.unused - _MISSING * len(missing)
        if each.query.name not in best or cosine > best[each.query.name].cosine:
            parameters = {} if missing else _parameters(question, each)
            best[each.query.name] = Choice(
                each.query.name, each.question, cosine, parameters, missing
            )
    return sorted(best.values(), key=lambda choice: (-choice.cosine, choice.query))


def _tries(question: str, named: Sequence[Named], query: Query) -> Iterator[_Try]:
    """Yield each question of a query with each way to fill its slots."""
    for own in query.questions:
        slots = list(dict.fromkeys(_SLOT.findall(own)))
        ways = [_ways(slot, named) for slot in slots]
        for chosen in islice(product(*ways), _MOST_FILLINGS):
            things = [thing for filling in chosen for thing in filling]
            if _overlap(things):
                continue
            yield _Try(
                query=query,
                question=own,
                masked=_masked(question, things),
                asked=_tidy(_SLOT.sub(lambda slot: _spoken_slot(slot[1]), own)),
                fillings=dict(zip(slots, chosen, strict=True)),
                unused=_unused(named, things),
            )


def _ways(slot: str, named: Sequence[Named]) -> list[tuple[Named, ...]]:
    """Return the things that may fill a slot, () where there is none."""
    fitting = [thing for thing in named if thing.label == SLOTS[slot]]
    if slot in ("userIds", "liked"):
        return [tuple(fitting)]
    return [(thing,) for thing in fitting] or [()]


def _overlap(things: Sequence[Named]) -> bool:
    places = sorted((thing.start, thing.end) for thing in set(things))
    return any(end > start for (_, end), (start, _) in pairwise(places))


def _unused(named: Sequence[Named], used: Sequence[Named]) -> int:
    """Return the number of places in the question whose name is not used."""
    places = {(thing.start, thing.end) for thing in named}
    return len(places - {(thing.start, thing.end) for thing in used})


def _masked(question: str, things: Sequence[Named]) -> str:
    """Return the question with words for kinds of things in the place of their names."""
    text = question
    for thing in sorted(set(things), reverse=True):
        text = f"{text[: thing.start]}{_spoken(thing.label)}{text[thing.end :]}"
    return _tidy(_NUMBER.sub("", text))


def _spoken_slot(slot: str) -> str:
    one = _spoken(SLOTS[slot])
    return f"{one} and {one}" if slot in ("userIds", "liked") else one


def _spoken(label: str) -> str:
    return f"this {_SPOKEN.get(label, label.lower())}"


def _tidy(text: str) -> str:
    return " ".join(_ARTICLE.sub("", text.replace('"', " ")).split()).lower()


def _parameters(question: str, chosen: _Try) -> dict[str, object]:
    """Return what the question says of a query's parameters: things, how many, by what span."""
    parameters: dict[str, object] = {}
    for slot, things in chosen.fillings.items():
        keys = list(dict.fromkeys(thing.key for thing in things))
        parameters[slot] = keys if slot in ("userIds", "liked") else keys[0]
    known = {parameter.name for parameter in chosen.query.parameters}
    rest = _masked_numbers(question, chosen)
    if "limit" in known and (number := _NUMBER.search(rest)):
        word = number[1]
        parameters["limit"] = _NUMBERS.index(word) + 2 if word in _NUMBERS else int(word)
    if "every" in known and (span := _SPAN.search(rest)):
        parameters["every"] = span[1] or "day"
    return parameters


def _masked_numbers(question: str, chosen: _Try) -> str:
    """Return the question without the names that are used, which may hold numbers."""
    text = question
    for thing in (thing for things in chosen.fillings.values() for thing in things):
        text = f"{text[: thing.start]}{' ' * (thing.end - thing.start)}{text[thing.end :]}"
    return text.lower()
