"""CSV, TSV, JSON lines and Parquet with a column mapping: known answers, and every reason."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from source_files import Told, configured, told

from etl.sources import ReadSettings
from kg.errors import SourceError

ACT = {"user": "user", "item": "item"}


def read(folder: Path, text: str, name: str = "acts.csv", **settings: Any) -> Told:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    limits = settings.pop("limits", None)
    return told(folder, limits, type="delimited", path=name, **settings)


def test_a_shop_review_becomes_a_review_and_its_interaction(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        'who,what,stars,said,head,when\nanna,lamp,5,"Bright, and\nwarm.",Love it,1700000000\n'
        "bob,lamp,2,,,1700000060\n",
        columns={
            "user": "who",
            "item": "what",
            "rating": {"column": "stars", "min": 1, "max": 5},
            "text": "said",
            "title": "head",
            "timestamp": {"column": "when", "format": "s"},
        },
        positive={"min_rating": 4},
    )
    at = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    names = ("user_id", "item_id", "behaviour", "rating", "positive")
    assert got.column("interactions", *names) == [
        ("anna", "lamp", "RATED", 5.0, True),
        ("bob", "lamp", "RATED", 2.0, False),
    ]
    (review,) = got.tables["reviews"]
    assert (review["text"], review["title"]) == ("Bright, and\nwarm.", "Love it")
    assert (review["user_id"], review["written_at"]) == ("anna", at)
    assert len(review["review_id"]) == 32
    assert got.rejected == []


def test_a_review_keeps_its_made_up_id_and_says_what_changed(tmp_path: Path) -> None:
    columns = {**ACT, "text": "text"}
    one = read(tmp_path, "user,item,text\na,x,good\n", columns=columns).tables["reviews"][0]
    two = read(tmp_path, "item,text,user\nx, good ,a\n", columns=columns).tables["reviews"][0]
    other = read(tmp_path, "user,item,text\nb,x,good\n", columns=columns).tables["reviews"][0]
    assert one["review_id"] == two["review_id"] != other["review_id"]
    assert one["content_hash"] == other["content_hash"]


def test_critics_say_fresh_or_rotten(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "critic\tfilm\tfresh\tdate\nann\t3\tfresh\tNovember 10, 2018\n"
        "bea\t3\tRotten\tJanuary 1, 1800\ncid\t3\tstale\tMay 1, 2018\ndot\t3\t\tMay 32, 2018\n",
        name="critics.tsv",
        columns={
            "user": "critic",
            "item": "film",
            "label": {"column": "fresh", "positive": ["fresh"], "negative": ["rotten"]},
            "timestamp": {
                "column": "date",
                "format": "%B %d, %Y",
                "null_values": ["January 1, 1800"],
            },
        },
    )
    assert got.column("interactions", "user_id", "positive", "at") == [
        ("ann", True, datetime(2018, 11, 10, tzinfo=UTC)),
        ("bea", False, None),
    ]
    assert got.reasons == [(4, "unknown value"), (5, "bad date")]
    assert "known are: fresh, rotten" in got.rejected[0]["detail"]
    assert "May 32, 2018" in got.rejected[1]["detail"]


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
    got = read(
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
    got = read(tmp_path, "user,item\na,x\nb\nc,x,y\na,x\n,z\n", columns=ACT)
    assert got.column("interactions", "user_id") == ["a"]
    assert got.reasons == [
        (3, "wrong column count"),
        (4, "wrong column count"),
        (5, "exact duplicate"),
        (6, "missing key"),
    ]


def test_a_quote_that_never_closes_costs_one_line(tmp_path: Path) -> None:
    got = read(tmp_path, 'user,item\na,x\nb,"y\nc,z\nd,w\n', columns=ACT)
    assert got.column("interactions", "user_id") == ["a", "c", "d"]
    assert got.reasons == [(3, "broken quotes")]


def test_quotes_are_ordinary_characters_where_the_config_says_so(tmp_path: Path) -> None:
    got = read(tmp_path, 'user\titem\na\t"x\n', name="a.tsv", quote=None, columns=ACT)
    assert got.column("interactions", "item_id") == ['"x']


def test_a_record_may_span_blocks(tmp_path: Path) -> None:
    text = "\n".join(f"line {n}" for n in range(300))
    rows = "".join(f'u{n},x,"{text}"\n' for n in range(5))
    got = read(
        tmp_path,
        "user,item,text\n" + rows + "broken\n",
        columns={**ACT, "text": "text"},
        limits=ReadSettings(block=1_024),
    )
    assert got.column("reviews", "text") == [text] * 5
    assert got.reasons == [(1502, "wrong column count")]


def test_a_log_of_clicks_names_behaviour_count_and_dwell(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "user,item,what,n,secs,ts\na,x,view,3,12.5,1700000000123\na,x,BUY,,,1700000000123\n"
        "a,x,wink,1,1,1700000000123\na,x,view,0,1,1700000000124\na,x,,1,1,1700000000125\n",
        columns={
            **ACT,
            "count": "n",
            "dwell_seconds": "secs",
            "timestamp": {"column": "ts", "format": "ms"},
        },
        behaviour={"column": "what", "values": {"view": "VIEWED", "buy": "PURCHASED"}},
    )
    names = ("behaviour", "count", "dwell_seconds")
    assert got.column("interactions", *names) == [
        ("VIEWED", 3, 12.5),
        ("PURCHASED", None, None),
    ]
    assert got.tables["interactions"][0]["at"].microsecond == 123_000
    assert [reason for _, reason in got.reasons] == ["unknown value", "bad number", "missing key"]


def test_seconds_taken_for_milliseconds_are_bad_dates(tmp_path: Path) -> None:
    columns = {**ACT, "timestamp": {"column": "t", "format": "s"}}
    got = read(tmp_path, "user,item,t\na,x,1700000000000\n", columns=columns)
    assert got.reasons == [(2, "bad date")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2020-02-03", datetime(2020, 2, 3, tzinfo=UTC)),
        ("2020-02-03 04:05", datetime(2020, 2, 3, 4, 5, tzinfo=UTC)),
        ("2020-02-03T04:05:06Z", datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2020-02-03 04:05:06.5+02:00", datetime(2020, 2, 3, 2, 5, 6, 500_000, tzinfo=UTC)),
    ],
)
def test_iso_times(tmp_path: Path, written: str, meant: datetime) -> None:
    columns = {**ACT, "timestamp": "t"}
    got = read(tmp_path, f"user,item,t\na,x,{written}\n", columns=columns)
    assert got.column("interactions", "at") == [meant]


def test_a_split_comes_from_a_column_or_from_the_file(tmp_path: Path) -> None:
    columns = {**ACT, "split": {"column": "set", "values": {"tr": "train", "te": "test"}}}
    got = read(tmp_path, "user,item,set\na,x,tr\nb,x,te\nc,x,??\n", columns=columns)
    assert got.column("interactions", "split") == ["train", "test"]
    assert got.reasons == [(4, "unknown value")]
    got = read(tmp_path, "user,item\na,x\n", columns=ACT, part="valid")
    assert got.column("interactions", "split") == ["valid"]


def test_item_records_with_lists_prices_and_properties(tmp_path: Path) -> None:
    got = read(
        tmp_path,
        "id|name|genre|price|year|about\n1|Heat|Crime; Drama ;Crime|$1,234.50|1995|Cops.\n"
        "2|Free one||Free to Play|soon|\n",
        delimiter="|",
        columns={
            "item": "id",
            "item_title": "name",
            "description": "about",
            "price": {"column": "price", "values": {"free to play": 0}},
            "released_at": {"column": "year", "format": "%Y-%m-%d", "unparsable": "null"},
            "properties": {"year": "year"},
            "attributes": [{"kind": "Genre", "column": "genre", "separator": ";"}],
        },
    )
    names = ("item_id", "title", "description", "price", "properties")
    assert got.column("items", *names) == [
        ("1", "Heat", "Cops.", 1234.5, [("year", "1995")]),
        ("2", "Free one", None, 0.0, [("year", "soon")]),
    ]
    assert got.column("attributes", "item_id", "kind", "value") == [
        ("1", "Genre", "Crime"),
        ("1", "Genre", "Drama"),
    ]


def test_users_have_traits_and_friends(tmp_path: Path) -> None:
    user = {"kind": "User", "column": "id"}
    friends = {"kind": "User", "column": "friends"}
    got = read(
        tmp_path,
        "id,age,friends\na,30,b c\nb,,\n",
        columns={
            "user": "id",
            "traits": {"age": "age"},
            "relations": [{"type": "FOLLOWS", "start": user, "end": friends, "separator": " "}],
        },
    )
    assert got.column("users", "user_id", "traits") == [("a", [("age", "30")]), ("b", [])]
    assert got.column("relations", "start_id", "type", "end_id") == [
        ("a", "FOLLOWS", "b"),
        ("a", "FOLLOWS", "c"),
    ]


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
    got = read(
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
    got = read(tmp_path, "user,item\na,x\na,x\n", columns=ACT, keep_duplicates=True)
    assert got.column("interactions", "user_id") == ["a", "a"]


def test_texts_of_nobody_get_a_user_each(tmp_path: Path) -> None:
    columns = {"item": "place", "text": "said", "anonymous": True}
    got = read(tmp_path, "place,said\npark,green\npark,quiet\npark,\n", columns=columns)
    users = got.column("reviews", "user_id")
    assert len(set(users)) == 2
    assert all(user.startswith("anonymous ") for user in users)
    assert got.reasons == [(4, "missing key")]


def test_null_values_hold_in_every_column(tmp_path: Path) -> None:
    columns = {**ACT, "rating": "stars"}
    text = 'user,item,stars\na,x,NA\nNA,x,"3"\n'
    got = read(tmp_path, text, null_values=["NA"], columns=columns)
    assert got.column("interactions", "rating") == [None]
    assert got.reasons == [(3, "missing key")]


def test_a_missing_column_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no column 'stars'") as caught:
        read(tmp_path, "user,item,rating\n", columns={**ACT, "rating": "stars"})
    assert "'rating'" in caught.value.remedy


def test_a_file_without_a_header_takes_names_from_the_config(tmp_path: Path) -> None:
    got = read(tmp_path, "a,x\nb,y\n", header=["user", "item"], columns=ACT)
    assert got.column("interactions", "user_id") == ["a", "b"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"columns": {}}, "user or of the item"),
        ({"columns": {"user": "u", "text": "t"}}, "review needs"),
        ({"columns": ACT, "positive": {"min_rating": 4}}, "goes by rating"),
        ({"columns": ACT, "behaviour": "likes it"}, "behaviour"),
        ({"columns": {"user": "u", "timestamp": {"column": "t", "format": "%Q"}}}, "date pattern"),
        ({"columns": ACT, "colums": 1}, "colums"),
    ],
)
def test_a_config_that_makes_no_sense_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        configured({"type": "delimited", "path": "x.csv", **settings})


@settings(deadline=None)
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


@settings(deadline=None)
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
