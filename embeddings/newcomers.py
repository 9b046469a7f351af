"""Lists of people who came after a model was trained, by that model, without training it again.

They are told what they like (`FoldsIn`). An item that came after training, too, scores for them as
the known items do that are most like it by what is declared of them, the mean of the nearest:

    s(u, i) = Σ_j cos(f_i, f_j) s(u, j) / Σ_j cos(f_i, f_j),   j among the nearest known ones.

One that has nothing in common with any known item is on no list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_array

from embeddings.make_publication import list_blocks
from embeddings.models.content import item_features
from embeddings.models.contract import FoldsIn
from embeddings.score import Calibration, score_lists
from embeddings.settings import PublishSettings
from embeddings.sparse_rows import BLOCK_CELLS
from embeddings.training_data import TrainingData

NEAREST: Final = 20
"""Known items that a new one is compared with."""


@dataclass(frozen=True)
class Newcomers:
    """A model that scores the users of newer data than it was trained on, all as if they were new.

    Attributes:
        name: the model's.
        model: trained earlier.
        likes: what the users like of the items that the model knows, (U, K).
        known: where these items are in the newer data, -1 for those that are gone, (K,).
        like_known: new items × the model's, rows of weights that add up to 1 or to nothing, (I, K).
    """

    name: str
    model: FoldsIn
    likes: csr_array
    known: NDArray[np.int64]
    like_known: csr_array

    @classmethod
    def of(cls, name: str, model: FoldsIn, items: Sequence[str], data: TrainingData) -> Newcomers:
        """Look up the items that the model knows.

        Args:
            items: keys of the model's items, in its order.
            data: the newer data.
        """
        place = {key: at for at, key in enumerate(data.items.keys)}
        known = np.array([place.get(key, -1) for key in items], dtype=np.int64)
        there = np.flatnonzero(known >= 0)
        shape = (len(data.items), len(items))
        same = csr_array((np.ones(len(there), np.float32), (known[there], there)), shape=shape)
        nearest = _nearest(item_features(data)[:, 1:], known)
        return cls(name, model, csr_array(data.positives @ same), known, nearest)

    def score(self, users: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of all items of the newer data for these users, (n, I)."""
        told = self.model.score_likes(self.likes[users])
        scores = np.full((len(users), self.like_known.shape[0]), -np.inf, np.float32)
        there = self.known >= 0
        scores[:, self.known[there]] = told[:, there]
        new = np.flatnonzero(np.diff(self.like_known.indptr))
        scores[:, new] = (self.like_known[new] @ told.T).T
        return scores


def lists_of_newcomers(
    scorer: Newcomers,
    data: TrainingData,
    users: Collection[str],
    *,
    settings: PublishSettings,
    calibration: Calibration | None,
) -> Iterator[pa.Table]:
    """Yield the lists of some users, as `embeddings.publication.LIST_SCHEMA`, all `cold_start`.

    Those without a place that something in the graph supports are left out.
    """
    chosen = np.sort(data.users.positions(pl.Series(sorted(users), dtype=pl.String)))
    scored = score_lists(
        scorer,
        data,
        users=chosen,
        top_k=settings.top_k,
        hide=settings.hide,
        new_items=settings.new_items,
        rerank=settings.rerank,
        calibration=calibration,
    )
    cold = (replace(lists, cold=np.ones(len(lists.item), np.bool_)) for lists in scored)
    for _, table, _ in list_blocks(cold, scorer, data, settings.top_k):
        yield table.filter(pc.greater(pc.list_value_length(table["items"]), 0))


def _nearest(features: NDArray[np.float32], known: NDArray[np.int64]) -> csr_array:
    """Weights of the nearest known items of each new one, (I, K)."""
    length = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.where(length > 0, length, 1.0)
    new = np.setdiff1d(np.arange(len(features)), known)
    there = np.flatnonzero(known >= 0)
    rows, columns, shares = [new[:0]], [there[:0]], [np.empty(0, np.float32)]
    size = max(1, BLOCK_CELLS // max(1, len(there)))
    for block in (new[first : first + size] for first in range(0, len(new), size)):
        cosine = np.maximum(unit[block] @ unit[known[there]].T, 0)
        least = np.sort(cosine, axis=1)[:, -NEAREST:][:, :1]
        cosine = np.where(cosine >= least, cosine, 0)
        row, column = np.nonzero(cosine)
        rows.append(block[row])
        columns.append(there[column])
        shares.append(cosine[row, column] / cosine.sum(1)[row])
    place = (np.concatenate(rows), np.concatenate(columns))
    return csr_array((np.concatenate(shares), place), shape=(len(features), len(known)))
