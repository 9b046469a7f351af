"""The `delimited` source: CSV, JSON lines and Parquet, headers, empty values, repeated rows."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from source_files import ACT, delimited, told

from kg.errors import SourceError


def test_json_lines_with_lists_numbers_and_broken_rows(tmp_path: Path) -> None:
    rows = [
        json.dumps({"u": 7, "i": "x", "ok": True, "tags": ["red", "blue", "red"]}),
        json.dumps({"u": 8.0, "i": "x", "ok": False, "tags": "green"}),
        '{"u": 1, "i": ',
        "[1, 2]",
        json.dumps({"u": None, "i": "x"}),
        '{"u": "\\ud800", "i": "x"}',
        json.dumps({"u": 9, "i": "y", "extra": {"a": 1}}),
    ]
    got = delimited(
        tmp_path,
        "\n".join(rows),
        name="acts.jsonl",
        columns={
            "user": "u",
            "item": "i",
            "label": {"column": "ok", "positive": ["true"], "negative": ["false"]},
            "attributes": [{"kind": "Colour", "column": "tags"}],
        },
    )
    assert got.column("interactions", "user_id", "positive") == [
        ("7", True),
        ("8", False),
        ("9", None),
    ]
    assert got.column("attributes", "item_id", "value") == [
        ("x", "red"),
        ("x", "blue"),
        ("x", "green"),
    ]
    assert got.reasons == [
        (3, "broken JSON"),
        (4, "broken JSON"),
        (5, "missing key"),
        (6, "broken encoding"),
    ]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    pl.DataFrame(
        {
            "u": ["a", "b", None, "a", "d"],
            "i": [1, 2, 3, 1, 5],
            "score": [4.0, float("nan"), 1.0, 4.0, 11.0],
            "day": [date(2020, 1, n) for n in (1, 2, 3, 1, 5)],
            "tags": [["x", "y"], [], None, ["x", "y"], ["z"]],
        }
    ).write_parquet(tmp_path / "acts.parquet")
    got = told(
        tmp_path,
        type="delimited",
        path="acts.parquet",
        columns={
            "user": "u",
            "item": "i",
            "rating": {"column": "score", "max": 5},
            "timestamp": "day",
            "attributes": [{"kind": "Tag", "column": "tags"}],
        },
    )
    assert got.column("interactions", "user_id", "item_id", "rating", "at") == [
        ("a", "1", 4.0, datetime(2020, 1, 1, tzinfo=UTC)),
        ("b", "2", None, datetime(2020, 1, 2, tzinfo=UTC)),
    ]
    assert got.column("attributes", "value") == ["x", "y"]
    assert got.reasons == [
        (3, "missing key"),
        (4, "exact duplicate"),
        (5, "rating out of range"),
    ]
    assert json.loads(got.rejected[0]["raw"])["i"] == 3


def test_repeated_rows_of_a_log_may_be_kept(tmp_path: Path) -> None:
    got = delimited(tmp_path, "user,item\na,x\na,x\n", columns=ACT, keep_duplicates=True)
    assert got.column("interactions", "user_id") == ["a", "a"]


def test_null_values_hold_in_every_column(tmp_path: Path) -> None:
    columns = {**ACT, "rating": "stars"}
    text = 'user,item,stars\na,x,NA\nNA,x,"3"\n'
    got = delimited(tmp_path, text, null_values=["NA"], columns=columns)
    assert got.column("interactions", "rating") == [None]
    assert got.reasons == [(3, "missing key")]


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no column 'stars'") as caught:
        delimited(tmp_path, "user,item,rating\n", columns={**ACT, "rating": "stars"})
    assert "'rating'" in caught.value.remedy


def test_a_file_without_a_header_takes_names_from_the_config(tmp_path: Path) -> None:
    got = delimited(tmp_path, "a,x\nb,y\n", header=["user", "item"], columns=ACT)
    assert got.column("interactions", "user_id") == ["a", "b"]
