"""Bytes to lines: packing, encodings, line numbers, bounds."""

from __future__ import annotations

import bz2
import gzip
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from source_files import configured, told

from etl.sources import ReadSettings
from kg.errors import SourceError

RATINGS = "user,item,stars\nanna,lamp,5\nbob,chair,2\n"
COLUMNS = {"user": "user", "item": "item", "rating": "stars"}
SEEN = [("anna", "lamp", 5.0), ("bob", "chair", 2.0)]


def pack(folder: Path, packing: str, text: bytes) -> str:
    name = f"ratings.csv.{packing}" if packing else "ratings.csv"
    match packing:
        case "":
            (folder / name).write_bytes(text)
        case "gz":
            (folder / name).write_bytes(gzip.compress(text))
        case "bz2":
            (folder / name).write_bytes(bz2.compress(text))
        case "zip":
            with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("inside/ratings.csv", text)
    return name


@pytest.mark.parametrize("packing", ["", "gz", "bz2", "zip"])
def test_a_file_reads_the_same_however_it_is_packed(tmp_path: Path, packing: str) -> None:
    path = pack(tmp_path, packing, RATINGS.encode())
    got = told(tmp_path, type="delimited", path=path, columns=COLUMNS)
    assert got.column("interactions", "user_id", "item_id", "rating") == SEEN


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "gb18030"],
)
def test_names_survive_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = "user,item\nJosé,Café ü\nbob,chair\n"
    (tmp_path / "acts.csv").write_bytes(text.encode(encoding))
    columns = {"user": "user", "item": "item"}
    got = told(tmp_path, type="delimited", path="acts.csv", encoding=encoding, columns=columns)
    assert got.column("interactions", "user_id", "item_id") == [
        ("José", "Café ü"),
        ("bob", "chair"),
    ]


def test_chinese_in_gb18030(tmp_path: Path) -> None:
    (tmp_path / "acts.csv").write_bytes("user,item\n小明,故宫\n".encode("gb18030"))
    columns = {"user": "user", "item": "item"}
    got = told(tmp_path, type="delimited", path="acts.csv", encoding="gb18030", columns=columns)
    assert got.column("interactions", "user_id", "item_id") == [("小明", "故宫")]


def test_only_the_line_with_the_broken_byte_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "acts.csv").write_bytes(b"user,item\nanna,lamp\nb\xffb,chair\ncarl,desk\n")
    got = told(
        tmp_path, type="delimited", path="acts.csv", columns={"user": "user", "item": "item"}
    )
    assert got.column("interactions", "user_id") == ["anna", "carl"]
    assert got.reasons == [(3, "broken encoding")]
    assert "0xff" in got.rejected[0]["detail"]
    assert got.rejected[0]["raw"] == "b\\xffb,chair"


def test_a_broken_utf_16_line_is_set_aside_alone(tmp_path: Path) -> None:
    lone = b"\x00\xd8"  # a high surrogate without its low one
    data = "user,item\nanna,".encode("utf-16-le") + lone + "\nbob,chair\n".encode("utf-16-le")
    (tmp_path / "acts.csv").write_bytes(data)
    columns = {"user": "user", "item": "item"}
    got = told(tmp_path, type="delimited", path="acts.csv", encoding="utf-16-le", columns=columns)
    assert got.reasons == [(2, "broken encoding")]
    assert got.column("interactions", "user_id") == ["bob"]


def test_windows_line_ends_and_a_missing_last_one(tmp_path: Path) -> None:
    (tmp_path / "acts.csv").write_bytes(b"user,item\r\nanna,lamp\r\n\r\nbob,chair")
    got = told(
        tmp_path, type="delimited", path="acts.csv", columns={"user": "user", "item": "item"}
    )
    assert got.column("interactions", "user_id", "item_id") == [("anna", "lamp"), ("bob", "chair")]


def test_an_endless_line_is_set_aside_without_being_held(tmp_path: Path) -> None:
    (tmp_path / "acts.csv").write_text(
        "user,item\nanna," + "x" * 50_000 + "\nbob,chair\n", encoding="utf-8"
    )
    limits = ReadSettings(max_line=2_048, block=1_024)
    got = told(
        tmp_path,
        limits,
        type="delimited",
        path="acts.csv",
        columns={"user": "user", "item": "item"},
    )
    assert got.reasons == [(2, "text too long")]
    assert got.column("interactions", "user_id") == ["bob"]


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path, "zip", b"0" * 1_000_000)
    limits = ReadSettings(max_file=100_000, block=10_000)
    with pytest.raises(SourceError, match=r"unpacks to more than 100,000 bytes"):
        told(tmp_path, limits, type="delimited", path=path, columns=COLUMNS)


@pytest.mark.parametrize("packing", ["gz", "bz2", "zip"])
def test_a_damaged_archive_is_named(tmp_path: Path, packing: str) -> None:
    path = pack(tmp_path, packing, RATINGS.encode() * 500)
    whole = (tmp_path / path).read_bytes()
    (tmp_path / path).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match=r"damaged|not a sound zip"):
        told(tmp_path, type="delimited", path=path, columns=COLUMNS)


def test_an_archive_of_several_files_asks_which(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("ml/ratings.csv", RATINGS)
        archive.writestr("ml/README.txt", "hello")
    with pytest.raises(SourceError, match=r"ml/ratings\.csv"):
        told(tmp_path, type="delimited", path="set.zip", columns=COLUMNS)
    got = told(tmp_path, type="delimited", path="set.zip", member="ratings.csv", columns=COLUMNS)
    assert got.column("interactions", "user_id", "item_id", "rating") == SEEN


def test_a_missing_file_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Get it from example\.org") as caught:
        told(
            tmp_path,
            type="delimited",
            path="gone.csv",
            hint="Get it from example.org.",
            columns=COLUMNS,
        )
    assert "gone.csv" in caught.value.message


def test_an_unknown_encoding_is_refused_in_the_config() -> None:
    with pytest.raises(ValidationError, match="utf-9"):
        configured({"type": "delimited", "path": "x", "encoding": "utf-9", "columns": COLUMNS})


@given(
    rows=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters='\n\r,"\0'), min_size=1)
        .map(str.strip)
        .filter(bool),
        max_size=30,
    ),
    block=st.integers(1_024, 1_100),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-32-be", "gb18030"]),
)
def test_line_numbers_hold_whatever_the_blocks_and_the_encoding(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], block: int, encoding: str
) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    bad = len(rows) + 2
    lines = ["user,item", *(f"u{n} {row},i" for n, row in enumerate(rows)), "too,many,values"]
    (folder / "acts.csv").write_bytes("\n".join(lines).encode(encoding))
    got = told(
        folder,
        ReadSettings(block=block),
        type="delimited",
        path="acts.csv",
        encoding=encoding,
        columns={"user": "user", "item": "item"},
    )
    assert got.column("interactions", "user_id") == [f"u{n} {r}" for n, r in enumerate(rows)]
    assert got.reasons == [(bad, "wrong column count")]
