"""The split leaves the house by keys, in forms that other tools (and our own reader) read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter
from run_world import make_run

from etl.read import read_sources
from etl.sources import ReadSettings, Source
from etl.tables import SOURCE_TABLES
from recommender.cli.app import run_app

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
PAIRS = [
    ("ann", "lamp", "train", True, 5.0),
    ("ann", "desk", "valid", True, 4.0),
    ("ann", "sofa", "test", True, 5.0),
    ("bob", "lamp", "train", True, 4.0),
    ("bob", "sofa", "test", False, 1.0),
]


def shop(runs: Path, pairs: list[tuple[str, str, str, bool, float]] = PAIRS) -> Path:
    folder = make_run(runs, "run-1")
    (folder / "staging").mkdir()
    rows = [
        {"user_id": user, "item_id": item, "behaviour": "RATED", "source": "a.csv"}
        | {"positive": liked, "rating": stars, "at": NOON}
        for user, item, _, liked, stars in pairs
    ]
    staged = pa.Table.from_pylist(rows, SOURCE_TABLES["interactions"])
    pq.write_table(staged, folder / "staging" / "interactions.parquet")
    split = [{"user_id": user, "item_id": item, "part": part} for user, item, part, *_ in pairs]
    pl.DataFrame(split).sort("user_id", "item_id").write_parquet(folder / "split.parquet")
    return folder


def export(runs: Path, *more: str) -> int:
    return run_app(["export", "split", "run-1", "--runs-dir", str(runs), *more])


def test_one_file_has_every_pair_with_its_part_and_whether_it_is_liked(
    tmp_path, monkeypatch, capsys
):
    shop(tmp_path / "runs")
    monkeypatch.chdir(tmp_path)
    assert export(tmp_path / "runs") == 0
    assert capsys.readouterr().out.strip() == "shop-split.parquet"
    table = pl.read_parquet("shop-split.parquet")
    assert table.drop("at").rows() == sorted(PAIRS)
    assert set(table["at"]) == {NOON}
    assert export(tmp_path / "runs", "--format", "csv", "-o", "deep/split.csv") == 0
    assert pl.read_csv("deep/split.csv", try_parse_dates=True).drop("at").rows() == sorted(PAIRS)


def test_atomic_files_hold_the_liked_pairs_of_each_part(tmp_path, capsys):
    shop(tmp_path / "runs")
    folder = tmp_path / "dataset" / "shop"
    assert export(tmp_path / "runs", "--format", "recbole", "--output", str(folder)) == 0
    assert len(capsys.readouterr().out.split()) == 3
    header = "user_id:token\titem_id:token\trating:float\ttimestamp:float"
    written = {place.name: place.read_text().splitlines() for place in folder.iterdir()}
    assert written == {
        "shop.train.inter": [
            header,
            "ann\tlamp\t5.0\t1717243200.0",
            "bob\tlamp\t4.0\t1717243200.0",
        ],
        "shop.valid.inter": [header, "ann\tdesk\t4.0\t1717243200.0"],
        "shop.test.inter": [header, "ann\tsofa\t5.0\t1717243200.0"],
    }


def test_our_own_reader_of_atomic_files_finds_the_same_split(tmp_path):
    shop(tmp_path / "runs")
    assert export(tmp_path / "runs", "-f", "recbole", "-o", str(tmp_path / "shop")) == 0
    source = {"type": "recbole", "path": str(tmp_path / "shop" / "shop")}
    read_sources(
        [TypeAdapter(Source).validate_python(source)],
        base=Path(),
        run=tmp_path,
        limits=ReadSettings(),
    )
    read = pl.read_parquet(tmp_path / "staging" / "interactions.parquet")
    assert sorted(read.select("user_id", "item_id", "split", "rating").rows()) == [
        (user, item, part, stars) for user, item, part, liked, stars in sorted(PAIRS) if liked
    ]


def test_what_is_unknown_of_all_pairs_has_no_column(tmp_path):
    folder = shop(tmp_path / "runs")
    place = folder / "staging" / "interactions.parquet"
    bare = pl.read_parquet(place).with_columns(rating=pl.lit(None, pl.Float64))
    bare.with_columns(at=pl.lit(None, pl.Datetime("us", "UTC"))).write_parquet(place)
    assert export(tmp_path / "runs", "-f", "recbole", "-o", str(tmp_path / "shop")) == 0
    assert (tmp_path / "shop" / "shop.test.inter").read_text() == (
        "user_id:token\titem_id:token\nann\tsofa\n"
    )


@pytest.mark.parametrize("key", ["tab\tlamp", "line\nlamp", 'a "lamp"'])
def test_keys_that_atomic_files_cannot_hold_are_refused(key, tmp_path, capsys):
    shop(tmp_path / "runs", [("ann", key, "train", True, 5.0)])
    assert export(tmp_path / "runs", "-f", "recbole", "-o", str(tmp_path / "shop")) == 2
    assert "Export as csv or parquet" in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()


def test_a_run_without_a_split_is_refused(tmp_path, capsys):
    make_run(tmp_path / "runs", "run-1")
    assert export(tmp_path / "runs") == 2
    assert "run-1 has no split yet" in capsys.readouterr().err
