"""What the baselines share: settings chosen on validation, and one way to lie on disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix

from embeddings.baselines.choices import expand
from embeddings.models.files import load_model, save_model, sparse
from embeddings.models.validation import Validation
from embeddings.training_data import TrainingData
from kg.progress import Progress, no_progress
from kg.settings import Settings

S = TypeVar("S", bound=Settings)
Parts = Mapping[str, Any]  # dense arrays and csr matrices by name
Judge = Callable[[Parts], float]  # higher is better


class Baseline(ABC, Generic[S]):
    """A recommender that is a few named matrices.

    A subclass names itself and its settings, says what it learns and how that scores. A setting
    with several values is chosen by what `judge` says of the validation part; where it cannot, its
    first value is taken.

    Attributes:
        settings: after a fit, with the values chosen.
    """

    name: ClassVar[str]
    settings_type: type[S]

    def __init__(self, settings: S | None = None) -> None:
        self.settings = settings or self.settings_type()

    @abstractmethod
    def learn(self, data: TrainingData, settings: S) -> Parts:
        """Return what the model consists of, for settings of one value each."""

    @abstractmethod
    def rows(self, parts: Parts, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of all items for these users, (len(users), I)."""

    def judge(self, data: TrainingData) -> Judge | None:
        """Return what tells how good parts are: NDCG@10 on the validation targets, if any."""
        if data.valid is None:
            return None
        validation = Validation(data)
        return lambda parts: validation.ndcg(
            lambda users: torch.from_numpy(self.rows(parts, users))
        )

    def fit(self, data: TrainingData, *, progress: Progress = no_progress) -> Self:
        """Learn, choosing among settings; see `Recommender`."""
        candidates = expand(self.settings)
        judge = self.judge(data) if len(candidates) > 1 else None
        if judge is None:
            self.settings, self._parts = candidates[0], self.learn(data, candidates[0])
            return self
        best = -np.inf
        for done, settings in enumerate(candidates, start=1):
            parts = self.learn(data, settings)
            reached = judge(parts)
            progress(done, len(candidates), "settings")
            if reached > best:
                best, self.settings, self._parts = reached, settings, parts
        return self

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of all items for these users, (len(users), I); see `Recommender`."""
        return self.rows(self._parts, users)

    def save(self, folder: Path) -> None:
        """Write the model into `folder`; see `Recommender`."""
        save_model(folder, self.name, self.settings, self._parts)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; see `Recommender`."""
        settings, arrays = load_model(folder, cls.name, cls.settings_type)
        model = cls(settings)
        model._parts = {
            key: arrays[key] if key in arrays else sparse(arrays, key)
            for key in dict.fromkeys(stored.split(".")[0] for stored in arrays)
        }
        return model


class OfLikes(Baseline[S]):
    """A baseline whose scores follow from what a user likes, of training's users X, (U, I)."""

    @abstractmethod
    def rows_of_likes(self, parts: Parts, likes: csr_matrix) -> NDArray[np.float32]:
        """Return the scores of all items for users who like these, (n, I)."""

    def rows(self, parts: Parts, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores by these users' rows of X; see `Baseline`."""
        return self.rows_of_likes(parts, parts["X"][users])

    def score_likes(self, likes: csr_array) -> NDArray[np.float32]:
        """Return the scores for people whom training never saw; see `FoldsIn`."""
        return self.rows_of_likes(self._parts, csr_matrix(likes, dtype=np.float32))


def dense(scores: NDArray[np.float32] | csr_matrix) -> NDArray[np.float32]:
    """Return a product of matrices, which is sparse where both were, as an array."""
    return scores if isinstance(scores, np.ndarray) else scores.toarray()
