"""The `recbole` source: RecBole's atomic files, whose headers say the type of each column."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from etl.sources.base import (
    Batches,
    Behaviour,
    Declared,
    FileSource,
    Kind,
    Part,
    ReadSettings,
    short_name,
    usable_column,
)
from etl.sources.columns import (
    AttributeColumn,
    Columns,
    NumberColumn,
    Positive,
    Time,
    TimeColumn,
    TripleColumns,
)
from etl.sources.csv_rows import Dialect, csv_rows
from etl.sources.delimited import split_header
from etl.sources.files import read_blocks
from etl.sources.mapping import Mapper
from etl.sources.typed import Meaning
from kg.errors import SourceError
from kg.schema import OWN_PROPERTIES

Header = dict[str, str]
"""Column → type: token, token_seq, float or float_seq."""
_TYPES: Final = ("token", "token_seq", "float", "float_seq")
_PARTS: Final[dict[str, Part]] = {"train": "train", "valid": "valid", "test": "test"}


class RecboleSource(FileSource):
    """A data set in atomic files: those of .inter .user .item .kg .link that exist are read."""

    type: Literal["recbole"]
    """Which reader."""
    behaviour: Behaviour = "RATED"
    """What an interaction is."""
    positive: Positive | None = None
    """What counts as liked, by rating."""
    item_title: str | None = None
    """The column of .item with the title; by default the first with title or name in its name."""
    description: str | None = None
    """The column of .item with a text about the item."""
    price: str | None = None
    """The column of .item with a price."""
    released_at: Time | None = None
    """The column of .item with the day or year of release, and its format."""
    attributes: dict[Kind, str] = Field(default_factory=dict)
    """Attributes of items: kind → column of .item. The other columns become properties."""
    separator: str = " "
    """What separates the values of a sequence."""

    def declares(self) -> Declared:
        """Return the labels and types that the rows bring into the graph."""
        return Declared(behaviours=frozenset({self.behaviour}), kinds=frozenset(self.attributes))

    def paths(self, folder: Path) -> list[Path]:
        """Return the atomic files that exist.

        Raises:
            SourceError: there is none.
        """
        found = [folder / path for path, _, _ in self.atoms(folder)]
        if not found:
            raise SourceError(
                f"There are no atomic files {folder / self.path}.inter, .user, .item, .kg, .link.",
                remedy=self.hint or "`path` is the files' common name without the ending.",
            )
        return found

    def atoms(self, folder: Path) -> Iterator[tuple[str, str, Part | None]]:
        """Yield path, ending and part of each atomic file that exists."""
        parts = [(f"{self.path}.{name}.inter", ".inter", part) for name, part in _PARTS.items()]
        if not any((folder / path).is_file() for path, _, _ in parts):
            parts = []
        whole = [(f"{self.path}{end}", end, None) for end in (".user", ".item", ".kg", ".link")]
        if not parts:
            whole.insert(0, (f"{self.path}.inter", ".inter", None))
        for path, end, part in [*parts, *whole]:
            if (folder / path).is_file():
                yield path, end, part


def read_recbole(source: RecboleSource, folder: Path, limits: ReadSettings) -> Batches:
    """Yield the tables of all atomic files, one file after the other.

    Raises:
        SourceError: there are no files, or a header lacks what its kind of file needs.
    """
    source.paths(folder)
    for path, ending, part in source.atoms(folder):
        yield from _read_atom(source, path, ending, part or source.part, folder, limits)


def _read_atom(
    source: RecboleSource,
    path: str,
    ending: str,
    part: Part | None,
    folder: Path,
    limits: ReadSettings,
) -> Batches:
    blocks = read_blocks(source, folder / path, limits)
    names, rest = split_header(next(blocks), "\t", None, folder / path)
    header = _typed_header(folder / path, names)
    columns = _columns(source, ending, header, folder / path)
    meaning = Meaning(
        file=short_name(path),
        columns=columns,
        behaviour=source.behaviour,
        positive=source.positive if columns.rating else None,
        part=part,
    )
    mapper = Mapper(meaning, limits)
    dialect = Dialect(delimiter="\t", quote=None, header=list(header), wanted=columns.names)
    for rows in csv_rows(chain([rest], blocks), dialect, limits.max_line):
        yield mapper.batch(rows)


def _typed_header(place: Path, names: list[str]) -> Header:
    header: Header = {}
    for name in names:
        column, _, type_ = name.partition(":")
        if type_ not in _TYPES or column in header or not usable_column(column):
            raise SourceError(
                f"The header of {place} has {name!r}, wanted distinct names such as user_id:token.",
                remedy=f"The types are {', '.join(_TYPES)}; columns are separated by tabs.",
            )
        header[column] = type_
    return header


def _columns(source: RecboleSource, ending: str, header: Header, place: Path) -> Columns:
    needed = {
        ".inter": ("user_id", "item_id"),
        ".user": ("user_id",),
        ".item": ("item_id",),
        ".kg": ("head_id", "relation_id", "tail_id"),
        ".link": ("item_id", "entity_id"),
    }[ending]
    released = source.released_at and source.released_at.column
    asked = [
        source.item_title,
        source.description,
        source.price,
        released,
        *source.attributes.values(),
    ]
    wanted = [*needed, *(filter(None, asked) if ending == ".item" else ())]
    if lacking := [name for name in wanted if name not in header]:
        raise SourceError(
            f"{place} has no column {lacking[0]!r}.",
            remedy=f"Its columns are: {', '.join(header)}.",
        )
    if ending == ".inter":
        return Columns(
            user="user_id",
            item="item_id",
            rating=NumberColumn(column="rating") if "rating" in header else None,
            timestamp=TimeColumn(column="timestamp", format="s") if "timestamp" in header else None,
        )
    if ending == ".user":
        return Columns(user="user_id", traits=_named(place, "User", header, {"user_id"}))
    if ending == ".item":
        return _item_columns(source, header, place)
    if ending == ".kg":
        return Columns(
            triple=TripleColumns(head="head_id", predicate="relation_id", tail="tail_id")
        )
    return Columns(item="item_id", entity="entity_id")


def _item_columns(source: RecboleSource, header: Header, place: Path) -> Columns:
    titles = (name for name in header if "title" in name or "name" in name)
    title = source.item_title or next(titles, None)
    released = source.released_at
    special = {"item_id", title, source.description, source.price, *source.attributes.values()}
    special |= {released.column} if released else set()
    return Columns(
        item="item_id",
        item_title=title,
        description=source.description,
        price=NumberColumn(column=source.price) if source.price else None,
        released_at=released,
        attributes=tuple(
            AttributeColumn(
                kind=kind,
                column=column,
                separator=source.separator if header[column].endswith("_seq") else None,
            )
            for kind, column in source.attributes.items()
        ),
        properties=_named(place, "Item", header, special),
    )


def _named(
    place: Path, label: str, header: Header, special: Collection[str | None]
) -> dict[str, str]:
    """Return the columns that become properties of the same name.

    Raises:
        SourceError: kgrec itself sets such a property.
    """
    names = [name for name in header if name not in special]
    if taken := OWN_PROPERTIES[label] & set(names):
        raise SourceError(
            f"{place} has a column {min(taken)!r}, a property of :{label} that kgrec itself sets.",
            remedy="Name the column in the config (`item_title`, `description`, `price`,"
            " `released_at`, `attributes`), or give it another name in the file's header.",
        )
    return {name: name for name in names}
