"""The read stage: merging, precedence, counting, refusing, and doing nothing by halves."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_files import configured, staged

import etl.merging
from etl.read import fingerprint
from etl.tables import REJECTED, SOURCE_TABLES
from kg.errors import RejectedRowsError, SourceError

ACTS = {
    "type": "delimited",
    "path": "acts.csv",
    "columns": {
        "user": "user",
        "item": "item",
        "rating": "stars",
        "timestamp": {"column": "at", "format": "s"},
        "count": "n",
    },
    "positive": {"min_rating": 4},
}
ITEMS = {
    "type": "delimited",
    "path": "items.csv",
    "columns": {
        "item": "id",
        "item_title": "title",
        "description": "about",
        "properties": {"colour": "colour", "size": "size"},
        "attributes": [{"kind": "Brand", "column": "brand"}],
    },
}


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_repeated_acts_become_one_with_the_latest_rating(tmp_path: Path) -> None:
    write(
        tmp_path,
        "acts.csv",
        "user,item,stars,at,n\na,x,5,300,2\na,x,1,100,3\nb,x,3,,\na,y,4,50,\na,x,2,200,\n",
    )
    report, staging = staged(tmp_path, tmp_path / "run", ACTS)
    names = ("user_id", "item_id", "rating", "positive", "count", "at")
    rows = staging.read("interactions").to_pylist()
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("a", "x", 5.0, True, 6, datetime(1970, 1, 1, 0, 5, tzinfo=UTC)),
        ("b", "x", 3.0, False, 1, None),
        ("a", "y", 4.0, True, 1, datetime(1970, 1, 1, 0, 0, 50, tzinfo=UTC)),
    ]
    assert report.merged.merged["interactions"] == 2
    assert staging.read("users").column("user_id").to_pylist() == ["a", "b"]
    assert staging.read("items").column("item_id").to_pylist() == ["x", "y"]


def test_an_act_told_by_two_sources_counts_once(tmp_path: Path) -> None:
    write(tmp_path, "acts.csv", "user,item\na,x\nb,x\n")
    write(tmp_path, "texts.csv", "user,item,text,at\na,x,fine,2020-01-01\nc,x,new,2020-01-02\n")
    columns = {"user": "user", "item": "item"}
    told = {**columns, "text": "text", "timestamp": "at"}
    _, staging = staged(
        tmp_path,
        tmp_path / "run",
        {"type": "delimited", "path": "acts.csv", "columns": columns},
        {"type": "delimited", "path": "texts.csv", "columns": told, "counted": False},
    )
    rows = staging.read("interactions").to_pylist()
    assert [(row["user_id"], row["count"], row["at"]) for row in rows] == [
        ("a", 1, datetime(2020, 1, 1, tzinfo=UTC)),
        ("b", 1, None),
        ("c", 1, datetime(2020, 1, 2, tzinfo=UTC)),
    ]


def test_a_pair_in_two_parts_is_held_out(tmp_path: Path) -> None:
    for part in ("test", "train"):
        write(tmp_path, f"{part}.csv", "user,item\na,x\n")
    columns = {"user": "user", "item": "item"}
    _, staging = staged(
        tmp_path,
        tmp_path / "run",
        *(
            {"type": "delimited", "path": f"{part}.csv", "columns": columns, "part": part}
            for part in ("test", "train")
        ),
    )
    assert staging.read("interactions").column("split").to_pylist() == ["test"]


def test_the_first_source_counts_and_later_ones_fill_gaps(tmp_path: Path) -> None:
    write(
        tmp_path,
        "items.csv",
        "id,title,about,colour,size,brand\nx,Lamp,,red,,Hosa\ny,,,,,\nx,Other,Bright.,blue,L,Hosa\n",
    )
    write(tmp_path, "more.csv", "id,title,about,colour,size,brand\ny,Desk,Oak.,brown,,Ikea\n")
    report, staging = staged(tmp_path, tmp_path / "run", ITEMS, {**ITEMS, "path": "more.csv"})
    names = ("item_id", "title", "description", "properties", "source")
    rows = staging.read("items").to_pylist()
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("x", "Lamp", "Bright.", [("colour", "red"), ("size", "L")], "items.csv"),
        ("y", "Desk", "Oak.", [("colour", "brown")], "items.csv"),
    ]
    assert report.rows["attributes"] == 2
    assert report.merged.merged["attributes"] == 1


def test_items_that_nobody_touched_may_be_left_out(tmp_path: Path) -> None:
    write(tmp_path, "acts.csv", "user,item,stars,at,n\na,x,5,,\n")
    write(tmp_path, "items.csv", "id,title,about,colour,size,brand\nx,L,,,,P\ny,D,,,,Q\n")
    report, staging = staged(tmp_path, tmp_path / "run", ACTS, ITEMS, only_interacted_items=True)
    assert staging.read("items").column("item_id").to_pylist() == ["x"]
    assert staging.read("attributes").column("value").to_pylist() == ["P"]
    assert report.merged.left_out == {"items": 1, "attributes": 1}


def test_items_that_no_link_names_may_be_left_out_with_what_people_did_with_them(
    tmp_path: Path,
) -> None:
    write(tmp_path, "acts.csv", "user,item,stars,at,n\nann,x,5,,\nann,y,4,,\nbob,y,3,,\n")
    write(tmp_path, "reviews.csv", "user,item,text\nann,x,Bright.\nann,y,Dull.\n")
    write(tmp_path, "kg.tsv", "lamp\tis\tlight\n")
    write(tmp_path, "links.tsv", "x\tlamp\n")
    report, staging = staged(
        tmp_path,
        tmp_path / "run",
        ACTS,
        {
            "type": "delimited",
            "path": "reviews.csv",
            "columns": {"user": "user", "item": "item", "text": "text"},
        },
        {"type": "triples", "path": "kg.tsv", "links": "links.tsv"},
        only_linked_items=True,
    )
    acts = staging.read("interactions").select(["user_id", "item_id"]).to_pylist()
    assert [tuple(row.values()) for row in acts] == [("ann", "x"), ("ann", "x")]
    assert staging.read("reviews").column("text").to_pylist() == ["Bright."]
    assert staging.read("users").column("user_id").to_pylist() == ["ann"]
    assert staging.read("items").column("item_id").to_pylist() == ["x"]
    assert report.merged.left_out == {"items": 1, "interactions": 3, "reviews": 1}


def test_friends_become_users_and_unknown_items_do_not_become_items(tmp_path: Path) -> None:
    write(tmp_path, "friends.csv", "user,friend,likes\na,b,x y\n")
    write(tmp_path, "acts.csv", "user,item,stars,at,n\na,x,5,,\n")
    user, item = {"kind": "User", "column": "user"}, {"kind": "Item", "column": "likes"}
    friend = {"kind": "User", "column": "friend"}
    relations = [
        {"type": "FOLLOWS", "start": user, "end": friend},
        {"type": "LIKES", "start": user, "end": item, "separator": " "},
    ]
    report, staging = staged(
        tmp_path,
        tmp_path / "run",
        ACTS,
        {
            "type": "delimited",
            "path": "friends.csv",
            "columns": {"user": "user", "relations": relations},
        },
    )
    assert staging.read("users").column("user_id").to_pylist() == ["a", "b"]
    assert staging.read("items").column("item_id").to_pylist() == ["x"]
    assert report.merged.left_out == {"relations": 1}


def test_too_many_bad_rows_stop_everything_and_are_shown(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write(tmp_path, "acts.csv", "user,item,stars,at,n\na,x,5,1,\n")
    staged(tmp_path, run, ACTS)
    before = (run / "staging" / "interactions.parquet").read_bytes()
    write(tmp_path, "acts.csv", "user,item,stars,at,n\na,x,5,1,\n,x,5,1,\nb,x,five,1,\n")
    with pytest.raises(RejectedRowsError) as caught:
        staged(tmp_path, run, ACTS)
    assert "2 of 3 rows (66.67%)" in caught.value.message
    assert "line 3: no value in column 'user': ',x,5,1,'" in caught.value.message
    assert "bad number" in caught.value.message
    assert "max_rejected_share" in caught.value.remedy
    assert (run / "staging" / "interactions.parquet").read_bytes() == before
    rejected = pq.read_table(run / "rejected.parquet")
    assert rejected.schema.equals(REJECTED)
    assert rejected.column("line").to_pylist() == [3, 4]
    report, _ = staged(tmp_path, run, ACTS, max_rejected_share=0.7)
    assert report.rejected == Counter({"missing key": 1, "bad number": 1})
    assert report.files[0].accepted == 1


def test_a_missing_file_leaves_everything_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, "acts.csv", "user,item,stars,at,n\na,x,5,1,\n")
    with pytest.raises(SourceError):
        staged(tmp_path, tmp_path / "run", ACTS, ITEMS)
    assert not (tmp_path / "run").exists()


def test_every_table_is_written_in_its_schema(tmp_path: Path) -> None:
    write(tmp_path, "acts.csv", "user,item,stars,at,n\n")
    report, staging = staged(tmp_path, tmp_path / "run", ACTS)
    for name, schema in SOURCE_TABLES.items():
        assert pq.read_schema(staging.path(name)).equals(schema)
        assert report.rows[name] == staging.count(name) == 0
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "kept",
        "rejected.parquet",
        "staging",
    ]


def test_the_fingerprint_follows_content_and_settings(tmp_path: Path) -> None:
    write(tmp_path, "acts.csv", "user,item,stars,at,n\na,x,5,1,\n")
    first = fingerprint(configured(ACTS), tmp_path)
    assert fingerprint(configured({**ACTS, "hint": "elsewhere"}), tmp_path) == first
    assert fingerprint(configured({**ACTS, "positive": {"min_rating": 5}}), tmp_path) != first
    write(tmp_path, "acts.csv", "user,item,stars,at,n\na,x,4,1,\n")
    assert fingerprint(configured(ACTS), tmp_path) != first


def test_progress_ends_with_all_bytes(tmp_path: Path) -> None:
    from etl.read import read_sources

    write(tmp_path, "acts.csv", "user,item,stars,at,n\na,x,5,1,\n")
    write(tmp_path, "items.csv", "id,title,about,colour,size,brand\nx,L,,,,P\n")
    seen: list[tuple[int, int | None, str]] = []

    def progress(done: int, total: int | None = None, unit: str = "rows") -> None:
        seen.append((done, total, unit))

    read_sources(configured(ACTS, ITEMS), base=tmp_path, run=tmp_path / "run", progress=progress)
    total = sum((tmp_path / name).stat().st_size for name in ("acts.csv", "items.csv"))
    assert seen[-1] == (total, total, "bytes")
    assert [done for done, _, _ in seen] == sorted(done for done, _, _ in seen)


KEY = st.sampled_from(["a", "b", "c", ""])
ACT = st.tuples(KEY, KEY, st.sampled_from(["1", "5", "x", ""]), st.sampled_from(["1", "2", ""]))


@given(acts=st.lists(ACT, max_size=40), bucket=st.sampled_from([3, 1_000]))
def test_no_row_is_lost_and_buckets_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, ...]], bucket: int
) -> None:
    folder = tmp_path_factory.mktemp("acts")
    text = "user,item,stars,at,n\n" + "".join(",".join(act) + ",\n" for act in acts)
    write(folder, "acts.csv", text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(etl.merging, "BUCKET", bucket)
        report, staging = staged(folder, folder / "run", ACTS, max_rejected_share=1)
    rows: list[dict[str, Any]] = staging.read("interactions").to_pylist()
    (file,) = report.files
    assert file.rows == len(acts) == file.accepted + file.rejected.total()
    assert file.accepted == len(rows) + report.merged.merged["interactions"]
    good = Counter(a for a in dict.fromkeys(acts) if a[0] and a[1] and a[2] != "x")
    expected = Counter((user, item) for user, item, _, _ in good)
    assert {(row["user_id"], row["item_id"]): row["count"] for row in rows} == expected
