"""Which profile foretells best what a user's held-out items are about.

Every thing of a kind is ranked for every user with a target, those that the user has met before
among them. Settings are chosen on the validation part; the test part is looked at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import product
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.comparison import Comparison, compare
from embeddings.evaluate import targets_of
from embeddings.interests.profiles import Profile, evidence, popular, propagated, spectral
from embeddings.interests.weights import InterestGraph, interest_graph
from embeddings.metrics import hits, ndcg_of_hits, reciprocal_rank, target_counts
from embeddings.pairs import PAIR, frame
from embeddings.snapshot import Snapshot
from embeddings.split import TEST, TRAIN, VALID
from kg.progress import Progress, no_progress

DEPTH: Final = 20
METRICS: Final = (f"ndcg@{DEPTH}", f"mrr@{DEPTH}")
ASPECTS, ATTRIBUTES, OWN_WORDS = "aspects of items", "attributes of items", "own words"
QUESTIONS: Final = (ASPECTS, ATTRIBUTES, OWN_WORDS)
METHODS: Final = ("popularity", "evidence", "svd", "propagation")
RANKS: Final = (2, 4, 8, 16, 32, 64)
RESTARTS: Final = (0.1, 0.3, 0.6)
HALF_LIVES: Final = (None, 365.0, 1460.0)
"""Half-lives in days that the evidence is tried with."""
_BLOCK: Final = 256

Setting = Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    """One method on the test part, for one question.

    Attributes:
        question: one of `QUESTIONS`.
        method: one of `METHODS`.
        setting: what validation chose.
        per_user: user_id, targets and a column per metric.
        against: this method against the others of the same question.
    """

    question: str
    method: str
    setting: Setting
    per_user: pa.Table
    against: list[Comparison]

    def mean(self, metric: str) -> float:
        """Mean over users."""
        return float(frame(self.per_user)[metric].mean())  # type: ignore[arg-type]


def compare_profiles(
    whole: Snapshot, split: pa.Table, *, seed: int, progress: Progress = no_progress
) -> list[Judged]:
    """Choose each method's setting for each question on validation, and judge it on test.

    Args:
        whole: the snapshot; the methods see its training part alone.
        split: user_id, item_id, part.
        seed: of the decomposition and the bootstrap.
    """
    view = whole.restrict(split, {TRAIN})
    weigh = cache(partial(interest_graph, view))
    settings = [(method, each) for method in METHODS for each in settings_of(method)]
    wanted = {part: _targets(whole, split, part, view) for part in (VALID, TEST)}
    chosen: dict[tuple[str, str], tuple[float, int]] = {}
    for number, (method, setting) in enumerate(settings):
        valid = judge(weigh(**_weighing(setting)), method, setting, wanted[VALID], seed=seed)
        for question, table in valid.items():
            reached = float(np.mean(table[METRICS[0]].to_numpy()))
            best = chosen.get((question, method), (-1.0, 0))
            chosen[question, method] = max(best, (reached, -number))
        progress(number + 1, len(settings), "settings")
    found = []
    for question, targets in wanted[TEST].items():
        best_of = {method: settings[-chosen[question, method][1]][1] for method in METHODS}
        tables = {
            method: judge(
                weigh(**_weighing(setting)), method, setting, {question: targets}, seed=seed
            )[question]
            for method, setting in best_of.items()
        }
        found += [
            Judged(question, method, setting, tables[method], _against(tables, method, seed))
            for method, setting in best_of.items()
        ]
    return found


def settings_of(method: str) -> Sequence[Setting]:
    """Everything that validation chooses from."""
    match method:
        case "popularity":
            return [{}]
        case "evidence":
            return [
                {"rarity": rarity, "half_life_days": days}
                for rarity, days in product((True, False), HALF_LIVES)
            ]
        case "svd":
            return [
                {"rarity": rarity, "rank": rank} for rarity, rank in product((True, False), RANKS)
            ]
        case _:
            return [
                {"rarity": rarity, "walk": walk, "restart": restart}
                for rarity, walk, restart in product((True, False), (True, False), RESTARTS)
            ]


def judge(
    graph: InterestGraph,
    method: str,
    setting: Setting,
    targets: Mapping[str, pl.DataFrame],
    *,
    seed: int,
) -> dict[str, pa.Table]:
    """Return user_id, targets and the metrics by question.

    Args:
        graph: what a profile may be made from.
        targets: by question user_id, kind, id of what should be found.
    """
    profile = _profile(graph, method, setting, seed)
    return {question: _ranked(graph, profile, rows) for question, rows in targets.items()}


def _weighing(setting: Setting) -> dict[str, Any]:
    return {key: setting[key] for key in ("rarity", "half_life_days") if key in setting}


def _profile(graph: InterestGraph, method: str, setting: Setting, seed: int) -> Profile:
    match method:
        case "popularity":
            return popular(graph)
        case "evidence":
            return evidence(graph)
        case "svd":
            return spectral(graph, setting["rank"], seed=seed)
        case _:
            return propagated(graph, restart=setting["restart"], walk=setting["walk"])


def _ranked(graph: InterestGraph, profile: Profile, targets: pl.DataFrame) -> pa.Table:
    """Rank the things of the targets' kind for their users."""
    columns = graph.of_kind(targets["kind"][0])
    wanted = _matrix(graph, targets)[:, columns]
    users = np.flatnonzero(target_counts(csr_array(wanted)))
    parts: list[NDArray[np.float64]] = []
    for first in range(0, len(users), _BLOCK):
        block = users[first : first + _BLOCK]
        top = _best(profile(block)[:, columns])
        goal = csr_array(wanted[block])
        hit, count = hits(top, goal), target_counts(goal)
        parts.append(
            np.column_stack(
                [count, ndcg_of_hits(hit, count, DEPTH), reciprocal_rank(hit, count, DEPTH)]
            )
        )
    values = np.vstack(parts)
    return pa.table(
        {
            "user_id": [graph.users[user] for user in users.tolist()],
            "targets": values[:, 0].astype(np.int64),
            **{name: values[:, 1 + place] for place, name in enumerate(METRICS)},
        }
    )


