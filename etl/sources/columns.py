"""What the columns of a file mean, as configured. `mapping.py` applies it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Self

import polars as pl
from pydantic import BeforeValidator, Field, field_validator, model_validator

from etl.sources.base import Behaviour, Kind, Part, usable_column
from kg.schema import OWN_PROPERTIES
from kg.settings import Settings

_A_TIME: Final = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
Unparsable = Literal["reject", "null"]
_PARTS: Final[dict[str, Part]] = {"train": "train", "valid": "valid", "test": "test"}


def _column_alone(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class NumberColumn(Settings):
    """A column of numbers. `rating: stars` is short for `rating: {column: stars}`."""

    column: str
    """Its name in the file."""
    min: float | None = None
    """Smallest value allowed."""
    max: float | None = None
    """Largest value allowed."""
    values: dict[str, float] = Field(default_factory=dict)
    """Words that stand for numbers, whatever their case: {"free to play": 0}."""
    unparsable: Unparsable = "reject"
    """What happens to a row whose value is no number: set aside, or kept without the value."""


class TimeColumn(Settings):
    """A column of times, in UTC where it names no zone."""

    column: str
    """Its name in the file."""
    format: str = "iso"
    """`s` or `ms` since 1970, `iso`, or a pattern such as "%B %d, %Y"."""
    null_values: tuple[str, ...] = ()
    """Values that mean an unknown time."""
    unparsable: Unparsable = "reject"
    """What happens to a row whose value is no time: set aside, or kept without the value."""

    @field_validator("format")
    @classmethod
    def _usable_format(cls, value: str) -> str:
        if value not in ("s", "ms", "iso"):
            try:
                written = pl.Series([_A_TIME]).dt.strftime(value.replace("%#z", "%z"))
                parsed = written.str.to_datetime(value, strict=False)[0]
            except pl.exceptions.PolarsError:
                parsed = None
            if parsed is None or parsed.year != _A_TIME.year:
                raise ValueError(f"{value!r} is no date pattern such as %Y-%m-%d or %B %d, %Y")
        return value


class LabelColumn(Settings):
    """A column that says whether the user liked the item."""

    column: str
    """Its name in the file."""
    positive: tuple[str, ...]
    """Values that mean liked, whatever their case."""
    negative: tuple[str, ...] = ()
    """Values that mean disliked, whatever their case."""


class BehaviourColumn(Settings):
    """A column that says what the user did."""

    column: str
    """Its name in the file."""
    values: dict[str, Behaviour]
    """Value → relationship type: {view: VIEWED, buy: PURCHASED}."""


class SplitColumn(Settings):
    """A column that says which part of a ready-made split the row belongs to."""

    column: str
    """Its name in the file."""
    values: dict[str, Part] = Field(default=_PARTS)
    """Value → part."""


class AttributeColumn(Settings):
    """A column that names attributes of the item: genres, a brand."""

    column: str
    """Its name in the file."""
    kind: Kind
    """The attribute's kind, a label in the graph: Genre."""
    separator: str | None = None
    """What separates several values in one field."""


class End(Settings):
    """One end of a relation."""

    kind: Literal["User", "Item"]
    """What the key names."""
    column: str
    """The column with the key, or with several keys and a separator."""


class RelationColumns(Settings):
    """Columns that relate users or items to each other: user FOLLOWS user."""

    type: Behaviour
    """The relationship type."""
    start: End
    """Where it starts."""
    end: End
    """Where it ends; its column may hold several keys."""
    separator: str | None = None
    """What separates several keys in the end's column."""


class TripleColumns(Settings):
    """Columns of outside knowledge: head, predicate, tail."""

    head: str
    """The entity that the triple is about."""
    predicate: str
    """How they are related."""
    tail: str
    """The entity it is related to."""


class Positive(Settings):
    """What counts as liked, by rating."""

    min_rating: float
    """Ratings from here on are positive, lower ones negative."""


Number = Annotated[
    NumberColumn, BeforeValidator(_column_alone, json_schema_input_type=str | NumberColumn)
]
Time = Annotated[
    TimeColumn, BeforeValidator(_column_alone, json_schema_input_type=str | TimeColumn)
]
Split = Annotated[
    SplitColumn, BeforeValidator(_column_alone, json_schema_input_type=str | SplitColumn)
]


