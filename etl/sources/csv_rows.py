"""Separated values to rows: split column by column where nothing is quoted, by `csv` elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import polars as pl

from etl.sources.base import Reason
from etl.sources.files import Block, Reject
from etl.sources.rows import LINE, RAW, Rows


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How values are separated, and which of them are wanted.

    Attributes:
        delimiter: one character or more; more than one only without quotes.
        quote: the quoting character, or None where quotes are ordinary characters.
        header: the names of all columns, in order.
        wanted: the columns that are read.
        null_values: what stands for a missing value besides an empty one.
    """

    delimiter: str
    quote: str | None
    header: Sequence[str]
    wanted: Sequence[str]
    null_values: Sequence[str] = ()


def csv_rows(blocks: Iterator[Block], dialect: Dialect, max_record: int) -> Iterator[Rows]:
    """Yield rows that have as many values as the header has names; a row may span lines.

    Args:
        blocks: lines without the header's.
        dialect: how to take them apart.
        max_record: most characters of one row; bounds what an open quote may swallow.
    """
    open_lines: list[str] = []
    open_numbers: list[int] = []
    for block in blocks:
        lines, numbers = open_lines + block.lines, open_numbers + block.numbers
        open_lines, open_numbers = [], []
        rows = _line_by_line(lines, numbers, dialect)
        if rows is None:
            records = _Records(lines, numbers, dialect)
            records.parse()
            rest = records.unfinished
            if rest is not None and not block.last and _length(lines[rest:]) <= max_record:
                open_lines, open_numbers = lines[rest:], numbers[rest:]
            elif rest is not None:
                records.give_up()
            rows = records.rows()
        yield replace(rows, rejected=[*block.rejected, *rows.rejected], position=block.position)


def _length(lines: Sequence[str]) -> int:
    return sum(map(len, lines)) + len(lines)


def _line_by_line(lines: list[str], numbers: list[int], dialect: Dialect) -> Rows | None:
    """Return a row for each line; None where a row spans lines or its quotes are broken."""
    raw = pl.Series(RAW, lines, dtype=pl.String)
    frame = pl.DataFrame([raw, pl.Series(LINE, numbers, dtype=pl.Int64)]).filter(raw != "")
    if dialect.quote is None:
        return _split(frame, dialect)
    quotes = frame[RAW].str.count_matches(dialect.quote, literal=True)
    if (quotes % 2 == 1).any():
        return None
    quoted = frame.filter(quotes > 0)
    if not quoted.height:
        return _split(frame, dialect)
    raw_quoted = quoted[RAW].to_list()
    try:
        values = list(
            csv.reader(
                raw_quoted, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True
            )
        )
    except csv.Error:
        return None
    if len(values) != quoted.height:
        return None
    plain = _split(frame.filter(quotes == 0), dialect)
    parsed = _tabulated(values, quoted[LINE].to_list(), raw_quoted, dialect)
    return Rows(
        frame=pl.concat([plain.frame, parsed.frame]).sort(LINE),
        rejected=plain.rejected + parsed.rejected,
    )


def _split(frame: pl.DataFrame, dialect: Dialect) -> Rows:
    """Take lines without quotes apart, all at once."""
    width = len(dialect.header)
    separators = pl.col(RAW).str.count_matches(dialect.delimiter, literal=True)
    whole = frame.select(separators == width - 1).to_series()
    wrong = frame.filter(~whole).select(LINE, (separators + 1).alias("values"), RAW)
    values = pl.col(RAW).str.splitn(dialect.delimiter, width).alias("\0values")
    place = {name: f"field_{index}" for index, name in enumerate(dialect.header)}
    columns = [
        _null(pl.col("\0values").struct.field(place[name]), dialect).alias(name)
        for name in dialect.wanted
    ]
    return Rows(
        frame=frame.filter(whole).with_columns(values).select(LINE, RAW, *columns),
        rejected=_wrong_width(wrong.rows(), dialect),
    )


def _tabulated(
    values: Sequence[list[str]], numbers: Sequence[int], raw: Sequence[str], dialect: Dialect
) -> Rows:
    """Return parsed rows as columns."""
    width = len(dialect.header)
    whole = [len(row) == width for row in values]
    columns = list(zip(*compress(values, whole), strict=True)) or [()] * width
    found = [
        pl.Series(name, columns[dialect.header.index(name)], dtype=pl.String)
        for name in dialect.wanted
    ]
    frame = pl.DataFrame(
        [
            pl.Series(LINE, list(compress(numbers, whole)), dtype=pl.Int64),
            pl.Series(RAW, list(compress(raw, whole)), dtype=pl.String),
            *found,
        ]
    ).with_columns(_null(pl.col(name), dialect) for name in dialect.wanted)
    wrong = [
        (number, len(row), line)
        for number, row, line, good in zip(numbers, values, raw, whole, strict=True)
        if not good
    ]
    return Rows(frame=frame, rejected=_wrong_width(wrong, dialect))


def _null(column: pl.Expr, dialect: Dialect) -> pl.Expr:
    missing = column.str.strip_chars() == ""
    if dialect.null_values:
        missing |= column.is_in(list(dialect.null_values))
    return pl.when(~missing).then(column)


def _wrong_width(found: Sequence[tuple[int, int, str]], dialect: Dialect) -> list[Reject]:
    wanted = f"separated by {dialect.delimiter!r}, wanted {len(dialect.header)}"
    return [
        Reject(line, Reason.WRONG_COLUMN_COUNT, f"{values} values {wanted}", raw)
        for line, values, raw in found
    ]


class _Records:
    """The rows of a block in which some span lines, or have broken quotes."""

    def __init__(self, lines: list[str], numbers: list[int], dialect: Dialect) -> None:
        self._lines = lines
        self._numbers = numbers
        self._dialect = dialect
        self._values: list[list[str]] = []
        self._spans: list[tuple[int, int]] = []
        self._rejected: list[Reject] = []
        self.unfinished: int | None = None
        """Position of the line where a row begins that the block does not end."""

    def parse(self, begin: int = 0) -> None:
        """Read rows from line `begin` on; a line that spoils its row is set aside."""
        while begin < len(self._lines):
            lines = (self._lines[at] + "\n" for at in range(begin, len(self._lines)))
            reader = csv.reader(
                lines,
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
        """Set aside the line that opens an endless row, and read on behind it."""
        while self.unfinished is not None:
            begin, self.unfinished = self.unfinished, None
            self._set_aside(begin, begin + 2, "the quote is never closed")
            self.parse(begin + 1)

    def _set_aside(self, line: int, end: int, detail: str) -> None:
        too_long = "field larger" in detail and end == line + 1
        reason = Reason.TEXT_TOO_LONG if too_long else Reason.BROKEN_QUOTES
        self._rejected.append(Reject(self._numbers[line], reason, detail, self._lines[line]))

    def rows(self) -> Rows:
        """Return what was read."""
        raw = ["\n".join(self._lines[begin:end]) for begin, end in self._spans]
        numbers = [self._numbers[begin] for begin, _ in self._spans]
        rows = _tabulated(self._values, numbers, raw, self._dialect)
        return replace(rows, rejected=[*self._rejected, *rows.rejected])
