"""What the network is trained for: hidden edges must outrank everything the user has not taken.

Each step hides some training pairs (the mask): their messages do not run in that step, and they
alone are targets. Visible items leave the ranking, as they do when lists are made.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as fn

BPR_NEGATIVES = 10


@dataclass(frozen=True, kw_only=True)
class Block:
    """The part of the users × items matrix that one step scores.

    Attributes:
        users: user of each row, (B,).
        items: item of each column, (C,).
        log_inclusion: log π, the probability that a column was drawn, (C,); -inf for an item that
            is there only because it is somebody's target. None where every item is there.
        visible: rows and columns of the cells that this step's graph shows, (2, v).
        target: rows and columns of the hidden liked pairs, (2, t).
        target_pair: the pair that each target is, (t,).
        shown: row and item of the visible liked pairs, (2, s).
    """

    users: Tensor
    items: Tensor
    log_inclusion: Tensor | None
    visible: Tensor
    target: Tensor
    target_pair: Tensor
    shown: Tensor


def draw_block(
    *,
    pair_user: Tensor,
    pair_item: Tensor,
    hidden: Tensor,
    liked: Tensor,
    users: Tensor,
    inclusion: Tensor | None,
    generator: torch.Generator,
    user_count: int,
    item_count: int,
) -> Block:
    """Choose the columns and find the visible and the target cells.

    Args:
        pair_user, pair_item: training pairs, (P,).
        hidden: this step's mask, (P,).
        liked: which pairs are positive, (P,); only these can be targets.
        users: users of this step, (B,).
        inclusion: π of each item, (I,); None takes every item.
        generator: of the draw.
        user_count, item_count: U, I.
    """
    device = pair_user.device
    row = torch.full((user_count,), -1, device=device)
    row[users] = torch.arange(len(users), device=device)
    of_batch = row[pair_user] >= 0
    target = of_batch & hidden & liked
    if inclusion is None:
        items = torch.arange(item_count, device=device)
        log_inclusion = None
    else:
        drawn = torch.rand(item_count, generator=generator, device=device) < inclusion
        present = drawn.clone()
        present[pair_item[target]] = True
        items = present.nonzero().ravel()
        log_inclusion = inclusion[items].log().masked_fill(~drawn[items], -torch.inf)
    column = torch.full((item_count,), -1, device=device)
    column[items] = torch.arange(len(items), device=device)
    visible = of_batch & ~hidden & (column[pair_item] >= 0)
    shown = of_batch & ~hidden & liked
    return Block(
        users=users,
        items=items,
        log_inclusion=log_inclusion,
        visible=torch.stack([row[pair_user[visible]], column[pair_item[visible]]]),
        target=torch.stack([row[pair_user[target]], column[pair_item[target]]]),
        target_pair=target.nonzero().ravel(),
        shown=torch.stack([row[pair_user[shown]], pair_item[shown]]),
    )


def softmax_loss(scores: Tensor, block: Block, *, user_exponent: float) -> Tensor:
    """Cross-entropy of the targets against all items that the user has not visibly taken.

    L = -Σ_t m_u^-k [s_t - log Σ_{not visible} exp s] / Σ_t m_u^-k,

    where m_u counts the targets of u.

    Args:
        scores: s, (B, I).
        block: what the cells are.
        user_exponent: k; 0 weighs targets alike, 1 users.
    """
    rows, columns = block.target
    s = scores.float()
    s_target = s[rows, columns]
    cells = torch.cat([block.visible, block.target], dim=1)
    values = torch.cat([s.new_full((block.visible.shape[1],), -torch.inf), s_target])
    logits = s.index_put((cells[0], cells[1]), values)
    loss = logits.logsumexp(dim=1)[rows] - s_target
    weight = target_weights(rows, len(block.users), user_exponent)
    return (weight * loss).sum() / weight.sum().clamp_min(1e-12)


def bpr_loss(
    scores: Tensor, block: Block, *, user_exponent: float, generator: torch.Generator
) -> Tensor:
    """-log σ(s_t - s_j) for negatives j drawn evenly from the columns (Rendle et al., UAI 2009).

    So popular ones come more often where columns were drawn. A drawn j that the user has taken,
    visibly or not, does not count.
    """
    rows, columns = block.target
    s = scores.float()
    taken = torch.zeros_like(s, dtype=torch.bool)
    taken[block.visible[0], block.visible[1]] = True
    taken[rows, columns] = True
    shape = (len(rows), BPR_NEGATIVES)
    j = torch.randint(s.shape[1], shape, generator=generator, device=s.device)
    counts = ~taken[rows[:, None], j]
    difference = s[rows, columns][:, None] - s[rows[:, None], j]
    weight = target_weights(rows, len(block.users), user_exponent)[:, None] * counts
    return -(weight * fn.logsigmoid(difference)).sum() / weight.sum().clamp_min(1e-12)


def click_loss(scores: Tensor, block: Block, *, user_exponent: float) -> Tensor:
    """Cross-entropy of taken or not, as many negatives as positives, even over the unseen.

    L = Σ_t m_u^-k [softplus(-s_t) + E_j softplus(s_j)] / (2 Σ_t m_u^-k)

    E_j is the mean over the items that u has not taken, where sampled negatives would be one draw
    of it (weighted by 1/π where columns were drawn).

    Args:
        scores: s, (B, C): the logit of a click.
        block: what the cells are.
        user_exponent: k; see `softmax_loss`.
    """
    rows, columns = block.target
    s = scores.float()
    weight = target_weights(rows, len(block.users), user_exponent)
    drawn = s.new_ones(len(block.items))
    if block.log_inclusion is not None:
        drawn = (-block.log_inclusion).exp().nan_to_num(posinf=0.0)
    share = drawn.expand_as(s).clone()
    share[block.visible[0], block.visible[1]] = 0.0
    share[rows, columns] = 0.0
    unseen = (share * fn.softplus(s)).sum(1) / share.sum(1).clamp_min(1e-12)
    loss = fn.softplus(-s[rows, columns]) + unseen[rows]
    return (weight * loss).sum() / (2 * weight.sum()).clamp_min(1e-12)


def target_weights(rows: Tensor, users: int, user_exponent: float) -> Tensor:
    """Return m_u^-k of each target, (t,), given its row among `users`."""
    m = torch.bincount(rows, minlength=users).clamp_min(1)
    return m[rows].float() ** -user_exponent
