"""Texts to vectors by a language model: mean over a layer's tokens, of length one.

Follows Reimers & Gurevych, "Sentence-BERT" (2019), section 3: v = sum_t m_t h_t / sum_t m_t over
the tokens t that are no padding (m_t = 1), then v / |v|; h_t are of the last layer, or of each
layer of the upper half, whose means stand side by side: the last one tells what a text is about,
those below it tell more of whether it praises.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import torch
from torch import Tensor

from embeddings.adapter import Adapter
from embeddings.device import pick_device
from embeddings.language_model import (
    Precision,
    load_language_model,
    mean_of_tokens,
    precision_on,
)
from embeddings.openvino_model import OpenvinoModel
from embeddings.settings import EncoderSettings
from embeddings.text_vectors import TextVectors, hash_texts
from embeddings.vector_cache import VectorCache
from kg.errors import ConfigError
from kg.progress import Progress, no_progress

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

logger = logging.getLogger(__name__)

_KEPT_AT_ONCE: Final = 64
_PROBES: Final = (
    ("A warm sound.", "The case came with a crack along its side, and nobody answered my letter."),
    ("Again", "It is what I wanted", "The second half drags, but its last scene makes up for it."),
)
_SAME: Final = 0.999
Layers = Literal["last", "upper half"]
_Hidden = Callable[[Mapping[str, Tensor]], Sequence[Tensor]]


class TextEncoder:
    """A language model, ready to encode.

    Attributes:
        name: model, revision, adapter, length, backend and precision: all that decides its
            vectors.
        width: of its vectors.
    """

    def __init__(
        self, settings: EncoderSettings, adapter: Adapter | None = None, layers: Layers = "last"
    ) -> None:
        """Load the model.

        Args:
            settings: which, and how.
            adapter: what fine-tuning changed in it.
            layers: whose tokens are averaged; more than the last one are always torch's.

        Raises:
            ModelError: there is no such model on this machine (and none may be downloaded), or it
                has no safetensors weights, or the adapter is one of another model.
            ConfigError: there is no such device, no OpenVINO that runs the model, or no `peft`.
        """
        self._settings, self._adapter, self._layers = settings, adapter, layers
        self._device = pick_device("cpu" if settings.backend == "openvino" else settings.device)
        openvino = layers == "last" and _asks_for_openvino(settings, self._device)
        fast = self._load_for_openvino() if openvino else None
        self._hidden, how = fast or self._load_for_torch()
        self.name += how

    def _load_for_openvino(self) -> tuple[_Hidden, str] | None:
        """The last layer by OpenVINO; None where that was no more than a wish."""
        model = self._load("float32")
        try:
            converted = _converted(self._settings, self._tokenizer, model)
        except ConfigError as error:
            if self._settings.backend == "openvino":
                raise
            logger.warning("Encoding with torch instead of OpenVINO. %s", error)
            return None
        return lambda tokens: [converted(tokens)], f"openvino {converted.precision}"

    def _load_for_torch(self) -> tuple[_Hidden, str]:
        precision = precision_on(self._device, self._settings.dtype)
        model = self._load(precision).to(self._device)
        if self._layers == "last":
            return lambda tokens: [model(**tokens).last_hidden_state.float()], precision
        half = math.ceil(self._depth / 2)
        self.width *= half
        self.name += f"upper {half} layers "

        def hidden(tokens: Mapping[str, Tensor]) -> Sequence[Tensor]:
            layers = model(**tokens, output_hidden_states=True).hidden_states
            return [layer.float() for layer in layers[-half:]]

        return hidden, precision

    def _load(self, precision: Precision) -> torch.nn.Module:
        """Load tokenizer and model; notes what does not depend on who computes."""
        loaded = load_language_model(self._settings, "float32" if self._adapter else precision)
        self._tokenizer, self.width = loaded.tokenizer, loaded.width
        self._depth = loaded.transformer.config.num_hidden_layers
        self.name = f"{loaded.name} {self._settings.max_length} tokens "
        model: torch.nn.Module = loaded.transformer
        if self._adapter:
            self.name = f"{loaded.name} adapter {self._adapter.digest[:16]}"
            self.name += f" {self._settings.max_length} tokens "
            model = self._adapter.merged_into(loaded.transformer)
        return model.to(getattr(torch, precision))

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
        mask = tokens["attention_mask"]
        means = [mean_of_tokens(layer, mask) for layer in self._hidden(tokens)]
        return torch.cat(means, dim=1).cpu()

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
        vectors = mean_of_tokens(converted(probe), probe["attention_mask"])
    except Exception as error:  # each of its layers has errors of its own
        raise ConfigError(
            f"OpenVINO cannot run the text encoder {settings.model!r}: {error}",
            remedy="Set encoder.backend to torch.",
        ) from error
    expected = mean_of_tokens(model(**probe).last_hidden_state, probe["attention_mask"])
    cosine = float((vectors * expected).sum(1).min())
    if cosine < _SAME:
        raise ConfigError(
            f"By OpenVINO the text encoder {settings.model!r} gives other vectors than by torch:"
            f" the cosine is {cosine:.4f}, not {_SAME} or more.",
            remedy="Set encoder.backend to torch, or encoder.dtype to float32.",
        )
    return converted
