"""How good a model's rankings are on pairs that it never saw.

Full ranking: every item that a user is not known to have is a candidate, none is sampled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from embeddings import beyond_accuracy, metrics
from embeddings.attribute_shares import item_shares, liked_shares, sorting_kinds
from embeddings.bootstrap import bootstrap_interval, inner_part, resampled_means
from embeddings.models.contract import Recommender
from embeddings.pairs import PAIR, frame, pairs_of
from embeddings.ranking import KeptPlaces, Ranking, rank
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

CUTOFFS: Final = (5, 10, 20)
_OF_HITS: Final = {
    "ndcg": metrics.ndcg_of_hits,
    "recall": metrics.recall,
    "precision": metrics.precision,
    "mrr": metrics.reciprocal_rank,
    "hit_rate": metrics.hit_rate,
}


@dataclass(frozen=True)
class Score:
    """A mean over users with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Evaluation:
    """What a model reached.

    Attributes:
        overall: by metric, such as "ndcg@10"; over all users with a target.
        groups: the same for `cold_users_0` (no pair in training), `cold_users_1_4`,
            `warm_users`, `cold_items` (only targets that nobody had in training count),
            `cold_items_only` (these targets ranked among themselves, without the other items) and,
            beside them, `warm_items` (all other targets); groups without a user are absent.
        users: number of users by group, "overall" among them.
        per_user: user_id, pairs (in training), targets, profile_popularity (mean popularity of
            what the user liked in training, NaN without), and a column per metric.
        lists: user_id, rank (from 1), item_id, score, hit: the top 100 of each user.
    """

    overall: dict[str, Score]
    groups: dict[str, dict[str, Score]]
    users: dict[str, int]
    per_user: pa.Table
    lists: pa.Table


def targets_of(snapshot: Snapshot, split: pa.Table, part: str) -> pa.Table:
    """Return user_id, item_id of the liked pairs of a part: what a ranking should find.

    Args:
        snapshot: the whole one, not restricted.
        split: user_id, item_id, part.
        part: "valid" or "test".
    """
    chosen = frame(split).filter(pl.col("part") == part)
    liked = pairs_of(snapshot.interactions).filter("positive").select(PAIR)
    return liked.join(chosen, on=PAIR, how="semi", maintain_order="left").to_arrow()


