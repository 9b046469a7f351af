"""What the learning stages share: the snapshot, the split and the text vectors of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from scipy.sparse import csr_array

from embeddings.evaluate import targets_of
from embeddings.features import pair_matrix, pair_ratings, training_data
from embeddings.leak_guard import assert_no_leak
from embeddings.rating_accuracy import rated_pairs
from embeddings.snapshot import Snapshot
from embeddings.split import TRAIN, VALID, Part
from embeddings.text_vectors import TextVectors
from embeddings.training_data import Ratings, TrainingData
from recommender.config import Config


@dataclass(frozen=True)
class Learning:
    """The artefacts that models are made from."""

    config: Config
    whole: Snapshot
    split: pa.Table
    vectors: TextVectors | None

    @classmethod
    def of(cls, folder: Path, config: Config) -> Learning:
        """Read them from a run's folder."""
        vectors = TextVectors.load(folder / "vectors.safetensors")
        return cls(
            config,
            Snapshot.load(folder / "snapshot"),
            pq.read_table(folder / "split.parquet"),
            vectors if len(vectors.hashes) else None,
        )

    def view(self, parts: frozenset[Part]) -> Snapshot:
        """Return the snapshot as if only the pairs of these parts had ever happened."""
        return self.whole.restrict(self.split, parts)

    def training(self, parts: frozenset[Part] = frozenset({TRAIN})) -> TrainingData:
        """Return what a model may see of these parts; with validation targets, if not in them.

        Raises:
            LeakError: something held out came through.
        """
        view = self.view(parts)
        data = training_data(
            view,
            self.vectors,
            settings=self.config.features,
            seed=self.config.seed,
            valid=None if VALID in parts else targets_of(self.whole, self.split, VALID),
            valid_ratings=None if VALID in parts else rated_pairs(self.whole, self.split, VALID),
        )
        assert_no_leak(data, view, whole=self.whole, split=self.split, parts=parts)
        return data

    def everything(self) -> TrainingData:
        """Return all that is known, for the model that is published."""
        return training_data(
            self.whole, self.vectors, settings=self.config.features, seed=self.config.seed
        )

    def targets(self, part: str, data: TrainingData) -> csr_array:
        """Return the held-out liked pairs of a part, (U, I)."""
        return pair_matrix(targets_of(self.whole, self.split, part), data.users, data.items)

    def ratings(self, part: str, data: TrainingData) -> Ratings | None:
        """Return the held-out rated pairs of a part, liked or not; None where none is rated."""
        return pair_ratings(rated_pairs(self.whole, self.split, part), data.users, data.items)
