"""The examples' sources on the public sets: what is in them is read, and no more."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from etl.read import ReadReport, read_sources
from etl.sources import declared
from etl.staging import Staging
from recommender.config import read_config

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
Answer = tuple[ReadReport, Staging]


def read_example(name: str, data_dir: Path, run: Path) -> Answer:
    config = read_config(EXAMPLES / f"{name}.yaml", (), {"KGREC_DATA": str(data_dir)})
    report = read_sources(config.sources, base=Path(), run=run, limits=config.read)
    for file in report.files:
        assert file.rows == file.accepted + file.rejected.total()
    return report, Staging(run / "staging")


def counts(report: ReadReport) -> dict[str, int]:
    return {name: rows for name, rows in report.rows.items() if rows}


def test_rotten_tomatoes(data_dir: Path, tmp_path: Path) -> None:
    report, staging = read_example("rotten_tomatoes", data_dir, tmp_path)
    assert report.files[0].rows == 54_432
    assert report.rejected == Counter({"missing key": 2_722})
    assert report.merged.merged["interactions"] == 285
    assert report.rows["interactions"] == 54_432 - 2_722 - 285
    assert report.rows["users"] == 3_496
    acts = staging.scan("interactions").collect()
    assert acts["positive"].null_count() == 0
    assert acts["at"].min().year > 1_900  # type: ignore[union-attr]
    attributes = staging.scan("attributes").collect()
    assert set(attributes["kind"]) == {"Genre", "Director", "Writer", "Studio"}
    assert not attributes["value"].str.contains("|", literal=True).any()
    texts = staging.scan("reviews").collect()["text"]
    assert texts.str.contains("\u00a0", literal=True).sum() == 1  # the file's one letter of Latin-1
    assert not texts.str.contains("\ufffd", literal=True).any()


def test_musical_instruments(data_dir: Path, tmp_path: Path) -> None:
    report, staging = read_example("musical_instruments", data_dir, tmp_path)
    assert counts(report) == {
        "interactions": 10_261,
        "reviews": 10_254,
        "users": 1_429,
        "items": 900,
    }
    acts = staging.scan("interactions").collect()
    assert (acts["positive"] == (acts["rating"] >= 4)).all()


def test_digital_music(data_dir: Path, tmp_path: Path) -> None:
    report, staging = read_example("digital_music", data_dir, tmp_path)
    assert (report.rows["interactions"], report.rows["items"]) == (6_908, 382)
    items = set(staging.read("items").column("item_id").to_pylist())
    relations = staging.scan("relations").collect()
    assert set(relations["start_id"]) | set(relations["end_id"]) <= items
    assert report.merged.left_out["relations"] + relations.height == 35_546


def test_ml_100k(data_dir: Path, tmp_path: Path) -> None:
    report, staging = read_example("ml_100k", data_dir, tmp_path)
    assert counts(report) == {
        "interactions": 100_000,
        "users": 943,
        "items": 1_682,
        "attributes": 2_893,
        "triples": 91_631,
        "links": 1_598,
    }
    (first,) = staging.scan("items").filter(pl.col("item_id") == "1").collect()["title"]
    assert first == "Toy Story"


def test_ml_latest_small(data_dir: Path, tmp_path: Path) -> None:
    report, staging = read_example("ml_latest_small", data_dir, tmp_path)
    rated = staging.scan("interactions").filter(behaviour="RATED").collect()
    assert (rated.height, report.rows["users"], report.rows["reviews"]) == (100_836, 610, 3_683)


def test_steam(data_dir: Path, tmp_path: Path) -> None:
    report, staging = read_example("steam", data_dir, tmp_path)
    assert report.rejected == Counter({"exact duplicate": 416})
    assert (report.rows["items"], report.rows["reviews"]) == (3_682, 29_187)
    acts = staging.scan("interactions").collect()
    assert acts["count"].max() == 1
    priced = staging.scan("items").filter(pl.col("price") == 0).collect()
    assert priced.height > 100


def test_lastfm_kgcn(data_dir: Path, tmp_path: Path) -> None:
    report, _ = read_example("lastfm_kgcn", data_dir, tmp_path)
    assert (report.rows["triples"], report.rows["links"]) == (15_518, 3_846)
    assert report.rows["interactions"] == 21_173  # of 92,834, those of artists with an entity
    assert (report.rows["users"], report.rows["items"]) == (1_872, 3_846)


def test_gowalla_keeps_its_published_split(data_dir: Path, tmp_path: Path) -> None:
    report, staging = read_example("gowalla", data_dir, tmp_path)
    parts = staging.scan("interactions").collect()["split"].value_counts()
    assert dict(parts.iter_rows()) == {"train": 810_128, "test": 217_242}
    assert (report.rows["users"], report.rows["items"]) == (29_858, 40_981)


def test_beijing(data_dir: Path, tmp_path: Path) -> None:
    report, staging = read_example("beijing_zh", data_dir, tmp_path)
    assert report.rows["reviews"] + report.rejected["exact duplicate"] == 150_609
    assert staging.count("items") == 208


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_a_config_that_declares_what_it_brings(path: Path) -> None:
    config = read_config(path, (), {"KGREC_DATA": "somewhere"})
    assert declared(config.sources).behaviours
    assert path.stem == config.name or path.stem.startswith(f"{config.name}_")
    assert all(source.hint for source in config.sources[:1])