def evaluate(
    model: Recommender,
    data: TrainingData,
    targets: csr_array,
    *,
    known: csr_array | None = None,
    depth: int = 100,
    reorder: Callable[[Ranking], Ranking] | None = None,
    kept: KeptPlaces | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Evaluation:
    """Rank all candidates for every user who has a target, and measure the lists.

    Args:
        model: fitted on `data`.
        data: the training data; pairs seen in it are no candidates.
        targets: what should be found, (U, I).
        known: further pairs that are no candidates, (U, I): the validation targets, when the
            test part is judged.
        depth: how many items of each user's list to keep.
        reorder: puts the first `depth` items of some users into another order before the lists are
            measured; `cold_items_only` is measured without it.
        kept: places that are kept for some items; see `rank`.
        seed: of the bootstrap.
        progress: told of users done.

    Raises:
        ModelError: no user has a target, or scores are no numbers.
    """
    counts = metrics.target_counts(targets)
    users = np.flatnonzero(counts)
    if not len(users):
        raise ModelError(
            "No user has a held-out liked item, so there is nothing to evaluate.",
            remedy="Hold more out (split.valid, split.test), or lower split.min_pairs and k_core.",
        )
    mask = data.seen if known is None else data.seen + known
    blocks = rank(model, users, mask, max(depth, *CUTOFFS), kept=kept, progress=progress)
    ranking = joined(blocks if reorder is None else map(reorder, blocks))
    wanted = targets[users]
    table = _per_user(ranking, wanted, data)
    values = frame(table)
    cold = _cold_targets(wanted, data)
    alone = np.asarray(cold.sum(0)).ravel() > 0
    groups = {
        "cold_users_0": values.filter(pl.col("pairs") == 0),
        "cold_users_1_4": values.filter(pl.col("pairs").is_between(1, 4)),
        "warm_users": values.filter(pl.col("pairs") > 4),
        "cold_items": _of_targets(ranking, cold),
    }
    if alone.any():
        among = rank(model, users, mask, max(CUTOFFS), candidates=alone, progress=progress)
        groups["cold_items_only"] = _of_targets(joined(among), cold)
        groups["warm_items"] = _of_targets(ranking, csr_array(wanted.astype(np.float64) - cold))
    groups = {name: rows for name, rows in groups.items() if rows.height}
    overall = _means(values, seed) | _of_all_lists(ranking, data) | _popularity_lift(values, seed)
    return Evaluation(
        overall=overall,
        groups={name: _means(rows, seed) for name, rows in groups.items()},
        users={"overall": len(users)} | {name: rows.height for name, rows in groups.items()},
        per_user=table,
        lists=_lists(ranking, wanted, data, depth),
    )


def item_profiles(data: TrainingData) -> csr_array:
    """Return what items are alike by, (I, F), rows of length one (zero: nothing is known).

    Their attributes; where no item has any, the users who liked them in training.
    """
    shared = data.attributes
    if shared is None:
        shared = csr_array(data.positives.T.astype(np.float64))
    length = np.sqrt(np.asarray(shared.multiply(shared).sum(1)).ravel())
    return csr_array(diags_array(1.0 / np.where(length > 0, length, 1.0)) @ shared)


def joined(blocks: Iterable[Ranking]) -> Ranking:
    """Return the rankings of several blocks of users as one."""
    users, items, scores = zip(*((b.users, b.items, b.scores) for b in blocks), strict=True)
    return Ranking(np.concatenate(users), np.concatenate(items), np.concatenate(scores))


def _measured(ranking: Ranking, wanted: csr_array) -> dict[str, NDArray[np.float64]]:
    hit, count = metrics.hits(ranking.items, wanted), metrics.target_counts(wanted)
    return {f"{name}@{k}": of(hit, count, k) for name, of in _OF_HITS.items() for k in CUTOFFS}


def _per_user(ranking: Ranking, wanted: csr_array, data: TrainingData) -> pa.Table:
    profiles = item_profiles(data)
    liked = data.positives
    popularity = np.asarray(liked.sum(0), np.float64).ravel()
    novelty = beyond_accuracy.self_information(popularity, len(data.users))
    pairs = np.bincount(data.pairs.user, minlength=len(data.users))
    top = ranking.items
    return pa.table(
        {
            "user_id": _keys(data.users.keys, ranking.users),
            "pairs": pairs[ranking.users],
            "targets": metrics.target_counts(wanted),
            "profile_popularity": beyond_accuracy.profile_popularity(
                liked[ranking.users], popularity
            ),
            **_measured(ranking, wanted),
            **{
                f"diversity@{k}": beyond_accuracy.intra_list_diversity(top, profiles, k)
                for k in CUTOFFS
            },
            **{
                f"popularity@{k}": beyond_accuracy.mean_of_listed(top, popularity, k)
                for k in CUTOFFS
            },
            **{f"novelty@{k}": beyond_accuracy.mean_of_listed(top, novelty, k) for k in CUTOFFS},
            **_miscalibrations(ranking, data),
        }
    )


def _miscalibrations(ranking: Ranking, data: TrainingData) -> dict[str, NDArray[np.float64]]:
    found = {}
    for kind in sorting_kinds(data):
        shares = item_shares(data, kind)
        liked = liked_shares(data, shares)[ranking.users]
        for k in CUTOFFS:
            found[f"miscalibration_{kind}@{k}"] = beyond_accuracy.miscalibration(
                ranking.items, shares, liked, k
            )
    return found


def _cold_targets(wanted: csr_array, data: TrainingData) -> csr_array:
    """The targets that nobody had in training."""
    had = np.bincount(data.pairs.item, minlength=len(data.items))
    cold = csr_array(wanted.astype(np.float64) @ diags_array((had == 0).astype(np.float64)))
    cold.eliminate_zeros()
    return cold


def _of_targets(ranking: Ranking, wanted: csr_array) -> pl.DataFrame:
    """Measures of the lists of those users who have one of these targets."""
    table = pl.DataFrame(_measured(ranking, wanted))
    return table.filter(pl.Series(metrics.target_counts(wanted) > 0))


def _means(values: pl.DataFrame, seed: int) -> dict[str, Score]:
    measured = values.select(name for name in values.columns if "@" in name)
    filled = measured.fill_nan(None)
    matrix = filled.select(pl.all().fill_null(pl.all().mean())).fill_null(0.0).to_numpy()
    low, high = bootstrap_interval(np.ascontiguousarray(matrix), seed)
    means = matrix.mean(0)
    return {
        name: Score(float(means[place]), float(low[place]), float(high[place]))
        for place, name in enumerate(measured.columns)
    }


def _of_all_lists(ranking: Ranking, data: TrainingData) -> dict[str, Score]:
    """What only all lists together have; users drawn again would not be such lists."""
    figures = {
        f"{name}@{k}": of(ranking.items, len(data.items), k)
        for name, of in (("coverage", beyond_accuracy.coverage), ("gini", beyond_accuracy.gini))
        for k in CUTOFFS
    }
    return {name: Score(value, value, value) for name, value in figures.items()}


def _popularity_lift(values: pl.DataFrame, seed: int) -> dict[str, Score]:
    """Mean popularity of lists over that of what the same users liked in training."""
    lists = [f"popularity@{k}" for k in CUTOFFS]
    known = values.select(*lists, "profile_popularity").drop_nans().to_numpy()
    if not len(known):
        return {}
    means, draws = known.mean(0), resampled_means(np.ascontiguousarray(known), seed)
    low, high = inner_part(draws[:, :-1] / draws[:, -1:])
    return {
        f"popularity_lift@{k}": Score(float(means[n] / means[-1]), float(low[n]), float(high[n]))
        for n, k in enumerate(CUTOFFS)
    }


def _lists(ranking: Ranking, wanted: csr_array, data: TrainingData, depth: int) -> pa.Table:
    items = ranking.items[:, :depth]
    user, place = np.nonzero(items >= 0)
    return pa.table(
        {
            "user_id": _keys(data.users.keys, ranking.users[user]),
            "rank": pa.array(place + 1, pa.int32()),
            "item_id": _keys(data.items.keys, items[user, place]),
            "score": ranking.scores[user, place],
            "hit": metrics.hits(items, wanted)[user, place],
        }
    )


def _keys(keys: Iterable[str], positions: NDArray[np.int64]) -> pa.Array:
    return pa.array(keys, pa.string()).take(pa.array(positions))
