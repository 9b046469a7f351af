"""Published lists: the best items of every user, with ranks and calibrated probabilities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from embeddings.models.contract import Recommender
from embeddings.ranking import KeptPlaces, Ranking, Scorer, rank
from embeddings.rerank import Reranker
from embeddings.settings import Hide, NewItemSettings, RerankSettings
from embeddings.training_data import TrainingData
from kg.progress import Progress, no_progress

COLD_PAIRS: Final = 5
"""A user with fewer training pairs counts as a cold start."""
_ENOUGH_FOR_STEPS: Final = 1000
_TOGETHER: Final = 100
"""Scores that are next to each other and speak as one: of a few, all may be hits by luck."""
_KNOTS: Final = 65


@dataclass(frozen=True)
class Calibration:
    """Scores to probabilities: linear between knots, flat beyond them.

    A probability is the chance that a recommendation of this score is among the user's held-out
    likes, as counted on the validation part.
    """

    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]

    def of(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probabilities of the scores, of any shape."""
        return np.interp(scores, self.scores, self.probabilities)

    def save(self, path: Path) -> None:
        """Write the knots as JSON."""
        knots = {"scores": self.scores.tolist(), "probabilities": self.probabilities.tolist()}
        path.write_text(json.dumps(knots) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        knots = json.loads(path.read_text(encoding="utf-8"))
        return cls(np.array(knots["scores"]), np.array(knots["probabilities"]))


def calibrate(model: Recommender, data: TrainingData, *, top_k: int = 50) -> Calibration | None:
    """Learn what a score of `model` is worth from the validation targets in its lists.

    Isotonic regression where there are many hits, else a logistic curve (Platt, 1999).

    Args:
        model: fitted on `data`.
        data: with validation targets.
        top_k: length of the lists.

    Returns:
        None where validation cannot tell: no targets, or none of them (or all) in the lists.
    """
    if data.valid is None or data.valid.nnz == 0:
        return None
    users = np.unique(data.valid.nonzero()[0]).astype(np.int64)
    scores, hits = [], []
    for block in rank(model, users, data.seen, top_k):
        row, place = np.nonzero(block.items >= 0)
        wanted = data.valid[block.users].toarray() > 0
        scores.append(block.scores[row, place])
        hits.append(wanted[row, block.items[row, place]])
    return fit_calibration(np.concatenate(scores).astype(np.float64), np.concatenate(hits))


def fit_calibration(scores: NDArray[np.float64], hits: NDArray[np.bool_]) -> Calibration | None:
    """Return the calibration of scores (n,) by whether each was a hit (n,); see `calibrate`."""
    found = int(hits.sum())
    if found in {0, len(hits)} or scores.min() == scores.max():
        return None
    if found >= _ENOUGH_FOR_STEPS:
        isotonic = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
        groups = np.array_split(np.argsort(scores, kind="stable"), len(scores) // _TOGETHER)
        means = np.array([(scores[group].mean(), hits[group].mean()) for group in groups])
        isotonic.fit(*means.T, sample_weight=[len(group) for group in groups])
        return Calibration(isotonic.X_thresholds_, isotonic.y_thresholds_)
    mean, spread = float(scores.mean()), float(scores.std())
    knots = np.linspace(scores.min(), scores.max(), _KNOTS)
    curve = LogisticRegression().fit(((scores - mean) / spread)[:, None], hits)
    if curve.coef_[0, 0] < 0:
        return Calibration(knots, np.full(_KNOTS, found / len(hits)))
    return Calibration(knots, curve.predict_proba(((knots - mean) / spread)[:, None])[:, 1])


@dataclass(frozen=True, kw_only=True)
class Lists:
    """The lists of a block of users, all places one after another, users in order, best first.

    Attributes:
        users: the users of the block, also those whose list is empty, (n,) int64.
        user, item: positions, (L,) int64.
        rank: from 1 without gaps, (L,) int64.
        score: (L,) float32.
        probability: calibrated, (L,) float64; NaN where validation could not tell.
        cold: whether the user has fewer than `COLD_PAIRS` training pairs, (L,) bool.
    """

    users: NDArray[np.int64]
    user: NDArray[np.int64]
    item: NDArray[np.int64]
    rank: NDArray[np.int64]
    score: NDArray[np.float32]
    probability: NDArray[np.float64]
    cold: NDArray[np.bool_]

    def keep(self, which: NDArray[np.bool_]) -> Lists:
        """Return the lists with some places left out and the others moved up."""
        user = self.user[which]
        begins = np.flatnonzero(np.r_[True, user[1:] != user[:-1]]) if len(user) else user
        sizes = np.diff(np.r_[begins, len(user)])
        return Lists(
            users=self.users,
            user=user,
            item=self.item[which],
            rank=np.arange(len(user)) - np.repeat(begins, sizes) + 1,
            score=self.score[which],
            probability=self.probability[which],
            cold=self.cold[which],
        )

    def count_alike(self) -> int:
        """Return how many lists of several places have the same score at each of them."""
        begins = np.flatnonzero(self.rank == 1)
        if not len(begins):
            return 0
        several = np.diff(np.r_[begins, len(self.user)]) > 1
        least, most = (each.reduceat(self.score, begins) for each in (np.minimum, np.maximum))
        return int((several & (least == most)).sum())

    def parts(self, users: int) -> Iterator[Lists]:
        """Return the lists of `users` users at a time."""
        for start in range(0, len(self.users), users):
            chosen = self.users[start : start + users]
            first, end = np.searchsorted(self.user, [chosen[0], chosen[-1] + 1])
            columns = {
                each.name: getattr(self, each.name)[first:end]
                for each in fields(self)
                if each.name != "users"
            }
            yield Lists(users=chosen, **columns)


def score_lists(
    model: Scorer,
    data: TrainingData,
    *,
    users: NDArray[np.int64] | None = None,
    top_k: int = 50,
    hide: Hide = "seen",
    new_items: NewItemSettings | None = None,
    rerank: RerankSettings | None = None,
    calibration: Calibration | None = None,
    progress: Progress = no_progress,
) -> Iterator[Lists]:
    """Rank all items for users, block by block.

    Args:
        model: fitted on `data`.
        data: all pairs that should be hidden from the lists.
        users: positions, sorted; None for all.
        top_k: longest list.
        hide: what a user's list leaves out: all items that the user has to do with, only those
            that the user likes, or nothing.
        new_items: places that are kept for them.
        rerank: another order than the model's; `score` stays the model's.
        calibration: of the same kind of model on validation targets.
        progress: told of users done.
    """
    pairs = np.bincount(data.pairs.user, minlength=len(data.users))
    users = np.arange(len(data.users)) if users is None else users
    mask = _mask(data, hide)
    kept = None if new_items is None else KeptPlaces.of(new_items, data)
    for block in _ranked(model, data, users, top_k, mask, kept, rerank, progress):
        row, place = np.nonzero(block.items >= 0)
        score = block.scores[row, place]
        unknown = np.full(len(score), np.nan)
        yield Lists(
            users=block.users,
            user=block.users[row],
            item=block.items[row, place],
            rank=place + 1,
            score=score,
            probability=unknown if calibration is None else calibration.of(score),
            cold=pairs[block.users[row]] < COLD_PAIRS,
        )


def _ranked(
    model: Scorer,
    data: TrainingData,
    users: NDArray[np.int64],
    top_k: int,
    mask: csr_array,
    kept: KeptPlaces | None,
    rerank: RerankSettings | None,
    progress: Progress,
) -> Iterator[Ranking]:
    """The first `top_k` of each user, in the order that is published."""
    if rerank is None or rerank.method == "none":
        yield from rank(model, users, mask, top_k, kept=kept, progress=progress)
        return
    reranker = Reranker(rerank, data)
    for block in rank(model, users, mask, max(top_k, rerank.candidates), progress=progress):
        ordered = reranker.rerank(block, top_k)
        yield Ranking(block.users, ordered.items[:, :top_k], ordered.scores[:, :top_k])


def _mask(data: TrainingData, hide: Hide) -> csr_array:
    match hide:
        case "seen":
            return data.seen
        case "liked":
            return data.positives
        case "nothing":
            return data.seen * 0
