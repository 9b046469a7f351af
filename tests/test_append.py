"""Sources that only add: what their files tell no more stays, unless somebody is forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_files import staged

from etl.staging import Staging
from kg.errors import SourceError

SALES = {
    "type": "delimited",
    "path": "sales.csv",
    "columns": {
        "user": "buyer",
        "item": "tea",
        "rating": "stars",
        "timestamp": {"column": "day", "format": "%Y-%m-%d"},
    },
}
REVIEWS = {
    "type": "delimited",
    "path": "reviews.csv",
    "columns": {"review_id": "id", "user": "buyer", "item": "tea", "text": "words"},
}
TEAS = {
    "type": "delimited",
    "path": "teas.csv",
    "columns": {
        "item": "id",
        "item_title": "title",
        "description": "about",
        "attributes": [{"kind": "Origin", "column": "origin"}],
    },
}
APPEND = {"mode": "append"}


class Shop:
    """Reads the files of a tea shop day by day, each day after the one before."""

    def __init__(self, folder: Path, *sources: dict[str, Any]) -> None:
        self.folder = folder
        self.sources = sources
        self.days = 0
        self.carried: dict[str, int] = {}

    def day(self, **files: str) -> Staging:
        """Write files, by name, and read."""
        for name, text in files.items():
            (self.folder / f"{name}.csv").write_text(text, encoding="utf-8")
        before = self.folder / f"day-{self.days}" if self.days else None
        self.days += 1
        now = self.folder / f"day-{self.days}"
        report, staging = staged(self.folder, now, *self.sources, earlier=before)
        self.carried = dict(report.carried)
        return staging


def acts(staging: Staging) -> list[tuple[object, ...]]:
    rows = staging.read("interactions").to_pylist()
    names = ("user_id", "item_id", "count", "rating")
    return sorted(tuple(row[name] for name in names) for row in rows)


def titles(staging: Staging) -> list[tuple[object, ...]]:
    rows = staging.read("items").to_pylist()
    return sorted((row["item_id"], row["title"], row["description"]) for row in rows)


def test_what_a_file_tells_no_more_stays_where_it_is_to_be_added_to(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {**SALES, **APPEND}, {**TEAS})
    shop.day(
        sales="buyer,tea,stars,day\nann,assam,5,2024-05-01\n",
        teas="id,title,about,origin\nassam,Assam,,India\nsencha,Sencha,,Japan\n",
    )
    later = shop.day(
        sales="buyer,tea,stars,day\nbo,sencha,4,2024-05-02\n",
        teas="id,title,about,origin\nsencha,Sencha,,Japan\n",
    )
    assert acts(later) == [("ann", "assam", 1, 5.0), ("bo", "sencha", 1, 4.0)]
    assert titles(later) == [("assam", None, None), ("sencha", "Sencha", None)], "a snapshot goes"
    assert shop.carried == {"interactions": 1}
    third = shop.day(sales="buyer,tea,stars,day\n")
    assert acts(third) == acts(later)
    assert shop.carried == {"interactions": 2}


def test_a_row_that_comes_again_is_the_same_and_one_of_another_day_is_not(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {**SALES, **APPEND})
    first = "buyer,tea,stars,day\nann,assam,2,2024-05-01\nann,assam,3,2024-05-02\n"
    assert acts(shop.day(sales=first)) == [("ann", "assam", 2, 3.0)]
    assert acts(shop.day(sales=first)) == [("ann", "assam", 2, 3.0)]
    corrected = "buyer,tea,stars,day\nann,assam,5,2024-05-02\nann,assam,4,2024-05-03\n"
    assert acts(shop.day(sales=corrected)) == [("ann", "assam", 3, 4.0)]


def test_a_corrected_record_replaces_the_earlier_one_and_attributes_add_up(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {**TEAS, **APPEND}, {**REVIEWS, **APPEND})
    head = "id,title,about,origin\n"
    shop.day(
        teas=f"{head}assam,Asam,Malty.,India\n",
        reviews="id,buyer,tea,words\nr1,ann,assam,Strong.\n",
    )
    later = shop.day(
        teas=f"{head}assam,Assam,,Assam\n",
        reviews="id,buyer,tea,words\nr1,ann,assam,Very strong.\n",
    )
    assert titles(later) == [("assam", "Assam", None)]
    origins = later.read("attributes").to_pylist()
    assert [row["value"] for row in origins] == ["Assam", "India"]
    assert [row["text"] for row in later.read("reviews").to_pylist()] == ["Very strong."]


def test_the_higher_source_still_counts_where_its_row_is_only_kept(tmp_path: Path) -> None:
    head = "id,title,about,origin\n"
    more = {**TEAS, "path": "more.csv"}
    for mode, title in (("append", "Assam"), ("snapshot", "assam tea")):
        (tmp_path / mode).mkdir()
        shop = Shop(tmp_path / mode, {**TEAS, "mode": mode}, more)
        both = shop.day(
            teas=f"{head}assam,Assam,,\n", more=f"{head}assam,assam tea,From a wholesaler.,\n"
        )
        assert titles(both) == [("assam", "Assam", "From a wholesaler.")]
        assert titles(shop.day(teas=head)) == [("assam", title, "From a wholesaler.")]


def test_a_file_of_another_name_goes_on_under_the_sources_name(tmp_path: Path) -> None:
    named = {**SALES, **APPEND, "name": "till"}
    Shop(tmp_path, named).day(sales="buyer,tea,stars,day\nann,assam,5,2024-05-01\n")
    (tmp_path / "sales-2.csv").write_text("buyer,tea,stars,day\nbo,assam,4,2024-05-02\n")
    day_2 = {**named, "path": "sales-2.csv"}
    _, staging = staged(tmp_path, tmp_path / "day-2", day_2, earlier=tmp_path / "day-1")
    assert [row[0] for row in acts(staging)] == ["ann", "bo"]
    unnamed = {**SALES, **APPEND, "path": "sales-2.csv"}
    with pytest.raises(SourceError, match="'till'") as refused:
        staged(tmp_path, tmp_path / "day-3", unnamed, earlier=tmp_path / "day-2")
    assert "mode: snapshot" in str(refused.value)
    let_go = {**named, "mode": "snapshot", "path": "sales-2.csv"}
    _, staging = staged(tmp_path, tmp_path / "day-4", let_go, earlier=tmp_path / "day-2")
    assert [row[0] for row in acts(staging)] == ["bo"]
    _, staging = staged(tmp_path, tmp_path / "day-5", unnamed, earlier=tmp_path / "day-4")
    assert [row[0] for row in acts(staging)] == ["bo"], "nothing is kept any more"


DAYS = st.lists(
    st.tuples(
        st.dictionaries(
            st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(1, 3)),
            st.integers(1, 5),
            max_size=5,
        ),
        st.dictionaries(st.sampled_from(["r1", "r2", "r3"]), st.sampled_from(["Good.", "Bad."])),
        st.dictionaries(st.sampled_from("xyz"), st.sampled_from(["", "One", "Two"])),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=30, derandomize=True)
@given(days=DAYS)
def test_whatever_was_edited_and_removed_all_that_was_ever_told_is_there(
    tmp_path_factory: pytest.TempPathFactory, days: list[tuple[dict[Any, Any], ...]]
) -> None:
    folder = tmp_path_factory.mktemp("shop")
    shop = Shop(folder, {**SALES, **APPEND}, {**REVIEWS, **APPEND}, {**TEAS, **APPEND})
    sold: dict[Any, int] = {}
    said: dict[str, str] = {}
    named: dict[str, str] = {}
    for sales, reviews, teas in days:
        sold, said, named = sold | sales, said | reviews, named | teas
        staging = shop.day(
            sales="buyer,tea,stars,day\n"
            + "".join(f"{u},{i},{n},2024-05-0{d}\n" for (u, i, d), n in sales.items()),
            reviews="id,buyer,tea,words\n" + "".join(f"{k},c,x,{t}\n" for k, t in reviews.items()),
            teas="id,title,about,origin\n" + "".join(f"{k},{t},,\n" for k, t in teas.items()),
        )
    pairs = {(user, item) for user, item, _ in sold}
    latest = {pair: max(d for u, i, d in sold if (u, i) == pair) for pair in pairs}
    wanted = [
        (u, i, sum(key[:2] == (u, i) for key in sold), float(sold[u, i, d]))
        for (u, i), d in latest.items()
    ]
    assert acts(staging) == sorted([*wanted, *([("c", "x", len(said), None)] if said else [])])
    assert {r["review_id"]: r["text"] for r in staging.read("reviews").to_pylist()} == said
    assert {key: title for key, title, _ in titles(staging) if title} == {
        key: title for key, title in named.items() if title
    }
