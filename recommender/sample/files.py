"""The sample as files: gzip without a clock, CSV, JSON lines, triples, and a few bad rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

Row = Mapping[str, object]


def write_gz(path: Path, content: bytes) -> None:
    """Write content compressed; equal content gives equal bytes."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(content)


def json_lines(rows: Iterable[Row]) -> list[bytes]:
    """Return one line of JSON a row."""
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def csv_lines(rows: Sequence[Row]) -> list[bytes]:
    """Return a header and one CSV line a row; the first row names the columns."""
    lines = []
    table: list[list[object]] = [list(rows[0]), *(list(row.values()) for row in rows)]
    for values in table:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="").writerow(values)
        lines.append(buffer.getvalue().encode())
    return lines


def mixed_in(random: Random, lines: list[bytes], bad: Sequence[bytes], first: int) -> bytes:
    """Return the lines with the bad ones at random places from `first` on, as a file's content."""
    for line in bad:
        lines.insert(random.randint(first, len(lines)), line)
    return b"\n".join(lines) + b"\n"


def bad_reviews(good: list[bytes]) -> list[bytes]:
    """Return review lines that must be set aside, one of each kind of trouble or a few."""
    row = json.loads(good[0]) | {"text": "Nice colour, have not used it much."}

    def changed(number: int, **values: object) -> bytes:
        return json.dumps(row | {"review_id": f"x{number}"} | values, ensure_ascii=False).encode()

    return [
        changed(1, user=""),
        changed(2, user=None),
        changed(3, item=""),
        changed(4, stars=7),
        changed(5, stars=0),
        changed(6, stars="five"),
        changed(7, time="yesterday"),
        changed(8, time="n/a"),
        changed(9, text="so good " * 13_000),
        changed(10)[:-25],
        b'{"review_id": "x11", "user": "ada-11", "item": ',
        changed(12).replace(b"Nice colour", b"Sch\xf6ne Farbe"),
        changed(13).replace(b"Nice colour", b"Jolie couleur, tr\xe8s sympa"),
        good[17],
        good[404],
        good[2024],
    ]


def bad_behaviour(good: list[bytes]) -> list[bytes]:
    """Return behaviour lines that must be set aside."""
    user, item, *_ = good[1].decode().split(",")
    return [
        f"{user},{item},view".encode(),
        f"{user},{item},view,1,20,1700000000,extra".encode(),
        f"{user},{item},refund,1,,1700000000".encode(),
        f"{user},{item},wishlist,1,,1700000100".encode(),
        f"{user},,view,1,33,1700000000".encode(),
        f",{item},purchase,1,,1700000000".encode(),
        f"{user},{item},view,many,12,1700000000".encode(),
        good[99],
    ]
