"""What a column means, guessed from its name and its values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from etl.guess import values as values_of
from etl.guess.look import Look
from etl.guess.words import ATTRIBUTES, NAMES, PARTS
from kg.schema import OWN_PROPERTIES


@dataclass(frozen=True, kw_only=True)
class ColumnGuess:
    """What one column seems to be.

    Attributes:
        column: its name in the file.
        samples: some of its values.
        meaning: key of `columns` in the config, `attributes`, `traits`, `properties`; empty where
            it is left out.
        confidence: 0 to 1.
        why: what speaks for it, or what is to be asked.
    """

    column: str
    samples: tuple[str, ...]
    meaning: str
    confidence: float
    why: str = ""


@dataclass
class Guessed:
    """A mapping in the making.

    Attributes:
        columns: the config's `columns`.
        behaviour: the config's `behaviour`, or None.
        min_rating: of the config's `positive`, or None.
        guesses: one per column of the file, in its order.
        questions: what has to be answered before the config works.
    """

    columns: dict[str, object] = field(default_factory=dict)
    behaviour: object = None
    min_rating: float | None = None
    guesses: dict[str, ColumnGuess] = field(default_factory=dict)
    questions: list[str] = field(default_factory=list)


def guess_columns(look: Look) -> Guessed:
    """Guess what the columns of a table mean."""
    guessed = Guessed()
    values = {name: values_of.texts(column) for name, column in look.columns.items()}
    taken = _Taken(guessed, values)
    user, item = taken.by_name("user"), taken.by_name("item")
    if item is None:
        item = taken.first(
            "item", lambda c: values_of.bare(c) == "id" or values_of.bare(c).endswith("id"), 0.6
        )
    if item is not None and user is None:
        user = taken.first("user", lambda c: values_of.bare(c).endswith("userid"), 0.6)
    if not (user or item) and not look.has_header:
        user, item = taken.by_place("user", 0), taken.by_place("item", 1)
    if not (user or item):
        item = taken.first("item", lambda c: _tells_apart(c, values[c]), 0.5)
    if user and item:
        _guess_acts(taken, guessed, look, values)
    elif item and (text := _texts_of_nobody(taken, values, item)):
        guessed.columns |= {"text": text, "anonymous": True}
    elif item:
        _guess_items(taken, guessed, look, values)
    if user and item:
        _guess_attributes(taken, guessed, look, values)
    if user and not item:
        taken.leave_out_what_is_set("User", lambda name: name)
        traits = {n: n for n in taken.left() if not values_of.personal(n)}
        guessed.columns["traits"] = traits
        for name in traits:
            taken.say(name, "traits", 0.6, "the file tells of users")
    if not (user or item):
        _ask_for_keys(guessed, look)
    taken.leave_out_the_rest()
    return guessed


class _Taken:
    """Which columns have found a meaning."""

    def __init__(self, guessed: Guessed, values: Mapping[str, Sequence[str]]) -> None:
        self._guessed = guessed
        self._values = values

    def left(self) -> list[str]:
        return [name for name in self._values if name not in self._guessed.guesses]

    def say(self, name: str, meaning: str, confidence: float, why: str = "") -> None:
        shown = [] if not meaning and values_of.personal(name) else self._values[name][:50]
        samples = tuple(dict.fromkeys(value[:40] for value in shown))[:3]
        self._guessed.guesses[name] = ColumnGuess(
            column=name, samples=samples, meaning=meaning, confidence=confidence, why=why
        )

    def by_name(
        self, meaning: str, fits: Callable[[Sequence[str]], bool] = lambda _: True
    ) -> str | None:
        """Take the column whose name is best known for a meaning, and whose values fit."""
        ranks = {name: place for place, name in enumerate(NAMES[meaning].split("|"))}
        known = sorted(
            (ranks[values_of.bare(c)], c) for c in self.left() if values_of.bare(c) in ranks
        )
        for _, name in known:
            if fits(self._values[name]):
                return self._take(name, meaning, 0.9)
        return None

    def first(self, meaning: str, names: Callable[[str], bool], confidence: float) -> str | None:
        """Take the first column whose name passes a test."""
        found = next((name for name in self.left() if names(name)), None)
        return self._take(found, meaning, confidence) if found else None

    def _take(self, name: str, meaning: str, confidence: float) -> str:
        self.say(name, meaning, confidence)
        self._guessed.columns[meaning] = name
        return name

    def by_place(self, meaning: str, place: int) -> str | None:
        """Take a column by its place in the file."""
        name = list(self._values)[place] if place < len(self._values) else None
        return self._take(name, meaning, 0.5) if name else None

    def leave_out_what_is_set(self, label: str, named: Callable[[str], str]) -> None:
        """Leave out columns that would be named like a property that kgrec itself sets."""
        for name in self.left():
            if named(name) in OWN_PROPERTIES[label]:
                self.say(name, "", 0.0, f"kgrec sets {named(name)} of :{label} itself")

    def leave_out_the_rest(self) -> None:
        for name in self.left():
            personal = values_of.personal(name)
            why = "may name a person: left out" if personal else "not needed, or not known"
            self.say(name, "", 0.0, why)


def _texts_of_nobody(taken: _Taken, values: Mapping[str, Sequence[str]], item: str) -> str | None:
    """Return the column of review texts in a file without users: many texts about one item."""
    if len(set(values[item])) * 2 > len(values[item]):
        return None
    text = next((name for name in taken.left() if values_of.words(values[name]) >= 3), None)
    if text:
        taken.say(text, "text", 0.5, "no column names the user, so each text gets one of its own")
    return text


def _tells_apart(name: str, values: Sequence[str]) -> bool:
    named = values_of.bare(name).endswith(("name", "title"))
    return named and len(set(values)) == len(values)


def _guess_acts(
    taken: _Taken, guessed: Guessed, look: Look, values: Mapping[str, Sequence[str]]
) -> None:
    columns = guessed.columns
    few = [name for name in taken.left() if values_of.are_numbers(values[name])]
    few = [name for name in few if len(set(values[name])) <= 20 and not look.has_header]
    rating = taken.by_name("rating", values_of.are_numbers)
    rating = rating or taken.first("rating", lambda name: name in few, 0.5)
    if rating:
        columns["rating"], guessed.min_rating = values_of.scale(rating, values[rating])
    if label := taken.by_name("label", lambda v: values_of.label(v) is not None):
        columns["label"] = {"column": label, **(values_of.label(values[label]) or {})}
        guessed.min_rating = None
    times = NAMES["timestamp"].split("|")
    for name in [n for n in taken.left() if values_of.bare(n) in times or not look.has_header]:
        if form := values_of.time_format(values[name]):
            columns["timestamp"] = {"column": name, "format": form}
            taken.say(name, "timestamp", 0.9, f"fits {form}")
            break
    taken.by_name("review_id", lambda v: len(set(v)) == len(v))
    if taken.by_name("text", lambda v: values_of.words(v) > 0) is None:
        long = [n for n in taken.left() if values_of.words(values[n]) >= 5]
        taken.first("text", lambda n: n in long, 0.5)
    if "text" in columns:
        taken.by_name("title", lambda v: values_of.words(v) > 0)
    if behaviour := taken.by_name("behaviour", values_of.are_few_words):
        columns.pop("behaviour")
        known = {value: values_of.behaviour(value) for value in dict.fromkeys(values[behaviour])}
        guessed.behaviour = {"column": behaviour, "values": known}
    taken.by_name("count", values_of.are_numbers)
    taken.by_name("dwell_seconds", values_of.are_numbers)
    if split := taken.by_name("split", lambda v: {values_of.bare(x) for x in v} <= set(PARTS)):
        known_parts = {
            value: PARTS[values_of.bare(value)] for value in dict.fromkeys(values[split])
        }
        columns["split"] = {"column": split, "values": known_parts}


def _guess_items(
    taken: _Taken, guessed: Guessed, look: Look, values: Mapping[str, Sequence[str]]
) -> None:
    taken.by_name("item_title", lambda v: bool(v))
    taken.by_name("description", lambda v: values_of.words(v) >= 3)
    if price := taken.by_name("price"):
        guessed.columns["price"] = {"column": price, "unparsable": "null"}
    if released := taken.by_name("released_at", lambda v: values_of.time_format(v) is not None):
        form = values_of.time_format(values[released])
        guessed.columns["released_at"] = {"column": released, "format": form, "unparsable": "null"}
    _guess_attributes(taken, guessed, look, values)
    properties = {}
    taken.leave_out_what_is_set("Item", _property)
    for name in taken.left():
        short = values[name] and max(map(len, values[name])) < 200
        if (
            short
            and not values_of.private(name)
            and not values[name][0].startswith(("http:", "https:"))
        ):
            properties[_property(name)] = name
            taken.say(name, "properties", 0.4, "kept as it is")
    if properties:
        guessed.columns["properties"] = properties


def _property(column: str) -> str:
    return values_of.camel(column, first_upper=False)


def _guess_attributes(
    taken: _Taken, guessed: Guessed, look: Look, values: Mapping[str, Sequence[str]]
) -> None:
    columns = guessed.columns
    acts = "user" in columns
    attributes = []
    for name in taken.left():
        word = values_of.bare(name)
        listed = any(isinstance(value, list) for value in look.columns[name])
        known = re.fullmatch(rf"({ATTRIBUTES})s?|categories|(main)?category", word)
        if not (listed or known) or (acts and not _belongs_to(look, str(columns["item"]), name)):
            continue
        attribute: dict[str, object] = {"kind": values_of.kind(name), "column": name}
        separator = None if listed else values_of.separator(values[name])
        if separator:
            attribute["separator"] = separator
        attributes.append(attribute)
        taken.say(
            name, "attributes", 0.7, f"values are separated by {separator!r}" if separator else ""
        )
    if attributes:
        guessed.columns["attributes"] = attributes


def _belongs_to(look: Look, item: str, name: str) -> bool:
    """Whether a column says the same of an item in every row about it."""
    told: dict[str, set[str]] = {}
    for key, value in zip(look.columns[item], look.columns[name], strict=True):
        told.setdefault(str(key), set()).add(str(value))
    differing = sum(len(values) > 1 for values in told.values())
    return len(told) < len(look.columns[item]) and differing <= 0.02 * len(told)


def _ask_for_keys(guessed: Guessed, look: Look) -> None:
    names = ", ".join(look.columns)
    guessed.columns["user"] = "?"
    guessed.columns["item"] = "?"
    guessed.questions += [
        f"Which column names the user? There are: {names}",
        f"Which column names the item? There are: {names}",
    ]
