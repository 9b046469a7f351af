"""Encoding: `TextEncoder` with the packaged model, as it chooses to compute here; nothing cached.

The model is loaded, converted where it is, and has seen one batch before the clock starts. Texts
are those of `extraction`. The floor is `encoding_floor`.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.extraction import read_texts
from benchmarks.job import Job, Stopwatch, Work
from embeddings.encoder import TextEncoder
from embeddings.settings import EncoderSettings


def prepare(job: Job) -> None:
    """Note the texts."""
    noted = json.dumps(read_texts(Path(job.data), job.size))
    (job.path / "texts.json").write_text(noted, encoding="utf-8")


def noted_texts(job: Job) -> list[str]:
    """What `prepare` noted."""
    texts: list[str] = json.loads((job.path / "texts.json").read_text(encoding="utf-8"))
    return texts


def ours(job: Job) -> Work:
    """Encode all texts."""
    settings = EncoderSettings()
    texts, encoder = noted_texts(job), TextEncoder(settings)
    encoder.encode(texts[: settings.batch_size])

    def work(watch: Stopwatch) -> int:
        done = 0
        with watch:
            for batch in encoder.batches(texts):
                done += len(encoder.encode([texts[position] for position in batch]))
        return done

    return work