class Columns(Settings):
    """Which column is what. What is not named here is not read into the graph."""

    user: str | None = None
    """Key of the user."""
    item: str | None = None
    """Key of the item."""
    anonymous: bool = False
    """true: rows name no user, and each text gets a user of its own."""
    review_id: str | None = None
    """Key of the review; without one it is made from content and keys."""
    rating: Number | None = None
    """The rating."""
    label: LabelColumn | None = None
    """Liked or disliked, in words."""
    timestamp: Time | None = None
    """When it happened."""
    text: str | None = None
    """The review's text; a row without text is an interaction only."""
    title: str | None = None
    """The review's headline."""
    count: Number | None = None
    """How often."""
    dwell_seconds: Number | None = None
    """How long, in seconds."""
    split: Split | None = None
    """Part of a ready-made split."""
    item_title: str | None = None
    """The item's title."""
    description: str | None = None
    """The item's description."""
    price: Number | None = None
    """The item's price; currency signs and thousands commas are ignored."""
    released_at: Time | None = None
    """When the item came out."""
    properties: dict[str, str] = Field(default_factory=dict)
    """Further properties of the item: property name → column."""
    attributes: tuple[AttributeColumn, ...] = ()
    """Attributes of the item."""
    traits: dict[str, str] = Field(default_factory=dict)
    """Traits of the user: trait name → column."""
    relations: tuple[RelationColumns, ...] = ()
    """Relations among users and items."""
    triple: TripleColumns | None = None
    """Outside knowledge."""
    entity: str | None = None
    """Which entity of the outside knowledge the item is, or is named."""
    confidence: Number | None = None
    """How sure it is that the item is this entity, 0 … 1."""
    entity_name: str | None = None
    """The entity's name."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if not (self.user or self.item or self.relations or self.triple or self.entity_name):
            raise ValueError("name at least the column of the user or of the item")
        if self.traits and not self.user:
            raise ValueError("traits belong to users: name the column of the user")
        if self.describes_items and not self.item:
            raise ValueError("titles, prices and attributes belong to items: name their column")
        if (self.entity or self.confidence) and not (self.item or self.entity_name):
            raise ValueError("a link needs the columns of the item and of its entity")
        if (self.confidence or self.entity_name) and not self.entity:
            raise ValueError("names and links belong to entities: name their column")
        if self.anonymous and (self.user or not self.text):
            raise ValueError("anonymous rows have a text and no user")
        if self.text and not (self.item and (self.user or self.anonymous)):
            raise ValueError("a review needs the columns of the user and of the item")
        return self

    @model_validator(mode="after")
    def _usable_names(self) -> Self:
        for label, names in (("Item", self.properties), ("User", self.traits)):
            if taken := OWN_PROPERTIES[label] & names.keys():
                raise ValueError(
                    f"{min(taken)!r} is a property of :{label} that kgrec itself sets; take"
                    " another name, or the key for it (item_title, description, price, released_at)"
                )
        if unfit := [name for name in (*self.properties, *self.traits) if not name or "\0" in name]:
            raise ValueError(f"{unfit[0]!r} cannot name a property: it is empty or holds a NUL")
        if unfit := [name for name in self.names if not usable_column(name)]:
            raise ValueError(f"{unfit[0]!r} cannot name a column: it begins with = or holds a NUL")
        return self

    @property
    def tells_acts(self) -> bool:
        """Whether a row is something that a user did with an item."""
        return bool(self.item and (self.user or self.anonymous))

    @property
    def describes_items(self) -> bool:
        """Whether rows say something about the item itself."""
        plain = (self.item_title, self.description, self.price, self.released_at)
        return bool(any(plain) or self.properties or self.attributes)

    @property
    def lists(self) -> set[str]:
        """Return the columns that may hold several values."""
        return {a.column for a in self.attributes} | {r.end.column for r in self.relations}

    @property
    def names(self) -> list[str]:
        """Return all columns that are read, once each."""
        plain = [self.user, self.item, self.review_id, self.text, self.title]
        plain += [self.item_title, self.description, self.entity, self.entity_name]
        typed = (
            *(self.rating, self.label, self.timestamp, self.count, self.dwell_seconds),
            *(self.split, self.price, self.released_at, self.confidence),
        )
        named = [name for name in plain if name]
        named += [column.column for column in typed if column]
        if self.triple:
            named += [self.triple.head, self.triple.predicate, self.triple.tail]
        named += [*self.properties.values(), *self.traits.values()]
        named += [attribute.column for attribute in self.attributes]
        named += [end.column for r in self.relations for end in (r.start, r.end)]
        return list(dict.fromkeys(named))


BehaviourSetting = Annotated[Behaviour | BehaviourColumn, Field(union_mode="left_to_right")]
