"""A look at a file: packing, encoding, format, separator, header, and some of its rows."""

from __future__ import annotations

import codecs
import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import pyarrow.parquet as pq

from etl.sources.base import FileSource
from etl.sources.files import compression_of, head, members
from etl.sources.json_rows import list_of, text_of
from etl.sources.parquet_rows import parquet_columns

Format = Literal["csv", "jsonl", "parquet", "atomic", "rdf", "adjacency", "unknown"]
Value = str | list[str] | None
_HEAD: Final = 8_388_608
"""Bytes that the encoding is guessed from."""
_SAMPLE: Final = 262_144
"""Bytes that the meaning is guessed from."""
_ROWS: Final = 1_000
_ATOMIC: Final = (".inter", ".user", ".item", ".kg", ".link")
_SEPARATORS: Final = (",", "\t", ";", "|", "::", " ")
_NOT_DATA: Final = ("readme", "license", "licence", "__macosx", ".ds_store")


@dataclass(frozen=True, kw_only=True)
class Look:
    """What a file looks like.

    Attributes:
        path: as it was given.
        member: of a zip archive with several files.
        format: what its content is.
        encoding: in which its text is written.
        delimiter: what separates values (csv), else empty.
        quoted: whether quotes have a meaning.
        has_header: whether the first line names the columns.
        columns: name → the values of the first rows.
        notes: what a person should know.
    """

    path: str
    member: str | None = None
    format: Format
    encoding: str = "utf-8"
    delimiter: str = ""
    quoted: bool = True
    has_header: bool = True
    columns: dict[str, list[Value]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def bare_name(self) -> str:
        """Return the file's name without folder, packing and ending."""
        name = Path(self.member or self.path).name
        for ending in (".gz", ".bz2", ".zip"):
            name = name.removesuffix(ending)
        return Path(name).stem

    @property
    def dataset_name(self) -> str:
        """Return what a dataset of this file may be called: an archive goes before its members."""
        return replace(self, member=None).bare_name


def look_at(path: Path) -> list[Look]:
    """Look at a file; at each data file of a zip archive.

    Raises:
        SourceError: it cannot be unpacked.
    """
    if compression_of(path) != "zip":
        return [_look(path, None)]
    names = [n for n in members(path) if not any(word in n.lower() for word in _NOT_DATA)]
    if len(names) == 1:
        return [_look(path, None)]
    return [_look(path, name) for name in names]


def _look(path: Path, member: str | None) -> Look:
    data = head(FileSource(path=str(path), member=member), path, _HEAD)
    name = Path(member or path).name.removesuffix(".gz").removesuffix(".bz2").lower()
    if data.startswith(b"PAR1"):
        return _parquet(path)
    encoding, notes = guess_encoding(data)
    lines = _lines(data[:_SAMPLE], encoding)
    if not any(lines):
        return Look(path=str(path), member=member, format="unknown", notes=["The file is empty."])
    bare = Look(path=str(path), member=member, format="csv", encoding=encoding, notes=notes)
    kind: Format = "csv"
    if name.endswith((".nt", ".ttl")):
        kind = "rdf"
    elif name.endswith(_ATOMIC) and ":" in lines[0]:
        kind = "atomic"
    elif lines[0].lstrip().startswith(("{", "[")):
        kind = "jsonl"
    elif _is_adjacency(lines):
        kind = "adjacency"
    if kind == "jsonl":
        columns = _json_columns(lines)
        if not columns or lines[0].lstrip().startswith("["):
            notes.append("This is JSON, but not one object a line; turn it into JSON lines.")
            kind = "unknown"
        return replace(bare, format=kind, columns=columns)
    if kind != "csv":
        return replace(bare, format=kind)
    return _separated(bare, lines)


def guess_encoding(data: bytes) -> tuple[str, list[str]]:
    """Return the likeliest encoding of some text, and what is not sure about it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", []
    if data[1::2].count(0) > len(data) / 5:
        return "utf-16-le", []
    if data[::2].count(0) > len(data) / 5:
        return "utf-16-be", []
    if _decodes(data, "utf-8"):
        return "utf-8", []
    lines = data.split(b"\n")[:-1]
    broken = sum(not _decodes(line + b"\n", "utf-8") for line in lines)
    foreign = sum(not line.isascii() for line in lines)
    if foreign and broken / foreign < 0.2:
        return "utf-8", [f"{broken} of {len(lines)} lines looked at are not valid UTF-8."]
    if _is_chinese(data):
        return "gb18030", ["The encoding is a guess from the characters."]
    guess = "cp1252" if any(0x80 <= byte <= 0x9F for byte in data) else "latin-1"
    if guess == "cp1252" and not _decodes(data, guess):
        guess = "latin-1"
    return guess, ["The text is not UTF-8; if letters look wrong, set another encoding."]


def _is_chinese(data: bytes) -> bool:
    """Whether nearly all that is not ASCII are common characters of GB 2312."""
    if not _decodes(data, "gb18030"):
        return False
    high = [char for char in data.decode("gb18030", "ignore") if ord(char) > 127]
    common = sum(len(char.encode("gb2312", "ignore")) == 2 for char in high)
    return common > 0.95 * len(high)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _lines(data: bytes, encoding: str) -> list[str]:
    text = data.decode(encoding, "replace").removeprefix("\ufeff").replace("\r\n", "\n")
    lines = text.split("\n")
    if len(data) == _SAMPLE:
        lines = lines[:-1] or lines
    return [line for line in lines if line.strip()]


def _is_adjacency(lines: Sequence[str]) -> bool:
    rows = [line.split() for line in lines[:_ROWS]]
    if not all(value.isdigit() for row in rows for value in row):
        return False
    widths = Counter(map(len, rows))
    return len(widths) > 2 and max(widths) > 4 and "," not in lines[0]


def _json_columns(lines: Sequence[str]) -> dict[str, list[Value]]:
    records = []
    for line in lines[:_ROWS]:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            records.append(record)
    names = dict.fromkeys(name for record in records for name in record)
    return {
        name: [
            list_of(value) if isinstance(value, list) else text_of(value)
            for value in (record.get(name) for record in records)
        ]
        for name in names
    }


def _parquet(path: Path) -> Look:
    parquet_columns(path)
    with pq.ParquetFile(path) as file:
        batch = next(file.iter_batches(_ROWS), None)
    columns: dict[str, list[Value]] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True) if batch else ():
        values = column.to_pylist()
        columns[name] = [
            list_of(value) if isinstance(value, list) else _plain(value) for value in values
        ]
    return Look(path=str(path), format="parquet", columns=columns)


def _plain(value: object) -> str | None:
    scalar = value is None or isinstance(value, str | bool | int | float)
    return text_of(value) if scalar else str(value)


def _separated(bare: Look, lines: Sequence[str]) -> Look:
    quoted = not _quotes_are_stray(lines)
    delimiter = max(_SEPARATORS, key=lambda separator: _fitness(lines, separator, quoted))
    if len(delimiter) > 1:
        quoted = False
    rows = _parse(lines, delimiter, quoted)
    width = Counter(map(len, rows)).most_common(1)[0][0]
    rows = [row for row in rows if len(row) == width]
    has_header = _has_header(rows)
    names = [name.strip() for name in rows[0]] if has_header else _numbered(width)
    if len(set(names)) < len(names) or not all(names):
        bare.notes.append(
            "The first line names columns twice or not at all; name them in `header`."
        )
        names, has_header = _numbered(width), False
    body = rows[1:] if has_header else rows
    values = zip(*body, strict=True) if body else ([] for _ in names)
    columns: dict[str, list[Value]] = {
        name: [value if value.strip() else None for value in column]
        for name, column in zip(names, values, strict=True)
    }
    return replace(bare, delimiter=delimiter, quoted=quoted, has_header=has_header, columns=columns)


def _numbered(width: int) -> list[str]:
    return [f"column{place}" for place in range(1, width + 1)]


def _quotes_are_stray(lines: Sequence[str]) -> bool:
    """Whether quotes stand inside values more often than around them."""
    text = "\n".join(lines)
    around = sum(text.count(f'{s}"') + text.count(f'"{s}') for s in (",", "\t", ";", "|", "\n"))
    return '"' in text and around * 2 < text.count('"') - 2 * text.count('""')


def _parse(lines: Sequence[str], delimiter: str, quoted: bool) -> list[list[str]]:
    lines = lines[: _ROWS + 1]
    if not quoted or len(delimiter) > 1:
        return [line.split(delimiter) for line in lines]
    try:
        return list(csv.reader((line + "\n" for line in lines), delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in lines]


def _fitness(lines: Sequence[str], delimiter: str, quoted: bool) -> tuple[float, int]:
    widths = Counter(map(len, _parse(lines[:200], delimiter, quoted and len(delimiter) == 1)))
    width, rows = widths.most_common(1)[0]
    if width < 2:
        return 0.0, 0
    return round(rows / widths.total(), 1), len(delimiter) * 100 + width


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has words where the others have numbers, or is unlike all others."""
    first, body = rows[0], rows[1:200]
    if not body:
        return not any(_is_number(value) for value in first)
    if any(_is_number(value) for value in first):
        return False
    if any(
        all(_is_number(row[place]) for row in body if row[place]) for place in range(len(first))
    ):
        return True
    longest = max(len(value) for value in first)
    seen = any(value in {row[place] for row in body} for place, value in enumerate(first))
    return longest < 40 and not seen


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
