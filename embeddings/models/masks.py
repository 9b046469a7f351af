"""What a step of training hides: its messages do not run, and the step asks for it.

Three ways, for three kinds of split: pairs at random; each user's latest; or all that lies after a
point in time. The last one shows the graph of that day: who had done nothing is a new user, what
nobody had taken is a new item, and how popular the others are is what that day could tell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from embeddings.models.settings import HeteroGatSettings
from embeddings.models.trend import Trend
from embeddings.training_data import Pairs, TrainingData


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """What a step hides.

    Attributes:
        pairs: whose messages do not run, (P,) bool.
        asked: those of them that the step asks for, (P,) bool.
        items: shown as new ones, (I,) bool; None for none.
        users: shown as new ones, (U,) bool; None for none.
        popularity: the items' bias in this step, (I,); None for the network's own.
    """

    pairs: Tensor
    asked: Tensor
    items: Tensor | None = None
    users: Tensor | None = None
    popularity: Tensor | None = None


Masks = Callable[[torch.Generator], Hidden]


def make_masks(
    data: TrainingData, settings: HeteroGatSettings, trend: Trend | None, device: torch.device
) -> Masks:
    """Return what draws a step's mask.

    Args:
        data: the training part.
        settings: which mask, and shares.
        trend: of `hide: future`, None for the others.
        device: where the masks are needed.
    """
    user, item = (torch.from_numpy(each).to(device) for each in (data.pairs.user, data.pairs.item))
    users, items, share = len(data.users), len(data.items), settings.mask_share
    if trend is not None:
        return _Future(data, trend, device)
    degree = torch.bincount(user, minlength=users)
    rank = _rank_in_time(data.pairs).to(device)

    def draw(generator: torch.Generator) -> Hidden:
        blind = None
        if settings.blind_share:
            blind = random_mask(items, settings.blind_share, generator)
        if settings.hide == "latest":
            hidden = suffix_mask(user, rank, degree, share, generator)
        else:
            hidden = random_mask(len(user), share, generator)
        hidden = hidden if blind is None else hidden | blind[item]
        return Hidden(pairs=hidden, asked=hidden, items=blind)

    return draw


class _Future:
    """All pairs after a drawn cut are hidden; asked are those soon after it."""

    def __init__(self, data: TrainingData, trend: Trend, device: torch.device) -> None:
        pairs, self._trend = data.pairs, trend
        self._user, self._item = (
            torch.from_numpy(each).to(device) for each in (pairs.user, pairs.item)
        )
        self._day = torch.from_numpy(np.floor(pairs.day)).to(device)
        self._users, self._items = len(data.users), len(data.items)

    def __call__(self, generator: torch.Generator) -> Hidden:
        """Draw a cut; a pair of unknown time is always shown."""
        cuts = len(self._trend.cuts)
        drawn = int(torch.randint(cuts, (1,), generator=generator, device=generator.device))
        hidden = self._day >= float(self._trend.cuts[drawn])
        new_users = torch.ones(self._users, dtype=torch.bool, device=hidden.device)
        new_items = torch.ones(self._items, dtype=torch.bool, device=hidden.device)
        new_users[self._user[~hidden]] = False
        new_items[self._item[~hidden]] = False
        return Hidden(
            pairs=hidden,
            asked=hidden & (self._day <= float(self._trend.ends[drawn])),
            items=new_items,
            users=new_users,
            popularity=self._trend.popularity[drawn].to(hidden.device),
        )


def random_mask(pairs: int, share: float, generator: torch.Generator) -> Tensor:
    """Hide every pair with probability `share`; (P,) bool, True = hidden."""
    return torch.rand(pairs, generator=generator, device=generator.device) < share


def suffix_mask(
    user: Tensor, rank: Tensor, degree: Tensor, share: float, generator: torch.Generator
) -> Tensor:
    """Hide the last f_u n_u pairs of each user, f_u ~ U(0.1, 2 share - 0.1), keeping one at least.

    Args:
        user: of each pair, (P,).
        rank: of each pair among its user's in time, 0 first, (P,).
        degree: pairs of each user, (U,).
        share: mean of f.
        generator: of the draw.
    """
    draw = torch.rand(len(degree), generator=generator, device=generator.device)
    f = 0.1 + (2 * share - 0.2) * draw
    hidden = torch.minimum((f * degree).ceil(), degree - 1).clamp_min(0)
    return rank >= (degree - hidden)[user]


def _rank_in_time(pairs: Pairs) -> Tensor:
    """Place of each pair among its user's in time, 0 first; unknown times come first, (P,)."""
    order = np.lexsort((np.nan_to_num(pairs.day, nan=-np.inf), pairs.user))
    rank = np.empty(len(order), np.int64)
    ordered = pairs.user[order]
    rank[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return torch.from_numpy(rank)
