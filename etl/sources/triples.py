"""The `triples` source: outside knowledge as separated values, N-Triples or Turtle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePath
from typing import Annotated, Final, Literal

import polars as pl
from pydantic import Field

from etl.sources.base import (
    Batches,
    Declared,
    FileSource,
    ReadSettings,
    short_name,
)
from etl.sources.columns import Columns, TripleColumns
from etl.sources.csv_rows import Dialect, csv_rows
from etl.sources.files import Block, Reject, read_blocks
from etl.sources.mapping import Mapper
from etl.sources.rows import LINE, RAW, Rows
from etl.sources.typed import Meaning
from kg.errors import SourceError

Format = Literal["auto", "separated", "ntriples", "turtle"]
Position = Annotated[int, Field(ge=0)]
_FORMATS: Final[dict[str, Format]] = {".nt": "ntriples", ".ttl": "turtle"}
_NAMES: Final = ("head", "predicate", "tail")
_MAX_TURTLE: Final = 268_435_456
_IRI: Final = r"<([^<>\"{}|^`\\\s]*)>"
_PLAIN: Final = rf"^\s*{_IRI}\s*{_IRI}\s*{_IRI}\s*\.\s*$"


class TriplesSource(FileSource):
    """Triples head–predicate–tail, and a file that says which items the entities are."""

    type: Literal["triples"]
    """Which reader."""
    format: Format = "auto"
    """`auto` goes by the ending: .nt, .ttl, anything else is separated values."""
    separator: str | None = None
    """Of separated values; by default tabs where there are any, else blanks."""
    positions: tuple[Position, Position, Position] = (0, 1, 2)
    """Which value of a line is head, predicate and tail, from 0."""
    header: bool = False
    """The first line names the columns."""
    literals: bool = False
    """true: numbers and texts at the end of RDF triples become entities too."""
    links: str | None = None
    """A file whose lines say which entity an item is."""
    link_positions: tuple[Position, Position] = (0, 1)
    """Which value of a link's line is the item and which the entity, from 0."""
    link_confidence: Position | None = None
    """Which value of a link's line says how sure it is, 0 … 1."""
    link_header: bool = False
    """The first line of the link file names the columns."""
    entity_names: str | None = None
    """A file whose lines have an entity, a tab and its name."""

    def declares(self) -> Declared:
        """Return nothing: predicates are data."""
        return Declared()

    def paths(self, folder: Path) -> list[Path]:
        """Return the file of triples, and those of the links and of the names."""
        more = [name for name in (self.links, self.entity_names) if name]
        return [self.find(folder), *(self.find(folder, name) for name in more)]


def read_triples(source: TriplesSource, folder: Path, limits: ReadSettings) -> Batches:
    """Yield triples, then links, then names.

    Raises:
        SourceError: a file is missing or damaged, or Turtle that cannot be parsed.
    """
    place = source.paths(folder)[0]
    columns = Columns(triple=TripleColumns(head="head", predicate="predicate", tail="tail"))
    meaning = Meaning(file=short_name(source.path, source.member), columns=columns)
    mapper = Mapper(meaning, limits)
    for rows in _triple_rows(source, place, limits):
        yield mapper.batch(rows)
    if source.links:
        yield from _read_links(source, source.find(folder, source.links), limits)
    if source.entity_names:
        yield from _read_names(source, source.find(folder, source.entity_names), limits)


def _triple_rows(source: TriplesSource, place: Path, limits: ReadSettings) -> Iterator[Rows]:
    name = PurePath(source.member or source.path)
    name = name.with_suffix("") if name.suffix in (".gz", ".bz2", ".zip") else name
    kind = source.format if source.format != "auto" else _FORMATS.get(name.suffix, "separated")
    if kind == "turtle":
        yield _turtle(source, place, limits)
        return
    blocks = map(Block.filled, read_blocks(source, place, limits))
    if kind == "ntriples":
        for block in blocks:
            yield _ntriples(block, source.literals)
    else:
        named = dict(zip(_NAMES, source.positions, strict=True))
        yield from _separated(blocks, named, source.separator, source.header, limits)


def _read_links(source: TriplesSource, place: Path, limits: ReadSettings) -> Batches:
    meaning = Meaning(
        file=short_name(source.links or ""),
        columns=Columns.model_validate(
            {"item": "item", "entity": "entity"}
            | ({} if source.link_confidence is None else {"confidence": "confidence"})
        ),
    )
    mapper = Mapper(meaning, limits)
    named = dict(zip(("item", "entity"), source.link_positions, strict=True))
    if source.link_confidence is not None:
        named["confidence"] = source.link_confidence
    alone = source.model_copy(update={"member": None})
    blocks = map(Block.filled, read_blocks(alone, place, limits))
    for rows in _separated(blocks, named, source.separator, source.link_header, limits):
        entity = pl.col("entity").str.strip_chars("<>")
        yield mapper.batch(
            Rows(
                frame=rows.frame.with_columns(entity),
                rejected=rows.rejected,
                position=rows.position,
            )
        )


