"""Separated values to rows: split column by column where nothing is quoted, by `csv` elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

import polars as pl

from etl.sources.base import Reason
from etl.sources.files import Block, Reject
from etl.sources.rows import LINE, RAW, Rows


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How values are separated.

    Attributes:
        delimiter: one character or more; more than one only without quotes.
        quote: the quoting character, or None where quotes are ordinary characters.
        null_values: what stands for a missing value.
    """

    delimiter: str
    quote: str | None
    null_values: Sequence[str] = ("",)


def csv_rows(
    blocks: Iterator[Block],
    dialect: Dialect,
    header: Sequence[str],
    wanted: Sequence[str],
    max_record: int,
) -> Iterator[Rows]:
    """Yield the `wanted` columns of rows that have as many values as `header` has names."""
    open_lines: list[str] = []
    open_numbers: list[int] = []
    for block in blocks:
        lines, numbers = open_lines + block.lines, open_numbers + block.numbers
        open_lines, open_numbers = [], []
        if dialect.quote is None or not any(dialect.quote in line for line in lines):
            yield _split(lines, numbers, block, dialect, header, wanted)
            continue
        records = _Records(lines, numbers, dialect)
        records.parse()
        rest = records.unfinished
        if rest is not None and not block.last and _length(lines[rest:]) <= max_record:
            open_lines, open_numbers = lines[rest:], numbers[rest:]
        elif rest is not None:
            records.give_up()
        yield records.rows(block, header, wanted)


def _length(lines: list[str]) -> int:
    return sum(map(len, lines)) + len(lines)


def _split(
    lines: list[str],
    numbers: list[int],
    block: Block,
    dialect: Dialect,
    header: Sequence[str],
    wanted: Sequence[str],
) -> Rows:
    width = len(header)
    raw = pl.Series(RAW, lines, dtype=pl.String)
    frame = pl.DataFrame([raw, pl.Series(LINE, numbers, dtype=pl.Int64)]).filter(raw != "")
    separators = pl.col(RAW).str.count_matches(dialect.delimiter, literal=True)
    whole = frame.select(separators == width - 1).to_series()
    rejected = [
        *block.rejected,
        *_wrong_width(
            frame.filter(~whole).select(LINE, (separators + 1).alias("values"), RAW).rows(),
            dialect,
            width,
        ),
    ]
    fields = pl.col(RAW).str.splitn(dialect.delimiter, width)
    columns = frame.filter(whole).with_columns(fields.alias("\0fields"))
    position = {name: index for index, name in enumerate(header)}
    return Rows(
        frame=columns.select(
            LINE,
            RAW,
            *(
                _null(pl.col("\0fields").struct.field(f"field_{position[name]}"), dialect).alias(
                    name
                )
                for name in wanted
            ),
        ),
        rejected=rejected,
        position=block.position,
    )


def _null(column: pl.Expr, dialect: Dialect) -> pl.Expr:
    null_values = [value for value in dialect.null_values if value]
    blank = column.str.strip_chars() == ""
    missing = blank | column.is_in(null_values) if null_values else blank
    return pl.when(~missing).then(column)


def _wrong_width(
    found: Sequence[tuple[int, int, str]], dialect: Dialect, width: int
) -> Iterator[Reject]:
    for line, values, raw in found:
        detail = f"{values} values separated by {dialect.delimiter!r}, wanted {width}"
        yield Reject(line, Reason.WRONG_COLUMN_COUNT, detail, raw)


class _Records:
    """The records of a block that has quotes; one may span lines."""

    def __init__(self, lines: list[str], numbers: list[int], dialect: Dialect) -> None:
        self._lines = lines
        self._numbers = numbers
        self._dialect = dialect
        self._values: list[list[str]] = []
        self._spans: list[tuple[int, int]] = []
        self._rejected: list[Reject] = []
        self.unfinished: int | None = None
        """Position of the line where a record begins that the block does not end."""

    def parse(self, begin: int = 0) -> None:
        """Read records from line `begin` on; a line that spoils its record is set aside."""
        while begin < len(self._lines):
            reader = csv.reader(
                (self._lines[at] + "\n" for at in range(begin, len(self._lines))),
                delimiter=self._dialect.delimiter,
                quotechar=self._dialect.quote,
                strict=True,
            )
            end = begin
            try:
                for values in reader:
                    if values:  # a blank line has none
                        self._values.append(values)
                        self._spans.append((end, begin + reader.line_num))
                    end = begin + reader.line_num
                return
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    self.unfinished = end
                    return
                self._set_aside(end, begin + reader.line_num, str(error))
                begin = end + 1

    def give_up(self) -> None:
        """Set aside the line that opens an endless record, and read on behind it."""
        while self.unfinished is not None:
            begin, self.unfinished = self.unfinished, None
            self._set_aside(begin, begin + 2, "the quote is never closed")
            self.parse(begin + 1)

    def _set_aside(self, line: int, end: int, detail: str) -> None:
        too_long = "field larger" in detail and end == line + 1
        reason = Reason.TEXT_TOO_LONG if too_long else Reason.BROKEN_QUOTES
        self._rejected.append(Reject(self._numbers[line], reason, detail, self._lines[line]))

    def rows(self, block: Block, header: Sequence[str], wanted: Sequence[str]) -> Rows:
        width = len(header)
        raw = ["\n".join(self._lines[begin:end]) for begin, end in self._spans]
        numbers = [self._numbers[begin] for begin, _ in self._spans]
        whole = [len(values) == width for values in self._values]
        wrong = [
            (numbers[i], len(values), raw[i])
            for i, values in enumerate(self._values)
            if not whole[i]
        ]
        columns = list(zip(*compress(self._values, whole), strict=True))
        keep = pl.Series(whole, dtype=pl.Boolean)
        frame = pl.DataFrame(
            [
                pl.Series(LINE, numbers, dtype=pl.Int64).filter(keep),
                pl.Series(RAW, raw, dtype=pl.String).filter(keep),
                *(
                    pl.Series(name, columns[header.index(name)] if columns else [], dtype=pl.String)
                    for name in wanted
                ),
            ]
        )
        return Rows(
            frame=frame.with_columns(_null(pl.col(name), self._dialect) for name in wanted),
            rejected=[
                *block.rejected,
                *self._rejected,
                *_wrong_width(wrong, self._dialect, width),
            ],
            position=block.position,
        )
