"""What a user wrote beside what others say of an item: texts to tell likes from other items by.

For a liked training pair (u, i) the anchor is a text of another item that u liked, u's own review
or the item's own text; the candidate is a text of i that u did not write, the item's own or
another user's review. Where both kinds are there, each is drawn half of the time. Several texts
drawn for a pair say more than one: the means of their vectors are compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as fn

from embeddings.features import item_texts
from embeddings.pairs import PAIR, frame
from embeddings.snapshot import Snapshot
from embeddings.training_data import TrainingData

Ints = NDArray[np.int64]
Booleans = NDArray[np.bool_]


def info_nce(
    anchors: Tensor, candidates: Tensor, had: Tensor, log_q: Tensor, temperature: float
) -> Tensor:
    """Return the mean of -log softmax_b(cos(a, b) / τ - log q_b) at b = a (van den Oord, 2018).

    Other candidates that the anchor's user had leave the softmax. The correction by log q makes up
    for popular items being in a batch more often (Bengio & Senécal, 2008).

    Args:
        anchors, candidates: unit rows, those of equal number a liked pair, (B, d).
        had: whether the user of the row had the item of the column, (B, B) bool.
        log_q: how likely a candidate's item is to be in a batch, (B,).
        temperature: τ.
    """
    logits = anchors @ candidates.T / temperature - log_q
    others = had & ~torch.eye(len(had), dtype=torch.bool, device=had.device)
    target = torch.arange(len(logits), device=logits.device)
    return fn.cross_entropy(logits.masked_fill(others, -torch.inf), target)


@dataclass(frozen=True)
class _Groups:
    """Members of groups, group by group: those of group g are `start[g]` to `start[g + 1]`."""

    members: Ints
    start: Ints

    @classmethod
    def of(cls, members: Ints, group: Ints, groups: int) -> _Groups:
        """Gather members by group; those of one group keep their order."""
        order = np.argsort(group, kind="stable")
        counts = np.bincount(group, minlength=groups)
        return cls(members[order], np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))

    def size(self, group: Ints) -> Ints:
        """Number of members."""
        return self.start[group + 1] - self.start[group]

    def draw(self, group: Ints, random: np.random.Generator) -> Ints:
        """A member of each group, which has one at least."""
        nowhere = np.zeros_like(group)
        return self.draw_beside(group, nowhere, nowhere, random)

    def draw_beside(
        self, group: Ints, block: Ints, width: Ints, random: np.random.Generator
    ) -> Ints:
        """A member of each group that is none of the `width` ones from place `block` on."""
        others = self.size(group) - width
        place = self.start[group] + (random.random(len(group)) * others).astype(np.int64)
        return self.members[place + np.where(place >= block, width, 0)]


class Contrasts:
    """Draws texts for liked training pairs.

    Attributes:
        texts: what can be drawn.
        item: of each text, (T,).
        own: whether a text is what is declared of its item, else it is a review, (T,) bool.
        pairs: the liked pairs that have an anchor and a candidate, (n,).

    Args:
        view: the snapshot restricted to the training part.
        data: its training data.
    """

    def __init__(self, view: Snapshot, data: TrainingData) -> None:
        self._user, self._item = data.pairs.user, data.pairs.item
        pairs, items = len(self._user), len(data.items)
        declared = item_texts(view)
        described = np.flatnonzero([bool(text) for text in declared])
        text, pair = _reviews(view, data)
        review = len(described) + np.arange(len(text))
        self.texts = [*(declared[i] for i in described), *text]
        self.item = np.concatenate([described, self._item[pair]])
        self.own = np.arange(len(self.texts)) < len(described)

        self._declared = np.full(items, -1, np.int64)
        self._declared[described] = np.arange(len(described))
        self._of_pair = _Groups.of(review, pair, pairs)
        self._of_item = _Groups.of(review, self._item[pair], items)
        self._written = self._of_pair.size(np.arange(pairs))
        before = np.empty(len(text), np.int64)
        before[self._of_item.members - len(described)] = np.arange(len(text))
        first = np.minimum(self._of_pair.start[:-1], max(0, len(text) - 1))
        self._block = before[first] if len(text) else np.zeros(pairs, np.int64)

        told = (self._written > 0) | (self._declared[self._item] >= 0)
        liked = data.pairs.positive
        anchors = np.flatnonzero(liked & told)
        self._of_user = _Groups.of(anchors, self._user[anchors], len(data.users))
        self._place = np.searchsorted(anchors, np.arange(pairs))
        self._anchor = liked & told
        self.pairs = np.flatnonzero(liked & self._has_anchor() & self._has_candidate())

    def draw(self, pairs: Ints, random: np.random.Generator) -> tuple[Ints, Ints]:
        """Return positions in `texts` of the anchors and the candidates of pairs, (n,) each."""
        user, item = self._user[pairs], self._item[pairs]
        width = self._anchor[pairs].astype(np.int64)
        beside = self._of_user.draw_beside(user, self._place[pairs], width, random)
        anchor = self._declared[self._item[beside]]
        written = _where(self._written[beside] > 0, anchor >= 0, random)
        anchor[written] = self._of_pair.draw(beside[written], random)

        candidate = self._declared[item]
        others = self._of_item.size(item) > self._written[pairs]
        heard = _where(others, candidate >= 0, random)
        candidate[heard] = self._of_item.draw_beside(
            item[heard], self._block[pairs[heard]], self._written[pairs[heard]], random
        )
        return anchor, candidate

    def _has_anchor(self) -> Booleans:
        has: Booleans = self._of_user.size(self._user) > self._anchor
        return has

    def _has_candidate(self) -> Booleans:
        others = self._of_item.size(self._item) > self._written
        has: Booleans = others | (self._declared[self._item] >= 0)
        return has


def _reviews(view: Snapshot, data: TrainingData) -> tuple[list[str], Ints]:
    """What training pairs say, and the pair of each, in the order of pairs."""
    numbered = pl.DataFrame(
        {
            "user_id": pl.Series(data.users.keys, dtype=pl.String).gather(data.pairs.user),
            "item_id": pl.Series(data.items.keys, dtype=pl.String).gather(data.pairs.item),
            "pair": np.arange(len(data.pairs.user)),
        }
    )
    written = frame(view.reviews.select(["review_id", *PAIR, "text"])).filter(
        pl.col("text").str.strip_chars() != ""
    )
    rows = written.join(numbered, on=PAIR).sort("pair", "review_id")
    return rows["text"].to_list(), rows["pair"].to_numpy()


def _where(this: Booleans, that: Booleans, random: np.random.Generator) -> Booleans:
    """Where to take this: where it is there, and half of the time where that is there, too."""
    heads: Booleans = random.random(len(this)) < 0.5
    return this & (heads | ~that)
