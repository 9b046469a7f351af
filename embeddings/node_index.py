"""Which thing of the graph is which node of the model, and which things are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from embeddings.index import Index
from embeddings.pairs import frame
from embeddings.snapshot import Snapshot

NODE_OF_KIND: Final = {
    "User": "user",
    "Item": "item",
    "Attribute": "attribute",
    "Entity": "entity",
    "Aspect": "aspect",
    "Topic": "topic",
}
_NODE: Final = pl.Enum(list(NODE_OF_KIND.values()))
_KEY: Final = ("kind", "id")


@dataclass(frozen=True)
class NodeIndex:
    """Nodes of the model.

    Attributes:
        indexes: business keys by node type; types without nodes are absent, but user and item.
        places: kind and id of each thing that has a node, with `node` (its type) and `position`.
            An entity that stands for one item or attribute has that one's place.
        unfolded: kind, id, entity_id of the links that no fold expresses.
    """

    indexes: Mapping[str, Index]
    places: pl.DataFrame
    unfolded: pl.DataFrame

    def locate(self, table: pl.DataFrame, end: str) -> pl.DataFrame:
        """Exchange `<end>_kind`, `<end>_id` for `<end>_node`, `<end>`; drop rows without a node."""
        places = self.places.rename({"node": f"{end}_node", "position": end})
        keys = [f"{end}_kind", f"{end}_id"]
        located = table.join(places, left_on=keys, right_on=list(_KEY), how="inner")
        return located.drop(keys)


def index_nodes(snapshot: Snapshot, users: Index, items: Index, min_items: int) -> NodeIndex:
    """Index users, items, and all else that enough items share.

    Attribute values, aspects, entities and topics need `min_items` items; an entity of outside
    knowledge needs two neighbours, as one neighbour tells nothing about others.
    """
    own = pl.concat(
        [
            _things("User", pl.Series(users.keys, dtype=pl.String)),
            _things("Item", pl.Series(items.keys, dtype=pl.String)),
            _shared_attributes(snapshot, min_items),
        ]
    )
    links = frame(snapshot.links)
    unambiguous = links.filter(pl.len().over("entity_id") == 1).join(own, on=_KEY, how="semi")
    said = _shared_in_reviews(snapshot, min_items)
    entities = pl.concat([said, _connected_entities(snapshot)]).unique()
    folded = unambiguous.select(kind=pl.lit("Entity"), id="entity_id")
    nodes = pl.concat([own, entities.join(folded, on=_KEY, how="anti")]).sort(_KEY)
    placed = nodes.select(
        *_KEY,
        node=pl.col("kind").replace_strict(NODE_OF_KIND, return_dtype=_NODE),
        position=pl.int_range(pl.len(), dtype=pl.Int64).over("kind"),
    )
    at_link = unambiguous.join(placed, on=_KEY).select(
        kind=pl.lit("Entity"), id="entity_id", node="node", position="position"
    )
    others = {
        str(node): Index(str(node), table["id"])
        for (node,), table in placed.partition_by("node", as_dict=True, maintain_order=True).items()
        if node not in ("user", "item")
    }
    return NodeIndex(
        indexes={"user": users, "item": items, **others},
        places=pl.concat([placed, at_link]),
        unfolded=links.join(unambiguous, on=links.columns, how="anti"),
    )


def _things(kind: str, ids: pl.Series) -> pl.DataFrame:
    return pl.select(kind=pl.lit(kind), id=ids) if len(ids) else _nothing()


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"kind": pl.String, "id": pl.String})


def _shared_attributes(snapshot: Snapshot, min_items: int) -> pl.DataFrame:
    count = frame(snapshot.attributes).group_by("attribute_id").agg(pl.col("item_id").n_unique())
    return count.filter(pl.col("item_id") >= min_items).select(
        kind=pl.lit("Attribute"), id="attribute_id"
    )


def _shared_in_reviews(snapshot: Snapshot, min_items: int) -> pl.DataFrame:
    reviews = frame(snapshot.reviews.select(["review_id", "item_id"]))
    topics = frame(snapshot.review_topics).select("review_id", kind=pl.lit("Topic"), id="topic_id")
    said = frame(snapshot.mentions).select("review_id", kind="target_kind", id="target_id")
    count = (
        pl.concat([said, topics])
        .join(reviews, on="review_id")
        .group_by(_KEY)
        .agg(pl.col("item_id").n_unique())
    )
    return count.filter(pl.col("item_id") >= min_items).select(_KEY)


def _connected_entities(snapshot: Snapshot) -> pl.DataFrame:
    triples = frame(snapshot.triples)
    both_ways = pl.concat(
        [triples.select(id="head", other="tail"), triples.select(id="tail", other="head")]
    )
    count = both_ways.group_by("id").agg(pl.col("other").n_unique())
    return count.filter(pl.col("other") >= 2).select(kind=pl.lit("Entity"), id="id")
