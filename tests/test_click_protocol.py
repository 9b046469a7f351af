"""The sampled-negative protocol: what is drawn, what is measured, on worlds that can be counted."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from model_world import world
from numpy.typing import NDArray
from scipy.sparse import csr_array
from snapshot_world import make_snapshot, mention, rated, review

from embeddings import click_protocol
from embeddings.click_protocol import (
    click_figures,
    comparable_scores,
    draw_clicks,
    judge,
    likes,
    without_reviews,
)
from embeddings.pairs import frame
from embeddings.settings import ClickSettings
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData
from kg.errors import ModelError
from kg.progress import Progress, no_progress
from kg.settings import Settings


class Told:
    """A model that scores as it was told."""

    name: ClassVar[str] = "told"
    settings = Settings()

    def __init__(self, scores: list[list[float]]) -> None:
        self._scores = np.array(scores, np.float32)

    def fit(self, data: TrainingData, *, progress: Progress = no_progress) -> Self:
        return self

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        return self._scores[users]

    def save(self, folder: Path) -> None: ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls([])


PAIR = ["user_id", "item_id"]
CLICKS = ClickSettings()


def shop(liked: dict[str, str], *, disliked: dict[str, str] | None = None, items: str) -> Snapshot:
    """Who likes and dislikes which items, a letter each."""
    return make_snapshot(
        users=[{"user_id": user} for user in liked],
        items=[{"item_id": item} for item in items],
        interactions=[
            rated(user, item, positive=positive)
            for told, positive in ((liked, True), (disliked or {}, False))
            for user, some in told.items()
            for item in some
        ],
    )


SHOPS = st.dictionaries(
    st.sampled_from(["ann", "bob", "cat", "dan"]),
    st.text("abcdefgh", min_size=1, max_size=8).map(lambda liked: "".join(set(liked))),
    min_size=1,
)


@examples(max_examples=50)
@given(liked=SHOPS, each=st.integers(1, 3), seed=st.integers(0, 9))
def test_as_many_items_are_drawn_as_are_liked_and_never_one_that_the_user_had(
    liked: dict[str, str], each: int, seed: int
) -> None:
    disliked = dict.fromkeys(liked, "i")
    snapshot = shop(liked, disliked=disliked, items="abcdefghij")
    settings = ClickSettings(negatives_per_positive=each)
    clicks = frame(draw_clicks(snapshot, settings, seed))
    assert not clicks.select(PAIR).is_duplicated().any()
    for user, some in liked.items():
        own = clicks.filter(user_id=user)
        assert set(own.filter("clicked")["item_id"]) == set(some)
        drawn = set(own.filter(~pl.col("clicked"))["item_id"])
        free = set("abcdefghj") - set(some)  # nobody likes i, so that no model knows it
        assert drawn <= free
        assert len(drawn) == min(each * len(some), len(free))


def test_the_pool_is_split_as_asked_and_equal_seeds_draw_the_same() -> None:
    snapshot = shop({"ann": "abcdef", "bob": "cdefgh", "cat": "a"}, items="abcdefghijklmnop")
    clicks, again, other = (draw_clicks(snapshot, CLICKS, seed) for seed in (1, 1, 2))
    assert clicks.equals(again)
    assert not clicks.equals(other)
    # 13 likes and 13 drawn items: a fifth of 26, rounded down, twice
    assert frame(clicks)["part"].value_counts().sort("part").rows() == [
        ("test", 5),
        ("train", 16),
        ("valid", 5),
    ]


def test_only_likes_are_the_split_that_training_is_restricted_by() -> None:
    snapshot = shop({"ann": "abc"}, items="abcdef")
    clicks = draw_clicks(snapshot, CLICKS, 0)
    split = frame(likes(clicks))
    assert split.columns == ["user_id", "item_id", "part"]
    assert sorted(split["item_id"]) == ["a", "b", "c"]
    assert split.equals(frame(clicks).filter("clicked").drop("clicked"))


def test_what_users_wrote_is_left_out() -> None:
    snapshot = make_snapshot(
        users=[{"user_id": "ann"}],
        items=[{"item_id": "a"}],
        interactions=[rated("ann", "a")],
        reviews=[review("ann", "a", "Bright battery.")],
        mentions=[mention("ann-a", "Aspect", "battery")],
    )
    left = without_reviews(snapshot)
    assert left.interactions.num_rows == 1
    assert left.reviews.num_rows == left.mentions.num_rows == 0


def test_auc_counts_ties_half_and_a_probability_of_a_half_says_yes() -> None:
    # likes at 3 and 1, others at 2, 1 and 0: 3 beats three, 1 beats one and ties with one
    clicked = np.array([True, False, True, False, False])
    scores = np.array([3.0, 2.0, 1.0, 1.0, 0.0])
    figures = click_figures(clicked, scores, np.array([0.9, 0.5, 0.4, 0.4, 0.0]))
    assert figures.auc == pytest.approx((3 + 1.5) / 6)
    assert figures.accuracy == pytest.approx(3 / 5)
    assert figures.f1 == pytest.approx(2 / (2 + 1 + 1))


def test_a_model_that_says_no_to_all_has_an_f1_of_zero() -> None:
    clicked = np.array([True, False])
    figures = click_figures(clicked, np.zeros(2), np.zeros(2))
    assert (figures.auc, figures.accuracy, figures.f1) == (0.5, 0.5, 0.0)


def test_scores_on_each_scale_leave_out_what_the_user_had() -> None:
    # ann had item 0: of the three unseen ones, item 2 is before item 1 and tied with item 3
    model = Told([[9.0, 1.0, 2.0, 2.0], [0.0, 0.0, 0.0, 5.0]])
    seen = csr_array(np.array([[1, 0, 0, 0], [0, 0, 0, 0]]))
    user, item = np.array([1, 0, 0]), np.array([3, 2, 1])
    scales = comparable_scores(model, seen, user, item)
    np.testing.assert_allclose(scales["as they are"], [5, 2, 1])
    np.testing.assert_allclose(scales["share ranked behind"], [3.5 / 4, 2 / 3, 0.5 / 3])
    sd = np.std([1, 2, 2, 0, 0, 0, 5])
    ann, bob = np.exp(np.array([1, 2, 2]) / sd), np.exp(np.array([0, 0, 0, 5]) / sd)
    share = [bob[3] / bob.sum(), ann[1] / ann.sum(), ann[0] / ann.sum()]
    np.testing.assert_allclose(np.exp(scales["softmax, 1 sd"]), share, rtol=1e-6)


def test_blocks_of_one_user_give_the_same_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    model = Told(random.normal(size=(5, 7)).tolist())
    seen = csr_array(random.random((5, 7)) < 0.3)
    user, item = np.nonzero(seen.toarray() == 0)
    order = random.permutation(len(user))
    whole = comparable_scores(model, seen, user[order], item[order])
    monkeypatch.setattr(click_protocol, "_BLOCK_SCORES", 7)
    parts = comparable_scores(model, seen, user[order], item[order])
    for scale in ("as they are", "share ranked behind"):
        np.testing.assert_allclose(parts[scale], whole[scale])


def test_validation_chooses_the_scale_on_which_users_can_be_compared() -> None:
    # both users' likes are ahead of their other items; bob's scores are all higher than ann's
    parts = {"valid": ("bd", "ce"), "test": ("fh", "gi")}
    clicks = pa.Table.from_pylist(
        [
            {"user_id": user, "item_id": item, "clicked": clicked, "part": part}
            for user in ("u0", "u1")
            for part, both in parts.items()
            for clicked, items in zip((True, False), both, strict=True)
            for item in (f"i{'abcdefghi'.index(letter)}" for letter in items)
        ]
    )
    data = world(np.array([0, 1]), np.array([0, 0]), users=2, items=9)
    ann = [9.0, 4, 3, 4, 3, 4, 3, 4, 3]
    result = judge(Told([ann, [s + 10 for s in ann]]), data, clicks)
    assert result.scale == "share ranked behind"
    assert (result.valid.auc, result.test.auc) == (1.0, 1.0)
    assert result.test.accuracy == result.test.f1 == 1.0


def test_a_part_of_likes_alone_says_so() -> None:
    data = world(np.array([0]), np.array([0]), users=1, items=3)
    row = {"user_id": "u0", "item_id": "i1", "clicked": True, "part": "valid"}
    with pytest.raises(ModelError, match="both"):
        judge(Told([[0.0, 1, 2]]), data, pa.Table.from_pylist([row]))
