"""Snapshot and text vectors to the training data of a model, all vectorised.

Nothing here is fitted: what a tensor holds follows from the snapshot's own rows, so a snapshot
that the leak guard has restricted gives training data without a leak.
"""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pyarrow as pa
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor
from torch_geometric.data import HeteroData

from embeddings.edges import behaviour_edges, review_edges, structure_edges
from embeddings.index import Index
from embeddings.node_index import NodeIndex, index_nodes
from embeddings.pairs import PAIR, frame, pairs_of
from embeddings.settings import FeatureSettings
from embeddings.snapshot import Snapshot
from embeddings.text_vectors import TextVectors
from embeddings.training_data import Pairs, Ratings, TrainingData

_DAY_US = 86_400_000_000


def training_data(
    snapshot: Snapshot,
    vectors: TextVectors | None,
    *,
    settings: FeatureSettings,
    seed: int,
    valid: pa.Table | None = None,
    valid_ratings: pa.Table | None = None,
) -> TrainingData:
    """Make the training data of a snapshot.

    Args:
        snapshot: restricted to the training part, or whole for a refit.
        vectors: of its items' texts and its reviews, None where nothing was encoded.
        settings: what to leave out.
        seed: of everything random in a fit.
        valid: user_id, item_id of the validation targets (`targets_of`), None in a refit.
        valid_ratings: user_id, item_id, rating of the validation part (`rated_pairs`).

    Raises:
        ModelError: a text has no vector.
    """
    users = Index("user", snapshot.users["user_id"].to_pylist())
    items = Index("item", snapshot.items["item_id"].to_pylist())
    pairs = _pairs(snapshot, vectors, users, items)
    nodes = index_nodes(snapshot, users, items, settings.min_items)
    graph = HeteroData()
    for kind, index in nodes.indexes.items():
        graph[kind].num_nodes = len(index)
    if vectors is not None:
        graph["item"].x = vectors.of(item_texts(snapshot))
        if settings.names:
            for node_type, names in node_names(snapshot, nodes).items():
                graph[node_type].x = vectors.of(names)
    for edges_of in (behaviour_edges, structure_edges, review_edges):
        for edge_type, edges in edges_of(snapshot, nodes).items():
            graph[edge_type].update(edges.tensors())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*isolated", category=UserWarning)
        graph.validate(raise_on_error=True)
    return TrainingData(
        graph=graph,
        users=users,
        items=items,
        keys=nodes.indexes,
        pairs=pairs,
        valid=None if valid is None else pair_matrix(valid, users, items),
        valid_ratings=None if valid_ratings is None else pair_ratings(valid_ratings, users, items),
        seed=seed,
        alpha=settings.alpha,
        released=_released(snapshot),
    )


def _released(snapshot: Snapshot) -> NDArray[np.float64] | None:
    day = frame(snapshot.items)["released_at"].dt.epoch("us").cast(pl.Float64) / _DAY_US
    return None if day.is_null().all() else day.fill_null(np.nan).to_numpy()


def item_texts(snapshot: Snapshot) -> list[str]:
    """Return what is declared of each item as one text, "" where that is nothing.

    Its title with the year of its release, a line with its attributes' names, its description. No
    names of kinds: what stands in every text pulls the vectors together.
    """
    names = frame(snapshot.names).filter(kind="Attribute").select(attribute_id="id", name="name")
    attributes = frame(snapshot.attributes).join(names, on="attribute_id", how="left")
    attributes = attributes.sort("item_id", "kind", "attribute_id")
    named = attributes.group_by("item_id").agg(
        attributes=pl.col("name").drop_nulls().unique(maintain_order=True).str.join(", ")
    )
    year = pl.format(" ({})", pl.col("released_at").dt.year()).fill_null("")
    items = frame(snapshot.items).join(named, on="item_id", how="left", maintain_order="left")
    headed = items.with_columns(title=pl.col("title") + year)
    text = pl.concat_str("title", "attributes", "description", separator="\n", ignore_nulls=True)
    return headed.select(text=text.str.strip_chars().fill_null(""))["text"].to_list()


def node_names(snapshot: Snapshot, nodes: NodeIndex) -> dict[str, list[str]]:
    """Return the names of attributes, entities, aspects and topics by node type and position.

    "" where a thing has none but its key.
    """
    told = frame(snapshot.names).filter(pl.col("name") != pl.col("id"))
    placed = nodes.places.filter(~pl.col("node").is_in(["user", "item"]))
    named = placed.join(told, on=["kind", "id"], how="left").sort("node", "position", "kind")
    named = named.unique(["node", "position"], keep="first", maintain_order=True)
    return {
        str(node): table["name"].fill_null("").to_list()
        for (node,), table in named.partition_by("node", as_dict=True).items()
    }


def texts_to_encode(snapshot: Snapshot, settings: FeatureSettings) -> list[str]:
    """Return every text that `training_data` may ask a vector of."""
    names = snapshot.names["name"].drop_null().to_pylist() if settings.names else []
    reviews = snapshot.reviews["text"].fill_null("").to_pylist()
    return [*item_texts(snapshot), *reviews, *names]


def pair_matrix(pairs: pa.Table, users: Index, items: Index) -> csr_array:
    """Return pairs of keys as a (U, I) bool matrix; pairs with an unknown key are left out."""
    table = frame(pairs)
    user, item = users.positions(table["user_id"]), items.positions(table["item_id"])
    known = (user >= 0) & (item >= 0)
    ones = np.ones(int(known.sum()), np.bool_)
    return csr_array((ones, (user[known], item[known])), shape=(len(users), len(items)))


def pair_ratings(rated: pa.Table, users: Index, items: Index) -> Ratings | None:
    """Return the ratings of pairs of keys (user_id, item_id, rating); None where none is known."""
    table = frame(rated)
    user, item = users.positions(table["user_id"]), items.positions(table["item_id"])
    known = (user >= 0) & (item >= 0)
    if not known.any():
        return None
    rating = table["rating"].cast(pl.Float32).to_numpy()
    return Ratings(user=user[known], item=item[known], rating=rating[known])


def _pairs(snapshot: Snapshot, vectors: TextVectors | None, users: Index, items: Index) -> Pairs:
    table = pairs_of(snapshot.interactions)
    day = table["at"].dt.epoch("us").cast(pl.Float64) / _DAY_US
    return Pairs(
        user=users.positions(table["user_id"]),
        item=items.positions(table["item_id"]),
        positive=table["positive"].to_numpy(),
        rating=table["rating"].cast(pl.Float32).fill_null(np.nan).to_numpy(),
        weight=table["weight"].cast(pl.Float32).to_numpy(),
        day=day.fill_null(np.nan).to_numpy(),
        review=None if vectors is None else _review_means(snapshot, vectors, table),
    )


def _review_means(snapshot: Snapshot, vectors: TextVectors, pairs: pl.DataFrame) -> Tensor:
    """Mean vector of each pair's reviews, zero where there is none, (P, d)."""
    numbered = pairs.select(*PAIR).with_row_index("pair")
    reviews = frame(snapshot.reviews.select([*PAIR, "text"])).join(numbered, on=PAIR)
    pair = torch.from_numpy(reviews["pair"].to_numpy().astype(np.int64))
    encoded = vectors.of(reviews["text"].fill_null("").to_list())
    total = torch.zeros(pairs.height, vectors.width).index_add_(0, pair, encoded)
    return total / torch.bincount(pair, minlength=pairs.height).clamp(min=1)[:, None]
