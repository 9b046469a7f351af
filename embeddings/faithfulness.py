"""Are reasons what the model went by? Their edges are taken away, and the pair is scored again.

A reason names a thing between a user and an item; its edges are those between the thing and either
of the two in the graph that the model was given. Without them a faithful reason's score falls by
more than without as many that are drawn among all of the same relations at the same user and item
(deletion), and with them alone of all candidates it rises by more (insertion): Petsiuk et al.,
"RISE", BMVC 2018; for graphs Pope et al., CVPR 2019. Nothing is trained again, so what is seen is
an edited input.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from embeddings.bootstrap import bootstrap_interval
from embeddings.explain import REASONS, Explainer
from embeddings.models.edited_graph import EditedGraph
from embeddings.models.edited_pair import EditedPair
from embeddings.ranking import rank
from embeddings.reason_weights import WEIGHTINGS, Unit, weights
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress

KS: Final = (1, 3, 5, 10)
"""Reasons taken away, or left, at the points of the curves."""
MOST_CANDIDATES: Final = 40
"""More than these of one pair are drawn from."""
TOP: Final = 10
RANDOM: Final = "random order"
PRESENT: Final = "evidence"
_CONTROLS: Final = 2


@dataclass(frozen=True)
class Order:
    """What came of one way to weigh reasons, means over pairs.

    Attributes:
        drop: of the score without the first three reasons.
        control: of the score without as many edges of the same relations, drawn.
        difference, low, high: the first less the second, with its paired 95 % interval.
        left, control_left: share of the pairs whose item left the user's first ten.
        rank, control_rank: median place of the item.
        deletion: drop without the first 1, 3, 5, 10 reasons.
        insertion: rise from none of the candidates to the first 1, 3, 5, 10 of them.
        more, more_low, more_high: mean of `deletion` less that of the present weights, with its
            paired 95 % interval.
        milliseconds: of the processor, to weigh one pair's candidates once all is in memory.
    """

    name: str
    drop: float
    control: float
    difference: float
    low: float
    high: float
    left: float
    control_left: float
    rank: float
    control_rank: float
    deletion: list[float]
    insertion: list[float]
    more: float
    more_low: float
    more_high: float
    milliseconds: float


@dataclass(frozen=True)
class Faithfulness:
    """The measurement; `without` pairs were drawn and had no path between user and item."""

    pairs: int
    without: int
    candidates: float
    orders: list[Order]


@dataclass(frozen=True)
class _Found:
    """Of one pair and order: drops, rises and ranks at each k, and the control's drop and rank."""

    drop: NDArray[np.float64]
    rise: NDArray[np.float64]
    rank: int
    control: float
    control_rank: float
    seconds: float


def measure(
    graph: EditedGraph,
    explainer: Explainer,
    data: TrainingData,
    *,
    pairs: int,
    seed: int,
    progress: Progress = no_progress,
) -> Faithfulness:
    """Take reasons away from drawn pairs of a user and an item among the user's first ten.

    Args:
        graph: trained on `data`.
        explainer: of `data`; its paths are the candidates.
        data: the training part.
        pairs: how many, each of another user.
        seed: of all draws.
        progress: told of pairs done.

    Raises:
        ModelError: no drawn pair has a path.
    """
    rng = np.random.default_rng(seed)
    users, items = draw_pairs(graph, data, rng)
    found: dict[str, list[_Found]] = {name: [] for name in (*WEIGHTINGS, RANDOM)}
    sizes, without = list[int](), 0
    for user, item in zip(users, items, strict=True):
        if len(sizes) == pairs:
            break
        pair = EditedPair(graph, int(user), int(item))
        units = units_of(pair, explainer, rng)
        if not units:
            without += 1
            continue
        sizes.append(len(units))
        judge = _Judge(pair, units, data.seen[[int(user)]].indices, rng)
        for name in WEIGHTINGS:
            begun = time.process_time()
            weight = weights(name, pair, units)
            took = time.process_time() - begun
            found[name].append(judge.order(np.argsort(-weight, kind="stable"), took))
        found[RANDOM].append(judge.order(rng.permutation(len(units)), 0.0))
        progress(len(sizes), pairs, "pairs")
    if not sizes:
        raise ModelError(
            f"None of {without} drawn pairs has a path between user and item.",
            remedy="Reasons need evidence: reviews, attributes, or items that people share.",
        )
    return Faithfulness(
        pairs=len(sizes),
        without=without,
        candidates=float(np.mean(sizes)),
        orders=[_order(name, rows, found[PRESENT], seed) for name, rows in found.items()],
    )


