"""Which texts are set beside each other, and what is asked of them, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from snapshot_world import Row, make_snapshot, rated, review

from embeddings.contrast import Contrasts, info_nce
from embeddings.features import training_data
from embeddings.settings import FeatureSettings

NOBODY = torch.zeros(2, 2, dtype=torch.bool)


def test_info_nce_is_the_softmax_loss_of_the_right_candidate() -> None:
    anchors = candidates = torch.eye(2)
    loss = info_nce(anchors, candidates, NOBODY, torch.zeros(2), temperature=0.5)
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-2)))


def test_what_the_user_had_besides_is_no_wrong_answer() -> None:
    anchors, candidates = torch.tensor([[1.0, 0], [0, 1]]), torch.tensor([[1.0, 0], [1, 0]])
    had = torch.tensor([[True, True], [False, True]])
    loss = info_nce(anchors, candidates, had, torch.zeros(2), temperature=1.0)
    assert loss.item() == pytest.approx((0 + math.log(2)) / 2)


def test_an_item_that_is_in_batches_more_often_is_less_of_a_surprise() -> None:
    log_q = torch.tensor([math.log(3 / 4), math.log(1 / 4)])
    level = torch.ones(2, 1)
    loss = info_nce(level, level, NOBODY, log_q, temperature=1.0)
    assert loss.item() == pytest.approx((math.log(4) + math.log(4 / 3)) / 2)


def contrasts(reviews: list[Row], **rows: list[Row]) -> tuple[Contrasts, list[tuple[str, str]]]:
    """Contrasts of what ann and bob did with films x, y and z, and the keys of all pairs."""
    snapshot = make_snapshot(
        users=[{"user_id": "ann"}, {"user_id": "bob"}],
        items=rows.get("items", [{"item_id": item} for item in "xyz"]),
        interactions=[
            rated("ann", "x"),
            rated("ann", "y"),
            rated("ann", "z", positive=False),
            rated("bob", "x"),
            rated("bob", "z"),
        ],
        reviews=reviews,
    )
    data = training_data(snapshot, None, settings=FeatureSettings(), seed=0)
    keys = [
        (data.users.keys[user], data.items.keys[item])
        for user, item in zip(data.pairs.user, data.pairs.item, strict=True)
    ]
    return Contrasts(snapshot, data), keys


def drawn(world: Contrasts, keys: list[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
    """Every `anchor > candidate` that is ever drawn, by pair."""
    random, found = np.random.default_rng(0), {}
    for pair in world.pairs:
        anchor, candidate = world.draw(np.full(500, pair), random)
        found[keys[pair]] = {
            f"{world.texts[a]} > {world.texts[c]}" for a, c in zip(anchor, candidate, strict=True)
        }
    return found


WRITTEN = [
    review("ann", "x", "ann on x"),
    review("ann", "y", "ann on y"),
    review("ann", "z", "ann on z"),
    review("bob", "x", "bob on x"),
    review("bob", "z", "bob on z"),
]


def test_a_users_words_on_other_likes_meet_what_others_say_of_the_item() -> None:
    assert drawn(*contrasts(WRITTEN)) == {
        ("ann", "x"): {"ann on y > bob on x"},
        ("bob", "x"): {"bob on z > ann on x"},
        ("bob", "z"): {"bob on x > ann on z"},
    }, "of y only ann wrote, and z she did not like"


def test_what_is_declared_of_an_item_speaks_for_it_on_both_sides() -> None:
    items: list[Row] = [{"item_id": "x"}, {"item_id": "y", "title": "Y"}, {"item_id": "z"}]
    assert drawn(*contrasts(WRITTEN, items=items)) == {
        ("ann", "x"): {"ann on y > bob on x", "Y > bob on x"},
        ("ann", "y"): {"ann on x > Y"},
        ("bob", "x"): {"bob on z > ann on x"},
        ("bob", "z"): {"bob on x > ann on z"},
    }


def test_all_reviews_of_a_pair_are_read_and_empty_ones_are_not() -> None:
    more = {**review("ann", "y", "again"), "review_id": "more"}
    blank = {**review("ann", "y", " "), "review_id": "blank"}
    assert drawn(*contrasts([*WRITTEN, more, blank]))["ann", "x"] == {
        "ann on y > bob on x",
        "again > bob on x",
    }


def test_without_reviews_titles_are_enough() -> None:
    items: list[Row] = [{"item_id": item, "title": item.upper()} for item in "xyz"]
    assert drawn(*contrasts([], items=items)) == {
        ("ann", "x"): {"Y > X"},
        ("ann", "y"): {"X > Y"},
        ("bob", "x"): {"Z > X"},
        ("bob", "z"): {"X > Z"},
    }


def test_without_any_text_there_is_no_pair() -> None:
    world, _ = contrasts([])
    assert not len(world.pairs)
    assert world.texts == []
