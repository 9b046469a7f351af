"""A language model that OpenVINO runs on the CPU: torch's vectors in a fraction of its CPU time.

The model goes through OpenVINO's own front end for torch rather than `openvino.convert_model`,
which hangs a handler on the root logger.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn

_TEXTS_PER_STREAM: Final = 8
_PRECISIONS: Final = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}


class OpenvinoModel:
    """A model of `transformers`, converted and compiled for the CPU.

    A batch is dealt out to streams that work at the same time, each with its share of torch's
    threads: with few threads one each, as a thread that works alone never waits for another.

    Attributes:
        precision: in which matrix products are taken, such as bfloat16.
    """

    def __init__(
        self,
        model: nn.Module,
        example: Mapping[str, Tensor],
        batch_size: int,
        precision: Literal["auto", "float32", "bfloat16"],
    ) -> None:
        """Convert the model, which is in float32, by following it through an example.

        Args:
            model: what to convert.
            example: what the model takes, by name, for two texts or more of any length.
            batch_size: of the largest batch that will come.
            precision: auto: the one that OpenVINO chooses on this CPU.
        """
        _keep_quiet()
        import openvino

        threads = torch.get_num_threads()
        streams = max(1, min(threads, batch_size // _TEXTS_PER_STREAM))
        options: dict[str, int | str] = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": threads}
        if precision != "auto":
            options["INFERENCE_PRECISION_HINT"] = _PRECISIONS[precision]
        compiled = openvino.Core().compile_model(_converted(model, example), "CPU", options)
        chosen = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        self.precision = next(name for name, short in _PRECISIONS.items() if short == chosen)
        self._requests = [compiled.create_infer_request() for _ in range(streams)]
        self._names = tuple(example)

    def __call__(self, tokens: Mapping[str, Tensor]) -> Tensor:
        """Return the last layer for a batch of B texts of T tokens, (B, T, width) float32."""
        parts = zip(
            *(tokens[name].tensor_split(len(self._requests)) for name in self._names), strict=True
        )
        busy = []
        for request, part in zip(self._requests, parts, strict=True):
            if len(part[0]):
                request.start_async([tensor.contiguous().numpy() for tensor in part])
                busy.append(request)
        for request in busy:
            request.wait()
        return torch.cat([torch.from_numpy(request.get_output_tensor().data) for request in busy])


class _LastLayer(nn.Module):
    """A model's last layer alone, from what it takes in a fixed order."""

    def __init__(self, model: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.model, self.names = model, names

    def forward(self, *tokens: Tensor) -> Tensor:
        hidden: Tensor = self.model(**dict(zip(self.names, tokens, strict=True))).last_hidden_state
        return hidden


def _converted(model: nn.Module, example: Mapping[str, Tensor]) -> Any:
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    frontend = FrontEndManager().load_by_framework("pytorch")
    layer = _LastLayer(model, tuple(example)).eval()
    with _following_quietly():
        decoder = TorchScriptPythonDecoder(layer, example_input=tuple(example.values()))
        return frontend.convert(frontend.load(decoder))


@contextmanager
def _following_quietly() -> Iterator[None]:
    """Nobody needs to hear of branches that no text takes, nor of the loss, which is looked at."""
    from transformers.utils import logging

    said = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(said)


def _keep_quiet() -> None:
    """Without its telemetry package, openvino writes no client id and reports to nobody."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