def _best(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of the highest scores of each row, best first; of equal ones the first."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH].astype(np.int64)


def _matrix(graph: InterestGraph, rows: pl.DataFrame) -> csr_array:
    things = graph.things.with_row_index("column")
    users = pl.DataFrame({"user_id": graph.users}).with_row_index("row")
    placed = rows.join(users, on="user_id").join(things, on=["kind", "id"])
    where = (placed["row"].to_numpy(), placed["column"].to_numpy())
    return csr_array((np.ones(placed.height), where), shape=(len(graph.users), things.height))


def _targets(
    whole: Snapshot, split: pa.Table, part: str, view: Snapshot
) -> dict[str, pl.DataFrame]:
    """What should be found: by question user_id, kind, id; questions without any are left out.

    Of items it is what the training part's reviews say of them and what they have; of own words,
    what the user's held-out reviews speak of.
    """
    liked = frame(targets_of(whole, split, part))
    reviews = frame(view.reviews.select(["review_id", "item_id"]))
    mentions = frame(view.mentions).filter(target_kind="Aspect").join(reviews, on="review_id")
    aspects = mentions.select("item_id", id="target_id").unique()
    attributes = frame(view.attributes).select("item_id", id="attribute_id")
    held = frame(split).filter(part=part)
    own = frame(whole.reviews.select(["review_id", *PAIR])).join(held, on=PAIR, how="semi")
    spoken = frame(whole.mentions).filter(target_kind="Aspect").join(own, on="review_id")
    known = view.mentions["target_id"].to_pylist()
    found = {
        ASPECTS: _labelled(liked.join(aspects, on="item_id"), "Aspect"),
        ATTRIBUTES: _labelled(liked.join(attributes, on="item_id"), "Attribute"),
        OWN_WORDS: _labelled(
            spoken.select("user_id", id="target_id").filter(pl.col("id").is_in(known)), "Aspect"
        ),
    }
    return {question: rows for question, rows in found.items() if rows.height}


def _labelled(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    return rows.select("user_id", "id", kind=pl.lit(kind)).unique(maintain_order=True)


def _against(tables: Mapping[str, pa.Table], method: str, seed: int) -> list[Comparison]:
    return [
        comparison
        for other, table in tables.items()
        if other != method
        for comparison in compare(
            tables[method], table, names=(method, other), seed=seed, metrics=METRICS
        )
    ]
