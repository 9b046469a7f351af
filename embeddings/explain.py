"""Why an item is on a user's list: the strongest paths between the two, by sparse products.

Every kind of reason is a pair of sparse matrices, what a user has to do with things and what the
things have to do with an item; a thing's worth for a place of a list is the product of the two.

    item       what the user likes, and how much of the model's item–item score it adds
    aspect     what the user writes about, and what people praise about the item
    entity     who and what the user writes well of, and what reviews of the item mention
    topic      what the user's reviews are about, and the item's
    attribute  what the user's items have more often than others, and the item has
    user       whose taste is near the user's, and who likes the item
    popular    how many people like the item: where nothing else is known

Each value is relative to the largest for that user (that item), so weights lie in 0 … 1, and
each kind has a factor for how telling it is. Things must have live evidence in the graph. Which of
these things the model went by is another matter: a model that can tell (`WeighsReasons`) weighs the
best of each kind by what they add to its score, as a share of all that they add.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix, diags_array

from embeddings.nearest import nearest
from embeddings.reasons import Kind
from embeddings.score import Lists
from embeddings.sparse_rows import cells
from embeddings.training_data import TrainingData

REASONS: Final = 3
"""Most reasons for one recommendation."""
SAME_KIND: Final = 2
"""Most of them of one kind."""
FACTOR: Final[dict[Kind, float]] = {
    "item": 1.0,
    "aspect": 0.9,
    "entity": 0.7,
    "attribute": 0.6,
    "topic": 0.5,
    "user": 0.4,
    "popular": 0.1,
}
_SPOKEN: Final[tuple[Kind, ...]] = ("aspect", "topic", "entity")
"""What the graph says items are described by, and users interested in, from their reviews; it does
not say so of attributes, which are the catalogue's."""
_BY_LIKING: Final[tuple[Kind, ...]] = ("attribute", "user")
"""What leads to an item from items that the user likes, and so from the item itself to itself."""
_NEIGHBOURS: Final = 100
_LOOKED_AT: Final = 10
"""Things of a kind that a model weighs for a place, the best by evidence."""
_LEAST: Final = 0.05
"""What adds less than this share of what the best thing adds is no reason."""


@runtime_checkable
class HasItemWeights(Protocol):
    """A model that can say what a liked item j adds to the score of item i, at (j, i)."""

    @property
    def item_weights(self) -> csr_matrix: ...


@runtime_checkable
class WeighsReasons(Protocol):
    """A model that can say what things add to its scores."""

    def reason_weights(self, place: NDArray[np.int64], kind: str) -> NDArray[np.float32] | None:
        """Return what things add, (n,); None where it cannot say.

        Args:
            place: positions of user, item and thing, (3, n).
            kind: node type of the things.
        """
        ...


@dataclass(frozen=True)
class _Evidence:
    """One kind of reason: users × things, things × items, and the things' keys."""

    kind: Kind
    of_user: csr_array
    to_item: csr_array
    keys: Sequence[str]


