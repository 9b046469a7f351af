"""What a training has learnt when it is cut off, so that it can go on: kept beside its models.

    models/unfinished/<model>.<part>.safetensors   a training that is under way
                      <model>.json, <model>/       a model that is finished, while others are not

Numbers lie in safetensors, everything else as JSON in the file's header; each file is replaced
whole. A training that goes on draws the same random numbers, so it ends as if it had never stopped.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

logger = logging.getLogger(__name__)

EVERY_SECONDS: Final = 60.0
SHARE: Final = 0.02
_TOLD: Final = "told"


@dataclass(frozen=True)
class Saved:
    """What a file holds: numbers by name, and what else was told."""

    tensors: Mapping[str, Tensor]
    told: Mapping[str, Any]

    def below(self, prefix: str) -> dict[str, Tensor]:
        """Return the tensors whose names begin like this, by the rest of the name."""
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(prefix)
        }


@dataclass
class Checkpoint:
    """The checkpoints of one model's training, which may have several parts.

    Attributes:
        folder: where they lie; made when the first one is written.
        name: of the model.
        key: hash of what it learns from; what was learnt from something else is not gone on with.
        every: seconds between two checkpoints, at least.
        share: of the time, the most that goes into writing them.
        clock: tells the time, in seconds.
    """

    folder: Path
    name: str
    key: str
    every: float = EVERY_SECONDS
    share: float = SHARE
    clock: Callable[[], float] = time.perf_counter
    _before: float = field(default=0.0, init=False)
    _cost: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._began = self._last = self.clock()

    @property
    def seconds(self) -> float:
        """How long the model has been trained, with what went on before it was cut off."""
        return self._before + self.clock() - self._began

    def due(self) -> bool:
        """Whether it is time for another one."""
        return self.clock() - self._last >= max(self.every, self._cost / self.share)

    def save(self, part: str, tensors: Mapping[str, Tensor], told: Mapping[str, object]) -> None:
        """Replace the checkpoint of a part."""
        began = self.clock()
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self._place(part)
        unfinished = place.with_name(f".{place.name}.{os.getpid()}")
        own = {"key": self.key, "seconds": self.seconds}
        save_file(
            {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
            unfinished,
            metadata={_TOLD: json.dumps({**told, **own})},
        )
        unfinished.replace(place)
        self._last = self.clock()
        self._cost = self._last - began
        logger.info(
            "%s: checkpoint of %d bytes in %.2f s", place.stem, place.stat().st_size, self._cost
        )

    def load(self, part: str) -> Saved | None:
        """Return the checkpoint of a part, if a whole one of these data is there."""
        place = self._place(part)
        try:
            with safe_open(place, framework="pt") as file:
                told = json.loads(file.metadata()[_TOLD])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            logger.warning("%s is no checkpoint, and is not used: %s", place, error)
            return None
        if told["key"] != self.key:
            return None
        self._before = max(self._before, float(told["seconds"]))
        logger.info("%s: goes on after %.0f s of training", place.stem, told["seconds"])
        return Saved(tensors, told)

    def clear(self) -> None:
        """Remove the checkpoints of all parts."""
        for place in self.folder.glob(f"{self.name}.*.safetensors"):
            place.unlink()

    def _place(self, part: str) -> Path:
        return self.folder / f"{self.name}.{part}.safetensors"


@dataclass(frozen=True)
class Kept:
    """A folder for what trainings leave before all models are there.

    Attributes:
        folder: made when something is left.
        key, every, share: see `Checkpoint`.
    """

    folder: Path
    key: str
    every: float = EVERY_SECONDS
    share: float = SHARE

    def of(self, model: str) -> Checkpoint:
        """Return the checkpoints of one model, whose training begins now."""
        return Checkpoint(self.folder, model, self.key, self.every, self.share)


def learnt(
    optimiser: torch.optim.Optimizer, generators: Sequence[torch.Generator]
) -> dict[str, Tensor]:
    """Return all parameters, the optimiser's moments and the states of the random numbers."""
    tensors = {f"generator.{n}": each.get_state() for n, each in enumerate(generators)}
    for n, parameter in enumerate(_parameters(optimiser)):
        tensors[f"parameter.{n}"] = parameter
        moments = optimiser.state.get(parameter, {})
        tensors |= {f"moment.{n}.{name}": value for name, value in moments.items()}
    return tensors


def go_on(
    optimiser: torch.optim.Optimizer, generators: Sequence[torch.Generator], saved: Saved
) -> None:
    """Put back what `learnt` returned."""
    for n, generator in enumerate(generators):
        generator.set_state(saved.tensors[f"generator.{n}"])
    state = {}
    with torch.no_grad():
        for n, parameter in enumerate(_parameters(optimiser)):
            parameter.copy_(saved.tensors[f"parameter.{n}"])
            state[n] = saved.below(f"moment.{n}.")
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})


def _parameters(optimiser: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter for group in optimiser.param_groups for parameter in group["params"]]
