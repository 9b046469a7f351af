"""The sampled-negative protocol of KGCN (Wang et al., WWW 2019) and of those who compare with it.

For each user as many items as the user liked are drawn, evenly and without replacement, from those
that the user never had. Likes and drawn items together are split at random; a model learns from
the likes of the training part and is asked which of the held-out pairs are likes. It is a weak
protocol, for tables that others published: `docs/evaluation.md` says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import logsumexp
from scipy.stats import rankdata
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from embeddings.models.contract import Recommender
from embeddings.pairs import PAIR, frame, pairs_of
from embeddings.score import fit_calibration
from embeddings.settings import ClickSettings
from embeddings.snapshot import Snapshot
from embeddings.split import TEST, TRAIN, VALID
from embeddings.training_data import TrainingData
from kg.errors import ModelError

TEMPERATURES: Final = (0.5, 1.0, 1.5, 2.0, 3.0)
"""Of the softmax, in standard deviations of the scores."""
_THRESHOLD: Final = 0.5
_BLOCK_SCORES: Final = 8_000_000

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class ClickFigures:
    """What a model reached on the pairs of one part, all users' pairs in one pool.

    Attributes:
        auc: the chance that a like has a higher score than a drawn item; ties count half.
        accuracy: share of pairs that are likes just where their probability is 0.5 or more.
        f1: 2 hits / (2 hits + false alarms + misses), by the same threshold.
    """

    auc: float
    accuracy: float
    f1: float


@dataclass(frozen=True)
class ClickResult:
    """What a model reached with one draw.

    Attributes:
        scale: how scores were made comparable between users, as validation chose.
        valid, test: its figures; those of `valid` are flattered, as the choice and the
            probabilities were fitted there.
    """

    scale: str
    valid: ClickFigures
    test: ClickFigures


def draw_clicks(snapshot: Snapshot, settings: ClickSettings, seed: int) -> pa.Table:
    """Return user_id, item_id, clicked, part: all likes and the items drawn against them.

    Args:
        snapshot: the whole one, not restricted.
        settings: how many are drawn, and the shares of the parts.
        seed: of the draw and the split.
    """
    pairs = pairs_of(snapshot.interactions)
    items = frame(snapshot.items).select("item_id").join(_shunned(pairs), on="item_id", how="anti")
    keys = items["item_id"].sort()
    place = pl.DataFrame({"item_id": keys, "place": np.arange(len(keys))})
    had = pairs.join(place, on="item_id").sort(PAIR)
    random = np.random.default_rng(seed)
    drawn = [
        _drawn(user, rows, keys, settings.negatives_per_positive, random)
        for (user,), rows in had.group_by("user_id", maintain_order=True)
    ]
    liked = had.filter("positive").select(*PAIR, clicked=True)
    clicks = pl.concat([liked, *drawn]).sort(PAIR)
    held = [int(clicks.height * share) for share in (settings.valid, settings.test)]
    part = np.repeat([VALID, TEST, TRAIN], [*held, clicks.height - sum(held)])
    return clicks.with_columns(part=pl.Series(random.permutation(part))).to_arrow()


def likes(clicks: pa.Table) -> pa.Table:
    """Return user_id, item_id, part of the likes: the split that training is restricted by."""
    return frame(clicks).filter("clicked").select(*PAIR, "part").to_arrow()


def without_reviews(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot without what users wrote.

    Aspects and topics were learnt from the training reviews of the run's own split, some of which
    this protocol holds out.
    """
    told = ("reviews", "mentions", "review_topics")
    return snapshot.replace(**{name: getattr(snapshot, name).slice(0, 0) for name in told})


def judge(model: Recommender, data: TrainingData, clicks: pa.Table) -> ClickResult:
    """Ask a model which of the held-out pairs are likes.

    A ranking need not be comparable between users, and this protocol pools them: so scores are
    taken as they are, as the share of unseen items ranked behind, or as the log of a softmax over
    the unseen items, whichever has the highest AUC on validation, for every model alike.
    Probabilities are calibrated on validation.

    Args:
        model: fitted on `data`.
        data: restricted to the likes of the training part.
        clicks: as `draw_clicks` gives them.

    Raises:
        ModelError: validation or test has not both likes and others.
    """
    valid, test = (_pairs_of_part(clicks, part, data) for part in (VALID, TEST))
    user, item = (np.concatenate([valid[n], test[n]]) for n in (0, 1))
    count = len(valid[0])
    scales = comparable_scores(model, data.seen, user, item)
    aucs = {scale: float(roc_auc_score(valid[2], s[:count])) for scale, s in scales.items()}
    scale = max(aucs, key=aucs.__getitem__)
    known, asked = scales[scale][:count], scales[scale][count:]
    return ClickResult(
        scale,
        click_figures(valid[2], known, _probabilities(known, valid[2], known)),
        click_figures(test[2], asked, _probabilities(known, valid[2], asked)),
    )


