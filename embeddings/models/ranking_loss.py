"""What a step of training loses on its ranking: scores of its cells, and the loss over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from embeddings.models.attention import unit
from embeddings.models.content import ContentScores
from embeddings.models.masks import Hidden
from embeddings.models.network import HeteroGatNetwork, Inputs
from embeddings.models.objective import (
    Block,
    bpr_loss,
    click_loss,
    draw_block,
    softmax_loss,
)
from embeddings.models.residual import ItemResidual
from embeddings.models.sampled_softmax import Draw, Terms, draw_items, sampled_softmax_loss
from embeddings.models.settings import HeteroGatSettings
from embeddings.models.time_window import BINS, TimeWindow, bins


@dataclass(frozen=True)
class Vectors:
    """What the network says of those that a step asks about.

    Attributes:
        user: z of the step's users, (B, d).
        item: z of items, (C, d).
        place: which row of these each item has, (I,); None where they are all items.
    """

    user: Tensor
    item: Tensor
    place: Tensor | None = None

    def rows(self, items: Tensor) -> Tensor:
        """Return which rows these items have."""
        return items if self.place is None else self.place[items]


class RankingLoss:
    """The loss of `settings.loss` over the pairs that a step hides.

    Args:
        network: whose scores are judged.
        settings: of the model.
        inputs: texts and pairs.
        liked: which pairs are positive, (P,) bool; only these can be targets.
        residual, content: closed forms of known and of new items.
        window: the times of items and users.
        inclusion: probability of each item to be drawn in a step, (I,); None takes all.
        generator: of what is drawn.
    """

    def __init__(
        self,
        network: HeteroGatNetwork,
        settings: HeteroGatSettings,
        *,
        inputs: Inputs,
        liked: Tensor,
        residual: ItemResidual,
        content: ContentScores | None,
        window: TimeWindow,
        inclusion: Tensor | None,
        generator: torch.Generator,
    ) -> None:
        self._network, self._settings, self._inputs, self._liked = network, settings, inputs, liked
        self._residual, self._content, self._window = residual, content, window
        self._inclusion, self._generator = inclusion, generator
        self._users, self._items = network.users, network.items

    def of_step(self, z: Tensor, users: Tensor, hidden: Hidden) -> Tensor:
        """Return the mean loss of the step's targets.

        Args:
            z: vectors of all nodes, without the messages of hidden pairs, (N, d).
            users: of the step, ascending, (B,).
            hidden: what the step does not show.
        """
        all_items = z[self._users : self._users + self._items]
        return self.of_draw(self.draw(users, hidden), Vectors(z[users], all_items), hidden)

    def draw(self, users: Tensor, hidden: Hidden) -> Draw | Block:
        """Choose the items of a step, and find its targets; see `of_step`."""
        inputs = self._inputs
        if self._inclusion is not None and self._settings.loss in ("softmax", "sampled_softmax"):
            return draw_items(
                pair_user=inputs.pair_user,
                pair_item=inputs.pair_item,
                hidden=hidden.pairs,
                liked=self._of_interest(hidden),
                users=users,
                inclusion=self._inclusion,
                generator=self._generator,
                user_count=self._users,
            )
        return draw_block(
            pair_user=inputs.pair_user,
            pair_item=inputs.pair_item,
            hidden=hidden.pairs,
            liked=self._of_interest(hidden),
            users=users,
            inclusion=self._inclusion,
            generator=self._generator,
            user_count=self._users,
            item_count=self._items,
        )

    def of_draw(self, draw: Draw | Block, z: Vectors, hidden: Hidden) -> Tensor:
        """Return the mean loss of the step's targets from the vectors of those it asks about."""
        if isinstance(draw, Draw):
            return self._of_drawn_items(z, draw, hidden)
        return self._of_block(z, draw, hidden)

    def _of_block(self, z: Vectors, block: Block, hidden: Hidden) -> Tensor:
        settings = self._settings
        scores = self._scores(z, block, hidden)
        if settings.loss == "bpr":
            return bpr_loss(
                scores, block, user_exponent=settings.user_exponent, generator=self._generator
            )
        if settings.loss == "bce":
            return click_loss(scores, block, user_exponent=settings.user_exponent)
        return softmax_loss(scores, block, user_exponent=settings.user_exponent)

    def _scores(self, z: Vectors, block: Block, hidden: Hidden) -> Tensor:
        """Scores of the block's cells from out-of-fold residuals and left-out times, (B, C)."""
        network, blind = self._network, hidden.items
        rows, columns = block.target
        s = network.scores(z.user, z.item[z.rows(block.items)], self._settings.temperature)
        s = s + self._bias(hidden)[block.items]
        shown, target = block.shown, torch.stack([rows, block.items[columns]])
        drawn = None if len(block.items) == self._items else block.items
        g_R = network.g * self._residual.training(block.users, shown, target, drawn)
        if blind is not None:
            new = blind[block.items].nonzero().ravel()
            R_new = self._of_content(len(block.users), shown, block.items, blind)
            g_R = g_R.index_copy(1, new, network.g_new * R_new)
        s = s + g_R
        if self._settings.hide == "latest":
            s = s + network.psi[self._bins(block, hidden)]
        return s

    def _of_interest(self, hidden: Hidden) -> Tensor:
        """The liked pairs that a step shows or asks for, (P,) bool."""
        return self._liked & (~hidden.pairs | hidden.asked)

    def _bias(self, hidden: Hidden) -> Tensor:
        """The items' bias in this step, (I,)."""
        if hidden.popularity is not None:
            return hidden.popularity
        return self._network.bias(hidden.items)

    def _of_content(self, users: int, shown: Tensor, items: Tensor, blind: Tensor) -> Tensor:
        """R of the blind ones of these items by what is declared of them, 0 without, (B, n)."""
        if self._content is None:
            return torch.zeros(users, int(blind[items].sum()), device=items.device)
        return self._content.training(users, shown, items, blind)

    def _bins(self, block: Block, hidden: Hidden) -> Tensor:
        """Bin of each cell's time; a target's item is dated without the target itself, (B, C)."""
        blind = hidden.items
        last = self._window.last_day(self._inputs.pair_user, ~hidden.pairs)
        bin_ = bins(self._window.item_day[block.items], last[block.users][:, None])
        rows, columns = block.target
        own = bins(self._window.pair_item_day[block.target_pair], last[block.users[rows]])
        bin_ = bin_.index_put((rows, columns), own)
        return bin_ if blind is None else bin_.masked_fill(blind[block.items], BINS - 1)

    def _of_drawn_items(self, z: Vectors, draw: Draw, hidden: Hidden) -> Tensor:
        network, settings, blind = self._network, self._settings, hidden.items
        row, item = draw.target
        user_z = unit(z.user) / settings.temperature
        item_z, bias = unit(z.item), self._bias(hidden)
        target = (user_z[row] * item_z[z.rows(item)]).sum(1) + bias[item]
        bin_of = None
        if settings.hide == "latest":
            last = self._window.last_day(self._inputs.pair_user, ~hidden.pairs)
            own = bins(self._window.pair_item_day[draw.target_pair], last[draw.users[row]])
            own = own if blind is None else own.masked_fill(blind[item], BINS - 1)
            target = target + network.psi[own]
            bin_of = partial(self._bins_of_part, last=last, blind=blind)
        gain = network.g.expand(self._items)
        if blind is not None:
            gain = torch.where(blind, network.g_new, network.g)
        terms = Terms(
            user=user_z,
            item=item_z[z.rows(draw.items)],
            bias=bias[draw.items],
            target=target,
            gain=gain[draw.items],
            target_gain=gain[item],
            psi=network.psi,
            residual=lambda part: self._closed_form(part, blind),
            bin=bin_of,
        )
        return sampled_softmax_loss(terms, draw, user_exponent=settings.user_exponent)

    def _bins_of_part(self, part: Draw, *, last: Tensor, blind: Tensor | None) -> Tensor:
        bin_ = bins(self._window.item_day[part.items], last[part.users][:, None])
        return bin_ if blind is None else bin_.masked_fill(blind[part.items], BINS - 1)

    def _closed_form(self, part: Draw, blind: Tensor | None) -> tuple[Tensor, Tensor]:
        """R of the part's cells and of its targets; of blind items, by what is declared of them."""
        row, item = part.target
        columns = torch.unique(torch.cat([part.items, item]))
        R = self._residual.training(part.users, part.shown, part.target, columns)
        if blind is not None:
            R[:, blind[columns]] = self._of_content(len(part.users), part.shown, columns, blind)
        drawn, target = (torch.searchsorted(columns, items) for items in (part.items, item))
        return R.index_select(1, drawn), R[row, target]


def asked_items(draw: Draw | Block) -> Tensor:
    """Return the items whose vectors a loss asks for: those drawn, and the targets, (C,)."""
    if isinstance(draw, Block):
        return draw.items
    items: Tensor = torch.unique(torch.cat([draw.items, draw.target[1]]))
    return items
