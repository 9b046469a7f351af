"""The softmax over a catalogue that is too large to score whole: drawn items, users in small parts.

    L = -Σ_t w_t [s_t - log Z_u],   Z_u = Σ_{targets of u} exp s + Σ_{drawn, not taken} exp(s) / π,

with w_t ∝ m_u^-k, m_u the number of u's targets. Z_u is the Horvitz–Thompson estimate of the full
sum, unbiased (the logQ correction of Bengio & Senécal, 2008). One part of users is scored at a time
and its gradients are taken at once, so that a step never holds users × items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from embeddings.models.objective import target_weights

CELLS_PER_PART = 8_000_000
LEAST = -1e30


@dataclass(frozen=True, kw_only=True)
class Draw:
    """The users and items of one step, or of a part of it; all pairs are sorted by row.

    Attributes:
        users: user of each row, ascending, (B,).
        items: drawn items, (C,).
        log_inclusion: log π of each, (C,).
        taken: rows and columns of the cells that are no negatives: shown, or targets, (2, v).
        shown: row and item of the visible liked pairs, (2, s).
        target: row and item of the hidden liked pairs, (2, t).
        target_pair: the pair that each target is, (t,).
        item_count: I.
    """

    users: Tensor
    items: Tensor
    log_inclusion: Tensor
    taken: Tensor
    shown: Tensor
    target: Tensor
    target_pair: Tensor
    item_count: int

    def parts(self) -> Iterator[tuple[slice, slice, Draw]]:
        """Return which rows and which targets each part of the users has, and the part."""
        size = max(1, CELLS_PER_PART // max(1, self.item_count))
        edges = torch.arange(0, len(self.users) + size, size, device=self.users.device)
        cuts = [
            torch.searchsorted(pairs[0].contiguous(), edges).tolist()
            for pairs in (self.taken, self.shown, self.target)
        ]
        for number, first in enumerate(edges[:-1].tolist()):
            taken, shown, target = (slice(cut[number], cut[number + 1]) for cut in cuts)
            rows = slice(first, first + size)
            start = self.users.new_tensor([[first], [0]])
            yield (
                rows,
                target,
                replace(
                    self,
                    users=self.users[rows],
                    taken=self.taken[:, taken] - start,
                    shown=self.shown[:, shown] - start,
                    target=self.target[:, target] - start,
                    target_pair=self.target_pair[target],
                ),
            )


def inclusion_probabilities(popularity: Tensor, expected: int) -> Tensor:
    """Return π ∝ popularity^¾, scaled so that about `expected` items are drawn, (I,)."""
    q = popularity.clamp_min(1.0) ** 0.75
    return (expected * q / q.sum()).clamp_max(1.0)


def draw_items(
    *,
    pair_user: Tensor,
    pair_item: Tensor,
    hidden: Tensor,
    liked: Tensor,
    users: Tensor,
    inclusion: Tensor,
    generator: torch.Generator,
    user_count: int,
) -> Draw:
    """Draw the items of a step, and find what its users have taken and should find.

    Args:
        pair_user, pair_item: training pairs, sorted by user, (P,).
        hidden: this step's mask, (P,).
        liked: which pairs are positive, (P,); only these can be targets.
        users: users of this step, ascending, (B,).
        inclusion: π of each item, (I,).
        generator: of the draw.
        user_count: U.
    """
    device = pair_user.device
    items = (torch.rand(len(inclusion), generator=generator, device=device) < inclusion).nonzero()
    items = items.ravel()
    row = torch.full((user_count,), -1, device=device)
    row[users] = torch.arange(len(users), device=device)
    column = torch.full((len(inclusion),), -1, device=device)
    column[items] = torch.arange(len(items), device=device)
    of_batch = row[pair_user] >= 0
    taken = of_batch & (~hidden | liked) & (column[pair_item] >= 0)
    shown, target = of_batch & liked & ~hidden, of_batch & liked & hidden
    return Draw(
        users=users,
        items=items,
        log_inclusion=inclusion[items].log(),
        taken=torch.stack([row[pair_user[taken]], column[pair_item[taken]]]),
        shown=torch.stack([row[pair_user[shown]], pair_item[shown]]),
        target=torch.stack([row[pair_user[target]], pair_item[target]]),
        target_pair=target.nonzero().ravel(),
        item_count=len(inclusion),
    )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """A score taken apart: s = u · i + b + g_i R + ψ[bin].

    Attributes:
        user: of each row, divided by τ, (B, d).
        item: of each drawn item, (C, d).
        bias: of each drawn item, (C,).
        target: u · i + b + ψ[bin] of each target, (t,).
        gain: g of each drawn item, (C,).
        target_gain: g of each target's item, (t,).
        psi: ψ, (BINS,).
        residual: gives R of a part's cells, (b, C), and of its targets, (t,).
        bin: gives the bin of a part's cells, (b, C); None where there is no ψ.
    """

    user: Tensor
    item: Tensor
    bias: Tensor
    target: Tensor
    gain: Tensor
    target_gain: Tensor
    psi: Tensor
    residual: Callable[[Draw], tuple[Tensor, Tensor]]
    bin: Callable[[Draw], Tensor] | None


def sampled_softmax_loss(terms: Terms, draw: Draw, *, user_exponent: float) -> Tensor:
    """Return L; see the module.

    Args:
        terms: of the scores.
        draw: what the cells are.
        user_exponent: k; 0 weighs targets alike, 1 users.
    """
    weight = target_weights(draw.target[0], len(draw.users), user_exponent)
    weight = weight / weight.sum().clamp_min(1e-12)
    loss: Tensor = _SampledSoftmax.apply(  # type: ignore[no-untyped-call]
        *(terms.user, terms.item, terms.bias, terms.target),
        *(terms.gain, terms.target_gain, terms.psi),
        *(draw, weight, terms.residual, terms.bin),
    )
    return loss


class _SampledSoftmax(torch.autograd.Function):
    """Forward takes the gradients too, while a part's scores are at hand."""

    @staticmethod
    def forward(
        ctx: torch.autograd.function.NestedIOFunction,
        user: Tensor,
        item: Tensor,
        bias: Tensor,
        target: Tensor,
        gain: Tensor,
        target_gain: Tensor,
        psi: Tensor,
        draw: Draw,
        weight: Tensor,
        residual: Callable[[Draw], tuple[Tensor, Tensor]],
        bin_of: Callable[[Draw], Tensor] | None,
    ) -> Tensor:
        d_user, d_item, d_bias, d_target, d_gain, d_target_gain, d_psi = map(
            torch.zeros_like, (user, item, bias, target, gain, target_gain, psi)
        )
        offset, loss = bias - draw.log_inclusion, weight.new_zeros(())
        for rows, targets, part in draw.parts():
            u, row, w = user[rows], part.target[0], weight[targets]
            R_drawn, R_target = residual(part)
            s = torch.addmm(offset, u, item.T).addcmul_(R_drawn, gain)
            b = None if bin_of is None else bin_of(part)
            if b is not None:
                s += psi[b]
            s[part.taken[0], part.taken[1]] = -torch.inf
            s_t = target[targets] + target_gain[targets] * R_target
            top = s.logsumexp(1).scatter_reduce(0, row, s_t, "amax").clamp_min(LEAST)
            p, p_t = s.sub_(top[:, None]).exp_(), (s_t - top[row]).exp()
            Z = p.sum(1).index_add(0, row, p_t).clamp_min(torch.finfo(p.dtype).tiny)
            loss += (w * (Z.log()[row] + top[row] - s_t)).sum()
            share = torch.zeros_like(Z).index_add(0, row, w) / Z
            p *= share[:, None]
            p_t = p_t * share[row] - w
            d_user[rows] = p @ item
            d_item.addmm_(p.T, u)
            d_bias += p.sum(0)
            d_target[targets] = p_t
            d_gain += (p * R_drawn).sum(0)
            d_target_gain[targets] = p_t * R_target
            if b is not None:
                d_psi.index_add_(0, b.ravel(), p.ravel())
        ctx.save_for_backward(d_user, d_item, d_bias, d_target, d_gain, d_target_gain, d_psi)
        return loss

    @staticmethod
    def backward(
        ctx: torch.autograd.function.NestedIOFunction, d_loss: Tensor
    ) -> tuple[Tensor | None, ...]:
        return (*(d_loss * gradient for gradient in ctx.saved_tensors), None, None, None, None)