def draw_pairs(
    graph: EditedGraph, data: TrainingData, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return users in a drawn order, and of each an item drawn from its list's first ten."""
    users = np.flatnonzero(np.diff(data.positives.indptr))
    users = rng.permutation(users)
    items = np.empty(len(users), np.int64)
    done = 0
    for block in rank(graph, users, data.seen, TOP):
        there = np.maximum(1, (block.items >= 0).sum(axis=1))
        place = (rng.random(len(there)) * there).astype(np.int64)
        items[done : done + len(there)] = block.items[np.arange(len(there)), place]
        done += len(there)
    return users[items >= 0], items[items >= 0]


def units_of(pair: EditedPair, explainer: Explainer, rng: np.random.Generator) -> list[Unit]:
    """Return the candidates: the things of all paths, with the messages that they send the pair."""
    paths = explainer.candidates(np.array([pair.user]), np.array([pair.item]))
    source = pair.graph.edges.source[pair.into].long()
    units = []
    for kind, weight, thing in paths.select("kind", "weight", "thing").iter_rows():
        into = pair.into[source == pair.graph.node(kind, thing)]
        if len(into):
            units.append(Unit(kind, thing, weight, into))
    if len(units) > MOST_CANDIDATES:
        kept = np.sort(rng.choice(len(units), MOST_CANDIDATES, replace=False))
        units = [units[place] for place in kept]
    return units


class _Judge:
    """Scores one pair without messages, each set of them once."""

    def __init__(
        self,
        pair: EditedPair,
        units: Sequence[Unit],
        seen: NDArray[np.int32],
        rng: np.random.Generator,
    ) -> None:
        self._pair, self._units, self._rng = pair, units, rng
        self._candidate = np.ones(pair.graph.liked.shape[1], np.bool_)
        self._candidate[seen] = False
        self._known: dict[tuple[int, ...], tuple[float, int]] = {}
        self._whole = self.without(range(0))[0]
        self._none = self.without(range(len(units)))[0]

    def without(self, places: Sequence[int] | range) -> tuple[float, int]:
        """Score and rank of the item without these units."""
        key = tuple(sorted(places))
        if key not in self._known:
            self._known[key] = self._scored([self._units[place].into for place in key])
        return self._known[key]

    def order(self, order: NDArray[np.int64], seconds: float) -> _Found:
        """Take the units away in this order, and put them back in this order."""
        ranked = [int(place) for place in order]
        drop = [self._whole - self.without(ranked[:k])[0] for k in KS]
        rise = [self.without(ranked[k:])[0] - self._none for k in KS]
        controls = [self._control(ranked[:REASONS]) for _ in range(_CONTROLS)]
        return _Found(
            drop=np.array(drop),
            rise=np.array(rise),
            rank=self.without(ranked[:REASONS])[1],
            control=self._whole - float(np.mean([score for score, _ in controls])),
            control_rank=float(np.mean([place for _, place in controls])),
            seconds=seconds,
        )

    def _control(self, places: Sequence[int]) -> tuple[float, int]:
        """Score and rank without as many drawn messages of the same relations and ends."""
        edges, into = self._pair.graph.edges, self._pair.into
        removed = torch.cat([self._units[place].into for place in places])
        drawn = []
        kinds = torch.stack([edges.destination[removed].long(), edges.relation[removed]], dim=1)
        for (end, relation), count in zip(
            *(part.tolist() for part in torch.unique(kinds, dim=0, return_counts=True)), strict=True
        ):
            same = into[(edges.destination[into] == end) & (edges.relation[into] == relation)]
            drawn.append(same[self._rng.choice(len(same), count, replace=False)])
        return self._scored(drawn)

    def _scored(self, removed: Sequence[Tensor]) -> tuple[float, int]:
        gone = torch.unique(torch.cat([*removed, torch.empty(0, dtype=torch.int64)]))
        s = self._pair.all_scores(gone)
        own = s[self._pair.item]
        return float(own), 1 + int((s[self._candidate] > own).sum())


def _order(name: str, rows: Sequence[_Found], present: Sequence[_Found], seed: int) -> Order:
    at = KS.index(REASONS)
    drops = np.stack([row.drop for row in rows])
    control = np.array([row.control for row in rows])
    beyond = drops[:, at] - control
    more = drops.mean(axis=1) - np.stack([row.drop for row in present]).mean(axis=1)
    low, high = bootstrap_interval(np.stack([beyond, more], axis=1), seed)
    ranks = np.array([row.rank for row in rows])
    control_ranks = np.array([row.control_rank for row in rows])
    return Order(
        name=name,
        drop=float(drops[:, at].mean()),
        control=float(control.mean()),
        difference=float(beyond.mean()),
        low=float(low[0]),
        high=float(high[0]),
        left=float((ranks > TOP).mean()),
        control_left=float((control_ranks > TOP).mean()),
        rank=float(np.median(ranks)),
        control_rank=float(np.median(control_ranks)),
        deletion=drops.mean(axis=0).tolist(),
        insertion=np.stack([row.rise for row in rows]).mean(axis=0).tolist(),
        more=float(more.mean()),
        more_low=float(low[1]),
        more_high=float(high[1]),
        milliseconds=1000 * float(np.mean([row.seconds for row in rows])),
    )
