"""Hostile files through every kind of source: each row is taken as it is, or set aside with why.

What fuzzing found is kept here, too.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hostile import KEYS, TEXTS
from pydantic import ValidationError
from source_files import ACT, configured, delimited, told

from etl.guess import guess, render
from etl.sources import ReadSettings, read_source
from etl.sources.markup import plain_text
from kg.errors import KgrecError, SourceError

SAID = {**ACT, "text": "text"}


def as_csv(folder: Path, keys: Sequence[str]) -> dict[str, Any]:
    with (folder / "x.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user", "item", "text"])
        rows.writerows((key, key, key) for key in keys)
    return {"type": "delimited", "path": "x.csv", "columns": SAID}


def as_json(folder: Path, keys: Sequence[str]) -> dict[str, Any]:
    lines = [json.dumps({"user": key, "item": key, "text": key}) for key in keys]
    (folder / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return {"type": "delimited", "path": "x.jsonl", "columns": SAID}


def as_parquet(folder: Path, keys: Sequence[str]) -> dict[str, Any]:
    column = pa.array(keys, pa.string())
    pq.write_table(pa.table(dict.fromkeys(SAID, column)), folder / "x.parquet")
    return {"type": "delimited", "path": "x.parquet", "columns": SAID}


def as_amazon(folder: Path, keys: Sequence[str]) -> dict[str, Any]:
    lines = [json.dumps({"user_id": key, "asin": key, "text": key, "rating": 5.0}) for key in keys]
    (folder / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return {"type": "amazon", "path": "x.jsonl"}


def as_recbole(folder: Path, keys: Sequence[str]) -> dict[str, Any]:
    lines = ["user_id:token\titem_id:token", *(f"{key}\t{key}" for key in keys)]
    (folder / "x.inter").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return {"type": "recbole", "path": "x"}


def as_adjacency(folder: Path, keys: Sequence[str]) -> dict[str, Any]:
    lines = [f"{key} {key}" for key in map(unbroken, keys)]
    (folder / "x.txt").write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return {"type": "adjacency", "path": "x.txt"}


def unbroken(key: str) -> str:
    return re.sub(r"\s", "", key)


WRITERS = [as_csv, as_json, as_parquet, as_amazon, as_recbole, as_adjacency]


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__[3:])
def test_hostile_keys_are_read_as_they_are(
    tmp_path: Path, write: Callable[[Path, Sequence[str]], dict[str, Any]]
) -> None:
    got = told(tmp_path, **write(tmp_path, KEYS))
    assert got.rejected == []
    wanted = [(unbroken(key) if write is as_adjacency else key) for key in KEYS]
    assert got.column("interactions", "user_id", "item_id") == [(key, key) for key in wanted]


@pytest.mark.parametrize("write", [as_csv, as_json, as_parquet], ids=["csv", "json", "parquet"])
def test_hostile_texts_are_read_as_they_are(
    tmp_path: Path, write: Callable[[Path, Sequence[str]], dict[str, Any]]
) -> None:
    assert told(tmp_path, **write(tmp_path, KEYS)).column("reviews", "text") == KEYS


def test_hostile_knowledge_is_read_as_it_is(tmp_path: Path) -> None:
    lines = "".join(f"{key}\tsays\t{key}\n" for key in KEYS)
    for name in ("x.tsv", "links.tsv", "names.tsv"):
        text = lines if name == "x.tsv" else lines.replace("\tsays\t", "\t")
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    got = told(tmp_path, type="triples", path="x.tsv", links="links.tsv", entity_names="names.tsv")
    assert got.rejected == []
    assert got.column("triples", "head", "tail") == [(key, key) for key in KEYS]
    assert got.column("names", "name") == KEYS
    assert got.column("links", "item_id") == KEYS


@pytest.mark.parametrize("name", [name for name in TEXTS.values() if "\0" not in name])
def test_hostile_names_of_columns_are_names(tmp_path: Path, name: str) -> None:
    header = io.StringIO()
    csv.writer(header).writerow(["user", name])
    settings = {"columns": {"user": "user", "item": name}}
    if name.startswith("="):
        with pytest.raises(ValidationError, match="cannot name a column"):
            delimited(tmp_path, header.getvalue(), **settings)
    else:
        got = delimited(tmp_path, header.getvalue() + "ann,lamp\n", **settings)
        assert got.column("interactions", "item_id") == ["lamp"]


@pytest.mark.parametrize("name", ["\0line", "\0raw", "\0hash", "=user", "=rating"])
def test_columns_of_the_readers_own_cannot_be_named(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot name a column"):
        configured({"type": "delimited", "path": "x", "columns": {"user": name, "item": "i"}})


@pytest.mark.parametrize("name", ["itemId", "runId", "embedding", "userCount", "source", "price"])
def test_no_source_sets_what_the_program_sets(tmp_path: Path, name: str) -> None:
    columns = {"item": "i", "properties": {name: "x"}}
    with pytest.raises(ValidationError, match="kgrec itself sets"):
        configured({"type": "delimited", "path": "x", "columns": columns})
    (tmp_path / "x.item").write_text(f"item_id:token\t{name}:token\nlamp\tother\n")
    with pytest.raises(SourceError, match="kgrec itself sets"):
        told(tmp_path, type="recbole", path="x")


@pytest.mark.parametrize("name", ["", "a\0b"])
@pytest.mark.parametrize("field", ["properties", "traits"])
def test_what_no_graph_takes_for_a_name_of_a_property_is_refused(field: str, name: str) -> None:
    columns = {"user": "u", "item": "i", field: {name: "x"}}
    with pytest.raises(ValidationError, match="cannot name a property"):
        configured({"type": "delimited", "path": "x", "columns": columns})


@pytest.mark.parametrize("name", ["\0line", "=user"])
def test_a_header_of_recbole_cannot_name_columns_of_the_readers_own(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "x.item").write_text(f"item_id:token\t{name}:token\nlamp\tother\n")
    with pytest.raises(SourceError, match="wanted distinct names"):
        told(tmp_path, type="recbole", path="x")


DEEP = '{"user": "u", "item": ' + "[" * 5_000 + "]" * 5_000 + "}"
LITERAL = "{'reviewerID': 'u', 'asin': 'i', 'overall': %s}"
ROWS = {
    "a list in a list in a list": ("x.jsonl", DEEP, "broken JSON"),
    "deep, but not too deep to parse": (
        "x.jsonl",
        '{"user": "u", "item": ' + '{"a":' * 400 + "1" + "}" * 400 + "}",
        "broken JSON",
    ),
    "half a surrogate pair": ("x.jsonl", r'{"user": "\ud800", "item": "i"}', "broken encoding"),
    "a number of 5,000 digits": (
        "x.jsonl",
        '{"user": "u", "item": ' + "1" * 5_000 + "}",
        "broken JSON",
    ),
    "no number": ("x.jsonl", '{"user": "u", "item": "i", "n": NaN}', "bad number"),
    "a count beyond all counts": (
        "x.jsonl",
        '{"user": "u", "item": "i", "n": 1e300}',
        "bad number",
    ),
    "an endless count": ("x.jsonl", '{"user": "u", "item": "i", "n": 1e999}', "bad number"),
    "a count in a text": ("x.csv", "user,item,n\nu,i,9e18", "bad number"),
    "bytes in Python's words": ("a.jsonl", LITERAL % "b'5'", "broken JSON"),
    "a set in Python's words": ("a.jsonl", LITERAL % "{1, 2}", "broken JSON"),
    "a complex number": ("a.jsonl", LITERAL % "1+2j", "broken JSON"),
    "half a pair in Python's words": ("a.jsonl", LITERAL % r"'\U0000d800'", "broken JSON"),
    "a call": ("a.jsonl", LITERAL % "__import__('os').system('id')", "broken JSON"),
    "a sum without end": ("a.jsonl", LITERAL % ("1" + "+1j" * 50_000), "broken JSON"),
    "minus without end": ("a.jsonl", LITERAL % ("-" * 100_000 + "1"), "broken JSON"),
    "a key that is too long": ("x.csv", f"user,item,n\n{'u' * 1_001},i,1", "text too long"),
    "a field that is too long": ("x.csv", f'user,item,n\n"{"u" * 140_000}",i,1', "text too long"),
    "bytes that are no text": ("x.csv", b"user,item,n\n\xff\xfe,i,1", "broken encoding"),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_that_is_made_to_break_readers_is_set_aside(tmp_path: Path, row: str) -> None:
    name, text, reason = ROWS[row]
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    columns = {**ACT, "count": "n"}
    settings = {"type": "delimited", "columns": columns} if name[0] == "x" else {"type": "amazon"}
    got = told(tmp_path, path=name, **settings)
    assert [why for _, why in got.reasons] == [reason]
    assert got.rows == 1


RDF = {
    "a code point beyond all": r"<a:> <b:> <c:\UFFFFFFFF> .",
    "half a surrogate pair": r'<a:> <b:> "\ud800" .',
    "an endless name": "<a:> <b:> <" + "c" * 100_000,
    "a list": "<a:> <b:> (((((",
}


@pytest.mark.parametrize("line", RDF)
def test_a_triple_that_is_made_to_break_readers_is_set_aside(tmp_path: Path, line: str) -> None:
    (tmp_path / "x.nt").write_text(RDF[line] + "\n<a:> <b:> <c:> .\n")
    got = told(tmp_path, type="triples", path="x.nt", literals=True)
    assert got.reasons == [(1, "broken RDF")]
    assert got.column("triples", "tail") == ["c:"]


@pytest.mark.parametrize(
    "text",
    [
        "<a:> <b:> " + "[" * 5_000 + "]" * 5_000 + " .",
        "<a:> <b:> " + "(" * 5_000 + ")" * 5_000 + " .",
        r'<a:> <b:> "\ud800" .',
        r"<a:> <b:> <c:\UFFFFFFFF> .",
        "@prefix : <" + "x" * 10_000,
        "<http: <x> [] .",
        "<a:> <b:> [ <c d> 1 ] .",
    ],
)
def test_turtle_that_is_made_to_break_readers_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.ttl").write_text(text)
    with pytest.raises(SourceError, match=r"x\.ttl"):
        told(tmp_path, type="triples", path="x.ttl", literals=True)


def test_turtle_is_bounded_by_what_it_unpacks_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.sources.triples._MAX_TURTLE", 10_000)
    (tmp_path / "x.ttl.gz").write_bytes(gzip.compress(b"<a:> <b:> <c:> .\n" * 10_000))
    with pytest.raises(SourceError, match="more than 10,000 characters, too much for Turtle"):
        told(tmp_path, type="triples", path="x.ttl.gz")


BOMB = b"\n" * 10_000_000
PACKED: dict[str, Callable[[Path], object]] = {
    "gz": lambda place: place.write_bytes(gzip.compress(BOMB)),
    "bz2": lambda place: place.write_bytes(bz2.compress(BOMB)),
    "zip": lambda place: zipped(place, "x.csv"),
}


def zipped(place: Path, name: str, content: bytes = BOMB) -> None:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


@pytest.mark.parametrize("packing", PACKED)
@pytest.mark.parametrize(
    "settings",
    [
        {"type": "delimited", "columns": ACT},
        {"type": "delimited", "columns": ACT, "format": "jsonl"},
        {"type": "amazon"},
        {"type": "triples"},
        {"type": "triples", "format": "ntriples"},
        {"type": "triples", "format": "turtle"},
        {"type": "adjacency"},
    ],
    ids=lambda settings: "-".join(map(str, (settings["type"], settings.get("format", "")))),
)
def test_an_archive_that_swells_is_refused(
    tmp_path: Path, packing: str, settings: dict[str, Any]
) -> None:
    PACKED[packing](tmp_path / f"x.csv.{packing}")
    limits = ReadSettings(max_file=1_000_000, block=100_000)
    with pytest.raises(SourceError, match="unpacks to more than 1,000,000 bytes"):
        told(tmp_path, limits, path=f"x.csv.{packing}", **settings)


@pytest.mark.parametrize(
    ("column", "type_", "value", "reason"),
    [
        ("stars", pa.list_(pa.int64()), [5, 4], "bad number"),
        ("stars", pa.list_(pa.int64()), [5], ""),
        ("stars", pa.date32(), date(2020, 1, 1), "bad number"),
        ("at", pa.list_(pa.float64()), [1.5], "bad date"),
        ("at", pa.time64("us"), time(12), "bad date"),
    ],
)
def test_a_parquet_column_of_an_odd_type_spoils_its_rows_alone(
    tmp_path: Path, column: str, type_: pa.DataType, value: object, reason: str
) -> None:
    row = {"user": pa.array(["u"]), "item": pa.array(["i"]), column: pa.array([value], type_)}
    pq.write_table(pa.table(row), tmp_path / "x.parquet")
    columns = {**ACT, "timestamp" if column == "at" else "rating": column}
    got = told(tmp_path, type="delimited", path="x.parquet", columns=columns)
    assert [why for _, why in got.reasons] == ([reason] if reason else [])


def test_a_parquet_file_of_lists_in_lists_or_of_broken_names_is_refused(tmp_path: Path) -> None:
    nested = pa.array([[["a"]]], pa.list_(pa.list_(pa.string())))
    table = pa.table({"user": pa.array(["u"]), "item": pa.array(["i"]), "text": nested})
    pq.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(SourceError, match="holds list"):
        told(tmp_path, type="delimited", path="x.parquet", columns=SAID)
    pq.write_table(pa.table({"user": ["u"], "item": ["i"], "name": ["n"]}), tmp_path / "x.parquet")
    broken = (tmp_path / "x.parquet").read_bytes().replace(b"name", b"n\xf0me")
    (tmp_path / "x.parquet").write_bytes(broken)
    with pytest.raises(SourceError, match="not a sound Parquet file"):
        told(tmp_path, type="delimited", path="x.parquet", columns=ACT)


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_a_text_that_a_parquet_file_holds_once_is_not_held_for_every_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_: pa.DataType
) -> None:
    monkeypatch.setattr("etl.sources.parquet_rows._BYTES", 1_000_000)
    long = pa.array(["x" * 100_000])
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), long)
    users = pa.array([f"u{n}" for n in range(2_000)])
    table = pa.table({"user": users, "item": users, "text": text.cast(pa.string()).cast(type_)})
    pq.write_table(table, tmp_path / "x.parquet")
    assert (tmp_path / "x.parquet").stat().st_size < 1_000_000
    (source,) = configured({"type": "delimited", "path": "x.parquet", "columns": SAID})
    batches = list(read_source(source, tmp_path, ReadSettings()))
    assert max(batch.rows for batch in batches) <= 11
    told_by = [key for batch in batches for key in batch.tables["reviews"]["user_id"].to_pylist()]
    assert told_by == users.to_pylist()


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a\u202eb.csv"]
)
def test_a_member_of_an_archive_is_read_and_never_put_anywhere(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "in" / "side"
    inside.mkdir(parents=True)
    zipped(inside / "x.zip", name, b"user,item\nann,lamp\n")
    got = told(inside, type="delimited", path="x.zip", columns=ACT)
    assert got.column("interactions", "user_id") == ["ann"]
    assert [place.name for place in tmp_path.rglob("*") if place.is_file()] == ["x.zip"]


@pytest.mark.parametrize("name", [n for n in TEXTS if not set("\0/") & set(TEXTS[n])])
def test_hostile_names_of_files_are_names(tmp_path: Path, name: str) -> None:
    file = TEXTS[name][:80] + ".csv"
    got = delimited(tmp_path, "user,item\nann,lamp\n", file, columns=ACT)
    assert got.column("interactions", "user_id", "source") == [("ann", f"{file}")]


@pytest.mark.parametrize("path", ["a\0b.csv", "n" * 5_000, "", ".", "../" * 50])
def test_what_is_no_file_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises((KgrecError, OSError)):
        told(tmp_path, type="delimited", path=path, columns=ACT)


@pytest.mark.parametrize(
    "encoding",
    ["rot13", "idna", "undefined", "utf-8\0", "base64", "../utf-8", "zlib", "x" * 10_000],
)
def test_what_is_no_encoding_of_text_is_refused(encoding: str) -> None:
    with pytest.raises(ValidationError, match="is no text encoding"):
        configured({"type": "delimited", "path": "x", "encoding": encoding, "columns": ACT})


def test_an_endless_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be taken apart"):
        delimited(tmp_path, 'user,item,"' + "n" * 200_000 + '"\nann,lamp,1\n', columns=ACT)


def test_html_cannot_hold_up_or_break_a_reader() -> None:
    assert plain_text("a" + " " * 200_000 + "b<br> <br>c") == "a" + " " * 200_000 + "b\n\nc"
    assert plain_text("&#" + "1" * 5_000 + ";") == "\ufffd"
    assert plain_text("&#" + "0" * 5_000 + "65") == "\ufffd"
    assert plain_text("&#1114112; &#x110000; &#0000065;") == "\ufffd \ufffd A"
    assert plain_text("<b" * 50_000) == "<b" * 50_000


def test_a_guessed_config_holds_hostile_names_as_values(tmp_path: Path) -> None:
    file = "x\nsources: []\n# \u202e.csv"
    header = io.StringIO()
    csv.writer(header).writerow(["user_id", "item_id", "rating", "x\nname: evil", "{a: b}"])
    rows = "".join(f"u{n},i{n % 7},{n % 5 + 1},=1+1,!!python/name:os\n" for n in range(50))
    (tmp_path / file).write_text(header.getvalue() + rows, encoding="utf-8", newline="")
    place = tmp_path / "made.yaml"
    place.write_text(render(guess([tmp_path / file], name="shop")), encoding="utf-8")
    from recommender.config import read_config

    config = read_config(place, (), {})
    assert config.name == "shop"
    assert [Path(source.path).name for source in config.sources] == [file]
