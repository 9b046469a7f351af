"""The one interface of every model: fit on training data, score users × items, save and load.

Some models also score people whom training never saw: `FoldsIn`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.training_data import TrainingData
from kg.progress import Progress, no_progress
from kg.settings import Settings


class Recommender(Protocol):
    """A model that ranks items for users.

    `tests/test_model_contract.py` holds every implementation to this, on a world whose answer is
    known by hand.
    """

    name: ClassVar[str]

    def __init__(self, settings: Any) -> None: ...

    @property
    def settings(self) -> Settings:
        """What it is set to; after a fit with validation targets, with what validation chose.

        A fresh model with these settings, fitted on all data, is the refit.
        """
        ...

    def fit(self, data: TrainingData, *, progress: Progress = no_progress) -> Self:
        """Learn from `data` and return self; deterministic given `data.seed`."""
        ...

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return all items' scores for these users, (len(users), I) float32, higher is better.

        Items seen in training are scored as well: masking is the ranking's business.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write all that `load` needs into `folder`: safetensors, npz without pickle, JSON."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""
        ...


@runtime_checkable
class RatingPredictor(Protocol):
    """A recommender that can also say how a user would rate an item."""

    @property
    def predicts_ratings(self) -> bool:
        """Whether it was fitted to; a model may rank alone by its settings."""
        ...

    def predict_ratings(
        self, users: NDArray[np.int64], items: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the ratings of these pairs, (n,) float32, in the source's units.

        They lie within the range of the ratings seen in training.
        """
        ...


def rating_predictor(model: object) -> RatingPredictor | None:
    """Return the model if it predicts ratings."""
    return model if isinstance(model, RatingPredictor) and model.predicts_ratings else None


@runtime_checkable
class FoldsIn(Protocol):
    """A fitted model that scores people whom training never saw, by what they like."""

    def score_likes(self, likes: csr_array) -> NDArray[np.float32]:
        """Return all items' scores for new people, (n, I) float32, higher is better.

        The liked items are scored as well. Who likes nothing gets what the model has for nobody in
        particular.

        Args:
            likes: 1 where one of n people likes an item, (n, I).
        """
        ...
