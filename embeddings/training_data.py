"""What a model may see: one object that every model, ours and the baselines, is fitted on.

It is made from a snapshot that the leak guard has restricted to its training part, so nothing in
it knows a held-out interaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor
from torch_geometric.data import HeteroData

from embeddings.index import Index


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The distinct (user, item) pairs of the training part, one row each, sorted by user then item.

    Attributes:
        user: positions in the user index, (P,) int64.
        item: positions in the item index, (P,) int64.
        positive: liked or acted upon (True), disliked (False), (P,) bool.
        rating: mean rating, NaN where there is none, (P,) float32.
        weight: strength of the evidence, at least 1 (repeated behaviour, log-scaled), (P,) float32.
        day: time of the latest interaction in days since 1970, NaN where unknown, (P,) float64.
        review: mean vector of the pair's reviews, zero where there is none, (P, d) float32, or None
            where no text was encoded.
    """

    user: NDArray[np.int64]
    item: NDArray[np.int64]
    positive: NDArray[np.bool_]
    rating: NDArray[np.float32]
    weight: NDArray[np.float32]
    day: NDArray[np.float64]
    review: Tensor | None


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """Rated pairs that are held out, liked or not: what a prediction is compared with.

    Attributes:
        user, item: positions, (n,) int64.
        rating: mean rating, as the source gives it, (n,) float32.
    """

    user: NDArray[np.int64]
    item: NDArray[np.int64]
    rating: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.rating)


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """The training part of a snapshot, ready for models.

    Attributes:
        graph: node types `user`, `item`, `attribute`, `entity`, `aspect`, `topic` (only those that
            have evidence), each with `num_nodes`. An item and the entity that it is are one `item`
            node. Where text was encoded, `graph["item"].x` holds the vectors of the items' own
            titles and descriptions (I, d), zero where there is none; what reviews say is in
            `pairs.review`, so that a model can leave out the review of a pair that it is asked to
            predict. With `features.names` all node types but `user` have an `x`, of their names,
            zero where a thing has none. Edge types: one per behaviour (user → item, with
            `positive`, `rating`, `day`, `weight`), one per attribute kind (item → attribute,
            relation = the kind label), DESCRIBED_BY (item → aspect / entity / topic) and MENTIONS
            (user → aspect / entity / topic) with `weight` and `sentiment`, knowledge predicates
            (among items and entities) and declared relations. Each is stored in one direction only.
            Edges that rest on reviews also say on which: `evidence_pair` and `evidence_edge`, two
            (M,) int64 tensors, position in `pairs` and position among the type's edges.
        users: keys of all users, also of those without a training pair.
        items: keys of all candidate items, also of those without a training pair.
        released: the items' days of release since 1970, NaN where unknown, (I,); None where no
            item has one.
        keys: the business keys of every node type of `graph`, users and items among them.
        pairs: the training pairs.
        valid: validation targets (held-out positive pairs), (U, I) bool; None in a refit.
        valid_ratings: the rated pairs of the validation part; None in a refit, and without any.
        seed: of everything random in a fit.
        alpha: how much language counts, 0 … 1: a model multiplies its text input by it (after its
            own whitening or projection). The vectors here are not scaled by it.
    """

    graph: HeteroData
    users: Index
    items: Index
    pairs: Pairs
    valid: csr_array | None
    valid_ratings: Ratings | None = None
    seed: int
    alpha: float = 1.0
    released: NDArray[np.float64] | None = None
    keys: Mapping[str, Index] = field(default_factory=dict)

    @property
    def positives(self) -> csr_array:
        """Return liked training pairs as a (U, I) float32 matrix of ones."""
        keep = self.pairs.positive
        return self._matrix(self.pairs.user[keep], self.pairs.item[keep])

    @property
    def seen(self) -> csr_array:
        """Return all training pairs, liked or not, as a (U, I) float32 matrix of ones."""
        return self._matrix(self.pairs.user, self.pairs.item)

    @property
    def attributes(self) -> csr_array | None:
        """Return which items have which attributes, (I, A) of ones; None where none has any.

        What reviews say of attributes (DESCRIBED_BY) does not count.
        """
        has = [
            store.edge_index.numpy()
            for (start, relation, end), store in zip(
                self.graph.edge_types, self.graph.edge_stores, strict=True
            )
            if (start, end) == ("item", "attribute") and relation != "DESCRIBED_BY"
        ]
        if not has:
            return None
        item, attribute = np.concatenate(has, axis=1)
        shape = (len(self.items), self.graph["attribute"].num_nodes)
        return csr_array((np.ones(len(item)), (item, attribute)), shape=shape)

    def _matrix(self, user: NDArray[np.int64], item: NDArray[np.int64]) -> csr_array:
        shape = (len(self.users), len(self.items))
        return csr_array((np.ones(len(user), np.float32), (user, item)), shape=shape)
