"""What the columns of a table mean: reviews, acts, times, items, users."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from source_files import ACT, configured, delimited


def test_a_shop_review_becomes_a_review_and_its_interaction(tmp_path: Path) -> None:
    got = delimited(
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
    one = delimited(tmp_path, "user,item,text\na,x,good\n", columns=columns).tables["reviews"][0]
    two = delimited(tmp_path, "item,text,user\nx, good ,a\n", columns=columns).tables["reviews"][0]
    other = delimited(tmp_path, "user,item,text\nb,x,good\n", columns=columns).tables["reviews"][0]
    assert one["review_id"] == two["review_id"] != other["review_id"]
    assert one["content_hash"] == other["content_hash"]


def test_critics_say_fresh_or_rotten(tmp_path: Path) -> None:
    got = delimited(
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


def test_a_log_of_clicks_names_behaviour_count_and_dwell(tmp_path: Path) -> None:
    got = delimited(
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
    got = delimited(tmp_path, "user,item,t\na,x,1700000000000\n", columns=columns)
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
    got = delimited(tmp_path, f"user,item,t\na,x,{written}\n", columns=columns)
    assert got.column("interactions", "at") == [meant]


def test_a_split_comes_from_a_column_or_from_the_file(tmp_path: Path) -> None:
    columns = {**ACT, "split": {"column": "set", "values": {"tr": "train", "te": "test"}}}
    got = delimited(tmp_path, "user,item,set\na,x,tr\nb,x,te\nc,x,??\n", columns=columns)
    assert got.column("interactions", "split") == ["train", "test"]
    assert got.reasons == [(4, "unknown value")]
    got = delimited(tmp_path, "user,item\na,x\n", columns=ACT, part="valid")
    assert got.column("interactions", "split") == ["valid"]


def test_item_records_with_lists_prices_and_properties(tmp_path: Path) -> None:
    got = delimited(
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
    got = delimited(
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


def test_texts_of_nobody_get_a_user_each(tmp_path: Path) -> None:
    columns = {"item": "place", "text": "said", "anonymous": True}
    got = delimited(tmp_path, "place,said\npark,green\npark,quiet\npark,\n", columns=columns)
    users = got.column("reviews", "user_id")
    assert len(set(users)) == 2
    assert all(user.startswith("anonymous ") for user in users)
    assert got.reasons == [(4, "missing key")]


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
