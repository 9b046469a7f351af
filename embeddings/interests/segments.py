"""Groups of people who care for the same things, and what sets each of them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from embeddings.sparse_rows import leading
from kg.errors import ModelError

COUNTS: Final = range(2, 13)
"""How many segments are tried where no number is asked for."""
GOOD: Final = 0.8
"""Agreement of partitions that is called good (Steinley 2004, of the adjusted Rand index)."""
SEEDS: Final = 5
"""Starts whose segments must agree."""
LEAST_INTERESTS: Final = 5
"""Interests that somebody needs to belong to a segment."""
FACTORS: Final = 16
STRONGEST: Final = 20
"""Interests of a person that count when segments are described: so that those who write much do
not speak for the others."""
_Z: Final = 1.96

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Segmentation:
    """Who belongs where.

    Attributes:
        labels: segment of each user from 0, largest first; -1 for those with few interests, (U,).
        fit: cosine of each user to the segment's centre, (U,).
        stability: how far segments from other starts agree, the mean adjusted Rand index, ≤ 1.
    """

    labels: Labels
    fit: Floats
    stability: float

    @property
    def count(self) -> int:
        """How many segments there are."""
        return int(self.labels.max(initial=-1)) + 1


def segment(interests: csr_array, *, count: int | None = None, seed: int) -> Segmentation:
    """Group users by k-means on the sphere of their leading interest factors.

    Rows of unit length are projected on the leading singular vectors (Deerwester et al. 1990) and
    brought to unit length again, so that k-means goes by direction, by what somebody cares for
    and not by how much (Dhillon & Modha 2001).

    Args:
        interests: weights, (U, T).
        count: number of segments; None: the largest on which starts agree well (`GOOD`), else
            that on which they agree best.
        seed: of everything random.

    Raises:
        ModelError: too few people have interests enough.
    """
    eligible = np.flatnonzero(np.diff(interests.indptr) >= LEAST_INTERESTS)
    tried = [count] if count is not None else list(COUNTS)
    if len(eligible) < 2 * min(tried):
        raise ModelError(
            f"{len(eligible)} people have at least {LEAST_INTERESTS} interests; {min(tried)}"
            f" segments need {2 * min(tried)}.",
            remedy="Load more reviews or interactions, or ask for fewer segments.",
        )
    points = _points(interests[eligible], seed)
    most = max(min(tried), len(np.unique(points.round(6), axis=0)))
    with threadpool_limits(1):  # so few points that threads would only wait for each other
        runs = {each: _tried(points, each, seed) for each in tried if each <= most}
    chosen = choose({each: agreement for each, (agreement, _, _) in runs.items()})
    stability, labels, centres = runs[chosen]
    order = np.argsort(-np.bincount(labels), kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    own = normalize(centres)[labels]
    everybody, fit = np.full(interests.shape[0], -1), np.zeros(interests.shape[0])
    everybody[eligible] = place[labels]
    fit[eligible] = (points * own).sum(1)
    return Segmentation(everybody, fit, stability)


def choose(agreement: Mapping[int, float]) -> int:
    """Return the largest number of segments on which starts agree well, else the surest."""
    good = [count for count, reached in agreement.items() if reached >= GOOD]
    return max(good) if good else max(agreement, key=lambda count: agreement[count])


def _points(interests: csr_array, seed: int) -> Floats:
    """Users on the sphere of the leading factors, (n, rank)."""
    unit = normalize(interests)
    rank = min(FACTORS, min(unit.shape) - 1)
    return np.asarray(normalize(TruncatedSVD(rank, random_state=seed).fit_transform(unit)))


def _tried(points: Floats, count: int, seed: int) -> tuple[float, Labels, Floats]:
    """Agreement of the starts, and labels and centres of the tightest."""
    runs = [
        KMeans(count, n_init=10, random_state=seed + number).fit(points) for number in range(SEEDS)
    ]
    pairs = combinations(runs, 2)
    agreement = float(np.mean([adjusted_rand_score(a.labels_, b.labels_) for a, b in pairs]))
    tightest = min(runs, key=lambda run: float(run.inertia_))
    return agreement, tightest.labels_.astype(np.int64), tightest.cluster_centers_


def traits(interests: csr_array, labels: Sequence[int] | Labels, *, least: int = 5) -> pl.DataFrame:
    """What sets segments apart: things that are among their people's strongest interests.

    lift = (people of the segment who have it / people of the segment) / (the same of all
    segments). `low` is the lower end of its 95 % interval, by the variance of the logarithm of a
    ratio of two shares (Katz et al. 1978), those outside the segment against those inside. The
    same interests made the segments, so `low` describes how sure a share is; it tests nothing.

    Args:
        interests: weights, (U, T).
        labels: segment of each user, -1 for none, (U,).
        least: people of the segment who must have it.

    Returns:
        segment, thing (column), people, share, lift, low; of each segment those with low > 1,
        surest first.
    """
    kept = _strongest(interests)
    labels = np.asarray(labels)
    member = csr_array(
        (np.ones((labels >= 0).sum()), (labels[labels >= 0], np.flatnonzero(labels >= 0))),
        shape=(int(labels.max(initial=-1)) + 1, len(labels)),
    )
    inside = (member @ kept).toarray()
    size = member.sum(1)[:, None]
    outside, rest = inside.sum(0) - inside, size.sum() - size
    share = inside / size
    with np.errstate(divide="ignore", invalid="ignore"):
        everybody = (inside + outside) / size.sum()
        error = np.sqrt(1 / inside - 1 / size + 1 / np.maximum(outside, 0.5) - 1 / rest)
        ratio = share / (np.maximum(outside, 0.5) / rest)
        low = ratio * np.exp(-_Z * error)
        lift = share / everybody
    segment_, thing = np.nonzero((inside >= least) & (low > 1))
    at = (segment_, thing)
    return pl.DataFrame(
        {
            "segment": segment_,
            "thing": thing,
            "people": inside[at].astype(np.int64),
            "share": share[at],
            "lift": lift[at],
            "low": low[at],
        }
    ).sort("segment", "low", "thing", descending=[False, True, False])


def _strongest(interests: csr_array) -> csr_array:
    """1 where a thing is among the user's strongest interests, (U, T)."""
    kept = leading(interests.indptr, interests.data, STRONGEST)
    rows = np.repeat(np.arange(interests.shape[0]), np.diff(interests.indptr))[kept]
    return csr_array((np.ones(len(kept)), (rows, interests.indices[kept])), shape=interests.shape)
