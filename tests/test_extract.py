"""The extract stage: files in, files out, several processes, nothing learnt from held-out text."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pyarrow as pa
import pytest
from text_world import SMALL, attributes_table, items_table, reviews_table, shop_reviews

from etl.extract import MODEL_FOLDER, extract_reviews
from etl.staging import Staging
from etl.tables import FACT_TABLES
from etl.text import pool
from etl.text.model import TextModel
from etl.text.pool import extract_parallel
from kg.errors import ExtractionError

CANARY = {
    f"held{number:02d}": f"The quokka was {word}. A {word} quokka, the flumpet quokka is {word}."
    for number, word in enumerate(["great", "awful", "lovely", "bad", "superb", "poor"] * 4)
}


def staged(folder: Path, texts: dict[str, str]) -> Staging:
    staging = Staging(folder)
    labels = pa.array([number % 2 == 0 for number in range(len(texts))])
    reviews = reviews_table(texts)
    position = reviews.schema.get_field_index("positive")
    staging.write("reviews", [reviews.set_column(position, "positive", labels)])
    staging.write("items", [items_table({"headphones": "Quietside Hush"})])
    staging.write("attributes", [attributes_table([("headphones", "Brand", "Quietside")])])
    return staging


def tables(staging: Staging) -> dict[str, pa.Table]:
    return {name: staging.read(name) for name in FACT_TABLES}


def test_every_fact_table_is_written_and_reported(tmp_path: Path) -> None:
    staging = staged(tmp_path, shop_reviews())
    seen: list[int] = []
    report = extract_reviews(
        staging, set(), SMALL, 1, progress=lambda done, total=None, unit="rows": seen.append(done)
    )
    written = tables(staging)
    assert {name: table.num_rows for name, table in written.items()} == report.rows
    assert {name: table.schema for name, table in written.items()} == FACT_TABLES
    assert report.reviews == report.training_reviews == 120
    assert report.languages["en"] == 120
    assert report.sentiment_auc is not None
    assert 0.75 < report.sentiment_auc <= 1.0
    assert {"sound", "battery"} <= set(report.aspects)
    assert [len(topic.words) for topic in report.topics] == [10, 10]
    assert seen[-1] == 120


def test_sentiment_without_both_labels_has_no_auc(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    staging.write("reviews", [reviews_table(shop_reviews(20))])
    assert extract_reviews(staging, set(), SMALL, 1).sentiment_auc is None


def test_no_reviews_give_empty_tables(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    report = extract_reviews(staging, set(), SMALL, 1)
    assert report.reviews == 0
    assert all(table.num_rows == 0 for table in tables(staging).values())


def test_held_out_reviews_teach_nothing(tmp_path: Path) -> None:
    texts = shop_reviews()
    without = staged(tmp_path / "without", texts)
    extract_reviews(without, set(), SMALL, 1)
    with_canary = staged(tmp_path / "with", texts | CANARY)
    report = extract_reviews(with_canary, set(CANARY), SMALL, 1)

    assert report.training_reviews == len(texts)
    fitted = [TextModel.load(staging.folder / MODEL_FOLDER) for staging in (without, with_canary)]
    assert fitted[0].version == fitted[1].version
    assert with_canary.read("aspects") == without.read("aspects")
    assert with_canary.read("topics") == without.read("topics")
    assert with_canary.read("review_facts").num_rows == len(texts) + len(CANARY)


def test_a_leak_would_show(tmp_path: Path) -> None:
    leaking = staged(tmp_path, shop_reviews() | CANARY)
    assert "quokka" in extract_reviews(leaking, set(), SMALL, 1).aspects


@pytest.mark.slow
def test_two_processes_equal_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.extract._BATCH_ROWS", 25)
    one, two = staged(tmp_path / "one", shop_reviews()), staged(tmp_path / "two", shop_reviews())
    extract_reviews(one, set(), SMALL, 1)
    report = extract_reviews(two, set(), SMALL.model_copy(update={"workers": 2}), 1)
    assert report.workers == 2
    assert tables(one) == tables(two)


@pytest.mark.slow
def test_a_workers_death_names_the_batch_that_killed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staging = staged(tmp_path, shop_reviews(40))
    extract_reviews(staging, set(), SMALL, 1)
    give = pool._Worker.give

    def give_and_kill(self: pool._Worker, number: int, batch: pa.RecordBatch) -> None:
        give(self, number, batch)
        if number == 2:
            os.kill(self.process.pid or 0, signal.SIGKILL)

    monkeypatch.setattr(pool._Worker, "give", give_and_kill)
    facts = extract_parallel(staging.batches("reviews", 10), tmp_path / MODEL_FOLDER, 1)
    with pytest.raises(ExtractionError, match=r"died .*exit code -9.* batch 2 .*'r0020'"):
        list(facts)


@pytest.mark.slow
def test_a_batch_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    staging = staged(tmp_path, shop_reviews(40))
    extract_reviews(staging, set(), SMALL, 1)
    broken = (batch.drop_columns(["title"]) for batch in staging.batches("reviews", 20))
    with pytest.raises(ExtractionError, match=r"failed on batch 0 .*'r0000'.*title"):
        list(extract_parallel(broken, tmp_path / MODEL_FOLDER, 1))