class Explainer:
    """Finds the reasons for places of lists.

    Args:
        data: what the published model was fitted on; its evidence is in the graph.
        model: the published model; one with `item_weights` says itself which liked items count, and
            one with `reason_weights` what each thing adds to a score.
    """

    def __init__(self, data: TrainingData, model: object) -> None:
        self._data, self._model, self._likes = data, model, data.positives
        self._evidence = [
            _Evidence("item", *_liked_items(data, model), data.items.keys),
            *(_spoken(data, kind) for kind in _spoken_kinds(data)),
            *_shared_attributes(data),
            _Evidence("user", _near_users(data), self._likes, data.users.keys),
        ]
        liked_by = np.asarray(self._likes.sum(0), np.float64).ravel()
        self._popularity = liked_by / max(1.0, liked_by.max(initial=0.0))

    def reasons(self, lists: Lists) -> list[list[str]]:
        """Return the reasons of every place as `kind|weight|key`, strongest first.

        A place whose list is empty has no path in the graph at all.
        """
        user, item = lists.user, lists.item
        paths = self._strongest(user, item)
        popular = pl.DataFrame(
            {
                "place": np.arange(len(item)),
                "kind": "popular",
                "weight": self._popularity[item] * FACTOR["popular"],
                "key": pl.Series(self._data.items.keys, dtype=pl.String).gather(item),
            },
            schema=paths.schema,
        ).filter(pl.col("weight") > 0)
        unexplained = popular.join(paths.select("place").unique(), on="place", how="anti")
        text = pl.format(
            "{}|{}|{}", "kind", pl.col("weight").round(4).cast(pl.String), pl.col("key")
        )
        strongest = (
            pl.concat([paths, unexplained])
            .sort(["place", "weight", "kind", "key"], descending=[False, True, False, False])
            .group_by("place", maintain_order=True)
            .agg(text.head(REASONS).alias("reasons"))
        )
        all_places = pl.DataFrame({"place": np.arange(len(item))}, schema={"place": pl.Int64})
        joined = all_places.join(strongest, on="place", how="left", maintain_order="left")
        return [reasons or [] for reasons in joined["reasons"].to_list()]

    def candidates(self, user: NDArray[np.int64], item: NDArray[np.int64]) -> pl.DataFrame:
        """All paths between users and items: place, kind, weight, thing (its position).

        An item that the user likes already is no evidence for itself.
        """
        paths = [
            self._from_others(evidence, _paths(evidence, user, item), user, item)
            for evidence in self._evidence
        ]
        return pl.concat(paths)

    def _from_others(
        self,
        evidence: _Evidence,
        paths: pl.DataFrame,
        user: NDArray[np.int64],
        item: NDArray[np.int64],
    ) -> pl.DataFrame:
        """The paths but those by liking that come from no other item than their own."""
        liked = cells(self._likes, user, item) > 0
        if evidence.kind not in _BY_LIKING or not liked.any():
            return paths
        users, row = np.unique(user, return_inverse=True)
        by = csr_array(self._likes[users] @ evidence.to_item.T)  # both are of ones
        place = paths["place"].to_numpy()
        others = cells(by, row[place], paths["thing"].to_numpy()) - liked[place]
        return paths.filter(pl.Series(others > 0, dtype=pl.Boolean))

    def _strongest(self, user: NDArray[np.int64], item: NDArray[np.int64]) -> pl.DataFrame:
        """The best things for each place: place, kind, weight, key; weighed by the model if it can.

        What the model did not go by, or went by against the item, gives way to what it went by;
        where it went by none of the things, evidence weighs them.
        """
        looked_at = _best(self.candidates(user, item), _LOOKED_AT)
        evident = _best(looked_at, SAME_KIND)
        weighed = self._weighed(looked_at, user, item)
        if weighed is None:
            return self._named(evident)
        best = _best(weighed, SAME_KIND)
        rest = evident.join(best.select("place").unique(), on="place", how="anti")
        return self._named(pl.concat([best, rest]))

    def _weighed(
        self, paths: pl.DataFrame, user: NDArray[np.int64], item: NDArray[np.int64]
    ) -> pl.DataFrame | None:
        """The paths that add to a score, by their share of what all add; None where unknown."""
        found = list[pl.DataFrame]()
        for rows in paths.partition_by("kind") if isinstance(self._model, WeighsReasons) else []:
            at = rows["place"].to_numpy()
            where = np.stack([user[at], item[at], rows["thing"].to_numpy()])
            weight = self._model.reason_weights(where, rows["kind"][0])  # type: ignore[attr-defined]
            if weight is None:
                return None
            found.append(rows.with_columns(weight=pl.Series(weight, dtype=pl.Float64)))
        if not found:
            return None
        weight, adds = pl.col("weight"), pl.concat(found).filter(pl.col("weight") > 0)
        shares = adds.with_columns(weight / weight.sum().over("place"))
        return shares.filter(weight >= _LEAST * weight.max().over("place"))

    def _named(self, paths: pl.DataFrame) -> pl.DataFrame:
        """place, kind, weight, key of these paths."""
        keys = {evidence.kind: evidence.keys for evidence in self._evidence}
        named = [
            rows.with_columns(
                key=pl.Series(keys[rows["kind"][0]], dtype=pl.String).gather(rows["thing"])
            )
            for rows in paths.partition_by("kind")
        ]
        return pl.concat([paths.clear().with_columns(key=pl.lit("")), *named]).drop("thing")