def click_figures(clicked: Booleans, scores: Floats, probabilities: Floats) -> ClickFigures:
    """Measure scores and probabilities (n,) by what was clicked (n,)."""
    said = probabilities >= _THRESHOLD
    return ClickFigures(
        auc=float(roc_auc_score(clicked, scores)),
        accuracy=float(accuracy_score(clicked, said)),
        f1=float(f1_score(clicked, said, zero_division=0.0)),
    )


def comparable_scores(
    model: Recommender, seen: csr_array, user: NDArray[np.int64], item: NDArray[np.int64]
) -> dict[str, Floats]:
    """Return the scores of pairs (n,) on each scale.

    Args:
        model: a fitted model.
        seen: pairs of the training part, (U, I).
        user, item: positions, (n,); the pairs are not among `seen`.
    """
    blocks = list(_blocks(model, seen, user, item))
    scales = blocks[0][1].keys()
    joined = {scale: np.empty(len(user)) for scale in scales}
    for rows, scores in blocks:
        for scale in scales:
            joined[scale][rows] = scores[scale]
    return joined


def _blocks(
    model: Recommender, seen: csr_array, user: NDArray[np.int64], item: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], dict[str, Floats]]]:
    """Rows of pairs, and their scores by scale, some users at a time."""
    asked, row = np.unique(user, return_inverse=True)
    block, spread = max(1, _BLOCK_SCORES // seen.shape[1]), 0.0
    for start in range(0, len(asked), block):
        users = asked[start : start + block]
        s = model.score(users).astype(np.float64)
        unseen = seen[users].toarray() == 0
        spread = spread or float(s[unseen].std()) or 1.0
        rows = np.flatnonzero((row >= start) & (row < start + len(users)))
        at, column = row[rows] - start, item[rows]
        hidden = np.where(unseen, s, -np.inf)
        behind = rankdata(hidden, axis=1)[at, column] - (~unseen).sum(1)[at] - 0.5
        scales = {"as they are": s[at, column], "share ranked behind": behind / unseen.sum(1)[at]}
        for temperature in TEMPERATURES:
            tau = temperature * spread
            scales[f"softmax, {temperature:g} sd"] = (
                s[at, column] / tau - logsumexp(hidden / tau, axis=1)[at]
            )
        yield rows, scales


def _probabilities(known: Floats, clicked: Booleans, scores: Floats) -> Floats:
    """Probabilities of scores, by a calibration of known ones."""
    calibration = fit_calibration(known, clicked)
    if calibration is None:
        return np.full(len(scores), clicked.mean())
    return calibration.of(scores.astype(np.float32))


def _pairs_of_part(
    clicks: pa.Table, part: str, data: TrainingData
) -> tuple[NDArray[np.int64], NDArray[np.int64], Booleans]:
    """Positions and labels of the pairs of a part."""
    rows = frame(clicks).filter(pl.col("part") == part)
    clicked = rows["clicked"].to_numpy()
    if clicked.all() or not clicked.any():
        raise ModelError(
            f"Of {len(clicked)} pairs to {part} by, {int(clicked.sum())} are likes: AUC needs both"
            " likes and others.",
            remedy="Hold more out (evaluate.clicks), add data, or leave evaluate.clicks out.",
        )
    return data.users.positions(rows["user_id"]), data.items.positions(rows["item_id"]), clicked


def _drawn(
    user: object, rows: pl.DataFrame, keys: pl.Series, each: int, random: np.random.Generator
) -> pl.DataFrame:
    """Items that a user never had, `each` for every like, or all there are."""
    free = np.ones(len(keys), np.bool_)
    free[rows["place"].to_numpy()] = False
    count = min(each * int(rows["positive"].sum()), int(free.sum()))
    places = random.choice(np.flatnonzero(free), count, replace=False)
    return pl.DataFrame(
        {"user_id": [user] * count, "item_id": keys.gather(places), "clicked": [False] * count},
        schema={"user_id": pl.String, "item_id": pl.String, "clicked": pl.Boolean},
    )


def _shunned(pairs: pl.DataFrame) -> pl.DataFrame:
    """Items that somebody had and nobody liked: no training data knows them."""
    liked = pairs.group_by("item_id").agg(pl.col("positive").any())
    return liked.filter(~pl.col("positive")).select("item_id")
