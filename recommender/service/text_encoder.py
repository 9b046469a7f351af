"""Texts that are searched for, as vectors of the encoder that made those of the items."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kg.errors import ConfigError, ModelError
from recommender.newcomer import NEEDED, published_run
from recommender.run_folder import RunFolder, Runs
from recommender.search import query_encoder

if TYPE_CHECKING:
    from embeddings.encoder import TextEncoder

logger = logging.getLogger(__name__)


class PublishedEncoder:
    """The encoder of whichever run is published.

    Args:
        runs_dir: where the folders of runs are.
        dataset: whose runs; None: of any.
    """

    def __init__(self, runs_dir: Path, dataset: str | None) -> None:
        self._runs = Runs(runs_dir)
        self._dataset = dataset
        self._lock = threading.Lock()  # a tokenizer serves one thread at a time
        self._loaded: tuple[RunFolder, TextEncoder] | None = None

    def __call__(self, text: str, run_id: str | None) -> NDArray[np.float32]:
        """Return a text's vector, (d,).

        Args:
            run_id: the run whose vectors the items have; None: as last time, or the newest.

        Raises:
            ConfigError: no run's folder is here, or the run has no encoder.
            ModelError: the encoder is not on this machine.
        """
        with self._lock:
            vectors = self._encoder_of(run_id).encode([text])
            return np.asarray(vectors[0].numpy(), dtype=np.float32)

    def warm(self) -> None:
        """Load the newest run's encoder now; where there is none, only say so."""
        try:
            self("", None)
        except (ConfigError, ModelError) as error:
            logger.warning("nothing can be searched for: %s", error)

    def _encoder_of(self, run_id: str | None) -> TextEncoder:
        if self._loaded is not None and run_id in (None, self._loaded[0].id):
            return self._loaded[1]
        folder = RunFolder(self._runs.path / run_id) if run_id else None
        if folder is None or not folder.holds(NEEDED):
            folder = published_run(self._runs.path, self._dataset)
        if self._loaded is None or self._loaded[0] != folder:
            self._loaded = folder, query_encoder(folder)
            logger.info("texts are encoded as run %s does", folder.id)
        return self._loaded[1]