def _paths(evidence: _Evidence, user: NDArray[np.int64], item: NDArray[np.int64]) -> pl.DataFrame:
    """All things of one kind for each place: place, kind, weight, thing."""
    of_user = evidence.of_user[user]
    place, thing = np.repeat(np.arange(len(user)), np.diff(of_user.indptr)), of_user.indices
    worth = of_user.data * cells(evidence.to_item, thing, item[place])
    table = pl.DataFrame({"place": place, "thing": thing, "weight": worth})
    return table.filter(pl.col("weight") > 0).select(
        pl.col("place").cast(pl.Int64),
        pl.lit(evidence.kind).alias("kind"),
        pl.col("weight").cast(pl.Float64) * FACTOR[evidence.kind],
        pl.col("thing").cast(pl.Int64),
    )


def _best(paths: pl.DataFrame, most: int) -> pl.DataFrame:
    """The heaviest paths of each place and kind."""
    return (
        paths.sort(["place", "kind", "weight", "thing"], descending=[False, False, True, False])
        .group_by("place", "kind", maintain_order=True)
        .head(most)
        .select(paths.columns)
    )


def co_liked(data: TrainingData) -> csr_array:
    """Return cosines of items by who likes them, the nearest 100 of each, (I, I), at (j, i)."""
    return nearest(csr_array(data.positives.T), _NEIGHBOURS)


def _liked_items(data: TrainingData, model: object) -> tuple[csr_array, csr_array]:
    """What the user likes; and for item i the liked j: the model's weight, else the cosine.

    Only items that somebody likes together count, so that a path through that person exists.
    """
    together = co_liked(data)
    near = together
    if isinstance(model, HasItemWeights):
        near = csr_array(csr_array(model.item_weights).maximum(0).multiply(together > 0))
        near = near + 1e-3 * together
    return data.positives, _to_item(_relative(csr_array(near.T)))


def _near_users(data: TrainingData) -> csr_array:
    return _relative(nearest(data.positives, _NEIGHBOURS))


def _spoken_kinds(data: TrainingData) -> Iterator[Kind]:
    for kind in _SPOKEN:
        ends = {("user", "MENTIONS", kind), ("item", "DESCRIBED_BY", kind)}
        if ends <= set(data.graph.edge_types):
            yield kind


def _spoken(data: TrainingData, kind: Kind) -> _Evidence:
    """What users write about and items are praised for.

    Of aspects the item's must not be disliked; of entities the user's must not.
    """
    said, told = data.graph["user", "MENTIONS", kind], data.graph["item", "DESCRIBED_BY", kind]
    keys = data.keys[kind].keys
    of_user, of_item = said.weight.numpy(), told.weight.numpy()
    if kind == "aspect":
        of_item = of_item * np.clip(0.5 + 0.5 * told.sentiment.numpy(), 0, 1)
        of_item = np.where(told.sentiment.numpy() < 0, 0, of_item)
    if kind == "entity":
        of_user = np.where(said.sentiment.numpy() < 0, 0, of_user)
    return _Evidence(
        kind,
        _relative(_matrix(said.edge_index.numpy(), of_user, (len(data.users), len(keys)))),
        _to_item(
            _relative(_matrix(told.edge_index.numpy(), of_item, (len(data.items), len(keys))))
        ),
        keys,
    )


def _shared_attributes(data: TrainingData) -> Iterator[_Evidence]:
    """What the user's liked items have, rare values first; and what items have."""
    of_item = data.attributes
    if of_item is None:
        return
    items_with = np.maximum(1, np.asarray(of_item.sum(0)).ravel())
    rarity = np.log1p(len(data.items) / items_with) / np.log1p(len(data.items))
    counts = csr_array(data.positives @ of_item).astype(np.float64)
    counts.data = counts.data / (counts.data + 2.0)
    of_user = _relative(csr_array(counts @ diags_array(rarity)))
    yield _Evidence("attribute", of_user, _to_item(of_item), data.keys["attribute"].keys)


def _matrix(
    index: NDArray[np.int64], values: NDArray[np.floating], shape: tuple[int, int]
) -> csr_array:
    return csr_array((values.astype(np.float64), (index[0], index[1])), shape=shape)


def _relative(matrix: csr_array) -> csr_array:
    """Each row divided by its largest value; columns in order, so that rows compare alike."""
    largest = np.asarray(matrix.max(axis=1).todense(), np.float64).ravel()
    scaled = csr_array(diags_array(1.0 / np.where(largest > 0, largest, 1.0)) @ matrix)
    scaled.sort_indices()
    return scaled


def _to_item(of_item: csr_array) -> csr_array:
    """Things × items of items × things."""
    return csr_array(of_item.T)
