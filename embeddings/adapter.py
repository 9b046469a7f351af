"""A low-rank change of a language model's weights, kept apart from the model.

Hu et al., "LoRA" (2022), section 4.1: W' = W + (α / r) B A, with A (r, d), B (d', r) and B = 0 at
first, beside the linear maps of the top layers. The library is `peft`; files are safetensors.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from embeddings.settings import FineTuneSettings
from kg.errors import ConfigError, ModelError

if TYPE_CHECKING:
    from peft import LoraConfig, PeftModel
    from transformers import PreTrainedModel

_NUMBERED: Final = re.compile(r"(?:^|\.)(\d+)\.")


@dataclass(frozen=True)
class Adapter:
    """What fine-tuning learnt.

    Attributes:
        weights: A and B of each changed map, by name; empty where the model is best as it was.
        settings: how it was learnt.
        inputs: hash of all that it was learnt from.
        valid_ndcg: NDCG@10 on validation before any round, and after each.
    """

    weights: Mapping[str, Tensor]
    settings: FineTuneSettings
    inputs: str
    valid_ndcg: tuple[float, ...]

    @property
    def digest(self) -> str:
        """Hash of the weights and of how they are scaled."""
        digest = sha256(f"{self.settings.alpha} {self.settings.rank}".encode())
        for name, weight in sorted(self.weights.items()):
            digest.update(name.encode())
            digest.update(weight.numpy().tobytes())
        return digest.hexdigest()

    def save(self, path: Path) -> None:
        """Write a safetensors file, whole or not at all; runs may write the same one at once."""
        about = {
            "settings": self.settings.model_dump(mode="json"),
            "inputs": self.inputs,
            "valid_ndcg": self.valid_ndcg,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        save_file(dict(self.weights), part, {"about": json.dumps(about)})
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Adapter:
        """Read what `save` wrote.

        Raises:
            ModelError: the file is missing or is none of ours.
        """
        try:
            with safe_open(path, framework="pt") as file:
                about, names = json.loads(file.metadata()["about"]), file.keys()
                return cls(
                    weights={name: file.get_tensor(name) for name in names},
                    settings=FineTuneSettings.model_validate(about["settings"]),
                    inputs=about["inputs"],
                    valid_ndcg=tuple(about["valid_ndcg"]),
                )
        except (FileNotFoundError, SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"{path} holds no adapter: {error}.",
                remedy="Delete it: the encode stage then fine-tunes again.",
            ) from error

    def merged_into(self, model: PreTrainedModel) -> PreTrainedModel:
        """Return the model, which is in float32, with the change in its weights.

        Raises:
            ConfigError: `peft` is not installed.
            ModelError: it is the adapter of another model.
        """
        adapted = with_adapter(model, self.settings)
        from peft import set_peft_model_state_dict

        same = {name: weight.shape for name, weight in weights_of(adapted).items()}
        if same != {name: weight.shape for name, weight in self.weights.items()}:
            raise ModelError(
                f"The adapter is not one of this text encoder ({type(model).__name__}).",
                remedy="Run the encode stage again.",
            )
        set_peft_model_state_dict(adapted, dict(self.weights))
        merged: PreTrainedModel = adapted.merge_and_unload()
        return merged.requires_grad_(False)


def with_adapter(model: PreTrainedModel, settings: FineTuneSettings) -> PeftModel:
    """Return the model with a fresh adapter, which alone is trained, in float32.

    Raises:
        ConfigError: `peft` is not installed.
        ModelError: the model has no numbered layers of linear maps.
    """
    if find_spec("peft") is None:
        raise ConfigError(
            "encoder.fine_tune needs peft, which is not installed.",
            remedy="Install it (pip install 'kgrec[finetune]'), or set encoder.fine_tune to null.",
        )
    from peft import LoraConfig, get_peft_model

    config: LoraConfig = LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, target_modules=_top_maps(model, settings.layers)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of names between peft and transformers
        return get_peft_model(model, config)


def weights_of(adapted: PeftModel) -> dict[str, Tensor]:
    """Return a copy of an adapter's weights, on the CPU."""
    from peft import get_peft_model_state_dict

    state: dict[str, Tensor] = get_peft_model_state_dict(adapted)
    return {name: weight.detach().cpu().clone() for name, weight in state.items()}


def _top_maps(model: PreTrainedModel, layers: int | None) -> list[str]:
    """Names of the linear maps of the top layers; what stands in no layer is left alone."""
    numbered = {
        name: int(found.group(1))
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and (found := _NUMBERED.search(name))
    }
    if not numbered:
        raise ModelError(
            f"The text encoder ({type(model).__name__}) has no numbered layers to fine-tune.",
            remedy="Set encoder.fine_tune to null, or encoder.model to another.",
        )
    lowest = 0 if layers is None else max(numbered.values()) + 1 - layers
    return [name for name, number in numbered.items() if number >= lowest]
