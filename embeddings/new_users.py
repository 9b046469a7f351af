"""How good the lists of people are whom training never saw: told what they like, not trained on it.

A share of the users leaves training and validation whole. Models are fitted without them, are then
given their training pairs at query time, and are asked for their test likes: the same pairs, given
and asked for, as of the model that was trained with these users.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings import metrics
from embeddings.bootstrap import bootstrap_interval
from embeddings.evaluate import joined
from embeddings.models.contract import FoldsIn, Recommender
from embeddings.pairs import frame
from embeddings.ranking import rank
from embeddings.split import TEST
from embeddings.training_data import TrainingData
from kg.errors import ModelError

CUTOFF: Final = 10
NEW: Final = "new"
"""Part of the pairs of new users, which neither training nor validation sees."""


Score = Callable[[NDArray[np.int64]], NDArray[np.float32]]


@dataclass(frozen=True)
class _Scorer:
    """Scores of new users by their number among them, for `rank`."""

    score: Score
    name: str = "the model of new users"


@dataclass(frozen=True)
class NewUsers:
    """People who are kept out of training, what a model is told of them, and what is asked for.

    Attributes:
        users: positions, (n,) int64.
        likes: what they like in the training part, (n, I).
        mask: items that are no candidates for them, (n, I).
        targets: what should be found, (n, I).
    """

    users: NDArray[np.int64]
    likes: csr_array
    mask: csr_array
    targets: csr_array

    @classmethod
    def of(
        cls, keys: Sequence[str], data: TrainingData, targets: csr_array, known: csr_array
    ) -> NewUsers:
        """Look them up.

        Args:
            keys: of the users.
            data: the training part of everybody, these users among them.
            targets, known: likes of the test part and of the validation part, (U, I).

        Raises:
            ModelError: none of them has a like in the training part and one in the test part.
        """
        users = data.users.positions(pl.Series(keys, dtype=pl.String))
        likes = data.positives[users]
        judged = (np.diff(likes.indptr) > 0) & (metrics.target_counts(targets[users]) > 0)
        if not judged.any():
            raise ModelError(
                f"None of {len(users)} new users has a like to tell and a held-out one to ask for.",
                remedy="Draw a larger share of the users, or hold more out (split.test).",
            )
        users = users[judged]
        return cls(users, likes[judged], (data.seen + known)[users], targets[users])

    def folded_in(self, model: FoldsIn) -> NDArray[np.float64]:
        """Return NDCG@10 of each by a model fitted without them, told what they like, (n,)."""
        return self._ndcg(lambda rows: model.score_likes(self.likes[rows]))

    def trained_on(self, model: Recommender) -> NDArray[np.float64]:
        """Return NDCG@10 of each by a model that was fitted with them, (n,)."""
        return self._ndcg(lambda rows: model.score(self.users[rows]))

    def _ndcg(self, score: Score) -> NDArray[np.float64]:
        ranking = joined(rank(_Scorer(score), np.arange(len(self.users)), self.mask, CUTOFF))
        return metrics.ndcg(ranking.items, self.targets, CUTOFF)


@dataclass(frozen=True)
class NewUserFigures:
    """NDCG@10 of a model for new users; means over them.

    Attributes:
        folded_in: fitted without them, told what they like.
        trained_on: fitted with them.
        difference, low, high: the first less the second, with its paired 95 % interval.
        users: how many.
    """

    folded_in: float
    trained_on: float
    difference: float
    low: float
    high: float
    users: int


def draw_new_users(split: pa.Table, *, share: float, seed: int) -> list[str]:
    """Return the keys of a share of the users who have a test pair, drawn evenly."""
    users = frame(split).filter(pl.col("part") == TEST)["user_id"].unique().sort()
    return users.sample(round(share * len(users)), seed=seed).sort().to_list()


def without_users(split: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Return the split with all pairs of these users in the part `new`."""
    part = pl.when(pl.col("user_id").is_in(list(keys))).then(pl.lit(NEW)).otherwise("part")
    return frame(split).with_columns(part=part).to_arrow()


def evaluate_new_users(
    new: NewUsers, *, without: FoldsIn, with_them: Recommender, seed: int
) -> NewUserFigures:
    """Compare a model that is told what new users like with one that was trained on it.

    Args:
        new: whom to ask for.
        without: fitted without them.
        with_them: of the same kind, fitted with them.
        seed: of the bootstrap.
    """
    folded, trained = new.folded_in(without), new.trained_on(with_them)
    difference = folded - trained
    low, high = bootstrap_interval(difference[:, None], seed)
    return NewUserFigures(
        folded_in=float(folded.mean()),
        trained_on=float(trained.mean()),
        difference=float(difference.mean()),
        low=float(low[0]),
        high=float(high[0]),
        users=len(new.users),
    )
