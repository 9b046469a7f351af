"""Losses on matrices small enough to write out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from embeddings.models.objective import (
    Block,
    bpr_loss,
    click_loss,
    draw_block,
    softmax_loss,
)

USER = torch.tensor([0, 0, 0, 1, 1])
ITEM = torch.tensor([0, 1, 2, 0, 3])
HIDDEN = torch.tensor([True, False, True, False, True])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def block(*, inclusion: torch.Tensor | None = None, liked: torch.Tensor | None = None) -> Block:
    return draw_block(
        pair_user=USER,
        pair_item=ITEM,
        hidden=HIDDEN,
        liked=torch.ones(5, dtype=torch.bool) if liked is None else liked,
        users=torch.tensor([0, 1]),
        inclusion=inclusion,
        generator=generator(),
        user_count=2,
        item_count=5,
    )


def test_targets_are_the_hidden_liked_pairs_and_the_rest_is_visible() -> None:
    found = block(liked=torch.tensor([True, True, False, True, True]))
    assert found.target.T.tolist() == [[0, 0], [1, 3]]
    assert found.target_pair.tolist() == [0, 4]
    assert found.visible.T.tolist() == [[0, 1], [1, 0]]
    assert found.shown.T.tolist() == [[0, 1], [1, 0]]


def test_the_softmax_leaves_out_what_the_user_visibly_has() -> None:
    s = torch.tensor([[0.0, 9.0, 1.0, 0.5, -1.0], [9.0, 0.0, 0.3, 1.0, 0.2]])
    loss = softmax_loss(s, block(), user_exponent=1.0)
    z0 = np.log(np.exp([0.0, 1.0, 0.5, -1.0]).sum())
    z1 = np.log(np.exp([0.0, 0.3, 1.0, 0.2]).sum())
    # u0 has two targets of half a weight, u1 one of a whole
    expected = (0.5 * (z0 - 0.0) + 0.5 * (z0 - 1.0) + (z1 - 1.0)) / 2
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_where_items_are_drawn_the_targets_are_there_too() -> None:
    found = block(inclusion=torch.full((5,), 1e-9))
    assert found.items.tolist() == [0, 2, 3]
    assert found.target.T.tolist() == [[0, 0], [0, 1], [1, 2]]


def test_bpr_counts_only_items_that_the_user_has_not() -> None:
    s = torch.zeros(2, 5)
    s[0, 1] = s[1, 0] = 100.0  # visible: a model that ranks them high is not punished
    loss = bpr_loss(s, block(), user_exponent=0.0, generator=generator())
    assert float(loss) == pytest.approx(np.log(2), rel=1e-5)


def test_clicks_set_each_target_against_the_mean_of_what_the_user_has_not() -> None:
    s = torch.tensor([[0.0, 9.0, 1.0, 0.5, -1.0], [9.0, 0.0, 0.3, 1.0, 0.2]])
    loss = click_loss(s, block(), user_exponent=0.0)
    no0 = np.log1p(np.exp([0.5, -1.0])).mean()
    no1 = np.log1p(np.exp([0.0, 0.3, 0.2])).mean()
    yes = np.log1p(np.exp([-0.0, -1.0, -1.0]))
    # three targets, and for each of them one item that its user has not: two of u0, one of u1
    assert float(loss) == pytest.approx((yes.sum() + 2 * no0 + no1) / 6, rel=1e-5)


def test_drawn_items_stand_for_all_that_the_user_has_not() -> None:
    s = torch.tensor([[0.0, 9.0, 1.0, 0.5, -1.0], [9.0, 0.0, 0.3, 1.0, 0.2]])
    everything = block(inclusion=torch.ones(5))
    torch.testing.assert_close(
        click_loss(s, everything, user_exponent=0.5), click_loss(s, block(), user_exponent=0.5)
    )
    # item 4 alone was drawn, and the targets 0, 2 and 3 are there for their own users only
    drawn = block(inclusion=torch.tensor([1e-9, 1e-9, 1e-9, 1e-9, 1.0]))
    assert drawn.items.tolist() == [0, 2, 3, 4]
    loss = click_loss(s[:, drawn.items], drawn, user_exponent=0.0)
    yes, no = np.log1p(np.exp([-0.0, -1.0, -1.0])), np.log1p(np.exp([-1.0, -1.0, 0.2]))
    assert float(loss) == pytest.approx((yes.sum() + no.sum()) / 6, rel=1e-5)
