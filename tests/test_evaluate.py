"""Evaluation ranks everything that a user does not have, and counts what it finds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array
from snapshot_world import Row, make_snapshot, rated, split_of

from embeddings import ranking
from embeddings.evaluate import evaluate, item_profiles, targets_of
from embeddings.features import pair_matrix, training_data
from embeddings.ranking import KeptPlaces, rank
from embeddings.settings import FeatureSettings, NewItemSettings
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress


class Table:
    """A model that was told its scores."""

    name: ClassVar[str] = "table"

    def __init__(self, scores: NDArray[np.float32]) -> None:
        self.scores = scores

    def fit(self, data: TrainingData, *, progress: Progress = no_progress) -> Self:
        return self

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        return self.scores[users]

    def save(self, folder: Path) -> None:
        raise NotImplementedError

    @classmethod
    def load(cls, folder: Path) -> Self:
        raise NotImplementedError


ITEMS = [f"i{n}" for n in range(6)]
TRAIN = [("ann", n) for n in range(5)] + [("bob", 0), ("bob", 1), ("cid", 2)]
TEST = [("ann", 5), ("bob", 2), ("dan", 0), ("dan", 5)]
DISLIKED = ("cid", 3)


@pytest.fixture(scope="module")
def whole() -> Snapshot:
    kinds: list[Row] = [
        {"item_id": item, "attribute_id": f"Genre:{n % 2}", "kind": "Genre"}
        for n, item in enumerate(ITEMS)
    ]
    return make_snapshot(
        users=[{"user_id": user} for user in ("ann", "bob", "cid", "dan")],
        items=[{"item_id": item} for item in ITEMS],
        interactions=[
            *(rated(user, f"i{n}") for user, n in (*TRAIN, *TEST)),
            rated("cid", "i3", positive=False),
        ],
        attributes=kinds,
    )


SPLIT = split_of(
    {(user, f"i{n}"): "train" for user, n in TRAIN}
    | {(user, f"i{n}"): "test" for user, n in TEST}
    | {("cid", "i3"): "test"}
)


@pytest.fixture(scope="module")
def data(whole: Snapshot) -> TrainingData:
    view = whole.restrict(SPLIT, {"train"})
    return training_data(view, None, settings=FeatureSettings(min_items=1), seed=0)


@pytest.fixture(scope="module")
def targets(whole: Snapshot, data: TrainingData) -> csr_array:
    return pair_matrix(targets_of(whole, SPLIT, "test"), data.users, data.items)


def counting_down(users: int = 4) -> Table:
    """Everybody is shown i0, i1, …"""
    return Table(np.tile(-np.arange(6, dtype=np.float32), (users, 1)))


def test_targets_are_the_liked_pairs_of_a_part(whole: Snapshot) -> None:
    found = targets_of(whole, SPLIT, "test").to_pylist()
    assert [(row["user_id"], row["item_id"]) for row in found] == [
        (user, f"i{n}") for user, n in TEST
    ]


def test_lists_hold_all_items_that_were_not_seen_best_first(
    data: TrainingData, targets: csr_array
) -> None:
    result = evaluate(counting_down(), data, targets)
    shown: dict[str, list[str]] = {}
    for row in result.lists.to_pylist():
        shown.setdefault(row["user_id"], []).append(row["item_id"])
        assert row["rank"] == len(shown[row["user_id"]])
    assert shown == {"ann": ["i5"], "bob": ["i2", "i3", "i4", "i5"], "dan": ITEMS}


def test_means_are_over_users_with_a_target(data: TrainingData, targets: csr_array) -> None:
    result = evaluate(counting_down(), data, targets)
    assert result.users["overall"] == 3
    assert result.overall["recall@5"].mean == pytest.approx((1 + 1 + 0.5) / 3)
    assert result.overall["mrr@5"].mean == 1
    assert result.overall["recall@10"].mean == 1
    score = result.overall["recall@5"]
    assert score.low <= score.mean <= score.high
    assert result.per_user["recall@5"].to_pylist() == [1, 1, 0.5]
    hits = {(row["user_id"], row["item_id"]) for row in result.lists.to_pylist() if row["hit"]}
    assert hits == {(user, f"i{n}") for user, n in TEST}


def test_cold_users_and_items_are_told_apart(data: TrainingData, targets: csr_array) -> None:
    result = evaluate(counting_down(), data, targets)
    counts = {"overall": 3, "cold_users_0": 1, "cold_users_1_4": 1, "warm_users": 1}
    assert result.users == counts | {"cold_items": 2, "cold_items_only": 2, "warm_items": 2}
    assert result.groups["cold_users_0"]["recall@5"].mean == 0.5
    assert result.groups["warm_users"]["recall@5"].mean == 1
    # i5 is nobody's in training: first on ann's list, beyond dan's first five.
    assert result.groups["cold_items"]["recall@5"].mean == 0.5
    assert result.groups["cold_items"]["ndcg@5"].mean == 0.5
    assert result.groups["cold_items_only"]["ndcg@5"].mean == 1, "i5 alone is a candidate"
    assert result.groups["warm_items"]["recall@5"].mean == 1, "bob's and dan's others"


def test_popularity_coverage_and_diversity_are_those_of_the_lists(
    data: TrainingData, targets: csr_array
) -> None:
    result = evaluate(counting_down(), data, targets)
    assert result.overall["coverage@5"].mean == 1
    assert result.per_user["popularity@5"].to_pylist() == [0, (2 + 1 + 1 + 0) / 4, 8 / 5]
    diversity = result.per_user["diversity@5"].to_pylist()
    assert diversity[1:] == pytest.approx([2 / 3, 0.6])


def test_novelty_lift_and_gini_are_those_of_the_lists(
    data: TrainingData, targets: csr_array
) -> None:
    result = evaluate(counting_down(), data, targets)
    # Of 4 users 2 liked i0 and i1 and i2, 1 i3 and i4, nobody i5: -log2 of 3/5, 2/5 and 1/5.
    known, rare, unseen = math.log2(5 / 3), math.log2(5 / 2), math.log2(5)
    assert result.per_user["novelty@5"].to_pylist() == pytest.approx(
        [unseen, (known + 2 * rare + unseen) / 4, (3 * known + 2 * rare) / 5]
    )
    # Dan liked nothing before, so his list is not weighed against his past.
    assert result.per_user["profile_popularity"].to_pylist()[:2] == [8 / 5, 2]
    assert result.overall["popularity_lift@5"].mean == pytest.approx((0 + 1) / (8 / 5 + 2))
    # i0 and i1 are on one list of five, the other four items on two.
    assert result.overall["gini@5"].mean == pytest.approx((-5 - 3 - 2 + 2 + 6 + 10) / (5 * 10))


def test_known_pairs_are_no_candidates(data: TrainingData, targets: csr_array) -> None:
    known = np.zeros((4, 6), np.bool_)
    known[3, [1, 2]] = True
    result = evaluate(counting_down(), data, targets, known=csr_array(known))
    dans = [row for row in result.lists.to_pylist() if row["user_id"] == "dan"]
    assert [row["item_id"] for row in dans] == ["i0", "i3", "i4", "i5"]


def test_blocks_of_users_make_no_difference(
    data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Table(np.random.default_rng(3).random((4, 6), np.float32))
    users = np.arange(4)
    (whole,) = rank(model, users, data.seen, 3)
    monkeypatch.setattr(ranking, "BLOCK_SCORES", 6)
    blocks = list(rank(model, users, data.seen, 3))
    assert len(blocks) == 4
    assert np.concatenate([block.items for block in blocks]).tolist() == whole.items.tolist()


def test_items_are_alike_by_their_attributes_or_else_by_who_liked_them(
    data: TrainingData, whole: Snapshot
) -> None:
    alike = (item_profiles(data) @ item_profiles(data).T).toarray()
    assert alike[0].tolist() == pytest.approx([1, 0, 1, 0, 1, 0])
    bare = whole.replace(attributes=whole.attributes.slice(0, 0))
    settings = FeatureSettings(min_items=1)
    by_users = item_profiles(training_data(bare, None, settings=settings, seed=0))
    assert by_users[[0]].toarray()[0].tolist() == pytest.approx([3**-0.5, 3**-0.5, 0, 3**-0.5])


def test_scores_that_are_no_numbers_are_refused(data: TrainingData, targets: csr_array) -> None:
    model = counting_down()
    model.scores[3, 0] = np.nan
    with pytest.raises(ModelError, match="1 that are no numbers"):
        evaluate(model, data, targets)


def test_nothing_to_find_is_an_error_that_says_what_to_do(data: TrainingData) -> None:
    with pytest.raises(ModelError, match="nothing to evaluate"):
        evaluate(counting_down(), data, csr_array((4, 6), dtype=np.bool_))


def test_places_kept_for_new_items_go_to_the_best_of_them() -> None:
    scores = np.array([[9, 8, 7, 6, 2, 3]], np.float32)
    kept = KeptPlaces(np.array([False] * 4 + [True] * 2), first=2, every=2)

    def listed(taken: list[int]) -> list[int]:
        mask = csr_array(([1.0] * len(taken), ([0] * len(taken), taken)), shape=(1, 6))
        (ranking,) = rank(Table(scores), np.array([0]), mask, 6, kept=kept)
        assert [s for s in ranking.scores[0] if s > -np.inf] == [
            scores[0, item] for item in ranking.items[0] if item >= 0
        ]
        return ranking.items[0].tolist()

    assert listed([]) == [0, 5, 1, 4, 2, 3], "there is no third new item: the others move up"
    assert listed([4, 5]) == [0, 1, 2, 3, -1, -1]
    assert listed([0, 1, 2]) == [3, 5, 4, -1, -1, -1]


def test_no_place_is_kept_unless_asked(data: TrainingData) -> None:
    assert KeptPlaces.of(NewItemSettings(), data) is None
    kept = KeptPlaces.of(NewItemSettings(every=3), data)
    assert kept is not None
    assert [key for key, new in zip(data.items.keys, kept.items, strict=True) if new] == ["i5"]
