"""The pipeline on the bundled shop: it reads all good rows and finds what was planted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl.extract import extract_reviews
from etl.read import ReadReport, read_sources
from etl.staging import Staging
from recommender.config import Config, read_config
from recommender.sample import CONFIG
from recommender.sample.truth import read_truth


@pytest.fixture(scope="module")
def config() -> Config:
    return read_config(CONFIG, [], {})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def report(config: Config, run: Path) -> ReadReport:
    return read_sources(config.sources, base=Path(), run=run, limits=config.read)


def test_all_good_rows_are_read(report: ReadReport) -> None:
    assert report.rows["reviews"] == 8000
    assert report.rows["users"] == 500
    assert report.rows["items"] == report.rows["links"] == 150
    assert report.rows["triples"] > 200


def test_bad_rows_are_set_aside_for_many_reasons(report: ReadReport, run: Path) -> None:
    rejected = pl.read_parquet(run / "rejected.parquet")
    assert rejected.height == report.rejected.total() == 24
    assert len(report.rejected) == 10
    by_file = Counter(rejected["source"].to_list())
    assert by_file == {"data/reviews.jsonl.gz": 16, "data/behaviour.csv.gz": 8}


@dataclass(frozen=True)
class Found:
    """What extraction found, next to what was planted.

    Attributes:
        planted: aspect → its surface forms.
        aspects: aspect_id → the planted aspect that it is, None where it is none.
        mentions: (review, planted aspect, planted polarity, sentiment found).
        planted_mentions: how many there are.
    """

    planted: dict[str, list[str]]
    aspects: dict[str, str | None]
    mentions: list[tuple[str, str, int, float | None]]
    planted_mentions: int


@pytest.fixture(scope="module")
def found(config: Config, run: Path, report: ReadReport) -> Found:
    assert report.rows["reviews"]
    staging = Staging(run / "staging")
    quick = config.text.topics.model_copy(update={"count": 2, "passes": 1})
    text = config.text.model_copy(update={"topics": quick})
    extract_reviews(staging, set(), text, config.seed)
    truth = read_truth()
    named = {_folded(form): name for name, forms in truth["aspects"].items() for form in forms}
    aspects = {
        row["aspect_id"]: named.get(_folded(row["name"])) or named.get(_folded(row["aspect_id"]))
        for row in pl.read_parquet(run / "staging/aspects.parquet").to_dicts()
    }
    table = pl.read_parquet(run / "staging/mentions.parquet")
    return Found(
        planted=truth["aspects"],
        aspects=aspects,
        mentions=list(_matched(table, aspects, truth["mentions"])),
        planted_mentions=sum(len(mentions) for mentions in truth["mentions"].values()),
    )


@pytest.mark.slow
def test_the_planted_aspects_are_found(found: Found) -> None:
    """Precision: share of the vocabulary found whose name is a surface form of a planted aspect.
    Recall: share of planted aspects of which at least one surface form was found. Equal but for
    case and plural is equal."""
    right = [planted for planted in found.aspects.values() if planted]
    assert len(right) / len(found.aspects) >= 0.8
    assert len(set(right)) / len(found.planted) >= 0.8


@pytest.mark.slow
def test_planted_mentions_are_found_where_they_are(found: Found) -> None:
    assert len(found.mentions) / found.planted_mentions >= 0.8


@pytest.mark.slow
def test_planted_polarity_is_found(found: Found) -> None:
    """Of planted opinions that were found (neutral mentions aside), the share with the right sign;
    a sentiment of zero is wrong."""
    felt = [
        (polarity, sentiment or 0.0) for _, _, polarity, sentiment in found.mentions if polarity
    ]
    assert sum(polarity * sentiment > 0 for polarity, sentiment in felt) / len(felt) >= 0.9


def _folded(words: str) -> str:
    return " ".join(
        word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word
        for word in words.lower().split()
    )


def _matched(
    table: pl.DataFrame, aspects: dict[str, str | None], planted: dict[str, Any]
) -> list[tuple[str, str, int, float | None]]:
    """Return each planted mention whose place an extracted mention of its aspect overlaps."""
    best: dict[tuple[str, int], tuple[str, str, int, float | None]] = {}
    for row in table.filter(pl.col("target_kind") == "Aspect").iter_rows(named=True):
        for start, end in zip(row["starts"], row["ends"], strict=True):
            for aspect, polarity, first, last in planted[row["review_id"]]:
                if start < last and first < end and aspects[row["target_id"]] == aspect:
                    key = (row["review_id"], first)
                    best[key] = (row["review_id"], aspect, polarity, row["sentiment"])
    return list(best.values())
