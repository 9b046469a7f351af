"""Extraction of many texts: `python -m benchmarks.extraction_scale memory|pool [--texts N]`.

`memory` prints the resident memory of one process after each 50,000 texts; `pool` prints texts per
second of one process and of two. Texts are those of `benchmarks.extraction`, over and over, each
time with another invented word, so that the vocabulary never stops growing.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from string import ascii_lowercase
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import psutil
import pyarrow as pa

from benchmarks.extraction import BATCH, prepare, read_texts
from benchmarks.job import Job
from etl.text.model import READ, TextModel
from etl.text.pool import extract_parallel

FITTED: Final = 10_000
STEP: Final = 50_000


def main() -> None:
    """Measure what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["memory", "pool"])
    parser.add_argument("--texts", type=int, default=300_000)
    options = parser.parse_args()
    root = Path(__file__).resolve().parent.parent
    data = os.environ.get("KGREC_DATA", str(root.parent / "shared" / "data"))
    with TemporaryDirectory(prefix="kgrec-bench-") as folder:
        prepare(Job("extraction", "prepare", FITTED, 1, folder, data, None))
        texts = read_texts(Path(data), options.texts)
        if options.what == "memory":
            memory(texts, options.texts, Path(folder))
        else:
            pool(texts, options.texts, Path(folder))


def memory(texts: list[str], count: int, model_folder: Path) -> None:
    """Print the resident memory per 50,000 texts."""
    model, process = TextModel.load(model_folder), psutil.Process()
    for number, batch in enumerate(batches(texts, count), start=1):
        model.extract(batch)
        if number * BATCH % STEP == 0:
            resident = process.memory_info().rss / 2**20
            print(f"{number * BATCH:,} texts: {resident:,.0f} MB", flush=True)


def pool(texts: list[str], count: int, model_folder: Path) -> None:
    """Print the speed of one worker and of two, their start included."""
    for workers in (1, 2):
        started = perf_counter()
        facts = extract_parallel(batches(texts, count), model_folder, workers)
        done = sum(found.review_facts.num_rows for found in facts)
        seconds = perf_counter() - started
        print(f"{workers} workers: {done / seconds:,.0f} texts/s ({seconds:.0f} s)", flush=True)


def batches(texts: list[str], count: int) -> Iterator[pa.RecordBatch]:
    """Yield texts in batches, each text with a word that was never there before."""
    rng = random.Random(1)
    varied = (f"{text} {''.join(rng.choices(ascii_lowercase, k=9))}" for text in cycle(texts))
    for start in range(0, count, BATCH):
        part = list(islice(varied, min(BATCH, count - start)))
        keys = [str(number) for number in range(start, start + len(part))]
        absent = [pa.nulls(len(part), pa.string()), pa.nulls(len(part), pa.bool_())]
        yield pa.record_batch([pa.array(keys), pa.array(keys), pa.array(part), *absent], names=READ)


if __name__ == "__main__":
    main()
