"""The `delimited` source: CSV, TSV, JSON lines and Parquet with a column mapping."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePath
from typing import Final, Literal, Self

from pydantic import model_validator

from etl.sources.base import Batches, Declared, FileSource, ReadSettings, short_name
from etl.sources.columns import BehaviourColumn, BehaviourSetting, Columns, Positive
from etl.sources.csv_rows import Dialect, csv_rows
from etl.sources.files import Block, Reject, read_blocks
from etl.sources.json_rows import Shape, json_rows
from etl.sources.mapping import Mapper
from etl.sources.parquet_rows import parquet_columns, parquet_rows
from etl.sources.rows import Rows
from etl.sources.typed import Meaning
from kg.errors import SourceError

log = logging.getLogger(__name__)

Format = Literal["auto", "csv", "jsonl", "parquet"]
_SIGNS: Final = frozenset("*?[")
_PACKED: Final = (".gz", ".bz2", ".zip")
_FORMATS: Final[dict[str, Format]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}


class DelimitedSource(FileSource):
    """A table in a file, or in several of one form, and what its columns mean.

    The last part of `path` may be a pattern: reviews-*.csv names all files that fit, in the order
    of their names; hidden ones do not.
    """

    type: Literal["delimited"]
    """Which reader."""
    format: Format = "auto"
    """`auto` goes by the file's ending; csv is everything separated by a character."""
    delimiter: str | None = None
    """What separates values; by default a tab where the name says tsv, else a comma. It may have
    several characters (::) where nothing is quoted."""
    quote: str | None = '"'
    """The quoting character; null where quotes are ordinary characters."""
    header: tuple[str, ...] | None = None
    """Names of the columns where the file's first line does not give them."""
    null_values: tuple[str, ...] = ()
    """Values that stand for a missing one, in every column; an empty value always does."""
    columns: Columns
    """Which column is what."""
    behaviour: BehaviourSetting | None = None
    """What a row with a user and an item means: a relationship type, or the column that says it.
    By default RATED where there is a rating, else INTERACTED."""
    counted: bool = True
    """false: another source has the same acts and counts them; this one adds text, rating, time."""
    positive: Positive | None = None
    """What counts as liked, by rating; or map a `label`."""
    keep_duplicates: bool = False
    """true: equal rows are repeated acts (a log without times) and are counted, not set aside."""
    html: bool = False
    """true: texts, titles and descriptions are HTML (&quot;, <br />); what it shows is read."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.quote is not None and len(self.quote) != 1:
            raise ValueError("`quote` is one character, or null")
        if self.delimiter is not None and len(self.delimiter) != 1 and self.quote is not None:
            raise ValueError("a `delimiter` of several characters needs `quote: null`")
        if self.delimiter == "":
            raise ValueError("`delimiter` is a character, such as , or ; or a tab")
        if self.positive and not self.columns.rating:
            raise ValueError("`positive` goes by rating: map a rating, or use a label")
        return self

    @property
    def pattern(self) -> str | None:
        """Return the pattern of file names in `path`, if it is one."""
        name = PurePath(self.path).name
        return name if _SIGNS & set(name) else None

    def each(self, folder: Path) -> list[Self]:
        """Return a source for each of its files.

        Raises:
            SourceError: no file fits.
        """
        if self.pattern is None or (folder / self.path).is_file():
            return [self]
        place = folder / self.path
        found = sorted(one for one in place.parent.glob(self.pattern) if one.is_file())
        names = [str(one) for one in found if not one.name.startswith(".")]
        if not names:
            remedy = self.hint or "Correct `path` in the config, or put a file there."
            raise SourceError(f"No file fits the source {place}.", remedy=remedy)
        return [self.model_copy(update={"path": name}) for name in names]

    def paths(self, folder: Path) -> list[Path]:
        """Return all files of the source.

        Raises:
            SourceError: one does not exist, or none fits.
        """
        return [each.find(folder) for each in self.each(folder)]

    @property
    def wanted(self) -> list[str]:
        """Return the columns that are read."""
        extra = [self.behaviour.column] if isinstance(self.behaviour, BehaviourColumn) else []
        return list(dict.fromkeys([*self.columns.names, *extra]))

    def declares(self) -> Declared:
        """Return the labels and types that the rows bring into the graph."""
        kinds = {attribute.kind for attribute in self.columns.attributes}
        relations = {relation.type for relation in self.columns.relations}
        behaviours: set[str] = set()
        if isinstance(self.behaviour, BehaviourColumn):
            behaviours.update(self.behaviour.values.values())
        elif self.columns.tells_acts:
            behaviours.add(self._constant)
        return Declared(
            behaviours=frozenset(behaviours),
            kinds=frozenset(kinds),
            relations=frozenset(relations),
        )

    @property
    def _constant(self) -> str:
        if isinstance(self.behaviour, str):
            return self.behaviour
        return "RATED" if self.columns.rating else "INTERACTED"

    def meaning(self) -> Meaning:
        """Return what the rows say."""
        by_column = self.behaviour if isinstance(self.behaviour, BehaviourColumn) else None
        return Meaning(
            file=short_name(self.path, self.member),
            columns=self.columns,
            behaviour=by_column or self._constant,
            counted=self.counted,
            positive=self.positive,
            part=self.part,
            keep_duplicates=self.keep_duplicates,
            html=self.html,
        )


def read_delimited(source: DelimitedSource, folder: Path, limits: ReadSettings) -> Batches:
    """Yield the tables of each file, batch by batch.

    Raises:
        SourceError: a file is missing or damaged, or lacks a column.
    """
    for each in source.each(folder):
        place = each.find(folder)
        mapper = Mapper(each.meaning(), limits)
        for rows in _rows(each, place, limits):
            yield mapper.batch(rows)


def format_of(source: DelimitedSource) -> Literal["csv", "jsonl", "parquet"]:
    """Return the format of a file, by its ending where the config does not say."""
    if source.format != "auto":
        return source.format
    name = PurePath(source.member or source.path)
    if name.suffix.lower() in _PACKED:
        name = name.with_suffix("")
    found = _FORMATS.get(name.suffix.lower(), "csv")
    return "csv" if found == "auto" else found


def _rows(source: DelimitedSource, place: Path, limits: ReadSettings) -> Iterator[Rows]:
    kind = format_of(source)
    if kind == "parquet":
        require(source, place, parquet_columns(place))
        yield from parquet_rows(place, source.wanted)
    elif kind == "jsonl":
        yield from _json(source, place, limits)
    else:
        yield from _csv(source, place, limits)


def _json(source: DelimitedSource, place: Path, limits: ReadSettings) -> Iterator[Rows]:
    lists = source.columns.lists
    wanted: dict[str, Shape] = {name: "list" if name in lists else "text" for name in source.wanted}
    found: set[str] = set()
    for rows in json_rows(read_blocks(source, place, limits), wanted, source.null_values):
        filled = [name for name in wanted if rows.frame[name].null_count() < rows.frame.height]
        found.update(filled)
        yield rows
    if never := [name for name in wanted if name not in found]:
        log.warning("%s never has a value for %s", place, ", ".join(never))


def _csv(source: DelimitedSource, place: Path, limits: ReadSettings) -> Iterator[Rows]:
    by_default = "\t" if ".tsv" in PurePath(source.path).suffixes else ","
    delimiter = source.delimiter or by_default
    blocks = read_blocks(source, place, limits)
    header = list(source.header or ())
    if source.header is None:
        first, early = next(blocks), list[Reject]()
        while not first.filled().lines and not first.last:
            early += first.rejected
            first = next(blocks)
        header, rest = split_header(first, delimiter, source.quote, place)
        blocks = chain([replace(rest, rejected=[*early, *rest.rejected])], blocks)
    require(source, place, header)
    dialect = Dialect(
        delimiter=delimiter,
        quote=source.quote,
        header=header,
        wanted=source.wanted,
        null_values=source.null_values,
    )
    return csv_rows(blocks, dialect, limits.max_line)


def split_header(
    block: Block, delimiter: str, quote: str | None, place: Path
) -> tuple[list[str], Block]:
    """Return the names in the first line, and the block without it.

    Raises:
        SourceError: the line cannot be taken apart.
    """
    filled = block.filled()
    if not filled.lines:
        return [], block
    line = filled.lines[0]
    if quote is None:
        names = line.split(delimiter)
    else:
        try:
            names = next(csv.reader([line], delimiter=delimiter, quotechar=quote))
        except csv.Error as error:
            raise SourceError(
                f"The header of {place} cannot be taken apart: {error}: {line[:200]!r}.",
                remedy="Correct `delimiter` or `quote` in the config, or name the columns there"
                " with `header`.",
            ) from error
    return [name.strip() for name in names], filled.without_first()


def require(source: DelimitedSource, place: Path, header: list[str]) -> None:
    """Check that a file has all columns that are mapped.

    Raises:
        SourceError: it lacks one, or has it twice.
    """
    for name in source.wanted:
        if header.count(name) != 1:
            problem = "has no" if name not in header else "has more than one"
            raise SourceError(
                f"{place} {problem} column {name!r}.",
                remedy=f"Its columns are: {', '.join(map(repr, header[:40])) or '(none)'}."
                " Correct `columns`, `delimiter` or `header` in the config.",
            )