def _read_names(source: TriplesSource, place: Path, limits: ReadSettings) -> Batches:
    columns = Columns(entity="entity", entity_name="name")
    mapper = Mapper(Meaning(file=short_name(source.entity_names or ""), columns=columns), limits)
    alone = source.model_copy(update={"member": None})
    blocks = map(Block.filled, read_blocks(alone, place, limits))
    for rows in _separated(blocks, {"entity": 0, "name": 1}, "\t", False, limits):
        yield mapper.batch(rows)


def _separated(
    blocks: Iterator[Block],
    named: dict[str, int],
    separator: str | None,
    header: bool,
    limits: ReadSettings,
) -> Iterator[Rows]:
    """Yield the named columns of lines that have as many values as the first one."""
    first, early = next(blocks), list[Reject]()
    while not first.lines and not first.last:
        early += first.rejected
        first = next(blocks)
    line = first.lines[0] if first.lines else ""
    delimiter = separator or ("\t" if "\t" in line else " ")
    wanted = max(named.values()) + 1
    width = len(_values(line, delimiter)) if line else wanted
    if width < wanted:
        raise SourceError(
            f"Line {first.numbers[0]} has {width} values separated by {delimiter!r}, "
            f"wanted {wanted}: {line[:200]!r}.",
            remedy="Correct `separator` or the positions in the config.",
        )
    columns = [f"\0{place}" for place in range(width)]
    for name, place in named.items():
        if place < width:
            columns[place] = name
    start = first.without_first() if header and first.lines else first
    start = replace(start, rejected=[*early, *start.rejected])
    lines: Iterator[Block] = chain([start], blocks)
    if delimiter == " ":
        lines = map(_single_blanks, lines)
    dialect = Dialect(delimiter=delimiter, quote=None, header=columns, wanted=list(named))
    yield from csv_rows(lines, dialect, limits.max_line)


def _values(line: str, delimiter: str) -> list[str]:
    return line.split() if delimiter == " " else line.split(delimiter)


def _single_blanks(block: Block) -> Block:
    return replace(block, lines=[" ".join(line.split()) for line in block.lines])


def _ntriples(block: Block, literals: bool) -> Rows:
    """Take plain lines `<s> <p> <o> .` apart by pattern, and leave the others to rdflib."""
    lines = pl.DataFrame(
        [
            pl.Series(LINE, block.numbers, dtype=pl.Int64),
            pl.Series(RAW, block.lines, dtype=pl.String),
        ]
    ).filter(~pl.col(RAW).str.contains(r"^\s*(#|$)"))
    parts = [pl.col(RAW).str.extract(_PLAIN, place).alias(n) for place, n in enumerate(_NAMES, 1)]
    found = lines.with_columns(parts)
    plain = found.filter(pl.col("head").is_not_null())
    others, rejected = _parsed(found.filter(pl.col("head").is_null()), literals)
    rest = pl.DataFrame(others, schema=plain.schema, orient="row")
    return Rows(
        frame=pl.concat([plain, rest]).sort(LINE),
        rejected=[*block.rejected, *rejected],
        position=block.position,
    )


def _parsed(
    lines: pl.DataFrame, literals: bool
) -> tuple[list[tuple[int | str, ...]], list[Reject]]:
    if lines.is_empty():
        return [], []
    from etl.sources.rdf import parse_lines

    kept, rejected = parse_lines(lines.select(LINE, RAW).rows(), literals=literals)
    return [(number, raw, *keys) for number, raw, keys in kept], rejected


def _turtle(source: TriplesSource, place: Path, limits: ReadSettings) -> Rows:
    """Parse a whole file: Turtle's prefixes forbid to read it line by line."""
    from etl.sources.rdf import parse_turtle

    blocks, size = [], 0
    for block in read_blocks(source, place, limits):
        blocks.append(block)
        size += sum(map(len, block.lines))
        if size > _MAX_TURTLE:
            raise SourceError(
                f"{place} has more than {_MAX_TURTLE:,} characters, too much for Turtle.",
                remedy="Turn it into N-Triples, which is read line by line.",
            )
    rejected = [reject for block in blocks for reject in block.rejected]
    text = "\n".join(chain.from_iterable(block.lines for block in blocks))
    found = parse_turtle(text, place, literals=source.literals)
    frame = pl.DataFrame(found, schema=dict.fromkeys(_NAMES, pl.String), orient="row")
    raw = pl.concat_str("head", "predicate", "tail", separator=" ").alias(RAW)
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.Int64).alias(LINE)
    return Rows(
        frame=frame.with_columns(raw, numbers), rejected=rejected, position=blocks[-1].position
    )
