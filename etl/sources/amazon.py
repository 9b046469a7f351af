"""The `amazon` source: the public review dumps of 2014, 2018 and 2023, with item metadata.

The three name the same things differently; a record is brought to one shape, whatever its year.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal

from etl.sources.base import (
    Batches,
    Behaviour,
    Declared,
    FileSource,
    ReadSettings,
    short_name,
)
from etl.sources.columns import (
    AttributeColumn,
    Columns,
    End,
    NumberColumn,
    Positive,
    RelationColumns,
    TimeColumn,
)
from etl.sources.files import Block, Reject, read_blocks
from etl.sources.json_rows import Record, Shape, object_rows, parse_objects
from etl.sources.mapping import Mapper
from etl.sources.markup import characters
from etl.sources.rows import Rows
from etl.sources.typed import Meaning

_REVIEW: Final[dict[str, Shape]] = dict.fromkeys(
    ("user", "item", "rating", "text", "title", "at"), "text"
)
_RELATED: Final[dict[str, tuple[str, ...]]] = {
    "ALSO_BOUGHT": ("also_bought", "also_buy"),
    "ALSO_VIEWED": ("also_viewed", "also_view"),
    "BOUGHT_TOGETHER": ("bought_together",),
    "BOUGHT_AFTER_VIEWING": ("buy_after_viewing",),
}
_ITEM: Final[dict[str, Shape]] = {
    **dict.fromkeys(("item", "title", "description", "price", "main_category"), "text"),
    **dict.fromkeys(("brand", "categories", *_RELATED), "list"),
}


class AmazonSource(FileSource):
    """Reviews as JSON lines; the year is seen from the names in each record."""

    type: Literal["amazon"]
    """Which reader."""
    metadata: str | None = None
    """The file of item records that goes with the reviews."""
    behaviour: Behaviour = "RATED"
    """What a review is besides its text."""
    positive: Positive | None = Positive(min_rating=4)
    """What counts as liked."""

    def declares(self) -> Declared:
        """Return the labels and types that the rows bring into the graph."""
        behaviours = frozenset({self.behaviour})
        if self.metadata is None:
            return Declared(behaviours=behaviours)
        kinds = frozenset({"Brand", "Category"})
        return Declared(behaviours=behaviours, kinds=kinds, relations=frozenset(_RELATED))

    def paths(self, folder: Path) -> list[Path]:
        """Return the file of reviews and that of the items."""
        return [self.find(folder), *([self.find(folder, self.metadata)] if self.metadata else [])]


def read_amazon(source: AmazonSource, folder: Path, limits: ReadSettings) -> Batches:
    """Yield reviews with their interactions, then items with attributes and relations.

    Raises:
        SourceError: a file is missing or damaged.
    """
    reviews, *metadata = source.paths(folder)
    meaning = Meaning(
        file=short_name(source.path, source.member),
        columns=Columns(
            user="user",
            item="item",
            rating=NumberColumn(column="rating", min=1, max=5),
            timestamp=TimeColumn(column="at", format="ms"),
            text="text",
            title="title",
        ),
        behaviour=source.behaviour,
        positive=source.positive,
        part=source.part,
        html=True,
    )
    mapper = Mapper(meaning, limits)
    for rows in _records(source, reviews, limits, _review, _REVIEW):
        yield mapper.batch(rows)
    for place in metadata:
        yield from _read_metadata(source, place, limits)


def _read_metadata(source: AmazonSource, place: Path, limits: ReadSettings) -> Batches:
    item = End(kind="Item", column="item")
    meaning = Meaning(
        file=short_name(source.metadata or ""),
        html=True,
        columns=Columns(
            item="item",
            item_title="title",
            description="description",
            price=NumberColumn(column="price", unparsable="null"),
            properties={"mainCategory": "main_category"},
            attributes=(
                AttributeColumn(column="brand", kind="Brand"),
                AttributeColumn(column="categories", kind="Category"),
            ),
            relations=tuple(
                RelationColumns(type=type_, start=item, end=End(kind="Item", column=type_))
                for type_ in _RELATED
            ),
        ),
    )
    mapper = Mapper(meaning, limits)
    alone = source.model_copy(update={"member": None})
    for rows in _records(alone, place, limits, _item, _ITEM):
        yield mapper.batch(rows)


def _records(
    source: AmazonSource,
    place: Path,
    limits: ReadSettings,
    shape: Callable[[Record], Record],
    wanted: dict[str, Shape],
) -> Iterator[Rows]:
    for block in map(Block.filled, read_blocks(source, place, limits)):
        parsed = [
            record if isinstance(record, Reject) else shape(record)
            for record in parse_objects(block, python_literals=True)
        ]
        yield object_rows(block, parsed, wanted)


def _first(record: Record, *names: str) -> object:
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)


def _review(record: Record) -> Record:
    seconds = record.get("unixReviewTime")
    at = _first(record, "timestamp", "unixReviewTime")
    if isinstance(seconds, int | float):
        at = seconds * 1000
    return {
        "user": _first(record, "reviewerID", "user_id"),
        "item": _first(record, "parent_asin", "asin"),
        "rating": _first(record, "overall", "rating"),
        "text": _first(record, "reviewText", "text"),
        "title": _first(record, "summary", "title"),
        "at": at,
    }


def _item(record: Record) -> Record:
    related = record.get("related")
    known: Record = {**record, **related} if isinstance(related, dict) else record
    return {
        "item": _first(record, "parent_asin", "asin"),
        "title": record.get("title"),
        "description": record.get("description"),
        "price": record.get("price"),
        "main_category": _readable(_first(record, "main_category", "main_cat")),
        "brand": _readable(_first(record, "brand", "store")),
        "categories": _readable(_first(record, "categories", "category")),
        **{type_: _first(known, *names) for type_, names in _RELATED.items()},
    }


def _readable(value: object) -> object:
    """Turn `&amp;` and its like into characters."""
    if isinstance(value, str):
        return characters(value)
    return [_readable(part) for part in value] if isinstance(value, list) else value
