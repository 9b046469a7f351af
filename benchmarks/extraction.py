"""Extraction: `TextModel.extract` in one process, with a model fitted before the clock starts.

Texts: Rotten Tomatoes where the public sets are, else the bundled sample's reviews. The floor is
`extraction_floor`.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from benchmarks.job import Job, Stopwatch, Work
from etl.staging import Staging
from etl.tables import ATTRIBUTES, ITEMS, REVIEWS
from etl.text.fit import fit
from etl.text.model import READ, TextModel
from etl.text.settings import TextSettings

ROTTEN_TOMATOES: Final = Path("rotten_tomatoes_critics", "rt.reviews.tsv.gz")
SAMPLE: Final = (
    Path(__file__).resolve().parent.parent / "recommender" / "sample" / "data" / "reviews.jsonl.gz"
)
BATCH: Final = 10_000


def prepare(job: Job) -> None:
    """Stage the reviews and fit a model on them."""
    texts = read_texts(Path(job.data), job.size)
    reviews = pl.DataFrame({"text": texts}).select(
        pl.int_range(pl.len()).cast(pl.String).alias("review_id"), "text"
    )
    filled = {
        field.name: pa.repeat("x", len(reviews))
        for field in REVIEWS
        if not field.nullable and field.name not in reviews.columns
    }
    empty = {field.name: pa.nulls(len(reviews), field.type) for field in REVIEWS if field.nullable}
    given = {name: reviews[name].to_arrow().cast(pa.string()) for name in reviews.columns}
    table = pa.table({**filled, **empty, **given}).select(REVIEWS.names).cast(REVIEWS)
    Staging(job.path).write("reviews", [table])
    model = fit(table, ITEMS.empty_table(), ATTRIBUTES.empty_table(), TextSettings(), job.seed)
    model.save(job.path)


def read_texts(data: Path, size: int) -> list[str]:
    """The first `size` texts of the set, or of the sample where the set is absent."""
    path = data / ROTTEN_TOMATOES
    texts = _rotten_tomatoes(path) if path.exists() else _sample()
    return list(islice((text for text in texts if text and text.strip()), size))


def _rotten_tomatoes(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            yield row["review"]


def _sample() -> Iterator[str]:
    """The texts of the sample's good lines; it holds a few broken ones on purpose."""
    with gzip.open(SAMPLE) as file:
        for line in file:
            with suppress(ValueError):
                yield json.loads(line)["text"]


def ours(job: Job) -> Work:
    """Extract all facts."""
    model = TextModel.load(job.path)
    batches = list(Staging(job.path).batches("reviews", BATCH, READ))

    def work(watch: Stopwatch) -> int:
        with watch:
            return sum(model.extract(batch).review_facts.num_rows for batch in batches)

    return work
