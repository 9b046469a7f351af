"""Rows of separated values are taken whole, or set aside with line and reason; none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_files import ACT, delimited, told

from etl.sources import ReadSettings


def test_every_kind_of_bad_row_is_named_with_its_line(tmp_path: Path) -> None:
    lines = [
        "user,item,stars,when,text",
        "ok,x,3,2020-01-01,fine",
        ",x,3,2020-01-01,no user",
        "a, ,3,2020-01-01,no item",
        "b,x,three,2020-01-01,t",
        "c,x,nan,2020-01-01,t",
        "d,x,9,2020-01-01,t",
        "e,x,3,yesterday,t",
        "f,x,3,2020-01-01",
        "g,x,3,2020-01-01,t,more",
        f"h,x,3,2020-01-01,{'long' * 50}",
        "ok,x,3,2020-01-01,fine",
        'i,x,3,2020-01-01,"half"quoted',
        "last,x,3,2020-01-01,fine",
    ]
    got = delimited(
        tmp_path,
        "\n".join(lines),
        columns={
            **ACT,
            "rating": {"column": "stars", "min": 1, "max": 5},
            "timestamp": "when",
            "text": "text",
        },
        limits=ReadSettings(max_text=100),
    )
    assert got.column("interactions", "user_id") == ["ok", "last"]
    assert got.reasons == [
        (3, "missing key"),
        (4, "missing key"),
        (5, "bad number"),
        (6, "bad number"),
        (7, "rating out of range"),
        (8, "bad date"),
        (9, "wrong column count"),
        (10, "wrong column count"),
        (11, "text too long"),
        (12, "exact duplicate"),
        (13, "broken quotes"),
    ]
    assert {row["line"]: row["raw"] for row in got.rejected}[5] == lines[4]
    assert got.rows == 13


def test_rows_without_quotes_are_checked_the_same_way(tmp_path: Path) -> None:
    got = delimited(tmp_path, "user,item\na,x\nb\nc,x,y\na,x\n,z\n", columns=ACT)
    assert got.column("interactions", "user_id") == ["a"]
    assert got.reasons == [
        (3, "wrong column count"),
        (4, "wrong column count"),
        (5, "exact duplicate"),
        (6, "missing key"),
    ]


def test_a_quote_that_never_closes_costs_one_line(tmp_path: Path) -> None:
    got = delimited(tmp_path, 'user,item\na,x\nb,"y\nc,z\nd,w\n', columns=ACT)
    assert got.column("interactions", "user_id") == ["a", "c", "d"]
    assert got.reasons == [(3, "broken quotes")]


def test_quotes_are_ordinary_characters_where_the_config_says_so(tmp_path: Path) -> None:
    got = delimited(tmp_path, 'user\titem\na\t"x\n', name="a.tsv", quote=None, columns=ACT)
    assert got.column("interactions", "item_id") == ['"x']


def test_a_record_may_span_blocks(tmp_path: Path) -> None:
    text = "\n".join(f"line {n}" for n in range(300))
    rows = "".join(f'u{n},x,"{text}"\n' for n in range(5))
    got = delimited(
        tmp_path,
        "user,item,text\n" + rows + "broken\n",
        columns={**ACT, "text": "text"},
        limits=ReadSettings(block=1_024),
    )
    assert got.column("reviews", "text") == [text] * 5
    assert got.reasons == [(1502, "wrong column count")]


@given(data=st.binary(max_size=400), block=st.integers(1_024, 1_030))
@pytest.mark.parametrize("name", ["x.csv", "x.jsonl"])
def test_any_bytes_are_taken_or_set_aside_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes, block: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / name).write_bytes(data)
    got = told(
        folder,
        ReadSettings(block=block),
        type="delimited",
        path=name,
        header=["user", "item", "stars", "when", "text"],
        compression="none",
        columns={**ACT, "rating": "stars", "timestamp": "when", "text": "text"},
    )
    assert got.rows == got.accepted + len(got.rejected)
    assert len(got.tables.get("interactions", [])) == got.accepted


FIELD = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1c\x1d\x1e\x1f"), max_size=12)


@given(rows=st.lists(st.tuples(FIELD, FIELD, FIELD), max_size=20))
def test_what_is_quoted_as_it_should_be_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("quoted")
    written = [
        f"u{n},i," + '"' + "|".join(row).replace('"', '""') + '"' for n, row in enumerate(rows)
    ]
    (folder / "x.csv").write_text(
        "user,item,text\n" + "".join(line + "\n" for line in written), encoding="utf-8", newline=""
    )
    got = told(folder, type="delimited", path="x.csv", columns={**ACT, "text": "text"})
    assert got.rejected == []
    texts = {f"u{n}": "|".join(row).replace("\r\n", "\n").strip() for n, row in enumerate(rows)}
    assert len(got.tables["interactions"] if rows else []) == len(rows)
    for user, text in got.column("reviews", "user_id", "text"):
        assert text == texts[user]
