"""The sampled softmax against the full one, on a matrix small enough to write out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as fn

from embeddings.models import sampled_softmax
from embeddings.models.objective import draw_block, softmax_loss
from embeddings.models.sampled_softmax import (
    Draw,
    Terms,
    draw_items,
    inclusion_probabilities,
    sampled_softmax_loss,
)
from embeddings.models.time_window import BINS

USER = torch.tensor([0, 0, 0, 1, 1, 2, 2])
ITEM = torch.tensor([0, 1, 2, 0, 3, 1, 4])
HIDDEN = torch.tensor([True, False, True, False, True, True, False])
LIKED = torch.ones(7, dtype=torch.bool)
USERS, ITEMS, WIDTH = 3, 5, 4
R = torch.randn(USERS, ITEMS, generator=torch.Generator().manual_seed(1))
BIN = torch.arange(USERS * ITEMS).reshape(USERS, ITEMS) % BINS


def draw(inclusion: torch.Tensor, seed: int = 0) -> Draw:
    return draw_items(
        pair_user=USER,
        pair_item=ITEM,
        hidden=HIDDEN,
        liked=LIKED,
        users=torch.arange(USERS),
        inclusion=inclusion,
        generator=torch.Generator().manual_seed(seed),
        user_count=USERS,
    )


def parameters() -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(2)
    shapes = {"u": (USERS, WIDTH), "i": (ITEMS, WIDTH), "b": (ITEMS,), "g": (), "psi": (BINS,)}
    return {
        name: torch.randn(shape, generator=random).requires_grad_()
        for name, shape in shapes.items()
    }


def scores(p: dict[str, torch.Tensor]) -> torch.Tensor:
    return p["u"] @ p["i"].T + p["b"] + p["g"] * R + p["psi"][BIN]


def sampled(p: dict[str, torch.Tensor], found: Draw) -> torch.Tensor:
    row, item = found.target
    terms = Terms(
        user=p["u"],
        item=p["i"][found.items],
        bias=p["b"][found.items],
        target=(p["u"][row] * p["i"][item]).sum(1) + p["b"][item] + p["psi"][BIN[row, item]],
        gain=p["g"].expand(ITEMS)[found.items],
        target_gain=p["g"].expand(ITEMS)[item],
        psi=p["psi"],
        residual=lambda part: (
            R[part.users][:, part.items],
            R[part.users[part.target[0]], part.target[1]],
        ),
        bin=lambda part: BIN[part.users][:, part.items],
    )
    return sampled_softmax_loss(terms, found, user_exponent=0.5)


def full(p: dict[str, torch.Tensor]) -> torch.Tensor:
    block = draw_block(
        pair_user=USER,
        pair_item=ITEM,
        hidden=HIDDEN,
        liked=LIKED,
        users=torch.arange(USERS),
        inclusion=None,
        generator=torch.Generator(),
        user_count=USERS,
        item_count=ITEMS,
    )
    return softmax_loss(scores(p), block, user_exponent=0.5)


@pytest.mark.parametrize("cells", [1, 2 * ITEMS, 1000])
def test_drawing_every_item_is_the_full_softmax_with_its_gradients(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampled_softmax, "CELLS_PER_PART", cells)  # 1, 2 or all users at a time
    p, q = parameters(), parameters()
    ours, wanted = sampled(p, draw(torch.ones(ITEMS))), full(q)
    torch.testing.assert_close(ours, wanted)
    torch.autograd.backward(3 * ours)
    torch.autograd.backward(3 * wanted)
    for name, parameter in p.items():
        torch.testing.assert_close(parameter.grad, q[name].grad, msg=name)


def test_sampled_and_full_partition_agree_in_expectation() -> None:
    p, pi = parameters(), torch.tensor([0.9, 0.5, 0.6, 0.4, 0.5])
    s, estimates = scores(p)[1].detach(), []
    for seed in range(4000):
        found = draw(pi, seed)
        only = found.target[0] == 1  # u1's target is i3
        one = replace(found, target=found.target[:, only], target_pair=found.target_pair[only])
        estimates.append(float(sampled(p, one).detach().exp()))
    # exp(loss) = Z / exp(s_target), and Z, over all but the visible i0, is estimated without bias
    wanted = float((s[1:].logsumexp(0) - s[3]).exp())
    error = np.std(estimates) / len(estimates) ** 0.5
    assert abs(np.mean(estimates) - wanted) < 4 * error


def test_a_target_that_was_not_drawn_is_there_for_its_own_user_only() -> None:
    p = parameters()
    found = draw(torch.full((ITEMS,), 1e-9))
    assert not len(found.items)
    s = scores(p)
    u0 = fn.cross_entropy(s[0, [0, 2]].repeat(2, 1), torch.tensor([0, 1]), reduction="sum")
    m = torch.tensor([2.0, 1.0, 1.0])
    expected = u0 * m[0] ** -0.5 / (m * m**-0.5).sum()  # u1 and u2 have nothing else to rank
    torch.testing.assert_close(sampled(p, found), expected)


def test_a_user_without_a_target_does_not_count() -> None:
    p = parameters()
    found = draw(torch.ones(ITEMS))
    keep = found.target[0] != 2
    fewer = replace(found, target=found.target[:, keep], target_pair=found.target_pair[keep])
    torch.autograd.backward(sampled(p, fewer))
    assert p["u"].grad is not None
    assert p["u"].grad[2].tolist() == [0.0] * WIDTH


def test_about_as_many_items_are_drawn_as_asked_and_popular_ones_more_often() -> None:
    pi = inclusion_probabilities(torch.arange(1000).float(), 100)
    assert float(pi.sum()) == pytest.approx(100, rel=1e-3)
    assert pi[900] > pi[10]
