"""What the baselines share that score by s = x W: a row of liked items times item–item weights."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from embeddings.baselines.choices import expand
from embeddings.models.files import load_model, save_model, sparse
from embeddings.models.validation import Validation
from embeddings.training_data import TrainingData
from kg.progress import Progress, no_progress
from kg.settings import Settings

S = TypeVar("S", bound=Settings)
Weights = NDArray[np.float32] | csr_matrix


class ItemScores(Generic[S]):
    """A recommender whose whole model is a matrix W of item–item weights.

    A subclass names itself and its settings and gives W. A setting with several values is chosen
    by NDCG@10 on the validation targets; where there are none, its first value is taken.

    Attributes:
        settings: after a fit, with the values chosen.
    """

    name: ClassVar[str]
    settings_type: type[S]

    def __init__(self, settings: S) -> None:
        self.settings = settings

    @abstractmethod
    def weights(self, data: TrainingData, settings: S) -> Weights:
        """Return W, (I, I), for settings of one value each."""

    def fit(self, data: TrainingData, *, progress: Progress = no_progress) -> Self:
        """Compute W, choosing among settings; see `Recommender`."""
        self._X = csr_matrix(data.positives)
        candidates = expand(self.settings)
        if data.valid is None or len(candidates) == 1:
            self.settings, self._W = candidates[0], self.weights(data, candidates[0])
            return self
        validation, best = Validation(data), -1.0
        for done, settings in enumerate(candidates, start=1):
            self._W = self.weights(data, settings)
            ndcg = validation.ndcg(lambda users: torch.from_numpy(self.score(users)))
            progress(done, len(candidates), "settings")
            if ndcg > best:
                best, self.settings, chosen = ndcg, settings, self._W
        self._W = chosen
        return self

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of all items for these users, (len(users), I); see `Recommender`."""
        scores = self._X[users] @ self._W
        dense: NDArray[np.float32] = scores if isinstance(scores, np.ndarray) else scores.toarray()
        return dense

    def save(self, folder: Path) -> None:
        """Write the model into `folder`; see `Recommender`."""
        save_model(folder, self.name, self.settings, {"X": self._X, "W": self._W})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; see `Recommender`."""
        settings, arrays = load_model(folder, cls.name, cls.settings_type)
        model = cls(settings)
        model._X = sparse(arrays, "X")
        model._W = arrays["W"].astype(np.float32) if "W" in arrays else sparse(arrays, "W")
        return model
