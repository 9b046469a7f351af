"""Popularity: the same list for everybody, s(u, i) = log(1 + number of users who liked i)."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.models.files import load_model, save_model
from embeddings.training_data import TrainingData
from kg.progress import Progress, no_progress
from kg.settings import Settings


class PopularitySettings(Settings):
    """Popularity has nothing to set."""


class Popularity:
    """See the module."""

    name: ClassVar[str] = "popularity"

    def __init__(self, settings: PopularitySettings | None = None) -> None:
        self.settings = settings or PopularitySettings()

    def fit(self, data: TrainingData, *, progress: Progress = no_progress) -> Self:
        """Count; see `Recommender`."""
        counts = np.asarray(data.positives.sum(axis=0)).ravel()
        self._popularity: NDArray[np.float32] = np.log1p(counts).astype(np.float32)
        return self

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of all items for these users, (len(users), I); see `Recommender`."""
        return np.tile(self._popularity, (len(users), 1))

    def score_likes(self, likes: csr_array) -> NDArray[np.float32]:
        """Return the same scores for everybody; see `FoldsIn`."""
        return np.tile(self._popularity, (likes.shape[0], 1))

    def save(self, folder: Path) -> None:
        """Write the model into `folder`; see `Recommender`."""
        save_model(folder, self.name, self.settings, {"popularity": self._popularity})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; see `Recommender`."""
        settings, arrays = load_model(folder, cls.name, PopularitySettings)
        model = cls(settings)
        model._popularity = arrays["popularity"].astype(np.float32)
        return model
